"""How an answer follows: the shortest sufficient chain step by step, and what would settle a possible one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from assessor.ownership.closure import Held, majority
from assessor.ownership.control import Control, question
from assessor.ownership.graph import Interest, Stake
from assessor.ownership.interval import Interval, exact
from assessor.ownership.routes import hidden_words, possible_routes

SETTLING = 12  # sentences of one verdict; the rest is counted
FAR = 4000  # entities above one that are looked at: enough to say what is open, far chains repeat it


@dataclass(frozen=True)
class Step:
    """One interest on the way. `from_` and `to` are entity ids; `from_` is empty for holders that are not disclosed."""

    from_: str
    to: str
    kind: str
    min: Fraction | None
    max: Fraction | None
    source: str
    locator: str
    from_name: str = ""
    to_name: str = ""
    share: str = ""
    start: date | None = None

    def as_row(self) -> dict[str, Any]:
        """The step as the JSON answer of `assessor ownership` writes it."""
        return {
            "from": self.from_,
            "to": self.to,
            "kind": self.kind,
            "min": None if self.min is None else exact(self.min),
            "max": None if self.max is None else exact(self.max),
            "source": self.source,
            "locator": self.locator,
        }


def established_chain(control: Control, entity: str) -> tuple[Step, ...]:
    """From persons by limbs (1) to (3) down to `entity`: at each step the fewest holders that suffice."""
    order, seen, queue = control.must.order, {entity}, deque([entity])
    taken: list[Interest | Stake] = []
    while queue:
        for step in sufficient(control, queue.popleft()):
            taken.append(step)
            holder = str(step.holder)
            if holder not in seen and not control.is_seed(holder):
                seen.add(holder)
                queue.append(holder)
    taken.sort(key=lambda s: (order.get(s.subject, 0), order.get(str(s.holder), 0)))
    return tuple(as_step(control, s) for s in taken)


def possible_chain(control: Control, entity: str) -> tuple[Step, ...]:
    """The open routes upwards from `entity`, nearest route of each, with what is undisclosed as a step of its own."""
    steps: list[Step] = []
    seen, queue = {entity}, deque([entity])
    while queue:
        subject = queue.popleft()
        routes = possible_routes(control, subject)
        for route in routes[:1] if subject != entity else routes:
            if route.undisclosed:
                place = next(iter(control.graph.entities[subject].places), ("", ""))  # where its holders ought to stand
                steps.append(
                    Step(
                        "",
                        subject,
                        "undisclosed",
                        route.undisclosed.min,
                        route.undisclosed.max,
                        *place,
                        "holders not disclosed",
                        control.graph.name(subject),
                        hidden_words(route.undisclosed),
                    )
                )
            steps += [as_step(control, s) for s in route.steps]
            for holder in (*route.above, *(str(s.holder) for s in route.steps if s.holder)):
                if holder not in seen and not control.is_seed(holder):
                    seen.add(holder)
                    if holder in control.must.order:
                        steps += reversed(established_chain(control, holder))
                    else:
                        queue.append(holder)
    return tuple(dict.fromkeys(reversed(steps)))


def settled_by(control: Control, entity: str) -> tuple[str, ...]:
    """Sentences naming the undisclosed facts and open judgements that would settle a possible answer, nearest first."""
    found: dict[str, None] = {}
    for subject in upwards(control, entity):
        for finding in control.own[subject].values():
            found.update(dict.fromkeys(finding.settled_by))
        found.update(dict.fromkeys(route.settles for route in possible_routes(control, subject) if route.settles))
    listed = list(found)
    more = len(listed) - SETTLING
    return tuple(listed if more <= 1 else [*listed[:SETTLING], f"{more} further facts about holders above them"])


def upwards(control: Control, entity: str) -> Iterable[str]:
    """`entity` and everything above it on which an open route depends, nearest first."""
    seen, queue = {entity}, deque([entity])
    while queue:
        subject = queue.popleft()
        yield subject
        if len(seen) > FAR:
            continue
        for route in possible_routes(control, subject):
            for holder in (*route.above, *(str(s.holder) for s in route.steps if s.holder)):
                if holder not in seen and holder not in control.must.order:  # who is one of them need not be settled
                    seen.add(holder)
                    queue.append(holder)


def denied(control: Control, entity: str) -> Iterable[str]:
    """`entity` and the holders above it about whom the assessor answered some question with no, nearest first."""
    refused = {subject for (_, subject), answer in control.judged.items() if answer.strip().casefold() == "no"}
    seen, queue = {entity}, deque([entity])
    while queue and len(seen) <= FAR:
        subject = queue.popleft()
        if control.names[subject] in refused:
            yield subject
        for holder in (
            *(stake.holder for stake in control.graph.votes.of.get(subject, ())),
            *(power.holder for power in control.graph.powers_in.get(subject, ()) if power.holder),
        ):
            if holder not in seen:
                seen.add(holder)
                queue.append(holder)


def sufficient(control: Control, subject: str) -> list[Interest | Stake]:
    """What carries established control of `subject`: the fewest holders whose votes decide, or the powers judged to be control,
    or the judged dominant minority."""
    order, votes = control.must.order, control.graph.votes
    earlier = [
        s
        for s in votes.of.get(subject, ())
        if s.holder in order and (order[s.holder] < order[subject] or control.is_seed(subject))
    ]
    earlier.sort(key=lambda s: (-s.share.min, not s.share.min_open, order[s.holder]))
    held = Held()
    chosen: list[Interest | Stake] = []
    for stake in earlier:
        held.add(Held(stake.share.min, stake.share.min_open, stake.share.max))
        chosen.append(stake)
        if majority(votes)(subject, held):
            return chosen
    for power in control.graph.powers_in.get(subject, ()):
        if power.holder in order and control.answer(question(control.graph, power), subject) == "yes":
            return [power]
    return chosen


def as_step(control: Control, step: Interest | Stake) -> Step:
    """An interest or stake as a step of a chain."""
    first = step.interests[0] if isinstance(step, Stake) else step
    share: Interval | None = step.share if isinstance(step, Stake) or step.share.stated else None
    return Step(
        step.holder or "",
        step.subject,
        step.kind,
        share.min if share else None,
        share.max if share else None,
        first.source,
        first.locator,
        control.graph.name(step.holder) if step.holder else "a holder not named",
        control.graph.name(step.subject),
        share.words() if share else "",
        step.start,
    )
