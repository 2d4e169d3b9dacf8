"""Processes of their own for libraries that look into what a client sent: what one may take, and what it may not do.

`start` begins one; the other functions are called in it. Nothing is imported but the standard library, and no function here
is a wall against a library that is itself hostile: they bound what a file can make an honest one do.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

_CODE = (
    "import importlib, json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "importlib.import_module(sys.argv[2]).main(*sys.argv[3:])"
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "subprocess.", "webbrowser.", "os.exec", "os.fork")
_ALSO_FORBIDDEN = {
    *("os.system", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate"),
}
_guarded = False


def start(module: str, *arguments: object, data: IO[bytes] | None = None) -> subprocess.Popen[str]:
    """A new process that calls `main` of a module of ours with these arguments, as text; requests go to its standard input,
    answers come from its standard output, lines of UTF-8 both. `data` is a file of ours that it may write bytes to."""
    return subprocess.Popen(  # noqa: S603 (our own module, with the same Python and the same modules as here)
        [sys.executable, "-P", "-c", _CODE, json.dumps(sys.path), module, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if data is None else data,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"},  # the same messages in the same order
    )


def pipe(pipe: IO[str] | None) -> IO[str]:
    """A pipe to or from a process that was started here. Raises OSError when it has none."""
    if pipe is None:
        raise OSError("the process has no pipe")
    return pipe


def private(number: int) -> int:
    """A handle of our own to standard output (1) or error (2); whatever a library prints there goes nowhere from now on."""
    ours = os.dup(number)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
    return ours


def limit(*, memory: int | None = None, seconds: float | None = None, size: int | None = None) -> None:
    """Let this process have no more than so many bytes of memory (address space), seconds of computing from now on, and bytes
    of a file. Windows has no such limits, and macOS refuses some; who started the process watches the time as well."""
    try:
        import resource
    except ImportError:
        return
    wanted = [(resource.RLIMIT_CORE, 0)]
    if memory is not None:
        wanted.append((resource.RLIMIT_AS, memory))
    if seconds is not None:
        wanted.append((resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds)))
    if size is not None:
        wanted.append((resource.RLIMIT_FSIZE, size))
    for kind, most in wanted:
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(kind)
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def alarm(seconds: int) -> None:
    """End this process after so many seconds, should nobody be left who does; Windows has no such alarm."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


@contextmanager
def guarded() -> Iterator[None]:
    """While the block runs, this process can open no socket, open no file for writing and start no program. A library that is
    needed is imported before."""
    global _guarded
    _guarded = True
    try:
        yield
    finally:
        _guarded = False


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    """What `sys.addaudithook` is given once in the process. Raises PermissionError for what is refused under guard."""
    if not _guarded:
        return
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
    if writes or event.startswith(_FORBIDDEN) or event in _ALSO_FORBIDDEN:
        raise PermissionError(f"{event} is refused while a file of a client is looked at")
