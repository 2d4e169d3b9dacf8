"""What control and look-through shares are, worked out slowly and by itself: no line of the engine is used here.

Control: x controls y when x, with all that it controls, holds more than half of y's votes; a set of persons may stand for x.
Look-through: share(y) = sum over holders h of stake(h, y) * share(h), with the persons' own share 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product

Shares = dict[tuple[str, str], Fraction]  # (holder, subject) -> exact share
Band = tuple[Fraction, Fraction, bool, bool]  # from, to, from excluded, to excluded
Bands = dict[tuple[str, str], Band]

HIDDEN = "hidden"


def controlled(shares: Mapping[tuple[str, str], Fraction], seeds: Collection[str]) -> set[str]:
    """The seeds and all that they control together: round after round over all subjects until nothing is added."""
    found, subjects = set(seeds), {subject for _, subject in shares}
    while True:
        more = {
            subject
            for subject in subjects - found
            if sum((x for (holder, s), x in shares.items() if s == subject and holder in found), Fraction(0))
            > Fraction(1, 2)
        }
        if not more:
            return found
        found |= more


def alone(shares: Mapping[tuple[str, str], Fraction], seeds: Collection[str]) -> set[str]:
    """The seeds and all that one of them controls without the others."""
    return set().union(*(controlled(shares, {seed}) for seed in seeds))


def around(told: Bands) -> set[str]:
    """Entities that hold a part of themselves, directly or through others."""
    below: dict[str, set[str]] = {}
    for holder, subject in told:
        below.setdefault(holder, set()).add(subject)
    found = set()
    for start in below:
        seen: set[str] = set()
        reach = list(below[start])
        while reach:
            entity = reach.pop()
            if entity not in seen:
                seen.add(entity)
                reach += below.get(entity, ())
        if start in seen:
            found.add(start)
    return found


def values(band: Band, nudge: Fraction) -> list[Fraction]:
    """The ends of a band and its middle; beside an open end a value that lies as near as `nudge`."""
    low, high, low_open, high_open = band
    return sorted({low + nudge if low_open else low, (low + high) / 2, high - nudge if high_open else high})


def completions(told: Bands, nudge: Fraction) -> Iterator[Shares]:
    """Every way to choose such values from the bands in which nothing exceeds the whole."""
    for chosen in product(*(values(band, nudge) for band in told.values())):
        shares = dict(zip(told, chosen, strict=True))
        if all(left >= 0 for left in rest(shares).values()):
            yield shares


def rest(shares: Mapping[tuple[str, str], Fraction]) -> dict[str, Fraction]:
    """What is left of the whole of each subject."""
    left: dict[str, Fraction] = {}
    for (_, subject), share in shares.items():
        left[subject] = left.get(subject, Fraction(1)) - share
    return left


def with_hidden(shares: Shares, subjects: Iterable[str], holder: str = HIDDEN) -> Shares:
    """The same with the rest of each subject given to one fresh holder, or to a holder already there."""
    whole, left = dict(shares), rest(shares)
    for subject in subjects:
        if (share := left.get(subject, Fraction(1))) and subject != holder:
            whole[holder, subject] = whole.get((holder, subject), Fraction(0)) + share
    return whole


def look_through(
    shares: Mapping[tuple[str, str], Fraction], seeds: Collection[str], names: Iterable[str]
) -> dict[str, Fraction] | None:
    """The share of the seeds in every entity by elimination over the whole system; None where it has no single solution."""
    order = sorted(names)
    rows = []
    for name in order:
        row = [Fraction(int(name == other)) for other in order]
        if name not in seeds:
            row = [value - shares.get((other, name), Fraction(0)) for value, other in zip(row, order, strict=True)]
        rows.append([*row, Fraction(int(name in seeds))])
    for column in range(len(order)):
        pivot = next((r for r in range(column, len(order)) if rows[r][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for r, row in enumerate(rows):
            if r != column and row[column]:
                factor = row[column]
                rows[r] = [value - factor * base for value, base in zip(row, rows[column], strict=True)]
    return {name: row[-1] for name, row in zip(order, rows, strict=True)}
