"""HTML pages and OpenDocument texts as lines with their places (`paragraph 7`, counted over what has text).

Nothing in them is run, fetched or resolved: scripts, styles, comments and hidden parts are no text, entities other than the characters of
HTML stay unread, and sizes are bounded before anything is parsed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from assessor import files
from assessor.evidence.readers import office, text
from assessor.evidence.readers.base import Unreadable, words

MAX_BYTES = 32 << 20
"""Bytes of a page, or of the text of an OpenDocument file, above which it is not read."""
MAX_TAGS = 500_000
"""Tags of a page above which it is not read."""
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "textarea",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
_CELLS = frozenset(("td", "th"))
_SILENT = frozenset(
    [
        "audio",
        "canvas",
        "embed",
        "iframe",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "video",
    ]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ODT = b"application/vnd.oasis.opendocument.text"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_REMOVED = (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation")


def is_html(start: str) -> bool:
    """Whether a file that begins like this, in small letters, is an HTML page."""
    return bool(re.match(r"<", start)) and bool(re.search(r"<!doctype html|<html[\s>]", start))


def is_opendocument(path: Path) -> bool:
    """Whether a zip file says that it is an OpenDocument text."""
    try:
        with zipfile.ZipFile(path) as package:
            return {"mimetype", "content.xml"} <= set(package.namelist()) and _first(package).startswith(_ODT)
    except files.BAD_ZIP:
        return False


def _first(package: zipfile.ZipFile) -> bytes:
    with package.open("mimetype") as file:
        return file.read(len(_ODT))


def html(path: Path) -> tuple[list[str], list[str]]:
    """The texts of an HTML page, block by block and tables row by row, and notes. Raises Unreadable."""
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(f"the page has more than {MAX_BYTES >> 20} MB and is not read")
    decoded = text.decode(path.read_bytes())
    if decoded.text.count("<") > MAX_TAGS:
        raise Unreadable(f"the page has more than {MAX_TAGS:,} tags and is not read")
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8")
    try:
        root = etree.fromstring(decoded.text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"the page is damaged: {error}") from None
    if root is None:
        raise Unreadable("no text")
    notes = [decoded.note] if decoded.note else []
    if any("depth" in entry.message for entry in parser.error_log):
        raise Unreadable("the elements of the page are nested too deep; it is not read")
    hidden: list[str] = []
    found = list(_joined(_pieces(root, hidden)))
    return found, notes + (["what the page hides is not read"] if hidden else [])


def _pieces(root: Any, hidden: list[str]) -> Iterator[str]:
    """Texts of a page in order, with a line feed where a block begins or ends and a bar between the cells of a row."""
    silent: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if silent is None and (concealed := _concealed(element)):
                hidden.append(tag)
            else:
                concealed = False
            if silent is None and (concealed or tag in _SILENT or not tag):
                silent = element
            if silent is None:
                if tag in _BLOCKS:
                    yield "\n"
                yield element.text or ""
        else:
            if silent is None:
                yield "\n" if tag in _BLOCKS else " | " if tag in _CELLS and element.getnext() is not None else ""
            elif silent is element:
                silent = None
            if silent is None:
                yield " ".join((element.tail or "").split("\n"))


def _concealed(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def opendocument(path: Path) -> tuple[list[str], list[str]]:
    """The texts of an OpenDocument file, paragraph by paragraph and tables row by row, and notes. Raises Unreadable."""
    office.guard(path)
    with zipfile.ZipFile(path) as package:
        if "META-INF/manifest.xml" in package.namelist() and b"encryption-data" in _part(
            package, "META-INF/manifest.xml"
        ):
            raise Unreadable("the file is encrypted")
        content = _part(package, "content.xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"the file is damaged: {error}") from None
    body = root.find(f"{_OFFICE}body")
    if body is None:
        raise Unreadable("no text")
    removed = list(body.iter(*_REMOVED))
    notes = ["deleted texts of tracked changes and comments are not read"] if removed else []
    for element in removed:
        element.text = None
        for inner in list(element):
            element.remove(inner)
    return list(_joined(_paragraphs(body))), notes


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Unreadable(f"{name} has more than {MAX_BYTES >> 20} MB and is not read")
    return content


def _paragraphs(body: Any) -> Iterator[str]:
    rows = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        block, row, cell = tag in (f"{_TEXT}p", f"{_TEXT}h"), tag == f"{_TABLE}table-row", tag == f"{_TABLE}table-cell"
        rows += (event == "start") * row - (event == "end") * row
        if event == "start":
            yield "\n" if (block and not rows) or row else ""
            gap = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": " " if rows else "\n"}.get(tag, "")
            yield gap + (element.text or "")
        else:
            yield "\n" if (block and not rows) or row else " | " if cell and element.getnext() is not None else ""
            yield " " * (block and rows > 0) + (element.tail or "")


def _joined(pieces: Iterator[str]) -> Iterator[str]:
    for line in "".join(pieces).split("\n"):
        if (plain := words(" ".join(line.split()))) and plain.strip("| "):
            yield plain
