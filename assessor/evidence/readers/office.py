"""Looks into Office packages (.docx, .xlsx, .ods) before any library opens them: bombs, huge sheets, entities, encryption.

The sizes that a zip directory states may lie, so the members are really unpacked, in pieces that are thrown away.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assessor import files
from assessor.evidence.readers.base import Unreadable
from assessor.evidence.readers.sheets import sheet_span, workbook_marks

MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes that an Office file may hold when unpacked."""
MAX_RATIO = 100
SUSPECT = 64 * 1024 * 1024
"""What unpacks to more than this, and to more than so many times its size, is a bomb: no sheet of real parts packs so well."""
MAX_MEMBERS = 5_000
MAX_CELLS = 10_000_000
"""Cells of the rectangle that a sheet spans."""
MAX_SHEETS = 256 * 1024 * 1024
"""Bytes of a workbook's sheets and texts when unpacked."""
MAX_LONG = 64 * 1024 * 1024
"""Bytes of long texts that the cells of a workbook refer to, each counted as often as a cell refers to it."""
MAX_FILLED = 4_000_000
"""Cells of a workbook that are not empty."""
_CHUNK = 1 << 18
_TEXTS = "xl/sharedstrings.xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def guard(path: Path) -> dict[str, set[str]]:
    """The parts of an .xlsx with the marks that may be in them and that its library does not tell (see `workbook_marks`).

    Raises Unreadable, with the reason, for a file that must not be opened.
    """
    found: dict[str, set[str]] = {}
    with path.open("rb") as file:
        if file.read(8) == _OLE:
            file.seek(0)
            if "EncryptedPackage".encode("utf-16-le") in file.read(1 << 24):
                raise Unreadable("the file is encrypted")
            return found
    try:
        with zipfile.ZipFile(path) as package, path.open("rb") as raw:
            members = package.infolist()
            if len(members) > MAX_MEMBERS:
                raise Unreadable(f"the file holds {len(members)} parts, more than {MAX_MEMBERS} are refused")
            look = _Look(path.stat().st_size, found)
            for member in sorted(
                members, key=lambda each: each.filename.lower() != _TEXTS
            ):  # which the sheets refer to
                if member.flag_bits & 1:
                    raise Unreadable("the file is encrypted")
                look.take(raw, member)
    except files.BAD_ZIP as error:
        raise Unreadable(f"the file is damaged: {error}") from None
    return found


class _Look:
    """What was seen of a package so far; `take` unpacks one part in pieces and raises Unreadable for what is too much."""

    def __init__(self, packed: int, marks: dict[str, set[str]]) -> None:
        self._packed, self._marks = packed, marks
        self._texts = sheet_span.Texts()
        self._total = self._sheets = self._filled = self._long = 0

    def take(self, raw: BinaryIO, member: zipfile.ZipInfo) -> None:
        name = member.filename.lower()
        written = name.endswith((".xml", ".rels", ".vml"))
        sheet = name.startswith("xl/") and not name.startswith(("xl/media/", "xl/theme/"))  # a sheet may lie anywhere
        tail, span, begun, rows = b"", sheet_span.Span(self._texts), False, False
        marks: set[str] = set()
        for piece in _unpacked(raw, member):
            self._total += len(piece)
            if self._total > MAX_UNPACKED or self._total > max(SUSPECT, MAX_RATIO * self._packed):
                shown = min(self._total, MAX_UNPACKED) >> 20
                raise Unreadable(f"the file holds more than {shown} MB when unpacked and is not opened")
            if written and not begun:
                begun = True
                if b"<!DOCTYPE" in piece.replace(b"\x00", b"")[:4096]:
                    raise Unreadable(
                        f"{member.filename} declares a document type, which no Office program writes; it is not opened"
                    )
            if sheet:
                self._sheets += len(piece)
                xml = tail + piece
                plain = xml.replace(b"\x00", b"") if b"\x00" in xml else xml
                if name == _TEXTS:
                    self._texts.take(plain, len(piece))
                else:
                    span.take(plain, len(piece))
                    rows = workbook_marks.look(plain, marks, rows)
                    self._refuse(member, span)
                tail = xml[-sheet_span.OVERLAP :]
        if name == _TEXTS:
            self._texts.close()
        self._filled += span.filled
        self._long += span.long
        if marks or not span.regular:
            self._marks[member.filename] = marks if span.regular else workbook_marks.ALL

    def _refuse(self, member: zipfile.ZipInfo, span: sheet_span.Span) -> None:
        if span.cells > MAX_CELLS:
            raise Unreadable(f"{member.filename} spans {span.cells} cells, more than {MAX_CELLS} are refused")
        if self._filled + span.filled > MAX_FILLED:
            raise Unreadable(f"the workbook has more than {MAX_FILLED:,} cells that are not empty; deliver it in parts")
        if self._sheets > MAX_SHEETS:
            raise Unreadable(f"the sheets have more than {MAX_SHEETS >> 20} MB when unpacked; deliver them in parts")
        if self._long + span.long > MAX_LONG:
            raise Unreadable(
                f"the texts of the cells have more than {MAX_LONG >> 20} MB; deliver the workbook in parts"
            )


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
