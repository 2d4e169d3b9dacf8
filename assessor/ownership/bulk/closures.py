"""The closures over arrays: what is established, and what is not excluded, for millions of entities at once.

A closure grows by its frontier: the entities that joined last, whose stakes are counted next, so that each stake is touched
once. A wide frontier is counted at once; a narrow one, as on a chain of a hundred thousand tiers, entity by entity.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assessor.ownership.bulk.arrays import Arrays
from assessor.ownership.bulk.columns import NOBODY, Flag, Number, Whole, index
from assessor.ownership.bulk.groups import Groups
from assessor.ownership.bulk.limits import Limits, majority
from assessor.ownership.bulk.stakes import Votes

NARROW = 64
"""Entities of a frontier below which they are looked at one by one."""


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
            found = once(subjects[majority(votes, limit, subjects, held[subjects], is_open[subjects])], count)
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


def once(numbers: Number, count: int) -> Number:
    """Each number once, in order."""
    if len(numbers) < count >> 6:
        return np.unique(numbers).astype(np.int32)
    there = np.zeros(count, np.bool_)
    there[numbers] = True
    return np.flatnonzero(there).astype(np.int32)


class Reach:
    """What may be, or be controlled by, the persons: everything joins whose votes not known to be outside reach a majority or
    the criterion (`control.Reach`)."""

    def __init__(self, arrays: Arrays, limit: Limits, heads: Groups) -> None:
        votes, count = arrays.votes, len(arrays.votes.lower)
        self.votes, self.limit, self.heads = votes, limit, heads
        self.members = np.zeros(count, np.bool_)
        self.outside = np.minimum(votes.lower, votes.unit)
        same = np.flatnonzero(heads.controlled[votes.subject])
        subject = votes.subject[same]
        within = heads.head[votes.holder[same]] == heads.head[subject]
        same, subject = same[within], subject[within]
        self.same = np.zeros(len(votes.subject), np.bool_)
        self.same[same] = True
        self.other = np.zeros(count, np.int64)
        np.add.at(self.other, subject, votes.least[same])
        self.other_open = np.zeros(count, np.bool_)
        self.other_open[subject[votes.open[same]]] = True
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
        enough = by_majority | ((left >= limit.criterion) & (left > 0))
        joins: Flag = enough & limit.votes[subjects] & ~self.members[subjects]
        minority = np.flatnonzero(joins & ~by_majority)
        joins[minority[self.is_dominated(subjects[minority])]] = False
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
        frontier = once(joining[~self.members[joining]], len(self.members))
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
        touched = once(np.concatenate([subjects, freed]), len(self.members))
        powers = self.power_subject[self.powers.all(frontier)]
        joining = np.concatenate([touched[self.open(touched)], powers[~self.members[powers]]])
        return once(joining, len(self.members))

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
