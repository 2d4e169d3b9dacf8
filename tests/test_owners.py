"""Ownership without an engagement: `assessor ownership`, as a user's script would call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assessor import owners
from assessor.cli import main

HEAD = "Holder,Holder country,Nationality,Holder type,Company,Company country,Interest,Share %,From\n"
SHEET = f"""{HEAD}Harbour Light Ltd,China,,company,Tern Radio GmbH,Germany,votes,60%,2020-01-01
Ada Quill,United States,United States,person,Tern Radio GmbH,Germany,votes,40%,2020-01-01
Tern Radio GmbH,Germany,,company,Tern Modules Inc,United States,votes,30%,2021-05-01
Ada Quill,United States,United States,person,Tern Modules Inc,United States,votes,70%,2021-05-01
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def answer(*arguments: object) -> Any:
    return json.loads(call("ownership", *arguments, "--as-of", "2026-06-30", "--json").stdout)


def register(folder: Path, text: str = SHEET, name: str = "register.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_each_entity_has_the_shape_that_scripts_rely_on(tmp_path: Path) -> None:
    told = answer(register(tmp_path), "--all")
    assert told["as_of"] == "2026-06-30" and told["files"][0]["kind"] == "ownership.register"
    by_id = {entity["id"]: entity for entity in told["entities"]}
    assert set(by_id) == {"Harbour Light Ltd", "Tern Radio GmbH", "Ada Quill", "Tern Modules Inc"}
    radio = by_id["Tern Radio GmbH"]
    assert {"id", "name", "foreign_interest", "prc_russia", "limbs", "chain", "questions", "settled_by"} <= radio.keys()
    assert radio["prc_russia"] == "established" and radio["limbs"] == {
        "1": "excluded",
        "2": "excluded",
        "3": "excluded",
        "4": "established",
    }
    assert radio["controlled_share"] == {"min": "0.6", "max": "0.6"}
    (step,) = radio["chain"]
    assert (step["from"], step["to"], step["kind"], step["min"], step["max"]) == (
        "Harbour Light Ltd",
        "Tern Radio GmbH",
        "voting_rights",
        "0.6",
        "0.6",
    )
    assert step["source"].endswith("register.csv") and step["locator"] == "line 2"
    modules = by_id["Tern Modules Inc"]
    assert modules["look_through_share"] == {"min": "0.18", "max": "0.18"}
    assert {each["holder"] for each in modules["foreign_interest"]} == {"Tern Radio GmbH", "Harbour Light Ltd"}
    assert told["problems"] == []


def test_what_is_controlled_is_listed_first_and_needs_attention(tmp_path: Path) -> None:
    result = call("ownership", register(tmp_path), "--as-of", "2026-06-30")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1 and lines[0] == "Persons of the PRC or Russia as of 2026-06-30"
    assert lines[3].startswith("established") and any(
        line.endswith("2 established, 0 possible, 2 excluded.") for line in lines
    )


@pytest.mark.parametrize("sought", ["Tern Radio GmbH", "tern radio gmbh "])
def test_one_entity_is_explained_by_id_or_name(tmp_path: Path, sought: str) -> None:
    text = call("ownership", register(tmp_path), "--subject", sought, "--as-of", "2026-06-30").stdout
    assert "Tern Radio GmbH: established" in text
    assert "limb (4) owned or controlled" in text and "Harbour Light Ltd -> Tern Radio GmbH: voting rights 60 %" in text


def test_an_entity_that_is_excluded_by_files_read_in_full_needs_no_attention(tmp_path: Path) -> None:
    assert call("ownership", register(tmp_path), "--subject", "Ada Quill", "--as-of", "2026-06-30").exit_code == 0


def test_a_name_that_is_none_is_answered_with_the_nearest(tmp_path: Path) -> None:
    result = call("ownership", register(tmp_path), "--subject", "Tern Radios GmbH")
    assert result.exit_code == 2 and "Tern Radio GmbH" in result.stderr and "Traceback" not in result.stderr


def test_the_day_decides_what_is_held(tmp_path: Path) -> None:
    told = json.loads(
        call("ownership", register(tmp_path), "--subject", "Tern Radio GmbH", "--as-of", "2019-12-31", "--json").stdout
    )
    assert told["entities"][0]["prc_russia"] == "possible" and told["entities"][0]["chain"][0]["kind"] == "undisclosed"


def test_two_holders_count_together_or_each_alone(tmp_path: Path) -> None:
    path = register(
        tmp_path,
        f"{HEAD}East One Ltd,China,,company,Mole Ltd,Germany,votes,30%,\nEast Two Ltd,China,,company,Mole Ltd,Germany,votes,30%,\n"
        "Ada Quill,United States,United States,person,Mole Ltd,Germany,votes,40%,\n",
    )
    together, alone = answer(path, "--subject", "Mole Ltd"), answer(path, "--subject", "Mole Ltd", "--alone")
    assert together["entities"][0]["prc_russia"] == "established" and alone["entities"][0]["prc_russia"] == "possible"
    assert together["entities"][0]["reading"]["single"]["prc_russia"] == "possible"


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_chain_is_drawn_into_a_file_the_same_each_time(tmp_path: Path, suffix: str) -> None:
    drawn = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}{suffix}"
        assert call("ownership", register(tmp_path), "--subject", "Tern Radio GmbH", "--figure", path).exit_code == 1
        drawn.append(path.read_bytes())
    assert drawn[0] == drawn[1] and drawn[0][:4] in (b"<svg", b"<?xm", b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--subject", "x", "--all"], "cannot be given together"),
        (["--figure", "x.svg"], "needs one --subject"),
        (["--subject", "x", "--figure", "x.gif"], ".svg or .png"),
        (["--dominant-minority", "20"], "write 0.2 for 20 %"),
        (["--dominant-minority", "a fifth"], "write 0.2 for 20 %"),
        (["--as-of", "yesterday"], "does not match"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    result = call("ownership", register(tmp_path), *options)
    assert result.exit_code == 2 and sentence in result.stderr and result.stdout == ""


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2", b"<html></html>", b'{"bomFormat":"CycloneDX","components":[]}', b"[]"]
)
def test_a_file_without_ownership_is_refused_with_the_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "evidence"
    path.write_bytes(content)
    result = call("ownership", path)
    assert result.exit_code == 2 and str(path) in result.stderr and "Traceback" not in result.stderr


def test_beside_a_file_that_can_be_read_a_bad_one_is_told_and_not_lost(tmp_path: Path) -> None:
    register(tmp_path)
    (tmp_path / "broken.json").write_bytes(b'{"statementId": ')
    told = answer(tmp_path)
    assert len(told["entities"]) == 4 and any("broken.json" in problem["place"] for problem in told["problems"])
    assert call("ownership", tmp_path, "--subject", "Ada Quill").exit_code == 1


def test_of_more_entities_than_can_be_explained_each_has_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {entity["id"]: entity for entity in answer(register(tmp_path))["entities"]}
    monkeypatch.setattr(owners, "EXPLAINED", 3)
    for entity in answer(register(tmp_path))["entities"]:
        assert entity["explained"] is False
        assert all(entity[key] == whole[entity["id"]][key] for key in ("prc_russia", "controlled_share"))
