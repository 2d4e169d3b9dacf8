"""Which reader reads which file: told by the content, and asked of third parties where none of ours knows it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from assessor import files
from assessor.evidence.readers import documents, forms, forms_data, json_text, marked_up, office, opened, tabular, text
from assessor.evidence.readers.base import Countries, Reading, Unreadable
from assessor.evidence.readers.bills import bom_json, boms, json_stream
from assessor.evidence.readers.ownership import bods, ftm, gleif, gleif_csv, gleif_tree, lines, psc
from assessor.evidence.readers.sheets import columns, sheets

UNKNOWN = "unknown"
_HEAD = 4096
_LOOK = 1 << 18
_HEADED = 1 << 12
_WHOLE = 64 << 20
"""Bytes of a JSON document up to which all of it is looked at."""
_JSON_MARKS = (
    (rb'(?i)"(?:bomFormat|specFormat)"\s*:\s*"CycloneDX"', "bom.cyclonedx"),
    (rb'(?i)"spdxVersion"\s*:\s*"(?:SPDX[-\s]*)?2|spdx\.org/rdf/3', "bom.spdx"),
    (rb'"statementI[dD]"', "ownership.bods"),
)
"""Bytes near the beginning that tell a format; inside a text they could not stand so, since quotation marks are escaped there."""
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
"""How pictures begin: PNG, JPEG, GIF, TIFF."""
_SVG = re.compile(
    r"(?:<\?[^>]*>|<!--.*?-->|<!doctype[^>\[]*(?:\[[^\]]*\]\s*)?>|\s)*+<(?:[\w.-]+:)?svg[\s/>]", re.DOTALL
)
"""How a drawing in SVG begins, small letters; it is a picture too, since nobody's program draws it."""
_BILL_KEYS = {b"components", b"packages", b"payload", b"predicate", b"sbom", b"graph"}
Read = Callable[[Path, str, Countries], Reading]


class Reader(Protocol):
    """What an entry point of `assessor.readers` gives."""

    kind: str

    def recognise(self, head: bytes, path: Path) -> bool:
        """Whether the file is of this kind; `head` are its first bytes."""

    def read(self, path: Path, source_id: str, rule: Countries) -> Reading:
        """The rows of the file; may raise Unreadable with the reason."""


def recognise(path: Path) -> str:
    """The kind of a file by its content; `unknown` when no reader recognises it."""
    return examine(path)[0]


def examine(path: Path) -> tuple[str, str]:
    """The kind of a file and, when that is unknown, why no reader takes it."""
    try:
        with opened.unpacked(path) as real:
            kind, reason = _examine(real)
    except Unreadable as error:
        kind, reason = UNKNOWN, str(error)
    except Exception as error:  # hostile bytes may break any library; the file is then merely not recognised
        kind, reason = UNKNOWN, f"no reader recognises the file ({type(error).__name__})"
    if kind == UNKNOWN and reason != "the file is empty":
        with path.open("rb") as file:
            head = file.read(_HEAD)
        for reader in _plugins():
            if _claims(reader, head, path):
                return reader.kind, ""
    return kind, reason


def read_item(kind: str, path: Path, source_id: str, rule: Countries) -> Reading:
    """Read a file of a kind that `recognise` gave; locators are places in it, `source_id` the register's id.

    Raises nothing for what is in the file: the reading has its status, reason and problems.
    """
    try:
        reader = _readers().get(kind) or next((each.read for each in _plugins() if each.kind == kind), None)
        if reader is None:
            raise Unreadable(examine(path)[1] or "no reader recognises the file")
        with opened.unpacked(path) as real:
            reading = reader(real, source_id, rule)
        if kind.startswith("bom."):
            boms.tell_timestamps(reading)
        if reading.unseen and reading.status == "read":
            reading.reason = documents.told_unseen(reading.unseen)
            reading.problem(f"page {reading.unseen[0]}", reading.reason)
    except Unreadable as error:
        return Reading(status="unreadable", reason=str(error))
    except Exception as error:  # an item must never stop the others
        return Reading(
            status="unreadable", reason=f"reading it as {kind} failed: {type(error).__name__}: {str(error)[:200]}"
        )
    return reading.settle()


def kinds() -> tuple[str, ...]:
    """Every kind that can be read here, sorted."""
    return tuple(sorted({*_readers(), *(reader.kind for reader in _plugins())}))


@cache
def _readers() -> dict[str, Read]:
    labelled = {
        told.get("kind", form): forms.read for form, told in forms_data.specification().items() if "titles" in told
    }
    return {
        "bom.cyclonedx": boms.read_cyclonedx,
        "bom.spdx": boms.read_spdx,
        "ownership.bods": bods.read,
        "ownership.ftm": ftm.read,
        "ownership.gleif": gleif.read,
        "ownership.psc": psc.read,
        "contract": documents.read_contract,
        "picture": documents.read_picture,
        "policy": documents.read_policy,
        "scan": documents.read_scan,
        **dict.fromkeys(columns.specifications(), tabular.read),
        **labelled,
    }


@cache
def _plugins() -> tuple[Reader, ...]:
    return tuple(entry.load() for entry in sorted(entry_points(group="assessor.readers"), key=lambda entry: entry.name))


def _claims(reader: Reader, head: bytes, path: Path) -> bool:
    try:
        return bool(reader.recognise(head, path))
    except Exception:  # a reader that breaks on a file does not recognise it
        return False


def _examine(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return UNKNOWN, "the file is empty"
    if b"%PDF-" in head[:1024]:
        return _document(path)
    if head.startswith(b"PK"):
        return _package(path)
    if head.startswith(_PICTURES):
        return "picture", ""
    if head.startswith(sheets.OLE):
        office.guard(path)
        return _sheet(path)
    start = head.decode(text.encoding(head) or "utf-8-sig", "replace").lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("{", "[")):
        return _json(path)
    if not start.startswith("<") and json_stream.BEGINS.search(head[:_HEADED]):
        return _json(path)  # with something before it
    if _SVG.match(start):
        return "picture", ""
    html = marked_up.is_html(start)
    if html and (kind := _document(path)[0]) != UNKNOWN:
        return kind, ""
    if reason := sheets.markup(start):
        return UNKNOWN, reason
    if gleif_csv.recognised(start) or gleif_tree.recognised_xml(start.encode()):
        return "ownership.gleif", ""
    if kind := boms.recognise(path):
        return kind, ""
    if start.startswith("<"):
        return (
            UNKNOWN,
            "an HTML page saved as a file, not evidence in a known format"
            if html
            else "no reader recognises this XML document",
        )
    if text.binary(head):
        return UNKNOWN, "no reader recognises these bytes"
    return _sheet(path)


def _document(path: Path) -> tuple[str, str]:
    document = documents.load(path)
    if form := forms.recognise(document):
        return str(forms_data.specification()[form].get("kind", form)), ""
    if document.unseen and not document.lines:
        return "scan", ""
    if documents.is_contract(document):
        return "contract", ""
    if documents.is_policy(document):
        return "policy", ""
    return UNKNOWN, f"no reader recognises a document that begins {document.title[:60]!r}"


def _package(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except files.BAD_ZIP as error:
        raise Unreadable(f"the file is damaged: {error}") from None
    if "word/document.xml" in names:
        return _document(path)
    if marked_up.is_opendocument(path):
        return _document(path)
    if any(name.startswith("xl/workbook.") for name in names) or {"mimetype", "content.xml"} <= names:
        return _sheet(path)
    return UNKNOWN, "an archive inside the delivery; deliver what is in it"


def _sheet(path: Path) -> tuple[str, str]:
    kind = tabular.recognise(path)
    return (
        (kind, "")
        if kind
        else (
            UNKNOWN,
            f"no reader recognises the file: none of its first {columns.HEADER_WITHIN} rows is a known heading",
        )
    )


def _json(path: Path) -> tuple[str, str]:
    with opened.json_bytes(path, Reading()) as file:
        head = file.read(_LOOK)
    for pattern, kind in _JSON_MARKS:
        if re.search(pattern, head):
            return kind, ""
    if gleif_tree.recognised_json(head):
        return "ownership.gleif", ""
    first = lines.beginning(head)
    if psc.recognised(first):
        return "ownership.psc", ""
    if ftm.recognised(first):
        return "ownership.ftm", ""
    keys = set(re.findall(rb'"@?(\w+)"\s*:', head))
    if keys & _BILL_KEYS:  # the mark may stand behind everything else
        try:
            found = bom_json.read(path, "")
            return f"bom.{found.format}", ""
        except Unreadable as error:
            return UNKNOWN, str(error)
    if path.stat().st_size > _WHOLE:
        return UNKNOWN, "no reader recognises this JSON document by its beginning"
    try:
        document = json_text.load(path.read_bytes())[0]
    except Unreadable as error:
        return UNKNOWN, str(error)
    if bods.recognised(document):
        return "ownership.bods", ""
    return UNKNOWN, "no reader recognises this JSON document"
