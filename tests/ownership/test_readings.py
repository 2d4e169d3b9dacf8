"""Both readings stand side by side in every verdict, and each says what an assessment by that criterion alone says."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.ownership import readings
from tests.ownership.tables import company, judge, person, stake

NAMES = ("c", "d", "e", "f", "h")
HOLDERS = ("a", "b", "us", *NAMES)
QUESTIONS = ("dominant_minority", "acting_in_concert")


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[tuple[str, str], str]]:
    """PRC and Russian holders, a company of unknown country, bands, what nobody discloses, a special share, answers."""
    entities = [
        company("a", "CN"),
        company("b", "RU"),
        person("us"),
        *(company(n, None if n == "h" else "US") for n in NAMES),
    ]
    rows, judged = [], {}
    for subject in NAMES:
        left = 20
        for holder in draw(st.lists(st.sampled_from([n for n in HOLDERS if n != subject]), unique=True, max_size=4)):
            low = min(left, draw(st.integers(1, 9)))
            if low:
                rows.append(stake(holder, subject, Fraction(low, 20), draw(st.sampled_from((None, None, "1")))))
                left -= low
        if draw(st.booleans()) and left:
            rows.append(stake("rest", subject, Fraction(left, 20)))
        if draw(st.integers(0, 5)) == 0:
            rows.append(stake(draw(st.sampled_from(("a", "h"))), subject, kind="special_share"))
        if draw(st.integers(0, 7)) == 0:
            rows.append(stake(draw(st.sampled_from(("a", "h"))), subject, "0.3", direct=False))
        for question in QUESTIONS:
            if answer := draw(st.sampled_from(("", "", "yes", "no"))):
                judged[question, f"{subject} Holdings"] = answer
    return [*entities, person("rest")], rows, judged


@settings(max_examples=60, deadline=None)
@given(cases())
def test_each_reading_is_what_an_assessment_by_it_alone_says(drawn: Any) -> None:
    entities, rows, judged = drawn
    runs = {
        name: judge(entities, rows, judged=judged, aggregate=name == readings.AGGREGATE)
        for name in ("aggregate", "single")
    }
    for key in NAMES:
        told = {name: run.verdict(key) for name, run in runs.items()}
        for verdict in told.values():
            assert {name: (r.limb_4, r.prc_russia) for name, r in verdict.reading.items()} == {
                name: (v.limbs["4"], v.prc_russia) for name, v in told.items()
            }


def test_holders_of_a_majority_together_are_established_together_and_possible_alone() -> None:
    entities = [company("cn", "CN"), company("ru", "RU"), company("x"), person("us")]
    rows = [stake("cn", "x", "0.3"), stake("ru", "x", "0.3"), stake("us", "x", "0.4")]
    for aggregate in (True, False):
        reading = judge(entities, rows, aggregate=aggregate).verdict("x").reading
        assert {name: told.as_row() for name, told in reading.items()} == {
            "aggregate": {"4": "established", "prc_russia": "established"},
            "single": {"4": "possible", "prc_russia": "possible"},
        }


def test_what_one_holder_controls_alone_is_worked_out_once() -> None:
    ownership = judge([company("cn", "CN"), company("x")], [stake("cn", "x", "0.6")])
    assert ownership.other is None
    assert {told.prc_russia for told in ownership.verdict("x").reading.values()} == {"established"}
