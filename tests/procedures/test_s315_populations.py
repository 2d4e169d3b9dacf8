"""Cases of tests/cases/s315_populations.yaml, the arithmetic of numbers and series, and what samples are told of completeness."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.procedures import number_checks, number_series, s315_populations
from assessor.results import Outcome
from assessor.rule import load
from tests.cases.runner import cases, check, facts

RULE = load()
TEXT = pd.ArrowDtype(pa.string())
LETTERS = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s315_populations.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)


def column(*written: str | None) -> pd.Series[Any]:
    return pd.Series(list(written), dtype=TEXT)


def vin(body: str) -> str:
    """A VIN of sixteen characters with its check digit, worked out sign by sign."""
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2)
    rest = sum((int(c) if c.isdigit() else LETTERS[c]) * w for c, w in zip(body, weights, strict=True)) % 11
    return f"{body[:8]}{'X' if rest == 10 else rest}{body[8:]}"


def entry(filer: str, number: int) -> str:
    """An entry number with its check digit, worked out sign by sign."""
    values = {letter: place % 9 + 1 for place, letter in enumerate("ABCDEFGHIJKLMNOPQR")}
    values |= {letter: place + 2 for place, letter in enumerate("STUVWXYZ")}
    digits = [int(c) if c.isdigit() else values[c] for c in f"{filer}{number:07d}"]
    total = sum(sum(divmod(2 * d, 10)) if place % 2 else d for place, d in enumerate(digits))
    return f"{filer}-{number:07d}-{-total % 10}"


@pytest.mark.parametrize("written", ["1G4AH59H45G118341", "JH2RC3605MM101581"])  # worked examples of 49 CFR part 565
def test_the_examples_of_the_regulation_are_vins(written: str) -> None:
    assert number_checks.vin_faults(column(written), RULE).isna().all()


@pytest.mark.parametrize("written", ["B76-0324527-8", "ABC-1234567-6", "999-9999999-0"])
def test_entry_numbers_that_were_worked_out_elsewhere_pass(written: str) -> None:
    assert number_checks.entry_faults(number_checks.compact(column(written)), RULE).isna().all()


bodies = st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=16, max_size=16)
filers = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=3, max_size=3)


@given(bodies, st.integers(0, 16), st.sampled_from("ABCDEFGHJKLMNPRSTUVWXYZ0123456789"))
def test_a_vin_passes_with_its_check_digit_and_no_other_sign_passes_in_its_place(body: str, at: int, sign: str) -> None:
    right = vin(body)
    changed = f"{right[:at]}{sign}{right[at + 1 :]}"
    found = number_checks.vin_faults(column(right, changed), RULE)
    assert pd.isna(found[0])
    assert pd.isna(found[1]) == (vin(changed[:8] + changed[9:]) == changed)


@given(filers, st.integers(0, 9_999_999), st.integers(0, 9))
def test_an_entry_number_passes_with_its_check_digit_alone(filer: str, number: int, digit: int) -> None:
    right = entry(filer, number)
    changed = right[:-1] + str(digit)
    found = number_checks.entry_faults(number_checks.compact(column(right, changed)), RULE)
    assert pd.isna(found[0])
    assert pd.isna(found[1]) == (changed == right)


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=8))
def test_whatever_stands_for_a_number_leads_to_a_reason_or_to_none(written: list[str | None]) -> None:
    compact = number_checks.compact(column(*written))
    for check_ in (number_checks.vin_faults, number_checks.entry_faults):
        assert (check_(compact, RULE).notna() <= compact.notna()).all()


@pytest.mark.parametrize(
    ("code", "year"), [("T", 2026), ("V", 2027), ("Y", 2030), ("1", 2031), ("A", 2010), ("9", 2039)]
)
def test_the_tenth_character_stands_for_its_model_year_and_for_no_neighbour(code: str, year: int) -> None:
    vins = column(*[f"5FMTN7P00{code}N000001"] * 3)
    years = pd.Series([year - 1, year, year + 1], dtype=pd.ArrowDtype(pa.int64()))
    assert number_checks.model_year_fits(vins, years, RULE).tolist() == [False, True, False]


def test_a_tenth_character_that_stands_for_no_year_fits_none() -> None:
    years = pd.Series([2027], dtype=pd.ArrowDtype(pa.int64()))
    assert number_checks.model_year_fits(column("5FMTN7P000N000001"), years, RULE).tolist() == [False]


@given(st.sets(st.integers(0, 10**18 - 1), min_size=1, max_size=60))
def test_gaps_and_numbers_together_are_everything_from_the_first_to_the_last(numbers: set[int]) -> None:
    runs = number_series.gaps(np.array(sorted(numbers), dtype=np.int64))
    missing = sum(last - first + 1 for first, last in runs)
    assert missing + len(numbers) == max(numbers) - min(numbers) + 1
    assert all(first <= last and first - 1 in numbers and last + 1 in numbers for first, last in runs)


@given(st.sets(st.integers(0, 400), min_size=2, max_size=300), st.randoms(use_true_random=False))
def test_a_series_tells_what_is_missing_whatever_the_order_and_however_often_a_number_stands(numbers, random) -> None:
    written = [f"T26-{n:05d}" for n in numbers] * 2
    random.shuffle(written)
    [told] = number_series.series(column(*written)).to_dict("records")
    assert (told["present"], told["missing"]) == (len(numbers), max(numbers) - min(numbers) + 1 - len(numbers))
    assert (told["first"], told["last"]) == (f"T26-{min(numbers):05d}", f"T26-{max(numbers):05d}")


def test_series_are_told_apart_by_what_stands_before_and_behind_their_number() -> None:
    told = number_series.series(column("A-1", "A-3", "B-1", "B-2", "7/A", "9/A", None, "none", "C-5", "1" * 25))
    assert told[["series", "missing", "gaps"]].to_numpy().tolist() == [["…/A", 1, "8"], ["A-…", 1, "2"], ["B-…", 0, ""]]


def test_many_runs_of_missing_numbers_are_named_to_a_bound_and_counted() -> None:
    [told] = number_series.series(column(*(f"T-{n}" for n in range(0, 60, 2)))).to_dict("records")
    assert told["missing"] == 29
    assert told["gaps"].endswith("23 and 17 more runs")


def test_a_sample_is_told_whether_the_completeness_of_its_population_held_is_open_or_did_not_hold() -> None:
    row = {"transaction": "T-1", "kind": "vehicle_sale", "date": date(2026, 2, 2), "units": 1, "new_vehicle": True}
    row |= {"vin": vin("5FMTN7P0VN000001"), "model_year": 2027, "entry": "INV-1"}
    other = row | {"transaction": "T-2", "vin": vin("5FMTN7P0VN000002"), "entry": "INV-2"}
    total = {"kind": "vehicle_sale", "units": 2}
    home = {"line": "Tern", "assembled_in": "United States"}
    given_ = {"vehicles": home, "control_totals": total}
    sound = [row | {"line": "Tern"}, other | {"line": "Tern"}]
    outcome, words = s315_populations.completeness(facts({"transactions": sound, **given_}), "vehicle_sale")
    assert outcome is Outcome.CONFORMS
    assert words.startswith("The completeness of the vehicle sales was tested and held (")
    outcome, words = s315_populations.completeness(facts({"transactions": sound, "vehicles": home}), "vehicle_sale")
    assert outcome is Outcome.INCONCLUSIVE
    assert "is open" in words and "control total" in words
    twice = [sound[0], sound[1] | {"vin": row["vin"]}]
    outcome, words = s315_populations.completeness(facts({"transactions": twice, **given_}), "vehicle_sale")
    assert outcome is Outcome.EXCEPTION
    assert "did not hold (vehicle sales: sold as new twice)" in words
    alone = [{"transaction": f"T-{n}", "kind": "service", "date": date(2026, 2, n), "entry": f"S-{n}"} for n in (1, 2)]
    outcome, words = s315_populations.completeness(facts({"transactions": alone}), "service")
    assert outcome is Outcome.INCONCLUSIVE and "nothing else in evidence speaks of them" in words
    outcome, words = s315_populations.completeness(facts({"transactions": sound, **given_}), None)
    assert outcome is Outcome.NOT_TESTED


def test_fifty_thousand_transactions_are_reconciled_in_a_second_or_so() -> None:
    number, first = 50_000, date(2026, 1, 5)
    days = [first + timedelta(days=n % 260) for n in range(number)]
    papers = [entry("FM7", n) for n in range(number)]
    ledger = [
        {"transaction": f"T-{n:06d}", "kind": "vehicle_import", "date": day, "line": "Tern", "model_year": 2027}
        | {"vin": vin(f"5FMTN7P0VN{n:06d}"), "units": 1, "entry": paper, "foreign_trade_zone": False}
        for n, (day, paper) in enumerate(zip(days, papers, strict=True))
    ]
    listed = [{"entry": paper, "date": day, "units": 1} for day, paper in zip(days, papers, strict=True)]
    total = {"kind": "vehicle_import", "units": number}
    given_ = facts({"transactions": ledger, "customs_entries": listed[1:], "control_totals": total})
    begin = time.process_time()
    result = s315_populations.run(given_)
    taken = time.process_time() - begin
    assert [test.subject for test in result.tests if test.outcome is Outcome.INCONCLUSIVE] == [
        "imports: list of customs entries"
    ]
    assert taken < 4  # 1.2 seconds where nothing else runs
