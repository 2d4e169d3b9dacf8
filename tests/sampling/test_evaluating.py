"""Upper bounds: that they cover, exactly, whatever the truth; and what an evaluation says."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import sampling
from assessor.errors import SamplingError


def ways(size: int, bad: int, n: int, k: int) -> Fraction:
    """The probability of k deviating items among n of `size`, of which `bad` deviate."""
    return Fraction(math.comb(bad, k) * math.comb(size - bad, n - k), math.comb(size, n))


@pytest.mark.parametrize("confidence", ["0.8", "0.95"])
@pytest.mark.parametrize(("size", "n"), [(12, 5), (25, 8), (40, 13), (40, 39)])
def test_the_hypergeometric_bound_covers_for_every_number_of_deviating_items(
    size: int, n: int, confidence: str
) -> None:
    sure = Fraction(confidence)
    bounds = [sampling.upper_bound("hypergeometric", n, k, sure, size) * size for k in range(n + 1)]
    for bad in range(size + 1):
        covered = sum(ways(size, bad, n, k) for k in range(min(n, bad) + 1) if n - k <= size - bad and bounds[k] >= bad)
        assert covered >= sure


@pytest.mark.parametrize("confidence", ["0.8", "0.95"])
@pytest.mark.parametrize("n", [3, 20, 59])
def test_the_binomial_bound_covers_for_every_rate(n: int, confidence: str) -> None:
    sure = Fraction(confidence)
    bounds = [sampling.upper_bound("binomial", n, k, sure) for k in range(n + 1)]
    for per_mille in range(0, 1001, 8):
        p = Fraction(per_mille, 1000)
        covered = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if bounds[k] >= p)
        assert covered >= sure


@settings(deadline=None)
@given(st.integers(2, 60), st.data())
def test_the_hypergeometric_bound_is_the_last_number_that_is_not_spoken_against(size: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, size))
    k = data.draw(st.integers(0, n))
    risk = data.draw(st.sampled_from([Fraction(1, 20), Fraction(1, 10), Fraction(1, 2)]))

    def below(bad: int) -> Fraction:
        return sum((ways(size, bad, n, j) for j in range(max(0, n - size + bad), min(k, bad) + 1)), Fraction(0))

    fits = [bad for bad in range(k, size - n + k + 1) if below(bad) > risk]
    assert sampling.upper_bound("hypergeometric", n, k, 1 - risk, size) == Fraction(max(fits), size)


@settings(deadline=None)
@given(st.sampled_from(["binomial", "poisson", "hypergeometric"]), st.integers(2, 80), st.data())
def test_the_bound_rises_with_deviations_and_confidence_and_falls_with_the_sample(
    distribution: str, n: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, n - 1))

    def bound(n: int, k: int, sure: str) -> Fraction:
        return sampling.upper_bound(
            distribution, n, k, Fraction(sure), 100 if distribution == "hypergeometric" else None
        )

    assert bound(n, k, "0.9") <= bound(n, k + 1, "0.9")
    assert bound(n, k, "0.9") <= bound(n, k, "0.95")
    assert bound(n + 1, k, "0.9") <= bound(n, k, "0.9")
    assert bound(n, k, "0.9") >= Fraction(k, n)


@given(st.integers(1, 200))
def test_without_deviations_the_binomial_bound_is_known_in_closed_form(n: int) -> None:
    bound = sampling.upper_bound("binomial", n, 0, Fraction(95, 100))
    assert (1 - bound) ** n <= Fraction(1, 20) < (1 - bound + Fraction(1, 10**10)) ** n


@given(st.integers(30, 200), st.data())
def test_the_bound_is_below_the_tolerable_rate_exactly_where_the_statement_is_supported(
    size: int, data: st.DataObject
) -> None:
    n, limit = data.draw(st.integers(1, size)), Fraction(data.draw(st.integers(1, 60)), 100)
    k = data.draw(st.integers(0, min(n, 4)))
    made = sampling.evaluate(sample_size=n, deviations=k, confidence="95%", population=size, tolerable=limit)
    assert made.upper_items is not None
    assert (made.conclusion == "supported") is (made.upper_items < math.ceil(limit * size))


def test_what_everybody_examined_proves_is_certain() -> None:
    made = sampling.evaluate(sample_size=40, deviations=2, confidence="95%", population=40, tolerable="5%")
    assert (made.upper_items, made.conclusion, made.achieved_confidence) == (2, "not_supported", "0")
    assert "these are all there are; that is the tolerable 5 % or more" in made.statement
    fewer = sampling.evaluate(sample_size=40, deviations=1, confidence="95%", population=40, tolerable="5%")
    assert (fewer.upper_items, fewer.conclusion, fewer.achieved_confidence) == (1, "supported", "1")


def test_a_sample_of_a_prohibition_states_its_power_and_excuses_nothing() -> None:
    """The words of the reference: had 5 % or more of the 400 parts been wrong, one would have been seen."""
    about: dict[str, Any] = {
        "sample_size": 55,
        "confidence": "95%",
        "population": 400,
        "tolerable": "5%",
        "prohibition": True,
    }
    clean = sampling.evaluate(deviations=0, **about)
    assert clean.conclusion == "no_exception_found"
    assert (
        "Had 5 % or more of the 400 items deviated, one would have been seen with a probability of 95.2 % or more."
        in clean.statement
    )
    assert "It does not prove that none does" in clean.statement
    wrong = sampling.evaluate(deviations=1, **about)
    assert wrong.conclusion == "exceptions_found" and "each is a finding" in wrong.statement
    assert wrong.told()["tolerable"] is None and wrong.told()["detects"] == "0.05"


def test_every_statement_says_what_is_not_proved() -> None:
    for deviations in (0, 1, 9):
        told = sampling.evaluate(sample_size=50, deviations=deviations, confidence="95%", tolerable="5%").statement
        assert (
            "It proves nothing of any single item that was not examined" in told
            and "complete is a test of its own" in told
        )


def test_bounds_are_told_rounded_up_and_confidences_down() -> None:
    told = sampling.evaluate(sample_size=54, deviations=0, confidence="95%", population=300, tolerable="5%").told()
    assert told["upper_bound"] == "0.0466666667" and told["upper_bound_items"] == 14
    exact = 1 - ways(300, 15, 54, 0)
    assert Fraction(told["achieved_confidence"]) <= exact < Fraction(told["achieved_confidence"]) + Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"confidence": "95"}, "write 0.95 or 95%"),
        ({"sample_size": "101", "population": "100"}, "larger than the population of 100"),
        ({"deviations": "51"}, "more than the 50 items"),
        ({"deviations": "-1"}, "is no number"),
        ({"deviations": "0.5"}, "only Poisson"),
        ({"sample_size": "0", "deviations": "0"}, "proves nothing"),
        ({"sample_size": "5.5"}, "no whole number"),
        ({"tolerable": "0"}, "that of a prohibition"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_a_sentence(about: dict[str, Any], says: str) -> None:
    with pytest.raises(SamplingError) as told:
        sampling.evaluate(**{"sample_size": "50", "deviations": "0", "confidence": "0.95", **about})
    assert says in str(told.value) and str(told.value).endswith(".")
