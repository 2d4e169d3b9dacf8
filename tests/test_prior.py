"""Rolling forward: terms and open points of an earlier engagement come along, its answers and conclusions never."""

from __future__ import annotations

import json
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from assessor import check, demo, desk, files, judgements, open_assessment, prior, resources, starting
from assessor.cli import main
from assessor.engagement import Engagement, parse_terms
from assessor.errors import EngagementError, LedgerError
from assessor.evidence import package
from assessor.prior.period import whole_months
from assessor.results import Question, to_json
from assessor.run import run as run_engagement

CASE = resources.folder("fixtures") / "fellmark"
MARK = "ZZ-MARK"
CLOSED = "s312_records/records_missing/record index"

TERMS = f"""
# {MARK}: a comment that tells what was concluded
[engagement]
id = "ACORN-2026"
client = "Acorn Motors"
dated = 2027-02-15
received = 2027-01-10
period = {{from = 2026-01-01, to = 2026-12-31}}
version = "1.0 {MARK}"
rule_version = "2025-04-24"
basis = ["declarations"]
exclusions = ["Sold abroad."]
limitations = ["{MARK}"]
our_number = 7
[client]
name = "Acorn Motors"
roles = ["connected_vehicle_manufacturer"]
us_person = true
[firm]
name = "Quillon"
owners = [{{name = "A. \\"Ann\\" One", share = "0.5"}}, {{name = "B. Two", share = "0.5"}}]
[[team]]
name = "M. Okonjo"
role = "lead"
[independence]
fee = "USD 1"
contingent = false
[[items]]
name = "TCU"
medium = "hardware"
[criteria]
dominant_minority = "0.20"
records_sample = 3
[[authorizations]]
number = "GA-1"
letter_version = 2026-03-01
published = {{site = "bis.gov"}}
[[authorizations.conditions]]
condition = "1"
test = "exported_by_end"
by = 2027-09-30
[[aliases]]
legal = ["云桥科技有限公司", "Blue Arch Technology Co., Ltd."]
country = "CN"
source = "its extract of 2026-10-02"
[[responses]]
finding = "s303_software/prohibited_software/Blue Arch"
agrees = false
text = "{MARK}"
[[responses]]
finding = "{CLOSED}"
agrees = true
closed = 2027-02-01
[report]
title = "Assessment"
confidential_evidence = ["E-0004", "04 Suppliers/*"]
[billing]
told = "{MARK}"
"""
CARRIED = ("client", "firm", "team", "independence", "items", "criteria", "authorizations", "aliases")


def questions() -> list[Question]:
    match = {"written": "Blue Arch", "in": ["components"], "candidates": [{"name": "Blue Arch Technology Co., Ltd."}]}
    return [
        Question("supplier_match", "Blue Arch", "791.315(d)(1)", "The same?", "", ("yes", "no"), match),
        Question("supplier_match", "Red Arch", "791.315(d)(1)", "The same?", "", ("yes", "no"), {"n": 1}),
        Question("knowingly", "Blue Arch", "791.303", "Knowingly?", "", ("yes", "no"), {"n": 2}),
        Question("residence", "A. One", "791.301", "Resident?", "", ("yes", "no"), {"n": 3}),
    ]


def finding(procedure: str, code: str, subject: str, id: str) -> dict[str, Any]:
    return {
        "procedure": procedure,
        "code": code,
        "subject": subject,
        "key": f"{procedure}/{code}/{subject}",
        "id": id,
        "title": f"{MARK} title",
        "clauses": ["791.303(a)"],
        "severity": "high",
        "condition": f"{MARK} " + "long " * 200,
        "cause": f"{MARK} cause",
        "effect": f"{MARK} effect",
        "recommendations": [{"text": f"{MARK} do", "addresses": "cause", "transactions": "all"}],
    }


def results(**other: Any) -> dict[str, Any]:
    return {
        "engagement": "ACORN-2026",
        "conclusion": "exception",
        "procedures": [
            {
                "procedure": "s303_software",
                "clause": "791.303",
                "title": "Software",
                "conclusion": "exception",
                "reason": MARK,
            }
        ],
        "findings": [
            finding("s303_software", "prohibited_software", "Blue Arch", "F-01"),
            finding("s312_records", "records_missing", "record index", "F-02"),
        ],
        "requests": [
            {"procedure": "s301_scope", "code": "supplier", "subjects": ["a", "b"], "what": MARK, "clause": "791.301"}
        ],
        "questions": [
            {**vars(q), "key": q.key, "facts_digest": q.facts_digest, "rationale": MARK, "answer": "yes"}
            for q in questions()
        ],
    } | other


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """An earlier engagement with a marker in whatever it answered, found or concluded."""
    root = tmp_path / "earlier"
    made = starting.create(root, TERMS)
    files.write_text(made.results / "results.json", to_json(results()))
    files.write_text(made.results / "s303_software.json", to_json({"reason": MARK, "conclusion": "exception"}))
    sample = {"kind": "import", "record_type": "contract", "population": 40, "sample": 3, "deviations": 1, "told": MARK}
    files.write_text(made.results / "s312_records.json", to_json({"tables": {"record_sample": [sample]}}))
    files.write_text(made.run_file, to_json({"assessor": "0.0.9", "stages": {}}))
    files.write_text(made.report / "assessment.docx", MARK)
    files.write_text(made.workpapers / "01_evidence.html", MARK)
    files.write_text(made.register, "")
    made.tables.mkdir()
    spoken = {
        "person": ["R. Halloran"] * 2,
        "role": ["buyer"] * 2,
        "date": [date(2027, 1, 6)] * 2,
        "topics": ["approval"] * 2,
        "statement": [MARK] * 2,
    }
    pd.DataFrame(spoken).to_parquet(made.tables / "interviews.parquet")  # without organisation, as an older version
    seen = {"site": ["Lansing"], "address": [None], "date": [None], "category": ["system"], "text": [MARK]}
    pd.DataFrame(seen).to_parquet(made.tables / "site_visits.parquet")
    blue, red, knowingly, _ = questions()
    changed = Question("knowingly", "Blue Arch", "791.303", "Knowingly?", "", (), {"n": 1})
    for question, answer in ((blue, "no"), (red, "no"), (blue, "yes"), (changed, "yes")):
        at = "2027-01-20T10:00:00Z"
        judgements.record(made.ledger, question, answer, because=f"{MARK} why", by=f"{MARK} M.", role="lead", at=at)
    assert knowingly.facts_digest != changed.facts_digest
    return root


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def one_sentence(result: Result) -> str:
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("assessor: ")
    assert "error in assessor itself" not in lines[0]
    return lines[0]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "prior.json").read_text("utf-8"))


# terms


def test_the_terms_are_carried_with_their_values(tmp_path: Path, earlier: Path) -> None:
    prior.roll_forward(earlier, tmp_path / "e")
    before, now = (
        tomllib.loads((folder / "engagement.toml").read_text("utf-8")) for folder in (earlier, tmp_path / "e")
    )
    assert {name: now[name] for name in CARRIED} == {name: before[name] for name in CARRIED}
    assert now["report"] == {"title": "Assessment", "confidential_evidence": ["04 Suppliers/*"]}
    assert set(now) == {*CARRIED, "engagement", "report"}
    waiting = ["id", "period", "dated", "exclusions", "firm", "team", "independence", "authorizations", "report"]
    assert now["engagement"] == {
        "id": "ACORN-2027",
        "dated": date(2028, 2, 15),
        "period": {"from": date(2027, 1, 1), "to": date(2027, 12, 31)},
        "rule_version": "2025-04-24",
        "version": "0.1 draft",
        "client": "Acorn Motors",
        "basis": ["declarations"],
        "exclusions": ["Sold abroad."],
        "limitations": [],
        "to_confirm": waiting,
    }


def test_the_file_says_what_was_carried_what_was_not_and_what_is_to_be_confirmed(tmp_path: Path, earlier: Path) -> None:
    made = prior.roll_forward(earlier, tmp_path / "e")
    lines = (tmp_path / "e" / "engagement.toml").read_text("utf-8").splitlines()
    comments = [line for line in lines if line.startswith("# ")]
    assert "Carried from the engagement ACORN-2026 (2026-01-01 to 2026-12-31)" in comments[1]
    assert all(name in comments[1] for name in CARRIED)
    assert made.left_out == (
        "billing",
        "engagement.limitations",
        "engagement.our_number",
        "engagement.received",
        "engagement.version",
        "report.confidential_evidence E-0004",
        "responses",
    )
    assert all(name in comments[2] for name in made.left_out)
    for part in ("[firm]", "[[team]]", "[independence]", "[[authorizations]]", "[report]"):
        assert lines[lines.index(part) + 1].startswith("# To be confirmed. ")


def test_what_a_person_gives_is_taken_and_needs_no_confirmation(tmp_path: Path, earlier: Path) -> None:
    words = [
        "--id",
        "A-7",
        "--dated",
        "2028-03-01",
        "--period-begin",
        "2027-01-01",
        "--period-end",
        "2027-06-30",
        "--json",
    ]
    result = run("new", tmp_path / "e", "--from-prior", earlier, *words)
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert made["period"] == {"from": "2027-01-01", "to": "2027-06-30"}
    assert (made["engagement"], made["dated"], made["problems"]) == ("A-7", "2028-03-01", [])
    assert not {"id", "dated", "period"} & set(made["to_confirm"])
    counts = {"open_findings": 1, "closed_findings": 1, "requests": 1, "unanswered": 2, "name_matches": 2, "answers": 1}
    assert made["prior"] == {"id": "ACORN-2026", **counts}


@pytest.mark.parametrize(
    ("begin", "code", "words"), [("2027-01-11", 1, "leaves 10 days"), ("2026-12-31", 1, "overlaps by 1 days")]
)
def test_a_gap_between_the_periods_and_an_overlap_are_told(
    tmp_path: Path, earlier: Path, begin: str, code: int, words: str
) -> None:
    result = run("new", tmp_path / "e", "--from-prior", earlier, "--period-begin", begin)
    assert result.exit_code == code
    assert words in result.stdout
    terms = Engagement(tmp_path / "e").terms()
    assert whole_months(terms.period_from, terms.period_to) == 12


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("ACORN-2026", "ACORN-2027"),
        ("2026/17", "2027/17"),
        ("E-12026", "E-12026-2027"),
        ("ACORN", "ACORN-2027"),
        ("A-2027", "A-2028"),
    ],
)
def test_an_id_is_proposed_with_its_year_moved_on(tmp_path: Path, earlier: Path, id: str, expected: str) -> None:
    terms = earlier / "engagement.toml"
    terms.write_text(TERMS.replace("ACORN-2026", id), "utf-8")
    assert prior.roll_forward(earlier, tmp_path / "e").engagement.terms().id == expected


def test_the_rules_version_of_the_toolkit_is_taken_and_to_be_confirmed(tmp_path: Path, earlier: Path) -> None:
    (earlier / "engagement.toml").write_text(
        TERMS.replace('rule_version = "2025-04-24"', 'rule_version = "2024-01-01"'), "utf-8"
    )
    made = prior.roll_forward(earlier, tmp_path / "e")
    terms = made.engagement.terms()
    assert (terms.rule_version, made.context["prior"]["rule_version"]) == ("2025-04-24", "2024-01-01")
    assert "rule_version" in terms.engagement["to_confirm"]


TOML = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"))
    | st.dates()
    | st.times()
    | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), TOML, max_size=4))
def test_whatever_a_firm_writes_into_its_terms_is_carried_as_it_is(content: dict[str, Any]) -> None:
    import tomlkit

    from assessor.prior.terms import _table

    document = tomlkit.document()
    document.add("part", _table(content, "To be confirmed."))
    assert tomllib.loads(tomlkit.dumps(document))["part"] == content


@pytest.mark.parametrize("odd", ["[[report]]\nx = 1", "[report]\nconfidential_evidence = 5", "team = []\nitems = []"])
def test_parts_of_an_unusual_shape_are_no_error_of_ours(tmp_path: Path, earlier: Path, odd: str) -> None:
    head = TERMS[: TERMS.index("[[team]]" if odd.startswith("team") else "[report]")]
    text = f"{odd}\n{head}" if odd.startswith("team") else f"{head}{odd}\n"
    (earlier / "engagement.toml").write_text(text, "utf-8")
    assert run("new", tmp_path / "e", "--from-prior", earlier).exit_code == 0


def test_what_is_to_be_confirmed_stands_against_issuing(tmp_path: Path, earlier: Path) -> None:
    made = prior.roll_forward(earlier, tmp_path / "e").engagement
    for lint in (check.status, check.check):
        listed = lint(made)
        assert not listed["ok"]
        places = [p["place"] for p in listed["problems"] if p["code"] == "not_confirmed"]
        assert places[-2:] == ["engagement.toml authorizations", "engagement.toml report"]
    text = made.terms_file.read_text("utf-8")
    head, rest = text.split("to_confirm = [", 1)
    made.terms_file.write_text(head + "to_confirm = [" + rest[rest.index("]") :], "utf-8")
    assert not [p for p in check.status(made)["problems"] if p["code"] == "not_confirmed"]


# period

PERIODS = st.tuples(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 1500)).map(
    lambda told: (told[0], told[0] + timedelta(days=told[1]))
)


@given(PERIODS)
def test_the_next_period_begins_the_day_after_and_is_as_long(period: tuple[date, date]) -> None:
    begin, end = period
    start, last = prior.next_period(begin, end)
    assert start - end == timedelta(days=1)
    if (months := whole_months(begin, end)) is None:
        assert last - start == end - begin
    else:
        assert whole_months(start, last) == months


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 36), st.integers(2, 5))
def test_periods_of_whole_months_follow_each_other_without_gaps(first: date, months: int, times: int) -> None:
    """From the first of a month on, so many periods of so many months end where one of all these months ends."""
    begin = first.replace(day=1)
    total = begin.year * 12 + begin.month - 1 + months
    end = date(total // 12, total % 12 + 1, 1) - timedelta(days=1)
    period = (begin, end)
    for _ in range(times):
        period = prior.next_period(*period)
    total += months * times
    assert period[1] == date(total // 12, total % 12 + 1, 1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")),
        (("2027-03-01", "2028-02-29"), ("2028-03-01", "2029-02-28")),
        (("2028-02-29", "2029-02-28"), ("2029-03-01", "2030-02-28")),
        (("2028-01-01", "2028-12-31"), ("2029-01-01", "2029-12-31")),
        (("2027-02-01", "2027-02-28"), ("2027-03-01", "2027-03-31")),
        (("2026-04-15", "2026-10-14"), ("2026-10-15", "2027-04-14")),
        (("2026-12-31", "2027-01-30"), ("2027-01-31", "2027-02-28")),
        (("2026-01-01", "2026-01-10"), ("2026-01-11", "2026-01-20")),
        (("2026-01-01", "2026-01-01"), ("2026-01-02", "2026-01-02")),
    ],
)
def test_periods_by_the_calendar(period: tuple[str, str], expected: tuple[str, str]) -> None:
    begin, end = map(date.fromisoformat, period)
    assert prior.next_period(begin, end) == tuple(map(date.fromisoformat, expected))


def test_a_period_at_the_end_of_the_calendar_has_none_after_it(tmp_path: Path, earlier: Path) -> None:
    (earlier / "engagement.toml").write_text(TERMS.replace("to = 2026-12-31", "to = 9999-12-31"), "utf-8")
    assert "beyond the calendar" in one_sentence(run("new", tmp_path / "e", "--from-prior", earlier))
    assert not (tmp_path / "e").exists()


# what is context, and nothing else


def test_no_answer_and_no_conclusion_leaves_the_context(tmp_path: Path, earlier: Path) -> None:
    made = prior.roll_forward(earlier, tmp_path / "e").engagement
    assert sorted(contents(made.root)) == ["engagement.toml", "prior.json"]
    assert MARK not in made.terms_file.read_text("utf-8")
    assert not judgements.read(made.ledger).entries
    assert check.status(made)["stage"] == "new"
    with_mark = {name for name, content in told(made.root).items() if MARK in json.dumps(content)}
    assert with_mark == {
        "open_findings",
        "closed_findings",
        "requests",
        "name_matches",
        "answers",
        "prior_conclusions",
    }


def test_the_earlier_engagement_is_only_read(tmp_path: Path, earlier: Path) -> None:
    before = contents(earlier)
    prior.roll_forward(earlier, tmp_path / "e")
    run("new", tmp_path / "e2", "--from-prior", earlier, "--json")
    run("new", earlier / "inside", "--from-prior", earlier)
    assert contents(earlier) == before


def test_the_same_earlier_engagement_gives_the_same_bytes(tmp_path: Path, earlier: Path) -> None:
    for name in ("one", "two"):
        prior.roll_forward(earlier, tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_prior_json_says_whence_it_comes(tmp_path: Path, earlier: Path) -> None:
    prior.roll_forward(earlier, tmp_path / "e")
    about = told(tmp_path / "e")["prior"]
    assert about["digests"] == {
        "engagement.toml": files.sha256(earlier / "engagement.toml"),
        "judgements.jsonl": files.sha256(earlier / "judgements.jsonl"),
        "prior.json": None,
        "register.jsonl": files.sha256(earlier / "register.jsonl"),
        "results/results.json": files.sha256(earlier / "results" / "results.json"),
    }
    assert (about["id"], about["toolkit"], about["period"]["to"]) == ("ACORN-2026", "0.0.9", "2026-12-31")
    assert str(tmp_path) not in (tmp_path / "e" / "prior.json").read_text("utf-8")


def test_findings_are_open_unless_management_closed_them(tmp_path: Path, earlier: Path) -> None:
    prior.roll_forward(earlier, tmp_path / "e")
    content = told(tmp_path / "e")
    (still,) = content["open_findings"]
    assert still["response"] == {"agrees": False, "text": MARK}
    assert len(still["condition"]) <= 400
    assert "cause" not in still
    assert [(f["key"], f["response"]["closed"]) for f in content["closed_findings"]] == [(CLOSED, "2027-02-01")]
    assert content["requests"][0]["key"] == "s301_scope/supplier/a; b"


def test_requests_that_the_client_answered_are_not_carried_and_insufficient_ones_are(engagement: Engagement) -> None:
    assessment = open_assessment(engagement.root)
    first, second, third = [one for one in assessment.requests() if one.asked][:3]
    who = {"because": "Looked at.", "by": "M. Okonjo", "role": "lead"}
    item = str(assessment.facts.register["id"].iloc[0])
    desk.request(assessment, first.id, "received", items=[item], **who)
    desk.request(assessment, second.id, "insufficient", items=[item], **who)
    desk.request(assessment, third.id, "withdrawn", **who)
    carried = {one["id"] for one in prior.context(engagement)["requests"]}
    assert second.id in carried
    assert not {first.id, third.id} & carried


def test_a_day_of_closing_that_is_none_is_refused(earlier: Path) -> None:
    (earlier / "engagement.toml").write_text(TERMS.replace("closed = 2027-02-01", 'closed = "soon"'), "utf-8")
    with pytest.raises(EngagementError, match="number 2 needs `closed` as a date"):
        parse_terms(earlier / "engagement.toml")


@pytest.mark.parametrize("wrong", ['"team"', "[1]", "true"])
def test_a_list_to_confirm_that_is_none_is_refused(earlier: Path, wrong: str) -> None:
    text = TERMS.replace("our_number = 7", f"to_confirm = {wrong}")
    (earlier / "engagement.toml").write_text(text, "utf-8")
    with pytest.raises(EngagementError, match="needs `to_confirm` as a list"):
        parse_terms(earlier / "engagement.toml")


def test_the_latest_answers_are_told_with_what_became_of_them(tmp_path: Path, earlier: Path) -> None:
    prior.roll_forward(earlier, tmp_path / "e")
    content = told(tmp_path / "e")
    matches = {m["subject"]: (m["answer"], m["outcome"], m["state"]) for m in content["name_matches"]}
    assert matches == {"Blue Arch": ("yes", "confirmed", "answered"), "Red Arch": ("no", "refused", "answered")}
    assert content["name_matches"][0]["candidates"] == [{"name": "Blue Arch Technology Co., Ltd."}]
    assert [(a["question"], a["state"]) for a in content["answers"]] == [("knowingly", "stale")]
    assert [(q["key"], q["state"]) for q in content["unanswered"]] == [
        ("knowingly/Blue Arch", "stale"),
        ("residence/A. One", "open"),
    ]


def test_the_plan_names_what_was_done_and_not_what_it_showed(tmp_path: Path, earlier: Path) -> None:
    prior.roll_forward(earlier, tmp_path / "e")
    assert told(tmp_path / "e")["plan"] == {
        "procedures": [{"procedure": "s303_software", "clause": "791.303", "title": "Software"}],
        "records_sample": 3,
        "record_sample": [{"kind": "import", "record_type": "contract", "population": 40, "sample": 3}],
        "interviews": [
            {
                "person": "R. Halloran",
                "role": "buyer",
                "organisation": "",
                "dates": ["2027-01-06"],
                "about": ["approval"],
            }
        ],
        "site_visits": [{"site": "Lansing", "address": "", "dates": [], "about": ["system"]}],
    }


def test_status_names_what_is_outstanding_before_any_evidence_is_there(tmp_path: Path, earlier: Path) -> None:
    prior.roll_forward(earlier, tmp_path / "e")
    shown = run("status", tmp_path / "e").stdout
    assert "Carried from ACORN-2026 (context, nothing rests on it)" in shown
    assert "Evidence requests outstanding (1)" in shown
    assert "Open findings (1)" in shown
    assert "Findings that management holds to be mended (1)" in shown
    assert "Questions left open (2)" in shown
    standing = json.loads(run("status", tmp_path / "e", "--json").stdout)["prior"]
    assert (standing["id"], standing["questions"]) == ("ACORN-2026", [])
    assert [f["again"] for f in standing["open_findings"]] == [None]


def test_an_engagement_that_was_not_rolled_forward_has_no_such_section(tmp_path: Path) -> None:
    starting.create(tmp_path / "e", TERMS)
    assert "prior" not in json.loads(run("status", tmp_path / "e", "--json").stdout)
    assert "Carried from" not in run("status", tmp_path / "e").stdout


@pytest.mark.parametrize(
    "damaged", [b"{", b"[]", b"{}", b"\xff", b'{"prior": 1}', b'{"open_findings": [{"response": 1}]}']
)
def test_a_damaged_prior_json_is_told_and_stops_nothing(tmp_path: Path, earlier: Path, damaged: bytes) -> None:
    made = prior.roll_forward(earlier, tmp_path / "e").engagement
    made.prior_file.write_bytes(damaged)
    result = run("status", made.root, "--json")
    assert result.exit_code == 1
    problems = [p for p in json.loads(result.stdout)["problems"] if p["code"] == "prior_damaged"]
    assert len(problems) == 1
    assert "restore it from a copy" in problems[0]["message"]


# bad input


def test_an_earlier_engagement_without_results_gives_its_terms_and_says_so(tmp_path: Path, earlier: Path) -> None:
    (earlier / "results" / "results.json").unlink()
    (earlier / "judgements.jsonl").unlink()
    (earlier / ".judgements.head").unlink()  # as a copy of it that holds no ledger has none
    result = run("new", tmp_path / "e", "--from-prior", earlier, "--json")
    assert result.exit_code == 1
    assert [p["code"] for p in json.loads(result.stdout)["problems"]] == ["no_results"]
    assert Engagement(tmp_path / "e").terms().client_name == "Acorn Motors"
    content = told(tmp_path / "e")
    assert not any(content[name] for name in ("open_findings", "requests", "unanswered", "name_matches", "answers"))
    assert content["prior"]["digests"]["results/results.json"] is None


def test_results_of_an_older_version_with_fewer_keys_are_carried(tmp_path: Path, earlier: Path) -> None:
    older = {
        "findings": [{"procedure": "p", "code": "c", "subject": "s", "title": "t"}],
        "questions": [{"id": "supplier_match", "subject": "Blue Arch", "state": "answered"}, {"id": "x"}],
    }
    files.write_text(earlier / "results" / "results.json", to_json(older))
    (earlier / "run.json").unlink()
    (earlier / "tables" / "site_visits.parquet").unlink()
    assert run("new", tmp_path / "e", "--from-prior", earlier).exit_code == 0
    content = told(tmp_path / "e")
    assert content["open_findings"][0]["key"] == "p/c/s"
    assert content["name_matches"][0]["state"] == "answered"
    assert content["name_matches"][1]["state"] == "not asked"
    assert run("status", tmp_path / "e").exit_code == 1


def cut_ledger(root: Path) -> None:
    path = root / "judgements.jsonl"
    path.write_bytes(path.read_bytes()[:-40] + b"\n")  # a whole line that says half of what it said


def edit_ledger(root: Path) -> None:
    path = root / "judgements.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"no"', b'"ye"', 1))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_ledger, "judgements.jsonl line 4 cannot be read"),
        (edit_ledger, "judgements.jsonl line 1 breaks the chain"),
        (lambda root: (root / "results" / "results.json").write_text("{", "utf-8"), "results.json cannot be read"),
        (lambda root: (root / "results" / "results.json").write_text('{"findings": 1}', "utf-8"), "`findings` is no"),
        (lambda root: (root / "results" / "s312_records.json").write_bytes(b"\xff"), "s312_records.json cannot be"),
        (lambda root: (root / "tables" / "interviews.parquet").write_bytes(b"PAR1"), "interviews.parquet cannot be"),
        (lambda root: (root / "engagement.toml").unlink(), "is not an engagement"),
        (lambda root: (root / "engagement.toml").write_text("x", "utf-8"), "is not valid TOML"),
    ],
)
def test_a_damaged_earlier_engagement_is_refused_and_nothing_is_left(
    tmp_path: Path, earlier: Path, damage: Any, words: str
) -> None:
    damage(earlier)
    assert words in one_sentence(run("new", tmp_path / "e", "--from-prior", earlier))
    assert not (tmp_path / "e").exists()


def test_a_damaged_ledger_is_an_error_of_the_ledger(tmp_path: Path, earlier: Path) -> None:
    cut_ledger(earlier)
    with pytest.raises(LedgerError, match="Restore the file from a copy"):
        prior.roll_forward(earlier, tmp_path / "e")


def test_folders_that_lie_one_in_the_other_are_refused(tmp_path: Path, earlier: Path) -> None:
    for folder in (earlier, earlier / "next", tmp_path):
        assert "lie one in the other" in one_sentence(run("new", folder, "--from-prior", earlier))
    (tmp_path / "link").symlink_to(earlier)
    assert "lie one in the other" in one_sentence(run("new", tmp_path / "link" / "e", "--from-prior", earlier))
    assert not (earlier / "next").exists()


def test_a_folder_in_use_and_the_earlier_id_are_refused(tmp_path: Path, earlier: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "letter.txt").write_text("dear", "utf-8")
    assert "not empty" in one_sentence(run("new", tmp_path / "e", "--from-prior", earlier))
    assert list(contents(tmp_path / "e")) == ["letter.txt"]
    assert "give the new one another" in one_sentence(
        run("new", tmp_path / "f", "--from-prior", earlier, "--id", "ACORN-2026")
    )
    result = run("new", tmp_path / "f", "--from-prior", earlier, "--period-end", "2026-12-01")
    assert "ends before it begins" in one_sentence(result)
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    "words", [("--id", "x"), ("--dated", "2027-01-01"), ("--period-end", "2027-01-01", "--from", "t.toml")]
)
def test_options_of_rolling_forward_need_an_earlier_engagement(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "go with --from-prior" in one_sentence(run("new", tmp_path / "e", *words))


def test_two_sources_of_terms_exclude_each_other(tmp_path: Path, earlier: Path) -> None:
    words = ("--from-prior", earlier, "--from", earlier / "engagement.toml")
    assert "exclude each other" in one_sentence(run("new", tmp_path / "e", *words))


def test_an_answer_with_half_a_character_is_no_reason_to_carry_nothing(tmp_path: Path, earlier: Path) -> None:
    blue = questions()[0]
    judgements.record(earlier / "judgements.jsonl", blue, "yes", because="odd \udcff", by="M.", role="lead", at="2027")
    prior.roll_forward(earlier, tmp_path / "e")
    assert told(tmp_path / "e")["name_matches"][0]["because"] == "odd ?"


# the whole way, on the demonstration client


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engagement, Engagement, dict[str, Any]]:
    """The demonstration client's engagement, answered and run; the next one, on the same evidence, run; its results."""
    folder = tmp_path_factory.mktemp("years")
    demo.build_package(CASE, folder / "package")
    first = starting.create(folder / "first", starting.read_terms(CASE / "engagement.toml"))
    package.take_in(
        first.root, folder / "package", received=date(2026, 11, 4), supplied_by="Fellmark Motors, Inc.", custodian=""
    )
    demo.answer_from(first, CASE / "judgements.yaml")
    run_engagement(first, notebooks=False)
    second = prior.roll_forward(first.root, folder / "second").engagement
    package.take_in(second.root, folder / "package", received=date(2027, 7, 1), supplied_by="Fellmark", custodian="")
    return first, second, run_engagement(second, notebooks=False).results


def test_no_question_of_the_next_year_is_answered_by_the_last(
    years: tuple[Engagement, Engagement, dict[str, Any]],
) -> None:
    _, second, content = years
    assert content["questions"]
    assert {q["state"] for q in content["questions"]} == {"open"}
    assert not second.ledger.exists()


def test_an_open_question_shows_what_was_answered_a_year_ago(
    years: tuple[Engagement, Engagement, dict[str, Any]],
) -> None:
    first, second, content = years
    standing = check.status(second)["prior"]
    asked = {(q["id"], q["subject"]) for q in content["questions"]}
    answered = {
        (e.question, e.subject) for e in judgements.read(first.ledger).entries if (e.question, e.subject) in asked
    }
    assert {(q["question"], q["subject"]) for q in standing["questions"]} == answered
    (match,) = [q for q in standing["questions"] if q["question"] == "supplier_match"]
    assert (match["subject"], match["earlier"]["outcome"]) == ("Halcyon Taipei Semi", "confirmed")
    assert match["earlier"]["same_facts"]
    assert match["earlier"]["by"] == "M. Okonjo"
    shown = run("status", second.root).stdout
    assert "Open questions that were answered then" in shown
    assert "yes, by M. Okonjo on 2026-10-15: Entry summaries of the six entries show part TH-W7221" in shown
    beside = run("answer", second.root, "supplier_match", "Halcyon Taipei Semi").stdout
    then, _, _ = beside.partition("In the earlier engagement\n")[2].partition("\n")
    assert then.startswith("  yes, M. Okonjo, 2026-10-15: Entry summaries of the six entries show part TH-W7221")
    assert then.endswith("(FELLMARK-2026; the same facts are shown now; nothing rests on it)")
    assert "In the earlier engagement" not in run("answer", first.root, "supplier_match", "Halcyon Taipei Semi").stdout


def test_open_findings_say_whether_they_are_found_again(years: tuple[Engagement, Engagement, dict[str, Any]]) -> None:
    _, second, content = years
    now = {finding["key"]: finding["id"] for finding in content["findings"]}
    standing = check.status(second)["prior"]
    assert {f["key"]: f["again"] for f in standing["open_findings"]} == {
        f["key"]: now.get(f["key"], "") for f in standing["open_findings"]
    }
    assert any(f["again"] for f in standing["open_findings"])


def test_results_are_the_same_without_the_context(years: tuple[Engagement, Engagement, dict[str, Any]]) -> None:
    """Nothing rests on prior.json: without it, the same evidence gives the same results."""
    _, second, content = years
    kept = second.prior_file.read_bytes()
    before = {path.name: path.read_bytes() for path in second.results.glob("*.json")}
    second.prior_file.unlink()
    run_engagement(second, notebooks=False, force=True)
    assert {path.name: path.read_bytes() for path in second.results.glob("*.json")} == before
    assert content["questions"]
    second.prior_file.write_bytes(kept)


def test_notes_and_signatures_are_no_answers_and_a_response_in_the_ledger_comes_along(
    engagement: Engagement, tmp_path: Path
) -> None:
    key = "s315_policies/control_not_operating/supplier screening before onboarding"
    assessment = open_assessment(engagement.root)
    desk.note(assessment, "report", "See.", by="C. Merrow", role="reviewer")
    desk.respond(assessment, key, "agrees", "We found no record.", by="R. Halloran", role="management")
    desk.answer(assessment, "directly_enables", "PilotStack ADS", "yes", because="So.", by="M. Okonjo", role="lead")
    prior.roll_forward(engagement.root, tmp_path / "next")
    carried = told(tmp_path / "next")
    assert [a["subject"] for part in ("answers", "name_matches") for a in carried[part]] == ["PilotStack ADS"]
    (finding,) = [f for f in carried["open_findings"] if f["key"] == key]
    assert (finding["response"]["agrees"], finding["response"]["text"]) == (True, "We found no record.")
