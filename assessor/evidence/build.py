"""All tables from all evidence: each item of the register recognised, read, and noted in the register."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from assessor.evidence import readers, tables
from assessor.evidence import register as registers
from assessor.evidence.readers import documents
from assessor.evidence.readers.base import Countries
from assessor.evidence.readers.dispatch import UNKNOWN
from assessor.evidence.register import AT_INTAKE, INTAKE_KINDS, RegisterRow
from assessor.judgements import Ledger


class Built(NamedTuple):
    """Tables by name (all of `tables.SCHEMAS`), the register with kind, status and reason, and the problems met
    (source, place, message)."""

    tables: dict[str, pd.DataFrame]
    register: pd.DataFrame
    problems: pd.DataFrame


class ByHand(NamedTuple):
    """What a person read from a page that is a picture: item and digest of its file, page, text, who, when."""

    item: str
    sha256: str
    page: int
    text: str
    by: str
    at: str


def by_hand(ledger: Ledger) -> list[ByHand]:
    """The reading records that are in force, by item and page."""
    found = [
        ByHand(e.question, e.facts_digest, int(e.subject.removeprefix("page ")), str(e.details["text"]), e.by, e.at)
        for e in ledger.in_force("reading")
    ]
    return sorted(found, key=lambda each: (each.item, each.page))


def build_tables(root: Path, register: pd.DataFrame, rule: Countries, readings: Iterable[ByHand] = ()) -> Built:
    """Read every item of the engagement at `root`; rows stand in the order of the register, then of the item.

    `readings` are what people read from pages without text; one counts for the very file that it was read from.

    Duplicates, missing files and what intake could not store stay as they are. An item that a reader cannot deal with is
    unreadable and stops no other.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.SCHEMAS}
    problems: list[dict[str, str]] = []
    listed = []
    told: dict[tuple[str, str], list[ByHand]] = {}
    for each in readings:
        told.setdefault((each.item, each.sha256), []).append(each)
    for item in registers.rows(register):
        if item.status in ("duplicate", "missing") or item.sha256 is None:
            listed.append(item)
            continue
        noted, reading = _read(registers.file_of(root, item), item, rule, told.get((item.id, item.sha256), []))
        listed.append(noted)
        problems += [
            {"source": item.id, "place": problem.place, "message": problem.message} for problem in reading.problems
        ]
        for name, found in reading.tables.items():
            rows[name] += found
        rows["pages"] += (
            documents.page_tops(registers.file_of(root, item), item.id) if noted.status != "missing" else []
        )
    return Built(
        {name: tables.table(name, found) for name, found in rows.items()},
        registers.frame(listed),
        tables.frame(
            pa.table(
                {
                    name: pa.array([problem[name] for problem in problems], pa.string())
                    for name in ("source", "place", "message")
                }
            )
        ),
    )


def _read(
    path: Path, item: RegisterRow, rule: Countries, told: Sequence[ByHand]
) -> tuple[RegisterRow, readers.Reading]:
    if not path.is_file():
        reading = readers.Reading(status="missing", reason=f"the file is not in the bag {item.delivery} any more")
        return _noted(item, item.kind or UNKNOWN, reading), reading
    kind, reason = readers.examine(path)
    if kind == UNKNOWN and item.kind in INTAKE_KINDS and item.status in ("read", "partly_read", "unreadable"):
        return item, readers.Reading(status=item.status)  # its members are items; what of it cannot be read is told
    if kind == UNKNOWN:
        reading = readers.Reading(status="unreadable", reason=reason)
    else:
        reading = _with_hand(_fitting(readers.read_item(kind, path, item.id, rule), kind), told, item.id)
    return _noted(item, kind, reading), reading


def _fitting(reading: readers.Reading, kind: str) -> readers.Reading:
    """The reading when its rows fit the tables; a reader whose rows do not is at fault, and its item is unreadable."""
    try:
        for name, found in reading.tables.items():
            tables.table(name, found)
    except (KeyError, pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        return readers.Reading(status="unreadable", reason=f"the reader for {kind} gave rows that do not fit: {error}")
    return reading


def _with_hand(reading: readers.Reading, told: Sequence[ByHand], item: str) -> readers.Reading:
    """The reading with what people read from its pictures; an item all of whose pictures were read is read."""
    told = [each for each in told if each.page in reading.unseen]
    if not told:
        return reading
    rest = [page for page in reading.unseen if page not in {each.page for each in told}]
    for table, rows in documents.by_hand([(f"page {each.page}", each.text, each.by) for each in told], item).items():
        for row in rows:
            reading.add(table, row)
    reading.problems = [problem for problem in reading.problems if problem.message != reading.reason]
    who = ", ".join(dict.fromkeys(f"{each.by}, {each.at[:10]}" for each in told))
    done = f"{documents.numbered_pages(each.page for each in told)} read by hand ({who})"
    reading.reason = f"{done}; {documents.told_unseen(rest)}" if rest else done
    if rest or reading.problems:
        reading.status = "partly_read"
    else:
        reading.status = "read"
    return reading


def _noted(item: RegisterRow, kind: str, reading: readers.Reading) -> RegisterRow:
    kept = [part for part in (item.reason or "").split(" | ") if part.startswith(AT_INTAKE)]
    count = len(reading.problems)
    told = [reading.reason] if reading.reason else []
    if count and reading.status == "partly_read":
        told.append("1 problem" if count == 1 else f"{count} problems")
    notes = list(dict.fromkeys(reading.notes))
    told += notes[:4] + ([f"{len(notes) - 4} more notes"] if len(notes) > 4 else [])
    return dataclasses.replace(
        item,
        kind=kind,
        status=reading.status,
        reason=" | ".join([*kept, *told]) or None,
        effective_from=reading.effective_from or item.effective_from,
        effective_to=reading.effective_to or item.effective_to,
    )
