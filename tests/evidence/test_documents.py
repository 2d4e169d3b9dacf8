from __future__ import annotations

import datetime
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from reportlab.pdfgen import canvas

from assessor.evidence import readers, tables
from assessor.evidence.readers import Reading, documents, forms_data, read_item, recognise
from assessor.evidence.readers.base import key
from tests.evidence.samples import RULE, pdf, put, word, zipped

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(path: Path) -> Reading:
    return read_item(recognise(path), path, "E-0001", RULE)


DECLARATION = [
    "Declaration of Conformity",
    "Reference: DoC-1",
    "Type: Software",
    "Date of submission: 20 April 2026",
    "Declarant: Fellmark Motors, Inc.",
    "Address: 4400 Grand Sawmill",
    "Parkway, Lansing",
    "Point of contact: P. A.",
    "Email: p@x.example",
    "Items: TCU-7 software; PilotStack ADS",
    "Model year: 2027",
    "Trim:",
    "Certification of no nexus: Yes",
    "Certification of due diligence: perhaps",
    "Update of earlier declaration: No",
    "Favourite colour: blue",
    "Signed by: Dana",
    "Title: CEO",
]


def test_a_declaration_is_read_from_its_labels(tmp_path: Path) -> None:
    path = pdf(tmp_path / "x.dat", DECLARATION)
    assert recognise(path) == "declaration"
    reading = read(path)
    row = reading.tables["declarations"][0]
    assert (row["declaration"], row["kind"], row["submitted"], row["model_year"]) == (
        "DoC-1",
        "software",
        datetime.date(2026, 4, 20),
        2027,
    )
    assert row["address"] == "4400 Grand Sawmill Parkway, Lansing" and row["items"] == "TCU-7 software; PilotStack ADS"
    assert (
        row["trim"] is None
        and row["certifies_no_nexus"] is True
        and row["certifies_diligence"] is None
        and row["is_update"] is False
    )
    assert (row["signer_title"], row["locator"], row.get("make")) == ("CEO", "page 1", None)
    assert [p.message.split(":")[0] for p in reading.problems] == ["Certification of due diligence"]
    assert any("Favourite colour" in note for note in reading.notes) and reading.effective_from == datetime.date(
        2026, 4, 20
    )


def test_an_absent_submission_date_is_na_and_no_problem(tmp_path: Path) -> None:
    reading = read(pdf(tmp_path / "x", list(DECLARATION[:3])))
    assert "submitted" not in reading.tables["declarations"][0] and reading.problems == []


def test_a_label_on_two_lines_is_put_together(tmp_path: Path) -> None:
    reading = read(
        pdf(
            tmp_path / "x",
            [
                "Supplier attestation",
                "Supplier: Brightwater",
                "Signed on: 2026-06-12",
                "Owned/controlled/directed by persons of the PRC",
                "or Russia: No",
                "Will furnish documentation to BIS (Yes/No): Yes",
            ],
        )
    )
    row = reading.tables["attestations"][0]
    assert (row["supplier"], row["denies_nexus"], row["will_furnish"]) == ("Brightwater", True, True)
    assert tables.table("attestations", [row])["valid_until"].isna().all()


@pytest.mark.parametrize(
    ("answer", "denies"), [("Yes", False), ("No", True), ("No, none.", True), ("", None), ("see annex", None)]
)
def test_what_an_attestation_denies_is_the_opposite_of_what_it_answers(
    tmp_path: Path, answer: str, denies: bool | None
) -> None:
    path = word(
        tmp_path / "a.docx",
        "Supplier attestation",
        "Supplier: X",
        f"Owned/controlled/directed by persons of the PRC or Russia: {answer}",
    )
    assert read(path).tables["attestations"][0]["denies_nexus"] is denies


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("General authorization", "general"),
        ("Specimen", "specific"),
        ("SPECIMEN - General authorization No. 9", "general"),
    ],
)
def test_an_authorization_has_its_conditions(tmp_path: Path, title: str, kind: str) -> None:
    second = ["Specific authorization"] if title == "Specimen" else []
    path = pdf(
        tmp_path / "x",
        [
            title,
            *second,
            "Number: SA-1",
            "Date of issue: 2026-06-15",
            "Parties: A; B",
            "Condition 1: first,",
            "and more of it",
            "Condition 2: within 30 days: no later",
        ],
    )
    assert recognise(path) == "authorization"
    reading = read(path)
    assert reading.tables["authorizations"][0]["kind"] == kind
    assert [(c["authorization"], c["condition"], c["text"]) for c in reading.tables["authorization_conditions"]] == [
        ("SA-1", "1", "first, and more of it"),
        ("SA-1", "2", "within 30 days: no later"),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "Application for a specific authorization",
        "Application for specific authorization SA-1",
        "Specific authorization application",
    ],
)
def test_an_application_is_read_from_its_labels_and_taken_for_no_letter(tmp_path: Path, title: str) -> None:
    path = pdf(
        tmp_path / "x",
        [
            title,
            "Reference: APP-1",
            "Authorization granted: SA-1",
            "Date of submission: 2 March 2026",
            "Parties: A Ltd (LEI 1); B Ltd",
            "Ultimate beneficial ownership: A Ltd is owned by",
            "Nest Holding.",
            "Security standards: ISO/SAE 21434",
        ],
    )
    assert recognise(path) == "application"
    reading = read(path)
    assert set(reading.tables) == {"applications"}
    row = reading.tables["applications"][0]
    assert (row["application"], row["authorization"], row["submitted"]) == ("APP-1", "SA-1", datetime.date(2026, 3, 2))
    assert (row["parties"], row["owners"]) == ("A Ltd (LEI 1); B Ltd", "A Ltd is owned by Nest Holding.")
    assert tables.table("applications", [row])["measures"].isna().all()


def test_repeated_labels_give_one_row_each_with_their_place(tmp_path: Path) -> None:
    path = word(
        tmp_path / "x",
        "Site visit record",
        "Site: Lansing",
        "Date: 14 October 2026",
        "Facility: hall 2",
        "Equipment: flash station",
        "Observation: badge asked for",
        "Observation: log kept",
        table=[["System", "ECM"]],
    )
    assert recognise(path) == "site_visit"
    rows = read(path).tables["site_visits"]
    assert [(r["category"], r["text"], r["locator"]) for r in rows] == [
        ("facility", "hall 2", "paragraph 4"),
        ("equipment", "flash station", "paragraph 5"),
        ("observation", "badge asked for", "paragraph 6"),
        ("observation", "log kept", "paragraph 7"),
        ("system", "ECM", "paragraph 8"),
    ]
    assert {r["date"] for r in rows} == {datetime.date(2026, 10, 14)}


def test_a_letter_gives_one_row_a_topic(tmp_path: Path) -> None:
    path = word(
        tmp_path / "x",
        "Representation letter",
        "Date: 2026-10-30",
        "Signed by: Dana",
        "Is-informed notices: none",
        "ADS services: none offered",
    )
    assert recognise(path) == "representation"
    assert [(r["topic"], r["signer"]) for r in read(path).tables["representations"]] == [
        ("Is-informed notices", "Dana"),
        ("ADS services", "Dana"),
    ]


def test_a_notice_of_bis_and_a_request_for_an_opinion_are_read_from_their_labels(tmp_path: Path) -> None:
    notice = word(
        tmp_path / "n",
        "Record of BIS notice",
        "Reference: N-1",
        "Type: Is-informed notice",
        "Date on the notice: 1 June 2026",
        "Delivered: 3 June 2026",
        "Given by: A. Official, Under Secretary",
        "Vehicle lines: Tern MY2027; Plover MY2026",
    )
    assert recognise(notice) == "notice"
    row = read(notice).tables["notices"][0]
    assert (row["notice"], row["kind"], row["dated"], row["delivered"], row["lines"]) == (
        "N-1",
        "is_informed",
        datetime.date(2026, 6, 1),
        datetime.date(2026, 6, 3),
        "Tern MY2027; Plover MY2026",
    )
    request = word(
        tmp_path / "o",
        "Request for advisory opinion",
        "Reference: AO-1",
        "Date of request: 10 January 2026",
        "Submitter: Ida Case",
        "Parties: Case Motors Inc.; Osprey Ltd",
    )
    assert recognise(request) == "opinion"
    row = read(request).tables["opinions"][0]
    assert (row["requested"], row["submitter"], row["parties"]) == (
        datetime.date(2026, 1, 10),
        "Ida Case",
        "Case Motors Inc.; Osprey Ltd",
    )
    assert row.get("issued") is None


def test_a_notice_of_an_unknown_kind_is_a_problem_and_no_kind(tmp_path: Path) -> None:
    path = word(tmp_path / "n", "Record of BIS notice", "Reference: N-1", "Type: Love letter")
    reading = read(path)
    assert reading.tables["notices"][0]["kind"] is None and "Love letter" in reading.problems[0].message


def test_an_interview_without_statements_is_a_problem(tmp_path: Path) -> None:
    path = word(tmp_path / "x", "Interview record", "Interviewee: T. B.", "Date: 2026-10-07")
    assert recognise(path) == "interview"
    reading = read(path)
    assert reading.status == "unreadable" and "statement" in reading.problems[0].message.lower()


def test_a_label_that_stands_twice_is_told(tmp_path: Path) -> None:
    reading = read(word(tmp_path / "x", "Supplier attestation", "Supplier: A", "Supplier: B"))
    assert reading.tables["attestations"][0]["supplier"] == "A" and "second time" in reading.problems[0].message


def test_a_policy_gives_its_paragraphs_version_and_date(tmp_path: Path) -> None:
    path = pdf(
        tmp_path / "x",
        [
            "Records Retention Standard",
            "Document 118. Version 6.0. Effective 1 July 2024.",
            "1. Purpose",
            "1.1 This standard says how long records are kept, and who",
            "answers for them.",
            "1.2 A record is information.",
            "STD-118 page 1",
        ],
        ["2. Periods", "2.1 Seven years.", "STD-118 page 2"],
    )
    assert recognise(path) == "policy"
    reading = read(path)
    rows = reading.tables["policies"]
    assert [(r["locator"], r["text"][:20]) for r in rows] == [
        ("page 1", "Records Retention St"),
        ("page 1", "Document 118. Versio"),
        ("page 1", "1. Purpose"),
        ("page 1", "1.1 This standard sa"),
        ("page 1", "1.2 A record is info"),
        ("page 2", "2. Periods"),
        ("page 2", "2.1 Seven years."),
    ]
    assert {(r["version"], r["effective"], r["document"]) for r in rows} == {
        ("6.0", datetime.date(2024, 7, 1), "Records Retention Standard")
    }
    assert reading.effective_from == datetime.date(2024, 7, 1)


def test_cells_and_merged_cells_of_word_tables_are_read_once(tmp_path: Path) -> None:
    path = word(tmp_path / "x.docx", "Supply Chain Policy", table=[["a", "b", "c"], ["d", "e", "f"]])
    document = docx.Document(str(path))
    table = document.tables[0]
    table.cell(0, 0).merge(table.cell(0, 1))
    document.save(str(path))
    assert [row["text"] for row in read(path).tables["policies"]] == ["Supply Chain Policy", "a b | c", "d | e | f"]


def test_inserted_words_count_and_deleted_ones_do_not(tmp_path: Path) -> None:
    path = word(tmp_path / "x.docx", "Policy", "Ten ")
    document = docx.Document(str(path))
    paragraph = document.paragraphs[1]._p
    paragraph.append(parse_xml(f'<w:ins {W} w:id="1"><w:r><w:t>years</w:t></w:r></w:ins>'))
    paragraph.append(parse_xml(f'<w:del {W} w:id="2"><w:r><w:delText>days</w:delText></w:r></w:del>'))
    document.save(str(path))
    reading = read(path)
    assert reading.tables["policies"][1]["text"] == "Ten years" and "tracked changes" in reading.notes[0]


@pytest.mark.parametrize("lines", [["Dear all,", "see you on Monday."], ["Topics: Supplier attestation"]])
def test_another_document_is_not_recognised(tmp_path: Path, lines: list[str]) -> None:
    for path in (pdf(tmp_path / "x", lines), word(tmp_path / "y", *lines)):
        kind, reason = readers.examine(path)
        assert kind == "unknown" and reason.startswith("no reader recognises")


def test_pdfs_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    whole = pdf(tmp_path / "w.pdf", DECLARATION).read_bytes()
    cases = {
        "truncated": put(tmp_path, "t.pdf", whole[: len(whole) // 2]),
        "no text (a scan?)": pdf(tmp_path / "s.pdf", []),
        "encrypted": pdf(tmp_path / "e.pdf", DECLARATION, encrypt="secret"),
        "the file is empty": put(tmp_path, "0.pdf", b""),
    }
    for words, path in cases.items():
        kind, reason = readers.examine(path)
        assert kind == "unknown" and words in reason, (words, reason)
    assert readers.examine(put(tmp_path, "d.pdf", whole.replace(b"endobj", b"xx")[:-40] + b"%%EOF"))[0] in (
        "unknown",
        "declaration",
    )


def test_an_entity_in_a_word_file_is_never_resolved(tmp_path: Path) -> None:
    good = word(tmp_path / "x.docx", "Policy", "MARK")
    import zipfile

    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    secret = put(tmp_path, "secret.txt", "TOP SECRET")
    body = members["word/document.xml"].decode()
    start = body.index("<w:document")
    members["word/document.xml"] = (
        f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "{secret.as_uri()}">]>{body[start:].replace("MARK", "&x;")}'.encode()
    )
    path = put(tmp_path, "bad.docx", zipped(members))
    assert "document type" in readers.examine(path)[1]
    assert read_item("policy", path, "E-1", RULE).status == "unreadable"


def test_the_labels_name_only_columns_of_the_tables() -> None:
    for form, told in forms_data.specification().items():
        if "labels" not in told:
            continue
        schema = tables.SCHEMAS[told["table"]]
        assert set(told["labels"]) - {"owned"} <= set(schema), form
        labels = [key(label) for listed in told["labels"].values() for label in listed]
        assert len(labels) == len(set(labels)), form
        for name, values in told.get("values", {}).items():
            assert set(values) == set(schema[name].allowed)


def test_page_headers_are_dropped_but_not_the_title(tmp_path: Path) -> None:
    path = pdf(tmp_path / "x", ["Trade Policy", "First text stays."], ["Trade Policy", "Second text stays."])
    assert [line.text for line in documents.load(path).lines] == [
        "Trade Policy",
        "First text stays.",
        "Second text stays.",
    ]


def test_the_top_of_each_page_is_what_stands_highest_and_not_what_was_written_first(tmp_path: Path) -> None:
    canvas_of = canvas.Canvas(str(tmp_path / "x.pdf"), invariant=1)
    canvas_of.drawString(72, 400, "Prices by supplier")
    canvas_of.drawString(200, 770, "CONFIDENTIAL BUSINESS INFORMATION")
    canvas_of.showPage()
    canvas_of.drawString(72, 770, "Public part")
    canvas_of.drawString(72, 100, "CONFIDENTIAL BUSINESS INFORMATION")
    canvas_of.showPage()
    canvas_of.showPage()
    canvas_of.save()
    rows = documents.page_tops(tmp_path / "x.pdf", "E-1")
    assert [(row["page"], row["top"]) for row in rows] == [
        (1, "CONFIDENTIAL BUSINESS INFORMATION"),
        (2, "Public part"),
        (3, None),
    ]


def test_what_is_no_readable_pdf_has_no_pages(tmp_path: Path) -> None:
    whole = pdf(tmp_path / "whole.pdf", ["text"], encrypt="")
    half = tmp_path / "half.pdf"
    half.write_bytes(whole.read_bytes()[:200])
    garbled = tmp_path / "garbled.pdf"
    garbled.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 9 + b"\n%%EOF")
    text = put(tmp_path, "a.txt", "text")
    locked = pdf(tmp_path / "locked.pdf", ["text"], encrypt="secret")
    assert [documents.page_tops(path, "E-1") for path in (half, garbled, text, locked)] == [[], [], [], []]
    assert len(documents.page_tops(whole, "E-1")) == 1
