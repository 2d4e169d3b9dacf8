"""The cases of `tests/cases/s315_recommendations.yaml`, and what the question shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assessor.procedures import s315_recommendations
from assessor.results import EvidenceRef, Finding, Recommendation
from tests.cases.runner import cases, check, facts


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s315_recommendations.yaml"))
def test_case(procedure: str, defaults: dict[str, Any], case: dict[str, Any]) -> None:
    check(procedure, defaults, case)


def test_the_question_shows_what_is_recommended_and_all_transactions_in_groups() -> None:
    moves = [
        {"transaction": f"T-{n}", "kind": "vehicle_import", "line": "Wren", "date": date(2026, 8, n)} for n in (5, 7)
    ]
    moves.append({"transaction": "T-9", "kind": "vehicle_sale", "authorization": "SA-1"})
    finding = Finding(
        "element_missing",
        "training",
        ("791.315(d)(3)",),
        "The policies do not provide for training",
        "c",
        "c",
        "",
        "",
        (Recommendation("Add a provision.", "cause", "all transactions"), Recommendation("Train.", "condition")),
        "low",
        (EvidenceRef("E-0001"),),
        procedure="s315_policies",
    )
    (question,) = s315_recommendations.run(facts({"transactions": moves}), [finding]).questions
    assert question.subject == "s315_policies/element_missing/training"
    assert question.facts == {
        "finding": "The policies do not provide for training",
        "recommendations": [
            "Add a provision. (addresses the cause; stated for: all transactions)",
            "Train. (addresses the condition; stated for: nothing stated)",
        ],
        "transactions": [
            "2 transactions: vehicle import, Wren, authorization claimed: none, 2026-08-05 to 2026-08-07",
            "1 transaction: vehicle sale, no line, authorization claimed: SA-1, undated",
        ],
    }
