"""§§791.302, 791.303: a prohibition is tested on every transaction, and no sample stands for any of them.

Bills of materials and the ledger are held against each other by computation, so that there is nothing to infer; what stays open are
transactions for which a fact is missing, and those that the ledger does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assessor.procedures import s315_populations, samples, supplier_samples
from assessor.procedures.facts import Facts
from assessor.procedures.transaction_outcomes import TransactionOutcomes
from assessor.results import Outcome, worst


def whole(
    facts: Facts, medium: str, clause: str, outcomes: TransactionOutcomes, kinds: Sequence[str]
) -> list[dict[str, Any]]:
    """The row of `samples` for the transactions that a prohibition concerns; none where there are none. `kinds`: of
    transactions that it can concern."""
    of = outcomes.counts()
    items = sum(of.values()) - of[Outcome.NOT_APPLICABLE]
    if not items:
        return []
    known = [s315_populations.completeness(facts, kind) for kind in kinds if _there(facts, kind)]
    bills = supplier_samples.articles_known(facts)
    complete = worst([bills[0], *(outcome for outcome, _ in known)]), " ".join([*(told for _, told in known), bills[1]])
    open_ = of[Outcome.INCONCLUSIVE] + of[Outcome.NOT_TESTED]
    population = f"imports and sales that §{clause} concerns, exempt ones left out"
    return [
        samples.whole(
            facts, f"transactions with {medium}", clause, population, items, of[Outcome.EXCEPTION], open_, complete
        )
    ]


def _there(facts: Facts, kind: str) -> bool:
    return bool((facts.tables["transactions"]["kind"] == kind).fillna(False).any())
