"""Notebooks for the tests of the engine: written, run by the one or the other engine, and made comparable."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from assessor.workpapers.engine.spawned import SocketKernelManager

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
WAYS = ("fork", "server", "spawn")


def write(path: Path, cells: Sequence[Any]) -> Path:
    """A notebook of these cells; a string is the source of a code cell."""
    made = [new_code_cell(cell) if isinstance(cell, str) else copy.deepcopy(cell) for cell in cells]
    for number, cell in enumerate(made):
        cell.id = f"c{number}"
    nbformat.write(new_notebook(cells=made, metadata=copy.deepcopy(KERNEL)), path)
    return path


def run(folder: Path, cells: Sequence[Any], way: str, **options: Any) -> tuple[Any, BaseException | None]:
    """The executed notebook, and what was raised: `way` is "stock" for papermill's own engine, or how ours starts the process."""
    place = folder / way
    place.mkdir(exist_ok=True)
    engine = (
        {"kernel_manager_class": SocketKernelManager}
        if way == "stock"
        else {"engine_name": "assessor", "start_method": way}
    )
    settings = {"cwd": place, "kernel_name": "python3", "progress_bar": False, **engine, **options}
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="wp-") as runtime:
        patch.delenv(
            "PYTEST_CURRENT_TEST", raising=False
        )  # within pytest, ipykernel catches no output of other programs
        patch.setenv("JUPYTER_RUNTIME_DIR", runtime)  # sockets need short paths
        try:
            papermill.execute_notebook(write(place / "in.ipynb", cells), place / "out.ipynb", **settings)
        except BaseException as error:
            return nbformat.read(place / "out.ipynb", as_version=4), error
    return nbformat.read(place / "out.ipynb", as_version=4), None


def texts(executed: Any) -> list[str]:
    """What each code cell printed and gave."""
    return [
        "".join(
            each.get("text") or each.get("data", {}).get("text/plain") or each.get("evalue", "")
            for each in cell.outputs
        )
        for cell in executed.cells
        if cell.cell_type == "code"
    ]


def comparable(executed: Any, folder: Path) -> str:
    """A notebook as text without times, random names, addresses, the number of its process and its folder.

    What a cell prints comes to the caller in pieces of up to a fifth of a second, so that the pieces are chance.
    """
    book = copy.deepcopy(executed)
    for part in (book, *book.cells):
        part.metadata.get("papermill", {}).update(start_time=0, end_time=0, duration=0)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = _whole(cell.outputs)
        if "execution" in cell.metadata:
            cell.metadata["execution"] = sorted(cell.metadata["execution"])
        if not re.fullmatch(r"c\d+", cell.id):
            cell.id = "random"
    for widgets in book.metadata.get("widgets", {}).values():  # by random names
        widgets["state"] = sorted(
            re.sub("[0-9a-f]{32}", "ID", json.dumps(each, sort_keys=True)) for each in widgets["state"].values()
        )
    text = json.dumps(book, indent=1, sort_keys=True, ensure_ascii=False).replace(str(folder), "FOLDER")
    named: dict[str, str] = {}
    text = re.sub("[0-9a-f]{32}", lambda found: named.setdefault(found[0], f"ID{len(named)}"), text)
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0xN", text)
    return re.sub(r"\b\d[\d.e+]* (ns|μs|µs|us|ms|s)\b", "TIME", text)


def _whole(outputs: list[Any]) -> list[Any]:
    """Outputs with the pieces of each stream joined."""
    found: list[Any] = []
    for each in outputs:
        stream = [
            other for other in found if each.output_type == other.output_type == "stream" and each.name == other.name
        ]
        if stream:
            stream[0].text += each.text
        else:
            found.append(each)
    return found
