"""Sheets as grids of text: XLSX and XLS through python-calamine, ODS and separated text through readers of our own.

Formulas are not evaluated (the value that the file stores is read), macros are not run and links never followed; both are
noted. What is hidden is read like the rest and told.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import python_calamine

from assessor import files
from assessor.evidence.readers import office
from assessor.evidence.readers.base import Problem, Unreadable
from assessor.evidence.readers.sheets import office_ole, opendocument, separated, staggered, workbook_marks
from assessor.evidence.readers.sheets.grid import Grid

MAX_SHEETS = 1_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


_last: list[tuple[tuple[str, int, int, int], list[Grid]]] = []
"""The workbook loaded last, and what its file was then: who recognised it is about to read it, and parsing it is dear."""


def load(path: Path, *, head: bool = False) -> list[Grid]:
    """The sheets of a workbook or the one of a text file, each with its heading row if it has a known one.

    `head`: of a text file only the rows where a heading may stand; a workbook is kept for the call that follows. Raises
    Unreadable for a damaged, encrypted or oversized workbook and for an empty file.
    """
    told = path.stat()
    state = str(path), told.st_ino, told.st_size, told.st_mtime_ns
    kept = [grids for known, grids in _last if known == state]
    forget()
    if kept and not head:
        return kept[0]
    form = serialization(path)
    if form == "csv":
        return [separated.read(path.read_bytes(), head=head)]
    grids = _workbook(path, form)
    if head:
        _last.append((state, grids))
    return grids


def forget() -> None:
    """Free the workbook that was kept."""
    _last.clear()


def _workbook(path: Path, form: str) -> list[Grid]:
    worth = office.guard(path)
    if form == "ods":
        return opendocument.load(path)
    if form == "xls":
        office_ole.guard(path)
    try:
        book = python_calamine.load_workbook(path)
        grids = _sheets(book, workbook_marks.doubled(path) if form == "xlsx" else set())
    except python_calamine.PasswordError:
        raise Unreadable("the workbook is encrypted") from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"the workbook is damaged: {str(error)[:200]}") from None
    except BaseException as error:  # the library is compiled; where it panics, that is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("the workbook is damaged in a way that its reader does not bear") from None
    if form == "xlsx":
        _mark(grids, path, worth)
    else:
        _untold(grids)
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
    except files.BAD_ZIP as error:
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


def _sheets(book: python_calamine.CalamineWorkbook, doubled: set[str]) -> list[Grid]:
    """All sheets; one that has the name or the part of another is told and left out, since the library would give that one."""
    grids: list[Grid] = []
    names: set[str] = set()
    if len(book.sheets_metadata) > MAX_SHEETS:
        raise Unreadable(f"the workbook has more than {MAX_SHEETS:,} sheets; deliver it in parts")
    for each in book.sheets_metadata:
        if each.name in names or each.name in doubled:
            message = "a further sheet of this name, or of the same part of the package, is not read"
            grids.append(Grid(each.name, problems=[Problem(each.name, message)], held=grids[-1].held))
        else:
            grids.append(_sheet(book, each, grids[-1].held if grids else 0))
        names.add(each.name)
    return grids


def _sheet(book: python_calamine.CalamineWorkbook, told: python_calamine.SheetMetadata, held: int) -> Grid:
    grid = Grid(told.name, hidden=told.visible != python_calamine.SheetVisibleEnum.Visible, held=held)
    try:
        sheet = book.get_sheet_by_name(told.name)
        for number, row in enumerate(sheet.iter_rows(), 1):
            if not grid.add(number, row):
                break
        merged = sheet.merged_cell_ranges or []
    except python_calamine.CalamineError as error:
        grid.problems.append(Problem(told.name, f"this sheet cannot be read: {str(error)[:200]}"))
        return grid
    grid.header = staggered.find(grid)
    grid.merge([(top, left, bottom, right) for (top, left), (bottom, right) in merged])
    return grid


def _mark(grids: list[Grid], path: Path, worth: dict[str, set[str]]) -> None:
    """Add to the grids of an .xlsx what is hidden in them and which cells have no value."""
    marks = workbook_marks.sheets(path, worth)
    for grid in grids:
        if not grid.rows and grid.problems:
            continue
        found = marks.get(grid.name)
        reason = "its part of the package is not found" if found is None else found.untold
        if found is not None:
            grid.hidden_rows, grid.hidden_columns = found.rows, found.columns
            grid.problems += [_valueless(grid.name, at, why) for at, why in found.valueless]
            if found.more:
                message = f"more than {workbook_marks.MAX_TOLD:,} cells have no value; the rest of them is not listed"
                grid.problems.append(Problem(grid.name, message))
        if reason:
            grid.told = False
            message = f"what is hidden, and which cells have no value, cannot be told: {reason}"
            grid.problems.append(Problem(grid.name, message))
    if grids:
        grids[0].notes += workbook_marks.links(path)


def _valueless(name: str, cell: str, why: str) -> Problem:
    message, colon, formula = why.partition(": ")
    return Problem(f"{name}!{cell}", message, formula if colon else "")


def _untold(grids: list[Grid]) -> None:
    for grid in grids:
        grid.told = False
    if grids:
        grids[0].notes.append(
            "an .xls file: hidden rows and columns, and formulas without a value, cannot be told; ask for .xlsx"
        )
