"""§791.315(d)(3): what the client's policies provide for, element by element (rule data `policy_elements`).

Paragraphs are searched for the words of each element. The machine shows the passages with document, page and line; whether they
provide for the element, a person says.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from assessor.procedures.facts import Facts, answered
from assessor.procedures.working import Workings, cited, counted, finding, items_ref, named, refs, rows
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation

CLAUSE = "791.315(d)(3)"
_SHOWN = 5  # passages shown to the assessor for one element


def passages(facts: Facts, element: dict[str, Any]) -> pd.DataFrame:
    """Paragraphs of `policies` that hold one of the element's words (`any`) and, where it has them, one of `with`."""
    text = facts.tables["policies"]["text"].fillna("").str.casefold()
    found = text.str.contains(words(element["any"]), regex=True)
    if element.get("with"):
        found &= text.str.contains(words(element["with"]), regex=True)
    return facts.tables["policies"][found.astype(bool)]


def words(listed: list[str]) -> str:
    """A regular expression for texts in which one of the words or word groups stands; small letters."""
    return r"(?:^|\W)(?:" + "|".join(re.escape(word.casefold()) for word in listed) + r")(?:\W|$)"


def counted_from(found: pd.DataFrame, element: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """From when periods run in these passages: each start that the element's words (`counts_from`) tell, with its passages.

    §791.312(a) counts from the date of the transaction. A policy may count its years from another day, so the words are shown.
    """
    text = found["text"].fillna("").str.casefold()
    told = {
        start: found[text.str.contains(words(any_), regex=True).astype(bool)]
        for start, any_ in element.get("counts_from", {}).items()
    }
    return {start: [_passage(p) for p in rows(own.head(_SHOWN))] for start, own in told.items() if len(own)}


def _passage(row: dict[str, Any]) -> dict[str, Any]:
    return {"document": row["document"], "place": row["locator"], "text": row["text"]}


def design(facts: Facts) -> tuple[Workings, list[dict[str, Any]]]:
    """Each policy element: found, confirmed, or neither; and the rows of the report's table.

    What was searched for and not found may stand in other words, so the answer "no" makes a finding and silence does not.
    """
    w = Workings()
    table: list[dict[str, Any]] = []
    policies = facts.tables["policies"]
    if policies.empty:
        w.test(CLAUSE, "policies", Outcome.INCONCLUSIVE, "No policy document could be read.", ())
        w.request(
            "policies",
            "The corporate policies on compliance with this rule",
            ["policies"],
            CLAUSE,
            "how effective they are",
        )
        return w, table
    for name, element in facts.rule.data("policy_elements").items():
        found = passages(facts, element)
        shown, starts = rows(found.head(_SHOWN)), counted_from(found, element)
        question = w.asked(
            facts.ask(
                "policy_element",
                name,
                {
                    "why": element["why"],
                    **({"periods count, by their words, from": starts} if starts else {}),
                    "passages found": len(found),
                    "passages": [_passage(p) for p in shown],
                },
            )
        )
        answer, places = answered(question, "yes"), refs(shown) or items_ref(policies)
        seen = f"{counted(len(found), 'passage')} found" if len(found) else "No passage was found by its words"
        seen += f", with periods that count by their words from {named(starts)}" if starts else ""
        w.test(
            element["clause"].split(" ")[0],
            name,
            {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
            {
                True: f"{seen}; the assessor finds that the policies provide for it.",
                False: f"{seen}; the assessor finds that the policies do not provide for it.",
                None: f"{seen}; whether the policies provide for it is asked.",
            }[answer],
            places,
        )
        if answer is False:
            w.findings.append(_not_provided(name, element, seen, question.rationale, places))
        table.append(
            {
                "element": name,
                "clause": element["clause"],
                "document": "; ".join(sorted({p["document"] or p["source"] for p in shown})) or "none",
                "place": cited(refs(shown)),
                "found": f"{len(found)}",
                "confirmed": {True: "yes", False: "no", None: "open"}[answer],
            }
        )
    return w, table


def _not_provided(
    name: str, element: dict[str, Any], seen: str, rationale: str, places: tuple[EvidenceRef, ...]
) -> Finding:
    return finding(
        "element_missing",
        name,
        [CLAUSE, element["clause"].split(" ")[0]],
        f"The policies do not provide for {name}",
        criteria=element["why"],
        condition=f"{seen} in the policies supplied. {rationale}".strip(),
        effect="Staff have no instruction for this duty, and whether it is met depends on chance.",
        severity="medium",
        evidence=places,
        recommendations=[
            Recommendation(
                f"Add a provision on {name}: who acts, on what occasion, by when, and what is recorded.",
                "cause",
                f"all transactions to which §{element['clause'].split(' ')[0]} applies",
            )
        ],
    )
