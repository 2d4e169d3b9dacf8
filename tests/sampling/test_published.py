"""Sample sizes and upper bounds as others have published them."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessor import sampling

PUBLISHED = yaml.safe_load((Path(__file__).parent / "published.yaml").read_text("utf-8"))
REFERENCE = Path(__file__).parents[3] / "shared" / "sampling" / "reference.csv"


@pytest.mark.parametrize("row", PUBLISHED["sizes"], ids=str)
def test_sizes(row: list[Any]) -> None:
    _, distribution, confidence, population, tolerable, expected, size = row
    count, rate = (expected[0], None) if isinstance(expected, list) else (None, expected)
    made = sampling.plan(
        confidence=confidence,
        tolerable=tolerable,
        expected_rate=rate,
        expected_count=count,
        population=population,
        distribution=distribution,
    )
    assert made.sample_size == size


@pytest.mark.parametrize("row", PUBLISHED["bounds"], ids=str)
def test_bounds(row: list[Any]) -> None:
    _, confidence, size, deviations, per_cent = row
    bound = sampling.evaluate(sample_size=size, deviations=deviations, confidence=confidence).upper_bound
    assert Fraction(per_cent) - Fraction("0.1") < bound * 100 <= Fraction(per_cent)


@pytest.mark.parametrize("distribution", PUBLISHED["none_expected"])
def test_sizes_where_no_deviation_is_expected(distribution: str) -> None:
    sizes = [
        sampling.plan(
            confidence="95%",
            tolerable=f"{rate}%",
            population=100 if distribution == "hypergeometric" else None,
            distribution=distribution,
        ).sample_size
        for rate in range(1, 11)
    ]
    assert sizes == PUBLISHED["none_expected"][distribution]


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference values are not beside this checkout")
def test_all_reference_values() -> None:
    wrong = []
    for row in csv.DictReader(REFERENCE.read_text("utf-8").splitlines()):
        about: dict[str, Any] = {
            "confidence": row["confidence"],
            "population": row["population_N"] or None,
            "distribution": row["distribution"],
        }
        expected = Fraction(row["recomputed_exact"])
        if row["kind"] == "sample_size":
            what = (
                {"expected_rate": row["expected_rate"]}
                if row["expected_rate"]
                else {"expected_count": row["expected_count"]}
            )
            holds = sampling.plan(tolerable=row["tolerable"], **what, **about).sample_size == expected
        else:
            made = sampling.evaluate(sample_size=row["sample_n"], deviations=row["deviations"], **about)
            holds = expected - Fraction("0.1") < made.upper_bound * 100 <= expected
        if not holds:
            wrong.append(row)
    assert not wrong
