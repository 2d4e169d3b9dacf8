"""Outcomes of single transactions: the worst counts, with all its reasons, and no transaction is left out."""

from __future__ import annotations

import pandas as pd

from assessor.procedures.transaction_outcomes import TransactionOutcomes
from assessor.results import Outcome

LEDGER = pd.DataFrame({"transaction": ["T-1", "T-2", "T-3", "T-4", None]})


def _flags(*values: bool | None) -> pd.Series:
    return pd.Series(pd.array(values, dtype="bool[pyarrow]"))


def test_of_several_outcomes_the_worst_counts_whatever_their_order() -> None:
    outcomes = TransactionOutcomes(LEDGER, "not concerned")
    outcomes.note(_flags(True, True, True, False, True), Outcome.CONFORMS, "nothing")
    outcomes.note(_flags(True, True, None, False, True), Outcome.EXCEPTION, "A")
    outcomes.note(_flags(True, False, None, None, False), Outcome.EXCEPTION, "B")
    outcomes.note(_flags(True, True, True, None, True), Outcome.INCONCLUSIVE, "C")
    outcomes.note(_flags(True, True, True, None, True), Outcome.INCONCLUSIVE, "C")
    assert outcomes.rows() == [
        {"outcome": "exception", "reason": "A", "transactions": ["T-2"]},
        {"outcome": "exception", "reason": "A; B", "transactions": ["T-1"]},
        {"outcome": "inconclusive", "reason": "C", "transactions": ["T-3"]},
        {"outcome": "not_applicable", "reason": "not concerned", "transactions": ["T-4"]},
    ]


def test_a_hit_is_an_exception_only_where_it_and_the_tie_are_sure() -> None:
    for established, told in ((True, ["exception", "inconclusive"]), (False, ["inconclusive", "inconclusive"])):
        outcomes = TransactionOutcomes(LEDGER, "none")
        outcomes.judge(_flags(True, None, False, False, False), established=established, reason="r", doubt="d")
        by_id = {id: row["outcome"] for row in outcomes.rows() for id in row["transactions"]}
        assert [by_id["T-1"], by_id["T-2"]] == told
        assert by_id["T-3"] == "not_applicable"
