"""Limb (4): votes that a nominee holds or a proxy casts count with whom they belong to, so many and no more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.ownership.tables import company, judge, person, stake

PRC, X, US, ADA = company("cn", "CN"), company("x"), person("us"), person("ada", "DE")
NOMINEE, PROXY = ("nominee", "x Holdings"), ("proxy", "x Holdings")


def answered(rows: list[dict[str, Any]], question: tuple[str, str], *more: dict[str, Any], **terms: Any) -> list[str]:
    """The answer while the question is open, with yes and with no."""
    found = []
    for answer in ("", "yes", "no"):
        judged = {question: answer} if answer else {}
        ownership = judge([PRC, X, US, ADA, *more], rows, judged=judged, **terms)
        verdict = ownership.verdict("x")
        assert question in [asked[:2] for asked in verdict.questions]
        assert verdict.rests_on_judgement is (verdict.prc_russia == "established")
        found.append(str(verdict.prc_russia))
    return found


def nominee(holder: str, subject: str, *share: Any, details: str = "", **more: Any) -> dict[str, Any]:
    return stake(holder, subject, *share, kind="nominee", details=details, **more)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param("0.24", "excluded", id="below the criterion"),
        pytest.param("0.25", "possible", id="at the criterion a dominant minority is asked about"),
        pytest.param("0.5", "possible", id="half is no majority"),
        pytest.param("0.500001", "established", id="more than half is one"),
    ],
)
def test_the_stake_of_a_nominee_is_that_of_whom_it_is_held_for(held: str, expected: str) -> None:
    """Others are six, none with a majority."""
    rest = (1 - Fraction(held)) / 6
    others = [person(f"o{n}") for n in range(6)]
    rows = [stake("ada", "x", held), *(stake(f"o{n}", "x", rest) for n in range(6))]
    rows.append(nominee("cn", "x", details="held by ada Person under a declaration of trust"))
    assert answered(rows, NOMINEE, *others) == ["possible", expected, "excluded"]


def test_a_nominee_adds_to_what_its_principal_holds_itself_and_to_what_that_controls() -> None:
    rows = [stake("cn", "x", "0.2"), stake("sub", "x", "0.11"), stake("ada", "x", "0.2"), stake("us", "x", "0.49")]
    rows += [stake("cn", "sub", "0.6"), nominee("cn", "x", details="through ada Person")]
    verdict = judge([PRC, X, US, ADA, company("sub")], rows, judged={NOMINEE: "yes"}).verdict("x")
    assert (verdict.prc_russia, verdict.controlled_share[0]) == ("established", Fraction("0.51"))
    assert [(step.from_, step.min) for step in verdict.chain if step.to == "x"] == [
        ("cn", Fraction("0.4")),
        ("sub", Fraction("0.11")),
    ]
    assert NOMINEE in [told for step in verdict.chain for told in step.judgement]


def test_a_nominee_who_held_a_majority_of_record_dominates_no_longer() -> None:
    rows = [stake("us", "x", "0.6"), stake("cn", "x", "0.4"), nominee("cn", "x", "0.2", details="part of us Person's")]
    assert answered(rows, NOMINEE) == ["possible", "established", "excluded"]


def test_a_nominee_for_a_stated_share_holds_the_rest_for_itself() -> None:
    rows = [stake("us", "x", 1), nominee("cn", "x", "0.3", details="us Person holds for it")]
    verdict = judge([PRC, X, US], rows, judged={NOMINEE: "yes"}).verdict("x")
    assert (verdict.prc_russia, verdict.controlled_share) == ("excluded", (Fraction("0.3"), Fraction("0.3")))


def test_the_only_holder_of_all_votes_is_the_nominee_where_nobody_is_named() -> None:
    rows = [stake("us", "x", 1), nominee("cn", "x", details="declaration of trust")]
    assert answered(rows, NOMINEE) == ["possible", "established", "excluded"]


@pytest.mark.parametrize("share", [None, "0.6"])
def test_a_nominee_whom_nobody_names_leaves_open_whose_stake_it_is(share: str | None) -> None:
    rows = [stake("us", "x", "0.7"), stake("ada", "x", "0.3"), nominee("cn", "x", share)]
    assert answered(rows, NOMINEE) == ["possible", "established" if share else "possible", "excluded"]


def test_details_of_a_stake_tell_for_whom_a_nominee_has_it() -> None:
    rows = [stake("ada", "x", "0.6", details="as nominee for cn Holdings"), stake("us", "x", "0.4")]
    assert answered(rows, NOMINEE) == ["possible", "established", "excluded"]
    rows = [stake("ada", "x", "0.6", details="not a nominee for cn Holdings"), stake("us", "x", "0.4")]
    assert judge([PRC, X, US, ADA], rows).verdict("x").prc_russia == "excluded"


def test_a_chain_of_nominees_leads_to_its_end() -> None:
    """ada holds for bob, bob for the PRC company; bob holds nothing of record."""
    bob = person("bob", "DE")
    rows = [stake("ada", "x", "0.6", details="nominee of bob Person"), stake("us", "x", "0.4")]
    rows.append(nominee("cn", "x", details="bob Person is its nominee"))
    assert answered(rows, NOMINEE, bob) == ["possible", "established", "excluded"]


def test_a_circle_of_nominees_ends_and_decides_only_what_they_hold() -> None:
    ru = company("ru", "RU")
    rows = [stake("cn", "x", "0.2", details="nominee for ru Holdings"), stake("us", "x", "0.6")]
    rows += [stake("ru", "x", "0.2", details="nominee for cn Holdings")]
    for aggregate in (True, False):
        assert answered(rows, NOMINEE, ru, aggregate=aggregate) == ["possible", "excluded", "excluded"]


def test_two_persons_for_whom_one_nominee_holds_have_its_stake_together_and_neither_alone() -> None:
    ru = company("ru", "RU")
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4")]
    rows += [nominee(who, "x", details="with ada Person") for who in ("cn", "ru")]
    assert answered(rows, NOMINEE, ru)[1] == "established"
    assert answered(rows, NOMINEE, ru, aggregate=False)[1] == "possible"


def test_a_nominee_for_others_too_holds_an_unknown_part_for_each() -> None:
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4")]
    rows += [nominee(who, "x", details="with ada Person") for who in ("cn", "fr")]
    assert answered(rows, NOMINEE, person("fr", "FR")) == ["possible", "possible", "excluded"]


def test_a_nominee_for_somebody_who_may_be_a_person_leaves_control_possible_and_raises_no_question() -> None:
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4"), nominee("ghost", "x", details="ada Person")]
    verdict = judge([X, US, ADA], rows).verdict("x")
    assert (verdict.prc_russia, verdict.questions) == ("possible", ())


def test_a_nominee_for_a_us_person_is_no_question() -> None:
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4"), nominee("us", "x", details="ada Person")]
    verdict = judge([X, US, ADA], rows).verdict("x")
    assert (verdict.prc_russia, verdict.questions) == ("excluded", ())


def test_a_nominee_arrangement_of_its_own_is_its_principals_with_all_that_it_holds() -> None:
    trust = company("trust", kind="arrangement")
    rows = [stake("trust", "x", "0.6"), stake("us", "x", "0.4"), nominee("cn", "trust")]
    judged = {("nominee", "trust Holdings"): "yes"}
    assert judge([PRC, X, US, trust], rows).verdict("x").prc_russia == "possible"
    assert judge([PRC, X, US, trust], rows, judged=judged).verdict("x").prc_russia == "established"


def test_what_the_question_shows_and_the_foreign_interests_are_those_of_the_record() -> None:
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4"), nominee("cn", "x", details="ada Person")]
    open_, told = (judge([PRC, X, US, ADA], rows, judged=j).verdict("x") for j in ({}, {NOMINEE: "yes"}))
    assert open_.questions == told.questions
    assert open_.foreign_interests == told.foreign_interests
    assert ("ada", Fraction("0.6")) in [(i.holder, i.min) for i in told.foreign_interests]


def test_the_look_through_share_follows_the_nominees_stake_and_not_the_proxys() -> None:
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4"), nominee("cn", "x", details="ada Person")]
    assert judge([PRC, X, US, ADA], rows, judged={NOMINEE: "yes"}).verdict("x").look_through_share[0] == Fraction("0.6")
    rows[-1] = stake("cn", "x", "0.6", kind="proxy", details="ada Person")
    verdict = judge([PRC, X, US, ADA], rows, judged={PROXY: "yes"}).verdict("x")
    assert (verdict.prc_russia, verdict.look_through_share[0]) == ("established", 0)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param(("0.2",), "excluded", id="below the criterion"),
        pytest.param(("0.3",), "possible", id="a minority is asked about"),
        pytest.param(("0.5",), "possible", id="half is no majority"),
        pytest.param(("(0.5", "0.75"), "established", id="a band of more than half is one"),
    ],
)
def test_a_proxy_for_a_share_of_the_votes_counts_as_so_many_votes(share: tuple[str, ...], expected: str) -> None:
    rows = [stake("ada", "x", "0.8"), stake("us", "x", "0.2")]
    rows.append(stake("cn", "x", *share, kind="proxy", details="of ada Person"))
    assert answered(rows, PROXY) == ["possible", expected, "excluded"]


def test_a_proxy_that_names_no_principal_leaves_open_whose_votes_are_fewer() -> None:
    others = [person(f"o{n}") for n in range(4)]
    rows = [*(stake(f"o{n}", "x", "0.25") for n in range(4)), stake("cn", "x", "0.2", kind="proxy")]
    assert answered(rows, PROXY, *others) == ["possible", "possible", "excluded"]
    rows[-1] = stake("cn", "x", "0.51", kind="proxy")
    assert answered(rows, PROXY, *others) == ["possible", "established", "excluded"]


def test_a_proxy_takes_its_votes_from_the_principal_that_it_names() -> None:
    rows = [stake("cn", "x", "0.3"), stake("ada", "x", "0.25"), stake("us", "x", "0.45")]
    rows.append(stake("cn", "x", "0.25", kind="proxy", details="for the votes of ada Person"))
    ownership = judge([PRC, X, US, ADA], rows, judged={PROXY: "yes"})
    assert ownership.verdict("x").controlled_share == (Fraction("0.55"), Fraction("0.55"))
    assert ownership.verdict("x").prc_russia == "established"


def test_a_proxy_that_states_no_share_is_a_power_and_its_answer_decides() -> None:
    rows = [stake("us", "x", 1), stake("cn", "x", kind="proxy")]
    assert answered(rows, PROXY) == ["possible", "established", "excluded"]


@pytest.mark.parametrize("kind", ["proxy", "nominee"])
def test_votes_beyond_those_of_the_holder_of_record_are_told_and_do_not_count(kind: str) -> None:
    rows = [stake("ada", "x", "0.3"), stake("us", "x", "0.7"), stake("cn", "x", "0.6", kind=kind, details="ada Person")]
    ownership = judge([PRC, X, US, ADA], rows, judged={(kind, "x Holdings"): "yes"})
    assert [p for p in ownership.problems if f"the {kind} in x Holdings is for 60 %, more than is held" in p]
    assert ownership.verdict("x").controlled_share == (Fraction("0.3"), Fraction("0.3"))


def test_what_follows_below_counts_the_carried_votes_too() -> None:
    rows = [stake("ada", "x", "0.6"), stake("us", "x", "0.4"), nominee("cn", "x", details="ada Person")]
    rows.append(stake("x", "y", "0.51"))
    for aggregate in (True, False):
        ownership = judge([PRC, X, US, ADA, company("y")], rows, judged={NOMINEE: "yes"}, aggregate=aggregate)
        assert ownership.verdict("y").prc_russia == "established"
        assert {str(r.prc_russia) for r in ownership.verdict("y").reading.values()} == {"established"}
