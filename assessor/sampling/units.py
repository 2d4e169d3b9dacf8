"""Unit-weighted samples (probability proportional to size): by value or units, so that a heavy item is likelier to be drawn.

Each unit of weight is as likely to be hit as any other. Items as heavy as the interval are examined whatever the chance, and the others
drawn from what remains. Where an item is wrong in part, its taint is the part of its weight that is wrong, from 0 to 1.

The bound is Stringer's (K. W. Stringer, "Practical aspects of statistical sampling in auditing", Proceedings of the Business and Economic
Statistics Section, American Statistical Association, 1963, 405–411): with p_j the upper bound on a rate at j deviations among n hits and
t_1 ≥ t_2 ≥ … the taints found, the weight that remains times p_0 + Σ (p_j − p_(j−1)) t_j, and what is wrong in the items examined whatever
the chance. It has proved cautious in all published trials; a general proof does not exist.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling import rates, wording
from assessor.sampling.drawing import Counter, Draw, check, places
from assessor.sampling.evaluating import concluded, upper_bound
from assessor.sampling.population import Frame
from assessor.sampling.rates import Number
from assessor.text import exact_text


def draw_units(population: Frame, hits: int, *, seed: str, method: str = "interval") -> Draw:
    """Draw by weight: so many hits, each on one unit of the frame's weights laid end to end in its order.

    interval   ⌊(s + jM)/n⌋, j = 0 … n − 1, with a start s below the weight M; cell: one unit of each of n cells of M; random: n units,
               each of all M, so that one can be hit twice. M counts whole units of the weights' common measure.

    Raises SamplingError where the frame has no weights, and as `draw`.
    """
    check(seed, method)
    if not population.weights:
        raise SamplingError(
            "To draw by weight the population needs a weight for each item: name the column (--weight)."
        )
    if not 1 <= hits <= len(population):
        raise SamplingError(
            f"{hits} hits cannot be drawn from {len(population)} items; give a number from 1 to the number of items."
        )
    measure = math.lcm(*(weight.denominator for weight in population.weights))
    weights = [int(weight * measure) for weight in population.weights]
    certain = _certain(weights, hits)
    rest = [number for number in range(len(weights)) if number not in certain]
    left = hits - len(certain)
    found: dict[str, int] = {}
    if rest and left:
        ends = list(accumulate(weights[number] for number in rest))
        for unit in _units(ends[-1], left, seed, method):
            id_ = population.ids[rest[bisect_right(ends, unit)]]
            found[id_] = found.get(id_, 0) + 1
    always = tuple(population.ids[number] for number in sorted(certain))
    ids = (*always, *found)
    return Draw(method, seed, len(population), population.digest, ids, {"": len(ids)}, "units", found, always)


def _certain(weights: list[int], hits: int) -> set[int]:
    """The items as heavy as the interval over those that are lighter; all, where as many hits as items are asked for."""
    if hits >= len(weights):
        return set(range(len(weights)))
    certain: set[int] = set()
    while hits > len(certain):
        rest = sum(weight for number, weight in enumerate(weights) if number not in certain)
        left = hits - len(certain)
        heavy = {number for number, weight in enumerate(weights) if number not in certain and weight * left >= rest}
        if not heavy:
            break
        certain |= heavy
    return certain


def _units(total: int, n: int, seed: str, method: str) -> list[int]:
    counter = Counter(seed)
    if method == "random":
        return [counter.below(total) for _ in range(n)]
    return places(total, n, counter, method)


@dataclass(frozen=True)
class UnitsEvaluation:
    """What a unit-weighted sample proves: `upper_bound` and `most_likely` as shares of the whole weight, and as weight."""

    hits: int
    certain: int
    tainted: int
    distribution: str
    confidence: Fraction
    weight: Fraction
    bound: Fraction
    likely: Fraction
    tolerable: Fraction | None
    prohibition: bool
    detection_power: str
    conclusion: str
    statement: str

    def told(self) -> dict[str, Any]:
        """As plain data for JSON."""
        rate = None if self.tolerable is None else exact_text(self.tolerable)
        return {
            "sample_size": self.hits + self.certain,
            "hits": self.hits,
            "certain": self.certain,
            "tainted": self.tainted,
            "method": "Stringer bound",
            "distribution": self.distribution,
            "confidence": exact_text(self.confidence),
            "population_weight": exact_text(self.weight),
            "upper_bound": rates.rounded_up(self.bound / self.weight),
            "upper_bound_weight": rates.rounded_up(self.bound, 4),
            "most_likely_rate": rates.rounded_up(self.likely / self.weight),
            "tolerable": None if self.prohibition else rate,
            "detects": rate if self.prohibition else None,
            "detection_power": self.detection_power or None,
            "conclusion": self.conclusion or None,
            "statement": self.statement,
        }


def evaluate_units(
    population: Frame,
    drawn: Draw,
    taints: Mapping[str, Number],
    *,
    confidence: Number,
    tolerable: Number | None = None,
    prohibition: bool = False,
    distribution: str = "poisson",
) -> UnitsEvaluation:
    """Evaluate a unit-weighted draw: the taint of each item found wrong, by id; items not named were found right.

    Raises SamplingError for a taint of an item that was not drawn or outside 0 to 1, and for a distribution other than poisson (as the
    AICPA's factors are) or binomial.
    """
    sure = rates.confidence(confidence)
    limit = None if tolerable is None else rates.rate(tolerable, "tolerable rate")
    if distribution not in ("poisson", "binomial"):
        raise SamplingError(
            "A unit-weighted sample is evaluated by poisson or binomial, since units are many; choose one."
        )
    exact = {id_: rates.rate(told, f"taint of {id_}") for id_, told in taints.items()}
    if strange := sorted(set(exact) - set(drawn.ids)):
        raise SamplingError(
            f"{strange[0][:60]} was not drawn, so its result does not count here; evaluate the items drawn."
        )
    weight_of = dict(zip(population.ids, population.weights, strict=True))
    whole = sum(population.weights, Fraction(0))
    known = sum((weight_of[id_] * exact.get(id_, 0) for id_ in drawn.certain), Fraction(0))
    rest = whole - sum((weight_of[id_] for id_ in drawn.certain), Fraction(0))
    n = sum(drawn.hits.values())
    found = sorted(
        (exact[id_] for id_, count in drawn.hits.items() for _ in range(count) if exact.get(id_)), reverse=True
    )
    share = Fraction(0)
    if n:
        steps = [upper_bound(distribution, n, j, sure) for j in range(len(found) + 1)]
        share = steps[0] + sum(((b - a) * t for a, b, t in zip(steps, steps[1:], found, strict=False)), Fraction(0))
    bound = min(whole, rest * min(share, Fraction(1)) + known)
    likely = (rest * sum(found, Fraction(0)) / n if n else Fraction(0)) + known
    tainted = sum(1 for taint in exact.values() if taint)
    conclusion = concluded(bool(tainted), None if limit is None else bound < limit * whole, prohibition)
    power = ""
    if (
        limit is not None
    ):  # what is wrong in an item examined whatever the chance is seen; the worst is that it all lies elsewhere
        wrong = limit * whole
        power = rates.rounded_down(Fraction(1) if wrong > rest else 1 - (1 - wrong / rest) ** n)
    statement = wording.of_units(
        examined=len(drawn.ids),
        tainted=tainted,
        sure=sure,
        bound=bound / whole,
        likely=likely / whole,
        limit=limit,
        power=power,
        conclusion=conclusion,
    )
    return UnitsEvaluation(
        *(
            n,
            len(drawn.certain),
            tainted,
            distribution,
            sure,
            whole,
            bound,
            likely,
            limit,
            prohibition,
            power,
            conclusion,
        ),
        statement,
    )
