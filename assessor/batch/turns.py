"""One at a time, where several on different machines may write to the same engagement in a store.

Whoever writes holds an object `.batch-turn-N` of the engagement, made only if it is not there (as S3, Google's and Azure's stores do it
in one step), renews it while at work and takes it away at the end. One that nobody has renewed for a while, as seen by whoever waits and
by that one's own clock, was left by a process that is gone: whoever makes the object with the next number, which only one can, has the
turn. A process that was only slow sees the higher number, or that its own is gone, and writes no more.

A store that cannot make an object in one step only if it is not there is asked first and looked at again after a moment, which leaves a
gap of less than that moment.
"""

from __future__ import annotations

import errno
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from assessor.batch.remote import speaking
from assessor.errors import BatchError

NAME = ".batch-turn-"
STALE = 60.0
"""Seconds without a renewal after which a turn is taken for left."""
RENEW = 10.0
_POLL = 0.5


class Turn:
    """The right to write to an engagement."""

    def __init__(self, system: Any, top: str, number: int) -> None:
        self.system, self.top, self.number = system, top, number
        self.path = _path(top, number)
        self.token = uuid.uuid4().hex
        self.count = 0
        self.lost = False
        self.over = threading.Event()
        self.renewing = threading.Thread(target=self._renew, name="assessor batch turn", daemon=True)

    def told(self) -> bytes:
        self.count += 1
        return json.dumps({"token": self.token, "count": self.count}).encode()

    def still(self, address: str) -> None:
        """Raises BatchError when another has taken the turn."""
        if self.lost:
            raise BatchError(
                f"Writing to {address} paused for so long that another batch took over; run the batch again to see how it stands."
            )

    def _renew(self) -> None:
        while not self.over.wait(RENEW):
            with suppress(Exception):  # a store that does not answer now may at the next time
                numbers = _numbers(self.system, self.top)
                if self.number not in numbers or max(numbers) > self.number or not self._mine():
                    self.lost = True
                    return
                self.system.pipe_file(self.path, self.told())

    def _mine(self) -> bool:
        return bool(json.loads(self.system.cat_file(self.path))["token"] == self.token)


@contextmanager
def turn(system: Any, top: str, address: str, waits: Callable[[], None] = lambda: None) -> Iterator[Turn]:
    """Hold the turn to write to the engagement at `top`; `waits` hears that another has it."""
    with speaking(address):
        held = _taken(system, top, waits)
    held.renewing.start()
    try:
        yield held
    finally:
        held.over.set()
        held.renewing.join()
        with suppress(Exception):  # whoever comes next sees that nobody renews it
            if not held.lost:
                system.rm_file(held.path)


def _taken(system: Any, top: str, waits: Callable[[], None]) -> Turn:
    seen: tuple[int, bytes] | None = None
    since = time.monotonic()
    while True:
        numbers = _numbers(system, top)
        highest = max(numbers, default=0)
        told = b""
        if numbers:
            with suppress(FileNotFoundError):
                told = system.cat_file(_path(top, highest))
            if (highest, told) != seen:
                seen, since = (highest, told), time.monotonic()
        if not numbers or time.monotonic() - since > STALE:
            made = Turn(system, top, highest + 1)
            if _made(system, made):
                for left in numbers:
                    with suppress(FileNotFoundError):
                        system.rm_file(_path(top, left))
                return made
            seen = None
            continue
        waits()
        time.sleep(_POLL)


def _made(system: Any, turn: Turn) -> bool:
    """Make the object of a turn, only if it is not there; whether it was made."""
    try:
        system.pipe_file(turn.path, turn.told(), mode="create")
        return True
    except FileExistsError:
        return False
    except (TypeError, NotImplementedError):
        pass
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.ENOTSUP):
            raise
    if system.exists(turn.path):
        return False
    system.pipe_file(turn.path, turn.told())
    time.sleep(2 * _POLL)
    return turn._mine()


def _numbers(system: Any, top: str) -> list[int]:
    names = [str(each["name"]).rpartition("/")[2] for each in system.ls(top, detail=True) if each["type"] == "file"]
    return sorted(int(name[len(NAME) :]) for name in names if name.startswith(NAME) and name[len(NAME) :].isdecimal())


def _path(top: str, number: int) -> str:
    return f"{top}/{NAME}{number:06d}"
