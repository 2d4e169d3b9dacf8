"""Cap tables and extracts of share registers as clients send them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assessor.evidence import tables
from assessor.evidence.readers import Reading, read_item, recognise
from assessor.evidence.readers.ownership import holders, numbers, shares
from assessor.text import exact_text
from tests.evidence.samples import RULE, put, workbook

Cells = list[list[Any]]


def read(path: Path) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    assert recognise(path) == "ownership.register"
    reading = read_item("ownership.register", path, "E-0001", RULE)
    entities, interests = (tables.table(name, reading.tables.get(name, [])) for name in ("entities", "interests"))
    return reading, entities, interests


def sheet(tmp_path: Path, rows: Cells, name: str = "Sheet1") -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    return read(workbook(tmp_path / "c.xlsx", {name: rows}))


def text(tmp_path: Path, content: str) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    return read(put(tmp_path, "c.csv", content))


def held(interests: pd.DataFrame, kind: str = "shareholding") -> dict[str, Any]:
    """By holder the share of one kind: a text, or both ends."""
    rows = interests[interests["kind"] == kind]
    return {
        ("nobody named" if pd.isna(holder) else holder): (None if pd.isna(low) else low if low == high else (low, high))
        for holder, low, high in rows[["holder", "min", "max"]].itertuples(index=False)
    }


CLASSES: Cells = [
    ["Brightwater LLC"],
    ["Capitalization table as of 2026-01-01"],
    [None],
    ["Shareholder", "Class", "Shares", "Votes per share", "% of capital"],
    ["Harbour Holdings Ltd", "Class A", 100_000, 10, 0.25],
    ["Ann Ekman (1)", "Class B", 200_000, 1, 0.5],
    ["Harbour Holdings Ltd", "Class B", 100_000, 1, 0.25],
    ["Option pool (unallocated)", None, 50_000, None, None],
    ["Treasury shares", "Class B", 5_000, None, None],
    ["Total", None, 455_000, None, 1],
    ["(1) Held on behalf of Li Na"],
]


def test_a_sheet_of_one_company_with_classes_of_shares_gives_capital_and_votes_exactly(tmp_path: Path) -> None:
    reading, entities, rows = sheet(tmp_path, CLASSES)
    assert reading.status == "read" and set(rows["subject"]) == {"Brightwater LLC"}
    assert held(rows) == {"Harbour Holdings Ltd": "0.5", "Ann Ekman": "0.5"}
    assert held(rows, "voting_rights") == {"Harbour Holdings Ltd": "11/13", "Ann Ekman": "2/13"}
    assert entities["name"].tolist() == ["Harbour Holdings Ltd", "Brightwater LLC", "Ann Ekman"]
    assert rows["locator"].tolist() == ["Sheet1!row 5"] * 2 + ["Sheet1!row 6"] * 2 and rows["interest"].is_unique


def test_rows_that_are_no_holders_are_told_and_a_footnote_stands_with_its_holder(tmp_path: Path) -> None:
    reading, _, rows = sheet(tmp_path, CLASSES)
    assert (
        "rows that are no holders: Sheet1!row 8 ('Option pool (unallocated)'), Sheet1!row 9 ('Treasury shares'), "
        "Sheet1!row 10 ('Total')" in reading.notes
    )
    told = rows.set_index("holder")["details"]
    assert told["Ann Ekman"].tolist() == ["holds 200,000 Class B; Held on behalf of Li Na"] * 2
    assert told["Harbour Holdings Ltd"].iloc[0] == "holds 100,000 Class A, 100,000 Class B"


def test_columns_of_classes_with_a_row_of_their_votes(tmp_path: Path) -> None:
    reading, _, rows = sheet(
        tmp_path,
        [
            ["Cap table of Fellmark Inc."],
            ["Stakeholder", "Common", "Series A Preferred", "Options", "% ownership", "% fully diluted"],
            ["Fund One LP", None, 3000, None, "30%", "28.6%"],
            ["Ann", 6000, None, 500, "60%", "61.9%"],
            ["Other shareholders", 1000, None, None, "10%", "9.5%"],
            ["Votes per share", 1, 10, None, None, None],
            ["Total", 7000, 3000, 500, "100%", "100%"],
        ],
    )
    assert reading.problems == [] and set(rows["subject"]) == {"Fellmark Inc."}
    assert held(rows) == {"Fund One LP": "0.3", "Ann": "0.6", "nobody named": "0.1"}
    assert held(rows, "voting_rights") == {"Fund One LP": "30/37", "Ann": "6/37", "nobody named": "1/37"}
    assert rows["details"].tolist()[2] == "holds 6,000 Common, 500 Options; fully diluted: 61.9%"


def test_votes_of_classes_that_nobody_states_are_unknown_and_not_those_of_the_shares(tmp_path: Path) -> None:
    reading, _, rows = sheet(
        tmp_path,
        [["Shareholder", "Share class", "Shares"], ["A Ltd", "Common", 510], ["B Ltd", "Preferred", 490]],
        "Small Corp",
    )
    assert held(rows) == {"A Ltd": "0.51", "B Ltd": "0.49"}
    assert held(rows, "voting_rights") == {"A Ltd": None, "B Ltd": None}
    assert any("how many votes its classes of shares have is not stated" in note for note in reading.notes)


def test_a_class_called_non_voting_has_no_votes(tmp_path: Path) -> None:
    _, _, rows = sheet(
        tmp_path,
        [["Shareholder", "Share class", "Shares"], ["A Ltd", "Common", 100], ["B Ltd", "Non-voting common", 900]],
        "Small Corp",
    )
    assert held(rows) == {"A Ltd": "0.1", "B Ltd": "0.9"} and held(rows, "voting_rights") == {
        "A Ltd": "1",
        "B Ltd": "0",
    }


def test_options_and_warrants_are_interests_of_another_kind_and_in_no_denominator(tmp_path: Path) -> None:
    _, _, rows = sheet(
        tmp_path,
        [["Shareholder", "Security", "Shares"], ["A Ltd", "Common", 500], ["B", "Options", 500], ["C", "Warrants", 10]],
        "Small Corp",
    )
    assert rows[["holder", "kind", "min"]].fillna("").values.tolist() == [
        ["A Ltd", "shareholding", "1"],
        ["B", "other", ""],
        ["C", "other", ""],
    ]
    assert rows.loc[1, "details"] == "holds 500 Options; no issued shares"


def test_thirds_stay_thirds(tmp_path: Path) -> None:
    _, _, rows = sheet(
        tmp_path,
        [["Shareholders of Third Co Ltd"], ["Name of shareholder", "Number of shares"], ["A", 1], ["B", 1], ["C", 1]],
    )
    assert held(rows) == dict.fromkeys("ABC", "1/3")


@pytest.mark.parametrize(
    ("total", "expected", "told"),
    [
        (700, {"A": "3/7", "B": "4/7"}, ""),
        (1000, {"A": "0.3", "B": "0.4"}, "1,000 shares are stated in total and 700 are listed"),
        (600, {"A": ("3/7", "0.5"), "B": ("4/7", "2/3")}, "the rows hold 700 shares, the total says 600"),
        (None, {"A": "3/7", "B": "4/7"}, ""),
    ],
)
def test_the_total_that_a_table_states_is_held_against_its_rows(
    tmp_path: Path, total: int | None, expected: dict[str, Any], told: str
) -> None:
    rows: Cells = [["Shareholder", "Shares"], ["A", 300], ["B", 400], *([["Total issued", total]] if total else [])]
    reading, _, found = sheet(tmp_path, rows, "Big Corp")
    assert held(found) == expected
    assert told in " ".join([*reading.notes, *(problem.message for problem in reading.problems)])
    assert (reading.status == "partly_read") is (total == 600)


@pytest.mark.parametrize("total", [700, 750, 760, 810])
def test_treasury_shares_and_pools_are_outside_whether_the_total_holds_them_or_not(tmp_path: Path, total: int) -> None:
    rows: Cells = [["Shareholder", "Shares"], ["A", 300], ["B", 400], ["Treasury stock", 60], ["ESOP pool", 50]]
    reading, _, found = sheet(tmp_path, [*rows, ["Total", total]], "Big Corp")
    assert held(found) == {"A": "3/7", "B": "4/7"} and reading.problems == []


def test_a_last_row_without_a_name_that_holds_all_is_the_total(tmp_path: Path) -> None:
    _, _, rows = sheet(tmp_path, [["Shareholder", "Shares"], ["A", 300], ["B", 400], [None, 700]], "Big Corp")
    assert held(rows) == {"A": "3/7", "B": "4/7"}
    _, _, rows = sheet(tmp_path, [["Shareholder", "Shares"], ["A", 300], ["B", 400], [None, 300]], "Big Corp")
    assert held(rows) == {"A": "0.3", "B": "0.4", "nobody named": "0.3"}


def test_a_holder_of_whom_no_number_is_read_leaves_shares_open_unless_a_total_is_stated(tmp_path: Path) -> None:
    rows: Cells = [["Shareholder", "Shares"], ["A", 300], ["B", "see annex"]]
    reading, _, found = sheet(tmp_path, rows, "Big Corp")
    assert (
        held(found) == {"A": None, "B": None} and "'see annex' is not read as a number" in reading.problems[0].message
    )
    _, _, found = sheet(tmp_path, [*rows, ["Total", 1000]], "Big Corp")
    assert held(found) == {"A": "0.3", "B": None}


def test_percentages_that_differ_from_the_numbers_by_more_than_their_rounding_are_told(tmp_path: Path) -> None:
    reading, _, rows = sheet(
        tmp_path, [["Shareholder", "Shares", "%"], ["A", 500, "60%"], ["B", 500, "40%"], ["C", 0, "0%"]], "Small Corp"
    )
    assert held(rows) == {"A": ("0.5", "0.6"), "B": ("0.4", "0.5"), "C": "0"}
    assert [problem.place for problem in reading.problems] == ["Small Corp!row 2", "Small Corp!row 3"]
    reading, _, rows = sheet(
        tmp_path, [["Shareholder", "Shares", "%"], ["A", 1, "33.3%"], ["B", 2, "66.7%"]], "Small Corp"
    )
    assert held(rows) == {"A": "1/3", "B": "2/3"} and reading.problems == []
    reading, _, rows = sheet(
        tmp_path, [["Shareholder", "Shares", "%"], ["A", 1, "33.2%"], ["B", 2, "66.7%"]], "Small Corp"
    )
    assert held(rows) == {"A": ("0.332", "1/3"), "B": "2/3"} and len(reading.problems) == 1


@pytest.mark.parametrize(
    ("heading", "values", "expected"),
    [
        ("Ownership", [0.125, 0.875], ["0.125", "0.875"]),
        ("Ownership %", [0.125, 0.875], ["0.125", "0.875"]),
        ("Ownership %", [12.5, 87.5], ["0.125", "0.875"]),
        ("Ownership %", [12.5, 60], ["0.125", "0.6"]),
        ("Ownership", [12.5, 87.5], ["0.125", "0.875"]),
        ("Ownership %", ["12.5 %", "0.5%"], ["0.125", "0.005"]),
        ("Anteil in Prozent", ["12,5", "87,5"], ["0.125", "0.875"]),
        ("Ownership", [12.5, 60], [None, None]),
        ("Ownership", [0.125, 0.5], [None, None]),
        ("Ownership %", [0.125, 0.5], [None, None]),
    ],
)
def test_what_a_number_under_a_share_means_its_heading_and_its_column_tell(
    tmp_path: Path, heading: str, values: list[Any], expected: list[str | None]
) -> None:
    rows = [["Shareholder", heading], *([f"Holder {number}", value] for number, value in enumerate(values))]
    reading, _, found = sheet(tmp_path, rows, "Small Corp")
    assert list(held(found).values()) == expected and len(reading.problems) == expected.count(None)


def test_a_total_tells_what_the_numbers_of_a_share_mean_too(tmp_path: Path) -> None:
    rows: Cells = [["Shareholder", "Ownership %"], ["A", 0.125], ["B", 0.5], ["Total", 1]]
    assert held(sheet(tmp_path, rows, "Small Corp")[2]) == {"A": "0.125", "B": "0.5"}


def test_digits_that_floating_point_made_are_no_majority(tmp_path: Path) -> None:
    rows: Cells = [["Shareholder", "Ownership"], ["A", 0.17 + 0.28 + 0.05], ["B", 0.4999999999999999]]
    low, high = held(sheet(tmp_path, rows, "Small Corp")[2])["A"]
    assert Fraction(low) < Fraction(1, 2) < Fraction(high) and Fraction(high) - Fraction(low) < Fraction(1, 10**12)


def test_a_german_list_of_partners_with_amounts_of_capital(tmp_path: Path) -> None:
    reading, entities, rows = text(
        tmp_path,
        "Gesellschafterliste der Nordlicht GmbH\nStand: 1.1.2026;\nGesellschafter;Nennbetrag in EUR;Prozentuale Beteiligung\n"
        "Erste Holding GmbH;12.500,00;50,00\nZweite AG;8.333,33;33,33\nStreubesitz;4.166,67;16,67\nSumme;25.000,00;100,00\n",
    )
    assert reading.problems == [] and set(rows["subject"]) == {"Nordlicht GmbH"}
    assert held(rows) == {"Erste Holding GmbH": "0.5", "Zweite AG": "0.3333332", "nobody named": "0.1666668"}
    assert entities["kind"].tolist() == ["organisation"] * 3


def test_a_french_list_with_shares_of_the_votes_beside_numbers_of_shares(tmp_path: Path) -> None:
    _, _, rows = text(
        tmp_path,
        "Société: Aubépine SA;;\nActionnaire;Nombre d'actions;% des droits de vote\nSociété Un SA;1 000 000;50,5 %\n"
        "Mme Deux;500 000;49,5 %\nTotal;1 500 000;100 %\n",
    )
    assert set(rows["subject"]) == {"Aubépine SA"}
    assert held(rows) == {"Société Un SA": "2/3", "Mme Deux": "1/3"}
    assert held(rows, "voting_rights") == {"Société Un SA": "0.505", "Mme Deux": "0.495"}


def test_a_chinese_list(tmp_path: Path) -> None:
    _, entities, rows = sheet(
        tmp_path,
        [
            ["湖光有限公司股东名册"],
            ["股东名称", "持股数量", "持股比例"],
            ["甲有限公司", "6,000", "60%"],
            ["乙", "4,000", "40%"],
            ["合计", "10,000", "100%"],
        ],
    )
    assert held(rows) == {"甲有限公司": "0.6", "乙": "0.4"} and set(rows["subject"]) == {"湖光有限公司"}
    assert entities["kind"].tolist() == ["organisation", "organisation", "unknown"]


def test_rows_of_several_companies_are_counted_apart(tmp_path: Path) -> None:
    _, _, rows = text(
        tmp_path, "Holder,Subject,Shares,To\nA Ltd,X Inc,10,\nB,X Inc,30,\nA Ltd,Y Inc,5,\nC,X Inc,99,2020-01-01\n"
    )
    assert rows[["holder", "subject", "min"]].fillna("").values.tolist() == [
        ["A Ltd", "X Inc", "0.25"],
        ["B", "X Inc", "0.75"],
        ["A Ltd", "Y Inc", "1"],
        ["C", "X Inc", ""],
    ]


@pytest.mark.parametrize(
    ("above", "name", "company"),
    [
        ([["Cap table of Fellmark Inc. as of 1 May 2026"]], "Sheet1", "Fellmark Inc."),
        ([["Fellmark Inc. – Capitalization Table"]], "Sheet1", "Fellmark Inc."),
        ([["FELLMARK shareholders"]], "Sheet1", "FELLMARK"),
        ([["Company:", "Fellmark Inc."], ["Prepared by Smith & Co"]], "Sheet1", "Fellmark Inc."),
        ([["Issuer: Fellmark"], ["Other Ltd"]], "Sheet1", "Fellmark"),
        ([["Confidential"], ["Fellmark Inc."]], "Sheet1", "Fellmark Inc."),
        ([], "Fellmark", "Fellmark"),
        ([], "Fellmark cap table", "Fellmark"),
        ([["Prepared by Smith & Co"]], "Sheet1", None),
        ([], "Cap Table", None),
        ([], "Post-money", None),
    ],
)
def test_the_company_is_named_above_the_table_or_by_the_sheet(
    tmp_path: Path, above: Cells, name: str, company: str | None
) -> None:
    reading, _, rows = sheet(tmp_path, [*above, ["Shareholder", "Shares"], ["A", 300], ["B", 400]], name)
    assert [None if pd.isna(each) else each for each in rows["subject"].unique()] == [company]
    if company is None:
        assert [problem.message for problem in reading.problems] == [
            "nothing says of which company these are the holders"
        ]
    else:
        assert any(repr(company) in note for note in reading.notes)


@pytest.mark.parametrize(
    ("words", "role"),
    [
        *[
            (each, holders.TOTAL)
            for each in ("Total", "Grand total:", "TOTAL SHARES OUTSTANDING", "Summe", "Итого", "Subtotal")
        ],
        *[
            (each, holders.HOLDER)
            for each in ("Total SE", "Total Capital S.A.", "Other Ocean Ltd", "Public Investment Fund")
        ],
        *[(each, holders.HOLDER) for each in ("Equity Partners Pool Ltd", "Sum Yung", "Individual Software Inc")],
        *[
            (each, holders.UNNAMED)
            for each in ("Public float", "Other shareholders", "Streubesitz", "various", "n/k", "其他")
        ],
        *[(each, holders.UNNAMED) for each in (None, "", "Minority shareholders", "Autres actionnaires", "The public")],
        *[
            (each, holders.TREASURY)
            for each in ("Treasury shares", "Shares held in treasury", "Eigene Aktien", "库存股")
        ],
        *[
            (each, holders.UNISSUED)
            for each in ("Option pool", "Unissued options", "Available for future grants", "期权池")
        ],
    ],
)
def test_what_a_row_is_about_by_its_words(words: str | None, role: str) -> None:
    assert holders.role(words) == role


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,234,567", "100"], ["1234567", "100"]),
        (["1.234.567", "1.234"], ["1234567", "1234"]),
        (["1 234 567", "12,5"], ["1234567", "25/2"]),
        (["1'000'000"], ["1000000"]),
        (["1.234,50", "1.000"], ["2469/2", "1000"]),
        (["1,234.50", "1,000"], ["2469/2", "1000"]),
        (["EUR 25.000,00", "€ 1.000", "1000 shares"], ["25000", "1000", "1000"]),
        (["1.234", "12.5"], ["617/500", "25/2"]),
        (["nil", "1000.0", None], ["0", "1000", None]),
        (["12,5", "1.5", "1,234"], ["25/2", "3/2", None]),
        (["1,23,4", "-5", "(100)", "1e3", "½"], [None] * 5),
    ],
)
def test_numbers_in_the_ways_of_several_countries(texts: list[str | None], expected: list[str | None]) -> None:
    found, wrong = numbers.column(texts)
    assert [None if each is None else str(each) for each in found] == expected
    assert [position for position, _ in wrong] == [
        n for n, (text, each) in enumerate(zip(texts, expected, strict=True)) if text and each is None
    ]


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=12), st.sampled_from(["", ",", ".", " ", "'"]))
def test_numbers_are_read_alike_whatever_separates_their_thousands(values: list[int], mark: str) -> None:
    assert numbers.column([f"{value:,}".replace(",", mark) for value in values]) == (list(map(Fraction, values)), [])


@given(st.fractions(0, 1, max_denominator=10**6))
def test_a_fraction_is_written_exactly(value: Fraction) -> None:
    assert Fraction(exact_text(value)) == value


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 10**9), st.integers(0, 2)), min_size=1, max_size=12))
def test_shares_counted_of_a_table_make_up_the_whole(tmp_path: Path, lots: list[tuple[int, int, int]]) -> None:
    rows = [f"Holder {holder};Class {'ABC'[kind]};{number};{kind}\n" for holder, number, kind in lots]
    _, _, found = text(tmp_path, "Company: X Inc;;;\nShareholder;Class;Shares;Votes per share\n" + "".join(rows))
    for kind, weight in (("shareholding", lambda kind: 1), ("voting_rights", lambda kind: kind)):
        sums: dict[str, int] = {}
        for holder, number, share_class in lots:
            sums[f"Holder {holder}"] = sums.get(f"Holder {holder}", 0) + number * weight(share_class)
        whole = sum(sums.values())
        if whole:
            counted = {holder: Fraction(share) for holder, share in held(found, kind).items()}
            assert counted == {holder: Fraction(number, whole) for holder, number in sums.items()}


CELL = st.one_of(
    st.none(),
    st.integers(-5, 10**7),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=12),
    st.sampled_from(
        ["Total", "Treasury shares", "100%", "1.000", "12,5 %", "Class A", "Public float", "Votes per share", "(1) x"]
    ),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, max_size=7), max_size=8))
@example([[None, None, 2, 0], ["TOTAL", None, 1]])
def test_no_rows_below_a_heading_raise_or_break_the_tables(tmp_path: Path, rows: Cells) -> None:
    head = [["X Inc"], ["Shareholder", "Class", "Shares", "Votes", "Common", "%", "To"]]
    path = put(
        tmp_path,
        "c.csv",
        "".join(
            ";".join("" if c is None else str(c).replace(";", " ").replace("\n", " ") for c in row) + "\n"
            for row in [*head, *rows]
        ),
    )
    reading = read_item("ownership.register", path, "E-1", RULE)
    found = tables.table("interests", reading.tables.get("interests", []))
    assert not reading.reason.startswith("reading it as"), reading.reason
    for low, high in found[["min", "max"]].dropna().itertuples(index=False):
        assert 0 <= Fraction(low) <= Fraction(high) <= 1


@given(st.text(max_size=30), st.sampled_from([shares.PERCENT, shares.FRACTION, shares.UNTOLD, shares.EITHER]))
def test_no_cell_breaks_the_reading_of_shares_and_numbers(cell: str, scale: str) -> None:
    share = shares.of_column(cell, scale)
    assert 0 <= Fraction(share.min or 0) <= Fraction(share.max or 1) <= 1
    numbers.column([cell])
    holders.role(holders.marked(cell)[0])
    holders.footnote(cell)
