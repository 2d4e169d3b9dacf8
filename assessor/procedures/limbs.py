"""Limbs of a test of the rule as columns: each is True, False or NA a row, with its clause and words for the reason.

A test is limbs joined by "and" (`all_of`) or by "or" (`any_of`). Half a million rows take the same lines as one, and a
missing fact needs no special case: pandas' Arrow-backed booleans follow three-valued logic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

FLAG = pd.ArrowDtype(pa.bool_())
TEXT = pd.ArrowDtype(pa.string())

Words = str | pd.Series


@dataclass(frozen=True)
class Limb:
    """One limb over n rows. `holds`: n × bool or NA. `yes` and `no`: the reason when it holds and when it does not.
    `missing`: the fact that is not known where it is NA. Words are one text for all rows, or one a row."""

    clause: Words
    holds: pd.Series
    yes: Words = ""
    no: Words = ""
    missing: Words = ""


def all_of(limbs: Sequence[Limb], clause: str, yes: Words) -> pd.DataFrame:
    """The limbs joined by "and": n rows of `holds`, `clause`, `reason` and `missing`.

    Where one limb fails, the first that fails gives clause and reason; where all hold, `clause` and `yes` do. Where it is
    open, `missing` joins what every open limb lacks and the first of them gives the clause.
    """
    holds = limbs[0].holds
    for limb in limbs[1:]:
        holds = holds & limb.holds
    return _told(holds, limbs, deciding=False, clause=clause, otherwise=yes)


def any_of(limbs: Sequence[Limb], clause: str, no: Words) -> pd.DataFrame:
    """The limbs joined by "or", told like `all_of`: the first that holds decides; `no` is said where none does."""
    holds = limbs[0].holds
    for limb in limbs[1:]:
        holds = holds | limb.holds
    return _told(holds, limbs, deciding=True, clause=clause, otherwise=no)


def flags(values: Any, index: pd.Index) -> pd.Series:
    """A column of True, False or NA from an array or list of them (None is NA)."""
    return pd.Series(pd.array(pa.array(values, type=pa.bool_(), from_pandas=True), dtype=FLAG), index=index)


def everywhere(value: bool | None, index: pd.Index) -> pd.Series:
    """The same answer on every row."""
    return flags([value] * len(index) if len(index) < 2 else np.full(len(index), value, dtype=object), index)


def known(column: pd.Series) -> pd.Series:
    """Whether there is a value: True or False, never NA."""
    return column.notna().astype(FLAG)


def certain(column: pd.Series) -> pd.Series:
    """Where a column is True for sure, as a plain mask: for choosing rows, never for concluding that the rest are not."""
    sure = pc.fill_null(pa.array(column, type=pa.bool_(), from_pandas=True), False)
    return pd.Series(sure.to_numpy(zero_copy_only=False), index=column.index, dtype=bool)


def impossible(column: pd.Series) -> pd.Series:
    """Where a column is False for sure, as a plain mask."""
    return certain(~column)


def looked_up(keys: pd.Series, answers: Mapping[Any, bool | None]) -> pd.Series:
    """The answer for every key; NA for a missing key, a key without an answer, and an answer that is None."""
    return pd.Series(pd.array(_found(keys, answers, pa.bool_()), dtype=FLAG), index=keys.index)


def worded(keys: pd.Series, words: Mapping[Any, str | None]) -> pd.Series:
    """The words for every key; NA for a missing key or one without words."""
    return pd.Series(pd.array(_found(keys, words, pa.string()), dtype=TEXT), index=keys.index)


def texts(values: Any, index: pd.Index) -> pd.Series:
    """A text column from an array of texts and None."""
    return pd.Series(pd.array(pa.array(values, type=pa.string(), from_pandas=True), dtype=TEXT), index=index)


def _found(keys: pd.Series, values: Mapping[Any, Any], kind: pa.DataType) -> pa.Array:
    known = [key for key in values if isinstance(key, str)]
    places = pc.index_in(
        pa.array(keys, type=pa.string(), from_pandas=True), value_set=pa.array(known, type=pa.string()), skip_nulls=True
    )
    return pa.array([values[key] for key in known], type=kind).take(places)


def _told(holds: pd.Series, limbs: Sequence[Limb], *, deciding: bool, clause: str, otherwise: Words) -> pd.DataFrame:
    """Words for a joined test: `deciding` is the value of a limb that alone decides it (False for "and")."""
    is_open = holds.isna().to_numpy()
    clauses = np.full(len(holds), clause, dtype=object)
    reasons = np.full(len(holds), "", dtype=object)
    reasons[:] = otherwise if isinstance(otherwise, str) else otherwise.to_numpy(dtype=object)
    for limb in reversed(limbs):
        decides = certain(limb.holds if deciding else ~limb.holds).to_numpy() & ~is_open
        lacks = limb.holds.isna().to_numpy() & is_open
        _put(clauses, decides | lacks, limb.clause)
        _put(reasons, decides, limb.yes if deciding else limb.no)
    missing = np.full(len(holds), None, dtype=object)
    if is_open.any():
        missing[is_open] = ""
        for limb in limbs:
            lacks = limb.holds.isna().to_numpy() & is_open
            words = (
                np.full(int(lacks.sum()), limb.missing, dtype=object)
                if isinstance(limb.missing, str)
                else limb.missing.to_numpy(dtype=object)[lacks]
            )
            missing[lacks] = [_joined(a, b) for a, b in zip(missing[lacks], words, strict=True)]
        reasons[is_open] = np.array([f"not decided: {words}" for words in missing[is_open]], dtype=object)
    index = holds.index
    return pd.DataFrame(
        {
            "holds": holds,
            "clause": texts(clauses, index),
            "reason": texts(reasons, index),
            "missing": texts(missing, index),
        }
    )


def _joined(told: str, more: str) -> str:
    return f"{told}; {more}" if told and more and more not in told else told or more


def _put(there: np.ndarray[Any, Any], rows: np.ndarray[Any, Any], words: Words) -> None:
    if rows.any():
        there[rows] = words if isinstance(words, str) else words.to_numpy(dtype=object)[rows]
