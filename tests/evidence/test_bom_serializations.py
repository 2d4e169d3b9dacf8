"""One invented document in every serialization says the same, column by column; and damage spoils only what it hits."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence.readers import examine, read_item, xml_parse
from assessor.evidence.readers.bills import licences, spdx_tagvalue
from tests.evidence.bom_samples import reading
from tests.evidence.samples import RULE, put

PLACES = ["component", "locator", "parent"]
FCC = "cdx:device:certifications:US:FCC:id"
PEOPLE = [{"name": "A. Writer", "email": "a@b.example"}, {"email": "only@mail.example"}, {"name": "gatherer"}]
PARTS: list[dict[str, Any]] = [
    {"type": "library", "bom-ref": "a", "name": "plain", "version": "1.10", "purl": "pkg:npm/plain@1.10", "publisher": "P"},
    {"type": "library", "name": "named", "supplier": {"name": "S & Co <EU>", "contact": [{"name": "x"}]}, "publisher": "P"},
    {"type": "library", "name": "made", "manufacturer": {"name": "M"}, "authors": PEOPLE, "author": "Other"},
    {"type": "library", "name": "at", "manufacturer": {"name": "M", "address": {"country": "China", "locality": "X"}}},
    {"type": "library", "name": "nowhere", "supplier": {"name": "M", "address": {"country": "Chinaa"}}},
    {"type": "library", "name": "written", "author": "Ann", "supplier": {"name": "NOASSERTION"}},
    {"type": "firmware", "name": "fw", "licenses": [{"expression": "MIT OR LicenseRef-x"}], "description": "a\nb"},
    {"type": "library", "name": "two", "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Proprietary"}}]},
    {"type": "library", "name": "hashed", "hashes": [{"alg": "SHA-256", "content": "00ff00ff"}, {"alg": "MD5", "content": "0"}]},
    {"type": "library", "name": "cpe", "cpe": "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*", "modified": True},
    {"type": "library", "name": "unchanged", "modified": False, "group": "org.example", "copyright": "(c)"},
    {"type": "library", "name": "patched", "pedigree": {"patches": [{"type": "unofficial"}]}},
    {"type": "library", "name": "committed", "pedigree": {"commits": [{"uid": "1"}], "notes": "not modified"}},
    {"type": "library", "name": "forked", "pedigree": {"notes": "forked from upstream"}},
    {"type": "library", "name": "same", "pedigree": {"notes": "unmodified"}, "modified": True},
    {"type": "library", "name": "related", "pedigree": {k: [{"type": "library", "name": k}] for k in ("ancestors", "variants")}},
    {"type": "library", "name": "old", "pedigree": {"ancestors": [{"type": "library", "name": "older"}]}},
    {"type": "device", "name": "modem", "properties": [{"name": FCC, "value": "2ABCD-1"}, {"name": "cdx:device:quantity", "value": "2"}]},
    {"type": "device", "name": "bad", "properties": [{"name": FCC, "value": "12AB"}, {"name": "cdx:device:function", "value": "talks"}]},
    {"type": "library", "name": "- ", "version": "n/a"},
    {"type": "library", "version": "1"},
    {"type": "library", "name": "outer", "components": [{"type": "file", "name": "in", "components": [{"name": "deep"}]}, {"name": "in2"}]},
]  # fmt: skip
METADATA: list[dict[str, Any]] = [
    {
        "timestamp": "2026-05-01T08:00:00Z",
        "tools": [{"name": "gatherer", "vendor": "V"}],
        "authors": [{"name": "gatherer"}, {"name": "Anneliese Korth"}],
        "component": {"type": "application", "name": "Item", "version": "7", "bom-ref": "root"},
    },
    {
        "tools": {"components": [{"type": "application", "name": "gatherer"}], "services": [{"name": "Ann"}]},
        "supplier": {"name": "Sup"},
        "manufacturer": {"name": "Man"},
        "component": {"type": "device", "name": "Item", "properties": [{"name": FCC, "value": "2ABCD-2"}]},
    },
    {"manufacture": {"name": "Man"}, "timestamp": "2026-05-01"},
]


def element(name: str, value: Any) -> str:
    """A member of CycloneDX JSON as its XML."""
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    if isinstance(value, str):
        return f"<{name}>{escape(value)}</{name}>"
    if name == "tools" and isinstance(value, list):
        return f"<tools>{''.join(element('tool', each) for each in value)}</tools>"
    if name == "contact":
        return (
            "".join(element("contact", each) for each in value)
            if isinstance(value, list)
            else members("contact", value)
        )
    if name == "hashes":
        inside = (f"<hash alg={quoteattr(each['alg'])}>{each['content']}</hash>" for each in value)
        return f"<hashes>{''.join(inside)}</hashes>"
    if name == "properties":
        inside = (f"<property name={quoteattr(each['name'])}>{each['value']}</property>" for each in value)
        return f"<properties>{''.join(inside)}</properties>"
    if isinstance(value, list):
        singular = {"ancestors": "component", "variants": "component", "licenses": "", "patches": "patch"}
        inner = singular.get(name, name.removesuffix("s"))
        return f"<{name}>{''.join(element(inner, each) if inner else members('', each) for each in value)}</{name}>"
    return members(name, value)


def members(name: str, value: dict[str, Any]) -> str:
    attributes = "".join(f" {key}={quoteattr(value[key])}" for key in ("type", "bom-ref") if key in value)
    inside = "".join(element(key, each) for key, each in value.items() if key not in ("type", "bom-ref"))
    return f"<{name}{attributes}>{inside}</{name}>" if name else inside


def cyclonedx(version: str, metadata: dict[str, Any], parts: list[dict[str, Any]]) -> tuple[bytes, bytes]:
    """One document as JSON and as XML."""
    document = {"bomFormat": "CycloneDX", "specVersion": version, "metadata": metadata, "components": parts}
    inside = element("metadata", metadata) + element("components", parts)
    return (
        json.dumps(document).encode(),
        f'<bom xmlns="http://cyclonedx.org/schema/bom/{version}">{inside}</bom>'.encode(),
    )


def facts(found: pd.DataFrame) -> list[dict[str, Any]]:
    """All columns; instead of places the number of the row above."""
    number = {component: n for n, component in enumerate(found["component"])}
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    return [{**{k: v for k, v in row.items() if k not in PLACES}, "above": number.get(row["parent"])} for row in rows]


def _every_version() -> dict[str, tuple[str, str, str]]:
    """A small document of every version in every serialization, by a name: its text, format and version."""
    found: dict[str, tuple[str, str, str]] = {}
    for version in ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"):
        key = "specFormat" if version == "2.0" else "bomFormat"
        told = {key: "CycloneDX", "specVersion": version, "components": [{"type": "library", "name": "a"}]}
        found[f"CycloneDX {version} json"] = (json.dumps(told), "cyclonedx", version)
    for version in ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"):
        text = (
            f'<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1"><components><component type="library">'
            "<name>a</name><version>1</version><modified>false</modified></component></components></bom>"
        )
        found[f"CycloneDX {version} xml"] = (text, "cyclonedx", version)
    for version in ("2.1", "2.2", "2.3"):
        package = {"SPDXID": "SPDXRef-a", "name": "a"}
        told = {"spdxVersion": f"SPDX-{version}", "SPDXID": "SPDXRef-DOCUMENT", "name": "d", "packages": [package]}
        found[f"SPDX {version} json"] = (json.dumps(told), "spdx", version)
        found[f"SPDX {version} yaml"] = (yaml.safe_dump(told), "spdx", version)
        tags = f"SPDXVersion: SPDX-{version}\nPackageName: a\nSPDXID: SPDXRef-a\n"
        found[f"SPDX {version} tag-value"] = (tags, "spdx", version)
        inside = "<packages><SPDXID>SPDXRef-a</SPDXID><name>a</name></packages>"
        found[f"SPDX {version} xml"] = (
            f"<Document><spdxVersion>SPDX-{version}</spdxVersion>{inside}</Document>",
            "spdx",
            version,
        )
        rdf = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://spdx.org/rdf/terms#">'
            f'<SpdxDocument rdf:about="x#SPDXRef-DOCUMENT"><specVersion>SPDX-{version}</specVersion><describesPackage>'
            '<Package rdf:about="x#SPDXRef-a"><name>a</name></Package></describesPackage></SpdxDocument></rdf:RDF>'
        )
        found[f"SPDX {version} rdf"] = (rdf, "spdx", version)
    for version in ("3.0.0", "3.0.1"):
        graph = [{"type": "software_Package", "spdxId": "urn:a", "name": "a"}]
        told = {"@context": f"https://spdx.org/rdf/{version}/spdx-context.jsonld", "@graph": graph}
        found[f"SPDX {version} jsonld"] = (json.dumps(told), "spdx", version)
    return found


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", sorted(_every_version()))
def test_every_version_is_read_in_every_serialization(tmp_path: Path, name: str, packed: bool) -> None:
    text, known, version = _every_version()[name]
    path = put(tmp_path, "delivery.bin", gzip.compress(text.encode()) if packed else text)
    assert examine(path) == (f"bom.{known}", "")
    found, rows = reading(f"bom.{known}", path)
    assert (found.format, found.spec_version, found.serialization) == (known, version, name.split()[-1])
    assert list(rows["name"]) == ["a"] and found.problems == []


XML = '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component><name>a</name></component></components></bom>'


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("PackageName: a\nSPDXID: SPDXRef-a\n", "bom.spdx", "does not say its format"),
        (
            "SPDXID: SPDXRef-DOCUMENT\npackages:\n- name: a\n  SPDXID: SPDXRef-a\n",
            "bom.spdx",
            "does not say its format",
        ),
        ('spdxVersion: "2.3"\npackages:\n- name: a\n', "bom.spdx", ""),
        (f"<answer><body>{XML}</body></answer>", "bom.cyclonedx", "14 characters stand before"),
        (f"fetching\n{XML}", "bom.cyclonedx", "8 characters stand before"),
    ],
)
def test_a_bill_that_hardly_says_what_it_is_is_read(tmp_path: Path, text: str, kind: str, message: str) -> None:
    path = put(tmp_path, "delivery.bin", text)
    assert examine(path) == (kind, "")
    found, rows = reading(kind, path)
    assert list(rows["name"]) == ["a"]
    assert (message in found.problems[0].message) if message else found.problems == []


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("version", ["1.2", "1.4", "1.5", "1.6", "1.7"])
@pytest.mark.parametrize("metadata", METADATA)
def test_cyclonedx_says_the_same_in_json_and_xml(
    tmp_path: Path, metadata: dict[str, Any], version: str, many: int
) -> None:
    both = [reading("bom.cyclonedx", put(tmp_path, "x", data)) for data in cyclonedx(version, metadata, PARTS * many)]
    (of_json, left), (of_xml, right) = both
    assert facts(left) == facts(right) and len(left) > 20 * many
    assert len(of_json.problems) == len(of_xml.problems) == 4 * many
    assert of_json.spec_version == of_xml.spec_version == version


PACKAGES: list[dict[str, Any]] = [
    {"SPDXID": "SPDXRef-root", "name": "Root", "versionInfo": "1.10", "supplier": "Organization: Nordlicht (a@b.example)"},
    {"SPDXID": "SPDXRef-a", "name": "a", "supplier": "Person: Ann ()", "originator": "Organization: Other", "summary": "NOASSERTION", "description": "says"},
    {"SPDXID": "SPDXRef-b", "name": "b", "supplier": "NOASSERTION", "originator": "Tool: t", "licenseDeclared": "MIT"},
    {"SPDXID": "SPDXRef-c", "name": "c", "licenseDeclared": "NOASSERTION", "licenseConcluded": "Apache-2.0"},
    {"SPDXID": "SPDXRef-d", "name": "d", "licenseDeclared": "LicenseRef-1", "primaryPackagePurpose": "FIRMWARE"},
    {"SPDXID": "SPDXRef-e", "name": "e", "checksums": [{"algorithm": "SHA256", "checksumValue": "00ff00ff"}, {"algorithm": "MD5", "checksumValue": "0"}]},
    {"SPDXID": "SPDXRef-f", "name": "f", "externalRefs": [
        {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*"},
        {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/f@1"}]},
    {"SPDXID": "SPDXRef-g", "name": "g", "supplier": "Microsoft/GitHub", "licenseDeclared": "LicenseRef-2"},
    {"SPDXID": "SPDXRef-h", "name": "h", "summary": "S & <s>", "description": "d"},
]  # fmt: skip
RELATIONS = [
    *(("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-root"), ("SPDXRef-root", "CONTAINS", "SPDXRef-a")),
    *(("SPDXRef-b", "DEPENDENCY_OF", "SPDXRef-a"), ("SPDXRef-a", "DEPENDS_ON", "SPDXRef-c")),
    *(("SPDXRef-d", "CONTAINED_BY", "SPDXRef-root"), ("SPDXRef-x", "PATCH_APPLIED", "SPDXRef-e")),
]
INFOS = [
    {"licenseId": "LicenseRef-1", "name": "Vendor", "extractedText": "All rights reserved"},
    {"licenseId": "LicenseRef-2", "extractedText": "Proprietary"},
]


def spdx(version: str, more: int) -> dict[str, Any]:
    names = ("spdxElementId", "relationshipType", "relatedSpdxElement")
    return {
        "spdxVersion": version,
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "Pilot",
        "creationInfo": {"created": "2026-05-02T00:00:00Z", "creators": ["Tool: t", "Organization: Fellmark (x@y.z)", "Person: D. R."]},
        "packages": PACKAGES + [{"SPDXID": f"SPDXRef-{n}", "name": f"p{n}"} for n in range(more)],
        "relationships": [dict(zip(names, each, strict=True)) for each in RELATIONS],
        "hasExtractedLicensingInfos": INFOS,
    }  # fmt: skip


def tag_value(document: dict[str, Any]) -> str:
    created = document["creationInfo"]
    lines = [f"SPDXVersion: {document['spdxVersion']}", "SPDXID: SPDXRef-DOCUMENT", f"DocumentName: {document['name']}"]
    lines += [f"Creator: {each}" for each in created["creators"]] + [f"Created: {created['created']}"]
    tags = {"versionInfo": "Version", "supplier": "Supplier", "originator": "Originator", "summary": "Summary"}
    tags |= {"description": "Description", "licenseDeclared": "LicenseDeclared", "licenseConcluded": "LicenseConcluded"}
    for package in document["packages"]:
        lines += ["", f"PackageName: {package['name']}", f"SPDXID: {package['SPDXID']}"]
        lines += [f"Package{tag}: {package[key]}" for key, tag in tags.items() if key in package]
        if purpose := package.get("primaryPackagePurpose"):
            lines.append(f"PrimaryPackagePurpose: {purpose}")
        lines += [
            f"PackageChecksum: {each['algorithm']}: {each['checksumValue']}" for each in package.get("checksums", ())
        ]
        lines += [f"ExternalRef: {' '.join(each.values())}" for each in package.get("externalRefs", ())]
        lines += ["FileName: ./no-package", f"SPDXID: SPDXRef-File-{package['name']}", "LicenseConcluded: GPL-2.0-only"]
        lines += ["SnippetSPDXID: SPDXRef-Snippet", "SnippetName: no package"]
    lines += [f"Relationship: {' '.join(each.values())}" for each in document["relationships"]]
    for info in document["hasExtractedLicensingInfos"]:
        lines += [f"LicenseID: {info['licenseId']}", f"ExtractedText: <text>{info['extractedText']}</text>"]
        lines += [f"LicenseName: {info['name']}"] if "name" in info else []
    return "\n".join(lines) + "\n"


def spdx_xml(document: dict[str, Any]) -> str:
    def inside(value: Any) -> str:
        if not isinstance(value, dict):
            return escape(str(value))
        found = ""
        for key, each in value.items():
            found += "".join(f"<{key}>{inside(one)}</{key}>" for one in (each if isinstance(each, list) else [each]))
        return found

    files = {"files": [{"SPDXID": "SPDXRef-File", "fileName": "./no-package"}], "snippets": [{"name": "no package"}]}
    return f"<Document>{inside({**document, **files})}</Document>"


def rdf(document: dict[str, Any], striped: bool) -> str:
    """As RDF/XML: packages apart, or (striped) where a relationship first names them."""
    terms, base = "http://spdx.org/rdf/terms#", "http://x.example/doc#"

    def licence(text: str) -> str:
        known = {"NOASSERTION": f"{terms}noassertion"}
        return known.get(text, f"{base if text.startswith('LicenseRef') else 'http://spdx.org/licenses/'}{text}")

    def package(each: dict[str, Any]) -> str:
        names = ("name", "versionInfo", "supplier", "originator", "summary", "description")
        told = "".join(f"<{name}>{escape(each[name])}</{name}>" for name in names if name in each)
        for name in ("licenseDeclared", "licenseConcluded"):
            told += f'<{name} rdf:resource="{licence(each[name])}"/>' if name in each else ""
        if "primaryPackagePurpose" in each:
            told += f'<primaryPackagePurpose rdf:resource="{terms}purpose_{each["primaryPackagePurpose"].lower()}"/>'
        for one in each.get("checksums", ()):
            algorithm = f'<algorithm rdf:resource="{terms}checksumAlgorithm_{one["algorithm"].lower()}"/>'
            told += f"<checksum><Checksum>{algorithm}<checksumValue>{one['checksumValue']}</checksumValue></Checksum></checksum>"
        for one in each.get("externalRefs", ()):
            kind = f'<referenceType rdf:resource="http://spdx.org/rdf/references/{one["referenceType"]}"/>'
            locator = f"<referenceLocator>{one['referenceLocator']}</referenceLocator>"
            told += f"<externalRef><ExternalRef>{kind}{locator}</ExternalRef></externalRef>"
        told += relations(each["SPDXID"])
        return f'<Package rdf:about="{base}{each["SPDXID"]}">{told}</Package>'

    packages = {each["SPDXID"]: each for each in document["packages"]}
    written: set[str] = set()

    def relations(subject: str) -> str:
        found = ""
        for left, kind, right in RELATIONS:
            if left == subject:
                first, *others = kind.lower().split("_")
                name = f"{terms}relationshipType_{first}{''.join(map(str.capitalize, others))}"
                there = f'<relatedSpdxElement rdf:resource="{base}{right}"/>'
                if striped and right in packages and right not in written:
                    written.add(right)
                    there = f"<relatedSpdxElement>{package(packages[right])}</relatedSpdxElement>"
                found += f'<relationship><Relationship><relationshipType rdf:resource="{name}"/>{there}</Relationship></relationship>'
        return found

    made = document["creationInfo"]
    creators = "".join(f"<creator>{escape(each)}</creator>" for each in made["creators"])
    info = f"<creationInfo><CreationInfo><created>{made['created']}</created>{creators}</CreationInfo></creationInfo>"
    head = f"<specVersion>{document['spdxVersion']}</specVersion><name>{document['name']}</name>{info}"
    body = f'<SpdxDocument rdf:about="{base}SPDXRef-DOCUMENT">{head}{relations("SPDXRef-DOCUMENT")}</SpdxDocument>'
    body += "".join(package(each) for each in document["packages"] if not (striped and each["SPDXID"] in written))
    written.update(packages)
    for left, _, _ in RELATIONS:
        if left not in packages and left != "SPDXRef-DOCUMENT":
            body += f'<File rdf:about="{base}{left}">{relations(left)}</File>'
    for each in document["hasExtractedLicensingInfos"]:
        told = "".join(f"<{name}>{text}</{name}>" for name, text in each.items())
        body += f'<ExtractedLicensingInfo rdf:about="{base}{each["licenseId"]}">{told}</ExtractedLicensingInfo>'
    return f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{terms}">{body}</rdf:RDF>'


WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "tag-value": tag_value,
    "yaml": lambda document: yaml.safe_dump(document, sort_keys=False),
    "yaml sorted": yaml.safe_dump,
    "yaml flow": lambda document: "# flow\n" + yaml.safe_dump(document, default_flow_style=None, sort_keys=False),
    "xml": spdx_xml,
    "rdf": lambda document: rdf(document, striped=False),
    "rdf striped": lambda document: rdf(document, striped=True),
}


@pytest.mark.parametrize("more", [0, 60])
@pytest.mark.parametrize("form", WRITERS)
def test_spdx_says_the_same_in_every_serialization(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, more: int
) -> None:
    monkeypatch.setattr(spdx_tagvalue, "FEW", 100 if more else 1 << 20)
    document = spdx("SPDX-2.3", more)
    of_json, left = reading("bom.spdx", put(tmp_path, "a", json.dumps(document)))
    found, right = reading("bom.spdx", put(tmp_path, "b", WRITERS[form](document)))
    assert (found.format, found.spec_version, found.serialization) == ("spdx", "2.3", form.split()[0])
    rows = [{row["reference"]: row for row in facts(frame)} for frame in (left, right)]
    if "striped" in form:  # then packages stand in another order, and the number of the row above says nothing
        for row in (*rows[0].values(), *rows[1].values()):
            del row["above"]
    assert rows[0] == rows[1] and len(rows[0]) == len(PACKAGES) + more
    assert found.problems == of_json.problems == [] and len(found.notes) == len(of_json.notes)


NAMES = [f"part-{n:03}" for n in range(40)]
INTACT: dict[str, tuple[str, bytes]] = {
    "xml": ("bom.cyclonedx", cyclonedx("1.6", {}, [{"type": "library", "name": name} for name in NAMES])[1]),
    "tag-value": ("bom.spdx", "".join(["SPDXVersion: SPDX-2.3\n", *(f"PackageName: {name}\n" for name in NAMES)]).encode()),
    "yaml": ("bom.spdx", "".join(["spdxVersion: SPDX-2.3\npackages:\n", *(f"- name: {name}\n" for name in NAMES)]).encode()),
    "spdx-xml": ("bom.spdx", spdx_xml({"spdxVersion": "SPDX-2.3", "packages": [{"name": name} for name in NAMES]}).encode()),
}  # fmt: skip


@settings(max_examples=120, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(list(INTACT)),
    st.integers(0, 39),
    st.sampled_from(["flip", "insert", "double", "cut"]),
    st.binary(min_size=1, max_size=4),  # too short to begin a file of another kind
)
def test_what_stands_before_damage_is_read_and_damage_is_told(
    tmp_path: Path, form: str, number: int, how: str, noise: bytes
) -> None:
    kind, data = INTACT[form]
    at = data.index(NAMES[number].encode()) + 2
    end = {"flip": at + len(noise), "insert": at, "double": at, "cut": len(data)}[how]
    middle = {"flip": noise, "insert": noise, "double": data[at - 40 : at], "cut": b""}[how]
    path = put(tmp_path, "x", data[:at] + middle + data[end:])
    assert examine(path)[0] == kind
    _, rows = reading(kind, path)
    assert list(rows["name"])[:number] == NAMES[:number]
    assert len(rows) >= number + (form != "yaml" or how != "cut")


@settings(max_examples=100, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(INTACT)), st.integers(1, 38), st.binary(min_size=1, max_size=3))
def test_what_stands_behind_a_bad_name_is_read_too(tmp_path: Path, form: str, number: int, noise: bytes) -> None:
    kind, data = INTACT[form]
    bad = bytes(letter for letter in noise if letter not in b"<>&\n\r\t\0\"'!/?[{|>:#-") or b"@"
    if form == "yaml":
        bad = b"a: b: " + bad  # which ends the parser of YAML
    path = put(tmp_path, "x", data.replace(NAMES[number].encode(), bad))
    _, rows = reading(kind, path)
    names = set(rows["name"].dropna())
    assert set(NAMES[: number - 1]) <= names and set(NAMES[number + 1 :]) <= names


@settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(INTACT)), st.binary(max_size=40), st.integers(0, 2000))
def test_packed_files_are_read_and_damaged_ones_never_break(tmp_path: Path, form: str, noise: bytes, at: int) -> None:
    kind, data = INTACT[form]
    packed = gzip.compress(data, mtime=0)
    assert len(reading(kind, put(tmp_path, "whole", packed))[1]) == 40
    found = read_item(kind, put(tmp_path, "bad", packed[: at % len(packed)] + noise), "E-1", RULE)
    assert found.status in ("read", "partly_read", "unreadable") and not found.reason.startswith("reading it as")


@settings(max_examples=80, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(INTACT)), min_size=2, max_size=4), st.integers(1, 400), st.integers(1, 60))
def test_documents_behind_each_other_are_read_however_the_bytes_are_cut(
    tmp_path: Path, forms: list[str], chunk: int, tail: int
) -> None:
    kind, data = INTACT[forms[0]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assessor.evidence.readers.charsets.CHUNK", chunk)
        patch.setattr(xml_parse, "_LONGEST_END", tail + 10)
        between = b"---\n" if forms[0] == "yaml" else b"\n" * (tail % 3)
        _, rows = reading(kind, put(tmp_path, "x", between.join([data] * len(forms))))
    assert list(rows["name"]) == NAMES * len(forms) and rows["component"].is_unique


LICENCES = [
    "MIT",
    "mit",
    "GPL-2.0",
    "GPL-2.0-only",
    "LicenseRef-x",
    "Commercial",
    "X-1",
    "gpl-2.0+",
    "AND",
    "or",
    "Classpath-exception-2.0",
]


@given(st.lists(st.sampled_from(LICENCES), min_size=2, max_size=4))
def test_licences_joined_by_and_propose_what_the_parser_of_expressions_says(names: list[str]) -> None:
    text = " AND ".join(names)
    with pytest.MonkeyPatch.context() as patch:
        quick = licences.propose(text)
        patch.setattr(licences, "_ALL", re.compile("(?!)"))
        licences._propose.cache_clear()
        assert licences.propose(text) == quick
    licences._propose.cache_clear()
