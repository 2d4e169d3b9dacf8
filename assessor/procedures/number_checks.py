"""Whether a VIN and a customs entry number can be one: length, characters and check digit, over whole columns.

A VIN carries its check digit in position 9 (49 CFR 565.15(c)) and its model year in position 10 (565.15(d)); an entry number is
the filer's code, seven digits and a check digit (19 CFR 142.3a(b); formula of the CBP Form 7501 instructions). The tables stand in
`rule/numbers.yaml`. A check digit finds slips of the pen and proves nothing else: a number that passes may still be the wrong one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from assessor.procedures.limbs import texts
from assessor.rule import Rule

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


def compact(column: pd.Series[Any]) -> pd.Series[Any]:
    """Numbers as they are compared: in capitals, without spaces, hyphens, dots and strokes; what is empty then is NA."""
    bare = column.str.upper().str.replace(r"[\s./\-]+", "", regex=True)
    return bare.mask((bare == "").fillna(False).astype(bool))


def vin_faults(vins: pd.Series[Any], rule: Rule) -> pd.Series[Any]:
    """For each compact VIN why it cannot be one; NA where nothing speaks against it, or where there is none."""
    told = rule.data("numbers")["vin"]
    known = np.zeros(256, dtype=bool)
    known[[ord(sign) for sign in told["letters"] + "0123456789"]] = True
    return _faults(
        vins,
        told["length"],
        known,
        lambda signs: _vin_right(signs, told),
        f"it has other than {told['length']} characters",
        "it has a character that no VIN has",
    )


def model_year_fits(vins: pd.Series[Any], years: pd.Series[Any], rule: Rule) -> pd.Series[Any]:
    """For each compact VIN without a fault whether position 10 can stand for the model year beside it; NA where either is missing.

    The codes come again after thirty years, so that years are compared in that circle.
    """
    told = rule.data("numbers")["vin"]
    codes, at = str(told["year_codes"]), int(told["year_position"]) - 1
    place = vins.str.slice(at, at + 1).map({code: number for number, code in enumerate(codes)}).astype("Int64")
    wanted = (years.astype("Int64") - int(told["first_year"])) % len(codes)
    fits = (place == wanted).astype("boolean")
    return fits.mask(place.isna() & vins.notna() & wanted.notna(), False).astype("bool[pyarrow]")


def entry_faults(entries: pd.Series[Any], rule: Rule) -> pd.Series[Any]:
    """For each compact customs entry number why it cannot be one; NA where nothing speaks against it, or where there is none."""
    told = rule.data("numbers")["entry"]
    known = np.zeros(256, dtype=bool)
    known[[ord(sign) for sign in [*told["values"], *"0123456789"]]] = True
    return _faults(
        entries,
        told["length"],
        known,
        lambda signs: _entry_right(signs, told),
        f"it has other than {told['length']} characters",
        f"it is not a filer's code of {told['filer_length']} letters or digits and digits behind it",
    )


def entry_series(entries: pd.Series[Any], rule: Rule) -> pd.Series[Any]:
    """Compact entry numbers as filer's code, hyphen and the filer's own number, without the check digit."""
    told = rule.data("numbers")["entry"]
    begin, end = int(told["filer_length"]), int(told["length"]) - 1
    return entries.str.slice(0, begin) + "-" + entries.str.slice(begin, end)


def vin_series(vins: pd.Series[Any], rule: Rule) -> pd.Series[Any]:
    """Compact VINs with `?` for their check digit and a hyphen before their serial number, so that those of one series differ in
    nothing but that."""
    told = rule.data("numbers")["vin"]
    check, serial = int(told["check_position"]), int(told["serial_from"])
    return vins.str.slice(0, check - 1) + "?" + vins.str.slice(check, serial - 1) + "-" + vins.str.slice(serial - 1)


def _faults(
    numbers: pd.Series[Any], length: int, known: np.ndarray[Any, Any], right: Any, wrong_length: str, wrong_sign: str
) -> pd.Series[Any]:
    found = np.full(len(numbers), None, dtype=object)
    there = numbers.notna().to_numpy(dtype=bool)
    fits = (numbers.str.len() == length).fillna(False).to_numpy(dtype=bool)
    found[there & ~fits] = wrong_length
    if fits.any():
        places = np.flatnonzero(fits)
        written = numbers[fits].str.replace(
            r"[^\x21-\x7e]", "?", regex=True
        )  # what is no ASCII sign is no sign of either
        signs = np.array(written.tolist(), dtype=f"S{length}").view(np.uint8).reshape(-1, length)
        plain = np.asarray(known[signs].all(axis=1), dtype=bool)
        shaped = np.array(plain, dtype=bool)
        passes = np.zeros(len(signs), dtype=bool)
        if plain.any():
            shaped[plain], passes[plain] = right(signs[plain])
        found[places[~shaped]] = wrong_sign
        found[places[shaped & ~passes]] = "its check digit is wrong"
    return texts(found, numbers.index)


def _values(told: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    values = np.zeros(256, dtype=np.int64)
    for sign, value in {**told["values"], **{str(digit): digit for digit in range(10)}}.items():
        values[ord(sign)] = value
    return values


def _vin_right(signs: Bytes, told: dict[str, Any]) -> tuple[Any, Any]:
    rest = (_values(told)[signs] @ np.array(told["weights"])) % told["modulus"]
    marks = np.frombuffer(b"0123456789X", dtype=np.uint8)
    return np.ones(len(signs), dtype=bool), marks[rest] == signs[:, told["check_position"] - 1]


def _entry_right(signs: Bytes, told: dict[str, Any]) -> tuple[Any, Any]:
    digits = _values(told)[signs]
    shaped = ((signs[:, told["filer_length"] :] >= ord("0")) & (signs[:, told["filer_length"] :] <= ord("9"))).all(
        axis=1
    )
    doubled = digits[:, -2::-2] * 2  # the units position and every other one before it
    total = (doubled // 10 + doubled % 10).sum(axis=1) + digits[:, -3::-2].sum(axis=1)
    return shaped, (-total) % told["modulus"] == digits[:, -1]
