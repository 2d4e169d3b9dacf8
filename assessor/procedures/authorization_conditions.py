"""Tests that an assessor can assign to the conditions of an authorization (§§791.306(a), (d), 791.307(i)(1)).

Authorizations are data: the letter's words stand in the evidence, and engagement.toml says under which test of this page the
assessor reads each condition, with its parameters. A condition without a test here, or with the test `ask`, is put as a question;
so is one whose test or parameters are not understood, and the results say why.

| test | parameters | holds when |
| --- | --- | --- |
| `public_road_days_at_most` | `days`; `within_months` (optional) | no vehicle has more days on public roads, in all or in any so many months |
| `not_sold` | | no vehicle moved under the authorization is sold |
| `exported_by_end` | `by` (date), or `within_days` of the import | every vehicle or unit so imported is exported by then |
| `report_within_days_of_quarter_end` | `days`; `first` (optional, "2026-Q3") | a report for each calendar quarter is filed within so many days of its end |
| `review_before_each` | `per`: "transaction" (default), "vin", "entry", "line" or "date" | a review is logged on or before each transaction |
| `lines_only` | `lines` | only these vehicle lines move under it |
| `records_kept` | | no record of its transactions is marked as not held, and each has one |
| `assessment_made` | `by` (date, optional) | a third-party assessment is logged, by the day if one is set |
| `audit_made` | `by` (date, optional); `third_party` (true or false, optional) | the same of an audit or verification, whoever makes it |
| `bill_of_materials_held` | `items` (optional) | a bill of materials of each item, or of each item in its lines, is in evidence |
| `ask` | | the assessor answers `condition_met` |

Every test answers with the transactions that break the condition, those that leave it open, and the places it read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from assessor.procedures.authorization_demands import assessment_made, audit_made, bill_of_materials_held, records_kept
from assessor.procedures.authorization_setting import Answer, Setting, ids, letter, nothing, silent
from assessor.procedures.calendar_spans import (
    as_date,
    first_quarter,
    months_after,
    quarter_after,
    quarter_end,
    reported,
)
from assessor.procedures.facts import evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import counted, items_ref, named, plain, plained, rows
from assessor.results import EvidenceRef, Outcome

_CITED = 50


def public_road_days_at_most(s: Setting) -> Answer:
    """Days on public roads, summed by vehicle; an entry without a number is at least one day. Days of a vehicle that the log does
    not name may be of any, so that they leave the condition open unless one entry alone is too many."""
    limit, months = int(s.parameters["days"]), s.parameters.get("within_months")
    log = s.while_in_force(s.logged("public_road_day"))
    if log.empty:
        return silent(s, "days on public roads")
    vehicles, moved = plained(log["subject"]), s.transactions
    most: dict[str, int] = {}
    doubtful: set[str] = set()
    for vehicle, group in log.groupby(vehicles, sort=True):
        entries = rows(group)
        if any(e["quantity"] is None or (months and e["date"] is None) for e in entries):
            doubtful.add(str(vehicle))
        days = [(e["date"], 1 if e["quantity"] is None else e["quantity"]) for e in entries]
        if not months:
            most[str(vehicle)] = sum(n for _, n in days)
        else:
            dated = [(d, n) for d, n in days if d]
            most[str(vehicle)] = max(
                (sum(n for d, n in dated if start <= d < months_after(start, int(months))) for start, _ in dated),
                default=0,
            )
    written = {plain(name): str(name) for name in log["subject"].dropna()}
    over = {v: n for v, n in most.items() if n > limit}
    nameless = log[vehicles.isna()]
    alone = nameless[certain(nameless["quantity"] > limit)]
    if over or len(alone):
        told = [f"{written[v]} on {n} days" for v, n in over.items()]
        told += [f"a vehicle that the log does not name on {n} days" for n in alone["quantity"]]
        return Answer(
            Outcome.EXCEPTION,
            f"Used on public roads on more than {counted(limit, 'day')}: {', '.join(told)}.",
            evidence(log[vehicles.isin(list(over)) | log.index.isin(alone.index)], _CITED),
            tuple(ids(moved[certain(plained(moved["vin"]).isin(list(over)))])),
        )
    if doubtful or len(nameless):
        told = [written[v] for v in sorted(doubtful)] + (["a vehicle not named"] if len(nameless) else [])
        return Answer(
            Outcome.INCONCLUSIVE,
            f"The log does not say which vehicle, on how many days, or when: {named(told)}.",
            evidence(log, _CITED),
            open=tuple(ids(moved if len(nameless) else moved[certain(plained(moved["vin"]).isin(list(doubtful)))])),
        )
    return Answer(
        Outcome.CONFORMS,
        f"The most is {counted(max(most.values()), 'day')}, over {counted(len(most), 'vehicle')}; {limit} are allowed.",
        evidence(log, _CITED),
    )


def not_sold(s: Setting) -> Answer:
    """No sale of a vehicle that came in under the authorization, in the ledger or in its log. A ledger row with such a vehicle that
    does not say what happened, and a sale of such a line that names no vehicle, leave it open."""
    ledger = s.facts.tables["transactions"]
    moved = s.transactions[(s.transactions["kind"] != "vehicle_sale").fillna(True)]
    vins, lines = set(plained(moved["vin"]).dropna()), set(plained(moved["line"]).dropna())
    is_sale, own = certain(ledger["kind"] == "vehicle_sale"), plained(ledger["vin"]).isin(sorted(vins))
    sold = ledger[is_sale & certain(own)]
    claimed = s.transactions[certain(s.transactions["kind"] == "vehicle_sale")]
    told = s.logged("sold")
    if len(sold) or len(told) or len(claimed):
        gone = sorted(set(sold["vin"]) | set(told["subject"].dropna()) | set(claimed["vin"].dropna()))
        hit = certain(plained(moved["vin"]).isin([plain(vin) for vin in gone]))
        return Answer(
            Outcome.EXCEPTION,
            f"Sold: {named(gone) or 'a vehicle not named'}.",
            (*evidence(sold), *evidence(claimed), *evidence(told)),
            tuple(dict.fromkeys([*ids(moved[hit]), *ids(sold), *ids(claimed)])),
        )
    same_line = certain(plained(ledger["line"]).isin(sorted(lines))) | ledger["line"].isna()
    if moved["line"].isna().any():
        same_line |= True
    nameless = ledger[is_sale & ledger["vin"].isna() & same_line]
    unclear = ledger[ledger["kind"].isna() & certain(own)]
    if moved.empty:
        return nothing(s)
    if len(unclear) or len(nameless):
        told_of = [
            f"{counted(len(nameless), 'sale')} without a VIN" if len(nameless) else "",
            f"{counted(len(unclear), 'transaction')} with such a vehicle of which the ledger does not say what happened"
            if len(unclear)
            else "",
        ]
        which = moved if len(nameless) else moved[moved["vin"].isna() | moved["vin"].isin(unclear["vin"].tolist())]
        return Answer(
            Outcome.INCONCLUSIVE,
            f"A sale cannot be ruled out: {named(filter(None, told_of))}.",
            evidence(ledger[ledger.index.isin([*unclear.index, *nameless.index])], _CITED),
            open=tuple(ids(which)),
        )
    if moved["vin"].isna().any():
        return Answer(
            Outcome.INCONCLUSIVE,
            "Some vehicles are entered without a VIN, so that their sale cannot be ruled out.",
            evidence(moved[moved["vin"].isna()], _CITED),
            open=tuple(ids(moved[moved["vin"].isna()])),
        )
    return Answer(
        Outcome.CONFORMS,
        f"None of {counted(len(vins), 'vehicle')} appears in a sale.",
        (*items_ref(ledger), *evidence(moved, _CITED)),
    )


def exported_by_end(s: Setting) -> Answer:
    """Every vehicle (or entry, where there is no VIN) is logged as exported by the date, or within the days from its import."""
    log, today = s.logged("exported"), s.facts.terms.dated
    left = {plain(e["subject"]): e["date"] for e in rows(log) if e["subject"]}
    late, waiting, unclear, done = [], [], [], []
    for t in rows(s.transactions[(s.transactions["kind"] != "vehicle_sale").fillna(True)]):
        last = (
            as_date(s.parameters["by"])
            if "by" in s.parameters
            else t["date"] + timedelta(days=int(s.parameters["within_days"]))
            if t["date"]
            else None
        )
        key = next((plain(t[k]) for k in ("vin", "entry", "transaction") if plain(t[k]) in left), None)
        gone = left[key] if key else None
        if last is None or (key and gone is None):
            unclear.append(t)
        elif gone and gone <= last:
            done.append(t)
        elif gone is None and last >= today:
            waiting.append(t)
        elif t["kind"] is None:
            unclear.append(t)
        else:
            late.append(t)
    places = (
        *evidence(log),
        *(EvidenceRef(t["source"], t["locator"] or "") for t in (*late, *unclear, *waiting)[:_CITED]),
    )
    if late and s.events.empty:
        return silent(s, "exports")
    if late:
        return Answer(
            Outcome.EXCEPTION,
            f"Not exported in time: {named(t['vin'] or t['transaction'] for t in late)}.",
            places,
            tuple(t["transaction"] for t in late),
        )
    if unclear:
        return Answer(
            Outcome.INCONCLUSIVE,
            f"A date, or whether it is an import, is missing for {named(t['vin'] or t['transaction'] for t in unclear)}.",
            places,
            open=tuple(t["transaction"] for t in unclear),
        )
    if waiting:
        return Answer(
            Outcome.NOT_TESTED,
            f"Not yet due for {counted(len(waiting), 'transaction')}; {len(done)} exported in time.",
            places,
        )
    if not done:
        return nothing(s)
    return Answer(Outcome.CONFORMS, f"All {counted(len(done), 'transaction')} exported in time.", places)


def report_within_days_of_quarter_end(s: Setting) -> Answer:
    """A report for each calendar quarter that has ended since the authorization was issued and whose days have passed. An
    entry names its quarter ("Q3 2026", "2026-Q3") or, if it names none, is for the quarter that ended last before it."""
    days, today = int(s.parameters["days"]), s.facts.terms.dated
    quarter = first_quarter(s.parameters.get("first"), s.authorization["issued"])
    if quarter is None:
        return Answer(
            Outcome.INCONCLUSIVE,
            "The letter's date of issue is missing, so that the first quarter to report on is open.",
            (letter(s),),
        )
    log = s.logged("report_filed")
    filed = reported(rows(log.sort_values("date")))
    due, late, undated, waiting = [], [], [], []
    until = min(s.facts.terms.period_to, s.last or date.max)
    while (end := quarter_end(quarter)) <= until:
        last, on = end + timedelta(days=days), filed.get(quarter)
        words = f"Q{quarter[1]} {quarter[0]}"
        if quarter in filed and on is None:
            undated.append(words)
        elif on and on > last:
            late.append(f"{words} (due {last}, filed {on})")
        elif on is None and last < today:
            late.append(f"{words} (due {last}, none in the log)")
        elif on is None:
            waiting.append(words)
        else:
            due.append(words)
        quarter = quarter_after(quarter)
    if late and s.events.empty:
        return silent(s, "reports")
    places = (*evidence(log), letter(s), *(() if len(log) else items_ref(s.events)))
    if late:
        return Answer(Outcome.EXCEPTION, f"Report not filed in time for {named(late)}.", places)
    if undated:
        return Answer(Outcome.INCONCLUSIVE, f"The log does not date the report for {named(undated)}.", places)
    if not due:
        return Answer(Outcome.NOT_TESTED, f"No report is due yet{': ' + named(waiting) if waiting else ''}.", places)
    return Answer(Outcome.CONFORMS, f"Reports filed within {counted(days, 'day')} of the end of {named(due)}.", places)


def review_before_each(s: Setting) -> Answer:
    """A review is logged for the transaction, its VIN, entry or line, on or before its date; `per` "date" takes any review that
    was logged since the transaction before."""
    per, log = str(s.parameters.get("per", "transaction")), s.logged("review_done")
    if s.transactions.empty:
        return nothing(s)
    if log.empty:
        return silent(s, "reviews")
    done: dict[str, list[date | None]] = {}
    for entry in rows(log):
        done.setdefault(plain(entry["subject"]) if per != "date" else "", []).append(entry["date"])
    nameless = per != "date" and "" in done
    missing: list[str] = []
    unclear: list[str] = []
    previous: date | None = None
    for t in rows(s.transactions.sort_values("date")):
        reviews = done.get("" if per == "date" else plain(t[per]), [])
        if t["date"] is None or not (per == "date" or t[per]):
            unclear.append(t["transaction"])
        elif not any(
            r <= t["date"] and (per != "date" or previous is None or previous == t["date"] or r > previous)
            for r in reviews
            if r
        ):
            (unclear if nameless or None in reviews else missing).append(t["transaction"])
        if t["date"]:
            previous = t["date"]
    places = (
        *evidence(log, _CITED),
        *evidence(s.transactions[s.transactions["transaction"].isin(missing + unclear)], _CITED),
    )
    if missing:
        return Answer(
            Outcome.EXCEPTION,
            f"No review is logged before {counted(len(missing), 'transaction')}: {named(missing)}.",
            places,
            tuple(missing),
        )
    if unclear:
        return Answer(
            Outcome.INCONCLUSIVE,
            f"For {counted(len(unclear), 'transaction')} the ledger or the log lacks a date, or what the review was of.",
            places,
            open=tuple(unclear),
        )
    return Answer(
        Outcome.CONFORMS, f"A review is logged before each of {counted(len(s.transactions), 'transaction')}.", places
    )


def lines_only(s: Setting) -> Answer:
    """Only the vehicle lines that the assessor read from the condition."""
    allowed = {plain(line) for line in s.parameters["lines"]}
    lines = plained(s.transactions["line"])
    other = s.transactions[lines.notna() & ~lines.isin(sorted(allowed))]
    blank = s.transactions[lines.isna()]
    if len(other):
        return Answer(
            Outcome.EXCEPTION,
            f"Other lines moved under it: {named(sorted(set(other['line'])))}.",
            evidence(other, _CITED),
            tuple(ids(other)),
        )
    if len(blank):
        return Answer(
            Outcome.INCONCLUSIVE,
            f"{counted(len(blank), 'transaction')} without a vehicle line.",
            evidence(blank, _CITED),
            open=tuple(ids(blank)),
        )
    if s.transactions.empty:
        return nothing(s)
    return Answer(
        Outcome.CONFORMS,
        f"All {counted(len(s.transactions), 'transaction')} are of {named(s.parameters['lines'])}.",
        evidence(s.transactions, _CITED),
    )


TESTS: dict[str, Callable[[Setting], Answer]] = {
    test.__name__: test
    for test in (
        public_road_days_at_most,
        not_sold,
        exported_by_end,
        report_within_days_of_quarter_end,
        review_before_each,
        lines_only,
        records_kept,
        assessment_made,
        audit_made,
        bill_of_materials_held,
    )
}
"""The vocabulary: a name in engagement.toml to its test."""
