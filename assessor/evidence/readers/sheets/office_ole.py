"""Looks into .xls files (BIFF in a compound file) before any library opens them: how far apart their cells stand.

A library lays out the whole rectangle between the first cell and the last, so a small file can ask for a gigabyte.
"""

from __future__ import annotations

import struct
from pathlib import Path

from assessor.evidence.readers.base import Unreadable

MAX_CELLS = 5_000_000
"""Cells of the rectangle that a sheet spans; an .xls sheet has 65,536 rows and 256 columns."""
MAX_STREAM = 32 * 1024 * 1024
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are no sectors but marks."""
_CELLS = {0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00BD, 0x00D6, 0x00FD, 0x0003, 0x0002, 0x0004, 0x0005}
_SHEET, _SEVERAL = {0x0009, 0x0209, 0x0409, 0x0809}, 0x00BD


def guard(path: Path) -> None:
    """Raises Unreadable for an .xls whose cells stand too far apart, or that is damaged."""
    try:
        stream = _workbook(path.read_bytes())
    except (struct.error, IndexError, ValueError) as error:
        raise Unreadable(f"the workbook is damaged: {error}") from None
    if len(stream) > MAX_STREAM:
        raise Unreadable(f"the workbook holds more than {MAX_STREAM >> 20} MB; save it as .xlsx")
    at = right = bottom = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in _CELLS and size >= 4:
            row, column = struct.unpack_from("<HH", stream, at + 4) if at + 8 <= len(stream) else (0, 0)
            if kind == _SEVERAL and at + 4 + size <= len(stream):
                (column,) = struct.unpack_from("<H", stream, at + 2 + size)
            right, bottom = max(right, column + 1), max(bottom, row + 1)
            if right * bottom > MAX_CELLS:
                raise Unreadable(f"a sheet spans {right * bottom} cells, more than {MAX_CELLS} are refused")
        elif kind in _SHEET:
            right = bottom = 0
        at += 4 + size


def _workbook(data: bytes) -> bytes:
    """The stream with the cells. Raises ValueError, IndexError or struct.error where the file is no compound file."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise ValueError("its sectors have no known size")
    table: list[int] = []
    for sector in _table_sectors(data, size):
        table += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    entries = _chain(data, table, struct.unpack_from("<I", data, 48)[0], size, size)
    container = b""
    for at in range(0, len(entries) - 127, 128):
        name = entries[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0].lower()
        start, length = struct.unpack_from("<II", entries, at + 116)
        if entries[at + 66] == 5:
            container = _chain(data, table, start, size, size)
        if name not in ("workbook", "book"):
            continue
        if length >= struct.unpack_from("<I", data, 56)[0]:
            return _chain(data, table, start, size, size)[:length]
        packed = _chain(data, table, struct.unpack_from("<I", data, 60)[0], size, size)
        small = list(struct.unpack(f"<{len(packed) // 4}I", packed))
        return _chain(container, small, start, 64, 0)[:length]
    raise ValueError("it holds no workbook")


def _table_sectors(data: bytes, size: int) -> list[int]:
    """The sectors of the allocation table: 109 in the header, more in a chain of their own."""
    found = list(struct.unpack_from("<109I", data, 76))
    further = struct.unpack_from("<I", data, 68)[0]
    while further < _LAST and len(found) * size <= 2 * len(data):
        *more, further = struct.unpack_from(f"<{size // 4}I", data, (further + 1) * size)
        found += more
    return [sector for sector in found if sector < _LAST and (sector + 2) * size <= len(data) + size - 1]


def _chain(data: bytes, table: list[int], sector: int, size: int, offset: int) -> bytes:
    parts, total = [], 0
    while sector < _LAST:
        part = data[sector * size + offset : sector * size + offset + size]
        total += size
        if not part or total > len(data) + size:
            raise ValueError("its sectors form no chain")
        parts.append(part)
        sector = table[sector]
    return b"".join(parts)
