"""The records below a heading row: what is one, and what is only a remark or a repeated heading."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.evidence.readers.base import Reading
from assessor.evidence.readers.bills import bom_cells
from assessor.evidence.readers.rows import Told
from assessor.evidence.readers.sheets import columns
from assessor.evidence.readers.sheets.columns import Header
from assessor.evidence.readers.sheets.grid import MAX_CELL, Cells, Grid

MAX_HEADINGS = 1_000
"""Further headings with other columns below the first one."""
SHOWN = 20
"""Remarks that a note names one by one."""


@dataclass(slots=True)
class Record:
    """A row below the heading: its index in the grid and the heading under which it stands."""

    grid: Grid
    index: int
    header: Header
    _cells: dict[str, str | None] | None = None

    @property
    def place(self) -> str:
        """The locator of the row."""
        return self.grid.place(self.index)

    @property
    def cells(self) -> dict[str, str | None]:
        """The text under each known column (None: empty)."""
        if self._cells is None:
            row = self.grid.rows[self.index]
            width = len(row)
            self._cells = {name: row[at] if at < width else None for name, at in self.header.columns.items()}
        return self._cells

    def text(self, column: str) -> str | None:
        """The text under one column, None also where there is no such column."""
        at = self.header.columns.get(column)
        row = self.grid.rows[self.index]
        return row[at] if at is not None and at < len(row) else None

    def forget(self) -> None:
        """Free the cells: those of a few hundred thousand rows take more room than the rows themselves."""
        self._cells = None


def body(grid: Grid, header: Header, reading: Reading) -> list[Record]:
    """The records in their order. Rows with a single text and no known column but one are remarks, which is noted.

    Below a further heading of the same kind with other columns, the records stand under that one.
    """
    heading = [columns.heading_key(cell) for cell in grid.rows[header.row]]
    known = {columns.heading_key(written) for written in header.headings.values()}
    width = _width(heading)
    first, last = {written[:1] for written in known}, {written[-1:] for written in known}
    tell = Told(reading, f"problems of rows in {grid.name or 'the file'}")
    records: list[Record] = []
    remarks: list[str] = []
    count_of_remarks = changes = 0
    continued: dict[int, tuple[int, list[str]]] = {}  # by a part's index, designators on the rows below it
    rows = grid.rows
    for index in range(header.row + 1, len(rows)):
        row = rows[index]
        count = len(row) - row.count(None)
        if not count:
            continue
        lead = row[0]
        if lead is not None and count > 1 and len(row) <= width and not grid.carried and not _like(lead, first, last):
            records.append(Record(grid, index, header))  # the case of nearly every row
            continue
        filled = [number for number, cell in enumerate(row) if cell is not None]
        if grid.carried and all((index, number) in grid.carried for number in filled):
            continue
        if (
            len(filled) > 1
            and _like(row[filled[0]] or "", first, last)
            and columns.heading_key(row[filled[0]]) in known
        ):
            keys = [columns.heading_key(cell) for cell in row]
            if keys == heading[: len(keys)] and not any(heading[len(keys) :]):
                continue
            again = columns.match(header.kind, index, row)
            if again and len(again.columns) * 2 > len(filled):
                changes += 1
                if changes > MAX_HEADINGS:
                    message = (
                        f"the headings change more than {MAX_HEADINGS:,} times; what stands from here on is not read"
                    )
                    reading.problem(grid.place(index), f"{message}, so deliver it in parts")
                    break
                header, heading, width = again, keys, _width(keys)
                continue
        if len(filled) == 1 and records and (more := _further_designators(row, filled[0], header)):
            continued.setdefault(records[-1].index, (filled[0], []))[1].append(more)
            continue
        if len(filled) == 1 and width > 2 and not _lone_part(row, filled[0], header):
            count_of_remarks += 1
            if count_of_remarks <= SHOWN:
                remarks.append(f"{grid.place(index)} ({str(row[filled[0]])[:60]!r})")
            continue
        if len(filled) == 1 and width > 2:
            tell(grid.cell(index, filled[0]), "of this part only the number is given", row[filled[0]] or "")
        if filled[-1] >= width:
            tell(
                grid.place(index),
                f"the row has {filled[-1] + 1} cells under {width} headings; its columns may be shifted",
                "; ".join(filter(None, row[width:])),
            )
        records.append(Record(grid, index, header))
    for index, (at, texts) in continued.items():
        row = rows[index]
        row += [None] * (at + 1 - len(row))
        whole = ", ".join(filter(None, [(row[at] or "").rstrip(", ;"), *texts]))
        if len(whole) > MAX_CELL:
            tell(
                grid.cell(index, at),
                f"with the rows below it the cell has {len(whole)} characters; only the first {MAX_CELL} are kept",
            )
        row[at] = whole[:MAX_CELL]
    tell.close()
    if remarks:
        rest = f" and {count_of_remarks - SHOWN:,} more" if count_of_remarks > SHOWN else ""
        reading.notes.append(f"rows with a single text are taken as remarks: {', '.join(remarks)}{rest}")
    return records


def cell_problem(record: Record, grid: Grid, tell: Told, column: str, message: str, excerpt: str = "") -> None:
    """Note a problem at the cell that a record has under a known column; the heading as written goes before it."""
    header = record.header
    tell(grid.cell(record.index, header.columns[column]), f"{header.headings[column]}: {message}", excerpt)


def _width(heading: list[str]) -> int:
    return max(number for number, text in enumerate(heading) if text) + 1


def _like(text: str, first: set[str], last: set[str]) -> bool:
    """Whether a text may have the key of a heading, by its outer letters: most have not, and a key takes long to make."""
    begin, end = text[:1], text[-1:]
    return not (begin.isascii() and begin.isalnum() and begin.lower() not in first) and not (
        end.isascii() and end.isalnum() and end.lower() not in last
    )


def _further_designators(row: Cells, column: int, header: Header) -> str:
    """The text of a row that holds nothing but designators, as layout programs wrap a long list of them; else empty."""
    if header.kind != "bom.sheet" or column not in (
        header.columns.get("designators"),
        header.columns.get("reference_list"),
    ):
        return ""
    text = (row[column] or "").strip(", ;")
    return text if bom_cells.designators(text)[1] is not None else ""


def _lone_part(row: Cells, column: int, header: Header) -> bool:
    """Whether a single text is the number of a part of which no more is told: "GRM155-1" is, "RESISTORS" is none."""
    numbers = {header.columns.get(name) for name in ("number", "part_number")}
    text = row[column] or ""
    return header.kind == "bom.sheet" and column in numbers and len(text.split()) < 3 and any(map(str.isdigit, text))
