"""Archives of 7-Zip, by py7zr in a process of its own (`sevenzip_worker`) with limits of memory, time and what it may write.

The process has one file of ours to write to, which has no name where the system can do without, and is gone with the
intake however that ends. The intake itself reads that file, and never the archive.
"""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from assessor.errors import EvidenceError
from assessor.evidence import confined, sevenzip_worker

if TYPE_CHECKING:
    from assessor.evidence.sources import Room

MAGIC = b"7z\xbc\xaf\x27\x1c"
MEMORY = 1536 << 20
"""Bytes of memory (address space) that unpacking may take; 7-Zip itself takes a dictionary of up to 256 MB unless it is told to."""
_SECONDS, _RATE = 60, 2 << 20
"""Seconds of computing that unpacking may take, and bytes, packed and unpacked, for each of which one second is added."""
_WAITING = 3
"""How many times that it may take by the clock, on a machine that is busy with other things."""
_ENDING = 5
"""Seconds in which a process that answers no more has ended."""
_LONGEST, _NAMES = 1 << 20, 64 << 20
"""Characters of an answer, and of all answers about the entries."""
_REASONS = {
    sevenzip_worker.LINK: "a symbolic link; links are not followed",
    sevenzip_worker.SPECIAL: "a special file (device, pipe or socket); only regular files are taken",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the header of an archive says of one entry; `begin` is where its bytes will stand. `refused` says why it is not
    taken."""

    name: str
    size: int
    begin: int
    folder: bool
    refused: str


@dataclass
class Archive:
    """An archive that a process looks at while the context of `opened` lasts."""

    shown: str
    size: int
    room: Room
    spool: IO[bytes]
    process: Any
    entries: list[Entry] = field(default_factory=list)

    def unpack(self) -> dict[int, str]:
        """Have all files unpacked; of those that cannot be had, by their numbers, the reason. Raises EvidenceError when a limit
        is reached, and OSError when the disk of ours is full."""
        seconds = _SECONDS + (self.size + sum(entry.size for entry in self.entries)) // _RATE
        with suppress(OSError):  # it has ended; why is told below
            confined.pipe(self.process.stdin).write(f"{seconds}\n")
            confined.pipe(self.process.stdin).flush()
        return {int(number): str(reason) for number, reason in self._answers(seconds)}

    def open(self, number: int) -> IO[bytes]:
        """The bytes of an entry that was unpacked."""
        return cast(IO[bytes], _Part(self.spool, self.entries[number].begin, self.entries[number].size))

    def listed(self) -> None:
        """Hear what the archive holds. Raises EvidenceError when it cannot be opened."""
        begin = 0
        for name, size, kind in self._answers(sevenzip_worker.HEADER_SECONDS):
            folder = kind == sevenzip_worker.FOLDER
            self.entries.append(Entry(name, size, begin, folder, _REASONS.get(kind, "")))
            begin += size

    def _answers(self, seconds: int) -> Iterator[list[Any]]:
        """The lists that come until all is told."""
        ended = threading.Event()

        def end() -> None:
            ended.set()
            self.process.kill()

        timer = threading.Timer(_WAITING * max(1, seconds), end)
        timer.start()
        try:
            told = 0
            answer: Any = None
            while (line := confined.pipe(self.process.stdout).readline(_LONGEST)).endswith("\n"):
                told += len(line)
                if told > _NAMES:
                    raise EvidenceError(
                        f"{self.shown} has names that take more than {_NAMES >> 20} MB, which is the limit; ask for it as .zip."
                    )
                answer = json.loads(line)
                if isinstance(answer, dict):
                    break
                yield answer
        except (OSError, ValueError):  # it ended, or what it says is no answer
            answer = None
        finally:
            timer.cancel()
            timer.join()
        if not isinstance(answer, dict):
            self._died(seconds, timed_out=ended.is_set())
        elif answer.get("failed"):
            self._failed(answer)

    def _failed(self, answer: dict[str, Any]) -> None:
        """Raise EvidenceError for what the process says went wrong, or OSError where it is the disk of ours."""
        kind, words = answer["failed"], answer["words"]
        if kind == "members":
            self.room.ask(self.shown, count=self.room.limits.max_members + 1)
        if kind == "system":
            raise OSError(answer["errno"], words, self.shown)
        if kind == "memory":
            told = (
                f"needs more than {MEMORY >> 20:,} MB of memory to be unpacked, which is the limit; ask for it as .zip"
            )
        elif kind == "encrypted":
            told = "is encrypted with its list of names; deliver it without a password"
        elif kind == "anti":
            told = "holds orders to delete files (anti-items), which are never followed; ask for the files themselves as .zip"
        elif kind == "library":
            told = (
                f"cannot be opened, since the library for it cannot be loaded ({words}); "
                "install it anew with `pip install 'assessor[sevenzip]'`"
            )
        elif re.search(r"\.\d{3}$", self.shown):
            told = f"is a part of an archive in several parts, which are not joined; deliver it as one file ({words})"
        else:
            told = f"is damaged and cannot be unpacked: {words}"
        raise EvidenceError(f"{self.shown} {told}.")

    def _died(self, seconds: int, *, timed_out: bool) -> None:
        """Raise EvidenceError for a process that gave no answer to the end."""
        how = "an answer that is none"
        with suppress(subprocess.TimeoutExpired):
            code = self.process.wait(_ENDING)
            how = f"code {code}"
            with suppress(ValueError):
                how = signal.Signals(-code).name
        if timed_out or how == "SIGXCPU":
            told = f"takes more than {seconds:,} seconds to be unpacked, which is the limit"
        else:
            told = f"cannot be unpacked within the limits: the process for it ended with {how}"
        raise EvidenceError(f"{self.shown} {told}; ask for it as .zip.")


class _Part(io.RawIOBase):
    """The bytes of one entry within the file that holds all of them."""

    def __init__(self, spool: IO[bytes], begin: int, size: int) -> None:
        self.spool, self.at, self.end = spool, begin, begin + size

    def read(self, size: int = -1) -> bytes:
        """As of any file. Raises EOFError when the bytes are not there."""
        wanted = self.end - self.at if size < 0 else min(size, self.end - self.at)
        if not wanted:
            return b""
        self.spool.seek(self.at)
        piece = self.spool.read(wanted)
        if not piece:
            raise EOFError("its bytes were not written")
        self.at += len(piece)
        return piece


@contextmanager
def opened(path: Path, shown: str, room: Room, folder: Path) -> Iterator[Archive]:
    """An archive with what it holds; `folder` is on the disk that takes its bytes. Raises EvidenceError when it is damaged,
    encrypted or beyond a limit, or when the extra `sevenzip` is not installed."""
    if not find_spec("py7zr"):
        raise EvidenceError(
            f"{shown} is a 7-Zip archive, which needs the extra `sevenzip` to be opened; install it with "
            "`pip install 'assessor[sevenzip]'` and take the delivery in again, or ask for it as .zip."
        )
    most = max(0, room.limits.max_members - room.members)
    with tempfile.TemporaryFile(buffering=0, dir=folder) as spool:
        process = confined.start(sevenzip_worker.__name__, path, MEMORY, most, data=cast(IO[bytes], spool))
        try:
            archive = Archive(shown, path.stat().st_size, room, cast(IO[bytes], spool), process)
            archive.listed()
            yield archive
        finally:
            process.kill()
            process.communicate()
