"""Probabilities of at most k deviations among n items, and whether they exceed a risk, decided without floats.

Three laws: `Hypergeometric` (a known population with so many deviating items), `Binomial` (a rate, items drawn with replacement or
from a population without end) and `Poisson` (a rate, counts may be fractional). Each knows a probability three times:

    rough     a float with the size of its error, quick enough for a search over thousands of sizes
    precise   a Decimal of fifty digits
    exact     a Fraction (none for Poisson, whose values are transcendental)

`at_most` asks the float, and where that is nearer to the risk than its error the Decimal, and where that leaves it open, which only an
equality does, the Fraction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

import numpy as np

_DIGITS = Context(prec=70, Emax=MAX_EMAX, Emin=MIN_EMIN)
_OPEN = Decimal(10) ** -50
"""Nearer than this, relative to the risk, a Decimal leaves it open."""
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
_UNIT = 2.0**-52


class Law(Protocol):
    """P(X ≤ k | n), falling in n for the same k and rising in k for the same n."""

    def rough(self, k: Fraction, n: int) -> tuple[float, float]:
        """The probability and the bound of its relative error."""

    def precise(self, k: Fraction, n: int) -> Decimal:
        """The probability to fifty digits."""

    def exact(self, k: Fraction, n: int) -> Fraction | None:
        """The probability itself, where it is rational."""


def at_most(law: Law, k: Fraction, n: int, risk: Fraction) -> bool:
    """Whether P(X ≤ k | n) ≤ risk."""
    value, error = law.rough(k, n)
    near = float(risk)
    if abs(value - near) > error * (value + near):
        return value < near
    with localcontext(_DIGITS):
        limit = Decimal(risk.numerator) / risk.denominator
        told = law.precise(k, n)
        if abs(told - limit) > limit * _OPEN:
            return told < limit
    exact = law.exact(k, n)
    return exact is not None and exact <= risk


def probability(law: Law, k: Fraction, n: int) -> Decimal:
    """P(X ≤ k | n) to fifty digits."""
    with localcontext(_DIGITS):
        return min(Decimal(1), law.precise(k, n))


@dataclass(frozen=True)
class Binomial:
    """Each of n items deviates with probability `p`."""

    p: Fraction

    def rough(self, k: Fraction, n: int) -> tuple[float, float]:
        x, p = int(k), float(self.p)
        if x >= n or not p:
            return 1.0, 0.0
        if p >= 1:
            return 0.0, 0.0
        q = float(1 - self.p)
        parts = (
            *(math.lgamma(n + 1), -math.lgamma(x + 1), -math.lgamma(n - x + 1)),
            *(x * math.log(p), (n - x) * math.log(q)),
        )
        return _summed(
            parts,
            x < n * p,
            x,
            lambda i: i * q / ((n - i + 1) * p),
            lambda i: (n - i) * p / ((i + 1) * q),
            n,
        )

    def precise(self, k: Fraction, n: int) -> Decimal:
        x, p = int(k), Decimal(self.p.numerator) / self.p.denominator
        if x >= n:
            return Decimal(1)
        q = 1 - p
        if not q:
            return Decimal(0)
        term = total = q**n
        odds = p / q
        for i in range(x):
            term = term * (n - i) * odds / (i + 1)
            total += term
        return total

    def exact(self, k: Fraction, n: int) -> Fraction:
        a, b = self.p.numerator, self.p.denominator
        x = min(int(k), n)
        return Fraction(sum(math.comb(n, i) * a**i * (b - a) ** (n - i) for i in range(x + 1)), b**n)


@dataclass(frozen=True)
class Hypergeometric:
    """n items drawn without replacement from `population`, of which `deviating` deviate."""

    population: int
    deviating: int

    def rough(self, k: Fraction, n: int) -> tuple[float, float]:
        size, bad, x = self.population, self.deviating, int(k)
        most, least = min(n, bad), max(0, n - (size - bad))
        if x >= most:
            return 1.0, 0.0
        if x < least:
            return 0.0, 0.0
        g = math.lgamma
        parts = (
            *(g(bad + 1), -g(x + 1), -g(bad - x + 1)),
            *(g(size - bad + 1), -g(n - x + 1), -g(size - bad - n + x + 1)),
            *(-g(size + 1), g(n + 1), g(size - n + 1)),
        )
        good = size - bad
        return _summed(
            parts,
            x * size < n * bad,
            x - least,
            lambda i: (i + least) * (good - n + i + least) / ((bad - i - least + 1) * (n - i - least + 1)),
            lambda i: (bad - i - least) * (n - i - least) / ((i + least + 1) * (good - n + i + least + 1)),
            most - least,
        )

    def precise(self, k: Fraction, n: int) -> Decimal:
        size, bad, x = self.population, self.deviating, int(k)
        most, least = min(n, bad), max(0, n - (size - bad))
        if x >= most:
            return Decimal(1)
        if x < least:
            return Decimal(0)
        good = size - bad
        term = (
            _none(size, good, size - n) if least else _none(size, bad, n)
        )  # x may be far from it, so all its digits count
        total = term
        for i in range(least, x):
            term = term * ((bad - i) * (n - i)) / ((i + 1) * (good - n + i + 1))
            total += term
        return total

    def exact(self, k: Fraction, n: int) -> Fraction:
        size, bad = self.population, self.deviating
        ways = sum(math.comb(bad, i) * math.comb(size - bad, n - i) for i in range(min(int(k), n) + 1))
        return Fraction(ways, math.comb(size, n))


def _none(size: int, bad: int, n: int) -> Decimal:
    """The probability that n of `size` items hold none of `bad`, by the shorter of two products."""
    fewer, other = sorted((bad, n))
    told = Decimal(1)
    for i in range(fewer):
        told = told * (size - other - i) / (size - i)
    return told


@dataclass(frozen=True)
class Poisson:
    """A mean of n times `rate`; P(X ≤ k) is the upper incomplete gamma Q(k + 1, n·rate), also for k that are no whole numbers."""

    rate: Fraction

    def rough(self, k: Fraction, n: int) -> tuple[float, float]:
        shape, mean = float(k) + 1.0, float(self.rate * n)
        if not mean:
            return 1.0, 0.0
        parts = (shape * math.log(mean), -mean, -math.lgamma(shape))
        head = math.exp(max(-745.0, sum(parts)))
        error = _UNIT * (8 * sum(map(abs, parts)) + 4096)
        if mean < shape + 1:
            return 1.0 - head * _series(shape, mean), error
        return head * _fraction(shape, mean), error

    def precise(self, k: Fraction, n: int) -> Decimal:
        mean = Decimal((self.rate * n).numerator) / (self.rate * n).denominator
        if k.denominator == 1:
            term = total = (-mean).exp()
            for i in range(1, int(k) + 1):
                term = term * mean / i
                total += term
            return total
        shape = Decimal(k.numerator) / k.denominator + 1
        term = total = 1 / shape
        step = shape
        while term > total * Decimal(10) ** -60:
            step += 1
            term = term * mean / step
            total += term
        return 1 - (shape * mean.ln() - mean - _log_gamma(shape)).exp() * total

    def exact(self, k: Fraction, n: int) -> Fraction | None:
        return None if self.rate * n else Fraction(1)


def _summed(
    parts: tuple[float, ...],
    lower: bool,
    x: int,
    down: Callable[[np.ndarray], np.ndarray],
    up: Callable[[np.ndarray], np.ndarray],
    most: int,
) -> tuple[float, float]:
    """The sum of the terms up to the x-th, from the logarithm of that term (`parts`, added up) and the ratios of neighbours.

    Below the middle the terms fall away downwards and are added up in that direction; above it those beyond x are taken from 1.
    """
    head = math.exp(max(-745.0, math.fsum(parts)))
    error = _UNIT * (8 * math.fsum(map(abs, parts)) + 65536)
    if lower:
        return head * (1.0 + _falling(x, 0, down)), error
    return 1.0 - head * _falling(x, most, up), error


def _falling(start: int, end: int, ratio: Callable[[np.ndarray], np.ndarray]) -> float:
    """The sum of running products of ratios, from `start` towards `end` (excluded), until nothing is added any more."""
    total, last, taken, block = 0.0, 1.0, 0, 64
    step = 1 if end > start else -1
    while taken < abs(end - start) and last > total * 1e-18:
        count = min(block, abs(end - start) - taken)
        at = start + step * np.arange(taken, taken + count, dtype=np.float64)
        products = np.cumprod(ratio(at)) * last
        total += float(products.sum())
        last, taken, block = float(products[-1]), taken + count, block * 2
    return total


def _series(shape: float, mean: float) -> float:
    """Σ mean^i / (shape (shape+1) … (shape+i)), which times mean^shape e^-mean / Γ(shape) is the lower incomplete gamma."""
    term = total = 1.0 / shape
    step = shape
    while term > total * 1e-17:
        step += 1.0
        term *= mean / step
        total += term
    return total


def _fraction(shape: float, mean: float) -> float:
    """The continued fraction of the upper incomplete gamma over mean^shape e^-mean, by Lentz (DLMF 8.9.2, in its even part)."""
    b = mean + 1.0 - shape
    c, d = 1e300, 1.0 / b
    told = d
    for i in range(1, 100_000):
        a = -i * (i - shape)
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        told *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return told


def _log_gamma(x: Decimal) -> Decimal:
    """ln Γ(x) to sixty digits, by Stirling's series (DLMF 5.11.1) from 60 on."""
    shift = Decimal(1)
    while x < 60:
        shift *= x
        x += 1
    told = (x - Decimal("0.5")) * x.ln() - x + (2 * _PI).ln() / 2
    for j, bernoulli in enumerate(_bernoulli(30), 1):
        told += Decimal(bernoulli.numerator) / bernoulli.denominator / (2 * j * (2 * j - 1)) / x ** (2 * j - 1)
    return told - shift.ln()


@lru_cache(maxsize=1)
def _bernoulli(count: int) -> tuple[Fraction, ...]:
    """B_2, B_4, …, so many of them."""
    told = [Fraction(1)]
    for m in range(1, 2 * count + 1):
        told.append(-sum((math.comb(m + 1, j) * told[j] for j in range(m)), Fraction(0)) / (m + 1))
    return tuple(told[2::2])
