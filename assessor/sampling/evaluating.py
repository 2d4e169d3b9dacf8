"""What a sample proves: the upper bound on deviations, the most likely rate, the confidence achieved, the power of detection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling import rates, wording
from assessor.sampling.planning import LARGEST, ceiling, detection_power, law, named
from assessor.sampling.rates import Number
from assessor.sampling.tails import Binomial, Hypergeometric, Poisson, at_most, probability
from assessor.text import exact_text

_GRID = 10**rates.PLACES


@dataclass(frozen=True)
class Evaluation:
    """What was found in a sample, and what that proves of the population.

    `upper_bound` is exact: K/N for a known population, else the smallest multiple of 10⁻¹⁰ that the finding speaks against.
    `upper_items` is K. `conclusion` is `supported` or `not_supported` where a tolerable rate was given, `no_exception_found` or
    `exceptions_found` for a prohibition, else empty.
    """

    sample_size: int
    deviations: Fraction
    distribution: str
    confidence: Fraction
    population: int | None
    upper_bound: Fraction
    upper_items: int | None
    most_likely_rate: Fraction
    tolerable: Fraction | None = None
    prohibition: bool = False
    achieved_confidence: str = ""
    detection_power: str = ""
    conclusion: str = ""
    statement: str = ""

    def told(self) -> dict[str, Any]:
        """As plain data for JSON; rates as decimal text, bounds rounded up, confidences down."""
        rate = None if self.tolerable is None else exact_text(self.tolerable)
        return {
            "sample_size": self.sample_size,
            "deviations": exact_text(self.deviations),
            "distribution": self.distribution,
            "confidence": exact_text(self.confidence),
            "population": self.population,
            "upper_bound": rates.rounded_up(self.upper_bound),
            "upper_bound_items": self.upper_items,
            "most_likely_rate": rates.rounded_up(self.most_likely_rate),
            "tolerable": None if self.prohibition else rate,
            "detects": rate if self.prohibition else None,
            "achieved_confidence": self.achieved_confidence or None,
            "detection_power": self.detection_power or None,
            "conclusion": self.conclusion or None,
            "statement": self.statement,
        }


def evaluate(
    *,
    sample_size: Number,
    deviations: Number,
    confidence: Number,
    population: Number | None = None,
    distribution: str = "",
    tolerable: Number | None = None,
    prohibition: bool = False,
) -> Evaluation:
    """Evaluate an attribute sample: so many items examined, so many of them deviating.

    Arguments as those of `plan`; with `tolerable` the answer says whether the finding supports that fewer deviate, and with which
    confidence. Raises SamplingError for more deviations than items, a sample larger than the population, and the rest that `plan` refuses.
    """
    sure, n = rates.confidence(confidence), rates.whole(sample_size, "sample size")
    size = None if population is None else rates.whole(population, "population")
    name = named(distribution, size)
    found = rates.number(deviations, "number of deviations")
    limit = None if tolerable is None else rates.rate(tolerable, "tolerable rate")
    if not n:
        raise SamplingError("A sample of no items proves nothing; examine some, and evaluate what was seen.")
    if n > LARGEST:
        raise SamplingError(f"A sample of more than {LARGEST:,} items is not reckoned with; look at the number.")
    if size is not None and n > size:
        raise SamplingError(
            f"A sample of {n} is larger than the population of {size}; items drawn twice count once, or the population is another."
        )
    if found > n:
        raise SamplingError(
            f"{exact_text(found)} deviations are more than the {n} items examined; count items, each once."
        )
    if name != "poisson" and found.denominator != 1:
        raise SamplingError(f"`{deviations}` deviations are no whole number; only Poisson takes a fraction.")
    if limit is not None and not limit:
        raise SamplingError(
            "A tolerable rate of 0 is that of a prohibition; use --prohibition, with the rate to be detected."
        )
    bound = upper_bound(name, n, found, sure, size)
    made = Evaluation(
        sample_size=n,
        deviations=found,
        distribution=name,
        confidence=sure,
        population=size,
        upper_bound=bound,
        upper_items=int(bound * size) if size is not None and name == "hypergeometric" else None,
        most_likely_rate=found / n,
        tolerable=limit,
        prohibition=prohibition,
        achieved_confidence="" if limit is None or prohibition else _achieved(name, n, found, limit, size),
        detection_power="" if limit is None else rates.rounded_down(detection_power(n, limit, size)),
        conclusion=concluded(bool(found), _below(name, n, found, sure, size, limit), prohibition),
    )
    return replace(made, statement=wording.of_evaluation(made))


def upper_bound(
    distribution: str, sample_size: int, deviations: Fraction | int, confidence: Fraction, population: int | None = None
) -> Fraction:
    """The one-sided upper confidence bound on the rate of deviations, a fraction of 1, exact.

    hypergeometric  the largest K, over the population, with P(X ≤ deviations | K of the population deviate) > 1 − confidence
    binomial        Clopper and Pearson: the rate at which that probability is 1 − confidence, rounded up to a multiple of 10⁻¹⁰
    poisson         the same by the incomplete gamma, deviations may be fractional; never more than 1
    """
    found, risk = Fraction(deviations), 1 - confidence
    if distribution == "hypergeometric":
        assert population is not None  # noqa: S101 (`named` saw to it)  # nosec B101
        bad, good = int(found), sample_size - int(found)
        most = last(
            lambda K: not at_most(Hypergeometric(population, K), found, sample_size, risk), bad, population - good
        )
        return Fraction(most, population)
    make = Binomial if distribution == "binomial" else Poisson
    if distribution == "binomial" and found >= sample_size:
        return Fraction(1)
    most = last(lambda u: not at_most(make(Fraction(u, _GRID)), found, sample_size, risk), 0, _GRID)
    return Fraction(min(most + 1, _GRID), _GRID)


def last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last number of low … high for which `holds`, which holds for all before it and for `low`."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _achieved(name: str, n: int, found: Fraction, limit: Fraction, size: int | None) -> str:
    """The confidence with which the finding supports that fewer than the tolerable rate deviate."""
    if size is not None and n == size:
        return "1" if found < ceiling(limit * size) else "0"
    return rates.rounded_down(1 - Fraction(probability(law(name, limit, size), found, n)))


def _below(name: str, n: int, found: Fraction, sure: Fraction, size: int | None, limit: Fraction | None) -> bool | None:
    """Whether the finding supports that fewer than the tolerable rate deviate; None where there is none."""
    if limit is None:
        return None
    if size is not None and n == size:
        return found < ceiling(limit * size)
    return at_most(law(name, limit, size), found, n, 1 - sure)


def concluded(found: bool, below: bool | None, prohibition: bool) -> str:
    """What is concluded of a sample: whether anything deviates under a prohibition, else whether the rate is shown to be `below` the
    tolerable one; empty where none was given."""
    if prohibition:
        return "exceptions_found" if found else "no_exception_found"
    return "" if below is None else "supported" if below else "not_supported"
