"""Results turn into JSON and back without loss, and outcomes add up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.results import (
    EvidenceRef,
    EvidenceRequest,
    Finding,
    Outcome,
    ProcedureResult,
    Question,
    Recommendation,
    Test,
    from_json,
    to_json,
    worst,
)

text = st.text(max_size=40)
refs = st.lists(st.builds(EvidenceRef, text, text), max_size=3).map(tuple)
results = st.builds(
    ProcedureResult,
    text,
    text,
    text,
    st.sampled_from(Outcome),
    text,
    text,
    st.lists(text, max_size=2).map(tuple),
    st.lists(text, max_size=2).map(tuple),
    tests=st.lists(st.builds(Test, text, text, st.sampled_from(Outcome), text, refs), max_size=2).map(tuple),
    findings=st.lists(
        st.builds(
            Finding,
            text,
            text,
            st.lists(text, max_size=2).map(tuple),
            text,
            text,
            text,
            text,
            text,
            st.lists(st.builds(Recommendation, text, text, text), max_size=2).map(tuple),
            text,
            refs,
            absent=st.dictionaries(text, text, max_size=2),
        ),
        max_size=2,
    ).map(tuple),
    requests=st.lists(
        st.builds(EvidenceRequest, text, text, st.lists(text, max_size=2).map(tuple), text, text), max_size=2
    ).map(tuple),
    questions=st.lists(
        st.builds(
            Question,
            text,
            text,
            text,
            text,
            text,
            st.lists(text, max_size=2).map(tuple),
            facts=st.dictionaries(text, text, max_size=2),
        ),
        max_size=2,
    ).map(tuple),
    tables=st.dictionaries(
        text,
        st.lists(st.dictionaries(text, text | st.integers(-9, 9) | st.booleans(), max_size=3), max_size=2),
        max_size=2,
    ),
)


@given(results)
def test_a_result_survives_the_way_through_json(result: ProcedureResult) -> None:
    assert from_json(to_json(result)) == result


@given(results)
def test_the_same_result_gives_the_same_text_and_it_is_json(result: ProcedureResult) -> None:
    assert to_json(result) == to_json(from_json(to_json(result)))
    json.loads(to_json(result))


@pytest.mark.parametrize(
    ("outcomes", "together"),
    [
        ([], Outcome.NOT_TESTED),
        ([Outcome.NOT_APPLICABLE], Outcome.NOT_APPLICABLE),
        ([Outcome.NOT_APPLICABLE, Outcome.CONFORMS], Outcome.CONFORMS),
        ([Outcome.CONFORMS, Outcome.NOT_TESTED], Outcome.NOT_TESTED),
        ([Outcome.CONFORMS, Outcome.INCONCLUSIVE, Outcome.NOT_TESTED], Outcome.INCONCLUSIVE),
        (list(Outcome), Outcome.EXCEPTION),
    ],
)
def test_an_exception_outweighs_an_open_point_and_that_a_pass(outcomes: list[Outcome], together: Outcome) -> None:
    assert worst(outcomes) is together


def test_the_digest_of_a_question_depends_on_the_facts_alone() -> None:
    one = Question("a", "b", "c", "d", "e", ("yes",), {"x": 1, "y": 2})
    two = Question("other", "b", "c", "d", "e", ("no",), {"y": 2, "x": 1}, state="answered")
    assert one.facts_digest == two.facts_digest != Question("a", "b", "c", "d", "e", ("yes",), {"x": 1}).facts_digest
