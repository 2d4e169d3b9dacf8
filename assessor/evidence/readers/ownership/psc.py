"""Snapshot lines of the UK register of people with significant control to `entities` and `interests`.

One line a person, a statement, an exemption or the totals. A company is an entity `GB-COH-` and its number; a corporate
person registered in the United Kingdom under a whole number of the register is that same company, so that chains join.
Each nature of control is an interest (`psc_terms.py`); where a trust or a firm stands between, it is an entity of its own.
A protected person, a statement that somebody is not identified and an exemption are interests whose holder is not known.
The register names no company, and gives the day on which it was notified, not that of the purchase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers.base import Countries, Reading, Unreadable, listed, words
from assessor.evidence.readers.ownership import lines
from assessor.evidence.readers.ownership.columns import Meanings, Place, at_lines, countries, days, firsts, table
from assessor.evidence.readers.ownership.psc_terms import Nature, nature, statement
from assessor.evidence.readers.rows import Told, frugal

_KINDS = {
    f"{what}-{rank}": kind
    for what, kind in (
        ("individual", "person"),
        ("corporate-entity", "organisation"),
        ("legal-person", "organisation"),
        ("super-secure", ""),
    )
    for rank in ("person-with-significant-control", "beneficial-owner")
}
_STATEMENT, _EXEMPTIONS, _TOTALS = "persons-with-significant-control-statement", "exemptions", "totals#"
_KEYS = ("company_number", "kind", "name", "natures_of_control", "notified_on", "ceased_on")
_ABROAD = re.compile(r"(?:OE|FC|SF|NF)", re.IGNORECASE)
"""Numbers of entities that are registered in the United Kingdom and organised elsewhere."""
_NUMBER = re.compile(r"[A-Za-z0-9]{2}[0-9]{6}")
_NATIONALITIES = re.compile(r"\s*[,;/&]\s*|\s+and\s+", re.IGNORECASE)
_UNNAMED = "the register protects this person and does not say who it is"


class _Links(msgspec.Struct, gc=False):
    path: str | None = msgspec.field(default=None, name="self")


class _Identification(msgspec.Struct, gc=False):
    country_registered: str | None = None
    place_registered: str | None = None
    registration_number: str | None = None
    legal_form: str | None = None
    legal_authority: str | None = None


class _Data(msgspec.Struct, gc=False):
    kind: str | None = None
    name: str | None = None
    nationality: str | None = None
    country_of_residence: str | None = None
    identification: _Identification | None = None
    natures_of_control: tuple[str, ...] | None = None
    notified_on: str | None = None
    ceased_on: str | None = None
    ceased: bool | None = None
    is_sanctioned: bool | None = None
    statement: str | None = None
    linked_psc_name: str | None = None
    links: _Links | None = None
    exemptions: msgspec.Raw = msgspec.Raw()
    generated_at: str | None = None
    persons_of_significant_control_count: int | None = None
    statements_count: int | None = None


class _Record(msgspec.Struct, gc=False):
    company_number: str | None = None
    data: _Data | None = None


_Found = list[tuple[int, str | None, _Data]]
"""Records of one sort: line, company number, data."""
_NOTHING, _NO_LINKS = _Identification(), _Links()


def recognised(first: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the objects on the first lines of a file are records of the register."""
    return any(
        isinstance(data := record.get("data"), dict)
        and isinstance(kind := data.get("kind"), str)
        and (kind in _KINDS or kind in (_STATEMENT, _EXEMPTIONS) or kind.startswith(_TOTALS))
        for record in first
    )


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Entities and interests; locators are `line N`. Raises Unreadable when no line is a record of the register."""
    register = _Register(source, rule)
    known = False
    for records, numbers in lines.blocks(path, _Record, _KEYS, register.reading):
        known |= any(record.data is not None for record in records)
        register.block(records, numbers)
    if not known:
        raise Unreadable("no line is a record of the register of people with significant control")
    return register.close()


class _Register:
    """Collects the rows of one file."""

    def __init__(self, source: str, rule: Countries) -> None:
        self.reading = Reading(tables={"entities": [], "interests": []})
        self._source, self._rule = source, rule
        self._tell = Told(self.reading, "problems of records")
        self._countries = countries(rule, "the country", self._tell)
        self._nationality: Meanings[str] = Meanings(self._citizenship, self._tell)
        self._days = days("the date", self._tell)
        self._plans: dict[tuple[str, ...], tuple[np.ndarray, tuple[str, ...]]] = {}
        self._items: list[Nature] = []
        self._numbers: dict[Nature, int] = {}
        self._companies: list[pa.Array] = []
        self._places: list[pa.Array] = []
        self._counts = {"persons": 0, "statements": 0}
        self._said = 0  # statements of which nothing follows

    def block(self, records: Sequence[_Record], numbers: Sequence[int]) -> None:
        """The rows of a block of lines."""
        persons: _Found = []
        statements: _Found = []
        totals: list[_Data] = []
        for number, record in zip(numbers, records, strict=True):
            data = record.data
            kind = data.kind if data is not None else None
            if data is None or kind is None:
                self._tell(f"line {number}", "the record has no data of a known kind; it is not read", "")
            elif kind in _KINDS:
                persons.append((number, record.company_number, data))
            elif kind in (_STATEMENT, _EXEMPTIONS):
                statements.append((number, record.company_number, data))
            elif kind.startswith(_TOTALS):
                totals.append(data)
            else:
                self._tell(f"line {number}", f"a record of the kind {kind[:60]!r} is not known; it is not read", "")
        if persons:
            self._persons(persons)
        for (number, _, data), subject in zip(statements, self._subjects(statements), strict=True):
            self._statement(f"line {number}", subject, data)
        for data in totals:
            self._totals(data)

    def close(self) -> Reading:
        """The reading, with a row for each company."""
        found = firsts(self._companies, self._places)
        ids, count = found["text"], len(found)
        numbers = pc.utf8_slice_codeunits(ids, len(_PREFIX))
        abroad = pc.match_substring_regex(numbers, "^(?i:" + _ABROAD.pattern + ")")
        columns = {
            "locator": found["place"],
            "entity": ids,
            "kind": pa.repeat(pa.scalar("organisation"), count),
            "incorporated": pc.if_else(abroad, None, pa.scalar("GB")),
            "registration": numbers,
        }
        self.reading.add("entities", table("entities", self._source, count, columns))
        if self._said:
            self.reading.notes.append(f"{self._said:,} statements are of a kind from which no interest follows")
        self._tell.close()
        return self.reading

    def _persons(self, found: _Found) -> None:
        """A row for each person, and one for each nature of control."""
        numbers = [number for number, _, _ in found]
        datas = [data for _, _, data in found]

        def place(at: int) -> str:
            return f"line {numbers[at]}"

        self._counts["persons"] += len(found)
        kinds = [_KINDS[data.kind] for data in datas]  # type: ignore[index]
        companies = self._subjects(found)
        idents = [data.identification or _NOTHING for data in datas]
        registered = self._countries.of([self._registered(ident) for ident in idents], place)
        registrations = [words(ident.registration_number) for ident in idents]
        links = [(data.links or _NO_LINKS).path for data in datas]
        stated = [
            words(link.rpartition("/")[2]) or f"line {number}" if link else f"line {number}"
            for link, number in zip(links, numbers, strict=True)
        ]
        ids: list[str | None] = []
        for at, kind in enumerate(kinds):
            own, number = stated[at], registrations[at]
            if number is not None and registered[at] == "GB" and _NUMBER.fullmatch(number):
                if _PREFIX + number.upper() == companies[at]:
                    self._tell(
                        place(at), f"the registration number {number} of the holder is that of the company itself", ""
                    )
                else:
                    own = _PREFIX + number.upper()
            ids.append(own if kind else None)
        residence = [
            words(d.country_of_residence) if k == "person" else None for d, k in zip(datas, kinds, strict=True)
        ]
        nationality = [words(d.nationality) if k == "person" else None for d, k in zip(datas, kinds, strict=True)]
        citizenship = self._nationality.of(nationality, place)
        named = [at for at, kind in enumerate(kinds) if kind]
        columns: dict[str, Any] = {
            "locator": numbers,
            "entity": ids,
            "name": [words(data.name) for data in datas],
            "kind": kinds,
            "incorporated": registered,
            "residence": self._countries.of(residence, place),
            "citizenship": citizenship,
            "us_status": ["citizen" if codes is not None and "US" in codes else None for codes in citizenship],
            "registration": registrations,
            "details": [_details(data, ident) for data, ident in zip(datas, idents, strict=True)],
        }
        if len(named) < len(found):
            columns = {key: [values[at] for at in named] for key, values in columns.items()}
        columns["locator"] = at_lines(columns["locator"])
        self.reading.add("entities", table("entities", self._source, len(named), columns))
        self._natures(found, stated, ids, companies, place)

    def _registered(self, ident: _Identification) -> str | None:
        """The country in whose register it is, as written; the place of the register where that is a country's name."""
        country = words(ident.country_registered)
        if country is None and (place := words(ident.place_registered)) and self._rule.country(place):
            return place
        return country

    def _subjects(self, found: _Found) -> list[str | None]:
        """The companies of records, each of which becomes an entity."""
        ids: list[str | None] = []
        for line, company, _ in found:
            number = words(company)
            if number is None:
                self._tell(f"line {line}", "the record does not say of which company it speaks", "")
            ids.append(None if number is None else _PREFIX + number.upper())
        self._companies.append(pa.array(ids, pa.string()))
        self._places.append(at_lines([line for line, _, _ in found]))
        return ids

    def _natures(
        self, found: _Found, stated: list[str], ids: list[str | None], companies: list[str | None], place: Place
    ) -> None:
        """The interests of persons, and what stands between them and their companies."""
        datas = [data for _, _, data in found]
        starts = self._days.of([words(data.notified_on) for data in datas], place)
        ends = self._days.of([words(data.ceased_on) for data in datas], place)
        between: list[dict[str, Any]] = []
        plans: list[np.ndarray] = []
        for at, data in enumerate(datas):
            if ends[at] is None and (data.ceased or data.ceased_on):
                self._tell(place(at), "the person has ceased and no day can be read, so the interest is left out", "")
                plans.append(_NO_ITEMS)
                continue
            if ends[at] is not None and starts[at] is not None and ends[at] < starts[at]:  # type: ignore[operator]
                self._tell(place(at), f"it ceased on {ends[at]}, before it was notified on {starts[at]}", "")
            plan, via = self._plan(data.natures_of_control or (), ids[at] is None, place(at))
            plans.append(plan)
            for what in via:
                name = words(data.name)
                row = {"entity": f"{ids[at]}/{what}", "name": f"a {what} of {name}" if name else None}
                between.append(row | {"kind": "arrangement", "locator": place(at)})
        if between:
            keys = {key: [row[key] for row in between] for key in ("locator", "entity", "name", "kind")}
            details = ["the register does not name it"] * len(between)
            self.reading.add("entities", table("entities", self._source, len(between), keys | {"details": details}))
        lengths = [len(plan) for plan in plans]
        rows = np.repeat(np.arange(len(found)), lengths)
        items = np.concatenate(plans) if plans else _NO_ITEMS
        order = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self.reading.add("interests", self._interests(found, stated, ids, companies, starts, ends, rows, items, order))

    def _interests(
        self,
        found: _Found,
        stated: list[str],
        ids: list[str | None],
        companies: list[str | None],
        starts: list[Any],
        ends: list[Any],
        rows: np.ndarray,
        items: np.ndarray,
        order: np.ndarray,
    ) -> pa.Table:
        """Rows whose record is `rows`, whose meaning is `items`, and which are number `order` of their record."""
        record, item = pa.array(rows), pa.array(items)
        told = [
            (n.kind, n.min, n.max, n.min is not None or None, False if n.max else None, n.details) for n in self._items
        ]
        kind, low, high, low_open, high_open, details = (
            (list(each) for each in zip(*told, strict=True)) if told else [[]] * 6
        )
        text, flag = pa.string(), pa.bool_()
        # the person holds it, or has a role in what holds it, or that holds it
        role = pa.array([bool(n.via and n.kind == "other" and n.role == _ROLE) for n in self._items], flag).take(item)
        via = pa.array([f"/{n.via}" if n.via else "" for n in self._items], text).take(item)
        own = pa.array(ids, text).take(record)
        whole = pc.binary_join_element_wise(own, via, "")
        locators = at_lines([number for number, _, _ in found]).take(record)
        number = pc.cast(pa.array(order + 1), text)
        columns = {
            "locator": locators,
            "interest": pc.binary_join_element_wise(pa.array(stated, text).take(record), number, "/"),
            "holder": pc.if_else(role, own, whole),
            "subject": pc.if_else(role, whole, pa.array(companies, text).take(record)),
            "kind": pa.array(kind, text).take(item),
            "min": pa.array(low, text).take(item),
            "max": pa.array(high, text).take(item),
            "min_open": pa.array(low_open, flag).take(item),
            "max_open": pa.array(high_open, flag).take(item),
            "details": pa.array(details, text).take(item),
            "start": pa.array(starts, pa.date32()).take(record),
            "end": pa.array(ends, pa.date32()).take(record),
        }
        return table("interests", self._source, len(rows), columns)

    def _plan(self, terms: tuple[str, ...], unnamed: bool, place: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """The rows that these natures of control become, and what stands between."""
        key = (*terms, _UNNAMED) if unnamed else terms
        if key in self._plans:
            return self._plans[key]
        found: list[Nature] = []
        via: dict[str, None] = {}
        if len(terms) > _MOST_NATURES:
            self._tell(place, f"{len(terms):,} natures of control; the first {_MOST_NATURES} are read", "")
        for term in dict.fromkeys(terms[:_MOST_NATURES]):
            meaning = nature(term)
            if meaning is None:
                self._tell(place, f"the nature of control {term[:80]!r} is not known; read as other", "")
                meaning = Nature("other", details=words(term[:200]) if len(self._items) < _MOST_TERMS else _UNKNOWN)
            if meaning.via and meaning.via not in via and not unnamed:
                via[meaning.via] = None
                found.append(Nature("other", details=meaning.role, via=meaning.via, role=_ROLE))
            found.append(meaning)
        if unnamed:
            found = [Nature(n.kind, n.min, n.max, listed((n.details, _UNNAMED))) for n in found] or [
                Nature("other", details=_UNNAMED)
            ]
        elif not found:
            found = [Nature("other", details="no nature of control is stated")]
        if len(self._plans) > _MANY:
            self._plans = {}
        self._plans[key] = plan = np.array([self._item(each) for each in found], np.int64), tuple(via)
        return plan

    def _item(self, meaning: Nature) -> int:
        if meaning not in self._numbers:
            self._numbers[meaning] = len(self._items)
            self._items.append(meaning)
        return self._numbers[meaning]

    def _citizenship(self, text: str) -> tuple[str | None, str]:
        """The codes of nationalities. One that is not known leaves all of it open: it may be the one that counts."""
        whole = self._rule.nationality(text)
        parts = [text] if whole else [part for part in _NATIONALITIES.split(text.strip()) if part]
        codes = {part: self._rule.nationality(part) for part in parts}
        if unknown := [part for part, code in codes.items() if code is None]:
            return (
                None,
                f"the nationality {listed(part[:60] for part in unknown)!r} is not known; citizenship is left open",
            )
        return listed(dict.fromkeys(codes.values())), ""

    def _statement(self, place: str, subject: str | None, data: _Data) -> None:
        """The row of a statement or an exemption, whose holder is not known."""
        row = {"source": self._source, "locator": place, "interest": place, "subject": subject}
        if data.kind == _EXEMPTIONS:
            for term, start, end in _exemptions(data.exemptions):
                details = f"the company is exempt from the register ({term}); who holds its shares is not stated here"
                self.reading.add(
                    "interests",
                    row
                    | {"kind": "shareholding", "details": details}
                    | {"start": self._day(start, place), "end": self._day(end, place)},
                )
            return
        self._counts["statements"] += 1
        term = words(data.statement) or ""
        meaning = statement(term)
        if meaning is not None and not meaning.kind:
            self._said += 1
            return
        if meaning is None:
            self._tell(place, f"the statement {term[:80]!r} is not known; it is taken to leave a holder open", "")
        end = self._day(data.ceased_on, place)
        if end is None and words(data.ceased_on):
            self._tell(place, "the statement was withdrawn and no day can be read, so it is left out", "")
            return
        who = words(data.linked_psc_name)
        told: dict[str, Any] = {
            "kind": meaning.kind if meaning else "other",
            "max": meaning.max if meaning else None,
            "max_open": False if meaning and meaning.max else None,
            "details": listed(
                (meaning.details if meaning else term or "no statement is given", who and f"about {who}")
            ),
        }
        self.reading.add("interests", row | told | {"start": self._day(data.notified_on, place), "end": end})

    def _day(self, text: str | None, place: str) -> Any:
        return self._days.of([words(text)], lambda at: place)[0]

    def _totals(self, data: _Data) -> None:
        """What the last line of a snapshot says. A snapshot in parts has it in the last one only, so that nothing is concluded."""
        self.reading.notes.append(
            f"a snapshot of {words(data.generated_at) or 'an unstated day'} with {data.persons_of_significant_control_count} persons and "
            f"{data.statements_count} statements; {self._counts['persons']} and {self._counts['statements']} stand before that line here"
        )


_PREFIX = "GB-COH-"
_ROLE = "role"
_MANY = 100_000
"""Combinations of natures that are remembered."""
_MOST_NATURES, _MOST_TERMS = 100, 2_000
"""Natures of control of one person that are read, and different ones that are told apart; the register has some eighty."""
_UNKNOWN = "a nature of control that is not known"
_NO_ITEMS = np.array([], np.int64)


def _details(data: _Data, ident: _Identification) -> str | None:
    """What else the register says of a person."""
    if ident is _NOTHING and not data.is_sanctioned:
        return None
    return listed(
        (
            words(ident.legal_form),
            words(ident.legal_authority),
            words(ident.place_registered),
            "the register marks it as sanctioned" if data.is_sanctioned else None,
        )
    )


def _exemptions(told: msgspec.Raw) -> list[tuple[str, str | None, str | None]]:
    """Kind, first and last day of each exemption."""
    try:
        found = msgspec.json.decode(told) if len(bytes(told)) else {}
    except (msgspec.MsgspecError, RecursionError):
        found = {}
    rows = []
    for name, exemption in found.items() if isinstance(found, dict) else ():
        if isinstance(exemption, dict):
            term = words(exemption.get("exemption_type")) or words(name) or "of no stated kind"
            periods = exemption.get("items")
            for period in periods if isinstance(periods, list) and periods else [{}]:
                period = period if isinstance(period, dict) else {}
                rows.append((term, words(period.get("exempt_from")), words(period.get("exempt_to"))))
    return rows or [("of no stated kind", None, None)]
