"""Findings by their elements, recommendations for each transaction, and what management says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessor import judged
from assessor.engagement import Terms
from assessor.reporting.view import OWN_TERMS, Row, View, cited
from assessor.reporting.words import NOT_STATED, count, day, either, listing, natural, plain, refs, sentence
from assessor.results import SEVERITIES, Finding

CHANGED_SINCE = "The finding has changed since; management has not yet responded to it as it is now."
"""Of a response to a finding that was another then."""


def findings(view: View, procedures: tuple[str, ...] = ()) -> list[Row]:
    """Findings by their elements, in order of their numbers, with recommendations and management's response."""
    applicable = _applicable(view)
    return [
        _finding(view, finding, applicable)
        for finding in view.findings
        if not procedures or finding.procedure in procedures
    ]


def by_severity(view: View) -> list[Row]:
    """The findings under their severity, gravest first; a severity without a finding has no entry."""
    listed = findings(view)
    return [
        {
            "severity": severity,
            "count": count(len(held), "finding"),
            "findings": held,
        }
        for severity in SEVERITIES
        if (held := [row for row in listed if row["severity"] == severity])
    ]


def _applicable(view: View) -> dict[str, str]:
    """To which transactions each finding's recommendations are applicable, by key of the finding, as the last step found; a
    finding that names its transactions says so itself."""
    return {row["finding"]: str(row["applicable"]) for row in view.rows_of("recommendations", "s315_recommendations")}


def _scope(finding: Finding, stated: str, applicable: Mapping[str, str]) -> str:
    """A recommendation's transactions as stated, and what follows for those in evidence."""
    told = "" if finding.transactions else applicable.get(finding.key, "")
    return f"{sentence(stated or _transactions(finding))} {sentence(told)}".strip()


def _finding(view: View, finding: Finding, applicable: Mapping[str, str]) -> Row:
    absent = {name: sentence(why) for name, why in finding.absent.items()}
    response = next((r for r in view.terms.responses if r.get("finding") == finding.key), None)
    return {
        "id": finding.id or finding.code,
        "title": finding.title,
        "subject": finding.subject,
        "clauses": cited(finding.clauses),
        "severity": finding.severity,
        **{
            name: sentence(getattr(finding, name)) or absent.get(name) or "Not determined."
            for name in ("criteria", "condition", "cause", "effect")
        },
        "evidence": refs(finding.evidence),
        "evidence_short": refs(finding.evidence, 1),
        "transactions": _transactions(finding),
        "recommendations": [
            {
                "text": sentence(r.text),
                "addresses": f"Addresses the {r.addresses}.",
                "transactions": _scope(finding, r.transactions, applicable),
            }
            for r in finding.recommendations
        ],
        "no_recommendation": absent.get("recommendations") or "No recommendation is made.",
        "response": _response(view.terms, finding, response),
    }


def _transactions(finding: Finding) -> str:
    listed = sorted(finding.transactions, key=natural)
    if not listed:
        return "No single transaction is concerned."
    return f"{count(len(listed), 'transaction')}: {listing(listed, 6)}."


def _response(terms: Terms, finding: Finding, response: Mapping[str, Any] | None) -> str:
    if response is None:
        return f"No management response was received by {day(terms.dated)}."
    agrees = either(response.get("agrees"), "Management agrees", "Management disagrees", "Management responds")
    who = f" ({plain(response['by'])}, {day(response.get('date'))})" if response.get("by") else ""
    return f"{agrees}{who}: {said(response, finding)} {OWN_TERMS}"


def said(response: Mapping[str, Any], finding: Finding | None) -> str:
    """What management said of a finding, and that the finding has changed since, where it has."""
    since = "" if finding is None or not judged.outlived(response, finding) else f" {CHANGED_SINCE}"
    return f"{plain(response.get('text'))}{since}"


def recommendations(view: View) -> list[Row]:
    """Every recommendation with the transactions to which it applies (§791.315(d)(5))."""
    applicable = _applicable(view)
    return [
        {
            "finding": finding.id or finding.code,
            "subject": finding.subject,
            "text": sentence(r.text),
            "addresses": r.addresses,
            "transactions": _scope(finding, r.transactions, applicable),
            "evidence": refs(finding.evidence, 1),
        }
        for finding in view.findings
        for r in finding.recommendations
    ]


def responses(view: View) -> list[Row]:
    """Management's responses, with the finding that each is about; disagreements first."""
    by_key = {finding.key: finding for finding in view.findings}
    told = [
        {
            "finding": by_key[r["finding"]].id if r["finding"] in by_key else str(r["finding"]),
            "by": plain(r.get("by")),
            "date": day(r.get("date")),
            "agrees": either(r.get("agrees"), "agrees", "disagrees", NOT_STATED),
            "text": said(r, by_key.get(r["finding"])),
        }
        for r in view.terms.responses
    ]
    return sorted(told, key=lambda row: (row["agrees"] != "disagrees", natural(row["finding"])))
