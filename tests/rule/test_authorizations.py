"""General authorizations are dated, sourced and graded data; what is reported of their conditions decides nothing."""

from __future__ import annotations

import ast
import dataclasses
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import assessor.procedures
from assessor.errors import RuleError
from assessor.rule import GeneralAuthorization, authorizations, load, reader

RULE = load()
GRADES = (*reader.GRADES, authorizations.TEXT_OF_THE_RULE)
PROCEDURES = sorted(Path(assessor.procedures.__file__).parent.glob("*.py"))


def test_three_authorizations_are_known_and_the_first_has_an_amendment_without_a_known_day() -> None:
    assert {n: [v.known for v in a.versions] for n, a in RULE.authorizations.items()} == {
        1: ["2025-06-11", "2026"],
        2: ["2025-06-11"],
        3: ["2026-06-18"],
    }
    amended = RULE.authorizations[1].versions[1]
    assert (amended.earliest, amended.latest) == (date(2026, 1, 1), date(2026, 12, 31))


def test_the_letter_of_an_announced_version_may_be_older_than_its_announcement() -> None:
    announced = RULE.authorizations[2].versions[0]
    assert announced.event == "announced"
    assert announced.earliest < date(2025, 6, 10) < announced.latest == date(2025, 6, 11)
    assert RULE.authorizations[3].versions[0].earliest == date(2026, 6, 18)


def test_no_letter_has_been_read_so_no_digest_is_known() -> None:
    assert {v.letter_sha256 for a in RULE.authorizations.values() for v in a.versions} == {None}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_authorization_is_whole_sourced_and_graded(number: int) -> None:
    known = RULE.authorizations[number]
    assert known.number == number and known.title and known.versions
    for version in known.versions:
        assert version.source and version.grade in reader.GRADES
        assert date.fromisoformat(f"{version.as_of}-01") <= date(2026, 11, 30)
        assert version.earliest <= version.latest
    for point in known.eligibility:
        assert point.asks.endswith("?") and point.source and point.grade in GRADES
    bars = {point.source for point in known.eligibility if point.grade == authorizations.TEXT_OF_THE_RULE}
    assert {"§791.306(g)(1)", "§791.306(g)(2)"} <= bars


def test_what_a_procedure_sees_of_an_authorization_holds_no_condition() -> None:
    assert {f.name for f in dataclasses.fields(GeneralAuthorization)} == {"number", "title", "versions", "eligibility"}
    seen = repr(RULE.authorizations)
    assert RULE.reported_conditions
    for lead in RULE.reported_conditions:
        assert lead.statement not in seen


def test_points_of_eligibility_come_from_no_weak_source() -> None:
    weak = {"weak secondary source", "unconfirmed"}
    assert not {p.grade for a in RULE.authorizations.values() for p in a.eligibility} & weak


def test_a_lead_of_a_weak_source_is_marked_as_unconfirmed_and_no_other_is() -> None:
    assert any(lead.unconfirmed for lead in RULE.reported_conditions)
    for lead in RULE.reported_conditions:
        assert lead.unconfirmed == (lead.grade in ("weak secondary source", "unconfirmed"))
        assert lead.version in {v.known for v in RULE.authorizations[lead.number].versions}


def mentions(source: str) -> set[str]:
    """How a module's code reaches leads on conditions: the reader's attribute, the class, or the raw file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "reported_conditions":
            found.add(node.attr)
        elif isinstance(node, ast.alias) and node.name.rsplit(".", 1)[-1] == "Lead":
            found.add("Lead")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "data":
            found |= {str(a.value) for a in node.args if isinstance(a, ast.Constant) and a.value == "authorizations"}
        elif isinstance(node, ast.Constant) and node.value == "authorizations.yaml":
            found.add("authorizations.yaml")
    return found


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.name)
def test_no_procedure_looks_at_what_is_reported_of_conditions(path: Path) -> None:
    assert mentions(path.read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "facts.rule.reported_conditions",
        "facts.rule.data('authorizations')",
        "from assessor.rule import Lead",
        "open('authorizations.yaml')",
    ],
)
def test_a_procedure_that_did_would_be_found(source: str) -> None:
    assert mentions(source)


def _lead(entry: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = entry["versions"][1]["reported"][0]
    return told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda e: _lead(e).pop("never_decides"), "never_decides: true"),
        (lambda e: _lead(e).update(never_decides="true"), "never_decides: true"),
        (lambda e: _lead(e).update(test="public_road_days_at_most", days=30), "only the assessor assigns a test"),
        (lambda e: _lead(e).update(grade="certain"), "grade 'certain'"),
        (lambda e: _lead(e).update(grade="text of the rule"), "states no condition of a letter"),
        (lambda e: e["versions"][0].update(grade="hearsay"), "grade 'hearsay'"),
        (lambda e: e["versions"][1].update(since="summer 2026"), "summer 2026"),
        (lambda e: e["versions"][1].update(since="2026-13"), "no day"),
        (lambda e: e["versions"].reverse(), "oldest first"),
        (lambda e: e["versions"][0]["published"][0].update(where="press"), "'press'"),
        (lambda e: e["eligibility"][0].update(grade="certain"), "grade 'certain'"),
    ],
)
def test_an_entry_that_might_decide_or_is_out_of_order_is_refused(change: Any, told: str) -> None:
    entry = deepcopy(RULE.data("authorizations")[1])
    change(entry)
    with pytest.raises(RuleError, match=told):
        authorizations.read({1: entry}, GRADES)


@pytest.mark.parametrize(
    ("since", "first", "last"),
    [
        (date(2026, 6, 18), date(2026, 6, 18), date(2026, 6, 18)),
        ("2026-06", date(2026, 6, 1), date(2026, 6, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_that_is_not_known_stays_a_span(since: Any, first: date, last: date) -> None:
    entry = deepcopy(RULE.data("authorizations")[3])
    entry["versions"][0].update(since=since, event="dated")
    version = authorizations.read({3: entry}, GRADES)[0][3].versions[0]
    assert (version.earliest, version.latest) == (first, last)
