"""`assessor evidence`: the register, the places of an item, and what stands at a place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assessor.evidence import build, package, register, tables
from tests.evidence.samples import RULE, as_json, cyclonedx, put, zipped
from tests.evidence.test_sheets import LEDGER
from tests.test_cli import TERMS, one_sentence, run


@pytest.fixture(scope="module")
def engagement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence-command")
    root = folder / "e"
    put(root, "engagement.toml", TERMS)
    put(folder / "box", "bill.json", as_json(cyclonedx()))
    put(folder / "box", "ledger.csv", LEDGER)
    put(folder / "box", "odd\x1b[31m.bin", b"\x00\x01")
    package.take_in(root, folder / "box", received=date(2026, 10, 12), supplied_by="Acorn", custodian="")
    built = build.build_tables(root, register.read(root / "register.jsonl"), RULE)
    register.write(root / "register.jsonl", built.register)
    (root / "tables").mkdir()
    for name, table in built.tables.items():
        tables.write(table, root / "tables" / f"{name}.parquet")
    return root


def told(*words: object, code: int = 0) -> Any:
    result = run("evidence", *words, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_without_an_item_the_register_is_listed_with_how_many_facts_came_from_each(engagement: Path) -> None:
    items = told(engagement)["items"]
    assert [(each["id"], each["kind"], each["status"], each["facts"]) for each in items] == [
        ("E-0001", "bom.cyclonedx", "read", 4),
        ("E-0002", "ledger", "read", 2),
        ("E-0003", "unknown", "unreadable", 0),
    ]
    shown = run("evidence", engagement)
    assert shown.exit_code == 0 and "\x1b" not in shown.stdout
    assert "E-0002  read         ledger                         2 facts  ledger.csv" in shown.stdout
    assert shown.stdout.endswith("3 items, 6 facts.\n")


def test_an_item_lists_the_places_that_facts_came_from_within_a_limit(engagement: Path) -> None:
    found = told(engagement, "E-0001")
    assert found["item"]["path"] == "bill.json" and found["place_count"] == 4
    assert {each["locator"]: each["facts"] for each in found["places"]} == {
        "/metadata/component": {"components": 1},
        "/components/0": {"components": 1},
        "/components/0/components/0": {"components": 1},
        "/components/1": {"components": 1},
    }
    assert len(told(engagement, "E-0001", "--limit", 3)["places"]) == 3
    shown = run("evidence", engagement, "E-0001", "--limit", 3).stdout
    assert "Facts (4) from 4 places" in shown and "… and 1 more places (--limit 4 lists all)" in shown


def test_an_item_says_what_could_not_be_read_of_it(engagement: Path, tmp_path: Path) -> None:
    assert (
        told(engagement, "E-0001")["not_read"] == [] and "Not read" not in run("evidence", engagement, "E-0001").stdout
    )
    shutil.copytree(engagement, tmp_path / "again")
    rows = [
        {"source": item, "place": place, "message": f"{item} is torn\x1b"}
        for item, place in (("E-0001", "/components/7"), ("E-0002", None), ("E-0001", "/components/9"))
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "again" / "tables" / "problems.parquet")
    assert [each["place"] for each in told(tmp_path / "again", "E-0001")["not_read"]] == [
        "/components/7",
        "/components/9",
    ]
    shown = run("evidence", tmp_path / "again", "E-0001", "--limit", 1).stdout
    assert "Not read (2)\n  /components/7: E-0001 is torn\\u001b\n  … and 1 more (--limit 2 lists all)\n" in shown
    assert "Not read (1)\n  the whole item: " in run("evidence", tmp_path / "again", "E-0002").stdout


def test_a_place_is_shown_with_what_stands_around_it(engagement: Path) -> None:
    found = told(engagement, "E-0002", "line 3")
    assert found["ok"] and found["heading"] == "line 3"
    assert {"label": "Ref", "text": "T-2", "is_place": True} in found["rows"]
    assert found["path"] == "evidence/001-box/data/ledger.csv"
    shown = run("evidence", engagement, "E-0001", "/components/1").stdout
    assert "  > name: yq-mqtt\n" in shown and "    /components/0: {" in shown


def test_a_place_that_cannot_be_shown_needs_attention(engagement: Path) -> None:
    found = told(engagement, "E-0001", "/components/7", code=1)
    assert not found["ok"] and found["problems"][0]["code"] == "place_not_shown"
    assert found["problems"][0]["place"] == "E-0001 /components/7"
    shown = run("evidence", engagement, "E-0001", "/components/7")
    assert shown.exit_code == 1 and "/components/7 cannot be shown: the list has no such element" in shown.stdout


def test_an_unknown_item_a_folder_that_is_none_and_a_damaged_table_are_one_sentence(
    engagement: Path, tmp_path: Path
) -> None:
    assert "The register has no item 'E-0404'" in one_sentence(run("evidence", engagement, "E-0404"))
    assert "The register has no item 'E-0404'" in one_sentence(run("evidence", engagement, "E-0404", "line 1"))
    assert "is not an engagement" in one_sentence(run("evidence", tmp_path))
    put(tmp_path, "engagement.toml", TERMS)
    put(tmp_path, "tables/suppliers.parquet", b"PAR1 broken")
    assert "suppliers.parquet cannot be read" in one_sentence(run("evidence", tmp_path))


def test_an_engagement_without_evidence_has_no_items(tmp_path: Path) -> None:
    put(tmp_path, "engagement.toml", TERMS)
    assert told(tmp_path)["items"] == []
    assert run("evidence", tmp_path).stdout == "0 items, 0 facts.\n"


def test_the_terms_are_an_item(engagement: Path) -> None:
    assert told(engagement, "TERMS", "[firm] name")["rows"] == [{"label": "name", "text": "Quillon", "is_place": True}]
    assert {row["label"] for row in told(engagement, "TERMS")["rows"]} == {"engagement", "client", "firm"}


def test_its_help_is_shown_without_the_heavy_libraries() -> None:
    script = (
        "import sys\nfrom assessor.cli import main\n"
        "try: main(['evidence', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('pandas', 'pyarrow', 'docx', 'pypdf') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "LOCATOR" in done.stdout and done.stdout.endswith("[]\n")


def test_intake_takes_the_period_the_claim_and_the_limits_and_names_the_limit(tmp_path: Path) -> None:
    put(tmp_path, "e/engagement.toml", TERMS + "\n[intake]\nmax_members = 3\n")
    put(tmp_path, "box/in.zip", zipped({"a.csv": "A", "b.csv": "B"}))
    asked = ("--effective-from", "2026-04-01", "--effective-to", "2026-06-30", "--confidential")
    assert run("intake", tmp_path / "e", tmp_path / "box", *asked).exit_code == 0
    rows = register.rows(register.read(tmp_path / "e/register.jsonl"))
    assert [row.derived_from for row in rows] == [None, "E-0001", "E-0001"]
    assert {(row.effective_from, row.effective_to, row.confidential) for row in rows} == {
        (date(2026, 4, 1), date(2026, 6, 30), True)
    }
    put(tmp_path, "more/in.zip", zipped({str(number): "x" for number in range(4)}))
    result = run("intake", tmp_path / "e", tmp_path / "more", "--json")
    assert result.exit_code == 1 and "more than 3 members" in json.loads(result.stdout)["problems"][0]["message"]
    wrong = run(
        "intake", tmp_path / "e", tmp_path / "more", "--effective-from", "2026-04-02", "--effective-to", "2026-04-01"
    )
    assert "exchange --effective-from and --effective-to" in one_sentence(wrong)
