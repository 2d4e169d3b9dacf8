"""CycloneDX JSON, streamed: blocks of rows for the table `components`, in the order of the file, parents first.

Most components are regular and take the fast way: msgspec reads the members that have a column, and what repeats from one
to the next (suppliers, licences) is understood once. A component with a doubled key or an odd type takes the slow way
through `cyclonedx.facts`, which says the same of regular ones.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import cyclonedx, json_elements, marks
from assessor.evidence.readers.base import ABSENT, Reading, Row, mapping, printable
from assessor.evidence.readers.cyclonedx import Shared
from assessor.evidence.readers.json_stream import Bytes

_NOTHING = (b"", b"null", b"[]", b"{}")
_ABSENT = pa.array(sorted(ABSENT), pa.string())
_FEW = 8  # components for which columns are not worth their making
_BLOCK = 4096  # and how many make a block
_JOINED = 16  # blocks that are joined into one
_DEEPEST = 400


class _Component(msgspec.Struct, gc=False, rename={"ref": "bom-ref"}):
    """The members of a component that have a column, those of a structure still as bytes."""

    type: str | None = None
    name: str | None = None
    version: str | None = None
    description: str | None = None
    publisher: str | None = None
    author: str | None = None
    purl: str | None = None
    cpe: str | None = None
    ref: str | None = None
    modified: bool | None = None
    supplier: msgspec.Raw = msgspec.Raw()
    manufacturer: msgspec.Raw = msgspec.Raw()
    authors: msgspec.Raw = msgspec.Raw()
    licenses: msgspec.Raw = msgspec.Raw()
    hashes: msgspec.Raw = msgspec.Raw()
    properties: msgspec.Raw = msgspec.Raw()
    pedigree: msgspec.Raw = msgspec.Raw()
    components: msgspec.Raw = msgspec.Raw()


class _Regular(msgspec.Struct, gc=False):
    """A component that takes the fast way, its bytes and its place in the structure."""

    component: _Component
    element: Bytes
    place: str
    parent: str | None
    level: int
    hashes: str | None


class _Digest(msgspec.Struct, gc=False):
    alg: str
    content: str


_COMPONENT = msgspec.json.Decoder(_Component)
_DIGESTS = msgspec.json.Decoder(list[list[_Digest]])
_SORTED = msgspec.json.Encoder(order="sorted")
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])


def _licence(value: Any, _: Shared) -> tuple[str | None, str, str]:
    text, proposal = cyclonedx.licence(value)
    return text, proposal.kind, proposal.reason


_MEANING: dict[str, Callable[[Any, Shared], Any]] = {
    "supplier": lambda value, _: cyclonedx.organisation(value),
    "manufacturer": lambda value, _: cyclonedx.organisation(value),
    "authors": lambda value, shared: cyclonedx.people(value, shared.tools),
    "licenses": _licence,
    "pedigree": lambda value, _: cyclonedx.modified({"pedigree": value}),
}
"""What a structure of a component means, by its member."""
_MANY = 50_000
"""Different values of one structure that are remembered."""


class Rows:
    """Collects the components of one document."""

    def __init__(self, shared: Shared, reading: Reading) -> None:
        self.shared, self.reading = shared, reading
        self._run: list[_Regular] = []
        self._blocks: list[pa.Table] = []
        self._plain = True
        self._known: dict[str, dict[bytes, Any]] = {
            member: {data: _MEANING[member](None, shared) for data in _NOTHING} for member in _MEANING
        }

    def add(self, elements: list[Bytes], place: str, first: int, parent: str | None, level: int) -> None:
        """A run of components in the array at `place`, the nested ones of each after it."""
        if not elements:
            return
        text = b",".join(elements)
        slowly = json_elements.suspicious(text, len(elements))
        run = [None if odd else _decoded(each) for each, odd in zip(elements, slowly, strict=True)]
        digests = _digests([component for component in run if component is not None])
        told = iter(digests or ())
        odd = self._odd(run, b"cdx:device" in text) if digests is not None else set(range(len(run)))
        plain = b"\\u" not in text and b"\xef\xbf" not in text  # then no character is one that cannot be printed
        for number, (component, element) in enumerate(zip(run, elements, strict=True)):
            at = f"{place}/{first + number}"
            hashes = next(told, None) if component is not None else None
            if component is None or number in odd:
                self.flush()
                self._slow(json_elements.value(element, at, self.reading), at, parent, level)
                continue
            self._plain &= plain
            self._run.append(_Regular(component, element, at, parent, level, hashes))
            if component.components and bytes(component.components) not in _NOTHING:
                self._nested(component.components, at, level + 1)
        if len(self._run) > _BLOCK:
            self.flush()

    def root(self, main: Any, place: str) -> None:
        """The component that the document describes, with what it holds."""
        self._slow(main, place, None, 0)

    def _odd(self, run: list[_Component | None], devices: bool) -> set[int]:
        """The numbers of components that only look regular. What the structures of the others mean is known after this."""
        there = [(number, component) for number, component in enumerate(run) if component is not None]
        odd = {number for number, c in there if devices and b"cdx:device" in bytes(c.properties)}
        for member, known in self._known.items():
            get = attrgetter(member)
            datas = [bytes(get(component)) for _, component in there]
            wrong = {data for data in set(datas) if data not in known and not self._understood(member, data)}
            if wrong:
                odd |= {number for (number, _), data in zip(there, datas, strict=True) if data in wrong}
        return odd

    def _understood(self, member: str, data: bytes) -> bool:
        """Read a structure once for all components that have the same; False where a key stands twice in it."""
        if len(self._known[member]) > _MANY:  # a file in which nothing repeats must not fill the memory
            return False
        probe = Reading()
        value = json_elements.value(data, "", probe)
        if not probe.problems:
            self._known[member][data] = _MEANING[member](value, self.shared)
        return not probe.problems

    def finish(self) -> None:
        """Hand everything so far to the reading."""
        self.flush()
        self._hand_over()

    def _hand_over(self) -> None:
        """Blocks joined into one: many small ones take up far more memory than their bytes."""
        if self._blocks:
            self.reading.add("components", pa.concat_tables(self._blocks).combine_chunks())
            self._blocks = []

    def flush(self) -> None:
        """Turn the regular components so far into columns."""
        entries, plain = self._run, self._plain
        self._run, self._plain = [], True
        if len(entries) < _FEW:
            for entry in entries:
                self._row(
                    json_elements.value(entry.element, entry.place, self.reading),
                    entry.place,
                    entry.parent,
                    entry.level,
                )
            return
        run = [entry.component for entry in entries]
        shared, known = self.shared, self._known
        licences = [known["licenses"][bytes(c.licenses)] for c in run]
        authors = [known["authors"][bytes(c.authors)] for c in run]
        if any(c.author is not None for c in run):
            told = {name: cyclonedx.person(name, shared.tools) for name in {c.author for c in run}}
            authors = [found or told[c.author] for found, c in zip(authors, run, strict=True)]
        suppliers = [known["supplier"][bytes(c.supplier)] for c in run]
        if shared.by_publisher and any(c.publisher is not None for c in run):
            firms = {name: cyclonedx.organisation(name) for name in {c.publisher for c in run}}
            suppliers = [found or firms[c.publisher] for found, c in zip(suppliers, run, strict=True)]
        changed = [known["pedigree"][bytes(c.pedigree)] for c in run]
        kinds = _text([c.type for c in run], plain)
        purls = _text([c.purl for c in run], plain)
        names = _text([c.name for c in run], plain)
        locators = pa.array([entry.place for entry in entries], pa.string())
        above = pa.array([entry.parent for entry in entries], pa.string())
        for number in np.flatnonzero(names.is_null()).tolist():
            self.reading.problem(entries[number].place, "this component has no name")
        block = {
            "component": pc.binary_join_element_wise(f"{shared.source}#", locators, ""),
            "reference": _text([c.ref for c in run], plain),
            "locator": locators,
            "level": pa.array([entry.level for entry in entries], pa.int64()),
            "parent": pc.binary_join_element_wise(f"{shared.source}#", above, ""),
            "medium": pc.if_else(pc.fill_null(pc.equal(kinds, "device"), False), "hardware", "software"),
            "name": names,
            "version": _text([c.version for c in run], plain),
            "type": kinds,
            "description": _text([c.description for c in run], plain),
            "supplier": pa.array(suppliers, pa.string()),
            "manufacturer": pa.array([known["manufacturer"][bytes(c.manufacturer)] for c in run], pa.string()),
            "author": pa.array(authors, pa.string()),
            "license": pa.array([text for text, _, _ in licences], pa.string()),
            "license_class": pa.array([kind for _, kind, _ in licences], pa.string()),
            "license_reason": pa.array([reason for _, _, reason in licences], pa.string()),
            "firmware": pc.equal(kinds, "firmware"),
            "modified": pa.array(
                [c.modified if found is None else found for found, c in zip(changed, run, strict=True)], pa.bool_()
            ),
            "purl": purls,
            "ecosystem": pa.array([purl and marks.ecosystem(purl) for purl in purls.to_pylist()], pa.string()),
            "cpe": _text([c.cpe for c in run], plain),
            "hashes": pa.array([entry.hashes for entry in entries], pa.string()),
        }
        whole = {
            "source": shared.source,
            "item": shared.item,
            "document_author": shared.document_author,
            "timestamp": shared.timestamp,
        }
        block |= {name: pa.repeat(pa.scalar(text, pa.string()), len(run)) for name, text in whole.items()}
        self._blocks.append(pa.table(block))
        if len(self._blocks) >= _JOINED:
            self._hand_over()

    def _slow(self, component: Any, place: str, parent: str | None, level: int) -> None:
        """Enter any component, with everything that it holds, however deep."""
        todo: list[tuple[Any, str, str | None, int]] = [(component, place, parent, level)]
        while todo:
            value, at, above, depth = todo.pop()
            self._row(value, at, above, depth)
            nested = mapping(value).get("components")
            if isinstance(nested, list):
                todo += [(each, f"{at}/components/{n}", at, depth + 1) for n, each in reversed(list(enumerate(nested)))]
            elif nested is not None:
                self.reading.problem(f"{at}/components", "components is no list", str(nested))

    def _row(self, value: Any, place: str, parent: str | None, level: int) -> None:
        shared = self.shared
        whole: Row = {
            "source": shared.source,
            "item": shared.item,
            "document_author": shared.document_author,
            "timestamp": shared.timestamp,
        }
        own: Row = {
            "component": f"{shared.source}#{place}",
            "locator": place,
            "level": level,
            "parent": parent and f"{shared.source}#{parent}",
        }
        self._hand_over()
        self.reading.add("components", whole | cyclonedx.facts(value, shared, place, self.reading.problem) | own)

    def _nested(self, data: msgspec.Raw, place: str, level: int) -> None:
        try:
            elements: list[Bytes] = list(_ELEMENTS.decode(data)) if level < _DEEPEST else []
        except (msgspec.MsgspecError, RecursionError):
            elements = []
        if elements:
            self.add(elements, f"{place}/components", 0, place, level)
            return
        self.flush()
        value = json_elements.value(data, f"{place}/components", self.reading)
        if not isinstance(value, list):
            self.reading.problem(f"{place}/components", "components is no list", str(value))
            return
        for number, each in enumerate(value):
            self._slow(each, f"{place}/components/{number}", place, level)


def _decoded(element: Bytes) -> _Component | None:
    try:
        return _COMPONENT.decode(element)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _text(texts: list[str | None], plain: bool) -> pa.Array:
    """`base.words` for a column of texts."""
    if not plain:
        texts = [text and printable(text) for text in texts]
    column = pc.utf8_trim_whitespace(pa.array(texts, pa.string()))
    return pc.if_else(pc.is_in(pc.utf8_lower(column), _ABSENT), None, column)


def _digests(components: list[_Component]) -> list[str | None] | None:
    """The digests of components as JSON objects; None when those of one of them are not as regular as they should be."""
    raws = [bytes(component.hashes) for component in components]
    stated = [raw for raw in raws if raw not in _NOTHING]
    joined = b",".join(stated)
    try:
        listed = _DIGESTS.decode(b"[" + joined + b"]")
    except msgspec.MsgspecError:
        return None
    count = sum(map(len, listed))
    doubled = joined.count(b'"alg"') != count or joined.count(b'"content"') != count
    if doubled or b"\\" in joined or not all(_usual(entry) for entries in listed for entry in entries):
        return None
    lines = _SORTED.encode_lines([{entry.alg: entry.content for entry in entries} for entries in listed])
    texts = iter(lines.decode().splitlines())
    return [None if raw in _NOTHING else next(texts) for raw in raws]


def _usual(entry: _Digest) -> bool:
    """Whether both texts stand for themselves: nothing to trim, and no word that says nothing."""
    name, digest = entry.alg, entry.content
    return len(digest) > 6 and digest.isalnum() and name.strip() == name and name.casefold() not in ABSENT
