"""The answer about each entity: four limbs, foreign interests, shares, the chain, the questions and what would settle it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

import pandas as pd

from assessor.ownership import arrangements, carried
from assessor.ownership import questions as asked
from assessor.ownership.chain import Step, denied, established_chain, possible_chain, upwards
from assessor.ownership.claims import reconcile
from assessor.ownership.control import Control, add_claims, decides, determine, limb
from assessor.ownership.graph import Graph, Majority, Stake, build
from assessor.ownership.interests import ForeignInterest, foreign_interests
from assessor.ownership.interval import ONE, ZERO, percent
from assessor.ownership.lookthrough import look_through
from assessor.ownership.passive import Passive, passive
from assessor.ownership.persons import ESTABLISHED, EXCLUDED, POSSIBLE, us_person
from assessor.ownership.readings import AGGREGATE, SINGLE, Reading, other_reading
from assessor.ownership.routes import Route, possible_routes
from assessor.ownership.settling import Settling, settling
from assessor.results import Determination

Share = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of one entity as of the date.

    `limbs`: determination by limb of the person definition; `prc_russia`: the strongest of them. `foreign`: whether there
    is any foreign interest (None: not known). `controlled_share`: least and greatest part of its votes that the persons
    hold together with all that they control; `look_through_share`: the same multiplied out. `questions`: id, subject and
    facts shown. `limits`: what an excluded or established answer takes as it stands because no source says more.
    `settled_by`: the smallest set of facts that would settle a possible answer; `settles`: whether these are the `fewest`, or of
    which `none can be left out`, or merely `sufficient` (see `settling.py`).
    `reading`: what the `aggregate` and the `single` reading say of it; the firm's criterion is one of them.
    """

    entity: str
    name: str
    limbs: dict[str, Determination]
    prc_russia: Determination
    foreign_interests: tuple[ForeignInterest, ...]
    foreign: bool | None
    controlled_share: Share
    look_through_share: Share
    chain: tuple[Step, ...]
    questions: tuple[tuple[str, str, dict[str, Any]], ...]
    settled_by: tuple[Settling, ...]
    rests_on_judgement: bool
    reason: str
    limits: tuple[str, ...] = ()
    settles: str = ""
    reading: Mapping[str, Reading] = field(default_factory=dict)


@dataclass
class Ownership:
    """The answers for all entities. Verdicts are made when they are asked for, since their chains can be long."""

    control: Control
    least: dict[str, Fraction]
    greatest: dict[str, Fraction]
    problems: list[str]
    merged: list[str]
    _made: dict[str, Verdict] = field(default_factory=dict, repr=False)

    @cached_property
    def other(self) -> Control | None:
        """The control in the reading that is not the firm's; None where both say the same of every entity."""
        return other_reading(self.control)

    @property
    def graph(self) -> Graph:
        """The graph that the answers were read from."""
        return self.control.graph

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """All verdicts by entity id, each made on first use."""
        return _Verdicts(self)

    def verdict(self, entity: str) -> Verdict:
        """The verdict on an entity, by any id that a source uses for it. Raises KeyError for an id that no table mentions."""
        key = self.graph.alias.get(entity, entity)
        if key not in self.graph.entities:
            raise KeyError(f"no ownership evidence mentions the entity {entity!r}")
        if key not in self._made:
            self._made[key] = _verdict(self, key)
        return self._made[key]

    def passive(self, entity: str) -> Passive:
        """The tree of §791.305(l) for an entity, apart from the limbs: whether equity in a U.S. person is the only foreign
        interest. Raises KeyError as `verdict` does."""
        told = self.verdict(entity)
        return passive(self.control, told.entity, told.foreign_interests, told.foreign)

    def questions(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every question that the evidence raises about any entity: id, subject, facts shown; sorted."""
        control, graph = self.control, self.control.graph
        subjects = sorted({*graph.powers_in, *control.must.held, *control.places})
        return sorted(
            (
                (question, control.names[subject], facts)
                for subject in subjects
                for question, facts in asked.questions(control, subject)
            ),
            key=lambda told: told[:2],
        )


class _Verdicts(Mapping[str, Verdict]):
    def __init__(self, ownership: Ownership) -> None:
        self._ownership = ownership

    def __getitem__(self, entity: str) -> Verdict:
        return self._ownership.verdict(entity)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ownership.graph.entities)

    def __len__(self) -> int:
        return len(self._ownership.graph.entities)


def assess(
    entities: pd.DataFrame,
    interests: pd.DataFrame,
    *,
    adversaries: frozenset[str],
    as_of: date,
    dominant_minority: Fraction,
    judged: Mapping[tuple[str, str], str] | None = None,
    aggregate: bool = True,
    persons: str = "",
    country_name: Callable[[str], str] = str,
    deciding: Majority | None = None,
) -> Ownership:
    """Who is owned by, controlled by or subject to direction of persons of `adversaries` (§791.301), as of a date.

    entities, interests: tables of `evidence/tables.py`. `adversaries`: alpha-2 codes. `dominant_minority`: the firm's
    criterion, a share of 1 from which a minority stake is asked about. `judged`: answers by question id and subject name.
    `aggregate`: whether persons of the countries count together (the stated criterion) or each alone; with the former, a
    verdict says when no single holder would suffice. `persons`: how to call them in sentences, in which
    `country_name` spells a code. `deciding`: the part of the votes that decides, for readings other than this rule's, which
    is the default. Raises nothing for evidence that does not add up: see `problems`.
    """
    graph = build(entities, interests, as_of, deciding)
    arrangements.add(graph)
    counts = Counter(entity.name for entity in graph.entities.values())
    names = {
        key: entity.name if counts[entity.name] == 1 else f"{entity.name} ({key})"
        for key, entity in graph.entities.items()
    }
    control = determine(
        graph,
        adversaries,
        dominant_minority,
        judged or {},
        aggregate,
        names,
        persons or f"persons of {', '.join(sorted(adversaries))}",
        country_name,
    )
    unexplained, problems = reconcile(graph)
    problems += carried.doubts(graph)
    add_claims(control, unexplained)
    seeds = {key for key in graph.entities if control.is_seed(key)}
    known = {
        key
        for key, entity in graph.entities.items()
        if not graph.has_votes(key) and all(f.determination is EXCLUDED for f in control.own[key].values())
    }
    least, greatest, closed = look_through(control.graph, seeds, known)
    problems += [
        f"{', '.join(graph.name(e) for e in ring)} hold one another and nobody else is known to hold any of them: a closed "
        "ring has no look-through share"
        for ring in closed
    ]
    return Ownership(control, least, greatest, graph.problems + problems, graph.merged)


def _verdict(ownership: Ownership, key: str) -> Verdict:
    control, graph = ownership.control, ownership.graph
    entity, routes = graph.entities[key], possible_routes(control, key)
    limbs = _limbs(control, key, routes)
    answer = _strongest(limbs)
    foreign, any_foreign = foreign_interests(control.told, key, us_person, tuple(control.claimed.get(key, ())))
    chain: tuple[Step, ...] = ()
    if answer is ESTABLISHED and not control.is_seed(key):
        chain = established_chain(control, key)
    elif answer is POSSIBLE:
        chain = possible_chain(control, key)
    questions = _questions(control, key, chain)
    facts, sure = settling(control, key) if answer is POSSIBLE else ((), "")
    stake = control.stake(key)
    votes = (
        (min(ONE, stake.min), min(ONE, max(stake.min, control.at_most(key)))) if graph.has_votes(key) else (ZERO, ZERO)
    )
    return Verdict(
        key,
        entity.name,
        limbs,
        answer,
        foreign,
        any_foreign,
        votes,
        (ownership.least[key], ownership.greatest[key]),
        chain,
        questions,
        facts,
        answer is ESTABLISHED and key not in control.plain.order,
        _reason(control, key, answer, routes, chain, questions),
        _limits(control, key, answer),
        sure,
        _readings(ownership, key, Reading(limbs["4"], answer)),
    )


def _readings(ownership: Ownership, key: str, told: Reading) -> dict[str, Reading]:
    own, other = (AGGREGATE, SINGLE) if ownership.control.aggregate else (SINGLE, AGGREGATE)
    beside = told
    if ownership.other is not None:
        limbs = _limbs(ownership.other, key, possible_routes(ownership.other, key))
        beside = Reading(limbs["4"], _strongest(limbs))
    return {own: told, other: beside}


def _strongest(limbs: Mapping[str, Determination]) -> Determination:
    return max(limbs.values(), key=[EXCLUDED, POSSIBLE, ESTABLISHED].index)


def _limbs(control: Control, key: str, routes: list[Route]) -> dict[str, Determination]:
    graph = control.graph
    limbs = {limb: finding.determination for limb, finding in control.own[key].items()} | {"4": EXCLUDED}
    for route in routes:
        if limbs[route.limb] is EXCLUDED:
            limbs[route.limb] = POSSIBLE
    for power in graph.powers_in.get(key, ()):
        if control.power_state(power) == "yes":
            limbs[limb(graph, power)] = ESTABLISHED
    if graph.has_votes(key):
        suffices = decides(control, judged=bool(control.judged))
        judged = {"dominant_minority": control.asks_dominant, "acting_in_concert": control.asks_concert}
        if any(suffices(key, held) for held in control.must.held.get(key, {}).values()) or any(
            control.answer(question, key) == "yes" and asks(key) for question, asks in judged.items()
        ):
            limbs["4"] = ESTABLISHED
    return limbs


def _questions(control: Control, key: str, chain: tuple[Step, ...]) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """Questions on the entity itself and on those above it on which its answer depends, open or answered."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    subjects = dict.fromkeys(upwards(control, key))
    judged = [key] if key in control.must.order else [step.from_ for step in chain]
    for entity in judged:  # those above, or the entity itself, that are established by a judgement only
        if entity in control.must.order and entity not in control.plain.order:
            subjects.update((end, None) for step in established_chain(control, entity) for end in (step.to, step.from_))
    if (
        control.judged and key not in control.must.order
    ):  # a route that an answer closed is open no longer, and yet rests on it
        subjects.update(dict.fromkeys(denied(control, key)))
    for subject in subjects:
        for question, facts in asked.questions(control, subject):
            found[question, control.names[subject]] = facts
    return tuple((question, subject, facts) for (question, subject), facts in found.items())


def _reason(
    control: Control,
    key: str,
    answer: Determination,
    routes: list[Route],
    chain: tuple[Step, ...],
    questions: tuple[tuple[str, str, dict[str, Any]], ...],
) -> str:
    name = control.graph.name(key)
    own = [f.reason for f in control.own[key].values() if f.determination is answer and f.reason]
    if answer is POSSIBLE:
        return "; ".join(dict.fromkeys([*own, *(route.words for route in routes)]))
    if answer is ESTABLISHED:
        judged = ""
        if key not in control.plain.order:
            answered = sorted({question.replace("_", " ") for question, _, _ in questions})
            judged = f"; rests on the assessor's judgement ({', '.join(answered)})"
        if control.is_seed(key):
            return "; ".join(own) + judged
        parts = [
            f"{step.from_name} holds {step.share or 'an interest not quantified'} of {name}"
            if step.kind in ("shareholding", "voting_rights")
            else f"{step.from_name}: {step.kind.replace('_', ' ')}"
            for step in chain
            if step.to == key
        ]
        above = [step.from_name for step in chain if control.is_seed(step.from_) and step.to != key]
        text = ", ".join(parts) + (f"; control runs up to {', '.join(dict.fromkeys(above))}" if above else "")
        text += f" (person limb ({'1' if control.power_only(key, '1') else '4'}))"
        if control.aggregate and key not in control.single.order:
            text += f"; {control.persons} have it together, no single holder does (aggregate reading)"
        return text + judged
    return "; ".join([*own[-1:], *_excluded(control, key)])


def _excluded(control: Control, key: str) -> list[str]:
    graph = control.graph
    if not graph.has_votes(key):
        return []
    stake, words = control.stake(key), []
    if stake.max > 0:
        words.append(f"{control.persons} hold {control.stake_words(key)} of the votes")
    head = control.heads.controlled.get(key)
    if head is not None and control.dominated(key):
        words.append(f"{graph.name(head)} has a majority of the votes")
    elif stake.max > 0 and control.answer("dominant_minority", key) == "no" and control.asks_dominant(key):
        words.append("no dominant minority by the assessor's judgement")
    elif stake.max > 0:
        words.append(f"below the criterion of {percent(control.criterion)} for a dominant minority")
    else:
        words.append("its votes are disclosed up to persons who are none of them")
    return words


def _limits(control: Control, key: str, answer: Determination) -> tuple[str, ...]:
    graph = control.graph
    limits = [limit for f in control.own[key].values() if f.determination is answer for limit in f.limits]
    if any(stake.stands_in for stake in graph.votes.of.get(key, ())):
        limits.append(f"voting rights in {graph.name(key)} are not stated; shareholdings stand for votes")
    if key in graph.votes.contradictory and answer is ESTABLISHED:
        limits.append(
            f"the stated votes in {graph.name(key)} add up to {percent(graph.votes.lower[key])}; what exceeds the whole is taken "
            "from those who decide"
        )
    for stake in control.told.votes.of.get(key, ()):
        if apart := _apart(stake):
            limits.append(
                f"the sources contradict each other on what {graph.name(stake.holder)} holds in {graph.name(key)} ({apart})"
            )
    for holder in (key, *(stake.holder for stake in graph.votes.of.get(key, ()))):
        if graph.silent(holder):
            limits.append(
                f"who acts for {graph.name(holder)} is not stated; it is disclosed as an arrangement of the United States"
            )
    return tuple(dict.fromkeys(limits))


def _apart(stake: Stake) -> str:
    """Two statements of one stake that exclude each other, in words."""
    return next(
        (
            f"{one.share.words()} / {other.share.words()}"
            for one, other in combinations(stake.interests, 2)
            if one.source != other.source and one.kind == other.kind and one.share.meet(other.share).empty
        ),
        "",
    )
