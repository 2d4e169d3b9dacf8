"""Places in text: lines of tag-value, YAML and whatever else is text, and rows of the golden copies of the Global LEI System."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from assessor.evidence.places.excerpt import AROUND, Found, Line, NotShown, around, here
from assessor.evidence.readers import charsets
from assessor.evidence.readers.bills import boms, spdx_tags

MOST_LINES = 60
"""Lines of a package that are shown."""
_LONGEST_LINE = 1 << 20
_LONGEST_RECORD = 64 << 20
_ROW_LINES = 50
"""Lines that one row of separated text may take."""
_LINE = re.compile(r"(?:document \d+, )?line (\d{1,9})(?:, column \d+)?")
_BEGINS = frozenset(("PackageName", "FileName", "SnippetSPDXID", "LicenseID", "SPDXVersion"))
"""Tags with which something begins that is no part of the package before it."""
_ENDS_OF_YAML = re.compile("[\x85\u2028\u2029]")
"""What ends a line in YAML besides line feeds and carriage returns."""
_ITEM = re.compile(r"(\s*)(-\s+)?")

Goes = Callable[[str, str], bool]
"""Whether a line still belongs to what the first one begins."""


def show(path: Path, locator: str, kind: str) -> Found:
    """The lines from that of the locator on to the end of the package that begins there; of other text that line alone.

    Raises NotShown and Unreadable.
    """
    told = _LINE.fullmatch(locator)
    if told is None and locator:
        raise NotShown("this is no place of a text")
    number = int(told[1]) if told else 1
    lines = charsets.examine(path).lines(_LONGEST_LINE, lambda number: None)
    goes: Goes = _alone
    if kind == "bom.spdx" and boms.is_tag_value(path):
        goes = _of_package()
    elif kind == "bom.spdx":  # YAML
        lines, goes = (piece for line in lines for piece in _ENDS_OF_YAML.split(line)), _of_item
    elif not locator:
        goes = _always
    return Found(f"line {number}" if locator else "the beginning of the file", _lines(lines, number, goes))


def _lines(lines: Iterator[str], number: int, goes: Goes) -> list[Line]:
    begin = max(1, number - AROUND)
    shown = enumerate(islice(lines, begin - 1, None), begin)
    rows: list[Line] = []
    first: str | None = None
    last = 0
    for at, line in shown:
        text = line.rstrip("\r\n")
        if at < number:
            rows.append(around(f"line {at}", text))
        elif first is None or (at == last + 1 and at - number < MOST_LINES and goes(first, text)):
            first, last = text if first is None else first, at
            rows.append(here(f"line {at}", text))
        elif at <= last + AROUND:
            rows.append(around(f"line {at}", text))
        else:
            break
    if first is None:
        raise NotShown("the file has fewer lines")
    return rows


def _alone(first: str, line: str) -> bool:
    return False


def _always(first: str, line: str) -> bool:
    return True


def _of_package() -> Goes:
    """Whether lines of tag-value are still of the package; between <text> and </text> nothing begins."""
    inside = False

    def goes(first: str, line: str) -> bool:
        nonlocal inside
        tag, was = line.partition(":")[0].strip(), inside
        inside = line.rfind(spdx_tags.OPEN) > line.rfind(spdx_tags.CLOSE) or (was and spdx_tags.CLOSE not in line)
        return was or spdx_tags.SPELLED.get(tag.casefold(), tag) not in _BEGINS

    return goes


def _of_item(first: str, line: str) -> bool:
    """Whether a line of YAML is still of the item of a list that begins with `first`: it is blank or stands deeper than its dash."""
    told = _ITEM.match(first)
    dash = len(told[1]) if told else 0
    return not line.strip() or len(line) - len(line.lstrip()) > dash


def show_record(path: Path, locator: str) -> Found:
    """A row of a golden copy of the Global LEI System as CSV, under its headings. Raises NotShown and Unreadable."""
    told = _LINE.fullmatch(locator)
    if told is None and locator:
        raise NotShown("this is no place of a text")
    number = int(told[1]) if told else 1
    charset = charsets.examine(path)
    heading = lines_at(charset.chunks(), 1, 1)[1].decode("utf-8", "replace").strip("\r\n\ufeff")
    found = lines_at(charset.chunks(), number - AROUND, number + _ROW_LINES + AROUND)
    if number not in found:
        raise NotShown("the file has fewer lines")
    last, text = number, found[number].decode("utf-8", "replace")
    while text.count('"') % 2 and last + 1 in found and last - number < _ROW_LINES:  # a cell with line breaks
        last += 1
        text += "\n" + found[last].decode("utf-8", "replace")
    delimiter = max(",;\t", key=heading.count)
    names, cells = _cells(heading, delimiter), _cells(text.rstrip("\r"), delimiter)
    rows = [here(names[at] if at < len(names) else f"column {at + 1}", cell) for at, cell in enumerate(cells) if cell]

    def beside(numbers: Iterable[int]) -> list[Line]:
        return [around(f"line {at}", found[at].decode("utf-8", "replace")) for at in numbers if at in found]

    before, after = beside(range(number - AROUND, number)), beside(range(last + 1, last + 1 + AROUND))
    return Found(f"line {number}", [*before, *rows, *after])


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


def lines_at(pieces: Iterable[bytes], first: int, last: int) -> dict[int, bytes]:
    """Lines of a file from its pieces, without the line feeds that end them, by their numbers; of a line without measure the
    beginning."""
    found: dict[int, bytes] = {}
    number, held = 1, list[bytes]()
    for piece in pieces:
        ends = piece.count(b"\n")
        if number + ends < first:
            number += ends
            continue
        parts = piece.split(b"\n")
        for part in parts[:-1]:
            if first <= number <= last:
                found[number] = b"".join((*held, part))
            number, held = number + 1, []
        if first <= number <= last and sum(map(len, held)) < _LONGEST_RECORD:
            held.append(parts[-1])
        if number > last:
            return found
    if held and b"".join(held):
        found[number] = b"".join(held)
    return found
