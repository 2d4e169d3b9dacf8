"""What a delivery holds: the members of a folder, .zip, .tar, .tar.gz, .7z or mail, without trusting any of their names or sizes."""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import IO, BinaryIO, Protocol, Self, cast

from assessor import files
from assessor.errors import EvidenceError
from assessor.evidence import mail, safe_names, sevenzip
from assessor.evidence.bagit import SUMS, ReceivedBag

_TAR = re.compile(r"\.(tar|tgz|tar\.gz)$", re.IGNORECASE)
GZIP = b"\x1f\x8b"
_OFFICE_PARTS = 5_000
"""Members of a .zip among which the mark of an Office file is looked for; none that a reader opens has more."""
_MAX_TAG = 64 << 20
_MAX_READ = 16 << 20
_MAX_ENDING = 66_000
"""Bytes at the end of a .zip within which its directory is told of."""
_MAX_DIRECTORY = 256 << 20  # which the library would hold in memory
_FREE = 64 << 20
"""Bytes that an archive may unpack to whatever the ratio."""


@dataclass(frozen=True)
class Limits:
    """What a delivery may hold, with all that is unpacked from it. Each is a key of `[intake]` in engagement.toml."""

    max_members: int = 200_000
    """Files and links, members of archives and mails within it included."""
    max_bytes: int = 16 << 30
    """Bytes when unpacked."""
    max_depth: int = 5
    """Archives and mails within one another."""
    max_ratio: int = 200
    """How many times its own size an archive may unpack to, beyond 64 MB."""


@dataclass
class Room:
    """How much of its limits a delivery has taken so far."""

    limits: Limits
    members: int = 0
    bytes: int = 0

    def ask(self, shown: str, *, count: int = 0, total: int = 0, packed: int | None = None) -> None:
        """Raises EvidenceError, naming the limit, when so many more members or bytes are too many."""
        limits = self.limits
        if self.members + count > limits.max_members:
            found = f"has the delivery hold more than {limits.max_members} members", "max_members"
        elif self.bytes + total > limits.max_bytes:
            found = f"has the delivery hold more than {limits.max_bytes} bytes when unpacked", "max_bytes"
        elif packed is not None and total > max(_FREE, limits.max_ratio * packed):
            found = f"unpacks to more than {limits.max_ratio} times its size, as only a bomb does", "max_ratio"
        else:
            return
        raise EvidenceError(
            f"{shown} {found[0]}, which is the limit ({found[1]} in [intake] of engagement.toml); deliver it in parts."
        )


class Readable(Protocol):
    """What the bytes of a member are read from, in pieces."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file as delivered. `refused` says why it is not opened, `note` what else is to be told of it; `tag` marks a tag file of a
    bag that was delivered, `kind` what came of a mail and is no file that somebody attached."""

    name: str
    open: Callable[[], AbstractContextManager[Readable]]
    refused: str = ""
    note: str = ""
    tag: bool = False
    kind: str = ""


@contextmanager
def members(package: Path, room: Room, work: Path) -> Iterator[tuple[list[Member], ReceivedBag]]:
    """The members of a package in its order, and the manifests if it is a bag (whose payload is named without data/).

    The members can be opened while the context lasts; `work` is a folder for what has to be unpacked before. Raises
    EvidenceError for a package that is refused.
    """
    with ExitStack() as stack:
        if package.is_dir():
            found = list(_folder(package, room))
        elif package.suffix.lower() == ".zip" and zipfile.is_zipfile(package):
            found = list(_zip(package, str(package), room, stack, strict=True))
        elif package.is_file() and _head(package).startswith(sevenzip.MAGIC):
            found = list(_sevenzip(package, str(package), room, stack, work, strict=True))
        elif _TAR.search(package.name):
            found = list(_tar(package, str(package), room, stack, strict=True))
        elif package.is_file() and package.stat().st_size == 0:
            raise EvidenceError(f"{package} is empty; there is nothing to take in.")
        elif package.is_file() and mail.recognised(_head(package), package.name):
            room.ask(str(package), count=1, total=package.stat().st_size)
            found = [Member(package.name, partial(_Regular, package))]
        else:
            raise EvidenceError(
                f"{package} is not a folder, .zip, .tar, .tar.gz, .7z or .eml that can be opened; deliver one of these."
            )
        yield _bag(found)


def holder(head: bytes, path: str, name: str) -> str:
    """What a stored file holds others as, by its content: "zip", "tar", "7z", "mail", or "" for a file that is evidence itself.

    Office files and the like are zip packages, and evidence themselves; so is a single file packed with gzip.
    """
    if head.startswith(sevenzip.MAGIC):
        return "7z"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        try:
            if not zipfile.is_zipfile(path) or _counted(Path(path), _OFFICE_PARTS) < 0:
                return "zip"
            with zipfile.ZipFile(path) as package:
                names = set(package.namelist())
        except files.BAD_ZIP:
            return "zip"
        return "" if names & {"[Content_Types].xml", "mimetype"} else "zip"
    if head[257:262] == b"ustar":
        return "tar"
    if b"%PDF-" in head[:1024]:  # after the archives, in which one may lie as it is
        return ""
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, 512)
        except zlib.error:
            head = b""
    if head[257:262] == b"ustar" or _TAR.search(name):
        return "tar"
    return "mail" if mail.recognised(head, name) else ""


@contextmanager
def inside(path: Path, form: str, shown: str, room: Room, work: Path) -> Iterator[list[Member]]:
    """The members of an archive or mail that is a file of a delivery; those with names that lead out of it are refused.
    `work` as of `members`.

    Raises EvidenceError when nothing of it can be taken.
    """
    with ExitStack() as stack:
        if form == "mail":
            yield _mail(path, shown, room)
        elif form == "7z":
            yield list(_sevenzip(path, shown, room, stack, work, strict=False))
        else:
            yield list((_zip if form == "zip" else _tar)(path, shown, room, stack, strict=False))


def _mail(path: Path, shown: str, room: Room) -> list[Member]:
    if path.stat().st_size > mail.MAX_MAIL:
        raise EvidenceError(f"{shown} is a mail of more than {mail.MAX_MAIL >> 20} MB, which is not opened.")
    try:
        parts = mail.parts(path.read_bytes())
    except ValueError as error:
        raise EvidenceError(f"{shown} is a mail that cannot be opened: {error}.") from None
    room.ask(shown, count=len(parts), total=sum(len(part.content) for part in parts))
    return [
        Member(safe_names.inner(part.name)[0] or "part", partial(io.BytesIO, part.content), kind=part.kind)
        for part in parts
    ]


def _bag(found: list[Member]) -> tuple[list[Member], ReceivedBag]:
    """Members and manifests when the package, or the one folder in it, is a bag; otherwise the members as they are."""
    names = {member.name for member in found}
    tops = {name.split("/")[0] for name in names}
    top = "" if "bagit.txt" in names else f"{next(iter(tops))}/" if len(tops) == 1 else None
    if top is None or f"{top}bagit.txt" not in names or not any(name.startswith(f"{top}data/") for name in names):
        return found, _listed(found)
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


def _listed(found: list[Member]) -> ReceivedBag:
    """The lists of digests at the top of a delivery that is no bag, or of the one folder in it."""
    tops = {member.name.partition("/")[0] for member in found}
    deep = 1 if len(tops) == 1 else 0
    received = ReceivedBag()
    for member in sorted(found, key=lambda each: each.name):
        folders, _, last = member.name.rpartition("/")
        if not member.refused and SUMS.fullmatch(last) and len(folders.split("/") if folders else []) <= deep:
            with member.open() as file:
                received.take_sums(member.name, file.read(_MAX_TAG))
    return received


def _folder(package: Path, room: Room) -> Iterator[Member]:
    count = total = 0
    waiting = [(os.fspath(package), "")]
    while waiting:
        folder, before = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=attrgetter("name"))
        except OSError as error:
            raise EvidenceError(
                f"{folder} cannot be listed: {error.strerror}; give reading rights and try again."
            ) from None
        count += len(entries)
        room.ask(str(package), count=count)
        folders = []
        for entry in entries:
            listed = before + entry.name
            if not listed.isascii():
                listed = listed.encode("utf-8", "replace").decode("utf-8")
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, f"{before}{entry.name}/"))
            elif entry.is_symlink():
                target = str(Path(entry.path).readlink())
                yield Member(listed, _closed, f"a symbolic link to {target!r}; links are not followed")
            elif not entry.is_file(follow_symlinks=False):
                yield Member(listed, _closed, "a special file (device, pipe or socket); only regular files are taken")
            else:
                about = entry.stat(follow_symlinks=False)
                total += about.st_size
                linked = "it has a second name on the disk (a hard link); its bytes were copied"
                yield Member(listed, partial(_Regular, entry.path), note=linked if about.st_nlink > 1 else "")
        waiting += reversed(folders)
        room.ask(str(package), total=total)


def _zip(path: Path, shown: str, room: Room, stack: ExitStack, *, strict: bool) -> Iterator[Member]:
    """Members of a .zip. With `strict`, a name that leads out refuses all; otherwise its member alone."""
    try:
        count = _counted(path, room.limits.max_members)  # before the library makes an object of each
        room.ask(shown, count=room.limits.max_members + 1 if count < 0 else count)
        archive = stack.enter_context(zipfile.ZipFile(path))
    except files.BAD_ZIP as error:
        raise EvidenceError(f"{shown} is damaged and cannot be unpacked: {error}.") from None
    listed = archive.infolist()
    room.ask(shown, count=len(listed), total=sum(info.file_size for info in listed), packed=path.stat().st_size)
    end = 0
    for info in sorted(listed, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise EvidenceError(
                f"{shown} has members that lie over one another, as only a bomb has; ask for a new package."
            )
        end = info.header_offset + 30 + info.compress_size  # 30 bytes of a header besides the name
    seen: set[str] = set()
    for info in listed:
        name, refused = _named(shown, info.filename, strict=strict)
        mode = info.external_attr >> 16
        if info.is_dir() or not name:
            continue
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


def _counted(path: Path, most: int) -> int:
    """How many entries the directory of a .zip really has, whatever it states; -1 when more than `most`.

    Raises BadZipFile when there is no directory.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, size - _MAX_ENDING))
        ending = file.read()
        at = ending.rfind(b"PK\x05\x06")
        if at < 0 or len(ending) < at + 22:
            raise zipfile.BadZipFile("it has no directory")
        length, end = int.from_bytes(ending[at + 12 : at + 16], "little"), start + at
        if ending[max(0, at - 20) : at].startswith(b"PK\x06\x07"):  # of more than 65,535 members or 4 GB
            file.seek(max(0, end - 76))
            large = file.read(56)
            if large.startswith(b"PK\x06\x06"):
                length, end = int.from_bytes(large[40:48], "little"), end - 76
        at, count = end - length, 0
        file.seek(max(0, at))
        while at < end and (entry := file.read(46)).startswith(b"PK\x01\x02") and len(entry) == 46:
            count += 1
            if count > most:
                return -1
            at += 46 + sum(struct.unpack_from("<3H", entry, 28))
            file.seek(at)
    if at != end or length > _MAX_DIRECTORY:
        raise zipfile.BadZipFile("its directory is damaged")
    return count


def _tar(path: Path, shown: str, room: Room, stack: ExitStack, *, strict: bool) -> Iterator[Member]:
    """Members of a .tar or .tar.gz; `strict` as of `_zip`."""
    raw: BinaryIO = stack.enter_context(path.open("rb"))
    packed = raw.read(2) == GZIP
    raw.seek(0)
    stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw)
    size = path.stat().st_size if packed else None
    count = total = 0
    seen: set[str] = set()
    try:
        archive = stack.enter_context(tarfile.TarFile(fileobj=Careful(stream), mode="r", errorlevel=1))
        for info in archive:
            count, total = count + 1, total + info.size
            room.ask(shown, count=count, total=total, packed=size)
            name, refused = _named(shown, info.name, strict=strict)
            if info.isdir() or not name:
                continue
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
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        raise EvidenceError(f"{shown} is damaged and cannot be unpacked: {error}.") from None


def _sevenzip(path: Path, shown: str, room: Room, stack: ExitStack, work: Path, *, strict: bool) -> Iterator[Member]:
    """Members of a .7z, all unpacked in one go once names and sizes are within what is allowed; `strict` as of `_zip`."""
    archive = stack.enter_context(sevenzip.opened(path, shown, room, work))
    total = sum(entry.size for entry in archive.entries)
    room.ask(shown, count=len(archive.entries), total=total, packed=path.stat().st_size)
    listed: dict[int, tuple[str, str]] = {}
    seen: set[str] = set()
    for number, entry in enumerate(archive.entries):
        name, refused = _named(shown, entry.name, strict=strict)
        if entry.folder or not name:
            continue
        if name in seen:
            refused = "a second member of the same name; the first is kept"
        seen.add(name)
        listed[number] = name, entry.refused or refused
    damaged = archive.unpack()
    for number, (name, refused) in listed.items():
        yield Member(name, partial(archive.open, number), refused or damaged.get(number, ""))


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


def _named(shown: str, given: str, *, strict: bool) -> tuple[str, str]:
    """A member's name, and why it is refused. Raises EvidenceError, with `strict`, for a name that leads out of the package."""
    name, wrong = safe_names.inner(given)
    if wrong and strict:
        raise EvidenceError(f"{shown} holds {wrong}, so nothing of it is taken; ask for a new package.")
    return name, f"refused: the archive holds {wrong}" if wrong else ""


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 16)


class _Regular:
    """A regular file of a folder, never a link that took its place meanwhile, with no more about it than is needed to read it
    once, since there may be very many."""

    __slots__ = ("_handle",)

    def __init__(self, path: str | Path) -> None:
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def read(self, size: int) -> bytes:
        """As a file's."""
        return os.read(self._handle, size)


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return cast(IO[bytes], archive.extractfile(info))


def _closed() -> IO[bytes]:
    raise EvidenceError("a refused member is not opened")
