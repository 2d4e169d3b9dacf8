"""Runs of BODS statements and their heads: as much of a statement as tells which record it is of and whether it can be superseded.

What reads the bytes of a run does so at once, while they are at hand; lines are cut out of their text only where they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

import msgspec
import numpy as np

from assessor.evidence.readers import json_columns
from assessor.evidence.readers.bills.json_stream import REFUSED, Bytes

_END, _OPEN, _CLOSE = ord("\n"), ord("{"), ord("}")
_WORDS = (b'"record', b'"statementDate"')


class Run(NamedTuple):
    """Statements that follow one another. The place of each is `prefix` and its number, that of the first is `first`."""

    elements: Sequence[Bytes]
    prefix: str
    first: int


class Lines(Sequence[bytes]):
    """The lines of a text without its last line break; `regular` when each begins and ends as an object does."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        array = np.frombuffer(text, np.uint8)
        self._ends = np.append(np.flatnonzero(array == _END), len(array))
        begins = np.append(0, self._ends[:-1] + 1)
        self.longest = int((self._ends - begins).max())
        self.regular = bool(
            len(array)
            and array[-1] == _CLOSE
            and array[0] == _OPEN
            and array[-1] != _END
            and (array[begins[1:]] == _OPEN).all()
            and (array[self._ends[:-1] - 1] == _CLOSE).all()
        )

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...

    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.text[self._ends[at - 1] + 1 if at else 0 : self._ends[at]]


class _Publication(msgspec.Struct, gc=False):
    publicationDate: str | None = None


class Head(msgspec.Struct, gc=False):
    """A statement as far as it can be superseded; `recordDetails`, empty where there are none, are read apart."""

    statementID: str | None = None
    statementType: str | None = None
    statementDate: str | None = None
    recordId: str | None = None
    recordType: str | None = None
    recordStatus: str | None = None
    publicationDetails: _Publication | None = None
    replacesStatements: list[str] | None = None
    recordDetails: msgspec.Raw = msgspec.Raw()


_HEAD = msgspec.json.Decoder(Head)


class Read:
    """A run with the heads of its statements. `refused` are the numbers of those that are no regular JSON, which have an empty head;
    `odd`: odd characters may stand in it; `size`, `longest`: its bytes, and those of the largest."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.refused: list[int] = []
        elements = run.elements
        self.heads = self._decoded(elements)
        text = elements.text if isinstance(elements, Lines) else b"\n".join(elements)
        self.counts = [text.count(word) for word in _WORDS]
        self.size, self.odd = len(text), json_columns.odd(text)
        self.longest = elements.longest if isinstance(elements, Lines) else max(map(len, elements))

    def _decoded(self, elements: Sequence[Bytes]) -> list[Head]:
        decode = _HEAD.decode
        try:
            if isinstance(elements, Lines) and elements.regular:
                heads = _HEAD.decode_lines(elements.text)
                if len(heads) == len(
                    elements
                ):  # then, since no JSON text has an object's end before a beginning, one in each line
                    return heads
            return [decode(element) for element in elements]
        except REFUSED:
            return [self._head(number, element) for number, element in enumerate(elements)]

    def _head(self, number: int, element: Bytes) -> Head:
        try:
            return _HEAD.decode(element)
        except REFUSED:
            self.refused.append(number)
            return Head()


def _members(head: Head) -> int:
    return (
        (head.recordId is not None)
        + (head.recordType is not None)
        + (head.recordStatus is not None)
        + (len(head.recordDetails) > 0)
    )


def doubled(element: Bytes, head: Head) -> bool:
    """Whether a member about the record of a statement, or its date, stands twice in it."""
    data = bytes(element)
    return data.count(_WORDS[0]) != _members(head) or data.count(_WORDS[1]) != (head.statementDate is not None)
