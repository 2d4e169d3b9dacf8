"""What would be concluded if something were otherwise, without touching the engagement."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from filelock import FileLock

import assessor
from assessor import demo, resources
from assessor.cli import main
from assessor.comparison.conclusions import Change
from assessor.engagement import Engagement
from assessor.errors import EngagementError, SuppositionError
from assessor.run import run
from assessor.supposing import what_if
from assessor.supposing.whatif import Outlook

HERE = Path(__file__).parent
SCENARIOS = yaml.safe_load((HERE / "scenarios.yaml").read_text("utf-8"))
WRONG = yaml.safe_load((HERE / "wrong.yaml").read_text("utf-8"))
LAPSE = '[[authorization]]\nnumber = "SA-0417"\nexpires = 2026-06-30\n'


def parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


@pytest.fixture(scope="module")
def answered(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Engagement:
    """The demonstration with its assessor's answers, run without notebooks; only to be read."""
    engagement = Engagement(Path(shutil.copytree(ran, tmp_path_factory.mktemp("answered") / "engagement")))
    demo.answer_from(engagement, resources.folder("fixtures") / demo.CASE / "judgements.yaml")
    run(engagement, notebooks=False)
    return engagement


def state(root: Path) -> dict[str, tuple[str, int, int]]:
    """Digest, mode and time of everything in a folder, folders among it."""
    found = {}
    for path in (root, *sorted(root.rglob("*"))):
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[path.relative_to(root).as_posix()] = (digest, path.stat().st_mode, path.stat().st_mtime_ns)
    return found


def outlook_of(answered: Engagement, case: dict[str, Any]) -> Outlook:
    """What a case of scenarios.yaml supposes."""
    return what_if(answered, parsed(case["supposed"])).outlooks[0]


def line(change: Change) -> str:
    sides = [side.outcome if side else "-" for side in (change.before, change.after)]
    what = f", {change.what}" if change.what else ""
    return f"{change.kind} {change.change} {change.subject}{what}: {sides[0]} -> {sides[1]}"


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case["case"])
def test_what_would_be_concluded(answered: Engagement, case: dict[str, Any]) -> None:
    outlook = outlook_of(answered, case)
    told = [line(change) for change in outlook.changes if change.weighs]
    assert set(case.get("changes", [])) <= set(told), "\n".join(told)
    if "only" in case:
        assert told == case["only"]
    assert not {change.kind for change in outlook.changes if change.weighs} & set(case.get("none", []))
    assert {judgement.place for judgement in outlook.judgements} >= set(case.get("judgements", []))
    for note in case.get("notes", []):
        assert any(note in each for each in outlook.notes), outlook.notes
    assert outlook.changed == bool(told or outlook.judgements)


def test_nothing_supposed_can_pass_for_evidence(answered: Engagement) -> None:
    register = {json.loads(row)["id"] for row in answered.register.read_text("utf-8").splitlines()}
    (case,) = (case for case in SCENARIOS if case["case"].startswith("a supplier in whose place a new one steps"))
    outlook = outlook_of(answered, case)
    places = [p for c in outlook.changes if c.after and c.subject == "Neue Sicht GmbH" for p in c.after.evidence]
    assert places
    assert all(place.startswith("SUPPOSED ") or place.endswith("[supposed: supplier 1]") for place in places)
    for place in (p for c in outlook.changes if c.before for p in c.before.evidence):
        assert "supposed" not in place.casefold()
        assert place.split(" ")[0] in {*register, "TERMS"}


def test_the_engagement_is_not_touched_and_may_be_read_only(answered: Engagement, tmp_path: Path) -> None:
    root = Path(shutil.copytree(answered.root, tmp_path / "engagement"))
    file = tmp_path / "lapse.toml"
    file.write_text(LAPSE, "utf-8")
    for path in (*root.rglob("*"), root):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = state(root)
    try:
        done = CliRunner().invoke(main, ["run", str(root), "--what-if", str(file)], catch_exceptions=False)
        assert done.exit_code == 1, done.output
        assert "SA-0417: expires 2026-06-30 (before: 2027-07-31)" in done.output
        assert state(root) == before
    finally:
        for path in (root, *root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_it_needs_no_lock(answered: Engagement, tmp_path: Path) -> None:
    root = Path(shutil.copytree(answered.root, tmp_path / "engagement"))
    with FileLock(root / ".run.lock"):
        assert what_if(root, parsed(LAPSE)).outlooks[0].changed


def test_facts_that_another_command_keeps_changing_are_refused(
    answered: Engagement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(answered.root, tmp_path / "engagement"))
    seen = iter(range(100))
    monkeypatch.setattr("assessor.assessment.facts_digest", lambda engagement: str(next(seen)))
    with pytest.raises(EngagementError, match="Another command is changing"):
        what_if(root, parsed(LAPSE))


def test_what_was_never_run_is_read_from_the_evidence(answered: Engagement, tmp_path: Path) -> None:
    root = Path(shutil.copytree(answered.root, tmp_path / "engagement"))
    for name in ("tables", "results"):
        shutil.rmtree(root / name)
    (root / "run.json").unlink()
    before = state(root)
    outlook = what_if(root, parsed(LAPSE)).outlooks[0]
    assert outlook.changes == what_if(answered, parsed(LAPSE)).outlooks[0].changes
    assert state(root) == before


def test_an_engagement_without_evidence_is_told_so(tmp_path: Path, answered: Engagement) -> None:
    shutil.copyfile(answered.terms_file, tmp_path / "engagement.toml")
    with pytest.raises(EngagementError):
        what_if(tmp_path, parsed(LAPSE))


@pytest.mark.parametrize("kind", ["form", "facts"])
def test_everything_that_is_wrong_is_told_at_once(answered: Engagement, kind: str) -> None:
    cases = WRONG[kind]
    with pytest.raises(SuppositionError) as error:
        what_if(answered, *(parsed(case["supposed"]) for case in cases))
    assert len(error.value.problems) == len(cases)
    for case, problem in zip(cases, error.value.problems, strict=True):
        assert case["says"] in problem, case["case"]


def test_an_answer_to_what_is_never_asked_is_refused_with_those_asked(answered: Engagement) -> None:
    told = {"answer": [{"question": "special_share", "subject": "Rheintal Sensrik", "answer": "no"}]}
    with pytest.raises(
        SuppositionError, match="is not asked about “Rheintal Sensrik”; the nearest is “Rheintal Sensorik GmbH”"
    ):
        what_if(answered, told)


def test_an_answer_to_what_is_not_asked_any_more_is_noted(answered: Engagement) -> None:
    told = {
        "owner": [{"subject": "Rheintal Sensorik GmbH", "holder": "Hebei Guidance Fund", "ended": True}],
        "answer": [{"question": "special_share", "subject": "Rheintal Sensorik GmbH", "answer": "yes"}],
    }
    outlook = what_if(answered, told).outlooks[0]
    assert any("is not asked any more" in note for note in outlook.notes)
    assert any(j.code == "judgement_orphaned" for j in outlook.judgements)


def test_files_stand_beside_each_other(answered: Engagement, tmp_path: Path) -> None:
    lapse, later = tmp_path / "lapse.toml", tmp_path / "later.toml"
    lapse.write_text(LAPSE, "utf-8")
    later.write_text('[[scenario]]\ntitle = "A day later"\n[scenario.date]\ndated = 2026-11-16\n', "utf-8")
    arguments = ["run", str(answered.root), "--what-if", str(lapse), "--what-if", str(later)]
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 1
    assert "[1] lapse: differs in findings (2)" in shown.output
    assert "[2] A day later: nothing changes." in shown.output
    told = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert [s["changed"] for s in told["scenarios"]] == [True, False]
    assert told["ok"] is False
    assert [p["place"] for p in told["problems"]] == ["lapse"]
    assert {c["kind"] for c in told["scenarios"][0]["changes"] if c["weighs"]} >= {"finding", "deadline", "test"}


def test_nothing_changes_is_an_answer(answered: Engagement, tmp_path: Path) -> None:
    file = tmp_path / "same.toml"
    file.write_text("[date]\ndated = 2026-11-16\n", "utf-8")
    done = CliRunner().invoke(main, ["run", str(answered.root), "--what-if", str(file)])
    assert done.exit_code == 0
    assert "Nothing changes." in done.output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x = ", "is not valid TOML"),
        (b"\xff", "is not valid TOML"),
        (None, "There is no such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    answered: Engagement, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "odd.toml"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(main, ["run", str(answered.root), "--what-if", str(file)])
    assert done.exit_code == 2
    assert says in done.output
    assert done.stdout == ""


def test_several_errors_are_a_line_each(answered: Engagement, tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text("[[owner]]\nsubject = 'A'\n[[supplier]]\nreplace = 'B'\n", "utf-8")
    done = CliRunner().invoke(main, ["run", str(answered.root), "--what-if", str(file)])
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert lines[0].endswith("(3 errors):")
    assert len(lines) == 4


@pytest.mark.parametrize("option", [["--force"], ["--only", "s301_scope"]])
def test_options_of_a_run_that_writes_are_refused(answered: Engagement, tmp_path: Path, option: list[str]) -> None:
    done = CliRunner().invoke(main, ["run", str(answered.root), "--what-if", str(tmp_path / "x.toml"), *option])
    assert done.exit_code == 2
    assert "--what-if looks at all procedures" in done.output


def test_a_notebook_shows_it_and_has_its_tables(answered: Engagement) -> None:
    found = assessor.what_if(answered.root, parsed(LAPSE) | {"title": "<b>lapse</b>"})
    shown = found._repr_html_()
    assert "&lt;b&gt;lapse&lt;/b&gt;" in shown and "<b>lapse" not in shown
    assert "Nothing supposed is evidence" in shown
    assert list(found.conclusions().columns) == ["procedure", "title", "now", "<b>lapse</b>"]
    outlook: Outlook = found.outlooks[0]
    assert len(found.changes()) == sum(change.weighs for change in outlook.changes)


def test_what_a_client_wrote_reaches_the_terminal_as_text(answered: Engagement, tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text('title = "\\u001b[31mred"\n' + LAPSE, "utf-8")
    done = CliRunner().invoke(main, ["run", str(answered.root), "--what-if", str(file)])
    assert "\x1b" not in done.stdout
    assert os.linesep in done.stdout
