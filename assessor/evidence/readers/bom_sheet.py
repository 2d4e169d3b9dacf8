"""Hardware bills of materials as sheets: PLM and EDA exports, and sheets by the CISA HBOM framework.

One row a part and one row an alternate source of it, whether that stands on a row of its own, in numbered columns or in the
same cell. What the table has no column for goes into the description, under the client's heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial

from assessor.evidence.readers import bom_cells, bom_sources, marks
from assessor.evidence.readers.base import Countries, Reading, Row, key, named
from assessor.evidence.readers.body import Record, cell_problem
from assessor.evidence.readers.bom_levels import Levels
from assessor.evidence.readers.columns import Header
from assessor.evidence.readers.grid import Grid
from assessor.evidence.readers.rows import Rows, Told

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
_NUMBERS = ("name", "number", "part_number", "find", "quantity")
_EXTRA = ("comment", "distributor", "distributor_number", "part_type", "footprint")


def convert(records: list[Record], grid: Grid, header: Header, reading: Reading, source: str, rule: Countries) -> None:
    """Parts as rows of `components`, each with the part that it belongs to or is an alternate source for."""
    reading.format = "hbom"
    parts = list(_parts(records, grid, reading))
    alternate = [bom_sources.is_alternate(record, grid) for record in parts]
    tell = Told(reading, f"problems of cells in {grid.name or 'the file'}")
    levels = Levels([record for record, other in zip(parts, alternate, strict=True) if not other], grid, tell)
    document = _document(parts, grid, header)
    last: Row | None = None
    headers = {id(record.header): record.header for record in parts}.values()
    stated = [name for name in document if any(name in each.columns for each in headers)]
    countries: dict[str, str | None] = {}
    rows = Rows(reading)
    for record, other in zip(parts, alternate, strict=True):
        row = _row(record, grid, tell, source, rule, countries)
        row |= document
        row |= {name: value for name in stated if (value := record.text(name))}
        if last is not None and other:
            row |= bom_sources.of_part(last, row, record)
        else:
            own = _assembly(record, row)
            row["level"] = level = 0 if own else levels.of(record)
            row["parent"] = levels.under(level, row["component"], row["locator"])
            row["item"] = _item(record, row, grid, document, last)
            last = row
        plain = partial(_description, record, grid, whole=False)
        more = bom_sources.further(record, row, plain, grid, tell)  # which may still change the row
        rows.add(row)
        for each in more:
            rows.add(each)
        record.forget()
    rows.close()
    tell.close()
    if header.framework:
        _tell_assemblies(parts, reading)


def _parts(records: list[Record], grid: Grid, reading: Reading) -> Iterator[Record]:
    """The records that are parts; totals are told."""
    for record in records:
        if not record.text("part_number") and any(map(bom_cells.total, filter(None, grid.rows[record.index]))):
            texts = [cell for cell in grid.rows[record.index] if cell]
            reading.notes.append(f"a total and no part: {record.place} ({'; '.join(texts)[:80]!r})")
            continue
        yield record


def _row(record: Record, grid: Grid, tell: Told, source: str, rule: Countries, known: dict[str, str | None]) -> Row:
    cells, place = record.cells, record.place
    quantity, unit = bom_cells.quantity(cells.get("quantity"), cells.get("unit"))
    listed, count = bom_cells.designators(cells.get("designators") or cells.get("reference_list"))
    pieces = bom_cells.pieces(quantity, unit)
    if count is not None and listed and pieces is not None and pieces != count:
        cell_problem(record, grid, tell, "quantity", f"quantity {quantity}, but {count} designators", listed)
    if cells.get("fcc_id") and (odd := marks.fcc_id_problem(cells["fcc_id"])):
        cell_problem(record, grid, tell, "fcc_id", odd, cells.get("fcc_id") or "")
    country = _named(cells.get("country"))
    code = _country(country, rule, known) if country else None
    if country and code is None:
        cell_problem(record, grid, tell, "country", f"{country[:60]!r} is not a known name of a country")
    find = cells.get("find")
    return {
        "source": source,
        "locator": place,
        "component": f"{source}#{place}",
        "reference": find if find and not bom_sources.ALTERNATE.match(find) else None,
        "medium": "hardware",
        "name": _name(cells),
        "description": _description(record, grid),
        "version": cells.get("version"),
        "type": cells.get("type") or cells.get("part_type"),
        "supplier": _named(cells.get("supplier")),
        "manufacturer": _named(cells.get("manufacturer")),
        "part_number": cells.get("part_number") or cells.get("number"),
        "hashes": bom_cells.digest(cells["hashes"]) if cells.get("hashes") else None,
        "quantity": quantity,
        "unit": unit,
        "designators": listed,
        "fcc_id": cells.get("fcc_id"),
        "frequency_mhz": cells.get("frequency_mhz"),
        "country": code,
        "hidden": grid.cells_hidden(record.index, [record.header.columns.get(name) for name in _NUMBERS])
        if grid.hidden_columns
        else grid.row_hidden(record.index),
    }


@lru_cache(maxsize=1 << 12)
def _named(text: str | None) -> str | None:
    """`named`: few firms and countries stand in many rows."""
    return named(text)


def _country(written: str, rule: Countries, known: dict[str, str | None]) -> str | None:
    """The code of a country, asked for once; names that are none may be without number, and are not kept."""
    if written in known:
        return known[written]
    code = rule.country(written)
    if code:
        known[written] = code
    return code


# what the rows and the cells above them say of the document and its item


def _document(records: list[Record], grid: Grid, header: Header) -> Row:
    """Author, date and item of the document: from the cells above the heading, or from columns that say one thing."""
    found: Row = {}
    for label, text in _labelled(grid, header):
        for name, labels in _TITLES.items():
            if label in labels:
                found.setdefault(name, text)
    for name, column in (
        ("document_author", "document_author"),
        ("timestamp", "timestamp"),
        ("timestamp", "modified_on"),
    ):
        told = {record.text(column) for record in records} - {None}
        if len(told) == 1:
            found.setdefault(name, told.pop())
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


def _item(record: Record, row: Row, grid: Grid, document: Row, last: Row | None) -> str | None:
    """The item that a part belongs to: its finished-goods assembly, what the title says, the root above it, its sheet."""
    assembly = record.cells.get("fga_name") or record.cells.get("fga_number")
    above = str(last["item"]) if last and last["item"] else None
    if assembly or document.get("item"):
        return assembly or str(document["item"])
    if row["level"] == 0:
        return str(row["name"]) if row["name"] else above
    return above or (grid.name if grid.one_of_several else None)


def _assembly(record: Record, row: Row) -> bool:
    """Whether a row of a framework sheet is about the finished-goods assembly itself: no column of a part is filled."""
    cells = record.cells
    assembly = cells.get("fga_name") or cells.get("fga_number")
    if not assembly or row["name"] or row["manufacturer"] or row["supplier"]:
        return False
    row |= {
        "name": assembly,
        "part_number": cells.get("fga_number"),
        "version": cells.get("fga_version"),
        "manufacturer": named(cells.get("fga_manufacturer")),
    }
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


# one part


def _name(cells: dict[str, str | None]) -> str | None:
    for name in ("name", "description", "part_number", "number", "comment", "distributor_number"):
        if text := cells.get(name):
            return text
    position = cells.get("find") or ""  # under "Item" may stand a name as well as a number
    return position if any(map(str.isalpha, position)) else None


def _description(record: Record, grid: Grid, *, whole: bool = True) -> str | None:
    """The description, with what has no column of its own: the client's part number beside the maker's, the distributor,
    and in a framework sheet everything that is under a heading that no column knows.

    Not `whole` is what holds for every source of the part: the description and the client's part number.
    """
    cells, header, row = record.cells, record.header, grid.rows[record.index]
    text = cells.get("description") or cells.get("name")
    more = [f"P/N {cells['number']}"] if cells.get("number") and cells.get("part_number") else []
    if whole:
        extra = [name for name in _EXTRA if cells.get(name) and (name != "part_type" or cells.get("type"))]
        if cells.get("hashes") and bom_cells.digest(cells["hashes"]) is None:
            extra.append("hashes")
        more += [f"{header.headings[name]}: {cells[name]}" for name in extra]
        if header.framework:
            more += [f"{heading}: {row[at]}" for at, heading in header.others.items() if at < len(row) and row[at]]
        if not text and (extra or header.framework):
            return "; ".join(more) or None
    return f"{text} ({'; '.join(more)})" if text and more else text
