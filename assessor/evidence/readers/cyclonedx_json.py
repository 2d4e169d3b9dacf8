"""CycloneDX JSON, streamed: blocks of rows for the table `components`, in the order of the file, parents first.

Most components are regular and take the fast way: msgspec reads the members that have a column, and what repeats from one
to the next (suppliers, licences) is understood once. A component with a doubled key or an odd type takes the slow way
through `cyclonedx.facts`, which says the same of regular ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import cyclonedx, json_elements, marks
from assessor.evidence.readers.base import ABSENT, Reading, Row, mapping, printable, words
from assessor.evidence.readers.cyclonedx import Shared
from assessor.evidence.readers.json_stream import Bytes
from assessor.evidence.readers.rows import Told
from assessor.evidence.tables import SCHEMAS

_NOTHING = (b"", b"null", b"[]", b"{}")
_ABSENT = pa.array(sorted(ABSENT), pa.string())
_ESCAPE = re.compile(rb"\\[ubf]")  # may stand for a character that cannot be printed
_PURL = r"^pkg:/{0,2}(?P<type>[A-Za-z][A-Za-z0-9.+-]*)/\S"
MOST = 750_000
"""Components of one document that are read: a file of a few megabytes may hold millions that say nothing."""
_FEW = 32
"""Rows for which a block is not worth its making."""
_BLOCK = 16_384
"""Rows of a block: many small ones take up far more memory than their bytes."""
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
TEXTS = ("reference", "name", "version", "type", "description", "purl", "cpe")
"""Columns whose texts are trimmed when they are handed over."""
VALUES = (
    *("locator", "parent", "level", "medium", "supplier", "manufacturer", "author", "license", "license_class"),
    *("license_reason", "modified", "hashes", "quantity", "fcc_id", "told"),
)
"""Columns that are ready; `told` says that the problems of a row are noted already."""
_TYPES = {name: column.type for name, column in SCHEMAS["components"].items()}
_NONE = _Component()  # in the place of one that takes the slow way
_MANY = 50_000
"""Different values of one structure that are remembered."""


class Rows:
    """Collects the components of one document, column by column, and hands them over in blocks."""

    def __init__(self, shared: Shared, reading: Reading) -> None:
        self.shared, self.reading = shared, reading
        self._columns: dict[str, list[Any]] = {name: [] for name in (*TEXTS, *VALUES)}
        self._plain, self._stopped, self.count = True, False, 0
        self._tell = Told(reading, "problems of components")
        self._known: dict[str, dict[bytes, Any]] = {
            member: {data: _MEANING[member](None, shared) for data in _NOTHING} for member in _MEANING
        }

    def add(self, elements: list[Bytes], place: str, first: int, parent: str | None, level: int) -> None:
        """A run of components in the array at `place`, the nested ones of each after it."""
        elements = self._bounded(elements, place, first)
        if not elements:
            return
        text = b",".join(elements)
        slowly = json_elements.suspicious(text, len(elements))
        run = [_NONE if odd else _decoded(each) for each, odd in zip(elements, slowly, strict=True)]
        odd = {number for number, component in enumerate(run) if component is _NONE}
        odd |= {number for number, data in enumerate(_bytes(run, "properties")) if b"cdx:device" in data}
        columns = self._understood(run, odd)
        columns["locator"] = [f"{place}/{number}" for number in range(first, first + len(run))]
        columns["parent"], columns["level"] = [parent] * len(run), [level] * len(run)
        # then no character is one that cannot be printed
        self._plain &= not _ESCAPE.search(text) and (text.isascii() or b"\xef\xbf" not in text)
        holding = {number for number, data in enumerate(_bytes(run, "components")) if data not in _NOTHING}
        begin = 0
        for number in sorted(odd | holding):
            at = columns["locator"][number]
            if number in odd:
                self._take(columns, begin, number)
                self._slow(json_elements.value(elements[number], at, self.reading), at, parent, level)
            else:
                self._take(columns, begin, number + 1)
                self._nested(run[number].components, at, level + 1)
            begin = number + 1
        self._take(columns, begin, len(run))
        if len(self._columns["locator"]) >= _BLOCK:
            self.flush()

    def finish(self) -> None:
        """Hand over what is held, and say how many problems there are beyond those listed."""
        self.flush()
        self._tell.close()

    def _bounded(self, elements: list[Bytes], place: str, first: int) -> list[Bytes]:
        """As many of the elements as are still read of one document; that there are more is told once."""
        room = max(0, MOST - self.count)
        if len(elements) > room and not self._stopped:
            self._stopped = True
            message = f"more than {MOST:,} components stand in this document; those from here on are not read, so deliver it in parts"
            self.reading.problem(f"{place}/{first + room}", message)
        return elements[:room]

    def root(self, main: Any, place: str) -> None:
        """The component that the document describes, with what it holds."""
        self._slow(main, place, None, 0)

    def _understood(self, run: list[_Component], odd: set[int]) -> dict[str, list[Any]]:
        """The columns of a run, aligned with it; what is not as regular as it looked is added to `odd`."""
        shared, meanings = self.shared, dict[str, list[Any]]()
        for member, known in self._known.items():
            datas = _bytes(run, member)
            wrong = {data for data in set(datas) - known.keys() if not self._understand(member, data)}
            if wrong:
                odd |= {number for number, data in enumerate(datas) if data in wrong}
            meanings[member] = [known.get(data) for data in datas]
        hashes = _digests(run)
        if hashes is None:
            odd |= set(range(len(run)))
            hashes = []
        authors, suppliers = meanings["authors"], meanings["supplier"]
        if any(c.author is not None for c in run):
            told = {name: cyclonedx.person(name, shared.tools) for name in {c.author for c in run}}
            authors = [found or told[c.author] for found, c in zip(authors, run, strict=True)]
        if shared.by_publisher and any(c.publisher is not None for c in run):
            firms = {name: cyclonedx.organisation(name) for name in {c.publisher for c in run}}
            suppliers = [found or firms[c.publisher] for found, c in zip(suppliers, run, strict=True)]
        licences = [found or (None, None, None) for found in meanings["licenses"]]
        return {
            "reference": [c.ref for c in run],
            "name": [c.name for c in run],
            "version": [c.version for c in run],
            "type": [c.type for c in run],
            "description": [c.description for c in run],
            "purl": [c.purl for c in run],
            "cpe": [c.cpe for c in run],
            "medium": ["hardware" if c.type and c.type.strip() == "device" else "software" for c in run],
            "supplier": suppliers,
            "manufacturer": meanings["manufacturer"],
            "author": authors,
            "license": [text for text, _, _ in licences],
            "license_class": [kind for _, kind, _ in licences],
            "license_reason": [reason for _, _, reason in licences],
            "modified": [
                c.modified if found is None else found for found, c in zip(meanings["pedigree"], run, strict=True)
            ],
            "hashes": hashes,
            "quantity": [None] * len(run),
            "fcc_id": [None] * len(run),
            "told": [False] * len(run),
        }

    def _understand(self, member: str, data: bytes) -> bool:
        """Read a structure once for all components that have the same; False where a key stands twice in it."""
        if len(self._known[member]) > _MANY:  # a file in which nothing repeats must not fill the memory
            return False
        probe = Reading()
        value = json_elements.value(data, "", probe)
        if not probe.problems:
            self._known[member][data] = _MEANING[member](value, self.shared)
        return not probe.problems

    def _take(self, columns: Mapping[str, list[Any]], begin: int, end: int) -> None:
        if begin < end:
            self.count += end - begin
            for name, kept in self._columns.items():
                kept += columns[name][begin:end]

    def flush(self) -> None:
        """Hand what is held to the reading, as a block."""
        columns, plain = self._columns, self._plain
        count = len(columns["locator"])
        self._columns, self._plain = {name: [] for name in columns}, True
        if not count:
            return
        if count < _FEW:
            self._loose(columns, count)
            return
        shared = self.shared
        block = {name: _text(columns[name], plain) for name in TEXTS}
        block |= {name: pa.array(columns[name], _TYPES[name]) for name in VALUES if name != "told"}
        for number in np.flatnonzero(block["name"].is_null()).tolist():
            if not columns["told"][number]:  # the slow way has said so already
                self._tell(columns["locator"][number], "this component has no name")
        block["firmware"] = pc.equal(block["type"], "firmware")
        block["ecosystem"] = pc.utf8_lower(pc.struct_field(pc.extract_regex(block["purl"], _PURL), "type"))
        block["component"] = pc.binary_join_element_wise(f"{shared.source}#", block["locator"], "")
        block["parent"] = pc.binary_join_element_wise(f"{shared.source}#", block["parent"], "")
        whole = {
            "source": shared.source,
            "item": shared.item,
            "document_author": shared.document_author,
            "timestamp": shared.timestamp,
        }
        block |= {name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in whole.items()}
        self.reading.add("components", pa.table(block))

    def _loose(self, columns: Mapping[str, list[Any]], count: int) -> None:
        """The rows of a small document one by one: a file may hold thousands of them, and a block takes a millisecond to make."""
        shared = self.shared
        for number in range(count):
            row: Row = {name: words(columns[name][number]) for name in TEXTS}
            row |= {name: columns[name][number] for name in VALUES if name != "told"}
            if row["name"] is None and not columns["told"][number]:
                self._tell(row["locator"], "this component has no name")
            row |= {
                "firmware": None if row["type"] is None else row["type"] == "firmware",
                "ecosystem": marks.ecosystem(row["purl"]),
                "component": f"{shared.source}#{row['locator']}",
                "parent": row["parent"] and f"{shared.source}#{row['parent']}",
                "source": shared.source,
                "item": shared.item,
                "document_author": shared.document_author,
                "timestamp": shared.timestamp,
            }
            self.reading.add("components", row)

    def _slow(self, component: Any, place: str, parent: str | None, level: int) -> None:
        """Enter any component, with everything that it holds, however deep."""
        todo: list[tuple[Any, str, str | None, int]] = [(component, place, parent, level)]
        while todo:
            value, at, above, depth = todo.pop()
            self.count += 1
            row = cyclonedx.facts(value, self.shared, at, self._tell)
            row |= {"locator": at, "parent": above, "level": depth, "told": True}
            for name, kept in self._columns.items():
                kept.append(row[name])
            nested = mapping(value).get("components")
            if isinstance(nested, list):
                todo += [(each, f"{at}/components/{n}", at, depth + 1) for n, each in reversed(list(enumerate(nested)))]
            elif nested is not None:
                self.reading.problem(f"{at}/components", "components is no list", str(nested))

    def _nested(self, data: msgspec.Raw, place: str, level: int) -> None:
        try:
            elements: list[Bytes] = list(_ELEMENTS.decode(data)) if level < _DEEPEST else []
        except (msgspec.MsgspecError, RecursionError):
            elements = []
        if elements:
            self.add(elements, f"{place}/components", 0, place, level)
            return
        value = json_elements.value(data, f"{place}/components", self.reading)
        if not isinstance(value, list):
            self.reading.problem(f"{place}/components", "components is no list", str(value))
            return
        for number, each in enumerate(value):
            self._slow(each, f"{place}/components/{number}", place, level)


def _bytes(run: list[_Component], member: str) -> list[bytes]:
    return list(map(bytes, map(attrgetter(member), run)))


def _decoded(element: Bytes) -> _Component:
    try:
        return _COMPONENT.decode(element)
    except (msgspec.MsgspecError, RecursionError):
        return _NONE


def _text(texts: list[str | None], plain: bool) -> pa.Array:
    """`base.words` for a column of texts."""
    if not plain:
        texts = [text and printable(text) for text in texts]
    column = pc.utf8_trim_whitespace(pa.array(texts, pa.string()))
    return pc.if_else(pc.is_in(pc.utf8_lower(column), _ABSENT), None, column)


def _digests(run: list[_Component]) -> list[str | None] | None:
    """The digests of components as JSON objects; None when those of one of them are not as regular as they should be."""
    raws = _bytes(run, "hashes")
    joined = b",".join([raw for raw in raws if raw not in _NOTHING])
    try:
        listed = _DIGESTS.decode(b"[" + joined + b"]")
    except msgspec.MsgspecError:
        return None
    names = {entry.alg for entries in listed for entry in entries}
    digests = [entry.content for entries in listed for entry in entries]
    doubled = joined.count(b'"alg"') != len(digests) or joined.count(b'"content"') != len(digests)
    # texts that stand for themselves: nothing to trim, and no word that says nothing
    odd = any(name != name.strip() or name.casefold() in ABSENT for name in names) or (
        bool(digests) and not ("".join(digests).isalnum() and min(map(len, digests)) > 6)
    )
    if doubled or odd or b"\\" in joined:
        return None
    lines = _SORTED.encode_lines([{entry.alg: entry.content for entry in entries} for entries in listed])
    texts = iter(lines.decode().splitlines())
    return [None if raw in _NOTHING else next(texts) for raw in raws]
