"""What python-calamine does not tell of an .xlsx: hidden rows and columns, formulas without a value, links to other files."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from assessor.evidence.readers.package_xml import Broken, attributes, local, small, stream

MAX_ROWS = 1_048_576
MAX_TOLD = 1_000
"""Cells without a value that are told one by one."""
_WORTH_A_LOOK = (
    # a pattern, and groups of bytes of which it must hold one each: these are found ten times faster
    (re.compile(rb"hidden"), ((b"hidden",),)),
    (re.compile(rb"""\bt\s*=\s*["']e"""), ((b'"e', b"'e"),)),
    (re.compile(rb"<(?:[\w.-]+:)?f[\s>/]"), ((b"<f", b":f"),)),
    (re.compile(rb"""\b(?:ht|width)\s*=\s*["']0"""), ((b'"0', b"'0"), (b"ht", b"width"))),
)
_NO_VALUE = etree.XPath(
    "*[local-name()='c'][@t='e' or *[local-name()='f']]"
    "[@t='e' or not(*[local-name()='v']) or (not(@t='str') and not(string(*[local-name()='v'])))]"
)
_TRUE = {"1", "true", "on"}


@dataclass
class Marks:
    """Of one sheet: numbers of hidden rows, positions of hidden columns, cells without a value with the reason, and why
    not all could be told."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    valueless: list[tuple[str, str]] = field(default_factory=list)
    untold: str = ""


def sheets(path: Path) -> dict[str, Marks]:
    """For each sheet by name its marks; a sheet whose part cannot be found is missing."""
    with zipfile.ZipFile(path) as package:
        try:
            parts = _parts(package)
        except Broken:
            return {}
        return {name: _marks(package, part) for name, part in parts.items()}


def links(path: Path) -> list[str]:
    """Sentences about what the package would reach for or run: other workbooks, connections, macros."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        targets = []
        for name in names:
            if name.startswith("xl/externalLinks/_rels/"):
                try:
                    root = small(package, name)
                except Broken:
                    continue
                targets += [attributes(each).get("Target", "")[:200] for each in (root if root is not None else ())]
        found = []
        if any(name.startswith("xl/externalLinks/") for name in names):
            shown = ", ".join(sorted(set(filter(None, targets)))[:10]) or "not named"
            found.append(f"links to other files are not followed: {shown}")
        if any(name.startswith(("xl/connections", "xl/queryTables")) for name in names):
            found.append("data connections of the workbook are not used")
        if any(name.endswith("vbaProject.bin") for name in names):
            found.append("macros of the workbook are not run")
        return found


def _parts(package: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    book, related = small(package, "xl/workbook.xml"), small(package, "xl/_rels/workbook.xml.rels")
    if book is None or related is None:
        return {}
    targets = {attributes(each).get("Id"): attributes(each).get("Target", "") for each in related}
    parts = {}
    for sheet in (each for each in book.iter() if local(each) == "sheet"):
        told = attributes(sheet)
        target = targets.get(told.get("id", ""), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if part in package.namelist():
            parts[told.get("name", "")] = part
    return parts


def _marks(package: zipfile.ZipFile, part: str) -> Marks:
    marks = Marks()
    try:
        if not _worth_a_look(package, part):
            return marks
        number = 0
        for _, element in stream(package, part, ("{*}row", "{*}col", "{*}sheetData")):
            if not element.tag.endswith("row"):
                if local(element) == "sheetData":
                    break
                _column(element, marks)
                continue
            told = element.get("r", "")
            number = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else number + 1
            if number > MAX_ROWS or len(marks.rows) > MAX_ROWS:
                raise Broken(f"{part} has more rows than a sheet can have")
            if element.get("hidden") in _TRUE or _none(element.get("ht")):
                marks.rows.add(number)
            for cell in _NO_VALUE(element) if len(element) and not marks.untold else ():
                _valueless(cell, number, marks)
    except Broken as error:
        marks.untold = str(error)
    return marks


def _valueless(cell: etree._Element, number: int, marks: Marks) -> None:
    if len(marks.valueless) >= MAX_TOLD:
        marks.untold = f"more than {MAX_TOLD} cells have no value; the rest of them is not told"
        return
    if cell.get("t") == "e":
        shown = next((each.text for each in cell if local(each) == "v"), None)
        reason = f"the cell holds the error {(shown or '')[:20]}"
    else:
        formula = next((each.text for each in cell if local(each) == "f"), None)
        reason = f"a formula without a stored value, and formulas are not evaluated: ={(formula or '')[:100]}"
    marks.valueless.append((cell.get("r") or f"row {number}", reason))


def _column(element: etree._Element, marks: Marks) -> None:
    if element.get("hidden") not in _TRUE and not _none(element.get("width")):
        return
    bounds = [element.get(name, "") for name in ("min", "max")]
    if all(bound.isascii() and bound.isdigit() and len(bound) < 6 for bound in bounds):
        marks.columns |= set(range(int(bounds[0]) - 1, min(int(bounds[1]), 16_384)))


def _none(size: str | None) -> bool:
    return bool(size) and re.fullmatch(r"0+(\.0*)?", str(size)) is not None


def _worth_a_look(package: zipfile.ZipFile, part: str) -> bool:
    """Whether the bytes hold any of the marks at all: most sheets do not, and are not parsed a second time."""
    tail = b""
    try:
        with package.open(part) as file:
            while piece := file.read(1 << 18):
                if b"\x00" in piece or _marked(tail + piece):
                    return True
                tail = piece[-32:]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise Broken(f"{part} cannot be read: {str(error)[:200]}") from None
    return False


def _marked(xml: bytes) -> bool:
    return any(
        all(any(each in xml for each in group) for group in needed) and pattern.search(xml)
        for pattern, needed in _WORTH_A_LOOK
    )
