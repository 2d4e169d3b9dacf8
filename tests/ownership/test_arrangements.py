"""Points of the person definition (§791.301) that a register tells in words or leaves to a person: concert, vetoes, agents,
places. Each is put when its answer can change a result, shows the words, and has its effect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ownership.tables import company, judge, person, stake

PRC, US = company("cn", "CN"), company("x")
OTHER = company("ru", "RU")
FOUNDER = person("us")


def asked(verdict: Any) -> list[tuple[str, str]]:
    return [question[:2] for question in verdict.questions]


def shown(verdict: Any, id: str) -> dict[str, Any]:
    return next(facts for question, _, facts in verdict.questions if question == id)


# acting in concert: majority only together, each holder counted alone

APART = [stake("cn", "x", "0.3"), stake("ru", "x", "0.21"), stake("us", "x", "0.49")]
CONCERT = ("acting_in_concert", "x Holdings")


def apart(rows: list[dict[str, Any]], answer: str = "", *, aggregate: bool = False, **judged: str) -> Any:
    answers = {(question, "x Holdings"): told for question, told in judged.items()}
    return judge(
        [PRC, OTHER, US, FOUNDER],
        rows,
        aggregate=aggregate,
        judged=answers | ({CONCERT: answer} if answer else {}),
    ).verdict("x")


def test_holders_who_have_a_majority_only_together_are_asked_about_where_each_counts_alone() -> None:
    verdict = apart(APART)
    assert (verdict.prc_russia, asked(verdict)) == ("possible", [CONCERT])
    assert [told.question for told in verdict.settled_by] == ["acting_in_concert", "dominant_minority"]
    facts = shown(verdict, "acting_in_concert")
    assert (facts["together"], facts["each"]) == ("51 %", ["cn Holdings (CN): 30 %", "ru Holdings (RU): 21 %"])


def test_holders_who_act_in_concert_control_together_and_that_rests_on_the_judgement() -> None:
    verdict = apart(APART, "yes")
    assert (verdict.prc_russia, verdict.limbs["4"], verdict.rests_on_judgement) == ("established", "established", True)
    assert [(step.from_, step.to) for step in verdict.chain] == [("cn", "x"), ("ru", "x")]
    assert "rests on the assessor's judgement (acting in concert)" in verdict.reason
    assert verdict.questions == apart(APART).questions, "an answer must not change the facts that its question shows"


def test_what_they_control_together_is_controlled_too() -> None:
    rows = [*APART, stake("x", "y", 1)]
    entities = [PRC, OTHER, US, FOUNDER, company("y")]
    assert judge(entities, rows, aggregate=False, judged={CONCERT: "yes"}).verdict("y").prc_russia == "established"
    assert judge(entities, rows, aggregate=False, judged={CONCERT: "no"}).verdict("y").prc_russia == "possible"


def test_holders_who_do_not_act_in_concert_are_weighed_one_by_one() -> None:
    """The largest holds 30 %, which reaches the criterion of 25 %: that is the next question."""
    verdict = apart(APART, "no")
    assert (verdict.prc_russia, sorted(asked(verdict))) == (
        "possible",
        [CONCERT, ("dominant_minority", "x Holdings")],
    )
    assert shown(verdict, "dominant_minority")["stake"] == "30 %"
    assert apart(APART, "no", dominant_minority="no").prc_russia == "excluded"
    assert apart(APART, "no", dominant_minority="yes").prc_russia == "established"


def test_holders_below_the_criterion_who_do_not_act_in_concert_are_excluded() -> None:
    rows = [stake("cn", "x", "0.24"), stake("ru", "x", "0.24"), stake("cn2", "x", "0.24"), stake("us", "x", "0.28")]
    entities = [PRC, OTHER, company("cn2", "CN"), US, FOUNDER]
    for answer, expected in (("", "possible"), ("no", "excluded"), ("yes", "established")):
        judged = {CONCERT: answer} if answer else {}
        verdict = judge(entities, rows, aggregate=False, judged=judged).verdict("x")
        assert (verdict.prc_russia, asked(verdict)) == (expected, [CONCERT])


def test_what_nobody_discloses_may_still_add_to_the_largest_of_those_who_do_not_act_in_concert() -> None:
    rows = [stake("cn", "x", "0.3"), stake("ru", "x", "0.21"), stake("us", "x", "0.2")]
    verdict = apart(rows, "no", dominant_minority="no")
    assert verdict.prc_russia == "possible"
    assert [told.fact for told in verdict.settled_by] == ["who holds the undisclosed 29 % of the votes in x Holdings"]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param("0.2", [("dominant_minority", "x Holdings")], id="half of the votes is no majority together"),
        pytest.param("0.21", [CONCERT], id="more than half is one together"),
        pytest.param("0.51", [], id="a majority of one of them needs no concert"),
    ],
)
def test_only_a_majority_that_none_of_them_has_alone_is_asked_about(share: str, expected: list[Any]) -> None:
    rest = str(round(0.7 - float(share), 2))
    verdict = apart([stake("cn", "x", "0.3"), stake("ru", "x", share), stake("us", "x", rest)])
    assert asked(verdict) == expected


def test_where_holders_count_together_by_the_firms_criterion_nothing_hangs_on_concert() -> None:
    verdict = apart(APART, aggregate=True)
    assert (verdict.prc_russia, asked(verdict)) == ("established", [])


# acting in concert, vetoes: told in the details of shares

WORDS = {
    "acting_in_concert": [
        "Acting in concert with the founder under an agreement of 2021",
        "voting pact with other holders",
        "Common representative of the pool",
        "brother of the founder",
    ],
    "important_matters": ["veto over reserved matters", "Consent rights in schedule 4", "holds a casting vote"],
}


@pytest.mark.parametrize("words", [(q, text) for q, texts in WORDS.items() for text in texts], ids=lambda w: w[1])
def test_words_on_a_small_holding_raise_the_question_and_its_answer_decides(words: tuple[str, str]) -> None:
    question, details = words
    rows = [stake("us", "x", "0.9"), stake("cn", "x", "0.1", details=details)]
    still = judge([PRC, US, FOUNDER], rows).verdict("x")
    assert (still.prc_russia, asked(still)) == ("possible", [(question, "x Holdings")])
    assert [row["details"] for row in shown(still, question)["interests"]] == [details]
    for answer, expected in (("yes", "established"), ("no", "excluded")):
        verdict = judge([PRC, US, FOUNDER], rows, judged={(question, "x Holdings"): answer}).verdict("x")
        assert (verdict.limbs["4"], verdict.rests_on_judgement) == (expected, answer == "yes")
        assert verdict.questions == still.questions


@pytest.mark.parametrize(
    "details",
    ["without board seat, veto or information right", "no voting agreement is known", "Listed common stock", ""],
)
def test_words_that_deny_it_or_tell_something_else_raise_no_question(details: str) -> None:
    rows = [stake("us", "x", "0.9"), stake("cn", "x", "0.1", details=details)]
    verdict = judge([PRC, US, FOUNDER], rows).verdict("x")
    assert (verdict.prc_russia, asked(verdict)) == ("excluded", [])


def test_words_on_a_holding_of_persons_of_no_adversary_raise_no_question() -> None:
    rows = [stake("us", "x", "0.6", details="veto; family member of the founder"), stake("de", "x", "0.4")]
    assert asked(judge([US, FOUNDER, company("de", "DE")], rows).verdict("x")) == []


def test_a_holder_whom_somebody_elses_words_name_as_its_partner_is_asked_about() -> None:
    rows = [stake("us", "x", "0.6", details="votes in concert with cn Holdings"), stake("cn", "x", "0.1")]
    rows.append(stake("de", "x", "0.3"))
    verdict = judge([PRC, US, FOUNDER, company("de", "DE")], rows).verdict("x")
    assert (verdict.prc_russia, asked(verdict)) == ("possible", [CONCERT])


def test_words_on_a_holding_of_somebody_unknown_leave_control_possible() -> None:
    rows = [stake("us", "x", "0.9"), stake("ghost", "x", "0.1", details="voting agreement with the founder")]
    verdict = judge([US, FOUNDER], rows).verdict("x")
    assert (verdict.prc_russia, asked(verdict)) == ("possible", [])
    assert any("ghost" in told.fact for told in verdict.settled_by)


@pytest.mark.parametrize(
    ("details", "question"),
    [
        ("otherInfluenceOrControl; veto on the annual budget", "important_matters"),
        ("otherInfluenceOrControl; concert party with the founder", "acting_in_concert"),
        ("otherInfluenceOrControl; significant influence", "other_means"),
        ("", "other_means"),
    ],
)
def test_another_interest_raises_the_one_question_that_its_words_are_about(details: str, question: str) -> None:
    rows = [stake("us", "x", 1), stake("cn", "x", kind="other", details=details)]
    assert asked(judge([PRC, US, FOUNDER], rows).verdict("x")) == [(question, "x Holdings")]


@pytest.mark.parametrize("kind", ["special_share", "board_appointment", "proxy", "contractual_control"])
def test_a_power_that_the_definition_names_is_asked_about_once_whatever_its_words_tell(kind: str) -> None:
    for details in ("", "veto over reserved matters, in concert with the founder"):
        rows = [stake("us", "x", 1), stake("cn", "x", kind=kind, details=details)]
        (question,) = asked(judge([PRC, US, FOUNDER], rows).verdict("x"))
        assert question[0] not in ("important_matters", "acting_in_concert", "other_means")


# supervised or directed: limb (1)

STATE = {
    "entity": "s",
    "name": "Ministry of Works",
    "kind": "state",
    "incorporated": "CN",
    "source": "E",
    "locator": "/s",
}
AGENT = person("agent", "SG")


@pytest.mark.parametrize(
    "details",
    [
        "holds the shares on behalf of the Ministry of Works",
        "Representative of Ministry of Works, appointed 2022",
        "votes at the direction of Ministry of Works.",
    ],
)
def test_a_holder_who_acts_for_a_state_is_asked_about_and_his_votes_count_when_he_does(details: str) -> None:
    rows = [stake("agent", "x", "0.6", details=details), stake("us", "x", "0.4")]
    entities = [STATE, AGENT, US, FOUNDER]
    still = judge(entities, rows).verdict("x")
    assert (still.prc_russia, asked(still)) == ("possible", [("supervised_or_directed", "agent Person")])
    for answer, expected in (("yes", "established"), ("no", "excluded")):
        ownership = judge(entities, rows, judged={("supervised_or_directed", "agent Person"): answer})
        assert ownership.verdict("agent").limbs["1"] == expected
        assert ownership.verdict("x").prc_russia == expected
        assert ownership.verdict("x").questions == still.questions


@pytest.mark.parametrize(
    "details",
    ["on behalf of his minor children", "on behalf of Works Ministry", "not on the list of Ministry of Works"],
)
def test_words_that_name_no_principal_of_the_evidence_raise_no_question_about_an_agent(details: str) -> None:
    rows = [stake("agent", "x", "0.6", details=details), stake("us", "x", "0.4")]
    assert asked(judge([STATE, AGENT, US, FOUNDER], rows).verdict("x")) == []


def test_a_holder_who_acts_for_a_us_person_raises_no_question() -> None:
    rows = [stake("agent", "x", "0.6", details="on behalf of us Person"), stake("us", "x", "0.4")]
    assert asked(judge([AGENT, US, FOUNDER], rows).verdict("x")) == []


def test_a_power_over_a_natural_person_is_limb_1_whatever_its_kind() -> None:
    rows = [stake("agent", "x", 1), stake("cn", "agent", kind="contractual_control", details="service contract")]
    entities = [PRC, AGENT, US]
    still = judge(entities, rows).verdict("agent")
    assert (still.limbs["1"], still.limbs["4"]) == ("possible", "excluded")
    assert asked(still) == [("supervised_or_directed", "agent Person")]
    told = judge(entities, rows, judged={("supervised_or_directed", "agent Person"): "yes"})
    assert told.verdict("agent").limbs["1"] == told.verdict("x").limbs["4"] == "established"


def test_a_trust_whose_parties_nobody_states_stays_unknown_when_it_is_no_agent() -> None:
    trust = company("trust", "NL", kind="arrangement")
    rows = [stake("trust", "x", 1, details="on behalf of Ministry of Works")]
    judged = {("supervised_or_directed", "trust Holdings"): "no"}
    assert judge([STATE, trust, US], rows, judged=judged).verdict("x").prc_russia == "possible"


# places on which sources differ: limbs (2) and (3)


def sources(first: dict[str, Any], **other: Any) -> list[dict[str, Any]]:
    return [first, first | {"source": "E-0002"} | other]


PLACE, RESIDENCE = ("principal_place", "x Holdings"), ("residence", "p Person")


def test_sources_that_differ_on_the_principal_place_leave_it_to_the_assessor() -> None:
    entities = [*sources(company("x", "US", principal_place="US"), principal_place="RU"), FOUNDER]
    rows = [stake("us", "x", 1)]
    still = judge(entities, rows).verdict("x")
    assert (still.limbs["3"], asked(still)) == ("possible", [PLACE])
    assert shown(still, "principal_place")["principal place"] == ["RU", "US"]
    for answer, expected in (("yes", "established"), ("no", "excluded")):
        verdict = judge(entities, rows, judged={PLACE: answer}).verdict("x")
        assert (verdict.limbs["3"], verdict.prc_russia) == (expected, expected)
        assert (verdict.rests_on_judgement, verdict.questions) == (answer == "yes", still.questions)
        assert ("rests on the assessor's judgement (principal place)" in verdict.reason) is (answer == "yes")


def test_what_a_company_with_its_principal_place_in_russia_owns_rests_on_that_judgement() -> None:
    entities = [*sources(company("x", "US", principal_place="US"), principal_place="RU"), company("y"), FOUNDER]
    verdict = judge(entities, [stake("us", "x", 1), stake("x", "y", 1)], judged={PLACE: "yes"}).verdict("y")
    assert (verdict.prc_russia, verdict.rests_on_judgement, asked(verdict)) == ("established", True, [PLACE])


def test_a_principal_place_that_all_sources_state_needs_no_judgement() -> None:
    assert asked(judge(sources(company("x", "US", principal_place="RU")), []).verdict("x")) == []
    assert asked(judge(sources(company("x", "CN", principal_place="US"), principal_place="RU"), []).verdict("x")) == []


def test_sources_that_differ_on_a_persons_residence_leave_it_to_the_assessor() -> None:
    entities = [*sources(person("p", "DE", us_status="none"), residence="CN"), US]
    rows = [stake("p", "x", 1)]
    still = judge(entities, rows).verdict("x")
    assert (still.prc_russia, asked(still)) == ("possible", [RESIDENCE])
    for answer, expected in (("yes", "established"), ("no", "excluded")):
        ownership = judge(entities, rows, judged={RESIDENCE: answer})
        assert (ownership.verdict("p").limbs["2"], ownership.verdict("x").prc_russia) == (expected, expected)


def test_residence_is_not_asked_about_where_citizenship_or_us_status_decides() -> None:
    for row in (person("p", "CN", us_status="none"), person("p", "DE", us_status="permanent_resident")):
        assert asked(judge(sources(row | {"residence": "DE"}, residence="CN"), []).verdict("p")) == []


def test_a_judgement_that_closed_a_route_above_stays_among_the_questions_of_what_it_excludes() -> None:
    rows = [stake("cn", "p", kind="special_share"), stake("us", "p", 1), stake("p", "x", 1)]
    entities = [PRC, company("p"), US, FOUNDER]
    still = judge(entities, rows).verdict("x")
    verdict = judge(entities, rows, judged={("special_share", "p Holdings"): "no"}).verdict("x")
    assert (verdict.prc_russia, verdict.rests_on_judgement) == ("excluded", False)
    assert verdict.questions == still.questions and asked(verdict) == [("special_share", "p Holdings")]
