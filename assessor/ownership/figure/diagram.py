"""What a picture of ownership shows: boxes for persons, arrows for interests from holder to held, and what each of them means."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from assessor.ownership.chain import Step, as_step
from assessor.ownership.closure import Held, majority
from assessor.ownership.control import Control, question
from assessor.ownership.figure.lettering import ranges, shown
from assessor.ownership.graph import Graph, Interest, Stake
from assessor.ownership.merge import Entity
from assessor.ownership.routes import WORDS
from assessor.ownership.verdict import Ownership, Verdict

OWN, ESTABLISHED, POSSIBLE, EXCLUDED = "own", "established", "possible", "excluded"
UNDISCLOSED = "undisclosed"
HIDDEN = "not disclosed"
"""What an arrow is whose holder nobody has disclosed."""
HOLDERS = 40
"""Boxes above an entity that are shown where its verdict has no chain."""


@dataclass(frozen=True)
class Box:
    """A person, or a group of persons that share a box.

    `state`: `own` (one of the persons by its own facts), `established`, `possible` or `excluded` (by control), `undisclosed`.
    `where`: kind and countries in words. `others`: its other names and its id, for a font that lacks the name's letters.
    `notes`: further lines. `natural`: a natural person. `count`: how many persons a group stands for; a group with one of the
    persons in it is `own`.
    """

    id: str
    name: str
    where: str = ""
    state: str = EXCLUDED
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    natural: bool = False
    count: int = 1


@dataclass(frozen=True)
class Arrow:
    """An interest. `state`: `established` (a step on which established control stands), `possible`, `undisclosed`, `excluded`.

    `numbers`: the steps that it stands for; none where it is no step of the chain. `what`: the kind of interest in words, `share`: the share in words or nothing.
    """

    holder: str
    held: str
    numbers: tuple[int, ...]
    what: str
    share: str = ""
    state: str = EXCLUDED
    min: Fraction | None = None
    max: Fraction | None = None
    source: str = ""
    locator: str = ""

    @property
    def words(self) -> str:
        """`60 % of the shares`, `a special share`, `58 % not disclosed`."""
        if not self.share or self.share == "not stated":
            return self.what if self.what not in ("shares", "votes") else f"{self.what}, part not stated"
        if self.what == HIDDEN:
            return f"{self.share} {HIDDEN}"
        return f"{self.share} of {self.what}" if self.what in ("shares", "votes") else f"{self.share}, {self.what}"

    @property
    def label(self) -> str:
        """What stands beside it in a picture: its step and what it is. What is not disclosed says so in its box."""
        number = f"{ranges(self.numbers)}." if self.numbers else ""
        return f"{number} {'' if self.what == HIDDEN else shown(self.words)}".strip()

    @property
    def place(self) -> str:
        """Source and place in it."""
        return f"{self.source} {self.locator}".strip()


@dataclass(frozen=True)
class Diagram:
    """Everything that a picture shows. `persons`: whom the verdict is about, in words; `answer`: the verdict on the subject."""

    subject: str
    answer: str
    persons: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""

    def box(self, key: str) -> Box:
        """The box of that id."""
        return next(box for box in self.boxes if box.id == key)


def of_verdict(verdict: Verdict, ownership: Ownership, country_name: Callable[[str], str] = str) -> Diagram:
    """The diagram of a verdict's chain; where it has none (excluded, or one of the persons by its own facts), of the holders
    that are stated, the nearest 40."""
    control, more = ownership.control, False
    if verdict.chain:
        arrows = arrows_of(control, verdict.chain)
        arrows += _joining(control, verdict.entity, arrows)
    else:
        steps, more = _above(control, verdict.entity)
        arrows = arrows_of(control, steps)
    keys = dict.fromkeys([verdict.entity, *(end for arrow in arrows for end in (arrow.held, arrow.holder))])
    boxes = tuple(box_of(control, key, country_name) for key in keys)
    note = f"Only the {HOLDERS} nearest holders are shown." if more else ""
    return Diagram(verdict.entity, str(verdict.prc_russia), control.persons, boxes, arrows, note)


def box_of(control: Control, key: str, country_name: Callable[[str], str]) -> Box:
    """The box of an entity, or of what is not disclosed."""
    if key not in control.graph.entities:
        return Box(key, "holder not named" if key.startswith("?!") else "holders not disclosed", state=UNDISCLOSED)
    entity = control.graph.entities[key]
    others = (*(name for name in entity.names if name != entity.name), key)
    state = OWN if control.is_seed(key) else control_of(control, key)
    return Box(
        key, control.graph.name(key), _where(control, entity, country_name), state, others, (), entity.kind == "person"
    )


def control_of(control: Control, key: str) -> str:
    """Whether control of an entity by the persons is established, possible or excluded."""
    return ESTABLISHED if key in control.must.order else POSSIBLE if key in control.may else EXCLUDED


def arrows_of(control: Control, steps: Iterable[Step]) -> tuple[Arrow, ...]:
    """The arrows of the steps of a chain, or of other interests, numbered from 1."""
    told, deciding = list(steps), dict[str, set[tuple[str | None, str]]]()
    named = {(step.from_, step.to) for step in told}
    found = []
    for number, step in enumerate(told, 1):
        if step.to not in deciding:
            carries = _carrying(control, step.to, named) if control_of(control, step.to) == ESTABLISHED else []
            deciding[step.to] = {(taken.holder, taken.kind) for taken in carries}
        hidden = f"{'?' if step.kind == UNDISCLOSED else '?!'}{step.to}"
        found.append(
            Arrow(
                step.from_ or hidden,
                step.to,
                (number,),
                HIDDEN if step.kind == UNDISCLOSED else WORDS.get(step.kind, WORDS["other"]),
                step.share,
                _state(control, step, (step.from_, step.kind) in deciding[step.to]),
                step.min,
                step.max,
                step.source,
                step.locator,
            )
        )
    return tuple(found)


def _carrying(control: Control, subject: str, named: Collection[tuple[str, str]]) -> list[Interest | Stake]:
    """What carries established control of `subject`: holders whose votes decide, or the powers judged to be control, or the
    judged dominant minority. Holders that the steps name come first, then the largest."""
    order, votes = control.must.order, control.graph.votes
    earlier = [
        s
        for s in votes.of.get(subject, ())
        if s.holder in order and (order[s.holder] < order[subject] or control.is_seed(subject))
    ]
    earlier.sort(key=lambda s: ((s.holder, subject) not in named, -s.share.min, not s.share.min_open, order[s.holder]))
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


def _state(control: Control, step: Step, decides: bool) -> str:
    """What a step shows: control established by it, possible through it, somebody not disclosed, or none of these."""
    if not step.from_:
        return UNDISCLOSED
    if control.is_seed(step.to):
        return EXCLUDED  # what its holders do does not decide
    state = control_of(control, step.to)
    if state == ESTABLISHED:
        return ESTABLISHED if decides else EXCLUDED
    return state if step.from_ in control.must.order or step.from_ in control.may else EXCLUDED


def interests_in(control: Control, subject: str) -> Iterator[Step]:
    """Every interest in an entity that is stated: votes, shares, other powers, and what nobody has disclosed."""
    graph = control.graph
    stakes: dict[tuple[str, str], Stake] = {}
    for layer in (graph.votes, graph.equity):
        for stake in layer.of.get(subject, ()):
            stakes.setdefault((stake.holder, stake.kind), stake)
    listed: Iterable[Interest | Stake] = (*stakes.values(), *graph.powers_in.get(subject, ()))
    for interest in listed:
        yield as_step(control, interest)
    if graph.has_votes(subject) and (left := graph.votes.undisclosed(subject)).max > 0:
        place = next(iter(graph.entities[subject].places), ("", ""))
        words = left.words() if left.stated else ""
        yield Step("", subject, UNDISCLOSED, left.min, left.max, *place, share=words)


def holdings_of(graph: Graph, holder: str) -> list[str]:
    """What an entity holds or has a power over, each once."""
    stakes = [stake.subject for layer in (graph.votes, graph.equity) for stake in layer.by.get(holder, ())]
    return list(dict.fromkeys([*stakes, *(power.subject for power in graph.powers_of.get(holder, ()))]))


def _joining(control: Control, subject: str, arrows: tuple[Arrow, ...]) -> tuple[Arrow, ...]:
    """A chain of many holders names what is open above each, but the stakes of the first few only: the stakes of the others,
    without a number, so that no box stands alone."""
    shown = {end for arrow in arrows for end in (arrow.holder, arrow.held)} | {subject}
    loose = shown - {arrow.holder for arrow in arrows} - {subject}
    if not loose:
        return ()
    held = {target for holder in loose for target in holdings_of(control.graph, holder) if target in shown}
    steps = [step for target in sorted(held) for step in interests_in(control, target) if step.from_ in loose]
    return tuple(replace(arrow, numbers=()) for arrow in arrows_of(control, steps))


def _above(control: Control, entity: str) -> tuple[list[Step], bool]:
    """The interests in an entity and in its nearest holders, and whether more stand above these."""
    steps: list[Step] = []
    seen, queue, more = {entity}, deque([entity]), False
    while queue:
        for step in interests_in(control, queue.popleft()):
            if step.from_ not in seen and step.from_:
                if len(seen) > HOLDERS:
                    more = True
                    continue
                seen.add(step.from_)
                queue.append(step.from_)
            steps.append(step)
    return steps, more


def _where(control: Control, entity: Entity, country_name: Callable[[str], str]) -> str:
    """Countries in words, those of the verdict's persons included whatever ties the entity to them."""
    places = (entity.incorporated, entity.headquarters, entity.principal_place, entity.residence, entity.citizenship)
    known = entity.country.split("; ") if entity.country else []
    tied = [code for codes in places for code in codes if code in control.countries]
    told = ", ".join(country_name(code) for code in dict.fromkeys([*known, *tied]))
    kind = {"person": "natural person", "state": "state"}.get(entity.kind, "")
    if entity.kind == "state" and told == entity.name:
        told = ""
    return ", ".join(part for part in (kind, told or ("" if kind == "state" else "country not stated")) if part)
