"""Small templates for the tests of the lint, and what it says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import RGBColor

from assessor.reporting.lint import Problem, lint


def a_document() -> Any:
    """An empty document with a heading that says its language, whose headings are not as pale as those of python-docx."""
    document = Document()
    for level in range(1, 10):
        document.styles[f"Heading {level}"].font.color.rgb = RGBColor(0, 0, 0)
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US"/>'))
    document.add_heading("Part one", 1)
    return document


def linted(tmp_path: Path, *paragraphs: str, document: Any = None) -> list[Problem]:
    document = document or a_document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(tmp_path / "template.docx"))
    return lint(tmp_path / "template.docx")


def codes_of(problems: list[Problem]) -> list[str]:
    return sorted(problem.code for problem in problems)


def add_table(document: Any, *rows: str, header: bool = True) -> Any:
    table = document.add_table(len(rows), 1)
    for row, text in zip(table.rows, rows, strict=True):
        row.cells[0].text = text
    if header:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table


def add_field(paragraph: Any, instruction: str, *kinds: str) -> None:
    for kind in kinds or ("begin", "", "separate", "result", "end"):
        run = paragraph.add_run("0" if kind == "result" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif not kind:
            words = OxmlElement("w:instrText")
            words.text = instruction
            run._r.append(words)


def add_bookmark(paragraph: Any, name: str) -> None:
    for place, kind in ((1, "Start"), (len(paragraph._p) + 1, "End")):
        mark = OxmlElement(f"w:bookmark{kind}")
        mark.set(qn("w:id"), "1")
        if kind == "Start":
            mark.set(qn("w:name"), name)
        paragraph._p.insert(place, mark)
