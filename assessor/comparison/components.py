"""Changes of components, each with what it may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from assessor.comparison import parts, source
from assessor.comparison.changes import Change, Evidence, Field, place, stated
from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.comparison.parts import FIRMS, Matched, plain
from assessor.comparison.sides import BILL, Side
from assessor.comparison.source import Part
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
    rows = found.before.to_pylist(), found.after.to_pylist()
    read = _Reader(prior, current, known_as)
    for (one, other), columns, by in zip(found.pairs, found.changed, found.by, strict=True):
        yield read.change(rows[0][one], rows[1][other], columns, by), (rows[0][one], rows[1][other])
    for number in found.gone:
        yield read.change(rows[0][number], None), (rows[0][number], None)
    for number in found.added:
        yield read.change(None, rows[1][number]), (None, rows[1][number])


class _Reader:
    """Rows of both sides as `source` looks at them."""

    def __init__(self, prior: Side, current: Side, known_as: Mapping[str, str]) -> None:
        self.sides = (prior, current)
        self.by_item = BILL not in (prior.kind, current.kind)
        plainly = cache(plain)
        self.spelled = (plainly, cache(lambda text: known_as.get(plainly(text), plainly(text))))
        self.scopes = (_scopes(prior.results), _scopes(current.results))
        self.firms = tuple(self._firms(side) for side in (0, 1))

    def change(
        self,
        one: Mapping[str, Any] | None,
        other: Mapping[str, Any] | None,
        columns: tuple[str, ...] = (),
        by: str = "",
    ) -> Change:
        """The change between two rows, of which one may be missing."""
        before, after = (None if row is None else self._part(row, side) for side, row in enumerate((one, other)))
        told = source.component(before, after, columns, self.firms)
        row = cast(Mapping[str, Any], other if other is not None else one)
        what = CHANGED if one and other else GONE if one else ADDED
        if one and other:
            fields = tuple(Field(name, one[name], other[name]) for name in columns)
            if before and after and before.scope != after.scope:
                fields = (*fields, Field("scope", before.scope or None, after.scope or None))
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

    def _part(self, row: Mapping[str, Any], side: int) -> Part:
        spelled = self.spelled[side]
        told = {name: spelled(row[name]) if row[name] else "" for name in FIRMS}
        told |= {name: row[name] or "" for name in ("country", "address_country")}
        told["fcc_id"] = "".join(filter(str.isalnum, (row["fcc_id"] or "").casefold()))
        scope = self.scopes[side]
        return Part(
            told,
            plain(row["item"] or "") if self.by_item else "",
            row["medium"] != "hardware",
            row["license_class"] == "open_source",
            "" if scope is None else scope.get(f"{row['source']} {row['locator'] or ''}".strip(), str(Scope.OUT)),
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
