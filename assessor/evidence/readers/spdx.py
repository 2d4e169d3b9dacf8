"""SPDX JSON 2.2 and 2.3 to the table `components`: one row a package.

The package that the document describes is the root (level 0) and names the item; packages below it are found through
CONTAINS and DEPENDS_ON, others stand on level 1 without a parent. https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assessor.evidence.readers import json_text, licences
from assessor.evidence.readers.base import Countries, Reading, Row, Unreadable, items, listed, mapping, named, words

_AGENT = re.compile(r"(person|organi[sz]ation|tool)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_CONTACT = re.compile(r"\s*\((?:[^()]*@[^()]*)?\)\s*$")
_DOWN = {"CONTAINS", "DEPENDS_ON"}
_UP = {"CONTAINED_BY", "DEPENDENCY_OF"}


def recognised(document: object) -> bool:
    """Whether a JSON document is SPDX 2.x."""
    return str(mapping(document).get("spdxVersion", "")).startswith("SPDX-2")


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#pointer`. Raises Unreadable when it is no SPDX 2 JSON."""
    document, problems = json_text.load(path.read_bytes())
    prefix, root = json_text.unwrapped(document)
    if not recognised(root):
        raise Unreadable("not an SPDX 2.2 or 2.3 document")
    reading = Reading(problems=problems)
    created = mapping(root.get("creationInfo"))
    packages = items(root.get("packages"))
    if "packages" in root and not isinstance(root["packages"], list):
        reading.problem(f"{prefix}/packages", "packages is no list")
    ids: dict[str, int] = {}
    for number, package in enumerate(packages):
        if name := words(mapping(package).get("SPDXID")):
            if name in ids:
                reading.problem(f"{prefix}/packages/{number}", f"SPDXID {name!r} is also that of package {ids[name]}")
            ids.setdefault(name, number)
    levels, parents, modified = structure(root, ids)
    described = [number for number, level in levels.items() if level == 0]
    title = named(mapping(packages[described[0]]).get("name")) if len(described) == 1 else None
    extracted = {
        str(entry.get("licenseId")): str(words(entry.get("name")) or words(entry.get("extractedText")) or "")[:200]
        for entry in map(mapping, items(root.get("hasExtractedLicensingInfos")))
    }
    shared: Row = {
        "source": source,
        "medium": "software",
        "item": title or named(root.get("name")),
        "document_author": listed(agent(one) for one in items(created.get("creators"))),
        "timestamp": words(created.get("created")),
    }
    for number, package in enumerate(packages):
        place = f"{prefix}/packages/{number}"
        if not isinstance(package, dict):
            reading.problem(place, "this package is no JSON object; it is listed without any data")
        elif not words(package.get("name")):
            reading.problem(place, "this package has no name")
        above = parents.get(number)
        reading.add(
            "components",
            {
                **shared,
                **row(mapping(package), extracted),
                "component": f"{source}#{place}",
                "locator": place,
                "level": levels.get(number, 1),
                "parent": None if above is None else f"{source}#{prefix}/packages/{above}",
                "modified": True if number in modified else None,
            },
        )
    if not packages:
        reading.tables["components"] = []
        reading.notes.append("no packages")
    return reading


def agent(value: object) -> str | None:
    """The name in "Organization: Name (mail@example.org)"; None for a tool, NOASSERTION and NONE."""
    text = named(value)
    if text is None:
        return None
    if match := _AGENT.fullmatch(text):
        if match[1].casefold() == "tool":
            return None
        text = match[2]
    return named(_CONTACT.sub("", text))


def structure(root: Mapping[str, Any], ids: Mapping[str, int]) -> tuple[dict[int, int], dict[int, int], set[int]]:
    """Level and parent of each package that hangs below a described one, and the packages said to be modified."""
    roots = [ids[name] for name in map(words, items(root.get("documentDescribes"))) if name and name in ids]
    below: dict[int, list[int]] = {}
    modified: set[int] = set()
    for relation in map(mapping, items(root.get("relationships"))):
        left, right = words(relation.get("spdxElementId")) or "", words(relation.get("relatedSpdxElement")) or ""
        kind = str(relation.get("relationshipType")).upper()
        if kind == "DESCRIBES" and right in ids:
            roots.append(ids[right])
        elif kind == "DESCRIBED_BY" and left in ids:
            roots.append(ids[left])
        elif kind == "PATCH_APPLIED" and right in ids:  # left is the patch
            modified.add(ids[right])
        elif kind == "FILE_MODIFIED" and left in ids:  # left was made from right
            modified.add(ids[left])
        elif left in ids and right in ids and kind in _DOWN | _UP:
            upper, lower = (left, right) if kind in _DOWN else (right, left)
            below.setdefault(ids[upper], []).append(ids[lower])
    levels = dict.fromkeys(sorted(set(roots)), 0)
    parents: dict[int, int] = {}
    todo = deque(levels)
    while todo:
        above = todo.popleft()
        for number in below.get(above, ()):
            if number not in levels:
                levels[number], parents[number] = levels[above] + 1, above
                todo.append(number)
    return levels, parents, modified


def row(package: Mapping[str, Any], extracted: Mapping[str, str]) -> Row:
    purpose = words(package.get("primaryPackagePurpose"))
    declared, concluded = named(package.get("licenseDeclared")), named(package.get("licenseConcluded"))
    references = [
        (str(one.get("referenceType")), words(one.get("referenceLocator")))
        for one in map(mapping, items(package.get("externalRefs")))
    ]
    digests = {
        str(one.get("algorithm")): words(one.get("checksumValue"))
        for one in map(mapping, items(package.get("checksums")))
        if words(one.get("checksumValue"))
    }
    return {
        "name": words(package.get("name")),
        "version": words(package.get("versionInfo")),
        "type": purpose,
        "description": words(package.get("summary")) or words(package.get("description")),
        "supplier": agent(package.get("supplier")),
        "author": agent(package.get("originator")),
        "license": declared or concluded,
        "license_class": licences.classify(declared or concluded, extracted),
        "firmware": None if purpose is None else purpose.upper() == "FIRMWARE",
        "purl": next((place for kind, place in references if kind == "purl"), None),
        "cpe": next((place for kind, place in references if kind in ("cpe23Type", "cpe22Type")), None),
        "hashes": json.dumps(digests, sort_keys=True, ensure_ascii=False) if digests else None,
    }
