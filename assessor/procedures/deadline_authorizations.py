"""Dates that follow from authorizations: the two clocks of §791.306(e), the end and least duration of a letter (§791.307(l)(4)),
and the days that the terms assign to its conditions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd

from assessor.procedures import authorization_clocks, authorization_scope, authorization_versions
from assessor.procedures.authorization_versions import Row, label
from assessor.procedures.calendar_spans import as_date, first_quarter, quarter_after, quarter_end, reported
from assessor.procedures.deadline_entry import Entry, days, of, uncounted, whole, years
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import counted, plain, ref, rows, terms_ref, years_after

_CLOCKS = (
    ("791.306(e)", "change_discovered", "assessed", "change_assessment_days", "assess whether it still applies",
     "discovery of a change in circumstance"),
    ("791.306(e)(1)", "determined_outside", "reported_outside", "outside_report_days", "cease, inquire and report to BIS",
     "determination of use outside the conditions"),
)  # fmt: skip
_CHAIN = (
    "Two clocks run one after the other: from discovery to the assessment, then from the determination to the report; BIS may "
    "prescribe another period."
)


def entries(facts: Facts) -> Iterator[Entry]:
    """All entries of §§791.306 and 791.307, letter by letter."""
    for kind in ("general", "specific"):
        for a in authorization_versions.letters(facts, kind):
            if kind == "general" and authorization_versions.siblings(facts, a)[0] == a:
                yield from _clocks(facts, a)
            yield from _duration(facts, a, kind)
            yield from _conditions(facts, a, kind)


def _log(facts: Facts, a: Row, event: str) -> list[Row]:
    log = authorization_versions.about(facts.tables["authorization_events"], a["authorization"])
    return rows(log[(log["event"] == event).fillna(False)].sort_values("date"))


def _clocks(facts: Facts, a: Row) -> Iterator[Entry]:
    """§791.306(e): each clock for each logged event; one that nothing has set running is shown as such."""
    number = a["authorization"]
    for clause, began, ended, constant, duty, event in _CLOCKS:
        length = int(facts.rule.constant(constant))
        starts, ends = _log(facts, a, began), _log(facts, a, ended)
        for start in starts:
            day = start["date"]
            last = day + timedelta(days=length) if day else None
            end = authorization_clocks.matching(start, ends, alone=len(starts) == 1)
            about = f" ({start['subject']})" if start["subject"] else ""
            yield Entry(
                f"{number}{about}: {duty}",
                clause,
                number,
                date=last,
                reason="" if day else f"The log does not date the {event}.",
                counted_from=of(day, event) if day else f"the {event}",
                how=days(length),
                ambiguity=f"{_CHAIN} {uncounted(last)}",
                met=end["date"] if end else None,
                evidence=tuple(ref(entry) for entry in (start, end) if entry),
            )
        if not starts:
            yield Entry(
                f"{number}: {duty}",
                clause,
                number,
                reason=f"No {event} is in evidence.",
                counted_from=f"the {event}",
                how=days(length),
                ambiguity=_CHAIN,
                evidence=(ref(a),),
            )


def _duration(facts: Facts, a: Row, kind: str) -> Iterator[Entry]:
    """The end of the letter; for a specific one also the earliest end that §791.307(l)(4) allows."""
    number, issued, expires = label(facts, a), a["issued"], a["expires"]
    if kind == "specific" or expires:
        yield Entry(
            f"{number}: last day of its duration",
            "791.307(l)(4)" if kind == "specific" else "791.306(a)",
            number,
            date=expires,
            reason="" if expires else "The letter as read does not show its end.",
            counted_from="the letter",
            how="as the letter states it; the day itself is still covered",
            evidence=(ref(a),),
        )
    if kind == "specific":
        least = int(facts.rule.constant("authorization_years"))
        yield Entry(
            f"{number}: earliest end that its least duration allows",
            "791.307(l)(4)",
            number,
            date=years_after(issued, least) - timedelta(days=1) if issued else None,
            reason="" if issued else "The letter as read does not show its date of issue.",
            counted_from=of(issued, f"issue of {number}") if issued else "the issue of the letter",
            how=f"{years(least)}; the day before it is the last day of the period",
            ambiguity="A model year may be meant instead of a calendar year, and §791.307(m) allows less.",
            evidence=(ref(a),),
        )


def _conditions(facts: Facts, a: Row, kind: str) -> Iterator[Entry]:
    """Dates of the conditions to which the terms assign a test with days or a day."""
    clause = "791.306(d)" if kind == "general" else "791.307(i)(1)(iii)"
    told, part = authorization_versions.settings(facts, a)
    for place, condition in enumerate(told.get("conditions", [])):
        where = (ref(a), terms_ref(f"authorizations[{part}].conditions[{place}]"))
        name = f"{label(facts, a)} condition {condition.get('condition', place + 1)}"
        if condition.get("test") == "report_within_days_of_quarter_end" and whole(condition.get("days")) is not None:
            yield from _reports(facts, a, condition, name, clause, where)
        if condition.get("test") == "exported_by_end":
            yield from _exports(facts, a, condition, name, clause, where)


def _day(told: Any) -> date | None:
    """A day as the terms give it; None when that is none."""
    try:
        return as_date(told)
    except ValueError:
        return None


def _reports(
    facts: Facts, a: Row, condition: dict[str, Any], name: str, clause: str, where: tuple[Any, ...]
) -> Iterator[Entry]:
    """A report a quarter, from the first to the one that runs at the report's date or to the end of the authorization."""
    length, quarter = int(condition["days"]), first_quarter(condition.get("first"), a["issued"])
    if quarter is None:
        yield Entry(
            f"{name}: quarterly report",
            clause,
            a["authorization"],
            reason="The first quarter to report on is open: the letter's issue is not dated or the terms name no quarter.",
            how=days(length),
            evidence=where,
        )
        return
    log = _log(facts, a, "report_filed")
    filed = reported(log)
    last = min(
        facts.terms.dated, a["expires"] or facts.terms.dated, authorization_versions.span(facts, a).last or date.max
    )
    current = (last.year, (last.month - 1) // 3 + 1)
    while quarter <= current:
        end = quarter_end(quarter)
        due = end + timedelta(days=length)
        yield Entry(
            f"{name}: report for Q{quarter[1]} {quarter[0]}",
            clause,
            a["authorization"],
            date=due,
            counted_from=of(end, f"end of Q{quarter[1]} {quarter[0]}"),
            how=days(length),
            ambiguity=uncounted(due),
            met=filed.get(quarter),
            evidence=(*where, *(ref(e) for e in log if e["date"] and e["date"] == filed.get(quarter))),
        )
        quarter = quarter_after(quarter)


def _exports(
    facts: Facts, a: Row, condition: dict[str, Any], name: str, clause: str, where: tuple[Any, ...]
) -> Iterator[Entry]:
    """The day by which what was imported is to leave again: fixed, or counted from the first import not logged as exported."""
    what = f"{name}: export what was imported under it"
    by = _day(condition.get("by"))
    if by:
        yield Entry(
            what,
            clause,
            a["authorization"],
            date=by,
            counted_from="the terms, as the letter states it",
            how="the day itself counts as in time",
            evidence=where,
        )
    elif whole(condition.get("within_days")) is not None:
        t = authorization_scope.claiming(facts, a)
        gone = {plain(e["subject"]) for e in _log(facts, a, "exported") if e["subject"]}
        here = [not gone & {plain(row[k]) for k in ("vin", "entry", "transaction") if row[k]} for row in rows(t)]
        left = t[pd.Series(here, t.index, dtype=bool)]
        left = left[(left["kind"] != "vehicle_sale").fillna(True)]
        first: date | None = left["date"].dropna().min() if left["date"].notna().any() else None
        length = int(condition["within_days"])
        last = first + timedelta(days=length) if first else None
        yield Entry(
            what,
            clause,
            a["authorization"],
            date=last,
            reason="" if first else "No dated import under it is without an export.",
            counted_from=of(first, "earliest import not logged as exported") if first else "each import",
            how=f"{days(length)}; each of {counted(len(left), 'import')} not yet exported has its own day",
            ambiguity=uncounted(last),
            evidence=(*where, *evidence(left, 5)),
        )
