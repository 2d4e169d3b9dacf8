"""§791.315(c)(3): what the numbers in the import and sales ledger tell of its completeness, without any other document.

A number that cannot be one (a VIN or entry number with a wrong check digit, a VIN of another model year) is asked about. A gap in a
series is no error before somebody has explained it, and is asked about as well. What stands twice is for `ledger_repeats`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures import number_checks, number_series
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, finding, items_ref, named, rows
from assessor.results import Outcome, Recommendation

CLAUSE, RECORDS = "791.315(c)(3)", "791.312(a)"
LEDGER = "import and sales ledger"
POPULATIONS = {
    "vehicle_import": "vehicle imports",
    "vehicle_sale": "vehicle sales",
    "hardware_import": "hardware imports",
    "service": "services",
    "other": "other transactions",
}
"""How the transactions of each kind are called."""
VEHICLES = "vehicle imports and sales"
IMPORTS = "imports"
SALES = "sales and services"
_CITED, _NAMED = 50, 12


def ledger(facts: Facts) -> pd.DataFrame:
    """The rows of `transactions` with `number`, `vin_` and `entry_`: transaction, VIN and entry or invoice number as they are compared,
    and `customs`: an import that was not admitted to a foreign-trade zone, of which `entry` is to be a customs entry number."""
    t = facts.tables["transactions"].reset_index(drop=True)
    arriving = certain(t["kind"].isin(["vehicle_import", "hardware_import"]))
    return t.assign(
        number=t["transaction"].str.strip(),
        vin_=number_checks.compact(t["vin"]),
        entry_=number_checks.compact(t["entry"]),
        customs=arriving & ~certain(t["foreign_trade_zone"]),
    )


def vins(facts: Facts) -> Workings:
    """Each vehicle in the ledger has a VIN that can be one and that agrees with the model year beside it."""
    w, t = Workings(), facts.of(ledger)
    vehicles = t[certain(t["kind"].isin(["vehicle_import", "vehicle_sale"]))]
    if vehicles.empty:
        return w
    faults = number_checks.vin_faults(vehicles["vin_"], facts.rule)
    bad = vehicles.assign(why=faults.mask(vehicles["vin_"].isna(), "none is stated"))
    bad = bad[bad["why"].notna()]
    _doubtful(w, f"{VEHICLES}: VIN", bad, vehicles, "vin", "VIN", "have a VIN with the right check digit")
    sound = vehicles[faults.isna() & vehicles["vin_"].notna()]
    fits = number_checks.model_year_fits(sound["vin_"], sound["model_year"], facts.rule)
    odd = sound[certain(~fits)].assign(why="its tenth character stands for another model year than the ledger's")
    unstated = sound[fits.isna()].assign(why="the ledger states no model year")
    subject = f"{VEHICLES}: model year in the VIN"
    if len(sound):
        _doubtful(w, subject, pd.concat([odd, unstated]), sound, "vin", "model year", "have a VIN of that model year")
    return w


def entries(facts: Facts) -> Workings:
    """Each import has an entry number that can be one: the filer's code, seven digits and the right check digit."""
    w, t = Workings(), facts.of(ledger)
    imports = t[t["customs"]]
    if imports.empty:
        return w
    faults = number_checks.entry_faults(imports["entry_"], facts.rule)
    bad = imports.assign(why=faults.mask(imports["entry_"].isna(), "none is stated"))
    bad = bad[bad["why"].notna()]
    words = "have an entry number with the right check digit"
    _doubtful(w, f"{IMPORTS}: entry number", bad, imports, "entry", "customs entry number", words)
    return w


def _doubtful(
    w: Workings, subject: str, bad: pd.DataFrame, of: pd.DataFrame, column: str, what: str, passing: str
) -> None:
    """Note the rows whose number cannot be right, with the reason in `why`; nothing is called wrong before it is explained."""
    if bad.empty:
        w.test(CLAUSE, subject, Outcome.CONFORMS, f"All {len(of):,} {passing}.", items_ref(of))
        return
    reasons = bad["why"].value_counts(sort=False).sort_index()
    told = "; ".join(f"{number:,}: {why}" for why, number in reasons.items())
    examples = named((f"{row['transaction']} ({row[column] or 'none'})" for row in rows(bad.head(_NAMED))), _NAMED)
    more = f" and {len(bad) - _NAMED:,} more" if len(bad) > _NAMED else ""
    w.test(
        CLAUSE,
        subject,
        Outcome.INCONCLUSIVE,
        f"Of {len(of):,} rows {len(bad):,} do not bear out their {what} ({told}): {examples}{more}.",
        evidence(bad, _CITED),
    )
    w.request(
        "ledger_numbers",
        f"The {what} of {named(bad['transaction'].dropna(), 50) or 'the rows shown'}, from the record behind the row",
        [subject],
        CLAUSE,
        "whether each row is one transaction that took place, and which rules apply to it",
    )


def series(facts: Facts) -> dict[str, pd.DataFrame]:
    """Series of numbers in the ledger by what they number, each as `number_series.series` has them."""
    return {name: number_series.series(column) for name, column in facts.of(numbers).items()}


def numbers(facts: Facts) -> dict[str, pd.Series[Any]]:
    """The numbers in the ledger that may form series, by what they number; what the ledger has none of is left out."""
    t = facts.of(ledger)
    issued = ~certain(t["kind"].isin(["vehicle_import", "hardware_import"]))
    vehicles = t[certain(t["kind"].isin(["vehicle_import", "vehicle_sale"]))]
    sound = vehicles[number_checks.vin_faults(vehicles["vin_"], facts.rule).isna() & vehicles["vin_"].notna()]
    customs = t[t["customs"]]
    real = customs[number_checks.entry_faults(customs["entry_"], facts.rule).isna() & customs["entry_"].notna()]
    made = {
        TRANSACTIONS: t["number"],
        INVOICES: t.loc[issued, "entry"].str.strip(),
        ENTRIES: number_checks.entry_series(real["entry_"], facts.rule),
        SERIALS: number_checks.vin_series(sound["vin_"], facts.rule),
    }
    return {name: column for name, column in made.items() if column.notna().any()}


TRANSACTIONS = f"{LEDGER}: transaction numbers"
INVOICES = f"{SALES}: invoice numbers"
ENTRIES = f"{IMPORTS}: series of entry numbers"
SERIALS = f"{VEHICLES}: serial numbers in VINs"
_INSTEAD = {
    ENTRIES: (
        "customs_entries",
        "A filer numbers entries of others as well; the numbers are held against the list of entries instead.",
    ),
    SERIALS: (
        "control_totals",
        "A plant numbers vehicles for other markets as well; units are held against control totals instead.",
    ),
}
"""Series that are not the client's own, the table that tells more than they do, and why."""


def gaps(facts: Facts) -> Workings:
    """Numbers missing from the series of the ledger: asked about, and an exception only when the assessor finds transactions missing."""
    w = Workings()
    for subject, found in facts.of(series).items():
        places = items_ref(facts.tables["transactions"])
        lacking = found[found["missing"] > 0]
        if table := _covered(facts, subject):
            w.test(CLAUSE, subject, Outcome.NOT_APPLICABLE, _INSTEAD[subject][1], items_ref(facts.tables[table]))
        elif facts.of(numbers)[subject].nunique() < 2:
            w.test(
                CLAUSE, subject, Outcome.NOT_APPLICABLE, "A series begins with two numbers, and there is one.", places
            )
        elif found.empty:
            reason = "The numbers form no series, so that nothing can be read from their order."
            w.test(CLAUSE, subject, Outcome.INCONCLUSIVE, reason, places)
        elif lacking.empty:
            told = (
                f"{counted(len(found), 'series', 'series')} of {int(found['present'].sum()):,} numbers without a gap."
            )
            w.test(CLAUSE, subject, Outcome.CONFORMS, told, places)
        else:
            _gap(w, facts, subject, found, lacking, places)
    return w


def _gap(w: Workings, facts: Facts, subject: str, found: pd.DataFrame, lacking: pd.DataFrame, places: Any) -> None:
    listed = [f"{row['series']}: {row['gaps']}" for row in rows(lacking)]
    shown = {
        "series": [f"{row['first']} to {row['last']}, {row['present']:,} there" for row in rows(lacking)][:50],
        "missing": int(lacking["missing"].sum()),
        "gaps": listed[:50],
    }
    question = w.asked(facts.ask("numbers_accounted", subject, shown))
    told = (
        f"{counted(int(lacking['missing'].sum()), 'number')} missing between the first and the last of "
        f"{counted(len(lacking), 'series', 'series')} ({int(lacking['present'].sum()):,} there): {named(listed, 6)}."
    )
    accounted = answered(question, "yes")
    if accounted:
        reason = f"{told} The assessor finds them accounted for. {question.rationale}"
        w.test(CLAUSE, subject, Outcome.CONFORMS, reason, places)
    elif accounted is None:
        w.test(CLAUSE, subject, Outcome.INCONCLUSIVE, f"{told} What became of them is asked.", places)
        w.request(
            "numbers_missing",
            f"What became of the numbers missing from the ledger ({named(listed, 6)}): cancelled, used for what the rule does not "
            "concern, or not entered",
            [subject],
            CLAUSE,
            "whether the ledger holds every transaction of the period",
        )
    else:
        w.test(CLAUSE, subject, Outcome.EXCEPTION, f"{told} The assessor finds transactions missing.", places)
        w.findings.append(
            finding(
                "ledger_incomplete",
                subject,
                [RECORDS],
                "The ledger does not hold every transaction",
                criteria="The records of each transaction that needs a declaration or an authorization are kept and available.",
                condition=f"{told} By the assessor's judgement transactions are missing. {question.rationale}",
                effect="What was concluded on the ledger does not reach the transactions that it does not hold.",
                severity="high",
                evidence=places,
                recommendations=[
                    Recommendation(
                        "Enter the missing transactions, with their records.",
                        "condition",
                        "the transactions that the ledger does not hold",
                    ),
                    Recommendation(
                        "Close each month by holding the ledger against the list of entries and the invoices issued.",
                        "cause",
                        "later imports and sales",
                    ),
                ],
            )
        )


def series_table(facts: Facts) -> list[dict[str, Any]]:
    """The series that a test rests on, one row each: the first of what they number, with their gaps."""
    return [
        {"of": subject, **{key: row[key] for key in ("series", "first", "last", "present", "missing", "gaps")}}
        for subject, found in facts.of(series).items()
        if not _covered(facts, subject)
        for row in rows(found.head(_CITED))
    ]


def _covered(facts: Facts, subject: str) -> str:
    """The table that tells more than a series does, where there is one in evidence."""
    table, _ = _INSTEAD.get(subject, ("", ""))
    return table if table and len(facts.tables[table]) else ""
