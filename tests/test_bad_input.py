"""Bad evidence and interrupted runs: each ends in a named problem or a request, the rest is processed, nothing is made up."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from assessor import demo, judgements, resources, starting
from assessor.assessment import open_assessment, questions
from assessor.engagement import Engagement
from assessor.evidence import package, register
from assessor.run import run

CASE = resources.folder("fixtures") / "fellmark"
PLANTED = {entry["key"] for entry in yaml.safe_load((CASE / "expected.yaml").read_text("utf-8"))["planted"]}
BASELINE_ITEMS = 41

SOFTWARE = "02 Software/tcu7-telematics.cdx.json"
PARTS = "03 Hardware/TCU-7 BOM rev F.xlsx"
SUPPLIERS = "04 Suppliers/Approved Supplier List 2026.xlsx"
OWNERS = "05 Ownership/suppliers.bods.json"
DECLARATION = "06 Declarations/DoC-SW-2026-01.pdf"
LETTER = "07 Authorizations/Specific Authorization SA-0417 (specimen).pdf"
LEDGER = "08 Transactions/import-sales-ledger.csv"
POLICY = "09 Policies/Supply Chain Compliance Policy.docx"


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery") / "package"
    demo.build_package(CASE, folder)
    return folder


def engagement(folder: Path, delivery: Path) -> Engagement:
    made = starting.create(folder, starting.read_terms(CASE / "engagement.toml"))
    package.take_in(folder, delivery, received=date(2026, 11, 4), supplied_by="Fellmark", custodian="")
    return made


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garble(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (SOFTWARE, halve),
        (PARTS, garble),
        (SUPPLIERS, empty),
        (OWNERS, halve),
        (DECLARATION, halve),
        (LETTER, garble),
        (LEDGER, empty),
        (POLICY, halve),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_file_that_cannot_be_read_becomes_a_request_and_no_exception(
    tmp_path: Path, delivery: Path, name: str, damage: object
) -> None:
    copy = tmp_path / "package"
    shutil.copytree(delivery, copy)
    damage(copy / name)  # type: ignore[operator]
    made = engagement(tmp_path / "e", copy)
    told = run(made, notebooks=False)
    assert told.failed == ()
    listed = register.read(made.register)
    assert len(listed) == BASELINE_ITEMS
    row = listed[listed["path"] == name].to_dict("records")[0]
    assert row["status"] in ("unreadable", "partly_read")
    assert row["reason"]
    if row["status"] == "unreadable":
        assert f"s315_evidence/unreadable_item/{name}" in {request["key"] for request in told.results["requests"]}
    assert {finding["key"] for finding in told.results["findings"]} <= PLANTED


@pytest.mark.parametrize("name", [SUPPLIERS, OWNERS, DECLARATION, LETTER, LEDGER, "01 Vehicles/vehicle-lines.csv"])
def test_a_file_that_is_missing_adds_no_exception(tmp_path: Path, delivery: Path, name: str) -> None:
    copy = tmp_path / "package"
    shutil.copytree(delivery, copy)
    (copy / name).unlink()
    told = run(engagement(tmp_path / "e", copy), notebooks=False)
    assert {finding["key"] for finding in told.results["findings"]} <= PLANTED


def test_files_under_wrong_names_are_read_by_their_content(tmp_path: Path, delivery: Path) -> None:
    copy = tmp_path / "package"
    shutil.copytree(delivery, copy)
    for number, path in enumerate(sorted(path for path in copy.rglob("*") if path.is_file())):
        path.rename(path.with_name(f"{number:02d} {path.stem}.{('pdf', 'json', 'csv', 'xlsx')[number % 4]}"))
    made = engagement(tmp_path / "e", copy)
    run(made, notebooks=False)
    unread = register.read(made.register)
    unread = unread[unread["status"] == "unreadable"]
    assert sorted(path.split(" ", 2)[2].rsplit(".", 1)[0] for path in unread["path"]) == ["empty", "scan0042"]


def test_a_second_delivery_replaces_nothing_and_what_was_missing_is_found(tmp_path: Path, delivery: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shutil.copytree(delivery, first)
    second.mkdir()
    (first / DECLARATION).rename(second / "declaration.pdf")
    made = engagement(tmp_path / "e", first)
    before = run(made, notebooks=False)
    package.take_in(made.root, second, received=date(2026, 11, 9), supplied_by="Fellmark", custodian="")
    after = run(made, notebooks=False)
    lacking = "s305_declarations/content_missing/DoC-SW-2026-01"
    assert lacking not in {finding["key"] for finding in before.results["findings"]}
    assert lacking in {finding["key"] for finding in after.results["findings"]}
    assert sorted(register.read(made.register)["delivery"].unique()) == ["001-first", "002-second"]


def test_a_run_that_was_killed_goes_on_and_leaves_nothing_half_written(tmp_path: Path, delivery: Path) -> None:
    made = engagement(tmp_path / "e", delivery)
    started = subprocess.Popen(
        [sys.executable, "-m", "assessor", "run", str(made.root)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            time.sleep(0.1)
            if made.run_file.exists() and "02_scope" in json.loads(made.run_file.read_text("utf-8"))["stages"]:
                break
        else:
            pytest.fail("the run did not get to its second stage")
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    for path in [*made.results.glob("*.json"), made.run_file]:
        json.loads(path.read_text("utf-8"))
    (made.tables / ".components-part-abcd1234.parquet").write_bytes(b"half")
    told = run(made)
    assert {"tables", "01_evidence", "02_scope"} <= set(told.unchanged)
    assert "07_conclusions" in told.ran
    assert not list(made.root.rglob(".*-part-*"))


def test_two_runs_at_once_are_refused(tmp_path: Path, delivery: Path) -> None:
    made = engagement(tmp_path / "e", delivery)
    with FileLock(made.root / ".run.lock"):
        done = subprocess.run(
            [sys.executable, "-m", "assessor", "run", str(made.root)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert "Another command is running" in done.stderr


def test_an_answer_to_a_question_whose_evidence_changed_is_stale_and_no_longer_counts(
    tmp_path: Path, delivery: Path
) -> None:
    copy = tmp_path / "package"
    shutil.copytree(delivery, copy)
    made = engagement(tmp_path / "e", copy)
    told = run(made, notebooks=False)
    asked = next(q for q in told.results["questions"] if q["id"] == "diligence_adequate" and "SW" in q["subject"])
    question = next(q for q in questions(open_assessment(made.root).results()) if q.key == asked["key"])
    judgements.record(made.ledger, question, "yes", because="All suppliers were examined.", by="A. Person", role="lead")
    answered = run(made, notebooks=False)
    assert next(q for q in answered.results["questions"] if q["key"] == asked["key"])["state"] == "answered"
    more = tmp_path / "more"
    more.mkdir()
    attestation = next((copy / "04 Suppliers" / "attestations").glob("*Cedar*.pdf"))
    (more / "again.pdf").write_bytes(attestation.read_bytes() + b"\n")
    package.take_in(made.root, more, received=date(2026, 11, 9), supplied_by="Fellmark", custodian="")
    stale = run(made, notebooks=False)
    assert next(q for q in stale.results["questions"] if q["key"] == asked["key"])["state"] == "stale"
