"""SPDX 2.2 and 2.3 as YAML to the table `components`: one row a package.

Read event by event, so that neither depth nor aliases exhaust anything and what stands before damage is kept. Every
scalar stays the text that was written (a version 1.10 is no number), and no tag makes anything: it is told.
https://spdx.github.io/spdx-spec/v2.3/conformance/ and https://yaml.org/spec/1.1/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from assessor.evidence.readers import charsets, spdx_table
from assessor.evidence.readers.base import Countries, Problem, Reading, Unreadable, items

MAX_DEPTH = 100
MAX_ALIASES = 10_000
MAX_ALIASED = 1_000
"""Values that the target of an alias may hold, those of aliases in it counted again."""
_SHOWN = 20
_KEYS = "spdxVersion SPDXID name creationInfo documentDescribes packages relationships hasExtractedLicensingInfos"
_WANTED = frozenset(_KEYS.split())
_CORE = re.compile(r"!|tag:yaml\.org,2002:[a-z]+")
_VERSION = re.compile(r"""^[ \t]*["']?spdxVersion["']?[ \t]*:""", re.MULTILINE)
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def recognised(head: str) -> bool:
    """Whether the first characters of a file hold the key `spdxVersion:` at the beginning of a line."""
    return bool(_VERSION.search(head))


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#line N`. Raises Unreadable when it is no SPDX."""
    charset = charsets.examine(path)
    reading = Reading(problems=charset.problems, serialization="yaml")
    build = _Build(reading)
    root = build.run(_Pieces(charset.chunks()))
    if not str(root.get("spdxVersion", "")).startswith("SPDX-"):
        raise Unreadable(next((each.message for each in reading.problems if each.place), "not an SPDX document"))
    if "packages" in root and not isinstance(root["packages"], list):
        reading.problem("", "packages is no list")
    places = build.places
    spdx_table.fill(
        reading, root, source, lambda number: places[number] if number < len(places) else f"/packages/{number}"
    )
    return reading


class _Pieces:
    """Pieces of bytes as the file that the parser reads from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


class _Build:
    """The document out of its events: mappings, lists and texts; of the root only what is wanted."""

    def __init__(self, reading: Reading) -> None:
        self.places: list[str] = []
        self._reading = reading
        self._anchors: dict[str, Any] = {}
        self._merged: set[tuple[int, str]] = set()
        self._aliases = 0
        self._told = 0
        self._root: dict[str, Any] = {}
        # what is open: a list, or a mapping with the key that waits for its value (None: a key comes next)
        self._open: list[tuple[Any, list[str | None]]] = []

    def run(self, file: Any) -> dict[str, Any]:
        """Read all events; damage ends the reading and is a problem with its line."""
        documents = 0
        try:
            event: Any
            for event in yaml.parse(file, Loader=_LOADER):
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    self._tag(event)
                    plain = event.style is None or event.style == ""
                    self._put(None if plain and event.value == "~" else event.value, event)
                elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                    self._tag(event)
                    self._begin({} if kind is yaml.MappingStartEvent else [], event)
                    if len(self._open) > MAX_DEPTH:
                        self._tell(event, f"more than {MAX_DEPTH} levels of nesting; nothing from here on is read")
                        break
                elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                    self._open.pop()
                elif kind is yaml.AliasEvent:
                    self._alias(event)
                    if self._aliases > MAX_ALIASES:
                        self._tell(event, f"more than {MAX_ALIASES} aliases; nothing from here on is read")
                        break
                elif kind is yaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        self._tell(event, "a second document begins; it is not read")
                        break
        except yaml.YAMLError as error:
            self._damage(error)
        except (UnicodeError, ValueError) as error:
            self._reading.problem("", f"not valid YAML: {error}")
        if self._told > _SHOWN:
            self._reading.problem("", f"{self._told - _SHOWN} more problems of YAML are not listed")
        return self._root

    def _begin(self, made: Any, event: Any) -> None:
        if not self._open and isinstance(made, dict):
            self._root = made
        self._put(made, event)
        self._open.append((made, [None]))

    def _put(self, value: Any, event: Any) -> None:
        """A value where it belongs. Keys that are no text, and what the root needs not, are dropped."""
        anchor = getattr(event, "anchor", None)
        if anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[anchor] = value
        if not self._open:
            return
        holder, waiting = self._open[-1]
        if isinstance(holder, list):
            if len(self._open) == 2 and holder is self._root.get("packages"):
                self.places.append(f"line {event.start_mark.line + 1}")
            holder.append(value)
        elif waiting[0] is None:
            waiting[0] = value if isinstance(value, str) else ""
        else:
            key, waiting[0] = waiting[0], None
            if key == "<<" and isinstance(value, dict) and len(value) < 100:
                for name, each in value.items():
                    if name not in holder:
                        holder[name] = each
                        self._merged.add((id(holder), name))
            elif holder is not self._root or key in _WANTED:
                before = holder.get(key)
                merged = (id(holder), key) in self._merged  # which a key of its own may replace
                if key in holder and not merged and not (isinstance(value, str) and before == value):
                    texts = isinstance(value, str) and isinstance(before, str)
                    both = f"{before[:120]!r} and {value[:120]!r}" if texts else "two values"
                    self._tell(event, f"key {key!r} stands twice: {both}; the last is used")
                    if holder is self._root and key == "packages":
                        self.places.clear()
                holder[key] = value

    def _alias(self, event: Any) -> None:
        self._aliases += 1
        if event.anchor not in self._anchors:
            self._tell(event, f"the alias *{event.anchor} names nothing")
        value = self._anchors.get(event.anchor)
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
            self._reading.problem(f"line {event.start_mark.line + 1}", message)

    def _damage(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        place = f"line {mark.line + 1}" if mark else ""
        read = len(items(self._root.get("packages")))
        message = f"not valid YAML: {said}; what stands from here on is not read ({read} packages stand before it)"
        self._reading.problems.append(Problem(place, message))


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
