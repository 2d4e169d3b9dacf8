"""What python-calamine does not tell of an .xlsx: hidden rows and columns, formulas without a value, links to other files."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from assessor.evidence.readers.sheets.package_xml import Broken, attributes, local, pieces, small, stream

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_TOLD = 1_000
"""Cells without a value that are told one by one."""
ODD, COLUMNS, ROWS, CELLS = "odd", "columns", "rows", "cells"
ALL = {ODD, COLUMNS, ROWS, CELLS}
"""What `look` may find: marks of columns, of rows, of cells; and a part that is not written as office programs do."""
_SIGNS = (
    (b"hidden", {COLUMNS, ROWS}),
    (b'ht="0', {ROWS}),
    (b't="e"', {CELLS}),
    (b"<f", {CELLS}),
)
_ROW_TAG = re.compile(rb"<row ([^<>]*)>")
_ATTRIBUTES = re.compile(rb"""(?:[\w:.-]+="[^"]*"[\s/]*)*""")
_ATTRIBUTE = re.compile(r"""([\w:.-]+)="([^"]*)\"""")
_VALUELESS_CELL = re.compile(
    rb"""<c ([^<>]*)>\s*<f(?:\s[^<>]*)?(?:/>|>([^<]*)</f>)\s*(?:</c>|<v\s*/>|<v></v>)"""
    rb"""|<c ((?:[^<>]* )?t="e"(?:[^<>]*[^/<>])?)>(?:\s*<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>))?\s*(?:<v>([^<]*)</v>)?"""
)
_NO_VALUE = etree.XPath(
    "*[local-name()='c'][@t='e' or *[local-name()='f']]"
    "[@t='e' or not(*[local-name()='v']) or (not(@t='str') and not(string(*[local-name()='v'])))]"
)
_TRUE = {"1", "true", "on"}


@dataclass
class Marks:
    """Of one sheet: numbers of hidden rows, positions of hidden columns, cells without a value with the reason, whether there
    are more of these, and why not all could be told."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    valueless: list[tuple[str, str]] = field(default_factory=list)
    more: bool = False
    untold: str = ""


def sheets(path: Path, found: Mapping[str, set[str]]) -> dict[str, Marks]:
    """For each sheet by name its marks, where `look` found some in its part; a sheet whose part is not found is missing."""
    with zipfile.ZipFile(path) as package:
        try:
            parts = _parts(package)
        except Broken:
            return {}
        return {name: _marks(package, part, found.get(part, set())) for name, part in parts.items()}


def doubled(path: Path) -> set[str]:
    """The names of sheets that are the same part of the package as a sheet before them."""
    with zipfile.ZipFile(path) as package:
        try:
            parts = _parts(package)
        except Broken:
            return set()
    seen: set[str] = set()
    found = set()
    for name, part in parts.items():
        if part in seen:
            found.add(name)
        seen.add(part)
    return found


def look(xml: bytes, found: set[str], begun: bool) -> bool:
    """Add the marks that may be in a piece of a part; most sheets have none, and are not parsed a second time. Whether the
    rows, before which the columns stand, have begun by its end."""
    before, begins, behind = (b"", b"", xml) if begun else xml.partition(b"<sheetData")
    for sign, marks in _SIGNS:
        if not marks <= found and sign in xml:
            found |= {mark for mark in marks if sign in (before if mark == COLUMNS else behind)}
    if b'width="0' in before:
        found.add(COLUMNS)
    return begun or bool(begins)


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
    """The part of each sheet, by the sheet's name. Raises Broken."""
    book, related = small(package, "xl/workbook.xml"), small(package, "xl/_rels/workbook.xml.rels")
    if book is None or related is None:
        return {}
    targets = {attributes(each).get("Id"): attributes(each).get("Target", "") for each in related}
    names = set(package.namelist())
    parts = {}
    for sheet in (each for each in book.iter() if local(each) == "sheet"):
        told = attributes(sheet)
        target = targets.get(told.get("id", ""), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if part in names:
            parts[told.get("name", "")] = part
    return parts


def _marks(package: zipfile.ZipFile, part: str, found: set[str]) -> Marks:
    marks = Marks()
    try:
        if found & {COLUMNS, ODD}:
            _columns(package, part, marks)
        if found & {ROWS, CELLS} and not (ODD not in found and _regular(package, part, found, marks)):
            _rows(package, part, marks)
    except Broken as error:
        marks.untold = str(error)
    return marks


def _columns(package: zipfile.ZipFile, part: str, marks: Marks) -> None:
    hidden = bytearray(MAX_COLUMNS)
    for number, (_, element) in enumerate(stream(package, part, ("{*}col", "{*}sheetData"), starts=True)):
        if local(element) == "sheetData":
            break
        if number > 2 * MAX_COLUMNS:
            raise Broken(f"{part} tells of more columns than a sheet can have")
        if element.get("hidden") in _TRUE or _none(element.get("width")):
            bounds = [element.get(name, "") for name in ("min", "max")]
            if all(bound.isascii() and bound.isdigit() and len(bound) < 6 for bound in bounds):
                first, last = int(bounds[0]) - 1, min(int(bounds[1]), MAX_COLUMNS)
                hidden[max(first, 0) : last] = b"\1" * (last - max(first, 0))
    marks.columns = {at for at, each in enumerate(hidden) if each}


def _regular(package: zipfile.ZipFile, part: str, found: set[str], marks: Marks) -> bool:
    """Read the marks of rows and cells from a part that is written as office programs do, without a tree of it; False where
    it is not, and nothing is to be taken from `marks`."""
    rows: set[int] = set()
    for xml in pieces(package, part, b"<row "):
        for told in _ROW_TAG.findall(xml) if ROWS in found else ():
            if b"hidden" not in told and b'ht="0' not in told:
                continue
            if _ATTRIBUTES.fullmatch(told) is None:
                return False
            named = dict(_ATTRIBUTE.findall(told.decode("utf-8", "replace")))
            if named.get("hidden") in _TRUE or _none(named.get("ht")):
                rows.add(int(named["r"]) if re.fullmatch("[0-9]{1,7}", named.get("r", "")) else 0)
        if CELLS in found and not marks.more:
            _without_value(xml, marks)
    marks.rows = rows
    return True


def _without_value(xml: bytes, marks: Marks) -> None:
    for match in _VALUELESS_CELL.finditer(xml):
        told, formula, wrong, shown = map(_unescaped, match.groups())
        attributes = dict(_ATTRIBUTE.findall(told or wrong))
        if attributes.get("t") == "str" and not match[0].endswith(b"</c>"):
            continue  # an empty text is a value
        _valueless(attributes.get("r", ""), attributes.get("t") == "e", shown, formula, marks)


def _unescaped(xml: bytes | None) -> str:
    return html.unescape((xml or b"").decode("utf-8", "replace"))


def _rows(package: zipfile.ZipFile, part: str, marks: Marks) -> None:
    marks.valueless, marks.more, number = [], False, 0
    for _, element in stream(package, part, ("{*}row",)):
        told = element.get("r", "")
        number = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else number + 1
        if number > MAX_ROWS or len(marks.rows) > MAX_ROWS:
            raise Broken(f"{part} has more rows than a sheet can have")
        if element.get("hidden") in _TRUE or _none(element.get("ht")):
            marks.rows.add(number)
        for cell in _NO_VALUE(element) if len(element) and not marks.more else ():
            shown, formula = (next((each.text for each in cell if local(each) == name), None) for name in ("v", "f"))
            _valueless(cell.get("r") or f"row {number}", cell.get("t") == "e", shown, formula, marks)


def _valueless(place: str, wrong: bool, shown: str | None, formula: str | None, marks: Marks) -> None:
    if len(marks.valueless) >= MAX_TOLD:
        marks.more = True
    elif wrong:
        marks.valueless.append((place, f"the cell holds the error {(shown or '')[:20]}"))
    else:
        reason = f"a formula without a stored value, and formulas are not evaluated: ={(formula or '')[:100]}"
        marks.valueless.append((place, reason))


def _none(size: str | None) -> bool:
    return bool(size) and re.fullmatch(r"0+(\.0*)?", str(size)) is not None
