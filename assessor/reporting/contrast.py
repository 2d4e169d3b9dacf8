"""Whether texts stand out from what is behind them: the contrast of WCAG 2.1, success criterion 1.4.3.

A run's colour and ground are looked for as Word does: at the run, its styles, its paragraph, its cell, the table's style with its
parts for first rows and bands, the page. What Word chooses itself ("automatic") stands out. Text in drawn shapes is not judged:
what is behind it is no part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from lxml import etree

from assessor.reporting.fields import style_chains
from assessor.reporting.package import W

LEAST, LEAST_LARGE = 4.5, 3.0
"""Ratio that text needs, and large text: at least 18 points, or 14 points and bold."""
_LARGE, _LARGE_BOLD, _USUAL = 36, 28, 20
"""Half-points: of large text, of large bold text, and where nothing states a size."""
_WHITE = "FFFFFF"
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": _WHITE, "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000",
    "darkMagenta": "800080", "darkRed": "800000", "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0",
}  # fmt: skip
_HEX = re.compile("[0-9A-Fa-f]{6}")
_OFF = ("0", "false", "off")
_SHAPE = f"{W}txbxContent"


def faint(root: etree._Element, styles: etree._Element) -> Iterator[tuple[etree._Element, str, str, float]]:
    """Runs of a part whose text does not stand out, each pair of colours once: the run, its colour, what is behind, the ratio."""
    looks = _Looks(root, styles)
    seen: set[tuple[str, str, bool]] = set()
    for paragraph in root.iter(f"{W}p"):
        if next(paragraph.iterancestors(_SHAPE), None) is not None:
            continue
        for run in paragraph.iter(f"{W}r"):
            if run.find(f"{W}t") is None or next(run.iterancestors(f"{W}p")) is not paragraph:
                continue
            colour, ground, large = looks.of(run, paragraph)
            if (colour, ground, large) not in seen:
                seen.add((colour, ground, large))
                ratio = contrast(colour, ground)
                if colour and ratio < (LEAST_LARGE if large else LEAST):
                    yield run, colour, ground, ratio


@cache
def contrast(one: str, other: str) -> float:
    """The ratio of the luminances of two colours (RRGGBB), from 1 to 21; 21 where one of them is not stated."""
    if not one or not other:
        return 21.0
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class _Looks:
    """The looks of the texts of one part."""

    def __init__(self, root: etree._Element, styles: etree._Element) -> None:
        self.chains = style_chains(styles)
        self.usual = {
            str(style.get(f"{W}type")): str(style.get(f"{W}styleId"))
            for style in styles.iter(f"{W}style")
            if style.get(f"{W}default") in ("1", "true", "on")
        }
        self.defaults = styles.findall(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        page = root.find(f"{W}background")
        self.page = (_hex(page.get(f"{W}color")) if page is not None else "") or _WHITE
        self.cells = {cell: told for table in root.iter(f"{W}tbl") for cell, told in _cells(table)}
        self._known: dict[tuple[bytes, ...], tuple[str, str, bool]] = {}

    def of(self, run: etree._Element, paragraph: etree._Element) -> tuple[str, str, bool]:
        """Colour of a run ("" where Word chooses it), what is behind it, and whether it is large. Most runs look like others."""
        cells = list(paragraph.iterancestors(f"{W}tc"))
        stated = [run.find(f"{W}rPr"), paragraph.find(f"{W}pPr"), *(cell.find(f"{W}tcPr") for cell in cells)]
        places = [f"{self.cells[cell]}".encode() for cell in cells]
        key = (*(b"" if each is None else etree.tostring(each) for each in stated), *places)
        if key not in self._known:
            self._known[key] = self._found(run, paragraph, cells)
        return self._known[key]

    def _found(
        self, run: etree._Element, paragraph: etree._Element, cells: list[etree._Element]
    ) -> tuple[str, str, bool]:
        own = run.find(f"{W}rPr")
        texts = [own] if own is not None else []
        texts += self._properties("character", own, "rStyle", "rPr", usual=False)
        about = paragraph.find(f"{W}pPr")
        texts += self._properties("paragraph", about, "pStyle", "rPr")
        blocks = [about] if about is not None else []
        blocks += self._properties("paragraph", about, "pStyle", "pPr")
        grounds = [_ground(each) for each in (*texts, *blocks)]
        for cell in cells:
            found, inside = self._cell(cell)
            texts += found
            grounds += inside
        texts += self.defaults
        colour = next((str(node.get(f"{W}val")) for node in _all(texts, "color")), "")
        size = next((str(node.get(f"{W}val")) for node in _all(texts, "sz")), "")
        bold = next((node.get(f"{W}val") not in _OFF for node in _all(texts, "b")), False)
        large = (int(size) if size.isdecimal() else _USUAL) >= (_LARGE_BOLD if bold else _LARGE)
        return _hex(colour), next(filter(None, grounds), self.page), large

    def _properties(
        self, kind: str, holder: etree._Element | None, reference: str, what: str, *, usual: bool = True
    ) -> list[etree._Element]:
        """The properties of the style that something refers to, and of those that it is based on."""
        named = holder.find(f"{W}{reference}") if holder is not None else None
        name = str(named.get(f"{W}val")) if named is not None else self.usual.get(kind, "") if usual else ""
        return [found for style in self.chains.get(name, ()) if (found := style.find(f"{W}{what}")) is not None]

    def _cell(self, cell: etree._Element) -> tuple[list[etree._Element], list[str]]:
        """What a cell and the style of its table say of texts in it, and the grounds that they give it."""
        style_id, parts = self.cells[cell]
        texts: list[etree._Element] = []
        grounds = [_ground(about) for about in cell.findall(f"{W}tcPr")]
        chain = self.chains.get(style_id or self.usual.get("table", ""), [])
        for part in parts:
            for style in chain:
                for special in style.findall(f"{W}tblStylePr"):
                    if special.get(f"{W}type") == part:
                        texts += special.findall(f"{W}rPr")
                        grounds += [_ground(about) for about in special.findall(f"{W}tcPr")]
        for style in chain:
            texts += style.findall(f"{W}rPr")
            grounds += [_ground(about) for about in style.findall(f"{W}tcPr")]
        return texts, grounds


def _cells(table: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, tuple[str, ...]]]]:
    """The cells of a table, each with the table's style and the parts of it that count for the cell, the strongest first."""
    named = table.find(f"{W}tblPr/{W}tblStyle")
    style = "" if named is None else str(named.get(f"{W}val"))
    rows = table.findall(f"{W}tr")
    shown = _shown(table)
    for y, row in enumerate(rows):
        cells = row.findall(f"{W}tc")
        for x, cell in enumerate(cells):
            kinds = {
                "firstRow": y == 0,
                "lastRow": y == len(rows) - 1,
                "firstCol": x == 0,
                "lastCol": x == len(cells) - 1,
            }
            parts = [kind for kind, holds in kinds.items() if holds and kind in shown]
            if "bands" in shown:
                parts.append("band1Horz" if (y - ("firstRow" in shown)) % 2 == 0 else "band2Horz")
            yield cell, (style, tuple(parts))


def _shown(table: etree._Element) -> set[str]:
    """Which special parts of its style a table shows."""
    look = table.find(f"{W}tblPr/{W}tblLook")
    if look is None:
        return set()
    bits = int(str(look.get(f"{W}val")), 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", look.get(f"{W}val") or "") else 0
    names = {"firstRow": ("firstRow", 0x20), "lastRow": ("lastRow", 0x40), "firstCol": ("firstColumn", 0x80)}
    names |= {"lastCol": ("lastColumn", 0x100), "noBands": ("noHBand", 0x200)}
    shown = set()
    for part, (attribute, bit) in names.items():
        told = look.get(f"{W}{attribute}")
        if (told not in _OFF) if told is not None else bits & bit:
            shown.add(part)
    return shown - {"noBands"} if "noBands" in shown else shown | {"bands"}


def _all(properties: Iterable[etree._Element], name: str) -> Iterator[etree._Element]:
    return (found for each in properties if (found := each.find(f"{W}{name}")) is not None)


def _ground(properties: etree._Element) -> str:
    """The colour with which something is filled; empty where it is not."""
    highlight = properties.find(f"{W}highlight")
    if highlight is not None and (found := _HIGHLIGHTS.get(str(highlight.get(f"{W}val")), "")):
        return found
    shading = properties.find(f"{W}shd")
    if shading is None:
        return ""
    return _hex(shading.get(f"{W}color" if shading.get(f"{W}val") == "solid" else f"{W}fill"))


def _hex(colour: str | None) -> str:
    """A colour as six digits; empty for one that Word chooses."""
    return colour.upper() if colour and _HEX.fullmatch(colour) else ""
