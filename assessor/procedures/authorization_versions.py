"""Which letter of an authorization was in force on a day (§§791.306(b), 791.307(o)).

A letter in evidence is a version of the authorization whose number it bears, and several letters of one number are several
versions; each transaction falls under the one in force on its date. Where the terms or the rule's data name a version that is
not in evidence, the days on which it may have been in force are open: no letter is taken for another by default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.procedures.facts import Facts
from assessor.procedures.working import plain, rows
from assessor.rule import AuthorizationVersion, GeneralAuthorization

Row = dict[str, Any]
TEXT = pd.ArrowDtype(pa.string())
_GENERAL = re.compile(r"(?:general authori[sz]ation|ga)(?: (?:no|number))? ?([1-9][0-9]*)")
_DAY = timedelta(days=1)


def general_number(text: Any) -> int | None:
    """The number of a general authorization ("General Authorization No. 1", "GA 1", "GA-1"); None for anything else."""
    match = _GENERAL.fullmatch(plain(text))
    return int(match[1]) if match else None


def key(text: Any) -> str:
    """An authorization's number to compare: one spelling for all spellings of a general one's, otherwise the plain text."""
    number = general_number(text)
    return plain(text) if number is None else f"ga {number}"


def keyed(column: pd.Series[Any]) -> pd.Series[Any]:
    """`key` over a column, each distinct text once; NA stays NA."""
    return column.map({text: key(text) for text in column.dropna().unique()}).astype(column.dtype)


def about(table: pd.DataFrame, number: Any) -> pd.DataFrame:
    """The rows of a table with a column `authorization` that are about this authorization, in whatever spelling."""
    return table[(keyed(table["authorization"]) == key(number)).fillna(False)]


def known(facts: Facts, number: Any) -> GeneralAuthorization | None:
    """What the rule's data hold of the general authorization of exactly this number."""
    general = general_number(number)
    return None if general is None else facts.rule.authorizations.get(general)


def letters(facts: Facts, kind: str) -> list[Row]:
    """The letters of a kind ("general" or "specific") as plain rows, by number and date; of copies the first stands for all."""
    return [own[0] for own in facts.of(_copies).get(kind, {}).values()]


def copies(facts: Facts, a: Row) -> list[Row]:
    """Further letters of the same kind, number and date."""
    return facts.of(_copies)[a["kind"]][key(a["authorization"]), a["issued"]][1:]


def _copies(facts: Facts) -> dict[str, dict[tuple[str, date | None], list[Row]]]:
    """All letters by kind, then by number and date."""
    found: dict[str, dict[tuple[str, date | None], list[Row]]] = {}
    table = facts.tables["authorizations"]
    listed = rows(table[table["kind"].notna() & table["authorization"].notna()])
    listed.sort(key=lambda a: (key(a["authorization"]), a["issued"] or date.min))
    for row in listed:
        found.setdefault(row["kind"], {}).setdefault((key(row["authorization"]), row["issued"]), []).append(row)
    return found


def siblings(facts: Facts, a: Row) -> list[Row]:
    """All letters of the authorization, this one included, oldest first."""
    return [b for b in letters(facts, a["kind"]) if key(b["authorization"]) == key(a["authorization"])]


def label(facts: Facts, a: Row) -> str:
    """What a letter is called in results: its number, with its date where the number has several letters."""
    number = str(a["authorization"])
    if len(siblings(facts, a)) < 2:
        return number
    return f"{number} (version of {a['issued'].isoformat()})" if a["issued"] else f"{number} (undated version)"


def conditions(facts: Facts, a: Row) -> list[Row]:
    """The conditions of a letter: those under its number and, where the number has several letters, from its own item."""
    own = about(facts.tables["authorization_conditions"], a["authorization"])
    if len(siblings(facts, a)) + len(copies(facts, a)) > 1:
        own = own[(own["source"] == a["source"]).fillna(False)]
    return rows(own)


def settings(facts: Facts, a: Row) -> tuple[Row, int | None]:
    """The entry of the terms for a letter and its place in [[authorizations]]; empty and None where there is none.

    An entry is for the version whose date it gives. One without a date, or one for a letter without one, counts where the
    number has a single entry and a single letter.
    """
    entries = [(n, e) for n, e in enumerate(facts.terms.authorizations) if key(e["number"]) == key(a["authorization"])]
    for place, entry in entries:
        if a["issued"] and entry.get("letter_version") == a["issued"]:
            return entry, place
    if len(entries) == 1 and len(siblings(facts, a)) == 1:
        place, entry = entries[0]
        if not a["issued"] or not entry.get("letter_version"):
            return entry, place
    return {}, None


@dataclass(frozen=True)
class Span:
    """The days on which a letter is known to be the version in force: up to `last` (None: no later version is known).

    `later` says why the days after `last` are open. From `earlier_from` up to the letter's own date another version may have
    been in force that is not in evidence, and `earlier` says which. `open` says why every day is open.
    """

    last: date | None = None
    later: str = ""
    earlier_from: date | None = None
    earlier: str = ""
    open: str = ""

    def doubt(self, a: Row, day: date | None) -> str:
        """Why it is open whether the letter was in force on a day on which no other in evidence was; empty: it is not."""
        if self.open or day is None or a["issued"] is None:
            return self.open
        if day < a["issued"]:
            return self.earlier if self.earlier_from and day >= self.earlier_from else ""
        return self.later if self.last and day > self.last else ""


def span(facts: Facts, a: Row) -> Span:
    """The days of one letter, from the other letters of its number, the terms (`superseded_on`) and the rule's data."""
    return facts.of(_spans)[_place(a)]


def _spans(facts: Facts) -> dict[tuple[str, str], Span]:
    return {
        _place(a): _span(facts, a, siblings(facts, a)) for kind in ("general", "specific") for a in letters(facts, kind)
    }


def _span(facts: Facts, a: Row, versions: list[Row]) -> Span:
    dated = [b for b in versions if b["issued"]]
    if len(dated) < len(versions) and len(versions) > 1:
        return Span(
            open=f"a letter of {a['authorization']} does not show its date, so that the version in force is open"
        )
    if not dated:
        return Span()
    ends: list[tuple[date, str]] = [(b["issued"] - _DAY, "") for b in dated if b["issued"] > a["issued"]]
    if superseded := settings(facts, a)[0].get("superseded_on"):
        told = f"by the terms the version of {a['issued']} was superseded on {superseded}, and the letter in force since then is not in evidence"
        ends.append((superseded - _DAY, told))
    earlier_from, earlier = None, ""
    for first_day, last_day, told in _lacking_days(facts, a):
        if last_day > a["issued"]:
            ends.append((first_day - _DAY, told))
        elif _is(a, dated[0]):
            earlier_from, earlier = min(first_day, earlier_from or first_day), told
    last, later = min(ends, default=(None, ""))
    return Span(last, later, earlier_from, earlier)


def lacking(facts: Facts, a: Row) -> list[AuthorizationVersion]:
    """Versions that the rule's data name of a general authorization and that no letter in evidence is dated like."""
    told = known(facts, a["authorization"])
    dates = [b["issued"] for b in siblings(facts, a) if b["issued"]]
    return [v for v in told.versions if not any(v.earliest <= d <= v.latest for d in dates)] if told else []


def _lacking_days(facts: Facts, a: Row) -> list[tuple[date, date, str]]:
    """Versions that are not in evidence, by rule data or terms: the first and last day that each may be of, and what tells it."""
    found = [
        (
            v.earliest,
            v.latest,
            f"a version of {v.known} is reported ({v.event}; {v.source}; {v.grade}) and is not in evidence",
        )
        for v in lacking(facts, a)
    ]
    found += [
        (day, day, f"the terms enter a version of {day}, whose letter is not in evidence") for day in entered(facts, a)
    ]
    return found


def entered(facts: Facts, a: Row) -> list[date]:
    """Dates of versions that the terms enter for an authorization and of which no letter is in evidence."""
    dates = {b["issued"] for b in siblings(facts, a)}
    told = [e.get("letter_version") for e in facts.terms.authorizations if key(e["number"]) == key(a["authorization"])]
    return sorted(day for day in told if day and day not in dates and None not in dates)


def assigned(facts: Facts, a: Row, t: pd.DataFrame) -> pd.DataFrame:
    """Those of the transactions that fall to this letter: the latest dated on or before the transaction's day. What precedes
    all letters falls to the first, what is undated to the last."""
    versions = siblings(facts, a)
    if len(versions) == 1:
        return t
    days = [day if isinstance(day, date) else None for day in t["date"]]
    return t[pd.Series([_is(_at(versions, day), a) for day in days], t.index, dtype=bool)]


def _at(versions: list[Row], day: date | None) -> Row:
    dated = [b for b in versions if b["issued"]]
    if day is None or not dated:
        return versions[-1]
    return next((b for b in reversed(dated) if b["issued"] <= day), dated[0])


def doubts(facts: Facts, a: Row, t: pd.DataFrame) -> pd.Series[Any]:
    """For each transaction that falls to a letter why it is open whether the letter was in force on its day; NA: it is not."""
    own = span(facts, a)
    told = [own.doubt(a, day if isinstance(day, date) else None) or None for day in t["date"]]
    return pd.Series(told, t.index, dtype=TEXT)


def _place(a: Row) -> tuple[str, str]:
    return str(a["source"]), a["locator"] or ""


def _is(a: Row, b: Row) -> bool:
    return _place(a) == _place(b)
