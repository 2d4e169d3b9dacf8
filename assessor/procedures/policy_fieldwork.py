"""§791.315(d)(3): what interviews and site visits showed of the policies in operation, each with a result of its own.

The machine lists what was noted and the policy elements that its words touch; whether that bears the policies out is asked. What
departs from the policies is a finding, unless the assessor answers that another finding sets it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import Workings, finding, rows
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation

CLAUSE = "791.315(d)(3)"
_SOURCES = (
    ("interviews", "interview", ("person", "date"), "statement"),
    ("site_visits", "site visit", ("site", "date"), "text"),
)
"""Tables of fieldwork: table, what one is called, the columns that tell one from another, and the column of what was noted."""
_RESULTS = {
    "yes": (
        Outcome.CONFORMS,
        "What was noted bears out that policies and controls operate, by the assessor's finding.",
    ),
    "partly": (Outcome.EXCEPTION, "What was noted bears the policies out in part, by the assessor's finding."),
    "partly, found elsewhere": (
        Outcome.EXCEPTION,
        "What was noted bears the policies out in part; the assessor finds the rest set out in another finding.",
    ),
    "no": (Outcome.EXCEPTION, "What was noted does not bear the policies out, by the assessor's finding."),
}
_OPEN = (Outcome.INCONCLUSIVE, "Whether what was noted bears the policies out is asked.")


def fieldwork(facts: Facts, elements: Mapping[str, str]) -> tuple[Workings, list[dict[str, Any]]]:
    """One test for each interview and each site visit, and the rows of the report's table.

    `elements`: the pattern of words of each policy element, by its name.
    """
    w = Workings()
    table: list[dict[str, Any]] = []
    for name, word, keys, column in _SOURCES:
        held = facts.tables[name]
        held = held[held[column].notna()]
        for key, group in held.groupby([held[k].astype("string").fillna("not stated") for k in keys], sort=True):
            subject = f"{word} of {', '.join(map(str, key))}"
            touched = sorted(element for element, pattern in elements.items() if _speaks(group[column], pattern))
            question = w.asked(
                facts.ask(
                    "fieldwork_result",
                    subject,
                    {
                        "noted": [{"place": row["locator"], "text": row[column]} for row in rows(group)],
                        "policy elements that the words touch": touched,
                    },
                )
            )
            settled = question.answer if question.state == "answered" else ""
            outcome, told = _RESULTS.get(settled, _OPEN)
            places = evidence(group)
            w.test(CLAUSE, subject, outcome, f"{told} {question.rationale if settled else ''}".strip(), places)
            if settled in ("no", "partly"):
                w.findings.append(_not_borne_out(subject, question.rationale, places, in_part=settled == "partly"))
            table.append(
                {
                    "fieldwork": subject,
                    "noted": len(group),
                    "elements": "; ".join(touched) or "none by its words",
                    "outcome": str(outcome),
                    "evidence": "; ".join(str(place) for place in places[:3]),
                }
            )
    return w, table


def _speaks(texts: pd.Series, pattern: str) -> bool:
    return bool(texts.str.casefold().str.contains(pattern, regex=True).any())


def _not_borne_out(subject: str, rationale: str, places: tuple[EvidenceRef, ...], *, in_part: bool) -> Finding:
    title = (
        f"The {subject} bears the policies out in part" if in_part else f"The {subject} does not bear the policies out"
    )
    return finding(
        "fieldwork_contradicts",
        subject,
        [CLAUSE],
        title,
        criteria="Policies keep the client in compliance only as far as they are followed.",
        condition=rationale or "As the assessor found.",
        effect="What the policies provide for does not happen, or not each time.",
        severity="low" if in_part else "medium",
        evidence=places,
        recommendations=[
            Recommendation(
                "Establish where practice departs from the policies, and change the one or the other.",
                "cause",
                "all transactions to which the policies apply",
            )
        ],
    )
