"""A proposed supplier from the evidence to the ledger and back: open, confirmed, refused, and stale when its facts change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assessor.cli import main

TERMS = """
[engagement]
id = "E-1"
client = "Acorn Motors"
dated = 2026-11-16
period = {from = 2026-01-01, to = 2026-09-30}
rule_version = "2025-04-24"
[client]
name = "Acorn Motors"
roles = ["connected_vehicle_manufacturer"]
[firm]
name = "Quillon"
"""
WRITTEN = "Shenzhen Yunqiao Technology Co., Ltd."
REGISTERED = "深圳市云桥科技有限公司"
BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "device", "name": "Modem", "bom-ref": "root"}},
    "components": [{"type": "firmware", "name": "stack", "version": "1", "supplier": {"name": WRITTEN}}],
}
SUPPLIERS = f'Vendor no.,Name,Country,Registration no.\nV-1,"{WRITTEN}",China,\n'


def run(*words: object) -> dict[str, Any]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code in (0, 1), result.output
    return dict(json.loads(result.stdout)) if "--json" in words else {}


def deliver(folder: Path, engagement: Path, name: str, **files: str) -> None:
    package = folder / name
    package.mkdir()
    for file, text in files.items():
        (package / file.replace("_", ".")).write_text(text, "utf-8")
    run("intake", engagement, package)


def extract(country: str) -> str:
    """A register extract of which the subject bears the Chinese name."""
    return (
        f"Company,Company country,Holder,Holder country,Holder type,Share %,Kind\n"
        f"{REGISTERED},{country},Ada Sommer,Germany,person,100,shares\n"
    )


@pytest.fixture
def engagement(tmp_path: Path) -> Path:
    (tmp_path / "terms.toml").write_text(TERMS, "utf-8")
    root = tmp_path / "e"
    run("new", root, "--from", tmp_path / "terms.toml")
    deliver(tmp_path, root, "first", bill_json=json.dumps(BILL), suppliers_csv=SUPPLIERS, register_csv=extract("China"))
    return root


def result(root: Path) -> dict[str, Any]:
    run("run", root, "--no-notebooks", "--only", "s315_suppliers")
    return dict(json.loads((root / "results" / "s315_suppliers.json").read_text("utf-8")))


def told(root: Path) -> tuple[str, str, str]:
    """State of the question, the supplier's tie to the PRC or Russia, and how it was identified."""
    found = result(root)
    (question,) = [q for q in found["questions"] if q["id"] == "supplier_match"]
    (supplier,) = found["tables"]["suppliers"]
    (test,) = [t for t in found["tests"] if t["subject"] == WRITTEN]
    return question["state"], supplier["prc_russia"], test["reason"]


def answer(root: Path, given: str) -> None:
    run(
        "answer", root, "supplier_match", WRITTEN, given, "--because", "Extract and invoice agree.", "--by", "M. Okonjo"
    )


def test_a_name_in_another_script_is_open_until_the_assessor_says_who_is_meant(engagement: Path) -> None:
    state, tie, reason = told(engagement)
    assert (state, tie) == ("open", "possible")
    assert "Its owners are not known" in reason and "not confirmed" in reason
    (question,) = [q for q in result(engagement)["questions"] if q["id"] == "supplier_match"]
    (candidate,) = question["facts"]["candidates"]
    assert (candidate["name"], candidate["country"]) == (REGISTERED, "CN")
    assert "written in another script, read as shenzhen yunqiao technology" in candidate["reasons"]
    requests = {(r["code"], tuple(r["subjects"])) for r in result(engagement)["requests"]}
    assert ("ownership_evidence", (WRITTEN,)) in requests


def test_a_confirmed_proposal_has_its_owners_by_judgement(engagement: Path) -> None:
    result(engagement)
    answer(engagement, REGISTERED)
    state, tie, reason = told(engagement)
    assert (state, tie) == ("answered", "established")
    assert "by the assessor's judgement" in reason


@pytest.mark.parametrize("given", ["no", "none"])
def test_a_refused_proposal_stays_refused_and_the_supplier_an_unknown_owner(engagement: Path, given: str) -> None:
    result(engagement)
    answer(engagement, given)
    state, tie, reason = told(engagement)
    assert (state, tie) == ("answered", "possible")
    assert "refused by the assessor's judgement" in reason
    run("status", engagement, "--json")
    assert told(engagement)[0] == "answered", "a refused proposal is not put again"


def test_an_answer_is_stale_once_what_was_shown_of_the_candidate_has_changed(engagement: Path, tmp_path: Path) -> None:
    result(engagement)
    answer(engagement, "none")
    deliver(tmp_path, engagement, "second", register2_csv=extract("Hong Kong"))
    state, tie, reason = told(engagement)
    assert (state, tie) == ("stale", "possible")
    assert "not confirmed" in reason
