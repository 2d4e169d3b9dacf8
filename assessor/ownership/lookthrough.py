"""Look-through (integrated) share: which part of an entity persons hold when every chain is multiplied out.

Equity counts, votes stand in where no shareholding is stated. The share is a report figure beside control, never in its
place: 51 % of 51 % is control and 26.01 %. The equations are solved part by part, holders first; small rings exactly, large
ones from below in whole units of 10**-15, rounded down. So `min` is never too high and `max` never too low.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from fractions import Fraction

from assessor.ownership.graph import Graph, Layer
from assessor.ownership.interval import LONGEST, ONE, UNIT, ZERO
from assessor.ownership.rings import components

EXACT_RING = 40  # entities in a ring that is still solved exactly
STEPS = 3_000_000  # stakes that are looked at in approximating a larger one


def least_shares(
    layer: Layer, order: list[tuple[str, ...]], fixed: Mapping[str, Fraction]
) -> tuple[dict[str, Fraction], list[tuple[str, ...]]]:
    """Least solution of share(x) = sum of stake(h, x) * share(h), with `fixed` shares given, over lower ends of stakes.

    `order`: strongly connected parts, holders first. Returns the shares and the rings that have no outside owner, whose
    equations have no single solution (their members' shares are then what flows in from outside: nothing).
    """
    shares = dict(fixed)
    closed: list[tuple[str, ...]] = []
    for part in order:
        free = [entity for entity in part if entity not in fixed]
        if not free:
            continue
        inside = {entity: place for place, entity in enumerate(free)}
        inflow = [ZERO] * len(free)
        ring: list[dict[int, Fraction]] = [{} for _ in free]
        for entity, place in inside.items():
            for stake in layer.of.get(entity, ()):
                if stake.holder in inside:
                    ring[place][inside[stake.holder]] = ring[place].get(inside[stake.holder], ZERO) + stake.share.min
                elif held := shares.get(stake.holder):
                    inflow[place] += stake.share.min * held
        solved = inflow
        if any(ring) and any(inflow):
            exact = _solve(ring, inflow) if len(free) <= EXACT_RING else None
            solved = _from_below(ring, inflow) if exact is None or any(value < 0 for value in exact) else exact
        elif all(sum(row.values()) >= 1 for row in ring):
            closed.append(part)
        shares.update(zip(free, (min(ONE, _short(value)) for value in solved), strict=True))
    return shares, closed


def look_through(
    graph: Graph, established: set[str], excluded: set[str]
) -> tuple[dict[str, Fraction], dict[str, Fraction], list[tuple[str, ...]]]:
    """Least and greatest look-through share of persons in every entity, and the closed rings.

    `established` count as the persons; `excluded` are those natural persons and states that are known not to be. Whatever
    cannot be traced to the latter may be held by the former.
    """
    order = components(graph.equity, graph.entities)
    least, closed = least_shares(graph.equity, order, dict.fromkeys(established, ONE))
    others, _ = least_shares(graph.equity, order, {**dict.fromkeys(excluded, ONE), **dict.fromkeys(established, ZERO)})
    greatest = {e: max(least.get(e, ZERO), ONE - others.get(e, ZERO)) for e in graph.entities}
    return least, greatest, closed


def _solve(ring: list[dict[int, Fraction]], inflow: list[Fraction]) -> list[Fraction] | None:
    """Exact solution of (I - ring) y = inflow by elimination; None where there is no single one."""
    size = len(inflow)
    rows = [[(ONE if i == j else ZERO) - ring[i].get(j, ZERO) for j in range(size)] + [inflow[i]] for i in range(size)]
    for column in range(size):
        pivot = next((i for i in range(column, size) if rows[i][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [value / scale for value in rows[column]]
        for i in range(size):
            if i != column and (factor := rows[i][column]):
                rows[i] = [value - factor * base for value, base in zip(rows[i], rows[column], strict=True)]
    return [row[size] for row in rows]


def _from_below(ring: list[dict[int, Fraction]], inflow: list[Fraction]) -> list[Fraction]:
    """Rising approximations in whole units, each rounded down and none above 1: a lower bound of the least solution. Members
    follow those that hold them, nearest to the inflow first, so that one sweep takes it around the ring."""
    weights = [[(j, int(w * UNIT)) for j, w in row.items()] for row in ring]
    held: list[list[int]] = [[] for _ in ring]
    for i, row in enumerate(ring):
        for j in row:
            held[j].append(i)
    order = dict.fromkeys(i for i, value in enumerate(inflow) if value)
    queue = deque(order)
    while queue:
        for i in held[queue.popleft()]:
            if i not in order:
                order[i] = None
                queue.append(i)
    base = [int(value * UNIT) for value in inflow]
    values = [0] * len(base)
    for _ in range(max(2, STEPS // max(1, sum(map(len, ring))))):
        rising = False
        for i in order:
            after = min(UNIT, base[i] + sum(w * values[j] for j, w in weights[i]) // UNIT)
            rising = rising or after != values[i]
            values[i] = after
        if not rising:
            break
    return [Fraction(value, UNIT) for value in values]


def _short(value: Fraction) -> Fraction:
    return value if value.denominator.bit_length() <= LONGEST else Fraction(int(value * UNIT), UNIT)
