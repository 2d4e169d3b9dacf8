"""Elements of an XML file as they end, whatever the damage: with a limit for everything that could exhaust the reader.

The parser is libxml2 in its recovering mode. It sees no document type (see `xml_source`), follows no address and no
XInclude, and what it has to mend is a problem with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from assessor.evidence.readers.base import LONGEST, Reading, Unreadable
from assessor.evidence.readers.bills.json_stream import DOCUMENTS, TOLD
from assessor.evidence.readers.xml_source import Feed, Source

MAX_TAGS = 350_000
"""Elements that may stand between two which are asked for, or in all where none is ever forgotten."""
MAX_TEXT = 64 << 20
"""Bytes without any tag after which nothing is read: no text of a bill of materials is that long."""
SHOWN = 20
"""Problems of mending that are listed; the parser itself keeps a hundred."""
_NAME = re.compile(rb"<((?:[\w.-]{1,40}:)?)([\w.-]{1,40})")
_BARE = re.compile(rb"""<[^\s<>"'/]++(?:[^<>"'/]++|"[^"<]*+"|'[^'<]*+')*+/>""")
_SPLITS, _LONGEST_END = 1000, 100
"""How often the end tag of the root element may stand inside the document before it is no longer looked for, and its bytes."""
_DEEP = re.compile(r"Excessive depth in document: (\d+).*", re.DOTALL)


class Parse:
    """One pass over a document: iterating gives each element named in `names` (local names) when it ends.

    After that `root` is what is left of the tree, with the elements that were never closed, and `ended` says that the
    document came to its end, behind which the feed stands. Who iterates forgets what it has read with `forget`.
    """

    def __init__(self, source: Source, feed: Feed, head: bytes, names: tuple[str, ...], number: int = 1) -> None:
        self.head, self.number, self.prefix = head, number, "" if number == 1 else f"/({number})"
        self.root: Any = None
        self.stopped = ""
        self.ended = False
        self.mended: list[tuple[int, str]] = []
        self.fed = 0
        self._source, self._feed, self._names = source, feed, names
        self._above = feed.line - 1  # lines of the file before those that the parser counts
        self._since = 0
        self._rest = b""
        root = _NAME.match(head)
        self._root = root[2].decode() if root else ""
        self._end = re.compile(rb"</" + re.escape(root[1] + root[2]) + rb"\s*>") if root else None
        bare = _BARE.match(head)
        self._bare = bare.end() if bare else 0

    def line(self, element: Any) -> int:
        """The line of the file on which an element begins."""
        return int(element.sourceline or 0) + self._above

    def __iter__(self) -> Iterator[Any]:
        parser = etree.XMLPullParser(
            events=("end",),
            tag=[f"{{*}}{name}" for name in {*self._names, self._root} if name],
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
        for piece in self._pieces():
            parser.feed(piece)
            self.fed += len(piece)
            self._since += piece.count(b"<") - piece.count(b"</") - piece.count(b"<!") - piece.count(b"<?")
            silent = 0 if b"<" in piece else silent + len(piece)
            for element in _events(parser):
                if NAMES[element.tag] in self._names:
                    yield element
                elif element.getparent() is None:
                    self.ended = True
                del element
            if self.ended:
                self._feed.back(self._rest)
                break
            if self._since > MAX_TAGS:
                self.stopped = f"{MAX_TAGS:,} elements follow without any end of what is to be read"
            elif silent > MAX_TEXT:
                self.stopped = f"a single text of more than {MAX_TEXT >> 20} MB stands here"
            if self.stopped:
                self._errors(parser)  # what is missing after this is no error of the file
                break
        try:
            self.root = parser.close()
        except etree.XMLSyntaxError:
            self.root = None
        if not self.stopped:
            self._errors(parser)
        yield from (element for element in _events(parser) if NAMES[element.tag] in self._names)

    def _pieces(self) -> Iterator[bytes]:
        """The bytes of the document, cut wherever it may end; `_rest` is what else is at hand."""
        tail, splits, bare = b"", 0, self._bare
        for piece in self._feed:
            piece, begin = tail + piece, 0
            if bare and (begin := piece.find(b"<") + bare) >= bare:
                if len(piece) < begin:
                    tail = piece
                    continue
                bare, self._rest = 0, piece[begin:]
                yield piece[:begin]
            begin = max(begin, 0) if not bare else 0
            if self._end is not None and splits < _SPLITS:
                for end in self._end.finditer(piece):
                    self._rest, splits = piece[end.end() :], splits + 1
                    yield piece[begin : end.end()]
                    begin = end.end()
                    if splits == _SPLITS:
                        break
            cut = piece.rfind(b"<", max(begin, len(piece) - _LONGEST_END))
            tail = piece[cut:] if cut >= 0 and b">" not in piece[cut:] else b""
            self._rest = b""
            yield piece[begin : len(piece) - len(tail)]
        if tail:
            yield tail

    def _errors(self, parser: Any) -> None:
        self.mended = [
            (entry.line + self._above, _DEEP.sub(_deep, entry.message.strip())) for entry in parser.feed_error_log
        ]

    def forget(self, element: Any) -> None:
        """Free what an element held, and what stands before it; it stays as a sign that it was read."""
        self._since = 0
        if len(element):
            element.clear()
        element.tag = "read"
        above = element.getparent()
        while above is not None and element.getprevious() is not None:
            del above[0]

    def tell(self, reading: Reading) -> None:
        """The problems of this pass: each place that had to be mended, and why the reading stopped."""
        shown = self.mended[:SHOWN]
        lines = self._source.lines({line for line, _ in shown}) if shown else {}
        for line, message in shown:
            reading.problem(f"line {line}", f"not valid XML: {message}", lines.get(line, ""))
        if len(self.mended) > SHOWN:
            reading.problem("", f"{len(self.mended) - SHOWN} or more further errors of XML are not listed")
        if self.stopped:
            message = f"{self.stopped}; nothing from here on is read, so deliver it in parts"
            reading.problem(f"line {self._feed.line}", message)

    @property
    def reparable(self) -> bool:
        """Whether escaping bare ampersands and less-than signs may let more be read."""
        return any("EntityRef" in said or "StartTag: invalid" in said for _, said in self.mended)


def _events(parser: Any) -> Iterator[Any]:
    """The elements that ended, each let go before the next: one is freed very slowly while Python knows another inside it."""
    ended = [element for _, element in parser.read_events()]
    ended.reverse()
    while ended:
        yield ended.pop()


def _deep(found: re.Match[str]) -> str:
    return f"elements are nested more than {found[1]} levels deep; nothing from there on is read"


def documents(
    source: Source,
    names: tuple[str, ...],
    recognised: Callable[[bytes], bool],
    problem: Callable[[str, str], None],
    repaired: bool = False,
) -> Iterator[Parse]:
    """A pass over each document of a file, to be taken one after another; mostly there is one. What stands behind the
    first is a `problem`."""
    feed, head, number = Feed(source.chunks(repaired)), source.head, 1
    while True:
        parse = Parse(source, feed, head, names, number)
        yield parse
        head = feed.beginning() if parse.ended else b""
        if not head:
            break
        if not recognised(head):
            problem(
                f"line {feed.line}", "what stands here, behind the end of the document, is no other one; it is not read"
            )
            break
        if number == DOCUMENTS:
            message = f"more than {DOCUMENTS:,} documents stand in this file; those from here on are not read, so deliver it in parts"
            problem(f"line {feed.line}", message)
            break
        number += 1
        if number <= TOLD:
            problem(f"/({number})", f"document number {number} of this file begins at line {feed.line}; it is read too")
    if number > TOLD:
        problem("", f"{number} documents stand in this file; all of these are read")


def standing(source: Source, name: str) -> int:
    """How often a start tag of that name stands in the bytes of a file, read or not."""
    pattern = re.compile(rb"<(?:[\w.-]{1,40}:)?" + name.encode() + rb"(?=[\s/>])")
    count, tail = 0, b""
    for piece in source.chunks():
        piece = tail + piece
        # a tag that a piece cuts is counted with the next one
        edge = max(piece.rfind(b"<"), 0)
        count += len(pattern.findall(piece[:edge]))
        tail = piece[edge : edge + 100]
    return count + len(pattern.findall(tail))


class _Names(dict[object, str]):
    """Names without their namespace, by the tags of elements."""

    def __missing__(self, tag: object) -> str:
        name = tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""
        name = name if ":" not in name else name.rpartition(":")[2]  # of a prefix that no namespace has
        if len(self) < _MOST_NAMES:
            self[tag] = name
        return name


_MOST_NAMES = 4096
NAMES = _Names()
"""The local name of each tag, empty for what is no element."""


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return NAMES[element.tag]


def text(element: Any) -> str:
    """The text of an element, of its children too where it has any, cut behind `LONGEST` characters."""
    try:
        found: str = element.text or ""
        if len(element):
            found = "".join(element.itertext())
    except UnicodeDecodeError:  # the parser holds half of a surrogate pair
        return "\ufffd"
    return found if len(found) <= LONGEST else found[: LONGEST + 1]  # by one more, so that it can be told


def refused(parse: Parse) -> Unreadable:
    """Why a file has no document: its first error."""
    return Unreadable(f"not valid XML: {parse.mended[0][1] if parse.mended else 'it has no element'}")
