"""Kernels in processes of their own, as papermill's own engine starts them."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from jupyter_client.manager import AsyncKernelManager


class SocketKernelManager(AsyncKernelManager):
    """A kernel manager whose kernels talk through sockets in a folder, not over TCP, where the system has such, and leave the terminal
    alone.

    A kernel writes to the terminal what programs that a cell starts print, beside keeping it in the notebook; and, since it is interrupted
    before it is asked to end, "KeyboardInterrupt caught in kernel." where that comes while it is still with its last request.
    """

    transport = "ipc" if os.name == "posix" else "tcp"

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel."""
        await super().start_kernel(**{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})
