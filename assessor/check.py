"""Where an engagement stands, and what is wrong with its file before a report is issued.

Every problem has a code, a place and a message that says what to do. Codes:

    ledger_damaged         a line of judgements.jsonl breaks the chain
    judgement_stale        the facts under an answer have changed since it was given
    not_confirmed          what was carried from an earlier engagement or proposed, and nobody has confirmed for this one
    prior_damaged          prior.json cannot be read
    question_open          a question that nobody has answered
    evidence_unread        an item that could not be read, or only in part, and no request asks about it
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

import json
from collections import Counter
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from assessor import files, judgements, prior
from assessor.assessment import LAST_STEP, Assessment, evidence_requests, inputs_digest, procedures, questions
from assessor.engagement import Engagement, Terms
from assessor.errors import EngagementError
from assessor.evidence import register
from assessor.results import Finding, Outcome, ProcedureResult, Question
from assessor.run import REPORT_RECORD

ELEMENTS = ("criteria", "condition", "cause", "effect", "recommendations", "evidence")


class Problem(TypedDict):
    """One thing that is wrong: a code, where, and what to do; for a question also the material to look at."""

    code: str
    place: str
    message: str
    shows: NotRequired[list[str]]


def status(engagement: Engagement) -> dict[str, Any]:
    """Stage, exceptions, open questions, stale judgements, requests and unread evidence of an engagement.

    `ok` is True when nothing needs a person: no exception, no open or stale question, no request, nothing to confirm. For an
    engagement that was rolled forward, `prior` is what the earlier one left (`prior.standing`), which counts for nothing.
    """
    terms = engagement.terms()
    told: dict[str, Any] = {"engagement": terms.id, "client": terms.client_name, "stage": "new", "problems": []}
    problems: list[Problem] = told["problems"]
    ledger = judgements.read(engagement.ledger)
    problems += [Problem(code="ledger_damaged", place="judgements.jsonl", message=text) for text in ledger.problems]
    problems += _not_confirmed(terms)
    results = Assessment(engagement).results() if list(engagement.results.glob("s*.json")) else []
    asked = questions(results)
    try:
        earlier = prior.read(engagement)
    except EngagementError as error:
        earlier = None
        problems.append(Problem(code="prior_damaged", place="prior.json", message=str(error)))
    if earlier is not None:
        told["prior"] = prior.standing(earlier, results, asked)
    if engagement.register.exists():
        listed = register.read(engagement.register)
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
    problems += [_question(q) for q in asked if q.state != "answered"]
    problems += [
        Problem(code="request", place=r.key, message=f"{r.what} (§{r.clause}; settles: {r.settles})")
        for r in evidence_requests(results)
    ]
    return told | {"ok": not problems}


def check(engagement: Engagement) -> dict[str, Any]:
    """Lint of the assessment file before issue. `ok` is True when nothing stands against issuing it."""
    assessment = Assessment(engagement)
    problems: list[Problem] = [
        Problem(code="ledger_damaged", place="judgements.jsonl", message=text)
        for text in judgements.read(engagement.ledger).problems
    ]
    problems += _not_confirmed(assessment.terms)
    if not engagement.register.exists():
        message = f"No evidence has been taken in; do so with `assessor intake {engagement.root} PACKAGE`."
        return {"ok": False, "problems": [*problems, Problem(code="not_run", place="register.jsonl", message=message)]}
    results = assessment.results()
    problems += _not_run(engagement, results)
    problems += _evidence(engagement, results)
    for result in results:
        problems += _unsupported(result)
        problems += [p for finding in result.findings for p in _incomplete(finding)]
    problems += [_question(q) for q in questions(results) if q.state != "answered"]
    problems += _report(engagement)
    return {"ok": not problems, "problems": problems}


def _not_confirmed(terms: Terms) -> list[Problem]:
    what_to_do = "Confirm or correct it for this engagement, then take it out of `to_confirm`."
    return [
        Problem(
            code="not_confirmed",
            place=f"engagement.toml {part}",
            message=f"{prior.CONFIRM.get(part, 'Nobody has confirmed it.')} {what_to_do}",
        )
        for part in terms.engagement.get("to_confirm", [])
    ]


def _question(q: Question) -> Problem:
    if q.state == "stale":
        message = f"The facts have changed since this was answered; answer it again: {q.asked}"
        return Problem(code="judgement_stale", place=q.key, message=message, shows=list(q.shows))
    return Problem(code="question_open", place=q.key, message=q.asked, shows=list(q.shows))


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
    now = inputs_digest(engagement)
    found += [
        Problem(
            code="not_run",
            place=stage,
            message=f"Its results were made from other inputs than those there are now; {again}.",
        )
        for stage, told in sorted(stages.items())
        if told.get("inputs") != now
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
    asked_for = {subject for request in evidence_requests(results) for subject in request.subjects}
    found: list[Problem] = []
    for row in listed.to_dict("records"):
        place = f"{row['id']} {row['path']}"
        stored = engagement.evidence / str(row["delivery"]) / "data" / str(row["path"])
        if isinstance(row["sha256"], str) and (not stored.is_file() or files.sha256(stored) != row["sha256"]):
            message = "The file is not the one that was received; restore it from the delivery."
            found.append(Problem(code="evidence_changed", place=place, message=message))
        unread = row["status"] in ("unreadable", "missing")
        if unread and not asked_for & {row["id"], row["path"], Path(str(row["path"])).name}:
            message = f"It could not be read ({row['reason']}) and no request asks about it; ask the client or record how it was read."
            found.append(Problem(code="evidence_unread", place=place, message=message))
    return found


def _unsupported(result: ProcedureResult) -> list[Problem]:
    return [
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
