"""Samples by stratum (supplier, vehicle line, risk, period): how many of each, and what all of them together prove.

Each stratum by itself is evaluated as a population of its own. For all of them together the deviating items may lie anywhere, so the
combined statement holds for the worst place:

    bound       With c deviations found and f the smallest share examined of any stratum, K deviating items are spoken against if
                c ≤ Kf − 1 and a binomial variable of K trials with probability f is at most c with probability 1 − confidence or less.
                A hypergeometric count is a sum of independent indicators (Vatutin and Mikhailov, 1982), and of all sums of K indicators
                with the same mean the binomial has the heaviest lower tail there (Hoeffding, Annals of Mathematical Statistics 27, 1956,
                theorem 4). So the bound holds whatever the strata and wherever the deviations lie, at the price of being wider than one
                over a single simple random sample of the same size.
    detection   The probability of seeing none is greatest where each further deviating item is put into the stratum in which it is
                least likely to be seen; since each stratum's probability falls faster with every item, one item after another is worst.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling import rates, wording
from assessor.sampling.evaluating import Evaluation, concluded, evaluate, last
from assessor.sampling.planning import EXAMINE_ALL_BELOW, Plan, ceiling, plan, runs, smallest
from assessor.sampling.rates import Number
from assessor.sampling.tails import Binomial, at_most, probability
from assessor.text import exact_text

ALLOCATIONS = ("proportional", "each")


@dataclass(frozen=True)
class Stratum:
    """A stratum: how many items it has, how many of them were examined, how many of these deviate."""

    population: int
    examined: int
    deviations: int = 0


def allocate(
    sizes: Mapping[str, int],
    *,
    confidence: Number,
    tolerable: Number,
    expected_rate: Number | None = None,
    allocation: str = "proportional",
    prohibition: bool = False,
) -> dict[str, int]:
    """How many items of each stratum to examine, from how many it has.

    proportional   the same share of each (rounded up), the smallest with which the combined statement holds
    each           each stratum planned as a population of its own, so that the statement holds for every one of them

    Raises SamplingError as `plan`, and where no sample suffices.
    """
    if allocation not in ALLOCATIONS:
        raise SamplingError(f"There is no allocation `{allocation[:40]}`; choose among {', '.join(ALLOCATIONS)}.")
    if allocation == "each":
        made = {
            name: plan(
                confidence=confidence,
                tolerable=tolerable,
                expected_rate=expected_rate,
                population=size,
                prohibition=prohibition,
            )
            for name, size in sizes.items()
        }
        return {name: _size(name, each) for name, each in made.items()}
    total = sum(sizes.values())
    single = plan(
        confidence=confidence,
        tolerable=tolerable,
        expected_rate=expected_rate,
        population=total,
        prohibition=prohibition,
    )
    if total < EXAMINE_ALL_BELOW:
        return dict(sizes)
    bad = ceiling(single.tolerable * total)

    def suffices(k: Fraction, n: int) -> bool:
        share = min(Fraction(ceiling(Fraction(size * n, total)), size) for size in sizes.values())
        return _spoken_against(bad, int(k), share, 1 - single.confidence)

    found = smallest(suffices, runs(single.expected, False, False, total), total)
    if found is None:
        raise SamplingError(
            "No sample of all strata together supports that; examine all, plan each stratum on its own (--allocation each), or tolerate more."
        )
    return {name: ceiling(Fraction(size * found, total)) for name, size in sizes.items()}


def _size(name: str, made: Plan) -> int:
    if made.sample_size is None:
        raise SamplingError(f"Of the stratum {name[:40]}: {made.reason}.")
    return made.sample_size


def _spoken_against(bad: int, found: int, share: Fraction, risk: Fraction) -> bool:
    return found <= bad * share - 1 and at_most(Binomial(share), Fraction(found), bad, risk)


def combined_bound(strata: Mapping[str, Stratum], confidence: Fraction) -> Fraction:
    """The upper bound on the rate of deviations over all strata, exact: K over all items."""
    total = sum(each.population for each in strata.values())
    found = sum(each.deviations for each in strata.values())
    most = total - sum(each.examined - each.deviations for each in strata.values())
    share = min(Fraction(each.examined, each.population) for each in strata.values())
    if share == 1:
        return Fraction(found, total)
    return Fraction(
        last(lambda bad: not _spoken_against(bad, found, share, 1 - confidence), found, most),
        total,
    )


def _achieved(strata: Mapping[str, Stratum], found: int, bad: int) -> Fraction:
    """The confidence with which the finding speaks against `bad` deviating items over all strata, by the same reasoning as the bound."""
    share = min(Fraction(each.examined, each.population) for each in strata.values())
    if share == 1:
        return Fraction(found < bad)
    return 1 - Fraction(probability(Binomial(share), Fraction(found), bad)) if found <= bad * share - 1 else Fraction(0)


def worst_detection(strata: Mapping[str, Stratum], rate: Fraction) -> Fraction:
    """The probability of seeing one at least of ⌈rate × all items⌉ deviating ones, wherever they lie, to fifty digits."""
    bad = ceiling(rate * sum(each.population for each in strata.values()))
    room = [
        (each.population, each.population - each.examined)
        for each in strata.values()
        if each.population > each.examined
    ]
    heap = [(Fraction(-left, size), number, size, left) for number, (size, left) in enumerate(room)]
    heapq.heapify(heap)
    with localcontext() as context:
        context.prec = 60
        unseen = Decimal(1)
        for _ in range(bad):
            if not heap:
                return Fraction(1)
            _, number, size, left = heapq.heappop(heap)
            unseen = unseen * left / size
            if left > 1:
                heapq.heappush(heap, (Fraction(1 - left, size - 1), number, size - 1, left - 1))
        return 1 - Fraction(unseen)


@dataclass(frozen=True)
class StrataEvaluation:
    """What each stratum proves of itself, and all together of the whole. The most likely rate weighs each stratum by its items; there is none
    where a stratum was not examined."""

    strata: dict[str, Evaluation]
    unexamined: tuple[str, ...]
    population: int
    confidence: Fraction
    upper_bound: Fraction
    most_likely_rate: Fraction | None
    achieved_confidence: str
    detection_power: str
    conclusion: str
    statement: str

    def told(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return {
            "sample_size": sum(each.sample_size for each in self.strata.values()),
            "deviations": exact_text(sum((each.deviations for each in self.strata.values()), Fraction(0))),
            "distribution": "hypergeometric in each stratum, binomial bound over all",
            "confidence": exact_text(self.confidence),
            "population": self.population,
            "upper_bound": rates.rounded_up(self.upper_bound),
            "upper_bound_items": int(self.upper_bound * self.population),
            "most_likely_rate": None if self.most_likely_rate is None else rates.rounded_up(self.most_likely_rate),
            "achieved_confidence": self.achieved_confidence or None,
            "detection_power": self.detection_power or None,
            "conclusion": self.conclusion or None,
            "strata": [{"stratum": name, **each.told()} for name, each in self.strata.items()],
            "strata_not_examined": list(self.unexamined),
            "statement": self.statement,
        }


def evaluate_strata(
    strata: Mapping[str, Stratum], *, confidence: Number, tolerable: Number | None = None, prohibition: bool = False
) -> StrataEvaluation:
    """Evaluate samples by stratum, each and all together. Raises SamplingError as `evaluate`."""
    sure = rates.confidence(confidence)
    limit = None if tolerable is None else rates.rate(tolerable, "tolerable rate")
    examined = {
        name: evaluate(
            sample_size=each.examined,
            deviations=each.deviations,
            confidence=sure,
            population=each.population,
            tolerable=limit,
            prohibition=prohibition,
        )
        for name, each in strata.items()
        if each.examined
    }
    if not examined:
        raise SamplingError("A sample of no items proves nothing; examine some, and evaluate what was seen.")
    total, bound = sum(each.population for each in strata.values()), combined_bound(strata, sure)
    found = sum(each.deviations for each in strata.values())
    power = "" if limit is None else rates.rounded_down(worst_detection(strata, limit))
    below = None if limit is None else bound * total < ceiling(limit * total)
    conclusion = concluded(bool(found), below, prohibition)
    none = tuple(name for name, each in strata.items() if not each.examined)
    likely = (
        None
        if none
        else sum((Fraction(e.deviations * e.population, e.examined) for e in strata.values()), Fraction(0)) / total
    )
    achieved = (
        "" if limit is None or prohibition else rates.rounded_down(_achieved(strata, found, ceiling(limit * total)))
    )
    made = (examined, none, total, sure, bound, likely, achieved, power, conclusion)
    words = wording.of_strata(
        total=total,
        examined=sum(each.examined for each in strata.values()),
        strata=len(strata),
        found=found,
        sure=sure,
        bound=bound,
        limit=limit,
        power=power,
        conclusion=conclusion,
        unexamined=none,
    )
    return StrataEvaluation(*made, words)
