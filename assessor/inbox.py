"""Deliveries that wait in an engagement's inbox, for a batch to take them in: each is taken in once, and again as a new delivery when its bytes have changed.

What was taken is noted in `inbox.json` of the engagement, by the place of the package: a fingerprint of names, sizes and times,
by which an unchanged package is known at once; the digest of its content, which decides; and the delivery that it became. The note
is written before a package is taken in, too, so that a batch that was killed in between takes nothing in twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assessor import files
from assessor.engagement import Engagement
from assessor.errors import EngagementError, EvidenceError
from assessor.evidence import package, register, sources
from assessor.evidence.package import INBOX
from assessor.results import canonical, to_json

NOTE = "inbox.json"


@dataclass(frozen=True)
class Package:
    """A delivery that may wait: where it lies, and what is told of it beside its bytes, empty where the batch or the engagement
    says it. Days are ISO dates, `confidential` is "yes", "no" or empty."""

    where: str
    received: str = ""
    supplied_by: str = ""
    custodian: str = ""
    effective_from: str = ""
    effective_to: str = ""
    confidential: str = ""


def take_in(engagement: Engagement, named: Sequence[Package], received: date) -> tuple[list[str], list[str]]:
    """Take in the packages in the engagement's inbox and those `named`, in the order of their names; the deliveries that came of
    them, and sentences on what differs in them. `received` is the day for those that have no other.

    Raises EvidenceError as `package.take_in`; what was taken in before stays.
    """
    waiting = [Package(str(path)) for path in _inbox(engagement)] + list(named)
    note = _noted(engagement)
    taken, problems = [], []
    for one in waiting:
        path = Path(one.where)
        place = path.relative_to(engagement.root).as_posix() if path.is_relative_to(engagement.root) else one.where
        known = note.get(place, {})
        looks = _fingerprint(path)
        if known.get("looks") == looks and known.get("delivery"):
            continue
        content = _digest(path)
        before = [entry["content"] for entry in note.values() if entry.get("delivery")]
        if content not in before:
            delivery = _interrupted(engagement, known, content)
            if delivery is None:
                note[place] = {"looks": looks, "content": content, "bags": _bags(engagement)}
                _write(engagement, note)
                done = _take(engagement, one, received)
                delivery, told = done.name, done.problems
                problems += [f"{delivery}: {text}" for text in told]
            taken.append(delivery)
        else:
            delivery = next(entry["delivery"] for entry in note.values() if entry.get("content") == content)
        note[place] = {"looks": looks, "content": content, "delivery": delivery}
        _write(engagement, note)
    return taken, problems


def waiting(engagement: Engagement) -> list[str]:
    """Names in the inbox that no batch has taken in as they are now."""
    note = _noted(engagement)
    found = []
    for path in _inbox(engagement):
        known = note.get(path.relative_to(engagement.root).as_posix(), {})
        if not known.get("delivery") or known.get("looks") != _fingerprint(path):
            found.append(path.name)
    return found


def _inbox(engagement: Engagement) -> list[Path]:
    folder = engagement.root / INBOX
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []


def _take(engagement: Engagement, one: Package, received: date) -> package.Delivery:
    terms = engagement.terms()
    days = [date.fromisoformat(day) if day else None for day in (one.received, one.effective_from, one.effective_to)]
    return package.take_in(
        engagement.root,
        Path(one.where),
        received=days[0] or received,
        supplied_by=one.supplied_by or terms.client_name,
        custodian=one.custodian,
        limits=sources.Limits(**terms.intake),
        effective_from=days[1],
        effective_to=days[2],
        confidential={"yes": True, "no": False}.get(one.confidential),
        group=terms.id,
    )


def _interrupted(engagement: Engagement, known: dict[str, Any], content: str) -> str | None:
    """The delivery that a batch which was killed had made of the very package, and not noted."""
    if known.get("content") != content or "bags" not in known:
        return None
    new = sorted(set(_bags(engagement)) - set(known["bags"]))
    entered = {row.delivery for row in register.read_rows(engagement.register)}  # else intake itself completes it
    return new[0] if len(new) == 1 and new[0] in entered else None


def _bags(engagement: Engagement) -> list[str]:
    if not engagement.evidence.is_dir():
        return []
    return sorted(path.name for path in engagement.evidence.iterdir() if path.name[:1].isdigit())


def _entries(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What lies at a path, itself or below it, in the order of the names; links are not followed."""
    if path.is_symlink() or not path.is_dir():
        yield "", path.lstat()
        return
    for folder, folders, names in os.walk(path, followlinks=False):
        folders.sort()
        for name in sorted([*names, *(each for each in folders if (Path(folder) / each).is_symlink())]):
            each = Path(folder) / name
            yield each.relative_to(path).as_posix(), each.lstat()


def _fingerprint(path: Path) -> str:
    """Changes whenever somebody may have changed anything in a package."""
    if not path.exists():
        raise EvidenceError(f"There is no package {path}; put it there, or take it off the list.")
    return hashlib.sha256(
        canonical([[name, told.st_mode, told.st_size, told.st_mtime_ns] for name, told in _entries(path)])
    ).hexdigest()


def _digest(path: Path) -> str:
    """The content of a package: names, and of each file the digest."""
    listed = []
    for name, told in _entries(path):
        each = path / name if name else path
        listed.append([name, files.sha256(each) if (told.st_mode & 0o170000) == 0o100000 else "no file"])
    return hashlib.sha256(canonical(listed)).hexdigest()


def _noted(engagement: Engagement) -> dict[str, dict[str, Any]]:
    path = engagement.root / NOTE
    try:
        told = json.loads(path.read_text("utf-8"))
        return {str(place): dict(entry) for place, entry in told["packages"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngagementError(
            f"{path} is damaged ({error}); restore it, or delete it and empty the inbox of what was taken in already."
        ) from None


def _write(engagement: Engagement, note: dict[str, dict[str, Any]]) -> None:
    files.write_text(engagement.root / NOTE, to_json({"packages": note}))
