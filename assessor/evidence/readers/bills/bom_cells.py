"""What the cells of a hardware sheet mean: quantity and unit, designators and their number, several makers in one cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from assessor.evidence.readers.base import key

_QUANTITY = re.compile(r"([+-]?\d+(?:[.,' \u00a0\u202f]\d+)*)\s*([^\W\d_][^\W\d_]{0,11}[.²³]?)", re.UNICODE)
_SCALES = {"k", "K", "M", "x", "X", "e", "E"}
"""Letters after a number that are part of it or a mere "times", and no unit."""
_PIECES = {
    "",
    "ea",
    "each",
    "pc",
    "pcs",
    "pce",
    "pieces",
    "piece",
    "unit",
    "units",
    "no",
    "nos",
    "st",
    "stk",
    "stück",
    "个",
    "只",
    "件",
    "шт",
}
_DESIGNATOR = re.compile(r"([A-Za-z]{1,6})(\d{1,6})[A-Za-z]?")
_PLAIN_LIST = re.compile(r"[A-Za-z]{1,6}\d{1,6}[A-Za-z]?(?:, ?[A-Za-z]{1,6}\d{1,6}[A-Za-z]?)*")
_RANGE = re.compile(r"([A-Za-z]{1,6})(\d{1,6})\s*(?:-|–|—|\.\.\.?|…|:|~|\bto\b)\s*([A-Za-z]{1,6})?(\d{1,6})")
_LEGAL = {
    "inc",
    "ltd",
    "llc",
    "co",
    "corp",
    "gmbh",
    "ag",
    "kg",
    "sa",
    "limited",
    "incorporated",
    "company",
    "lp",
    "plc",
    "bv",
    "ooo",
}
_TOTAL = re.compile(
    r"(?:(?:grand|sub|bom|over ?all|component|parts?) ?)?(?:totals?|sum|summe|gesamt|gesamtsumme|zwischensumme)"
    r"(?: (?:qty|quantity|quantities|parts?|components?|items?|lines?|cost|price|count|number of .*|of .*))?(?: \d.*)?"
    r"|合计|总计|小计|итого|всего"
)
_LISTED = re.compile("[\n;；|/,]")
_LIKE_TOTAL = ("total", "sum", "gesamt", "计", "итого", "всего")
_DIGESTS = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}

_ALTERNATE = re.compile(r"alt(ernat(e|ive)s?|\.|\b)|substitute|2nd source|second source|替代", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:alt(?:ernat(?:e|ive)s?)?|substitute|2nd source|second source|替代)\.?\s*(?:[:：]|$)", re.IGNORECASE
)
_BEGINS = frozenset("aAsSſ2替")
"""Letters with which such a word begins."""


@lru_cache(maxsize=1 << 12)
def quantity(text: str | None, unit: str | None) -> tuple[str | None, str | None]:
    """Quantity and unit: "4 EA" is ("4", "EA"), "0,5 m" is ("0,5", "m"); what cannot be split stays as written.

    A unit in a column of its own goes before the one in the cell; where they differ, the cell stays as written.
    """
    match = _QUANTITY.fullmatch(text or "")
    if match is None or match[2] in _SCALES or (unit and key(unit) != key(match[2])):
        return text, unit
    return match[1], unit or match[2]


@lru_cache(maxsize=1 << 12)
def pieces(text: str | None, unit: str | None) -> int | None:
    """The whole number of pieces that a quantity states; None for lengths, weights and what is no whole number."""
    if not text or (unit or "").casefold().rstrip(".") not in _PIECES or not re.fullmatch(r"\d{1,9}(?:[.,]0+)?", text):
        return None
    return int(re.split("[.,]", text)[0])


def designators(text: str | None) -> tuple[str | None, int | None]:
    """Designators separated by "; ", ranges kept as written, and how many they are: "R1-R4, R7" is ("R1-R4; R7", 5).

    The number is None where a word is none ("see drawing") or a range runs backwards.
    """
    if not text:
        return None, None
    if _PLAIN_LIST.fullmatch(text):  # the common case
        return text.replace(", ", ",").replace(",", "; "), text.count(",") + 1
    parts = [part.strip() for part in re.split(r"[,;\n、，；]", text) if part.strip()]
    if all(map(_DESIGNATOR.fullmatch, parts)):
        return "; ".join(parts) or None, len(parts)
    found: list[str] = []
    count: int | None = 0
    for part in parts:
        several = part.split()
        if _RANGE.fullmatch(part) or not all(map(_known, several)):
            several = [part]
        found += several
        for one in several:
            size = _size(one)
            count = None if count is None or size is None else count + size
    return "; ".join(found) or None, count


def _known(one: str) -> bool:
    return bool(_DESIGNATOR.fullmatch(one) or _RANGE.fullmatch(one))


def _size(one: str) -> int | None:
    if span := _RANGE.fullmatch(one):
        size = int(span[4]) - int(span[2]) + 1
        return size if size > 0 and span[3] in (None, span[1]) else None
    return 1 if _DESIGNATOR.fullmatch(one) else None


def listed(text: str | None) -> bool:
    """Whether a cell holds a sign that may part several makers or numbers."""
    return _LISTED.search(text or "") is not None


def several(makers: str | None, numbers: str | None) -> list[tuple[str | None, str | None]] | None:
    """Makers and their part numbers out of two cells that list several; None when the lists do not fit each other.

    ("A; B", "1; 2") is [("A", "1"), ("B", "2")]; one maker with several numbers makes them all. A comma parts makers only
    when as many numbers stand beside them and no part is a legal form: "Acme, Inc." is one firm.
    """
    if not listed(makers) and not listed(numbers):
        return [(makers, numbers)]
    for sign in ("\n", ";", "；", "|", " / ", ","):
        if sign not in (makers or "") and sign not in (numbers or ""):
            continue
        left, right = _split(makers, sign), _split(numbers, sign)
        if len(left) < 2 and len(right) < 2:
            continue
        if sign == ",":
            firms = any(key(part) in _LEGAL for part in left)
            if len(left) != len(right) or firms:
                continue
        if sign == " / " and len(right) < 2:  # "AVX / Kyocera" is as likely one firm's name
            continue
        if len(left) == len(right):
            return list(zip(left, right, strict=True))
        if len(left) == 1:
            return [(left[0], number) for number in right]
        return None if left else [(None, number) for number in right]
    return [(makers, numbers)]


def _split(text: str | None, sign: str) -> list[str]:
    return [part.strip() for part in (text or "").split(sign) if part.strip()]


def total(text: str) -> bool:
    """Whether the text of a cell says that its row is a total and no part."""
    return len(text) < 60 and _TOTAL.fullmatch(key(text)) is not None


def may_total(texts: Iterable[str]) -> bool:
    """Whether one of the texts may be that of a total, which most rows can be spared to be asked cell by cell."""
    whole = "\n".join(texts).lower()
    return any(each in whole for each in _LIKE_TOTAL)


def digest(text: str | None) -> str | None:
    """A digest as written, in the form of the table: a JSON object, algorithm to hex; None for what is none."""
    match = re.fullmatch(r"(?:([A-Za-z]+-?\d+)\s*[:=]\s*)?([0-9a-fA-F]+)", text or "")
    if match is None or len(match[2]) not in _DIGESTS:
        return None
    return json.dumps({match[1].upper() if match[1] else _DIGESTS[len(match[2])]: match[2].lower()})


def marked(text: str | None) -> bool:
    """Whether a text says that its row is an alternate source."""
    return text is not None and text[:1] in _BEGINS and _ALTERNATE.match(text) is not None


def labelled(text: str | None) -> bool:
    """The same of a name or a number, where only the word alone or with a colon behind it says so: "Alt: X", "ALT"."""
    return text is not None and text[:1] in _BEGINS and _LABELLED.match(text) is not None
