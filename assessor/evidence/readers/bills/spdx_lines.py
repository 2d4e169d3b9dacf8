"""SPDX tag-value by columns: all lines at once, where every line is regular.

The tags of all lines are looked up together, and each fact of all packages is taken together. What the scan of line by
line would tell of, or would have to decide by the lines before, is not decided here: `scan` then gives None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers.bills.spdx_tags import CLOSE, KINDS, LOOK_AHEAD, MOST_INSIDE, OPEN, PACKAGE, unwrapped

Whole = np.ndarray[Any, np.dtype[np.int64]]
Take = Callable[[str, str, str, int], None]
Respelled = Callable[[str, str, int], str]

PIECE, LARGEST = 4 << 20, 16 << 20
"""Bytes of a file that are looked at together, where a package begins after so many, and at most."""
MOST_LINES = 2_000_000
"""Lines that are looked at together."""
LONGEST_LINE = 1 << 20
"""Bytes of a line: longer ones are cut by whoever reads line by line."""
_NEXT, _ATTEMPTS = b"\nPackageName:", 20
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

    def take(self, kept: Whole) -> Packages:
        """Some of the packages, by their numbers in ascending order."""
        new = np.full(len(self.lines), -1, np.int64)
        new[kept] = np.arange(len(kept))
        references, checksums = new[self.references.numbers], new[self.checksums.numbers]
        hit, mask = references >= 0, checksums >= 0
        return Packages(
            self.lines[kept],
            {name: column.take(pa.array(kept)) for name, column in self.facts.items()},
            Stated(self.references.values.filter(pa.array(hit)), references[hit]),
            self.kinds.filter(pa.array(hit)),
            Stated(self.checksums.values.filter(pa.array(mask)), checksums[mask]),
            self.relations,
        )


class _Irregular(Exception):
    """The lines must be read one after the other."""


def scan(
    pieces: Iterator[bytes], take: Take, respelled: Respelled, bounded: Callable[[Packages], Packages]
) -> Packages | None:
    """The packages in the UTF-8 bytes of a file without control characters; None where it is not regular.

    Of those found together `bounded` says which are kept. What stands of the document goes to `take` (tag, key, value, line), a tag that is none of SPDX's to `respelled` (line,
    tag, number); where None is returned, they may have been called.
    """
    found: list[Packages] = []
    line = count = 0
    try:
        for data in _by_package(pieces):
            lines = _Lines(data, line, not found)
            packages = bounded(lines.packages(take, respelled))
            packages.references.numbers += count
            packages.checksums.numbers += count
            found.append(packages)
            line, count = line + lines.count, count + len(packages.lines)
    except _Irregular:
        return None
    return _joined(found) if found else None


def _by_package(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of a file with its line ends as line feeds, cut before lines that name a package and stand in no text."""
    held, half = b"", b""
    for piece in pieces:
        if any(each in piece for each in _UNUSUAL):
            raise _Irregular
        if b"\r" in piece or half:
            piece = half + piece
            piece, half = (piece[:-1], b"\r") if piece.endswith(b"\r") else (piece, b"")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        held += piece
        if len(held) < PIECE:
            continue
        cut, attempts = held.rfind(_NEXT) + 1, 0
        while cut and held.rfind(OPEN.encode(), 0, cut) > held.rfind(CLOSE.encode(), 0, cut):
            cut = held.rfind(_NEXT, 0, held.rfind(OPEN.encode(), 0, cut)) + 1
            attempts += 1
            if attempts > _ATTEMPTS:  # these texts are hardly ever closed
                raise _Irregular
        if cut:
            yield held[:cut]
            held = held[cut:]
        elif len(held) > LARGEST:
            raise _Irregular
    if half:
        held += b"\n"
    if held:
        yield held


def _joined(found: list[Packages]) -> Packages:
    first, second, third = (pa.concat_arrays([packages.relations[at] for packages in found]) for at in range(3))
    return Packages(
        np.concatenate([packages.lines for packages in found]),
        {key: pa.concat_arrays([packages.facts[key] for packages in found]) for key in found[0].facts},
        _stated([packages.references for packages in found]),
        pa.concat_arrays([packages.kinds for packages in found]),
        _stated([packages.checksums for packages in found]),
        (first, second, third),
    )


def _stated(found: list[Stated]) -> Stated:
    return Stated(pa.concat_arrays([each.values for each in found]), np.concatenate([each.numbers for each in found]))


class _Lines:
    """The lines of a file: where each begins, where its value does, and which tag it has."""

    def __init__(self, data: bytes, before: int, first: bool) -> None:
        """`before`: lines of the file above these; `first`: these are its first."""
        self._data, self._above, self._first = data, before, first
        if data.count(b"\n") > MOST_LINES:
            raise _Irregular
        letters = np.frombuffer(data, np.uint8)
        starts = np.concatenate(([0], np.flatnonzero(letters == 10) + 1))
        self._starts = starts = starts[:-1] if starts[-1] == len(data) else starts
        self._ends = ends = np.append(starts[1:], len(data))
        self.count = len(starts)
        if (ends - starts).max() > LONGEST_LINE:
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
        if np.count_nonzero(codes == _CODES["SPDXVersion"]) > self._first:
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
        return Packages(names + 1 + self._above, facts, references, kinds, checksums, relations)

    def _texts(self) -> None:
        """Join the lines of each text that runs over several: the further ones are no lines of their own."""
        spots, opening = _marks(self._data)
        if not len(spots):
            return
        of = np.searchsorted(self._starts, spots, "right") - 1
        valued = spots >= self._values[of]
        comment = self._codes[of] == _PASSED  # no text begins in one
        opens = np.unique(of[opening & valued & ~comment])
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
            if self._ends[last] - self._ends[line] > LOOK_AHEAD or last - line > MOST_INSIDE:
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
            take(tag, tag, unwrapped(self._value(line)), line + 1 + self._above)
        for line in np.flatnonzero(self._codes < 0).tolist():
            text = self._data[self._starts[line] : self._ends[line]].decode()
            if KINDS.get(respelled(text, text.partition(":")[0], line + 1 + self._above)):
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
