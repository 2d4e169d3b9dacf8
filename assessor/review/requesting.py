"""The form for evidence requests: what the client was asked for, what may answer it, and the state that a person gives it.

Nothing here decides that a request is answered: files of later deliveries and rows of a returned list are shown beside it, and each state
is one entry of the ledger by `desk.request`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from assessor import desk
from assessor.assessment import Assessment
from assessor.errors import LedgerError
from assessor.evidence import register
from assessor.judgements import Entry
from assessor.ownership.figure.lettering import shown
from assessor.request_answers import Answer
from assessor.requests import STATES, Request
from assessor.results import EvidenceRef
from assessor.review.parts import Leads, Message, Person, Shown, heading, line, lines, pairs, today
from assessor.workpapers import evidence_links, rows
from assessor.workpapers.display import text

_MARKS = {"open": "?", "insufficient": "✗", "received": "✓", "withdrawn": "–"}
_OVERDUE, _GONE = "!", "○"
_CHARACTERS = 90
"""Of what is asked, in one line of the list."""


def requesting(assessment: Assessment, person: Person, day: date | None = None) -> Shown:
    """The request list, those that need somebody first; of the chosen one what is asked, why, what may answer it and its history, and the
    entry of its state. `day` is that by which a request is overdue (None: today)."""
    import ipywidgets

    day = day or today()
    listed = in_order(assessment, day)
    told = desk.request_entries(assessment, listed)
    table = [row(one, told[one.key], day) for one in listed]
    static = rows(table, f"Evidence requests on {day}", 500)._repr_html_()
    late, count = sum(one.overdue(day) for one in listed), sum(one.outstanding for one in listed)
    plain = f"Evidence requests: {count} of {len(listed)} outstanding, {late} overdue."
    if not listed:
        return Shown(ipywidgets.HTML(static), static, plain)
    return Shown(_Requesting(assessment, person, listed, day).widget, static, plain)


def in_order(assessment: Assessment, day: date) -> list[Request]:
    """The requests as they stand now: overdue ones, then others that the client still has to answer (first those that a file may answer),
    then those that are settled, last what nothing asks any more."""
    return sorted(
        assessment.requests(),
        key=lambda one: (
            not one.asked,
            not one.outstanding,
            not one.overdue(day),
            not one.proposals,
            one.due or date.max,
            len(one.id),
            one.id,
        ),
    )


def row(one: Request, entries: Sequence[Entry], day: date) -> dict[str, str]:
    """A request as a row of a table, with what the ledger says of it last."""
    return {
        "request": one.id,
        "state": standing(one, day),
        "due": f"{one.due or ''}",
        "what": one.what,
        "for": "; ".join(one.subjects),
        "clauses": ", ".join(f"§{clause}" for clause in one.clauses),
        "settles": one.settles,
        "may be answered by": "; ".join(f"{proposal}: {proposal.why}" for proposal in one.proposals),
        "last entry": _told(entries[-1], one) if entries else "",
    }


def standing(one: Request, day: date) -> str:
    """Its state in words, and whether its day is past."""
    return one.standing + ("; overdue" if one.overdue(day) else "")


def _when(one: Request, day: date) -> str:
    """The day of a request, and how long ago an overdue one's was."""
    if one.due is None:
        return "no day is set"
    ago = (day - one.due).days
    return f"{one.due}" + (f", {ago} {'day' if ago == 1 else 'days'} ago" if one.overdue(day) else "")


def _told(entry: Entry, one: Request) -> str:
    """An entry of a request in one line."""
    items, due = entry.details.get("items", ()), entry.details.get("due")
    told = entry.answer + (f" ({', '.join(map(str, items))})" if items else "") + (f", due {due}" if due else "")
    since = "; what is asked has changed since" if one.asked and entry.facts_digest != one.digest else ""
    return f"{told}, {entry.by} ({entry.role}), {entry.at[:10]}: {entry.because} (entry {entry.seq}{since})"


def _label(one: Request, day: date, answered: bool) -> str:
    """A line of the list: mark, number, state in words, what is asked."""
    mark = _MARKS.get(one.state, _GONE) if one.asked else _GONE
    if one.overdue(day) or one.stale:
        mark = _OVERDUE
    notes = [one.state if one.asked else one.standing]
    notes += ["what is asked has changed"] if one.stale else []
    notes += ["overdue"] if one.overdue(day) else []
    notes += ["a file may answer it"] if one.proposals else []
    notes += ["the client wrote"] if answered else []
    told = one.what if len(one.what) <= _CHARACTERS else f"{one.what[:_CHARACTERS].rstrip()} …"
    return shown(f"{mark} {one.id} ({', '.join(notes)}): {told}")


class _Requesting:
    def __init__(self, assessment: Assessment, person: Person, listed: Sequence[Request], day: date) -> None:
        import ipywidgets

        self._assessment, self._person, self._day = assessment, person, day
        self._answers: list[Answer] = []
        wide = ipywidgets.Layout(width="97%")
        self._list = ipywidgets.Select(description="Request", rows=12, layout=wide)
        self._material, self._leads = ipywidgets.HTML(), Leads()
        self._state = ipywidgets.RadioButtons(description="State")
        self._proposed = ipywidgets.VBox(layout=ipywidgets.Layout(margin="0 0 0 88px"))  # below the other entries
        self._items = line(description="Items", placeholder="E-0040, E-0041", layout=wide)
        self._named = ipywidgets.HTML()
        self._due = ipywidgets.DatePicker(description="New due")
        self._because = lines(description="Because", rows=3, layout=wide, placeholder="the rationale")
        self._record = ipywidgets.Button(description="Record state", button_style="primary")
        self._message = Message()
        self._returned = line(
            description="Returned list",
            placeholder="what the client sent back: E-0041, or a file in the engagement's folder",
            layout=ipywidgets.Layout(width="60%"),
            style={"description_width": "initial"},
        )
        self._look = ipywidgets.Button(description="Look into it")
        self._told = ipywidgets.HTML()
        self._list.observe(lambda _: self._show(), "value")
        self._items.observe(lambda _: self._name(), "value")
        self._look.on_click(lambda _: self._read())
        self._record.on_click(lambda _: self._click())
        entry = [self._state, self._proposed, self._items, self._named, self._due, self._because, self._record]
        returned = ipywidgets.HBox([self._returned, self._look], layout=ipywidgets.Layout(margin="1em 0 0"))
        left = ipywidgets.VBox([*entry, self._message.widget], layout=ipywidgets.Layout(width="48%"))
        right = ipywidgets.VBox(
            [self._material, self._leads.widget], layout=ipywidgets.Layout(width="52%", padding="0 0 0 1em")
        )
        self.widget = ipywidgets.VBox([person.widget, self._list, ipywidgets.HBox([left, right]), returned, self._told])
        self._fill(listed, listed[0].key)

    def _fill(self, listed: Sequence[Request], key: str) -> None:
        self._asked = {one.key: one for one in listed}
        self._entries = desk.request_entries(self._assessment, listed)
        there = register.read(self._assessment.engagement.register)
        self._links = evidence_links(self._assessment, there)
        self._paths = dict(zip(map(str, there["id"]), map(str, there["path"]), strict=True))
        answered = {answer.request for answer in self._answers}
        self._list.options = [(_label(one, self._day, one.id in answered), one.key) for one in listed]
        self._list.value = key if key in self._asked else listed[0].key
        self._show()

    def _show(self) -> None:
        """The chosen request, and an entry of which nothing is filled in."""
        import ipywidgets

        one = self._asked.get(self._list.value)
        if one is None:
            return
        entries, own = self._entries[one.key], self._own(one)
        counts = bool(entries) and entries[-1].facts_digest == one.digest
        self._state.options = STATES
        self._state.value = one.state if counts and one.state in STATES else None  # nothing is proposed
        may = dict.fromkeys([*(each.item for each in one.proposals), *(item for each in own for item in each.items)])
        self._boxes = {
            item: ipywidgets.Checkbox(
                description=shown(f"{item} {self._file(item)}"), indent=False, layout=ipywidgets.Layout(width="97%")
            )
            for item in may
        }
        for box in self._boxes.values():
            box.observe(lambda _: self._name(), "value")
        self._proposed.children = list(self._boxes.values())
        self._items.value, self._due.value, self._because.value = "", None, ""
        self._record.disabled = not one.asked
        self._name()
        self._material.value = heading(f"{one.id}: {one.what}") + pairs(
            {
                "state": standing(one, self._day) + ("" if one.asked else "; there is nothing to record"),
                "due": _when(one, self._day),
                "for": list(one.subjects),
                "why": [self._clause(clause) for clause in one.clauses],
                "settles": one.settles,
                "may be answered by": [f"{proposal}: {proposal.why}" for proposal in one.proposals],
                "the client wrote": [_written(answer) for answer in own],
                "history": [_told(entry, one) for entry in reversed(entries)] or "no entry of the ledger yet",
            }
        )
        refs = [EvidenceRef(item) for item in dict.fromkeys([*may, *one.items])]
        self._leads.to(refs, self._paths, self._links)

    def _clause(self, clause: str) -> str:
        told = self._assessment.rule.clauses.get(clause)  # a firm's own procedure may name one that the rule has not
        return f"§{clause}: {told.title}. {told.statement}" if told else f"§{clause}"

    def _own(self, one: Request) -> list[Answer]:
        return [answer for answer in self._answers if answer.request == one.id and one.asked]

    def _file(self, item: str) -> str:
        return PurePosixPath(self._paths.get(item, "")).name

    def _chosen(self) -> list[str]:
        """The items that are ticked, then those that are typed."""
        ticked = [item for item, box in self._boxes.items() if box.value]
        typed = self._items.value.replace(",", " ").replace(";", " ").split()
        return list(dict.fromkeys([*ticked, *typed]))

    def _name(self) -> None:
        """Which files the chosen items are, so that a slip is seen before it is recorded."""
        told = [f"{item}: {self._paths.get(item, 'not in the register')}" for item in self._chosen()]
        listed = "".join(f"<li>{text(each)}</li>" for each in told)
        style = "list-style: none; margin: 0; padding-left: 88px; line-height: 1.4; overflow-wrap: anywhere"
        self._named.value = f"<ul style='{style}'>{listed}</ul>" if told else ""

    def _click(self) -> None:
        one = self._asked[self._list.value]

        def record() -> str:
            self._as_shown(one)
            entry = desk.request(
                self._assessment,
                one.key,
                self._state.value or "",
                items=self._chosen(),
                due=self._due.value,
                because=self._because.value,
                **self._person.signed,
            )
            return f"Recorded as entry {entry.seq}: {one.id} is {entry.answer}."

        if self._message.during(record):
            self._fill(in_order(self._assessment, self._day), one.key)

    def _as_shown(self, one: Request) -> None:
        """Raise LedgerError, and show it anew, when a request is no longer what was looked at: of a request the last word counts, so that
        nobody is to have it without having seen the one before."""
        now = in_order(self._assessment, self._day)
        same = next((each for each in now if each.asked and each.key == one.key), None)
        entries = desk.request_entries(self._assessment, [one])[one.key]
        if same is not None and same.digest == one.digest and entries == self._entries[one.key]:
            return
        kept = self._state.value, self._items.value, self._due.value, self._because.value
        self._fill(now, one.key)
        if same is not None:
            self._state.value, self._items.value, self._due.value, self._because.value = kept
        raise LedgerError(f"{one.id} has changed since it was shown; look at it again, then record.")

    def _read(self) -> None:
        """Take up what the client wrote into a returned list; it is shown, and records nothing."""

        def look() -> str:
            self._answers = answers(self._assessment, self._returned.value)
            return f"{len(self._answers)} rows with an answer; nothing is recorded."

        if self._message.during(look):
            listed = [_answer_row(answer) for answer in self._answers]
            table = rows(listed, "What the client wrote", 500)._repr_html_()
            self._told.value = f"<div style='line-height: 1.4'>{table}</div>"
            self._fill(in_order(self._assessment, self._day), self._list.value)


def answers(assessment: Assessment, named: str) -> list[Answer]:
    """What the client wrote into a returned request list: an item of the register, or a file whose path begins at the engagement's folder.

    Raises LedgerError when nothing is named, and EvidenceError for what is no such list.
    """
    if not named.strip():
        raise LedgerError("Name the returned list: its item of the register (E-0041) or its file.")
    root, there = assessment.engagement.root, register.read(assessment.engagement.register)
    item = named.strip()
    path = register.file_of(root, register.row(there, item)) if item in set(there["id"]) else root / item
    return desk.answers(assessment, path)


def _written(answer: Answer) -> str:
    told = [
        answer.files,
        *(f"{name}: {value}" for name in ("date", "by", "remark") if (value := getattr(answer, name))),
    ]
    return f"{'; '.join(filter(None, told))} (row {answer.row}; {answer.why})"


def _answer_row(answer: Answer) -> dict[str, Any]:
    return {
        "row": answer.row,
        "request": answer.request or "none of now",
        "files, or why there are none": answer.files,
        "date": answer.date,
        "by": answer.by,
        "remark": answer.remark,
        "speaks for": ": ".join(filter(None, (answer.proposes, ", ".join(answer.items)))),
        "why": answer.why,
    }
