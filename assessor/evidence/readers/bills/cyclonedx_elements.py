"""Elements of CycloneDX XML as the mappings that its JSON has, so that one function draws the facts from both.

https://cyclonedx.org/docs/1.6/xml/ beside https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from assessor.evidence.readers.base import flag
from assessor.evidence.readers.xml_parse import NAMES, local, text

_TEXTS = frozenset(
    ("name", "version", "description", "publisher", "author", "purl", "cpe", "group", "copyright", "scope", "modified")
)
_OF_ORGANISATION = frozenset(("name", "email"))
_OF_LICENCE = frozenset(("id", "name"))
_ORGANISATIONS = frozenset(("supplier", "manufacturer", "manufacture"))


MOST = 1_000
"""Entries of one list of a component (licences, digests, persons) that are read."""


def component(element: Any) -> tuple[dict[str, Any], list[str]]:
    """A component as in JSON, without those inside it, and what there is to tell: facts that stand twice, lists cut off."""
    # each asked for by its name: listing all attributes takes time that grows with the square of their number
    found: dict[str, Any] = {"type": element.get("type"), "bom-ref": element.get("bom-ref")}
    told: list[str] = []
    value: Any
    names = NAMES
    for child in element:
        name = names[child.tag]
        if name in _TEXTS:
            value = text(child)
            if name == "modified":
                value = flag(value.strip())
        elif name in _ORGANISATIONS:
            value = _organisation(child)
        elif name in _PARTS:
            value = _PARTS[name](child)
            if len(value) == MOST and len(child) > MOST:
                told.append(f"{name} has {len(child):,} entries; only the first {MOST:,} are read")
        else:
            continue
        if name in found and found[name] not in (value, None):
            both = f"{str(found[name])[:120]!r} and {str(value)[:120]!r}"
            told.append(f"{name} stands more than once: {both}; the last is used")
        found[name] = value
    return found, told


def _organisation(element: Any) -> dict[str, Any]:
    if not len(element):
        return {"name": text(element)}
    told: dict[str, Any] = {name: text(child) for child in element if (name := NAMES[child.tag]) in _OF_ORGANISATION}
    for country in element.iterfind("{*}address/{*}country"):
        told["address"] = {"country": text(country)}
    return told


def _people(element: Any) -> list[dict[str, Any]]:
    return [_organisation(child) for child in islice(element, MOST)]


def _licences(element: Any) -> list[Any]:
    found: list[Any] = []
    for child in islice(element, MOST):
        name = local(child)
        if name == "license":
            told = {part_name: text(part) for part in child if (part_name := NAMES[part.tag]) in _OF_LICENCE}
            found.append({"license": told if len(child) else {"name": text(child)}})
        elif name.startswith("expression"):
            found.append({"expression": child.get("expression") or text(child)})
    return found


def _hashes(element: Any) -> list[Any]:
    return [{"alg": child.get("alg"), "content": text(child)} for child in islice(element, MOST)]


def _properties(element: Any) -> list[Any]:
    return [{"name": child.get("name"), "value": child.get("value") or text(child)} for child in islice(element, MOST)]


def _pedigree(element: Any) -> dict[str, Any]:
    """Only whether the parts hold anything, and the notes: no more is asked of them."""
    return {local(child): text(child) if local(child) == "notes" else [{}] if len(child) else [] for child in element}


_PARTS = {
    "authors": _people,
    "licenses": _licences,
    "hashes": _hashes,
    "properties": _properties,
    "pedigree": _pedigree,
}


def metadata(element: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        name = local(child)
        if name == "timestamp":
            found[name] = text(child)
        elif name == "authors":
            found[name] = _people(child)
        elif name in _ORGANISATIONS:
            found[name] = _organisation(child)
        elif name == "component":
            found[name] = component(child)[0]
        elif name == "tools":
            found[name] = list(_tools(child))
    return found


def _tools(element: Any) -> Iterator[dict[str, str]]:
    """Every tool: `<tool>` until 1.4, components and services from 1.5."""
    for child in element:
        if local(child) in ("components", "services"):
            yield from _tools(child)
        for part in child:
            if local(part) == "name":
                yield {"name": text(part)}
