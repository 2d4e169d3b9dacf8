"""What would settle a possible answer: the smallest set of unknown facts that, all harmless, would exclude control.

An unknown is harmless when it turns out as the persons of the countries would not have it: undisclosed votes belong to many others
of whom none has a majority, stakes in bands are at their lower ends, who is not described is no such person, a judgement
is "no". A set settles when the answer is then excluded whatever else stays unknown, which the may closure itself is asked.

Up to `EXACT` unknowns the set is the smallest there is. Beyond, and where `WORK` is used up, it is one of which no fact can be
left out, or one that suffices; `sure` says which.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import comb

from assessor.ownership.closure import Closure, close, majority
from assessor.ownership.control import Control, question
from assessor.ownership.documents import BY_QUESTION, DOCUMENTS
from assessor.ownership.graph import Graph, Interest, Layer, Stake
from assessor.ownership.interval import ONE, UNIT, ZERO, Interval, percent
from assessor.ownership.merge import Entity
from assessor.ownership.persons import EXCLUDED, POSSIBLE, Finding, is_organisation, us_status
from assessor.ownership.reach import find_may
from assessor.ownership.routes import WORDS, hidden_words, ring_names

EXACT = 16  # unknowns up to which the smallest set is found
WORK = 10_000  # entities looked at for one answer, over all completions tried
FAR = 1000  # entities above one that are looked at: far ones repeat what nearer ones leave open

_SMALLER = 400  # smaller sets that are asked one by one
FEWEST, NEEDED, SUFFICIENT = "fewest", "none can be left out", "sufficient"
_OTHERS = ""  # who is none of the persons and holds what is disclosed: no entity has this id


@dataclass(frozen=True)
class Settling:
    """One fact that would settle a possible answer: which, about whom (id and name), and the kind of document that shows it
    (a key of `DOCUMENTS`). `question`: id of the question where the assessor's judgement settles it."""

    fact: str
    subject: str
    subject_name: str
    document: str
    question: str = ""

    def __str__(self) -> str:
        return self.fact

    @property
    def request(self) -> str:
        """The fact with the document, for the client."""
        return f"{self.fact} ({DOCUMENTS[self.document].words})" if self.document else self.fact

    def as_row(self) -> dict[str, str]:
        """The fact as the JSON answer of `assessor ownership` writes it."""
        told = DOCUMENTS.get(self.document)
        return {
            "fact": self.fact,
            "subject": self.subject,
            "subject_name": self.subject_name,
            "document": told.words if told else "",
            "clause": told.clause if told else "",
            "question": self.question,
        }


@dataclass(frozen=True)
class _Unknown:
    """`kind`: own (facts of the subject itself), votes, power (its holder), judgement, claim, ring, further (what lies
    beyond `FAR`)."""

    kind: str
    subject: str
    asked: str = ""
    interests: tuple[Interest, ...] = ()


def settling(control: Control, entity: str) -> tuple[tuple[Settling, ...], str]:
    """The facts that would settle the possible answer on `entity`, nearest first, and how surely they are the fewest."""
    above = _Above(control, entity)
    unknowns, sure = _smallest(above)
    return tuple(_told(control, unknown) for unknown in unknowns), sure


@dataclass
class _Above:
    """What is above an entity among those that may be persons or controlled by them, cut out of the graph."""

    control: Control
    entity: str
    members: dict[str, None] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)  # members whose holders are members
    unknowns: list[_Unknown] = field(default_factory=list)
    calls: int = 0
    beyond: set[str] = field(default_factory=set)  # members whose own holders are not looked at

    def __post_init__(self) -> None:
        control = self.control
        queue = deque([self.entity])
        self.members[self.entity] = None
        while queue:
            subject = queue.popleft()
            self.looked.append(subject)
            self.unknowns += _unknowns(control, subject)
            for holder in self._holders(subject):
                if holder in self.members:
                    continue
                self.members[holder] = None
                if holder in control.must.order and not self._of_ring(holder, subject):
                    continue  # who is one of them need not be settled
                if len(self.members) <= FAR:
                    queue.append(holder)
                else:
                    self.beyond.add(holder)
        rings = (self.control.ring_of[m][0] for m in self.members if m in self.control.ring_of)
        self.unknowns += [_Unknown("ring", first) for first in dict.fromkeys(rings)]
        if self.beyond:
            self.unknowns.append(_Unknown("further", self.entity))
        self._cut()

    def _holders(self, subject: str) -> list[str]:
        graph, control = self.control.graph, self.control
        found = [stake.holder for stake in graph.votes.of.get(subject, ())]
        found += [power.holder for power in graph.powers_in.get(subject, ()) if power.holder]
        found += [claim.holder for claim in control.claimed.get(subject, ()) if claim.holder]
        return [h for h in found if h in control.may or h in control.must.order or self._of_ring(h, subject)]

    def _of_ring(self, holder: str, subject: str) -> bool:
        """Whether both are part of one ring, in which the votes of all are weighed together."""
        ring_of = self.control.ring_of
        return subject in ring_of and ring_of.get(holder) is ring_of[subject]

    def _cut(self) -> None:
        control, graph = self.control, self.control.graph
        looked = self.looked
        of = {subject: graph.votes.of[subject] for subject in looked if subject in graph.votes.of}
        lower = {s: graph.votes.lower[s] for s in of}
        part = Layer(of, _by_holder(of), lower, graph.votes.contradictory & set(of), graph.votes.majority)
        powers_in = {s: graph.powers_in[s] for s in looked if s in graph.powers_in}
        powers_of: dict[str, list[Interest]] = {}
        for power in (power for powers in powers_in.values() for power in powers):
            powers_of.setdefault(str(power.holder), []).append(power)
        self.graph = dataclasses.replace(
            graph,
            entities={m: graph.entities[m] for m in self.members},
            votes=part,
            equity=part,
            powers_in=powers_in,
            powers_of=powers_of,
            unknown_holders={s: graph.unknown_holders[s] for s in looked if s in graph.unknown_holders},
        )
        self.heads = dataclasses.replace(
            control.heads, controlled={s: control.heads.controlled[s] for s in looked if s in control.heads.controlled}
        )
        self.must = dataclasses.replace(
            control.must, held={s: control.must.held[s] for s in looked if s in control.must.held}
        )
        self.claimed = {s: control.claimed[s] for s in looked if s in control.claimed}
        self.own = {m: control.own[m] for m in self.members}
        self.own |= {member: {"1": Finding(POSSIBLE, "")} for member in self.beyond}

    def settles(self, unknowns: Collection[_Unknown]) -> bool:
        """Whether control is excluded when these turn out harmless and nothing else is known."""
        self.calls += 1
        done = copy.copy(self.control)
        done.graph, done.heads, done.must, done.known_routes = self._completed(unknowns), self.heads, self.must, {}
        fewer = {m for u in unknowns if u.kind == "ring" for m in self.control.ring_of[u.subject]}
        fewer |= {u.subject for u in unknowns if u.kind == "votes"} & self.graph.votes.contradictory
        if fewer & self.heads.controlled.keys():  # whose majority may have been made of votes that do not count so
            done.heads = self._led(done.graph.votes)
        harmless = {u.subject for u in unknowns if u.kind == "own"}
        if any(u.kind == "further" for u in unknowns):
            harmless |= self.beyond
        done.own = self.own | {member: {"1": Finding(EXCLUDED, "")} for member in harmless}
        no = {(u.asked, self.control.names[u.subject]): "no" for u in unknowns if u.kind == "judgement"}
        done.judged = {**self.control.judged, **no} if no else self.control.judged
        dropped = [claim for u in unknowns if u.kind == "claim" for claim in u.interests]
        done.claimed = {s: [c for c in claims if c not in dropped] for s, claims in self.claimed.items()}
        find_may(done)
        return self.entity not in done.may and self.entity not in done.raised

    def _led(self, votes: Layer) -> Closure:
        """Who stands at the head of each group when the votes are these. Who is not looked at stays in its group."""
        holders = {stake.holder for stakes in votes.of.values() for stake in stakes} - {_OTHERS}
        members = sorted(holders | self.members.keys())
        by_majority, graph = majority(votes), self.graph
        return close(
            votes,
            ((m, m if m in votes.of else self.heads.head(m) or m) for m in members),
            lambda subject, held: graph.has_votes(subject) and by_majority(subject, held),
        )

    def _completed(self, unknowns: Collection[_Unknown]) -> Graph:
        graph, votes = self.graph, self.graph.votes
        of, lower, contradictory = dict(votes.of), dict(votes.lower), set(votes.contradictory)
        powers_in, changed = dict(graph.powers_in), False  # whether a stake is no longer what it was
        for unknown in unknowns:
            subject = unknown.subject
            if unknown.kind == "ring":
                ring, changed = set(self.control.ring_of[subject]), True
                for member in ring & of.keys():
                    of[member] = [s if s.holder not in ring else _of_others(s.subject, s.share.min) for s in of[member]]
            elif unknown.kind == "power":
                powers_in[subject] = [
                    dataclasses.replace(p, holder=_OTHERS) if p in unknown.interests else p for p in powers_in[subject]
                ]
        for subject in (u.subject for u in unknowns if u.kind == "votes"):
            stakes = of.get(subject, [])
            if subject in contradictory:  # the stakes of the persons turn out to be the wrong ones
                contradictory.discard(subject)
                changed = True
                stakes = [_just_above(s, ZERO) if s.holder in self.control.may else s for s in stakes]
            if any(s.share.min_open for s in stakes):
                changed = True
                stakes = [_just_above(s, s.share.min) if s.share.min_open else s for s in stakes]
            rest = ONE - sum((s.share.min for s in stakes), ZERO)
            of[subject] = [*stakes, _of_others(subject, rest)] if rest > 0 else stakes
            lower[subject] = ONE
        layer = Layer(of, _by_holder(of) if changed else votes.by, lower, contradictory, votes.majority)
        powers_of: dict[str, list[Interest]] = {}
        for power in (power for powers in powers_in.values() for power in powers if power.holder is not None):
            powers_of.setdefault(str(power.holder), []).append(power)
        return dataclasses.replace(graph, votes=layer, equity=layer, powers_in=powers_in, powers_of=powers_of)


def _by_holder(of: Mapping[str, list[Stake]]) -> dict[str, list[Stake]]:
    by: dict[str, list[Stake]] = {}
    for stakes in of.values():
        for stake in stakes:
            by.setdefault(stake.holder, []).append(stake)
    return by


def _just_above(stake: Stake, low: Fraction) -> Stake:
    """The stake as near to `low` as an open end allows."""
    share = low + Fraction(1, UNIT)
    return dataclasses.replace(stake, share=Interval(share, share))


def _of_others(subject: str, share: Fraction) -> Stake:
    return Stake(_OTHERS, subject, Interval(share, share), ())


def _unknowns(control: Control, subject: str) -> list[_Unknown]:
    """What is not known of `subject` and who stands behind it, itself first, judgements last."""
    graph, found = control.graph, []
    if any(finding.determination is POSSIBLE for finding in control.own[subject].values()):
        found.append(_Unknown("own", subject))
    if graph.has_votes(subject) and (subject in graph.votes.contradictory or graph.votes.undisclosed(subject).max > 0):
        found.append(_Unknown("votes", subject))
    found += [
        _Unknown("power", subject, interests=(power,))
        for power in graph.powers_in.get(subject, ())
        if power.holder is None
    ]
    found += [
        _Unknown("claim", subject, interests=(claim,))
        for claim in control.claimed.get(subject, ())
        if claim.holder is None or claim.holder in control.may
    ]
    asked = {
        question(graph, power): None
        for power in graph.powers_in.get(subject, ())
        if control.power_state(power) == "open"
    }
    if concert := control.asks_concert(subject):
        asked["acting_in_concert"] = None
    ring = subject in control.ring_of and control.stake(subject).max > 0
    if (
        concert or ring or control.asks_dominant(subject)
    ):  # who has no majority with others may dominate: the next question
        asked["dominant_minority"] = None
    found += [
        _Unknown("judgement", subject, asked=one) for one in asked if control.answer(one, subject) not in ("yes", "no")
    ]
    return found


def _smallest(above: _Above) -> tuple[list[_Unknown], str]:
    """The set, in the order of the unknowns (nearest first, which also decides between sets of one size)."""
    unknowns = above.unknowns
    if len(unknowns) > EXACT:
        near = _near(above)
        unknowns = near if above.settles(near) else unknowns
    budget = max(1, WORK // len(above.members))
    kept, whole = _without(unknowns, above.settles, lambda: above.calls < budget)
    if len(above.unknowns) > EXACT or not whole:
        return kept, NEEDED if whole else SUFFICIENT
    return _fewest(above.unknowns, kept, above.settles, lambda: above.calls < budget)


def _without(
    unknowns: Sequence[_Unknown], settles: Callable[[Collection[_Unknown]], bool], going: Callable[[], bool]
) -> tuple[list[_Unknown], bool]:
    """The unknowns without those that can be left out, farthest first, and whether all were tried."""
    kept, size = list(unknowns), max(1, len(unknowns) // 2)
    while size:  # many at once as long as that is possible
        before, end = len(kept), len(kept)
        while end > 0:
            if not going():
                return kept, False
            fewer = kept[: max(0, end - size)] + kept[end:]
            if settles(fewer):
                kept = fewer
            end -= size
        if len(kept) == before or size > 1:
            size //= 2
    return kept, True


def _fewest(
    unknowns: Sequence[_Unknown],
    enough: list[_Unknown],
    settles: Callable[[Collection[_Unknown]], bool],
    going: Callable[[], bool],
) -> tuple[list[_Unknown], str]:
    """The smallest set. Of every set that does not settle, what is missing from a largest one around it must be hit."""
    missing: list[frozenset[int]] = []
    while going():
        least = _hitting(len(unknowns), missing, len(enough))
        if least is None:
            return _fewer(unknowns, enough, settles, going)
        if settles([unknowns[n] for n in least]):
            return [unknowns[n] for n in least], FEWEST
        around = set(least)
        for n in range(len(unknowns)):
            if n not in around and not settles([unknowns[m] for m in sorted({*around, n})]):
                around.add(n)
        missing.append(frozenset(range(len(unknowns))) - around)
    return enough, NEEDED


def _fewer(
    unknowns: Sequence[_Unknown],
    enough: list[_Unknown],
    settles: Callable[[Collection[_Unknown]], bool],
    going: Callable[[], bool],
) -> tuple[list[_Unknown], str]:
    """Of few smaller sets each is asked: where stakes become exact, a judgement that settled before may settle no more, so that
    not every set around one that settles does."""
    smaller = sum(comb(len(unknowns), size) for size in range(1, len(enough)))
    if smaller > _SMALLER:
        return enough, NEEDED
    for size in range(1, len(enough)):
        for chosen in combinations(unknowns, size):
            if not going():
                return enough, NEEDED
            if settles(chosen):
                return list(chosen), FEWEST
    return enough, FEWEST


def _hitting(count: int, missing: Sequence[frozenset[int]], below: int) -> tuple[int, ...] | None:
    """The first smallest set of fewer than `below` numbers that has one of each of `missing`."""
    useful = sorted(set().union(*missing)) if missing else list(range(count))
    for size in range(below):
        for chosen in combinations(useful, size):
            if all(not one.isdisjoint(chosen) for one in missing):
                return chosen
    return None


def _near(above: _Above) -> list[_Unknown]:
    """Going up from the entity: at each, what is open of itself, and of its holders so many, largest first, that what is left
    does not suffice."""
    control, found, seen = above.control, [], {above.entity}
    known = set(above.unknowns)
    queue = deque([above.entity])
    while queue:
        subject = queue.popleft()
        if subject in above.beyond:
            found.append(_Unknown("further", above.entity))
            continue
        found += [unknown for unknown in _unknowns(control, subject) if unknown in known]
        graph = control.graph
        holders = [p.holder for p in graph.powers_in.get(subject, ()) if p.holder]
        left = control.at_most(subject) - graph.votes.undisclosed(subject).max if graph.has_votes(subject) else ZERO
        share = graph.votes.majority.share
        bound = share if control.dominated(subject) or control.asks_dominant(subject) else min(share, control.criterion)
        for stake in graph.votes.of.get(subject, ()):
            if stake.holder in control.may and stake.holder not in control.must.order and left >= bound:
                holders.append(stake.holder)
                left -= stake.share.min
        for holder in holders:
            if holder in control.may and holder not in control.must.order and holder not in seen:
                seen.add(holder)
                queue.append(holder)
    return list(dict.fromkeys(found))


def _told(control: Control, unknown: _Unknown) -> Settling:
    subject = unknown.subject
    fact, document = _WORDS[unknown.kind](control, unknown)
    return Settling(fact, subject, control.graph.name(subject), document, unknown.asked)


def _own(control: Control, unknown: _Unknown) -> tuple[str, str]:
    entity = control.graph.entities[unknown.subject]
    facts = dict.fromkeys(fact for finding in control.own[unknown.subject].values() for fact in finding.settled_by)
    return "; ".join(facts), _own_document(entity)


def _own_document(entity: Entity) -> str:
    if entity.kind == "state":
        return "state_record"
    if not entity.described or entity.kind == "unknown":
        return "identity"
    if is_organisation(entity):
        return "incumbency"
    stated = entity.citizenship and entity.residence
    return "us_status" if us_status(entity) is None and stated else "passport"


def _votes(control: Control, unknown: _Unknown) -> tuple[str, str]:
    graph, subject = control.graph, unknown.subject
    name, hidden = graph.name(subject), graph.votes.undisclosed(subject)
    document = "trust_deed" if graph.entities[subject].kind == "arrangement" else "share_register"
    if subject in graph.votes.contradictory:
        return f"which of the stated stakes in {name} are right", document
    if hidden.min == ONE:
        return f"who holds the votes in {name}", document
    if hidden.min == hidden.max:
        return f"who holds the undisclosed {percent(hidden.max)} of the votes in {name}", document
    return f"the exact shares in {name} and who holds what is undisclosed ({hidden_words(hidden)})", document


def _power(control: Control, unknown: _Unknown) -> tuple[str, str]:
    (power,) = unknown.interests
    what = WORDS.get(power.kind, WORDS["other"])
    document = BY_QUESTION.get(question(control.graph, power), "contract")
    return f"who has {what} in {control.graph.name(power.subject)}", document


def _judgement(control: Control, unknown: _Unknown) -> tuple[str, str]:
    words = f"the assessor's judgement on {unknown.asked.replace('_', ' ')} for {control.graph.name(unknown.subject)}"
    return words, BY_QUESTION.get(unknown.asked, "contract")


def _claim(control: Control, unknown: _Unknown) -> tuple[str, str]:
    (claim,) = unknown.interests
    holder = "an unnamed holder" if claim.holder is None else control.graph.name(claim.holder)
    name = control.graph.name(claim.subject)
    return f"the direct interests through which {holder} holds the declared interest in {name}", "ownership_statement"


def _ring(control: Control, unknown: _Unknown) -> tuple[str, str]:
    ring = ring_names(control, control.ring_of[unknown.subject])
    words = f"who decides how the votes that {ring} hold in each other are cast (shareholders' agreements, boards)"
    return words, "shareholders_agreement"


def _further(control: Control, unknown: _Unknown) -> tuple[str, str]:
    return f"further facts about those who stand farther above {control.graph.name(unknown.subject)}", ""


_WORDS: dict[str, Callable[[Control, _Unknown], tuple[str, str]]] = {
    "own": _own,
    "votes": _votes,
    "power": _power,
    "judgement": _judgement,
    "claim": _claim,
    "ring": _ring,
    "further": _further,
}
