"""Pages with confidential information are marked, and no others: by sections, and on the pages of the PDF."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import time
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from assessor.errors import ReportError
from assessor.reporting import long_tables, office, package, pages
from assessor.reporting.render import Properties, render

MARK = "CONFIDENTIAL BUSINESS INFORMATION"
BLOCKS = (
    "plain",
    "secret",
    "heading",
    "list",
    "pairs",
    "all secret",
    "blank",
    "break",
    "section",
    "continuous",
    "field",
)


needs_office = pytest.mark.skipif(
    not (office.available() and shutil.which("pdftotext")),
    reason="LibreOffice and pdftotext are needed to see pages: install libreoffice-writer and poppler-utils",
)


def build(blocks: list[str], *, first: bool, even: bool, lines: int = 1) -> bytes:
    """A document of such blocks, whose secrets stand between the signs. `lines`: how long a paragraph is."""
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Header one"
    section.different_first_page_header_footer = first
    document.settings.odd_and_even_pages_header_footer = even
    for number, block in enumerate(blocks):
        _add(document, block, number, lines)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add(document: Document, block: str, number: int, lines: int) -> None:
    words, secret = f"plain {number} " * lines, f"{pages.BEGIN}{f'secret {number} ' * lines}{pages.END}"
    if block in ("plain", "secret"):
        document.add_paragraph(words if block == "plain" else f"told: {secret}.")
    elif block == "heading":
        document.add_heading(f"plain heading {number}", 2)
    elif block in ("list", "all secret", "pairs"):
        rows = 4
        table = document.add_table(rows=rows, cols=2)
        for at, row in enumerate(table.rows):
            row.cells[0].text = f"plain row {number}.{at}"
            hidden = at in (1, 3) if block != "all secret" else at > 0
            row.cells[1].text = secret if hidden else words if at and block == "list" else f"plain {number}"
        if block != "pairs":
            head = docx.oxml.parse_xml(
                '<w:tblHeader xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
            )
            table.rows[0]._tr.get_or_add_trPr().append(head)
    elif block == "blank":
        document.add_paragraph()
    elif block == "break":
        document.add_page_break()
    elif block in ("section", "continuous"):
        document.add_section(WD_SECTION.NEW_PAGE if block == "section" else WD_SECTION.CONTINUOUS)
    else:  # a field over three paragraphs, the second secret
        for kinds, told in (("begin", "separate"), "plain"), ((), secret), (("end",), "plain"):
            paragraph = document.add_paragraph()
            for kind in kinds:
                sign = docx.oxml.OxmlElement("w:fldChar")
                sign.set(qn("w:fldCharType"), kind)
                if kind == "separate":
                    instruction = docx.oxml.OxmlElement("w:instrText")
                    instruction.text = ' TOC \\o "1-2" '
                    paragraph.add_run()._r.append(instruction)
                paragraph.add_run()._r.append(sign)
            paragraph.add_run(told)


def marked(content: bytes) -> dict[str, bytes]:
    parts = package.read_parts(content)
    pages.mark(parts, MARK)
    return parts


def packed(parts: dict[str, bytes]) -> io.BytesIO:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    saved.seek(0)
    return saved


def sections(document: Document) -> list[tuple[list[Any], Any]]:
    """The blocks of each section with the section."""
    found: list[tuple[list[Any], Any]] = []
    blocks: list[Any] = []
    for block in document.element.body:
        if block.tag == qn("w:sectPr") or block.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            if block.tag != qn("w:sectPr"):
                blocks.append(block)
            found.append((blocks, document.sections[len(found)]))
            blocks = []
        else:
            blocks.append(block)
    return found


def headers(section: Any, *, even: bool) -> list[str]:
    """The words on top of the pages of a section."""
    shown = [section.header]
    if section.different_first_page_header_footer:
        shown.append(section.first_page_header)
    if even:
        shown.append(section.even_page_header)
    return ["\n".join(paragraph.text for paragraph in header.paragraphs) for header in shown]


def text(blocks: list[Any]) -> str:
    return "\n".join("".join(node.text or "" for node in block.iter(qn("w:t"))) for block in blocks)


def blank(document: Document) -> int:
    return sum(not text(held).strip() for held, _ in sections(document))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), max_size=9), st.booleans(), st.booleans())
def test_a_section_is_marked_in_all_its_headers_when_it_holds_secrets_and_in_none_otherwise(
    blocks: list[str], first: bool, even: bool
) -> None:
    before = docx.Document(io.BytesIO(build(blocks, first=first, even=even)))
    document = docx.Document(packed(marked(build(blocks, first=first, even=even))))
    previous = False
    for number, (held, section) in enumerate(sections(document)):
        secret = "secret" in text(held)
        assert {MARK in words for words in headers(section, even=even)} == {secret}
        assert all(("Header one" in words) or first or even for words in headers(section, even=even)[:1])
        if number and (secret or previous):
            assert section.start_type in (WD_SECTION.NEW_PAGE, None)
        previous = secret
    assert blank(document) <= blank(before)  # no page is made on which nothing stands
    whole, now = (
        Counter(text([p]) for p in each.element.body.iter(qn("w:p")) if text([p]).strip())
        for each in (before, document)
    )
    assert not Counter({pages.unsigned(words): count for words, count in whole.items()}) - now
    assert pages.BEGIN not in document.element.xml


def test_pages_count_on_and_only_the_first_has_a_first_page_header() -> None:
    document = docx.Document(packed(marked(build(["plain", "secret", "plain", "secret"], first=True, even=False))))
    assert [section.different_first_page_header_footer for section in document.sections] == [True, False, False, False]


def test_a_heading_goes_with_the_secret_that_it_stands_above() -> None:
    document = docx.Document(packed(marked(build(["plain", "heading", "secret"], first=False, even=False))))
    assert [text(held).split("\n")[0] for held, _ in sections(document)] == ["plain 0 ", "plain heading 1"]


def test_rows_without_a_secret_stay_and_those_with_one_follow_under_the_same_header_row() -> None:
    document = docx.Document(packed(marked(build(["list"], first=False, even=False))))
    first, second = document.tables
    assert [row.cells[0].text for row in first.rows] == ["plain row 0.0", "plain row 0.2"]
    assert [row.cells[0].text for row in second.rows] == ["plain row 0.0", "plain row 0.1", "plain row 0.3"]


def test_a_table_of_pairs_stays_whole() -> None:
    document = docx.Document(packed(marked(build(["pairs"], first=False, even=False))))
    assert len(document.tables) == 1
    assert len(document.sections) == 1


def test_a_secret_in_a_header_is_refused() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = f"{pages.BEGIN}secret{pages.END}"
    saved = io.BytesIO()
    document.save(saved)
    with pytest.raises(ReportError, match=r"in word/header1\.xml, which stands on pages that have none"):
        marked(saved.getvalue())


def test_a_document_without_secrets_is_left_as_it_is() -> None:
    plain = package.read_parts(build(["plain", "section", "heading"], first=True, even=True))
    before = dict(plain)
    pages.mark(plain, MARK)
    assert plain == before


@needs_office
def test_every_page_of_twelve_documents_is_marked_exactly_when_it_holds_a_secret(tmp_path: Path) -> None:
    chance = random.Random(791)
    for number in range(12):
        blocks = [chance.choice([b for b in BLOCKS if b != "continuous"]) for _ in range(10)]
        parts = marked(
            build(blocks, first=chance.random() < 0.5, even=chance.random() < 0.3, lines=chance.choice((1, 60, 400)))
        )
        package.write_parts(parts, tmp_path / f"{number}.docx")
    command = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    files = [str(path) for path in sorted(tmp_path.glob("*.docx"))]
    subprocess.run([*command, "--outdir", str(tmp_path), *files], check=True, capture_output=True, timeout=300)
    seen = 0
    for path in sorted(tmp_path.glob("*.pdf")):
        told = subprocess.run(["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, text=True).stdout
        for page in told.split("\f")[:-1]:
            assert (MARK in page) == ("secret" in page), (path.name, page[:200])
            assert MARK not in page or page.strip().startswith(MARK)
            seen += MARK in page
    assert seen > 12


@pytest.mark.parametrize(("rows", "tables"), [(400, 1), (401, 5), (1000, 10)])
def test_a_long_table_is_broken_with_its_header_row_and_nothing_is_lost(rows: int, tables: int) -> None:
    document = docx.Document()
    table = document.add_table(rows=rows + 1, cols=1)
    for number, row in enumerate(table._tbl.tr_lst):
        row.tc_lst[0].p_lst[0].add_r().text = f"row {number}"
    table.rows[0]._tr.get_or_add_trPr().append(docx.oxml.OxmlElement("w:tblHeader"))
    long_tables.divide(document.element)
    made = document.element.body.tbl_lst
    assert len(made) == tables
    assert all(text([each.tr_lst[0]]) == "row 0" for each in made)
    assert [text([row]) for each in made for row in each.tr_lst[1:]] == [f"row {n}" for n in range(1, rows + 1)]


def test_rows_with_merged_cells_are_not_parted() -> None:
    document = docx.Document()
    table = document.add_table(rows=450, cols=1)
    for number, row in enumerate(table._tbl.tr_lst):
        mark = docx.oxml.OxmlElement("w:vMerge")
        if number % 7 == 0:
            mark.set(qn("w:val"), "restart")
        row.tc_lst[0].get_or_add_tcPr().append(mark)
    long_tables.divide(document.element)
    firsts = [each.tr_lst[0] for each in document.element.body.tbl_lst]
    assert len(firsts) > 3
    assert all(next(row.iter(qn("w:vMerge"))).get(qn("w:val")) == "restart" for row in firsts)


@needs_office
def test_libreoffice_lays_out_five_thousand_rows_within_a_minute(tmp_path: Path) -> None:
    document = docx.Document()
    for words in ("supplier", "country", "evidence"):
        document.add_paragraph(words)
    table = document.add_table(rows=4, cols=3)
    table.rows[0]._tr.get_or_add_trPr().append(docx.oxml.OxmlElement("w:tblHeader"))
    for row, words in ((1, "{%tr for r in rows %}"), (3, "{%tr endfor %}")):
        table.rows[row].cells[0].text = words
    for cell, name in zip(table.rows[2].cells, ("supplier", "country", "evidence"), strict=True):
        cell.text = f"{{{{ r.{name} }}}}"
    document.save(str(tmp_path / "t.docx"))
    rows = [
        {"supplier": f"Supplier {n} & Sons GmbH", "country": "Germany", "evidence": f"[E-0004 row {n}]"}
        for n in range(5000)
    ]
    properties = Properties("Schedule", "Firm", "Client", "X-1", "1.0", date(2026, 11, 16))
    render(tmp_path / "t.docx", {"rows": rows}, {}, properties, tmp_path / "o.docx")
    started = time.monotonic()
    told = PdfReader(io.BytesIO(office.pdf((tmp_path / "o.docx").read_bytes())))
    assert time.monotonic() - started < 60
    assert "Supplier 4999" in told.pages[-1].extract_text()
