"""What an SPDX 2 package says, as columns of the table `components`, and how packages hang together.

The package that the document describes is the root (level 0) and names the item; packages below it are found through
CONTAINS and DEPENDS_ON, others stand on level 1 without a parent. https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessor.evidence.readers.base import UNREAD, Row, Tell, items, mapping, named, words
from assessor.evidence.readers.bills import marks

_AGENT = re.compile(r"(person|organi[sz]ation|tool)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_TOOL = re.compile(r"tool(?!\w)", re.IGNORECASE)  # the colon after it is forgotten now and then
_CONTACT = re.compile(r"\s*\((?:[^()]*@[^()]*)?\)\s*$")
_SPDX = re.compile(r"^spdx[-\s]*", re.IGNORECASE)
_SECOND = re.compile(r"\s*(?:spdx[-\s]*)?2(?:\.|\s*$)", re.IGNORECASE)
_OWN = re.compile(r"LicenseRef-[\w.-]+")
_REFERENCES = {"purl": "purl", "cpe23Type": "cpe", "cpe22Type": "cpe"}
_DOWN = {"CONTAINS", "DEPENDS_ON"}
_BOTH = _DOWN | {"CONTAINED_BY", "DEPENDENCY_OF"}


def recognised(document: object) -> bool:
    """Whether a document says that it is SPDX 2, even "2.3" or "spdx 2.3"."""
    return bool(_SECOND.match(str(mapping(document).get("spdxVersion", ""))))


def version(written: object) -> str:
    """The version of the specification without its name."""
    return _SPDX.sub("", words(written) or "")


def agent(value: object) -> str | None:
    """The name in "Organization: Name (mail@example.org)"; None for a tool, NOASSERTION and NONE."""
    text = named(value)
    if text is None:
        return None
    if match := _AGENT.fullmatch(text):
        if match[1].casefold() == "tool":
            return None
        text = match[2]
    elif _TOOL.match(text):
        return None
    return named(_CONTACT.sub("", text))


def without_kind(value: object) -> bool:
    """Whether somebody is named, and not said to be a person, an organisation or a tool."""
    text = named(value) if isinstance(value, str) else None
    return text is not None and not _AGENT.fullmatch(text)


def told_without_kind(creators: Iterable[object], count: int, first: str) -> Iterator[str]:
    """Notes on such actors: those who made the document, and those of `count` packages, of which one is at the place `first`."""
    for creator in creators:
        if without_kind(creator):
            taken = "for a tool" if agent(creator) is None else "as the name of a person or organisation"
            yield f"the creator {str(creator)[:80]!r} is not said to be a person, an organisation or a tool; it is taken {taken}"
    if count:
        yield (
            "a supplier or originator is not said to be a person or an organisation and is taken as a name "
            f"(packages: {count:,}, first {first})"
        )


@dataclass(frozen=True)
class Structure:
    """Of packages by number: level (0 for what the document describes), the number of the one above, and which are said to be
    modified."""

    levels: Mapping[int, int]
    parents: Mapping[int, int]
    modified: frozenset[int]


def structure(describes: Iterable[object], relations: Iterable[object], ids: Mapping[str, int]) -> Structure:
    """How packages, by their ids, hang together below those that the document describes."""
    triples = (
        (
            words(relation.get("spdxElementId")) or "",
            str(relation.get("relationshipType")).upper(),
            words(relation.get("relatedSpdxElement")) or "",
        )
        for relation in map(mapping, relations)
    )
    return linked(describes, triples, ids)


def linked(describes: Iterable[object], relations: Iterable[tuple[str, str, str]], ids: Mapping[str, int]) -> Structure:
    """`structure` by relations as element, kind in capitals and related element."""
    roots = [ids[name] for name in map(words, describes) if name and name in ids]
    below: dict[int, list[int]] = {}
    modified: set[int] = set()
    for left, kind, right in relations:
        if kind in _BOTH:
            if left in ids and right in ids:
                upper, lower = (left, right) if kind in _DOWN else (right, left)
                below.setdefault(ids[upper], []).append(ids[lower])
        elif kind == "DESCRIBES" and right in ids:
            roots.append(ids[right])
        elif kind == "DESCRIBED_BY" and left in ids:
            roots.append(ids[left])
        elif kind == "PATCH_APPLIED" and right in ids:  # left is the patch
            modified.add(ids[right])
        elif kind == "FILE_MODIFIED" and left in ids:  # left was made from right
            modified.add(ids[left])
    levels = dict.fromkeys(sorted(set(roots)), 0)
    parents: dict[int, int] = {}
    todo = deque(levels)
    while todo:
        above = todo.popleft()
        for number in below.get(above, ()):
            if number not in levels:
                levels[number], parents[number] = levels[above] + 1, above
                todo.append(number)
    return Structure(levels, parents, frozenset(modified))


def extracted(infos: Iterable[object]) -> dict[str, str]:
    """The names, or the beginnings of the texts, of the licences that a document defines itself, by their ids."""
    return {
        str(entry.get("licenseId")): str(words(entry.get("name")) or words(entry.get("extractedText")) or "")[:200]
        for entry in map(mapping, infos)
    }


def own_licences(text: str | None, names: Mapping[str, str]) -> Mapping[str, str]:
    """Of the document's own licences those that a text names: there may be thousands, and each is asked about often."""
    return {name: names[name] for name in _OWN.findall(text) if name in names} if text and "LicenseRef" in text else {}


def facts(value: object, place: str, tell: Tell) -> Row:
    """What a package says of itself, as columns of `components`; its licence class is added when the whole document is known."""
    if not isinstance(value, dict):
        if value is not UNREAD:
            tell(place, "this package is no object; it is listed without any data", str(value))
    elif not words(value.get("name")):
        tell(place, "this package has no name", "")
    package = mapping(value)
    purpose = words(package.get("primaryPackagePurpose"))
    purl, cpe = references(package)
    return {
        "reference": words(package.get("SPDXID")),
        "name": words(package.get("name")),
        "version": words(package.get("versionInfo")),
        "type": purpose,
        "description": said(package.get("summary")) or said(package.get("description")),
        "supplier": agent(package.get("supplier")),
        "author": agent(package.get("originator")),
        "license": named(package.get("licenseDeclared")) or named(package.get("licenseConcluded")),
        "firmware": None if purpose is None else purpose.upper() == "FIRMWARE",
        "purl": purl,
        "ecosystem": marks.ecosystem(purl),
        "cpe": cpe,
        "hashes": digests(package),
    }


def references(package: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The first package URL and the first CPE name among the external references of a package."""
    found: dict[str, str | None] = {}
    for one in map(mapping, items(package.get("externalRefs"))):
        kind = str(one.get("referenceType"))
        if kind in _REFERENCES:
            found.setdefault(_REFERENCES[kind], words(one.get("referenceLocator")))
    return found.get("purl"), found.get("cpe")


def digests(package: Mapping[str, Any]) -> str | None:
    """The checksums of a package as a JSON object of algorithm and digest, its names sorted."""
    found = {}
    for one in map(mapping, items(package.get("checksums"))):
        if digest := words(one.get("checksumValue")):
            found[str(one.get("algorithm"))] = digest
    return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if found else None


def said(value: object) -> str | None:
    """A text that says something: NOASSERTION and NONE stand in many fields for which the specification has no such word."""
    text = words(value)
    return None if text in ("NOASSERTION", "NONE") else text
