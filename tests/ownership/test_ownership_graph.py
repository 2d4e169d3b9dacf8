"""The answers for all entities at once are those of the verdicts one by one, whatever the tables hold."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.evidence.tables import table
from assessor.ownership import OwnershipGraph, assess, ownership_graph
from assessor.ownership.bulk import closures
from tests.ownership.tables import DAY, PRC_RUSSIA, company, person, stake

NAMES = tuple("abcdefgh")
TERMS: dict[str, Any] = {
    "adversaries": PRC_RUSSIA,
    "as_of": DAY,
    "persons": "persons of the PRC or Russia",
}
SHARES = ("0.05", "0.1", "0.2", "0.25", "0.3", "0.4", "0.5", "(0.5", "0.51", "0.6", "1", None, "1/3", "1.2", "ca. 30 %")
KINDS = (
    "shareholding",
    "shareholding",
    "shareholding",
    "voting_rights",
    "voting_rights",
    "board_appointment",
    "nominee",
    "other",
)
DETAILS = (
    None,
    None,
    None,
    None,
    "acting in concert with c Holdings",
    "veto over the budget",
    "on behalf of d Holdings",
    "as nominee for d Holdings",
)


@st.composite
def described(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entities of every kind, some twice, some like others, some not at all."""
    rows = []
    for name in NAMES:
        country = draw(st.sampled_from(("US", "US", "DE", "CN", None)))
        kind = draw(st.sampled_from(("organisation",) * 4 + ("person", "arrangement", "unknown", "state")))
        row = person(name, country or "US") if kind == "person" else company(name, country, kind=kind)
        if not draw(st.integers(0, 9)):
            continue
        rows.append(row)
        if not draw(st.integers(0, 5)):
            rows.append(row | {"source": "E-0002", "name": draw(st.sampled_from((row["name"], "Other Holdings")))})
        if not draw(st.integers(0, 7)):
            rows.append(
                row | {"source": "E-0003", "entity": f"{name}2", "name": draw(st.sampled_from((row["name"], "X")))}
            )
    return rows


@st.composite
def stated(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for _ in range(draw(st.integers(0, 14))):
        holder = draw(st.sampled_from((*NAMES, *NAMES, "a2", "b2", None)))
        subject = draw(st.sampled_from(NAMES))
        low = draw(st.sampled_from(SHARES))
        high = draw(st.sampled_from((None, None, "0.75", "1")))
        rows.append(
            stake(holder, subject, low, high, draw(st.sampled_from(KINDS)))
            | {
                "source": draw(st.sampled_from(("E-0001", "E-0001", "E-0002", "E-0003"))),
                "direct": draw(st.sampled_from((True, True, True, True, None, False))),
                "details": draw(st.sampled_from(DETAILS)),
                "start": draw(st.sampled_from((None, None, date(2020, 1, 1), DAY, date(2027, 1, 1)))),
                "end": draw(st.sampled_from((None, None, None, DAY, date(2021, 1, 1)))),
            }
        )
    return rows


def both(
    entities: list[dict[str, Any]], interests: list[dict[str, Any]], criterion: Fraction, aggregate: bool = True
) -> None:
    """Assert that all at once and one by one agree, and so does the verdict out of the rows above alone."""
    tables = table("entities", entities), table("interests", interests)
    graph = OwnershipGraph(*tables, dominant_minority=criterion, aggregate=aggregate, **TERMS)
    slow = assess(*tables, dominant_minority=criterion, aggregate=aggregate, **TERMS)
    rows = {slow.graph.alias[row["entity"]]: row for row in graph.answers().to_dict("records")}
    assert rows.keys() == slow.graph.entities.keys()
    for key in rows:
        verdict, row = slow.verdict(key), rows[key]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ownership_graph, "WHOLE", 0)
            cut = graph.verdict(key)
        assert cut.prc_russia == verdict.prc_russia, (key, cut, verdict)
        assert cut.limbs == verdict.limbs
        assert row["prc_russia"] == verdict.prc_russia, (key, row, verdict)
        assert (verdict.prc_russia == "excluded") == (key not in slow.control.may), (key, verdict)
        assert (Fraction(row["controlled_min"]), Fraction(row["controlled_max"])) == verdict.controlled_share, (
            key,
            row,
        )
        if verdict.prc_russia == "established":
            assert row["alone"] == (key in slow.control.single.order), (key, row)


def closures_agree(entities: list[dict[str, Any]], interests: list[dict[str, Any]], criterion: Fraction) -> None:
    """Assert that the closures hold the same entities, in both readings."""
    tables = table("entities", entities), table("interests", interests)
    graph = OwnershipGraph(*tables, dominant_minority=criterion, **TERMS)
    control = assess(*tables, dominant_minority=criterion, **TERMS).control
    ids = np.array(graph.ids())
    assert set(ids[graph.joined >= 0]) == control.must.order.keys()
    assert set(ids[graph.alone]) == control.single.order.keys()
    assert set(ids[graph.reached]) == control.may


def test_nobody_controls_a_natural_person_by_votes_that_are_stated_in_one() -> None:
    both(
        [company("a", "US"), person("e", "US")],
        [stake("a", "e", "0.5", "0.75") | {"min_open": True}, stake("a", "a", "0.05"), stake("e", "a", "0.51")],
        Fraction(1, 4),
    )


def test_two_rows_whose_words_tell_of_different_powers_over_one_person_both_count() -> None:
    both(
        [company("d", "US")],
        [
            stake("a", "a", "0.05", details="as nominee for d Holdings"),
            stake("a", "c", "0.05", details="on behalf of d Holdings"),
        ],
        Fraction(1, 10),
        aggregate=False,
    )


@settings(max_examples=150, deadline=None)
@given(
    described(),
    stated(),
    st.sampled_from((Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1))),
    st.booleans(),
)
def test_all_at_once_and_one_by_one_agree(
    entities: list[dict[str, Any]], interests: list[dict[str, Any]], criterion: Fraction, aggregate: bool
) -> None:
    both(entities, interests, criterion, aggregate)


def test_the_graph_of_parquet_files_answers_as_that_of_tables(tmp_path: Path) -> None:
    """Columns that repeat, and those in which nothing stands, are held in another form."""
    entities = [
        company("a", "CN"),
        company("b", "DE"),
        person("c"),
        company("b2", "DE", name="b Holdings", source="E-0002"),
    ]
    interests = [stake("a", "b", "0.6"), stake("c", "b", "0.4"), stake("b2", "d", "(0.5", "0.75", details="veto")]
    tables = table("entities", entities), table("interests", interests)
    for name, each in zip(("entities", "interests"), tables, strict=True):
        each.to_parquet(tmp_path / name)
    whole = OwnershipGraph(*tables, dominant_minority=Fraction(1, 4), **TERMS)
    lean = OwnershipGraph.read(tmp_path / "entities", tmp_path / "interests", dominant_minority=Fraction(1, 4), **TERMS)
    assert lean.answers().equals(whole.answers())
    for patched in (0, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ownership_graph, "WHOLE", patched)
            for entity in ("a", "b", "b2", "c", "d"):
                assert lean.verdict(entity) == whole.verdict(entity)
    assert "b2" in lean and "z" not in lean


@settings(max_examples=50, deadline=None)
@given(described(), stated())
def test_wide_and_narrow_frontiers_count_alike(entities: list[dict[str, Any]], interests: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(closures, "NARROW", 0)
        both(entities, interests, Fraction(1, 4))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((1.1, 1.6, 2.4)))
def test_on_larger_graphs_with_groups_and_rings_they_agree(number: int, each: float) -> None:
    chance = random.Random(number)
    names = [f"n{place}" for place in range(120)]
    entities = [company(name, chance.choice(("US",) * 8 + ("CN", None)), kind="organisation") for name in names]
    entities[:20] = [person(name, chance.choice(("US", "US", "DE", "CN"))) for name in names[:20]]
    interests = []
    for name in names[20:]:
        holders = chance.sample(names, min(4, 1 + int(chance.expovariate(1 / each))))
        shares = chance.choice(((10,), (6, 4), (5, 5), (4, 3, 3), (3, 3, 2, 2), (3, 2, 2, 1)))[: len(holders)]
        interests += [
            stake(holder, name, f"0.{share}" if share < 10 else "1")
            for holder, share in zip(holders, shares, strict=False)
        ]
    closures_agree(entities, interests, Fraction(1, 5))


def test_a_group_counts_what_all_its_members_hold_however_deep() -> None:
    """At each tier two firms of 30 % each are held by both above, so that only their sum decides."""
    entities, interests = [company("top", "CN"), person("other")], []
    above = ["top"]
    for tier in range(200):
        pair = [f"left{tier}", f"right{tier}"]
        for name in pair:
            entities.append(company(name))
            interests += [stake(holder, name, "0.3" if tier else "1") for holder in above]
            interests += [stake("other", name, "0.4")] if tier else []
        above = pair
    closures_agree(entities, interests, Fraction(1, 4))


@pytest.mark.parametrize("top", ["CN", None])
def test_a_chain_of_thousands_of_tiers_is_followed_to_its_end(top: str | None) -> None:
    entities = [company(f"t{tier}", top if not tier else "DE") for tier in range(3000)]
    interests = [stake(f"t{tier}", f"t{tier + 1}", "1") for tier in range(2999)]
    graph = OwnershipGraph(
        table("entities", entities), table("interests", interests), dominant_minority=Fraction(1, 4), **TERMS
    )
    assert set(graph.answers()["prc_russia"]) == {"established" if top else "possible"}
    assert graph.joined.tolist() == (list(range(3000)) if top else [-1] * 3000)


def test_shares_that_no_common_measure_holds_are_rounded_outwards_and_told() -> None:
    primes = [p for p in range(101, 700) if all(p % q for q in range(2, int(p**0.5) + 1))]
    entities = [company("top", "CN"), *(company(f"e{p}") for p in primes)]
    interests = [stake("top", f"e{p}", f"{p // 2 + 1}/{p}") for p in primes]
    graph = OwnershipGraph(
        table("entities", entities), table("interests", interests), dominant_minority=Fraction(1, 4), **TERMS
    )
    assert set(graph.answers()["prc_russia"]) == {"established"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ownership_graph, "WHOLE", 0)
        assert any("rounded outwards" in problem for problem in graph.problems)


def test_an_entity_that_no_table_mentions_is_no_entity() -> None:
    graph = OwnershipGraph(
        table("entities", [company("a")]), table("interests", []), dominant_minority=Fraction(1, 4), **TERMS
    )
    assert "a" in graph and "z" not in graph and len(graph) == 1
    with pytest.raises(KeyError, match="mentions the entity 'z'"):
        graph.verdict("z")
