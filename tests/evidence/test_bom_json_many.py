"""CycloneDX JSON with many components: the fast and the slow way agree, wherever one component is irregular."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence.readers import examine
from assessor.evidence.readers.bills import cyclonedx_json, json_stream
from tests.evidence.bom_samples import read as recognised
from tests.evidence.bom_samples import reading as read_as
from tests.evidence.bom_samples import said
from tests.evidence.samples import as_json, put


def component(number: int) -> dict[str, Any]:
    """A component that says something in every column, some of it the same as its neighbours."""
    return {
        "type": ["library", "firmware", "application"][number % 3],
        "bom-ref": f"r{number}",
        "group": "org.example",
        "name": f"part {number}",
        "version": f"{number}.0",
        "supplier": {"name": f"Supplier {number % 7}", "url": ["https://example.org"]},
        "authors": [{"name": f"Ann {number % 3}"}, {"email": "b@example.org"}],
        "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": f"Own {number % 4}"}}][: number % 3],
        "hashes": [{"alg": "SHA-256", "content": f"{number:064x}"}, {"alg": "MD5", "content": f"{number:032x}"}],
        "purl": f"pkg:Maven/org.example/part@{number}",
        "pedigree": {"notes": ["", "patched here", "not modified"][number % 3], "patches": [{}] * (number % 2)},
        "properties": [{"name": "x", "value": "cdx"}],
    }


def bill(components: list[Any], **more: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", **more, "components": components}


def both_ways(folder: Path, text: str | bytes) -> tuple[pd.DataFrame, str]:
    """The components read many at once, after they were compared with those read one by one; and the problems."""
    path = put(folder, "x", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cyclonedx_json, "FEW", 1)
        found, fast = read_as("bom.cyclonedx", path)
        patch.setattr(cyclonedx_json, "FEW", 1 << 40)
        _, slow = read_as("bom.cyclonedx", path)
    pd.testing.assert_frame_equal(fast, slow)
    return fast, said(found)


def test_forty_thousand_components_are_read_alike_in_their_order(tmp_path: Path) -> None:
    path = put(tmp_path, "x", as_json(bill([component(n) for n in range(40_000)])))
    found, rows = read_as("bom.cyclonedx", path)
    assert found.problems == [] and list(rows["locator"]) == [f"/components/{n}" for n in range(40_000)]
    assert list(rows["name"]) == [f"part {n}" for n in range(40_000)]
    assert rows.loc[39_998, "hashes"] == f'{{"MD5":"{39_998:032x}","SHA-256":"{39_998:064x}"}}'


def test_what_a_regular_component_says_is_the_same_either_way(tmp_path: Path) -> None:
    rows, problems = both_ways(tmp_path, as_json(bill([component(n) for n in range(60)])))
    assert not problems and set(rows["supplier"]) == {f"Supplier {n}" for n in range(7)}
    assert (
        rows["modified"].astype(object).fillna("").tolist()[:3] == ["", True, False]
        and rows["ecosystem"].eq("maven").all()
    )
    assert rows.loc[2, "license"] == "MIT AND Own 2" and rows.loc[1, "author"] == "Ann 1; b@example.org"


ODD = {
    "a doubled name": ('"name": "part 7"', '"name": "hidden", "name": "part 7"', "stands 2 times"),
    "a doubled name inside": ('{"name": "Supplier 0"', '{"name": "hidden", "name": "Supplier 0"', "stands 2 times"),
    "a doubled key without a column": ('"group": "org.example"', '"group": "a", "group": "b"', "stands 2 times"),
    "a name written with an escape": ('"name": "part 7"', '"n\\u0061me": "hidden", "name": "part 7"', "stands 2 times"),
    "a number for a version": ('"version": "7.0"', '"version": 7.10', ""),
    "a supplier as a text": (json.dumps(component(7)["supplier"]), '"Firm"', ""),
    "licences as a text": ('"licenses": [{"license": {"id": "MIT"}}]', '"licenses": "MIT"', ""),
    "half of a surrogate pair": ('"name": "part 7"', '"name": "part \\ud800"', "no text may hold"),
    "an escaped control character": ('"name": "part 7"', '"name": "part \\u0001"', "no text may hold"),
    "a byte that is not UTF-8": ('"name": "part 7"', b'"name": "part \xff"', "not UTF-8"),
    "a list for a component": (json.dumps(component(7)), "[1]", "no object"),
    "nothing for a component": (json.dumps(component(7)), "null", "no object"),
    "a number for a component": (json.dumps(component(7)), "7", "no object"),
    "components as an object": ('"group": "org.example"', '"components": {"a": 1}', "components is no list"),
    "NaN": ('"group": "org.example"', '"group": NaN', "cannot be read"),
    "a quotation mark too few": ('"name": "part 7"', '"name": "part 7', ""),
}


@pytest.mark.parametrize("what", sorted(ODD))
def test_one_irregular_component_leaves_its_neighbours_as_they_are(tmp_path: Path, what: str) -> None:
    plain, odd, message = ODD[what]
    parts = [as_json(component(n)) for n in range(50)]
    assert plain in parts[7]
    damaged = parts[7].encode().replace(plain.encode(), odd if isinstance(odd, bytes) else odd.encode(), 1)
    text = as_json(bill([])).encode()[:-2] + b", ".join(
        [*map(str.encode, parts[:7]), damaged, *map(str.encode, parts[8:])]
    )
    rows, problems = both_ways(tmp_path, text + b"]}")
    assert list(rows["locator"]) == [f"/components/{n}" for n in range(50)]
    assert [name for name in rows["name"] if name in {f"part {n}" for n in range(50) if n != 7}] == [
        f"part {n}" for n in range(50) if n != 7
    ]
    assert message in problems and (not message or "/components/7" in problems)


def test_doubled_keys_everywhere_are_told_as_far_as_a_person_reads_and_counted(tmp_path: Path) -> None:
    text = as_json(bill([])).encode()[:-2] + b",".join(b'{"name": "a", "name": "b%d"}' % n for n in range(3000)) + b"]}"
    found, rows = recognised(tmp_path, text, "bom.cyclonedx")
    assert list(rows["name"]) == [f"b{n}" for n in range(3000)]
    assert len(found.problems) == 1001 and "2000 more" in found.problems[-1].message


def test_digests_by_the_hundred_are_told(tmp_path: Path) -> None:
    parts = [component(n) for n in range(40)]
    parts[7]["hashes"] = [{"alg": f"A{n}", "content": "abcdefgh"} for n in range(101)]
    parts[8]["hashes"] = [{"alg": f"A{n}", "content": "abcdefgh"} for n in range(100)]
    rows, problems = both_ways(tmp_path, as_json(bill(parts)))
    assert problems == "/components/7: 101 digests of one component; the first 100 are read"
    assert len(json.loads(rows.loc[7, "hashes"])) == len(json.loads(rows.loc[8, "hashes"])) == 100


@pytest.mark.parametrize("length", [99_999, 100_000, 100_001])
def test_a_text_without_measure_is_cut_and_told(tmp_path: Path, length: int) -> None:
    parts = [component(n) for n in range(40)]
    parts[7]["description"] = "x" * length
    rows, problems = both_ways(tmp_path, as_json(bill(parts)))
    assert len(rows.loc[7, "description"]) == min(length, 100_000) and rows.loc[8, "name"] == "part 8"
    assert ("/components/7: description is a text of more than 100,000" in problems) == (length > 100_000)


def test_properties_by_the_thousand_are_told(tmp_path: Path) -> None:
    names = [{"name": f"cdx:device:x{n}", "value": "1"} for n in range(10_000)]
    device = {"type": "device", "name": "d", "properties": [*names, {"name": "cdx:device:quantity", "value": "2"}]}
    rows, problems = both_ways(tmp_path, as_json(bill([device, component(1)])))
    assert "10,001 properties of one component" in problems and pd.isna(rows.loc[0, "quantity"])


def test_components_in_components_stand_below_them(tmp_path: Path) -> None:
    tree = [component(n) | ({"components": [component(100 + n), {"name": "leaf"}]} if n % 2 else {}) for n in range(40)]
    tree[5]["components"][0]["components"] = [{"name": "deep"}]
    rows, problems = both_ways(tmp_path, as_json(bill(tree, metadata={"component": {"name": "root"}})))
    assert not problems and len(rows) == 1 + 40 + 2 * 20 + 1
    deep = rows[rows["name"] == "deep"].iloc[0]
    assert deep["locator"] == "/components/5/components/0/components/0" and deep["level"] == 3
    assert deep["parent"] == "E-0001#/components/5/components/0"


def test_components_whose_name_is_written_with_an_escape_are_not_lost(tmp_path: Path) -> None:
    text = as_json(bill([component(n) for n in range(40)] + [{"name": "outer", "components": [{"name": "inner"}]}]))
    turned = text.replace('"outer", "components"', '"outer", "\\u0063omponents"')
    assert turned != text
    assert list(both_ways(tmp_path, turned)[0]["name"])[-2:] == ["outer", "inner"]


def test_a_bill_on_many_lines_is_the_same(tmp_path: Path) -> None:
    components = [component(n) for n in range(40)]
    flat, _ = both_ways(tmp_path, as_json(bill(components)))
    lines, _ = both_ways(tmp_path, json.dumps(bill(components), indent=2).replace("\n", "\r\n"))
    pd.testing.assert_frame_equal(flat, lines)


def test_elements_that_say_nothing_are_listed_up_to_a_bound_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "EMPTY", 100)
    elements = [*["null"] * 1500, '{"name": "found"}', *["{}"] * 1500, '{"name": "last"}']
    text = as_json(bill([]))[:-2] + ",".join(elements) + "]}"
    found, rows = recognised(tmp_path, text, "bom.cyclonedx")
    named = rows[rows["name"].notna()]
    assert list(named["locator"]) == ["/components/1500", "/components/3001"] and len(rows) == 102
    assert "2,900 more elements of this list say nothing" in said(found)


def test_more_documents_than_are_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "DOCUMENTS", 5)
    found, rows = recognised(tmp_path, as_json(bill([{"name": "a"}])) * 9, "bom.cyclonedx")
    assert len(rows) == 5 and "more than 5 documents" in said(found) and "after the end" in said(found)


def test_deep_places_by_the_thousand_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cyclonedx_json, "MOST_SPELT", 20_000)
    deep: dict[str, Any] = {"name": "bottom"}
    for _ in range(60):
        deep = {"name": "n", "components": [deep]}
    found, rows = recognised(tmp_path, as_json(bill([deep] * 10)), "bom.cyclonedx")
    assert 61 < len(rows) < 610 and "nested too deeply" in said(found)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.data())
def test_damage_to_one_part_of_a_bill_loses_nothing_elsewhere(tmp_path: Path, seed: int, data: st.DataObject) -> None:
    """Bytes flipped, cut out, put in or doubled inside one component; the others are read, and whatever is lost is told."""
    draw = random.Random(seed)
    parts = [json.dumps(component(n), ensure_ascii=False).encode() for n in range(40)]
    hit = draw.randrange(1, 39)
    bad = bytearray(parts[hit])
    for _ in range(data.draw(st.integers(1, 3))):
        at, size = draw.randrange(1, len(bad) - 8), draw.randrange(1, 6)
        kind = draw.randrange(3)
        if kind == 0:
            bad[at] = draw.randrange(256)
        elif kind == 1:
            del bad[at : at + size]
        else:
            bad[at:at] = bytes(draw.randrange(256) for _ in range(size))
    parts[hit] = bytes(bad)
    text = b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [' + b",\n".join(parts) + b"]}"
    found, rows = read_as("bom.cyclonedx", put(tmp_path, "x", text))
    names = set(rows["name"].dropna())
    before = {f"part {n}" for n in range(hit)}
    assert before <= names and found.status in ("read", "partly_read")
    lost = {f"part {n}" for n in range(hit + 1, 40)} - names
    assert not lost or found.problems


def _documents() -> list[bytes]:
    """Valid documents of each kind of JSON, some with a second one after it."""
    package = {
        "SPDXID": "SPDXRef-a",
        "name": "a",
        "supplier": "Organization: Firm (x@example.org)",
        "licenseDeclared": "MIT",
    }
    spdx = {
        "spdxVersion": "SPDX-2.3",
        "name": "x",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Person: Ann", "Tool: t"]},
        "packages": [package, {**package, "SPDXID": "SPDXRef-b"}],
        "relationships": [
            {"spdxElementId": "SPDXRef-a", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-b"}
        ],
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "name": "Own"}],
    }
    graph = [
        {"type": "CreationInfo", "@id": "_:c", "created": "2026-01-01T00:00:00Z", "specVersion": "3.0.1"},
        {"type": "Organization", "spdxId": "urn:o", "name": "Firm", "creationInfo": "_:c"},
        {"type": "software_Package", "spdxId": "urn:p", "name": "p", "suppliedBy": ["urn:o"], "creationInfo": "_:c"},
    ]
    third = {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph}
    nested = bill([component(0) | {"components": [component(1)]}, component(2)], metadata={"component": {"name": "r"}})
    payload = base64.b64encode(as_json({"predicate": nested}).encode()).decode()
    documents = [nested, spdx, third, {"sbom": nested}, {"payload": payload, "payloadType": "x"}]
    return [as_json(each).encode() for each in documents] + [as_json(nested).encode() * 2]


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 30))
def test_no_damage_to_a_json_document_breaks_a_reader(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    data = bytearray(draw.choice(_documents()))
    for _ in range(draw.randrange(1, 6)):
        at, size = draw.randrange(len(data) or 1), draw.choice((1, 1, 2, 5, 40))
        kind = draw.randrange(5)
        if kind == 0 and data:
            data[at] = draw.randrange(256)
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = draw.choice(
                (b'"', b"{", b"}", b"[", b"]", b",", b"\\", b"\0", b"\xff\xfe", b"null", b"1e999")
            )
        elif kind == 3:
            data[at:at] = data[draw.randrange(len(data) or 1) :][: size * 10]
        else:
            del data[at:]
    path = put(tmp_path, "x", bytes(data))
    examine(path)
    for known in ("bom.cyclonedx", "bom.spdx"):
        found, rows = read_as(known, path)  # fails for any error that no reader foresees
        assert found.status in ("read", "partly_read", "unreadable") and rows["component"].is_unique
