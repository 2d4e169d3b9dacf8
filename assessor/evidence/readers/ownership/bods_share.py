"""The ends of a share in a BODS statement, exact; what is no share, or contradicts itself, leaves them open and is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from assessor.evidence.readers.base import decimal_text
from assessor.evidence.readers.ownership import shares

BAND = r"(?:ownership-of-shares|voting-rights)-(?:\d{1,3}-to-\d{1,3}|more-than-\d{1,3})-percent"
_BAND = re.compile(
    r"(?P<what>ownership-of-shares|voting-rights)-(?:(?P<low>\d{1,3})-to-(?P<high>\d{1,3})|more-than-(?P<over>\d{1,3}))-percent"
)
_OF = {"ownership-of-shares": "shareholding", "voting-rights": "votingrights"}
_NAMES = ("exact", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


class Ends(NamedTuple):
    """Ends of a share as decimal text of fractions of 1, whether each is itself excluded, and what is wrong."""

    min: str | None = None
    max: str | None = None
    min_open: bool | None = None
    max_open: bool | None = None
    wrong: tuple[str, ...] = ()

    @property
    def stated(self) -> bool:
        """Some end is known."""
        return self.min is not None or self.max is not None


_End = tuple[Decimal, bool]
"""A fraction of 1, only ever compared and written, so that it stays exact; and whether it is itself excluded."""


def band(type: str, details: str) -> tuple[_End, _End] | None:
    """The band that details name in the words of the UK register of persons with significant control, when they are of the
    interest's type ("shareholding", "votingrights").

    Its bands are more than 25 % and not more than 50 %, more than 50 % and less than 75 %, and 75 % or more (SI 2016/339,
    Schedule 2): the lower end is itself excluded unless the band reaches 100 %. Whether 75 % belongs to the middle one is left
    to the share as stated.
    """
    found = _BAND.search(details)
    if not found or _OF[found["what"]] != type:
        return None
    low, high = _fraction(int(found["low"] or found["over"])), _fraction(int(found["high"] or 100))
    if low is None or high is None or low >= high:
        return None
    return (low, found["over"] is not None or high < 1), (high, False)


def ends(share: object, band: tuple[_End, _End] | None = None) -> Ends:
    """The ends of a share object, of which `exclusiveMinimum` is a number in 0.4 and a truth value before.

    Where the same ends are those of `band`, an end that the band excludes is excluded, although pipelines write it as included;
    other ends contradict the band, which is told, and everything between the two is left open.
    """
    told: Mapping[str, Any] = share if isinstance(share, dict) else {} if share is None else {"exact": share}
    wrong: list[str] = []
    lows: list[_End] = []
    highs: list[_End] = []
    for name in _NAMES:
        value = told.get(name)
        if value is None or (isinstance(value, bool) and name.startswith("exclusive")):
            continue
        read = _read(value)
        if read is None:
            wrong.append(f"share {name} {str(value)[:40]!r} is no percentage from 0 to 100")
            continue
        low, high = read
        if low and name in ("exact", "minimum", "exclusiveMinimum"):
            lows.append((low[0], low[1] or _excluded(told, name, "Minimum")))
        if high and name in ("exact", "maximum", "exclusiveMaximum"):
            highs.append((high[0], high[1] or _excluded(told, name, "Maximum")))
    below = max(lows, default=None)
    above = min(highs, key=lambda end: (end[0], not end[1]), default=None)
    if below and above and (below[0] > above[0] or (below[0] == above[0] and (below[1] or above[1]))):
        return Ends(wrong=(*wrong, "the ends of the share contradict each other; it is left open"))
    if band and not wrong:
        below, above, message = _agreed(below, above, band)
        wrong += [message] if message else []
    return Ends(
        below and decimal_text(below[0]),
        above and decimal_text(above[0]),
        below and below[1],
        above and above[1],
        tuple(wrong),
    )


def _excluded(told: Mapping[str, Any], name: str, end: str) -> bool:
    return name == f"exclusive{end}" or (name == end.lower() and told.get(f"exclusive{end}") is True)


def _read(value: object) -> tuple[_End | None, _End | None] | None:
    """A number, or a text that states a share, as its ends; None when it is none."""
    if not isinstance(value, str):
        number = _fraction(value)
        return None if number is None else ((number, False), (number, False))
    read = shares.parse(value, percent=True)
    if read.wrong or (read.min is None and read.max is None):
        return None
    return (
        (Decimal(read.min), bool(read.min_open)) if read.min is not None else None,
        (Decimal(read.max), bool(read.max_open)) if read.max is not None else None,
    )


def _fraction(percentage: object) -> Decimal | None:
    text = shares.fraction(percentage)
    return None if text is None else Decimal(text)


def _agreed(below: _End | None, above: _End | None, band: tuple[_End, _End]) -> tuple[_End | None, _End | None, str]:
    """The ends that a share and its band state together, and what is wrong."""
    low, high = band
    below, above = below or low, above or high
    if below[0] == low[0] and above[0] == high[0]:
        return (low[0], low[1] or below[1]), (high[0], high[1] or above[1]), ""
    if below == above and low <= below and (below[0], not below[1]) <= (high[0], not high[1]):
        return below, above, ""  # an exact share within the band
    hull = min(below, low), max(above, high, key=lambda end: (end[0], not end[1]))
    return *hull, "the share and the band that its details name contradict each other; everything between is left open"
