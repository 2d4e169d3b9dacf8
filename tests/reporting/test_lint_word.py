"""The lint on what Word would refuse: cells, tables, blocks, fields, bookmarks, sections."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.reporting.linting import a_document, add_bookmark, add_field, add_table, codes_of, linted

TABLES = [
    ("A table with a header row keeps it", ("Head", "{%tr for f in findings %}", "{{ f.id }}", "{%tr endfor %}"), []),
    (
        "A table of loops can be left empty",
        ("{%tr for f in findings %}", "{{ f.id }}", "{%tr endfor %}"),
        ["empty-table"],
    ),
    (
        "A table with an else keeps a row",
        ("{%tr if findings %}", "a", "{%tr else %}", "b", "{%tr endif %}"),
        [],
    ),
    ("A table of one condition can be left empty", ("{%tr if findings %}", "a", "{%tr endif %}"), ["empty-table"]),
    ("A loop with an else keeps a row", ("{%tr for f in findings %}", "a", "{%tr else %}", "b", "{%tr endfor %}"), []),
    (
        "A block that opens in one row and closes in the next is told",
        ("{% if findings %}", "{% endif %}"),
        ["crossing-block"],
    ),
    (
        "A tag for a row stands alone in it",
        ("Head", "{%tr for f in findings %} lost", "x", "{%tr endfor %}"),
        ["not-alone"],
    ),
]


@pytest.mark.parametrize(("rows", "codes"), [case[1:] for case in TABLES], ids=[case[0] for case in TABLES])
def test_tables(tmp_path: Path, rows: tuple[str, ...], codes: list[str]) -> None:
    document = a_document()
    add_table(document, *rows)
    assert codes_of(linted(tmp_path, document=document)) == codes


def test_a_table_under_the_condition_of_its_loop_is_never_empty(tmp_path: Path) -> None:
    document = a_document()
    document.add_paragraph("{%p if findings %}")
    add_table(document, "{%tr for f in findings %}", "{{ f.id }}", "{%tr endfor %}")
    assert linted(tmp_path, "{%p endif %}", document=document) == []


def test_a_table_under_another_condition_can_be_empty(tmp_path: Path) -> None:
    document = a_document()
    document.add_paragraph("{%p if suppliers %}")
    add_table(document, "{%tr for f in findings %}", "{{ f.id }}", "{%tr endfor %}")
    assert codes_of(linted(tmp_path, "{%p endif %}", document=document)) == ["empty-table"]


@pytest.mark.parametrize(
    ("paragraphs", "codes"),
    [
        (["{%p if findings %}", "x", "{%p endif %}"], ["empty-cell"]),
        (["{%p for f in findings %}", "x", "{%p endfor %}"], ["empty-cell"]),
        (["{%p if findings %}", "x", "{%p else %}", "y", "{%p endif %}"], []),
        (["{%p if findings %}", "x", "{%p endif %}", "always"], []),
    ],
)
def test_a_cell_that_a_condition_can_empty_is_mended_and_so_a_warning(
    tmp_path: Path, paragraphs: list[str], codes: list[str]
) -> None:
    document = a_document()
    cell = document.add_table(1, 1).rows[0].cells[0]
    cell.paragraphs[0].text = paragraphs[0]
    for text in paragraphs[1:]:
        cell.add_paragraph(text)
    told = linted(tmp_path, document=document)
    assert [(problem.code, problem.severity) for problem in told] == [(code, "warning") for code in codes]


@pytest.mark.parametrize(("more", "codes"), [([], ["empty-container"]), (["always"], [])])
def test_a_header_that_a_condition_can_empty_is_an_error(tmp_path: Path, more: list[str], codes: list[str]) -> None:
    document = a_document()
    header = document.sections[0].header
    header.paragraphs[0].text = "{%p if findings %}"
    for text in ("x", "{%p endif %}", *more):
        header.add_paragraph(text)
    told = linted(tmp_path, document=document)
    assert [(problem.code, problem.severity) for problem in told] == [(code, "error") for code in codes]


def test_a_row_that_a_condition_can_empty_is_an_error(tmp_path: Path) -> None:
    document = a_document()
    for cell, text in zip(
        document.add_table(1, 3).rows[0].cells, ("{%tc if findings %}", "x", "{%tc endif %}"), strict=True
    ):
        cell.text = text
    assert codes_of(linted(tmp_path, document=document)) == ["empty-container"]


def test_a_loop_from_cell_to_cell_is_told(tmp_path: Path) -> None:
    document = a_document()
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "{% for f in findings %}{{ f.id }}", "{% endfor %}"
    (told,) = linted(tmp_path, document=document)
    assert told.code == "crossing-block"
    assert "in one cell and `{% endfor %}` in another cell" in told.message


@pytest.mark.parametrize(
    ("kinds", "codes"),
    [
        (("begin", "", "separate", "end"), []),
        (("begin", "", "separate"), ["unclosed-field"]),
        (("end",), ["unclosed-field"]),
    ],
)
def test_a_field_begins_and_ends(tmp_path: Path, kinds: tuple[str, ...], codes: list[str]) -> None:
    document = a_document()
    add_field(document.add_paragraph(), " PAGE ", *kinds)
    assert codes_of(linted(tmp_path, document=document)) == codes


def test_a_field_that_begins_in_a_condition_ends_in_it(tmp_path: Path) -> None:
    document = a_document()
    paragraph = document.add_paragraph("{% if findings %}")
    add_field(paragraph, " PAGE ", "begin", "", "separate")
    paragraph.add_run("{% endif %}")
    add_field(paragraph, "", "end")
    assert codes_of(linted(tmp_path, document=document)) == ["unclosed-field"]


def _reference(tmp_path: Path, style: str, before: list[str], between: list[str], after: list[str]) -> list[str]:
    """Codes for a bookmarked paragraph and a reference to it, with tags before, between and after them."""
    document = a_document()
    for tag in before:
        document.add_paragraph(tag)
    add_bookmark(document.add_paragraph("Words", style=style), "place")
    for tag in between:
        document.add_paragraph(tag)
    add_field(document.add_paragraph("See "), " REF place \\r \\h ")
    return codes_of(linted(tmp_path, *after, document=document))


def test_a_reference_leads_to_a_heading(tmp_path: Path) -> None:
    assert _reference(tmp_path, "Heading 2", [], [], []) == []
    assert _reference(tmp_path, "Normal", [], [], []) == ["missing-bookmark"]


def test_a_reference_without_its_bookmark_is_told(tmp_path: Path) -> None:
    document = a_document()
    add_field(document.add_paragraph(), " REF gone \\r \\h ")
    assert codes_of(linted(tmp_path, document=document)) == ["missing-bookmark"]


def test_a_heading_that_can_be_left_out_is_referred_to_only_beside_it(tmp_path: Path) -> None:
    condition, end = ["{%p if findings %}"], ["{%p endif %}"]
    assert _reference(tmp_path, "Heading 2", condition, end, []) == ["missing-bookmark"]
    assert _reference(tmp_path, "Heading 2", condition, [], end) == []
    assert _reference(tmp_path, "Heading 2", condition, [*end, *condition], end) == []


def test_a_bookmark_in_a_loop_is_made_unique_in_the_body_and_not_in_a_header(tmp_path: Path) -> None:
    document = a_document()
    document.add_paragraph("{%p for f in findings %}")
    add_bookmark(document.add_paragraph("{{ f.title }}"), "one")
    assert linted(tmp_path, "{%p endfor %}", document=document) == []
    header = document.sections[0].header
    header.paragraphs[0].text = "{%p for f in findings %}"
    add_bookmark(header.add_paragraph("{{ f.title }}"), "two")
    header.add_paragraph("{%p endfor %}")
    header.add_paragraph("always")
    assert codes_of(linted(tmp_path, document=document)) == ["repeated-bookmark"]


@pytest.mark.parametrize("field", [" REF place \\h ", " SEQ Table ", " TOC \\o &quot;1-2&quot; "])
def test_a_text_is_not_printed_into_what_a_field_replaces(tmp_path: Path, field: str) -> None:
    document = a_document()
    add_bookmark(document.paragraphs[0], "place")
    simple = f'<w:fldSimple {nsdecls("w")} w:instr="{field}"><w:r><w:t>{{{{ client.name }}}}</w:t></w:r></w:fldSimple>'
    document.add_paragraph()._p.append(parse_xml(simple))
    codes = codes_of(linted(tmp_path, document=document))
    assert [code for code in codes if code != "missing-style"] == ["misplaced-text"]


def test_a_section_break_in_a_condition_is_doubted_unless_its_whole_section_is_in_it(tmp_path: Path) -> None:
    document = a_document()
    document.add_paragraph("{%p if findings %}")
    document.add_section()
    assert codes_of(linted(tmp_path, "x", "{%p endif %}", document=document)) == ["split-section"]
    document = a_document()
    document.add_section()
    document.add_paragraph("{%p if findings %}")
    document.add_paragraph("x")
    document.add_section()
    assert codes_of(linted(tmp_path, "{%p endif %}", document=document)) == []
