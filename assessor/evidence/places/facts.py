"""Which facts of the tables came from which item, and from which places of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assessor.errors import EvidenceError
from assessor.evidence import tables


def counts(folder: Path) -> dict[str, int]:
    """How many rows of the tables in a folder came from each item, by its id; empty where nothing was read yet.

    Raises EvidenceError for a table that cannot be read.
    """
    found: dict[str, int] = {}
    for _, rows in _tables(folder):
        for each in pc.value_counts(rows["source"]).to_pylist():
            found[each["values"]] = found.get(each["values"], 0) + each["counts"]
    return found


def item_places(folder: Path, item: str) -> dict[str, dict[str, int]]:
    """The locators of the facts that came from an item, in the order of the tables and of the file: for each how many rows of
    which table stand on it. Raises EvidenceError for a table that cannot be read."""
    found: dict[str, dict[str, int]] = {}
    for name, rows in _tables(folder):
        own = rows.filter(pc.equal(rows["source"], item))
        for locator in own["locator"].to_pylist():
            told = found.setdefault(locator or "", {})
            told[name] = told.get(name, 0) + 1
    return found


def item_problems(folder: Path, item: str) -> list[tuple[str, str]]:
    """What could not be read of an item when the tables were made: place and message, in the order in which they were met."""
    path = folder / "problems.parquet"
    if not path.exists():
        return []
    found = _columns(path, ["source", "place", "message"])
    own = found.filter(pc.equal(found["source"], item))
    return [
        (place or "", message or "")
        for place, message in zip(*(own[n].to_pylist() for n in ("place", "message")), strict=True)
    ]


def _tables(folder: Path) -> Iterator[tuple[str, pa.Table]]:
    """Each table with facts: source and locator alone. `pages` holds no fact but what every page begins with."""
    for name in tables.SCHEMAS:
        path = folder / f"{name}.parquet"
        if name == "pages" or not path.exists():
            continue
        yield name, _columns(path, ["source", "locator"])


def _columns(path: Path, names: list[str]) -> pa.Table:
    try:
        return pq.read_table(path, columns=names)
    except (pa.ArrowException, OSError) as error:
        raise EvidenceError(
            f"{path} cannot be read ({type(error).__name__}); run `assessor run` on the engagement again to renew it."
        ) from None
