"""From an item and a locator to what stands there: which file it is, what form it has, and who shows its places."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd

from assessor import files
from assessor.engagement import TERMS, TERMS_ITEM
from assessor.evidence import register as registers
from assessor.evidence.places import in_documents, in_json, in_sheets, in_terms, in_text, in_xml
from assessor.evidence.places.excerpt import LONGEST_AROUND, MOST, Excerpt, Found, Line, NotShown, cut
from assessor.evidence.readers import dispatch, marked_up, opened
from assessor.evidence.readers.base import Unreadable
from assessor.evidence.readers.bills import json_stream
from assessor.evidence.readers.sheets import columns, sheets
from assessor.evidence.register import RegisterRow
from assessor.text import visible

_HEAD = 4096
_BLANKS = b" \t\r\n\xef\xbb\xbf\xff\xfe"
_IN_SHEET = re.compile(r".*!(row \d+|[A-Z]{1,3}\d+)(, source \d+)?", re.DOTALL)


def show(engagement_root: Path, register: pd.DataFrame, item: str, locator: str) -> Excerpt:
    """What stands at a place of an evidence item of the engagement at `engagement_root`.

    `item` is an id of the register (or `TERMS`, which is engagement.toml) and `locator` a place as the readers write it: a JSON
    pointer, a path of XML, `Sheet!row 5`, `Sheet!C5`, `line 12`, `page 3`, `paragraph 7`, or empty for the beginning of the
    item. Whatever the file is, what cannot be shown has a `note` that says why. Raises EvidenceError, one sentence, for an item
    that the register does not have.
    """
    if item == TERMS_ITEM:
        return _excerpt(item, TERMS, "terms", locator, *_tried(engagement_root / TERMS, None, locator))
    row = registers.row(register, item)
    path = registers.file_of(engagement_root, row)
    inner = f"evidence/{row.delivery}/data/{row.path}"
    if missing := _missing(engagement_root, path, row):
        return _excerpt(item, inner, row.kind or "", locator, Found("", []), missing)
    return _excerpt(item, inner, row.kind or "", locator, *_tried(path, row, locator))


def _missing(root: Path, path: Path, row: RegisterRow) -> str:
    """Why there is no file to look into; empty where there is one."""
    try:
        led_away = path.resolve() != root.resolve() / path.relative_to(root)
        there = path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name that no file can have, a circle of links
        led_away, there = False, False
    if there and led_away:
        return "what stands in the place of the file leads elsewhere, and links are not followed"
    if not there:
        return row.reason or f"the file is not in the delivery {row.delivery} any more"
    return ""


def _tried(path: Path, row: RegisterRow | None, locator: str) -> tuple[Found, str]:
    """What is found, and the note on what is not."""
    try:
        if row is None:
            found = in_terms.show(path, locator)
        else:
            with opened.unpacked(path) as real:
                found = _found(real, row.kind or dispatch.recognise(path), locator)
    except (NotShown, Unreadable) as error:
        return Found("", []), str(error)
    except Exception as error:  # hostile bytes may break any library; the place is then merely not shown
        return Found("", []), f"the place cannot be shown ({type(error).__name__}); open the file itself"
    return found, ""


def _found(path: Path, kind: str, locator: str) -> Found:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise NotShown("the file is empty")
    if b"%PDF-" in head[:1024]:
        return in_documents.show_page(path, locator)
    if head.startswith(b"PK") and (_is_word(path) or marked_up.is_opendocument(path)):
        return in_documents.show_paragraph(path, locator)
    if head.startswith((b"PK", sheets.OLE)) or kind in columns.specifications():
        return in_sheets.show(path, locator)
    start = head.replace(b"\0", b"").lstrip(_BLANKS)
    if marked_up.is_html(start.decode("latin-1").lower()):
        return in_documents.show_paragraph(path, locator)
    if kind == "ownership.gleif" and not start.startswith((b"{", b"[", b"<")):
        return in_text.show_record(path, locator)
    if start.startswith((b"{", b"[")) or (not start.startswith(b"<") and json_stream.BEGINS.search(head)):
        return in_json.show(path, locator)
    if locator.startswith("/"):
        return in_xml.show(path, locator, kind)
    if _IN_SHEET.fullmatch(locator):
        raise NotShown("the file is no workbook")
    return in_text.show(path, locator, kind)


def _is_word(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            return "word/document.xml" in package.namelist()
    except files.BAD_ZIP as error:
        raise NotShown(f"the file is damaged: {error}") from None


def _excerpt(item: str, path: str, kind: str, locator: str, found: Found, note: str) -> Excerpt:
    rows = found.rows
    if len(rows) > MOST:
        rows = [*rows[:MOST], Line("…", f"{len(rows) - MOST:,} more rows are not shown", True)]
    heading = cut(found.heading, LONGEST_AROUND)
    return Excerpt(
        visible(item), visible(path), visible(kind), visible(locator), heading, tuple(rows), cut(note, LONGEST_AROUND)
    )
