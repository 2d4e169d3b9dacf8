"""§791.312(a): records taken from the index by sample, inspected, and held against the ledger.

The index is the client's word. Each kind of transaction and type of record is a population of its own; the firm sets how many of each are
inspected (`[criteria] records_sample`) or what a sample has to show, and which ones follow from the seed (`samples`). An item is
"transaction|record type". What the assessor saw comes back as evidence of its own, one row a record.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures import s315_populations, samples
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.samples import Complete, Drawn, Seen
from assessor.procedures.working import Workings, counted, finding, named, rows, terms_ref
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation, Test, worst

CLAUSE = "791.312(a)"
_CITED = 50
_UNKNOWN = "transaction that the ledger does not hold"


def size(facts: Facts) -> int:
    """How many records of each kind and type are inspected where the firm sets a number; 0 when it sets none."""
    return int(facts.terms.criteria.get("records_sample", 0))


def sampled(facts: Facts) -> bool:
    """Whether the firm has records inspected by sample."""
    return bool(size(facts)) or samples.criteria(facts) is not None


def inspect(
    facts: Facts, index: pd.DataFrame, complete: list[Test]
) -> tuple[Workings, dict[str, list[dict[str, Any]]]]:
    """Each kind and type of record: drawn, seen, agreeing; and the rows of the tables `record_sample`, `samples` and `sample_items`.

    `index`: rows of `s312_records.indexed`; records that it marks as not held are a finding already and are not drawn. `complete`: the
    tests of whether the index lists each transaction.
    """
    w = Workings()
    told: dict[str, list[dict[str, Any]]] = {"record_sample": [], "samples": [], "sample_items": []}
    if not sampled(facts) or index.empty:
        return w, told
    noted = facts.tables["record_inspections"].drop_duplicates(["transaction", "record_type"], keep="last")
    noted = noted[["transaction", "record_type", "seen", "agrees", "note", "source", "locator"]]
    there = index[~certain(~index["held"]) & index["transaction"].notna() & index["record_type"].notna()]
    there = there.drop_duplicates(["transaction", "record_type"])
    there = there.assign(kind=there["kind"].fillna(_UNKNOWN))
    pairs = list(zip(index["kind"].fillna(_UNKNOWN), index["record_type"].fillna(""), strict=True))
    for key, population in there.groupby(["kind", "record_type"], sort=True):
        kind, type_ = map(str, key)
        record = type_.replace("_", " ")
        words = f"{record} of {kind.replace('_', ' ')}"
        ids = population["transaction"] + "|" + population["record_type"]
        drawn = samples.draw(facts, ids, size(facts))
        if drawn.problem:
            reason = f"No sample could be drawn. {drawn.problem}"
            w.test(CLAUSE, f"sample: {words}", Outcome.INCONCLUSIVE, reason, evidence(population, 5))
            continue
        group = population.assign(item=ids).set_index("item").loc[list(drawn.ids)].reset_index()
        group = group.merge(noted, on=["transaction", "record_type"], how="left", suffixes=("", "_inspected"))
        seen = [_seen(row) for row in rows(group)]
        outcome = _inspected(w, words, record, group, drawn, seen)
        known = _complete(facts, kind, words, complete)
        sample = f"records: {words}"
        row = samples.sampled(facts, sample, CLAUSE, f"{words} in the record index", drawn, seen, known)
        told["samples"].append(row)
        told["sample_items"] += samples.item_rows(sample, seen)
        told["record_sample"].append(
            {
                "kind": kind.replace("_", " "),
                "record_type": record,
                "population": pairs.count((kind, type_)),
                "sample": row["size"],
                "inspected": row["examined"],
                "deviations": row["deviations"],
                "outcome": str(outcome),
            }
        )
    return w, told


def _seen(row: dict[str, Any]) -> Seen:
    """What became of a record drawn: one that was not produced deviates, whatever is said of its agreement, and so does one that
    disagrees, whether it is said that it was seen or not."""
    right = False if False in (row["seen"], row["agrees"]) else None if row["seen"] is None else row["agrees"]
    place = (EvidenceRef(row["source_inspected"], row["locator_inspected"] or ""),) if row["source_inspected"] else ()
    return Seen(row["item"], right, row["note"] or "", place)


def _inspected(w: Workings, words: str, record: str, group: pd.DataFrame, drawn: Drawn, seen: list[Seen]) -> Outcome:
    """Note what the inspection of one sample showed, and hand its outcome back."""
    places = _places(group)
    absent = group[certain(~group["seen"])]
    wrong = group[[one.right is False for one in seen]].drop(absent.index)  # what was not produced is one deviation
    waiting = group[[one.right is None for one in seen]]
    bad = len(absent) + len(wrong)
    outcome = Outcome.EXCEPTION if bad else Outcome.INCONCLUSIVE if len(waiting) else Outcome.CONFORMS
    told = f"Of {counted(len(group), 'record')} drawn from {drawn.items:,}, {len(group) - len(waiting)} were inspected"
    told += f": {len(absent)} not produced, {len(wrong)} at odds with the ledger" if bad else ""
    told += f"; {len(waiting)} wait for inspection." if len(waiting) else "."
    w.test(CLAUSE, f"sample: {words}", outcome, told, places or (terms_ref(f"[criteria] {drawn.set_by}"),))
    if bad:
        w.findings.append(_finding(words, told, pd.concat([absent, wrong]), places))
    if len(waiting):
        w.request(
            "records_to_inspect",
            f"The {record} of {named(waiting['transaction'], 50)}, for inspection",
            [words],
            CLAUSE,
            "whether the records exist and agree with the ledger",
        )
    return outcome


def _complete(facts: Facts, kind: str, words: str, complete: list[Test]) -> Complete:
    """Whether the index is known to be complete for records of this kind: the ledger as a population, and the index against it."""
    of_ledger, sentence = s315_populations.completeness(facts, kind)
    own = [test for test in complete if test.subject in (f"completeness: {words}", f"completeness: {kind}")]
    reason = " ".join(test.reason for test in own) or "Whether the index lists each of them was not tested."
    return worst([of_ledger, *(test.outcome for test in own)]), f"{sentence} Index: {reason}"


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
