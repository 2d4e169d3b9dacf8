"""The engagement as the report sees it: terms, rule, results, register and tables, with the ways of asking for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from assessor.engagement import TERMS_ITEM, Terms
from assessor.judgements import Ledger
from assessor.reporting.words import missing, plain, refs
from assessor.results import EvidenceRef, Finding, ProcedureResult, Question, Test
from assessor.rule import Rule

Row = dict[str, Any]
OWN_TERMS = f"[{TERMS_ITEM}]"


@dataclass(frozen=True)
class View:
    """Everything that the report is made from."""

    terms: Terms
    rule: Rule
    results: list[ProcedureResult]
    register: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    ledger: Ledger
    compared: Mapping[str, Any] | None = None  # the comparison with an earlier engagement that is kept

    @property
    def title(self) -> str:
        """The report's title, as the terms have it or the usual one."""
        return str(self.terms.report.get("title") or "Third-party assessment under 15 CFR part 791 subpart D")

    @property
    def version(self) -> str:
        """The report's version, 1.0 where the terms state none."""
        return plain(self.terms.engagement.get("version") or "1.0")

    @property
    def findings(self) -> list[Finding]:
        return [finding for result in self.results for finding in result.findings]

    @property
    def tests(self) -> list[Test]:
        return [test for result in self.results for test in result.tests]

    @property
    def questions(self) -> list[Question]:
        return sorted({q.key: q for result in self.results for q in result.questions}.values(), key=lambda q: q.key)

    def asked(self, question: Question) -> Row:
        """`subject` (whom or what a question is about) and `question`, as a report words them: a finding is told by its number and not by
        its key."""
        number = self._numbers.get(question.subject)
        if not number:
            return {"subject": question.subject, "question": question.asked}
        return {"subject": number, "question": question.asked.replace(question.subject, number)}

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {finding.key: finding.id for finding in self.findings}

    def rows_of(self, table: str, *procedures: str) -> list[Row]:
        """Rows of a procedure's table, of all procedures when none is named."""
        return [
            row for r in self.results if not procedures or r.procedure in procedures for row in r.tables.get(table, [])
        ]

    def records(self, name: str) -> list[Row]:
        """Rows of a table of facts as dicts."""
        table = self.tables.get(name)
        return [] if table is None else [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def place(row: Mapping[str, Any]) -> str:
    """The reference of a row of facts."""
    return refs([EvidenceRef(str(row["source"]), "" if missing(row.get("locator")) else str(row["locator"]))])


def _places(listed: Iterable[Mapping[str, Any]]) -> str:
    return refs(
        [EvidenceRef(str(row["source"]), "" if missing(row.get("locator")) else str(row["locator"])) for row in listed]
    )


def cited(clauses: Iterable[str]) -> str:
    """Clauses as cited: `§791.303(a), §791.305(g)(1)`."""
    return ", ".join(clause if clause.startswith("§") else f"§{clause}" for clause in clauses)
