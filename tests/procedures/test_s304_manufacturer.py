"""The cases of `tests/cases/s304_manufacturer.yaml`, and what the results say and cite."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from assessor.engagement import TERMS_ITEM
from assessor.procedures import s304_manufacturer
from assessor.procedures.limbs import flags
from assessor.results import Outcome
from tests.cases.runner import SOURCES, cases, check, facts


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s304_manufacturer.yaml"))
def test_case(procedure: str, defaults: dict[str, Any], case: dict[str, Any]) -> None:
    check(procedure, defaults, case)


GIVEN = {
    "vehicles": {"line": "Wren", "model_year": 2027, "ads": True, "items": "Unit"},
    "components": {"item": "Unit", "medium": "hardware", "name": "Module", "type": "Cellular module"},
    "transactions": [
        {"transaction": "T-1", "kind": "vehicle_sale", "line": "Wren", "model_year": 2027, "new_vehicle": True},
        {"transaction": "T-2", "kind": "vehicle_sale", "line": "Wren", "model_year": 2026, "new_vehicle": True},
        {"transaction": "T-3", "kind": "service", "line": "Wren", "model_year": 2027},
        {"transaction": "T-4", "kind": "other"},
        {"transaction": "T-5", "kind": "other"},
    ],
    "entities": [
        {"entity": "other", "name": "Other GmbH", "kind": "organisation"},
        {"entity": "client", "name": "Case Motors, Inc.", "kind": "organisation"},
    ],
    "interests": [
        {"interest": "i-1", "holder": "client", "subject": "other", "kind": "shareholding", "min": "1", "max": "1"},
        {"interest": "i-2", "holder": "other", "subject": "client", "kind": "shareholding", "min": "1", "max": "1"},
    ],
    "owners": {},
    "derived": {"s306_general_authorizations.covered": [], "s307_specific_authorizations.covered": []},
}
OWN = {(TERMS_ITEM, "[client] entity"), (SOURCES["entities"], "row 2"), (SOURCES["interests"], "row 2")}


@pytest.mark.parametrize("tie", ["excluded", "possible", "established"])
def test_a_verdict_on_the_client_cites_what_is_in_evidence_about_the_client_alone(tie: str) -> None:
    result = s304_manufacturer.run(facts({**GIVEN, "verdicts": {"client": tie}}))
    assert result.population == "the client's own ownership, 2 vehicle sales, 1 service"
    for test in result.tests:
        if test.outcome is not Outcome.NOT_APPLICABLE:
            cited = {(place.item, place.locator) for place in test.evidence if place.item != SOURCES["transactions"]}
            assert cited == OWN, test


@pytest.mark.parametrize(
    ("verdicts", "bound"),
    [({}, False), ({"client": "excluded"}, False), ({"client": "possible"}, True), ({"client": "established"}, True)],
)
def test_knowledge_is_left_open_only_where_the_section_may_bind_the_client(
    verdicts: dict[str, str], bound: bool
) -> None:
    limitations = s304_manufacturer.run(facts({**GIVEN, "verdicts": verdicts})).limitations
    assert [("knowingly" in words) for words in limitations] == [True] * bound


def test_what_is_said_of_sales_cites_the_sales_that_it_is_said_of() -> None:
    made = facts({**GIVEN, "verdicts": {"client": "established"}})
    made._derived[s304_manufacturer.related] = pd.DataFrame(
        {
            "transaction": ["T-1", "T-2", "T-3", "T-4", "T-5"],
            "sale": flags([True, None, False, False, False], pd.RangeIndex(5)),
            "service": flags([False, False, None, False, False], pd.RangeIndex(5)),
        }
    )
    noted = [
        (str(test.outcome), [place.locator for place in test.evidence if place.item == SOURCES["transactions"]])
        for test in s304_manufacturer.run(made).tests
    ]
    assert noted == [("exception", ["row 1"]), ("inconclusive", ["row 1"]), ("inconclusive", ["row 3"])]


def test_a_question_that_the_clients_own_tie_hangs_on_is_put() -> None:
    entities = [
        {"entity": "client", "name": "Case Motors, Inc.", "kind": "organisation", "incorporated": "US"},
        {"entity": "qilin", "name": "Qilin", "kind": "organisation", "incorporated": "CN", "headquarters": "CN"},
    ]
    stake = {"interest": "i-1", "holder": "qilin", "subject": "client", "kind": "voting", "min": "0.3", "max": "0.3"}
    told = {key: value for key, value in GIVEN.items() if key != "owners"}
    result = s304_manufacturer.run(facts({**told, "entities": entities, "interests": stake}))
    assert [question.key for question in result.questions] == ["other_means/Case Motors, Inc."]
