"""Sheets in which a column for each level ("L1", "L2", …) holds the part number, or a mark, of the parts of that level.

They become a column with the part numbers and one with the level, in the place of the first two; the others are left empty.
"""

from __future__ import annotations

import re
from itertools import pairwise

from assessor.evidence.readers.base import key
from assessor.evidence.readers.sheets import columns
from assessor.evidence.readers.sheets.grid import Cells, Grid

_LEVEL = re.compile(r"(?:l|lvl|level|bom level|ebene|stufe|niveau|层级|层次|级别) ?(\d{1,2})")
_MARK = re.compile(r"[x✓✔√•●*+·-]|\d", re.IGNORECASE)
_NUMBERS = ("number", "part_number")


def find(grid: Grid) -> columns.Header | None:
    """The heading row of a sheet, in which columns of levels are made two first."""
    for row in range(min(len(grid.rows), columns.HEADER_WITHIN)):
        if positions := _levels(grid.rows[row]):
            _fold(grid, row, positions)
            break
    return columns.find(grid.rows)


def _levels(row: Cells) -> list[int]:
    """The positions of headings that count levels up by one, at least two; empty where there are none."""
    matches = [(at, _LEVEL.fullmatch(key(cell))) for at, cell in enumerate(row) if cell and len(cell) < 20]
    found = [(at, int(match[1])) for at, match in matches if match]
    counted = all(there - here == 1 for (_, here), (_, there) in pairwise(found))
    return [at for at, _ in found] if len(found) > 1 and counted else []


def _fold(grid: Grid, row: int, positions: list[int]) -> None:
    heading = grid.rows[row]
    first = int(_LEVEL.fullmatch(key(heading[positions[0]] or ""))[1])  # type: ignore[index]
    body = grid.rows[row + 1 :]
    filled = [[at for at in positions if at < len(cells) and cells[at] is not None] for cells in body]
    if not any(filled) or any(len(found) > 1 for found in filled):
        return  # quantities of each level, say
    told = {cells[found[0]] or "" for cells, found in zip(body, filled, strict=True) if found}
    marks = all(_MARK.fullmatch(text) for text in told)
    known = columns.find([[None if at in positions else cell for at, cell in enumerate(heading)]])
    named = known is not None and any(name in known.columns for name in _NUMBERS)
    names = ", ".join(repr(heading[at]) for at in positions)
    number, level = positions[:2]
    for cells, found in zip(body, filled, strict=True):
        if found:
            text = cells[found[0]]
            cells += [None] * (level + 1 - len(cells))
            for at in positions:
                if at < len(cells):
                    cells[at] = None
            cells[number], cells[level] = None if marks else text, str(first + positions.index(found[0]))
    for at in positions:
        heading[at] = None
    heading[level] = "Level"
    if not marks:
        heading[number] = "Item name" if named else "Part number"
    what = "a mark" if marks else "its number"
    grid.notes.append(f"the level of a part is told by which of the columns {names} {what} stands in")
