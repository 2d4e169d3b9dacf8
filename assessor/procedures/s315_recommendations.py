"""§791.315(d)(5): which transactions is each recommended improvement applicable to?

The last step of an assessment: unlike a procedure it looks at the findings of all procedures, never at their other results.
A finding that names its transactions, or whose subject the transactions share (an authorization that they claim, a declaration
that describes them, an item or line that they carry), is a machine's proposal. Where the scope stands in words only, it is asked,
once for a finding, with all transactions in view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assessor.procedures import (
    authorization_scope,
    authorization_versions,
    declaration_due,
    declaration_timing,
    exposure,
)
from assessor.procedures.facts import Facts, examined
from assessor.procedures.limbs import certain, impossible
from assessor.procedures.working import Workings, counted, finish, items_ref, rows
from assessor.results import Finding, Outcome, ProcedureResult, Question

CLAUSE = "791.315(d)(5)"
TITLE = "Recommendations as applicable to each transaction"
GROUPS = 40
"""How many groups of transactions a question shows."""


@dataclass(frozen=True)
class Applicable:
    """The transactions that a finding's recommendations are applicable to, and why these; `question` where that is asked."""

    because: str
    transactions: tuple[str, ...] = ()
    question: Question | None = None

    @property
    def words(self) -> str:
        """A sentence for the report."""
        if self.question is None:
            number = counted(len(self.transactions), "transaction") if self.transactions else "no transaction"
            return f"In evidence: {number} {self.because}."
        if self.question.state != "answered":
            return "To which of the transactions in evidence it is applicable is not decided."
        told = {"yes": "applicable", "partly": "applicable in part", "no": "not applicable"}.get(
            self.question.answer, "open"
        )
        return f"By the assessor's decision {told} to the transactions in evidence. {self.question.rationale}".strip()


def run(facts: Facts, findings: Sequence[Finding]) -> ProcedureResult:
    """Take every finding's recommendations to the transactions; one test a finding."""
    noted, table, listed = Workings(), [], []
    t = facts.tables["transactions"]
    for finding in findings:
        told = applicable(facts, finding)
        if told.question is not None:
            noted.asked(told.question)
        noted.test(CLAUSE, finding.key, *_outcome(finding, told), finding.evidence)
        table += [
            {
                "finding": finding.key,
                "recommendation": recommendation.text,
                "addresses": recommendation.addresses,
                "stated": recommendation.transactions,
                "transactions": len(told.transactions),
                "applicable": told.words,
            }
            for recommendation in finding.recommendations
        ]
        if told.transactions and not finding.transactions:
            listed.append({"finding": finding.key, "because": told.because, "transactions": list(told.transactions)})
    if not findings:
        noted.test(
            CLAUSE, "findings", Outcome.NOT_APPLICABLE, "There is no finding to recommend anything for.", items_ref(t)
        )
    return finish(
        noted,
        "s315_recommendations",
        CLAUSE,
        TITLE,
        population=f"{counted(len(table), 'recommendation')} of {counted(len(findings), 'finding')}, "
        f"{counted(len(t), 'transaction')}",
        work_done=(
            "Took the transactions that each finding names, or that share its authorization, declaration, item or line; where the scope "
            "stands in words only, put it to the assessor.",
        ),
        examined=examined(t),
        tables={"recommendations": table, "applicable": listed},
    )


def applicable(facts: Facts, finding: Finding) -> Applicable:
    """To which transactions a finding's recommendations are applicable, by the evidence or else by a question."""
    if finding.transactions:
        return Applicable("named in the finding", finding.transactions)
    if not finding.recommendations or facts.tables["transactions"].empty:
        return Applicable("to compare it with")
    shared = _shared(facts, finding.subject)
    return shared if shared is not None else Applicable("stated in words only", question=_ask(facts, finding))


def _outcome(finding: Finding, told: Applicable) -> tuple[Outcome, str]:
    if not finding.recommendations:
        return Outcome.NOT_TESTED, finding.absent.get("recommendations") or "It recommends nothing."
    if told.question is None:
        known = Outcome.CONFORMS if finding.evidence else Outcome.INCONCLUSIVE
        return known if told.transactions else Outcome.NOT_APPLICABLE, told.words
    answer = told.question.answer if told.question.state == "answered" else ""
    found = {"yes": Outcome.CONFORMS, "partly": Outcome.CONFORMS, "no": Outcome.NOT_APPLICABLE}.get(answer)
    return found or Outcome.INCONCLUSIVE, told.words


def _shared(facts: Facts, subject: str) -> Applicable | None:
    """The transactions that share the subject of a finding, by the first of these that it names; None where it names none.

    An authorization (or a condition of one) and the transactions that claim it; a change in the client's log and the declaration
    that it touches; a declaration and the transactions that it is or may be for; an item and the lines that carry it; a line. A
    filing with BIS is shared by none.
    """
    tables = facts.tables
    t = tables["transactions"]
    numbers = {*tables["authorizations"]["authorization"].dropna(), *t["authorization"].dropna()}
    for number in sorted(map(str, numbers), key=len, reverse=True):
        if subject == number or subject.startswith(f"{number} "):
            claimed = authorization_versions.about(facts.of(authorization_scope.movements), number)
            return _ids(claimed, f"claiming {number}")
    for change in rows(tables["changes"]):
        if change["change"] == subject and change["declaration"]:
            declared = _declared(facts, str(change["declaration"]), change["effective"])
            if declared is not None:
                return declared
    declared = _declared(facts, subject)
    if declared is not None:
        return declared
    if subject in set(tables["filings"]["file"].dropna()):
        return Applicable("that a filing as such concerns")
    lines = [line for line, items in exposure.line_items(facts).items() if subject in (items or ())]
    if lines or certain(t["item"] == subject).any():
        moved = _to_declare(facts, subject)
        held = certain(moved["line"].isin(lines)) | certain(moved["item"] == subject)
        return _ids(moved[held], f"of or for vehicles that carry {subject}, and not exempt")
    if subject in set(tables["vehicles"]["line"].dropna()):
        moved = facts.of(authorization_scope.movements)
        return _ids(moved[certain(moved["line"] == subject)], f"of {subject}")
    return None


def _to_declare(facts: Facts, item: str) -> pd.DataFrame:
    """Imports and sales for which a declaration is, or may be, due by what the item holds: software, hardware or both."""
    due, c = facts.of(declaration_due.due), facts.tables["components"]
    media = c.loc[certain(c["item"] == item), "medium"].dropna().unique()
    none = [impossible(due[f"{medium}_due"]) for medium in media]
    return (
        due[~pd.concat(none, axis=1).all(axis=1)]
        if none
        else due[~impossible(due["software_due"] | due["hardware_due"])]
    )


def _declared(facts: Facts, reference: str, since: Any = None) -> Applicable | None:
    """The transactions that a declaration is, or may be, for, from a day on; None where there is no such declaration."""
    for declaration in rows(facts.tables["declarations"]):
        if declaration["declaration"] == reference:
            found = declaration_timing.concerned(facts, declaration)
            found = found[~impossible(found["due"])]
            if since is not None:
                found = found[~impossible(found["date"] >= since)]
            return _ids(found, f"that {reference} is for{f', from {since}' if since is not None else ''}")
    return None


def _ids(found: pd.DataFrame, because: str) -> Applicable:
    return Applicable(because, tuple(map(str, found["transaction"].dropna())))


def _ask(facts: Facts, finding: Finding) -> Question:
    """The question for a finding: what it recommends and all transactions, grouped by kind, line and basis."""
    return facts.ask(
        "applicable_to_transaction",
        finding.key,
        {
            "finding": finding.title,
            "recommendations": [
                f"{recommendation.text} (addresses the {recommendation.addresses}; stated for: "
                f"{recommendation.transactions or 'nothing stated'})"
                for recommendation in finding.recommendations
            ],
            "transactions": facts.of(_groups),
        },
    )


def _groups(facts: Facts) -> list[str]:
    """All transactions in words, one entry for each kind, line and authorization claimed."""
    t = facts.tables["transactions"]
    keys = [t["kind"].fillna("kind not stated"), t["line"].fillna("no line"), t["authorization"].fillna("none")]
    told = [
        f"{counted(len(group), 'transaction')}: {str(kind).replace('_', ' ')}, {line}, authorization claimed: {claimed}, "
        f"{_span(group['date'].dropna())}"
        for (kind, line, claimed), group in t.groupby(keys, sort=True)
    ]
    more = len(told) - GROUPS
    return told if more <= 0 else [*told[:GROUPS], f"{counted(more, 'further group')}"]


def _span(dates: Iterable[Any]) -> str:
    days = list(dates)
    return f"{min(days)} to {max(days)}" if days else "undated"
