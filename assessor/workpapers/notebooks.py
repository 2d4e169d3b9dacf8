"""Running the notebooks of an engagement through Papermill, one after another, and exporting them as HTML.

Papermill alone is not trusted with completeness: a kernel that dies or exits leaves a notebook that looks finished. A
workpaper counts as executed when every code cell has run and none raised; only then does it take its place.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assessor import files
from assessor.errors import AssessorError

CELL_SECONDS = 900
"""Longest time that one cell may take."""

_TAGS = [
    "a",
    "b",
    "br",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "strong",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
]
_SCRIPT = re.compile(r"<script (?:class='assessor-view'|type='application/json')>.*?</script>", re.DOTALL)
_OTHER_IMAGE = re.compile(
    r"<(?=img)(?!img alt=\"[^\"<>]*\" src=\"data:image/svg\+xml;base64,[A-Za-z0-9+/=]*\">)", re.IGNORECASE
)
_NEAR = re.compile(r"\.\./evidence/[A-Za-z0-9._~%/-]+")


def execute(notebook: Path, target: Path, parameters: dict[str, str], heading: str) -> None:
    """Run `notebook` with `parameters` in the folder of `target` and keep the executed copy there.

    `heading` (Markdown) is put on top of the executed copy. Raises AssessorError naming the notebook, the cell and the
    error when it does not run to its end; the copy with the error is kept as `NAME.failed.ipynb`.
    """
    import nbformat

    source = nbformat.read(notebook, as_version=4)
    _require_parameters(notebook, source, parameters)
    failed = target.with_name(f"{target.stem}.failed.ipynb")
    failed.unlink(missing_ok=True)
    with files.replacing(target) as temporary:
        trouble = _run(notebook, temporary, parameters, target.parent)
        executed = nbformat.read(temporary, as_version=4) if temporary.stat().st_size else source
        executed.cells.insert(0, nbformat.v4.new_markdown_cell(heading, id="workpaper-heading"))
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


def _run(notebook: Path, target: Path, parameters: dict[str, str], folder: Path) -> str:
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
                    kernel_manager_class=_kernel_manager(),
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


def _kernel_manager() -> Any:
    """A kernel manager whose kernels talk through sockets in a folder, not over TCP, where the system has such."""
    from jupyter_client.manager import AsyncKernelManager

    class SocketKernelManager(AsyncKernelManager):
        transport = "ipc" if os.name == "posix" else "tcp"

    return SocketKernelManager


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


def export(notebook: Path, title: str) -> Path:
    """The executed notebook as one self-contained HTML page beside it: no script, no request to anywhere. Pictures are data in the
    page, links lead to the engagement's own evidence."""
    import nbformat
    from nbconvert.exporters import HTMLExporter

    from assessor.resources import folder

    exporter = HTMLExporter(
        template_name="workpaper",
        extra_template_basedirs=[str(folder("notebooks") / "html")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    exporter.register_preprocessor(_sanitizer(), enabled=True)
    page, _ = exporter.from_notebook_node(
        nbformat.read(notebook, as_version=4), resources={"metadata": {"name": title}}
    )
    target = notebook.with_suffix(".html")
    files.write_text(target, page)
    return target


def _near(address: str) -> bool:
    """Whether an address is that of a file under evidence/, as seen from workpapers/."""
    return bool(_NEAR.fullmatch(address)) and ".." not in unquote(address).split("/")[1:]


def _sanitizer() -> Any:
    """What lets only harmless markup through. Our tables escape what they show; this is the second lock on the same door.

    Our own scripts are taken out first, since the sanitizer would show them as text; an image that is not a picture of ours is
    shown as text.
    """
    import bleach  # type: ignore[import-untyped]  # nbconvert's own
    from nbconvert.preprocessors.sanitize import SanitizeHTML

    def allowed(tag: str, name: str, value: str) -> bool:
        return (
            name == "title"
            or (tag, name) in (("th", "scope"), ("details", "open"))
            or (tag == "img" and name in ("alt", "src"))
            or (tag == "a" and name == "href" and _near(value))
        )

    class Sanitizer(SanitizeHTML):
        def sanitize_html_tags(self, html_str: str) -> str:
            text = _OTHER_IMAGE.sub("&lt;", _SCRIPT.sub("", html_str))
            return str(
                bleach.clean(text, tags=_TAGS, attributes=allowed, protocols=("data", "http"), strip_comments=True)
            )

    return Sanitizer()  # type: ignore[no-untyped-call]
