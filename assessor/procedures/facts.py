"""What a procedure may look at: the terms, the rule, the tables, the register and the ledger. Nothing else.

A procedure is a module with `CLAUSE`, `TITLE` and `run(facts) -> ProcedureResult`. What several procedures need (which
components are in scope, which transactions are exempt) is a public function of one of them over `Facts`; asking for it
through `facts.of` computes it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from assessor.engagement import Terms
from assessor.judgements import Ledger
from assessor.results import EvidenceRef, Question
from assessor.rule import Rule

T = TypeVar("T")


@dataclass
class Facts:
    """All facts of one engagement, as of one run."""

    terms: Terms
    rule: Rule
    tables: Mapping[str, pd.DataFrame]
    register: pd.DataFrame
    ledger: Ledger
    _derived: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)
    _stale: dict[Callable[..., Any], dict[str, Question]] = field(default_factory=dict, repr=False)
    _watched: list[dict[str, Question]] = field(default_factory=list, repr=False)

    def of(self, derive: Callable[[Facts], T]) -> T:
        """`derive(self)`, computed once. The result is shared: do not change it."""
        if derive not in self._derived:
            with self.stale_answers() as stale:
                self._derived[derive] = derive(self)
            self._stale[derive] = stale
        self._saw(self._stale.get(derive, {}))
        return self._derived[derive]  # type: ignore[no-any-return]

    @contextmanager
    def stale_answers(self) -> Iterator[dict[str, Question]]:
        """The questions whose answer is stale that are put while the block runs, by their key; also those put by what it derives,
        whoever derived it first."""
        self._watched.append({})
        try:
            yield self._watched[-1]
        finally:
            self._watched.pop()

    def _saw(self, stale: Mapping[str, Question]) -> None:
        if self._watched:
            self._watched[-1].update(stale)

    def ask(self, question_id: str, subject: str, shown: Mapping[str, Any] | None = None) -> Question:
        """The question put about `subject`, showing these facts, settled against the ledger.

        Its `state` is "open", "answered" or "stale"; only an answered question may be relied on (see `answered`).
        """
        question = self.ledger.put(self.rule.question(question_id), subject, shown or {})
        if question.state == "stale":
            self._saw({question.key: question})
        return question


def answered(question: Question, answer: str) -> bool | None:
    """Whether the question was answered so: True or False, None while it is open or its answer is stale."""
    return question.answer == answer if question.state == "answered" else None


def evidence(rows: pd.DataFrame, limit: int | None = None) -> tuple[EvidenceRef, ...]:
    """The places that these rows were read from, in their order, without repetition; at most `limit` of them."""
    places = rows[["source", "locator"]].drop_duplicates()
    if limit is not None:
        places = places.head(limit)
    return tuple(
        EvidenceRef(str(source), "" if pd.isna(locator) else str(locator))
        for source, locator in zip(places["source"], places["locator"], strict=True)
    )


def examined(*tables: pd.DataFrame) -> tuple[str, ...]:
    """Register ids of the evidence items that these tables were read from, sorted."""
    return tuple(sorted({str(source) for table in tables for source in table["source"].dropna().unique()}))
