"""Who is who: the ids of tables as numbers of entities, rows of one entity put together as `merge` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.ownership.bulk import texts
from assessor.ownership.bulk.columns import NOBODY, SMALL, Flag, Number, distinct, encoded_text, release, text, true
from assessor.ownership.identifiers import Identifier
from assessor.ownership.merge import FACTS, Entity, Merged, merge, numbers_of_row
from assessor.ownership.spelling import normalise


class Names:
    """Entities as numbers: ids resolved, rows of one entity put together as `merge` does."""

    def __init__(self, entities: pa.Table, interests: pa.Table) -> None:
        listed = text(entities["entity"])
        numbers_of = texts.places(texts.keys(listed))
        first = texts.find(listed, listed, numbers_of)
        first[true(pc.equal(listed, ""), len(listed))] = NOBODY
        mentioned = [texts.find(text(interests[side]), listed, numbers_of) for side in ("holder", "subject")]
        strangers: dict[str, int] = {}
        ends = []
        for side, found in zip(("holder", "subject"), mentioned, strict=True):
            numbers = np.full(len(interests), NOBODY, np.int32)
            known = found >= 0
            numbers[known] = first[found[known]]
            named = np.flatnonzero(
                ~known & true(pc.fill_null(pc.not_equal(text(interests[side]), ""), False), len(interests))
            )
            for row, stranger in zip(named.tolist(), interests[side].take(pa.array(named)).to_pylist(), strict=True):
                numbers[row] = len(listed) + strangers.setdefault(stranger, len(strangers))
            ends.append(numbers)
        self._entities, self._interests = entities, interests
        release()
        rows = first.astype(np.int32)  # the row that stands for the entity of each row
        self.classes = alike(entities, rows)
        release()
        merged = self._merged(self.classes >= 0, rows, ends)
        used = np.flatnonzero(np.bincount(rows[rows >= 0], minlength=1)).astype(np.int32)
        total = len(listed) + len(strangers)
        number = np.full(total, NOBODY, np.int32)
        number[used] = np.arange(len(used), dtype=np.int32)
        number[len(listed) :] = np.arange(len(used), len(used) + len(strangers), dtype=np.int32)
        self.holder, self.subject = (np.where(end >= 0, number[end], NOBODY).astype(np.int32) for end in ends)
        kept = np.flatnonzero(rows >= 0)
        # a row without an id describes nobody and is left behind all entities
        self.count = len(used) + len(strangers)
        self.row_entity = np.full(len(listed), self.count, np.int32)
        self.row_entity[kept] = number[rows[kept]]
        ids = listed.take(pa.array(used)).cast(pa.string())
        if merged:  # an id that two sources use for different entities is told apart
            mask = np.zeros(len(used), np.bool_)
            mask[number[[*merged]]] = True
            ids = pc.replace_with_mask(ids, pa.array(mask), pa.array([merged[row].id for row in sorted(merged)]))
        self.ids = pa.concat_arrays([ids, pa.array([*strangers], pa.string())])
        self._lead = used
        self._like(entities, used, len(strangers), {int(number[row]): entity for row, entity in merged.items()})

    def _merged(self, doubtful: Flag, rows: Number, ends: list[Number]) -> dict[int, Entity]:
        """Let `merge` decide of the rows that may belong together; `rows` and `ends` are changed to what it finds."""
        at = np.flatnonzero(doubtful)
        if not len(at):
            return {}
        described = self._entities.take(pa.array(at)).to_pylist()
        marked = np.zeros(len(rows) + 1 + int(max(end.max(initial=0) for end in ends)), np.bool_)
        marked[rows[at]] = True
        touching = np.flatnonzero(marked[ends[0]] & (ends[0] >= 0) | marked[ends[1]] & (ends[1] >= 0))
        stated = self._interests.take(pa.array(touching)).to_pylist()
        found: Merged = merge(described, stated)
        lead: dict[str, int] = {}
        for row, told in zip(at.tolist(), described, strict=True):
            key = found.resolve(told.get("source"), told["entity"])
            if key is not None:
                rows[row] = lead.setdefault(key, row)
        inside = {str(told["entity"]) for told in described}
        for row, told in zip(touching.tolist(), stated, strict=True):
            for end, side in zip(ends, ("holder", "subject"), strict=True):
                if told[side] in inside and (key := found.resolve(told.get("source"), told[side])) is not None:
                    end[row] = lead[key]
        return {row: found.entities[key] for key, row in lead.items()}

    def _like(self, entities: pa.Table, used: Number, strangers: int, merged: Mapping[int, Entity]) -> None:
        """Number the different sets of facts, and give each an entity that has them."""
        columns = ("kind", *FACTS)
        codes = np.zeros(len(used), np.int64)
        for name in columns:
            encoded = encoded_text(entities[name], used)
            values: list[str | None] = [*encoded.dictionary.to_pylist(), None]
            places = pc.fill_null(encoded.indices, len(values) - 1).to_numpy(zero_copy_only=False)
            codes = codes * len(values) + places
            if codes.max(initial=0) > SMALL:
                _, codes = distinct(codes)
            release()
        lead, inverse = distinct(codes)
        shown = entities.select(columns).take(pa.array(used[lead])).to_pylist()
        like = [_described(row) for row in shown]
        facts = np.empty(len(used) + strangers, np.int32)
        facts[: len(used)] = inverse
        for number, entity in merged.items():
            facts[number] = len(like)
            like.append(entity)
        facts[len(used) :] = len(like)
        self.facts, self.like = facts, (*like, Entity("", ""))

    def name(self, number: int) -> str:
        """Name of an entity, or its id."""
        name = self._entities["name"][int(self._lead[number])].as_py() if number < len(self._lead) else None
        return name or str(self.ids[number])

    def all_names(self) -> Iterator[list[str]]:
        """All names of each entity, in the order of their numbers."""
        described = self._entities.select(("name", "names")).take(pa.array(self._lead)).to_pylist()
        for number in range(self.count):
            row = described[number] if number < len(described) else {"name": None, "names": None}
            others = [name.strip() for name in str(row["names"] or "").split(";") if name.strip()]
            yield [row["name"] or str(self.ids[number]), *others]


def _described(row: Mapping[str, Any]) -> Entity:
    facts: dict[str, Any] = {
        fact: tuple(sorted({part.strip() for part in str(row[fact] or "").split(";") if part.strip()}))
        for fact in FACTS
    }
    return Entity("", "", kind=row["kind"] or "unknown", places=(("", ""),), **facts)


def alike(entities: pa.Table, rows: Number) -> Number:
    """For each row the number of a class of rows of which `merge` may say that they belong together; -1 for most rows, which are
    in none. It says so of more than `merge` will, never of fewer: these share an id, a number or a name.

    Names are compared without case and signs; where they have letters outside ASCII, as `merge` compares them.
    """
    same = np.flatnonzero((rows >= 0) & (rows != np.arange(len(rows))))
    pairs = [(rows[same], same)]
    for name, level in (("lei", _plain), ("name", _level)):
        column = text(entities[name])
        if column.null_count < len(column):
            levelled = level(column)
            first = texts.places(levelled).of(levelled)
            stated = (levelled != 0) & true(pc.is_valid(column), len(column))
            again = np.flatnonzero((first != np.arange(len(first))) & stated)
            pairs.append((first[again], again))
    registered = np.flatnonzero(true(pc.is_valid(entities["registration"]), len(rows)))
    told = entities.select(("lei", "registration", "incorporated")).take(pa.array(registered)).to_pylist()
    known: dict[Identifier, int] = {}
    for row, facts in zip(registered.tolist(), told, strict=True):
        for number in numbers_of_row(facts):
            if known.setdefault(number, row) != row:
                pairs.append((np.array([known[number]]), np.array([row])))
    lead: dict[int, int] = {}

    def root(row: int) -> int:
        while (above := lead.setdefault(row, row)) != row:
            lead[row] = lead.setdefault(above, above)
            row = above
        return row

    for one, other in pairs:
        for a, b in zip(one.tolist(), other.tolist(), strict=True):
            if rows[a] >= 0 and rows[b] >= 0:
                lead[root(b)] = root(a)
    classes = np.full(len(rows), NOBODY, np.int32)
    for row in lead:
        classes[row] = root(row)
    return classes


def _plain(values: pa.Array) -> texts.Key:
    return texts.keys(pc.replace_substring_regex(pc.utf8_upper(values), r"[^\p{L}\p{N}]", ""))


def _level(values: pa.Array) -> texts.Key:
    """A number for each name, equal where `normalise` gives equal names."""
    found = texts.keys(texts.levelled(values))
    found[np.asarray(pc.fill_null(pc.equal(values, ""), True))] = 0
    others = np.flatnonzero(~true(pc.string_is_ascii(values), len(values)) & true(pc.is_valid(values), len(values)))
    if len(others):
        told = values.take(pa.array(others)).to_pylist()
        same = ["".join(sign for sign in normalise(one) if sign.isalnum()) for one in told]
        found[others] = texts.keys(pa.array(same, pa.string()))
    return found
