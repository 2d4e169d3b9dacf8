"""What differs between two sets of results."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessor.comparison.conclusions import KINDS, Change, Side, difference
from assessor.results import EvidenceRef, EvidenceRequest, Finding, Outcome, ProcedureResult, Question, Test

CASES = yaml.safe_load(Path(__file__).with_name("conclusions.yaml").read_text("utf-8"))
PLACE = (EvidenceRef("E-0001"),)


def result(name: str, told: dict[str, Any]) -> ProcedureResult:
    tests = tuple(
        Test(str(clause), subject, Outcome(outcome), reason, (EvidenceRef(*place.split(" ", 1)),))
        for clause, subject, outcome, reason, place in told.get("tests", [])
    )
    findings = tuple(
        Finding(
            code, subject, ("791.302(a)",), "t", "c", condition, "", "", (), severity, PLACE, tuple(ids), {}, "", name
        )
        for code, subject, severity, condition, ids in told.get("findings", [])
    )
    requests = tuple(
        EvidenceRequest(code, what, tuple(subjects), "791.302(a)", "it", "", name)
        for code, subjects, what in told.get("requests", [])
    )
    questions = tuple(
        Question(code, subject, "791.301", "?", "", ("yes", "no"), {}, state, answer, procedure=name)
        for code, subject, state, answer in told.get("questions", [])
    )
    tables = {name: told[name] for name in ("suppliers", "outcomes") if name in told}
    return ProcedureResult(
        *(name, "791.302", name, Outcome(told["conclusion"]), told.get("reason", "because"), "all", (), ()),
        *(tests, findings, requests, questions, (), tables),
    )


def results(told: dict[str, Any]) -> list[ProcedureResult]:
    return [result(name, each) for name, each in told.items()]


def side(one: Side | None) -> str:
    return "-" if one is None else f"{one.outcome or 'as follows'} ({' | '.join(one.evidence)})"


def line(change: Change) -> str:
    what = f"{change.what} of " if change.what else ""
    head = f"{change.kind} {change.change} {what}{change.subject} [{', '.join(change.fields)}]"
    return f"{head}: {side(change.before)} -> {side(change.after)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_what_differs(case: dict[str, Any]) -> None:
    found = difference(results(case["before"]), results(case["after"]))
    assert [line(change) for change in found] == case["changes"]
    assert sum(change.weighs for change in found) == case.get("weighing", len(found))


words = st.sampled_from(["", "r", "s"])
outcomes = st.sampled_from([str(outcome) for outcome in Outcome])
told_results = st.dictionaries(
    st.sampled_from(["s302_hardware", "s315_suppliers"]),
    st.fixed_dictionaries(
        {
            "conclusion": outcomes,
            "reason": words,
            "tests": st.lists(
                st.tuples(st.just("791.302(a)"), st.sampled_from("XY"), outcomes, words, st.just("E-0001")), max_size=4
            ),
            "suppliers": st.lists(
                st.fixed_dictionaries({"name": st.sampled_from("AB"), "prc_russia": words, "evidence": words}),
                max_size=3,
            ),
            "outcomes": st.lists(
                st.fixed_dictionaries(
                    {
                        "outcome": outcomes,
                        "reason": words,
                        "transactions": st.lists(st.sampled_from("TUVW"), max_size=2),
                    }
                ),
                max_size=3,
            ),
        }
    ),
)


@given(told_results)
def test_nothing_differs_from_itself_in_any_order(told: dict[str, Any]) -> None:
    one = results(told)
    turned = [dataclasses.replace(each, tests=each.tests[::-1]) for each in reversed(one)]
    assert difference(one, turned) == ()


@given(told_results, told_results)
def test_the_other_way_round_everything_is_the_other_way_round(old: dict[str, Any], new: dict[str, Any]) -> None:
    there, back = difference(results(old), results(new)), difference(results(new), results(old))
    turned = {"added": "gone", "gone": "added", "changed": "changed"}
    assert sorted((c.kind, c.subject, c.change, repr(c.before), repr(c.after)) for c in there) == sorted(
        (c.kind, c.subject, turned[c.change], repr(c.after), repr(c.before)) for c in back
    )
    assert [list(KINDS).index(c.kind) for c in there] == sorted(list(KINDS).index(c.kind) for c in there)


def test_details_that_differ_are_told_with_both_sides() -> None:
    def findings(*ids: str) -> list[ProcedureResult]:
        return results(
            {"s302_hardware": {"conclusion": "exception", "findings": [["code", "X", "high", "bad", list(ids)]]}}
        )

    (change,) = difference(findings("T1", "T2"), findings("T2", "T3", "T4"))
    assert change.details == (("transactions", "2 (1 of them no more)", "3 (2 of them new)"),)
