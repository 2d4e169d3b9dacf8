"""Hardware bills of materials as sheets: PLM and EDA exports, and sheets by the CISA HBOM framework.

One row a part and one row an alternate source of it, whether that stands on a row of its own, in numbered columns or in the
same cell. What the table has no column for goes into the description, under the client's heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from assessor.evidence.readers.base import Countries, Reading, Row, key, named
from assessor.evidence.readers.bills import bom_cells, bom_columns, bom_sources
from assessor.evidence.readers.bills.bom_columns import Components
from assessor.evidence.readers.bills.bom_levels import Levels
from assessor.evidence.readers.body import SHOWN, Record
from assessor.evidence.readers.rows import Told
from assessor.evidence.readers.sheets.columns import Header
from assessor.evidence.readers.sheets.grid import Grid

_TITLES = {
    "item": {
        "assembly",
        "assembly name",
        "top assembly",
        "top level assembly",
        "product",
        "item",
        "product name",
        "fga num",
        "finished goods assembly",
        "产品",
        "产品名称",
        "baugruppe",
    },
    "document_author": {"prepared by", "author", "created by", "issued by", "hbom author", "编制", "erstellt von"},
    "timestamp": {
        "date",
        "released",
        "release date",
        "issued",
        "created",
        "issue date",
        "date of issue",
        "hbom creation date",
        "日期",
        "datum",
    },
}
_STATED = ("document_author", "timestamp", "modified_on")


def convert(records: list[Record], grid: Grid, header: Header, reading: Reading, source: str, rule: Countries) -> None:
    """Parts as rows of `components`, each with the part that it belongs to or is an alternate source for."""
    reading.format = "hbom"
    parts = list(_parts(records, grid, reading))
    alternate = bom_sources.alternates(parts, grid)
    tell = Told(reading, f"problems of cells in {grid.name or 'the file'}")
    levels = Levels([record for record, other in zip(parts, alternate, strict=True) if not other], grid, tell)
    document = _document(parts, grid, header)
    countries: dict[str, str | None] = {}
    components = Components(reading)
    structure = _Structure(grid, levels, document)
    for begin, end in bom_columns.groups(parts):
        own = parts[begin:end]
        columns = bom_columns.of(own, grid, tell, source, rule, countries)
        for name, told in document.items():
            columns[name] = [told] * len(own)
            if name in own[0].header.columns:
                columns[name] = [record.text(name) or told for record in own]
        structure.fill(own, alternate[begin:end], columns)
        for first, last, more in bom_sources.further(own, columns, grid, tell):
            components.add({name: values[first:last] for name, values in columns.items()}, more)
            if components.full:
                break
        if components.full:
            break
        for record in own if not header.framework else ():
            grid.rows[record.index] = []  # its room is needed for the table
    components.close()
    tell.close()
    if header.framework:
        _tell_assemblies(parts, reading)


class _Structure:
    """The place of each part: its level, the part above it, its item, and the part that it is an alternate source for."""

    def __init__(self, grid: Grid, levels: Levels, document: Row) -> None:
        self._grid, self._levels, self._document = grid, levels, document
        self._last: Row | None = None

    def fill(self, records: Sequence[Record], alternate: Sequence[bool], columns: dict[str, list[Any]]) -> None:
        """Add these columns to those of the records, and let alternate sources take from the part before them."""
        count = len(records)
        for name in ("level", "parent", "alternate_of"):
            columns[name] = [None] * count
        items = columns.setdefault("item", [None] * count)
        level, parent, component = columns["level"], columns["parent"], columns["component"]
        framework = records[0].header.framework
        assemblies = {"fga_name", "fga_number"} & records[0].header.columns.keys()
        said, last, at_last = self._document.get("item"), self._last, -1
        for at, record in enumerate(records):
            if alternate[at] and (last is not None or at_last >= 0):
                if at_last >= 0:
                    last, at_last = {name: columns[name][at_last] for name in bom_sources.TAKEN}, -1
                own = {name: columns[name][at] for name in bom_sources.TAKEN}
                for name, value in bom_sources.of_part(last or {}, own, record).items():
                    columns[name][at] = value
                continue
            if framework and _assembly(record, columns, at):
                depth: int | None = 0
            else:
                depth = self._levels.of(record)
            level[at] = depth
            parent[at] = self._levels.under(depth, component[at], record)
            above = items[at_last] if at_last >= 0 else last["item"] if last is not None else None
            assembly = (record.text("fga_name") or record.text("fga_number")) if assemblies else None
            if assembly or said:
                items[at] = assembly or said
            elif depth == 0:
                items[at] = columns["name"][at] or above
            else:
                items[at] = above or (self._grid.name if self._grid.one_of_several else None)
            at_last = at
        if at_last >= 0:
            last = {name: columns[name][at_last] for name in bom_sources.TAKEN}
        self._last = last


def _parts(records: list[Record], grid: Grid, reading: Reading) -> Iterator[Record]:
    """The records that are parts; totals are told."""
    totals: list[str] = []
    for record in records:
        if not record.text("part_number"):
            texts = [cell for cell in grid.rows[record.index] if cell]
            if bom_cells.may_total(texts) and any(map(bom_cells.total, texts)):
                totals.append(f"{record.place} ({'; '.join(texts)[:80]!r})")
                continue
        yield record
    if totals:
        rest = f" and {len(totals) - SHOWN} more" if len(totals) > SHOWN else ""
        reading.notes.append(f"totals and no parts: {', '.join(totals[:SHOWN])}{rest}")


# what the rows and the cells above them say of the document and its item


def _document(records: list[Record], grid: Grid, header: Header) -> Row:
    """Author, date and item of the document: from the cells above the heading, or from columns that say one thing."""
    found: Row = {}
    for label, text in _labelled(grid, header):
        for name, labels in _TITLES.items():
            if label in labels:
                found.setdefault(name, text)
    headers = {id(record.header): record.header for record in records}.values()
    for name in _STATED:
        if any(name in each.columns for each in headers):
            told = {record.text(name) for record in records} - {None}
            if len(told) == 1:
                found.setdefault("timestamp" if name == "modified_on" else name, told.pop())
    return found


def _labelled(grid: Grid, header: Header) -> Iterator[tuple[str, str]]:
    """Labels and texts above the heading: `Assembly: X` in one cell, or `Assembly` beside `X`."""
    for row in grid.rows[: header.row]:
        cells = [cell for cell in row if cell]
        if len(cells) == 1:  # several labels may share one cell, parted by wide spaces or bars
            cells = [part for part in re.split(r"\s{3,}|\s[|·]\s", cells[0]) if part]
        for number, cell in enumerate(cells):
            label, colon, text = cell.replace("：", ":").partition(":")
            if colon and text.strip():
                yield key(label), text.strip()
            elif number + 1 < len(cells):
                yield key(label), cells[number + 1]


def _assembly(record: Record, columns: dict[str, list[Any]], at: int) -> bool:
    """Whether a row of a framework sheet is about the finished-goods assembly itself: no column of a part is filled."""
    cells = record.cells
    assembly = cells.get("fga_name") or cells.get("fga_number")
    if not assembly or any(columns[name][at] for name in ("name", "manufacturer", "supplier")):
        return False
    columns["name"][at] = assembly
    columns["part_number"][at] = cells.get("fga_number")
    columns["version"][at] = cells.get("fga_version")
    columns["manufacturer"][at] = named(cells.get("fga_manufacturer"))
    return True


def _tell_assemblies(records: list[Record], reading: Reading) -> None:
    """What the sheet says of finished-goods assemblies, for which no column stands beside their parts."""
    told: dict[str, None] = {}
    for record in records:
        for name in ("fga_number", "fga_version", "fga_manufacturer"):
            if (text := record.text(name)) and (name != "fga_number" or record.text("fga_name")):
                told[f"{record.header.headings[name]} {text}"] = None
    if told:
        rest = f" and {len(told) - 20} more" if len(told) > 20 else ""
        reading.notes.append(f"of the finished-goods assembly: {', '.join(list(told)[:20])}{rest}")
