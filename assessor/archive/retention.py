"""§791.312(a): until when what an assessment rests on is to be kept, counted from the last transaction that it covers."""

from __future__ import annotations

from typing import Any

from assessor.procedures import s312_records
from assessor.procedures.facts import Facts
from assessor.procedures.working import years_after


def retention(facts: Facts) -> dict[str, Any]:
    """`until`, the first day on which nothing covered needs to be kept any more, with what it was counted from.

    `until` is None where no covered transaction has a date; `undated` are those that have none, which may need longer.
    """
    needing = facts.of(s312_records.required)
    dated, years = needing["date"].dropna(), int(facts.rule.constant("record_years"))
    last = dated.max() if len(dated) else None
    return {
        "clause": "791.312(a)",
        "last_transaction": None if last is None else last.isoformat(),
        "years": years,
        "until": None if last is None else years_after(last, years).isoformat(),
        "undated": len(needing) - len(dated),
    }
