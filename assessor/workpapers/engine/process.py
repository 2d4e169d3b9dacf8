"""The process of a notebook: how it is started, and that nothing of it is left.

It is forked from the calling process where that is safe, and has at once all that this has loaded. Where other threads run (in a Jupyter
kernel, in a worker of Dask) a server of our own, with nothing but one thread, forks it. Elsewhere than on Linux nothing is forked, since
the system's libraries do not stand it.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

FORK, SERVER, SPAWN = "fork", "server", "spawn"

REQUEST = struct.Struct("!QQ")
"""What the server is asked: the length of the setting of a new process, or 0 and the process that may be forgotten."""

ANSWER = struct.Struct("!Q")
"""The number of the new process."""

_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from assessor.workpapers.engine import server; server.main(int(sys.argv[2]))"
_OF_ARROW = "jemalloc_bg_thd"


class Process:
    """A process that leads a process group of its own, and this end of the socket to it."""

    def __init__(self, number: int, end: socket.socket, server: _Server | None) -> None:
        self.number, self.end, self._server = number, end, server

    def alive(self) -> bool:
        """Whether it has not ended yet."""
        try:
            told = Path(f"/proc/{self.number}/stat").read_text("utf-8", "replace")
        except OSError:
            return False
        return told.rpartition(")")[2].split()[0] not in ("Z", "X")

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        os.killpg(self.number, signal.SIGINT)

    def end_all(self) -> None:
        """End it and all that it has started. Its number is nobody else's until then, since it was not waited for."""
        self.end.close()
        with suppress(ProcessLookupError):
            os.killpg(self.number, signal.SIGKILL)
        if self._server:
            self._server.forget(self.number)
        else:
            with suppress(ChildProcessError):
                os.waitpid(self.number, 0)


def method() -> str:
    """How a process of a notebook may be started from here now."""
    if sys.platform != "linux":
        return SPAWN
    from IPython.core.interactiveshell import InteractiveShell

    return FORK if _alone() and not InteractiveShell.initialized() else SERVER


@contextmanager
def started(way: str) -> Iterator[Process]:
    """A process in which a kernel waits for cells, FORK or SERVER; when the block ends it and what it started have ended."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = _forked(ours, theirs) if way == FORK else _server().fork(ours, theirs)
    try:
        yield process
    finally:
        process.end_all()


def become(end: socket.socket) -> NoReturn:
    """Be the process of a notebook, just forked."""
    from assessor.workpapers.engine import kernel

    try:
        os.setpgid(0, 0)
        kernel.run(end)
    finally:
        os._exit(1)


def paths() -> list[str]:
    """Where this process looks for modules, without the folder of its script, or the one that it was started in."""
    script = os.path.dirname(os.path.realpath(sys.argv[0]))  # noqa: PTH120
    return sys.path[1:] if sys.path[:1] in ([""], [script]) else list(sys.path)


def _forked(ours: socket.socket, theirs: socket.socket) -> Process:
    from assessor.workpapers.engine import kernel  # noqa: F401  # loaded once, before

    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()  # what waits in them would be written twice
    held = signal.pthread_sigmask(
        signal.SIG_BLOCK, signal.valid_signals()
    )  # a handler of this process is not for the new one
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the threads that `_alone` knows
            number = os.fork()
        if not number:
            become(theirs)
        with suppress(OSError):  # on both sides, whichever comes first
            os.setpgid(number, number)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    return Process(number, ours, None)


def _alone() -> bool:
    """Whether no thread is there but this one and those that are known to survive a fork.

    Those of Arrow's pools are made anew in the child and those of OpenBLAS are stopped before a fork, each by a handler of the library;
    of 1,000 forks amid both, with work in parent and child, none failed. They have no names of their own and are told by their number.
    """
    if threading.active_count() != 1:
        return False
    names = {task.name: (task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()}
    own = names.pop(str(threading.get_native_id()))
    known = (os.cpu_count() or 1) - 1 if "numpy" in sys.modules else 0
    if (arrow := sys.modules.get("pyarrow")) is not None:
        known += arrow.cpu_count() + arrow.io_thread_count()
    unnamed = list(names.values()).count(own)
    return unnamed <= known and set(names.values()) <= {own, _OF_ARROW}


class _Server:
    """The process that forks for this one. It ends when this one does."""

    def __init__(self) -> None:
        self.owner, self._turn = os.getpid(), threading.Lock()
        self._end, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # this Python, code of ours
                [sys.executable, "-c", _CODE, json.dumps(sys.path), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd=os.sep,  # from where no module is taken by mistake
            )
        atexit.register(self._close)

    def fork(self, ours: socket.socket, theirs: socket.socket) -> Process:
        """A process of a notebook, with the paths, folder and environment that this one has."""
        setting = {"path": paths(), "folder": str(Path.cwd()), "environment": dict(os.environ)}
        told = json.dumps(setting).encode()
        with self._turn:
            try:
                socket.send_fds(self._end, [REQUEST.pack(len(told), 0)], [theirs.fileno()])
                self._end.sendall(told)
                answer = self._end.recv(ANSWER.size, socket.MSG_WAITALL)
            except OSError:
                answer = b""
        if len(answer) < ANSWER.size:
            raise RuntimeError("The server that forks the processes of notebooks has ended.")
        return Process(ANSWER.unpack(answer)[0], ours, self)

    def forget(self, number: int) -> None:
        """Let the system give the number of a process that has ended to another."""
        with self._turn, suppress(OSError):
            self._end.sendall(REQUEST.pack(0, number))

    def _close(self) -> None:
        self._end.close()
        self._process.wait()

    @property
    def alive(self) -> bool:
        """Whether it can be asked from here."""
        return self.owner == os.getpid() and self._process.poll() is None


_servers: list[_Server] = []
_choosing = threading.Lock()


def _server() -> _Server:
    with _choosing:
        if not _servers or not _servers[-1].alive:
            _servers[:] = [_Server()]
        return _servers[-1]
