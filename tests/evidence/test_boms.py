from __future__ import annotations

import base64
import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import four_fields, readers, tables
from assessor.evidence.readers import Reading, read_item, recognise
from assessor.evidence.readers.bills import cyclonedx_json, licences
from tests.evidence.samples import RULE, as_json, cyclonedx, put, workbook

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bom"


def read(kind: str, path: Path) -> tuple[Reading, pd.DataFrame]:
    reading = read_item(kind, path, "E-0001", RULE)
    return reading, tables.table("components", reading.tables.get("components", []))


def spdx(**more: Any) -> dict[str, Any]:
    return {
        "spdxVersion": "SPDX-2.3",
        "name": "Pilot stack",
        "SPDXID": "SPDXRef-DOCUMENT",
        "creationInfo": {
            "created": "2026-05-02T00:00:00Z",
            "creators": ["Tool: bomgather-2", "Organization: Fellmark (x@example.org)", "Person: D. R."],
        },
        "documentDescribes": ["SPDXRef-root"],
        "packages": [
            {
                "SPDXID": "SPDXRef-a",
                "name": "nf-mapmatch",
                "supplier": "Organization:Nordlicht",
                "originator": "Tool: scanner",
                "licenseDeclared": "LicenseRef-1",
                "licenseConcluded": "NOASSERTION",
                "primaryPackagePurpose": "FIRMWARE",
            },
            {"SPDXID": "SPDXRef-root", "name": "Pilot stack", "supplier": "NOASSERTION", "originator": "Person: Ann"},
            {
                "SPDXID": "SPDXRef-b",
                "name": "deep",
                "licenseDeclared": "MIT",
                "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:a/b"}],
            },
            {"SPDXID": "SPDXRef-c", "name": "loose"},
        ],
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "name": "Vendor proprietary licence"}],
        "relationships": [
            {"spdxElementId": "SPDXRef-root", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-b", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-p", "relationshipType": "PATCH_APPLIED", "relatedSpdxElement": "SPDXRef-b"},
        ],
        **more,
    }


def test_cyclonedx_components_are_flattened_with_parent_and_level(tmp_path: Path) -> None:
    path = put(tmp_path, "x.txt", as_json(cyclonedx()))
    assert recognise(path) == "bom.cyclonedx"
    reading, rows = read("bom.cyclonedx", path)
    assert reading.status == "read" and reading.problems == []
    assert list(rows["component"]) == [
        f"E-0001#{place}"
        for place in ("/metadata/component", "/components/0", "/components/0/components/0", "/components/1")
    ]
    assert list(rows["level"]) == [0, 1, 2, 1]
    assert list(rows["parent"].fillna("")) == [
        "",
        "E-0001#/metadata/component",
        "E-0001#/components/0",
        "E-0001#/metadata/component",
    ]
    assert set(rows["item"]) == {"Gateway software"} and set(rows["timestamp"]) == {"2026-05-01T08:00:00Z"}


def test_supplier_manufacturer_and_author_are_kept_apart_and_a_tool_is_nobody(tmp_path: Path) -> None:
    _, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(cyclonedx())))
    assert rows.loc[1, ["supplier", "manufacturer", "author"]].tolist() == [
        "Brightwater Connect LLC",
        "Maker Oy",
        "A. Writer",
    ]
    assert set(rows["document_author"]) == {"Anneliese Korth"}
    assert rows.loc[3, ["supplier", "manufacturer", "author"]].isna().all()


def test_a_publisher_stands_for_the_supplier_only_before_1_6(tmp_path: Path) -> None:
    for version, expected in (("1.4", 1), ("1.5", 1), ("1.6", 0)):
        document = {
            "bomFormat": "CycloneDX",
            "specVersion": version,
            "components": [{"name": "a", "publisher": "Firm"}],
        }
        _, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(document)))
        assert rows["supplier"].notna().sum() == expected


def test_licence_firmware_and_modification_are_proposals_with_unknown_kept(tmp_path: Path) -> None:
    _, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(cyclonedx())))
    assert list(rows["license_class"]) == ["unknown", "proprietary", "open_source", "open_source"]
    assert list(rows["firmware"]) == [False, False, True, False]
    assert rows["modified"].isna().tolist() == [True, True, True, False] and rows.loc[3, "modified"]


@pytest.mark.parametrize(
    ("pedigree", "expected"),
    [
        ({"commits": [{"uid": "1"}]}, True),
        ({"patches": [{"type": "backport"}]}, True),
        ({"notes": "Locally modified for speed"}, True),
        ({"ancestors": [{"name": "a"}], "variants": [{"name": "b"}]}, True),
        ({"notes": "unmodified upstream release"}, False),
        ({"notes": "taken from upstream"}, None),
        ({"ancestors": [{"name": "a"}]}, None),
        ({"commits": []}, None),
        ("odd", None),
    ],
)
def test_the_pedigree_says_modified_unmodified_or_nothing(
    tmp_path: Path, pedigree: object, expected: bool | None
) -> None:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a", "pedigree": pedigree}]}
    _, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(document)))
    assert [None if pd.isna(value) else value for value in rows["modified"]] == [expected]


def test_same_named_components_are_all_kept(tmp_path: Path) -> None:
    document = cyclonedx(components=[{"name": "twin", "version": "1"}] * 7)
    assert len(read("bom.cyclonedx", put(tmp_path, "x", as_json(document)))[1]) == 8


def test_a_bad_component_is_a_problem_with_its_place_and_the_others_survive(tmp_path: Path) -> None:
    document = cyclonedx(
        components=[{"name": "good"}, "text", {"version": "1"}, {"name": 7, "supplier": ["x"], "licenses": {"a": 1}}]
    )
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(document)))
    assert len(rows) == 5 and reading.status == "partly_read"
    assert [problem.place for problem in reading.problems] == ["/components/1", "/components/2"]


def test_a_doubled_key_is_told_with_both_values_and_its_place(tmp_path: Path) -> None:
    text = (
        '{"bomFormat":"CycloneDX","components":[{"name":"a","supplier":{"name":"First"},"supplier":{"name":"Second"}}]}'
    )
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", text))
    assert list(rows["supplier"]) == ["Second"]
    assert [
        (p.place, "First" in p.message and "Second" in p.message and "supplier" in p.message) for p in reading.problems
    ] == [("/components/0", True)]


@pytest.mark.parametrize(
    ("component", "names", "words"),
    [
        ('{"name": NaN}', [None], "NaN"),
        ('{"name": "a", "x": 1' + "0" * 5000 + "}", ["a"], "1000"),
        ('{"name": "a\x01b"}', ["a\ufffdb"], ""),
        ('{"name": "lone \\ud800"}', ["lone \ufffd"], ""),
        ('{"name": "a",}', [None], "not valid JSON"),
        ("[" * 200_000 + "]" * 200_000, [None], "too deep"),
    ],
)
def test_an_odd_element_is_told_and_the_others_survive(
    tmp_path: Path, component: str, names: list[str | None], words: str
) -> None:
    text = f'{{"bomFormat": "CycloneDX", "components": [{{"name": "before"}}, {component}, {{"name": "after"}}]}}'
    path = put(tmp_path, "x.json", text)
    assert recognise(path) == "bom.cyclonedx"
    reading, rows = read("bom.cyclonedx", path)
    assert [None if pd.isna(name) else name for name in rows["name"]] == ["before", *names, "after"]
    assert not words or any(words in p.message and p.place.startswith("/components/1") for p in reading.problems)


def test_a_truncated_file_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    whole = as_json(cyclonedx(components=[{"name": f"c{n}", "version": "1"} for n in range(50)]))
    cut = whole[: whole.index('"c30"') + 3]
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", cut))
    assert list(rows["name"])[1:] == [f"c{n}" for n in range(30)]
    assert reading.status == "partly_read" and reading.problems[0].place == "/components/30"
    assert reading.problems[0].excerpt.startswith('{"name": "c3')


def test_a_missing_quotation_mark_spoils_one_component_alone(tmp_path: Path) -> None:
    text = as_json(cyclonedx(components=[{"name": f"c{n}"} for n in range(5)])).replace('"c1"', '"c1')
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", text))
    assert rows["name"].fillna("").tolist()[1:] == ["c0", "", "c2", "c3", "c4"]
    assert [problem.place for problem in reading.problems][:1] == ["/components/1"]


def test_more_components_than_are_read_are_told_with_the_place_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cyclonedx_json, "MOST", 3)
    bill = {"bomFormat": "CycloneDX", "components": [{"name": f"c{n}"} for n in range(9)]}
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(bill)))
    (problem,) = reading.problems
    assert list(rows["name"]) == ["c0", "c1", "c2"] and problem.place == "/components/3"
    assert "more than 3 components" in problem.message


def test_many_documents_in_one_file_are_counted_and_all_read(tmp_path: Path) -> None:
    text = "\n".join(as_json({"bomFormat": "CycloneDX", "components": [{"name": f"n{n}"}]}) for n in range(30))
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", text))
    assert list(rows["name"]) == [f"n{n}" for n in range(30)] and rows["component"].is_unique
    assert len(reading.problems) == 20 and "30 documents" in reading.problems[-1].message


def test_a_bill_without_an_end_is_unreadable_with_a_reason(tmp_path: Path) -> None:
    path = put(tmp_path, "x.json", '{"bomFormat": "CycloneDX", "components": [')
    reading, _ = read("bom.cyclonedx", path)
    assert reading.status == "unreadable" and "ends inside" in reading.reason


def test_two_documents_in_one_file_are_both_read_and_told(tmp_path: Path) -> None:
    text = as_json(cyclonedx(components=[{"name": "a"}])) + "\n" + as_json(cyclonedx(components=[{"name": "b"}]))
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", text))
    assert list(rows["name"]) == ["Gateway software", "a", "Gateway software", "b"]
    assert list(rows["locator"]) == [
        "/metadata/component",
        "/components/0",
        "/(2)/metadata/component",
        "/(2)/components/0",
    ]
    assert [problem.place for problem in reading.problems] == ["/(2)"]


def test_a_list_of_components_that_stands_twice_is_read_twice(tmp_path: Path) -> None:
    text = '{"bomFormat": "CycloneDX", "components": [{"name": "a"}], "components": [{"name": "b"}]}'
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", text))
    assert list(rows["locator"]) == ["/components/0", "/components(2)/0"] and rows["component"].is_unique
    assert [problem.place for problem in reading.problems] == ["/components(2)"]


def test_components_before_the_metadata_know_them_all_the_same(tmp_path: Path) -> None:
    document = cyclonedx()
    turned = {name: document[name] for name in ("components", "specVersion", "metadata", "bomFormat")}
    _, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(turned)))
    _, usual = read("bom.cyclonedx", put(tmp_path, "y", as_json(document)))
    pd.testing.assert_frame_equal(rows, usual)


def test_envelopes_are_opened(tmp_path: Path) -> None:
    bill = cyclonedx(components=[{"name": "inside"}])
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://cyclonedx.org/bom",
        "predicate": bill,
    }
    payload = base64.b64encode(as_json(statement).encode()).decode()
    for document, place in (
        (statement, "/predicate/components/0"),
        (
            {"payload": payload, "payloadType": "application/vnd.in-toto+json", "signatures": []},
            "/payload/predicate/components/0",
        ),
    ):
        path = put(tmp_path, "x", gzip.compress(as_json(document).encode()))
        assert recognise(path) == "bom.cyclonedx"
        _, rows = read("bom.cyclonedx", path)
        assert rows["locator"].iloc[-1] == place and rows["name"].iloc[-1] == "inside"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings_of_unicode_are_read(tmp_path: Path, encoding: str) -> None:
    text = as_json(cyclonedx(components=[{"name": "Müller 青岚"}]))
    path = put(tmp_path, "x", text.encode(encoding))
    assert recognise(path) == "bom.cyclonedx"
    assert read("bom.cyclonedx", path)[1]["name"].iloc[-1] == "Müller 青岚"


def test_a_name_that_is_not_utf_8_is_read_as_windows_1252_and_told(tmp_path: Path) -> None:
    text = as_json(cyclonedx(components=[{"name": "Müller"}, {"name": "plain"}]))
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", text.encode("cp1252")))
    assert list(rows["name"])[1:] == ["Müller", "plain"] and "windows-1252" in reading.problems[0].message


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = put(tmp_path, "x.gz", gzip.compress(b'{"bomFormat":"CycloneDX","components":[' + b" " * (80 << 20)))
    reading, _ = read("bom.cyclonedx", path)
    assert reading.status == "unreadable" and "unpacks to more" in reading.reason


_TEXTS = st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["n/a", " x ", "MIT", "Tool: t", "bomgather", "-"]))
_NAMES = st.one_of(st.none(), st.fixed_dictionaries({}, optional={"name": _TEXTS, "url": st.just([])}), _TEXTS)
_PLACES = st.one_of(st.none(), st.fixed_dictionaries({}, optional={"country": st.one_of(_TEXTS, st.just("China"))}))
_FIRMS = st.one_of(_NAMES, st.fixed_dictionaries({"name": _TEXTS, "address": _PLACES}))
_COMPONENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(_TEXTS, st.sampled_from(["device", "firmware", "library"])),
        "name": st.one_of(_TEXTS, st.integers()),
        "version": st.one_of(_TEXTS, st.floats(allow_nan=False)),
        "description": _TEXTS,
        "supplier": _FIRMS,
        "manufacturer": _FIRMS,
        "publisher": _TEXTS,
        "author": _TEXTS,
        "authors": st.one_of(st.none(), st.lists(_NAMES, max_size=2)),
        "purl": st.one_of(_TEXTS, st.just("pkg:NPM/a@1")),
        "bom-ref": _TEXTS,
        "modified": st.one_of(st.none(), st.booleans()),
        "licenses": st.lists(st.fixed_dictionaries({}, optional={"expression": _TEXTS, "license": _NAMES}), max_size=2),
        "hashes": st.lists(st.fixed_dictionaries({"alg": _TEXTS, "content": _TEXTS}), max_size=2),
        "pedigree": st.sampled_from([{"patches": [{}]}, {"notes": "unmodified"}, {}, None]),
        "properties": st.sampled_from([[], [{"name": "cdx:device:quantity", "value": "2"}]]),
    },
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_COMPONENTS, min_size=9, max_size=60), st.booleans())
def test_the_fast_way_says_what_the_slow_way_says(tmp_path: Path, components: list[dict[str, Any]], flat: bool) -> None:
    if not flat:
        components[0]["components"] = components[5:]
    text = as_json(cyclonedx(components=components))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cyclonedx_json, "FEW", 1)
        _, fast = read("bom.cyclonedx", put(tmp_path, "fast", text.encode("utf-8", "surrogatepass")))
        patch.setattr(cyclonedx_json, "FEW", 1000)
        _, slow = read("bom.cyclonedx", put(tmp_path, "fast", text.encode("utf-8", "surrogatepass")))
    pd.testing.assert_frame_equal(fast, slow)


def test_components_nested_deeper_than_python_recurses_are_all_read(tmp_path: Path) -> None:
    component: dict[str, Any] = {"name": "bottom"}
    for _ in range(300):
        component = {"name": "n", "components": [component]}
    _, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(cyclonedx(components=[component]))))
    assert len(rows) == 302 and rows["level"].max() == 301


def test_an_html_page_saved_as_json_is_called_that(tmp_path: Path) -> None:
    path = put(tmp_path, "sbom.cdx.json", "<!DOCTYPE html><html><body>Sign in</body></html>")
    assert readers.examine(path) == ("unknown", readers.examine(path)[1]) and "HTML" in readers.examine(path)[1]
    assert "HTML" in read_item("bom.cyclonedx", path, "E-1", RULE).reason


def test_a_bill_wrapped_by_a_service_is_read_with_true_pointers(tmp_path: Path) -> None:
    path = put(tmp_path, "x", as_json({"sbom": spdx()}))
    assert recognise(path) == "bom.spdx"
    assert next(iter(read("bom.spdx", path)[1]["locator"])) == "/sbom/packages/0"


def test_spdx_packages_have_levels_agents_and_licences(tmp_path: Path) -> None:
    path = put(tmp_path, "x", as_json(spdx()))
    reading, rows = read("bom.spdx", path)
    assert recognise(path) == "bom.spdx" and reading.problems == []
    assert list(rows["level"]) == [1, 0, 2, 1]
    assert list(rows["parent"].fillna("")) == ["E-0001#/packages/1", "", "E-0001#/packages/0", ""]
    assert list(rows["supplier"].fillna("")) == ["Nordlicht", "", "", ""] and list(rows["author"].fillna("")) == [
        "",
        "Ann",
        "",
        "",
    ]
    assert set(rows["item"]) == {"Pilot stack"} and set(rows["document_author"]) == {"Fellmark; D. R."}
    assert list(rows["license_class"]) == ["proprietary", "unknown", "open_source", "unknown"]
    assert rows["firmware"].fillna(False).tolist() == [True, False, False, False] and rows["modified"].fillna(
        False
    ).tolist() == [False, False, True, False]
    assert rows.loc[2, "purl"] == "pkg:a/b"


def test_of_several_described_packages_none_is_the_item_itself(tmp_path: Path) -> None:
    path = put(tmp_path, "x", as_json(spdx(documentDescribes=["SPDXRef-root", "SPDXRef-c"])))
    _, rows = read("bom.spdx", path)
    assert list(rows["level"]) == [2, 1, 3, 1] and set(rows["item"]) == {"Pilot stack"}


def test_what_follows_the_end_of_a_json_document_is_told(tmp_path: Path) -> None:
    reading, rows = read("bom.spdx", put(tmp_path, "x", as_json(spdx()) + "\ntrailing"))
    assert len(rows) == 4 and "after the end" in reading.problems[0].message


ONE = '"components": [{"name": "a"}]'
PACKAGES = '"packages": [{"SPDXID": "SPDXRef-a", "name": "a"}]'


@pytest.mark.parametrize(
    ("text", "kind", "place", "message"),
    [
        (f'{{"bomFormat": "cyclonedx", {ONE}}}', "cyclonedx", "/components/0", ""),
        (f'{{"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", {ONE}}}', "cyclonedx", "/components/0", ""),
        (f'{{"specVersion": "1.4", {ONE}}}', "cyclonedx", "/components/0", "does not say its format"),
        (f'[{{"bomFormat": "CycloneDX", {ONE}}}]', "cyclonedx", "/0/components/0", ""),
        (f'{{"items": [{{"x": {{"bomFormat": "CycloneDX", {ONE}}}}}]}}', "cyclonedx", "/items/0/x/components/0", ""),
        (f'{{"a/b": {{"c": {{"bomFormat": "CycloneDX", {ONE}}}}}}}', "cyclonedx", "/a~1b/c/components/0", ""),
        (f'pulling image\n{{"bomFormat": "CycloneDX", {ONE}}}', "cyclonedx", "/components/0", "14 bytes stand before"),
        (f'{{"spdxVersion": "2.3", {PACKAGES}}}', "spdx", "/packages/0", ""),
        (f'{{"spdxVersion": "spdx 2.2", {PACKAGES}}}', "spdx", "/packages/0", ""),
        (f'{{"SPDXID": "SPDXRef-DOCUMENT", {PACKAGES}}}', "spdx", "/packages/0", "does not say its format"),
        (f'{{"Document": {{"spdxVersion": "SPDX-2.2", {PACKAGES}}}}}', "spdx", "/Document/packages/0", ""),
    ],
)
def test_a_bill_that_hardly_says_what_it_is_is_read(
    tmp_path: Path, text: str, kind: str, place: str, message: str
) -> None:
    path = put(tmp_path, "delivery.bin", text)
    assert recognise(path) == f"bom.{kind}"
    reading, rows = read(f"bom.{kind}", path)
    assert list(rows["name"]) == ["a"] and list(rows["locator"]) == [place] and reading.format == kind
    assert (message in reading.problems[0].message) if message else reading.problems == []


@pytest.mark.parametrize(
    "text", [f"{{{ONE}}}", f'{{{PACKAGES}, "lockfileVersion": 3}}', '{"components": {"schemas": 1}}']
)
def test_components_or_packages_alone_make_no_bill(tmp_path: Path, text: str) -> None:
    kind, reason = readers.examine(put(tmp_path, "delivery.json", text))
    assert kind == "unknown" and "no bill of materials in a known format" in reason


@pytest.mark.parametrize("many", [1, 60])
def test_the_country_of_an_address_is_read_by_exact_names_alone(tmp_path: Path, many: int) -> None:
    components: list[dict[str, Any]] = [
        {"name": "a", "manufacturer": {"name": "M", "address": {"country": "中国"}}},
        {"name": "b", "supplier": {"name": "S", "address": {"country": "Republic of China"}}},
        {"name": "c", "supplier": {"name": "S", "address": {"country": "Korea"}}},
        {"name": "d", "manufacturer": {"name": "M"}, "supplier": {"name": "S", "address": {"country": "de"}}},
        {"name": "e", "supplier": {"name": "S", "address": {"locality": "Bonn"}}},
    ]
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(cyclonedx(components=components * many))))
    assert list(rows["address_country"].fillna("")[1:]) == ["CN", "TW", "", "DE", ""] * many
    assert [problem.place for problem in reading.problems] == [f"/components/{5 * n + 2}" for n in range(many)]
    assert rows["country"].isna().all()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("2026-01-02T03:04:05Z", 0),
        ("2026-01-02T03:04:05.678+01:00", 0),
        ("2 January 2026", 0),
        ("03/04/2026", 0),
        ("2026-13-45", 1),
        ("yesterday", 1),
        ("1767322800", 1),
    ],
)
@pytest.mark.parametrize("count", [2, 200])
def test_a_timestamp_that_is_no_date_is_told_once_and_counts_as_missing(
    tmp_path: Path, text: str, problems: int, count: int
) -> None:
    bill = {"bomFormat": "CycloneDX", "metadata": {"timestamp": text}, "components": [{"name": "a"}] * count}
    reading, rows = read("bom.cyclonedx", put(tmp_path, "x", as_json(bill)))
    assert len(reading.problems) == problems and set(rows["timestamp"]) == {text}
    assert four_fields.gaps(rows)["timestamp"].sum() == problems * count
    if problems:
        assert reading.problems[0].place == "/components/0" and f"for {count - 1} more" in reading.problems[0].message


def test_an_actor_without_its_kind_is_read_and_said_and_a_tool_stays_a_tool(tmp_path: Path) -> None:
    document = spdx()
    document["creationInfo"]["creators"] = ["Fellmark", "Tool scan-2", "Person: Ann"]
    document["packages"][2]["supplier"] = "Microlith/Hub"
    reading, rows = read("bom.spdx", put(tmp_path, "x", as_json(document)))
    assert set(rows["document_author"]) == {"Fellmark; Ann"} and rows.loc[2, "supplier"] == "Microlith/Hub"
    creators, tool, packages = reading.notes
    assert "'Fellmark'" in creators and "for a tool" in tool and "(packages: 1, first /packages/2)" in packages
    assert reading.status == "read"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", "open_source"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "open_source"),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", "open_source"),
        ("MIT AND LicenseRef-Proprietary", "proprietary"),
        ("MIT OR LicenseRef-Commercial", "open_source"),
        ("LicenseRef-foo", "unknown"),
        ("MIT AND LicenseRef-foo", "unknown"),
        ("All rights reserved (c) Firm", "proprietary"),
        ("Some licence, see file", "unknown"),
        ("BUSL-1.1", "unknown"),
        ("MIT, Apache-2.0 / BSD-3-Clause", "open_source"),
        ("MIT; BUSL-1.1", "unknown"),
        ("MIT, some licence", "unknown"),
        ("MIT, proprietary", "proprietary"),
        ("", "unknown"),
        (None, "unknown"),
        ("((((", "unknown"),
        ("MIT AND", "unknown"),
    ],
)
def test_a_licence_text_proposes_a_class(text: str | None, expected: str) -> None:
    assert licences.propose(text).kind == expected


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_no_real_file_breaks_a_reader_and_none_loses_a_component() -> None:
    for path in sorted(CORPUS.iterdir()):
        kind, reason = readers.examine(path)
        if kind == "unknown":
            assert reason
            continue
        reading, rows = read(kind, path)
        assert not reading.reason.startswith("reading it as"), (path.name, reading.reason)
        text = path.read_text("utf-8")
        if not text.lstrip().startswith("{") or '"@graph"' in text:
            continue  # counted in the tests of those readers
        if kind == "bom.spdx":
            document = json.JSONDecoder().raw_decode(text.strip())[0]
            assert len(rows) == len(document["packages"])
        elif kind == "bom.cyclonedx":
            document = json.loads(text)
            assert len(rows) == _count(
                document["metadata"].get("component") if "metadata" in document else None,
                document.get("components", []),
            )
        assert rows["component"].is_unique


def _count(main: Any, components: list[Any]) -> int:
    return sum(_count(one, one.get("components", [])) for one in components) + (main is not None)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just("SPDXRef-a")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["name", "id", "type", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def mutated(document: Any, choose: Any) -> Any:
    """The document with one value somewhere in it replaced by another."""
    document = copy.deepcopy(document)
    at = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = choose(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and choose(st.booleans()):
            at = at[key]
        else:
            at[key] = choose(VALUES)
            return document


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_a_document_raises_or_breaks_the_tables(tmp_path: Path, data: st.DataObject) -> None:
    kind, document = data.draw(st.sampled_from([("bom.cyclonedx", cyclonedx()), ("bom.spdx", spdx())]))
    path = put(tmp_path, "x", as_json(mutated(document, data.draw)).encode("utf-8", "surrogatepass"))
    readers.examine(path)
    reading, _ = read(kind, path)
    assert not reading.reason.startswith("reading it as"), reading.reason


# hardware bills of materials as sheets

TITLE = [["TCU-9 bill of materials"], ["Assembly: TCU-9 unit"], ["Prepared by: O. B.   Date: 2026-07-01"], [None]]
HEAD = [
    "Lvl",
    "Find No",
    "P/N",
    "Part Descr.",
    "Mfr",
    "Mfr P/N",
    "Qty / UoM",
    "Vendor",
    "COO",
    "FCC ID",
    "RF band (MHz)",
    "Part class",
]


def test_a_hardware_sheet_gives_levels_parents_and_alternates(tmp_path: Path) -> None:
    rows = [
        [0, 10, "F-1", "TCU-9 unit", "Fellmark", "F9", "1 EA", "Fellmark", "US", None, None, "Unit"],
        [
            1,
            20,
            "F-2",
            "Module, cellular",
            "Qinglan",
            "QL-1",
            "1 EA",
            "Qinglan",
            "P.R.C.",
            "2ABCD-1",
            "700-2690",
            "Cellular module",
        ],
        [None, "ALT", None, None, "Other", "OT-1", None, "Other", "EE", None, None, None],
        [2, 30, "F-3", "Chip", "Halcyon", "TH-3", 4, "Halcyon", "Taiwan, Republic of China", None, None, "IC"],
        ["x", 40, "F-4", "Odd", "A", "B", 1, "C", "Nowhere", None, None, "IC"],
        ["End of list"],
    ]
    path = workbook(
        tmp_path / "b.xlsx", {"BOM": [*TITLE, HEAD, *rows], "Change notes": [["Rev", "Note"], ["F", "text"]]}
    )
    assert recognise(path) == "bom.sheet"
    reading, found = read("bom.sheet", path)
    assert list(found["level"].fillna(-1)) == [0, 1, 1, 2, -1] and set(found["item"]) == {"TCU-9 unit"}
    assert found.loc[2, ["name", "alternate_of", "parent", "part_number"]].tolist() == [
        "Module, cellular",
        "E-0001#BOM!row 7",
        "E-0001#BOM!row 6",
        "OT-1",
    ]
    assert found.loc[3, "parent"] == "E-0001#BOM!row 7" and found.loc[3, ["country", "quantity"]].tolist() == [
        "TW",
        "4",
    ]
    assert found.loc[1, ["country", "fcc_id", "frequency_mhz", "type"]].tolist() == [
        "CN",
        "2ABCD-1",
        "700-2690",
        "Cellular module",
    ]
    assert (
        "(P/N F-2)" in found.loc[1, "description"]
        and set(found["document_author"]) == {"O. B."}
        and set(found["timestamp"]) == {"2026-07-01"}
    )
    assert [(p.place, p.message.split(":")[0]) for p in reading.problems] == [
        ("BOM!I10", "COO"),
        ("BOM!A10", "Lvl"),
    ]
    assert any("Change notes" in note for note in reading.notes) and any("row 11" in note for note in reading.notes)


def test_a_cell_merged_downwards_holds_for_each_row(tmp_path: Path) -> None:
    rows = [HEAD, [1, 10, "F-1", "A", None, "M1", 1], [1, 20, "F-2", "B", None, "M2", 1]]
    _, found = read("bom.sheet", workbook(tmp_path / "b.xlsx", {"S": rows}, merged=[("S", "E2:E3", "One Maker")]))
    assert list(found["manufacturer"]) == ["One Maker", "One Maker"]


def test_a_missing_level_between_two_is_told(tmp_path: Path) -> None:
    rows = [HEAD, [0, 10, "F-1", "A", "M", "M1", 1], [2, 20, "F-2", "B", "M", "M2", 1]]
    reading, found = read("bom.sheet", workbook(tmp_path / "b.xlsx", {"S": rows}))
    assert found.loc[1, "parent"] == "E-0001#S!row 2" and "level is missing" in reading.problems[0].message


def test_dotted_and_hierarchical_levels_are_levels(tmp_path: Path) -> None:
    text = "Level,Part No,Description,Qty\n0,A,Root,1\n.1,B,Sub,1\n..2,C,Part,1\n1.2.3,D,Path,1\n"
    _, found = read("bom.sheet", put(tmp_path, "b.csv", text))
    assert list(found["level"]) == [0, 1, 2, 3] and set(found["item"]) == {"Root"}


def test_continuation_rows_without_a_level_column_are_alternates(tmp_path: Path) -> None:
    text = "Part Number;Description;Qty;Manufacturer;MPN\nP-1;Chip;1;Maker A;A1\n;;;Maker B;B1\nP-2;Cap;2;Maker C;C1\n"
    _, found = read("bom.sheet", put(tmp_path, "b.csv", text))
    assert found["alternate_of"].fillna("").tolist() == ["", "E-0001#line 2", ""] and list(found["name"]) == [
        "Chip",
        "Chip",
        "Cap",
    ]
