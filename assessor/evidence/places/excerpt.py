"""What a place shows, as plain texts within bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from assessor.errors import EvidenceError
from assessor.text import visible

LONGEST = 2_000
"""Characters of a text at the place that are shown."""
LONGEST_AROUND = 300
"""Characters of a label, and of a text that stands around the place."""
MOST = 200
"""Rows of a place that are shown."""
AROUND = 2
"""Rows, lines or elements that are shown before and after the place."""
CUT = "…"


class NotShown(EvidenceError):
    """A place that cannot be shown; the text is the note that says why."""


class Line(NamedTuple):
    """A text of an excerpt under its label (a heading, a key, a line's number); `is_place` tells what stands at the place
    from what stands around it."""

    label: str
    text: str
    is_place: bool


class Found(NamedTuple):
    """What kind of place it is, in words, and what stands there."""

    heading: str
    rows: list[Line]


@dataclass(frozen=True)
class Excerpt:
    """A place in an evidence item. All texts can be printed, and are cut with "…" where they are too long.

    `path` is the file from the engagement's folder on, `kind` that of the register (empty while it is not known), `heading` the
    kind of place in words ("Sheet ASL 2026, row 5"), `rows` what stands there and beside it, in the order of the file. `note`
    says why the place cannot be shown, and then there are no rows; otherwise it is empty.
    """

    item: str
    path: str
    kind: str
    locator: str
    heading: str
    rows: tuple[Line, ...] = ()
    note: str = ""


def here(label: str, text: str) -> Line:
    """A line at the place."""
    return Line(cut(label, LONGEST_AROUND), cut(text, LONGEST), True)


def around(label: str, text: str) -> Line:
    """A line beside the place."""
    return Line(cut(label, LONGEST_AROUND), cut(text, LONGEST_AROUND), False)


def cut(text: str, limit: int) -> str:
    """The text as it can be printed, with "…" in the place of what exceeds the limit."""
    shown = visible(text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + CUT


def bounded(rows: Iterable[Line]) -> list[Line]:
    """The first rows of many, and a sign that there are more."""
    found = list(islice(rows, MOST + 1))
    return found if len(found) <= MOST else [*found[:MOST], Line(CUT, "more stands here than is shown", True)]
