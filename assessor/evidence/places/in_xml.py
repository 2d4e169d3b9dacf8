"""Places in XML: the path of an element as the readers count it (`/bom/components/component[3]/components/component[1]`).

The document is read by the readers' own parser, which sees no document type and follows nothing, element by element where they
do so. Numbers count the elements of the same path in their order, in records of the Global LEI System those of the same name;
after `//` all elements of a name in the document, as for packages in RDF.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from assessor.evidence.places.excerpt import AROUND, MOST, Found, Line, NotShown, around, bounded, here
from assessor.evidence.readers.bills import cyclonedx_xml, spdx_xml
from assessor.evidence.readers.ownership import gleif_tree
from assessor.evidence.readers.xml_parse import NAMES, Parse, documents, local
from assessor.evidence.readers.xml_source import Source

_PLACE = re.compile(r"(/\(\d+\))?(//?)([^/].*)", re.DOTALL)
_STEP = re.compile(r"([^/\[\]]+)(?:\[(\d{1,9})\])?")
_BRIEF = 4
"""Texts of an element beside the place that are shown."""

Names = tuple[str, ...]
Step = tuple[Names, int]
"""Names of elements, each in the one before, and which one of those on that path is meant."""


@dataclass(frozen=True)
class _Form:
    """How the reader of a format goes through a document: the elements that it takes and forgets as they end, those by whose
    count it chooses whether to mend bare signs (empty: it never does), and whether names alone are counted."""

    takes: Names
    recognised: Callable[[bytes], bool]
    counted: str = ""
    by_name: bool = False


_FORMS = {
    "bom.cyclonedx": _Form(cyclonedx_xml.NAMES, cyclonedx_xml.recognised, "component"),
    "bom.spdx": _Form(spdx_xml.PARTS, spdx_xml.recognised, "packages"),
    "ownership.gleif": _Form(
        tuple(gleif_tree.ELEMENTS), lambda head: bool(gleif_tree.XML_ROOT.match(head)), by_name=True
    ),
}
_RDF = _Form((), spdx_xml.recognised, "Package")
_ANY = _Form((), lambda head: False)


@dataclass
class _Look:
    """What one pass has found: the rows of the place, those around it, and what decides whether another pass is better."""

    rows: list[Line] | None = None
    before: deque[Line] = field(default_factory=lambda: deque(maxlen=AROUND))
    after: list[Line] = field(default_factory=list)
    count: int = 0
    reparable: bool = False

    @property
    def whole(self) -> bool:
        return self.rows is not None and len(self.after) == AROUND

    def take(self, element: Any, label: str, is_place: bool, rest: list[Step]) -> None:
        """Note an element that is counted: the place, or one before or after it."""
        if is_place:
            self.rows, siblings = _below(element, rest)
            if rest:
                self.before, self.after = deque(siblings[0]), siblings[1]
        elif rest:  # what is around the place is in the same element
            return
        elif self.rows is None:
            self.before.append(around(label, _brief(element)))
        elif len(self.after) < AROUND:
            self.after.append(around(label, _brief(element)))


def show(path: Path, locator: str, kind: str) -> Found:
    """The element of a path: its texts and attributes, and the elements counted with it. Raises NotShown and Unreadable."""
    told = _PLACE.fullmatch(locator)
    steps = _steps(told[3]) if told else None
    if told is None or not steps:
        raise NotShown("this is no place of an XML document")
    form = _RDF if told[2] == "//" else _FORMS.get(kind, _ANY)
    source = Source(path)
    # bytes that mending would leave as they are need no second look, and the first may end at the place
    mends = bool(form.counted) and any(
        plain != mended for plain, mended in zip(source.chunks(), source.chunks(True), strict=True)
    )
    look = _pass(source, form, told[1] or "", steps, repaired=False, to_end=mends)
    if look.reparable:
        again = _pass(source, form, told[1] or "", steps, repaired=True, to_end=True)
        look = again if again.count > look.count else look
    if look.rows is None:
        raise NotShown("the document has no such place, or is damaged before it")
    return Found(locator, [*look.before, *look.rows, *look.after])


def _steps(path: str) -> list[Step]:
    """A path as steps, each to one element: the names up to a number, or to the end."""
    steps: list[Step] = []
    names: list[str] = []
    for part in path.split("/"):
        told = _STEP.fullmatch(part)
        if told is None:
            return []
        names.append(told[1])
        if told[2]:
            steps.append((tuple(names), int(told[2])))
            names = []
    return [*steps, (tuple(names), 1)] if names else steps


def _pass(source: Source, form: _Form, prefix: str, steps: list[Step], *, repaired: bool, to_end: bool) -> _Look:
    look = _Look()
    (path, wanted), rest = steps[0], steps[1:]
    takes = tuple(dict.fromkeys((*form.takes, path[-1]))) if form is not _RDF else ()
    for parse in documents(source, takes, form.recognised, lambda place, message: None, repaired):
        is_here = parse.prefix == prefix
        if form is _RDF:
            _graph(parse, look, path[-1], wanted, rest, is_here)
        else:
            _document(parse, look, form, path, wanted, rest, is_here, to_end)
        look.reparable |= parse.reparable
        if is_here and not to_end:
            break
    return look


def _document(
    parse: Parse, look: _Look, form: _Form, path: Names, wanted: int, rest: list[Step], is_here: bool, to_end: bool
) -> None:
    seen = 0
    for element in parse:
        name = local(element)
        look.count += name == form.counted
        own = (name,) if form.by_name else _path(element)
        if is_here and own == (path[-1:] if form.by_name else path):
            seen += 1
            look.take(element, f"{parse.prefix}/{'/'.join(path)}[{seen}]", seen == wanted, rest)
            if not to_end and (look.whole or (look.rows is not None and rest)):
                return
        # what stands inside an element of the path is shown with it
        if name in form.takes and (form.by_name or own == path or own[: len(path)] != path):
            parse.forget(element)
    if parse.root is None or parse.ended or form.by_name:
        return
    for element in parse.root.iter(etree.Element):  # what was never closed
        look.count += local(element) == form.counted
        if is_here and local(element) == path[-1] and _path(element) == path:
            seen += 1
            look.take(element, f"{parse.prefix}/{'/'.join(path)}[{seen}]", seen == wanted, rest)


def _graph(parse: Parse, look: _Look, name: str, wanted: int, rest: list[Step], is_here: bool) -> None:
    """A document that is read whole, since what it says of a node may stand anywhere."""
    for _ in parse:
        pass
    if parse.root is None:
        return
    seen = 0
    for element in parse.root.iter(etree.Element):
        if local(element) == name:
            look.count += 1
            seen += 1
            if is_here:
                look.take(element, f"{parse.prefix}//{name}[{seen}]", seen == wanted, rest)


def _path(element: Any) -> Names:
    return (*(local(each) for each in reversed(list(element.iterancestors()))), local(element))


def _below(element: Any, rest: list[Step]) -> tuple[list[Line] | None, tuple[list[Line], list[Line]]]:
    """The rows of the element to which the other steps lead, and of those beside it; None where there is no such one."""
    before: list[Line] = []
    after: list[Line] = []
    for names, wanted in rest:
        found = [element]
        for name in names:  # elements of one path are in the order of the document, level by level
            found = [child for each in found for child in each if local(child) == name]
        if not 0 < wanted <= len(found):
            return None, ([], [])
        numbered = [(f"{'/'.join(names)}[{number}]", each) for number, each in enumerate(found, 1)]
        before = [around(*_labelled(each)) for each in numbered[max(0, wanted - 1 - AROUND) : wanted - 1]]
        after = [around(*_labelled(each)) for each in numbered[wanted : wanted + AROUND]]
        element = found[wanted - 1]
    return bounded(_rows(element)), (before, after)


def _labelled(numbered: tuple[str, Any]) -> tuple[str, str]:
    return numbered[0], _brief(numbered[1])


def _relative(element: Any, above: Any) -> Names:
    names = [local(element)]
    for each in element.iterancestors():
        if each is above:
            break
        names.append(local(each))
    return tuple(reversed(names))


def _rows(element: Any) -> Iterator[Line]:
    """The texts and attributes in an element, in their order, each under its path; an element without any as itself."""
    empty = True
    for node in element.iter(etree.Element):
        label = "/".join(_relative(node, element)) if node is not element else ""
        for name in islice(node.keys(), MOST + 1):  # each value is looked for among all attributes
            empty = False
            yield here(f"{label}@{name[name.rfind('}') + 1 :]}", node.get(name))
        if text := _own_text(node):
            empty = False
            yield here(label or NAMES[node.tag], text)
    if empty:
        yield here(local(element), "it is empty")


def _own_text(node: Any) -> str:
    """The text that stands in an element itself, before, between and behind those in it; what names an entity stays its name."""
    try:
        pieces = [node.text or ""]
        for child in node:
            pieces += ["" if NAMES[child.tag] else child.text or "", child.tail or ""]
        return "".join(pieces).strip()
    except UnicodeDecodeError:  # the parser holds half of a surrogate pair
        return "\ufffd"


def _brief(element: Any) -> str:
    texts = (text for node in element.iter(etree.Element) if (text := _own_text(node)))
    return " | ".join(islice(texts, _BRIEF))
