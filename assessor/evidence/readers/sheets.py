"""Sheets as grids of text: XLSX, XLS and ODS through python-calamine, and separated text (comma, semicolon, tab, bar).

Formulas are not evaluated (the value that the file stores is read), macros and links are never followed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import python_calamine

from assessor.evidence.readers import columns, office
from assessor.evidence.readers.base import Problem, Unreadable, words
from assessor.evidence.readers.text import decode

SEPARATORS = (",", ";", "\t", "|")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Cells = list[str | None]


@dataclass
class Grid:
    """A sheet: rows of texts, and for each the place of it as a locator (`line 14`, `BOM!row 23`)."""

    name: str
    rows: list[Cells]
    places: list[str]
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    header: columns.Header | None = None


def load(path: Path) -> list[Grid]:
    """The sheets of a workbook or the one of a text file, each with its heading row if it has a known one.

    Raises Unreadable for a damaged, encrypted or oversized workbook and for an empty file.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise Unreadable("the file is empty")
    return _workbook(path) if head.startswith((b"PK", OLE)) else [_separated(path.read_bytes())]


def _workbook(path: Path) -> list[Grid]:
    office.guard(path)
    try:
        book = python_calamine.load_workbook(path)
        return [_sheet(book, name) for name in book.sheet_names]
    except python_calamine.PasswordError:
        raise Unreadable("the workbook is encrypted") from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"the workbook is damaged: {str(error)[:200]}") from None


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> Grid:
    try:
        sheet = book.get_sheet_by_name(name)
        rows = [[words(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        merged = sheet.merged_cell_ranges or []
    except python_calamine.CalamineError as error:
        place = [Problem(name, f"this sheet cannot be read: {str(error)[:200]}")]
        return Grid(name, [], [], place)
    grid = Grid(name, rows, [f"{name}!row {number}" for number in range(1, len(rows) + 1)])
    grid.header = columns.find(rows)
    first = grid.header.row + 1 if grid.header else len(rows)
    for (top, left), (bottom, _) in merged:  # what is merged downwards holds for each of its rows
        for number in range(max(top + 1, first), min(bottom + 1, len(rows))):
            if top >= first and left < len(rows[number]) and rows[number][left] is None:
                rows[number][left] = rows[top][left]
    return grid


def _separated(data: bytes) -> Grid:
    """Text with the separator under which most headings are known, otherwise the most frequent one."""
    decoded = decode(data)
    if not decoded.text.strip():
        raise Unreadable("the file is empty")
    head = "\n".join(decoded.text.splitlines()[: columns.HEADER_WITHIN])

    def known(separator: str) -> tuple[int, int]:
        header = columns.find(_parse(head, separator, strict=False)[0])
        return len(header.columns) if header else 0, head.count(separator)

    separator = _best(SEPARATORS, known)
    problems = [Problem("", decoded.damage)] if decoded.damage else []
    try:
        rows, lines = _parse(decoded.text, separator, strict=True)
    except csv.Error as error:
        message = f"quotation marks do not match ({error}), so each line is read by itself"
        problems.append(Problem("", message))
        rows, lines = _line_by_line(decoded.text, separator)
    grid = Grid("", rows, [f"line {line}" for line in lines], problems, [decoded.note] if decoded.note else [])
    grid.header = columns.find(rows)
    return grid


def _best(separators: Sequence[str], score: Callable[[str], tuple[int, int]]) -> str:
    return max(separators, key=score)


def _parse(text: str, separator: str, *, strict: bool) -> tuple[list[Cells], list[int]]:
    """Rows and the line on which each begins. Raises csv.Error when strict and the quotation marks do not match."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict, skipinitialspace=True)
    rows: list[Cells] = []
    lines: list[int] = []
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return rows, lines
        except csv.Error:
            if strict:
                raise
            continue
        rows.append([words(cell) for cell in row])
        lines.append(begins)


def _line_by_line(text: str, separator: str) -> tuple[list[Cells], list[int]]:
    rows = [_parse(line, separator, strict=False)[0] for line in text.splitlines()]
    kept = [(row[0], number) for number, row in enumerate(rows, 1) if row]
    return [row for row, _ in kept], [number for _, number in kept]
