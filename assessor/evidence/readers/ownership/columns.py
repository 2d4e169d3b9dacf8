"""Columns of a block of records: what repeats in them (countries, dates) is understood once, and what is wrong told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Countries, Tell
from assessor.evidence.tables import SCHEMAS

V = TypeVar("V")
Place = Callable[[int], str]
"""The place of a record by its position in the block."""
_MANY = 200_000
"""Different texts that are remembered: a file in which nothing repeats must not fill the memory."""


class Meanings(Generic[V]):
    """The meanings of texts. `read` gives the meaning of one and what is wrong with it, or nothing."""

    def __init__(self, read: Callable[[str], tuple[V | None, str]], tell: Tell) -> None:
        self._read, self._tell = read, tell
        self._known: dict[str | None, V | None] = {None: None}

    def of(self, texts: Sequence[str | None], place: Place) -> list[V | None]:
        """The meaning of each text; a fault is told at the first place where its text stands."""
        if len(self._known) > _MANY:
            self._known = {None: None}
        known = self._known
        first: dict[str | None, int] = {}
        for text in sorted(each for each in set(texts) - known.keys() if each is not None):
            known[text], wrong = self._read(text)
            if wrong:
                first = first or {each: at for at, each in reversed(list(enumerate(texts)))}
                self._tell(place(first[text]), wrong, "")
        return [known[text] for text in texts]


def countries(rule: Countries, what: str, tell: Tell) -> Meanings[str]:
    """Codes of countries, also of a subdivision ("US-DE") that of its country."""

    def read(text: str) -> tuple[str | None, str]:
        code = rule.country(text) or (rule.country(text[:2]) if text[2:3] == "-" else None)
        return code, "" if code or not text.strip() else f"{what} {text[:60]!r} is not a known name of a country"

    return Meanings(read, tell)


def days(what: str, tell: Tell) -> Meanings[date]:
    """Days; the time of a day is left out."""

    def read(text: str) -> tuple[date | None, str]:
        try:
            if len(text) == 10 or text[10:11] == "T":
                return date.fromisoformat(text[:10]), ""
        except ValueError:
            pass
        found, wrong = dates.parse(text)
        return found, wrong and f"{what}: {wrong}"

    return Meanings(read, tell)


def table(name: str, source: str, count: int, columns: dict[str, Any]) -> pa.Table:
    """A block of rows for a table, from its columns (lists or Arrow arrays of `count` values)."""
    found = {"source": pa.repeat(pa.scalar(source, pa.string()), count)}
    for key, values in columns.items():
        array = isinstance(values, pa.Array | pa.ChunkedArray)
        found[key] = values if array else pa.array(values, SCHEMAS[name][key].type)
    return pa.table(found)


def at_lines(numbers: Sequence[int]) -> pa.Array:
    """The locators of lines."""
    return pc.binary_join_element_wise("line ", pc.cast(pa.array(numbers, pa.int64()), pa.string()), "")


def firsts(texts: Sequence[pa.Array | pa.ChunkedArray], places: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Table:
    """The different texts of several columns in the order in which they first stand there, each with the place of that:
    a table of `text` and `place`. What is null is left out."""
    pieces: list[pa.Array] = []
    where: list[pa.Array] = []
    for column, of_column in zip(texts, places, strict=True):
        for each, whose in ((column, pieces), (of_column, where)):
            whose += each.chunks if isinstance(each, pa.ChunkedArray) else [each]
    if not pieces:
        return pa.table({"text": pa.array([], pa.string()), "place": pa.array([], pa.string())})
    both = pa.table({"text": pa.chunked_array(pieces), "place": pa.chunked_array(where)})
    both = both.filter(pc.is_valid(both["text"]))
    codes = both["text"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.unique(codes, return_index=True)[1]
    return both.take(pa.array(np.sort(first), pa.int64()))
