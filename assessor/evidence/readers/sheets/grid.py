"""A sheet as a grid of texts, whatever file it came from, with what is hidden in it and the place of each row and cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import lru_cache
from itertools import product

from assessor.evidence.readers.base import ABSENT, EXCERPT, UNPRINTABLE, Problem, printable, words
from assessor.evidence.readers.sheets import columns

Cells = list[str | None]
ERRORS = {"#ref!", "#div/0!", "#value!", "#name?", "#null!", "#num!", "err:502", "err:504", "err:508", "err:509"}
"""What a spreadsheet shows in place of a value that its formula failed to give."""

_LONGEST_ERROR = max(map(len, ERRORS))
_REMEMBERED = 20_000
LISTED = 1_000
"""Problems of cells of one kind that are listed; the others are counted."""
MAX_CELL = 100_000
"""Characters kept of a cell; a spreadsheet allows 32,767."""
_SHORT = 2_000
_BAR = "\u00a6"
MAX_CELLS = 3_600_000
"""Cells of a file that are held, from the first of a row to its last filled one: 300,000 rows of twelve."""
MAX_ROWS = 1_048_576
"""Rows of a sheet, which is what a spreadsheet can have."""
MAX_COLUMNS = 16_384
_TIMES = (time, timedelta)


def _absent() -> dict[str, str | None]:
    """The texts that say nothing, in whatever case they are written."""
    return {
        "".join(letters): None
        for word in ABSENT
        for letters in product(*({each.lower(), each.upper()} for each in word))
    }


@dataclass
class Grid:
    """A sheet: rows of texts, each with its number, as the sheet or the text file counts from 1.

    Empty rows after the first thirty are left out. `hidden` is whether the sheet itself is; `hidden_rows` are numbers of
    rows, `hidden_columns` positions from 0; `told` is False where the file does not let us see what is hidden.
    `one_of_several` is whether its workbook has further sheets of the same kind.
    `carried` are cells (index of the row, position) that hold the text of a merged cell that begins above; `indents` is
    by how many blanks the text of a cell was moved to the right. `held` counts the cells of the file so far; `read_formula`
    gives the text of a cell that begins with "=", its row's number and its position, where that is not left to the library.
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

    held: int = 0
    read_formula: Callable[[str, int, int], str] | None = None
    _known: dict[str, str | None] = field(default_factory=_absent, init=False, repr=False)
    _told: Counter[str] = field(default_factory=Counter, init=False, repr=False)

    def add(self, number: int, values: Sequence[object]) -> bool:
        """Append a row of a sheet or a file, unless it is an empty one below the rows where a heading may stand.

        False when the grid holds as many cells as it may: the row and those behind it are not read, which has been told.
        """
        if len(values) > MAX_COLUMNS:
            message = f"only the first {MAX_COLUMNS:,} cells of a row are read; this one has {len(values):,}"
            self.tell("rows with too many cells", number, MAX_COLUMNS, message)
            values = values[:MAX_COLUMNS]
        texts = [each if type(each) is str else _shown(each) for each in values]
        whole = _BAR.join(texts)
        if len(whole) < len(texts) and number > columns.HEADER_WITHIN:
            return True
        if "=" in whole and self.read_formula is not None:
            texts = [self.read_formula(each, number, at) if each[:1] == "=" else each for at, each in enumerate(texts)]
        if _ordinary(whole, texts):
            known = self._known
            row: Cells = [*map(known.get, texts, texts)]  # equal cells share one text
            if len(known) < _REMEMBERED and len(whole) < _SHORT:
                known.update(zip(texts, row, strict=True))
        else:
            row = [self._words(each, number, column) for column, each in enumerate(texts)]
        while row and row[-1] is None:
            row.pop()
        if not row and number > columns.HEADER_WITHIN:
            return True
        self.held += len(row)
        if self.held > MAX_CELLS or len(self.rows) >= MAX_ROWS:
            self._cut(number)
            return False
        self.rows.append(row)
        self.numbers.append(number)
        return True

    def _cut(self, number: int) -> None:
        many = f"{MAX_CELLS:,} cells" if self.held > MAX_CELLS else f"{MAX_ROWS:,} rows"
        message = f"the file has more than {many}; what stands from here on is not read, so deliver it in parts"
        place = f"line {number}" if self.text else f"{self.name}!row {number}"
        if not any(problem.message == message for problem in self.problems):
            self.problems.append(Problem(place, message))

    def _words(self, text: str, number: int, column: int) -> str | None:
        """The text of a cell; what is wrong with it is told."""
        if len(text) > MAX_CELL:
            message = f"the cell has {len(text)} characters; only the first {MAX_CELL} are kept"
            self.tell("cells that are too long", number, column, message, text)
            text = text[:MAX_CELL]
        cell = words(text)
        if cell is None:
            return None
        if text[:1].isspace():
            self.indents[len(self.rows), column] = len(text) - len(text.lstrip())
        if "\ufffd" in cell:
            message = "characters that cannot be shown or decoded stand as \ufffd"
            self.tell(message, number, column, message, cell)
        elif len(cell) <= _LONGEST_ERROR and cell.casefold() in ERRORS:
            self.tell("cells with an error", number, column, f"the cell holds the error {cell}")
            return None
        return cell

    def tell(self, kind: str, number: int, column: int | None, message: str, excerpt: str = "") -> None:
        """Note a problem of a cell, or of a row of text where no column is given; those of one kind beyond the first thousand are only counted."""
        self._told[kind] += 1
        if self._told[kind] <= LISTED:
            place = f"line {number}" if column is None else self.cell_of(number, column)
            self.problems.append(Problem(place, message, printable(excerpt[:EXCERPT])))

    def unlisted(self) -> list[Problem]:
        """How many problems of cells there are beyond those listed."""
        return [
            Problem(self.name, f"{count - LISTED} more are not listed: {kind}")
            for kind, count in self._told.items()
            if count > LISTED
        ]

    def restart(self, problems: list[Problem]) -> None:
        """Take back all rows, and what was told of their cells; only these problems are left."""
        self.rows, self.numbers, self.indents, self.problems = [], [], {}, list(problems)
        self._told.clear()
        self.held = 0

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


def _shown(value: object) -> str:
    """A cell of another type than text as text; empty for what says nothing."""
    if type(value) is float:
        return _number(value)
    return (words(str(value) if isinstance(value, _TIMES) else value) or "") if value is not None else ""


@lru_cache(maxsize=1 << 14)
def _number(value: float) -> str:
    return words(value) or ""


def _ordinary(whole: str, texts: list[str]) -> bool:
    """Whether the cells of a row need no look one by one: none is too long, an error, damaged or set off by blanks.

    `whole` is the row with a bar between its cells. Of the characters that can be shown only the blank is set off.
    """
    if len(whole) > MAX_CELL or "#" in whole or ":50" in whole or "\ufffd" in whole:
        return False
    if (
        whole.isprintable()
        and f"{_BAR} " not in whole
        and f" {_BAR}" not in whole
        and " " not in (whole[:1], whole[-1:])
    ):
        return True
    return not UNPRINTABLE.search(whole) and [each.strip() for each in texts] == texts


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
