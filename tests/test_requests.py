"""The client's request list: each document once, its state by the ledger, what later deliveries may answer, and the client's answers."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from assessor import cli, desk, judgements, open_assessment, requests
from assessor.assessment import numbered
from assessor.engagement import Engagement
from assessor.errors import EngagementError, EvidenceError, LedgerError
from assessor.evidence import package
from assessor.results import EvidenceRequest, Outcome, ProcedureResult
from assessor.review.overview import standing
from assessor.run import run
from tests.working import LEAD, again, in_result, messages, report_context


def result(procedure: str, *asked: EvidenceRequest) -> ProcedureResult:
    told = (procedure, "791.303", procedure, Outcome.INCONCLUSIVE, "It is open.", "all", (), ())
    return ProcedureResult(*told, requests=tuple(dataclasses.replace(one, procedure=procedure) for one in asked))


def ask(code: str, what: str, *subjects: str, clause: str = "791.303", settles: str = "who owns it") -> EvidenceRequest:
    return EvidenceRequest(code, what, subjects, clause, settles)


def words(*results: ProcedureResult) -> list[str]:
    return [one.what for one in requests.listed(results)]


def test_one_document_that_two_procedures_ask_for_is_one_entry_with_all_clauses_and_all_that_it_settles() -> None:
    first = result("a", ask("owners", "Share register.", "Vireo", clause="791.302", settles="limb 4"))
    second = result("b", ask("owners", "Share register", "Vireo", clause="791.303", settles="limb 2"))
    [one] = requests.listed([first, second])
    assert (one.id, one.clauses, one.procedures) == ("R-01", ("791.302", "791.303"), ("a", "b"))
    assert one.settles == "limb 4; limb 2" and one.keys == ("a/owners/Vireo", "b/owners/Vireo")
    assert [q.id for r in numbered([first, second]) for q in r.requests] == ["R-01", "R-01"]
    assert requests.row(one)["clause"] == "791.302" and requests.row(one)["key"] == "a/owners/Vireo"


def test_the_same_words_join_whatever_their_codes_and_spelling() -> None:
    assert words(
        result("a", ask("x", "The share  register.", "Vireo")), result("b", ask("y", "the Share Register", "Vireo"))
    ) == ["The share  register."]


def test_the_same_code_joins_two_procedures_and_keeps_both_wordings() -> None:
    assert words(result("a", ask("x", "Register.", "Vireo")), result("b", ask("x", "Extract.", "Vireo"))) == [
        "Register; Extract."
    ]


def test_other_subjects_stay_apart_and_their_order_does_not_count() -> None:
    assert len(words(result("a", ask("x", "W", "A")), result("b", ask("x", "W", "A", "B")))) == 2
    assert len(words(result("a", ask("x", "W", "B", "A")), result("b", ask("x", "W", "A", "B")))) == 1


def test_a_code_that_one_procedure_gives_twice_to_the_same_subjects_joins_nothing() -> None:
    own = result("a", ask("x", "One", "A"), ask("x", "Two", "A"))
    listed = requests.listed([own, result("b", ask("x", "Three", "A"))])
    assert [one.what for one in listed] == ["One", "Two", "Three"]
    assert [one.names for one in listed] == [(("x", "A"),), (("x", "A (2)"),), (("x", "A (3)"),)]


def test_numbers_stand_in_the_order_of_the_work() -> None:
    given = [result("a", ask("x", "One", "A"), ask("y", "Two", "A")), result("b", ask("x", "One", "A"), ask("z", "3", "B"))]  # fmt: skip
    assert [q.id for r in numbered(given) for q in r.requests] == ["R-01", "R-02", "R-01", "R-03"]


def test_a_request_keeps_the_number_that_it_had_and_new_ones_are_numbered_on() -> None:
    first = [result("a", ask("x", "One", "A"), ask("y", "Two", "A"))]
    had = {name: one.id for one in requests.listed(first) for name in one.names}
    later = [result("a", ask("n", "New", "A"), ask("y", "Two, in other words", "A"))]
    assert [(one.id, one.what) for one in requests.listed(later, had)] == [
        ("R-03", "New"),
        ("R-02", "Two, in other words"),
    ]
    assert [q.id for r in numbered(later, had) for q in r.requests] == ["R-03", "R-02"]


def state(engagement: Engagement, id: str) -> requests.Request:
    return next(one for one in open_assessment(engagement.root).requests() if one.id == id)


def tell(engagement: Engagement, id: str, told: str, **more: object) -> judgements.Entry:
    return desk.request(open_assessment(engagement.root), id, told, because="It says so.", **LEAD, **more)  # type: ignore[arg-type]


def test_a_request_is_open_until_an_entry_says_otherwise(engagement: Engagement) -> None:
    assert (state(engagement, "R-05").state, state(engagement, "R-05").due) == ("open", date(2026, 12, 7))
    tell(engagement, "R-05", "received", items=["E-0004", "E-0004"])
    one = state(engagement, "R-05")
    assert (one.state, one.items, one.by, one.outstanding) == ("received", ("E-0004",), "M. Okonjo", False)
    tell(engagement, "R-05", "insufficient", items=["E-0004"], due=date(2027, 1, 15))
    assert (state(engagement, "R-05").standing, state(engagement, "R-05").due) == (
        "insufficient: E-0004",
        date(2027, 1, 15),
    )
    tell(engagement, "R-05", "open")
    assert (state(engagement, "R-05").standing, state(engagement, "R-05").due) == ("open", date(2027, 1, 15))


def test_an_entry_leaves_results_as_they_are_and_makes_the_report_old(engagement: Engagement) -> None:
    before = judgements.read(engagement.ledger)
    tell(engagement, "R-05", "withdrawn")
    after = judgements.read(engagement.ledger)
    assert (before.digest == after.digest, before.shown == after.shown) == (True, False)


def test_a_request_whose_content_changes_is_open_again_and_says_so(engagement: Engagement) -> None:
    key = state(engagement, "R-05").key
    tell(engagement, "R-05", "received", items=["E-0004"])
    in_result(engagement, "s315_suppliers", lambda told: told["requests"][1].update(what="Something else"))
    one = state(engagement, "R-05")
    assert (one.key, one.state, one.stale, one.outstanding) == (key, "open", "received", True)
    assert one.standing == "open again: it was received, and what is asked has changed since"


@pytest.mark.parametrize(
    ("told", "more", "said"),
    [
        ("received", {"items": ["E-9999"]}, "The register has no item E-9999"),
        ("received", {}, "Say which items answer R-05"),
        ("withdrawn", {"items": ["E-0004"]}, "Items are named for a request that is received or insufficient"),
        ("lost", {}, "A request cannot be `lost`"),
    ],
)
def test_what_cannot_be_recorded_of_a_request_is_refused(
    engagement: Engagement, told: str, more: dict[str, object], said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        tell(engagement, "R-05", told, **more)
    with pytest.raises(LedgerError, match="No request is R-99"):
        tell(engagement, "R-99", "open")
    assert not engagement.ledger.exists()


def test_what_nothing_asks_any_more_stays_in_the_list(engagement: Engagement) -> None:
    tell(engagement, "R-04", "received", items=["E-0004"])
    total = len(open_assessment(engagement.root).requests())
    in_result(engagement, "s315_suppliers", lambda told: told.update(requests=told["requests"][2:]))
    again(engagement)
    listed = open_assessment(engagement.root).requests()
    assert len(listed) == total
    assert [(one.id, one.standing, one.outstanding) for one in listed[-2:]] == [
        ("R-04", "received: E-0004, no longer asked", False),
        ("R-05", "no longer asked", False),
    ]


def test_of_a_procedure_without_a_result_nobody_knows_whether_it_would_ask(engagement: Engagement) -> None:
    (engagement.results / "s315_suppliers.json").unlink()
    told = {one.id: one.standing for one in open_assessment(engagement.root).requests()}
    assert told["R-04"] == "not known, since its procedure has no result" and told["R-03"] == "open"


def test_the_overview_tells_the_state_as_the_ledger_has_it_now(engagement: Engagement) -> None:
    before = standing(engagement)["requests"]
    tell(engagement, "R-05", "received", items=["E-0004"])
    after = standing(engagement)["requests"]
    assert sum(one["outstanding"] for one in before) - sum(one["outstanding"] for one in after) == 1
    assert {one["id"]: one["state"] for one in after}["R-05"] == "received: E-0004"


def test_a_damaged_memory_is_told_in_a_sentence(engagement: Engagement) -> None:
    (engagement.root / requests.MEMORY).write_text('{"requests": [{}]}')
    with pytest.raises(EngagementError, match=r"requests\.json is damaged .* delete it"):
        open_assessment(engagement.root).requests()


def deliver(engagement: Engagement, folder: Path, **named: str) -> None:
    folder.mkdir()
    for name, text in named.items():
        (folder / name.replace("__", " ").replace("_dot_", ".")).write_text(text)
    package.take_in(engagement.root, folder, received=date(2026, 11, 30), supplied_by="Fellmark", custodian="")
    run(engagement, notebooks=False)


def test_files_of_later_deliveries_are_proposed_and_decide_nothing(engagement: Engagement, tmp_path: Path) -> None:
    assert not any(one.proposals for one in open_assessment(engagement.root).requests())
    deliver(
        engagement,
        tmp_path / "delivery-2",
        R__007__extract_dot_txt="x",
        Halcyon__Taipei__Semi__owners_dot_txt="y",
        holiday_dot_txt="z",
    )
    listed = {one.id: one for one in open_assessment(engagement.root).requests()}
    assert listed["R-05"].subjects == ("Halcyon Taipei Semi",) and listed["R-07"].subjects == ("Vireo Labs",)
    [proposal] = listed["R-05"].proposals
    assert str(proposal).endswith("(Halcyon Taipei Semi owners.txt)") and listed["R-05"].state == "open"
    assert proposal.why == "its name speaks of Halcyon Taipei Semi"
    assert [(p.file, p.why) for p in listed["R-07"].proposals] == [
        ("R 007 extract.txt", "its name begins with the number of the request")
    ]
    assert not any(p.file == "holiday.txt" for one in listed.values() for p in one.proposals)
    told = CliRunner().invoke(cli.main, ["status", str(engagement.root)]).output
    assert f"May be answered by {proposal}." in told
    written = json.loads(CliRunner().invoke(cli.main, ["requests", str(engagement.root), "--json"]).output)["files"]
    [sheet] = [path for path in written if path.endswith(".xlsx")]
    head, *rows = CalamineWorkbook.from_path(sheet).get_sheet_by_name("Evidence requests").to_python()
    assert str(proposal) in [row[head.index("may be answered by")] for row in rows]


def test_received_requests_stand_in_the_clients_list_and_not_among_those_outstanding(engagement: Engagement) -> None:
    before = report_context(engagement)
    tell(engagement, "R-05", "received", items=["E-0004"])
    tell(engagement, "R-06", "insufficient")
    after = report_context(engagement)
    assert len(after["requests"]) == len(before["requests"]) - 1
    states = {r["id"]: r["state"] for g in after["request_groups"] for r in g["requests"]}
    assert states["R-05"].startswith("received: E-0004 on")
    assert states["R-06"].endswith(": It says so.")


def returned(path: Path, rows: list[list[str]], sheet: str = "Evidence requests") -> Path:
    head = ["request", "procedure", "what is missing", "for", "files, or why there are none", "date", "by", "remark"]
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate([head, *rows]):
            page.write_row(number, 0, row)
    return path


def test_the_clients_answers_are_shown_as_text_and_nothing_is_recorded(engagement: Engagement, tmp_path: Path) -> None:
    one, other = state(engagement, "R-05"), state(engagement, "R-06")
    file = str(open_assessment(engagement.root).facts.register["path"].iloc[3]).rpartition("/")[2]
    rows = [
        [one.id, "", one.what, "; ".join(one.subjects), f"see {file}", "2026-12-01", "R. H.", '=HYPERLINK("x")\x1b'],
        [one.id, "", other.what, "; ".join(other.subjects), "There is none.", "", "", ""],  # numbered anew since
        ["R-09", "", "What nobody asks", "X", "E-0001", "", "", ""],
        ["R-10", "", "", "", "", "", "", ""],
    ]
    path = returned(tmp_path / "back.xlsx", rows)
    found = desk.answers(open_assessment(engagement.root), path)
    assert [(a.request, a.proposes, a.items) for a in found] == [
        ("R-05", "received", ("E-0004",)),
        ("R-06", "open", ()),
        ("", "", ()),
    ]
    assert found[0].remark.startswith("=HYPERLINK") and "\x1b" not in found[0].remark
    shown = CliRunner().invoke(cli.main, ["requests", str(engagement.root), "--answers", str(path)])
    assert shown.exit_code == 0 and "nothing is recorded" in shown.output and "\x1b" not in shown.output
    assert "ledger request" in shown.output and not engagement.ledger.exists()
    told = json.loads(CliRunner().invoke(cli.main, ["requests", str(engagement.root), "--answers", str(path), "--json"]).output)  # fmt: skip
    assert len(told["answers"]) == 3


def test_the_sheet_that_we_write_can_be_read_back(engagement: Engagement) -> None:
    told = json.loads(CliRunner().invoke(cli.main, ["requests", str(engagement.root), "--json"]).output)
    [sheet] = [path for path in told["files"] if path.endswith(".xlsx")]
    assert desk.answers(open_assessment(engagement.root), Path(sheet)) == []
    assert {"id", "code", "what", "subjects", "clause", "settles", "procedure", "state", "standing"} <= set(told["requests"][0])  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_request_list_is_refused_in_a_sentence(
    engagement: Engagement, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match="cannot be read as a request list"):
        desk.answers(open_assessment(engagement.root), path)
    with pytest.raises(EvidenceError, match="has no sheet"):
        desk.answers(open_assessment(engagement.root), returned(tmp_path / "y.xlsx", [], "Other"))
    with pytest.raises(EvidenceError, match="There is no file"):
        desk.answers(open_assessment(engagement.root), tmp_path / "none.xlsx")


def test_the_command_records_a_state(engagement: Engagement) -> None:
    common = ["--because", "It is the extract.", "--by", "M. Okonjo"]
    command = ["ledger", "request", str(engagement.root), "R-05", "received", "--items", "E-0004,E-0005", *common]
    told = CliRunner().invoke(cli.main, command)
    assert told.exit_code == 0 and "request on ownership_evidence/Halcyon Taipei Semi: received" in told.output
    assert state(engagement, "R-05").items == ("E-0004", "E-0005")
    assert not messages(engagement, "judgement_stale")
