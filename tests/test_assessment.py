"""One engagement through its public surface: extension by firms, contracts of results, and the whole way by commands."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from contextlib import nullcontext
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assessor import assessment, demo, resources
from assessor.errors import RuleError
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Recommendation, Test
from tests.cases.runner import facts

CASE = resources.folder("fixtures") / "fellmark"


def result(*tests: Test, reason: str = "examined") -> ProcedureResult:
    return ProcedureResult("", "791.315", "A firm's own test", Outcome.CONFORMS, reason, "one", (), (), tests=tests)


def with_procedure(monkeypatch: pytest.MonkeyPatch, name: str, made: ProcedureResult) -> None:
    """Install a firm's procedure as an entry point."""
    module = SimpleNamespace(CLAUSE="791.315", TITLE="A firm's own test", run=lambda facts: made)
    point = EntryPoint(name, "nowhere", "assessor.procedures")
    monkeypatch.setattr(EntryPoint, "load", lambda self: module)
    monkeypatch.setattr(assessment, "entry_points", lambda group: [point] if group == "assessor.procedures" else [])
    assessment.procedures.cache_clear()


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    yield
    assessment.procedures.cache_clear()


def test_a_firm_adds_a_procedure_through_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = Test("791.315", "x", Outcome.CONFORMS, "seen", (EvidenceRef("E-0001"),))
    with_procedure(monkeypatch, "firm_test", result(passed))
    assert list(assessment.procedures())[-1] == "firm_test"
    assert assessment.perform("firm_test", facts({})).procedure == "firm_test"


def test_a_procedure_of_a_firm_cannot_take_the_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with_procedure(monkeypatch, "s301_scope", result())
    with pytest.raises(RuleError, match="rename it"):
        assessment.procedures()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (result(Test("791.315", "x", Outcome.CONFORMS, "seen")), "without evidence"),
        (result(Test("791.315", "x", Outcome.INCONCLUSIVE, "")), "gives no reason"),
        (result(reason=""), "gives no reason for its conclusion"),
    ],
)
def test_a_pass_without_evidence_or_an_outcome_without_a_reason_is_refused(
    monkeypatch: pytest.MonkeyPatch, made: ProcedureResult, told: str
) -> None:
    with_procedure(monkeypatch, "firm_test", made)
    with pytest.raises(RuleError, match=told):
        assessment.perform("firm_test", SimpleNamespace(stale_answers=lambda: nullcontext({})))  # type: ignore[arg-type]


def assessor(code: int, *words: object) -> Any:
    """Run a command with --json; its exit code is as expected and standard output is one JSON document."""
    done = subprocess.run(
        [sys.executable, "-m", "assessor", *map(str, words), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_from_a_zipped_delivery_to_a_report_by_commands_alone(tmp_path: Path) -> None:
    demo.build_package(CASE, tmp_path / "package")
    delivery = shutil.make_archive(str(tmp_path / "delivery"), "zip", tmp_path / "package")
    folder = tmp_path / "engagement"
    assessor(0, "new", folder, "--from", CASE / "engagement.toml")
    taken = assessor(0, "intake", folder, delivery, "--received", "2026-11-04")
    assert taken["deliveries"][0]["files"] == 41
    ran = assessor(1, "run", folder, "--no-notebooks")
    assert ran["stage"] == "run"
    assert "tables" in ran["ran"]
    first = assessor(1, "status", folder)
    assessor(
        0,
        "answer",
        folder,
        "directly_enables",
        "PilotStack ADS",
        "yes",
        "--because",
        "It drives the vehicle.",
        "--by",
        "M. Okonjo",
    )
    assessor(1, "run", folder, "--no-notebooks", "--only", "s301_scope")
    outdated = {problem["code"] for problem in assessor(1, "check", folder)["problems"]}
    assert {"not_run", "report_missing"} <= outdated
    assessor(1, "run", folder, "--no-notebooks")
    second = assessor(1, "status", folder)
    assert second["answered"] == first["answered"] + 1
    waiting = assessor(1, "report", folder)["problems"]  # an item was read in part, and nobody has said a word on it
    assert [(p["code"], p["place"].split(" ")[0]) for p in waiting] == [("evidence_unread", "E-0018")]
    said = ("--because", "The statement is none that anything rests on.", "--by", "M. Okonjo")
    assessor(0, "ledger", "explain", folder, "evidence_unread", "E-0018", *said)
    written = assessor(0, "report", folder)["files"]
    assert {Path(path).name for path in written} >= {"assessment.docx", "annexes.xlsx"}
    assert "report_missing" not in {problem["code"] for problem in assessor(1, "check", folder)["problems"]}
    asked = assessor(0, "requests", folder)
    assert [Path(path).name for path in asked["files"]] == ["requests.docx", "requests.xlsx"]
    assert {request["id"] for request in asked["requests"]} >= {"R-01", "R-02"}
    form = assessor(0, "report", folder, "--document", "supplier_attestation", "--supplier", "V-1009")
    assert [Path(path).name for path in form["files"]] == ["supplier_attestation-V-1009.docx"]
    assert "report_outdated" not in {problem["code"] for problem in assessor(1, "check", folder)["problems"]}


def test_the_last_step_takes_the_findings_of_every_procedure_and_is_none_of_them() -> None:
    own = [
        dataclasses.replace(result(), procedure="firm_own", findings=(finding("firm_own"),)),
        dataclasses.replace(result(), procedure=assessment.LAST_STEP, findings=(finding(assessment.LAST_STEP),)),
    ]
    told = assessment.conclude(facts({"transactions": {"transaction": "T-1"}}), own)
    assert (told.procedure, [test.subject for test in told.tests]) == (assessment.LAST_STEP, ["firm_own/late/X"])
    assert [(q.key, q.procedure) for q in told.questions] == [
        ("applicable_to_transaction/firm_own/late/X", assessment.LAST_STEP)
    ]
    assert assessment.LAST_STEP not in assessment.procedures()


def finding(procedure: str) -> Finding:
    mend = (Recommendation("Mend it.", "condition", "in words only"),)
    place = (EvidenceRef("E-0001"),)
    return Finding("late", "X", ("791.315",), "X is late", "c", "c", "", "e", mend, "low", place, procedure=procedure)
