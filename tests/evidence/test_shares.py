from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.evidence.readers.ownership.shares import Share, fraction, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("37.5%", ("0.375", "0.375", False, False)),
        ("37,5 %", ("0.375", "0.375", False, False)),
        ("100 per cent", ("1", "1", False, False)),
        (">50% to 75%", ("0.5", "0.75", True, False)),
        ("50-75%", ("0.5", "0.75", False, False)),
        ("more than 25% but not more than 50%", ("0.25", "0.5", True, False)),
        ("> 25 % and < 50 %", ("0.25", "0.5", True, True)),
        ("25% or more", ("0.25", None, False, None)),
        ("≥ 75%", ("0.75", None, False, None)),
        ("over 75%", ("0.75", None, True, None)),
        ("less than 5%", (None, "0.05", None, True)),
        ("up to 10%", (None, "0.1", None, False)),
        ("0.0000000000000000001%", ("0.000000000000000000001", "0.000000000000000000001", False, False)),
    ],
)
def test_a_share_is_read_exactly_with_its_ends(text: str, expected: tuple[object, ...]) -> None:
    assert parse(text) == Share(*expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "ca. 30 %",
        "approx. 30%",
        "~30%",
        "about a third",
        "0.375",
        "37.5",
        "101%",
        "-5%",
        "75% to 50%",
        "majority",
        "1/3",
        "1.234,5%",
        "30% 40%",
        "%",
        ">50% to 50%",
        "1e2%",
    ],
)
def test_what_is_approximate_or_no_share_is_a_problem_and_both_ends_stay_open(text: str) -> None:
    share = parse(text)
    assert share.wrong and (share.min, share.max) == (None, None)


def test_nothing_written_is_no_problem() -> None:
    assert parse(None) == parse(" ") == Share()


def test_a_heading_may_supply_the_percent_sign() -> None:
    assert parse("37.5", percent=True).min == "0.375" and parse("10 - 20", percent=True).max == "0.2"


@given(st.decimals(min_value=0, max_value=100, places=6))
def test_every_percentage_is_exact(number: Decimal) -> None:
    share = parse(f"{number}%")
    assert Decimal(share.min or "x") * 100 == number and share.min == share.max == fraction(number)


@given(st.one_of(st.text(max_size=30), st.text(alphabet="0123456789.,%<>=≥ -to more less than", max_size=40)))
def test_no_text_breaks_the_share_parser(text: str) -> None:
    share = parse(text)
    assert 0 <= Decimal(share.min or 0) <= Decimal(share.max or 1) <= 1


@pytest.mark.parametrize(
    "number", [True, None, "x", Decimal("NaN"), Decimal("Infinity"), Decimal(-1), 101, Decimal("1e-99999"), 0.5]
)
def test_a_number_that_is_no_percentage_has_no_fraction(number: object) -> None:
    assert fraction(number) is None
