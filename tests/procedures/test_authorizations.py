"""Parts of the procedures on authorizations that a case cannot show: texts of findings, facts shown, spellings of numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from assessor.procedures import (
    authorization_conditions,
    authorization_report,
    authorization_setting,
    authorization_versions,
    exposure,
    s306_general_authorizations,
    s307_specific_authorizations,
)
from assessor.results import Determination
from tests.cases import runner


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("General Authorization No. 1", 1),
        ("General Authorisation 1", 1),
        ("general authorization number 12", 12),
        ("GA 1", 1),
        ("GA-1", 1),
        ("ＧＡ１", 1),
        ("GA No. 3", 3),
        ("GA-01", None),
        ("GA-1a", None),
        ("GA-1 as amended", None),
        ("General Authorization", None),
        ("SA-1", None),
        ("MEGA-1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_general_authorization_is_known_by_its_exact_number(written: str | None, number: int | None) -> None:
    assert authorization_versions.general_number(written) == number


def test_every_test_of_a_condition_has_its_parameters() -> None:
    assert set(authorization_setting.PARAMETERS) == {*authorization_conditions.TESTS, "ask"}
    assert set(authorization_setting.NEEDED) <= set(authorization_conditions.TESTS)
    own = {test for tests in authorization_report.PARAGRAPHS.values() for test in tests}
    assert own <= set(authorization_conditions.TESTS)


@pytest.mark.parametrize(
    ("test", "parameters", "told"),
    [
        ("public_road_days_at_most", {"days": 30, "within_months": 12}, ""),
        ("public_road_days_at_most", {"days": 0}, ""),
        ("public_road_days_at_most", {"days": -1}, "whole number of days"),
        ("public_road_days_at_most", {"days": True}, "whole number of days"),
        ("public_road_days_at_most", {"days": 30, "within_months": 0}, "whole number of months"),
        ("exported_by_end", {"by": date(2026, 9, 30)}, ""),
        ("exported_by_end", {"by": "2026-09-30"}, ""),
        ("exported_by_end", {"by": "soon"}, "a date such as"),
        ("exported_by_end", {"within_days": 30}, ""),
        ("report_within_days_of_quarter_end", {"days": 30, "first": "2026-Q3"}, ""),
        ("report_within_days_of_quarter_end", {"days": 30, "first": "autumn"}, "a quarter such as"),
        ("review_before_each", {"per": "line"}, ""),
        ("review_before_each", {"per": "week"}, "transaction, vin, entry, line or date"),
        ("lines_only", {"lines": "Tern"}, "a list of names"),
        ("lines_only", {"lines": []}, "a list of names"),
        ("not_sold", {"days": 3}, "has no parameter 'days'"),
        ("ask", {}, ""),
        ("guess", {}, "there is no test 'guess'"),
    ],
)
def test_a_test_that_cannot_be_made_says_why(test: str, parameters: dict[str, Any], told: str) -> None:
    found = authorization_setting.unusable(test, parameters)
    assert told in found if told else found == ""


def _general(test: str, **parameters: Any) -> dict[str, Any]:
    return {
        "authorizations": {"authorization": "GA-8", "kind": "general", "issued": date(2026, 4, 1)},
        "authorization_conditions": {"authorization": "GA-8", "condition": "1", "text": "A condition."},
        "authorization_events": {
            "authorization": "GA-8", "event": "public_road_day", "quantity": 31, "subject": "V", "date": date(2026, 5, 1),
        },
        "transactions": {
            "transaction": "T-1", "kind": "vehicle_import", "vin": "V", "date": date(2026, 5, 1), "authorization": "GA-8",
            "foreign_trade_zone": False,
        },
        "verdicts": {"client": "excluded"},
        "terms": {"authorizations": [{"number": "GA-8", "conditions": [{"condition": "1", "test": test, **parameters}]}]},
    }  # fmt: skip


def test_a_report_that_was_not_filed_may_nullify_a_general_authorization_and_says_so() -> None:
    result = s306_general_authorizations.run(runner.facts(_general("report_within_days_of_quarter_end", days=30)))
    (found,) = [f for f in result.findings if f.code == "outside_conditions"]
    assert "Failure to file as the authorization instructs may nullify it (§791.306(d))" in found.effect
    assert found.clauses == ("791.306(d)", "791.306(a)")


def test_a_condition_that_asks_for_no_report_is_tested_under_the_conditions() -> None:
    result = s306_general_authorizations.run(runner.facts(_general("public_road_days_at_most", days=30)))
    (found,) = [f for f in result.findings if f.code == "outside_conditions"]
    assert found.clauses == ("791.306(a)",)
    assert "may nullify it (§791.306(d))" in found.effect and "Failure to file" not in found.effect


def test_a_report_that_was_not_filed_under_a_specific_authorization_cites_its_paragraph_and_nullifies_nothing() -> None:
    given = _general("report_within_days_of_quarter_end", days=30)
    for name in ("authorizations", "authorization_conditions", "authorization_events", "transactions"):
        given[name] |= {"authorization": "SA-1"}
    given["authorizations"] |= {"kind": "specific"}
    given["terms"]["authorizations"][0]["number"] = "SA-1"
    del given["verdicts"]
    result = s307_specific_authorizations.run(runner.facts(given))
    (found,) = [f for f in result.findings if f.code == "condition_not_met"]
    assert found.clauses == ("791.307(n)", "791.307(i)(1)(iii)")
    assert "nullify" not in found.effect


def _application(**interest: Any) -> dict[str, Any]:
    result = s307_specific_authorizations.run(
        runner.facts(
            {
                "applications": {
                    "application": "APP-1", "authorization": "SA-1", "submitted": date(2026, 3, 2),
                    "parties": "Osprey Ltd (LEI 529900)", "owners": "Owned by Nest Holding",
                },
                "entities": [
                    {"entity": e, "name": n, "kind": "organisation"}
                    for e, n in (("o", "Osprey Ltd"), ("n", "Nest Holding"), ("r", "Rook Fund"))
                ],
                "interests": [
                    {"interest": "1", "holder": "n", "subject": "o", "kind": "shareholding", "min": "1", "max": "1"},
                    {"interest": "2", "holder": "r", "subject": "n", "kind": "shareholding", "min": "0.3", **interest},
                ],
            }
        )
    )  # fmt: skip
    (question,) = [q for q in result.questions if q.id == "application_statement"]
    return question.facts


def test_holders_above_a_party_that_the_application_does_not_name_are_shown() -> None:
    shown = _application()
    assert shown["holders that the application does not name"] == ["Rook Fund"]
    assert [told.split(":")[0] for told in shown["ownership by the evidence"]] == ["Nest Holding", "Rook Fund"]


@pytest.mark.parametrize(
    ("interest", "shown"),
    [
        ({"start": date(2026, 3, 2)}, ["Rook Fund"]),
        ({"start": date(2026, 3, 3)}, []),
        ({"end": date(2026, 3, 2)}, ["Rook Fund"]),
        ({"end": date(2026, 3, 1)}, []),
    ],
)
def test_what_was_held_on_the_day_of_the_application_is_compared_and_no_later_change(
    interest: dict[str, Any], shown: list[str]
) -> None:
    assert _application(**interest)["holders that the application does not name"] == shown


@pytest.mark.parametrize("number", ["GA-7", "SA-7"])
def test_without_the_letter_of_a_claimed_authorization_it_is_open_whether_a_transaction_is_authorised(
    number: str,
) -> None:
    given = {
        "transactions": [
            {"transaction": "T-1", "kind": "vehicle_import", "foreign_trade_zone": False, "authorization": number},
            {"transaction": "T-2", "kind": "vehicle_import", "foreign_trade_zone": False},
        ],
        "verdicts": {"client": "excluded"},
    }
    supplier = exposure.Supplier("Osprey Ltd", ("Osprey Ltd",), Determination.ESTABLISHED, "3", False, "", None)
    held = exposure.authorised(runner.facts(given), supplier)
    assert [None if value is pd.NA else bool(value) for value in held] == [None, False]


def test_the_points_of_a_known_authorization_are_shown_with_source_and_grade_and_no_lead_is() -> None:
    given = _general("not_sold")
    for name in ("authorizations", "authorization_conditions", "transactions"):
        given[name] |= {"authorization": "GA-1"}
    facts = runner.facts(given)
    result = s306_general_authorizations.run(facts)
    (question,) = [q for q in result.questions if q.id == "authorization_eligible"]
    known = facts.rule.authorizations[1].eligibility
    assert question.facts["points"] == [f"{p.asks} ({p.source}; {p.grade})" for p in known]
    assert question.facts["conditions"] == ["A condition."]
    shown = repr(question.facts)
    assert not [lead for lead in facts.rule.reported_conditions if lead.statement in shown]
