"""Rows of facts taken for each other by what they say: suppliers, owners, policies, authorizations, declarations."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa

from assessor.comparison.changes import Evidence, Field, Place, differing, place, stated
from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.evidence.register import RegisterRow


@dataclass(frozen=True)
class Record:
    """One thing on one side. `keys` are what it is known again by, surest first, None where it has none; `more` is not compared."""

    subject: str
    keys: tuple[Hashable | None, ...]
    fields: Mapping[str, str | None]
    places: tuple[Place, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> tuple[Any, ...]:
        """What it says, to be put in an order that does not depend on its row."""
        return (self.subject, tuple((name, value or "") for name, value in self.fields.items()))


@dataclass(frozen=True)
class Pair:
    """A record of each side that are one thing, or one of them; `by` is the number of the key that says so."""

    before: Record | None
    after: Record | None
    by: int = -1

    @property
    def what(self) -> str:
        """Whether it is added, gone or on both sides."""
        return CHANGED if self.before and self.after else GONE if self.before else ADDED

    @property
    def told(self) -> Record:
        """The record that names it: that of the current side where there is one."""
        return cast(Record, self.after or self.before)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What differs, or all that is stated where one side is missing."""
        if self.before and self.after:
            return differing(self.before.fields, self.after.fields)
        return stated(self.told.fields, self.what)

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell."""
        return not (self.before and self.after) or bool(self.fields)

    @property
    def evidence(self) -> Evidence:
        """Where both sides say so."""
        return Evidence(self.before.places if self.before else (), self.after.places if self.after else ())


def paired(before: Iterable[Record], after: Iterable[Record]) -> tuple[list[Pair], list[tuple[str, int, int]]]:
    """All records, those of one key taken for each other, and the names that several on a side bear.

    Of several that bear one key, those that say the same are taken for each other first, then the others in the order of what they say.
    """
    left, right = sorted(before, key=lambda r: r.said), sorted(after, key=lambda r: r.said)
    pairs: list[Pair] = []
    doubtful: list[tuple[str, int, int]] = []
    for number in range(max((len(r.keys) for r in (*left, *right)), default=0)):
        groups: dict[Hashable, tuple[list[Record], list[Record]]] = {}
        for side, records in enumerate((left, right)):
            for record in records:
                if number < len(record.keys) and (key := record.keys[number]) is not None:
                    groups.setdefault(key, ([], []))[side].append(record)
        taken: set[int] = set()
        for one, other in groups.values():
            if not (one and other):
                continue
            found = _within(one, other, number)
            if len(found) < max(len(one), len(other)) or (len(found) > 1 and any(pair.fields for pair in found)):
                doubtful.append((one[0].subject, len(one), len(other)))
            for pair in found:
                taken |= {id(pair.before), id(pair.after)}
            pairs += found
        left = [record for record in left if id(record) not in taken]
        right = [record for record in right if id(record) not in taken]
    pairs += [Pair(record, None) for record in left] + [Pair(None, record) for record in right]
    return pairs, sorted(doubtful)


def _within(one: list[Record], other: list[Record], number: int) -> list[Pair]:
    """Pairs among the records of one key."""
    waiting: dict[Any, list[Record]] = {}
    for record in reversed(other):
        waiting.setdefault(_values(record), []).append(record)
    pairs, rest = [], []
    for record in one:
        if queue := waiting.get(_values(record)):
            pairs.append(Pair(record, queue.pop(), number))
        else:
            rest.append(record)
    left = sorted((record for queue in waiting.values() for record in queue), key=lambda r: r.said)
    return pairs + [Pair(a, b, number) for a, b in zip(rest, left, strict=False)]


def _values(record: Record) -> tuple[Any, ...]:
    return tuple(value or "" for value in record.fields.values())


def rows(table: pa.Table, columns: Sequence[str]) -> list[dict[str, str | None]]:
    """Rows of a table as texts, an empty one as None."""
    listed = table.select([*columns, "source", "locator"]).to_pylist()
    return [{name: _text(value) for name, value in row.items()} for row in listed]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split()) or None


def known(
    table: pa.Table,
    columns: Sequence[str],
    items: Mapping[str, RegisterRow],
    make: Callable[[dict[str, str | None]], tuple[str, tuple[Hashable | None, ...]]],
) -> list[Record]:
    """A record of each row: `make` gives its subject and keys, `columns` are compared."""
    found = []
    for row in rows(table, columns):
        subject, keys = make(row)
        fields = {name.replace("_", " "): row[name] for name in columns}
        found.append(Record(subject, keys, fields, (place(row["source"], row["locator"], items),), row))
    return found
