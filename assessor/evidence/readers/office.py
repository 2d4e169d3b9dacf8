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
MAX_MEMBERS = 5_000
MAX_CELLS = 20_000_000
"""Cells of the rectangle that a sheet spans."""
_CHUNK = 1 << 18
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(rb"""\br=["']([A-Z]{1,3})([1-9]\d{0,7})["']""")


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
            total = 0
            for member in members:
                if member.flag_bits & 1:
                    raise Unreadable("the file is encrypted")
                total = _part(raw, member, total)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError) as error:
        raise Unreadable(f"the file is damaged: {error}") from None


def _part(raw: BinaryIO, member: zipfile.ZipInfo, total: int) -> int:
    """Unpack one part in pieces; the running total of bytes. Raises Unreadable for what is too much."""
    name = member.filename.lower()
    xml = name.endswith((".xml", ".rels", ".vml"))
    sheet = name.startswith("xl/worksheets/") and xml
    tail, right, bottom, begun = b"", 0, 0, False
    for piece in _unpacked(raw, member):
        total += len(piece)
        if total > MAX_UNPACKED:
            raise Unreadable(f"the file holds more than {MAX_UNPACKED >> 20} MB when unpacked and is not opened")
        if xml and not begun:
            begun = True
            if b"<!DOCTYPE" in piece.replace(b"\x00", b"")[:4096]:
                raise Unreadable(
                    f"{member.filename} declares a document type, which no Office program writes; it is not opened"
                )
        if sheet:
            for column, row in _CELL.findall(tail + piece):
                right, bottom = max(right, _column(column)), max(bottom, int(row))
            tail = piece[-24:]
            if right * bottom > MAX_CELLS:
                raise Unreadable(f"{member.filename} spans {right * bottom} cells, more than {MAX_CELLS} are refused")
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
