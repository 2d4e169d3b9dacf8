from __future__ import annotations

import importlib.util
import random
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from assessor import rule
from assessor.evidence import build, package, readers, register, tables
from assessor.evidence.readers import Reading, dispatch
from tests.evidence.samples import RULE, as_json, cyclonedx, pdf, put
from tests.evidence.test_sheets import LEDGER

FELLMARK = Path(__file__).parents[2] / "fixtures" / "fellmark" / "build.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "e").mkdir()
    box = tmp_path / "box"
    put(box, "a.json", as_json(cyclonedx()))
    put(box, "b.csv", LEDGER + "T-3,teleport,06/20/2026\r\n")
    put(box, "c.csv", LEDGER)
    put(box, "d.csv", b"")
    put(box, "e.bin", bytes(range(256)))
    put(box, "f.csv", LEDGER)
    put(box, "List.csv", "Screened party,Result\nX,none\n")
    put(box, "list.csv", "Screened party,Result\nY,none\n")
    (box / "link").symlink_to("/etc/passwd")
    package.take_in(tmp_path / "e", box, received=date(2026, 10, 12), supplied_by="C", custodian="R")
    return tmp_path / "e"


def built(root: Path) -> build.Built:
    return build.build_tables(root, register.read(root / "register.jsonl"), RULE)


def test_every_table_is_there_and_rows_stand_in_the_order_of_the_register(root: Path) -> None:
    found = built(root)
    assert set(found.tables) == set(tables.SCHEMAS)
    assert list(found.tables["transactions"]["transaction"]) == ["T-1", "T-2", "T-3", "T-1", "T-2"]
    assert len(found.tables["components"]) == 4 and len(found.tables["interests"]) == 0
    sources = found.tables["transactions"]["source"]
    assert list(sources) == sorted(sources)
    assert all(isinstance(kind, pd.ArrowDtype) for kind in found.problems.dtypes)


def test_the_register_says_what_was_read_what_was_not_and_why(root: Path) -> None:
    rows = {row.path: row for row in register.rows(built(root).register)}
    assert {path: (row.kind, row.status) for path, row in rows.items()} == {
        "List.csv": ("screening", "read"),
        "a.json": ("bom.cyclonedx", "read"),
        "b.csv": ("ledger", "partly_read"),
        "c.csv": ("ledger", "read"),
        "d.csv": ("unknown", "unreadable"),
        "e.bin": ("unknown", "unreadable"),
        "f.csv": (None, "duplicate"),
        "link": ("unknown", "unreadable"),
        "list (2).csv": ("screening", "read"),
    }
    assert rows["b.csv"].reason == "1 problem" and rows["d.csv"].reason == "the file is empty"
    assert "no reader recognises" in (rows["e.bin"].reason or "") and "links are not followed" in (
        rows["link"].reason or ""
    )
    assert "delivered as 'list.csv'" in (rows["list (2).csv"].reason or "")


def test_problems_have_their_source_and_place(root: Path) -> None:
    found = built(root)
    item = found.register.loc[found.register["path"] == "b.csv", "id"].item()
    assert found.problems.values.tolist() == [
        [item, "line 4", "Type: 'teleport' is not one of the words known for this column"]
    ]


def test_building_again_changes_nothing(root: Path) -> None:
    first = built(root)
    second = build.build_tables(root, first.register, RULE)
    assert register.text(register.rows(first.register)) == register.text(register.rows(second.register))
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])


def test_a_file_that_vanished_from_its_bag_is_missing(root: Path) -> None:
    row = next(row for row in register.rows(register.read(root / "register.jsonl")) if row.path == "a.json")
    register.file_of(root, row).unlink()
    status = {row.path: row.status for row in register.rows(built(root).register)}
    assert status["a.json"] == "missing" and status["c.csv"] == "read"


class Shout:
    """A reader of a third party: files that begin with an exclamation mark."""

    kind = "shout"
    wrong = False

    def recognise(self, head: bytes, path: Path) -> bool:
        return head.startswith(b"!")

    def read(self, path: Path, source_id: str, the_rule: Any) -> Reading:
        row = {"supplier" if not self.wrong else "no such column": "X", "source": source_id, "locator": "line 1"}
        return Reading(tables={"suppliers": [row]})


def test_readers_of_third_parties_are_asked_and_held_to_the_tables(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Shout()
    monkeypatch.setattr(
        dispatch,
        "entry_points",
        lambda group: [SimpleNamespace(name="s", load=lambda: reader)] if group == "assessor.readers" else [],
    )
    dispatch._plugins.cache_clear()
    try:
        package.take_in(
            root,
            put(tmp_path, "more/s.txt", "!hey").parent,
            received=date(2026, 10, 13),
            supplied_by="C",
            custodian="R",
        )
        assert "shout" in readers.kinds() and list(built(root).tables["suppliers"]["supplier"]) == ["X"]
        reader.wrong = True
        found = built(root)
        row = register.rows(found.register)[-1]
        assert (
            (row.kind, row.status) == ("shout", "unreadable")
            and "do not fit" in (row.reason or "")
            and len(found.tables["suppliers"]) == 0
        )
    finally:
        dispatch._plugins.cache_clear()


def test_random_damage_to_a_file_never_stops_the_build(tmp_path: Path) -> None:
    chance = random.Random(7)
    wholes = [
        as_json(cyclonedx()).encode(),
        LEDGER.encode(),
        pdf(tmp_path / "p", ["Supplier attestation", "Supplier: X"]).read_bytes(),
    ]
    for number in range(60):
        data = bytearray(chance.choice(wholes))
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = put(tmp_path, f"d/{number}", bytes(data[: chance.randint(1, len(data))]))
        kind, reason = readers.examine(path)
        reading = readers.read_item(kind, path, "E-1", RULE)
        assert (kind == "unknown") == bool(reason) and reading.status in ("read", "partly_read", "unreadable")
        assert not reading.reason.startswith("reading it as"), reading.reason
        for name, rows in reading.tables.items():
            tables.table(name, rows)


@pytest.mark.skipif(not FELLMARK.exists(), reason="the fixture's script is not there")
def test_every_file_of_the_fictional_client_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FELLMARK.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location("fellmark_build_for_evidence", FELLMARK)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build(tmp_path / "pkg")
    (tmp_path / "e").mkdir()
    package.take_in(
        tmp_path / "e", tmp_path / "pkg", received=date(2026, 10, 12), supplied_by="Fellmark", custodian="Records"
    )
    found = build.build_tables(tmp_path / "e", register.read(tmp_path / "e" / "register.jsonl"), rule.load())
    status = {row.path: row.status for row in register.rows(found.register)}
    unread = {path for path, told in status.items() if told == "unreadable"}
    assert unread == {"12 Other/empty.csv", "12 Other/scan0042.pdf"}
    assert {path for path, told in status.items() if told != "read"} - unread <= {"05 Ownership/suppliers.bods.json"}
    assert all("is described by no statement" in message for message in found.problems["message"])
    size = {name: len(table) for name, table in found.tables.items()}
    medium = found.tables["components"]["medium"].value_counts()
    assert medium["software"] >= 1220 and medium["hardware"] >= 260
    assert (
        size["suppliers"] >= 66
        and size["entities"] >= 150
        and size["transactions"] >= 2000
        and size["attestations"] == 8
    )
    assert (size["declarations"], size["authorizations"], size["vehicles"]) == (2, 2, 3)
    assert {name for name, rows in size.items() if not rows} == {
        "notices",
        "opinions",
        "passages",
    }  # the client has none
    assert found.tables["declarations"]["submitted"].isna().tolist() == [True, False]
    assert set(found.tables["components"]["item"]) == {
        "TCU-7 telematics software",
        "PilotStack ADS",
        "TCU-7 telematics unit",
    }
