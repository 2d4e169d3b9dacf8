"""CycloneDX JSON, streamed: blocks of rows for the table `components`, in the order of the file, parents first.

Components are gathered until there are enough for a block. Most are regular and are read together (`cyclonedx_columns`);
one with a doubled key, an odd type or an odd character takes the slow way through `cyclonedx.facts`, which says the same of
regular ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from assessor.evidence import tables
from assessor.evidence.readers import cyclonedx, cyclonedx_columns, json_elements
from assessor.evidence.readers.base import Reading, Row, mapping
from assessor.evidence.readers.cyclonedx import Shared
from assessor.evidence.readers.json_stream import REFUSED, Bytes
from assessor.evidence.readers.rows import Told

MOST = 750_000
"""Components of one document that are read: a file of a few megabytes may hold millions that say nothing."""
_LONG, _MOST_SPELT = 200, 16 << 20
"""Characters of a locator beyond which it is long, as that of a deeply nested component is, and what all may be longer by."""
FEW = 32
"""Components for which a block is not worth its making."""
_BLOCK, _BYTES = 16_384, 8 << 20
"""Components, and bytes of them, that are read together."""
_DEEPEST = 20
"""Levels of components in components that are taken apart one by one; what is deeper is parsed at once."""
_GROUP, _ATTEMPTS = 16, 60
"""Where a run is refused its halves are tried, down to groups of so many components and in so many attempts."""
_ESCAPED = rb"(?:[bf]|u(?:00[01]|[dD][89a-fA-F]|[fF]{3}[eEfF]))"
_ODD = re.compile(rb"\\" + _ESCAPED)
"""Perhaps a character that no text may hold: a control character, half of a surrogate pair; quick, for many components."""
_ODD_INDEED = re.compile(rb"(?:^|[^\\])(?:\\\\)*\\" + _ESCAPED)
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_EMPTY = (b"", b"null", b"[]")
_DEVICE = b"cdx:device"
_NULL = b"null"


class _Nest(msgspec.Struct, gc=False):
    """A component as far as it holds others."""

    components: msgspec.Raw = msgspec.Raw()


_NEST = msgspec.json.Decoder(_Nest)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])


class Rows:
    """Collects the components of one document and hands them over in blocks."""

    def __init__(self, shared: Shared, reading: Reading) -> None:
        self.shared, self.reading = shared, reading
        self._whole = {
            "source": shared.source,
            "item": shared.item,
            "document_author": shared.document_author,
            "timestamp": shared.timestamp,
        }
        self._probe = Reading()  # takes the problems of one element
        self._tell = Told(reading, "problems of components")
        self._meanings = cyclonedx_columns.Meanings(shared)
        self._stopped, self._count, self._spelt = False, 0, 0
        self._clear()

    def _clear(self) -> None:
        self._elements: list[Bytes] = []
        self._places: list[tuple[str, str | None, int]] = []  # locator, that of the parent, level
        self._texts: list[bytes] = []  # the elements with commas between, `null` in the place of those in `_slow`
        self._slow: set[int] = set()
        self._opened: set[int] = set()  # those whose own components are among the elements
        self._size = 0

    def root(self, main: Any, place: str) -> None:
        """The component that the document describes, with what it holds."""
        self._flush()
        for row in self._rows(main, place, None, 0):
            self.reading.add("components", row)

    def add(
        self, elements: list[Bytes], text: bytes | None, place: str, parent: str | None, level: int, first: int
    ) -> None:
        """A run of components in the array at `place`, the nested ones of each after it; `text` and `first` as of a
        `json_stream.Part`."""
        if not elements:
            return
        left = len(elements) - self._room(f"{place}/{first}")
        if left > 0:
            elements, text = elements[:-left], None
        if text is None or _peculiar(text):
            for number, element in enumerate(elements, first):
                if self._room(f"{place}/{number}"):
                    self._one(element, f"{place}/{number}", parent, level, text is not None)
        else:
            self._places += [(f"{place}/{number}", parent, level) for number in range(first, first + len(elements))]
            self._hold(elements, text)
        if left > 0:
            self._room(f"{place}/{first + len(elements)}")

    def finish(self) -> None:
        """Hand over what is held, and say how many problems there are beyond those listed."""
        self._flush()
        self._tell.close()

    def _room(self, place: str) -> int:
        """How many components may still be read; that there is no more room is told once, with the place."""
        room = max(0, MOST - self._count) if self._spelt < _MOST_SPELT else 0
        if not room and not self._stopped:
            self._stopped = True
            much = (
                f"more than {MOST:,} components"
                if self._count >= MOST
                else "components nested too deeply by the thousand"
            )
            self.reading.problem(
                place, f"{much} stand in this document; those from here on are not read, so deliver it in parts"
            )
        return room

    def _hold(self, elements: Iterable[Bytes], text: bytes) -> None:
        before = len(self._elements)
        self._elements += elements
        self._texts.append(text)
        self._count += len(self._elements) - before
        self._size += len(text)
        if len(self._elements) >= _BLOCK or self._size >= _BYTES:
            self._flush()

    def _one(self, element: Bytes, place: str, parent: str | None, level: int, checked: bool) -> None:
        """A component that may be irregular or hold others."""
        data, nested, inside = bytes(element), b"", list[Bytes]()
        slow = _DEVICE in data or bool(_ODD.search(data) and _ODD_INDEED.search(data)) or _unwritable(data)
        try:
            if not checked:
                msgspec.json.decode(data, type=msgspec.Raw)
            nested = bytes(_NEST.decode(data).components)
            if nested not in _EMPTY:
                inside = list(_ELEMENTS.decode(nested))
        except REFUSED:
            slow = True
        slow |= bool(inside) and level >= _DEEPEST
        here = len(self._elements)
        if slow:
            self._slow.add(here)
        elif inside:
            self._opened.add(here)
        self._places.append((place, parent, level))
        self._spelt += max(0, len(place) - _LONG)
        self._hold([data], _NULL if slow else data)
        if inside and not slow:
            self.add(inside, nested[1:-1], f"{place}/components", place, level + 1, 0)

    def _flush(self) -> None:
        """Hand what is held to the reading."""
        count = len(self._elements)
        if count < FEW:
            for number in range(count):
                for row in self._slowly(number):
                    self.reading.add("components", row)
        else:
            run = cyclonedx_columns.parsed(self._texts, count)
            if run is None:
                self._left = _ATTEMPTS
                run = self._sifted(0, count)
            self._slow |= cyclonedx_columns.holding(run) - self._opened | cyclonedx_columns.abroad(run)
            self.reading.add("components", self._block(run))
        self._clear()

    def _sifted(self, begin: int, end: int) -> pa.StructArray:
        """The components from one number to another as far as they are regular; the others are null, and in `_slow`."""
        self._left -= 1
        each = [_NULL if n in self._slow or _scalar(e) else e for n, e in enumerate(self._elements[begin:end], begin)]
        run = cyclonedx_columns.parsed([b",".join(each)], end - begin)
        if run is not None:
            return run
        if end - begin <= _GROUP or self._left < 0:
            self._slow |= set(range(begin, end))
            return pa.nulls(end - begin, cyclonedx_columns.COMPONENT)
        middle = (begin + end) // 2
        return pa.concat_arrays([self._sifted(begin, middle), self._sifted(middle, end)])

    def _block(self, run: pa.StructArray) -> pa.Table:
        """The rows of what is held: those of regular components, and in their places those of the others."""
        shared, count = self.shared, len(run)
        locators, parents, levels = zip(*self._places, strict=True)
        columns = self._meanings.columns(run) | {
            "locator": pa.array(locators, pa.string()),
            "component": pa.array([f"{shared.source}#{place}" for place in locators], pa.string()),
            "parent": pa.array([place and f"{shared.source}#{place}" for place in parents], pa.string()),
            "level": pa.array(levels, pa.int64()),
            **{name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in self._whole.items()},
        }
        nameless, empty = (
            np.flatnonzero(columns["name"].is_null()).tolist(),
            run.is_null().to_numpy(zero_copy_only=False),
        )
        rows: list[Row] = []
        order: list[int] = []
        done = 0
        for number in sorted({*nameless, *self._slow}):
            if number not in self._slow:
                if empty[number]:
                    self._tell(
                        locators[number], cyclonedx.NO_OBJECT, bytes(self._elements[number]).decode("utf-8", "replace")
                    )
                else:
                    self._tell(locators[number], cyclonedx.NO_NAME, "")
                continue
            before = len(rows)
            rows += self._slowly(number)
            order += [*range(done, number), *range(count + before, count + len(rows))]
            done = number + 1
        fast = pa.table(columns)
        if not rows:
            return fast
        both = pa.concat_tables([tables.arrow("components", [fast]), tables.arrow("components", rows)])
        return both.take(pa.array([*order, *range(done, count)], pa.int64()))

    def _slowly(self, number: int) -> list[Row]:
        """The rows of an element that is held: its own, and those of what it holds unless they are held themselves."""
        place, parent, level = self._places[number]
        opened, found = number in self._opened, self._probe.problems
        value = json_elements.value(self._elements[number], place, self._probe)
        for problem in found:
            if not (opened and problem.place.startswith(f"{place}/components")):  # those are told of the element itself
                self._tell(problem.place, problem.message, problem.excerpt)
        found.clear()
        self._count -= 1  # it was counted when it was held
        return self._rows(value, place, parent, level, opened)

    def _rows(self, component: Any, place: str, parent: str | None, level: int, alone: bool = False) -> list[Row]:
        """The rows of any component and, unless it is taken `alone`, of everything that it holds, however deep."""
        shared, found = self.shared, list[Row]()
        todo: list[tuple[Any, str, str | None, int]] = [(component, place, parent, level)]
        while todo:
            value, at, above, depth = todo.pop()
            if not self._room(at):
                break
            self._count += 1
            self._spelt += max(0, len(at) - _LONG)
            row = cyclonedx.facts(value, shared, at, self._tell)
            row["locator"], row["component"], row["level"] = at, f"{shared.source}#{at}", depth
            row["parent"] = above and f"{shared.source}#{above}"
            found.append({**row, **self._whole})
            nested = None if alone else mapping(value).get("components")
            if isinstance(nested, list):
                todo += [(each, f"{at}/components/{n}", at, depth + 1) for n, each in reversed(list(enumerate(nested)))]
            elif nested is not None:
                self.reading.problem(f"{at}/components", "components is no list", str(nested))
        return found


def _peculiar(text: bytes) -> bool:
    """Whether any of the components in a text must be looked at by itself."""
    if b'"components"' in text or _DEVICE in text or _ODD.search(text):
        return True
    return _unwritable(text)


def _unwritable(data: bytes) -> bool:
    """Whether bytes are not UTF-8, or hold a character that is none."""
    if data.isascii():
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return bool(_NONCHARACTER.search(data))


def _scalar(element: Bytes) -> bool:
    """Whether an element is a number or the like."""
    return bytes(element)[:1] not in (b"{", b"[")
