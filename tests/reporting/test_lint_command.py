"""`assessor template lint` as a user and a build server meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document

from assessor import resources
from assessor.cli import main

SHIPPED = resources.folder("templates") / "assessment.docx"


def _lint(*words: object) -> Result:
    return CliRunner().invoke(main, ["template", "lint", *map(str, words)])


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    document = Document()
    document.add_heading("Part one", 1)
    document.add_paragraph("Dear {{ clinet.name }},")
    document.add_heading("Skipped", 3)
    document.save(str(tmp_path / "our template.docx"))
    return tmp_path / "our template.docx"


def test_a_clean_template_is_done() -> None:
    result = _lint(SHIPPED)
    assert (result.exit_code, result.stdout) == (0, f"{SHIPPED}: no errors, 0 warnings.\n")


def test_a_problem_is_one_line_with_its_place(faulty: Path) -> None:
    result = _lint(faulty)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == (
        f"{faulty}: error: `{{{{ clinet.name }}}}`: `clinet` does not exist; did you mean `client`? "
        "[unknown-variable; word/document.xml, under “Part one”, in “Dear {{ clinet.name }},”]"
    )
    assert lines[-1].startswith(f"{faulty}: 1 error, ")


def test_warnings_alone_are_done(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Skipped", 2)
    document.save(str(tmp_path / "template.docx"))
    result = _lint(tmp_path / "template.docx")
    assert result.exit_code == 0
    assert "skipped-heading" in result.stdout


def test_json_has_the_shape_of_all_commands(faulty: Path) -> None:
    result = _lint(SHIPPED, faulty, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    assert [entry["errors"] for entry in told["files"]] == [0, 1]
    assert told["problems"][0] == {
        "file": str(faulty),
        "code": "unknown-variable",
        "severity": "error",
        "place": "word/document.xml, under “Part one”, in “Dear {{ clinet.name }},”",
        "message": "`{{ clinet.name }}`: `clinet` does not exist; did you mean `client`?",
        "part": "word/document.xml",
        "heading": "Part one",
        "paragraph": "Dear {{ clinet.name }},",
        "tag": "{{ clinet.name }}",
    }
    assert json.loads(_lint(SHIPPED, "--json").stdout)["ok"] is True


def test_sarif_is_a_log_whose_results_name_their_rules_and_places(
    faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(faulty.parent)
    result = _lint(faulty, "--sarif")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["version"], len(told["runs"])) == (1, "2.1.0", 1)
    assert told["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = told["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"].endswith(".") for rule in rules)
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["level"] in ("error", "warning")
        (location,) = found["locations"]
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "our%20template.docx", "index": 0}
    (logical,) = run["results"][0]["locations"][0]["logicalLocations"]
    assert logical["fullyQualifiedName"] == "word/document.xml / Part one / Dear {{ clinet.name }},"
    assert run["artifacts"] == [{"location": {"uri": "our%20template.docx"}}]


def test_the_same_template_gives_the_same_log(faulty: Path) -> None:
    assert _lint(faulty, "--sarif").stdout == _lint(faulty, "--sarif").stdout


def test_a_file_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    for form in ([], ["--json"], ["--sarif"]):
        result = _lint(SHIPPED, tmp_path / "none.docx", *form)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "none.docx cannot be read" in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_a_folder_is_no_template(tmp_path: Path) -> None:
    assert _lint(tmp_path).exit_code == 2


def test_a_file_that_is_no_word_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "template.docx").write_bytes(b"%PDF-1.7")
    result = _lint(tmp_path / "template.docx", "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (1, "not-word")


def test_json_and_sarif_exclude_each_other() -> None:
    assert _lint(SHIPPED, "--json", "--sarif").exit_code == 2
