"""Elements of an XML file as they end, whatever the damage: with a limit for everything that could exhaust the reader.

The parser is libxml2 in its recovering mode. It sees no document type (see `xml_source`), follows no address and no
XInclude, and what it has to mend is a problem with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from assessor.evidence.readers.base import Reading, Unreadable
from assessor.evidence.readers.xml_source import Source

MAX_TAGS = 600_000
"""Tags that may stand between two elements which are asked for, or in all where none is ever forgotten."""
MAX_TEXT = 64 << 20
"""Bytes without any tag after which nothing is read: no text of a bill of materials is that long."""
SHOWN = 20
"""Problems of mending that are listed; the parser itself keeps a hundred."""
LONGEST = 1_000_000
"""Characters of a text that are kept."""


class Parse:
    """One pass over a source: iterating gives each element named in `names` (local names) when it ends.

    After that `root` is what is left of the tree, with the elements that were never closed. Who iterates forgets what
    it has read with `forget`.
    """

    def __init__(self, source: Source, names: tuple[str, ...], repaired: bool = False) -> None:
        self.source = source
        self.root: Any = None
        self.stopped = ""
        self.mended: list[tuple[int, str]] = []
        self._names, self._repaired = names, repaired
        self._since = 0

    def __iter__(self) -> Iterator[Any]:
        parser = etree.XMLPullParser(
            events=("end",),
            tag=[f"{{*}}{name}" for name in self._names],
            recover=True,
            huge_tree=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            remove_blank_text=True,
            encoding="utf-8",
        )
        silent = 0
        for piece in self.source.chunks(self._repaired):
            parser.feed(piece)
            tags = piece.count(b"<")
            self._since += tags
            silent = 0 if tags else silent + len(piece)
            yield from (element for _, element in parser.read_events())
            if self._since > MAX_TAGS:
                self.stopped = (
                    f"{MAX_TAGS} tags follow without any end of what is to be read; nothing after them is read"
                )
            elif silent > MAX_TEXT:
                self.stopped = f"a single text of more than {MAX_TEXT >> 20} MB; nothing after it is read"
            if self.stopped:
                break
        try:
            self.root = parser.close()
        except etree.XMLSyntaxError:
            self.root = None
        self.mended = [(entry.line, entry.message.strip()) for entry in parser.feed_error_log]
        yield from (element for _, element in parser.read_events())

    def forget(self, element: Any) -> None:
        """Free what an element held, and what stands before it; it stays as a sign that it was read."""
        self._since = 0
        element.clear()
        element.tag = "read"
        above = element.getparent()
        while above is not None and element.getprevious() is not None:
            del above[0]

    def tell(self, reading: Reading) -> None:
        """The problems of this pass: each place that had to be mended, and why the reading stopped."""
        shown = self.mended[:SHOWN]
        lines = self.source.lines({line for line, _ in shown}) if shown else {}
        for line, message in shown:
            reading.problem(f"line {line}", f"not valid XML: {message}", lines.get(line, ""))
        if len(self.mended) > SHOWN:
            reading.problem("", f"{len(self.mended) - SHOWN} or more further errors of XML are not listed")
        if self.stopped:
            reading.problem("", self.stopped)

    @property
    def reparable(self) -> bool:
        """Whether escaping bare ampersands and less-than signs may let more be read."""
        return any("EntityRef" in said or "StartTag: invalid" in said for _, said in self.mended)

    def standing(self, name: str) -> int:
        """How often a start tag of that name stands in the bytes, read or not."""
        pattern = re.compile(rb"<(?:[\w.-]{1,40}:)?" + name.encode() + rb"(?=[\s/>])")
        count, tail = 0, b""
        for piece in self.source.chunks():
            piece = tail + piece
            # a tag that a piece cuts is counted with the next one
            edge = max(piece.rfind(b"<"), 0)
            count += len(pattern.findall(piece[:edge]))
            tail = piece[edge : edge + 100]
        return count + len(pattern.findall(tail))


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    if not isinstance(tag, str):
        return ""
    name = tag[tag.rfind("}") + 1 :]
    return name if ":" not in name else name.rpartition(":")[2]  # of a prefix that no namespace has


def text(element: Any) -> str:
    """The text of an element, of its children too where it has any, cut at a million characters."""
    found: str = element.text or ""
    if len(element):
        found = "".join(element.itertext())
    return found if len(found) <= LONGEST else found[:LONGEST]


def refused(parse: Parse, message: str) -> Unreadable:
    """Why a file has no document: the first error, or else that it is something else."""
    return Unreadable(f"not valid XML: {parse.mended[0][1]}" if parse.root is None and parse.mended else message)
