"""A report of an engagement in which confidential treatment is claimed: the full version, the public one, and both after editing."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import docx
import pytest
from lxml import etree

from assessor.errors import ReportError
from assessor.reporting import package, verify, write_letters, write_report
from assessor.reporting.claims import WITHHELD
from assessor.reporting.package import W
from assessor.reporting.view import View
from tests.reporting import letters_sample, sample
from tests.reporting.test_pages import MARK, headers, sections, text

CLAIM = {"title": "Assessment", "confidential_evidence": ["E-0004"]}
SECRET = "Lumen Bridge LLC"


def everything(**report: object) -> dict[str, object]:
    return sample.everything() | {"terms": sample.terms(report=CLAIM | report)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("claimed")
    write_report(root, **everything(), variants=("full", "public"))  # type: ignore[arg-type]
    return root / "report"


@pytest.fixture
def full(folder: Path, tmp_path: Path) -> Path:
    """A copy of the full report to edit."""
    path = tmp_path / "CBI-assessment.docx"
    path.write_bytes((folder / path.name).read_bytes())
    return path


def problems(path: Path, **report: object) -> list[str]:
    told = everything(**report)
    view = View(*(told[name] for name in ("terms", "rule", "results", "register", "tables", "ledger")))  # type: ignore[arg-type]
    return [problem["code"] for problem in verify(path, view)]


def test_names_of_files_that_hold_such_information_begin_as_the_rule_says(folder: Path) -> None:
    assert {path.name for path in folder.glob("*.docx")} == {"CBI-assessment.docx", "public-assessment.docx"}
    assert [path.name for path in folder.glob("*.xlsx")] == ["CBI-annexes.xlsx"]


def test_without_a_claim_no_page_is_marked_and_no_name_changes(report: Path) -> None:
    assert (report / "assessment.docx").exists()
    assert MARK not in " ".join(
        words for _, s in sections(docx.Document(str(report / "assessment.docx"))) for words in headers(s, even=True)
    )


def test_each_place_that_names_the_supplier_is_in_a_marked_section_and_others_are_not_marked(folder: Path) -> None:
    seen = {True: 0, False: 0}
    for held, section in sections(docx.Document(str(folder / "CBI-assessment.docx"))):
        marked = {MARK in words for words in headers(section, even=False)}
        assert len(marked) == 1
        if SECRET in text(held):
            assert marked == {True}
        seen[marked.pop()] += 1
    assert min(seen.values()) > 2


def test_the_public_version_holds_the_name_nowhere_in_its_package(folder: Path) -> None:
    with zipfile.ZipFile(folder / "public-assessment.docx") as opened:
        for name in opened.namelist():
            content = opened.read(name).decode("utf-8", "replace")
            assert "lumen" not in re.sub(r"<[^>]*>", "", content).lower(), name
            assert "Lumen" not in content, name
    words = text(list(docx.Document(str(folder / "public-assessment.docx")).element.body))
    assert WITHHELD in words
    assert f"Where {WITHHELD} stands, confidential business information was left out" in words
    assert MARK not in words


def test_printed_pages_of_the_annexes_bear_the_mark_where_a_sheet_names_the_supplier_and_nowhere_else(
    folder: Path, report: Path
) -> None:
    marked = {}
    with zipfile.ZipFile(folder / "CBI-annexes.xlsx") as opened:
        texts = (
            etree.fromstring(opened.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in opened.namelist() else ()
        )
        shared = ["".join(map(str, each.itertext())) for each in texts]
        for name in sorted(n for n in opened.namelist() if n.startswith("xl/worksheets/sheet")):
            sheet = etree.fromstring(opened.read(name))
            space = f"{{{etree.QName(sheet).namespace}}}"
            words = " ".join(
                shared[int(str(cell.findtext(f"{space}v")))]
                if cell.get("t") == "s"
                else "".join(map(str, cell.itertext()))
                for cell in sheet.iter(f"{space}c")
            )
            header = sheet.findtext(f"{space}headerFooter/{space}oddHeader") or ""
            marked[name] = (SECRET in words, MARK in header)
    assert (True, True) in marked.values()
    assert (True, False) not in marked.values()
    assert next(iter(marked.values())) == (False, False)
    with zipfile.ZipFile(report / "annexes.xlsx") as opened:
        assert not any(MARK.encode() in opened.read(name) for name in opened.namelist())


def test_the_same_inputs_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_report(tmp_path, **everything(), variants=("full", "public"))  # type: ignore[arg-type]
    for name in ("CBI-assessment.docx", "public-assessment.docx", "CBI-annexes.xlsx"):
        assert (tmp_path / "report" / name).read_bytes() == (folder / name).read_bytes()


def test_a_report_from_before_the_claim_does_not_stay_beside_the_new_one(tmp_path: Path) -> None:
    write_report(tmp_path, **sample.everything())
    write_report(tmp_path, **everything())  # type: ignore[arg-type]
    assert [path.name for path in (tmp_path / "report").glob("*.docx")] == ["CBI-assessment.docx"]


def test_a_template_that_names_the_supplier_itself_gives_no_public_version(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("{{ client.name }} buys of Lumen Bridge LLC.")
    document.save(str(tmp_path / "own.docx"))
    with pytest.raises(ReportError, match="would show a text for which confidential treatment is claimed"):
        write_report(tmp_path, **everything(), template=tmp_path / "own.docx", variants=("public",))  # type: ignore[arg-type]
    assert not list((tmp_path / "report").glob("*.docx"))


@pytest.mark.parametrize(
    "tag",
    [
        "{{ suppliers[0].name | upper }}",
        "{{ suppliers[0].name[:5] }}",
        "{{ 'of ' + suppliers[0].name }}",
        "{{ suppliers[0].name ~ ', ' ~ client.name }}",
        "{{ suppliers | map(attribute='name') | join(', ') }}",
        "{% set x = suppliers[0].name %}{{ x }}",
        "{% macro m(s) %}<{{ s.name }}>{% endmacro %}{{ m(suppliers[0]) }}",
    ],
)
def test_what_a_template_makes_of_a_confidential_text_is_marked_too(tag: str, tmp_path: Path) -> None:
    document = docx.Document()
    for words in ("{{ client.name }}", tag, "{{ client.name }}"):
        document.add_paragraph(words)
    document.save(str(tmp_path / "own.docx"))
    write_report(tmp_path, **everything(), template=tmp_path / "own.docx")  # type: ignore[arg-type]
    made = sections(docx.Document(str(tmp_path / "report" / "CBI-assessment.docx")))
    assert [MARK in headers(section, even=False)[0] for _, section in made] == [False, True, False]


def test_an_unknown_variant_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no variant 'secret' of a report; name full or public"):
        write_report(tmp_path, **sample.everything(), variants=("secret",))


def test_what_was_made_is_verified_as_it_is(folder: Path) -> None:
    assert problems(folder / "CBI-assessment.docx") == []
    assert problems(folder / "public-assessment.docx") == []


def test_a_name_that_does_not_begin_so_is_told(full: Path) -> None:
    assert problems(full.rename(full.with_name("final.docx"))) == ["cbi_name"]


def test_the_supplier_named_on_an_unmarked_page_is_told(full: Path) -> None:
    document = docx.Document(str(full))
    document.paragraphs[0].text = f"About {SECRET}"
    document.save(str(full))
    assert problems(full) == ["cbi_unmarked"]


def test_a_mark_on_pages_without_such_information_is_told(full: Path) -> None:
    document = docx.Document(str(full))
    section = next(s for held, s in sections(document) if MARK not in headers(s, even=False)[0])
    section.header.paragraphs[0].text = MARK
    section.first_page_header.paragraphs[0].text = MARK
    document.save(str(full))
    assert "cbi_marked" in problems(full)


@pytest.mark.parametrize(("words", "told"), [(40, []), (1_500, ["cbi_marked"])])
def test_pages_without_such_information_that_came_into_a_marked_section_are_told(
    full: Path, words: int, told: list[str]
) -> None:
    document = docx.Document(str(full))
    held, _ = next(
        (held, s) for held, s in sections(document) if {MARK in each for each in headers(s, even=False)} == {True}
    )
    paragraph = document.add_paragraph("Plain words " * words)
    held[0].addprevious(paragraph._p)
    document.save(str(full))
    assert problems(full) == told


def test_a_marked_part_that_begins_in_the_middle_of_a_page_is_told(full: Path) -> None:
    document = docx.Document(str(full))
    section = next(s for _, s in sections(document) if MARK in headers(s, even=False)[0])
    section.start_type = 0  # continuous
    document.save(str(full))
    assert problems(full) == ["cbi_page"]


def test_the_supplier_in_the_properties_is_told(full: Path) -> None:
    document = docx.Document(str(full))
    document.core_properties.keywords = f"cars, {SECRET}"
    document.save(str(full))
    assert problems(full) == ["cbi_elsewhere"]


def test_the_supplier_written_into_the_public_version_is_told_whatever_the_runs(folder: Path, tmp_path: Path) -> None:
    document = docx.Document(str(folder / "public-assessment.docx"))
    paragraph = document.paragraphs[3]
    for piece in ("See Lum", "en Bri", "dge LLC."):
        paragraph.add_run(piece)
    document.save(str(tmp_path / "public.docx"))
    assert problems(tmp_path / "public.docx") == ["cbi_leak"]


@pytest.mark.parametrize(
    ("tag", "attribute", "value"),
    [
        pytest.param("bookmarkStart", "name", "_Lumen_Bridge_LLC", id="a bookmark as Word makes one of a heading"),
        pytest.param(
            "bookmarkStart",
            "name",
            "Components_of_Lumen_Bridge_LLC_and_others"[:40],
            id="a bookmark that Word cut, the name whole in it",
        ),
        pytest.param(
            "bookmarkStart", "name", "_Lumen_Bridge_Holdings_of_the_North_West_", id="a bookmark that Word cut"
        ),
        pytest.param("fldSimple", "instr", ' HYPERLINK \\l "Lumen_Bridge_LLC" ', id="the code of a field"),
        pytest.param("hyperlink", "tooltip", "https://x.example/?q=Lumen%20Bridge%20LLC", id="an address"),
    ],
)
def test_a_name_with_signs_for_its_spaces_is_found_in_the_public_version_and_on_unmarked_pages(
    folder: Path, full: Path, tmp_path: Path, tag: str, attribute: str, value: str
) -> None:
    claimed = {"confidential_texts": ["Lumen Bridge Holdings of the North West Passage Ltd."]}
    for name, code in ((full.name, "cbi_unmarked"), ("public-assessment.docx", "cbi_leak")):
        document = docx.Document(str(folder / name))
        paragraph = document.paragraphs[3]._p
        node = etree.SubElement(paragraph, f"{W}{tag}")
        node.set(f"{W}{attribute}", value)
        document.save(str(tmp_path / name))
        assert problems(tmp_path / name, **claimed) == [code]


def test_every_part_of_a_public_version_that_tells_is_named(folder: Path, tmp_path: Path) -> None:
    document = docx.Document(str(folder / "public-assessment.docx"))
    document.paragraphs[3].add_run(SECRET)
    document.core_properties.keywords = SECRET
    document.save(str(tmp_path / "public.docx"))
    assert problems(tmp_path / "public.docx") == ["cbi_leak", "cbi_leak"]


def test_marks_are_needless_when_nothing_is_claimed(full: Path) -> None:
    assert set(problems(full, confidential_evidence=[])) == {"cbi_marked"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip"])
def test_what_is_no_word_file_is_told_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "CBI-x.docx"
    path.write_bytes(content)
    with pytest.raises(ReportError, match="is not a whole Word file"):
        problems(path)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST", 1000)
    with pytest.raises(ReportError, match="is not a whole Word file"):
        problems(full)


def test_a_part_that_declares_a_document_type_is_no_word_file(full: Path) -> None:
    parts = package.read_parts(full.read_bytes())
    parts["word/document.xml"] = b'<!DOCTYPE x [<!ENTITY a "b">]>' + etree.tostring(
        etree.fromstring(parts["word/document.xml"])
    )
    package.write_parts(parts, full)
    with pytest.raises(ReportError, match="is not a whole Word file"):
        problems(full)


def test_letters_mark_their_pages_too(tmp_path: Path) -> None:
    written = write_letters(tmp_path, **letters_sample.inputs(), names=["confidential_treatment", "management_letter"])
    assert [path.name for path in written] == ["CBI-confidential_treatment.docx", "CBI-management_letter.docx"]
    made = sections(docx.Document(str(written[0])))
    claimed = Path(str(letters_sample.inputs()["register"].loc[1, "path"])).name
    assert [MARK in headers(section, even=False)[0] for held, section in made if claimed in text(held)] == [True]
    assert not all(MARK in headers(section, even=False)[0] for _, section in made)


@pytest.mark.parametrize("item", sample.register()["id"])
def test_a_public_version_can_be_made_whatever_item_is_claimed(item: str, tmp_path: Path) -> None:
    written = write_report(tmp_path, **everything(confidential_evidence=[item]), variants=("public",))  # type: ignore[arg-type]
    assert written[0].name == "public-assessment.docx"
