"""Takes the text of subpart D apart into its paragraphs, from a plain-text copy or from eCFR XML, each with its id.

    paragraphs(text)         a plain-text copy, a paragraph a line
    paragraphs_of_xml(data)  eCFR XML: DIV8 sections with HEAD and P
    digest(text)             SHA-256 of a paragraph's normalised text

Ids are those of `clauses.yaml`: `791.305(a)(1)(iv)`; a section's own id holds its introductory text, or its heading where
it has none; definitions go by their term, `791.301 covered software`, and their parts, `791.301 person (2)`. A line
without a designator continues the paragraph before it, so that no text is lost; a copy wrapped by hand within paragraphs
may show differences that are none. `python -m assessor.rule.text FILE` prints
the digests of a copy, as `paragraphs.yaml` holds them.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from assessor.errors import RuleError

_SAME = str.maketrans(
    dict.fromkeys("‘’‚‛′´`", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\ufeff", "")
)

_OF_SUBPART = re.compile(r"791\.3\d\d")
_SECTION = re.compile(r'§ ?(\d+\.\d+)\s*(?:\.|-)?\s*(?:$|(?=["A-Z\[]))')
_AFTER_TEXT = re.compile(r"(?:source|cite as|authority)\s*:|subpart [a-z]\s*(?:-|$)|\[\d+ FR \d+", re.IGNORECASE)
_TERM = re.compile(r"([A-Z][^.:;]{0,150}?)(?:, for (?:the )?purposes of this subpart,)? means?\b")
_LONG_TERM = re.compile(r"(person) owned by, .*")
_TOKEN = re.compile(r"\(([a-z]{1,5}|\d{1,3}|[A-Z])\)\s*")
_HEADED = re.compile(r"(?P<heading>[^.:;()]{1,120}[.-])\s?(?=\((?:1|i|A)\)\s)")
_NOT_TEXT = {"HEAD", "CITA", "SECAUTH", "AUTH", "SOURCE", "EDNOTE", "EFFDNOTE", "APPRO"}
_ROMAN = [
    tens + ones for tens in ("", "x", "xx") for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
]

Place = tuple[tuple[int, str], ...]  # level and designator of each paragraph around the present one
LETTER, NUMBER, ROMAN, CAPITAL, DEEP_NUMBER = range(1, 6)
_FIRST = {NUMBER: "1", ROMAN: "i", CAPITAL: "A", DEEP_NUMBER: "1"}


def normal(text: str) -> str:
    """Text as it is compared: NFKC, one kind of quotation mark and of dash, white space folded."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME).split())


def digest(text: str) -> str:
    """SHA-256 of the normalised text, in hexadecimal."""
    return hashlib.sha256(normal(text).encode()).hexdigest()


def paragraphs(text: str) -> dict[str, str]:
    """The paragraphs of subpart D in a plain-text copy, id to normalised text, in order; empty when there are none."""
    sections: list[_Section] = []
    reading = False
    for line in filter(None, map(normal, text.splitlines())):
        if found := _SECTION.match(line):
            reading = bool(_OF_SUBPART.fullmatch(found[1]))
            if reading:
                sections.append(_Section(found[1], line[found.end() :]))
        elif _AFTER_TEXT.match(line):
            reading = False
        elif reading:
            sections[-1].lines.append(line)
    return _all_paragraphs(sections)


def paragraphs_of_xml(data: bytes) -> dict[str, str]:
    """The same from eCFR XML. RuleError when it is not well-formed or declares a document type or entities."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RuleError(f"The text of the rule is not well-formed XML ({error}); download it again.") from None
    if root.getroottree().docinfo.doctype:
        raise RuleError("The text of the rule declares a document type, which is not followed; take the XML from eCFR.")
    sections = []
    for element in root.iter("DIV8"):
        heading = normal("".join(element.find("HEAD").itertext())) if element.find("HEAD") is not None else ""
        number = re.search(r"\d+\.\d+", element.get("N") or heading)
        if number and _OF_SUBPART.fullmatch(number[0]):
            start = _SECTION.match(heading)
            lines = list(filter(None, map(normal, _blocks(element))))
            sections.append(_Section(number[0], heading[start.end() :] if start else heading, lines))
    return _all_paragraphs(sections)


def _blocks(element: Any) -> Iterator[str]:
    if element.text:
        yield element.text
    for child in element:
        if child.tag not in _NOT_TEXT:
            if next(child.iter("P", "FP"), child) is not child:
                yield from _blocks(child)
            else:
                yield "".join(child.itertext())
        if child.tail:
            yield child.tail


@dataclass
class _Section:
    number: str
    heading: str
    lines: list[str] = field(default_factory=list)


def _all_paragraphs(sections: Iterable[_Section]) -> dict[str, str]:
    found: dict[str, str] = {}
    for section in sections:
        for id, text in _section_paragraphs(section):
            found[id] = f"{found[id]} {text}" if id in found else text
    return found


def _section_paragraphs(section: _Section) -> Iterator[tuple[str, str]]:
    defines = section.heading.lower().startswith("definition")
    term = ""
    place: Place = ()
    if not section.lines or _TOKEN.match(section.lines[0]) or (defines and _TERM.match(section.lines[0])):
        yield section.number, section.heading
    for before, line, after in zip(["", *section.lines], section.lines, [*section.lines[1:], ""], strict=False):
        if defines and (found := _TERM.match(line)):
            term, place = f" {_term(found[1])}", ()
            yield section.number + term, line
            continue
        following = _TOKEN.match(after)
        for opened, text in _opened(line, place, before, following[1] if following else ""):
            place = opened
            yield section.number + term + (" " if term and place else "") + _path(place), text


def _term(text: str) -> str:
    """A defined term as ids have it: without its abbreviation, in lower case save for words all in capitals."""
    words = re.sub(r"\s*\([^)]*\)", "", text).split()
    term = " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)
    return _LONG_TERM.sub(r"\1", term)


def _path(place: Place) -> str:
    return "".join(f"({token})" for _, token in place)


def _opened(line: str, place: Place, before: str, following: str) -> Iterator[tuple[Place, str]]:
    """The paragraphs that a line opens, with their texts; the one it stands in when it opens none.

    A second designator in a line counts only if it is the first of the next level and follows at once or after a heading
    ("(a) When issued. (1) ..."), so that a reference such as "one (1) year" opens nothing.
    """
    found = _TOKEN.match(line)
    if not found:
        yield place, line
        return
    rest = line[found.end() :]
    headed = _HEADED.match(rest)
    inner = _TOKEN.match(rest[headed.end() :] if headed else rest)
    level = _level(found[1], place, before, inner[1] if inner else following)
    if level is None:
        yield place, line
        return
    place = (*(part for part in place if part[0] < level), (level, found[1]))
    if inner and inner[1] == _FIRST.get(level + 1):
        yield place, headed["heading"].rstrip("- ") if headed else ""
        yield from _opened(rest[headed.end() :] if headed else rest, place, ":", following)
    else:
        yield place, rest


def _level(designator: str, place: Place, before: str, following: str) -> int | None:
    """The level of a designator: that of its kind; a letter that is a roman number too goes by what stands around it.

    After (h)(2), "(i)" is a letter unless "(ii)" or "(A)" comes next or a colon stands before it.
    """
    at = dict(place)
    if designator.isdigit():
        deep = CAPITAL in at and int(designator) == int(at.get(DEEP_NUMBER, "0")) + 1
        return DEEP_NUMBER if deep and int(designator) != int(at.get(NUMBER, "0")) + 1 else NUMBER
    if designator.isupper():
        return CAPITAL
    number = _ROMAN.index(designator) if designator in _ROMAN else 0
    if not number or len(designator) > 1:
        return ROMAN if number else LETTER if len(designator) == 1 else None
    if number > 1 and at.get(ROMAN) not in _ROMAN[1:number]:
        return LETTER
    if LETTER not in at or ord(designator) - ord(at[LETTER]) not in (1, 2):
        return ROMAN
    if NUMBER not in at:
        return LETTER
    return ROMAN if following in (_ROMAN[number + 1], "A") or before.endswith((":", "-")) else LETTER


def _print(path: str) -> None:
    data = Path(path).read_bytes()
    found = paragraphs_of_xml(data) if data.lstrip().startswith(b"<") else paragraphs(data.decode("utf-8-sig"))
    if not found:
        raise RuleError(f"{path} holds no section of subpart D.")
    for id, text in found.items():
        sys.stdout.write(f'"{id}": "{digest(text)}"\n')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m assessor.rule.text FILE")
    _print(sys.argv[1])
