"""Separated text (comma, semicolon, tab, bar) as a grid; quotation marks may be wrong, lines and cells of any size.

Formulas are text here and stay so; only `="0402"`, by which programs keep leading zeros, is read as the text in it.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from assessor.evidence.readers.base import Problem, Unreadable
from assessor.evidence.readers.sheets import columns, staggered
from assessor.evidence.readers.sheets.grid import MAX_ROWS, Grid
from assessor.evidence.readers.text import decode

SEPARATORS = (",", ";", "\t", "|")
MAX_BYTES = 64 * 1024 * 1024
MAX_OTHER = 32 * 1024 * 1024
"""The same for text that is not all ASCII and takes up to four times as much memory."""
MAX_HELD = 96 * 1024 * 1024
"""Bytes of memory that the decoded text may take: one rare character makes every character of it wide."""
MAX_COLUMNS = 16_384
MAX_LINES = 2 * MAX_ROWS
"""Lines of a file that are read: a cell may have several, but not as many as rows stand in any sheet."""
MAX_ALONE = 600_000
"""Lines that are read each by itself, where quotation marks do not match: more than parts are read of a file."""
MAX_LINE = 8 * 1024 * 1024
"""Characters of a line that are read."""
_HEADING = 20_000
"""Characters of a line that are looked at for headings."""
_KEPT_TEXT = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"=[A-Za-z_+\-(|].*", re.DOTALL)
_PIECE = 1 << 20
_NO_ENDS = ("\f", "\x85", "\u2028", "\u2029")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def read(data: bytes, *, head: bool = False) -> Grid:
    """The grid of a text file, its header found; `head`: only the rows where a heading may stand.

    The separator is the one under which most headings are known, otherwise the most frequent one. Raises Unreadable for
    an empty file and for one too big to hold.
    """
    limit = MAX_BYTES if data.isascii() else MAX_OTHER
    if len(data) > limit:
        raise Unreadable(f"the text file has more than {limit >> 20} MB; deliver it in parts or as a workbook")
    decoded = decode(data)
    del data  # tens of megabytes
    if not decoded.text.strip("\ufffd \t\r\n\f"):
        raise Unreadable("the file is empty")
    if sys.getsizeof(decoded.text) > MAX_HELD:
        raise Unreadable(f"the decoded text takes more than {MAX_HELD >> 20} MB; deliver it in parts or as a workbook")
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))  # the library's limit would make a long cell an error
    grid = Grid("", text=True, notes=[decoded.note] if decoded.note else [])
    grid.read_formula = partial(_unquoted, grid)
    if decoded.damage:
        grid.problems.append(Problem("", decoded.damage))
    first = [line[:_HEADING] for line in islice(_lines(decoded.text), columns.HEADER_WITHIN + 1)]
    told = _told_separator(first[0])
    first = first[1:] if told else first
    separator = told or _best(first)
    skip = any(f'{separator} "' in line for line in first)
    problems = list(grid.problems)
    until = columns.HEADER_WITHIN + 2 if head else None
    begins = 2 if told else 1
    wrong = _strict(grid, decoded.text, separator, skip, until, begins)
    if wrong is not None:
        grid.restart(problems)
        if not head:  # in the head of a file the quotation may merely be cut off
            grid.problems.append(wrong)
        for number, row in _each_line(grid, decoded.text, separator, skip, until):
            if number > MAX_ALONE:
                message = (
                    f"more than {MAX_ALONE:,} lines are not read each by itself; what stands from here on is not read"
                )
                grid.problems.append(Problem(f"line {number}", message))
                break
            if number >= begins and not grid.add(number, row):
                break
    grid.header = staggered.find(grid)
    return grid


def _told_separator(line: str) -> str:
    match = re.fullmatch(r"sep=(.)\s*", line)
    return match[1] if match else ""


def _best(head: Sequence[str]) -> str:
    def known(separator: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(head, delimiter=separator, skipinitialspace=True))
        except csv.Error:
            rows = [line.split(separator) for line in head]
        header = columns.find([[cell.strip() or None for cell in row] for row in rows])
        return len(header.columns) if header else 0, sum(line.count(separator) for line in head)

    return max(SEPARATORS, key=known)


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; a carriage return alone ends one too."""
    at = 0
    while at < len(text):
        end = (text.find("\n", at + _PIECE) + 1) or (text.find("\r", at + _PIECE) + 1) or len(text)
        piece = text[at:end]
        if any(sign in piece for sign in _NO_ENDS):  # the library takes these for ends of a line too
            yield from (match[0] for match in _LINE.finditer(piece) if match[0])
        else:
            yield from piece.splitlines(keepends=True)
        at = end


def _strict(grid: Grid, text: str, separator: str, skip: bool, limit: int | None, first: int) -> Problem | None:
    """Add the rows from the line `first` on, each with the line on which it begins; the problem where the quotation marks
    do not match, which ends it."""
    lines = _bounded(grid, text, separator, limit)
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=skip)
    begins, width = 1, 0
    try:
        for row in reader:
            width = max(width, len(row)) if len(row) > 1 else width
            if len(row) == 1 and width > 2:
                row = _by_another(grid, begins, row[0], width, separator)
            if begins >= first and not grid.add(begins, row):
                break
            begins = reader.line_num + 1
    except csv.Error as error:
        message = f"quotation marks do not match ({error}), so each line is read by itself"
        return Problem(f"line {begins}", message)
    return None


def _by_another(grid: Grid, number: int, line: str, width: int, separator: str) -> list[str]:
    """The cells of a line in which the separator of the file does not stand, but another as often as cells need it."""
    for sign in SEPARATORS:
        if sign != separator and line.count(sign) >= width - 1:
            message = (
                f"this line is separated by {sign!r} and not by {separator!r} like those before it, and is read so"
            )
            grid.tell("lines with another separator", number, None, message, line)
            return line.split(sign)
    return [line]


def _each_line(grid: Grid, text: str, separator: str, skip: bool, limit: int | None) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(_bounded(grid, text, separator, limit), 1):
        if '"' not in line and not skip:
            yield number, line.rstrip("\r\n").split(separator)
            continue
        try:
            rows = list(csv.reader([line], delimiter=separator, skipinitialspace=skip))
        except csv.Error:  # a cell beyond the size that the library takes
            rows = [[cell.strip('"') for cell in line.rstrip("\r\n").split(separator)]]
        if rows:
            yield number, rows[0]


def _bounded(grid: Grid, text: str, separator: str, limit: int | None) -> Iterator[str]:
    """The lines, each cut where it is longer than can be read, or has more cells than a sheet has columns."""
    for number, line in enumerate(islice(_lines(text), limit), 1):
        if number > MAX_LINES:
            message = f"the file has more than {MAX_LINES:,} lines; what stands from here on is not read, so deliver it in parts"
            grid.problems.append(Problem(f"line {number}", message))
            return
        if len(line) > MAX_COLUMNS:
            if len(line) > MAX_LINE:
                message = f"only the first {MAX_LINE:,} characters of a line are read; this one has {len(line):,}"
                grid.tell("lines that are too long", number, None, message, line[:200])
                line = line[:MAX_LINE]
            if line.count(separator) > MAX_COLUMNS and '"' not in line:  # before millions of cells are made of it
                line = separator.join(line.split(separator, MAX_COLUMNS + 1)[: MAX_COLUMNS + 1])
        yield line


def _unquoted(grid: Grid, cell: str, number: int, column: int) -> str:
    if match := _KEPT_TEXT.fullmatch(cell.strip()):
        return match[1]
    if _FORMULA.fullmatch(cell):
        message = "a formula stands as text; it is kept as written and not evaluated"
        grid.tell("a formula stands as text", number, column, message, cell)
    return cell
