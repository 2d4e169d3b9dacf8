"""Files as streams of UTF-8: packed ones unpacked while they are read, with a bound, other encodings turned into it."""

from __future__ import annotations

import codecs
import gzip
import io
import tempfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from assessor.evidence.readers import text
from assessor.evidence.readers.base import Reading, Unreadable

GZIP = b"\x1f\x8b"
MOST_UNPACKED = 4 << 30
"""Bytes that a packed file may hold when unpacked."""
FREE, RATIO = 64 << 20, 200
"""So many bytes may be unpacked whatever the ratio; beyond them a file that unpacks to more than this ratio is a bomb."""
_PIECE = 1 << 20


def raw(path: Path) -> BinaryIO:
    """The bytes of a file, or of what is in it when it is packed with gzip. Raises Unreadable for a damaged or hostile one
    while it is read."""
    file = path.open("rb")
    head = file.read(2)
    file.seek(0)
    if head != GZIP:
        return file
    return cast(BinaryIO, io.BufferedReader(_Unpacked(file, path.stat().st_size), _PIECE))


def head(path: Path, size: int) -> bytes:
    """The first bytes of what is in a file."""
    with raw(path) as file:
        return file.read(size)


def json_bytes(path: Path, reading: Reading) -> BinaryIO:
    """A file as UTF-8: as it is where it seems to be that already (single odd elements are dealt with where they are met)."""
    file = raw(path)
    begin = file.read(4096)
    file.close()
    encoding = text.encoding(begin)
    if not encoding:
        return raw(path)
    reading.notes.append(f"read as {encoding.upper()}")
    return _transcoded(path, encoding, reading)


def _transcoded(path: Path, encoding: str, reading: Reading) -> BinaryIO:
    made = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    lost = 0
    with raw(path) as file:
        piece = b"."
        while piece:
            piece = file.read(_PIECE)
            told = decoder.decode(piece, final=not piece)
            lost += told.count("\ufffd")
            made.write(told.encode("utf-8", "replace"))
    if lost:
        reading.problem("", f"{lost} characters cannot be decoded as {encoding.upper()}")
    made.seek(0)
    return cast(BinaryIO, made)


class _Unpacked(io.RawIOBase):
    """A gzip stream that ends in Unreadable where it is damaged or unpacks to too much."""

    def __init__(self, file: BinaryIO, packed: int) -> None:
        self._file, self._packed, self._count = gzip.GzipFile(fileobj=file), packed, 0
        self._under = file

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target).cast("B")  # type: ignore[arg-type]
        try:
            piece = self._file.read(min(len(view), _PIECE))
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(f"the file is packed with gzip and damaged after {self._count} bytes: {error}") from None
        self._count += len(piece)
        if self._count > MOST_UNPACKED or (self._count > FREE and self._count > RATIO * self._packed):
            raise Unreadable(
                f"the file is packed with gzip and unpacks to more than {self._count} bytes; it is not opened further"
            )
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._file.close()
        self._under.close()
        super().close()
