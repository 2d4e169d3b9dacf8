"""What became of each transaction under a prohibition: outcome and reasons, the worst first.

A procedure tests by supplier; here its answers are turned around, so that every transaction of the ledger has an outcome, and
not only those that a finding names.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from assessor.procedures.limbs import certain, impossible
from assessor.results import WORST_FIRST, Outcome


class TransactionOutcomes:
    """Gathers the outcome of every transaction; of several for one transaction the worst counts, with all of its reasons."""

    def __init__(self, transactions: pd.DataFrame, otherwise: str) -> None:
        """`otherwise` says why a transaction that nothing is noted for is not concerned."""
        self._ids = transactions["transaction"]
        self._rank = np.full(len(transactions), len(WORST_FIRST), dtype=np.int8)
        self._reasons: list[tuple[str, ...]] = [()]
        self._code = np.zeros(len(transactions), dtype=np.int64)
        self._numbers: dict[tuple[str, ...], int] = {(): 0}
        self._otherwise = otherwise

    def note(self, concerned: pd.Series, outcome: Outcome, reason: str) -> None:
        """Note an outcome for the transactions that are concerned for sure (NA is not)."""
        mask, rank = certain(concerned).to_numpy(), WORST_FIRST.index(outcome)
        self._code[mask & (self._rank > rank)] = 0
        self._rank[mask & (self._rank > rank)] = rank
        reached = mask & (self._rank == rank)
        for code in np.unique(self._code[reached]):
            before = self._reasons[code]
            if reason not in before:
                self._code[reached & (self._code == code)] = self._number((*before, reason))

    def judge(self, hit: pd.Series, *, established: bool, reason: str, doubt: str) -> None:
        """Note what a supplier's test says: where it is hit for sure and tied for sure an exception for `reason`, where
        either is only possible an open point for `doubt`."""
        if established:
            self.note(hit, Outcome.EXCEPTION, reason)
            self.note(hit.isna(), Outcome.INCONCLUSIVE, doubt)
        else:
            self.note(~impossible(hit), Outcome.INCONCLUSIVE, doubt)

    def counts(self) -> dict[Outcome, int]:
        """How many transactions have each outcome, those without a number too; not those that nothing is noted for."""
        return {outcome: int((self._rank == rank).sum()) for rank, outcome in enumerate(WORST_FIRST)}

    def rows(self) -> list[dict[str, Any]]:
        """One row for each outcome with its reasons: outcome, reason, transactions (their ids, in the ledger's order)."""
        ranked = [*WORST_FIRST, Outcome.NOT_APPLICABLE]
        told: dict[tuple[int, int], list[str]] = {}
        for rank, code, id in zip(self._rank.tolist(), self._code.tolist(), self._ids, strict=True):
            if not pd.isna(id):
                told.setdefault((rank, code), []).append(str(id))
        return [
            {
                "outcome": str(ranked[rank]),
                "reason": "; ".join(self._reasons[code]) or self._otherwise,
                "transactions": ids,
            }
            for (rank, code), ids in sorted(told.items(), key=lambda entry: (entry[0][0], self._reasons[entry[0][1]]))
        ]

    def _number(self, reasons: tuple[str, ...]) -> int:
        if reasons not in self._numbers:
            self._numbers[reasons] = len(self._reasons)
            self._reasons.append(reasons)
        return self._numbers[reasons]
