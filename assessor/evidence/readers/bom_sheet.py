"""Hardware bills of materials as sheets: levels, parents, alternates on continuation rows, the item from a title cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.evidence.readers.base import Countries, Reading, Row, key, named
from assessor.evidence.readers.body import Record
from assessor.evidence.readers.columns import Header
from assessor.evidence.readers.sheets import Grid

_TITLES = {
    "item": {"assembly", "assembly name", "top assembly", "top level assembly", "product", "item", "product name"},
    "document_author": {"prepared by", "author", "created by", "issued by", "hbom author"},
    "timestamp": {"date", "released", "release date", "issued", "created", "issue date", "date of issue"},
}
_LEVEL = re.compile(r"[.\s·]*(\d{1,3})(?:\.0)?")
_PATH = re.compile(r"\d+(?:\.\d+)+\.?")
_ALTERNATE = re.compile(r"alt(ernates?|\.|\b)|substitute|2nd source|second source", re.IGNORECASE)


def convert(records: list[Record], grid: Grid, header: Header, reading: Reading, source: str, rule: Countries) -> None:
    """Parts as rows of `components`, each with the part that it belongs to or is an alternate source for."""
    title = _title(grid, header)
    if "item" not in title:
        root = next((record for record in records if (record.cells.get("level") or "").strip(". ") == "0"), None)
        title["item"] = _name(root.cells) if root else None
    above: dict[int, str] = {}
    last: Row | None = None
    for record in records:
        cells = record.cells
        place = f"{source}#{record.place}"
        row: Row = {
            **title,
            "source": source,
            "locator": record.place,
            "component": place,
            "medium": "hardware",
            "name": _name(cells),
            "description": _description(cells),
            "version": cells.get("version"),
            "type": cells.get("type"),
            "supplier": named(cells.get("supplier")),
            "manufacturer": named(cells.get("manufacturer")),
            "part_number": cells.get("part_number") or cells.get("number"),
            "quantity": cells.get("quantity"),
            "fcc_id": cells.get("fcc_id"),
            "frequency_mhz": cells.get("frequency_mhz"),
            "country": _country(record, header, reading, rule),
        }
        row |= {name: cells[name] for name in ("document_author", "timestamp") if cells.get(name)}
        if last is not None and _is_alternate(cells, header):
            row |= {"alternate_of": last["component"], "level": last["level"], "parent": last["parent"]}
            for name in ("name", "type", "description"):
                if not cells.get(name) and (name != "name" or not cells.get("description")):
                    row[name] = last[name]
        else:
            row["level"] = level = _level(record, header, reading)
            row["parent"] = _parent(above, level, record.place, reading)
            if level is not None:
                above = {depth: part for depth, part in above.items() if depth < level} | {level: place}
            last = row
        reading.add("components", row)


def _title(grid: Grid, header: Header) -> Row:
    """What the cells above the heading say: `Assembly: X` in one cell, or `Assembly` beside `X`."""
    found: Row = {}
    for label, text in _labelled(grid, header):
        for name, labels in _TITLES.items():
            if label in labels:
                found.setdefault(name, text)
    return found


def _labelled(grid: Grid, header: Header) -> Iterator[tuple[str, str]]:
    for row in grid.rows[: header.row]:
        cells = [cell for cell in row if cell]
        if len(cells) == 1:  # several labels may share one cell, parted by wide spaces or bars
            cells = [part for part in re.split(r"\s{3,}|\s[|·]\s", cells[0]) if part]
        for number, cell in enumerate(cells):
            label, colon, text = cell.partition(":")
            if colon and text.strip():
                yield key(label), text.strip()
            elif number + 1 < len(cells):
                yield key(label), cells[number + 1]


def _name(cells: dict[str, str | None]) -> str | None:
    known = (cells.get(name) for name in ("name", "description", "part_number", "number", "distributor_number"))
    return next((text for text in known if text), None)


def _description(cells: dict[str, str | None]) -> str | None:
    """The description, with the client's own part number, for which there is no column beside the maker's."""
    text = cells.get("description") or cells.get("name")
    number = cells.get("number")
    return f"{text} (P/N {number})" if text and number and cells.get("part_number") else text


def _is_alternate(cells: dict[str, str | None], header: Header) -> bool:
    """A continuation row: marked as alternate, or without what only a part's own row has, but with a maker."""
    if any(_ALTERNATE.match(cells.get(name) or "") for name in ("find", "level")):
        return True
    maker = cells.get("manufacturer") or cells.get("part_number")
    own = ("level",) if "level" in header.columns else ("find", "number", "name", "quantity")
    return bool(maker) and not any(cells.get(name) for name in own)


def _level(record: Record, header: Header, reading: Reading) -> int | None:
    if "level" not in header.columns:
        return 1
    text = record.cells.get("level")
    if text and (match := _LEVEL.fullmatch(text)):
        return int(match[1])
    if text and _PATH.fullmatch(text):
        return len(text.strip(".").split("."))
    reading.problem(
        record.place, f"{header.headings['level']}: {text!r} is no level, so the part's place in the structure is open"
    )
    return None


def _parent(above: dict[int, str], level: int | None, place: str, reading: Reading) -> str | None:
    if level is None:
        return None
    upper = [depth for depth in above if depth < level]
    if upper and max(upper) < level - 1:
        reading.problem(place, f"level {level} follows level {max(upper)}: a level is missing between them")
    return above[max(upper)] if upper else None


def _country(record: Record, header: Header, reading: Reading, rule: Countries) -> str | None:
    text = named(record.cells.get("country"))
    code = rule.country(text) if text else None
    if text and code is None:
        reading.problem(record.place, f"{header.headings['country']}: {text[:60]!r} is not a known name of a country")
    return code
