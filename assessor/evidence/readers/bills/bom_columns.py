"""The parts of a hardware sheet column by column, some thousands at once: hundreds of thousands of rows as dictionaries would
take ten times the time and the room.

A column is a list with one value a record; what is wrong with a cell is told in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import pyarrow as pa

from assessor.evidence import tables
from assessor.evidence.readers.base import Countries, Reading, Row, named
from assessor.evidence.readers.bills import bom_cells, marks
from assessor.evidence.readers.body import Record, cell_problem
from assessor.evidence.readers.rows import BLOCK, Told
from assessor.evidence.readers.sheets.columns import Header
from assessor.evidence.readers.sheets.grid import Cells, Grid

MOST = 375_000
"""Components of one file that are read."""
Values = list[str | None]
_NAMES = ("name", "description", "part_number", "number", "comment", "distributor_number")
_EXTRA = ("comment", "distributor", "distributor_number", "part_type", "footprint")
_TELLING = ("name", "number", "part_number", "find", "quantity")
"""Columns of which one must be in sight for a part to be so."""


class Components:
    """Rows of the table `components`, added as columns and packed into blocks as they come; `close` must follow the last."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._columns: dict[str, list[Any]] = {name: [] for name in tables.SCHEMAS["components"]}
        self.count = sum(
            len(part) if isinstance(part, pa.Table) else 1 for part in reading.tables.get("components", [])
        )
        self.full = False
        """Whether no further row is taken, which has been told."""

    def add(self, columns: Mapping[str, list[Any]], more: Mapping[int, Sequence[Row]]) -> None:
        """Append these rows, and behind those of the given positions `more` rows."""
        begin = 0
        for at in sorted(more):
            self._extend({name: values[begin : at + 1] for name, values in columns.items()})
            self._extend({name: [row.get(name) for row in more[at]] for name in columns})
            begin = at + 1
        self._extend({name: values[begin:] for name, values in columns.items()} if begin else columns)

    def _extend(self, columns: Mapping[str, list[Any]]) -> None:
        count, room = len(columns["component"]), MOST - self.count
        if count > room and not self.full:
            self.full = True
            message = f"more than {MOST:,} components stand in this file; those from here on are not read, so deliver it in parts"
            self._reading.problem(str(columns["locator"][room]), message)
        if not (count := min(count, room)):
            return
        for name, values in self._columns.items():
            values += columns[name][:count] if name in columns else [None] * count
        self.count += count
        if len(self._columns["component"]) >= BLOCK:
            self.close()

    def close(self) -> None:
        """Add what is not yet in a block, and the empty table where there was no row."""
        self._reading.tables.setdefault("components", [])
        if self._columns["component"]:
            schema = tables.SCHEMAS["components"]
            block = pa.table({name: pa.array(values, schema[name].type) for name, values in self._columns.items()})
            self._reading.add("components", block)
            self._columns = {name: [] for name in self._columns}


def groups(records: Sequence[Record]) -> Iterator[tuple[int, int]]:
    """Spans (from, to) of records under one heading, each of a block at most."""
    begin = 0
    for at, record in enumerate(records):
        if record.header is not records[begin].header or at - begin == BLOCK:
            yield begin, at
            begin = at
    if records:
        yield begin, len(records)


def text(rows: Sequence[Cells], header: Header, name: str) -> Values:
    """The texts under one column; None where there is none."""
    at = header.columns.get(name)
    return [None] * len(rows) if at is None else under(rows, at)


def under(rows: Sequence[Cells], at: int) -> Values:
    """The texts at one position."""
    try:
        return [*map(itemgetter(at), rows)]  # where all rows are long enough
    except IndexError:
        return [row[at] if at < len(row) else None for row in rows]


def of(
    records: Sequence[Record], grid: Grid, tell: Told, source: str, rule: Countries, known: dict[str, str | None]
) -> dict[str, list[Any]]:
    """What the cells of the records, all under one heading, say of each part by itself; its place in the structure is left
    open. `known` are the countries met before."""
    header = records[0].header
    rows = [grid.rows[record.index] for record in records]
    places = [record.place for record in records]
    cells = {name: text(rows, header, name) for name in header.columns}
    none: Values = [None] * len(rows)
    given = cells.get
    amounts = [*map(bom_cells.quantity, given("quantity", none), given("unit", none))]
    listed = [*map(bom_cells.designators, _either(given("designators", none), given("reference_list", none)))]
    countries, unknown = _countries(given("country"), rule, known)
    _tell(records, grid, tell, amounts, listed, cells, unknown)
    return {
        "source": [source] * len(rows),
        "locator": [*places],
        "component": [f"{source}#{place}" for place in places],
        "reference": [*map(_reference, given("find", none))],
        "medium": ["hardware"] * len(rows),
        "name": [*_names(cells, none)],
        "description": [*descriptions(rows, header)],
        "version": [*given("version", none)],
        "type": [*_either(given("type", none), given("part_type", none))],
        "supplier": [*map(_named, given("supplier", none))],
        "manufacturer": [*map(_named, given("manufacturer", none))],
        "part_number": [*_either(given("part_number", none), given("number", none))],
        "hashes": [*map(bom_cells.digest, given("hashes", none))] if "hashes" in cells else [*none],
        "quantity": [quantity for quantity, _ in amounts],
        "unit": [unit for _, unit in amounts],
        "designators": [names for names, _ in listed],
        "fcc_id": [*given("fcc_id", none)],
        "frequency_mhz": [*given("frequency_mhz", none)],
        "country": [*(countries or none)],
        "hidden": _hidden(records, grid, header),
    }


def descriptions(rows: Sequence[Cells], header: Header, *, whole: bool = True) -> Values:
    """Descriptions, with what has no column of its own: the client's part number beside the maker's, the distributor,
    and in a framework sheet everything that is under a heading that no column knows.

    Not `whole` is what holds for every source of a part: the description and the client's part number.
    """
    plain = _either(text(rows, header, "description"), text(rows, header, "name"))
    more: list[tuple[str, Values]] = []
    if "number" in header.columns and "part_number" in header.columns:
        pairs = zip(text(rows, header, "number"), text(rows, header, "part_number"), strict=True)
        more.append(("P/N ", [number if maker else None for number, maker in pairs]))
    extra = _extra(rows, header) if whole else []
    lone = (*range(len(more), len(more) + len(extra)),)  # these stand also where there is no description
    more += extra
    if not more:
        return plain
    labels = [label for label, _ in more]
    made: Values = []
    for own, *values in zip(plain, *(column for _, column in more), strict=True):
        told = [f"{label}{value}" for label, value in zip(labels, values, strict=True) if value]
        if own and told:
            own = f"{own} ({'; '.join(told)})"
        elif told and whole and (header.framework or any(values[at] for at in lone)):
            own = "; ".join(told)
        made.append(own)
    return made


def _extra(rows: Sequence[Cells], header: Header) -> list[tuple[str, Values]]:
    found: list[tuple[str, Values]] = []
    for name in _EXTRA:
        if name in header.columns:
            values = text(rows, header, name)
            if name == "part_type":
                kinds = text(rows, header, "type")
                values = [value if kind else None for value, kind in zip(values, kinds, strict=True)]
            found.append((f"{header.headings[name]}: ", values))
    if "hashes" in header.columns:
        odd = [value if bom_cells.digest(value) is None else None for value in text(rows, header, "hashes")]
        found.append((f"{header.headings['hashes']}: ", odd))
    if header.framework:
        found += [(f"{heading}: ", under(rows, at)) for at, heading in header.others.items()]
    return found


def _names(cells: Mapping[str, Values], none: Values) -> Values:
    found = none
    for name in _NAMES:
        if name in cells:
            found = _either(found, cells[name])
    if "find" in cells and None in found:  # under "Item" may stand a name as well as a number
        found = [
            name or (position if position and any(map(str.isalpha, position)) else None)
            for name, position in zip(found, cells["find"], strict=True)
        ]
    return found


def _either(first: Values, second: Values) -> Values:
    return [one or other for one, other in zip(first, second, strict=True)]


def _reference(find: str | None) -> str | None:
    return find if find and not bom_cells.marked(find) else None


@lru_cache(maxsize=1 << 12)
def _named(text: str | None) -> str | None:
    """`named`: few firms and countries stand in many rows."""
    return named(text)


def _countries(
    written: Values | None, rule: Countries, known: dict[str, str | None]
) -> tuple[list[str | None], dict[int, str]]:
    """Codes of countries, and by position the names that are none; these may be without number, and are not kept."""
    if written is None:
        return [], {}
    codes: list[str | None] = []
    unknown: dict[int, str] = {}
    for at, cell in enumerate(written):
        if cell is not None and cell not in known:
            name = named(cell)
            code = rule.country(name) if name else None
            if code or name is None:
                known[cell] = code
            else:
                unknown[at] = cell
        codes.append(known.get(cell) if cell is not None else None)
    return codes, unknown


def _tell(
    records: Sequence[Record],
    grid: Grid,
    tell: Told,
    amounts: Sequence[tuple[str | None, str | None]],
    listed: Sequence[tuple[str | None, int | None]],
    cells: Mapping[str, Values],
    unknown: Mapping[int, str],
) -> None:
    """Tell, row by row, of quantities that contradict the designators, of odd FCC IDs and of names that are no country."""
    wrong: dict[int, int] = {}
    for at, (names, count) in enumerate(listed):
        if names and count is not None:
            pieces = bom_cells.pieces(*amounts[at])
            if pieces is not None and pieces != count:
                wrong[at] = count
    odd = {at: why for at, cell in enumerate(cells.get("fcc_id", ())) if cell and (why := marks.fcc_id_problem(cell))}
    for at in sorted({*wrong, *odd, *unknown}):
        record = records[at]
        if at in wrong:
            message = f"quantity {amounts[at][0]}, but {wrong[at]} designators"
            cell_problem(record, grid, tell, "quantity", message, listed[at][0] or "")
        if at in odd:
            cell_problem(record, grid, tell, "fcc_id", odd[at], cells["fcc_id"][at] or "")
        if at in unknown:
            cell_problem(record, grid, tell, "country", f"{unknown[at][:60]!r} is not a known name of a country")


def _hidden(records: Sequence[Record], grid: Grid, header: Header) -> list[Any]:
    if grid.hidden_columns:
        positions = [header.columns.get(name) for name in _TELLING]
        return [grid.cells_hidden(record.index, positions) for record in records]
    return [grid.row_hidden(record.index) for record in records]
