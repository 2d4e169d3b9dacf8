"""How far long work over many files has come, on standard error: one line written anew on a terminal, otherwise few lines."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_OFTEN, _SELDOM = 0.2, 10.0
"""Seconds between two writings on a terminal, and between two lines elsewhere."""
_SOON = 1.0
"""Seconds of work before which nobody is told a time left."""

Meter = Callable[[int, int, int, int], None]


@contextmanager
def meter(what: str = "files", clock: Callable[[], float] = time.monotonic) -> Iterator[Meter]:
    """A function to be called with files done, all files, bytes done and all bytes. Of a single file nothing is told.

    The line on a terminal is gone when the `with` statement ends, so that results stand alone.
    """
    terminal = sys.stderr.isatty()
    begin = clock()
    last = begin if terminal else begin - _SELDOM
    shown = False
    first: tuple[float, int, int] | None = None

    def tell(done: int, total: int, read: int, size: int) -> None:
        nonlocal last, shown, first
        now = clock()
        if done and first is None:  # the time left is told from there on, since what comes before is not reading
            first = now, done, read
        if total < 2 or done == total or now - last < (_OFTEN if terminal else _SELDOM):
            return
        last = now
        line = f"  {_state(done, total, read, size, what)}"
        if first and now - first[0] >= _SOON:
            came, left = (read - first[2], size - read) if size else (done - first[1], total - done)
            line += f", about {duration((now - first[0]) * left / came)} left" if came else ""
        if terminal:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"\r{line[:width]:<{width}}", err=True, nl=False)
            shown = True
        else:
            click.echo(line, err=True)

    try:
        yield tell
    finally:
        if shown:
            click.echo(f"\r{' ' * (shutil.get_terminal_size().columns - 1)}\r", err=True, nl=False)


def _state(done: int, total: int, read: int, size: int, what: str) -> str:
    if not done:
        return f"reading {total:,} {what}, {_bytes(size)}"
    return f"{done:,} of {total:,} {what}, {_bytes(read)} of {_bytes(size)}"


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def duration(seconds: float) -> str:
    """Seconds in words: 40 s, 3 min 5 s, 2 h 10 min."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
