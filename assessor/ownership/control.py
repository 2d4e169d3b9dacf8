"""Limb (4) of the person definition (§791.301): what is established, and what the evidence leaves possible.

Two closures. *Must* counts lower ends: what holds whatever the unstated facts are. *May* counts everything that is not
known to be held by somebody else, undisclosed remainders included: outside it, control is excluded. Powers other than
votes (special share, board, proxy, contract, nominee, veto, concert, other means) and a dominant minority are questions: "yes"
makes the power count, resting on the judgement, "no" excludes it, and while it is open the answer is possible. A nominee's stake
and a proxy for a stated share count as so many votes (`carried.py`). Direction and
financing belong to limb (1) and are asked in the same way.

Each power raises one question. Where the definition names its kind, that kind's question already asks for the power over
important matters, whatever the details say, so that `important_matters` is asked of no such power: only of a veto or reserved
matter, whose existence is told and whose reach is open. Whether holders act in concert is asked where words tell of it; and
where each holder counts alone (the firm's criterion), where their votes are a majority only together. Where they count together
by that criterion, nothing hangs on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from assessor.ownership.arrangements import CONCERT, VETO, together, veto
from assessor.ownership.carried import carries, count
from assessor.ownership.closure import Closure, Decides, Held, close, majority, may_decide
from assessor.ownership.graph import Graph, Interest
from assessor.ownership.interval import ONE, ZERO, Interval
from assessor.ownership.persons import ESTABLISHED, EXCLUDED, Finding, judged_places, open_places, own_limbs
from assessor.ownership.rings import rings, unsettled

TOGETHER = "*"  # label of all seeds in the aggregate reading
QUESTIONS = {
    "special_share": "special_share",
    "contractual_control": "contractual_control",
    "board_appointment": "board_control",
    "proxy": "proxy",
    "nominee": "nominee",
    "financing": "majority_financing",
    "direction": "supervised_or_directed",
    CONCERT: "acting_in_concert",
    VETO: "important_matters",
}
LIMB_1 = ("majority_financing", "supervised_or_directed")


def question(graph: Graph, power: Interest) -> str:
    """Id of the question that a power asks. A natural person has no important matters that others decide: whoever has a power
    over one directs it (person (1)), and limb (4) speaks of organisations only."""
    if power.kind != "financing" and graph.entities[power.subject].kind == "person":
        return "supervised_or_directed"
    if power.kind in QUESTIONS:
        return QUESTIONS[power.kind]
    if together(power.details):
        return "acting_in_concert"
    return "important_matters" if veto(power.details) else "other_means"


def limb(graph: Graph, power: Interest) -> str:
    """The limb of the person definition under which a power falls."""
    return "1" if question(graph, power) in LIMB_1 else "4"


@dataclass
class Control:
    """Everything about limb (4) as of the graph's date. `names` are the subjects' names, under which answers are judged."""

    graph: Graph
    countries: frozenset[str]
    criterion: Fraction
    judged: Mapping[tuple[str, str], str]
    aggregate: bool
    own: dict[str, dict[str, Finding]]  # the assessor's answers on places counted
    names: dict[str, str]
    persons: str  # how persons of the countries are called in sentences
    told: Graph = field(init=False)  # as the evidence states it: all votes count with their holders of record
    carried: set[Interest] = field(default_factory=set)  # powers whose votes count with their holders
    must: Closure = field(init=False)
    plain: Closure = field(init=False)  # must without any judgement
    single: Closure = field(init=False)  # must of each holder alone
    heads: Closure = field(init=False)  # majority groups of all entities
    reach: Reach = field(init=False)
    may: set[str] = field(default_factory=set)
    raised: dict[str, tuple[str, ...]] = field(default_factory=dict)  # entity -> ring that raised it to possible
    ring_of: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)  # entity -> ring that it is part of
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)  # entity -> questions on its places
    known_routes: dict[str, list[Any]] = field(default_factory=dict, repr=False)  # filled by `routes`
    known_before: dict[str, Closure] = field(default_factory=dict, repr=False)  # filled by `before`
    known_figures: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)  # filled by `questions`
    claimed: dict[str, list[Interest]] = field(default_factory=dict)  # declared chains that no direct interests explain

    def is_seed(self, entity: str) -> bool:
        """A person by limbs (1) to (3) on its own facts."""
        return any(f.determination is ESTABLISHED for f in self.own[entity].values())

    def before(self, subject: str) -> Closure:
        """What is established without the assessor's answers on a minority or on concert in `subject`. What its own questions
        look at: where what it holds votes in it, these answers would otherwise change the facts on which they stand."""
        if subject not in self.must.order or "yes" not in (
            self.answer("dominant_minority", subject),
            self.answer("acting_in_concert", subject),
        ):
            return self.must
        if subject not in self.known_before:
            powers, forced = _forced(self), self.must.forced.items()
            kept = {h: [s for s in subjects if s != subject or s in powers.get(h, ())] for h, subjects in forced}
            seeds = [key for key in self.graph.entities if self.is_seed(key)]
            judges = decides(self, judged=True, but=subject)
            self.known_before[subject] = close(self.graph.votes, labelled(seeds, self.aggregate), judges, kept)
        return self.known_before[subject]

    def stake(self, subject: str, found: Closure | None = None) -> Held:
        """Votes in `subject` held by persons of the countries and all that they control, taken together."""
        held, order = Held(), (found or self.must).order
        for stake in self.graph.votes.of.get(subject, ()):
            if stake.holder in order and stake.holder != subject:
                held.add(Held(stake.share.min, stake.share.min_open, stake.share.max))
        held.max = min(
            held.max,
            max(
                held.min,
                ONE - sum((s.share.min for s in self.graph.votes.of.get(subject, ()) if s.holder not in order), ZERO),
            ),
        )
        return held

    def largest(self, subject: str) -> Held:
        """The largest part of that stake that one of them holds, with all that it controls."""
        held = self.before(subject).held.get(subject, {})
        return max(held.values(), key=lambda held: (held.min, held.min_open, held.max), default=Held())

    def counted(self, subject: str) -> Held:
        """The stake that may dominate: that of all together, or of the largest alone where they do not act in concert."""
        return self.largest(subject) if self.apart(subject) else self.stake(subject, self.before(subject))

    def group(self, subject: str) -> set[str]:
        """The holders of that stake."""
        found = self.before(subject)
        holders = {s.holder for s in self.graph.votes.of.get(subject, ()) if s.holder in found.order} - {subject}
        if not self.apart(subject):
            return holders
        largest = max(found.held[subject].items(), key=lambda cell: (cell[1].min, cell[1].min_open, cell[1].max))[0]
        return {holder for holder in holders if found.label(holder) == largest}

    def asks_concert(self, subject: str) -> bool:
        """Each holder counts alone, and only together do they have a majority of the votes."""
        if self.aggregate or subject not in self.must.held or not self.graph.has_votes(subject):
            return False
        by_majority = majority(self.graph.votes)
        together = self.stake(subject, self.before(subject))
        return by_majority(subject, together) and not by_majority(subject, self.largest(subject))

    def apart(self, subject: str) -> bool:
        """They would have a majority only together, and by the assessor's answer do not act in concert."""
        return self.answer("acting_in_concert", subject) == "no" and self.asks_concert(subject)

    def beside(self, subject: str) -> Fraction:
        """Votes that do not count with those of the largest of them: what the others hold who do not act in concert with it."""
        if not self.apart(subject):
            return ZERO
        return self.stake(subject, self.before(subject)).min - self.largest(subject).min

    def stake_words(self, subject: str, held: Held | None = None) -> str:
        """That stake, or the part of it given, in words."""
        held = held or self.stake(subject)
        high = max(held.min, min(held.max, ONE))
        return Interval(held.min, high, held.min_open and held.min < high, False).words()

    def at_most(self, subject: str) -> Fraction:
        """The largest part of the votes that they may hold: what is not known to be held by somebody else."""
        votes = self.graph.votes
        outside = sum((s.share.min for s in votes.of.get(subject, ()) if s.holder not in self.may), ZERO)
        return min(ONE, max(ZERO, ONE + votes.excess(subject) - outside - self.beside(subject)))

    def dominated(self, subject: str) -> bool:
        """Another group, none of the persons, holds a majority of the votes in `subject`."""
        return self.reach.is_dominated(subject)

    def answer(self, question: str, subject: str) -> str:
        """The judged answer, lower case, or nothing."""
        return self.judged.get((question, self.names[subject]), "").strip().casefold()

    def asks_dominant(self, subject: str, held: Held | None = None) -> bool:
        """The known stake reaches the firm's criterion, is no majority, and nobody else has one."""
        held = held or self.counted(subject)
        return (
            self.graph.has_votes(subject)
            and held.max > 0
            and held.max >= self.criterion
            and not majority(self.graph.votes)(subject, held)
            and subject not in self.heads.controlled
        )

    def power_only(self, subject: str, under: str) -> bool:
        """Whether a power under this limb, judged to be one, decides and no vote does."""
        return subject not in self.must.held and any(
            limb(self.graph, p) == under and self.power_state(p) == "yes" for p in self.graph.powers_in.get(subject, ())
        )

    def power_state(self, power: Interest) -> str:
        """`yes`, `no` or `open` for a power whose holder is one of the persons, `possible` where the holder only may be
        one, `none` otherwise. `counted`: answered with yes, and so many votes instead of a power (`carried.py`)."""
        if power.holder in self.must.order:
            answer = self.answer(question(self.graph, power), power.subject)
            if answer == "yes" and carries(self.told, power):
                return "counted"
            return answer if answer in ("yes", "no") else "open"
        return "possible" if power.holder is None or power.holder in self.may else "none"


def determine(
    graph: Graph,
    countries: frozenset[str],
    criterion: Fraction,
    judged: Mapping[tuple[str, str], str],
    aggregate: bool,
    names: dict[str, str],
    persons: str,
    spell: Callable[[str], str],
) -> Control:
    """Run the closures. `criterion`: the firm's figure from which a minority stake is asked about; `spell` names a country."""
    own = {key: own_limbs(entity, countries, spell) for key, entity in graph.entities.items()}
    control = Control(graph, countries, criterion, judged, aggregate, own, names, persons)
    control.told = graph
    control.heads = close(graph.votes, ((key, key) for key in graph.entities), majority(graph.votes))
    seeds = [key for key in graph.entities if control.is_seed(key)]
    control.plain = close(graph.votes, labelled(seeds, aggregate), decides(control, judged=False))
    for key, entity in graph.entities.items():
        if doubts := open_places(entity, countries):
            control.places[key] = doubts
            answers = {place: control.answer(place, key) for place in doubts}
            own[key] = own_limbs(judged_places(entity, countries, answers), countries, spell)
    seeds = [key for key in graph.entities if control.is_seed(key)]
    forced = _forced(control)
    while _close(control, seeds, forced) and (powers := _carried(control)):
        control.graph = count(control.graph, powers, together=aggregate)
        control.carried |= set(powers)
        control.heads = close(
            control.graph.votes, ((key, key) for key in graph.entities), majority(control.graph.votes)
        )
    find_may(control)
    return control


def _close(control: Control, seeds: list[str], forced: dict[str, list[str]]) -> bool:
    """Find what is established with the votes as they count now; whether any answer may change how they count."""
    votes, judged = control.graph.votes, bool(control.judged)
    while True:
        control.single = close(votes, labelled(seeds, False), decides(control, judged=judged), forced)
        control.must, control.known_before = control.single, {}
        if control.aggregate or not (more := _in_concert(control, forced)):
            break
        for holder, subject in more:
            forced.setdefault(holder, []).append(subject)
    if control.aggregate:
        control.must = (
            close(votes, labelled(seeds, True), decides(control, judged=True), forced) if judged else control.plain
        )
        control.known_before = {}
    return judged


def _carried(control: Control) -> list[Interest]:
    """Powers whose votes count with persons by the assessor's answer and do not yet."""
    return [
        power
        for subject, powers in sorted(control.graph.powers_in.items())
        if subject not in control.plain.order
        for power in powers
        if power not in control.carried
        and power.holder in control.must.order
        and control.power_state(power) == "counted"
    ]


def labelled(seeds: Iterable[str], aggregate: bool) -> list[tuple[str, str]]:
    """Seeds with the labels of their groups: one group of all, or one each."""
    return [(key, TOGETHER if aggregate else key) for key in seeds]


def _in_concert(control: Control, forced: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Subjects that holders acting in concert, by the assessor's answer, control together, and are not yet forced: each with
    one of these holders."""
    done = {subject for subjects in forced.values() for subject in subjects}
    return [
        (next(s.holder for s in control.graph.votes.of[subject] if s.holder in control.must.order), subject)
        for subject in sorted(control.must.held)
        if subject not in done
        and control.answer("acting_in_concert", subject) == "yes"
        and control.asks_concert(subject)
    ]


def add_claims(control: Control, claims: Iterable[Interest]) -> None:
    """Declared chains that no direct interests explain leave control possible where their holder may be one of the persons."""
    for claim in claims:
        control.claimed.setdefault(claim.subject, []).append(claim)
    if control.claimed:
        find_may(control)


def _forced(control: Control) -> dict[str, list[str]]:
    """Subjects over which a holder has a power that the assessor judged to be one, by holder."""
    forced: dict[str, list[str]] = {}
    if not control.judged:
        return forced
    for holder, powers in control.graph.powers_of.items():
        for power in powers:
            if control.answer(question(control.graph, power), power.subject) == "yes" and not carries(
                control.graph, power
            ):
                forced.setdefault(holder, []).append(power.subject)
    return forced


def decides(control: Control, judged: bool, but: str = "") -> Decides:
    """Control by a majority of the votes, and, where `judged`, by a minority that the assessor finds dominant, save in `but`."""
    by_majority = majority(control.graph.votes)

    def suffices(subject: str, held: Held) -> bool:
        if not control.graph.has_votes(subject):
            return False
        return by_majority(subject, held) or (
            judged
            and subject != but
            and control.answer("dominant_minority", subject) == "yes"
            and control.asks_dominant(subject, held)
        )

    return suffices


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
        self.other: dict[
            str, Held
        ] = {}  # subject -> what is left of the majority that another group holds, and its head
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
                    self.other[subject] = Held(
                        self.other[subject].min - stake.share.min
                    )  # what is left may not be open-ended
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
