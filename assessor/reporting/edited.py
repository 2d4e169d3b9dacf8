"""Checking a finished report, which people may have edited in Word: whether what is claimed as confidential is marked, or left
out (§791.314(b)), and whether it can be read by everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypedDict

from lxml import etree

from assessor import files
from assessor.errors import ReportError
from assessor.reporting import access, fields, package, search
from assessor.reporting.claims import Claim, Confidential, Secrets, texts
from assessor.reporting.fields import text_of
from assessor.reporting.lint.problems import Place
from assessor.reporting.lint.source import Part
from assessor.reporting.package import MAIN, STYLES, R, W
from assessor.reporting.page_headers import KINDS
from assessor.reporting.sandbox import placed

_PAGEFUL = 6_000
"""Characters that no page holds in one of the templates' smallest print."""


class Problem(TypedDict):
    """What is wrong with an edited report: a code, where, and what to do.

    cbi_unmarked: confidential information on pages without the mark; cbi_marked: the mark on pages without such information;
    cbi_page: a marked part does not begin or end with a page; cbi_elsewhere: confidential information outside of the pages;
    cbi_leak: confidential information in a version for the public; cbi_name: a file name that does not begin as it should.
    no_alternative, skipped_heading, no_header_row, low_contrast, no_language: barriers of `access`.
    """

    code: str
    place: str
    message: str


class _Section:
    """A section of the document: its blocks, and the words in the headers of its pages."""

    def __init__(self, blocks: list[etree._Element], properties: etree._Element | None, headers: list[str]) -> None:
        self.blocks, self.headers = blocks, headers
        kind = properties.find(f"{W}type") if properties is not None else None
        self.own_page = kind is None or kind.get(f"{W}val") in ("nextPage", "oddPage", "evenPage")

    def found(self, secrets: Secrets) -> str:
        """A confidential text in its blocks; empty without any."""
        return next(filter(None, (search.inside(block, secrets) for block in self.blocks)), "")

    def bare(self, secrets: Secrets) -> str:
        """The first words of a stretch that surely fills a page and holds nothing confidential; empty without any."""
        words, size = "", 0
        for block in self.blocks:
            if search.inside(block, secrets):
                words, size = "", 0
            elif told := text_of(block).strip():
                words, size = words or told[:80], size + len(told)
                if size > _PAGEFUL:
                    return words
        return ""

    def begins(self) -> str:
        """Its first words."""
        return next((words[:80] for block in self.blocks if (words := text_of(block).strip())), "an empty page")


def edited(path: Path, claim: Claim | None, mark: str, prefix: str) -> list[Problem]:
    """The problems of a report's file. `claim`: what is claimed; `mark`: the words at the top of a page; `prefix`: how the file's
    name begins where it holds confidential information. Raises ReportError when the file is no Word document."""
    with _whole(path) as parts:
        return _confidential(path, parts, list(_sections(parts)), claim, mark, prefix) + _inaccessible(parts)


def inaccessible(path: Path) -> list[Problem]:
    """What stands against reading a document with a screen reader, or by people who see contrasts less well (`access`). Raises
    ReportError when the file is no Word document."""
    with _whole(path) as parts:
        return _inaccessible(parts)


def _inaccessible(parts: Mapping[str, bytes]) -> list[Problem]:
    roots = {n: package.parse(c) for n, c in parts.items() if n.startswith("word/") and n.endswith(".xml")}
    levels = fields.outline_levels(roots[STYLES])
    texts = {name: Part(name, root, levels) for name, root in roots.items() if package.filled(name)}
    found = []
    for barrier in access.barriers({name: part.root for name, part in texts.items()}, roots):
        part = texts.get(barrier.part)
        place = Place(barrier.part) if part is None or barrier.node is None else part.place_of(barrier.node)
        told = placed(place.part, place.heading, place.paragraph)
        found.append(Problem(code=barrier.code.replace("-", "_"), place=told, message=barrier.message))
    return found


@contextmanager
def _whole(path: Path) -> Iterator[dict[str, bytes]]:
    """The parts of a document; what goes wrong with them is told as ReportError."""
    try:
        yield package.read_parts(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path} cannot be read ({error.strerror}); name a report that exists.") from None
    except (*files.BAD_ZIP, etree.XMLSyntaxError):
        raise ReportError(f"{path} is not a whole Word file (.docx); save it in Word as a .docx document.") from None


def _confidential(
    path: Path, parts: Mapping[str, bytes], sections: list[_Section], claim: Claim | None, mark: str, prefix: str
) -> list[Problem]:
    if claim is None:
        return [_needless(each) for each in sections if any(mark in words for words in each.headers)]
    marked = [section for section in sections if any(mark in words for words in section.headers)]
    if not marked and not path.name.startswith(prefix):
        return _public(parts, claim)
    return [*_name(path, prefix), *_pages(sections, claim, mark), *_elsewhere(parts, claim)]


def _public(parts: Mapping[str, bytes], claim: Claim) -> list[Problem]:
    return [
        Problem(
            code="cbi_leak",
            place=leak.part,
            message=f"It shows {leak.text!r}, for which confidential treatment is claimed (“{leak.context}”); take it out.",
        )
        for leak in search.leaks(parts, claim.secrets)
    ]


def _name(path: Path, prefix: str) -> list[Problem]:
    if path.name.startswith(prefix):
        return []
    message = f"The file holds confidential business information; let its name begin with {prefix} (§791.314(b))."
    return [Problem(code="cbi_name", place=path.name, message=message)]


def _pages(sections: list[_Section], claim: Claim, mark: str) -> Iterator[Problem]:
    every = Secrets(text for _, text in texts(claim.data) if isinstance(text, Confidential))
    before = False
    for section in sections:
        bearing = [mark in words for words in section.headers]
        found = section.found(claim.secrets)
        place = f"the part that begins with “{section.begins()}”"
        if found and not all(bearing):
            message = (
                f"Its pages hold {found!r} and not all of them bear the mark; set it in every header of this section."
            )
            yield Problem(code="cbi_unmarked", place=place, message=message)
        if any(bearing) and not (found or section.found(every)):
            yield _needless(section)
        elif all(bearing) and (bare := section.bare(every)):
            message = "The mark stands on pages of it that hold nothing that is claimed; let a section of its own, without the mark, begin there."
            yield Problem(code="cbi_marked", place=f"the part that begins with “{bare}”", message=message)
        if (any(bearing) != before or any(bearing)) and not section.own_page and section is not sections[0]:
            message = "It begins in the middle of a page, so that this page is marked wrongly; let the section begin on a new page."
            yield Problem(code="cbi_page", place=place, message=message)
        before = any(bearing)


def _needless(section: _Section) -> Problem:
    message = (
        "Its pages bear the mark and hold nothing that is claimed; take the mark out of the headers of this section."
    )
    return Problem(code="cbi_marked", place=f"the part that begins with “{section.begins()}”", message=message)


def _elsewhere(parts: Mapping[str, bytes], claim: Claim) -> list[Problem]:
    others = {name: content for name, content in parts.items() if name != MAIN}
    return [
        Problem(
            code="cbi_elsewhere",
            place=leak.part,
            message=f"It holds {leak.text!r}, which belongs on marked pages only (“{leak.context}”); take it out.",
        )
        for leak in search.leaks(others, claim.secrets)
    ]


def _sections(parts: Mapping[str, bytes]) -> Iterator[_Section]:
    body = package.parse(parts[MAIN]).find(f"{W}body")
    rels = {
        str(each.get("Id")): str(each.get("Target")) for each in package.parse(parts["word/_rels/document.xml.rels"])
    }
    settings = parts.get("word/settings.xml")
    both = settings is not None and package.parse(settings).find(f"{W}evenAndOddHeaders") is not None
    in_force: dict[str, str] = {}
    blocks: list[etree._Element] = []
    for block in body:
        ending = block if block.tag == f"{W}sectPr" else block.find(f"{W}pPr/{W}sectPr")
        if block.tag != f"{W}sectPr":
            blocks.append(block)
        if ending is not None:
            for reference in ending.findall(f"{W}headerReference"):
                in_force[str(reference.get(f"{W}type"))] = rels.get(str(reference.get(f"{R}id")), "")
            wanted = [
                "default",
                *(["first"] if ending.find(f"{W}titlePg") is not None else []),
                *(["even"] if both else []),
            ]
            yield _Section(blocks, ending, [_words(parts, in_force.get(kind, "")) for kind in KINDS if kind in wanted])
            blocks = []
    if blocks:
        yield _Section(blocks, None, [""])


def _words(parts: Mapping[str, bytes], target: str) -> str:
    content = parts.get(str(PurePosixPath("word") / target)) if target else None
    return "" if content is None else text_of(package.parse(content))
