"""Bytes to text: byte-order marks, UTF-8, UTF-16 and UTF-32 without a mark, GB18030 where the bytes look Chinese, and
Windows-1252 as the last resort; what was guessed is said."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from assessor.evidence.readers.base import printable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1 << 18
_HIGH = re.compile(rb"[\x80-\xff]+")
_TOUCHING = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_MIXED = re.compile(rb"[^\n\x80-\xff]*[\x80-\xff][^\n]*")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003134f]+")
_CONTROLS = [bytes([code]) for code in range(32) if code not in b"\t\n\r\f\x1b"]


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
    if (chinese := _chinese(data)) is not None:
        return Decoded(printable(chinese), "gb18030", "not UTF-8, so read as GB18030 (Chinese)")
    lines = _MIXED.findall(data)
    if any(map(_is_utf8, lines)):  # parts of the file come from another program than the rest
        data = _MIXED.sub(lambda match: match[0] if _is_utf8(match[0]) else _recoded(match[0]), data)
        odd = sum(not _is_utf8(line) for line in lines)
        note = f"{odd:,} of the lines are not UTF-8 like the others, so they are read as Windows-1252"
        return Decoded(printable(data.decode("utf-8")), "utf-8", note)
    decoded = _tolerant(data, "cp1252")
    return Decoded(decoded.text, "windows-1252", "not UTF-8, so read as Windows-1252", decoded.damage)


def encoding(head: bytes) -> str:
    """The encoding that the first bytes of a file show by a mark or by zero bytes; empty for what may be UTF-8."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    return ("" if marked == "utf-8" else marked) or wide(head)


def binary(head: bytes) -> bool:
    """Whether the first bytes of a file are no text in any encoding that `decode` knows.

    A stray NUL or control character makes no text binary; many of them, at no regular distance, do.
    """
    if any(head.startswith(mark) for mark, _ in _MARKS[1:]) or wide(head[: len(head) // 4 * 4]):
        return False
    return sum(map(head.count, _CONTROLS)) > max(len(head) // 20, 8)


def wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, told by the zero bytes beside Latin letters; empty when it is neither."""
    head = data[:4096]
    if len(head) < 4 or len(data) % 2:
        return ""
    quarter = len(head) / 4
    first, second, third, fourth = (head[at::4].count(0) / quarter for at in range(4))
    if len(data) % 4 == 0 and min(third, fourth) > 0.95 and first < 0.1:
        return "utf-32-le"
    if len(data) % 4 == 0 and min(first, second) > 0.95 and fourth < 0.1:
        return "utf-32-be"
    even, odd = (first + third) / 2, (second + fourth) / 2
    return "utf-16-le" if odd > 0.6 and even < 0.1 else "utf-16-be" if even > 0.6 and odd < 0.1 else ""


def _chinese(data: bytes) -> str | None:
    """The text when the bytes are GB18030 with Han characters, None when Windows-1252 is the better guess.

    Almost any accented text in Windows-1252 happens to decode as GB18030 too: "Müller" gives a rare Han character. What
    tells them apart: Han characters come in runs, accented letters alone among ASCII letters; and accented small letters
    are all leads and trails from 0xE0 on, where GB 2312 keeps its rarest characters.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    words = _HAN.findall(text[:_SAMPLE])
    han = "".join(words)
    if not han or sum(one.encode("gb18030")[0] >= 0xE0 for one in han) > 0.6 * len(han):
        return None
    if sum(len(word) for word in words if len(word) > 2) * 2 > len(han):
        return text
    runs = _HIGH.findall(data[:_SAMPLE])
    long = sum(len(run) >= 4 for run in runs)
    lonely = not long and not _TOUCHING.search(data[:_SAMPLE])  # single Han characters, each in a cell of its own
    return text if lonely or long * 4 >= len(runs) else None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _recoded(line: bytes) -> bytes:
    return line.decode("cp1252", "replace").encode("utf-8")


def _tolerant(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(printable(data.decode(encoding)), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        lost = text.count("\ufffd")
        return Decoded(printable(text), encoding, "", f"{lost} characters cannot be decoded as {encoding}")
