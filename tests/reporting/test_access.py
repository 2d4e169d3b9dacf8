"""Whether everybody can read a document: contrasts with what is behind a text, and the gate on finished reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from assessor.errors import ReportError
from assessor.reporting import inaccessible
from assessor.reporting.contrast import contrast, faint
from assessor.reporting.lint import lint

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"{number:06X}")


def shade(holder: Any, fill: str) -> None:
    mark = OxmlElement("w:shd")
    mark.set(qn("w:val"), "clear")
    mark.set(qn("w:fill"), fill)
    holder.append(mark)


def document() -> Any:
    made = docx.Document()
    made.add_heading("First", 1)
    return made


def faint_texts(made: Any) -> list[tuple[str, str, str]]:
    found = faint(made.element, made.styles.element)
    return [(run.find(qn("w:t")).text, colour, ground) for run, colour, ground, _ in found]


def codes(made: Any, tmp_path: Path) -> list[str]:
    made.save(str(tmp_path / "d.docx"))
    return [problem["code"] for problem in inaccessible(tmp_path / "d.docx")]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("000000", "FFFFFF", 21.0), ("FFFFFF", "FFFFFF", 1.0), ("777777", "FFFFFF", 4.48), ("767676", "FFFFFF", 4.54)],
)
def test_the_ratio_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio


@given(COLOURS, COLOURS)
def test_the_ratio_is_the_same_both_ways_and_between_1_and_21(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21 + 1e-9


@pytest.mark.parametrize(("colour", "seen"), [("767676", False), ("777777", True)])
def test_small_text_needs_four_and_a_half_to_one(colour: str, seen: bool) -> None:
    made = document()
    made.add_paragraph().add_run("grey").font.color.rgb = RGBColor.from_string(colour)
    assert bool(faint_texts(made)) is seen


@pytest.mark.parametrize(
    ("size", "bold", "seen"), [(17.5, False, True), (18, False, False), (13.5, True, True), (14, True, False)]
)
def test_large_text_needs_three_to_one(size: float, bold: bool, seen: bool) -> None:
    made = document()
    run = made.add_paragraph().add_run("grey")
    run.font.color.rgb, run.font.size, run.bold = RGBColor.from_string("8A8A8A"), Pt(size), bold
    assert bool(faint_texts(made)) is seen


def test_a_colour_that_word_chooses_stands_out_on_any_ground() -> None:
    made = document()
    paragraph = made.add_paragraph("text")
    shade(paragraph._p.get_or_add_pPr(), "111111")
    assert faint_texts(made) == []


def test_the_ground_is_that_of_the_run_before_the_paragraph_before_the_cell() -> None:
    made = document()
    cell = made.add_table(1, 1).rows[0].cells[0]
    shade(cell._tc.get_or_add_tcPr(), "000000")
    run = cell.paragraphs[0].add_run("white")
    run.font.color.rgb = RGBColor.from_string("FFFFFF")
    assert faint_texts(made) == []
    shade(cell.paragraphs[0]._p.get_or_add_pPr(), "EEEEEE")
    assert faint_texts(made) == [("white", "FFFFFF", "EEEEEE")]
    shade(run._r.get_or_add_rPr(), "222222")
    assert faint_texts(made) == []


def test_a_nested_table_stands_on_the_ground_of_the_outer_cell() -> None:
    made = document()
    outer = made.add_table(1, 1).rows[0].cells[0]
    shade(outer._tc.get_or_add_tcPr(), "FFFF00")
    run = outer.add_table(1, 1).rows[0].cells[0].paragraphs[0].add_run("yellow on yellow")
    run.font.color.rgb = RGBColor.from_string("FFFF66")
    assert faint_texts(made) == [("yellow on yellow", "FFFF66", "FFFF00")]


def test_the_first_row_of_a_table_style_has_its_own_ground_and_colour() -> None:
    made = document()
    table = made.add_table(2, 1, style="Medium Shading 1 Accent 1")  # white on blue, and black on pale blue
    for row in table.rows:
        row.cells[0].paragraphs[0].add_run("text")
    first = made.styles["Medium Shading 1 Accent 1"].element.find(f"{qn('w:tblStylePr')}[@{qn('w:type')}='firstRow']")
    assert [colour for _, colour, _ in faint_texts(made)] in ([], ["FFFFFF"])
    for shading in first.iter(qn("w:shd")):
        shading.set(qn("w:fill"), "F0F0F0")
    assert faint_texts(made) == [("text", "FFFFFF", "F0F0F0")]
    table._tbl.tblPr.find(qn("w:tblLook")).set(qn("w:firstRow"), "0")
    assert faint_texts(made) == []


def test_a_style_that_is_based_on_another_takes_its_colour() -> None:
    made = document()
    base = made.styles.add_style("Pale", 1)
    base.font.color.rgb = RGBColor.from_string("DDDDDD")
    made.styles.add_style("Paler", 1).base_style = base
    made.add_paragraph("pale", style="Paler")
    assert faint_texts(made) == [("pale", "DDDDDD", "FFFFFF")]


def test_a_highlight_is_a_ground() -> None:
    made = document()
    run = made.add_paragraph().add_run("blue")
    run.font.color.rgb = RGBColor.from_string("000080")
    run.font.highlight_color = docx.enum.text.WD_COLOR_INDEX.DARK_BLUE
    assert faint_texts(made) == [("blue", "000080", "000080")]


def test_a_document_without_a_barrier_passes_the_gate(tmp_path: Path) -> None:
    assert codes(document(), tmp_path) == []


def test_the_gate_names_every_barrier_with_its_place(tmp_path: Path) -> None:
    made = document()
    made.styles["Heading 3"].font.color.rgb = RGBColor.from_string("000000")
    made.add_heading("Too deep", 3)
    made.add_paragraph().add_run("pale").font.color.rgb = RGBColor.from_string("DDDDDD")
    made.add_table(2, 2)
    Image.new("RGB", (9, 9)).save(tmp_path / "p.png")
    made.add_picture(str(tmp_path / "p.png"))
    made.save(str(tmp_path / "d.docx"))
    problems = inaccessible(tmp_path / "d.docx")
    assert [p["code"] for p in problems] == ["no_alternative", "no_header_row", "skipped_heading", "low_contrast"]
    assert "under “Too deep”, in “pale”" in problems[-1]["place"]


def test_a_document_without_a_language_is_told(tmp_path: Path) -> None:
    made = document()
    for lang in list(made.styles.element.iter(qn("w:lang"))):
        lang.getparent().remove(lang)
    assert codes(made, tmp_path) == ["no_language"]


@pytest.mark.parametrize("content", [b"", b"not a package", b"PK\x03\x04"])
def test_what_is_no_word_file_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.docx").write_bytes(content)
    with pytest.raises(ReportError, match=r"is not a whole Word file \(\.docx\)"):
        inaccessible(tmp_path / "d.docx")


def test_the_lint_tells_of_faint_text_before_there_is_any_data(tmp_path: Path) -> None:
    made = document()
    made.add_paragraph().add_run("{{ client.name }}").font.color.rgb = RGBColor.from_string("DDDDDD")
    made.save(str(tmp_path / "t.docx"))
    assert [(p.code, p.severity, p.paragraph) for p in lint(tmp_path / "t.docx")] == [
        ("low-contrast", "warning", "{{ client.name }}")
    ]
