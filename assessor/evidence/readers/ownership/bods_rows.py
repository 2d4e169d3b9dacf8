"""Collects the statements of a BODS file, understands them block by block, and gives the tables when all are known.

Most statements are regular and are read together (`bods_columns`); one with a doubled key, an odd type or something to be told
takes the slow way (`bods_statement`), which says the same of regular ones. Nothing is held of a statement but its rows, its
record and when it was made: the rows of those that are superseded are dropped in the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from assessor.evidence import tables
from assessor.evidence.readers import json_columns
from assessor.evidence.readers.base import UNREAD, Countries, Reading, Row
from assessor.evidence.readers.bills import json_elements
from assessor.evidence.readers.bills.json_stream import REFUSED, Bytes
from assessor.evidence.readers.json_columns import TEXT
from assessor.evidence.readers.ownership import bods_columns, bods_statement
from assessor.evidence.readers.ownership.bods_statement import RELATIONSHIP, Said, Statement
from assessor.evidence.readers.ownership.bods_tables import Held

MOST_BYTES, MOST = 4 << 20, 16_384
"""Bytes of statements, and statements, that are read together."""
_LARGE = 1 << 20
"""Bytes of a statement that is read by itself."""
_GROUP, _ATTEMPTS = 8, 60
"""Where a block is refused its halves are tried, down to groups of so many statements and in so many attempts."""
_OBJECT = re.compile(rb'"interestedParty"\s*:\s*\{')
_OF_RECORD = ("recordId", "recordType", "recordStatus", "recordDetails")
_NOTHING = b"{}"


class _Publication(msgspec.Struct, gc=False):
    publicationDate: str | None = None


class _Head(msgspec.Struct, gc=False):
    """A statement as far as it can be superseded; `recordDetails` are read apart."""

    statementID: str | None = None
    statementType: str | None = None
    statementDate: str | None = None
    recordId: str | None = None
    recordType: str | None = None
    recordStatus: str | None = None
    publicationDetails: _Publication | None = None
    replacesStatements: list[str] | None = None
    recordDetails: msgspec.Raw = msgspec.Raw()


_HEAD = msgspec.json.Decoder(_Head)


class Rows:
    """Takes statements in the order of the file; `finish` must follow the last."""

    def __init__(self, source: str, rule: Countries, reading: Reading) -> None:
        self._rule, self._reading = rule, reading
        self._understood = bods_columns.Understood(rule)
        self._held = Held(source)
        self._elements: list[Bytes] = []
        self._places: list[tuple[str, int]] = []
        self._size = 0

    def add(self, element: Bytes, prefix: str, number: int) -> None:
        """A statement, of which the place is `prefix` and `number`."""
        self._elements.append(element)
        self._places.append((prefix, number))
        self._size += len(element)
        if self._size >= MOST_BYTES or len(self._elements) >= MOST:
            self._flush()

    def finish(self) -> None:
        """Hand the tables to the reading."""
        self._flush()
        self._held.finish(self._reading)

    def _flush(self) -> None:
        if not self._elements:
            return
        elements, places = self._elements, self._places
        self._elements, self._places, self._size = [], [], 0
        _Block(elements, places, self._understood, self._rule, self._held).read()


class _Block:
    """Statements that are read together."""

    def __init__(
        self,
        elements: list[Bytes],
        places: list[tuple[str, int]],
        understood: bods_columns.Understood,
        rule: Countries,
        held: Held,
    ) -> None:
        self._elements, self._understood, self._rule, self._held = elements, understood, rule, held
        self._first = held.count
        self._locators = pa.array([f"{prefix}{number}" for prefix, number in places], TEXT)
        self._slow: set[int] = set()
        self._parts: dict[str, list[tuple[np.ndarray, pa.Table]]] = {"entities": [], "interests": []}

    def read(self) -> None:
        heads = self._heads()
        count = len(heads)
        shapes = self._shapes(heads)
        old = [head.recordType is None and not len(head.recordDetails) for head in heads]
        records = pa.array([h.statementID if o else h.recordId for h, o in zip(heads, old, strict=True)], TEXT)
        records = json_columns.trimmed(records)
        self._slow |= set(np.flatnonzero(records.is_null().to_numpy(zero_copy_only=False)).tolist())
        kinds, bare = np.full(count, -1, np.int8), np.zeros(count, bool)
        for shape, numbers in shapes.items():
            kinds[numbers] = bods_columns.KINDS[shape]
            for some in self._runs([number for number in numbers if number not in self._slow], shape, heads):
                self._columns(*some, shape, records, bare)
        moment = bods_statement.moment
        published = [moment(h.publicationDetails.publicationDate) if h.publicationDetails else "" for h in heads]
        made = [moment(h.statementDate) or p for h, p in zip(heads, published, strict=True)]
        closed = np.array([h.recordStatus == "closed" for h in heads]) & ~np.array(old)
        replaces = [(n, h.replacesStatements) for n, h in enumerate(heads) if h.replacesStatements]
        names = records.to_pylist() if self._slow or replaces else []
        self._held.replace((names[n], each) for n, old_ones in replaces if n not in self._slow for each in old_ones)
        for number in sorted(self._slow):
            one = self._slowly(number)
            names[number] = one.record if one else None
            if one:
                kinds[number], made[number], published[number] = one.kind, one.made, one.published
                closed[number], bare[number] = one.closed, one.bare
                self._held.replace((one.record, each) for each in one.replaces)
        if self._slow:
            records = pa.array(names, TEXT)
        self._held.add(
            {name: _together(parts) for name, parts in self._parts.items() if parts},
            (records, kinds, pa.array(made, TEXT), pa.array(published, TEXT), closed, bare & closed),
        )

    def _heads(self) -> list[_Head]:
        """The head of each statement, an empty one where it is irregular; those in which a key of the head stands twice are
        irregular too."""
        elements, text = self._elements, b"\n".join(self._elements)
        decode = _HEAD.decode
        try:
            heads = [decode(element) for element in elements]
        except REFUSED:
            heads = [self._head(number) for number in range(len(elements))]
        if json_columns.odd(text):
            self._slow |= {n for n, element in enumerate(elements) if json_columns.odd(bytes(element))}
        if text.count(b'"record') != sum(map(_stated, heads)) or text.count(b'"statementDate"') != sum(
            head.statementDate is not None for head in heads
        ):
            self._slow |= {n for n, each in enumerate(zip(elements, heads, strict=True)) if _doubled(*each)}
        self._slow |= {number for number, element in enumerate(elements) if len(element) > _LARGE}
        return heads

    def _head(self, number: int) -> _Head:
        try:
            return _HEAD.decode(self._elements[number])
        except REFUSED:
            self._slow.add(number)
            return _Head()

    def _shapes(self, heads: list[_Head]) -> dict[str, list[int]]:
        """The numbers of the regular statements by the shape of their details."""
        found: dict[str, list[int]] = {shape: [] for shape in bods_columns.KINDS}
        old = {kind: f"old {name}" for name, kind in bods_statement.KINDS.items()}
        for number, head in enumerate(heads):
            if head.recordType in bods_statement.KINDS:
                details = head.recordDetails
                shape = head.recordType
                if shape == "relationship" and _OBJECT.search(details):
                    shape = "relationship with an object"
                if bytes(memoryview(details)[:1]) != b"{":
                    self._slow.add(number)
            else:
                kind = bods_statement.OLD_KINDS.get((head.statementType or "").casefold())
                shape = old[kind] if kind is not None else ""
                if kind is None or head.recordType is not None or len(head.recordDetails):
                    self._slow.add(number)
                    continue
            found[shape].append(number)
        return found

    def _runs(
        self, numbers: list[int], shape: str, heads: list[_Head]
    ) -> Iterator[tuple[pa.StructArray, list[int], list[Bytes]]]:
        """The details of statements of a shape, parsed, and their numbers. Where they are refused together their halves are
        tried; those that are irregular by themselves become slow."""
        old, todo, attempts = shape.startswith("old"), [numbers], 0
        while todo:
            some = todo.pop()
            if not some:
                continue
            texts = [self._elements[number] if old else heads[number].recordDetails for number in some]
            run = bods_columns.parsed(texts, shape)
            attempts += 1
            if run is not None:
                yield run, some, texts
            elif len(some) <= _GROUP or attempts > _ATTEMPTS:
                self._slow |= set(some)
            else:
                todo += [some[len(some) // 2 :], some[: len(some) // 2]]

    def _columns(
        self,
        run: pa.StructArray,
        numbers: list[int],
        texts: list[Bytes],
        shape: str,
        records: pa.Array,
        bare: np.ndarray,
    ) -> None:
        at = np.array(numbers)
        found = self._understood.columns(run, shape, records.take(pa.array(at)), texts)
        self._slow |= {numbers[each] for each in found.slow}
        if found.bare is not None:
            bare[at] = found.bare
        parents = at[found.parents]
        table = pa.table(found.rows)
        if found.slow:
            stay = ~np.isin(found.parents, list(found.slow))
            parents, table = parents[stay], table.filter(pa.array(stay))
        for aside, given in found.asides.items():
            self._held.aside(aside, at[given] + self._first)
        name = "interests" if bods_columns.KINDS[shape] == RELATIONSHIP else "entities"
        self._keep(name, parents, table)

    def _keep(self, name: str, parents: np.ndarray, rows: pa.Table | list[Row]) -> None:
        table = tables.arrow(name, [rows] if isinstance(rows, pa.Table) else rows)
        table = table.set_column(table.column_names.index("locator"), "locator", self._locators.take(pa.array(parents)))
        self._parts[name].append((parents + self._first, table))

    def _slowly(self, number: int) -> Statement | None:
        """Understand one statement; None when it is none."""
        place, probe = self._locators[number].as_py(), Reading()
        value: Any = json_elements.value(self._elements[number], place, probe)
        for problem in probe.problems:
            self._held.problem(self._first + number, problem.place, problem.message, problem.excerpt)
        if value is UNREAD:
            return None
        one = bods_statement.statement(value) if isinstance(value, dict) else "this statement is no JSON object"
        if isinstance(one, str):
            self._held.problem(self._first + number, place, one)
            return None
        said = bods_statement.said(one, self._rule)
        self._tell(number, place, one, said)
        if said.rows:
            name = "interests" if one.kind == RELATIONSHIP else "entities"
            self._keep(name, np.full(len(said.rows), number), said.rows)
        return one

    def _tell(self, number: int, place: str, one: Statement, said: Said) -> None:
        ordinal = self._first + number
        for message in said.problems:
            self._held.problem(ordinal, place, message)
        for aside in said.asides:
            self._held.aside(aside, np.array([ordinal]))
        if said.unknown:
            self._held.unknown[ordinal] = (one.record, said.unknown)


def _stated(head: _Head) -> int:
    """How many members about its record a statement has."""
    return (
        (head.recordId is not None)
        + (head.recordType is not None)
        + (head.recordStatus is not None)
        + (len(head.recordDetails) > 0)
    )


def _doubled(element: Bytes, head: _Head) -> bool:
    data = bytes(element)
    return data.count(b'"record') != _stated(head) or data.count(b'"statementDate"') > 1


def _together(parts: Sequence[tuple[np.ndarray, pa.Table]]) -> tuple[np.ndarray, pa.Table]:
    """The parts of a block as one, in the order of its statements."""
    if len(parts) == 1:
        return parts[0]
    numbers = np.concatenate([each for each, _ in parts])
    order = np.argsort(numbers, kind="stable")
    return numbers[order], pa.concat_tables([table for _, table in parts]).take(pa.array(order))
