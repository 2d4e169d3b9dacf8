from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import readers
from tests.evidence.bom_samples import CORPUS, damaged, read, reading, said
from tests.evidence.samples import as_json, put
from tests.evidence.test_boms import spdx

HEAD = "spdxVersion: SPDX-2.3\nname: x\npackages:\n"


def one(n: int) -> str:
    return f"- name: p{n}\n  SPDXID: SPDXRef-{n}\n"


def test_yaml_and_json_of_one_document_give_the_same_facts(tmp_path: Path) -> None:
    of_json = reading("bom.spdx", put(tmp_path, "a", as_json(spdx())))[1]
    found, rows = read(tmp_path, yaml.safe_dump(spdx(), sort_keys=False))
    assert (found.format, found.spec_version, found.serialization) == ("spdx", "2.3", "yaml") and found.problems == []
    facts = [
        "name",
        "supplier",
        "author",
        "document_author",
        "timestamp",
        "license_class",
        "level",
        "firmware",
        "modified",
    ]
    left, right = (frame[facts].astype(object).fillna("").to_dict() for frame in (rows, of_json))
    assert left == right
    assert rows["locator"].str.fullmatch(r"line \d+").all() and rows["component"].is_unique


def test_scalars_stay_as_they_are_written(tmp_path: Path) -> None:
    text = HEAD.replace("name: x", "name: x\ncreationInfo: {created: 2026-05-02T00:00:00Z, creators: ['Person: A']}")
    _, rows = read(tmp_path, text + "- name: yes\n  versionInfo: 1.10\n  supplier: ~\n")
    assert rows.loc[0, ["name", "version", "timestamp"]].tolist() == ["yes", "1.10", "2026-05-02T00:00:00Z"]
    assert rows["supplier"].isna().all() and set(rows["document_author"]) == {"A"}


def test_a_tag_of_a_language_is_told_and_makes_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    tags = f"- !!python/object/apply:os.mkdir [{made}]\n- name: !!python/name:os.system x\n- !java.lang.Thread {{name: y}}\n"
    found, rows = read(tmp_path, HEAD + tags + one(1))
    assert len(rows) == 4 and not made.exists() and list(rows["name"].dropna()) == ["x", "y", "p1"]
    assert sum("asks for an object" in problem.message for problem in found.problems) == 3
    assert found.problems[0].place == "line 4"


def test_a_bomb_of_aliases_is_not_unfolded(tmp_path: Path) -> None:
    bomb = "- name: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, after in zip("abcdefghijklm", "bcdefghijklmn", strict=True):
        bomb += f"  {after}: &{after} [{', '.join([f'*{name}'] * 10)}]\n"
    found, rows = read(tmp_path, HEAD + bomb + "  checksums: [{algorithm: *n, checksumValue: 1}]\n" + one(1))
    assert len(rows) == 2 and rows.loc[1, "name"] == "p1" and "not followed" in said(found)


def test_an_alias_inside_itself_and_one_to_nothing_are_told(tmp_path: Path) -> None:
    text = HEAD + "- &a\n  name: x\n  checksums: [{algorithm: *a, checksumValue: 1}]\n- name: y\n  supplier: *none\n"
    found, rows = read(tmp_path, text)
    assert list(rows["name"])[0:1] == ["x"] and "*a" in said(found) and found.status == "partly_read"


def test_too_many_aliases_end_the_reading(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "- &a {name: x}\n" + "- *a\n" * 20_000)
    assert 10_000 < len(rows) < 10_010 and "aliases" in said(found)


def test_merged_keys_count_unless_the_package_says_otherwise(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "- &a {name: m, versionInfo: 1}\n- {<<: *a, name: k}\n")
    assert list(rows["name"]) == ["m", "k"] and list(rows["version"]) == ["1", "1"] and found.problems == []


@pytest.mark.parametrize("nest", ["- name: " + "[" * 100_000, "- " * 100_000, "- name: " + "{a: " * 100_000])
def test_nesting_without_end_is_told(tmp_path: Path, nest: str) -> None:
    found, rows = read(tmp_path, HEAD + one(1) + nest)
    assert rows.loc[0, "name"] == "p1" and "levels of nesting" in said(found)


@pytest.mark.parametrize("bad", ["- name: a: b: c\n", '- name: "cut', "- name: [a\n", "\t- name: x\n"])
def test_what_stands_before_damage_is_read(tmp_path: Path, bad: str) -> None:
    found, rows = read(tmp_path, HEAD + "".join(map(one, range(5))) + bad)
    assert list(rows["name"])[:5] == [f"p{n}" for n in range(5)] and "not valid YAML" in said(found)
    assert found.problems[0].place.startswith("line ")


def test_a_doubled_key_is_told(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "- name: a\n  supplier: 'Person: X'\n  supplier: 'Person: Y'\n")
    assert list(rows["supplier"]) == ["Y"] and "Person: X" in said(found)


def test_packages_that_stand_twice_are_all_read(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + one(1) + "packages:\n" + one(2))
    assert list(rows["locator"]) == ["line 4", "line 7"] and said(found).startswith(
        "line 7: key 'packages' stands here once"
    )


def test_every_document_of_a_file_is_read_as_its_own(tmp_path: Path) -> None:
    creator = "creationInfo: {creators: ['Person: A']}\n"
    text = creator + HEAD + one(1) + "--- # next\n" + creator.replace("A", "B") + HEAD + one(1) + "---\n---\nother: 1\n"
    found, rows = read(tmp_path, text)
    assert list(rows["document_author"]) == ["A", "B"] and rows["component"].is_unique
    assert list(rows["locator"]) == ["line 5", "document 2, line 12"]
    assert said(found).splitlines() == [
        "document 2: document number 2 of this file begins at line 7; it is read too",
        "document 3: the document of this file that begins at line 15 is no SPDX; it is not read",
    ]


@pytest.mark.parametrize("indent", ["", "  "])
@pytest.mark.parametrize("bad", ["- name: a: b: c\n", "- name: [a\n", "- @x\n", '- "a" b\n', "- name: 'x\n  y: z'q\n"])
def test_what_stands_behind_damage_is_read_too(tmp_path: Path, bad: str, indent: str) -> None:
    items = one(1) + bad + one(2) + one(3)
    relation = "{spdxElementId: SPDXRef-2, relationshipType: CONTAINS, relatedSpdxElement: SPDXRef-3}"
    text = HEAD + items + f"relationships:\n- {relation}\n"
    text = "".join(
        f"{indent}{line}" if "name: x" not in line and n > 2 else line for n, line in enumerate(text.splitlines(True))
    )
    found, rows = read(tmp_path, text.replace(f"{indent}relationships", "relationships"))
    assert {"p1", "p3"} <= set(rows["name"]) and "not valid YAML" in said(found)
    assert (
        rows["component"].is_unique
        and rows.loc[rows["name"] == "p3", "locator"].item() == f"line {text.split('p3')[0].count(chr(10)) + 1}"
    )


def test_damage_without_end_is_given_up(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "- name: a: b\n" * 50 + one(1))
    assert 10 <= len(rows) < 30 and sum("not valid YAML" in problem.message for problem in found.problems) == 11


def test_packages_that_are_no_mappings_are_kept_and_told(tmp_path: Path) -> None:
    found, rows = read(tmp_path, HEAD + "- text\n- [a]\n" + one(1))
    assert len(rows) == 3 and [p.place for p in found.problems] == ["line 4", "line 5"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_every_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    assert list(read(tmp_path, (HEAD + "- name: Größe\n").encode(encoding))[1]["name"]) == ["Größe"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_no_real_document_written_as_yaml_loses_a_package(tmp_path: Path) -> None:
    for path in CORPUS.glob("*spdx.json"):
        document = json.JSONDecoder().raw_decode(path.read_text("utf-8").strip())[0]
        _found, rows = read(tmp_path, yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))
        assert len(rows) == len(document["packages"]), path.name


@settings(max_examples=150, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32))
def test_no_damage_raises_or_breaks_the_tables(tmp_path: Path, seed: int) -> None:
    path = put(tmp_path, "x", damaged(yaml.safe_dump(spdx(), sort_keys=False).encode(), seed))
    readers.examine(path)
    reading("bom.spdx", path)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10).map(lambda t: f"n{t}n")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, max_size=6))
def test_every_package_gives_a_row(tmp_path: Path, names: list[str]) -> None:
    document = {"spdxVersion": "SPDX-2.3", "packages": [{"name": name} for name in names]}
    found, rows = read(tmp_path, yaml.safe_dump(document, allow_unicode=True, sort_keys=False))
    assert len(rows) == len(names) and found.problems == []
