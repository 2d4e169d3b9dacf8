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

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from assessor.ownership.arrangements import CONCERT, VETO, together, veto
from assessor.ownership.carried import carries, count
from assessor.ownership.closure import Closure, Decides, Held, close, majority
from assessor.ownership.graph import Graph, Interest
from assessor.ownership.interval import ONE, ZERO, Interval
from assessor.ownership.persons import ESTABLISHED, Finding, judged_places, open_places, own_limbs
from assessor.ownership.reach import Reach, find_may

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
            and not self.led_by_others(subject)
        )

    def led_by_others(self, subject: str) -> bool:
        """A group that is none of the persons holds a majority of the votes, also without those that persons hold for it: a
        subsidiary in the countries is such a person whoever controls it."""
        head = self.heads.controlled.get(subject)
        if head is None or head in self.must.order:
            return False
        group = self.heads.head(subject)
        held = Held()
        for stake in self.graph.votes.of.get(subject, ()):
            if stake.holder not in self.must.order and self.heads.head(stake.holder) == group:
                held.add(Held(stake.share.min, stake.share.min_open, stake.share.max))
        return majority(self.graph.votes)(subject, held)

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
    control.heads = heads(control)
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
        control.heads = heads(control)
    find_may(control)
    return control


def heads(control: Control) -> Closure:
    """Who stands at the head of each group that votes together. Nobody controls a natural person by votes, whatever is stated."""
    graph = control.graph
    return close(graph.votes, ((key, key) for key in graph.entities), decides(control, judged=False))


def _close(control: Control, seeds: list[str], forced: dict[str, list[str]]) -> bool:
    """Find what is established with the votes as they count now; whether any answer may change how they count.

    Whether others lead a subject, and so whether an answer on a minority counts, looks at what is established already: this
    begins with what holds without such an answer, and goes on until nothing more follows.
    """
    votes, judged = control.graph.votes, bool(control.judged)
    control.must = (
        close(votes, labelled(seeds, control.aggregate), decides(control, judged=False)) if judged else control.plain
    )
    while True:
        known = set(control.must.order)
        control.single = close(votes, labelled(seeds, False), decides(control, judged=judged), forced)
        if not control.aggregate:
            control.must = control.single
        elif judged:
            control.must = close(votes, labelled(seeds, True), decides(control, judged=True), forced)
        control.known_before = {}
        more = [] if control.aggregate else _in_concert(control, forced)
        for holder, subject in more:
            forced.setdefault(holder, []).append(subject)
        if not more and (not judged or control.must.order.keys() <= known):
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
