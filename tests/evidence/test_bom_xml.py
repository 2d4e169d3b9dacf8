from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import readers
from assessor.evidence.readers import examine, read_item, xml_parse
from tests.evidence.bom_samples import CORPUS, XMLNS, bom, damaged, part, read, reading, real, said
from tests.evidence.samples import RULE, as_json, put

CDX = "bom.cyclonedx"

FULL = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<bom {XMLNS} version="1">
  <metadata>
    <timestamp>2026-05-01T08:00:00Z</timestamp>
    <tools><components><component type="application"><name>bomgather</name></component></components></tools>
    <authors><author><name>bomgather</name></author><author><name>Anneliese Korth</name></author></authors>
    <component type="application" bom-ref="root"><name>Gateway software</name><version>7</version></component>
  </metadata>
  <components>
    <component type="library" bom-ref="core">
      <supplier><name>Brightwater Connect LLC</name><contact><name>Someone Else</name></contact></supplier>
      <manufacturer><name>Maker Oy</name></manufacturer>
      <authors><author><name>A. Writer</name></author></authors>
      <name>bw-link-core</name><version>1</version><description>Links &amp; more</description>
      <hashes><hash alg="SHA-256">00ff</hash></hashes>
      <licenses><license><name>Proprietary</name></license></licenses>
      <cpe>cpe:2.3:a:b:c:1:*:*:*:*:*:*:*</cpe><purl>pkg:npm/bw-link-core@1</purl>
      <components>
        <component type="firmware"><name>modem-fw</name>
          <licenses><expression>MIT OR LicenseRef-x</expression></licenses></component>
      </components>
    </component>
    <component type="library"><name>yq-mqtt</name>
      <licenses><license><id>Apache-2.0</id></license><license><id>MIT</id></license></licenses>
      <pedigree>
        <ancestors><component type="library"><name>mqtt</name></component></ancestors>
        <patches><patch type="unofficial"/></patches>
      </pedigree>
    </component>
  </components>
</bom>"""


def test_components_are_flattened_with_place_parent_and_level(tmp_path: Path) -> None:
    found, rows = read(tmp_path, FULL, CDX)
    assert found.status == "read" and found.problems == []
    assert (found.format, found.spec_version, found.serialization) == ("cyclonedx", "1.6", "xml")
    top = "/bom/components/component"
    places = ["/bom/metadata/component", f"{top}[1]", f"{top}[1]/components/component[1]", f"{top}[2]"]
    assert list(rows["locator"]) == places and list(rows["component"]) == [f"E-0001#{each}" for each in places]
    assert list(rows["level"]) == [0, 1, 2, 1]
    root = "E-0001#/bom/metadata/component"
    assert list(rows["parent"].fillna("")) == ["", root, f"E-0001#{top}[1]", root]
    assert list(rows["reference"].fillna("")) == ["root", "core", "", ""]
    assert rows["hidden"].isna().all()


def test_supplier_manufacturer_and_author_are_kept_apart_and_a_tool_is_nobody(tmp_path: Path) -> None:
    _, rows = read(tmp_path, FULL, CDX)
    assert rows.loc[1, ["supplier", "manufacturer", "author"]].tolist() == [
        "Brightwater Connect LLC",
        "Maker Oy",
        "A. Writer",
    ]
    assert set(rows["document_author"]) == {"Anneliese Korth"} and set(rows["item"]) == {"Gateway software"}
    assert rows.loc[3, ["supplier", "manufacturer", "author"]].isna().all()


def test_licences_hashes_identifiers_and_hints_are_read(tmp_path: Path) -> None:
    _, rows = read(tmp_path, FULL, CDX)
    assert list(rows["license"].fillna("")) == ["", "Proprietary", "MIT OR LicenseRef-x", "Apache-2.0 AND MIT"]
    assert list(rows["license_class"]) == ["unknown", "proprietary", "open_source", "open_source"]
    assert "Apache-2.0" in rows.loc[3, "license_reason"] and "MIT" in rows.loc[3, "license_reason"]
    assert rows.loc[0, "license_reason"] == "no licence is stated"
    assert list(rows["firmware"]) == [False, False, True, False]
    assert rows["modified"].isna().tolist() == [True, True, True, False] and rows.loc[3, "modified"]
    assert rows.loc[1, ["purl", "ecosystem", "hashes"]].tolist() == [
        "pkg:npm/bw-link-core@1",
        "npm",
        '{"SHA-256":"00ff"}',
    ]


def test_xml_and_json_of_one_document_give_the_same_facts(tmp_path: Path) -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "components": [
            {"type": "library", "name": "a", "publisher": "Firm", "hashes": [{"alg": "MD5", "content": "0"}]}
        ],
    }
    _, of_json = reading(CDX, put(tmp_path, "a", as_json(document)))
    inside = '<publisher>Firm</publisher><hashes><hash alg="MD5">0</hash></hashes>'
    _, of_xml = read(tmp_path, bom(part("a", inside), version="1.4"), CDX)
    facts = ["name", "type", "supplier", "manufacturer", "author", "license_class", "hashes", "firmware", "level"]
    assert of_xml[facts].fillna("").to_dict() == of_json[facts].fillna("").to_dict()
    assert of_xml.loc[0, "supplier"] == "Firm"


def test_a_device_with_properties_is_hardware_and_its_fcc_id_is_checked(tmp_path: Path) -> None:
    fcc = '<properties><property name="cdx:device:certifications:US:FCC:id">{}</property></properties>'
    found, rows = read(
        tmp_path, bom(part("a", fcc.format("2AB-1"), "device"), part("b", fcc.format("12AB"), "device")), CDX
    )
    assert list(rows["medium"]) == ["hardware"] * 2 and list(rows["fcc_id"]) == ["2AB-1", "12AB"]
    assert [problem.place for problem in found.problems if "FCC ID" in problem.message][
        -1
    ] == "/bom/components/component[2]"


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_every_version_is_read_and_said(tmp_path: Path, version: str) -> None:
    found, rows = read(tmp_path, bom(part("a"), version=version), CDX)
    assert list(rows["name"]) == ["a"] and found.spec_version == version


def test_a_prefix_and_a_missing_namespace_make_no_difference(tmp_path: Path) -> None:
    plain = bom(part("a"))
    prefixed = plain.replace("xmlns=", "xmlns:c=").replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:")
    bare = plain.replace(XMLNS, "")
    for text in (prefixed, bare):
        assert list(read(tmp_path, text, CDX)[1]["name"]) == ["a"]


def test_metadata_behind_the_components_still_says_whose_they_are(tmp_path: Path) -> None:
    metadata = f"<metadata><timestamp>2026</timestamp>{part('Item')}</metadata>"
    text = bom(part("a"), part("b")).replace("</bom>", metadata + "</bom>")
    _, rows = read(tmp_path, text, CDX)
    assert sorted(rows["name"]) == ["Item", "a", "b"] and set(rows["item"]) == {"Item"}
    assert set(rows["timestamp"]) == {"2026"} and rows["parent"].notna().sum() == 2


def test_same_named_components_are_all_kept(tmp_path: Path) -> None:
    _, rows = read(tmp_path, bom(*[part("twin")] * 7), CDX)
    assert len(rows) == 7 and rows["component"].is_unique


def test_a_component_without_a_name_is_a_problem_with_its_place(tmp_path: Path) -> None:
    found, rows = read(tmp_path, bom(part("a"), "\n<component/>", part("b")), CDX)
    assert len(rows) == 3 and found.status == "partly_read"
    assert [(p.place, "line 2" in p.message) for p in found.problems] == [("/bom/components/component[2]", True)]


def test_a_supplier_that_stands_twice_is_told_with_both(tmp_path: Path) -> None:
    twice = "<supplier><name>First</name></supplier><supplier><name>Second</name></supplier>"
    found, rows = read(tmp_path, bom(part("a", twice)), CDX)
    assert list(rows["supplier"]) == ["Second"] and "First" in said(found) and "Second" in said(found)


ENTITIES = '<!DOCTYPE bom [<!ENTITY own "Brightwater"><!ENTITY file SYSTEM "{}">]>'


def test_no_entity_is_resolved_and_no_other_file_is_read(tmp_path: Path) -> None:
    secret = put(tmp_path, "secret", "SECRET")
    parts = [part("a&own;"), part("b&file;"), '<component type="&own;"><name>c</name></component>']
    found, rows = read(tmp_path, bom(*parts, prolog=ENTITIES.format(secret.as_uri())), CDX)
    assert list(rows["name"]) == ["a&own;", "b&file;", "c"]  # as they are written
    assert "document type" in said(found) and "'file' not defined" in said(found)
    assert "SECRET" not in rows.to_csv() and "Brightwater" not in rows.to_csv()


def test_a_bomb_of_entities_is_not_unfolded(tmp_path: Path) -> None:
    names = "abcdefghijklmnop"
    bomb = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {after} "{f"&{name};" * 10}">' for name, after in itertools.pairwise(names)
    )
    found, rows = read(tmp_path, bom(part("x&p;"), part("y"), prolog=f"<!DOCTYPE bom [{bomb}]>"), CDX)
    assert list(rows["name"]) == ["x&p;", "y"] and "not defined" in said(found)


@pytest.mark.parametrize("inside", ["<!-- ]> -->", '<!ENTITY q "]>">', "<?pi ]> ?>", "<!ENTITY q ']>\"'>"])
def test_a_document_type_ends_where_it_ends(tmp_path: Path, inside: str) -> None:
    found, rows = read(tmp_path, bom(part("a"), prolog=f"<!DOCTYPE bom [{inside}]>"), CDX)
    assert list(rows["name"]) == ["a"] and len(found.problems) == 1


def test_an_xinclude_is_told_and_not_followed(tmp_path: Path) -> None:
    other = put(tmp_path, "other.xml", bom(part("hidden")))
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{other.as_uri()}"/>'
    for parts in ((include, part("a")), (part("a"), include)):
        found, rows = read(tmp_path, bom(*parts), CDX)
        assert list(rows["name"]) == ["a"] and "<include>" in said(found)


@pytest.mark.parametrize(
    ("encoding", "declared", "told"),
    [
        ("utf-8-sig", "", ""),
        ("utf-16", "UTF-16", ""),
        ("utf-16-le", "", ""),
        ("utf-32", "", ""),
        ("utf-32-be", "", ""),
        ("latin-1", "ISO-8859-1", ""),
        ("cp1252", "windows-1252", ""),
        ("latin-1", "UTF-8", "Windows-1252"),
        ("latin-1", "no-such-charset", "Windows-1252"),
        ("utf-8", "ISO-8859-1", "declares ISO-8859-1"),
        ("utf-8", "UTF-16", "declares UTF-16"),
    ],
)
def test_the_bytes_decide_the_encoding_and_a_lie_is_told(
    tmp_path: Path, encoding: str, declared: str, told: str
) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    found, rows = read(tmp_path, bom(part("Größe"), prolog=prolog).encode(encoding), CDX)
    assert list(rows["name"]) == ["Größe"]
    assert told in said(found) if told else found.problems == []


@pytest.mark.parametrize("declared", ["GB18030", ""])
def test_chinese_text_in_gb_18030_is_read_declared_or_not(tmp_path: Path, declared: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    found, rows = read(tmp_path, bom(part("清蓝科技有限公司"), prolog=prolog).encode("gb18030"), CDX)
    assert list(rows["name"]) == ["清蓝科技有限公司"] and bool(found.problems) is not bool(declared)


def test_one_bad_byte_does_not_spoil_the_other_texts(tmp_path: Path) -> None:
    data = bom(*[part("Größe")] * 9, part("ba?d")).encode().replace(b"?", b"\xff")
    found, rows = read(tmp_path, data, CDX)
    assert list(rows["name"]) == ["Größe"] * 9 + ["ba\ufffdd"] and "1 characters" in said(found)


def test_bytes_behind_the_document_do_not_spoil_its_texts(tmp_path: Path) -> None:
    filler = "<!--" + " " * 5000 + "-->"
    data = bom(*[part("Größe")] * 9, filler).encode() + bytes(range(128, 256)) * 50
    found, rows = read(tmp_path, data, CDX)
    assert list(rows["name"]) == ["Größe"] * 9 and "cannot be decoded as utf-8" in said(found)


def test_control_characters_cost_no_component(tmp_path: Path) -> None:
    found, rows = read(tmp_path, bom(part("a\0b\x01"), part("c")), CDX)
    assert list(rows["name"]) == ["a\ufffdb\ufffd", "c"] and "2 control characters" in said(found)


def test_a_cut_file_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    text = bom(*(part(f"c{n}") for n in range(10)))
    found, rows = read(tmp_path, text[: text.index("c7") + 2], CDX)
    assert list(rows["name"]) == [f"c{n}" for n in range(8)] and found.status == "partly_read"
    assert "Premature end" in said(found) and found.problems[0].excerpt


@pytest.mark.parametrize("name", ["a & b", "a < b", "a &x; b", "a && <b"])
def test_what_is_not_escaped_costs_no_other_component(tmp_path: Path, name: str) -> None:
    found, rows = read(tmp_path, bom(part("one"), part(name), part("three"), part("four")), CDX)
    assert len(rows) == 4 and list(rows["name"])[2:] == ["three", "four"] and "line 1" in said(found)


def test_a_missing_end_tag_costs_no_component(tmp_path: Path) -> None:
    _, rows = read(tmp_path, bom(part("a"), '<component type="library"><name>b</component>', part("c"), part("d")), CDX)
    assert sorted(rows["name"])[0] == "a" and len(rows) == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "between", ["", "\n<!-- <bom> -->\n", "<?xml version='1.0'?>\n", "<!DOCTYPE bom [<!ENTITY e 'x'>]>"]
)
def test_every_document_of_a_file_is_read_as_its_own(tmp_path: Path, between: str, encoding: str) -> None:
    first = bom(part("a"), before=f"<metadata><timestamp>2025-01-01</timestamp>{part('First')}</metadata>")
    second = bom("<component/>\n", before=f"<metadata>{part('Second')}</metadata>", version="1.4")
    found, rows = read(tmp_path, (first + between + second).encode(encoding), CDX)
    own = ["/bom/metadata/component", "/bom/components/component[1]"]
    assert list(rows["locator"]) == own + [f"/(2){place}" for place in own] and rows["component"].is_unique
    assert (
        list(rows["item"]) == ["First"] * 2 + ["Second"] * 2
        and list(rows["timestamp"].fillna("")) == ["2025-01-01"] * 2 + [""] * 2
    )
    assert rows.loc[3, "parent"] == "E-0001#/(2)/bom/metadata/component" and found.spec_version == "1.6"
    line = between.count("\n") + 1
    assert (found.problems[0].place, f"begins at line {line};" in found.problems[0].message) == ("/(2)", True)
    assert f"(line {line})" in found.problems[-1].message and len(found.problems) == 2


@pytest.mark.parametrize(
    "root", ["<bom {}/>", "<bom {}></bom >", "<c:bom {} xmlns:c='http://cyclonedx.org/schema/bom/1.6'></c:bom>"]
)
def test_documents_without_components_end_where_they_end(tmp_path: Path, root: str) -> None:
    found, rows = read(tmp_path, root.format(XMLNS) * 2 + bom(part("a")), CDX)
    assert list(rows["locator"]) == ["/(3)/bom/components/component[1]"] and len(found.problems) == 2


def test_an_end_tag_in_a_text_ends_no_document(tmp_path: Path) -> None:
    found, rows = read(tmp_path, bom(part("a", "<description><![CDATA[</bom><bom>]]></description>"), part("b")), CDX)
    assert list(rows["name"]) == ["a", "b"] and found.problems == []


@pytest.mark.parametrize("rest", ["rest", "<other/>", "\x00\x01", "</bom>", "]]>" * 300_000])
def test_what_stands_behind_the_document_is_told_with_its_line(tmp_path: Path, rest: str) -> None:
    found, rows = read(tmp_path, bom(part("a")) + "\n" + rest, CDX)
    assert list(rows["name"]) == ["a"] and "line 2: what stands here, behind the end" in said(found)


def test_very_many_documents_are_counted_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, rows = read(tmp_path, bom(part("a")) * 50, CDX)
    assert len(rows) == 50 and rows["component"].is_unique
    assert len(found.problems) == 20 and "50 documents" in found.problems[-1].message
    monkeypatch.setattr(xml_parse, "DOCUMENTS", 3)
    found, rows = read(tmp_path, bom(part("a")) * 50, CDX)
    assert len(rows) == 3 and "deliver it in parts" in found.problems[-1].message


def test_what_stands_before_the_document_is_told(tmp_path: Path) -> None:
    found, rows = read(tmp_path, "Content-Type: text/xml\n\n" + bom(part("a")), CDX)
    assert list(rows["name"]) == ["a"] and "before the XML document" in said(found)


def test_nesting_deeper_than_the_parser_goes_is_told(tmp_path: Path) -> None:
    text = bom("<component><name>n</name><components>" * 100_000)
    found, rows = read(tmp_path, text, CDX)
    assert len(rows) > 900 and rows["level"].max() == len(rows) and "2048 levels deep" in said(found)


def test_three_hundred_levels_are_all_read(tmp_path: Path) -> None:
    text = part("bottom")
    for _ in range(300):
        text = part("n", f"<components>{text}</components>")
    found, rows = read(tmp_path, bom(text), CDX)
    assert len(rows) == 301 and rows["level"].max() == 301 and found.problems == []


def test_tags_without_end_and_endless_texts_stop_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_parse, "MAX_TAGS", 1000)
    monkeypatch.setattr(xml_parse, "MAX_TEXT", 1 << 19)
    found, rows = read(tmp_path, bom(part("a"), "<x/>" * 200_000, part("b")), CDX)
    assert list(rows["name"]) == ["a"] and "1,000 elements follow" in said(found)
    found, rows = read(tmp_path, bom(part("a"), part("y" * (3 << 20)), part("b")), CDX)
    assert next(iter(rows["name"])) == "a" and "single text" in said(found)


@pytest.mark.parametrize("inside", ["<dependencies>{}</dependencies>", "<vulnerabilities>{}</vulnerabilities>"])
def test_dependencies_and_vulnerabilities_without_number_do_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    monkeypatch.setattr(xml_parse, "MAX_TAGS", 1000)
    one = (
        '<dependency ref="a"><dependency ref="b"/></dependency>'
        if "dep" in inside
        else "<vulnerability><id>1</id></vulnerability>"
    )
    found, rows = read(
        tmp_path, bom(part("a"), part("b")).replace("</bom>", inside.format(one * 40_000) + "</bom>"), CDX
    )
    assert list(rows["name"]) == ["a", "b"] and found.problems == []


def test_many_attributes_take_no_time(tmp_path: Path) -> None:
    many = " ".join(f'a{n}="1"' for n in range(100_000))
    assert list(read(tmp_path, bom(f"<component {many}><name>a</name></component>"), CDX)[1]["name"]) == ["a"]


def test_memory_does_not_grow_with_what_was_read(tmp_path: Path) -> None:
    extra = (
        "<externalReferences>" + "<reference type='vcs'><url>https://x</url></reference>" * 50 + "</externalReferences>"
    )
    path = put(tmp_path, "x", bom(*(part(f"c{n}", extra) for n in range(4000))))
    assert path.stat().st_size > 10_000_000
    read_item(CDX, path, "E-1", RULE)
    tracemalloc.start()
    assert sum(map(len, read_item(CDX, path, "E-1", RULE).tables["components"])) == 4000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    "text", ["", "  \n", "<!DOCTYPE html><html><body>Sign in</body></html>", "<!DOCTYPE bom [" + "<!--" * 9]
)
def test_what_is_no_document_is_refused_with_a_reason(tmp_path: Path, text: str) -> None:
    path = put(tmp_path, "sbom.xml", text)
    kind, reason = examine(path)
    assert kind == "unknown" and reason
    refused = read_item(CDX, path, "E-1", RULE)
    assert refused.status == "unreadable" and not refused.reason.startswith("reading it as")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_no_real_file_loses_a_component() -> None:
    samples = real("cdx-xml")
    assert len(samples) >= 3
    for path, version, count in samples:
        assert readers.recognise(path) == CDX
        found, rows = reading(CDX, path)
        assert (len(rows), found.spec_version, found.problems) == (count, version, []), path.name


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="&<>\ufffe\uffff"), min_size=1, max_size=8
)
TREES = st.recursive(
    st.tuples(NAMES, st.just(())), lambda inner: st.tuples(NAMES, st.lists(inner, max_size=3)), max_leaves=8
)


def as_xml(tree: tuple[str, list[object]]) -> str:
    return part(tree[0], f"<components>{''.join(map(as_xml, tree[1]))}</components>" if tree[1] else "")  # type: ignore[arg-type]


def names(tree: tuple[str, list[object]]) -> list[str]:
    return [tree[0], *(name for each in tree[1] for name in names(each))]  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TREES, max_size=4), st.sampled_from(["utf-8", "utf-16", "utf-32-le"]))
def test_every_tree_of_components_gives_a_row_each_in_its_order(
    tmp_path: Path, trees: list[object], encoding: str
) -> None:
    _, rows = read(tmp_path, bom(*map(as_xml, trees)).encode(encoding), CDX)  # type: ignore[arg-type]
    expected = [name for tree in trees for name in names(tree)]  # type: ignore[arg-type]
    assert len(rows) == len(expected) and rows["component"].is_unique
    assert [got for got in rows["name"].fillna("") if got] == [want for each in expected if (want := told(each))]


def told(name: str) -> str:
    """A name as the table has it: what says nothing is NA."""
    text = " ".join(name.split(" ")).strip()
    return "" if text.casefold() in {"", "-", "--", "–", "—", "n/a", "n.a.", "#n/a", "null"} else text


@settings(max_examples=150, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32))
def test_no_damage_raises_or_breaks_the_tables(tmp_path: Path, seed: int) -> None:
    path = put(tmp_path, "x", damaged(FULL.encode(), seed))
    examine(path)
    reading(CDX, path)
