"""The cases of `tests/cases/s301_scope.yaml`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assessor.procedures import s301_scope
from tests.cases.runner import cases, check, facts


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s301_scope.yaml"))
def test_case(procedure: str, defaults: dict[str, Any], case: dict[str, Any]) -> None:
    check(procedure, defaults, case)


def test_a_question_about_earlier_software_shows_its_history_whatever_was_answered_before() -> None:
    given = {
        "components": [
            {"item": "Unit", "medium": "software", "name": "tq", "version": version, "supplier": "Qilin"}
            | {"license_class": "proprietary", "timestamp": "2026-05-11T08:00:00Z"}
            for version in ("1", "2")
        ],
        "software_history": [
            {"item": "Unit", "name": "tq", "version": "1", "made": date(2024, 9, 2), "maintained_by": "Homeland"},
            {"item": "Unit", "name": "tq", "version": "2", "made": date(2025, 9, 2), "maintained": date(2025, 9, 2)},
        ],
        "suppliers": {"name": "Homeland", "country": "US"},
        "changes": {"change": "CH-1", "subject": "tq", "description": "two languages added"},
        "interviews": [
            {"person": "T. Brandl", "date": date(2026, 10, 7), "statement": "The last change of tq was in May."},
            {"person": "T. Brandl", "date": date(2026, 10, 7), "statement": "tq-voice is another component."},
        ],
        "owners": {"Qilin": "established", "Homeland": "excluded"},
        "answers": {"directly_enables/Unit": "yes", "primary_processing_unit/Unit": "yes"},
    }
    (first,) = _asked(given, "maintenance_happened")
    assert [row["version"] for row in first.facts["history"]] == ["1", "2"]
    assert first.facts["maintainers"] == ["Homeland (address in the supplier list: US)"]
    assert first.facts["delivered"] == [f"version {v}, 2026-05-11T08:00:00Z, no digest" for v in ("1", "2")]
    assert first.facts["change log"] == ["CH-1: two languages added"]
    assert first.facts["interviews"] == ["T. Brandl, 2026-10-07: The last change of tq was in May."]
    given["answers"] = {**given["answers"], "maintenance_happened/tq": "yes"}
    (then,) = _asked(given, "maintainer")
    assert then.facts_digest == first.facts_digest


def _asked(given: dict[str, Any], id: str) -> list[Any]:
    return [question for question in s301_scope.run(facts(given)).questions if question.id == id]
