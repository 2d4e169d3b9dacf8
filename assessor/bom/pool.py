"""Several processes that read files, each one file after another; one that dies costs the file that it was at, and no other.

Not the pool of `concurrent.futures`, which is broken for all files once a process was killed, as happens to one that takes
more memory than there is. A thread for each process waits for its answers, so that this works alike on every system. The
processes end with the one that asks: at the latest when their standard input closes.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec

from assessor.bom.listing import Found
from assessor.bom.summary import Summary, plain
from assessor.errors import AssessorError, EvidenceError

_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from assessor.bom.worker import main; main()"
READY, BEGUN = b"ready\n", b"begun\n"
"""What a process says when it can be asked, and when it begins with a file."""
_AWAKE = 0.25
"""Seconds after which the caller hears that nothing has ended: for the time left, and for Ctrl-C on Windows."""


@dataclass(frozen=True)
class Work:
    """What is asked of every file: the shape (see `worker`), whether to validate, how many problems of each to tell, and the
    folder for texts; with `apart` each file's stand in a file of its own."""

    shape: str
    folder: Path
    validate: bool = False
    shown: int = 20
    apart: bool = False


@dataclass(frozen=True)
class Answered:
    """The answer to the file of that number: what is known of it, and in which file its texts stand, where (place, length)."""

    number: int
    summary: Summary
    target: Path
    rows: tuple[int, int] = (0, 0)
    entry: tuple[int, int] = (0, 0)


@dataclass
class _Shared:
    """What the threads have in common: files that wait, answers, and processes that live."""

    work: Work
    waiting: Iterator[tuple[int, Found]]
    free: threading.Semaphore
    told: queue.SimpleQueue[Answered | BaseException] = field(default_factory=queue.SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    living: set[subprocess.Popen[bytes]] = field(default_factory=set)
    ended: bool = False


def each(
    files: Sequence[tuple[int, Found]], work: Work, processes: int, *, ahead: int | None = None
) -> Generator[Answered | None, None, None]:
    """Answers to numbered files, and None now and then while nothing comes. Without `ahead` as they come; with it in the order
    given, of which no more than so many are read ahead of the one that is waited for.

    Raises AssessorError when the processes cannot be started and when there is no room for the texts. All processes have
    ended when this ends, however it does.
    """
    shared = _Shared(work, iter(files), threading.Semaphore(ahead or len(files)))
    threads = [threading.Thread(target=_serve, args=(shared, place), daemon=True) for place in range(processes)]
    try:
        for thread in threads:
            thread.start()
        held: dict[int, Answered] = {}
        for number, _ in files:
            while number not in held:
                try:
                    told = shared.told.get(timeout=_AWAKE)
                except queue.Empty:
                    yield None
                    continue
                if isinstance(told, BaseException):
                    raise told
                if ahead is None:
                    yield told
                    break
                held[told.number] = told
            else:
                yield held.pop(number)
                shared.free.release()
    finally:
        with shared.lock:
            shared.ended = True
            for process in shared.living:
                process.kill()
        for _ in threads:
            shared.free.release()
        for thread in threads:
            thread.join()


def _serve(shared: _Shared, place: int) -> None:
    """Give files to a process, one after another, until there are no more."""
    process = None
    try:
        while True:
            shared.free.acquire()
            with shared.lock:
                number, found = (-1, None) if shared.ended else next(shared.waiting, (-1, None))
            if found is None:
                return
            target = shared.work.folder / (f"{number}" if shared.work.apart else f"of-{place}")
            request = json.dumps({"path": str(found.path), "target": str(target)}).encode() + b"\n"
            answer = b""
            for _ in range(2):  # one that was killed before it began with the file does not cost it
                process = process or _start(shared)
                if _sent(process, request) and _pipe(process.stdout).readline() == BEGUN:
                    answer = _pipe(process.stdout).readline()
                    break
                _end(shared, process)
                process = None
            if shared.ended:
                return
            if not answer.endswith(b"\n"):
                reason = _died(_ended(process))
                _end(shared, process)
                process = None
                shared.told.put(Answered(number, Summary(plain(found.path), reason=reason), target))
                continue
            shared.told.put(_understood(answer, number, target))
    except BaseException as error:  # whatever it is, it is told where it is waited for
        shared.told.put(error)
    finally:
        _end(shared, process)


def _understood(answer: bytes, number: int, target: Path) -> Answered | AssessorError:
    told: dict[str, Any] = msgspec.json.decode(answer)
    if "full" in told:
        return no_room(target.parent, told["full"]["reason"])
    read = told["read"]
    summary = msgspec.convert(read["summary"], Summary)
    return Answered(number, summary, target, tuple(read["rows"]), tuple(read["entry"]))


def no_room(folder: Path, reason: str) -> AssessorError:
    """The error of texts that cannot be written."""
    return EvidenceError(
        f"The answer cannot be kept in {folder.parent} until it is whole: {reason}; "
        "set TMPDIR to a folder with more room, or give fewer files."
    )


def _died(code: int) -> str:
    try:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    except ValueError:
        how = f"was ended by signal {-code}"
    return f"the process that read it {how}, as happens where memory runs out; read this file alone"


def _start(shared: _Shared) -> subprocess.Popen[bytes]:
    with shared.lock:
        if shared.ended:
            raise AssessorError("Reading was stopped.")
        # the same modules as here, whatever was put on the path since
        command = [sys.executable, "-P", "-c", _CODE, json.dumps(sys.path)]
        process = subprocess.Popen(  # noqa: S603 (our own module, with the same Python)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        shared.living.add(process)
    work = shared.work
    begin = {"shape": work.shape, "validate": work.validate, "shown": work.shown}
    if not _sent(process, json.dumps(begin).encode() + b"\n") or _pipe(process.stdout).readline() != READY:
        code = _ended(process)
        raise AssessorError(
            f"A process for reading could not be started (it ended with code {code}); run the command with --workers 1."
        )
    return process


def _ended(process: subprocess.Popen[bytes] | None) -> int:
    """The code with which a process ended that does not answer any more; one that lives on all the same is killed."""
    if process is None:
        return 0
    try:
        return process.wait(_AWAKE * 20)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _end(shared: _Shared, process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        with shared.lock:
            shared.living.discard(process)
        process.kill()
        process.communicate()


def _sent(process: subprocess.Popen[bytes], request: bytes) -> bool:
    try:
        _pipe(process.stdin).write(request)
        _pipe(process.stdin).flush()
    except OSError:
        return False
    return True


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("the process has no pipe")
    return pipe
