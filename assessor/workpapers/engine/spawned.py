"""Kernels in processes of their own, as papermill's own engine starts them, and the client that runs a notebook in whatever kernel."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient


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


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Runs a notebook. A cell whose kernel died, or that took too long, is noted as failed; papermill would note it as completed."""

    def execute_cell(self, cell: Any, cell_index: int, *arguments: Any, **options: Any) -> Any:
        """Run one cell as papermill does."""
        try:
            return super().execute_cell(cell, cell_index, *arguments, **options)
        except CellExecutionError:
            raise  # which papermill notes
        except BaseException as error:
            self.nb_man.cell_exception(self.nb.cells[cell_index], cell_index=cell_index, exception=error)
            raise
