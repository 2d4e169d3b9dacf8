"""Identifiers that carry their own proof: LEI, Chinese USCC, Russian OGRN and INN.

An identifier whose check digits are wrong identifies nobody; it is reported and not used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


@dataclass(frozen=True)
class Identifier:
    """`kind` is `lei`, `uscc`, `ogrn`, `inn` or `registration`; `value` is written without spaces and hyphens; `country` is
    part of the identity where the number is unique only inside its country."""

    kind: str
    value: str
    country: str = ""


def compact(text: str) -> str:
    """The characters that count: letters and digits, upper case."""
    return re.sub(r"[\W_]+", "", text).upper()


def lei_valid(text: str) -> bool:
    """20 characters of which the last two are check digits (ISO 17442, ISO/IEC 7064 MOD 97-10)."""
    return bool(re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", text)) and int("".join(str(int(c, 36)) for c in text)) % 97 == 1


def uscc_valid(text: str) -> bool:
    """18 characters, the last one a check digit (GB 32100-2015: weights are powers of 3 modulo 31)."""
    if len(text) != 18 or any(c not in _USCC_DIGITS for c in text):
        return False
    total = sum(_USCC_DIGITS.index(c) * pow(3, place, 31) for place, c in enumerate(text[:17]))
    return _USCC_DIGITS[-total % 31] == text[17]


def ogrn_valid(text: str) -> bool:
    """13 digits (a company) or 15 (a sole trader): the number before the last digit, modulo 11 or 13, modulo 10."""
    modulus = {13: 11, 15: 13}.get(len(text))
    return modulus is not None and text.isascii() and text.isdigit() and int(text[:-1]) % modulus % 10 == int(text[-1])


def inn_valid(text: str) -> bool:
    """10 digits (a company, one check digit) or 12 (a person, two)."""
    if not (text.isascii() and text.isdigit()) or len(text) not in (10, 12):
        return False

    def check(count: int) -> bool:
        return sum(w * int(d) for w, d in zip(_INN_WEIGHTS[-count:], text, strict=False)) % 11 % 10 == int(text[count])

    return check(9) if len(text) == 10 else check(10) and check(11)


def identifiers(
    lei: str | None, registration: str | None, country: str | None
) -> tuple[tuple[Identifier, ...], tuple[str, ...]]:
    """The identifiers that a row proves, and the others, whose check digits are wrong.

    A Chinese or Russian number is unique by itself; any other registration number only inside a known country.
    """
    found: list[Identifier] = []
    doubts: list[str] = []
    if lei and (text := compact(lei)):
        if lei_valid(text):
            found.append(Identifier("lei", text))
        else:
            doubts.append(f"LEI {lei}")
    if registration and (text := compact(registration)):
        kinds = {"uscc": uscc_valid, "ogrn": ogrn_valid, "inn": inn_valid}
        # a ten-digit number outside Russia may satisfy the INN's one check digit by chance
        kind = next(
            (k for k, valid in kinds.items() if valid(text) and country in (None, "CN" if k == "uscc" else "RU")), None
        )
        shaped = (country == "CN" and len(text) == 18) or (
            country == "RU" and text.isdigit() and len(text) in (10, 12, 13, 15)
        )
        if kind in ("uscc", "ogrn") or (kind == "inn" and country):
            found.append(Identifier(str(kind), text))
        elif shaped:
            doubts.append(f"registration number {registration}")
        elif country:
            found.append(Identifier("registration", text, country))
    return tuple(found), tuple(doubts)
