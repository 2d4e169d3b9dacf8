"""Taking a delivery in: copied, hashed while copied, kept as a BagIt 1.0 bag (RFC 8493), every file in the register.

    evidence/001-parts/
      bagit.txt  bag-info.txt  manifest-sha256.txt  manifest-sha512.txt  tagmanifest-sha256.txt
      metadata/evidence.jsonl        the register's rows of this delivery
      metadata/received-bag/…        the tag files of a bag that was delivered, if it was one
      data/…                         the client's bytes

The bag is made in a temporary folder beside its place and renamed when it is whole. A later delivery is a new bag.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import re
import shutil
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from assessor.errors import EvidenceError
from assessor.evidence import bagit, register
from assessor.evidence.register import AT_INTAKE, RegisterRow
from assessor.evidence.sources import MAX_BYTES, Member, members

_TEMPORARY = ".intake-"
_CHUNK = 1 << 20
_MAX_NAME = 255
_LOCK_SECONDS = 10


@dataclass(frozen=True)
class Delivery:
    """A delivery that was taken in: its folder's name, its rows of the register, and what differs from its manifest
    (if it came as a bag) or was not stored as delivered, in sentences."""

    name: str
    folder: Path
    rows: pd.DataFrame
    problems: tuple[str, ...]


def take_in(engagement_root: Path, package: Path, *, received: date, supplied_by: str, custodian: str) -> Delivery:
    """Take a folder, .zip, .tar or .tar.gz (or a bag as any of these) into `evidence/` and the register.

    Nothing is moved or changed in the package. Links and special files are not followed: they get a row with the reason.
    Raises EvidenceError, in one sentence and with nothing left behind, when the package does not exist, is empty, has unsafe
    names, is too large, or another command holds the engagement.
    """
    evidence = engagement_root / "evidence"
    if not package.exists():
        raise EvidenceError(f"There is no package {package}; give the path of a folder, .zip, .tar or .tar.gz.")
    _outside(engagement_root.resolve(), package.resolve())
    if not engagement_root.is_dir():
        raise EvidenceError(f"There is no engagement folder {engagement_root}; make one with `assessor new`.")
    try:
        with FileLock(engagement_root / ".lock", timeout=_LOCK_SECONDS):
            evidence.mkdir(exist_ok=True)
            _recover(engagement_root)
            number = 1 + max((int(name.split("-")[0]) for name in _bags(evidence)), default=0)
            target = evidence / f"{number:03d}-{_slug(package)}"
            temporary = evidence / f"{_TEMPORARY}{target.name}"
            try:
                delivery = _fill(
                    temporary, target, package, _register(engagement_root), received, supplied_by, custodian
                )
                temporary.rename(target)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
            register.append(engagement_root / "register.jsonl", register.rows(delivery.rows))
            return delivery
    except Timeout:
        raise EvidenceError(f"Another command is working on {engagement_root}; wait until it has ended.") from None
    except OSError as error:
        raise EvidenceError(
            f"{package} could not be copied: {error.strerror or error} ({error.filename or 'no file named'})."
        ) from error


def _fill(
    temporary: Path,
    target: Path,
    package: Path,
    before: list[RegisterRow],
    received: date,
    supplied_by: str,
    custodian: str,
) -> Delivery:
    """The whole bag in its temporary folder."""
    data = temporary / "data"
    data.mkdir(parents=True)
    first = {row.sha256: row.id for row in reversed(before) if row.sha256 and row.status != "duplicate"}
    common: dict[str, Any] = {
        "delivery": target.name,
        "supplied_by": supplied_by,
        "custodian": custodian,
        "received": received,
    }
    taken: set[str] = set()
    tags: set[str] = set()
    rows: list[RegisterRow] = []
    digests: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    with members(package) as (listing, received_bag):
        names = {
            id(member): _safe_name(member.name, tags if member.tag else taken)
            for member in sorted(listing, key=lambda m: m.name)
        }
        for member in listing:  # in the order of the archive, which can be read in one go
            name = names[id(member)]
            if member.tag:
                _copy(member, temporary / "metadata" / "received-bag" / name, ())
                continue
            reasons = (
                []
                if name == member.name
                else [f"delivered as {member.name!r}, kept under a name that is safe everywhere"]
            )
            row = RegisterRow(id="", path=name, **common)
            if member.refused:
                rows.append(
                    dataclasses.replace(row, kind="unknown", status="unreadable", reason=AT_INTAKE + member.refused)
                )
                problems.append(f"{member.name}: {member.refused}")
                continue
            try:
                size, (sha256, sha512, *others) = _copy(
                    member, data / name, ("sha256", "sha512", *received_bag.algorithms)
                )
            except EvidenceError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS):
                    raise
                # otherwise a damaged archive member, for which the libraries raise errors of many kinds
                (data / name).unlink(missing_ok=True)
                reason = f"cannot be unpacked ({type(error).__name__}: {str(error)[:120]})"
                rows.append(dataclasses.replace(row, kind="unknown", status="unreadable", reason=AT_INTAKE + reason))
                problems.append(f"{member.name}: {reason}")
                continue
            digests[name] = sha256, sha512
            differs = received_bag.check(member.name, dict(zip(received_bag.algorithms, others, strict=True)))
            reasons += differs
            problems += [f"{member.name}: {reason}" for reason in reasons]
            row = dataclasses.replace(row, size=size, sha256=sha256)
            rows.append(dataclasses.replace(row, reason=" | ".join(AT_INTAKE + reason for reason in reasons) or None))
        for name in received_bag.missing():
            reason = "named in the manifest of the bag that was delivered, but not in it"
            path = _safe_name(name, taken)
            rows.append(
                RegisterRow(id="", path=path, kind="unknown", status="missing", reason=AT_INTAKE + reason, **common)
            )
            problems.append(f"{name}: {reason}")
        problems += received_bag.problems
    if not rows:
        raise EvidenceError(f"{package} is empty; there is nothing to take in.")
    start = max((int(row.id[2:]) for row in before), default=0)
    listed = []
    for number, row in enumerate(sorted(rows, key=lambda row: row.path), start + 1):
        row = dataclasses.replace(row, id=f"E-{number:04d}")
        if row.sha256 in first:
            kept = f"{row.reason} | " if row.reason else ""
            row = dataclasses.replace(
                row, status="duplicate", reason=f"{kept}{AT_INTAKE}the same bytes as {first[row.sha256]}"
            )
        elif row.sha256:
            first[row.sha256] = row.id
        listed.append(row)
    bagit.write(
        temporary,
        digests,
        {"metadata/evidence.jsonl": register.text(listed)},
        {
            "Source-Organization": supplied_by,
            "Contact-Name": custodian,
            "External-Identifier": package.name,
            "Bagging-Date": received.isoformat(),
            "Payload-Oxum": f"{sum(row.size or 0 for row in rows)}.{len(digests)}",
        },
    )
    return Delivery(target.name, target, register.frame(listed), tuple(problems))


def _copy(member: Member, target: Path, algorithms: tuple[str, ...]) -> tuple[int, list[str]]:
    """Copy a member; its size and its digests. Raises EvidenceError when it is larger than the limit, whatever it stated."""
    target.parent.mkdir(parents=True, exist_ok=True)
    engines = [hashlib.new(name, usedforsecurity=False) for name in algorithms]
    size = 0
    with member.open() as source, target.open("xb") as copy:
        while piece := source.read(_CHUNK):
            size += len(piece)
            if size > MAX_BYTES:
                raise EvidenceError(
                    f"{member.name} holds more than {MAX_BYTES >> 30} GiB when unpacked, which is the limit for a delivery."
                )
            for engine in engines:
                engine.update(piece)
            copy.write(piece)
    return size, [engine.hexdigest() for engine in engines]


def _safe_name(name: str, taken: set[str]) -> str:
    """The member's name, changed only where it could not be kept on every file system or beside the names before it.

    Two names are the same when they differ only in Unicode form or in case: the later one gets a number.
    """
    parts = [re.sub(r"[\x00-\x1f\x7f\\:\ufffd\ud800-\udfff]", "_", part) for part in name.split("/")]
    parts = [part if len(part.encode("utf-8")) <= _MAX_NAME - 8 else _shortened(part) for part in parts]
    kept = "/".join(parts)
    stem, dot, ending = parts[-1].rpartition(".")
    number = 1
    while _clashes(kept, taken):
        number += 1
        last = f"{stem} ({number}){dot}{ending}" if stem else f"{parts[-1]} ({number})"
        kept = "/".join([*parts[:-1], last])
    taken.add(folded(kept))
    taken.update(folded(kept[:at]) + "/" for at, letter in enumerate(kept) if letter == "/")
    return kept


def _clashes(name: str, taken: set[str]) -> bool:
    """Whether a file of that name is there, or a folder, or a file where this one needs a folder."""
    plain = folded(name)
    folders = (plain[:at] for at, letter in enumerate(plain) if letter == "/")
    return plain in taken or plain + "/" in taken or any(folder in taken for folder in folders)


def folded(name: str) -> str:
    """What is the same of two names that some file system takes for one: Unicode form and case are left out."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _shortened(part: str) -> str:
    digest = hashlib.sha256(part.encode("utf-8")).hexdigest()[:12]
    _, dot, ending = part.rpartition(".")
    kept = part.encode("utf-8")[:160].decode("utf-8", "ignore")
    return f"{kept}~{digest}{dot}{ending}" if dot and len(ending) <= 10 else f"{kept}~{digest}"


def _outside(root: Path, package: Path) -> None:
    if package == root or root in package.parents or package in root.parents:
        raise EvidenceError(
            f"{package} and the engagement folder {root} lie within one another; deliver from elsewhere."
        )


def _slug(package: Path) -> str:
    name = re.sub(r"(\.tar)?\.(gz|tgz|zip|tar)$", "", package.resolve().name.lower())
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "delivery"


def _bags(evidence: Path) -> list[str]:
    return sorted(path.name for path in evidence.iterdir() if path.is_dir() and re.match(r"\d{3,}-", path.name))


def _register(root: Path) -> list[RegisterRow]:
    return register.rows(register.read(root / "register.jsonl"))


def _recover(root: Path) -> None:
    """Remove what an interrupted intake left, and enter a bag that was whole but not yet in the register."""
    evidence = root / "evidence"
    for path in evidence.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(path, ignore_errors=True)
    known = {row.delivery for row in _register(root)}
    for name in _bags(evidence):
        rows = evidence / name / "metadata" / "evidence.jsonl"
        if name not in known and rows.exists():
            register.append(root / "register.jsonl", register.rows(register.read(rows)))
