"""What an .xlsx sheet would take to hold, from the bytes of its part alone: the rectangle of its cells, how many are filled, and
how long the texts are that they refer to.

A library lays out the whole rectangle between the first cell and the last and copies a text into every cell that refers to
it, so a small file can ask for gigabytes; this is known before it is called.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
OVERLAP = 40
"""Bytes of a piece that `take` should be given again before the next: more than the beginning of a tag with its place."""
SHORT = 100
"""Bytes of a shared text, with its tags, that are free."""
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([1-9]\d{0,7})["']""")
_CELL = re.compile(rb"[<:]c[\s/>]")
_ROW = re.compile(rb"[<:]row[\s/>]")
_REFERS = re.compile(
    rb"""\bt\s*=\s*["']s["'][^<>]*>(?:[^<]*<(?!/?(?:[\w.-]+:)?[cv]\b)[^<>]*>)*[^<]*<(?:[\w.-]+:)?v\b[^<>]*>\s*(\d{0,8})"""
)
_LETTERS, _DIGITS = 3, 7


class Texts:
    """The lengths of the shared texts of a workbook."""

    def __init__(self) -> None:
        self._begin: list[Numbers] = []
        self._size = 0
        self.over = np.zeros(0, np.int64)
        """By the number of a text, the bytes that it has above those that are free."""

    def take(self, xml: bytes, fresh: int) -> None:
        """See a further piece of the part, of which the last `fresh` bytes were not in the one before."""
        before = self._size - (len(xml) - fresh)
        at = _starts(np.frombuffer(xml, np.uint8), b"si", 1) + before
        self._begin.append(at[at >= self._size - 4])
        self._size += fresh

    def close(self) -> None:
        """All pieces were seen."""
        begin = np.concatenate([*self._begin, np.array([self._size])])
        self.over = np.maximum(np.diff(begin) - SHORT, 0)
        self._begin = []


class Span:
    """The rectangle that the cells of a sheet span, as far as it was seen. Cells and rows may leave out where they are and
    then follow the one before."""

    def __init__(self, texts: Texts) -> None:
        self._right = self._bottom = self._longest = self._rows = self._open = 0
        self._over = texts.over
        self._most = int(self._over.max(initial=0))
        self.filled = 0
        """Cells that are not empty, at the most: those have an end tag."""
        self.long = 0
        """Bytes of the texts that the cells refer to, beyond those that are free."""
        self.regular = True
        """Whether each cell and row says at once where it is, and nothing is written in an unusual way."""

    @property
    def cells(self) -> int:
        """Cells of the rectangle, at the most."""
        return (self._right + self._longest) * (self._bottom + self._rows)

    def take(self, xml: bytes, fresh: int) -> None:
        """See a further piece, of which the last `fresh` bytes were not in the one before."""
        begin = max(0, len(xml) - fresh - 3)
        prefixed = sum(xml.count(end, begin) for end in (b":c ", b":c>")) if b":c" in xml else 0
        self.filled += xml.count(b"</c", begin) + (prefixed + 1) // 2
        if self._most:
            self._refer(xml)
        data = np.frombuffer(xml, np.uint8)
        cells, rows = _places(data, b"c"), _places(data, b"row")
        if cells is not None and rows is not None:
            self._right = max(self._right, _column(data, cells))
            self._bottom = max(self._bottom, _row(data, cells), _row(data, rows))
        else:
            self._odd(xml)
        if self.regular and (
            cells is None or rows is None or prefixed or b"='" in xml or b"<!" in xml or _spaced(data)
        ):
            self.regular = False

    def _refer(self, xml: bytes) -> None:
        if self._most * (count := xml.count(b"<v") + xml.count(b":v")) < 10_000:
            self.long += self._most * count
            return
        told = _REFERS.findall(xml)
        numbers = np.array([int(number) if number else -1 for number in told], np.int64)
        known = numbers[(numbers >= 0) & (numbers < len(self._over))]
        self.long += int(self._over[known].sum()) + self._most * int((numbers < 0).sum())

    def _odd(self, xml: bytes) -> None:
        """A piece in which a cell or row does not say at once where it is: whatever may be a place counts, and whatever may
        be without one."""
        for column, row in set(_PLACE.findall(xml)):
            number = 0
            for letter in column.upper():
                number = number * 26 + letter - 64
            self._right, self._bottom = max(self._right, number), max(self._bottom, int(row))
        rows = _ROW.split(xml)
        self._rows += len(rows) - 1
        counts = [len(_CELL.findall(one)) for one in rows]
        self._open += counts[0]  # of the row that began in an earlier piece
        self._longest = max([self._longest, self._open, *counts])
        if len(counts) > 1:
            self._open = counts[-1]


def _spaced(data: Bytes) -> bool:
    """Whether a blank stands beside an equals sign."""
    blank, equals = data <= ord(" "), data == ord("=")
    return bool((equals[1:] & blank[:-1]).any() or (equals[:-1] & blank[1:]).any())


def _starts(data: Bytes, name: bytes, room: int) -> Numbers:
    """Where a tag of this name begins, also with a prefix (then at its colon), at least `room` bytes before the end."""
    size = len(name)
    last = len(data) - size - room - 1
    if last <= 0:
        return np.zeros(0, np.int64)
    before = data[:last]
    at = np.flatnonzero(((before == ord("<")) | (before == ord(":"))) & (data[1 : last + 1] == name[0]))
    for offset in range(1, size):
        at = at[data[at + 1 + offset] == name[offset]]
    after = data[at + 1 + size]
    found: Numbers = at[(after <= ord(" ")) | (after == ord(">")) | (after == ord("/"))]
    return found


def _places(data: Bytes, name: bytes) -> Numbers | None:
    """Where the place begins in each tag of a name (`<c r="`); None where a tag is written otherwise."""
    at = _starts(data, name, 4 + _LETTERS + _DIGITS) + 1 + len(name)
    for offset, sign in enumerate(b' r="'):
        if not (data[at + offset] == sign).all():
            return None
    return at + 4


def _column(data: Bytes, at: Numbers) -> int:
    """The greatest column at these places."""
    number, going = np.zeros(len(at), np.int64), np.ones(len(at), bool)
    for offset in range(_LETTERS):
        letter = (data[at + offset] & 0xDF).astype(np.int64) - 64  # small letters as capitals
        going &= (letter > 0) & (letter < 27)
        number = np.where(going, number * 26 + letter, number)
    return int(number.max(initial=0))


def _row(data: Bytes, at: Numbers) -> int:
    """The greatest row at these places."""
    for _ in range(_LETTERS):
        at = at + (data[at] >= ord("A"))
    number, going = np.zeros(len(at), np.int64), np.ones(len(at), bool)
    for offset in range(_DIGITS):
        digit = data[at + offset].astype(np.int64) - 48
        going &= (digit >= 0) & (digit < 10)
        number = np.where(going, number * 10 + digit, number)
    return int(number.max(initial=0))
