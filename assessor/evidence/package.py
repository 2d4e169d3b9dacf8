"""Taking a delivery in: copied, hashed while copied, kept as a BagIt 1.0 bag (RFC 8493), every file in the register.

    evidence/001-parts/
      bagit.txt  bag-info.txt  manifest-sha256.txt  manifest-sha512.txt  tagmanifest-sha256.txt
      metadata/evidence.jsonl        the register's rows of this delivery
      metadata/received-bag/…        the tag files of a bag that was delivered, if it was one
      data/…                         the client's bytes
      data/box.zip.members/…         what box.zip, which was delivered, holds

The bag is made in a temporary folder beside its place and renamed when it is whole. A later delivery is a new bag.
"""

from __future__ import annotations

import dataclasses
import errno
import gc
import hashlib
import heapq
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from assessor import files
from assessor.errors import EvidenceError
from assessor.evidence import active, bagit, register, safe_names, sources
from assessor.evidence.bagit import ReceivedBag
from assessor.evidence.register import AT_INTAKE, RegisterRow
from assessor.evidence.sources import Limits, Member, Room, members

if TYPE_CHECKING:
    import pandas as pd

INBOX = "inbox"
"""The folder of an engagement in which deliveries may wait; nothing in it is moved or changed."""
_TEMPORARY = ".intake-"
_CHUNK = 1 << 20
_FIRST = 1 << 16  # most files are smaller, and room for more would be made and given back for each
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_LOCK_SECONDS = 10
_OURS = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EMFILE)  # of the disk that is written to, not of what is read
_ENGINES = {name: getattr(hashlib, name) for name in bagit.ALGORITHMS} | {
    name: partial(hashlib.new, name, usedforsecurity=False) for name in ("md5", "sha1")
}
_HOLDERS = {"zip": "archive", "tar": "archive", "mail": "mail"}


@dataclass(frozen=True)
class Delivery:
    """A delivery that was taken in: its folder's name, its rows of the register, and what differs from its manifest
    (if it came as a bag) or was not stored as delivered, in sentences."""

    name: str
    folder: Path
    listed: list[RegisterRow]
    problems: tuple[str, ...]

    @property
    def rows(self) -> pd.DataFrame:
        """The rows as a table, as of `register.frame`."""
        return register.frame(self.listed)


@dataclass(frozen=True)
class Told:
    """What is known of a delivery beside its bytes; it goes into each row. `effective_from` and `effective_to` are the period
    that the delivery is evidence for, never the day of receipt; None is what nobody said. `group` is the engagement's id."""

    received: date
    supplied_by: str
    custodian: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    confidential: bool | None = None
    group: str = ""


def take_in(
    engagement_root: Path,
    package: Path,
    *,
    received: date,
    supplied_by: str,
    custodian: str,
    limits: Limits | None = None,
    effective_from: date | None = None,
    effective_to: date | None = None,
    confidential: bool | None = None,
    group: str = "",
) -> Delivery:
    """Take a folder, .zip, .tar, .tar.gz or .eml (or a bag as any of the first four) into `evidence/` and the register.

    Nothing is moved or changed in the package. Links and special files are not followed: they get a row with the reason. The
    members of archives and mails within it are kept beside these, each with a row. `effective_from` and `effective_to` are the
    period that the delivery is evidence for where it is known, `confidential` whether the client claims it, `group` the
    engagement's id. An intake that was killed when its bag was whole is completed, not repeated.
    Raises EvidenceError, in one sentence and with nothing left behind, when the package does not exist, is empty, has unsafe
    names, goes beyond the limits, or another command holds the engagement.
    """
    evidence = engagement_root / "evidence"
    if not package.exists():
        raise EvidenceError(f"There is no package {package}; give the path of a folder, .zip, .tar, .tar.gz or .eml.")
    _outside(engagement_root.resolve(), package.resolve())
    if not engagement_root.is_dir():
        raise EvidenceError(f"There is no engagement folder {engagement_root}; make one with `assessor new`.")
    told = Told(received, supplied_by, custodian, effective_from, effective_to, confidential, group)
    try:
        # a run writes the register too, with what it read of each item
        with (
            FileLock(engagement_root / ".lock", timeout=_LOCK_SECONDS),
            FileLock(engagement_root / ".run.lock", timeout=_LOCK_SECONDS),
        ):
            evidence.mkdir(exist_ok=True)
            completed = _recover(engagement_root)
            number = 1 + max((int(name.split("-")[0]) for name in _bags(evidence)), default=0)
            target = evidence / f"{number:03d}-{_slug(package)}"
            temporary = evidence / f"{_TEMPORARY}{target.name}"
            before = register.read_rows(engagement_root / "register.jsonl")
            try:
                with _uncollected():
                    listed, problems = _fill(temporary, target, package, before, told, limits or Limits())
                if completed and _content(completed) == _content(listed):
                    name = completed[0].delivery
                    return Delivery(name, evidence / name, completed, problems)
                temporary.rename(target)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
            with (target / "metadata" / "evidence.jsonl").open("rb") as lines:
                register.append_lines(engagement_root / "register.jsonl", lines)
            return Delivery(target.name, target, listed, problems)
    except Timeout:
        raise EvidenceError(f"Another command is working on {engagement_root}; wait until it has ended.") from None
    except OSError as error:
        raise EvidenceError(
            f"{package} could not be copied: {error.strerror or error} ({error.filename or 'no file named'})."
        ) from error


@dataclass
class _Bag:
    """A bag while it is filled. `rows` has a row of each path, `derived_from` of which is a path until all ids are known;
    `forms` says of each path that holds others as what."""

    data: Path
    common: dict[str, Any]
    room: Room
    taken: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    rows: dict[str, RegisterRow] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, path: str, reasons: Iterable[str], **more: Any) -> None:
        """Enter a row."""
        reason = " | ".join(AT_INTAKE + each for each in reasons) or None
        self.rows[path] = RegisterRow(id="", path=path, reason=reason, **(self.common | more))


def _fill(
    temporary: Path, target: Path, package: Path, before: list[RegisterRow], told: Told, limits: Limits
) -> tuple[list[RegisterRow], tuple[str, ...]]:
    """The whole bag in its temporary folder; its rows and its problems."""
    data = temporary / "data"
    data.mkdir(parents=True)
    common = {key: value for key, value in vars(told).items() if key != "group"}
    bag = _Bag(data, {"delivery": target.name, **common}, Room(limits))
    with members(package, bag.room) as (listing, received):
        tags: set[str] = set()
        for member in listing:
            if member.tag:
                kept = temporary / "metadata" / "received-bag" / safe_names.kept(member.name, tags)
                kept.parent.mkdir(parents=True, exist_ok=True)
                _copy(member, str(kept), (), bag.room)
        _take(bag, [member for member in listing if not member.tag] if tags else listing, "", received)
        for name in received.missing():
            reason = "named in the manifest that was delivered, but not in the delivery"
            bag.add(safe_names.kept(safe_names.inner(name)[0], bag.taken), [reason], kind="unknown", status="missing")
            bag.problems.append(f"{name}: {reason}")
        bag.problems += received.problems
        del listing
    if not bag.rows:
        raise EvidenceError(f"{package} is empty; there is nothing to take in.")
    _open_holders(bag, before)
    bag.taken.clear()
    listed = _numbered(bag.rows, before)
    stored = {row.path: (row.sha256, row.sha512) for row in listed if row.sha256 and row.sha512}
    bagit.write(
        temporary,
        stored,
        {"metadata/evidence.jsonl": register.lines(listed)},
        {
            "Source-Organization": told.supplied_by,
            "Contact-Name": told.custodian,
            "External-Identifier": package.name,
            "Bagging-Date": told.received.isoformat(),
            "Payload-Oxum": f"{sum(row.size or 0 for row in listed)}.{len(stored)}",
            **({"Bag-Group-Identifier": told.group} if told.group else {}),
            **_earlier(target.parent),
        },
    )
    return listed, tuple(bag.problems)


def _take(bag: _Bag, listing: list[Member], prefix: str, received: ReceivedBag, parent: str | None = None) -> None:
    """Copy members under `prefix`, and enter a row of each; `parent` is the path of what holds them."""
    names = [""] * len(listing)
    for at in sorted(range(len(listing)), key=lambda at: listing[at].name):
        names[at] = safe_names.kept(prefix + listing[at].name, bag.taken)
    algorithms = ("sha256", "sha512", *received.algorithms)
    bag.room.members += len(listing)
    for member, name in zip(listing, names, strict=True):  # in the order of the archive, which can be read in one go
        reasons, shown = [], prefix + member.name
        if name != shown:
            reasons.append(f"delivered as {_short(member.name)!r}, kept under a name that is safe everywhere")
        if member.refused:
            bag.problems.append(f"{_short(shown)}: {member.refused}")
            bag.add(name, [*reasons, member.refused], kind="unknown", status="unreadable", derived_from=parent)
            continue
        target = f"{bag.data}/{name}"
        folder = target.rpartition("/")[0]
        if folder not in bag.folders:
            Path(folder).mkdir(parents=True, exist_ok=True)
            bag.folders.add(folder)
        try:
            size, (sha256, sha512, *others), head = _copy(member, target, algorithms, bag.room)
        except EvidenceError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _OURS:
                raise
            # otherwise a damaged archive member, for which the libraries raise errors of many kinds
            Path(target).unlink(missing_ok=True)
            reason = f"cannot be unpacked ({type(error).__name__}: {str(error)[:120]})"
            bag.problems.append(f"{_short(shown)}: {reason}")
            bag.add(name, [*reasons, reason], kind="unknown", status="unreadable", derived_from=parent)
            continue
        if others:
            reasons += received.check(member.name, dict(zip(received.algorithms, others, strict=True)))
        bag.problems += [f"{_short(shown)}: {reason}" for reason in reasons]
        reasons += ([member.note] if member.note else []) + active.notes(head, target)
        more: dict[str, Any] = {}
        if member.kind:
            more = _OF_MAIL[member.kind]
            reasons += more["told"]
            more = {"kind": member.kind, "status": more["status"]}
        elif received.is_list(member.name):
            reasons.append("a list of digests, with which the files of the delivery were compared")
            more = {"kind": "digests", "status": "read"}
        elif form := sources.holder(head, target, name):
            bag.forms[name] = form
        bag.add(name, reasons, size=size, sha256=sha256, sha512=sha512, derived_from=parent, **more)


_OF_MAIL: dict[str, dict[str, Any]] = {
    "mail.headers": {
        "status": "read",
        "told": ["who wrote to whom, when and about what, written from the mail's headers"],
    },
    "mail.text": {
        "status": "partly_read",
        "told": ["the text of a mail, from which no facts are taken; a person reads it"],
    },
}


def _open_holders(bag: _Bag, before: list[RegisterRow]) -> None:
    """Take in what archives and mails hold, level by level within the limits, in the order of paths.

    The bytes of an archive that was opened are not opened again: its second row will be a duplicate of the first.
    """
    holding = {row.derived_from for row in before if row.derived_from}
    opened = {row.sha256 for row in before if row.id in holding}
    waiting = [(path, 1) for path in bag.forms]
    heapq.heapify(waiting)
    while waiting:
        path, depth = heapq.heappop(waiting)
        row, form = bag.rows[path], bag.forms[path]
        if row.sha256 in opened:
            continue
        opened.add(row.sha256)
        known = len(bag.rows)
        status = "read"
        if depth > bag.room.limits.max_depth:
            status = "unreadable"
            told = f"not opened: it lies more than {depth - 1} archives or mails deep, which is the limit (max_depth in [intake] of engagement.toml)"
        else:
            try:
                with sources.inside(bag.data / path, form, path, bag.room) as listing:
                    _take(bag, listing, f"{path}.members/", ReceivedBag(), path)
                found = len(bag.rows) - known
                told = (
                    f"its {found} {'member is an item of its own' if found == 1 else 'members are items of their own'}"
                )
                if not found:
                    told = "it holds no file"
            except EvidenceError as error:
                status, told = "unreadable", f"not opened: {str(error).removesuffix('.')}"
        if status != "read":
            bag.problems.append(f"{_short(path)}: {told}")
        reason = " | ".join([*([row.reason] if row.reason else []), AT_INTAKE + told])
        bag.rows[path] = dataclasses.replace(row, kind=_HOLDERS[form], status=status, reason=reason)
        for inner in list(bag.rows)[known:]:
            if inner in bag.forms:
                heapq.heappush(waiting, (inner, depth + 1))


def _numbered(rows: dict[str, RegisterRow], before: list[RegisterRow]) -> list[RegisterRow]:
    """The rows, which are taken away, in the order of their paths with ids, duplicates, earlier versions and what they derive
    from."""
    first = {row.sha256: row.id for row in reversed(before) if row.sha256 and row.status != "duplicate"}
    latest = {row.path: row for row in before if row.sha256}
    start = max((int(row.id[2:]) for row in before), default=0) + 1
    ids = {path: f"E-{number:04d}" for number, path in enumerate(sorted(rows), start)}
    listed = []
    for path, item in ids.items():
        row = rows.pop(path)
        more: dict[str, Any] = {"id": item}
        if row.derived_from:
            more["derived_from"] = ids[row.derived_from]
        if row.sha256:
            if path in latest and latest[path].sha256 != row.sha256:
                more["version_of"] = latest[path].id
            if row.sha256 in first:
                kept = f"{row.reason} | " if row.reason else ""
                more |= {"status": "duplicate", "reason": f"{kept}{AT_INTAKE}the same bytes as {first[row.sha256]}"}
            else:
                first[row.sha256] = item
        for name, value in more.items():  # nobody else has the row yet, and a copy of each of very many takes its time
            object.__setattr__(row, name, value)
        listed.append(row)
    return listed


def _earlier(evidence: Path) -> dict[str, str]:
    """The bags that this one follows, each by the digest of its tag manifest, which stands for all of it."""
    told = []
    for name in _bags(evidence):
        manifest = evidence / name / "tagmanifest-sha256.txt"
        digest = files.sha256(manifest) if manifest.is_file() else "none"
        told.append(f"{name} (SHA-256 of its tagmanifest-sha256.txt: {digest})")
    return {"Internal-Sender-Description": f"Follows {'; '.join(told)}"} if told else {}


def _copy(member: Member, target: str, algorithms: tuple[str, ...], room: Room) -> tuple[int, list[str], bytes]:
    """Copy a member; its size, its digests and its first bytes. Raises EvidenceError when it is larger than the limit,
    whatever it stated."""
    engines = [_ENGINES[name]() for name in algorithms]
    size = 0
    with member.open() as source:
        copy = os.open(target, _NEW, 0o666)
        try:
            piece = head = source.read(_FIRST)
            while piece:
                size += len(piece)
                room.ask(member.name, total=size)
                for engine in engines:
                    engine.update(piece)
                _write(copy, piece)
                piece = source.read(_CHUNK)
        finally:
            os.close(copy)
    room.bytes += size
    return size, [engine.hexdigest() for engine in engines], head


def _write(handle: int, piece: bytes) -> None:
    """All of a piece, which the system may take in parts."""
    written = os.write(handle, piece)
    while written < len(piece):
        written += os.write(handle, memoryview(piece)[written:])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: rows have none, and looking for them among very many is a tenth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _content(rows: list[RegisterRow]) -> list[tuple[str, str | None]]:
    """What was delivered; what archives hold follows from it, and is not taken from the same archive twice."""
    return [(row.path, row.sha256) for row in rows if not row.derived_from]


def _short(name: str) -> str:
    return name if len(name) <= 200 else f"{name[:200]}…"


def _outside(root: Path, package: Path) -> None:
    within = root in package.parents and root / INBOX not in package.parents
    if package == root or within or package in root.parents:
        raise EvidenceError(
            f"{package} and the engagement folder {root} lie within one another; deliver from elsewhere."
        )


def _slug(package: Path) -> str:
    name = re.sub(r"(\.tar)?\.(gz|tgz|zip|tar|eml)$", "", package.resolve().name.lower())
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "delivery"


def _bags(evidence: Path) -> list[str]:
    return sorted(path.name for path in evidence.iterdir() if path.is_dir() and re.match(r"\d{3,}-", path.name))


def _recover(root: Path) -> list[RegisterRow]:
    """Remove what an interrupted intake left, and enter a bag that was whole but not yet in the register; its rows."""
    evidence = root / "evidence"
    for path in evidence.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(path, ignore_errors=True)
    files.sweep(root)
    known = {row.delivery for row in register.read_rows(root / "register.jsonl")}
    entered = []
    for name in _bags(evidence):
        rows = evidence / name / "metadata" / "evidence.jsonl"
        if name not in known and rows.exists():
            entered = register.read_rows(rows)
            register.append(root / "register.jsonl", entered)
    return entered
