"""Rings of mutual holdings: whoever casts a ring's own votes may decide with few votes from outside."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from tests.ownership.tables import company, judge, person, stake

PRC, US, DISPERSED = company("cn", "CN"), person("us"), [person(f"us{n}") for n in range(8)]
X, Y = company("x"), company("y", "LU")
RING = [stake("x", "y", "0.6"), stake("y", "x", "0.6")]


def answers(*rows: dict[str, Any], **more: Any) -> dict[str, str]:
    ownership = judge([PRC, X, Y, US, *DISPERSED], list(rows), **more)
    return {entity: str(ownership.verdict(entity).prc_russia) for entity in "xy"}


def test_a_ring_is_possible_and_named_where_the_votes_from_outside_are_mostly_prc() -> None:
    """The worked case of the method: nobody has a majority, and the look-through share is 75 %."""
    rows = [*RING, *(stake("cn", e, "0.3") for e in "xy"), *(stake("nl", e, "0.1") for e in "xy")]
    ownership = judge([PRC, X, Y, person("nl", "NL")], rows)
    for entity in "xy":
        verdict = ownership.verdict(entity)
        assert (verdict.prc_russia, verdict.look_through_share) == ("possible", (Fraction(3, 4), Fraction(3, 4)))
        assert "a ring of mutual holdings (x Holdings, y Holdings)" in verdict.reason
        assert any("how the votes that x Holdings, y Holdings hold in each other" in str(f) for f in verdict.settled_by)


@pytest.mark.parametrize("share", ["0.1", "0.0001"])
def test_a_ring_that_persons_reach_is_never_excluded_however_little_they_hold_in_it(share: str) -> None:
    rest = str(Fraction("0.4") - Fraction(share))
    rows = [*RING, stake("cn", "x", share), stake("us", "x", rest), stake("us", "y", "0.4")]
    assert answers(*rows) == {"x": "possible", "y": "possible"}


def test_a_ring_that_only_others_reach_is_excluded() -> None:
    assert answers(*RING, stake("us", "x", "0.4"), stake("us", "y", "0.4")) == {"x": "excluded", "y": "excluded"}


def test_a_ring_with_undisclosed_votes_may_be_reached() -> None:
    rows = [*RING, stake("us", "x", "0.39"), stake("us", "y", "0.4")]
    assert answers(*rows) == {"x": "possible", "y": "possible"}


def test_a_ring_reached_by_somebody_unknown_is_possible() -> None:
    rows = [*RING, stake("ghost", "x", "0.1"), stake("us", "x", "0.3"), stake("us", "y", "0.4")]
    assert answers(*rows) == {"x": "possible", "y": "possible"}


def test_a_ring_below_a_majority_from_outside_is_controlled_from_outside() -> None:
    """The United States holder has x, and through it y: the ring's votes are cast by somebody known."""
    rows = [
        stake("us", "x", "0.55"),
        stake("y", "x", "0.4"),
        stake("x", "y", "0.6"),
        stake("cn", "x", "0.05"),
        stake("cn", "y", "0.4"),
    ]
    assert answers(*rows) == {"x": "excluded", "y": "excluded"}


@pytest.mark.parametrize(
    ("mutual", "expected"),
    [
        pytest.param("0.15", "excluded", id="just below the criterion of 25 % together with the ring's votes"),
        pytest.param("0.16", "possible", id="at the criterion"),
    ],
)
def test_small_mutual_holdings_count_as_votes_that_nobody_is_known_to_cast(mutual: str, expected: str) -> None:
    """Eight dispersed holders share what the ring (the mutual stake) and the PRC holder (9 %) leave."""
    left = (1 - Fraction(mutual) - Fraction("0.09")) / 8
    rows = [stake("cn", e, "0.09") for e in "xy"]
    rows += [stake(f"us{n}", e, left) for n in range(8) for e in "xy"]
    assert set(answers(*rows, stake("x", "y", mutual), stake("y", "x", mutual)).values()) == {expected}


def test_a_member_that_others_hold_settles_the_votes_that_it_casts_in_the_ring() -> None:
    """Others hold 98 % of y, so that its 60 % in x are cast by somebody known."""
    rows = [stake("x", "y", "0.02"), stake("us", "y", "0.98"), stake("y", "x", "0.6"), stake("cn", "x", "0.4")]
    assert answers(*rows) == {"x": "excluded", "y": "excluded"}


def test_what_a_raised_ring_controls_is_possible_too() -> None:
    rows = [*RING, *(stake("cn", e, "0.3") for e in "xy"), *(stake("us", e, "0.1") for e in "xy"), stake("x", "z", 1)]
    assert judge([PRC, X, Y, US, company("z")], rows).verdict("z").prc_russia == "possible"


def test_a_majority_from_outside_establishes_control_of_a_ring() -> None:
    rows = [stake("cn", "x", "0.51"), stake("y", "x", "0.49"), stake("x", "y", "0.6"), stake("us", "y", "0.4")]
    assert answers(*rows) == {"x": "established", "y": "established"}


def test_a_closed_ring_is_controlled_by_nobody_known() -> None:
    ownership = judge([X, Y], [stake("x", "y", 1), stake("y", "x", 1)])
    assert [p for p in ownership.problems if "closed ring" in p]
    for entity in "xy":
        verdict = ownership.verdict(entity)
        assert verdict.prc_russia == "possible"
        assert "who votes in it from outside is not known" in verdict.reason


def test_shares_that_an_entity_holds_in_itself_may_make_a_minority_a_majority() -> None:
    """Own shares are seldom voted: 35 % beside 25 % of a holder and 40 % of the entity itself may decide."""
    rows = [stake("x", "x", "0.4"), stake("cn", "x", "0.35"), stake("us", "x", "0.25")]
    ownership = judge([PRC, X, US], rows)
    assert ownership.verdict("x").prc_russia == "possible"
    assert [p for p in ownership.problems if "x Holdings is stated to hold 40 % of itself" in p]


@pytest.mark.parametrize(
    ("own", "expected"),
    [pytest.param("0.9", "possible", id="reached"), pytest.param("0.02", "excluded", id="others have a majority")],
)
def test_own_shares_never_stand_for_a_holder_that_dominates(own: str, expected: str) -> None:
    cn = Fraction("0.01")
    rows = [stake("x", "x", own), stake("cn", "x", cn), stake("us", "x", 1 - Fraction(own) - cn)]
    assert judge([PRC, X, US], rows).verdict("x").prc_russia == expected


@pytest.mark.parametrize(("size", "mutual"), [(100_000, Fraction(1)), (5_000, Fraction(3, 5))])
def test_a_very_long_ring_ends_and_is_named_in_short(size: int, mutual: Fraction) -> None:
    names = [f"r{n}" for n in range(size)]
    rows = [stake(holder, subject, mutual) for holder, subject in pairwise([*names, names[0]])]
    if mutual < 1:
        rows.append(stake("cn", "r0", 1 - mutual))
    ownership = judge([PRC, *(company(name) for name in names)], rows)
    verdict = ownership.verdict(names[-1])
    assert verdict.prc_russia == "possible"
    assert f"{size - 12:,} others" in verdict.reason and len(verdict.reason) < 1000
    assert 0 <= verdict.look_through_share[0] <= verdict.look_through_share[1] <= 1


@pytest.mark.parametrize("mutual", ["0.5", "0.9", "0.999"])
def test_the_look_through_share_of_a_large_ring_lies_within_its_bounds(mutual: str) -> None:
    """60 members in a circle, each held by the next; 10 % of the first are held by the PRC company, all else by others."""
    names, part = [f"r{n:02}" for n in range(60)], Fraction(mutual)
    rows = [stake(holder, subject, part) for holder, subject in pairwise([*names, names[0]])]
    first = min(Fraction(1, 10), 1 - part)
    rows.append(stake("cn", names[0], first))
    rows += [stake("us", name, 1 - part - (first if name == names[0] else 0)) for name in names]
    ownership = judge([PRC, US, *(company(name) for name in names)], rows)
    for steps, name in list(enumerate(names))[::20]:
        low, high = ownership.verdict(name).look_through_share
        assert low <= first * part**steps / (1 - part**60) <= high
        assert high - low < Fraction(1, 10**6)


def test_a_ring_inside_a_ring_that_nobody_reaches_stays_excluded() -> None:
    """u and v hold each other and x; nobody of the PRC holds anything in them, so that x alone is reached."""
    rows = [stake("u", "v", "0.6"), stake("v", "u", "0.6"), stake("us", "u", "0.4"), stake("us", "v", "0.4")]
    rows += [stake("u", "x", "0.7"), stake("cn", "x", "0.05"), stake("us", "x", "0.25")]
    ownership = judge([PRC, US, X, company("u"), company("v")], rows)
    assert {e: str(ownership.verdict(e).prc_russia) for e in "uvx"} == dict.fromkeys("uvx", "excluded")
