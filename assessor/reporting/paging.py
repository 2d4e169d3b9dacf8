"""Page numbers in the contents, from a pass through LibreOffice; Word replaces them by its own when it updates the field."""

from __future__ import annotations

import io
from collections.abc import Iterator

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from assessor.errors import ReportError
from assessor.reporting import office, package
from assessor.reporting.fields import text_of
from assessor.reporting.package import MAIN, XML_SPACE, W


def number(parts: dict[str, bytes]) -> bool:
    """Put the page of each heading behind its entry in the contents of a package, in place; whether it could be done.

    It cannot be where LibreOffice is not installed, or where the headings of the PDF are not those of the document.
    """
    root = package.parse(parts[MAIN])
    entries = [link for link in root.iter(f"{W}hyperlink") if _is_entry(link)]
    if not entries or not office.available():
        return False
    try:
        pages = _pages(root, office.pdf(package.zipped(parts)))
    except (ReportError, PyPdfError, ValueError):
        return False
    if pages is None:
        return False
    for link in entries:
        page = pages.get(str(link.get(f"{W}anchor")))
        if page is not None:
            _add(link, page)
    parts[MAIN] = package.serialise(root)
    return True


def _is_entry(link: etree._Element) -> bool:
    style = link.getparent().find(f"{W}pPr/{W}pStyle")
    return style is not None and str(style.get(f"{W}val")).upper().startswith("TOC")


def _pages(root: etree._Element, pdf: bytes) -> dict[str, int] | None:
    """Page by bookmark. The outline of the PDF lists the headings in the order of the document; None where it lists others."""
    reader = PdfReader(io.BytesIO(pdf))
    outline = list(_flat(reader.outline))
    marked = {
        str(mark.get(f"{W}name")): _plain(text_of(paragraph))
        for paragraph in root.iter(f"{W}p")
        for mark in paragraph.iter(f"{W}bookmarkStart")
    }
    wanted = {str(link.get(f"{W}anchor")) for link in root.iter(f"{W}hyperlink") if _is_entry(link)}
    found: dict[str, int] = {}
    at = 0
    for name, words in marked.items():
        if name not in wanted:
            continue
        while at < len(outline) and not _plain(str(outline[at].title)).endswith(words):
            at += 1
        if at == len(outline):
            return None
        page = reader.get_destination_page_number(outline[at])
        if page is None:
            return None
        found[name] = page + 1
        at += 1
    return found


def _flat(outline: list) -> Iterator:  # type: ignore[type-arg]
    for each in outline:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _plain(text: str) -> str:
    return "".join(text.split())


def _add(link: etree._Element, page: int) -> None:
    run = etree.SubElement(link, f"{W}r")
    etree.SubElement(run, f"{W}tab")
    words = etree.SubElement(run, f"{W}t")
    words.text = str(page)
    words.set(XML_SPACE, "preserve")
