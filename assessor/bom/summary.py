"""What is known of a file once it was read, without its components: small enough to be held for thousands of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

_LONGEST = 500
"""Characters of a message that are shown to people."""


class Noted(NamedTuple):
    """A problem: its place in the file, what it is, and the beginning of what could not be read."""

    place: str
    message: str
    excerpt: str = ""


@dataclass(frozen=True)
class Coverage:
    """How many components of a bill have each of the four fields, all of them, and those with an author of the document;
    `gaps` is the number of those that are not shown to be open source and lack one of the four."""

    components: int
    fields: dict[str, int] = field(default_factory=dict)
    all_four: int = 0
    document_author: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    gaps: int = 0


@dataclass(frozen=True)
class Summary:
    """One file (see `Bill`) with the number of its components, roots among them, and their coverage, without roots.

    `problem_count` and `note_count` are of all; `problems` and `notes` may be the first of them only (see `shortened`).
    """

    path: str
    sha256: str = ""
    format: str = ""
    spec_version: str = ""
    serialization: str = ""
    status: str = "unreadable"
    reason: str = ""
    validity: str = ""
    components: int = 0
    coverage: Coverage = field(default_factory=lambda: Coverage(0))
    problems: tuple[Noted, ...] = ()
    notes: tuple[str, ...] = ()
    problem_count: int = 0
    note_count: int = 0

    @property
    def clean(self) -> bool:
        """Whether it was read in full, and is not known to break its schema nor left unchecked."""
        return clean(self.status, self.validity)


def clean(status: str, validity: str) -> bool:
    """Whether a file needs no attention."""
    return status == "read" and validity not in ("invalid", "unchecked")


def shortened(summary: Summary, shown: int) -> Summary:
    """With the first problems and notes only, and of these the beginning: the counts stay."""
    problems = tuple(Noted(*(text[:_LONGEST] for text in each)) for each in summary.problems[:shown])
    return replace(summary, problems=problems, notes=tuple(note[:_LONGEST] for note in summary.notes[:shown]))


def entry(summary: Summary) -> bytes:
    """The element of `files` in the JSON document, on one line."""
    return msgspec.json.encode(
        {
            "path": summary.path,
            "sha256": summary.sha256,
            "format": summary.format,
            "spec_version": summary.spec_version,
            "serialization": summary.serialization,
            "components": summary.components,
            "status": summary.status,
            "validity": summary.validity or None,
            "reason": summary.reason,
            "problems": [each._asdict() for each in summary.problems],
            "notes": summary.notes,
            "coverage": summary.coverage,
        },
        order="sorted",
    )


def plain(text: object) -> str:
    """Text that UTF-8 can hold: a name on disk may have bytes that are no text."""
    return str(text).encode("utf-8", "replace").decode("utf-8")


def total(coverages: Iterable[Coverage]) -> Coverage:
    """The sums over several files."""
    count = author = whole = lacking = 0
    fields: dict[str, int] = {}
    classes: dict[str, int] = {}
    for each in coverages:
        count, whole, author = count + each.components, whole + each.all_four, author + each.document_author
        lacking += each.gaps
        for sums, own in ((fields, each.fields), (classes, each.classes)):
            for name, number in own.items():
                sums[name] = sums.get(name, 0) + number
    return Coverage(count, fields, whole, author, dict(sorted(classes.items())), lacking)
