"""Building blocks of the shipped letters and forms: letterhead, blanks that a person fills, choices and signatures.

In texts, besides what `layout.py` knows, `{BLANK label}` is a field to fill in and `{CHOICE label}` a box to tick; both are
content controls of Word, so that they are filled by keyboard and told by a screen reader, and show their label until then.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches, Pt, RGBColor
from layout import Layout
from looks import ACCENT, INK, LINE, QUIET, complex_size, fonts, rule

_OPEN = "FBF4DC"  # the ground of what is still to be filled
_ALIAS = 64  # characters that Word lets the title of a content control have
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"


class Form(Layout):
    """A letter or form under construction: without a cover, headed by the firm."""

    cover = False

    def __init__(self, title: str, sender: str = "assessor") -> None:
        """`sender` is whose letter it is: the assessor's, or the client's."""
        self.sender = f"{{{{ {sender}.{'firm' if sender == 'assessor' else 'name'} }}}}"
        self.address = f"{{{{ {sender}.address }}}}"
        self.header = f"{title}\t{{{{ client.name }}}}, {{{{ report.id }}}}"
        self.footer = f"{self.sender}  ·  {{{{ report.dated }}}}\tPage {{PAGE}} of {{NUMPAGES}}"
        super().__init__(title)
        _form_styles(self.document)

    def letterhead(self, kind: str) -> None:
        """Sender, address and the document's name."""
        self.p(self.sender, "Letter Firm")
        self.p(self.address, "Letter Address")
        self.p(self.title, "Title")
        self.p(kind, "Subtitle")

    def facts(self, listed: list[tuple[str, str]]) -> None:
        """Labels and values at the head of a letter; a value may be a blank."""
        self.pairs(listed)

    def points(self, *texts: str) -> None:
        """A list that stands in the template."""
        for text in texts:
            self.p(text, "List Bullet")

    def choices(self, *labels: str) -> None:
        """Boxes to tick, one a line."""
        for label in labels:
            self.p(f"{{CHOICE Tick if it holds}}\t{label}", "Choice")

    def blanks(self, caption: str, columns: list[tuple[str, float]], number: int) -> None:
        """A captioned table of empty rows to fill."""
        self.fixed(
            caption,
            [width for _, width in columns],
            [head for head, _ in columns],
            [[f"{{BLANK {head}}}" for head, _ in columns] for _ in range(number)],
        )

    def signature(self, heading: str, who: str, *more: tuple[str, str]) -> None:
        """Where somebody signs: all of it blank."""
        self.p(heading, "Front Heading")
        self.pairs(
            [
                ("Signature", "\n{BLANK Signature}"),
                ("Name and title", f"{{BLANK Name and title of {who}}}"),
                *more,
                ("Date", "{BLANK Date of signature}"),
            ]
        )

    def _cell(self, cell, text: str, style: str, right: bool = False, gap: bool = False) -> None:
        super()._cell(cell, text, style, right, gap)
        if "{BLANK" in text:  # the ground of the whole cell shows where something is to be filled
            cell._tc.get_or_add_tcPr().append(_ground())

    def _control(self, paragraph, words: str) -> None:
        kind, label = words.split(" ", 1)
        make = _blank if kind == "BLANK" else _choice
        paragraph._p.append(parse_xml(make(label)))


def _blank(label: str) -> str:
    """A text field that shows its label, in the look of a placeholder, until it is filled."""
    return (
        f"<w:sdt {nsdecls('w')}><w:sdtPr><w:alias w:val={quoteattr(label[:_ALIAS])}/><w:showingPlcHdr/><w:text/></w:sdtPr>"
        f'<w:sdtContent><w:r><w:rPr><w:rStyle w:val="Blank"/></w:rPr><w:t xml:space="preserve">[{escape(label)}]</w:t></w:r></w:sdtContent></w:sdt>'
    )


def _choice(label: str) -> str:
    """A box to tick."""
    states = "".join(
        f'<w14:{name} w14:val="{code}" w14:font="MS Gothic"/>'
        for name, code in (("checkedState", "2612"), ("uncheckedState", "2610"))
    )
    return (
        f'<w:sdt {nsdecls("w")} xmlns:w14="{_W14}"><w:sdtPr><w:alias w:val={quoteattr(label[:_ALIAS])}/>'
        f'<w14:checkbox><w14:checked w14:val="0"/>{states}</w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:rPr>'
        '<w:rFonts w:ascii="MS Gothic" w:hAnsi="MS Gothic" w:eastAsia="MS Gothic" w:hint="eastAsia"/></w:rPr><w:t>\u2610</w:t></w:r>'
        "</w:sdtContent></w:sdt>"
    )


def _form_styles(document) -> None:
    """What letters have beside the report's styles, and a title that leaves room for the text below it."""
    styles = document.styles

    def size(style, points: float, after: float) -> None:
        style.font.size = Pt(points)
        complex_size(style.element.rPr, points)
        style.paragraph_format.space_after = Pt(after)

    size(styles["Title"], 21, 3)
    size(styles["Subtitle"], 10.5, 12)
    size(styles["Heading 1"], 14, 5)
    styles["Heading 1"].paragraph_format.space_before = Pt(15)
    for name, points, color, bold, after in (
        ("Letter Firm", 13, ACCENT, True, 1),
        ("Letter Address", 8.5, QUIET, False, 20),
        ("Choice", 9.5, INK, False, 3),
    ):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style, made.quick_style = styles["Normal"], True
        fonts(made.element.get_or_add_rPr(), "Arial")
        made.font.size, made.font.bold, made.font.color.rgb = Pt(points), bold, RGBColor.from_string(color)
        complex_size(made.element.rPr, points)
        made.paragraph_format.space_after = Pt(after)
    rule(styles["Letter Address"], "bottom", 6, LINE)
    styles["Choice"].paragraph_format.left_indent = Inches(0.25)
    styles["Choice"].paragraph_format.first_line_indent = Inches(-0.25)
    blank = styles.add_style("Blank", WD_STYLE_TYPE.CHARACTER)
    blank.font.color.rgb = RGBColor.from_string(QUIET)
    blank.element.rPr.append(_ground())


def _ground():
    """The ground of what is still to be filled."""
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", _OPEN)):
        shade.set(qn(f"w:{key}"), value)
    return shade
