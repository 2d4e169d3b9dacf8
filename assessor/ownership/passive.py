"""§791.305(l): no declaration where the only foreign interest is a foreign person's equity ownership of a U.S. person.

The paragraph has no effect where a foreign entity designs, develops, manufactures or supplies the articles, nor where the equity
allows a foreign person to exercise control; and it never touches the analysis of ties to the PRC or Russia, which is why this
tree stands apart from the limbs and reads nothing of them. It looks at one entity; who else takes part in a transaction is
for the procedure, and whether equity is passive stays the assessor's judgement also where every node holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.ownership.chain import established_chain
from assessor.ownership.claims import above_all
from assessor.ownership.closure import close
from assessor.ownership.control import Control, decides, heads, labelled
from assessor.ownership.describing import KINDS
from assessor.ownership.graph import EQUITY, SHARES, Interest, Layer
from assessor.ownership.interests import ForeignInterest, cut
from assessor.ownership.merge import Entity
from assessor.ownership.persons import ESTABLISHED, EXCLUDED, POSSIBLE, Finding, us_person
from assessor.ownership.reach import find_may
from assessor.ownership.routes import possible_routes
from assessor.results import EvidenceRef

HOLDS, FAILS, OPEN = "holds", "fails", "open"
FOREIGN = "foreign persons"


@dataclass(frozen=True)
class Node:
    """One condition: `code`, what is asked, whether it `holds`, `fails` or is `open`, why, and where that stands."""

    code: str
    asked: str
    state: str
    why: str
    evidence: tuple[EvidenceRef, ...] = ()


@dataclass(frozen=True)
class Passive:
    """The tree for one entity. Each node must hold."""

    entity: str
    name: str
    nodes: tuple[Node, ...]

    @property
    def state(self) -> str:
        """`fails` where a node fails, else `open` where one is open, else `holds`."""
        states = {node.state for node in self.nodes}
        return next(state for state in (FAILS, OPEN, HOLDS) if state in states)

    @property
    def ruled_out(self) -> tuple[str, ...]:
        """Why the exemption does not reach it."""
        return tuple(node.why for node in self.nodes if node.state == FAILS)


def passive(control: Control, entity: str, interests: tuple[ForeignInterest, ...], foreign: bool | None) -> Passive:
    """The tree for `entity`, with its foreign interests and whether there is any (None: not known)."""
    graph = control.graph
    described = graph.entities[entity]
    return Passive(
        entity,
        graph.name(entity),
        (
            _us_person(described, graph.name(entity)),
            _disclosed(graph.name(entity), interests, foreign),
            _equity(graph.name(entity), interests),
            _no_control(control, entity),
        ),
    )


def _us_person(entity: Entity, name: str) -> Node:
    person = us_person(entity)
    state, why = {
        True: (HOLDS, f"{name} is a U.S. person"),
        False: (FAILS, f"{name} is {_abroad(entity)}"),
        None: (OPEN, f"whether {name} is a U.S. person is not stated, or sources differ"),
    }[person]
    asked = "Is it a U.S. person, and no foreign entity that designs, develops, manufactures or supplies?"
    return Node("us_person", asked, state, why, _refs(entity.places))


def _abroad(entity: Entity) -> str:
    if entity.kind == "state":
        return "a foreign state or state body"
    return "organised outside the United States" if entity.incorporated else "no U.S. citizen or permanent resident"


def _disclosed(name: str, interests: tuple[ForeignInterest, ...], foreign: bool | None) -> Node:
    asked = "Is every interest disclosed, so that no other foreign interest can stand behind it?"
    unsure = [i for i in interests if not i.certain]
    if unsure:
        who = ", ".join(dict.fromkeys(i.holder_name for i in unsure))
        return Node("disclosed", asked, OPEN, f"whether {who} is a U.S. person is not known", _places(unsure))
    if foreign is None:
        return Node("disclosed", asked, OPEN, f"not all holders in {name} and above it are disclosed")
    if not interests:
        return Node("disclosed", asked, HOLDS, f"{name} is disclosed up to U.S. persons; no foreign interest is found")
    return Node("disclosed", asked, HOLDS, f"the foreign interests in {name} are known", _places(interests))


def _equity(name: str, interests: tuple[ForeignInterest, ...]) -> Node:
    asked = "Is each foreign interest equity?"
    owned = {(i.holder, i.held_in) for i in interests if i.kind == EQUITY}
    other = [i for i in interests if i.kind not in SHARES and i.certain]
    if other:
        kinds = ", ".join(sorted({KINDS.get(i.kind, KINDS["other"]) for i in other}))
        why = f"in {name} there is a foreign interest other than equity ({kinds})"
        return Node("equity", asked, FAILS, why, _places(other))
    open_ = [
        i
        for i in interests
        if i.declared_only or i.kind not in SHARES or (i.kind != EQUITY and (i.holder, i.held_in) not in owned)
    ]
    if open_:
        who = ", ".join(dict.fromkeys(i.holder_name for i in open_))
        return Node("equity", asked, OPEN, f"that what {who} has is equity is not stated", _places(open_))
    return Node("equity", asked, HOLDS, f"each known foreign interest in {name} is equity", _places(interests))


def _no_control(control: Control, entity: str) -> Node:
    """By votes alone: other powers of foreign persons fail at the node before."""
    asked = "Does the equity allow no foreign person to exercise control?"
    name, foreign = control.graph.name(entity), _by_foreign_persons(control, entity)
    if entity in foreign.must.order:
        steps = established_chain(foreign, entity)
        heads = ", ".join(dict.fromkeys(step.from_name for step in steps if foreign.is_seed(step.from_)))
        places = ((step.source, step.locator) for step in steps)
        return Node("no_control", asked, FAILS, f"{heads} controls {name} by a majority of the votes", _refs(places))
    if entity in foreign.may or entity in foreign.raised:
        routes = possible_routes(foreign, entity)
        steps_of = [s for route in routes for s in route.steps]
        first = [s if isinstance(s, Interest) else s.interests[0] for s in steps_of]
        why = "; ".join(dict.fromkeys(route.words for route in routes))
        return Node("no_control", asked, OPEN, why, _refs((i.source, i.locator) for i in first))
    held = ((i.source, i.locator) for s in control.graph.votes.of.get(entity, ()) for i in s.interests)
    why = f"no foreign person has, or may have, a majority or a dominant minority of the votes in {name}"
    return Node("no_control", asked, HOLDS, why, _refs(held))


def _by_foreign_persons(control: Control, entity: str) -> Control:
    """Control by votes of non-U.S. persons, each alone, over everything above `entity`; no answer of the ledger counts, since the
    questions are about persons of other countries."""
    graph = control.graph
    above = dict.fromkeys(sorted(above_all(graph, entity)))
    votes = cut(graph.votes, above)
    none: Layer = Layer()
    part = dataclasses.replace(
        graph,
        entities={key: graph.entities[key] for key in above},
        votes=votes,
        equity=none,
        powers_of={},
    )
    own = {key: {"4": _foreign(us_person(each))} for key, each in part.entities.items()}
    own[entity] = {"4": Finding(EXCLUDED, "")}  # asked is who controls it
    names = {key: control.names[key] for key in above}
    found = Control(part, control.countries, control.criterion, {}, False, own, names, FOREIGN)
    found.heads = heads(found)
    seeds = [key for key in above if found.is_seed(key)]
    found.plain = found.single = found.must = close(votes, labelled(seeds, False), decides(found, judged=False))
    find_may(found)
    return found


def _foreign(person: bool | None) -> Finding:
    return Finding({True: EXCLUDED, False: ESTABLISHED, None: POSSIBLE}[person], "")


def _refs(places: Iterable[tuple[str, str]]) -> tuple[EvidenceRef, ...]:
    return tuple(dict.fromkeys(EvidenceRef(*place) for place in places if place[0]))


def _places(interests: Iterable[ForeignInterest]) -> tuple[EvidenceRef, ...]:
    return _refs((i.source, i.locator) for i in interests)
