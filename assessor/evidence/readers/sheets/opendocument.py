"""OpenDocument sheets (.ods) as grids, with what is hidden in them; repeated rows and cells are spread within bounds.

A cell's stored value is read, never its formula; its comments are not part of it.
"""

from __future__ import annotations

import zipfile
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from assessor.evidence.readers.base import Problem, Unreadable
from assessor.evidence.readers.sheets import columns, staggered
from assessor.evidence.readers.sheets.grid import Grid
from assessor.evidence.readers.sheets.package_xml import Broken, attributes, local, small, stream

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_SHEETS = 1_000
MAX_CELLS = 4_000_000
"""Filled cells of a file, repetitions counted."""
_TAGS = tuple(f"{{*}}{name}" for name in ("style", "table", "table-column", "table-row", "table-row-group"))
_WIDE = 200
_FEW = 1_000
_CONTENT = {"p", "h"}
_CELLS = {"table-cell", "covered-table-cell"}
_REMARKABLE = {"number-columns-repeated", "number-rows-spanned", "string-value", "time-value"}
"""Attributes by which a cell is more than its text and its place."""


def load(path: Path) -> list[Grid]:
    """Every sheet, its header found. Raises Unreadable."""
    with zipfile.ZipFile(path) as package:
        _not_encrypted(package)
        reading = _Sheets()
        try:
            for event, element in stream(package, "content.xml", _TAGS, starts=True):
                reading.take(event, element)
        except Broken as error:
            if not reading.grids:
                raise Unreadable(f"the workbook is damaged: {error}") from None
            reading.grids[-1].problems.append(Problem(reading.grids[-1].name, f"the rest cannot be read: {error}"))
        reading.finish()
        if not reading.grids:
            raise Unreadable("the workbook has no sheet")
        return reading.grids


class _Sheets:
    """The sheets read so far; `take` is given the elements in the order of the document."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self._hidden_styles: set[str] = set()
        self._depth = self._row = self._column = self._filled = 0
        self._groups: list[bool] = []
        self._merged: list[tuple[int, int, int, int]] = []

    def take(self, event: str, element: Any) -> None:
        name = _local(element.tag)
        if name == "table":
            self._depth += 1 if event == "start" else -1
            if self._depth == 1 and event == "start":
                self._begin(attributes(element))
        elif name == "style" and event == "end":
            if any(attributes(child).get("display") == "false" for child in element):
                self._hidden_styles.add(attributes(element).get("name", ""))
        elif self._depth != 1:  # a table inside a cell is no row of the sheet
            return
        elif name == "table-row-group":
            if event == "start":
                self._groups.append(attributes(element).get("display") == "false")
            elif self._groups:
                self._groups.pop()
        elif name == "table-column" and event == "end":
            told = attributes(element)
            count = min(_count(told.get("number-columns-repeated")), MAX_COLUMNS)
            if told.get("visibility") in ("collapse", "filter"):
                self.grids[-1].hidden_columns |= set(range(self._column, min(self._column + count, MAX_COLUMNS)))
            self._column += count
        elif name == "table-row" and event == "end":
            self._take_row(element)

    def finish(self) -> None:
        """Find the header of the sheet read last, and spread its merged cells."""
        if self.grids and self.grids[-1].header is None:
            grid = self.grids[-1]
            grid.header = staggered.find(grid)
            grid.merge(self._merged)

    def _begin(self, told: dict[str, str]) -> None:
        self.finish()
        if len(self.grids) >= MAX_SHEETS:
            raise Unreadable(f"the workbook has more than {MAX_SHEETS} sheets")
        hidden = told.get("style-name") in self._hidden_styles or told.get("display") == "false"
        held = self.grids[-1].held if self.grids else 0
        self.grids.append(Grid(told.get("name", ""), hidden=hidden, held=held))
        self._row = self._column = 0
        self._groups, self._merged = [], []

    def _take_row(self, element: Any) -> None:
        grid, told = self.grids[-1], {_local(name): value for name, value in element.items()}
        count = _count(told.get("number-rows-repeated"))
        first, self._row = self._row + 1, self._row + count
        if first > MAX_ROWS:
            raise Unreadable(f"sheet {grid.name[:60]!r} has more than {MAX_ROWS} rows")
        values = self._values(element, first)
        hidden = told.get("visibility") in ("collapse", "filter") or any(self._groups)
        if not values:
            for number in range(first, min(first + count, columns.HEADER_WITHIN + 1)):
                grid.add(number, [])
            return
        self._filled += len(values) * count
        if self._row > MAX_ROWS or self._filled > MAX_CELLS:
            raise Unreadable(f"sheet {grid.name[:60]!r} repeats cells without end; more than {MAX_CELLS} are refused")
        for number in range(first, first + count):
            if not grid.add(number, values):
                return
            if hidden:
                grid.hidden_rows.add(number)

    def _values(self, row: Any, number: int) -> list[object]:
        """The values of a row up to its last filled cell."""
        grid = self.grids[-1]
        values: list[object] = []
        column = 0
        known = _names.get
        for cell in row:
            tag = cell.tag
            if (known(tag) or _local(tag)) not in _CELLS:
                continue
            told = {known(attribute) or _local(attribute): value for attribute, value in cell.items()}
            if (plain := _plain(cell, told)) is not None and _REMARKABLE.isdisjoint(told):  # nearly all cells
                if column > len(values):
                    values += [None] * (column - len(values))
                values.append(plain)
                column += 1
                continue
            count = _count(told["number-columns-repeated"]) if "number-columns-repeated" in told else 1
            value = _value(cell, told)
            if value is None and "formula" in told and not _has_value(cell, told):
                message = "a formula without a stored value, and formulas are not evaluated"
                grid.tell("formulas without a stored value", number, column, message, told["formula"][:200])
            if value is not None:
                if column + count > MAX_COLUMNS:
                    raise Unreadable(f"sheet {grid.name[:60]!r} spans more than {MAX_COLUMNS} columns")
                if column > len(values):
                    values += [None] * (column - len(values))
                if count == 1:
                    values.append(value)
                else:
                    values += [value] * count
            if "number-rows-spanned" in told and (spanned := _count(told["number-rows-spanned"])) > 1:
                self._merged.append((number - 1, column, number + spanned - 2, column))
            column = min(column + count, MAX_COLUMNS + 1)
        return values


_names: dict[str, str] = {}


def _local(tag: Any) -> str:
    """A name without its namespace; a document has few different ones."""
    found = _names.get(tag)
    if found is None:
        found = local(tag) if isinstance(tag, str) else ""
        if len(_names) < _FEW and len(found) < _FEW:
            _names[tag] = found
    return found


def _plain(cell: Any, told: dict[str, str]) -> str | None:
    """The text of a cell that is one paragraph without anything inside, or a whole number; None: to be looked at."""
    kind = told.get("value-type")
    if kind == "string":
        if len(cell) == 1 and not len(paragraph := cell[0]) and _local(paragraph.tag) in _CONTENT:
            return paragraph.text or None
    elif kind == "float":
        return _whole(told.get("value", ""))
    return None


def _whole(written: str) -> str | None:
    """A number that is written as it would be shown."""
    plain = written.isdecimal() and written.isascii() and len(written) < 16 and written[0] != "0"
    return written if plain else None


def _value(cell: Any, told: dict[str, str]) -> object:
    kind = told.get("value-type", "string")
    if kind == "string":
        return told.get("string-value") or told.get("time-value") or _text(cell)
    if kind in ("float", "percentage", "currency"):
        written = told.get("value", "")
        if whole := _whole(written):
            return whole
        try:
            return Decimal(written[:_WIDE])
        except InvalidOperation:
            return _text(cell)
    if kind == "date":
        return told.get("date-value", "").removesuffix("T00:00:00") or _text(cell)
    if kind == "boolean":
        return {"true": True, "false": False}.get(told.get("boolean-value", ""), _text(cell))
    return told.get("string-value") or told.get("time-value") or _text(cell)


def _has_value(cell: Any, told: dict[str, str]) -> bool:
    return any(name.endswith("value") for name in told) or any(local(child) in _CONTENT for child in cell)


def _text(cell: Any) -> str | None:
    """The paragraphs of a cell; blanks and tabs have elements of their own."""
    parts: list[str] = []
    for child in cell:
        if _local(child.tag) in _CONTENT:
            parts.append(_inline(child) if len(child) else child.text or "")
    return (parts[0] if len(parts) == 1 else "\n".join(parts)) or None


def _inline(paragraph: Any) -> str:
    parts = [paragraph.text or ""]
    for child in paragraph.iterdescendants():
        name = local(child) if isinstance(child.tag, str) else ""
        if name == "s":
            parts.append(" " * min(_count(attributes(child).get("c")), _WIDE))
        elif name in ("tab", "line-break"):
            parts.append("\t" if name == "tab" else "\n")
        elif name:
            parts.append(child.text or "")
        parts.append(child.tail or "")
    return "".join(parts)


def _count(text: str | None) -> int:
    """A repetition; what is no number, or longer than any, counts as one or as too many."""
    if not text or not (text.isascii() and text.isdigit()):
        return 1
    return int(text) if len(text) < 9 else 10**9


def _not_encrypted(package: zipfile.ZipFile) -> None:
    try:
        manifest = small(package, "META-INF/manifest.xml")
    except Broken:
        return
    if manifest is not None and any(
        local(each) == "encryption-data" for each in manifest.iter() if isinstance(each.tag, str)
    ):
        raise Unreadable("the workbook is encrypted")
