"""The looks of the shipped templates: colours, fonts, styles, and the numbers of headings."""

from __future__ import annotations

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches, Pt, RGBColor

LATIN, MONO, EAST_ASIAN = "Arial", "Courier New", "Microsoft YaHei"
INK, ACCENT, QUIET, LINE, FILL = "1A1F2B", "1F3A5F", "5B6575", "AEB6C2", "E9EDF3"


def fonts(properties, latin: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", EAST_ASIAN), ("cs", latin)):
        fonts.set(qn(f"w:{key}"), font)


def complex_size(properties, size: float) -> None:
    """The same size for scripts that Word calls complex (Arabic, Hebrew, …)."""
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    mark = OxmlElement("w:szCs")
    mark.set(qn("w:val"), str(round(size * 2)))
    properties.find(qn("w:sz")).addnext(mark)


def set_styles(document) -> None:
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    fonts(defaults, LATIN)

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
        fonts(made.element.get_or_add_rPr(), latin)
        font = made.font
        font.size, font.bold, font.italic, font.color.rgb = Pt(size), bold, italic, RGBColor.from_string(color)
        complex_size(made.element.rPr, size)
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
    rule(styles["Cover Firm"], "bottom", 18, ACCENT)
    style("Cover Client", 18, bold=True, after=10)
    style("Cover Line", 11, color=QUIET, after=3)
    style("Cover Note", 9, color=QUIET, before=120, line=1.15)
    style("Header", 8, color=QUIET)
    style("Footer", 8, color=QUIET)
    rule(styles["Header"], "bottom", 4, LINE)
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
    style("Value Before", 8, kind=WD_STYLE_TYPE.CHARACTER).font.strike = True
    style("Value Now", 8, kind=WD_STYLE_TYPE.CHARACTER).font.underline = True
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


def rule(style, side: str, size: int, color: str) -> None:
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


def number_headings(document) -> None:
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
