"""One entry of the calendar of deadlines, and the ways of counting that entries share."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass

from assessor.results import EvidenceRef

FORWARD = "calendar days, the first not counted, the last in time, no roll-over"
_WEEKEND = {5: "Saturday", 6: "Sunday"}


@dataclass(frozen=True)
class Entry:
    """A date, or a period that does not run yet.

    `date` is None while it does not run or a fact is missing; `reason` then says which. `counted_from` is a day and what
    happened on it, `how` says how was counted, `ambiguity` what the text leaves open (empty: nothing), `met` the day on which
    the evidence shows the thing done.
    """

    what: str
    clause: str
    subject: str
    date: datetime.date | None = None
    reason: str = ""
    counted_from: str = ""
    how: str = ""
    ambiguity: str = ""
    met: datetime.date | None = None
    evidence: tuple[EvidenceRef, ...] = ()


def days(number: int) -> str:
    """How a period of so many days was counted."""
    return f"{number} {FORWARD}"


def years(number: int, day: datetime.date | None = None) -> str:
    """How a period of years was counted, from a day."""
    leap = "; 1 March, since the later year has no 29 February" if day and _no_anniversary(day, number) else ""
    return f"{number} {'year' if number == 1 else 'years'}, the same day of the later year{leap}"


def _no_anniversary(day: datetime.date, number: int) -> bool:
    return (day.month, day.day) == (2, 29) and not calendar.isleap(day.year + number)


def whole(told: object) -> int | None:
    """A number of days as the terms of the engagement give it; None when that is no whole number from 0 to 36,500."""
    fits = isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= 36_500
    return told if fits and isinstance(told, int) else None


def before_leap(day: datetime.date, number: int) -> str:
    """What is open about a last day that would be 29 February."""
    return "28 February is safe." if _no_anniversary(day, number) else ""


def uncounted(last: datetime.date | None) -> str:
    """What is open about every period outside §§791.316 and 791.317: only replies to BIS notices move off weekends and holidays
    (analysis T-35)."""
    weekend = _WEEKEND.get(last.weekday()) if last else None
    falls = f" It falls on a {weekend} and does not move; the business day before is safe." if weekend else ""
    return f"The rule does not say how days are counted; calendar days are assumed.{falls}"


def of(day: datetime.date, event: str) -> str:
    """The day counted from and what happened on it."""
    return f"{day.isoformat()}, {event}"


def doubts(*parts: str) -> str:
    """What is open, in one text."""
    return " ".join(part for part in parts if part)
