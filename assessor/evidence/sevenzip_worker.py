"""The process in which a .7z is looked at and unpacked; `sevenzip` starts it, asks it and ends it. Not to be imported for use.

It answers a line for each entry of the archive (name, bytes, what it is; see FOLDER), then one that says that this is all, or
what went wrong (`failed`, `words`). Asked with a number of seconds, it writes the bytes of the files, in the order of the
entries and each where it begins if all are there, to the one file that it was given; it answers a line for each that cannot be
had (its number, the reason), and one that says that this is all. It opens nothing else for writing, and no name of the archive
is ever a path. It ends with the process that started it.

py7zr reads the header and knows the methods; the unpacking is driven here, since its own stops at the first file that it cannot
have, and takes ever more of a solid archive of small files into memory.
"""

from __future__ import annotations

import io
import json
import os
import queue
import stat
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from assessor.evidence import confined

FOLDER, LINK, SPECIAL = "folder", "link", "special"
"""What an entry is that is no regular file (which is "")."""
HEADER_SECONDS = 60
ANTI = b"\x10"
"""The property of a header that says which entries are orders to delete a file."""
_READ, _PIECE, _WORDS = 1 << 16, 1 << 18, 120
_IDLE = 100
"""Times in a row that nothing may come of unpacking: a filter holds back a few bytes, and never so many."""
_METHODS = {"0303011b": "BCJ2", "04f71104": "LZ4", "0a": "ARM64", "0b": "RISCV"}
"""Methods by their number that 7-Zip knows and this library does not."""


class _Failed(Exception):
    """Nothing of the archive can be had: the kind of failure, words, and the number of an error of the system."""

    def __init__(self, kind: str, words: str = "", number: int | None = None) -> None:
        super().__init__(kind, words, number)
        self.answer = {"failed": kind, "words": words, "errno": number}


class _Source(io.FileIO):
    """The archive, read in small pieces and only when the unpacking has nothing left: else a solid archive of small files
    would come into memory as a whole."""

    decoder: Any = None

    def read(self, size: int | None = -1) -> bytes:
        """As of any file, but no more than is needed while a decoder is at work."""
        if self.decoder is not None:
            if not all(_hungry(step) for step in self.decoder.chain):
                return b""
            size = _READ if size is None or size < 0 else min(size, _READ)
        return super().read(-1 if size is None else size) or b""


def main(path: str, memory: str, most: str) -> None:
    """Answer for one archive: its entries unless they are more than `most`, and its bytes when asked for them."""
    answers = os.fdopen(confined.private(1), "w", encoding="utf-8")
    data = io.FileIO(confined.private(2), "wb")
    asked: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    confined.limit(memory=int(memory), seconds=HEADER_SECONDS, size=0)
    sys.addaudithook(confined.audit)
    told: dict[str, Any] = {"done": True}
    try:
        import py7zr  # noqa: F401 (imported before it is guarded)

        with confined.guarded(), _Source(path) as source:
            archive = _archive(source, int(memory), int(most))
            total = 0
            for name, size, kind in _entries(archive):
                total += size
                answers.write(json.dumps([name, size, kind], ensure_ascii=False) + "\n")
            answers.write(json.dumps(told) + "\n")
            answers.flush()
            confined.limit(seconds=int(asked.get()), size=total)
            for number, reason in _unpack(archive, source, data):
                answers.write(json.dumps([number, reason]) + "\n")
    except _Failed as error:
        told = error.answer
    except MemoryError:
        told = _Failed("memory").answer
    except ImportError as error:
        told = _Failed("library", _told(error)).answer
    with suppress(OSError):
        answers.write(json.dumps(told) + "\n")
        answers.flush()
    os._exit(0)  # the thread that listens would hold up an ordinary end


def _listen(asked: queue.Queue[bytes]) -> None:
    """Hand on what is asked; when nobody is left who could ask, end at once."""
    while request := os.read(0, 100):
        asked.put(request)
    os._exit(1)


def _archive(source: _Source, memory: int, most: int) -> Any:
    """The archive with its header read. Raises _Failed."""
    import py7zr
    from py7zr import archiveinfo

    archiveinfo.MAX_NUMFILES = most  # told before anything is made of each
    archiveinfo.MAX_NUMSTREAMS = 4 * most  # an archive that is not solid has up to four of a file
    try:
        archive = py7zr.SevenZipFile(source)
    except py7zr.PasswordRequired:
        raise _Failed("encrypted") from None
    except MemoryError:
        raise
    except py7zr.Bad7zFile as error:
        words = str(error)
        if words.startswith("numfiles value") and "exceeds limit" in words:
            raise _Failed("members") from None
        raise _Failed("anti" if words == f"invalid type {ANTI!r}" else "damaged", _short(words)) from None
    except Exception as error:  # of many kinds, for a header that is none
        raise _Failed("damaged", f"its header is not as the format has it ({_told(error)})") from None
    for folder, _, _ in _folders(archive):
        if max(map(_dictionary, folder.coders)) > memory:
            raise _Failed("memory")
    return archive


def _entries(archive: Any) -> Iterator[tuple[str, int, str]]:
    """Name, bytes and kind of each entry. Raises _Failed for a size that cannot be."""
    empty = iter(getattr(archive.header.files_info, "emptyfiles", ()))
    for entry in archive.files:
        attributes = entry.file_properties().get("attributes")
        marked = next(empty, False) if entry.emptystream else True
        size = 0 if entry.emptystream else entry.uncompressed
        if size < 0:
            raise _Failed("damaged", "its header states an impossible size")
        yield entry.filename, size, _kind(attributes, bool(entry.emptystream), marked)


def _kind(attributes: int | None, empty: bool, marked: bool) -> str:
    """What an entry is by the attributes that it has of Unix, or else of Windows. Only what has no bytes is a folder; where
    it has no attributes, it is one unless it is marked as an empty file."""
    if attributes is None or not attributes:
        return FOLDER if empty and not marked else ""
    mode = stat.S_IFMT(attributes >> 16) if attributes & 0x8000 else 0
    if empty and (stat.S_ISDIR(mode) or attributes & stat.FILE_ATTRIBUTE_DIRECTORY):
        return FOLDER
    if stat.S_ISLNK(mode) or attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
        return LINK
    return SPECIAL if mode not in (0, stat.S_IFREG, stat.S_IFDIR) or attributes & stat.FILE_ATTRIBUTE_DEVICE else ""


def _folders(archive: Any) -> Iterator[tuple[Any, int, int]]:
    """What the files are packed in, each with the place and the length of its packed bytes."""
    streams = archive.header.main_streams
    if streams is None or streams.unpackinfo is None or streams.packinfo is None:
        return
    begin, places, at = archive.afterheader + streams.packinfo.packpos, streams.packinfo.packpositions, 0
    for folder in streams.unpackinfo.folders:
        after = at + len(folder.packed_indices)
        if after >= len(places):
            raise _Failed("damaged", "its header names packed bytes that it does not have")
        yield folder, begin + places[at], places[after] - places[at]
        at = after


def _dictionary(coder: dict[str, Any]) -> int:
    """The bytes of memory that a method states it needs."""
    method, properties = coder["method"].hex(), coder["properties"] or b""
    if method in ("030101", "030401") and len(properties) >= 5:  # LZMA and PPMd
        return int.from_bytes(properties[1:5], "little")
    if method == "21" and properties:  # LZMA2
        return (2 | properties[0] & 1) << min(properties[0] // 2 + 11, 31)
    return 0


def _unpack(archive: Any, source: _Source, data: io.FileIO) -> Iterator[tuple[int, str]]:
    """Write all files; the number of each that cannot be had, and why. Raises _Failed or MemoryError where a limit or
    our disk stands against it."""
    waiting: dict[int, list[tuple[int, int, int, int | None]]] = {}
    begin = 0
    for number, entry in enumerate(archive.files):
        if not entry.emptystream:
            waiting.setdefault(id(entry.folder), []).append((number, begin, entry.uncompressed, entry.crc32))
            begin += entry.uncompressed
    for folder, place, packed in _folders(archive):
        files = waiting.get(id(folder), [])
        done = 0
        try:
            for number, reason in _unpacked(folder, place, packed, files, source, data):
                done += 1
                if reason:
                    yield number, reason
        except (_Failed, MemoryError):
            raise
        except Exception as error:  # of many kinds, for packed bytes that are none
            reason = _refusal(folder, error)
            yield from ((number, reason) for number, *_ in files[done:])
        source.decoder = folder.decompressor = None  # its dictionary is given back before the next one is made


def _unpacked(
    folder: Any,
    place: int,
    packed: int,
    files: list[tuple[int, int, int, int | None]],
    source: _Source,
    data: io.FileIO,
) -> Iterator[tuple[int, str]]:
    """Write the files that are packed together; of each the number, and the reason where its bytes are not to be had."""
    source.seek(place)
    source.decoder = decoder = folder.get_decompressor(packed)
    left = sum(size for _, _, size, _ in files)
    piece = memoryview(b"")
    for number, begin, size, stated in files:
        data.seek(begin)
        found = 0
        while size:
            if not piece:
                piece = memoryview(_piece(decoder, source, min(left, _PIECE)))
                left -= len(piece)
            part, piece = piece[:size], piece[size:]
            size -= len(part)
            found = zlib.crc32(part, found)
            _write(data, part)
        yield (
            number,
            "" if stated in (None, found) else "damaged: its bytes are not those that its checksum was made of",
        )


def _piece(decoder: Any, source: _Source, most: int) -> bytes:
    """The next bytes, at most so many. Raises EOFError when none come any more."""
    idle, at = 0, source.tell()
    while not (piece := decoder.decompress(source, most)):
        before, at = at, source.tell()
        idle = 0 if at != before else idle + 1
        if idle > _IDLE:
            raise EOFError("the packed bytes end too early")
    return bytes(piece)


def _hungry(step: Any) -> bool:
    """Whether a decoder has used up what it was given; those that give all at once always have."""
    inner = getattr(step, "_decompressor", None) or getattr(step, "decoder", None) or step
    accepts = getattr(inner, "can_accept_more_data", None)  # of Brotli
    return bool(accepts() if accepts else getattr(inner, "needs_input", True))


def _write(data: io.FileIO, piece: memoryview) -> None:
    """All of a piece, which the system may take in parts. Raises _Failed, since nothing of the archive is at fault."""
    try:
        while piece:
            piece = piece[data.write(piece) or 0 :]
    except OSError as error:
        raise _Failed("system", error.strerror or str(error), error.errno) from None


def _refusal(folder: Any, error: Exception) -> str:
    """Why the files that are packed together cannot be had."""
    import py7zr

    if isinstance(error, py7zr.PasswordRequired):
        return "encrypted in the archive; deliver it without a password"
    if isinstance(error, py7zr.UnsupportedCompressionMethodError):
        names = [_METHODS[method] for coder in folder.coders if (method := coder["method"].hex()) in _METHODS]
        how = f"by {' and '.join(names)}" if names else "in a way that is not known"
        return f"packed {how}, which is not unpacked; ask for it as .zip"
    return f"cannot be unpacked ({_told(error)})"


def _told(error: Exception) -> str:
    return _short(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _short(words: str) -> str:
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split()).removesuffix(".")
    return words if len(words) <= _WORDS else f"{words[:_WORDS]}…"
