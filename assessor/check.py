"""Where an engagement stands, and what is wrong with its file before a report is issued.

Every problem has a code, a place and a message that says what to do. Codes:

    ledger_damaged         a line of judgements.jsonl breaks the chain
    ledger_odd             its last line is torn, or a clock ran backwards
    judgement_stale        the facts under an answer, an override or a response have changed since it was given
    judgement_ended        the last day of an override has passed
    judgement_orphaned     an answer to what nothing asks any more
    not_confirmed          what was carried from an earlier engagement or proposed, and nobody has confirmed for this one
    delivery_waiting       a delivery in the inbox that nobody has taken in as it is now
    prior_damaged          prior.json cannot be read
    comparison_outdated    the comparison with an earlier engagement that is kept is damaged, or was made from other results than there are
    question_open          a question that nobody has answered
    question_never_asked   a question that every assessment puts, and this one did not
    note_open              a review note that nobody has cleared
    unsigned               a workpaper that is not signed as prepared, or not as reviewed, as it is now
    same_person            a workpaper reviewed by who prepared it
    evidence_unread        an item that could not be read, or only in part, that no request asks about and nobody has explained
    evidence_period        an item that is evidence for other days than the period
    sample_gap             fewer items of a sample examined than drawn, or a sample planned and not drawn, or drawn and not evaluated
    sample_stale           the population of a sample has changed since it was planned or drawn
    sample_redrawn         a sample that was drawn more than once from one population, so that somebody chose among draws
    evidence_changed       a file in evidence/ does not have the digest that the register holds
    not_run                a procedure without a result, or results older than their inputs
    conclusion_unsupported a pass without evidence, or an outcome without a reason
    finding_incomplete     an element is absent without a reason
    report_missing         no report has been rendered
    report_outdated        the report was rendered from other results than those that are there
    no_alternative, skipped_heading, no_header_row, low_contrast, no_language
                           the report cannot be read by everybody
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessor import attention, files, judgements, prior, requests, signing
from assessor.assessment import LAST_STEP, TABLES, Assessment, evidence_digest, inputs_digest, procedures, questions
from assessor.attention import Problem
from assessor.comparison import recorded
from assessor.engagement import Engagement, Terms
from assessor.errors import EngagementError, LedgerError
from assessor.evidence import register
from assessor.issuing import REPORT_RECORD
from assessor.results import Finding, Outcome, ProcedureResult, canonical
from assessor.samples import book

OF_THE_WORK = ("interview", "site_visit", "representation")
"""Kinds of evidence that come about in the assessment, mostly after the period, and whose days say nothing of what they are evidence for."""
ELEMENTS = ("criteria", "condition", "cause", "effect", "recommendations", "evidence")


def status(engagement: Engagement) -> dict[str, Any]:
    """Stage, exceptions, open questions, stale judgements, open notes, unsigned workpapers, requests and unread evidence.

    `ok` is True when nothing needs a person: no exception, no open or stale question, no note, no signature, no request, nothing to
    confirm. For an engagement that was rolled forward, `prior` is what the earlier one left (`prior.standing`), which counts for
    nothing.
    """
    terms = engagement.terms()
    told: dict[str, Any] = {"engagement": terms.id, "client": terms.client_name, "stage": "new", "problems": []}
    problems: list[Problem] = told["problems"]
    ledger = judgements.read(engagement.ledger)
    problems += attention.in_ledger(ledger)
    problems += attention.in_terms(terms)
    problems += attention.in_inbox(engagement)
    results = Assessment(engagement).results() if list(engagement.results.glob("s*.json")) else []
    asked = questions(results)
    try:
        earlier = prior.read(engagement)
    except EngagementError as error:
        earlier = None
        problems.append(Problem(code="prior_damaged", place="prior.json", message=str(error)))
    if earlier is not None:
        told["prior"] = prior.standing(earlier, results, asked)
    listed = register.read(engagement.register)
    if engagement.register.exists():
        told |= {
            "stage": "evidence received",
            "evidence": dict(sorted(Counter(listed["status"].fillna("not read yet")).items())),
        }
    if not results:
        return told | {"ok": not problems}
    told |= {
        "stage": "reported" if (engagement.report / REPORT_RECORD).exists() else "run",
        "conclusions": {r.procedure: r.conclusion for r in results},
        "answered": sum(q.state == "answered" for q in asked),
    }
    problems += [Problem(code="exception", place=f.key, message=f.title) for r in results for f in r.findings]
    problems += [attention.in_question(q) for q in asked if q.state != "answered"]
    problems += attention.in_judgements(terms, results, ledger, recorded.questions(engagement))
    problems += attention.in_comparison(engagement)
    problems += attention.in_review(engagement, ledger)
    problems += _unsettled(engagement, ledger)
    told["workpapers"] = [
        {
            "workpaper": standing.name,
            "prepared": standing.prepared.by if standing.prepared else "",
            "reviewed": standing.reviewed.by if standing.reviewed else "",
            "changed_since_signed": [entry.by for entry in standing.undone],
            "open_notes": [note.seq for note in standing.notes],
        }
        for standing in signing.standings(engagement, ledger)
    ]
    problems += [
        Problem(code="request", place=r.key, message=_request(r))
        for r in requests.of(engagement, terms, results, ledger, listed)
        if r.outstanding
    ]
    return told | {"ok": not problems}


@dataclass(frozen=True)
class Counts:
    """How much of an engagement needs a person: exceptions found, questions without an answer in force, requests outstanding."""

    exceptions: int = 0
    questions: int = 0
    requests: int = 0


def counts(engagement: Engagement) -> Counts:
    """As of `status`, the numbers alone."""
    if not list(engagement.results.glob("s*.json")):
        return Counts()
    assessment = Assessment(engagement)
    results = assessment.results()
    return Counts(
        sum(len(result.findings) for result in results),
        sum(asked.state != "answered" for asked in questions(results)),
        sum(one.outstanding for one in assessment.requests()),
    )


def _request(request: requests.Request) -> str:
    """What is asked, its state where that is another than open, its day, and what may answer it."""
    clauses = ", ".join(f"§{clause}" for clause in request.clauses)
    told = [f"{request.id}: {request.what} ({clauses}; settles: {request.settles})"]
    if request.standing != "open":
        told.append(f"State: {request.standing}.")
    if request.due:
        told.append(f"Due {request.due}.")
    if request.proposals:
        told.append(f"May be answered by {', '.join(map(str, request.proposals))}.")
    return " ".join(told)


def check(engagement: Engagement) -> dict[str, Any]:
    """Lint of the assessment file before issue. `ok` is True when nothing stands against issuing it; `explained` is what an entry of the
    ledger (`explanation`) says needs nothing more, while it is as it was."""
    assessment = Assessment(engagement)
    ledger = judgements.read(engagement.ledger)
    problems = attention.in_ledger(ledger)
    problems += attention.in_terms(assessment.terms)
    problems += attention.in_inbox(engagement)
    if not engagement.register.exists():
        message = f"No evidence has been taken in; do so with `assessor intake {engagement.root} PACKAGE`."
        problems.append(Problem(code="not_run", place="register.jsonl", message=message))
        return {"ok": False, "problems": problems, "explained": []}
    results = assessment.results()
    problems += _not_run(engagement, results)
    problems += _evidence(engagement, results)
    problems += _samples(results)
    problems += _unsettled(engagement, ledger)
    for result in results:
        problems += _unsupported(result)
        problems += [p for finding in result.findings for p in _incomplete(finding)]
    problems += [attention.in_question(q) for q in questions(results) if q.state != "answered"]
    problems += attention.in_judgements(assessment.terms, results, ledger, recorded.questions(engagement))
    problems += attention.in_questions(assessment.terms, results)
    problems += attention.in_comparison(engagement)
    problems += attention.in_review(engagement, ledger)
    problems += _report(engagement)
    explained = [p for p in problems if _explained(p, ledger)]
    left = [p for p in problems if p not in explained]
    return {"ok": not left, "problems": left, "explained": explained}


NOTHING_SHOWN = judgements.Ledger().shown
"""What a report was rendered from that does not say so."""
EXPLAINABLE = ("evidence_unread", "evidence_period", "sample_gap", "sample_redrawn", "judgement_orphaned", "ledger_odd")
"""Codes that the assessor may explain instead of mending."""


def explanation(problem: Problem, *, because: str, by: str, role: str) -> judgements.Draft:
    """Why a problem of the check needs nothing more; it comes back when it changes. Raises LedgerError for one that is to be mended."""
    if problem["code"] not in EXPLAINABLE:
        raise LedgerError(
            f"`{problem['code']}` is mended and not explained; explained can be: {', '.join(EXPLAINABLE)}."
        )
    return judgements.Draft(
        *("explanation", problem["code"], problem["place"], "explained", because, by, role), _problem_digest(problem)
    )


def _explained(problem: Problem, ledger: judgements.Ledger) -> bool:
    about = (problem["code"], problem["place"], _problem_digest(problem))  # one place can have several problems
    return problem["code"] in EXPLAINABLE and any(
        (entry.question, entry.subject, entry.facts_digest) == about for entry in ledger.of("explanation")
    )


def _problem_digest(problem: Problem) -> str:
    return hashlib.sha256(canonical(problem["message"])).hexdigest()


def _unsettled(engagement: Engagement, ledger: judgements.Ledger) -> list[Problem]:
    """Samples in the ledger that are stale, or have gaps."""
    told = book.unsettled(engagement, ledger)
    return [Problem(code=code, place=place, message=message) for code, place, message in told]


def _samples(results: list[ProcedureResult]) -> list[Problem]:
    """Samples of which fewer items were examined than drawn, each with the items that wait where the result names them."""
    found = []
    for result in results:
        for row in result.tables.get("samples", []):
            if int(row["examined"]) < int(row["size"]):
                waiting = [
                    str(one["item"])
                    for one in result.tables.get("sample_items", [])
                    if one["sample"] == row["sample"] and one["outcome"] == Outcome.NOT_TESTED
                ]
                named = f" ({', '.join(waiting)})" if waiting else ""
                message = f"Of {row['size']} items drawn {row['examined']} were examined; examine the others{named}, or say why not (`assessor ledger explain`)."
                found.append(Problem(code="sample_gap", place=str(row["sample"]), message=message))
    return found


def _not_run(engagement: Engagement, results: list[ProcedureResult]) -> list[Problem]:
    there = {result.procedure for result in results}
    again = f"run `assessor run {engagement.root}`"
    found = [
        Problem(code="not_run", place=name, message=f"This procedure has no result; {again}.")
        for name in (*procedures(), LAST_STEP)
        if name not in there
    ]
    try:
        stages = json.loads(engagement.run_file.read_text("utf-8"))["stages"]
    except (OSError, ValueError, KeyError):
        return [*found, Problem(code="not_run", place="run.json", message=f"Nothing says what ran; {again}.")]
    now, of_tables = inputs_digest(engagement), evidence_digest(engagement)
    found += [
        Problem(
            code="not_run",
            place=stage,
            message=f"Its results were made from other inputs than those there are now; {again}.",
        )
        for stage, told in sorted(stages.items())
        if told.get("inputs") != (of_tables if stage == TABLES else now)
    ]
    found += [
        Problem(code="not_run", place=name, message=f"This file is missing or is not what the run left; {again}.")
        for told in stages.values()
        for name, digest in sorted(told.get("outputs", {}).items())
        if not (engagement.root / name).is_file() or files.sha256(engagement.root / name) != digest
    ]
    return found


def _evidence(engagement: Engagement, results: list[ProcedureResult]) -> list[Problem]:
    listed = register.read(engagement.register)
    asked_for = {subject for request in requests.listed(results) for subject in request.subjects}
    found: list[Problem] = []
    terms = engagement.terms()
    for row in register.rows(listed):
        place = f"{row.id} {row.path}"
        stored = register.file_of(engagement.root, row)
        if row.sha256 and (not stored.is_file() or files.sha256(stored) != row.sha256):
            message = "The file is not the one that was received; restore it from the delivery."
            found.append(Problem(code="evidence_changed", place=place, message=message))
        if told := _outside(row, terms):
            found.append(Problem(code="evidence_period", place=place, message=told))
        unread = {
            "unreadable": "could not be read",
            "missing": "could not be read",
            "partly_read": "was read only in part",
        }
        if row.status in unread and not asked_for & {row.id, row.path, Path(row.path).name}:
            what_to_do = f"look at it (`assessor evidence {engagement.root} {row.id}`), then ask the client or say why it needs nothing more (`assessor ledger explain`)"
            message = f"It {unread[row.status]} ({row.reason}) and no request asks about it; {what_to_do}."
            found.append(Problem(code="evidence_unread", place=place, message=message))
    return found


def _outside(row: register.RegisterRow, terms: Terms) -> str:
    """That an item is evidence for days outside of the period alone; empty where it is not, or states none, or where the days are those
    on which the assessor made it or obtained it about the period."""
    if row.kind in OF_THE_WORK:
        return ""
    begin, end = row.effective_from, row.effective_to
    days = f"{begin or 'an unstated day'} to {end or 'an unstated day'}"
    if (end and end < terms.period_from) or (begin and begin > terms.period_to):
        return f"It is evidence for {days}, and the period is {terms.period_from} to {terms.period_to}; obtain what covers the period, or say why this serves (`assessor ledger explain`)."
    return ""


def _unsupported(result: ProcedureResult) -> list[Problem]:
    found = []
    if not result.reason or (result.conclusion is Outcome.CONFORMS and not any(test.evidence for test in result.tests)):
        message = "The conclusion has no reason, or is a pass without a test that has evidence; mend the procedure."
        found.append(
            Problem(code="conclusion_unsupported", place=f"{result.procedure} §{result.clause}", message=message)
        )
    return found + [
        Problem(
            code="conclusion_unsupported",
            place=f"{result.procedure} §{test.clause} {test.subject}",
            message="The outcome has no evidence or no reason; mend the procedure.",
        )
        for test in result.tests
        if not test.reason or (test.outcome is Outcome.CONFORMS and not test.evidence)
    ]


def _incomplete(finding: Finding) -> list[Problem]:
    return [
        Problem(
            code="finding_incomplete",
            place=f"{finding.id} {finding.key}",
            message=f"It has no {element} and does not say why; add either.",
        )
        for element in ELEMENTS
        if not getattr(finding, element) and not finding.absent.get(element)
    ]


def _report(engagement: Engagement) -> list[Problem]:
    record = engagement.report / REPORT_RECORD
    again = f"render it with `assessor report {engagement.root}`"
    if not record.exists():
        return [Problem(code="report_missing", place="report", message=f"There is no report yet; {again}.")]
    told = json.loads(record.read_text("utf-8"))
    results = engagement.results / "results.json"
    if not results.exists() or told.get("results") != files.sha256(results):
        return [
            Problem(
                code="report_outdated",
                place="report",
                message=f"It was rendered from other results than those there are now; {again}.",
            )
        ]
    found = []
    if told.get("ledger", NOTHING_SHOWN) != judgements.read(engagement.ledger).shown:
        message = f"It was rendered before a response of management, a departure from the method or a sample was recorded; {again}."
        found.append(Problem(code="report_outdated", place="report", message=message))
    if told.get("comparison", "") != recorded.digest(engagement):
        message = f"It was rendered without the comparison with an earlier engagement that is kept now, or with another; {again}."
        found.append(Problem(code="report_outdated", place="report", message=message))
    for name, digest in sorted(told.get("files", {}).items()):
        path = engagement.report / name
        if not path.is_file() or files.sha256(path) != digest:
            message = f"The file is missing or was changed after rendering; {again}, or keep the edited copy elsewhere."
            found.append(Problem(code="report_outdated", place=name, message=message))
        elif path.suffix == ".docx":
            found += inaccessible(path)
    return found


def inaccessible(path: Path) -> list[Problem]:
    """What stands against reading a report by everybody: heading order, text alternatives, header rows, contrast, language."""
    from assessor import reporting

    return [
        Problem(code=p["code"], place=f"{path.name}, {p['place']}", message=p["message"])
        for p in reporting.inaccessible(path)
    ]
