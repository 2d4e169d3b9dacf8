"""Jupyter's messages between a notebook's process and the one that started it, over a pair of sockets that nobody else can reach.

A message is a list of parts, as ZeroMQ has them: their number and lengths, then their bytes. Of what the notebook's process sends, the
first part is the channel.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import BinaryIO

import zmq

KEY = b"assessor"
"""What messages are signed with: Jupyter wants a key, and here there is nobody to keep out."""

LEAVING_SECONDS = 5.0
"""How long a notebook that is no longer wanted has for what it does at exit."""

IOPUB, SHELL, FAILED = b"iopub", b"shell", b"failed"
"""Channels: what a kernel tells everybody, its answers, and why it could not start."""

_NUMBER, _LENGTH = struct.Struct("!I"), struct.Struct("!Q")


def packed(parts: Sequence[bytes | memoryview]) -> bytes:
    """A message as bytes."""
    lengths = [_LENGTH.pack(memoryview(part).nbytes) for part in parts]
    return b"".join([_NUMBER.pack(len(parts)), *lengths, *parts])


async def received(reader: asyncio.StreamReader) -> list[bytes]:
    """The next message. Raises EOFError when there is none any more."""
    (number,) = _NUMBER.unpack(await reader.readexactly(_NUMBER.size))
    lengths = [_LENGTH.unpack(await reader.readexactly(_LENGTH.size))[0] for _ in range(number)]
    return [await reader.readexactly(length) for length in lengths]


def read(file: BinaryIO) -> list[bytes]:
    """The same, waiting for it. Raises EOFError when there is none any more."""

    def exactly(length: int) -> bytes:
        part = file.read(length)
        if len(part) < length:
            raise EOFError("the process at the other end has gone")
        return part

    (number,) = _NUMBER.unpack(exactly(_NUMBER.size))
    lengths = [_LENGTH.unpack(exactly(_LENGTH.size))[0] for _ in range(number)]
    return [exactly(length) for length in lengths]


class Connection:
    """The notebook's end: written to by all its threads, and by processes that it forks, a whole message at a time."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._turn = os.memfd_create("turn")
        self._forked()
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.Lock()  # another thread may hold the old one, and is not there to leave it

    def send(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send a message. Raises OSError when nobody reads any more."""
        message = packed(parts)
        with (
            self._lock
        ):  # among threads, which the lock of a file does not tell apart; a process that is killed leaves that one
            fcntl.lockf(self._turn, fcntl.LOCK_EX)
            try:
                self._end.sendall(message)
            finally:
                fcntl.lockf(self._turn, fcntl.LOCK_UN)

    def file(self) -> BinaryIO:
        """What comes in."""
        return self._end.makefile("rb")


class Channel:
    """What a kernel takes for a ZeroMQ socket to send on."""

    closed = False

    def __init__(self, connection: Connection, name: bytes) -> None:
        self._connection, self._name = connection, name

    @cached_property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """ZeroMQ between the threads of a kernel, which wake each other by it."""
        return zmq.Context()

    def send_multipart(
        self, parts: Sequence[bytes | memoryview], flags: int = 0, copy: bool = True, track: bool = False
    ) -> None:
        """Send a message."""
        self._connection.send([self._name, *parts])

    def close(self) -> None:
        """Nothing more is sent."""
        self.closed = True
