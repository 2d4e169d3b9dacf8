"""The calendar of deadlines: every date that follows from the facts of the engagement, with its clause and how it was counted.

A derived table: `facts.of(deadlines.calendar)`. It finds nothing and asks nothing; whether a date was kept is for the
procedures of the sections.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.engagement import Terms
from assessor.evidence.tables import DATE, TEXT, frame
from assessor.procedures import deadline_authorizations, deadline_declarations, deadline_notices, s312_records
from assessor.procedures.deadline_entry import FORWARD, Entry, doubts, of, whole, years
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import cited, counted, one_stop, rows, terms_ref, years_after

FURNISH = "Furnish the evidence that the report asks for"
"""What the entry of the engagement's own evidence requests is called, which follows from its terms and not from the rule."""
DUE_DAYS = terms_ref("[criteria] due_days")
"""Where the terms say how long the client has to furnish evidence."""

COLUMNS = {
    "what": TEXT,
    "date": DATE,
    "clause": TEXT,
    "counted_from": TEXT,
    "how": TEXT,
    "ambiguity": TEXT,
    "subject": TEXT,
    "state": TEXT,
    "reason": TEXT,
    "met": DATE,
    "evidence": TEXT,
}
"""Columns of the calendar. `date` is NA while a period does not run or a fact is missing, and `reason` then says which; `met`
is the day on which the evidence shows the thing done."""


def calendar(facts: Facts) -> pd.DataFrame:
    """All entries by date, those without one last; `state` is "past", "due" (on the very day of the report), "running" or "not
    running", seen from the date of the report."""
    entries = [
        *deadline_declarations.entries(facts),
        *deadline_authorizations.entries(facts),
        *_records(facts),
        *_requests(facts),
        *deadline_notices.entries(facts),
    ]
    entries.sort(key=lambda e: (e.date or date.max, e.date is None, e.what, e.subject))
    listed = [
        {
            **{name: getattr(e, name) for name in COLUMNS if name not in ("state", "evidence")},
            "state": state(e.date, facts.terms.dated),
            "evidence": cited(e.evidence),
        }
        for e in entries
    ]
    return frame(pa.table({name: pa.array([row[name] for row in listed], kind) for name, kind in COLUMNS.items()}))


def state(day: date | None, dated: date) -> str:
    """Where a date stands, seen from the date of the report."""
    if day is None:
        return "not running"
    return "past" if day < dated else "due" if day == dated else "running"


def table(facts: Facts) -> list[dict[str, Any]]:
    """The calendar as rows of a report table: what, date (ISO text, empty while it does not run), clause, note, subject,
    state, evidence."""
    return [
        {
            "what": row["what"],
            "date": row["date"].isoformat() if row["date"] else "",
            "clause": row["clause"],
            "note": _note(row),
            "subject": row["subject"],
            "state": row["state"],
            "evidence": row["evidence"] or "",
        }
        for row in rows(facts.of(calendar))
    ]


def _note(row: dict[str, Any]) -> str:
    parts = [
        row["reason"],
        f"Counted from {row['counted_from']}: {row['how']}" if row["counted_from"] and row["how"] else row["how"],
        f"The evidence shows it done on {row['met']}" if row["met"] else "",
        row["ambiguity"],
    ]
    return one_stop(" ".join(f"{part.rstrip('.')}." for part in parts if part))


def _records(facts: Facts) -> Iterator[Entry]:
    """§791.312: ten years from the transaction, for the first and the last one in evidence; the assessor's own file (T-36)."""
    need, number = facts.of(s312_records.required), int(facts.rule.constant("record_years"))
    dated = need[need["date"].notna()]
    undated = len(need) - len(dated)
    open_ = f"{counted(undated, 'transaction')} that may need records bear no date." if undated else ""
    if dated.empty:
        yield Entry(
            "Keep the records of transactions",
            "791.312(a)",
            "records",
            reason=open_ or "No transaction that needs records is in evidence.",
            counted_from="each transaction",
            how=years(number),
        )
    else:
        for which, day in (("first", dated["date"].min()), ("last", dated["date"].max())):
            yield Entry(
                f"Keep the records of the {which} transaction at least until",
                "791.312(a)",
                "records",
                date=years_after(day, number),
                counted_from=of(day, f"{which} of {counted(len(dated), 'transaction')} that need records"),
                how=years(number, day),
                ambiguity=doubts(
                    "It runs from the transaction, not from the record; the duty to report changes runs from the original declaration.",
                    open_,
                ),
                evidence=evidence(dated[dated["date"] == day], 5),
            )
    yield Entry(
        "Keep the assessor's own records",
        "791.312(b)",
        str(facts.terms.firm.get("name") or "the assessor"),
        reason="The paragraph states no number of years.",
        ambiguity=f"The {number} years of paragraph (a), from the last transaction examined, are safe.",
    )


def _requests(facts: Facts) -> Iterator[Entry]:
    """The evidence requests of this engagement; a period of its terms, not of the rule."""
    told, dated = whole(facts.terms.criteria.get("due_days")), facts.terms.dated
    yield Entry(
        FURNISH,
        "791.315",
        facts.terms.client_name,
        date=requests_due(facts.terms),
        reason="" if told is not None else "The terms of the engagement set no days for it, or not as a whole number.",
        counted_from=of(dated, "date of the report"),
        how=f"{told} {FORWARD}; set by the terms of the engagement, not by the rule" if told is not None else "",
        evidence=(DUE_DAYS,),
    )


def requests_due(terms: Terms) -> date | None:
    """The day until which the client is asked to furnish evidence; None where the terms set no whole number of days."""
    told = whole(terms.criteria.get("due_days"))
    return None if told is None else terms.dated + timedelta(days=told)
