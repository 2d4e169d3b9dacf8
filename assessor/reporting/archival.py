"""LibreOffice's PDF with the day of the document in the place of the clock, so that the same document gives the same bytes.

LibreOffice writes the moment of the conversion into the properties, the XMP metadata (PDF/A wants both to agree), the colour profile
and the identifier of the file. They are set here, and the table of objects is written anew; nothing else is touched.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from assessor import files
from assessor.reporting import office

_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_TABLE = re.compile(rb"xref\r?\n0 (\d+)\r?\n")
_ENTRY = 20
"""Bytes of an entry in the table of objects (ISO 32000-1, 7.5.4)."""
_PROFILE = re.compile(rb"/DestOutputProfile (\d+) 0 R")
_LENGTH = re.compile(rb"/Length (?:(\d+) 0 R|(\d+))")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_INFO = re.compile(rb"/(CreationDate|ModDate)\(D:[^)]*\)")
_XMP = re.compile(rb"<xmp:(CreateDate|ModifyDate|MetadataDate)>[^<]*<")
_IDENTIFIER = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f]+>\s*<[0-9A-Fa-f]+>\s*\]")
_CHECKSUM = re.compile(rb"/DocChecksum\s*/[0-9A-Fa-f]+\s*")
_ICC_DATE, _ICC_SIGN = slice(24, 36), slice(36, 40)
"""Where a colour profile has its date, six numbers of two bytes, and the sign of its kind (ICC.1, 7.2)."""


def dated(pdf: bytes, day: date) -> bytes:
    """The PDF as made at the beginning of `day`, UTC. What is not laid out as LibreOffice does it comes back as it is."""
    end = _END.search(pdf)
    table = _TABLE.match(pdf, int(end[1])) if end else None
    if end is None or table is None:
        return pdf
    objects = _objects(pdf, int(end[1]), table)
    head, profile = pdf[: pdf.index(next(iter(objects.values())))], _PROFILE.search(pdf)
    moment = day.strftime("%Y%m%d").encode()
    for number, body in list(objects.items()):
        if b"/CreationDate" in body:
            objects[number] = _INFO.sub(rb"/\1(D:" + moment + b"000000Z)", body)
        elif b"<xmp:" in body:
            _replace(
                objects, number, lambda xmp: _XMP.sub(rb"<xmp:\1>" + day.isoformat().encode() + b"T00:00:00Z<", xmp)
            )
    if profile:
        _replace(objects, int(profile[1]), lambda packed: _with_date(packed, day))
    return _written(head, objects, table, pdf[int(end[1]) : end.start()])


def write(documents: Iterable[Path], day: date) -> list[Path]:
    """Write each Word file as PDF/A beside it, as made on `day`; the paths. Raises ReportError as `office.pdf` does."""
    written = []
    for document in documents:
        made = document.with_suffix(".pdf")
        files.write_bytes(made, dated(office.pdf(document.read_bytes()), day))
        written.append(made)
    return written


def _objects(pdf: bytes, at: int, table: re.Match[bytes]) -> dict[int, bytes]:
    """The objects of a file by number, in the order in which they stand in it."""
    entries = [
        pdf[place : place + _ENTRY] for place in range(table.end(), table.end() + _ENTRY * int(table[1]), _ENTRY)
    ]
    begins = sorted((int(entry[:10]), number) for number, entry in enumerate(entries) if entry[17:18] == b"n")
    ends = [begin for begin, _ in begins[1:]] + [at]
    return {number: pdf[begin:stop] for (begin, number), stop in zip(begins, ends, strict=True)}


def _replace(objects: dict[int, bytes], number: int, change: Callable[[bytes], bytes]) -> None:
    """Change the stream of an object, and its length wherever that stands."""
    body = objects[number]
    stream, length = _STREAM.search(body), _LENGTH.search(body)
    if stream is None or length is None:
        return
    made = change(stream[1])
    changed = body[: stream.start(1)] + made + body[stream.end(1) :]
    if length[1]:
        told = int(length[1])
        objects[told] = re.sub(rb"obj\s+\d+", b"obj\n%d" % len(made), objects[told], count=1)
    else:
        changed = changed[: length.start()] + b"/Length %d" % len(made) + changed[length.end() :]
    objects[number] = changed


def _with_date(packed: bytes, day: date) -> bytes:
    try:
        profile = bytearray(zlib.decompress(packed))
    except zlib.error:
        return packed
    if bytes(profile[_ICC_SIGN]) != b"acsp":
        return packed
    profile[_ICC_DATE] = struct.pack(">6H", day.year, day.month, day.day, 0, 0, 0)
    return zlib.compress(bytes(profile), 9)


def _written(head: bytes, objects: dict[int, bytes], table: re.Match[bytes], tail: bytes) -> bytes:
    made, at, places = [head], 0, {}
    for number, body in objects.items():
        at += len(made[-1])
        places[number] = at
        made.append(body)
    told = b"".join(made)
    entries = [
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
        for number in range(int(table[1]))
    ]
    identifier = hashlib.sha256(told).hexdigest()[:32].upper().encode()
    trailer = _CHECKSUM.sub(b"", tail[tail.index(b"trailer") :])
    trailer = _IDENTIFIER.sub(b"/ID [ <%s>\n<%s> ]" % (identifier, identifier), trailer)
    return told + b"xref\n0 %d\n" % len(entries) + b"".join(entries) + trailer + b"startxref\n%d\n%%%%EOF\n" % len(told)
