"""What is established holds, and what is excluded fails, however the facts that nobody states turn out.

Stakes are exact, bands with open or closed ends, or not stated; what is left of the whole may belong to a fresh person of the
countries, to a fresh other, or to a holder already known. `reference.py` works every such completion out by itself.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.ownership.reference import Bands, Shares, alone, around, completions, controlled, rest, with_hidden
from tests.ownership.tables import company, judge, person, stake

PERSONS, OTHERS = ("p", "q"), ("u", "v")  # organised in the PRC; natural persons of the United States
SUBJECTS = ("a", "b", "c", "d")


def rows(told: Bands) -> list[dict[str, Any]]:
    def text(value: Fraction) -> str:
        return f"{value.numerator}/{value.denominator}"

    found = []
    for (holder, subject), (low, high, low_open, high_open) in told.items():
        row = stake(holder, subject)
        if (low, high) != (0, 1):
            row |= {"min": text(low), "max": text(high), "min_open": low_open, "max_open": high_open}
        found.append(row)
    return found


def answers(told: Bands, subjects: tuple[str, ...], *, aggregate: bool, criterion: Fraction) -> dict[str, str]:
    entities = [company(name, "CN") for name in PERSONS] + [person(name) for name in OTHERS]
    ownership = judge(
        [*entities, *(company(name) for name in subjects)],
        rows(told),
        aggregate=aggregate,
        dominant_minority=criterion,
    )
    verdicts = {name: ownership.verdict(name) for name in subjects}
    assert all(verdict.settled_by for verdict in verdicts.values() if verdict.prc_russia == "possible")
    return {name: str(verdict.prc_russia) for name, verdict in verdicts.items()}


@st.composite
def bands(draw: st.DrawFn, subjects: tuple[str, ...], parts: int, most: int) -> Bands:
    """Stakes in every subject with ends on a grid, of which at least one completion exists."""
    told: Bands = {}
    ends = st.integers(0, parts).map(lambda n: Fraction(n, parts))
    for subject in subjects:
        holders = [n for n in (*PERSONS, *OTHERS, *subjects) if n != subject]
        for holder in draw(st.lists(st.sampled_from(holders), unique=True, max_size=most)):
            sort = draw(st.sampled_from(("exact", "band", "not stated")))
            low, high = sorted((draw(ends), draw(ends)))
            low, high = {"exact": (low, low), "band": (low, high), "not stated": (Fraction(0), Fraction(1))}[sort]
            is_band = sort == "band" and low < high
            told[holder, subject] = (low, high, is_band and draw(st.booleans()), is_band and draw(st.booleans()))
    for subject in subjects:
        held = [(low, low_open) for (_, s), (low, _, low_open, _) in told.items() if s == subject]
        total = sum((low for low, _ in held), Fraction(0))
        assume(total < 1 or (total == 1 and not any(is_open for _, is_open in held)))
    return told


@settings(max_examples=60, deadline=None)
@given(bands(("a", "b"), 4, 2), st.sampled_from((Fraction(1), Fraction(1, 4))))
def test_every_completion_of_a_small_grid_lies_between_the_closures(told: Bands, criterion: Fraction) -> None:
    """All of them, with every way to give the rest of each subject to somebody; and no answer is weaker than it need be."""
    seeds, holders = {*PERSONS, "fresh"}, ("nobody", "fresh", *PERSONS, "u")
    whole: dict[str, set[tuple[tuple[tuple[str, str], Fraction], ...]]] = {}  # every way in which one subject is held
    for subject in "ab":
        part = {key: band for key, band in told.items() if key[1] == subject}
        whole[subject] = {
            tuple(sorted(with_hidden(shares, [subject], holder).items()))
            for shares in completions(part, Fraction(1, 40))
            for holder in holders
        }
    always, always_alone, ever = set("ab"), set("ab"), set[str]()
    for chosen in product(whole["a"], whole["b"]):
        shares = dict(chosen[0] + chosen[1])
        together, single = controlled(shares, seeds), alone(shares, seeds)
        always, always_alone, ever = always & together, always_alone & single, ever | together & set("ab")
    for aggregate, must, may in ((True, always, ever), (False, always_alone, ever)):
        found = answers(told, ("a", "b"), aggregate=aggregate, criterion=criterion)
        assert {name for name, answer in found.items() if answer == "established"} == must
        possible = {name for name, answer in found.items() if answer != "excluded"}
        assert may <= possible
        if criterion == 1 and not around(told):
            assert possible == may


@st.composite
def completed(draw: st.DrawFn) -> tuple[Bands, Shares]:
    """Bands over more subjects, and one of their completions with the rest given to somebody or to nobody."""
    told = draw(bands(SUBJECTS, 20, 3))
    step, shares = Fraction(1, 1000), {}
    for key, (low, _, low_open, _) in told.items():
        shares[key] = low + (step if low_open else 0)
    left = rest(shares)
    assume(all(share >= 0 for share in left.values()))
    for key in draw(st.permutations(sorted(told))):
        _, high, _, high_open = told[key]
        more = min(left[key[1]], high - (step if high_open else 0) - shares[key])
        more *= draw(st.sampled_from((Fraction(0), Fraction(1, 2), Fraction(1))))
        shares[key] += more
        left[key[1]] -= more
    for subject in SUBJECTS:
        shares = with_hidden(
            shares, [subject], draw(st.sampled_from(("nobody", "fresh", "fresh too", *PERSONS, *OTHERS)))
        )
    return told, shares


@settings(max_examples=250, deadline=None)
@given(completed(), st.booleans(), st.sampled_from((Fraction(1), Fraction(1, 4), Fraction(1, 100))))
def test_drawn_completions_lie_between_the_closures(
    drawn: tuple[Bands, Shares], aggregate: bool, criterion: Fraction
) -> None:
    told, shares = drawn
    seeds = {*PERSONS, "fresh", "fresh too"}
    together, single = controlled(shares, seeds), alone(shares, seeds)
    for name, answer in answers(told, SUBJECTS, aggregate=aggregate, criterion=criterion).items():
        assert answer != "established" or name in (together if aggregate else single)
        assert answer != "excluded" or name not in together


@settings(max_examples=80, deadline=None)
@given(completed())
def test_votes_of_the_persons_lie_within_the_share_that_is_told(drawn: tuple[Bands, Shares]) -> None:
    """What they and all that they control hold, in every completion."""
    told, shares = drawn
    entities = [company(name, "CN") for name in PERSONS] + [person(name) for name in OTHERS]
    ownership = judge([*entities, *(company(name) for name in SUBJECTS)], rows(told))
    members = controlled(shares, {*PERSONS, "fresh", "fresh too"})
    for name in SUBJECTS:
        low, high = ownership.verdict(name).controlled_share
        held = sum((x for (h, s), x in shares.items() if s == name and h in members), Fraction(0))
        assert low <= held <= high


@pytest.mark.parametrize("aggregate", [True, False])
def test_a_rest_that_a_known_holder_may_have_is_not_excluded(aggregate: bool) -> None:
    """p holds 30 %, others 45 %; the missing 25 % may be p's too."""
    told: Bands = {
        ("p", "a"): (Fraction(3, 10), Fraction(3, 10), False, False),
        ("u", "a"): (Fraction(9, 20), Fraction(9, 20), False, False),
    }
    assert answers(told, ("a",), aggregate=aggregate, criterion=Fraction(1)) == {"a": "possible"}
