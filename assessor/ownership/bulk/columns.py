"""Columns of tables as arrays, and rows grouped by key."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any, BinaryIO
from weakref import WeakSet

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Number = NDArray[np.int32]
Flag = NDArray[np.bool_]

NOBODY = -1
"""Stands for a holder whom the source does not name."""
SMALL = 1 << 22
"""Codes up to which a table of all codes is faster than sorting."""


_MAPPED: WeakSet[mmap.mmap] = WeakSet()


@dataclass(frozen=True)
class Index:
    """Groups of rows: those of `key` are `rows[begins[key]:begins[key + 1]]`."""

    begins: Number
    rows: Number

    def of(self, key: int) -> Number:
        """The rows of one key."""
        return self.rows[self.begins[key] : self.begins[key + 1]]

    def all(self, keys: NDArray[Any]) -> Number:
        """The rows of several keys, in their order."""
        begins, counts = self.begins[keys], self.begins[keys + 1] - self.begins[keys]
        ends = np.cumsum(counts)
        if not len(ends) or not ends[-1]:
            return self.rows[:0]
        found: Number = self.rows[np.arange(ends[-1]) + np.repeat(begins - (ends - counts), counts)]
        return found


def index(keys: Number, count: int) -> Index:
    """Rows grouped by key, of `count` keys, each group in the order of the rows."""
    begins = group_begins(keys, count)
    rows = np.arange(len(keys), dtype=np.int32)
    if np.any(keys[1:] < keys[:-1]):
        both = keys.astype(np.int64)  # faster than to sort places by key
        both <<= 32
        both |= rows
        both.sort()
        both &= 0xFFFFFFFF
        rows = both.astype(np.int32)
    return Index(begins, rows)


def group_begins(keys: Number, count: int) -> Number:
    begins = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=count), out=begins[1:])
    return begins


def mapped(file: BinaryIO) -> mmap.mmap:
    """A file as memory of which only what is looked at is taken, until `release` gives it back."""
    found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _MAPPED.add(found)
    return found


def release() -> None:
    """Give back memory that nobody uses any more: what Arrow keeps, and what is in files too. It is half of a large graph's peak."""
    pa.default_memory_pool().release_unused()
    if hasattr(mmap, "MADV_DONTNEED"):
        for each in list(_MAPPED):
            each.madvise(mmap.MADV_DONTNEED)


def text(column: pa.ChunkedArray) -> pa.Array:
    """A column of texts as one array of texts, however it is held."""
    whole = column.combine_chunks()
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    return whole if pa.types.is_string(whole.type) else whole.cast(pa.string())


def encoded_text(column: pa.ChunkedArray, rows: NDArray[Any]) -> pa.DictionaryArray:
    """The values of some rows of a column, each different one once."""
    whole = column.combine_chunks()
    if pa.types.is_null(whole.type):
        whole = whole.cast(pa.string())
    return whole.take(pa.array(rows)).dictionary_encode()


def true(values: pa.ChunkedArray | pa.Array, count: int) -> Flag:
    """Truth values as an array; what is missing is false."""
    filled = pc.fill_null(values, False)
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.bool_) if count else np.zeros(0, np.bool_)


def distinct(codes: Whole) -> tuple[Whole, Whole]:
    """A place of each different code, in their order, and for each place the number of its code."""
    if codes.max(initial=0) > SMALL:
        _, lead, inverse = np.unique(codes, return_index=True, return_inverse=True)
        return lead, inverse
    first = np.full(int(codes.max(initial=0)) + 1, NOBODY, np.int64)
    first[codes] = np.arange(len(codes))
    there = np.flatnonzero(first >= 0)
    lead = first[there].copy()
    first[there] = np.arange(len(there))
    return lead, first[codes]
