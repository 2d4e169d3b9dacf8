"""Who owns, controls and directs whom, and what follows under §791.301. Stands alone: tables in, verdicts out.

`assess` gives an `Ownership`; `Ownership.verdict(entity)` a `Verdict`. Shares are exact fractions throughout.
"""

from __future__ import annotations

from assessor.ownership import aliases
from assessor.ownership.chain import Step
from assessor.ownership.describing import describe
from assessor.ownership.graph import Majority
from assessor.ownership.interests import ForeignInterest
from assessor.ownership.interval import Interval, exact, percent
from assessor.ownership.names import Candidate, Directory, Match, Party, directory, find
from assessor.ownership.ownership_graph import OwnershipGraph
from assessor.ownership.passive import Passive
from assessor.ownership.readings import Reading
from assessor.ownership.settling import Settling
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
    "Passive",
    "Reading",
    "Settling",
    "Step",
    "Verdict",
    "aliases",
    "assess",
    "describe",
    "directory",
    "exact",
    "find",
    "normalise",
    "percent",
]
