"""CycloneDX JSON 1.2 to 1.7 to the table `components`: one row a component, nested ones with their parent.

Supplier, manufacturer and author are kept apart; what `metadata.tools` names is never a person. `metadata.component` is
the root (level 0) and names the item. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assessor.evidence.readers import json_text, licences
from assessor.evidence.readers.base import Countries, Reading, Row, Unreadable, items, listed, mapping, named, words

_OTHERWISE = re.compile(
    r"\b(un-?modified|not (been )?(modified|changed|patched)|no (modifications?|changes|patches))\b", re.IGNORECASE
)
_MODIFIED = re.compile(r"\b(modif\w*|patch\w*|chang\w*|fork\w*|adapt\w*|customi[sz]\w*|alter\w*)\b", re.IGNORECASE)
_PUBLISHER_UNTIL = (1, 5)  # from 1.6 on, supplier and manufacturer say it, and a publisher is neither
FCC_ID = "cdx:device:certifications:US:FCC:id"


def recognised(document: object) -> bool:
    """Whether a JSON document is CycloneDX (2.0 renames bomFormat to specFormat)."""
    root = mapping(document)
    return "CycloneDX" in (root.get("bomFormat"), root.get("specFormat"))


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every component of the file as a row; identity is `source#pointer`. Raises Unreadable when it is no CycloneDX."""
    document, problems = json_text.load(path.read_bytes())
    prefix, root = json_text.unwrapped(document)
    if not recognised(root):
        raise Unreadable("not a CycloneDX document")
    reading = Reading(problems=problems)
    version = version_of(words(root.get("specVersion")))
    metadata = mapping(root.get("metadata"))
    tools = set(tool_names(metadata))
    main = metadata.get("component")
    shared: Row = {
        "source": source,
        "item": named(mapping(main).get("name")),
        "document_author": document_author(metadata, tools),
        "timestamp": words(metadata.get("timestamp")),
    }
    hardware = mapping(main).get("type") == "device"
    for name in ("components", "dependencies"):
        if name in root and not isinstance(root[name], list):
            reading.problem(f"{prefix}/{name}", f"{name} is no list")
    for place, parent, level, component in _walk(main, root.get("components"), prefix):
        if not isinstance(component, dict):
            reading.problem(place, "this component is no JSON object; it is listed without any data")
        elif not words(component.get("name")):
            reading.problem(place, "this component has no name")
        found = {**shared, **row(mapping(component), version, tools, hardware)}
        found |= {
            "component": f"{source}#{place}",
            "locator": place,
            "level": level,
            "parent": parent and f"{source}#{parent}",
        }
        reading.add("components", found)
    if not reading.tables:
        reading.tables["components"] = []
        reading.notes.append("no components")
    return reading


def _walk(main: object, components: object, prefix: str) -> Iterator[tuple[str, str | None, int, object]]:
    """Pointer, parent's pointer, level and component, parents first, in the order of the file; however deep."""
    top = f"{prefix}/metadata/component" if main is not None else None
    todo = [(f"{prefix}/components/{n}", top, 1, each) for n, each in reversed(list(enumerate(items(components))))]
    if top:
        todo.append((top, None, 0, main))
    while todo:
        place, parent, level, component = todo.pop()
        yield place, parent, level, component
        nested = items(mapping(component).get("components"))
        todo += [(f"{place}/components/{n}", place, level + 1, each) for n, each in reversed(list(enumerate(nested)))]


def row(component: Mapping[str, Any], version: tuple[int, ...], tools: set[str], hardware: bool) -> Row:
    kind = words(component.get("type"))
    properties = {
        str(each.get("name")): words(each.get("value")) for each in map(mapping, items(component.get("properties")))
    }
    device = kind == "device" or (hardware and any(name.startswith("cdx:device:") for name in properties))
    supplier = _organisation(component.get("supplier"))
    if supplier is None and version <= _PUBLISHER_UNTIL:
        supplier = named(component.get("publisher"))
    text, licence_class = _licence(component.get("licenses"))
    return {
        "medium": "hardware" if device else "software",
        "name": words(component.get("name")),
        "version": words(component.get("version")),
        "type": kind,
        "description": words(component.get("description")) or properties.get("cdx:device:function"),
        "supplier": supplier,
        "manufacturer": _organisation(component.get("manufacturer")),
        "author": _people(component.get("authors"), tools) or _not_tool(named(component.get("author")), tools),
        "license": text,
        "license_class": licence_class,
        "firmware": None if kind is None else kind == "firmware",
        "modified": _modified(component),
        "purl": words(component.get("purl")),
        "cpe": words(component.get("cpe")),
        "hashes": _hashes(component.get("hashes")),
        "quantity": properties.get("cdx:device:quantity"),
        "fcc_id": properties.get(FCC_ID),
    }


def version_of(text: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,4}", text or "")) or _PUBLISHER_UNTIL


def _organisation(value: object) -> str | None:
    return named(mapping(value).get("name")) if isinstance(value, dict) else named(value)


def _people(value: object, tools: set[str]) -> str | None:
    """Names (or else e-mail addresses) of a list of persons."""
    each = (named(mapping(one).get("name")) or named(mapping(one).get("email")) for one in items(value))
    return listed(_not_tool(name, tools) for name in each)


def _not_tool(name: str | None, tools: set[str]) -> str | None:
    told = name is None or name.casefold() in tools or name.casefold().startswith("tool:")
    return None if told else name


def tool_names(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Names of the tools (a list until 1.4, an object of components and services from 1.5)."""
    tools = metadata.get("tools")
    for tool in items(tools) + items(mapping(tools).get("components")) + items(mapping(tools).get("services")):
        if name := words(mapping(tool).get("name")):
            yield name.casefold()


def document_author(metadata: Mapping[str, Any], tools: set[str]) -> str | None:
    organisations = (_organisation(metadata.get(name)) for name in ("manufacturer", "manufacture", "supplier"))
    return _people(metadata.get("authors"), tools) or next((name for name in organisations if name), None)


def _licence(value: object) -> tuple[str | None, str]:
    """The licences as one expression and its class; several entries apply together."""
    found: list[str] = []
    for entry in map(mapping, items(value)):
        licence = mapping(entry.get("license"))
        text = words(entry.get("expression")) or words(licence.get("id")) or words(licence.get("name"))
        if text:
            found.append(text)
    if len(found) < 2:
        return (found[0], licences.classify(found[0])) if found else (None, "unknown")
    classes = {licences.classify(text) for text in found}
    together = "proprietary" if "proprietary" in classes else "unknown" if "unknown" in classes else "open_source"
    return " AND ".join(f"({text})" if " OR " in text else text for text in found), together


def _modified(component: Mapping[str, Any]) -> bool | None:
    """Whether the pedigree says that this is a modified version; None when the document does not say."""
    pedigree = mapping(component.get("pedigree"))
    notes = words(pedigree.get("notes")) or ""
    if items(pedigree.get("commits")) or items(pedigree.get("patches")):
        return True
    if items(pedigree.get("ancestors")) and items(pedigree.get("variants")):
        return True
    if _OTHERWISE.search(notes):
        return False
    if _MODIFIED.search(notes):
        return True
    told = component.get("modified")
    return told if isinstance(told, bool) else None


def _hashes(value: object) -> str | None:
    found = {
        str(words(entry.get("alg"))): words(entry.get("content"))
        for entry in map(mapping, items(value))
        if words(entry.get("content"))
    }
    return json.dumps(found, sort_keys=True, ensure_ascii=False) if found else None
