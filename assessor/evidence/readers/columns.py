"""Finds the heading row of a table by its words, and says which kind of table it is. The words are in columns.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessor.evidence.readers.base import key

HEADER_WITHIN = 30
"""A heading row stands within this many first rows."""


@dataclass(frozen=True)
class Header:
    """A heading row: its kind, its position (0-based), the position of each known column and what was not used."""

    kind: str
    row: int
    columns: Mapping[str, int]
    headings: Mapping[str, str] = field(default_factory=dict)  # the known columns' headings as written
    unread: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()


def find(rows: Sequence[Sequence[str | None]]) -> Header | None:
    """The heading row among the first rows: the one with most known headings, the upper one of equals; None if none fits."""
    best: tuple[int, Header] | None = None
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        headings = [key(cell) if cell else "" for cell in row]
        if sum(map(bool, headings)) < 2:
            continue
        for kind in specifications():
            header = _match(kind, number, row, headings)
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


def _match(kind: str, number: int, row: Sequence[str | None], headings: list[str]) -> Header | None:
    columns: dict[str, int] = {}
    unread, doubled = [], []
    for position, heading in enumerate(headings):
        column = _aliases(kind).get(heading)
        if not heading:
            continue
        if column is None:
            unread.append(str(row[position]))
        elif column in columns:
            doubled.append(str(row[position]))
        else:
            columns[column] = position
    if not any(set(needed) <= set(columns) for needed in specifications()[kind]["needs"]):
        return None
    written = {column: str(row[position]) for column, position in columns.items()}
    return Header(kind, number, columns, written, tuple(unread), tuple(doubled))


@cache
def _aliases(kind: str) -> dict[str, str]:
    return {
        key(str(alias)): column for column, aliases in specifications()[kind]["columns"].items() for alias in aliases
    }


@cache
def _values(kind: str, column: str) -> dict[str, str]:
    told = specifications()[kind].get("values", {}).get(column, {})
    return {key(str(word)): allowed for allowed, listed in told.items() for word in (allowed, *listed)}
