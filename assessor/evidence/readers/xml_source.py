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

        `repaired` escapes an ampersand or less-than sign that begins neither a reference nor a tag.
        """
        skipped, begun = 0, False
        tail = b""
        for piece in self._charset.chunks():
            if not begun:
                skipped += len(piece)
                if skipped <= self._skipped:
                    yield b"\n" * piece.count(b"\n")
                    continue
                rest = len(piece) - (skipped - self._skipped)
                yield b"\n" * piece.count(b"\n", 0, rest)
                piece, begun = piece[rest:], True
            if repaired:
                # the last byte waits for the next piece: whether it is bare shows only there
                piece = _BARE.sub(lambda found: b"&lt;" if found[0] == b"<" else b"&amp;", tail + piece)
                piece, tail = piece[:-1], piece[-1:]
            yield piece
        yield tail

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
            at, junk, typed = _prolog(text)
            if at >= 0 and len(text) - at > 2000:
                break
            if len(text) > PROLOG + charsets.CHUNK:
                break
        at, junk, typed = _prolog(text)
        if at < 0:
            raise Unreadable(
                "no XML element begins " + (f"within the first {PROLOG >> 20} MB" if text[PROLOG:] else "in it")
            )
        self.typed = typed > 0
        if typed:
            message = "the file declares a document type; it is not read, and no entity of it is resolved"
            line = text.count(b"\n", 0, typed) + 1
            self.problems.append(Problem(f"line {line}", message))
        if junk:
            self.problems.append(
                Problem("line 1", f"{junk} characters stand before the XML document; they are not read")
            )
        return text[at : at + 2000], at


def _prolog(text: bytes) -> tuple[int, int, int]:
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
