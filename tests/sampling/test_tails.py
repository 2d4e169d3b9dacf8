"""Probabilities: a float within the error that it states, digits that are right, and no float that decides at a boundary."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.sampling.tails import Binomial, Hypergeometric, Poisson, at_most, probability

RATES = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000)


def near(told: Decimal, exact: Fraction) -> bool:
    return abs(Fraction(told) - exact) <= Fraction(1, 10**48)


@given(RATES, st.integers(1, 300), st.data())
def test_binomial(p: Fraction, n: int, data: st.DataObject) -> None:
    k = Fraction(data.draw(st.integers(0, n)))
    law = Binomial(p)
    exact = law.exact(k, n)
    value, error = law.rough(k, n)
    assert abs(Fraction(value) - exact) <= Fraction(error) * (exact + Fraction(value)) + Fraction(1, 10**300)
    assert near(probability(law, k, n), exact)


@given(st.integers(1, 400), st.data())
def test_hypergeometric(size: int, data: st.DataObject) -> None:
    bad, n = data.draw(st.integers(0, size)), data.draw(st.integers(1, size))
    k = Fraction(data.draw(st.integers(0, n)))
    law = Hypergeometric(size, bad)
    exact = law.exact(k, n)
    value, error = law.rough(k, n)
    assert abs(Fraction(value) - exact) <= Fraction(error) * (exact + Fraction(value)) + Fraction(1, 10**300)
    assert near(probability(law, k, n), exact)


@given(RATES, st.integers(1, 2000), st.fractions(min_value=0, max_value=150, max_denominator=16))
def test_poisson_float_and_digits_agree(rate: Fraction, n: int, k: Fraction) -> None:
    law = Poisson(rate)
    value, error = law.rough(k, n)
    told = Fraction(probability(law, k, n))
    assert abs(Fraction(value) - told) <= Fraction(error) * (told + Fraction(value)) + Fraction(1, 10**48)


@given(RATES, st.integers(1, 500), st.fractions(min_value=0, max_value=60, max_denominator=16))
def test_poisson_with_a_fraction_lies_between_the_whole_counts(rate: Fraction, n: int, k: Fraction) -> None:
    ks = Fraction(int(k)), k, Fraction(int(k) + 1)
    below, there, above = (Fraction(probability(Poisson(rate), at, n)) for at in ks)
    assert below - Fraction(1, 10**45) <= there <= above + Fraction(1, 10**45)


def test_poisson_at_a_half_is_the_error_function() -> None:
    # Q(1/2, z) = erfc(sqrt z), so that Q(3/2, z) = erfc(sqrt z) + 2 sqrt(z/pi) e^-z
    told = probability(Poisson(Fraction(1, 50)), Fraction(1, 2), 100)
    assert math.isclose(told, math.erfc(2**0.5) + 2 * (2 / math.pi) ** 0.5 * math.exp(-2), rel_tol=1e-14)


def test_a_probability_that_is_the_risk_itself_suffices() -> None:
    """(1/2)^10 is 1/1024 exactly; a thousandth of a billionth less is not enough."""
    law, risk = Binomial(Fraction(1, 2)), Fraction(1, 1024)
    assert at_most(law, Fraction(0), 10, risk)
    assert not at_most(law, Fraction(0), 10, risk - Fraction(1, 10**60))
    assert at_most(Hypergeometric(4, 2), Fraction(0), 2, Fraction(1, 6))
    assert not at_most(Hypergeometric(4, 2), Fraction(0), 2, Fraction(1, 6) - Fraction(1, 10**60))


@pytest.mark.parametrize("digits", [20, 40])
def test_a_poisson_probability_nearer_to_the_risk_than_any_float_is_decided(digits: int) -> None:
    with localcontext() as context:
        context.prec = 60
        risk = Fraction((-Decimal(3)).exp())
    law, little = Poisson(Fraction(3, 100)), Fraction(1, 10**digits)
    assert at_most(law, Fraction(0), 100, risk + little)
    assert not at_most(law, Fraction(0), 100, risk - little)
