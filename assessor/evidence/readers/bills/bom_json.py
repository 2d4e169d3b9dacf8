"""Bills of materials as JSON: CycloneDX and SPDX, plain or in an envelope, streamed (see `json_stream`).

What stands in the outermost object decides, not the file's name. The pointer of a row is true to the file: inside an
envelope it begins with the envelope's member, in a second document of the same file with its number.
"""

from __future__ import annotations

import base64
import binascii
import functools
import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from assessor.evidence.readers import json_text, opened
from assessor.evidence.readers.base import Countries, Reading, Unreadable, mapping, words
from assessor.evidence.readers.bills import cyclonedx, cyclonedx_json, json_elements, spdx, spdx3, spdx_json
from assessor.evidence.readers.bills.json_stream import Part, Stream
from assessor.evidence.readers.rows import frugal

_LOOKED_AHEAD = 20  # documents of one file, each of which costs a pass up to it
_PAYLOADS = 3  # an envelope in an envelope, and no deeper
_CARRIED = 1_000  # documents in a list of an envelope
_OF_CYCLONEDX, _OF_SPDX = (
    frozenset({"specVersion", "serialNumber"}),
    frozenset({"SPDXID", "creationInfo", "dataLicense"}),
)
_LISTS = frozenset(
    {
        *(
            "services",
            "dependencies",
            "externalReferences",
            "compositions",
            "vulnerabilities",
            "annotations",
            "properties",
        ),
        *("formulation", "declarations", "definitions", "citations", "signature", "files", "snippets", "revieweds"),
        *("externalDocumentRefs", "annotations", "signatures", "subject"),
    }
)
"""Lists of a bill of materials in which no other one stands."""
_SIGN = re.compile(rb'"(?:bomFormat|specFormat|spdxVersion)"\s*:|cyclonedx\.org/schema|spdx\.org/rdf/3', re.IGNORECASE)


def read(path: Path, source: str, rule: Countries | None = None) -> Reading:
    """Every component of every document of the file. Raises Unreadable when there is none in a known format."""
    reading = Reading(serialization="json")
    with closing(opened.json_bytes(path, reading)) as file, frugal():
        _documents(file, lambda: closing(opened.json_bytes(path, Reading())), source, "", reading, 0)
    if not reading.format:
        raise Unreadable(_why(reading))
    if not any(len(part) for part in reading.tables.get("components", [])):
        reading.tables.setdefault("components", [])
        reading.notes.append("no components")
    return reading


def _documents(file: BinaryIO, again: Any, source: str, prefix: str, reading: Reading, depth: int) -> None:
    for number, parts in enumerate(Stream(file, reading.problems, prefix).documents()):
        for place, data in _document(parts, again, number, source, reading):
            if depth < _PAYLOADS:
                inner = functools.partial(lambda data: closing(io.BytesIO(data)), data)
                _documents(io.BytesIO(data), inner, source, place, reading, depth + 1)


def _document(
    parts: Iterator[Part], again: Any, number: int, source: str, reading: Reading
) -> Iterator[tuple[str, bytes]]:
    """Read one document; gives the place and bytes of others that it only carries."""
    heads: dict[str, Any] = {}
    places: dict[str, str] = {}
    components: cyclonedx_json.Rows | None = None
    packages: spdx_json.Packages | None = None
    graph: list[Any] = []
    carried: list[tuple[str, bytes]] = []
    prefix = ""
    for part in parts:
        prefix = part.place.rsplit("/", 1)[0]
        if part.value is not None:
            heads[part.key] = json_elements.value(part.value, part.place, reading)
            places[part.key] = part.place
        elif part.key == "components" and not spdx.recognised(heads):
            if components is None:
                told = heads if {"metadata", "specVersion"} <= heads.keys() else _ahead(again, number) | heads
                components = cyclonedx_json.Rows(
                    cyclonedx.shared(told.get("metadata"), told.get("specVersion"), source), reading
                )
                _root(components, told, part.place)
            components.add(part.elements, part.text, part.place, _main(told, part.place), 1, part.first)
        elif part.key == "@context":
            before = heads.get("@context", [])
            heads["@context"] = [
                *(before if isinstance(before, list) else [before]),
                *json_elements.values(part, reading),
            ]
        elif part.key == "@graph":
            graph += json_elements.values(part, reading)
        elif part.key in spdx_json.LISTS:
            packages = packages or spdx_json.Packages(source, reading)
            packages.add(part)
        elif part.key == "":  # the whole is a list, of documents perhaps
            yield from _listed(part)
        elif part.key not in _LISTS and len(carried) < _CARRIED:
            carried += _listed(part)
    if components is not None:
        components.finish()
    if cyclonedx.recognised(heads) or (components and _alike(heads, _OF_CYCLONEDX, "CycloneDX", prefix, reading)):
        if components is None:
            rows = cyclonedx_json.Rows(
                cyclonedx.shared(heads.get("metadata"), heads.get("specVersion"), source), reading
            )
            _root(rows, heads, places.get("bomFormat", places.get("specFormat", "/")))
            rows.finish()
        for name in ("components", "dependencies"):
            if name in heads:
                reading.problem(places[name], f"{name} is no list", str(heads[name]))
        _known(reading, "cyclonedx", heads.get("specVersion"))
    elif spdx.recognised(heads) or (packages and _alike(heads, _OF_SPDX, "SPDX", prefix, reading)):
        (packages or spdx_json.Packages(source, reading)).finish(heads, places)
        _known(reading, "spdx", spdx.version(heads.get("spdxVersion")))
    elif spdx3.recognised({**heads, "@graph": graph}):
        spdx3.fill(reading, {**heads, "@graph": graph}, prefix, source)
        reading.serialization = "jsonld"
    elif isinstance(heads.get("payload"), str):
        yield places["payload"], _unpacked(heads["payload"], places["payload"], reading)
    else:
        yield from carried
        for name, place in places.items():
            yield from _wrapped(heads[name], place)


def _listed(part: Part) -> Iterator[tuple[str, bytes]]:
    """The elements of a list that seem to be documents of their own."""
    if part.text is not None and not _SIGN.search(part.text):
        return
    for number, element in enumerate(map(bytes, part.elements), part.first):
        if element.startswith(b"{") and _SIGN.search(element):
            yield f"{part.place}/{number}", element


def _wrapped(value: Any, place: str, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The documents that stand in an object, whatever its members are called."""
    if cyclonedx.recognised(value) or spdx.recognised(value) or spdx3.recognised(value):
        yield place, json.dumps(value, ensure_ascii=True, default=str).encode()
    elif isinstance(value, dict) and depth < _PAYLOADS:
        for name, each in value.items():
            yield from _wrapped(each, f"{place}/{json_text.pointer(name)}", depth + 1)
    elif isinstance(value, list) and depth < _PAYLOADS:
        for number, each in enumerate(value[:_CARRIED]):
            yield from _wrapped(each, f"{place}/{number}", depth + 1)


def _alike(heads: Any, marks: frozenset[str], name: str, prefix: str, reading: Reading) -> bool:
    """Whether a document that does not say its format has members of one; that is told."""
    found = sorted(marks & heads.keys())
    if found:
        reading.problem(
            prefix, f"the document does not say its format; it is read as {name}, as {', '.join(found)} suggests"
        )
    return bool(found)


def _root(rows: cyclonedx_json.Rows, heads: Any, place: str) -> None:
    main = mapping(heads.get("metadata")).get("component")
    if main is not None:
        rows.root(main, f"{place.rsplit('/', 1)[0]}/metadata/component")


def _main(heads: Any, place: str) -> str | None:
    has = mapping(heads.get("metadata")).get("component") is not None
    return f"{place.rsplit('/', 1)[0]}/metadata/component" if has else None


def _ahead(again: Any, number: int) -> dict[str, Any]:
    """The single values of a document whose components come first, from a pass of its own over the file up to it."""
    found: dict[str, Any] = {}
    if number >= _LOOKED_AHEAD:
        return found
    with again() as file:
        for parts in islice(Stream(file, []).documents(), number + 1):
            found = {part.key: json_elements.scalar(part.value) for part in parts if part.value is not None}
    return found


def _known(reading: Reading, name: str, version: object) -> None:
    if not reading.format:
        reading.format, reading.spec_version = name, words(version) or ""


def _unpacked(payload: str, place: str, reading: Reading) -> bytes:
    """The document that an envelope carries in base64 (DSSE)."""
    try:
        return base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)
    except (binascii.Error, ValueError):
        reading.problem(place, "the payload of this envelope is not base64 and cannot be read", payload)
        return b"{}"


def _why(reading: Reading) -> str:
    told = reading.problems[0] if reading.problems else None
    return f"no bill of materials in a known format{f'; {told.message}' if told else ''}"
