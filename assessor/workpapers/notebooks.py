"""Running the notebooks of an engagement through Papermill, one after another.

Papermill alone is not trusted with completeness: a kernel that dies or exits leaves a notebook that looks finished. A
workpaper counts as executed when every code cell has run and none raised; only then does it take its place.
"""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assessor import files
from assessor.errors import AssessorError

CELL_SECONDS = 900
"""Longest time that one cell may take."""

ENGINES = ("assessor", "papermill")
"""What runs the cells: a kernel in a process forked for each notebook (see `engine`), or one started anew for each."""


def execute(
    notebook: Path,
    target: Path,
    parameters: dict[str, str],
    heading: Callable[[], str],
    *,
    engine: str = "papermill",
) -> None:
    """Run `notebook` with `parameters` in the folder of `target` and keep the executed copy there.

    `engine` is one of `ENGINES`; both leave the same bytes.

    `heading` gives Markdown once the cells have run, since it tells what they concluded; it is put on top of the executed copy, below
    the notebook's own title where that begins with one. Raises AssessorError naming the notebook, the cell and the
    error when it does not run to its end; the copy with the error is kept as `NAME.failed.ipynb`.
    """
    import nbformat

    source = nbformat.read(notebook, as_version=4)
    _require_parameters(notebook, source, parameters)
    failed = target.with_name(f"{target.stem}.failed.ipynb")
    failed.unlink(missing_ok=True)
    if target.exists():
        target.chmod(
            0o644 & ~files.umask()
        )  # elsewhere than on POSIX nothing takes the place of a file that may not be written
    with files.replacing(target) as temporary:
        trouble = _run(notebook, temporary, parameters, target.parent, engine)
        executed = nbformat.read(temporary, as_version=4) if temporary.stat().st_size else source
        place = int(bool(executed.cells) and executed.cells[0].source.startswith("# "))
        executed.cells.insert(place, nbformat.v4.new_markdown_cell(heading(), id="workpaper-heading"))
        for part in (executed, *executed.cells):  # the same work leaves the same bytes, to which signatures are bound
            for times in ("papermill", "execution"):
                part.metadata.pop(times, None)  # what ran when is in run.json
            if "injected-parameters" in part.metadata.get("tags", []):
                part.id = "workpaper-parameters"  # a random one otherwise
        nbformat.write(executed, temporary)
        trouble = trouble or _incomplete(executed)
        if trouble:
            temporary.rename(failed)
            temporary.touch()  # nothing takes the target's place: the block is left by the error
            raise AssessorError(f"The notebook {notebook.name} did not run to its end: {trouble}. See {failed}.")
    target.chmod(
        0o444 & ~files.umask()
    )  # JupyterLab saves what it shows now and then, and a signature is bound to these bytes


def preload() -> None:
    """Load all that running notebooks and making their pages takes, so that processes forked from this one need not."""
    from assessor.workpapers import pages
    from assessor.workpapers.engine import process

    forked = ("forked", "kernel") if process.method() != process.SPAWN else ()
    for name in ("spawned", *forked):
        importlib.import_module(f"assessor.workpapers.engine.{name}")
    pages.preload()


def _run(notebook: Path, target: Path, parameters: dict[str, str], folder: Path, engine: str) -> str:
    """Execute by Papermill; a sentence about what went wrong, or nothing."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    for logger in ("papermill", "traitlets"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="wp-") as runtime:
        warnings.simplefilter("ignore")
        # A short runtime folder of its own: the kernel talks through sockets in it, whose paths must be short.
        environment = {"JUPYTER_RUNTIME_DIR": runtime, "MPLBACKEND": "agg", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        with _environment(environment):
            try:
                papermill.execute_notebook(
                    str(notebook),
                    str(target),
                    parameters=parameters,
                    cwd=str(folder),
                    kernel_name="python3",
                    language="python",
                    progress_bar=False,
                    log_output=False,
                    execution_timeout=CELL_SECONDS,
                    request_save_on_cell_execute=False,
                    coalesce_streams=True,  # what a cell prints comes in pieces that are chance
                    **_engine(engine),
                )
            except PapermillExecutionError as error:
                return f"cell {error.exec_count} raised {error.ename}: {_first_line(error.evalue)}"
            except CellTimeoutError:
                return f"a cell took longer than {CELL_SECONDS} seconds"
            except DeadKernelError:
                return "its kernel died"
            except (RuntimeError, OSError, ValueError) as error:
                return f"{type(error).__name__}: {_first_line(str(error))}"
    return ""


def _engine(name: str) -> dict[str, Any]:
    """What Papermill is told of the engine."""
    if name == "assessor":
        return {"engine_name": name}
    from assessor.workpapers.engine.spawned import SocketKernelManager

    return {"kernel_manager_class": SocketKernelManager}


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _first_line(text: str) -> str:
    return next(iter(str(text).splitlines()), "")


def _require_parameters(notebook: Path, source: Any, parameters: dict[str, str]) -> None:
    """Papermill only warns of a missing parameters cell or an unknown name; here both are errors."""
    cells = [cell for cell in source.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise AssessorError(f"{notebook} needs exactly one cell tagged `parameters`; it has {len(cells)}.")
    known = {line.split("=")[0].split(":")[0].strip() for line in cells[0].source.splitlines() if "=" in line}
    if unknown := sorted(set(parameters) - known):
        names = ", ".join(unknown)
        raise AssessorError(f"{notebook} has no parameter {names}; add it to the cell tagged `parameters`.")


def _incomplete(executed: Any) -> str:
    for number, cell in enumerate(executed.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if any(output.output_type == "error" for output in cell.outputs):
            return f"cell {number} raised an error"
        if cell.execution_count is None:
            return f"cell {number} never ran"
    return ""
