from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import readers
from tests.evidence.bom_samples import CORPUS, damaged, read, reading, real, said
from tests.evidence.samples import put

TERMS = "http://spdx.org/rdf/terms#"
RDF = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="{TERMS}">'
FULL = f"""<?xml version="1.0"?>
{RDF}
  <spdx:SpdxDocument rdf:about="http://x/doc#SPDXRef-DOCUMENT">
    <spdx:specVersion>SPDX-2.3</spdx:specVersion>
    <spdx:name>Pilot</spdx:name>
    <spdx:creationInfo><spdx:CreationInfo>
      <spdx:created>2026-05-02T00:00:00Z</spdx:created>
      <spdx:creator>Tool: bomgather</spdx:creator><spdx:creator>Organization: Fellmark</spdx:creator>
    </spdx:CreationInfo></spdx:creationInfo>
    <spdx:relationship><spdx:Relationship>
      <spdx:relationshipType rdf:resource="{TERMS}relationshipType_describes"/>
      <spdx:relatedSpdxElement>
        <spdx:Package rdf:about="http://x/doc#SPDXRef-a">
          <spdx:name>nested</spdx:name><spdx:versionInfo>1</spdx:versionInfo>
          <spdx:supplier>Organization: Nordlicht (a@b.example)</spdx:supplier>
          <spdx:primaryPackagePurpose rdf:resource="{TERMS}purpose_firmware"/>
          <spdx:licenseDeclared><spdx:DisjunctiveLicenseSet>
            <spdx:member rdf:resource="http://spdx.org/licenses/MIT"/>
            <spdx:member rdf:resource="http://x/doc#LicenseRef-1"/>
          </spdx:DisjunctiveLicenseSet></spdx:licenseDeclared>
          <spdx:checksum><spdx:Checksum>
            <spdx:algorithm rdf:resource="{TERMS}checksumAlgorithm_sha256"/>
            <spdx:checksumValue>00ff</spdx:checksumValue>
          </spdx:Checksum></spdx:checksum>
          <spdx:externalRef><spdx:ExternalRef>
            <spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/>
            <spdx:referenceLocator>pkg:npm/nested@1</spdx:referenceLocator>
          </spdx:ExternalRef></spdx:externalRef>
          <spdx:relationship><spdx:Relationship>
            <spdx:relationshipType rdf:resource="{TERMS}relationshipType_dependsOn"/>
            <spdx:relatedSpdxElement rdf:resource="http://x/doc#SPDXRef-b"/>
          </spdx:Relationship></spdx:relationship>
        </spdx:Package>
      </spdx:relatedSpdxElement>
    </spdx:Relationship></spdx:relationship>
  </spdx:SpdxDocument>
  <spdx:Package rdf:about="http://x/doc#SPDXRef-b">
    <spdx:name>apart</spdx:name>
    <spdx:originator>Person: Ann</spdx:originator>
    <spdx:licenseConcluded rdf:resource="http://x/doc#LicenseRef-1"/>
    <spdx:licenseDeclared rdf:resource="{TERMS}noassertion"/>
  </spdx:Package>
  <spdx:ExtractedLicensingInfo rdf:about="http://x/doc#LicenseRef-1">
    <spdx:licenseId>LicenseRef-1</spdx:licenseId><spdx:extractedText>Proprietary licence of a vendor</spdx:extractedText>
  </spdx:ExtractedLicensingInfo>
</rdf:RDF>"""
XML = """<Document>
  <SPDXID>SPDXRef-DOCUMENT</SPDXID><spdxVersion>SPDX-2.2</spdxVersion><name>Pilot</name>
  <creationInfo><created>2026-02-03</created><creators>Tool: t</creators><creators>Person: Ann</creators></creationInfo>
  <documentDescribes>SPDXRef-a</documentDescribes>
  <packages><SPDXID>SPDXRef-a</SPDXID><name>a</name><supplier>Organization: Nordlicht</supplier>
    <checksums><algorithm>SHA1</algorithm><checksumValue>00</checksumValue></checksums></packages>
  <packages><SPDXID>SPDXRef-b</SPDXID><name>b</name><licenseDeclared>MIT</licenseDeclared></packages>
  <relationships><spdxElementId>SPDXRef-a</spdxElementId><relationshipType>CONTAINS</relationshipType>
    <relatedSpdxElement>SPDXRef-b</relatedSpdxElement></relationships>
</Document>"""


def test_packages_nested_and_apart_are_read_with_their_relations(tmp_path: Path) -> None:
    found, rows = read(tmp_path, FULL)
    assert (found.format, found.spec_version, found.serialization) == ("spdx", "2.3", "rdf") and found.problems == []
    assert list(rows["name"]) == ["nested", "apart"] and list(rows["level"]) == [0, 1]
    assert list(rows["locator"]) == ["//Package[1]", "//Package[2]"]
    assert list(rows["parent"].fillna("")) == ["", "E-0001#//Package[1]"]
    assert list(rows["reference"]) == ["SPDXRef-a", "SPDXRef-b"] and set(rows["document_author"]) == {"Fellmark"}


def test_the_facts_of_a_package_are_read_from_what_it_refers_to(tmp_path: Path) -> None:
    _, rows = read(tmp_path, FULL)
    facts = ["supplier", "version", "type", "purl", "ecosystem", "hashes", "license"]
    hashes = '{"SHA256":"00ff"}'
    expected = ["Nordlicht", "1", "FIRMWARE", "pkg:npm/nested@1", "npm", hashes, "(MIT OR LicenseRef-1)"]
    assert rows.loc[0, facts].tolist() == expected and rows.loc[0, "firmware"]
    assert rows.loc[1, ["author", "license", "license_class"]].tolist() == ["Ann", "LicenseRef-1", "proprietary"]
    assert set(rows["timestamp"]) == {"2026-05-02T00:00:00Z"} and set(rows["item"]) == {"nested"}


def test_spdx_as_xml_is_read_as_its_json(tmp_path: Path) -> None:
    found, rows = read(tmp_path, XML)
    assert (found.spec_version, found.serialization, found.problems) == ("2.2", "xml", [])
    assert list(rows["name"]) == ["a", "b"] and list(rows["locator"]) == [
        "/Document/packages[1]",
        "/Document/packages[2]",
    ]
    assert (
        list(rows["level"]) == [0, 1]
        and rows.loc[0, "supplier"] == "Nordlicht"
        and set(rows["document_author"]) == {"Ann"}
    )
    assert rows.loc[0, "hashes"] == '{"SHA1":"00"}' and rows.loc[1, "license_class"] == "open_source"


def test_licences_that_hold_each_other_do_not_grow_without_end(tmp_path: Path) -> None:
    sets = "".join(
        f'<spdx:ConjunctiveLicenseSet rdf:about="#s{n}"><spdx:member rdf:resource="#s{n + 1}"/>'
        f'<spdx:member rdf:resource="#s{n + 1}"/></spdx:ConjunctiveLicenseSet>'
        for n in range(40)
    )
    mit = '<spdx:member rdf:resource="http://spdx.org/licenses/MIT"/>'
    loop = f'<spdx:ConjunctiveLicenseSet rdf:about="#s40"><spdx:member rdf:resource="#s40"/>{mit}</spdx:ConjunctiveLicenseSet>'
    package = '<spdx:Package><spdx:name>a</spdx:name><spdx:licenseDeclared rdf:resource="#s0"/></spdx:Package>'
    _, rows = read(tmp_path, RDF + package + sets + loop + "</rdf:RDF>")
    assert rows.loc[0, "license"].startswith("((") and 3000 < len(rows.loc[0, "license"]) < 5000


def test_the_same_address_twice_gives_two_rows_and_a_problem(tmp_path: Path) -> None:
    twice = '<spdx:Package rdf:about="#p"><spdx:name>a</spdx:name></spdx:Package>' * 2
    found, rows = read(tmp_path, RDF + twice + "</rdf:RDF>")
    assert len(rows) == 2 and "also that of" in said(found)


@pytest.mark.parametrize("text", [FULL, XML])
def test_entities_damage_and_encodings_are_met_as_in_all_xml(tmp_path: Path, text: str) -> None:
    body = text.partition("?>")[2] or text
    found, rows = read(tmp_path, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + body)
    assert len(rows) == 2 and "document type" in said(found)
    assert len(read(tmp_path, body.encode("utf-16"))[1]) == 2
    found, rows = read(tmp_path, body.replace("Pilot", "A & B < C"))
    assert len(rows) == 2 and "not valid XML" in said(found)
    found, rows = read(tmp_path, body[: body.rindex("name>") - 4])
    assert len(rows) >= 1 and found.status == "partly_read"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_no_real_file_loses_a_package() -> None:
    for path, version, count in real("spdx-rdfxml"):
        found, rows = reading(readers.recognise(path), path)
        assert (len(rows), found.spec_version, found.problems) == (count, version, [])


@settings(max_examples=200, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32), st.sampled_from([FULL, XML]))
def test_no_damage_raises_or_breaks_the_tables(tmp_path: Path, seed: int, text: str) -> None:
    path = put(tmp_path, "x", damaged(text.encode(), seed))
    readers.examine(path)
    reading("bom.spdx", path)


NAMES = st.from_regex(r"[a-z]{2,8}x", fullmatch=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, max_size=6))
def test_every_package_gives_a_row(tmp_path: Path, names: list[str]) -> None:
    body = "".join(f"<spdx:Package><spdx:name>{name}</spdx:name></spdx:Package>" for name in names)
    assert read(tmp_path, RDF + body + "</rdf:RDF>")[1]["name"].tolist() == names
