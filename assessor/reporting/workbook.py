"""Writing workbooks: sheets to be filtered, sorted and printed, in which a text is only ever a text.

Nothing that evidence says becomes a formula, a link or a number. Dates, numbers and shares are written as such where they are
exactly that; whatever else stands in their columns is a text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import Any

import xlsxwriter

from assessor import files
from assessor.reporting.words import missing, plain
from assessor.text import visible

MAX_CELL, MAX_ROWS = 32_767, 1_000_000
"""Characters of a cell, as Excel counts them, and rows of a sheet (Excel's own bound is 1,048,576 with the heading)."""

LONG = "Long texts"
"""The sheet on which texts that are too long for a cell stand whole."""

_ROOM = 100
"""Characters kept free in a cell for the note that its text goes on."""

_EXACT = 2**53
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) %")
_FIRST_DAY = date(1900, 3, 1)  # before it Excel counts a day that there was not
_NAME = re.compile(r"[^\s\[\]:*?/\\'][^\[\]:*?/\\']{0,30}")
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True},
    "number": {"num_format": "#,##0.######"},
    "count": {"num_format": "#,##0"},
    "year": {"num_format": "0"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
    "share": {"num_format": "0.######%", "align": "left"},
    "whole share": {"num_format": "0%", "align": "left"},
}


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in characters, and what stands in it where it is exactly that.

    `kind` is "text"; "count", "number" or "year"; "date" (a date, or a text such as 2026-11-16); "moment" (a text such as
    2026-11-16T09:30:00Z, shown in UTC); "share" (a text such as `60 %`, whose value is 0.6).
    """

    head: str
    width: int
    kind: str = "text"


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, a sentence on what it holds, its columns, and rows with one value for each."""

    name: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def values(row: Mapping[str, Any], keys: Sequence[str]) -> list[Any]:
    """Values of a row of facts: dates and numbers as they are, codes of ours in words, None where nothing is known."""
    return [None if missing(value := row.get(key)) else plain(value) if _worded(value) else value for key in keys]


def _worded(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value != "")


def write(
    target: Path,
    title: str,
    about: str,
    author: str,
    dated: date,
    sheets: Sequence[Sheet],
    mark: Callable[[Sheet], str] = lambda _: "",
) -> None:
    """Write the sheets after a list of contents, whole or not at all; the same sheets give the same bytes. `mark` gives the words at
    the top of each printed page of a sheet, nothing for most.

    What is not known (None, NA) is shown as not stated, an empty text is an empty cell. Texts that are too long for a cell
    stand whole on a sheet of their own, tables that are too long go on in further sheets. Raises ValueError for the name of a
    sheet that Excel does not take.
    """
    if unfit := [sheet.name for sheet in sheets if not _NAME.fullmatch(f"{sheet.name} 99")]:
        raise ValueError(f"{unfit[0]!r} cannot be the name of a sheet")
    divided = [part for sheet in _with_long_texts(sheets) for part in _divide(sheet)]
    with files.replacing(target) as temporary:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(str(temporary), {**options, "constant_memory": True}) as book:
            book.set_properties(
                {"title": visible(title), "author": visible(author), "created": datetime.combine(dated, time())}
            )
            formats = {kind: book.add_format({"valign": "top", **told}) for kind, told in _FORMATS.items()}
            frame = {"bg_color": "#E7ECF3", "border": 1, "border_color": "#8A94A6", "text_wrap": True, "valign": "top"}
            formats |= {
                "head": book.add_format({"bold": True, **frame}),
                "title": book.add_format({"bold": True, "font_size": 14}),
            }
            _front(book, formats, title, about, divided)
            for sheet in divided:
                _write(book, formats, sheet, mark(sheet))
        files.normalise_zip(temporary)


def _with_long_texts(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """The sheets with every text as it can be shown, and one more where some are too long for a cell."""
    found: list[list[Any]] = []
    numbers = itertools.count(1)

    def shown(sheet: Sheet, row: Sequence[Any], column: Column, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = visible(value)
        if len(text) <= MAX_CELL // 2 or _units(text) <= MAX_CELL:
            return text
        number = next(numbers)
        first = next(_pieces(visible(plain(row[0])), 200), "")
        parts = list(_pieces(text, MAX_CELL))
        found.extend([number, sheet.name, first, column.head, place, part] for place, part in enumerate(parts, 1))
        return f"{next(_pieces(text, MAX_CELL - _ROOM))} … [The whole is text {number} of the sheet {LONG}.]"

    for sheet in sheets:
        yield replace(
            sheet,
            rows=[
                [shown(sheet, row, column, value) for column, value in zip(sheet.columns, row, strict=True)]
                for row in sheet.rows
            ],
        )
    if found:
        columns = (
            Column("text", 8, "count"),
            Column("sheet", 24),
            Column("row", 24),
            Column("column", 18),
            Column("part", 8, "count"),
            Column("words", 100),
        )
        yield Sheet(
            LONG, "Texts that are too long for a cell, whole, in parts to be read one after the other", columns, found
        )


def _units(text: str) -> int:
    """Length as Excel counts it: in units of UTF-16, of which a character beyond U+FFFF takes two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _pieces(text: str, most: int) -> Iterator[str]:
    """A text in pieces of at most so many units, none of which cuts a character in two."""
    start, taken = 0, 0
    for place, character in enumerate(text):
        size = 1 + (character > "\uffff")
        if taken + size > most:
            yield text[start:place]
            start, taken = place, 0
        taken += size
    if text:
        yield text[start:]


def _divide(sheet: Sheet) -> list[Sheet]:
    if len(sheet.rows) <= MAX_ROWS:
        return [sheet]
    return [
        replace(sheet, name=f"{sheet.name} {at // MAX_ROWS + 1}", rows=sheet.rows[at : at + MAX_ROWS])
        for at in range(0, len(sheet.rows), MAX_ROWS)
    ]


def _front(book: Any, formats: Mapping[str, Any], title: str, about: str, sheets: Sequence[Sheet]) -> None:
    page = book.add_worksheet("Contents")
    for column, width in enumerate((26, 90, 10)):
        page.set_column(column, column, width)
    page.write_string(0, 0, visible(title), formats["title"])
    page.write_string(1, 0, visible(about))
    for column, head in enumerate(("sheet", "what it holds", "rows")):
        page.write_string(3, column, head, formats["head"])
    for row, sheet in enumerate(sheets, 4):
        page.write_string(row, 0, sheet.name, formats["text"])
        page.write_string(row, 1, sheet.about, formats["text"])
        page.write_number(row, 2, len(sheet.rows), formats["count"])
    _print_set_up(page)


def _write(book: Any, formats: Mapping[str, Any], sheet: Sheet, mark: str) -> None:
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    _print_set_up(page)
    if mark:
        page.set_header(f"&C&B{mark.replace('&', '&&')}")
    for column, told in enumerate(sheet.columns):
        page.set_column(column, column, told.width)
        page.write_string(0, column, told.head, formats["head"])
    for at, row in enumerate(sheet.rows, 1):
        for column, (told, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _put(page, formats, at, column, told.kind, value)
    if not sheet.rows:
        page.write_string(1, 0, "Nothing to list.", formats["text"])
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)


def _print_set_up(page: Any) -> None:
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&RPage &P of &N")


def _put(page: Any, formats: Mapping[str, Any], row: int, column: int, kind: str, value: Any) -> None:
    """Write a value as what its column says, as a text where it is not that."""
    exact = None if missing(value) or kind == "text" else _READ[kind](value)
    if isinstance(exact, datetime | date):
        page.write_datetime(row, column, exact, formats[kind])
    elif exact is not None:
        page.write_number(
            row, column, exact, formats["whole share" if kind == "share" and not exact * 100 % 1 else kind]
        )
    elif text := value if isinstance(value, str) else visible(plain(value)):
        page.write_string(row, column, text, formats["text"])


def _number(value: Any) -> Any:
    """A number that a cell holds exactly as such."""
    numeric = isinstance(value, Real | Decimal) and not isinstance(value, bool)
    return value if numeric and abs(value) <= _EXACT else None


def _date(value: Any) -> date | None:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        value = value.date()
    return value if isinstance(value, date) and value >= _FIRST_DAY else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if moment.tzinfo is None or moment.date() <= _FIRST_DAY or moment.microsecond:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None)


def _share(value: Any) -> Decimal | None:
    found = _SHARE.fullmatch(str(value))
    return Decimal(found.group(1)) / 100 if found else None


_READ: dict[str, Callable[[Any], Any]] = {
    "count": _number,
    "number": _number,
    "year": _number,
    "date": _date,
    "moment": _moment,
    "share": _share,
}
