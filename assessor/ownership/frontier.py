"""The closures over arrays: what is established, and what is not excluded, for millions of entities at once.

A closure grows by its frontier: the entities that joined last, whose stakes are counted next, so that each stake is touched
once. A wide frontier is counted at once; a narrow one, as on a chain of a hundred thousand tiers, entity by entity.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from assessor.ownership.arrays import NOBODY, Arrays, Flag, Index, Number, Votes, Whole, index

NARROW = 64
"""Entities of a frontier below which they are looked at one by one."""


@dataclass(frozen=True)
class Limits:
    """What decides, in units of the whole. `needed`: by subject, what a majority exceeds; `votes`: whether anybody votes in it;
    `criterion`: the firm's figure for a dominant minority."""

    needed: Whole
    votes: Flag
    criterion: int


def limits(votes: Votes, has_votes: Flag, criterion: Fraction) -> Limits:
    """The limits of these votes. Where the stated stakes exceed the whole, the excess may be on either side."""
    excess = np.maximum(votes.lower - votes.unit, 0)
    return Limits(excess + votes.unit // 2, has_votes, ceil(criterion * votes.unit))


def majority(votes: Votes, limit: Limits, subject: Number, held: Whole, is_open: Flag) -> Flag:
    """Which of these holdings are more than half of the votes (`closure.majority`)."""
    needed = limit.needed[subject]
    over: Flag = (held > needed) | ((held == needed) & is_open & ~votes.contradictory[subject])
    return over & limit.votes[subject]


def established(votes: Votes, limit: Limits, seeds: Iterable[int]) -> Number:
    """The aggregate reading: for each entity the round in which it joined, seeds in round 0; -1 for those outside.

    Who contributed to the control of an entity are its holders of earlier rounds.
    """
    count = len(votes.lower)
    joined = np.full(count, NOBODY, np.int32)
    frontier = np.fromiter(seeds, np.int32)
    joined[frontier] = 0
    held, is_open = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    round_ = 0
    while len(frontier):
        round_ += 1
        if len(frontier) < NARROW:
            found = _one_by_one(votes, limit, joined, held, is_open, frontier.tolist())
        else:
            rows = votes.by_holder.all(frontier)
            subjects = votes.subject[rows]
            np.add.at(held, subjects, votes.least[rows])
            is_open[subjects[votes.open[rows]]] = True
            subjects = subjects[joined[subjects] < 0]
            found = _once(subjects[majority(votes, limit, subjects, held[subjects], is_open[subjects])], count)
        frontier = found
        joined[frontier] = round_
    return joined


def _one_by_one(votes: Votes, limit: Limits, joined: Number, held: Whole, is_open: Flag, frontier: list[int]) -> Number:
    found: dict[int, None] = {}
    begins, by_holder = votes.by_holder.begins, votes.by_holder.rows
    for holder in frontier:
        for row in by_holder[begins[holder] : begins[holder + 1]].tolist():
            subject = int(votes.subject[row])
            held[subject] += votes.least[row]
            is_open[subject] |= votes.open[row]
            if joined[subject] < 0 and limit.votes[subject]:
                over = held[subject] - limit.needed[subject]
                if over > 0 or (over == 0 and is_open[subject] and not votes.contradictory[subject]):
                    found[subject] = None
    return np.fromiter(found, np.int32)


def _once(numbers: Number, count: int) -> Number:
    """Each number once, in order."""
    if len(numbers) < count >> 6:
        return np.unique(numbers).astype(np.int32)
    there = np.zeros(count, np.bool_)
    there[numbers] = True
    return np.flatnonzero(there).astype(np.int32)


@dataclass(frozen=True)
class Groups:
    """`head`: for each entity the entity at the head of the group that it belongs to, itself where nobody controls it, -1 where
    it has no label; `controlled`: whether a group holds a majority in it."""

    head: Number
    controlled: Flag


def groups(votes: Votes, limit: Limits, labelled: Flag) -> Groups:
    """Who controls whom, each of `labelled` counting alone with all that it controls (`closure.close`).

    First the stakes that are a majority by themselves: a forest, whose roots are found by doubling. Then, for what is left,
    the sums of what each group holds; where a group comes to control the head of another, the two vote together.
    """
    count = len(votes.lower)
    alone = majority(votes, limit, votes.subject, votes.least, votes.open)
    above = np.arange(count, dtype=np.int32)
    above[votes.subject[alone]] = votes.holder[alone]
    inside = _below(above, labelled)
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
        rows = np.flatnonzero(wanted[votes.subject] & (self.label[votes.holder] >= 0))
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


class Reach:
    """What may be, or be controlled by, the persons: everything joins whose votes not known to be outside reach a majority or
    the criterion (`control.Reach`)."""

    def __init__(self, arrays: Arrays, limit: Limits, heads: Groups) -> None:
        votes, count = arrays.votes, len(arrays.votes.lower)
        self.votes, self.limit, self.heads = votes, limit, heads
        self.members = np.zeros(count, np.bool_)
        self.outside = np.minimum(votes.lower, votes.unit)
        same = heads.controlled[votes.subject] & (heads.head[votes.holder] == heads.head[votes.subject])
        self.same = same
        self.other = np.zeros(count, np.int64)
        np.add.at(self.other, votes.subject[same], votes.least[same])
        self.other_open = np.zeros(count, np.bool_)
        self.other_open[votes.subject[same & votes.open]] = True
        dominated = np.flatnonzero(heads.controlled).astype(np.int32)
        self.below = index(heads.head[dominated], count)
        self.dominated = dominated
        named = arrays.power_holder >= 0
        self.power_subject = arrays.power_subject[named]
        self.powers = index(arrays.power_holder[named], count)

    def open(self, subjects: Number) -> Flag:
        """Which of these would join."""
        votes, limit = self.votes, self.limit
        left = votes.unit - self.outside[subjects]
        half = votes.unit // 2
        by_majority = (left > half) | ((left == half) & votes.contradictory[subjects])
        by_minority = (left >= limit.criterion) & (left > 0) & ~self.is_dominated(subjects)
        joins: Flag = limit.votes[subjects] & ~self.members[subjects] & (by_majority | by_minority)
        return joins

    def suffices(self, subject: int, ring: set[int]) -> bool:
        """Whether one would join when the votes that a ring holds in it count as open."""
        votes = self.votes
        rows = votes.by_subject.of(subject)
        within = [
            row
            for row, holder in zip(rows.tolist(), votes.holder[rows].tolist(), strict=True)
            if holder in ring and not self.members[holder]
        ]
        left, half = votes.unit - int(self.outside[subject]) + int(votes.least[within].sum()), votes.unit // 2
        if left > half or (left == half and votes.contradictory[subject]):
            return True
        inside = self.heads.controlled[subject] and int(self.heads.head[subject]) in ring
        return (
            left >= self.limit.criterion and left > 0 and bool(inside or not self.is_dominated(np.array([subject]))[0])
        )

    def is_dominated(self, subjects: Number) -> Flag:
        """A group whose head is no member holds a majority of the votes, the members' set aside."""
        heads, other = self.heads, self.other[subjects]
        return (
            heads.controlled[subjects]
            & ~self.members[heads.head[subjects]]
            & majority(self.votes, self.limit, subjects, other, self.other_open[subjects])
        )

    def run(self, joining: Number) -> None:
        """Let these join, and everything that follows."""
        frontier = _once(joining[~self.members[joining]], len(self.members))
        while len(frontier):
            self.members[frontier] = True
            frontier = self._narrow(frontier.tolist()) if len(frontier) < NARROW else self._wide(frontier)

    def _wide(self, frontier: Number) -> Number:
        votes = self.votes
        rows = votes.by_holder.all(frontier)
        subjects = votes.subject[rows]
        np.subtract.at(self.outside, subjects, votes.least[rows])
        same = rows[self.same[rows]]
        np.subtract.at(self.other, votes.subject[same], votes.least[same])
        self.other_open[votes.subject[same]] = False
        freed = self.dominated[self.below.all(frontier)]
        touched = _once(np.concatenate([subjects, freed]), len(self.members))
        powers = self.power_subject[self.powers.all(frontier)]
        joining = np.concatenate([touched[self.open(touched)], powers[~self.members[powers]]])
        return _once(joining, len(self.members))

    def _narrow(self, frontier: list[int]) -> Number:
        votes, touched = self.votes, dict[int, None]()
        found: dict[int, None] = {}
        for holder in frontier:
            for row in votes.by_holder.of(holder).tolist():
                subject = int(votes.subject[row])
                self.outside[subject] -= votes.least[row]
                if self.same[row]:
                    self.other[subject] -= votes.least[row]
                    self.other_open[subject] = False
                touched[subject] = None
            freed = self.below.of(holder)
            if len(freed):
                touched.update(dict.fromkeys(self.dominated[freed].tolist()))
            powers = self.powers.of(holder)
            if len(powers):
                found.update((one, None) for one in self.power_subject[powers].tolist() if not self.members[one])
        if len(touched) <= 2:
            for subject in touched:
                if not self.members[subject] and self._opens(subject):
                    found[subject] = None
        else:
            listed = np.fromiter(touched, np.int32)
            found.update(dict.fromkeys(listed[self.open(listed)].tolist()))
        return np.fromiter(found, np.int32)

    def _opens(self, subject: int) -> bool:
        """`open` of one."""
        votes, limit = self.votes, self.limit
        if not limit.votes[subject]:
            return False
        left, half = votes.unit - int(self.outside[subject]), votes.unit // 2
        if left > half or (left == half and votes.contradictory[subject]):
            return True
        return left >= limit.criterion and left > 0 and not self.is_dominated(np.array([subject]))[0]


def rings(votes: Votes) -> Number:
    """For each entity the number of the ring of mutual holdings that it is in; -1 for none.

    Whatever nobody holds, or holds nothing, is peeled off until only rings and what lies between them are left.
    """
    count = len(votes.lower)
    left = np.ones(count, np.bool_)
    _peel(np.diff(votes.by_subject.begins), votes.by_holder, votes.subject, left)
    _peel(np.diff(votes.by_holder.begins), votes.by_subject, votes.holder, left)
    number = np.full(count, NOBODY, np.int32)
    for ring, part in enumerate(_parts(votes, left)):
        number[part] = ring
    return number


def _peel(degree: Whole, onward: Index, ends: Number, left: Flag) -> None:
    """Take away, again and again, those into which nothing leads any more. `ends` is where a row of `onward` leads."""
    frontier = np.flatnonzero(left & (degree == 0))
    while len(frontier):
        left[frontier] = False
        if len(frontier) < NARROW:
            found = []
            for one in frontier.tolist():
                for row in onward.of(one).tolist():
                    end = int(ends[row])
                    if left[end]:
                        degree[end] -= 1
                        if degree[end] == 0:
                            found.append(end)
            frontier = np.array(found, np.int64)
        else:
            reached = ends[onward.all(frontier)]
            reached = reached[left[reached]]
            np.subtract.at(degree, reached, 1)
            frontier = _once(reached[degree[reached] == 0], len(left)).astype(np.int64)


def _parts(votes: Votes, left: Flag) -> list[list[int]]:
    """Strongly connected parts of more than one entity, and entities that hold themselves (Tarjan, without recursion)."""
    holders = np.flatnonzero(left)
    onward = {
        holder: [one for one in votes.subject[votes.by_holder.of(holder)].tolist() if left[one]]
        for holder in holders.tolist()
    }
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for start in onward:
        if start in order:
            continue
        work = [(start, iter(onward[start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while work:
            one, ends = work[-1]
            for end in ends:
                if end not in order:
                    order[end] = low[end] = len(order)
                    stack.append(end)
                    on_stack.add(end)
                    work.append((end, iter(onward[end])))
                    break
                if end in on_stack:
                    low[one] = min(low[one], order[end])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[one])
                if low[one] == order[one]:
                    part = [stack.pop()]
                    while part[-1] != one:
                        part.append(stack.pop())
                    on_stack.difference_update(part)
                    if len(part) > 1 or one in onward[one]:
                        found.append(part)
    return found


def raised(reach: Reach, ring: Number, established: Flag) -> Number:
    """Members of rings that may be controlled because nobody knows who casts the votes that the ring holds in itself
    (`control._raised`). `ring`: the number of each entity's ring; of an established entity nothing is open."""
    parts: dict[int, set[int]] = {}
    for one in np.flatnonzero((ring >= 0) & ~established & reach.limit.votes).tolist():
        parts.setdefault(int(ring[one]), set()).add(one)
    found = [one for part in parts.values() for one in _raised(reach, part)]
    return np.array(sorted(found), np.int32)


def _raised(reach: Reach, left: set[int]) -> set[int]:
    votes, members = reach.votes, reach.members
    onward = {one: [s for s in votes.subject[votes.by_holder.of(one)].tolist() if s in left] for one in sorted(left)}
    check = deque(sorted(left))
    while check:
        subject = check.popleft()
        if subject in left and not members[subject] and not reach.suffices(subject, left):
            left.discard(subject)
            check.extend(one for one in onward[subject] if one in left)
    reached, known = set[int](), set[int]()
    for subject in left:
        rows = votes.by_subject.of(subject)
        holders = votes.holder[rows][votes.least[rows] > 0]
        if votes.lower[subject] < votes.unit or votes.contradictory[subject] or members[holders].any():
            reached.add(subject)
        elif not left.issuperset(holders.tolist()):
            known.add(subject)
    _spread(onward, reached, left)
    known -= reached
    _spread(onward, known, left - reached)
    return {one for one in left - known if not members[one]}


def _spread(onward: dict[int, list[int]], found: set[int], within: set[int]) -> None:
    queue = deque(found)
    while queue:
        for one in onward[queue.popleft()]:
            if one in within and one not in found:
                found.add(one)
                queue.append(one)
