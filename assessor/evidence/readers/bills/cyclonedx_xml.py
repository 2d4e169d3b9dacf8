"""CycloneDX XML 1.0 to 1.7 to the table `components`: each `<component>` as the JSON reader's mapping, then its row.

Read as a stream, so that memory does not grow with the file. Components of tools, pedigrees, formulations, annotations
and declarations are not part of what the document describes and give no row, as in JSON. https://cyclonedx.org/docs/1.6/xml/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assessor.evidence.readers.base import Countries, Problem, Reading, Unreadable
from assessor.evidence.readers.bills import cyclonedx, cyclonedx_elements
from assessor.evidence.readers.bills.cyclonedx_rows import Rows
from assessor.evidence.readers.rows import Told, frugal, shared_text
from assessor.evidence.readers.xml_parse import Parse, documents, local, refused, standing
from assessor.evidence.readers.xml_source import Source

_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?bom\b", re.IGNORECASE)
_VERSION = re.compile(rb"cyclonedx\.org/schema/bom/(\d+(?:\.\d+)*)", re.IGNORECASE)
_ASIDE = frozenset(("tools", "pedigree", "formulation", "annotations", "declarations", "vulnerabilities", "metadata"))
# of which a document may hold more than components; not read, only forgotten
_PASSING = ("dependency", "vulnerability", "service", "composition", "annotation", "formula")
NAMES = ("component", "metadata", *_PASSING)
"""Elements that are taken, or forgotten, as they end."""


def recognised(head: bytes) -> bool:
    """Whether the bytes from the root element on begin a CycloneDX document."""
    return bool(_ROOT.match(head)) and (b"cyclonedx" in head.lower() or b"component" in head)


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every component of the file as a row; identity is `source#` and its XPath, which begins with the number of the document
    where that is not the first of the file. Raises Unreadable when it is none."""
    origin = Source(path)
    if not recognised(origin.head):
        raise Unreadable("not a CycloneDX document")
    best = _pass(origin, source, repaired=False)
    if best.damaged:
        there = standing(origin, "component")
        if there > best.seen and best.reparable:
            mended = _pass(origin, source, repaired=True)
            if mended.seen > best.seen:
                mended.xml = [*best.xml, *mended.xml]
                best = mended
        if there > best.seen:
            best.reading.problem(
                "",
                f"about {there - best.seen:,} components stand where the XML is damaged or not read; they are not listed",
            )
    reading = best.reading
    if best.refused is not None and not best.rows.count:
        raise best.refused
    reading.problems = [*origin.problems, *best.xml, *reading.problems]
    if not best.rows.count:
        reading.notes.append("no components")
    reading.format, reading.serialization = "cyclonedx", "xml"
    reading.spec_version = _version(origin.head) or ""
    return reading


class _MetadataLater(Exception):
    """The metadata stands behind components that were read without it."""


def _pass(origin: Source, source: str, repaired: bool) -> _Pass:
    """One pass over the file, or more where metadata, which says whose tools and which item these are, comes after very many
    components."""
    try:
        return _Pass(source, None).run(origin, repaired)
    except _MetadataLater:
        return _Pass(source, _metadata(origin, repaired)).run(origin, repaired)


def _metadata(origin: Source, repaired: bool) -> dict[int, Mapping[str, Any]]:
    """The metadata of each document, by its number."""
    found: dict[int, Mapping[str, Any]] = {}
    for parse in documents(origin, NAMES, recognised, lambda place, message: None, repaired):
        for element in parse:
            if not _held(element):
                if local(element) == "metadata" and parse.number not in found:
                    found[parse.number] = cyclonedx_elements.metadata(element)
                parse.forget(element)
    return found


class _Pass:
    """One pass over the file: its reading, the problems of the XML itself, and how many components were seen."""

    def __init__(self, source: str, known: Mapping[int, Mapping[str, Any]] | None) -> None:
        self.reading = Reading()
        self.rows = Rows(self.reading, source)
        self.xml: list[Problem] = []
        self.seen = 0
        self.damaged = self.reparable = False
        self.refused: Unreadable | None = None
        """Why the file has no document, where the parser found not even a root."""
        self._source, self._known = source, known
        self._strayed = Told(self.reading, "elements among the components that are none")

    def run(self, origin: Source, repaired: bool) -> _Pass:
        told = Reading()
        self._origin = origin
        for parse in documents(origin, NAMES, recognised, self.reading.problem, repaired):
            self._document(parse, _version(parse.head))
            parse.tell(told)
            self.damaged |= bool(parse.mended or parse.stopped)
            self.reparable |= parse.reparable
            if parse.number == 1 and parse.root is None:
                self.refused = refused(parse)
            if self.rows.full:
                break
        self.rows.close()
        self._strayed.close()
        self.xml = told.problems
        return self

    def _document(self, parse: Parse, version: str | None) -> None:
        self._parse, self._version = parse, version
        self._main = f"{parse.prefix}/bom/metadata/component"
        self._metas = 0
        self._counts: dict[str, int] = {}
        self._under: Any = None  # the element below which components were read last, and its place
        self._above = ""
        told = None if self._known is None else self._known.get(parse.number)
        self._held = self.rows.begin(cyclonedx.shared({}, version, self._source))
        self._share(told or {})
        before, first = self.seen, self.rows.count
        count = read = 0
        passing, asked = None, False
        for element in parse:
            name = local(element)
            if name == "component":
                count += 1
                parent = element.getparent()
                if parent is self._under or not _held(element):
                    self._component(element, parent, alone=count == read + 1)
                    parse.forget(element)
                    read = count
            elif name == "metadata":
                if not _held(element):
                    self._meta(element)
                    parse.forget(element)
            elif (parent := element.getparent()) is passing or _passing(element):
                passing = parent
                parse.forget(element)
            if self.rows.full:
                break
            if self._held.begun and not self._metas and self._known is None and not asked:
                asked = True
                if standing(self._origin, "metadata"):
                    raise _MetadataLater
        if parse.root is not None:  # what was never closed
            count += self._unclosed(parse.root)
        self.seen = before + max(count, self.rows.count - first)

    def _unclosed(self, root: Any) -> int:
        """Read what the document holds in elements without an end; how many components these are."""
        for element in root.iterdescendants("{*}metadata"):
            if not _held(element):
                self._meta(element)
        left = 0
        for element in root.iterdescendants("{*}component"):
            left += 1
            if not _held(element) and not self.rows.full:
                self._component(element, element.getparent(), alone=False)
        for components in root.iterfind("{*}components"):
            self._strays(components[-1] if len(components) else None)
        return left

    def _share(self, metadata: Mapping[str, Any]) -> None:
        """What the metadata say of all rows."""
        shared, place = cyclonedx.shared(metadata, self._version, self._source), f"{self._parse.prefix}/bom/metadata"
        shared = replace(
            shared,
            item=shared_text(self.reading, place, "the name of the item", shared.item),
            document_author=shared_text(self.reading, place, "the author of the document", shared.document_author),
            timestamp=shared_text(self.reading, place, "the timestamp", shared.timestamp),
        )
        self._held.share(shared, f"{self._source}#{self._main}" if "component" in metadata else None)

    def _meta(self, element: Any) -> None:
        self._metas += 1
        place = self._main
        if self._metas > 1:
            place = f"{self._parse.prefix}/bom/metadata[{self._metas}]/component"
            message = "metadata stand here once more; their component is listed, and what else they say is not used"
            self.rows.tell(f"line {self._parse.line(element)}", message)
        elif self._known is None:
            if self._held.begun:
                raise _MetadataLater
            self._share(cyclonedx_elements.metadata(element))
        main = element.find("{*}component")
        if main is not None:
            self._tree(main, place, None, 0)

    def _component(self, element: Any, parent: Any, alone: bool) -> None:
        """A component that hangs below no other, with those inside it unless it is alone."""
        self._strays(element.getprevious())
        if parent is not self._under:
            self._under, self._above = parent, f"{self._parse.prefix}/{'/'.join(_path(element))}"
        above = self._above
        self._counts[above] = number = self._counts.get(above, 0) + 1
        place = f"{above}/component[{number}]"
        if not alone:
            self._tree(element, place, self._held.main, 1)
        elif len(element) or element.get("type") or element.get("bom-ref") or self.rows.empty():
            self._row(element, place, self._held.main, 1)

    def _tree(self, top: Any, place: str, parent: str | None, level: int) -> None:
        self._row(top, place, parent, level)
        known, counts = {top: (place, level)}, dict[str, int]()
        for element in top.iterdescendants("{*}component"):
            if self.rows.full:
                break
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
        component, told = cyclonedx_elements.component(element)
        for message in told:
            self.rows.tell(place, message)
        self.rows.add(component, place, parent, level, self._parse.line(element), self._parse.fed)

    def _strays(self, element: Any) -> None:
        """Elements among the components that are none, from this one backwards to the last that was read."""
        while element is not None and (name := local(element)) != "read":
            if name and name != "component" and local(element.getparent()) == "components":
                message = f"<{name[:40]}> stands among the components and is none; it is not read and nothing it names is fetched"
                self._strayed(f"line {self._parse.line(element)}", message)
            element = element.getprevious()


def _version(head: bytes) -> str | None:
    found = _VERSION.search(head)
    return found[1].decode("ascii") if found else None


def _held(element: Any) -> bool:
    """Whether it stands inside a component or a part of the document that describes other things."""
    above = element.getparent()
    while above is not None:
        name = local(above)
        if name == "component" or name in _ASIDE:
            return True
        above = above.getparent()
    return False


def _passing(element: Any) -> bool:
    """Whether it stands in no component and no metadata, of which something is read when they end."""
    return next(element.iterancestors("{*}component", "{*}metadata"), None) is None


def _path(element: Any) -> list[str]:
    return [local(each) for each in reversed(list(element.iterancestors()))]
