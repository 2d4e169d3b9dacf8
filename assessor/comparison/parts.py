"""Components of two deliveries, engagements or bills of materials taken for each other, a hundred thousand at a time.

A component of the one is taken for a component of the other by its package URL, by its CPE name, by maker and part number, by its
digest (where nobody else has it), by name and type, or by the name in the package URL of the one where the other has none, in this
order; first where all that is compared is the same too, then where the version is, then whatever differs. Ids, rows and order name
nothing, so that a delivery that was numbered anew shows no change. Each is taken once: of two that are alike on one side and one on
the other, one is added or gone, and which of them stand for which is told (`Matched.doubtful`). Nothing is guessed from similar names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

COMPARED = (
    *("version", "supplier", "manufacturer", "author", "license", "country", "address_country"),
    *("part_number", "purl", "cpe", "fcc_id", "hashes"),
)
"""Columns of `components` whose change is told."""
WHERE_BOTH = ("part_number", "purl", "cpe", "fcc_id", "hashes")
"""Of these a change is told only where both sides state one: whether there is any depends on the format."""
FIRMS = ("supplier", "manufacturer", "author")
"""Columns that name who supplies, makes or develops."""
_BY = {
    "purl": "package URL",
    "cpe": "CPE name",
    "part": "maker and part number",
    "digest": "digest",
    "name": "name and type",
    "within": "name in the package URL",
}
"""What a component is known again by, surest first, as it is told."""
KEPT = ("component", "name", "item", "medium", "type", "license_class", *COMPARED, "source", "locator")
"""Columns that are needed of a component."""
_LISTED = 1_000
"""Groups that are told one by one."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Doubtful:
    """Several components that bear one name or number, on either side: they were taken for each other by what else is alike, and then in
    the order of what they say."""

    by: str
    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Matched:
    """What of two tables differs. `before` and `after` hold the rows that have no twin on the other side that says the same; `pairs` numbers
    two rows, one of each, that are one component, `changed` the columns that differ and `by` what it was known again by; `gone` and
    `added` the rows without a counterpart. `unchanged` components are the same."""

    before: pa.Table
    after: pa.Table
    pairs: list[tuple[int, int]]
    changed: list[tuple[str, ...]]
    by: list[str]
    gone: list[int]
    added: list[int]
    unchanged: int
    doubtful: tuple[Doubtful, ...] = ()


def match(
    before: pa.Table, after: pa.Table, *, items: bool = False, known_as: Mapping[str, str] | None = None
) -> Matched:
    """Two tables `components` matched. `items`: whether the item is part of what is compared, and components of one item come first;
    `known_as` names a firm of `after` as `before` does, both as `plain` spells them."""
    compared = (*COMPARED, "item") if items else COMPARED
    left, right = before.select(KEPT), after.select(KEPT)
    same, kept = _without_twins(left, right, ("name", "type", *compared))
    left, right = left.take(kept[0]), right.take(kept[1])
    work = _Work(left, right, compared, known_as or {})
    rows = work.pair(items)
    changed, pairs, by = [], [], []
    alike = work.differing(rows, compared)
    for (one, other, how), columns in zip(rows, alike, strict=True):
        if columns:
            pairs.append((one, other))
            changed.append(columns)
            by.append(_BY[how])
        else:
            same += 1
    return Matched(left, right, pairs, changed, by, work.rest(0), work.rest(1), same, work.doubtful())


def _without_twins(left: pa.Table, right: pa.Table, columns: tuple[str, ...]) -> tuple[int, tuple[Numbers, Numbers]]:
    """How many rows of the two are the same to the letter, and the numbers of those that are left on each side.

    Most of two deliveries is, and costs nothing more then.
    """
    texts = [
        pc.binary_join_element_wise(
            *(table[name].cast(pa.large_string()) for name in columns),
            pa.scalar("\x1f", pa.large_string()),
            null_handling="replace",
            null_replacement="\x00",
        )
        for table in (left, right)
    ]
    codes = _codes(texts[0], texts[1])
    turns = [_turn(each) for each in codes]
    both = [_single(code, turn) for code, turn in zip(codes, turns, strict=True)]
    kept = tuple(np.flatnonzero(~np.isin(own, other)) for own, other in (both, both[::-1]))
    return len(left) - len(kept[0]), (kept[0], kept[1])


def _codes(left: pa.ChunkedArray, right: pa.ChunkedArray) -> tuple[Numbers, Numbers]:
    """One number for each distinct text of both."""
    both = pa.chunked_array([*left.chunks, *right.chunks], left.type).combine_chunks()
    numbers = pc.dictionary_encode(both).indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers[: len(left)], numbers[len(left) :]


def _turn(codes: Numbers) -> Numbers:
    """For each place how many of the same code precede it."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(codes) else np.empty(0, np.int64)
    lengths = np.diff(np.r_[starts, len(codes)])
    turn = np.empty(len(codes), np.int64)
    turn[order] = np.arange(len(codes)) - np.repeat(starts, lengths)
    return turn


def _single(codes: Numbers, turn: Numbers) -> Numbers:
    """One number of the two."""
    return codes * (1 << 31) + turn


class _Column(NamedTuple):
    """A column of both sides: its distinct texts as they are told and sorted, an empty one first, and the number of each row's."""

    texts: list[str]
    rows: tuple[Numbers, Numbers]


def _column(
    left: pa.ChunkedArray, right: pa.ChunkedArray, work: Callable[[str], str], known_as: Mapping[str, str] | None = None
) -> _Column:
    """The work done on each distinct value; NA is an empty text. `known_as` renames what the second side says."""
    sides = []
    for side, column in enumerate((left, right)):
        coded = pc.dictionary_encode(column.combine_chunks())
        made = [work(value) for value in coded.dictionary.to_pylist()]
        made = [known_as.get(text, text) for text in made] if known_as and side else made
        numbers = pc.fill_null(coded.indices, len(made)).to_numpy(zero_copy_only=False).astype(np.int64)
        sides.append(([*made, ""], numbers))
    return _of_texts(sides)


def _of_texts(sides: list[tuple[list[str], Numbers]]) -> _Column:
    """A column of which each side is given as texts and the place of each row's among them."""
    texts = sorted({"", *sides[0][0], *sides[1][0]})
    known = {text: number for number, text in enumerate(texts)}
    rows = [np.fromiter(map(known.__getitem__, own), np.int64, len(own))[numbers] for own, numbers in sides]
    return _Column(texts, (rows[0], rows[1]))


def _derived(column: _Column, work: Callable[[str], str], left: tuple[Numbers, Numbers]) -> _Column:
    """A column of what is found in another's texts; `left` are the rows that are looked at, and others are empty."""
    wanted = np.unique(np.concatenate([own[rows] for own, rows in zip(column.rows, left, strict=True)]))
    made = [""] * len(column.texts)
    for number in wanted.tolist():
        made[number] = work(column.texts[number]) if column.texts[number] else ""
    return _of_texts([(made, column.rows[0]), (made, column.rows[1])])


def _joined(one: _Column, other: _Column) -> tuple[Numbers, Numbers]:
    """A number for each pair of texts."""
    both = [a * (1 << 31) + b for a, b in zip(one.rows, other.rows, strict=True)]
    numbers = np.unique(np.concatenate(both), return_inverse=True)[1].astype(np.int64)
    return numbers[: len(both[0])], numbers[len(both[0]) :]


class _Work:
    """The rows that are left of two tables, and what is found out about them."""

    def __init__(self, left: pa.Table, right: pa.Table, compared: tuple[str, ...], known_as: Mapping[str, str]) -> None:
        self.tables = (left, right)
        self.columns = {
            name: _column(left[name], right[name], _SPELLING.get(name, plain), known_as if name in FIRMS else None)
            for name in (*compared, "name", "type")
        }
        self.compared = compared
        self.order = self._order()
        self.taken = (np.zeros(len(left), bool), np.zeros(len(right), bool))
        self._doubts: dict[tuple[str, str], tuple[int, int]] = {}

    def _key(self, key: str) -> tuple[Numbers, Numbers]:
        """The numbers by which rows are known again; -1 where they have none. Worked out only when rows are left to be looked for."""
        own = self.columns
        if key == "part":
            numbers, parts = _joined(own["manufacturer"], own["part_number"]), own["part_number"].rows
            found = [np.where(part == _EMPTY, -1, number) for part, number in zip(parts, numbers, strict=True)]
            return found[0], found[1]
        column = own.get(key)
        if key == "digest":
            column = _derived(own["hashes"], _digest, self._left())
        elif key == "within":
            inner = _derived(own["purl"], _within, self._left())
            sides = []
            for side in (0, 1):
                names = own["name"].rows[side] + len(inner.texts)
                sides.append(
                    (inner.texts + own["name"].texts, np.where(inner.rows[side] == _EMPTY, names, inner.rows[side]))
                )
            column = _of_texts(sides)
        rows = [np.where(numbers == _EMPTY, -1, numbers) for numbers in column.rows]  # type: ignore[union-attr]
        return rows[0], rows[1]

    def _left(self) -> tuple[Numbers, Numbers]:
        """The rows of both sides that were taken for nothing yet."""
        return np.flatnonzero(~self.taken[0]), np.flatnonzero(~self.taken[1])

    def _order(self) -> tuple[Numbers, Numbers]:
        """The place of each row among those of its side by what it says, whatever its place in the table."""
        found = []
        for side in (0, 1):
            columns = [self.columns[name].rows[side] for name in (*self.compared, "type", "name")]
            order = np.lexsort(columns) if len(self.tables[side]) else np.empty(0, np.int64)
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            found.append(place)
        return found[0], found[1]

    def pair(self, items: bool) -> list[tuple[int, int, str]]:
        """Rows that are one component, and the key that says so, in the order of the rows of the first table."""
        found: list[tuple[int, int, str]] = []
        within = ("item",) if items else ()
        everything = (*COMPARED, *within)
        for key in _BY:
            if all(self.taken[0]) or all(self.taken[1]):
                break
            keys = self._key(key)
            for alike in dict.fromkeys((everything, (*within, "version"), within, ("version",), ())):
                if key in ("name", "within"):  # the type of a component belongs to its name, where both state one
                    found += self._stage(key, keys, (*alike, "type"))
                    found += self._stage(key, keys, alike, untyped=0)
                    found += self._stage(key, keys, alike, untyped=1)
                else:
                    found += self._stage(key, keys, alike)
        return sorted(found)

    def _stage(
        self, key: str, keys: tuple[Numbers, Numbers], alike: tuple[str, ...], untyped: int | None = None
    ) -> list[tuple[int, int, str]]:
        """Pair the rows that are left, have this key in common and are alike in these columns."""
        rows = [np.flatnonzero(~self.taken[side] & (keys[side] >= 0)) for side in (0, 1)]
        if untyped is not None:
            types = self.columns["type"].rows  # one states a type and the other none
            rows = [own[(types[side][own] == _EMPTY) == (side == untyped)] for side, own in enumerate(rows)]
        if not (len(rows[0]) and len(rows[1])):
            return []
        codes = [keys[side][rows[side]] for side in (0, 1)]
        if key == "digest":
            codes = _alone(keys, codes)
        whole = codes
        for name in alike:
            both = np.concatenate(
                [code * (1 << 31) + self.columns[name].rows[side][rows[side]] for side, code in enumerate(codes)]
            )
            numbers = np.unique(both, return_inverse=True)[1].astype(np.int64)
            codes = [numbers[: len(rows[0])], numbers[len(rows[0]) :]]
        sides = []
        for side in (0, 1):
            order = np.argsort(self.order[side][rows[side]], kind="stable")
            rows[side], codes[side], whole_side = rows[side][order], codes[side][order], whole[side][order]
            valid = whole_side >= 0
            rows[side], codes[side] = rows[side][valid], codes[side][valid]
            sides.append(_single(codes[side], _turn(codes[side])))
        _, one, other = np.intersect1d(sides[0], sides[1], assume_unique=True, return_indices=True)
        if not len(one):
            return []
        if set(alike) <= {"version", "item", "type"}:
            self._doubt(key, codes, rows, one)
        taken = rows[0][one], rows[1][other]
        for side in (0, 1):
            self.taken[side][taken[side]] = True
        return [(int(a), int(b), key) for a, b in zip(*taken, strict=True)]

    def _doubt(self, key: str, codes: list[Numbers], rows: list[Numbers], one: Numbers) -> None:
        """Note groups of several rows that were paired although they do not say the same."""
        counts = []
        for code in codes:
            numbers, each = np.unique(code, return_counts=True)
            counts.append(dict(zip(numbers.tolist(), each.tolist(), strict=True)))
        if max(counts[0].values()) == 1 and max(counts[1].values()) == 1:
            return
        names = self.tables[0]["name"]
        for place in one.tolist():
            number = int(codes[0][place])
            pair = counts[0][number], counts[1][number]
            if max(pair) > 1:
                name = str(names[int(rows[0][place])].as_py() or "component without a name")
                self._doubts[key, name] = max(self._doubts.get((key, name), (0, 0)), pair)

    def doubtful(self) -> tuple[Doubtful, ...]:
        """What several rows bear, in the order of the names."""
        listed = sorted(self._doubts.items(), key=lambda each: (each[0][1], each[0][0]))
        return tuple(Doubtful(_BY[key], name, *pair) for (key, name), pair in listed[:_LISTED])

    def rest(self, side: int) -> list[int]:
        """Rows of a side that were taken for nothing on the other."""
        found: list[int] = np.flatnonzero(~self.taken[side]).tolist()
        return found

    def differing(self, rows: list[tuple[int, int, str]], compared: tuple[str, ...]) -> list[tuple[str, ...]]:
        """For each pair the columns that differ, in their order."""
        one = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        other = np.fromiter((row[1] for row in rows), np.int64, len(rows))
        found: list[list[str]] = [[] for _ in rows]
        for name in compared:
            column = self.columns[name]
            left, right = column.rows[0][one], column.rows[1][other]
            apart = left != right
            if name in WHERE_BOTH:
                apart &= (left != _EMPTY) & (right != _EMPTY)
            for place in np.flatnonzero(apart).tolist():
                if name != "hashes" or not _agree(column.texts[left[place]], column.texts[right[place]]):
                    found[place].append(name)
        return [tuple(columns) for columns in found]


_EMPTY = 0
"""The number of an empty text."""


def _alone(keys: tuple[Numbers, Numbers], codes: list[Numbers]) -> list[Numbers]:
    """The codes that one row of each side bears, and -1 for others: an empty file has the digest of any other."""
    counted = []
    for every in keys:
        numbers, counts = np.unique(every[every >= 0], return_counts=True)
        counted.append(numbers[counts == 1])
    single = np.intersect1d(counted[0], counted[1], assume_unique=True)
    return [np.where(np.isin(code, single), code, -1) for code in codes]


_PURL_END = re.compile("[?#]")


def _package(text: str) -> str:
    """A package URL without version, qualifiers and subpath."""
    path, slash, last = _PURL_END.split(text, maxsplit=1)[0].rstrip("/").rpartition("/")
    at = last.find("@", 1)  # the first letter of a scope may be one
    return f"{path}{slash}{last if at < 0 else last[:at]}".casefold()


def _cpe(text: str) -> str:
    """Part, vendor and product of a CPE name, 2.3 or 2.2 as a URI; empty where it has none."""
    fields = re.split(r"(?<!\\):", text.casefold().removeprefix("cpe:/").removeprefix("cpe:2.3:"))
    return ":".join(fields[:3]) if len(fields) >= 3 and all(fields[:3]) and "*" not in fields[:3] else ""


def _within(package: str) -> str:
    """Namespace and name in a package URL, spelled as a name is."""
    return plain(unquote(package.partition("/")[2])) if package else ""


_ALGORITHMS = ("sha512", "sha384", "sha256", "sha1", "md5")
"""Digests that tell contents apart, the strongest first."""


def _digest(text: str) -> str:
    """The strongest digest of a component, with its algorithm."""
    told = _digests(text)
    return next((f"{name} {told[name]}" for name in _ALGORITHMS if told.get(name)), "")


def _digests(text: str) -> dict[str, str]:
    """Digests by algorithm, both without their spelling."""
    try:
        told = msgspec.json.decode(text)
    except msgspec.DecodeError:  # of a reader of a firm's own
        return {}
    return {_algorithm(name): str(value).lower() for name, value in told.items()}


@lru_cache(maxsize=1024)
def _algorithm(name: str) -> str:
    return _bare(name)


def _agree(before: str, after: str) -> bool:
    """Whether no algorithm that both give has two digests: two documents may give those of different ones."""
    old, new = _digests(before), _digests(after)
    return all(old[name] == new[name] for name in old.keys() & new.keys())


_BETWEEN = re.compile(r"(?:[^\w+#]|_)+")


def plain(text: str) -> str:
    """Small letters, digits, "+" and "#" (C++ is not C), whatever their width; everything else is a space."""
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _bare(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text.casefold())


_SPELLING: dict[str, Callable[[str], str]] = {"purl": _package, "cpe": _cpe, "fcc_id": _bare, "hashes": str}
"""How columns are spelled to be compared; all others as `plain` does."""
