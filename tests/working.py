"""Working on an engagement in tests: running a part of it again, reading what came of it, changing what it stands on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from assessor import check, open_assessment
from assessor.assessment import Assessment, collect
from assessor.engagement import Engagement
from assessor.reporting.context import context
from assessor.results import Finding, ProcedureResult, Test

LEAD = {"by": "M. Okonjo", "role": "engagement lead"}
REVIEWER = {"by": "C. Merrow", "role": "quality review"}
MANAGEMENT = {"by": "R. Halloran", "role": "management"}

DRAFT: dict[str, Any] = {
    "code": "gate_open",
    "subject": "Lansing plant",
    "clauses": ["791.315(d)(3)"],
    "title": "The build server of the Lansing plant stands open",
    "severity": "medium",
    "criteria": "Controls operate as the policy states them.",
    "condition": "Whoever is in the plant can sign in to the build server.",
    "cause": "The policy names no owner of the server.",
    "effect": "Software can be changed unseen.",
    "evidence": ["E-0033 page 1", "E-0028"],
    "recommendations": [{"text": "Name an owner.", "addresses": "cause", "transactions": "all of Tern"}],
}
"""A finding that an assessor might draft."""


def again(engagement: Engagement, *procedures: str) -> dict[str, ProcedureResult]:
    """Perform procedures again or, when none is named, take the last step alone; the results by name."""
    assessment = open_assessment(engagement.root)
    for name in procedures:
        assessment.perform(name)
    if not procedures:
        collect(assessment)
    return {result.procedure: result for result in assessment.results()}


def results(engagement: Engagement) -> dict[str, ProcedureResult]:
    return {result.procedure: result for result in open_assessment(engagement.root).results()}


def the_test(result: ProcedureResult, subject: str, clause: str = "") -> Test:
    [found] = [test for test in result.tests if test.subject == subject and test.clause.startswith(clause)]
    return found


def finding(engagement: Engagement, key: str) -> Finding:
    [found] = [f for result in results(engagement).values() for f in result.findings if f.key == key]
    return found


def checked(engagement: Engagement, code: str) -> list[str]:
    """The places at which the check tells of a code."""
    return [problem["place"] for problem in check.check(engagement)["problems"] if problem["code"] == code]


def messages(engagement: Engagement, code: str) -> list[str]:
    """What the check says under a code."""
    return [problem["message"] for problem in check.check(engagement)["problems"] if problem["code"] == code]


def report_context(engagement: Engagement) -> dict[str, Any]:
    """What the report would show."""
    assessment = Assessment(engagement)
    facts = assessment.facts
    told = (assessment.terms, assessment.rule, assessment.results(), facts.register, facts.tables, facts.ledger)
    return dict(context(*told))


def reword_terms(engagement: Engagement, old: str, new: str) -> None:
    text = engagement.terms_file.read_text("utf-8")
    assert old in text
    engagement.terms_file.write_text(text.replace(old, new), "utf-8")


def in_register(engagement: Engagement, item: str, **values: Any) -> None:
    """Change what the register says of an item."""
    rows = [json.loads(line) for line in engagement.register.read_text("utf-8").splitlines()]
    [row] = [row for row in rows if row["id"] == item]
    row.update(values)
    engagement.register.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")


def in_result(engagement: Engagement, procedure: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the stored result of a procedure."""
    path = engagement.results / f"{procedure}.json"
    told = json.loads(path.read_text("utf-8"))
    change(told)
    path.write_text(json.dumps(told), "utf-8")


def workpaper(engagement: Engagement, name: str = "02_scope", text: str = "one") -> None:
    """Write an executed workpaper."""
    engagement.workpapers.mkdir(exist_ok=True)
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": [text]}
    told = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (engagement.workpapers / f"{name}.ipynb").write_text(json.dumps(told), "utf-8")
