"""The commands as a user meets them: exit codes, one sentence for an error, nothing but JSON with --json."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assessor.cli import main

TERMS = """
[engagement]
id = "E-1"
client = "Acorn Motors & Sons"
dated = 2026-11-16
period = {from = 2026-01-01, to = 2026-09-30}
rule_version = "2025-04-24"
[client]
name = "Acorn Motors & Sons"
roles = ["connected_vehicle_manufacturer"]
[firm]
name = "Quillon"
"""


def run(*words: object, told: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=told)


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "terms.toml"
    path.write_text(TERMS, "utf-8")
    return path


def one_sentence(result: Result) -> str:
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("assessor: ")
    assert "Traceback" not in lines[0]
    return lines[0]


def test_a_new_engagement_from_a_file(tmp_path: Path, terms: Path) -> None:
    result = run("new", tmp_path / "e", "--from", terms, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["client"] == "Acorn Motors & Sons"
    assert (tmp_path / "e" / "engagement.toml").read_text("utf-8") == TERMS


def test_a_new_engagement_from_questions_can_be_read_back(tmp_path: Path) -> None:
    answers = 'E-"2"\nAcorn\nconnected_vehicle_manufacturer\nQuillon\n2026-01-01\n2026-09-30\n2026-11-16\n\n'
    assert run("new", tmp_path / "e", told=answers).exit_code == 0
    told = json.loads(run("status", tmp_path / "e", "--json").stdout)
    assert (told["engagement"], told["stage"]) == ('E-"2"', "new")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            "E\nA\nconnected_vehicle_manufacturer\nQ\n2026-13-01\n2026-09-30\n2026-11-16\n\n",
            "`2026-13-01` is not a date",
        ),
        ("E\nA\nshipper\nQ\n2026-01-01\n2026-09-30\n2026-11-16\n\n", "`shipper` is not a role"),
        (
            "E\nA\nconnected_vehicle_manufacturer\nQ\n2026-10-01\n2026-09-30\n2026-11-16\n\n",
            "the period ends before it begins",
        ),
    ],
)
def test_answers_that_make_no_terms_leave_no_folder(tmp_path: Path, answers: str, told: str) -> None:
    result = run("new", tmp_path / "e", told=answers)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("dated = 2026-11-16", ""), "[engagement] needs `dated` as a date"),
        (("dated = 2026-11-16", 'dated = "soon"'), "[engagement] needs `dated` as a date"),
        (('name = "Quillon"', ""), "[firm] needs `name` as a text"),
        (("id =", "id"), "is not valid TOML"),
        (("to = 2026-09-30", 'to = "x"'), "needs `period.to` as a date"),
    ],
)
def test_terms_that_are_wrong_are_named_with_file_and_key(
    tmp_path: Path, terms: Path, change: tuple[str, str], told: str
) -> None:
    terms.write_text(TERMS.replace(*change), "utf-8")
    sentence = one_sentence(run("new", tmp_path / "e", "--from", terms))
    assert told in sentence
    assert str(terms) in sentence
    assert not (tmp_path / "e").exists()


LETTER = '[firm]\nname = "Quillon"\n[[authorizations]]\nnumber = "GA-1"\n'


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ('letter_version = "2026-06-18"', "needs `letter_version` as a date"),
        ("superseded_on = 2026-06-18T00:00:00", "needs `superseded_on` as a date"),
        ('letter_sha256 = "ABC"', "needs `letter_sha256` as 64 hexadecimal digits"),
        ('published = "bis.gov"', "needs `published` as { site"),
        ('published = { press = "x" }', "needs `published` as { site"),
        ('published = { site = "" }', "needs `published` as { site"),
        ('[[authorizations]]\nnumber = "ga-1"', "enters a version a second time"),
    ],
)
def test_an_entry_of_an_authorization_that_is_wrong_is_named(
    tmp_path: Path, terms: Path, told: str, problem: str
) -> None:
    terms.write_text(TERMS.replace('[firm]\nname = "Quillon"\n', LETTER + told), "utf-8")
    assert problem in one_sentence(run("new", tmp_path / "e", "--from", terms))


def test_several_versions_of_one_authorization_may_be_entered(tmp_path: Path, terms: Path) -> None:
    second = 'letter_version = 2025-06-11\nsuperseded_on = 2026-04-01\n[[authorizations]]\nnumber = "GA-1"\nletter_version = 2026-04-01\n'
    digest = f'letter_sha256 = "{"0" * 64}"\npublished = {{ site = "bis.gov" }}\n'
    terms.write_text(TERMS.replace('[firm]\nname = "Quillon"\n', LETTER + second + digest), "utf-8")
    assert run("new", tmp_path / "e", "--from", terms).exit_code == 0


def test_a_folder_in_use_is_not_overwritten(tmp_path: Path, terms: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "letter.txt").write_text("dear", "utf-8")
    assert "not empty" in one_sentence(run("new", tmp_path / "e", "--from", terms))
    assert [path.name for path in (tmp_path / "e").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    "command",
    [
        ("intake", "p"),
        ("run",),
        ("status",),
        ("check",),
        ("report",),
        ("requests",),
        ("answer", "q", "s", "a", "--because", "b", "--by", "c"),
    ],
)
def test_a_folder_that_is_no_engagement_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    name, *rest = command
    assert "is not an engagement" in one_sentence(run(name, tmp_path / "nowhere", *rest))


def test_running_before_any_delivery_says_what_to_do(tmp_path: Path, terms: Path) -> None:
    run("new", tmp_path / "e", "--from", terms)
    assert "assessor intake" in one_sentence(run("run", tmp_path / "e"))
    for command in (("report",), ("report", "--document", "all"), ("requests",)):
        assert "assessor run" in one_sentence(run(*command[:1], tmp_path / "e", *command[1:]))
    result = run("check", tmp_path / "e", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"][0]["code"] == "not_run"


def test_a_delivery_that_does_not_exist_is_named(tmp_path: Path, terms: Path) -> None:
    run("new", tmp_path / "e", "--from", terms)
    assert "nothing.zip" in one_sentence(run("intake", tmp_path / "e", tmp_path / "nothing.zip"))


def test_the_demonstration_never_replaces_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    assert "is no demonstration" in one_sentence(run("demo", tmp_path))
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run",), "Missing argument 'DIR'"),
        (("bogus",), "No such command 'bogus'"),
        (("run", "x", "--bogus"), "No such option"),
        ((), ""),
    ],
)
def test_a_command_that_is_used_wrongly_is_told_in_one_sentence(words: tuple[str, ...], told: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert told in (one_sentence(result) if told else result.output)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--document", "bogus"), "There is no document `bogus`; choose among assessment, requests"),
        (("--supplier", "V-1"), "add --document supplier_attestation"),
        (("--document", "all", "--template", "t.docx"), "name only that one with --document"),
    ],
)
def test_documents_that_do_not_fit_together_are_told(
    tmp_path: Path, terms: Path, words: tuple[str, ...], told: str
) -> None:
    run("new", tmp_path / "e", "--from", terms)
    assert told in one_sentence(run("report", tmp_path / "e", *words))
    assert not list((tmp_path / "e").rglob("*.docx"))


def test_help_lists_the_commands_in_the_order_of_the_work() -> None:
    told = run("--help").stdout
    places = [
        told.index(f"\n  {name} ")
        for name in (
            "new",
            "intake",
            "run",
            "status",
            "answer",
            "check",
            "report",
            "requests",
            "seal",
            "verify",
            "demo",
        )
    ]
    assert places == sorted(places)


@pytest.mark.skipif(os.name != "posix", reason="permissions of others are those of POSIX")
def test_nobody_outside_the_group_may_read_what_a_command_writes(tmp_path: Path, terms: Path) -> None:
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / "a.csv").write_text("Screened party,Result\nX,none\n", "utf-8")
    before = os.umask(0)
    try:
        for words in (("new", "--from", terms), ("intake", tmp_path / "sent"), ("run",), ("requests",)):
            assert run(words[0], tmp_path / "e", *words[1:]).exit_code < 2
        assert os.umask(0) == 0, "that of the caller is given back"
    finally:
        os.umask(before)
    written = [tmp_path / "e", *(tmp_path / "e").rglob("*")]
    assert any(path.suffix == ".ipynb" for path in written) and any(path.suffix == ".parquet" for path in written)
    assert [path for path in written if path.lstat().st_mode & 0o007] == []
