"""Pages with confidential business information: each marked at its top, and no other (§791.314(b)).

While a report is filled, confidential texts stand between two signs that no other text can hold. Afterwards each run of blocks that
hold such a text becomes a section of its own that begins on a new page, and whose headers (default, first and even) bear the mark;
the sections after it name their own headers again. So the mark is right wherever pages break. Of a table the rows without such a
text come first, and those with it follow in a section of their own.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from assessor.errors import ReportError
from assessor.reporting import long_tables, package
from assessor.reporting.fields import first, style_chains, text_of
from assessor.reporting.long_tables import flat, flatten
from assessor.reporting.package import MAIN, STYLES, W
from assessor.reporting.page_headers import Headers

BEGIN, END = "\ufdd0", "\ufdd1"
"""Signs around a confidential text while a report is made; `text.visible` lets neither in."""
_DRAWN = (f"{W}drawing", f"{W}pict", f"{W}object")


@dataclass
class _Unit:
    """Blocks that stay together: one, or those that a field spans. `section`: the properties of the section that ends here."""

    blocks: list[etree._Element]
    confidential: bool
    section: etree._Element | None = None

    def blank(self) -> bool:
        """Whether nothing of it can be seen."""
        return all(
            block.tag == f"{W}p" and not text_of(block).strip() and not any(True for _ in block.iter(*_DRAWN))
            for block in self.blocks
        )


@dataclass
class _Piece:
    units: list[_Unit] = field(default_factory=list)
    confidential: bool = False


def mark(parts: dict[str, bytes], words: str) -> None:
    """Put each run of confidential blocks of a package on marked pages of its own, in place, and take the signs away.

    Raises ReportError when a confidential text stands in a header, footer or note, and so on pages that it does not name.
    """
    signs = BEGIN.encode()
    for name, content in parts.items():
        if name != MAIN and signs in content:
            raise ReportError(
                f"The template prints confidential business information in {name}, which stands on pages that have none; print it "
                "in the body."
            )
    if signs in parts[MAIN]:
        root = package.parse(parts[MAIN])
        before = _paragraphs(root)
        _divide(root, parts, words)
        long_tables.divide(root)
        if lost := before - _paragraphs(root):
            raise ReportError(f"Marking pages would lose a text of the report (“{unsigned(next(iter(lost)))[:80]}”).")
        parts[MAIN] = package.serialise(root)
    for name, content in parts.items():
        parts[name] = content.replace(signs, b"").replace(END.encode(), b"")


def unsigned(text: str) -> str:
    """The text without the signs."""
    return text.replace(BEGIN, "").replace(END, "")


def _paragraphs(root: etree._Element) -> Counter[str]:
    return Counter(words for paragraph in root.iter(f"{W}p") if (words := text_of(paragraph)).strip())


def _divide(root: etree._Element, parts: dict[str, bytes], words: str) -> None:
    body = root.find(f"{W}body")
    last = body[-1] if len(body) and body[-1].tag == f"{W}sectPr" else etree.SubElement(body, f"{W}sectPr")
    keeps = _keeping(package.parse(parts[STYLES]))
    headers = Headers(parts, words)
    marked = False  # whether the section before is
    units = list(_units(body, last))
    ends = [at for at, unit in enumerate(units) if unit.section is not None]
    for begin, end in zip([0, *(at + 1 for at in ends)], [*ends, len(units)], strict=True):
        here = units[begin : end + 1]
        properties = units[end].section if end < len(units) else last
        headers.enter(properties)
        pieces = _pieces(here, keeps)
        model = copy.deepcopy(properties)
        for number, piece in enumerate(pieces):
            ending = properties if number == len(pieces) - 1 else copy.deepcopy(model)
            if number or piece.confidential or marked:
                _begin_page(ending, later=number > 0)
            if piece.confidential or marked:
                headers.name(ending, marked=piece.confidential)
            if ending is not properties:
                _close(piece, ending)
            if piece.confidential:
                _end_tight(piece, final=ending is last)
            marked = piece.confidential
    headers.finish()


def _units(body: etree._Element, last: etree._Element) -> Iterator[_Unit]:
    """The blocks of the body, tables with both kinds of rows divided."""
    depth, held = 0, []  # open fields, and blocks that wait for what they belong to
    for block in list(body):
        if block is last:
            break
        held.append(block)
        for sign in block.iter(f"{W}fldChar"):
            depth += {"begin": 1, "end": -1}.get(str(sign.get(f"{W}fldCharType")), 0)
        section = block.find(f"{W}pPr/{W}sectPr")
        if section is None and (depth > 0 or block.tag not in (f"{W}p", f"{W}tbl", f"{W}sdt")):
            continue
        depth = 0
        if block.tag == f"{W}tbl" and len(held) == 1 and (second := _parted(block)) is not None:
            yield _Unit([block], False)
            yield _Unit(second, True)
        else:
            yield _Unit(held, any(_holds(each) for each in held), section)
        held = []
    if held:
        yield _Unit(held, any(_holds(each) for each in held))


def _holds(block: etree._Element) -> bool:
    return any(
        BEGIN in (node.text or "") or END in (node.text or "") or any(BEGIN in value for value in node.attrib.values())
        for node in block.iter()
        if isinstance(node.tag, str)
    )


def _parted(table: etree._Element) -> list[etree._Element] | None:
    """Take the confidential rows out of a list that has others too: a table of them with a caption, which follows the table. A
    table without a header row is no list: its rows say one thing together."""
    rows = table.findall(f"{W}tr")
    heads = 0
    while heads < len(rows) and rows[heads].find(f"{W}trPr/{W}tblHeader") is not None:
        heads += 1
    secret = [row for row in rows[heads:] if _holds(row)]
    merged = any(True for row in rows[heads:] for _ in row.iter(f"{W}vMerge"))
    if not heads or not secret or len(secret) == len(rows) - heads or merged or any(map(_holds, rows[:heads])):
        return None
    second = copy.deepcopy(table)
    for row in second.findall(f"{W}tr")[heads:]:
        second.remove(row)
    second.extend(secret)  # moved
    before = table.getprevious()
    caption = etree.Element(f"{W}p")
    told = ""
    if (
        before is not None
        and before.tag == f"{W}p"
        and any(True for _ in before.iter(f"{W}instrText", f"{W}fldSimple"))
    ):
        told = text_of(before)
        if (style := before.find(f"{W}pPr/{W}pStyle")) is not None:
            etree.SubElement(etree.SubElement(caption, f"{W}pPr"), f"{W}pStyle", dict(style.attrib))
    run = etree.SubElement(caption, f"{W}r")
    text = etree.SubElement(run, f"{W}t")
    text.text = f"{told}, continued: confidential entries" if told else "Continued: confidential entries"
    table.addnext(second)
    table.addnext(caption)
    return [caption, second]


def _keeping(styles: etree._Element) -> Callable[[_Unit], bool]:
    """Whether a paragraph keeps with the next one, by itself or by its style."""
    chains = style_chains(styles)

    def keeps(unit: _Unit) -> bool:
        block = unit.blocks[-1]
        if block.tag != f"{W}p" or unit.section is not None:
            return False
        stated = block.find(f"{W}pPr/{W}keepNext")
        if stated is None and (style := block.find(f"{W}pPr/{W}pStyle")) is not None:
            stated = first(chains.get(str(style.get(f"{W}val")), []), f"{W}pPr/{W}keepNext")
        return stated is not None and stated.get(f"{W}val") not in ("0", "false", "off")

    return keeps


def _pieces(units: list[_Unit], keeps: Callable[[_Unit], bool]) -> list[_Piece]:
    """The units of a section in runs: with what keeps with a confidential one, without pages on which nothing would stand."""
    secret = [unit.confidential for unit in units]
    if not any(secret):
        return [_Piece(units)]
    for at in range(len(units) - 2, -1, -1):
        secret[at] |= secret[at + 1] and keeps(units[at])
    pieces: list[_Piece] = []
    for unit, confidential in zip(units, secret, strict=True):
        if not pieces or pieces[-1].confidential != confidential:
            pieces.append(_Piece([], confidential))
        pieces[-1].units.append(unit)
    joined: list[_Piece] = []
    for piece in pieces:
        blank = all(unit.blank() for unit in piece.units)
        if joined and ((blank and not piece.confidential) or joined[-1].confidential == piece.confidential):
            if blank:
                _unbroken(piece)
            joined[-1].units += piece.units
        elif not joined and blank and len(pieces) > 1:
            _unbroken(piece)
            joined.append(_Piece(piece.units, True))
        else:
            joined.append(piece)
    for piece in joined[:-1]:  # a page break before a section's end would leave an empty page
        for unit in reversed(piece.units):
            if not unit.blank():
                break
            _unbroken(_Piece([unit]))
    for piece in joined[1:]:
        for unit in piece.units:
            if not unit.blank():
                break
            _unbroken(_Piece([unit]))
    return joined


def _unbroken(piece: _Piece) -> None:
    for unit in piece.units:
        for block in unit.blocks:
            for sign in list(block.iter(f"{W}br")):
                if sign.get(f"{W}type") == "page" and (run := sign.getparent()) is not None:
                    run.remove(sign)


def _begin_page(properties: etree._Element, *, later: bool) -> None:
    """Let a section begin on a new page; one that goes on inside another has no first page and counts on."""
    kind = properties.find(f"{W}type")
    if kind is None:
        kind = etree.Element(f"{W}type")
        places = [
            n
            for n in properties
            if n.tag in {f"{W}{t}" for t in ("headerReference", "footerReference", "footnotePr", "endnotePr")}
        ]
        properties.insert(properties.index(places[-1]) + 1 if places else 0, kind)
    kind.set(f"{W}val", "nextPage")
    if later:
        if (first := properties.find(f"{W}titlePg")) is not None:
            properties.remove(first)
        if (numbers := properties.find(f"{W}pgNumType")) is not None:
            numbers.attrib.pop(f"{W}start", None)


def _close(piece: _Piece, properties: etree._Element) -> None:
    """End a section after the last block: in its paragraph, or in one of no height."""
    block = piece.units[-1].blocks[-1]
    if block.tag != f"{W}p":
        block.addnext(after := flat())
        block = after
    settings = block.find(f"{W}pPr")
    if settings is None:
        settings = etree.Element(f"{W}pPr")
        block.insert(0, settings)
    change = settings.find(f"{W}pPrChange")
    if change is not None:
        change.addprevious(properties)
    else:
        settings.append(properties)


def _end_tight(piece: _Piece, *, final: bool) -> None:
    """Leave no empty paragraphs at the end, which could run over to a marked page on which nothing stands."""
    for unit in reversed(piece.units[1:]):
        if not unit.blank():
            break
        for block in unit.blocks:
            if block.find(f"{W}pPr/{W}sectPr") is None and (parent := block.getparent()) is not None:
                parent.remove(block)
            else:
                flatten(block)
        piece.units.remove(unit)
    block = piece.units[-1].blocks[-1]
    if final and block.tag == f"{W}tbl":
        block.addnext(flat())  # Word ends no document with a table, and LibreOffice begins no page for such a last one
