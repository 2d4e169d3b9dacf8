"""The conditions of an authorization as tests, findings and questions of §§791.306 and 791.307: which test was assigned to each,
what it answered, and what has to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from assessor.procedures import authorization_versions
from assessor.procedures.authorization_conditions import TESTS
from assessor.procedures.authorization_setting import Answer, Setting, unusable
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import Workings, cited, counted, finding, plain, ref, rows, terms_ref
from assessor.results import Finding, Outcome, Recommendation

INSTRUCTIONS = "791.306(d)"
PARAGRAPHS: dict[str, dict[str, str]] = {
    "general": {"report_within_days_of_quarter_end": INSTRUCTIONS},
    "specific": {
        "report_within_days_of_quarter_end": "791.307(n)",
        "assessment_made": "791.307(i)(2)",
        "bill_of_materials_held": "791.307(i)(2)",
        "audit_made": "791.307(j)",
    },
}
"""Tests of conditions that stand under a paragraph of their own, by kind of authorization: reports and statements, assessments
and bills of materials, audits."""
_CITED = 50


@dataclass(frozen=True)
class Examined:
    """One condition of a letter: its row, the test assigned to it, the answer (None: it is to be asked), and why an assigned
    test could not be made, with the place in the terms."""

    row: dict[str, Any]
    test: str
    answer: Answer | None
    problem: str = ""
    place: str = ""


def assigned(facts: Facts, a: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any], str]]:
    """Each condition of a letter with the entry of the terms for it (empty where there is none) and the place there."""
    told, number = authorization_versions.settings(facts, a)
    entries: dict[str, tuple[str, dict[str, Any]]] = {}
    for place, entry in enumerate(told.get("conditions", [])):
        entries.setdefault(plain(entry.get("condition")), (f"authorizations[{number}].conditions[{place}]", entry))
    found = []
    for row in authorization_versions.conditions(facts, a):
        where, entry = entries.get(plain(row["condition"]), ("[[authorizations]]", {}))
        found.append((row, entry, where))
    return found


def examine(facts: Facts, a: dict[str, Any], transactions: pd.DataFrame) -> list[Examined]:
    """Each condition of a letter with what its test answers over these transactions."""
    log = authorization_versions.about(facts.tables["authorization_events"], a["authorization"])
    span = authorization_versions.span(facts, a)
    first = a["issued"] if len(authorization_versions.siblings(facts, a)) > 1 or span.earlier_from else None
    found = []
    for row, entry, place in assigned(facts, a):
        test = str(entry.get("test", "ask"))
        parameters = {k: v for k, v in entry.items() if k not in ("condition", "test")}
        problem = unusable(test, parameters)
        setting = Setting(facts, a, parameters, transactions, log, first, span.last)
        answer = TESTS[test](setting) if test in TESTS and not problem else None
        found.append(Examined(row, test, answer, problem, place))
    return found


def report(
    facts: Facts, a: dict[str, Any], transactions: pd.DataFrame, *, code: str, clause: str
) -> tuple[Workings, list[dict[str, Any]]]:
    """The conditions of a letter as tests, findings (`code`) and questions, and as rows of the report's table. They stand under
    `clause` where PARAGRAPHS names no other for their test."""
    w, table = Workings(), []
    name = authorization_versions.label(facts, a)
    for found in examine(facts, a, transactions):
        row, answer = found.row, found.answer
        subject = f"{name} condition {row['condition']}"
        own = ref(row)
        if found.problem:
            w.test(
                clause,
                f"{subject}: assigned test",
                Outcome.INCONCLUSIVE,
                f"The terms assign a test that cannot be made: {found.problem}. The condition is asked instead.",
                (terms_ref(found.place),),
            )
        if answer is None:
            answer = _ask(w, facts, a, subject, row, transactions)
        under = clause if found.problem else PARAGRAPHS[a["kind"]].get(found.test, clause)
        w.test(under, subject, answer.outcome, answer.reason, (own, *answer.evidence))
        if answer.outcome is Outcome.EXCEPTION:
            w.findings.append(_unmet(code, clause, under, subject, a, row, answer))
        elif answer.outcome is Outcome.INCONCLUSIVE:
            w.request(
                "condition_evidence",
                f"Documents that show how {subject} was observed",
                [subject],
                under,
                "whether the condition was met",
            )
        table.append(
            {
                "authorization": name,
                "condition": row["condition"],
                "text": row["text"] or "",
                "test": "ask" if found.problem else found.test,
                "outcome": str(answer.outcome),
                "reason": answer.reason,
                "evidence": cited((own, *answer.evidence[:5])),
            }
        )
    w.add(_not_in_letter(facts, a, name, clause))
    if not table:
        w.test(clause, name, Outcome.INCONCLUSIVE, "No conditions were found in the letter as read.", (ref(a),))
        w.request(
            "conditions",
            f"The complete letter of {name} with its conditions",
            [name],
            clause,
            "which conditions bind the client",
        )
    return w, table


def _not_in_letter(facts: Facts, a: dict[str, Any], name: str, clause: str) -> Workings:
    """Conditions to which the terms assign a test and that the letter as read does not hold."""
    w = Workings()
    told, number = authorization_versions.settings(facts, a)
    have = {plain(row["condition"]) for row in authorization_versions.conditions(facts, a)}
    for place, entry in enumerate(told.get("conditions", [])):
        if plain(entry.get("condition")) not in have:
            w.test(
                clause,
                f"{name} condition {entry.get('condition', 'without a number')}: assigned test",
                Outcome.INCONCLUSIVE,
                f"The terms assign the test {entry.get('test', 'ask')!r} to a condition that the letter as read does not hold.",
                (ref(a), terms_ref(f"authorizations[{number}].conditions[{place}]")),
            )
    return w


def asked(facts: Facts, a: dict[str, Any], row: dict[str, Any], transactions: pd.DataFrame) -> Answer:
    """What a person answered on a condition that no test is assigned to; inconclusive while nobody has."""
    return _ask(
        Workings(),
        facts,
        a,
        f"{authorization_versions.label(facts, a)} condition {row['condition']}",
        row,
        transactions,
    )


def _ask(
    w: Workings, facts: Facts, a: dict[str, Any], subject: str, row: dict[str, Any], transactions: pd.DataFrame
) -> Answer:
    entries = authorization_versions.about(facts.tables["authorization_events"], a["authorization"])
    question = w.asked(
        facts.ask(
            "condition_met",
            subject,
            {
                "condition": row["text"],
                "transactions": len(transactions),
                "log": [
                    f"{e['event']} {e['date'] or ''} {e['subject'] or ''} {e['note'] or ''}".strip()
                    for e in rows(entries)
                ],
            },
        )
    )
    places = evidence(entries, _CITED)
    if answered(question, "yes"):
        return Answer(Outcome.CONFORMS, "The assessor finds it met.", places)
    if answered(question, "not yet due"):
        return Answer(Outcome.NOT_TESTED, "The assessor finds it not yet due.", places)
    if answered(question, "no"):
        return Answer(Outcome.EXCEPTION, f"The assessor finds it not met. {question.rationale}".strip(), places)
    return Answer(Outcome.INCONCLUSIVE, "Whether it was met is asked.", places)


def _unmet(
    code: str, clause: str, under: str, subject: str, a: dict[str, Any], row: dict[str, Any], answer: Answer
) -> Finding:
    general = a["kind"] == "general"
    concerned = (
        counted(len(answer.breaking), "transaction") if answer.breaking else f"transactions under {a['authorization']}"
    )
    effect = "The authorization may not cover the transactions concerned"
    if general and under == INSTRUCTIONS:
        effect = "Failure to file as the authorization instructs may nullify it (§791.306(d)), and then it covers no transaction"
    elif general:
        effect += ", and a failure to follow its instructions may nullify it (§791.306(d))"
    return finding(
        code,
        subject,
        [under, clause],
        f"{subject} was not met",
        criteria=f"Reliance on an authorization requires its conditions to be met. Condition {row['condition']}: {row['text'] or 'text not read'}",
        condition=answer.reason,
        effect=f"{effect}.",
        recommendations=[
            Recommendation(
                "Cease what is outside the condition, establish its extent and tell BIS.", "condition", concerned
            ),
            Recommendation(
                "Make one person answerable for the condition and check it before each transaction or due date.",
                "cause",
                f"later transactions under {a['authorization']}",
            ),
        ],
        severity="high",
        evidence=(ref(row), *answer.evidence),
        transactions=answer.breaking,
    )
