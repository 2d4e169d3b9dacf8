"""SPDX 2.2 and 2.3 as YAML to the table `components`: one row a package.

Read event by event, so that neither depth nor aliases exhaust anything and what stands before damage is kept. Every
scalar stays the text that was written (a version 1.10 is no number), and no tag makes anything: it is told.
https://spdx.github.io/spdx-spec/v2.3/conformance/ and https://yaml.org/spec/1.1/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from assessor.evidence.readers import charsets
from assessor.evidence.readers.base import LONGEST, Countries, Problem, Reading, Unreadable, items
from assessor.evidence.readers.bills import spdx, spdx_table
from assessor.evidence.readers.bills.json_stream import DOCUMENTS, TOLD
from assessor.evidence.readers.rows import frugal

MAX_DEPTH = 100
MAX_ALIASES = 10_000
MAX_ALIASED = 1_000
"""Values that the target of an alias may hold, those of aliases in it counted again."""
MAX_EVENTS = 2_500_000
"""Values, and beginnings and ends of lists and mappings, that are read of one file."""
RESUMED = 10
"""How often the reading goes on behind damage."""
_SHOWN = 20
_KEYS = "spdxVersion SPDXID name creationInfo documentDescribes packages relationships hasExtractedLicensingInfos"
_WANTED = frozenset(_KEYS.split())
_CORE = re.compile(r"!|tag:yaml\.org,2002:[a-z]+")
_VERSION = re.compile(r"""^[ \t]*["']?spdxVersion["']?[ \t]*:""", re.MULTILINE)
_ID = re.compile(r"""^["']?SPDXID["']?[ \t]*:[ \t]*["']?SPDXRef-DOCUMENT""", re.MULTILINE)
_PACKAGES = re.compile(r"""^["']?packages["']?[ \t]*:""", re.MULTILINE)
_KEY = re.compile(rf"(?:{'|'.join(sorted(_WANTED))})[ \t]*:|---[ \t\n]")
_REFUSED = re.compile(rb"[\x0c\x7f]|\xc2[\x80-\x84\x86-\x9f]|\xef\xbf[\xbe\xbf]")
_SEAM = re.compile(rb"(?:\xc2|\xef\xbf?)?\Z")
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_UNREAD: Any = object()
"""In the place of a value of which nothing is kept."""


def recognised(head: str) -> bool:
    """Whether the first characters of a file hold the key `spdxVersion:` at the beginning of a line, or the id of a document
    beside packages."""
    return bool(_VERSION.search(head) or (_ID.search(head) and _PACKAGES.search(head)))


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#line N`, with the number of the document before it where that is
    not the first of the file. Raises Unreadable when it is no SPDX."""
    charset = charsets.examine(path)
    reading = Reading(problems=list(charset.problems), serialization="yaml")
    build = _Build(reading, source)
    pieces = _Pieces(charset.chunks())
    build.run(pieces)
    if pieces.refused:
        reading.problem(
            "", f"{pieces.refused:,} characters that YAML does not allow stand in the file; they are not read"
        )
    for _ in range(RESUMED):
        if not (behind := build.behind(charset.lines(LONGEST, lambda number: None))):
            break
        build.run(_Pieces(behind))
    build.close()
    if not build.read:
        raise Unreadable(next((each.message for each in reading.problems if each.place), "not an SPDX document"))
    return reading


class _Pieces:
    """Pieces of bytes as the file that the parser reads from, without the characters for which it would refuse all of it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest, self._half = pieces, b"", b""
        self.refused = 0
        """Characters that YAML does not allow."""

    def read(self, size: int) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None and not self._half:
                return b""
            data = self._half + (piece or b"")
            cut = len(data) - len(_SEAM.search(data)[0]) if piece is not None else len(data)  # type: ignore[index]
            data, self._half = data[:cut], data[cut:]
            self._rest, count = _REFUSED.subn(b"\xef\xbf\xbd", data)
            self.refused += count
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


class _Build:
    """The documents out of their events: mappings, lists and texts; of the root only what is wanted."""

    def __init__(self, reading: Reading, source: str) -> None:
        self.read = 0
        """Documents of SPDX that were read."""
        self._documents = spdx_table.Documents(reading, source)
        self._reading = reading
        self._aliases = self._told = self._count = self._events = 0
        self._stopped = False
        self._damage: tuple[int, int] | None = (
            None  # the line of damage, and the column of the packages that it stands in
        )
        self._above = 0  # lines of the file before those that the parser counts
        self._begin()

    def _begin(self) -> None:
        """A new document."""
        self._root: dict[str, Any] = {}
        self._places: list[str] = []
        self._anchors: dict[str, Any] = {}
        self._merged: set[tuple[int, str]] = set()
        self._column = 0
        self._from, self._holds = 1, False  # the line on which it begins, and whether anything stands in it

    def run(self, file: Any) -> None:
        """Read all events; damage ends the reading and is a problem with its line."""
        # what is open: a list, or a mapping with the key that waits for its value (None: a key comes next)
        self._open: list[list[Any]] = []
        self._skipped = 0  # levels of what nothing is kept of
        self._damage = None
        event: Any
        events = 0
        try:
            for event in yaml.parse(file, Loader=_LOADER):
                events += 1
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    if event.tag is not None:
                        self._tag(event)
                    if not self._skipped:
                        value = event.value
                        if value == "~" and not event.style:
                            value = None
                        elif len(value) > LONGEST:
                            self._tell(event, f"a text of more than {LONGEST:,} characters; the rest of it is not read")
                            value = value[:LONGEST]
                        self._put(value, event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    if event.tag is not None:
                        self._tag(event)
                    self._start({} if kind is yaml.MappingStartEvent else [], event)
                    if len(self._open) + self._skipped > MAX_DEPTH:
                        self._stop(event, f"more than {MAX_DEPTH} levels of nesting")
                        break
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    if self._skipped:
                        self._skipped -= 1
                    else:
                        self._open.pop()
                elif kind is yaml.AliasEvent:
                    self._alias(event)
                    if self._aliases > MAX_ALIASES:
                        self._stop(event, f"more than {MAX_ALIASES:,} aliases")
                        break
                elif kind is yaml.DocumentStartEvent and events > 2:
                    self._end()
                    self._begin()
                    self._from = event.start_mark.line + 1 + self._above
                if self._events + events > MAX_EVENTS:
                    self._stop(event, f"more than {MAX_EVENTS:,} values, lists and mappings stand in this file")
                    break
        except yaml.YAMLError as error:
            self._damaged(error)
        except (UnicodeError, ValueError) as error:
            self._reading.problem("", f"not valid YAML: {error}")
        self._events += events

    def close(self) -> None:
        """Hand over the last document, and say what is not listed."""
        self._end()
        if self._told > _SHOWN:
            self._reading.problem("", f"{self._told - _SHOWN:,} more problems of YAML are not listed")
        if self.read > TOLD:
            self._reading.problem("", f"{self.read:,} documents stand in this file; all of these are read")
        self._documents.close()

    def behind(self, lines: Iterator[str]) -> Iterator[bytes] | None:
        """What of the file can still be read, behind damage: from the next package on, or else from the next key of the root."""
        if self._stopped or self._damage is None:
            return None
        damaged, column = self._damage
        item = " " * column + "- "
        inside = bool(self._places)
        for number, line in enumerate(lines, 1):
            if number > damaged and ((inside and line.startswith(item)) or _KEY.match(line)):
                head = b"packages:\n" if line.startswith(item) else b""
                if line.startswith("---"):
                    self._end()
                    self._begin()
                    self._from = number
                self._above = number - 1 - head.count(b"\n")
                return chain((head + line.encode(),), (each.encode() for each in lines))
        return None

    def _end(self) -> None:
        """Hand over the document that ends."""
        root, places = self._root, self._places
        if not self._holds:
            return
        self._count += 1
        if self._stopped and self._count > DOCUMENTS:
            return
        if self._count > DOCUMENTS:
            self._stopped = True
            message = f"more than {DOCUMENTS:,} documents stand in this file; those from here on are not read, so deliver it in parts"
            self._reading.problem("", message)
            return
        prefix = "" if self._count == 1 else f"document {self._count}"
        silent = "spdxVersion" not in root and root.get("SPDXID") == "SPDXRef-DOCUMENT" and "packages" in root
        if not spdx.recognised(root) and not silent:
            if self._count > 1 or self.read:
                message = f"the document of this file that begins at line {self._from} is no SPDX; it is not read"
                self._reading.problem(prefix, message)
            return
        self.read += 1
        if 1 < self._count <= TOLD:
            message = f"document number {self._count} of this file begins at line {self._from}; it is read too"
            self._reading.problem(prefix, message)
        if "packages" in root and not isinstance(root["packages"], list):
            self._reading.problem(prefix, "packages is no list")
        before = f"{prefix}, " if prefix else ""
        self._documents.add(
            root,
            lambda number: f"{before}{places[number] if number < len(places) else f'/packages/{number}'}",
            prefix,
        )

    def _start(self, made: Any, event: Any) -> None:
        """A mapping or list begins."""
        if self._skipped:
            self._skipped += 1
            if event.anchor:
                self._anchors[event.anchor] = _UNREAD
            return
        if not self._open:
            self._holds = True
            if isinstance(made, dict):
                made = self._root  # of a document that goes on behind damage it is there already
        elif self._open[-1][0] is self._root and (key := self._open[-1][1]) is not None:
            if key not in _WANTED:
                self._open[-1][1] = None
                self._skipped = 1
                if event.anchor:
                    self._anchors[event.anchor] = _UNREAD
                return
            if isinstance(made, list) and isinstance(before := self._root.get(key), list):
                if not self._above:
                    self._tell(event, f"key {key!r} stands here once more; each of its values is read")
                self._open[-1][1] = None
                self._open.append([before, None])
                return
        self._put(made, event)
        self._open.append([made, None])

    def _put(self, value: Any, event: Any) -> None:
        """A value where it belongs. Keys that are no text, and what the root needs not, are dropped."""
        if type(event) is not yaml.AliasEvent and event.anchor is not None:
            self._anchors[event.anchor] = value
        if not self._open:
            self._holds |= bool(value)
            return
        top = self._open[-1]
        holder, key = top
        if type(holder) is list:
            if len(self._open) == 2 and holder is self._root.get("packages"):
                if not self._places:
                    self._column = max(0, event.start_mark.column - 2)
                self._places.append(f"line {event.start_mark.line + 1 + self._above}")
            holder.append(value)
        elif key is None:
            top[1] = value if isinstance(value, str) else ""
        else:
            top[1] = None
            if key in holder or key == "<<":
                self._again(holder, key, value, event)
            elif holder is not self._root or key in _WANTED:
                holder[key] = value

    def _again(self, holder: dict[str, Any], key: str, value: Any, event: Any) -> None:
        """A key that stands twice in a mapping, or merges another one into it."""
        if key == "<<" and isinstance(value, dict) and len(value) < 100:
            for name, each in value.items():
                if name not in holder:
                    holder[name] = each
                    self._merged.add((id(holder), name))
            return
        before: Any = holder.get(key)
        merged = (id(holder), key) in self._merged  # which a key of its own may replace
        if key in holder and not merged and not (isinstance(value, str) and before == value):
            texts = isinstance(value, str) and isinstance(before, str)
            both = f"{before[:120]!r} and {value[:120]!r}" if texts else "two values"
            self._tell(event, f"key {key[:120]!r} stands twice: {both}; the last is used")
        holder[key] = value

    def _alias(self, event: Any) -> None:
        self._aliases += 1
        if event.anchor not in self._anchors:
            self._tell(event, f"the alias *{event.anchor} names nothing")
        if self._skipped:
            return
        value = self._anchors.get(event.anchor)
        if value is _UNREAD:
            self._tell(event, f"the alias *{event.anchor} stands for something of which nothing is read")
            value = None
        if isinstance(value, dict | list) and (any(value is each for each, _ in self._open) or _weighty(value)):
            self._tell(
                event, f"the alias *{event.anchor} stands for more than {MAX_ALIASED} values; it is not followed"
            )
            value = None
        self._put(value, event)

    def _tag(self, event: Any) -> None:
        if event.tag and not _CORE.fullmatch(event.tag):
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")[:80]
            self._tell(
                event, f"the tag {shown} asks for an object of a program; nothing is made, and what it holds is data"
            )

    def _tell(self, event: Any, message: str) -> None:
        self._told += 1
        if self._told <= _SHOWN:
            self._reading.problem(self._line(event.start_mark), message)

    def _stop(self, event: Any, why: str) -> None:
        self._stopped = True
        message = f"{why}; nothing from here on is read, so deliver it in parts"
        self._reading.problem(self._line(event.start_mark), message)

    def _line(self, mark: Any) -> str:
        return f"line {mark.line + 1 + self._above}"

    def _damaged(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        place = self._line(mark) if mark else ""
        read = len(items(self._root.get("packages")))
        message = f"not valid YAML: {said}; what stands here is not read ({read} packages stand before it)"
        self._reading.problems.append(Problem(place, message))
        if mark:
            self._damage = max(mark.line + 1 + self._above, self._above + 1), self._column


def _weighty(value: Any) -> bool:
    """Whether a value holds too much, counting what it shares as often as it stands there."""
    todo, count = [value], 0
    while todo and count <= MAX_ALIASED:
        each = todo.pop()
        count += 1
        if isinstance(each, dict):
            todo += each.values()
        elif isinstance(each, list):
            todo += each[: MAX_ALIASED + 1]
    return count > MAX_ALIASED
