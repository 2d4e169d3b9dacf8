"""Neighbouring exposure: what the programme around subpart D may mean for the client. It decides nothing in the report."""

from __future__ import annotations

from assessor.reporting.view import Row, View
from assessor.reporting.words import MONTHS, day, sentence
from assessor.rule import Neighbour


def neighbouring(view: View) -> list[Row]:
    """Each matter with its date, source and questions; none when `[report] neighbouring_exposure` is false."""
    if view.terms.report.get("neighbouring_exposure") is False:
        return []
    return [
        {
            "title": matter.title,
            "statement": sentence(matter.statement),
            "date": _dated(matter),
            "source": sentence(matter.source),
            "grade": matter.grade,
            "asks": " ".join(matter.asks),
        }
        for matter in view.rule.programme.values()
    ]


def _dated(matter: Neighbour) -> str:
    year, month = matter.as_of.split("-")
    known = f"as known in {MONTHS[int(month) - 1]} {year}"
    return f"{matter.event} {day(matter.since)}; {known}" if matter.since else known
