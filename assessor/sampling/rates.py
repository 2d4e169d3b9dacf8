"""Rates, confidences and counts as exact numbers, from text and to text.

A rate is a `Fraction` from the moment it is read: 0.035 of 400 items are 14 exactly, where binary floats make 15 of it after rounding
up. What is printed is rounded to the side on which nothing is claimed too much: upper bounds up, confidences down.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from assessor.errors import SamplingError
from assessor.text import exact_text

PLACES = 10
"""Decimal places of a bound that is no fraction of a known population."""

_NUMBER = re.compile(r"([0-9]{1,15}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
_RATIO = re.compile(r"([0-9]{1,30})\s*/\s*([0-9]{1,30})")

Number = str | int | Fraction | Decimal
"""What a rate may be given as; no float, since 0.05 as a float is not five hundredths."""


def number(told: Number, what: str) -> Fraction:
    """The exact value of "0.05", "5%", "5 %", "1/20", a whole number, Fraction or Decimal. `what` names it in the error.

    Raises SamplingError for anything else, among it negative numbers, exponents and floats.
    """
    if isinstance(told, bool | float):
        raise SamplingError(f'Give the {what} as text such as "0.05" or "5%", not as a binary float, which is inexact.')
    if isinstance(told, str):
        return _of_text(told, what)
    value = Fraction(told) if not isinstance(told, Decimal) or told.is_finite() else Fraction(-1)
    if value < 0:
        raise SamplingError(f"The {what} is {told}, which is no number from 0 on; give one such as 0.05 or 5%.")
    return value


def _of_text(told: str, what: str) -> Fraction:
    text = told.strip()
    plain, scale = (text[:-1].rstrip(), 100) if text.endswith("%") else (text, 1)
    ratio = _RATIO.fullmatch(plain)
    if ratio and int(ratio[2]):
        return Fraction(int(ratio[1]), int(ratio[2])) / scale
    if _NUMBER.fullmatch(plain):
        return Fraction(plain) / scale
    raise SamplingError(f"The {what} `{told[:40]}` is no number; write it like 0.05, 5% or 1/20.")


def confidence(told: Number) -> Fraction:
    """A confidence between 0 and 1, both excluded. Raises SamplingError; 95 is told to be 0.95 or 95%."""
    value = number(told, "confidence")
    if 1 < value < 100:
        raise SamplingError(
            f"A confidence of {told} is more than certain; write {exact_text(value / 100)} or {exact_text(value)}%."
        )
    if not 0 < value < 1:
        raise SamplingError(f"A confidence of {told} is none; give one above 0 and below 1, such as 0.95 or 95%.")
    return value


def rate(told: Number, what: str) -> Fraction:
    """A rate from 0 to 1. Raises SamplingError; 5 is told to be 0.05 or 5%."""
    value = number(told, what)
    if value > 1:
        raise SamplingError(
            f"The {what} {told} is more than all items; write {exact_text(value / 100)} or {exact_text(value)}%."
        )
    return value


def whole(told: Number, what: str) -> int:
    """A whole number from 0 on. Raises SamplingError."""
    value = number(told, what)
    if value.denominator != 1:
        raise SamplingError(f"The {what} `{told}` is no whole number; give a count of items.")
    return int(value)


def rounded_up(value: Fraction, places: int = PLACES) -> str:
    """A number as decimal text, rounded up: of a bound, so that it is not told too low."""
    return exact_text(Fraction(-(-value.numerator * 10**places // value.denominator), 10**places))


def rounded_down(value: Fraction | Decimal, places: int = 6) -> str:
    """A number as decimal text, rounded down: of a confidence or a power, so that it is not told too high."""
    exact = Fraction(value)
    return exact_text(Fraction(exact.numerator * 10**places // exact.denominator, 10**places))


def per_cent(value: Fraction, places: int = 2, up: bool = True) -> str:
    """A rate in words for a person: "4.75 %"."""
    with localcontext() as context:
        context.prec = 60
        shown = Decimal(value.numerator) * 100 / Decimal(value.denominator)
        quantum = Decimal(1).scaleb(-places)
        text = f"{shown.quantize(quantum, ROUND_CEILING if up else ROUND_FLOOR):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"
