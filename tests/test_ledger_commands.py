"""The commands that write to the ledger: exit codes, one sentence for what is refused, and nothing written then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assessor import judgements
from assessor.cli import main
from assessor.engagement import Engagement
from tests.working import DRAFT, again, workpaper

BY = ("--by", "M. Okonjo")
BECAUSE = ("--because", "It was seen.")
TEST = ("s315_policies", "791.315(d)(3)", "supplier screening before onboarding")
OVERRIDE = ("override", *TEST, "conforms", "--until", "2026-12-31", *BECAUSE, *BY)
ENTRIES = {  # one entry of every command, and its kind, question, subject, answer and role
    "sign": (
        ("02_scope", "--as", "prepared", *BY),
        ("sign_off", "prepared", "02_scope", "signed", "assessor"),
    ),
    "note": (("F-01", "See page 1.", *BY), ("note", "review_note", "", "open", "reviewer")),
    "override": (OVERRIDE[1:], ("override", "/".join(TEST[:2]), TEST[2], "conforms", "assessor")),
    "respond": (
        ("F-01", "disagrees", "No.", "--on", "2026-11-13", *BY),
        ("response", "management_response", "", "disagrees", "management"),
    ),
    "depart": (
        ("No visit.", "--effect", "None.", *BECAUSE, *BY),
        ("departure", "method", "No visit.", "departed", "assessor"),
    ),
}
TOML = """
code = "gate_open"
subject = "Lansing plant"
clauses = ["791.315(d)(3)"]
title = "The build server stands open"
severity = "medium"
condition = "Whoever is in the plant can sign in."
evidence = ["E-0033 page 1"]
[absent]
criteria = "The policy is silent."
cause = "Not known yet."
effect = "Not known yet."
recommendations = "Management has mended it."
"""


def ledger(engagement: Engagement, command: str, *words: object) -> Result:
    return CliRunner().invoke(main, ["ledger", command, str(engagement.root), *map(str, words)])


def told(result: Result, code: int = 0) -> dict[str, Any]:
    """The one JSON document on standard output."""
    assert result.exit_code == code, result.stderr
    return dict(json.loads(result.stdout))


def refused(engagement: Engagement, command: str, *words: object) -> str:
    """The one sentence of a refusal, which leaves the ledger as it was."""
    before = engagement.ledger.read_bytes() if engagement.ledger.exists() else None
    result = ledger(engagement, command, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (engagement.ledger.read_bytes() if engagement.ledger.exists() else None) == before
    [line] = result.stderr.strip().splitlines()
    assert line.startswith("assessor: ")
    assert "error in assessor itself" not in line
    return line


@pytest.fixture
def finding_file(tmp_path: Path) -> Path:
    path = tmp_path / "finding.toml"
    path.write_text(TOML, "utf-8")
    return path


@pytest.mark.parametrize("command", ENTRIES)
def test_a_command_records_one_entry_and_prints_it_as_json(engagement: Engagement, command: str) -> None:
    workpaper(engagement)
    words, expected = ENTRIES[command]
    printed = told(ledger(engagement, command, *words, "--json"))
    entry = printed["entry"]
    assert (printed["ok"], printed["problems"]) == (True, [])
    assert [entry[name] for name in ("kind", "question", "answer", "role")] == [*expected[:2], *expected[3:]]
    assert expected[2] in entry["subject"]
    [kept] = judgements.read(engagement.ledger).entries
    assert (kept.hash, kept.by) == (entry["hash"], "M. Okonjo")


def test_a_command_says_what_it_recorded_and_what_comes_next(engagement: Engagement) -> None:
    result = ledger(engagement, *OVERRIDE)
    assert result.exit_code == 0
    first, second = result.stdout.strip().splitlines()
    assert first == f"Recorded as entry 1: override on {'/'.join(TEST)}: conforms."
    assert second == f"Next: assessor run {engagement.root}"


def test_a_note_is_recorded_and_cleared_by_its_number(engagement: Engagement) -> None:
    number = told(ledger(engagement, "note", "report", "See.", *BY, "--json"))["entry"]["seq"]
    cleared = told(ledger(engagement, "clear", number, "Seen.", *BY, "--json"))["entry"]
    assert (cleared["kind"], cleared["subject"], cleared["role"]) == ("clearance", str(number), "reviewer")
    assert "no open note" in refused(engagement, "clear", number, "Seen.", *BY)
    assert "is not a valid integer" in refused(engagement, "clear", "first", "Seen.", *BY)


def test_a_finding_is_drafted_from_a_file_and_withdrawn(engagement: Engagement, finding_file: Path) -> None:
    entry = told(ledger(engagement, "draft", finding_file, *BECAUSE, *BY, "--json"))["entry"]
    assert (entry["question"], entry["subject"], entry["answer"]) == (DRAFT["code"], DRAFT["subject"], "drafted")
    own = again(engagement)["drafted"].findings[0]
    assert told(ledger(engagement, "withdraw", own.id, *BECAUSE, *BY, "--json"))["entry"]["answer"] == "withdrawn"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code = ", "is not TOML that can be read"),
        ("\xff", "is not TOML that can be read"),
        (TOML.replace("[absent]", "[present]"), "lacks criteria, cause, effect, recommendations"),
        (TOML.replace("E-0033", "E-0999"), "no item E-0999"),
        (TOML.replace('code = "gate_open"', "code = 7"), "`code` of a finding is a text"),
        (f"recommendations = [1]\n{TOML}", "A recommendation of a finding has `text`"),
    ],
)
def test_a_file_that_makes_no_finding_is_refused(
    engagement: Engagement, finding_file: Path, text: str, sentence: str
) -> None:
    finding_file.write_text(text, "latin-1")
    assert sentence in refused(engagement, "draft", finding_file, *BECAUSE, *BY)


def test_a_file_that_is_not_there_is_named(engagement: Engagement, tmp_path: Path) -> None:
    assert "nothing.toml" in refused(engagement, "draft", tmp_path / "nothing.toml", *BECAUSE, *BY)


def test_a_problem_of_the_check_is_explained(engagement: Engagement) -> None:
    judgements.append(
        engagement.ledger, [judgements.Draft("answer", "knowingly", "Acorn Motors", "no", "So.", "B", "lead")]
    )
    place = "knowingly/Acorn Motors"
    entry = told(ledger(engagement, "explain", "judgement_orphaned", place, *BECAUSE, *BY, "--json"))["entry"]
    assert (entry["kind"], entry["subject"]) == ("explanation", place)
    checked = CliRunner().invoke(main, ["check", str(engagement.root), "--json"])
    assert [(p["code"], p["place"]) for p in told(checked, 1)["explained"]] == [("judgement_orphaned", place)]
    assert "mended and not explained" in refused(engagement, "explain", "report_missing", "report", *BECAUSE, *BY)


@pytest.mark.parametrize(
    ("command", "words", "sentence"),
    [
        ("sign", ("03_suppliers", "--as", "prepared", *BY), "no executed workpaper"),
        ("sign", ("02_scope", "--as", "reviewed", *BY), "its preparer signs first"),
        ("sign", ("02_scope", "--as", "approved", *BY), "Invalid value for '--as'"),
        ("sign", ("02_scope", "--as", "prepared"), "Missing option '--by'"),
        ("sign", ("02_scope", "--as", "prepared", "--by", " "), "needs a person (--by)"),
        ("note", ("nowhere", "See.", *BY), "There is no `nowhere`"),
        ("note", ("report", " ", *BY), "needs its words"),
        ("override", (*TEST, "passed", "--until", "2026-12-31", *BECAUSE, *BY), "is no outcome"),
        ("override", (*TEST, "conforms", "--until", "soon", *BECAUSE, *BY), "Invalid value for '--until'"),
        ("override", (*TEST, "conforms", *BECAUSE, *BY), "Missing option '--until'"),
        ("override", (*TEST, "conforms", "--until", "2026-12-31", "--because", " ", *BY), "a rationale (--because)"),
        ("withdraw", ("F-01", *BECAUSE, *BY), "is a procedure's"),
        ("withdraw", ("F-99", *BECAUSE, *BY), "There is no finding `F-99`"),
        ("respond", ("F-01", "perhaps", "No.", *BY), "Invalid value"),
        ("respond", ("F-99", "agrees", "Yes.", *BY), "There is no finding `F-99`"),
        ("depart", ("No visit.", "--effect", " ", *BECAUSE, *BY), "needs its effect"),
        ("explain", ("evidence_period", "E-0001", *BECAUSE, *BY), "tells of no `evidence_period`"),
        ("show", ("--kind", "wish"), "There is no kind `wish`; choose among answer, override"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_one_sentence_and_nothing_is_written(
    engagement: Engagement, command: str, words: tuple[str, ...], sentence: str
) -> None:
    workpaper(engagement)
    assert sentence in refused(engagement, command, *words)


@pytest.mark.parametrize("command", ["override", "respond"])
def test_the_option_that_a_refusal_names_is_there(engagement: Engagement, command: str) -> None:
    words = {"override": OVERRIDE[1:-2], "respond": ("F-01", "agrees", "Yes.")}[command]
    ledger(engagement, command, *words, *BY)
    other = [{"conforms": "inconclusive", "agrees": "partly"}.get(word, word) for word in words]
    assert "--supersedes 1" in refused(engagement, command, *other, "--by", "C. Merrow")
    entry = told(ledger(engagement, command, *other, "--by", "C. Merrow", "--supersedes", 1, "--json"))["entry"]
    assert (entry["seq"], entry["supersedes"]) == (2, 1)


def test_a_draft_by_somebody_else_is_put_aside_by_its_number(engagement: Engagement, finding_file: Path) -> None:
    ledger(engagement, "draft", finding_file, *BECAUSE, *BY)
    finding_file.write_text(TOML.replace("medium", "high"), "utf-8")
    assert "--supersedes 1" in refused(engagement, "draft", finding_file, *BECAUSE, "--by", "C. Merrow")
    words = (finding_file, *BECAUSE, "--by", "C. Merrow", "--supersedes", 1, "--json")
    assert told(ledger(engagement, "draft", *words))["entry"]["supersedes"] == 1


def test_the_ledger_is_shown_whole_or_by_kind_and_what_is_wrong_with_it(engagement: Engagement) -> None:
    assert told(ledger(engagement, "show", "--json")) == {"ok": True, "problems": [], "entries": []}
    ledger(engagement, "note", "report", "See\x07.", *BY)
    ledger(engagement, *OVERRIDE)
    assert [e["kind"] for e in told(ledger(engagement, "show", "--json"))["entries"]] == ["note", "override"]
    assert [e["kind"] for e in told(ledger(engagement, "show", "--kind", "note", "--json"))["entries"]] == ["note"]
    text = ledger(engagement, "show").stdout
    assert "review_note/report: open (M. Okonjo, reviewer)" in text
    assert "See\\u0007." in text
    engagement.ledger.write_bytes(engagement.ledger.read_bytes()[:-9])
    assert "is torn" in told(ledger(engagement, "show", "--json"), 1)["problems"][0]["message"]
    result = ledger(engagement, "show")
    assert (result.exit_code, "Attention: judgements.jsonl line 2 is torn" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    "command", ["show", "sign", "note", "clear", "override", "draft", "withdraw", "respond", "depart", "explain"]
)
def test_a_folder_that_is_no_engagement_is_named(tmp_path: Path, finding_file: Path, command: str) -> None:
    words: dict[str, tuple[object, ...]] = {
        **{name: words for name, (words, _) in ENTRIES.items()},
        "show": (),
        "clear": (1, "Seen.", *BY),
        "draft": (finding_file, *BECAUSE, *BY),
        "withdraw": ("F-01", *BECAUSE, *BY),
        "explain": ("ledger_odd", "judgements.jsonl", *BECAUSE, *BY),
    }
    nowhere = Engagement(tmp_path / "nowhere")
    assert "is not an engagement" in refused(nowhere, command, *words[command])
    assert not nowhere.root.exists()


def test_a_damaged_ledger_takes_nothing_more(engagement: Engagement) -> None:
    for _ in range(2):
        ledger(engagement, "note", "report", "See.", *BY)
    engagement.ledger.write_bytes(engagement.ledger.read_bytes().replace(b"See.", b"Saw.", 1))
    assert "Restore the file from a copy" in refused(engagement, "note", "report", "See.", *BY)
    assert told(ledger(engagement, "show", "--json"), 1)["entries"] == []


def test_the_check_shows_what_is_explained_apart_from_what_counts(engagement: Engagement) -> None:
    def shown() -> tuple[str, str]:
        counted, _, rest = (
            CliRunner().invoke(main, ["check", str(engagement.root)]).stdout.partition("Explained in the ledger")
        )
        return counted, rest

    counted, rest = shown()
    assert "E-0018 05 Ownership/suppliers.bods.json" in counted and not rest
    assert ledger(engagement, "explain", "evidence_unread", "E-0018", *BECAUSE, *BY).exit_code == 0
    counted, rest = shown()
    assert "E-0018" not in counted and rest.startswith(
        ", and not counted (1)\n  E-0018 05 Ownership/suppliers.bods.json\n"
    )


# a question before it is answered


def answer(engagement: Engagement, *words: str) -> Result:
    return CliRunner().invoke(main, ["answer", str(engagement.root), *words])


def test_a_question_is_shown_with_its_facts_before_it_is_answered_and_with_the_answer_afterwards(
    engagement: Engagement,
) -> None:
    asked = ("legacy_line_day", "tq-mixer")
    result = answer(engagement, *asked)
    assert result.exit_code == 1 and not engagement.ledger.exists()
    shown = result.stdout
    assert shown.startswith("Does the exclusion for earlier software subcomponents apply to tq-mixer")
    for words in (
        "State\n  open\n",
        "Clause\n  §791.301: ",
        "Guidance\n  ",
        "  line: 2026-03-17\n",
        "last maintained: 2026-03-17\n",
    ):
        assert words in shown
    assert shown.endswith(
        f"Next: assessor answer {engagement.root} legacy_line_day tq-mixer yes|no --because … --by …\n"
    )
    assert answer(engagement, "legacy_line_day/tq-mixer").stdout == shown  # as status and check name it
    assert answer(engagement, *asked, "yes", *BECAUSE, *BY).exit_code == 0
    result = answer(engagement, *asked)
    assert result.exit_code == 0
    assert "State\n  answered\n" in result.stdout
    assert (
        "Earlier answers\n  - yes, M. Okonjo (assessor), " in result.stdout
        and ": It was seen. (entry 1)" in result.stdout
    )


def test_the_questions_are_listed_those_without_an_answer_first(engagement: Engagement) -> None:
    assert answer(engagement, "legacy_line_day", "tq-mixer", "yes", *BECAUSE, *BY).exit_code == 0
    result = answer(engagement)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1 and lines[0].startswith("open ") and lines[-3] == "answered  legacy_line_day  tq-mixer"
    assert lines[-2] == f"{len(lines) - 3} of {len(lines) - 2} without an answer in force."
    assert answer(engagement, "legacy_line_day").stdout == (
        "answered  legacy_line_day  tq-mixer\n0 of 1 without an answer in force.\n"
    )


def test_a_question_is_had_as_json_with_what_its_answer_will_be_bound_to(engagement: Engagement) -> None:
    [row] = told(answer(engagement, "legacy_line_day", "tq-mixer", "--json"), 1)["questions"]
    assert (row["answers"], row["state"], row["earlier_answers"]) == (["yes", "no"], "open", [])
    assert row["facts"]["line"] == "2026-03-17"
    entry = told(answer(engagement, "legacy_line_day", "tq-mixer", "yes", *BECAUSE, *BY, "--json"))["entry"]
    assert entry["facts_digest"] == row["facts_digest"]
    [row] = told(answer(engagement, "legacy_line_day", "tq-mixer", "--json"))["questions"]
    assert [each["hash"] for each in row["earlier_answers"]] == [entry["hash"]]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("who_knows",), "No procedure asks `who_knows`; questions asked: "),
        (
            ("legacy_line_day", "ct-fuse"),
            "No procedure asks `legacy_line_day` about `ct-fuse`; it is asked about: tq-mixer",
        ),
        (
            ("legacy_line_day", "tq-mixer", "yes", *BY),
            "The answer on legacy_line_day/tq-mixer needs a rationale (--because).",
        ),
        (
            ("legacy_line_day", "tq-mixer", "yes", *BECAUSE),
            "The answer on legacy_line_day/tq-mixer needs a person (--by).",
        ),
    ],
)
def test_what_nobody_asks_and_an_answer_without_a_word_or_a_name_is_refused(
    engagement: Engagement, words: tuple[str, ...], sentence: str
) -> None:
    result = answer(engagement, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr and not engagement.ledger.exists()
