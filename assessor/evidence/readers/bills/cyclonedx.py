"""What a CycloneDX component says, as columns of the table `components`; JSON and XML are read into the same mapping.

Supplier, manufacturer and author are kept apart; what `metadata.tools` names is never a person. `metadata.component` is
the root (level 0) and names the item. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessor.evidence.readers.base import UNREAD, Row, Tell, items, listed, mapping, named, words
from assessor.evidence.readers.bills import licences, marks

_OTHERWISE = re.compile(
    r"\b(un-?modified|not (been )?(modified|changed|patched)|no (modifications?|changes|patches))\b", re.IGNORECASE
)
_MODIFIED = re.compile(r"\b(modif\w*|patch\w*|chang\w*|fork\w*|adapt\w*|customi[sz]\w*|alter\w*)\b", re.IGNORECASE)
_PUBLISHER_UNTIL = (1, 5)  # from 1.6 on, supplier and manufacturer say it, and a publisher is neither
NO_OBJECT, NO_NAME = "this component is no object; it is listed without any data", "this component has no name"
_DEVICE = "cdx:device:"
_MOST_PROPERTIES = 10_000
MOST_DIGESTS = 100
"""Digests of one component that are read; the algorithms are fewer."""
FCC_ID = "cdx:device:certifications:US:FCC:id"


@dataclass(frozen=True)
class Shared:
    """What a document says of all its components. `tools`: names in small letters of the tools that made it, which are nobody's
    author; `by_publisher`: a publisher stands for the supplier; `hardware`: it describes a device."""

    source: str
    item: str | None = None
    document_author: str | None = None
    timestamp: str | None = None
    tools: frozenset[str] = frozenset()
    by_publisher: bool = True
    hardware: bool = False


def recognised(document: object) -> bool:
    """Whether a document says that it is CycloneDX (2.0 renames bomFormat to specFormat)."""
    root = mapping(document)
    named = any(str(root.get(name)).strip().casefold() == "cyclonedx" for name in ("bomFormat", "specFormat"))
    return named or "cyclonedx.org/schema" in str(root.get("$schema"))


def shared(metadata: object, spec_version: object, source: str) -> Shared:
    """What `metadata` and the version of the specification say of the document."""
    told = mapping(metadata)
    main = mapping(told.get("component"))
    tools = frozenset(_tools(told))
    return Shared(
        source,
        named(main.get("name")),
        _document_author(told, tools),
        words(told.get("timestamp")),
        tools,
        _version(words(spec_version)) <= _PUBLISHER_UNTIL,
        main.get("type") == "device",
    )


def facts(value: object, shared: Shared, place: str, tell: Tell) -> Row:
    """What a component says of itself, as columns of `components`; what is wrong with it is noted under its place."""
    if not isinstance(value, dict):
        if value is not UNREAD:
            tell(place, NO_OBJECT, str(value))
    elif not words(value.get("name")):
        tell(place, NO_NAME, "")
    component = mapping(value)
    if not component:  # a file may hold a million of them
        return dict(_NOTHING)
    kind = words(component.get("type"))
    if (count := len(items(component.get("properties")))) > _MOST_PROPERTIES:
        tell(place, f"{count:,} properties of one component; the first {_MOST_PROPERTIES:,} are looked at", "")
    properties = _device_properties(component.get("properties"))
    device = kind == "device" or (shared.hardware and bool(properties))
    supplier = organisation(component.get("supplier"))
    if supplier is None and shared.by_publisher:
        supplier = organisation(component.get("publisher"))
    written = address_country(component.get("manufacturer")) or address_country(component.get("supplier"))
    country = marks.country(written)
    if written and country is None:
        tell(place, f"{written[:60]!r} in an address is not a known name of a country", "")
    if (count := len(items(component.get("hashes")))) > MOST_DIGESTS:
        tell(place, f"{count:,} digests of one component; the first {MOST_DIGESTS} are read", "")
    text, proposal = licence(component.get("licenses"))
    purl, fcc_id = words(component.get("purl")), properties.get(FCC_ID)
    if fcc_id and (odd := marks.fcc_id_problem(fcc_id)):
        tell(place, odd, "")
    return {
        "reference": words(component.get("bom-ref")),
        "medium": "hardware" if device else "software",
        "name": words(component.get("name")),
        "version": words(component.get("version")),
        "type": kind,
        "description": words(component.get("description")) or properties.get("cdx:device:function"),
        "supplier": supplier,
        "manufacturer": organisation(component.get("manufacturer")),
        "author": people(component.get("authors"), shared.tools) or person(component.get("author"), shared.tools),
        "license": text,
        "license_class": proposal.kind,
        "license_reason": proposal.reason,
        "firmware": None if kind is None else kind == "firmware",
        "modified": modified(component),
        "purl": purl,
        "ecosystem": marks.ecosystem(purl),
        "cpe": words(component.get("cpe")),
        "hashes": digests(component.get("hashes")),
        "quantity": properties.get("cdx:device:quantity"),
        "address_country": country,
        "fcc_id": fcc_id,
    }


_NOTHING: Row = {
    **dict.fromkeys(
        ("reference", "name", "version", "type", "description", "supplier", "manufacturer", "author", "license")
    ),
    **dict.fromkeys(
        ("firmware", "modified", "purl", "ecosystem", "cpe", "hashes", "quantity", "address_country", "fcc_id")
    ),
    "medium": "software",
    "license_class": licences.propose(None).kind,
    "license_reason": licences.propose(None).reason,
}
"""The facts of a component that says nothing."""


def _device_properties(value: object) -> dict[str, str | None]:
    found = {}
    for each in items(value)[:_MOST_PROPERTIES]:
        name = mapping(each).get("name")
        if isinstance(name, str) and name.startswith(_DEVICE):
            found[name] = words(each.get("value"))
    return found


def _version(text: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,4}", text or "")) or _PUBLISHER_UNTIL


def organisation(value: object) -> str | None:
    """The name of an organisation, given as an object or, against the specification, as a text."""
    return named(mapping(value).get("name")) if isinstance(value, dict) else named(value)


def address_country(value: object) -> str | None:
    """The country in the address of an organisation (from 1.6 on), as written."""
    return words(mapping(mapping(value).get("address")).get("country")) if isinstance(value, dict) else None


def people(value: object, tools: frozenset[str]) -> str | None:
    """Names (or else e-mail addresses) of a list of persons."""
    each = (named(mapping(one).get("name")) or named(mapping(one).get("email")) for one in items(value))
    return listed(person(name, tools) for name in each)


def person(value: object, tools: frozenset[str]) -> str | None:
    """The name of an author; None where it names nobody, or a tool."""
    name = named(value)
    told = name is None or name.casefold() in tools or name.casefold().startswith("tool:")
    return None if told else name


def _tools(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Names of the tools (a list until 1.4, an object of components and services from 1.5)."""
    tools = metadata.get("tools")
    for tool in items(tools) + items(mapping(tools).get("components")) + items(mapping(tools).get("services")):
        if name := words(mapping(tool).get("name")):
            yield name.casefold()


def _document_author(metadata: Mapping[str, Any], tools: frozenset[str]) -> str | None:
    organisations = (organisation(metadata.get(name)) for name in ("manufacturer", "manufacture", "supplier"))
    return people(metadata.get("authors"), tools) or next((name for name in organisations if name), None)


def licence(value: object) -> tuple[str | None, licences.Proposal]:
    """The licences as one expression and what they propose; several entries apply together."""
    found: list[str] = []
    for entry in map(mapping, items(value)):
        told = mapping(entry.get("license"))
        text = words(entry.get("expression")) or words(told.get("id")) or words(told.get("name"))
        if text:
            found.append(text)
    if len(found) < 2:
        return (found[0] if found else None), licences.propose(found[0] if found else None)
    joined = " AND ".join(f"({text})" if " OR " in text else text for text in found)
    return joined, licences.together([licences.propose(text) for text in found])


def modified(component: Mapping[str, Any]) -> bool | None:
    """Whether the pedigree says that this is a modified version; None when the document does not say."""
    told = component.get("modified")
    stated = told if isinstance(told, bool) else None
    pedigree = mapping(component.get("pedigree"))
    if not pedigree:
        return stated
    notes = words(pedigree.get("notes")) or ""
    if items(pedigree.get("commits")) or items(pedigree.get("patches")):
        return True
    if items(pedigree.get("ancestors")) and items(pedigree.get("variants")):
        return True
    if _OTHERWISE.search(notes):
        return False
    if _MODIFIED.search(notes):
        return True
    return stated


def digests(value: object) -> str | None:
    """A list of digests as a JSON object of algorithm and digest, its names sorted."""
    found = {
        words(entry.get("alg")) or "not stated": words(entry.get("content"))
        for entry in map(mapping, items(value)[:MOST_DIGESTS])
        if words(entry.get("content"))
    }
    return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if found else None
