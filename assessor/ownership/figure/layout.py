"""Where boxes, arrows and their words stand: holders above what they hold, no two things on one place.

A diagram is divided into ranks: boxes on even ones, the words of arrows on odd ones. Every arrow runs through its own place
on each rank between its ends, so that neither lines nor words cross boxes. An arrow that closes a ring runs upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assessor.ownership.figure.diagram import Arrow, Diagram

SWEEPS = 8


@dataclass(eq=False)
class Spot:
    """A place on a rank: a box, an arrow's words, or a bend of an arrow. `x` is where its line runs, with room to both sides."""

    key: str
    rank: int
    left: float
    right: float
    high: float
    x: float = 0.0
    up: list[Spot] = field(default_factory=list, repr=False)
    down: list[Spot] = field(default_factory=list, repr=False)
    box: bool = False


@dataclass(frozen=True)
class Run:
    """The places that an arrow runs through, from the upper box to the lower; `upwards`: its holder is the lower one."""

    arrows: tuple[Arrow, ...]
    spots: tuple[Spot, ...]
    words: Spot
    upwards: bool


@dataclass(frozen=True)
class Layout:
    """Spots by rank (0 at the bottom) from left to right, the runs of the arrows, and arrows of boxes that hold themselves."""

    ranks: list[list[Spot]]
    boxes: dict[str, Spot]
    runs: list[Run]
    own: dict[str, list[Arrow]]


def laid_out(
    diagram: Diagram,
    sizes: dict[str, tuple[float, float]],
    words: dict[tuple[str, str], tuple[float, float]],
    gap: float,
) -> Layout:
    """Places for all boxes and arrows. `sizes`: width and height of each box; `words`: those of the words of all arrows between
    two boxes; `gap`: the least distance between neighbours."""
    pairs: dict[tuple[str, str], list[Arrow]] = {}
    own: dict[str, list[Arrow]] = {}
    for arrow in diagram.arrows:
        if arrow.holder == arrow.held:
            own.setdefault(arrow.held, []).append(arrow)
        else:
            pairs.setdefault((arrow.holder, arrow.held), []).append(arrow)
    layers, rising = _layers(diagram.subject, [box.id for box in diagram.boxes], list(pairs))
    ranks: list[list[Spot]] = [[] for _ in range(2 * max(layers.values(), default=0) + 1)]
    boxes: dict[str, Spot] = {}
    for key, layer in layers.items():
        wide, high = sizes[key]
        boxes[key] = Spot(key, 2 * layer, wide / 2, wide / 2, high, box=True)
        ranks[2 * layer].append(boxes[key])
    runs = [_run(boxes, ranks, pair, tuple(listed), pair in rising, words[pair]) for pair, listed in pairs.items()]
    _order(ranks)
    _place(ranks, gap)
    return Layout(ranks, boxes, runs, own)


def _run(
    boxes: dict[str, Spot],
    ranks: list[list[Spot]],
    pair: tuple[str, str],
    arrows: tuple[Arrow, ...],
    upwards: bool,
    size: tuple[float, float],
) -> Run:
    upper, lower = (boxes[end] for end in (reversed(pair) if upwards else pair))
    told = lower.rank + 1 if upwards else upper.rank - 1  # beside the holder
    spots = [upper]
    for rank in range(upper.rank - 1, lower.rank, -1):
        if rank == told:
            spot = Spot(f"{pair[0]}>{pair[1]}", rank, 4.0, size[0] + 8.0, max(1.0, size[1]))
        else:
            spot = Spot(f"{pair[0]}>{pair[1]}", rank, 5.0, 5.0, 0.0)
        ranks[rank].append(spot)
        spots.append(spot)
    spots.append(lower)
    for above, below in pairwise(spots):
        above.down.append(below)
        below.up.append(above)
    return Run(arrows, tuple(spots), next(s for s in spots if s.rank == told), upwards)


def _layers(
    subject: str, boxes: list[str], pairs: list[tuple[str, str]]
) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """The layer of each box, its longest way down to the subject, and the pairs that run upwards because they close a ring."""
    holders: dict[str, list[str]] = {}
    for holder, held in pairs:
        holders.setdefault(held, []).append(holder)
    rising: set[tuple[str, str]] = set()
    state: dict[str, int] = {}  # 1: on the way, 2: done
    done: list[str] = []
    for root in [subject, *boxes]:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(holders.get(root, ())))]
        while stack:
            held, rest = stack[-1]
            for holder in rest:
                if state.get(holder) == 1:
                    rising.add((holder, held))
                elif holder not in state:
                    state[holder] = 1
                    stack.append((holder, iter(holders.get(holder, ()))))
                    break
            else:
                state[held] = 2
                done.append(held)
                stack.pop()
    layers = dict.fromkeys(reversed(done), 0)
    for held in layers:  # what is held before its holders
        for holder in holders.get(held, ()):
            if (holder, held) not in rising:
                layers[holder] = max(layers[holder], layers[held] + 1)
    return {key: layers[key] for key in boxes}, rising


def _order(ranks: list[list[Spot]]) -> None:
    """Order each rank so that few lines cross: sweeps of means of neighbours, the best order kept."""
    best = [list(rank) for rank in ranks]
    fewest = _crossings(ranks)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        upwards = sweep % 2 == 0
        for rank in ranks[1:] if upwards else reversed(ranks[:-1]):
            _sort(rank, ranks, upwards)
        if (now := _crossings(ranks)) < fewest:
            fewest, best = now, [list(rank) for rank in ranks]
    for rank, listed in zip(ranks, best, strict=True):
        rank[:] = listed


def _sort(rank: list[Spot], ranks: list[list[Spot]], upwards: bool) -> None:
    near = ranks[rank[0].rank - 1 if upwards else rank[0].rank + 1] if rank else []
    at = {id(spot): number for number, spot in enumerate(near)}
    means = {}
    for number, spot in enumerate(rank):
        listed = [at[id(other)] for other in (spot.down if upwards else spot.up)]
        means[id(spot)] = sum(listed) / len(listed) if listed else float(number)
    rank.sort(key=lambda spot: means[id(spot)])


def _crossings(ranks: list[list[Spot]]) -> int:
    total = 0
    for upper, lower in zip(ranks[1:], ranks, strict=False):
        at = {id(spot): number for number, spot in enumerate(lower)}
        lines = [at[id(below)] for spot in upper for below in sorted(spot.down, key=lambda s: at[id(s)])]
        total += sum(a > b for number, a in enumerate(lines) for b in lines[number + 1 :])
    return total


def _place(ranks: list[list[Spot]], gap: float) -> None:
    """Give each spot its `x`: as near to its neighbours above and below as the order allows."""
    for rank in ranks:
        _fit(rank, [0.0] * len(rank), gap)
    for sweep in range(4 * SWEEPS):
        both = sweep >= 2 * SWEEPS
        for rank in ranks if sweep % 2 else reversed(ranks):
            wanted = []
            for spot in rank:
                near = [*spot.up, *spot.down] if both else (spot.down if sweep % 2 else spot.up)
                near = near or [*spot.up, *spot.down]
                pulls = [_pull(spot, other) for other in near]
                middle = sum(pull * other.x for pull, other in zip(pulls, near, strict=True))
                wanted.append(middle / sum(pulls) if near else spot.x)
            _fit(rank, wanted, gap)
    least = min((spot.x - spot.left for rank in ranks for spot in rank), default=0.0)
    for rank in ranks:
        for spot in rank:
            spot.x = round(spot.x - least, 2)


def _pull(spot: Spot, other: Spot) -> float:
    """How much two neighbours want to stand in line: bends of one arrow most, then words and the box that they stand under."""
    if not spot.box and not other.box:
        return 8.0
    words, box = (other, spot) if spot.box else (spot, other)
    return 4.0 if words.high and box.rank > words.rank else 1.0


def _fit(rank: Sequence[Spot], wanted: Sequence[float], gap: float) -> None:
    apart = [
        a.right + b.left + (gap if a.high and b.high else gap / 2 if a.high or b.high else 0.0)
        for a, b in pairwise(rank)
    ]
    for spot, x in zip(rank, spread(wanted, apart), strict=True):
        spot.x = x


def spread(wanted: Sequence[float], apart: Iterable[float]) -> list[float]:
    """The numbers nearest to `wanted` (least squares) that lie, one after the other, at least `apart`."""
    offsets = [0.0]
    for distance in apart:
        offsets.append(offsets[-1] + distance)
    blocks: list[tuple[float, int]] = []  # mean, how many
    for number, value in enumerate(wanted):
        mean, count = value - offsets[number], 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]
