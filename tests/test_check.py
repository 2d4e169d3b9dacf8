"""What stands against issuing a report: each problem at, before and after its line, and what an explanation takes out."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from assessor import check, desk, judgements, open_assessment, reporting
from assessor.engagement import Engagement
from assessor.errors import LedgerError
from assessor.evidence import register
from assessor.issuing import report
from assessor.judgements import Draft
from tests.working import (
    LEAD,
    MANAGEMENT,
    REVIEWER,
    again,
    checked,
    in_register,
    in_result,
    messages,
    results,
    reword_terms,
)

ITEM = "E-0014"  # an attestation of a supplier
PLACE = f"{ITEM} 04 Suppliers/attestations/Attestation - Tamarack Positioning Ltd.pdf"
BEFORE, FIRST, LAST, AFTER = date(2025, 12, 31), date(2026, 1, 1), date(2026, 9, 30), date(2026, 10, 1)


def explain(engagement: Engagement, code: str, place: str, **signed: Any) -> judgements.Entry:
    told = {"because": "It serves all the same.", **LEAD, **signed}
    return desk.explain(open_assessment(engagement.root), code, place, **told)


def explained(engagement: Engagement) -> list[tuple[str, str]]:
    return [(problem["code"], problem["place"]) for problem in check.check(engagement)["explained"]]


def effective(engagement: Engagement, begin: date | None, end: date | None) -> None:
    days = {"effective_from": begin and begin.isoformat(), "effective_to": end and end.isoformat()}
    in_register(engagement, ITEM, **days)


def note_at(engagement: Engagement, at: str) -> None:
    judgements.append(engagement.ledger, [Draft("note", "review_note", "report", "open", "See.", "B", "lead", at=at)])


def inspected(engagement: Engagement, **values: Any) -> None:
    in_result(engagement, "s312_records", lambda told: told["tables"]["samples"][0].update(values))


def test_an_engagement_that_was_run_lacks_answers_a_word_on_what_was_read_in_part_and_a_report(
    engagement: Engagement,
) -> None:
    told = check.check(engagement)
    assert {problem["code"] for problem in told["problems"]} == {"question_open", "evidence_unread", "report_missing"}
    assert (told["ok"], told["explained"]) == (False, [])
    codes = {problem["code"] for problem in check.status(engagement)["problems"]}
    assert codes == {"exception", "question_open", "request"}


# the ledger


@pytest.mark.parametrize(
    ("second", "odd"),
    [("2026-10-01T07:59:59Z", True), ("2026-10-01T08:00:00Z", False), ("2026-10-01T08:00:01Z", False)],
    ids=["a second before", "the same second", "a second later"],
)
def test_an_entry_dated_before_the_one_that_it_follows_is_odd(engagement: Engagement, second: str, odd: bool) -> None:
    note_at(engagement, "2026-10-01T08:00:00Z")
    note_at(engagement, second)
    assert checked(engagement, "ledger_odd") == (["judgements.jsonl"] if odd else [])
    assert ("ledger_odd" in {p["code"] for p in check.status(engagement)["problems"]}) == odd


def test_a_torn_last_line_is_odd_and_no_damage(engagement: Engagement) -> None:
    note_at(engagement, "2026-10-01T08:00:00Z")
    note_at(engagement, "2026-10-01T08:00:00Z")
    engagement.ledger.write_bytes(engagement.ledger.read_bytes()[:-20])
    assert "line 2 is torn" in messages(engagement, "ledger_odd")[0]
    assert not checked(engagement, "ledger_damaged")
    note_at(engagement, "2026-10-01T08:00:00Z")
    assert not checked(engagement, "ledger_odd")


def test_a_broken_chain_is_damage_and_nothing_is_explained_or_signed_then(engagement: Engagement) -> None:
    for _ in range(2):
        note_at(engagement, "2026-10-01T08:00:00Z")
    engagement.ledger.write_bytes(engagement.ledger.read_bytes().replace(b"See.", b"Saw.", 1))
    before = engagement.ledger.read_bytes()
    assert checked(engagement, "ledger_damaged") == ["judgements.jsonl"]
    with pytest.raises(LedgerError, match="Restore the file from a copy"):
        desk.note(open_assessment(engagement.root), "report", "See.", **REVIEWER)
    assert engagement.ledger.read_bytes() == before


# questions


def test_an_answer_is_an_orphan_when_nothing_asks_its_question_any_more(engagement: Engagement) -> None:
    firm = "Quillon Assurance LLP"
    desk.answer(open_assessment(engagement.root), "independence", firm, "yes", because="No tie.", **LEAD)
    again(engagement, "s315_assessor")
    assert not checked(engagement, "judgement_orphaned")
    reword_terms(engagement, f'name = "{firm}"', 'name = "Quillon LLP"')
    again(engagement, "s315_assessor")
    assert checked(engagement, "judgement_orphaned") == [f"independence/{firm}"]
    assert "(yes, M. Okonjo)" in messages(engagement, "judgement_orphaned")[0]
    assert f"independence/{firm}" in [p["place"] for p in check.status(engagement)["problems"]]


def test_a_question_of_every_assessment_is_missed_where_its_procedure_has_no_result(engagement: Engagement) -> None:
    assert not checked(engagement, "question_never_asked")
    (engagement.results / "s315_assessor.json").unlink()
    assert checked(engagement, "question_never_asked") == ["independence", "competence"]
    assert "§791.315(b)(2)" in messages(engagement, "question_never_asked")[0]
    assert "question_never_asked" not in {problem["code"] for problem in check.status(engagement)["problems"]}


# the period of evidence


@pytest.mark.parametrize(
    ("begin", "end", "outside"),
    [
        (None, None, False),
        (None, BEFORE, True),
        (None, FIRST, False),
        (None, LAST, False),
        (FIRST, None, False),
        (LAST, None, False),
        (AFTER, None, True),
        (AFTER, AFTER, True),
        (BEFORE, BEFORE, True),
        (BEFORE, AFTER, False),
        (BEFORE, FIRST, False),
        (LAST, AFTER, False),
    ],
)
def test_an_item_is_outside_of_the_period_when_no_day_of_it_is_inside(
    engagement: Engagement, begin: date | None, end: date | None, outside: bool
) -> None:
    effective(engagement, begin, end)
    assert checked(engagement, "evidence_period") == ([PLACE] if outside else [])
    for told in messages(engagement, "evidence_period"):
        assert f"{begin or 'an unstated day'} to {end or 'an unstated day'}, and the period is 2026-01-01" in told


def test_interviews_visits_and_the_clients_letter_come_after_the_period_by_their_nature(engagement: Engagement) -> None:
    for item, kind in (("E-0029", "interview"), ("E-0033", "site_visit"), ("E-0035", "representation")):
        [row] = [r for r in open_assessment(engagement.root).facts.register.to_dict("records") if r["id"] == item]
        assert (row["kind"], row["effective_from"] > LAST) == (kind, True)
    assert not checked(engagement, "evidence_period")
    in_register(engagement, "E-0029", kind="policy")
    assert [place.split(" ")[0] for place in checked(engagement, "evidence_period")] == ["E-0029"]


# evidence that was not read

STATEMENTS = "E-0018 05 Ownership/suppliers.bods.json"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("partly_read", "It was read only in part (half of it is noise) and no request asks about it; look at it"),
        ("unreadable", "It could not be read (half of it is noise) and no request asks about it; look at it"),
        ("missing", "It could not be read (half of it is noise) and no request asks about it; look at it"),
        ("read", ""),
        ("duplicate", ""),
    ],
)
def test_an_item_that_was_not_read_whole_is_asked_for_or_explained(
    engagement: Engagement, status: str, words: str
) -> None:
    in_register(engagement, "E-0018", status=status, reason="half of it is noise")
    assert checked(engagement, "evidence_unread") == ([STATEMENTS] if words else [])
    assert all(told.startswith(words) for told in messages(engagement, "evidence_unread"))
    if words:
        explain(engagement, "evidence_unread", "E-0018")
        assert not checked(engagement, "evidence_unread")
        assert explained(engagement) == [("evidence_unread", STATEMENTS)]


def test_an_item_that_a_request_asks_about_needs_no_word(engagement: Engagement) -> None:
    unread = [
        row["id"]
        for row in open_assessment(engagement.root).facts.register.to_dict("records")
        if row["status"] == "unreadable"
    ]
    assert unread and not [place for place in checked(engagement, "evidence_unread") if place.split(" ")[0] in unread]
    in_result(engagement, "s315_evidence", lambda told: told["requests"].clear())
    assert [place.split(" ")[0] for place in checked(engagement, "evidence_unread")] == ["E-0018", *unread]


def test_an_item_that_is_not_as_it_was_received_is_named(engagement: Engagement) -> None:
    assert not checked(engagement, "evidence_changed")
    [row] = [r for r in register.read_rows(engagement.register) if r.id == "E-0018"]
    stored = register.file_of(engagement.root, row)
    stored.write_bytes(stored.read_bytes() + b" ")
    assert checked(engagement, "evidence_changed") == [STATEMENTS]
    stored.unlink()
    assert checked(engagement, "evidence_changed") == [STATEMENTS]


# conclusions and findings


@pytest.mark.parametrize(
    "change",
    [
        {"tests": []},
        {"reason": ""},
    ],
)
def test_a_pass_without_a_test_or_a_reason_is_unsupported(engagement: Engagement, change: dict[str, Any]) -> None:
    assert not checked(engagement, "conclusion_unsupported")
    in_result(engagement, "s310_opinions", lambda told: told.update(change))
    assert checked(engagement, "conclusion_unsupported") == ["s310_opinions §791.310"]


def test_a_test_that_passes_without_evidence_or_has_no_reason_is_unsupported(engagement: Engagement) -> None:
    def strip(told: dict[str, Any]) -> None:
        passed = [test for test in told["tests"] if test["outcome"] == "conforms"]
        passed[0]["evidence"] = []
        passed[1]["reason"] = ""

    in_result(engagement, "s312_records", strip)
    places = checked(engagement, "conclusion_unsupported")
    assert len(places) == 2 and all(place.startswith("s312_records §791.312(a) ") for place in places)


@pytest.mark.parametrize("element", check.ELEMENTS)
def test_an_element_of_a_finding_is_there_or_has_a_reason(engagement: Engagement, element: str) -> None:
    def strip(why: str) -> None:
        def change(told: dict[str, Any]) -> None:
            found = told["findings"][0]
            found[element] = type(found[element])()
            others = {name: words for name, words in found["absent"].items() if name != element}
            found["absent"] = others | ({element: why} if why else {})

        in_result(engagement, "s312_records", change)

    strip("")
    [message] = messages(engagement, "finding_incomplete")
    assert message == f"It has no {element} and does not say why; add either."
    strip("Nobody knows yet.")
    assert not checked(engagement, "finding_incomplete")


# samples


@pytest.mark.parametrize(("number", "gap"), [(2, True), (3, False), (4, False)])
def test_a_sample_has_a_gap_when_fewer_were_inspected_than_drawn(
    engagement: Engagement, number: int, gap: bool
) -> None:
    inspected(engagement, examined=number, size=3)
    place = "records: commercial invoice of hardware import"
    assert checked(engagement, "sample_gap") == ([place] if gap else [])
    assert any("Of 3 items drawn 2 were examined" in told for told in messages(engagement, "sample_gap")) == gap


def test_the_items_that_wait_are_named(engagement: Engagement) -> None:
    def waits(told: dict[str, Any]) -> None:
        [row] = [one for one in told["tables"]["samples"] if one["sample"] == "component origins"]
        items = [one for one in told["tables"]["sample_items"] if one["sample"] == "component origins"]
        items[0]["outcome"] = items[1]["outcome"] = "not_tested"
        row["examined"] = row["size"] - 2

    in_result(engagement, "s315_suppliers", waits)
    first, second, third = (row["item"] for row in results(engagement)["s315_suppliers"].tables["sample_items"][8:11])
    [told] = messages(engagement, "sample_gap")
    assert f"examine the others ({first}, {second}), or say why not" in told and third not in told
    explain(engagement, "sample_gap", "component origins")
    assert not checked(engagement, "sample_gap")


# explanations


def test_an_explanation_takes_a_problem_out_until_it_changes(engagement: Engagement) -> None:
    effective(engagement, None, BEFORE)
    assert explain(engagement, "evidence_period", PLACE).subject == PLACE
    assert not checked(engagement, "evidence_period")
    assert explained(engagement) == [("evidence_period", PLACE)]
    effective(engagement, None, date(2025, 12, 30))
    assert checked(engagement, "evidence_period") == [PLACE]
    assert explained(engagement) == []
    effective(engagement, None, FIRST)
    assert not checked(engagement, "evidence_period")


def test_the_item_alone_names_its_place(engagement: Engagement) -> None:
    effective(engagement, None, BEFORE)
    assert explain(engagement, "evidence_period", ITEM).subject == PLACE


def test_a_word_that_several_places_begin_with_names_none_of_them(engagement: Engagement) -> None:
    def fewer(told: dict[str, Any]) -> None:
        for row in told["tables"]["samples"][:2]:
            row["examined"] = 0

    in_result(engagement, "s312_records", fewer)
    with pytest.raises(
        LedgerError,
        match="name one of: records: commercial invoice of hardware import; records: contract of hardware import",
    ):
        explain(engagement, "sample_gap", "records:")
    explain(engagement, "sample_gap", "records: contract of hardware import")
    assert checked(engagement, "sample_gap") == ["records: commercial invoice of hardware import"]


def test_two_problems_at_one_place_are_explained_one_after_the_other(engagement: Engagement) -> None:
    for at in ("2026-10-03", "2026-10-02", "2026-10-01"):
        note_at(engagement, f"{at}T08:00:00Z")
    assert len(checked(engagement, "ledger_odd")) == 2
    for left in (1, 0):
        explain(engagement, "ledger_odd", "judgements.jsonl")
        assert len(checked(engagement, "ledger_odd")) == left
    assert explained(engagement) == [("ledger_odd", "judgements.jsonl")] * 2


def test_an_answer_to_what_nothing_asks_is_explained(engagement: Engagement) -> None:
    judgements.append(engagement.ledger, [Draft("answer", "knowingly", "Acorn", "no", "So.", "B", "lead")])
    explain(engagement, "judgement_orphaned", "knowingly/Acorn")
    assert not checked(engagement, "judgement_orphaned")


@pytest.mark.parametrize(
    ("code", "place", "told"),
    [
        ("question_open", "directly_enables/PilotStack ADS", "`question_open` is mended and not explained"),
        ("report_missing", "report", "`report_missing` is mended and not explained; explained can be: evidence_unread"),
        ("evidence_period", ITEM, f"tells of no `evidence_period` at `{ITEM}`; there are: none"),
        ("bogus", "report", "tells of no `bogus`"),
    ],
)
def test_an_explanation_of_what_is_to_be_mended_or_is_not_there_is_refused(
    engagement: Engagement, code: str, place: str, told: str
) -> None:
    with pytest.raises(LedgerError, match=told):
        explain(engagement, code, place)
    assert not engagement.ledger.exists()


def test_an_explanation_of_a_code_that_is_to_be_mended_counts_for_nothing_in_the_ledger(engagement: Engagement) -> None:
    digest = check._problem_digest(
        {"code": "report_missing", "place": "report", "message": messages(engagement, "report_missing")[0]}
    )
    judgements.append(
        engagement.ledger, [Draft("explanation", "report_missing", "report", "explained", "So.", "B", "lead", digest)]
    )
    assert checked(engagement, "report_missing") == ["report"]


# the report


@pytest.fixture
def rendered(engagement: Engagement, monkeypatch: pytest.MonkeyPatch) -> Engagement:
    """An engagement whose report counts as rendered, without a document."""
    monkeypatch.setattr(reporting, "write_report", lambda *inputs, **options: [])
    report(engagement)
    assert not checked(engagement, "report_missing")
    return engagement


def test_a_response_or_a_departure_makes_a_report_outdated_that_does_not_show_it(rendered: Engagement) -> None:
    assert not checked(rendered, "report_outdated")
    desk.respond(open_assessment(rendered.root), "F-01", "agrees", "Yes.", **MANAGEMENT)
    assert checked(rendered, "report_outdated") == ["report"]
    assert not checked(rendered, "not_run")
    report(rendered)
    assert not checked(rendered, "report_outdated")
    desk.depart(open_assessment(rendered.root), "No visit.", "None.", because="Closed.", **LEAD)
    assert checked(rendered, "report_outdated") == ["report"]


def test_a_note_makes_no_report_outdated(rendered: Engagement) -> None:
    desk.note(open_assessment(rendered.root), "report", "See.", **REVIEWER)
    assert not checked(rendered, "report_outdated")


def test_a_report_of_before_responses_were_noted_is_outdated_by_the_first_one(rendered: Engagement) -> None:
    record = rendered.report / "rendered.json"
    told = json.loads(record.read_text("utf-8"))
    del told["ledger"]
    record.write_text(json.dumps(told), "utf-8")
    assert not checked(rendered, "report_outdated")
    desk.respond(open_assessment(rendered.root), "F-01", "agrees", "Yes.", **MANAGEMENT)
    assert checked(rendered, "report_outdated") == ["report"]
