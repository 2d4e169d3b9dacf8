"""Dates as people write them. Nothing is guessed: what can be read in two ways is read in none.

Read anywhere: `2024-11-14` (also with a time of day), `2024/11/14`, `14.11.2024`, `14 November 2024`, `November 14, 2024`,
`14-Nov-2024`. Dates with slashes are read by the whole column: a first number above 12 shows day/month/year, a second one
above 12 month/day/year; a column that shows neither, or both, is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar",
            "feb february februar",
            "mar march märz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october oktober",
            "nov november",
            "dec december dezember",
        ),
        1,
    )
    for name in names.split()
}
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_YMD = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})" + _TIME, re.IGNORECASE | re.ASCII)
_DMY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})" + _TIME, re.ASCII)
_D_NAME_Y = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+([A-Za-zäÄ]{3,9})\.?,?[\s-]+(\d{4})")
_NAME_D_Y = re.compile(r"([A-Za-zäÄ]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})" + _TIME, re.ASCII)


def parse(text: str | None) -> tuple[date | None, str]:
    """A single date and, when there is none although something is written, what is wrong with it."""
    dates, wrong = column([text])
    return dates[0], wrong[0][1] if wrong else ""


@lru_cache(maxsize=4096)
def is_date(text: str) -> bool:
    """Whether a text is a date, even one that can be read in two ways."""
    found, wrong = parse(text)
    return found is not None or "can be read" in wrong


def column(texts: Sequence[str | None]) -> tuple[list[date | None], list[tuple[int, str]]]:
    """The dates of a column in its order, and what is wrong: pairs of position (0-based) and message.

    Of an ambiguous column only those dates are given that both readings agree on (03/03/2026).
    """
    slashed = [_SLASHED.fullmatch(text.strip()) if text else None for text in texts]
    pairs = [(int(match[1]), int(match[2])) for match in slashed if match]
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    order = "dmy" if day_first and not month_first else "mdy" if month_first and not day_first else ""
    dates: list[date | None] = []
    wrong: list[tuple[int, str]] = []
    told = False
    for position, (text, match) in enumerate(zip(texts, slashed, strict=True)):
        found, message = (
            (None, "") if not text or not text.strip() else _slash(match, order) if match else _plain(text.strip())
        )
        dates.append(found)
        if message == "ambiguous":
            why = "as day/month and as month/day" if day_first else "in either order"
            if not told:
                wrong.append((position, f"dates like {text!r} can be read {why}; they are left open in this column"))
            told = True
        elif message:
            wrong.append((position, message))
    return dates, wrong


def _slash(match: re.Match[str], order: str) -> tuple[date | None, str]:
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if not order:
        return (_date(year, first, second), "") if first == second and first <= 12 else (None, "ambiguous")
    found = _date(year, first, second) if order == "mdy" else _date(year, second, first)
    return found, "" if found else f"{match[0]!r} is no date of the calendar"


def _plain(text: str) -> tuple[date | None, str]:
    if match := _YMD.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _DMY.fullmatch(text):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
    elif (match := _D_NAME_Y.fullmatch(text)) and match[2].casefold() in _MONTHS:
        day, month, year = int(match[1]), _MONTHS[match[2].casefold()], int(match[3])
    elif (match := _NAME_D_Y.fullmatch(text)) and match[1].casefold() in _MONTHS:
        day, month, year = int(match[2]), _MONTHS[match[1].casefold()], int(match[3])
    else:
        return None, f"{text[:60]!r} is not read as a date"
    found = _date(year, month, day)
    return found, "" if found else f"{text!r} is no date of the calendar"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
