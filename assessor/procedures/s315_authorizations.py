"""§791.315(d)(4): vulnerabilities or deficiencies in the implementation of the authorizations under which the client transacts.

For each condition and duty: its design (does a passage of the policies provide for it, who is responsible, what was said about it)
and its operation (what §§791.306 and 791.307 found). Gaps between the two are listed; what is a finding there is referred to and
not made a second time. Whether the implementation as a whole is effective is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from assessor.procedures import (
    authorization_scope,
    authorization_versions,
    policy_design,
    s306_general_authorizations,
    s307_specific_authorizations,
    s312_records,
)
from assessor.procedures.authorization_versions import Row, about, key
from assessor.procedures.facts import Facts, answered, examined
from assessor.procedures.working import (
    Workings,
    cited,
    counted,
    finding,
    finish,
    items_ref,
    named,
    plain,
    ref,
    refs,
    rows,
)
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Recommendation, Test, worst

CLAUSE = "791.315(d)(4)"
TITLE = "Implementation of authorizations"
READ = ("authorizations", "authorization_conditions", "authorization_events", "policies", "interviews", "site_visits")
SECTIONS = {"general": s306_general_authorizations, "specific": s307_specific_authorizations}
ELEMENT = "authorization management"
_SHOWN = 8  # passages and statements shown to the assessor for one authorization
_OUTSIDE = ("before", "after", "line", "kind")


@dataclass(frozen=True)
class Line:
    """One condition or duty of an authorization: where its design shows, how it operated, and what is lacking.

    `shown` is False where the outcome rests on an answer of the assessor, which a question does not show.
    """

    letter: EvidenceRef
    authorization: str
    duty: str
    clauses: tuple[str, ...]
    passages: tuple[EvidenceRef, ...]
    statements: tuple[EvidenceRef, ...]
    entries: tuple[EvidenceRef, ...]
    tests: tuple[Test, ...]
    shown: bool
    gaps: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def design(self) -> str:
        """Passages and statements in words."""
        told = f"{counted(len(self.passages), 'passage')}, {counted(len(self.statements), 'statement')}"
        return told if self.passages or self.statements else "nothing found"

    @property
    def outcome(self) -> Outcome | None:
        """The worst outcome of its tests; None where no data show how it operated."""
        return worst(test.outcome for test in self.tests) if self.tests else None

    @property
    def operation(self) -> str:
        """The reasons of that outcome, and the entries of the log."""
        logged = f" {counted(len(self.entries), 'log entry', 'log entries')}." if self.entries else ""
        reasons = " ".join(test.reason for test in self.tests if test.outcome is self.outcome)
        return f"{reasons or 'No data show how it operated.'}{logged}"


def run(facts: Facts) -> ProcedureResult:
    """Describe design and operation of every authorization in use, list the gaps, and ask whether it is effective."""
    w, table = Workings(), []
    names: dict[str, tuple[str, str]] = {}
    for kind in SECTIONS:
        for a in authorization_versions.letters(facts, kind):
            names.setdefault(key(a["authorization"]), (kind, str(a["authorization"])))
    for kind, number in names.values():
        part, lines = _authorization(facts, kind, number)
        w.add(part)
        table += [_row(line) for line in lines]
    for kind in SECTIONS:
        for number in authorization_scope.unseen(facts, kind)["authorization"].dropna().unique():
            users = about(facts.tables["transactions"], number)
            reason = "Transactions claim it and its letter is not in evidence, so that its implementation cannot be described."
            w.test(CLAUSE, str(number), Outcome.INCONCLUSIVE, reason, refs(rows(users.head(5))))
    if not w.tests:
        w.test(
            CLAUSE,
            "authorizations",
            Outcome.NOT_APPLICABLE,
            "The client transacts under no authorization.",
            items_ref(facts.tables["transactions"]),
        )
    return finish(
        w,
        "s315_authorizations",
        CLAUSE,
        TITLE,
        population=f"{counted(len(names), 'authorization')} with {counted(len(table), 'condition or duty', 'conditions and duties')}",
        work_done=(
            "Searched the policies for passages on authorizations that speak of each condition and duty, and interviews and site "
            "visits for statements that name the authorization.",
            "Set beside them what the log holds and what §§791.306 and 791.307 found for each condition and duty.",
            "Listed conditions and duties for which a passage, a log entry or a decided outcome is lacking.",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            "Passages and statements were found by words; one that says it in other words was not found, and one that was found may "
            "not regulate the matter.",
        )
        if names
        else (),
        tables={"implementation": table},
    )


def _authorization(facts: Facts, kind: str, number: str) -> tuple[Workings, list[Line]]:
    """The lines of one authorization, and the question on it where transactions claim it or fall under it."""
    w = Workings()
    frame = about(facts.of(SECTIONS[kind].covered), number)
    letters = [a for a in authorization_versions.letters(facts, kind) if key(a["authorization"]) == key(number)]
    if frame.empty:
        reason = "No transaction claims it or falls under it."
        w.test(CLAUSE, number, Outcome.NOT_APPLICABLE, reason, tuple(ref(a) for a in letters))
        return w, []
    passages = _passages(facts, kind)
    statements = _statements(facts, number)
    lines = [line for a in letters for line in _lines(facts, kind, a, passages, statements)]
    outside = int(frame["failing"].isin(_OUTSIDE).sum())
    question = w.asked(
        facts.ask(
            "authorization_implementation",
            number,
            {
                "conditions and duties": [
                    {
                        "what": f"{line.authorization}: {line.duty}",
                        "design": line.design,
                        "operation": f"{line.outcome or 'not shown'}: {line.operation}"
                        if line.shown
                        else "asked or tested apart",
                    }
                    for line in lines
                ],
                "passages": [
                    {"document": p["document"], "place": p["locator"], "text": p["text"]} for p in passages[:_SHOWN]
                ],
                "statements": [{"place": str(ref(s)), "text": s["told"]} for s in statements[:_SHOWN]],
                "transactions": {
                    "claim it or fall under it": len(frame),
                    "outside its lines, kinds or time": outside,
                    "of a day on which the version in force is open": int(
                        (frame["failing"] == "version").fillna(False).sum()
                    ),
                },
            },
        )
    )
    settled = question.answer if question.state == "answered" else ""
    told_elsewhere = list(dict.fromkeys(line.duty for line in lines if line.findings))
    gaps = [f"{line.duty}: {gap}" for line in lines for gap in line.gaps]
    told = f"{counted(len(gaps), 'gap')} in {counted(len(lines), 'condition or duty', 'conditions and duties')}"
    places = _places(lines) or tuple(ref(a) for a in letters)
    lacking = f" What it lacks is set out in the findings on {named(told_elsewhere, 8)}." if told_elsewhere else ""
    w.test(
        CLAUSE,
        number,
        {"yes": Outcome.CONFORMS, "partly": Outcome.EXCEPTION, "no": Outcome.EXCEPTION}.get(
            settled, Outcome.INCONCLUSIVE
        ),
        {
            "yes": f"The assessor finds its implementation effective; {told}.",
            "partly": f"The assessor finds its implementation effective in part. {question.rationale}{lacking}",
            "no": f"The assessor does not find its implementation effective. {question.rationale}{lacking}",
        }.get(settled, f"Whether its implementation is effective is asked; {told}."),
        places,
    )
    if answered(question, "yes") is False and not told_elsewhere:
        w.findings.append(_deficient(number, question.rationale, gaps, places, in_part=settled == "partly"))
    return w, lines


def _lines(facts: Facts, kind: str, a: Row, passages: list[Row], statements: list[Row]) -> Iterable[Line]:
    """Conditions of the letter, then the duties of its kind; duties that are the authorization's own once, with its first letter."""
    data = facts.rule.data("authorization_duties")
    result = facts.of(SECTIONS[kind].run)
    name, number = authorization_versions.label(facts, a), str(a["authorization"])
    log = about(facts.tables["authorization_events"], number)
    general_words = data["conditions"]["ask"]["any"]  # a passage that has every condition watched provides for each
    for row in result.tables["conditions"]:
        if row["authorization"] == name:
            duty, own = f"condition {row['condition']}", data["conditions"][row["test"]]
            told = {**own, "any": [*own["any"], *general_words]}
            tests = tuple(t for t in result.tests if t.subject == f"{name} {duty}")
            found = _found(result, tests, {f"{name} {duty}"})
            yield _line(a, name, duty, told, tests, found, log, passages, statements, shown=row["test"] != "ask")
    first = authorization_versions.siblings(facts, a)[0] == a
    for duty, told in data["duties"].items():
        clauses = told["clauses"].get(kind, ())
        if told["clauses"] and not clauses:
            continue
        part, each = told.get("part", ""), told.get("each", False)
        subjects = {f"{name}{part}", *([number] if first and not part else [])}
        tests = tuple(
            t
            for t in result.tests
            if t.clause in clauses
            and (t.subject in subjects or (each and first and t.subject.startswith(f"{number}: ")))
        )
        if tests or first:
            found = _of_records(facts, tests) if part else _found(result, tests, {number} if each else subjects)
            yield _line(a, name, duty, told, tests, found, log, passages, statements, shown=not part)


def _found(result: ProcedureResult, tests: tuple[Test, ...], subjects: set[str]) -> tuple[str, ...]:
    """Keys of the findings of a section that set out the exceptions among these tests."""
    clauses = {t.clause for t in tests if t.outcome is Outcome.EXCEPTION}
    return tuple(
        f"{result.procedure}/{f.code}/{f.subject}"
        for f in result.findings
        if f.subject in subjects and clauses & set(f.clauses)
    )


def _of_records(facts: Facts, tests: tuple[Test, ...]) -> tuple[str, ...]:
    """Keys of the findings on single records (§791.312(a)), where a test of records under an authorization is an exception."""
    if not any(t.outcome is Outcome.EXCEPTION for t in tests):
        return ()
    listed = facts.of(s312_records.run).findings
    return tuple(f"s312_records/{f.code}/{f.subject}" for f in listed if f.transactions)


def _line(
    a: Row,
    name: str,
    duty: str,
    told: Row,
    tests: tuple[Test, ...],
    found: tuple[str, ...],
    log: pd.DataFrame,
    passages: list[Row],
    statements: list[Row],
    *,
    shown: bool,
) -> Line:
    words = re.compile(policy_design.words(told["any"]), re.IGNORECASE)
    provided = refs(p for p in passages if words.search(p["text"] or ""))
    said = refs(s for s in statements if words.search(s["told"] or ""))
    events = told.get("events", [])
    logged = refs(rows(log[log["event"].isin(events)]))
    outcome = worst(t.outcome for t in tests) if tests else None
    clauses = tuple(dict.fromkeys(t.clause for t in tests))
    gaps = []
    if not provided:
        gaps.append("no passage provides for it" if said or logged else "no control evidence of any kind")
    if events and not logged and outcome is not Outcome.NOT_APPLICABLE and outcome is not None:
        gaps.append("no log entry")
    if outcome is Outcome.NOT_TESTED:
        gaps.append("still running or not tested")
    if outcome is Outcome.INCONCLUSIVE:
        gaps.append("open")
    if outcome is Outcome.EXCEPTION:
        gaps.append("did not operate")
    return Line(ref(a), name, duty, clauses, provided, said, logged, tests, shown, tuple(gaps), found)


def _passages(facts: Facts, kind: str) -> list[Row]:
    """Paragraphs of the policies that speak of authorizations, those on the other kind alone left out."""
    other = "specific" if kind == "general" else "general"
    found = []
    for row in rows(policy_design.passages(facts, facts.rule.data("policy_elements")[ELEMENT])):
        text = plain(row["text"])
        if f"{other} authori" not in text or f"{kind} authori" in text:
            found.append(row)
    return found


def _statements(facts: Facts, number: str) -> list[Row]:
    """Statements of interviews and site visits that name the authorization, with their words as `told`."""
    found = []
    for table, column in (("interviews", "statement"), ("site_visits", "text")):
        for row in rows(facts.tables[table]):
            if f" {plain(number)} " in f" {plain(row[column])} ":
                found.append({**row, "told": row[column]})
    return found


def _places(lines: list[Line]) -> tuple[EvidenceRef, ...]:
    every = [place for line in lines for place in (*line.passages, *line.statements, *line.entries)]
    return tuple(dict.fromkeys(every))[:20]


def _row(line: Line) -> Row:
    return {
        "authorization": line.authorization,
        "duty": line.duty,
        "clause": ", ".join(f"§{clause}" for clause in line.clauses) or "–",
        "design": line.design,
        "outcome": str(line.outcome or "–"),
        "operation": line.operation,
        "gaps": "; ".join(line.gaps) or "none seen",
        "findings": "; ".join(line.findings),
        "evidence": cited((line.letter, *line.passages[:3], *line.statements[:3], *line.entries[:3])),
    }


def _deficient(
    number: str, rationale: str, gaps: list[str], places: tuple[EvidenceRef, ...], *, in_part: bool
) -> Finding:
    listed = f" Gaps seen: {named(gaps, 6)}." if gaps else ""
    return finding(
        "implementation_deficient",
        number,
        [CLAUSE],
        f"The implementation of {number} is deficient{' in part' if in_part else ''}",
        criteria="A client that transacts under an authorization provides for each of its conditions and duties and carries them out.",
        condition=f"{rationale or 'As the assessor found.'}{listed}",
        effect="Conditions of the authorization may be missed unnoticed, and with them its cover of the transactions.",
        severity="low" if in_part else "medium",
        evidence=places,
        recommendations=[
            Recommendation(
                "Provide for each condition and duty named: who acts, on what occasion, by when, and what is logged.",
                "cause",
                f"transactions under {number}",
            )
        ],
    )
