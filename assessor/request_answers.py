"""What a client wrote into the empty columns of requests.xlsx, beside the request that each row is about. Nothing is recorded from it.

The workbook comes back from outside: it is looked into like evidence, and what stands in it is only ever shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd
import python_calamine

from assessor.errors import EvidenceError
from assessor.evidence.readers import office
from assessor.evidence.readers.base import Unreadable
from assessor.requests import Request
from assessor.text import visible

SHEET = "Evidence requests"
ANSWERS = ("files, or why there are none", "date", "by", "remark")
"""Columns for the client."""
MAX_ROWS, LONGEST = 20_000, 4_000
"""Rows that are looked at, and characters of a cell that are shown."""
_SHORTEST = 5
"""Characters of the name of a file that is looked for in an answer."""


@dataclass(frozen=True)
class Answer:
    """A row that the client filled in: the request that it is about (empty: none of now), what was written, and the state that it
    speaks for, with why. A person decides."""

    request: str
    row: int
    files: str
    date: str
    by: str
    remark: str
    proposes: str
    items: tuple[str, ...]
    why: str


def read(path: Path, listed: Sequence[Request], register: pd.DataFrame) -> list[Answer]:
    """The rows of a returned request list in which the client wrote something, in their order.

    A row is about the request whose words it has; its number alone does not tell, since a later run may number anew. Raises
    EvidenceError for a file that is no such list.
    """
    rows = _rows(path)
    heads = [_cell(cell).casefold() for cell in rows[0]] if rows else []
    wanted = ("request", "what is missing", "for", *ANSWERS)
    if lacking := [head for head in wanted if head not in heads]:
        raise EvidenceError(
            f"{path} has no column {lacking[0]!r} on its sheet {SHEET!r}; name a requests.xlsx as the client returned it."
        )
    at = [heads.index(head) for head in wanted]
    names = [(str(item), PurePosixPath(str(file)).name.casefold()) for item, file in zip(register["id"], register["path"], strict=True)]  # fmt: skip
    found = []
    for number, row in enumerate(rows[1:], 2):
        told = [_cell(row[column]) if column < len(row) else "" for column in at]
        if any(told[3:]):
            found.append(_answer(number, told, listed, names))
    return found


def _answer(number: int, told: Sequence[str], listed: Iterable[Request], names: Iterable[tuple[str, str]]) -> Answer:
    own, what, about, written, day, by, remark = told
    alike = [one for one in listed if one.asked and _same(one.what, what) and _same("; ".join(one.subjects), about)]
    one = next((one for one in alike if one.id == own), alike[0] if alike else None)
    text = written.casefold()
    items = tuple(
        item
        for item, name in names
        if re.search(rf"(?<!\w){re.escape(item.casefold())}(?!\w)", text)
        or (len(name) >= _SHORTEST and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
    )
    if one is None:
        state, why = (
            "",
            f"no request of now has the words of this row ({own or 'without a number'}); see what it was about",
        )
    elif items:
        state, why = "received", "files that it names are in the register; look whether they answer the request"
    elif written:
        state, why = (
            "open",
            "it names no file that is in the register: an explanation, or a file that has not been delivered",
        )
    else:
        state, why = "open", "it says nothing of files"
    return Answer(one.id if one else "", number, written, day, by, remark, state, items if one else (), why)


def _rows(path: Path) -> Sequence[Sequence[object]]:
    try:
        office.guard(path)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        if SHEET not in book.sheet_names:
            raise Unreadable(f"it has no sheet {SHEET!r}")
        return book.get_sheet_by_name(SHEET).to_python(nrows=MAX_ROWS)
    except FileNotFoundError:
        raise EvidenceError(f"There is no file {path}; name a requests.xlsx as the client returned it.") from None
    except Unreadable as error:
        raise EvidenceError(f"{path} cannot be read as a request list: {error}.") from None
    except Exception as error:  # the library raises errors of many kinds on what is no workbook
        raise EvidenceError(f"{path} cannot be read as a request list ({type(error).__name__}).") from None


def _cell(value: object) -> str:
    text = visible(str(value)).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"


def _same(one: str, other: str) -> bool:
    """Whether a cell has the words of a text; the list shows it as a sentence and cuts long ones."""
    plain, cut = (re.findall(r"[^\W_]+", text.casefold()) for text in (one, other[:LONGEST]))
    return plain == cut or (len(other) > LONGEST and plain[: len(cut) - 5] == cut[:-5])
