"""Declared chains: an indirect interest that a source states is checked against the direct interests, never added to them."""

from __future__ import annotations

from collections import deque

from assessor.ownership.closure import close, majority
from assessor.ownership.graph import SHARES, Graph, Interest, Layer
from assessor.ownership.interval import ONE, ZERO, Interval
from assessor.ownership.lookthrough import least_shares
from assessor.ownership.rings import components


def reconcile(graph: Graph) -> tuple[list[Interest], list[str]]:
    """The claims that no chain of direct interests explains, and a sentence for every claim that does not add up.

    A declared share adds up when it can be the look-through share, or the votes that the holder commands.
    """
    unexplained, problems = [], []
    for claim in graph.claims:
        holder = "an unnamed holder" if claim.holder is None else graph.name(claim.holder)
        place = f"{claim.source} {claim.locator}".strip() or claim.id
        what = f"{place}: the declared indirect interest of {holder} in {graph.name(claim.subject)} ({claim.share.words()})"
        if claim.holder is None and _unnamed(graph, claim):
            continue
        above = _above(graph, claim.subject)
        if claim.holder is None or claim.holder not in above:
            unexplained.append(claim)
            problems.append(f"{what} is explained by no direct interests")
            continue
        if claim.kind not in SHARES or not claim.share.stated:
            continue
        through, commanded = (
            _through(graph, claim.holder, claim.subject, above),
            _commanded(graph, claim.holder, claim.subject),
        )
        if claim.share.meet(through).empty and claim.share.meet(commanded).empty:
            problems.append(
                f"{what} does not add up: the direct interests give a look-through share of {through.words()} and "
                f"{commanded.words()} of the votes"
            )
    return unexplained, problems


def _above(graph: Graph, subject: str) -> set[str]:
    """Everything that holds something in `subject`, directly or not."""
    seen, queue = {subject}, deque([subject])
    while queue:
        entity = queue.popleft()
        holders = [s.holder for layer in (graph.equity, graph.votes) for s in layer.of.get(entity, ())]
        holders += [p.holder for p in graph.powers_in.get(entity, ()) if p.holder is not None]
        for holder in holders:
            if holder not in seen:
                seen.add(holder)
                queue.append(holder)
    return seen


def _unnamed(graph: Graph, claim: Interest) -> bool:
    """A source states directly, too, that a holder in the subject is not known: whoever a chain leads to may stand behind that
    one, and the claim adds nothing."""
    known_of = claim.kind in SHARES and claim.subject in graph.unknown_holders
    return known_of or any(power.holder is None for power in graph.powers_in.get(claim.subject, ()))


def _through(graph: Graph, holder: str, subject: str, above: set[str]) -> Interval:
    part = Layer(of={e: graph.equity.of[e] for e in above if e in graph.equity.of and e != holder})
    for stakes in part.of.values():
        for stake in stakes:
            part.by.setdefault(stake.holder, []).append(stake)
    order = components(part, sorted(above))
    least, _ = least_shares(part, order, {holder: ONE})
    known_others = {e: ONE for e in above if e != holder and e not in part.of}
    others, _ = least_shares(part, order, {**known_others, holder: ZERO})
    return Interval(least[subject], max(least[subject], ONE - others[subject]))


def _commanded(graph: Graph, holder: str, subject: str) -> Interval:
    held = close(graph.votes, [(holder, holder)], majority(graph.votes)).held.get(subject, {}).get(holder)
    return (
        Interval(ZERO, ZERO)
        if held is None
        else Interval(min(ONE, held.min), max(min(ONE, held.min), min(ONE, held.max)))
    )
