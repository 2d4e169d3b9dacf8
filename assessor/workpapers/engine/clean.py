"""What a forked process leaves behind of the one that it comes from, before a notebook runs in it.

Code and data that the caller has loaded are kept, since that is what makes a fork fast. What it has open, planned and set up is not: a
notebook holds none of its locks and sockets, ends nothing of it, and draws no chance numbers that others draw too.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import gc
import logging
import os
import signal
import stat
import sys
import warnings
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from assessor.workpapers.engine import process

_HOOKED = ("matplotlib.pyplot", "matplotlib_inline")
"""Modules that look for a kernel when they are imported, and so are imported anew once there is one."""


def leave_the_caller(keep: int) -> None:
    """Make the process one of its own; of its sockets, pipes and files to be written only the number `keep` leads anywhere."""
    gc.freeze()  # what the caller leaves to the collector is for the caller to end
    _forget_plans()
    _close(keep)
    _standard_streams()
    _settings()
    asyncio.set_event_loop(asyncio.new_event_loop())


def enter_the_kernel() -> None:
    """Let what is loaded already know of the kernel that now lives, as it would had it been imported by the notebook."""
    for name in [name for name in sys.modules if name.startswith(_HOOKED)]:
        module = sys.modules.pop(name)
        above, _, own = name.rpartition(".")
        if getattr(sys.modules.get(above), own, None) is module:
            delattr(sys.modules[above], own)
    if (matplotlib := sys.modules.get("matplotlib")) is not None:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]  # which it reads when it is imported
    if (helpers := sys.modules.get("matplotlib._pylab_helpers")) is not None:
        helpers.Gcf.figs.clear()
    if (ipywidgets := sys.modules.get("ipywidgets")) is not None:
        ipywidgets.register_comm_target()


def _forget_plans() -> None:
    """The caller's signal handlers, and what it does at its end: its temporary folders are not ours to remove."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    sys.settrace(None)
    sys.setprofile(None)
    atexit._clear()
    for planned in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        planned.atexit = False
    weakref.finalize._registered_with_atexit = False  # type: ignore[attr-defined]  # it was struck with the rest


def _close(keep: int) -> None:
    """Let sockets, pipes and files to be written lead nowhere, and the standard streams.

    None is closed: an object of the caller's that goes later closes its number, which would be another's by then. What is only read
    stays, since a library may be in the midst of it.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number not in (keep, nowhere) and not _only_read(number):
            os.dup2(nowhere, number, inheritable=False)
    for number in range(3):
        os.dup2(nowhere, number)
    os.close(nowhere)


def _only_read(number: int) -> bool:
    try:
        kind, flags = os.fstat(number).st_mode, fcntl.fcntl(number, fcntl.F_GETFL)
    except OSError:  # what they were listed by
        return True
    return (stat.S_ISREG(kind) or stat.S_ISCHR(kind)) and flags & os.O_ACCMODE == os.O_RDONLY


def _standard_streams() -> None:
    """New ones: the caller's may be objects that keep what is written, and hold text that was not written yet."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        first = getattr(sys, f"__{name}__")  # which may be None
        encoding, errors = getattr(first, "encoding", "utf-8"), getattr(first, "errors", "backslashreplace")
        stream = open(number, mode, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _settings() -> None:
    """Warnings, logging and chance as in a process that has just begun."""
    sys.path[:] = process.paths()
    sys.argv = ["ipykernel_launcher.py"]  # arguments of the caller may name its files
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.setLevel(logging.WARNING)
    logging.disable(logging.NOTSET)
    logging.captureWarnings(False)
    _filters()
    if (chance := sys.modules.get("numpy.random")) is not None:
        chance.seed()  # `random` does that by itself


def _filters() -> None:
    """Python's own filters of warnings, and before them those for particular warnings, which libraries add when they are loaded."""
    particular = [each for each in warnings.filters if each[1] or each[3] or each[2].__module__ != "builtins"]
    warnings.resetwarnings()
    for ignored in (ResourceWarning, ImportWarning, PendingDeprecationWarning, DeprecationWarning):
        warnings.simplefilter("ignore", ignored)
    warnings._processoptions(filter(None, os.environ.get("PYTHONWARNINGS", "").split(",")))  # type: ignore[attr-defined]
    for action, message, category, module, line in reversed(particular):
        patterns = [str(getattr(each, "pattern", each or "")) for each in (message, module)]
        warnings.filterwarnings(action, patterns[0], category, patterns[1], line)  # type: ignore[arg-type]
    warnings.showwarning = _show


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> Any:
    """Print a warning, whatever the caller had them collected by."""
    (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))
