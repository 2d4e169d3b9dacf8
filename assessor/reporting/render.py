"""Filling a Word template so that what evidence says comes out as it went in, or not at all.

The way: the template is let in (`package.read_template`), filled by docxtpl with autoescape in a sandbox
(`sandbox.TemplateEnvironment`), parsed strictly, its line breaks, numbers and fields are set, and the texts that were
printed are compared with the texts in the file, in order and character for character. Only then is the file written,
beside its place and renamed, with fixed dates.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError
from lxml import etree
from markupsafe import Markup

from assessor.errors import ReportError
from assessor.reporting import fields, package
from assessor.reporting.package import XML_SPACE, W
from assessor.reporting.sandbox import Rendering, TemplateEnvironment
from assessor.text import visible

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
    template: Path, context: Mapping[str, Any], pictures: Mapping[str, Picture], properties: Properties, target: Path
) -> None:
    """Fill `template` with `context` (plain data: texts, numbers, lists, dicts) and write the report to `target`.

    Raises ReportError in one sentence, and writes nothing, when the template is not fit (see `package.read_template`), asks
    for what is not there (all gaps are named, each with its place), does what it may not, or when a text would be altered.
    """
    content = package.read_template(template)
    rendering = Rendering()
    filler = _Filler(io.BytesIO(content), rendering)
    environment = TemplateEnvironment(rendering, {"picture": filler.picture_filter(pictures)})
    try:
        filler.render(dict(context), environment, autoescape=True)
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
    filler.save(saved)
    parts = package.read_parts(saved.getvalue())
    _finish(parts, template)
    _compare(parts, rendering, template)
    package.write_parts(parts, target)


def lined(xml: str) -> str:
    """A part as it is given to Jinja: every paragraph begins a line, so that a line says where an error is."""
    return xml.replace("\n", " ").replace("<w:p>", "\n<w:p>").replace("<w:p ", "\n<w:p ")


class _Filler(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """docxtpl without its recovering parser, its own escapes, its reading of control characters and its properties."""

    def __init__(self, template: io.BytesIO, rendering: Rendering) -> None:
        super().__init__(template)
        self.rendering = rendering

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        self.current_rendering_part = part
        self.rendering.part = str(part.partname).lstrip("/")
        self.rendering.source = lined(src_xml)
        filled = (
            str(jinja_env.from_string(self.rendering.source).render(context))
            .replace("\n<w:p>", "<w:p>")
            .replace("\n<w:p ", "<w:p ")
        )
        try:
            package.parse(filled.encode("utf-8"))
        except etree.XMLSyntaxError as error:
            raise ReportError(
                f"The template gives no valid Word file: {error.msg} in {self.rendering.part}; look for a tag that opens in one "
                "paragraph, row or cell and closes in another."
            ) from None
        return filled

    def fix_tables(self, xml: str) -> Any:
        return package.parse(xml.encode("utf-8"))

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Left out: properties come from the engagement (`_describe`)."""

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Once, and not once a section as docxtpl does: what has been filled is never taken for a template again."""
        for part in list(self.docx.part.package.iter_parts()):
            if part.content_type == package.FOOTNOTES:
                xml = self.patch_xml(self.get_part_xml(part))
                part._blob = self.render_xml_part(xml, part, context, jinja_env).encode("utf-8")

    def picture_filter(self, pictures: Mapping[str, Picture]) -> Any:
        def picture(name: Any) -> Markup:
            """`{{ figure.name | picture }}`: the picture of that name with its text alternative, alone in its paragraph."""
            if str(name) not in pictures:
                self.rendering.gap(f"a picture named `{name}`")
                return Markup("")
            found = pictures[str(name)]
            part = self.current_rendering_part
            inline = part.new_pic_inline(io.BytesIO(found.png), width=Mm(found.width_mm))
            inline.docPr.set("descr", visible(found.alternative))
            inline.docPr.set("name", visible(str(name)))
            drawing = etree.tostring(inline, encoding="unicode")
            return Markup(f"</w:t><w:drawing>{drawing}</w:drawing><w:t>")  # noqa: S704 (serialised XML)

        return picture


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


def _finish(parts: dict[str, bytes], template: Path) -> None:
    """Line breaks, spaces, empty cells, numbers and fields of every filled part, in place."""
    main = "word/document.xml"
    for name in [name for name in parts if package.filled(name)]:
        root = package.parse(parts[name])
        _break_lines(root)
        for cell in root.iter(f"{W}tc"):
            if len(cell) == 0 or cell[-1].tag != f"{W}p":  # Word refuses a cell that does not end with a paragraph
                etree.SubElement(cell, f"{W}p")
        for table in root.iter(f"{W}tbl"):
            if table.find(f".//{W}tr") is None:
                raise ReportError(
                    f"The template {template} makes a table without a row; give it a header row or put it under a condition."
                )
        if name == main:
            numbering = parts.get("word/numbering.xml")
            fields.fill(
                root, package.parse(parts["word/styles.xml"]), None if numbering is None else package.parse(numbering)
            )
        parts[name] = package.serialise(root)


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


def _compare(parts: dict[str, bytes], rendering: Rendering, template: Path) -> None:
    """Every text that was printed stands in the file, in order and character for character; ReportError otherwise."""
    texts: dict[str, str] = {}
    at: dict[str, int] = {}
    for part, printed in rendering.printed:
        if part not in texts:
            texts[part] = reading(package.parse(parts[part]))
        found = texts[part].find(printed, at.get(part, 0))
        if found < 0:
            raise ReportError(
                f"The template {template} would alter a text of the report (“{printed[:80]}”, in {part}); print it as plain text "
                "outside of attributes, fields and blocks that are set but not shown."
            )
        at[part] = found + len(printed)


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
