"""Places in sheets: rows and cells of workbooks and of separated text, under the headings below which they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assessor.evidence.places.excerpt import AROUND, Found, Line, NotShown, around, here
from assessor.evidence.readers.base import Reading
from assessor.evidence.readers.body import body
from assessor.evidence.readers.rows import frugal
from assessor.evidence.readers.sheets import sheets
from assessor.evidence.readers.sheets.grid import Cells, Grid, letters

_SOURCE = r"(?:, source \d+)?"
_ROW = re.compile(rf"(?P<sheet>.*)!row (?P<row>\d{{1,9}}){_SOURCE}", re.DOTALL)
_CELL = re.compile(rf"(?P<sheet>.*)!(?P<column>[A-Z]{{1,3}})(?P<row>\d{{1,9}}){_SOURCE}", re.DOTALL)
_LINE = re.compile(rf"line (?P<row>\d{{1,9}})(?:, column (?P<number>\d{{1,9}}))?{_SOURCE}")
_KEPT = 4 << 20
"""Bytes of a file up to which its sheets are kept for the next place."""
_BEGINNING = 20
"""Rows of a whole sheet that are shown."""


@dataclass(frozen=True)
class _Sheet:
    """A sheet as it is read: rows with their numbers, and which of them (by their index) are headings."""

    name: str
    is_text: bool
    numbers: list[int]
    rows: list[Cells]
    headings: list[int]

    def place(self, index: int) -> str:
        return f"{'line' if self.is_text else 'row'} {self.numbers[index]}"

    def labels(self, index: int, width: int) -> list[str]:
        """The headings of a row's cells; what has none is called by its letter, or its number in a text."""
        at = bisect_right(self.headings, index - 1)
        heading = self.rows[self.headings[at - 1]] if at else []
        named = [heading[column] if column < len(heading) else None for column in range(width)]
        plain = (f"column {column + 1}" if self.is_text else letters(column) for column in range(width))
        return [name or letter for name, letter in zip(named, plain, strict=True)]


def show(path: Path, locator: str) -> Found:
    """The row of a locator with the headings of its cells, between the rows before and after it; of a cell's locator the cell is
    the place. A sheet's name alone, or no locator, is its beginning. Raises NotShown and Unreadable."""
    told = _LINE.fullmatch(locator) or _ROW.fullmatch(locator) or _CELL.fullmatch(locator)
    named = told.groupdict() if told else {}
    found = _sheets(path)
    name = named.get("sheet", "" if named else locator) or ""
    sheet = next((each for each in found if each.name == name and each.rows), None)
    if sheet is None and not named and not locator:
        sheet = next((each for each in found if each.rows), None)
    if sheet is None:
        raise NotShown("the file has no such sheet" if name else "this is no place of a sheet")
    if not named:
        return Found(_heading(sheet, ""), _beginning(sheet))
    number = int(named["row"])
    at = bisect_right(sheet.numbers, number) - 1
    if at < 0 or sheet.numbers[at] != number:
        raise NotShown(f"no row begins on line {number}" if sheet.is_text else f"row {number} is empty or is not read")
    column = _column(named)
    what = f", {'column' if sheet.is_text else 'cell'} {_shown(column, number, sheet)}" if column is not None else ""
    place = sheet.place(at) + what if sheet.is_text or not what else what[2:]
    return Found(_heading(sheet, place), _rows(sheet, at, column))


def _sheets(path: Path) -> list[_Sheet]:
    told = path.stat()
    state = str(path), told.st_ino, told.st_size, told.st_mtime_ns
    return _known(*state) if told.st_size <= _KEPT else _loaded(path)


@lru_cache(maxsize=1)
def _known(path: str, inode: int, size: int, changed: int) -> list[_Sheet]:
    """The sheets of the file that was asked for last, since its places are asked for one after the other."""
    return _loaded(Path(path))


def _loaded(path: Path) -> list[_Sheet]:
    with frugal():
        return [
            _Sheet(grid.name, grid.text, grid.numbers, [list(row) for row in grid.rows], _headings(grid))
            for grid in sheets.load(path)
        ]


def _headings(grid: Grid) -> list[int]:
    """The first heading and those further down below which the reader has records."""
    if grid.header is None:
        return []
    return sorted({grid.header.row, *(record.header.row for record in body(grid, grid.header, Reading()))})


def _column(named: dict[str, str]) -> int | None:
    """The position of a cell in its row, from 0; None where the whole row is the place."""
    if named.get("number"):
        return int(named["number"]) - 1
    at = 0
    for letter in named.get("column") or "":
        at = at * 26 + ord(letter) - 64
    return at - 1 if at else None


def _shown(column: int, number: int, sheet: _Sheet) -> str:
    return str(column + 1) if sheet.is_text else f"{letters(column)}{number}"


def _heading(sheet: _Sheet, place: str) -> str:
    if sheet.is_text:
        return place or "the beginning of the file"
    return f"Sheet {sheet.name}, {place or 'the beginning'}"


def _rows(sheet: _Sheet, at: int, column: int | None) -> list[Line]:
    row = sheet.rows[at]
    width = max(len(row), 0 if column is None else column + 1)
    cells = [
        here(label, cell or "") if column is None or column == number else around(label, cell or "")
        for number, (label, cell) in enumerate(
            zip(sheet.labels(at, width), [*row, *[None] * (width - len(row))], strict=True)
        )
        if cell is not None or column == number
    ]
    before = [_beside(sheet, each) for each in range(max(0, at - AROUND), at)]
    after = [_beside(sheet, each) for each in range(at + 1, min(len(sheet.rows), at + 1 + AROUND))]
    return [*before, *(cells or [here("", "the row is empty")]), *after]


def _beside(sheet: _Sheet, at: int) -> Line:
    return around(sheet.place(at), " | ".join(cell or "" for cell in sheet.rows[at]))


def _beginning(sheet: _Sheet) -> list[Line]:
    rows = [at for at, row in enumerate(sheet.rows) if row][:_BEGINNING]
    return [here(sheet.place(at), " | ".join(cell or "" for cell in sheet.rows[at])) for at in rows]
