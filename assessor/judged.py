"""What the ledger changes in results: outcomes that an assessor set over a procedure's, findings that an assessor drafted, what
management says of findings, and departures from the method.

The procedure's own outcome is never lost: it stands beside the judged one (`Test.automatic`). An override counts while the facts
under it are the same and its last day has not passed; otherwise the procedure's outcome stands again and the check says why.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from assessor.engagement import Terms
from assessor.errors import LedgerError
from assessor.judgements import Draft, Entry, Ledger
from assessor.results import (
    ADDRESSES,
    SEVERITIES,
    EvidenceRef,
    Finding,
    Outcome,
    ProcedureResult,
    Question,
    Recommendation,
    Test,
    canonical,
    worst,
)

DRAFTED = "drafted"
"""Name of the result that holds the findings which the assessor drafted; it is no procedure."""
AGREES = {"agrees": True, "disagrees": False, "partly": None}
"""What management may say of a finding."""
RESPONSE = "management_response"
"""What an entry with a response is about, besides the finding."""


class Held(NamedTuple):
    """An override and why it does not count: "stale" (the procedure finds otherwise now), "ended", "same" (the procedure's own outcome is
    the one set, so that nothing is set over it) or "" where it counts."""

    entry: Entry
    why_not: str


# overrides


def outcome_digest(test: Test) -> str:
    """SHA-256 of what a procedure found: the facts under an override."""
    found = (test.automatic or str(test.outcome), test.reason, [str(place) for place in test.evidence])
    return hashlib.sha256(canonical(found)).hexdigest()


def override(
    result: ProcedureResult,
    clause: str,
    subject: str,
    outcome: str,
    *,
    because: str,
    by: str,
    role: str,
    until: date,
    supersedes: int = 0,
) -> Draft:
    """Another outcome of a test of `result`, until a day; the procedure's own lets an earlier override go. Raises LedgerError when there
    is no such test or outcome."""
    if result.procedure == DRAFTED:
        raise LedgerError("A finding that the assessor drafted has no outcome to override; withdraw it.")
    test = _test(result, clause, subject)
    if outcome not in set(Outcome):
        raise LedgerError(f"`{outcome}` is no outcome; use one of: {', '.join(Outcome)}.")
    if outcome == Outcome.CONFORMS and not test.evidence:
        raise LedgerError(
            f"The test of §{clause} for {subject} has no evidence, without which nothing conforms; obtain some."
        )
    about = f"{result.procedure}/{clause}"
    return Draft(
        *("override", about, subject, outcome, because, by, role, outcome_digest(test)),
        details={"until": until.isoformat()},
        supersedes=supersedes,
    )


def _test(result: ProcedureResult, clause: str, subject: str) -> Test:
    found = [test for test in result.tests if (test.clause, test.subject) == (clause, subject)]
    if len(found) == 1:
        return found[0]
    if found:
        raise LedgerError(
            f"{result.procedure} has {len(found)} tests of §{clause} for {subject}, so that an override would not say which; override none of them."
        )
    same = sorted({test.subject for test in result.tests if test.clause == clause})
    hint = (
        f"it is tested for: {'; '.join(same)}"
        if same
        else f"clauses tested: {', '.join(sorted({t.clause for t in result.tests}))}"
    )
    raise LedgerError(f"{result.procedure} has no test of §{clause} for {subject}; {hint}.")


def overrides(ledger: Ledger, result: ProcedureResult, dated: date) -> dict[int, Held]:
    """The overrides of tests of a result, by the place of the test, and whether they count on the date of the report."""
    found = {}
    for place, test in enumerate(result.tests):
        entry = ledger.latest(f"{result.procedure}/{test.clause}", test.subject, "override")
        if entry is not None:
            same = entry.answer == (test.automatic or str(test.outcome))
            ended = str(entry.details.get("until", "")) < dated.isoformat()
            stale = entry.facts_digest != outcome_digest(test)
            found[place] = Held(entry, "same" if same else "stale" if stale else "ended" if ended else "")
    return found


def overridden(result: ProcedureResult, ledger: Ledger, dated: date) -> ProcedureResult:
    """The result with the outcomes that the assessor set. A finding is withdrawn, which the limitations say, when none of the tests that it
    stands on is an exception any more; the conclusion is the worst of what is left. That one no longer counts, the limitations say too."""
    there = overrides(ledger, result, dated)
    gone = [_gone(result.tests[place], held) for place, held in there.items() if held.why_not in ("stale", "ended")]
    if gone:
        result = dataclasses.replace(result, limitations=(*result.limitations, *gone))
    counting = {place: held.entry for place, held in there.items() if not held.why_not}
    if not counting:
        return result
    tests, told, lifted = list(result.tests), [], set()
    for place, entry in counting.items():
        test = tests[place]
        tests[place] = dataclasses.replace(
            test, outcome=Outcome(entry.answer), automatic=str(test.outcome), judged=_words(entry)
        )
        told.append(
            f"The outcome of §{test.clause} for {test.subject} is the assessor's: {_words(entry)}; the procedure's was {test.outcome}."
        )
        if test.outcome is Outcome.EXCEPTION and entry.answer != Outcome.EXCEPTION:
            lifted.add(place)
    withdrawn = [f for f in result.findings if (grounds := _grounds(f, result.tests)) and grounds <= lifted]
    told += [f"The finding “{finding.title}” was withdrawn with that outcome." for finding in withdrawn]
    findings = tuple(finding for finding in result.findings if finding not in withdrawn)
    outcomes = [test.outcome for test in tests] + [Outcome.EXCEPTION for _ in findings]
    return dataclasses.replace(
        result,
        tests=tuple(tests),
        findings=findings,
        conclusion=worst(outcomes),
        limitations=(*result.limitations, *told),
        reason=f"{result.reason} {f'{len(counting)} of the outcomes are' if len(counting) > 1 else 'One of the outcomes is'} the assessor's.",
    )


def _grounds(finding: Finding, tests: Sequence[Test]) -> set[int]:
    """The places of the exceptions that a finding stands on: those of its clauses for its subject or, where there are none, for what
    names its subject ("attestation of X")."""
    cited = {n: t for n, t in enumerate(tests) if t.outcome is Outcome.EXCEPTION and t.clause in finding.clauses}
    return {n for n, t in cited.items() if t.subject == finding.subject} or {
        n for n, t in cited.items() if finding.subject in t.subject
    }


def _gone(test: Test, held: Held) -> str:
    """That an outcome which the assessor set no longer counts, and why."""
    entry = held.entry
    why = {
        "stale": "the procedure finds otherwise than when it was set",
        "ended": f"its last day, {entry.details.get('until', '')}, has passed",
    }[held.why_not]
    return (
        f"The outcome that {entry.by} set of §{test.clause} for {test.subject} ({entry.answer}, entry {entry.seq} of the ledger) no longer "
        f"counts: {why}. The procedure's own stands."
    )


def stale_words(question: Question) -> str:
    """That an answer no longer counts, as a sentence for what rests on it."""
    return (
        f"The answer “{question.answer}” to {question.key} ({question.answered_by}, {question.answered_at[:10]}) no longer counts: the "
        "facts under it have changed. What rests on it is concluded as if nobody had answered, until it is confirmed or changed."
    )


def _words(entry: Entry) -> str:
    """Who set an outcome, when and why."""
    return f"{entry.answer}, by {entry.by} ({entry.role}) on {entry.at[:10]}, until {entry.details.get('until', '')}: {entry.because.rstrip('.')}"


# findings that the assessor drafted


def finding(told: Mapping[str, Any], *, because: str, by: str, role: str, supersedes: int = 0) -> Draft:
    """A finding of the assessor's own. `told`: code, subject, clauses, title, severity, criteria, condition, cause, effect, evidence
    (texts such as "E-0004 row 12"), recommendations (text, addresses, transactions), transactions, absent (element -> reason).

    Raises LedgerError when an element is missing and does not say why, when the evidence is, or when an element has another form.
    """
    _require_form(told)
    lacking = [name for name in ("code", "subject", "clauses", "title", "condition", "evidence") if not told.get(name)]
    absent = told.get("absent") or {}
    lacking += [
        name
        for name in ("criteria", "cause", "effect", "recommendations")
        if not told.get(name) and not absent.get(name)
    ]
    if lacking:
        raise LedgerError(f"The finding lacks {', '.join(lacking)}; state it, or say why there is none (`absent`).")
    if told.get("severity") not in SEVERITIES:
        raise LedgerError(f"The severity of a finding is one of: {', '.join(SEVERITIES)}.")
    return Draft(
        *("finding", told["code"], told["subject"], "drafted", because, by, role),
        details=dict(told),
        supersedes=supersedes,
    )


def _require_form(told: Mapping[str, Any]) -> None:
    """Refuse what `drafted_finding` could not read: an entry is there for good."""
    for name in ("code", "subject", "title", "criteria", "condition", "cause", "effect"):
        if not isinstance(told.get(name) or "", str):
            raise LedgerError(f"`{name}` of a finding is a text.")
    for name in ("clauses", "evidence", "transactions"):
        if not (isinstance(told.get(name) or "", str) or _texts(told[name])):
            raise LedgerError(f"`{name}` of a finding is a text or a list of texts.")
    absent = told.get("absent") or {}
    if not isinstance(absent, Mapping) or not _texts(list(absent.values())):
        raise LedgerError(
            '`absent` of a finding says for an element why there is none, such as { cause = "Not known yet." }.'
        )
    recommendations = told.get("recommendations") or []
    for each in recommendations if isinstance(recommendations, list) else [recommendations]:
        whole = isinstance(each, Mapping) and each.get("text") and isinstance(each.get("transactions", ""), str)
        if not whole or not isinstance(each["text"], str) or each.get("addresses", "condition") not in ADDRESSES:
            raise LedgerError(
                f"A recommendation of a finding has `text`, `addresses` ({' or '.join(ADDRESSES)}) and `transactions` (in words)."
            )


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) and each.strip() for each in value)


def withdrawal(entry: Entry, *, because: str, by: str, role: str) -> Draft:
    """The withdrawal of a drafted finding."""
    return Draft("finding", entry.question, entry.subject, "withdrawn", because, by, role, supersedes=entry.seq)


def drafted(ledger: Ledger) -> ProcedureResult | None:
    """The findings that the assessor drafted, as a result beside those of the procedures; None without any."""
    entries = [entry for entry in ledger.in_force("finding") if entry.answer == "drafted"]
    if not entries:
        return None
    findings = tuple(drafted_finding(entry) for entry in entries)
    tests = tuple(
        Test(finding.clauses[0], finding.subject, Outcome.EXCEPTION, finding.condition, finding.evidence)
        for finding in findings
    )
    people = ", ".join(sorted({entry.by for entry in entries}))
    return ProcedureResult(
        DRAFTED,
        "791.315(c)(3)",
        "Findings that the assessor drafted",
        Outcome.EXCEPTION,
        f"{len(findings)} findings were drafted by {people}."
        if len(findings) > 1
        else f"One finding was drafted by {people}.",
        population="What the assessor saw beyond the procedures",
        work_done=("The assessor recorded each finding with its elements and its evidence.",),
        examined=tuple(sorted({ref.item for finding in findings for ref in finding.evidence})),
        tests=tests,
        findings=findings,
    )


def drafted_finding(entry: Entry | Draft) -> Finding:
    """The finding that an entry holds, or would hold."""
    told = entry.details
    absent = {str(name): str(why) for name, why in (told.get("absent") or {}).items()}
    return Finding(
        code=entry.question,
        subject=entry.subject,
        clauses=tuple(clause.removeprefix("§") for clause in _listed(told["clauses"])),
        title=str(told["title"]),
        criteria=str(told.get("criteria") or ""),
        condition=str(told["condition"]),
        cause=str(told.get("cause") or ""),
        effect=str(told.get("effect") or ""),
        recommendations=tuple(
            Recommendation(str(r["text"]), str(r.get("addresses") or "condition"), str(r.get("transactions") or ""))
            for r in told.get("recommendations") or ()
        ),
        severity=str(told["severity"]),
        evidence=tuple(_place(str(text)) for text in _listed(told["evidence"])),
        transactions=tuple(_listed(told.get("transactions") or ())),
        absent=absent,
        procedure=DRAFTED,
    )


def _listed(value: Any) -> Sequence[Any]:
    return [value] if isinstance(value, str) else list(value)


def _place(text: str) -> EvidenceRef:
    item, _, locator = text.partition(" ")
    return EvidenceRef(item, locator)


# management's responses and departures


def finding_digest(found: Finding) -> str:
    """SHA-256 of what management is asked about: the facts under its response."""
    told = (found.title, found.condition, found.severity, list(found.clauses), list(found.transactions))
    return hashlib.sha256(canonical(told)).hexdigest()


def response(
    found: Finding, agrees: str, text: str, *, by: str, role: str, on: date | None = None, supersedes: int = 0
) -> Draft:
    """What management says of a finding: one of AGREES, its words, who said them and when."""
    if agrees not in AGREES:
        raise LedgerError(f"`{agrees}` is no position of management; use one of: {', '.join(AGREES)}.")
    details = {"date": on.isoformat()} if on else {}
    return Draft(
        *(
            "response",
            RESPONSE,
            found.key,
            agrees,
            text,
            by,
            role,
            finding_digest(found),
            details,
            supersedes,
        )
    )


def outlived(response: Mapping[str, Any], found: Finding) -> bool:
    """Whether a finding has changed since management responded to it. Of a response in the terms nobody can tell."""
    return "facts" in response and bool(response["facts"] != finding_digest(found))


def with_responses(terms: Terms, ledger: Ledger) -> Terms:
    """The terms with the responses that the ledger holds; where both have one on a finding, the ledger's counts."""
    told = [
        {
            "finding": entry.subject,
            "by": entry.by,
            "date": date.fromisoformat(str(entry.details.get("date") or entry.at)[:10]),
            "agrees": AGREES.get(entry.answer),
            "text": entry.because,
            "facts": entry.facts_digest,
        }
        for entry in ledger.in_force("response")
    ]
    newer = {row["finding"] for row in told}
    kept = [row for row in terms.responses if row.get("finding") not in newer]
    return dataclasses.replace(terms, responses=[*kept, *told])


def departure(what: str, effect: str, *, because: str, by: str, role: str) -> Draft:
    """A departure from the method: what was done otherwise, why, and what that means for the conclusions."""
    if not what.strip():
        raise LedgerError("A departure from the method says what was done otherwise.")
    if not effect.strip():
        raise LedgerError("A departure from the method needs its effect on the conclusions (--effect).")
    return Draft("departure", "method", what, "departed", because, by, role, details={"effect": effect})


def departures(ledger: Ledger) -> Iterable[str]:
    """Each departure from the method as a sentence of the report's limitations."""
    for entry in ledger.in_force("departure"):
        effect = str(entry.details.get("effect", "")).rstrip(".")
        yield f"Departure from the method: {entry.subject.rstrip('.')}. Reason: {entry.because.rstrip('.')}. Effect: {effect} ({entry.by}, {entry.at[:10]})."
