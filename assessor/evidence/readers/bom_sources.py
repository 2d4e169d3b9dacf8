"""Alternate sources of a part: on a row of their own, in numbered columns, or several makers in one cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from assessor.evidence.readers import bom_cells
from assessor.evidence.readers.base import Row, named
from assessor.evidence.readers.body import Record, cell_problem
from assessor.evidence.readers.grid import Cells, Grid
from assessor.evidence.readers.rows import Told

ALTERNATE = re.compile(r"alt(ernat(e|ive)s?|\.|\b)|substitute|2nd source|second source|替代", re.IGNORECASE)
_BEGINS = frozenset("aAsSſ2替")
"""Letters with which such a word begins."""
_NAMING = ("find", "number", "name", "designators", "reference_list")
_OWN = (*_NAMING, "quantity")


def is_alternate(record: Record, grid: Grid) -> bool:
    """A continuation row: marked as alternate, or without what only a part's own row has, but with a maker.

    What a merged cell carries down from the part above is not the row's own.
    """
    columns, row, carried = record.header.columns, grid.rows[record.index], grid.carried
    if any(_marked(record.text(name)) for name in ("find", "level") if name in columns):
        return True
    if record.header.framework:
        return False

    def given(name: str) -> bool:
        at = columns.get(name)
        return at is not None and at < len(row) and bool(row[at]) and (record.index, at) not in carried

    if not given("manufacturer") and not given("part_number"):
        return False
    if "level" in columns:
        return not given("level") and not (given("number") and given("quantity"))
    return any(name in columns for name in _NAMING) and not any(map(given, _OWN))


def _marked(text: str | None) -> bool:
    return text is not None and text[:1] in _BEGINS and ALTERNATE.match(text) is not None


def of_part(part: Row, row: Row, record: Record) -> Row:
    """What an alternate source takes from its part: place in the structure, item, and what its own row leaves out."""
    taken = {name: part[name] for name in ("level", "parent", "item")} | {"alternate_of": part["component"]}
    if not record.cells.get("name") and not record.cells.get("description"):
        taken["name"] = part["name"]
        if part["description"] and row["description"]:
            taken["description"] = f"{part['description']} ({row['description']})"
    for name in ("type", "description"):
        if not row[name]:
            taken[name] = part[name]
    return taken


def further(record: Record, row: Row, plain: Callable[[], str | None], grid: Grid, tell: Told) -> Iterable[Row]:
    """Rows for the further sources that stand in the same row; the row itself keeps the first. `plain` is the description
    that holds for every source."""
    cells = record.cells
    alone = not bom_cells.listed(cells.get("manufacturer")) and not bom_cells.listed(cells.get("part_number"))
    return () if alone and not record.header.numbered else list(_several(record, row, plain(), grid, tell))


def _several(record: Record, row: Row, plain: str | None, grid: Grid, tell: Told) -> Iterator[Row]:
    cells, header = record.cells, record.header
    split = bom_cells.several(cells.get("manufacturer"), cells.get("part_number"))
    if split is None:
        message = "the makers and part numbers in the cells do not pair up, so they are kept as written"
        column = "part_number" if cells.get("part_number") else "manufacturer"
        cell_problem(record, grid, tell, column, message, f"{cells.get('manufacturer')} / {cells.get('part_number')}")
        split = []
    suppliers = re.split(r"[\n;；|]", cells.get("supplier") or "")
    paired = len(suppliers) == len(split) > 1
    number = 1
    for place, (maker, part_number) in enumerate(split):
        told: Row = {"manufacturer": named(maker), "part_number": part_number or row["part_number"]}
        if paired:
            told["supplier"] = named(suppliers[place])
        if place == 0:
            if len(split) > 1:
                row |= told | ({"name": part_number} if row["name"] == cells.get("part_number") else {})
            continue
        number += 1
        yield _further(row, told | {"description": plain}, number, row["hidden"])
    for group in sorted(header.numbered):
        positions = header.numbered[group]
        told = _source(positions, grid.rows[record.index], row)
        if not told:
            continue
        if number == 1 and not row["manufacturer"] and not cells.get("part_number"):
            row |= {name: value for name, value in told.items() if value}  # the first source stands in a later column
            number += 1
            continue
        number += 1
        if extra := told.pop("description", None):
            told["description"] = f"{plain or row['name']} ({extra})"
        hidden = grid.cells_hidden(record.index, list(positions.values()))
        yield _further(row, {"description": plain} | told, number, hidden)


def _source(positions: Mapping[str, int], values: Cells, row: Row) -> Row:
    """Maker, part number and supplier under numbered headings; empty where they name nobody.

    A further supplier alone supplies the same maker's part. Who supplies another maker's part is unknown unless it is said.
    """
    found = {name: values[at] for name, at in positions.items() if at < len(values) and values[at]}
    maker, number = named(found.get("manufacturer")), named(found.get("part_number"))
    supplier, order = named(found.get("supplier")), named(found.get("distributor_number"))
    if not (maker or number or supplier or order):
        return {}
    told: Row = {"manufacturer": maker or row["manufacturer"], "part_number": number, "supplier": supplier}
    if not maker and not number:
        told["part_number"] = row["part_number"]
    if order:
        told["description"] = f"supplier P/N {order}"
    return told


def _further(row: Row, told: Row, number: int, hidden: bool | None) -> Row:
    """A further source as a row of its own. What the row says of one maker's part does not hold for another maker's, and
    how many are needed, and where, is said once."""
    place = f"{row['locator']}, source {number}"
    other = named(told["manufacturer"]) != row["manufacturer"]
    own = dict.fromkeys(("country", "fcc_id", "version") if other else ())
    return {
        **row,
        **dict.fromkeys(("quantity", "unit", "designators", "hashes")),
        **own,
        **told,
        "locator": place,
        "component": f"{row['source']}#{place}",
        "alternate_of": row.get("alternate_of") or row["component"],
        "hidden": hidden,
    }
