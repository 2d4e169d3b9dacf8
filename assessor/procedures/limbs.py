"""Limbs of a test of the rule as columns: each is True, False or NA a row, with its clause and words for the reason.

A test is limbs joined by "and" (`all_of`) or by "or" (`any_of`). Half a million rows take the same lines as one, and a
missing fact needs no special case: pandas' Arrow-backed booleans follow three-valued logic. Words are few and rows are
many: they are chosen by number, and written out once at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

FLAG = pd.ArrowDtype(pa.bool_())
TEXT = pd.ArrowDtype(pa.string())

_PIECE = 65_536

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Numbers = np.ndarray[Any, np.dtype[np.integer[Any]]]
Words = str | pd.Series


@dataclass(frozen=True)
class Limb:
    """One limb over n rows. `holds`: n × bool or NA. `yes` and `no`: the reason when it holds and when it does not.
    `missing`: the fact that is not known where it is NA. Words are one text for all rows, or one a row."""

    clause: Words
    holds: pd.Series
    yes: Words = ""
    no: Words = ""
    missing: Words = ""


class Sheet:
    """Words being put on rows: for each row the number of one of a few texts, or -1 where nothing stands."""

    def __init__(self, rows: int) -> None:
        self.texts: list[str] = []
        self.numbers = np.full(rows, -1, dtype=np.int32)

    def put(self, where: Mask | Numbers | slice, words: Words | None) -> None:
        """Put words on the rows of `where`: one text, a column with one for each of these rows, or nothing."""
        if words is None:
            self.numbers[where] = -1
        elif isinstance(words, str):
            self.numbers[where] = len(self.texts)
            self.texts.append(words)
        else:
            array = _coded(words)
            numbers = pc.add(array.indices, pa.scalar(len(self.texts), pa.int32()))
            self.numbers[where] = pc.fill_null(numbers, -1).to_numpy()
            self.texts += array.dictionary.to_pylist()

    def add(self, where: Mask, words: Words) -> None:
        """Append words to what stands on the rows of `where`, after a semicolon and unless they stand there already."""
        more = Sheet(int(where.sum()))
        more.put(slice(None), words)
        # the number of each distinct pair of what stands there and what comes; 0 is nothing
        pairs = (self.numbers[where].astype(np.int64) + 1) * (len(more.texts) + 1) + more.numbers + 1
        numbers, distinct = pd.factorize(pairs)
        firsts, seconds = ["", *self.texts], ["", *more.texts]
        self.numbers[where] = numbers + len(self.texts)
        self.texts += [
            _joined(firsts[pair // len(seconds)], seconds[pair % len(seconds)]) for pair in distinct.tolist()
        ]

    def column(self, index: pd.Index, *, written: bool = True) -> pd.Series:
        """The column of these words: texts, or numbers of texts when they are not to be `written` out yet."""
        made = chosen(self.texts, self.numbers, index)
        return written_out(made) if written else made


def all_of(limbs: Sequence[Limb], clause: str, yes: Words, *, written: bool = True) -> pd.DataFrame:
    """The limbs joined by "and": n rows of `holds`, `clause`, `reason` and `missing`.

    Where one limb fails, the first that fails gives clause and reason; where all hold, `clause` and `yes` do. Where it is
    open, `missing` joins what every open limb lacks and the first of them gives the clause. Words that are not `written`
    stay numbers of texts (see `coded`), for a caller that puts several such tables together.
    """
    holds = limbs[0].holds
    for limb in limbs[1:]:
        holds = holds & limb.holds
    return _told(holds, limbs, deciding=False, clause=clause, otherwise=yes, written=written)


def any_of(limbs: Sequence[Limb], clause: str, no: Words) -> pd.DataFrame:
    """The limbs joined by "or", told like `all_of`: the first that holds decides; `no` is said where none does."""
    holds = limbs[0].holds
    for limb in limbs[1:]:
        holds = holds | limb.holds
    return _told(holds, limbs, deciding=True, clause=clause, otherwise=no, written=True)


def flags(values: Any, index: pd.Index) -> pd.Series:
    """A column of True, False or NA from an array or list of them (None is NA)."""
    return pd.Series(pd.array(pa.array(values, type=pa.bool_(), from_pandas=True), dtype=FLAG), index=index)


def certain(column: pd.Series) -> pd.Series:
    """Where a column is True for sure, as a plain mask: for choosing rows, never for concluding that the rest are not."""
    return pd.Series(sure(column), index=column.index, dtype=bool)


def sure(column: pd.Series) -> Mask:
    """`certain` as an array."""
    found: Mask = pc.fill_null(_array(column, pa.bool_()), False).to_numpy(zero_copy_only=False)
    return found


def missing(column: pd.Series) -> Mask:
    """Where a column is NA, as an array."""
    found: Mask = column.isna().to_numpy(dtype=bool)
    return found


def either(mask: Mask | pd.Series, there: pd.Series | bool, elsewhere: pd.Series) -> pd.Series:
    """A column of True, False or NA: of one column where the mask is set, of the other elsewhere."""
    first = there if isinstance(there, bool) else _array(there, pa.bool_())
    found = pc.if_else(pa.array(np.asarray(mask, dtype=bool)), first, _array(elsewhere, pa.bool_()))
    return pd.Series(pd.array(found, dtype=FLAG), index=elsewhere.index)


def impossible(column: pd.Series) -> pd.Series:
    """Where a column is False for sure, as a plain mask."""
    return certain(~column)


def looked_up(keys: pd.Series, answers: Mapping[Any, bool | None]) -> pd.Series:
    """The answer for every key; NA for a missing key, a key without an answer, and an answer that is None."""
    return pd.Series(pd.array(_found(keys, answers, pa.bool_()), dtype=FLAG), index=keys.index)


def worded(keys: pd.Series, words: Mapping[Any, str | None]) -> pd.Series:
    """The words for every key; NA for a missing key or one without words."""
    return pd.Series(pd.array(_found(keys, words, pa.string()), dtype=TEXT), index=keys.index)


def texts(values: Any, index: pd.Index) -> pd.Series:
    """A text column from an array of texts and None."""
    return pd.Series(pd.array(pa.array(values, type=pa.string(), from_pandas=True), dtype=TEXT), index=index)


def coded(column: pd.Series) -> pd.Series:
    """A text column as the numbers of its distinct texts (an Arrow dictionary).

    Rows are then chosen, compared and looked up by number, and each distinct text is looked at once.
    """
    return pd.Series(pd.arrays.ArrowExtensionArray(_coded(column)), index=column.index)


def chosen(words: Sequence[str], numbers: Numbers, index: pd.Index) -> pd.Series:
    """A coded column of few words: for each row the number of its text, or -1 for NA."""
    places = pa.array(numbers.astype(np.int32, copy=False), mask=numbers < 0)
    array = pa.DictionaryArray.from_arrays(places, pa.array(words, type=pa.string()))
    return pd.Series(pd.arrays.ArrowExtensionArray(array), index=index)


def written_out(column: pd.Series) -> pd.Series:
    """A coded column as texts."""
    array = _coded(column)
    # in pieces: one array of all texts is grown, and so allocated, several times over
    pieces = [array.indices.slice(start, _PIECE) for start in range(0, len(array), _PIECE)]
    made = pa.chunked_array([array.dictionary.take(piece) for piece in pieces], type=pa.string())
    return pd.Series(pd.arrays.ArrowExtensionArray(made), index=column.index)


def numbered(column: pd.Series) -> tuple[Numbers, list[str]]:
    """For each row of a text column the number of its text (-1 for NA), and the distinct texts."""
    array = _coded(column)
    return pc.fill_null(array.indices, -1).to_numpy(), array.dictionary.to_pylist()


def _found(keys: pd.Series, values: Mapping[Any, Any], kind: pa.DataType) -> pa.Array:
    array = _coded(keys)
    known = [key for key in values if isinstance(key, str)]
    places = pc.index_in(array.dictionary, value_set=pa.array(known, type=pa.string()))
    return pa.array([values[key] for key in known], type=kind).take(places).take(array.indices)


def _array(column: pd.Series, kind: pa.DataType | None = None) -> pa.Array:
    made = pa.array(column, type=kind, from_pandas=True)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _coded(column: pd.Series) -> pa.DictionaryArray:
    is_coded = isinstance(column.dtype, pd.ArrowDtype) and pa.types.is_dictionary(column.dtype.pyarrow_dtype)
    return _array(column) if is_coded else _array(column, pa.string()).dictionary_encode()


def _told(
    holds: pd.Series, limbs: Sequence[Limb], *, deciding: bool, clause: str, otherwise: Words, written: bool
) -> pd.DataFrame:
    """Words for a joined test: `deciding` is the value of a limb that alone decides it (False for "and")."""
    is_open = missing(holds)
    clauses, reasons, lacking = Sheet(len(holds)), Sheet(len(holds)), Sheet(len(holds))
    clauses.put(slice(None), clause)
    reasons.put(slice(None), otherwise)
    for limb in reversed(limbs):
        decides = sure(limb.holds if deciding else ~limb.holds) & ~is_open
        lacks = missing(limb.holds) & is_open
        clauses.put(decides | lacks, _of(limb.clause, decides | lacks))
        reasons.put(decides, _of(limb.yes if deciding else limb.no, decides))
    if is_open.any():
        for limb in limbs:
            lacks = missing(limb.holds) & is_open
            lacking.add(lacks, _of(limb.missing, lacks))
        undecided = [f"not decided: {words}" for words in lacking.texts]
        reasons.put(is_open, chosen(undecided, lacking.numbers[is_open], holds.index[is_open]))
    return pd.DataFrame(
        {
            "holds": holds,
            "clause": clauses.column(holds.index, written=written),
            "reason": reasons.column(holds.index, written=written),
            "missing": lacking.column(holds.index, written=written),
        }
    )


def _of(words: Words, rows: Mask) -> Words:
    return words if isinstance(words, str) else words[rows]


def _joined(told: str, more: str) -> str:
    return f"{told}; {more}" if told and more and more not in told else told or more
