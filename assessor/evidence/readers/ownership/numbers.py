"""Numbers of shares and amounts of capital as cap tables write them, exact, whatever separators they use.

Read: `1,234,567`, `1.234.567`, `1 234 567`, `1'234'567`, `1.234,50`, `1,234.50`, `EUR 25.000,00`. A point or comma before exactly
three digits separates thousands, unless another cell of the column shows that it begins the decimals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

_UNIT = re.compile(
    r"(?:\b(?:EUR|USD|CHF|GBP|SEK|DKK|NOK|PLN|RMB|CNY|RUB|JPY|HKD|SGD)\b|US\$|[€$£¥]|\b(?:shares?|Stück|Stk\.?|Aktien|actions|parts|votes?|Stimmen|voix)(?:\s|$)|股|元)",
    re.IGNORECASE,
)
_SPACED = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
_FORM = re.compile(r"\d{1,30}(?:[.,]\d{1,30})*")
_NONE = re.compile(r"0|nil|none|keine?|néant|aucune?|无", re.IGNORECASE)


def column(texts: Sequence[str | None]) -> tuple[list[Fraction | None], list[tuple[int, str]]]:
    """The numbers of a column in its order, None where there is none; and what is wrong: pairs of position and message."""
    plain = [_plain(text) for text in texts]
    decimal = {mark for text in plain for mark in _decimal(text or "")}
    found: list[Fraction | None] = []
    wrong: list[tuple[int, str]] = []
    for position, (text, stripped) in enumerate(zip(texts, plain, strict=True)):
        number = None if stripped is None else _number(stripped, decimal)
        found.append(number)
        if number is None and text is not None and text.strip():
            wrong.append((position, f"{text[:60]!r} is not read as a number"))
    return found, wrong


def shown(number: Fraction) -> str:
    """A number for people: `1,234,567`, `12.5`."""
    return f"{number.numerator:,}" if number.denominator == 1 else f"{float(number):,.6g}"


def _plain(text: str | None) -> str | None:
    """The text without units and the blanks or apostrophes between thousands; None when nothing is left that may be a number."""
    if text is None:
        return None
    stripped = _SPACED.sub("", _UNIT.sub(" ", text)).strip()
    if _NONE.fullmatch(stripped):
        return "0"
    return stripped if _FORM.fullmatch(stripped) else None


def _decimal(text: str) -> set[str]:
    """The marks that begin decimals in a text, as far as it shows that."""
    marks = re.findall(r"[.,]", text)
    if len(set(marks)) == 2:
        return {marks[-1]}
    return {marks[0]} if len(marks) == 1 and len(re.split(r"[.,]", text)[1]) != 3 else set()


def _number(text: str, decimal: set[str]) -> Fraction | None:
    marks = re.findall(r"[.,]", text)
    point = ""
    if marks and (len(set(marks)) == 2 or (len(marks) == 1 and (_decimal(text) or decimal == {marks[0]}))):
        point = marks[-1]
    if len(decimal) > 1 and len(marks) == 1 and not _decimal(text):
        return None  # the column shows both ways
    head, _, tail = text.rpartition(point) if point else (text, "", "")
    parts = re.split(r"[.,]", head)
    if len(parts) > 1 and (not 1 <= len(parts[0]) <= 3 or any(len(part) != 3 for part in parts[1:])):
        return None
    if point and (point in head or len(set(marks[:-1])) > 1):
        return None
    return Fraction(Decimal("".join(parts) + (f".{tail}" if tail else "")))
