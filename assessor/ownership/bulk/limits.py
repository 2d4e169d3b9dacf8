"""What decides over votes, in units of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from assessor.ownership.bulk.columns import Flag, Number, Whole
from assessor.ownership.bulk.stakes import Votes


@dataclass(frozen=True)
class Limits:
    """What decides, in units of the whole. `needed`: by subject, what a majority exceeds; `votes`: whether anybody votes in it;
    `criterion`: the firm's figure for a dominant minority."""

    needed: Whole
    votes: Flag
    criterion: int


def limits(votes: Votes, has_votes: Flag, criterion: Fraction) -> Limits:
    """The limits of these votes. Where the stated stakes exceed the whole, the excess may be on either side."""
    excess = np.maximum(votes.lower - votes.unit, 0)
    return Limits(excess + votes.unit // 2, has_votes, ceil(criterion * votes.unit))


def majority(votes: Votes, limit: Limits, subject: Number, held: Whole, is_open: Flag) -> Flag:
    """Which of these holdings are more than half of the votes (`closure.majority`)."""
    needed = limit.needed[subject]
    over: Flag = (held > needed) | ((held == needed) & is_open & ~votes.contradictory[subject])
    return over & limit.votes[subject]
