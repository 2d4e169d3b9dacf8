"""What a delivery holds: the members of a folder, .zip, .tar or .tar.gz, without trusting any of their names or sizes."""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

from assessor.errors import EvidenceError
from assessor.evidence.bagit import ReceivedBag

MAX_MEMBERS = 20_000
"""Files, folders and links that a delivery may hold."""
MAX_BYTES = 8 << 30
"""Bytes that a delivery may hold when unpacked."""
MAX_DEPTH = 60
_MAX_TAG = 64 << 20
_MAX_READ = 16 << 20


@dataclass(frozen=True)
class Member:
    """A file as delivered. `refused` says why it is not opened; `tag` marks a tag file of a bag that was delivered."""

    name: str
    open: Callable[[], IO[bytes]]
    refused: str = ""
    tag: bool = False


@contextmanager
def members(package: Path) -> Iterator[tuple[list[Member], ReceivedBag]]:
    """The members of a package in its order, and the manifests if it is a bag (whose payload is named without data/).

    The members can be opened while the context lasts. Raises EvidenceError for a package that is refused.
    """
    with ExitStack() as stack:
        if package.is_dir():
            found = list(_folder(package))
        elif zipfile.is_zipfile(package) and package.suffix.lower() == ".zip":
            found = list(_zip(package, stack.enter_context(_opened(package))))
        elif re.search(r"\.(tar|tgz|tar\.gz)$", package.name, re.IGNORECASE):
            found = list(_tar(package, stack))
        elif package.is_file() and package.stat().st_size == 0:
            raise EvidenceError(f"{package} is empty; there is nothing to take in.")
        else:
            raise EvidenceError(
                f"{package} is not a folder, .zip, .tar or .tar.gz that can be opened; deliver one of these."
            )
        yield _bag(found)


def _bag(found: list[Member]) -> tuple[list[Member], ReceivedBag]:
    """Members and manifests when the package, or the one folder in it, is a bag; otherwise the members as they are."""
    names = {member.name for member in found}
    tops = {name.split("/")[0] for name in names}
    top = "" if "bagit.txt" in names else f"{next(iter(tops))}/" if len(tops) == 1 else None
    if top is None or f"{top}bagit.txt" not in names or not any(name.startswith(f"{top}data/") for name in names):
        return found, ReceivedBag()
    tags: dict[str, bytes] = {}
    listed = []
    for member in found:
        inner = member.name.removeprefix(top)
        payload = inner.startswith("data/")
        listed.append(replace(member, name=inner.removeprefix("data/"), tag=not payload and not member.refused))
        if listed[-1].tag:
            with member.open() as file:
                tags[inner] = file.read(_MAX_TAG)
    return listed, ReceivedBag(tags)


def _folder(package: Path) -> Iterator[Member]:
    count = total = 0
    for folder, folders, files in os.walk(package, followlinks=False, onerror=_unlisted):
        folders.sort()
        count += len(folders) + len(files)
        _limit(package, count=count)
        for name in sorted([*files, *(each for each in folders if os.path.islink(os.path.join(folder, each)))]):  # noqa: PTH114, PTH118
            path = Path(folder) / name
            inner = path.relative_to(package).as_posix().encode("utf-8", "replace").decode("utf-8")
            about = path.lstat()
            if stat.S_ISLNK(about.st_mode):
                yield Member(inner, _closed, f"a symbolic link to {str(path.readlink())!r}; links are not followed")
            elif not stat.S_ISREG(about.st_mode):
                yield Member(inner, _closed, "a special file (device, pipe or socket); only regular files are taken")
            else:
                total += about.st_size
                _limit(package, total=total)
                yield Member(inner, partial(_regular, path))


def _opened(package: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(package)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise EvidenceError(f"{package} is damaged and cannot be unpacked: {error}.") from None


def _zip(package: Path, archive: zipfile.ZipFile) -> Iterator[Member]:
    listed = archive.infolist()
    _limit(package, count=len(listed), total=sum(info.file_size for info in listed))
    seen: set[str] = set()
    for info in listed:
        name = _name(package, info.filename)
        mode = info.external_attr >> 16
        if info.is_dir() or not name:
            continue
        refused = ""
        if name in seen:
            refused = "a second member of the same name; the first is kept"
        elif stat.S_ISLNK(mode):
            refused = "a symbolic link; links are not followed"
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            refused = "a special file (device, pipe or socket); only regular files are taken"
        elif info.flag_bits & 1:
            refused = "encrypted in the archive; deliver it without a password"
        seen.add(name)
        yield Member(name, partial(archive.open, info), refused)


def _tar(package: Path, stack: ExitStack) -> Iterator[Member]:
    raw: BinaryIO = stack.enter_context(package.open("rb"))
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw)
    count = total = 0
    seen: set[str] = set()
    try:
        archive = stack.enter_context(tarfile.TarFile(fileobj=Careful(stream), mode="r", errorlevel=1))
        for info in archive:
            count, total = count + 1, total + info.size
            _limit(package, count=count, total=total)
            name = _name(package, info.name)
            if info.isdir() or not name:
                continue
            refused = ""
            if name in seen:
                refused = "a second member of the same name; the first is kept"
            elif info.issym() or info.islnk():
                refused = (
                    f"a {'symbolic' if info.issym() else 'hard'} link to {info.linkname!r}; links are not followed"
                )
            elif not info.isreg():
                refused = "a special file (device, pipe or socket); only regular files are taken"
            seen.add(name)
            yield Member(name, partial(_extracted, archive, info), refused)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise EvidenceError(f"{package} is damaged and cannot be unpacked: {error}.") from None


class Careful(io.RawIOBase):
    """A stream that refuses to read much at once, as a forged header of an archive would demand."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def read(self, size: int = -1) -> bytes:
        """As the stream's."""
        if size > _MAX_READ or size < 0:
            raise tarfile.ReadError("a header states an impossible length")
        return self.stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As the stream's."""
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        """As the stream's."""
        return self.stream.tell()


def _name(package: Path, name: str) -> str:
    """A member's name as path parts joined by "/". Raises EvidenceError for a name that leads out of the package."""
    plain = name.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain):
        raise EvidenceError(
            f"{package} holds the absolute name {name!r}, so nothing of it is taken; ask for a new package."
        )
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise EvidenceError(
            f"{package} holds the name {name!r}, which leads out of it, so nothing is taken; ask for a new package."
        )
    if len(parts) > MAX_DEPTH:
        raise EvidenceError(
            f"{package} holds folders more than {MAX_DEPTH} deep, which is the limit (MAX_DEPTH); ask for a flatter package."
        )
    return "/".join(parts)


def _limit(package: Path, *, count: int = 0, total: int = 0) -> None:
    if count > MAX_MEMBERS:
        raise EvidenceError(
            f"{package} holds more than {MAX_MEMBERS} members, which is the limit (MAX_MEMBERS); deliver it in parts."
        )
    if total > MAX_BYTES:
        raise EvidenceError(
            f"{package} holds more than {MAX_BYTES} bytes when unpacked, which is the limit (MAX_BYTES); deliver it in parts."
        )


def _regular(path: Path) -> IO[bytes]:
    """Open a regular file; never a link that took its place meanwhile."""
    return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb")


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return cast(IO[bytes], archive.extractfile(info))


def _closed() -> IO[bytes]:
    raise EvidenceError("a refused member is not opened")


def _unlisted(error: OSError) -> None:
    raise EvidenceError(f"{error.filename} cannot be listed: {error.strerror}; give reading rights and try again.")
