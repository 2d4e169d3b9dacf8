"""Styles that are used and not defined, and what a reader with a screen reader would miss."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from assessor.reporting import fields
from assessor.reporting.lint.problems import Place, Problem, problem
from assessor.reporting.lint.source import Part
from assessor.reporting.package import MAIN, STYLES, Package, W

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
_VML = "{urn:schemas-microsoft-com:vml}"
_STYLED = ("pStyle", "rStyle", "tblStyle")


def styles(package: Package, filled: dict[str, Part]) -> Iterator[Problem]:
    """Styles that a part uses and styles.xml does not define, each once a part, and those that the contents need."""
    defined = {str(style.get(f"{W}styleId")) for style in package.roots[STYLES].iter(f"{W}style")}
    for name, root in package.roots.items():
        if not name.startswith("word/"):
            continue
        seen: set[str] = set()
        part = filled.get(name)
        numbers = {node: at for at, node in enumerate(root.iter(f"{W}p"))} if part is not None else {}
        for node in root.iter(*(f"{W}{kind}" for kind in _STYLED)):
            style = str(node.get(f"{W}val"))
            if style not in defined and style not in seen:
                seen.add(style)
                holder = next(node.iterancestors(f"{W}p"), None)
                place = part.place(numbers.get(holder)) if part is not None else Place(name)
                message = f"The style `{style}` is used and not defined; apply a style that the template has, or create it in Word."
                yield problem("missing-style", place, message)
    yield from _contents(package)


def _contents(package: Package) -> Iterator[Problem]:
    document, known = package.roots[MAIN], package.roots[STYLES]
    names = {str(name.get(f"{W}val")).lower() for style in known.iter(f"{W}style") for name in style.iter(f"{W}name")}
    used = {heading.level for heading in fields.headings(document, known, package.roots.get("word/numbering.xml"))}
    for _, instruction, _ in fields.complete_fields(document):
        if instruction.split()[:1] == ["TOC"]:
            low, high = fields.wanted_levels(instruction)
            for level in sorted(used & set(range(low, high + 1))):
                if f"toc {level}" not in names:
                    message = f"The contents need the style `toc {level}`, which is not defined; format an entry of that level in Word, which creates it."
                    yield problem("missing-style", Place(MAIN), message)


def access(package: Package, filled: dict[str, Part]) -> Iterator[Problem]:
    """What stands against reading the report with a screen reader."""
    for name, part in filled.items():
        yield from _pictures(part)
        for table in part.root.iter(f"{W}tbl"):
            yield from _header_row(part, table)
        if name == MAIN:
            yield from _levels(package, part)
    defaults = package.roots[STYLES].find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    normal = package.roots[STYLES].find(f"{W}style/{W}rPr/{W}lang")
    if not any(lang is not None and lang.get(f"{W}val") for lang in (defaults, normal)):
        message = "The template does not say in which language it is; set the proofing language in Word and make it the default."
        yield problem("no-language", Place(STYLES), message)


def _pictures(part: Part) -> Iterator[Problem]:
    message = "A picture has no text alternative; write one (right click > View Alt Text), or mark it as decorative."
    for picture in part.root.iter(f"{_DRAWING}docPr"):
        decorative = any(mark.get("val") in ("1", "true") for mark in picture.iter(_DECORATIVE))
        if not (picture.get("descr") or "").strip() and not decorative:
            yield problem("no-alternative", part.place_of(picture), message)
    for image in part.root.iter(f"{_VML}imagedata"):
        shape = image.getparent()
        if shape is not None and not (shape.get("alt") or "").strip():
            yield problem("no-alternative", part.place_of(image), message)


def _header_row(part: Part, table: etree._Element) -> Iterator[Problem]:
    """A table of several rows that says it has a header row, and does not repeat it."""
    rows = table.findall(f"{W}tr")
    look = table.find(f"{W}tblPr/{W}tblLook")
    first = look.get(f"{W}firstRow") if look is not None else None
    if first is None and look is not None and re.fullmatch("[0-9A-Fa-f]{1,4}", look.get(f"{W}val") or ""):
        first = "1" if int(str(look.get(f"{W}val")), 16) & 0x20 else "0"
    if first in ("0", "false", "off") or len(rows) < 2:
        return
    mark = rows[0].find(f"{W}trPr/{W}tblHeader")
    if mark is None or mark.get(f"{W}val") in ("0", "false", "off"):
        message = "This table has no header row that is repeated on each page; mark its first row (Layout > Repeat Header Rows), or say in Table Design that it has none."
        yield problem("no-header-row", part.place_of(table), message)


def _levels(package: Package, part: Part) -> Iterator[Problem]:
    numbering = package.roots.get("word/numbering.xml")
    last = 0
    for heading in fields.headings(part.root, package.roots[STYLES], numbering):
        if heading.level > last + 1:
            message = (
                f"A heading of level {heading.level} follows one of level {last}; use level {last + 1}."
                if last
                else f"The first heading is of level {heading.level}; begin with level 1."
            )
            yield problem("skipped-heading", part.place_of(heading.paragraph), message)
        last = heading.level
