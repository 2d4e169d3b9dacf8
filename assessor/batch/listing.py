"""Which engagements a batch is over: those in a folder, of a pattern, in a list as CSV, or at an address of object storage."""

from __future__ import annotations

import csv
import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from assessor import engagement as engagements
from assessor.batch import remote
from assessor.engagement import TERMS
from assessor.errors import AssessorError, BatchError
from assessor.inbox import Package


@dataclass(frozen=True)
class Place:
    """An engagement of a batch: what it is called there, its folder or address, and deliveries named beside its inbox."""

    name: str
    where: str
    packages: tuple[Package, ...] = ()


_LISTED = tuple(field.name for field in fields(Package) if field.name != "where")
"""Columns of a list that are about a package, beside `engagement` and `package`."""


def places(root: str) -> list[Place]:
    """The engagements at `root`, sorted by name.

    `root` is a folder (itself an engagement, or with engagements at any depth, links not followed), a pattern of folders, a CSV
    file with the column `engagement` and, where deliveries are to be taken in, `package`, `received`, `supplied_by`,
    `custodian`, `effective_from`, `effective_to` and `confidential`, one row a package, or an address as of fsspec. Raises
    BatchError when there is none, when two have the same id, and naming the row of a list that cannot be used.
    """
    root = remote.plain(root)
    if remote.is_address(root):
        found = [Place(name, where) for name, where in remote.engagements(root)]
    elif root.lower().endswith(".csv") and Path(root).is_file():
        found = _of_list(Path(root))
    elif Path(root).is_dir():
        found = [Place(_name(path, Path(root)), str(path)) for path in _within(Path(root))]
    elif glob.has_magic(root):
        folders = {Path(each).parent if Path(each).name == TERMS else Path(each) for each in glob.glob(root)}  # noqa: PTH207 (a pattern may begin anywhere)
        found = [Place(str(path), str(path)) for path in folders if (path / TERMS).is_file()]
    else:
        raise BatchError(f"There is no {root}; name a folder, a pattern, a list as .csv or an address of engagements.")
    if not found:
        raise BatchError(f"{root} holds no engagement (a folder with {TERMS}); make one with `assessor new`.")
    _apart(found)
    return sorted(found, key=lambda place: place.name)


def _within(root: Path) -> Iterable[Path]:
    """Engagement folders at or below `root`. What is sealed is not worked on, and an engagement holds no other."""
    for folder, folders, names in os.walk(root, followlinks=False):
        if TERMS in names or "bagit.txt" in names:
            if TERMS in names:
                yield Path(folder)
            folders.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))


def _name(path: Path, root: Path) -> str:
    inner = path.relative_to(root).as_posix()
    return path.resolve().name if inner == "." else inner


def _of_list(path: Path) -> list[Place]:
    found: dict[str, Place] = {}
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BatchError(f"{path} is not text in UTF-8; save the list as CSV in UTF-8.") from None
    reader = csv.DictReader(text.splitlines())
    columns = reader.fieldnames or []
    if "engagement" not in columns:
        raise BatchError(f"{path} has no column `engagement`; its first line names the columns.")
    if unknown := sorted(set(columns) - {"engagement", "package", *_LISTED}):
        raise BatchError(f"{path} has a column {unknown[0]!r} that is not known; choose among {', '.join(_LISTED)}.")
    for row in reader:
        line = f"{path}, line {reader.line_num}"
        told = {name: (row.get(name) or "").strip() for name in columns}
        if not told["engagement"]:
            raise BatchError(f"{line}, names no engagement; give its folder or address.")
        where = _from(path, told["engagement"])
        if not remote.is_address(where) and not (Path(where) / TERMS).is_file():
            raise BatchError(f"{line}, names {where}, which is no engagement: it has no {TERMS}.")
        place = found.get(where, Place(told["engagement"], where))
        if package := told.get("package", ""):
            about = {name: told.get(name, "") for name in _LISTED}
            _checked(about, line)
            place = Place(place.name, where, (*place.packages, Package(_from(path, package), **about)))
        found[where] = place
    return list(found.values())


def _from(path: Path, named: str) -> str:
    """A folder or address as a list names it: beside the list, where it is no whole path."""
    named = remote.plain(named)
    return named if remote.is_address(named) else str(path.parent / named)


def _checked(about: dict[str, str], line: str) -> None:
    for name in ("received", "effective_from", "effective_to"):
        try:
            _ = about[name] and date.fromisoformat(about[name])
        except ValueError:
            raise BatchError(f"{line}: {name} is {about[name]!r}, which is no date such as 2026-11-16.") from None
    if about["confidential"] not in ("", "yes", "no"):
        raise BatchError(f"{line}: confidential is {about['confidential']!r}; write yes or no, or leave it empty.")


def _apart(found: Iterable[Place]) -> None:
    """Raises BatchError when two are one folder, or have one id. Those whose terms cannot be read fail by themselves, later."""
    found = list(found)
    folders: dict[str, str] = {}
    ids: dict[str, str] = {}
    stored = remote.ids(place.where for place in found if remote.is_address(place.where))
    for place in found:
        address = remote.is_address(place.where)
        real = place.where.rstrip("/") if address else os.path.realpath(place.where)
        if real in folders:
            raise BatchError(f"{place.where} and {folders[real]} are the same folder; name it once.")
        folders[real] = place.where
        try:
            known = stored.get(place.where, "") if address else engagements.find(place.where).terms().id
        except (AssessorError, OSError):
            continue
        if not known:
            continue
        if known in ids:
            raise BatchError(
                f"{ids[known]} and {place.where} both have the id {known!r}; give one of them another in its {TERMS}."
            )
        ids[known] = place.where
