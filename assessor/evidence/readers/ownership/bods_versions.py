"""Which statements of a BODS file count: the latest of each record, none that another replaces; and what ends with a closed one.

Of several statements of a record the one made last is the latest; of those the one published last, of those one that closes
it, of those the last one in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

OPEN, UNDATED = -(2**40), -(2**40) + 1
"""Instead of a day: the record is not closed; it is closed on a day that is not stated."""


@dataclass(frozen=True)
class Heads:
    """Of each statement its record (null: none that is known), what it describes, when it was made and published (see
    `bods_statement.moment`), whether it closes its record, and whether it does that without repeating the interests."""

    records: pa.Array
    kinds: np.ndarray
    made: pa.Array
    published: pa.Array
    closed: np.ndarray
    bare: np.ndarray

    def packed(self) -> Heads:
        """The same in less room."""
        made, published = self.made.dictionary_encode(), self.published.dictionary_encode()
        return Heads(self.records, self.kinds, made, published, self.closed, self.bare)


def together(heads: Sequence[Heads]) -> Heads:
    """The heads of several blocks as one."""
    texts = ([getattr(each, name) for each in heads] for name in ("records", "made", "published"))
    records, made, published = (pa.chunked_array(each).cast(pa.string()).combine_chunks() for each in texts)
    kinds, closed, bare = (
        np.concatenate([getattr(each, name) for each in heads]) for name in ("kinds", "closed", "bare")
    )
    return Heads(records, kinds, made, published, closed, bare)


@dataclass(frozen=True)
class Counting:
    """For each statement whether its rows count, and the day on which its record was closed, as days since 1970, or one of the
    two values above; `older`: how many do not count."""

    counts: np.ndarray
    closed: np.ndarray
    older: int


def successors(replaced: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """For each statement that is replaced the one that stands for it in the end; and those that replace each other, of which
    none is taken as replaced."""
    found: dict[str, str] = {}
    rings: dict[str, None] = {}
    for first in replaced:
        if first in found or first in rings:
            continue
        path, at = [first], replaced[first]
        seen = {first}
        while at in replaced and at not in found and at not in seen and at not in rings:
            path.append(at)
            seen.add(at)
            at = replaced[at]
        if at in seen or at in rings:
            begin = path.index(at) if at in seen else len(path)
            rings |= dict.fromkeys(path[begin:])
            path = path[:begin]
        found |= dict.fromkeys(path, found.get(at, at))
    return found, list(rings)


def counting(heads: Heads, replaced: Mapping[str, str]) -> Counting:
    """Which statements count, `replaced` as `successors` gives it."""
    known = heads.records.is_valid().to_numpy(zero_copy_only=False)
    valid = known.copy()
    if replaced:
        valid &= ~pc.is_in(heads.records, pa.array(list(replaced), pa.string())).to_numpy(zero_copy_only=False)
    closed = np.full(len(known), OPEN)
    codes = pc.fill_null(heads.records.dictionary_encode().indices, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    keys = codes * 3 + heads.kinds
    times = np.bincount(keys[valid], minlength=1)
    several = np.flatnonzero(valid & ((times[np.where(valid, keys, 0)] > 1) | heads.closed))
    counts = valid.copy()
    if len(several):
        order = several[
            np.lexsort(
                (
                    several,
                    heads.closed[several],
                    _ranks(heads.published.take(pa.array(several))),
                    _ranks(heads.made.take(pa.array(several))),
                    keys[several],
                )
            )
        ]
        counts[several] = False
        ends = np.flatnonzero(np.append(keys[order][1:] != keys[order][:-1], True))
        latest, group = order[ends], np.repeat(np.arange(len(ends)), np.diff(np.append(-1, ends)))
        # the last one that states interests stands for a closing one that does not
        last = np.full(len(ends), -1)
        telling = np.flatnonzero(~heads.bare[order])
        last[group[telling]] = telling  # in their order, so that the last one stays
        chosen = np.where(last >= 0, order[last], latest)
        counts[chosen] = True
        over = heads.closed[latest]
        closed[chosen[over]] = _days(heads.made.take(pa.array(latest[over])))
    return Counting(counts, closed, int(known.sum() - counts.sum()))


def _ranks(texts: pa.Array) -> np.ndarray:
    coded = texts.dictionary_encode()
    rank = np.argsort(np.argsort(np.array(coded.dictionary.to_pylist(), object)))
    found: np.ndarray = rank[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def _days(moments: pa.Array) -> np.ndarray:
    coded = pc.utf8_slice_codeunits(moments, 0, 10).dictionary_encode()
    known = []
    for text in coded.dictionary.to_pylist():
        try:
            known.append(int(np.datetime64(text, "D").astype(int)) if text else UNDATED)
        except ValueError:
            known.append(UNDATED)
    found: np.ndarray = np.array(known or [0])[coded.indices.to_numpy(zero_copy_only=False)]
    return found
