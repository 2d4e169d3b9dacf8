"""What every reader gives back, and the small conversions that all of them share.

A reader never raises for what the evidence says: what can be read is read, what cannot becomes a `Problem` with its place.
Only a file that cannot be read at all raises `Unreadable`, which `read_item` turns into that status.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa

from assessor.errors import EvidenceError

Row = dict[str, Any]
UNREAD: Any = object()
"""Stands for a value that could not be read and of which that has been said."""
Tell = Callable[[str, str, str], None]
"""How a problem is noted: place, message and excerpt (see `Reading.problem`)."""
LONGEST = 100_000
"""Characters of one text that are kept."""
EXCERPT = 200
"""Characters of what could not be read that a problem shows."""

# Control characters that XML, and so a Word report, cannot hold, and lone surrogates that UTF-8 cannot.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ABSENT = {"", "-", "--", "–", "—", "n/a", "n.a.", "#n/a", "null"}
"""Words that say nothing, in small letters; none is longer than six characters."""
_NOBODY = ABSENT | {"unknown", "tbd", "none", "noassertion", "not available", "unspecified", "?"}
_YES, _NO = {"yes", "y", "true", "1", "ja"}, {"no", "n", "false", "0", "nein"}
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0+)?")


WITHOUT_TEXT = "without text"
"""Ends the reason of an item that shows as a picture what nobody has read yet."""


class Unreadable(EvidenceError):
    """The file cannot be read at all; the text is the reason for the register."""


class Countries(Protocol):
    """What readers ask of the rule."""

    def country(self, text: object) -> str | None:
        """Alpha-2 code of a country as written, or None where no alias is exact."""

    def nationality(self, text: object) -> str | None:
        """The same for a nationality, which may be an adjective."""


@dataclass(frozen=True)
class Problem:
    """Something in an evidence item that could not be read, and where; `place` is a locator, `excerpt` the beginning of the
    bytes in question where the message does not show them."""

    place: str
    message: str
    excerpt: str = ""


@dataclass
class Reading:
    """What a reader read: rows per table (names of `tables.SCHEMAS`), problems, and notes.

    A part of a table is a row, or a block of rows as an Arrow table where there are many of them.

    A note is worth knowing but loses nothing (an encoding that was guessed, a column that no table has). `status` is
    `read`, `partly_read` or `unreadable`; `reason` says why it is unreadable. `effective_from` and `effective_to` are
    the period that the document gives itself, if any. `unseen` are pages that are pictures without text. Of a bill of materials, `format` is cyclonedx, spdx or hbom,
    `spec_version` its version as written, `serialization` json, xml, tag-value, yaml, rdf, jsonld, csv, xlsx, xls or ods.
    """

    tables: dict[str, list[Row | pa.Table]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: str = "read"
    reason: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    unseen: tuple[int, ...] = ()
    format: str = ""
    spec_version: str = ""
    serialization: str = ""

    def add(self, table: str, row: Row | pa.Table) -> None:
        """Append a row, or a block of rows, to a table."""
        self.tables.setdefault(table, []).append(row)

    def problem(self, place: str, message: str, excerpt: str = "") -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(place, message, printable(excerpt[:EXCERPT])))

    def settle(self) -> Reading:
        """The same reading with its status: problems make it partly read, problems without any row unreadable."""
        if self.status == "read" and self.problems:
            self.status = "partly_read" if any(self.tables.values()) else "unreadable"
            if self.status == "unreadable":
                self.reason = self.problems[0].message
        return self


def printable(text: str) -> str:
    """The text with characters that no report can hold replaced by U+FFFD."""
    return UNPRINTABLE.sub("\ufffd", text)


def words(value: object) -> str | None:
    """A cell or a JSON scalar as text, trimmed; None for what says nothing ("", "-", "n/a"), lists and objects."""
    if type(value) is str:  # the case of nearly every fact, and so the one that must be fast
        text = (value if value.isprintable() else printable(value)).strip()
        return None if len(text) < 7 and text.casefold() in ABSENT else text
    if value is None:
        return None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float | Decimal):
        value = decimal_text(value)
    elif isinstance(value, datetime):
        value = value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, int):
        value = str(value)
    return value if isinstance(value, str) else None


def named(value: object) -> str | None:
    """Like `words`, for names of persons and firms: "unknown", "TBD" or "NOASSERTION" name nobody."""
    text = words(value)
    return None if text is None or text.casefold() in _NOBODY else text


def decimal_text(value: float | Decimal) -> str | None:
    """A number as plain decimal text, exactly what was written: 2.0 is "2", 0.1 is "0.1". None when it is not finite."""
    number = Decimal(repr(value)) if isinstance(value, float) else value
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -400 < exponent < 400:
        return None
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def flag(text: str | None) -> bool | None:
    """Yes or no as a truth value, None for anything else."""
    answer = (text or "").casefold().rstrip(".")
    return True if answer in _YES else False if answer in _NO else None


def whole(text: str | None) -> int | None:
    """A whole number, None for anything else. Separators of thousands are taken as such: "1,204" is 1204."""
    plain = re.sub(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}(\D|$))", "", text or "")
    return int(plain.split(".")[0]) if _WHOLE.fullmatch(plain) else None


def listed(values: Iterable[str | None]) -> str | None:
    """Several texts as one, separated by "; "; None when there are none."""
    return "; ".join(value for value in values if value) or None


def separated(text: str | None) -> str | None:
    """A list as a person wrote it (by ";" or line breaks) in our form, separated by "; "."""
    return listed(part.strip() for part in re.split(r"[;\n；]", text or ""))


def key(text: str) -> str:
    """A heading or label without its spelling: small letters, "#" as "no", everything else than letters a space."""
    return " ".join(re.sub(r"[\W_]+", " ", text.replace("#", " no ").casefold()).split())


def mapping(value: object) -> Mapping[str, Any]:
    """The value when it is a JSON object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The value when it is a JSON list, otherwise an empty one."""
    return value if isinstance(value, list) else []
