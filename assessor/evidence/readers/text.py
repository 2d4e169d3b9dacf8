"""Bytes to text: byte-order marks, UTF-8, UTF-16 without a mark, and Windows-1252 as the last resort, which is said."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from assessor.evidence.readers.base import printable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Decoded:
    """The text, the encoding it was in, what there is to say of that (`note`), and what was lost (`damage`)."""

    text: str
    encoding: str
    note: str = ""
    damage: str = ""


def decode(data: bytes) -> Decoded:
    """Decode bytes; never fails. Bytes that fit no encoding become U+FFFD and are counted in `damage`."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _tolerant(data[len(mark) :], encoding)
    try:
        return Decoded(printable(data.decode("utf-8")), "utf-8") if not wide(data) else _tolerant(data, wide(data))
    except UnicodeDecodeError:
        pass
    decoded = _tolerant(data, "cp1252")
    return Decoded(decoded.text, "windows-1252", "not UTF-8, so read as Windows-1252", decoded.damage)


def encoding(head: bytes) -> str:
    """The encoding that the first bytes of a file show by a mark or by zero bytes; empty for what may be UTF-8."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    return ("" if marked == "utf-8" else marked) or wide(head)


def wide(data: bytes) -> str:
    """UTF-16 without a mark, told by the zero bytes beside Latin letters; empty when it is not that."""
    head = data[:4096]
    if len(head) < 4 or len(data) % 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    return (
        "utf-16-le"
        if odd > half * 0.6 and even < half * 0.1
        else "utf-16-be"
        if even > half * 0.6 and odd < half * 0.1
        else ""
    )


def _tolerant(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(printable(data.decode(encoding)), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        lost = text.count("\ufffd")
        return Decoded(printable(text), encoding, "", f"{lost} characters cannot be decoded as {encoding}")
