"""The records below a heading row: what is one, and what is only a remark or a repeated heading."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.evidence.readers.base import Reading, key
from assessor.evidence.readers.columns import Header
from assessor.evidence.readers.sheets import Grid


@dataclass(frozen=True)
class Record:
    """A row below the heading: its place and the text under each known column (None: empty)."""

    place: str
    cells: dict[str, str | None]


def body(grid: Grid, header: Header, reading: Reading) -> list[Record]:
    """The records in their order. Rows with a single text and no known column but one are remarks, which is noted."""
    heading = [key(cell or "") for cell in grid.rows[header.row]]
    width = max(number for number, text in enumerate(heading) if text) + 1
    records: list[Record] = []
    remarks: list[str] = []
    for row, place in zip(grid.rows[header.row + 1 :], grid.places[header.row + 1 :], strict=True):
        filled = [number for number, cell in enumerate(row) if cell is not None]
        if not filled or [key(cell or "") for cell in row] == heading:
            continue
        if len(filled) == 1 and width > 2:
            remarks.append(place)
            continue
        if filled[-1] >= width:
            reading.problem(
                place, f"the row has {filled[-1] + 1} cells under {width} headings; its columns may be shifted"
            )
        records.append(Record(place, {name: row[at] if at < len(row) else None for name, at in header.columns.items()}))
    if remarks:
        reading.notes.append(
            f"rows with a single text are taken as remarks: {', '.join(remarks[:5])}{' …' if len(remarks) > 5 else ''}"
        )
    return records
