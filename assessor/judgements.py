"""The assessor's ledger: what people decided, noted and signed (judgements.jsonl).

One JSON object a line, append-only, each chained to the one before by hash: editing, deleting or reordering a line breaks
the chain from there on. A later entry about the same thing supersedes the earlier one, and stands beside it for good. A judgement is
bound to the digest of the facts that were shown; when these have changed since, it is stale and no longer counts. Nobody supersedes
what somebody else judged of the same facts without saying so.

A chain does not show that its end was cut off. So the number and the hash of the last entry that was recorded stand beside the ledger
(.judgements.head), and a ledger that ends before it, or is another there, is damaged. It guards against mishaps, such as an old copy laid
over a newer one; whoever means to deceive can change both, and finds the digests in run.json, on pages and in receipts at odds with them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from filelock import FileLock

from assessor import files
from assessor.errors import LedgerError
from assessor.results import Question, canonical
from assessor.text import same_name

if TYPE_CHECKING:
    from assessor.rule import QuestionText

RESTORE = "Restore the file from a copy before recording anything in it."
"""What to do about a damaged ledger."""
START = "0" * 64
"""The hash before the first entry."""

ANSWER = "answer"
KINDS = {
    ANSWER: "the answer to a question of the rule, confirmed or refused name matches among them",
    "override": "another outcome of a test than the procedure's, with its reason and its end",
    "finding": "a finding that the assessor drafted",
    "response": "what management says of a finding",
    "request": "the state of an evidence request: received, insufficient, withdrawn or open, and a due date of its own",
    "reading": "what a person read from a page that is a picture, which then is text of the item",
    "sample": "the plan, the draw or the evaluation of an audit sample",
    "departure": "a departure from the method, and its effect",
    "explanation": "why something that the check names needs nothing more",
    "note": "a review note",
    "clearance": "how a review note was cleared",
    "sign_off": "a workpaper signed by its preparer or its reviewer",
}
"""What an entry can be."""
EFFECTIVE = (ANSWER, "override", "finding", "reading")
"""Kinds from which results follow."""
SHOWN = ("response", "departure", "request", "sample")
"""Kinds that change no result, and the report."""
_WORDS = ("note", "clearance", "response")
"""Kinds whose rationale is a text that somebody said, and not the reason for something else."""
_JUDGED = (*EFFECTIVE, "response", "explanation")
"""Kinds of which one entry about a thing is in force, whoever made it."""
_IN_DETAILS = ("override", "finding", "reading")
"""Kinds whose details are part of what was decided: until when, the elements, the text."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of the ledger. `question` and `subject` say what it is about, `answer` what was decided; `details` is plain data that
    some kinds have besides. `supersedes` is the entry by somebody else that its author knew and put aside, 0 for none."""

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
    kind: str = ANSWER
    supersedes: int = 0
    details: dict[str, Any] = {}

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about: kind, question and subject."""
        return self.kind, self.question, self.subject

    def sealed(self) -> Entry:
        """The entry with the hash of everything else in it."""
        content = {name: value for name, value in msgspec.structs.asdict(self).items() if name != "hash"}
        return msgspec.structs.replace(self, hash=hashlib.sha256(canonical(content)).hexdigest())


@dataclass(frozen=True)
class Draft:
    """What is to be recorded: an entry before it has a number, a time and a place in the chain."""

    kind: str
    question: str
    subject: str
    answer: str
    because: str
    by: str
    role: str
    facts_digest: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    supersedes: int = 0
    at: str | None = None


@dataclass(frozen=True)
class Ledger:
    """The entries, oldest first; what is wrong with the file (`problems`, sentences; nothing can be recorded while there are any); what
    is odd in it (`oddities`: a clock that ran backwards, a torn end); and how many bytes of it are whole."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    whole: int = 0

    def latest(self, question: str, subject: str, kind: str = ANSWER) -> Entry | None:
        """The entry in force of a kind about a question and subject."""
        return self._latest.get((kind, question, subject))

    def of(self, *kinds: str) -> list[Entry]:
        """All entries of these kinds, oldest first."""
        return [entry for entry in self.entries if entry.kind in kinds]

    def in_force(self, *kinds: str) -> list[Entry]:
        """The entries of these kinds that no later one supersedes, oldest first."""
        return sorted((e for e in self._latest.values() if e.kind in kinds), key=lambda entry: entry.seq)

    @cached_property
    def _latest(self) -> dict[tuple[str, str, str], Entry]:
        return {entry.key: entry for entry in self.entries}

    def put(self, text: QuestionText, subject: str, facts: Mapping[str, Any]) -> Question:
        """A question of the rule put about `subject`, with the facts shown, settled."""
        return self.settle(
            Question(
                id=text.id,
                subject=subject,
                clause=text.clause,
                asked=text.asked.replace("{subject}", subject),
                guidance=text.guidance,
                answers=tuple(text.answers),
                shows=text.shows,
                facts=dict(facts),
            )
        )

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

    @property
    def digest(self) -> str:
        """SHA-256 of what results follow from: a note or a signature changes none."""
        return self._digest(*EFFECTIVE)

    @property
    def shown(self) -> str:
        """SHA-256 of what a report shows besides results: responses of management and departures from the method."""
        return self._digest(*SHOWN)

    def _digest(self, *kinds: str) -> str:
        return hashlib.sha256(canonical([entry.hash for entry in self.in_force(*kinds)])).hexdigest()


def read(path: Path) -> Ledger:
    """The ledger at `path`; an absent file is an empty ledger. Damage is told in `problems`; what precedes it counts.

    A last line that was cut short while it was written is no damage: it is told in `oddities` and put aside by the next entry.
    """
    last = _last(path)  # first: what is recorded meanwhile is then in the file, and not the other way round
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Ledger((), _lost(path, [], last))
    lines = content.split(b"\n")
    entries: list[Entry] = []
    oddities: list[str] = []
    previous, whole = START, 0
    for number, (line, entry) in enumerate(_decoded(lines), 1):
        is_last = number == len(lines)
        if not line.strip():
            whole += len(line) + (not is_last)
            continue
        wrong = _wrong(line, entry, previous)
        if wrong and is_last:
            oddities.append(
                f"{path.name} line {number} is torn: its writing was cut short. The entries before it count; the next entry puts it aside "
                f"in {_torn(path).name}."
            )
            break
        if wrong or entry is None:
            return Ledger(
                tuple(entries),
                (f"{path.name} line {number} {wrong}; it and the entries after it are not used.",),
                (*_backwards(path, entries), *oddities),
                whole,
            )
        entries.append(entry)
        previous = entry.hash
        whole += len(line) + (not is_last)
    lost = () if oddities and last and last[0] == len(entries) + 1 else _lost(path, entries, last)
    return Ledger(tuple(entries), lost, (*_backwards(path, entries), *oddities), whole)


_DECODER = msgspec.json.Decoder(Entry)


def _decoded(lines: list[bytes]) -> Iterator[tuple[bytes, Entry | None]]:
    for line in lines:
        try:
            yield line, _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield line, _odd(line)


def _odd(line: bytes) -> Entry | None:
    """A line that only Python's own reader takes, such as one with half a surrogate in it."""
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _wrong(line: bytes, entry: Entry | None, previous: str) -> str:
    """What is wrong with a line; empty where nothing is. The hash is over the line as it is written, without itself."""
    if entry is None:
        return "cannot be read (torn or edited)"
    content = line.replace(b'"hash":"' + entry.hash.encode("utf-8", "replace") + b'",', b"", 1)
    if hashlib.sha256(content).hexdigest() != entry.hash or entry.previous != previous:
        return "breaks the chain of hashes"
    return ""


def _head(path: Path) -> Path:
    """What holds the number and the hash of the last entry that was recorded."""
    return path.with_name(f".{path.stem}.head")


def _last(path: Path) -> tuple[int, str] | None:
    """The number and the hash of the last entry that was recorded here; None where nothing says so, as in a ledger that came from
    elsewhere or is older than this guard."""
    try:
        number, hash_ = _head(path).read_text("ascii").split()
        return int(number), hash_
    except (OSError, ValueError):
        return None


def _lost(path: Path, entries: list[Entry], last: tuple[int, str] | None) -> tuple[str, ...]:
    """That entries which had been recorded are gone, or are others."""
    if last is None:
        return ()
    number, hash_ = last
    if number < 1 or (len(entries) >= number and entries[number - 1].hash == hash_):
        return ()
    there = f"ends with entry {len(entries)}" if entries else "is empty or gone"
    there = there if len(entries) < number else f"has another entry {number} now"
    return (
        f"{path.name} {there}, and entry {number} had been recorded here; where no copy has it, whoever keeps the engagement removes "
        f"{_head(path).name} when the authors of what is missing know.",
    )


def _backwards(path: Path, entries: list[Entry]) -> list[str]:
    """Entries that are dated before the one that they follow."""
    return [
        f"{path.name}: entry {later.seq} is dated {later.at}, before entry {earlier.seq} ({earlier.at}), which it follows; a clock was wrong."
        for earlier, later in itertools.pairwise(entries)
        if later.at < earlier.at
    ]


def record(
    path: Path,
    question: Question,
    answer: str,
    *,
    because: str,
    by: str,
    role: str,
    at: str | None = None,
    supersedes: int = 0,
) -> Entry:
    """Append the answer to a question, bound to the facts that the question shows.

    `at` is the time in ISO 8601 (now, in UTC, when not given). `supersedes`: the number of somebody else's answer on the same facts
    that this one knowingly puts aside. Raises LedgerError when the answer is not one of the question's, when rationale or name is
    missing, when somebody else answered otherwise, or when the ledger is damaged (nothing is appended to a broken chain).
    """
    return append(path, [_answer(question, answer, because, by, role, at, supersedes)])[0]


def record_all(path: Path, answers: Iterable[tuple[Question, str, str, str, str, str | None]]) -> list[Entry]:
    """Append several answers (question, answer, because, by, role, at) at once, in their order; all or none."""
    return append(path, [_answer(*each) for each in answers])


def _answer(
    question: Question, answer: str, because: str, by: str, role: str, at: str | None, supersedes: int = 0
) -> Draft:
    if answer.strip() and question.answers and answer not in question.answers:
        allowed = ", ".join(question.answers)
        raise LedgerError(f"`{answer}` is not an answer to {question.key}; use one of: {allowed}.")
    return Draft(
        *(ANSWER, question.id, question.subject, answer, because, by, role, question.facts_digest),
        supersedes=supersedes,
        at=at,
    )


def append(path: Path, drafts: Iterable[Draft]) -> list[Entry]:
    """Append entries at once, in their order; all or none. Raises LedgerError as `record` does."""
    with FileLock(path.with_name(".judgements.lock")):
        ledger = read(path)
        if ledger.problems:
            raise LedgerError(f"{ledger.problems[0]} {RESTORE}")
        entries = list(ledger.entries)
        known = dict(ledger._latest)
        for draft in drafts:
            _require(draft, known)
            told = {field.name: getattr(draft, field.name) for field in dataclasses.fields(draft)}
            told |= {"seq": len(entries) + 1, "previous": entries[-1].hash if entries else START}
            entry = Entry(**told | {"at": draft.at or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}).sealed()
            entries.append(entry)
            known[entry.key] = entry
        made = entries[len(ledger.entries) :]
        _write(path, ledger.whole, made)
    return made


def _require(draft: Draft, known: dict[tuple[str, str, str], Entry]) -> None:
    """Refuse an entry that cannot stand."""
    what = f"{draft.question}/{draft.subject}".strip("/")
    if draft.kind not in KINDS:
        raise LedgerError(f"The ledger has no entries of the kind `{draft.kind}`; choose among {', '.join(KINDS)}.")
    for value, name in (
        (draft.because, "its words" if draft.kind in _WORDS else "a rationale (--because)"),
        (draft.by, "a person (--by)"),
        (draft.answer, "an answer"),
    ):
        if not value.strip():
            raise LedgerError(f"The {draft.kind.replace('_', '-')} on {what} needs {name}.")
    before = known.get((draft.kind, draft.question, draft.subject))
    if draft.supersedes and (before is None or draft.supersedes != before.seq):
        there = f"entry {before.seq} is" if before else "there is none"
        raise LedgerError(f"Entry {draft.supersedes} is not the {draft.kind} in force on {what}; {there}.")
    if (
        before is not None
        and draft.kind in _JUDGED
        and before.facts_digest == draft.facts_digest
        and not same_name(before.by, draft.by)
        and _decided(before) != _decided(draft)
        and draft.supersedes != before.seq
    ):
        raise LedgerError(
            f"{before.by} judged {what} otherwise on the same facts: `{before.answer}` (entry {before.seq}, {before.at}: {before.because}). "
            f"Speak with each other; to put that aside, name it (--supersedes {before.seq}; in a form by its tick box)."
        )


def _decided(judged: Entry | Draft) -> bytes:
    """What was decided, to tell whether two entries decide the same."""
    return canonical((judged.answer, judged.details if judged.kind in _IN_DETAILS else {}))


def _write(path: Path, whole: int, entries: Iterable[Entry]) -> None:
    """Write lines after what is whole of the file, and put aside what is not."""
    entries = list(entries)
    lines = b"".join(canonical(entry) + b"\n" for entry in entries)
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.seek(0, os.SEEK_END)
        if file.tell() > whole:
            file.seek(whole)
            with _torn(path).open("ab") as aside:
                aside.write(file.read() + b"\n")
            file.truncate(whole)
        if whole:
            file.seek(whole - 1)
            lines = lines if file.read(1) == b"\n" else b"\n" + lines
        file.seek(whole)
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    if entries:  # after the ledger: who is killed between has an entry more than this says, which is no loss
        files.write_text(_head(path), f"{entries[-1].seq} {entries[-1].hash}\n")


def _torn(path: Path) -> Path:
    """Where torn lines are put aside."""
    return path.with_name(f"{path.stem}.torn")
