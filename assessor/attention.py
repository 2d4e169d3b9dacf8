"""What of an engagement needs a person, whether it is looked at before a report is issued or meanwhile: its ledger, deliveries that
wait, terms that nobody has confirmed, judgements, review notes and signatures. The codes stand in `check`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NotRequired, TypedDict

from assessor import inbox, judged, judgements, prior, rule, signing
from assessor.assessment import questions
from assessor.comparison import recorded
from assessor.engagement import Engagement, Terms
from assessor.errors import EngagementError
from assessor.results import ProcedureResult, Question


class Problem(TypedDict):
    """One thing that is wrong: a code, where, and what to do; for a question also the material to look at."""

    code: str
    place: str
    message: str
    shows: NotRequired[list[str]]


def in_ledger(ledger: judgements.Ledger) -> list[Problem]:
    """What is damaged in the ledger, or odd."""
    told = [("ledger_damaged", text) for text in ledger.problems] + [("ledger_odd", text) for text in ledger.oddities]
    return [Problem(code=code, place="judgements.jsonl", message=text) for code, text in told]


def in_inbox(engagement: Engagement) -> list[Problem]:
    """Deliveries that lie in the inbox as nobody has taken them in."""
    take = f"take it in with `assessor batch {engagement.root} --until intake`"
    return [
        Problem(code="delivery_waiting", place=f"inbox/{name}", message=f"This delivery waits; {take}.")
        for name in inbox.waiting(engagement)
    ]


def in_terms(terms: Terms) -> list[Problem]:
    """What was carried from an earlier engagement or proposed, and nobody has confirmed."""
    what_to_do = "Confirm or correct it for this engagement, then take it out of `to_confirm`."
    return [
        Problem(
            code="not_confirmed",
            place=f"engagement.toml {part}",
            message=f"{prior.CONFIRM.get(part, 'Nobody has confirmed it.')} {what_to_do}",
        )
        for part in terms.engagement.get("to_confirm", [])
    ]


def in_question(q: Question) -> Problem:
    """A question without an answer in force."""
    if q.state == "stale":
        message = f"The facts have changed since this was answered; answer it again: {q.asked}"
        return Problem(code="judgement_stale", place=q.key, message=message, shows=list(q.shows))
    return Problem(code="question_open", place=q.key, message=q.asked, shows=list(q.shows))


def in_judgements(
    terms: Terms, results: list[ProcedureResult], ledger: judgements.Ledger, besides: Iterable[Question] = ()
) -> list[Problem]:
    """Judgements that are stale, have ended or are about what is not asked any more. `besides`: questions that no procedure puts
    (`comparison.recorded`)."""
    found: list[Problem] = []
    dated = terms.dated
    let_go = "set it again, or set the procedure's own outcome to let it go"
    by_name = {result.procedure: result for result in results}
    for entry in ledger.in_force("override"):
        name, _, clause = entry.question.partition("/")
        place = f"{entry.question} {entry.subject}"
        held = (
            [h for h in judged.overrides(ledger, by_name[name], dated).values() if h.entry == entry]
            if name in by_name
            else []
        )
        if not held:
            message = f"Entry {entry.seq} overrides a test of §{clause} that there is no more; nothing follows from it."
            found.append(Problem(code="judgement_orphaned", place=place, message=message))
        elif {h.why_not for h in held} & {"", "same"}:
            continue
        elif held[0].why_not == "stale":
            message = f"The procedure finds otherwise than when this was set, so that its own outcome stands; {let_go}."
            found.append(Problem(code="judgement_stale", place=place, message=message))
        else:
            message = f"Its last day ({entry.details.get('until', 'none stated')}) has passed, so that the procedure's outcome stands; {let_go}."
            found.append(Problem(code="judgement_ended", place=place, message=message))
    findings = {f.key: f for r in results for f in r.findings}
    for entry in ledger.in_force("response"):
        about = findings.get(entry.subject)
        if about is None:
            message = f"Entry {entry.seq} holds management's response to a finding that there is no more."
            found.append(Problem(code="judgement_orphaned", place=entry.subject, message=message))
        elif entry.facts_digest != judged.finding_digest(about):
            message = (
                f"The finding has changed since management responded (entry {entry.seq}); show it to management again."
            )
            found.append(Problem(code="judgement_stale", place=entry.subject, message=message))
    asked = {(q.id, q.subject) for q in (*questions(results), *besides)}
    for entry in ledger.in_force(judgements.ANSWER):
        if (entry.question, entry.subject) not in asked:
            message = f"Entry {entry.seq} answers what nothing asks any more ({entry.answer}, {entry.by}); nothing follows from it."
            found.append(Problem(code="judgement_orphaned", place=f"{entry.question}/{entry.subject}", message=message))
    return found


def in_questions(terms: Terms, results: list[ProcedureResult]) -> list[Problem]:
    """Questions that every assessment puts, and this one did not."""
    put = {question.id for question in questions(results)}
    found = []
    for text in rule.load(terms.rule_version).questions.values():
        if text.always and text.id not in put:
            message = f"Every assessment puts this question (§{text.clause}: {text.asked}), and no result has it; run the procedure that does."
            found.append(Problem(code="question_never_asked", place=text.id, message=message))
    return found


def in_comparison(engagement: Engagement) -> list[Problem]:
    """Of the comparison with an earlier engagement that is kept: that it is damaged or outdated, and its questions without an answer."""
    again = f"make it again with `assessor compare PRIOR {engagement.root} --record`, or remove the file"
    place = f"results/{recorded.NAME}"
    try:
        content = recorded.read(engagement)
    except EngagementError as error:
        return [Problem(code="comparison_outdated", place=place, message=str(error))]
    if content is None:
        return []
    found = [in_question(q) for q in recorded.questions(engagement, content) if q.state != "answered"]
    if why := content["outdated"]:
        found.append(Problem(code="comparison_outdated", place=place, message=f"{why[0].upper()}{why[1:]}; {again}."))
    return found


def in_review(engagement: Engagement, ledger: judgements.Ledger) -> list[Problem]:
    """Notes that are open, and workpapers that are not signed as they are now."""
    root = engagement.root
    found = [
        Problem(
            code="note_open",
            place=f"{note.subject} (entry {note.seq})",
            message=f"{note.by}: {note.because} Clear it with `assessor ledger clear {root} {note.seq}`.",
        )
        for note in signing.open_notes(ledger)
    ]
    for standing in signing.standings(engagement, ledger):
        undone = (
            "; it changed after " + " and ".join(f"{e.by} signed it" for e in standing.undone)
            if standing.undone
            else ""
        )
        lacking = [
            way
            for way, entry in ((signing.PREPARED, standing.prepared), (signing.REVIEWED, standing.reviewed))
            if entry is None
        ]
        if lacking:
            message = f"It is not signed as {' and '.join(lacking)}{undone}; sign it with `assessor ledger sign {root} {standing.name}`."
            found.append(Problem(code="unsigned", place=standing.name, message=message))
        if signing.same_person(standing):
            message = "Who reviewed it prepared it; somebody else reviews it."
            found.append(Problem(code="same_person", place=standing.name, message=message))
    return found
