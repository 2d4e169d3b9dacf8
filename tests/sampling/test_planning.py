"""Plans: the smallest size, found as if every size had been tried; rates that stay exact; what is refused, in a sentence."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import sampling
from assessor.errors import SamplingError
from assessor.sampling.planning import EXAMINE_ALL_BELOW, ceiling, law
from assessor.sampling.tails import at_most

CONFIDENCES = st.sampled_from(["0.8", "90%", "0.95", "0.99"])


def by_trying(
    confidence: str, limit: Fraction, expected: Fraction, size: int | None, distribution: str, most: int
) -> int | None:
    """The smallest size, by looking at each with exact arithmetic."""
    of = law(distribution, limit, size)
    for n in range(1, most + 1):
        k = expected * n if distribution == "poisson" else Fraction(ceiling(expected * n))
        risk = 1 - sampling.plan(confidence=confidence, tolerable="1/2").confidence
        exact = of.exact(k, n)
        if at_most(of, k, n, risk) if exact is None else exact <= risk:
            return n
    return None


@settings(max_examples=60, deadline=None)
@given(CONFIDENCES, st.integers(30, 120), st.integers(1, 40), st.integers(0, 30))
def test_the_hypergeometric_size_is_the_first_that_suffices(
    confidence: str, size: int, tolerable: int, expected: int
) -> None:
    limit, rate = Fraction(tolerable, 100), Fraction(expected, 100)
    if rate >= limit:
        return
    made = sampling.plan(confidence=confidence, tolerable=limit, expected_rate=rate, population=size)
    assert made.sample_size == by_trying(confidence, limit, rate, size, "hypergeometric", size)


@settings(max_examples=40, deadline=None)
@given(CONFIDENCES, st.sampled_from(["binomial", "poisson"]), st.integers(4, 50), st.integers(0, 40))
def test_the_size_without_a_population_is_the_first_that_suffices(
    confidence: str, distribution: str, tolerable: int, part: int
) -> None:
    limit = Fraction(tolerable, 100)
    expected = limit * part / 80
    made = sampling.plan(confidence=confidence, tolerable=limit, expected_rate=expected, distribution=distribution)
    assert made.sample_size == by_trying(confidence, limit, expected, None, distribution, 1000)


@given(st.integers(31, 5000), st.integers(1, 20))
def test_a_larger_population_never_needs_a_smaller_sample_for_the_same_number_of_deviating_items(
    size: int, bad: int
) -> None:
    small = sampling.plan(confidence="95%", tolerable=Fraction(bad, size), population=size).sample_size
    large = sampling.plan(confidence="95%", tolerable=Fraction(bad, size + 1), population=size + 1).sample_size
    assert small is not None and large is not None and small <= large


@given(st.integers(1, 30), st.integers(30, 300))
def test_more_to_detect_never_needs_a_larger_sample(per_cent: int, size: int) -> None:
    less = sampling.plan(confidence="95%", tolerable=f"{per_cent}%", population=size).sample_size
    more = sampling.plan(confidence="95%", tolerable=f"{per_cent + 1}%", population=size).sample_size
    assert less is not None and more is not None and more <= less


@given(st.integers(31, 400), st.integers(1, 40))
def test_a_plan_detects_with_the_confidence_asked_for_and_one_item_less_does_not(size: int, per_cent: int) -> None:
    n = sampling.plan(confidence="95%", tolerable=f"{per_cent}%", population=size).sample_size
    assert n is not None
    assert sampling.detection_power(n, f"{per_cent}%", size) >= Fraction(95, 100) - Fraction(1, 10**48)
    assert sampling.detection_power(n - 1, f"{per_cent}%", size) < Fraction(95, 100)


def test_a_rate_is_exact_where_floats_would_round_up() -> None:
    """0.035 of 400 are 14 items; as floats the product is a little more, and its ceiling 15."""
    told = [
        sampling.plan(confidence="95%", tolerable=rate, population=400)
        for rate in ("0.035", "3.5%", "3.5 %", "7/200", "14/400")
    ]
    assert {each.sample_size for each in told} == {76}
    assert sampling.plan(confidence="95%", tolerable="15/400", population=400).sample_size == 72
    assert sampling.detection_power(76, "0.035", 400) == sampling.detection_power(76, "14/400", 400)


@pytest.mark.parametrize(
    ("size", "reason"),
    [(EXAMINE_ALL_BELOW - 1, "examine all"), (EXAMINE_ALL_BELOW, "smallest size")],
    ids=["fewer than thirty items are examined whole", "thirty items are sampled"],
)
def test_small_populations(size: int, reason: str) -> None:
    made = sampling.plan(confidence="95%", tolerable="5%", population=size)
    assert made.reason.startswith(reason)
    assert (made.sample_size == size) is (size < EXAMINE_ALL_BELOW)


@pytest.mark.parametrize(
    ("about", "size"),
    [
        ({"population": 1_000_000, "tolerable": "0.1%"}, 2990),
        ({"population": 1_000_000, "tolerable": "1%", "expected_rate": "0.95%"}, 97_789),
        ({"population": 1_000_000, "tolerable": "1%", "expected_rate": "0.999%"}, 996_888),
        ({"tolerable": "0.1%", "expected_rate": "0.09%"}, 275_498),
        ({"tolerable": "0.1%", "expected_rate": "0.09%", "distribution": "poisson"}, 274_722),
    ],
    ids=str,
)
def test_large_populations_and_small_rates_are_planned_at_once(about: dict[str, Any], size: int) -> None:
    started = time.process_time()
    assert sampling.plan(confidence="95%", **about).sample_size == size
    assert time.process_time() - started < 2  # far above what it takes, far below trying every size


def test_a_population_and_a_distribution_without_one() -> None:
    made = sampling.plan(confidence="95%", tolerable="1%", population=100, distribution="binomial")
    assert made.sample_size == 100 and "would ask for 299 of 100" in made.reason


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"tolerable": "3%", "expected_count": "3", "population": 100}, "reached whatever the others are"),
        ({"tolerable": "3%", "expected_rate": "2.5%", "population": 30}, "whole items count"),
        ({"tolerable": "0.1%", "expected_rate": "0.0999%"}, "more than 10,000,000 items"),
    ],
    ids=["as many expected as cannot be tolerated", "one item is already too much", "rates too near to each other"],
)
def test_what_no_size_fulfils_has_a_reason(about: dict[str, Any], says: str) -> None:
    made = sampling.plan(confidence="95%", **about)
    assert made.sample_size is None and says in made.reason and not made.statement
    assert made.told()["sample_size"] is None


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"confidence": "95"}, "write 0.95 or 95%"),
        ({"confidence": "1"}, "above 0 and below 1"),
        ({"confidence": "0"}, "above 0 and below 1"),
        ({"confidence": "high"}, "is no number"),
        ({"confidence": 0.95}, "as text"),
        ({"tolerable": "5"}, "write 0.05 or 5%"),
        ({"tolerable": "-5%"}, "is no number"),
        ({"tolerable": "1e-2"}, "is no number"),
        ({"tolerable": "0"}, "a prohibition"),
        ({"expected_rate": "5%"}, "not above the expected one"),
        ({"expected_rate": "6%"}, "not above the expected one"),
        ({"expected_rate": "1%", "expected_count": "1"}, "not both"),
        ({"expected_count": "1.5"}, "only Poisson"),
        ({"population": "0"}, "empty"),
        ({"population": "4.5"}, "no whole number"),
        ({"population": 10_000_001}, "leave the population out"),
        ({"distribution": "normal"}, "choose among hypergeometric, binomial, poisson"),
        ({"distribution": "hypergeometric"}, "needs the population"),
        ({"prohibition": True, "expected_rate": "1%"}, "has no expected deviations"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_a_sentence(about: dict[str, Any], says: str) -> None:
    with pytest.raises(SamplingError) as told:
        sampling.plan(**{"confidence": "0.95", "tolerable": "5%", **about})
    assert says in str(told.value) and str(told.value).endswith(".")


def test_a_prohibition_has_no_tolerable_rate() -> None:
    made = sampling.plan(confidence="95%", tolerable="5%", population=400, prohibition=True)
    assert made.told() | {"statement": ""} == {
        "sample_size": 55,
        "distribution": "hypergeometric",
        "confidence": "0.95",
        "tolerable": None,
        "detects": "0.05",
        "expected": "0",
        "expected_is": "rate",
        "population": 400,
        "allowed_deviations": 0,
        "detection_power": "0.952016",
        "reason": "smallest size at which the expected deviations support the statement",
        "statement": "",
    }
    assert "Every exception found is a finding" in made.statement and "95.2 % or more" in made.statement


def test_how_many_deviations_a_plan_allows_is_what_an_evaluation_then_supports() -> None:
    made = sampling.plan(confidence="95%", tolerable="10%", expected_rate="3%", population=500)
    assert made.sample_size is not None and made.allowed is not None
    about: dict[str, Any] = {
        "sample_size": made.sample_size,
        "confidence": "95%",
        "population": 500,
        "tolerable": "10%",
    }
    assert sampling.evaluate(deviations=made.allowed, **about).conclusion == "supported"
    assert sampling.evaluate(deviations=made.allowed + 1, **about).conclusion == "not_supported"
