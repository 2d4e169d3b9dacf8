"""Rules about the code base itself."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import assessor

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "assessor"

# Lower floors first: a module imports only from its own floor and those below.
FLOORS = [
    {"errors", "results", "resources", "files", "text", "workplace"},
    {"canvas"},
    {"rule"},
    {"engagement", "judgements", "judged", "sampled", "signing"},
    {"ownership", "evidence", "sampling"},
    {"procedures"},
    {"requests"},
    {"request_answers"},
    {"assessment"},
    {"workpapers", "reporting", "archive", "demand"},
    {"run", "issuing", "inbox", "starting", "coverage", "bom", "owners", "production"},
    {"prior", "samples"},
    {"attention"},
    {"check", "desk"},
    {"sealing"},  # it refuses what check names; archive itself knows no check
    {"verifying"},  # it runs again what was sealed
    {"review"},
    {"demo"},
    {"commands", "batch"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def imported_rooms(path: Path) -> set[str]:
    """The rooms of assessor that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("assessor.")}
    return found & set(FLOOR)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    assert room in FLOOR, f"{room} has no floor; say in FLOORS where it stands"
    too_high = {name for name in imported_rooms(path) if FLOOR[name] > FLOOR[room]}
    assert not too_high, f"{path} imports {too_high}, which stand above it"
    if room in ("ownership", "evidence"):
        other = {"ownership": "evidence", "evidence": "ownership"}[room]
        assert other not in imported_rooms(path), f"{path}: {room} and {other} do not know each other"


def modules() -> list[str]:
    return sorted(
        m.name
        for m in pkgutil.walk_packages(assessor.__path__, "assessor.")
        if "_resources" not in m.name and not m.name.endswith("__main__")
    )


@pytest.mark.parametrize("name", ["assessor", *modules()])
def test_all_is_what_is_exported(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    if listed is None:
        assert Path(module.__file__ or "").name != "__init__.py" or not public_names(module), (
            f"{name} exports names without __all__"
        )
        return
    assert list(listed) == sorted(listed), f"{name}.__all__ is sorted"
    assert all(hasattr(module, entry) for entry in listed)
    if name == "assessor":
        assert set(listed) == set(module._HOME)
    elif Path(module.__file__ or "").name == "__init__.py":
        assert public_names(module) <= set(listed), f"{name} binds public names that __all__ does not list"


def public_names(module: object) -> set[str]:
    """Public names defined or imported by name (not modules) in a package's __init__."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))  # type: ignore[attr-defined]
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(module.__name__):  # type: ignore[attr-defined]
            names |= {alias.asname or alias.name for alias in node.names}
    return {name for name in names if not name.startswith("_") and not isinstance(getattr(module, name), ModuleType)}


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    script = "import sys, assessor.cli; print([m for m in ('pandas', 'pyarrow', 'matplotlib', 'papermill', 'docx', 'distributed', 'fsspec', 's3fs') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_validator_is_imported_where_bills_of_materials_are_read() -> None:
    script = "import sys, assessor.bom; print([m for m in ('cyclonedx', 'jsonschema', 'rdflib', 'spdx_python_model', 'spdx_tools') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs_and_with_one_parameters_cell(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) == 1
    assert all(
        not cell.get("outputs") and cell.get("execution_count") is None for cell in cells if cell["cell_type"] == "code"
    )
