"""Why control is possible: each route by which persons of the countries may control an entity."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.ownership.closure import may_decide
from assessor.ownership.control import Control, limb, question
from assessor.ownership.graph import Interest, Stake
from assessor.ownership.interval import Interval, percent

TOLD_RING = 12  # members up to which a ring is told in full

WORDS = {
    "shareholding": "shares",
    "voting_rights": "votes",
    "board_appointment": "board representation",
    "special_share": "a special share",
    "contractual_control": "contractual control",
    "proxy": "proxy votes",
    "nominee": "a nominee holding",
    "financing": "financing",
    "direction": "direction",
    "veto": "a veto or reserved matters",
    "concert": "an arrangement to act in concert",
    "other": "another interest",
    "undisclosed": "undisclosed holders",
}


@dataclass(frozen=True)
class Route:
    """One route. `above`: entities whose own verdict decides it; `steps`: interests and stakes that it runs through."""

    code: str
    limb: str
    words: str
    above: tuple[str, ...] = ()
    steps: tuple[Interest | Stake, ...] = ()
    undisclosed: Interval | None = None


def possible_routes(control: Control, subject: str) -> list[Route]:
    """The open routes to control of `subject` (limb (4); direction and financing: limb (1)), most telling first."""
    if subject not in control.known_routes:
        control.known_routes[subject] = _routes(control, subject)
    return control.known_routes[subject]


def _routes(control: Control, subject: str) -> list[Route]:
    graph, name = control.graph, control.graph.name(subject)
    found = [route for power in graph.powers_in.get(subject, ()) if (route := _power(control, power))]
    found += _claims(control, subject)
    if not graph.has_votes(subject):
        return found
    stakes = graph.votes.of.get(subject, [])
    known = tuple(s for s in stakes if s.holder in control.must.order and s.holder != subject and s.share.max > 0)
    perhaps = tuple(s for s in stakes if s.holder in control.may and s.holder not in control.must.order)
    left = graph.votes.undisclosed(subject)
    hidden = left if left.max > 0 else None
    most = control.at_most(subject)
    asked = control.asks_dominant(subject)
    answer = control.answer("dominant_minority", subject)
    if asked and answer not in ("yes", "no"):
        found.append(
            Route(
                "dominant_minority",
                "4",
                f"{control.persons} hold {control.stake_words(subject, control.counted(subject))} of the votes in {name} and nobody else has a majority",
                steps=known,
            )
        )
    by_majority = may_decide(graph.votes, subject, most)
    by_minority = (
        most >= control.criterion and most > 0 and not (asked and answer == "no") and not control.dominated(subject)
    )
    ring = control.raised.get(subject)
    ring_only = ring and not hidden and all(control.raised.get(s.holder) is ring for s in perhaps)
    if (
        (by_majority or by_minority)
        and not ring_only
        and (
            hidden
            or perhaps
            or subject in graph.votes.contradictory
            or not (control.aggregate or control.apart(subject))
        )
    ):
        found += _votes(control, subject, known, perhaps, hidden, by_majority)
    if subject in control.raised:
        found.append(_ring(control, subject, control.raised[subject]))
    return found


def _claims(control: Control, subject: str) -> list[Route]:
    graph, name, found = control.graph, control.graph.name(subject), []
    for claim in control.claimed.get(subject, ()):
        if claim.holder is None or claim.holder in control.may:
            holder = "an unnamed holder" if claim.holder is None else graph.name(claim.holder)
            found.append(
                Route(
                    "claim",
                    "4",
                    f"an indirect interest of {holder} in {name} ({claim.share.words()}) is declared, which no direct interests explain",
                    steps=(claim,),
                )
            )
    return found


def _ring(control: Control, subject: str, ring: tuple[str, ...]) -> Route:
    """The route through a ring; of a large one only what `subject` itself has to do with it, since the others tell the rest."""
    votes = control.graph.votes
    told = ring if len(ring) <= TOLD_RING else (subject,)
    stakes = [stake for member in told for stake in votes.of.get(member, ())]
    outside = [s for s in stakes if s.holder in control.must.order and s.share.max > 0]
    held = (
        f", in which {control.persons} hold votes from outside"
        if outside
        else "; who votes in it from outside is not known"
    )
    may = {s.holder for s in stakes if s.holder in control.may and s.holder not in control.must.order}
    return Route(
        "ring",
        "4",
        f"{control.graph.name(subject)} is part of a ring of mutual holdings ({ring_names(control, ring)}){held}",
        above=tuple(sorted(holder for holder in may if control.raised.get(holder) is not ring)),
        steps=(*outside, *(s for s in stakes if control.raised.get(s.holder) is ring)),
    )


def ring_names(control: Control, ring: tuple[str, ...]) -> str:
    """The members of a ring by name; of a large one the first, and how many there are besides."""
    names = [control.graph.name(member) for member in ring[:TOLD_RING]]
    return ", ".join(names) + (f" and {len(ring) - TOLD_RING:,} others" if len(ring) > TOLD_RING else "")


def _power(control: Control, power: Interest) -> Route | None:
    graph, name, state = control.graph, control.graph.name(power.subject), control.power_state(power)
    under, asked = limb(graph, power), question(graph, power)
    what = WORDS.get(power.kind, WORDS["other"])
    if state == "open":
        return Route(
            asked,
            under,
            f"{graph.name(str(power.holder))} has {what} in {name}",
            steps=(power,),
        )
    if state == "possible":
        if power.holder is None:
            return Route(
                "unknown_holder",
                under,
                f"somebody whom the source does not name has {what} in {name}",
                steps=(power,),
            )
        return Route(
            "possible_holder",
            under,
            f"{graph.name(power.holder)}, which may be such a person, has {what} in {name}",
            above=(power.holder,),
            steps=(power,),
        )
    return None


def _votes(
    control: Control,
    subject: str,
    known: tuple[Stake, ...],
    perhaps: tuple[Stake, ...],
    hidden: Interval | None,
    by_majority: bool,
) -> list[Route]:
    graph, name = control.graph, control.graph.name(subject)
    extent = "a majority" if by_majority else "a dominant minority"
    if subject in graph.votes.contradictory:
        return [
            Route(
                "contradiction",
                "4",
                f"the stated votes in {name} exceed the whole",
                above=tuple(s.holder for s in perhaps),
                steps=known,
            )
        ]
    parts = []
    if known:
        parts.append(f"{control.stake_words(subject)} held by {control.persons}")
    if perhaps:
        names = [f"{graph.name(s.holder)} ({s.share.words()})" for s in perhaps[:4]] + (
            ["others"] if len(perhaps) > 4 else []
        )
        parts.append(f"{', '.join(names)}, of whom it is open")
    if hidden:
        whole = subject not in graph.votes.of
        parts.append("all of them undisclosed" if whole else f"{hidden_words(hidden)} undisclosed")
    return [
        Route(
            "undisclosed" if hidden else "possible_holder" if perhaps else "aggregate",
            "4",
            f"{control.persons} may hold {extent} of the votes in {name}: {'; '.join(parts)}",
            above=tuple(s.holder for s in perhaps),
            steps=(*known, *perhaps[:4]),
            undisclosed=hidden,
        )
    ]


def hidden_words(hidden: Interval) -> str:
    """The undisclosed part in words."""
    return percent(hidden.max) if hidden.min == hidden.max else f"up to {percent(hidden.max)}"
