"""The cases of `tests/cases/s308_exemptions.yaml`, and what the results ask for and limit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assessor.procedures import s308_exemptions
from tests.cases.runner import cases, check, facts


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s308_exemptions.yaml"))
def test_case(procedure: str, defaults: dict[str, Any], case: dict[str, Any]) -> None:
    check(procedure, defaults, case)


def test_what_is_missing_is_asked_for_by_line_and_kind_and_what_is_not_exempt_has_no_row() -> None:
    result = s308_exemptions.run(
        facts(
            {
                "transactions": [
                    {"kind": "vehicle_sale", "line": "Wren"},
                    {"kind": "vehicle_sale", "line": "Kite", "model_year": 2027},
                    {"kind": "hardware_import", "line": "Tern", "tied_to_model_year": False, "for_repair": False},
                    {"kind": "hardware_import", "line": "Tern", "tied_to_model_year": False, "for_repair": False},
                ]
            }
        )
    )
    assert {(tuple(request.subjects), request.what) for request in result.requests} == {
        (("Wren",), "For 1 vehicle sale: model year."),
        (("Tern",), "For 2 hardware imports: date of import."),
    }
    assert {row["line"] for row in result.tables["exemptions"]} == {"Wren", "Tern"}


@pytest.mark.parametrize(
    ("periods", "lines"),
    [
        ([(date(2025, 7, 1), date(2026, 6, 30))], None),
        ([(date(2025, 7, 1), None)], "1 vehicle line"),
        ([(None, date(2026, 6, 30))], "1 vehicle line"),
        ([(None, None), (date(2025, 7, 1), date(2026, 6, 30)), (None, date(2026, 6, 30))], "2 vehicle lines"),
    ],
)
def test_lines_whose_production_period_is_not_in_evidence_are_a_limitation(
    periods: list[tuple[date | None, date | None]], lines: str | None
) -> None:
    vehicles = [
        {"line": f"line {number}", "production_start": start, "production_end": end}
        for number, (start, end) in enumerate(periods)
    ]
    limitations = s308_exemptions.run(facts({"vehicles": vehicles})).limitations
    assert [words.split(" the ")[0] for words in limitations] == ([f"For {lines}"] if lines else [])
