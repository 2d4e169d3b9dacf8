"""What stands against reading a document with a screen reader, or with eyes that see contrasts less well.

The same is asked of a template, before there is any data, and of a finished document, which people may have edited in Word:
text alternatives, heading levels in order, header rows that repeat, a language, and texts that stand out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from assessor.reporting import contrast, fields
from assessor.reporting.package import MAIN, STYLES, W

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
_VML = "{urn:schemas-microsoft-com:vml}"


class Barrier(NamedTuple):
    """A code, the part and the element where it is (None: the part as a whole), and what to do."""

    code: str
    part: str
    node: etree._Element | None
    message: str


def barriers(parts: Mapping[str, etree._Element], roots: Mapping[str, etree._Element]) -> Iterator[Barrier]:
    """Every barrier of a document. `parts`: those with text, by name; `roots`: all of its parts, its styles among them."""
    styles = roots[STYLES]
    for name, root in parts.items():
        for node in _pictures(root):
            message = (
                "A picture has no text alternative; write one (right click > View Alt Text), or mark it as decorative."
            )
            yield Barrier("no-alternative", name, node, message)
        for table in root.iter(f"{W}tbl"):
            if not _has_header_row(table):
                message = "This table has no header row that is repeated on each page; mark its first row (Layout > Repeat Header Rows), or say in Table Design that it has none."
                yield Barrier("no-header-row", name, table, message)
        if name == MAIN:
            yield from _levels(root, styles, roots.get("word/numbering.xml"))
        for run, colour, ground, ratio in contrast.faint(root, styles):
            message = (
                f"This text ({colour} on {ground}) has a contrast of {ratio:.1f} to 1, and needs {contrast.LEAST} "
                f"({contrast.LEAST_LARGE:g} where it is large); choose a darker or lighter colour."
            )
            yield Barrier("low-contrast", name, run, message)
    defaults = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    normal = styles.find(f"{W}style/{W}rPr/{W}lang")
    if not any(lang is not None and lang.get(f"{W}val") for lang in (defaults, normal)):
        message = "It does not say in which language it is; set the proofing language in Word and make it the default."
        yield Barrier("no-language", STYLES, None, message)


def _pictures(root: etree._Element) -> Iterator[etree._Element]:
    """Pictures without a text alternative that are not marked as decorative."""
    for picture in root.iter(f"{_DRAWING}docPr"):
        decorative = any(mark.get("val") in ("1", "true") for mark in picture.iter(_DECORATIVE))
        if not (picture.get("descr") or "").strip() and not decorative:
            yield picture
    for image in root.iter(f"{_VML}imagedata"):
        shape = image.getparent()
        if shape is not None and not (shape.get("alt") or "").strip():
            yield image


def _has_header_row(table: etree._Element) -> bool:
    """Whether a table repeats its first row, where it has several rows and says that the first is a header."""
    rows = table.findall(f"{W}tr")
    look = table.find(f"{W}tblPr/{W}tblLook")
    first = look.get(f"{W}firstRow") if look is not None else None
    if first is None and look is not None and re.fullmatch("[0-9A-Fa-f]{1,4}", look.get(f"{W}val") or ""):
        first = "1" if int(str(look.get(f"{W}val")), 16) & 0x20 else "0"
    if first in ("0", "false", "off") or len(rows) < 2:
        return True
    mark = rows[0].find(f"{W}trPr/{W}tblHeader")
    return mark is not None and mark.get(f"{W}val") not in ("0", "false", "off")


def _levels(document: etree._Element, styles: etree._Element, numbering: etree._Element | None) -> Iterator[Barrier]:
    last = 0
    for heading in fields.headings(document, styles, numbering):
        if heading.level > last + 1:
            message = (
                f"A heading of level {heading.level} follows one of level {last}; use level {last + 1}."
                if last
                else f"The first heading is of level {heading.level}; begin with level 1."
            )
            yield Barrier("skipped-heading", MAIN, heading.paragraph, message)
        last = heading.level
