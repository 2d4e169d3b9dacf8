"""Finds the heading row of a table by its words, and says which kind of table it is. The words are in columns.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from assessor.evidence.readers.base import key

HEADER_WITHIN = 30
"""A heading row stands within this many first rows."""
LONGEST = 200
"""Characters that a heading has less than."""

_FRAMEWORK = ("hbom ", "fga ", "comp ", "assy and test")


@dataclass(frozen=True)
class Header:
    """A heading row: its kind, its position (0-based), the position of each known column and what was not used.

    `numbered` are the columns of further sources ("Manufacturer 2", "MPN 2", "Alternate maker"), by their number; `others`
    the headings as written that no column knows, by their position.
    """

    kind: str
    row: int
    columns: Mapping[str, int]
    headings: Mapping[str, str] = field(default_factory=dict)  # the known columns' headings as written
    unread: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    numbered: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    others: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def framework(self) -> bool:
        """Whether the headings are those of the CISA HBOM framework, in which every row is a part."""
        written = [*self.headings.values(), *self.others.values()]
        return sum(key(heading).startswith(_FRAMEWORK) for heading in written) > 1


def find(rows: Sequence[Sequence[str | None]]) -> Header | None:
    """The heading row among the first rows: the one with most known headings, the upper one of equals; None if none fits."""
    best: tuple[int, Header] | None = None
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        headings = [heading_key(cell) for cell in row]
        if sum(map(bool, headings)) < 2:
            continue
        different = set(headings)
        for kind in specifications():
            header = _match(kind, number, row, headings) if _may_match(kind, different) else None
            if header and (best is None or len(header.columns) > best[0]):
                best = len(header.columns), header
    return best[1] if best else None


def value(kind: str, column: str, text: str) -> str | None:
    """The allowed value that the client's word means, or None."""
    return _values(kind, column).get(key(text))


@cache
def specifications() -> dict[str, Any]:
    """Parsed columns.yaml: for each kind its table, needs, columns and values."""
    parsed: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "columns.yaml").read_text("utf-8"))
    return parsed


def match(kind: str, number: int, row: Sequence[str | None]) -> Header | None:
    """The row as a heading of one kind, None when it is none; `number` is its position."""
    return _match(kind, number, row, [heading_key(cell) for cell in row])


def heading_key(cell: str | None) -> str:
    """A heading as it is compared; a percent sign is a word of it, which only matters where a kind knows both ("Shares", "Shares %")."""
    return key(cell.replace("%", " percent ")) if cell and len(cell) < LONGEST else ""


def _column(kind: str, heading: str) -> str | None:
    """The column that a heading means, with its percent sign or else without."""
    aliases = _aliases(kind)
    if (found := aliases.get(heading)) or "percent" not in heading:
        return found
    return aliases.get(" ".join(word for word in heading.split() if word != "percent"))


def _may_match(kind: str, headings: set[str]) -> bool:
    """Whether the headings name enough columns of a kind; most rows do for none, and may have thousands of cells."""
    several = specifications()[kind].get("numbered")
    known = {_column(kind, heading) or (_numbered(kind, heading)[0] if several else None) for heading in headings}
    return any(set(needed) <= known for needed in specifications()[kind]["needs"])


def _match(kind: str, number: int, row: Sequence[str | None], headings: list[str]) -> Header | None:
    columns: dict[str, int] = {}
    numbered: dict[int, dict[str, int]] = {}
    others: dict[int, str] = {}
    free: dict[tuple[str, int], int] = {}  # where to look for the next number of a column that has this one
    doubled = []
    several = set(specifications()[kind].get("numbered", ()))
    for position, heading in enumerate(headings):
        if not heading:
            continue
        column, group = _column(kind, heading), 1
        if column is None and several:
            column, group = _numbered(kind, heading)
        if column in several and (group > 1 or column in columns):
            same = group > 1 or headings[columns[str(column)]] == heading
            if same:
                begin = str(column), max(group, 2)
                group = free.get(begin, begin[1])
                while column in numbered.get(group, {}):
                    group += 1
                free[begin] = group + 1
                numbered.setdefault(group, {})[str(column)] = position
                continue
        if column is None or (group > 1 and column not in several):
            others[position] = str(row[position])
        elif column in columns:
            doubled.append(str(row[position]))
        else:
            columns[column] = position
    if not any(set(needed) <= set(columns) for needed in specifications()[kind]["needs"]):
        return None
    written = {column: str(row[position]) for column, position in columns.items()}
    return Header(kind, number, columns, written, tuple(others.values()), tuple(doubled), numbered, others)


_NUMBER = re.compile(r"^(.*?[^\W\d]) ?(\d{1,2})(?: (.*))?$")
_FIRST = re.compile(r"^(?:primary|preferred|main|1st|first) (.+)$")
_FURTHER = re.compile(r"^(?:alt|alternate|alternative|secondary|second|2nd|substitute|backup)(?: source)?(?: (.+))?$")


def _numbered(kind: str, heading: str) -> tuple[str | None, int]:
    """The column and number of "mpn 2", "manufacturer 2 part number", "alternate manufacturer"; (None, 1) for others."""
    group, further = 1, 0
    if found := _NUMBER.match(heading):
        heading, group = " ".join(filter(None, (found[1], found[3]))), max(int(found[2]), 1)
    if found := _FURTHER.match(heading):
        heading, further = found[1] or "manufacturer", 1
    elif found := _FIRST.match(heading):
        heading = found[1]
    column = _aliases(kind).get(heading)
    return (column, group + further) if column in specifications()[kind]["numbered"] else (None, 1)


@cache
def _aliases(kind: str) -> dict[str, str]:
    return {
        key(str(alias)): column for column, aliases in specifications()[kind]["columns"].items() for alias in aliases
    }


@cache
def _values(kind: str, column: str) -> dict[str, str]:
    told = specifications()[kind].get("values", {}).get(column, {})
    return {key(str(word)): allowed for allowed, listed in told.items() for word in (allowed, *listed)}
