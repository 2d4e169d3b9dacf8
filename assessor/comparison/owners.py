"""Owners of two sides: entities known again by identifier or by name and kind, and the interests between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from assessor.comparison.changes import place
from assessor.comparison.parts import plain
from assessor.comparison.records import Pair, Record, paired, rows
from assessor.comparison.sides import Side
from assessor.ownership.identifiers import identifiers

ENTITY = (
    *("name", "names", "kind", "incorporated", "headquarters", "principal_place", "residence", "citizenship"),
    *("us_status", "lei", "registration", "details"),
)
INTEREST = ("kind", "min", "max", "min_open", "max_open", "direct", "details", "start", "end")


@dataclass(frozen=True)
class Owners:
    """Entities and interests matched, and names that several bear. `holds` leads from a holder to those in which it holds, over both
    sides, by identity."""

    entities: list[Pair]
    interests: list[Pair]
    doubtful: list[tuple[str, int, int]]
    holds: Mapping[str, frozenset[str]]

    def reached(self, start: str) -> frozenset[str]:
        """Everybody in whom somebody holds an interest, directly or through others, and itself."""
        found, waiting = {start}, [start]
        while waiting:
            for subject in self.holds.get(waiting.pop(), frozenset()) - found:
                found.add(subject)
                waiting.append(subject)
        return frozenset(found)


def match(prior: Side, current: Side, known_as: Mapping[str, str]) -> Owners:
    """Entities and interests of both sides; `known_as` as in `firms.Firms`."""
    told = [_entities(side, known_as if side is current else {}) for side in (prior, current)]
    entities, doubtful = paired(told[0][0], told[1][0])
    canon: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for number, pair in enumerate(entities):
        first = pair.before or pair.told
        # the name keeps identities readable, the number apart where several bear one
        name = known_as.get(plain(first.subject), plain(first.subject))
        for side, record in enumerate((pair.before, pair.after)):
            if record is not None:
                canon[side].update(dict.fromkeys(record.more["ids"], name or f"entity {number}"))
    sides = [_interests(side, canon[number], told[number][1]) for number, side in enumerate((prior, current))]
    interests, more = paired(*sides)
    holds: dict[str, set[str]] = {}
    for record in (*sides[0], *sides[1]):
        holds.setdefault(str(record.more["from"]), set()).add(str(record.more["to"]))
    return Owners(
        entities, interests, sorted([*doubtful, *more]), {key: frozenset(value) for key, value in holds.items()}
    )


def _entities(side: Side, known_as: Mapping[str, str]) -> tuple[list[Record], dict[str, str]]:
    """The entities of a side, those of several sources that are one by identifier or by name, kind and home as one; and names by id."""
    found: list[Record] = []
    names: dict[str, str] = {}
    heads: dict[Hashable, int] = {}
    grouped: dict[int, list[int]] = {}
    for row in rows(side.table("entities"), ("entity", *ENTITY)):
        name = row["name"] or "entity without a name"
        names.setdefault(str(row["entity"]), name)
        home = (row["incorporated"] or "").partition(";")[0] or None
        proven, _ = identifiers(row["lei"], row["registration"], home)
        spelled = known_as.get(plain(name), plain(name))
        keys: tuple[Hashable | None, ...] = (
            next((number for number in proven if number.proves), None),
            (row["kind"], spelled, row["incorporated"], row["citizenship"], row["residence"]),
            (row["kind"], spelled) if row["kind"] != "person" else None,  # a name alone identifies no person
        )
        fields = {column.replace("_", " "): row[column] for column in ENTITY}
        places = (place(row["source"], row["locator"], side.items),)
        number, own = len(found), [key for key in keys[:2] if key is not None]
        head = next((heads[key] for key in own if key in heads), number)
        for key in own:
            heads.setdefault(key, head)
        grouped.setdefault(head, []).append(number)
        found.append(Record(name, keys, fields, places, {"ids": [str(row["entity"])]}))
    return [_one([found[number] for number in listed]) for listed in grouped.values()], names


def _one(records: list[Record]) -> Record:
    """Records of one entity as one, each field with all that they state."""
    if len(records) == 1:
        return records[0]
    records = sorted(records, key=lambda record: record.said)
    fields = {
        name: "; ".join(sorted({value for record in records if (value := record.fields[name])})) or None
        for name in records[0].fields
    }
    keys = tuple(
        next((record.keys[n] for record in records if record.keys[n] is not None), None)
        for n in range(len(records[0].keys))
    )
    places = tuple(sorted({p for record in records for p in record.places}, key=lambda p: (p.item, p.locator)))
    return Record(
        records[0].subject, keys, fields, places, {"ids": [id for record in records for id in record.more["ids"]]}
    )


def _interests(side: Side, canon: Mapping[str, str], names: Mapping[str, str]) -> list[Record]:
    """The interests of a side between identities; a holder that the source does not know is named as such."""
    found = []
    for row in rows(side.table("interests"), ("interest", "holder", "subject", *INTEREST)):
        ends = [str(row[end]) if row[end] else "" for end in ("holder", "subject")]
        one, other = (canon.get(end, plain(end)) if end else "unknown" for end in ends)
        shown = [names.get(end, end) or "holder that the source does not know" for end in ends]
        keys: tuple[Hashable | None, ...] = (
            (one, other, row["kind"], row["start"], row["direct"]),
            (one, other, row["kind"], row["direct"]),
        )
        fields = {column.replace("_", " "): row[column] for column in INTEREST}
        more = {"from": one, "to": other}
        found.append(
            Record(f"{shown[0]} → {shown[1]}", keys, fields, (place(row["source"], row["locator"], side.items),), more)
        )
    return found
