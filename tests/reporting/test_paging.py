"""Page numbers in the contents and PDF/A, where LibreOffice is installed; without it the report is whole all the same."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from docx import Document
from lxml import etree
from pypdf import PdfReader

from assessor.errors import ReportError
from assessor.reporting import archival, office, package, paging, write_letters, write_report
from assessor.reporting.fields import text_of
from assessor.reporting.package import W
from tests.reporting import letters_sample, sample

needs_office = pytest.mark.skipif(
    not office.available(), reason="LibreOffice is needed to number pages: install libreoffice-writer"
)


def contents(path: Path) -> list[tuple[str, str]]:
    """Words and page of each entry of the contents."""
    with zipfile.ZipFile(path) as opened:
        root = etree.fromstring(opened.read("word/document.xml"))
    links = [link for link in root.iter(f"{W}hyperlink") if paging._is_entry(link)]
    found = []
    for link in links:
        runs = ["".join(str(t.text) for t in run.iter(f"{W}t")) for run in link.iter(f"{W}r")]
        found.append(("".join(runs[:-1]), runs[-1]))
    return found


@needs_office
def test_each_entry_has_the_page_on_which_its_heading_stands(tmp_path: Path) -> None:
    written = write_report(tmp_path, **sample.everything(), paged=True, pdf=True)
    pages = [page.extract_text() for page in PdfReader(str(tmp_path / "report" / "assessment.pdf")).pages]
    entries = contents(written[0])
    assert len(entries) > 20
    for words, page in entries:
        title = words.lstrip("0123456789.").strip()
        assert "".join(title.split()) in "".join(pages[int(page) - 1].split()), (words, page)
    numbers = [int(page) for _, page in entries]
    assert numbers == sorted(numbers)


@needs_office
def test_the_same_inputs_give_the_same_bytes_with_page_numbers_too(tmp_path: Path) -> None:
    first, second = (write_report(tmp_path / name, **sample.everything(), paged=True)[0] for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


@needs_office
def test_the_pdf_of_a_document_has_its_day_and_no_clock(tmp_path: Path) -> None:
    document = tmp_path / "a.docx"
    made = Document()
    made.add_heading("Findings", 1)
    made.add_paragraph("An item.", style="List Bullet")
    made.save(str(document))
    written = []
    for _ in range(2):
        [paper] = archival.write([document], date(2026, 11, 16))
        written.append(paper.read_bytes())
        time.sleep(1.1)
    assert written[0] == written[1]
    told = PdfReader(io.BytesIO(written[0]), strict=True)
    assert (told.metadata.creation_date, told.xmp_metadata.xmp_create_date) == (  # type: ignore[union-attr]
        datetime(2026, 11, 16, tzinfo=UTC),
        datetime(2026, 11, 16, tzinfo=UTC).replace(tzinfo=None),
    )
    assert "An item." in told.pages[0].extract_text()
    assert written[0] != archival.dated(written[0], date(2026, 11, 17))


def test_a_pdf_that_is_laid_out_otherwise_stays_as_it_is() -> None:
    assert archival.dated(b"%PDF-1.7\nanything", date(2026, 11, 16)) == b"%PDF-1.7\nanything"


@needs_office
def test_the_pdf_is_an_archival_one_with_headings(tmp_path: Path) -> None:
    written = write_report(tmp_path, **sample.everything(), pdf=True)
    made = tmp_path / "report" / "assessment.pdf"
    assert made in written
    content = made.read_bytes()
    assert b"pdfaid:part" in content or "pdfaid" in str(PdfReader(io.BytesIO(content)).xmp_metadata.stream.get_data())  # type: ignore[union-attr]
    assert len(PdfReader(io.BytesIO(content)).outline) > 5


def test_without_libreoffice_the_contents_stand_without_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "available", lambda: "")
    written = write_report(tmp_path, **sample.everything(), paged=True)[0]
    assert contents(written)
    assert all(not page.isdigit() for _, page in contents(written))


def test_without_libreoffice_a_pdf_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "available", lambda: "")
    with pytest.raises(ReportError, match="LibreOffice is not installed, which makes the PDF"):
        write_report(tmp_path, **sample.everything(), pdf=True)


def test_a_program_that_fails_leaves_the_contents_without_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "soffice"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(office, "available", lambda: str(broken))
    written = write_report(tmp_path, **sample.everything(), paged=True)[0]
    assert all(not page.isdigit() for _, page in contents(written))
    with pytest.raises(ReportError, match="could not make a PDF"):
        office.pdf(written.read_bytes())


def test_headings_that_are_not_those_of_the_document_give_no_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = etree.fromstring(f'<w:document xmlns:w="{W.strip("{}")}"><w:body/></w:document>'.encode())
    assert text_of(other) == ""
    parts = package.read_parts(write_report(tmp_path, **sample.everything())[0].read_bytes())
    blank = io.BytesIO()
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(blank)
    monkeypatch.setattr(office, "available", lambda: "soffice")
    monkeypatch.setattr(office, "pdf", lambda document: blank.getvalue())
    before = dict(parts)
    assert paging.number(parts) is False
    assert parts == before


@needs_office
def test_a_letter_is_written_as_pdf_too_and_an_earlier_one_under_another_name_goes(tmp_path: Path) -> None:
    claimed = letters_sample.inputs()
    open_terms = claimed | {
        "terms": replace(claimed["terms"], report={}),
        "register": claimed["register"].assign(confidential=False),
    }
    first = write_letters(tmp_path, **open_terms, names=["requests"], pdf=True)
    assert [path.name for path in first] == ["requests.docx", "requests.xlsx", "requests.pdf"]
    first[1].write_bytes(first[1].read_bytes() + b" ")
    second = write_letters(tmp_path, **claimed, names=["requests"])
    assert [path.name for path in second] == ["CBI-requests.docx", "CBI-requests.xlsx"]
    left = sorted(path.name for path in (tmp_path / "report").iterdir())
    assert left == [
        "CBI-requests.docx",
        "CBI-requests.xlsx",
        "letters.json",
        "requests.xlsx",
    ]  # what somebody changed stays
