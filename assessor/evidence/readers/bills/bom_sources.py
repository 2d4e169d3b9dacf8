"""Alternate sources of a part: on a row of their own, in numbered columns, or several makers in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from assessor.evidence.readers.base import Row, named
from assessor.evidence.readers.bills import bom_cells, bom_columns
from assessor.evidence.readers.body import Record, cell_problem
from assessor.evidence.readers.rows import BLOCK, Told
from assessor.evidence.readers.sheets.grid import Cells, Grid

_NAMING = ("find", "number", "name", "designators", "reference_list")
_OWN = (*_NAMING, "quantity")
TAKEN = ("level", "parent", "item", "component", "name", "type", "description")
"""Columns that an alternate source on a row of its own may take from its part."""


def alternates(records: Sequence[Record], grid: Grid) -> list[bool]:
    """Which records are continuation rows: marked as alternate, or without what only a part's own row has, but with a maker.

    What a merged cell carries down from the part above is not the row's own.
    """
    found: list[bool] = []
    for begin, end in bom_columns.groups(records):
        header, count = records[begin].header, end - begin
        whole = [grid.rows[record.index] for record in records[begin:end]]
        columns = [bom_columns.text(whole, header, name) for name in ("find", "level")]
        words = {text for column in columns for text in set(column) if bom_cells.marked(text)}
        named_so = [bom_columns.text(whole, header, name) for name in ("number", "name")]
        labels = {text for column in named_so for text in set(column) if bom_cells.labelled(text)}
        marked = [find in words or level in words for find, level in zip(*columns, strict=True)]
        if labels:
            marked = [said or n in labels or m in labels for said, n, m in zip(marked, *named_so, strict=True)]
        if header.framework:
            found += marked
            continue
        rows = [_own(grid, record) for record in records[begin:end]] if grid.carried else whole
        given = {name: bom_columns.text(rows, header, name) for name in (*_OWN, "level", "manufacturer", "part_number")}
        own: Sequence[object] = [True] * count
        if "level" in header.columns:
            triples = zip(given["level"], given["number"], given["quantity"], strict=True)
            own = [level or (number and quantity) for level, number, quantity in triples]
        elif any(name in header.columns for name in _NAMING):
            own = [any(texts) for texts in zip(*(given[name] for name in _OWN), strict=True)]
        makers = zip(given["manufacturer"], given["part_number"], strict=True)
        found += [
            said or (bool(maker or number) and not other)
            for said, (maker, number), other in zip(marked, makers, own, strict=True)
        ]
    return found


def _own(grid: Grid, record: Record) -> Cells:
    row = grid.rows[record.index]
    return [None if (record.index, at) in grid.carried else cell for at, cell in enumerate(row)]


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


def further(
    records: Sequence[Record], columns: dict[str, list[Any]], grid: Grid, tell: Told
) -> Iterator[tuple[int, int, dict[int, list[Row]]]]:
    """Spans (from, to) of the records, all under one heading, and by position in it the rows for the further sources that
    stand in a record's row; its own columns, which are changed for it, keep the first."""
    header = records[0].header
    rows = [grid.rows[record.index] for record in records]
    told = {
        at
        for name in ("manufacturer", "part_number")
        if (place := header.columns.get(name)) is not None
        for at, row in enumerate(rows)
        if place < len(row) and bom_cells.listed(row[place])
    }
    makers, numbers = (bom_columns.text(rows, header, name) for name in ("manufacturer", "part_number"))
    pairs = {at: bom_cells.several(makers[at], numbers[at]) for at in told}
    unpaired = {at for at, pair in pairs.items() if pair is None}
    told = {at for at, pair in pairs.items() if pair is not None and len(pair) > 1}
    for place in {place for positions in header.numbered.values() for place in positions.values()}:
        told |= {at for at, row in enumerate(rows) if place < len(row) and row[place]}
    found: dict[int, list[Row]] = {}
    begin = count = 0
    for at in sorted(told | unpaired):
        if at in unpaired:
            _tell_unpaired(records[at], makers[at], numbers[at], grid, tell)
            if at not in told:
                continue
        row = {name: values[at] for name, values in columns.items()}
        plain = bom_columns.descriptions(rows[at : at + 1], header, whole=False)[0]
        if more := list(islice(_several(records[at], row, plain, grid), bom_columns.MOST)):
            found[at - begin] = more
            count += len(more)
        for name, value in row.items():
            columns[name][at] = value
        records[at].forget()
        if count > BLOCK:
            yield begin, at + 1, found
            found, begin, count = {}, at + 1, 0
    yield begin, len(records), found


def _tell_unpaired(record: Record, maker: str | None, number: str | None, grid: Grid, tell: Told) -> None:
    message = "the makers and part numbers in the cells do not pair up, so they are kept as written"
    cell_problem(record, grid, tell, "part_number" if number else "manufacturer", message, f"{maker} / {number}")


def _several(record: Record, row: Row, plain: str | None, grid: Grid) -> Iterator[Row]:
    cells, header = record.cells, record.header
    split = bom_cells.several(cells.get("manufacturer"), cells.get("part_number")) or []
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
