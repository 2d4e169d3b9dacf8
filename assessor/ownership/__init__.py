"""Who owns, controls and directs whom, and what follows under §791.301. Stands alone: tables in, verdicts out.

`assess` gives an `Ownership`; `Ownership.verdict(entity)` a `Verdict`. Shares are exact fractions throughout.
"""

from __future__ import annotations

from assessor.ownership import aliases
from assessor.ownership.chain import Step
from assessor.ownership.graph import Majority
from assessor.ownership.interests import ForeignInterest
from assessor.ownership.interval import Interval, exact, percent
from assessor.ownership.names import Candidate, Directory, Match, Party, directory, find
from assessor.ownership.ownership_graph import OwnershipGraph
from assessor.ownership.spelling import normalise
from assessor.ownership.verdict import Ownership, Verdict, assess

__all__ = [
    "Candidate",
    "Directory",
    "ForeignInterest",
    "Interval",
    "Majority",
    "Match",
    "Ownership",
    "OwnershipGraph",
    "Party",
    "Step",
    "Verdict",
    "aliases",
    "assess",
    "directory",
    "exact",
    "find",
    "normalise",
    "percent",
]
