"""The cases of `tests/cases/s301_scope.yaml`, frequencies and groups of parts, and what questions on components show."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from assessor.procedures import s301_scope, scope_hardware
from assessor.results import Question
from assessor.rule import load
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
    (first,) = _questions(given, "maintenance_happened")
    assert [row["version"] for row in first.facts["history"]] == ["1", "2"]
    assert first.facts["maintainers"] == ["Homeland (address in the supplier list: US)"]
    assert first.facts["delivered"] == [f"version {v}, 2026-05-11T08:00:00Z, no digest" for v in ("1", "2")]
    assert first.facts["change log"] == ["CH-1: two languages added"]
    assert first.facts["interviews"] == ["T. Brandl, 2026-10-07: The last change of tq was in May."]
    given["answers"] = {**given["answers"], "maintenance_happened/tq": "yes"}
    (then,) = _questions(given, "maintainer")
    assert then.facts_digest == first.facts_digest


def _questions(given: dict[str, Any], id: str) -> list[Any]:
    return [question for question in s301_scope.run(facts(given)).questions if question.id == id]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("433.92", ["433.92"]),
        ("; 433.92; ; 2.4 GHz", ["433.92", "2400"]),
        ("2402-2480", ["2402", "2480"]),
        ("2.4-2.4835 GHz", ["2400", "2483.5"]),
        ("125 kHz to 13.56 MHz", ["0.125", "13.56"]),
        ("band 433.92 and 868", ["433.92", "868"]),
        ("433,92", None),
        (";", None),
        ("about 433", ["433"]),
    ],
)
def test_frequencies_are_read_in_megahertz_or_not_at_all(text: str, found: list[str] | None) -> None:
    bands = scope_hardware.megahertz(text)
    assert (None if bands is None else list(dict.fromkeys(bands))) == (
        None if found is None else [Decimal(number) for number in found]
    )


def test_every_group_of_parts_is_reached_by_some_of_its_words() -> None:
    groups = [*load().data("hardware_parts"), scope_hardware.UNCLASSIFIED]
    for number, group in enumerate(groups[:-1]):
        words = [word.removeprefix("=") for word in group["words"]]
        parts = pd.DataFrame(dict.fromkeys(("type", "name", "description"), words), dtype="string[pyarrow]")
        assert number in scope_hardware.triage(groups, parts), group["group"]


def test_a_question_on_parts_shows_their_names_and_frequencies_and_how_many_they_are() -> None:
    parts = [{"name": f"U{number:02d}", "frequency_mhz": f"{500 + number}"} for number in range(25)]
    question = _asked("vcs_hardware_part", [*parts, {"name": "U00"}, {"frequency_mhz": None}], "hardware", "MCU")
    assert question.facts["parts"] == 27
    assert question.facts["names"] == [f"U{number:02d}" for number in range(20)]
    assert question.facts["frequencies"] == [f"{500 + number}" for number in range(20)]


def test_a_question_on_software_shows_what_the_documents_say_of_its_name() -> None:
    rows = [{"version": f"1.{number:02d}", "supplier": "Nordwind"} for number in range(25)]
    others = [{"version": None, "supplier": "Arctic", "license": "MIT"}, {"type": "library", "license": "Zlib"}]
    told = {"name": "mqtt", "license_class": "open_source", "modified": True}
    question = _asked("modified_not_shared", [told | row for row in [*rows, *others]], "software", None)
    assert question.facts == {
        "component": "mqtt",
        "items": ["Unit"],
        "versions": [f"1.{number:02d}" for number in range(20)],
        "suppliers": ["Arctic", "Nordwind"],
        "types": ["library"],
        "licences": ["MIT", "Zlib"],
    }


def _asked(id: str, components: list[dict[str, Any]], medium: str, kind: str | None) -> Question:
    made = facts(
        {
            "components": components,
            "owners": {name: {"prc_russia": "excluded", "foreign_interest": True} for name in ("Nordwind", "Arctic")},
            "answers": {"directly_enables/Unit": "yes", "primary_processing_unit/Unit": "yes"},
        },
        {"components": {"item": "Unit", "medium": medium} | ({"type": kind} if kind else {})},
    )
    return next(question for question in s301_scope.run(made).questions if question.id == id)
