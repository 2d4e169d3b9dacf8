"""The calendar file: RFC 5545 to the letter, the same bytes each time, and no date from a clock."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assessor.reporting import ics, write_report
from tests.reporting import sample

ROWS: list[dict[str, Any]] = [
    {"what": "DoC-1: confirm", "date": "2027-01-01", "clause": "791.305(h)(1)", "note": "a year", "subject": "DoC-1"},
    {"what": "Stop", "date": "", "clause": "791.305(f)", "note": "does not run", "subject": "client"},
    {"what": "Report; Q4, 2027", "date": "2028-02-29", "clause": "791.307", "note": "a\\b\nc " + "§ü漢😀" * 60, "subject": "SA-1"},
]  # fmt: skip


def written(rows: list[dict[str, Any]] = ROWS) -> bytes:
    made = ics.calendar(sample.terms(), rows)
    assert made is not None
    return made


def unfolded(made: bytes) -> list[str]:
    return made.decode("utf-8").replace("\r\n ", "").split("\r\n")


def test_each_row_with_a_date_is_one_all_day_event_and_rows_without_are_left_out() -> None:
    lines = unfolded(written())
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"] and lines[-2:] == ["END:VCALENDAR", ""]
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 2
    assert [line for line in lines if line.startswith("DTSTART")] == [
        "DTSTART;VALUE=DATE:20270101",
        "DTSTART;VALUE=DATE:20280229",
    ]
    assert [line for line in lines if line.startswith("DTEND")] == [
        "DTEND;VALUE=DATE:20270102",
        "DTEND;VALUE=DATE:20280301",
    ]


def test_lines_end_with_cr_lf_and_hold_at_most_75_octets_and_no_broken_character() -> None:
    made = written()
    assert b"\n" not in made.replace(b"\r\n", b"") and b"\r" not in made.replace(b"\r\n", b"")
    for line in made.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")


@pytest.mark.parametrize(("length", "lines"), [(74, 1), (75, 1), (76, 2), (149, 2), (150, 3)])
def test_a_line_is_folded_only_beyond_75_octets(length: int, lines: int) -> None:
    made = ics.folded("x" * length)
    assert made.count("\r\n") == lines and made.replace("\r\n ", "") == "x" * length + "\r\n"


def test_text_is_escaped_and_cannot_add_a_property() -> None:
    lines = unfolded(written([{**ROWS[0], "what": "a;b,c\\d\r\nBEGIN:VEVENT\x00", "note": "n\rSUMMARY:x"}]))
    assert "SUMMARY:a\\;b\\,c\\\\d\\nBEGIN:VEVENT\\\\u0000" in lines
    assert lines.count("BEGIN:VEVENT") == 1
    assert "DESCRIPTION:§791.305(h)(1): n\\nSUMMARY:x" in lines


def test_the_stamp_is_the_date_of_the_report_and_the_bytes_are_the_same_each_time() -> None:
    assert written() == written()
    terms = sample.terms()
    stamps = {line for line in unfolded(written()) if line.startswith("DTSTAMP")}
    assert stamps == {f"DTSTAMP:{terms.dated:%Y%m%d}T000000Z"}


def test_a_uid_stays_when_the_date_moves_and_differs_between_engagements_subjects_and_repeated_rows() -> None:
    def uids(rows: list[dict[str, Any]]) -> list[str]:
        return [line for line in unfolded(written(rows)) if line.startswith("UID")]

    assert uids([ROWS[0]]) == uids([{**ROWS[0], "date": "2027-01-02", "note": "moved"}])
    assert len(set(uids([ROWS[0], ROWS[0], {**ROWS[0], "subject": "DoC-2"}]))) == 3
    assert ics.uid("A", "b", "c") != ics.uid("B", "b", "c") != ics.uid("B", "c", "b")


def test_no_file_is_made_without_a_date() -> None:
    assert ics.calendar(sample.terms(), [ROWS[1]]) is None


def test_the_file_stands_beside_the_report_and_goes_when_no_date_is_left(tmp_path: Path) -> None:
    everything = sample.everything()

    def with_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
        results = [
            replace(r, tables={**r.tables, "deadlines": rows}) if r.procedure == "s305_declarations" else r
            for r in everything["results"]
        ]
        return {**everything, "results": results}

    paths = write_report(tmp_path, **with_rows(ROWS))
    assert (tmp_path / "report" / "deadlines.ics").read_bytes() == written()
    assert tmp_path / "report" / "deadlines.ics" in paths
    write_report(tmp_path, **with_rows(ROWS[1:2]))
    assert not (tmp_path / "report" / "deadlines.ics").exists()


def test_the_report_lists_deadlines_by_date_and_those_without_one_last() -> None:
    from assessor.reporting import work
    from assessor.reporting.view import View

    everything = sample.everything()
    results = [
        replace(r, tables={"deadlines": ROWS[::-1]})
        for r in everything["results"]
        if r.procedure == "s305_declarations"
    ]
    listed = work.deadlines(View(**{**everything, "results": results}))
    assert [row["date"] for row in listed] == ["1 January 2027", "29 February 2028", "no date"]
    assert re.fullmatch(r"§791\.305\(h\)\(1\)", listed[0]["clause"])
