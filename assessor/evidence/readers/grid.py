"""A sheet as a grid of texts, whatever file it came from, with what is hidden in it and the place of each row and cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import lru_cache

from assessor.evidence.readers import columns
from assessor.evidence.readers.base import EXCERPT, Problem, printable, words

Cells = list[str | None]
ERRORS = {"#ref!", "#div/0!", "#value!", "#name?", "#null!", "#num!", "err:502", "err:504", "err:508", "err:509"}
"""What a spreadsheet shows in place of a value that its formula failed to give."""

_LONGEST_ERROR = max(map(len, ERRORS))
_REMEMBERED = 20_000
LISTED = 1_000
"""Problems of cells of one kind that are listed; the others are counted."""
MAX_CELL = 100_000
"""Characters kept of a cell; a spreadsheet allows 32,767."""
_TIMES = (time, timedelta)


@dataclass
class Grid:
    """A sheet: rows of texts, each with its number, as the sheet or the text file counts from 1.

    Empty rows after the first thirty are left out. `hidden` is whether the sheet itself is; `hidden_rows` are numbers of
    rows, `hidden_columns` positions from 0; `told` is False where the file does not let us see what is hidden.
    `one_of_several` is whether its workbook has further sheets of the same kind.
    `carried` are cells (index of the row, position) that hold the text of a merged cell that begins above; `indents` is
    by how many blanks the text of a cell was moved to the right.
    """

    name: str
    rows: list[Cells] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    text: bool = False
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    header: columns.Header | None = None
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    told: bool = True
    one_of_several: bool = False
    carried: set[tuple[int, int]] = field(default_factory=set)
    indents: dict[tuple[int, int], int] = field(default_factory=dict)

    # texts of cells that need no second look, which also lets equal cells share one text
    _plain: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _told: Counter[str] = field(default_factory=Counter, init=False, repr=False)

    def add(self, number: int, values: Sequence[object]) -> None:
        """Append a row of a sheet or a file, unless it is an empty one below the rows where a heading may stand."""
        plain = self._plain
        row: Cells = [plain.get(value) if type(value) is str else None for value in values]
        fresh = [at for at, cell in enumerate(row) if cell is None and values[at] != "" and values[at] is not None]
        for column in fresh:
            row[column] = self._words(values[column], number, column)
        while row and row[-1] is None:
            row.pop()
        if not row and number > columns.HEADER_WITHIN:
            return
        for column in fresh:
            if column < len(row) and (cell := row[column]) is not None:
                row[column] = self._looked_at(cell, values[column], number, column)
        self.rows.append(row)
        self.numbers.append(number)

    def _looked_at(self, cell: str, value: object, number: int, column: int) -> str | None:
        """The text of a cell, where something is wrong with it told; a text that says what it seems to is remembered."""
        if isinstance(value, str) and value[:1].isspace():
            self.indents[len(self.rows), column] = len(value) - len(value.lstrip())
        elif type(value) is str and len(cell) < 40 and "\ufffd" not in cell and cell.casefold() not in ERRORS:
            if len(self._plain) < _REMEMBERED:
                self._plain[value] = cell
            return cell
        if "\ufffd" in cell:
            message = "characters that cannot be shown or decoded stand as \ufffd"
            self.tell(message, number, column, message, cell)
        elif len(cell) <= _LONGEST_ERROR and cell.casefold() in ERRORS:
            self.tell("cells with an error", number, column, f"the cell holds the error {cell}")
            return None
        return cell

    def _words(self, value: object, number: int, column: int) -> str | None:
        if isinstance(value, str):
            if len(value) > MAX_CELL:
                message = f"the cell has {len(value)} characters; only the first {MAX_CELL} are kept"
                self.problems.append(Problem(self.cell_of(number, column), message, printable(value[:EXCERPT])))
                value = value[:MAX_CELL]
        elif isinstance(value, _TIMES):
            value = str(value)
        return words(value) if type(value) is not float else _number(value)

    def tell(self, kind: str, number: int, column: int, message: str, excerpt: str = "") -> None:
        """Note a problem of a cell; those of one kind beyond the first thousand are only counted."""
        self._told[kind] += 1
        if self._told[kind] <= LISTED:
            self.problems.append(Problem(self.cell_of(number, column), message, printable(excerpt[:EXCERPT])))

    def unlisted(self) -> list[Problem]:
        """How many problems of cells there are beyond those listed."""
        return [
            Problem(self.name, f"{count - LISTED} more cells are not listed: {kind}")
            for kind, count in self._told.items()
            if count > LISTED
        ]

    def restart(self, problems: list[Problem]) -> None:
        """Take back all rows, and what was told of their cells; only these problems are left."""
        self.rows, self.numbers, self.indents, self.problems = [], [], {}, list(problems)
        self._told.clear()

    def place(self, index: int) -> str:
        """The place of a row as a locator: `line 14`, `BOM!row 23`."""
        number = self.numbers[index]
        return f"line {number}" if self.text else f"{self.name}!row {number}"

    def cell(self, index: int, column: int) -> str:
        """The place of a cell: `line 14, column 3`, `BOM!C23`."""
        return self.cell_of(self.numbers[index], column)

    def cell_of(self, number: int, column: int) -> str:
        """The same by the row's number."""
        return f"line {number}, column {column + 1}" if self.text else f"{self.name}!{letters(column)}{number}"

    def row_hidden(self, index: int) -> bool | None:
        """Whether the row, or the whole sheet, is hidden; None where the file does not tell."""
        return True if self.hidden or self.numbers[index] in self.hidden_rows else False if self.told else None

    def cells_hidden(self, index: int, positions: Sequence[int | None]) -> bool | None:
        """Whether the row is hidden, or all of these cells that are filled stand in hidden columns; None if not told."""
        if not self.hidden_columns:
            return self.row_hidden(index)
        row = self.rows[index]
        filled = {at for at in positions if at is not None and at < len(row) and row[at]}
        return True if filled and filled <= self.hidden_columns else self.row_hidden(index)

    def merge(self, ranges: list[tuple[int, int, int, int]]) -> None:
        """Let merged cells below the heading hold for each row that they span: (top, left, bottom, right), all from 0."""
        if self.header is None:
            return
        at = {number - 1: index for index, number in enumerate(self.numbers)}
        left_to_fill = 1_000_000
        for top, left, bottom, _ in ranges:
            begin = at.get(top)
            if begin is None or begin <= self.header.row or bottom <= top or left >= len(self.rows[begin]):
                continue
            for index in range(begin + 1, len(self.rows)):
                if self.numbers[index] > bottom + 1:
                    break
                left_to_fill -= 1
                if left_to_fill < 0:
                    self.problems.append(Problem(self.name, "too many merged cells; the rest of them is not spread"))
                    return
                row = self.rows[index]
                row += [None] * (left + 1 - len(row))
                if row[left] is None and self.rows[begin][left] is not None:
                    row[left] = self.rows[begin][left]
                    self.carried.add((index, left))

    def hidden_parts(self) -> list[str]:
        """Sentences that name what is hidden: the sheet, its columns, its rows."""
        found = [f"sheet {self.name!r} is hidden"] if self.hidden else []
        if self.hidden_columns:
            shown = ranges(self.hidden_columns, letters)
            found.append(f"sheet {self.name!r}: hidden columns {shown}")
        filled = {number for number, row in zip(self.numbers, self.rows, strict=True) if row}
        if rows := self.hidden_rows & filled:
            found.append(f"sheet {self.name!r}: hidden rows {ranges(rows, lambda at: str(at))}")
        return [f"{sentence}; what is hidden is read like the rest" for sentence in found]


@lru_cache(maxsize=1 << 14)
def _number(value: float) -> str | None:
    return words(value)


def letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def ranges(numbers: set[int], show: Callable[[int], str]) -> str:
    """Whole numbers in few words: `3, 5-9`; at most forty ranges, then their number."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = spans[-1][0], number
        else:
            spans.append((number, number))
    told = [show(first) if first == last else f"{show(first)}-{show(last)}" for first, last in spans[:40]]
    return ", ".join(told) + (f" and {len(spans) - 40} more ranges" if len(spans) > 40 else "")
