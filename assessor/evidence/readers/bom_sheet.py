"""Hardware bills of materials as sheets: PLM and EDA exports, and sheets by the CISA HBOM framework.

One row a part and one row an alternate source of it, whether that stands on a row of its own, in numbered columns or in the
same cell. What the table has no column for goes into the description, under the client's heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.evidence.readers import bom_cells, marks
from assessor.evidence.readers.base import Countries, Reading, Row, key, named
from assessor.evidence.readers.body import Record
from assessor.evidence.readers.bom_levels import Levels
from assessor.evidence.readers.columns import Header
from assessor.evidence.readers.sheets import Grid

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
_ALTERNATE = re.compile(r"alt(ernat(e|ive)s?|\.|\b)|substitute|2nd source|second source|替代", re.IGNORECASE)
_OWN = ("find", "number", "name", "quantity")
_SOURCE = ("manufacturer", "part_number", "supplier", "distributor_number")
_EXTRA = ("comment", "distributor", "distributor_number", "part_type", "footprint")
_FRAMEWORK = ("hbom ", "fga ", "comp ", "assy and test")


def framework(header: Header) -> bool:
    """Whether the headings are those of the CISA HBOM framework."""
    written = [*header.headings.values(), *header.others.values()]
    return sum(key(heading).startswith(_FRAMEWORK) for heading in written) > 1


def convert(records: list[Record], grid: Grid, header: Header, reading: Reading, source: str, rule: Countries) -> None:
    """Parts as rows of `components`, each with the part that it belongs to or is an alternate source for."""
    reading.format = "hbom"
    parts = list(_parts(records, grid, reading))
    levels = Levels([record for record in parts if not _is_alternate(record, grid)], grid, reading)
    document = _document(parts, grid, header)
    last: Row | None = None
    for record in parts:
        row = _row(record, grid, reading, source, rule)
        row |= document | {name: value for name in document if (value := record.cells.get(name))}
        if last is not None and _is_alternate(record, grid):
            row |= _of_part(last, row)
        else:
            own = _assembly(record, row)
            row["level"] = level = 0 if own else levels.of(record)
            row["parent"] = levels.under(level, row["component"], record.place)
            row["item"] = _item(record, row, grid, document, last)
            last = row
        reading.add("components", row)
        for more in _alternates(record, row, grid, source, reading):
            reading.add("components", more)
    if framework(header):
        _tell_assemblies(parts, reading)


def _parts(records: list[Record], grid: Grid, reading: Reading) -> Iterator[Record]:
    """The records that are parts; totals are told."""
    for record in records:
        texts = [cell for cell in grid.rows[record.index] if cell]
        if not record.cells.get("part_number") and any(map(bom_cells.total, texts)):
            reading.notes.append(f"a total and no part: {record.place} ({'; '.join(texts)[:80]!r})")
            continue
        yield record


def _row(record: Record, grid: Grid, reading: Reading, source: str, rule: Countries) -> Row:
    cells = record.cells
    quantity, unit = bom_cells.quantity(cells.get("quantity"), cells.get("unit"))
    listed, count = bom_cells.designators(cells.get("designators") or cells.get("reference_list"))
    pieces = bom_cells.pieces(quantity, unit)
    if count is not None and listed and pieces is not None and pieces != count:
        _problem(record, grid, reading, "quantity", f"quantity {quantity}, but {count} designators", listed)
    if told := marks.fcc_id_problem(cells.get("fcc_id")):
        _problem(record, grid, reading, "fcc_id", told, cells.get("fcc_id") or "")
    country = named(cells.get("country"))
    code = rule.country(country) if country else None
    if country and code is None:
        _problem(record, grid, reading, "country", f"{country[:60]!r} is not a known name of a country")
    find = cells.get("find")
    return {
        "source": source,
        "locator": record.place,
        "component": f"{source}#{record.place}",
        "reference": find if find and not _ALTERNATE.match(find) else None,
        "medium": "hardware",
        "name": _name(cells),
        "description": _description(record, grid),
        "version": cells.get("version"),
        "type": cells.get("type") or cells.get("part_type"),
        "supplier": named(cells.get("supplier")),
        "manufacturer": named(cells.get("manufacturer")),
        "part_number": cells.get("part_number") or cells.get("number"),
        "hashes": bom_cells.digest(cells.get("hashes")),
        "quantity": quantity,
        "unit": unit,
        "designators": listed,
        "fcc_id": cells.get("fcc_id"),
        "frequency_mhz": cells.get("frequency_mhz"),
        "country": code,
        "hidden": _hidden(record, grid, [record.header.columns.get(name) for name in (*_OWN, "part_number")]),
    }


def _problem(record: Record, grid: Grid, reading: Reading, column: str, message: str, excerpt: str = "") -> None:
    at = record.header.columns[column]
    reading.problem(grid.cell(record.index, at), f"{record.header.headings[column]}: {message}", excerpt)


def _hidden(record: Record, grid: Grid, positions: list[int | None]) -> bool | None:
    """Whether the row is hidden, or all of these cells that are filled stand in hidden columns."""
    row = grid.rows[record.index]
    filled = {at for at in positions if at is not None and at < len(row) and row[at]}
    return True if filled and filled <= grid.hidden_columns else grid.row_hidden(record.index)


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
        told = {record.cells.get(column) for record in records} - {None}
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
            if (text := record.cells.get(name)) and (name != "fga_number" or record.cells.get("fga_name")):
                told[f"{record.header.headings[name]} {text}"] = None
    if told:
        rest = f" and {len(told) - 20} more" if len(told) > 20 else ""
        reading.notes.append(f"of the finished-goods assembly: {', '.join(list(told)[:20])}{rest}")


# one part


def _name(cells: dict[str, str | None]) -> str | None:
    known = (
        cells.get(name) for name in ("name", "description", "part_number", "number", "comment", "distributor_number")
    )
    return next((text for text in known if text), None)


def _description(record: Record, grid: Grid) -> str | None:
    """The description, with what has no column of its own: the client's part number beside the maker's, the distributor,
    and in a framework sheet everything that is under a heading that no column knows."""
    cells, header, row = record.cells, record.header, grid.rows[record.index]
    more = [f"P/N {cells['number']}"] if cells.get("number") and cells.get("part_number") else []
    extra = [name for name in _EXTRA if cells.get(name) and (name != "part_type" or cells.get("type"))]
    if cells.get("hashes") and bom_cells.digest(cells["hashes"]) is None:
        extra.append("hashes")
    more += [f"{header.headings[name]}: {cells[name]}" for name in extra]
    if framework(header):
        more += [f"{heading}: {row[at]}" for at, heading in header.others.items() if at < len(row) and row[at]]
    text = cells.get("description") or cells.get("name")
    if text and more:
        return f"{text} ({'; '.join(more)})"
    return text or ("; ".join(more) if framework(header) or extra else None)


# alternate sources


def _is_alternate(record: Record, grid: Grid) -> bool:
    """A continuation row: marked as alternate, or without what only a part's own row has, but with a maker.

    What a merged cell carries down from the part above is not the row's own.
    """
    cells, header = record.cells, record.header
    if any(_ALTERNATE.match(cells.get(name) or "") for name in ("find", "level")):
        return True
    carried = {name for name, at in header.columns.items() if (record.index, at) in grid.carried}
    maker = any(cells.get(name) and name not in carried for name in ("manufacturer", "part_number"))
    own = ("level",) if "level" in header.columns else _OWN
    return maker and not any(cells.get(name) and name not in carried for name in own)


def _of_part(part: Row, row: Row) -> Row:
    """What an alternate source takes from its part: place in the structure, item, and what its own row leaves out."""
    taken = {name: part[name] for name in ("level", "parent", "item")} | {"alternate_of": part["component"]}
    bare = row["name"] in (None, row["part_number"]) and not (row["description"] and row["name"] != row["part_number"])
    if bare:
        taken["name"] = part["name"]
    for name in ("type", "description"):
        if not row[name]:
            taken[name] = part[name]
    return taken


def _alternates(record: Record, row: Row, grid: Grid, source: str, reading: Reading) -> Iterator[Row]:
    """Rows for the further sources that stand in the same row; the row itself keeps the first."""
    cells, header = record.cells, record.header
    split = bom_cells.several(cells.get("manufacturer"), cells.get("part_number"))
    if split is None:
        message = "as many makers as part numbers cannot be told apart, so the cell is kept as written"
        column = "part_number" if cells.get("part_number") else "manufacturer"
        _problem(record, grid, reading, column, message, f"{cells.get('manufacturer')} / {cells.get('part_number')}")
        split = []
    suppliers = re.split(r"[\n;；|]", cells.get("supplier") or "")
    paired = len(suppliers) == len(split) > 1
    number = 1
    for place, (maker, part_number) in enumerate(split):
        told = {"manufacturer": named(maker), "part_number": part_number or row["part_number"]}
        if paired:
            told["supplier"] = named(suppliers[place])
        if place == 0:
            if len(split) > 1:
                renamed = row["name"] == cells.get("part_number")
                row |= told | ({"name": part_number} if renamed else {})
            continue
        number += 1
        yield _further(row, told, number, source, row["hidden"])
    for group in sorted(header.numbered):
        positions = header.numbered[group]
        values = grid.rows[record.index]
        found = {name: values[at] for name, at in positions.items() if at < len(values) and values[at]}
        if not named(found.get("manufacturer")) and not (
            found.keys() & {"part_number", "distributor_number", "supplier"}
        ):
            continue
        told = {
            "manufacturer": named(found.get("manufacturer")) or row["manufacturer"],
            "part_number": found.get("part_number") or (None if found.get("manufacturer") else row["part_number"]),
            "supplier": named(found.get("supplier")) or (None if "supplier" in positions else row["supplier"]),
        }
        if extra := found.get("distributor_number"):
            told["description"] = f"{row['description'] or row['name']} (supplier P/N {extra})"
        number += 1
        hidden = _hidden(record, grid, list(positions.values()))
        yield _further(row, told, number, source, hidden)


def _further(row: Row, told: Row, number: int, source: str, hidden: bool | None) -> Row:
    place = f"{row['locator']}, source {number}"
    part = row.get("alternate_of") or row["component"]
    return {
        **row,
        **told,
        "locator": place,
        "component": f"{source}#{place}",
        "alternate_of": part,
        "hidden": hidden,
        "hashes": None,
    }
