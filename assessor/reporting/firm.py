"""The assessor: qualification, ownership, independence and the acknowledgement of §791.315(b) and (c)(4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessor.reporting.view import OWN_TERMS, Row, View, cited
from assessor.reporting.words import either, listing, outcome, percent, plain, refs, sentence
from assessor.rule import Rule


def assessor(view: View) -> Row:
    """Who assessed: the firm, the team, its owners, independence and the acknowledgement (§791.315(b), (c)(4))."""
    firm, independence = view.terms.firm, view.terms.independence
    name = str(firm["name"])
    team = [
        {"name": plain(m["name"]), "role": plain(m["role"]), "qualifications": plain(m.get("qualifications", []))}
        for m in view.terms.team
    ]
    owners = [
        {
            "name": plain(o.get("name")),
            "kind": plain(o.get("kind")),
            "country": plain(_country(view.rule, o.get("country") or o.get("citizenship") or o.get("us_status"))),
            "share": percent(o.get("share")),
        }
        for o in firm.get("owners", [])
    ]
    tests = [
        {
            "clause": cited([t.clause]),
            "subject": t.subject,
            "outcome": outcome(t.outcome),
            "reason": sentence(t.reason),
            "evidence": refs(t.evidence) or OWN_TERMS,
        }
        for r in view.results
        if r.procedure == "s315_assessor"
        for t in r.tests
    ]
    places = {
        "is incorporated or organised in": "incorporated",
        "has its headquarters in": "headquarters",
        "has its principal place of business in": "principal_place",
    }
    seated = [f"{words} {_country(view.rule, firm[key])}" for words, key in places.items() if firm.get(key)]
    acknowledged = firm.get("acknowledges_government_use")
    return {
        "firm": name,
        "address": plain(firm.get("address")),
        "certifications": plain(firm.get("certifications", [])),
        "seat": f"{name} {listing(seated)}."
        if seated
        else f"{name} has not stated where it is organised and has its seat.",
        "team": team,
        "owners": owners,
        "tests": tests,
        "independence": _independence(independence),
        "statement": sentence(independence.get("statement")) or "The firm made no statement of independence.",
        "acknowledgement": f"{name} acknowledges that this assessment may be used by the U.S. government to verify compliance."
        if acknowledged is True
        else f"{name} has not acknowledged that this assessment may be used by the U.S. government to verify compliance; §791.315(c)(4) asks for it.",
    }


def _country(rule: Rule, told: Any) -> str:
    code = rule.country(told) if isinstance(told, str) else None
    if code is None:
        return plain(told)
    known = rule.country_name(code)
    return f"the {known}" if known.startswith("United ") else known


def _independence(told: Mapping[str, Any]) -> list[Row]:
    def listed(key: str, nothing: str) -> str:
        if key not in told:
            return "Not stated."
        return sentence("; ".join(map(str, told[key]))) or nothing

    said = {
        "Basis of the fee": sentence(told.get("fee_basis")) or "Not stated.",
        "Amount of the fee": sentence(plain(told["fee"])) if told.get("fee") else "Not stated.",
        "Fee depends on the result": either(told.get("contingent"), "Yes, wholly or in part.", "No.", "Not stated."),
        "Other services to the client": listed("other_services", "No other services."),
        "Financial interests between the firm and the client": listed("financial_interests", "No financial interests."),
    }
    return [{"topic": topic, "statement": statement} for topic, statement in said.items()]
