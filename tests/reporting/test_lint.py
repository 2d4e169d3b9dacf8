"""`assessor template lint`: each kind of mistake at its boundary, with a twin beside it that is none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from assessor import resources
from assessor.errors import ReportError
from assessor.reporting.lint import Problem, lint
from assessor.reporting.package import read_parts, write_parts

SHIPPED = resources.folder("templates") / "assessment.docx"


def _document() -> Any:
    """An empty document with a heading that says its language."""
    document = Document()
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US"/>'))
    document.add_heading("Part one", 1)
    return document


def _lint(tmp_path: Path, *paragraphs: str, document: Any = None) -> list[Problem]:
    document = document or _document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(tmp_path / "template.docx"))
    return lint(tmp_path / "template.docx")


def _codes(problems: list[Problem]) -> list[str]:
    return sorted(problem.code for problem in problems)


TAGS = [
    ("A variable that exists is no problem", ["{{ client.name }}"], []),
    ("A misspelt variable is told", ["{{ clinet.name }}"], ["unknown-variable"]),
    ("A misspelt field is told", ["{{ client.nmae }}"], ["unknown-variable"]),
    ("A field is found by its name in brackets too", ["{{ client['name'] }}"], []),
    ("A misspelt field in brackets is told", ["{{ client['nmae'] }}"], ["unknown-variable"]),
    ("A variable with a default may be unknown, with a warning", ["{{ nmae | default('x') }}"], ["unknown-variable"]),
    ("A record is no text", ["{{ client }}"], ["wrong-kind"]),
    ("A list is no text", ["{{ findings }}"], ["wrong-kind"]),
    ("A field is not asked of a list", ["{{ findings.title }}"], ["wrong-kind"]),
    ("A text has no fields", ["{{ client.name.upper }}"], ["unsafe"]),
    ("Nothing is no text", ["{{ none }}"], ["wrong-kind"]),
    (
        "A loop knows the fields of its entries",
        ["{%p for f in findings %}", "{{ loop.index }} {{ f.title }}", "{%p endfor %}"],
        [],
    ),
    (
        "A misspelt field of an entry is told",
        ["{%p for f in findings %}", "{{ f.titel }}", "{%p endfor %}"],
        ["unknown-variable"],
    ),
    (
        "An inner loop goes over the entry's list",
        ["{% for f in findings %}{% for r in f.recommendations %}{{ r.text }}{% endfor %}{% endfor %}"],
        [],
    ),
    (
        "The entry of a loop is unknown behind it",
        ["{% for f in findings %}{% endfor %}{{ f.id }}"],
        ["unknown-variable"],
    ),
    ("A loop's facts are unknown outside of loops", ["{{ loop.index }}"], ["unknown-variable"]),
    (
        "A loop has the facts that Jinja gives it",
        ["{% for f in findings %}{{ loop.idx }}{% endfor %}"],
        ["unknown-variable"],
    ),
    ("A text is not looped over", ["{% for c in client.name %}{{ c }}{% endfor %}"], ["wrong-kind"]),
    ("A name that was set is known", ["{% set who = client %}{{ who.name }}"], []),
    ("A name that was set keeps its kind", ["{% set who = client %}{{ who.nmae }}"], ["unknown-variable"]),
    (
        "A name that every branch sets is known",
        ["{% if findings %}{% set a = 'x' %}{% else %}{% set a = 'y' %}{% endif %}{{ a }}"],
        [],
    ),
    (
        "A name that one branch sets may be missing",
        ["{% if findings %}{% set a = 'x' %}{% endif %}{{ a }}"],
        ["may-be-missing"],
    ),
    ("A macro is called with its values", ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m('a') }}"], []),
    (
        "A macro is not called with more values",
        ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m('a', 'b') }}"],
        ["wrong-kind"],
    ),
    (
        "A macro is called with all of its values",
        ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}"],
        ["may-be-missing"],
    ),
    ("A macro's value may have a default", ["{% macro m(x='a') %}{{ x }}{% endmacro %}{{ m() }}"], []),
    ("A macro knows what it is called with", ["{% macro m(x) %}{{ x.name }}{% endmacro %}{{ m(client) }}"], []),
    (
        "A macro is held to what it is called with",
        ["{% macro m(x) %}{{ x }}{% endmacro %}{{ m(client) }}"],
        ["wrong-kind"],
    ),
    ("A macro does not call itself", ["{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"], ["unsafe"]),
    ("A known filter is no problem", ["{{ client.name | upper }}"], []),
    ("An unknown filter is told", ["{{ client.name | uper }}"], ["unknown-filter"]),
    (
        "A filter that the sandbox keeps for itself is unknown",
        ["{{ client.name | sized_by_the_sandbox }}"],
        ["unknown-filter"],
    ),
    ("An unknown test is told", ["{% if client.name is ful %}x{% endif %}"], ["unknown-filter"]),
    ("A filter is given the values that it takes", ["{{ client.name | truncate(9) }}"], []),
    ("A list is made of what a filter gave", ["{{ findings | map(attribute='title') | list | length }}"], []),
    ("A filter is not given more values", ["{{ client.name | upper(9) }}"], ["wrong-kind"]),
    ("A default forgives only what stands before it", ["{{ nmae.first | default('x') }}"], ["unknown-variable"]),
    ("A value of two kinds is looked at as both", ["{{ findings and client.name }}"], ["wrong-kind"]),
    ("Entries are joined by a field", ["{{ findings | map(attribute='title') | join(', ') }}"], []),
    (
        "A field by which entries are joined exists",
        ["{{ findings | map(attribute='titel') | join }}"],
        ["unknown-variable"],
    ),
    ("Records are not joined", ["{{ findings | join }}"], ["wrong-kind"]),
    ("What a filter lists is no text", ["{{ findings | map(attribute='title') }}"], ["wrong-kind"]),
    ("A number is compared with a number", ["{% if findings | length > 3 %}many{% endif %}"], []),
    ("A text is not compared with a number", ["{% if summary.findings > 3 %}many{% endif %}"], ["wrong-kind"]),
    ("Texts are joined", ["{{ client.name ~ 3 }}"], []),
    ("A text is not added to a number", ["{{ client.name + 3 }}"], ["wrong-kind"]),
    ("A choice has an else", ["{{ client.name if findings else '' }}"], []),
    ("A choice without else gives nothing", ["{{ client.name if findings }}"], ["may-be-missing"]),
    ("An entry of a list that is there is taken", ["{% if findings %}{{ findings[0].title }}{% endif %}"], []),
    ("An entry of a list that may be empty is doubted", ["{{ findings[0].title }}"], ["may-be-missing"]),
    (
        "A picture is for the name of a figure",
        ["{%p for f in figures %}", "{{ f.name | picture }}", "{%p endfor %}"],
        [],
    ),
    ("A picture is not for another text", ["{{ client.name | picture }}"], ["wrong-kind"]),
    (
        "A picture is not made for a caption",
        ["{% for f in figures %}{{ f.caption | picture }}{% endfor %}"],
        ["wrong-kind"],
    ),
    (
        "A figure that may be lacking is asked for first",
        ["{%p for s in nexus.suppliers %}", "{% if s.figure %}{{ s.figure | picture }}{% endif %}", "{%p endfor %}"],
        [],
    ),
    (
        "A figure that may be lacking is not taken for granted",
        ["{%p for s in nexus.suppliers %}", "{{ s.figure | picture }}", "{%p endfor %}"],
        ["may-be-missing"],
    ),
    ("A tag that is not closed is told", ["{{ client.name"], ["unbalanced-tag"]),
    ("A tag that is half closed is told", ["{{ client.name }"], ["unbalanced-tag"]),
    ("A tag that was not opened is told", ["client.name }}"], ["unbalanced-tag"]),
    ("A tag inside of a tag is told", ["{{ client. {{ client.name }}"], ["unbalanced-tag"]),
    ("One brace is text", ["{ client.name }"], []),
    ("A brace at the end and one at the beginning would be one", ["ends with {", "{ begins"], ["unbalanced-tag"]),
    ("A tag that cannot be understood is told", ["{{ client name }}"], ["syntax"]),
    ("An empty tag is told", ["{{ }}"], ["syntax"]),
    ("A statement that does not exist is told", ["{% fro f in findings %}"], ["syntax"]),
    ("A comment is nothing", ["{# anything {{ at }} all #}"], []),
    ("Word's quotation marks are understood", ["{{ findings | map(attribute=“title”) | join(‘, ’) }}"], []),
    ("A loop that is not closed is told", ["{%p for f in findings %}", "x"], ["unclosed-block"]),
    ("An end without a beginning is told", ["{%p endif %}"], ["unopened-block"]),
    ("An else outside of a block is told", ["{%p else %}"], ["unopened-block"]),
    ("A second else is told", ["{% if findings %}a{% else %}b{% else %}c{% endif %}"], ["unopened-block"]),
    ("An elif does not divide a loop", ["{% for f in findings %}a{% elif client %}b{% endfor %}"], ["unopened-block"]),
    (
        "Blocks that end in the wrong order are told",
        ["{% if findings %}{% for f in findings %}{% endif %}"],
        ["unclosed-block"],
    ),
    ("A block within a paragraph is no problem", ["{% if findings %}a{% endif %}"], []),
    ("A block from paragraph to paragraph is told", ["{% if findings %}", "a", "{% endif %}"], ["crossing-block"]),
    ("A block of paragraphs is no problem", ["{%p if findings %}", "a", "{%p else %}", "b", "{%p endif %}"], []),
    ("A tag for a paragraph stands alone", ["{%p if findings %} lost", "a", "{%p endif %}"], ["not-alone"]),
    ("A tag for a row stands in a table", ["{%tr for f in findings %}", "{%tr endfor %}"], ["not-alone"] * 2),
    ("A tag for a paragraph has one space", ["{%p  if findings %}", "{%p endif %}"], []),
    ("A tag for a paragraph holds no percent sign", ["{%p if 5 % 2 %}", "a", "{%p endif %}"], ["syntax"]),
    ("What would print a paragraph is told", ["{{p client.name }}"], ["misplaced-text"]),
    (
        "Texts are not changed after they were printed",
        ["{% filter upper %}{{ client.name }}{% endfilter %}"],
        ["misplaced-text"],
    ),
    ("Calls of methods are refused", ["{{ client.name.upper() }}"], ["unsafe"]),
    ("What begins with an underscore is refused", ["{{ client._x }}", "{{ ''['__class__'] }}"], ["unsafe"] * 2),
    (
        "A hidden attribute is not reached by a filter",
        ["{{ findings | map(attribute='__class__') | join }}"],
        ["unsafe"],
    ),
    (
        "Another template is not taken in",
        ["{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}"],
        ["unsafe"] * 3,
    ),
    ("A loop does not call itself", ["{% for f in findings recursive %}{{ f.id }}{% endfor %}"], ["unsafe"]),
    ("Escaping is not changed", ["{% autoescape false %}{{ client.name }}{% endautoescape %}"], ["unsafe"]),
    ("A range of 10,000 is long enough", ["{% for n in range(10000) %}{% endfor %}"], []),
    ("A range of 10,001 is too long", ["{% for n in range(10001) %}{% endfor %}"], ["unsafe"]),
    ("A number is not raised without end", ["{{ 9 ** 99999999 }}"], ["unsafe"]),
    ("A text is not repeated without end", ["{{ 'a' * 99999999 }}"], ["unsafe"]),
    ("Nothing is divided by zero", ["{{ 1 / 0 }}"], ["wrong-kind"]),
]


@pytest.mark.parametrize(("paragraphs", "codes"), [case[1:] for case in TAGS], ids=[case[0] for case in TAGS])
def test_tags(tmp_path: Path, paragraphs: list[str], codes: list[str]) -> None:
    assert _codes(_lint(tmp_path, *paragraphs)) == codes


def test_a_problem_says_where_it_is_and_what_was_meant(tmp_path: Path) -> None:
    (told,) = _lint(tmp_path, "Dear {{ clinet.name }},")
    assert (told.severity, told.part, told.heading) == ("error", "word/document.xml", "Part one")
    assert (told.paragraph, told.tag) == ("Dear {{ clinet.name }},", "{{ clinet.name }}")
    assert told.message == "`{{ clinet.name }}`: `clinet` does not exist; did you mean `client`?"
    assert told.place == "word/document.xml, under “Part one”, in “Dear {{ clinet.name }},”"


def test_a_field_without_its_record_is_named_with_it(tmp_path: Path) -> None:
    (told,) = _lint(tmp_path, "{{ certifications }}")
    assert "did you mean `assessor.certifications`?" in told.message


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    told = _lint(
        tmp_path,
        "{{ client.name",
        "{{ clinet.name }}",
        "{% fro x %}",
        "{{ client name }}",
        "{%p for f in findings %}",
        "{{ f.titel }}",
        "{{ f.title | uper }}",
        "{%p endif %}",
        "{% include 'x' %}",
        "{%p if findings %} lost",
        "{{ period }}",
    )
    assert _codes(told) == sorted(
        [
            "unbalanced-tag",
            "unknown-variable",
            "syntax",
            "syntax",
            "unknown-variable",
            "unknown-filter",
            "unopened-block",
            "unsafe",
            "not-alone",
            "wrong-kind",
            "unclosed-block",
            "unclosed-block",
        ]
    )


def test_a_tag_that_word_has_split_over_runs_is_put_together(tmp_path: Path) -> None:
    document = _document()
    for words in (("{", "{ clie", "nt.na", "me }", "}"), ("{", "{ clie", "nt.nam", " }", "}")):
        paragraph = document.add_paragraph()
        for piece in words:
            paragraph.add_run(piece).bold = True
    told = _lint(tmp_path, document=document)
    assert [(problem.code, problem.tag) for problem in told] == [("unknown-variable", "{{ client.nam }}")]


def test_a_condition_over_runs_of_one_paragraph_is_no_problem(tmp_path: Path) -> None:
    document = _document()
    paragraph = document.add_paragraph()
    for piece in ("{% if findings %}", "some", "{% else %}", "none", "{% endif %}"):
        paragraph.add_run(piece)
    assert _lint(tmp_path, document=document) == []


def test_headers_are_looked_at_too(tmp_path: Path) -> None:
    document = _document()
    document.sections[0].header.paragraphs[0].text = "{{ clinet.name }}"
    (told,) = _lint(tmp_path, document=document)
    assert (told.code, told.part, told.paragraph) == ("unknown-variable", "word/header1.xml", "{{ clinet.name }}")


def _table(document: Any, *rows: str, header: bool = True) -> Any:
    table = document.add_table(len(rows), 1)
    for row, text in zip(table.rows, rows, strict=True):
        row.cells[0].text = text
    if header:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table


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
    document = _document()
    _table(document, *rows)
    assert _codes(_lint(tmp_path, document=document)) == codes


def test_a_table_under_the_condition_of_its_loop_is_never_empty(tmp_path: Path) -> None:
    document = _document()
    document.add_paragraph("{%p if findings %}")
    _table(document, "{%tr for f in findings %}", "{{ f.id }}", "{%tr endfor %}")
    assert _lint(tmp_path, "{%p endif %}", document=document) == []


def test_a_table_under_another_condition_can_be_empty(tmp_path: Path) -> None:
    document = _document()
    document.add_paragraph("{%p if suppliers %}")
    _table(document, "{%tr for f in findings %}", "{{ f.id }}", "{%tr endfor %}")
    assert _codes(_lint(tmp_path, "{%p endif %}", document=document)) == ["empty-table"]


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
    document = _document()
    cell = document.add_table(1, 1).rows[0].cells[0]
    cell.paragraphs[0].text = paragraphs[0]
    for text in paragraphs[1:]:
        cell.add_paragraph(text)
    told = _lint(tmp_path, document=document)
    assert [(problem.code, problem.severity) for problem in told] == [(code, "warning") for code in codes]


@pytest.mark.parametrize(("more", "codes"), [([], ["empty-container"]), (["always"], [])])
def test_a_header_that_a_condition_can_empty_is_an_error(tmp_path: Path, more: list[str], codes: list[str]) -> None:
    document = _document()
    header = document.sections[0].header
    header.paragraphs[0].text = "{%p if findings %}"
    for text in ("x", "{%p endif %}", *more):
        header.add_paragraph(text)
    told = _lint(tmp_path, document=document)
    assert [(problem.code, problem.severity) for problem in told] == [(code, "error") for code in codes]


def test_a_row_that_a_condition_can_empty_is_an_error(tmp_path: Path) -> None:
    document = _document()
    for cell, text in zip(
        document.add_table(1, 3).rows[0].cells, ("{%tc if findings %}", "x", "{%tc endif %}"), strict=True
    ):
        cell.text = text
    assert _codes(_lint(tmp_path, document=document)) == ["empty-container"]


def test_a_loop_from_cell_to_cell_is_told(tmp_path: Path) -> None:
    document = _document()
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "{% for f in findings %}{{ f.id }}", "{% endfor %}"
    (told,) = _lint(tmp_path, document=document)
    assert told.code == "crossing-block"
    assert "in one cell and `{% endfor %}` in another cell" in told.message


def _field(paragraph: Any, instruction: str, *kinds: str) -> None:
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


def _bookmark(paragraph: Any, name: str) -> None:
    for place, kind in ((1, "Start"), (len(paragraph._p) + 1, "End")):
        mark = OxmlElement(f"w:bookmark{kind}")
        mark.set(qn("w:id"), "1")
        if kind == "Start":
            mark.set(qn("w:name"), name)
        paragraph._p.insert(place, mark)


@pytest.mark.parametrize(
    ("kinds", "codes"),
    [
        (("begin", "", "separate", "end"), []),
        (("begin", "", "separate"), ["unclosed-field"]),
        (("end",), ["unclosed-field"]),
    ],
)
def test_a_field_begins_and_ends(tmp_path: Path, kinds: tuple[str, ...], codes: list[str]) -> None:
    document = _document()
    _field(document.add_paragraph(), " PAGE ", *kinds)
    assert _codes(_lint(tmp_path, document=document)) == codes


def test_a_field_that_begins_in_a_condition_ends_in_it(tmp_path: Path) -> None:
    document = _document()
    paragraph = document.add_paragraph("{% if findings %}")
    _field(paragraph, " PAGE ", "begin", "", "separate")
    paragraph.add_run("{% endif %}")
    _field(paragraph, "", "end")
    assert _codes(_lint(tmp_path, document=document)) == ["unclosed-field"]


def _reference(tmp_path: Path, style: str, before: list[str], between: list[str], after: list[str]) -> list[str]:
    """Codes for a bookmarked paragraph and a reference to it, with tags before, between and after them."""
    document = _document()
    for tag in before:
        document.add_paragraph(tag)
    _bookmark(document.add_paragraph("Words", style=style), "place")
    for tag in between:
        document.add_paragraph(tag)
    _field(document.add_paragraph("See "), " REF place \\r \\h ")
    return _codes(_lint(tmp_path, *after, document=document))


def test_a_reference_leads_to_a_heading(tmp_path: Path) -> None:
    assert _reference(tmp_path, "Heading 2", [], [], []) == []
    assert _reference(tmp_path, "Normal", [], [], []) == ["missing-bookmark"]


def test_a_reference_without_its_bookmark_is_told(tmp_path: Path) -> None:
    document = _document()
    _field(document.add_paragraph(), " REF gone \\r \\h ")
    assert _codes(_lint(tmp_path, document=document)) == ["missing-bookmark"]


def test_a_heading_that_can_be_left_out_is_referred_to_only_beside_it(tmp_path: Path) -> None:
    condition, end = ["{%p if findings %}"], ["{%p endif %}"]
    assert _reference(tmp_path, "Heading 2", condition, end, []) == ["missing-bookmark"]
    assert _reference(tmp_path, "Heading 2", condition, [], end) == []
    assert _reference(tmp_path, "Heading 2", condition, [*end, *condition], end) == []


def test_a_bookmark_in_a_loop_is_made_unique_in_the_body_and_not_in_a_header(tmp_path: Path) -> None:
    document = _document()
    document.add_paragraph("{%p for f in findings %}")
    _bookmark(document.add_paragraph("{{ f.title }}"), "one")
    assert _lint(tmp_path, "{%p endfor %}", document=document) == []
    header = document.sections[0].header
    header.paragraphs[0].text = "{%p for f in findings %}"
    _bookmark(header.add_paragraph("{{ f.title }}"), "two")
    header.add_paragraph("{%p endfor %}")
    header.add_paragraph("always")
    assert _codes(_lint(tmp_path, document=document)) == ["repeated-bookmark"]


@pytest.mark.parametrize("field", [" REF place \\h ", " SEQ Table ", " TOC \\o &quot;1-2&quot; "])
def test_a_text_is_not_printed_into_what_a_field_replaces(tmp_path: Path, field: str) -> None:
    document = _document()
    _bookmark(document.paragraphs[0], "place")
    simple = f'<w:fldSimple {nsdecls("w")} w:instr="{field}"><w:r><w:t>{{{{ client.name }}}}</w:t></w:r></w:fldSimple>'
    document.add_paragraph()._p.append(parse_xml(simple))
    codes = _codes(_lint(tmp_path, document=document))
    assert [code for code in codes if code != "missing-style"] == ["misplaced-text"]


def test_a_section_break_in_a_condition_is_doubted_unless_its_whole_section_is_in_it(tmp_path: Path) -> None:
    document = _document()
    document.add_paragraph("{%p if findings %}")
    document.add_section()
    assert _codes(_lint(tmp_path, "x", "{%p endif %}", document=document)) == ["split-section"]
    document = _document()
    document.add_section()
    document.add_paragraph("{%p if findings %}")
    document.add_paragraph("x")
    document.add_section()
    assert _codes(_lint(tmp_path, "{%p endif %}", document=document)) == []


def test_a_style_that_is_not_defined_is_told_once(tmp_path: Path) -> None:
    document = _document()
    for text in ("a", "b"):
        style = OxmlElement("w:pStyle")
        style.set(qn("w:val"), "Gone")
        document.add_paragraph(text)._p.get_or_add_pPr().append(style)
    told = _lint(tmp_path, document=document)
    assert [(problem.code, problem.paragraph) for problem in told] == [("missing-style", "a")]
    assert "`Gone`" in told[0].message


def test_the_contents_need_styles_for_the_levels_that_there_are(tmp_path: Path) -> None:
    document = _document()
    _field(document.add_paragraph(), ' TOC \\o "1-3" ')
    (told,) = _lint(tmp_path, document=document)
    assert (told.code, "`toc 1`" in told.message) == ("missing-style", True)


def _picture(document: Any, described: str) -> None:
    png = bytes.fromhex(  # one pixel
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364600000000600023081d02f0000000049454e44ae426082"
    )
    shape = document.add_paragraph().add_run().add_picture(io.BytesIO(png))
    shape._inline.docPr.set("descr", described)


HINTS: list[tuple[str, Callable[[Any], Any], list[str]]] = [
    ("A picture with a text alternative is no problem", lambda d: _picture(d, "a logo"), []),
    ("A picture without a text alternative is doubted", lambda d: _picture(d, " "), ["no-alternative"]),
    ("A heading of the next level is no problem", lambda d: d.add_heading("x", 2), []),
    ("A heading that skips a level is doubted", lambda d: d.add_heading("x", 3), ["skipped-heading"]),
    ("A table that repeats its header row is no problem", lambda d: _table(d, "a", "b"), []),
    (
        "A table without a repeated header row is doubted",
        lambda d: _table(d, "a", "b", header=False),
        ["no-header-row"],
    ),
    ("A table of one row needs no header", lambda d: _table(d, "a", header=False), []),
]


@pytest.mark.parametrize(("add", "codes"), [case[1:] for case in HINTS], ids=[case[0] for case in HINTS])
def test_hints_for_readers_with_a_screen_reader(tmp_path: Path, add: Callable[[Any], Any], codes: list[str]) -> None:
    document = _document()
    add(document)
    told = _lint(tmp_path, document=document)
    assert [(problem.code, problem.severity) for problem in told] == [(code, "warning") for code in codes]


def test_a_document_without_a_language_is_doubted(tmp_path: Path) -> None:
    document = _document()
    for lang in list(document.styles.element.iter(qn("w:lang"))):
        lang.getparent().remove(lang)
    assert _codes(_lint(tmp_path, document=document)) == ["no-language"]


def test_the_shipped_template_has_no_problem() -> None:
    assert lint(SHIPPED) == []


def test_a_file_that_does_not_exist_cannot_be_linted(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be read"):
        lint(tmp_path / "none.docx")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a Word file"),
        (b"%PDF-1.7", "not a Word file"),
        (b"PK\x03\x04 broken", "not a Word file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted, or of an old version"),
    ],
)
def test_a_file_that_is_no_template_is_a_problem(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "template.docx").write_bytes(content)
    (told,) = lint(tmp_path / "template.docx")
    assert told.code == "not-word"
    assert words in told.message


def _altered(tmp_path: Path, **parts: bytes) -> list[str]:
    """Codes for the shipped template with other parts; `document` stands for word/document.xml."""
    kept = read_parts(SHIPPED.read_bytes())
    for name, content in parts.items():
        kept[f"word/{name}.xml"] = content
    write_parts(kept, tmp_path / "template.docx")
    return _codes(lint(tmp_path / "template.docx"))


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "template.docx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", bytes(101_000_000))
    (told,) = lint(tmp_path / "template.docx")
    assert told.code == "too-large"


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{lines}]><w:settings {nsdecls("w")}>&a11;</w:settings>'
    assert _altered(tmp_path, settings=bomb.encode()) == ["damaged"]


def test_broken_xml_in_one_part_does_not_hide_a_problem_in_another(tmp_path: Path) -> None:
    document = read_parts(SHIPPED.read_bytes())["word/document.xml"].replace(b"client.contact", b"client.contcat")
    assert _altered(tmp_path, comments=b"<w:comments", document=document) == ["damaged", "unknown-variable"]


def test_all_that_reaches_outside_is_told_with_its_part(tmp_path: Path) -> None:
    parts = read_parts(SHIPPED.read_bytes())
    relations = parts["word/_rels/document.xml.rels"]
    for number in (1, 2):
        relation = f'<Relationship Id="x{number}" Type="t/image" Target="http://example.invalid/{number}" TargetMode="External"/></Relationships>'
        relations = relations.replace(b"</Relationships>", relation.encode())
    parts["word/_rels/document.xml.rels"] = relations
    document = parts["word/document.xml"].decode()
    begin, rest = document.split(" TOC \\o", 1)
    split = ' INCL</w:instrText></w:r><w:r><w:instrText xml:space="preserve">UDETEXT /etc/passwd \\o'
    parts["word/document.xml"] = f"{begin}{split}{rest}".encode()
    parts["word/comments.xml"] = (
        f"<w:comments {nsdecls('w')}><w:p><w:r><w:t>{{{{ client.name }}}}</w:t></w:r></w:p></w:comments>".encode()
    )
    write_parts(parts, tmp_path / "template.docx")
    told = [(problem.code, problem.part) for problem in lint(tmp_path / "template.docx")]
    assert told == [
        ("external", "word/_rels/document.xml.rels"),
        ("external", "word/_rels/document.xml.rels"),
        ("tag-not-filled", "word/comments.xml"),
        ("external-field", "word/document.xml"),
    ]


def test_no_more_than_a_thousand_problems_are_listed(tmp_path: Path) -> None:
    told = _lint(tmp_path, " ".join(f"{{{{ x{number} }}}}" for number in range(1100)))
    assert (len(told), told[-1].code) == (1001, "more")
