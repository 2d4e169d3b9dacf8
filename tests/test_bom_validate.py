"""Bills of materials held against the official schemas: `assessor bom --validate`."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import bom
from assessor.bom import Bill, answers, reading
from assessor.cli import main
from assessor.errors import AssessorError
from assessor.evidence import confined, schema_worker, schemas
from tests.evidence.samples import as_json, put

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "bom"
PART = {"type": "library", "name": "link-core", "version": "1"}
PRIOR_XML = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


VALIDATOR = schemas.Validator()
"""One for all tests, since starting it takes longer than most files."""


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    VALIDATOR.close()


def read(path: Path) -> Bill:
    return bom.read_file(path, VALIDATOR)


def told(bill: Bill) -> list[tuple[str, str]]:
    """Places and words of what the schema says."""
    return [
        (each.place, each.message.removeprefix("schema: "))
        for each in bill.problems
        if each.message.startswith("schema: ")
    ]


def cyclonedx(version: str = "1.6", **more: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": [PART], **more}


def cyclonedx_xml(version: str = "1.6", kind: str = "library", more: str = "") -> str:
    modified = "<modified>false</modified>" if version == "1.0" else ""
    return (
        f'<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1"><components>\n'
        f'<component type="{kind}"><name>link-core</name><version>1</version>{modified}{more}</component>\n'
        "</components></bom>"
    )


def spdx(**more: Any) -> dict[str, Any]:
    return {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "gateway",
        "dataLicense": "CC0-1.0",
        "documentNamespace": "https://example.org/gateway",
        "creationInfo": {"created": "2026-05-01T08:00:00Z", "creators": ["Organization: Firm"]},
        "packages": [{"name": "link-core", "SPDXID": "SPDXRef-link", "downloadLocation": "NOASSERTION"}],
        **more,
    }


TAGS = """SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: gateway
DocumentNamespace: https://example.org/gateway
Creator: Organization: Firm
Created: 2026-05-01T08:00:00Z

PackageName: link-core
SPDXID: SPDXRef-link
PackageDownloadLocation: NOASSERTION
PackageLicenseDeclared: MIT
"""
YAML = """spdxVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
name: gateway
dataLicense: CC0-1.0
documentNamespace: https://example.org/gateway
creationInfo:
  created: "2026-05-01T08:00:00Z"
  creators: ["Organization: Firm"]
packages:
- name: link-core
  SPDXID: SPDXRef-link
  downloadLocation: NOASSERTION
"""
SPDX_XML = """<?xml version="1.0" encoding="UTF-8"?>
<Document>
  <spdxVersion>SPDX-2.3</spdxVersion><SPDXID>SPDXRef-DOCUMENT</SPDXID><name>gateway</name>
  <dataLicense>CC0-1.0</dataLicense><documentNamespace>https://example.org/gateway</documentNamespace>
  <creationInfo><created>2026-05-01T08:00:00Z</created><creators>Organization: Firm</creators></creationInfo>
  <packages><name>link-core</name><SPDXID>SPDXRef-link</SPDXID><downloadLocation>NOASSERTION</downloadLocation></packages>
</Document>
"""
RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="http://spdx.org/rdf/terms#">
  <spdx:SpdxDocument rdf:about="https://example.org/gateway#SPDXRef-DOCUMENT">
    <spdx:specVersion>SPDX-2.3</spdx:specVersion><spdx:name>gateway</spdx:name>
    <spdx:dataLicense rdf:resource="http://spdx.org/licenses/CC0-1.0"/>
    <spdx:creationInfo><spdx:CreationInfo>
      <spdx:created>2026-05-01T08:00:00Z</spdx:created><spdx:creator>Organization: Firm</spdx:creator>
    </spdx:CreationInfo></spdx:creationInfo>
    <spdx:relationship><spdx:Relationship>
      <spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_describes"/>
      <spdx:relatedSpdxElement><spdx:Package rdf:about="https://example.org/gateway#SPDXRef-link">
        <spdx:name>link-core</spdx:name>
        <spdx:downloadLocation rdf:resource="http://spdx.org/rdf/terms#noassertion"/>
      </spdx:Package></spdx:relatedSpdxElement>
    </spdx:Relationship></spdx:relationship>
  </spdx:SpdxDocument>
</rdf:RDF>
"""


def spdx3(**more: Any) -> dict[str, Any]:
    package = {
        "type": "software_Package",
        "spdxId": "https://example.org/link",
        "creationInfo": "_:made",
        "name": "link-core",
        **more,
    }
    made = {
        "type": "CreationInfo",
        "@id": "_:made",
        "specVersion": "3.0.1",
        "created": "2026-05-01T08:00:00Z",
        "createdBy": ["https://example.org/firm"],
    }
    firm = {"type": "Organization", "spdxId": "https://example.org/firm", "creationInfo": "_:made", "name": "Firm"}
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [made, firm, package]}


@pytest.mark.parametrize("version", PRIOR_XML[2:])
def test_cyclonedx_json_is_held_against_the_schema_of_its_version(tmp_path: Path, version: str) -> None:
    good = read(put(tmp_path, "good", as_json(cyclonedx(version))))
    assert (good.validity, good.problems, good.clean) == ("valid", (), True)
    bad = read(put(tmp_path, "bad", as_json(cyclonedx(version, components=[PART, {**PART, "type": "foo"}]))))
    assert (bad.validity, bad.status, len(bad.components), bad.clean) == ("invalid", "read", 2, False)
    ((place, words),) = told(bad)
    assert place == "/components/1/type" and words.startswith("'foo' is not one of ['application'")


@pytest.mark.parametrize("version", PRIOR_XML)
def test_cyclonedx_xml_is_held_against_the_schema_of_its_version(tmp_path: Path, version: str) -> None:
    good = read(put(tmp_path, "good", cyclonedx_xml(version)))
    assert (good.validity, good.problems) == ("valid", ())
    bad = read(put(tmp_path, "bad", cyclonedx_xml(version, kind="foo")))
    assert (bad.validity, bad.status, len(bad.components)) == ("invalid", "read", 1)
    assert told(bad)[0][0] == "line 2" and "'foo' is not an element of the set" in told(bad)[0][1]


@pytest.mark.parametrize(
    ("good", "bad", "place", "words"),
    [
        (
            as_json(spdx()),
            as_json(spdx(packages=[{"name": "a", "SPDXID": "SPDXRef-a", "downloadLocation": "nowhere at all"}])),
            "/packages/0",
            "download_location must be a valid",
        ),
        (TAGS, TAGS.replace("NOASSERTION", "nowhere at all"), "SPDXRef-link", "download_location must be a valid"),
        (TAGS, TAGS.replace("T08:00:00Z", ""), "line 7", "Error while parsing Created"),
        (YAML, YAML.replace("NOASSERTION", "nowhere at all"), "SPDXRef-link", "download_location must be a valid"),
        (SPDX_XML, SPDX_XML.replace("NOASSERTION", "nowhere"), "SPDXRef-link", "download_location must be a valid"),
        (RDF, RDF.replace("2026-05-01T", "2026-05-01 "), "", "does not match format"),
    ],
    ids=["json", "tag-value", "tag-value not parsed", "yaml", "xml", "rdf"],
)
def test_spdx_2_is_judged_by_the_library_of_its_makers(
    tmp_path: Path, good: str, bad: str, place: str, words: str
) -> None:
    fine = read(put(tmp_path, "good", good))
    assert (fine.validity, fine.status, fine.problems) == ("valid", "read", ())
    wrong = read(put(tmp_path, "bad", bad))
    assert (wrong.validity, wrong.status, len(wrong.components)) == ("invalid", "read", 1)
    assert told(wrong)[0][0] == place and words in told(wrong)[0][1]


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (as_json(cyclonedx()).replace('"version": 1,', '"version": 1'), "", "not well-formed JSON: "),
        (cyclonedx_xml().replace("</version>", ""), "line 2", "not well-formed XML: "),
        (SPDX_XML.replace("</SPDXID><down", "<down"), "line 6", "not well-formed XML: "),
        (RDF.replace("  </spdx:SpdxDocument>\n", ""), "line 16", "not well-formed XML: "),
        (RDF.replace("<spdx:SpdxDocument", '<spdx:SpdxDocument rdf:ID="1"'), "line 3", "not RDF/XML: "),
        (YAML + "\tname: [", "line 13", "not well-formed YAML: "),
        (as_json(cyclonedx()).replace('"specVersion": "1.6"', '"specVersion": "latest"'), "", "the document does not say which"),
        (TAGS.replace("SPDX-2.3", "SPDX-2"), "", "the document does not say which version of SPDX it follows"),
    ],
)  # fmt: skip
def test_what_no_schema_could_be_held_against_is_not_valid(
    tmp_path: Path, content: str, place: str, words: str
) -> None:
    bill = read(put(tmp_path, "a", content))
    assert bill.status != "unreadable" and bill.validity == "invalid"
    assert told(bill)[0][0] == place and told(bill)[0][1].startswith(words) and "/tmp" not in told(bill)[0][1]


def test_spdx_3_is_judged_element_by_element(tmp_path: Path) -> None:
    assert read(put(tmp_path, "good", as_json(spdx3()))).validity == "valid"
    bad = read(put(tmp_path, "bad", as_json(spdx3(software_primaryPurpose="foo"))))
    assert bad.validity == "invalid" and [place for place, _ in told(bad)] == ["/@graph/2"]
    assert "'foo' is not a valid value" in told(bad)[0][1]


@pytest.mark.parametrize(
    ("pattern", "validity"),
    [("42_*1.6*.json", "valid"), ("43_*1.7*.xml", "valid"), ("44_*invalid-component-type*.json", "invalid")],
)
def test_the_examples_of_the_specification_are_judged_as_their_names_say(pattern: str, validity: str) -> None:
    found = list(CORPUS.glob(pattern))
    if not found:
        pytest.skip("the corpus is not here")
    assert read(found[0]).validity == validity


def test_messages_change_nothing_of_what_is_read(tmp_path: Path) -> None:
    path = put(
        tmp_path, "a", as_json(cyclonedx(components=[{**PART, "type": "foo", "licenses": "MIT"}, {"name": "b"}]))
    )
    (alone,), asked = bom.read([path]), read(path)
    assert alone.validity == "" and asked.validity == "invalid"
    assert alone.components.equals(asked.components) and alone.status == asked.status
    assert asked.problems[: len(alone.problems)] == alone.problems
    assert read(path).problems == asked.problems


def test_of_many_messages_some_hundreds_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    many = [{**PART, "name": str(number), "type": "foo"} for number in range(250)]
    messages = told(read(put(tmp_path, "a", as_json(cyclonedx(components=many)))))
    assert len(messages) == schema_worker.LISTED + 1 and messages[-1] == ("", "50 further messages are not listed")


def test_a_message_is_short_whatever_it_is_about(tmp_path: Path) -> None:
    bill = read(put(tmp_path, "a", as_json(cyclonedx(metadata={"timestamp": ["x" * 5000], "y" * 5000: 1}))))
    assert bill.validity == "invalid"
    assert all(len(each.message) <= 320 and len(each.excerpt) <= 200 for each in bill.problems)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (gzip.compress(as_json(cyclonedx(components=[{"name": "a"}])).encode()), "/components/0"),
        (as_json(cyclonedx(components=[{"name": "a"}])).encode("utf-16"), "/components/0"),
        (as_json({"sbom": cyclonedx(components=[{"name": "a"}])}), "/sbom/components/0"),
        (
            as_json({"payload": base64.b64encode(as_json({"predicate": cyclonedx(components=[{"name": "a"}])}).encode()).decode()}),
            "/payload/predicate/components/0",
        ),
        (as_json(cyclonedx()) + "\n" + as_json(cyclonedx(components=[{"name": "a"}])), "/(2)/components/0"),
    ],
    ids=["gzip", "UTF-16", "envelope", "DSSE", "two documents"],
)  # fmt: skip
def test_what_is_inside_is_judged_and_the_place_is_true_to_the_file(
    tmp_path: Path, content: bytes | str, place: str
) -> None:
    bill = read(put(tmp_path, "a", content))
    assert bill.validity == "invalid" and (place, "'type' is a required property") in told(bill)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("Part Number,Manufacturer,Quantity\nLM358,Maker,1\n", "no official schema exists for sheets"),
        (as_json({"specFormat": "CycloneDX", "specVersion": "2.0", "components": [PART]}), "no schema of CycloneDX 2.0"),
        (as_json(cyclonedx("1.1")), "no official JSON schema exists of CycloneDX 1.1"),
        (TAGS.replace("SPDX-2.3", "SPDX-2.1"), "knows SPDX 2.2 and 2.3, not SPDX 2.1"),
        (as_json(spdx3()).replace("3.0.1", "3.0.9"), "knows SPDX 3.0.1"),
    ],
)  # fmt: skip
def test_where_there_is_no_schema_a_note_says_so_and_nothing_needs_attention(
    tmp_path: Path, content: str, note: str
) -> None:
    path = put(tmp_path, "a", content)
    bill = read(path)
    assert (bill.validity, told(bill), bill.clean) == ("no_schema", [], bill.status == "read")
    assert any(each.startswith("not validated: ") and note in each for each in bill.notes)


def test_a_file_that_is_too_large_is_not_validated_and_a_note_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "SIZE", 1 << 20)
    for content in (as_json(cyclonedx(x="y" * (1 << 20))), as_json(cyclonedx(x="y" * (5 << 20)))):
        bill = read(put(tmp_path, "a", content))
        assert (bill.validity, bill.status, bill.clean) == ("unchecked", "read", False)
        assert "not validated: the file has more than 1 MB, which validating is limited to" in bill.notes


def test_a_validator_that_takes_too_long_is_stopped_and_the_next_file_has_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = put(tmp_path, "slow", as_json(cyclonedx())), put(tmp_path, "quick", as_json(cyclonedx()))
    with schemas.Validator() as validator:
        monkeypatch.setattr(schemas, "SECONDS", 0.02)
        stopped = bom.read_file(slow, validator)
        monkeypatch.undo()
        assert stopped.validity == "unchecked" and stopped.status == "read"
        assert "not validated: the validator took more than 0.02 seconds and was stopped" in stopped.notes
        assert bom.read_file(quick, validator).validity == "valid"


@pytest.mark.skipif(os.uname().sysname != "Linux" if hasattr(os, "uname") else True, reason="the limit is one of Linux")
def test_a_validator_that_takes_too_much_memory_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "MEMORY", 300 << 20)
    path = put(tmp_path, "a", '{"bomFormat":"CycloneDX","specVersion":"1.6","x":[' + "{}," * 4_000_000 + "{}]}")
    (bill,) = bom.read([path], validate=True)
    assert (bill.validity, told(bill)) == ("unchecked", [])
    assert bill.notes[-1].startswith("not validated: the validator ")


@pytest.mark.parametrize(
    ("content", "validity"),
    [
        ('<!DOCTYPE bom [<!ENTITY x SYSTEM "SECRET">]>' + cyclonedx_xml(more="<purl>&x;</purl>"), "unchecked"),
        ('<!DOCTYPE bom SYSTEM "http://127.0.0.1:9/x.dtd">' + cyclonedx_xml(), "unchecked"),
        (cyclonedx_xml(more='<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="SECRET" parse="text"/>'), "valid"),
        (
            cyclonedx_xml(
                more='<y:a xmlns:y="urn:y" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:y SECRET"/>'
            ),
            "valid",
        ),
        (as_json(cyclonedx(**{"$schema": "http://127.0.0.1:9/x.json"})), "valid"),
        (as_json(cyclonedx(**{"$ref": "SECRET"})), "invalid"),
        ('{"bomFormat":"CycloneDX","specVersion":"1.6","x":' + "[" * 100_000 + "]" * 100_000 + "}", "unchecked"),
        (cyclonedx_xml(more="<components>" + "<component>" * 3000 + "</component>" * 3000 + "</components>"), "unchecked"),
        (as_json(cyclonedx())[:-1] + ',"x":NaN}', "invalid"),
        (as_json(cyclonedx())[:-1] + ',"x":' + "9" * 10_000 + "}", "invalid"),
        (json.dumps(cyclonedx(components=[{**PART, "name": "\ud800\u0000"}])), "valid"),
        (as_json(cyclonedx())[:-3], "invalid"),
        (cyclonedx_xml()[:-20], "invalid"),
        (TAGS.replace("MIT", "(" * 20_000), "invalid"),
        (YAML + "a: &a [x,x]\n" + "".join(f"{n}: &{n} [*{p},*{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)), None),
        (RDF.replace("spdx.org/rdf/terms#\">", "spdx'org/rdf/terms#\">"), "unchecked"),
        (RDF.replace("<rdf:RDF", '<!DOCTYPE a [<!ENTITY x SYSTEM "SECRET">]><rdf:RDF'), "unchecked"),
    ],
)  # fmt: skip
def test_hostile_files_reach_nothing_and_break_nothing(
    tmp_path: Path, content: str, validity: str | None, recwarn: pytest.WarningsRecorder
) -> None:
    secret = put(tmp_path, "secret.txt", "the-secret-of-another-file")
    bill = read(put(tmp_path, "a", content.replace("SECRET", secret.as_uri())))
    assert bill.status in ("read", "partly_read", "unreadable")
    assert validity is None or bill.validity == (validity if bill.status != "unreadable" else "")
    assert "the-secret" not in repr(bill.problems) + repr(bill.notes) and not list(recwarn)
    assert len(told(bill)) <= schema_worker.LISTED + 1


def test_a_process_that_validates_opens_no_socket_writes_no_file_and_starts_nothing() -> None:
    events = [
        ("socket.connect", ()),
        ("socket.getaddrinfo", ()),
        ("urllib.Request", ()),
        ("subprocess.Popen", ()),
        ("os.system", ()),
        ("open", ("a", "w", os.O_WRONLY | os.O_CREAT)),
    ]
    for event, arguments in events:
        confined.audit(event, arguments)
    with confined.guarded():
        confined.audit("open", ("a", "r", os.O_RDONLY))
        for event, arguments in events:
            with pytest.raises(PermissionError, match="refused while a file of a client is looked at"):
                confined.audit(event, arguments)
    confined.audit(*events[0])


_VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 2.5, "", "1", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.lists(_VALUES, max_size=5))
def test_elements_are_unique_where_the_library_finds_them_so(elements: list[Any]) -> None:
    from jsonschema import Draft7Validator

    unique = len({schema_worker._frozen(each) for each in elements}) == len(elements)
    assert unique == Draft7Validator({"uniqueItems": True}).is_valid(elements)


@pytest.mark.parametrize(
    "text", ["", "#a", "pkg:npm/a@1", "https://example.org/a?b=c#d", "../x;y", "urn:a:b", "//h/%20"]
)
def test_a_plain_address_is_one_where_the_library_finds_it_so(text: str) -> None:
    from jsonschema import Draft7Validator
    from rfc3986_validator import validate_rfc3986

    assert validate_rfc3986(text, rule="URI_reference")
    Draft7Validator.FORMAT_CHECKER.check(text, "iri-reference")


def test_a_folder_read_by_several_processes_is_judged_in_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "FEW", 0)
    for number in range(4):
        put(
            tmp_path,
            f"{number}.json",
            as_json(cyclonedx(components=[{**PART, "type": "foo" if number == 2 else "file"}])),
        )
    alone = bom.read([tmp_path], workers=1, validate=True)
    together = bom.read([tmp_path], workers=2, validate=True)
    assert [bill.validity for bill in alone] == ["valid", "valid", "invalid", "valid"]
    assert [(a.path, a.validity, a.problems) for a in alone] == [(b.path, b.validity, b.problems) for b in together]


def test_the_command_tells_files_that_break_their_schema(tmp_path: Path) -> None:
    path = put(tmp_path, "a", as_json(cyclonedx(components=[{**PART, "type": "foo"}])))
    fine = put(tmp_path, "b", as_json(cyclonedx()))
    assert call("bom", path).exit_code == 0
    result = call("bom", path, fine, "--validate")
    assert result.exit_code == 1
    assert "/components/0/type: schema: 'foo' is not one of" in result.stdout
    assert "0 files not read in full.\nAgainst the official schemas: 1 valid, 1 not valid.\n" in result.stdout
    told = json.loads(call("bom", path, fine, "--validate", "--json").stdout)
    assert (told["ok"], [file["validity"] for file in told["files"]]) == (False, ["invalid", "valid"])
    assert [file["status"] for file in told["files"]] == ["read", "read"]
    assert told["files"][0]["problems"][0]["place"] == "/components/0/type"
    assert call("bom", fine, "--validate").exit_code == 0
    assert json.loads(call("bom", fine, "--json").stdout)["files"][0]["validity"] is None


@pytest.mark.parametrize("option", ["--csv", "--gaps"])
def test_validating_is_refused_where_its_messages_would_not_be_seen(tmp_path: Path, option: str) -> None:
    result = call("bom", put(tmp_path, "a", as_json(cyclonedx())), "--validate", option)
    assert result.exit_code == 2 and result.stdout == "" and "leave one of them out" in result.stderr


def test_without_the_extra_validating_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> Bill:
        raise AssertionError("something was read")

    monkeypatch.setattr(schemas, "find_spec", lambda name: None if name == "spdx_tools" else object())
    monkeypatch.setattr(answers, "found", nothing)
    monkeypatch.setattr(reading, "found", nothing)
    path = put(tmp_path, "a", as_json(cyclonedx()))
    result = call("bom", path, "--validate")
    assert result.exit_code == 2 and result.stdout == "" and result.stderr.count("\n") == 1
    assert "pip install 'assessor[validate]'" in result.stderr
    with pytest.raises(AssessorError, match="needs the extra `validate`"):
        bom.read([path], validate=True)
