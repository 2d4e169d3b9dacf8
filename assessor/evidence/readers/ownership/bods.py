"""Beneficial Ownership Data Standard 0.2, 0.3 and 0.4 to `entities` and `interests`, files of any size.

A file is one list of statements, JSON Lines, several documents one after another, or an object that holds the list. The latest
statement of each record counts. A closed relationship is kept with the day on which it ended, so that an answer as of an
earlier day still has it. Interests that are stated as indirect are kept as claims (`direct` False). A party that is stated to
be unknown or undisclosed is a holder NA with the reason given, one that is described and not known an entity of unknown kind.
https://standard.openownership.org/en/0.4.0/
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import msgspec

from assessor.evidence.readers import opened
from assessor.evidence.readers.base import Countries, Reading, Unreadable, mapping
from assessor.evidence.readers.bills.json_stream import REFUSED, Stream
from assessor.evidence.readers.ownership.bods_heads import Lines, Run
from assessor.evidence.readers.ownership.bods_rows import Rows
from assessor.evidence.readers.rows import frugal

_LOOKED_AT = 20
"""Elements of a list by which it is told whether it is one of statements."""
_LINE = 64 << 20
"""Bytes that a line of JSON Lines may have."""
_PIECE = 1 << 19
_MARK = re.compile(rb'"(?:statementI[dD]|recordId|recordType|statementType)"\s*:')
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_SOMETHING, _SEAM = re.compile(rb"[^\s,\x1e]"), re.compile(rb"\}\s*,?\s*(?=\{)")
_BOM = b"\xef\xbb\xbf"
_ANY = msgspec.json.Decoder(msgspec.Raw)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAMES = {"statementId", "statementID"}, {"recordType", "statementType", "recordDetails"}


def recognised(document: object) -> bool:
    """Whether a JSON document is a list of BODS statements, a statement, or an object that holds such a list."""
    if isinstance(document, dict) and not _is_statement(document):
        return any(isinstance(each, list) and recognised(each) for each in document.values())
    return _is_statement(mapping(document[0]) if isinstance(document, list) and document else mapping(document))


def _is_statement(one: object) -> bool:
    names = set(mapping(one))
    return all(names & wanted for wanted in _NAMES)


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Entities and interests, in the order of their statements in the file. Raises Unreadable when there are none."""
    reading = Reading(tables={"entities": [], "interests": []})
    with frugal(), closing(opened.json_bytes(path, reading)) as file:
        rows, count = Rows(source, rule, reading), 0
        for run in statements(file, reading):
            rows.add(run)
            count += len(run.elements)
        rows.finish()
    if not count or not any(len(each) for each in (*reading.tables["entities"], *reading.tables["interests"])):
        told = f"; {reading.problems[0].message}" if reading.problems else ""
        raise Unreadable(f"not a list of BODS statements{told}")
    return reading


def statements(file: BinaryIO, reading: Reading) -> Iterator[Run]:
    """The statements of a file with their places, whatever form it has."""
    line = file.readline(_LINE).removeprefix(_BOM)
    following = file.readline(_LINE)
    file.seek(0)
    if not line.lstrip().startswith(b"{"):
        return _lists(file, reading)
    try:
        first = _OBJECT.decode(line)
    except REFUSED as error:
        if _is_line(following):
            return _lines(file)
        if _TRAILING.search(str(error)) or "truncated" in str(error):  # one of several on the line, or longer than it
            return _documents(file) if _begins_with_statement(file) else _lists(file, reading)
        return _lists(file, reading)
    return _lines(file) if _is_statement(first) else _lists(file, reading)


def _is_line(line: bytes) -> bool:
    try:
        return _is_statement(_OBJECT.decode(line))
    except REFUSED:
        return False


def _begins_with_statement(file: BinaryIO) -> bool:
    """Whether the outermost object is a statement itself, and not one that holds a list of them."""
    names: set[str] = set()
    try:
        for part in next(Stream(file, []).documents()):
            names.add(part.key)
            if _is_statement(dict.fromkeys(names)):
                return True
            if any(_MARK.search(bytes(each)) for each in part.elements[:_LOOKED_AT]):
                return False
    except (Unreadable, StopIteration):
        pass
    finally:
        file.seek(0)
    return False


def _lines(file: BinaryIO) -> Iterator[Run]:
    """JSON Lines, of which those without anything in them are left out."""
    rest, number = b"", 1
    while piece := file.read(_PIECE):
        text = rest + piece if number > 1 else (rest + piece).removeprefix(_BOM)
        end = text.rfind(b"\n")
        if end < 0 and len(text) < _LINE:
            rest = text
            continue
        whole, rest = (text[:end], text[end + 1 :]) if end >= 0 else (text, b"")
        lines = Lines(whole)
        yield from [Run(lines, "line ", number)] if lines.regular else _filled(lines, number)
        number += len(lines)
    yield from _filled([rest], number)


def _filled(lines: Sequence[bytes], number: int) -> Iterator[Run]:
    return (Run([line], "line ", at) for at, line in enumerate(lines, number) if line.strip())


def _lists(file: BinaryIO, reading: Reading) -> Iterator[Run]:
    """The elements of the outermost list, or of each list in the outermost object whose first elements are statements."""
    chosen: dict[str, bool] = {}
    for document in Stream(file, reading.problems).documents():
        for part in document:
            if part.elements and part.place not in chosen:
                told = any(_MARK.search(bytes(each)) for each in part.elements[:_LOOKED_AT])
                chosen[part.place] = told or not part.key
            if part.elements and chosen[part.place]:
                yield Run(part.elements, f"{part.place}/", part.first)


def _documents(file: BinaryIO) -> Iterator[Run]:
    """Statements that stand one after another, each over several lines or several on a line."""
    with closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as whole:
        number, at = 0, 0
        while begin := _SOMETHING.search(whole, at):
            number, at = number + 1, begin.start()
            end = _end(whole, at)
            yield Run([whole[at:end]], "document ", number)
            at = end


def _end(whole: mmap.mmap, at: int) -> int:
    """Where the value that begins here ends; of one that is no JSON, where the next object seems to begin."""
    with memoryview(whole) as view, view[at:] as rest:
        try:
            _ANY.decode(rest)
            return len(whole)
        except REFUSED as error:
            if trailing := _TRAILING.search(str(error)):
                return at + int(trailing[1]) - 1
    seam = _SEAM.search(whole, at)
    return seam.start() + 1 if seam else len(whole)
