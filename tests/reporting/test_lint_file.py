"""The lint on a file as a whole: styles, hints for readers, files that are no template or reach outside of themselves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn

from assessor import resources
from assessor.errors import ReportError
from assessor.reporting.lint import lint
from assessor.reporting.package import read_parts, write_parts
from tests.reporting.linting import a_document, add_field, add_table, codes_of, linted

SHIPPED = resources.folder("templates") / "assessment.docx"


def test_a_style_that_is_not_defined_is_told_once(tmp_path: Path) -> None:
    document = a_document()
    for text in ("a", "b"):
        style = OxmlElement("w:pStyle")
        style.set(qn("w:val"), "Gone")
        document.add_paragraph(text)._p.get_or_add_pPr().append(style)
    told = linted(tmp_path, document=document)
    assert [(problem.code, problem.paragraph) for problem in told] == [("missing-style", "a")]
    assert "`Gone`" in told[0].message


def test_the_contents_need_styles_for_the_levels_that_there_are(tmp_path: Path) -> None:
    document = a_document()
    add_field(document.add_paragraph(), ' TOC \\o "1-3" ')
    (told,) = linted(tmp_path, document=document)
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
    ("A table that repeats its header row is no problem", lambda d: add_table(d, "a", "b"), []),
    (
        "A table without a repeated header row is doubted",
        lambda d: add_table(d, "a", "b", header=False),
        ["no-header-row"],
    ),
    ("A table of one row needs no header", lambda d: add_table(d, "a", header=False), []),
]


@pytest.mark.parametrize(("add", "codes"), [case[1:] for case in HINTS], ids=[case[0] for case in HINTS])
def test_hints_for_readers_with_a_screen_reader(tmp_path: Path, add: Callable[[Any], Any], codes: list[str]) -> None:
    document = a_document()
    add(document)
    told = linted(tmp_path, document=document)
    assert [(problem.code, problem.severity) for problem in told] == [(code, "warning") for code in codes]


def test_a_document_without_a_language_is_doubted(tmp_path: Path) -> None:
    document = a_document()
    for lang in list(document.styles.element.iter(qn("w:lang"))):
        lang.getparent().remove(lang)
    assert codes_of(linted(tmp_path, document=document)) == ["no-language"]


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
    return codes_of(lint(tmp_path / "template.docx"))


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
    told = linted(tmp_path, " ".join(f"{{{{ x{number} }}}}" for number in range(1100)))
    assert (len(told), told[-1].code) == (1001, "more")
