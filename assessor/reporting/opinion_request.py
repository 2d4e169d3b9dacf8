"""A request for an advisory opinion (§791.310(a), (c)): what the file already holds for each point, and what is missing.

Which prospective transaction is asked about, and what the request says of it, is for the client to decide; nothing here decides it.
"""

from __future__ import annotations

from assessor.procedures.s310_opinions import CONTENTS
from assessor.reporting import asking, conclusions, supply
from assessor.reporting.findings import said
from assessor.reporting.view import OWN_TERMS, Row, View, cited, place
from assessor.reporting.words import NOT_STATED, day, listing, missing, natural, outcome, plain, refs, sentence

_LEFT_OPEN = ("established", "possible")
_OTHER = "791.310(c)(7)"
_ON_WHICH = ("791.301", "791.302", "791.303", "791.304", "791.308")
"""Definitions, prohibitions and exemptions: what decides whether a transaction is subject to a prohibition."""
_KNOWLEDGE = "791.301 knowingly"
_BY_OWNER = {
    "791.310(c)(3)": "registered names, addresses and owners of every party to the transaction itself",
    "791.310(c)(4)": "specifications, drawings or descriptive literature of the articles of this transaction",
    _OTHER: "whatever else the submitter holds to be material",
}
"""What only the submitter can say, by paragraph; it is missing whatever the file holds."""


def dossier(view: View) -> Row:
    """The points of §791.310(c) with what the file holds, points that an opinion may settle, and earlier requests."""
    return {
        "points": [_point(view, clause) for clause in (*CONTENTS, _OTHER)],
        "days": str(view.rule.constant("advisory_opinion_days", view.terms.dated)),
        "candidates": _candidates(view),
        "opinions": [_opinion(view, row) for row in view.records("opinions")],
        "representations": [
            {
                "statement": plain(row.get("statement")),
                "by": plain(row.get("signer")),
                "date": day(row.get("date")),
                "evidence": place(row),
            }
            for row in view.records("representations")
            if "opinion" in plain(row.get("topic")).casefold()
        ],
    }


def _point(view: View, clause: str) -> Row:
    role, columns = CONTENTS.get(clause, ("", {}))
    held, lacking = _HELD[clause](view)
    open_ = [words for column, words in columns.items() if column in lacking]
    if clause in _BY_OWNER:
        open_ = [*open_, _BY_OWNER[clause]]
    found = view.rule.clauses[clause]
    return {
        "clause": cited([clause]),
        "title": found.title.removeprefix("Request: ").capitalize(),
        "asks": sentence(found.statement),
        "applies": "yes"
        if not role or role in view.terms.client.get("roles", [])
        else f"no: only where the client is a {plain(role)}",
        "held": held,
        "missing": sentence(listing(open_).capitalize())
        if open_
        else "Nothing that the rule names; to be checked by the submitter.",
    }


def _told(text: str, evidence: str) -> Row:
    return {"text": sentence(text), "evidence": evidence}


def _submitter(view: View) -> tuple[list[Row], set[str]]:
    """The client's contact by the terms, and the contacts that its declarations name."""
    held: list[Row] = []
    contact = view.terms.client.get("contact")
    if contact:
        held.append(_told(f"Contact of the client by the terms: {plain(contact)}", OWN_TERMS))
    lacking = set(CONTENTS["791.310(c)(1)"][1])
    if contact:
        lacking.discard("submitter")
    for row in view.records("declarations"):
        told = [
            plain(row[key]) for key in ("contact_name", "contact_email", "contact_phone") if not missing(row.get(key))
        ]
        if told:
            held.append(
                _told(f"Point of contact of declaration {plain(row.get('declaration'))}: {listing(told)}", place(row))
            )
            for column, key in (("submitter", "contact_name"), ("email", "contact_email"), ("phone", "contact_phone")):
                if not missing(row.get(key)):
                    lacking.discard(column)
    return held, lacking


def _address(view: View) -> tuple[list[Row], set[str]]:
    address = view.terms.client.get("address")
    if not address:
        return [], {"address"}
    return [_told(f"{view.terms.client_name}, {plain(address)}", OWN_TERMS)], set()


def _parties(view: View) -> tuple[list[Row], set[str]]:
    """The client, and suppliers whose ties to the PRC or Russia are not excluded: those about whom an opinion may be wanted."""
    held = [_told(f"{view.terms.client_name}: the client", OWN_TERMS)]
    for row in supply.suppliers(view):
        if row["prc_russia"] in _LEFT_OPEN:
            held.append(_told(f"{row['name']} ({row['country']}), supplies to {row['items']}", row["evidence"]))
    return held, set()


def _articles(view: View) -> tuple[list[Row], set[str]]:
    """The items of the engagement, and components of the suppliers named among the parties."""
    held = [
        _told(f"{plain(i['name'])}: {plain(i.get('system'))} {plain(i.get('medium'))}", OWN_TERMS)
        for i in view.terms.items
    ]
    named = {row["name"] for row in supply.suppliers(view) if row["prc_russia"] in _LEFT_OPEN}
    for row in supply.components(view):
        if row["supplier"] in named:
            held.append(
                _told(
                    f"Components of {row['supplier']} in {row['item']} ({row['count']}): {row['names']}",
                    row["evidence"],
                )
            )
    return held, set() if held else {"articles"}


def _vehicles(view: View) -> tuple[list[Row], set[str]]:
    """Make and model by the vehicle lines; trim levels by the declarations."""
    held: list[Row] = []
    lacking = set(CONTENTS["791.310(c)(5)"][1])
    for row in sorted(view.records("vehicles"), key=lambda row: natural(plain(row["line"]))):
        held.append(_told(f"{plain(row['line'])}: {plain(row['make'])} {plain(row['model'])}", place(row)))
        lacking -= {key for key in ("make", "model") if not missing(row.get(key))}
    for row in view.records("declarations"):
        if not missing(row.get("trim")):
            held.append(_told(f"Trim of declaration {plain(row.get('declaration'))}: {plain(row['trim'])}", place(row)))
            lacking.discard("trim")
    return held, lacking


def _systems(view: View) -> tuple[list[Row], set[str]]:
    held = [
        _told(f"{plain(i['name'])}, of the {plain(i.get('system'))}", OWN_TERMS)
        for i in view.terms.items
        if i.get("medium") == "hardware"
    ]
    return held, set() if held else {"system"}


def _further(view: View) -> tuple[list[Row], set[str]]:
    """Authorizations in use, and notices received: what BIS will hold a request against."""
    held = [
        _told(f"{row['name']}: {row['kind']}, {row['since']}", row["evidence"]) for row in conclusions.conclusions(view)
    ]
    for row in view.records("notices"):
        held.append(
            _told(
                f"Notice {plain(row.get('notice'))} of {day(row.get('dated'))}: {plain(row.get('activity'))}",
                place(row),
            )
        )
    return held, set()


_HELD = {
    "791.310(c)(1)": _submitter,
    "791.310(c)(2)": _address,
    "791.310(c)(3)": _parties,
    "791.310(c)(4)": _articles,
    "791.310(c)(5)": _vehicles,
    "791.310(c)(6)": _systems,
    _OTHER: _further,
}


def _candidates(view: View) -> list[Row]:
    """Points of judgement without an answer on definitions and prohibitions, and findings on them with which management disagrees.

    Knowledge is left out: it is of what has happened, and an opinion is about what is meant to (§791.310(a)).
    """
    found = [
        {
            "subject": q.subject,
            "clause": cited([q.clause]),
            "point": q.asked,
            "why": asking.reason(view, q.clause) or NOT_STATED,
            "evidence": "",
        }
        for q in view.questions
        if q.state != "answered" and q.clause.startswith(_ON_WHICH) and q.clause != _KNOWLEDGE
    ]
    by_key = {finding.key: finding for finding in view.findings}
    found += [
        {
            "subject": finding.subject,
            "clause": cited(finding.clauses),
            "point": f"{finding.id or finding.code}: {sentence(finding.title)}",
            "why": f"Management disagrees: {said(response, finding)}",
            "evidence": f"{OWN_TERMS} {refs(finding.evidence, 2)}",
        }
        for response in view.terms.responses
        if response.get("agrees") is False
        and (finding := by_key.get(str(response.get("finding"))))
        and any(clause.startswith(_ON_WHICH) for clause in finding.clauses)
    ]
    return found


def _opinion(view: View, row: Row) -> Row:
    name = plain(row.get("opinion"))
    tests = [test for test in view.tests if test.subject == name and test.clause.startswith("791.310")]
    return {
        "name": name,
        "requested": day(row.get("requested")),
        "issued": "not issued, or not known" if missing(row.get("issued")) else day(row["issued"]),
        "answer": sentence(row.get("answer")) or NOT_STATED,
        "standing": " ".join(f"{cited([t.clause])}: {outcome(t.outcome)}. {sentence(t.reason)}" for t in tests)
        or "It was not tested.",
        "evidence": place(row),
    }
