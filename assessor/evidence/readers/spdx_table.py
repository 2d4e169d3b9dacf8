"""SPDX 2 documents of every serialization but JSON to the table `components`: one row a package.

The readers of tag-value, YAML, RDF and XML give a mapping as in SPDX's JSON and the place of each package; the facts are
the JSON reader's. Packages whose facts come as columns stay columns. https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import licences, marks, spdx
from assessor.evidence.readers.base import ABSENT, Reading, Row, items, listed, mapping, named, words
from assessor.evidence.readers.rows import Rows, Told
from assessor.evidence.readers.spdx_lines import Packages, Stated

_ABSENT = pa.array(sorted(ABSENT), pa.string())
_SORTED = msgspec.json.Encoder(order="sorted")


def fill(reading: Reading, root: Mapping[str, Any], source: str, place: Callable[[int], str]) -> None:
    """Add every package of `root["packages"]`; `place(number)` is its locator. Sets format and version too."""
    packages = items(root.get("packages"))
    tell = Told(reading, "problems of packages")
    ids = _identified([words(mapping(package).get("SPDXID")) for package in packages], place, tell)
    found = spdx.structure(items(root.get("documentDescribes")), items(root.get("relationships")), ids)
    shared, below = _shared(root, found, lambda number: mapping(packages[number]).get("name"), source)
    names = spdx.extracted(items(root.get("hasExtractedLicensingInfos")))
    rows = Rows(reading)
    nothing, kindless = _nothing(), list[str]()
    for number, package in enumerate(packages):
        here, above = place(number), found.parents.get(number)
        if package == {}:
            tell(here, nothing[1])
            row = {**shared, **nothing[0]}
        else:
            row = {**shared, **spdx.facts(package, here, tell)}
            if any(spdx.without_kind(mapping(package).get(role)) for role in ("supplier", "originator")):
                kindless.append(here)
        proposal = licences.propose(row["license"], spdx.own_licences(row["license"], names))
        row["license_class"], row["license_reason"] = proposal.kind, proposal.reason
        row["component"], row["locator"] = f"{source}#{here}", here
        row["level"] = found.levels.get(number, 1 - below) + below
        row["parent"] = None if above is None else f"{source}#{place(above)}"
        row["modified"] = True if number in found.modified else None
        rows.add(row)
    rows.close()
    tell.close()
    creators = items(mapping(root.get("creationInfo")).get("creators"))
    reading.notes += spdx.told_without_kind(creators, len(kindless), "".join(kindless[:1]))
    if not packages:
        reading.notes.append("no packages")
    _told(reading, root)


def fill_columns(reading: Reading, root: Mapping[str, Any], packages: Packages, source: str) -> None:
    """The same for packages whose facts come as columns: each column says what `spdx.facts` says of each package."""
    count = len(packages.lines)
    facts = packages.facts
    places = pc.binary_join_element_wise("line ", pa.array(packages.lines).cast(pa.string()), "")
    identities = pc.binary_join_element_wise(f"{source}#", places, "")
    tell = Told(reading, "problems of packages")
    references, names = _text(facts["SPDXID"]), _text(facts["name"])
    ids = _identified(references.to_pylist(), lambda number: str(places[number]), tell)
    for number in pc.indices_nonzero(names.is_null()).to_pylist():
        tell(str(places[number]), "this package has no name")
    triples = zip(*(_text(each).fill_null("").to_pylist() for each in packages.relations), strict=True)
    found = spdx.linked((), ((left, kind.upper(), right) for left, kind, right in triples), ids)
    shared, below = _shared(root, found, lambda number: names[number].as_py(), source)
    own = spdx.extracted(items(root.get("hasExtractedLicensingInfos")))
    licence = pc.coalesce(_each(facts["licenseDeclared"], named), _each(facts["licenseConcluded"], named))
    purpose = _text(facts["primaryPackagePurpose"])
    purls = _reference(packages, ("purl",))
    columns = {
        "component": identities,
        "reference": references,
        "name": names,
        "version": _text(facts["versionInfo"]),
        "type": purpose,
        "description": pc.coalesce(_each(facts["summary"], spdx.said), _each(facts["description"], spdx.said)),
        "supplier": _each(facts["supplier"], spdx.agent),
        "author": _each(facts["originator"], spdx.agent),
        "license": licence,
        "license_class": _each(licence, lambda text: licences.propose(text, spdx.own_licences(text, own)).kind),
        "license_reason": _each(licence, lambda text: licences.propose(text, spdx.own_licences(text, own)).reason),
        "firmware": _each(purpose, lambda text: None if text is None else text.upper() == "FIRMWARE", pa.bool_()),
        "modified": pa.array([True if number in found.modified else None for number in range(count)], pa.bool_()),
        "purl": purls,
        "ecosystem": pa.array([purl and marks.ecosystem(purl) for purl in purls.to_pylist()], pa.string()),
        "cpe": _reference(packages, ("cpe23Type", "cpe22Type")),
        "hashes": _digests(packages.checksums, count),
        "level": pa.array([found.levels.get(number, 1 - below) + below for number in range(count)], pa.int64()),
        "parent": identities.take(pa.array([found.parents.get(number) for number in range(count)], pa.int64())),
        "locator": places,
    }
    columns |= {name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in shared.items()}
    reading.add("components", pa.table(columns))
    tell.close()
    kindless = pc.or_(*(_each(facts[role], spdx.without_kind, pa.bool_()) for role in ("supplier", "originator")))
    first = pc.index(kindless, True).as_py()
    creators = items(mapping(root.get("creationInfo")).get("creators"))
    reading.notes += spdx.told_without_kind(
        creators, pc.sum(kindless).as_py() or 0, str(places[first]) if first >= 0 else ""
    )
    _told(reading, root)


def _nothing() -> tuple[Row, str]:
    """What a package without any fact says and what is told of it, found out once: a file may hold very many of them."""
    told: list[str] = []
    facts = spdx.facts({}, "", lambda place, message, excerpt: told.append(message))
    return facts, told[0]


def _identified(names: list[str | None], place: Callable[[int], str], tell: Told) -> dict[str, int]:
    """Packages by their identifiers; of several with the same one the first, and the others are told."""
    ids: dict[str, int] = {}
    for number, name in enumerate(names):
        if name and (first := ids.setdefault(name, number)) != number:
            tell(place(number), f"SPDXID {name!r} is also that of the package at {place(first)}")
    return ids


def _shared(
    root: Mapping[str, Any], found: spdx.Structure, name: Callable[[int], object], source: str
) -> tuple[Row, int]:
    """What the document says of all its packages, and by how much the structure hangs below the item."""
    described = [number for number, level in found.levels.items() if level == 0]
    title = named(name(described[0])) if len(described) == 1 else None
    created = mapping(root.get("creationInfo"))
    shared: Row = {
        "source": source,
        "medium": "software",
        "item": title or named(root.get("name")),
        "document_author": listed(spdx.agent(one) for one in items(created.get("creators"))),
        "timestamp": words(created.get("created")),
    }
    return shared, 0 if len(described) == 1 else 1  # of several described packages none is the item itself


def _told(reading: Reading, root: Mapping[str, Any]) -> None:
    reading.format = "spdx"
    reading.spec_version = (words(root.get("spdxVersion")) or "").removeprefix("SPDX-")


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
