"""The ledger through its public surface: what is recorded lasts, what was tampered with shows, changed facts make it stale."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("cut", [1, 20, 300])
def test_a_torn_last_line_is_told_put_aside_and_the_ledger_goes_on(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    record(path, question("Beech AG"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    ledger = judgements.read(path)
    assert ledger.problems == ()
    if cut == 1:  # the line end alone is lost, and nothing of the entry
        assert (len(ledger.entries), ledger.oddities) == (2, ())
    else:
        assert len(ledger.entries) == 1
        assert "line 2 is torn" in ledger.oddities[0]
    record(path, question("Cedar SA"))
    after = judgements.read(path)
    assert (after.problems, after.oddities) == ((), ())
    assert [entry.subject for entry in after.entries][-1] == "Cedar SA"
    torn = tmp_path / "judgements.torn"
    assert torn.exists() == (cut != 1)
    if cut != 1:
        assert torn.read_bytes() == whole.splitlines()[1][: 1 - cut] + b"\n"


def test_a_line_in_the_middle_that_cannot_be_read_is_damage_and_nothing_more_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    path.write_bytes(b"{torn\n" + path.read_bytes())
    before = path.read_bytes()
    assert "line 1 cannot be read" in judgements.read(path).problems[0]
    with pytest.raises(LedgerError, match="line 1"):
        record(path, question("Cedar SA"))
    assert path.read_bytes() == before


def test_a_line_that_says_the_same_in_another_form_was_edited(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))) + "\n", "utf-8")
    assert "breaks the chain" in judgements.read(path).problems[0]


def test_a_clock_that_ran_backwards_is_told_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    for at in ("2026-10-02T08:00:00Z", "2026-10-01T08:00:00Z", "2026-10-01T08:00:00Z"):
        judgements.record(path, question(), "yes", because="So.", by="A. Person", role="lead", at=at)
    ledger = judgements.read(path)
    assert (len(ledger.entries), ledger.problems) == (3, ())
    assert len(ledger.oddities) == 1
    assert "entry 2 is dated 2026-10-01T08:00:00Z, before entry 1" in ledger.oddities[0]


def test_nobody_overrules_somebody_else_on_the_same_facts_without_saying_so(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question(), "yes")
    other = {"because": "Not by its minutes.", "by": "B. Other", "role": "lead"}
    with pytest.raises(LedgerError, match=r"A\. Person judged .* otherwise .* `yes` \(entry 1.*--supersedes 1"):
        judgements.record(path, question(), "no", **other)
    assert judgements.read(path).settle(question()).answer == "yes"
    judgements.record(path, question(), "no", **other, supersedes=1)
    assert judgements.read(path).settle(question()).answer == "no"


@pytest.mark.parametrize(
    ("answer", "by", "facts"),
    [("yes", "B. Other", None), ("no", "a. person", None), ("no", "B. Other", {"stake": "0.4"})],
    ids=["the same answer", "the same person", "other facts"],
)
def test_what_contradicts_nobody_needs_no_such_word(
    tmp_path: Path, answer: str, by: str, facts: dict[str, str] | None
) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question(), "yes")
    judgements.record(path, question(facts=facts), answer, because="So.", by=by, role="lead")
    assert len(judgements.read(path).entries) == 2


def test_of_two_who_answer_at_once_and_differ_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"

    def answer(number: int) -> bool:
        try:
            judgements.record(
                path, question(), ("yes", "no")[number % 2], because="So.", by=f"Person {number % 2}", role="lead"
            )
        except LedgerError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(answer, range(16)))
    ledger = judgements.read(path)
    assert len({entry.answer for entry in ledger.entries}) == 1
    assert told.count(True) == len(ledger.entries) == 8


@pytest.mark.parametrize("left", [0, 1, 2])
def test_entries_that_are_gone_from_the_end_are_damage_although_the_chain_holds(tmp_path: Path, left: int) -> None:
    path = tmp_path / "judgements.jsonl"
    for number in range(3):
        record(path, question(f"Company {number}"))
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:left]))
    ledger = judgements.read(path)
    assert len(ledger.entries) == left
    there = f"ends with entry {left}" if left else "is empty or gone"
    assert ledger.problems[0].startswith(f"judgements.jsonl {there}, and entry 3 had been recorded here")
    with pytest.raises(LedgerError, match=r"entry 3 had been recorded here.*Restore the file from a copy"):
        record(path, question("Beech AG"))
    path.write_bytes(whole)  # from a copy
    assert not judgements.read(path).problems
    record(path, question("Beech AG"))


def test_a_ledger_that_is_gone_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    assert not judgements.read(path).problems
    record(path, question())
    path.unlink()
    assert "is empty or gone, and entry 1 had been recorded here" in judgements.read(path).problems[0]
    (tmp_path / ".judgements.head").unlink()  # as the sentence says, where no copy has it
    assert judgements.read(path) == judgements.Ledger()


def test_another_ledger_laid_over_this_one_is_damage_and_one_that_goes_on_from_it_is_none(tmp_path: Path) -> None:
    path, other = tmp_path / "judgements.jsonl", tmp_path / "other" / "judgements.jsonl"
    other.parent.mkdir()
    record(path, question())
    other.write_bytes(path.read_bytes())  # as it is copied, without what stands beside it
    record(other, question("Beech AG"))
    record(path, question("Cedar AG"))
    mine = path.read_bytes()
    path.write_bytes(other.read_bytes())
    assert "has another entry 2 now, and entry 2 had been recorded here" in judgements.read(path).problems[0]
    path.write_bytes(mine)
    other.write_bytes(mine)
    (other.parent / ".judgements.head").write_text("1 " + judgements.read(path).entries[0].hash)
    record(path, question("Dogwood AG"))
    other.write_bytes(path.read_bytes())
    assert not judgements.read(other).problems


@pytest.mark.parametrize("content", ["", "x", "1", "x y", "0 " + "0" * 64, "-1 x", "\ufeff1 y"])
def test_a_guard_that_says_nothing_guards_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    (tmp_path / ".judgements.head").write_text(content, "utf-8")
    assert not judgements.read(path).problems
    record(path, question("Beech AG"))
    assert (tmp_path / ".judgements.head").read_text() == f"2 {judgements.read(path).entries[-1].hash}\n"


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no entries of the kind `wish`"):
        judgements.append(tmp_path / "j.jsonl", [judgements.Draft("wish", "q", "s", "a", "b", "c", "d")])


def test_a_note_changes_no_result_and_an_answer_does(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question())
    before = judgements.read(path).digest
    judgements.append(
        path, [judgements.Draft("note", "review_note", "02_scope", "open", "See page 3.", "B", "reviewer")]
    )
    assert judgements.read(path).digest == before
    record(path, question("Beech AG"))
    assert judgements.read(path).digest != before


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_any_text_lasts(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("ledger") / "judgements.jsonl"
    subjects = [f"s{text}" for text in texts] + ["half \ud800"]
    for subject in subjects:
        record(path, question(subject))
    ledger = judgements.read(path)
    assert (ledger.problems, ledger.oddities) == ((), ())
    assert [entry.subject for entry in ledger.entries] == subjects


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


def note_many(path: Path, name: str) -> None:
    """Append twenty notes, one by one (in a process of its own)."""
    for number in range(20):
        draft = judgements.Draft("note", "review_note", f"{name} {number}", "open", "See.", name, "reviewer")
        judgements.append(path, [draft])


def test_two_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    path, names = tmp_path / "judgements.jsonl", ("A", "B")
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=note_many, args=(path, name)) for name in names]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0, 0]
    ledger = judgements.read(path)
    assert (ledger.problems, [entry.seq for entry in ledger.entries]) == ((), list(range(1, 41)))
    for name in names:  # each in its order
        own = [entry.subject for entry in ledger.entries if entry.by == name]
        assert own == [f"{name} {number}" for number in range(20)]


def test_an_entry_supersedes_only_what_is_in_force(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    other = {"because": "So.", "by": "B. Other", "role": "lead"}
    with pytest.raises(LedgerError, match=r"Entry 1 is not the answer in force on .*; there is none"):
        judgements.record(path, question(), "no", **other, supersedes=1)
    record(path, question(), "yes")
    record(path, question(), "yes")
    with pytest.raises(LedgerError, match=r"Entry 1 is not the answer in force on .*; entry 2 is"):
        judgements.record(path, question(), "no", **other, supersedes=1)
    assert judgements.record(path, question(), "no", **other, supersedes=2).supersedes == 2


@pytest.mark.parametrize("name", ["A Person", "person, a.", " A.  PERSON"])
def test_one_person_under_another_spelling_contradicts_nobody(tmp_path: Path, name: str) -> None:
    path = tmp_path / "judgements.jsonl"
    record(path, question(), "yes")
    assert judgements.record(path, question(), "no", because="So.", by=name, role="lead").seq == 2
