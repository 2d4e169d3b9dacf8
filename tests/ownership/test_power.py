"""Figures for a dominant minority: against every coalition and every order, and as the question shows them."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.ownership.power import (
    Indices,
    concentration,
    degree_of_control,
    minority_figures,
    oceanic,
    of_votes_cast,
    power_indices,
)
from tests.ownership.tables import company, judge, person, stake


def by_enumeration(weights: list[int], quota: int) -> Indices:
    """Every coalition, and every order."""
    voters = range(len(weights))
    swings, pivots = [0] * len(weights), [0] * len(weights)
    for size in voters:
        for coalition in combinations(voters, size):
            weight = sum(weights[v] for v in coalition)
            for voter in set(voters) - set(coalition):
                swings[voter] += weight < quota <= weight + weights[voter]
    for order in permutations(voters):
        weight = 0
        for voter in order:
            pivots[voter] += weight < quota <= weight + weights[voter]
            weight += weights[voter]
    return Indices(
        tuple(Fraction(s, sum(swings)) if sum(swings) else Fraction(0) for s in swings),
        tuple(Fraction(s, 2 ** (len(weights) - 1)) for s in swings),
        tuple(Fraction(p, math.factorial(len(weights))) for p in pivots),
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(1, 80))
def test_indices_are_those_of_every_coalition_and_every_order(weights: list[int], quota: int) -> None:
    assert power_indices(weights, quota) == by_enumeration(weights, quota)


@given(st.integers(0, 30), st.lists(st.integers(0, 30), max_size=6))
def test_without_an_ocean_both_ways_of_counting_agree(weight: int, others: list[int]) -> None:
    half = (weight + sum(others)) // 2
    if half:
        found = power_indices([weight, *others], half + 1)
        assert oceanic(weight, others, 0, half) == (found.banzhaf_absolute[0], found.shapley_shubik[0])


@pytest.mark.parametrize(("weight", "others"), [(40, [30, 10]), (20, []), (25, [24, 13, 5]), (49, [2])])
def test_an_ocean_is_what_ever_smaller_holders_come_to(weight: int, others: list[int]) -> None:
    """Its indices lie near those of an ocean cut into hundreds of drops, and nearer than with few drops."""
    ocean = 100 - weight - sum(others)
    limit = oceanic(weight, others, ocean, 50)
    distances = []
    for cut in (1, 4):
        drops = power_indices([w * cut for w in (weight, *others)] + [1] * (ocean * cut), 50 * cut + 1)
        distances.append(
            (abs(drops.banzhaf_absolute[0] - limit[0]), abs(drops.shapley_shubik[0] - limit[1])),
        )
    assert distances[1][1] < Fraction(1, 150)
    assert all(near <= far or near < Fraction(1, 10**6) for far, near in zip(*distances, strict=True))


def test_a_lone_holder_beside_an_ocean_has_its_weight_as_part_of_the_ocean() -> None:
    """Its turn among the small holders comes evenly, and w / (1 - w) of the turns are decisive."""
    assert oceanic(20, [], 80, 50)[1] == Fraction(20, 80)


def test_without_others_there_is_no_degree_of_control() -> None:
    assert degree_of_control(Fraction(1, 5), []) is None


@pytest.mark.parametrize(
    ("share", "turnout", "expected"),
    [
        ("0.3", "1", Fraction(3, 10)),
        ("0.3", "0.61", Fraction(30, 61)),
        ("0.3", "0.59", Fraction(30, 59)),
        ("0.3", "0.3", Fraction(1)),
        ("0.3", "0.2", Fraction(1)),
        ("0", "0.5", Fraction(0)),
    ],
)
def test_the_share_of_the_votes_cast(share: str, turnout: str, expected: Fraction) -> None:
    assert of_votes_cast(Fraction(share), turnout) == expected


@pytest.mark.parametrize("turnout", ["0", "1.01", "-0.5", "most"])
def test_a_turnout_that_is_none_is_refused(turnout: str) -> None:
    with pytest.raises(ValueError):
        of_votes_cast(Fraction(1, 2), turnout)


def test_concentration_is_one_for_a_single_holder_and_small_for_many() -> None:
    assert concentration([Fraction(1)]) == 1
    assert concentration([Fraction(1, 100)] * 100) == Fraction(1, 100)


def test_the_figures_of_a_stake_beside_99_equal_holders_disagree() -> None:
    figures = minority_figures({"p": Fraction(1, 5), **{f"o{n}": Fraction(4, 495) for n in range(99)}}, {"p"})
    assert figures.banzhaf_absolute and figures.shapley_shubik
    told = (
        exact_text(figures.banzhaf_absolute),
        exact_text(figures.shapley_shubik),
        figures.degree_of_control,
        figures.concentration,
        figures.next_holder,
    )
    assert told == ("0.98", "0.24", "0.9936", Fraction(1, 99), Fraction(4, 495))


def exact_text(value: Fraction) -> str:
    return f"{float(value):.2f}"


def test_holders_of_interest_vote_as_one() -> None:
    apart = minority_figures({"p": Fraction(1, 5), "q": Fraction(3, 20), "u": Fraction(13, 20)}, {"p", "q"})
    one = minority_figures({"p": Fraction(7, 20), "u": Fraction(13, 20)}, {"p"})
    assert apart == one
    assert (one.banzhaf, one.shapley_shubik) == (0, 0), "beside a majority nothing can be decided"


def test_half_of_the_votes_blocks_and_does_not_decide() -> None:
    figures = minority_figures({"p": Fraction(1, 2), "u": Fraction(1, 2)}, {"p"})
    assert (figures.banzhaf, figures.shapley_shubik) == (Fraction(1, 2), Fraction(1, 2))
    assert minority_figures({"p": Fraction(51, 100), "u": Fraction(49, 100)}, {"p"}).banzhaf == 1


def test_undisclosed_votes_are_an_ocean_and_that_is_said() -> None:
    figures = minority_figures({"p": Fraction(3, 10), "u": Fraction(1, 5)}, {"p"})
    assert (figures.undisclosed, figures.banzhaf) == (Fraction(1, 2), None)
    assert (figures.banzhaf_absolute, figures.shapley_shubik) == oceanic(30, [20], 50, 50)
    assert any("50 %" in note and "small holders" in note for note in figures.notes)


def test_votes_that_are_divided_too_finely_are_rounded_and_that_is_said() -> None:
    parts = {f"o{n}": Fraction(3, 4) * Fraction(n, 465) + Fraction(1, 10**9 + n) for n in range(1, 31)}
    figures = minority_figures({"p": Fraction(1, 5), **parts}, {"p"})
    assert figures.shapley_shubik and any("rounded to units of 0.05 %" in note for note in figures.notes)


def test_too_many_holders_are_refused_with_a_reason() -> None:
    figures = minority_figures({"p": Fraction(1, 5), **{f"o{n}": Fraction(1, 1000) for n in range(800)}}, {"p"})
    assert (figures.banzhaf, figures.banzhaf_absolute, figures.shapley_shubik) == (None, None, None)
    assert figures.notes[-1] == "no index of power is counted among 801 holders of votes"
    assert figures.degree_of_control == "1.0000"


def test_stakes_that_exceed_the_whole_or_are_negative_are_refused() -> None:
    for stakes in ({"p": Fraction(3, 5), "u": Fraction(1, 2)}, {"p": Fraction(-1, 5)}):
        with pytest.raises(ValueError):
            minority_figures(stakes, {"p"})


# as the question shows them


def shown(rows: list[dict[str, Any]], *entities: dict[str, Any], **more: Any) -> dict[str, Any]:
    ownership = judge([company("cn", "CN"), company("ru", "RU"), company("x"), *entities], rows, **more)
    return next(facts for question, _, facts in ownership.questions() if question == "dominant_minority")


def test_the_question_of_a_dominant_minority_shows_the_figures() -> None:
    facts = shown([stake("cn", "x", "0.3"), stake("us", "x", "0.2")], person("us"))
    assert (facts["concentration_of_rest"], facts["shapley_shubik"], facts["degree_of_control"]) == (
        "0.0816",
        "0.36",
        "0.9332",
    )
    assert facts["of_votes_cast"][-1] == "60 % at a turnout of 50 %"


def test_holders_who_follow_one_majority_holder_vote_as_one_in_the_figures() -> None:
    rows = [stake("cn", "x", "0.4"), stake("us", "x", "0.25"), stake("sub", "x", "0.2"), stake("u2", "x", "0.15")]
    others = [person("us"), person("u2"), company("sub")]
    apart, group = shown(rows, *others), shown([*rows, stake("us", "sub", "0.51")], *others)
    assert (apart["banzhaf"], group["banzhaf"]) == ("0.5", "0.3333")
    assert (apart["concentration_of_rest"], group["concentration_of_rest"]) == ("0.3472", "0.625")


def test_persons_who_do_not_act_in_concert_are_weighed_by_the_largest_alone_in_the_figures() -> None:
    rows = [stake("cn", "x", "0.3"), stake("ru", "x", "0.21"), stake("us", "x", "0.49")]
    facts = shown(rows, person("us"), aggregate=False, judged={("acting_in_concert", "x Holdings"): "no"})
    assert (facts["stake"], facts["banzhaf"]) == ("30 %", "0.3333")


def test_shares_that_an_entity_holds_in_itself_are_set_aside_in_the_figures() -> None:
    rows = [stake("cn", "x", "0.3"), stake("x", "x", "0.25"), stake("us", "x", "0.3"), stake("u2", "x", "0.15")]
    facts = shown(rows, person("us"), person("u2"))
    assert facts["of_votes_cast"][-1] == "80 % at a turnout of 50 %"
    assert "own shares (25 %) are set aside" in facts["figures_assume"]
