"""SPDX 2 documents of every serialization but JSON to the table `components`: one row a package.

The readers of tag-value, YAML, RDF and XML give a mapping as in SPDX's JSON and the place of each package; the facts are
the JSON reader's. https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from assessor.evidence.readers import licences, marks, spdx
from assessor.evidence.readers.base import Reading, Row, items, listed, mapping, named, words
from assessor.evidence.readers.rows import Rows, Told

_SAYS_NOTHING = ("NOASSERTION", "NONE")
_OWN = re.compile(r"LicenseRef-[\w.-]+")


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
    levels, parents, modified = spdx.structure(root, ids)
    described = [number for number, level in levels.items() if level == 0]
    title = named(mapping(packages[described[0]]).get("name")) if len(described) == 1 else None
    extracted = extracted_names(root)
    shared: Row = {
        "source": source,
        "medium": "software",
        "item": title or named(root.get("name")),
        "document_author": listed(spdx.agent(one) for one in items(created.get("creators"))),
        "timestamp": words(created.get("created")),
    }
    rows = Rows(reading)
    for number, package in enumerate(packages):
        here = place(number)
        if not isinstance(package, dict):
            tell(here, "this package is no mapping; it is listed without any data")
        elif not words(package.get("name")):
            tell(here, "this package has no name")
        above = parents.get(number)
        told = mapping(package)
        for name in ("summary", "description"):
            if told.get(name) in _SAYS_NOTHING:  # it would hide the other one
                told = {**told, name: None}
        own = _own(told, extracted)
        row = {**shared, **spdx.row(told, own)}
        row["component"], row["locator"], row["level"] = f"{source}#{here}", here, levels.get(number, 1)
        row["parent"] = None if above is None else f"{source}#{place(above)}"
        row["modified"] = True if number in modified else None
        row.setdefault("reference", words(told.get("SPDXID")))
        row.setdefault("ecosystem", marks.ecosystem(row["purl"]))
        if "license_reason" not in row:
            row["license_reason"] = licences.propose(row["license"], own).reason
        rows.add(row)
    rows.close()
    tell.close()
    if not packages:
        reading.notes.append("no packages")
    reading.format = "spdx"
    reading.spec_version = (words(root.get("spdxVersion")) or "").removeprefix("SPDX-")


def _own(package: Mapping[str, Any], extracted: Mapping[str, str]) -> Mapping[str, str]:
    """Of the document's own licences those that the package names: there may be thousands, and each is asked often."""
    stated = f"{package.get('licenseDeclared')} {package.get('licenseConcluded')}"
    return (
        {name: extracted[name] for name in _OWN.findall(stated) if name in extracted} if "LicenseRef" in stated else {}
    )


def extracted_names(root: Mapping[str, Any]) -> dict[str, str]:
    """What the document calls the licences that it defines itself: LicenseRef-… to its name or the beginning of its text."""
    return {
        str(entry.get("licenseId")): str(words(entry.get("name")) or words(entry.get("extractedText")) or "")[:200]
        for entry in map(mapping, items(root.get("hasExtractedLicensingInfos")))
    }
