"""The kernel of one notebook, in the process forked for it: ipykernel's own, but that its messages go over one socket and that it opens
no port and no file.
"""

from __future__ import annotations

import asyncio
import atexit
import importlib
import os
import signal
import socket
import sys
import threading
import time
import traceback
from contextvars import copy_context
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import zmq
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait

from assessor.workpapers.engine import clean, wire

_NO_DEBUGGER = cast(ModuleType, SimpleNamespace(_is_debugpy_available=False, Debugger=object))
"""In the place of what takes longer to load than all else of the kernel, and that nobody can attach to here."""

for _name in ("core.completerlib", "core.debugger", "core.logger", "core.oinspect", "extensions.storemagic"):
    importlib.import_module(f"IPython.{_name}")  # loaded once here, and not by every kernel when it starts
importlib.import_module("sqlite3")
importlib.import_module("tornado.platform.asyncio")


def run(end: socket.socket) -> None:
    """Be the kernel of a notebook until the other end of the socket is closed; then the process ends, and with it what it started."""
    try:
        clean.leave_the_caller(keep=end.fileno())
        connection = wire.Connection(end)
        sys.modules["ipykernel.debugger"] = _NO_DEBUGGER
        try:
            application: Any = _Application.instance(session=Session(key=wire.KEY), connection=connection)
            application.initialize(["--HistoryManager.hist_file=:memory:"])
            clean.enter_the_kernel()
        except BaseException as error:
            connection.send([wire.FAILED, "".join(traceback.format_exception_only(error)).encode()])
            raise
        application.start()
        atexit._run_exitfuncs()  # those of the notebook: the caller's were struck
    finally:
        os.killpg(0, signal.SIGKILL)  # so that it never returns into the frames of the caller, which stand below


class _Application(IPKernelApp):
    """ipykernel's application without what needs a network: all else, settings and start-up files of the user too, is as there."""

    connection = AnyTrait()

    def init_connection_file(self) -> None:
        """None is needed."""

    def init_poller(self) -> None:
        """The socket tells when the caller is gone."""

    def init_sockets(self) -> None:
        """Two channels of one socket."""
        self.shell_socket = wire.Channel(self.connection, wire.SHELL)
        self.configure_tornado_logger()  # type: ignore[no-untyped-call]
        self.iopub_thread = IOPubThread(wire.Channel(self.connection, wire.IOPUB), session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_heartbeat(self) -> None:
        """Nobody listens for it."""

    def write_connection_file(self, **_: Any) -> None:
        """None is needed."""

    def log_connection_info(self) -> None:
        """There is nothing to connect to."""

    def init_kernel(self) -> None:
        """The kernel, on these channels."""
        kernel = _Kernel.instance(
            parent=self,
            session=self.session,
            connection=self.connection,
            shell_stream=self.shell_socket,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.kernel = kernel
        self.displayhook.get_execution_count = lambda: kernel.execution_count


class _Kernel(IPythonKernel):
    """ipykernel's kernel; what is asked of it comes from a socket that a thread reads."""

    connection = AnyTrait()
    shell_stream = AnyTrait()
    _supports_kernel_subshells = False

    def __init__(self, **traits: Any) -> None:
        # By this attribute ipykernel knows which thread may be interrupted while a cell awaits.
        super().__init__(shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()), **traits)  # type: ignore[no-untyped-call]

    def start(self) -> None:
        """Take requests, one after another, and say so."""
        if self.shell:
            self.shell.exit_now = False
        self.io_loop = IOLoop.current()
        cells: Any = self.io_loop
        threading.Thread(target=self._listen, args=(cells.asyncio_loop,), daemon=True).start()
        self._publish_status("starting", "shell")  # type: ignore[no-untyped-call]

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        context, running = copy_context(), set()  # one context for all cells: what a cell sets in it the next one finds

        def begin(parts: list[bytes]) -> None:
            task = loop.create_task(self.shell_main(None, [zmq.Frame(part) for part in parts]), context=context)
            running.add(task)
            task.add_done_callback(running.discard)

        requests = self.connection.file()
        try:
            while True:
                loop.call_soon_threadsafe(begin, wire.read(requests))
        except (EOFError, OSError, RuntimeError):  # the caller wants no more or has died, or the loop has ended
            self.io_loop.add_callback(self.io_loop.stop)
            time.sleep(wire.LEAVING_SECONDS)
            os.killpg(0, signal.SIGKILL)

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Nothing waits behind a cell that failed."""
