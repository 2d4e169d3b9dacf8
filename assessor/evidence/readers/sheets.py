"""Sheets as grids of text: XLSX and XLS through python-calamine, ODS and separated text through readers of our own.

Formulas are not evaluated (the value that the file stores is read), macros are not run and links never followed; both are
noted. What is hidden is read like the rest and told.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import python_calamine

from assessor.evidence.readers import columns, office, office_ole, opendocument, separated, workbook_marks
from assessor.evidence.readers.base import Problem, Unreadable
from assessor.evidence.readers.grid import Grid

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def load(path: Path, *, head: bool = False) -> list[Grid]:
    """The sheets of a workbook or the one of a text file, each with its heading row if it has a known one.

    `head`: only the rows where a heading may stand, without what is hidden. Raises Unreadable for a damaged, encrypted or
    oversized workbook and for an empty file.
    """
    form = serialization(path)
    if form == "csv":
        return [separated.read(path.read_bytes(), head=head)]
    office.guard(path)
    if form == "xls":
        office_ole.guard(path)
    if form == "ods":
        return opendocument.load(path, head=head)
    try:
        book = python_calamine.load_workbook(path)
        grids = [_sheet(book, each, head) for each in book.sheets_metadata]
    except python_calamine.PasswordError:
        raise Unreadable("the workbook is encrypted") from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"the workbook is damaged: {str(error)[:200]}") from None
    except BaseException as error:  # the library is compiled; where it panics, that is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("the workbook is damaged in a way that its reader does not bear") from None
    if not head:
        (_mark if form == "xlsx" else _untold)(grids, path)
    return grids


def serialization(path: Path) -> str:
    """csv (any separated text), xlsx, xls or ods, by the first bytes. Raises Unreadable for an empty file and for .xlsb."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Unreadable("the file is empty")
    if start.startswith(OLE):
        return "xls"
    if not start.startswith(b"PK"):
        return "csv"
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(f"the file is damaged: {error}") from None
    if "xl/workbook.bin" in names:
        raise Unreadable("a binary workbook (.xlsb) is not read; save it as .xlsx")
    return "ods" if "content.xml" in names and "xl/workbook.xml" not in names else "xlsx"


def markup(start: str) -> str:
    """Why a file that begins like this (in small letters) is no sheet although a program saved it as one, else empty."""
    if "urn:schemas-microsoft-com:office:spreadsheet" in start or 'progid="excel.sheet"' in start:
        return "a workbook saved as XML (SpreadsheetML 2003), which is not read; save it as .xlsx"
    if re.match(
        r"(?:<\?xml[^>]*>|<!doctype[^>]*>|<!--(?>.*?-->)|\s)*+<(?:html|head|body|meta|style|table|div)\b",
        start,
        re.DOTALL,
    ) and ("<table" in start or "office:excel" in start):
        return "an HTML table saved as a spreadsheet, which is not read; open it in a spreadsheet program and save it as .xlsx"
    return ""


def _sheet(book: python_calamine.CalamineWorkbook, told: python_calamine.SheetMetadata, head: bool) -> Grid:
    grid = Grid(told.name, hidden=told.visible != python_calamine.SheetVisibleEnum.Visible)
    try:
        sheet = book.get_sheet_by_name(told.name)
        rows = sheet.to_python(skip_empty_area=False, nrows=columns.HEADER_WITHIN) if head else sheet.iter_rows()
        for number, row in enumerate(rows, 1):
            grid.add(number, row)
        merged = sheet.merged_cell_ranges or []
    except python_calamine.CalamineError as error:
        grid.problems.append(Problem(told.name, f"this sheet cannot be read: {str(error)[:200]}"))
        return grid
    grid.header = columns.find(grid.rows)
    grid.merge([(top, left, bottom, right) for (top, left), (bottom, right) in merged])
    return grid


def _mark(grids: list[Grid], path: Path) -> None:
    """Add to the grids of an .xlsx what is hidden in them and which cells have no value."""
    marks = workbook_marks.sheets(path)
    for grid in grids:
        found = marks.get(grid.name)
        reason = "its part of the package is not found" if found is None else found.untold
        if found is not None:
            grid.hidden_rows, grid.hidden_columns = found.rows, found.columns
            grid.problems += [_valueless(grid.name, at, why) for at, why in found.valueless]
        if reason:
            grid.told = False
            message = f"what is hidden, and which cells have no value, cannot be told: {reason}"
            grid.problems.append(Problem(grid.name, message))
    if grids:
        grids[0].notes += workbook_marks.links(path)


def _valueless(name: str, cell: str, why: str) -> Problem:
    message, colon, formula = why.partition(": ")
    return Problem(f"{name}!{cell}", message, formula if colon else "")


def _untold(grids: list[Grid], _: Path) -> None:
    for grid in grids:
        grid.told = False
    if grids:
        grids[0].notes.append(
            "an .xls file: hidden rows and columns, and formulas without a value, cannot be told; ask for .xlsx"
        )
