"""Rows of a large document, packed into blocks as they come: a row as a dictionary takes ten times its place in a block.

And problems of one kind that a document may have hundreds of thousands of: the first are listed, all are counted."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from assessor.evidence import tables
from assessor.evidence.readers.base import Reading, Row

BLOCK = 20_000
MOST_SHARED = 500
"""Characters of a text that stands with every row of a document: what is longer would take more room than all else."""


def shared_text(reading: Reading, place: str, what: str, text: str | None) -> str | None:
    """A text for every row of a document, cut where it is too long for that, which is told."""
    if text is None or len(text) <= MOST_SHARED:
        return text
    message = f"{what} is a text of {len(text):,} characters; its first {MOST_SHARED:,} stand with each component"
    reading.problem(place, message)
    return text[:MOST_SHARED]


class Rows:
    """Adds rows to a table of a reading in their order; `close` must follow the last."""

    def __init__(self, reading: Reading, table: str = "components") -> None:
        self._reading, self._table = reading, table
        self._loose: list[Row] = []
        self.count = 0

    def add(self, row: Row) -> None:
        """Append a row."""
        self._loose.append(row)
        self.count += 1
        if len(self._loose) == BLOCK:
            self._reading.add(self._table, tables.arrow(self._table, self._loose))
            self._loose = []

    def close(self) -> None:
        """Add what is not yet in a block, and the empty table where there was no row."""
        self._reading.tables.setdefault(self._table, []).extend(self._loose)
        self._loose = []


@contextmanager
def frugal() -> Iterator[None]:
    """Without the collector of cycles, which would look at a million fresh objects, none of them in a cycle, again and again;
    and with the system's allocator for columns, since Arrow's own keeps half as much again for itself."""
    was, pool = gc.isenabled(), pa.default_memory_pool()
    gc.disable()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)
        if was:
            gc.enable()


class Told:
    """Problems of one kind: those beyond the limit are only counted. `close` must follow the last."""

    def __init__(self, reading: Reading, what: str, limit: int = 1000) -> None:
        self._reading, self._what, self._limit = reading, what, limit
        self.count = 0

    def __call__(self, place: str, message: str, excerpt: str = "") -> None:
        self.count += 1
        if self.count <= self._limit:
            self._reading.problem(place, message, excerpt)

    @property
    def full(self) -> bool:
        """Whether what follows is only counted."""
        return self.count >= self._limit

    def close(self) -> None:
        """Say how many there are beyond those listed."""
        if self.count > self._limit:
            self._reading.problem("", f"{self.count - self._limit} more {self._what} are not listed")
