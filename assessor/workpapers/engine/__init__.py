"""A Papermill engine of our own, `assessor`: each notebook in a process forked for it from one that has loaded all that it needs.

Parameters, outputs, metadata and errors are as with papermill's own engine; only what starts and carries the kernel is ours. A notebook
of another kernel than the Python of the calling process goes to papermill's own engine.
"""

from __future__ import annotations

from typing import Any

__all__ = ["AssessorEngine"]


class AssessorEngine:
    """What papermill takes as an engine. It is no subclass of papermill's `Engine`, which loads this module while it is loaded itself."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, *arguments: Any, **options: Any) -> Any:
        """Run a notebook and keep its metadata as every engine of papermill does."""
        from papermill.engines import Engine

        return Engine.execute_notebook.__func__(cls, nb, kernel_name, *arguments, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel that a notebook asks for."""
        from papermill.engines import Engine

        return str(Engine.nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The language of a notebook."""
        from papermill.engines import Engine

        return str(Engine.nb_language(nb, language))

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        start_method: str = "",
        **options: Any,
    ) -> Any:
        """Run the cells, with the options of papermill's own engine.

        `start_method` is "fork", "server" or "spawn", by default what is safe here (see `process`). Raises DeadKernelError when the
        process ends before its notebook, CellTimeoutError when a cell takes more than `execution_timeout` seconds; that cell is noted
        as failed, and nothing of the process is left.
        """
        from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
        from papermill.log import logger
        from papermill.utils import merge_kwargs, remove_args

        from assessor.workpapers.engine import process, spawned

        settings = merge_kwargs(
            remove_args(["input_path", "timeout", "startup_timeout"], **options),
            timeout=execution_timeout or options.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        )
        way = start_method or process.method()
        if way == process.SPAWN or kernel_name != NATIVE_KERNEL_NAME:
            settings.setdefault("kernel_manager_class", spawned.SocketKernelManager)
            return spawned.Client(nb_man, **settings).execute()
        from assessor.workpapers.engine import forked

        with process.started(way) as started:
            return forked.ForkedClient(nb_man, km=forked.Manager(started), **settings).execute(cleanup_kc=True)
