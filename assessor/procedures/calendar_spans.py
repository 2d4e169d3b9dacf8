"""Calendar quarters and months, for conditions that count in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any


def as_date(value: Any) -> date:
    """A date of engagement.toml, written as a date or as its ISO text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def quarter_of(text: str) -> tuple[int, int] | None:
    """The one quarter that a text names ("Q3 2026", "2026-Q3") as year and number; None where it names none or two."""
    found = {
        (int(m["y1"] or m["y2"]), int(m["q1"] or m["q2"]))
        for m in re.finditer(
            r"\bQ(?P<q1>[1-4])[\s/-]*(?P<y1>20\d\d)\b|\b(?P<y2>20\d\d)[\s/-]*Q(?P<q2>[1-4])\b", text, re.IGNORECASE
        )
    }
    return found.pop() if len(found) == 1 else None


def quarter_before(day: date) -> tuple[int, int]:
    """Year and number of the calendar quarter that ended last before a day."""
    quarter = (day.month - 1) // 3
    return (day.year, quarter) if quarter else (day.year - 1, 4)


def quarter_end(quarter: tuple[int, int]) -> date:
    """The last day of a calendar quarter."""
    year, number = quarter
    return date(year + number // 4, number % 4 * 3 + 1, 1) - timedelta(days=1)


def quarter_after(quarter: tuple[int, int]) -> tuple[int, int]:
    """The calendar quarter that follows."""
    year, number = quarter
    return (year + number // 4, number % 4 + 1)


def first_quarter(told: Any, issued: date | None) -> tuple[int, int] | None:
    """The first quarter to report on: the one that the terms name, otherwise that of the issue; None while that is open."""
    if told:
        return quarter_of(str(told))
    return (issued.year, (issued.month - 1) // 3 + 1) if issued else None


def reported(entries: Iterable[Mapping[str, Any]]) -> dict[tuple[int, int], date | None]:
    """For each quarter that log entries report on, in their order, the date of the first report. An entry names its quarter in
    subject or note or, if it names none, is for the quarter that ended last before it."""
    filed: dict[tuple[int, int], date | None] = {}
    for entry in entries:
        quarter = quarter_of(f"{entry['subject'] or ''} {entry['note'] or ''}") or (
            quarter_before(entry["date"]) if entry["date"] else None
        )
        if quarter:
            filed.setdefault(quarter, entry["date"])
    return filed
