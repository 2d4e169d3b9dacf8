"""Everything that the closures need, out of the tables of entities and interests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.ownership import arrangements
from assessor.ownership.bulk.columns import NOBODY, Flag, Index, Number, encoded_text, index, release, text, true
from assessor.ownership.bulk.naming import Names
from assessor.ownership.bulk.stakes import Votes, votes_of
from assessor.ownership.graph import SHARES
from assessor.ownership.merge import Entity
from assessor.ownership.spelling import normalise


@dataclass(frozen=True)
class Arrays:
    """Everything that the closures need. `ids`: an id of each entity. `facts`: for each entity which of `like` has the same
    facts. `declared`: by row of interests, whether it is a claim; `claims` are holder and subject of those of the date.
    `row_entity`: the entity of each row of entities; `alike`: the class of rows that it was compared with. `kept`: by
    row of interests, whether it counts on the date; `holders` and `subjects`: those of each. `told`: by subject, who has a power over it
    that only words tell of, and a row with the words for each kind of power."""

    ids: pa.Array
    facts: Number
    like: tuple[Entity, ...]
    votes: Votes
    power_holder: Number
    power_subject: Number
    declared: Flag
    claims: tuple[tuple[int, int], ...]
    unknown_shares: Flag
    parties: Flag
    row_entity: Number
    alike: Number
    kept: Flag
    holders: Number
    subjects: Number
    problems: tuple[str, ...]
    told: Mapping[int, Mapping[int, tuple[int, ...]]]

    @cached_property
    def entity_rows(self) -> Index:
        """Rows of entities by entity."""
        return index(self.row_entity, len(self.ids) + 1)

    @cached_property
    def interest_rows(self) -> Index:
        """Rows of interests by subject, those that count on the date."""
        shown = np.where(self.kept, self.subjects, len(self.ids))  # the others stand behind all entities
        return index(shown.astype(np.int32), len(self.ids) + 1)


def read(entities: pa.Table, interests: pa.Table, as_of: date) -> Arrays:
    """The arrays of what was held on `as_of`."""
    names = Names(entities, interests)
    release()
    holder, subject = names.holder, names.subject
    kept = _held(interests, as_of) & (subject >= 0)
    count, kind = names.count, text(interests["kind"])
    direct = ~true(pc.equal(interests["direct"], False), len(interests))
    share = true(pc.is_in(kind, value_set=pa.array(SHARES)), len(interests))
    del kind
    problems: list[str] = []
    edges = np.flatnonzero(kept & direct & share & (holder >= 0)).astype(np.int32)
    votes = votes_of(interests, edges, holder, subject, count, names.name, problems)
    powers = np.flatnonzero(kept & direct & ~share)
    unknown = np.zeros(count, np.bool_)
    unknown[subject[kept & direct & share & (holder < 0)]] = True
    parties = np.zeros(count, np.bool_)
    parties[subject[powers]] = True
    claims = np.flatnonzero(kept & ~direct)
    # who is unnamed adds nothing where the same is stated directly (`claims.py`)
    claims = claims[~((holder[claims] < 0) & share[claims] & unknown[subject[claims]])]
    implied = _implied(interests, edges, holder, subject, votes, names)
    power_holder = np.concatenate([holder[powers], np.array([one for one, _ in implied], np.int32)])
    power_subject = np.concatenate([subject[powers], np.array([one for _, one in implied], np.int32)])
    told: dict[int, dict[int, tuple[int, ...]]] = {}
    for (one, other), rows in implied.items():
        told.setdefault(other, {})[one] = tuple(rows.values())
    return Arrays(
        names.ids,
        names.facts,
        names.like,
        votes,
        power_holder,
        power_subject,
        ~direct,
        tuple(zip(holder[claims].tolist(), subject[claims].tolist(), strict=True)),
        unknown,
        parties,
        names.row_entity,
        names.classes,
        kept,
        holder,
        subject,
        tuple(problems),
        told,
    )


def _held(interests: pa.Table, as_of: date) -> Flag:
    """Rows whose period holds the date; both ends count, an end not stated is open."""
    day = pa.scalar(as_of, pa.date32())
    outside = pc.or_(
        pc.fill_null(pc.greater(interests["start"], day), False), pc.fill_null(pc.less(interests["end"], day), False)
    )
    return ~true(outside, len(interests))


def _implied(
    interests: pa.Table, edges: Number, holder: Number, subject: Number, votes: Votes, names: Names
) -> dict[tuple[int, int], dict[str, int]]:
    """Powers that the details of shares tell of (`arrangements.py`): who has it, over whom, and by kind of power a row that tells."""
    encoded = encoded_text(interests["details"], edges)
    told = encoded.dictionary.to_pylist()
    telling = [at for at, text in enumerate(told) if text and arrangements.tells(text)]
    if not telling:
        return {}
    codes = pc.fill_null(encoded.indices, NOBODY).to_numpy(zero_copy_only=False)
    known: dict[str, int] = {}

    def whom(words: str) -> int | None:
        if not known:
            for number, listed in enumerate(names.all_names()):
                for name in listed:
                    known.setdefault(normalise(name), number)
        return arrangements.named(words, known)

    found: dict[tuple[int, int], dict[str, int]] = {}
    for at in np.flatnonzero(np.isin(codes, telling)).tolist():
        one, over = int(holder[edges[at]]), int(subject[edges[at]])
        beside = {
            int(other): names.name(int(other)) for other in votes.holder[votes.by_subject.of(over)] if other != one
        }
        for kind, has, over_whom in arrangements.powers(told[codes[at]], one, over, beside, whom):
            found.setdefault((has, over_whom), {}).setdefault(kind, int(edges[at]))
    return found
