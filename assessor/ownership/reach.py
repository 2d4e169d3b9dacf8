"""The may closure: what the evidence leaves possible (see `control.py`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import TYPE_CHECKING

from assessor.ownership.closure import Held, majority, may_decide
from assessor.ownership.interval import ONE, ZERO
from assessor.ownership.persons import EXCLUDED
from assessor.ownership.rings import rings, unsettled

if TYPE_CHECKING:
    from assessor.ownership.control import Control


class Reach:
    """The may closure: entities join as soon as the votes not known to be outside reach a majority or the criterion."""

    def __init__(self, control: Control) -> None:
        self.control, self.graph = control, control.graph
        votes = self.graph.votes
        self.outside = {
            subject: votes.lower.get(subject, ZERO) - votes.excess(subject) for subject in self.graph.entities
        }
        for subject in control.must.held if control.judged else ():
            self.outside[subject] += control.beside(subject)
        self.other: dict[str, Held] = {}  # subject -> what is left of the majority that another group holds
        self.members: set[str] = set()
        self.queue: deque[str] = deque()
        heads = control.heads
        self.dominated_by: dict[str, list[str]] = {}
        for subject, head in heads.controlled.items():
            stakes = [s for s in votes.of.get(subject, ()) if heads.head(s.holder) == heads.head(subject)]
            self.other[subject] = Held(sum((s.share.min for s in stakes), ZERO), any(s.share.min_open for s in stakes))
            self.dominated_by.setdefault(head, []).append(subject)
        self.by_majority = majority(votes)

    def join(self, entity: str) -> None:
        """Count `entity` among those that may be, or be controlled by, the persons."""
        if entity not in self.members:
            self.members.add(entity)
            self.queue.append(entity)

    def check(self, subject: str) -> None:
        """Join `subject` when what may be held in it suffices."""
        if subject not in self.members and self.graph.has_votes(subject) and self.suffices(subject):
            self.join(subject)

    def suffices(self, subject: str, ring: Collection[str] = ()) -> bool:
        """Whether the votes not known to be held by others reach a majority, or the criterion where nobody else has one. Votes
        that a ring holds count among them."""
        left = ONE - self.outside[subject]
        if ring:
            left += sum(
                (
                    s.share.min
                    for s in self.graph.votes.of.get(subject, ())
                    if s.holder in ring and s.holder not in self.members
                ),
                ZERO,
            )
        if may_decide(self.graph.votes, subject, left):
            return True
        head = self.control.heads.controlled.get(subject)
        return (
            left >= self.control.criterion
            and left > 0
            and (head in ring or not self.is_dominated(subject))
            and not (self.control.asks_dominant(subject) and self.control.answer("dominant_minority", subject) == "no")
        )

    def is_dominated(self, subject: str) -> bool:
        """A group whose head is no member still holds a majority when members' stakes are set aside."""
        head = self.control.heads.controlled.get(subject)
        return head is not None and head not in self.members and self.by_majority(subject, self.other[subject])

    def run(self) -> None:
        """Let everything follow from what has joined."""
        while self.queue:
            holder = self.queue.popleft()
            for stake in self.graph.votes.by.get(holder, ()):
                subject = stake.subject
                self.outside[subject] -= stake.share.min
                if subject in self.other and self.control.heads.head(holder) == self.control.heads.head(subject):
                    # what is left may not be open-ended
                    self.other[subject] = Held(self.other[subject].min - stake.share.min)
                self.check(subject)
            for subject in self.dominated_by.get(holder, ()):
                self.check(subject)
            for power in self.graph.powers_of.get(holder, ()):
                if holder not in self.control.must.order or self.control.power_state(power) not in ("no", "counted"):
                    self.join(power.subject)


def find_may(control: Control) -> None:
    """Fill `may` and `raised`: the least set that holds every completion of what is not stated."""
    graph, run = control.graph, Reach(control)
    for entity, limbs in control.own.items():
        if entity in control.must.order or any(f.determination is not EXCLUDED for f in limbs.values()):
            run.join(entity)
    for subject, powers in graph.powers_in.items():
        if any(power.holder is None for power in powers):
            run.join(subject)
    for entity in graph.entities:
        run.check(entity)
    run.run()
    control.reach, control.may, control.raised = run, run.members, {}
    parts = rings(graph.votes, graph.entities)
    control.ring_of = {member: ring for ring in parts for member in ring}
    while True:
        before = len(run.members)
        for subject, claims in control.claimed.items():
            if any(claim.holder is None or claim.holder in run.members for claim in claims):
                run.join(subject)
        run.run()
        for ring in parts:  # holders first, so that one pass mostly suffices
            raised = _raised(run, ring)
            if not raised <= run.members:
                control.raised |= dict.fromkeys(raised, tuple(sorted(raised)))
                for subject in sorted(raised):
                    run.join(subject)
                run.run()
        if len(run.members) == before:
            break


def _raised(run: Reach, ring: tuple[str, ...]) -> set[str]:
    """Members of a ring that persons may control (`rings.unsettled`). Of an established one nothing is open."""
    graph, votes = run.graph, run.graph.votes
    return unsettled(
        {subject for subject in ring if subject not in run.control.must.order and graph.has_votes(subject)},
        run.members.__contains__,
        lambda one: (stake.subject for stake in votes.by.get(one, ())),
        lambda one: [stake.holder for stake in votes.of.get(one, ()) if stake.share.min > 0],
        run.suffices,
        lambda one: votes.lower.get(one, ZERO) < 1 or one in votes.contradictory,
    )
