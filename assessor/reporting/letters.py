"""What the letters and forms beside the assessment print, as plain data: one part of the context for each of them."""

from __future__ import annotations

from assessor.reporting import asking, confidential, confirmations, findings, opinion_request, supplier_forms
from assessor.reporting.view import Row, View
from assessor.reporting.words import day, listing


def letters(view: View) -> Row:
    """The parts by name; same inputs give the same data."""
    return {
        "requests": asking.requests(view),
        "request_groups": asking.groups(view),
        "delivery": asking.delivery(view),
        "findings_by_severity": findings.by_severity(view),
        "supplier_forms": supplier_forms.forms(view),
        "confirmations": confirmations.confirmations(view),
        "unassigned_changes": confirmations.unassigned(view),
        "advisory_opinion": opinion_request.dossier(view),
        "confidential": confidential.claims(view),
    }


def rule(view: View) -> Row:
    """The version of the rule, with its words, days and countries as in force on the date of the report."""
    on = view.terms.dated
    countries = {
        name: listing(sorted(view.rule.country_name(code) for code in view.rule.countries(name, on)))
        for name in ("prc_russia", "foreign_adversaries")
    }
    return {
        "version": day(view.terms.rule_version),
        "citation": view.rule.citation,
        **countries,
        "legacy_line": day(view.rule.constant("legacy_line", on)),
        "revision_days": str(view.rule.constant("revised_declaration_days", on)),
        "record_years": str(view.rule.constant("record_years", on)),
    }
