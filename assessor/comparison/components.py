"""Changes of components, each with what it may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from assessor.comparison import parts, source
from assessor.comparison.changes import Change, Evidence, Field, place, stated
from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.comparison.parts import FIRMS, Matched, plain
from assessor.comparison.sides import BILL, Side
from assessor.comparison.source import Part, Proposal
from assessor.results import ProcedureResult, Scope

Rows = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
"""The row of a component before and after."""
UNNAMED = "component without a name"
FLAT = ("version", "supplier", "manufacturer", "author", "license", "country", "address_country", "part_number", "purl")
"""Columns of a component that the document of two bills of materials tells of both sides, whether they differ or not."""
_TOLD = (
    *("version", "supplier", "manufacturer", "author", "license", "country", "address_country"),
    *("part_number", "purl", "cpe", "fcc_id", "item", "type"),
)
"""What is told of a component that stands on one side alone."""


def matched(prior: Side, current: Side, known_as: Mapping[str, str]) -> Matched:
    """The components of both sides matched; of bills of materials without what they are bills of."""
    sides = [side.table("components") for side in (prior, current)]
    if bills := BILL in (prior.kind, current.kind):
        sides = [table.filter(pc.fill_null(pc.not_equal(table["level"], 0), True)) for table in sides]
    return parts.match(sides[0], sides[1], items=not bills, known_as=known_as)


def changes(prior: Side, current: Side, found: Matched, known_as: Mapping[str, str]) -> Iterator[tuple[Change, Rows]]:
    """A change of each component that was added, is gone or differs, with its row on each side."""
    rows = _rows(found.before), _rows(found.after)
    read = _Reader(prior, current, known_as)
    for (one, other), columns, by in zip(found.pairs, found.changed, found.by, strict=True):
        yield read.change(rows[0][one], rows[1][other], columns, by), (rows[0][one], rows[1][other])
    for number in found.gone:
        yield read.change(rows[0][number], None), (rows[0][number], None)
    for number in found.added:
        yield read.change(None, rows[1][number]), (None, rows[1][number])


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """As `to_pylist`, in half its time."""
    names = table.column_names
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True)
    ]


_Looked = tuple[tuple[Any, ...], str]
"""What `source` looks at of a row, and its scope."""
_LOOKED = (*FIRMS, "country", "address_country", "fcc_id", "item", "medium", "license_class")
_looked_at = itemgetter(*_LOOKED)


class _Reader:
    """Rows of both sides as `source` looks at them."""

    def __init__(self, prior: Side, current: Side, known_as: Mapping[str, str]) -> None:
        self.sides = (prior, current)
        self.by_item = BILL not in (prior.kind, current.kind)
        plainly = cache(plain)
        self.spelled = (plainly, cache(lambda text: known_as.get(plainly(text), plainly(text))))
        self.scopes = (_scopes(prior.results), _scopes(current.results))
        self.firms = tuple(self._firms(side) for side in (0, 1))
        self.propose = cache(self._propose)

    def change(
        self,
        one: Mapping[str, Any] | None,
        other: Mapping[str, Any] | None,
        columns: tuple[str, ...] = (),
        by: str = "",
    ) -> Change:
        """The change between two rows, of which one may be missing."""
        before = None if one is None else (_looked_at(one), self._scope(one, 0))
        after = None if other is None else (_looked_at(other), self._scope(other, 1))
        told = self.propose(before, after, columns)
        row = cast(Mapping[str, Any], other if other is not None else one)
        what = CHANGED if one and other else GONE if one else ADDED
        if one and other:
            fields = tuple(Field(name, one[name], other[name]) for name in columns)
            if before and after and before[1] != after[1]:
                fields = (*fields, Field("scope", before[1] or None, after[1] or None))
        else:
            fields = stated({name: row[name] for name in _TOLD}, what)
        places = [
            () if each is None else (place(each["source"], each["locator"], self.sides[side].items),)
            for side, each in enumerate((one, other))
        ]
        return Change(
            "component",
            what,
            row["name"] or UNNAMED,
            fields,
            told.classification,
            told.clause,
            told.reason,
            Evidence(*places),
            by,
        )

    def _propose(self, one: _Looked | None, other: _Looked | None, columns: tuple[str, ...]) -> Proposal:
        """What is proposed of a change; worked out once for all that say the same."""
        before, after = (None if key is None else self._part(*key, side) for side, key in enumerate((one, other)))
        return source.component(before, after, columns, self.firms)

    def _scope(self, row: Mapping[str, Any], side: int) -> str:
        scope = self.scopes[side]
        return "" if scope is None else scope.get(f"{row['source']} {row['locator'] or ''}".strip(), str(Scope.OUT))

    def _part(self, values: tuple[Any, ...], scope: str, side: int) -> Part:
        row = dict(zip(_LOOKED, values, strict=True))
        spelled = self.spelled[side]
        told = {name: spelled(row[name]) if row[name] else "" for name in FIRMS}
        told |= {name: row[name] or "" for name in ("country", "address_country")}
        told["fcc_id"] = "".join(filter(str.isalnum, (row["fcc_id"] or "").casefold()))
        return Part(
            told,
            plain(row["item"] or "") if self.by_item else "",
            row["medium"] != "hardware",
            row["license_class"] == "open_source",
            scope,
        )

    def _firms(self, side: int) -> frozenset[tuple[str, str]]:
        """Item and firm of every component of a side."""
        table: pa.Table = self.sides[side].table("components")
        names = ["item", *FIRMS] if self.by_item else [*FIRMS]
        distinct = table.select(names).group_by(names).aggregate([]).to_pylist()
        return frozenset(
            (plain(row.get("item") or ""), self.spelled[side](row[name]))
            for row in distinct
            for name in FIRMS
            if row[name]
        )


def _scopes(results: Iterable[ProcedureResult]) -> dict[str, str] | None:
    """By place what the scope of a component was found to be, where it is in scope or undetermined; None where nobody looked."""
    for result in results:
        if result.procedure == "s301_scope":
            return {str(row["evidence"]): str(row["scope"]) for row in result.tables.get("relevant", [])}
    return None
