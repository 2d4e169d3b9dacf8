"""Workpapers signed by their preparer and their reviewer, and the notes of a review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from assessor import check, desk, files, judgements, open_assessment, signing, workpapers
from assessor.assessment import inputs_digest
from assessor.engagement import Engagement
from assessor.errors import LedgerError
from assessor.judgements import Draft, Entry
from assessor.run import run
from tests.working import LEAD, REVIEWER, checked, finding, messages, workpaper

SCOPE = "02_scope"
PREPARED, REVIEWED = signing.AS
KEY = "s315_policies/control_not_operating/supplier attestations in force"


@pytest.fixture
def signable(engagement: Engagement) -> Engagement:
    """An engagement with one executed workpaper."""
    workpaper(engagement)
    return engagement


def sign(engagement: Engagement, way: str, name: str = SCOPE, **signed: Any) -> Entry:
    signed = signed or {PREPARED: LEAD, REVIEWED: REVIEWER}[way]
    return desk.sign(open_assessment(engagement.root), name, way, **signed)


def note(engagement: Engagement, place: str = SCOPE, text: str = "See table 2 again.") -> Entry:
    return desk.note(open_assessment(engagement.root), place, text, **REVIEWER)


def standing(engagement: Engagement) -> signing.Standing:
    [found] = signing.standings(engagement, judgements.read(engagement.ledger))
    return found


def entries(engagement: Engagement) -> int:
    return len(judgements.read(engagement.ledger).entries)


def test_a_workpaper_is_signed_as_prepared_and_then_as_reviewed(signable: Engagement) -> None:
    assert checked(signable, "unsigned") == [SCOPE]
    assert messages(signable, "unsigned")[0].startswith("It is not signed as prepared and reviewed; sign it with")
    entry = sign(signable, PREPARED)
    assert entry.facts_digest == files.sha256(signable.workpapers / f"{SCOPE}.ipynb")
    assert messages(signable, "unsigned")[0].startswith("It is not signed as reviewed;")
    sign(signable, REVIEWED, **REVIEWER, because="Traced table 2 to the ledger.")
    assert not checked(signable, "unsigned")
    now = standing(signable)
    assert now.prepared is not None and now.reviewed is not None
    assert (now.prepared.by, now.reviewed.by, now.undone) == ("M. Okonjo", "C. Merrow", ())
    assert now.reviewed.because == "Traced table 2 to the ledger."


def test_the_status_tells_who_signed_and_what_is_open(signable: Engagement) -> None:
    sign(signable, PREPARED)
    number = note(signable).seq
    told = check.status(signable)
    assert told["workpapers"] == [
        {
            "workpaper": SCOPE,
            "prepared": "M. Okonjo",
            "reviewed": "",
            "changed_since_signed": [],
            "open_notes": [number],
        }
    ]
    assert {"unsigned", "note_open"} <= {problem["code"] for problem in told["problems"]}


@pytest.mark.parametrize(
    "name",
    ["M. Okonjo", "m. okonjo", "M.  OKONJO ", "M Okonjo", "M.Okonjo", "Okonjo, M.", "M. Okónjo", "\tM.\u00a0Ｏkonjo"],
)
def test_who_prepared_it_does_not_review_it_however_the_name_is_spelt(signable: Engagement, name: str) -> None:
    sign(signable, PREPARED)
    with pytest.raises(LedgerError, match=r"prepared 02_scope; somebody else reviews it"):
        sign(signable, REVIEWED, by=name, role="quality review")
    assert entries(signable) == 1


@pytest.mark.parametrize("name", ["N. Okonjo", "M. Okonjoh", "C. Merrow", "青岚"])
def test_somebody_with_another_name_reviews_it(signable: Engagement, name: str) -> None:
    sign(signable, PREPARED)
    assert sign(signable, REVIEWED, by=name, role="quality review").by == name


def test_nobody_reviews_what_nobody_has_prepared(signable: Engagement) -> None:
    with pytest.raises(LedgerError, match="Nobody has signed 02_scope as prepared, as it is now"):
        sign(signable, REVIEWED)
    sign(signable, PREPARED)
    workpaper(signable, text="two")
    with pytest.raises(LedgerError, match="as it is now"):
        sign(signable, REVIEWED)
    assert entries(signable) == 1


def test_another_preparer_does_not_make_a_reviewer_of_the_first_one(signable: Engagement) -> None:
    sign(signable, PREPARED)
    sign(signable, PREPARED, by="A. Feldhaus", role="software")
    with pytest.raises(LedgerError, match="somebody else reviews it"):
        sign(signable, REVIEWED, **LEAD)


def test_who_reviewed_it_does_not_sign_it_as_prepared_afterwards(signable: Engagement) -> None:
    sign(signable, PREPARED)
    sign(signable, REVIEWED)
    with pytest.raises(LedgerError, match=r"C\. Merrow reviewed 02_scope; somebody else prepares it"):
        sign(signable, PREPARED, **REVIEWER)
    assert not checked(signable, "same_person")


def test_a_workpaper_that_changed_since_is_unsigned_and_tells_who_signed_before(signable: Engagement) -> None:
    sign(signable, PREPARED)
    sign(signable, REVIEWED)
    workpaper(signable, text="two")
    assert checked(signable, "unsigned") == [SCOPE]
    told = messages(signable, "unsigned")[0]
    assert "not signed as prepared and reviewed; it changed after M. Okonjo signed it and C. Merrow signed it" in told
    assert [entry.by for entry in standing(signable).undone] == ["M. Okonjo", "C. Merrow"]
    assert check.status(signable)["workpapers"][0]["changed_since_signed"] == ["M. Okonjo", "C. Merrow"]
    sign(signable, PREPARED)
    sign(signable, REVIEWED)
    assert not checked(signable, "unsigned")


def test_a_workpaper_as_it_was_again_has_the_signatures_that_it_had(signable: Engagement) -> None:
    sign(signable, PREPARED)
    sign(signable, REVIEWED)
    workpaper(signable, text="two")
    sign(signable, PREPARED)
    workpaper(signable, text="one")
    now = standing(signable)
    assert now.prepared is not None and now.reviewed is not None
    assert (now.prepared.seq, now.reviewed.seq, now.undone) == (1, 2, ())


def test_a_ledger_in_which_one_person_did_both_is_told(signable: Engagement) -> None:
    digest = files.sha256(signable.workpapers / f"{SCOPE}.ipynb")
    names = {PREPARED: "M. Okonjo", REVIEWED: "m okonjo"}
    drafts = [Draft("sign_off", way, SCOPE, "signed", "So.", by, "lead", digest) for way, by in names.items()]
    judgements.append(signable.ledger, drafts)
    assert checked(signable, "same_person") == [SCOPE]
    assert not checked(signable, "unsigned")
    workpaper(signable, text="two")
    assert not checked(signable, "same_person")


@pytest.mark.parametrize(
    ("name", "way", "signed", "told"),
    [
        ("03_suppliers", PREPARED, LEAD, "no executed workpaper `03_suppliers`; there are: 02_scope"),
        ("02_scope.ipynb", PREPARED, LEAD, "no executed workpaper"),
        (SCOPE, "approved", LEAD, "signed as one of: prepared, reviewed"),
        (SCOPE, PREPARED, {"by": " ", "role": "lead"}, "needs a person"),
    ],
)
def test_a_signature_that_cannot_stand_is_refused_and_nothing_is_written(
    signable: Engagement, name: str, way: str, signed: dict[str, Any], told: str
) -> None:
    with pytest.raises(LedgerError, match=told):
        sign(signable, way, name, **signed)
    assert not signable.ledger.exists()


def test_without_workpapers_there_is_nothing_to_sign_and_nothing_unsigned(engagement: Engagement) -> None:
    assert not checked(engagement, "unsigned")
    with pytest.raises(LedgerError, match="there are: none yet"):
        sign(engagement, PREPARED)


def test_a_workpaper_that_failed_is_not_signed(engagement: Engagement) -> None:
    workpaper(engagement, "02_scope.failed")
    assert not checked(engagement, "unsigned")


# notes


def test_an_open_note_stands_in_the_check_until_it_is_cleared(engagement: Engagement) -> None:
    number = note(engagement, "report").seq
    assert checked(engagement, "note_open") == [f"report (entry {number})"]
    assert "C. Merrow: See table 2 again. Clear it with" in messages(engagement, "note_open")[0]
    desk.clear(open_assessment(engagement.root), number, "Table 2 was right.", **LEAD)
    assert not checked(engagement, "note_open")


def test_open_notes_on_a_workpaper_stand_against_its_reviewers_signature_alone(signable: Engagement) -> None:
    number = note(signable).seq
    note(signable, "report")
    sign(signable, PREPARED)
    with pytest.raises(LedgerError, match=rf"Notes on 02_scope are open \(entries {number}\)"):
        sign(signable, REVIEWED)
    desk.clear(open_assessment(signable.root), number, "It was right.", **LEAD)
    assert sign(signable, REVIEWED).question == REVIEWED


def test_a_note_is_put_on_a_finding_a_question_an_item_or_the_report(engagement: Engagement) -> None:
    about = finding(engagement, KEY)
    for place, kept in (
        (about.id, KEY),
        (KEY, KEY),
        ("directly_enables/PilotStack ADS", "directly_enables/PilotStack ADS"),
        ("E-0033", "E-0033"),
        (signing.REPORT, signing.REPORT),
    ):
        assert note(engagement, place).subject == kept
    assert len(checked(engagement, "note_open")) == 5


@pytest.mark.parametrize(
    ("place", "text", "told"),
    [
        ("pilotstack", "See.", r"no `pilotstack` .* did you mean directly_enables/PilotStack ADS"),
        ("F-99", "See.", "no `F-99` to note something on; name one of"),
        ("E-0033", " ", "note on review_note/E-0033 needs its words"),
    ],
)
def test_a_note_that_cannot_stand_is_refused_and_nothing_is_written(
    engagement: Engagement, place: str, text: str, told: str
) -> None:
    with pytest.raises(LedgerError, match=told):
        note(engagement, place, text)
    assert not engagement.ledger.exists()


def test_only_a_note_that_is_open_is_cleared(engagement: Engagement) -> None:
    assessment = open_assessment(engagement.root)
    with pytest.raises(LedgerError, match="no open note 1; open are: none"):
        desk.clear(assessment, 1, "So.", **LEAD)
    first, second = (note(engagement, "report").seq for _ in range(2))
    desk.clear(assessment, first, "So.", **LEAD)
    for number in (first, 99):
        with pytest.raises(LedgerError, match=f"no open note {number}; open are: {second}"):
            desk.clear(assessment, number, "Again.", **LEAD)
    with pytest.raises(LedgerError, match="needs its words"):
        desk.clear(assessment, second, "", **LEAD)
    assert entries(engagement) == 3


# what a signature is not


def test_a_signature_and_a_note_change_no_input_and_make_nothing_out_of_date(signable: Engagement) -> None:
    before = inputs_digest(signable)
    sign(signable, PREPARED)
    desk.clear(open_assessment(signable.root), note(signable).seq, "So.", **LEAD)
    sign(signable, REVIEWED)
    assert inputs_digest(signable) == before
    assert not checked(signable, "not_run")
    assert "s301_scope" in check.status(signable)["conclusions"]


def test_a_run_after_signing_leaves_the_signatures_where_nothing_changed(signable: Engagement) -> None:
    sign(signable, PREPARED)
    sign(signable, REVIEWED)
    told = run(signable, notebooks=False)
    assert told.ran == ()
    assert not checked(signable, "unsigned")


def test_the_same_notebook_executed_again_has_the_same_bytes_so_that_it_stays_signed(tmp_path: Path) -> None:
    cells = [new_code_cell('engagement = ".."', metadata={"tags": ["parameters"]}, id="a"), new_code_cell("1", id="b")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "02.ipynb")
    made = []
    for _ in range(2):
        workpapers.execute(
            tmp_path / "02.ipynb", tmp_path / "02_scope.ipynb", {"engagement": ".."}, lambda: "# Heading"
        )
        made.append((tmp_path / "02_scope.ipynb").read_bytes())
    assert made[0] == made[1]


# any order

PEOPLE = ("M. Okonjo", "C. Merrow", "m okonjo")
STEP = st.one_of(
    st.tuples(st.sampled_from(signing.AS), st.sampled_from(PEOPLE)), st.tuples(st.just("write"), st.sampled_from("abc"))
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, max_size=8))
def test_in_any_order_of_signing_and_changing_a_signature_is_of_the_version_that_is_there(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    engagement = Engagement(tmp_path_factory.mktemp("signed"))
    workpaper(engagement, text="a")
    text, signed = "a", dict[tuple[str, str], list[str]]()
    for what, told in steps:
        before = entries(engagement)
        if what == "write":
            text = told
            workpaper(engagement, text=text)
            continue
        try:
            signing.sign(engagement, SCOPE, what, by=told, role="")
        except LedgerError:
            assert entries(engagement) == before
            continue
        signed.setdefault((text, what), []).append(told)
    now = standing(engagement)
    for way, entry in ((PREPARED, now.prepared), (REVIEWED, now.reviewed)):
        by = signed.get((text, way))
        assert (entry.by if entry else None) == (by[-1] if by else None)
        undone = [each for each in now.undone if each.question == way]
        assert len(undone) == (entry is None and any(key[1] == way for key in signed))
    assert not (now.reviewed and not now.prepared)
    assert not signing.same_person(now)
