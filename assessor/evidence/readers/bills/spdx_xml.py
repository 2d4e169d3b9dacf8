"""SPDX 2 as RDF/XML and as XML to the table `components`: one row a package.

RDF says the same thing in many shapes: a node stands where it is first named, or apart, and is referred to by
`rdf:resource` or `rdf:nodeID`. XML is SPDX's JSON with an element for each key, repeated for a list. Both become that
mapping. https://spdx.github.io/spdx-spec/v2.3/conformance/ and https://spdx.org/rdf/terms/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from assessor.evidence.readers.base import Countries, Reading, Unreadable
from assessor.evidence.readers.bills import licences, spdx_table
from assessor.evidence.readers.bills.cyclonedx_json import MOST
from assessor.evidence.readers.rows import frugal
from assessor.evidence.readers.xml_parse import NAMES, SHOWN, Parse, documents, local, refused, standing, text
from assessor.evidence.readers.xml_source import Source

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LISTS = frozenset(
    (
        "packages",
        "relationships",
        "creators",
        "externalRefs",
        "checksums",
        "documentDescribes",
        "hasExtractedLicensingInfos",
    )
)
_NOBODY = {"noassertion": "NOASSERTION", "none": "NONE"}
_SETS = {"ConjunctiveLicenseSet": " AND ", "DisjunctiveLicenseSet": " OR "}
_PASSED = frozenset(("files", "snippets", "annotations"))
PARTS = ("packages", "relationships", "hasExtractedLicensingInfos", *_PASSED)
"""Elements of which a document may hold very many."""
_KNOWN = frozenset(
    (
        *("Package", "File", "SpdxDocument", "ExtractedLicensingInfo", "WithExceptionOperator", "OrLaterOperator"),
        *("ListedLicense", "SimpleLicensingInfo", "License", "CreationInfo", "Checksum", "ExternalRef", "Relationship"),
        *("Description", *_SETS),
    )
)
"""Kinds of nodes that are looked for."""
MAX_WRITTEN = 1_000_000
"""Characters that the expressions of all sets of licences may have together: sets of sets grow without end."""
MAX_DEPTH = 50
"""Levels of nested sets of licences, and of elements of SPDX's XML."""


def recognised(head: bytes) -> bool:
    """Whether the bytes from the root element on begin an SPDX 2 document."""
    low = head.lower()
    if _is_rdf(head):
        return b"spdx.org/rdf/terms" in low or b"spdx.org/rdf/v2" in low
    return bool(re.match(rb"<(?:document|spdx[\w:-]*)\b", low)) and (b"spdxversion" in low or b"spdxid" in low)


def _is_rdf(head: bytes) -> bool:
    return bool(re.match(rb"<(?:[\w.-]{1,40}:)?rdf\b", head, re.IGNORECASE))


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#` and its XPath, which begins with the number of the document
    where that is not the first of the file. Raises Unreadable when it is no SPDX."""
    origin = Source(path)
    if not recognised(origin.head):
        raise Unreadable("not an SPDX document")
    best = _Pass(origin, source, repaired=False)
    if best.reparable:
        again = _Pass(origin, source, repaired=True)
        if again.count > best.count:
            again.xml = [*best.xml, *again.xml]
            best = again
    if best.refused is not None:
        raise best.refused
    reading = best.reading
    if best.damaged and (there := standing(origin, "Package" if _is_rdf(origin.head) else "packages")) > best.count:
        reading.problem(
            "", f"about {there - best.count:,} packages stand where the XML is damaged or not read; they are not listed"
        )
    reading.problems = [*origin.problems, *best.xml, *reading.problems]
    return reading


class _Pass:
    """One pass over the file: its reading, the problems of the XML itself, and how many packages were seen."""

    def __init__(self, origin: Source, source: str, repaired: bool) -> None:
        self.reading, told = Reading(), Reading()
        self.count, self.reparable, self.damaged = 0, False, False
        self.refused: Unreadable | None = None
        found = spdx_table.Documents(self.reading, source)
        rdf = _is_rdf(origin.head)
        names = () if rdf else PARTS
        for parse in documents(origin, names, recognised, self.reading.problem, repaired):
            self.reading.serialization = "rdf" if rdf else "xml"
            document, places = _graph(parse, self.reading) if rdf else _document(parse)
            parse.tell(told)
            self.reparable |= parse.reparable
            self.damaged |= bool(parse.mended or parse.stopped)
            if parse.root is None and parse.number == 1 and not places:
                self.refused = refused(parse)
                break
            self.count += len(places)
            found.add(document, partial(_place, parse.prefix, places), parse.prefix)
            if found.full:
                break
        found.close()
        self.xml = told.problems


def _place(prefix: str, places: list[str], number: int) -> str:
    return f"{prefix}{places[number]}"


def _graph(parse: Parse, reading: Reading) -> tuple[dict[str, Any], list[str]]:
    """An RDF document as in JSON, and the XPath of each package."""
    for _ in parse:
        pass
    if parse.root is None:
        return {}, []
    graph = _Graph(parse.root)
    document = graph.document()
    for place, message in graph.problems[:SHOWN]:
        reading.problem(f"{parse.prefix}{place}", message)
    if len(graph.problems) > SHOWN:
        reading.problem(parse.prefix, f"{len(graph.problems) - SHOWN:,} more problems of RDF are not listed")
    return document, graph.places


def _document(parse: Parse) -> tuple[dict[str, Any], list[str]]:
    """SPDX XML as in JSON, and the XPath of each package. Elements are forgotten as they end."""
    found: dict[str, Any] = {}
    for element in parse:
        parent = element.getparent()
        if parent is not None and parent.getparent() is None:
            before, above = [], element.getprevious()
            while above is not None and above.tag != "read":
                before.append(above)
                above = above.getprevious()
            for each in reversed(before):
                _enter(found, each)
            _enter(found, element)
            parse.forget(element)
            if len(found.get("packages", ())) >= 2 * MOST:
                parse.stopped = f"more than {2 * MOST:,} packages stand here"
                break
    if parse.root is not None:
        for child in parse.root:
            if child.tag != "read":
                _enter(found, child)
    above = f"/{local(parse.root)}" if parse.root is not None else ""
    return found, [f"{above}/packages[{number}]" for number, _ in enumerate(found.get("packages", ()), 1)]


def _enter(found: dict[str, Any], element: Any) -> None:
    name = NAMES[element.tag]
    if name in _PASSED or not name:
        return
    if name in _LISTS:
        found.setdefault(name, []).append(_value(element, 1))
    else:
        found[name] = _value(element, 1)


def _value(element: Any, depth: int) -> Any:
    if not len(element) or depth > MAX_DEPTH:
        return text(element)
    found: dict[str, Any] = {}
    for child in element:
        name = NAMES[child.tag]
        value = _value(child, depth + 1) if len(child) else text(child)
        if name in _LISTS:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


Parts = dict[str, list[Any]]
"""Elements by their local names, in their order."""


class _Graph:
    """The nodes of an RDF/XML document, by what they are called."""

    def __init__(self, root: Any) -> None:
        self.problems: list[tuple[str, str]] = []
        self.places: list[str] = []
        self._packages: list[Any] = []
        self._relations: list[Any] = []
        self._infos: list[Any] = []
        self._main: Any = None
        self._nodes: dict[str, Any] = {}
        self._expressions: dict[Any, str | None] = {}
        self._written = 0
        counts: Counter[str] = Counter()
        for element in root.iter(etree.Element):
            name = NAMES[element.tag]
            if name == "relationship":
                self._relations.append(element)
            elif name in _KNOWN:
                called = _called(element)
                # the element that says something of the node, not one that merely names it
                if called and (called not in self._nodes or len(element) > len(self._nodes[called])):
                    self._nodes[called] = element
                if name == "Package" or name == "Description":
                    counts[name] += 1
                    if _is_package(element, name):
                        self._packages.append(element)
                        self.places.append(f"//{name}[{counts[name]}]")
                elif name == "ExtractedLicensingInfo":
                    self._infos.append(element)
                elif name == "SpdxDocument" and self._main is None:
                    self._main = element

    def document(self) -> dict[str, Any]:
        """The graph as in SPDX's JSON."""
        found: dict[str, Any] = {
            "packages": [self._package(each) for each in self._packages],
            "relationships": list(self._relationships()),
            "hasExtractedLicensingInfos": [
                {name: _said(each, _parts(each), name) for name in ("licenseId", "name", "extractedText")}
                for each in self._infos
            ],
        }
        if self._main is None:
            self.problems.append(("", "there is no SpdxDocument, so nobody is named as its author"))
            return found
        parts = _parts(self._main)
        created = self._node(_first(parts, "creationInfo"))
        found["spdxVersion"] = _said(self._main, parts, "specVersion")
        found["name"] = _said(self._main, parts, "name")
        found["documentDescribes"] = [_identifier(self._refers(each)) for each in parts.get("describesPackage", ())]
        if created is not None:
            made = _parts(created)
            found["creationInfo"] = {
                "creators": [text(each) for each in made.get("creator", ())],
                "created": _said(created, made, "created"),
            }
        return found

    def _package(self, element: Any) -> dict[str, Any]:
        parts = _parts(element)
        found: dict[str, Any] = {
            name: _said(element, parts, name) for name in ("name", "versionInfo", "summary", "description")
        }
        found["SPDXID"] = _identifier(_called(element))
        for name in ("supplier", "originator"):
            found[name] = self._agent(_first(parts, name)) if name in parts else None
        for name in ("licenseDeclared", "licenseConcluded"):
            found[name] = self._licence(_first(parts, name), 0) if name in parts else None
        purpose = _said(element, parts, "primaryPackagePurpose") or ""
        found["primaryPackagePurpose"] = purpose.rpartition("purpose_")[2].upper() or None
        if "checksum" in parts:
            found["checksums"] = [
                {
                    "algorithm": (_said(each, own, "algorithm") or "").rpartition("checksumAlgorithm_")[2].upper(),
                    "checksumValue": _said(each, own, "checksumValue"),
                }
                for each, own in self._below(parts["checksum"])
            ]
        if "externalRef" in parts:
            found["externalRefs"] = [
                {
                    "referenceType": re.split(r"[/#]", _said(each, own, "referenceType") or "")[-1],
                    "referenceLocator": _said(each, own, "referenceLocator"),
                }
                for each, own in self._below(parts["externalRef"])
            ]
        return found

    def _below(self, elements: list[Any]) -> Iterator[tuple[Any, Parts]]:
        for each in elements:
            if (node := self._node(each)) is not None:
                yield node, _parts(node)

    def _relationships(self) -> Iterator[dict[str, str]]:
        for each in self._relations:
            relation, subject = self._node(each), each.getparent()
            parts = {} if relation is None else _parts(relation)
            other = _first(parts, "relatedSpdxElement")
            if relation is not None and other is not None and subject is not None:
                kind = (_said(relation, parts, "relationshipType") or "").rpartition("relationshipType_")[2]
                yield {
                    "spdxElementId": _identifier(_called(subject)),
                    "relationshipType": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper(),
                    "relatedSpdxElement": _identifier(self._refers(other)),
                }

    def _refers(self, element: Any) -> str:
        """What the value of a property is called."""
        return (
            element.get(f"{_RDF}resource")
            or _node_id(element)
            or (_called(element[0]) if len(element) else text(element))
        )

    def _node(self, element: Any) -> Any:
        """The node that is the value of a property, where the document describes it."""
        if element is None:
            return None
        if element.get(f"{_RDF}parseType") == "Resource":
            return element
        inner = element[0] if len(element) else None
        if inner is not None and (len(inner) or not _called(inner)):
            return inner
        return self._nodes.get(self._refers(element))

    def _agent(self, element: Any) -> str | None:
        """An agent as text, in whatever way it is given."""
        if element is None:
            return None
        node = self._node(element)
        if node is not None:
            return _said(node, _parts(node), "name") or text(node)
        return _plain(element.get(f"{_RDF}resource") or text(element))

    def _licence(self, element: Any, depth: int) -> str | None:
        """The value of a licence property as an expression."""
        if element is None:
            return None
        inner = element[0] if len(element) else self._nodes.get(self._refers(element))
        if inner is None:
            return _plain(self._refers(element))
        return self._expression(inner, depth)

    def _expression(self, node: Any, depth: int) -> str | None:
        if not len(node) and (elsewhere := self._nodes.get(_called(node))) is not None:
            node = elsewhere
        if node not in self._expressions:
            self._expressions[node] = None  # what a set says of itself, should it hold itself
            self._expressions[node] = self._expressed(node, depth)
        return self._expressions[node]

    def _expressed(self, node: Any, depth: int) -> str | None:
        kind, parts = local(node), _parts(node)
        if depth > MAX_DEPTH or self._written > MAX_WRITTEN:
            why = f"nested more than {MAX_DEPTH} levels deep" if depth > MAX_DEPTH else "made of others by the thousand"
            self.problems.append((f"line {node.sourceline}", f"a licence is {why}; its inner part is not read"))
            return None
        member = _first(parts, "member")
        if kind in _SETS:
            each = [self._licence(part, depth + 1) for part in parts.get("member", ())]
            whole = _SETS[kind].join(part for part in each if part)[: licences.LONGEST]
            self._written += len(whole)
            return f"({whole})" if len(each) > 1 else whole or None
        if kind == "WithExceptionOperator":
            exception = next(iter(node.iter("{*}licenseExceptionId")), None)
            told = text(exception) if exception is not None else _said(node, parts, "licenseException") or ""
            return f"{self._licence(member, depth + 1) or ''} WITH {told.rpartition('/')[2]}"
        if kind == "OrLaterOperator":
            return f"{self._licence(member, depth + 1) or ''}+"
        return _said(node, parts, "licenseId") or _plain(_called(node))


def _is_package(element: Any, name: str) -> bool:
    """Whether an element describes a package, and does not merely name one that is described elsewhere."""
    if name == "Description":
        kinds = (each.get(f"{_RDF}resource") or "" for each in element if NAMES[each.tag] == "type")
        return any(kind.endswith("#Package") for kind in kinds)
    return bool(len(element)) or not _called(element)


def _parts(element: Any) -> Parts:
    found: Parts = {}
    for child in element:
        name = NAMES[child.tag]
        if name in found:
            found[name].append(child)
        else:
            found[name] = [child]
    return found


def _first(parts: Parts, name: str) -> Any:
    return parts[name][0] if name in parts else None


def _called(element: Any) -> str:
    return element.get(f"{_RDF}about") or element.get(f"{_RDF}ID") or _node_id(element) or ""


def _node_id(element: Any) -> str:
    blank = element.get(f"{_RDF}nodeID")
    return f"_:{blank}" if blank else ""


def _identifier(uri: str) -> str:
    """The SPDXID in the address of an element."""
    return uri.rpartition("#")[2]


def _said(element: Any, parts: Parts, name: str) -> str | None:
    """A property of an element with these parts as text: what it holds, or what it refers to."""
    if name not in parts:
        told: str | None = element.get(f"{{http://spdx.org/rdf/terms#}}{name}")
        return told
    found = parts[name][0]
    return found.get(f"{_RDF}resource") or text(found)


def _plain(uri: str | None) -> str | None:
    """A licence id, an agent, NOASSERTION or NONE out of its address."""
    if not uri:
        return None
    last = re.split(r"[/#]", uri)[-1] if "://" in uri else uri
    return _NOBODY.get(last.casefold(), last)
