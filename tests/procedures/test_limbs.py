"""Limbs joined by "and" and "or" over columns: three values, the clause that decided, and what is missing."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from assessor.procedures.limbs import FLAG, Limb, all_of, any_of, certain, flags, impossible, looked_up, texts, worded

INDEX = pd.RangeIndex(9)
PAIRS = list(itertools.product([True, False, None], repeat=2))


def _pair() -> tuple[Limb, Limb]:
    first, second = (flags([pair[side] for pair in PAIRS], INDEX) for side in (0, 1))
    return (
        Limb("(1)", first, yes="first holds", no="first fails", missing="fact one"),
        Limb("(2)", second, yes="second holds", no="second fails", missing="fact two"),
    )


def _plain(column: pd.Series) -> list[object]:
    return [None if value is pd.NA else value for value in column]


def test_and_is_three_valued() -> None:
    told = all_of(_pair(), "(0)", "both hold")
    assert _plain(told["holds"]) == [True, False, None, False, False, False, None, False, None]
    assert _plain(told["clause"]) == ["(0)", "(2)", "(2)", "(1)", "(1)", "(1)", "(1)", "(2)", "(1)"]
    assert (
        told["reason"][0] == "both hold" and told["reason"][1] == "second fails" and told["reason"][5] == "first fails"
    )
    assert _plain(told["missing"]) == [None, None, "fact two", None, None, None, "fact one", None, "fact one; fact two"]


def test_or_is_three_valued() -> None:
    told = any_of(_pair(), "(0)", "none holds")
    assert _plain(told["holds"]) == [True, True, True, True, False, None, True, None, None]
    assert _plain(told["clause"]) == ["(1)", "(1)", "(1)", "(2)", "(0)", "(2)", "(2)", "(1)", "(1)"]
    assert told["reason"][4] == "none holds"
    assert told["missing"][5] == "fact two" and told["missing"][8] == "fact one; fact two"


def test_reasons_may_differ_from_row_to_row() -> None:
    limb = Limb("(1)", flags([False, True], pd.RangeIndex(2)), no=texts(["a", "b"], pd.RangeIndex(2)))
    told = all_of([limb], "(0)", texts(["c", "d"], pd.RangeIndex(2)))
    assert list(told["reason"]) == ["a", "d"]


def test_no_rows_are_no_rows() -> None:
    assert all_of([Limb("(1)", flags([], pd.RangeIndex(0)))], "(0)", "").empty


@pytest.mark.parametrize("dtype", [FLAG, "boolean"])
def test_masks_choose_only_what_is_sure(dtype: object) -> None:
    column = pd.Series([True, False, None], dtype=dtype)
    assert list(certain(column)) == [True, False, False]
    assert list(impossible(column)) == [False, True, False]


def test_a_look_up_leaves_unknown_keys_unknown() -> None:
    keys = pd.Series(["a", "b", "c", None, "d"], dtype="string[pyarrow]", index=[4, 2, 9, 7, 1])
    found = looked_up(keys, {"a": True, "b": False, "c": None})
    assert _plain(found) == [True, False, None, None, None]
    assert list(found.index) == [4, 2, 9, 7, 1]
    assert _plain(worded(keys, {"a": "x"})) == ["x", None, None, None, None]
    assert _plain(looked_up(keys, {})) == [None] * 5
