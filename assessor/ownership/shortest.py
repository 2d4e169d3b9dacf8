"""The shortest sufficient chain: the fewest interests from which the control of an entity follows.

Finding it is a covering problem with shared parts, hard in general. A first pass gives a chain and a number of steps below
which no chain can be; mostly they are equal. Where they are not, sets of entities are tried, fewest steps first, until a
shorter chain is found or none can be. After `SEARCHED` sets the first chain is taken: it is sufficient, and mostly shortest.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

from assessor.ownership.closure import Held
from assessor.ownership.control import Control
from assessor.ownership.graph import Interest, Stake
from assessor.ownership.interval import ZERO
from assessor.ownership.persons import ESTABLISHED, own_limbs

SEARCHED = 2000  # sets of entities that are tried
HEADS = 50  # persons, nearest first, whose control is looked at where each holder counts alone

Taken = Interest | Stake


def shortest(control: Control, entity: str) -> list[Taken]:
    """The interests of the shortest sufficient chain down to `entity`, holders' own first. Without any judgement where the
    answer needs none. Where each holder counts alone, of one person and what that person controls."""
    judged = entity not in control.plain.order
    if control.aggregate or any(answer == "yes" for (asked, _), answer in _answers(control) if asked == _CONCERT):
        return _Above(control, entity, None, judged).chain()
    best: list[Taken] = []
    for head in _heads(control, entity):
        found = _Above(control, entity, head, judged, len(best)).chain()
        if found and (not best or len(found) < len(best)):
            best = found
    # a judged dominant minority of several holders together is of no single one
    return best or _Above(control, entity, None, judged).chain()


_CONCERT = "acting_in_concert"


def _answers(control: Control) -> list[tuple[tuple[str, str], str]]:
    return [(key, answer.strip().casefold()) for key, answer in control.judged.items()]


def person_without_judgement(control: Control, entity: str) -> bool:
    """A person by limbs (1) to (3) by what the sources state alone, no answer on its places counted."""
    if not control.is_seed(entity) or entity not in control.places:
        return control.is_seed(entity)
    own = own_limbs(control.graph.entities[entity], control.countries)
    return any(finding.determination is ESTABLISHED for finding in own.values())


def _heads(control: Control, entity: str) -> list[str]:
    """Persons of the group that controls `entity`, nearest first."""
    group = control.must.head(entity)
    found: list[str] = []
    seen, queue = {entity}, deque([entity])
    while queue and len(found) < HEADS:
        subject = queue.popleft()
        if subject != entity and control.is_seed(subject) and control.must.head(subject) == group:
            found.append(subject)
        for stake in control.graph.votes.of.get(subject, ()):
            if stake.holder in control.must.order and stake.holder not in seen:
                seen.add(stake.holder)
                queue.append(stake.holder)
        for power in control.graph.powers_in.get(subject, ()):
            if power.holder in control.must.order and power.holder not in seen:
                seen.add(power.holder)
                queue.append(power.holder)
    return found


@dataclass
class _Options:
    """By what one entity may be controlled: its stakes, largest first, the powers judged to be control, and the stakes on
    which a judged dominant minority stands."""

    stakes: list[Stake]
    powers: list[Interest]
    dominant: list[Stake]
    needed: Fraction
    open_counts: bool
    reached: bool  # whether exactly so much suffices
    free: Fraction = ZERO  # lower ends of the stakes whose holders are known to be of the group
    holders: dict[str, Fraction] = field(default_factory=dict)  # the others, with their lower ends


class _Above:
    """What is above `entity` among persons and what they control; `head`: the one person that counts, None for all."""

    def __init__(self, control: Control, entity: str, head: str | None, judged: bool, shorter_than: int = 0) -> None:
        self.control, self.entity, self.head, self.judged = control, entity, head, judged
        self.bound = shorter_than  # a chain of so many steps is known already; 0: none
        self.options: dict[str, _Options] = {}
        self.below: dict[str, list[str]] = {}
        queue = deque([entity])
        while queue:
            subject = queue.popleft()
            if subject in self.options:
                continue
            options = self.options[subject] = self._options(subject)
            for holder in options.holders:
                self.below.setdefault(holder, []).append(subject)
                queue.append(holder)

    def _given(self, holder: str) -> bool:
        if self.head is not None:
            return holder == self.head
        return self.control.is_seed(holder) and (self.judged or person_without_judgement(self.control, holder))

    def _options(self, subject: str) -> _Options:
        control, graph = self.control, self.control.graph
        order = control.must.order if self.judged else control.plain.order
        held = [s for s in graph.votes.of.get(subject, ()) if s.holder in order and s.holder != subject]
        stakes = [s for s in held if s.share.min > 0] if graph.has_votes(subject) else []
        stakes.sort(key=lambda s: (-s.share.min, not s.share.min_open, order[s.holder]))
        powers: list[Interest] = []
        dominant: list[Stake] = []
        if self.judged:
            powers = [
                power
                for power in graph.powers_in.get(subject, ())
                if power.holder in order and control.power_state(power) == "yes"
            ]
            if control.answer("dominant_minority", subject) == "yes" and graph.has_votes(subject):
                joined = order.get(subject, len(order))
                dominant = [s for s in held if s.share.max > 0 and order[s.holder] < joined]
        needed = graph.votes.majority.share + graph.votes.excess(subject)
        options = _Options(
            stakes, powers, dominant, needed, subject not in graph.votes.contradictory, graph.votes.majority.reached
        )
        for stake in stakes:
            if self._given(stake.holder):
                options.free += stake.share.min
            else:
                options.holders[stake.holder] = stake.share.min
        for holder in (*(str(p.holder) for p in powers), *(s.holder for s in dominant)):
            if not self._given(holder):
                options.holders.setdefault(holder, ZERO)
        return options

    def _fewest(self, subject: str, have: Collection[str]) -> list[Taken] | None:
        """The fewest interests in `subject` that suffice when the entities in `have` are of the group."""
        options = self.options[subject]
        held, chosen, found = Held(), [], None
        for stake in options.stakes:
            if stake.holder in have or stake.holder not in options.holders:
                held.add(Held(stake.share.min, stake.share.min_open))
                chosen.append(stake)
                if held.min > options.needed or (
                    held.min == options.needed and (held.min_open or options.reached) and options.open_counts
                ):
                    found = chosen
                    break
        best: list[Taken] | None = list(found) if found else None
        for power in options.powers:
            if (best is None or len(best) > 1) and (power.holder in have or power.holder not in options.holders):
                best = [power]
        if 0 < len(options.dominant) < (len(best) if best else len(options.dominant) + 1) and all(
            s.holder in have or s.holder not in options.holders for s in options.dominant
        ):
            best = list(options.dominant)
        return best

    def chain(self) -> list[Taken]:
        """The steps, those farthest from the entity first; none where nothing suffices."""
        least, taken = self._first()
        most = min(len(taken), self.bound or len(taken))
        if taken and least[self.entity] < most:
            return self._searched(least, most) or taken
        return taken

    def _first(self) -> tuple[dict[str, int], list[Taken]]:
        """For each entity the number of steps that it needs at least (its own and those of its dearest holder), and a chain
        down to `self.entity`; none where nothing suffices."""
        least: dict[str, int] = {}
        steps: dict[str, list[Taken]] = {}
        best: dict[str, tuple[int, list[Taken]]] = {}
        taken: list[Taken] = []
        reached = {subject: options.free for subject, options in self.options.items()}
        rank = {subject: place for place, subject in enumerate(self.options)}
        heap: list[tuple[int, int, str]] = []

        def offer(subject: str, above: int) -> None:
            options = self.options[subject]
            if subject in least or (subject in best and best[subject][0] <= above + 1):
                return
            if reached[subject] < options.needed and not options.powers and not options.dominant:
                return
            found = self._fewest(subject, least)
            if found and (subject not in best or above + len(found) < best[subject][0]):
                best[subject] = above + len(found), found
                heapq.heappush(heap, (above + len(found), rank[subject], subject))

        for subject in self.options:
            offer(subject, 0)
        while heap and (not taken or heap[0][0] + 1 < len(taken)):  # what needs more is no part of a shorter chain
            value, _, subject = heapq.heappop(heap)
            if subject in least:
                continue
            least[subject], steps[subject] = best[subject]
            if subject == self.entity:
                used = self._used(steps)
                taken = [step for e in least if e in used for step in steps[e]]
            for dependent in self.below.get(subject, ()):
                reached[dependent] += self.options[dependent].holders[subject]
                offer(dependent, value)
        return least, taken

    def _used(self, steps: dict[str, list[Taken]]) -> set[str]:
        """The entities whose steps the entity's own steps need."""
        used, queue = {self.entity}, [self.entity]
        while queue:
            for step in steps[queue.pop()]:
                holder = str(step.holder)
                if holder in steps and holder not in used and not self._given(holder):
                    used.add(holder)
                    queue.append(holder)
        return used

    def _searched(self, least: dict[str, int], most: int) -> list[Taken]:
        """A chain with fewer than `most` steps, the shortest; none where there is none or the search has a bound."""
        far = {self.entity: 0}
        queue = deque([self.entity])
        while queue:
            subject = queue.popleft()
            for holder in self.options[subject].holders:
                if holder not in far:
                    far[holder] = far[subject] + 1
                    queue.append(holder)
        tried = [e for e in least if least[e] + far[e] < most]
        start: frozenset[str] = frozenset()
        came: dict[frozenset[str], list[Taken]] = {start: []}
        heap, count = [(0, 0, start)], 0
        while heap and count < SEARCHED:
            cost, _, state = heapq.heappop(heap)
            if len(came[state]) < cost:
                continue
            if self.entity in state:
                return came[state]
            for subject in tried:
                if subject in state or not (found := self._fewest(subject, state)):
                    continue
                after, new = cost + len(found), state | {subject}
                if after + (subject != self.entity) < most and (new not in came or after < len(came[new])):
                    count += 1
                    came[new] = came[state] + found
                    heapq.heappush(heap, (after, count, new))
        return []
