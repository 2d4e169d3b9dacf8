from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import decimal_text, flag, named, whole, words
from assessor.evidence.readers.text import decode

DAY = date(2024, 11, 14)


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-14",
        "2024/11/14",
        "2024-11-14T23:59:59Z",
        "2024-11-14 08:00:00.5+01:00",
        "14.11.2024",
        "14 November 2024",
        "14 Nov. 2024",
        "14-Nov-2024",
        "November 14, 2024",
        "Nov 14th, 2024",
        "11/14/2024",
        "14/11/2024",
        " 2024-11-14 ",
    ],
)
def test_a_date_that_can_be_read_in_one_way_is_read(text: str) -> None:
    assert dates.parse(text) == (DAY, "")


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "31.11.2024",
        "0.1.2024",
        "2024-11",
        "14.11.24",
        "14/11/24",
        "soon",
        "13/13/2024",
        "04/05/2024",
        "45610",
        "30 Febtober 2024",
        "12 November",
        "0000-01-01",
    ],
)
def test_a_date_that_cannot_be_read_is_a_problem_and_no_date(text: str) -> None:
    found, wrong = dates.parse(text)
    assert found is None and wrong


def test_nothing_written_is_no_problem() -> None:
    assert dates.column([None, "", "  "]) == ([None, None, None], [])


def test_one_value_above_twelve_decides_for_the_whole_column() -> None:
    assert dates.column(["01/02/2026", "06/15/2026"])[0] == [date(2026, 1, 2), date(2026, 6, 15)]
    assert dates.column(["01/02/2026", "15/06/2026"])[0] == [date(2026, 2, 1), date(2026, 6, 15)]


def test_an_ambiguous_column_is_one_problem_and_its_dates_stay_open() -> None:
    found, wrong = dates.column(["01/02/2026", "03/03/2026", "04/05/2026", "2026-01-01"])
    assert found == [None, date(2026, 3, 3), None, date(2026, 1, 1)] and len(wrong) == 1


def test_a_column_that_shows_both_orders_is_ambiguous() -> None:
    found, wrong = dates.column(["13/01/2026", "01/13/2026"])
    assert found == [None, None] and wrong


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_spelling_of_a_day_is_that_day(day: date) -> None:
    for text in (day.isoformat(), f"{day.day}.{day.month}.{day.year:04}", f"{day.month}/{day.day}/{day.year:04}"):
        found, _ = dates.column([text, "12/31/2025"])
        assert found[0] == day


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=20), st.from_regex(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}", fullmatch=True)),
        max_size=6,
    )
)
def test_no_text_breaks_the_date_parser(texts: list[str | None]) -> None:
    found, wrong = dates.column(texts)
    assert len(found) == len(texts) and all(0 <= position < len(texts) for position, _ in wrong)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_decoded_whatever_unicode_form_it_has(encoding: str) -> None:
    text = "Supplier;Müller GmbH;云桥科技\r\n" + "plain latin text " * 9
    assert decode(text.encode(encoding)).text == text and not decode(text.encode(encoding)).damage


def test_windows_1252_is_the_last_resort_and_is_said() -> None:
    decoded = decode("Müller – “Söhne”".encode("cp1252"))
    assert decoded.text == "Müller – “Söhne”" and "Windows-1252" in decoded.note and not decoded.damage


def test_bytes_that_fit_nothing_are_counted() -> None:
    assert decode(b"M\xfcller \x81\x8d").damage.startswith("2 characters")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    decode(data).text.encode("utf-8")


def test_cells_become_exact_text() -> None:
    assert [words(cell) for cell in (2.0, 0.1, 6150, True, " x ", "n/a", "-", "", None, date(2026, 1, 2))] == [
        "2",
        "0.1",
        "6150",
        "Yes",
        "x",
        None,
        None,
        None,
        None,
        "2026-01-02",
    ]
    assert words("a\x00b\ud800") == "a\ufffdb\ufffd"
    assert named("unknown") is None and named("TBD") is None and named("Unknown Worlds Ltd") == "Unknown Worlds Ltd"
    assert decimal_text(1e22) == "10000000000000000000000" and decimal_text(float("nan")) is None


def test_flags_and_whole_numbers_are_never_guessed() -> None:
    assert [flag(text) for text in ("Yes", "no", "maybe", "", None)] == [True, False, None, None, None]
    assert [whole(text) for text in ("1,204", "12 000", "7.0", "7.5", "1,20", "x", "9" * 30, None)] == [
        1204,
        12000,
        7,
        None,
        None,
        None,
        None,
        None,
    ]
