"""The records below a heading row: what is one, and what is only a remark or a repeated heading."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.evidence.readers import columns
from assessor.evidence.readers.base import Reading, key
from assessor.evidence.readers.columns import Header
from assessor.evidence.readers.grid import Cells, Grid

SHOWN = 20
"""Remarks that a note names one by one."""


@dataclass(frozen=True)
class Record:
    """A row below the heading: its place, the text under each known column (None: empty), its index in the grid and the
    heading under which it stands."""

    place: str
    cells: dict[str, str | None]
    index: int
    header: Header


def body(grid: Grid, header: Header, reading: Reading) -> list[Record]:
    """The records in their order. Rows with a single text and no known column but one are remarks, which is noted.

    Below a further heading of the same kind with other columns, the records stand under that one.
    """
    heading = [key(cell or "") for cell in grid.rows[header.row]]
    known = {key(written) for written in header.headings.values()}
    width = _width(heading)
    records: list[Record] = []
    remarks: list[str] = []
    for index in range(header.row + 1, len(grid.rows)):
        row, place = grid.rows[index], grid.place(index)
        filled = [number for number, cell in enumerate(row) if cell is not None]
        if all((index, number) in grid.carried for number in filled):
            continue
        if key(row[filled[0]] or "") in known and len(filled) > 1:
            keys = [key(cell or "") for cell in row]
            if keys == heading[: len(keys)] and not any(heading[len(keys) :]):
                continue
            again = columns.match(header.kind, index, row)
            if again and len(again.columns) * 2 > len(filled):
                header, heading, width = again, keys, _width(keys)
                continue
        if len(filled) == 1 and width > 2 and not _lone_part(row, filled[0], header):
            remarks.append(f"{place} ({str(row[filled[0]])[:60]!r})")
            continue
        if len(filled) == 1 and width > 2:
            reading.problem(grid.cell(index, filled[0]), "of this part only the number is given", row[filled[0]] or "")
        if filled[-1] >= width:
            reading.problem(
                place,
                f"the row has {filled[-1] + 1} cells under {width} headings; its columns may be shifted",
                "; ".join(filter(None, row[width:])),
            )
        cells = {name: row[at] if at < len(row) else None for name, at in header.columns.items()}
        records.append(Record(place, cells, index, header))
    if remarks:
        rest = f" and {len(remarks) - SHOWN} more" if len(remarks) > SHOWN else ""
        reading.notes.append(f"rows with a single text are taken as remarks: {', '.join(remarks[:SHOWN])}{rest}")
    return records


def cell_problem(record: Record, grid: Grid, reading: Reading, column: str, message: str, excerpt: str = "") -> None:
    """Note a problem at the cell that a record has under a known column; the heading as written goes before it."""
    header = record.header
    reading.problem(grid.cell(record.index, header.columns[column]), f"{header.headings[column]}: {message}", excerpt)


def _width(heading: list[str]) -> int:
    return max(number for number, text in enumerate(heading) if text) + 1


def _lone_part(row: Cells, column: int, header: Header) -> bool:
    """Whether a single text is the number of a part of which no more is told: "GRM155-1" is, "RESISTORS" is none."""
    numbers = {header.columns.get(name) for name in ("number", "part_number")}
    text = row[column] or ""
    return header.kind == "bom.sheet" and column in numbers and len(text.split()) < 3 and any(map(str.isdigit, text))
