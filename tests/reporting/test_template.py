"""Templates: what the shipped one is, and what a hostile or mistaken one may not do."""

from __future__ import annotations

import importlib.util
import re
import resource
import sys
import time
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from docx import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from assessor import resources
from assessor.errors import ReportError
from assessor.reporting.context import context, disagreements, reference
from assessor.reporting.documents import ASSESSMENT, LETTERS
from assessor.reporting.package import W, read_parts, write_parts
from assessor.reporting.render import Picture, Properties, render
from tests.reporting import sample

SHIPPED = resources.folder("templates") / "assessment.docx"
PROPERTIES = Properties("T", "A", "S", "I", "1", sample.terms().dated)
DATA: dict[str, Any] = {"name": "R&D <b>", "rows": [{"a": "1"}, {"a": "2"}], "lines": "one\ntwo\tthree"}


def _make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("template_make", SHIPPED.with_name("make.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def _template(tmp_path: Path, *paragraphs: str) -> Path:
    document = Document()
    document.add_heading("Part one", 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(tmp_path / "template.docx"))
    return tmp_path / "template.docx"


def _text(path: Path) -> list[str]:
    return [paragraph.text for paragraph in Document(str(path)).paragraphs][1:]


def _fill(tmp_path: Path, *paragraphs: str) -> list[str]:
    render(_template(tmp_path, *paragraphs), DATA, {}, PROPERTIES, tmp_path / "out.docx")
    return _text(tmp_path / "out.docx")


def _refused(tmp_path: Path, *paragraphs: str, pictures: dict[str, Picture] | None = None) -> str:
    with pytest.raises(ReportError) as caught:
        render(_template(tmp_path, *paragraphs), DATA, pictures or {}, PROPERTIES, tmp_path / "out.docx")
    assert list(tmp_path.iterdir()) == [tmp_path / "template.docx"], "nothing half-written is left"
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_shipped_templates_are_what_make_makes(tmp_path: Path) -> None:
    script = _make()
    assert list(script.DOCUMENTS) == [ASSESSMENT, *LETTERS]
    assert {path.stem for path in SHIPPED.parent.glob("*.docx")} == set(script.DOCUMENTS)
    for name in script.DOCUMENTS:
        script.make(tmp_path / f"{name}.docx")
        assert (tmp_path / f"{name}.docx").read_bytes() == SHIPPED.with_name(f"{name}.docx").read_bytes(), name


def test_the_reference_is_written_from_the_description() -> None:
    assert SHIPPED.with_name("README.md").read_text("utf-8") == reference()


def test_the_data_agree_with_the_description() -> None:
    assert disagreements(context(**sample.everything())) == []


def test_a_disagreement_between_data_and_description_is_told() -> None:
    data = context(**sample.everything())
    del data["client"]["address"]
    data["client"]["secret"] = "x"
    data["findings"][0]["title"] = 3
    assert disagreements(data) == [
        ".client.address is missing",
        ".client.secret is not described",
        ".findings[0].title is a int, not a text",
    ]


@pytest.mark.parametrize("name", [ASSESSMENT, *LETTERS])
def test_the_shipped_templates_use_only_described_variables(name: str) -> None:
    described = set(re.findall(r"^\| `([a-z_]+)", reference(), re.MULTILINE))
    template = zipfile.ZipFile(SHIPPED.with_name(f"{name}.docx"))
    used = re.findall(r"\{[{%]\w* *(?:for \w+ in|if)? *([a-z_]+)", template.read("word/document.xml").decode())
    assert {
        name for name in used if len(name) > 1 and name not in ("endfor", "endif", "else", "loop", "not")
    } <= described


def test_a_plain_template_prints_text_as_it_is(tmp_path: Path) -> None:
    assert _fill(
        tmp_path, "{{ name }}", "{{ lines }}", "{%p for r in rows %}", "{{ r.a }}{{ loop.index }}", "{%p endfor %}"
    ) == ["R&D <b>", "one\ntwo\tthree", "11", "22"]


def test_all_missing_variables_are_named_at_once_with_their_places(tmp_path: Path) -> None:
    told = _refused(
        tmp_path, "Dear {{ nmae }}", "{%p for r in rwos %}", "{{ r.a }}", "{%p endfor %}", "{{ rows[0].b }} {{ name }}"
    )
    for piece in ("`nmae` (word/document.xml, under “Part one”, in “Dear {{ nmae }}", "`rwos`", "`b` of a record"):
        assert piece in told


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ name.format }}",
        "{{ rows.append }}",
        "{{ (rows|map(attribute='__class__')|list)[0] }}",
        "{{ name | attr('__class__') }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ loop }}{% for r in rows %}{{ loop.__init__ }}{% endfor %}",
        "{{ self.__init__ }}",
        "{{ range.__self__ }}",
        "{{ cycler }}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{{ name | safe }}",
        "{% autoescape false %}{{ name }}{% endautoescape %}",
        "{% for a in range(100000000) %}{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 9999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ rows }}",
        "{{ rows[0] }}",
        "{{ rows | map(attribute='a') }}",
        "{{ none }}",
        "{{ 'x' | picture }}",
        "{{ name",
        "{% for a in rows %}",
        "{% endif %}",
        "{{ name | nosuchfilter }}",
        "{{ 1 / 0 }}",
    ],
)
def test_an_attack_or_a_mistake_is_refused_in_one_sentence(tmp_path: Path, attack: str) -> None:
    assert "template" in _refused(tmp_path, attack)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("{{ range(10000) | list | join('x' * 900000) }}", "too long"),
        ("{{ ([rows[0]] * 900000) | join(attribute='a', d='xx') }}", "too long"),
        (
            "{{ rows | map('join', 'x' * 900000) | list | length }}{{ ['ab', 'cd'] | map('join', 'x' * 999999) | list | length }}",
            "too long",
        ),
        ("{{ [['x' * 999999] * 999999] | string | length }}", "one text of a list"),
        ("{{ ([['x' * 999999] * 999999] ~ '') | length }}", "one text of a list"),
        ("{{ [['x' * 999999] * 999999] | join | length }}", "one text of a list"),
        ("{{ ([[1] * 9999] * 9999) | sum(start=[]) | length }}", "for numbers"),
        ("{{ 1 | round(1000000000, 'ceil') }}", "decimal places"),
        ("{{ 1 | round(precision=1000000000, method='floor') }}", "decimal places"),
        ("{% for a in range(10000) %}{{ ('x' * 1000000) | upper | length }}{% endfor %}", "too often"),
        ("{% for a in range(10000) %}{{ ([1] * 1000000) | first }}{% endfor %}", "too often"),
    ],
)
def test_what_filters_make_is_bounded(tmp_path: Path, tag: str, reason: str) -> None:
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert reason in _refused(tmp_path, tag)
    assert time.monotonic() - began < 60  # minutes and gigabytes without a bound, and the machine may be busy
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_filters_within_bounds_do_as_ever(tmp_path: Path) -> None:
    assert _fill(
        tmp_path,
        "{{ rows | map(attribute='a') | join(', ') }}",
        "{{ rows | join('; ', attribute='a') }}",
        "{{ rows | join(d='-', attribute='a') }}",
        "{{ 2.345 | round(1) }} {{ 2.4 | round(method='ceil') | int }} {{ [1, 2] | sum }}",
        "{{ name | replace('R', 'r') | upper }} {{ 1 ~ name }}",
    ) == ["1, 2", "1; 2", "1-2", "2.3 3 3", "R&D <B> 1R&D <b>"]


@pytest.mark.parametrize(
    ("links", "named"), [("_rels/.rels", "word/document.xml"), ("word/_rels/document.xml.rels", "word/styles.xml")]
)
def test_a_package_that_does_not_lead_to_its_parts_is_damaged(tmp_path: Path, links: str, named: str) -> None:
    parts = read_parts(SHIPPED.read_bytes())
    content = parts.pop(links)
    write_parts(parts, tmp_path / "template.docx")
    assert f"damaged: {links} is missing" in _reason(tmp_path)
    target = named if links.startswith("_") else "styles.xml"
    write_parts(parts | {links: content.replace(target.encode(), b"other.xml")}, tmp_path / "template.docx")
    assert f"{links} does not name {named}" in _reason(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 20, b"<svg/>"])
def test_a_picture_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    told = _refused(tmp_path, "{{ 'p' | picture }}", pictures={"p": Picture(content, "Suppliers by tier", 60)})
    assert "The picture “Suppliers by tier” of the report is none" in told


def test_doubling_a_text_again_and_again_is_stopped(tmp_path: Path) -> None:
    doubling = "{% set a = name %}" + "{% set a = a ~ a %}" * 40
    assert "too long" in _refused(tmp_path, doubling)
    squaring = "{% set a = 9 %}" + "{% set a = a * a %}" * 40
    assert "too large" in _refused(tmp_path, squaring)


def test_a_text_that_would_not_come_out_as_it_went_in_is_refused(tmp_path: Path) -> None:
    assert "would alter a text" in _refused(tmp_path, "{% set kept %}{{ name }}{% endset %}nothing")


def test_a_tag_that_crosses_paragraphs_is_refused_with_its_part(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("{% if not rows %}")
    document.add_table(1, 1).rows[0].cells[0].text = "{% endif %}"
    document.save(str(tmp_path / "template.docx"))
    with pytest.raises(ReportError, match=r"no valid Word file.*word/document\.xml"):
        render(tmp_path / "template.docx", DATA, {}, PROPERTIES, tmp_path / "out.docx")


def test_a_cell_that_lost_its_paragraph_gets_one(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(1, 1)
    table.rows[0].cells[0].paragraphs[0].text = "{%p if not rows %}"
    table.rows[0].cells[0].add_paragraph("x")
    table.rows[0].cells[0].add_paragraph("{%p endif %}")
    document.save(str(tmp_path / "template.docx"))
    render(tmp_path / "template.docx", DATA, {}, PROPERTIES, tmp_path / "out.docx")
    assert len(Document(str(tmp_path / "out.docx")).tables[0].rows[0].cells[0].paragraphs) == 1


def test_a_table_that_lost_its_rows_is_refused(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(3, 1)
    for row, text in zip(table.rows, ("{%tr for r in rows[5:] %}", "{{ r.a }}", "{%tr endfor %}"), strict=True):
        row.cells[0].text = text
    document.save(str(tmp_path / "template.docx"))
    with pytest.raises(ReportError, match="table without a row"):
        render(tmp_path / "template.docx", DATA, {}, PROPERTIES, tmp_path / "out.docx")


def test_a_table_that_lost_its_rows_for_want_of_a_list_is_told_by_the_list(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(3, 1)
    for row, text in zip(table.rows, ("{%tr for r in rowz %}", "{{ r.a }}", "{%tr endfor %}"), strict=True):
        row.cells[0].text = text
    document.save(str(tmp_path / "template.docx"))
    with pytest.raises(ReportError, match="`rowz`"):
        render(tmp_path / "template.docx", DATA, {}, PROPERTIES, tmp_path / "out.docx")


def test_a_table_in_a_cell_does_not_lend_its_rows(tmp_path: Path) -> None:
    document = Document()
    document.add_table(1, 1).rows[0].cells[0].add_table(1, 1).rows[0].cells[0].text = "{{ rows[0].a }}"
    table = document.add_table(3, 1)
    for row, text in zip(table.rows, ("{%tr for r in rows[5:] %}", "{{ r.a }}", "{%tr endfor %}"), strict=True):
        row.cells[0].text = text
    document.add_table(1, 1)
    document.save(str(tmp_path / "template.docx"))
    with pytest.raises(ReportError, match="table without a row"):
        render(tmp_path / "template.docx", DATA, {}, PROPERTIES, tmp_path / "out.docx")


def _altered(tmp_path: Path, part: str, old: bytes, new: bytes) -> str:
    parts = read_parts(SHIPPED.read_bytes())
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    write_parts(parts, tmp_path / "template.docx")
    return _reason(tmp_path)


def _reason(tmp_path: Path) -> str:
    with pytest.raises(ReportError) as caught:
        render(tmp_path / "template.docx", {}, {}, PROPERTIES, tmp_path / "out.docx")
    assert list(tmp_path.iterdir()) == [tmp_path / "template.docx"]
    return str(caught.value)


def test_an_external_relationship_is_refused(tmp_path: Path) -> None:
    relation = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="http://example.invalid/x.png" TargetMode="External"/></Relationships>'
    assert "image: http://example.invalid/x.png" in _altered(
        tmp_path, "word/_rels/document.xml.rels", b"</Relationships>", relation
    )


def test_a_field_that_includes_a_file_is_refused(tmp_path: Path) -> None:
    assert "INCLUDETEXT" in _altered(tmp_path, "word/document.xml", b" TOC \\o", b" INCLUDETEXT /etc/passwd \\o")


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    told = _altered(tmp_path, "word/settings.xml", b"<w:settings", b'<!DOCTYPE x [<!ENTITY e "e">]><w:settings')
    assert "not well-formed" in told


def test_a_tag_where_it_would_not_be_filled_is_refused(tmp_path: Path) -> None:
    parts = read_parts(SHIPPED.read_bytes())
    parts["word/comments.xml"] = (
        b'<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>{{ client.name }}</w:t></w:r></w:p></w:comments>'
    )
    write_parts(parts, tmp_path / "template.docx")
    assert "word/comments.xml" in _reason(tmp_path)


@pytest.mark.parametrize("content", [b"", b"plain text", b"PK\x03\x04 broken", b"%PDF-1.7"])
def test_a_template_that_is_no_word_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "template.docx").write_bytes(content)
    assert "not a Word file" in _reason(tmp_path)


def test_a_template_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be read"):
        render(tmp_path / "none.docx", {}, {}, PROPERTIES, tmp_path / "out.docx")


def test_a_macro_file_is_refused(tmp_path: Path) -> None:
    told = _altered(
        tmp_path,
        "[Content_Types].xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert "not a plain .docx" in told


def test_a_reference_to_a_section_that_is_gone_is_refused(tmp_path: Path) -> None:
    parts = read_parts(SHIPPED.read_bytes())
    parts["word/document.xml"] = parts["word/document.xml"].replace(b'w:name="retention"', b'w:name="gone"')
    write_parts(parts, tmp_path / "template.docx")
    with pytest.raises(ReportError, match="`retention`, which marks no heading"):
        render(tmp_path / "template.docx", context(**sample.everything()), {}, PROPERTIES, tmp_path / "out.docx")


def test_footnotes_are_filled_once_however_many_sections_there_are(tmp_path: Path) -> None:
    document = Document()
    document.add_section()
    main = document.part
    blob = f'<w:footnotes xmlns:w="{W[1:-1]}"><w:footnote w:id="1"><w:p><w:r><w:t>{{{{ name }}}}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    notes = Part(PackURI("/word/footnotes.xml"), kind, blob.encode(), main.package)
    main.relate_to(notes, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    document.save(str(tmp_path / "template.docx"))
    render(tmp_path / "template.docx", {"name": "{{ name }}"}, {}, PROPERTIES, tmp_path / "out.docx")
    assert b">{{ name }}</w:t>" in read_parts((tmp_path / "out.docx").read_bytes())["word/footnotes.xml"]
