"""The assessor's own firm in the ownership engine: the terms' [firm] as two small tables (§791.315(b)(1))."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from assessor.evidence.tables import table
from assessor.ownership import Ownership, assess
from assessor.procedures.facts import Facts
from assessor.results import Question

FIRM = "firm"
_TURNS = 20  # an answer may raise a further question; chains of them are short


def ownership(facts: Facts) -> tuple[Ownership, list[Question]]:
    """The ownership engine over the firm and its stated owners, and the questions it raises, settled.

    An answer can raise a further question, so the engine runs until the answers that count no longer change.
    """
    terms, (entities, interests) = facts.terms, firm_tables(facts)
    criterion = Fraction(str(terms.criteria.get("dominant_minority", "0")))
    judged: dict[tuple[str, str], str] = {}
    for _ in range(_TURNS):
        found = assess(
            entities,
            interests,
            adversaries=facts.rule.countries("prc_russia"),
            country_name=facts.rule.country_name,
            as_of=terms.dated,
            dominant_minority=criterion,
            judged=judged,
        )
        questions = [facts.ask(*asked) for asked in found.questions()]
        answers = {(q.id, q.subject): q.answer for q in questions if q.state == "answered"}
        if answers == judged:
            break
        judged = answers
    return found, questions


def firm_tables(facts: Facts) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The terms' [firm] as tables `entities` and `interests`; countries that no name fits are NA."""
    firm, country = facts.terms.firm, facts.rule.country
    places = {"source": "TERMS", "locator": "[firm]"}
    entities = [
        {
            "entity": FIRM,
            "name": str(firm.get("name", FIRM)),
            "kind": "organisation",
            "incorporated": country(firm.get("incorporated")),
            "headquarters": country(firm.get("headquarters")),
            "principal_place": country(firm.get("principal_place")),
            **places,
        }
    ]
    interests = []
    for number, owner in enumerate(firm.get("owners", []), 1):
        own, here = f"owner-{number}", {"source": "TERMS", "locator": f"[firm] owner {number}"}
        person = owner.get("kind", "organisation") == "person"
        home = country(owner.get("country"))
        entities.append(
            {
                "entity": own,
                "name": str(owner.get("name", own)),
                "kind": "person" if person else "organisation",
                **({"residence": home} if person else {"incorporated": home, "headquarters": home}),
                "citizenship": country(owner.get("citizenship")),
                "us_status": owner.get("us_status"),
                **here,
            }
        )
        share = None if owner.get("share") is None else str(owner["share"])  # a share of 0 is one
        interests.append(
            {
                "interest": own,
                "holder": own,
                "subject": FIRM,
                "kind": "shareholding",
                "direct": True,
                "min": share,
                "max": share,
                **here,
            }
        )
    return table("entities", entities), table("interests", interests)
