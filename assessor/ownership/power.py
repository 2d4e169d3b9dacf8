"""Figures for the question of a dominant minority (§791.301, person (4)): how much a stake below a majority can decide.

The rule sets no number and these figures disagree with each other; they are shown to the assessor and decide nothing. Indices
are exact fractions: coalitions are counted in integers, by generating functions. Votes that nobody discloses count as an ocean:
holders so many and so small that each alone decides nothing. All shares are fractions of 1.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from assessor.ownership.interval import HALF, ONE, ZERO, percent

GRIDS = (1_000, 250)  # units of the quota's parts to which votes are rounded where their exact unit is too fine
MOST = 300  # holders of votes among whom power is counted
WORK = 2 * 10**9  # steps of counting on such a grid, some seconds at most
EXACT = 2 * 10**7  # steps of counting that exact votes are worth
TURNOUTS = ("0.9", "0.8", "0.7", "0.6", "0.5")


@dataclass(frozen=True)
class Indices:
    """Power of each voter, in the order of the weights.

    `banzhaf_absolute`: part of the coalitions of the others that the voter turns into winning ones; `banzhaf`: the same as a
    part of all voters' (0 for all where nobody turns any); `shapley_shubik`: part of the orders in which the voter is pivotal.
    """

    banzhaf: tuple[Fraction, ...]
    banzhaf_absolute: tuple[Fraction, ...]
    shapley_shubik: tuple[Fraction, ...]


@dataclass(frozen=True)
class MinorityFigures:
    """What `minority_figures` tells. `stake` and `next_holder` are shares of all votes; `undisclosed` is the ocean.

    `concentration`: sum of the squared shares of the other votes, each taken as a part of them (1: one holder has them all).
    `banzhaf_absolute` and `shapley_shubik`: None where they were not computed; `banzhaf`: None beside an ocean, in which no sum
    over all voters exists. `degree_of_control`: four decimals, None where the disclosed others hold nothing. `of_votes_cast`:
    turnout and share of the votes cast at it. `notes`: what the figures assume, and why one is missing.
    """

    stake: Fraction
    next_holder: Fraction
    other_holders: int
    undisclosed: Fraction
    concentration: Fraction
    banzhaf: Fraction | None
    banzhaf_absolute: Fraction | None
    shapley_shubik: Fraction | None
    degree_of_control: str | None
    of_votes_cast: tuple[tuple[str, Fraction], ...]
    notes: tuple[str, ...]


def minority_figures(
    stakes: Mapping[str, Fraction],
    holders_of_interest: Collection[str],
    quota: Fraction = HALF,
    turnouts: Sequence[str] = TURNOUTS,
) -> MinorityFigures:
    """The figures of the holders of interest, who vote as one, among all holders of votes in one entity.

    stakes: votes by holder at their lower ends; what is left of the whole is the ocean. A coalition wins with more than `quota`
    of all votes. Raises ValueError where the stakes are negative or exceed the whole.
    """
    share = sum((stakes[holder] for holder in sorted(set(holders_of_interest) & set(stakes))), ZERO)
    others = sorted(
        (held for holder, held in stakes.items() if holder not in holders_of_interest and held), reverse=True
    )
    undisclosed = ONE - share - sum(others, ZERO)
    if undisclosed < 0 or any(held < 0 for held in stakes.values()):
        raise ValueError("votes are negative or exceed the whole")
    left = ONE - share
    notes = ["votes count at their lower ends"]
    if undisclosed:
        notes.append(f"the {percent(undisclosed)} of the votes that nobody discloses count as very many small holders")
    power, note = _powers(share, others, undisclosed, quota)
    return MinorityFigures(
        share,
        others[0] if others else ZERO,
        len(others),
        undisclosed,
        concentration(held / left for held in others) if left else ZERO,
        *power,
        degree_of_control(share, others),
        tuple((turnout, of_votes_cast(share, turnout)) for turnout in turnouts),
        (*notes, *note),
    )


def power_indices(weights: Sequence[int], quota: int) -> Indices:
    """Banzhaf and Shapley–Shubik indices of voters with integer weights; a coalition wins with at least `quota`.

    Raises ValueError for a negative weight or a quota that is not positive. Time grows with the square of the number of voters
    and with the quota: 300 voters and a quota of 5,000 take some seconds.
    """
    if quota <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights are not negative and the quota is positive")
    size = len(weights)
    counts = _counts(weights, quota)
    swings = {weight: _swings(_without(counts, weight), weight, quota) for weight in sorted(set(weights))}
    absolute = [Fraction(sum(swings[w]), 2 ** (size - 1)) for w in weights]
    orders = [Fraction(1, size * math.comb(size - 1, s)) for s in range(size)]
    pivots = {w: sum((n * p for n, p in zip(listed, orders, strict=True)), ZERO) for w, listed in swings.items()}
    whole = sum(absolute, ZERO)
    return Indices(
        tuple(value / whole if whole else ZERO for value in absolute),
        tuple(absolute),
        tuple(pivots[w] for w in weights),
    )


def oceanic(weight: int, others: Sequence[int], ocean: int, half: int) -> tuple[Fraction, Fraction]:
    """Absolute Banzhaf and Shapley–Shubik index of one voter beside others and an ocean of infinitely many small voters.

    A coalition wins with more than `half`; `ocean` is the ocean's weight. Half of an ocean whose voters toss coins votes one way
    (where that makes a tie, it decides as often this way as that). For Shapley–Shubik the ocean arrives
    evenly over the time in which the others arrive at random.
    """
    decided = _without(_counts([weight, *others], half + 1), weight)
    listed = [_coefficients(row, decided.bits, half + 1) for row in decided.rows]
    by_weight = [sum(column) for column in zip(*listed, strict=True)]
    size = len(others) + 1

    tied = HALF if ocean else ZERO

    def wins(given: int) -> Fraction:
        """Part of the cases in which so much, beside half of the ocean, wins."""
        margin = 2 * given + ocean - 2 * half
        return ONE if margin > 0 else tied if margin == 0 else ZERO

    # coalitions of the others beyond `half` win without the voter
    banzhaf = sum((n * (wins(w + weight) - wins(w)) for w, n in enumerate(by_weight) if n), ZERO) / 2 ** (size - 1)
    if not ocean:
        shapley = sum(
            (
                Fraction(sum(row[max(0, half + 1 - weight) :]), size * math.comb(size - 1, s))
                for s, row in enumerate(listed)
            ),
            ZERO,
        )
        return banzhaf, shapley
    sums = [list(accumulate(row, initial=0)) for row in listed]
    totals, before = [0] * size, _arrived(0, ocean, size)
    for unit in range(ocean):
        # while the ocean's part lies between this unit and the next, others of these weights lose, and win with the voter
        first, beyond = max(0, half - unit - weight), max(0, half - unit)
        after = _arrived(unit + 1, ocean, size)
        for s, upto in enumerate(sums):
            if needing := upto[beyond] - upto[first]:
                totals[s] += needing * (after[s] - before[s])
        before = after
    shapley = sum((Fraction(n, size * math.comb(size - 1, s)) for s, n in enumerate(totals)), ZERO) / ocean**size
    return banzhaf, shapley


def degree_of_control(share: Fraction, others: Iterable[Fraction]) -> str | None:
    """Cubbin and Leech's degree of control, four decimals: the probability that the holder is on the winning side when the others
    vote at random, by the normal distribution. None where the others hold nothing. A reported figure; floats never decide."""
    spread = sum((held**2 for held in others), ZERO)
    return f"{(1 + math.erf(float(share) / math.sqrt(2 * float(spread)))) / 2:.4f}" if spread else None


def of_votes_cast(share: Fraction, turnout: str) -> Fraction:
    """A holder's share of the votes cast when it votes itself and `turnout` of all votes are cast; 1 where others hardly vote.

    Raises ValueError for a turnout that is no share above 0 and up to 1.
    """
    cast = Fraction(turnout)
    if not 0 < cast <= 1:
        raise ValueError(f"a turnout is above 0 and at most 1, {turnout!r} is not")
    return min(ONE, share / cast)


def concentration(shares: Iterable[Fraction]) -> Fraction:
    """Herfindahl index: the sum of the squared shares."""
    return sum((share**2 for share in shares), ZERO)


_Power = tuple[Fraction | None, Fraction | None, Fraction | None]


def _powers(share: Fraction, others: Sequence[Fraction], ocean: Fraction, quota: Fraction) -> tuple[_Power, list[str]]:
    """Banzhaf, absolute Banzhaf and Shapley–Shubik of the stake, on the finest grid that bounded work allows."""
    voters = [share, *others]
    if len(voters) > MOST:
        return (None, None, None), [f"no index of power is counted among {len(voters)} holders of votes"]
    exact = math.lcm(quota.denominator, *(held.denominator for held in (*voters, ocean)))
    coarser = [units * quota.denominator for units in GRIDS]
    finest = coarser[0]
    for grid in (exact, *(units for units in coarser if units < exact)):
        weights, half = [round(held * grid) for held in voters], int(quota * grid)
        small = max(0, grid - sum(weights)) if ocean else 0
        size, distinct = len(voters), 1 if small else len(set(weights))
        if size * size * (distinct * (half + 1) + small * 64) > (WORK if grid <= finest else EXACT):
            continue
        notes = [] if grid == exact else [f"for the indices votes are rounded to units of {percent(Fraction(1, grid))}"]
        if small:
            return (None, *oceanic(weights[0], weights[1:], small, half)), notes
        found = power_indices(weights, half + 1)
        return (found.banzhaf[0], found.banzhaf_absolute[0], found.shapley_shubik[0]), notes
    return (None, None, None), [f"no index of power is counted among {len(voters)} holders of votes so finely divided"]


@dataclass(frozen=True)
class _Counted:
    """Coalitions by number of members (rows) and weight: a row is one integer that holds a count of `bits` bits a weight."""

    rows: tuple[int, ...]
    bits: int
    mask: int


def _counts(weights: Sequence[int], below: int) -> _Counted:
    """The coalitions of all voters whose weight is below a bound."""
    bits = -(-(len(weights) + 1) // 8) * 8  # whole bytes; no count exceeds 2**voters
    mask = (1 << bits * below) - 1
    rows = [1, *[0] * len(weights)]
    for number, weight in enumerate(weights, 1):
        for size in range(number, 0, -1):
            rows[size] += rows[size - 1] << bits * weight & mask if weight < below else 0
    return _Counted(tuple(rows), bits, mask)


def _without(counted: _Counted, weight: int) -> _Counted:
    """The coalitions without one voter: those with it are those without it and one member fewer, moved by its weight."""
    rows, shift = [counted.rows[0]], counted.bits * weight
    below = counted.mask.bit_length()
    for row in counted.rows[1:-1]:
        rows.append(row - (rows[-1] << shift & counted.mask if shift < below else 0))
    return _Counted(tuple(rows), counted.bits, counted.mask)


def _swings(counted: _Counted, weight: int, quota: int) -> list[int]:
    """By number of members: the coalitions that lose and win with the voter."""
    first = counted.bits * max(0, quota - weight)
    # the digits of a number in base b add up to it modulo b - 1, as long as their sum is smaller than that
    return [(row >> first) % ((1 << counted.bits) - 1) for row in counted.rows]


def _coefficients(row: int, bits: int, length: int) -> list[int]:
    width = bits // 8
    text = row.to_bytes(width * length, "little")
    return [int.from_bytes(text[n : n + width], "little") for n in range(0, len(text), width)]


def _arrived(part: int, whole: int, size: int) -> list[int]:
    """whole**size times the probability that more than s of `size` voters have arrived at time part / whole, for each s."""
    exactly = [math.comb(size, n) * part**n * (whole - part) ** (size - n) for n in range(size, 0, -1)]
    return list(accumulate(exactly))[::-1]
