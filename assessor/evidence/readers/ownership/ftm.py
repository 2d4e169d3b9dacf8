"""FollowTheMoney JSON Lines to `entities` and `interests`; also the screening lists that are published in that format.

Persons, companies, organisations, legal entities, public bodies and assets are entities. `jurisdiction` says where one is
organised, `nationality` and `citizenship` where a person is a citizen; `country` and `mainCountry` are associations of no
certain meaning and stand in the details only, as topics and lists do. Links between entities are in `ftm_links.py`.

A list of sanctioned or debarred names is no record of a screening: nothing in it says that a supplier was compared with it,
when, or with which result. So nothing of it goes to the table `screening`, which is evidence of what the client did. Its names
are entities like any others, against which suppliers are matched, with topics and programmes in the details.
https://followthemoney.tech/explorer/schemata/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from assessor.evidence.readers.base import Countries, Reading, Unreadable, listed, words
from assessor.evidence.readers.ownership import ftm_links, lines
from assessor.evidence.readers.ownership.columns import at_lines, countries, table
from assessor.evidence.readers.ownership.ftm_links import Link, Links
from assessor.evidence.readers.rows import Told, frugal

Texts = tuple[str, ...]
_KINDS = {
    "Person": "person",
    "Company": "organisation",
    "Organization": "organisation",
    "PublicBody": "state",
    "LegalEntity": "unknown",
    "Asset": "unknown",
}
_KEYS = ("id", "schema", "properties")
_TOLD = ("topics", "lists", "programme", "country", "main country", "legal form", "status", "numbers")
_MOST, _MANY = 20, 100_000
"""Numbers of one entity that its details show, and different details that are remembered."""


class _Properties(msgspec.Struct, gc=False, rename="camel"):
    """The properties that are read."""

    name: Texts = ()
    alias: Texts = ()
    weak_alias: Texts = ()
    previous_name: Texts = ()
    abbreviation: Texts = ()
    first_name: Texts = ()
    last_name: Texts = ()
    jurisdiction: Texts = ()
    country: Texts = ()
    main_country: Texts = ()
    nationality: Texts = ()
    citizenship: Texts = ()
    lei_code: Texts = ()
    usc_code: Texts = ()
    ogrn_code: Texts = ()
    inn_code: Texts = ()
    registration_number: Texts = ()
    topics: Texts = ()
    program: Texts = ()
    legal_form: Texts = ()
    status: Texts = ()
    parent: Texts = ()


class _Entity(msgspec.Struct, gc=False):
    id: str | None = None
    schema: str | None = None
    properties: msgspec.Raw = msgspec.Raw()
    datasets: Texts = ()


_PROPERTIES = msgspec.json.Decoder(_Properties)
_LINK = msgspec.json.Decoder(Link)


def recognised(first: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the objects on the first lines of a file are entities of FollowTheMoney."""
    return any(
        isinstance(each.get("id"), str)
        and isinstance(schema := each.get("schema"), str)
        and schema[:1].isupper()
        and isinstance(each.get("properties"), dict)
        for each in first
    )


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Entities and interests; locators are `line N`. Raises Unreadable when no line is an entity of the format."""
    export = _Export(source, rule)
    known = False
    for records, numbers in lines.blocks(path, _Entity, _KEYS, export.reading):
        known |= any(record.schema is not None and len(bytes(record.properties)) > 0 for record in records)
        export.block(records, numbers)
    if not known:
        raise Unreadable("no line is an entity of FollowTheMoney")
    return export.close()


_Found = list[tuple[int, _Entity, _Properties]]


class _Export:
    """Collects the rows of one file."""

    def __init__(self, source: str, rule: Countries) -> None:
        self.reading = Reading(tables={"entities": [], "interests": []})
        self._source, self._rule = source, rule
        self._tell = Told(self.reading, "problems of records")
        self._countries = countries(rule, "the country", self._tell)
        self._links = Links(source, self.reading, self._tell)
        self._others: Counter[str] = Counter()
        self._citizenships: dict[Texts, str | None] = {(): None}
        self._organised: dict[Texts, str | None] = {(): None}
        self._details: dict[tuple[Texts, ...], str | None] = {}

    def block(self, records: Sequence[_Entity], numbers: Sequence[int]) -> None:
        """The rows of a block of lines."""
        for known in (self._citizenships, self._organised):
            if len(known) > _MANY:
                known.clear()
                known[()] = None
        found: _Found = []
        for number, record in zip(numbers, records, strict=True):
            schema = record.schema
            if schema is None or record.id is None:
                self._tell(f"line {number}", "the record has no id or no schema; it is not read", "")
            elif schema in _KINDS:
                found.append((number, record, self._decoded(record, _PROPERTIES, _Properties, number)))
            elif schema in ftm_links.SCHEMATA:
                link = self._decoded(record, _LINK, Link, number)
                self._links.add(record.id, schema, link, number)
            else:
                self._others[schema[:40]] += 1
        if found:
            self._entities(found)
        self._links.flush()

    def close(self) -> Reading:
        """The reading, with a note of what is no entity and no interest."""
        if self._others:
            shown = ", ".join(f"{count:,} {schema}" for schema, count in sorted(self._others.items())[:20])
            self.reading.notes.append(f"records that are neither parties nor interests are not read: {shown}")
        self._links.close()
        self._tell.close()
        return self.reading

    def _decoded(self, record: _Entity, decoder: Any, type: Any, number: int) -> Any:
        """The properties of a record; those of the wrong type are told and left out."""
        try:
            return decoder.decode(record.properties)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            place = f"line {number}"
            try:
                value = msgspec.json.decode(record.properties)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                value = None
            if not isinstance(value, dict):
                self._tell(place, "the properties of this record cannot be read", "")
                return type()
            return lines.mended(value, type, "/properties", lambda at, said: self._tell(place, f"{at}: {said}", ""))

    def _entities(self, found: _Found) -> None:
        numbers = [number for number, _, _ in found]
        kinds = [_KINDS[record.schema] for _, record, _ in found]  # type: ignore[index]
        every = [properties for _, _, properties in found]

        def place(at: int) -> str:
            return f"line {numbers[at]}"

        names = [_names(p) for p in every]
        persons = [kind == "person" for kind in kinds]
        citizenship = [
            self._codes((*p.nationality, *p.citizenship), place(at)) if persons[at] else None
            for at, p in enumerate(every)
        ]
        columns = {
            "locator": at_lines(numbers),
            "entity": [words(record.id) for _, record, _ in found],
            "name": [told[0] if told else None for told in names],
            "names": [listed(told[1:]) if len(told) > 1 else None for told in names],
            "kind": kinds,
            "incorporated": [
                self._one(p.jurisdiction, place(at)) if not persons[at] else None for at, p in enumerate(every)
            ],
            "citizenship": citizenship,
            "us_status": ["citizen" if codes is not None and "US" in codes else None for codes in citizenship],
            "lei": [_first(p.lei_code) for p in every],
            "registration": [
                _first(p.usc_code) or _first(p.ogrn_code) or _first(p.registration_number) or _first(p.inn_code)
                for p in every
            ],
            "details": [self._told(record, p) for _, record, p in found],
        }
        self.reading.add("entities", table("entities", self._source, len(found), columns))
        for number, record, properties in found:
            if properties.parent:
                self._links.parents(str(record.id), properties.parent, number)

    def _told(self, record: _Entity, p: _Properties) -> str | None:
        """Topics, lists, programmes, countries of no certain meaning, and further identifiers, each with its name."""
        numbers = (*p.registration_number, *p.ogrn_code, *p.inn_code, *p.lei_code[1:])
        further = tuple(dict.fromkeys(numbers))[:_MOST] if len(numbers) > 1 else ()
        key = (p.topics, record.datasets, p.program, p.country, p.main_country, p.legal_form, p.status, further)
        if key not in self._details:
            if len(self._details) > _MANY:  # a file in which nothing repeats must not fill the memory
                self._details = {}
            told = zip(_TOLD, key, strict=True)
            parts = [f"{what}: {', '.join(filter(None, map(words, texts)))}" for what, texts in told if texts]
            self._details[key] = listed(parts)
        return self._details[key]

    def _codes(self, texts: Texts, place: str) -> str | None:
        """The codes of nationalities. One that is not known leaves all of it open: it may be the one that counts."""
        if texts not in self._citizenships:
            codes = self._countries.of([words(text) for text in texts], lambda at: place)
            self._citizenships[texts] = None if None in codes else listed(dict.fromkeys(codes))
        return self._citizenships[texts]

    def _one(self, texts: Texts, place: str) -> str | None:
        """The code of a country of organisation; several leave it open."""
        if len(texts) > 1:
            texts = tuple(dict.fromkeys(texts))
        if texts not in self._organised:
            codes = set(self._countries.of([words(text) for text in texts], lambda at: place))
            self._organised[texts] = codes.pop() if len(codes) == 1 else None
        if len(texts) > 1 and self._organised[texts] is None:
            self._tell(place, f"several jurisdictions are stated ({', '.join(texts)[:80]}); it is left open", "")
        return self._organised[texts]


def _names(p: _Properties) -> list[str]:
    """All names, the first of which is the name."""
    if len(p.name) == 1 and not (p.alias or p.previous_name or p.weak_alias or p.abbreviation):
        name = words(p.name[0])
        return [name] if name else []
    found = [words(text) for text in (*p.name, *p.alias, *p.previous_name, *p.weak_alias, *p.abbreviation)]
    if not found and (p.first_name or p.last_name):
        found = [" ".join(filter(None, (_first(p.first_name), _first(p.last_name))))]
    return [name for name in dict.fromkeys(found) if name]


def _first(texts: Texts) -> str | None:
    return words(texts[0]) if texts else None
