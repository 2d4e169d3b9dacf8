"""The ledger through its public surface: what is recorded lasts, what was tampered with shows, changed facts make it stale."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assessor import judgements
from assessor.errors import LedgerError
from assessor.results import Question


def question(subject: str = "Acorn GmbH", facts: dict[str, str] | None = None) -> Question:
    return Question(
        id="dominant_minority",
        subject=subject,
        clause="791.301",
        asked="Is it?",
        guidance="",
        answers=("yes", "no"),
        facts=facts or {"stake": "0.3"},
    )


def record(path: Path, asked: Question, answer: str = "yes") -> judgements.Entry:
    return judgements.record(
        path, asked, answer, because="The articles say so.", by="A. Person", role="lead", at="2026-10-01T08:00:00Z"
    )


def test_an_answer_settles_its_question_and_carries_who_when_and_why(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    settled = judgements.read(path).settle(question())
    assert (settled.state, settled.answer, settled.answered_by, settled.answered_at) == (
        "answered",
        "yes",
        "A. Person",
        "2026-10-01T08:00:00Z",
    )
    assert settled.rationale == "The articles say so."


def test_an_answer_goes_stale_when_the_facts_shown_change(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    assert judgements.read(path).settle(question(facts={"stake": "0.31"})).state == "stale"


def test_an_answer_does_not_go_stale_when_the_wording_or_the_material_named_changes(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    reworded = dataclasses.replace(
        question(),
        asked="Does it?",
        guidance="Look closely.",
        shows=("articles", "minutes"),
        clause="791.301 person (4)",
    )
    assert judgements.read(path).settle(reworded).state == "answered"


def test_a_question_about_another_subject_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    assert judgements.read(path).settle(question("Beech AG")).state == "open"


def test_a_later_answer_supersedes_and_the_earlier_one_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question(), "yes")
    record(path, question(), "no")
    ledger = judgements.read(path)
    assert [entry.answer for entry in ledger.entries] == ["yes", "no"]
    assert ledger.settle(question()).answer == "no"


@pytest.mark.parametrize(
    "field", ["answer", "because", "by", "at", "facts_digest", "subject", "seq", "previous", "hash"]
)
def test_any_edited_field_breaks_the_chain_there(tmp_path: Path, field: str) -> None:
    path = tmp_path / "judgements.jsonl"
    for subject in ("Acorn GmbH", "Beech AG", "Cedar SA"):
        record(path, question(subject))
    lines = path.read_text("utf-8").splitlines()
    entry = json.loads(lines[1])
    entry[field] = 9 if field == "seq" else "0" * 64
    lines[1] = json.dumps(entry)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    ledger = judgements.read(path)
    assert len(ledger.entries) == 1
    assert "line 2" in ledger.problems[0]


def test_a_removed_line_breaks_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    for subject in ("Acorn GmbH", "Beech AG", "Cedar SA"):
        record(path, question(subject))
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(lines[0] + lines[2], "utf-8")
    assert judgements.read(path).problems


def test_a_torn_last_line_is_told_and_the_lines_before_it_count(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    record(path, question("Beech AG"))
    path.write_bytes(path.read_bytes()[:-20])
    ledger = judgements.read(path)
    assert len(ledger.entries) == 1
    assert "line 2" in ledger.problems[0]
    with pytest.raises(LedgerError, match="line 2"):
        record(path, question("Cedar SA"))


@pytest.mark.parametrize(
    ("answer", "because", "by", "told"),
    [("maybe", "x", "y", "yes, no"), ("yes", " ", "y", "rationale"), ("yes", "x", "", "person")],
)
def test_an_answer_that_cannot_stand_is_refused_and_nothing_is_written(
    tmp_path: Path, answer: str, because: str, by: str, told: str
) -> None:
    path = tmp_path / "judgements.jsonl"
    with pytest.raises(LedgerError, match=told):
        judgements.record(path, question(), answer, because=because, by=by, role="")
    assert not path.exists()


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: record(path, question(f"Company {number}")), range(40)))
    ledger = judgements.read(path)
    assert not ledger.problems
    assert {entry.subject for entry in ledger.entries} == {f"Company {number}" for number in range(40)}
