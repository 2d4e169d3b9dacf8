"""The tables of entities and interests as arrays, for registers of millions: entities are numbers, stakes whole units.

The rules are those of `graph.py`, and tests hold both to the same answers. What is common is done for all rows at once; what
is rare (several statements of one stake, several rows of one entity, words that tell of an arrangement) goes through the code
of `graph.py`, `merge.py` and `arrangements.py` itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, lcm
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assessor.ownership import arrangements, texts
from assessor.ownership.graph import SHARES, VOTES, Interest, agreed
from assessor.ownership.identifiers import Identifier
from assessor.ownership.interval import Interval, parse
from assessor.ownership.merge import FACTS, Entity, Merged, merge, numbers_of_row
from assessor.ownership.spelling import normalise

Whole = NDArray[np.int64]
Number = NDArray[np.int32]
Flag = NDArray[np.bool_]

NOBODY = -1
"""Stands for a holder whom the source does not name."""
SMALL = 1 << 22
FINEST = 10**12
"""Units of the whole where the stated shares have no smaller common measure: they are then rounded, outwards."""


@dataclass(frozen=True)
class Index:
    """Groups of rows: those of `key` are `rows[begins[key]:begins[key + 1]]`."""

    begins: Whole
    rows: Number

    def of(self, key: int) -> Number:
        """The rows of one key."""
        return self.rows[self.begins[key] : self.begins[key + 1]]

    def all(self, keys: NDArray[Any]) -> Number:
        """The rows of several keys, in their order."""
        begins, counts = self.begins[keys], self.begins[keys + 1] - self.begins[keys]
        ends = np.cumsum(counts)
        if not len(ends) or not ends[-1]:
            return self.rows[:0]
        found: Number = self.rows[np.arange(ends[-1]) + np.repeat(begins - (ends - counts), counts)]
        return found


def index(keys: Number, count: int) -> Index:
    """Rows grouped by key, of `count` keys, each group in the order of the rows."""
    begins = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=count), out=begins[1:])
    rows = np.arange(len(keys), dtype=np.int64)
    if np.any(keys[1:] < keys[:-1]):
        rows = np.sort(keys.astype(np.int64) << 32 | rows) & 0xFFFFFFFF  # faster than to sort places by key
    return Index(begins, rows.astype(np.int32))


@dataclass(frozen=True)
class Votes:
    """Stakes in votes, one row a holder and subject, sorted by subject. `least`: lower end in units, `open`: that end itself
    is excluded. By subject: `lower` (sum of lower ends) and `contradictory` (they exceed the whole)."""

    unit: int
    holder: Number
    subject: Number
    least: Whole
    open: Flag
    lower: Whole
    contradictory: Flag
    by_subject: Index
    by_holder: Index


@dataclass(frozen=True)
class Arrays:
    """Everything that the closures need. `ids`: an id of each entity. `facts`: for each entity which of `like` has the same
    facts. `declared`: by row of interests, whether it is a claim; `claims` are holder and subject of those of the date.
    `row_entity`: the entity of each row of entities; `alike`: the class of rows that it was compared with. `entity_rows`,
    `interest_rows`: rows of the tables by entity, of interests by subject and only those of the date. `holders` and
    `subjects`: those of each row of interests. `told`: by subject, who has a power over it that only words tell of, and the
    row with the words."""

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
    entity_rows: Index
    alike: Number
    interest_rows: Index
    holders: Number
    subjects: Number
    problems: tuple[str, ...]
    told: Mapping[int, Mapping[int, int]]


def read(entities: pa.Table, interests: pa.Table, as_of: date) -> Arrays:
    """The arrays of what was held on `as_of`."""
    names = _Names(entities, interests)
    holder, subject = names.holder, names.subject
    kept = _held(interests, as_of) & (subject >= 0)
    count, kind = names.count, interests["kind"].combine_chunks()
    direct = ~_true(pc.equal(interests["direct"], False), len(interests))
    share = _true(pc.is_in(kind, value_set=pa.array(SHARES)), len(interests))
    problems: list[str] = []
    edges = np.flatnonzero(kept & direct & share & (holder >= 0)).astype(np.int32)
    votes = _votes(interests, edges, holder, subject, count, names, problems)
    powers = np.flatnonzero(kept & direct & ~share)
    unknown = np.zeros(count, np.bool_)
    unknown[subject[kept & direct & share & (holder < 0)]] = True
    parties = np.zeros(count, np.bool_)
    parties[subject[powers]] = True
    claims = np.flatnonzero(kept & ~direct)
    implied = _implied(interests, edges, holder, subject, votes, names)
    power_holder = np.concatenate([holder[powers], np.array([one for one, _ in implied], np.int32)])
    power_subject = np.concatenate([subject[powers], np.array([one for _, one in implied], np.int32)])
    told: dict[int, dict[int, int]] = {}
    for (one, other), row in implied.items():
        told.setdefault(other, {})[one] = row
    shown = np.where(kept, subject, count).astype(np.int32)  # rows that do not count stand behind all entities
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
        index(names.row_entity, count + 1),
        names.classes,
        index(shown, count + 1),
        holder,
        subject,
        tuple(problems),
        told,
    )


def _true(values: pa.ChunkedArray | pa.Array, count: int) -> Flag:
    """Truth values as an array; what is missing is false."""
    filled = pc.fill_null(values, False)
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.bool_) if count else np.zeros(0, np.bool_)


def _held(interests: pa.Table, as_of: date) -> Flag:
    """Rows whose period holds the date; both ends count, an end not stated is open."""
    day = pa.scalar(as_of, pa.date32())
    outside = pc.or_(
        pc.fill_null(pc.greater(interests["start"], day), False), pc.fill_null(pc.less(interests["end"], day), False)
    )
    return ~_true(outside, len(interests))


class _Names:
    """Entities as numbers: ids resolved, rows of one entity put together as `merge` does."""

    def __init__(self, entities: pa.Table, interests: pa.Table) -> None:
        listed = entities["entity"].combine_chunks()
        listed = listed.cast(pa.string()) if not pa.types.is_string(listed.type) else listed
        numbers_of = texts.places(texts.keys(listed))
        first = texts.find(listed, listed, numbers_of)
        first[_true(pc.equal(listed, ""), len(listed))] = NOBODY
        mentioned = [texts.find(interests[side].combine_chunks(), listed, numbers_of) for side in ("holder", "subject")]
        strangers: dict[str, int] = {}
        ends = []
        for side, found in zip(("holder", "subject"), mentioned, strict=True):
            numbers = np.full(len(interests), NOBODY, np.int32)
            known = found >= 0
            numbers[known] = first[found[known]]
            named = np.flatnonzero(
                ~known & _true(pc.fill_null(pc.not_equal(interests[side], ""), False), len(interests))
            )
            for row, text in zip(named.tolist(), interests[side].take(pa.array(named)).to_pylist(), strict=True):
                numbers[row] = len(listed) + strangers.setdefault(text, len(strangers))
            ends.append(numbers)
        self._entities, self._interests = entities, interests
        rows = first.astype(np.int32)  # the row that stands for the entity of each row
        self.classes = _alike(entities, rows)
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
            encoded = entities[name].combine_chunks().take(pa.array(used)).dictionary_encode()
            values: list[str | None] = [*encoded.dictionary.to_pylist(), None]
            places = pc.fill_null(encoded.indices, len(values) - 1).to_numpy(zero_copy_only=False)
            codes = codes * len(values) + places
            if codes.max(initial=0) > SMALL:
                _, codes = distinct(codes)
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
        text = self._entities["name"][int(self._lead[number])].as_py() if number < len(self._lead) else None
        return text or str(self.ids[number])

    def all_names(self) -> Iterator[list[str]]:
        """All names of each entity, in the order of their numbers."""
        described = self._entities.select(("name", "names")).take(pa.array(self._lead)).to_pylist()
        for number in range(self.count):
            row = described[number] if number < len(described) else {"name": None, "names": None}
            others = [name.strip() for name in str(row["names"] or "").split(";") if name.strip()]
            yield [row["name"] or str(self.ids[number]), *others]


def distinct(codes: Whole) -> tuple[Whole, Whole]:
    """A place of each different code, in their order, and for each place the number of its code."""
    if codes.max(initial=0) > SMALL:
        _, lead, inverse = np.unique(codes, return_index=True, return_inverse=True)
        return lead, inverse
    first = np.full(int(codes.max(initial=0)) + 1, NOBODY, np.int64)
    first[codes] = np.arange(len(codes))
    there = np.flatnonzero(first >= 0)
    lead = first[there].copy()
    first[there] = np.arange(len(there))
    return lead, first[codes]


def _described(row: Mapping[str, Any]) -> Entity:
    facts: dict[str, Any] = {
        fact: tuple(sorted({part.strip() for part in str(row[fact] or "").split(";") if part.strip()}))
        for fact in FACTS
    }
    return Entity("", "", kind=row["kind"] or "unknown", places=(("", ""),), **facts)


def _alike(entities: pa.Table, rows: Number) -> Number:
    """For each row the number of a class of rows of which `merge` may say that they belong together; -1 for most rows, which are
    in none. It says so of more than `merge` will, never of fewer: these share an id, a number or a name.

    Names are compared without case and signs; where they have letters outside ASCII, as `merge` compares them.
    """
    same = np.flatnonzero((rows >= 0) & (rows != np.arange(len(rows))))
    pairs = [(rows[same], same)]
    for name, level in (("lei", _plain), ("name", _level)):
        column = entities[name].combine_chunks()
        if column.null_count < len(column):
            levelled = level(column.cast(pa.string()))
            first = texts.places(levelled).of(levelled)
            stated = (levelled != 0) & _true(pc.is_valid(column), len(column))
            again = np.flatnonzero((first != np.arange(len(first))) & stated)
            pairs.append((first[again], again))
    registered = np.flatnonzero(_true(pc.is_valid(entities["registration"]), len(rows)))
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
    others = np.flatnonzero(~_true(pc.string_is_ascii(values), len(values)) & _true(pc.is_valid(values), len(values)))
    if len(others):
        told = values.take(pa.array(others)).to_pylist()
        same = ["".join(sign for sign in normalise(one) if sign.isalnum()) for one in told]
        found[others] = texts.keys(pa.array(same, pa.string()))
    return found


def _votes(
    interests: pa.Table,
    edges: Number,
    holder: Number,
    subject: Number,
    count: int,
    names: _Names,
    problems: list[str],
) -> Votes:
    """Votes: voting rights where stated, else the shareholding stands for them (`graph.py`)."""
    shares, which = _intervals(interests, edges)
    voting = _true(pc.equal(interests["kind"].take(pa.array(edges)), VOTES), len(edges))
    key = (subject[edges].astype(np.int64) * count + holder[edges]) * 2 + voting
    order = np.argsort(key, kind="stable")
    key, rows = key[order], edges[order]
    which = which[order]
    begins = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[begins, len(key)])
    several = np.flatnonzero(sizes > 1)
    each = which[begins]  # number of the share of each holder, subject and kind
    for group in several.tolist():
        listed = [_interest(interests, int(row)) for row in rows[begins[group] : begins[group] + sizes[group]]]
        one = int(key[begins[group]]) // 2
        told = {str(listed[0].holder): names.name(one % count), listed[0].subject: names.name(one // count)}
        told |= {str(each.holder): told[str(listed[0].holder)] for each in listed}
        each[group] = len(shares)
        shares.append(agreed(listed, told, problems))
    unit = _unit(shares, int(np.bincount(subject[edges], minlength=1).max(initial=1)))
    least = np.array([floor(share.min * unit) for share in shares], np.int64)
    most = np.array([ceil(share.max * unit) for share in shares], np.int64)
    opens = np.array([share.min_open and (share.min * unit).denominator == 1 for share in shares], np.bool_)
    closed = np.array([share.max_open for share in shares], np.bool_)
    if any((end * unit).denominator != 1 for share in shares for end in (share.min, share.max)):
        problems.append("shares finer than a million-millionth of the whole are rounded outwards")
    pair = key[begins] // 2
    votes_row = key[begins] % 2 == 1
    second = np.r_[False, pair[1:] == pair[:-1]] if len(pair) else np.zeros(0, np.bool_)  # equity comes before votes
    at = np.flatnonzero(second)
    uneven = np.zeros(count, np.bool_)
    stands, votes_share = each[at - 1], each[at]
    low = np.maximum(least[stands], least[votes_share])
    low_open = ((least[stands] == low) & opens[stands]) | ((least[votes_share] == low) & opens[votes_share])
    high = np.minimum(most[stands], most[votes_share])
    high_open = ((most[stands] == high) & closed[stands]) | ((most[votes_share] == high) & closed[votes_share])
    apart = (low > high) | ((low == high) & (low_open | high_open))
    uneven[(pair[at[apart]] // count)] = True
    kept = np.ones(len(pair), np.bool_)
    kept[at - 1] = False
    pair, each, votes_row = pair[kept], each[kept], votes_row[kept]
    held_in = (pair // count).astype(np.int32)
    units, is_open = least[each], opens[each]
    silent = ~votes_row & uneven[held_in]
    units[silent], is_open[silent] = 0, False
    return _layer(unit, (pair % count).astype(np.int32), held_in, units, is_open, count)


def _layer(unit: int, holder: Number, subject: Number, least: Whole, is_open: Flag, count: int) -> Votes:
    begins = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(subject, minlength=count), out=begins[1:])
    sums = np.concatenate([[0], np.cumsum(least)])
    lower = sums[begins[1:]] - sums[begins[:-1]]
    some_open = np.zeros(count, np.bool_)
    some_open[subject[is_open]] = True
    contradictory = (lower > unit) | ((lower == unit) & some_open)
    by_subject = Index(begins, np.arange(len(subject), dtype=np.int32))
    return Votes(unit, holder, subject, least, is_open, lower, contradictory, by_subject, index(holder, count))


def _intervals(interests: pa.Table, edges: Number) -> tuple[list[Interval], NDArray[Any]]:
    """The different shares, and for each row the number of its share. What is no share is taken as not stated."""
    codes = np.zeros(len(edges), np.int64)
    values: list[list[Any]] = []
    for name in ("min", "max", "min_open", "max_open"):
        column = interests[name].combine_chunks().take(pa.array(edges))
        encoded = column.dictionary_encode()
        listed = [*encoded.dictionary.to_pylist(), None]
        codes = codes * len(listed) + pc.fill_null(encoded.indices, len(listed) - 1).to_numpy(zero_copy_only=False)
        values.append(listed)
    lead, which = distinct(codes)
    shares = []
    for code in codes[lead].tolist():
        row: list[Any] = []
        for listed in reversed(values):
            code, place = divmod(code, len(listed))
            row.append(listed[place])
        high_open, low_open, high, low = row
        try:
            shares.append(parse(low, high, low_open, high_open))
        except ValueError:  # told where the row itself is explained
            shares.append(Interval())
    return shares, which


def _unit(shares: Sequence[Interval], most: int) -> int:
    """A number of units of the whole in which all shares are whole numbers and their sums stay small enough."""
    unit = lcm(*{end.denominator for share in shares for end in (share.min, share.max)}, 2)
    return unit if unit * max(most, 2) < 1 << 62 else FINEST


def _implied(
    interests: pa.Table, edges: Number, holder: Number, subject: Number, votes: Votes, names: _Names
) -> dict[tuple[int, int], int]:
    """Powers that the details of shares tell of (`arrangements.py`): who has it, over whom, and a row that tells."""
    encoded = interests["details"].combine_chunks().take(pa.array(edges)).dictionary_encode()
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

    found: dict[tuple[int, int], int] = {}
    for at in np.flatnonzero(np.isin(codes, telling)).tolist():
        one, over = int(holder[edges[at]]), int(subject[edges[at]])
        beside = {
            int(other): names.name(int(other)) for other in votes.holder[votes.by_subject.of(over)] if other != one
        }
        for _, has, over_whom in arrangements.powers(told[codes[at]], one, over, beside, whom):
            found.setdefault((has, over_whom), int(edges[at]))
    return found


def _interest(interests: pa.Table, row: int) -> Interest:
    told = {name: interests[name][row].as_py() for name in interests.column_names}
    try:
        share = parse(told["min"], told["max"], told["min_open"], told["max_open"])
    except ValueError:
        share = Interval()
    return Interest(
        told["interest"] or "",
        told["holder"],
        told["subject"],
        told["kind"],
        share,
        source=told["source"] or "",
        locator=told["locator"] or "",
    )
