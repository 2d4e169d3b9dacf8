"""SPDX 2 as RDF/XML and as XML to the table `components`: one row a package.

RDF says the same thing in many shapes: a node stands where it is first named, or apart, and is referred to by
`rdf:resource` or `rdf:nodeID`. XML is SPDX's JSON with an element for each key, repeated for a list. Both become that
mapping. https://spdx.github.io/spdx-spec/v2.3/conformance/ and https://spdx.org/rdf/terms/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assessor.evidence.readers import licences, spdx_table
from assessor.evidence.readers.base import Countries, Reading, Unreadable
from assessor.evidence.readers.xml_parse import Parse, local, text
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
MAX_DEPTH = 50
"""Levels of nested sets of licences, and of elements of SPDX's XML."""


def recognised(head: bytes) -> bool:
    """Whether the bytes from the root element on begin an SPDX 2 document."""
    low = head.lower()
    if re.match(rb"<(?:[\w.-]{1,40}:)?rdf\b", low):
        return b"spdx.org/rdf/terms" in low or b"spdx.org/rdf/v2" in low
    return bool(re.match(rb"<(?:document|spdx[\w:-]*)\b", low)) and (b"spdxversion" in low or b"spdxid" in low)


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#` and its XPath. Raises Unreadable when it is no SPDX."""
    origin = Source(path)
    if not recognised(origin.head):
        raise Unreadable("not an SPDX document")
    reading = Reading(problems=list(origin.problems))
    best = _parsed(origin, repaired=False)
    best.tell(reading)
    if best.reparable and best.root is not None:
        again = _parsed(origin, repaired=True)
        if again.root is not None and _size(again.root) > _size(best.root):
            best = again
            best.tell(reading)
    if best.root is None:
        raise Unreadable(f"not valid XML: {best.mended[0][1] if best.mended else 'it has no element'}")
    rdf = local(best.root).lower() == "rdf"
    if rdf:
        graph = _Graph(best.root)
        document, places = graph.document(), graph.places
        for place, message in graph.problems:
            reading.problem(place, message)
    else:
        document, places = _document(best.root)
    reading.serialization = "rdf" if rdf else "xml"
    spdx_table.fill(reading, document, source, lambda number: places[number])
    return reading


def _parsed(origin: Source, repaired: bool) -> Parse:
    parse = Parse(origin, (), repaired)
    for _ in parse:
        pass
    return parse


def _size(root: Any) -> int:
    return sum(1 for _ in root.iter("{*}Package", "{*}packages"))


def _document(root: Any) -> tuple[dict[str, Any], list[str]]:
    """SPDX XML as in JSON, and the XPath of each package."""
    found = _value(root, 0)
    made = found if isinstance(found, dict) else {}
    above = f"/{local(root)}"
    return made, [f"{above}/packages[{number}]" for number, _ in enumerate(made.get("packages", ()), 1)]


def _value(element: Any, depth: int) -> Any:
    if not len(element) or depth > MAX_DEPTH:
        return text(element)
    found: dict[str, Any] = {}
    for child in element:
        name = local(child)
        if depth == 0 and name in ("files", "snippets"):
            continue
        if name in _LISTS:
            found.setdefault(name, []).append(_value(child, depth + 1))
        else:
            found[name] = _value(child, depth + 1)
    return found


class _Graph:
    """The nodes of an RDF/XML document, by what they are called."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self.problems: list[tuple[str, str]] = []
        self.places: list[str] = []
        self._packages: list[Any] = []
        self._nodes: dict[str, Any] = {}
        self._expressions: dict[Any, str | None] = {}
        known = {"Package", "File", "SpdxDocument", "ExtractedLicensingInfo", *_SETS}
        known |= {
            "WithExceptionOperator",
            "OrLaterOperator",
            "ListedLicense",
            "SimpleLicensingInfo",
            "License",
            "CreationInfo",
        }
        known |= {"Checksum", "ExternalRef", "Relationship", "Description"}
        for element in root.iter("{*}*"):
            called = _called(element) if local(element) in known else ""
            # the element that says something of the node, not one that merely names it
            if called and (called not in self._nodes or len(element) > len(self._nodes[called])):
                self._nodes[called] = element
        counts: Counter[str] = Counter()
        for element in root.iter("{*}Package", "{*}Description"):
            counts[name := local(element)] += 1
            if _is_package(element):
                self._packages.append(element)
                self.places.append(f"//{name}[{counts[name]}]")

    def document(self) -> dict[str, Any]:
        """The graph as in SPDX's JSON."""
        document = next(self._root.iter("{*}SpdxDocument"), None)
        found: dict[str, Any] = {
            "packages": [self._package(each) for each in self._packages],
            "relationships": list(self._relationships()),
            "hasExtractedLicensingInfos": [
                {name: _said(each, name) for name in ("licenseId", "name", "extractedText")}
                for each in self._root.iter("{*}ExtractedLicensingInfo")
            ],
        }
        if document is None:
            self.problems.append(("", "there is no SpdxDocument, so nobody is named as its author"))
            return found
        created = self._node(document.find("{*}creationInfo"))
        found["spdxVersion"] = _said(document, "specVersion")
        found["name"] = _said(document, "name")
        found["documentDescribes"] = [
            _identifier(self._refers(each)) for each in document.iterfind("{*}describesPackage")
        ]
        if created is not None:
            found["creationInfo"] = {
                "creators": [text(each) for each in created.iterfind("{*}creator")],
                "created": _said(created, "created"),
            }
        return found

    def _package(self, element: Any) -> dict[str, Any]:
        parts = {name: _said(element, name) for name in ("name", "versionInfo", "summary", "description")}
        for name in ("supplier", "originator"):
            parts[name] = self._agent(element.find(f"{{*}}{name}"))
        for name in ("licenseDeclared", "licenseConcluded"):
            parts[name] = self._licence(element.find(f"{{*}}{name}"), 0)
        purpose = _said(element, "primaryPackagePurpose") or ""
        return {
            **parts,
            "SPDXID": _identifier(_called(element)),
            "primaryPackagePurpose": purpose.rpartition("purpose_")[2].upper() or None,
            "checksums": [
                {
                    "algorithm": (_said(each, "algorithm") or "").rpartition("checksumAlgorithm_")[2].upper(),
                    "checksumValue": _said(each, "checksumValue"),
                }
                for each in self._below(element, "checksum")
            ],
            "externalRefs": [
                {
                    "referenceType": re.split(r"[/#]", _said(each, "referenceType") or "")[-1],
                    "referenceLocator": _said(each, "referenceLocator"),
                }
                for each in self._below(element, "externalRef")
            ],
        }

    def _below(self, element: Any, name: str) -> Iterator[Any]:
        for each in element.iterfind(f"{{*}}{name}"):
            if (node := self._node(each)) is not None:
                yield node

    def _relationships(self) -> Iterator[dict[str, str]]:
        for each in self._root.iter("{*}relationship"):
            relation, subject = self._node(each), each.getparent()
            other = None if relation is None else relation.find("{*}relatedSpdxElement")
            if relation is not None and other is not None and subject is not None:
                kind = (_said(relation, "relationshipType") or "").rpartition("relationshipType_")[2]
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
            return _said(node, "name") or text(node)
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
        kind = local(node)
        if depth > MAX_DEPTH:
            message = f"a licence is nested more than {MAX_DEPTH} levels deep; its inner part is not read"
            self.problems.append((f"line {node.sourceline}", message))
            return None
        member = node.find("{*}member")
        if kind in _SETS:
            each = [self._licence(part, depth + 1) for part in node.iterfind("{*}member")]
            whole = _SETS[kind].join(part for part in each if part)[: licences.LONGEST]
            return f"({whole})" if len(each) > 1 else whole or None
        if kind == "WithExceptionOperator":
            exception = next(iter(node.iter("{*}licenseExceptionId")), None)
            told = text(exception) if exception is not None else _said(node, "licenseException") or ""
            return f"{self._licence(member, depth + 1) or ''} WITH {told.rpartition('/')[2]}"
        if kind == "OrLaterOperator":
            return f"{self._licence(member, depth + 1) or ''}+"
        return _said(node, "licenseId") or _plain(_called(node))


def _is_package(element: Any) -> bool:
    """Whether an element describes a package, and does not merely name one that is described elsewhere."""
    if local(element) == "Description":
        kinds = (each.get(f"{_RDF}resource") or "" for each in element.iterfind("{*}type"))
        return any(kind.endswith("#Package") for kind in kinds)
    return bool(len(element)) or not _called(element)


def _called(element: Any) -> str:
    return element.get(f"{_RDF}about") or element.get(f"{_RDF}ID") or _node_id(element) or ""


def _node_id(element: Any) -> str:
    blank = element.get(f"{_RDF}nodeID")
    return f"_:{blank}" if blank else ""


def _identifier(uri: str) -> str:
    """The SPDXID in the address of an element."""
    return uri.rpartition("#")[2]


def _said(element: Any, name: str) -> str | None:
    """A property as text: what it holds, or what it refers to."""
    found = element.find(f"{{*}}{name}")
    if found is None:
        told: str | None = element.get(f"{{http://spdx.org/rdf/terms#}}{name}")
        return told
    return found.get(f"{_RDF}resource") or text(found)


def _plain(uri: str | None) -> str | None:
    """A licence id, an agent, NOASSERTION or NONE out of its address."""
    if not uri:
        return None
    last = re.split(r"[/#]", uri)[-1] if "://" in uri else uri
    return _NOBODY.get(last.casefold(), last)
