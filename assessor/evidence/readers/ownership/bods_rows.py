"""Collects the statements of a BODS file, understands them block by block, and gives the tables when all are known.

Most statements are regular and are read together (`bods_columns`); one with a doubled key, an odd type or something to be told
takes the slow way (`bods_statement`), which says the same of regular ones. Nothing is held of a statement but its rows, its
record and when it was made: the rows of those that are superseded are dropped in the end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import accumulate
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence import tables
from assessor.evidence.readers import json_columns
from assessor.evidence.readers.base import UNREAD, Countries, Reading, Row, words
from assessor.evidence.readers.bills import json_elements
from assessor.evidence.readers.json_columns import TEXT
from assessor.evidence.readers.ownership import bods_columns, bods_heads, bods_shapes, bods_statement
from assessor.evidence.readers.ownership.bods_heads import Read, Run
from assessor.evidence.readers.ownership.bods_shapes import KINDS, OBJECT, OLD
from assessor.evidence.readers.ownership.bods_statement import RELATIONSHIP, Said, Statement
from assessor.evidence.readers.ownership.bods_tables import Held
from assessor.evidence.readers.ownership.bods_versions import Heads

MOST_BYTES = 16 << 20
"""Bytes of statements that are read together."""
_LARGE = 1 << 20
"""Bytes of a statement that is read by itself."""
_GROUP, _ATTEMPTS = 8, 60
"""Where a block is refused its halves are tried, down to groups of so many statements and in so many attempts."""
_NAMED = "relationship"
_OLD_SHAPES = {word: OLD[kind] for word, kind in bods_statement.OLD_KINDS.items()}
_MEMBERS = attrgetter("recordType", "recordDetails", "recordStatus", "statementDate", "recordId")
_OBJECT = re.compile(rb'"interestedParty"\s*:\s*\{')


class Rows:
    """Takes statements in the order of the file; `finish` must follow the last."""

    def __init__(self, source: str, rule: Countries, reading: Reading) -> None:
        self._rule, self._reading = rule, reading
        self._understood = bods_columns.Understood(rule)
        self._held = Held(source)
        self._runs: list[Read] = []
        self._size = 0
        self._worker = ThreadPoolExecutor(1)
        self._parsing: tuple[_Block, Future[None]] | None = None

    def add(self, run: Run) -> None:
        """Take statements."""
        if not run.elements:
            return
        self._runs.append(Read(run))
        self._size += self._runs[-1].size
        if self._size >= MOST_BYTES:
            self._flush()

    def finish(self) -> None:
        """Hand the tables to the reading."""
        self._flush()
        self._settle()
        self._worker.shutdown()
        self._held.finish(self._reading)

    def _flush(self) -> None:
        """Have what is gathered parsed, which needs little of the interpreter, while the block before is understood here."""
        if self._runs:
            block = _Block(self._runs, self._understood, self._rule, self._held)
            self._runs, self._size = [], 0
            parsing = block, self._worker.submit(block.parse)
            self._settle()
            self._parsing = parsing

    def _settle(self) -> None:
        if self._parsing is not None:
            block, parsing = self._parsing
            self._parsing = None
            parsing.result()
            block.read()


class _Block:
    """Statements that are read together."""

    def __init__(
        self,
        runs: list[Read],
        understood: bods_columns.Understood,
        rule: Countries,
        held: Held,
    ) -> None:
        self._runs, self._understood, self._rule, self._held = runs, understood, rule, held
        self._slow: set[int] = set()
        self._locators = pa.concat_arrays(
            [
                pc.binary_join_element_wise(
                    run.prefix, pa.array(np.arange(run.first, run.first + count)).cast(TEXT), ""
                )
                for run, count in ((each.run, len(each.heads)) for each in runs)
            ]
        )
        self._parts: dict[str, list[tuple[np.ndarray, pa.Table]]] = {"entities": [], "interests": []}
        self._heads = heads = [head for each in runs for head in each.heads]
        self._starts = [0, *accumulate(len(each.heads) for each in runs)]
        for start, each in zip(self._starts, runs, strict=False):
            self._slow |= {start + number for number in each.refused}
        self._types, self._details, self._status, self._dates, ids = map(list, zip(*map(_MEMBERS, heads), strict=True))
        if not all(self._details):
            self._details = [each or None for each in self._details]  # empty where there are none
        self._old = [False] * len(heads)
        if None in self._types:
            self._old = [t is None and each is None for t, each in zip(self._types, self._details, strict=True)]
        self._records = self._sifted(ids)
        self._shapes = self._shaped()
        self._found: list[tuple[pa.StructArray, list[int], list[Any], str]] = []

    def parse(self) -> None:
        """Parse the details of the statements."""
        for shape, numbers in self._shapes.items():
            self._found += self._parsed(numbers, shape)

    def read(self) -> None:
        """Understand what is parsed and hand the rows over; after the block before."""
        heads, moments, old = self._heads, self._understood.moments, self._old
        kinds, bare = np.full(len(heads), -1, np.int8), np.zeros(len(heads), bool)
        for shape, numbers in self._shapes.items():
            kinds[numbers] = KINDS.get(shape, -1)
        while self._found:
            self._columns(*self._found.pop(0), bare)
        published = moments([each.publicationDate if (each := head.publicationDetails) else None for head in heads])
        made = pc.if_else(pc.equal(read := moments(self._dates), ""), published, read)
        closed, replaces = np.zeros(len(heads), bool), []
        if "closed" in self._status:
            closed = np.array([each == "closed" for each in self._status]) & ~np.array(old)
        if True in old:
            listed = enumerate(zip(heads, old, strict=True))
            replaces = [(n, head.replacesStatements) for n, (head, o) in listed if o and head.replacesStatements]
        every = Heads(self._records, kinds, made, published, closed, closed & bare)
        if replaces or self._slow:
            every = self._one_by_one(every, replaces)
        self._held.add({name: _together(parts) for name, parts in self._parts.items() if parts}, every)

    def _one_by_one(self, found: Heads, replaces: list[tuple[int, list[str]]]) -> Heads:
        """The heads with those of slow statements, whose rows are made."""
        records, made, published = (column.to_pylist() for column in (found.records, found.made, found.published))
        for number, old_ones in replaces:
            if number not in self._slow:
                self._held.replace((records[number], old) for each in old_ones if (old := words(each)))
        rows: dict[str, tuple[list[int], list[Row]]] = {"entities": ([], []), "interests": ([], [])}
        for number in sorted(self._slow):
            one, said = self._slowly(number)
            records[number] = one.record if one else None
            found.kinds[number] = one.kind if one else -1
            if one:
                made[number], published[number] = one.made, one.published
                found.closed[number], found.bare[number] = one.closed, one.bare
                self._held.replace((one.record, each) for each in one.replaces)
                numbers, told = rows["interests" if one.kind == RELATIONSHIP else "entities"]
                numbers += [number] * len(said)
                told += said
        for name, (numbers, told) in rows.items():
            if told:
                self._keep(name, np.array(numbers), told)
        return Heads(
            pa.array(records, TEXT),
            found.kinds,
            pa.array(made, TEXT),
            pa.array(published, TEXT),
            found.closed,
            found.bare,
        )

    def _element(self, number: int) -> bytes:
        at = bisect_right(self._starts, number) - 1
        return bytes(self._runs[at].run.elements[number - self._starts[at]])

    def _sifted(self, ids: list[str | None]) -> pa.Array:
        """The record of each statement. Statements that are irregular as texts become slow: with odd characters, very large,
        without a record, or with a member about that or the date that stands twice."""
        heads = self._heads
        if any(each.odd for each in self._runs):
            self._slow |= {number for number in range(len(heads)) if json_columns.odd(self._element(number))}
        if max(each.longest for each in self._runs) > _LARGE:
            self._slow |= {number for number in range(len(heads)) if len(self._element(number)) > _LARGE}
        members: tuple[list[Any], ...] = (self._types, ids, self._status, self._details)
        absent = sum(each.count(None) for each in members)
        expected = [4 * len(heads) - absent, len(heads) - self._dates.count(None)]
        if [sum(counts) for counts in zip(*(each.counts for each in self._runs), strict=True)] != expected:
            self._slow |= {n for n, head in enumerate(heads) if bods_heads.doubled(self._element(n), head)}
        if any(self._old):
            ids = [head.statementID if old else id for head, old, id in zip(self._heads, self._old, ids, strict=True)]
        records = json_columns.trimmed(pa.array(ids, TEXT))
        self._slow |= set(np.flatnonzero(records.is_null().to_numpy(zero_copy_only=False)).tolist())
        return records

    def _shaped(self) -> dict[str, list[int]]:
        """The numbers of the regular statements by the shape of their details."""
        told = [type or "" for type in self._types] if None in self._types else self._types
        if any(self._old):
            heads = zip(self._heads, self._old, told, strict=True)
            told = [
                _OLD_SHAPES.get((head.statementType or "").casefold(), "") if o else type for head, o, type in heads
            ]
        coded = pa.array(told, TEXT).dictionary_encode()
        codes, shapes = coded.indices.to_numpy(), coded.dictionary.to_pylist()
        if self._slow or not set(shapes) <= KINDS.keys() - {OBJECT}:
            known = [shape in KINDS and shape != OBJECT for shape in shapes]
            self._slow |= set(np.flatnonzero(~np.array(known)[codes]).tolist())
            codes = codes.copy()
            codes[sorted(self._slow)] = -1
        return {shape: np.flatnonzero(codes == code).tolist() for code, shape in enumerate(shapes)}

    def _parsed(self, numbers: list[int], shape: str) -> Iterator[tuple[pa.StructArray, list[int], list[Any], str]]:
        """The details of statements of a shape, parsed, and their numbers and shape. Where they are refused together, those with a
        party that is an object are tried apart, then the halves; those that are irregular by themselves become slow."""
        old, todo, attempts = shape in OLD.values(), [(numbers, shape)], 0
        while todo:
            some, shape = todo.pop()
            if not some:
                continue
            texts: list[Any] = [*map(self._element if old else self._details.__getitem__, some)]
            if None not in texts and (run := bods_shapes.parsed(texts, shape)) is not None:
                yield run, some, texts, shape
                continue
            objects = (
                [number for number in some if _OBJECT.search(self._details[number] or b"")] if shape == _NAMED else []
            )
            if objects:
                todo += [(objects, OBJECT), (sorted(set(some) - set(objects)), shape)]
                continue
            attempts += 1
            if len(some) <= _GROUP or attempts > _ATTEMPTS:
                self._slow |= set(some)
            else:
                todo += [(some[len(some) // 2 :], shape), (some[: len(some) // 2], shape)]

    def _columns(
        self,
        run: pa.StructArray,
        numbers: list[int],
        texts: list[Any],
        shape: str,
        bare: np.ndarray,
    ) -> None:
        at = np.array(numbers)
        found = self._understood.columns(run, shape, self._records.take(pa.array(at)), texts)
        self._slow |= {numbers[each] for each in found.slow}
        if found.bare is not None:
            bare[at] = found.bare
        parents, table = at[found.parents], pa.table(found.rows)
        if found.slow:
            stay = ~np.isin(found.parents, list(found.slow))
            parents, table = parents[stay], table.filter(pa.array(stay))
        for aside, given in found.asides.items():
            self._held.aside(aside, at[given] + self._held.count)
        self._keep("interests" if KINDS[shape] == RELATIONSHIP else "entities", parents, table)

    def _keep(self, name: str, parents: np.ndarray, rows: pa.Table | list[Row]) -> None:
        table = tables.arrow(name, [rows] if isinstance(rows, pa.Table) else rows)
        place = table.column_names.index("locator")
        table = table.set_column(place, "locator", self._locators.take(pa.array(parents)))
        self._parts[name].append((parents + self._held.count, table))

    def _slowly(self, number: int) -> tuple[Statement | None, list[Row]]:
        """One statement and its rows; None when it is none."""
        place, probe, ordinal = self._locators[number].as_py(), Reading(), self._held.count + number
        value: Any = json_elements.value(self._element(number).strip(), place, probe)
        for problem in probe.problems:
            self._held.problem(ordinal, problem.place, problem.message, problem.excerpt)
        if value is UNREAD:
            return None, []
        one = bods_statement.statement(value) if isinstance(value, dict) else "this statement is no JSON object"
        if isinstance(one, str):
            self._held.problem(ordinal, place, one)
            return None, []
        said = bods_statement.said(one, self._rule)
        self._tell(ordinal, place, one, said)
        return one, said.rows

    def _tell(self, ordinal: int, place: str, one: Statement, said: Said) -> None:
        for message in said.problems:
            self._held.problem(ordinal, place, message)
        for aside in said.asides:
            self._held.aside(aside, np.array([ordinal]))
        if said.unknown:
            self._held.unknown[ordinal] = one.record, said.unknown


def _together(parts: Sequence[tuple[np.ndarray, pa.Table]]) -> tuple[np.ndarray, pa.Table]:
    """The parts of a block as one, in the order of its statements."""
    if len(parts) == 1:
        return parts[0]
    numbers = np.concatenate([each for each, _ in parts])
    order = np.argsort(numbers, kind="stable")
    return numbers[order], pa.concat_tables([table for _, table in parts]).take(pa.array(order))
