"""The rows of a BODS file while it is read, and its tables once every statement is known: without the superseded ones, with the
end of closed relationships, and with what there is to tell of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers.base import Problem, Reading, printable
from assessor.evidence.readers.json_columns import TEXT, either
from assessor.evidence.readers.ownership import bods_versions
from assessor.evidence.readers.ownership.bods_statement import RELATIONSHIP
from assessor.evidence.readers.ownership.bods_versions import OPEN, UNDATED, Counting, Heads

LISTED = 1_000
"""Problems that are listed; the others are counted."""
_MOST_HELD = 100_000
"""Problems that are held until it is known whether their statement counts."""
_SHOWN = 12
_ROLES = {"subject": "subject", "holder": "interestedParty"}

Block = tuple[np.ndarray, pa.Table]
"""Rows of a table, and of each the number of its statement in the file."""


class Held:
    """What is held of a file; `unknown`: by the number of a statement its record and why its party is not known."""

    def __init__(self, source: str) -> None:
        self.count = 0
        self.unknown: dict[int, tuple[str, str]] = {}
        self._source = source
        self._blocks: dict[str, list[Block]] = {"entities": [], "interests": []}
        self._heads: list[Heads] = []
        self._problems: list[tuple[int, Problem]] = []
        self._more = 0
        self._asides: dict[str, list[np.ndarray]] = {}
        self._replaced: dict[str, str] = {}

    def add(self, blocks: Mapping[str, Block], heads: Heads) -> None:
        """Take the statements that follow: their rows, and their heads."""
        for name, block in blocks.items():
            self._blocks[name].append(block)
        self._heads.append(heads.packed())
        self.count += len(heads.records)

    def problem(self, number: int, place: str, message: str, excerpt: str = "") -> None:
        """Note a problem of the statement of this number."""
        if len(self._problems) < _MOST_HELD:
            self._problems.append((number, Problem(place, message, printable(excerpt[:200]))))
        else:
            self._more += 1

    def aside(self, what: str, numbers: np.ndarray) -> None:
        """Note what is told of the whole file only; `numbers`: the statements that give it."""
        if len(numbers):
            self._asides.setdefault(what, []).append(numbers)

    def replace(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Pairs of a statement and one that it replaces."""
        self._replaced |= {old: new for new, old in pairs}

    def finish(self, reading: Reading) -> None:
        """Hand the tables, problems and notes to the reading."""
        if not self.count:
            return
        heads = bods_versions.together(self._heads)
        self._heads.clear()
        replaced, rings = bods_versions.successors(self._replaced)
        counting = bods_versions.counting(heads, replaced)
        self._rings(rings, reading)
        found = {name: self._counted(name, counting, replaced) for name in self._blocks}
        self._undescribed(found["interests"], heads)
        for name, blocks in found.items():
            reading.tables.setdefault(name, []).extend(block for _, block in blocks if len(block))
        self._tell(reading, counting, heads.kinds)

    def _counted(self, name: str, counting: Counting, replaced: Mapping[str, str]) -> list[Block]:
        """The rows of a table that count, block by block."""
        found: list[Block] = []
        blocks = self._blocks[name]
        for at, (numbers, block) in enumerate(blocks):
            blocks[at] = numbers, block.slice(0, 0)  # freed
            if not counting.counts.all():
                stay = counting.counts[numbers]
                numbers, block = numbers[stay], block.filter(pa.array(stay))
            block = _set(block, "source", pa.repeat(pa.scalar(self._source, TEXT), len(block)))
            if name == "interests":
                numbers, block = self._ended(numbers, block, counting)
                block = self._parties(block, replaced, counting)
            found.append((numbers, block))
        return found

    def _ended(self, numbers: np.ndarray, block: pa.Table, counting: Counting) -> Block:
        """The interests of closed relationships end on the day of closing, unless they state their end."""
        days = counting.closed[numbers]
        if not (days != OPEN).any():
            return numbers, block
        stated = block["end"].combine_chunks()
        dated = (days != OPEN) & (days != UNDATED)
        ends = pa.array(np.where(dated, days, 0).astype(np.int32), pa.int32(), mask=~dated).cast(pa.date32())
        undated = (days == UNDATED) & stated.is_null().to_numpy(zero_copy_only=False)
        block = _set(block, "end", pc.coalesce(stated, ends))
        for at in np.flatnonzero(undated & (np.append(-1, numbers[:-1]) != numbers)).tolist():
            message = "the relationship is closed and no day is given, so it is left out"
            self.problem(int(numbers[at]), block["locator"][at].as_py(), message)
        return numbers[~undated], block.filter(pa.array(~undated))

    def _parties(self, block: pa.Table, replaced: Mapping[str, str], counting: Counting) -> pa.Table:
        """The parties of interests by the statements that stand for them; why a holder who is described is not known stands with
        the details."""
        for column in _ROLES if replaced else ():
            coded = block[column].combine_chunks().dictionary_encode()
            stands = [replaced.get(each, each) for each in coded.dictionary.to_pylist()]
            block = _set(block, column, pa.array(stands, TEXT).take(coded.indices))
        why = {record: text for number, (record, text) in self.unknown.items() if counting.counts[number]}
        if why:
            of = pc.index_in(block["holder"].combine_chunks(), pa.array(list(why), TEXT))
            told = pa.array([f"holder: {text}" for text in why.values()], TEXT).take(of)
            block = _set(block, "details", either(block["details"].combine_chunks(), told))
        return block

    def _undescribed(self, blocks: list[Block], heads: Heads) -> None:
        """Tell of the parties that no statement of the file describes, once for each relationship."""
        described = heads.records.filter(pa.array((heads.kinds >= 0) & (heads.kinds != RELATIONSHIP)))
        parties = [block[column].combine_chunks() for column in _ROLES for _, block in blocks]
        if not parties:
            return
        missing = pc.invert(pc.is_in(pa.chunked_array(parties, TEXT), described))
        missing = pc.and_(missing, pc.is_valid(pa.chunked_array(parties, TEXT))).to_numpy()
        at = 0
        for column, role in _ROLES.items():
            for numbers, block in blocks:
                some = missing[at : at + len(block)] & (np.append(-1, numbers[:-1]) != numbers)
                at += len(block)
                for row in np.flatnonzero(some).tolist():
                    message = f"{role} {block[column][row].as_py()!r} is described by no statement of the file"
                    self.problem(int(numbers[row]), block["locator"][row].as_py(), message)

    def _rings(self, rings: list[str], reading: Reading) -> None:
        if rings:
            shown = ", ".join(map(repr, rings[:_SHOWN])) + (" and others" if len(rings) > _SHOWN else "")
            reading.problem("", f"the statements {shown} replace each other; none of them is taken as replaced")

    def _tell(self, reading: Reading, counting: Counting, kinds: np.ndarray) -> None:
        told = [
            each
            for number, each in sorted(self._problems, key=lambda p: p[0])
            if counting.counts[number] or kinds[number] < 0
        ]
        reading.problems += told[:LISTED]
        if more := len(told) - LISTED + self._more if len(told) > LISTED else self._more:
            reading.problem("", f"{more:,} more problems of statements are not listed")
        notes, interests = reading.notes, reading.tables["interests"]
        if counting.older:
            notes.append(f"{counting.older:,} statements are superseded by later ones of the same record")
        closed = int(((counting.closed != OPEN) & (kinds == RELATIONSHIP)).sum())
        if closed:
            notes.append(f"{closed:,} relationships are closed; their interests end on that day")
        unsaid = sum(block["direct"].null_count for block in interests if isinstance(block, pa.Table))
        if unsaid:
            notes.append(
                f"of {unsaid:,} interests it is not said whether they are held directly; they count as direct ones"
            )
        asides = {what: int(counting.counts[np.concatenate(each)].sum()) for what, each in self._asides.items()}
        if count := asides.pop("tax", 0):
            notes.append(f"tax residencies are stated for {count:,} persons; they are not taken as residences")
        if count := asides.pop("listed", 0):
            notes.append(f"{count:,} entities are publicly listed")
        others = sorted((-count, what) for what, count in asides.items() if count)
        if others:
            shown = ", ".join(f"{-count:,} {what}" for count, what in others[:_SHOWN])
            rest = f" and {len(others) - _SHOWN} more kinds" if len(others) > _SHOWN else ""
            notes.append(f"addresses in countries that no column of the tables gives: {shown}{rest}")


def _set(block: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return block.set_column(block.column_names.index(name), name, column)
