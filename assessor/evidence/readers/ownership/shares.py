"""Shares as registers write them, as exact decimal fractions of 1 with open or closed ends.

`37.5%`, `37,5 %`, `>50% to 75%`, `more than 25% but not more than 50%`, `25% or more`, `less than 5%`, `up to 10%`. What is
only approximate ("ca. 30 %") or lies outside 0 to 100 is not read, nor is a number without a percent sign unless its column
tells what it is: both ends stay open questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from assessor.evidence.readers.base import decimal_text
from assessor.text import exact_text

_SIGN = re.compile(r"\s*(%|％|﹪|per ?cent\b|pct\b\.?|percent\b)", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(ca|circa|approx\w*|about|around|roughly|nearly|almost|some|etwa|rund|ungefähr|estimated|est)\b|[~≈]",
    re.IGNORECASE,
)
_N = r"(\d{1,3}(?:[.,]\d{1,20})?)%"
_OVER = r"(?P<over>>=|≥|=>|>|at least|minimum|min\.?|from|more than|over|above|exceeding|between)?\s*"
_UNDER = r"(?P<under><=|≤|=<|<|not more than|no more than|at most|up to and including|up to|less than|under|below|maximum|max\.?)?\s*"
_RANGE = re.compile(
    _OVER + _N + r"\s*(?:to|and|but|bis|,|-|–|—|\.\.)+\s*" + "(?:and |but )?" + _UNDER + _N, re.IGNORECASE
)
_LOWER = re.compile(
    r"(?P<over>>=|≥|=>|>|at least|minimum|min\.?|more than|over|above|exceeding)\s*" + _N, re.IGNORECASE
)
_UPPER = re.compile(
    r"(?P<under><=|≤|=<|<|not more than|no more than|at most|up to and including|up to|less than|under|below|maximum|max\.?)\s*"
    + _N,
    re.IGNORECASE,
)
_AFTER = re.compile(
    _N
    + r"\s*(?P<after>or more|and more|or over|and over|or above|and above|\+|or less|and less|or under|and below|or below)",
    re.IGNORECASE,
)
_STRICT = {">", "more than", "over", "above", "exceeding", "<", "less than", "under", "below"}


@dataclass(frozen=True)
class Share:
    """Ends of a share as decimal text, whether each end itself is excluded, and what is wrong with the text."""

    min: str | None = None
    max: str | None = None
    min_open: bool | None = None
    max_open: bool | None = None
    wrong: str = ""
    rounding: Fraction = Fraction(0)  # by how much what was rounded to a percentage as written may differ from it


def parse(text: str | None, *, percent: bool = False) -> Share:
    """The share that a text states; `percent` when the heading says that numbers are percentages. Never raises."""
    if text is None or not text.strip():
        return Share()
    plain = " ".join(text.split())[:200]
    if _VAGUE.search(plain):
        return Share(wrong=f"{text[:60]!r} is only approximate; the share is left open")
    plain = _SIGN.sub("%", plain)
    if "%" not in plain and not percent:
        return Share(wrong=f"{text[:60]!r} has no percent sign; the share is left open")
    plain = re.sub(r"(\d)(?![\d.,]*%)(?=[^\d.,%]|$)", r"\1%", plain)  # in "50-75%" the sign holds for both
    share = _read(plain)
    if share is None:
        return Share(wrong=f"{text[:60]!r} is not read as a share")
    low, high = Decimal(share.min or 0), Decimal(share.max or 1)
    if not 0 <= low <= high <= 1 or (low == high and (share.min_open or share.max_open)):
        return Share(wrong=f"{text[:60]!r} is no share between 0 and 100 %")
    return share


PERCENT, FRACTION, UNTOLD, EITHER = "percent", "fraction", "untold", "either"
_BARE = re.compile(r"\d{1,3}(?:[.,]\d{1,20})?")
_ARTIFACT = 15
"""Digits of a number that a program computed in floating point, of which the last ones say nothing."""


def scale(groups: Iterable[Sequence[str | None]], totals: Iterable[str | None], *, percent: bool) -> str:
    """What numbers without a percent sign mean in a column: `percent` or `fraction` of 1, `untold` where nothing says it, `either`
    where the heading says percent and the numbers may be fractions all the same (a workbook shows 0.125 as 12.5 %).

    `groups` are the column's texts by company, `totals` those of its totals; `percent`: the heading says so.
    """
    sums, stated = [], [number for text in totals if (number := _bare(text)) is not None]
    every: list[Decimal] = []
    for group in groups:
        numbers = [number for text in group if (number := _bare(text)) is not None]
        every += numbers
        sums.append(sum(numbers, Decimal(0)))
    whole = [*stated, *sums]
    if not every:
        return PERCENT if percent else UNTOLD
    if any(number > 1 for number in every):
        about = any(abs(each - 100) <= Decimal("0.5") for each in whole)
        return PERCENT if percent or (about and max(every) <= 100) else UNTOLD
    if any(abs(each - 1) <= Decimal("0.005") for each in whole):
        return FRACTION
    return EITHER if percent else UNTOLD


def of_column(text: str | None, scale: str) -> Share:
    """The share that a cell states in a column of this scale."""
    number = _bare(text)
    if number is None or scale in (PERCENT, UNTOLD):
        share = replace(parse(text, percent=scale == PERCENT), rounding=_rounding(text or ""))
    elif number > 1:
        return Share(wrong=f"{text!r} is above 1 in a column of fractions; the share is left open")
    elif scale == EITHER:
        return Share(
            wrong=f"{text!r} may be a fraction or a percentage, and nothing tells which; the share is left open"
        )
    else:
        told = decimal_text(number)
        share = Share(told, told, False, False, rounding=_rounding(text or "") * 100)
    if number is not None and share.min is not None and len(number.as_tuple().digits) >= _ARTIFACT:
        unit = Fraction(1, 10 ** (_ARTIFACT - 1))
        middle = Fraction(share.min)
        low, high = max(Fraction(0), middle - unit), min(Fraction(1), middle + unit)
        return replace(share, min=exact_text(low), max=exact_text(high))
    return share


def _rounding(text: str) -> Fraction:
    """Half of the last digit of a number, as a fraction of 1 when it is a percentage."""
    digits = re.search(r"\d+(?:[.,](\d+))?", text)
    places = len(digits[1] or "") if digits else 0
    return Fraction(1, 2 * 10 ** (places + 2))


def percent(value: Fraction) -> str:
    """A share in words: `37.5 %`, with at most four decimals."""
    return f"{decimal_text(Decimal(round(value * 10**6)).scaleb(-4))} %"


def _bare(text: str | None) -> Decimal | None:
    """A number without a sign of what it counts."""
    return Decimal(text.strip().replace(",", ".")) if text and _BARE.fullmatch(text.strip()) else None


def fraction(percentage: object) -> str | None:
    """A percentage (Decimal, int or numeric text) as an exact decimal fraction of 1; None outside 0 to 100."""
    if isinstance(percentage, bool) or not isinstance(percentage, int | str | Decimal):
        return None
    try:
        number = Decimal(percentage)
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 <= number <= 100:
        return None
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or exponent < -60 or len(digits) > 80:
        return None
    return decimal_text(Decimal((sign, digits, exponent - 2)))


def _read(text: str) -> Share | None:
    if match := re.fullmatch(_N, text):
        end = _end(match[1])
        return Share(end, end, False, False) if end else None
    if match := _RANGE.fullmatch(text):
        low, high = _end(match[2]), _end(match[4])
        return Share(low, high, _strict(match["over"]), _strict(match["under"])) if low and high else None
    if match := _LOWER.fullmatch(text):
        low = _end(match[2])
        return Share(min=low, min_open=_strict(match["over"])) if low else None
    if match := _UPPER.fullmatch(text):
        high = _end(match[2])
        return Share(max=high, max_open=_strict(match["under"])) if high else None
    if match := _AFTER.fullmatch(text):
        end = _end(match[1])
        upwards = match["after"].casefold().split()[-1] in ("more", "over", "above", "+")
        if end:
            return Share(min=end, min_open=False) if upwards else Share(max=end, max_open=False)
    return None


def _strict(word: str | None) -> bool:
    return (word or "").casefold() in _STRICT


def _end(text: str) -> str | None:
    return fraction(text.replace(",", "."))
