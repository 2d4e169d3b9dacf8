"""Papermill's client on a kernel in a process that was forked: cells, outputs, time limits and metadata are papermill's and nbclient's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_client.session import Session

from assessor.workpapers.engine import wire
from assessor.workpapers.engine.process import Process
from assessor.workpapers.engine.spawned import Client

_LOOK_SECONDS = 0.2
"""How often it is looked whether a process is alive that does not close its socket, since one that it started holds it too."""


class ForkedClient(Client):
    """Runs a notebook in a process of ours, whose end is seen at once."""

    async def _async_poll_kernel_alive(self) -> None:
        await self.kc.ended()
        self.task_poll_for_reply.cancel()


class Manager:
    """What nbclient takes for a kernel manager: the process is there already."""

    has_kernel = True

    def __init__(self, process: Process) -> None:
        self._process = process

    def client(self) -> _KernelClient:
        """The only client of the kernel."""
        self._client = _KernelClient(self._process)
        return self._client

    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.alive()

    def interrupt_kernel(self) -> None:
        """Interrupt the cell that runs."""
        self._process.interrupt()

    async def shutdown_kernel(self, now: bool = False) -> None:
        """Let the notebook do what it does at exit. Whoever started the process ends it anyway, and with it what it started."""
        if not now:
            await self._client.leave()

    def cleanup_resources(self) -> None:
        """There are none."""


class _KernelClient(KernelClient):
    """Jupyter's client, whose channels are one socket."""

    def __init__(self, process: Process) -> None:
        super().__init__(session=Session(key=wire.KEY))
        self._process = process
        self._waiting: set[asyncio.Task[Any] | None] = set()
        self._channels = {name: _Channel(self._send, self._waiting) for name in (wire.SHELL, wire.IOPUB)}
        self._gone = asyncio.Event()
        self._failure = ""
        self._busy = False

    @property
    def shell_channel(self) -> Any:
        """Requests, and the answers to them."""
        return self._channels[wire.SHELL]

    @property
    def iopub_channel(self) -> Any:
        """What the kernel tells everybody."""
        return self._channels[wire.IOPUB]

    async def start_channels(self) -> None:  # type: ignore[override]
        """Begin to listen."""
        reader, self._writer = await asyncio.open_connection(sock=self._process.end)
        self._listening = asyncio.ensure_future(self._listen(reader))

    async def stop_channels(self) -> None:  # type: ignore[override]
        """Listen no more, and let nobody wait who would for ever: nbclient leaves readers behind when a cell does not end well."""
        waiting = [task for task in (*self._waiting, self._listening) if task not in (None, asyncio.current_task())]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def wait_for_ready(self, timeout: float) -> None:
        """Wait for the kernel's first word. Raises RuntimeError when none comes."""
        try:
            await self.iopub_channel.get_msg(timeout)
        except Empty:
            why = self._failure or f"nothing was heard of it in {timeout} seconds"
            raise RuntimeError(f"The kernel did not start: {why}") from None

    async def is_alive(self) -> bool:
        """Whether the kernel can answer."""
        return not self._gone.is_set() and self._process.alive()

    async def ended(self) -> None:
        """Wait until the process has ended."""
        while await self.is_alive():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), _LOOK_SECONDS)

    async def leave(self) -> None:
        """Ask the kernel to end, and wait for it a while; a cell that runs is not waited for."""
        if not self._busy:
            self._writer.write_eof()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), wire.LEAVING_SECONDS)

    def _send(self, message: dict[str, Any]) -> None:
        """Send a message to the kernel; it is written when the kernel takes it, however busy that is now."""
        if message["msg_type"] == "execute_request":
            self._busy = True
            self._waiting.add(asyncio.current_task())  # that of the cell, which Ctrl-C leaves behind
        self._writer.write(wire.packed(self.session.serialize(message)))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                name, *parts = await wire.received(reader)
                if name == wire.FAILED:
                    self._failure = parts[0].decode().strip()
                    continue
                message = self.session.deserialize(self.session.feed_identities(parts)[1])
                self._busy &= message["msg_type"] != "execute_reply"
                self._channels[name].messages.put_nowait(message)
        except (EOFError, OSError):
            pass
        finally:
            self._gone.set()
            for channel in self._channels.values():
                channel.messages.put_nowait(None)


class _Channel:
    """One of the channels, as nbclient asks it."""

    def __init__(self, send: Callable[[dict[str, Any]], None], waiting: set[asyncio.Task[Any] | None]) -> None:
        self.send, self._waiting = send, waiting
        self.messages = asyncio.Queue[dict[str, Any] | None]()  # None is the last that comes

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message. Raises queue.Empty when none has come in `timeout` seconds, and at once when none can come any more."""
        this = asyncio.current_task()
        self._waiting.add(this)
        try:
            message = await asyncio.wait_for(self.messages.get(), timeout)
            if message is not None:
                return message
            self.messages.put_nowait(None)
            if timeout is None:  # whoever waits so is told of the end by `ended`
                await asyncio.Event().wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(this)
        raise Empty
