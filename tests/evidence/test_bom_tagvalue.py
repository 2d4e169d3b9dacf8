from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import readers
from assessor.evidence.readers.bills import spdx_lines, spdx_table, spdx_tagvalue
from tests.evidence.bom_samples import CORPUS, damaged, read, reading, real, said
from tests.evidence.samples import put

FULL = """SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: Pilot stack
Creator: Tool: bomgather-2
Creator: Organization:Fellmark (x@example.org)
Creator: Person: D. R. ()
Created: 2026-05-02T00:00:00Z

## Packages
PackageName: Pilot stack
SPDXID: SPDXRef-root
PackageSupplier: NOASSERTION
PackageOriginator: Person: Ann
FilesAnalyzed: True

PackageName: nf-mapmatch
SPDXID: SPDXRef-a
PackageVersion: 1.10
PackageSupplier: Organization: Nordlicht
PackageOriginator: Tool: scanner
PackageLicenseDeclared: LicenseRef-1
PackageLicenseConcluded: NOASSERTION
PackageSummary: NOASSERTION
PackageDescription: <text>Matches
PackageName: not a package
to roads</text>
PrimaryPackagePurpose: FIRMWARE
PackageChecksum: SHA1: 00ff
ExternalRef: SECURITY cpe23Type cpe:2.3:a:b:c:1:*:*:*:*:*:*:*
ExternalRef: PACKAGE-MANAGER purl pkg:generic/nf@1.10

FileName: ./main.c
SPDXID: SPDXRef-file
LicenseConcluded: GPL-2.0-only

PackageName: deep
SPDXID: SPDXRef-b
PackageSupplier: Microsoft/GitHub
PackageLicenseDeclared: MIT
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-root
Relationship: SPDXRef-root CONTAINS SPDXRef-a
Relationship: SPDXRef-b DEPENDENCY_OF SPDXRef-a

LicenseID: LicenseRef-1
LicenseName: Vendor proprietary licence
ExtractedText: <text>All rights reserved</text>
"""
HEAD = "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n"


def test_packages_have_levels_agents_licences_and_the_line_that_names_them(tmp_path: Path) -> None:
    found, rows = read(tmp_path, FULL)
    assert (
        found.status == "read"
        and found.problems == []
        and [note.rpartition(": ")[2] for note in found.notes] == ["1, first line 37)"]
    )
    assert (found.format, found.spec_version, found.serialization) == ("spdx", "2.3", "tag-value")
    assert list(rows["name"]) == ["Pilot stack", "nf-mapmatch", "deep"]
    assert list(rows["locator"]) == ["line 11", "line 17", "line 37"]
    assert list(rows["level"]) == [0, 1, 2]
    assert list(rows["parent"].fillna("")) == ["", "E-0001#line 11", "E-0001#line 17"]
    assert list(rows["supplier"].fillna("")) == ["", "Nordlicht", "Microsoft/GitHub"]
    assert list(rows["author"].fillna("")) == ["Ann", "", ""]
    assert set(rows["item"]) == {"Pilot stack"} and set(rows["document_author"]) == {"Fellmark; D. R."}
    assert set(rows["timestamp"]) == {"2026-05-02T00:00:00Z"}
    assert list(rows["license_class"]) == ["unknown", "proprietary", "open_source"]
    assert "Vendor" in rows.loc[1, "license_reason"] or "LicenseRef-1" in rows.loc[1, "license_reason"]
    assert list(rows["reference"]) == ["SPDXRef-root", "SPDXRef-a", "SPDXRef-b"]


def test_texts_over_lines_hashes_and_references_are_read(tmp_path: Path) -> None:
    _, rows = read(tmp_path, FULL)
    assert rows.loc[1, ["version", "purl", "ecosystem", "hashes"]].tolist() == [
        "1.10",
        "pkg:generic/nf@1.10",
        "generic",
        '{"SHA1":"00ff"}',
    ]
    assert rows.loc[1, "description"] == "Matches\nPackageName: not a package\nto roads"
    assert rows.loc[1, "cpe"].startswith("cpe:2.3") and rows.loc[1, "firmware"]


def test_tags_out_of_order_belong_to_the_element_that_began_last(tmp_path: Path) -> None:
    text = HEAD + "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\nSPDXID: SPDXRef-a\nPackageName: a\n"
    text += (
        "FileName: ./x\nSPDXID: SPDXRef-f\nPackageVersion: 3\nSPDXID: SPDXRef-b\nPackageName: b\nPackageVersion: 4\n"
    )
    found, rows = read(tmp_path, text)
    assert list(rows["reference"]) == ["SPDXRef-a", "SPDXRef-b"] and list(rows["version"]) == ["3", "4"]
    assert list(rows["level"]) == [0, 1] and found.problems == []


def test_a_text_that_is_never_closed_costs_no_package(tmp_path: Path) -> None:
    text = HEAD + "PackageName: a\nPackageDescription: <text>open\nPackageName: b\nPackageComment: <text>shut</text>\n"
    text += "PackageName: c\nPackageComment: <text>open too\nPackageComment: <text>and this\nPackageName: d\n"
    found, rows = read(tmp_path, text)
    assert list(rows["name"]) == ["a", "b", "c", "d"] and list(rows["locator"]) == [f"line {n}" for n in (4, 6, 8, 11)]
    assert rows.loc[0, "description"] == "open"
    assert [p.place for p in found.problems] == ["line 5", "line 9", "line 10"] and "never closed" in said(found)


def test_unknown_tags_and_lines_without_tag_are_told_and_skipped(tmp_path: Path) -> None:
    text = (
        HEAD + "PackageName: a\nPackageMood: <text>good\nPackageName: no</text>\nnot a tag at all\npackageversion : 7\n"
    )
    found, rows = read(tmp_path, text)
    assert list(rows["name"]) == ["a"] and list(rows["version"]) == ["7"]
    assert "PackageMood (1)" in found.notes[0]
    assert [(p.place, "no tag" in p.message) for p in found.problems] == [("line 7", True)]


def test_a_fact_that_stands_twice_is_told_with_both(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "PackageName: a\nPackageSupplier: Person: X\nPackageSupplier: Person: Y\n")
    assert list(rows["supplier"]) == ["Y"] and "Person: X" in said(found) and "Person: Y" in said(found)


@pytest.mark.parametrize("line", ["ExternalRef: purl", "PackageChecksum: 00ff", "Relationship: a CONTAINS"])
def test_a_value_that_cannot_be_read_is_a_problem_with_its_bytes(tmp_path: Path, line: str) -> None:
    found, rows = read(tmp_path, HEAD + f"PackageName: a\n{line}\nPackageName: b\n")
    assert len(rows) == 2 and found.problems[0].place == "line 5" and found.problems[0].excerpt in line


def test_same_names_and_same_identifiers_are_all_kept(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "PackageName: twin\nSPDXID: SPDXRef-1\n" * 5 + "PackageName:\n")
    assert len(rows) == 6 and rows["component"].is_unique
    assert sum("also that of" in p.message for p in found.problems) == 4 and "no name" in said(found)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_is_read(tmp_path: Path, encoding: str, end: str) -> None:
    found, rows = read(tmp_path, (HEAD + "PackageName: Größe 清\n").replace("\n", end).encode(encoding))
    assert list(rows["name"]) == ["Größe 清"] and list(rows["locator"]) == ["line 4"] and found.problems == []


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Größe – Maß"), ("gb18030", "清蓝科技有限公司")])
def test_a_guessed_encoding_is_told(tmp_path: Path, encoding: str, name: str) -> None:
    found, rows = read(tmp_path, (HEAD + f"PackageName: {name}\n").encode(encoding))
    assert list(rows["name"]) == [name] and "not UTF-8" in said(found)


def test_control_characters_and_noise_cost_no_package(tmp_path: Path) -> None:
    found, rows = read(
        tmp_path, HEAD.encode() + b"PackageName: a\0b\n" + bytes(range(256)) * 50 + b"\nPackageName: c\n"
    )
    assert len(rows) == 2 and rows.loc[1, "name"] == "c" and "control characters" in said(found)


@pytest.mark.parametrize("few", [-1, 1 << 15])
def test_every_document_of_a_file_is_read_as_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(spdx_tagvalue, "FEW", few)
    first = HEAD + "Creator: Person: A\nPackageName: a\nSPDXID: SPDXRef-1\nPackageLicenseDeclared: LicenseRef-1\n"
    first += "LicenseID: LicenseRef-1\nLicenseName: Commercial\n"
    second = first.replace("Person: A", "Person: B").replace("Commercial", "Public").replace("2.3", "2.2")
    found, rows = read(tmp_path, first + second)
    assert list(rows["document_author"]) == ["A", "B"] and list(rows["license_class"]) == ["proprietary", "unknown"]
    assert list(rows["locator"]) == ["line 5", "document 2, line 14"] and found.spec_version == "2.3"
    assert said(found) == "line 10: document number 2 of this file begins here; it is read too"


def test_very_many_documents_are_counted_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, rows = read(tmp_path, (HEAD + "PackageName: a\n") * 50)
    assert len(rows) == 50 and len(found.problems) == 20 and "50 documents" in said(found)
    monkeypatch.setattr(spdx_tagvalue, "DOCUMENTS", 3)
    found, rows = read(tmp_path, (HEAD + "PackageName: a\n") * 50)
    assert len(rows) == 3 and "line 13: more than 3 documents" in said(found)


def test_of_a_very_long_line_the_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spdx_tagvalue, "LONGEST_LINE", 1000)
    monkeypatch.setattr(spdx_lines, "LONGEST_LINE", 1000)
    found, rows = read(tmp_path, HEAD + "PackageName: " + "x" * 600_000 + "\nPackageName: b\n")
    assert list(rows["name"]) == ["x" * 987, "b"] and said(found).startswith("line 4: this line is longer than 1,000")


def test_lines_without_number_end_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spdx_tagvalue, "MOST_LINES", 10)
    found, rows = read(tmp_path, HEAD + "PackageName: a\n" * 20)
    assert len(rows) == 7 and "line 11: more than 10 lines" in said(found)


def test_packages_that_say_nothing_are_counted_beyond_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spdx_table, "EMPTY", 30)
    for few in (-1, 1 << 15):
        monkeypatch.setattr(spdx_tagvalue, "FEW", few)
        found, rows = read(tmp_path, HEAD + "PackageName:\n" * 100 + "PackageName: a\nSPDXID: SPDXRef-a\n")
        assert len(rows) == 31 and "70 more packages say nothing" in said(found)
        assert rows["locator"].iloc[-1] == "line 104" and rows["reference"].iloc[-1] == "SPDXRef-a"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_no_real_file_loses_a_package() -> None:
    samples = real("spdx-tv")
    assert len(samples) >= 4
    for path, version, count in samples:
        assert readers.recognise(path) == "bom.spdx"
        found, rows = reading("bom.spdx", path)
        assert (len(rows), found.spec_version, found.problems) == (count, version, []), path.name


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_tag_value_and_json_of_one_product_name_the_same_packages() -> None:
    of = {path.suffix: reading("bom.spdx", path)[1] for path in CORPUS.glob("1[67]_*flux*")}
    facts = ["name", "version", "reference", "purl"]
    left, right = (frame[facts[:2]].fillna("").sort_values(facts[:2]).to_numpy().tolist() for frame in of.values())
    assert len(of) == 2 and left == right


VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12).map(
    lambda t: f"n{t}n"
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(VALUES, st.booleans()), max_size=6))
def test_every_package_gives_a_row_with_its_text(tmp_path: Path, packages: list[tuple[str, bool]]) -> None:
    text = HEAD + "".join(
        f"PackageName: {name}\nPackageDescription: "
        + (f"<text>{name}\n\nPackageName: x</text>\n" if over else f"{name}\n")
        for name, over in packages
    )
    found, rows = read(tmp_path, text)
    expected = [(name, f"{name}\n\nPackageName: x" if over else name) for name, over in packages]
    assert list(zip(rows["name"], rows["description"], strict=True)) == expected and found.problems == []


@settings(max_examples=150, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32))
def test_no_damage_raises_or_breaks_the_tables(tmp_path: Path, seed: int) -> None:
    path = put(tmp_path, "x", damaged(FULL.encode(), seed))
    readers.examine(path)
    reading("bom.spdx", path)
