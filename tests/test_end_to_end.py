"""The main job through the command line, on the demonstration client: all that is planted is found, nothing else is."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from assessor import resources

CASE = resources.folder("fixtures") / "fellmark"
EXPECTED = yaml.safe_load((CASE / "expected.yaml").read_text("utf-8"))


def assessor(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assessor", *map(str, words)], capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo") / "one"
    done = assessor("demo", folder, "--json")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    yield folder


def results(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "results" / "results.json").read_text("utf-8"))


def digests(folder: Path, *rooms: str) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for room in rooms
        for path in sorted((folder / room).rglob("*"))
        if path.is_file()
    }


def test_every_planted_defect_is_found_and_nothing_else_is_called_an_exception(demo: Path) -> None:
    found = {finding["key"] for finding in results(demo)["findings"]}
    planted = {entry["key"] for entry in EXPECTED["planted"]}
    assert found == planted


def test_each_finding_cites_the_clause_it_was_planted_for(demo: Path) -> None:
    clauses = {finding["key"]: finding["clauses"] for finding in results(demo)["findings"]}
    for entry in EXPECTED["planted"]:
        assert any(clause.startswith(entry["clause"]) for clause in clauses[entry["key"]]), entry["key"]


def test_the_exceptions_among_the_tests_are_those_of_the_findings(demo: Path) -> None:
    for path in sorted((demo / "results").glob("s*.json")):
        told = json.loads(path.read_text("utf-8"))
        exceptions = [test for test in told["tests"] if test["outcome"] == "exception"]
        findings = told["findings"]
        if (
            path.stem == "s315_authorizations"
        ):  # what §§791.306 and 791.307 found is referred to and not found a second time
            sections = ("s306_general_authorizations", "s307_specific_authorizations")
            assert not findings
            findings = [f for f in results(demo)["findings"] if f["procedure"] in sections]
        assert bool(exceptions) == bool(findings), path.name
        assert (told["conclusion"] == "exception") == bool(findings), path.name


def test_the_questions_left_open_and_the_requests_are_those_expected(demo: Path) -> None:
    told = results(demo)
    assert {q["key"] for q in told["questions"] if q["state"] == "open"} == {
        entry["key"] for entry in EXPECTED["open_questions"]
    }
    assert not [q["key"] for q in told["questions"] if q["state"] == "stale"]
    assert {request["key"] for request in told["requests"]} == {entry["key"] for entry in EXPECTED["requests"]}


def test_every_finding_is_taken_to_the_transactions_by_the_evidence_or_by_an_answer(demo: Path) -> None:
    told = json.loads((demo / "results" / "s315_recommendations.json").read_text("utf-8"))
    assert {test["subject"] for test in told["tests"]} == {finding["key"] for finding in results(demo)["findings"]}
    asked = {q["subject"] for q in results(demo)["questions"] if q["id"] == "applicable_to_transaction"}
    words_only = {row["finding"] for row in told["tables"]["recommendations"] if not row["transactions"]}
    assert 0 < len(asked) < 6 and asked <= words_only
    shared = {row["finding"]: len(row["transactions"]) for row in told["tables"]["applicable"]}
    assert shared["s307_specific_authorizations/party_not_informed/SA-0417"] == 282


def test_every_reference_points_to_an_item_of_the_register(demo: Path) -> None:
    known = {json.loads(line)["id"] for line in (demo / "register.jsonl").read_text("utf-8").splitlines()} | {
        "TERMS",
        "LEDGER",
    }
    for path in sorted((demo / "results").glob("s*.json")):
        cited = set(references(json.loads(path.read_text("utf-8"))))
        assert cited, path.name
        assert cited <= known, path.name


def test_every_transaction_has_one_outcome_under_a_prohibition_and_the_exceptions_are_those_of_the_findings(
    demo: Path,
) -> None:
    ledger = set(pd.read_parquet(demo / "tables" / "transactions.parquet")["transaction"])
    for procedure in ("s302_hardware", "s303_software"):
        told = json.loads((demo / "results" / f"{procedure}.json").read_text("utf-8"))
        listed = [(id, row["outcome"]) for row in told["tables"]["outcomes"] for id in row["transactions"]]
        assert len(listed) == len(ledger) and {id for id, _ in listed} == ledger
        named = {id for finding in told["findings"] for id in finding["transactions"]}
        assert {id for id, outcome in listed if outcome == "exception"} == named != set()


def references(value: Any) -> Iterator[str]:
    """The items that evidence references anywhere in a result point to."""
    if isinstance(value, dict):
        if set(value) == {"item", "locator"}:
            yield value["item"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_executed_notebooks_and_their_pages_open_with_what_went_in(demo: Path) -> None:
    names = sorted(path.stem for path in resources.folder("notebooks").glob("[0-9]*.ipynb"))
    assert sorted(path.stem for path in (demo / "workpapers").glob("*.ipynb")) == names
    for name in names:
        page = (demo / "workpapers" / f"{name}.html").read_text("utf-8")
        for told in ("Fellmark Motors", "SHA-256", "Versions", "Parameter engagement"):
            assert told in page, (name, told)
        assert "http" not in re.sub(r"http-equiv", "", page.split("</style>")[0])


def test_the_report_has_no_residue_and_names_every_paragraph(demo: Path) -> None:
    with zipfile.ZipFile(demo / "report" / "assessment.docx") as package:
        body = package.read("word/document.xml").decode("utf-8")
    text = re.sub(r"<[^>]+>", "", re.sub(r"</w:p>", "\n", body))
    for residue in (r"\{\{", r"\}\}", r"\{%", r"%\}", r"\bUndefined\b", r"(?m)^None$", r"\bnan\b", r"<NA>", r"\bNaT\b"):
        assert not re.search(residue, text), residue
    for paragraph in (
        "(b)(1)",
        "(b)(2)",
        "(c)(1)",
        "(c)(2)",
        "(c)(3)",
        "(c)(4)",
        "(d)(1)",
        "(d)(2)",
        "(d)(3)",
        "(d)(4)",
        "(d)(5)",
        "(e)",
    ):
        assert paragraph in text, paragraph
    for finding in results(demo)["findings"]:
        assert finding["title"] in text or finding["title"].replace("&", "&amp;") in text


def test_two_demonstrations_give_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    assert assessor("demo", tmp_path / "two").returncode == 0
    rooms = ("results", "tables", "report")
    assert digests(demo, *rooms) == digests(tmp_path / "two", *rooms)


def test_the_procedures_alone_give_the_results_of_the_notebooks_and_a_lost_result_is_made_again(
    demo: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    before = digests(copy, "results", "tables")
    (copy / "results" / "s301_scope.json").unlink()
    told = json.loads(assessor("run", copy, "--no-notebooks", "--json").stdout)
    assert "tables" in told["unchanged"]
    assert digests(copy, "results", "tables") == before
    again = json.loads(assessor("run", copy, "--no-notebooks", "--json").stdout)
    assert again["ran"] == []


def test_a_new_answer_changes_what_rests_on_it_and_makes_the_report_outdated(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    question, subject = "contractual_control", "Straits Cadence Pte. Ltd."
    assert f"{question}/{subject}" in {entry["key"] for entry in EXPECTED["open_questions"]}
    recorded = assessor(
        "answer", copy, question, subject, "yes", "--because", "The agreement gives the power.", "--by", "M. Okonjo"
    )
    assert recorded.returncode == 0, recorded.stderr
    assert assessor("run", copy, "--no-notebooks").returncode == 1
    found = {finding["key"] for finding in results(copy)["findings"]}
    assert "s303_software/prohibited_software/Straits Cadence Pte. Ltd." in found
    codes = {problem["code"] for problem in json.loads(assessor("check", copy, "--json").stdout)["problems"]}
    assert "report_outdated" in codes


def test_status_and_check_name_what_needs_attention(demo: Path) -> None:
    status = assessor("status", demo, "--json")
    assert status.returncode == 1
    codes = {problem["code"] for problem in json.loads(status.stdout)["problems"]}
    assert codes == {"exception", "question_open", "request", "unsigned"}
    shown = {p["place"]: p["shows"] for p in json.loads(status.stdout)["problems"] if p["code"] == "question_open"}
    assert shown == {q["key"]: q["shows"] for q in results(demo)["questions"] if q["state"] == "open"}
    assert all(shown.values())
    check = json.loads(assessor("check", demo, "--json").stdout)
    assert {problem["code"] for problem in check["problems"]} == {"question_open", "unsigned", "evidence_unread"}


def test_a_changed_evidence_file_and_an_edited_ledger_are_noticed(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    changed = next((copy / "evidence").rglob("vehicle-lines.csv"))
    changed.write_bytes(changed.read_bytes() + b"\n")
    oscal = copy / "results" / "oscal-ar.json"
    oscal.write_bytes(oscal.read_bytes() + b"\n")
    ledger = copy / "judgements.jsonl"
    ledger.write_text(ledger.read_text("utf-8").replace('"answer":"yes"', '"answer":"no"', 1), "utf-8")
    problems = json.loads(assessor("check", copy, "--json").stdout)["problems"]
    assert {"evidence_changed", "ledger_damaged", "report_outdated"} <= {problem["code"] for problem in problems}
    assert [p["place"] for p in problems if p["code"] == "report_outdated"] == ["../results/oscal-ar.json"]
