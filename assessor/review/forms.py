"""Forms by which an assessor decides: questions with their material beside them, name matches, findings, notes and signatures.

Each button is one call into `assessor.desk`, and so one entry of the ledger; what cannot be recorded is said in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from assessor import desk, judged, judgements, signing
from assessor.assessment import Assessment
from assessor.ownership.figure.lettering import shown
from assessor.results import ADDRESSES, SEVERITIES, Finding, Question
from assessor.review.parts import Message, Person, Shown, folded, heading, line, lines, pairs
from assessor.workpapers import rows

if TYPE_CHECKING:
    import ipywidgets

MATCH = "supplier_match"
"""The question by which a name is taken to be a supplier of the list."""
_CHARACTERS = 60
"""Of a note, in one line of a list."""
_MARKS = {"open": "?", "stale": "!", "answered": "✓"}


def answering(assessment: Assessment, person: Person, wanted: Callable[[Question], bool], what: str) -> Shown:
    """A form for questions: a list, the question with its facts, clause, guidance and earlier answers beside it, and the answer."""
    import ipywidgets

    asked = [q for q in desk.asked(assessment) if wanted(q)]
    listed = [
        {
            "question": q.id,
            "subject": q.subject,
            "clause": f"§{q.clause}",
            "state": q.state,
            "answer": q.answer,
            "by": q.answered_by,
        }
        for q in asked
    ]
    static = rows(listed, what, 500)._repr_html_()
    plain = f"{what}: {sum(q.state != 'answered' for q in asked)} of {len(asked)} without an answer in force."
    if not asked:
        return Shown(ipywidgets.HTML(static), static, plain)
    form = _Answering(assessment, person, wanted, asked)
    return Shown(form.widget, static, plain)


class _Answering:
    def __init__(
        self, assessment: Assessment, person: Person, wanted: Callable[[Question], bool], asked: Sequence[Question]
    ) -> None:
        import ipywidgets

        self._assessment, self._person, self._wanted = assessment, person, wanted
        wide = ipywidgets.Layout(width="97%")
        self._list = ipywidgets.Select(description="Question", rows=12, layout=wide)
        self._material = ipywidgets.HTML()
        self._answer = ipywidgets.RadioButtons(description="Answer")
        self._because = lines(description="Because", rows=4, layout=wide, placeholder="the rationale")
        self._aside = ipywidgets.Checkbox(description="Put aside what somebody else answered", indent=False)
        self._record = ipywidgets.Button(description="Record answer", button_style="primary")
        self._message = Message()
        self._list.observe(lambda _: self._show(), "value")
        self._record.on_click(lambda _: self._click())
        entry = ipywidgets.VBox([self._answer, self._because, self._aside, self._record, self._message.widget])
        left = ipywidgets.VBox([person.widget, self._list, entry], layout=ipywidgets.Layout(width="48%"))
        right = ipywidgets.VBox([self._material], layout=ipywidgets.Layout(width="52%", padding="0 0 0 1em"))
        self.widget = ipywidgets.HBox([left, right])
        self._fill(asked, asked[0].key)

    def _fill(self, asked: Sequence[Question], key: str) -> None:
        self._asked = {q.key: q for q in asked}
        options = [(shown(f"{_MARKS.get(q.state, '?')} {q.id}: {q.subject}"), q.key) for q in asked]
        self._list.options = options
        self._list.value = key
        self._show()

    def _show(self) -> None:
        asked = self._asked.get(self._list.value)
        if asked is None:
            return
        earlier = desk.earlier(self._ledger(), asked.id, asked.subject)
        self._answer.options = list(asked.answers)
        self._answer.value = asked.answer if asked.answer in asked.answers else None  # nothing is proposed
        self._because.value, self._aside.value = "", False
        self._aside.layout.display = "" if earlier else "none"
        self._material.value = heading(asked.asked) + pairs(desk.material(self._assessment, asked, earlier))

    def _ledger(self) -> judgements.Ledger:
        return judgements.read(self._assessment.engagement.ledger)

    def _click(self) -> None:
        asked = self._asked[self._list.value]

        def record() -> str:
            earlier = desk.earlier(self._ledger(), asked.id, asked.subject)
            entry = desk.answer(
                self._assessment,
                asked.id,
                asked.subject,
                self._answer.value or "",
                because=self._because.value,
                supersedes=earlier[-1].seq if earlier and self._aside.value else 0,
                **self._person.signed,
            )
            return f"Recorded as entry {entry.seq}. Results take it up with the next run."

        if self._message.during(record):
            self._fill([q for q in desk.asked(self._assessment) if self._wanted(q)], asked.key)


def drafting(assessment: Assessment, person: Person) -> Shown:
    """The findings, management's responses to them, and a form for a finding of the assessor's own."""
    import ipywidgets

    findings = [f for r in assessment.results() for f in r.findings]
    listed = [
        {
            "finding": f.id,
            "severity": f.severity,
            "title": f.title,
            "subject": f.subject,
            "clauses": ", ".join(f.clauses),
        }
        for f in findings
    ]
    static = rows(listed, "Findings", 500)._repr_html_()
    entry = [
        folded("Draft a finding", _drafting(assessment, person)),
        folded("What management says", _responding(assessment, person, findings)),
    ]
    return Shown(ipywidgets.VBox([ipywidgets.HTML(static), *entry]), static, f"{len(findings)} findings.")


_ELEMENTS = ("criteria", "condition", "cause", "effect", "recommendation")


def _drafting(assessment: Assessment, person: Person) -> ipywidgets.Widget:
    """A finding by its elements; beside each that a finding may lack, why it does. No reason is made up for the assessor."""
    import ipywidgets

    wide = {"layout": ipywidgets.Layout(width="97%"), "style": {"description_width": "10em"}}
    names = ("code", "subject", "clauses", "title", "evidence", "transactions")
    texts = {name: line(description=name, **wide) for name in names}
    texts["clauses"].placeholder = "791.303(a); 791.305(a)"
    texts["evidence"].placeholder = "E-0004 row 12; E-0007 page 2"
    texts["transactions"].placeholder = "those concerned, as the tables name them: T-1; T-2"
    areas = {name: lines(description=name, **wide, rows=2) for name in _ELEMENTS}
    reasons = {
        name: line(description="or why none", **wide, placeholder=f"why the finding states no {name}")
        for name in _ELEMENTS
        if name != "condition"
    }
    addresses = ipywidgets.Dropdown(description="addresses", options=ADDRESSES, style=wide["style"])
    applies = line(description="applies to", **wide, placeholder="to which transactions, in words")
    severity = ipywidgets.Dropdown(description="severity", options=SEVERITIES, value="medium", style=wide["style"])
    because = line(description="Because", **wide, placeholder="how it was found")
    aside = ipywidgets.Checkbox(description="Put aside what somebody else drafted", indent=False)
    button, message = ipywidgets.Button(description="Draft finding", button_style="primary"), Message()

    def record() -> str:
        told: dict[str, Any] = {name: each.value.strip() for name, each in (texts | areas).items()}
        advice = told.pop("recommendation")
        told |= {
            name: [each.strip().lstrip("§") for each in told[name].split(";") if each.strip()]
            for name in ("clauses", "evidence", "transactions")
        }
        advised = {"text": advice, "addresses": addresses.value, "transactions": applies.value.strip()}
        stated = told | {"recommendations": [advised] if advice else []}
        why = {_element(name): each.value.strip() for name, each in reasons.items()}
        absent = {name: words for name, words in why.items() if words and not stated[name]}
        entry = desk.draft(
            assessment,
            stated | {"severity": severity.value, "absent": absent},
            because=because.value,
            supersedes=_before(assessment, "finding", told["code"], told["subject"]) if aside.value else 0,
            **person.signed,
        )
        return f"Recorded as entry {entry.seq}. The finding stands in results and report after the next run."

    button.on_click(lambda _: message.during(record))
    elements = [each for name in _ELEMENTS for each in (areas[name], reasons.get(name)) if each is not None]
    elements[-1:] = [addresses, applies, elements[-1]]  # what a recommendation has besides
    entry = [*texts.values(), *elements, severity, because, aside, button]
    return ipywidgets.VBox([person.widget, *entry, message.widget])


def _element(name: str) -> str:
    """What a finding calls what the form has one of."""
    return "recommendations" if name == "recommendation" else name


def _before(assessment: Assessment, kind: str, question: str, subject: str) -> int:
    """The number of the entry in force; 0 where there is none."""
    entry = judgements.read(assessment.engagement.ledger).latest(question, subject, kind)
    return entry.seq if entry else 0


def _responding(assessment: Assessment, person: Person, findings: Sequence[Finding]) -> ipywidgets.Widget:
    import ipywidgets

    wide = ipywidgets.Layout(width="97%")
    options = [(shown(f"{f.id}: {f.title}"), f.key) for f in findings]
    finding = ipywidgets.Dropdown(description="finding", options=options, layout=wide)
    position = ipywidgets.Dropdown(description="position", options=list(judged.AGREES))
    text = lines(description="words", layout=wide)
    speaker = line(description="said by", placeholder="who speaks for management")
    on = ipywidgets.DatePicker(description="on")
    aside = ipywidgets.Checkbox(description="Put aside what somebody else said", indent=False)
    button, message = ipywidgets.Button(description="Record response"), Message()

    def record() -> str:
        about = judged.RESPONSE, str(finding.value)
        supersedes = _before(assessment, "response", *about) if aside.value else 0
        signed = {"by": speaker.value.strip(), "role": "management"}
        entry = desk.respond(
            assessment, about[1], position.value, text.value, on=on.value, supersedes=supersedes, **signed
        )
        return f"Recorded as entry {entry.seq}."

    button.on_click(lambda _: message.during(record))
    return ipywidgets.VBox([finding, position, text, speaker, on, aside, button, message.widget])


def signatures(assessment: Assessment, person: Person) -> Shown:
    """The workpapers with their signatures, and forms to sign, to note and to clear."""
    import ipywidgets

    engagement = assessment.engagement

    def listed() -> str:
        ledger = judgements.read(engagement.ledger)
        papers = [
            {
                "workpaper": each.name,
                "prepared": each.prepared.by if each.prepared else "",
                "reviewed": each.reviewed.by if each.reviewed else "",
                "changed since": ", ".join(entry.by for entry in each.undone),
            }
            for each in signing.standings(engagement, ledger)
        ]
        notes = [{"entry": n.seq, "on": n.subject, "note": n.because, "by": n.by} for n in signing.open_notes(ledger)]
        return rows(papers, "Workpapers and signatures")._repr_html_() + rows(notes, "Open review notes")._repr_html_()

    static = listed()
    table, message = ipywidgets.HTML(static), Message()
    names = [path.stem for path in signing.executed(engagement)]
    paper = ipywidgets.Dropdown(description="workpaper", options=names)
    way = ipywidgets.Dropdown(description="as", options=signing.AS)
    seen = line(description="seen to", placeholder="what was seen to, where it is to be said")
    sign = ipywidgets.Button(description="Sign", button_style="primary")
    place = ipywidgets.Combobox(
        description="note on",
        options=[*names, signing.REPORT],
        placeholder="a workpaper, F-07, E-0004 …",
        continuous_update=False,
    )
    text = lines(description="note", layout=ipywidgets.Layout(width="97%"), rows=2)
    note = ipywidgets.Button(description="Add note")
    number = ipywidgets.Dropdown(description="clear note", layout=ipywidgets.Layout(width="60%"))
    how = line(description="how", layout=ipywidgets.Layout(width="60%"))
    clear = ipywidgets.Button(description="Clear note")

    def fill() -> None:
        notes = signing.open_notes(judgements.read(engagement.ledger))
        number.options = [(shown(f"{n.seq}, on {n.subject}: {n.because[:_CHARACTERS]}"), n.seq) for n in notes]
        number.value = notes[0].seq if notes else None

    fill()

    def doing(work: Callable[[], judgements.Entry]) -> Callable[[Any], None]:
        def click(_: Any) -> None:
            if message.during(lambda: f"Recorded as entry {work().seq}."):
                table.value = listed()
                fill()

        return click

    sign.on_click(
        doing(lambda: desk.sign(assessment, str(paper.value or ""), way.value, because=seen.value, **person.signed))
    )
    note.on_click(doing(lambda: desk.note(assessment, place.value, text.value, **person.signed)))
    clear.on_click(doing(lambda: desk.clear(assessment, number.value or 0, how.value, **person.signed)))
    widget = ipywidgets.VBox(
        [
            table,
            person.widget,
            ipywidgets.HBox([paper, way, seen, sign]),
            place,
            text,
            note,
            ipywidgets.HBox([number, how, clear]),
            message.widget,
        ]
    )
    return Shown(widget, static, f"{len(names)} workpapers.")
