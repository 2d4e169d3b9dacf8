"""What a filled template would leave of Word's own rules: cells, tables, sections, fields and bookmarks."""

from __future__ import annotations

import bisect
import itertools
import re
from dataclasses import dataclass
from html import unescape

from assessor.reporting.lint.source import MARK, Part
from assessor.reporting.lint.statements import Printed, facts, known
from assessor.reporting.lint.tree import BLOCK_LEVEL, Chain, Element, Tree
from assessor.reporting.package import MAIN

_CELLS = ("w:tc", "w:sdt", "w:customXml")
_ROWS = ("w:tr", "w:sdt", "w:customXml")
_HOLDERS = {
    "w:hdr": ("a header", BLOCK_LEVEL),
    "w:ftr": ("a footer", BLOCK_LEVEL),
    "w:footnote": ("a footnote", BLOCK_LEVEL),
    "w:txbxContent": ("a text box", BLOCK_LEVEL),
    "w:tr": ("a row", _CELLS),
}
_FLOWS = dict.fromkeys(("w:body", "w:tc", "w:hdr", "w:ftr", "w:footnote", "w:txbxContent", "w:sdtContent"), "body")
_REPLACED = ("SEQ", "REF")


def check(part: Part, tree: Tree, printed: list[Printed]) -> None:
    """Note in the part's problems what would leave a file that Word refuses, or texts that do not come out."""
    _texts(part, printed)
    _emptied(part, tree)
    _sections(part, tree)
    _fields(part, tree, printed)
    _bookmarks(part, tree)


def certain(items: list[Chain], held: set[str]) -> bool:
    """Whether at least one thing is there whichever way the blocks go; each is given by the blocks around it."""
    if any(not chain for chain in items):
        return True
    groups: dict[int, list[Chain]] = {}
    for chain in items:
        groups.setdefault(id(chain[0][0]), []).append(chain)
    for group in groups.values():
        block = group[0][0][0]
        taken = facts(block, 0) and facts(block, 0) <= held
        if block.word in ("macro", "set"):
            continue
        if block.word == "for":
            ways = [0] if taken else [0, 1]
            ways = ways if taken or block.has_else else []
        elif block.word == "if":
            ways = [0] if taken else list(range(len(block.branches)))
            ways = ways if taken or block.has_else else []
        else:
            ways = [0]
        if ways and all(
            certain([chain[1:] for chain in group if chain[0][1] == way], held | facts(block, way)) for way in ways
        ):
            return True
    return False


def _texts(part: Part, printed: list[Printed]) -> None:
    for one in printed:
        standing, tag = one.standing, one.standing.tag
        shown = f"`{tag.text[:120]}`"
        name = standing.element.name if standing.element is not None else ""
        if one.kind.container:
            if _FLOWS.get(one.kind.container, one.kind.container) != _FLOWS.get(name, name):
                message = (
                    f"{shown} puts a macro where it was not made for; define it in a tag like the one that calls it."
                )
                part.tell("misplaced-text", tag.paragraph, message, tag.text[:200])
        elif standing.attribute:
            if one.kind.name == "picture" or (name, standing.attribute) != ("wp:docPr", "descr"):
                message = f"{shown} stands in a property ({standing.attribute}), where a text is not kept as it is; print it in a paragraph."
                part.tell("misplaced-text", tag.paragraph, message, tag.text[:200])
        elif name != "w:t":
            message = f"{shown} prints outside of the text of a paragraph ({name or 'the part'}); write it as `{{{{ … }}}}`, without p, tr, tc or r, in plain text."
            part.tell("misplaced-text", tag.paragraph, message, tag.text[:200])


def _below(element: Element, names: tuple[str, ...]) -> list[Chain]:
    """The blocks between an element and each of its children of these names."""
    return [child.chain[len(element.chain) :] for child in element.children if child.name in names]


def _emptied(part: Part, tree: Tree) -> None:
    for element in tree.named("w:tc", "w:tbl", *_HOLDERS):
        held = known(element.chain)
        if element.name == "w:tc" and not certain(_below(element, BLOCK_LEVEL), held):
            message = "A condition or loop can empty this cell; an empty paragraph will stand in it then. Write a sentence under `{%p else %}` if the reader should know."
            part.tell("empty-cell", element.paragraph, message)
        elif element.name == "w:tbl" and not certain(_below(element, _ROWS), held):
            message = "A condition or loop can leave this table without a row, which Word does not open; give it a header row, or put `{%p if … %}` around the whole table."
            part.tell("empty-table", _first(element), message)
        elif element.name in _HOLDERS:
            word, names = _HOLDERS[element.name]
            if not certain(_below(element, names), held):
                message = f"A condition or loop can empty {word}, which Word does not open; keep a paragraph (in a row: a cell) outside of it."
                part.tell("empty-container", _first(element), message)


def _first(element: Element) -> int | None:
    """The number of the first paragraph in an element."""
    waiting = [element]
    while waiting:
        here = waiting.pop(0)
        if here.name == "w:p":
            return here.paragraph
        waiting[:0] = here.children
    return element.paragraph


def _breaks(element: Element) -> bool:
    return element.name == "w:p" and element.find("w:pPr", "w:sectPr") is not None


def _sections(part: Part, tree: Tree) -> None:
    """A block that holds a section break holds whole sections: it begins after a break and each branch ends with one."""
    for paragraph in (element for element in tree.named("w:p") if element.chain and _breaks(element)):
        block, branch = paragraph.chain[-1]
        around = paragraph.parent.children if paragraph.parent is not None else []
        flow = [child for child in around if child.name in BLOCK_LEVEL]
        before = [child for child in flow if child.end <= block.starts[0]]
        inside = [child for child in flow if (block, branch) in child.chain]
        if (before and not _breaks(before[-1])) or not _breaks(inside[-1]):
            message = f"`{block.tag.text[:120]}` holds a section break but no whole section, so that the pages before it change when it is left out; begin and end it at section breaks."
            part.tell("split-section", block.tag.paragraph, message, block.tag.text[:200])


def _written(tree: Tree, element: Element) -> str:
    return unescape(MARK.sub("", re.sub(r"<[^>]*>", "", tree.source[element.inner : element.end])))


@dataclass(frozen=True)
class _Field:
    """A field: its instruction, its first and last element, and where in the source its result begins."""

    instruction: str
    begin: Element
    end: Element
    result: int

    @property
    def word(self) -> str:
        return (self.instruction.split() or [""])[0]


def _fields(part: Part, tree: Tree, printed: list[Printed]) -> None:
    """Fields that do not end where they began, texts in what a field replaces, and references that lead nowhere."""
    open_: list[tuple[Element, list[str]]] = []
    found: list[_Field] = []
    separated: dict[Element, int] = {}
    for element in tree.named("w:fldChar", "w:instrText", "w:fldSimple"):
        kind = element.attribute("fldCharType")
        if element.name == "w:fldSimple":
            found.append(_Field(unescape(element.attribute("instr")), element, element, element.start))
        elif element.name == "w:instrText":
            if open_:
                open_[-1][1].append(_written(tree, element))
        elif kind == "begin":
            open_.append((element, []))
        elif not open_:
            message = "A field ends here that did not begin; delete it and insert it anew."
            part.tell("unclosed-field", element.paragraph, message)
        elif open_[-1][0].chain != element.chain:
            message = "A field begins inside of a condition or loop and ends outside, or the other way round; put all of it on one side."
            part.tell("unclosed-field", open_.pop()[0].paragraph if kind == "end" else element.paragraph, message)
        elif kind == "separate":
            separated[open_[-1][0]] = element.end
        else:
            begin, words = open_.pop()
            found.append(_Field("".join(words), begin, element, separated.get(begin, element.start)))
    for begin, _ in open_:
        message = "A field begins here and does not end; delete it and insert it anew."
        part.tell("unclosed-field", begin.paragraph, message)
    if part.name == MAIN:  # in other parts the rendering leaves fields to Word
        _replaced(part, found, printed)
        _references(part, tree, [field for field in found if field.word == "REF"])


def _replaced(part: Part, found: list[_Field], printed: list[Printed]) -> None:
    """Texts in the result of a reference or a number, or in the paragraphs of the contents."""
    spans: list[tuple[int, int]] = []
    for one in found:
        first, last = one.begin.above("w:p"), one.end.above("w:p")
        if one.word in _REPLACED:
            spans.append((one.result, one.end.end))
        elif one.word == "TOC":
            spans.append((first.start if first else one.begin.start, last.end if last else one.end.end))
    spans.sort()
    starts = [start for start, _ in spans]
    ends = list(itertools.accumulate((end for _, end in spans), max))
    for text in printed:
        standing = text.standing
        before = bisect.bisect_right(starts, standing.at) - 1
        if before >= 0 and standing.at < ends[before]:
            message = f"`{standing.tag.text[:120]}` stands in what a field replaces (contents, a reference or a number); move it out of the field."
            part.tell("misplaced-text", standing.tag.paragraph, message, standing.tag.text[:200])


def _references(part: Part, tree: Tree, found: list[_Field]) -> None:
    marks: dict[str, Element] = {}
    for mark in tree.named("w:bookmarkStart"):
        marks.setdefault(unescape(mark.attribute("name")), mark)
    for field in found:
        name = (*field.instruction.split(), "")[1]
        place = marks.get(name)
        heading = place.above("w:p") if place is not None else None
        message = ""
        if place is None or heading is None or not _is_heading(part, tree, heading):
            message = f"A reference names the bookmark `{name}`, which marks no heading; set the bookmark at a heading or remove the reference."
        elif field.begin.chain[: len(place.chain)] != place.chain and not certain(
            [place.chain], known(field.begin.chain)
        ):
            message = f"The heading with the bookmark `{name}` can be left out by a condition or loop while the reference to it stays; put the reference under the same one."
        if name and message:
            part.tell("missing-bookmark", field.begin.paragraph, message, f"REF {name}")


def _is_heading(part: Part, tree: Tree, paragraph: Element) -> bool:
    style = paragraph.find("w:pPr", "w:pStyle")
    if style is None or unescape(style.attribute("val")) not in part.levels:
        return False
    words = re.sub(r"<[^>]*>", "", tree.source[paragraph.inner : paragraph.end])
    return bool(words.strip())


def _bookmarks(part: Part, tree: Tree) -> None:
    if part.name == MAIN:  # there the rendering gives each its own name
        return
    for mark in tree.named("w:bookmarkStart"):
        if any(block.word == "for" for block, _ in mark.chain):
            message = f"The bookmark `{unescape(mark.attribute('name'))}` stands in a loop of {part.name} and would come out several times; delete it (Insert > Bookmark)."
            part.tell("repeated-bookmark", mark.paragraph, message)
