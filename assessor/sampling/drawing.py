"""Drawing items from a frame, so that anyone draws the same ones with the same seed, now and in ten years, with whatever tool.

Two sources of chance, both SHA-256 over UTF-8 text and nothing else:

    tickets   simple random: each item's ticket is SHA-256("seed|id"); the items with the smallest tickets are drawn, in that order. So a
              larger sample from the same seed begins with the smaller one, as stop-or-go needs.
    counter   the others: the i-th number is SHA-256("seed,i") as a number of 256 bits, i = 1, 2, …; a number below m is the first that is
              below the greatest multiple of m up to 2**256, taken modulo m (those beyond are passed over, so that all are equally likely).

Methods: `random`; `interval` (N items, n drawn: a start s below N, then the items at ⌊(s + jN)/n⌋, j = 0 … n − 1, counted from 0 in the
order of the frame); `cell` (the frame cut into n cells from ⌊jN/n⌋ on, one number below the size of each). With strata each is drawn from
on its own: tickets as they are, the counter with the seed "seed|stratum".
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling.population import ORDER, Frame, frame

METHODS = ("random", "interval", "cell")
GENERATORS = {
    "random": 'SHA-256 tickets: the items with the smallest SHA-256("seed|id")',
    "interval": 'SHA-256 counter: SHA-256("seed,i"), i = 1, 2, …, below 2**256 by rejection',
    "cell": 'SHA-256 counter: SHA-256("seed,i"), i = 1, 2, …, below 2**256 by rejection',
}
GENERATOR_VERSION = 1
SCHEMA = "assessor-sample-draw/1"
_BITS = 1 << 256


class Counter:
    """Numbers from a seed, one after another."""

    def __init__(self, seed: str) -> None:
        self.seed, self.at = seed, 0

    def below(self, bound: int) -> int:
        """The next number from 0 to `bound` − 1, all equally likely."""
        limit = _BITS - _BITS % bound
        while True:
            self.at += 1
            told = int.from_bytes(hashlib.sha256(f"{self.seed},{self.at}".encode()).digest(), "big")
            if told < limit:
                return told % bound


def ticket(seed: str, id_: str) -> str:
    """The ticket of an item: SHA-256("seed|id") as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}|{id_}".encode()).hexdigest()


@dataclass(frozen=True)
class Draw:
    """A draw, with all that is needed to repeat it. `ids` are in the order drawn; `sizes` says how many came from each stratum (one
    without a name where there are none), `hits` how often an item of a unit-weighted draw was hit, `certain` which of its items were so
    heavy that they are examined whatever the chance."""

    method: str
    seed: str
    population: int
    digest: str
    ids: tuple[str, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)
    by: str = "items"
    hits: Mapping[str, int] = field(default_factory=dict)
    certain: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return {
            "schema": SCHEMA,
            "method": self.method,
            "by": self.by,
            "seed": self.seed,
            "generator": GENERATORS[self.method] if self.by == "items" else GENERATORS["interval"],
            "generator_version": GENERATOR_VERSION,
            "frame_order": ORDER,
            "population": self.population,
            "population_digest": self.digest,
            "sizes": [{"stratum": name, "size": size} for name, size in self.sizes.items()],
            "certain": list(self.certain),
            "hits": [{"id": id_, "hits": count} for id_, count in self.hits.items()],
            "ids": list(self.ids),
        }


def draw(
    population: Frame | Iterable[str], size: int | Mapping[str, int], *, seed: str, method: str = "random"
) -> Draw:
    """Draw a sample of items.

    population   a frame, or ids in any order
    size         how many; for a frame with strata how many of each
    seed         a text that nobody could foresee while the population was made, such as the digits of dice thrown in front of the client
    method       random, interval or cell

    Raises SamplingError for a size of nothing or above the population's, a stratum that is not there, an empty seed, an unknown method,
    and for what `frame` refuses.
    """
    whole = population if isinstance(population, Frame) else frame(population)
    check(seed, method)
    sizes = dict(size) if isinstance(size, Mapping) else {"": size}
    parts = whole.by_stratum if isinstance(size, Mapping) and whole.strata else {"": whole}
    for name, wanted in sizes.items():
        if name not in parts:
            raise SamplingError(
                f"There is no stratum `{name[:40]}` in the population; there are: {', '.join(parts)[:200]}."
            )
        if wanted > len(parts[name]):
            raise SamplingError(
                f"A sample of {wanted} is larger than the {f'stratum {name}' if name else 'population'} of {len(parts[name])}; draw no more "
                "than there are."
            )
    if sum(sizes.values()) < 1 or min(sizes.values()) < 0:
        raise SamplingError("A sample of no items is none; say how many to draw, from 1 on.")
    drawn = tuple(
        id_
        for name, part in parts.items()
        for id_ in _drawn(part.ids, sizes.get(name, 0), f"{seed}|{name}" if name else seed, seed, method)
    )
    return Draw(method, seed, len(whole), whole.digest, drawn, {name: sizes.get(name, 0) for name in parts})


def check(seed: str, method: str) -> None:
    """Raises SamplingError where a seed or a method is none."""
    if not seed.strip() or not seed.isprintable():
        raise SamplingError(
            "A draw needs a seed (--seed), a printable text such as the digits of dice, so that it can be repeated."
        )
    if method not in METHODS:
        raise SamplingError(f"There is no method `{method[:40]}`; choose among {', '.join(METHODS)}.")


def _drawn(ids: tuple[str, ...], n: int, seed: str, ticket_seed: str, method: str) -> list[str]:
    if not n:
        return []
    if method == "random":
        return [id_ for _, id_ in heapq.nsmallest(n, ((ticket(ticket_seed, id_), id_) for id_ in ids))]
    return [ids[at] for at in places(len(ids), n, Counter(seed), method)]


def places(total: int, n: int, counter: Counter, method: str) -> list[int]:
    """n numbers from 0 to `total` − 1 in their order, by interval or by cell."""
    if method == "interval":
        start = counter.below(total)
        return [(start + j * total) // n for j in range(n)]
    return [low + counter.below(high - low) for low, high in pairwise([j * total // n for j in range(n + 1)])]
