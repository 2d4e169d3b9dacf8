"""SPDX 2.1 to 2.3 tag-value (and 1.2, whose tags are the same) to the table `components`: one row a package.

A scanner of lines, and where all of them are regular, columns of them (`spdx_lines`). A tag belongs to the element (package, file, snippet, licence) that began last, wherever the
specification would have it; what it does not know is told and skipped. https://spdx.github.io/spdx-spec/v2.3/conformance/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from assessor.evidence.readers import charsets, spdx_lines, spdx_table
from assessor.evidence.readers.base import Countries, Reading, Unreadable
from assessor.evidence.readers.rows import Told
from assessor.evidence.readers.spdx_tags import CLOSE, DOCUMENT, KINDS, LOOK_AHEAD, OPEN, OTHERS, SPELLED, unwrapped

_VERSION = re.compile(r"^[ \t]*(?!(?-i:spdxVersion))SPDXVersion[ \t]*:", re.IGNORECASE | re.MULTILINE)
_SHOWN = 20
FEW = 1 << 15
"""Bytes of a file whose lines are not worth being read by columns."""
_TAG = re.compile(r"[A-Za-z][\w.-]{1,60}")


def recognised(head: str) -> bool:
    """Whether the first characters of a file hold the tag `SPDXVersion:` at the beginning of a line (YAML's key is
    `spdxVersion`)."""
    return bool(_VERSION.search(head))


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#line N`. Raises Unreadable when it is no SPDX."""
    charset = charsets.examine(path)
    reading = Reading(problems=charset.problems, serialization="tag-value")
    if charset.plain and path.stat().st_size > FEW:
        scan = _Scan(reading)
        if packages := spdx_lines.scan(path.read_bytes()[charset.mark :], scan.take, scan.respelled):
            scan.close()
            spdx_table.fill_columns(reading, scan.root, packages, source)
            return reading
    with charset.lines() as lines:
        scan = _Scan(reading)
        scan.run(lines)
    if not scan.root["spdxVersion"] and not scan.packages:
        raise Unreadable("not an SPDX document")
    spdx_table.fill(reading, scan.root, source, lambda number: f"line {scan.lines[number]}")
    return reading


class _Scan:
    """What the lines say, as in SPDX's JSON, with the line of each package."""

    def __init__(self, reading: Reading) -> None:
        self.packages: list[dict[str, Any]] = []
        self.lines: list[int] = []
        self._creation: dict[str, Any] = {"creators": []}
        self._relationships: list[dict[str, str]] = []
        self._licences: list[dict[str, str]] = []
        self.root: dict[str, Any] = {
            "spdxVersion": "",
            "creationInfo": self._creation,
            "packages": self.packages,
            "relationships": self._relationships,
            "hasExtractedLicensingInfos": self._licences,
        }
        self._reading = reading
        self._tell = Told(reading, "problems of lines")
        self._early: dict[str, Any] = {}  # facts of a package that stand before its name
        self._element: dict[str, Any] = self.root
        self._waiting = ("", 0)  # an SPDXID that stands before its element, and its line
        self._number = 0
        self._unknown: Counter[str] = Counter()
        self._odd: list[int] = []
        self._tags = {name: getattr(self, "_" + name.lower()) for name in (*OTHERS, *DOCUMENT)}

    def run(self, lines: Iterator[str]) -> None:
        """Read all lines, each once, or twice where it follows a text that is never closed."""
        start: list[str] = []
        while (again := self._some(chain(start, lines))) is not None:
            self._some(iter(again[:-1]))
            start = again[-1:]
        self.close()

    def close(self) -> None:
        """Tell what was met by the way."""
        for number in self._odd[:_SHOWN]:
            self._reading.problem(f"line {number}", "this line has no tag and stands in no <text>; it is not read")
        if len(self._odd) > _SHOWN:
            self._reading.problem("", f"{len(self._odd) - _SHOWN} more lines have no tag; they are not read")
        if self._unknown:
            names = ", ".join(f"{name} ({times})" for name, times in sorted(self._unknown.items())[:_SHOWN])
            self._reading.notes.append(f"tags that SPDX does not know are not read: {names}")
        self._tell.close()
        for tag, value in self._early.items():
            self._reading.problem("", f"{tag} {value[:120]!r} belongs to a package that has no name")

    def _some(self, lines: Iterator[str]) -> list[str] | None:
        """Read lines up to their end (None), or to a text that never closes: the lines after it, to be read again."""
        kinds = KINDS
        number = self._number
        package = self.packages[-1] if self.packages else self._early
        for line in lines:
            number += 1
            tag, _, value = line.partition(":")
            if (key := kinds.get(tag)) is None:
                if not (tag := self.respelled(line, tag, number)):
                    continue
                key = kinds.get(tag, "")
            begun = number
            if OPEN in value and CLOSE not in value:
                inside: list[str] = []
                if not _close(lines, inside):
                    message = f"the <text> of {tag} is never closed; only its first line is taken for its text"
                    self._tell(f"line {number}", message, line.strip())
                    if key:
                        self.take(tag, key, unwrapped(value), begun)
                    self._number = number
                    return inside
                number += len(inside)
                value += "".join(inside)
            if not key:
                continue
            if key != tag and key not in package:
                package[key] = value.strip() if OPEN not in value else unwrapped(value)
            else:
                self.take(tag, key, unwrapped(value), begun)
                package = self.packages[-1] if self.packages else self._early
        self._number = number
        return None

    def take(self, tag: str, key: str, value: str, number: int) -> None:
        """What a line says, by its tag and what that means."""
        if handle := self._tags.get(key):
            handle(value, number)
            return
        package = self.packages[-1] if self.packages else self._early
        if key in package and package[key] != value:
            both = f"{package[key][:120]!r} and {value[:120]!r}"
            self._tell(f"line {number}", f"{tag} stands twice in one package: {both}; the last is used")
        package[key] = value

    def respelled(self, line: str, tag: str, number: int) -> str:
        """The tag of a line whose spelling is not exact; empty for a comment and for a line without any tag."""
        plain = line.strip()
        if not plain or plain.startswith("#"):
            return ""
        name = tag.strip()
        if found := SPELLED.get(name.casefold()):
            return found
        if ":" in line and _TAG.fullmatch(name):
            if name in self._unknown or len(self._unknown) < 1000:
                self._unknown[name] += 1
            return name
        self._odd.append(number)
        return ""

    def _packagename(self, value: str, number: int) -> None:
        package = {"name": value, **self._early}
        self._early.clear()
        waiting, line = self._waiting
        if waiting:
            if number - line < 4:
                package["SPDXID"] = waiting
            else:
                self._tell(f"line {line}", f"SPDXID {waiting!r} stands in an element that has one already")
            self._waiting = ("", 0)
        self.packages.append(package)
        self.lines.append(number)
        self._element = package

    def _spdxid(self, value: str, number: int) -> None:
        if "SPDXID" in self._element:
            self._waiting = (value, number)
        else:
            self._element["SPDXID"] = value

    def _filename(self, value: str, number: int) -> None:
        self._element = {}

    def _snippetspdxid(self, value: str, number: int) -> None:
        self._element = {"SPDXID": value}

    def _externalref(self, value: str, number: int) -> None:
        parts = value.split(None, 2)
        if len(parts) < 3 or not self.packages:
            self._tell(f"line {number}", "this external reference cannot be read", value)
            return
        reference = {"referenceType": parts[1], "referenceLocator": parts[2]}
        self.packages[-1].setdefault("externalRefs", []).append(reference)

    def _packagechecksum(self, value: str, number: int) -> None:
        algorithm, colon, digest = value.partition(":")
        if not colon or not self.packages:
            self._tell(f"line {number}", "this checksum cannot be read", value)
            return
        checksum = {"algorithm": algorithm.strip(), "checksumValue": digest.strip()}
        self.packages[-1].setdefault("checksums", []).append(checksum)

    def _relationship(self, value: str, number: int) -> None:
        parts = value.split()
        if len(parts) != 3:
            self._tell(f"line {number}", "this relationship cannot be read", value)
            return
        left, kind, right = parts
        self._relationships.append({"spdxElementId": left, "relationshipType": kind, "relatedSpdxElement": right})

    def _creator(self, value: str, number: int) -> None:
        self._creation["creators"].append(value)

    def _created(self, value: str, number: int) -> None:
        self._creation.setdefault("created", value)

    def _documentname(self, value: str, number: int) -> None:
        self.root.setdefault("name", value)

    def _spdxversion(self, value: str, number: int) -> None:
        if self.root["spdxVersion"]:
            self._reading.problem(
                f"line {number}", "a second SPDX document begins; its packages are read with the first's"
            )
        else:
            self.root["spdxVersion"] = value
        self._element = self.root if "SPDXID" not in self.root else {}

    def _licenseid(self, value: str, number: int) -> None:
        self._licences.append({"licenseId": value})
        self._element = {}

    def _licensename(self, value: str, number: int) -> None:
        if self._licences:
            self._licences[-1]["name"] = value

    def _extractedtext(self, value: str, number: int) -> None:
        if self._licences:
            self._licences[-1]["extractedText"] = value


def _close(lines: Iterator[str], inside: list[str]) -> bool:
    """Take lines up to the one that closes a text; False when another text opens first, or none ever closes."""
    size = 0
    for line in lines:
        inside.append(line)
        size += len(line)
        closes, opens = line.find(CLOSE), line.find(OPEN)
        if closes >= 0 and not 0 <= opens < closes:
            return True
        if opens >= 0 or size > LOOK_AHEAD:
            return False
    inside.append("")
    return False
