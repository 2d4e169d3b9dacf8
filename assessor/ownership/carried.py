"""Votes that are held or cast for another: by nominees, and by proxies for a stated share (§791.301, person (4)).

A nominee's stake is the stake of whom it is held for, and the votes of a proxy are its holder's: so many, and no power over the
whole. They count where the assessor answers yes; while the question is open, control is possible. A proxy that states no share,
and a nominee arrangement that is an entity of its own, are powers like any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from assessor.ownership.graph import Graph, Interest, Layer, Stake, with_stakes
from assessor.ownership.interval import ONE, ZERO, Interval
from assessor.ownership.spelling import normalise

NOMINEE, PROXY = "nominee", "proxy"


def carries(graph: Graph, power: Interest) -> bool:
    """Whether a power is so many votes."""
    votes = power.kind == NOMINEE or (power.kind == PROXY and power.share.stated)
    return votes and graph.has_votes(power.subject)


def count(graph: Graph, powers: Iterable[Interest], *, together: bool) -> Graph:
    """The graph in which the votes of these powers count with their holders. `together`: whether all of these holders count as
    one, so that it makes no difference which of them has the votes."""
    counted, votes, equity = list(powers), graph.votes, graph.equity
    for power in counted:
        votes = _moved(graph, votes, power, counted, together)
        if power.kind == NOMINEE and graph.equity is not graph.votes:
            equity = _moved(graph, equity, power, counted, together)
    if graph.equity is graph.votes:
        equity = votes if all(power.kind == NOMINEE for power in counted) else graph.equity
    return replace(graph, votes=votes, equity=equity)


def doubts(graph: Graph) -> list[str]:
    """A sentence for every power of these that covers more votes than those from whom it comes hold."""
    found = []
    for powers in graph.powers_in.values():
        for power in powers:
            if carries(graph, power) and (holders := _of_record(graph, power)):
                stakes = [s for s in graph.votes.of[power.subject] if s.holder in holders]
                most = sum((s.share.max for s in stakes), ZERO)
                if power.share.min > most:
                    held = ", ".join(f"{graph.name(s.holder)} {s.share.words()}" for s in stakes)
                    found.append(
                        f"{power.source} {power.locator}: the {power.kind} in {graph.name(power.subject)} is for "
                        f"{power.share.words()}, more than is held ({held})".strip()
                    )
    return found


def _moved(graph: Graph, layer: Layer, power: Interest, counted: list[Interest], together: bool) -> Layer:
    """The layer with the votes of one power taken from those who hold them of record."""
    taker, subject = str(power.holder), power.subject
    stakes = {stake.holder: stake for stake in layer.of.get(subject, ())}
    named = _of_record(graph, power)
    sources = {holder: stakes[holder] for holder in stakes if holder != taker and (named is None or holder in named)}
    limit = min(ONE, sum((s.share.max for s in sources.values()), ZERO)) if named is not None else ONE
    rivals = [
        other
        for other in graph.powers_in[subject]
        if other.kind == NOMINEE
        and other.holder != taker
        and not (together and other in counted)
        and other not in _links(graph, power)
    ]
    whole = named is not None and not power.share.stated and not any(_same(graph, power, other) for other in rivals)
    if whole:
        part = _sum(s.share for s in sources.values())
    else:
        part = Interval(min(power.share.min, limit), min(power.share.max, limit), power.share.min_open)
    rest = [stake for holder, stake in stakes.items() if holder not in sources and holder != taker]
    for stake in sources.values():
        if not whole:
            least = max(ZERO, stake.share.min - part.max)
            most = stake.share.max - part.min if len(sources) == 1 and named is not None else stake.share.max
            rest.append(replace(stake, share=Interval(least, max(least, most), stake.share.min_open and least > 0)))
    known = stakes.get(taker)
    interests = (
        *(known.interests if known else ()),
        power,
        *(i for s in sources.values() for i in s.interests if whole),
    )
    share = _sum([known.share, part]) if known else part
    return with_stakes(layer, subject, [*rest, Stake(taker, subject, share, interests)])


def _sum(shares: Iterable[Interval]) -> Interval:
    listed = list(shares)
    low, high = sum((s.min for s in listed), ZERO), sum((s.max for s in listed), ZERO)
    return Interval(low, min(ONE, high), any(s.min_open for s in listed))


def _of_record(graph: Graph, power: Interest) -> list[str] | None:
    """Who holds these votes of record: those whom the words name, through a chain of nominees; or the only other holder where
    nothing is undisclosed. None: not known."""
    stakes = [stake.holder for stake in graph.votes.of.get(power.subject, ())]
    named = {holder for link in (power, *_links(graph, power)) for holder in _through(graph, link)} - {power.holder}
    found = [holder for holder in stakes if holder in named]
    others = [holder for holder in stakes if holder != power.holder]
    if not found and len(others) == 1 and graph.votes.undisclosed(power.subject).max == 0:
        return others
    return found or None


def _links(graph: Graph, power: Interest) -> list[Interest]:
    """The nominee holdings of those whom a power names, of those whom these name, and so on; a circle ends."""
    found: list[Interest] = []
    seen, queue = {power.holder}, deque([power])
    while queue:
        for holder in _through(graph, queue.popleft()):
            if holder not in seen:
                seen.add(holder)
                more = [p for p in graph.powers_in[power.subject] if p.kind == NOMINEE and p.holder == holder]
                found += more
                queue += more
    return found


def _through(graph: Graph, power: Interest) -> list[str]:
    """Whom a power names as holding the votes."""
    if power.through is not None:
        return [power.through]
    words = f" {normalise(power.details)} "
    parties = [stake.holder for stake in graph.votes.of.get(power.subject, ())]
    parties += [p.holder for p in graph.powers_in[power.subject] if p.kind == NOMINEE and p.holder is not None]
    return [p for p in dict.fromkeys(parties) if p != power.holder and f" {normalise(graph.name(p))} " in words]


def _same(graph: Graph, one: Interest, other: Interest) -> bool:
    """Whether the two may be of the same votes."""
    first, second = _of_record(graph, one), _of_record(graph, other)
    return first is None or second is None or not set(first).isdisjoint(second)
