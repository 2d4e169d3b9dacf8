"""Bills of materials without an engagement: `assessor bom` and `assessor compare`, as a user's script would call them."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import bom
from assessor.cli import main
from assessor.comparison import parts
from assessor.evidence import tables
from tests.evidence.samples import as_json, cyclonedx, put


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def answer(*arguments: object) -> Any:
    return json.loads(call(*arguments, "--json").stdout)


def test_files_and_components_have_the_shape_that_scripts_rely_on(tmp_path: Path) -> None:
    path = put(tmp_path, "a.dat", as_json(cyclonedx()))
    told = answer("bom", path)
    assert told["ok"] is True
    (file,) = told["files"]
    assert (file["path"], file["format"], file["spec_version"], file["serialization"]) == (
        str(path),
        "cyclonedx",
        "1.6",
        "json",
    )
    assert (file["components"], file["status"], file["problems"]) == (4, "read", [])
    assert len(told["components"]) == 4
    component = told["components"][1]
    assert {
        "name",
        "version",
        "type",
        "supplier",
        "manufacturer",
        "author",
        "timestamp",
        "purl",
        "cpe",
        "country",
    } <= component.keys()
    assert component["licenses"] == ["Proprietary"] and component["license_class"] == "proprietary"
    assert component["hashes"] == {} and component["file"] == str(path) and component["locator"] == "/components/0"
    assert component["component"] == f"{file['sha256']}#/components/0" and component["parent"].endswith(
        "#/metadata/component"
    )


def test_the_four_fields_are_counted_and_never_blended(tmp_path: Path) -> None:
    parts = [
        {
            "name": "whole",
            "supplier": {"name": "Firm"},
            "authors": [{"name": "Ann"}],
            "licenses": [{"license": {"name": "Proprietary"}}],
        },
        {"name": "no author", "supplier": {"name": "Firm"}, "licenses": [{"license": {"name": "Proprietary"}}]},
        {"name": "free", "licenses": [{"license": {"id": "MIT"}}]},
        {"supplier": {"name": "Firm"}},
    ]
    (bill,) = bom.read([put(tmp_path, "a", as_json(cyclonedx(components=parts)))])
    found = bom.coverage(bill)
    assert found.components == 4 and found.fields == {"author": 1, "timestamp": 4, "name": 3, "supplier": 3}
    assert found.all_four == 1 and found.document_author == 4
    assert found.classes == {"open_source": 1, "proprietary": 2, "unknown": 1}


def test_gaps_are_of_what_is_not_shown_to_be_open_source(tmp_path: Path) -> None:
    parts = [
        {"name": "closed", "version": "1", "licenses": [{"license": {"name": "Proprietary"}}]},
        {"name": "free", "licenses": [{"license": {"id": "MIT"}}]},
    ]
    path = put(tmp_path, "a", as_json(cyclonedx(components=parts)))
    result = call("bom", path, "--gaps", "--json")
    assert result.exit_code == 1
    (gap,) = json.loads(result.stdout)["gaps"]
    assert (gap["component"], gap["lacks"], gap["locator"]) == ("closed", "author name; supplier name", "/components/0")
    shown = call("bom", path, "--gaps").stdout
    assert "no supplier named" in shown and "closed 1 (/components/0, licence class proprietary)" in shown


def test_a_folder_is_read_in_the_order_of_its_names_and_nothing_in_it_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "b/two.json", as_json(cyclonedx(components=[{"name": "two"}])))
    put(tmp_path, "a/one.xml", as_json(cyclonedx(components=[{"name": "one"}])))
    put(tmp_path, "c/page.json", "<html>Sign in</html>")
    put(tmp_path, "d/empty", b"")
    result = call("bom", tmp_path, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1 and not told["ok"]
    assert [Path(file["path"]).name for file in told["files"]] == ["one.xml", "two.json", "page.json", "empty"]
    assert [file["status"] for file in told["files"]] == ["read", "read", "unreadable", "unreadable"]
    assert "HTML" in told["files"][2]["reason"] and told["files"][3]["reason"] == "the file is empty"
    assert [c["name"] for c in told["components"] if c["level"] == 1] == ["one", "two"]


def test_many_files_are_read_by_several_processes_in_the_same_order(tmp_path: Path) -> None:
    for number in range(12):
        parts = [{"name": f"{number}-{n}", "description": "x" * 400} for n in range(1000)]
        put(tmp_path, f"{number:02d}.json", as_json(cyclonedx(components=parts)))
    heard: list[tuple[int, ...]] = []
    alone = bom.read([tmp_path], workers=1)
    together = bom.read([tmp_path], workers=2, progress=lambda *told: heard.append(told))
    assert [bill.path for bill in alone] == [bill.path for bill in together]
    assert all(a.components.equals(b.components) for a, b in zip(alone, together, strict=True))
    assert heard[0][:3] == (0, 12, 0) and heard[-1][0] == 12 and heard[-1][2] == heard[-1][3]


def test_csv_holds_every_component_and_no_formula(tmp_path: Path) -> None:
    path = put(tmp_path, "a", as_json(cyclonedx(components=[{"name": "=cmd|' /C calc'!A0", "version": "-1"}])))
    rows = list(csv.DictReader(io.StringIO(call("bom", path, "--csv").stdout)))
    assert [row["name"] for row in rows] == ["Gateway software", "'=cmd|' /C calc'!A0"] and rows[1]["version"] == "'-1"


def test_what_a_client_wrote_cannot_move_the_cursor(tmp_path: Path) -> None:
    path = put(
        tmp_path, "a", as_json(cyclonedx(components=[{"name": "\x1b[2Jwipe", "supplier": ["x"]}, "\x1b]0;title\x07"]))
    )
    assert "\x1b" not in call("bom", path).stdout + call("bom", path, "--gaps").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bom", "nowhere.json"], "There is no file nowhere.json"),
        (["bom", "EMPTY"], "There is no file in"),
        (["bom"], "Missing argument"),
        (["bom", "EMPTY", "--json", "--csv"], "cannot be given together"),
        (["compare", "EMPTY", "EMPTY"], "is empty"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = call(*[str(tmp_path) if argument == "EMPTY" else argument for argument in arguments])
    assert result.exit_code == 2 and result.stdout == ""
    assert words in result.stderr and "Traceback" not in result.stderr and result.stderr.count("\n") == 1


def test_two_bills_are_compared(tmp_path: Path) -> None:
    old = [
        {"name": "kept", "version": "1"},
        {"name": "gone"},
        {"name": "moved", "version": "1", "supplier": {"name": "Old GmbH"}},
    ]
    new = [
        {"name": "moved", "version": "2", "supplier": {"name": "New Co."}},
        {"name": "kept", "version": "1"},
        {"name": "fresh"},
    ]
    before = put(tmp_path, "old", as_json(cyclonedx(components=old)))
    after = put(tmp_path, "new", as_json(cyclonedx(components=new)))
    result = call("compare", before, after, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1 and told["unchanged"] == 1
    assert [(row["change"], row["name"], row["changed"]) for row in told["changes"]] == [
        ("removed", "gone", None),
        ("changed", "moved", "version; supplier"),
        ("added", "fresh", None),
    ]
    assert (told["changes"][1]["before_supplier"], told["changes"][1]["after_supplier"]) == ("Old GmbH", "New Co.")
    assert "moved (version; supplier): 1, Old GmbH -> 2, New Co." in call("compare", before, after).stdout
    licensed = put(
        tmp_path, "open", as_json(cyclonedx(components=[{**new[1], "licenses": [{"license": {"id": "MIT"}}]}]))
    )
    plain = put(tmp_path, "plain", as_json(cyclonedx(components=[new[1]])))
    line = call("compare", plain, licensed).stdout
    assert "kept (license): 1, no supplier, licence not stated -> 1, no supplier, licence MIT" in line
    same = call("compare", before, before)
    assert same.exit_code == 0 and "0 added, 0 removed, 0 changed, 3 as before." in same.stdout


def difference(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The components that differ, gone, changed, added."""
    found = parts.match(*(pa.Table.from_pandas(table, preserve_index=False) for table in (before, after)))
    old, new = found.before.to_pylist(), found.after.to_pylist()
    rows = [("removed", None, old[n], {}) for n in found.gone]
    rows += [("changed", "; ".join(c), old[a], new[b]) for (a, b), c in zip(found.pairs, found.changed, strict=True)]
    rows += [("added", None, {}, new[n]) for n in found.added]
    told = [
        {"change": what, "changed": columns}
        | {
            f"{side}_{name}": row.get(name)
            for side, row in (("before", one), ("after", other))
            for name in ("version", "supplier")
        }
        for what, columns, one, other in rows
    ]
    names = (
        "change",
        "changed",
        *(f"{side}_{name}" for side in ("before", "after") for name in ("version", "supplier")),
    )
    return pd.DataFrame(told, columns=list(names))


def unchanged(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """How many components are as before."""
    return parts.match(*(pa.Table.from_pandas(side, preserve_index=False) for side in (before, after))).unchanged


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return tables.table(
        "components", [{"component": str(number), "level": 1, **row} for number, row in enumerate(rows)]
    )


def test_a_component_is_known_again_by_its_package_url_whatever_its_name() -> None:
    before = table({"name": "lib", "purl": "pkg:npm/%40a/lib@1.0?x=y", "version": "1.0"})
    after = table({"name": "@a/lib", "purl": "pkg:npm/%40a/lib@2.0", "version": "2.0"})
    assert difference(before, after)["changed"].tolist() == ["version"]


def test_of_twins_one_is_removed_when_one_is_left() -> None:
    before, after = table({"name": "twin"}, {"name": "twin"}), table({"name": "twin"})
    found = difference(before, after)
    assert found["change"].tolist() == ["removed"] and unchanged(before, after) == 1


def test_of_twins_those_that_are_wholly_alike_are_taken_for_each_other() -> None:
    before = table(*({"name": "twin", "version": "1", "supplier": each} for each in ("A", "B", "C")))
    after = table(*({"name": "twin", "version": "1", "supplier": each} for each in ("C", "A", "D")))
    found = difference(before, after)
    assert [(r.changed, r.before_supplier, r.after_supplier) for r in found.itertuples()] == [("supplier", "B", "D")]


def test_a_package_url_of_one_document_is_held_against_the_name_in_the_other() -> None:
    before = table({"name": "lib", "purl": "pkg:npm/%40a/lib@1.0?vcs=https://x/y@z", "version": "1.0"})
    after = table({"name": "@a/lib", "version": "2.0"})
    assert difference(before, after)["changed"].tolist() == ["version"]
    assert sorted(difference(after, before)["change"]) == ["changed"]


def test_packages_of_one_name_from_two_sources_are_told_as_such() -> None:
    before = table({"name": "lib", "purl": "pkg:npm/lib@1.0", "version": "1.0"})
    after = table({"name": "lib", "purl": "pkg:pypi/lib@1.0", "version": "1.0"})
    assert difference(before, after)["changed"].tolist() == ["purl"]
    assert difference(before, table({"name": "lib", "version": "1.0"})).empty


def test_a_part_number_that_changed_is_told_where_both_documents_state_one() -> None:
    before = table({"name": "Regulator", "part_number": "LM358", "manufacturer": "A"})
    assert difference(before, table({"name": "Regulator", "part_number": "LM359", "manufacturer": "A"}))[
        "changed"
    ].tolist() == ["part_number"]
    assert difference(before, table({"name": "Regulator", "manufacturer": "A"})).empty


def test_c_plus_plus_is_not_c() -> None:
    assert sorted(difference(table({"name": "C"}), table({"name": "C++"}))["change"]) == ["added", "removed"]


def test_thousands_of_one_name_are_compared_at_once() -> None:
    before = table(*({"name": "resistor", "version": str(number)} for number in range(20_000)))
    after = table(*({"name": "resistor", "version": str(number)} for number in range(5_000, 25_000)))
    begin = time.process_time()
    found = difference(before, after)
    assert time.process_time() - begin < 5 and found["change"].tolist() == ["changed"] * 5_000


def test_the_same_version_is_taken_before_another_one() -> None:
    before = table({"name": "a", "version": "1"}, {"name": "a", "version": "2"})
    after = table({"name": "a", "version": "2"}, {"name": "a", "version": "3"})
    found = difference(before, after)
    assert [(r.before_version, r.after_version) for r in found.itertuples()] == [("1", "3")]


def test_one_part_number_of_two_makers_is_two_parts() -> None:
    before = table({"name": "x", "part_number": "LM358", "manufacturer": "A"})
    after = table({"name": "y", "part_number": "LM358", "manufacturer": "B"})
    assert sorted(difference(before, after)["change"]) == ["added", "removed"]


def test_a_supplier_that_is_no_longer_named_is_a_change() -> None:
    found = difference(table({"name": "a", "supplier": "Firm"}), table({"name": "a"}))
    assert found["changed"].tolist() == ["supplier"] and found["after_supplier"].isna().all()


def test_digests_differ_only_within_one_algorithm() -> None:
    sha1, other = {"name": "a", "hashes": '{"SHA-1":"aa"}'}, {"name": "a", "hashes": '{"SHA256":"bb"}'}
    assert difference(table(sha1), table(other)).empty
    assert difference(table(sha1), table({"name": "a", "hashes": '{"SHA1":"AA"}'}))["changed"].tolist() == []
    assert difference(table(sha1), table({"name": "a", "hashes": '{"sha1":"ab"}'}))["changed"].tolist() == ["hashes"]


_PARTS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("abc")}, optional={"version": st.sampled_from("12"), "supplier": st.sampled_from("xy")}
    ),
    max_size=6,
)


@settings(deadline=None)
@given(_PARTS, _PARTS)
def test_added_removed_and_matched_add_up_to_both_bills(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    before, after = table(*old), table(*new)
    found = difference(before, after)
    counts = found["change"].value_counts()
    both = int(counts.get("changed", 0)) + unchanged(before, after)
    assert both + int(counts.get("removed", 0)) == len(old) and both + int(counts.get("added", 0)) == len(new)
    assert difference(before, before).empty
