"""Small parts of the procedures on declarations, authorizations, records and filings."""

from __future__ import annotations

from datetime import date

import pytest

from assessor.procedures import authorization_conditions, s305_declarations, s315_assessor
from assessor.procedures.authorization_scope import kinds
from assessor.procedures.calendar_spans import (
    first_quarter,
    months_after,
    quarter_after,
    quarter_before,
    quarter_end,
    quarter_of,
    reported,
)
from assessor.procedures.retention_schedule import schedule, stated_years
from assessor.procedures.s314_confidentiality import pages
from assessor.procedures.working import one_stop, plain, years_after
from assessor.results import Outcome
from tests.cases import runner


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Records are kept for seven (7) years.", [7]),
        ("Import records: a ten-year retention period.", [10]),
        ("Invoices are retained for 10 years, contracts for 12 years.", [10, 12]),
        ("Records are kept. Suppliers are audited every two years.", []),
        ("Records are kept for the life of the vehicle.", []),
        ("Records are retained for seventeen full years.", [17]),
    ],
)
def test_years_are_read_where_a_sentence_speaks_of_records(text: str, years: list[int]) -> None:
    assert [number for number, _ in stated_years(text)] == years


@pytest.mark.parametrize(
    ("text", "total", "found"),
    [
        ("2, 4", 6, {2, 4}),
        ("2-4", 6, {2, 3, 4}),
        ("1 and 3", 6, {1, 3}),
        ("all", 3, {1, 2, 3}),
        ("none", 3, set()),
        ("all", None, None),
        ("", 3, None),
        (None, 3, None),
        ("cover", 3, None),
        ("2, x", 3, None),
    ],
)
def test_pages_are_read_or_left_open(text: str | None, total: int | None, found: set[int] | None) -> None:
    assert pages(text, total) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vehicle_import; vehicle_sale", {"vehicle_import", "vehicle_sale"}),
        ("Import of VCS hardware", {"hardware_import"}),
        ("imports and sales of completed connected vehicles", {"vehicle_import", "vehicle_sale"}),
        ("Research", set()),
        (None, set()),
    ],
)
def test_kinds_of_transaction_are_read_from_a_letters_words(text: str | None, found: set[str]) -> None:
    assert kinds(text) == found


def test_quarters() -> None:
    assert quarter_of("Report for Q3 2026") == quarter_of("2026-Q3 report") == (2026, 3)
    assert quarter_of("Q2 2026 and Q3 2026") is None
    assert quarter_end((2026, 4)) == date(2026, 12, 31) and quarter_end((2026, 1)) == date(2026, 3, 31)
    assert quarter_before(date(2026, 1, 5)) == (2025, 4) and quarter_before(date(2026, 10, 1)) == (2026, 3)


def test_a_month_without_the_day_ends_on_its_last_day() -> None:
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2026, 2, 28), 12) == date(2027, 2, 28)


def test_no_day_is_lost_in_years_after_29_february() -> None:
    assert years_after(date(2028, 2, 29), 10) == date(2038, 3, 1)
    assert years_after(date(2026, 6, 3), 10) == date(2036, 6, 3)


def test_a_name_that_ends_with_a_full_stop_brings_no_second_one() -> None:
    assert one_stop("from Acme Ltd.. They …") == "from Acme Ltd. They …"
    assert one_stop("and so on...") == "and so on..."


def test_names_are_compared_without_width_case_and_punctuation() -> None:
    assert plain("ＯＳＰＲＥＹ  Co.,Ltd.") == plain("Osprey co ltd")


def test_the_page_of_conditions_lists_exactly_the_tests_there_are() -> None:
    listed = {
        line.split("`")[1] for line in (authorization_conditions.__doc__ or "").splitlines() if line.startswith("| `")
    }
    assert listed == {*authorization_conditions.TESTS, "ask"}


def test_what_a_declaration_read_in_part_does_not_show_is_asked_for() -> None:
    facts = runner.facts(
        {
            "declarations": {
                "declaration": "SW-1",
                "kind": "software",
                "items": "Radio software",
                "submitted": date(2026, 1, 1),
            },
            "derived": {
                "s301_scope.components": {
                    "component": "c",
                    "item": "Radio software",
                    "medium": "software",
                    "name": "mesh",
                    "version": "1",
                    "supplier": "Osprey Ltd",
                    "scope": "in_scope",
                    "clause": "791.301",
                    "reason": "r",
                    "missing": "m",
                    "source": "E-0001",
                    "locator": "row 1",
                }
            },
            "owners": {"Osprey Ltd": "excluded"},
        }
    )
    facts.register["status"] = facts.register["status"].where(
        facts.register["id"] != runner.SOURCES["declarations"], "partly_read"
    )
    result = s305_declarations.run(facts)
    assert not result.findings
    assert "declaration_copy" in {request.code for request in result.requests}
    assert {t.outcome for t in result.tests if t.clause == "791.305(a)(2)(ii)" and t.subject == "SW-1"} == {
        Outcome.INCONCLUSIVE
    }


def test_a_stale_answer_about_the_firms_owners_does_not_count() -> None:
    firm = {
        "name": "Case Assurance LLP",
        "incorporated": "US",
        "headquarters": "US",
        "principal_place": "US",
        "owners": [
            {
                "name": "Ada Case",
                "kind": "person",
                "country": "US",
                "citizenship": "US",
                "us_status": "citizen",
                "share": "0.7",
            },
            {
                "name": "Lev Case",
                "kind": "person",
                "country": "RU",
                "citizenship": "RU",
                "us_status": "none",
                "share": "0.3",
            },
        ],
    }

    def tie(answer: str | None, others: str) -> Outcome:
        owners = [{**firm["owners"][0], "share": others}, firm["owners"][1]]
        facts = runner.facts(
            {
                "terms": {"firm": {**firm, "owners": owners}, "criteria": {"dominant_minority": "0.2"}},
                "answers": {"dominant_minority/Case Assurance LLP": answer} if answer else {},
            }
        )
        return next(t.outcome for t in s315_assessor.run(facts).tests if t.clause == "791.315(b)(1)")

    assert tie(None, "0.4") is Outcome.INCONCLUSIVE
    assert tie("yes", "0.4") is Outcome.EXCEPTION
    assert tie("stale yes", "0.4") is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 7, 31), 1, date(2026, 8, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 1, 30), 13, date(2029, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 30), 1, date(2027, 1, 30)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_of_their_month(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_the_quarter_it_stands_in_and_the_one_before(month: int) -> None:
    number = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(month, 4)
    day = date(2026, month, 28)
    assert first_quarter(None, day) == (2026, number)
    assert quarter_before(day) == ((2026, number - 1) if number > 1 else (2025, 4))
    assert quarter_after((2026, number)) == ((2026, number + 1) if number < 4 else (2027, 1))


def test_an_entry_of_the_log_is_for_the_quarter_that_it_names_or_else_for_the_one_that_ended_last() -> None:
    may, august = date(2027, 5, 3), date(2027, 8, 2)
    entries = [
        {"subject": "Report for Q3 2026", "note": None, "date": may},
        {"subject": "Report", "note": "for Q4 2026", "date": may},
        {"subject": None, "note": None, "date": may},
        {"subject": "Report for Q4 2026, corrected", "note": "", "date": august},
        {"subject": "Report", "note": None, "date": None},
        {"subject": "Report for Q2 2027", "note": None, "date": None},
    ]
    assert reported(entries) == {(2026, 3): may, (2026, 4): may, (2027, 1): may, (2027, 2): None}


def test_the_shortest_period_of_a_policy_is_held_against_it_with_the_places_that_say_so() -> None:
    texts = ["Records are kept for 7 years.", "Invoices are kept for five years.", "Contracts are kept for 12 years."]
    policies = [{"document": "RR-1", "text": text} for text in texts]
    noted = schedule(runner.facts({"policies": [*policies, {"document": "RR-2", "text": texts[2]}]}))
    short, long = noted.tests
    assert (short.subject, short.outcome) == ("RR-1", Outcome.EXCEPTION)
    assert short.reason == "It keeps records for 5 years; at least 10 are due."
    assert [place.locator for place in short.evidence] == ["row 1", "row 2"]
    assert (long.subject, long.outcome, long.reason) == ("RR-2", Outcome.CONFORMS, "It keeps records for 12 years.")
    assert [place.locator for place in long.evidence] == ["row 4"]
    assert [finding.effect for finding in noted.findings] == ["Records would be destroyed 5 years too early."]


@pytest.mark.parametrize(("years", "outcome"), [(9, Outcome.EXCEPTION), (10, Outcome.CONFORMS), (11, Outcome.CONFORMS)])
def test_a_policy_of_ten_years_is_long_enough_and_one_of_nine_is_not(years: int, outcome: Outcome) -> None:
    text = f"Records of imports are kept for {years} years."
    noted = schedule(runner.facts({"policies": {"document": "RR-1", "text": text}}))
    assert [test.outcome for test in noted.tests] == [outcome]
    assert len(noted.findings) == (outcome is Outcome.EXCEPTION)
