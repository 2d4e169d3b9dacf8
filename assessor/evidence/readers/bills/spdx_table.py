"""SPDX 2 documents of every serialization but JSON to the table `components`: one row a package.

The readers of tag-value, YAML, RDF and XML give a mapping as in SPDX's JSON and the place of each package; the facts are
the JSON reader's. Of a document with many packages they are drawn column by column, which says the same and takes a third
of the time; packages that come as columns stay columns. https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers.base import ABSENT, Reading, Row, items, listed, mapping, named, words
from assessor.evidence.readers.bills import licences, marks, spdx
from assessor.evidence.readers.bills.cyclonedx_json import FEW, MOST
from assessor.evidence.readers.bills.json_stream import EMPTY
from assessor.evidence.readers.bills.spdx_lines import Packages, Stated
from assessor.evidence.readers.rows import Told, shared_text

_ABSENT = pa.array(sorted(ABSENT), pa.string())
_SORTED = msgspec.json.Encoder(order="sorted")
_TEXTS = ("name", "SPDXID", "versionInfo", "supplier", "originator", "licenseDeclared", "licenseConcluded")
_FACTS = (*_TEXTS, "primaryPackagePurpose", "summary", "description")
_ROLES = ("supplier", "originator")
_MOST_TOLD = 20
_SAYS = ("no object; it is listed without any data", "no name")


@dataclass
class _Columns:
    """The packages of a document as columns: their facts by their keys in SPDX's JSON, and the place of each."""

    places: pa.Array
    facts: dict[str, pa.Array]
    purls: pa.Array
    cpes: pa.Array
    hashes: pa.Array


class Documents:
    """Adds the packages of the documents of one file to a reading; `close` must follow the last."""

    def __init__(self, reading: Reading, source: str) -> None:
        self._reading, self._source = reading, source
        self._tell = Told(reading, "problems of packages")
        self._count = self._empty = self._left = 0
        self._creators: list[object] = []  # those of whom it is not said what they are
        self._kindless, self._first = 0, ""
        reading.format = "spdx"

    @property
    def full(self) -> bool:
        """There is no room for more packages."""
        return self._count >= MOST

    def add(self, root: Mapping[str, Any], place: Callable[[int], str], prefix: str = "") -> None:
        """Add every package of `root["packages"]`; `place(number)` is its locator, `prefix` that of the document."""
        packages = items(root.get("packages"))
        numbers = self._listed(packages, place)
        if len(numbers) < len(packages):
            packages, every = [packages[number] for number in numbers], place
            place = lambda number: every(numbers[number])  # noqa: E731
        ids = self._identified([words(mapping(package).get("SPDXID")) for package in packages], place)
        found = spdx.structure(items(root.get("documentDescribes")), items(root.get("relationships")), ids)
        title = self._item(root, found, lambda number: mapping(packages[number]).get("name"))
        shared = self._shared(root, title, prefix)
        if len(packages) < FEW:
            self._rows(root, packages, place, found, shared)
        else:
            self._block(root, self._columns(packages, place), found, shared)

    def add_columns(self, root: Mapping[str, Any], packages: Packages) -> None:
        """The same for packages whose facts come as columns, of which those are left that are listed (see `bounded`)."""
        count, facts = len(packages.lines), packages.facts
        places = pc.binary_join_element_wise("line ", pa.array(packages.lines).cast(pa.string()), "")
        columns = _Columns(
            places,
            {name: _text(column) for name, column in facts.items()},
            _reference(packages, ("purl",)),
            _reference(packages, ("cpe23Type", "cpe22Type")),
            _digests(packages.checksums, count),
        )
        ids = self._identified(columns.facts["SPDXID"].to_pylist(), lambda number: str(places[number]))
        for number in np.flatnonzero(columns.facts["name"].is_null()).tolist():
            self._tell(str(places[number]), f"this package has {_SAYS[1]}")
        triples = zip(*(_text(each).fill_null("").to_pylist() for each in packages.relations), strict=True)
        found = spdx.linked((), ((left, kind.upper(), right) for left, kind, right in triples), ids)
        title = self._item(root, found, lambda number: columns.facts["name"][number].as_py())
        self._block(root, columns, found, self._shared(root, title, ""))

    def close(self) -> None:
        """Tell what is not listed."""
        if self._left:
            self._reading.problem("", f"{self._left:,} more packages say nothing; they are not listed")
        self._tell.close()
        if self._count and not self._reading.spec_version:
            message = "the document does not say its format; it is read as SPDX, as its packages suggest"
            self._reading.problem("", message)
        self._reading.notes += spdx.told_without_kind(self._creators, self._kindless, self._first)
        if not self._count:
            self._reading.notes.append("no packages")
            self._reading.tables.setdefault("components", [])

    def _listed(self, packages: Sequence[Any], place: Callable[[int], str]) -> Sequence[int]:
        """The numbers of the packages that are listed: of those that say nothing the first, and of all as many as there is
        room for."""
        kept = [
            number
            for number, package in enumerate(packages)
            if (isinstance(package, dict) and any(package.values())) or self._thin()
        ]
        return kept[: self._room(len(kept), lambda number: place(kept[number]))]

    def bounded(self, packages: Packages) -> Packages:
        """Of packages whose facts come as columns those that are listed (see `_listed`)."""
        says = np.zeros(len(packages.lines), bool)
        for column in packages.facts.values():
            says |= pc.fill_null(pc.not_equal(column, ""), False).to_numpy(zero_copy_only=False)
        says[packages.references.numbers] = says[packages.checksums.numbers] = True
        thin, few = np.flatnonzero(~says), max(0, EMPTY - self._empty)
        says[thin[:few]] = True
        self._empty += len(thin)
        self._left += len(thin[few:])
        kept = np.flatnonzero(says)
        room = self._room(len(kept), lambda number: f"line {packages.lines[kept[number]]}")
        return packages if room == len(packages.lines) else packages.take(kept[:room])

    def _thin(self) -> bool:
        """Count a package that says nothing; whether it is to be listed all the same."""
        self._empty += 1
        self._left += self._empty > EMPTY
        return self._empty <= EMPTY

    def _room(self, wanted: int, place: Callable[[int], str]) -> int:
        """For how many of so many packages there is room; that there is for no more is told once, with the place."""
        room = min(wanted, MOST - self._count)
        if room < wanted and not self.full:
            message = f"more than {MOST:,} packages stand in this file; those from here on are not read, so deliver it in parts"
            self._reading.problem(place(room), message)
        self._count += room
        return room

    def _identified(self, names: list[str | None], place: Callable[[int], str]) -> dict[str, int]:
        """Packages by their identifiers; of several with the same one the first, and the others are told."""
        ids: dict[str, int] = {}
        for number, name in enumerate(names):
            if name and (first := ids.setdefault(name, number)) != number:
                self._tell(place(number), f"SPDXID {name[:120]!r} is also that of the package at {place(first)}")
        return ids

    def _item(self, root: Mapping[str, Any], found: spdx.Structure, name: Callable[[int], object]) -> str | None:
        """The name of what the document describes, where that is one package, and otherwise of the document."""
        described = [number for number, level in found.levels.items() if level == 0]
        return (named(name(described[0])) if len(described) == 1 else None) or named(root.get("name"))

    def _shared(self, root: Mapping[str, Any], title: str | None, prefix: str) -> Row:
        """What the document says of all its packages."""
        created = mapping(root.get("creationInfo"))
        author = listed(spdx.agent(one) for one in items(created.get("creators")))
        kindless = (one for one in items(created.get("creators")) if spdx.without_kind(one))
        self._creators += [one for one in islice(kindless, _MOST_TOLD) if one not in self._creators]
        del self._creators[_MOST_TOLD:]
        if not self._reading.spec_version:
            self._reading.spec_version = spdx.version(root.get("spdxVersion"))
        return {
            "source": self._source,
            "medium": "software",
            "item": shared_text(self._reading, prefix, "the name of the item", title),
            "document_author": shared_text(self._reading, prefix, "the author of the document", author),
            "timestamp": shared_text(self._reading, prefix, "the timestamp", words(created.get("created"))),
        }

    def _rows(
        self,
        root: Mapping[str, Any],
        packages: Sequence[Any],
        place: Callable[[int], str],
        found: spdx.Structure,
        shared: Row,
    ) -> None:
        names, below = spdx.extracted(items(root.get("hasExtractedLicensingInfos"))), _below(found)
        for number, package in enumerate(packages):
            here, above = place(number), found.parents.get(number)
            row = {**shared, **spdx.facts(package, here, self._tell)}
            if any(spdx.without_kind(mapping(package).get(role)) for role in _ROLES):
                self._kindless, self._first = self._kindless + 1, self._first or here
            proposal = licences.propose(row["license"], spdx.own_licences(row["license"], names))
            row["license_class"], row["license_reason"] = proposal.kind, proposal.reason
            row["component"], row["locator"] = f"{self._source}#{here}", here
            row["level"] = found.levels.get(number, 1 - below) + below
            row["parent"] = None if above is None else f"{self._source}#{place(above)}"
            row["modified"] = True if number in found.modified else None
            self._reading.add("components", row)

    def _columns(self, packages: Sequence[Any], place: Callable[[int], str]) -> _Columns:
        """Packages as in JSON by columns."""
        each = [mapping(package) for package in packages]
        facts = {name: pa.array([words(package.get(name)) for package in each], pa.string()) for name in _FACTS}
        for number in np.flatnonzero(facts["name"].is_null()).tolist():
            no_object = not isinstance(packages[number], dict)
            excerpt = str(packages[number])[:1000] if no_object else ""
            message = f"this package is {_SAYS[0]}" if no_object else f"this package has {_SAYS[1]}"
            self._tell(place(number), message, excerpt)
        references = [spdx.references(package) if "externalRefs" in package else (None, None) for package in each]
        return _Columns(
            pa.array([place(number) for number in range(len(each))], pa.string()),
            facts,
            pa.array([purl for purl, _ in references], pa.string()),
            pa.array([cpe for _, cpe in references], pa.string()),
            pa.array([spdx.digests(package) if "checksums" in package else None for package in each], pa.string()),
        )

    def _block(self, root: Mapping[str, Any], packages: _Columns, found: spdx.Structure, shared: Row) -> None:
        """Rows out of columns: each says what `spdx.facts` says of each package."""
        count, facts, below = len(packages.places), packages.facts, _below(found)
        identities = pc.binary_join_element_wise(f"{self._source}#", packages.places, "")
        own = spdx.extracted(items(root.get("hasExtractedLicensingInfos")))
        licence = pc.coalesce(_each(facts["licenseDeclared"], named), _each(facts["licenseConcluded"], named))
        purpose = facts["primaryPackagePurpose"]
        columns = {
            "component": identities,
            "reference": facts["SPDXID"],
            "name": facts["name"],
            "version": facts["versionInfo"],
            "type": purpose,
            "description": pc.coalesce(_each(facts["summary"], spdx.said), _each(facts["description"], spdx.said)),
            "supplier": _each(facts["supplier"], spdx.agent),
            "author": _each(facts["originator"], spdx.agent),
            "license": licence,
            **_proposals(licence, own),
            "firmware": _each(purpose, lambda text: None if text is None else text.upper() == "FIRMWARE", pa.bool_()),
            "modified": pa.array([True if number in found.modified else None for number in range(count)], pa.bool_()),
            "purl": packages.purls,
            "ecosystem": pa.array([purl and marks.ecosystem(purl) for purl in packages.purls.to_pylist()], pa.string()),
            "cpe": packages.cpes,
            "hashes": packages.hashes,
            "level": pa.array([found.levels.get(number, 1 - below) + below for number in range(count)], pa.int64()),
            "parent": identities.take(pa.array([found.parents.get(number) for number in range(count)], pa.int64())),
            "locator": packages.places,
        }
        columns |= {name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in shared.items()}
        self._reading.add("components", pa.table(columns))
        kindless = pc.or_(*(_each(facts[role], spdx.without_kind, pa.bool_()) for role in _ROLES))
        if (first := pc.index(kindless, True).as_py()) >= 0:
            self._kindless += pc.sum(kindless).as_py()
            self._first = self._first or str(packages.places[first])


def _below(found: spdx.Structure) -> int:
    """By how much the structure hangs below the item: of several described packages none is the item itself."""
    return 0 if sum(level == 0 for level in found.levels.values()) == 1 else 1


def _proposals(licence: pa.Array, own: Mapping[str, str]) -> dict[str, pa.Array]:
    """The classes of licences and why, each licence understood once."""
    coded = licence.dictionary_encode(null_encoding="encode")
    found = [licences.propose(text, spdx.own_licences(text, own)) for text in coded.dictionary.to_pylist()]
    return {
        "license_class": pa.array([each.kind for each in found], pa.string()).take(coded.indices),
        "license_reason": pa.array([each.reason for each in found], pa.string()).take(coded.indices),
    }


def _text(column: pa.Array) -> pa.Array:
    """`words` for a column of texts that can all be printed and have no blanks around them."""
    return pc.if_else(pc.is_in(pc.utf8_lower(column), _ABSENT), None, column)


def _each(column: pa.Array, meaning: Callable[[str | None], Any], type: pa.DataType | None = None) -> pa.Array:
    """What each text of a column means, asked once for all that are the same."""
    told = column.dictionary_encode(null_encoding="encode")
    return pa.array([meaning(text) for text in told.dictionary.to_pylist()], type or pa.string()).take(told.indices)


def _reference(packages: Packages, kinds: tuple[str, ...]) -> pa.Array:
    """The first external reference of one of the kinds, for each package."""
    stated = packages.references
    hit = pc.is_in(packages.kinds, pa.array(kinds))
    numbers = stated.numbers[hit.to_numpy(zero_copy_only=False)]
    return _text(Stated(stated.values.filter(hit), numbers).of(len(packages.lines)))


def _digests(stated: Stated, count: int) -> pa.Array:
    """The digests of each package as a JSON object."""
    found: list[dict[str, str]] = [{} for _ in range(count)]
    plain = True
    for number, text in zip(stated.numbers.tolist(), stated.values.to_pylist(), strict=True):
        algorithm, _, digest = text.partition(":")
        algorithm, digest = algorithm.strip(), digest.strip()
        if len(digest) > 6 and digest.isalnum() and algorithm.isalnum():
            found[number][algorithm] = digest
        elif told := words(digest):
            found[number][algorithm] = told
            plain = False
    if plain:  # then nothing is to be escaped, and the quick encoder writes the same
        lines = _SORTED.encode_lines(found).decode().split("\n")
    else:
        lines = [json.dumps(each, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for each in found]
    return pa.array([line if each else None for line, each in zip(lines, found, strict=False)], pa.string())
