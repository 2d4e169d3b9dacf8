"""Limb (4) at, just below and just above its boundary; bands, powers, rings, contradictions and time."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.ownership.tables import company, judge, person, stake

PRC, US = company("cn", "CN"), company("x")


def limb4(*rows: dict[str, Any], others: list[dict[str, Any]] | None = None, **more: Any) -> str:
    return str(judge([PRC, US, *(others or [])], list(rows), **more).verdict("x").limbs["4"])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param("0.5", None, "possible", id="exactly half is no majority"),
        pytest.param("0.500001", None, "established", id="just above half is a majority"),
        pytest.param("0.499999", None, "possible", id="just below half with the rest undisclosed is possible"),
        pytest.param("(0.5", "0.75", "established", id="a band of more than half is a majority"),
        pytest.param("0.5", "0.75", "possible", id="a band from half on is none"),
        pytest.param("(0.25", "0.5", "possible", id="a band up to half is none"),
        pytest.param("0.75", "1)", "established", id="an open upper end changes nothing"),
    ],
)
def test_majority(low: str, high: str | None, expected: str) -> None:
    assert limb4(stake("cn", "x", low, high)) == expected


def test_decimals_add_up_exactly() -> None:
    """In floats 0.17 + 0.28 + 0.05 is more than a half."""
    holders = [company(f"cn{n}", "CN") for n in range(3)]
    rows = [stake(f"cn{n}", "x", share) for n, share in enumerate(("0.17", "0.28", "0.05"))]
    assert limb4(*rows, stake("us", "x", "0.5"), others=[*holders, person("us")]) == "possible"
    assert judge([US, person("us"), *holders], [*rows, stake("us", "x", "0.5")]).verdict("x").controlled_share == (
        Fraction(1, 2),
        Fraction(1, 2),
    )


def test_votes_outweigh_shares_where_both_are_stated() -> None:
    assert (
        limb4(
            stake("cn", "x", "0.9"),
            stake("cn", "x", "0.1", kind="voting_rights"),
            stake("us", "x", "0.9", kind="voting_rights"),
            others=[person("us")],
        )
        == "excluded"
    )


def test_shares_do_not_stand_for_votes_where_a_stated_vote_departs_from_its_shares() -> None:
    """The founder's votes exceed its shares, so the fund's 60 % of the shares prove no majority of votes."""
    rows = [stake("cn", "x", "0.6"), stake("us", "x", "0.1"), stake("us", "x", "0.4", kind="voting_rights")]
    assert limb4(*rows, others=[person("us")]) == "possible"


@pytest.mark.parametrize(
    ("share", "other", "answer", "expected"),
    [
        pytest.param("0.25", "0.2", None, "possible", id="a stake at the criterion is asked about"),
        pytest.param("0.2499", "0.2", None, "excluded", id="a stake just below the criterion is excluded by votes"),
        pytest.param("0.4", "0.51", None, "excluded", id="beside another holder's majority it is excluded"),
        pytest.param("0.4", "0.5", None, "possible", id="half is no majority of the other holder"),
        pytest.param("0.4", "0.2", "yes", "established", id="judged dominant it is established"),
        pytest.param("0.4", "0.2", "no", "excluded", id="judged not dominant it is excluded"),
    ],
)
def test_dominant_minority(share: str, other: str, answer: str | None, expected: str) -> None:
    rest = 1 - Fraction(share) - Fraction(other)
    owners = [person("us"), *(person(f"us{n}") for n in range(10))]
    rows = [
        stake("cn", "x", share),
        stake("us", "x", other),
        *(stake(f"us{n}", "x", rest / 10) for n in range(10) if rest),
    ]
    judged = {("dominant_minority", "x Holdings"): answer} if answer else {}
    verdict = judge([PRC, US, *owners], rows, judged=judged).verdict("x")
    assert verdict.limbs["4"] == expected
    assert verdict.rests_on_judgement is (answer == "yes")
    asked = [question for question, _, _ in verdict.questions]
    assert asked == (["dominant_minority"] if Fraction(share) >= Fraction(1, 4) and other != "0.51" else [])


def test_a_dominant_minority_question_shows_stake_next_holder_and_criterion() -> None:
    ((_, subject, shown),) = (
        judge([PRC, US, person("us")], [stake("cn", "x", "0.3"), stake("us", "x", "0.2")]).verdict("x").questions
    )
    assert (subject, shown["stake"], shown["next_holder"], shown["undisclosed"], shown["criterion"]) == (
        "x Holdings",
        "30 %",
        "us Person (US): 20 %",
        "50 %",
        "25 %",
    )


POWERS = {
    "special_share": "special_share",
    "contractual_control": "contractual_control",
    "board_appointment": "board_control",
    "proxy": "proxy",
    "nominee": "nominee",
    "financing": "majority_financing",
    "direction": "supervised_or_directed",
    "other": "other_means",
}


@pytest.mark.parametrize("kind", sorted(POWERS))
def test_a_power_is_asked_about_and_its_answer_decides(kind: str) -> None:
    entities, rows = (
        [PRC, US, person("us")],
        [stake("us", "x", 1), stake("cn", "x", kind=kind, details="what the source says")],
    )
    limb = "1" if kind in ("financing", "direction") else "4"
    still = judge(entities, rows).verdict("x")
    assert (still.limbs[limb], still.prc_russia, [q[:2] for q in still.questions]) == (
        "possible",
        "possible",
        [(POWERS[kind], "x Holdings")],
    )
    for answer, expected in (("yes", "established"), ("no", "excluded")):
        verdict = judge(entities, rows, judged={(POWERS[kind], "x Holdings"): answer}).verdict("x")
        assert (verdict.limbs[limb], verdict.prc_russia, verdict.rests_on_judgement) == (
            expected,
            expected,
            answer == "yes",
        )
        assert verdict.questions == still.questions, "an answer must not change the facts that its question shows"


def test_what_a_judged_subsidiary_owns_is_established_and_rests_on_the_judgement() -> None:
    rows = [stake("us", "x", 1), stake("cn", "x", kind="special_share"), stake("x", "y", 1)]
    verdict = judge(
        [PRC, US, company("y"), person("us")], rows, judged={("special_share", "x Holdings"): "yes"}
    ).verdict("y")
    assert (verdict.prc_russia, verdict.rests_on_judgement) == ("established", True)
    assert [(s.from_, s.to, s.kind) for s in verdict.chain] == [
        ("cn", "x", "special_share"),
        ("x", "y", "shareholding"),
    ]
    assert [q[:2] for q in verdict.questions] == [("special_share", "x Holdings")]


def test_a_power_of_a_us_person_is_no_question() -> None:
    verdict = judge(
        [US, person("us"), person("us2")], [stake("us", "x", 1), stake("us2", "x", kind="special_share")]
    ).verdict("x")
    assert (verdict.prc_russia, verdict.questions) == ("excluded", ())


def test_several_holders_together_establish_and_the_verdict_says_that_none_does_alone() -> None:
    rows = [stake("cn", "x", "0.3"), stake("ru", "x", "0.3"), stake("us", "x", "0.4")]
    entities = [PRC, company("ru", "RU"), US, person("us")]
    together = judge(entities, rows).verdict("x")
    assert (together.prc_russia, "no single holder" in together.reason, len(together.chain)) == ("established", True, 2)
    assert judge(entities, rows, aggregate=False).verdict("x").prc_russia == "possible"


def test_the_undisclosed_rest_makes_control_possible_and_is_named() -> None:
    rows = [stake("cn", "x", "0.12"), stake("us", "x", "0.3"), stake(None, "x", "0.58")]
    verdict = judge([PRC, US, person("us")], rows).verdict("x")
    assert verdict.prc_russia == "possible"
    assert [told.fact for told in verdict.settled_by] == ["who holds the undisclosed 58 % of the votes in x Holdings"]
    assert [step.from_ for step in verdict.chain] == ["cn", ""]


def test_an_entity_that_is_mentioned_and_nowhere_described_is_unknown() -> None:
    ownership = judge([US], [stake("ghost", "x", "0.6")])
    assert ownership.verdict("ghost").prc_russia == "possible"
    assert (ownership.verdict("x").prc_russia, ownership.verdict("x").foreign) == ("possible", None)


@pytest.mark.parametrize(("name", "kind"), [("KP", "state"), ("CN", "state")])
def test_a_state_is_limb_1_for_its_own_country_only(name: str, kind: str) -> None:
    verdict = judge(
        [{"entity": "s", "name": "State", "kind": kind, "incorporated": name, "source": "E", "locator": "/"}], []
    ).verdict("s")
    assert verdict.limbs["1"] == ("established" if name == "CN" else "excluded")


def test_stakes_beyond_the_whole_are_reported_and_prove_nothing_within_their_excess() -> None:
    rows = [stake("cn", "x", "0.55"), stake("us", "x", "0.55")]
    ownership = judge([PRC, US, person("us")], rows)
    assert [p for p in ownership.problems if "110 %" in p]
    assert ownership.verdict("x").prc_russia == "possible"
    assert (
        judge([PRC, US, person("us")], [stake("cn", "x", "0.8"), stake("us", "x", "0.4")]).verdict("x").prc_russia
        == "established"
    )


def test_one_stake_that_two_sources_state_counts_once() -> None:
    rows = [stake("cn", "x", "0.3"), stake("cn", "x", "(0.25", "0.5", source="E-0002")]
    ownership = judge([PRC, US], rows)
    assert ownership.verdict("x").controlled_share[0] == Fraction(3, 10)
    assert ownership.problems == []


def test_one_source_that_states_a_stake_twice_leaves_open_whether_it_is_two_lots() -> None:
    ownership = judge([PRC, US], [stake("cn", "x", "0.3"), stake("cn", "x", "0.3", locator="/again")])
    assert ownership.verdict("x").controlled_share[0] == Fraction(3, 10)
    assert [p for p in ownership.problems if "more than once" in p]


def test_sources_that_contradict_each_other_are_reported_and_settle_nothing() -> None:
    ownership = judge([PRC, US], [stake("cn", "x", "0.6"), stake("cn", "x", "0.1", source="E-0002")])
    assert [p for p in ownership.problems if "contradict" in p]
    assert ownership.verdict("x").prc_russia == "possible"


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(date(2026, 5, 1), "excluded", id="the day before the sale"),
        pytest.param(date(2026, 5, 2), "established", id="the day of the sale"),
    ],
)
def test_the_answer_is_as_of_its_day(as_of: date, expected: str) -> None:
    rows = [
        stake("us", "x", 1, start=date(2019, 1, 1), end=date(2026, 5, 1)),
        stake("cn", "x", 1, start=date(2026, 5, 2)),
    ]
    assert judge([PRC, US, person("us")], rows, as_of=as_of).verdict("x").prc_russia == expected


def test_a_declared_chain_is_no_edge_and_is_checked_against_the_direct_interests() -> None:
    direct = [stake("cn", "y", "0.5"), stake("y", "x", "0.4"), stake("us", "x", "0.6"), stake("us", "y", "0.5")]
    entities = [PRC, US, company("y"), person("us")]
    right = judge(entities, [*direct, stake("cn", "x", "0.2", direct=False)])
    wrong = judge(entities, [*direct, stake("cn", "x", "0.7", direct=False)])
    assert right.problems == [] and right.verdict("x").prc_russia == "excluded"
    assert [p for p in wrong.problems if "does not add up" in p] and wrong.verdict("x").controlled_share[0] == 0


def test_a_declared_chain_of_which_a_link_is_no_share_has_no_number_that_could_not_add_up() -> None:
    rows = [stake("m", "x", 1), stake("s", "m", kind="direction"), stake("s", "x", 1, direct=False)]
    entities = [company("x", "FI"), company("m", "FI", kind="state"), company("s", "FI", kind="state")]
    assert judge(entities, rows).problems == []
    shares = [stake("s", "m", "0.4"), stake("us", "m", "0.6")]
    without = judge([*entities, person("us")], [rows[0], *shares, rows[2]])
    assert [problem for problem in without.problems if "does not add up" in problem]


def test_a_declared_chain_without_any_direct_interest_leaves_control_possible() -> None:
    ownership = judge([PRC, US, person("us")], [stake("us", "x", 1), stake("cn", "x", "0.6", direct=False)])
    assert [p for p in ownership.problems if "explained by no direct interests" in p]
    assert ownership.verdict("x").prc_russia == "possible"
    assert [i.declared_only for i in ownership.verdict("x").foreign_interests] == [True]


def test_a_us_trust_without_stated_parties_is_a_limit_and_one_abroad_is_unknown() -> None:
    for country, expected in (("US", "excluded"), ("NL", "possible")):
        trust = company("trust", country, kind="arrangement")
        verdict = judge([US, trust], [stake("trust", "x", 1)]).verdict("x")
        assert verdict.prc_russia == expected
        assert any("who acts for" in limit for limit in verdict.limits) is (country == "US")


def test_headquarters_that_nobody_states_are_a_limit_and_no_doubt() -> None:
    verdict = judge([US, person("us")], [stake("us", "x", 1)]).verdict("x")
    assert verdict.limbs["3"] == "excluded"
    assert "headquarters and principal place of business of x Holdings not stated" in verdict.limits
    assert judge([company("x", None)], []).verdict("x").limbs["3"] == "possible"


def test_foreign_interests_have_no_threshold_and_no_depth() -> None:
    rows = [
        stake("us", "x", "0.9999"),
        stake("fund", "x", "0.0001"),
        stake("gb", "fund", 1),
        stake("gb", "fund", kind="other", details="veto", start=date(2020, 1, 1)),
    ]
    verdict = judge([US, person("us"), company("fund"), person("gb", "GB")], rows).verdict("x")
    found = [(i.holder, i.kind, i.min, i.via) for i in verdict.foreign_interests]
    assert found == [
        ("gb", "shareholding", Fraction(1, 10_000), ("fund Holdings",)),
        ("gb", "other", None, ("fund Holdings",)),
    ]
    assert (verdict.foreign, verdict.prc_russia) == (True, "excluded")


def test_only_full_disclosure_up_to_us_persons_means_no_foreign_interest() -> None:
    assert judge([US, person("us")], [stake("us", "x", 1)]).verdict("x").foreign is False
    assert judge([US, person("us")], [stake("us", "x", "0.99")]).verdict("x").foreign is None
    assert judge([US, person("us", citizenship=None)], [stake("us", "x", 1)]).verdict("x").foreign is None


def test_an_id_that_two_sources_use_for_different_entities_is_kept_apart_and_reported() -> None:
    other = company("x", "CN", name="Other Holdings", source="E-0002")
    ownership = judge([US, other, person("us")], [stake("us", "x", 1)])
    assert ownership.verdict("x").prc_russia == "excluded"
    assert ownership.verdict("x@E-0002").limbs["3"] == "established"
    assert [p for p in ownership.problems if "kept apart" in p]


def test_two_sources_with_the_same_name_and_country_describe_one_entity() -> None:
    twin = company("reg-1", "US", name="x Holdings", source="E-0002")
    ownership = judge([PRC, US, twin], [stake("cn", "reg-1", 1, source="E-0002")])
    assert ownership.verdict("x").prc_russia == "established"
    assert ownership.verdict("reg-1") is ownership.verdict("x")
    assert len(ownership.merged) == 1


def test_the_same_name_with_another_legal_form_or_country_stays_another_entity() -> None:
    rows = [
        company("llc", "US", name="Brightwater Connect LLC"),
        company("ltd", "GB", name="Brightwater Connect Ltd", source="E-0002"),
        company("gb", "GB", name="Brightwater Connect LLC", source="E-0003"),
    ]
    assert len(judge(rows, []).verdicts) == 3


def test_shares_that_are_no_shares_are_reported_and_taken_as_not_stated() -> None:
    ownership = judge([PRC, US], [stake("cn", "x", "1.7")])
    assert [p for p in ownership.problems if "not a share" in p]
    assert ownership.verdict("x").prc_russia == "possible"


def test_a_holder_whose_kind_no_source_states_is_never_established_by_its_country_alone() -> None:
    holder = company("h", "CN") | {"kind": "unknown"}
    verdicts = judge([holder, US], [stake("h", "x", "0.9")])
    assert str(verdicts.verdict("h").limbs["3"]) == "possible"
    assert str(verdicts.verdict("x").prc_russia) == "possible"
    assert any("an organisation or a person" in told.fact for told in verdicts.verdict("h").settled_by)


MUTUAL = [stake("cn", "x", "0.3"), stake("x", "y", 1), stake("y", "x", "0.25"), *(stake(u, "x", "0.15") for u in "uvw")]


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_the_answer_on_a_minority_never_changes_what_its_own_question_shows(answer: str) -> None:
    """With yes the persons control y as well, and with its 25 % they have 55 %: the question stays, with its 30 %."""
    entities = [PRC, US, company("y"), *(person(u) for u in "uvw")]
    judged = {("dominant_minority", "x Holdings"): answer}
    still, told = judge(entities, MUTUAL).verdict("x"), judge(entities, MUTUAL, judged=judged).verdict("x")
    assert [q[:2] for q in still.questions] == [("dominant_minority", "x Holdings")]
    assert told.questions == still.questions
    assert (told.prc_russia == "established") is told.rests_on_judgement is (answer == "yes")
    assert told.controlled_share[0] == Fraction("0.55" if answer == "yes" else "0.3")


def test_the_answer_on_concert_never_changes_what_its_own_question_shows() -> None:
    rows = [*MUTUAL, stake("ru", "x", "0.22")]
    rows = [row for row in rows if row["holder"] not in "uv"] + [stake("u", "x", "0.08")]
    entities = [PRC, US, company("ru", "RU"), company("y"), *(person(u) for u in "uw")]
    judged = {("acting_in_concert", "x Holdings"): "yes"}
    still = judge(entities, rows, aggregate=False).verdict("x")
    told = judge(entities, rows, aggregate=False, judged=judged).verdict("x")
    assert [q[:2] for q in still.questions] == [("acting_in_concert", "x Holdings")]
    assert (told.questions, told.prc_russia) == (still.questions, "established")


@pytest.mark.parametrize("judged", [False, True])
def test_votes_of_a_subsidiary_that_is_one_of_the_persons_count_for_nobody_elses_majority(judged: bool) -> None:
    """A U.S. group has 60 % only with the votes of a subsidiary that is such a person: by its seat, or by a judged special share."""
    entities = [
        company("g"),
        company("h", "US" if judged else "CN"),
        company("x", "DE"),
        person("o", "DE"),
        company("p", "CN"),
    ]
    rows = [
        stake("us", "g", 1),
        stake("g", "h", 1),
        stake("g", "x", "0.4"),
        stake("h", "x", "0.2"),
        stake("o", "x", "0.4"),
    ]
    if judged:
        rows.append(stake("p", "h", kind="special_share"))
    answers = {("special_share", "h Holdings"): "yes"} if judged else {}
    verdict = judge([*entities, person("us")], rows, dominant_minority=Fraction(1, 5), judged=answers).verdict("x")
    assert verdict.prc_russia == "possible"
    assert ("dominant_minority", "x Holdings") in {(question, subject) for question, subject, _ in verdict.questions}
    above = judge([*entities, person("us")], rows, dominant_minority=Fraction("0.2001"), judged=answers).verdict("x")
    assert above.prc_russia == "excluded"
