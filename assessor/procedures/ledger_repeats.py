"""§791.312(a), §791.315(c)(3): what stands twice in the import and sales ledger and may stand there only once. It is told.

A row entered twice, a VIN imported or sold as new twice, an entry number on several days, since one number is not used for more than
one entry (19 CFR 142.3a(a)). The assessor may find that the rows are separate transactions: a vehicle comes in again after it was
exported, a weekly entry from a foreign-trade zone covers several days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from assessor.procedures import number_series
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.ledger_numbers import IMPORTS, LEDGER, POPULATIONS, ledger
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, finding, items_ref, named, ref, rows
from assessor.results import Finding, Outcome, Recommendation

RECORDS = "791.312(a)"
_CITED, _NAMED = 50, 12


@dataclass(frozen=True)
class Repeats:
    """Rows that repeat one another: `key` (what they have in common) is a column of `rows`; `told`: alone it is an exception."""

    subject: str
    rows: pd.DataFrame
    of: pd.DataFrame
    title: str
    passing: str
    told: bool = True


def repeats(facts: Facts) -> list[Repeats]:
    """Everything in the ledger that stands twice and may stand only once."""
    t = facts.of(ledger)
    same = ["kind", "date", "item", "part_number", "vin_", "units", "entry_"]
    filled = t[same].astype("string[pyarrow]").fillna("")
    whole = number_series.repeated(filled.assign(number=t["number"]))
    found = [
        Repeats(
            f"{LEDGER}: rows entered twice",
            _keyed(t[whole], "number"),
            t,
            "Rows of the ledger stand there twice",
            "No row repeats another with the same number, article, day and units.",
        )
    ]
    once = t[~(t.assign(**filled).duplicated([*same, "number"]) & t["number"].notna())]  # one of each pair told above
    arrived = once[certain(once["kind"] == "vehicle_import")]
    found.append(
        Repeats(
            f"{POPULATIONS['vehicle_import']}: imported twice",
            _keyed(arrived[number_series.repeated(arrived[["vin_"]])], "vin_"),
            arrived,
            "The ledger has a vehicle imported twice",
            "No VIN is imported twice.",
        )
    )
    new = once[certain((once["kind"] == "vehicle_sale") & once["new_vehicle"])]
    found.append(
        Repeats(
            f"{POPULATIONS['vehicle_sale']}: sold as new twice",
            _keyed(new[number_series.repeated(new[["vin_"]])], "vin_"),
            new,
            "The ledger has a vehicle sold as new twice",
            "No VIN is sold as new twice.",
        )
    )
    entered = once[once["customs"] & once["entry_"].notna() & once["date"].notna()]
    days = entered.groupby("entry_")["date"].transform("nunique") if len(entered) else entered["units"]
    found.append(
        Repeats(
            f"{IMPORTS}: one entry number on several days",
            _keyed(entered[(days > 1).fillna(False).to_numpy(dtype=bool)], "entry_"),
            entered,
            "The ledger has one entry number on several days",
            "No entry number stands on several days.",
        )
    )
    consigned = once[certain(once["kind"] == "hardware_import") & once["customs"]]
    keys = consigned[["entry_", "part_number", "units", "date"]]
    found.append(
        Repeats(
            f"{POPULATIONS['hardware_import']}: same entry, part, units and day",
            _keyed(consigned[number_series.repeated(keys)], "entry_", "part_number"),
            consigned,
            "The ledger has a consignment twice",
            "No entry has the same part in the same number twice.",
            told=False,
        )
    )
    return [one for one in found if len(one.of)]


def _keyed(found: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows with `key`, what they have in common: these columns together, an entry number as it is written first."""
    parts = [
        found.groupby("entry_")["entry"].transform("first") if column == "entry_" and len(found) else found[column]
        for column in columns
    ]
    key = parts[0]
    for part in parts[1:]:
        key = key + " " + part
    return found.assign(key=key)


def repeated(facts: Facts) -> Workings:
    """What stands twice, each kind of it with the assessor's answer whether the rows are separate transactions."""
    w = Workings()
    for one in facts.of(repeats):
        if one.rows.empty:
            w.test(RECORDS, one.subject, Outcome.CONFORMS, one.passing, items_ref(one.of))
            continue
        groups = one.rows.groupby("key", sort=True)["transaction"].agg(lambda ids: ", ".join(map(str, ids.dropna())))
        listed = [f"{key} ({ids})" for key, ids in groups.items()]
        shown = {"repeated": listed[:50], "rows": len(one.rows), "of": len(one.of)}
        question = w.asked(facts.ask("repeats_separate", one.subject, shown))
        told = f"{counted(len(listed), 'number')} on {len(one.rows):,} rows: {named(listed, _NAMED)}."
        separate = answered(question, "yes")
        if separate:
            reason = f"{told} The assessor finds that they are separate transactions. {question.rationale}"
            w.test(RECORDS, one.subject, Outcome.CONFORMS, reason, evidence(one.rows, _CITED))
        elif separate is None and not one.told:
            reason = f"{told} Whether they are separate transactions is asked."
            w.test(RECORDS, one.subject, Outcome.INCONCLUSIVE, reason, evidence(one.rows, _CITED))
            _ask_for_papers(w, one, listed)
        else:
            w.test(RECORDS, one.subject, Outcome.EXCEPTION, told, evidence(one.rows, _CITED))
            w.findings.append(_finding(one, told))
            if separate is None:
                _ask_for_papers(w, one, listed)
    return w


def _ask_for_papers(w: Workings, one: Repeats, listed: list[str]) -> None:
    w.request(
        "repeated_rows",
        f"The records behind each row of {named(listed, 20)}, or word which of them does not belong in the ledger",
        [one.subject],
        RECORDS,
        "whether the rows are separate transactions, and how many there were",
    )


def _finding(one: Repeats, told: str) -> Finding:
    ids = list(dict.fromkeys(one.rows["transaction"].dropna()))
    return finding(
        "ledger_repeats",
        one.subject,
        [RECORDS],
        one.title,
        criteria="The records of each transaction are kept, so that the ledger has each transaction once and tells its own number from "
        "others; one entry number is not used for more than one entry (19 CFR 142.3a(a)).",
        condition=f"{told} Nothing in evidence says that the rows are separate transactions.",
        effect="Numbers of transactions and units that are counted from the ledger, and samples drawn from it, count something twice or "
        "have lost the true number of another transaction.",
        severity="low",
        evidence=evidence(one.rows, _CITED),
        transactions=ids,
        recommendations=[
            Recommendation(
                "Hold the rows against their records; correct the ledger, or note in it why both are right.",
                "condition",
                f"{counted(len(ids), 'transaction')}: {named(ids, 12)}",
            ),
            Recommendation(
                "Have the ledger refuse a VIN or an entry number that it holds already, unless a reason is given.",
                "cause",
                "later imports and sales",
            ),
        ],
    )


def repeats_table(facts: Facts) -> list[dict[str, Any]]:
    """The rows that repeat one another, the first of them, with their places."""
    return [
        {
            "of": one.subject,
            "number": row["key"],
            "transaction": row["transaction"],
            "date": row["date"].isoformat() if row["date"] else "",
            "entry": row["entry"],
            "place": str(ref(row)),
        }
        for one in facts.of(repeats)
        for row in rows(one.rows.sort_values("key", kind="stable").head(_CITED))
    ]
