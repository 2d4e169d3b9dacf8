"""What the client is asked to furnish: every evidence request with its reasons, its last day and its state, by procedure."""

from __future__ import annotations

from assessor import requests as lists
from assessor.procedures.deadlines import DUE_DAYS, requests_due
from assessor.reporting.view import Row, View, cited
from assessor.reporting.words import NOTHING, count, day, listing, refs, sentence
from assessor.requests import Request


def known(view: View) -> list[Request]:
    """The request list as the ledger has it, in the order of the work."""
    return lists.settled(lists.listed(view.results), view.ledger, view.terms)


def outstanding(view: View) -> list[Request]:
    """Those that the client still has to answer."""
    return [request for request in known(view) if request.outstanding]


def requests(view: View) -> list[Row]:
    """Evidence still to be furnished, in the order of the work."""
    return [_request(view, request) for request in outstanding(view)]


def every(view: View) -> list[Row]:
    """All requests, those that were received or withdrawn with them."""
    return [_request(view, request) for request in known(view)]


def groups(view: View) -> list[Row]:
    """All requests under the procedure that needs them first; a procedure without a request has no group."""
    found, listed = [], known(view)
    for result in view.results:
        own = [_request(view, r) for r in listed if r.procedures[0] == result.procedure]
        if own:
            found.append(
                {
                    "title": result.title,
                    "clause": cited([result.clause]),
                    "count": count(len(own), "request"),
                    "requests": own,
                }
            )
    return found


def _request(view: View, request: Request) -> Row:
    titles = {result.procedure: result.title for result in view.results}
    return {
        "id": request.id,
        "procedure": "; ".join(titles.get(name, name) for name in request.procedures),
        "what": sentence(request.what),
        "subjects": listing(request.subjects, 6) or NOTHING,
        "all_subjects": list(request.subjects),
        "clause": cited(request.clauses),
        "why": " ".join(filter(None, (reason(view, clause) for clause in request.clauses))),
        "settles": sentence(request.settles),
        "due": day(request.due),
        "state": _state(view, request),
    }


def _state(view: View, request: Request) -> str:
    """The state on the date of the report, with the reason where a person gave it one."""
    told = f"{request.standing} on {day(view.terms.dated)}"
    return f"{told}: {request.because}" if request.state in ("insufficient", "withdrawn") else told


def reason(view: View, clause: str) -> str:
    """What a clause says, in our own words; a firm's own procedure may cite one that the rule's data do not hold."""
    found = view.rule.clauses.get(clause)
    return sentence(found.statement) if found else ""


def delivery(view: View) -> Row:
    """Until when the client is asked to answer, by the terms of the engagement and not by the rule."""
    return {
        "due": day(requests_due(view.terms)),
        "evidence": refs([DUE_DAYS]),
        "count": count(len(outstanding(view)), "request"),
        "dated": day(view.terms.dated),
    }
