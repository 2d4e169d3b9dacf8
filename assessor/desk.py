"""What an assessor does to an engagement besides running it: answer, override, draft, sign, note, explain. Each writes one entry of the
ledger; commands, notebooks and the review in JupyterLab all come here.

    from assessor import desk, open_assessment
    assessment = open_assessment("ENGAGEMENT")
    desk.answer(assessment, "supplier_match", "Acorn", "yes", because="…", by="M. Okonjo", role="engagement lead")

All raise LedgerError, in one sentence, for what cannot be recorded, and write nothing then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from assessor import check, judged, judgements, prior, request_answers, requests, run, signing
from assessor.assessment import Assessment, questions
from assessor.comparison import recorded
from assessor.errors import EngagementError, LedgerError
from assessor.evidence import register
from assessor.evidence.readers import documents
from assessor.evidence.readers.base import WITHOUT_TEXT
from assessor.judgements import Draft, Entry
from assessor.results import Finding, ProcedureResult, Question
from assessor.text import visible

READING = "reading"
"""The kind of entry of the ledger that holds what a person read on a page."""


def asked(assessment: Assessment) -> list[Question]:
    """The questions of the results, and of the comparison that is kept beside them, with their state as the ledger has it now; those that
    need somebody first."""
    ledger = judgements.read(assessment.engagement.ledger)
    settled = [ledger.settle(each) for each in _listed(assessment)]
    return sorted(settled, key=lambda each: (each.state == "answered", each.id, each.subject))


def _listed(assessment: Assessment) -> list[Question]:
    return [*questions(assessment.results()), *recorded.questions(assessment.engagement)]


def material(assessment: Assessment, about: Question, before: Sequence[Entry]) -> dict[str, Any]:
    """What to have before one's eyes when a question is answered, by name: its state, the clause in our own words, guidance, the facts to
    which the answer will be bound, what else to look at, and earlier answers, latest first."""
    clause = assessment.rule.clause(about.clause)
    stale = "answered, and the facts have changed since: confirm or change the answer"
    return {
        "state": stale if about.state == "stale" else about.state,
        "clause": f"§{about.clause}: {clause.title}. {clause.statement}",
        "guidance": about.guidance,
        "facts": about.facts or "none were found",
        "look also at": list(about.shows),
        "earlier answers": [
            f"{e.answer}, {e.by} ({e.role}), {e.at[:10]}: {e.because} (entry {e.seq})" for e in reversed(before)
        ],
        "in the earlier engagement": _then(assessment, about),
    }


def _then(assessment: Assessment, about: Question) -> str:
    """What was answered to a question in the engagement that this one was rolled forward from; empty where nothing was, and where that
    cannot be read, which the status tells."""
    try:
        told = prior.read(assessment.engagement)
    except EngagementError:
        return ""
    if told is None:
        return ""
    for each in prior.standing(told, [], [about])["questions"]:
        then = each["earlier"]
        facts = "the same facts are shown now" if then["same_facts"] else "other facts are shown now"
        return f"{then.get('answer')}, {then.get('by')}, {str(then.get('at'))[:10]}: {then.get('because')} ({told['prior'].get('id')}; {facts}; nothing rests on it)"
    return ""


def question(assessment: Assessment, id: str, subject: str) -> Question:
    """A question as the results, or the comparison that is kept beside them, have it now. Raises LedgerError when nothing asks it."""
    listed = _listed(assessment)
    found = next((q for q in listed if (q.id, q.subject) == (id, subject)), None)
    if found is None:
        same = [q.subject for q in listed if q.id == id]
        hint = (
            f"it is asked about: {'; '.join(same)}"
            if same
            else f"questions asked: {', '.join(sorted({q.id for q in listed})) or 'none yet'}"
        )
        raise LedgerError(f"No procedure asks `{id}` about `{subject}`; {hint}.")
    return found


def answer(
    assessment: Assessment,
    id: str,
    subject: str,
    told: str,
    *,
    because: str,
    by: str,
    role: str,
    supersedes: int = 0,
) -> Entry:
    """Answer a question on the facts that it shows now."""
    about = question(assessment, id, subject)
    return judgements.record(
        assessment.engagement.ledger, about, told, because=because, by=by, role=role, supersedes=supersedes
    )


def earlier(ledger: judgements.Ledger, id: str, subject: str) -> list[Entry]:
    """Every answer that was given to a question, oldest first."""
    return [entry for entry in ledger.of(judgements.ANSWER) if (entry.question, entry.subject) == (id, subject)]


def override(
    assessment: Assessment,
    procedure: str,
    clause: str,
    subject: str,
    outcome: str,
    *,
    because: str,
    by: str,
    role: str,
    until: date,
    supersedes: int = 0,
) -> Entry:
    """Set another outcome of a test than the procedure's, until a day."""
    found = _result(assessment, procedure)
    clause = clause.removeprefix("§")
    signed = {"because": because, "by": by, "role": role}
    return _record(
        assessment, judged.override(found, clause, subject, outcome, **signed, until=until, supersedes=supersedes)
    )


def draft(
    assessment: Assessment, told: Mapping[str, Any], *, because: str, by: str, role: str, supersedes: int = 0
) -> Entry:
    """Draft a finding of the assessor's own (see `judged.finding`) on evidence that the register has, clauses that the rule has and
    transactions that the tables have."""
    made = judged.finding(told, because=because, by=by, role=role, supersedes=supersedes)
    named = judged.drafted_finding(made)
    items, moved = set(assessment.facts.register["id"]), set(assessment.facts.tables["transactions"]["transaction"])
    for ref in named.evidence:
        if ref.item not in items:
            raise LedgerError(f"The register has no item {ref.item}; name evidence by its id, such as E-0004 row 12.")
    for clause in named.clauses:
        if clause not in assessment.rule.clauses:
            raise LedgerError(f"The rule has no §{clause}; name a clause as `assessor rule` lists it.")
    for transaction in named.transactions:
        if transaction not in moved:
            raise LedgerError(f"There is no transaction {transaction} in the tables; name it as they do.")
    return _record(assessment, made)


def withdraw(assessment: Assessment, finding: str, *, because: str, by: str, role: str) -> Entry:
    """Withdraw a finding that the assessor drafted (its number or its key; its key alone before it is among the results)."""
    ledger = judgements.read(assessment.engagement.ledger)
    entries = {f"{judged.DRAFTED}/{e.question}/{e.subject}": e for e in ledger.in_force("finding")}
    key = finding if finding in entries else _finding(assessment, finding).key
    if not key.startswith(f"{judged.DRAFTED}/") or key not in entries:
        raise LedgerError(f"{finding} is a procedure's; override the test that it stands on.")
    entry = entries[key]
    if entry.answer != "drafted":
        raise LedgerError(f"{finding} was withdrawn by {entry.by} (entry {entry.seq}); run the engagement again.")
    return _record(assessment, judged.withdrawal(entry, because=because, by=by, role=role))


def respond(
    assessment: Assessment,
    finding: str,
    agrees: str,
    text: str,
    *,
    by: str,
    role: str,
    on: date | None = None,
    supersedes: int = 0,
) -> Entry:
    """Record what management says of a finding (its number or its key)."""
    found = _finding(assessment, finding)
    return _record(assessment, judged.response(found, agrees, text, by=by, role=role, on=on, supersedes=supersedes))


def depart(assessment: Assessment, what: str, effect: str, *, because: str, by: str, role: str) -> Entry:
    """Record a departure from the method with its effect."""
    return _record(assessment, judged.departure(what, effect, because=because, by=by, role=role))


def request(
    assessment: Assessment,
    name: str,
    state: str,
    *,
    because: str,
    by: str,
    role: str,
    items: Sequence[str] = (),
    due: date | None = None,
) -> Entry:
    """Give an evidence request (its number or key) a state: received, with the items that answer it; insufficient; withdrawn; or open
    again. `due`: a last day of its own. It holds while what is asked stays as it is."""
    listed = [one for one in assessment.requests() if one.asked]
    one = next((one for one in listed if name in (one.id, *one.keys)), None)
    if one is None:
        raise LedgerError(f"No request is {name}; there are: {', '.join(r.id for r in listed) or 'none yet'}.")
    if not state:
        raise LedgerError(f"Say in which state {one.id} is; choose among {', '.join(requests.STATES)}.")
    if state not in requests.STATES:
        raise LedgerError(f"A request cannot be `{state}`; choose among {', '.join(requests.STATES)}.")
    if state == "received" and not items:
        raise LedgerError(f"Say which items answer {one.id} (--items E-0040), so that others can look at them.")
    if items and state not in ("received", "insufficient"):
        raise LedgerError(
            f"Items are named for a request that is received or insufficient, and not for one that is {state}."
        )
    there = set(_register(assessment)["id"])
    if unknown := [item for item in items if item not in there]:
        raise LedgerError(
            f"The register has no item {', '.join(unknown)}; `assessor evidence` lists those that it has."
        )
    details: dict[str, Any] = {"items": list(dict.fromkeys(items))} if items else {}
    if due:
        details["due"] = due.isoformat()
    code, about = one.names[0]
    return _record(assessment, Draft(requests.KIND, code, about, state, because, by, role, one.digest, details=details))


def request_entries(assessment: Assessment, listed: Iterable[requests.Request]) -> dict[str, list[Entry]]:
    """By the key of each request the states that it was given, oldest first. One whose `facts_digest` is not the request's was given when
    something else was asked."""
    ledger = judgements.read(assessment.engagement.ledger)
    return {one.key: requests.entries(one, ledger) for one in listed}


@dataclass(frozen=True)
class Page:
    """A page of an item that is a picture without text: the item's id, the path of its file, the page's number (of a picture: 1), the
    digest of the file, what the register says of the item, and what people read on the page, oldest first."""

    item: str
    file: str
    number: int
    sha256: str
    reason: str
    readings: tuple[Entry, ...]

    @property
    def reading(self) -> Entry | None:
        """The reading in force; None where nobody has read the page, or somebody that of another file."""
        return self.readings[-1] if self.readings and self.readings[-1].facts_digest == self.sha256 else None


def pages(assessment: Assessment) -> list[Page]:
    """The pages that are pictures without text, in the order of the register; also those that somebody has read. Opens the files that
    hold them, and no others."""
    told: dict[str, list[Entry]] = {}
    for entry in judgements.read(assessment.engagement.ledger).of(READING):
        told.setdefault(entry.question, []).append(entry)
    found = []
    for row in register.rows(_register(assessment)):
        reason, own = row.reason or "", told.get(row.id, [])
        if row.sha256 and row.status not in ("missing", "duplicate") and (own or WITHOUT_TEXT in reason):
            path = register.file_of(assessment.engagement.root, row)
            for number in _picture_pages(row, path) if path.is_file() else ():
                entries = tuple(entry for entry in own if entry.subject == f"page {number}")
                found.append(Page(row.id, row.path, number, row.sha256, reason, entries))
    return found


def read(
    assessment: Assessment,
    item: str,
    page: int,
    text: str,
    *,
    because: str,
    by: str,
    role: str,
    supersedes: int = 0,
) -> Entry:
    """Record what a person reads on a page of an item that is a picture, word for word. The next run takes it as text of that page,
    marked as read by hand."""
    row = register.row(_register(assessment), item)
    path = register.file_of(assessment.engagement.root, row)
    if row.sha256 is None or not path.is_file():
        raise LedgerError(f"{item} has no file to read.")
    numbers = _picture_pages(row, path)
    if page not in numbers:
        told = documents.told_unseen(numbers) if numbers else "it has none"
        raise LedgerError(f"Page {page} of {item} is no picture without text to be read by hand; {told}.")
    if not text.strip():
        raise LedgerError(f"Say what page {page} of {item} says; a page that says nothing needs no record.")
    made = Draft(
        *(READING, item, f"page {page}", "read", because, by, role, row.sha256),
        details={"text": visible(text)},
        supersedes=supersedes,
    )
    return _record(assessment, made)


def answers(assessment: Assessment, path: Path) -> list[request_answers.Answer]:
    """What the client wrote into a request list, with the states that it speaks for; records nothing."""
    return request_answers.read(path, assessment.requests(), _register(assessment))


def explain(assessment: Assessment, code: str, place: str, *, because: str, by: str, role: str) -> Entry:
    """Say why a problem of the check needs nothing more."""
    told = check.check(assessment.engagement)
    listed = [problem for problem in told["problems"] if problem["code"] == code]
    found = [p for p in listed if p["place"] == place] or [p for p in listed if p["place"].split(" ")[0] == place]
    if not found:
        there = "; ".join(p["place"] for p in listed[:5]) or "none"
        raise LedgerError(f"The check tells of no `{code}` at `{place}`; there are: {there}.")
    if len(places := {p["place"] for p in found}) > 1:
        raise LedgerError(
            f"`{place}` is not one place of `{code}` alone; name one of: {'; '.join(sorted(places)[:5])}."
        )
    return _record(assessment, check.explanation(found[0], because=because, by=by, role=role))


def note(assessment: Assessment, place: str, text: str, *, by: str, role: str) -> Entry:
    """Record a review note on a workpaper, a finding (number or key), a question (its key), an item of evidence or the report."""
    results = assessment.results()
    keys = {f.id: f.key for r in results for f in r.findings}
    places = [*keys.values(), *(q.key for q in questions(results)), *assessment.facts.register["id"]]
    entry = signing.note(assessment.engagement, keys.get(place, place), text, places=places, by=by, role=role)
    _renew(assessment, entry.subject)
    return entry


def clear(assessment: Assessment, number: int, how: str, *, by: str, role: str) -> Entry:
    """Say how a review note was cleared."""
    entry = signing.clear(assessment.engagement, number, how, by=by, role=role)
    _renew(
        assessment, next(n.subject for n in judgements.read(assessment.engagement.ledger).of("note") if n.seq == number)
    )
    return entry


def sign(assessment: Assessment, workpaper: str, way: str, *, by: str, role: str, because: str = "") -> Entry:
    """Sign a workpaper as it is now, as prepared or as reviewed."""
    entry = signing.sign(assessment.engagement, workpaper, way, by=by, role=role, because=because)
    _renew(assessment, workpaper)
    return entry


def _renew(assessment: Assessment, place: str) -> None:
    """Show signatures and notes on the page of a workpaper, where the run left one."""
    if (assessment.engagement.workpapers / f"{place}.html").exists():
        run.renew_page(assessment.engagement, place)


def _register(assessment: Assessment) -> pd.DataFrame:
    """The register as it is now: a delivery may have come since the assessment was opened."""
    return register.read(assessment.engagement.register)


def _picture_pages(row: register.RegisterRow, path: Path) -> tuple[int, ...]:
    return (1,) if row.kind == "picture" else documents.picture_pages(path)


def _record(assessment: Assessment, made: Draft) -> Entry:
    return judgements.append(assessment.engagement.ledger, [made])[0]


def _result(assessment: Assessment, procedure: str) -> ProcedureResult:
    results = {result.procedure: result for result in assessment.results()}
    if procedure not in results:
        raise LedgerError(f"There is no result of `{procedure}`; there are: {', '.join(results) or 'none yet'}.")
    return results[procedure]


def _finding(assessment: Assessment, name: str) -> Finding:
    findings = [finding for result in assessment.results() for finding in result.findings]
    found = next((finding for finding in findings if name in (finding.id, finding.key)), None)
    if found is None:
        there = ", ".join(finding.id for finding in findings) or "none"
        raise LedgerError(f"There is no finding `{name}`; there are: {there}.")
    return found
