"""Rings of entities that hold each other: found, and which of their members persons may control."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from assessor.ownership.graph import Layer

Node = TypeVar("Node", str, int)


def strongly_connected(nodes: Iterable[Node], onward: Callable[[Node], Iterable[Node]]) -> list[list[Node]]:
    """Strongly connected parts, each before those that lead to it (Tarjan, without recursion). `onward`: where a node leads."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    found: list[list[Node]] = []
    for start in nodes:
        if start in index:
            continue
        work = [(start, iter(onward(start)))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, ends = work[-1]
            for end in ends:
                if end not in index:
                    index[end] = low[end] = len(index)
                    stack.append(end)
                    on_stack.add(end)
                    work.append((end, iter(onward(end))))
                    break
                if end in on_stack:
                    low[node] = min(low[node], index[end])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = [stack.pop()]
                    while part[-1] != node:
                        part.append(stack.pop())
                    on_stack.difference_update(part)
                    found.append(part)
    return found


def components(layer: Layer, entities: Iterable[str]) -> list[tuple[str, ...]]:
    """Strongly connected parts of a layer, holders before what they hold."""
    parts = strongly_connected(entities, lambda one: (stake.subject for stake in layer.by.get(one, ())))
    return [tuple(sorted(part)) for part in reversed(parts)]


def rings(layer: Layer, entities: Iterable[str]) -> list[tuple[str, ...]]:
    """Parts of more than one entity, and entities that hold themselves."""
    return [
        part
        for part in components(layer, entities)
        if len(part) > 1 or any(s.subject == part[0] for s in layer.by.get(part[0], ()))
    ]


def unsettled(
    ring: Collection[Node],
    members: Callable[[Node], bool],
    onward: Callable[[Node], Iterable[Node]],
    holders: Callable[[Node], Collection[Node]],
    suffices: Callable[[Node, set[Node]], bool],
    unstated: Callable[[Node], bool],
) -> set[Node]:
    """Members of a ring that persons may control because nobody knows who casts the votes that the ring holds in itself.

    The ring's own votes are set aside like undisclosed ones. A member whose other votes are known to be held by others to such
    a part that the rest decides nothing (not `suffices`) is known not to be controlled, and votes with the others from then on.
    Those left over are raised where the persons hold, or may hold (`members`), votes in them from outside or through one
    another, where not all votes are known (`unstated`), and where nobody outside votes in any of them: such a closed ring is
    controlled by nobody known. `onward`: what one holds; `holders`: who holds votes in it.
    """
    left = set(ring)
    check = deque(sorted(left))
    while check:
        subject = check.popleft()
        if subject in left and not members(subject) and not suffices(subject, left):
            left.discard(subject)
            check.extend(one for one in onward(subject) if one in left)
    voting = {one: holders(one) for one in left}
    reached = {one for one in left if unstated(one) or any(map(members, voting[one]))}
    _spread(onward, reached, left)
    known = {one for one in left - reached if not left.issuperset(voting[one])}
    _spread(onward, known, left - reached)
    return left - known


def _spread(onward: Callable[[Node], Iterable[Node]], found: set[Node], within: set[Node]) -> None:
    """Add to `found` what it leads to within a set, directly or not."""
    queue = deque(sorted(found))
    while queue:
        for one in onward(queue.popleft()):
            if one in within and one not in found:
                found.add(one)
                queue.append(one)
