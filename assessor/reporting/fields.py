"""Fields and numbers of a rendered document, filled in so that it reads right before Word ever updates them.

The template's headings are numbered by Word (a list tied to the heading styles). From these numbers come the contents (a
TOC field: linked entries, page numbers when Word updates it), references to sections (`REF bookmark \\r`), and the numbers
of captions (`SEQ Figure`). PAGE and NUMPAGES are left to Word, which fills them in by itself.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from assessor.errors import ReportError
from assessor.reporting.package import XML_SPACE, W


@dataclass(frozen=True)
class Heading:
    """A heading of the document: its paragraph, its level from 1, its number as Word prints it ("" without) and its words."""

    paragraph: etree._Element
    level: int
    number: str
    words: str


def fill(document: etree._Element, styles: etree._Element, numbering: etree._Element | None) -> None:
    """Number headings and captions of a document part and fill in its TOC, REF and SEQ fields, in place.

    Raises ReportError when a REF field names a bookmark that the document does not have.
    """
    marks = _Marks(document)
    _unique_bookmarks(marks)
    listed = _headings(marks, styles, numbering)
    _bookmark(marks, listed)
    by_bookmark = {
        str(mark.get(f"{W}name")): heading for heading in listed for mark in heading.paragraph.iter(f"{W}bookmarkStart")
    }
    entry_styles = {
        str(name.get(f"{W}val")).lower(): str(style.get(f"{W}styleId"))
        for style in styles.iter(f"{W}style")
        if (name := style.find(f"{W}name")) is not None
    }
    sequences: Counter[str] = Counter()
    for begin, instruction, result in _fields(marks):
        words = instruction.split()
        if not words:
            continue
        if words[0] == "TOC":
            _fill_contents(begin, instruction, listed, entry_styles)
        elif words[0] == "SEQ" and len(words) > 1:
            sequences[words[1]] += 1
            _set_result(result, str(sequences[words[1]]))
        elif words[0] == "REF" and len(words) > 1:
            heading = by_bookmark.get(words[1])
            if heading is None:
                raise ReportError(
                    f"The template refers to a section by the bookmark `{words[1]}`, which marks no heading; set it or remove the reference."
                )
            _set_result(result, heading.number if "\\r" in words else heading.words)


class _Marks:
    """The nodes of a document that headings, bookmarks and fields are told by, found in one pass: a long table has none or few."""

    def __init__(self, document: etree._Element) -> None:
        self.styles: list[etree._Element] = []
        self.starts: list[etree._Element] = []
        self.ends: list[etree._Element] = []
        self.fields: list[etree._Element] = []
        into = {
            f"{W}pStyle": self.styles,
            f"{W}bookmarkStart": self.starts,
            f"{W}bookmarkEnd": self.ends,
            f"{W}fldChar": self.fields,
            f"{W}fldSimple": self.fields,
        }
        for node in document.iter(*into):
            into[str(node.tag)].append(node)


def text_of(paragraph: etree._Element) -> str:
    """The words of a paragraph."""
    return "".join(str(node.text or "") for node in paragraph.iter(f"{W}t"))


def style_chains(styles: etree._Element) -> dict[str, list[etree._Element]]:
    """Each style by its id, with those that it is based on."""
    known = {str(style.get(f"{W}styleId")): style for style in styles.iter(f"{W}style")}
    chains: dict[str, list[etree._Element]] = {}
    for name in known:
        chain: list[etree._Element] = []
        current: str | None = name
        while current in known and known[current] not in chain:
            chain.append(known[current])
            based = known[current].find(f"{W}basedOn")
            current = None if based is None else str(based.get(f"{W}val"))
        chains[name] = chain
    return chains


def outline_levels(styles: etree._Element) -> dict[str, int]:
    """The level, from 1 to 9, of each style of a heading, by its id."""
    levels = {}
    for name, chain in style_chains(styles).items():
        outline = first(chain, f"{W}pPr/{W}outlineLvl")
        if outline is not None and (value := str(outline.get(f"{W}val"))) in set("012345678"):
            levels[name] = int(value) + 1
    return levels


def headings(document: etree._Element, styles: etree._Element, numbering: etree._Element | None) -> list[Heading]:
    """The headings of a document part, in their order."""
    return _headings(_Marks(document), styles, numbering)


def _headings(marks: _Marks, styles: etree._Element, numbering: etree._Element | None) -> list[Heading]:
    chains, levels = style_chains(styles), outline_levels(styles)
    formats = _formats(numbering)
    counters: dict[str, list[int]] = {}
    found = []
    for style in marks.styles:
        name, paragraph = str(style.get(f"{W}val")), style.getparent().getparent()
        if name not in levels or paragraph.tag != f"{W}p":  # else the style that it had before a tracked change
            continue
        chain, level = chains[name], levels[name]
        words = text_of(paragraph).strip()
        if level > 9 or not words:
            continue
        own = paragraph.find(f"{W}pPr/{W}numPr/{W}numId")
        listed = own if own is not None else first(chain, f"{W}pPr/{W}numPr/{W}numId")
        list_id = str(listed.get(f"{W}val")) if listed is not None else "0"
        number = ""
        if list_id in formats and level in formats[list_id]:
            counter = counters.setdefault(list_id, [0] * 9)
            counter[level - 1] += 1
            counter[level:] = [0] * (9 - level)
            number = formats[list_id][level].rstrip(".")
            for place, value in enumerate(counter, 1):
                number = number.replace(f"%{place}", str(value))
        found.append(Heading(paragraph, level, number, words))
    return found


def first(chain: list[etree._Element], path: str) -> etree._Element | None:
    """What the first style of a chain that says it says."""
    return next((node for style in chain if (node := style.find(path)) is not None), None)


def _formats(numbering: etree._Element | None) -> dict[str, dict[int, str]]:
    """Text of each level (from 1) of each list, e.g. {"1": {1: "%1", 2: "%1.%2"}}."""
    if numbering is None:
        return {}
    abstract = {
        str(node.get(f"{W}abstractNumId")): {
            int(level.get(f"{W}ilvl") or 0) + 1: str(text.get(f"{W}val"))
            for level in node.iter(f"{W}lvl")
            if (text := level.find(f"{W}lvlText")) is not None
        }
        for node in numbering.iter(f"{W}abstractNum")
    }
    return {
        str(node.get(f"{W}numId")): abstract.get(str(link.get(f"{W}val")), {})
        for node in numbering.iter(f"{W}num")
        if (link := node.find(f"{W}abstractNumId")) is not None
    }


def _unique_bookmarks(marks: _Marks) -> None:
    """A bookmark inside a loop comes out several times: the first keeps its name, all get ids of their own."""
    seen: set[str] = set()
    ids: dict[str, list[str]] = {}
    for number, mark in enumerate(marks.starts, 1):
        name = str(mark.get(f"{W}name"))
        if name in seen:
            mark.set(f"{W}name", f"{name[:30]}_{number}")
        seen.add(name)
        ids.setdefault(str(mark.get(f"{W}id")), []).append(str(number))
        mark.set(f"{W}id", str(number))
    for end in marks.ends:
        waiting = ids.get(str(end.get(f"{W}id")), [])
        if waiting:
            end.set(f"{W}id", waiting.pop(0))
        else:
            end.getparent().remove(end)


def _bookmark(marks: _Marks, headings: list[Heading]) -> None:
    """Give every heading a bookmark to link to."""
    number = len(marks.starts)
    for heading in headings:
        if heading.paragraph.find(f"{W}bookmarkStart") is None:
            number += 1
            start = etree.Element(f"{W}bookmarkStart", {f"{W}id": str(number), f"{W}name": f"_Toc{number:08d}"})
            properties = heading.paragraph.find(f"{W}pPr")
            heading.paragraph.insert(0 if properties is None else 1, start)
            heading.paragraph.append(etree.Element(f"{W}bookmarkEnd", {f"{W}id": str(number)}))


def complete_fields(document: etree._Element) -> list[tuple[etree._Element, str, list[etree._Element]]]:
    """See `_fields`."""
    return _fields(_Marks(document))


def _fields(marks: _Marks) -> list[tuple[etree._Element, str, list[etree._Element]]]:
    """Every field: the element that begins it, its instruction and the runs of its result, in document order."""
    complete: list[tuple[etree._Element, str, list[etree._Element]]] = []
    open_fields: list[tuple[etree._Element, list[str], list[etree._Element], list[bool]]] = []
    for node in _runs(marks.fields):
        if node.tag == f"{W}fldSimple":
            complete.append((node, str(node.get(f"{W}instr")), list(node.iter(f"{W}r"))))
            continue
        mark = node.find(f"{W}fldChar")
        kind = mark.get(f"{W}fldCharType") if mark is not None else None
        if kind == "begin":
            open_fields.append((node, [], [], [False]))
        elif open_fields and kind == "separate":
            open_fields[-1][3][0] = True
        elif open_fields and kind == "end":
            begin, parts, result, _ = open_fields.pop()
            complete.append((begin, "".join(parts), result))
        elif open_fields:
            _, parts, result, separated = open_fields[-1]
            if separated[0]:
                result.append(node)
            else:
                parts += [str(text.text or "") for text in node.iter(f"{W}instrText")]
    return complete


def _runs(fields: list[etree._Element]) -> Iterator[etree._Element]:
    """Runs and simple fields of the paragraphs that fields stand in or span, in document order: of a long table there are none."""
    depth = 0
    last: etree._Element | None = None
    for mark in fields:
        paragraph = next(mark.iterancestors(f"{W}p"))
        if paragraph is not last:
            for block in last.itersiblings() if last is not None and depth else ():
                if block is paragraph:
                    break
                yield from block.iter(f"{W}fldSimple", f"{W}r")
            yield from paragraph.iter(f"{W}fldSimple", f"{W}r")
            last = paragraph
        if mark.tag == f"{W}fldChar":
            depth += {"begin": 1, "end": -1}.get(str(mark.get(f"{W}fldCharType")), 0)


def _set_result(runs: list[etree._Element], words: str) -> None:
    """Put words into a field's result, in the look of its first run."""
    for number, run in enumerate(runs):
        for node in list(run):
            if node.tag != f"{W}rPr":
                run.remove(node)
        if number == 0:
            _text(run, words)


def _text(run: etree._Element, words: str) -> None:
    node = etree.SubElement(run, f"{W}t")
    node.text = words
    node.set(XML_SPACE, "preserve")


def _fill_contents(begin: etree._Element, instruction: str, headings: list[Heading], styles: dict[str, str]) -> None:
    """Put a linked entry for every heading of the wanted levels in the place of what the TOC field holds."""
    low, high = wanted_levels(instruction)
    first = begin.getparent()
    while first is not None and first.tag != f"{W}p":
        first = first.getparent()
    if first is None or first.getparent() is None:
        return
    parent = first.getparent()
    last, depth = first, 0
    for sibling in [first, *first.itersiblings()]:
        last = sibling
        for mark in sibling.iter(f"{W}fldChar"):
            depth += {"begin": 1, "end": -1}.get(str(mark.get(f"{W}fldCharType")), 0)
        if depth == 0:
            break
    place = parent.index(first)
    for old in parent[place : parent.index(last) + 1]:
        parent.remove(old)
    entries = [heading for heading in headings if low <= heading.level <= high]
    made = [_entry(heading, styles.get(f"toc {heading.level}", f"TOC{heading.level}")) for heading in entries] or [
        etree.Element(f"{W}p")
    ]
    opening = [_mark("begin"), _instruction(instruction), _mark("separate")]
    start = 1 if made[0].find(f"{W}pPr") is not None else 0
    made[0][start:start] = opening
    made[-1].append(_mark("end"))
    parent[place:place] = made


def wanted_levels(instruction: str) -> tuple[int, int]:
    """The first and the last level of headings that a TOC field lists."""
    wanted = re.search(r'\\o\s+"(\d)-(\d)"', instruction)
    return (int(wanted.group(1)), int(wanted.group(2))) if wanted else (1, 3)


def _entry(heading: Heading, style: str) -> etree._Element:
    paragraph = etree.Element(f"{W}p")
    properties = etree.SubElement(paragraph, f"{W}pPr")
    etree.SubElement(properties, f"{W}pStyle", {f"{W}val": style})
    name = str(next(heading.paragraph.iter(f"{W}bookmarkStart")).get(f"{W}name"))
    link = etree.SubElement(paragraph, f"{W}hyperlink", {f"{W}anchor": name, f"{W}history": "1"})
    if heading.number:
        run = etree.SubElement(link, f"{W}r")
        _text(run, heading.number)
        etree.SubElement(run, f"{W}tab")
    run = etree.SubElement(link, f"{W}r")
    for node in heading.paragraph.iter(f"{W}t"):
        run.append(copy.deepcopy(node))
    return paragraph


def _mark(kind: str) -> etree._Element:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}fldChar", {f"{W}fldCharType": kind})
    return run


def _instruction(words: str) -> etree._Element:
    run = etree.Element(f"{W}r")
    node = etree.SubElement(run, f"{W}instrText")
    node.text = words
    node.set(XML_SPACE, "preserve")
    return run
