"""Work on an engagement in a store: on a copy in a temporary folder, of which what has changed is published when the work is over.

An object is written whole or not at all, but several are not written at once, so a batch that is killed while it publishes leaves some
of them new and some old. What says that something is whole is therefore taken back before, and written after, what it speaks of:

- `.batch-publishing.json` is written before new deliveries are: their names, and `inbox.json` as it will be. They count when the register
  speaks of them, and it is written after them, in one piece. Who finds the object later either completes what the register speaks of,
  or leaves the deliveries aside, which are then taken in again.
- Stages that were made anew are struck from `run.json` before their outputs are written, as a run does it in a folder, and entered
  at the end. `report/rendered.json` is taken away before the files of which it tells, and written after them.

What people write (terms, ledger, what lies in the inbox) is never written or removed. Who publishes has the turn (`turns`) and has
seen that nothing in the engagement is other than when it was copied; where it is, the work is done again on a new copy.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from assessor import files, inbox
from assessor.batch import remote, turns, work
from assessor.batch.listing import Place
from assessor.batch.remote import speaking
from assessor.batch.told import Told, Wanted
from assessor.engagement import TERMS, Engagement
from assessor.errors import AssessorError, BatchError
from assessor.evidence import register, safe_names
from assessor.evidence.package import INBOX
from assessor.inbox import Package
from assessor.results import to_json

_Done = TypeVar("_Done")
PUBLISHING = ".batch-publishing.json"
_TRIES = 3
"""How often an engagement is worked on that others change meanwhile."""
_PEOPLES = (TERMS, "judgements.jsonl", "prior.json")
_RECORD = "report/rendered.json"
_RUN = "run.json"
_REGISTER = "register.jsonl"
_EVIDENCE = "evidence/"
_MARKS = (
    "ETag",
    "etag",
    "e_tag",
    "generation",
    "md5Hash",
    "content_settings",
    "LastModified",
    "last_modified",
    "mtime",
    "created",
    "size",
)
"""What stores tell of an object that differs when somebody has written it again."""


class _Changed(Exception):
    """Somebody wrote to the engagement meanwhile; the text is the name of an object."""


@dataclass(frozen=True)
class _Object:
    path: str
    mark: str
    modified: float | None


@dataclass
class _Copy:
    """An engagement in a store and its copy: the objects as they were found, and of those copied what the file looks like and its
    digest. `left` are objects of deliveries that were never whole, `unfinished`
    whether a batch was killed while it published some."""

    address: str
    root: Path
    system: Any
    top: str
    objects: dict[str, _Object] = field(default_factory=dict)
    had: dict[str, tuple[tuple[int, ...], str]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    unfinished: bool = False


def perform(place: Place, wanted: Wanted, tell: Callable[[str], None]) -> Told:
    """As `work.perform`, of an engagement or deliveries that may be in a store; never raises for what is wrong there."""
    at_addresses = any(remote.is_address(package.where) for package in place.packages)
    if not remote.is_address(place.where) and not at_addresses:
        return work.perform(place, wanted, tell)
    changed = ""
    step = "fetching"

    def at(text: str) -> None:
        nonlocal step
        step = text
        tell(text)

    told = Told(place.name, place.where)
    try:
        for _ in range(_TRIES):
            at("fetching")
            with tempfile.TemporaryDirectory(prefix="assessor-engagement-") as folder:
                try:
                    return _attempt(place, wanted, Path(folder), at)
                except _Changed as error:
                    changed = str(error)
        told.message = f"Somebody wrote {changed} in {place.where} each time while it was worked on, so that nothing was published; run the batch again when that is over."
    except AssessorError as error:
        told.message = str(error)
    except OSError as error:
        told.message = f"{error.filename or 'A file'}: {error.strerror or error}."
    told.outcome, told.place = "failed", step
    return told


def _attempt(place: Place, wanted: Wanted, folder: Path, at: Callable[[str], None]) -> Told:
    """Copy what is in stores, work on it, publish. Raises _Changed, with nothing published, when somebody wrote there meanwhile."""
    packages, origins = _packages(place, folder)
    if not remote.is_address(place.where):
        return _renamed(
            Engagement(Path(place.where)),
            origins,
            lambda: work.perform(dataclasses.replace(place, packages=packages), wanted, at),
        )
    copy = _Copy(place.where, folder / "engagement", *remote.store(place.where))
    local = dataclasses.replace(place, where=str(copy.root), packages=packages)
    _fetch(copy)
    engagement = Engagement(copy.root)
    if not _renamed(engagement, origins, lambda: work.stands(local, wanted)):
        _bring(copy, [name for name in copy.objects if name.startswith(_EVIDENCE)])
        _unchanged(copy)
    told = _renamed(engagement, origins, lambda: work.perform(local, wanted, at))
    told.where = place.where
    for shown, origin in ((str(copy.root), place.where), *((str(path), origin) for path, origin in origins.items())):
        told.reword(shown, origin)
    try:
        _publish(copy, at)
    except (AssessorError, OSError) as error:
        told.stages, told.view = {}, {}  # nothing that anybody can see was done
        told.outcome, told.place = "failed", "publishing"
        told.message = (
            str(error)
            if isinstance(error, AssessorError)
            else f"{error.filename or 'A file'}: {error.strerror or error}."
        )
    return told


def _packages(place: Place, folder: Path) -> tuple[tuple[Package, ...], dict[Path, str]]:
    """The deliveries named beside the inbox, those in stores as copies, and the address of each copy."""
    found, origins = [], {}
    for number, package in enumerate(place.packages, 1):
        if remote.is_address(package.where):
            system, top = remote.store(package.where)
            path = folder / f"{number}" / (safe_names.kept(top.rpartition("/")[2], set()) or "delivery")
            with speaking(package.where):
                one = system.isfile(top)
            copy = _Copy(package.where, path.parent if one else path, system, top.rpartition("/")[0] if one else top)
            copy.objects = {path.name: _object(system.info(top), top)} if one else _listed(copy)
            if not copy.objects:
                raise BatchError(f"There is no package {package.where}; put it there, or take it off the list.")
            _bring(copy, list(copy.objects))
            origins[path] = package.where
            package = dataclasses.replace(package, where=str(path))
        found.append(package)
    return tuple(found), origins


def _renamed(engagement: Engagement, origins: dict[Path, str], job: Callable[[], _Done]) -> _Done:
    """Do a job while the inbox's note has the copies of deliveries in the place of their addresses, as which it knows them afterwards."""

    def rename(names: dict[str, str]) -> None:
        path = engagement.root / inbox.NOTE
        try:
            told = json.loads(path.read_text("utf-8"))
            noted = {names.get(name, name): entry for name, entry in told["packages"].items()}
        except (OSError, ValueError, KeyError, AttributeError):
            return  # the inbox says what is wrong with it
        if noted.keys() != told["packages"].keys():
            files.write_text(path, to_json({"packages": noted}))

    if not origins:
        return job()
    rename({origin: str(path) for path, origin in origins.items()})
    try:
        return job()
    finally:
        rename({str(path): origin for path, origin in origins.items()})


def _listed(copy: _Copy) -> dict[str, _Object]:
    """All objects below the address as they are now, by their names there."""
    with speaking(copy.address):
        copy.system.invalidate_cache()
        told = copy.system.find(copy.top, detail=True)
    found = {}
    for path, info in told.items():
        name = path[len(copy.top) :].removeprefix("/")
        if info["type"] == "file" and name and not name.endswith("/"):  # some tools write an object for a folder
            found[name] = _object(info, path)
    return found


def _object(info: dict[str, Any], path: str) -> _Object:
    modified = next(
        (info[key] for key in ("LastModified", "last_modified", "mtime", "modified", "created") if info.get(key)), None
    )
    seconds = modified if isinstance(modified, int | float) else getattr(modified, "timestamp", lambda: None)()
    return _Object(path, "|".join(str(info.get(key, "")) for key in _MARKS), seconds)


def _carried(name: str) -> bool:
    """Whether an object or file is part of the engagement: locks, and what a process that was killed had begun, are none."""
    first, _, rest = name.partition("/")
    if first.startswith(".") or (first == "evidence" and rest.startswith(".")):
        return False
    return first in ("evidence", INBOX) or not files.temporary(name.rpartition("/")[2])


def _fetch(copy: _Copy) -> None:
    """Copy everything but the evidence, which is needed only where something is to be done."""
    found = _listed(copy)
    if TERMS not in found:
        raise BatchError(f"{copy.address} is no engagement any more: it has no engagement.toml.")
    copy.objects = {name: each for name, each in found.items() if _carried(name)}
    copy.unfinished = PUBLISHING in found
    _bring(copy, [name for name in copy.objects if not name.startswith(_EVIDENCE)])
    if copy.unfinished:
        _settle(copy, found[PUBLISHING].path)
    _unchanged(copy)


def _settle(copy: _Copy, path: str) -> None:
    """Complete, or leave aside, the deliveries of a batch that was killed while it published them."""
    try:
        with speaking(copy.address):
            told = json.loads(copy.system.cat_file(path))
        bags, note = {str(name) for name in told["bags"]}, str(told["inbox"])
    except (BatchError, ValueError, KeyError, TypeError) as error:
        if isinstance(getattr(error, "__cause__", None), FileNotFoundError):
            raise _Changed(PUBLISHING) from None
        raise BatchError(
            f"{copy.address}/{PUBLISHING} cannot be read ({error}); look at the deliveries in evidence/, and delete it."
        ) from None
    known = {row.delivery for row in register.read_rows(copy.root / _REGISTER)}
    if bags <= known:
        files.write_text(copy.root / inbox.NOTE, note)
    copy.left = {name for name in copy.objects for bag in bags - known if name.startswith(f"{_EVIDENCE}{bag}/")}


def _bring(copy: _Copy, names: Iterable[str]) -> None:
    """Copy objects into the folder. Raises BatchError for a name that leads out of it or cannot be a file's."""
    names = sorted(set(names) - copy.left - copy.had.keys())
    folders = {name[:at] for name in copy.objects for at, sign in enumerate(name) if sign == "/"}
    for name in names:
        inner, wrong = safe_names.inner(name)
        if wrong or inner != name or name in folders or "\0" in name:
            raise BatchError(
                f"{copy.address} holds an object named {name[:200]!r}, which cannot be a file in its folder ({wrong or 'it is no plain name, or a folder too'}); rename it there."
            )
    paths = [copy.root / name for name in names]
    for folder in {path.parent for path in paths}:
        folder.mkdir(parents=True, exist_ok=True)
    if names:
        try:
            with speaking(copy.address):
                copy.system.get([copy.objects[name].path for name in names], [str(path) for path in paths])
        except BatchError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise _Changed("or removed something") from None
            raise
    for name, path in zip(names, paths, strict=True):
        path.chmod(0o600)
        if (seconds := copy.objects[name].modified) is not None:
            os.utime(path, (seconds, seconds))  # by which an inbox knows at once what it has taken in
        copy.had[name] = (_looks(path), files.sha256(path))


def _looks(path: Path) -> tuple[int, ...]:
    told = path.lstat()
    return told.st_ino, told.st_size, told.st_mtime_ns


def _unchanged(copy: _Copy) -> None:
    """Raises _Changed when something in the store is other than it was."""
    now = {name: each for name, each in _listed(copy).items() if _carried(name)}
    for name in sorted(now.keys() | copy.objects.keys()):
        if now.get(name) != copy.objects.get(name):
            raise _Changed(name)


def _differences(copy: _Copy) -> tuple[list[str], list[str]]:
    """Names of the files to be written to the store, and of the objects to be removed there."""
    there = set()
    for folder, _, names in os.walk(copy.root):
        for each in names:
            path = Path(folder) / each
            if path.is_file() and not path.is_symlink():
                there.add(path.relative_to(copy.root).as_posix())
    ours = {name for name in there if _carried(name) and not _peoples(name)}
    changed = [name for name in sorted(ours) if not _same(copy, name)]
    gone = [
        name for name in sorted(copy.had) if name not in there and not _peoples(name) and not name.startswith(_EVIDENCE)
    ]
    return changed, gone + sorted(copy.left - set(changed))


def _peoples(name: str) -> bool:
    return name in _PEOPLES or name.startswith(f"{INBOX}/")


def _same(copy: _Copy, name: str) -> bool:
    path = copy.root / name
    looks, digest = copy.had.get(name, ((), ""))
    return _looks(path) == looks or files.sha256(path) == digest


def _publish(copy: _Copy, at: Callable[[str], None]) -> None:
    """Write to the store what has changed in the copy, and remove there what is gone."""
    changed, gone = _differences(copy)
    if not changed and not gone and not copy.unfinished:
        return
    at("publishing")
    with turns.turn(copy.system, copy.top, copy.address, lambda: at("waiting for another batch to publish")) as turn:
        _unchanged(copy)

        def put(names: Iterable[str]) -> None:
            names = [name for name in names if name in changed]
            turn.still(copy.address)
            with speaking(copy.address):
                if names:
                    copy.system.put([str(copy.root / name) for name in names], [f"{copy.top}/{name}" for name in names])

        def write(name: str, text: str) -> None:
            turn.still(copy.address)
            with speaking(copy.address):
                copy.system.pipe_file(f"{copy.top}/{name}", text.encode("utf-8"))

        def remove(names: Iterable[str]) -> None:
            for name in names:
                turn.still(copy.address)
                with speaking(copy.address):
                    copy.system.rm_file(f"{copy.top}/{name}")

        evidence = [name for name in changed if name.startswith(_EVIDENCE)]
        last = [_RECORD, _RUN]
        if _RUN in changed and _RUN in copy.objects:
            write(_RUN, _struck(copy))
        if _RECORD in changed and _RECORD in copy.objects:
            remove([_RECORD])
        if evidence:
            note = copy.root / inbox.NOTE
            bags = sorted({name.split("/")[1] for name in evidence})
            write(
                PUBLISHING,
                to_json(
                    {"bags": bags, "inbox": note.read_text("utf-8") if note.is_file() else to_json({"packages": {}})}
                ),
            )
            put(evidence)
        remove(name for name in gone if name in copy.left)
        put([_REGISTER])
        put([inbox.NOTE])
        if evidence or copy.unfinished:
            remove([PUBLISHING])
        put(name for name in changed if name not in (*evidence, _REGISTER, inbox.NOTE, *last))
        remove(name for name in gone if name not in copy.left and name not in last)
        remove(name for name in gone if name in last)
        put([_RECORD])
        put([_RUN])


def _struck(copy: _Copy) -> str:
    """`run.json` as it was found in the store, without the stages that are other now."""
    try:
        with speaking(copy.address):
            before = json.loads(copy.system.cat_file(f"{copy.top}/{_RUN}"))
        now = json.loads((copy.root / _RUN).read_text("utf-8"))["stages"]
        before["stages"] = {name: told for name, told in before["stages"].items() if now.get(name) == told}
    except (ValueError, KeyError, TypeError, AttributeError):
        return to_json({"stages": {}})
    return to_json(before)
