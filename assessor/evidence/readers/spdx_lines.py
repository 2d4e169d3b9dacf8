"""SPDX tag-value by columns: all lines at once, where every line is regular.

The tags of all lines are looked up together, and each fact of all packages is taken together. What the scan of line by
line would tell of, or would have to decide by the lines before, is not decided here: `scan` then gives None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import charsets
from assessor.evidence.readers.spdx_tags import CLOSE, KINDS, LOOK_AHEAD, OPEN, PACKAGE, unwrapped

Whole = np.ndarray[Any, np.dtype[np.int64]]
Take = Callable[[str, str, str, int], None]
Respelled = Callable[[str, str, int], str]

LARGEST = 1 << 30
"""Bytes of a file that are held at once."""
_UNUSUAL = (b"\x0c", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""What a text can hold and a report cannot, in a file that holds no control characters."""
_NAMES = [tag if tag == "\n" else f"{tag}:" for tag in KINDS]
_CODES = {tag: number for number, tag in enumerate(KINDS)}
_KNOWN = pa.array(_NAMES, pa.string())
_PASSED = _CODES[""]
_OF_DOCUMENT = ("SPDXVersion", "DocumentName", "Created", "Creator", "LicenseID", "LicenseName", "ExtractedText")
_OF_PACKAGE = (*PACKAGE, "ExternalRef", "PackageChecksum")
_BEGINNING = ("PackageName", "FileName", "SnippetSPDXID", "LicenseID", "SPDXVersion", "SPDXID")


@dataclass
class Stated:
    """Values as they stand, without blanks around them and marks of a text, and the number of the package of each."""

    values: pa.Array
    numbers: Whole

    def of(self, count: int) -> pa.Array:
        """One value for each of so many packages, null where none is stated; of several the first."""
        place = np.full(count, -1, np.int64)
        place[self.numbers[::-1]] = np.arange(len(self.numbers))[::-1]
        return self.values.take(pa.array(place, mask=place < 0))


@dataclass
class Packages:
    """The packages of a document: the line of each, their facts by their keys in SPDX's JSON, and what relates them (three
    arrays of words: left, kind, right)."""

    lines: Whole
    facts: dict[str, pa.Array]
    references: Stated
    kinds: pa.Array
    checksums: Stated
    relations: tuple[pa.Array, pa.Array, pa.Array]


class _Irregular(Exception):
    """The lines must be read one after the other."""


def scan(data: bytes, take: Take, respelled: Respelled) -> Packages | None:
    """The packages in the UTF-8 bytes of a file without control characters; None where it is not regular.

    What stands of the document goes to `take` (tag, key, value, line), a tag that is none of SPDX's to `respelled` (line,
    tag, number); where None is returned, they may have been called.
    """
    if not data or len(data) > LARGEST or any(each in data for each in _UNUSUAL):
        return None
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return _Lines(data).packages(take, respelled)
    except _Irregular:
        return None


class _Lines:
    """The lines of a file: where each begins, where its value does, and which tag it has."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        letters = np.frombuffer(data, np.uint8)
        starts = np.concatenate(([0], np.flatnonzero(letters == 10) + 1))
        self._starts = starts = starts[:-1] if starts[-1] == len(data) else starts
        self._ends = ends = np.append(starts[1:], len(data))
        if (ends - starts).max() > charsets.LONGEST_LINE:
            raise _Irregular
        colons = np.append(np.flatnonzero(letters == 58), len(data))
        colon = colons[np.searchsorted(colons, starts)]
        self._values = np.where(colon < ends, colon + 1, ends)
        edges = np.empty(2 * len(starts) + 1, np.int32)
        edges[0:-1:2], edges[1::2], edges[-1] = starts, self._values, len(data)
        self._parts = pa.StringArray.from_buffers(2 * len(starts), pa.py_buffer(edges), pa.py_buffer(data))
        tags = self._parts.take(pa.array(np.arange(0, 2 * len(starts), 2)))
        self._codes = (
            pc.fill_null(pc.index_in(tags, value_set=_KNOWN), -1).to_numpy(zero_copy_only=False).astype(np.int64)
        )
        self._codes[(self._codes < 0) & (letters[starts] == ord("#"))] = _PASSED
        self._marked = np.zeros(len(starts), bool)
        self._until = np.arange(len(starts))
        self._texts()

    def packages(self, take: Take, respelled: Respelled) -> Packages:
        codes = self._codes
        begins = codes == _CODES["PackageName"]
        names = np.flatnonzero(begins)
        if not len(names) or np.isin(codes[: names[0]], [_CODES[tag] for tag in _OF_PACKAGE]).any():
            raise _Irregular
        if np.count_nonzero(codes == _CODES["SPDXVersion"]) > 1:
            raise _Irregular
        self._package = np.cumsum(begins) - 1
        facts = {key: self._fact(self._at(tag), len(names)) for tag, key in PACKAGE.items()}
        facts["name"] = self._fact(names, len(names))
        facts["SPDXID"] = self._fact(self._identifiers(), len(names))
        lines = self._at("ExternalRef")
        _, kinds, locators = self._three(lines, 2)
        references = Stated(locators, self._package[lines])
        lines = self._at("PackageChecksum")
        checksums = Stated(self._stated(lines), self._package[lines])
        if pc.any(pc.invert(pc.match_substring(checksums.values, ":"))).as_py():
            raise _Irregular
        relations = self._three(self._at("Relationship"), None)
        self._rest(take, respelled)
        return Packages(names + 1, facts, references, kinds, checksums, relations)

    def _texts(self) -> None:
        """Join the lines of each text that runs over several: the further ones are no lines of their own."""
        spots, opening = _marks(self._data)
        if not len(spots):
            return
        of = np.searchsorted(self._starts, spots, "right") - 1
        valued = spots >= self._values[of]
        opens = np.unique(of[opening & valued])
        self._marked[opens] = True
        closed = np.zeros(len(self._starts), bool)
        closed[of[~opening & valued]] = True
        inside = np.zeros(len(self._starts) + 1, np.int64)
        last = -1
        first_mark = np.searchsorted(of, opens, "right").tolist()  # the first mark behind the line of each
        lines, opened = of.tolist(), opening.tolist()
        for line, at in zip(opens[~closed[opens]].tolist(), np.array(first_mark)[~closed[opens]].tolist(), strict=True):
            if line <= last:  # it stands in a text itself
                continue
            if self._codes[line] < 0 or at == len(lines) or opened[at]:
                raise _Irregular
            last = lines[at]
            if self._ends[last] - self._ends[line] > LOOK_AHEAD:
                raise _Irregular
            self._until[line] = last
            inside[line + 1] += 1
            inside[last + 1] -= 1
        self._codes[np.cumsum(inside)[:-1] > 0] = _PASSED

    def _at(self, tag: str) -> Whole:
        return np.flatnonzero(self._codes == _CODES[tag])

    def _stated(self, lines: Whole) -> pa.Array:
        """The values of lines."""
        values = pc.utf8_trim_whitespace(self._parts.take(pa.array(2 * lines + 1)))
        marked = self._marked[lines]
        if not marked.any():
            return values
        told = [unwrapped(self._value(line)) for line in lines[marked].tolist()]
        return pc.replace_with_mask(values, pa.array(marked), pa.array(told, pa.string()))

    def _value(self, line: int) -> str:
        return self._data[self._values[line] : self._ends[self._until[line]]].decode()

    def _fact(self, lines: Whole, count: int) -> pa.Array:
        """A fact that each package states at most once."""
        numbers = self._package[lines]
        if (np.diff(numbers) == 0).any():
            raise _Irregular
        return Stated(self._stated(lines), numbers).of(count)

    def _identifiers(self) -> Whole:
        """The lines of the identifiers of packages; those of files, snippets and the document are not asked for."""
        events = np.flatnonzero(np.isin(self._codes, [_CODES[tag] for tag in _BEGINNING]))
        codes = self._codes[events]
        own = codes == _CODES["SPDXID"]
        before = np.concatenate(([-1], codes[:-1]))
        if (own & np.isin(before, [_CODES["SPDXID"], _CODES["SnippetSPDXID"]])).any():
            raise _Irregular  # an identifier that may stand before its package
        found: Whole = events[own & (before == _CODES["PackageName"])]
        return found

    def _three(self, lines: Whole, splits: int | None) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Values of three words each, the last one with blanks in it where the number of splits is bounded."""
        words = pc.utf8_split_whitespace(self._stated(lines), max_splits=splits)
        if pc.any(pc.not_equal(pc.list_value_length(words), 3)).as_py():
            raise _Irregular
        flat = words.flatten()
        first, second, third = (flat.take(pa.array(np.arange(at, len(flat), 3))) for at in range(3))
        return first, second, third

    def _rest(self, take: Take, respelled: Respelled) -> None:
        """What is said of the document, and the tags that are none of SPDX's, line by line."""
        tags = {_CODES[tag]: tag for tag in _OF_DOCUMENT}
        for line in np.flatnonzero(np.isin(self._codes, list(tags))).tolist():
            tag = tags[int(self._codes[line])]
            take(tag, tag, unwrapped(self._value(line)), line + 1)
        for line in np.flatnonzero(self._codes < 0).tolist():
            text = self._data[self._starts[line] : self._ends[line]].decode()
            if KINDS.get(respelled(text, text.partition(":")[0], line + 1)):
                raise _Irregular


def _marks(data: bytes) -> tuple[Whole, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Where the marks of texts stand, and which of them open one."""
    letters = np.frombuffer(data + b"\n" * len(CLOSE), np.uint8)
    places = np.flatnonzero(letters == ord("<"))
    closing = letters[places + 1] == ord("/")
    after = places + closing
    for at, letter in enumerate(OPEN[1:], 1):
        right = letters[after + at] == ord(letter)
        places, closing, after = places[right], closing[right], after[right]
    return places, ~closing
