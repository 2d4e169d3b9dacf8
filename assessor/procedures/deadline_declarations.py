"""Dates that follow from Declarations of Conformity: lead times, revisions, confirmations, the end of the duty, and the time to
stop once articles are no longer eligible (§791.305(f) to (h)).

Where the text gives two readings, each has its entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from assessor.procedures import (
    declaration_changes,
    declaration_confirmation,
    declaration_due,
    declaration_eligibility,
    declaration_timing,
)
from assessor.procedures.deadline_entry import Entry, before_leap, days, doubts, of, uncounted, years
from assessor.procedures.declaration_contents import Row
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import counted, plain, ref, rows, split
from assessor.results import EvidenceRef

CONFIRM = "last day to confirm it"
"""How the entries of a confirmation begin, behind the declaration's number."""

_CITED = 5
_TWO_READINGS = (
    "The head of §791.305(g) asks for submission before the transaction, its numbered paragraphs for the lead time; the lead time is "
    "the earlier and is applied."
)


def entries(facts: Facts) -> Iterator[Entry]:
    """All entries of §791.305, declaration by declaration, then what no declaration describes, then changes."""
    for d in _declarations(facts):
        yield from _lead(facts, d)
        yield from _confirmation(facts, d)
        yield _duty(facts, d)
    yield from _undeclared(facts)
    yield from _revisions(facts)
    yield from _eligibility(facts)


def _eligibility(facts: Facts) -> Iterator[Entry]:
    """§791.305(f): the days to cease and to apply, from each determination; one entry that does not run where there is none."""
    lost = int(facts.rule.constant("eligibility_lost_days"))
    what = "Cease prohibited conduct and apply for a specific authorization"
    sends = (
        "The paragraph sends to §791.307(m), which lists only short-term grounds; §791.307(c) and (d) say how to apply."
    )
    for change in declaration_eligibility.lost(facts):
        last = declaration_eligibility.last_day(facts, change["ineligible"])
        done = (change["ceased"], change["applied"])
        yield Entry(
            f"{change['change'] or ref(change)}: {what[0].lower()}{what[1:]}",
            declaration_eligibility.LOST,
            change["change"] or str(ref(change)),
            date=last,
            counted_from=of(change["ineligible"], "determination that articles are no longer eligible"),
            how=days(lost),
            ambiguity=doubts(sends, uncounted(last)),
            met=max(done) if None not in done else None,
            evidence=(ref(change),),
        )
    if not declaration_eligibility.lost(facts):
        yield Entry(
            what,
            declaration_eligibility.LOST,
            facts.terms.client_name,
            reason="No determination that declared articles are no longer eligible is in evidence.",
            counted_from="the day on which the client determines it",
            how=days(lost),
            ambiguity=sends,
        )


def _declarations(facts: Facts) -> list[Row]:
    listed = rows(facts.tables["declarations"].sort_values("declaration"))
    return [d for d in listed if d["declaration"] and d["kind"]]


def _first(transactions: pd.DataFrame) -> tuple[date | None, pd.DataFrame, str]:
    """The first day on which a transaction surely needs the declaration, its rows, and what may make it earlier."""
    sure, maybe = transactions[transactions["due"].fillna(False)], transactions[transactions["due"].isna()]
    dated = sure["date"].dropna()
    first = dated.min() if len(dated) else None
    earlier = maybe if first is None else maybe[((maybe["date"] < first) | maybe["date"].isna()).fillna(True)]
    open_ = len(earlier) + int(sure["date"].isna().sum())
    told = f"{counted(open_, 'transaction')} may be earlier or need it too: a date or fact is missing." if open_ else ""
    return first, sure[(sure["date"] == first).fillna(False)] if first else sure, told


def _lead(facts: Facts, d: Row) -> Iterator[Entry]:
    """§791.305(g)(1), (g)(2), in both readings; with no transaction yet, the first day on which one may follow."""
    if d["is_update"]:
        return
    name, clause, lead = d["declaration"], declaration_timing.LEAD[d["kind"]], _lead_days(facts)
    first, cited, told = _first(declaration_timing.concerned(facts, d))
    if first is not None:
        yield from _before(name, name, d["kind"], first, lead, told, d["submitted"], (ref(d), *evidence(cited, _CITED)))
        return
    what = f"{name}: first day on which a transaction may follow its submission"
    how = f"{lead} calendar days; exactly so many days between submission and transaction are in time"
    if d["submitted"] is None:
        yield Entry(
            what, clause, name, reason="The date of submission is not in evidence.", how=how, evidence=(ref(d),)
        )
        return
    yield Entry(
        what,
        clause,
        name,
        date=d["submitted"] + timedelta(days=lead),
        counted_from=of(d["submitted"], f"submission of {name}"),
        how=how,
        ambiguity=doubts(_TWO_READINGS, told),
        evidence=(ref(d),),
    )


def _lead_days(facts: Facts) -> int:
    return int(facts.rule.constant("declaration_lead_days"))


def _before(
    name: str,
    subject: str,
    kind: str,
    first: date,
    lead: int,
    told: str,
    met: date | None,
    places: tuple[EvidenceRef, ...],
) -> Iterator[Entry]:
    """The two readings of how long before the first transaction a declaration is due (analysis T-6)."""
    act = "import or sale" if kind == "software" else "import"
    for what, clause, number, how in (
        (
            f"{name}: last day to submit before the first {act}",
            declaration_timing.LEAD[kind],
            lead,
            f"{lead} calendar days back from the transaction, which is left out; exactly {lead} days before is in time",
        ),
        (
            f"{name}: last day to submit, if the head of paragraph (g) alone binds",
            "791.305(g)",
            1,
            "the calendar day before the transaction",
        ),
    ):
        yield Entry(
            what,
            clause,
            subject,
            date=first - timedelta(days=number),
            counted_from=of(first, f"first {act} that needs it"),
            how=how,
            ambiguity=doubts(_TWO_READINGS, told),
            met=met,
            evidence=places,
        )


def _confirmation(facts: Facts, d: Row) -> Iterator[Entry]:
    """§791.305(h): a year after the submission, and beside it the lead time before the next year's first transaction (T-7)."""
    name, submitted = d["declaration"], d["submitted"]
    clause, lead_clause = declaration_confirmation.CLAUSES[d["kind"]], declaration_timing.LEAD[d["kind"]]
    number, lead = int(facts.rule.constant("confirmation_years")), _lead_days(facts)
    what = f"{name}: {CONFIRM} for a later model or calendar year"
    beside = f"{name}: {CONFIRM}, if the lead time of paragraph (g) binds as well"
    first, cited, told = None, None, ""
    if d["model_year"] is not None:
        first, cited, told = _first(declaration_timing.concerned(facts, {**d, "model_year": d["model_year"] + 1}))
    by_lead = first - timedelta(days=lead) if first else None
    by_year = declaration_changes.confirmation_due(facts, submitted) if submitted else None
    known = [day for day in (by_year, by_lead) if day]
    open_ = (
        "The text does not say whether the lead time before the first transaction of the new year binds as well; "
        + (
            f"the earlier of both dates, {min(known)}, is safe."
            if len(known) == 2
            else "the earlier of both dates is safe."
        )
    )
    met = _confirmed(facts, d)
    yield Entry(
        what,
        clause,
        name,
        date=by_year,
        reason="" if submitted else "The date of submission is not in evidence.",
        counted_from=of(submitted, f"submission of {name}") if submitted else "the submission",
        how=years(number, submitted),
        ambiguity=doubts(open_, before_leap(submitted, number) if submitted else "", uncounted(by_year)),
        met=met,
        evidence=(ref(d),),
    )
    yield Entry(
        beside,
        lead_clause,
        name,
        date=by_lead,
        reason=""
        if by_lead
        else "Its model or calendar year is not stated."
        if d["model_year"] is None
        else f"No transaction of {d['model_year'] + 1} that would need it is in evidence.",
        counted_from=of(first, "first transaction of the next year")
        if first
        else "the first transaction of the next year",
        how=f"{lead} calendar days back from the transaction, which is left out",
        ambiguity=doubts(open_, told),
        met=met,
        evidence=(ref(d), *(() if cited is None else evidence(cited, _CITED))),
    )


def _confirmed(facts: Facts, d: Row) -> date | None:
    """When another declaration updated this one: same kind, same items in part, and this submission named as the previous."""
    if d["submitted"] is None:
        return None
    own = {plain(item) for item in split(d["items"])}
    return min(
        (
            o["submitted"]
            for o in _declarations(facts)
            if o["is_update"]
            and o["kind"] == d["kind"]
            and o["submitted"]
            and o["previous_submission"] == d["submitted"]
            and own & {plain(item) for item in split(o["items"])}
        ),
        default=None,
    )


def _duty(facts: Facts, d: Row) -> Entry:
    """§791.305(g)(3): the duty to report changes ends ten years after the original declaration (analysis T-36)."""
    name, original = d["declaration"], declaration_changes.original_submission(d)
    later = d["is_update"] or d["previous_submission"]
    return Entry(
        f"{name}: end of the duty to report material changes",
        "791.305(g)(3)",
        name,
        date=declaration_changes.duty_ends(facts, original) if original else None,
        reason="" if original else "The date of submission is not in evidence.",
        counted_from=of(original, "original declaration") if original else "the original declaration",
        how=years(int(facts.rule.constant("change_duty_years")), original),
        ambiguity=doubts(
            "It runs from the original declaration; records are kept from the transaction on (§791.312(a)).",
            "The earliest submission that the update names is taken for the original; the original may be older."
            if later
            else "",
        ),
        evidence=(ref(d),),
    )


def _undeclared(facts: Facts) -> Iterator[Entry]:
    """The lead time for transactions that need a declaration and that none in evidence describes, by line or item and year."""
    t = facts.of(declaration_due.due)
    described = {"software": set[int](), "hardware": set[int]()}
    for d in _declarations(facts):
        own = declaration_timing.concerned(facts, d)
        described[d["kind"]] |= {int(i) for i in own.index[own["due"].fillna(False)]}
    for kind, by in (("software", "line"), ("hardware", "item")):
        left = t[t[f"{kind}_due"].fillna(False) & ~t.index.isin(sorted(described[kind]))]
        name = left[by].fillna(left["line"]).fillna(f"{by} not stated")
        for (subject, year), group in left.groupby([name, left["model_year"].fillna(0)], sort=True):
            label = f"{subject}, {year or 'year not stated'}: {kind} that no declaration in evidence describes"
            first, cited, told = _first(group.assign(due=True).astype({"due": "bool[pyarrow]"}))
            if first is None:
                yield Entry(
                    f"{label}: last day to submit",
                    declaration_timing.LEAD[kind],
                    str(subject),
                    reason="None of its transactions is dated.",
                    evidence=evidence(group, _CITED),
                )
            else:
                yield from _before(
                    label, str(subject), kind, first, _lead_days(facts), told, None, evidence(cited, _CITED)
                )


def _revisions(facts: Facts) -> Iterator[Entry]:
    """§791.305(g)(3): a revised declaration after each change; none for a change found not material, or for one that the log calls
    a software update and that nobody has found to be more."""
    number, clause = int(facts.rule.constant("revised_declaration_days")), "791.305(g)(3)"
    declarations = {d["declaration"]: d for d in rows(facts.tables["declarations"])}
    for change in rows(facts.tables["changes"].sort_values("change")):
        if not change["declaration"]:
            continue
        material = answered(declaration_changes.material_change(facts, change), "yes")
        if material is False or (material is None and change["kind"] == "software_update"):
            continue
        name, found = change["change"], change["discovered"]
        original = declaration_changes.original_submission(declarations.get(change["declaration"]))
        over = bool(found and original and found > declaration_changes.duty_ends(facts, original))
        last = declaration_changes.revision_due(facts, found) if found and not over else None
        yield Entry(
            f"{name}: revised declaration of {change['declaration']}",
            clause,
            name,
            date=last,
            reason=""
            if last
            else "When the change was discovered is not recorded."
            if found is None
            else f"The duty to report changes ended on {original and declaration_changes.duty_ends(facts, original)}.",
            counted_from=of(found, f"discovery of change {name}") if found else f"the discovery of change {name}",
            how=days(number),
            ambiguity=doubts(
                "" if material else "Whether the change is material is not answered; the date binds only if it is.",
                uncounted(last),
            ),
            met=change["revised"],
            evidence=(ref(change),),
        )
