"""SPDX 2 JSON, streamed: packages in blocks; levels, parents and licence classes once all relations are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa

from assessor.evidence.readers.base import Reading, Row, items, listed, mapping, named, words
from assessor.evidence.readers.bills import json_elements, licences, spdx
from assessor.evidence.readers.bills.json_stream import REFUSED, Bytes, Part
from assessor.evidence.readers.rows import Told
from assessor.evidence.tables import SCHEMAS

LISTS = frozenset({"packages", "relationships", "hasExtractedLicensingInfos", "documentDescribes"})
"""Lists of a document that say something of its packages."""
_TYPES = {name: column.type for name, column in SCHEMAS["components"].items()}


class _Relation(msgspec.Struct, gc=False):
    spdxElementId: str | None = None
    relationshipType: str | None = None
    relatedSpdxElement: str | None = None


_RELATION = msgspec.json.Decoder(_Relation)


class Packages:
    """Collects the packages of one document and what relates them."""

    def __init__(self, source: str, reading: Reading) -> None:
        self._source, self._reading = source, reading
        self._blocks: list[pa.Table] = []
        self._places: list[str] = []
        self._ids: dict[str, int] = {}
        self._relations: list[Mapping[str, Any]] = []
        self._describes: list[Any] = []
        self._infos: list[Any] = []
        self._tell = Told(reading, "problems of packages")
        self._kindless: list[str] = []  # places of those whose supplier or originator has no kind

    def add(self, part: Part) -> None:
        """A run of elements of one of the `LISTS`."""
        if part.key == "packages":
            self._packages(part)
        elif part.key == "relationships":
            self._relations += [
                self._relation(element, f"{part.place}/{number}")
                for number, element in enumerate(part.elements, part.first)
            ]
        elif part.key == "documentDescribes":
            self._describes += json_elements.values(part, self._reading)
        else:
            self._infos += json_elements.values(part, self._reading)

    def finish(self, heads: Mapping[str, Any], places: Mapping[str, str]) -> None:
        """Hand all packages to the reading, now that the rest of the document is known."""
        for name in LISTS & heads.keys():
            if heads[name] is not None:
                self._reading.problem(places[name], f"{name} is no list", str(heads[name]))
        self._tell.close()
        creators = items(mapping(heads.get("creationInfo")).get("creators"))
        self._reading.notes += spdx.told_without_kind(creators, len(self._kindless), "".join(self._kindless[:1]))
        if not self._blocks:
            return
        table = pa.concat_tables(self._blocks)
        found = spdx.structure(self._describes, self._relations, self._ids)
        described = [number for number, level in found.levels.items() if level == 0]
        below = 0 if len(described) == 1 else 1  # of several described packages none is the item itself
        title = named(table["name"][described[0]].as_py()) if len(described) == 1 else None
        created = mapping(heads.get("creationInfo"))
        names = spdx.extracted(self._infos)
        proposals = [licences.propose(text, spdx.own_licences(text, names)) for text in table["license"].to_pylist()]
        above = [found.parents.get(number) for number in range(len(table))]
        columns = {
            "level": [found.levels.get(number, 1 - below) + below for number in range(len(table))],
            "parent": [None if number is None else f"{self._source}#{self._places[number]}" for number in above],
            "modified": [True if number in found.modified else None for number in range(len(table))],
            "license_class": [each.kind for each in proposals],
            "license_reason": [each.reason for each in proposals],
        }
        whole = {
            "source": self._source,
            "medium": "software",
            "item": title or named(heads.get("name")),
            "document_author": listed(spdx.agent(one) for one in items(created.get("creators"))),
            "timestamp": words(created.get("created")),
        }
        for name, values in columns.items():
            table = table.append_column(name, pa.array(values, _TYPES[name]))
        for name, text in whole.items():
            table = table.append_column(name, pa.repeat(pa.scalar(text, pa.string()), len(table)))
        self._reading.add("components", table)

    def _packages(self, part: Part) -> None:
        rows: list[Row] = []
        for number, (element, slowly) in enumerate(
            zip(part.elements, json_elements.suspicious(b",".join(part.elements), len(part.elements)), strict=True),
            part.first,
        ):
            place = f"{part.place}/{number}"
            package = self._value(element, slowly, place)
            row = spdx.facts(package, place, self._tell)
            if any(spdx.without_kind(mapping(package).get(role)) for role in ("supplier", "originator")):
                self._kindless.append(place)
            if name := row["reference"]:
                if name in self._ids:
                    first = self._places[self._ids[name]]
                    self._tell(place, f"SPDXID {name!r} is also that of {first}")
                self._ids.setdefault(name, len(self._places))
            self._places.append(place)
            rows.append(row | {"component": f"{self._source}#{place}", "locator": place})
        if rows:
            self._blocks.append(
                pa.table({name: pa.array([row[name] for row in rows], _TYPES[name]) for name in rows[0]})
            )

    def _value(self, element: Bytes, slowly: bool, place: str) -> Any:
        """An element; a doubled key is looked for by `suspicious` at its outermost level, and everywhere in the slow way."""
        if not slowly:
            try:
                return msgspec.json.decode(element)
            except REFUSED:
                pass
        return json_elements.value(element, place, self._reading)

    def _relation(self, element: Bytes, place: str) -> Mapping[str, Any]:
        try:
            return msgspec.structs.asdict(_RELATION.decode(element))
        except REFUSED:
            return mapping(json_elements.value(element, place, self._reading))
