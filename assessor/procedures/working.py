"""What procedures share while they work: a sheet to note results on, plain rows, day counts and counted words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.engagement import TERMS_ITEM
from assessor.procedures.facts import Facts
from assessor.results import (
    EvidenceRef,
    EvidenceRequest,
    Finding,
    Outcome,
    ProcedureResult,
    Question,
    Recommendation,
    Test,
    worst,
)

NO_CAUSE = (
    "The evidence read shows the condition and not why it came about; the client's explanation is to be obtained."
)
"""Why a finding has no cause, where nothing in evidence tells it."""


@dataclass
class Workings:
    """What a part of a procedure notes as it goes: tests, findings, requests and questions, in order."""

    tests: list[Test] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    requests: list[EvidenceRequest] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def test(
        self, clause: str, subject: str, outcome: Outcome, reason: str, evidence: Sequence[EvidenceRef] = ()
    ) -> Outcome:
        """Note a test and hand its outcome back."""
        self.tests.append(Test(clause, subject, outcome, one_stop(reason), tuple(evidence)))
        return outcome

    def request(self, code: str, what: str, subjects: Iterable[str], clause: str, settles: str) -> None:
        """Note what is missing."""
        self.requests.append(EvidenceRequest(code, what, tuple(subjects), clause, settles))

    def asked(self, question: Question) -> Question:
        """Note a question and hand it back."""
        self.questions.append(question)
        return question

    def add(self, part: Workings) -> None:
        """Take over what another part noted."""
        self.tests += part.tests
        self.findings += part.findings
        self.requests += part.requests
        self.questions += part.questions


def finding(
    code: str,
    subject: str,
    clauses: Sequence[str],
    title: str,
    *,
    criteria: str,
    condition: str,
    effect: str,
    recommendations: Sequence[Recommendation],
    severity: str,
    evidence: Sequence[EvidenceRef],
    transactions: Iterable[Any] = (),
    cause: str = "",
) -> Finding:
    """A finding; an unknown cause is left empty with its reason."""
    return Finding(
        code=code,
        subject=subject,
        clauses=tuple(dict.fromkeys(clauses)),
        title=title,
        criteria=criteria,
        condition=one_stop(condition),
        cause=cause,
        effect=effect,
        recommendations=tuple(recommendations),
        severity=severity,
        evidence=tuple(evidence),
        transactions=tuple(str(t) for t in transactions),
        absent={} if cause else {"cause": NO_CAUSE},
    )


def finish(
    workings: Workings,
    procedure: str,
    clause: str,
    title: str,
    *,
    population: str,
    work_done: Sequence[str],
    examined: Sequence[str],
    limitations: Sequence[str] = (),
    tables: dict[str, list[dict[str, Any]]] | None = None,
) -> ProcedureResult:
    """The result of a procedure: its conclusion is the worst of its tests."""
    return ProcedureResult(
        procedure=procedure,
        clause=clause,
        title=title,
        conclusion=worst(t.outcome for t in workings.tests),
        reason=summary(workings.tests),
        population=population,
        work_done=tuple(work_done),
        examined=tuple(examined),
        tests=tuple(workings.tests),
        findings=tuple(workings.findings),
        requests=tuple(workings.requests),
        questions=tuple(workings.questions),
        limitations=tuple(limitations),
        tables=tables or {},
    )


def summary(tests: Sequence[Test], by: str = "subject") -> str:
    """The tests in one sentence: exceptions and open points by their subjects (or "clause"), passes with their count."""
    of = {outcome: [t for t in tests if t.outcome is outcome] for outcome in Outcome}
    parts = []
    for outcome, one, many in (
        (Outcome.EXCEPTION, "exception", "exceptions"),
        (Outcome.INCONCLUSIVE, "open", "open"),
        (Outcome.NOT_TESTED, "not tested", "not tested"),
    ):
        if found := of[outcome]:
            places = dict.fromkeys(f"§{t.clause}" if by == "clause" else t.subject for t in found)
            parts.append(f"{counted(len(found), one, many)} ({named(places, 8)})")
    parts += [
        f"{len(of[outcome])} {word}"
        for outcome, word in ((Outcome.CONFORMS, "in conformity"), (Outcome.NOT_APPLICABLE, "not applicable"))
        if of[outcome]
    ]
    return (
        f"Of {counted(len(tests), 'test')}: {'; '.join(parts)}." if tests else "There was nothing in evidence to test."
    )


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dictionaries; what is NA is None."""
    listed: list[dict[str, Any]] = pa.Table.from_pandas(table, preserve_index=False).to_pylist()
    return listed


def ref(row: Mapping[str, Any]) -> EvidenceRef:
    """The place of one plain row."""
    return EvidenceRef(str(row["source"]), row["locator"] or "")


def refs(listed: Iterable[Mapping[str, Any]]) -> tuple[EvidenceRef, ...]:
    """The places of plain rows, sorted, without repetition."""
    return tuple(sorted({ref(row) for row in listed}))


def terms_ref(place: str) -> EvidenceRef:
    """A place in engagement.toml."""
    return EvidenceRef(TERMS_ITEM, place)


def items_ref(*tables: pd.DataFrame) -> tuple[EvidenceRef, ...]:
    """The whole items that tables were read from: evidence for what was looked for and not found."""
    return tuple(EvidenceRef(item) for item in sorted({str(s) for t in tables for s in t["source"].dropna().unique()}))


def cited(places: Iterable[EvidenceRef]) -> str:
    """Places in words, for a row of a report table."""
    return "; ".join(dict.fromkeys(str(place) for place in places))


def split(text: Any) -> list[str]:
    """The entries of a list that is written with semicolons; none for NA."""
    return [] if text is None or text is pd.NA else [part.strip() for part in str(text).split(";") if part.strip()]


def plain(text: Any) -> str:
    """A name to compare: width, case, spaces and punctuation aside. Empty for NA."""
    if text is None or text is pd.NA:
        return ""
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", str(text)).casefold()).split())


def plained(column: pd.Series[Any]) -> pd.Series[Any]:
    """`plain` over a column, each distinct text once; NA stays NA."""
    return column.map({text: plain(text) for text in column.dropna().unique()}).astype(column.dtype)


def named(names: Iterable[Any], limit: int = 6) -> str:
    """Names in words: all of them, or the first and how many more."""
    listed = [str(name) for name in names]
    more = len(listed) - limit
    return ", ".join(listed) if more <= 0 else f"{', '.join(listed[:limit])} and {more} more"


def one_stop(text: str) -> str:
    """The text without the second full stop that a quoted sentence or a name ending in "Ltd." brings along."""
    return re.sub(r"(?<!\.)\.\.(?!\.)", ".", text)


def counted(number: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 import, 2 imports."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March where there is none, so that no day is lost."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def said(facts: Facts, name: str) -> list[str]:
    """What interviews say in which a name stands as a whole word: who, when and the statement, in their order."""
    whole = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    return [
        f"{row['person'] or 'somebody not named'}, {row['date'] or 'undated'}: {row['statement']}"
        for row in rows(facts.tables["interviews"])
        if row["statement"] and whole.search(row["statement"])
    ]


def unread(facts: Facts, row: Mapping[str, Any]) -> bool:
    """Whether the item that a row came from was read only in part, so that what it lacks proves nothing."""
    register = facts.register
    if "id" not in register or "status" not in register:
        return False
    status = register.loc[(register["id"] == row["source"]).astype("boolean").fillna(False), "status"]
    return bool(len(status)) and str(status.iloc[0]) not in ("read", "duplicate")
