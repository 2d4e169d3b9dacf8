"""How tags and elements of a part stand in one another.

The marked source is read from its beginning to its end; XML elements and Jinja blocks are followed at the same time. A block
that closes where it opened (in the same paragraph; between paragraphs, in the same cell, row, table or body) leaves
well-formed XML whichever way it goes; every other one is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assessor.reporting.lint import tags
from assessor.reporting.lint.source import NUMBER, Part
from assessor.reporting.lint.tags import Tag

_TAGS = tags.TAG.pattern
_TOKEN = re.compile(rf"(?P<tag>{_TAGS})|(?P<xml><(?>(?:{_TAGS})|[^<>])*+>)", re.DOTALL)
_NUMBERED = re.compile(rf' {NUMBER}="(\d+)"')
_CONTAINERS = {"w:tbl": "table", "w:tr": "row", "w:tc": "cell", "w:p": "paragraph"}
BLOCK_LEVEL = ("w:p", "w:tbl", "w:sdt", "w:customXml", "w:altChunk")


@dataclass(eq=False)
class Block:
    """A block: the tag that opens it, those that divide it, where each of its branches begins and where it ends.

    `facts` keeps what `statements.facts` has found of a branch.
    """

    tag: Tag
    branches: list[Tag] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    end: int = 0
    parent: Element | None = None
    ended: bool = False
    facts: dict[int, set[str]] = field(default_factory=dict)

    @property
    def word(self) -> str:
        return self.tag.word

    @property
    def has_else(self) -> bool:
        return any(tag.word == "else" for tag in self.branches)


Chain = tuple[tuple[Block, int], ...]
"""The blocks around a place, each with the number of the branch that it is in."""


@dataclass(eq=False)
class Element:
    """An element: its name with prefix, its start tag as written, its place in the source, and what it stands in."""

    name: str
    written: str
    start: int
    parent: Element | None
    chain: Chain
    paragraph: int | None
    inner: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        found = re.search(rf'[\s:]{name}="([^"]*)"', self.written)
        return found.group(1) if found else ""

    def above(self, *names: str) -> Element | None:
        """The nearest element with one of these names, itself included."""
        here: Element | None = self
        while here is not None and here.name not in names:
            here = here.parent
        return here

    def find(self, *names: str) -> Element | None:
        """The element at the end of a path of children."""
        here: Element | None = self
        for name in names:
            here = next((child for child in here.children if child.name == name), None) if here else None
        return here


@dataclass(frozen=True)
class Standing:
    """A tag where it stands: the element around it, the blocks around it, and the attribute whose value it is in."""

    tag: Tag
    at: int
    element: Element | None
    chain: Chain
    attribute: str = ""


@dataclass
class Tree:
    """A part as it was read: its elements and tags in their order, and its blocks."""

    source: str
    elements: list[Element] = field(default_factory=list)
    standing: list[Standing] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    too_deep: bool = False

    def named(self, *names: str) -> Iterator[Element]:
        return (element for element in self.elements if element.name in names)


def grow(part: Part) -> Tree:
    """The tree of a part; what does not fit together is noted in the part's problems."""
    return _Grower(part).tree


class _Grower:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.tree = Tree(part.marked)
        self.open: list[Element] = []
        self.blocks: list[tuple[Block, int, list[Element]]] = []
        self.paragraph: int | None = None
        self.mangled = False
        for token in _TOKEN.finditer(part.marked):
            if self.tree.too_deep:
                return
            if token.lastgroup == "tag":
                self._tag(token.group(), token.start())
            else:
                self._xml(token.group(), token.start())
        while self.blocks:
            self._unclosed(self.blocks.pop()[0], len(part.marked))

    @property
    def chain(self) -> Chain:
        return tuple((block, branch) for block, branch, _ in self.blocks)

    def _xml(self, written: str, at: int) -> None:
        if written.startswith("</"):
            self._close(written[2:-1].strip(), at + len(written))
            return
        if written.startswith(("<?", "<!")):
            return
        name = re.split(r"[\s/>]", written[1:], maxsplit=1)[0]
        if name == "w:p" and (numbered := _NUMBERED.search(written)):
            self.paragraph = int(numbered.group(1))
        parent = self.open[-1] if self.open else None
        element = Element(name, written, at, parent, self.chain, self.paragraph, at + len(written), at + len(written))
        self.tree.elements.append(element)
        if parent is not None:
            parent.children.append(element)
        if tags.TAG.search(written):
            self.open.append(element)
            for tag in tags.TAG.finditer(written):
                name_before = re.search(r'([\w:]+)="[^"]*$', written[: tag.start()])
                self._tag(tag.group(), at + tag.start(), name_before.group(1) if name_before else "")
            self.open.pop()
        if not written.endswith("/>"):
            self.open.append(element)

    def _close(self, name: str, end: int) -> None:
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth].name == name:
                break
        else:
            depth = -1
        if depth != len(self.open) - 1 and not self.mangled:
            self.mangled = True  # what follows comes of the first one
            message = f"A tag here takes away the end of an element ({name}) without its beginning; put each tag into one paragraph of its own."
            self.part.tell("crossing-block", self.paragraph, message)
        if depth >= 0:
            self.open[depth].end = end
            del self.open[depth:]

    def _tag(self, text: str, at: int, attribute: str = "") -> None:
        tag = tags.read(text, self.paragraph)
        element = self.open[-1] if self.open else None
        if tag.error:
            self._tell("syntax", tag, f"`{tag.text[:120]}` cannot be understood: {tag.error}.")
        for reason in tag.refused:
            self._tell("unsafe", tag, f"`{tag.text[:120]}` is not allowed: {reason}; take it out.")
        if tag.role == "open":
            block = Block(tag, [tag], [at + len(text)], parent=element)
            if len(self.blocks) >= tags.MAX_DEPTH:
                message = f"More than {tags.MAX_DEPTH} blocks stand in one another, and {self.part.name} was not checked from here on; take some apart."
                self._tell("syntax", tag, message)
                self.tree.too_deep = True
            self.tree.standing.append(Standing(tag, at, element, self.chain, attribute))
            self.tree.blocks.append(block)
            self.blocks.append((block, 0, list(self.open)))
            return
        if tag.role == "end":
            self._end(tag, at)
        elif tag.role == "middle":
            self._divide(tag, at + len(text))
        self.tree.standing.append(Standing(tag, at, element, self.chain, attribute))

    def _divide(self, tag: Tag, at: int) -> None:
        block = self.blocks[-1][0] if self.blocks else None
        allowed = ("if", "for") if tag.word == "else" else ("if",)
        if block is None or block.word not in allowed:
            which = "if" if tag.word == "elif" else "if or for"
            message = f"`{tag.text}` belongs to no block of {which}; open one before it or take it out."
            self._tell("unopened-block", tag, message)
        elif block.has_else:
            self._tell(
                "unopened-block", tag, f"`{tag.text}` comes after the `else` of its block; take one of them out."
            )
        else:
            self._compare(block, tag)
            _, branch, opened = self.blocks[-1]
            block.branches.append(tag)
            block.starts.append(at)
            self.blocks[-1] = (block, branch + 1, opened)

    def _end(self, tag: Tag, at: int) -> None:
        words = [block.word for block, _, _ in self.blocks]
        if tag.word not in words:
            message = f"`{tag.text}` ends a block that was not opened; put `{tag.word}` before it or take it out."
            self._tell("unopened-block", tag, message)
            return
        while self.blocks[-1][0].word != tag.word:
            self._unclosed(self.blocks.pop()[0], at)
        block = self.blocks[-1][0]
        self._compare(block, tag)
        self.blocks.pop()
        block.end, block.ended = at, True

    def _unclosed(self, block: Block, at: int) -> None:
        block.end = at
        message = f"`{block.tag.text[:120]}` is not closed; put `{tags.ENDS[block.word]}` where it ends."
        self._tell("unclosed-block", block.tag, message)

    def _compare(self, block: Block, tag: Tag) -> None:
        """Whether a tag of a block stands where the block was opened."""
        opened, here = self.blocks[-1][2], self.open
        if self.mangled or block.tag.error or tag.error:
            return
        for name, word in _CONTAINERS.items():
            first, now = _nearest(opened, name), _nearest(here, name)
            if first is not now:
                where = f"in one {word} and" if first and now else f"{'in' if first else 'outside of'} a {word} and"
                other = f"in another {word}" if first and now else f"{'outside of it' if first else 'in one'}"
                message = f"`{block.tag.text[:120]}` stands {where} `{tag.text}` {other}; put both into the same {word}, or each alone in a paragraph (`{{%p … %}}`) or row (`{{%tr … %}}`)."
                self._tell("crossing-block", block.tag, message)
                return
        if _inside(opened) != _inside(here):
            message = f"`{block.tag.text[:120]}` and `{tag.text}` do not stand in the same place of their paragraph (a link, a control or an attribute lies between); put both into plain text."
            self._tell("crossing-block", block.tag, message)

    def _tell(self, code: str, tag: Tag, message: str) -> None:
        self.part.tell(code, tag.paragraph, message, tag.text[:200])


def _nearest(open_: list[Element], name: str) -> Element | None:
    return next((element for element in reversed(open_) if element.name == name), None)


def _inside(open_: list[Element]) -> list[object]:
    """What a place stands in: below its paragraph the names of elements, above it the elements themselves."""
    depth = max((at for at, element in enumerate(open_) if element.name == "w:p"), default=-1)
    inline = open_[depth + 1 :] if depth >= 0 else []
    if inline and (inline[-1].written.endswith("/>") or "{" in inline[-1].written):
        return list(open_)
    return [*open_[: len(open_) - len(inline)], *(element.name for element in inline)]
