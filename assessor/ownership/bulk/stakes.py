"""The votes: every stake of a holder in a subject once, its lower end in whole units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, lcm
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assessor.ownership.bulk.columns import (
    Flag,
    Index,
    Number,
    Whole,
    distinct,
    encoded_text,
    group_begins,
    index,
    release,
    true,
)
from assessor.ownership.graph import VOTES, Interest, agreed
from assessor.ownership.interval import Interval, parse

FINEST = 10**12
"""Units of the whole where the stated shares have no smaller common measure: they are then rounded, outwards."""


@dataclass(frozen=True)
class Votes:
    """Stakes in votes, one row a holder and subject, sorted by subject. `least`: lower end in units, `open`: that end itself
    is excluded. By subject: `lower` (sum of lower ends) and `contradictory` (they exceed the whole)."""

    unit: int
    holder: Number
    subject: Number
    least: Whole
    open: Flag
    lower: Whole
    contradictory: Flag
    by_subject: Index
    by_holder: Index


def votes_of(
    interests: pa.Table,
    edges: Number,
    holder: Number,
    subject: Number,
    count: int,
    name: Callable[[int], str],
    problems: list[str],
) -> Votes:
    """Votes: voting rights where stated, else the shareholding stands for them (`graph.py`)."""
    shares, which = _intervals(interests, edges)
    kinds = encoded_text(interests["kind"], edges)
    voting = true(pc.equal(kinds.dictionary, VOTES).take(kinds.indices), len(edges))
    key = subject[edges].astype(np.int64)
    for more, times in ((holder[edges], count), (voting, 2)):
        key *= times
        key += more
    order = np.argsort(key, kind="stable").astype(np.int32)
    key, rows, which = key[order], edges[order], which[order]
    del order, voting, kinds
    release()
    begins = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[begins, len(key)])
    several = np.flatnonzero(sizes > 1)
    each = which[begins]  # number of the share of each holder, subject and kind
    for group in several.tolist():
        listed = [_interest(interests, int(row)) for row in rows[begins[group] : begins[group] + sizes[group]]]
        one = int(key[begins[group]]) // 2
        told = {str(listed[0].holder): name(one % count), listed[0].subject: name(one // count)}
        told |= {str(each.holder): told[str(listed[0].holder)] for each in listed}
        each[group] = len(shares)
        shares.append(agreed(listed, told, problems))
    unit = _unit(shares, int(np.bincount(subject[edges], minlength=1).max(initial=1)))
    least = np.array([floor(share.min * unit) for share in shares], np.int64)
    most = np.array([ceil(share.max * unit) for share in shares], np.int64)
    opens = np.array([share.min_open and (share.min * unit).denominator == 1 for share in shares], np.bool_)
    closed = np.array([share.max_open for share in shares], np.bool_)
    if any((end * unit).denominator != 1 for share in shares for end in (share.min, share.max)):
        problems.append("shares finer than a million-millionth of the whole are rounded outwards")
    pair, votes_row = key[begins] // 2, key[begins] % 2 == 1
    del key, rows, which, begins, sizes
    second = np.r_[False, pair[1:] == pair[:-1]] if len(pair) else np.zeros(0, np.bool_)  # equity comes before votes
    at = np.flatnonzero(second)
    uneven = np.zeros(count, np.bool_)
    stands, votes_share = each[at - 1], each[at]
    low = np.maximum(least[stands], least[votes_share])
    low_open = ((least[stands] == low) & opens[stands]) | ((least[votes_share] == low) & opens[votes_share])
    high = np.minimum(most[stands], most[votes_share])
    high_open = ((most[stands] == high) & closed[stands]) | ((most[votes_share] == high) & closed[votes_share])
    apart = (low > high) | ((low == high) & (low_open | high_open))
    uneven[(pair[at[apart]] // count)] = True
    kept = np.ones(len(pair), np.bool_)
    kept[at - 1] = False
    pair, each, votes_row = pair[kept], each[kept], votes_row[kept]
    held_in = (pair // count).astype(np.int32)
    units, is_open = least[each], opens[each]
    silent = ~votes_row & uneven[held_in]
    units[silent], is_open[silent] = 0, False
    held_by = (pair % count).astype(np.int32)
    del pair, each, votes_row, kept, silent, second, at
    release()
    return _layer(unit, held_by, held_in, units, is_open, count)


def _layer(unit: int, holder: Number, subject: Number, least: Whole, is_open: Flag, count: int) -> Votes:
    begins = group_begins(subject, count)
    sums = np.concatenate([[0], np.cumsum(least)])
    lower = sums[begins[1:]] - sums[begins[:-1]]
    some_open = np.zeros(count, np.bool_)
    some_open[subject[is_open]] = True
    contradictory = (lower > unit) | ((lower == unit) & some_open)
    by_subject = Index(begins, np.arange(len(subject), dtype=np.int32))
    return Votes(unit, holder, subject, least, is_open, lower, contradictory, by_subject, index(holder, count))


def _intervals(interests: pa.Table, edges: Number) -> tuple[list[Interval], NDArray[Any]]:
    """The different shares, and for each row the number of its share. What is no share is taken as not stated."""
    codes = np.zeros(len(edges), np.int64)
    values: list[list[Any]] = []
    for name in ("min", "max", "min_open", "max_open"):
        encoded = encoded_text(interests[name], edges)
        listed = [*encoded.dictionary.to_pylist(), None]
        codes = codes * len(listed) + pc.fill_null(encoded.indices, len(listed) - 1).to_numpy(zero_copy_only=False)
        values.append(listed)
    lead, which = distinct(codes)
    which = which.astype(np.int32)
    shares = []
    for code in codes[lead].tolist():
        row: list[Any] = []
        for listed in reversed(values):
            code, place = divmod(code, len(listed))
            row.append(listed[place])
        high_open, low_open, high, low = row
        try:
            shares.append(parse(low, high, low_open, high_open))
        except ValueError:  # told where the row itself is explained
            shares.append(Interval())
    return shares, which


def _unit(shares: Sequence[Interval], most: int) -> int:
    """A number of units of the whole in which all shares are whole numbers and their sums stay small enough."""
    unit = lcm(*{end.denominator for share in shares for end in (share.min, share.max)}, 2)
    return unit if unit * max(most, 2) < 1 << 62 else FINEST


def _interest(interests: pa.Table, row: int) -> Interest:
    told = {name: interests[name][row].as_py() for name in interests.column_names}
    try:
        share = parse(told["min"], told["max"], told["min_open"], told["max_open"])
    except ValueError:
        share = Interval()
    return Interest(
        told["interest"] or "",
        told["holder"],
        told["subject"],
        told["kind"],
        share,
        source=told["source"] or "",
        locator=told["locator"] or "",
    )
