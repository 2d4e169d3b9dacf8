"""The bytes of an XML file as UTF-8 from its root element on, whatever encoding it has, declares or lies about.

What stands before the root element (declaration, comments, a document type) is left out, so that no parser ever sees an
entity or the address of a DTD: references to entities of its own then name nothing, which is told. Line numbers stay true.
https://www.w3.org/TR/xml/#sec-prolog-dtd and #sec-guessing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from assessor.evidence.readers import charsets
from assessor.evidence.readers.base import Problem, Unreadable

PROLOG = 1 << 20
"""Bytes within which the root element must begin."""

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']""")
_BARE = re.compile(rb"<(?=[^A-Za-z_:/!?\x80-\xff])|&(?=[^A-Za-z#])")
_HALF = re.compile(
    rb"&#(?:0*5(?:5(?:29[6-9]|[3-9]\d\d)|6\d\d\d|7(?:[0-2]\d\d|3[0-3]\d|34[0-3]))|x0*[dD][89a-fA-F][\da-fA-F]{2});"
)
"""A reference to half of a surrogate pair, which libxml2 takes and Python cannot decode."""
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_ENVELOPED = re.compile(
    rb"""<(?:[\w.-]{1,40}:)?(?:bom\b[^<>]{0,400}cyclonedx\.org/schema/bom/|RDF\b[^<>]{0,2000}spdx\.org/rdf/terms)""",
    re.IGNORECASE,
)
"""Where a document begins that may stand in another one."""
_SEAM = 24
"""Bytes at the end of a piece that wait for the next where a reference or a character may begin in them."""
_HEAD = 2000
"""Bytes behind the start tag of the root element by which a document is recognised."""


class Source:
    """An XML file: its chunks from the root element on, and what there is to say of its bytes (`problems`);
    `typed`: it declares a document type.

    Raises Unreadable for a file that is empty, that is an HTML page or in which no element begins.
    """

    def __init__(self, path: Path) -> None:
        self._charset = charsets.examine(path, _DECLARED)
        self.problems = self._charset.problems
        self.typed = False
        self.head, self._skipped = self._root()
        if re.match(rb"<html\b", self.head, re.IGNORECASE):
            raise Unreadable("an HTML page, not an XML document")

    def chunks(self, repaired: bool = False) -> Iterator[bytes]:
        """UTF-8 in pieces; the part before the root element is replaced by its line breaks.

        What Python or a report cannot hold is replaced by what the parser refuses with its line, or by U+FFFD. `repaired`
        escapes an ampersand or less-than sign that begins neither a reference nor a tag.
        """
        skipped = 0
        tail = b""
        for piece in self._charset.chunks():
            if skipped < self._skipped:
                skipped += len(piece)
                rest = max(0, len(piece) - max(0, skipped - self._skipped))
                yield b"\n" * piece.count(b"\n", 0, rest)
                piece = piece[rest:]
            piece = tail + piece
            # whether these begin a reference, or such a character, shows only in the next piece
            cut = min(
                (at for at in (piece.find(mark, -_SEAM) for mark in (b"&", b"<", b"\xef")) if at >= 0), default=-1
            )
            piece, tail = (piece[:cut], piece[cut:]) if cut >= 0 else (piece, b"")
            yield _writable(piece, repaired)
        yield _writable(tail, repaired)

    def lines(self, wanted: set[int]) -> dict[int, str]:
        """The text of some lines, for the excerpts of problems."""
        found: dict[int, str] = {}
        number, last = 1, max(wanted, default=0)
        for piece in self._charset.chunks():
            ends = piece.count(b"\n")
            if any(number <= each <= number + ends for each in wanted):
                for line in piece.split(b"\n"):
                    if number in wanted:
                        found[number] = (found.get(number, "") + line[:400].decode("utf-8", "replace"))[:400]
                    number += 1
                number -= 1
            else:
                number += ends
            if number > last:
                break
        return {each: text.strip() for each, text in found.items()}

    def _root(self) -> tuple[bytes, int]:
        """The first bytes from the root element on, and how many stand before it."""
        text = b""
        for piece in self._charset.chunks():
            text += piece
            at, junk, typed = prolog(text)
            if at >= 0 and len(text) - at > _HEAD and text.find(b">", at, -_HEAD) >= 0:
                break
            if len(text) > PROLOG + charsets.CHUNK:
                break
        at, junk, typed = prolog(text)
        if at < 0:
            raise Unreadable(
                "no XML element begins " + (f"within the first {PROLOG >> 20} MB" if text[PROLOG:] else "in it")
            )
        if inner := _ENVELOPED.search(text, at):  # what is around it has no part in it
            junk, at = junk + inner.start() - at, inner.start()
        self.typed = typed > 0
        if typed:
            message = "the file declares a document type; it is not read, and no entity of it is resolved"
            line = text.count(b"\n", 0, typed) + 1
            self.problems.append(Problem(f"line {line}", message))
        if junk:
            self.problems.append(
                Problem("line 1", f"{junk} characters stand before the XML document; they are not read")
            )
        return text[at : max(text.find(b">", at), at) + _HEAD], at


class Feed:
    """Pieces of bytes, the end of which can be given back; `line` is the number of the line on which the next begins."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._back = pieces, b""
        self.line = 1

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._back or next(self._pieces, None)) is not None:
            self._back = b""
            self.line += piece.count(b"\n")
            yield piece

    def back(self, piece: bytes) -> None:
        """Give back the end of the last piece."""
        self._back = piece
        self.line -= piece.count(b"\n")

    def beginning(self) -> bytes:
        """The first bytes of what follows: from the next element on where nothing but blanks, comments and the like stand
        before it. None are left at the end of the file."""
        text, start = b"", 0
        for piece in self:
            text = (text + piece).lstrip()
            start, junk, _ = prolog(text)
            if junk or len(text) > PROLOG or (start >= 0 and len(text) - start > _HEAD):
                start = 0 if junk else start
                break
        text = text[max(start, 0) :]
        self.back(text)
        return text[: max(text.find(b">"), 0) + _HEAD]


def _writable(piece: bytes, repaired: bool) -> bytes:
    if b"&#" in piece:
        piece = _HALF.sub(b"&#0;", piece)
    if b"\xef\xbf" in piece:
        piece = _NONCHARACTER.sub(b"\xef\xbf\xbd", piece)
    return _BARE.sub(lambda found: b"&lt;" if found[0] == b"<" else b"&amp;", piece) if repaired else piece


def prolog(text: bytes) -> tuple[int, int, int]:
    """Where the root element begins (-1: not yet), characters of junk before it, place of a document type (0: none)."""
    at = junk = typed = 0
    while 0 <= at < len(text):
        begin = text.find(b"<", at)
        if begin < 0:
            return -1, junk, typed
        junk += len(text[at:begin].strip())
        following = text[begin : begin + 9].upper()
        if following.startswith(b"<?"):
            at = _after(text, b"?>", begin)
        elif following.startswith(b"<!--"):
            at = _after(text, b"-->", begin + 4)
        elif following == b"<!DOCTYPE":
            typed, at = typed or begin + 1, _doctype(text, begin + 9)
        elif re.match(rb"<[A-Za-z_:\x80-\xff]", following):
            return begin, junk, typed
        else:
            junk, at = junk + 1, begin + 1
    return -1, junk, typed


def _after(text: bytes, end: bytes, at: int) -> int:
    found = text.find(end, at)
    return -1 if found < 0 else found + len(end)


def _doctype(text: bytes, at: int) -> int:
    """The place after a document type declaration with its internal subset; -1 when it does not end."""
    inside = False
    token = re.compile(rb"""["'\[\]>]|<!--|<\?""")
    while match := token.search(text, at):
        kind, at = match[0], match.end()
        if kind in (b'"', b"'"):
            at = _after(text, kind, at)
        elif kind == b"<!--":
            at = _after(text, b"-->", at)
        elif kind == b"<?":
            at = _after(text, b"?>", at)
        elif kind in b"[]":
            inside = kind == b"["
        elif not inside:
            return at
        if at < 0:
            return -1
    return -1
