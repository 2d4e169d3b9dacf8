"""SPDX 2 documents of every serialization but JSON to the table `components`: one row a package.

The readers of tag-value, YAML, RDF and XML give a mapping as in SPDX's JSON and the place of each package; the facts are
the JSON reader's. https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assessor.evidence.readers import licences, spdx
from assessor.evidence.readers.base import Reading, Row, items, listed, mapping, named, words
from assessor.evidence.readers.rows import Rows, Told


def fill(reading: Reading, root: Mapping[str, Any], source: str, place: Callable[[int], str]) -> None:
    """Add every package of `root["packages"]`; `place(number)` is its locator. Sets format and version too."""
    created = mapping(root.get("creationInfo"))
    packages = items(root.get("packages"))
    ids: dict[str, int] = {}
    tell = Told(reading, "problems of packages")
    for number, package in enumerate(packages):
        if name := words(mapping(package).get("SPDXID")):
            if name in ids:
                tell(place(number), f"SPDXID {name!r} is also that of the package at {place(ids[name])}")
            ids.setdefault(name, number)
    found = spdx.structure(items(root.get("documentDescribes")), items(root.get("relationships")), ids)
    described = [number for number, level in found.levels.items() if level == 0]
    below = 0 if len(described) == 1 else 1  # of several described packages none is the item itself
    title = named(mapping(packages[described[0]]).get("name")) if len(described) == 1 else None
    names = spdx.extracted(items(root.get("hasExtractedLicensingInfos")))
    shared: Row = {
        "source": source,
        "medium": "software",
        "item": title or named(root.get("name")),
        "document_author": listed(spdx.agent(one) for one in items(created.get("creators"))),
        "timestamp": words(created.get("created")),
    }
    rows = Rows(reading)
    for number, package in enumerate(packages):
        here, above = place(number), found.parents.get(number)
        row = {**shared, **spdx.facts(package, here, tell)}
        proposal = licences.propose(row["license"], spdx.own_licences(row["license"], names))
        row["license_class"], row["license_reason"] = proposal.kind, proposal.reason
        row["component"], row["locator"] = f"{source}#{here}", here
        row["level"] = found.levels.get(number, 1 - below) + below
        row["parent"] = None if above is None else f"{source}#{place(above)}"
        row["modified"] = True if number in found.modified else None
        rows.add(row)
    rows.close()
    tell.close()
    if not packages:
        reading.notes.append("no packages")
    reading.format = "spdx"
    reading.spec_version = (words(root.get("spdxVersion")) or "").removeprefix("SPDX-")
