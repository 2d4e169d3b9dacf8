"""JupyterLab on an engagement: its overview notebook, and a server that sees this folder alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from assessor import files, resources
from assessor.engagement import Engagement

OVERVIEW = "overview.ipynb"
"""The notebook on which the review opens, in workpapers/."""
_WIDGET = "application/vnd.jupyter.widget-view+json"
EXPORTED = ("text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain")
"""What of an output an exported page shows, the first that there is: never a widget, which is dead without a kernel."""


def prepare(engagement: Engagement) -> Path:
    """Put the overview notebook into workpapers/, where there is none yet, and trust what the last run left; its path.

    JupyterLab runs no script of a notebook that nobody here has signed. Those that are byte for byte what the run wrote are ours.
    """
    target = engagement.workpapers / OVERVIEW
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        with files.replacing(target) as temporary:
            shutil.copyfile(resources.folder("notebooks") / OVERVIEW, temporary)
    _without_dead_widgets(target)
    _trust([target, *_left_by_the_run(engagement)])
    return target


def _without_dead_widgets(path: Path) -> None:
    """Leave of the saved outputs of a notebook the tables. Its widgets went with their kernel, and JupyterLab would show an error in the
    place of each until the cells are run again."""
    import nbformat

    book = _read(path)
    if book is None:
        return
    shown = [output["data"] for cell in book.cells for output in cell.get("outputs", ()) if "data" in output]
    dead = [data for data in shown if _WIDGET in data and "text/html" in data]
    for data in dead:
        del data[_WIDGET]
    if dead:
        files.write_text(path, nbformat.writes(book) + "\n")


def _left_by_the_run(engagement: Engagement) -> list[Path]:
    try:
        stages = json.loads(engagement.run_file.read_text("utf-8"))["stages"].values()
    except (OSError, ValueError, KeyError):
        return []
    left = {name: digest for stage in stages for name, digest in stage.get("outputs", {}).items()}
    paths = {engagement.root / name: digest for name, digest in left.items() if name.endswith(".ipynb")}
    return [path for path, digest in paths.items() if path.is_file() and files.sha256(path) == digest]


def _trust(notebooks: list[Path]) -> None:
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for book in filter(None, map(_read, notebooks)):
        notary.sign(book)


def _read(path: Path) -> Any:
    """A notebook; None for what is none any more, of which JupyterLab says what is wrong with it."""
    import nbformat

    try:
        book = nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError):
        return None
    return book if isinstance(book.get("cells"), list) else None


def command(engagement: Engagement, *, port: int = 0, browser: bool = True) -> list[str]:
    """The command that serves the engagement's folder, and opens it on the overview."""
    told = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={engagement.root.resolve()}"]
    told += [f"--LabApp.default_url=/lab/tree/workpapers/{OVERVIEW}", "--ServerApp.ip=127.0.0.1"]
    told += [f"--LabApp.app_settings_dir={resources.folder('notebooks') / 'lab'}"]  # asks nobody outside for news
    told += [
        "--HTMLExporter.template_name=workpaper"
    ]  # what is exported from the menu is a page as a workpaper's: static, self-contained
    told += [f"--HTMLExporter.extra_template_basedirs={resources.folder('notebooks') / 'html'}"]
    told += ["--HTMLExporter.exclude_anchor_links=True"]
    told += [f"--TemplateExporter.exclude_{part}_prompt=True" for part in ("input", "output")]
    told += [f"--NbConvertBase.display_data_priority={kind}" for kind in EXPORTED]
    told += [f"--ServerApp.port={port}"] if port else []
    return told if browser else [*told, "--no-browser"]


def serve(engagement: Engagement, *, port: int = 0, browser: bool = True) -> int:
    """Serve the engagement in JupyterLab until the server ends; its exit code. Nothing of the engagement leaves this machine."""
    prepare(engagement)
    quiet = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with subprocess.Popen(command(engagement, port=port, browser=browser), env=quiet) as server:  # noqa: S603 (our own command)
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.wait()
            return 0
