"""Federal holidays by rule, and the last day to answer a notice of BIS (§§791.309, 791.316(b)(2), 791.317(b)(2)).

Only the answers of §§791.316 and 791.317 move from a weekend or Federal holiday to the following business day; nothing else
in the subpart does.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from assessor.rule import Rule

_SATURDAY, _SUNDAY = 5, 6


class Last(NamedTuple):
    """The last day of a period, the day before any roll-over, and why it moved or what is open about it."""

    day: date
    counted: date
    moved: str = ""
    ambiguity: str = ""


def holidays(rule: Rule, year: int) -> dict[date, str]:
    """Federal holidays observed in a year, by day: those on a Sunday on the Monday after, on a Saturday on the Friday before.

    New Year's Day of the next year is observed in this one when it falls on a Saturday.
    """
    data = rule.data("federal_holidays")
    found: dict[date, str] = {}
    for of in (year, year + 1):
        for holiday in data["holidays"]:
            if of < holiday["from"]:
                continue
            day = _stands(holiday, of)
            shift = {_SATURDAY: data["observed"]["saturday"], _SUNDAY: data["observed"]["sunday"]}.get(day.weekday(), 0)
            kept = day + timedelta(days=int(shift))
            if kept.year == year:
                found[kept] = f"{holiday['name']}{' (observed)' if shift else ''}"
    return dict(sorted(found.items()))


def next_business_day(rule: Rule, day: date) -> date:
    """The day itself when it is a business day, otherwise the first one after it."""
    while _closed(rule, day):
        day += timedelta(days=1)
    return day


def appeal_by(rule: Rule, dated: date) -> Last:
    """§791.309(c)(1): the last day to appeal, counted from the date on the notice, without roll-over."""
    last = dated + timedelta(days=int(rule.constant("appeal_days")))
    closed = _closed(rule, last)
    return Last(
        last,
        last,
        ambiguity=f"It falls on a {closed}; §791.309 has no roll-over, so the business day before is safe."
        if closed
        else "",
    )


def respond_by(rule: Rule, delivered: date, constant: str) -> Last:
    """§§791.316(b)(2), 791.317(b)(2): the last day to respond, so many days after delivery, rolled over to a business day.

    `constant` is "violation_response_days" or "penalty_response_days".
    """
    counted = delivered + timedelta(days=int(rule.constant(constant)))
    last = next_business_day(rule, counted)
    steps = [counted + timedelta(days=n) for n in range((last - counted).days)]
    why = list(dict.fromkeys(_closed(rule, day) for day in steps))
    moved = f"The {counted.isoformat()} is no business day ({', '.join(why)}), so it moves." if why else ""
    observed = [name for name in why if name.endswith("(observed)")]
    local = [h["name"] for h in rule.data("federal_holidays")["local"] if last in _local(h, last.year)]
    doubt = (
        f"Whether the observed day of {', '.join(name.removesuffix(' (observed)') for name in observed)} is a Federal holiday here is "
        "not said; the earlier day is safe."
        if observed
        else ""
    )
    if local:
        doubt = f"{doubt} {', '.join(local)} is a holiday around Washington only; no day is added for it.".strip()
    return Last(last, counted, moved, doubt)


def _closed(rule: Rule, day: date) -> str:
    """Why a day is no business day; empty when it is one."""
    weekend = {_SATURDAY: "Saturday", _SUNDAY: "Sunday"}.get(day.weekday(), "")
    return weekend or holidays(rule, day.year).get(day, "")


def _stands(holiday: dict[str, Any], year: int) -> date:
    month = int(holiday["month"])
    if "day" in holiday:
        return date(year, month, int(holiday["day"]))
    first = date(year, month, 1)
    days = [first + timedelta(days=n) for n in range(31)]
    fitting = [day for day in days if day.month == month and day.weekday() == holiday["weekday"]]
    nth = int(holiday["nth"])
    return fitting[nth - 1 if nth > 0 else nth]


def _local(holiday: dict[str, Any], year: int) -> list[date]:
    # One that falls on a Sunday needs no move: the Monday after is then the Birthday of Martin Luther King Jr., everywhere.
    held = year >= holiday["from"] and (year - holiday["from"]) % holiday["every"] == 0
    return [_stands(holiday, year)] if held else []
