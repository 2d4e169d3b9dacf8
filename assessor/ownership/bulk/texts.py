"""Millions of texts found among millions of others: by a number that stands for each, and the texts themselves where it agrees.

An Arrow hash table takes several times as long, since it hashes each text for itself. The numbers are not secret and may be
made to collide; what is found is therefore always compared with what was sought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Key = NDArray[np.uint64]
Whole = NDArray[np.int64]
_ODD = tuple(np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_LEVELS = 24
_PIECE = 1 << 18
"""Texts that are looked at together; more would take memory and no less time."""


_LEVELLED = np.array(
    [ord(chr(sign).lower()) if chr(sign).isalnum() and sign < 128 else 0 for sign in range(256)], np.uint8
)


def keys(texts: pa.Array) -> Key:
    """A number for each text; equal texts have equal numbers, and missing ones a number of their own."""
    pieces = [_keys(texts.slice(begin, _PIECE)) for begin in range(0, len(texts), _PIECE)]
    return np.concatenate([*pieces, np.zeros(0, np.uint64)])


def _keys(texts: pa.Array) -> Key:
    data, begins, lengths = _bytes(texts)
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    words: Key = np.ndarray((len(padded) - 7,), "<u8", padded.data, strides=(1,))
    found: Key = lengths.astype(np.uint64) * _ODD[0]
    for place in range(0, int(lengths.max(initial=0)), 8):
        some = np.flatnonzero(lengths > place) if place else slice(None)
        left = np.minimum(lengths[some] - place, 8).astype(np.uint64)
        word = words[begins[some] + place] & np.where(
            left == 8, _ALL, (np.uint64(1) << (left * np.uint64(8))) - np.uint64(1)
        )
        mixed = (found[some] ^ word) * _ODD[1]
        found[some] = mixed ^ (mixed >> np.uint64(32))
    if texts.null_count:
        found[np.asarray(texts.is_null())] = _ALL
    return found


def levelled(texts: pa.Array) -> pa.Array:
    """The ASCII letters and digits of each text, in lower case; "&" counts as "and". A missing text is an empty one."""
    pieces = [_levelled(texts.slice(begin, _PIECE)) for begin in range(0, len(texts), _PIECE)]
    return pa.concat_arrays([*pieces, pa.array([], pa.large_string())])


def _levelled(texts: pa.Array) -> pa.Array:
    data, begins, lengths = _bytes(pc.replace_substring(texts, "&", "and"))
    filled = np.flatnonzero(lengths)
    signs = _LEVELLED[data]
    there = signs != 0
    ends = np.zeros(len(begins) + 1, np.int64)
    if len(filled):
        ends[1:][filled] = np.add.reduceat(there, begins[filled], dtype=np.int64)
    np.cumsum(ends, out=ends)
    return pa.LargeStringArray.from_buffers(len(begins), pa.py_buffer(ends), pa.py_buffer(signs[there]))


def _bytes(texts: pa.Array) -> tuple[NDArray[np.uint8], Whole, Whole]:
    """The bytes of all texts, where each begins and how many it has. Texts stand one behind the other."""
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    wide = pa.types.is_large_string(texts.type)
    _, ends, data = texts.buffers()
    if not len(texts) or data is None:
        return np.zeros(0, np.uint8), np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    offsets = np.frombuffer(ends, np.int64 if wide else np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first = int(offsets[0])
    whole = np.frombuffer(data, np.uint8)[first : int(offsets[-1])]
    return whole, offsets[:-1].astype(np.int64) - first, np.diff(offsets).astype(np.int64)


@dataclass(frozen=True)
class Places:
    """Where each number first stands among others. Each level is a table of twice as many slots as numbers are left."""

    keys: Key
    levels: tuple[NDArray[np.int32], ...]

    def of(self, sought: Key) -> NDArray[np.int32]:
        """The first place of each number; -1 for what is not there."""
        found = np.full(len(sought), -1, np.int32)
        pending = np.arange(len(sought), dtype=np.int32)
        for level, table in enumerate(self.levels):
            wanted = sought[pending] if level else sought
            place = table[_slot(wanted, level, len(table))]
            hit = (place >= 0) & (self.keys[place] == wanted)
            found[pending[hit]] = place[hit]
            pending = pending[~hit]
        return found


def places(numbers: Key) -> Places:
    """The tables of these numbers. Raises ValueError where too many of them fall together, which only made-up ones do."""
    levels: list[NDArray[np.int32]] = []
    left = np.arange(len(numbers), dtype=np.int32)
    while len(left):
        if len(levels) == _LEVELS:
            raise ValueError("the numbers fall together")
        wanted = numbers[left]
        table = np.full(max(2, 1 << int(2 * len(left) - 1).bit_length()), -1, np.int32)
        slot = _slot(wanted, len(levels), len(table))
        table[slot[::-1]] = left[::-1]  # the first of those that fall together stays
        levels.append(table)
        left = left[numbers[table[slot]] != wanted]
    return Places(numbers, tuple(levels))


def _slot(numbers: Key, level: int, size: int) -> Whole:
    mixed = (
        numbers
        if not level
        else (numbers ^ np.uint64(level)) * _ODD[2]
        if level % 2
        else (numbers + np.uint64(level)) * _ODD[1]
    )
    slot: Whole = (mixed >> np.uint64(65 - size.bit_length())).astype(np.int64)
    return slot


def find(sought: pa.Array, among: pa.Array, known: Places) -> NDArray[np.int32]:
    """The first place of each text among others, of which `known` has the numbers; -1 for what is missing or not there."""
    found = known.of(keys(sought))
    if sought.null_count:
        found[np.asarray(sought.is_null())] = -1
    hits = np.flatnonzero(found >= 0)
    same = pc.fill_null(pc.equal(sought.take(pa.array(hits)), among.take(pa.array(found[hits]))), False)
    if not pc.all(same, min_count=0).as_py():
        missing = pc.fill_null(pc.index_in(sought, value_set=among, skip_nulls=True), -1)
        return np.array(missing.to_numpy(zero_copy_only=False), np.int32)
    return found
