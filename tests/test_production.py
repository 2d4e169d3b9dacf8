"""A production set holds what a demand asks for, says what it could not tell, and alters nothing (§791.313)."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assessor import demand as demands
from assessor import open_assessment, production
from assessor.cli import main
from assessor.engagement import Engagement
from assessor.errors import EngagementError

FIRST = "T26-00001"


def demand(folder: Path, **told: Any) -> demands.Demand:
    lines = ['reference = "BIS letter 2027-014"', "dated = 2027-02-01"]
    for key, value in told.items():
        words = (
            str(value).lower() if isinstance(value, bool) else value if key in ("due", "begin", "to") else repr(value)
        )
        lines.append(f"{'from' if key == 'begin' else key} = {words}")
    (folder / "demand.toml").write_text("\n".join(lines).replace("'", '"') + "\n", "utf-8")
    return demands.read(folder / "demand.toml")


def produced(engagement: Engagement, folder: Path, **told: Any) -> production.Production:
    return production.produce(open_assessment(engagement.root), demand(folder, **told), folder / "set")


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "set" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_demand_for_one_transaction_gives_that_one_and_its_records(engagement: Engagement, tmp_path: Path) -> None:
    made = produced(engagement, tmp_path, transactions=["T26-00002"])
    assert [row["transaction"] for row in rows(tmp_path, "transactions.csv")] == ["T26-00002"]
    assert {row["transaction"] for row in rows(tmp_path, "records.csv")} == {"T26-00002"}
    assert made.transactions == 1
    names = {path.name for path in (tmp_path / "set" / "documents").iterdir()}
    assert names == {document.file for document in made.documents}
    assert not any("ledger" in name for name in names)  # it holds other transactions too
    told = (tmp_path / "set" / "README.txt").read_text("utf-8")
    assert "BIS letter 2027-014" in told
    assert "as extracts" in told


@pytest.mark.parametrize(
    ("limits", "inside"),
    [
        ({"begin": "2026-01-05", "to": "2026-01-05"}, True),
        ({"begin": "2026-01-06"}, False),
        ({"to": "2026-01-04"}, False),
        ({"to": "2026-01-05"}, True),
    ],
    ids=["on the day", "from the day after", "to the day before", "to the day"],
)
def test_days_count_with_both_ends(
    engagement: Engagement, tmp_path: Path, limits: dict[str, Any], inside: bool
) -> None:
    reached = demands.select(open_assessment(engagement.root), demand(tmp_path, **limits))
    assert (FIRST in set(reached["transaction"])) is inside


def test_what_is_not_stated_is_not_excluded_and_says_so(engagement: Engagement, tmp_path: Path) -> None:
    told = demand(tmp_path, parties=["Qinglan Telecom Modules Co., Ltd."], begin="2026-01-01", to="2026-01-31")
    reached = demands.select(open_assessment(engagement.root), told)
    named = reached[reached["supplier"] == "Qinglan Telecom Modules Co., Ltd."]
    others = reached[reached["supplier"].isna()]
    assert len(named) and len(others)
    assert set(named["open"]) == {""}
    assert set(others["open"]) == {"party"}
    assert not set(reached["supplier"].dropna()) - {"Qinglan Telecom Modules Co., Ltd."}


def test_a_party_is_known_under_its_other_names(engagement: Engagement, tmp_path: Path) -> None:
    by_name = demands.select(
        open_assessment(engagement.root), demand(tmp_path, parties=["Qinglan Telecom Modules Co., Ltd."])
    )
    by_number = demands.select(
        open_assessment(engagement.root), demand(tmp_path, parties=["QINGLAN TELECOM MODULES CO LTD"])
    )
    assert list(by_name["transaction"]) == list(by_number["transaction"])


def test_documents_are_as_delivered_and_the_set_can_be_checked(engagement: Engagement, tmp_path: Path) -> None:
    made = produced(engagement, tmp_path, transactions=[FIRST], whole_files=True)
    folder = tmp_path / "set"
    for document in made.documents:
        assert (folder / "documents" / document.file).read_bytes() == document.source.read_bytes()
    assert (
        subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=folder, check=False).returncode == 0
    )
    assert any("ledger" in document.file for document in made.documents)
    load = (folder / "load.dat").read_text("utf-8-sig").splitlines()
    assert load[0].split("\x14")[0] == "\xfeBEGDOC\xfe"
    assert len(load) == len(made.documents) + 1


def test_names_of_what_is_claimed_begin_as_the_rule_asks_and_others_do_not(
    engagement: Engagement, tmp_path: Path
) -> None:
    with engagement.terms_file.open("a", encoding="utf-8") as file:
        file.write("")
    text = engagement.terms_file.read_text("utf-8")
    engagement.terms_file.write_text(
        text.replace("[report]\n", '[report]\nconfidential_evidence = ["*DoC-SW*"]\n', 1), "utf-8"
    )
    made = produced(engagement, tmp_path, transactions=[FIRST])
    claimed = [document for document in made.documents if document.confidential]
    assert [document.path for document in claimed] == ["06 Declarations/DoC-SW-2026-01.pdf"]
    assert all(document.file.startswith("CBI ") is document.confidential for document in made.documents)
    assert "to be marked by who submits them" in (tmp_path / "set" / "README.txt").read_text("utf-8")


def test_a_document_that_is_not_as_received_stops_the_set_and_leaves_nothing(
    engagement: Engagement, tmp_path: Path
) -> None:
    [path] = engagement.evidence.glob("*/data/06 Declarations/DoC-SW-2026-01.pdf")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(EngagementError, match="is not as it was received"):
        produced(engagement, tmp_path, transactions=[FIRST])
    assert not (tmp_path / "set").exists()
    assert not list(tmp_path.glob(".set*"))


def test_a_party_that_no_transaction_names_is_told_beside_one_that_is(engagement: Engagement, tmp_path: Path) -> None:
    made = produced(engagement, tmp_path, parties=["Qinglan Telecom Modules Co., Ltd.", "Nobody Known Ltd."])
    assert [text for text in made.lacking if "party" in text] == [
        "No transaction names the party 'Nobody Known Ltd.', or the evidence writes it otherwise."
    ]
    with pytest.raises(EngagementError, match="No transaction names 'Nobody Known"):
        demands.select(open_assessment(engagement.root), demand(tmp_path, parties=["Nobody Known Ltd."]))


def test_files_that_are_whole_are_not_called_extracts(engagement: Engagement, tmp_path: Path) -> None:
    made = produced(engagement, tmp_path, transactions=[FIRST], whole_files=True)
    assert not any("extracts" in text for text in made.lacking)


def test_a_document_that_is_gone_stops_the_set_in_one_sentence(engagement: Engagement, tmp_path: Path) -> None:
    [path] = engagement.evidence.glob("*/data/06 Declarations/DoC-SW-2026-01.pdf")
    path.unlink()
    with pytest.raises(EngagementError, match="is not as it was received"):
        produced(engagement, tmp_path, transactions=[FIRST])
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reference = 1\ndated = 2027-02-01\n", "`reference` is a text"),
        ('reference = "x"\n', "states no reference or no day"),
        ('reference = "x"\ndated = 2027-02-01\npartys = []\n', "has the key `partys`"),
        ('reference = "x"\ndated = 2027-02-01\nfrom = 2027-01-02\nto = 2027-01-01\n', "ends .* before it begins"),
        ("= x", "is not TOML"),
        ('reference = "x"\ndated = 2027-02-01\nparties = "one"\n', "`parties` is a list"),
    ],
)
def test_a_demand_that_cannot_stand_is_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "demand.toml").write_text(text, "utf-8")
    with pytest.raises(EngagementError, match=told):
        demands.read(tmp_path / "demand.toml")


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"transactions": ["T99"]}, "no transaction 'T99'"),
        ({"parties": ["Nobody Inc."]}, "No transaction names 'Nobody Inc.'"),
        ({"begin": "2020-01-01", "to": "2020-12-31"}, "reaches no transaction"),
    ],
)
def test_a_demand_that_reaches_nothing_is_said_and_nothing_is_made(
    engagement: Engagement, tmp_path: Path, limits: dict[str, Any], told: str
) -> None:
    with pytest.raises(EngagementError, match=told):
        produced(engagement, tmp_path, **limits)
    assert not (tmp_path / "set").exists()


def test_the_same_demand_gives_the_same_bytes(engagement: Engagement, tmp_path: Path) -> None:
    produced(engagement, tmp_path, transactions=[FIRST])
    first = {path.name: path.read_bytes() for path in (tmp_path / "set").rglob("*") if path.is_file()}
    (tmp_path / "set").rename(tmp_path / "before")
    produced(engagement, tmp_path, transactions=[FIRST])
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "set").rglob("*") if path.is_file()}


def test_the_command_makes_the_set_and_seals_nothing(engagement: Engagement, tmp_path: Path) -> None:
    demand(tmp_path, transactions=[FIRST])
    words = ["seal", str(engagement.root), "--for-bis", str(tmp_path / "demand.toml")]
    assert CliRunner().invoke(main, words).exit_code == 2
    result = CliRunner().invoke(main, [*words, "--to", str(tmp_path / "set"), "--json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["transactions"], answer["documents"][0]["control"]) == (1, "FELLMARK2026-000001")
    assert not list(tmp_path.glob("*sealed*"))


def test_no_cell_of_the_tables_acts_as_a_formula() -> None:
    assert production._csv(["a"], [["=1+1"], ["@x"], ["plain"]]).splitlines() == ["a", "'=1+1", "'@x", "plain"]
