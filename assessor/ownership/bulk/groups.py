"""Who stands at the head of each group of entities that vote together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from assessor.ownership.bulk.columns import NOBODY, Flag, Index, Number, index
from assessor.ownership.bulk.limits import Limits, majority
from assessor.ownership.bulk.stakes import Votes

FEW = 16
"""Groups whose members are looked for one group at a time, before all are put in order."""


@dataclass(frozen=True)
class Groups:
    """`head`: for each entity the entity at the head of the group that it belongs to, itself where nobody controls it, -1 where
    it has no label; `controlled`: whether a group holds a majority in it."""

    head: Number
    controlled: Flag


def leads(votes: Votes, limit: Limits) -> Number:
    """For each entity who holds a majority in it with one stake, itself where nobody does."""
    rows = np.flatnonzero(majority(votes, limit, votes.subject, votes.least, votes.open))
    above = np.arange(len(votes.lower), dtype=np.int32)
    above[votes.subject[rows]] = votes.holder[rows]
    return above


def groups(votes: Votes, limit: Limits, above: Number, labelled: Flag) -> Groups:
    """Who controls whom, each of `labelled` counting alone with all that it controls (`closure.close`).

    First the stakes that are a majority by themselves (`above`, of `leads`): a forest, whose roots are found by doubling.
    Then, for what is left, the sums of what each group holds; where a group comes to control the head of another, the two
    vote together.
    """
    count = len(votes.lower)
    inside = labelled if labelled.all() else _below(above, labelled)
    above = np.where(inside[above], above, np.arange(count, dtype=np.int32))
    controlled = inside & (above != np.arange(count))
    head = _roots(above)
    if rings_ := _circles(above, head):
        for ring in rings_:
            controlled[ring] = True
            above[min(ring)] = min(ring)
        head = _roots(above)
    return _Sums(votes, limit, np.where(inside, head, NOBODY).astype(np.int32), controlled).settled()


def _roots(above: Number) -> Number:
    """Where each pointer ends when it is followed; on a ring, some entity of the ring."""
    far = above.copy()
    active = np.flatnonzero(far != np.arange(len(far)))
    for _ in range(len(far).bit_length()):
        if not len(active):
            break
        here = far[active]
        further = far[here]
        changed = further != here
        far[active] = further
        active = active[changed]
    return far


def _below(above: Number, labelled: Flag) -> Flag:
    """What is labelled, or has a labelled entity above it."""
    inside, far = labelled.copy(), above.copy()
    active = np.flatnonzero(~inside & (far != np.arange(len(far))))
    for _ in range(len(far).bit_length()):
        if not len(active):
            break
        here = far[active]
        found, further = inside[here], far[here]
        inside[active] = found
        far[active] = further
        active = active[~found & (further != here)]
    return inside


def _circles(above: Number, ends: Number) -> list[list[int]]:
    """The rings that the pointers form; `ends` is where each leads."""
    reached = np.zeros(len(above), np.bool_)
    reached[ends] = True
    rings: list[list[int]] = []
    seen: set[int] = set()
    for start in np.flatnonzero(reached & (above != np.arange(len(above)))).tolist():
        ring = []
        while start not in seen:
            seen.add(start)
            ring.append(start)
            start = int(above[start])
        if ring:
            rings.append(ring)
    return rings


class _Sums:
    """What groups hold in the entities that no single stake controls. `label` of an entity names its group; `_parent` and
    `_head` hold the groups that have been put together."""

    def __init__(self, votes: Votes, limit: Limits, label: Number, controlled: Flag) -> None:
        self.votes, self.limit, self.label, self.controlled = votes, limit, label, controlled
        self._parent: dict[int, int] = {}
        self._head: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._held: dict[int, dict[int, tuple[int, bool]]] = {}
        self._queue: deque[tuple[int, int]] = deque()
        self._by_label: Index | None = None
        self._sought = 0

    def settled(self) -> Groups:
        """The groups when nothing more follows."""
        self._queue.extend(self._at_once())
        while self._queue:
            self._join(*self._queue.popleft())
        if self._parent:
            lead = np.arange(len(self.label) + 1, dtype=np.int32)
            for label in {*self._parent, *self._head}:
                root = self._root(label)
                lead[label] = self._head.get(root, root)
            lead[-1] = NOBODY
            self.label = lead[self.label]
        return Groups(self.label, self.controlled)

    def _at_once(self) -> list[tuple[int, int]]:
        """Majorities that groups hold together as the groups are now: subject and label."""
        votes, count = self.votes, len(self.label)
        wanted = ~self.controlled & self.limit.votes & (votes.lower >= self.limit.needed)
        rows = np.flatnonzero(wanted[votes.subject])
        rows = rows[self.label[votes.holder[rows]] >= 0]
        if not len(rows):
            return []
        key = votes.subject[rows].astype(np.int64) * count + self.label[votes.holder[rows]]
        order = np.argsort(key, kind="stable")
        key, rows = key[order], rows[order]
        begins = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        held = np.add.reduceat(votes.least[rows], begins)
        is_open = np.logical_or.reduceat(votes.open[rows], begins)
        subject = (key[begins] // count).astype(np.int32)
        found = majority(votes, self.limit, subject, held, is_open)
        return list(zip(subject[found].tolist(), (key[begins][found] % count).tolist(), strict=True))

    def _root(self, label: int) -> int:
        while (above := self._parent.get(label, label)) != label:
            self._parent[label] = self._parent.get(above, above)
            label = above
        return label

    def _group(self, label: int) -> list[int]:
        if label not in self._members:
            self._sought += 1
            if self._sought <= FEW:
                self._members[label] = np.flatnonzero(self.label == label).tolist()
                return self._members[label]
            if self._by_label is None:
                self._by_label = index(np.where(self.label >= 0, self.label, len(self.label)), len(self.label) + 1)
            self._members[label] = list(self._by_label.of(label).tolist())
        return self._members[label]

    def _join(self, subject: int, label: int) -> None:
        root, own = self._root(label), int(self.label[subject])
        if own < 0:
            self._group(root).append(subject)
            self.label[subject], self.controlled[subject] = root, True
            self._count([subject], root, None)
            return
        other = self._root(own)
        if other == root:
            self.controlled[subject] = True
        elif self._head.get(other, other) == subject:
            self.controlled[subject] = True
            head = self._head.get(root, root)
            into, moved = (root, other) if len(self._group(root)) >= len(self._group(other)) else (other, root)
            self._parent[moved], self._head[into] = into, head
            members = self._members.pop(moved)
            self._count(members, into, moved)
            self._members[into] += members

    def _count(self, holders: list[int], root: int, before: int | None) -> None:
        """Count what these holders have for the group `root`; `before` is the group for which it was counted."""
        votes = self.votes
        for holder in holders:
            for row in votes.by_holder.of(holder).tolist():
                subject = int(votes.subject[row])
                if self.controlled[subject] or not self.limit.votes[subject]:
                    continue
                cells = self._held.get(subject)
                if cells is None:
                    cells = self._held[subject] = self._cells(subject)
                elif before is None:
                    self._add(cells, root, int(votes.least[row]), bool(votes.open[row]))
                elif before in cells:
                    self._add(cells, root, *cells.pop(before))
                held, is_open = cells.get(root, (0, False))
                over = held - int(self.limit.needed[subject])
                if over > 0 or (over == 0 and is_open and not self.votes.contradictory[subject]):
                    self._queue.append((subject, root))

    def _cells(self, subject: int) -> dict[int, tuple[int, bool]]:
        cells: dict[int, tuple[int, bool]] = {}
        for row in self.votes.by_subject.of(subject).tolist():
            label = int(self.label[self.votes.holder[row]])
            if label >= 0:
                self._add(cells, self._root(label), int(self.votes.least[row]), bool(self.votes.open[row]))
        return cells

    @staticmethod
    def _add(cells: dict[int, tuple[int, bool]], root: int, least: int, is_open: bool) -> None:
        held, some_open = cells.get(root, (0, False))
        cells[root] = held + least, some_open or is_open
