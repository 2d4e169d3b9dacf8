"""Rings of mutual holdings over arrays, and which of their members may be controlled."""

from __future__ import annotations

import numpy as np

from assessor.ownership.bulk import closures
from assessor.ownership.bulk.closures import Reach, once
from assessor.ownership.bulk.columns import NOBODY, Flag, Index, Number, Whole
from assessor.ownership.bulk.stakes import Votes
from assessor.ownership.rings import strongly_connected, unsettled

_ROUNDS = 4


def rings(votes: Votes) -> Number:
    """For each entity the number of the ring of mutual holdings that it is in; -1 for none.

    Whatever nobody holds, or holds nothing, is peeled off until only rings and what lies between them are left.
    """
    count = len(votes.lower)
    left, rows = np.ones(count, np.bool_), np.arange(len(votes.subject))
    for _ in range(_ROUNDS):  # most fall away at once; a long chain is left for what follows its ends
        held, holds = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        held[votes.subject[rows]] = holds[votes.holder[rows]] = True
        left = held & holds
        rows = rows[left[votes.subject[rows]]]
        rows = rows[left[votes.holder[rows]]]
    _peel(_degrees(votes.subject[rows], count), votes.by_holder, votes.subject, left)
    rows = rows[left[votes.holder[rows]] & left[votes.subject[rows]]]
    _peel(_degrees(votes.holder[rows], count), votes.by_subject, votes.holder, left)
    number = np.full(count, NOBODY, np.int32)
    for ring, part in enumerate(_parts(votes, left)):
        number[part] = ring
    return number


def _degrees(ends: Number, count: int) -> Whole:
    """How many stakes lead to each, in the type from which `subtract.at` takes ones thirty times as fast as from narrower ones."""
    return np.bincount(ends, minlength=count).astype(np.int64, copy=False)


def _peel(degree: Whole, onward: Index, ends: Number, left: Flag) -> None:
    """Take away, again and again, those into which nothing leads any more. `ends` is where a row of `onward` leads."""
    frontier = np.flatnonzero(left & (degree == 0))
    while len(frontier):
        left[frontier] = False
        if len(frontier) < closures.NARROW:
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
            frontier = once(reached[degree[reached] == 0], len(left)).astype(np.int64)


def _parts(votes: Votes, left: Flag) -> list[list[int]]:
    """Strongly connected parts of more than one entity, and entities that hold themselves."""
    onward = {
        holder: [one for one in votes.subject[votes.by_holder.of(holder)].tolist() if left[one]]
        for holder in np.flatnonzero(left).tolist()
    }
    parts = strongly_connected(onward, onward.__getitem__)
    return [part for part in parts if len(part) > 1 or part[0] in onward[part[0]]]


def raised(reach: Reach, ring: Number, established: Flag) -> Number:
    """Members of rings that may be controlled (`rings.unsettled`). `ring`: the number of each entity's ring; of an established
    entity nothing is open."""
    votes, members = reach.votes, reach.members
    parts: dict[int, list[int]] = {}
    for one in np.flatnonzero((ring >= 0) & ~established & reach.limit.votes).tolist():
        parts.setdefault(int(ring[one]), []).append(one)

    def holders(one: int) -> list[int]:
        rows = votes.by_subject.of(one)
        found: list[int] = votes.holder[rows][votes.least[rows] > 0].tolist()
        return found

    found = [
        one
        for part in parts.values()
        for one in unsettled(
            part,
            lambda one: bool(members[one]),
            lambda one: votes.subject[votes.by_holder.of(one)].tolist(),
            holders,
            reach.suffices,
            lambda one: bool(votes.lower[one] < votes.unit or votes.contradictory[one]),
        )
        if not members[one]
    ]
    return np.array(sorted(found), np.int32)
