"""Foreign interests (§791.301, §791.315(d)(1)): any interest of any kind, direct or indirect, by any non-U.S. person.

There is no threshold: 0.01 % counts. Every interest of a non-U.S. person in the entity itself, or in anything above it, is
listed with its kind, its path and the share that follows along that path. Several paths of one holder are listed apart, nearest
first: up to `PATHS` to each entity on the way, and of a graph that has more than `WAYS` one, since a graph may have millions.
Where further ones exist the interest says so, and, where few enough entities stand above, the holder's look-through share.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import islice

from assessor.ownership.claims import commanded, through
from assessor.ownership.graph import SHARES, Graph, Interest, Layer, Stake
from assessor.ownership.interval import Interval
from assessor.ownership.merge import Entity
from assessor.ownership.persons import UNITED_STATES

PATHS = 3  # paths to one entity that are followed
WAYS = 2000  # paths in all after which only the first one to each entity is followed
DEEP = 500  # steps up to which a further path is followed, and told from a ring
NAMED = 12  # names of one path that are told
SUMMED = 20  # holders of several paths whose votes in all are worked out
LOOKED = 4000  # entities looked at for the look-through shares of holders of further paths, one holder after another
UNNAMED = "a holder whom the source does not name"


@dataclass(frozen=True)
class ForeignInterest:
    """An interest of a non-U.S. person. `via`: names from the holder's side down to the entity, empty when direct; of a long path
    the names at both ends.

    `min` and `max` are the share along the path (of 1); both None where the interest is no share. `start`: the latest
    stated start along the path, since the interest cannot be older. `held_in`: entity in which the holder's own stake is.
    `holder` is empty where the source states that it does not know the holder. `in_all`: the votes that the holder commands,
    where it holds on several paths; `further`: there are paths that are not listed; `look_through`: the holder's share then,
    multiplied out along all of them.
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
    certain: bool = (
        True  # False: known by a country outside the United States, U.S. status not stated; or nobody is named
    )
    in_all: str = ""
    further: bool = False
    look_through: str = ""


@dataclass
class _Path:
    """One way up to `entity`, through the path `below`."""

    entity: str
    below: _Path | None = None
    share: Interval | None = None
    since: date | None = None
    depth: int = 0
    near: tuple[str, ...] = ()  # the first steps up from the entity asked about

    def __contains__(self, entity: str) -> bool:
        path: _Path | None = self
        while path is not None and path.entity != entity:
            path = path.below
        return path is not None

    def down(self) -> Iterator[_Path]:
        """This path, and those through which it leads, down to the entity asked about."""
        path: _Path | None = self
        while path is not None:
            yield path
            path = path.below

    def up(self, holder: str, share: Interval, since: date | None) -> _Path:
        """The path on to a holder."""
        near = self.near if len(self.near) >= NAMED // 2 else (*self.near, holder)
        return _Path(holder, self, share, since, self.depth + 1, near)


@dataclass
class _Search:
    """The ways upwards, nearest first. `unfollowed`: entities to which further ways lead."""

    graph: Graph
    held: dict[str, list[_Row]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    count: int = 0
    unfollowed: set[str] = field(default_factory=set)

    def ways(self, entity: str) -> Iterator[_Path]:
        """Each path to the entity itself and to everything above it."""
        self.taken[entity] = 1
        queue = deque([_Path(entity)])
        while queue:
            path = queue.popleft()
            yield path
            here: set[str] = set()
            for row in self.rows(path.entity):
                if row.holder and row.holder not in here and self._follows(path, row.holder):
                    here.add(row.holder)
                    share = row.along(path) or Interval()
                    queue.append(path.up(row.holder, share, _latest(row.start, path.since)))

    def rows(self, subject: str) -> list[_Row]:
        """Interests in `subject`."""
        if subject not in self.held:
            self.held[subject] = _held(self.graph, subject)
        return self.held[subject]

    def _follows(self, path: _Path, holder: str) -> bool:
        taken = self.taken.get(holder, 0)
        if taken and path.depth >= DEEP:
            self.unfollowed.add(holder)  # it may be a ring
            return False
        if taken and holder in path:
            return False
        if taken >= (PATHS if self.count < WAYS else 1):
            self.unfollowed.add(holder)
            return False
        self.taken[holder] = taken + 1
        self.count += 1
        return True

    def incomplete(self) -> set[str]:
        """Everything to which some way leads that was not followed."""
        found, queue = set(self.unfollowed), deque(sorted(self.unfollowed))
        while queue:
            for row in self.rows(queue.popleft()):
                if row.holder and row.holder not in found:
                    found.add(row.holder)
                    queue.append(row.holder)
        return found


@dataclass(frozen=True)
class _Row:
    """What one holder has of one kind in one subject."""

    holder: str
    kind: str
    share: Interval | None
    start: date | None
    place: Interest

    def along(self, path: _Path) -> Interval | None:
        """The share in the entity asked about, along a path to the subject."""
        if path.below is None or self.share is None:
            return self.share
        return self.share.times(path.share) if path.share else None


def foreign_interests(
    graph: Graph, entity: str, us_person: Callable[[Entity], bool | None], claims: tuple[Interest, ...] = ()
) -> tuple[tuple[ForeignInterest, ...], bool | None]:
    """The foreign interests in `entity`, nearest first, and whether there is any (None: some holder is not known).

    A foreign organisation is itself a non-U.S. person with an interest in what it makes: for such an entity the answer is
    True whoever owns it. It is False only when every chain is disclosed down to U.S. persons.
    """
    found: list[ForeignInterest] = []
    search = _Search(graph)
    persons: dict[str, bool | None] = {entity: us_person(graph.entities[entity])}
    for path in search.ways(entity):
        for row in search.rows(path.entity):
            if row.holder and row.holder not in persons:
                persons[row.holder] = us_person(graph.entities[row.holder])
            person = persons[row.holder] if row.holder else None
            if row.holder != entity and (
                person is False or (person is None and (not row.holder or _elsewhere(graph.entities[row.holder])))
            ):
                found.append(_described(graph, row, path, certain=person is False))
    found = _summed(graph, entity, found, search)
    for claim in claims:
        if claim.holder is None or us_person(graph.entities[claim.holder]) is False:
            share = claim.share if claim.share.stated else None
            row = _Row(claim.holder or "", claim.kind, share, claim.start, claim)
            told = _described(graph, row, _Path(entity), certain=claim.holder is not None)
            found.append(replace(told, via=("a declared chain",), declared_only=True))
    unknown = None in persons.values() or any(_undisclosed(graph, subject) for subject in search.taken)
    if any(i.certain for i in found) or persons[entity] is False:
        return tuple(found), True
    return tuple(found), None if unknown or found else False


def _summed(graph: Graph, entity: str, found: list[ForeignInterest], search: _Search) -> list[ForeignInterest]:
    """The interests, those of holders on several paths with what these come to together."""
    incomplete = search.incomplete()
    paths: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    for interest in found:
        if interest.holder and interest.kind in SHARES:
            paths.setdefault(interest.holder, set()).add((interest.held_in, interest.via))
    several = [h for h, ways in paths.items() if len(ways) > 1 or any(held_in in incomplete for held_in, _ in ways)]
    votes = cut(graph.votes, search.taken)
    in_all = {holder: commanded(votes, holder, entity).words() for holder in several[:SUMMED]}
    more = [h for h in in_all if any(held_in in incomplete for held_in, _ in paths[h])]
    more = more[: LOOKED // len(search.taken)]
    through_all = {holder: through(graph, holder, entity, search.taken).words() for holder in more}
    return [
        replace(
            interest,
            in_all=in_all.get(interest.holder, "") if interest.kind in SHARES else "",
            further=interest.held_in in incomplete,
            look_through=through_all.get(interest.holder, "") if interest.held_in in incomplete else "",
        )
        if interest.holder in in_all or interest.held_in in incomplete
        else interest
        for interest in found
    ]


def cut(layer: Layer, entities: Collection[str]) -> Layer:
    """The part of a layer that stands in `entities`, who are all that holds anything in them."""
    part = Layer({s: layer.of[s] for s in entities if s in layer.of}, contradictory=layer.contradictory)
    for subject, stakes in part.of.items():
        part.lower[subject] = layer.lower[subject]
        for stake in stakes:
            part.by.setdefault(stake.holder, []).append(stake)
    return part


def _via(graph: Graph, path: _Path) -> tuple[str, ...]:
    """Names on the way from the holder's side down to the entity, which itself is not named."""
    far = [step.entity for step in islice(path.down(), min(path.depth, NAMED))]
    if path.depth <= NAMED:
        return tuple(graph.name(entity) for entity in far)
    half = NAMED // 2
    names = [graph.name(entity) for entity in (*far[:half], *reversed(path.near))]
    return (*names[:half], f"{path.depth - NAMED:,} others", *names[half:])


def _elsewhere(entity: Entity) -> bool:
    """What is known of it ties it to countries outside the United States only."""
    known = {*entity.incorporated, *entity.citizenship, *entity.residence, *entity.headquarters}
    return bool(known) and not known & UNITED_STATES


def _held(graph: Graph, subject: str) -> list[_Row]:
    """Interests in `subject`: one row a holder and kind, shares before other powers, holders whom nobody names last."""
    stakes: dict[tuple[str, str], Stake] = {}
    for layer in (graph.votes,) if graph.equity is graph.votes else (graph.votes, graph.equity):
        for stake in layer.of.get(subject, ()):
            stakes.setdefault((stake.holder, stake.kind), stake)
    rows = [_Row(s.holder, s.kind, s.share, s.start, s.interests[0]) for s in stakes.values()]
    powers = graph.powers_in.get(subject, [])
    for power in (
        *(p for p in powers if p.holder),
        *graph.unknown_holders.get(subject, ()),
        *(p for p in powers if not p.holder),
    ):
        share = power.share if power.share.stated else None
        rows.append(_Row(power.holder or "", power.kind, share, power.start, power))
    return rows


def _undisclosed(graph: Graph, subject: str) -> bool:
    """Some of its votes or shares have no disclosed holder, or a holder is stated to be unknown."""
    if any(power.holder is None for power in graph.powers_in.get(subject, ())) or subject in graph.unknown_holders:
        return True
    if not graph.has_votes(subject):
        return False
    return any(layer.undisclosed(subject).max > 0 for layer in (graph.votes, graph.equity))


def _latest(*starts: date | None) -> date | None:
    return max((start for start in starts if start), default=None)


def _described(graph: Graph, row: _Row, path: _Path, *, certain: bool) -> ForeignInterest:
    entity = graph.entities[row.holder] if row.holder else None
    share = row.along(path)
    if share is not None and not share.stated and row.kind not in SHARES:
        share = None
    return ForeignInterest(
        row.holder,
        entity.name if entity else UNNAMED,
        entity.country if entity else "",
        row.kind,
        share.min if share else None,
        share.max if share else None,
        _via(graph, path),
        _latest(row.start, path.since),
        row.place.source,
        row.place.locator,
        share.words() if share else "",
        row.place.details,
        path.entity,
        certain=certain,
    )
