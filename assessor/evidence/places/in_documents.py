"""Places in documents: pages of a PDF, paragraphs and rows of tables of a Word file."""

from __future__ import annotations

import re
from pathlib import Path

from assessor.evidence.places.excerpt import AROUND, Found, Line, NotShown, around, here
from assessor.evidence.readers import documents
from assessor.evidence.readers.base import printable

_PAGE, _PARAGRAPH = re.compile(r"page (\d{1,9})"), re.compile(r"paragraph (\d{1,9})")
_BEGINNING = 20
"""Paragraphs of a whole Word file that are shown."""


def show_page(path: Path, locator: str) -> Found:
    """The lines of text of a page (of the first one for the whole item), with the last and the first of the pages beside it.

    Raises NotShown, also for a page without text, and Unreadable.
    """
    told = _PAGE.fullmatch(locator)
    if told is None and locator:
        raise NotShown("this is no place of a PDF")
    number = int(told[1]) if told else 1
    pages = documents.pages_of(path, range(number - 1, number + 2))
    if number not in pages:
        raise NotShown("the document has fewer pages")
    texts = {at: [text for raw in lines if (text := " ".join(printable(raw).split()))] for at, lines in pages.items()}
    if not texts[number]:
        raise NotShown("the page has no text (a scan?); open the file to see it")
    before = [around(f"page {number - 1}", text) for text in texts.get(number - 1, [])[-AROUND:]]
    after = [around(f"page {number + 1}", text) for text in texts.get(number + 1, [])[:AROUND]]
    return Found(f"page {number}", [*before, *(here(f"page {number}", text) for text in texts[number]), *after])


def show_paragraph(path: Path, locator: str) -> Found:
    """A paragraph, or a row of a table, between those before and after it; for the whole item the first ones.

    Raises NotShown and Unreadable.
    """
    told = _PARAGRAPH.fullmatch(locator)
    if told is None and locator:
        raise NotShown("this is no place of such a document")
    lines = documents.load(path).lines
    if not locator:
        return Found("the beginning of the document", [here(line.place, line.text) for line in lines[:_BEGINNING]])
    own = [at for at, line in enumerate(lines) if line.place == locator]
    if not own:
        raise NotShown("the document has no text in such a paragraph")
    begin, end = max(0, own[0] - AROUND), own[-1] + 1 + AROUND
    rows: list[Line] = [(here if line.place == locator else around)(line.place, line.text) for line in lines[begin:end]]
    return Found(locator, rows)
