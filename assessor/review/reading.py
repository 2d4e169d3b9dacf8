"""The form for pages that are pictures without text: a person reads them, and what is typed counts as text of the page.

Each reading is one entry of the ledger by `desk.read`, bound to the digest of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from assessor import desk
from assessor.assessment import Assessment
from assessor.desk import Page
from assessor.evidence import register
from assessor.judgements import Entry
from assessor.ownership.figure.lettering import shown
from assessor.results import EvidenceRef
from assessor.review.parts import Leads, Message, Person, Shown, heading, lines, pairs
from assessor.workpapers import evidence_links, rows

_CHARACTERS = 300
"""Of a text that was read, in a row of the table."""


def reading(assessment: Assessment, person: Person) -> Shown:
    """The pages that are pictures, unread ones first; of the chosen one where it is and what was read on it, and the entry of its text."""
    import ipywidgets

    pages = in_order(assessment)
    static = rows([row(page) for page in pages], "Pages to read by hand", 500)._repr_html_()
    unread = sum(page.reading is None for page in pages)
    plain = f"Pages that are pictures without text: {unread} of {len(pages)} not read by anybody."
    if not pages:
        return Shown(ipywidgets.HTML(static), static, plain)
    return Shown(_Reading(assessment, person, pages).widget, static, plain)


def in_order(assessment: Assessment) -> list[Page]:
    """The pages that nobody has read first, otherwise in the order of the register."""
    return sorted(desk.pages(assessment), key=lambda page: page.reading is not None)


def row(page: Page) -> dict[str, str]:
    """A page as a row of a table."""
    entry = page.reading
    text = str(entry.details.get("text", "")) if entry else ""
    return {
        "page": _key(page),
        "file": page.file,
        "state": "read" if entry else "unread",
        "text": text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]} …",
        "by": f"{entry.by} ({entry.role}), {entry.at[:10]}" if entry else "",
        "because": entry.because if entry else "",
    }


class _Reading:
    def __init__(self, assessment: Assessment, person: Person, pages: Sequence[Page]) -> None:
        import ipywidgets

        self._assessment, self._person = assessment, person
        self._links = evidence_links(assessment, register.read(assessment.engagement.register))
        wide = ipywidgets.Layout(width="97%")
        self._list = ipywidgets.Select(description="Page", rows=8, layout=wide)
        self._material, self._leads = ipywidgets.HTML(), Leads()
        self._text = lines(description="Text", rows=14, layout=wide, placeholder="what the page says, word for word")
        self._because = lines(description="Because", rows=2, layout=wide, placeholder="how it was read")
        self._aside = ipywidgets.Checkbox(description="Put aside what somebody else read", indent=False)
        self._record = ipywidgets.Button(description="Record reading", button_style="primary")
        self._message = Message()
        self._list.observe(lambda _: self._show(), "value")
        self._record.on_click(lambda _: self._click())
        entry = [self._text, self._because, self._aside, self._record, self._message.widget]
        left = ipywidgets.VBox(entry, layout=ipywidgets.Layout(width="48%"))
        right = ipywidgets.VBox(
            [self._material, self._leads.widget], layout=ipywidgets.Layout(width="52%", padding="0 0 0 1em")
        )
        self.widget = ipywidgets.VBox([person.widget, self._list, ipywidgets.HBox([left, right])])
        self._fill(pages, _key(pages[0]))

    def _fill(self, pages: Sequence[Page], key: str) -> None:
        self._pages = {_key(page): page for page in pages}
        self._list.options = [(_label(page), _key(page)) for page in pages]
        self._list.value = key if key in self._pages else next(iter(self._pages), None)
        self._show()

    def _show(self) -> None:
        """The chosen page, and an entry with the text in force, which one may have to mend and not to type again."""
        page = self._pages.get(self._list.value)
        if page is None:
            return
        self._text.value = str(page.reading.details.get("text", "")) if page.reading else ""
        self._because.value, self._aside.value = "", False
        self._tell(page)

    def _tell(self, page: Page) -> None:
        self._aside.layout.display = "" if page.readings else "none"
        self._material.value = heading(_key(page)) + pairs(
            {
                "file": page.file,
                "register": page.reason,
                "earlier readings": [_told(entry, page) for entry in reversed(page.readings)],
            }
        )
        there = EvidenceRef(page.item, f"page {page.number}")
        self._leads.to([there], {page.item: PurePosixPath(page.file).name}, self._links)

    def _click(self) -> None:
        page = self._pages[self._list.value]

        def record() -> str:
            entry = desk.read(
                self._assessment,
                page.item,
                page.number,
                self._text.value,
                because=self._because.value,
                supersedes=page.readings[-1].seq if page.readings and self._aside.value else 0,
                **self._person.signed,
            )
            return f"Recorded as entry {entry.seq}. The next run takes it as text of the page."

        if self._message.during(record):
            self._fill(in_order(self._assessment), _key(page))
        else:  # what was typed stays; what somebody else may have read meanwhile is shown
            self._pages = {_key(each): each for each in in_order(self._assessment)}
            self._tell(self._pages.get(_key(page), page))


def _key(page: Page) -> str:
    return f"{page.item} page {page.number}"


def _label(page: Page) -> str:
    """A line of the list: mark, page, state in words, file."""
    mark, state = ("✓", "read") if page.reading else ("?", "unread")
    return shown(f"{mark} {_key(page)} ({state}): {PurePosixPath(page.file).name}")


def _told(entry: Entry, page: Page) -> str:
    """A reading in one line."""
    other = "" if entry.facts_digest == page.sha256 else "; of another file"
    words = str(entry.details.get("text", ""))
    return f"{entry.by} ({entry.role}), {entry.at[:10]}: {words} ({entry.because}; entry {entry.seq}{other})"
