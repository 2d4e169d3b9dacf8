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

from assessor.evidence.readers import charsets
from assessor.evidence.readers.base import Countries, Reading, Unreadable
from assessor.evidence.readers.bills import spdx_lines, spdx_table
from assessor.evidence.readers.bills.cyclonedx_json import MOST
from assessor.evidence.readers.bills.json_stream import DOCUMENTS, TOLD
from assessor.evidence.readers.bills.spdx_tags import (
    CLOSE,
    DOCUMENT,
    KINDS,
    LOOK_AHEAD,
    MOST_INSIDE,
    OPEN,
    OTHERS,
    SPELLED,
    unwrapped,
)
from assessor.evidence.readers.rows import Told, frugal

_VERSION = re.compile(r"^[ \t]*(?!(?-i:spdxVersion))SPDXVersion[ \t]*:", re.IGNORECASE | re.MULTILINE)
_PACKAGE = re.compile(r"^[ \t]*PackageName[ \t]*:", re.MULTILINE)
_ID = re.compile(r"^[ \t]*SPDXID[ \t]*:[ \t]*SPDXRef-", re.MULTILINE)
_SHOWN = 20
FEW = 1 << 15
"""Bytes of a file whose lines are not worth being read by columns."""
LONGEST_LINE, MOST_LINES = 1 << 20, 5_000_000
"""Characters of a line, and lines of a file, that are read one by one."""
_TAG = re.compile(r"[A-Za-z][\w.-]{1,60}")


def recognised(head: str) -> bool:
    """Whether the first characters of a file hold the tag `SPDXVersion:` at the beginning of a line (YAML's key is
    `spdxVersion`), or packages with their ids."""
    return bool(_VERSION.search(head) or (_PACKAGE.search(head) and _ID.search(head)))


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Every package of the file as a row; identity is `source#line N`, with the number of the document before it where that is
    not the first of the file. Raises Unreadable when it is no SPDX."""
    charset = charsets.examine(path)
    problems = charset.problems
    if path.stat().st_size > FEW:
        reading = Reading(problems=list(problems), serialization="tag-value")
        scan = _Scan(reading, source)
        if packages := spdx_lines.scan(charset.chunks(), scan.take, scan.respelled, scan.documents.bounded):
            scan.documents.add_columns(scan.root, packages)
            scan.told()
            scan.documents.close()
            return reading
    reading = Reading(problems=list(problems), serialization="tag-value")
    scan = _Scan(reading, source)
    scan.run(charset.lines(LONGEST_LINE, scan.long))
    if not scan.any:
        raise Unreadable("not an SPDX document")
    return reading


class _Scan:
    """What the lines say, as in SPDX's JSON, with the line of each package; of one document after the other."""

    def __init__(self, reading: Reading, source: str) -> None:
        self.documents = spdx_table.Documents(reading, source)
        self.any = False
        """There is a document, or a package."""
        self._reading = reading
        self._tell = Told(reading, "problems of lines")
        self._number = self._document = 0
        self._unknown: Counter[str] = Counter()
        self._odd: list[int] = []
        self._more_odd = 0
        self._full = False
        self._tags = {name: getattr(self, "_" + name.lower()) for name in (*OTHERS, *DOCUMENT)}
        self._begin()

    def _begin(self) -> None:
        """A new document."""
        self._document += 1
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
        self._early: dict[str, Any] = {}  # facts of a package that stand before its name
        self._element: dict[str, Any] = self.root
        self._waiting = ("", 0)  # an SPDXID that stands before its element, and its line

    def _end(self) -> None:
        """Hand over the document."""
        for tag, value in self._early.items():
            self._tell("", f"{tag} {value[:120]!r} belongs to a package that has no name")
        self.any |= bool(self.root["spdxVersion"] or self.packages)
        lines, prefix = self.lines, "" if self._document == 1 else f"document {self._document}, "
        self.documents.add(self.root, lambda number: f"{prefix}line {lines[number]}", prefix.rstrip(", "))

    def run(self, lines: Iterator[str]) -> None:
        """Read all lines, each once, or twice where it follows a text that is never closed."""
        start: list[str] = []
        while (again := self._some(chain(start, lines))) is not None:
            self._some(iter(again[:-1]))
            start = again[-1:]
        self._end()
        self.told()
        self.documents.close()

    def long(self, number: int) -> None:
        """Tell of a line that was cut."""
        message = f"this line is longer than {LONGEST_LINE:,} characters; the rest of it is not read"
        self._tell(f"line {number}", message)

    def told(self) -> None:
        """Tell what was met by the way."""
        for number in self._odd[:_SHOWN]:
            self._reading.problem(f"line {number}", "this line has no tag and stands in no <text>; it is not read")
        if self._more_odd:
            self._reading.problem("", f"{self._more_odd:,} more lines have no tag; they are not read")
        if self._document > TOLD:
            self._reading.problem("", f"{self._document:,} documents stand in this file; all of these are read")
        if self._unknown:
            names = ", ".join(f"{name} ({times})" for name, times in sorted(self._unknown.items())[:_SHOWN])
            self._reading.notes.append(f"tags that SPDX does not know are not read: {names}")
        self._tell.close()

    def _some(self, lines: Iterator[str]) -> list[str] | None:
        """Read lines up to their end (None), or to a text that never closes: the lines after it, to be read again."""
        kinds = KINDS
        number = self._number
        package = self.packages[-1] if self.packages else self._early
        for line in lines:
            number += 1
            if number > MOST_LINES or self._full:
                self._stop(number)
                return None
            tag, _, value = line.partition(":")
            if (key := kinds.get(tag)) is None:
                if not (tag := self.respelled(line, tag, number)):
                    continue
                key = kinds.get(tag, "")
            begun = number
            if OPEN in value and CLOSE not in value:
                inside: list[str] = []
                if not _close(lines, inside):
                    message = f"the <text> of {tag[:40]} is never closed, or only far below; only its first line is taken for its text"
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

    def _stop(self, number: int) -> None:
        self._number = number
        if not self._full:
            self._full = True
            message = f"more than {MOST_LINES:,} lines stand in this file; those from here on are not read, so deliver it in parts"
            self._reading.problem(f"line {number}", message)

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
        if len(self._odd) < _SHOWN:
            self._odd.append(number)
        else:
            self._more_odd += 1
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
        if len(self.packages) >= MOST:
            self._full = True
            message = (
                f"more than {MOST:,} packages stand here; those from here on are not read, so deliver the file in parts"
            )
            self._reading.problem(f"line {number}", message)
            return
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
            self._end()
            self._begin()
            if self._document > DOCUMENTS:
                self._document, self._full = DOCUMENTS, True
                message = f"more than {DOCUMENTS:,} documents stand in this file; those from here on are not read, so deliver it in parts"
                self._reading.problem(f"line {number}", message)
                return
            if self._document <= TOLD:
                message = f"document number {self._document} of this file begins here; it is read too"
                self._reading.problem(f"line {number}", message)
        self.root["spdxVersion"] = value
        self._element = self.root

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
        if opens >= 0 or size > LOOK_AHEAD or len(inside) > MOST_INSIDE:
            return False
    inside.append("")
    return False
