"""The graph of interests as of a date, built from the `entities` and `interests` tables.

Only direct interests are edges. Declared chains (`direct` is False) are claims, reconciled later. Stakes are intervals;
what does not add up is reported and never normalised away. An entity that an interest mentions and no row describes exists
with unknown facts. Several sources may describe the same entity and state the same interest: see `merge.py` and `agreed`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.ownership.interval import ONE, ZERO, Interval, parse, percent
from assessor.ownership.merge import Entity, Merged, merge
from assessor.ownership.persons import UNITED_STATES
from assessor.rule.reader import load

VOTES, EQUITY = "voting_rights", "shareholding"
SHARES = (EQUITY, VOTES)


@dataclass(frozen=True, slots=True)
class Interest:
    """One row of the interests table with its entities resolved. `holder` is None where the source states that it is
    unknown; `share` is what the row itself says. `implied`: read from the details of another interest (`arrangements.py`), which
    `through` holds, where that matters."""

    id: str
    holder: str | None
    subject: str
    kind: str
    share: Interval
    details: str = ""
    start: date | None = None
    source: str = ""
    locator: str = ""
    implied: bool = False
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Stake:
    """What one holder has in one subject, all sources taken together; `max` is tightened by what the others hold.

    `stands_in`: no voting right is stated for it, its shareholding stands for votes.
    """

    holder: str
    subject: str
    share: Interval
    interests: tuple[Interest, ...]
    stands_in: bool = False

    @property
    def kind(self) -> str:
        """The kind of interest that the share was read from."""
        return self.interests[0].kind

    @property
    def start(self) -> date | None:
        """Earliest stated start."""
        return min((i.start for i in self.interests if i.start), default=None)


@dataclass(frozen=True, slots=True)
class Majority:
    """Which part of the votes decides: more than `share`, or, where `reached`, exactly so much as well."""

    share: Fraction
    reached: bool = False


@cache
def rule_majority() -> Majority:
    """A majority of the total outstanding voting interest (§791.301 person (4))."""
    return Majority(Fraction(load().constant("voting_majority")))


@dataclass
class Layer:
    """Stakes of one sort (votes, or equity), by subject and by holder. `majority`: the part of them that decides."""

    of: dict[str, list[Stake]] = field(default_factory=dict)
    by: dict[str, list[Stake]] = field(default_factory=dict)
    lower: dict[str, Fraction] = field(default_factory=dict)  # sum of lower ends by subject
    contradictory: set[str] = field(default_factory=set)  # lower ends exceed the whole
    majority: Majority = field(default_factory=rule_majority)

    def excess(self, subject: str) -> Fraction:
        """By how much the stated lower ends exceed the whole."""
        return max(ZERO, self.lower.get(subject, ZERO) - ONE)

    def undisclosed(self, subject: str) -> Interval:
        """Share whose holder nobody has disclosed."""
        stakes = self.of.get(subject, [])
        least = max(ZERO, ONE - sum((s.share.max for s in stakes), ZERO))
        return Interval(least, max(ZERO, ONE - self.lower.get(subject, ZERO)))


@dataclass
class Graph:
    """Entities by id, votes, equity, other powers and claims; `alias` maps every id that a source uses to its entity."""

    entities: dict[str, Entity]
    alias: dict[str, str]
    votes: Layer
    equity: Layer
    powers_in: dict[str, list[Interest]]  # by subject: interests other than shares and votes
    powers_of: dict[str, list[Interest]]  # by holder
    unknown_holders: dict[str, list[Interest]]  # by subject: shares whose holder the source states to be unknown
    claims: list[Interest]
    problems: list[str]
    merged: list[str]

    def name(self, entity: str) -> str:
        """Name of an entity, or its id."""
        return self.entities[entity].name or entity

    def has_votes(self, subject: str) -> bool:
        """Whether somebody votes in it. Natural persons and states have no voting interests. An arrangement (a trust, or a
        class of holders) is what its parties are: where they are stated, or where it is disclosed as one of the United
        States, nothing is missing that could be called votes."""
        entity = self.entities[subject]
        if entity.kind in ("person", "state"):
            return False
        return (
            entity.kind != "arrangement"
            or subject in self.votes.of
            or not (self._parties(subject) or self.silent(subject))
        )

    def _parties(self, subject: str) -> bool:
        """Some source states a power over it, which names its parties."""
        return any(not power.implied for power in self.powers_in.get(subject, ()))

    def silent(self, subject: str) -> bool:
        """A U.S. arrangement whose parties (trustees, beneficiaries, members) no source states: a limit to be told."""
        entity = self.entities[subject]
        return (
            entity.kind == "arrangement"
            and bool(entity.incorporated)
            and set(entity.incorporated) <= UNITED_STATES
            and subject not in self.votes.of
            and not self._parties(subject)
            and subject not in self.unknown_holders
        )


def build(entities: pd.DataFrame, interests: pd.DataFrame, as_of: date, deciding: Majority | None = None) -> Graph:
    """The graph of what was held on `as_of` (both ends of an interest's period count; an end not stated is open).

    `deciding`: the part of the votes that decides, by default the rule's majority.
    """
    problems: list[str] = []
    rows = records(interests)
    found: Merged = merge(records(entities), rows)
    problems += found.problems
    edges: dict[tuple[str, str, str], list[Interest]] = {}
    powers_in: dict[str, list[Interest]] = {}
    powers_of: dict[str, list[Interest]] = {}
    unknown: dict[str, list[Interest]] = {}
    claims: list[Interest] = []
    for number, row in enumerate(rows):
        start, end = row.get("start"), row.get("end")
        if (start and start > as_of) or (end and end < as_of):
            if start and end and end < start:
                problems.append(
                    f"{_place(row, number)}: the interest ends on {end}, before it starts on {start}, and counts on no day"
                )
            continue
        interest = _interest(row, number, found, problems)
        if interest is None:
            continue
        if row.get("direct") is False:
            claims.append(interest)
        elif interest.kind in SHARES:
            if interest.holder is None:
                unknown.setdefault(interest.subject, []).append(interest)
            else:
                edges.setdefault((interest.subject, interest.holder, interest.kind), []).append(interest)
        else:
            powers_in.setdefault(interest.subject, []).append(interest)
            if interest.holder is not None:
                powers_of.setdefault(interest.holder, []).append(interest)
    names = {key: entity.name for key, entity in found.entities.items()}
    shares = {key: (agreed(listed, names, problems), tuple(listed)) for key, listed in edges.items()}
    problems += [
        f"{names[subject]} is stated to hold {share.words()} of itself ({kind.replace('_', ' ')}); such shares seldom carry "
        "votes, and they count as votes that nobody is known to cast"
        for (subject, holder, kind), (share, _) in shares.items()
        if subject == holder
    ]
    votes = _layer(_voting(shares), names, "votes", problems)
    votes.majority = deciding or votes.majority
    # without any stated voting right the two layers are the same
    equity = (
        _layer(_prefer(shares, EQUITY, VOTES), names, "shares", [])
        if any(kind == VOTES for _, _, kind in shares)
        else votes
    )
    return Graph(
        found.entities, found.alias, votes, equity, powers_in, powers_of, unknown, claims, problems, found.notes
    )


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dicts; a missing fact is None."""
    return pa.Table.from_pandas(table, preserve_index=False).to_pylist() if len(table.columns) else []


def _interest(row: Mapping[str, Any], number: int, found: Merged, problems: list[str]) -> Interest | None:
    place = _place(row, number)
    subject = found.resolve(row.get("source"), row.get("subject"))
    if subject is None:
        problems.append(f"{place}: the interest names no subject and is left out")
        return None
    try:
        share = parse(row.get("min"), row.get("max"), row.get("min_open"), row.get("max_open"))
    except ValueError as error:
        problems.append(f"{place}: {error}; the share is taken as not stated")
        share = Interval()
    return Interest(
        row.get("interest") or "",
        found.resolve(row.get("source"), row.get("holder")),
        subject,
        row.get("kind") or "other",
        share,
        row.get("details") or "",
        row.get("start"),
        row.get("source") or "",
        row.get("locator") or "",
    )


def _place(row: Mapping[str, Any], number: int) -> str:
    return f"{row.get('source') or ''} {row.get('locator') or ''}".strip() or f"interest row {number + 1}"


def agreed(listed: list[Interest], names: Mapping[str, str], problems: list[str]) -> Interval:
    """What several statements of one interest allow together.

    Two sources that state it tell of the same stake: what both allow. One source that states it twice may mean one stake
    or two lots: between the larger and the sum, and it is reported. Sources that exclude each other are reported and
    everything between them stays open.
    """
    if len(listed) == 1:
        return listed[0].share
    holder, subject, kind = names[str(listed[0].holder)], names[listed[0].subject], listed[0].kind.replace("_", " ")
    by_source: dict[str, Interval] = {}
    for interest in listed:
        known = by_source.get(interest.source)
        if known is None:
            by_source[interest.source] = interest.share
            continue
        low = max(known, interest.share, key=lambda i: (i.min, i.min_open))
        high = min(ONE, known.max + interest.share.max)
        by_source[interest.source] = Interval(
            low.min, high, low.min_open, (known.max_open or interest.share.max_open) and high < 1
        )
        problems.append(
            f"{interest.source} {interest.locator}: {kind} of {holder} in {subject} is stated more than once for the same "
            f"time; it may be one stake or several, so {by_source[interest.source].words()} is used".strip()
        )
    first, *others = by_source.values()
    for other in others:
        if (both := first.meet(other)).empty:
            problems.append(
                f"{kind} of {holder} in {subject}: the sources contradict each other ({first.words()} / {other.words()})"
            )
            first = first.hull(other)
        else:
            first = both
    return first


_Shares = Mapping[tuple[str, str, str], tuple[Interval, tuple[Interest, ...]]]


def _prefer(shares: _Shares, first: str, second: str) -> list[Stake]:
    """One stake a holder and subject: of kind `first` where it is stated, else of kind `second`."""
    stakes = []
    for (subject, holder, kind), (share, listed) in shares.items():
        if kind == first or (subject, holder, first) not in shares:
            stakes.append(Stake(holder, subject, share, listed, kind == EQUITY and first == VOTES))
    return stakes


def _voting(shares: _Shares) -> list[Stake]:
    """Votes: voting rights where stated, else the shareholding stands for them.

    Where a holder's stated votes are known to differ from its shares, shares do not carry equal votes: the other holders'
    shares then say nothing certain about their votes.
    """
    unequal = {
        subject
        for (subject, holder, kind), (share, _) in shares.items()
        if kind == VOTES and (held := shares.get((subject, holder, EQUITY))) and share.meet(held[0]).empty
    }
    return [
        Stake(s.holder, s.subject, Interval(), s.interests, True) if s.stands_in and s.subject in unequal else s
        for s in _prefer(shares, VOTES, EQUITY)
    ]


def _layer(stakes: Iterable[Stake], names: Mapping[str, str], what: str, problems: list[str]) -> Layer:
    layer = Layer()
    for stake in stakes:
        layer.of.setdefault(stake.subject, []).append(stake)
    for subject, listed in layer.of.items():
        listed.sort(key=lambda s: (-s.share.min, -s.share.max, s.holder))
        total = layer.lower[subject] = sum((s.share.min for s in listed), ZERO)
        if total > 1 or (total == 1 and any(s.share.min_open for s in listed)):
            layer.contradictory.add(subject)
            held = ", ".join(f"{names[s.holder]} {s.share.words()}" for s in listed[:6])
            problems.append(
                f"{what} in {names[subject]} add up to {'more than ' if total == 1 else ''}{percent(total)}: {held}"
                f"{' and others' if len(listed) > 6 else ''}; stated stakes overlap or are wrong"
            )
        else:
            opened = sum(s.share.min_open for s in listed)
            layer.of[subject] = listed = [_tightened(s, total, opened > s.share.min_open) for s in listed]
        for stake in listed:
            layer.by.setdefault(stake.holder, []).append(stake)
    return layer


def with_stakes(layer: Layer, subject: str, stakes: list[Stake]) -> Layer:
    """The layer with other stakes in one subject."""
    part = _layer(stakes, defaultdict(str), "", [])
    by = dict(layer.by)
    for holder in {s.holder for s in (*layer.of.get(subject, ()), *stakes)}:
        by[holder] = [s for s in by.get(holder, ()) if s.subject != subject] + part.by.get(holder, [])
    return replace(
        layer,
        of={**layer.of, subject: part.of.get(subject, [])},
        by=by,
        lower={**layer.lower, subject: part.lower.get(subject, ZERO)},
        contradictory=(layer.contradictory - {subject}) | part.contradictory,
    )


def _tightened(stake: Stake, total: Fraction, opened: bool) -> Stake:
    """Nobody can hold more than what the others leave, and not even that where one of them holds more than its lower end."""
    left = ONE - (total - stake.share.min)
    if left > stake.share.max:
        return stake
    return replace(stake, share=stake.share.meet(Interval(max=left, max_open=opened)))
