"""The desk without a browser: what the overview says, filters and forms through the library, tables where no kernel lives."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import ipywidgets
import nbformat
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.sign import NotebookNotary
from traitlets.config.loader import KeyValueConfigLoader

from assessor import desk, judgements, review
from assessor.cli import main
from assessor.engagement import Engagement
from assessor.review import browse, launch
from assessor.workpapers import export
from tests.review.driving import message, press, widgets
from tests.working import DRAFT

WHO = {"by": "Q. Driver", "role": "lead"}


def told(markup: str, words: str) -> bool:
    return words in " ".join(markup.replace("<strong>", "").replace("</strong>", "").split())


def test_the_overview_counts_what_needs_somebody(made: Path) -> None:
    page = review.overview(Engagement(made))._repr_html_()
    assert told(page, "19 questions to answer")
    assert told(page, "17 evidence requests outstanding")
    assert "Fellmark Motors, Inc." in page


def test_the_overview_counts_requests_whose_day_is_past(made: Path) -> None:
    due = date(2026, 12, 7)
    on_the_day = review.overview(Engagement(made), due)._repr_html_()
    assert told(on_the_day, "17 evidence requests outstanding") and "overdue</li>" not in on_the_day
    after = review.overview(Engagement(made), due + timedelta(days=1))._repr_html_()
    assert told(after, "17 evidence requests outstanding") and told(after, "17 evidence requests overdue")
    assert "open; overdue" in after
    assert review.standing(Engagement(made), due + timedelta(days=1))["requests"][0]["overdue"] is True


def test_an_answer_is_taken_off_the_list_before_any_run_and_said_to_wait_for_one(engagement: Path) -> None:
    work = review.open(engagement)
    desk.answer(work.assessment, "legacy_line_day", "tq-mixer", "yes", because="So.", **WHO)
    page = work.overview()._repr_html_()
    assert told(page, "18 questions to answer")
    assert told(page, "1 answer that no run has taken up yet")


def test_the_overview_tells_judgements_that_no_longer_count_deliveries_and_terms(engagement: Path) -> None:
    assert review.standing(Engagement(engagement))["attention"] == []
    judgements.append(
        Engagement(engagement).ledger, [judgements.Draft("answer", "knowingly", "Acorn", "no", "So.", "B", "lead")]
    )
    (engagement / "inbox" / "more").mkdir(parents=True)
    (engagement / "inbox" / "more" / "a.csv").write_text("x")
    told_ = review.standing(Engagement(engagement))["attention"]
    assert [problem["code"] for problem in told_] == ["delivery_waiting", "judgement_orphaned"]
    page = review.overview(Engagement(engagement))._repr_html_()
    assert told(page, "2 judgements, deliveries or terms to see to") and "knowingly/Acorn" in page


def test_the_overview_tells_that_there_is_a_report(engagement: Path) -> None:
    assert review.standing(Engagement(engagement))["stage"] == "run"
    (engagement / "report").mkdir()
    (engagement / "report" / "rendered.json").write_text("{}")
    assert review.standing(Engagement(engagement))["stage"] == "reported"


def test_a_new_engagement_has_an_overview_too(tmp_path: Path, made: Path) -> None:
    (tmp_path / "engagement.toml").write_bytes((made / "engagement.toml").read_bytes())
    assert "stage: <strong>new</strong>" in review.overview(Engagement(tmp_path))._repr_html_()


def test_the_command_tells_the_overview_as_json_and_starts_nothing(made: Path) -> None:
    result = CliRunner().invoke(main, ["review", str(made), "--json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["stage"], len(answer["findings"]), answer["findings"][0]["severity"]) == ("run", 28, "high")
    assert not (made / "workpapers" / launch.OVERVIEW).exists()


def test_the_form_shows_the_material_and_records_what_is_chosen(engagement: Path) -> None:
    work = review.open(engagement, "Q. Driver", "lead")
    form = work.questions()
    [listed] = widgets(form, ipywidgets.Select)
    listed.value = "legacy_line_day/tq-mixer"
    material = next(one.value for one in widgets(form, ipywidgets.HTML) if "guidance" in one.value)
    assert "§791.301" in material
    assert "E-0002 line 4" in material
    [answer] = widgets(form, ipywidgets.RadioButtons)
    assert answer.value is None  # nothing is proposed
    [because] = widgets(form, ipywidgets.Textarea)
    because.value = "The <b>minutes</b> say so."
    press(form, "Record answer")
    assert "needs an answer" in message(form)
    answer.value = "no"
    because.value = "The <b>minutes</b> say so."
    press(form, "Record answer")
    assert "Recorded as entry" in message(form)
    entry = judgements.read(Engagement(engagement).ledger).entries[-1]
    assert (entry.subject, entry.answer, entry.by, entry.role) == ("tq-mixer", "no", "Q. Driver", "lead")
    assert listed.value == "legacy_line_day/tq-mixer"
    material = next(one.value for one in widgets(form, ipywidgets.HTML) if "guidance" in one.value)
    assert "&lt;b&gt;minutes&lt;/b&gt;" in material


def test_two_who_differ_are_told_so_and_neither_answer_is_lost(engagement: Path) -> None:
    first, second = review.open(engagement, "A. First").questions(), review.open(engagement, "B. Second").questions()
    for form, answer in ((first, "yes"), (second, "no")):
        widgets(form, ipywidgets.Select)[0].value = "legacy_line_day/tq-mixer"
        widgets(form, ipywidgets.RadioButtons)[0].value = answer
        widgets(form, ipywidgets.Textarea)[0].value = "So I read it."
        press(form, "Record answer")
    assert "Recorded" in message(first)
    assert "A. First judged legacy_line_day/tq-mixer otherwise" in message(second)
    widgets(second, ipywidgets.Checkbox)[0].value = True
    widgets(second, ipywidgets.Textarea)[0].value = "Spoken about."
    press(second, "Record answer")
    assert "Recorded" in message(second)
    entries = [e for e in judgements.read(Engagement(engagement).ledger).entries if e.subject == "tq-mixer"]
    assert [(entry.answer, entry.by) for entry in entries] == [("yes", "A. First"), ("no", "B. Second")]
    assert entries[1].supersedes == entries[0].seq


def test_name_matches_have_a_form_of_their_own(made: Path) -> None:
    work = review.open(made)
    assert [key for _, key in widgets(work.matches(), ipywidgets.Select)[0].options] == [
        "supplier_match/Halcyon Taipei Semi"
    ]
    assert all(
        not key.startswith("supplier_match/") for _, key in widgets(work.questions(), ipywidgets.Select)[0].options
    )


def test_a_finding_is_drafted_in_the_form(engagement: Path) -> None:
    form = review.open(engagement, "Q. Driver").findings()
    texts = {one.description: one for one in widgets(form, ipywidgets.Text)}
    areas = {one.description: one for one in widgets(form, ipywidgets.Textarea)}
    told_ = {
        "code": "gate_open",
        "subject": "Lansing plant",
        "clauses": "§791.315(d)(3)",
        "title": "The gate stands open",
    }
    for name, value in told_.items():
        texts[name].value = value
    texts["evidence"].value = "E-9999"
    areas["condition"].value = "It stood open."
    texts["Because"].value = "Seen on site."
    count = len(judgements.read(Engagement(engagement).ledger).entries)
    press(form, "Draft finding")  # no reason is made up for what is not stated
    assert "The finding lacks criteria, cause, effect, recommendations; state it, or say why there is none" in message(
        form
    )
    areas["criteria"].value = "The site is closed at night."
    why = [one for one in widgets(form, ipywidgets.Text) if one.description == "or why none"]
    for one, words in zip(why, ("It has some.", "Not asked yet.", "Not asked yet.", "None is due."), strict=True):
        one.value = words
    press(form, "Draft finding")
    assert "The register has no item E-9999" in message(form)
    assert len(judgements.read(Engagement(engagement).ledger).entries) == count
    texts["evidence"].value = "E-0033 page 1; E-0028"
    press(form, "Draft finding")
    entry = judgements.read(Engagement(engagement).ledger).entries[-1]
    assert (entry.kind, entry.question, entry.details["evidence"]) == (
        "finding",
        "gate_open",
        ["E-0033 page 1", "E-0028"],
    )
    assert entry.details["clauses"] == ["791.315(d)(3)"]
    absent = {"cause": "Not asked yet.", "effect": "Not asked yet.", "recommendations": "None is due."}
    assert entry.details["absent"] == absent  # and none for what is stated


def test_another_draft_of_the_same_finding_puts_the_first_ones_aside_knowingly(engagement: Path) -> None:
    desk.draft(review.open(engagement).assessment, DRAFT, because="Seen on site.", **WHO)
    form = review.open(engagement, "B. Second").findings()
    texts = {one.description: one for one in widgets(form, ipywidgets.Text)}
    areas = {one.description: one for one in widgets(form, ipywidgets.Textarea)}
    for name in ("code", "subject", "title"):
        texts[name].value = DRAFT[name]
    for name in ("criteria", "condition", "cause", "effect"):
        areas[name].value = DRAFT[name]
    areas["recommendation"].value, texts["applies to"].value = "Close it.", "all of Tern"
    texts["clauses"].value, texts["evidence"].value = "791.315(d)(3)", "E-0028"
    texts["Because"].value = "Seen again."
    press(form, "Draft finding")
    assert "Q. Driver judged gate_open/Lansing plant otherwise" in message(form)
    [aside] = [box for box in widgets(form, ipywidgets.Checkbox) if "drafted" in box.description]
    aside.value = True
    press(form, "Draft finding")
    first, second = [e for e in judgements.read(Engagement(engagement).ledger).entries if e.kind == "finding"]
    assert (second.by, second.supersedes) == ("B. Second", first.seq)
    advised = {"text": "Close it.", "addresses": "condition", "transactions": "all of Tern"}
    assert second.details["recommendations"] == [advised]


def test_what_management_says_is_recorded_with_who_said_it_and_when(engagement: Path) -> None:
    form = review.open(engagement, "Q. Driver").findings()
    responses = {one.description: one for one in widgets(form, ipywidgets.Dropdown)}
    [words] = [one for one in widgets(form, ipywidgets.Textarea) if one.description == "words"]
    [speaker] = [one for one in widgets(form, ipywidgets.Text) if one.description == "said by"]
    [day] = widgets(form, ipywidgets.DatePicker)
    assert responses["finding"].label.startswith("F-01: ")
    words.value = "We disagree."
    press(form, "Record response")
    assert "needs a person" in message(form, -1)  # who sits here does not speak for management
    speaker.value, responses["position"].value, day.value = "R. Halloran", "disagrees", date(2026, 11, 12)
    press(form, "Record response")
    entry = judgements.read(Engagement(engagement).ledger).entries[-1]
    assert (entry.kind, entry.answer, entry.by, entry.role) == ("response", "disagrees", "R. Halloran", "management")
    assert entry.details == {"date": "2026-11-12"}


def test_notes_and_signatures_have_a_form(engagement: Path) -> None:
    papers = engagement / "workpapers"
    papers.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(), papers / "02_scope.ipynb")
    form = review.open(engagement, "Q. Driver").signing()
    press(form, "Sign")
    assert "Recorded" in message(form)
    ways = next(one for one in widgets(form, ipywidgets.Dropdown) if one.description == "as")
    ways.value = "reviewed"
    press(form, "Sign")
    assert "Q. Driver prepared 02_scope; somebody else reviews it." in message(form)
    assert any("Q. Driver" in one.value and "02_scope" in one.value for one in widgets(form, ipywidgets.HTML))
    notes = next(one for one in widgets(form, ipywidgets.Dropdown) if one.description == "clear note")
    press(form, "Clear note")
    assert "There is no open note 0; open are: none." in message(form)
    widgets(form, ipywidgets.Combobox)[0].value = "02_scope"
    widgets(form, ipywidgets.Textarea)[0].value = "See table 2 again."
    press(form, "Add note")
    [(label, number)] = notes.options
    assert label == f"{number}, on 02_scope: See table 2 again."
    next(one for one in widgets(form, ipywidgets.Text) if one.description == "how").value = "Traced."
    press(form, "Clear note")
    assert notes.options == ()
    entry = judgements.read(Engagement(engagement).ledger).entries[-1]
    assert (entry.kind, entry.subject, entry.because) == ("clearance", str(number), "Traced.")


@pytest.mark.parametrize(
    "name",
    [
        "questions",
        "matches",
        "requests",
        "suppliers",
        "components",
        "evidence",
        "readings",
        "findings",
        "signing",
    ],
)
def test_where_no_kernel_lives_a_table_stands_in_the_place_of_each_form(made: Path, tmp_path: Path, name: str) -> None:
    shown = getattr(review.open(made), name)()
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    notebook = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell(f"work.{name}()", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("execute_result", bundle, execution_count=1)]
    notebook.cells = [nbformat.v4.new_markdown_cell("# Overview"), cell]
    nbformat.write(notebook, tmp_path / "overview.ipynb")
    page = export(tmp_path / "overview.ipynb", "Overview").read_text("utf-8")
    assert "widget-view" not in page
    assert "<caption>" in page or "none." in page
    assert "<script" not in page


def test_a_notebook_that_a_programme_runs_holds_tables_and_no_widget(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = review.open(made).findings()
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=False))
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    assert set(shown._repr_mimebundle_()) == {"text/html", "text/plain"}
    shell.kernel._allow_stdin = True
    assert "application/vnd.jupyter.widget-view+json" in shown._repr_mimebundle_()


def test_what_jupyterlab_exports_is_static_and_self_contained_even_with_the_state_of_widgets(made: Path) -> None:
    shown = review.open(made).requests()
    output = nbformat.v4.new_output("execute_result", shown._repr_mimebundle_(), execution_count=1)
    cell = nbformat.v4.new_code_cell("work.requests()", outputs=[output], execution_count=1)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Overview"), cell])
    model = shown.widget.model_id
    state = {model: {"model_module": "@jupyter-widgets/controls", "model_name": "VBoxModel", "state": {}}}
    kind = "application/vnd.jupyter.widget-state+json"
    book.metadata["widgets"] = {kind: {"state": state, "version_major": 2, "version_minor": 0}}
    given = launch.command(Engagement(made), browser=False)[3:]
    page, _ = HTMLExporter(
        config=KeyValueConfigLoader([each for each in given if "Export" in each or "NbConvert" in each]).load_config()
    ).from_notebook_node(book)
    assert (
        "widget-view" not in page
        and "<script" not in page
        and "http" not in page.replace('http-equiv="Content-Security-Policy"', "")
    )
    assert "<caption>Evidence requests on" in page and "Out[" not in page


def test_suppliers_that_do_not_fit_into_the_list_are_told_and_found_by_searching(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "_LISTED", 3)
    form = review.open(made).suppliers()
    everyone = browse.suppliers(review.open(made).assessment)
    [listed], [search] = widgets(form, ipywidgets.Select), widgets(form, ipywidgets.Text)
    counts = [one for one in widgets(form, ipywidgets.HTML) if "role='status'" in one.value]
    assert len(listed.options) == 3
    assert f">{len(everyone)} suppliers; the first 3 are listed, so search for others<" in counts[0].value
    search.value = "nordlicht"
    assert [label for label, _ in listed.options] == ["Nordlicht Fusion OÜ (V-1004, established)"]
    assert ">1 suppliers<" in counts[0].value
    search.value = "no such supplier"
    assert listed.options == () and ">0 suppliers<" in counts[0].value
    assert not [one for one in widgets(form, ipywidgets.HTML) if "Nordlicht" in one.value]  # what was shown is gone


def test_what_could_not_be_read_of_an_item_stands_beside_it(made: Path) -> None:
    form = review.open(made).evidence()
    next(one for one in widgets(form, ipywidgets.Text) if one.description == "Search").value = "E-0018"
    assert any("is described by no statement of the file" in one.value for one in widgets(form, ipywidgets.HTML))


def test_components_are_found_by_all_words_whatever_their_case_and_by_filters(made: Path) -> None:
    table = browse.components(review.open(made).assessment)
    [found] = browse.matching(table, "TQ mixer")
    assert table["name"][int(found)].as_py() == "tq-mixer"
    assert len(browse.matching(table)) == len(table)
    assert len(browse.matching(table, "no such thing")) == 0
    scoped = browse.matching(table, item="TCU-7 telematics unit", scope="in_scope")
    assert 0 < len(scoped) < len(browse.matching(table, item="TCU-7 telematics unit"))
    unstated = browse.matching(table, country="not stated")
    assert 0 < len(unstated) < len(table)


@given(st.lists(st.text(max_size=5), max_size=6), st.text(max_size=4))
def test_the_search_finds_exactly_what_holds_all_of_its_words(names: list[str], words: str) -> None:
    table = pa.table({"searched": pa.array([name.casefold() for name in names], pa.string())})
    expected = [n for n, name in enumerate(names) if all(word in name.casefold() for word in words.casefold().split())]
    assert browse.matching(table, words).tolist() == expected


def test_the_place_of_a_fact_is_shown_with_its_mark(made: Path) -> None:
    work = review.open(made).assessment
    page = browse.show_place(work, "E-0006", "ASL 2026!row 5")._repr_html_()
    assert "MI-2877985" in page
    assert "▶" in page
    assert "/packages/0" in browse.facts_of(work, "E-0003")


def test_the_overview_notebook_is_put_in_place_once_and_kept_as_the_assessor_leaves_it(engagement: Path) -> None:
    opened = Engagement(engagement)
    path = launch.prepare(opened)
    assert all(not cell.get("outputs") for cell in nbformat.read(path, 4).cells)
    path.write_text(path.read_text("utf-8").replace("# Overview", "# My overview"), "utf-8")
    launch.prepare(opened)
    assert "# My overview" in path.read_text("utf-8")


def test_tables_stand_in_the_place_of_widgets_that_went_with_their_kernel(engagement: Path) -> None:
    opened = Engagement(engagement)
    path, kind = launch.prepare(opened), "application/vnd.jupyter.widget-view+json"
    book = nbformat.read(path, 4)
    bundle = review.open(engagement).findings()._repr_mimebundle_()
    book.cells[2].outputs = [
        nbformat.v4.new_output("execute_result", bundle, execution_count=1),
        nbformat.v4.new_output("display_data", {kind: {"model_id": "of somebody's own"}}),
        nbformat.v4.new_output("stream", name="stdout", text="kept"),
    ]
    nbformat.write(book, path)
    launch.prepare(opened)
    table, own, stream = nbformat.read(path, 4).cells[2].outputs
    assert set(table["data"]) == {"text/html", "text/plain"} and kind in own["data"] and stream["text"] == "kept"
    assert NotebookNotary().check_signature(nbformat.read(path, 4))
    before = path.read_bytes()
    launch.prepare(opened)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"cells": 1, "nbformat": 4}'])
def test_an_overview_that_is_no_notebook_is_left_for_jupyterlab_to_tell(engagement: Path, content: str) -> None:
    path = launch.prepare(Engagement(engagement))
    path.write_text(content)
    launch.prepare(Engagement(engagement))
    assert path.read_text() == content


def test_only_workpapers_as_the_run_left_them_are_trusted(
    engagement: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    opened = Engagement(engagement)
    opened.workpapers.mkdir(exist_ok=True)
    for name in ("01_evidence", "02_scope"):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(name, id=name)])
        nbformat.write(notebook, opened.workpapers / f"{name}.ipynb")
    told_ = json.loads(opened.run_file.read_text("utf-8"))
    from assessor import files

    outputs = {
        f"workpapers/{n}.ipynb": files.sha256(opened.workpapers / f"{n}.ipynb") for n in ("01_evidence", "02_scope")
    }
    told_["stages"]["01_evidence"] = {"inputs": "", "outputs": outputs}
    opened.run_file.write_text(json.dumps(told_), "utf-8")
    changed = opened.workpapers / "02_scope.ipynb"
    changed.write_text(changed.read_text("utf-8").replace("02_scope", "changed!"), "utf-8")
    launch.prepare(opened)
    notary = NotebookNotary()
    trusted = {path.stem: notary.check_signature(nbformat.read(path, 4)) for path in opened.workpapers.glob("0*.ipynb")}
    assert trusted == {"01_evidence": True, "02_scope": False}


def test_the_server_sees_the_engagement_alone_and_this_machine_alone(made: Path) -> None:
    command = launch.command(Engagement(made), port=8890, browser=False)
    assert f"--ServerApp.root_dir={made.resolve()}" in command
    assert "--ServerApp.ip=127.0.0.1" in command
    assert {"--ServerApp.port=8890", "--no-browser"} <= set(command)


def test_the_same_is_had_by_command(made: Path) -> None:
    found = CliRunner().invoke(main, ["browse", "components", str(made), "--search", "TQ mixer", "--json"])
    answer = json.loads(found.stdout)
    assert (found.exit_code, answer["total"], answer["components"][0]["locator"]) == (0, 1, "/components/750")
    many = CliRunner().invoke(main, ["browse", "components", str(made), "--scope", "in_scope", "--limit", "2"])
    assert many.stdout.splitlines()[-1].endswith("components, the first 2 shown.")
    assert (
        CliRunner().invoke(main, ["browse", "components", str(made), "--search", "nothing of that name"]).exit_code == 1
    )
    told_ = json.loads(
        CliRunner().invoke(main, ["browse", "suppliers", str(made), "--search", "nordlicht", "--json"]).stdout
    )
    assert [row["name"] for row in told_["suppliers"]] == ["Nordlicht Fusion OÜ"]


def test_no_engagement_no_review(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["review", str(tmp_path)])
    assert result.exit_code == 2
    assert "is not an engagement" in result.stderr
    shutil.rmtree(tmp_path)
