"""What stands in the one result of the OSCAL document: observations, findings, risks, judgements, and what they refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from assessor.engagement import TERMS_ITEM
from assessor.reporting import asking
from assessor.reporting import findings as told_findings
from assessor.reporting.oscal_words import (
    NAMESPACE,
    filled,
    identifier,
    line,
    properties,
    prose,
    start_of,
    title,
    token,
)
from assessor.reporting.view import Row, View, cited
from assessor.reporting.words import count, missing, outcome, plain, sentence
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Question, Test, worst

_DATA = {
    "vehicles",
    "suppliers",
    "ledger",
    "records",
    "record_inspections",
    "item_inspections",
    "customs_entries",
    "control_totals",
    "screening",
    "changes",
}
_DATA |= {"authorization_log", "software_history"}
"""Kinds of evidence, with bills of materials and ownership data, that a procedure computes over; others are read."""


@dataclass(frozen=True)
class References:
    """What can be referred to, by name: parties and evidence items with their uuid, subjects with type and uuid."""

    engagement: tuple[str, str]
    parties: dict[str, str]
    items: dict[str, str]
    kinds: dict[str, str]
    subjects: dict[str, tuple[str, str]]

    def id(self, *name: object) -> str:
        """The uuid of something in this engagement."""
        return identifier(*self.engagement, *name)


Tested = list[tuple[ProcedureResult, Test, str]]
"""Every test with its result and the uuid of its observation."""


def references(view: View) -> References:
    """Every party, evidence item and subject of the engagement."""
    terms = view.terms
    engagement = (str(terms.firm["name"]), terms.id)
    kinds = {TERMS_ITEM: "terms"} | {
        str(row["id"]): "" if missing(row.get("kind")) else str(row["kind"]) for row in view.register.to_dict("records")
    }
    items = {item: identifier(*engagement, "item", item) for item in kinds}
    names = [str(terms.firm["name"]), terms.client_name, *(str(member["name"]) for member in terms.team)]
    parties = {name: identifier(*engagement, "party", name) for name in names}
    suppliers = {str(row.get("name")) for row in view.rows_of("suppliers", "s315_suppliers")}
    articles = {str(item["name"]) for item in terms.items}
    subjects = {}
    for subject in dict.fromkeys([*(test.subject for test in view.tests), *(f.subject for f in view.findings)]):
        item = subject.split(" ", 1)[0]
        if item in items:
            subjects[subject] = ("resource", items[item])
        elif subject in parties or subject in suppliers:
            uuid = parties.setdefault(subject, identifier(*engagement, "party", subject))
            subjects[subject] = ("party", uuid)
        else:
            kind = "component" if subject in articles else "inventory-item"
            subjects[subject] = (kind, identifier(*engagement, "subject", subject))
    return References(engagement, parties, items, kinds, subjects)


def target(clause: str) -> str:
    """The id of a clause's objective."""
    return f"{token(clause)}_objective"


def outcomes(view: View) -> dict[str, Outcome]:
    """The outcome of every clause tested: the worst of its tests, an exception where a finding is first of all about it."""
    found: dict[str, list[Outcome]] = {}
    for test in view.tests:
        found.setdefault(test.clause, []).append(test.outcome)
    for result in view.results:
        for finding in result.findings:
            found.setdefault(_clauses(result, finding)[0], []).append(Outcome.EXCEPTION)
    return {clause: worst(several) for clause, several in found.items()}


def _clauses(result: ProcedureResult, finding: Finding) -> tuple[str, ...]:
    """The clauses of a finding, of its procedure where it names none; the first is what it is about."""
    return finding.clauses or (result.clause,)


def numbered_tests(view: View, known: References) -> Tested:
    """Every test with a uuid from its procedure, clause and subject, and a number where these are those of several."""
    seen: Counter[tuple[str, ...]] = Counter()
    found: Tested = []
    for result in view.results:
        for test in result.tests:
            name = (result.procedure, test.clause, test.subject)
            seen[name] += 1
            found.append((result, test, known.id("test", *name, seen[name])))
    return found


def components(view: View, known: References) -> list[dict[str, Any]]:
    """Items of the terms that are subjects, as components of what was assessed."""
    media = {str(item["name"]): item for item in view.terms.items}
    return [
        {
            "uuid": uuid,
            "type": line(plain(media[subject].get("medium"))),
            "title": title(subject),
            "description": prose(f"Item of the engagement, system: {plain(media[subject].get('system'))}."),
            "status": {"state": "other", "remarks": "The terms do not state it."},
        }
        for subject, (kind, uuid) in known.subjects.items()
        if kind == "component"
    ]


def inventory(known: References) -> list[dict[str, Any]]:
    """Subjects that are neither party nor item nor evidence: declarations, authorizations, conditions, controls …"""
    return [
        {"uuid": uuid, "description": prose(subject), **properties(("subject", subject))}
        for subject, (kind, uuid) in known.subjects.items()
        if kind == "inventory-item"
    ]


def tasks(view: View, known: References) -> list[dict[str, Any]]:
    """What is still to be done: evidence to be furnished, questions to be answered."""
    asked = asking.outstanding(view)
    return [
        {
            "uuid": known.id("request", request.key, number),
            "type": "action",
            "title": title(f"Evidence request {request.id}"),
            "description": prose(f"{sentence(request.what)} Settles: {sentence(request.settles)}"),
            **properties(
                ("request", request.id),
                *(("procedure", name) for name in request.procedures),
                *(("clause", cited([clause])) for clause in request.clauses),
                ("state", request.state),
                *(("subject", subject) for subject in request.subjects),
            ),
        }
        for number, request in _counted(asked)
    ] + [
        {
            "uuid": known.id("question", q.key),
            "type": "action",
            "title": title(f"Question {q.id}"),
            "description": prose(q.asked),
            **properties(*_of_question(q)),
        }
        for q in view.questions
        if q.state != "answered"
    ]


def judgements(view: View, known: References) -> list[dict[str, Any]]:
    """The answers of the assessor, in force and stale, as entries of the assessment log."""
    return [
        {
            "uuid": known.id("judgement", q.key),
            "title": title(f"Judgement on {q.id}"),
            "description": prose(q.asked),
            "start": _moment(q.answered_at, view.terms.dated),
            **properties(
                *_of_question(q),
                ("answer", q.answer),
                ("answered-by", q.answered_by),
                ("answered-at", q.answered_at),
                ("role", q.role),
            ),
            **filled(
                logged_by=[{"party-uuid": known.parties[q.answered_by]}] if q.answered_by in known.parties else [],
                remarks=prose(q.rationale),
            ),
        }
        for q in view.questions
        if q.answer
    ]


def _of_question(q: Question) -> list[tuple[str, Any]]:
    return [
        ("question", q.id),
        ("subject", q.subject),
        ("procedure", q.procedure),
        ("clause", cited([q.clause])),
        ("state", q.state),
        ("facts-digest", q.facts_digest),
    ]


def _moment(at: str, otherwise: date) -> str:
    """A moment of the ledger in UTC; the beginning of the other day where it is none."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return start_of(otherwise)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else start_of(otherwise)


def observations(view: View, known: References, tested: Tested) -> list[dict[str, Any]]:
    """Every test, then what each finding stands on."""
    collected = start_of(view.terms.dated)
    return [
        {
            "uuid": uuid,
            "title": title(f"{cited([test.clause])}: {test.subject}"),
            "description": prose(test.reason),
            **properties(
                ("procedure", result.procedure),
                ("clause", cited([test.clause])),
                ("subject", test.subject),
                ("outcome", test.outcome),
            ),
            "types": ["control-objective"],
            **_seen(known, test.subject, test.evidence),
            "collected": collected,
        }
        for result, test, uuid in tested
    ] + [
        {
            "uuid": known.id("evidence", finding.key, number),
            "title": title(f"Evidence of finding {finding.id or finding.code}"),
            "description": prose(finding.title),
            **properties(("finding", finding.id), ("procedure", finding.procedure), ("subject", finding.subject)),
            "types": ["finding"],
            **_seen(known, finding.subject, finding.evidence),
            "collected": collected,
        }
        for number, finding in _counted(view.findings)
    ]


def _seen(known: References, subject: str, evidence: Sequence[EvidenceRef]) -> dict[str, Any]:
    """Of whom, how and where something was observed."""
    kind, uuid = known.subjects[subject]
    return {
        "methods": sorted({_method(known.kinds.get(ref.item, "")) for ref in evidence}) or ["UNKNOWN"],
        "subjects": [{"subject-uuid": uuid, "type": kind, "title": title(subject)}],
        **filled(
            relevant_evidence=[
                {
                    **({"href": f"#{known.items[ref.item]}"} if ref.item in known.items else {}),
                    "description": prose(ref),
                    **properties(("item", ref.item), ("locator", ref.locator)),
                }
                for ref in evidence
            ]
        ),
    }


def _method(kind: str) -> str:
    if kind == "interview":
        return "INTERVIEW"
    return "TEST" if kind in _DATA or kind.startswith(("bom.", "ownership.")) else "EXAMINE"


def risks(view: View, known: References) -> list[dict[str, Any]]:
    """What each finding leads to, with its cause, and every recommendation as a response to it."""
    firm = {"actors": [{"type": "party", "actor-uuid": known.parties[str(view.terms.firm["name"])]}]}
    return [
        {
            "uuid": known.id("risk", finding.key, number),
            "title": title(finding.title),
            "description": prose(f"Cause: {row['cause']}"),
            "statement": prose(f"Effect: {row['effect']}"),
            "status": "open",
            **filled(
                characterizations=[
                    {
                        "origin": firm,
                        "facets": [{"name": "severity", "system": NAMESPACE, "value": finding.severity}],
                    }
                ]
                if finding.severity
                else [],
                remediations=[
                    {
                        "uuid": known.id("recommendation", finding.key, number, place),
                        "lifecycle": "recommendation",
                        "title": title(f"Recommendation {place} on {finding.id or finding.code}"),
                        "description": prose(f"{told['text']}\n\nTransactions: {told['transactions']}"),
                        **properties(("addresses", own.addresses), ("transactions", own.transactions)),
                    }
                    for place, (own, told) in enumerate(
                        zip(finding.recommendations, row["recommendations"], strict=True), 1
                    )
                ],
            ),
        }
        for (number, finding), row in zip(_counted(view.findings), told_findings.findings(view), strict=True)
    ]


def findings(view: View, known: References, tested: Tested) -> list[dict[str, Any]]:
    """Every finding, then every clause that no finding cites and that conforms or shows an exception."""
    owners = [result for result in view.results for _ in result.findings]
    rows = zip(owners, _counted(view.findings), told_findings.findings(view), strict=True)
    told = [_finding(view, known, tested, result, finding, number, row) for result, (number, finding), row in rows]
    found_in = {clause for result in view.results for f in result.findings for clause in _clauses(result, f)}
    by_clause: dict[str, Tested] = {}
    for entry in tested:
        by_clause.setdefault(entry[1].clause, []).append(entry)
    return told + [
        _clause(view, known, clause, concluded, by_clause[clause])
        for clause, concluded in outcomes(view).items()
        if concluded in (Outcome.CONFORMS, Outcome.EXCEPTION) and clause not in found_in
    ]


def _finding(
    view: View, known: References, tested: Tested, result: ProcedureResult, finding: Finding, number: int, row: Row
) -> dict[str, Any]:
    response = next((r for r in view.terms.responses if r.get("finding") == finding.key), {})
    related = [known.id("evidence", finding.key, number), *_of_tests(tested, finding)]
    return {
        "uuid": known.id("finding", finding.key, number),
        "title": title(finding.title),
        "description": prose(row["condition"]),
        **properties(
            ("finding", finding.id),
            ("key", finding.key),
            ("procedure", finding.procedure),
            ("code", finding.code),
            ("subject", finding.subject),
            *(("clause", cited([clause])) for clause in _clauses(result, finding)),
            ("outcome", Outcome.EXCEPTION),
            ("conclusion", result.conclusion),
            ("severity", finding.severity),
            *(("absent", element) for element in sorted(finding.absent)),
            *(("transaction", transaction) for transaction in finding.transactions),
            ("response-by", response.get("by")),
            ("response-date", response.get("date")),
            ("response-agrees", response.get("agrees")),
        ),
        "target": _status(_clauses(result, finding)[0], Outcome.EXCEPTION, f"Criteria: {row['criteria']}"),
        "related-observations": [{"observation-uuid": uuid} for uuid in related],
        "related-risks": [{"risk-uuid": known.id("risk", finding.key, number)}],
        "remarks": prose(
            row["response"] if finding.recommendations else f"{row['no_recommendation']}\n\n{row['response']}"
        ),
    }


def _of_tests(tested: Tested, finding: Finding) -> list[str]:
    """The observations of the tests that a finding is about: of its procedure and subject, its clauses first of all."""
    own = [entry for entry in tested if entry[0].procedure == finding.procedure and entry[1].subject == finding.subject]
    cites = [uuid for _, test, uuid in own if test.clause in finding.clauses]
    return cites or [uuid for _, test, uuid in own if test.outcome is Outcome.EXCEPTION]


def _clause(view: View, known: References, clause: str, concluded: Outcome, tested: Tested) -> dict[str, Any]:
    """A clause that was concluded on by its tests alone."""
    told = Counter(test.outcome for _, test, _ in tested)
    named = view.rule.clauses.get(clause)
    counts = "; ".join(f"{outcome(each)}: {count(told[each], 'test')}" for each in Outcome if told[each])
    return {
        "uuid": known.id("clause", clause),
        "title": title(f"{cited([clause])}: {named.title if named else outcome(concluded)}"),
        "description": prose(f"{counts}."),
        **properties(("clause", cited([clause])), ("outcome", concluded)),
        "target": _status(clause, concluded),
        "related-observations": [{"observation-uuid": uuid} for _, _, uuid in tested],
    }


def _status(clause: str, concluded: Outcome, criteria: str = "") -> dict[str, Any]:
    """The objective of a clause as satisfied or not; only these two outcomes say either."""
    status = {
        Outcome.CONFORMS: {"state": "satisfied", "reason": "pass"},
        Outcome.EXCEPTION: {"state": "not-satisfied", "reason": "fail"},
    }
    return {
        "type": "objective-id",
        "target-id": target(clause),
        **filled(description=prose(criteria)),
        **properties(("clause", cited([clause])), ("outcome", concluded)),
        "status": status[concluded],
    }


def _counted(owners: Iterable[Any]) -> list[tuple[int, Any]]:
    """Everything with the number of times that its key has come, so that two of one key are told apart."""
    seen: Counter[str] = Counter()
    found = []
    for owner in owners:
        seen[owner.key] += 1
        found.append((seen[owner.key], owner))
    return found
