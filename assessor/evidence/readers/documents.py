"""PDF and Word documents as lines with their places, and policies as paragraphs.

PDF text comes from pypdf (`page 2`), Word text from python-docx (`paragraph 7`, counted through the whole body, cells of
tables included). Nothing in a document is run, followed or resolved.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import docx.document
import docx.table
import docx.text.paragraph
import pypdf
import pypdf.errors

from assessor.evidence.readers import dates, forms_data, office
from assessor.evidence.readers.base import Countries, Reading, Unreadable, printable, words

MAX_PAGES = 2_000
_PAGE_NUMBER = re.compile(r"(page|seite)?\s*\d+\s*((of|/|von)\s*\d+)?", re.IGNORECASE)
_VERSION = re.compile(
    r"\b(?:version|revision|rev\.?)\s*:?\s*(\d[\w.\-]{0,20}?|[A-Z])(?=[.,;)]?(?:\s|$))", re.IGNORECASE
)
_EFFECTIVE = re.compile(
    r"\b(?:effective(?: from| date| as of)?|in force(?: from| since)?|valid from)\s*:?\s*"
    r"(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2} [A-Za-z]{3,9} \d{4}|[A-Za-z]{3,9} \d{1,2}, \d{4})",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d+(\.\d+)*[.)]?|\([a-z0-9]{1,3}\)|[•–-])\s")
_INCH = 72.0
_TOP_CHARACTERS = 300
_HEAD_LINES = 12
"""Version and date of a policy stand within this many first lines."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it warns of is told as a problem or a reason


@dataclass(frozen=True)
class Line:
    """A line of text and its place (`page 2`, `paragraph 7`); in Word files a line is a paragraph or a row of a table."""

    place: str
    text: str


@dataclass
class Document:
    """A document's lines, whether lines may be wrapped (PDF), and notes on how it was read."""

    lines: list[Line]
    wrapped: bool
    notes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its first line."""
        return self.lines[0].text if self.lines else ""


def load(path: Path) -> Document:
    """The lines of a PDF or a .docx. Raises Unreadable: encrypted, damaged, truncated, without text."""
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise Unreadable("the file is empty")
    document = _word(path) if head.startswith(b"PK") else _pdf(path)
    if not document.lines:
        raise Unreadable("no text (a scan?)" if document.wrapped else "no text")
    return document


def pages_of(path: Path, wanted: range | None = None) -> dict[int, list[str]]:
    """The lines of the pages of a PDF by the number of the page, those of `wanted` pages alone where it is given.

    Raises Unreadable as `load`; a page without text has no lines.
    """
    try:
        pages = _reader(path).pages
        numbers = range(1, len(pages) + 1)
        return {
            number: (pages[number - 1].extract_text() or "").splitlines()
            for number in (numbers if wanted is None else range(max(1, wanted.start), min(wanted.stop, numbers.stop)))
        }
    except Unreadable:
        raise
    except pypdf.errors.DependencyError:
        raise Unreadable("the PDF is encrypted") from None
    except Exception as error:  # pypdf raises errors of many kinds on damaged files
        raise Unreadable(f"the PDF is damaged: {type(error).__name__}") from None


def read_policy(path: Path, source: str, rule: Countries) -> Reading:
    """A policy: one row of `policies` a paragraph."""
    document = load(path)
    reading = Reading(notes=document.notes)
    paragraphs = list(_paragraphs(document)) if document.wrapped else document.lines
    version, effective = None, None
    for line in document.lines[:_HEAD_LINES]:
        if version is None and (match := _VERSION.search(line.text)):
            version = match[1]
        if effective is None and (match := _EFFECTIVE.search(line.text)):
            effective, _ = dates.parse(match[1])
    for line in paragraphs:
        reading.add(
            "policies",
            {
                "document": document.title,
                "version": version,
                "effective": effective,
                "text": line.text,
                "source": source,
                "locator": line.place,
            },
        )
    reading.effective_from = effective
    return reading


def is_policy(document: Document) -> bool:
    """Whether the title, or a short line near it, names the document a policy, a standard, a procedure …"""
    wanted = forms_data.specification()["policy"]["words"]
    near = [line.text for line in document.lines[:5] if len(line.text) <= 120 and ":" not in line.text]
    return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for text in near for word in wanted)


def page_tops(path: Path, source: str) -> list[dict[str, Any]]:
    """What stands in text at the top of each page of a PDF, as rows of `pages`; none where it is no PDF or cannot be read.

    What a page shows as a picture is not seen.
    """
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            return []
    try:
        return [
            {"page": number, "top": _top(page), "source": source, "locator": f"page {number}"}
            for number, page in enumerate(_reader(path).pages, 1)
        ]
    except Unreadable:
        return []
    except Exception:  # pypdf raises errors of many kinds on damaged files; their reader tells of them
        return []


def _top(page: Any) -> str | None:
    """The text within an inch of the highest text of a page, in reading order; None where there is none."""
    found: list[tuple[float, float, str]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: Any, _size: float) -> None:
        if plain := " ".join(printable(text).split()):
            x, y = tm[4], tm[5]
            found.append((-(cm[1] * x + cm[3] * y + cm[5]), cm[0] * x + cm[2] * y + cm[4], plain))

    page.extract_text(visitor_text=note)
    highest = min((y for y, _, _ in found), default=0.0)
    return " ".join(text for y, _, text in sorted(found) if y <= highest + _INCH)[:_TOP_CHARACTERS] or None


def _reader(path: Path) -> pypdf.PdfReader:
    """An opened PDF. Raises Unreadable: no PDF, truncated, encrypted, too long; and whatever pypdf raises."""
    data = path.read_bytes()
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("not a PDF")
    if b"%%EOF" not in data[-2048:]:
        raise Unreadable("the PDF is truncated: its end is missing")
    reader = pypdf.PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("the PDF is encrypted")
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(f"the PDF has {len(reader.pages)} pages, more than {MAX_PAGES} are refused")
    return reader


def _pdf(path: Path) -> Document:
    pages = list(pages_of(path).values())
    running = _running(pages)
    lines = [
        Line(f"page {number}", text)
        for number, page in enumerate(pages, 1)
        for raw in page
        if (text := " ".join(printable(raw).split()))
        and not _PAGE_NUMBER.fullmatch(text)
        and (_numberless(text) not in running or (number == 1 and raw == page[0]))
    ]
    return Document(lines, wrapped=True)


def _running(pages: list[list[str]]) -> set[str]:
    """Headers and footers: first and last lines that stand on every page of several, but for their numbers."""
    ends = [{_numberless(line) for line in (page[:2] + page[-2:])} for page in pages if page]
    return set.intersection(*ends) if len(ends) > 1 else set()


def _numberless(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _word(path: Path) -> Document:
    office.guard(path)
    try:
        body = docx.Document(str(path))
        changed = any(True for _ in body.element.body.iter(f"{_W}ins", f"{_W}del"))
        lines = list(_lines(body))
    except Exception as error:  # python-docx raises errors of many kinds on damaged files
        raise Unreadable(f"the Word file is damaged: {type(error).__name__}") from None
    return Document(lines, wrapped=False, notes=["tracked changes are read as if accepted"] if changed else [])


def _lines(body: docx.document.Document) -> Iterator[Line]:
    number = 0
    todo: list[Any] = list(body.iter_inner_content())
    for block in todo:
        if isinstance(block, docx.text.paragraph.Paragraph):
            number += 1
            for text in _text(block).split("\n"):
                if plain := words(text):
                    yield Line(f"paragraph {number}", " ".join(plain.split()))
            continue
        for cells in _rows(block):
            first = number + 1
            texts = []
            for paragraphs in cells:
                number += len(paragraphs)
                texts.append(" ".join(filter(None, (" ".join(_text(paragraph).split()) for paragraph in paragraphs))))
            if any(texts):
                yield Line(f"paragraph {first}", " ".join(" | ".join(texts).split()))


def _rows(table: docx.table.Table) -> Iterator[list[list[docx.text.paragraph.Paragraph]]]:
    """The paragraphs of each cell, row by row; a merged cell once, the tables inside a cell with it."""
    seen = set()
    for row in table.rows:
        cells = []
        for cell in row.cells:
            if cell._tc not in seen:
                seen.add(cell._tc)
                cells.append([docx.text.paragraph.Paragraph(each, cell) for each in cell._tc.iter(f"{_W}p")])
        yield cells


def _text(paragraph: docx.text.paragraph.Paragraph) -> str:
    """The text of a paragraph with inserted and without deleted words; text boxes are left out (they stand twice)."""
    found = []
    for node in paragraph._p.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
        if any(parent.tag == f"{_W}txbxContent" for parent in node.iterancestors()):
            continue
        name = node.tag.removeprefix(_W)
        if name == "t":
            found.append(node.text or "")
        elif node.getparent().tag == f"{_W}r":
            found.append({"tab": "\t", "noBreakHyphen": "-"}.get(name, "\n"))
    return "".join(found)


def _paragraphs(document: Document) -> Iterator[Line]:
    """Lines of a PDF joined to paragraphs: one ends where a sentence ends on a short line, or with a heading."""
    longest = max(len(line.text) for line in document.lines)
    held: list[str] = []
    place = ""
    for line, following in zip(document.lines, [*document.lines[1:], None], strict=True):
        held.append(line.text)
        place = place or line.place
        ends = following is None or (following.place != line.place and line.text[-1] in ".:;!?")
        short = len(line.text) < longest * 0.8
        opens = following is not None and not following.text[0].islower()
        numbered = following is not None and bool(_NUMBERED.match(following.text)) and line.text[-1] in ".:;!?"
        if ends or numbered or (short and opens and (line.text[-1] in ".:;!?" or len(line.text) < longest * 0.6)):
            yield Line(place, " ".join(held))
            held, place = [], ""
