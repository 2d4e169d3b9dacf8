"""Look-through shares against one elimination over the whole system, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.ownership.reference import HIDDEN, Bands, Shares, controlled, look_through, rest
from tests.ownership.tables import company, judge, person, stake
from tests.ownership.test_completions import OTHERS, PERSONS, SUBJECTS, bands, rows

NAMES = (*PERSONS, *OTHERS, *SUBJECTS)
ENTITIES = [
    *(company(name, "CN") for name in PERSONS),
    *(person(name) for name in OTHERS),
    *(company(name) for name in SUBJECTS),
]


@st.composite
def exact_stakes(draw: st.DrawFn) -> Shares:
    """Exact stakes of at most the whole in each subject, rings and own shares included."""
    shares: Shares = {}
    for subject in SUBJECTS:
        left = Fraction(1)
        for holder in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
            if part := min(left, Fraction(draw(st.integers(0, 20)), 20)):
                shares[holder, subject] = part
                left -= part
    return shares


@settings(max_examples=150, deadline=None)
@given(exact_stakes())
def test_both_ends_are_those_of_the_whole_system(shares: Shares) -> None:
    """From below what the persons hold; from above what is not traced to persons of the United States."""
    persons, others = look_through(shares, PERSONS, NAMES), look_through(shares, OTHERS, NAMES)
    assume(persons is not None and others is not None)
    assert persons and others
    ownership = judge(ENTITIES, [stake(h, s, x) for (h, s), x in shares.items()])
    for name in NAMES:
        assert ownership.verdict(name).look_through_share == (persons[name], 1 - others[name])


@st.composite
def completed(draw: st.DrawFn) -> tuple[Bands, Shares]:
    """Bands and a completion in which each whole is held, the rest by persons or by others."""
    told = draw(bands(SUBJECTS, 10, 3))
    nudge, shares = Fraction(1, 1000), {}
    for key, (low, high, low_open, high_open) in told.items():
        first = low + (nudge if low_open else 0)
        shares[key] = first + draw(st.sampled_from((0, 1))) * (high - (nudge if high_open else 0) - first)
    left = rest(shares)
    assume(all(share >= 0 for share in left.values()))
    for subject in SUBJECTS:
        holder = draw(st.sampled_from((HIDDEN, "us")))
        if share := left.get(subject, Fraction(1)):
            shares[holder, subject] = share
    return told, shares


@settings(max_examples=150, deadline=None)
@given(completed())
def test_every_completion_lies_within_the_ends(drawn: tuple[Bands, Shares]) -> None:
    told, shares = drawn
    share = look_through(shares, {*PERSONS, HIDDEN}, {*NAMES, HIDDEN, "us"})
    assume(share is not None)
    assert share
    ownership = judge(ENTITIES, rows(told))
    for name in SUBJECTS:
        low, high = ownership.verdict(name).look_through_share
        assert low <= share[name] <= high


@pytest.mark.parametrize("seed", range(3))
def test_a_large_ring_of_many_strands_lies_within_its_ends(seed: int) -> None:
    """50 entities, more than are solved exactly, each held by four others, by the PRC company and by one of the United States."""
    draw, names = Random(seed), [f"r{n:02}" for n in range(50)]
    shares: Shares = {}
    for place, subject in enumerate(names):
        holders = {names[place - 1], *draw.sample(names, 3)} - {subject}
        parts = [draw.randint(1, 30) for _ in range(len(holders) + 2)]
        for holder, part in zip(["p", "u", *sorted(holders)], parts, strict=True):
            shares[holder, subject] = Fraction(part, sum(parts))
    expected = look_through(shares, {"p"}, ["p", "u", *names])
    assert expected
    ownership = judge(
        [company("p", "CN"), person("u"), *(company(name) for name in names)],
        [stake(h, s, x) for (h, s), x in shares.items()],
    )
    for name in names[::10]:
        low, high = ownership.verdict(name).look_through_share
        assert low <= expected[name] <= high
        assert high - low < Fraction(1, 10**9)


def test_control_and_look_through_differ_both_ways() -> None:
    """51 % of 51 % is control of 26.01 %; a ring gives 75 % and no majority."""
    chain: Shares = {("p", "a"): Fraction(51, 100), ("a", "b"): Fraction(51, 100)}
    verdict = judge(ENTITIES, [stake(h, s, x) for (h, s), x in chain.items()]).verdict("b")
    assert (str(verdict.prc_russia), verdict.look_through_share[0]) == ("established", Fraction(2601, 10_000))
    ring: Shares = {(h, s): Fraction(3, 10) for h in "p" for s in "bc"} | {
        ("b", "c"): Fraction(3, 5),
        ("c", "b"): Fraction(3, 5),
    }
    assert controlled(ring, {"p"}) == {"p"}
    verdict = judge(ENTITIES, [stake(h, s, x) for (h, s), x in ring.items()]).verdict("b")
    assert (str(verdict.prc_russia), verdict.look_through_share[0]) == ("possible", Fraction(3, 4))


def test_a_closed_ring_has_no_single_solution_and_is_reported() -> None:
    ring: Shares = {("a", "b"): Fraction(1), ("b", "a"): Fraction(1)}
    assert look_through(ring, {"p"}, ["a", "b", "p"]) is None
    ownership = judge(ENTITIES, [stake(h, s, x) for (h, s), x in ring.items()])
    assert [problem for problem in ownership.problems if "closed ring has no look-through share" in problem]
    assert ownership.verdict("a").look_through_share == (0, 1)
