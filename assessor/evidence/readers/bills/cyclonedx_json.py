"""CycloneDX JSON, streamed: blocks of rows for the table `components`, in the order of the file, parents first.

Components are gathered until there are enough for a block. Most are regular and are read together (`cyclonedx_columns`);
one with a doubled key, an odd type or an odd character takes the slow way through `cyclonedx.facts`, which says the same of
regular ones.
"""

from __future__ import annotations

import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from assessor.evidence import tables
from assessor.evidence.readers import json_columns
from assessor.evidence.readers.base import LONGEST, Reading, Row, mapping
from assessor.evidence.readers.bills import cyclonedx, cyclonedx_columns, json_elements
from assessor.evidence.readers.bills.cyclonedx import Shared
from assessor.evidence.readers.bills.cyclonedx_batch import NULL, Batch
from assessor.evidence.readers.bills.json_stream import REFUSED, Bytes
from assessor.evidence.readers.rows import Told

MOST = 700_000
"""Components of one document that are read: a file of a few megabytes may hold millions that say nothing."""
_LONG_TEXTS = (
    "name",
    "version",
    "description",
    "supplier",
    "manufacturer",
    "author",
    "license",
    "purl",
    "cpe",
    "reference",
)
LONG, MOST_SPELT = 200, 16 << 20
"""Characters of a locator beyond which it is long, as that of a deeply nested component is, and what all may be longer by."""
FEW = 32
"""Components for which a block is not worth its making."""
_BLOCK, _BYTES = 16_384, 4 << 20
"""Components, and bytes of them, that are read together."""
_AT_ONCE = 1
"""Batches of them that are parsed while more is read."""
_DEEPEST = 20
"""Levels of components in components that are taken apart one by one; what is deeper is parsed at once."""
_ODD_INDEED = re.compile(rb"(?:^|[^\\])(?:\\\\)*\\" + json_columns.ESCAPED)
"""A character that no text may hold; slower than `json_columns.odd`, and sure."""
_EMPTY = (b"", b"null", b"[]")
_DEVICE = b"cdx:device"


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
        self._nests = (
            False  # whether components in components were met: then they are looked for, and need not be read slowly
        )
        self._batch = Batch()
        self._parser: ThreadPoolExecutor | None = None
        self._parsing: deque[tuple[Batch, Future[pa.StructArray | None]]] = deque()

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
        large = text is not None and len(text) > LONGEST and max(map(len, elements)) > LONGEST
        if text is None or large or (self._nests and b'"components"' in text) or _peculiar(text):
            for number, element in enumerate(elements, first):
                if self._room(f"{place}/{number}"):
                    self._one(element, place, number, parent, level, text is not None)
        else:
            self._hold(elements, text, place, first, parent, level)
        if left > 0:
            self._room(f"{place}/{first + len(elements)}")

    def finish(self) -> None:
        """Hand over what is held, and say how many problems there are beyond those listed."""
        self._flush()
        if self._parser:
            self._parser.shutdown()
        self._tell.close()

    def _room(self, place: str) -> int:
        """How many components may still be read; that there is no more room is told once, with the place."""
        room = max(0, MOST - self._count) if self._spelt < MOST_SPELT else 0
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

    def _hold(self, elements: list[Bytes], text: bytes, array: str, first: int, parent: str | None, level: int) -> None:
        self._batch.hold(elements, text, array, first, parent, level)
        self._count += len(elements)
        if len(self._batch.elements) >= _BLOCK or self._batch.size >= _BYTES:
            self._parse()

    def _one(self, element: Bytes, array: str, number: int, parent: str | None, level: int, checked: bool) -> None:
        """A component that may be irregular or hold others."""
        data, nested, inside = bytes(element), b"", list[Bytes]()
        slow = _DEVICE in data or bool(
            json_columns.odd(data) and (_ODD_INDEED.search(data) or json_columns.unwritable(data))
        )
        try:
            if not slow and not checked:
                msgspec.json.decode(data, type=msgspec.Raw)
            if not slow:
                nested = bytes(_NEST.decode(data).components)
            if nested not in _EMPTY:
                inside = list(_ELEMENTS.decode(nested))
        except REFUSED:
            slow = True
        slow |= bool(inside) and level >= _DEEPEST
        slow |= len(data) > LONGEST and not inside
        here = len(self._batch.elements)
        if slow:
            self._batch.slow.add(here)
        elif inside:
            self._batch.opened.add(here)
        place = f"{array}/{number}"
        self._spelt += max(0, len(place) - LONG)
        self._batch.size += len(data) if slow else 0
        self._hold([data], NULL if slow else data, array, number, parent, level)
        if inside and not slow:
            self.add(inside, nested[1:-1], f"{place}/components", place, level + 1, 0)

    def _flush(self) -> None:
        """Hand all that is held to the reading."""
        batch = self._batch
        if len(batch.elements) >= FEW:
            self._parse()
        while self._parsing:
            self._settle()
        if len(batch.elements) < FEW:
            for number, place in enumerate(batch.places()):
                for row in self._slowly(batch, number, *place):
                    self.reading.add("components", row)
            self._batch = Batch()

    def _parse(self) -> None:
        """Have the batch parsed while more is read; the ones before it are handed to the reading."""
        self._parser = self._parser or ThreadPoolExecutor(1)
        self._parsing.append((self._batch, self._parser.submit(self._batch.parsed)))
        self._batch = Batch()
        while len(self._parsing) > _AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        """Hand the first of the batches that are parsed to the reading."""
        batch, parsing = self._parsing.popleft()
        run = parsing.result()
        if run is None:
            run = batch.sifted()
        holding = cyclonedx_columns.holding(run) - batch.opened
        self._nests |= bool(holding)
        batch.slow |= holding | cyclonedx_columns.questionable(run)
        self.reading.add("components", self._block(batch, run))

    def _block(self, batch: Batch, run: pa.StructArray) -> pa.Table:
        """The rows of what is held: those of regular components, and in their places those of the others."""
        count = len(run)
        columns = self._meanings.columns(run) | batch.standing(self.shared.source)
        columns |= {name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in self._whole.items()}
        nameless = np.flatnonzero(columns["name"].is_null()).tolist()
        empty = run.is_null().to_numpy(zero_copy_only=False)
        places = list(batch.places()) if nameless or batch.slow else []
        rows: list[Row] = []
        order: list[int] = []
        done = 0
        for number in sorted({*nameless, *batch.slow}):
            if number not in batch.slow:
                shown = bytes(batch.elements[number]).decode("utf-8", "replace") if empty[number] else ""
                self._tell(places[number][0], cyclonedx.NO_OBJECT if empty[number] else cyclonedx.NO_NAME, shown)
                continue
            before = len(rows)
            rows += self._slowly(batch, number, *places[number])
            order += [*range(done, number), *range(count + before, count + len(rows))]
            done = number + 1
        fast = pa.table(columns)
        if not rows:
            return fast
        both = pa.concat_tables([tables.arrow("components", [fast]), tables.arrow("components", rows)])
        return both.take(pa.array([*order, *range(done, count)], pa.int64()))

    def _slowly(self, batch: Batch, number: int, place: str, parent: str | None, level: int) -> list[Row]:
        """The rows of an element that is held: its own, and those of what it holds unless they are held themselves."""
        opened, found = number in batch.opened, self._probe.problems
        value = json_elements.value(batch.elements[number], place, self._probe)
        for problem in found:
            if not (opened and problem.place.startswith(f"{place}/components")):  # those are told of the element itself
                self._tell(problem.place, problem.message, problem.excerpt)
        found.clear()
        self._count -= 1  # it was counted when it was held
        return self._rows(value, place, parent, level, opened, len(batch.elements[number]) > LONGEST)

    def _cut(self, row: Row, place: str) -> None:
        """Cut texts without measure."""
        for name in _LONG_TEXTS:
            if len(row[name] or "") > LONGEST:
                row[name] = row[name][:LONGEST]
                self._tell(place, f"{name} is a text of more than {LONGEST:,} characters; the rest of it is not read")

    def _rows(
        self, component: Any, place: str, parent: str | None, level: int, alone: bool = False, large: bool = True
    ) -> list[Row]:
        """The rows of any component and, unless it is taken `alone`, of everything that it holds, however deep; `large`: it may
        have texts without measure."""
        shared, found = self.shared, list[Row]()
        todo: list[tuple[Any, str, str | None, int]] = [(component, place, parent, level)]
        while todo:
            value, at, above, depth = todo.pop()
            if not self._room(at):
                break
            self._count += 1
            self._spelt += max(0, len(at) - LONG)
            row = cyclonedx.facts(value, shared, at, self._tell)
            if large:
                self._cut(row, at)
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
    return _DEVICE in text or json_columns.odd(text)
