"""The form for evidence requests: what it shows, what it records, and what it refuses."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
import xlsxwriter

from assessor import desk, judgements, open_assessment, review
from assessor.engagement import Engagement
from assessor.judgements import Entry
from assessor.requests import Request
from assessor.review import requesting
from tests.review.driving import links, message, press, widgets
from tests.working import LEAD, again, in_result

DUE = date(2026, 12, 7)
FILE = "R-03 A&amp;B.txt"


def request(root: Path, id: str) -> Request:
    return next(one for one in open_assessment(root).requests() if one.id == id)


def last(root: Path) -> Entry:
    return judgements.read(Engagement(root).ledger).entries[-1]


class Form:
    """The form with its fields by name."""

    def __init__(self, root: Path, name: str = "Q. Driver", chosen: str = "") -> None:
        self.shown = review.open(root, name, "lead").requests()
        [self.list] = widgets(self.shown, ipywidgets.Select)
        [self.state] = widgets(self.shown, ipywidgets.RadioButtons)
        [self.because] = widgets(self.shown, ipywidgets.Textarea)
        [self.due] = widgets(self.shown, ipywidgets.DatePicker)
        texts = {one.description: one for one in widgets(self.shown, ipywidgets.Text)}
        self.items, self.returned = texts["Items"], texts["Returned list"]
        if chosen:
            self.list.value = request(root, chosen).key

    @property
    def material(self) -> str:
        return next(one.value for one in widgets(self.shown, ipywidgets.HTML) if "<h4" in one.value)

    @property
    def boxes(self) -> list[Any]:
        return widgets(self.shown, ipywidgets.Checkbox)

    def label(self) -> str:
        return str(next(label for label, key in self.list.options if key == self.list.value))

    def record(self) -> str:
        press(self.shown, "Record state")
        return message(self.shown)


def test_a_request_is_shown_with_why_for_whom_until_when_and_what_may_answer_it(later: Path) -> None:
    form = Form(later, chosen="R-03")
    assert form.label().startswith("? R-03 (open, a file may answer it): The supplier of 4 components")
    for words in ("§791.301 covered software: ", "usb-mediator", "2026-12-07", "no entry of the ledger yet"):
        assert words in form.material
    assert "its name begins with the number of the request" in form.material
    assert "R-03 A&amp;amp;B.txt" in form.material
    [box] = form.boxes
    assert box.description == f"E-0042 {FILE}" and box.value is False
    assert form.state.value is None  # nothing is proposed
    [opened] = links(form.shown)
    assert 'href="../evidence/002-' in opened and "R-03 A&amp;amp;B.txt" in opened


def test_a_state_is_recorded_with_items_that_are_ticked_and_typed_and_stays_chosen(later: Path) -> None:
    form = Form(later, chosen="R-03")
    form.state.value, form.boxes[0].value, form.items.value = "received", True, "E-0004; E-0042,E-0005"
    form.due.value, form.because.value = date(2027, 1, 15), "It names <b>all</b> of them."
    named = [one.value for one in widgets(form.shown, ipywidgets.HTML)]
    assert any("E-0004: 02 Software/tcu7-telematics.cdx.json" in value for value in named)
    assert "Recorded as entry" in form.record()
    entry = last(later)
    assert (entry.kind, entry.answer, entry.by, entry.role) == ("request", "received", "Q. Driver", "lead")
    assert entry.details == {"items": ["E-0042", "E-0004", "E-0005"], "due": "2027-01-15"}
    assert request(later, "R-03").standing == "received: E-0042, E-0004, E-0005"
    assert form.label().startswith("✓ R-03 (received): ") and form.state.value == "received"
    assert "received (E-0042, E-0004, E-0005), due 2027-01-15, Q. Driver (lead)" in form.material
    assert "&lt;b&gt;all&lt;/b&gt;" in form.material
    assert (form.items.value, form.due.value, form.because.value) == ("", None, "")


@pytest.mark.parametrize(
    ("state", "items", "because", "said"),
    [
        (None, "", "So.", "Say in which state R-04 is; choose among received, insufficient, withdrawn, open."),
        ("received", "", "So.", "Say which items answer R-04"),
        ("received", "E-9999", "So.", "The register has no item E-9999"),
        ("withdrawn", "E-0004", "So.", "Items are named for a request that is received or insufficient"),
        ("withdrawn", "", " ", "needs a rationale"),
    ],
)
def test_what_cannot_be_recorded_is_said_in_a_sentence_and_what_was_typed_stays(
    engagement: Path, state: str | None, items: str, because: str, said: str
) -> None:
    before = last(engagement)
    form = Form(engagement, chosen="R-04")
    form.state.value, form.items.value, form.because.value = state, items, because
    assert said in form.record()
    assert (form.state.value, form.items.value, form.because.value) == (state, items, because)
    assert last(engagement) == before


def test_those_that_need_somebody_stand_first(later: Path) -> None:
    work = open_assessment(later)
    desk.request(work, "R-06", "insufficient", because="Half of it.", due=date(2026, 11, 30), **LEAD)
    desk.request(work, "R-01", "withdrawn", because="It is nothing.", **LEAD)
    listed = requesting.in_order(work, date(2026, 12, 1))
    assert [one.id for one in listed][:3] == ["R-06", "R-03", "R-02"] and listed[-1].id == "R-01"
    table = requesting.requesting(work, review.open(later)._person, date(2026, 12, 1))._repr_mimebundle_()
    assert "insufficient; overdue" in table["text/html"] and "Half of it." in table["text/html"]
    assert table["text/plain"] == "Evidence requests: 18 of 19 outstanding, 1 overdue."
    shown = requesting.requesting(work, review.open(later)._person, date(2026, 12, 1))
    labels = [label for label, _ in widgets(shown, ipywidgets.Select)[0].options]
    assert labels[0].startswith("! R-06 (insufficient, overdue): ") and labels[-1].startswith("– R-01 (withdrawn): ")
    assert any("2026-11-30, 1 day ago" in one.value for one in widgets(shown, ipywidgets.HTML))


def test_a_request_is_overdue_the_day_after_its_day_while_it_is_outstanding(made: Path) -> None:
    one = request(made, "R-03")
    assert one.due == DUE
    assert [one.overdue(date(2026, 12, day)) for day in (6, 7, 8)] == [False, False, True]
    assert not dataclasses.replace(one, state="received").overdue(date(2027, 1, 1))
    assert not dataclasses.replace(one, due=None).overdue(date(2027, 1, 1))


def test_nobody_overrules_what_was_recorded_since_the_form_showed_the_request(engagement: Path) -> None:
    form = Form(engagement, chosen="R-04")
    desk.request(open_assessment(engagement), "R-04", "withdrawn", because="It left the list.", **LEAD)
    form.state.value, form.because.value = "open", "Still needed."
    assert "R-04 has changed since it was shown; look at it again, then record." in form.record()
    assert last(engagement).because == "It left the list." and "It left the list." in form.material
    assert (form.state.value, form.because.value) == ("open", "Still needed.")
    assert "Recorded as entry" in form.record()
    assert "Still needed." in form.material and "It left the list." in form.material


def test_a_request_that_asks_something_else_since_is_shown_before_it_can_be_recorded(engagement: Path) -> None:
    form = Form(engagement, chosen="R-04")
    procedure = request(engagement, "R-04").procedures[0]

    def reword(told: dict[str, Any]) -> None:
        [asked] = [each for each in told["requests"] if each["subjects"] == ["Arbor Ring B.V."]]
        asked["what"] = "Something else"

    in_result(Engagement(engagement), procedure, reword)
    form.state.value, form.because.value = "withdrawn", "So."
    assert "R-04 has changed since it was shown" in form.record() and "R-04: Something else" in form.material


def test_a_state_that_lapsed_is_marked_and_what_nothing_asks_any_more_cannot_be_recorded(engagement: Path) -> None:
    desk.request(open_assessment(engagement), "R-04", "received", items=["E-0004"], because="So.", **LEAD)
    procedure = request(engagement, "R-04").procedures[0]
    in_result(
        Engagement(engagement),
        procedure,
        lambda told: [each.update(what="Something else") for each in told["requests"]],
    )
    form = Form(engagement, chosen="R-04")
    assert form.label().startswith("! R-04 (open, what is asked has changed): ") and form.state.value is None
    assert "what is asked has changed since" in form.material
    in_result(Engagement(engagement), procedure, lambda told: told.update(requests=[]))
    again(Engagement(engagement))
    form = Form(engagement, chosen="R-04")
    assert form.label().startswith("○ R-04 (received: E-0004, no longer asked): ")
    [button] = [one for one in widgets(form.shown, ipywidgets.Button) if one.description == "Record state"]
    assert button.disabled and "there is nothing to record" in form.material


def test_what_the_client_wrote_into_a_returned_list_stands_beside_its_request_and_records_nothing(later: Path) -> None:
    one, before = request(later, "R-04"), last(later)
    with xlsxwriter.Workbook(str(later / "back.xlsx"), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Evidence requests")
        head = ["request", "what is missing", "for", "files, or why there are none", "date", "by", "remark"]
        told = ["R-04", one.what, "; ".join(one.subjects), "see E-0005 <b>", "2026-12-01", "R. H.", "=1+1"]
        other = ["R-99", "Another thing", "x", "sent by post", "", "", ""]
        for number, row in enumerate((head, told, other)):
            sheet.write_row(number, 0, row)
    form = Form(later, chosen="R-04")
    for named, said in (
        ("", "Name the returned list"),
        ("none.xlsx", "There is no file"),
        ("E-0004", "cannot be read as a request list"),
    ):
        form.returned.value = named
        press(form.shown, "Look into it")
        assert said in message(form.shown)
    form.returned.value = "back.xlsx"
    press(form.shown, "Look into it")
    assert "2 rows with an answer; nothing is recorded." in message(form.shown)
    assert "the client wrote" in form.label() and "see E-0005 &lt;b&gt;; date: 2026-12-01" in form.material
    assert [box.description.split()[0] for box in form.boxes] == ["E-0005"]
    table = next(one.value for one in widgets(form.shown, ipywidgets.HTML) if "<caption>" in one.value)
    assert "none of now" in table and "received: E-0005" in table and "=1+1" in table
    assert last(later) == before


def test_a_delivery_that_came_while_the_form_was_open_can_be_named(later: Path, tmp_path: Path) -> None:
    from assessor.evidence import package

    form = Form(later, chosen="R-04")
    assert form.shown  # the assessment behind it has read the register of before
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "list.txt").write_text("y")
    package.take_in(later, tmp_path / "third", received=date(2026, 11, 28), supplied_by="Client", custodian="")
    form.state.value, form.items.value, form.because.value = "received", "E-0044", "It came."
    assert "Recorded as entry" in form.record()
