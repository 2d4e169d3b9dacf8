"""PDF, Word, OpenDocument and HTML documents as lines with their places, and policies as paragraphs.

PDF text comes from pypdf (`page 2`), Word text from python-docx (`paragraph 7`, counted through the whole body, cells of
tables included), that of HTML and OpenDocument from `marked_up`. Nothing in a document is run, followed or resolved.
"""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import docx.document
import docx.table
import docx.text.paragraph
import pypdf
import pypdf.errors

from assessor.evidence.readers import dates, forms_data, marked_up, office
from assessor.evidence.readers.base import WITHOUT_TEXT, Countries, Reading, Unreadable, printable, words

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
_DEEPEST, _MOST_FORMS = 3, 200
"""Forms inside forms, and objects of one, that are looked into for pictures."""
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
    """A document's lines, whether lines may be wrapped (PDF), notes on how it was read, and pages that are pictures without text."""

    lines: list[Line]
    wrapped: bool
    notes: list[str] = field(default_factory=list)
    unseen: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Its first line."""
        return self.lines[0].text if self.lines else ""


def load(path: Path) -> Document:
    """The lines of a PDF, .docx, .odt or HTML page. Raises Unreadable: encrypted, damaged, truncated, without text."""
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise Unreadable("the file is empty")
    if b"%PDF-" in head:
        document = _pdf(path)
    elif not head.startswith(b"PK"):
        document = (
            _numbered(*marked_up.html(path))
            if head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")
            else _pdf(path)
        )
    else:
        document = _numbered(*marked_up.opendocument(path)) if marked_up.is_opendocument(path) else _word(path)
    if not document.lines and not document.unseen:
        raise Unreadable("no text (a scan?)" if document.wrapped else "no text")
    return document


def _numbered(texts: list[str], notes: list[str]) -> Document:
    return Document([Line(f"paragraph {number}", text) for number, text in enumerate(texts, 1)], False, notes)


def reading(document: Document) -> Reading:
    """A reading without rows yet, that tells how the document was read and which pages nobody could."""
    return Reading(notes=list(document.notes), unseen=document.unseen)


def told_unseen(pages: Iterable[int]) -> str:
    """That pages show pictures without text, in words: `pages 1-3, 7 are pictures without text`."""
    numbers = list(pages)
    return f"{numbered_pages(numbers)} {'are pictures' if len(numbers) > 1 else 'is a picture'} {WITHOUT_TEXT}"


def numbered_pages(pages: Iterable[int]) -> str:
    """Pages by their numbers: `pages 1-3, 7`."""
    numbers = sorted(pages)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"pages {told}" if len(numbers) > 1 else f"page {told}"


def picture_pages(path: Path) -> tuple[int, ...]:
    """The pages of a PDF that show a picture and have no text; none of what is no PDF or cannot be read."""
    try:
        return _pdf(path).unseen
    except Unreadable:
        return ()


def read_scan(path: Path, source: str, rule: Countries) -> Reading:
    """A PDF all of whose pages are pictures: nothing is read."""
    return reading(load(path))


def read_picture(path: Path, source: str, rule: Countries) -> Reading:
    """A picture: it is kept and shown to people, and no text is read from it."""
    return Reading(status="partly_read", reason=f"a picture {WITHOUT_TEXT}", unseen=(1,))


def read_contract(path: Path, source: str, rule: Countries) -> Reading:
    """A contract: one row of `passages` a paragraph."""
    document = load(path)
    found = reading(document)
    for row in _passages(document, source):
        found.add("passages", row)
    return found


def by_hand(texts: Iterable[tuple[str, str, str]], source: str) -> dict[str, list[dict[str, Any]]]:
    """Rows of what people read from pages without text: place, text and who read it, as rows of `passages`; of `policies` too where the
    first lines name the document a policy."""
    told = [
        (Line(place, plain), who)
        for place, text, who in texts
        for raw in text.splitlines()
        if (plain := words(" ".join(raw.split())))
    ]
    document = Document([line for line, _ in told], wrapped=False)
    found: dict[str, list[dict[str, Any]]] = {
        "passages": [
            {"document": document.title, "text": line.text, "read_by": who, "source": source, "locator": line.place}
            for line, who in told
        ]
    }
    if told and is_policy(document):
        found["policies"] = _policy(document, source)[0]
    return found


def _passages(document: Document, source: str) -> Iterator[dict[str, Any]]:
    for line in _paragraphs(document) if document.wrapped else document.lines:
        yield {"document": document.title, "text": line.text, "source": source, "locator": line.place}


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
    found = reading(document)
    listed, found.effective_from = _policy(document, source)
    for row in listed:
        found.add("policies", row)
    return found


def _policy(document: Document, source: str) -> tuple[list[dict[str, Any]], datetime.date | None]:
    """The rows of a policy, and the day from which it says to be in force."""
    paragraphs = list(_paragraphs(document)) if document.wrapped else document.lines
    version, effective = None, None
    for line in document.lines[:_HEAD_LINES]:
        if version is None and (match := _VERSION.search(line.text)):
            version = match[1]
        if effective is None and (match := _EFFECTIVE.search(line.text)):
            effective, _ = dates.parse(match[1])
    told = {"document": document.title, "version": version, "effective": effective, "source": source}
    return [{**told, "text": line.text, "locator": line.place} for line in paragraphs], effective


def is_policy(document: Document) -> bool:
    """Whether the title, or a short line near it, names the document a policy, a standard, a procedure …"""
    wanted = forms_data.specification()["policy"]["words"]
    near = [line.text for line in document.lines[:5] if len(line.text) <= 120 and ":" not in line.text]
    return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for text in near for word in wanted)


def is_contract(document: Document) -> bool:
    """Whether the title, or a short line near it, names a contract, and the first lines its parties or that it was entered into."""
    told = forms_data.specification()["contract"]
    near = [
        line.text
        for line in document.lines[:5]
        if len(line.text) <= 120 and ":" not in line.text and line.text[-1] != "."
    ]
    named = any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for text in near for word in told["words"])
    begin = " ".join(line.text for line in document.lines[: told["within"]])
    return named and any(re.search(rf"\b{re.escape(mark)}\b", begin, re.IGNORECASE) for mark in told["marks"])


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
    read = pages_of(path)
    pages = list(read.values())
    empty = [number for number, page in read.items() if not any(line.strip() for line in page)]
    running = _running(pages)
    lines = [
        Line(f"page {number}", text)
        for number, page in enumerate(pages, 1)
        for raw in page
        if (text := " ".join(printable(raw).split()))
        and not _PAGE_NUMBER.fullmatch(text)
        and (_numberless(text) not in running or (number == 1 and raw == page[0]))
    ]
    return Document(lines, wrapped=True, unseen=_pictures(path, empty) if empty else ())


def _pictures(path: Path, numbers: list[int]) -> tuple[int, ...]:
    """Which of the pages show a picture."""
    try:
        pages = _reader(path).pages
        return tuple(number for number in numbers if _shows_picture(pages[number - 1], 0))
    except Exception:  # pypdf raises errors of many kinds on damaged files; the page then counts as empty
        return ()


def _shows_picture(holder: Any, depth: int) -> bool:
    """Whether a page, or a form on it, holds a picture."""
    if "/Resources" not in holder or "/XObject" not in holder["/Resources"]:
        return False
    for reference in list(holder["/Resources"]["/XObject"].values())[:_MOST_FORMS]:
        each = reference.get_object()
        kind = each.get("/Subtype")
        if kind == "/Image" or (kind == "/Form" and depth < _DEEPEST and _shows_picture(each, depth + 1)):
            return True
    return False


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
    longest = max((len(line.text) for line in document.lines), default=0)
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
