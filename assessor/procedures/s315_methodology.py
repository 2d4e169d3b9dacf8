"""§791.315(d)(2): are there policies reviewed, personnel interviewed, and facilities, equipment or systems examined to describe?

Facts needed: the policies read, the notes of interviews with the person or role, the notes of site visits with what was examined.
(Which items were received and read at all is tested item by item in `s315_evidence`.) What is absent may have been dispensable for
this client; that is asked and never decided.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, finish, items_ref, terms_ref
from assessor.results import EvidenceRef, Outcome, ProcedureResult

CLAUSE = "791.315(d)(2)"
TITLE = "Methodology: policies, interviews and examinations"
POLICIES, PERSONNEL, EXAMINED = (
    "policies reviewed",
    "personnel interviewed",
    "facilities, equipment or systems examined",
)
_CITED = 10


def run(facts: Facts) -> ProcedureResult:
    """One test for each part of the methodology that the report has to describe."""
    w = Workings()
    policies, interviews, visits = (facts.tables[name] for name in ("policies", "interviews", "site_visits"))
    held = {POLICIES: policies, PERSONNEL: _of_somebody(interviews), EXAMINED: _of_something(visits)}
    told = {
        POLICIES: f"Read: {counted(_documents(policies), 'policy document')} with {counted(len(policies), 'paragraph')}.",
        PERSONNEL: f"Interviewed: {counted(_persons(held[PERSONNEL]), 'person')}.",
        EXAMINED: f"Examined: {_by_category(held[EXAMINED])}.",
    }
    for part, table in held.items():
        if len(table):
            w.test(CLAUSE, part, Outcome.CONFORMS, told[part], _places(part, table))
        else:
            _absent(w, facts, part, {name: len(rows) for name, rows in held.items()})
    _of_nobody(w, interviews)
    return finish(
        w,
        "s315_methodology",
        CLAUSE,
        TITLE,
        population="policies, interviews and site visits in evidence",
        work_done=(
            "Looked in the evidence for policies reviewed, for personnel interviewed, and for facilities, equipment or systems examined.",
            "Asked of each of the three that is absent whether the method is reliable without it.",
        ),
        examined=examined(policies, interviews, visits),
    )


def _absent(w: Workings, facts: Facts, part: str, noted: dict[str, int]) -> None:
    """A part of which there is nothing: dispensable by the assessor's answer, to be made good, or open."""
    shown = {
        "noted in evidence": noted,
        "method": facts.terms.firm.get("method"),
        "roles": facts.terms.client.get("roles"),
    }
    question = w.asked(facts.ask("methodology_without", part, shown))
    dispensable = answered(question, "yes")
    outcome, reason = {
        True: (Outcome.NOT_APPLICABLE, f"None; the assessor finds the method reliable without. {question.rationale}"),
        False: (
            Outcome.INCONCLUSIVE,
            f"None, and the assessor does not find the method reliable without. {question.rationale}",
        ),
        None: (Outcome.INCONCLUSIVE, "None in evidence; whether the method is reliable without is asked."),
    }[dispensable]
    w.test(CLAUSE, part, outcome, reason.strip(), (terms_ref("[firm] method"),))
    if dispensable is False:
        what = {
            POLICIES: "The corporate policies on compliance with this rule",
            PERSONNEL: "A date and the persons for interviews on compliance with this rule",
            EXAMINED: "A date and access for an examination of facilities, equipment or systems",
        }[part]
        w.request("methodology", what, [part], CLAUSE, "what the written report describes of its methodology")


def _of_nobody(w: Workings, interviews: pd.DataFrame) -> None:
    """Notes that tell neither the person nor the role leave open which personnel was interviewed."""
    nameless = interviews[interviews["person"].isna() & interviews["role"].isna()]
    if len(nameless):
        told = f"{counted(len(nameless), 'statement')} of interviews of which the notes tell neither the person nor the role."
        w.test(CLAUSE, f"{PERSONNEL}: not named", Outcome.INCONCLUSIVE, told, evidence(nameless, _CITED))
        subjects = sorted(nameless["source"].dropna().unique())
        w.request(
            "interviewed_person",
            "Who was interviewed, and in which role",
            subjects,
            CLAUSE,
            "which personnel was interviewed",
        )


def _of_somebody(interviews: pd.DataFrame) -> pd.DataFrame:
    return interviews[interviews["person"].notna() | interviews["role"].notna()]


def _of_something(visits: pd.DataFrame) -> pd.DataFrame:
    """Notes on a facility, equipment or a system; an observation alone does not tell what was examined."""
    return visits[certain(visits["category"].isin(["facility", "equipment", "system"]))]


def _documents(policies: pd.DataFrame) -> int:
    return int(policies["document"].fillna(policies["source"]).nunique())


def _persons(interviews: pd.DataFrame) -> int:
    return int(interviews["person"].fillna(interviews["role"]).nunique())


def _by_category(visits: pd.DataFrame) -> str:
    counts = visits["category"].value_counts()
    return ", ".join(f"{name} ({counts[name]})" for name in ("facility", "equipment", "system") if name in counts)


def _places(part: str, table: pd.DataFrame) -> tuple[EvidenceRef, ...]:
    return evidence(table, _CITED) if part == EXAMINED else items_ref(table)
