"""What the ledger changes in results: outcomes that were set over a procedure's, drafted findings, responses, departures."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor import check, desk, judged, judgements, open_assessment
from assessor.engagement import Engagement
from assessor.errors import LedgerError
from assessor.judgements import Draft, Entry, Ledger
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Test, to_json, worst
from tests.working import (
    DRAFT,
    LEAD,
    MANAGEMENT,
    REVIEWER,
    again,
    checked,
    finding,
    in_result,
    messages,
    report_context,
    results,
    reword_terms,
    the_test,
)

POLICIES, CLAUSE = "s315_policies", "791.315(d)(3)"
SCREENING, ATTESTATIONS = "supplier screening before onboarding", "supplier attestations in force"
DATED = date(2026, 11, 16)
PLACE = (EvidenceRef("E-0001"),)
FIRM = "Quillon Assurance LLP"
DRAFTED = f"drafted/{DRAFT['code']}/{DRAFT['subject']}"


def override(
    engagement: Engagement,
    outcome: str = "conforms",
    subject: str = SCREENING,
    *,
    procedure: str = POLICIES,
    clause: str = CLAUSE,
    until: date = DATED,
    because: str = "The record of 2023 has come since.",
    **more: Any,
) -> Entry:
    told = {**LEAD, "because": because, "until": until, **more}
    return desk.override(open_assessment(engagement.root), procedure, clause, subject, outcome, **told)


def gone(result: ProcedureResult) -> list[str]:
    """What a result says of judgements that no longer count."""
    return [told for told in result.limitations if "no longer counts" in told]


def changed_since(engagement: Engagement) -> list[str]:
    """The findings of which the report says that they have changed since management responded: with the finding, among the responses."""
    told, words = report_context(engagement), "The finding has changed since; management has not yet responded"
    return [row["id"] for row in told["findings"] if words in row["response"]] + [
        row["finding"] for row in told["responses"] if words in row["text"]
    ]


def draft(engagement: Engagement, **changed: Any) -> Entry:
    told = {name: value for name, value in {**DRAFT, **changed}.items() if value is not None}
    return desk.draft(open_assessment(engagement.root), told, because="Seen on site.", **LEAD)


def respond(
    engagement: Engagement, about: str, agrees: str = "agrees", text: str = "We accept it.", **more: Any
) -> Entry:
    return desk.respond(open_assessment(engagement.root), about, agrees, text, **{**MANAGEMENT, **more})


def made(*tests: Test, findings: tuple[Finding, ...] = ()) -> ProcedureResult:
    """A result of a firm's own procedure."""
    return ProcedureResult("firm", "791.315", "Own", Outcome.EXCEPTION, "So.", "one", (), (), tests, findings)


def a_test(clause: str, subject: str, outcome: Outcome = Outcome.EXCEPTION, evidence: bool = True) -> Test:
    return Test(clause, subject, outcome, "seen", PLACE if evidence else ())


def a_finding(subject: str, *clauses: str) -> Finding:
    return Finding(
        "late", subject, clauses, f"{subject} is late", "c", "c", "c", "e", (), "low", PLACE, procedure="firm"
    )


def with_overrides(engagement: Engagement, result: ProcedureResult, *set_: tuple[str, str, str]) -> ProcedureResult:
    """The result with overrides (clause, subject, outcome)."""
    signed = {"because": "So.", **LEAD, "until": DATED}
    drafts = [judged.override(result, clause, subject, outcome, **signed) for clause, subject, outcome in set_]
    judgements.append(engagement.ledger, drafts)
    return judged.overridden(result, judgements.read(engagement.ledger), DATED)


# overrides


def test_an_override_replaces_the_outcome_and_keeps_the_procedures_own_beside_it(engagement: Engagement) -> None:
    override(engagement)
    test = the_test(again(engagement, POLICIES)[POLICIES], SCREENING)
    assert (test.outcome, test.automatic) == (Outcome.CONFORMS, "exception")
    for told in ("conforms, by M. Okonjo (engagement lead)", "until 2026-11-16", "The record of 2023"):
        assert told in test.judged


def test_the_finding_of_an_overridden_exception_is_withdrawn_and_the_others_keep_the_conclusion(
    engagement: Engagement,
) -> None:
    before = results(engagement)[POLICIES]
    override(engagement)
    after = again(engagement, POLICIES)[POLICIES]
    assert [f.subject for f in before.findings] == [SCREENING, ATTESTATIONS]
    assert [f.subject for f in after.findings] == [ATTESTATIONS]
    assert after.conclusion is Outcome.EXCEPTION
    told = " ".join(after.limitations)
    assert f"The finding “{before.findings[0].title}” was withdrawn" in told
    assert "the procedure's was exception" in told
    assert after.reason.endswith(" One of the outcomes is the assessor's.")


def test_the_conclusion_is_the_worst_of_what_is_left(engagement: Engagement) -> None:
    override(engagement)
    override(engagement, "inconclusive", ATTESTATIONS)
    after = again(engagement, POLICIES)[POLICIES]
    assert after.conclusion is Outcome.INCONCLUSIVE
    assert after.findings == ()


def test_a_pass_can_be_overridden_into_an_exception(engagement: Engagement) -> None:
    override(engagement, "exception", FIRM, procedure="s315_assessor", clause="§791.315(c)(4)")
    after = again(engagement, "s315_assessor")["s315_assessor"]
    assert after.conclusion is Outcome.EXCEPTION
    assert the_test(after, FIRM, "791.315(c)(4)").automatic == "conforms"


def test_an_override_survives_a_new_run_and_binds_to_the_procedures_own_outcome(engagement: Engagement) -> None:
    entry = override(engagement)
    own = judged.outcome_digest(the_test(results(engagement)[POLICIES], SCREENING))
    first = again(engagement, POLICIES)[POLICIES]
    assert again(engagement, POLICIES)[POLICIES] == first
    assert entry.facts_digest == own == judged.outcome_digest(the_test(first, SCREENING))
    second = override(engagement, "not_applicable", because="Nobody was to be screened.")
    assert second.facts_digest == own
    test = the_test(again(engagement, POLICIES)[POLICIES], SCREENING)
    assert (test.outcome, test.automatic) == (Outcome.NOT_APPLICABLE, "exception")
    assert not checked(engagement, "judgement_stale")


def test_an_override_is_stale_when_the_procedure_finds_otherwise_and_its_own_outcome_stands(
    engagement: Engagement,
) -> None:
    where = {"procedure": "s315_assessor", "clause": "791.315(c)(4)"}
    override(engagement, "inconclusive", FIRM, **where)
    again(engagement, "s315_assessor")
    assert not checked(engagement, "judgement_stale")
    reword_terms(engagement, "acknowledges_government_use = true", "acknowledges_government_use = false")
    test = the_test(again(engagement, "s315_assessor")["s315_assessor"], FIRM, "791.315(c)(4)")
    assert (test.automatic, test.judged) == ("", "")
    assert test.outcome not in (Outcome.INCONCLUSIVE, Outcome.CONFORMS)
    assert checked(engagement, "judgement_stale") == [f"s315_assessor/791.315(c)(4) {FIRM}"]
    assert "own outcome stands" in messages(engagement, "judgement_stale")[0]
    [told] = gone(results(engagement)["s315_assessor"])
    assert told == (
        f"The outcome that M. Okonjo set of §791.315(c)(4) for {FIRM} (inconclusive, entry 1 of the ledger) no longer counts: the procedure "
        "finds otherwise than when it was set. The procedure's own stands."
    )
    assert told in report_context(engagement)["limitations"]


def test_an_override_that_the_procedure_comes_to_share_has_nothing_left_to_do(engagement: Engagement) -> None:
    where = {"procedure": "s315_assessor", "clause": "791.315(c)(4)"}
    reword_terms(engagement, "acknowledges_government_use = true", "acknowledges_government_use = false")
    again(engagement, "s315_assessor")
    override(engagement, "conforms", FIRM, **where)
    reword_terms(engagement, "acknowledges_government_use = false", "acknowledges_government_use = true")
    test = the_test(again(engagement, "s315_assessor")["s315_assessor"], FIRM, "791.315(c)(4)")
    assert (test.outcome, test.automatic) == (Outcome.CONFORMS, "")
    assert not checked(engagement, "judgement_stale")


@pytest.mark.parametrize(
    ("until", "counts"),
    [(date(2026, 11, 15), False), (DATED, True), (date(2026, 11, 17), True)],
    ids=["the day before the report", "the day of the report", "the day after it"],
)
def test_an_override_counts_up_to_its_last_day(engagement: Engagement, until: date, counts: bool) -> None:
    override(engagement, until=until)
    test = the_test(again(engagement, POLICIES)[POLICIES], SCREENING)
    assert test.outcome is (Outcome.CONFORMS if counts else Outcome.EXCEPTION)
    assert checked(engagement, "judgement_ended") == ([] if counts else [f"{POLICIES}/{CLAUSE} {SCREENING}"])
    assert all("2026-11-15" in message for message in messages(engagement, "judgement_ended"))
    told = gone(results(engagement)[POLICIES])
    assert [f"its last day, {until}, has passed" in each for each in told] == ([] if counts else [True])


def test_the_procedures_own_outcome_lets_an_override_go(engagement: Engagement) -> None:
    override(engagement, until=date(2026, 11, 15))
    again(engagement, POLICIES)
    assert checked(engagement, "judgement_ended")
    override(engagement, "exception", because="The record was another's.")
    test = the_test(again(engagement, POLICIES)[POLICIES], SCREENING)
    assert (test.outcome, test.automatic, test.judged) == (Outcome.EXCEPTION, "", "")
    assert not checked(engagement, "judgement_ended")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"subject": "Retention"}, r"no test of §791.315\(d\)\(3\) for Retention; it is tested for: .*training"),
        ({"clause": "791.312(z)"}, r"no test of §791.312\(z\).*; clauses tested: 791.301, "),
        ({"procedure": "s999"}, "no result of `s999`; there are: s315_evidence"),
        ({"outcome": "passed"}, "`passed` is no outcome; use one of: conforms, exception"),
        (
            {"procedure": "s314_confidentiality", "clause": "791.314(b)", "subject": "CBI SA-0417 application.pdf"},
            "has 4 tests .* would not say which",
        ),
    ],
    ids=["unknown subject", "unknown clause", "unknown procedure", "unknown outcome", "ambiguous test"],
)
def test_an_override_that_cannot_stand_is_refused_and_nothing_is_written(
    engagement: Engagement, where: dict[str, Any], told: str
) -> None:
    with pytest.raises(LedgerError, match=told):
        override(engagement, **where)
    assert not engagement.ledger.exists()


def test_nothing_is_set_to_conform_without_evidence() -> None:
    result = made(a_test("791.315", "X", Outcome.INCONCLUSIVE, evidence=False))
    signed = {"because": "So.", **LEAD, "until": DATED}
    with pytest.raises(LedgerError, match="has no evidence, without which nothing conforms"):
        judged.override(result, "791.315", "X", "conforms", **signed)
    assert judged.override(result, "791.315", "X", "not_applicable", **signed).answer == "not_applicable"


def test_a_finding_that_stands_on_two_exceptions_is_withdrawn_when_both_are_lifted(engagement: Engagement) -> None:
    result = made(
        a_test("791.303(a)", "X"), a_test("791.303(b)", "X"), findings=(a_finding("X", "791.303(a)", "791.303(b)"),)
    )
    one = with_overrides(engagement, result, ("791.303(a)", "X", "conforms"))
    assert (one.findings, one.conclusion) == (result.findings, Outcome.EXCEPTION)
    assert "withdrawn" not in " ".join(one.limitations)
    both = with_overrides(engagement, result, ("791.303(b)", "X", "not_applicable"))
    assert (both.findings, both.conclusion) == ((), Outcome.CONFORMS)


def test_a_finding_whose_test_names_its_subject_in_other_words_is_withdrawn_with_it(engagement: Engagement) -> None:
    key = "s306_general_authorizations"
    test = next(t for t in results(engagement)[key].tests if t.clause == "791.306(e)(1)" and t.outcome == "exception")
    assert test.subject.startswith("GA-9: ")
    override(engagement, "not_applicable", test.subject, procedure=key, clause=test.clause)
    after = again(engagement, key)[key]
    assert [f.code for f in after.findings] == ["outside_conditions"]
    assert "was withdrawn" in " ".join(after.limitations)


OUTCOMES = st.sampled_from(list(Outcome))


@given(st.lists(st.tuples(OUTCOMES, st.none() | OUTCOMES), min_size=1, max_size=5))
def test_whatever_is_set_the_conclusion_is_the_worst_that_is_left_and_nothing_of_the_procedure_is_lost(
    pairs: list[tuple[Outcome, Outcome | None]],
) -> None:
    tests = [a_test("791.315", f"s{n}", own) for n, (own, _) in enumerate(pairs)]
    found = tuple(a_finding(t.subject, "791.315") for t in tests if t.outcome is Outcome.EXCEPTION)
    result = dataclasses.replace(made(*tests, findings=found), conclusion=worst(t.outcome for t in tests))
    signed = {"because": "So.", **LEAD, "until": DATED}
    drafts = [
        judged.override(result, "791.315", f"s{n}", outcome, **signed)
        for n, (_, outcome) in enumerate(pairs)
        if outcome
    ]
    blank = Entry(0, "2026-11-01T00:00:00Z", "", "", "", "", "", "", "", "")
    entries = (msgspec.structs.replace(blank, **{k: v for k, v in vars(d).items() if k != "at"}) for d in drafts)
    after = judged.overridden(result, Ledger(tuple(entries)), DATED)
    assert [t.outcome for t in after.tests] == [outcome or own for own, outcome in pairs]
    assert [Outcome(t.automatic or t.outcome) for t in after.tests] == [own for own, _ in pairs]
    assert after.conclusion is worst(t.outcome for t in after.tests)
    kept = {t.subject for t in after.tests if t.outcome is Outcome.EXCEPTION}
    assert [f.subject for f in after.findings] == [f.subject for f in found if f.subject in kept]


def test_an_override_from_one_exception_to_an_exception_withdraws_nothing(engagement: Engagement) -> None:
    result = made(a_test("791.303(a)", "X"), findings=(a_finding("X", "791.303(a)"),))
    assert with_overrides(engagement, result, ("791.303(a)", "X", "exception")) == result


def test_the_last_step_is_overridden_like_a_procedure(engagement: Engagement) -> None:
    step, subject = "s315_recommendations", "s306_general_authorizations/report_not_made/GA-9"
    override(engagement, "inconclusive", subject, procedure=step, clause="791.315(d)(5)")
    test = the_test(again(engagement)[step], subject)
    assert (test.outcome, test.automatic) == (Outcome.INCONCLUSIVE, "conforms")


def test_an_override_of_a_test_that_is_no_more_is_an_orphan(engagement: Engagement) -> None:
    override(engagement)
    again(engagement, POLICIES)
    assert not checked(engagement, "judgement_orphaned")

    def without(told: dict[str, Any]) -> None:
        told["tests"] = [test for test in told["tests"] if test["subject"] != SCREENING]

    in_result(engagement, POLICIES, without)
    assert checked(engagement, "judgement_orphaned") == [f"{POLICIES}/{CLAUSE} {SCREENING}"]
    (engagement.results / f"{POLICIES}.json").unlink()
    assert f"{POLICIES}/{CLAUSE} {SCREENING}" in checked(engagement, "judgement_orphaned")


def test_nobody_sets_another_outcome_or_another_end_over_somebody_elses_without_naming_it(
    engagement: Engagement,
) -> None:
    first = override(engagement)
    with pytest.raises(LedgerError, match=rf"M\. Okonjo judged .*--supersedes {first.seq}"):
        override(engagement, "inconclusive", **REVIEWER)
    with pytest.raises(LedgerError, match="--supersedes"):
        override(engagement, until=date(2030, 1, 1), **REVIEWER)
    assert override(engagement, "inconclusive", **REVIEWER, supersedes=first.seq).supersedes == first.seq
    with pytest.raises(LedgerError, match=r"Entry 7 is not the override in force .*; entry 2 is"):
        override(engagement, supersedes=7)
    with pytest.raises(LedgerError, match="there is none"):
        override(engagement, subject=ATTESTATIONS, supersedes=1)


def test_an_override_of_a_stored_result_is_told_in_the_reports_limitations(engagement: Engagement) -> None:
    override(engagement)
    again(engagement, POLICIES)
    assert [text for text in report_context(engagement)["limitations"] if "is the assessor's" in text]


# findings that the assessor drafted


def test_a_drafted_finding_is_among_the_results_numbered_with_its_own_file_and_in_the_report(
    engagement: Engagement,
) -> None:
    draft(engagement)
    after = again(engagement)
    [own] = after["drafted"].findings
    assert own.id == f"F-{sum(len(r.findings) for r in after.values()):02d}"
    assert (own.key, own.recommendations[0].addresses) == (DRAFTED, "cause")
    assert own.evidence == (EvidenceRef("E-0033", "page 1"), EvidenceRef("E-0028"))
    assert after["drafted"].conclusion is Outcome.EXCEPTION
    assert (engagement.results / "drafted.json").exists()
    assert DRAFTED in [test.subject for test in after["s315_recommendations"].tests]
    shown = report_context(engagement)
    assert own.id in [row["id"] for row in shown["findings"]]
    assert "Name an owner." in [row["text"] for row in shown["recommendations"]]
    assert not checked(engagement, "finding_incomplete")


def test_a_drafted_finding_changes_no_procedures_result(engagement: Engagement) -> None:
    before = {name: to_json(r) for name, r in results(engagement).items() if name != "s315_recommendations"}
    draft(engagement)
    after = again(engagement)
    assert {name: to_json(after[name]) for name in before} == before


@pytest.mark.parametrize("element", ["criteria", "cause", "effect", "recommendations"])
def test_an_element_of_a_drafted_finding_is_there_or_has_a_reason(engagement: Engagement, element: str) -> None:
    with pytest.raises(LedgerError, match=f"lacks {element}"):
        draft(engagement, **{element: None})
    assert not engagement.ledger.exists()
    draft(engagement, **{element: None}, absent={element: "Not known yet."})
    again(engagement)
    assert finding(engagement, DRAFTED).absent == {element: "Not known yet."}
    assert not checked(engagement, "finding_incomplete")


@pytest.mark.parametrize("element", ["code", "subject", "clauses", "title", "condition", "evidence"])
def test_no_reason_stands_for_what_a_finding_is_about(engagement: Engagement, element: str) -> None:
    with pytest.raises(LedgerError, match=f"lacks {element}"):
        draft(engagement, **{element: None}, absent={element: "Not known yet."})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"severity": "grave"}, "one of: high, medium, low"),
        ({"severity": None}, "one of: high, medium, low"),
        ({"evidence": ["E-0033", "E-0999 row 1"]}, "no item E-0999"),
        ({"evidence": "E-0999"}, "no item E-0999"),
        ({"clauses": ["791.315(d)(3)", "§791.315(d)(9)"]}, r"The rule has no §791.315\(d\)\(9\)"),
        ({"transactions": ["T-0"]}, "no transaction T-0 in the tables"),
        ({"evidence": [7]}, "`evidence` of a finding is a text or a list of texts"),
        ({"clauses": [" "]}, "`clauses` of a finding"),
        ({"title": 7}, "`title` of a finding is a text"),
        ({"transactions": {"a": 1}}, "`transactions` of a finding"),
        ({"recommendations": "Name an owner."}, "A recommendation of a finding has `text`"),
        ({"recommendations": [{"addresses": "cause"}]}, "A recommendation of a finding has `text`"),
        ({"recommendations": [{"text": "Do.", "addresses": "effect"}]}, "condition or cause"),
        ({"recommendations": [{"text": "Do.", "transactions": ["T-1"]}]}, "in words"),
        ({"cause": None, "absent": ["cause"]}, "`absent` of a finding says"),
        ({"cause": None, "absent": {"cause": ""}}, "`absent` of a finding says"),
    ],
)
def test_a_finding_that_could_not_be_read_again_is_refused_and_nothing_is_written(
    engagement: Engagement, changed: dict[str, Any], told: str
) -> None:
    with pytest.raises(LedgerError, match=told):
        draft(engagement, **changed)
    assert not engagement.ledger.exists()


def test_single_texts_stand_for_lists_of_one_and_a_clause_may_bear_its_sign(engagement: Engagement) -> None:
    id = str(open_assessment(engagement.root).facts.tables["transactions"]["transaction"].iloc[0])
    draft(engagement, clauses="§791.315(d)(3)", evidence="E-0033 page 1", transactions=id)
    own = again(engagement)["drafted"].findings[0]
    assert (own.clauses, own.evidence) == (("791.315(d)(3)",), (EvidenceRef("E-0033", "page 1"),))
    assert own.transactions == (id,)


def test_a_drafted_finding_is_drafted_anew_by_who_drafted_it_and_by_others_only_knowingly(
    engagement: Engagement,
) -> None:
    draft(engagement)
    draft(engagement, effect="Nobody would see it.")
    other = {**DRAFT, "effect": "None."}
    assessment = open_assessment(engagement.root)
    with pytest.raises(LedgerError, match=r"M\. Okonjo judged .*--supersedes 2"):
        desk.draft(assessment, other, because="So.", **REVIEWER)
    desk.draft(assessment, other, because="So.", **REVIEWER, supersedes=2)
    again(engagement)
    assert finding(engagement, DRAFTED).effect == "None."


def test_a_withdrawn_finding_leaves_the_results_and_its_file(engagement: Engagement) -> None:
    draft(engagement)
    own = again(engagement)["drafted"].findings[0]
    assessment = open_assessment(engagement.root)
    desk.withdraw(assessment, own.id, because="It was the old server.", **REVIEWER)
    with pytest.raises(LedgerError, match=r"was withdrawn by C\. Merrow"):
        desk.withdraw(assessment, own.id, because="It was the old server.", **LEAD)
    assert "drafted" not in again(engagement)
    assert not (engagement.results / "drafted.json").exists()
    with pytest.raises(LedgerError, match="There is no finding"):
        desk.withdraw(assessment, own.id, because="Again.", **LEAD)


def test_a_drafted_finding_can_be_withdrawn_by_its_key_before_it_is_among_the_results(engagement: Engagement) -> None:
    draft(engagement)
    desk.withdraw(open_assessment(engagement.root), DRAFTED, because="A slip.", **LEAD)
    assert "drafted" not in again(engagement)


def test_a_procedures_finding_is_not_withdrawn_but_its_test_overridden(engagement: Engagement) -> None:
    for name in ("F-01", f"{POLICIES}/control_not_operating/{SCREENING}"):
        with pytest.raises(LedgerError, match="is a procedure's; override the test"):
            desk.withdraw(open_assessment(engagement.root), name, because="So.", **LEAD)
    assert not engagement.ledger.exists()


def test_a_drafted_findings_outcome_is_not_overridden_but_the_finding_withdrawn(engagement: Engagement) -> None:
    draft(engagement)
    again(engagement)
    with pytest.raises(LedgerError, match="withdraw it"):
        override(engagement, "inconclusive", DRAFT["subject"], procedure="drafted", clause="791.315(d)(3)")


# answers that are stale


def test_every_result_that_rests_on_a_stale_answer_says_so_until_it_is_confirmed(engagement: Engagement) -> None:
    resting, others = ("s303_software", "s301_scope", "s315_recommendations"), ("s314_confidentiality", "s315_assessor")
    shown = Draft(
        "answer", "legacy_line_day", "tq-mixer", "yes", "At noon.", "A", "lead", "0" * 64, at="2026-11-01T08:00:00Z"
    )
    judgements.append(engagement.ledger, [shown])  # on facts that are others now
    again(engagement, *resting[:2], *others)
    found = again(engagement)
    for name in resting:
        assert gone(found[name]) == [
            "The answer “yes” to legacy_line_day/tq-mixer (A, 2026-11-01) no longer counts: the facts under it have changed. What rests on it "
            "is concluded as if nobody had answered, until it is confirmed or changed."
        ]
    assert not [name for name in others if gone(found[name])]
    assert sum("legacy_line_day" in told for told in report_context(engagement)["limitations"]) == 1
    desk.answer(open_assessment(engagement.root), "legacy_line_day", "tq-mixer", "yes", because="At noon.", **LEAD)
    again(engagement, *resting[:2])
    assert not [name for name, result in again(engagement).items() if gone(result)]


# management's responses


def test_a_response_by_number_or_key_is_in_the_report_and_changes_no_result(engagement: Engagement) -> None:
    about = finding(engagement, f"{POLICIES}/control_not_operating/{ATTESTATIONS}")
    before = {name: to_json(r) for name, r in results(engagement).items()}
    assert respond(engagement, about.id, "partly", "Two were found.", on=date(2026, 11, 13)).subject == about.key
    shown = [row for row in report_context(engagement)["responses"] if row["finding"] == about.id]
    assert [(row["by"], row["date"], row["text"]) for row in shown] == [
        ("R. Halloran", "13 November 2026", "Two were found.")
    ]
    respond(engagement, about.key, "disagrees", "All were found.", on=date(2026, 11, 14))
    shown = [row for row in report_context(engagement)["responses"] if row["finding"] == about.id]
    assert [(row["agrees"], row["text"]) for row in shown] == [("disagrees", "All were found.")]
    [row] = [row for row in report_context(engagement)["findings"] if row["id"] == about.id]
    assert "Management disagrees (R. Halloran, 14 November 2026): All were found." in row["response"]
    assert {name: to_json(r) for name, r in again(engagement, POLICIES).items()} == before


def test_a_response_in_the_ledger_counts_before_that_of_the_terms_on_the_same_finding(engagement: Engagement) -> None:
    key = f"{POLICIES}/control_not_operating/{SCREENING}"
    in_terms = engagement.terms().responses
    assert [r["agrees"] for r in in_terms if r["finding"] == key] == [False]
    respond(engagement, key, "agrees", "We found no record.")
    merged = open_assessment(engagement.root).terms.responses
    assert [(r["agrees"], r["text"]) for r in merged if r["finding"] == key] == [(True, "We found no record.")]
    assert len(merged) == len(in_terms)


def test_a_response_is_stale_when_its_finding_changes_and_an_orphan_when_it_is_gone(engagement: Engagement) -> None:
    key = f"{POLICIES}/control_not_operating/{ATTESTATIONS}"

    def change(**values: str) -> None:
        in_result(engagement, POLICIES, lambda told: told["findings"][1].update(values))

    respond(engagement, key)
    change(effect="Nobody would see it.")  # management is not asked about the effect
    assert not checked(engagement, "judgement_stale")
    assert changed_since(engagement) == []
    change(condition="Three attestations have expired.")
    assert checked(engagement, "judgement_stale") == [key]
    assert changed_since(engagement) == [finding(engagement, key).id] * 2
    assert "show it to management again" in messages(engagement, "judgement_stale")[0]
    respond(engagement, key)
    assert not checked(engagement, "judgement_stale")
    assert changed_since(engagement) == []
    change(code="lapsed")
    assert checked(engagement, "judgement_orphaned") == [key]


@pytest.mark.parametrize(
    ("about", "agrees", "text", "told"),
    [
        ("F-99", "agrees", "Yes.", "no finding `F-99`; there are: F-01"),
        ("F-01", "perhaps", "Yes.", "`perhaps` is no position of management; use one of: agrees, disagrees, partly"),
        ("F-01", "agrees", " ", "needs its words"),
    ],
)
def test_a_response_that_cannot_stand_is_refused_and_nothing_is_written(
    engagement: Engagement, about: str, agrees: str, text: str, told: str
) -> None:
    with pytest.raises(LedgerError, match=told):
        respond(engagement, about, agrees, text)
    assert not engagement.ledger.exists()


def test_who_contradicts_a_response_of_somebody_else_names_it(engagement: Engagement) -> None:
    respond(engagement, "F-01")
    other = {"by": "P. Ashworth"}
    with pytest.raises(LedgerError, match="--supersedes 1"):
        respond(engagement, "F-01", "disagrees", "No.", **other)
    assert respond(engagement, "F-01", "agrees", "So do I.", **other).seq == 2
    assert respond(engagement, "F-01", "disagrees", "No.", by="R. Halloran", supersedes=2).seq == 3


# departures


def test_a_departure_is_told_in_the_reports_limitations_and_changes_no_result(engagement: Engagement) -> None:
    before = {name: to_json(r) for name, r in results(engagement).items()}
    assessment = open_assessment(engagement.root)
    desk.depart(
        assessment,
        "The Mexican plant was not visited.",
        "Its controls rest on papers.",
        because="It was closed.",
        **LEAD,
    )
    told = (
        "Departure from the method: The Mexican plant was not visited. Reason: It was closed. "
        "Effect: Its controls rest on papers (M. Okonjo, "
    )
    assert [text for text in report_context(engagement)["limitations"] if text.startswith(told)]
    assert {name: to_json(r) for name, r in again(engagement).items()} == before


@pytest.mark.parametrize(
    ("what", "effect", "because"), [(" ", "None.", "So."), ("Not visited.", " ", "So."), ("Not visited.", "None.", "")]
)
def test_a_departure_needs_what_why_and_its_effect(
    engagement: Engagement, what: str, effect: str, because: str
) -> None:
    with pytest.raises(LedgerError):
        desk.depart(open_assessment(engagement.root), what, effect, because=because, **LEAD)
    assert not engagement.ledger.exists()


# what makes results count as out of date


def test_an_answer_an_override_and_a_draft_make_results_out_of_date_and_nothing_else_does(
    engagement: Engagement,
) -> None:
    assessment = open_assessment(engagement.root)
    assert not checked(engagement, "not_run")
    desk.note(assessment, "report", "Read it once more.", **REVIEWER)
    respond(engagement, "F-01")
    desk.depart(assessment, "No visit.", "None.", because="Closed.", **LEAD)
    assert not checked(engagement, "not_run")
    for change in (
        lambda: desk.answer(assessment, "directly_enables", "PilotStack ADS", "yes", because="It drives.", **LEAD),
        lambda: override(engagement),
        lambda: draft(engagement),
    ):
        before = judgements.read(engagement.ledger).digest
        change()
        assert judgements.read(engagement.ledger).digest != before
    assert checked(engagement, "not_run")


def test_a_judgement_of_a_kind_that_does_not_exist_is_never_written(engagement: Engagement) -> None:
    with pytest.raises(LedgerError, match="no entries of the kind"):
        judgements.append(
            engagement.ledger, [dataclasses.replace(Draft("note", "q", "s", "a", "b", "c", "d"), kind="x")]
        )
    assert not engagement.ledger.exists()
    assert check.check(engagement)["explained"] == []
