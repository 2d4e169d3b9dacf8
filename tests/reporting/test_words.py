"""Dates, counts and references are told the same way everywhere."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from assessor.reporting.words import count, day, listing, outcome, percent, plain, refs, sentence
from assessor.results import EvidenceRef, Outcome


@pytest.mark.parametrize(
    ("number", "told"), [(0, "no findings"), (1, "1 finding"), (10, "10 findings"), (2014, "2,014 findings")]
)
def test_counts_are_words_where_they_must_be(number: int, told: str) -> None:
    assert count(number, "finding") == told


@pytest.mark.parametrize("unknown", [None, pd.NA, pd.NaT, float("nan")])
def test_unknown_is_never_a_residue(unknown: object) -> None:
    assert plain(unknown) == day(unknown) == "not stated"
    assert refs(None) == sentence(unknown) == ""


def test_values_are_told_in_words() -> None:
    assert [plain(v) for v in (True, False, 1234, "", [], ["a", "b"], date(2026, 11, 16), "in_scope")] == [
        "yes", "no", "1,234", "–", "–", "a; b", "16 November 2026", "in scope"
    ]  # fmt: skip
    assert [day("2026-11-16T09:00:00Z"), outcome(Outcome.NOT_TESTED), outcome("other"), percent("0.25"), percent("1/3")] == [
        "16 November 2026", "Not tested", "other", "25 %", "33.3333 %"
    ]  # fmt: skip
    assert [listing([]), listing(["a"]), listing("abc"), listing("abcdef", 2)] == [
        "",
        "a",
        "a, b and c",
        "a, b and 4 more",
    ]
    assert [sentence("qemu is old"), sentence("Done."), sentence("Why?")] == ["qemu is old.", "Done.", "Why?"]


def test_references_are_told_by_item_in_natural_order_and_counted_beyond_the_limit() -> None:
    lines = [EvidenceRef("E-0010", f"line {n}") for n in (10, 9, 2, 1, 9, 30)]
    assert refs([*lines, EvidenceRef("E-0002", "page 1"), EvidenceRef("TERMS")]) == (
        "[E-0002 page 1; E-0010 line 1, line 2, line 9, line 10 and 1 more; TERMS]"
    )
    assert refs("E-0004 row 12; E-0007 /components/3") == "[E-0004 row 12; E-0007 /components/3]"
    assert refs([EvidenceRef(f"E-{n}") for n in range(1, 5)], 1) == "[E-1; E-2; and 2 more items]"
    assert refs([EvidenceRef(f"E-{n}") for n in range(1, 4)], 1) == "[E-1; E-2; and 1 more item]"
