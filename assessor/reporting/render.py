"""Filling a Word template so that what evidence says comes out as it went in, or not at all.

The way: the template is let in (`package.read_template`), filled by docxtpl with autoescape in a sandbox
(`sandbox.TemplateEnvironment`), parsed strictly, its line breaks, numbers and fields are set, and the texts that were
printed are compared with the texts in the file, in order and character for character. Only then is the file written,
beside its place and renamed, with fixed dates.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError
from lxml import etree
from markupsafe import Markup

from assessor.errors import ReportError
from assessor.reporting import fields, links, long_tables, package, pages, paging, search
from assessor.reporting.claims import Claim, Secrets
from assessor.reporting.package import MAIN, STYLES, XML_SPACE, W
from assessor.reporting.sandbox import Rendering, TemplateEnvironment
from assessor.text import visible

_WHOLE = etree.XPath("string()")
_ALONE = re.compile(r'<w:t xml:space="preserve">(\{\{ ?[\w.]+ ?\}\})</w:t>')
"""A variable alone in its text: whether its spaces are to be kept is seen when its value is there (`_break_lines`)."""
_TABLE = re.compile("<w:tbl[ />]")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@dataclass(frozen=True)
class Picture:
    """A picture that a template may ask for by name: PNG bytes, its text alternative and its width in the report."""

    png: bytes
    alternative: str
    width_mm: float


@dataclass(frozen=True)
class Properties:
    """Core properties of the file, from the engagement and not from the clock."""

    title: str
    author: str
    subject: str
    identifier: str
    version: str
    dated: date


def render(
    template: Path,
    context: Mapping[str, Any],
    pictures: Mapping[str, Picture],
    properties: Properties,
    target: Path,
    *,
    claim: Claim | None = None,
    page_mark: str = "",
    withheld: Secrets | None = None,
    paged: bool = False,
) -> None:
    """Fill `template` with `context` (plain data: texts, numbers, lists, dicts) and write the report to `target`.

    `claim`: what of the context is confidential; the pages that hold it, and no others, bear `page_mark` at their top.
    `withheld`: texts of which none may stand anywhere in the file. `paged`: whether the contents get page numbers, where
    LibreOffice is installed (`paging.number`).

    Raises ReportError in one sentence, and writes nothing, when the template is not fit (see `package.read_template`), asks
    for what is not there (all gaps are named, each with its place), does what it may not, or when a text would be altered.
    """
    content = package.read_template(template)
    rendering = Rendering(claim=claim)
    filler = _Filler(io.BytesIO(content), rendering)
    environment = TemplateEnvironment(rendering, {"picture": filler.picture_filter(pictures)})
    try:
        filled = filler.fill(dict(context), environment)
    except ReportError:
        raise
    except (
        Exception
    ) as error:  # a template is a program of somebody else: whatever it raises is its fault, and is told as such
        place = rendering.place(error.lineno if isinstance(error, TemplateSyntaxError) else None)
        raise ReportError(f"The template {template} cannot be filled: {str(error).rstrip('.')} ({place}).") from error
    if rendering.gaps:
        raise ReportError(
            f"The template {template} asks for what the report does not have: {'; '.join(rendering.gaps)}."
        )
    _describe(filler, properties)
    saved = io.BytesIO()
    filler.docx.save(saved)
    parts = package.read_parts(saved.getvalue())
    _finish(parts, filled, rendering, template)
    _compare(filled, rendering, template)
    if claim is None:
        long_tables.divide(filled[MAIN])
    parts |= {name: package.serialise(root) for name, root in filled.items()}
    filled.clear()
    if claim:
        pages.mark(parts, page_mark)
    if withheld and (leak := search.leak(parts, withheld)):
        raise ReportError(
            f"The public version would show a text for which confidential treatment is claimed ({leak.text!r}, in {leak.part}: "
            f"“{leak.context}”); take it out of the template or of the terms of engagement, or withdraw the claim."
        )
    if paged:
        paging.number(parts)
    package.write_parts(parts, target)


def lined(xml: str) -> str:
    """A part as it is given to Jinja: every paragraph begins a line, so that a line says where an error is."""
    return xml.replace("\n", " ").replace("<w:p>", "\n<w:p>").replace("<w:p ", "\n<w:p ")


def filled_parts(main: Any) -> dict[str, Any]:
    """The parts of a document (its main part given) whose tags are filled, by name: the document, headers, footers, footnotes."""
    named = {str(part.partname).lstrip("/"): part for part in main.package.iter_parts()}
    found = sorted(filter(package.filled, named), key=lambda n: (n != MAIN, "header" not in n, "footer" not in n, n))
    return {name: named[name] for name in found}


class _Filler(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """docxtpl's reading of tags and its pictures. What is filled is parsed once and strictly, and never put back into python-docx's
    tree, which takes time that grows with the square of a long table's rows."""

    def __init__(self, template: io.BytesIO, rendering: Rendering) -> None:
        super().__init__(template)
        self.rendering = rendering
        self._images: dict[str, ImagePart] = {}
        self._places: dict[tuple[str, str], str] = {}

    def fill(self, context: dict[str, Any], environment: TemplateEnvironment) -> dict[str, etree._Element]:
        """The filled parts by name: the document, its headers, footers and footnotes, each once."""
        self.render_init()
        main = self.docx.part
        parts = filled_parts(main)
        filled = {}
        for name, part in parts.items():
            source = main.element if part is main else package.parse(part.blob)
            filled[name] = self._filled(name, part, self.patch_xml(self.xml_to_string(source)), context, environment)
        if self._images or "<wp:docPr" in self.xml_to_string(main.element):
            for number, drawing in enumerate(filled[MAIN].iter(f"{_DRAWING}docPr"), 1001):
                drawing.set("id", str(number))
        return filled

    def _filled(
        self, name: str, part: Any, source: str, context: dict[str, Any], environment: TemplateEnvironment
    ) -> etree._Element:
        self.current_rendering_part = part
        self.rendering.part = name
        self.rendering.source = lined(_ALONE.sub(r"<w:t>\1</w:t>", source))
        text = str(environment.from_string(self.rendering.source).render(context))
        text = text.replace("\n<w:p", "<w:p")  # what `lined` put there: of ours no line feed stands before a tag
        if text.count("</w:tc>") + text.count("<w:tc/>") != text.count("</w:p></w:tc>") + text.count("<w:p/></w:tc>"):
            self.rendering.unended.add(name)
        if _without_row(text):
            self.rendering.rowless = True
        try:
            return package.parse(text.encode("utf-8"), ours=True)
        except etree.XMLSyntaxError as error:
            raise ReportError(
                f"The template gives no valid Word file: {error.msg} in {name}; look for a tag that opens in one "
                "paragraph, row or cell and closes in another."
            ) from None

    def picture_filter(self, pictures: Mapping[str, Picture]) -> Any:
        def picture(name: Any) -> Markup:
            """`{{ figure.name | picture }}`: the picture of that name with its text alternative, alone in its paragraph."""
            if str(name) not in pictures:
                self.rendering.gap(f"a picture named `{name}`")
                return Markup("")
            found = pictures[str(name)]
            inline = self._inline(found)
            alternative = visible(found.alternative)
            secret = self.rendering.confidential(found.alternative, alternative)
            inline.docPr.set("descr", f"{pages.BEGIN}{alternative}{pages.END}" if secret else alternative)
            inline.docPr.set("name", visible(str(name)))
            drawing = etree.tostring(inline, encoding="unicode")
            return Markup(f"</w:t><w:drawing>{drawing}</w:drawing><w:t>")  # noqa: S704 (serialised XML)  # nosec B704

        return picture

    def _inline(self, picture: Picture) -> Any:
        """A picture in the part that is being filled. python-docx would look through all pictures for each new one."""
        part, digest = self.current_rendering_part, hashlib.sha256(picture.png).hexdigest()
        if digest not in self._images:
            try:
                image = Image.from_blob(picture.png)
                image.scaled_dimensions(Mm(picture.width_mm), None)
            except Exception:  # python-docx raises of many kinds, some without words
                raise ReportError(
                    f"The picture “{visible(picture.alternative)[:80]}” of the report is none that Word shows; it should be a whole PNG."
                ) from None
            name = PackURI(f"/word/media/report{len(self._images) + 1}.{image.ext}")
            self._images[digest] = ImagePart.from_image(image, name)
        place = self._place(part, digest)
        width, height = self._images[digest].image.scaled_dimensions(Mm(picture.width_mm), None)
        return CT_Inline.new_pic_inline(1, place, "", width, height)

    def _place(self, part: Any, digest: str) -> str:
        """The id under which a part refers to an image."""
        key = str(part.partname), digest
        if key not in self._places:
            self._places[key] = f"rIdReport{len(self._places) + 1}"
            part.load_rel(RELATIONSHIP_TYPE.IMAGE, self._images[digest], self._places[key])
        return self._places[key]


def _describe(filler: DocxTemplate, properties: Properties) -> None:
    core = filler.docx.core_properties
    moment = datetime.combine(properties.dated, time())  # Word takes it as UTC
    core.title, core.author, core.subject = (
        visible(t)[:255] for t in (properties.title, properties.author, properties.subject)
    )
    core.identifier, core.version, core.last_modified_by = (
        visible(properties.identifier),
        visible(properties.version),
        core.author,
    )
    core.created = core.modified = moment
    core.last_printed = moment
    core.revision, core.comments, core.keywords, core.category = 1, "", "", ""


def _finish(
    parts: Mapping[str, bytes], filled: Mapping[str, etree._Element], rendering: Rendering, template: Path
) -> None:
    """Line breaks, links to evidence, empty cells, numbers and fields of every filled part, in place."""
    if rendering.rowless:
        raise ReportError(
            f"The template {template} makes a table without a row; give it a header row or put it under a condition."
        )
    for name, root in filled.items():
        if rendering.broken:
            _break_lines(root)
        if rendering.linked:
            links.link(root)
        if name in rendering.unended:
            for cell in root.iter(f"{W}tc"):
                if len(cell) == 0 or cell[-1].tag != f"{W}p":  # Word refuses a cell that does not end with a paragraph
                    etree.SubElement(cell, f"{W}p")
        if name == MAIN:
            numbering = parts.get("word/numbering.xml")
            fields.fill(root, package.parse(parts[STYLES]), None if numbering is None else package.parse(numbering))


def _without_row(xml: str) -> bool:
    """Whether a table of a part has no row, which Word refuses; told by the text, since a long table has many nodes to look at."""
    return any(
        not 0 <= xml.find("<w:tr", table.end()) < xml.find("</w:tbl>", table.end()) for table in _TABLE.finditer(xml)
    )


def _break_lines(root: etree._Element) -> None:
    """A line feed in a text becomes Word's line break, a tab its tab; spaces at the edges are kept."""
    for node in list(root.iter(f"{W}t")):
        text = node.text or ""
        if "\n" not in text and "\t" not in text:
            if text != text.strip() or "  " in text:
                node.set(XML_SPACE, "preserve")
            continue
        for piece in re.split("([\n\t])", text):
            made = etree.Element({"\n": f"{W}br", "\t": f"{W}tab"}.get(piece, f"{W}t"))
            if made.tag == f"{W}t":
                made.text = piece
                made.set(XML_SPACE, "preserve")
            node.addprevious(made)
        run = node.getparent()
        if run is not None:
            run.remove(node)


def _compare(filled: Mapping[str, etree._Element], rendering: Rendering, template: Path) -> None:
    """Every text that was printed stands in the file, in order and character for character; ReportError otherwise."""
    for part, printed in rendering.printed.items():
        if not rendering.broken and _missing(printed, str(_WHOLE(filled[part]))) is None:
            continue
        missing = _missing(printed, pages.unsigned(reading(filled[part])))
        if missing is not None:
            raise ReportError(
                f"The template {template} would alter a text of the report (“{missing[:80]}”, in {part}); print it as plain text "
                "outside of attributes, fields and blocks that are set but not shown."
            )


def _missing(printed: Sequence[str], text: str) -> str | None:
    """The first of these texts that does not stand in another after those before it."""
    at = 0
    for each in printed:
        found = text.find(each, at)
        if found < 0:
            return each
        at = found + len(each)
    return None


def reading(root: etree._Element) -> str:
    """What a reader finds in a part, in document order: its texts, line feeds, tabs and text alternatives; NUL between
    paragraphs."""
    pieces: list[str] = []
    for node in root.iter():
        if node.tag == f"{W}t":
            pieces.append(str(node.text or ""))
        elif node.tag in (f"{W}br", f"{W}cr"):
            pieces.append("\n")
        elif node.tag == f"{W}tab" and node.getparent().tag == f"{W}r":
            pieces.append("\t")
        elif node.tag == f"{W}p":
            pieces.append("\0")
        elif node.tag == f"{_DRAWING}docPr":
            pieces.append(str(node.get("descr") or ""))
    return "".join(pieces)
