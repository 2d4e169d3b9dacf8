"""JSON Lines of any size: a block of lines decoded at once into structs, and one by one where something is irregular.

A line that is no JSON, or no object, is a problem with its number and spoils no other. A member of the wrong type is a
problem and counts as not stated; of a doubled key the last value counts, which is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from assessor.evidence.readers import json_text, opened
from assessor.evidence.readers.base import Reading, Tell, Unreadable, printable, words
from assessor.evidence.readers.rows import Told
from assessor.evidence.readers.text import decode

WINDOW = 4 << 20
"""Bytes of the file that are decoded together."""
LONGEST_LINE = 16 << 20
_MARK = b"\xef\xbb\xbf"
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_LOOKED_AT = 20
_COLUMN = re.compile(r" at line 1 column(?= \d+$)")

T = TypeVar("T", bound=msgspec.Struct)


def beginning(head: bytes) -> list[dict[str, Any]]:
    """The objects on the first lines of a file, as far as they are whole and valid."""
    found = []
    for line in head.removeprefix(_MARK).splitlines()[:_LOOKED_AT]:
        try:
            value = json.loads(line.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def blocks(path: Path, type: type[T], keys: Sequence[str], reading: Reading) -> Iterator[tuple[list[T], Sequence[int]]]:
    """Structs of the lines of a file, block by block, and the numbers of their lines.

    `keys`: those of which a second one in the same line is looked for.
    """
    decoder = msgspec.json.Decoder(type)
    marks = [f'"{key}":'.encode() for key in keys]
    tell = Told(reading, "problems of lines")
    number = 1
    for piece in _pieces(path, reading, tell):
        count = piece.count(b"\n")
        try:
            records = decoder.decode_lines(piece)
            plain = len(records) == count and not any(piece.count(mark) > count for mark in marks)
        except _REFUSED:
            plain = False
        if plain:
            yield records, range(number, number + count)
        else:
            yield _singly(piece, number, decoder, type, marks, tell)
        number += count
    tell.close()


def _pieces(path: Path, reading: Reading, tell: Tell) -> Iterator[bytes]:
    """The file in pieces of whole lines, each line with its end."""
    rest, number, dropping = b"", 1, False
    with opened.json_bytes(path, reading) as file:
        piece = file.read(WINDOW).removeprefix(_MARK)
        while piece:
            if dropping:
                end = piece.find(b"\n")
                piece, dropping = (piece[end:], False) if end >= 0 else (b"", True)
            else:
                piece = rest + piece
            end = piece.rfind(b"\n") + 1
            rest = piece[end:]
            if end:
                yield piece[:end]
                number += piece.count(b"\n")
            if len(rest) > LONGEST_LINE:
                tell(f"line {number}", f"the line is longer than {LONGEST_LINE >> 20} MB; it is not read", "")
                rest, dropping = b"", True
            piece = file.read(WINDOW)
    if rest:
        yield rest + b"\n"


def _singly(
    piece: bytes, number: int, decoder: msgspec.json.Decoder[T], type: type[T], marks: Sequence[bytes], tell: Told
) -> tuple[list[T], Sequence[int]]:
    records, numbers = [], []
    for at, line in enumerate(piece.split(b"\n")[:-1], number):
        if not line.strip(b" \t\r\0"):
            continue
        record = None
        doubled = any(line.count(mark) > 1 for mark in marks)
        if not doubled or tell.full:  # what is only counted need not be read slowly; the last value counts here too
            try:
                record = decoder.decode(line)
            except _REFUSED:
                record = None
            if doubled and record is not None:
                tell(f"line {at}", "a key stands more than once in this line; the last is used")
        if record is None:
            record = _leniently(line, f"line {at}", type, tell)
        if record is not None:
            records.append(record)
            numbers.append(at)
    return records, numbers


def _leniently(line: bytes, place: str, type: type[T], tell: Tell) -> T | None:
    """The struct of an irregular line, with every fault of it told; None when nothing can be read."""
    decoded = decode(line)
    shown = decoded.text[:400]
    if decoded.encoding != "utf-8" or decoded.damage:
        tell(
            place, f"the line is not UTF-8; read as {decoded.encoding}{decoded.damage and ', ' + decoded.damage}", shown
        )
    try:
        value, problems = json_text.parse(decoded.text.strip(), lenient=True)
    except Unreadable as error:
        tell(place, f"{_COLUMN.sub(' at character', str(error))}; the line is not read", shown)
        return None
    for problem in problems:
        tell(place, f"{problem.place}: {problem.message}" if problem.place else problem.message, "")
    if not isinstance(value, dict):
        tell(place, "the line is no JSON object; it is not read", shown)
        return None
    return mended(value, type, "", lambda where, message: tell(place, f"{where}: {message}", ""))


def mended(value: dict[str, Any], type: type[T], above: str, tell: Any) -> T:
    """The struct of an object: what does not fit the type of its member is told and left out."""
    found: dict[str, Any] = {}
    for member in msgspec.structs.fields(type):
        given = value.get(member.encode_name)
        if given is None:
            continue
        place = f"{above}/{member.encode_name}"
        inner = _struct(member.type)
        if inner is not None and isinstance(given, dict):
            found[member.name] = mended(given, inner, place, tell)
            continue
        try:
            found[member.name] = _raw(given) if member.type is msgspec.Raw else msgspec.convert(given, member.type)
            continue
        except (msgspec.MsgspecError, RecursionError):
            pass
        if isinstance(member.default, tuple):  # a list of texts
            texts = [words(each) for each in (given if isinstance(given, list) else [given])]
            found[member.name] = tuple(text for text in texts if text is not None)
            if None in texts:
                tell(place, "something that is no text stands in this list; it is left out")
        elif str in _parts(member.type) and not isinstance(given, bool) and (text := words(given)) is not None:
            found[member.name] = text
        else:
            tell(place, f"{str(given)[:60]!r} is not of the type that belongs here; it counts as not stated")
    return type(**found)


def _raw(value: Any) -> msgspec.Raw:
    """A value as the bytes of its JSON, without what no text may hold."""
    return msgspec.Raw(printable(json.dumps(value, ensure_ascii=False, default=str)).encode())


def _struct(annotation: Any) -> type[msgspec.Struct] | None:
    """The struct in the type of a member that may be missing."""
    for each in _parts(annotation):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            return each
    return None


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    parts: tuple[Any, ...] = getattr(annotation, "__args__", (annotation,))
    return parts
