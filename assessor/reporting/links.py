"""References to evidence as links to the evidence index of the same document.

What is a reference is known from the data and not from its look: only what the toolkit itself made one (`words.Reference`) is
linked, so that no text of a client becomes a link. While a document is filled, the items in a reference and the items that the
index lists stand between signs that no other text can hold.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

from lxml import etree

from assessor.reporting.package import XML_SPACE, W
from assessor.reporting.words import Item

SIGNED, TARGET, END = "\ufdd2", "\ufdd3", "\ufdd4"
"""Signs before an item in a reference, before an item in the index, and after either; `text.visible` lets none in."""

_ITEM = re.compile(r"\bE-\d{4,}\b")
_PIECE = re.compile(f"([{SIGNED}{TARGET}][^{END}]*{END})")


def signed(value: str, text: str) -> str:
    """The text with its items between signs. `value`: the reference, or the item of the index, that was printed."""
    if isinstance(value, Item):
        return f"{TARGET}{text}{END}"
    return _ITEM.sub(lambda found: f"{SIGNED}{found.group()}{END}", text)


def link(root: etree._Element) -> None:
    """Make links of the items between signs that the document's index lists, and take the signs away, in place."""
    nodes = [node for node in root.iter(f"{W}t") if END in (node.text or "")]
    targets = {piece[1:-1] for node in nodes for piece in _PIECE.findall(node.text or "") if piece[0] == TARGET}
    marked: set[str] = set()
    for node in nodes:
        run = node.getparent()
        pieces = [piece for piece in _PIECE.split(node.text or "") if piece]
        whole = any(True for _ in run.iterancestors(f"{W}hyperlink")) or run.tag != f"{W}r"
        if whole or not any(piece[0] in (SIGNED, TARGET) and piece[1:-1] in targets for piece in pieces):
            node.text = "".join(piece.strip(SIGNED + TARGET + END) for piece in pieces)
            continue
        for made in _made(run, node, pieces, targets, marked):
            run.addprevious(made)
        run.getparent().remove(run)


def _made(
    run: etree._Element, node: etree._Element, pieces: list[str], targets: set[str], marked: set[str]
) -> Iterator[etree._Element]:
    """What a run becomes: what stands before its text, each piece of the text in its looks, and what stands after."""
    own = run.find(f"{W}rPr")
    before = [each for each in node.itersiblings(preceding=True) if each is not own][::-1]
    after = list(node.itersiblings())
    if before:
        yield _run(own, *before)
    for piece in pieces:
        words = piece.strip(SIGNED + TARGET + END)
        made = _run(own, _text(words))
        if piece[0] == TARGET and words not in marked:
            number = str(len(marked) + 1)
            marked.add(words)
            yield etree.Element(f"{W}bookmarkStart", {f"{W}id": f"item{number}", f"{W}name": _name(words)})
            yield made
            yield etree.Element(f"{W}bookmarkEnd", {f"{W}id": f"item{number}"})
        elif piece[0] == SIGNED and words in targets:
            leading = etree.Element(f"{W}hyperlink", {f"{W}anchor": _name(words), f"{W}history": "1"})
            leading.append(made)
            yield leading
        else:
            yield made
    if after:
        yield _run(own, *after)


def _run(properties: etree._Element | None, *content: etree._Element) -> etree._Element:
    run = etree.Element(f"{W}r")
    if properties is not None:
        run.append(copy.deepcopy(properties))
    run.extend(content)
    return run


def _text(words: str) -> etree._Element:
    node = etree.Element(f"{W}t")
    node.text = words
    if words != words.strip():
        node.set(XML_SPACE, "preserve")
    return node


def _name(item: str) -> str:
    """The bookmark of an item; Word allows no hyphen in it."""
    return item.replace("-", "_")
