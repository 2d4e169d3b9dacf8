"""§791.315(c)(3): the import and sales ledger held against what others say of the same transactions.

Against the list of customs entries that CBP or the broker gives, totals of units that somebody else compiled, the record index, the
log of authorizations, the declared VIN series (§791.305(a)(2)(ii)), and sales against imports. A difference is no error before
somebody has explained it: it is asked about. Where there is nothing to hold the ledger against, that is said, and asked for.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.ownership.persons import UNITED_STATES
from assessor.procedures import number_checks
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.ledger_numbers import IMPORTS, LEDGER, POPULATIONS, ledger
from assessor.procedures.limbs import certain, impossible, looked_up
from assessor.procedures.working import Workings, counted, items_ref, named, plain, plained, ref, rows, split
from assessor.results import Outcome

CLAUSE, RECORDS, DECLARED = "791.315(c)(3)", "791.312(a)", "791.305(a)(2)(ii)"
_CITED, _NAMED = 50, 12


def customs(facts: Facts) -> Workings:
    """Every entry that CBP or the broker lists is in the ledger, and every entry of the ledger in that list, with the same units."""
    w, t, listed = Workings(), facts.of(ledger), facts.tables["customs_entries"]
    imports, subject = t[t["customs"]], f"{IMPORTS}: list of customs entries"
    if listed.empty:
        if imports.empty:
            return w
        reason = f"{counted(len(imports), 'import')} in the ledger, and no list of entries by CBP or the broker to hold them against."
        w.test(CLAUSE, subject, Outcome.INCONCLUSIVE, reason, items_ref(imports))
        w.request(
            "customs_list",
            f"The list of all entries of the importer of record from {facts.terms.period_from} to {facts.terms.period_to}, as the report of "
            "entry summaries in CBP's ACE portal or the customs broker gives it, with entry number, date, type and units",
            [subject],
            CLAUSE,
            "whether the ledger holds every import of the period",
        )
        return w
    listed = listed.assign(entry_=number_checks.compact(listed["entry"]))
    numbered, own = listed[listed["entry_"].notna()], imports[imports["entry_"].notna()]
    first, last = listed["date"].min(), listed["date"].max()
    absent = numbered[~numbered["entry_"].isin(own["entry_"].tolist())]
    dated = bool(listed["date"].notna().any())
    within = (
        certain((own["date"] >= first) & (own["date"] <= last)) | own["date"].isna() if dated else own["entry_"].notna()
    )
    span = f" from {first} to {last}" if dated else ", without dates,"
    extra = own[~own["entry_"].isin(numbered["entry_"].tolist()) & within]
    both = sorted(set(numbered["entry_"]) & set(own["entry_"]))
    off = _units_apart(numbered, own)
    differing = [
        f"{row['entry']}: {row['listed']:,} listed, {row['held']:,} in the ledger" for row in rows(off.head(_NAMED))
    ]
    _against(
        w,
        subject,
        CLAUSE,
        [
            (
                absent,
                f"{counted(absent['entry_'].nunique(), 'entry', 'entries')} listed and not in the ledger",
                "entry",
            ),
            (extra, f"{counted(extra['entry_'].nunique(), 'entry', 'entries')} of the ledger not listed", "entry"),
            (own[own["entry_"].isin(off["entry_"].tolist())], f"units differ ({named(differing, 6)})", "entry"),
        ],
        f"All {counted(len(both), 'entry', 'entries')} listed{span} are in the ledger, none besides, with the same units.",
        "The entry summaries of",
        "what they brought in, and whether the ledger holds every import",
        items_ref(listed, imports),
    )
    beyond = own[~within & ~own["entry_"].isin(both)]
    if len(beyond):
        reason = (
            f"The list runs from {first} to {last}; {counted(len(beyond), 'import')} of the ledger lie outside of it."
        )
        w.test(CLAUSE, f"{subject}, time covered", Outcome.INCONCLUSIVE, reason, evidence(beyond, _CITED))
        what = f"The list of entries for the days before {first} and after {last}"
        w.request("customs_list", what, [subject], CLAUSE, "whether the ledger holds every import of the period")
    return w


def _units_apart(listed: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Entries on both sides whose units differ: entry_, entry (as written), listed, held. What is not stated differs from nothing."""
    sums = []
    for group, name in ((listed, "listed"), (own, "held")):
        unstated = group.loc[group["units"].isna(), "entry_"]
        stated = group[~group["entry_"].isin(unstated.tolist())]
        sums.append(stated.groupby("entry_", sort=True).agg(entry=("entry", "first"), units=("units", "sum")))
        sums[-1] = sums[-1].rename(columns={"units": name})
    both = sums[0].join(sums[1][["held"]], how="inner").reset_index()
    return both[certain(both["listed"] != both["held"])]


def totals(facts: Facts) -> Workings:
    """Units in the ledger come to each total that somebody else compiled; kinds of transaction without a total are named."""
    w, t, told = Workings(), facts.of(ledger), facts.tables["control_totals"]
    covered = pd.Series(False, index=t.index)
    for row in rows(told):
        of = ", ".join(str(row[key]) for key in ("line", "model_year", "item", "part_number") if row[key] is not None)
        kind = POPULATIONS.get(row["kind"] or "", "transactions")
        span = f"{row['start'] or facts.terms.period_from} to {row['end'] or facts.terms.period_to}"
        subject = f"{kind}: control total of {of or 'all'}, {span}"
        place = (ref(row),)
        if row["units"] is None or row["kind"] is None:
            reason = "The total does not say of which transactions it is, or how many units."
            w.test(CLAUSE, subject, Outcome.INCONCLUSIVE, reason, place)
            continue
        chosen = _of(t, row, facts)
        covered |= chosen
        group = t[chosen]
        unknown = int(group["units"].isna().sum())
        held = int(group["units"].sum())
        said = f"{row['units']:,} units by {row['compiled_by'] or 'a total of which nobody is named'}, {held:,} in the ledger"
        if not unknown and held == row["units"]:
            w.test(CLAUSE, subject, Outcome.CONFORMS, f"{said}.", (*place, *items_ref(group)))
            continue
        more = f"; {counted(unknown, 'row')} of the ledger without units" if unknown else ""
        apart = (
            f", {abs(held - row['units']):,} {'too many' if held > row['units'] else 'too few'} there"
            if held != row["units"]
            else ""
        )
        w.test(CLAUSE, subject, Outcome.INCONCLUSIVE, f"{said}{apart}{more}.", (*place, *items_ref(group)))
        w.request(
            "units_differ",
            f"What explains the difference between ledger and total ({said})",
            [subject],
            CLAUSE,
            "how many units moved, and whether the ledger holds every transaction",
        )
    _without_total(w, t[~covered], facts)
    return w


def _of(t: pd.DataFrame, row: dict[str, Any], facts: Facts) -> pd.Series[Any]:
    """The rows of the ledger that a total covers. Admission to a foreign-trade zone is no import."""
    start, end = row["start"] or facts.terms.period_from, row["end"] or facts.terms.period_to
    chosen = certain((t["kind"] == row["kind"]) & (t["date"] >= start) & (t["date"] <= end))
    chosen &= ~certain(t["foreign_trade_zone"])
    for key in ("line", "item", "part_number"):
        if row[key] is not None:
            chosen &= certain(plained(t[key]) == plain(row[key]))
    if row["model_year"] is not None:
        chosen &= certain(t["model_year"] == row["model_year"])
    return chosen


def _without_total(w: Workings, left: pd.DataFrame, facts: Facts) -> None:
    """Imports and sales that no total covers. Services are neither, nor is admission to a foreign-trade zone."""
    left = left[certain(left["kind"].isin(["vehicle_import", "vehicle_sale", "hardware_import"]))]
    left = left[~certain(left["foreign_trade_zone"])]
    for kind, group in left.groupby("kind", sort=True):
        subject = f"{POPULATIONS[str(kind)]}: control total"
        reason = f"{counted(len(group), 'row')} in the ledger, and no total of units from another source to hold them against."
        w.test(CLAUSE, subject, Outcome.INCONCLUSIVE, reason, evidence(group, _CITED))
        w.request(
            "control_total",
            f"Units of {POPULATIONS[str(kind)]} from {facts.terms.period_from} to {facts.terms.period_to} by line and model year or part, from "
            "a source other than the ledger (production, stock or sales accounts, or the broker)",
            [subject],
            CLAUSE,
            "whether the ledger holds every transaction of the period",
        )


def index(facts: Facts) -> Workings:
    """Every transaction that the record index names is in the ledger. (That the ledger's are in the index is tested under §791.312.)"""
    w, t, records = Workings(), facts.of(ledger), facts.tables["records"]
    named_there = records[records["transaction"].notna()]
    if named_there.empty:
        return w
    unknown = named_there[~named_there["transaction"].str.strip().isin(t["number"].dropna().tolist())]
    _against(
        w,
        f"{LEDGER}: record index",
        RECORDS,
        [
            (
                unknown,
                f"{counted(unknown['transaction'].nunique(), 'transaction')} of the index not in the ledger",
                "transaction",
            )
        ],
        f"All {counted(named_there['transaction'].nunique(), 'transaction')} of the record index are in the ledger.",
        "The rows of the ledger for",
        "whether the ledger holds every transaction of which there are records",
        items_ref(named_there, t),
    )
    return w


def log(facts: Facts) -> Workings:
    """Every VIN in the log of authorizations is in the ledger."""
    w, t, events = Workings(), facts.of(ledger), facts.tables["authorization_events"]
    vins = number_checks.compact(events["subject"])
    said = events.assign(vin_=vins)[vins.notna() & number_checks.vin_faults(vins, facts.rule).isna()]
    if said.empty:
        return w
    unknown = said[~said["vin_"].isin(t["vin_"].dropna().tolist())]
    _against(
        w,
        f"{LEDGER}: log of authorizations",
        CLAUSE,
        [(unknown, f"{counted(unknown['vin_'].nunique(), 'VIN')} of the log not in the ledger", "subject")],
        f"All {counted(said['vin_'].nunique(), 'VIN')} of the log are in the ledger.",
        "When, and by which entry, these vehicles came in:",
        "whether the ledger holds every vehicle that moved under an authorization",
        items_ref(said, t),
    )
    return w


def declared(facts: Facts) -> Workings:
    """§791.305(a)(2)(ii): VIN series of declarations that no vehicle in the ledger has. (What the ledger has besides is tested under
    §791.305.)"""
    w, t = Workings(), facts.of(ledger)
    vins = t["vin_"].dropna()
    for row in rows(facts.tables["declarations"].sort_values("declaration")):
        series = split(row["vin_series"])
        if row["kind"] != "software" or not series:
            continue
        empty = [start for start in series if not vins.str.startswith(start.upper()).any()]
        place = (ref(row),)
        subject = f"{LEDGER}: VIN series of {row['declaration']}"
        if empty:
            reason = f"The ledger has no vehicle of the declared series {named(empty)}."
            w.test(DECLARED, subject, Outcome.INCONCLUSIVE, reason, place)
            w.request(
                "declared_without_transactions",
                f"The imports and sales of vehicles of the series {named(empty)}, or word that there were none",
                [subject],
                DECLARED,
                "whether the ledger holds every vehicle that the declaration is of",
            )
        else:
            reason = f"The ledger has vehicles of each declared series ({named(series)})."
            w.test(DECLARED, subject, Outcome.CONFORMS, reason, (*place, *items_ref(t)))
    return w


def imported(facts: Facts) -> Workings:
    """Every new vehicle sold of a line assembled abroad is among the imports; what came in before the period is asked about."""
    w, t = Workings(), facts.of(ledger)
    abroad = {
        row["line"]: None if row["assembled_in"] is None else row["assembled_in"] not in UNITED_STATES
        for row in rows(facts.tables["vehicles"])
    }
    sold = t[certain(t["kind"] == "vehicle_sale") & t["vin_"].notna() & ~impossible(t["new_vehicle"])]
    sold = sold[~impossible(looked_up(sold["line"], abroad))]
    if sold.empty:
        return w
    unseen = sold[~sold["vin_"].isin(t.loc[certain(t["kind"] == "vehicle_import"), "vin_"].dropna().tolist())]
    _against(
        w,
        f"{POPULATIONS['vehicle_sale']}: imported before",
        CLAUSE,
        [(unseen, f"{counted(unseen['vin_'].nunique(), 'vehicle')} sold and in no import of the ledger", "vin")],
        f"All {counted(sold['vin_'].nunique(), 'vehicle')} sold of lines assembled abroad are among the imports.",
        "When, and by which entry, these vehicles came in, or where they were assembled:",
        "whether the ledger holds every import",
        items_ref(sold),
    )
    return w


def _against(
    w: Workings,
    subject: str,
    clause: str,
    differences: list[tuple[pd.DataFrame, str, str]],
    agreeing: str,
    asking: str,
    settles: str,
    places: Any,
) -> None:
    """Note a comparison: what differs, in words, with its rows and the column that names them."""
    left = [(group, words, column) for group, words, column in differences if len(group)]
    if not left:
        w.test(clause, subject, Outcome.CONFORMS, agreeing, places)
        return
    told = "; ".join(f"{words}: {_names(group[column])}" for group, words, column in left)
    cited = [place for group, *_ in left for place in evidence(group, _CITED)]
    w.test(clause, subject, Outcome.INCONCLUSIVE, f"{told}.", tuple(dict.fromkeys(cited)))
    names = list(dict.fromkeys(name for group, _, column in left for name in group[column].dropna()))
    w.request("not_reconciled", f"{asking} {named(names, 50)}", [subject], clause, settles)


def _names(column: pd.Series[Any]) -> str:
    return named(dict.fromkeys(column.dropna()), _NAMED)
