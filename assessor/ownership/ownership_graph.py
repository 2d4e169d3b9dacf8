"""Who owns and controls whom, over any number of entities: the answer for all of them at once, the explanation for one.

    graph = OwnershipGraph(entities, interests, adversaries=frozenset({"CN", "HK", "MO", "RU"}), as_of=date(2026, 6, 30),
                           dominant_minority=Fraction(1, 10))
    graph.answers()            # one row an entity: established, possible or excluded, and the votes held
    graph.verdict("E-17")      # limbs, chain, foreign interests, questions, what would settle it

The answers for all come from closures over arrays (`bulk`). A verdict is made by `assess` from the rows of everything
that stands above the entity, which is all that its answer depends on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assessor.ownership.bulk import arrays, circles, closures, groups, limits
from assessor.ownership.bulk.columns import Flag, Number, Whole, distinct, text
from assessor.ownership.bulk.tables import frame, lean
from assessor.ownership.interval import exact
from assessor.ownership.persons import ESTABLISHED, EXCLUDED, POSSIBLE, UNITED_STATES, own_limbs
from assessor.ownership.verdict import Ownership, Verdict, assess

WHOLE = 20_000
"""Entities up to which all are assessed together as soon as one is asked for."""
_ANSWERS = pd.CategoricalDtype([str(each) for each in (ESTABLISHED, POSSIBLE, EXCLUDED)])


class OwnershipGraph:
    """The interests between entities as of a date, and what follows from them under §791.301.

    `entities` and `interests` are tables (pandas or Arrow) with the columns of the tables of those names; `adversaries` the
    alpha-2 codes of the countries; `dominant_minority` the firm's criterion, a share of 1; `persons` and `country_name` how to
    call persons of the countries, and a country, in sentences. `aggregate`: whether persons of the countries count together
    or each alone.
    """

    def __init__(
        self,
        entities: pd.DataFrame | pa.Table,
        interests: pd.DataFrame | pa.Table,
        *,
        adversaries: frozenset[str],
        as_of: date,
        dominant_minority: Fraction,
        aggregate: bool = True,
        persons: str = "",
        country_name: Callable[[str], str] = str,
    ) -> None:
        self._entities, self._interests = _table(entities), _table(interests)
        self._adversaries, self._criterion, self._aggregate = adversaries, dominant_minority, aggregate
        self._terms: dict[str, Any] = {
            "adversaries": adversaries,
            "as_of": as_of,
            "dominant_minority": dominant_minority,
            "aggregate": aggregate,
            "persons": persons,
            "country_name": country_name,
        }
        self._arrays = arrays.read(self._entities, self._interests, as_of)

    @classmethod
    def read(cls, entities: Path, interests: Path, **terms: Any) -> OwnershipGraph:
        """The graph of two Parquet files, with less memory than their tables take. `terms` are those of the constructor."""
        return cls(lean(entities), lean(interests), **terms)

    @property
    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Entities and interests as they are held."""
        return self._entities, self._interests

    def __len__(self) -> int:
        return len(self._arrays.ids)

    def __contains__(self, entity: str) -> bool:
        return self._place(entity) >= 0

    def ids(self) -> list[str]:
        """The ids of all entities, in the order of the tables."""
        found: list[str] = self._arrays.ids.to_pylist()
        return found

    @property
    def problems(self) -> list[str]:
        """What does not add up. Of a large graph the sentences stand in the verdicts of those concerned, and are counted here."""
        if len(self) <= WHOLE:
            return self._all.problems
        several = int(np.count_nonzero(self._arrays.votes.contradictory))
        told = [f"the stated votes exceed the whole in {several} entities; each verdict says which"] if several else []
        return [*self._arrays.problems, *told]

    def id(self, entity: str) -> str:
        """The id under which `answers` lists an entity. Raises KeyError for an id that no table mentions."""
        return str(self._arrays.ids[self._number(entity)])

    @cached_property
    def _own(self) -> tuple[Flag, Flag]:
        """By entity: whether it is one of the persons by its own facts, and whether it may be."""
        found = [
            {finding.determination for finding in own_limbs(entity, self._adversaries).values()}
            for entity in self._arrays.like
        ]
        certain = np.array([ESTABLISHED in each for each in found], np.bool_)
        open_ = np.array([each != {EXCLUDED} for each in found], np.bool_)
        return certain[self._arrays.facts], open_[self._arrays.facts]

    @cached_property
    def _limits(self) -> limits.Limits:
        held = self._arrays
        kind = np.array([entity.kind for entity in held.like], np.str_)
        home = np.array(
            [bool(each.incorporated) and set(each.incorporated) <= UNITED_STATES for each in held.like], np.bool_
        )
        nobody = np.isin(kind, ("person", "state"))[held.facts]
        arrangement = (kind == "arrangement")[held.facts]
        silent = arrangement & home[held.facts] & ~held.parties & ~held.unknown_shares
        voted = np.diff(held.votes.by_subject.begins) > 0
        return limits.limits(held.votes, ~nobody & (~arrangement | voted | ~(held.parties | silent)), self._criterion)

    @cached_property
    def _leads(self) -> Number:
        return groups.leads(self._arrays.votes, self._limits)

    @cached_property
    def joined(self) -> Number:
        """What is established: by entity the round of the closure in which it joined, 0 for persons by their own facts, -1 for
        the others. Who contributed to an entity's control are those of its holders that joined in an earlier round."""
        return closures.established(self._arrays.votes, self._limits, np.flatnonzero(self._own[0]))

    @cached_property
    def alone(self) -> Flag:
        """By entity: whether a single person of the countries, with all that it controls, suffices."""
        held = groups.groups(self._arrays.votes, self._limits, self._leads, self._own[0])
        return held.head >= 0

    @property
    def established(self) -> Flag:
        """By entity: established by the votes, in the reading that was asked for."""
        return self.joined >= 0 if self._aggregate else self.alone

    @cached_property
    def reached(self) -> Flag:
        """What is not excluded."""
        held, limit = self._arrays, self._limits
        heads = groups.groups(held.votes, limit, self._leads, np.ones(len(held.ids), np.bool_))
        reach = closures.Reach(held, limit, heads)
        begin = self.established | self._own[1]
        begin[held.power_subject[held.power_holder < 0]] = True
        reach.run(np.flatnonzero(begin).astype(np.int32))
        everybody = np.arange(len(held.ids), dtype=np.int32)
        reach.run(everybody[reach.open(everybody)])
        claims = [
            (holder, subject) for holder, subject in held.claims if holder < 0 or not self._explains(holder, subject)
        ]
        ring = circles.rings(held.votes)
        while True:
            more = [s for h, s in claims if not reach.members[s] and (h < 0 or reach.members[h])]
            joining = np.concatenate([np.array(more, np.int32), circles.raised(reach, ring, self.established)])
            if not len(joining):
                return reach.members
            reach.run(joining)

    def answers(self) -> pd.DataFrame:
        """One row an entity. Columns: entity (an id), prc_russia (established, possible, excluded), alone (a single holder
        suffices where it is established), controlled_min and controlled_max (the votes that persons of the countries hold
        together with all that they control, as exact text)."""
        held, votes = self._arrays, self._arrays.votes
        certain = self.established
        answer = np.where(certain, 0, np.where(self.reached, 1, 2)).astype(np.int8)
        least, outside = np.zeros(len(held.ids), np.int64), np.zeros(len(held.ids), np.int64)
        counted = certain[votes.holder] & (votes.holder != votes.subject)
        np.add.at(least, votes.subject[counted], votes.least[counted])
        others = ~self.reached[votes.holder]
        np.add.at(outside, votes.subject[others], votes.least[others])
        most = np.clip(votes.unit + np.maximum(votes.lower - votes.unit, 0) - outside, 0, votes.unit)
        least = np.minimum(least, votes.unit)
        least[~self._limits.votes] = most[~self._limits.votes] = 0
        return pd.DataFrame(
            {
                "entity": pd.Series(held.ids, dtype=pd.ArrowDtype(pa.string())),
                "prc_russia": pd.Categorical.from_codes(answer, dtype=_ANSWERS),
                "alone": self.alone,
                "controlled_min": _shares(least, votes.unit),
                "controlled_max": _shares(np.maximum(least, most), votes.unit),
            }
        )

    def verdict(self, entity: str) -> Verdict:
        """The verdict on one entity, by any id that a table uses for it. Raises KeyError for an id that no table mentions."""
        return self.explained(entity)[0]

    def explained(self, entity: str) -> tuple[Verdict, Ownership]:
        """The verdict with the ownership that it stands in: of the entity and of all above it at least."""
        number = self._number(entity)
        around = self._around(number)
        rows = self._arrays.entity_rows.of(number)
        if not len(rows):
            return around.verdict(str(self._arrays.ids[number])), around
        row = self._entities.select(("entity", "source", "locator")).slice(int(rows[0]), 1).to_pylist()[0]
        place = row["source"] or "", row["locator"] or ""
        # an id of its own tells apart what one place describes, a place what several sources give one id
        known = around.graph.alias[row["entity"]], f"{row['entity']}@{row['source'] or ''}"
        key = next(key for key in known if place in around.graph.entities[around.graph.alias[key]].places)
        return around.verdict(key), around

    def _around(self, number: int) -> Ownership:
        """`assess` over the rows of the entity and of everything above it; of a small graph over all rows, once."""
        if len(self) <= WHOLE:
            return self._all
        held = self._arrays
        above = np.array(sorted(self._above(number)), np.int64)
        described, stated = held.entity_rows.all(above), held.interest_rows.all(above)
        words = [row for one in above.tolist() for rows in held.told.get(one, {}).values() for row in rows]
        if not len(described) and not len(stated):  # only mentioned: as a holder, or in a row of another time
            words += np.flatnonzero((held.holders == number) | (held.subjects == number))[:1].tolist()
        classes = np.unique(held.alike[described])
        described = np.union1d(described, np.flatnonzero(np.isin(held.alike, classes[classes >= 0])))
        stated = np.unique(np.concatenate([stated, np.array(words, np.int32)]))
        return assess(frame(self._entities, described), frame(self._interests, stated), **self._terms)

    @cached_property
    def _all(self) -> Ownership:
        return assess(frame(self._entities), frame(self._interests), **self._terms)

    def _number(self, entity: str) -> int:
        number = self._place(entity)
        if number < 0:
            raise KeyError(f"no ownership evidence mentions the entity {entity!r}")
        return number

    def _place(self, entity: str) -> int:
        number = int(pc.index(self._arrays.ids, pa.scalar(entity, pa.string())).as_py())
        if number < 0:
            row = pc.index(text(self._entities["entity"]), pa.scalar(entity, pa.string())).as_py()
            number = int(self._arrays.row_entity[row]) if row >= 0 else len(self)
        return number if number < len(self) else -1

    def _above(self, number: int, *, claims: bool = True) -> set[int]:
        """The entity and everything that holds something in it, directly or not, by declared chains only where `claims`."""
        held, seen, queue = self._arrays, {number}, deque([number])
        while queue:
            subject = queue.popleft()
            rows = held.interest_rows.of(subject)
            rows = rows if claims else rows[~held.declared[rows]]
            for holder in (*held.holders[rows].tolist(), *held.told.get(subject, ())):
                if holder >= 0 and holder not in seen:
                    seen.add(holder)
                    queue.append(holder)
        return seen

    def _explains(self, holder: int, subject: int) -> bool:
        """Whether direct interests lead from the holder of a claim to its subject."""
        return holder in self._above(subject, claims=False)


def _table(table: pd.DataFrame | pa.Table) -> pa.Table:
    """As Arrow, with texts as texts."""
    if isinstance(table, pa.Table):
        return table
    return pa.Table.from_pandas(table, preserve_index=False)


def _shares(units: Whole, unit: int) -> pd.Series:
    """Units as shares of 1, in exact text."""
    lead, which = distinct(units)
    texts = pa.array([exact(Fraction(value, unit)) for value in units[lead].tolist()], pa.string())
    return pd.Series(texts.take(pa.array(which)), dtype=pd.ArrowDtype(pa.string()))
