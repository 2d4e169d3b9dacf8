"""The form for pages that are pictures: which pages, what is recorded, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets

from assessor import desk, judgements, open_assessment, review
from assessor.engagement import Engagement
from assessor.run import run
from tests.review.driving import links, message, press, widgets
from tests.working import LEAD, in_register

ITEM = "E-0043"
HOW = "On the screen, letter by letter."


class Form:
    """The form with its fields by name."""

    def __init__(self, root: Path, name: str = "Q. Driver") -> None:
        self.shown = review.open(root, name, "lead").readings()
        [self.list] = widgets(self.shown, ipywidgets.Select)
        self.text, self.because = widgets(self.shown, ipywidgets.Textarea)
        [self.aside] = widgets(self.shown, ipywidgets.Checkbox)

    @property
    def material(self) -> str:
        return next(one.value for one in widgets(self.shown, ipywidgets.HTML) if "<h4" in one.value)

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in self.list.options]

    def record(self, text: str, because: str = HOW) -> str:
        self.text.value, self.because.value = text, because
        press(self.shown, "Record reading")
        return message(self.shown)


def test_a_page_is_chosen_read_and_from_the_next_run_on_text_of_the_item(later: Path) -> None:
    form = Form(later)
    assert form.labels == [f"? {ITEM} page {number} (unread): scan &lt;.pdf" for number in (1, 2)]
    form.list.value = f"{ITEM} page 2"
    assert "pages 1-2 are pictures without text" in form.material
    assert "scan &amp;lt;.pdf" in form.material and form.aside.layout.display == "none"
    [opened] = links(form.shown)
    assert '#page=2">' in opened
    assert "Recorded as entry" in form.record("Every supplier\nis <b>checked</b>.")
    entry = judgements.read(Engagement(later).ledger).entries[-1]
    assert (entry.kind, entry.question, entry.subject) == ("reading", ITEM, "page 2")
    assert entry.details == {"text": "Every supplier\nis <b>checked</b>."} and entry.because == HOW
    assert form.labels[1].startswith(f"✓ {ITEM} page 2 (read)") and form.list.value == f"{ITEM} page 2"
    assert "is &lt;b&gt;checked&lt;/b&gt;" in form.material
    run(Engagement(later), notebooks=False)
    passages: Any = open_assessment(later).facts.tables["passages"]
    assert list(passages[passages["source"] == ITEM]["locator"]) == ["page 2", "page 2"]
    assert Form(later).labels == form.labels  # page 2 is no longer told as unseen, and can still be looked at
    assert desk.pages(open_assessment(later))[1].reading == entry


def test_a_reading_in_force_can_be_mended_and_what_is_none_is_refused(later: Path) -> None:
    form = Form(later)
    assert f"Say what page 1 of {ITEM} says" in form.record(" ")
    assert "needs a rationale" in form.record("One", because="")
    assert form.text.value == "One"
    assert "Recorded" in form.record("One") and form.text.value == "One"
    assert "Recorded" in form.record("Two")
    [page, _] = desk.pages(open_assessment(later))
    assert [entry.details["text"] for entry in page.readings] == ["One", "Two"]


def test_two_who_read_otherwise_are_told_so_and_one_is_put_aside_knowingly(later: Path) -> None:
    form = Form(later)
    desk.read(open_assessment(later), ITEM, 1, "One", because=HOW, **LEAD)
    assert "M. Okonjo judged" in form.record("Other")
    assert form.text.value == "Other" and "One" in form.material and form.aside.layout.display == ""
    form.aside.value = True
    assert "Recorded" in form.record("Other")
    [page, _] = desk.pages(open_assessment(later))
    assert page.reading and (page.reading.details["text"], page.reading.supersedes) == ("Other", page.readings[0].seq)


def test_a_reading_of_another_file_leaves_the_page_unread(later: Path) -> None:
    desk.read(open_assessment(later), ITEM, 1, "One", because=HOW, **LEAD)
    in_register(Engagement(later), ITEM, sha256="0" * 64)
    form = Form(later)
    assert form.labels[0].startswith(f"? {ITEM} page 1 (unread)") and form.text.value == ""
    assert "of another file" in form.material


def test_where_no_kernel_lives_pages_and_what_was_read_stand_in_a_table(later: Path) -> None:
    desk.read(open_assessment(later), ITEM, 2, "Two <b>" + "x" * 400, because=HOW, **LEAD)
    bundle = review.open(later).readings()._repr_mimebundle_()
    assert bundle["text/plain"] == "Pages that are pictures without text: 1 of 2 not read by anybody."
    assert "Pages to read by hand (2 rows)" in bundle["text/html"] and "Two &lt;b&gt;x" in bundle["text/html"]
    assert "x" * 300 not in bundle["text/html"] and "M. Okonjo (engagement lead)" in bundle["text/html"]


def test_without_pictures_there_is_nothing_to_read(made: Path) -> None:
    shown = review.open(made).readings()
    assert "none." in shown._repr_mimebundle_()["text/html"] and not widgets(shown, ipywidgets.Button)
