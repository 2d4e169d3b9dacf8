"""How an answer follows, step by step: the shortest sufficient chain of an established one, the open routes of a possible one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from assessor.ownership.control import Control, question
from assessor.ownership.graph import Interest, Stake
from assessor.ownership.interval import Interval, exact
from assessor.ownership.routes import hidden_words, possible_routes
from assessor.ownership.shortest import person_without_judgement, shortest

FAR = 1000  # entities above one that are looked at: enough to say what is open, far chains repeat it


@dataclass(frozen=True)
class Step:
    """One interest on the way. `from_` and `to` are entity ids; `from_` is empty for holders that are not disclosed.

    `judgement`: the assessor's answers on which the step rests, each as question id and subject; none: the evidence alone.
    """

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
    judgement: tuple[tuple[str, str], ...] = ()

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
            "judgement": [{"question": asked, "subject": subject} for asked, subject in self.judgement],
        }


def established_chain(control: Control, entity: str) -> tuple[Step, ...]:
    """From persons by limbs (1) to (3) down to `entity`: the fewest steps that suffice (see `shortest.py`), in the order in
    which control runs."""
    order = control.must.order
    last = len(order)
    taken = sorted(
        shortest(control, entity), key=lambda s: (order.get(s.subject, last), order.get(str(s.holder), last))
    )
    return tuple(as_step(control, s) for s in taken)


def possible_chain(control: Control, entity: str) -> tuple[Step, ...]:
    """The open routes upwards from `entity`, nearest route of each, with what is undisclosed as a step of its own; of the nearest
    `FAR` entities."""
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
                if holder not in seen and not control.is_seed(holder) and len(seen) <= FAR:
                    seen.add(holder)
                    if holder in control.must.order:
                        steps += reversed(established_chain(control, holder))
                    else:
                        queue.append(holder)
    return tuple(dict.fromkeys(reversed(steps)))


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


def as_step(control: Control, step: Interest | Stake) -> Step:
    """An interest or stake as a step of a chain."""
    place = telling(step.interests, step.share) if isinstance(step, Stake) else step
    share: Interval | None = step.share if isinstance(step, Stake) or step.share.stated else None
    return Step(
        step.holder or "",
        step.subject,
        step.kind,
        share.min if share else None,
        share.max if share else None,
        place.source,
        place.locator,
        control.graph.name(step.holder) if step.holder else "a holder not named",
        control.graph.name(step.subject),
        share.words() if share else "",
        step.start,
        _judged(control, step),
    )


def telling(interests: Iterable[Interest], share: Interval) -> Interest:
    """Of several statements of one interest the one that says most of `share`: its lower end, else its upper end."""
    return max(interests, key=lambda i: ((i.share.min, i.share.min_open) == (share.min, share.min_open), -i.share.max))


def _judged(control: Control, step: Interest | Stake) -> tuple[tuple[str, str], ...]:
    """The answers without which the step would not count: on the holder's own places, on a power, on a minority of votes."""
    graph, subject, found = control.graph, step.subject, []
    if step.holder in control.places and not person_without_judgement(control, step.holder):
        found += [
            (place, control.names[step.holder])
            for place in control.places[step.holder]
            if control.is_seed(step.holder) and control.answer(place, step.holder) == "yes"
        ]
    if isinstance(step, Interest):
        asked = question(graph, step)
        if step.holder in control.must.order and control.answer(asked, subject) == "yes":
            found.append((asked, control.names[subject]))
    elif step.holder in control.must.order and subject not in control.plain.order:
        found += [(question(graph, i), control.names[subject]) for i in step.interests if i in control.carried]
        found += [
            (asked, control.names[subject])
            for asked, asks in (
                ("dominant_minority", control.asks_dominant),
                ("acting_in_concert", control.asks_concert),
            )
            if control.answer(asked, subject) == "yes" and asks(subject)
        ]
    return tuple(found)
