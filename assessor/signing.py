"""Workpapers signed by who prepared and who reviewed them, and the notes of a review (ledger kinds sign_off, note, clearance).

A signature binds to the digest of the executed notebook: a workpaper that changed since shows as unsigned. Who reviews is not who
prepared. A note stays open until somebody says how it was cleared, and an open note stands against issuing the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assessor import files, judgements
from assessor.engagement import Engagement
from assessor.errors import LedgerError
from assessor.judgements import Draft, Entry, Ledger
from assessor.text import same_name

PREPARED, REVIEWED = "prepared", "reviewed"
AS = (PREPARED, REVIEWED)
"""In which of two ways a workpaper is signed."""
REPORT = "report"
"""The place of a review note on the report as a whole."""


@dataclass(frozen=True)
class Standing:
    """A workpaper: its name, its digest, the signatures on it (None where nobody signed, or not as it is now), earlier signatures that
    a change has undone, its open notes, and everybody who has signed it as prepared, as it is now."""

    name: str
    digest: str
    prepared: Entry | None
    reviewed: Entry | None
    undone: tuple[Entry, ...]
    notes: tuple[Entry, ...]
    preparers: tuple[str, ...] = ()


def executed(engagement: Engagement) -> list[Path]:
    """The executed workpapers, in reading order."""
    return sorted(p for p in engagement.workpapers.glob("[0-9]*.ipynb") if not p.stem.endswith(".failed"))


def standings(engagement: Engagement, ledger: Ledger) -> list[Standing]:
    """How each executed workpaper stands."""
    return [standing(path, ledger) for path in executed(engagement)]


def standing(path: Path, ledger: Ledger) -> Standing:
    """How one executed workpaper stands."""
    digest = files.sha256(path)
    signed = {way: [e for e in ledger.of("sign_off") if (e.question, e.subject) == (way, path.stem)] for way in AS}
    now = {way: [entry for entry in entries if entry.facts_digest == digest] for way, entries in signed.items()}
    undone = tuple(entries[-1] for way, entries in signed.items() if entries and not now[way])
    notes = tuple(note for note in open_notes(ledger) if note.subject == path.stem)
    prepared, reviewed = ([None, *now[way]][-1] for way in AS)
    return Standing(path.stem, digest, prepared, reviewed, undone, notes, tuple(e.by for e in now[PREPARED]))


def words(standing: Standing) -> list[str]:
    """The signatures and open notes of a workpaper, a sentence each."""
    told = []
    for way, entry in ((PREPARED, standing.prepared), (REVIEWED, standing.reviewed)):
        if entry is None:
            told.append(f"Not signed as {way} as it is now.")
        else:
            told.append(
                f"Signed as {way} by {entry.by} ({entry.role}) on {entry.at[:10]}; entry {entry.seq} of the ledger."
            )
    told += [
        f"It changed after {entry.by} signed it as {entry.question} on {entry.at[:10]}." for entry in standing.undone
    ]
    told += [f"Open note of {note.by}, {note.at[:10]} (entry {note.seq}): {note.because}" for note in standing.notes]
    return [*told, f"SHA-256 of the executed notebook: {standing.digest}"]


def same_person(standing: Standing) -> bool:
    """Whether who reviewed a workpaper has prepared it."""
    reviewed = standing.reviewed
    return reviewed is not None and any(same_name(each, reviewed.by) for each in standing.preparers)


def sign(engagement: Engagement, name: str, way: str, *, by: str, role: str, because: str = "") -> Entry:
    """Sign a workpaper as it is now, as prepared or as reviewed. Raises LedgerError when there is no such workpaper, when it is reviewed
    before it was prepared, with notes that are open, or when the same person would have prepared and reviewed it."""
    if way not in AS:
        raise LedgerError(f"A workpaper is signed as one of: {', '.join(AS)}.")
    ledger = judgements.read(engagement.ledger)
    paper = {each.name: each for each in standings(engagement, ledger)}.get(name)
    if paper is None:
        there = ", ".join(path.stem for path in executed(engagement)) or "none yet"
        raise LedgerError(f"There is no executed workpaper `{name}`; there are: {there}.")
    if way == PREPARED and paper.reviewed is not None and same_name(paper.reviewed.by, by):
        raise LedgerError(f"{by} reviewed {name}; somebody else prepares it.")
    if way == REVIEWED:
        if paper.prepared is None:
            raise LedgerError(f"Nobody has signed {name} as prepared, as it is now; its preparer signs first.")
        if any(same_name(each, by) for each in paper.preparers):
            raise LedgerError(f"{by} prepared {name}; somebody else reviews it.")
        if paper.notes:
            numbers = ", ".join(str(note.seq) for note in paper.notes)
            raise LedgerError(
                f"Notes on {name} are open (entries {numbers}); clear them before it is signed as reviewed."
            )
    words = because or f"Signed as {way}."
    return judgements.append(
        engagement.ledger, [Draft("sign_off", way, name, "signed", words, by, role, paper.digest)]
    )[0]


def note(engagement: Engagement, place: str, text: str, *, places: Iterable[str], by: str, role: str) -> Entry:
    """Record a review note on a place: a workpaper, a finding (its key), a question (its key), an item of evidence, or the report.

    `places`: those that there are. Raises LedgerError for another.
    """
    known = [*(path.stem for path in executed(engagement)), *places, REPORT]
    if place not in known:
        close = [each for each in known if place.casefold() in each.casefold()][:5]
        hint = f"did you mean {' or '.join(close)}" if close else f"name one of {', '.join(known[:12])}"
        raise LedgerError(f"There is no `{place}` to note something on; {hint}?")
    return judgements.append(engagement.ledger, [Draft("note", "review_note", place, "open", text, by, role)])[0]


def clear(engagement: Engagement, number: int, how: str, *, by: str, role: str) -> Entry:
    """Say how a note was cleared. Raises LedgerError when there is no open note of that number."""
    ledger = judgements.read(engagement.ledger)
    notes = {entry.seq: entry for entry in open_notes(ledger)}
    if number not in notes:
        there = ", ".join(map(str, notes)) or "none"
        raise LedgerError(f"There is no open note {number}; open are: {there}.")
    return judgements.append(
        engagement.ledger, [Draft("clearance", "review_note", str(number), "cleared", how, by, role)]
    )[0]


def open_notes(ledger: Ledger) -> list[Entry]:
    """The notes that nobody has cleared, oldest first."""
    cleared = {entry.subject for entry in ledger.of("clearance")}
    return [entry for entry in ledger.of("note") if str(entry.seq) not in cleared]
