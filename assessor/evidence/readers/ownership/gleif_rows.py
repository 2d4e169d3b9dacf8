"""Records of the Global LEI System, whatever they were written in, as rows of `entities` and `interests`.

The legal jurisdiction says where an entity is organised; of a branch that is not known, since a branch is part of an entity
elsewhere. The legal address, the form, the registration authority and the statuses stand in the details. A relationship that
is inactive or retired ends on the day that its record gives, at the latest on that of the last update. One whose
registration has lapsed was not renewed, which does not end it: it stays, and its details say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pyarrow as pa

from assessor.evidence.readers.base import Countries, Reading, Row, listed, words
from assessor.evidence.readers.ownership.columns import countries, days, firsts, table
from assessor.evidence.readers.ownership.gleif_terms import (
    BRANCH,
    CATEGORIES,
    ENDED,
    KINDS,
    REASONS,
    RELATIONS,
    WITHDRAWN,
)
from assessor.evidence.readers.rows import Rows, Told

Column = Sequence[str | None]
Columns = Mapping[str, Column]
LEI, RELATION, EXCEPTION = "lei", "relation", "exception"
FIELDS = {
    LEI: (
        "lei",
        "name",
        "names",  # the others
        "legal",
        "headquarters",
        "jurisdiction",
        "authority",
        "registration",
        "category",
        "form",
        "status",
        "registered",
        "successor",
    ),
    RELATION: (
        "start",
        "end",
        "type",
        "status",
        "registered",
        "began",
        "ended",
        "updated",
        "renewal",
        "deleted",
    ),
    EXCEPTION: ("lei", "category", "reasons", "references", "deleted"),
}
"""The fields of each sort of record."""
SEVERAL = frozenset({"names", "reasons", "references"})
"""Fields that may have several values."""
LISTED = "\x1f"
"""Stands between those."""


class Register:
    """Collects the rows of one file."""

    def __init__(self, source: str, rule: Countries) -> None:
        self.reading = Reading(tables={"entities": [], "interests": []})
        self.tell = Told(self.reading, "problems of records")
        self.count = 0
        self._source = source
        self._jurisdictions = countries(rule, "the jurisdiction", self.tell)
        self._addresses = countries(rule, "the country", self.tell)
        self._days = days("the date", self.tell)
        self._interests = Rows(self.reading, "interests")
        self._counts: Counter[str] = Counter()
        self._named: tuple[list[str], list[str]] = ([], [])  # LEIs of this block and their places
        self._blocks: tuple[list[pa.Array], list[pa.Array]] = ([], [])

    def add(self, sort: str, columns: Columns, places: Sequence[str]) -> None:
        """A block of records of one sort: `columns` by the names of its FIELDS, those that are not there are not stated."""
        count = len(places)
        self.count += count
        full: dict[str, list[str | None]] = {
            name: [None] * count
            if name not in columns
            else list(columns[name])
            if name in SEVERAL
            else [words(text) for text in columns[name]]
            for name in FIELDS[sort]
        }
        if sort == LEI:
            self._entities(full, places)
        elif sort == RELATION:
            self._relations(full, places)
        else:
            self._exceptions(full, places)
        for block, named in zip(self._blocks, self._named, strict=True):
            block.append(pa.array(named, pa.string()))
        self._named = ([], [])

    def close(self) -> Reading:
        """The reading. What relationships and exceptions name has a row with its LEI, since other sources know it by that."""
        self._interests.close()
        found = firsts(*self._blocks)
        if count := len(found):
            kind = pa.repeat(pa.scalar("unknown"), count)
            columns = {"entity": found["text"], "lei": found["text"], "kind": kind, "locator": found["place"]}
            self.reading.add("entities", table("entities", self._source, count, columns))
            self.reading.notes.append(
                f"{count:,} LEIs are named, whose names and countries stand in records of level 1 and not here"
            )
        for what, number in sorted(self._counts.items()):
            self.reading.notes.append(f"{number:,} {what}")
        self.tell.close()
        return self.reading

    def _entities(self, records: Mapping[str, list[str | None]], places: Sequence[str]) -> None:
        leis, categories = records["lei"], records["category"]
        place = places.__getitem__
        kinds = [KINDS.get(category or "", "unknown") for category in categories]
        for at, (lei, category) in enumerate(zip(leis, categories, strict=True)):
            if lei is None:
                self.tell(places[at], "the record has no LEI")
            if category is not None and category not in KINDS:
                self.tell(places[at], f"the category {category[:60]!r} is not known")
        jurisdiction = self._jurisdictions.of(records["jurisdiction"], place)
        for status in records["registered"]:
            if status in ("ANNULLED", "DUPLICATE"):
                self._counts[f"LEIs have the status {status}"] += 1
        columns = {
            "locator": places,
            "entity": [lei or where for lei, where in zip(leis, places, strict=True)],
            "name": records["name"],
            "names": [_others(name, more) for name, more in zip(records["name"], records["names"], strict=True)],
            "kind": kinds,
            "incorporated": [
                None if category == BRANCH else code for code, category in zip(jurisdiction, categories, strict=True)
            ],
            "headquarters": self._addresses.of(records["headquarters"], place),
            "lei": leis,
            "registration": records["registration"],
            "details": _details(records),
        }
        self.reading.add("entities", table("entities", self._source, len(places), columns))

    def _relations(self, records: Mapping[str, list[str | None]], places: Sequence[str]) -> None:
        place = places.__getitem__
        dates = {name: self._days.of(records[name], place) for name in ("began", "ended", "updated", "deleted")}
        for at, where in enumerate(places):
            type, status, registered = (records[name][at] for name in ("type", "status", "registered"))
            if registered in WITHDRAWN:
                self._counts[f"relationships have the status {registered} and are left out"] += 1
                continue
            began, ended, updated, deleted = (dates[name][at] for name in ("began", "ended", "updated", "deleted"))
            told = []
            if ended is None and (deleted or status == "INACTIVE" or registered in ENDED):
                ended = deleted or updated
                if ended is None:
                    self.tell(where, "the relationship has ended and no day is given, so it is left out")
                    continue
                told.append(f"ended; its day is not stated, at the latest {ended}")
            if records["ended"][at] is not None and dates["ended"][at] is None and ended is None:
                self.tell(where, "the relationship has an end that cannot be read, so it is left out")
                continue
            if ended is not None and began is not None and ended < began:
                self.tell(where, f"the relationship ended on {ended}, before it began on {began}")
            if registered == "LAPSED":
                renewal = records["renewal"][at]
                told.append(f"not renewed{f' since {renewal[:10]}' if renewal else ''}, so that it may be out of date")
            if status not in ("ACTIVE", "INACTIVE"):
                told.append("whether it is active is not stated")
            self._relation(where, records["start"][at], records["end"][at], type, began, ended, told)

    def _relation(
        self,
        place: str,
        start: str | None,
        end: str | None,
        type: str | None,
        began: date | None,
        ended: date | None,
        told: list[str],
    ) -> None:
        meaning = RELATIONS.get(type or "")
        if meaning is None:
            self.tell(place, f"the relationship {type[:60]!r} is not known" if type else "the relationship has no type")
        if start is None or end is None:
            self.tell(place, f"the relationship does not name its {'start' if start is None else 'end'} node")
        holder, subject = (start, end) if meaning is not None and meaning.reversed else (end, start)
        self._put(
            place,
            {
                "interest": " ".join(filter(None, (start, type, end))) or place,
                "holder": holder,
                "subject": subject,
                "kind": "other",
                "direct": meaning.direct if meaning is not None else None,
                "details": listed(
                    (
                        meaning.details if meaning is not None else type or "a relationship of no stated type",
                        *told,
                        None if holder else "the holder is not named",
                    )
                ),
                "start": began,
                "end": ended,
            },
        )

    def _exceptions(self, records: Mapping[str, list[str | None]], places: Sequence[str]) -> None:
        deleted = self._days.of(records["deleted"], places.__getitem__)
        for at, where in enumerate(places):
            lei, category = records["lei"][at], records["category"][at]
            if lei is None:
                self.tell(where, "the exception does not say of which LEI it speaks")
            direct, parent = CATEGORIES.get(category or "", (None, category or "no category is stated"))
            if direct is None:
                self.tell(where, f"the category {(category or '')[:60]!r} of the exception is not known")
            if records["deleted"][at] is not None and deleted[at] is None:
                self.tell(where, "the exception was deleted and no day can be read, so it is left out")
                continue
            kind, details = self._reasons(records["reasons"][at], where)
            references = ", ".join(_values(records["references"][at]))
            self._put(
                where,
                {
                    "interest": f"{lei or where} {category or ''}".strip(),
                    "holder": None,
                    "subject": lei,
                    "kind": kind,
                    "direct": direct,
                    "details": listed((f"no {parent} is named: {details}", references and f"reference: {references}")),
                    "end": deleted[at],
                },
            )

    def _reasons(self, stated: str | None, place: str) -> tuple[str, str]:
        """Kind of the interest that is not known, and the reasons in words after their terms."""
        terms = _values(stated)
        if not terms:
            self.tell(place, "the exception gives no reason")
            return "other", "no reason is given"
        found = [REASONS.get(term) for term in terms]
        for term, reason in zip(terms, found, strict=True):
            if reason is None:
                self.tell(place, f"the reason {term[:60]!r} is not known")
        kind = (
            "shareholding" if all(reason is not None and reason.kind == "shareholding" for reason in found) else "other"
        )
        told = [f"{term} ({reason.details})" if reason else term for term, reason in zip(terms, found, strict=True)]
        return kind, ", ".join(told)

    def _put(self, place: str, row: Row) -> None:
        self._interests.add({"source": self._source, "locator": place, **row})
        for name in (row["subject"], row["holder"]):
            if name is not None:
                self._named[0].append(name)
                self._named[1].append(place)


def _values(field: str | None) -> list[str]:
    """The values of a field that may have several, each once."""
    return list(dict.fromkeys(filter(None, map(words, field.split(LISTED))))) if field else []


def _others(name: str | None, more: str | None) -> str | None:
    """The other names, each once and without the first."""
    return listed(each for each in _values(more) if each != name) if more else None


def _details(records: Mapping[str, list[str | None]]) -> list[str | None]:
    """What no column has: each with its name."""
    told: dict[str, Callable[[str], str]] = {
        "category": str.lower,
        "form": lambda text: f"legal form {text}",
        "authority": lambda text: f"registered with {text}",
        "legal": lambda text: f"legal address in {text}",
        "status": lambda text: f"entity {text.lower()}",
        "registered": lambda text: f"LEI {text.lower()}",
        "successor": lambda text: f"succeeded by {text}",
    }
    known: dict[tuple[str, str | None], str | None] = {}

    def said(name: str, text: str | None) -> str | None:
        if (name, text) not in known:
            known[name, text] = told[name](text) if text is not None else None
        return known[name, text]

    columns = [[said(name, text) for text in records[name]] for name in told]
    return [listed(parts) for parts in zip(*columns, strict=True)]
