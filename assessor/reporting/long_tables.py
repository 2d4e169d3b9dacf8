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
    for table in root.findall(f"{W}body/{W}tbl"):
        if len(table) > LONG:
            _divide(table)


def _divide(table: etree._Element) -> None:
    children = list(table)
    rows = [child for child in children if child.tag == _ROW]
    heads = 0
    while heads < len(rows) and rows[heads].find(f"{W}trPr/{W}tblHeader") is not None:
        heads += 1
    before = children[: len(children) - len(rows)]
    if len(rows) - heads <= LONG or any(child.tag not in _PLAIN for child in before):
        return  # also where something stands between rows
    parts: list[list[etree._Element]] = [[]]
    for row in rows[heads:]:
        if len(parts[-1]) >= PART and not _continues(row):
            parts.append([])
        parts[-1].append(row)
    last = table
    for part in parts[1:]:
        made = etree.Element(table.tag, nsmap=table.nsmap)
        last.addnext(made)  # first, so that rows move within one document
        last.addnext(flat())
        made.extend(copy.deepcopy(each) for each in (*before, *rows[:heads]))
        made.extend(part)
        last = made


_ROW = f"{W}tr"
_PLAIN = frozenset({f"{W}tblPr", f"{W}tblGrid"})


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
