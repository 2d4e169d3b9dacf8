"""Who controls whom: a worklist over lower bounds, in which everything that a controller controls votes with it.

One routine answers three questions. With all seeds under one label it is the aggregate reading (persons of the countries
together); with each seed under its own label the single-holder reading; with every entity under its own label it finds who
stands at the head of each group. Each edge is touched once for the group that comes to hold it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from assessor.ownership.graph import Layer
from assessor.ownership.interval import ZERO


@dataclass(slots=True)
class Held:
    """Votes that one group holds in one subject: sum of lower ends, whether one of them is open, sum of upper ends."""

    min: Fraction = ZERO
    min_open: bool = False
    max: Fraction = ZERO

    def add(self, other: Held) -> None:
        """Count other votes of the same group."""
        self.min += other.min
        self.min_open = self.min_open or other.min_open
        self.max += other.max


Decides = Callable[[str, Held], bool]


@dataclass
class Closure:
    """`order`: members in the order in which they joined, seeds first. `controlled`: subject -> head of the group that
    controls it. `held`: votes by subject and group label."""

    votes: Layer
    decides: Decides
    forced: Mapping[str, Iterable[str]]
    order: dict[str, int] = field(default_factory=dict)
    controlled: dict[str, str] = field(default_factory=dict)
    held: dict[str, dict[str, Held]] = field(default_factory=dict)
    _group: dict[str, str] = field(default_factory=dict)
    _parent: dict[str, str] = field(default_factory=dict)
    _head: dict[str, str] = field(default_factory=dict)
    _touched: dict[str, list[str]] = field(default_factory=dict)
    _queue: deque[str] = field(default_factory=deque)
    _joins: deque[tuple[str, str]] = field(default_factory=deque)

    def head(self, entity: str) -> str | None:
        """Label of the group that `entity` belongs to."""
        return self._head[self._root(self._group[entity])] if entity in self._group else None

    def label(self, member: str) -> str:
        """The label in `held` under which the votes of a member count."""
        return self._root(self._group[member])

    def _root(self, label: str) -> str:
        while self._parent[label] != label:
            self._parent[label] = label = self._parent[self._parent[label]]
        return label

    def _seed(self, entity: str, label: str) -> None:
        self._parent.setdefault(label, label)
        self._head.setdefault(label, label)
        self._touched.setdefault(label, [])
        self._group[entity] = label
        self.order.setdefault(entity, len(self.order))
        self._queue.append(entity)

    def _run(self) -> None:
        while self._queue:
            holder = self._queue.popleft()
            for stake in self.votes.by.get(holder, ()):
                share = stake.share
                self._hold(stake.subject, self._root(self._group[holder]), Held(share.min, share.min_open, share.max))
                self._settle()
            for subject in self.forced.get(holder, ()):
                self._joins.append((subject, self._root(self._group[holder])))
                self._settle()

    def _hold(self, subject: str, root: str, more: Held) -> None:
        cells = self.held.setdefault(subject, {})
        if root not in cells:
            cells[root] = Held()
            self._touched[root].append(subject)
        cells[root].add(more)
        if self.decides(subject, cells[root]):
            self._joins.append((subject, root))

    def _settle(self) -> None:
        while self._joins:
            subject, label = self._joins.popleft()
            root = self._root(label)
            if subject not in self._group:
                self._group[subject] = root
                self.controlled[subject] = self._head[root]
                self.order[subject] = len(self.order)
                self._queue.append(subject)
                continue
            other = self._root(self._group[subject])
            if other == root:
                self.controlled.setdefault(subject, self._head[root])
            elif (
                self._head[other] == subject
            ):  # else somebody else already controls it: the votes contradict each other
                self.controlled.setdefault(subject, self._head[root])
                self._merge(root, other)

    def _merge(self, root: str, other: str) -> None:
        """The group `other`, whose head is now controlled, votes with `root`; the smaller list of votes is moved."""
        head = self._head[root]
        if len(self._touched[other]) > len(self._touched[root]):
            root, other = other, root
        self._parent[other], self._head[root] = root, head
        for subject in self._touched.pop(other):
            self._hold(subject, root, self.held[subject].pop(other))


def close(
    votes: Layer, seeds: Iterable[tuple[str, str]], decides: Decides, forced: Mapping[str, Iterable[str]] | None = None
) -> Closure:
    """The least fixpoint from `seeds` (entity, label). `forced`: subjects that a holder controls otherwise than by votes."""
    closure = Closure(votes, decides, forced or {})
    for entity, label in seeds:
        closure._seed(entity, label)
    closure._run()
    return closure


def majority(votes: Layer) -> Decides:
    """Decides by the votes' majority: more than half. An open lower end at half is a majority ("more than 50 %").

    Where the stated stakes exceed the whole, the excess may be on either side and is not counted. Where another reading lets
    half suffice, two groups may decide at once: then only the reading in which all persons count together is complete.
    """
    share, reached = votes.majority.share, votes.majority.reached

    def decides(subject: str, held: Held) -> bool:
        needed = share + votes.excess(subject)
        return held.min > needed or (
            held.min == needed and (reached or held.min_open) and subject not in votes.contradictory
        )

    return decides


def may_decide(votes: Layer, subject: str, most: Fraction) -> bool:
    """Whether at most so many of the votes may be a majority."""
    enough = votes.majority
    return most > enough.share or (most == enough.share and (enough.reached or subject in votes.contradictory))
