"""The work: scope and criteria, methodology (§791.315(d)(2)), evidence index, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessor import judged, sampled
from assessor.procedures.samples import WHOLE
from assessor.reporting.view import Row, View, cited, place
from assessor.reporting.words import (
    KINDS,
    NOT_STATED,
    NOTHING,
    Item,
    count,
    day,
    either,
    listing,
    missing,
    natural,
    outcome,
    percent,
    plain,
    refs,
    sentence,
)
from assessor.results import EvidenceRef

_REGISTERED = "§791.315(d)(2)"  # the procedure that registers every item; told only where no other one read it
_NOT_READ = ("unreadable", "missing", "duplicate")


_CONNECTED = {"yes": "connected vehicle", "no": "not a connected vehicle"}
_COMPLETED = {"yes": "completed", "no": "not completed", "open": "completion open"}
_AUTOMATED = {"yes": "with automated driving", "open": "automated driving open"}


def _standing(found: Row) -> str:
    """What a vehicle line is under §791.301: connected, completed, automated."""
    told = [_CONNECTED.get(plain(found.get("connected")), "not determined")]
    if found.get("connected") != "no":
        standings = ((_COMPLETED, "completed"), (_AUTOMATED, "automated"))
        told += [words[plain(found.get(key))] for words, key in standings if plain(found.get(key)) in words]
    return ", ".join(told)


def scope(view: View) -> Row:
    """Client, roles, basis, vehicle lines, items, criteria, exclusions."""
    terms, rule = view.terms, view.rule
    declared = {str(row.get("line")): row for row in view.rows_of("vehicles", "s301_scope")}
    vehicles = []
    for row in sorted(view.records("vehicles"), key=lambda row: plain(row["line"])):
        found = declared.get(str(row["line"]), {})
        vehicles.append(
            {
                "line": plain(row["line"]),
                "make_model": f"{plain(row['make'])} {plain(row['model'])}",
                "model_year": NOT_STATED if missing(row["model_year"]) else str(row["model_year"]),
                "gvwr": NOT_STATED if missing(row["gvwr"]) else f"{row['gvwr']} {plain(row['gvwr_unit'])}",
                "connected": _standing(found),
                "reason": sentence(found.get("reason")) or "Not determined.",
                "clause": cited([plain(found["clause"])]) if found.get("clause") else NOTHING,
                "evidence": place(row),
            }
        )
    criteria = [
        {"name": "Rule", "text": f"15 CFR part 791 subpart D, {rule.citation}, text as of {day(terms.rule_version)}."},
        *(
            {
                "name": f"{plain(a.get('number'))}",
                "text": sentence(f"{plain(a.get('letter'))}, version of {day(a.get('letter_version'))}"),
            }
            for a in terms.authorizations
        ),
    ]
    if security := terms.firm.get("security_requirements"):
        stated = [security] if isinstance(security, str) else security
        words = " ".join(sentence(part) for part in stated)
        criteria.append({"name": "Security requirements, §791.315(b)", "text": words})
    if share := terms.criteria.get("dominant_minority"):
        criteria.append(
            {
                "name": "Dominant minority",
                "text": f"The firm examines a holder of {percent(share)} or more as a possible dominant minority; the rule sets no percentage.",
            }
        )
    return {
        "roles": listing(plain(role) for role in terms.client.get("roles", [])),
        "basis": listing(plain(b) for b in terms.engagement.get("basis", [])) or NOT_STATED,
        "us_person": either(
            terms.client.get("us_person"),
            "is a U.S. person",
            "is not a U.S. person",
            "has not stated whether it is a U.S. person",
        ),
        "purpose": sentence(terms.engagement.get("purpose")) or "The engagement terms state no further purpose.",
        "vehicles": vehicles,
        "items": [
            {"name": plain(i["name"]), "system": plain(i.get("system")), "medium": plain(i.get("medium"))}
            for i in terms.items
        ],
        "criteria": criteria,
        "exclusions": [sentence(e) for e in terms.engagement.get("exclusions", [])],
    }


def defects(view: View) -> list[Row]:
    """Known defects of the rule's text at the clauses that the results cite, and of the copy, with what was done about each."""
    touched = {defect.id for result in view.results for defect in view.rule.defects_in(result.clauses)}
    return [
        {
            "clauses": cited(defect.clauses) or "The copy as a whole",
            "defect": sentence(defect.wrong),
            "handling": sentence(defect.handling),
        }
        for defect in view.rule.defects()
        if defect.id in touched or not defect.clauses
    ]


def methodology(view: View) -> Row:
    """What was read, who was interviewed, what was examined (§791.315(d)(2)): from what the procedures really read."""
    readers: dict[str, list[str]] = {}
    for result in view.results:
        for item in result.examined:
            readers.setdefault(item, []).append(cited([result.clause]))
    titles: dict[str, Row] = {}
    for row in view.records("policies"):
        titles.setdefault(str(row["source"]), row)
    policies, documents, seen_elsewhere = [], [], {"interview", "site_visit"}
    for row in register(view):
        if row["id"] not in readers or row["code"] in seen_elsewhere or row["status"].startswith(_NOT_READ):
            continue
        cited_for = set(readers[row["id"]])
        read_for = listing(sorted(cited_for - {_REGISTERED} or cited_for, key=natural))
        if row["code"] == "policy":
            title = titles.get(row["id"], {})
            policies.append(
                {
                    "id": row["id"],
                    "title": plain(title.get("document")),
                    "version": plain(title.get("version")),
                    "effective": day(title.get("effective")),
                    "file": row["file"],
                    "read_for": read_for,
                }
            )
        else:
            documents.append({"id": row["id"], "file": row["file"], "kind": row["kind"], "read_for": read_for})
    return {
        "statements": [sentence(s) for s in view.terms.firm.get("method", [])],
        "policies": policies,
        "documents": documents,
        "interviews": _interviews(view),
        "visits": _visits(view),
        "populations": _populations(view),
        "samples": _samples(view),
        "own_samples": _own_samples(view),
        "seed": _seeds(view),
    }


def _populations(view: View) -> list[Row]:
    """The tests of completeness: which population was held against what, and what came of it."""
    return [
        {
            "population": test.subject.partition(": ")[0],
            "against": test.subject.partition(": ")[2] or "evidence received",
            "clause": cited([test.clause]),
            "outcome": outcome(test.outcome),
            "told": sentence(test.reason),
            "evidence": refs(test.evidence),
        }
        for result in view.results
        if result.procedure == "s315_populations"
        for test in result.tests
    ]


_COMPLETENESS = {
    "conforms": "completeness tested and held",
    "exception": "completeness tested and not held",
    "inconclusive": "completeness tested and open",
}


def _samples(view: View) -> list[Row]:
    """Every population that was sampled or examined as a whole, and what that proves."""
    return [
        {
            "sample": plain(row["sample"]),
            "clause": cited([plain(row["clause"])]),
            "population": plain(row["population"]),
            "items": f"{row['items']:,}",
            "completeness": _COMPLETENESS.get(str(row["complete"]), "completeness not tested"),
            "drawn": _draw(row) if row["digest"] else WHOLE,
            "size": f"{row['size']:,}" if row["digest"] else "all",
            "why": sentence(row["why"]),
            "examined": f"{row['examined']:,}",
            "deviations": f"{row['deviations']:,}",
            "proves": sentence(row["proves"]),
        }
        for result in view.results
        for row in result.tables.get("samples", [])
    ]


def _own_samples(view: View) -> list[Row]:
    """The samples that the assessor planned beside those of the procedures, as the ledger has them."""
    return [
        {
            "sample": plain(row["sample"]),
            "population": plain(row["population"]),
            "items": "" if row["items"] is None else f"{row['items']:,}",
            "drawn": _draw(row) if row["seed"] else "not drawn yet",
            "size": "" if row["size"] is None else f"{row['size']:,}",
            "why": sentence(row["why"] or "no plan was recorded"),
            "examined": "" if row["examined"] is None else f"{row['examined']:,}",
            "deviations": row["deviations"] or "",
            "proves": sentence(row["proves"]),
            "by": plain(row["by"]),
        }
        for row in sampled.rows(view.ledger)
    ]


def _draw(row: Mapping[str, Any]) -> str:
    """How a sample was drawn."""
    return f"{row['method']}, seed “{row['seed']}”, SHA-256 of the population {row['digest']}"


def _seeds(view: View) -> str:
    """The seed of the draws, where there were any."""
    found = dict.fromkeys(row["seed"] for r in view.results for row in r.tables.get("samples", []) if row["digest"])
    return listing(f"“{seed}”" for seed in found) or "none, since nothing was drawn"


def _interviews(view: View) -> list[Row]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in view.records("interviews"):
        groups.setdefault((str(row["source"]), plain(row["person"])), []).append(row)
    return [
        {
            "person": person,
            "role": plain(held[0]["role"]),
            "organisation": plain(held[0]["organisation"]),
            "date": day(held[0]["date"]),
            "interviewer": plain(held[0]["interviewer"]),
            "topics": plain(held[0]["topics"]),
            "evidence": f"[{source}]",
        }
        for (source, person), held in sorted(groups.items(), key=lambda pair: natural(pair[0][0]))
    ]


def _visits(view: View) -> list[Row]:
    groups: dict[str, list[Row]] = {}
    for row in view.records("site_visits"):
        groups.setdefault(str(row["source"]), []).append(row)
    found = []
    for source in sorted(groups, key=natural):
        held = groups[source]
        found.append(
            {
                "site": plain(held[0]["site"]),
                "address": plain(held[0]["address"]),
                "date": day(held[0]["date"]),
                "visitor": plain(held[0]["visitor"]),
                "examined": [
                    {"category": category.capitalize(), "text": plain(row["text"]), "evidence": place(row)}
                    for category in ("facility", "equipment", "system", "observation")
                    for row in held
                    if row["category"] == category
                ],
            }
        )
    return found


def register(view: View) -> list[Row]:
    """The evidence index: every item of the register with its digest and what became of it."""
    found = []
    for row in view.register.to_dict("records"):
        state = plain(row.get("status"))
        reason = "" if missing(row.get("reason")) else str(row["reason"])
        kind = "" if missing(row.get("kind")) else str(row["kind"])
        found.append(
            {
                "id": Item(plain(row["id"])),
                "file": plain(row["path"]),
                "code": kind,
                "kind": KINDS.get(kind, plain(kind)),
                "size": NOT_STATED if missing(row.get("size")) else count(int(row["size"]), "byte"),
                "sha256": plain(row["sha256"]),
                "status": state if not reason else f"{state}: {reason}",
                "received": day(row.get("received")),
                "supplied_by": plain(row.get("supplied_by")),
            }
        )
    return sorted(found, key=lambda row: natural(row["id"]))


def questions(view: View) -> list[Row]:
    """Questions that nobody has answered, or whose answer is stale."""
    return [
        {
            **view.asked(q),
            "clause": cited([q.clause]),
            "state": {
                "open": "not answered",
                "stale": f"answered {plain(q.answer)}, and the facts have changed since",
            }.get(q.state, q.state),
            "shows": "; ".join(q.shows) or NOTHING,
        }
        for q in view.questions
        if q.state != "answered"
    ]


def judgements(view: View) -> list[Row]:
    """The judgement register: what was asked, what was answered, by whom, why; then the outcomes that the assessor set over the
    procedures' own, which stand beside them."""
    return [
        {
            **view.asked(q),
            "clause": cited([q.clause]),
            "answer": plain(q.answer),
            "rationale": plain(q.rationale),
            "by": plain(q.answered_by),
            "role": plain(q.role),
            "at": day(q.answered_at),
            "state": "in force" if q.state == "answered" else "stale: the facts have changed since",
            "digest": q.facts_digest[:12],
        }
        for q in view.questions
        if q.answer
    ] + [
        {
            "question": f"Outcome of the test; the procedure's own is: {outcome(test.automatic or test.outcome)}",
            "subject": test.subject,
            "clause": cited([test.clause]),
            "answer": outcome(held.entry.answer),
            "rationale": f"{sentence(held.entry.because)} Until {day(held.entry.details.get('until'))}.",
            "by": plain(held.entry.by),
            "role": plain(held.entry.role),
            "at": day(held.entry.at),
            "state": _HELD[held.why_not],
            "digest": held.entry.facts_digest[:12],
        }
        for result in view.results
        for place, held in sorted(judged.overrides(view.ledger, result, view.terms.dated).items())
        for test in [result.tests[place]]
    ]


_HELD = {
    "": "in force",
    "same": "of no effect: the procedure finds the same",
    "stale": "stale: the facts have changed since",
    "ended": "ended",
}
"""How an override stands."""


def limitations(view: View) -> list[str]:
    """Limitations of the terms and of the procedures, once each, in the order of the work."""
    told = [*view.terms.engagement.get("limitations", []), *judged.departures(view.ledger)]
    told += [text for r in view.results for text in r.limitations]
    return list(dict.fromkeys(sentence(text) for text in told))


def deadlines(view: View) -> list[Row]:
    """The calendar of deadlines as the procedure computed it, by date; what does not run yet comes last."""
    listed = view.rows_of("deadlines", "s305_declarations")
    return [
        {
            "what": plain(row.get("what")),
            "date": day(row["date"]) if row.get("date") else "no date",
            "state": plain(row.get("state")),
            "clause": cited([plain(row.get("clause"))]),
            "note": sentence(row.get("note")),
            "evidence": refs(row.get("evidence") or ""),
        }
        for row in sorted(listed, key=lambda row: (not row.get("date"), row.get("date") or "", str(row.get("what"))))
    ]


def records_evidence(view: View) -> str:
    """The evidence items that index the client's primary business records, and those that tell of their inspection."""
    listed = [*view.records("records"), *view.records("record_inspections")]
    return refs([EvidenceRef(source) for source in sorted({str(row["source"]) for row in listed})])
