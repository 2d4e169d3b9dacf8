"""How many items to examine: the smallest sample that supports the statement if no more deviate than expected.

The size n is the smallest with P(X ≤ k | n) ≤ 1 − confidence, where X counts deviations if as many items deviate as can just not be
tolerated, and k = ⌈expected rate × n⌉ is what may be found (Poisson: expected rate × n, kept fractional). Since k moves with n, a size
can suffice and the next one not, so sizes are looked at from the smallest up. For one k the probability falls with n, and for one n it
rises with k; so one look can rule out a whole run of sizes, and within the sizes of one k halving finds the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling import rates, wording
from assessor.sampling.rates import Number
from assessor.sampling.tails import Binomial, Hypergeometric, Law, Poisson, at_most, probability
from assessor.text import exact_text

DISTRIBUTIONS = ("hypergeometric", "binomial", "poisson")
EXAMINE_ALL_BELOW = 30
"""Populations of fewer items are examined whole: at 95 % confidence and a tolerable rate of 5 % a sample of 29 items would be 23, and
the usual tables of attribute samples (AICPA Audit Guide, Audit Sampling, appendix A) suppose large populations."""
LARGEST = 10_000_000
"""Populations and samples of more items are not reckoned with: whoever examines ten million items does not sample."""


@dataclass(frozen=True)
class Plan:
    """A sample size and what it is good for. `sample_size` is None where none supports the statement; `reason` says why, and how the
    size came about where there is one. Rates are exact; `expected` is a rate, or a count where `counted`.

    `allowed` is the largest number of deviations with which the statement still holds; `detection_power` the probability, rounded down,
    that one deviation at least is seen if the tolerable rate (for a prohibition: the rate to be detected) of items deviates.
    """

    sample_size: int | None
    distribution: str
    confidence: Fraction
    tolerable: Fraction
    expected: Fraction
    population: int | None
    reason: str
    counted: bool = False
    prohibition: bool = False
    allowed: int | None = None
    detection_power: str = ""
    statement: str = ""

    def told(self) -> dict[str, Any]:
        """As plain data for JSON; rates as decimal text. A prohibition has no tolerable rate: its rate stands in `detects`."""
        rate = exact_text(self.tolerable)
        return {
            "sample_size": self.sample_size,
            "distribution": self.distribution,
            "confidence": exact_text(self.confidence),
            "tolerable": None if self.prohibition else rate,
            "detects": rate if self.prohibition else None,
            "expected": exact_text(self.expected),
            "expected_is": "count" if self.counted else "rate",
            "population": self.population,
            "allowed_deviations": self.allowed,
            "detection_power": self.detection_power or None,
            "reason": self.reason,
            "statement": self.statement,
        }


def plan(
    *,
    confidence: Number,
    tolerable: Number,
    expected_rate: Number | None = None,
    expected_count: Number | None = None,
    population: Number | None = None,
    distribution: str = "",
    prohibition: bool = False,
    examine_all_below: int = EXAMINE_ALL_BELOW,
) -> Plan:
    """Plan an attribute sample.

    confidence, tolerable   texts such as "0.95", "5%", "1/20"; of a prohibition `tolerable` is the rate that must not escape notice
    expected_rate           what share is expected to deviate; or `expected_count`, how many in the sample (none: no deviation)
    population              how many items there are, if known
    distribution            hypergeometric (the default with a population), binomial (the default without) or poisson
    prohibition             no rate is tolerable: expected is nothing, the plan is one for detection

    Raises SamplingError for what makes no sense: a confidence of 95, a tolerable rate not above the expected one, hypergeometric without a
    population. A plan that makes sense and that no size fulfils has `sample_size` None and a reason.
    """
    sure, limit = rates.confidence(confidence), rates.rate(tolerable, "tolerable rate")
    size = None if population is None else rates.whole(population, "population")
    law_name = named(distribution, size)
    if not limit:
        raise SamplingError(
            "A tolerable rate of 0 cannot be shown by a sample, only by examining all; for a prohibition say which rate must be detected "
            "(--prohibition, with --tolerable as that rate)."
        )
    if size == 0:
        raise SamplingError("The population is empty: there is nothing to sample; check where it comes from.")
    counted = expected_count is not None
    if counted and expected_rate is not None:
        raise SamplingError("Give the expected rate or the expected count, not both: the count follows from the rate.")
    expected = rates.number(expected_count or 0, "expected count") if counted else Fraction(0)
    if expected_rate is not None:
        expected = rates.rate(expected_rate, "expected rate")
    if counted and law_name != "poisson" and expected.denominator != 1:
        raise SamplingError(f"The expected count `{expected_count}` is no whole number; only Poisson takes a fraction.")
    if prohibition and expected:
        raise SamplingError("A prohibition has no expected deviations: leave the expected rate or count out.")
    if not counted and expected >= limit:
        raise SamplingError(
            f"The tolerable rate ({exact_text(limit)}) is not above the expected one ({exact_text(expected)}): no sample can support "
            "it; raise the tolerable rate, or take the population to deviate as expected and examine it all."
        )
    n, reason = _sized(law_name, sure, limit, expected, counted, size, examine_all_below)
    return _finished(Plan(n, law_name, sure, limit, expected, size, reason, counted, prohibition))


def named(distribution: str, population: int | None) -> str:
    """The distribution meant: hypergeometric by default when the population is known. Raises SamplingError."""
    name = distribution.strip().casefold() or ("binomial" if population is None else "hypergeometric")
    if name not in DISTRIBUTIONS:
        raise SamplingError(f"There is no distribution `{distribution[:40]}`; choose among {', '.join(DISTRIBUTIONS)}.")
    if name == "hypergeometric" and population is None:
        raise SamplingError("The hypergeometric distribution needs the population: say how many items there are.")
    if name == "hypergeometric" and population is not None and population > LARGEST:
        raise SamplingError(
            f"A population of {population:,} is planned and evaluated as one without end, which makes no difference that could be seen; leave "
            "the population out."
        )
    return name


def law(distribution: str, rate: Fraction, population: int | None) -> Law:
    """The law of deviations if `rate` of the items deviate; of a known population ⌈rate × population⌉ items."""
    if distribution == "hypergeometric":
        assert population is not None  # noqa: S101 (`named` saw to it)  # nosec B101
        return Hypergeometric(population, ceiling(rate * population))
    return Binomial(rate) if distribution == "binomial" else Poisson(rate)


def ceiling(value: Fraction) -> int:
    """The smallest whole number not below a fraction."""
    return -(-value.numerator // value.denominator)


_Run = tuple[Fraction, int, int]
"""A number of deviations, and the first and last size to which it belongs."""


def _sized(
    name: str, sure: Fraction, limit: Fraction, expected: Fraction, counted: bool, size: int | None, whole_below: int
) -> tuple[int | None, str]:
    """The smallest size, None where none suffices, and why."""
    if size is not None and size < whole_below:
        return size, f"examine all: the population has fewer than {whole_below} items"
    if counted and size is not None and expected >= ceiling(limit * size):
        return (
            None,
            f"{exact_text(expected)} deviations are {exact_text(limit)} of {size} or more: if so many are found, the tolerable rate is "
            "reached whatever the others are; expect fewer, or tolerate more",
        )
    most = size if name == "hypergeometric" and size is not None else LARGEST
    of = law(name, limit, size)
    found = smallest(lambda k, n: at_most(of, k, n, 1 - sure), runs(expected, counted, name == "poisson", most), most)
    if found is None and name == "hypergeometric":
        return (
            None,
            f"with {exact_text(expected)} expected no sample of {size} items supports fewer than {exact_text(limit)} deviating, not "
            "even all of them, since whole items count; expect less, or tolerate more",
        )
    if found is None:
        return (
            None,
            f"more than {LARGEST:,} items would be needed; tolerate more, or expect less",
        )
    if size is not None and found > size:
        return (
            size,
            f"examine all: the {name} distribution, which does not know the size of the population, would ask for {found} of {size}",
        )
    if size is not None and found == size:
        return size, "examine all: no smaller sample suffices"
    return found, "smallest size at which the expected deviations support the statement"


def runs(expected: Fraction, counted: bool, fractional: bool, most: int) -> Callable[[int], _Run | None]:
    """The runs of sizes that share a number of deviations: the g-th, or None when there is none."""
    if counted or not expected:
        first = max(1, ceiling(expected))
        return lambda g: (expected, first, most) if g == 0 and first <= most else None
    if fractional:
        return lambda g: (expected * (g + 1), g + 1, g + 1) if g < most else None

    def run(g: int) -> _Run | None:
        first = g * expected.denominator // expected.numerator + 1
        return (
            None
            if first > most
            else (Fraction(g + 1), first, min(most, (g + 1) * expected.denominator // expected.numerator))
        )

    return run


def smallest(suffices: Callable[[Fraction, int], bool], runs: Callable[[int], _Run | None], most: int) -> int | None:
    """The smallest size that suffices, over runs of sizes in their order; None when none does.

    `suffices(k, n)` is taken to hold for all greater n of the same k and all smaller k of the same n. So if it does not hold for
    the smallest k and the greatest n of several runs, it holds in none of them.
    """
    g, step = 0, 1
    while (here := runs(g)) is not None:
        there = runs(g + step - 1)
        end = there[2] if there is not None else most
        if not suffices(here[0], end):
            g, step = g + step, step * 2
        elif step > 1:
            step = max(1, step // 4)
        else:
            return _first(lambda n: suffices(here[0], n), here[1], here[2])
    return None


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first number of low … high for which `holds`, which holds for all after it and for `high`."""
    reach = 1
    while low + reach < high and not holds(low + reach):  # most answers are small, and small ones are quick to try
        low, reach = low + reach + 1, reach * 2
    high = min(high, low + reach)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def detection_power(sample_size: Number, rate: Number, population: Number | None = None) -> Fraction:
    """The probability that a sample holds a deviation at least, if `rate` of the items deviate: ⌈rate × population⌉ items of a known
    population, else each drawn item with that probability. To fifty digits."""
    n, share = rates.whole(sample_size, "sample size"), rates.rate(rate, "rate to be detected")
    size = None if population is None else rates.whole(population, "population")
    if size is not None and n > size:
        raise SamplingError(
            f"A sample of {n} is larger than the population of {size}; give the size of what was drawn."
        )
    return 1 - Fraction(probability(law(named("", size), share, size), Fraction(0), n))


def _allowed(made: Plan, n: int) -> int | None:
    """The most deviations with which a sample of n still supports the statement."""
    of, best, risk = law(made.distribution, made.tolerable, made.population), -1, 1 - made.confidence
    if made.population is not None and n == made.population:
        return ceiling(made.tolerable * made.population) - 1
    step = 1
    while step:  # doubled while it holds, then halved: the probability rises with the deviations
        if best + step <= n and at_most(of, Fraction(best + step), n, risk):
            best, step = best + step, step * 2
        else:
            step //= 2
    return best if best >= 0 else None


def _finished(made: Plan) -> Plan:
    """The plan with what its size proves, as numbers and as a sentence."""
    n = made.sample_size
    if n is None:
        return made
    power = rates.rounded_down(detection_power(n, made.tolerable, made.population))
    made = replace(made, allowed=0 if made.prohibition else _allowed(made, n), detection_power=power)
    return replace(made, statement=wording.of_plan(made))
