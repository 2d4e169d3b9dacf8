"""What does not add up is kept as it was stated, told with its place, and never made to fit; the verdict says what it rests on."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from assessor.ownership.interval import Interval
from tests.ownership.tables import DAY, company, judge, person, stake

PRC, X, US = company("cn", "CN"), company("x"), person("us")


@pytest.mark.parametrize(
    ("low", "high"),
    [
        pytest.param("1.000001", None, id="just above 100 %"),
        pytest.param("2.01", None, id="201 %"),
        pytest.param("-0.000001", None, id="just below nothing"),
        pytest.param("ca. 30 %", None, id="words"),
        pytest.param("0.5", "0.4", id="a minimum above the maximum"),
        pytest.param("(0.5", "0.5", id="more than 50 % up to 50 %"),
        pytest.param("nan", None, id="no number"),
        pytest.param("1e999999999", None, id="a number that is never worked out"),
    ],
)
def test_what_is_no_share_is_told_with_its_place_and_taken_as_not_stated(low: str, high: str | None) -> None:
    ownership = judge([PRC, X, US], [stake("cn", "x", low, high, locator="/row/7"), stake("us", "x", "0.3")])
    (problem,) = ownership.problems
    assert problem.startswith("E-0001 /row/7: ") and problem.endswith("the share is taken as not stated")
    held = {s.holder: s.share for s in ownership.graph.votes.of["x"]}
    assert held["cn"] == Interval(max=Fraction(7, 10)), "nothing but what the others leave is known of it"
    assert ownership.verdict("x").prc_russia == "possible"


@pytest.mark.parametrize("share", ["0", "1"])
def test_nothing_and_the_whole_are_shares(share: str) -> None:
    assert judge([PRC, X], [stake("cn", "x", share)]).problems == []


def test_a_cluster_that_sums_to_201_percent_keeps_its_stakes_and_proves_nothing() -> None:
    rows = [
        stake("us", "x", 1, start=date(2016, 4, 6)),
        stake("cn", "x", "0.67", start=date(2018, 1, 1)),
        stake("ada", "x", "0.34", source="E-0002"),
    ]
    ownership = judge([PRC, X, US, person("ada", "DE")], rows)
    (problem,) = ownership.problems
    assert "votes in x Holdings add up to 201 %: us Person 100 %, cn Holdings 67 %, ada Person 34 %" in problem
    assert sorted(s.share.min for s in ownership.graph.votes.of["x"]) == [
        Fraction("0.34"),
        Fraction("0.67"),
        Fraction(1),
    ]
    verdict = ownership.verdict("x")
    assert verdict.prc_russia == "possible"
    assert "the stated votes in x Holdings exceed the whole" in verdict.reason
    assert [str(fact) for fact in verdict.settled_by] == ["which of the stated stakes in x Holdings are right"]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param("0.7", "possible", id="half of the votes without the excess"),
        pytest.param("0.700001", "established", id="more than half without the excess"),
    ],
)
def test_what_is_a_majority_whatever_the_excess_is_established_and_rests_on_that(share: str, expected: str) -> None:
    other = Fraction("1.2") - Fraction(share)
    verdict = judge([PRC, X, US], [stake("cn", "x", share), stake("us", "x", other)]).verdict("x")
    assert verdict.prc_russia == expected
    if expected == "established":
        told = "the stated votes in x Holdings add up to 120 %; what exceeds the whole is taken from those who decide"
        assert told in verdict.limits


def test_one_share_more_than_the_whole_by_a_hair_is_a_contradiction() -> None:
    rows = [stake("cn", "x", "0.5"), stake("us", "x", "0.500001")]
    assert [p for p in judge([PRC, X, US], rows).problems if "add up to 100.0001 %" in p]
    rows = [stake("cn", "x", "0.5"), stake("us", "x", "(0.5", "1")]
    assert [p for p in judge([PRC, X, US], rows).problems if "add up to more than 100 %" in p]


@pytest.mark.parametrize(
    ("source", "expected", "told"),
    [
        pytest.param("E-0002", (Fraction("0.3"), Fraction("0.3")), 0, id="two sources tell of one stake"),
        pytest.param("E-0001", (Fraction("0.3"), Fraction("0.6")), 1, id="one source may tell of two lots"),
    ],
)
def test_a_stake_stated_twice(source: str, expected: tuple[Fraction, Fraction], told: int) -> None:
    rows = [stake("cn", "x", "0.3"), stake("cn", "x", "0.3", source=source, locator="/b")]
    ownership = judge([PRC, X], rows)
    (held,) = ownership.graph.votes.of["x"]
    assert (held.share.min, held.share.max) == expected
    assert len([p for p in ownership.problems if "stated more than once for the same time" in p]) == told
    assert len(held.interests) == 2, "both rows stay behind the stake"


def test_registers_that_contradict_each_other_leave_what_lies_between_open_and_the_verdict_says_so() -> None:
    rows = [stake("cn", "x", "0.6"), stake("cn", "x", "0.9", source="E-0002")]
    ownership = judge([PRC, X], rows)
    assert [p for p in ownership.problems if "the sources contradict each other (60 % / 90 %)" in p]
    verdict = ownership.verdict("x")
    assert (verdict.prc_russia, verdict.controlled_share) == ("established", (Fraction("0.6"), Fraction(1)))
    assert "the sources contradict each other on what cn Holdings holds in x Holdings (60 % / 90 %)" in verdict.limits


@pytest.mark.parametrize("kind", ["shareholding", "voting_rights"])
def test_what_an_entity_holds_in_itself_is_told_and_nobody_else_gets_it(kind: str) -> None:
    rows = [stake("x", "x", "0.2", kind=kind), stake("cn", "x", "0.45", kind=kind), stake("us", "x", "0.35", kind=kind)]
    ownership = judge([PRC, X, US], rows)
    assert [p for p in ownership.problems if "x Holdings is stated to hold 20 % of itself" in p]
    verdict = ownership.verdict("x")
    assert verdict.prc_russia == "possible", "of the votes that others cast, 45 % of 80 % is a majority"
    assert verdict.controlled_share[0] == Fraction("0.45")


def test_an_entity_that_controls_itself_by_its_own_shares_ends() -> None:
    for rows in ([stake("x", "x", 1)], [stake("x", "x", "0.51"), stake("us", "x", "0.49")]):
        ownership = judge([X, US], rows)
        assert ownership.verdict("x").prc_russia in ("possible", "excluded")
        assert 0 <= ownership.verdict("x").look_through_share[0] <= ownership.verdict("x").look_through_share[1] <= 1


def test_a_holder_that_no_entity_describes_may_be_anybody() -> None:
    verdict = judge([X, US], [stake("ghost", "x", "0.51"), stake("us", "x", "0.49")]).verdict("x")
    assert (verdict.prc_russia, verdict.foreign) == ("possible", None)
    assert "ghost" in str(verdict.settled_by[0])


def test_an_interest_without_a_subject_is_told_and_left_out() -> None:
    ownership = judge([PRC, X, US], [stake("cn", "x", "0.6") | {"subject": None}, stake("us", "x", 1)])
    assert ownership.problems == ["E-0001 /cn-x: the interest names no subject and is left out"]
    assert ownership.verdict("x").prc_russia == "excluded"


def test_one_holder_of_an_entity_and_of_its_holder_in_a_circle_ends() -> None:
    """a holds b, b holds c, c holds a, each wholly, and each has a special share in the next."""
    names = ("a", "b", "c")
    rows = [stake(names[n], names[(n + 1) % 3], 1) for n in range(3)]
    rows += [stake(names[n], names[(n + 1) % 3], kind="special_share") for n in range(3)]
    ownership = judge([company(name) for name in names], rows)
    assert {str(v.prc_russia) for v in ownership.verdicts.values()} == {"possible"}


STARTED, ENDED = DAY - timedelta(100), DAY + timedelta(100)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(STARTED - timedelta(1), "possible", id="the day before the start"),
        pytest.param(STARTED, "established", id="the day of the start"),
        pytest.param(STARTED + timedelta(1), "established", id="the day after the start"),
        pytest.param(ENDED - timedelta(1), "established", id="the day before the end"),
        pytest.param(ENDED, "established", id="the day of the end"),
        pytest.param(ENDED + timedelta(1), "possible", id="the day after the end"),
    ],
)
@pytest.mark.parametrize("kind", ["shareholding", "special_share"])
def test_an_interest_counts_from_its_first_day_to_its_last(as_of: date, expected: str, kind: str) -> None:
    rows: list[dict[str, Any]] = [stake("cn", "x", 1 if kind == "shareholding" else None, kind=kind)]
    rows = [row | {"start": STARTED, "end": ENDED} for row in rows]
    verdict = judge([PRC, X], rows, as_of=as_of, judged={("special_share", "x Holdings"): "yes"}).verdict("x")
    assert verdict.prc_russia == expected


@pytest.mark.parametrize("ends", [{"start": STARTED}, {"end": ENDED}, {}])
def test_an_end_that_is_not_stated_is_open(ends: dict[str, date]) -> None:
    assert judge([PRC, X], [stake("cn", "x", 1, **ends)]).verdict("x").prc_russia == "established"


def test_a_period_that_ends_before_it_starts_never_counts() -> None:
    rows = [stake("cn", "x", 1, start=ENDED, end=STARTED), stake("us", "x", 1)]
    ownership = judge([PRC, X, US], rows)
    assert ownership.verdict("x").prc_russia == "excluded"
    assert ownership.problems == [
        f"E-0001 /cn-x: the interest ends on {STARTED}, before it starts on {ENDED}, and counts on no day"
    ]
