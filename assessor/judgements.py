"""The assessor's ledger: answers to the questions that the rule leaves to a person (judgements.jsonl).

One JSON object a line, append-only, each chained to the one before by hash: editing, deleting or reordering a line breaks
the chain from there on. A later answer to the same question and subject supersedes the earlier one. An answer is bound
to the digest of the facts that were shown; when these have changed since, it is stale and no longer counts.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from assessor.errors import LedgerError
from assessor.results import Question, canonical

START = "0" * 64
"""The hash before the first entry."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    seq: int
    at: str  # ISO 8601, UTC
    by: str
    role: str
    question: str
    subject: str
    answer: str
    because: str
    facts_digest: str
    previous: str
    hash: str = ""

    def sealed(self) -> Entry:
        """The entry with the hash of everything else in it."""
        return dataclasses.replace(self, hash=self._digest())

    def intact(self) -> bool:
        """Whether the hash is that of the entry's content."""
        return self.hash == self._digest()

    def _digest(self) -> str:
        content = {k: v for k, v in dataclasses.asdict(self).items() if k != "hash"}
        return hashlib.sha256(canonical(content)).hexdigest()


@dataclass(frozen=True)
class Ledger:
    """The entries, oldest first, and what is wrong with the file (sentences; empty when it is whole)."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()

    def latest(self, question: str, subject: str) -> Entry | None:
        """The entry in force for a question and subject."""
        return self._latest.get((question, subject))

    @property
    def _latest(self) -> dict[tuple[str, str], Entry]:
        found: dict[tuple[str, str], Entry] | None = self.__dict__.get("_index")
        if found is None:
            found = {(entry.question, entry.subject): entry for entry in self.entries}
            self.__dict__["_index"] = found
        return found

    def settle(self, question: Question) -> Question:
        """The question with its state: answered, stale (the facts have changed since) or open."""
        entry = self.latest(question.id, question.subject)
        if entry is None:
            return question
        state = "answered" if entry.facts_digest == question.facts_digest else "stale"
        return dataclasses.replace(
            question,
            state=state,
            answer=entry.answer,
            rationale=entry.because,
            answered_by=entry.by,
            role=entry.role,
            answered_at=entry.at,
        )


def read(path: Path) -> Ledger:
    """The ledger at `path`; an absent file is an empty ledger. Damage is told in `problems`; what precedes it counts."""
    if not path.exists():
        return Ledger()
    entries: list[Entry] = []
    problems: list[str] = []
    previous = START
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError):
            problems.append(
                f"{path.name} line {number} cannot be read (torn or edited); the entries after it are not used."
            )
            break
        if not entry.intact() or entry.previous != previous:
            problems.append(
                f"{path.name} line {number} breaks the chain of hashes; it and the entries after it are not used."
            )
            break
        entries.append(entry)
        previous = entry.hash
    return Ledger(tuple(entries), tuple(problems))


def record(
    path: Path, question: Question, answer: str, *, because: str, by: str, role: str, at: str | None = None
) -> Entry:
    """Append the answer to a question, bound to the facts that the question shows.

    `at` is the time in ISO 8601 (now, in UTC, when not given). Raises LedgerError when the answer is not one of the
    question's, when rationale or name is missing, or when the ledger is damaged (nothing is appended to a broken chain).
    """
    return record_all(path, [(question, answer, because, by, role, at)])[0]


def record_all(path: Path, answers: Iterable[tuple[Question, str, str, str, str, str | None]]) -> list[Entry]:
    """Append several answers (question, answer, because, by, role, at) at once, in their order; all or none."""
    with FileLock(path.with_name(".judgements.lock")):
        ledger = read(path)
        if ledger.problems:
            raise LedgerError(f"{ledger.problems[0]} Restore the file from a copy before recording anything in it.")
        previous = ledger.entries[-1].hash if ledger.entries else START
        made: list[Entry] = []
        for question, answer, because, by, role, at in answers:
            if question.answers and answer not in question.answers:
                allowed = ", ".join(question.answers)
                raise LedgerError(f"`{answer}` is not an answer to {question.key}; use one of: {allowed}.")
            for value, name in ((because, "a rationale (--because)"), (by, "a person (--by)"), (answer, "an answer")):
                if not value.strip():
                    raise LedgerError(f"The answer to {question.key} needs {name}.")
            entry = Entry(
                seq=len(ledger.entries) + len(made) + 1,
                at=at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                by=by,
                role=role,
                question=question.id,
                subject=question.subject,
                answer=answer,
                because=because,
                facts_digest=question.facts_digest,
                previous=previous,
            ).sealed()
            previous = entry.hash
            made.append(entry)
        lines = b"".join(canonical(dataclasses.asdict(entry)) + b"\n" for entry in made)
        with path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    return made
