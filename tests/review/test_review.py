"""The desk without a browser: what the overview says, filters and forms through the library, tables where no kernel lives."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import ipywidgets
import nbformat
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from nbformat.sign import NotebookNotary

from assessor import desk, judgements, review
from assessor.cli import main
from assessor.engagement import Engagement
from assessor.review import browse, launch
from assessor.workpapers import export
from tests.review.driving import message, press, widgets

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
    press(form, "Draft finding")
    assert "The register has no item E-9999" in message(form)
    texts["evidence"].value = "E-0033 page 1; E-0028"
    press(form, "Draft finding")
    entry = judgements.read(Engagement(engagement).ledger).entries[-1]
    assert (entry.kind, entry.question, entry.details["evidence"]) == (
        "finding",
        "gate_open",
        ["E-0033 page 1", "E-0028"],
    )
    assert entry.details["clauses"] == ["791.315(d)(3)"]


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
