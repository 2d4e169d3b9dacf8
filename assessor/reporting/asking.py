"""What the client is asked to furnish: every evidence request with its reason, its last day and its state, by procedure."""

from __future__ import annotations

from assessor.procedures.deadlines import DUE_DAYS, requests_due
from assessor.reporting.view import Row, View, cited
from assessor.reporting.words import NOTHING, count, day, listing, refs, sentence
from assessor.results import EvidenceRequest


def requests(view: View) -> list[Row]:
    """Evidence still to be furnished: the client's request list, in the order of the work."""
    return [row for group in groups(view) for row in group["requests"]]


def groups(view: View) -> list[Row]:
    """The same requests under the procedure that needs them; a procedure without a request has no group."""
    return [
        {
            "title": result.title,
            "clause": cited([result.clause]),
            "count": count(len(result.requests), "request"),
            "requests": [_request(view, request, result.title) for request in result.requests],
        }
        for result in view.results
        if result.requests
    ]


def _request(view: View, request: EvidenceRequest, title: str) -> Row:
    return {
        "id": request.id or request.code,
        "procedure": title,
        "what": sentence(request.what),
        "subjects": listing(request.subjects, 6) or NOTHING,
        "all_subjects": list(request.subjects),
        "clause": cited([request.clause]),
        "why": reason(view, request.clause),
        "settles": sentence(request.settles),
        "due": day(requests_due(view.terms)),
        "state": f"open on {day(view.terms.dated)}",
    }


def reason(view: View, clause: str) -> str:
    """What a clause says, in our own words; a firm's own procedure may cite one that the rule's data do not hold."""
    found = view.rule.clauses.get(clause)
    return sentence(found.statement) if found else ""


def delivery(view: View) -> Row:
    """Until when the client is asked to answer, by the terms of the engagement and not by the rule."""
    return {
        "due": day(requests_due(view.terms)),
        "evidence": refs([DUE_DAYS]),
        "count": count(sum(len(result.requests) for result in view.results), "request"),
        "dated": day(view.terms.dated),
    }
