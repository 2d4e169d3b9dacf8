"""What is shown at a place is what the fact there was read from, whatever the file, and no file breaks it."""

from __future__ import annotations

import base64
import csv
import gzip
import importlib.util
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor import rule
from assessor.errors import EvidenceError
from assessor.evidence import build, package, places, readers, register, tables
from assessor.evidence.places import Excerpt
from assessor.evidence.readers import office
from assessor.text import visible
from tests.evidence import hardware_sheets, test_bom_rdf, test_bom_tagvalue, test_gleif
from tests.evidence.bom_samples import bom, part
from tests.evidence.register_samples import lines, person, thing
from tests.evidence.samples import RULE, as_json, cyclonedx, pdf, put, word, workbook, zipped
from tests.evidence.test_sheets import LEDGER

FELLMARK = Path(__file__).parents[2] / "fixtures" / "fellmark" / "build.py"
Put = Callable[[Path], Path]


def registered(file: Path, **more: Any) -> pd.DataFrame:
    """A register that holds the one file."""
    told = {"id": "E-0001", "delivery": "001-d", "path": file.name, "sha256": "0" * 64}
    found = readers.recognise(file) if file.is_file() else None
    return register.frame([register.RegisterRow(**{**told, "kind": found, **more})])


def data(root: Path) -> Path:
    folder = root / "evidence" / "001-d" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def shown(root: Path, content: bytes | str, locator: str, name: str = "file.bin") -> Excerpt:
    path = put(data(root), name, content)
    return places.show(root, registered(path), "E-0001", locator)


def own(excerpt: Excerpt) -> dict[str, str]:
    """What stands at the place, by its label."""
    return {row.label: row.text for row in excerpt.rows if row.is_place}


def text_of(excerpt: Excerpt) -> str:
    return "\n".join(row.text for row in excerpt.rows if row.is_place)


def beside(excerpt: Excerpt) -> list[str]:
    return [row.label for row in excerpt.rows if not row.is_place]


# The demonstration: every fact of it


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, build.Built]:
    spec = importlib.util.spec_from_file_location("fixture_fellmark_places", FELLMARK)
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    root = tmp_path_factory.mktemp("places")
    script.build(root / "package")
    (root / "e").mkdir()
    package.take_in(root / "e", root / "package", received=date(2026, 11, 4), supplied_by="F", custodian="R")
    return root / "e", build.build_tables(root / "e", register.read(root / "e" / "register.jsonl"), rule.load())


def test_every_fact_of_the_demonstration_has_its_place(demonstration: tuple[Path, build.Built]) -> None:
    root, built = demonstration
    every = {
        (source, locator): None
        for table in built.tables.values()
        for source, locator in zip(table["source"], table["locator"], strict=True)
    }
    assert len(every) > 3000
    wrong = [
        (place, excerpt.note)
        for place in every
        if (excerpt := places.show(root, built.register, *place)).note or not own(excerpt)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("table", "column", "kinds"),
    [
        ("components", "name", ("bom.cyclonedx", "bom.spdx", "bom.sheet")),
        ("suppliers", "name", ("suppliers",)),
        ("transactions", "transaction", ("ledger",)),
        ("records", "transaction", ("records",)),
        ("authorization_conditions", "text", ("authorization",)),
        ("declarations", "declarant", ("declaration",)),
        ("attestations", "signer", ("attestation",)),
        ("interviews", "statement", ("interview",)),
        ("policies", "text", ("policy",)),
        ("screening", "subject", ("screening",)),
    ],
)
def test_the_text_of_a_fact_stands_at_its_place(
    demonstration: tuple[Path, build.Built], table: str, column: str, kinds: tuple[str, ...]
) -> None:
    root, built = demonstration
    facts = built.tables[table]
    kind = dict(zip(built.register["id"], built.register["kind"], strict=True))
    assert {kind[source] for source in facts["source"]} == set(kinds)
    for source, locator, text in facts[["source", "locator", column]].iloc[:: max(1, len(facts) // 40)].to_numpy():
        excerpt = places.show(root, built.register, source, locator)
        words = " ".join(text_of(excerpt).split())
        if kind[source] in ("policy", "authorization"):  # whose lines are wrapped, over pages too
            assert " ".join(row.text for row in excerpt.rows).find(text[:30]) >= 0
        elif kind[source].startswith("bom.") and not locator.startswith("BOM"):
            assert own(excerpt)["name"] == text
        else:
            assert text in words


# Every locator that a reader writes


ROWS = [["Part Number", "Name", "Qty", "Manufacturer"], ["X-1", "Resistor", 4, "Maker"], ["X-2", "Modem", 1, "Other"]]
YAML = "spdxVersion: SPDX-2.3\nname: d\npackages:\n- name: one\n  SPDXID: SPDXRef-1\n- SPDXID: SPDXRef-2\n  name: two\n"
BODS = [
    {
        "statementId": f"s{number}",
        "recordId": f"r{number}",
        "recordType": "entity",
        "statementDate": "2026-01-01",
        "recordDetails": {"isComponent": False, "entityType": {"type": "registeredEntity"}, "name": f"Firm {number}"},
    }
    for number in range(5)
]
THIRD = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [{"type": "software_Package", "spdxId": f"urn:{name}", "name": name} for name in "abc"],
}
NESTED = bom(
    part(
        "one",
        f"<components>{part('in one')}{part('in two')}</components><pedigree><ancestors>{part('old')}</ancestors></pedigree>",
    ),
    part("two"),
    before="<metadata><component type='firmware'><name>whole</name></component></metadata>",
)
ENVELOPE = {"payload": base64.b64encode(as_json({"predicate": cyclonedx()}).encode()).decode(), "payloadType": "x"}


def written(content: bytes | str) -> Put:
    return lambda folder: put(folder, "file.bin", content)


def sheets_of(kind: str) -> Put:
    return {
        "xlsx": lambda folder: workbook(folder / "f.xlsx", {"Notes": [["x"]], "B O!M": ROWS}),
        "xls": lambda folder: hardware_sheets.xls(folder / "f.xls", {"S": ROWS}),
        "ods": lambda folder: hardware_sheets.ods(
            folder / "f.ods", hardware_sheets.table("S", *(hardware_sheets.row(*each) for each in ROWS))
        ),
    }[kind]


SAMPLES: dict[str, tuple[Put, str]] = {
    "CycloneDX JSON": (written(as_json(cyclonedx())), "components"),
    "two documents of CycloneDX": (written(as_json(cyclonedx()) + as_json(cyclonedx())), "components"),
    "a doubled key": (
        written('{"bomFormat": "CycloneDX", "components": [{"name": "a"}], "components": [{"name": "b"}]}'),
        "components",
    ),
    "a list of documents": (written(as_json([cyclonedx(), cyclonedx()])), "components"),
    "an envelope": (written(as_json({"sbom": cyclonedx()})), "components"),
    "a packed envelope in base64": (written(gzip.compress(as_json(ENVELOPE).encode())), "components"),
    "CycloneDX as UTF-16": (written(as_json(cyclonedx()).encode("utf-16")), "components"),
    "an element that is not UTF-8": (
        written(b'{"bomFormat": "CycloneDX", "components": [{"name": "M\xfcller"}, {"name": "b", "name": "c"}]}'),
        "components",
    ),
    "SPDX JSON": (
        written(as_json({"spdxVersion": "SPDX-2.3", "packages": [{"name": name, "SPDXID": name} for name in "abcd"]})),
        "components",
    ),
    "SPDX 3": (written(as_json(THIRD)), "components"),
    "SPDX tag-value": (written(test_bom_tagvalue.FULL), "components"),
    "two documents of tag-value": (written(test_bom_tagvalue.FULL * 2), "components"),
    "SPDX YAML": (written(YAML), "components"),
    "two documents of YAML": (written(f"{YAML}---\n{YAML}"), "components"),
    "SPDX RDF": (written(test_bom_rdf.FULL), "components"),
    "SPDX XML": (written(test_bom_rdf.XML), "components"),
    "SPDX XML with a bare sign": (written(test_bom_rdf.XML.replace("Nordlicht", "A & B < C")), "components"),
    "CycloneDX XML": (written(NESTED), "components"),
    "CycloneDX XML, two documents": (written(NESTED + NESTED), "components"),
    "CycloneDX XML that is cut off": (written(NESTED[: NESTED.rindex("two") + 3]), "components"),
    "CycloneDX XML, packed": (written(gzip.compress(NESTED.encode())), "components"),
    "a workbook": (sheets_of("xlsx"), "components"),
    "an old workbook": (sheets_of("xls"), "components"),
    "an OpenDocument sheet": (sheets_of("ods"), "components"),
    "further sources of a part": (
        written("P/N,Name,Qty,Mfr,MPN,Mfr 2,MPN 2\nX-1,Resistor,4,Maker,M-1,Other,O-1\n"),
        "components",
    ),
    "separated text": (written(LEDGER), "transactions"),
    "separated text in Chinese": (
        written("Part Number,Name,Qty\nX-1,电阻器电阻器,4\n".encode("gb18030")),
        "components",
    ),
    "BODS as a list": (written(as_json(BODS)), "entities"),
    "BODS as two lists": (written(as_json(BODS[:3]) + as_json(BODS[3:])), "entities"),
    "BODS in an object": (written(as_json({"statements": BODS})), "entities"),
    "BODS as lines": (written(lines(BODS)), "entities"),
    "BODS, documents one after another": (written("\n".join(json.dumps(each, indent=1) for each in BODS)), "entities"),
    "FtM": (written(lines([thing("a", "Company", name=["Acorn"]), thing("b", "Person", name=["Bo"])])), "entities"),
    "PSC": (written(lines([person(), person("07000002", name="Mr Bo Ek")])), "entities"),
    **{
        f"GLEIF {form}": (
            written(test_gleif.level1(form, {}, {"lei": "529900BBBBBBBBBBBB23", "name": "Beta, “Söhne” AG"})),
            "entities",
        )
        for form in test_gleif.FORMATS
    },
    "one answer of GLEIF": (
        written(as_json({"data": json.loads(test_gleif.level1("api", {}))["data"][0]})),
        "entities",
    ),
    "a policy as PDF": (
        lambda folder: pdf(folder / "p.pdf", ["Records Policy", "We keep records for ten years."], ["2. More", "End."]),
        "policies",
    ),
    "a policy as Word": (
        lambda folder: word(folder / "p.docx", "Records Policy", "We keep.", table=[["a", "b"], ["c", "d"]]),
        "policies",
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_row_of_every_format_has_its_place_with_its_name(tmp_path: Path, name: str) -> None:
    making, table = SAMPLES[name]
    path = making(data(tmp_path))
    listed = registered(path)
    reading = readers.read_item(listed["kind"].iloc[0], path, "E-0001", RULE)
    rows = tables.table(table, reading.tables[table])
    assert len(rows) > 0
    column = {"transactions": "transaction", "policies": "text"}.get(table, "name")
    for locator, text in zip(rows["locator"], rows[column], strict=True):
        excerpt = places.show(tmp_path, listed, "E-0001", locator)
        assert not excerpt.note, (locator, excerpt.note)
        if pd.notna(text) and not (table == "entities" and text not in path.read_text("utf-8", "replace")):
            assert text in text_of(excerpt).replace("\n", " "), (locator, text, excerpt)


# What stands around a place


def test_a_row_of_a_sheet_stands_under_its_headings_between_its_neighbours(tmp_path: Path) -> None:
    rows = [
        ["Approved suppliers"],
        [],
        ["Vendor no.", "Vendor name", "Ctry"],
        *([f"V-{n}", f"Firm {n}", "DE"] for n in range(6)),
    ]
    path = workbook(data(tmp_path) / "asl.xlsx", {"ASL 2026": rows})
    listed = registered(path)
    row = places.show(tmp_path, listed, "E-0001", "ASL 2026!row 6")
    assert row.heading == "Sheet ASL 2026, row 6"
    assert own(row) == {"Vendor no.": "V-2", "Vendor name": "Firm 2", "Ctry": "DE"}
    assert [each.label for each in row.rows] == [
        "row 4",
        "row 5",
        "Vendor no.",
        "Vendor name",
        "Ctry",
        "row 7",
        "row 8",
    ]
    cell = places.show(tmp_path, listed, "E-0001", "ASL 2026!B6")
    assert cell.heading == "Sheet ASL 2026, cell B6" and own(cell) == {"Vendor name": "Firm 2"}
    heading = places.show(tmp_path, listed, "E-0001", "ASL 2026!row 3")
    assert own(heading) == {"A": "Vendor no.", "B": "Vendor name", "C": "Ctry"}


def test_a_line_of_separated_text_and_a_cell_of_it(tmp_path: Path) -> None:
    text = 'Screened party,Result\nX,none\n"Y\nover two lines",hit\nZ,none\n'
    assert own(shown(tmp_path, text, "line 3")) == {"Screened party": "Y\nover two lines", "Result": "hit"}
    assert own(shown(tmp_path, text, "line 5, column 2")) == {"Result": "none"}
    assert "no row begins on line 4" in shown(tmp_path, text, "line 4").note


def test_further_headings_hold_for_the_rows_below_them(tmp_path: Path) -> None:
    rows = [*ROWS, ["Name", "Part Number", "Manufacturer", "Qty"], ["Antenna", "X-3", "Third", 2]]
    listed = registered(workbook(data(tmp_path) / "b.xlsx", {"BOM": rows}))
    assert own(places.show(tmp_path, listed, "E-0001", "BOM!row 5")) == {
        "Name": "Antenna",
        "Part Number": "X-3",
        "Manufacturer": "Third",
        "Qty": "2",
    }


def test_an_element_of_a_list_stands_between_its_neighbours_also_far_into_a_large_file(tmp_path: Path) -> None:
    parts = [{"name": f"part {number}", "version": "1.10", "hashes": [{"alg": "SHA-1"}]} for number in range(60_000)]
    document = as_json(cyclonedx(components=parts))
    found = shown(tmp_path, document, "/components/50000")
    assert own(found) == {"name": "part 50000", "version": "1.10", "hashes": '[{"alg": "SHA-1"}]'}
    assert beside(found) == [f"/components/{number}" for number in (49998, 49999, 50001, 50002)]
    for number in (0, 1, 59_999):
        assert own(shown(tmp_path, document, f"/components/{number}"))["name"] == f"part {number}"
    assert shown(tmp_path, document, "/components/60000").note


def test_numbers_of_json_stand_as_they_are_written(tmp_path: Path) -> None:
    found = shown(
        tmp_path,
        '{"bomFormat": "CycloneDX", "components": [{"name": "a", "share": 1.10, "big": 1e400}]}',
        "/components/0",
    )
    assert own(found) == {"name": "a", "share": "1.10", "big": "1e400"}


def test_a_package_of_tag_value_and_of_yaml_is_shown_to_its_end(tmp_path: Path) -> None:
    found = shown(tmp_path, test_bom_tagvalue.FULL, "line 17")
    assert "PackageVersion: 1.10" in own(found).values() and "PackageName: Pilot stack" not in own(found).values()
    assert "PackageName: not a package" in own(found).values()  # stands inside a text
    assert own(shown(tmp_path, YAML, "line 4")) == {"line 4": "- name: one", "line 5": "  SPDXID: SPDXRef-1"}
    assert beside(shown(tmp_path, YAML, "line 4")) == ["line 2", "line 3", "line 6", "line 7"]


def test_an_element_of_xml_is_not_that_of_a_pedigree(tmp_path: Path) -> None:
    inner = shown(tmp_path, NESTED, "/bom/components/component[1]/components/component[2]")
    assert own(inner)["name"] == "in two" and beside(inner) == ["components/component[1]"]
    second = shown(tmp_path, NESTED, "/bom/components/component[2]")
    assert own(second)["name"] == "two" and beside(second) == ["/bom/components/component[1]"]
    assert own(shown(tmp_path, NESTED, "/bom/metadata/component"))["name"] == "whole"


def test_pages_and_paragraphs_stand_between_their_neighbours(tmp_path: Path) -> None:
    listed = registered(pdf(data(tmp_path) / "p.pdf", ["Policy", "one"], ["two", "three"], ["four"]))
    page = places.show(tmp_path, listed, "E-0001", "page 2")
    assert [row.text for row in page.rows] == ["Policy", "one", "two", "three", "four"]
    assert [row.is_place for row in page.rows] == [False, False, True, True, False]
    listed = registered(word(data(tmp_path) / "p.docx", "Policy", "one", table=[["a", "b"], ["c", "d"]]))
    assert own(places.show(tmp_path, listed, "E-0001", "paragraph 5")) == {"paragraph 5": "c | d"}


def test_the_whole_item_shows_its_beginning(tmp_path: Path) -> None:
    assert own(shown(tmp_path, as_json(cyclonedx()), ""))["bomFormat"] == "CycloneDX"
    assert own(shown(tmp_path, LEDGER, ""))["line 2"].startswith("T-1 | ")
    assert own(shown(tmp_path, test_bom_tagvalue.FULL, ""))["line 1"] == "SPDXVersion: SPDX-2.3"
    assert own(shown(tmp_path, "{}", "")) == {"": "it is empty"}


def test_the_terms_are_shown_where_procedures_name_them(tmp_path: Path) -> None:
    put(
        tmp_path,
        "engagement.toml",
        '[firm]\nname = "Q"\nmethod = ["a"]\n[[team]]\nname = "Ann"\nrole = "lead"\n[[team]]\nname = "Bo"\n'
        "[[authorizations]]\npublished = {site = 2026-01-02}\nconditions = [{condition = 'b'}]\n",
    )

    def terms(locator: str) -> dict[str, str]:
        return own(places.show(tmp_path, register.frame([]), "TERMS", locator))

    assert terms("[firm] name") == {"name": "Q"} and terms("[firm]") == {"name": "Q", "method": '["a"]'}
    assert terms("[[team]] Bo") == {"name": "Bo"} and list(terms("[[team]]")) == ["0", "1"]
    assert terms("authorizations[0].published") == {"site": "2026-01-02"}
    assert terms("authorizations[0].conditions[0]") == {"condition": "b"}
    for locator in ("[firm] address", "authorizations[1]", "[[items]]", "[[team]] Cy", "nonsense!"):
        assert places.show(tmp_path, register.frame([]), "TERMS", locator).note


# What cannot be shown is a note


def test_an_item_that_the_register_does_not_have_is_an_error_of_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"^The register has no item 'E-0002'; .*\.$"):
        places.show(tmp_path, registered(tmp_path / "x"), "E-0002", "line 1")


def test_a_file_that_is_not_there_or_is_a_link_is_not_opened(tmp_path: Path) -> None:
    gone = registered(data(tmp_path) / "gone.csv")
    assert "not in the delivery 001-d any more" in places.show(tmp_path, gone, "E-0001", "line 1").note
    told = registered(data(tmp_path) / "gone.csv", status="missing", reason="listed in the manifest only")
    assert places.show(tmp_path, told, "E-0001", "line 1").note == "listed in the manifest only"
    secret = put(tmp_path, "secret.csv", LEDGER)
    (data(tmp_path) / "link.csv").symlink_to(secret)
    linked = places.show(tmp_path, registered(data(tmp_path) / "link.csv"), "E-0001", "line 2")
    assert "links are not followed" in linked.note and not linked.rows
    away = registered(secret, path="../../../secret.csv")
    assert not places.show(tmp_path, away, "E-0001", "line 2").rows


def test_what_cannot_be_opened_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = registered(pdf(data(tmp_path) / "e.pdf", ["x"], encrypt="secret"), kind="policy")
    assert places.show(tmp_path, locked, "E-0001", "page 1").note == "the PDF is encrypted"
    scan = registered(pdf(data(tmp_path) / "s.pdf", []), kind="policy")
    assert "no text (a scan?)" in places.show(tmp_path, scan, "E-0001", "page 1").note
    assert shown(tmp_path, b"", "line 1").note == "the file is empty"
    assert "gzip" in shown(tmp_path, b"\x1f\x8b\x00broken", "line 1").note
    assert "damaged" in shown(tmp_path, b"PK\x03\x04broken", "A!row 1").note
    assert shown(tmp_path, zipped({"a.txt": "x"}), "A!row 1").note
    monkeypatch.setattr(office, "MAX_UNPACKED", 1000)
    big = registered(workbook(data(tmp_path) / "b.xlsx", {"BOM": ROWS}), kind="bom.sheet")
    assert "when unpacked" in places.show(tmp_path, big, "E-0001", "BOM!row 2").note


def test_no_entity_of_xml_is_resolved(tmp_path: Path) -> None:
    secret = put(tmp_path, "secret.txt", "hunter2")
    prolog = f'<!DOCTYPE bom [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    found = shown(tmp_path, bom(part("x &e; &b; y"), prolog=prolog), "/bom/components/component[1]")
    assert own(found)["name"] == "x &e; &b; y"


def test_text_between_elements_and_attributes_without_number_are_shown_within_bounds(tmp_path: Path) -> None:
    many = " ".join(f'a{number}="1"' for number in range(50_000))
    component = f"<component {many}><name>a</name><description>one <b>two</b> three</description></component>"
    found = shown(
        tmp_path,
        bom(part("b", "<description>one <b>two</b> three</description>"), component),
        "/bom/components/component[1]",
    )
    assert own(found)["description"] == "one  three" and own(found)["description/b"] == "two"
    many_told = shown(tmp_path, bom(component), "/bom/components/component[1]")
    assert own(many_told)["@a7"] == "1" and len(many_told.rows) < 210


def test_long_texts_and_many_rows_are_cut_with_a_sign_and_nothing_unprintable_is_left(tmp_path: Path) -> None:
    component = {"name": "n" * 5000, "x\x1b[31m": "a\x07\u202eb", "list": list(range(5000))} | {
        f"k{n}": n for n in range(900)
    }
    document = as_json(cyclonedx(components=[component, {"name": "m" * 5000}]))
    found = shown(tmp_path, document, "/components/0")
    texts = own(found)
    assert len(texts["name"]) == 2000 and texts["name"].endswith("n…") and texts["list"].endswith("…")
    assert texts["x\\u001b[31m"] == "a\\u0007\u202eb"
    assert len(found.rows) < 210 and any("more" in row.text and row.label == "…" for row in found.rows)
    assert all(visible(row.text) == row.text and visible(row.label) == row.label for row in found.rows)
    cell = shown(tmp_path, f"Screened party,Result\n{'y' * 90_000},none\n", "line 2")
    assert own(cell)["Screened party"] == "y" * 1999 + "…"


LOCATORS = ["", "/", "/0", "/components/0/name/x", "//Package[1]", "/bom/components/component[0]", "/a[1]/b", "page 0",
    "page 99", "paragraph 999", "line 0", "line 99999999999999999999", "BOM!row 0", "BOM!ZZZ9", "!row 1", "document 1",
    "line 1, column 999", "/(2)/components/0", "row 5", "/bom//x", "/components/99999999999999999999"]  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_no_locator_breaks_any_file(tmp_path: Path, name: str) -> None:
    path = SAMPLES[name][0](data(tmp_path))
    listed = registered(path)
    for locator in LOCATORS:
        excerpt = places.show(tmp_path, listed, "E-0001", locator)
        assert own(excerpt) or excerpt.note, locator
        assert "cannot be shown (" not in excerpt.note, (locator, excerpt.note)  # which an error of ours would say


_MADE: dict[str, bytes] = {}


def sample(name: str, folder: Path) -> bytes:
    """The bytes of a sample, made once: those of a workbook hold the time at which it was made, and so vary in length."""
    if name not in _MADE:
        _MADE[name] = SAMPLES[name][0](folder).read_bytes()
    return _MADE[name]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_and_no_locator_raises(tmp_path: Path, data_: st.DataObject) -> None:
    whole = sample(data_.draw(st.sampled_from([*SAMPLES])), data(tmp_path))
    at, junk, dropped = (
        data_.draw(st.integers(0, len(whole))),
        data_.draw(st.binary(max_size=20)),
        data_.draw(st.integers(0, 60)),
    )
    locator = data_.draw(st.one_of(st.sampled_from(LOCATORS), st.text(max_size=20)))
    excerpt = shown(tmp_path, whole[:at] + junk + whole[at + dropped :], locator)
    assert excerpt.rows or excerpt.note


KEYS = (st.text(max_size=6) | st.sampled_from(["data", "Data", "predicate"])).filter(lambda key: not key.endswith(")"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, above: str = "") -> list[tuple[str, Any]]:
    """Every place of a document and what stands there."""
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    named = [(f"{above}/{str(key).replace('~', '~0').replace('/', '~1')}", each) for key, each in held]
    return [*named, *(found for place, each in named for found in pointers(each, place))]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VALUES, min_size=1, max_size=4) | st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.booleans())
def test_any_pointer_into_any_document_leads_to_what_stands_there(tmp_path: Path, document: Any, escaped: bool) -> None:
    put(data(tmp_path), "file.bin", json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass"))
    listed = registered(data(tmp_path) / "file.bin", kind="bom.cyclonedx")
    for pointer, value in pointers(document):
        excerpt = places.show(tmp_path, listed, "E-0001", pointer)
        assert not excerpt.note, (pointer, excerpt.note)
        held = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else [("", value)]
        )
        texts = own(excerpt)
        if not list(held):
            assert list(texts) == [""]
        for key, each in held:
            if isinstance(each, str):
                assert texts[visible(str(key))] == visible(each)
            elif not isinstance(each, list | dict):
                assert texts[visible(str(key))] == json.dumps(each)


CELLS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=8).map(
    lambda text: f"x{text}"
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.sampled_from(",;\t"), st.data())
def test_any_row_of_any_separated_text_stands_under_its_headings(
    tmp_path: Path, rows: list[tuple[str, str]], separator: str, data_: st.DataObject
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [("Screened party", "Result"), *rows]
    )
    at = data_.draw(st.integers(0, len(rows) - 1))
    put(data(tmp_path), "file.bin", text.getvalue())
    listed = registered(data(tmp_path) / "file.bin", kind="screening")
    assert own(places.show(tmp_path, listed, "E-0001", f"line {at + 2}")) == dict(
        zip(("Screened party", "Result"), rows[at], strict=True)
    )


def test_the_sheets_kept_for_the_next_place_are_those_of_the_file_as_it_is(tmp_path: Path) -> None:
    assert own(shown(tmp_path, "Screened party,Result\nX,none\n", "line 2"))["Screened party"] == "X"
    assert own(shown(tmp_path, "Screened party,Result\nYY,none\n", "line 2"))["Screened party"] == "YY"
