"""Sheets as an XLSX file: filters, a frozen header, and every text written as a text.

Nothing that evidence says becomes a formula, a link or a number. The same sheets give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from assessor import files
from assessor.reporting.view import View
from assessor.reporting.words import plain
from assessor.text import visible

MAX_CELL, MAX_ROWS = 32_767, 1_000_000
"""Characters of a cell and rows of a sheet; longer texts go on in the row below, longer tables on the next sheet."""

Sheet = tuple[str, str, Sequence[tuple[str, int]], list[list[Any]]]


def write(view: View, title: str, sheets: Sequence[Sheet], target: Path) -> None:
    """Write sheets (name, what it holds, columns with widths, rows) behind a page that lists them, whole or not at all."""
    with files.replacing(target) as temporary:
        dated = view.terms.dated
        with xlsxwriter.Workbook(
            str(temporary),
            {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True},
        ) as book:
            book.set_properties(
                {
                    "title": visible(title),
                    "author": visible(str(view.terms.firm["name"])),
                    "created": datetime.combine(dated, time()),
                }
            )
            formats = {
                "head": book.add_format(
                    {
                        "bold": True,
                        "bg_color": "#E7ECF3",
                        "border": 1,
                        "border_color": "#8A94A6",
                        "text_wrap": True,
                        "valign": "top",
                    }
                ),
                "cell": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
                "number": book.add_format({"valign": "top", "num_format": "#,##0"}),
                "title": book.add_format({"bold": True, "font_size": 14}),
            }
            divided = [part for sheet in sheets for part in _divide(sheet)]
            _front(book, formats, view, title, divided)
            for sheet in divided:
                _write(book, formats, sheet)
        files.normalise_zip(temporary)


def _divide(sheet: Sheet) -> list[Sheet]:
    name, about, columns, listed = sheet
    if len(listed) <= MAX_ROWS:
        return [sheet]
    return [
        (f"{name} {at // MAX_ROWS + 1}", about, columns, listed[at : at + MAX_ROWS])
        for at in range(0, len(listed), MAX_ROWS)
    ]


def _front(book: Any, formats: dict[str, Any], view: View, title: str, sheets: list[Sheet]) -> None:
    page = book.add_worksheet("Contents")
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 70)
    page.set_column(2, 2, 10)
    page.write_string(0, 0, visible(title), formats["title"])
    page.write_string(
        1,
        0,
        visible(
            f"{view.terms.client_name}; report of {plain(view.terms.dated)}; rule text as of {plain(view.rule.version)}"
        ),
    )
    for column, head in enumerate(("sheet", "what it holds", "rows")):
        page.write_string(3, column, head, formats["head"])
    for row, (name, about, _, listed) in enumerate(sheets, 4):
        page.write_string(row, 0, name, formats["cell"])
        page.write_string(row, 1, about, formats["cell"])
        page.write_number(row, 2, len(listed), formats["number"])


def _write(book: Any, formats: dict[str, Any], sheet: Sheet) -> None:
    name, _, columns, listed = sheet
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for column, (head, width) in enumerate(columns):
        page.set_column(column, column, width)
        page.write_string(0, column, head, formats["head"])
    at = 0
    for row in listed:
        at += 1
        rest = [value if isinstance(value, int) else visible("" if value is None else str(value)) for value in row]
        while True:
            for column, value in enumerate(rest):
                if isinstance(value, int):
                    page.write_number(at, column, value, formats["number"])
                elif value:
                    page.write_string(at, column, value[:MAX_CELL], formats["cell"])
            rest = ["" if isinstance(value, int) else value[MAX_CELL:] for value in rest]
            if not any(rest):
                break
            at += 1
    if not listed:
        page.write_string(1, 0, "Nothing to list.", formats["cell"])
    page.autofilter(0, 0, max(at, 1), len(columns) - 1)
