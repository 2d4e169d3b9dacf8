"""§791.312(a): records taken from the index by sample, inspected, and held against the ledger.

The index is the client's word. The firm sets how many records of each kind and type are inspected (`[criteria]
records_sample`); which ones follows from the engagement's id alone, so that anyone can draw them again: the records of a type are
ordered by the SHA-256 of "engagement id|transaction|record type", and the first are taken. What the assessor saw comes back as
evidence of its own, one row a record.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd

from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, finding, named, rows, terms_ref
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation

CLAUSE = "791.312(a)"
_CITED = 50
_UNKNOWN = "transaction that the ledger does not hold"


def size(facts: Facts) -> int:
    """How many records of each kind and type are inspected by the firm's criteria; 0 when it sets none."""
    return int(facts.terms.criteria.get("records_sample", 0))


def drawn(facts: Facts, index: pd.DataFrame) -> pd.DataFrame:
    """The sample of the record index (rows of `s312_records.indexed`): its rows with `kind` and `record_type`, in the order drawn.

    Records that the index marks as not held are a finding already and are not drawn.
    """
    there = index[~certain(~index["held"]) & index["transaction"].notna() & index["record_type"].notna()]
    keys = [f"{facts.terms.id}|{t}|{r}" for t, r in zip(there["transaction"], there["record_type"], strict=True)]
    order = there.assign(order=[hashlib.sha256(key.encode("utf-8")).hexdigest() for key in keys])
    order = order.drop_duplicates(["transaction", "record_type"]).sort_values(["kind", "record_type", "order"])
    return order.groupby(["kind", "record_type"], sort=False, dropna=False).head(size(facts)).drop(columns="order")


def inspect(facts: Facts, index: pd.DataFrame) -> tuple[Workings, list[dict[str, Any]]]:
    """Each kind and type of record: drawn, seen, agreeing; and the rows of the report's table."""
    w = Workings()
    table: list[dict[str, Any]] = []
    if not size(facts) or index.empty:
        return w, table
    seen = facts.tables["record_inspections"].drop_duplicates(["transaction", "record_type"], keep="last")
    sample = drawn(facts, index).merge(
        seen[["transaction", "record_type", "seen", "agrees", "note", "source", "locator"]],
        on=["transaction", "record_type"],
        how="left",
        suffixes=("", "_inspected"),
    )
    pairs = list(zip(index["kind"].fillna(_UNKNOWN), index["record_type"].fillna(""), strict=True))
    for key, group in sample.groupby([sample["kind"].fillna(_UNKNOWN), "record_type"], sort=True):
        kind, type_ = map(str, key)
        population = pairs.count((kind, type_))
        words = f"{type_.replace('_', ' ')} of {kind.replace('_', ' ')}"
        places = _places(group)
        absent = group[certain(~group["seen"])]
        wrong = group[certain(~group["agrees"]) & ~certain(~group["seen"])]  # what was not produced is one deviation
        waiting = group[group["seen"].isna() | (certain(group["seen"]) & group["agrees"].isna())]
        outcome = (
            Outcome.EXCEPTION
            if len(absent) + len(wrong)
            else Outcome.INCONCLUSIVE
            if len(waiting)
            else Outcome.CONFORMS
        )
        told = (
            f"Of {counted(len(group), 'record')} drawn from {population:,}, {len(group) - len(waiting)} were inspected"
        )
        told += (
            f": {len(absent)} not produced, {len(wrong)} at odds with the ledger" if len(absent) + len(wrong) else ""
        )
        told += f"; {len(waiting)} wait for inspection." if len(waiting) else "."
        w.test(CLAUSE, f"sample: {words}", outcome, told, places or (terms_ref("[criteria] records_sample"),))
        if len(absent) + len(wrong):
            w.findings.append(_finding(words, told, pd.concat([absent, wrong]), places))
        if len(waiting):
            w.request(
                "records_to_inspect",
                f"The {type_.replace('_', ' ')} of {named(waiting['transaction'], 50)}, for inspection",
                [words],
                CLAUSE,
                "whether the records exist and agree with the ledger",
            )
        table.append(
            {
                "kind": kind.replace("_", " "),
                "record_type": type_.replace("_", " "),
                "population": population,
                "sample": len(group),
                "inspected": len(group) - len(waiting),
                "deviations": len(absent) + len(wrong),
                "outcome": str(outcome),
            }
        )
    return w, table


def _places(group: pd.DataFrame) -> tuple[EvidenceRef, ...]:
    """Where the inspections of a group stand."""
    own = group[["source_inspected", "locator_inspected"]].dropna(subset="source_inspected")
    return evidence(own.rename(columns=lambda name: name.removesuffix("_inspected")), _CITED)


def _finding(words: str, told: str, failing: pd.DataFrame, places: tuple[EvidenceRef, ...]) -> Finding:
    ids = list(dict.fromkeys(failing["transaction"]))
    notes = [f"{row['transaction']}: {row['note']}" for row in rows(failing[["transaction", "note"]]) if row["note"]]
    return finding(
        "records_not_borne_out",
        f"sample: {words}",
        [CLAUSE],
        f"Records in the index were not produced or do not agree with the ledger: {words}",
        criteria="All primary business records of each transaction are kept and available for examination.",
        condition=f"{told} They belong to {named(ids, 12)}." + (f" {'; '.join(notes[:12])}." if notes else ""),
        effect="The index cannot be relied on for records that were not inspected, and these transactions cannot be shown to BIS.",
        severity="medium",
        evidence=places,
        transactions=ids,
        recommendations=[
            Recommendation("Find or replace the records named.", "condition", counted(len(ids), "transaction")),
            Recommendation(
                "Check the whole index of this type against the archive, and enter a record in it only when it is filed.",
                "cause",
                "all transactions of this kind",
            ),
        ],
    )
