"""Texts found by numbers that stand for them: as a hash table finds them, also where the numbers are made to collide."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.ownership.bulk import texts

WORDS = st.one_of(
    st.none(), st.text(max_size=40), st.sampled_from(("", "a", "a\0", "a\0\0", "x" * 8, "x" * 9, "x" * 16, "é"))
)
Lists = st.lists(WORDS, max_size=40)


@settings(max_examples=200, deadline=None)
@given(Lists, Lists, st.integers(0, 3))
def test_each_text_is_found_at_its_first_place(sought: list[str | None], among: list[str | None], begin: int) -> None:
    listed, wanted = pa.array(among, pa.string()), pa.array(sought, pa.string()).slice(begin)
    found = texts.find(wanted, listed, texts.places(texts.keys(listed)))
    assert found.tolist() == [
        among.index(text) if text is not None and text in among else -1 for text in sought[begin:]
    ]


def test_numbers_that_fall_together_hide_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "keys", lambda texts: np.zeros(len(texts), np.uint64))
    listed = pa.array(["a", "b", "c"])
    assert texts.find(pa.array(["c", "a", "d", None]), listed, texts.places(texts.keys(listed))).tolist() == [
        2,
        0,
        -1,
        -1,
    ]


def test_a_missing_text_is_not_an_empty_one() -> None:
    listed = pa.array(["a", "", None])
    assert texts.find(pa.array([None, ""]), listed, texts.places(texts.keys(listed))).tolist() == [-1, 1]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(alphabet="aAbZ09 .,&-'\n", max_size=20)), max_size=20), st.integers(0, 3))
def test_a_levelled_text_has_the_letters_and_digits(told: list[str | None], begin: int) -> None:
    found = texts.levelled(pa.array(told, pa.string()).slice(begin)).to_pylist()
    expected = [(text or "").replace("&", "and").lower() for text in told[begin:]]
    assert found == ["".join(sign for sign in text if sign.isalnum()) for text in expected]
