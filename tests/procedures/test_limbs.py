"""Limbs joined by "and" and "or" over columns: three values, the clause that decided, and what is missing."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from assessor.procedures.limbs import (
    FLAG,
    TEXT,
    Limb,
    Sheet,
    all_of,
    any_of,
    certain,
    chosen,
    coded,
    either,
    flags,
    impossible,
    looked_up,
    numbered,
    sure,
    texts,
    worded,
    written_out,
)

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


def test_words_that_are_not_written_out_say_the_same() -> None:
    plain, numbers = all_of(_pair(), "(0)", "both hold"), all_of(_pair(), "(0)", "both hold", written=False)
    for column in ("clause", "reason", "missing"):
        assert plain[column].dtype == TEXT and numbers[column].dtype != TEXT
        assert _plain(written_out(numbers[column])) == _plain(plain[column])


def test_what_several_open_limbs_lack_is_said_once() -> None:
    index = pd.RangeIndex(3)
    of_row = texts(["a", "b", None], index)
    limbs = [Limb("(1)", flags([None] * 3, index), missing=words) for words in ("a", of_row, coded(of_row), "c")]
    told = all_of(limbs, "(0)", "")
    assert _plain(told["missing"]) == ["a; c", "a; b; c", "a; c"]
    assert told["reason"][1] == "not decided: a; b; c"


def test_a_sheet_keeps_the_last_words_put_on_a_row() -> None:
    sheet = Sheet(4)
    sheet.put(slice(None), "first")
    sheet.put(np.array([True, True, False, False]), texts(["x", None], pd.RangeIndex(2)))
    sheet.put(np.array([3, 2]), texts(["d", "c"], pd.RangeIndex(2)))
    assert _plain(sheet.column(pd.RangeIndex(4))) == ["x", None, "c", "d"]
    sheet.put(slice(0, 3), None)
    assert _plain(sheet.column(pd.RangeIndex(4), written=False)) == [None, None, None, "d"]


def test_coded_texts_are_the_texts_in_their_order_and_under_their_index() -> None:
    index = pd.Index([7, 3, 5, 1])
    for column in (
        pd.Series(["b", None, "a", "b"], dtype="string[pyarrow]", index=index),
        pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([["b", None], ["a", "b"]])), index=index),
    ):
        made = coded(column)
        assert _plain(written_out(made)) == ["b", None, "a", "b"] and list(made.index) == [7, 3, 5, 1]
        numbers, words = numbered(made[made.notna()])
        assert [words[number] for number in numbers] == ["b", "a", "b"]
        assert _plain(looked_up(made, {"a": False, "b": True})) == [True, None, False, True]
    assert _plain(chosen(["no", "yes"], np.array([1, -1, 0, 1]), index)) == ["yes", None, "no", "yes"]


def test_a_choice_between_columns_keeps_what_is_unknown() -> None:
    first, second = flags([True, None, False], pd.RangeIndex(3)), flags([None, True, None], pd.RangeIndex(3))
    mask = np.array([True, True, False])
    assert _plain(either(mask, first, second)) == [True, None, None]
    assert _plain(either(pd.Series(~mask), False, second)) == [None, True, False]
    assert list(sure(first)) == [True, False, False]


def test_the_first_limb_that_decides_gives_the_reason_whether_it_holds_or_fails() -> None:
    told = any_of(_pair(), "(0)", "none holds")
    assert _plain(told["reason"]) == [
        *["first holds"] * 3,
        "second holds",
        "none holds",
        "not decided: fact two",
        "second holds",
        "not decided: fact one",
        "not decided: fact one; fact two",
    ]
    told = all_of(_pair(), "(0)", "both hold")
    assert _plain(told["reason"])[1:6] == ["second fails", "not decided: fact two", *["first fails"] * 3]
