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
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches, Pt, RGBColor

from assessor.reporting.package import read_parts, write_parts

LATIN, MONO, EAST_ASIAN = "Arial", "Courier New", "Microsoft YaHei"
INK, ACCENT, QUIET, LINE, FILL = "1A1F2B", "1F3A5F", "5B6575", "AEB6C2", "E9EDF3"
_PIECE = re.compile(
    r"(‹.*?›|\*\*.*?\*\*|\{REF [rt]:\w+\}|\{PAGE\}|\{NUMPAGES\}|\{SEQ \w+\}|\{BLANK [^}]*\}|\{CHOICE [^}]*\})",
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
        _styles(self.document)
        _numbering(self.document)
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


def _fonts(properties, latin: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", EAST_ASIAN), ("cs", latin)):
        fonts.set(qn(f"w:{key}"), font)


def _complex_size(properties, size: float) -> None:
    """The same size for scripts that Word calls complex (Arabic, Hebrew, …)."""
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    mark = OxmlElement("w:szCs")
    mark.set(qn("w:val"), str(round(size * 2)))
    properties.find(qn("w:sz")).addnext(mark)


def _styles(document) -> None:
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _fonts(defaults, LATIN)

    def style(
        name: str,
        size: float,
        *,
        base: str = "Normal",
        kind=WD_STYLE_TYPE.PARAGRAPH,
        color: str = INK,
        bold: bool = False,
        before: float = 0,
        after: float = 0,
        keep: bool = False,
        line: float = 1.0,
        latin: str = LATIN,
        italic: bool = False,
        follow: str = "",
    ):
        made = styles[name] if name in [s.name for s in styles] else styles.add_style(name, kind)
        if name not in ("Normal", "Strong") and kind == WD_STYLE_TYPE.PARAGRAPH:
            made.base_style = styles[base]
        made.quick_style = True
        made.hidden = False
        _fonts(made.element.get_or_add_rPr(), latin)
        font = made.font
        font.size, font.bold, font.italic, font.color.rgb = Pt(size), bold, italic, RGBColor.from_string(color)
        _complex_size(made.element.rPr, size)
        if kind == WD_STYLE_TYPE.PARAGRAPH:
            form = made.paragraph_format
            form.space_before, form.space_after, form.line_spacing, form.keep_with_next = (
                Pt(before),
                Pt(after),
                line,
                keep,
            )
            form.widow_control = True
            if follow:
                made.next_paragraph_style = styles[follow]
        return made

    style("Normal", 10)
    style("Body Text", 9.5, after=6, line=1.15)
    for level, (size, before, after) in enumerate(((17, 20, 7), (12.5, 12, 5), (11, 11, 4)), 1):
        made = style(
            f"Heading {level}", size, color=ACCENT, bold=True, before=before, after=after, keep=True, follow="Body Text"
        )
        made.paragraph_format.keep_together = True
    style("Entry Heading", 11, color=ACCENT, bold=True, before=13, after=4, keep=True, follow="Body Text")
    _outline(styles["Entry Heading"], 2)
    style("Front Heading", 15, color=ACCENT, bold=True, before=14, after=7, keep=True, follow="Body Text")
    style("Title", 30, color=ACCENT, bold=True, before=0, after=10, line=1.05)
    for edge in styles["Title"].element.pPr.findall(qn("w:pBdr")):
        styles["Title"].element.pPr.remove(edge)
    style("Subtitle", 13, color=QUIET, after=60, line=1.1)
    style("Cover Firm", 13, color=ACCENT, bold=True, before=0, after=150)
    _rule(styles["Cover Firm"], "bottom", 18, ACCENT)
    style("Cover Client", 18, bold=True, after=10)
    style("Cover Line", 11, color=QUIET, after=3)
    style("Cover Note", 9, color=QUIET, before=120, line=1.15)
    style("Header", 8, color=QUIET)
    style("Footer", 8, color=QUIET)
    _rule(styles["Header"], "bottom", 4, LINE)
    for name in ("Header", "Footer"):
        tabs = styles[name].element.pPr.find(qn("w:tabs"))
        if tabs is not None:
            styles[name].element.pPr.remove(tabs)
    style("Caption", 8.5, color=ACCENT, bold=True, before=7, after=3, keep=True)
    style("Figure Caption", 8.5, color=ACCENT, bold=True, before=3, after=11)
    style("Figure", 10, before=7, after=2, keep=True).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    style("Table Text", 8)
    style("Table Head", 8, color=ACCENT, bold=True, keep=True)
    style("Table Label", 8, color=ACCENT, bold=True)
    style("Table Note", 7.5, color=QUIET, before=1)
    style("Table Code", 6.5, color=QUIET, before=1, latin=MONO)
    style("Table End", 4, after=2)
    style("Page Break", 2)
    style("Tag", 8, color="9A3324")
    style("List Bullet", 9.5, after=3, line=1.12)
    style("Evidence Reference", 7, kind=WD_STYLE_TYPE.CHARACTER, color=QUIET)
    for level, (indent, before) in enumerate(((0.0, 3.5), (0.35, 0)), 1):
        made = style(f"toc {level}", 9 if level == 1 else 8, bold=level == 1, before=before, after=0)
        made.element.set(qn("w:styleId"), f"TOC{level}")
        made.element.attrib.pop(qn("w:customStyle"), None)
        made.paragraph_format.left_indent = Inches(indent)
        made.paragraph_format.tab_stops.add_tab_stop(Inches(indent + (0.35 if level == 1 else 0.5)))
        made.paragraph_format.tab_stops.add_tab_stop(Inches(6.5), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    strong = (
        styles["Strong"]
        if "Strong" in [s.name for s in styles]
        else styles.add_style("Strong", WD_STYLE_TYPE.CHARACTER)
    )
    strong.font.bold = True
    _table_style(styles)


def _outline(style, level: int) -> None:
    mark = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level))
    style.element.get_or_add_pPr().append(mark)


def _rule(style, side: str, size: int, color: str) -> None:
    properties = style.element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    edge = OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", str(size)), ("space", "4"), ("color", color)):
        edge.set(qn(f"w:{key}"), value)
    borders.append(edge)
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
    )


def _table_style(styles) -> None:
    made = styles.add_style("Assessment Table", WD_STYLE_TYPE.TABLE)
    made.base_style = styles["Normal Table"]
    made.quick_style = True
    for xml in (
        f'<w:tblPr {nsdecls("w")}><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="{ACCENT}"/><w:bottom w:val="single" w:sz="6" w:space="0" w:color="{ACCENT}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/></w:tblBorders><w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
        '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>',
        f'<w:tblStylePr {nsdecls("w")} w:type="firstRow"><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{ACCENT}"/></w:tcBorders>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{FILL}"/><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>',
    ):
        made.element.append(parse_xml(xml))


def _numbering(document) -> None:
    """Tie Heading 1 to 3 to a list "1", "1.1", "1.1.1"."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{level + 1}"/><w:suff w:val="tab"/><w:lvlText w:val="{".".join(f"%{n + 1}" for n in range(level + 1))}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="{indent}"/></w:tabs><w:ind w:left="{indent}" w:hanging="{indent}"/></w:pPr></w:lvl>'
        for level, indent in enumerate((567, 680, 794))
    )
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    first = numbering.find(qn("w:num"))
    numbering.insert(numbering.index(first), abstract) if first is not None else numbering.append(abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level in range(3):
        properties = document.styles[f"Heading {level + 1}"].element.get_or_add_pPr()
        for old in properties.findall(qn("w:numPr")):
            properties.remove(old)
        listed = parse_xml(
            f"<w:numPr {nsdecls('w')}>"
            + (f'<w:ilvl w:val="{level}"/>' if level else "")
            + '<w:numId w:val="90"/></w:numPr>'
        )
        properties.insert_element_before(
            listed,
            "w:suppressLineNumbers",
            "w:pBdr",
            "w:shd",
            "w:tabs",
            "w:spacing",
            "w:ind",
            "w:jc",
            "w:outlineLvl",
            "w:rPr",
        )
