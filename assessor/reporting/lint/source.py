"""The parts that are filled, as Jinja gets to see them, with a mark in every tag that says from which paragraph it is.

docxtpl joins tags that Word has split over runs and takes away the paragraphs, rows and cells of `{%p`, `{%tr` and `{%tc`
tags; its own functions do that here too, so that the lint judges what would be rendered. A brace that nothing closes would
swallow what follows up to the next tag, so it is told and taken out first.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from docxtpl import DocxTemplate
from lxml import etree

from assessor.reporting import fields
from assessor.reporting.lint.problems import Place, Problem, problem
from assessor.reporting.package import STYLES, Package, W
from assessor.reporting.render import filled_parts, lined

MAX_PART = 20_000_000
"""Characters of a part's XML that are looked at."""

MARK = re.compile("\ue000(\\d+)\ue001")
NUMBER = "paragraph"
"""Attribute under which a paragraph's number stands in the marked source."""

_BRACES = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_PREFIXED = re.compile(r"\{[{%#](p|tr|tc) ")
_HOLDERS = {"p": "paragraph", "tr": "row", "tc": "cell"}
_LOST = {
    f"{W}sectPr": "a section break",
    f"{W}fldChar": "a field",
    f"{W}drawing": "a picture",
    f"{W}pict": "a picture",
    f"{W}object": "an object",
    f"{W}footnoteReference": "a footnote",
}


@dataclass
class Part:
    """A part that is filled: its tree as it stands in the file, and places in it."""

    name: str
    root: etree._Element
    levels: dict[str, int]
    marked: str = ""
    problems: dict[Problem, None] = field(default_factory=dict)

    @cached_property
    def paragraphs(self) -> list[etree._Element]:
        return list(self.root.iter(f"{W}p"))

    @cached_property
    def numbers(self) -> dict[etree._Element, int]:
        """The number of each paragraph."""
        return {paragraph: at for at, paragraph in enumerate(self.paragraphs)}

    @cached_property
    def texts(self) -> list[list[etree._Element]]:
        """The text nodes of each paragraph; those of a text box belong to the paragraphs in it."""
        found: list[list[etree._Element]] = [[] for _ in self.paragraphs]
        for node in self.root.iter(f"{W}t"):
            holder = next(node.iterancestors(f"{W}p"), None)
            if holder is not None:
                found[self.numbers[holder]].append(node)
        return found

    @cached_property
    def _headings(self) -> list[str]:
        """The words of the nearest heading at or above each paragraph."""
        last, found = "", []
        for paragraph, nodes in zip(self.paragraphs, self.texts, strict=True):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            if style is not None and str(style.get(f"{W}val")) in self.levels:
                last = _words(nodes).strip()[:120] or last
            found.append(last)
        return found

    def place(self, number: int | None) -> Place:
        """Where a paragraph is, by its number."""
        if number is None or not 0 <= number < len(self.paragraphs):
            return Place(self.name)
        return Place(self.name, self._headings[number], _words(self.texts[number]).strip()[:120])

    def place_of(self, node: etree._Element) -> Place:
        """Where an element of the tree is: its paragraph, or the first one in it."""
        for near in (node, *node.iterancestors(f"{W}p"), *node.iterdescendants(f"{W}p")):
            if near.tag == f"{W}p":
                return self.place(self.numbers[near])
        return self.place(None)

    def tell(self, code: str, place: Place | int | None, message: str, tag: str = "", severity: str = "") -> None:
        """Note a problem once."""
        told = problem(code, place if isinstance(place, Place) else self.place(place), message, tag, severity)
        self.problems[told] = None


def parts(content: bytes, package: Package) -> Iterator[Part]:
    """The parts of a package that are filled, in the order of the rendering, each with its marked source.

    Raises whatever python-docx raises about a package that it cannot open.
    """
    filler = DocxTemplate(io.BytesIO(content))
    filler.init_docx()
    levels = fields.outline_levels(package.roots[STYLES])
    main = filler.docx.part
    for name, held in filled_parts(main).items():
        xml = filler.get_xml() if held is main else filler.get_part_xml(held)
        part = Part(name, etree.fromstring(xml), levels)
        if len(xml) > MAX_PART:
            part.tell(
                "too-large",
                None,
                f"{part.name} is larger than {MAX_PART // 10**6} MB and was not checked; use a smaller template.",
            )
        else:
            _holders(part)
            part.marked = lined(filler.patch_xml(etree.tostring(_marked(part), encoding="unicode")))
        yield part


def plain(marked: str) -> str:
    """A marked source without its marks: what is rendered."""
    return re.sub(f' {NUMBER}="\\d+"', "", MARK.sub("", marked))


def _words(nodes: list[etree._Element]) -> str:
    return "".join(str(node.text or "") for node in nodes)


def _scan(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """The tags of a text as (start, place of what closes it), and the places of braces that belong to none."""
    tags, alone = [], []
    opened: tuple[str, int] | None = None
    for brace in _BRACES.finditer(text):
        word, at = brace.group(), brace.start()
        if opened and word == _CLOSING[opened[0]]:
            tags.append((opened[1], at))
            opened = None
        elif word in _CLOSING and not (opened and opened[0] == "{#"):
            if opened:
                alone.append(opened[1])
            opened = (word, at)
        elif not opened:
            alone.append(at)
    if opened:
        alone.append(opened[1])
    return tags, alone


def _marked(part: Part) -> etree._Element:
    """A copy of the part's tree with numbered paragraphs and tags, and without braces that belong to no tag."""
    root = etree.fromstring(etree.tostring(part.root))
    copy = Part(part.name, root, part.levels)
    last: tuple[str, int | None] = ("", None)
    for number, (paragraph, nodes) in enumerate(zip(copy.paragraphs, copy.texts, strict=True)):
        text = re.sub("[\ue000\ue001]", "?", _words(nodes))
        tags, alone = _scan(text)
        for at in alone:
            _tell_alone(part, number, text, at)
        if text and last[1] is not None and _joins(last[0], text[0]) and not alone:
            message = f"“{last[0]}” at the end of one paragraph and “{text[0]}” at the beginning of the next would be taken for a brace of one tag; write something between them."
            part.tell("unbalanced-tag", number, message)
            alone = [0]
        last = (text[-1], number) if text else last
        characters = list(text)
        for found in _PREFIXED.finditer(text):  # one for a row outside of a table would take away what lies between
            if found.group(1) != "p" and _holder(paragraph, found.group(1)) is None:
                characters[found.start(1) : found.end(1)] = "p "
        for at in alone:
            characters[at : at + 2] = [" "] * len(characters[at : at + 2])
        for start, end in tags:
            if text[start + 2 : end].strip() not in ("", "vm", "hm"):  # of these docxtpl knows the whole form only
                closing = end - (text[end - 1] in "-+")
                characters[closing] = f"\ue000{number}\ue001{characters[closing]}"
        for node in nodes:
            size = len(node.text or "")
            node.text, characters = "".join(characters[:size]), characters[size:]
        paragraph.set(NUMBER, str(number))
    _elsewhere(part, copy)
    return root


def _joins(before: str, after: str) -> bool:
    return (before == "{" and after in "{%#") or (before in "{%}#" and after == "}")


def _tell_alone(part: Part, number: int | None, text: str, at: int) -> None:
    brace, shown = text[at : at + 2], text[at : at + 60]
    if brace in _CLOSING:
        message = f"`{brace}` opens a tag that is not closed in its paragraph; end it with `{_CLOSING[brace]}`."
        part.tell("unbalanced-tag", number, message, shown)
    else:
        message = f"`{brace}` closes a tag that was not opened; put its beginning before it or take it out."
        part.tell("unbalanced-tag", number, message, text[max(0, at - 40) : at + 2])


def _elsewhere(part: Part, copy: Part) -> None:
    """Braces outside of the texts of paragraphs: in attributes, instructions of fields, deleted text."""
    numbers = copy.numbers
    for node in copy.root.iter():
        values = dict(node.attrib)
        if node.tag != f"{W}t":
            values |= {"": str(node.text or "")}
        for key, value in values.items():
            if not _BRACES.search(value) or (node.tag == f"{W}t" and key == ""):
                continue
            holder = node if node.tag == f"{W}p" else next(node.iterancestors(f"{W}p"), None)
            for at in _scan(value)[1]:
                _tell_alone(part, numbers.get(holder) if holder is not None else None, value, at)
                value = f"{value[:at]}  {value[at + 2 :]}"
            if key:
                node.set(key, value)
            else:
                node.text = value


def _holders(part: Part) -> None:
    """Tags that take away their paragraph, row or cell: what else stands in it would be lost without a word."""
    told: set[etree._Element] = set()
    for number, nodes in enumerate(part.texts):
        text = _words(nodes)
        for found in _PREFIXED.finditer(text):
            kind = found.group(1)
            end = text.find(_CLOSING[text[found.start() : found.start() + 2]], found.end())
            tag = text[found.start() : end + 2] if end > 0 else text[found.start() :]
            holder = _holder(part.paragraphs[number], kind)
            if holder is None:
                message = (
                    f"`{tag[:120]}` is for a {_HOLDERS[kind]} of a table and stands outside of one; use `{{%p` here."
                )
                part.tell("not-alone", number, message, tag[:200])
                continue
            if holder in told:
                continue
            told.add(holder)
            beside = "".join(str(node.text or "") for node in holder.iter(f"{W}t")).replace(tag, "", 1).strip()
            lost = next((word for name, word in _LOST.items() if next(holder.iter(name), None) is not None), "")
            if beside or lost:
                what = lost or f"“{beside[:60]}”"
                message = f"`{tag[:120]}` is not alone in its {_HOLDERS[kind]}, and {what} beside it would be lost; put the tag into a {_HOLDERS[kind]} of its own."
                part.tell("not-alone", number, message, tag[:200])


def _holder(paragraph: etree._Element, kind: str) -> etree._Element | None:
    """The paragraph itself, or the row or cell that it stands in."""
    return paragraph if kind == "p" else next(paragraph.iterancestors(f"{W}{kind}"), None)
