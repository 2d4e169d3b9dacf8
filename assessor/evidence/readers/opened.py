"""Files before they are read: packed ones unpacked, with a bound, and other encodings of Unicode turned into UTF-8."""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or a temporary one with what is in it when it is packed with gzip. Raises Unreadable for a damaged or
    hostile one."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    if not packed:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "unpacked"
        with path.open("rb") as source, made.open("xb") as target:
            _unpack(source, target, path.stat().st_size)
        yield made


def json_bytes(path: Path, reading: Reading) -> BinaryIO:
    """A file as UTF-8: as it is where it seems to be that already (single odd elements are dealt with where they are met)."""
    with path.open("rb") as file:
        encoding = text.encoding(file.read(4096))
    if not encoding:
        return path.open("rb")
    reading.notes.append(f"read as {encoding.upper()}")
    return _transcoded(path, encoding, reading)


def _transcoded(path: Path, encoding: str, reading: Reading) -> BinaryIO:
    made = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    lost = 0
    with path.open("rb") as file:
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


def _unpack(packed: BinaryIO, target: BinaryIO, size: int) -> None:
    """Unpack in pieces, with a bound; of a stream that was cut off what stands before the cut is kept."""
    count = 0
    with gzip.GzipFile(fileobj=packed) as source:
        while True:
            try:
                piece = source.read(_PIECE)
            except (OSError, EOFError, zlib.error) as error:
                if count:
                    return  # the reader tells where the document ends
                raise Unreadable(f"the file is packed with gzip and damaged: {error}") from None
            if not piece:
                return
            count += len(piece)
            if count > MOST_UNPACKED or (count > FREE and count > RATIO * size):
                raise Unreadable(
                    f"the file is packed with gzip and unpacks to more than {count} bytes; it is not opened further"
                )
            target.write(piece)
