"""Intake that is killed, runs out of disk or meets itself: what is there afterwards is whole, and never mixed."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, cast

import pytest

from assessor.errors import EvidenceError
from assessor.evidence import package, register
from assessor.evidence.register import RegisterRow
from tests.evidence.samples import put, zipped

POINTS = 50
DAY = date(2026, 10, 12)
_EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "os.listdir")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "engagement"
    made.mkdir()
    return made


def take(root: Path, path: Path) -> package.Delivery:
    return package.take_in(root, path, received=DAY, supplied_by="Client", custodian="Records")


def sent(folder: Path, name: str, count: int = 12) -> Path:
    for number in range(count):
        put(folder / name, f"{number % 3}/{name} {number}.csv", f"{name} {number}" * 50)
    put(folder / name, "inner.zip", zipped({"a.csv": f"{name} A", "b/c.zip": zipped({"d.csv": f"{name} D"})}))
    return folder / name


def rows(root: Path) -> list[RegisterRow]:
    return register.rows(register.read(root / "register.jsonl"))


def whole(root: Path) -> None:
    """Every row's file is there with its digest, every bag is as its manifest says, and every bag is in the register."""
    listed = rows(root)
    assert len({row.id for row in listed}) == len(listed)
    for row in listed:
        assert hashlib.sha256(register.file_of(root, row).read_bytes()).hexdigest() == row.sha256
    bags = [path for path in (root / "evidence").iterdir() if not path.name.startswith(".")]
    assert {bag.name for bag in bags} == {row.delivery for row in listed}
    for bag in bags:
        told = dict(line.split("  ", 1)[::-1] for line in (bag / "manifest-sha256.txt").read_text("utf-8").splitlines())
        stored = {path.relative_to(bag).as_posix() for path in (bag / "data").rglob("*") if path.is_file()}
        assert set(told) == stored == {f"data/{row.path}" for row in listed if row.delivery == bag.name}


def counting(root: str, path: str, stop: int, told: Any) -> None:
    """In a process of its own: an intake that is killed at the so many-th look at the file system; tells how many there are."""
    count = 0

    def hook(event: str, _: object) -> None:
        nonlocal count
        if event in _EVENTS:
            count += 1
            if count == stop:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    take(Path(root), Path(path))
    told.put(count)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([__name__])
    return made


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
def test_an_intake_that_is_killed_anywhere_leaves_nothing_half_registered(
    root: Path, tmp_path: Path, processes: ForkServerContext
) -> None:
    first, second = sent(tmp_path, "first"), sent(tmp_path, "second")
    take(root, first)
    shutil.copytree(root, tmp_path / "wanted")
    take(tmp_path / "wanted", second)
    wanted = (tmp_path / "wanted/register.jsonl").read_bytes()
    told = processes.SimpleQueue()
    shutil.copytree(root, tmp_path / "counted")
    asked = processes.Process(target=counting, args=(str(tmp_path / "counted"), str(second), -1, told))
    asked.start()
    asked.join()
    events = cast(int, told.get())
    assert events > POINTS
    before, stops = (root / "register.jsonl").read_bytes(), random.Random(791).sample(range(1, events + 1), POINTS - 8)
    stops += range(events - 7, events + 1)  # where the bag is named and the register written
    for stop in stops:
        shutil.copytree(root, trial := tmp_path / f"trial {stop}", dirs_exist_ok=True)
        killed = processes.Process(target=counting, args=(str(trial), str(second), stop, told))
        killed.start()
        killed.join()
        assert killed.exitcode == -signal.SIGKILL
        left = (trial / "register.jsonl").read_bytes()
        assert left in (before, wanted), "all rows of the delivery, or none"
        repeated = take(trial, second)
        if left == before:
            assert (trial / "register.jsonl").read_bytes() == wanted, stop
        else:  # it was killed after all was done, and comes a second time
            assert repeated.name == "003-second" and set(repeated.rows["status"]) == {"duplicate"}, stop
        whole(trial)
        assert not [path for path in (*trial.iterdir(), *(trial / "evidence").iterdir()) if "-part-" in path.name]
        assert not list((trial / "evidence").glob(".*"))
        shutil.rmtree(trial)


@pytest.mark.parametrize("at", [1, 5, 13, 14, 16])
def test_a_full_disk_in_the_middle_of_a_copy_leaves_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    take(root, sent(tmp_path, "first"))
    before = sorted(root.rglob("*"))
    told = (root / "register.jsonl").read_bytes()
    write: Callable[[int, Any], int] = os.write
    count = 0

    def full(handle: int, piece: Any) -> int:
        nonlocal count
        count += 1
        if count == at:
            write(handle, piece[: len(piece) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, piece)

    second = sent(tmp_path, "second")
    monkeypatch.setattr(package.os, "write", full)
    with pytest.raises(EvidenceError, match="second could not be copied: No space left on device") as error:
        take(root, second)
    assert str(error.value).count(". ") == 0
    assert sorted(root.rglob("*")) == before and (root / "register.jsonl").read_bytes() == told
    monkeypatch.undo()
    take(root, second)
    whole(root)


def at_once(root: str, path: str, gate: Any, told: Any) -> None:
    """In a process of its own: an intake that begins with the others."""
    gate.wait()
    try:
        told.put((path, take(Path(root), Path(path)).name))
    except EvidenceError as error:
        told.put((path, str(error)))


def test_intakes_at_once_land_one_after_the_other(root: Path, tmp_path: Path, processes: ForkServerContext) -> None:
    packages = [sent(tmp_path, name, 60) for name in ("red", "green", "blue")]
    gate, told = processes.Barrier(len(packages)), processes.SimpleQueue()
    started = [processes.Process(target=at_once, args=(str(root), str(path), gate, told)) for path in packages]
    for each in started:
        each.start()
    names = dict(told.get() for _ in started)
    for each in started:
        each.join()
    assert sorted(name[:4] for name in names.values()) == ["001-", "002-", "003-"]
    whole(root)
    for path, delivery in names.items():
        assert all(Path(path).name in row.path or "inner" in row.path for row in rows(root) if row.delivery == delivery)


def test_an_intake_while_a_run_writes_the_register_is_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    monkeypatch.setattr(package, "_LOCK_SECONDS", 0.05)
    with FileLock(root / ".run.lock"), pytest.raises(EvidenceError, match="Another command"):
        take(root, sent(tmp_path, "first"))
    assert not (root / "register.jsonl").exists()
