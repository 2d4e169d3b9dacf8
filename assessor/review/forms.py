"""Forms by which an assessor decides: questions with their material beside them, name matches, findings, notes and signatures.

Each button is one call into `assessor.desk`, and so one entry of the ledger; what cannot be recorded is said in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from assessor import desk, judgements, signing
from assessor.assessment import Assessment, questions
from assessor.comparison import recorded
from assessor.results import SEVERITIES, Question
from assessor.review.parts import Message, Person, Shown, heading, line, lines, pairs
from assessor.workpapers import rows

if TYPE_CHECKING:
    import ipywidgets

MATCH = "supplier_match"
"""The question by which a name is taken to be a supplier of the list."""
_MARKS = {"open": "?", "stale": "!", "answered": "✓"}


def answering(assessment: Assessment, person: Person, wanted: Callable[[Question], bool], what: str) -> Shown:
    """A form for questions: a list, the question with its facts, clause, guidance and earlier answers beside it, and the answer."""
    import ipywidgets

    asked = _settled(assessment, wanted)
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


def _settled(assessment: Assessment, wanted: Callable[[Question], bool]) -> list[Question]:
    """The questions as the ledger has them now; those that need somebody first."""
    ledger = judgements.read(assessment.engagement.ledger)
    asked = [ledger.settle(q) for q in _asked(assessment) if wanted(q)]
    return sorted(asked, key=lambda q: (q.state == "answered", q.id, q.subject))


def _asked(assessment: Assessment) -> list[Question]:
    """The questions of procedures, and those of the comparison with an earlier engagement that is kept."""
    return [*questions(assessment.results()), *recorded.questions(assessment.engagement)]


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
        options = [(f"{_MARKS.get(q.state, '?')} {q.id}: {q.subject}", q.key) for q in asked]
        self._list.options = options
        self._list.value = key
        self._show()

    def _show(self) -> None:
        asked = self._asked.get(self._list.value)
        if asked is None:
            return
        earlier = desk.earlier(self._assessment, asked.id, asked.subject)
        clause = self._assessment.rule.clause(asked.clause)
        self._answer.options = list(asked.answers)
        self._answer.value = asked.answer if asked.answer in asked.answers else None  # nothing is proposed
        self._because.value, self._aside.value = "", False
        self._aside.layout.display = "" if earlier else "none"
        self._material.value = heading(asked.asked) + pairs(
            {
                "state": {"stale": "answered, and the facts have changed since: confirm or change the answer"}.get(
                    asked.state, asked.state
                ),
                "clause": f"§{asked.clause}: {clause.title}. {clause.statement}",
                "guidance": asked.guidance,
                "facts": asked.facts or "none were found",
                "look also at": list(asked.shows),
                "earlier answers": [
                    f"{e.answer}, {e.by} ({e.role}), {e.at[:10]}: {e.because} (entry {e.seq})"
                    for e in reversed(earlier)
                ],
            }
        )

    def _click(self) -> None:
        asked = self._asked[self._list.value]

        def record() -> str:
            earlier = desk.earlier(self._assessment, asked.id, asked.subject)
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
            self._fill(_settled(self._assessment, self._wanted), asked.key)


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
    wide = ipywidgets.Layout(width="97%")
    texts = {name: line(description=name, layout=wide) for name in ("code", "subject", "clauses", "title", "evidence")}
    texts["clauses"].placeholder = "791.303(a); 791.305(a)"
    texts["evidence"].placeholder = "E-0004 row 12; E-0007 page 2"
    areas = {
        name: lines(description=name, layout=wide, rows=2)
        for name in ("criteria", "condition", "cause", "effect", "recommendation")
    }
    severity = ipywidgets.Dropdown(description="severity", options=SEVERITIES, value="medium")
    because = line(description="Because", layout=wide, placeholder="how it was found")
    button, message = ipywidgets.Button(description="Draft finding", button_style="primary"), Message()

    def record() -> str:
        absent = {
            name: "The assessor has not determined it yet."
            for name in ("criteria", "cause", "effect")
            if not areas[name].value.strip()
        }
        advice = areas["recommendation"].value.strip()
        told: dict[str, Any] = {name: area.value.strip() for name, area in areas.items() if name != "recommendation"}
        told |= {name: text.value.strip() for name, text in texts.items()}
        told |= {
            name: [each.strip().lstrip("§") for each in told[name].split(";") if each.strip()]
            for name in ("clauses", "evidence")
        }
        told |= {
            "severity": severity.value,
            "absent": absent | ({} if advice else {"recommendations": "None is made yet."}),
        }
        told["recommendations"] = [{"text": advice, "addresses": "condition"}] if advice else []
        entry = desk.draft(assessment, told, because=because.value, by=person.signed["by"], role=person.signed["role"])
        return f"Recorded as entry {entry.seq}. The finding stands in results and report after the next run."

    button.on_click(lambda _: message.during(record))
    form = ipywidgets.VBox([person.widget, *texts.values(), *areas.values(), severity, because, button, message.widget])
    folded = ipywidgets.Accordion([form, _responding(assessment, person, [f.id for f in findings])])
    folded.titles = ("Draft a finding", "What management says")
    return Shown(ipywidgets.VBox([ipywidgets.HTML(static), folded]), static, f"{len(findings)} findings.")


def _responding(assessment: Assessment, person: Person, numbers: Sequence[str]) -> ipywidgets.Widget:
    import ipywidgets

    finding = ipywidgets.Dropdown(description="finding", options=numbers)
    position = ipywidgets.Dropdown(description="position", options=["agrees", "partly", "disagrees"])
    text = lines(description="words", layout=ipywidgets.Layout(width="97%"))
    button, message = ipywidgets.Button(description="Record response"), Message()

    def record() -> str:
        entry = desk.respond(
            assessment, finding.value, position.value, text.value, by=person.signed["by"], role=person.signed["role"]
        )
        return f"Recorded as entry {entry.seq}."

    button.on_click(lambda _: message.during(record))
    return ipywidgets.VBox([person.widget, finding, position, text, button, message.widget])


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
    sign = ipywidgets.Button(description="Sign", button_style="primary")
    place = ipywidgets.Combobox(
        description="note on", options=[*names, signing.REPORT], placeholder="a workpaper, F-07, E-0004 …"
    )
    text = lines(description="note", layout=ipywidgets.Layout(width="97%"), rows=2)
    note = ipywidgets.Button(description="Add note")
    number = ipywidgets.IntText(description="clear entry")
    how = line(description="how", layout=ipywidgets.Layout(width="60%"))
    clear = ipywidgets.Button(description="Clear note")

    def doing(work: Callable[[], judgements.Entry]) -> Callable[[Any], None]:
        def click(_: Any) -> None:
            if message.during(lambda: f"Recorded as entry {work().seq}."):
                table.value = listed()

        return click

    sign.on_click(doing(lambda: desk.sign(assessment, paper.value, way.value, **person.signed)))
    note.on_click(doing(lambda: desk.note(assessment, place.value, text.value, **person.signed)))
    clear.on_click(doing(lambda: desk.clear(assessment, number.value, how.value, **person.signed)))
    widget = ipywidgets.VBox(
        [
            table,
            person.widget,
            ipywidgets.HBox([paper, way, sign]),
            ipywidgets.HBox([place, note]),
            text,
            ipywidgets.HBox([number, how, clear]),
            message.widget,
        ]
    )
    return Shown(widget, static, f"{len(names)} workpapers.")
