"""Styles, page furniture and building blocks of the shipped templates, for `make.py`."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches
from looks import FILL, number_headings, set_styles

from assessor.reporting.package import read_parts, write_parts

_PIECE = re.compile(
    r"(‹.*?›|«.*?»|⟨.*?⟩|\*\*.*?\*\*|\{REF [rt]:\w+\}|\{PAGE\}|\{NUMPAGES\}|\{SEQ \w+\}|\{BLANK [^}]*\}|\{CHOICE [^}]*\})",
    re.DOTALL,
)


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in inches, what a cell prints, and a second, quieter line."""

    head: str
    width: float
    cell: str
    more: str = ""
    more_style: str = "Table Note"
    right: bool = False


class Layout:
    """A template under construction; every method adds to its end."""

    cover = True
    """Whether the first page is a cover, without header and footer."""
    header = "{{ client.name }}\t{{ report.id }}, version {{ report.version }}"
    footer = "{{ assessor.firm }}  ·  {{ report.dated }}\tPage {PAGE} of {NUMPAGES}"

    def __init__(self, title: str = "Assessment under 15 CFR 791.315") -> None:
        self.title = title
        self.document = Document()
        self.document.element.body.remove(self.document.element.body[0]) if len(
            self.document.element.body
        ) > 1 else None
        self.bookmarks = 0
        set_styles(self.document)
        number_headings(self.document)
        section = self.document.sections[0]
        section.page_width, section.page_height = Inches(8.5), Inches(11)
        section.left_margin = section.right_margin = Inches(1)
        section.top_margin, section.bottom_margin = Inches(0.9), Inches(0.75)
        section.header_distance = section.footer_distance = Inches(0.4)
        section.different_first_page_header_footer = self.cover
        self._furniture(6.5)

    # paragraphs

    def p(self, text: str, style: str = "Body Text", keep: bool = False):
        """A paragraph."""
        paragraph = self.document.add_paragraph(style=style)
        self._runs(paragraph, text)
        if keep:
            paragraph.paragraph_format.keep_with_next = True
        return paragraph

    def h1(self, text: str, mark: str) -> None:
        """A chapter heading, bookmarked."""
        self._heading(text, "Heading 1", mark)

    def h2(self, text: str, mark: str) -> None:
        """A section heading, bookmarked."""
        self._heading(text, "Heading 2", mark)

    def _heading(self, text: str, style: str, mark: str) -> None:
        paragraph = self.p(text, style)
        self.bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        start.set(qn("w:id"), str(self.bookmarks))
        start.set(qn("w:name"), mark)
        end.set(qn("w:id"), str(self.bookmarks))
        paragraph._p.insert(1, start)
        paragraph._p.append(end)

    def page_break(self) -> None:
        """The next paragraph begins a page."""
        self.document.add_paragraph(style="Page Break").add_run().add_break(WD_BREAK.PAGE)

    def bullets(self, loop: str, text: str, nothing: str) -> None:
        """A list with one entry for each pass, or a sentence when there is nothing."""
        self.choose(loop.split(" in ", 1)[1])
        self.loop(loop)
        self.p(text, "List Bullet")
        self.end_loop()
        self.otherwise(nothing)

    # tags

    def open(self, tag: str) -> None:
        """A tag alone in its paragraph."""
        self.document.add_paragraph(f"{{%p {tag} %}}", style="Tag")

    def close(self) -> None:
        self.open("endif")

    def choose(self, name: str) -> None:
        self.open(f"if {name}")

    def otherwise(self, nothing: str) -> None:
        """End a choice, with the sentence that stands when there is nothing."""
        if nothing:
            self.open("else")
            self.p(nothing)
        self.open("endif")

    def loop(self, words: str) -> None:
        self.open(f"for {words}")

    def end_loop(self) -> None:
        self.open("endfor")

    # tables and figures

    def table(self, loop: str, caption: str, columns: list[Column], nothing: str) -> None:
        """A captioned table with one row for each pass, or a sentence when there is nothing."""
        self.choose(loop.split(" in ", 1)[1])
        self.p(f"Table {{SEQ Table}}. {caption}", "Caption")
        table = self._table([column.width for column in columns], ["" for _ in columns])
        apart = [one.right and not other.right for one, other in itertools.pairwise(columns)] + [False]
        for cell, column, gap in zip(table.rows[0].cells, columns, apart, strict=True):
            self._cell(cell, column.head, "Table Head", column.right, gap)
        _repeat(table.rows[0])
        self._tag_row(table, f"{{%tr for {loop} %}}")
        row = table.add_row()
        _whole(row)
        for cell, column, gap in zip(row.cells, columns, apart, strict=True):
            self._cell(cell, column.cell, "Table Text", column.right, gap)
            if column.more:
                self._runs(cell.add_paragraph(style=column.more_style), column.more)
        self._tag_row(table, "{%tr endfor %}")
        _widths(table, [column.width for column in columns])
        self.p("", "Table End")
        self.otherwise(nothing)

    def fixed(self, caption: str, widths: list[float], heads: list[str], listed: list[list[str]]) -> None:
        """A captioned table with rows that stand in the template."""
        self.p(f"Table {{SEQ Table}}. {caption}", "Caption")
        table = self._table(widths, heads)
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            self._cell(cell, head, "Table Head")
        _repeat(table.rows[0])
        for entry in listed:
            row = table.add_row()
            _whole(row)
            for cell, text in zip(row.cells, entry, strict=True):
                self._cell(cell, text, "Table Text")
        _widths(table, widths)
        self.p("", "Table End")

    def pairs(self, listed: list[tuple[str, str]]) -> None:
        """A table of labels and values."""
        table = self._table([1.35, 5.15], ["", ""], first_row=False)
        for number, (label, text) in enumerate(listed):
            row = table.rows[0] if number == 0 else table.add_row()
            _whole(row)
            self._cell(row.cells[0], label, "Table Label")
            self._cell(row.cells[1], text, "Table Text")
            if number < 2 or number == len(listed) - 2:
                for cell in row.cells:
                    cell.paragraphs[0].paragraph_format.keep_with_next = True
            shade = OxmlElement("w:shd")
            for key, value in (("val", "clear"), ("color", "auto"), ("fill", FILL)):
                shade.set(qn(f"w:{key}"), value)
            row.cells[0]._tc.get_or_add_tcPr().append(shade)
        _widths(table, [1.35, 5.15])
        self.p("", "Table End")

    def figure(self, entry: str, name: str = "") -> None:
        """A picture and its caption."""
        self.p(f"{{{{ {name or entry + '.name'} | picture }}}}", "Figure")
        self.p(f"Figure {{SEQ Figure}}. {{{{ {entry}.caption }}}}", "Figure Caption")

    def figures(self, chapter: str) -> None:
        """The figures of a chapter, where there are any."""
        self.loop(f"g in figures if g.chapter == '{chapter}'")
        self.figure("g")
        self.end_loop()

    def contents(self) -> None:
        """A table-of-contents field; filled in when the report is made."""
        paragraph = self.document.add_paragraph(style="toc 1")
        _field(paragraph, ' TOC \\o "1-2" \\h \\z \\u ', "Update this field in Word.")

    # sections

    def landscape(self) -> None:
        """A new section on wide pages."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Inches(11), Inches(8.5)
        self._furniture(9.0)

    def portrait(self) -> None:
        """A new section on upright pages."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Inches(8.5), Inches(11)
        self._furniture(6.5)

    def _furniture(self, width: float) -> None:
        section = self.document.sections[-1]
        if len(self.document.sections) > 1:
            section.different_first_page_header_footer = False
        elif self.cover:
            for empty in (section.first_page_header, section.first_page_footer):
                empty.is_linked_to_previous = False
                empty.paragraphs[0].style = self.document.styles["Normal"]
        for part, style, words in (
            (section.header, "Header", self.header),
            (section.footer, "Footer", self.footer),
        ):
            part.is_linked_to_previous = False
            paragraph = part.paragraphs[0]
            paragraph.style = self.document.styles[style]
            paragraph.paragraph_format.tab_stops.add_tab_stop(Inches(width), WD_TAB_ALIGNMENT.RIGHT)
            self._runs(paragraph, words)

    # inside

    def _runs(self, paragraph, text: str) -> None:
        for piece in _PIECE.split(text):
            if not piece:
                continue
            if piece.startswith("‹"):
                paragraph.add_run(piece[1:-1], style="Evidence Reference")
            elif piece.startswith("«"):
                paragraph.add_run(piece[1:-1], style="Value Before")
            elif piece.startswith("⟨"):
                paragraph.add_run(piece[1:-1], style="Value Now")
            elif piece.startswith("**"):
                paragraph.add_run(piece[2:-2], style="Strong")
            elif piece.startswith("{REF"):
                how, mark = piece[5:-1].split(":")
                number = "\\r " if how == "r" else ""
                _field(paragraph, f" REF {mark} {number}\\h ", "0")
            elif piece.startswith("{SEQ"):
                _field(paragraph, f" {piece[1:-1]} \\* ARABIC ", "1")
            elif piece in ("{PAGE}", "{NUMPAGES}"):
                _field(paragraph, f" {piece[1:-1]} ", "1")
            elif piece.startswith(("{BLANK", "{CHOICE")):
                self._control(paragraph, piece[1:-1])
            else:
                paragraph.add_run(piece)

    def _control(self, paragraph, words: str) -> None:
        """What is left to a person to fill; only forms have it."""
        raise NotImplementedError(words)

    def _table(self, widths: list[float], heads: list[str], first_row: bool = True):
        table = self.document.add_table(1, len(widths), style="Assessment Table")
        table.autofit = False
        look = table._tbl.tblPr.find(qn("w:tblLook"))
        for key in list(look.attrib):
            del look.attrib[key]
        for key, value in (
            ("val", "0420" if first_row else "0400"),
            ("firstRow", "1" if first_row else "0"),
            ("lastRow", "0"),
            ("firstColumn", "0"),
            ("lastColumn", "0"),
            ("noHBand", "0"),
            ("noVBand", "1"),
        ):
            look.set(qn(f"w:{key}"), value)
        return table

    def _cell(self, cell, text: str, style: str, right: bool = False, gap: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = self.document.styles[style]
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if gap:  # a number would touch the text to its right
                paragraph.paragraph_format.right_indent = Inches(0.12)
        self._runs(paragraph, text)

    def _tag_row(self, table, tag: str) -> None:
        self._cell(table.add_row().cells[0], tag, "Table Text")

    def save(self, target: Path) -> None:
        """Write the template with fixed properties and dates."""
        core = self.document.core_properties
        core.title, core.author, core.comments, core.last_modified_by = (
            self.title,
            "assessor",
            "",
            "assessor",
        )
        core.created = core.modified = core.last_printed = datetime(2025, 4, 24)
        core.revision = 1
        package = self.document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):
                del package.rels[key]
        for key, relation in list(self.document.part.rels.items()):
            if relation.reltype.endswith(
                "/stylesWithEffects"
            ):  # what Word 2010 kept beside the styles, and of other styles
                del self.document.part.rels[key]
        saved = io.BytesIO()
        self.document.save(saved)
        write_parts(read_parts(saved.getvalue()), target)


def _field(paragraph, instruction: str, cached: str) -> None:
    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("cached", cached), ("end", "")):
        run = paragraph.add_run()
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind == "cached":
            run.text = text
        else:
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = text
            run._r.append(words)


def _repeat(row) -> None:
    _whole(row)
    mark = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(mark)


def _whole(row) -> None:
    mark = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(mark)


def _widths(table, widths: list[float]) -> None:
    for grid, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        grid.set(qn("w:w"), str(round(width * 1440)))
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Inches(width)
    whole = table._tbl.tblPr.find(qn("w:tblW"))
    whole.set(qn("w:type"), "dxa")
    whole.set(qn("w:w"), str(round(sum(widths) * 1440)))
