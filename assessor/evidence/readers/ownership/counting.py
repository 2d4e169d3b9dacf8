"""What numbers of shares, votes and amounts of capital in a cap table mean as shares of the whole, exact.

The whole is what is issued and not held by the company itself: option pools, options, warrants and the like, and treasury shares
are in no denominator (nor are they in any holder's numerator). A total that the table states is held against the sum of its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from assessor.evidence.readers.ownership import holders
from assessor.evidence.readers.ownership.numbers import shown
from assessor.evidence.readers.ownership.shares import Share
from assessor.text import exact_text

NOBODY_SAID = "how many votes its classes of shares have is not stated"


@dataclass
class Lot:
    """Shares of one class in a row: whose, how many, votes of each where that is stated, all votes where those are."""

    row: int
    holder: str
    share_class: str = ""
    number: Fraction | None = None
    votes_each: Fraction | None = None
    votes: Fraction | None = None

    @property
    def issued(self) -> bool:
        """It counts as a share of the company."""
        return holders.issued(self.share_class)


@dataclass
class Counted:
    """Shares of the capital and of the votes by holder, what is to be told of the table, and what is wrong with it."""

    equity: dict[str, Share] = field(default_factory=dict)
    votes: dict[str, Share] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def count(lots: Sequence[Lot], others: Iterable[tuple[str, Fraction | None]], totals: Sequence[Fraction]) -> Counted:
    """The shares of each holder. `others`: numbers of shares that nobody holds, with their role (see `holders.role`); `totals`: the
    totals that the table states."""
    found = Counted()
    held = [lot for lot in lots if lot.issued]
    if not held:
        return found
    aside: dict[str, Fraction] = {}
    for role, number in (*others, *((holders.UNISSUED, lot.number) for lot in lots if not lot.issued)):
        aside[role] = aside.get(role, Fraction(0)) + (number or Fraction(0))
    _shares(found.equity, held, totals, list(aside.values()), "shares", found)
    votes = _votes(held, found)
    if votes is not None:
        _shares(found.votes, votes, (), (), "votes", found)
    return found


def _shares(
    into: dict[str, Share],
    held: Sequence[Lot],
    totals: Sequence[Fraction],
    aside: Sequence[Fraction],
    what: str,
    found: Counted,
) -> None:
    """Each holder's part of the sum, or of the total that the table states where it has more than its rows hold."""
    missing = [lot for lot in held if lot.number is None]
    sums: dict[str, Fraction] = {}
    for lot in held:
        if lot.number is not None:
            sums[lot.holder] = sums.get(lot.holder, Fraction(0)) + lot.number
    listed = sum(sums.values(), Fraction(0))
    whole = _whole(listed, totals, aside, what, bool(missing), found)
    if whole is None or not whole[0]:
        return
    least, most = whole
    incomplete = {lot.holder for lot in missing}
    for holder, number in sums.items():
        low, high = number / most, min(Fraction(1), number / least)  # a holder may have more than a wrong total
        if holder in incomplete:
            high = Fraction(1)
        into[holder] = Share(exact_text(low), exact_text(high), False, False)


def _whole(
    listed: Fraction, totals: Sequence[Fraction], aside: Sequence[Fraction], what: str, missing: bool, found: Counted
) -> tuple[Fraction, Fraction] | None:
    """The least and the most that the whole may be; None when nothing says it. What is set `aside` may stand in a total or not."""
    known, outside = [total for total in totals if total], sum(aside, Fraction(0))
    fits = {listed + sum(some, Fraction(0)) for n in range(len(aside) + 1) for some in combinations(aside, n)}
    if not known and missing:
        found.wrong.append(f"of some holders no number of {what} is read, and no total is stated; shares are left open")
        return None
    if not known or any(total in fits for total in known):
        return listed, listed
    total = max(known)
    if total > listed + outside:
        if not missing:
            message = f"{shown(total)} {what} are stated in total and {shown(listed + outside)} are listed"
            found.notes.append(f"{message}; the others are held by nobody named")
        return total - outside, total
    found.wrong.append(
        f"the rows hold {shown(listed)} {what}{f' and {shown(outside)} that nobody holds' if outside else ''}, the total says "
        f"{shown(total)}; shares lie between the two"
    )
    return min(listed, total), max(listed, total)


def _votes(held: Sequence[Lot], found: Counted) -> list[Lot] | None:
    """The lots with votes in the place of shares; None where shares stand for votes, as nothing else is said."""
    if any(lot.votes is not None for lot in held):
        return [Lot(lot.row, lot.holder, lot.share_class, lot.votes) for lot in held]
    each = {lot.share_class: lot.votes_each for lot in held if lot.votes_each is not None}
    classes = {lot.share_class for lot in held}
    if not each and len(classes) < 2 and all(map(holders.votes, classes)):
        return None
    silent = {name for name in classes if not holders.votes(name)}
    if not each and len(classes - silent) == 1:
        each = dict.fromkeys(classes - silent, Fraction(1))
    each = {**dict.fromkeys(silent, Fraction(0)), **each}
    if unsaid := sorted(classes - set(each)):
        names = ", ".join(repr(name) for name in unsaid)
        found.notes.append(f"{NOBODY_SAID} ({names}); no votes are counted")
        found.votes |= {lot.holder: Share() for lot in held}
        return None
    return [
        Lot(
            lot.row,
            lot.holder,
            lot.share_class,
            None
            if lot.number is None
            else lot.number * (each[lot.share_class] if lot.votes_each is None else lot.votes_each),
        )
        for lot in held
    ]
