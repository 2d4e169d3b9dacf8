"""Stop-or-go: a sample in stages, which ends early where little is found, at a risk that counts every chance to stop.

Looking after each stage and stopping when it suits gives the population several chances to pass, so the sizes of a single sample would
claim too much confidence. Here stage j (0, 1, …) has the smallest size n_j with P(X ≤ j | n_j) ≤ r, and passes if no more than j
deviations are found by then; r is the largest thousandth part of the risk with which the probability of passing at any stage, worked out
over all paths, does not exceed 1 − confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling import rates, wording
from assessor.sampling.planning import EXAMINE_ALL_BELOW, LARGEST, ceiling, law, named, smallest
from assessor.sampling.rates import Number
from assessor.sampling.tails import Binomial, Hypergeometric, Law, at_most, probability
from assessor.text import exact_text

MOST_STAGES = 6
_PARTS = 1000


@dataclass(frozen=True)
class Stages:
    """`sizes[j]` items are examined in all by stage j, which passes with j deviations at most. `achieved_confidence`, rounded down, is the
    probability that a population at the tolerable rate passes at no stage."""

    sizes: tuple[int, ...]
    distribution: str
    confidence: Fraction
    tolerable: Fraction
    population: int | None
    achieved_confidence: str

    def told(self) -> dict[str, Any]:
        """As plain data for JSON."""
        before = (0, *self.sizes)
        return {
            "sample_size": self.sizes[0],
            "distribution": self.distribution,
            "confidence": exact_text(self.confidence),
            "tolerable": exact_text(self.tolerable),
            "expected": "0",
            "population": self.population,
            "achieved_confidence": self.achieved_confidence,
            "stages": [
                {"stage": j + 1, "examined": n, "further": n - before[j], "passes_with": j}
                for j, n in enumerate(self.sizes)
            ],
            "reason": "smallest sizes whose chances of passing, all stages together, keep to the confidence",
            "statement": self.statement,
        }

    @property
    def statement(self) -> str:
        steps = "; ".join(
            f"{'no deviation' if not j else '1 deviation or none' if j == 1 else f'{j} deviations or fewer'} in {n:,} items"
            for j, n in enumerate(self.sizes)
        )
        return (
            f"Examine in the order drawn, and stop at the first of these that holds: {steps}. Each supports fewer than {wording.share(self.tolerable)} "
            f"deviating with {wording.share(self.confidence)} confidence, all looks together; with more than {len(self.sizes) - 1} deviations "
            f"nothing is supported. {wording.NOT_PROVED}"
        )


def plan_stages(
    *,
    confidence: Number,
    tolerable: Number,
    stages: int = 3,
    population: Number | None = None,
    distribution: str = "",
) -> Stages:
    """Plan a sample in stages. Raises SamplingError as `plan`, for a number of stages that is none, and where not even two are possible."""
    sure, limit = rates.confidence(confidence), rates.rate(tolerable, "tolerable rate")
    size = None if population is None else rates.whole(population, "population")
    name = named(distribution, size)
    if name == "poisson":
        raise SamplingError(
            "Stages are planned by the hypergeometric or the binomial distribution; choose one of these."
        )
    if not 2 <= stages <= MOST_STAGES:
        raise SamplingError(f"{stages} stages are planned nowhere; give a number from 2 to {MOST_STAGES}.")
    if not limit:
        raise SamplingError(
            "A tolerable rate of 0 cannot be shown by a sample; for a prohibition plan for detection instead."
        )
    if size is not None and size < EXAMINE_ALL_BELOW:
        raise SamplingError(f"A population of {size} is examined whole and not in stages; leave the stages out.")
    of, most = law(name, limit, size), LARGEST if size is None else size
    low, high = 0, _PARTS  # with no part of the risk nothing passes
    best: tuple[tuple[int, ...], Decimal] | None = None
    while low < high:
        part = (low + high + 1) // 2
        sizes = _sizes(of, (1 - sure) * part / _PARTS, stages, most)
        passes = _passing(name, limit, size, sizes) if sizes else None
        if sizes and passes is not None and Fraction(passes) <= 1 - sure:
            low, best = part, (sizes, passes)
        else:
            high = part - 1
    if best is None or len(best[0]) < 2:
        raise SamplingError(
            "No sample in stages keeps to this confidence before all items are examined; plan a single sample instead."
        )
    return Stages(best[0], name, sure, limit, size, rates.rounded_down(1 - Fraction(best[1])))


def _sizes(of: Law, risk: Fraction, stages: int, most: int) -> tuple[int, ...]:
    """The size by each stage; fewer stages where not even the whole population would pass."""
    found: list[int] = []
    for j in range(stages):
        n = smallest(
            lambda k, n: at_most(of, k, n, risk),
            lambda g, j=j: (Fraction(j), max(1, j), most) if not g else None,  # type: ignore[misc]
            most,
        )
        if n is None:
            break
        found.append(n)
    return tuple(found)


def _passing(name: str, limit: Fraction, size: int | None, sizes: tuple[int, ...]) -> Decimal:
    """The probability that a population at the tolerable rate passes at some stage."""
    going, passed, before = {0: Decimal(1)}, Decimal(0), 0
    bad = ceiling(limit * size) if size is not None else 0
    for stage, n in enumerate(sizes):
        reached: dict[int, Decimal] = {}
        for seen, weight in going.items():
            hyper = name == "hypergeometric" and size is not None
            of: Law = Hypergeometric(size - before, bad - seen) if hyper and size is not None else Binomial(limit)
            below = Decimal(0)
            for more in range(len(sizes) - seen):
                upto = probability(of, Fraction(more), n - before)
                reached[seen + more] = reached.get(seen + more, Decimal(0)) + weight * (upto - below)
                below = upto
        passed += sum((weight for seen, weight in reached.items() if seen <= stage), Decimal(0))
        going, before = {seen: weight for seen, weight in reached.items() if seen > stage}, n
    return passed


def standing(made: Stages, deviating: list[bool]) -> tuple[str, int, int]:
    """Where a sample in stages stands, from whether each item examined deviates, in the order drawn: `supported`, `go_on` or
    `not_supported`; how many items that rests on; and how many in all are to be examined next (0 when it has ended)."""
    for j, n in enumerate(made.sizes):
        found = sum(deviating[:n])
        if found >= len(made.sizes):
            return "not_supported", min(n, len(deviating)), 0
        if len(deviating) < n:
            return "go_on", len(deviating), n
        if found <= j:
            return "supported", n, 0
    return "not_supported", made.sizes[-1], 0
