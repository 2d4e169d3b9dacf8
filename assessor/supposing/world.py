"""The facts of an engagement with what is supposed put in their place, in memory alone.

Nothing supposed can pass for evidence: a row that is added is cited as `SUPPOSED owner 2`, and a row that is changed at the place
that it was read from, followed by `[supposed: owner 2]`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from assessor.engagement import Terms
from assessor.evidence import tables as schemas
from assessor.judgements import Ledger
from assessor.procedures.facts import Facts
from assessor.results import Question
from assessor.rule import Rule
from assessor.supposing.vocabulary import Supposition

SUPPOSED = "SUPPOSED"
"""Evidence item under which a supposed row is cited; no item of a register has this id."""


@dataclass(frozen=True)
class Told:
    """What was supposed, in words: its place in the file, and the places of what it stands in the place of."""

    place: str
    words: str
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class SupposedLedger(Ledger):
    """The ledger of an engagement, with answers that are supposed: (question, subject) -> answer, place in the file. `part_of`: questions
    that are answered on the whole population, by key; `digests`: those of the facts that each shows of a part of it (None: not seen yet)."""

    supposed: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    part_of: frozenset[str] = frozenset()
    digests: Mapping[str, str] | None = None

    def settle(self, question: Question) -> Question:
        """The question with a supposed answer, which counts whatever facts are shown, or else as the ledger has it. An answer that counts
        on the whole population counts on a part of it too."""
        if (question.id, question.subject) not in self.supposed:
            settled = super().settle(question)
            same = self.digests is None or self.digests.get(question.key) == question.facts_digest
            counts = settled.state == "stale" and question.key in self.part_of and same
            return dataclasses.replace(settled, state="answered") if counts else settled
        answer, place = self.supposed[question.id, question.subject]
        return dataclasses.replace(
            question,
            state="answered",
            answer=answer,
            rationale=f"supposed ({place}), answered by nobody",
            answered_by=SUPPOSED,
        )


class SupposedRule(Rule):
    """The rule with other constants or sets of countries."""

    def __init__(self, rule: Rule, other: Mapping[str, Any]) -> None:
        super().__init__(rule.version, rule.about)
        self.other = dict(other)

    def data(self, name: str) -> Any:
        """A data file of the rule, with what is supposed of it."""
        return self.other.get(name, super().data(name))


@dataclass
class World:
    """The facts as they stand (`facts`), and beside them what becomes of each part. `told`, `notes` (what to know of a supposition) and
    `problems` (sentences) are gathered on the way."""

    facts: Facts
    tables: dict[str, pd.DataFrame]
    terms: Terms
    rule: Rule
    answers: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    part_of: frozenset[str] = frozenset()
    digests: Mapping[str, str] | None = None

    from_model_year: int | None = None

    @classmethod
    def of(cls, facts: Facts, from_model_year: int | None = None) -> World:
        """The facts with nothing supposed yet, and the model year from which on they are looked at."""
        return cls(facts, dict(facts.tables), facts.terms, facts.rule, from_model_year=from_model_year)

    def supposed(self) -> Facts:
        """The facts with everything that is supposed."""
        kept = {f.name: getattr(self.facts.ledger, f.name) for f in dataclasses.fields(Ledger)}
        ledger = SupposedLedger(**kept, supposed=self.answers, part_of=self.part_of, digests=self.digests)
        return Facts(self.terms, self.rule, self.tables, self.facts.register, ledger)

    def wrong(self, supposition: Supposition, sentence: str) -> None:
        """Note what is wrong with a supposition."""
        self.problems.append(f"{supposition.written}: {sentence}")

    def add(self, table: str, rows: list[dict[str, Any]], place: str) -> None:
        """Add rows, cited as supposed."""
        made = schemas.table(table, [{**row, "source": SUPPOSED, "locator": place} for row in rows])
        self.tables[table] = pd.concat([self.tables[table], made], ignore_index=True)

    def change(self, table: str, chosen: pd.Series, values: Mapping[str, Any], place: str) -> None:
        """Give chosen rows (True; NA is not) other values, and mark the place that they were read from."""
        found = self.tables[table].copy()
        mask = chosen.fillna(False).astype(bool)
        for column, value in values.items():
            found.loc[mask, column] = pd.NA if value is None else value
        found.loc[mask, "locator"] = marked(found.loc[mask, "locator"], place)
        self.tables[table] = found

    def drop(self, table: str, chosen: pd.Series) -> None:
        """Take chosen rows away."""
        self.tables[table] = self.tables[table][~chosen.fillna(False).astype(bool)]

    def restrict(self) -> None:
        """Keep the vehicles, declarations and transactions of the model year that is looked at and later, and the records of these. Of which
        the model year is not stated, that stays."""
        ledger = self.tables["transactions"]["transaction"]
        for table in ("vehicles", "declarations", "transactions"):
            years = self.tables[table]["model_year"]
            self.drop(table, years < self.from_model_year)
        gone = ledger[~ledger.isin(self.tables["transactions"]["transaction"])].dropna()
        for table in ("records", "record_inspections"):
            self.drop(table, self.tables[table]["transaction"].isin(gone))


def marked(locators: pd.Series, place: str) -> pd.Series:
    """Locators with the mark of a supposition, once."""
    mark = f"[supposed: {place}]"
    plain = locators.fillna("")
    return plain.where(plain.str.endswith(mark), (plain + f" {mark}").str.strip())


def places(rows: pd.DataFrame, limit: int = 12) -> tuple[str, ...]:
    """The places of rows as they are printed, the first `limit` of them and how many more there are."""
    told = (rows["source"] + " " + rows["locator"].fillna("")).str.strip().drop_duplicates().tolist()
    return tuple(told[:limit]) + ((f"and {len(told) - limit} more",) if len(told) > limit else ())
