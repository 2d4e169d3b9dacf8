"""The programme around subpart D is told with date, source and grade, and no procedure looks at it."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import assessor.procedures
from assessor.errors import RuleError
from assessor.rule import load, reader

RULE = load()
PROCEDURES = sorted(Path(assessor.procedures.__file__).parent.glob("*.py"))
TOPICS = [
    "cfius_same_transaction",
    "no_numeric_thresholds",
    "no_payment_needed",
    "research_testing_standards",
    "foreign_subsidiaries",
    "software_used_abroad",
    "joint_development",
    "individuals",
    "employment_of_nationals",
    "macau_and_hong_kong",
    "mitigation_agreements_public",
    "no_physical_presence",
    "discretion",
    "general_authorization_1",
    "general_authorization_2",
    "general_authorization_3",
    "heavier_vehicles",
]


def mentions(source: str) -> set[str]:
    """How a module's code reaches the programme: its attribute, its data file, its module or one of its entries."""
    names = {"programme", "Neighbour", "neighbouring", "neighbours", *RULE.programme}
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value.removesuffix(".yaml"))
        elif isinstance(node, ast.alias):
            found.add(node.name.rsplit(".", 1)[-1])
    return found & names


def test_every_topic_is_an_entry() -> None:
    assert list(RULE.programme) == TOPICS


@pytest.mark.parametrize("id", TOPICS)
def test_an_entry_is_whole_dated_sourced_and_graded(id: str) -> None:
    entry = RULE.programme[id]
    assert entry.id == id and entry.title and entry.statement.endswith(".") and entry.source
    assert entry.grade in reader.GRADES
    assert date.fromisoformat(f"{entry.as_of}-01") <= date(2026, 11, 30)
    assert bool(entry.since) == bool(entry.event), "a day is a day of something"
    assert entry.asks and all(question.endswith("?") for question in entry.asks)


def test_matters_of_the_procedural_rule_carry_the_day_from_which_it_is_effective() -> None:
    days = {id: entry.since for id, entry in RULE.programme.items() if entry.event == "effective"}
    assert set(days.values()) == {date(2025, 2, 4)}
    assert {"cfius_same_transaction", "macau_and_hong_kong", "discretion"} <= set(days)


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.name)
def test_no_procedure_mentions_the_programme(path: Path) -> None:
    assert mentions(path.read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "facts.rule.programme",
        "facts.rule.data('programme')",
        "open('programme.yaml')",
        "from assessor.rule import Neighbour",
        "x = told['cfius_same_transaction']",
    ],
)
def test_a_procedure_that_used_the_programme_would_be_found(source: str) -> None:
    assert mentions(source)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"never_decides": False}, "never_decides: true"),
        ({"never_decides": None}, "never_decides: true"),
        ({"never_decides": "true"}, "never_decides: true"),
        ({"grade": "certain"}, "grade 'certain'"),
    ],
)
def test_an_entry_that_might_decide_or_has_no_known_grade_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], told: str
) -> None:
    entry = {**RULE.data("programme")["discretion"], **change}
    monkeypatch.setattr(reader, "_data", lambda name: {"discretion": entry})
    with pytest.raises(RuleError, match=told):
        reader._programme.__wrapped__()
