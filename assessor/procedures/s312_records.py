"""§791.312: records. Are primary business records held, and kept for ten years after the transaction?

The period runs from the transaction, not from the record's own date. It binds for transactions that need a declaration or an
authorization; exempt ones and those without covered software or VCS hardware are set aside, and where it is open whether one
needs them nothing is called an exception. The rule lists kinds of record and does not say which each transaction has: the
index's own kinds are taken as what the client expects of a kind of transaction.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.procedures import (
    authorization_scope,
    declaration_due,
    exposure,
    record_samples,
    retention_schedule,
    s308_exemptions,
)
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.limbs import certain, either, impossible, looked_up
from assessor.procedures.working import Workings, counted, finding, finish, items_ref, named, rows, years_after
from assessor.results import Outcome, ProcedureResult, Recommendation

CLAUSE = "791.312"
TITLE = "Recordkeeping"
READ = ("policies", "records", "record_inspections", "transactions")
INDEX = "record index"
DATE = pd.ArrowDtype(pa.date32())
_CITED = 50


def run(facts: Facts) -> ProcedureResult:
    """Test the stated period of retention, and the record index against the transactions."""
    w = Workings()
    w.add(retention_schedule.schedule(facts))
    index = facts.of(indexed)
    w.add(held(facts, index))
    w.add(kept_long_enough(facts, index))
    missing, unindexed = complete(facts)
    w.add(missing)
    inspected, drawn = record_samples.inspect(facts, index, missing.tests)
    w.add(inspected)
    return finish(
        w,
        "s312_records",
        CLAUSE,
        TITLE,
        population=f"{len(index):,} of {counted(len(facts.tables['records']), 'entry', 'entries')} of the record index, "
        f"{counted(len(facts.of(required)), 'transaction')} that need a declaration or an authorization, "
        f"{counted(facts.tables['policies']['document'].nunique(), 'policy document')}",
        work_done=(
            "Searched the policies for a number of years in sentences about keeping records.",
            "Read for every entry of the record index whether the record is held, and until when it is kept.",
            "Added the years of §791.312(a) to the date of each transaction and compared.",
            "Compared the transactions that need a declaration or an authorization with those in the index.",
            *(
                f"Drew {len(drawn['sample_items']):,} records by sample, each kind of transaction and type of record a population of its "
                "own, and read what their inspection showed."
                for _ in drawn["samples"][:1]
            ),
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            *unindexed,
            "Records that were not drawn were examined through the client's index alone."
            if drawn["samples"]
            else "Records were examined through the client's index; the records themselves were not opened.",
        ),
        tables={"records": _table(index), **drawn},
    )


def required(facts: Facts) -> pd.DataFrame:
    """Transactions that need, or may need, a declaration or an authorization, as rows of `transactions` with `needs` (True, or
    NA where that is open): those that §791.305 asks a declaration for, and those that claim an authorization, in either case
    not exempt (§791.308)."""
    t = facts.of(authorization_scope.movements)
    due = facts.of(declaration_due.due).loc[t.index]
    exempt = facts.of(s308_exemptions.transactions).reset_index(drop=True).loc[t.index]
    connected = looked_up(t["line"], exposure.connected(facts))
    vehicle, hardware = t["kind"].str.startswith("vehicle"), t["kind"] == "hardware_import"
    claimed = (vehicle & connected & ~exempt["software_exempt"]) | (hardware & ~exempt["hardware_exempt"])
    needs = either(t["authorization"].notna(), claimed, due["software_due"] | due["hardware_due"])
    return t.assign(needs=needs)[~impossible(needs)]


def indexed(facts: Facts) -> pd.DataFrame:
    """The record index with the date of each transaction, `needs` (True, or NA where it is open whether it needs records) and
    `due`, the first day on which its record may go; entries of transactions that need no declaration or authorization are left
    out, those of unknown transactions stay (date and needs NA)."""
    index, every, need = facts.tables["records"], facts.tables["transactions"], facts.of(required)
    aside = set(every["transaction"].dropna()) - set(need["transaction"].dropna())
    index = index[~index["transaction"].isin(sorted(aside))]
    dated = index.merge(
        every[["transaction", "date", "kind"]].drop_duplicates("transaction"), on="transaction", how="left"
    )
    years = int(facts.rule.constant("record_years"))
    until = {day: years_after(day, years) for day in dated["date"].dropna().unique()}
    sure = {row["transaction"]: row["needs"] for row in rows(need[["transaction", "needs"]]) if row["transaction"]}
    return dated.assign(
        due=pd.Series([until.get(day) for day in dated["date"]], dated.index, DATE),
        needs=looked_up(dated["transaction"], sure),
    )


def _open(w: Workings, index: pd.DataFrame, subject: str, what: str) -> None:
    """Note what would be an exception if the transactions needed records, which is not known of them."""
    if len(index):
        w.test(
            "791.312(a)",
            subject,
            Outcome.INCONCLUSIVE,
            f"{counted(len(index), 'record')} {what}, of transactions of which it is open whether they need records.",
            evidence(index, _CITED),
        )
        w.request(
            "records_due",
            f"What is missing to tell whether {named(dict.fromkeys(index['transaction'].dropna()), 12) or 'the transactions'} "
            "need a declaration or an authorization",
            [INDEX],
            "791.312(a)",
            "whether their records must be kept",
        )


def held(facts: Facts, index: pd.DataFrame) -> Workings:
    """§791.312(a): every record that the index expects is held."""
    w = Workings()
    gone, open_ = index[impossible(index["held"])], index[index["held"].isna()]
    _open(w, gone[gone["needs"].isna()], INDEX, "are not held")
    gone, none_gone = gone[certain(gone["needs"])], gone.empty
    if len(gone):
        kinds = ", ".join(
            f"{str(kind).replace('_', ' ')}: {n}"
            for kind, n in sorted(gone["record_type"].fillna("record").value_counts().items())
        )
        ids = list(dict.fromkeys(gone["transaction"].dropna()))
        w.test(
            "791.312(a)",
            INDEX,
            Outcome.EXCEPTION,
            f"{counted(len(gone), 'record')} of {len(index):,} are not held ({kinds}).",
            evidence(gone, _CITED),
        )
        w.findings.append(
            finding(
                "records_missing",
                INDEX,
                ["791.312(a)"],
                "Primary business records are not held",
                criteria="All primary business records of each transaction that needs a declaration or an authorization are kept and available.",
                condition=f"The client's index marks {counted(len(gone), 'record')} as not held ({kinds}), of transactions {named(ids, 12)}.",
                effect="The transactions cannot be shown to BIS as the rule requires.",
                severity="medium",
                evidence=evidence(gone, _CITED),
                transactions=ids,
                recommendations=[
                    Recommendation(
                        "Obtain copies from customs broker, carrier, dealer or supplier.",
                        "condition",
                        f"{counted(len(ids), 'transaction')}: {named(ids, 12)}",
                    ),
                    Recommendation(
                        "Close no transaction in the ledger before its records are filed.",
                        "cause",
                        "later imports and sales",
                    ),
                ],
            )
        )
    elif len(index) and open_.empty and none_gone:
        w.test(
            "791.312(a)",
            INDEX,
            Outcome.CONFORMS,
            f"All {counted(len(index), 'record')} are marked as held.",
            evidence(index, 5),
        )
    if len(open_):
        w.test(
            "791.312(a)",
            INDEX,
            Outcome.INCONCLUSIVE,
            f"For {counted(len(open_), 'record')} the index does not say whether they are held.",
            evidence(open_, _CITED),
        )
        w.request(
            "records_held",
            f"Whether {counted(len(open_), 'record')} are held",
            [INDEX],
            "791.312(a)",
            "whether the records are complete",
        )
    return w


def kept_long_enough(facts: Facts, index: pd.DataFrame) -> Workings:
    """§791.312(a): kept until ten years after the transaction at least; the anniversary itself is in time."""
    w, years = Workings(), int(facts.rule.constant("record_years"))
    have = index[index["held"].fillna(True).astype(bool)]
    enough = have["kept_until"] >= have["due"]
    short, open_ = have[impossible(enough)], have[enough.isna()]
    subject = f"{INDEX}: kept until"
    _open(w, short[short["needs"].isna()], subject, f"go less than {years} years after the transaction")
    short, none_short = short[certain(short["needs"])], short.empty
    if len(short):
        ids = list(dict.fromkeys(short["transaction"].dropna()))
        w.test(
            "791.312(a)",
            subject,
            Outcome.EXCEPTION,
            f"{counted(len(short), 'record')} are kept until less than {years} years after the transaction.",
            evidence(short, _CITED),
        )
        w.findings.append(
            finding(
                "kept_too_short",
                INDEX,
                ["791.312(a)"],
                f"Records are scheduled to go before {years} years have passed",
                criteria=f"Records are available for at least {years} years after the date of the transaction.",
                condition=f"By the index {counted(len(short), 'record')} go before that, of transactions {named(ids, 12)}.",
                effect="They would be destroyed too early.",
                severity="medium",
                evidence=evidence(short, _CITED),
                transactions=ids,
                recommendations=[
                    Recommendation(
                        f"Extend them to {years} years after the transaction.",
                        "condition",
                        counted(len(ids), "transaction"),
                    )
                ],
            )
        )
    elif len(have) and open_.empty and none_short:
        w.test(
            "791.312(a)",
            subject,
            Outcome.CONFORMS,
            f"All are kept until {years} years after the transaction or longer.",
            evidence(have, 5),
        )
    if len(open_):
        w.test(
            "791.312(a)",
            subject,
            Outcome.INCONCLUSIVE,
            f"For {counted(len(open_), 'record')} the date of the transaction or the end of keeping is missing.",
            evidence(open_, _CITED),
        )
        w.request(
            "kept_until",
            f"Until when {counted(len(open_), 'record')} are kept, and the transactions they belong to",
            [INDEX],
            "791.312(a)",
            f"whether they are kept for {years} years",
        )
    return w


def complete(facts: Facts) -> tuple[Workings, list[str]]:
    """Whether each transaction that needs records is in the index with the types that the index has for its kind; and, as
    limitations, the kinds of transaction that the index leaves out altogether."""
    w, need, index = Workings(), facts.of(required), facts.tables["records"]
    if need.empty:
        w.test(
            "791.312(a)",
            "completeness",
            Outcome.NOT_APPLICABLE,
            "No transaction needs a declaration or an authorization.",
            items_ref(facts.tables["transactions"]),
        )
        return w, []
    listed = index.merge(need[["transaction", "kind"]].drop_duplicates(), on="transaction")
    left_out, lacking = [], []
    for kind, group in need.groupby(need["kind"].fillna("other"), sort=True):
        types = sorted(listed.loc[(listed["kind"] == kind).fillna(False), "record_type"].dropna().unique())
        if not types:
            left_out.append(
                f"{counted(len(group), str(kind).replace('_', ' '))} that need records are of a kind that the record index does not list."
            )
            w.request(
                "records_of_kind",
                f"The record index for {str(kind).replace('_', ' ')}s",
                [str(kind)],
                "791.312(a)",
                "whether their records are held",
            )
            w.test("791.312(a)", f"completeness: {kind}", Outcome.INCONCLUSIVE, left_out[-1], evidence(group, 5))
        for type_ in types:
            there = listed.loc[(listed["record_type"] == type_).fillna(False), "transaction"]
            lacking.append((kind, type_, group[~group["transaction"].isin(there.tolist())], len(group)))
    for kind, type_, gap, total in lacking:
        words = f"{type_.replace('_', ' ')} of {str(kind).replace('_', ' ')}"
        if len(gap):
            w.test(
                "791.312(a)",
                f"completeness: {words}",
                Outcome.INCONCLUSIVE,
                f"{counted(len(gap), 'transaction')} of {total:,} are not in the index: {named(gap['transaction'].dropna(), 10)}.",
                evidence(gap, _CITED),
            )
            w.request(
                "records_not_indexed",
                f"The {type_.replace('_', ' ')} of {named(gap['transaction'].dropna(), 20)}",
                [words],
                "791.312(a)",
                "whether these records are held",
            )
        else:
            w.test(
                "791.312(a)",
                f"completeness: {words}",
                Outcome.CONFORMS,
                f"All {counted(total, 'transaction')} are in the index.",
                items_ref(index, facts.tables["transactions"]),
            )
    return w, left_out


def _table(index: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "record_type": str(kind).replace("_", " "),
            "expected": len(group),
            "held": int(group["held"].fillna(False).sum()),
            "missing": int((~group["held"]).fillna(False).sum()),
        }
        for kind, group in index.groupby(index["record_type"].fillna("type not stated"), sort=True)
    ]
