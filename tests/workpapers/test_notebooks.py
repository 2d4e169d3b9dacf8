"""Notebooks as they are run: what completes is kept, what does not is told, and hostile text stays text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from assessor import workpapers
from assessor.errors import AssessorError

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & ]]> 青岚 Волгомир"


def notebook(folder: Path, *sources: str, tags: tuple[str, ...] = ("parameters",)) -> Path:
    cells = [new_markdown_cell("# A workpaper"), new_code_cell('engagement = "."', metadata={"tags": list(tags)})]
    cells += [new_code_cell(source) for source in sources]
    path = folder / "source.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


class Markup(HTMLParser):
    """The tags and visible text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_workpaper_runs_in_its_folder_with_its_parameters_and_opens_with_its_heading(tmp_path: Path) -> None:
    source = notebook(tmp_path, "import os; print(engagement, os.path.basename(os.getcwd()))")
    target = tmp_path / "workpapers" / "one.ipynb"
    target.parent.mkdir()
    workpapers.execute(source, target, {"engagement": "there"}, lambda: "| Client | Acorn |\n| --- | --- |")
    executed = nbformat.read(target, as_version=4)
    assert [cell.source.partition("\n")[0] for cell in executed.cells[:2]] == ["# A workpaper", "| Client | Acorn |"]
    assert executed.cells[-1].outputs[0].text == "there workpapers\n"
    assert "papermill" not in executed.metadata


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import os; os._exit(1)", "its kernel died"),
        ("import sys; sys.exit(0)", "raised an error"),
    ],
)
def test_a_notebook_that_does_not_run_to_its_end_is_told_and_the_old_copy_stays(
    tmp_path: Path, source: str, told: str
) -> None:
    target = tmp_path / "one.ipynb"
    target.write_text("the copy of an earlier run", "utf-8")
    with pytest.raises(AssessorError, match=told):
        workpapers.execute(notebook(tmp_path, source, "print('later')"), target, {"engagement": "."}, lambda: "heading")
    assert target.read_text("utf-8") == "the copy of an earlier run"
    assert nbformat.read(tmp_path / "one.failed.ipynb", as_version=4).cells
    assert not list(tmp_path.glob(".one-*"))


def test_an_executed_workpaper_may_not_be_written_over_but_by_the_next_run(tmp_path: Path) -> None:
    target = tmp_path / "one.ipynb"
    for words in ("print('once')", "print('again')"):
        workpapers.execute(notebook(tmp_path, words), target, {"engagement": "."}, lambda: "heading")
        assert target.stat().st_mode & 0o222 == 0
    assert "again" in target.read_text("utf-8")


def test_a_notebook_without_parameters_cell_or_with_an_unknown_parameter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssessorError, match="exactly one cell tagged"):
        workpapers.execute(notebook(tmp_path, tags=()), tmp_path / "one.ipynb", {"engagement": "."}, str)
    with pytest.raises(AssessorError, match="no parameter other"):
        workpapers.execute(notebook(tmp_path), tmp_path / "one.ipynb", {"other": "."}, str)


def test_the_page_is_self_contained_and_hostile_text_stays_text(tmp_path: Path) -> None:
    source = notebook(
        tmp_path,
        f"from assessor import workpapers\nworkpapers.rows([{{'name': {HOSTILE!r}}}], {HOSTILE!r})",
        f"from IPython.display import HTML\nHTML({HOSTILE!r})",
    )
    target = tmp_path / "one.ipynb"
    workpapers.execute(source, target, {"engagement": "."}, lambda: "| Client | Acorn |\n| --- | --- |")
    page = workpapers.export(target, HOSTILE).read_text("utf-8")
    markup = Markup(page)
    assert {tag for tag, _ in markup.tags}.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert not [
        value
        for _, attributes in markup.tags
        for name, value in attributes.items()
        if name.startswith("on") or "//" in (value or "")
    ]
    assert markup.text.count("alert(1)</script>") >= 3  # caption, cell and title, as text
    assert "青岚" in markup.text
