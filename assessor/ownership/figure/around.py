"""The neighbourhood of an entity: its chain, and who stands above and below it, as far as a view can hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from assessor.ownership.chain import Step
from assessor.ownership.control import Control
from assessor.ownership.figure.diagram import (
    Arrow,
    Box,
    Diagram,
    arrows_of,
    box_of,
    holdings_of,
    interests_in,
    of_verdict,
)
from assessor.ownership.verdict import Ownership, Verdict

BOXES = 300
"""Boxes of a neighbourhood."""
_WIDE = 2000  # holders or holdings of one entity that are looked at


@dataclass(frozen=True)
class Around:
    """`chain`: the verdict's own diagram. `boxes` and `arrows`: those of the chain and of the neighbourhood; arrows that are no
    step of the chain have no number. `beyond`: ids of boxes of which some holders or holdings are left out."""

    chain: Diagram
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    beyond: frozenset[str]


def around(
    verdict: Verdict, ownership: Ownership, country_name: Callable[[str], str] = str, limit: int = BOXES
) -> Around:
    """The neighbourhood of a verdict's entity with at most `limit` boxes: its chain first, then the nearest to the entity."""
    control = ownership.control
    chain = of_verdict(verdict, ownership, country_name)
    kept = _kept(control, chain, limit)
    steps: list[Step] = []
    beyond: set[str] = set()
    for key in kept:
        if key not in control.graph.entities:
            continue
        for step in interests_in(control, key):
            if not step.from_ or step.from_ in kept:
                steps.append(step)
            else:
                beyond.add(key)
        if any(held not in kept for held in holdings_of(control.graph, key)):
            beyond.add(key)
    told = {box.id: box for box in chain.boxes}
    drawn = {key: told.get(key) or box_of(control, key, country_name) for key in kept}
    arrows = [arrow for arrow in chain.arrows if arrow.holder in kept and arrow.held in kept]
    known = {(arrow.holder, arrow.held, arrow.what) for arrow in arrows}
    for arrow in arrows_of(control, steps):
        if (arrow.holder, arrow.held, arrow.what) not in known:
            arrows.append(replace(arrow, numbers=()))
    for end in (arrow.holder for arrow in arrows):
        if end not in drawn and len(drawn) < limit:
            drawn[end] = box_of(control, end, country_name)
    beyond |= {arrow.held for arrow in arrows if arrow.holder not in drawn}
    shown = tuple(arrow for arrow in arrows if arrow.holder in drawn)
    return Around(chain, tuple(drawn.values()), shown, frozenset(beyond))


def _kept(control: Control, chain: Diagram, limit: int) -> dict[str, None]:
    """Ids of the boxes: those of the chain from the subject upwards, then neighbours, each nearer before each farther."""
    holders: dict[str, list[str]] = {}
    for arrow in chain.arrows:
        holders.setdefault(arrow.held, []).append(arrow.holder)
    kept = {chain.subject: None}
    ways: tuple[Callable[[str], Iterable[str]], ...] = (
        lambda key: holders.get(key, ()),
        lambda key: _neighbours(control, key),
    )
    for neighbours in ways:
        seen, queue = {chain.subject}, deque([chain.subject])
        while queue and len(kept) < limit:
            for other in neighbours(queue.popleft()):
                if other not in seen and len(kept) < limit:
                    seen.add(other)
                    queue.append(other)
                    kept[other] = None
    return kept


def _neighbours(control: Control, key: str) -> Iterator[str]:
    if key not in control.graph.entities:
        return
    for number, step in enumerate(interests_in(control, key)):
        if number == _WIDE:
            break
        if step.from_:
            yield step.from_
    yield from holdings_of(control.graph, key)[:_WIDE]
