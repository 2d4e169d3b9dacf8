"""Shares as exact intervals: a stake is a value, a band with open or closed ends, or not stated at all.

All numbers are `Fraction`s of 1. Floats never enter: 0.17 + 0.28 + 0.05 would be a false majority.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

UNIT = 10**15
LONGEST = 512  # bits of a denominator beyond which a share is rounded to units, outwards

_FAR = re.compile(r"[eE][+-]?\d{4}")  # a power of ten that would be worked out in full

ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `min` to `max`; an open end is itself excluded ("more than 50 %")."""

    min: Fraction = ZERO
    max: Fraction = ONE
    min_open: bool = False
    max_open: bool = False

    @property
    def empty(self) -> bool:
        """No value lies in it."""
        return self.min > self.max or (self.min == self.max and (self.min_open or self.max_open))

    @property
    def stated(self) -> bool:
        """It says more than "between nothing and everything"."""
        return self != Interval()

    def meet(self, other: Interval) -> Interval:
        """The values in both."""
        low = max((self.min, self.min_open), (other.min, other.min_open))
        high = min((self.max, not self.max_open), (other.max, not other.max_open))
        return Interval(low[0], high[0], low[1], not high[1])

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        low = min((self.min, self.min_open), (other.min, other.min_open))
        high = max((self.max, not self.max_open), (other.max, not other.max_open))
        return Interval(low[0], high[0], low[1], not high[1])

    def times(self, other: Interval) -> Interval:
        """The product, for a share held through another. Along chains of hundreds of steps, where the exact fraction would
        grow without end, the ends are widened to units of 10**-15."""
        low, high = self.min * other.min, self.max * other.max
        low_open = (self.min_open or other.min_open) and low > 0
        high_open = (self.max_open or other.max_open) and high > 0
        if max(low.denominator, high.denominator).bit_length() > LONGEST:
            return Interval(Fraction(int(low * UNIT), UNIT), Fraction(-int(-high * UNIT // 1), UNIT))
        return Interval(low, high, low_open, high_open)

    def words(self) -> str:
        """In words: `60 %`, `more than 50 % up to 75 %`, `25 % or more`, `not stated`."""
        if not self.stated:
            return "not stated"
        if self.min == self.max:
            return percent(self.min)
        low = f"more than {percent(self.min)}" if self.min_open else percent(self.min)
        high = f"less than {percent(self.max)}" if self.max_open else f"up to {percent(self.max)}"
        if self.max == 1 and not self.max_open:
            return low if self.min_open else f"{low} or more"
        if self.min == 0 and not self.min_open:
            return high
        return f"{low} to {high}" if self.max_open else f"{low} {high}"


@lru_cache(maxsize=65_536)  # registers repeat their bands
def parse(low: str | None, high: str | None, low_open: bool | None, high_open: bool | None) -> Interval:
    """The interval of a row's `min`, `max`, `min_open`, `max_open`; an end that is not stated is 0 or 1.

    Raises ValueError when an end is no number, lies outside 0 to 1, or no value is left between the ends.
    """
    if any(_FAR.search(text) for text in (low, high) if text):
        raise ValueError(f"{low!r} to {high!r} is not a share")
    try:
        found = Interval(
            Fraction(low) if low is not None else ZERO,
            Fraction(high) if high is not None else ONE,
            bool(low_open) and low is not None,
            bool(high_open) and high is not None,
        )
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{low!r} to {high!r} is not a share") from error
    if found.empty or found.min < 0 or found.max > 1:
        raise ValueError(f"{low} to {high} is not a share between 0 and 1")
    return found


def percent(value: Fraction) -> str:
    """A share in words, `37.5 %`; what does not end within four decimals is marked as rounded."""
    hundredth = value * 100
    scaled = hundredth * 10_000
    text = f"{int(scaled // 1) // 10_000}.{int(scaled // 1) % 10_000:04d}".rstrip("0").rstrip(".")
    return f"{text} %" if scaled.denominator == 1 else f"about {text} %"


def exact(value: Fraction) -> str:
    """The share as an exact decimal string; a fraction such as `1/3` where no decimal ends."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
