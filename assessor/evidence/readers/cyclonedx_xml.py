"""CycloneDX XML 1.0 to 1.7 to the table `components`: each `<component>` as the JSON reader's mapping, then its row.

Read as a stream, so that memory does not grow with the file. Components of tools, pedigrees, formulations, annotations
and declarations are not part of what the document describes and give no row, as in JSON. https://cyclonedx.org/docs/1.6/xml/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assessor.evidence.readers import cyclonedx, cyclonedx_elements
from assessor.evidence.readers.base import Countries, Reading, Row, Unreadable
from assessor.evidence.readers.rows import Rows, Told
from assessor.evidence.readers.xml_parse import Parse, local
from assessor.evidence.readers.xml_source import Source

_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?bom\b", re.IGNORECASE)
_VERSION = re.compile(rb"cyclonedx\.org/schema/bom/(\d+(?:\.\d+)*)", re.IGNORECASE)
_ASIDE = frozenset(("tools", "pedigree", "formulation", "annotations", "declarations", "vulnerabilities", "metadata"))
_PASSING = (
    "dependency",
    "vulnerability",
)  # of which a document may hold more than components; not read, only forgotten
_MAIN = "/bom/metadata/component"


def recognised(head: bytes) -> bool:
    """Whether the bytes from the root element on begin a CycloneDX document."""
    return bool(_ROOT.match(head)) and (b"cyclonedx" in head.lower() or b"component" in head)


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every component of the file as a row; identity is `source#` and its XPath. Raises Unreadable when it is none."""
    origin = Source(path)
    if not recognised(origin.head):
        raise Unreadable("not a CycloneDX document")
    best = _pass(origin, source, repaired=False)
    if best.parse.mended:
        standing = best.parse.standing("component")
        if standing > best.seen and best.parse.reparable:
            mended = _pass(origin, source, repaired=True)
            if mended.seen > best.seen:
                mended.reading.problems = [*best.told(), *mended.reading.problems]
                best = mended
        if standing > best.seen:
            best.reading.problem(
                "", f"about {standing - best.seen} components stand where the XML is damaged; they are not read"
            )
    reading = best.reading
    reading.problems = [*origin.problems, *best.told(), *reading.problems]
    if best.parse.root is None and not best.rows.count:
        raise Unreadable(f"not valid XML: {reading.problems[0].message if reading.problems else 'it has no element'}")
    if not best.rows.count:
        reading.notes.append("no components")
    version = _VERSION.search(origin.head)
    reading.format, reading.serialization = "cyclonedx", "xml"
    reading.spec_version = version[1].decode("ascii") if version else ""
    return reading


class _MetadataLater(Exception):
    """The metadata stands behind components that were read without it."""


def _pass(origin: Source, source: str, repaired: bool) -> _Pass:
    """One pass, or two where the metadata, which says whose tools and which item these are, comes after components."""
    try:
        return _Pass(origin, source, repaired, None).run()
    except _MetadataLater as later:
        return _Pass(origin, source, repaired, later.args[0]).run()


class _Pass:
    """One pass over the file: its reading and what the rows share."""

    def __init__(self, origin: Source, source: str, repaired: bool, metadata: Mapping[str, Any] | None) -> None:
        self.reading = Reading()
        self.rows = Rows(self.reading)
        self._tell = Told(self.reading, "problems of components")
        self.parse = Parse(origin, ("component", "metadata", *_PASSING), repaired)
        self.seen = 0
        self._source, self._metadata, self._repaired = source, metadata, repaired
        self._counts: dict[str, int] = {}
        self._under: Any = None  # the element below which components were read last, and its place
        self._above = ""
        version = _VERSION.search(origin.head)
        self._version = version[1].decode("ascii") if version else None
        self._share(metadata or {})

    def run(self) -> _Pass:
        read = 0
        for element in self.parse:
            name = local(element)
            if name == "component":
                self.seen += 1
                parent = element.getparent()
                if parent is self._under or not _held(element):
                    self._component(element, parent, alone=self.seen == read + 1)
                    self.parse.forget(element)
                    read = self.seen
            elif name in _PASSING and next(element.iterancestors("{*}component"), None) is None:
                self.parse.forget(element)
            elif name == "metadata" and not _held(element):
                self._meta(element)
                self.parse.forget(element)
        root = self.parse.root
        if root is not None:  # what was never closed
            for element in list(root.iter("{*}metadata")):
                if not _held(element):
                    self._meta(element)
            left = list(root.iter("{*}component"))
            self.seen = max(self.seen, self.rows.count + len(left)) if left else self.seen
            for element in left:
                if not _held(element):
                    self._component(element, element.getparent(), alone=False)
            for components in root.iterfind("{*}components"):
                self._strays(components[-1] if len(components) else None)
        self.rows.close()
        self._tell.close()
        return self

    def told(self) -> list[Any]:
        """The problems of the XML itself."""
        said = Reading()
        self.parse.tell(said)
        return said.problems

    def _share(self, metadata: Mapping[str, Any]) -> None:
        """What the metadata say of all rows."""
        self._main = f"{self._source}#{_MAIN}" if "component" in metadata else None
        self._shared = shared = cyclonedx.shared(metadata, self._version, self._source)
        whole = {
            "source": shared.source,
            "item": shared.item,
            "document_author": shared.document_author,
            "timestamp": shared.timestamp,
        }
        self._whole = {name: text for name, text in whole.items() if text is not None}
        # what a component without any fact says, found out once: a file may hold a million of them
        self._lacks: list[str] = []
        facts = cyclonedx.facts({}, shared, "", lambda _, message, excerpt: self._lacks.append(message))
        self._nothing = self._whole | {name: value for name, value in facts.items() if value is not None}

    def _meta(self, element: Any) -> None:
        metadata = cyclonedx_elements.metadata(element)
        if self._metadata is None:
            if self.rows.count:
                raise _MetadataLater(metadata)
            self._share(metadata)
            self._metadata = metadata
        main = element.find("{*}component")
        if main is not None:
            self._tree(main, _MAIN, None, 0)

    def _component(self, element: Any, parent: Any, alone: bool) -> None:
        """A component that hangs below no other, with those inside it unless it is alone."""
        self._strays(element.getprevious())
        if parent is not self._under:
            self._under, self._above = parent, "/" + "/".join(_path(element))
        above = self._above
        self._counts[above] = number = self._counts.get(above, 0) + 1
        place = f"{above}/component[{number}]"
        if alone:
            self._row(element, place, self._main, 1)
        else:
            self._tree(element, place, self._main, 1)

    def _tree(self, top: Any, place: str, parent: str | None, level: int) -> None:
        self._row(top, place, parent, level)
        known, counts = {top: (place, level)}, dict[str, int]()
        for element in top.iterdescendants("{*}component"):
            between, above = [], element.getparent()
            while above is not None and above not in known and (name := local(above)) not in _ASIDE:
                between.append(name)
                above = above.getparent()
            if above not in known:  # of a pedigree or another part that describes other articles
                continue
            upper, depth = known[above]
            under = "/".join([upper, *reversed(between)])
            counts[under] = counts.get(under, 0) + 1
            known[element] = (f"{under}/component[{counts[under]}]", depth + 1)
            self._row(element, known[element][0], f"{self._source}#{upper}", depth + 1)

    def _row(self, element: Any, place: str, parent: str | None, level: int) -> None:
        component, twice = cyclonedx_elements.component(element)
        for name, first in twice:
            again = str(component[name])[:120]
            self._tell(place, f"{name} stands more than once: {first!r} and {again!r}; the last is used")
        if len(component) == 2 and component["type"] is None and component["bom-ref"] is None:
            for message in self._lacks:
                self._tell(place, f"{message} (line {element.sourceline})")
            facts = self._nothing
        else:
            facts = self._whole | cyclonedx.facts(
                component,
                self._shared,
                place,
                lambda place, message, excerpt: self._tell(place, f"{message} (line {element.sourceline})", excerpt),
            )
        row: Row = {
            **facts,
            "component": f"{self._source}#{place}",
            "locator": place,
            "level": level,
            "parent": parent,
        }
        self.rows.add(row)

    def _strays(self, element: Any) -> None:
        """Elements among the components that are none, from this one backwards to the last that was read."""
        while element is not None and (name := local(element)) != "read":
            if name and name != "component" and local(element.getparent()) == "components":
                message = (
                    f"<{name}> stands among the components and is none; it is not read and nothing it names is fetched"
                )
                self._tell(f"line {element.sourceline}", message)
            element = element.getprevious()


def _held(element: Any) -> bool:
    """Whether it stands inside a component or a part of the document that describes other things."""
    above = element.getparent()
    while above is not None:
        name = local(above)
        if name == "component" or name in _ASIDE:
            return True
        above = above.getparent()
    return False


def _path(element: Any) -> list[str]:
    return [local(each) for each in reversed(list(element.iterancestors()))]
