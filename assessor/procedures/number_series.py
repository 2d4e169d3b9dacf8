"""Series of numbers in a ledger: which consecutive numbers are missing between the first and the last, and which stand twice.

A number belongs to the series of what stands before and behind its last digits: `INV-26-00042` is 42 of `INV-26-…`. What comes
before the first number of a series and after its last cannot be seen from it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from assessor.procedures.limbs import certain

LONGEST = 18
"""Digits that a number in a series has at most; longer ones are no consecutive numbers, and do not fit 64 bits."""


def series(written: pd.Series[Any]) -> pd.DataFrame:
    """The series in a column of numbers: one row a series of at least two different numbers, sorted by name.

    Columns: series (text, … stands for the number), first, last (the numbers as written), present (different numbers), missing
    (how many between them are not there), gaps (runs of missing numbers as text, `00017, 00020-00022`, the first `SHOWN`).
    """
    parts = written.dropna().drop_duplicates().str.extract(rf"^(.*?)(\d{{1,{LONGEST}}})(\D*)$", expand=True)
    parts.columns = ["before", "digits", "behind"]
    parts = parts[parts["digits"].notna() & ~certain(parts["before"].str.contains(r"\d$", regex=True))]
    parts = parts.assign(number=parts["digits"].astype("int64"))
    told = []
    for (before, behind), group in parts.groupby(["before", "behind"], sort=True):
        numbers = np.unique(group["number"].to_numpy(dtype=np.int64))
        if len(numbers) < 2:
            continue
        width = int(group["digits"].str.len().min())
        runs = gaps(numbers)
        told.append(
            {
                "series": f"{before}…{behind}",
                "first": f"{before}{numbers[0]:0{width}d}{behind}",
                "last": f"{before}{numbers[-1]:0{width}d}{behind}",
                "present": len(numbers),
                "missing": sum(last - first + 1 for first, last in runs),
                "gaps": _words(runs, width),
            }
        )
    return pd.DataFrame(told, columns=["series", "first", "last", "present", "missing", "gaps"])


SHOWN = 12
"""Runs of missing numbers that are named; the others are counted."""


def gaps(numbers: np.ndarray[Any, np.dtype[np.int64]]) -> list[tuple[int, int]]:
    """Runs of whole numbers that are missing between the first and the last of sorted different `numbers`, ends included."""
    at = np.flatnonzero(np.diff(numbers) > 1)
    return [(int(numbers[i]) + 1, int(numbers[i + 1]) - 1) for i in at]


def _words(runs: list[tuple[int, int]], width: int) -> str:
    named = [
        f"{first:0{width}d}" if first == last else f"{first:0{width}d}-{last:0{width}d}" for first, last in runs[:SHOWN]
    ]
    more = len(runs) - SHOWN
    return ", ".join(named) + (f" and {more} more runs" if more > 0 else "")


def repeated(keys: pd.DataFrame) -> pd.Series[Any]:
    """For each row whether another row has the same keys, none of them NA, as a plain mask."""
    whole = keys.notna().all(axis=1).to_numpy(dtype=bool)
    return pd.Series(keys.duplicated(keep=False).to_numpy(dtype=bool) & whole, index=keys.index)
