"""What would settle a possible answer: completed with these facts, all harmless, the graph excludes control; with one of them
left out it does not; and no smaller set does."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.ownership import Verdict, settling
from assessor.ownership.documents import BY_QUESTION, DOCUMENTS
from assessor.ownership.settling import Settling
from assessor.rule.reader import load
from tests.ownership.tables import company, judge, person, share, stake

Rows = list[dict[str, Any]]
MANY = 6  # harmless holders of what turns out; none of them has a majority
HARMLESS = [person(f"{who}{n}", "DE") for who in ("de", "ring") for n in range(MANY)]
OWN = ("identity", "incumbency", "passport", "us_status")


class Case:
    """Tables, and how they are completed: anew from the rows, with no help of what chose the facts."""

    def __init__(self, entities: Rows, interests: Rows, **more: Any) -> None:
        self.entities, self.interests, self.more = [*entities, *HARMLESS], interests, more
        self.ownership = judge(self.entities, interests, **more)

    def verdict(self, entity: str) -> Verdict:
        return self.ownership.verdict(entity)

    def after(self, facts: Iterable[Settling], entity: str) -> Verdict:
        """The verdict on `entity` when the facts have turned out harmless."""
        told = list(facts)
        entities, judged = list(self.entities), {}
        open_claims = {claim.id for claims in self.ownership.control.claimed.values() for claim in claims}
        interests = [dict(row) for row in self.interests if row["direct"] or row["interest"] in open_claims]
        for fact in told:
            of = fact.subject
            if fact.question:
                judged |= {(fact.question, name): "no" for name in (of, f"{of} Holdings", f"{of} Person")}
            elif fact.document in OWN:
                entities = [e for e in entities if e["entity"] != of]
                entities.append((person if fact.document in ("passport", "us_status") else company)(of, "DE"))
            elif fact.document == "ownership_statement":
                interests = [i for i in interests if i["direct"] or i["subject"] != of]
            elif fact.fact.startswith("who decides how"):
                ring = self.ownership.control.ring_of[of]
                inner = [i for i in interests if i["holder"] in ring and i["subject"] in ring and "min" in i]
                interests = [i for i in interests if i not in inner]
                for subject in sorted({i["subject"] for i in inner}):
                    votes = sum((Fraction(i["min"]) for i in inner if i["subject"] == subject), Fraction(0))
                    interests += [stake(f"ring{n}", subject, votes / MANY) for n in range(MANY)]
            elif fact.fact.startswith("who has"):
                interests = [
                    i | {"holder": "de0"}
                    if i["subject"] == of and not i["holder"] and i["kind"] == "special_share"
                    else i
                    for i in interests
                ]
        for fact in told:
            if fact.document == "share_register":
                interests = self._disclosed(interests, fact.subject, wrong=fact.fact.startswith("which of"))
        judged = self.more.get("judged", {}) | judged
        return judge(entities, interests, **(self.more | {"judged": judged})).verdict(entity)

    def _disclosed(self, interests: Rows, subject: str, *, wrong: bool) -> Rows:
        """Every band at its lower end and the rest with many others; of stakes beyond the whole those of the persons next to none."""
        kept, rest = [], Fraction(1)
        for row in interests:
            if row["subject"] != subject or row["kind"] != "shareholding" or not row["direct"]:
                kept.append(row)
            elif row["holder"]:
                low = Fraction(row.get("min") or "0") + (Fraction(1, 10**6) if row.get("min_open") else 0)
                if wrong and self.verdict(row["holder"]).prc_russia != "excluded":
                    low = Fraction(1, 10**6)
                rest -= low
                kept.append(row | {"min": share(low), "max": share(low), "min_open": False, "max_open": False})
        return kept + [stake(f"de{n}", subject, rest / MANY) for n in range(MANY) if rest > 0]

    def check(self, entity: str) -> None:
        """The set settles, none of it can be left out, and no smaller set of all that is unknown does."""
        told = self.verdict(entity).settled_by
        assert self.after(told, entity).prc_russia == "excluded"
        for left_out in told:
            assert self.after((f for f in told if f != left_out), entity).prc_russia != "excluded"

    def unknowns(self, entity: str) -> list[Settling]:
        control = self.ownership.control
        return [settling._told(control, unknown) for unknown in settling._Above(control, entity).unknowns]


NAMES = ("c", "d", "e", "f")
ABOVE = ("a", "b", "g", "h", "m", *NAMES)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """PRC companies a and b, a ghost g that nobody describes, a company h of unknown country, a man m of unknown U.S. status."""
    entities = [company("a", "CN"), company("b", "RU"), company("h", None)]
    entities += [person("m", citizenship="CN", residence="US"), person("us"), *(company(name) for name in NAMES)]
    rows: Rows = []
    for subject in (*NAMES, *draw(st.sampled_from([(), ("h",), ("g", "h")]))):
        left = 20
        holders = draw(st.lists(st.sampled_from([n for n in ABOVE if n != subject]), unique=True, max_size=3))
        for holder in holders:
            low = min(left, draw(st.integers(1, 11)))
            if low:
                high = draw(st.sampled_from((low, low, 20)))
                is_open = high > low and low < left and draw(st.booleans())
                rows.append(
                    stake(
                        holder, subject, f"{'(' if is_open else ''}{low / 20}", str(high / 20) if high > low else None
                    )
                )
                left -= low
        if not left:  # an open end would make the stakes exceed the whole
            rows = [row | {"min_open": False} if row["subject"] == subject else row for row in rows]
        if left > 1 and draw(st.booleans()):
            rows.append(stake("us", subject, Fraction(left, 20) - Fraction(draw(st.sampled_from((0, 0, 1))), 20)))
        if draw(st.integers(0, 4)) == 0:
            rows.append(stake(draw(st.sampled_from((None, *ABOVE[:5]))), subject, kind="special_share"))
        if draw(st.integers(0, 7)) == 0:
            rows.append(stake(draw(st.sampled_from(ABOVE[:4])), subject, "0.3", direct=False))
    return Case(entities, rows, aggregate=draw(st.booleans()))


@settings(max_examples=40, deadline=None)
@given(cases())
def test_the_set_settles_and_no_fact_of_it_can_be_left_out(case: Case) -> None:
    for name in (*NAMES, "h", "m"):
        if case.verdict(name).prc_russia == "possible":
            case.check(name)


@settings(max_examples=15, deadline=None)
@given(cases())
def test_no_smaller_set_settles(case: Case) -> None:
    for name in NAMES:
        told = case.verdict(name)
        if told.prc_russia == "possible" and told.settles == "fewest":
            known = case.unknowns(name)
            for size in range(len(told.settled_by)):
                for chosen in list(combinations(known, size))[:60]:
                    assert case.after(chosen, name).prc_russia != "excluded"


def facts(verdict: Verdict) -> list[tuple[str, str]]:
    return [(told.fact, told.document) for told in verdict.settled_by]


CN, US = company("cn", "CN"), person("us")


def test_of_several_ways_the_one_with_the_fewest_facts_is_taken() -> None:
    """Once b is known to be a company of the U.S. owner, that owner has a majority: neither a nor the rest matters any more."""
    entities = [company("a", None), company("b", None), company("x"), US]
    rows = [stake("a", "x", "0.2"), stake("b", "x", "0.2"), stake("us", "x", "0.5"), stake("us", "b", 1)]
    case = Case(entities, rows)
    assert len(case.unknowns("x")) == 4
    assert facts(case.verdict("x")) == [("country of organisation of b Holdings", "incumbency")]
    case.check("x")


def test_a_judgement_that_settles_alone_is_the_whole_set_whatever_is_undisclosed() -> None:
    rows = [stake("cn", "x", "0.26"), *(stake(f"de{n}", "x", "0.1") for n in range(6))]
    case = Case([CN, company("x")], rows)
    assert facts(case.verdict("x")) == [
        ("the assessor's judgement on dominant minority for x Holdings", "meeting_minutes")
    ]
    case.check("x")


@pytest.mark.parametrize(
    ("row", "document"),
    [
        pytest.param(company("h", None), "incumbency", id="an organisation of unknown country"),
        pytest.param(company("h", "CN") | {"kind": "unknown"}, "identity", id="a holder of unknown kind"),
        pytest.param(person("h", citizenship="CN", residence="US"), "us_status", id="a citizen of the PRC in the U.S."),
        pytest.param(person("h", citizenship=None, residence="DE"), "passport", id="a person of unknown citizenship"),
        pytest.param(
            {"entity": "h", "name": "h", "kind": "state", "source": "E", "locator": "/"}, "state_record", id="a state"
        ),
    ],
)
def test_what_is_not_known_of_a_holder_names_the_document_that_shows_it(row: dict[str, Any], document: str) -> None:
    verdict = Case(
        [row, company("x"), US], [stake("h", "x", "0.6"), stake("us", "x", "0.4"), stake("us", "h", 1)]
    ).verdict("x")
    assert [(told.subject, told.document) for told in verdict.settled_by] == [("h", document)]
    assert verdict.settles == "fewest"


def test_a_power_of_a_holder_whom_nobody_names_and_a_declared_chain_are_facts_of_their_own() -> None:
    rows = [stake("us", "x", 1), stake(None, "x", kind="special_share"), stake("cn", "x", "0.3", direct=False)]
    case = Case([CN, US, company("x")], rows)
    assert facts(case.verdict("x")) == [
        ("who has a special share in x Holdings", "articles"),
        (
            "the direct interests through which cn Holdings holds the declared interest in x Holdings",
            "ownership_statement",
        ),
    ]
    case.check("x")


def test_stakes_beyond_the_whole_are_settled_by_the_register() -> None:
    case = Case([CN, US, company("x")], [stake("cn", "x", "0.55"), stake("us", "x", "0.55")])
    assert facts(case.verdict("x"))[0] == ("which of the stated stakes in x Holdings are right", "share_register")
    case.check("x")


def test_in_a_ring_the_votes_that_it_holds_in_itself_are_the_fact() -> None:
    rows = [
        stake("x", "y", "0.6"),
        stake("y", "x", "0.6"),
        *(stake("cn", e, "0.3") for e in "xy"),
        *(stake("us", e, "0.1") for e in "xy"),
    ]
    case = Case([CN, US, company("x"), company("y")], rows)
    assert "shareholders_agreement" in [told.document for told in case.verdict("x").settled_by]
    case.check("x")


def test_every_document_names_a_clause_of_the_rule_and_every_question_a_document() -> None:
    rule = load()
    assert {document.clause for document in DOCUMENTS.values()} <= set(rule.clauses)
    assert set(BY_QUESTION.values()) <= set(DOCUMENTS)
    assert set(BY_QUESTION) <= set(rule.questions)


def test_who_leads_only_by_votes_that_turn_out_wrong_keeps_nobody_else_out() -> None:
    entities = [CN, US, *(company(name) for name in "cdef"), company("h", None)]
    entities.append(person("m", citizenship="CN", residence="US"))
    beyond = [stake("h", "f", "(0.35", "1"), stake("d", "f", "(0.55", "1"), stake("us", "f", "0.1")]
    led = [stake("d", "c", "0.5"), stake("e", "c", "0.35"), stake("f", "c", "0.15", "1")]
    above = [stake("m", "e", "0.5", "1"), stake("c", "e", "0.5"), stake("h", "e", "0.3", direct=False)]
    over = [stake("f", "d", "0.25"), stake("cn", "d", kind="special_share")]
    Case(entities, [*beyond, *led, *above, *over], aggregate=False).check("c")


def test_who_is_led_no_longer_still_leads_those_below() -> None:
    entities = [CN, US, *(company(name) for name in "cdef"), person("m", citizenship="CN", residence="US")]
    beyond = [stake("f", "d", "0.15"), stake("m", "d", "0.55"), stake("g", "d", "(0.05", "1"), stake("us", "d", "0.25")]
    led = [stake("d", "e", "(0.5", "1"), stake("cn", "e", "0.05", "1"), stake("g", "e", "0.05")]
    above = [stake("us", "c", "0.95"), stake("c", "f", "(0.05", "1"), stake("us", "f", "0.95")]
    Case(entities, [*beyond, *led, *above]).check("e")


def test_one_judgement_is_enough_although_it_would_not_be_beside_exact_shares() -> None:
    entities = [CN, US, *(company(name) for name in "df")]
    stakes = [
        stake("cn", "f", "(0.1", "1"),
        stake("d", "f", "0.5"),
        stake("g", "f", "0.25", "1"),
        stake("us", "d", "0.95"),
    ]
    case = Case(entities, stakes)
    assert [fact.question for fact in case.verdict("f").settled_by] == ["dominant_minority"]
    case.check("f")


def test_a_fact_is_written_with_its_document_and_the_clause_that_needs_it() -> None:
    told = Case([CN, company("x")], [stake("cn", "x", "0.12")]).verdict("x").settled_by[0]
    assert told.as_row() == {
        "fact": "who holds the undisclosed 88 % of the votes in x Holdings",
        "subject": "x",
        "subject_name": "x Holdings",
        "document": DOCUMENTS["share_register"].words,
        "clause": "791.301 person (4)",
        "question": "",
    }
    assert str(told) == told.fact
    assert told.request == f"{told.fact} ({DOCUMENTS['share_register'].words})"


def wide(count: int) -> Case:
    """One company of so many holders of unknown country, each held by another of whom nothing is known but its name."""
    names = [f"h{n}" for n in range(count)]
    entities = [company("x"), *(company(name, None) for name in names), *(company(f"{name}-up") for name in names)]
    rows = [stake(name, "x", Fraction(1, count)) for name in names] + [stake(f"{name}-up", name, 1) for name in names]
    return Case(entities, rows, dominant_minority=Fraction(3, 5))


def test_beyond_the_bound_no_fact_can_be_left_out_and_the_verdict_says_that_fewer_may_do(monkeypatch: Any) -> None:
    case = wide(12)
    assert case.verdict("x").settles == "none can be left out"
    case.check("x")
    monkeypatch.setattr(settling, "WORK", 1)
    assert (lot := wide(12)).verdict("x").settles == "sufficient"
    assert lot.after(lot.verdict("x").settled_by, "x").prc_russia == "excluded"


def test_what_stands_farther_above_than_is_looked_at_is_a_fact_of_its_own(monkeypatch: Any) -> None:
    monkeypatch.setattr(settling, "FAR", 3)
    entities = [company("x"), *(company(f"h{n}") for n in range(9))]
    rows = [stake("h0", "x", 1), *(stake(f"h{n + 1}", f"h{n}", 1) for n in range(8))]
    told = Case(entities, rows).verdict("x").settled_by
    assert [(one.fact, one.document) for one in told] == [
        ("further facts about those who stand farther above x Holdings", "")
    ]
