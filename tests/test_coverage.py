"""Coverage is derived: from what procedures name, from where questions stand, from what cases say."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from assessor import rule
from assessor.cli import main
from assessor.coverage import Covered, coverage, covered, touched

ENTRIES = {entry.clause: entry for entry in coverage(rule.load())}


def test_every_clause_of_the_rule_has_an_entry_in_its_order() -> None:
    assert list(ENTRIES) == list(rule.load().clauses)


def test_a_paragraph_is_covered_by_the_procedure_that_names_it_and_by_no_other() -> None:
    assert ENTRIES["791.305(g)(1)"].procedures == ("s305_declarations",)
    assert ENTRIES["791.315(d)(5)"].procedures == ("s315_recommendations",)
    assert "s305_declarations" not in ENTRIES["791.304"].procedures


def test_a_clause_named_only_in_a_helper_module_counts_for_the_procedure_that_imports_it() -> None:
    assert "s301_scope" in ENTRIES["791.301 covered software, earlier subcomponents"].procedures


def test_a_question_covers_the_clause_it_stands_under() -> None:
    assert "material_change" in ENTRIES["791.305(e)"].questions


def test_cases_are_found_by_the_clause_they_name() -> None:
    names = [name for _, name in ENTRIES["791.305(g)(1)"].cases]
    assert "A declaration submitted 59 days before the first import is late" in names


def test_cases_are_found_by_the_clause_that_they_say_they_stand_for() -> None:
    name = "A supplier organised in Hong Kong is one of the PRC"  # it names the paragraph nowhere but in its `clause`
    assert ("s315_suppliers.yaml", name) in ENTRIES["791.301 person (3)"].cases
    assert ("s315_suppliers.yaml", name) in ENTRIES["791.301 person"].cases
    assert ("s315_suppliers.yaml", name) not in ENTRIES["791.301 person (2)"].cases


def test_what_nothing_covers_is_not_accounted_for_unless_it_is_background() -> None:
    assert not Covered("791.999", "", "machine", (), (), (("file", "a case alone tests nothing"),)).accounted
    assert Covered("791.999", "", "background", (), (), ()).accounted
    assert Covered("791.999", "", "machine", ("s301_scope",), (), ()).accounted


def test_every_paragraph_is_accounted_for_and_each_that_an_assessor_tests_has_a_case() -> None:
    assert [clause for clause, entry in ENTRIES.items() if not entry.accounted] == []
    tested = {clause: entry for clause, entry in ENTRIES.items() if entry.assessment != "background"}
    assert [clause for clause, entry in tested.items() if not entry.cases] == []
    assert len({case for entry in ENTRIES.values() for case in entry.cases}) >= 300


def test_the_command_shows_one_clause_and_the_matrix() -> None:
    one = json.loads(CliRunner().invoke(main, ["rule", "§791.302(a)", "--json"]).stdout)
    assert one["clause"]["id"] == "791.302(a)"
    assert one["coverage"]["procedures"] == ["s302_hardware"]
    whole = json.loads(CliRunner().invoke(main, ["rule", "--coverage", "--json"]).stdout)
    assert len(whole["clauses"]) == len(ENTRIES)
    assert whole["unaccounted"] == [clause for clause, entry in ENTRIES.items() if not entry.accounted]
    unknown = CliRunner().invoke(main, ["rule", "791.999"])
    assert unknown.exit_code == 2
    assert "791.999" in unknown.stderr


def test_the_clause_on_publication_shows_the_authorizations_known_and_marks_what_is_unconfirmed() -> None:
    for clause in ("791.306", "791.306(b)"):
        lines = CliRunner().invoke(main, ["rule", clause]).stdout.splitlines()
        assert "General Authorization No. 3, Approved Supplier List" in lines
        assert any("version amended 2026" in line and "digest not known" in line for line in lines)
        reported = [line for line in lines if "weak secondary source), the letter decides" in line]
        assert reported and all("unconfirmed" in line for line in reported)
    one = json.loads(CliRunner().invoke(main, ["rule", "791.306(b)", "--json"]).stdout)
    assert [entry["number"] for entry in one["authorizations"]] == [1, 2, 3]
    assert one["authorizations"][0]["versions"][1]["known"] == "2026"
    assert {lead["unconfirmed"] for lead in one["reported"]} == {True, False}
    other = json.loads(CliRunner().invoke(main, ["rule", "791.307", "--json"]).stdout)
    assert other["authorizations"] == [] and other["reported"] == []


def test_the_entry_of_one_clause_is_that_of_the_matrix() -> None:
    assert covered(rule.load(), "791.312(a)") == ENTRIES["791.312(a)"]


def test_a_newer_text_is_told_by_the_procedures_that_its_changes_touch(tmp_path: Path) -> None:
    newer = tmp_path / "newer.txt"
    newer.write_text(
        "§ 791.304 - Related prohibited transactions.\nAn invented sentence.\n§ 791.399 - New.\nAnother.\n", "utf-8"
    )
    result = CliRunner().invoke(main, ["rule", "--diff", str(newer), "--json"])
    assert result.exit_code == 1
    lines = {line["paragraph"]: line for line in json.loads(result.stdout)["paragraphs"]}
    assert lines["791.304"]["how"] == "changed"
    assert "s304_manufacturer" in lines["791.304"]["procedures"]
    assert lines["791.399"]["how"] == "appeared"
    assert lines["791.305(g)(1)"]["how"] == "gone"
    assert lines["791.305(g)(1)"]["constants"] == ["declaration_lead_days"]
    assert ["s305_declarations.yaml", "A declaration submitted 59 days before the first import is late"] in lines[
        "791.305(g)(1)"
    ]["cases"]


def test_a_changed_paragraph_that_nothing_names_touches_what_names_its_section() -> None:
    found = touched(rule.load(), list(ENTRIES.values()), "791.309(c)(1)")
    assert found["constants"] == ["appeal_days"] and "s305_declarations" in found["procedures"]
    assert "deadlines.yaml" in {file for file, _ in found["cases"]}


def test_a_paragraph_that_only_a_newer_text_has_touches_nothing_known() -> None:
    assert touched(rule.load(), list(ENTRIES.values()), "791.399(z)") == {
        "constants": [],
        "procedures": [],
        "questions": [],
        "cases": [],
    }


def test_a_file_that_is_no_text_of_the_rule_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all", "utf-8")
    result = CliRunner().invoke(main, ["rule", "--diff", str(tmp_path / "letter.txt")])
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
