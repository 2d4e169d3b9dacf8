"""Looks into Office packages (.docx, .xlsx, .ods) before any library opens them: bombs, huge sheets, entities, encryption.

The sizes that a zip directory states may lie, so the members are really unpacked, in pieces that are thrown away.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assessor.evidence.readers.base import Unreadable

MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes that an Office file may hold when unpacked."""
MAX_RATIO = 100
SUSPECT = 64 * 1024 * 1024
"""What unpacks to more than this, and to more than so many times its size, is a bomb: no sheet of real parts packs so well."""
MAX_MEMBERS = 5_000
MAX_CELLS = 10_000_000
"""Cells of the rectangle that a sheet spans."""
_CHUNK = 1 << 18
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([1-9]\d{0,7})["']""")
_CELL_TAGS = [start + b"c" + end for start in (b"<", b":") for end in (b" ", b">", b"/", b"\n", b"\t", b"\r")]
_ROW_TAGS = [start + b"row" + end for start in (b"<", b":") for end in (b" ", b">", b"/", b"\n", b"\t", b"\r")]
_ROW = re.compile(rb"[<:]row[\s/>]")
MAX_COLUMNS = 16_384


def guard(path: Path) -> None:
    """Raises Unreadable, with the reason, for a file that must not be opened; returns silently otherwise."""
    with path.open("rb") as file:
        if file.read(8) == _OLE:
            file.seek(0)
            if "EncryptedPackage".encode("utf-16-le") in file.read(1 << 24):
                raise Unreadable("the file is encrypted")
            return
    try:
        with zipfile.ZipFile(path) as package, path.open("rb") as raw:
            members = package.infolist()
            if len(members) > MAX_MEMBERS:
                raise Unreadable(f"the file holds {len(members)} parts, more than {MAX_MEMBERS} are refused")
            packed, total = path.stat().st_size, 0
            for member in members:
                if member.flag_bits & 1:
                    raise Unreadable("the file is encrypted")
                total = _part(raw, member, total, packed)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError) as error:
        raise Unreadable(f"the file is damaged: {error}") from None


class _Span:
    """The rectangle that the cells of a sheet span, as far as it was seen. Cells and rows may leave out where they are and
    then follow the one before."""

    def __init__(self) -> None:
        self._right = self._bottom = self._longest = self._rows = 0

    @property
    def cells(self) -> int:
        rows = self._bottom + self._rows
        return (self._right + self._longest) * (rows if self._longest <= MAX_COLUMNS else max(rows, MAX_CELLS))

    def take(self, xml: bytes) -> None:
        told = _CELL.findall(xml)
        # of hundreds of thousands of cells only the different columns and rows are converted
        letters = [column for column, _ in told if column]
        named = len(letters)
        self._right = max([self._right, *(_column(column.upper()) for column in set(letters))])
        self._bottom = max([self._bottom, *map(int, {row for _, row in told})])
        if named < _at_most(xml, b"c") - 1 and named < sum(map(xml.count, _CELL_TAGS)) - 1:
            for one in _ROW.split(xml):
                self._longest = max(self._longest, sum(map(one.count, _CELL_TAGS)))
        if len(told) - named < _at_most(xml, b"row") - 1:
            rows = sum(map(xml.count, _ROW_TAGS))
            if len(told) - named < rows - 1:
                self._rows += rows


def _at_most(xml: bytes, name: bytes) -> int:
    """How many tags of a name there are, and of those that only begin with it: more cannot be."""
    return xml.count(b"<" + name) + xml.count(b":" + name)


def _part(raw: BinaryIO, member: zipfile.ZipInfo, total: int, packed: int) -> int:
    """Unpack one part in pieces; the running total of bytes. Raises Unreadable for what is too much."""
    name = member.filename.lower()
    xml = name.endswith((".xml", ".rels", ".vml"))
    sheet = name.startswith("xl/") and not name.startswith(("xl/media/", "xl/theme/"))  # a sheet may lie anywhere
    tail, span, begun = b"", _Span(), False
    for piece in _unpacked(raw, member):
        total += len(piece)
        if total > MAX_UNPACKED or total > max(SUSPECT, MAX_RATIO * packed):
            raise Unreadable(
                f"the file holds more than {min(total, MAX_UNPACKED) >> 20} MB when unpacked and is not opened"
            )
        if xml and not begun:
            begun = True
            if b"<!DOCTYPE" in piece.replace(b"\x00", b"")[:4096]:
                raise Unreadable(
                    f"{member.filename} declares a document type, which no Office program writes; it is not opened"
                )
        if sheet:
            span.take((tail + piece).replace(b"\x00", b""))
            tail = piece[-24:]
            if span.cells > MAX_CELLS:
                raise Unreadable(f"{member.filename} spans {span.cells} cells, more than {MAX_CELLS} are refused")
    return total


def _unpacked(raw: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    raw.seek(member.header_offset)
    header = raw.read(30)
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"{member.filename} is not where the directory says")
    name, extra = struct.unpack("<HH", header[26:30])
    raw.seek(name + extra, 1)
    left = member.compress_size
    if member.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (piece := raw.read(min(left, _CHUNK))):
            left -= len(piece)
            yield piece
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"{member.filename} is packed in a way that no Office program uses")
    engine = zlib.decompressobj(-15)
    while left > 0 and not engine.eof and (packed := raw.read(min(left, _CHUNK))):
        left -= len(packed)
        while packed:
            yield engine.decompress(packed, _CHUNK)
            packed = engine.unconsumed_tail


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
