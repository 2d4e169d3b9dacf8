"""Which period follows one: the day after it, and as long; lengths are whole months where they can be."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def next_period(begin: date, end: date, start: date | None = None) -> tuple[date, date]:
    """The period after one from `begin` to `end`: from the day after (or from `start`), as many whole months long, or else as
    many days.

    A month from the 30th or 31st ends with a month that has no such day. Raises OverflowError beyond the year 9999.
    """
    start = start or end + timedelta(days=1)
    months = whole_months(begin, end)
    return start, start + (end - begin) if months is None else _last_day(start, months)


def whole_months(begin: date, end: date) -> int | None:
    """How many whole months a period lasts; None when it does not end with one."""
    about = (end.year - begin.year) * 12 + end.month - begin.month
    return next((n for n in (about, about + 1) if n > 0 and _last_day(begin, n) == end), None)


def _last_day(begin: date, months: int) -> date:
    """The last day of so many months from `begin` on."""
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError("date value out of range")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, last) if begin.day > last else date(year, month + 1, begin.day) - timedelta(days=1)


def day(value: date) -> date:
    """The day of a date, which in TOML may be written with a time."""
    return date(value.year, value.month, value.day)
