"""The conditions of an authorization as tests, findings and questions of §§791.306 and 791.307: which test was assigned to each,
what it answered, and what has to be asked."""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures.authorization_conditions import NEEDED, TESTS, Answer, Setting
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import Workings, cited, counted, finding, plain, rows
from assessor.results import EvidenceRef, Outcome, Recommendation

_CITED = 50


def examine(
    facts: Facts, authorization: dict[str, Any], transactions: pd.DataFrame
) -> list[tuple[dict[str, Any], str, Answer | None]]:
    """Each condition of an authorization as (its row, the test's name, the answer); None where it is to be asked."""
    number = authorization["authorization"]
    conditions, log = facts.tables["authorization_conditions"], facts.tables["authorization_events"]
    settings = next((a for a in facts.terms.authorizations if plain(a.get("number")) == plain(number)), {})
    assigned = {plain(c.get("condition")): c for c in settings.get("conditions", [])}
    found = []
    for row in rows(conditions[(conditions["authorization"] == number).fillna(False)]):
        told = assigned.get(plain(row["condition"]), {})
        test = str(told.get("test", "ask"))
        parameters = {k: v for k, v in told.items() if k not in ("condition", "test")}
        usable = (
            test in TESTS
            and all(p in parameters for p in NEEDED.get(test, ()))
            and (test != "exported_by_end" or "by" in parameters or "within_days" in parameters)
        )
        setting = Setting(
            facts, authorization, parameters, transactions, log[(log["authorization"] == number).fillna(False)]
        )
        found.append((row, test, TESTS[test](setting) if usable else None))
    return found


def report(
    facts: Facts,
    authorization: dict[str, Any],
    transactions: pd.DataFrame,
    *,
    code: str,
    clause: str,
) -> tuple[Workings, list[dict[str, Any]]]:
    """The conditions of an authorization as tests, findings (`code`) and questions, and as rows of the report's table."""
    w, table = Workings(), []
    number = authorization["authorization"]
    for row, test, answer in examine(facts, authorization, transactions):
        subject = f"{number} condition {row['condition']}"
        own = EvidenceRef(str(row["source"]), row["locator"] or "")
        if answer is None:
            answer = _ask(w, facts, subject, row, transactions, own)
        w.test(clause, subject, answer.outcome, answer.reason, (own, *answer.evidence))
        if answer.outcome is Outcome.EXCEPTION:
            w.findings.append(_unmet(code, clause, subject, authorization, row, answer, own))
        elif answer.outcome is Outcome.INCONCLUSIVE:
            w.request(
                "condition_evidence",
                f"Documents that show how {subject} was observed",
                [subject],
                clause,
                "whether the condition was met",
            )
        table.append(
            {
                "authorization": number,
                "condition": row["condition"],
                "text": row["text"] or "",
                "test": test,
                "outcome": str(answer.outcome),
                "reason": answer.reason,
                "evidence": cited((own, *answer.evidence[:5])),
            }
        )
    if not table:
        w.test(
            clause,
            number,
            Outcome.INCONCLUSIVE,
            "No conditions were found in the letter as read.",
            (EvidenceRef(str(authorization["source"]), authorization["locator"] or ""),),
        )
        w.request(
            "conditions",
            f"The complete letter of {number} with its conditions",
            [number],
            clause,
            "which conditions bind the client",
        )
    return w, table


def _ask(
    w: Workings, facts: Facts, subject: str, row: dict[str, Any], transactions: pd.DataFrame, own: EvidenceRef
) -> Answer:
    log = facts.tables["authorization_events"]
    entries = log[(log["authorization"] == row["authorization"]).fillna(False)]
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
    places = (own, *evidence(entries, _CITED))
    if answered(question, "yes"):
        return Answer(Outcome.CONFORMS, "The assessor finds it met.", places)
    if answered(question, "not yet due"):
        return Answer(Outcome.NOT_TESTED, "The assessor finds it not yet due.", places)
    if answered(question, "no"):
        return Answer(Outcome.EXCEPTION, f"The assessor finds it not met. {question.rationale}".strip(), places)
    return Answer(Outcome.INCONCLUSIVE, "Whether it was met is asked.", places)


def _unmet(
    code: str,
    clause: str,
    subject: str,
    authorization: dict[str, Any],
    row: dict[str, Any],
    answer: Answer,
    own: EvidenceRef,
) -> Any:
    concerned = (
        counted(len(answer.breaking), "transaction")
        if answer.breaking
        else f"transactions under {authorization['authorization']}"
    )
    return finding(
        code,
        subject,
        [clause],
        f"{subject} was not met",
        criteria=f"Reliance on an authorization requires its conditions to be met. Condition {row['condition']}: {row['text'] or 'text not read'}",
        condition=answer.reason,
        effect="The authorization may not cover the transactions concerned"
        + (", and a failure to follow its instructions may nullify it." if authorization["kind"] == "general" else "."),
        recommendations=[
            Recommendation(
                "Cease what is outside the condition, establish its extent and tell BIS.", "condition", concerned
            ),
            Recommendation(
                "Make one person answerable for the condition and check it before each transaction or due date.",
                "cause",
                f"later transactions under {authorization['authorization']}",
            ),
        ],
        severity="high",
        evidence=(own, *answer.evidence),
        transactions=answer.breaking,
    )
