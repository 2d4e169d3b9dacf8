"""Many plans or evaluations at once, from a table: one row in, one row out, in the same order.

A row that makes no sense is answered in its place (`sample_size` or `upper_bound` None, `reason` a sentence), so that one slip does not
cost the others.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assessor.errors import SamplingError
from assessor.sampling.evaluating import evaluate
from assessor.sampling.planning import plan

PLAN_COLUMNS = ("distribution", "confidence", "population_N", "tolerable", "expected_rate", "expected_count")
EVALUATION_COLUMNS = ("distribution", "confidence", "population_N", "sample_n", "deviations")
_OPTIONAL = ("distribution", "population_N", "expected_rate", "expected_count")
_MAX_CELL = 100_000

Row = dict[str, Any]


def plans(rows: list[dict[str, str]]) -> list[Row]:
    """Each row with `sample_size` and `reason` (columns `PLAN_COLUMNS`; others pass through)."""
    return [_answered(row, _plan, {"sample_size": None}) for row in rows]


def evaluations(rows: list[dict[str, str]]) -> list[Row]:
    """Each row with `upper_bound`, a fraction of 1 as decimal text, rounded up (columns `EVALUATION_COLUMNS`; others pass through)."""
    return [_answered(row, _evaluation, {"upper_bound": None}) for row in rows]


def read(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8. Raises SamplingError for one that cannot be read so, that lacks a column, or has uneven rows."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SamplingError(f"There is no file {path}; name a CSV table.") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise SamplingError(f"{path} is not text in UTF-8; save the table as CSV in UTF-8.") from None
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_CELL))
    reader = csv.DictReader(text.splitlines(keepends=True), restkey="", restval=None, strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = names
        lacking = [name for name in needed if name not in names and name not in _OPTIONAL]
        if lacking:
            raise SamplingError(
                f"{path} has no column `{lacking[0]}`; its first line names the columns: {', '.join(needed)}."
            )
        if len(set(names)) < len(names):
            raise SamplingError(f"{path} has two columns of one name; give each column a name of its own.")
        rows = []
        for row in reader:
            if "" in row or None in row.values():
                raise SamplingError(
                    f"{path}, line {reader.line_num}, has not {len(names)} cells as the first line has; mend it."
                )
            rows.append(dict(row))
    except csv.Error as error:
        raise SamplingError(f"{path}, line {reader.line_num}, is no CSV that can be read ({error}); mend it.") from None
    return rows


def _answered(row: dict[str, str], answer: Callable[[dict[str, str | None]], Row], none: Row) -> Row:
    told = {name: (value or "").strip() or None for name, value in row.items()}
    try:
        return {**row, **answer(told)}
    except SamplingError as error:
        return {**row, **none, "reason": str(error)}


def _plan(told: dict[str, str | None]) -> Row:
    made = plan(
        confidence=_given(told, "confidence"),
        tolerable=_given(told, "tolerable"),
        expected_rate=told.get("expected_rate"),
        expected_count=told.get("expected_count"),
        population=told.get("population_N"),
        distribution=told.get("distribution") or "",
    )
    return {"sample_size": made.sample_size, "reason": made.reason}


def _evaluation(told: dict[str, str | None]) -> Row:
    made = evaluate(
        sample_size=_given(told, "sample_n"),
        deviations=_given(told, "deviations"),
        confidence=_given(told, "confidence"),
        population=told.get("population_N"),
        distribution=told.get("distribution") or "",
    ).told()
    return {key: made[key] for key in ("upper_bound", "upper_bound_items", "most_likely_rate", "statement")}


def _given(told: dict[str, str | None], name: str) -> str:
    value = told.get(name)
    if value is None:
        raise SamplingError(f"The column `{name}` is empty; give a value.")
    return value
