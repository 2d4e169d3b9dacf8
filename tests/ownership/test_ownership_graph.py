"""The answers for all entities at once are those of the verdicts one by one, whatever the tables hold."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.evidence.tables import table
from assessor.ownership import OwnershipGraph, assess, ownership_graph
from assessor.ownership import frontier as closures
from tests.ownership.tables import DAY, PRC_RUSSIA, company, person, stake

NAMES = tuple("abcdefgh")
TERMS: dict[str, Any] = {
    "adversaries": PRC_RUSSIA,
    "as_of": DAY,
    "persons": "persons of the PRC or Russia",
}
SHARES = ("0.05", "0.1", "0.2", "0.25", "0.3", "0.4", "0.5", "(0.5", "0.51", "0.6", "1", None, "1/3", "1.2", "ca. 30 %")
KINDS = ("shareholding", "shareholding", "shareholding", "voting_rights", "voting_rights", "board_appointment", "other")
DETAILS = (
    None,
    None,
    None,
    None,
    "acting in concert with c Holdings",
    "veto over the budget",
    "on behalf of d Holdings",
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
        assert (Fraction(row["controlled_min"]), Fraction(row["controlled_max"])) == verdict.controlled_share, (
            key,
            row,
        )
        if verdict.prc_russia == "established":
            assert row["alone"] == (key in slow.control.single.order), (key, row)


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


@settings(max_examples=50, deadline=None)
@given(described(), stated())
def test_wide_and_narrow_frontiers_count_alike(entities: list[dict[str, Any]], interests: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(closures, "NARROW", 0)
        both(entities, interests, Fraction(1, 4))
