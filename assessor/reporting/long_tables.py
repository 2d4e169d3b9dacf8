"""Long tables, broken into several: LibreOffice lays out one of 5,000 rows for minutes, and the same rows in fifty tables in seconds.

Each part has the table's properties, columns and header rows; between two stands a paragraph of no height, without which they would
be one table again. Word shows the same rows either way.
"""

from __future__ import annotations

import copy

from lxml import etree

from assessor.reporting.package import W

LONG, PART = 400, 100
"""Rows from which a table is broken, and rows of a part."""


def divide(root: etree._Element) -> None:
    """Break the long tables of the body, in place; cells that are merged over rows stay together."""
    for table in [table for table in root.iter(f"{W}tbl") if len(table) > LONG]:
        parent = table.getparent()
        if parent is not None and parent.tag == f"{W}body":
            _divide(table)


def _divide(table: etree._Element) -> None:
    rows = table.findall(f"{W}tr")
    heads = 0
    while heads < len(rows) and rows[heads].find(f"{W}trPr/{W}tblHeader") is not None:
        heads += 1
    if len(rows) - heads <= LONG or any(child.tag not in _PLAIN for child in table):
        return
    before = [child for child in table if child.tag != f"{W}tr"]
    parts: list[list[etree._Element]] = [[]]
    for row in rows[heads:]:
        if len(parts[-1]) >= PART and not _continues(row):
            parts.append([])
        parts[-1].append(row)
    last = table
    for part in parts[1:]:
        made = etree.Element(table.tag, nsmap=table.nsmap)
        made.extend(copy.deepcopy(each) for each in (*before, *rows[:heads]))
        made.extend(part)  # moved
        last.addnext(made)
        last.addnext(flat())
        last = made


_PLAIN = frozenset(f"{W}{name}" for name in ("tblPr", "tblGrid", "tr"))


def _continues(row: etree._Element) -> bool:
    """Whether a cell of it is merged with the one above."""
    return any(mark.get(f"{W}val") != "restart" for mark in row.iter(f"{W}vMerge"))


def flat() -> etree._Element:
    """A paragraph of no height."""
    paragraph = etree.Element(f"{W}p")
    flatten(paragraph)
    return paragraph


_AFTER_SPACING = frozenset(
    [
        "ind",
        "contextualSpacing",
        "mirrorIndents",
        "suppressOverlap",
        "jc",
        "textDirection",
        "textAlignment",
        "textboxTightWrap",
        "outlineLvl",
        "divId",
        "cnfStyle",
        "rPr",
        "sectPr",
        "pPrChange",
    ]
)
"""What follows the spacing among the properties of a paragraph."""


def flatten(paragraph: etree._Element) -> None:
    """Take the height of an empty paragraph."""
    settings = paragraph.find(f"{W}pPr")
    if settings is None:
        settings = etree.Element(f"{W}pPr")
        paragraph.insert(0, settings)
    if (old := settings.find(f"{W}spacing")) is not None:
        settings.remove(old)
    spacing = (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact"))
    made = etree.Element(f"{W}spacing", {f"{W}{key}": value for key, value in spacing})
    following = next((each for each in settings if etree.QName(each).localname in _AFTER_SPACING), None)
    if following is None:
        settings.append(made)
    else:
        following.addprevious(made)
