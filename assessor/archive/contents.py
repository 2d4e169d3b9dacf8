"""What lies in a folder, .zip or .tar that is to be verified, without trusting any name, link or size in it.

Nothing is unpacked to look at it; what cannot be looked at is a problem, never an exception to it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from assessor.errors import ArchiveError
from assessor.evidence.sources import Careful

Problem = dict[str, str]
"""One thing that is wrong: code, place and message."""

_CHUNK = 1 << 20
_ALWAYS = ("sha256", "sha512")


def problem(code: str, place: str, message: str) -> Problem:
    """A problem as `--json` prints it."""
    return {"code": code, "place": place, "message": message}


class File:
    """A regular file: its bytes are read once for both digests, and these are kept."""

    def __init__(self, opened: Callable[[], IO[bytes]]) -> None:
        self.open = opened
        self.size = -1
        self._digests: dict[str, str] = {}

    def digest(self, algorithm: str) -> str:
        """Hex digest. Raises what the libraries raise for a damaged member, of any kind."""
        if algorithm not in self._digests:
            names = _ALWAYS if algorithm in _ALWAYS else (algorithm,)
            engines = {name: hashlib.new(name, usedforsecurity=False) for name in names}
            size = 0
            with self.open() as file:
                while piece := file.read(_CHUNK):
                    size += len(piece)
                    for engine in engines.values():
                        engine.update(piece)
            self.size = size
            self._digests |= {name: engine.hexdigest() for name, engine in engines.items()}
        return self._digests[algorithm]

    def read(self, limit: int = 256 << 20) -> bytes:
        """All bytes of a file that is to be small. Raises ArchiveError when it is larger than the limit."""
        with self.open() as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise ArchiveError(
                f"A file holds more than {limit} bytes where only small ones stand; it is not looked into."
            )
        return content

    def copy(self, target: Path) -> None:
        """Copy to a new file that the owner alone can read."""
        with self.open() as source, private(target) as copy:
            while piece := source.read(_CHUNK):
                copy.write(piece)


def private(path: Path) -> BinaryIO:
    """A new file for writing that the owner alone can read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    return cast(BinaryIO, os.fdopen(handle, "wb"))


@contextmanager
def contents(path: Path) -> Iterator[tuple[dict[str, File], list[Problem]]]:
    """The files of a folder, .zip or .tar (.tar.gz) by their places in it, and what is wrong with the container itself: links, special
    files, names that lead out, names twice, damage. Where an archive holds one folder, places are within that.

    Files can be opened while the context lasts. Raises ArchiveError when `path` is none of these.
    """
    files: dict[str, File] = {}
    problems: list[Problem] = []
    if path.is_dir():
        _folder(path, files, problems)
        yield files, problems
        return
    if not path.is_file():
        raise ArchiveError(f"{path} is no folder and no file that can be looked into; name one.")
    with path.open("rb") as raw:
        reader: Any = None
        try:
            if re.search(r"\.zip$", path.name, re.IGNORECASE):
                reader = zipfile.ZipFile(raw)
                _zip(reader, files, problems)
            elif re.search(r"\.(tar|tgz|tar\.gz)$", path.name, re.IGNORECASE):
                packed = raw.read(2) == b"\x1f\x8b"
                raw.seek(0)
                stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
                reader = tarfile.TarFile(fileobj=cast(Any, Careful(stream)), mode="r", errorlevel=1)
                _tar(reader, files, problems)
            else:
                raise ArchiveError(f"{path} is no folder, .zip, .tar, .tar.age or .docx; name one of these.")
        except ArchiveError:
            raise
        except Exception as error:  # a damaged archive, for which the libraries raise errors of many kinds
            problems.append(problem("archive_damaged", path.name, f"The archive is cut short or damaged: {error}."))
        yield _inner(files), problems


def damaged(files: Mapping[str, File]) -> list[Problem]:
    """Read every file once, in the order of the container, for its digests; those that cannot be read."""
    found = []
    for name, file in files.items():
        try:
            file.digest("sha256")
        except Exception as error:  # as above
            found.append(problem("unreadable", name, f"The file cannot be read: {error}."))
    return found


def _inner(files: dict[str, File]) -> dict[str, File]:
    tops = {name.split("/")[0] for name in files}
    if len(tops) != 1 or "" in tops or any("/" not in name for name in files):
        return files
    top = len(tops.pop()) + 1
    return {name[top:]: file for name, file in files.items()}


def _folder(root: Path, files: dict[str, File], problems: list[Problem]) -> None:
    def unlisted(error: OSError) -> None:
        problems.append(problem("unreadable", str(error.filename), f"The folder cannot be listed: {error.strerror}."))

    for folder, folders, names in os.walk(root, followlinks=False, onerror=unlisted):
        folders.sort()
        for name in sorted([*folders, *names]):
            path = Path(folder) / name
            place = path.relative_to(root).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                what = "A symbolic link to a folder" if path.is_dir() else "A symbolic link"
                problems.append(
                    problem("link", place, f"{what} lies here; a bag holds only files, and it is not followed.")
                )
            elif stat.S_ISREG(mode):
                files[place] = File(partial(_regular, path))
            elif not stat.S_ISDIR(mode):
                problems.append(
                    problem("special_file", place, "A device, pipe or socket lies here; a bag holds only files.")
                )


def _zip(archive: zipfile.ZipFile, files: dict[str, File], problems: list[Problem]) -> None:
    for info in archive.infolist():
        mode = info.external_attr >> 16
        kind = (
            "link"
            if stat.S_ISLNK(mode)
            else "special_file"
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)
            else ""
        )
        if info.flag_bits & 1:
            kind = "encrypted_member"
        _enter(info.orig_filename, info.orig_filename.endswith("/"), kind, partial(archive.open, info), files, problems)


def _tar(archive: tarfile.TarFile, files: dict[str, File], problems: list[Problem]) -> None:
    for info in archive:
        kind = (
            ""
            if (info.isreg() and not info.issparse()) or info.isdir()
            else "link"
            if info.issym() or info.islnk()
            else "special_file"
        )
        opened = partial(cast(Callable[..., IO[bytes]], archive.extractfile), info)
        _enter(info.name, info.isdir(), kind, opened, files, problems)


def _enter(
    name: str, folder: bool, kind: str, opened: Callable[[], IO[bytes]], files: dict[str, File], problems: list[Problem]
) -> None:
    shown = name.encode("utf-8", "replace").decode("utf-8")
    plain = re.sub(r"^(\./)+|/+$", "", name)
    if folder and plain in ("", "."):
        return
    if not safe(plain):
        problems.append(
            problem("unsafe_name", shown, "The name leads out of the archive or is none; it is not opened.")
        )
    elif kind:
        problems.append(
            problem(
                kind, shown, "A link, special file or encrypted member; a bag holds only files, and it is not opened."
            )
        )
    elif not folder and plain in files:
        problems.append(
            problem(
                "name_twice", shown, "The archive holds two members of this name; no one can tell which one counts."
            )
        )
    elif not folder:
        files[plain] = File(opened)


def safe(name: str) -> bool:
    """Whether a name is a place below the folder that it is read in, on every system."""
    parts = name.split("/")
    odd = name.startswith(("/", "~")) or "\\" in name or "\0" in name or re.match("[A-Za-z]:", name)
    return not odd and all(part not in ("", ".", "..") for part in parts)


def _regular(path: Path) -> IO[bytes]:
    """Open a regular file; never a link that took its place meanwhile."""
    return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb")
