"""SPDX 3.0 JSON-LD to the table `components`: one row a package (software, AI model, data set).

Everything is an element of `@graph` that others name by its `spdxId`: agents, licences, what was created by whom, and
the relationships that nest packages. https://spdx.github.io/spdx-spec/v3.0.1/ and https://spdx.org/rdf/3.0.1/
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from assessor.evidence.readers.base import Reading, Row, items, listed, mapping, named, words
from assessor.evidence.readers.bills import licences, marks
from assessor.evidence.readers.bills.spdx3_licences import Licences
from assessor.evidence.readers.rows import Rows, Told

PACKAGES = frozenset(("Package", "AIPackage", "DatasetPackage"))
_AGENTS = frozenset(("Agent", "Person", "Organization"))
_DOWN = frozenset(
    (
        *("contains", "dependsOn", "hasDynamicLink", "hasStaticLink"),
        *("hasOptionalComponent", "hasOptionalDependency", "hasProvidedDependency"),
    )
)
_CHANGED = frozenset(("modifiedBy", "patchedBy"))
_TAIL = re.compile(r"[/#:_]")


def recognised(document: object) -> bool:
    """Whether a JSON document is SPDX 3: by its context, or by what its elements say of their version."""
    root = mapping(document)
    context = root.get("@context")
    if any(isinstance(each, str) and "spdx.org/rdf/3" in each for each in listing(context)):
        return True
    version = (mapping(each).get("specVersion") for each in items(root.get("@graph"))[:200])
    return any(isinstance(each, str) and each.startswith("3.") for each in version)


def fill(reading: Reading, root: Mapping[str, Any], prefix: str, source: str) -> None:
    """Add every package of a parsed document; `prefix` is the JSON pointer to it."""
    graph = _Graph(reading, root, prefix)
    document = graph.first("SpdxDocument") or graph.first("Sbom", "Bom", "Bundle") or {}
    info = graph.creation(document) or graph.first("CreationInfo") or {}
    roots = graph.roots(document)
    levels, parents = graph.structure(roots)
    title = named(graph.elements[graph.ids[roots[0]]].get("name")) if len(roots) == 1 else None
    shared: Row = {
        "source": source,
        "item": title or named(document.get("name")),
        "document_author": graph.agents(info.get("createdBy"), None),
    }
    rows = Rows(reading)
    for number, package in graph.packages():
        place = f"{prefix}/@graph/{number}"
        name = identifier(package)
        if not words(package.get("name")):
            graph.tell(place, "this package has no name")
        above = parents.get(name)
        row = {**shared, **graph.row(package, place)}
        row["timestamp"] = words((graph.creation(package) or info).get("created"))
        row["component"], row["locator"], row["level"] = f"{source}#{place}", place, levels.get(name, 1)
        row["parent"] = None if above is None else f"{source}#{prefix}/@graph/{graph.ids[above]}"
        rows.add(row)
    rows.close()
    graph.tell.close()
    if not rows.count:
        reading.notes.append("no packages")
    reading.format, reading.serialization = "spdx", "jsonld"
    reading.spec_version = words(info.get("specVersion")) or _context_version(root)


class _Graph:
    """The elements of a document by their identifiers, and what they say of each other."""

    def __init__(self, reading: Reading, root: Mapping[str, Any], prefix: str) -> None:
        self._prefix = prefix
        self.tell = Told(reading, "problems of elements")
        graph = root.get("@graph", [root] if "spdxId" in root or "type" in root else [])
        if not isinstance(graph, list):
            reading.problem(f"{prefix}/@graph", "@graph is no list")
        self.elements: list[Mapping[str, Any]] = []
        self.ids: dict[str, int] = {}
        self._kinds: list[str] = []
        self._said: dict[str, dict[str, list[str]]] = {}
        for number, element in enumerate(items(graph)):
            self._add(number, element)
        self.licences = Licences(lambda name: self.element(name), kind)

    def _add(self, number: int, element: object) -> None:
        place = f"{self._prefix}/@graph/{number}"
        if not isinstance(element, dict):
            self.tell(place, "this element is no JSON object; it is not read", json.dumps(element, default=str)[:200])
        told = mapping(element)
        self.elements.append(told)
        self._kinds.append(kind(told))
        if name := identifier(told):
            if name in self.ids and self._kinds[-1] in PACKAGES:
                message = f"spdxId {name[:200]!r} is also that of {self._prefix}/@graph/{self.ids[name]}"
                self.tell(place, message)
            self.ids.setdefault(name, number)
        if self._kinds[-1] in ("Relationship", "LifecycleScopedRelationship", "SoftwareDependencyRelationship"):
            relation = words(told.get("relationshipType")) or ""
            upper = _reference(told.get("from"))
            below = self._said.setdefault(_TAIL.split(relation)[-1], {}).setdefault(upper, [])
            below += [name for each in listing(told.get("to")) if (name := _reference(each))]

    def element(self, value: object) -> Mapping[str, Any] | None:
        """The element that a value is or names; None where the document does not hold it."""
        if isinstance(value, dict) and len(value) > 1:
            return value
        number = self.ids.get(_reference(value))
        return None if number is None else self.elements[number]

    def first(self, *kinds: str) -> Mapping[str, Any] | None:
        return next((each for each, of in zip(self.elements, self._kinds, strict=True) if of in kinds), None)

    def packages(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        return ((n, each) for n, each in enumerate(self.elements) if self._kinds[n] in PACKAGES)

    def creation(self, element: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return self.element(element.get("creationInfo")) if element.get("creationInfo") else None

    def roots(self, document: Mapping[str, Any]) -> list[str]:
        """The packages that the document describes, through bills and bundles too."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        todo = deque([identifier(document)])
        while todo:
            name = todo.popleft()
            element = self.element(name) or (document if name == identifier(document) else {})
            if name in seen:
                continue
            seen.add(name)
            if kind(element) in PACKAGES:
                found[name] = None
            else:
                todo += [_reference(each) for each in listing(element.get("rootElement"))]
                todo += self._said.get("describes", {}).get(name, [])
        return list(found)

    def structure(self, roots: list[str]) -> tuple[dict[str, int], dict[str, str]]:
        """Level and parent of each package that hangs below a described one."""
        levels, parents = dict.fromkeys(roots, 0), dict[str, str]()
        down = [self._said[kind] for kind in sorted(_DOWN & self._said.keys())]
        todo = deque(levels)
        while todo:
            above = todo.popleft()
            for below in (name for each in down for name in each.get(above, ())):
                number = self.ids.get(below)
                if below not in levels and number is not None and self._kinds[number] in PACKAGES:
                    levels[below], parents[below] = levels[above] + 1, above
                    todo.append(below)
        return levels, parents

    def agents(self, value: object, place: str | None) -> str | None:
        """The names of persons and organisations; tools and programs are none. What is not there is told at `place`."""
        found = []
        for each in listing(value):
            agent = self.element(each)
            if agent is None:
                name = _reference(each)
                if name and place and not name.endswith(("NoAssertionElement", "NoneElement")):
                    self.tell(place, f"{name[:200]!r} is named as an agent and is not in the document")
            elif kind(agent) in _AGENTS:
                found.append(named(agent.get("name")))
        return listed(found)

    def row(self, package: Mapping[str, Any], place: str) -> Row:
        """The facts of one package."""
        name = identifier(package)
        purpose = words(get(package, "primaryPurpose"))
        purposes = {purpose, *map(words, listing(get(package, "additionalPurpose")))} - {None}
        declared, concluded = (
            self._said.get(relation, {}).get(name, []) for relation in ("hasDeclaredLicense", "hasConcludedLicense")
        )
        nothing = (None, licences.propose(None))
        text, proposal = self.licences.of(declared) or self.licences.of(concluded) or nothing
        for lost in self.licences.missing([*declared, *concluded]):
            self.tell(place, f"{lost[:200]!r} is named as a licence and is not in the document")
        marked = list(self._identifiers(package))
        purl = words(get(package, "packageUrl")) or next(
            (told for of, told in marked if of in ("packageUrl", "purl")), None
        )
        return {
            "medium": "hardware" if purpose == "device" else "software",
            "reference": name or None,
            "name": words(package.get("name")),
            "version": words(get(package, "packageVersion")),
            "type": purpose,
            "description": words(package.get("summary")) or words(package.get("description")),
            "supplier": self.agents(package.get("suppliedBy"), place),
            "author": self.agents(package.get("originatedBy"), place),
            "license": text,
            "license_class": proposal.kind,
            "license_reason": proposal.reason,
            "firmware": "firmware" in purposes if purposes else None,
            "modified": True if any(name in self._said.get(each, {}) for each in _CHANGED) else None,
            "purl": purl,
            "ecosystem": marks.ecosystem(purl),
            "cpe": next((told for of, told in marked if of in ("cpe23", "cpe22")), None),
            "hashes": self._hashes(package),
        }

    def _identifiers(self, package: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
        for each in listing(package.get("externalIdentifier")):
            told = self.element(each) or {}
            yield _TAIL.split(words(told.get("externalIdentifierType")) or "")[-1], words(told.get("identifier"))

    def _hashes(self, package: Mapping[str, Any]) -> str | None:
        """Digests of the package; a verification code is one of its files and no digest of itself."""
        found = {}
        for each in listing(package.get("verifiedUsing")):
            told = self.element(each) or {}
            if kind(told) == "Hash" and (digest := words(told.get("hashValue"))):
                found[_TAIL.split(words(told.get("algorithm")) or "")[-1]] = digest
        return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if found else None


def kind(element: Mapping[str, Any]) -> str:
    """The class of an element without its profile: `software_Package` and `…/Software/Package` are a Package."""
    told = next((each for each in listing(element.get("type", element.get("@type"))) if isinstance(each, str)), "")
    return _TAIL.split(told)[-1]


def identifier(element: Mapping[str, Any]) -> str:
    """What others call the element; empty where it has no name."""
    return words(element.get("spdxId")) or words(element.get("@id")) or ""


def get(element: Mapping[str, Any], name: str) -> Any:
    """A property of the software profile, with or without its prefix."""
    return element.get(f"software_{name}", element.get(name))


def listing(value: object) -> list[Any]:
    """One value or several, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _reference(value: object) -> str:
    return identifier(value) if isinstance(value, dict) else words(value) or ""


def _context_version(root: Mapping[str, Any]) -> str:
    match = re.search(r"spdx\.org/rdf/(3[\d.]*)", json.dumps(root.get("@context"), default=str)[:2000])
    return match[1].rstrip(".") if match else ""
