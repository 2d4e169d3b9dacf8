"""Files of ownership evidence read and put together without an engagement: tables, and the graph over them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.compute as pc

from assessor.bom.listing import Found, found
from assessor.errors import EvidenceError
from assessor.evidence import readers, tables
from assessor.evidence.readers.base import Problem
from assessor.evidence.readers.dispatch import UNKNOWN
from assessor.ownership import OwnershipGraph, Party, Verdict, directory, exact
from assessor.ownership.names import propose
from assessor.ownership.persons import EXCLUDED
from assessor.rule.reader import Rule

PERSONS = "persons of the PRC or Russia"
EXPLAINED = 20_000
"""Entities up to which each is explained when all are asked for."""
LISTED = 100_000
"""Entities up to which near names are looked for."""
TABLES = ("entities", "interests")


@dataclass(frozen=True)
class File:
    """A file and what became of it. `kind` is the register's (`ownership.bods` …); `entities` and `interests` count rows."""

    path: str
    kind: str
    status: str
    reason: str
    entities: int
    interests: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Owners:
    """The files, their rows as tables whose `source` is the file's path, and the graph of them."""

    as_of: date
    files: tuple[File, ...]
    entities: pa.Table
    interests: pa.Table
    graph: OwnershipGraph


def read(
    paths: Sequence[Path],
    rule: Rule,
    *,
    as_of: date,
    dominant_minority: Fraction,
    aggregate: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Owners:
    """Who owns and controls whom by these files and folders, as of a day. Raises EvidenceError where nothing can be read."""
    listed, _ = found(paths)
    files: list[File] = []
    rows: dict[str, list[Any]] = {name: [] for name in TABLES}
    for number, each in enumerate(listed):
        if progress:
            progress(number, len(listed))
        kind, reading = _read(each, rule)
        told = {name: reading.tables.get(name, []) for name in TABLES}
        for name in TABLES:
            rows[name] += told[name]
        files.append(
            File(
                str(each.path),
                kind,
                reading.status,
                reading.reason,
                _count(told["entities"]),
                _count(told["interests"]),
                tuple(reading.problems),
                tuple(reading.notes),
            )
        )
    if not any(each.entities or each.interests for each in files):
        why = "; ".join(f"{each.path}: {each.reason or 'it holds no ownership evidence'}" for each in files[:3])
        raise EvidenceError(f"No ownership evidence can be read ({why}); give registers, statements or cap tables.")
    entities, interests = (tables.arrow(name, rows.pop(name)) for name in TABLES)
    graph = OwnershipGraph(
        entities,
        interests,
        adversaries=rule.countries("prc_russia", as_of),
        as_of=as_of,
        dominant_minority=dominant_minority,
        aggregate=aggregate,
        persons=PERSONS,
        country_name=rule.country_name,
    )
    return Owners(as_of, tuple(files), entities, interests, graph)


def subject(owners: Owners, sought: str) -> str:
    """The id of the entity that is meant: by its id, LEI or registration number, or by its name if that is one entity's alone.

    Raises EvidenceError where it is none, with the nearest names.
    """
    if sought in owners.graph:
        return sought
    described = owners.entities
    for name in ("lei", "registration", "name"):
        hits = described.filter(pc.fill_null(pc.equal(pc.utf8_lower(described[name]), sought.strip().lower()), False))
        ids = sorted({str(row) for row in hits["entity"].to_pylist() if row})
        if len({owners.graph.id(each) for each in ids}) == 1:
            return ids[0]
        if ids:
            raise EvidenceError(
                f"{sought!r} is the {name} of several entities: {', '.join(ids[:5])}; give the id of one."
            )
    near = _near(described, sought)
    told = f"; the nearest names are {near}" if near else ""
    raise EvidenceError(f"No entity {sought!r} stands in these files{told}. Give an id; --all lists them.")


def _near(described: pa.Table, sought: str) -> str:
    if len(described) > LISTED:
        return ""
    rows = described.select(("entity", "name")).to_pylist()
    parties = [Party(str(row["entity"]), str(row["name"])) for row in rows if row["entity"] and row["name"]]
    return ", ".join(f"{one.name} ({one.key})" for one in propose(directory(parties), sought)[:3])


def _read(each: Found, rule: Rule) -> tuple[str, readers.Reading]:
    if each.reason:
        return UNKNOWN, readers.Reading(status="unreadable", reason=each.reason)
    kind, reason = readers.examine(each.path)
    if kind == UNKNOWN:
        return kind, readers.Reading(status="unreadable", reason=reason)
    if not kind.startswith("ownership."):
        return kind, readers.Reading(status="unreadable", reason=f"it is no ownership evidence but {kind}")
    return kind, readers.read_item(kind, each.path, str(each.path), rule)


def _count(rows: Iterable[Any]) -> int:
    return sum(len(each) if isinstance(each, pa.Table) else 1 for each in rows)


def attention(owners: Owners, subjects: Sequence[str] | None) -> bool:
    """Whether a file was not read in full, something does not add up, or somebody asked about is not excluded."""
    if owners.graph.problems or any(each.status != "read" for each in owners.files):
        return True
    if subjects is None:
        return bool((owners.graph.answers()["prc_russia"] != EXCLUDED).any())
    return any(owners.graph.verdict(each).prc_russia != EXCLUDED for each in subjects)


def problems(owners: Owners) -> list[dict[str, str]]:
    """What could not be read, and what does not add up, each with its place."""
    found = [
        {"place": f"{each.path} {problem.place}".strip(), "message": problem.message}
        for each in owners.files
        for problem in each.problems
    ]
    found += [
        {"place": each.path, "message": each.reason} for each in owners.files if each.reason and not each.problems
    ]
    return found + [{"place": "", "message": message} for message in owners.graph.problems]


def write_json(owners: Owners, subjects: Sequence[str] | None, out: TextIO) -> None:
    """The answer as one JSON document: as_of, files, entities, problems. Of graphs of more than `EXPLAINED` entities, where no
    subject was asked for, an entity has only its answer and the votes held, and `explained` is false."""
    files = [
        {
            "path": each.path,
            "kind": each.kind,
            "status": each.status,
            "reason": each.reason,
            "entities": each.entities,
            "interests": each.interests,
            "notes": list(each.notes),
        }
        for each in owners.files
    ]
    out.write(f'{{"as_of": "{owners.as_of}",\n"files": {_json(files)},\n"entities": [')
    for number, told in enumerate(_entries(owners, subjects)):
        out.write(("," if number else "") + "\n" + _json(told))
    out.write(f'\n],\n"problems": {_json(problems(owners))}}}\n')


def _entries(owners: Owners, subjects: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    graph = owners.graph
    if subjects is not None or len(graph) <= EXPLAINED:
        yield from (entry(graph.verdict(each)) for each in (subjects if subjects is not None else graph.ids()))
        return
    for row in graph.answers().itertuples(index=False):
        share = {"min": row.controlled_min, "max": row.controlled_max}
        yield {"id": row.entity, "prc_russia": row.prc_russia, "controlled_share": share, "explained": False}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def entry(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the element of `entities` of the JSON answer; shares are exact text."""
    return {
        "id": verdict.entity,
        "name": verdict.name,
        "prc_russia": verdict.prc_russia,
        "limbs": dict(verdict.limbs),
        "reason": verdict.reason,
        "limits": list(verdict.limits),
        "foreign": verdict.foreign,
        "foreign_interest": [
            {
                "holder": each.holder,
                "name": each.holder_name,
                "country": each.holder_country,
                "kind": each.kind,
                "min": _share(each.min),
                "max": _share(each.max),
                "via": list(each.via),
                "since": each.start,
                "held_in": each.held_in,
                "certain": each.certain,
                "declared_only": each.declared_only,
                "source": each.source,
                "locator": each.locator,
            }
            for each in verdict.foreign_interests
        ],
        "controlled_share": _ends(verdict.controlled_share),
        "look_through_share": _ends(verdict.look_through_share),
        "chain": [step.as_row() for step in verdict.chain],
        "questions": [
            {"id": question, "subject": subject, "facts": facts} for question, subject, facts in verdict.questions
        ],
        "settled_by": [each.as_row() for each in verdict.settled_by],
        "settles": verdict.settles,
        "reading": {name: reading.as_row() for name, reading in verdict.reading.items()},
    }


def _share(value: Fraction | None) -> str | None:
    return None if value is None else exact(value)


def _ends(share: tuple[Fraction, Fraction]) -> dict[str, str]:
    return {"min": exact(share[0]), "max": exact(share[1])}
