"""The letters and forms: every fact with its place, every blank a blank, and nothing invented."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from assessor import resources
from assessor.errors import ReportError
from assessor.reporting.context import MEANING, context, disagreements, schema
from assessor.reporting.documents import LETTERS, chosen, write_letters
from assessor.reporting.package import W
from assessor.reporting.render import reading
from assessor.text import visible
from tests.reporting import letters_sample, sample

NAMES = list(LETTERS)
TEMPLATES = resources.folder("templates")


def _body(path: Path, part: str = "word/document.xml") -> etree._Element:
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read(part))


def _at(folder: Path, name: str) -> Path:
    """The file, whose name begins as the rule says where the register claims that something is confidential (§791.314(b))."""
    marked = folder / f"CBI-{name}"
    return marked if marked.exists() else folder / name


def _text(path: Path) -> str:
    return reading(_body(path))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("letters")
    write_letters(root, **letters_sample.inputs(), names=NAMES)
    return root / "report"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bare")
    write_letters(root, **letters_sample.bare(), names=NAMES)
    return root / "report"


def test_the_data_agree_with_the_description_whether_full_or_empty() -> None:
    assert disagreements(context(**letters_sample.inputs())) == []
    assert disagreements(context(**letters_sample.bare())) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_whole_and_has_levels_pages_and_repeated_headers(written: Path, bare: Path, name: str) -> None:
    for folder in (written, bare):
        path = _at(folder, f"{name}.docx")
        document = _body(path)
        for cell in document.iter(f"{W}tc"):
            assert cell[-1].tag == f"{W}p"
        for table in document.iter(f"{W}tbl"):
            assert table.find(f"{W}tr") is not None
            assert sum(int(column.get(f"{W}w")) for column in table.iter(f"{W}gridCol")) == 9360
        styled = [
            (s.get(f"{W}val") if (s := p.find(f"{W}pPr/{W}pStyle")) is not None else "", p)
            for p in document.iter(f"{W}p")
        ]
        assert folder == bare or "Heading1" in [style for style, _ in styled]
        captions = [p for style, p in styled if style == "Caption"]
        assert all(p.getnext().find(f"{W}tr/{W}trPr/{W}tblHeader") is not None for p in captions)
        marks = [node.get(f"{W}fldCharType") for node in document.iter(f"{W}fldChar")]
        assert marks.count("begin") == marks.count("separate") == marks.count("end")
        with zipfile.ZipFile(path) as package:
            footers = [package.read(n).decode() for n in package.namelist() if "footer" in n and n.endswith(".xml")]
            assert any(" PAGE " in f and " NUMPAGES " in f for f in footers)
            assert 'w:lang w:val="en-US"' in package.read("word/styles.xml").decode()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_template_or_of_missing_values_is_left(written: Path, bare: Path, name: str) -> None:
    for folder in (written, bare):
        text = _text(_at(folder, f"{name}.docx"))
        for awkward in (*sample.AWKWARD, letters_sample.HELD):
            text = text.replace(visible(awkward).strip(), "")
        for residue in (
            "{{",
            "}}",
            "{%",
            "%}",
            "{BLANK",
            "{CHOICE",
            "Undefined",
            "None",
            "nan",
            "NaT",
            "<NA>",
            "[]",
            "..",
            "‹",
            "›",
        ):
            assert not re.search(rf"(?<!\w){re.escape(residue)}(?!\w)", text), (name, residue)


@pytest.mark.parametrize(
    ("name", "awkward"),
    [
        ("requests", sample.MARKUP),
        ("requests", sample.LONG),
        ("management_letter", sample.MARKUP),
        ("management_letter", sample.LINES),
        ("management_letter", sample.CHINESE),
        ("supplier_attestation", sample.MARKUP),
        ("supplier_attestation", letters_sample.HELD),
        ("supplier_attestation", sample.RUSSIAN),
        ("supplier_attestation", sample.QUOTES),
        ("supplier_attestation", sample.LINES),
        ("annual_confirmation", sample.MARKUP),
        ("annual_confirmation", letters_sample.HELD),
        ("annual_confirmation", sample.LINES),
        ("advisory_opinion", sample.MARKUP),
        ("advisory_opinion", sample.QUOTES),
        ("advisory_opinion", sample.LINES),
        ("confidential_treatment", sample.MARKUP),
        ("confidential_treatment", sample.QUOTES),
    ],
)
def test_hostile_text_comes_out_as_it_went_in(written: Path, name: str, awkward: str) -> None:
    text = _text(_at(written, f"{name}.docx"))
    assert visible(awkward).strip() in text
    assert "49" not in text.replace("49,", "")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_inputs_give_the_same_bytes(written: Path, tmp_path: Path, name: str) -> None:
    for path in write_letters(tmp_path, **letters_sample.inputs(), names=[name]):
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256((written / path.name).read_bytes()).digest()


def _loops(xml: str) -> dict[str, dict[str, Any]]:
    """What each loop variable of a template stands for in the description of the context."""
    known: dict[str, Any] = dict(schema())
    for variable, path in re.findall(r"\{%\w* *for (\w+) in ([\w.]+) *%\}", xml):
        at: Any = known
        for step in path.split("."):
            at = at[step]
        known[variable] = at[0]
    return known


@pytest.mark.parametrize("name", NAMES)
def test_whatever_prints_a_record_with_evidence_prints_its_reference(name: str) -> None:
    document = _body(TEMPLATES / f"{name}.docx")
    known = _loops(re.sub(r"<[^>]*>", "", etree.tostring(document, encoding="unicode")))
    blocks = [b for b in document.iter(f"{W}tbl", f"{W}p") if not any(True for _ in b.iterancestors(f"{W}tbl"))]
    for block in blocks:
        text = "".join(str(node.text or "") for node in block.iter(f"{W}t"))
        style = block.find(f"{W}pPr/{W}pStyle")
        if style is not None and style.get(f"{W}val") in (
            "Caption",
            "Heading1",
            "Heading2",
            "EntryHeading",
            "FrontHeading",
            "Tag",
        ):
            continue
        used = {variable for variable, _ in re.findall(r"\{\{ (\w+)\.(?!no_recommendation|response)(\w+)", text)}
        for variable in used:
            record = known.get(variable)
            if (
                variable != "summary" and isinstance(record, dict) and "evidence" in record
            ):  # there it is a number of items
                assert re.search(rf"\{{\{{ {variable}\.evidence(_short)? ", text), (name, variable, text[:200])
        for shown in ("client.address", "client.contact", "period.begin"):
            assert (
                f"{{{{ {shown} " not in text
                or "report.terms" in text
                or (style is not None and style.get(f"{W}val") == "LetterAddress")
            ), text


def _records(told: Any, data: Any, place: str = "") -> list[tuple[str, str]]:
    """Place and evidence of every record that is described to have evidence."""
    if isinstance(told, list) and isinstance(told[0], dict):
        return [found for number, entry in enumerate(data) for found in _records(told[0], entry, f"{place}[{number}]")]
    if not isinstance(told, dict):
        return []
    own = [(place, data["evidence"])] if "evidence" in told else []
    return own + [f for key in told if key != MEANING for f in _records(told[key], data[key], f"{place}.{key}")]


def test_every_fact_of_the_letters_has_its_place_in_the_evidence() -> None:
    data = context(**letters_sample.inputs())
    keys = (
        "supplier_forms",
        "confirmations",
        "unassigned_changes",
        "advisory_opinion",
        "confidential",
        "findings_by_severity",
    )
    records = [found for key in keys for found in _records(schema()[key], data[key], key)]
    empty = [place for place, evidence in records if not evidence and ".candidates[" not in place]
    assert len(records) > 50
    assert empty == []


def test_a_request_says_what_why_for_whom_until_when_and_what_it_settles(written: Path) -> None:
    told = _text(_at(written, "requests.docx"))
    for piece in (
        "Who owns R&D <b>",
        "Identify the suppliers of each relevant component",
        "The nature of any interest".lower(),
        "open on 16 November 2026",
        "Suppliers and foreign interests, §791.315(d)(1)",
        "2 requests, as of 16 November 2026",
    ):
        assert piece in told
    assert "not stated" in told  # the terms of the sample set no days


def test_the_due_day_of_requests_comes_from_the_terms() -> None:
    inputs = letters_sample.inputs()
    inputs["terms"] = replace(inputs["terms"], criteria={"due_days": 21})
    data = context(**inputs)
    assert data["delivery"] == {
        "due": "7 December 2026",
        "evidence": "[TERMS [criteria] due_days]",
        "count": "2 requests",
        "dated": "16 November 2026",
    }
    assert {r["due"] for r in data["requests"]} == {"7 December 2026"}
    assert [r["id"] for g in data["request_groups"] for r in g["requests"]] == [r["id"] for r in data["requests"]]


def test_a_clause_that_the_rule_does_not_hold_gives_no_reason_and_no_error() -> None:
    inputs = letters_sample.inputs()
    results = inputs["results"]
    results[0] = replace(results[0], requests=(replace(results[0].requests[0], clause="firm policy 3"),))
    assert context(**inputs)["requests"][0]["why"] == ""


def test_the_sheet_of_requests_is_filtered_frozen_and_holds_only_texts(written: Path, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(str(_at(written, "requests.xlsx")))
    assert book.sheet_names == ["Contents", "Evidence requests", "Subjects"]
    head, *rows = book.get_sheet_by_name("Evidence requests").to_python()
    assert head[0] == "request" and head[-1] == "remark"
    assert [row[0] for row in rows] == ["R-01", "R-02"]
    assert [row[0] for row in book.get_sheet_by_name("Subjects").to_python()[1:]] == [
        "vireo",
        sample.LONG,
        sample.RUSSIAN,
    ]
    inputs = letters_sample.inputs()
    asked = replace(inputs["results"][0].requests[0], what="=HYPERLINK(1)", subjects=("+1", "@x"))
    inputs["results"] = [replace(inputs["results"][0], requests=(asked,))]
    write_letters(tmp_path, **inputs, names=["requests"])
    with zipfile.ZipFile(_at(tmp_path / "report", "requests.xlsx")) as package:
        sheets = [package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert all("autoFilter" in sheet and 'state="frozen"' in sheet for sheet in sheets[1:])


def test_findings_stand_by_severity_each_with_room_for_a_response(written: Path) -> None:
    told = _text(_at(written, "management_letter.docx"))
    places = [
        told.index(words)
        for words in ("Severity high: 2 findings", "Severity medium: 1 finding", "Severity low: 1 finding")
    ]
    assert places == sorted(places)
    assert told.count("[Response of management to the finding]") == 4
    assert "the client has not explained it." in told
    assert "Addresses the condition." in told and "Addresses the cause." in told
    assert "T-1 to T-9 (9 imports)." in told


def test_a_form_tells_a_supplier_facts_and_gaps_and_no_determination(written: Path) -> None:
    data = context(**letters_sample.inputs())
    forms = {form["name"]: form for form in data["supplier_forms"]}
    lumen, russian, oak = forms["Lumen Bridge LLC"], forms[sample.RUSSIAN], forms["Oak & Iron Corp."]
    assert [known["told"] for known in lumen["known"]][:4] == [
        "Lumen Bridge LLC",
        f"Lumen; {sample.CHINESE}",
        "V-1",
        "United States",
    ]
    assert [known["told"] for known in russian["known"] if known["what"].startswith("Countries")] == ["Russia; Germany"]
    assert [c["lacking"] for c in oak["components"]] == ["manufacturer, FCC ID, if it has one and country of origin"]
    assert [(a["signer"], a["said"].split(".")[0]) for a in lumen["attested"]] == [
        (sample.CHINESE, "It denies ties to the PRC or Russia")
    ]
    assert [(o["id"], o["document"]) for o in russian["open"]] == [("R-02", "any that shows it"), ("–", sample.QUOTES)]
    assert oak["id"] == "–" and oak["known"][0]["told"] == "Oak & Iron Corp."
    assert len(lumen["components"]) == 4  # by name and by the register's other names; those of Oak & Iron by place
    text = _text(_at(written, "supplier_attestation.docx"))
    assert "established" not in text
    for limb in ("(1)", "(2)", "(3)", "(4)"):
        assert limb in text
    assert "17 March 2026" in text and "60 days" in text and "China, Cuba, Hong Kong" in text


def test_a_component_without_a_fact_is_asked_for_by_name_only() -> None:
    inputs = letters_sample.inputs()
    inputs["tables"]["components"] = inputs["tables"]["components"].head(0)
    form = next(f for f in context(**inputs)["supplier_forms"] if f["name"] == "Lumen Bridge LLC")
    assert {(c["told"], c["lacking"], c["medium"]) for c in form["components"]} == {("not stated", "–", "not stated")}


def test_a_memo_shows_both_last_days_what_changed_and_what_speaks_against(written: Path) -> None:
    data = {c["name"]: c for c in context(**letters_sample.inputs())["confirmations"]}
    first, second = data["DoC-1"], data["DoC-2"]
    assert [(d["date"], d["clause"]) for d in first["due"]] == [
        ("20 April 2027", "§791.305(h)(1)"),
        ("no date", "§791.305(g)(1)"),
    ]
    assert [c["material"] for c in first["changes"]] == ["material: yes, by Ruth Amsel", "open: not answered"]
    assert first["changed"].endswith("1 material, 0 not material, 1 open.")
    assert [t["outcome"] for t in first["against"]] == [t["outcome"] for t in first["confirmed"]] == ["Exception"]
    assert second["due"] == [] and second["submitted"] == "not stated"
    assert "is not shown by it" in second["changed"]
    assert "CH-3" in _text(_at(written, "annual_confirmation.docx"))


def test_a_dossier_says_of_each_point_what_is_held_and_what_is_missing() -> None:
    dossier = context(**letters_sample.inputs())["advisory_opinion"]
    points = {p["clause"]: p for p in dossier["points"]}
    assert list(points) == [f"§791.310(c)({n})" for n in range(1, 8)]
    assert points["§791.310(c)(1)"]["missing"] == "Title, telephone and e-mail address."
    assert points["§791.310(c)(5)"]["missing"] == "Trim level."
    assert [h["text"] for h in points["§791.310(c)(6)"]["held"]] == ["T-1 unit, of the VCS."]
    assert any(sample.RUSSIAN in h["text"] for h in points["§791.310(c)(3)"]["held"])
    assert not any("Oak & Iron" in h["text"] for h in points["§791.310(c)(3)"]["held"])  # its tie is excluded
    assert [c["subject"] for c in dossier["candidates"]] == [sample.MARKUP, "Lumen Bridge LLC"]
    assert [o["issued"] for o in dossier["opinions"]] == ["1 March 2026", "not issued, or not known"]


def test_a_point_for_another_role_says_so() -> None:
    inputs = letters_sample.inputs()
    inputs["terms"] = replace(
        inputs["terms"], client={**inputs["terms"].client, "roles": ["connected_vehicle_manufacturer"]}
    )
    points = {p["clause"]: p["applies"] for p in context(**inputs)["advisory_opinion"]["points"]}
    assert points["§791.310(c)(5)"] == "yes"
    assert points["§791.310(c)(6)"] == "no: only where the client is a VCS hardware importer"


def test_only_what_is_claimed_goes_into_the_letter_and_its_name_begins_as_the_rule_asks() -> None:
    inputs = letters_sample.inputs()
    inputs["results"].append(
        replace(
            inputs["results"][0],
            procedure="s314_confidentiality",
            findings=(letters_sample.finding("s314_confidentiality", "prices.pdf", "791.314(b)"),),
        )
    )
    told = context(**inputs)["confidential"]
    assert [(f["file"], f["name"]) for f in told["filings"]] == [
        ("CBI plan.pdf", "CBI plan.pdf"),
        ("prices.pdf", "CBI prices.pdf"),
    ]
    assert [f["mend"] for f in told["filings"]] == ["It was not tested.", "See F-99."]
    assert [f["authority"] for f in told["filings"]] == [sample.QUOTES, "not stated"]
    assert [(i["evidence"], i["name"][:18]) for i in told["items"]] == [("[E-0002]", "CBI bom.cyclonedx ")]
    assert [f["file"] for f in told["unstated"]] == [sample.MARKUP]
    assert (told["prefix"], told["mark"], told["count"]) == ("CBI", "CONFIDENTIAL BUSINESS INFORMATION", "3 files")


def test_what_only_a_person_can_say_is_a_labelled_control(written: Path) -> None:
    for name, blanks in {
        "requests": ("Signature", "File names, or why there is none"),
        "management_letter": ("Signature", "Management disagrees"),
        "supplier_attestation": ("Signature", "Who, and how", "Tick if it holds"),
        "annual_confirmation": ("Signature", "On what the decision rests"),
        "advisory_opinion": ("Signature", "Prospective transaction: what, between whom, from when"),
        "confidential_treatment": (
            "Signature",
            "Specific legal authority claimed",
            "Why these pages are not to be disclosed",
        ),
    }.items():
        titles = {node.get(f"{W}val") for node in _body(_at(written, f"{name}.docx")).iter(f"{W}alias")}
        assert set(blanks) <= titles
        assert all(0 < len(title) <= 64 for title in titles)


def test_an_engagement_with_nothing_in_it_says_so_in_whole_sentences(bare: Path) -> None:
    for name, sentence in {
        "requests": "No evidence request is outstanding.",
        "management_letter": "There is no finding.",
        "supplier_attestation": "No supplier of a relevant component has been identified",
        "annual_confirmation": "No Declaration of Conformity is in evidence, so that there is none to confirm.",
        "advisory_opinion": "The file holds nothing for this point.",
        "confidential_treatment": "The register of evidence marks no document as confidential.",
    }.items():
        assert sentence in _text(_at(bare, f"{name}.docx"))


def test_a_firms_own_template_fills_one_letter(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("{%p for s in supplier_forms %}")
    document.add_paragraph("{{ s.name }} {{ s.evidence }}")
    document.add_paragraph("{%p endfor %}")
    document.save(str(tmp_path / "own.docx"))
    made = write_letters(
        tmp_path, **letters_sample.inputs(), names=["supplier_attestation"], template=tmp_path / "own.docx"
    )
    assert "Lumen Bridge LLC [E-0003 row 5" in _text(made[0])


@pytest.mark.parametrize("wanted", ["V-1", " v-1 ", "lumen bridge llc"])
def test_one_suppliers_form_holds_nothing_of_another(tmp_path: Path, wanted: str) -> None:
    made = write_letters(tmp_path, **letters_sample.inputs(), names=["supplier_attestation"], supplier=wanted)
    assert [path.name for path in made] == ["CBI-supplier_attestation-V-1.docx"]
    assert sample.RUSSIAN not in _text(made[0]) and "Oak & Iron" not in _text(made[0])


@pytest.mark.parametrize("wanted", ["Oak & Iron Corp.", sample.RUSSIAN, "V-2"])
def test_a_name_that_is_no_file_name_becomes_one(tmp_path: Path, wanted: str) -> None:
    inputs = letters_sample.inputs()
    inputs["tables"]["suppliers"] = inputs["tables"]["suppliers"].head(0)
    name = "Oak & Iron Corp." if wanted == "Oak & Iron Corp." else wanted
    if wanted == "V-2":
        with pytest.raises(ReportError, match="has the number or name `V-2`"):
            write_letters(tmp_path, **inputs, names=["supplier_attestation"], supplier=wanted)
        return
    made = write_letters(tmp_path, **inputs, names=["supplier_attestation"], supplier=name)
    assert re.fullmatch(r"CBI-supplier_attestation-([A-Za-z_]+-)?[0-9a-f]{8}\.docx", made[0].name)


def test_an_unknown_supplier_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"`nobody`; choose among V-1 \(Lumen Bridge LLC\)"):
        write_letters(tmp_path, **letters_sample.inputs(), names=["supplier_attestation"], supplier="nobody")
    with pytest.raises(ReportError, match="none has been identified yet"):
        write_letters(tmp_path, **letters_sample.bare(), names=["supplier_attestation"], supplier="nobody")
    assert not (tmp_path / "report").exists()


def test_a_form_that_somebody_has_filled_in_is_not_written_over(tmp_path: Path) -> None:
    first = write_letters(tmp_path, **letters_sample.inputs(), names=["annual_confirmation"])[0]
    write_letters(tmp_path, **letters_sample.inputs(), names=["annual_confirmation"])
    first.write_bytes(b"filled in by hand")
    with pytest.raises(ReportError, match="move it elsewhere"):
        write_letters(tmp_path, **letters_sample.inputs(), names=["requests", "annual_confirmation"])
    assert first.read_bytes() == b"filled in by hand"
    assert not _at(tmp_path / "report", "requests.docx").exists()
    first.unlink()
    assert len(write_letters(tmp_path, **letters_sample.inputs(), names=["requests", "annual_confirmation"])) == 3


def test_which_documents_are_meant() -> None:
    assert chosen([], None, "") == ["assessment"]
    assert chosen(["all"], None, "") == ["assessment", *NAMES]
    assert chosen(["requests", "assessment", "requests"], None, "") == ["assessment", "requests"]
    for names, template, supplier, told in (
        (["x"], None, "", "There is no document `x`; choose among assessment, requests"),
        (["all"], Path("t.docx"), "", "is for one document"),
        (["requests"], None, "V-1", "for the supplier attestation only"),
    ):
        with pytest.raises(ReportError, match=re.escape(told)):
            chosen(names, template, supplier)
