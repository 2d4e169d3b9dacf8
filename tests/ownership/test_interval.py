"""Intervals hold every value that they are said to hold, and no operation loses one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessor.ownership.interval import Interval, exact, parse, percent
from tests.ownership.reference import Bands, rest, values
from tests.ownership.tables import company, judge, stake
from tests.ownership.test_completions import bands, rows

SHARES = st.fractions(0, 1, max_denominator=12)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(SHARES), draw(SHARES)))
    wide = low < high
    return Interval(low, high, wide and draw(st.booleans()), wide and draw(st.booleans()))


def holds(interval: Interval, value: Fraction) -> bool:
    above = interval.min < value or (interval.min == value and not interval.min_open)
    return above and (value < interval.max or (value == interval.max and not interval.max_open))


@given(intervals(), intervals(), SHARES)
def test_meet_and_hull_hold_what_both_and_either_hold(one: Interval, other: Interval, value: Fraction) -> None:
    assert holds(one.meet(other), value) == (holds(one, value) and holds(other, value))
    assert not (holds(one, value) or holds(other, value)) or holds(one.hull(other), value)
    assert one.meet(other) == other.meet(one) and one.hull(other) == other.hull(one)


@given(intervals(), intervals(), SHARES, SHARES)
def test_a_product_holds_every_product_and_is_never_empty(
    one: Interval, other: Interval, first: Fraction, second: Fraction
) -> None:
    product = one.times(other)
    assert not product.empty
    assert not (holds(one, first) and holds(other, second)) or holds(product, first * second)


def test_a_share_through_a_holder_of_nothing_is_nothing() -> None:
    assert Interval(max=Fraction(1, 2), max_open=True).times(Interval(max=Fraction(0))) == Interval(max=Fraction(0))


@given(st.lists(intervals(), min_size=5, max_size=12))
def test_a_long_product_is_widened_and_still_holds_the_exact_one(chain: list[Interval]) -> None:
    found, low, high = Interval(Fraction(1), Fraction(1)), Fraction(1), Fraction(1)
    for step in chain * 30:
        found = found.times(step)
        low, high = low * step.min, high * step.max
    assert 0 <= found.min <= low <= high <= found.max <= 1


@given(st.fractions(-3, 3))
def test_an_exact_text_is_read_back_as_the_same_share(value: Fraction) -> None:
    assert Fraction(exact(value)) == value


@given(intervals())
def test_a_row_gives_back_its_interval(told: Interval) -> None:
    assert parse(exact(told.min), exact(told.max), told.min_open, told.max_open) == told
    assert told.words()


@pytest.mark.parametrize(
    ("low", "high"),
    [("1.01", None), ("-0.01", "0.5"), ("0.5", "0.4"), ("ca. 30 %", None), ("nan", None), ("1/0", None), ("", "1")],
)
def test_what_is_no_share_is_refused(low: str, high: str | None) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        parse(low, high, None, None)


@pytest.mark.parametrize("ends", [(True, False), (False, True), (True, True)])
def test_an_exact_share_whose_end_is_excluded_is_no_share(ends: tuple[bool, bool]) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        parse("0.5", "0.5", *ends)


@pytest.mark.parametrize(
    ("value", "words"),
    [("0.125", "12.5 %"), ("1/3", "about 33.3333 %"), ("0.4999999", "about 49.9999 %"), ("1", "100 %"), ("0", "0 %")],
)
def test_percentages_never_round_up(value: str, words: str) -> None:
    assert percent(Fraction(value)) == words


# tightening: nobody holds more than the others leave


@settings(max_examples=100, deadline=None)
@given(bands(("a", "b"), 20, 4), st.data())
def test_a_tightened_stake_holds_every_completion_and_is_tight(told: Bands, data: st.DataObject) -> None:
    layer = judge([company("a"), company("b")], rows(told)).graph.votes
    tight = {(s.holder, s.subject): s.share for stakes in layer.of.values() for s in stakes}
    nudge = Fraction(1, 10_000)
    least = {key: values(band, nudge)[0] for key, band in told.items()}
    left = rest(least)
    assume(all(share >= 0 for share in left.values()))
    for key, band in told.items():
        grown = min(values(band, nudge)[-1], least[key] + left[key[1]])
        assert holds(tight[key], grown)
        assert holds(tight[key], least[key])
        assert tight[key].max - grown <= nudge * 5, "no completion comes near the upper end"
    again = judge(
        [company("a"), company("b")],
        rows({key: (share.min, share.max, share.min_open, share.max_open) for key, share in tight.items()}),
    )
    assert {(s.holder, s.subject): s.share for stakes in again.graph.votes.of.values() for s in stakes} == tight


def test_what_more_than_half_leaves_is_less_than_half() -> None:
    rows = [stake("u", "x", "(0.5", "0.75"), stake("v", "x", "0.1", "0.9")]
    held = {s.holder: s.share for s in judge([company("x")], rows).graph.votes.of["x"]}
    assert held["v"] == Interval(Fraction(1, 10), Fraction(1, 2), False, True)
