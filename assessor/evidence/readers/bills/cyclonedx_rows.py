"""The components of CycloneDX XML, as the mappings that its JSON has, to rows of the table `components`.

They are gathered until there are enough for a block, which is made column by column (`cyclonedx_columns`); a component
with properties of a device, and those of small documents, take the way of `cyclonedx.facts`, which says the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence import tables
from assessor.evidence.readers.base import LONGEST, Reading, Row
from assessor.evidence.readers.bills import cyclonedx, cyclonedx_columns
from assessor.evidence.readers.bills.cyclonedx import Shared
from assessor.evidence.readers.bills.cyclonedx_json import FEW, LONG, MOST, MOST_SPELT
from assessor.evidence.readers.bills.json_stream import EMPTY
from assessor.evidence.readers.rows import Told

_BLOCK, _BYTES = 8_192, 16 << 20
"""Components, and bytes of the file, after which a block is made."""
_MOST_EMPTY = 500_000
"""Components that say nothing, beyond those that are listed, after which no more are looked at."""
_MOST_TEXT = 100 << 20
"""Bytes that texts of components may have together."""
_DEVICE = "cdx:device:"
_TEXTS = ("name", "version", "description", "supplier", "manufacturer", "author", "license", "purl")


@dataclass
class Document:
    """What the components of one document share (what its metadata say, the place of its main component), and those of them
    that are held, as columns: lists, since so many small objects would keep Python's collector busy."""

    shared: Shared
    main: str | None = None
    begun: bool = False
    """Some of its components are in a block."""
    meanings: cyclonedx_columns.Meanings | None = None
    components: list[dict[str, Any]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    parents: list[str | None] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def share(self, shared: Shared, main: str | None) -> None:
        """Say it anew of all components that are held."""
        pairs = zip(self.parents, self.levels, strict=True)
        self.parents = [main if level == 1 else parent for parent, level in pairs]
        self.shared, self.main, self.meanings = shared, main, None


class Rows:
    """Collects components in their order and hands them over; `close` must follow the last."""

    def __init__(self, reading: Reading, source: str) -> None:
        self._reading, self._source = reading, source
        self.tell = Told(reading, "problems of components")
        self.count = 0
        self.full = False
        """There is no room for more."""
        self._documents: list[Document] = []
        self._held = self._spelt = self._kept = self._empty = self._left = self._fed = 0

    def begin(self, shared: Shared) -> Document:
        """A new document, to which the components that follow belong."""
        self._documents.append(Document(shared))
        return self._documents[-1]

    def empty(self) -> bool:
        """Count a component that says nothing; whether it is to be listed all the same."""
        self._empty += 1
        if self._empty <= EMPTY:
            return True
        self._left += 1
        self.full = self._left >= _MOST_EMPTY
        return False

    def add(self, component: dict[str, Any], place: str, parent: str | None, level: int, line: int, fed: int) -> None:
        """Append a component of the last document; `fed` are the bytes of that read so far."""
        self.count += 1
        self._spelt += max(0, len(place) - LONG)
        document = self._documents[-1]
        document.components.append(component)
        document.places.append(place)
        document.parents.append(parent)
        document.levels.append(level)
        document.lines.append(line)
        self._held += 1
        if self._held >= _BLOCK or fed - self._fed > _BYTES:
            self._flush()
            self._fed = fed
        if not self.full and (why := self._why()):
            self.full = True
            message = f"{why} stand in this file; those from here on are not read, so deliver it in parts"
            self._reading.problem(place, message)

    def close(self) -> None:
        """Hand over the rest, and tell what is not listed."""
        self._flush()
        self._reading.tables.setdefault("components", [])
        if self._left:
            more = ", nothing after them is read, so deliver the file in parts" if self._left >= _MOST_EMPTY else ""
            self._reading.problem("", f"{self._left:,} more components say nothing; they are not listed{more}")
        self.tell.close()

    def _why(self) -> str:
        if self.count >= MOST:
            return f"more than {MOST:,} components"
        if self._spelt >= MOST_SPELT:
            return "components nested too deeply by the thousand"
        return f"components with more than {_MOST_TEXT >> 20} MB of text" if self._kept >= _MOST_TEXT else ""

    def _flush(self) -> None:
        for document in self._documents:
            count = len(document.components)
            if count < FEW:
                for number in range(count):
                    self._reading.add("components", self._row(document, number))
            else:
                self._reading.add("components", self._block(document))
            document.begun |= count > 0
            for held in (document.components, document.places, document.parents, document.levels, document.lines):
                held.clear()
        self._documents, self._held = self._documents[-1:], 0

    def _block(self, document: Document) -> pa.Table:
        shared, components, count = document.shared, document.components, len(document.components)
        if document.meanings is None:
            document.meanings = cyclonedx_columns.Meanings(shared)
        run = pa.array(components, cyclonedx_columns.COMPONENT)
        devices = {number for number, component in enumerate(components) if _of_device(component)}
        slow = sorted(devices | cyclonedx_columns.questionable(run))
        columns = document.meanings.columns(run)
        for number in np.flatnonzero(columns["name"].is_null()).tolist():
            if number not in slow:
                self.tell(document.places[number], f"{cyclonedx.NO_NAME} (line {document.lines[number]})")
        for name in _TEXTS:
            self._kept += columns[name].nbytes
            self._long(columns[name], name, document)
        whole = {"item": shared.item, "document_author": shared.document_author, "timestamp": shared.timestamp}
        columns |= {
            "locator": pa.array(document.places, pa.string()),
            "component": pa.array([f"{shared.source}#{place}" for place in document.places], pa.string()),
            "parent": pa.array(document.parents, pa.string()),
            "level": pa.array(document.levels, pa.int64()),
            "source": pa.repeat(pa.scalar(shared.source, pa.string()), count),
            **{name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in whole.items()},
        }
        fast = tables.arrow("components", [pa.table(columns)])
        if not slow:
            return fast
        order = np.arange(count)
        order[slow] = np.arange(count, count + len(slow))
        rows = tables.arrow("components", [self._row(document, number) for number in slow])
        return pa.concat_tables([fast, rows]).take(order)

    def _row(self, document: Document, number: int) -> Row:
        shared, place, line = document.shared, document.places[number], document.lines[number]
        facts = cyclonedx.facts(
            document.components[number],
            shared,
            place,
            lambda place, message, excerpt: self.tell(place, f"{message} (line {line})", excerpt),
        )
        for name in _TEXTS:
            self._kept += len(facts[name] or "")
            if len(facts[name] or "") > LONGEST:
                self._cut(place, name)
        return facts | {
            "component": f"{shared.source}#{place}",
            "locator": place,
            "level": document.levels[number],
            "parent": document.parents[number],
            "source": shared.source,
            "item": shared.item,
            "document_author": shared.document_author,
            "timestamp": shared.timestamp,
        }

    def _long(self, texts: pa.Array, name: str, document: Document) -> None:
        """Tell of texts that were cut."""
        if texts.nbytes > LONGEST:
            for number in np.flatnonzero(pc.greater(pc.fill_null(pc.utf8_length(texts), 0), LONGEST)).tolist():
                self._cut(document.places[number], name)

    def _cut(self, place: str, name: str) -> None:
        self.tell(place, f"{name} is a text of more than {LONGEST:,} characters; the rest of it is not read")


def _of_device(component: dict[str, Any]) -> bool:
    properties = component.get("properties")
    return properties is not None and any((each.get("name") or "").startswith(_DEVICE) for each in properties)
