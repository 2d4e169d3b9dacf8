"""JSON documents of any size, read piece by piece: the members of the outermost object, and arrays element by element.

A window of the file is cut after the last element that it holds whole; msgspec finds the cut and the elements, which costs
about as much as a bare parse. Where a window is not valid JSON, the elements are told apart by their brackets and each is
judged by itself, so that one bad element spoils no other. Nothing is held beyond a window and what the caller keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, TypeAlias

import msgspec

from assessor.evidence.readers.base import EXCERPT, Problem, Unreadable, printable

WINDOW = 1 << 20
"""Bytes of the file that are looked at together."""
LARGEST = 1 << 26
"""Bytes that a single value may have."""
TOLD = 20
"""Documents of one file that are told one by one."""
DOCUMENTS = 10_000
"""Documents of one file that are read."""
EMPTY = 10_000
"""Elements of one array that say nothing (null, a bare number, {}) and are handed over; a small file may hold millions."""
MEMBERS = 10_000
"""Members that an object which is read member by member may have."""
ENVELOPES = frozenset(
    {"sbom", "SBOM", "bom", "predicate", "data", "Data", "statement", "document", "Document", "result", "response"}
)
"""Members that services and attestations wrap a bill of materials in; an object there is read like the outermost."""
_DEEPEST = 8
_DEEP = 1_000_000  # brackets in brackets, beyond which no end is looked for

_FIRST = 1 << 16
_READ = frozenset({"components", "packages", "relationships", "@graph"})
"""Arrays whose elements become rows or are held."""
_LEAST = 8
"""Bytes of an element that may say something: an object with a name in it has more."""
_GUESSES = 40
"""Commas of a window that are tried as the place where its last whole element ends."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
# possessive, so that a string without an end is given up at once
_KEY = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,\]}"\[{:]+')
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]"]', re.DOTALL)
_SEAM = re.compile(rb"\}\s*,\s*(?=\{)")
BEGINS = re.compile(rb'\{\s*"(?:\$schema|bomFormat|specFormat|spdxVersion|SPDXID|@context)"')
"""How bills begin that stand behind something else, such as the words of a program."""
_OPENING = re.compile(rb'\{\s*("[^"\\]{0,40}")\s*:')
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])

Bytes: TypeAlias = bytes | msgspec.Raw
REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not the JSON asked for."""


@dataclass(frozen=True)
class Part:
    """A member of an object: the pointer to it and its key. Either its value, as bytes, or a run of the elements of its
    array: the number of the first, and their bytes. `text`: all of them with the commas between, where a JSON parser has
    found them; None where their brackets alone tell them apart."""

    place: str
    key: str
    value: bytes | None = None
    first: int = 0
    elements: list[Bytes] = field(default_factory=list)
    text: bytes | None = None
    ended: bool = False  # the array ends with these elements


class Stream:
    """The parts of one document, and the problems met on the way."""

    def __init__(self, file: BinaryIO, problems: list[Problem], prefix: str = "") -> None:
        self._file, self.problems, self._prefix = file, problems, prefix
        self._buffer, self._at, self._before, self._ended = b"", 0, 0, False

    def documents(self) -> Iterator[Iterator[Part]]:
        """The parts of each document in the order of the file, to be taken one after another; mostly there is one.

        Raises Unreadable when there is no JSON object or array to begin with.
        """
        self._fill()
        if self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at = 3
        opening = self._peek()
        if opening == b"":
            raise Unreadable("the file is empty")
        if opening == b"<":
            html = b"<html" in self._buffer[:2000].lower()
            raise Unreadable("an HTML page, not JSON" if html else "an HTML page or XML document, not JSON")
        if opening not in (b"{", b"["):
            begin = BEGINS.search(self._buffer, self._at)
            if begin is None:
                raise Unreadable(f"not JSON: it begins with {self._shown()[:40]!r}")
            message = f"{begin.start() - self._at} bytes stand before the JSON document; they are not read"
            self.problems.append(Problem(self._prefix, message, self._shown()))
            self._at, opening = begin.start(), begin[0][:1]
        number = 1
        while opening in (b"{", b"["):
            prefix = self._prefix if number == 1 else f"{self._prefix}/({number})"
            if 1 < number <= TOLD:
                message = (
                    f"document number {number} of this file begins at byte {self._before + self._at}; it is read too"
                )
                self.problems.append(Problem(prefix, message))
            yield self._object(prefix, 0) if opening == b"{" else self._array(prefix, "")
            number, opening = number + 1, self._peek()
            if number > DOCUMENTS and opening:
                message = f"more than {DOCUMENTS:,} documents stand in this file; deliver it in parts"
                self.problems.append(Problem(self._prefix, message))
                break
        if number > TOLD:
            self.problems.append(Problem(self._prefix, f"{number - 1:,} documents of this file are read"))
        if opening:
            self._follows()

    def _object(self, prefix: str, depth: int) -> Iterator[Part]:
        self._at += 1
        seen: dict[str, int] = {}
        count = 0
        while True:
            mark = self._peek(_BETWEEN)
            if mark == b"}":
                self._at += 1
                return
            if mark != b'"':
                self._lost(
                    prefix, "the object ends without its bracket" if not mark else "no member of an object begins here"
                )
                return
            key = self._key()
            if key is None or self._peek() != b":":
                self._lost(
                    prefix, "the file ends inside a member's name" if key is None else "a colon is missing after a name"
                )
                return
            self._at += 1
            place = f"{prefix}/{key.replace('~', '~0').replace('/', '~1')}"
            seen[key] = seen.get(key, 0) + 1
            count += 1
            if count > MEMBERS:
                self._lost(prefix, f"the object has more than {MEMBERS} members")
                return
            if seen[key] > 1:
                place += f"({seen[key]})"  # a pointer alone would mean both
                self.problems.append(
                    Problem(place, f"key {key[:40]!r} stands here once more; each of its values is read")
                )
            mark = self._peek()
            if mark == b"[":
                yield from self._array(place, key)
            elif mark == b"{" and key in ENVELOPES and depth < _DEEPEST:
                yield from self._envelope(place, key, depth + 1)
            else:
                value = self._value(place)
                if value is None:
                    return
                yield Part(place, key, value)

    def _envelope(self, place: str, key: str, depth: int) -> Iterator[Part]:
        """The members of an envelope; of one without any that it is there."""
        empty = True
        for part in self._object(place, depth):
            empty = False
            yield part
        if empty:
            yield Part(place, key, b"{}")

    def _array(self, place: str, key: str) -> Iterator[Part]:
        """The elements of an array in runs. Of those that say nothing only the first are handed over; all are counted."""
        self._at += 1
        count = empty = left = 0
        while True:
            mark = self._peek(_BETWEEN)
            if mark == b"]":
                self._at += 1
                break
            if not mark:
                self._lost(place, f"the file ends inside this list, after element {count}")
                break
            run, text = self._run(place, count)
            if run is None:
                break
            thin = (
                [number for number, each in enumerate(run) if len(each) < _LEAST] if key in _READ and _thin(run) else []
            )
            empty += len(thin)
            if empty > EMPTY:
                gaps = thin[-(empty - EMPTY) :]
                left += len(gaps)
                empty = EMPTY
                for begin, end in _between(gaps, len(run)):
                    yield Part(place, key, first=count + begin, elements=run[begin:end])
            else:
                yield Part(place, key, first=count, elements=run, text=text)
            count += len(run)
        if left:
            message = (
                f"{left:,} more elements of this list say nothing (null, a bare value or {{}}); they are not listed"
            )
            self.problems.append(Problem(place, message))
        yield Part(place, key, first=count, ended=True)

    def _run(self, place: str, count: int) -> tuple[list[Bytes] | None, bytes | None]:
        """The whole elements from here on that the window holds, at least one, and their text; None when the file ends before that."""
        # many documents are short: no need to look at a whole window for the first elements of each
        size = WINDOW if count else _FIRST
        while True:
            self._fill(size)
            window = b"".join((b"[", memoryview(self._buffer)[self._at : self._at + size]))
            more = not self._ended or self._at + size < len(self._buffer)
            if more and (cut := _cut(window, 1)):
                return self._taken(*cut)
            try:
                return self._taken(_RAWS.decode(window), window.rindex(b"]"), window)
            except msgspec.DecodeError as error:
                if trailing := _TRAILING.search(str(error)):
                    end = int(trailing[1]) - 1  # the first byte after the array
                    return self._taken(_RAWS.decode(window[:end]), window.rindex(b"]", 0, end), window)
                if "truncated" not in str(error) or not more:
                    break
                if cut := _cut(window, _GUESSES if size <= WINDOW else 2):
                    return self._taken(*cut)
            except (RecursionError, msgspec.ValidationError):
                break
            if size >= LARGEST:
                break
            size = max(4 * size, WINDOW)  # the first element is larger than that
        return self._by_brackets(place, count), None

    def _taken(
        self, raws: list[msgspec.Raw], end: int, window: bytes, go_on: int | None = None
    ) -> tuple[list[Bytes], bytes | None]:
        """Elements of a window, which begins with a bracket that is not in the file, and their text, which ends at `end`; what
        follows them begins there or at `go_on`. One element alone, which may be large, has no text beside it."""
        self._at += (end if go_on is None else go_on) - 1
        return list(raws), window[1:end] if len(raws) > 1 else None

    def _by_brackets(self, place: str, count: int) -> list[Bytes] | None:
        """Elements told apart by brackets alone, as many as the window holds; where not even one is whole, more is read."""
        found: list[Bytes] = []
        while (end := self._end(self._at)) is not None:
            found += _apart(self._buffer[self._at : end])
            self._at = end
            if self._peek() != b",":
                return found
            self._at += 1
            if self._peek() in (b"", b"]"):
                return found
        if found:
            return found
        while not self._ended and len(self._buffer) - self._at < LARGEST:
            self._fill(2 * (len(self._buffer) - self._at))
            if (end := self._end(self._at)) is not None:
                found = _apart(self._buffer[self._at : end])
                self._at = end
                return found
        return self._resumed(place, count)

    def _resumed(self, place: str, count: int) -> list[Bytes] | None:
        """After an element without an end: go on where the next one seems to begin, or give up at the end of the file."""
        begin = self._at
        rest = _seam(self._buffer, begin)
        text = self._shown()
        message = "brackets or quotation marks of this element do not match"
        if rest is None:
            self.problems.append(
                Problem(f"{place}/{count}", f"the file ends inside this element, or {message}; it is not read", text)
            )
            self._at = len(self._buffer)
            return None
        self._at = rest.end()
        return [self._buffer[begin : rest.start() + 1]]

    def _value(self, place: str) -> bytes | None:
        """A whole value from here on; None, with a problem, when it has no end."""
        while True:
            end = self._end(self._at)
            if end is not None and (end < len(self._buffer) or self._ended):
                found = self._buffer[self._at : end]
                self._at = end
                return found
            if self._ended or len(self._buffer) - self._at > LARGEST:
                self._lost(place, "the file ends inside this value, or its brackets do not match")
                return None
            self._fill(2 * (len(self._buffer) - self._at))

    def _end(self, begin: int) -> int | None:
        """Where the value that begins here ends, by its brackets and quotation marks; None when the buffer does not hold it."""
        first = self._buffer[begin : begin + 1]
        if first not in (b"{", b"["):
            whole = (_KEY if first == b'"' else _SCALAR).match(self._buffer, begin)
            return whole.end() if whole else None
        depth = 0
        for token in _TOKEN.finditer(self._buffer, begin):
            mark = token[0]
            if mark in (b"{", b"["):
                depth += 1
                if depth > _DEEP:
                    return None
            elif mark in (b"}", b"]"):
                depth -= 1
                if not depth:
                    return token.end()
            elif mark == b'"':  # of a string that has no end
                return None
        return None

    def _key(self) -> str | None:
        while (found := _KEY.match(self._buffer, self._at)) is None:
            if self._ended or len(self._buffer) - self._at > WINDOW:
                return None
            self._fill(2 * (len(self._buffer) - self._at))
        self._at = found.end()
        return found[0][1:-1].decode("utf-8", "replace")

    def _peek(self, passing: re.Pattern[bytes] = _SPACE) -> bytes:
        """The next byte that is no space (or no comma either); empty at the end."""
        while True:
            self._at = passing.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer) or self._ended:
                return self._buffer[self._at : self._at + 1]
            self._fill()

    def _fill(self, wanted: int = WINDOW) -> None:
        """At least so many bytes ahead, or all that there are."""
        if self._ended or len(self._buffer) - self._at >= wanted:
            return
        pieces = [self._buffer[self._at :]]
        self._before += self._at
        have = len(pieces[0])
        while have < wanted:
            piece = self._file.read(max(WINDOW, wanted - have))
            if not piece:
                self._ended = True
                break
            pieces.append(piece)
            have += len(piece)
        self._buffer, self._at = b"".join(pieces), 0

    def _lost(self, place: str, message: str) -> None:
        at = f"byte {self._before + self._at}"
        self.problems.append(Problem(place, f"{message} ({at}); what follows is not read", self._shown()))
        self._at, self._ended = len(self._buffer), True

    def _follows(self) -> None:
        begin = self._before + self._at
        rest, shown = 0, self._shown()
        while self._peek():
            rest += len(self._buffer) - self._at
            self._at = len(self._buffer)
        if rest:
            message = f"{rest} bytes stand after the end of the JSON document (byte {begin}); they are not read"
            self.problems.append(Problem(self._prefix, message, shown))

    def _shown(self) -> str:
        return printable(self._buffer[self._at : self._at + EXCERPT].decode("utf-8", "replace"))


def _seam(buffer: bytes, begin: int) -> re.Match[bytes] | None:
    """Where the element after the one that begins here seems to begin: one that opens with the same name, if there is any."""
    opening = _OPENING.match(buffer, begin)
    alike = opening and re.compile(rb"\}\s*,\s*(?=\{\s*" + re.escape(opening[1]) + rb")").search(buffer, begin + 1)
    return alike or _SEAM.search(buffer, begin + 1)


def _thin(run: list[Bytes]) -> bool:
    """Whether so many elements are so small that those which say nothing are counted."""
    return len(run) > 1000 and sum(map(len, run)) < 64 * len(run)


def _between(gaps: list[int], count: int) -> Iterator[tuple[int, int]]:
    """Begin and end of what lies between the numbers of the gaps, in a run of so many elements."""
    begin = 0
    for gap in [*gaps, count]:
        if begin < gap:
            yield begin, gap
        begin = gap + 1


def _apart(element: bytes) -> list[Bytes]:
    """The element itself where it is valid; otherwise a bad one and those that a quotation mark without its fellow joined to it."""
    try:
        return [msgspec.json.decode(element, type=msgspec.Raw)]
    except REFUSED:
        pass
    for seam in islice(_SEAM.finditer(element), 100):
        try:
            rest = _RAWS.decode(b"[" + element[seam.end() :] + b"]")
        except REFUSED:
            continue
        return [element[: seam.start() + 1], *rest]
    return [element]


def _cut(window: bytes, guesses: int) -> tuple[list[msgspec.Raw], int, bytes, int] | None:
    """The elements up to the last whole one of a window that ends inside an array, where they end, the window, and where the
    next one begins; None when it is not found.

    Elements of one array mostly begin alike, so that what follows a comma is compared with the beginning of the first one:
    its opening with the first characters of its first name. The parser decides whether a guess was right.
    """
    opening = re.compile(rb'\{\s*"[^"\\]{0,40}"\s*:\s*(?:"[^"\\]{0,3})?').match(window, 1)
    signs = [opening[0], window[1 : 2 + opening[0].index(b'"')]] if opening else [window[1:2]]
    for sign in signs:
        end = len(window)
        for _ in range(guesses):
            end = window.rfind(sign, 2, end)
            if end < 0:
                break
            comma = end - 1
            while comma > 0 and window[comma] in b" \t\r\n":
                comma -= 1
            if window[comma] != ord(","):
                continue
            try:
                raws = _RAWS.decode(window[:comma] + b"]")
            except REFUSED:
                continue
            return raws, comma, window, end
    return None
