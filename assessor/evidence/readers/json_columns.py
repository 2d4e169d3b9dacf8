"""Parts of JSON documents as columns: Arrow parses many regular elements at once, and what repeats from one to the next is
understood once.

Only texts that a strict parser has found valid may be given to it: Arrow's own takes more. Elements with a key twice, or with
a value of another type than the schema's, are refused as a whole; whoever has them one by one finds out which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers.base import ABSENT

TEXT = pa.string()
ENTRY, LIST = "\x1e", "\x1f"
"""Separators: characters that no valid JSON text holds unescaped, and no regular one escaped."""
_ABSENT = pa.array(sorted(ABSENT), TEXT)
_SHORT = max(len(word.encode()) for word in ABSENT)
_MANY = 50_000
"""Different values of one kind that are remembered."""
ESCAPED = rb"(?:[bf]|u(?:00[01]|[dD][89a-fA-F]|[fF]{3}[eEfF]))"
_ODD = re.compile(rb"\\" + ESCAPED)
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")


def odd(text: bytes) -> bool:
    """Whether a text may hold a character that no text may hold, escaped or not: a control character, half of a surrogate
    pair, bytes that are not UTF-8."""
    return bool(b"\\" in text and _ODD.search(text)) or unwritable(text)


def unwritable(data: bytes) -> bool:
    """Whether bytes are not UTF-8, or hold a character that is none."""
    if data.isascii():
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return bool(_NONCHARACTER.search(data))


def member(run: pa.Array, *path: str) -> pa.Array:
    """The member at a path of each object."""
    return pc.struct_field(run, list(path))


def trimmed(texts: pa.Array) -> pa.Array:
    """`base.words` for a column of texts in which all can be printed."""
    if texts.null_count == len(texts):
        return texts
    column = pc.utf8_trim_whitespace(texts)
    short = pc.less_equal(pc.binary_length(column), _SHORT)
    if not pc.any(short).as_py():
        return column
    says_nothing = pc.is_in(pc.utf8_lower(pc.if_else(short, column, None)), _ABSENT)
    return pc.if_else(says_nothing, None, column)


def joined(lists: pa.ListArray, *paths: tuple[str, ...]) -> pa.Array:
    """Each list as one text, in which the texts at these paths stand apart; null for a missing list."""
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), TEXT)
    found = lists.flatten()
    texts = [pc.fill_null(pc.struct_field(found, list(path)), "") for path in paths]
    each = pc.binary_join_element_wise(*texts, ENTRY)
    return pc.binary_join(listed(lists, each), LIST)


def entries(key: str | None) -> list[list[str]]:
    """The entries of a list that `joined` has made one text."""
    return [each.split(ENTRY) for each in key.split(LIST)] if key else []


def listed(lists: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """Other values in the place of those of the lists."""
    offsets = np.concatenate(([0], np.cumsum(lengths(lists)))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=lists.is_null())


def either(*columns: pa.Array) -> pa.Array:
    """`base.listed` for columns: the texts that there are, separated by '; ', null where there is none."""
    found = columns[0]
    for column in columns[1:]:
        if column.null_count < len(column):
            found = pc.coalesce(pc.binary_join_element_wise(found, column, "; "), found, column)
    return found


def lengths(lists: pa.ListArray) -> np.ndarray:
    """How many values each list has, 0 for a missing one."""
    found: np.ndarray = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    return found


class Meanings:
    """What values mean that repeat in a document, each understood once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str | None, Any]] = {}

    def each(self, kind: str, texts: pa.Array, meaning: Callable[[Any], Any], type: pa.DataType = TEXT) -> pa.Array:
        """The meaning of each text, that of a missing one too."""
        known = self._known.setdefault(kind, {None: meaning(None)})
        if texts.null_count == len(texts):
            return pa.repeat(pa.scalar(known[None], type), len(texts))
        coded = texts.dictionary_encode(null_encoding="encode")
        different = coded.dictionary.to_pylist()
        if len(known) > _MANY:  # a file in which nothing repeats must not fill the memory
            self._known[kind] = known = {None: known[None]}
        for text in different:
            if text not in known:
                known[text] = meaning(text)
        return pa.array([known[text] for text in different], type).take(coded.indices)
