"""A process for each engagement, and some of them at once: one that dies or hangs costs its engagement and no other.

The processes are forked from a parent that has loaded the code and knows no engagement (multiprocessing's fork server; where a
system has none, each begins by itself). A process is a group of its own, with a temporary folder of its own that is removed
when it has ended, however it ended; what it prints goes into that folder. It tells how far it is as JSON through a pipe.

`pool` in `bom/` is for many small files, which one process reads one after another; here nothing may pass from one to the next.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from assessor.batch import remote
from assessor.batch.listing import Place
from assessor.batch.told import LAST_SAID, Told, Wanted
from assessor.inbox import Package
from assessor.text import visible
from assessor.workplace import workplace

_TICK = 0.25
"""Seconds after which the caller hears that nothing has happened."""
_LAST_WORDS = 300
"""Characters of what a process that died printed last, which go into the message about its engagement."""
_SHORT, _SHORTEST = 60, "/tmp"  # noqa: S108 (an empty socket in a folder that only the owner can open)  # nosec B108
"""Characters up to which the name of a temporary folder leaves room for that of a socket, and the folder that is taken otherwise."""
Watch = Callable[[Place, str], None]


@dataclass
class _Process:
    """A process at work on an engagement."""

    place: Place
    attempt: int
    process: BaseProcess
    pipe: Connection
    folder: Path
    started: float = field(default_factory=time.monotonic)
    step: str = "beginning"
    told: Told | None = None
    open: bool = True


def each(
    places: Sequence[Place],
    wanted: Wanted,
    *,
    workers: int,
    timeout: float,
    retries: int,
    watch: Watch = lambda place, step: None,
) -> Iterator[Told | None]:
    """How each engagement came out, as they come, and None now and then while nothing does. `watch` hears of each step.

    A process that dies, or takes longer than `timeout` seconds, is ended with all that it started, and its engagement is tried
    again up to `retries` times; then it has failed. What an engagement itself is wrong about is not tried again. All processes
    have ended when this ends, however it does.
    """
    waiting = deque((place, 1) for place in places)
    running: list[_Process] = []
    with workplace("assessor-batch-") as work:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    running.append(_start(*waiting.popleft(), wanted, work))
                wait([each for one in running for each in _signs(one)], _TICK)
                ended = [one for one in running if _ended(one, watch, timeout)]
                if not ended:
                    yield None
                for one in ended:
                    running.remove(one)
                    again = one.told is None and one.attempt <= retries
                    told = one.told or _died(one, timeout)
                    told.attempts, told.seconds = one.attempt, round(time.monotonic() - one.started, 2)
                    _close(one)
                    if again:
                        waiting.append((one.place, one.attempt + 1))
                    else:
                        yield told
        finally:
            for one in running:
                _kill(one)
                _close(one)


def _signs(one: _Process) -> list[Any]:
    return [one.process.sentinel, one.pipe] if one.open else [one.process.sentinel]


def begin(target: Callable[..., None], *args: Any, needs: Sequence[str] = ()) -> tuple[BaseProcess, Connection]:
    """Begin a process that calls `target` with a pipe and `args`; it, and the end of the pipe to hear it by. `needs` are modules that
    its parent holds ready, beside ours."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["assessor.batch.preload", *needs])
    else:
        context = multiprocessing.get_context("spawn")
    here, there = multiprocessing.Pipe(duplex=False)
    with _beginning(), _free():
        process = context.Process(target=target, args=(there, *args), name="assessor batch")
        process.start()
    there.close()
    return process, here


def _start(place: Place, attempt: int, wanted: Wanted, work: Path) -> _Process:
    folder = Path(tempfile.mkdtemp(dir=work))
    process, here = begin(_serve, asking(place, wanted), str(folder), needs=remote.modules(place.where))
    return _Process(place, attempt, process, here, folder)


def asking(place: Place, wanted: Wanted) -> str:
    """What is asked of another process, as text: JSON holds no more than data, whoever sent it."""
    return json.dumps({"place": dataclasses.asdict(place), "wanted": dataclasses.asdict(wanted)})


def asked(text: str) -> tuple[Place, Wanted]:
    """What `asking` says."""
    told = json.loads(text)
    packages = tuple(Package(**each) for each in told["place"].pop("packages"))
    wanted = Wanted(**{**told["wanted"], "variants": tuple(told["wanted"]["variants"])})
    return Place(**told["place"], packages=packages), wanted


@contextmanager
def _free() -> Iterator[None]:
    """While a process begins in one that may have none (a Dask worker is daemonic): multiprocessing forbids that since they would be
    left behind, and ours end when their parent does."""
    process = multiprocessing.current_process()
    daemon = process.daemon
    if daemon:
        process.daemon = False
    try:
        yield
    finally:
        if daemon:
            process.daemon = True


@contextmanager
def _beginning() -> Iterator[None]:
    """While the parent of the processes may begin: no threads for linear algebra, which would outnumber the processors, and a folder
    for its socket, the name of which a system allows some hundred characters."""
    names = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    before = {name: os.environ.get(name) for name in names}
    folder = tempfile.tempdir
    if len(tempfile.gettempdir()) > _SHORT and os.access(_SHORTEST, os.W_OK):
        tempfile.tempdir = _SHORTEST
    os.environ.update(names)
    try:
        yield
    finally:
        tempfile.tempdir = folder
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _ended(one: _Process, watch: Watch, timeout: float) -> bool:
    """Hear what a process tells; whether it has ended, or was ended because its time is over."""
    while one.open and one.pipe.poll():
        try:
            told = json.loads(one.pipe.recv_bytes())
        except (EOFError, OSError, ValueError):
            one.open = False
            break
        if "step" in told:
            one.step = str(told["step"])
            watch(one.place, one.step)
        else:
            one.told = Told(**told["told"])
    if one.process.exitcode is not None:
        return not one.open or not one.pipe.poll()
    if time.monotonic() - one.started > timeout:
        _kill(one)
        return True
    return False


def _died(one: _Process, timeout: float) -> Told:
    """What is to be told of an engagement whose process did not."""
    seconds = time.monotonic() - one.started
    if seconds > timeout:
        why = f"It took longer than {timeout:g} seconds and was ended"
    elif (code := one.process.exitcode or 0) < 0:
        why = f"Its process was killed ({signal.Signals(-code).name})"
    else:
        why = f"Its process ended with code {code} before the work was done"
    tries = f", {one.attempt} times" if one.attempt > 1 else ""
    said = f"{LAST_SAID}{words}" if (words := _last_words(one.folder / "printed")) else ""
    return Told(one.place.name, one.place.where, "failed", place=one.step, message=f"{why}{tries}.{said}")


def _last_words(path: Path) -> str:
    """The last line that a process printed, as far as it can be shown."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4 * _LAST_WORDS))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return visible(next((line.strip() for line in reversed(lines) if line.strip()), ""))[-_LAST_WORDS:]


def _kill(one: _Process) -> None:
    """End a process, and what it started."""
    if hasattr(os, "killpg") and one.process.pid:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(one.process.pid, signal.SIGKILL)
    one.process.kill()
    one.process.join()


def _close(one: _Process) -> None:
    one.process.join()
    one.pipe.close()
    shutil.rmtree(one.folder, ignore_errors=True)


def _serve(pipe: Connection, text: str, folder: str) -> None:
    """In the process: work on one engagement."""
    _alone(folder)
    from assessor.batch.copies import perform

    place, wanted = asked(text)

    def tell(step: str) -> None:
        pipe.send_bytes(json.dumps({"step": step}).encode())

    found = perform(place, wanted, tell)
    pipe.send_bytes(json.dumps({"told": dataclasses.asdict(found)}).encode())
    pipe.close()


def _alone(folder: str) -> None:
    """Part this process from its parent and from the other engagements: group, temporary files, what is printed."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _end_with_parent()
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = folder
    tempfile.tempdir = None
    printed = os.open(Path(folder) / "printed", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    for handle, at in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(handle, at)


def _end_with_parent() -> None:
    """Have the system end this process when the one that started it is gone, where it can: an engagement that nobody waits for
    would still hold its lock. The fork server goes with whoever asked it, unless a process that it forked holds the pipe by which it
    knows, as each is given for servers' use of its own."""
    server: Any = getattr(forkserver, "_forkserver", None)
    alive = getattr(server, "_forkserver_alive_fd", None)
    if alive is not None:
        os.close(alive)
        server._forkserver_alive_fd = None
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
