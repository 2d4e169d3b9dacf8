"""Cases of tests/cases/deadlines.yaml, holidays and roll-over against known calendars, and the calendar as a whole."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from assessor.procedures import business_days, deadline_notices, deadlines
from assessor.procedures.working import rows
from assessor.rule import load
from tests.cases.runner import _fits, cases, facts

RULE = load()


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("deadlines.yaml"))
def test_case(procedure: str, defaults: Any, case: Any) -> None:
    assert procedure == "deadlines"
    made = facts({"owners": {}, "verdicts": {}, **case["given"]}, defaults)
    listed = [SimpleNamespace(**row) for row in rows(made.of(deadlines.calendar))]
    wanted, unwanted = (case["expect"].get(key, []) for key in ("entries", "no_entries"))
    assert wanted or unwanted, "a case that expects nothing cannot fail"
    for entry in wanted:
        assert any(_fits(row, entry) for row in listed), f"{entry} fits none of {listed}"
    for entry in unwanted:
        assert not any(_fits(row, entry) for row in listed), f"{entry} is in {listed}"


def test_federal_holidays_of_2026_are_those_that_were_published() -> None:
    # Independence Day of 2026 is a Saturday and is observed on Friday, 3 July.
    assert [day.isoformat()[5:] for day in business_days.holidays(RULE, 2026)] == [
        "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25",
    ]  # fmt: skip


def test_federal_holidays_of_2027_hold_the_new_years_day_of_2028_observed_on_31_december() -> None:
    found = business_days.holidays(RULE, 2027)
    assert [day.isoformat()[5:] for day in found] == [
        "01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-31",
    ]  # fmt: skip
    assert found[date(2027, 12, 31)] == "New Year's Day (observed)"
    assert date(2028, 1, 1) not in business_days.holidays(RULE, 2028)


def test_juneteenth_is_a_holiday_from_2021_and_not_before() -> None:
    assert date(2021, 6, 18) in business_days.holidays(RULE, 2021)
    assert date(2020, 6, 19) not in business_days.holidays(RULE, 2020)


@pytest.mark.parametrize("year", range(2025, 2060))
def test_every_year_has_its_eleven_holidays_on_weekdays(year: int) -> None:
    found = [*business_days.holidays(RULE, year), *business_days.holidays(RULE, year + 1)]
    assert all(day.weekday() < 5 for day in found)
    assert 10 <= len(business_days.holidays(RULE, year)) <= 12


@pytest.mark.parametrize(
    ("due", "last"),
    [
        (date(2026, 10, 9), date(2026, 10, 9)),  # Friday
        (date(2026, 10, 10), date(2026, 10, 13)),  # Saturday before Columbus Day
        (date(2026, 10, 11), date(2026, 10, 13)),  # Sunday
        (date(2026, 10, 12), date(2026, 10, 13)),  # Columbus Day itself
        (date(2026, 10, 13), date(2026, 10, 13)),  # the Tuesday after
        (date(2026, 10, 17), date(2026, 10, 19)),  # a plain Saturday
        (date(2026, 11, 11), date(2026, 11, 12)),  # a holiday in mid-week
        (date(2026, 7, 3), date(2026, 7, 6)),  # observed holiday, then the weekend
        (date(2027, 12, 31), date(2028, 1, 3)),  # over the year's end
        (date(2028, 2, 29), date(2028, 2, 29)),  # 29 February, a Tuesday
    ],
)
@pytest.mark.parametrize("constant", ["violation_response_days", "penalty_response_days"])
def test_a_response_due_on_a_weekend_or_holiday_is_due_on_the_next_business_day(
    due: date, last: date, constant: str
) -> None:
    answer = business_days.respond_by(RULE, due - timedelta(days=30), constant)
    assert (answer.counted, answer.day) == (due, last)
    assert bool(answer.moved) == (due != last)


def test_a_response_that_moves_for_an_observed_day_says_what_is_open_about_it() -> None:
    answer = business_days.respond_by(RULE, date(2026, 7, 3) - timedelta(days=30), "penalty_response_days")
    assert "observed" in answer.moved and "earlier day is safe" in answer.ambiguity
    plain = business_days.respond_by(RULE, date(2026, 10, 12) - timedelta(days=30), "penalty_response_days")
    assert plain.moved and not plain.ambiguity


def test_inauguration_day_moves_no_date_and_is_marked() -> None:
    answer = business_days.respond_by(RULE, date(2033, 1, 20) - timedelta(days=30), "violation_response_days")
    assert answer.day == date(2033, 1, 20) and "Inauguration Day" in answer.ambiguity
    sunday = business_days.respond_by(RULE, date(2041, 1, 20) - timedelta(days=30), "violation_response_days")
    assert sunday.day == date(2041, 1, 22)  # a Sunday, then the birthday of Martin Luther King Jr.


def test_an_appeal_is_due_45_days_after_the_date_on_the_notice_and_never_moves() -> None:
    answer = business_days.appeal_by(RULE, date(2026, 8, 27))
    assert answer.day == answer.counted == date(2026, 10, 11)
    assert "Sunday" in answer.ambiguity and not answer.moved
    assert business_days.appeal_by(RULE, date(2026, 8, 31)) == (date(2026, 10, 15), date(2026, 10, 15), "", "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("delivered on 2026-10-05", [date(2026, 10, 5)]),
        ("delivered on 5 October 2026", [date(2026, 10, 5)]),
        ("delivered on October 5, 2026, that is 2026-10-05", [date(2026, 10, 5)]),
        ("of 5 October 2026, delivered 7 October 2026", [date(2026, 10, 5), date(2026, 10, 7)]),
        ("on 31 February 2026", []),
        ("on 05/10/2026", []),
        ("in October 2026", []),
    ],
)
def test_days_are_read_from_a_statement_only_where_they_can_be_read_one_way(text: str, found: list[date]) -> None:
    assert deadline_notices.dates_in(text) == found


def test_a_date_is_past_before_the_report_due_on_its_day_and_running_after() -> None:
    dated = date(2026, 11, 16)
    around = [deadlines.state(dated + timedelta(days=n), dated) for n in (-1, 0, 1)]
    assert [*around, deadlines.state(None, dated)] == ["past", "due", "running", "not running"]


def test_every_entry_without_a_date_has_a_reason_and_every_dated_one_says_how_it_was_counted() -> None:
    made = facts(
        {
            "declarations": [{"declaration": "SW-1", "kind": "software"}, {"declaration": "HW-1", "kind": "hardware"}],
            "changes": {"change": "CH-1", "declaration": "SW-1"},
            "authorizations": [
                {"authorization": "GA-1", "kind": "general"},
                {"authorization": "SA-1", "kind": "specific"},
            ],
            "owners": {},
            "verdicts": {},
        }
    )
    table = made.of(deadlines.calendar)
    assert len(table) >= 12
    for row in table.to_dict("records"):
        assert bool(row["reason"]) == (row["state"] == "not running"), row
        assert row["state"] == "not running" or row["how"], row
        assert row["clause"].startswith("791.3")


def test_the_calendar_is_sorted_by_date_and_what_does_not_run_comes_last() -> None:
    made = facts(
        {
            "authorizations": {
                "authorization": "SA-1",
                "kind": "specific",
                "issued": date(2026, 6, 15),
                "expires": date(2027, 12, 31),
            },
            "terms": {"criteria": {"due_days": 21}},
            "owners": {},
            "verdicts": {},
        }
    )
    told = [row["date"] for row in deadlines.table(made)]
    assert [d for d in told if d] == ["2026-12-07", "2027-06-14", "2027-12-31"]
    assert told == sorted(told, key=lambda d: d or "9999")


def test_holidays_of_2020_lack_juneteenth_alone() -> None:
    assert [day.isoformat()[5:] for day in business_days.holidays(RULE, 2020)] == [
        "01-01", "01-20", "02-17", "05-25", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25",
    ]  # fmt: skip


@pytest.mark.parametrize("year", [2026, 2027, 2028, 2034])
def test_a_20_january_on_which_nobody_is_inaugurated_is_a_day_like_others(year: int) -> None:
    due = date(year, 1, 20)
    answer = business_days.respond_by(RULE, due - timedelta(days=30), "violation_response_days")
    assert answer == (due, due, "", "")
