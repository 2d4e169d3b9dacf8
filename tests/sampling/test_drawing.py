"""Frames and draws: the same for ever, repeatable with nothing but SHA-256, and fair."""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor import sampling
from assessor.errors import SamplingError
from assessor.sampling import drawing

IDS = [f"P{number:04}" for number in range(400)]
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_draws_are_the_same_in_ten_years() -> None:
    """Golden: a change of these bytes would make every recorded draw unrepeatable."""
    told = {method: sampling.draw(IDS, 5, seed="5 3 6 1", method=method).ids for method in drawing.METHODS}
    assert told == {
        "random": ("P0145", "P0233", "P0350", "P0260", "P0206"),
        "interval": ("P0015", "P0095", "P0175", "P0255", "P0335"),
        "cell": ("P0076", "P0158", "P0162", "P0294", "P0388"),
    }
    assert sampling.frame(IDS).digest == "d485490ddc9551afdabccd7c2f4d4e9f73cd9958c80ed41f6f90cd77b577eed9"


@given(
    st.lists(TEXTS, unique=True, min_size=1, max_size=30), TEXTS.filter(str.strip).filter(str.isprintable), st.data()
)
def test_anyone_can_repeat_a_random_draw_with_sha256_and_sort(ids: list[str], seed: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(ids)))
    by_hand = sorted(ids, key=lambda id_: sha(f"{seed}|{id_}"))[:n]
    assert list(sampling.draw(ids, n, seed=seed).ids) == by_hand


def test_anyone_can_repeat_the_others_with_sha256_and_long_division() -> None:
    number = int(sha("dice,1"), 16)  # below the greatest multiple of 400 up to 2**256, as nearly all are
    start = number % 400
    expected = [IDS[(start + j * 400) // 7] for j in range(7)]
    assert list(sampling.draw(IDS, 7, seed="dice", method="interval").ids) == expected
    edges = [j * 400 // 7 for j in range(8)]
    expected = [
        IDS[low + int(sha(f"dice,{j + 1}"), 16) % (high - low)] for j, (low, high) in enumerate(pairwise(edges))
    ]
    assert list(sampling.draw(IDS, 7, seed="dice", method="cell").ids) == expected


def test_numbers_that_would_favour_some_are_passed_over() -> None:
    bound = (1 << 255) + 1  # nearly half of all numbers are passed over
    counter = drawing.Counter("x")
    told = [counter.below(bound) for _ in range(200)]
    kept = [value for i in range(1, counter.at + 1) if (value := int(sha(f"x,{i}"), 16)) < bound]
    assert told == kept and counter.at > 300


@given(st.permutations(IDS[:40]), st.sampled_from(sorted(drawing.METHODS)))
def test_the_order_of_the_rows_changes_nothing(ids: list[str], method: str) -> None:
    assert sampling.draw(ids, 9, seed="s", method=method) == sampling.draw(IDS[:40], 9, seed="s", method=method)


@given(st.integers(1, 60), st.sampled_from(sorted(drawing.METHODS)), st.integers(0, 99))
def test_every_draw_has_the_size_asked_for_and_no_item_twice(n: int, method: str, seed: int) -> None:
    told = sampling.draw(IDS[:60], n, seed=str(seed), method=method).ids
    assert len(set(told)) == len(told) == n and set(told) <= set(IDS[:60])


@given(st.integers(1, 59))
def test_a_larger_random_draw_begins_with_the_smaller_one(n: int) -> None:
    larger = sampling.draw(IDS[:60], n + 1, seed="s").ids
    assert larger[:n] == sampling.draw(IDS[:60], n, seed="s").ids


@pytest.mark.parametrize("method", sorted(drawing.METHODS))
def test_each_item_is_drawn_about_equally_often(method: str) -> None:
    """3,000 draws of 5 of 20: 750 of each item are expected, the standard deviation is 24, and five of these are allowed."""
    counts = Counter(
        id_ for seed in range(3000) for id_ in sampling.draw(IDS[:20], 5, seed=str(seed), method=method).ids
    )
    assert len(counts) == 20 and all(abs(count - 750) < 120 for count in counts.values())


def test_a_fixed_interval_gives_each_item_exactly_the_same_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()
    for start in range(17):
        monkeypatch.setattr(drawing.Counter, "below", lambda self, bound, start=start: start)
        counts.update(sampling.draw(IDS[:17], 5, seed="s", method="interval").ids)
    assert set(counts.values()) == {5}


def test_strata_are_drawn_from_each_on_its_own() -> None:
    frame = sampling.frame(IDS[:60], strata=["a", "b", "b"] * 20)
    for method in drawing.METHODS:
        made = sampling.draw(frame, {"a": 3, "b": 4}, seed="s", method=method)
        of = dict(zip(IDS[:60], ["a", "b", "b"] * 20, strict=True))
        assert [of[id_] for id_ in made.ids] == ["a"] * 3 + ["b"] * 4


def test_the_digest_is_that_of_sorted_lines() -> None:
    frame = sampling.frame(["b", "a", "é"], strata=["x", "y", "x"], weights=["2.50", "1", "1/3"])
    assert frame.digest == sha("a\ty\t1\nb\tx\t2.5\né\tx\t1/3\n")
    assert sampling.frame(["b", "a"]).digest == sha("a\nb\n")


@given(st.lists(TEXTS, unique=True, min_size=2, max_size=20))
def test_the_digest_changes_with_every_item_and_with_no_order(ids: list[str]) -> None:
    whole = sampling.frame(ids).digest
    assert sampling.frame(reversed(ids)).digest == whole
    assert sampling.frame(ids[1:]).digest != whole
    assert sampling.frame([*ids[1:], f"{ids[0]}x" if f"{ids[0]}x" not in ids else f"{ids[0]}y z"]).digest != whole


@pytest.mark.parametrize(
    ("ids", "about", "says"),
    [
        (["a", "b", "a", "c", "b"], {}, "2 ids occur more than once in the population (a, b)"),
        (["a", ""], {}, "1 items of the population have no id"),
        ([], {}, "the population is empty".capitalize()),
        (["a\nb"], {}, "'a\\nb' holds a line break"),
        (["a\tb"], {}, "holds a line break, tab"),
        (["\ud800"], {}, "cannot be printed"),
        (["a", "b"], {"weights": ["1", "0"]}, "weight of b is 0: an item of no or negative weight can never be drawn"),
        (["a", "b"], {"weights": ["1", "-3"]}, "weight of b is -3"),
        (["a", "b"], {"weights": ["1", "much"]}, "weight of b `much` is no number"),
        (["a", "b"], {"weights": ["1"]}, "2 ids and 1 weights"),
        (["a", "b"], {"strata": ["x", "y\n"]}, "stratum 'y\\n' holds"),
    ],
    ids=str,
)
def test_a_population_that_is_none_is_refused_in_a_sentence(ids: list[str], about: dict[str, Any], says: str) -> None:
    with pytest.raises(SamplingError) as told:
        sampling.frame(ids, **about)
    assert says in str(told.value) and str(told.value).endswith(".")


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"size": 401}, "A sample of 401 is larger than the population of 400"),
        ({"size": 0}, "from 1 on"),
        ({"seed": " "}, "needs a seed"),
        ({"seed": "a\nb"}, "printable"),
        ({"method": "haphazard"}, "choose among random, interval, cell"),
    ],
    ids=str,
)
def test_a_draw_that_is_none_is_refused_in_a_sentence(about: dict[str, Any], says: str) -> None:
    with pytest.raises(SamplingError) as told:
        sampling.draw(IDS, **{"size": 5, "seed": "s", **about})
    assert says in str(told.value) and str(told.value).endswith(".")


def test_weights_are_exact() -> None:
    frame = sampling.frame(["a", "b"], weights=["0.1", "0.2"])
    assert sum(frame.weights) == Fraction(3, 10)
