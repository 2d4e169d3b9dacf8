"""Foreign interests (§791.301, §791.315(d)(1)): any interest of any kind, direct or indirect, by any non-U.S. person.

There is no threshold: 0.01 % counts. Every interest of a non-U.S. person in the entity itself, or in anything above it, is
listed with its kind, its path and the share that follows along that path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from assessor.ownership.graph import SHARES, Graph, Interest, Stake
from assessor.ownership.interval import Interval
from assessor.ownership.merge import Entity
from assessor.ownership.persons import UNITED_STATES


@dataclass(frozen=True)
class ForeignInterest:
    """An interest of a non-U.S. person. `via`: names from the holder's side down to the entity, empty when direct.

    `min` and `max` are the share along the path (of 1); both None where the interest is no share. `start`: the latest
    stated start along the path, since the interest cannot be older. `held_in`: entity in which the holder's own stake is.
    """

    holder: str
    holder_name: str
    holder_country: str
    kind: str
    min: Fraction | None
    max: Fraction | None
    via: tuple[str, ...]
    start: date | None
    source: str
    locator: str
    share: str = ""  # the share in words
    details: str = ""
    held_in: str = ""
    declared_only: bool = False  # a declared chain that no direct interests explain
    certain: bool = True  # False: known by a country outside the United States, U.S. status not stated


def foreign_interests(
    graph: Graph, entity: str, us_person: Callable[[Entity], bool | None], claims: tuple[Interest, ...] = ()
) -> tuple[tuple[ForeignInterest, ...], bool | None]:
    """The foreign interests in `entity`, nearest first, and whether there is any (None: some holder is not known).

    A foreign organisation is itself a non-U.S. person with an interest in what it makes: for such an entity the answer is
    True whoever owns it. It is False only when every chain is disclosed down to U.S. persons.
    """
    found: list[ForeignInterest] = []
    own = us_person(graph.entities[entity])
    unknown = own is None
    # how each holder was reached: through whom, with which share of the entity, since when
    paths: dict[str, tuple[str, Interval | None, date | None]] = {entity: ("", None, None)}
    queue = deque([entity])
    while queue:
        subject = queue.popleft()
        _, along, since = paths[subject]
        for kind, holder, share, start, listed in _held(graph, subject):
            person = us_person(graph.entities[holder])
            unknown = unknown or person is None
            reach = share if along is None else None if share is None else share.times(along)
            started = max((d for d in (start, since) if d), default=None)
            if holder != entity and (person is False or (person is None and _elsewhere(graph.entities[holder]))):
                found.append(
                    _described(
                        graph,
                        holder,
                        kind,
                        reach,
                        _via(graph, paths, subject),
                        started,
                        listed[0],
                        subject,
                        certain=person is False,
                    )
                )
            if holder not in paths:
                paths[holder] = (subject, reach if reach is not None else Interval(), started)
                queue.append(holder)
        unknown = unknown or _undisclosed(graph, subject)
    for claim in claims:
        if claim.holder is not None and us_person(graph.entities[claim.holder]) is False:
            found.append(
                _described(
                    graph,
                    claim.holder,
                    claim.kind,
                    claim.share,
                    ("a declared chain",),
                    claim.start,
                    claim,
                    entity,
                    declared=True,
                )
            )
    return tuple(found), True if any(i.certain for i in found) or own is False else None if unknown or found else False


def _via(graph: Graph, paths: Mapping[str, tuple[str, Interval | None, date | None]], subject: str) -> tuple[str, ...]:
    """Names on the way from `subject` down to the entity, which itself is not named."""
    names = []
    while paths[subject][0]:
        names.append(graph.name(subject))
        subject = paths[subject][0]
    return tuple(names)


def _elsewhere(entity: Entity) -> bool:
    """What is known of it ties it to countries outside the United States only."""
    known = {*entity.incorporated, *entity.citizenship, *entity.residence, *entity.headquarters}
    return bool(known) and not known & UNITED_STATES


def _held(graph: Graph, subject: str) -> list[tuple[str, str, Interval | None, date | None, tuple[Interest, ...]]]:
    """Interests in `subject`: one row a holder and kind, shares before other powers."""
    rows: list[tuple[str, str, Interval | None, date | None, tuple[Interest, ...]]] = []
    stakes: dict[tuple[str, str], Stake] = {}
    for layer in (graph.votes, graph.equity):
        for stake in layer.of.get(subject, ()):
            stakes.setdefault((stake.holder, stake.kind), stake)
    for (holder, kind), stake in stakes.items():
        rows.append((kind, holder, stake.share, stake.start, stake.interests))
    for power in graph.powers_in.get(subject, ()):
        if power.holder is not None:
            rows.append((power.kind, power.holder, power.share if power.share.stated else None, power.start, (power,)))
    return rows


def _undisclosed(graph: Graph, subject: str) -> bool:
    """Some of its votes or shares have no disclosed holder, or a holder is stated to be unknown."""
    if any(power.holder is None for power in graph.powers_in.get(subject, ())) or subject in graph.unknown_holders:
        return True
    if not graph.has_votes(subject):
        return False
    return any(layer.undisclosed(subject).max > 0 for layer in (graph.votes, graph.equity))


def _described(
    graph: Graph,
    holder: str,
    kind: str,
    share: Interval | None,
    via: tuple[str, ...],
    start: date | None,
    place: Interest,
    subject: str,
    *,
    declared: bool = False,
    certain: bool = True,
) -> ForeignInterest:
    entity = graph.entities[holder]
    if share is not None and not share.stated and kind not in SHARES:
        share = None
    return ForeignInterest(
        holder,
        entity.name,
        entity.country,
        kind,
        share.min if share else None,
        share.max if share else None,
        via,
        start,
        place.source,
        place.locator,
        share.words() if share else "",
        place.details,
        subject,
        declared,
        certain,
    )
