"""Cases of tests/cases/s315_authorizations.yaml, and what the question on implementation shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assessor.procedures import authorization_conditions, s315_authorizations
from tests.cases import runner


@pytest.mark.parametrize(("procedure", "defaults", "case"), runner.cases("s315_authorizations.yaml"))
def test_case(procedure: str, defaults: Any, case: Any) -> None:
    runner.check(procedure, defaults, case)


def test_every_condition_and_duty_has_words_and_known_events_and_clauses() -> None:
    told = runner.load().data("authorization_duties")
    assert set(told["conditions"]) == {*authorization_conditions.TESTS, "ask"}
    events = set(runner.SCHEMAS["authorization_events"]["event"].allowed)
    for entry in (*told["conditions"].values(), *told["duties"].values()):
        assert entry["any"] and set(entry.get("events", [])) <= events
    clauses = {clause for duty in told["duties"].values() for listed in duty["clauses"].values() for clause in listed}
    assert clauses <= set(runner.load().clauses)


def _question(answers: dict[str, str]) -> Any:
    given = {
        "authorizations": {"authorization": "GA-1", "kind": "general", "issued": date(2025, 6, 11)},
        "authorization_conditions": {"authorization": "GA-1", "condition": "1", "text": "A condition."},
        "transactions": {
            "transaction": "T-1", "kind": "vehicle_import", "date": date(2025, 12, 1), "authorization": "GA-1",
            "foreign_trade_zone": False,
        },
        "verdicts": {"client": "excluded"},
        "answers": answers,
    }  # fmt: skip
    (question,) = s315_authorizations.run(runner.facts(given)).questions
    return question


@pytest.mark.parametrize(
    "answers",
    [
        {"condition_met/GA-1 condition 1": "yes"},
        {"condition_met/GA-1 condition 1": "no"},
        {"authorization_eligible/GA-1": "yes"},
        {"authorization_eligible/GA-1": "no"},
        {"published_authorization/GA-1": "yes"},
    ],
)
def test_answering_another_question_changes_nothing_that_this_one_shows(answers: dict[str, str]) -> None:
    assert _question(answers).facts_digest == _question({}).facts_digest
