"""Writing so that nothing half-written is ever seen, and digests of what was read or written."""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
BAD_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    KeyError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)
"""What zipfile raises for a file that is no zip, is damaged, or is packed in a way that it does not know."""
_TEMPORARY = re.compile(r"\..+-part-[a-z0-9_]{8}(\..+)?")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well and vanishes when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-part-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what `replacing` left in a folder when the process was killed. Call it only while nobody else writes there."""
    for leftover in folder.glob(".*-*"):
        if leftover.is_file() and temporary(leftover.name):
            leftover.unlink()


def temporary(name: str) -> bool:
    """Whether a file's name is one that `replacing` gives until the file is whole."""
    return _TEMPORARY.fullmatch(name) is not None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    return digest(path, "sha256")


def digest(path: Path, algorithm: str) -> str:
    """Hex digest of a file's bytes, by the name of an algorithm as hashlib has it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def normalise_zip(path: Path) -> None:
    """Rewrite a zip package (.docx, .xlsx) with fixed dates and attributes, members in their order, so that the same
    content gives the same bytes."""
    with (
        replacing(path) as temporary,
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            info = zipfile.ZipInfo(member.filename, ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, old.read(member))


def umask() -> int:
    """The permissions that this process takes away from the files that it makes."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
