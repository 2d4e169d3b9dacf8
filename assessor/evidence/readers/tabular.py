"""Sheets with one fact a row: the rows below a known heading, converted to the types of their table.

Vehicles, suppliers, ledgers, logs and indexes are all read here; bills of materials and ownership registers, whose rows
lean on one another, have readers of their own and take the rows from `body`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Countries, Reading, Row, Unreadable, flag, listed, named, separated, whole
from assessor.evidence.readers.bills import bom_sheet
from assessor.evidence.readers.body import Record, body
from assessor.evidence.readers.ownership import holders, register
from assessor.evidence.readers.rows import frugal
from assessor.evidence.readers.sheets import columns, sheets
from assessor.evidence.readers.sheets.grid import Grid
from assessor.evidence.tables import SCHEMAS, Column

_COUNTRIES = {"country", "assembled_in"}
_COUNTRY_LISTS = {"work_places"}
_NAMES = {"supplier", "seller", "buyer", "consignee", "maintained_by", "ads_integrated_by", "legal_authority"}
"""Columns in which "none" or "unknown" names nobody and nothing."""

_REGISTER = "ownership.register"

Converter = Callable[[list[Record], Grid, columns.Header, Reading, str, Countries], None]


def recognise(path: Path) -> str | None:
    """The kind of the first sheet with a known heading, None when there is none.

    Raises Unreadable as `sheets.load`, and where a sheet that cannot be read may be the one.
    """
    with frugal():
        grids = sheets.load(path, head=True)
    kind = next((grid.header.kind for grid in grids if grid.header), None)
    broken = next((problem for grid in grids for problem in grid.problems if not grid.rows), None)
    if kind is None:
        sheets.forget()
    if kind is None and broken is not None:
        raise Unreadable(f"{broken.place}: {broken.message}")
    return kind


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every sheet with a known heading, each into its table; the other sheets are noted. Raises Unreadable."""
    with frugal():
        return _read(path, source, rule)


def _read(path: Path, source: str, rule: Countries) -> Reading:
    reading = Reading()
    grids = sheets.load(path)
    hardware = [grid for grid in grids if grid.header and grid.header.kind == "bom.sheet"]
    if hardware:
        reading.serialization = sheets.serialization(path)
    for grid in grids:
        grid.one_of_several = len(hardware) > 1
        reading.problems += grid.problems + grid.unlisted()
        reading.notes += grid.hidden_parts() + grid.notes
        header = grid.header
        if header is None:
            if any(any(row) for row in grid.rows):
                reading.notes.append(f"sheet {grid.name!r} has no known heading and is not read")
            continue
        place = grid.place(header.row)
        if header.doubled:
            reading.problem(
                place, f"headings {', '.join(map(repr, header.doubled))} repeat a column that another heading gave"
            )
        unread = [each for each in header.unread if not (header.kind == _REGISTER and holders.is_class(each))]
        if unread and not header.framework:
            reading.notes.append(f"columns without a place in the tables: {', '.join(unread)}")
        table = columns.specifications()[header.kind]["table"]
        reading.tables.setdefault(table, [])
        _CONVERTERS.get(header.kind, convert)(body(grid, header, reading), grid, header, reading, source, rule)
    if not reading.tables:
        raise Unreadable("no sheet has a known heading")
    return reading


def convert(
    records: list[Record],
    grid: Grid,
    header: columns.Header,
    reading: Reading,
    source: str,
    rule: Countries,
) -> None:
    """Records to rows of the kind's table, column by column; what cannot be converted is a problem and NA."""
    table = columns.specifications()[header.kind]["table"]
    rows: list[Row] = [{"source": source, "locator": record.place} for record in records]
    for name in header.columns:
        column = SCHEMAS[table].get(name)
        if column is not None:
            texts = [record.cells[name] for record in records]
            values = (
                _dates(texts, records, header.headings[name], reading)
                if column.type == pa.date32()
                else [
                    _value(header.kind, name, column, text, record.place, header.headings[name], reading, rule)
                    for text, record in zip(texts, records, strict=True)
                ]
            )
            for row, value in zip(rows, values, strict=True):
                row[name] = value
    reading.tables.setdefault(table, []).extend(rows)


def _dates(texts: list[str | None], records: list[Record], heading: str, reading: Reading) -> list[object]:
    found, wrong = dates.column(texts)
    for position, message in wrong:
        reading.problem(records[position].place, f"{heading}: {message}")
    return list(found)


def _value(
    kind: str,
    name: str,
    column: Column,
    text: str | None,
    place: str,
    heading: str,
    reading: Reading,
    rule: Countries,
) -> object:
    """One cell converted to the type of its column."""
    if text is None:
        return None
    found: object
    if column.type == pa.bool_():
        found = flag(text)
        wanted = "yes or no"
    elif column.type == pa.int64():
        found = whole(text)
        wanted = "a whole number"
    elif column.allowed:
        found = columns.value(kind, name, text)
        wanted = "one of the words known for this column"
    elif name in _COUNTRIES:
        found = rule.country(text)
        wanted = "a known name of a country"
    elif name in _COUNTRY_LISTS:
        return _countries(text, place, heading, reading, rule)
    elif name in _NAMES:
        return named(text)
    else:
        return separated(text) if "separated by '; '" in column.meaning else text
    if found is None and named(text) is not None:
        reading.problem(place, f"{heading}: {text[:60]!r} is not {wanted}")
    return found


def _countries(text: str, place: str, heading: str, reading: Reading, rule: Countries) -> str | None:
    """The codes of countries in a list, by semicolon, stroke or line; by comma where a part is not itself one country."""
    codes: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[;/\n]", text))):
        for one in [part] if rule.country(part) else [word.strip() for word in part.split(",")]:
            if code := rule.country(one):
                codes[code] = None
            elif named(one) is not None:
                reading.problem(place, f"{heading}: {one[:60]!r} is not a known name of a country")
    return listed(codes)


_CONVERTERS: dict[str, Converter] = {"bom.sheet": bom_sheet.convert, _REGISTER: register.convert}
