"""The Bayesian view, beside the classical one and never in its place: what a sample says given a belief held before.

The belief is a beta distribution on the rate of deviations, Beta(a, b); "1,1" holds every rate for equally likely. After k deviations in n
items it is Beta(a + k, b + n − k). Of a known population the items not examined deviate by the beta-binomial distribution, and the bound
counts whole items. Probabilities are floats with an error below 10⁻⁹; bounds are rounded up beyond that.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from assessor.errors import SamplingError
from assessor.sampling import rates, wording
from assessor.sampling.evaluating import last
from assessor.sampling.planning import LARGEST, ceiling, runs, smallest
from assessor.text import exact_text

_PLACES = 8
_MOST = 1_000_000
"""Items not examined over which the beta-binomial distribution is summed."""


@dataclass(frozen=True)
class Prior:
    """Beta(a, b): as after a − 1 deviations and b − 1 right items seen from a uniform belief."""

    a: Fraction
    b: Fraction

    def __str__(self) -> str:
        return f"{exact_text(self.a)},{exact_text(self.b)}"


def prior(told: str) -> Prior:
    """A prior from text such as "1,1" or "0.5,0.5". Raises SamplingError for anything else, and for numbers not above 0."""
    parts = told.split(",")
    values = [rates.number(part, "parameter of the prior") for part in parts] if len(parts) == 2 else []
    if not values or not all(0 < value <= 1_000_000 for value in values):
        raise SamplingError(
            f"The prior `{told[:40]}` is none; give two numbers above 0 with a comma, such as 1,1 (every rate equally likely)."
        )
    return Prior(*values)


def credible_bound(
    belief: Prior, sample_size: int, deviations: int, confidence: Fraction, population: int | None = None
) -> Fraction:
    """The rate that, with probability `confidence`, is not exceeded: of a known population K/N with the smallest such K."""
    a, b = float(belief.a) + deviations, float(belief.b) + sample_size - deviations
    if population is None:
        grid = 10**_PLACES
        most = last(lambda u: u < grid and _beta_below(a, b, u / grid) < float(confidence) + 1e-12, 0, grid)
        return Fraction(min(most + 1, grid), grid)
    below = _beta_binomial(a, b, _rest(population, sample_size))
    return Fraction(deviations + int(np.searchsorted(below, float(confidence) + 1e-9)), population)


def belief_below(
    belief: Prior, sample_size: int, deviations: int, tolerable: Fraction, population: int | None = None
) -> float:
    """The probability that fewer than the tolerable rate deviate."""
    a, b = float(belief.a) + deviations, float(belief.b) + sample_size - deviations
    if population is None:
        return _beta_below(a, b, float(tolerable))
    few = ceiling(tolerable * population) - 1 - deviations
    if few < 0:
        return 0.0
    return float(_beta_binomial(a, b, _rest(population, sample_size))[min(few, population - sample_size)])


def smallest_size(
    belief: Prior, confidence: Fraction, tolerable: Fraction, expected_rate: Fraction, population: int | None = None
) -> int | None:
    """The smallest sample with which, if ⌈expected rate × n⌉ deviate, the probability of fewer than the tolerable rate is `confidence` or
    more; None when there is none."""
    if population is not None:
        _rest(population, 0)
    most = LARGEST if population is None else population

    def suffices(k: Fraction, n: int) -> bool:
        return belief_below(belief, n, int(k), tolerable, population) >= float(confidence) + 1e-9

    return smallest(suffices, runs(expected_rate, False, False, most), most)


def view(
    belief: Prior,
    sample_size: int,
    deviations: int,
    confidence: Fraction,
    population: int | None,
    tolerable: Fraction | None,
) -> dict[str, Any]:
    """The Bayesian view of a finding, as plain data for JSON."""
    bound = credible_bound(belief, sample_size, deviations, confidence, population)
    told: dict[str, Any] = {"prior": str(belief), "upper_bound": rates.rounded_up(bound, _PLACES)}
    words = (
        f"Given a belief of Beta({belief}) before the sample, the probability is {wording.share(confidence)} that at most "
        f"{rates.per_cent(bound)} deviate"
    )
    if tolerable is not None:
        sure = rates.rounded_down(Fraction(belief_below(belief, sample_size, deviations, tolerable, population)))
        told["probability_below_tolerable"] = sure
        words += f", and {rates.per_cent(Fraction(sure), up=False)} that fewer than {wording.share(tolerable)} do"
    return told | {"statement": f"{words}. It is as good as that belief, which the sample does not prove."}


def _rest(population: int, sample_size: int) -> int:
    if population - sample_size > _MOST:
        raise SamplingError(
            f"The Bayesian view of a known population is worked out for {_MOST:,} items at most; leave the population out, which changes "
            "little for so many."
        )
    return population - sample_size


def _beta_binomial(a: float, b: float, items: int) -> np.ndarray:
    """P(D ≤ d) for d = 0 … items, of which each deviates at a rate of Beta(a, b)."""
    likely = _scipy("stats").betabinom.pmf(np.arange(items + 1), items, a, b)
    below: np.ndarray = np.minimum(np.cumsum(likely), 1.0)
    return below


def _beta_below(a: float, b: float, x: float) -> float:
    """The probability that a rate of Beta(a, b) is at most x."""
    return float(_scipy("special").betainc(a, b, x))


def _scipy(part: str) -> Any:
    try:
        return importlib.import_module(f"scipy.{part}")
    except ImportError:
        raise SamplingError(
            "The Bayesian view needs SciPy, which is not installed here; install it with `pip install 'assessor[bayes]'`, or leave out --prior."
        ) from None
