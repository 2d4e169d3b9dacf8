"""§791.315(c)(1)-(2): does the assessment reach every supply chain and every basis of transactions that the client has?

Facts needed: the items of the engagement and those built into vehicles, the components read for each, the bases named in
the terms, and the authorizations that transactions claim. What the client uses and did not deliver stays unexamined; it
is asked for.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, finish, split, terms_ref
from assessor.results import Outcome, ProcedureResult

CLAUSE = "791.315(c)"
TITLE = "Reach of the assessment: supply chains and bases of transactions"
CHAINS, BASES = "791.315(c)(1)", "791.315(c)(2)"


def run(facts: Facts) -> ProcedureResult:
    """One test for each item's bill of materials and for each declaration basis and authorization in use."""
    w = Workings()
    items = _items(w, facts)
    bases = _bases(w, facts)
    return finish(
        w,
        "s315_scope_of_work",
        CLAUSE,
        TITLE,
        population=f"{counted(items, 'item')} and {counted(bases, 'basis', 'bases')} of transactions",
        work_done=(
            "Held the items of the engagement and those that vehicle lines carry against the bills of materials read.",
            "Held the bases of the engagement and the authorizations that transactions claim against the documents read.",
        ),
        examined=examined(
            *(facts.tables[name] for name in ("components", "vehicles", "declarations", "authorizations"))
        ),
    )


def _items(w: Workings, facts: Facts) -> int:
    """§791.315(c)(1): each item has a bill of materials of its own in evidence."""
    components, vehicles = facts.tables["components"], facts.tables["vehicles"]
    carried = {item for row in vehicles["items"].dropna() for item in split(row)}
    listed = sorted({str(item["name"]) for item in facts.terms.items} | carried)
    for item in listed:
        parts = components[certain(components["item"] == item)]
        if len(parts):
            told = f"{counted(len(parts), 'component')} were read from its bill of materials"
            w.test(CHAINS, item, Outcome.CONFORMS, told, evidence(parts, 1))
            continue
        fitted = vehicles[pd.Series([item in split(row) for row in vehicles["items"]], vehicles.index, dtype=bool)]
        told = "No bill of materials of it is in evidence, so that its supply chain was not examined"
        w.test(CHAINS, item, Outcome.INCONCLUSIVE, told, evidence(fitted) or (terms_ref("[[items]]"),))
        w.request(
            "bill_of_materials",
            f"A bill of materials of {item} with component, version, supplier and author of each part",
            [item],
            CHAINS,
            "who supplies its components, and whether any is tied to the PRC or Russia",
        )
    if not listed:
        w.test(CHAINS, "items", Outcome.NOT_TESTED, "Neither the terms nor the vehicle sheet names an item")
    return len(listed)


def _bases(w: Workings, facts: Facts) -> int:
    """§791.315(c)(2): each declaration and authorization under which the client transacts is in evidence."""
    declarations, letters = facts.tables["declarations"], facts.tables["authorizations"]
    transactions = facts.tables["transactions"]
    count = 0
    if "declarations" in facts.terms.engagement.get("basis", []):
        count += 1
        told = f"{counted(len(declarations), 'declaration')} were read"
        if len(declarations):
            w.test(BASES, "declarations", Outcome.CONFORMS, told, evidence(declarations))
        else:
            told = "The engagement names declarations as a basis, and none is in evidence"
            w.test(BASES, "declarations", Outcome.INCONCLUSIVE, told, (terms_ref("[engagement] basis"),))
    claimed = {str(number) for number in transactions["authorization"].dropna()}
    planned = {str(entry["number"]) for entry in facts.terms.authorizations}
    for number in sorted(claimed | planned):
        count += 1
        letter = letters[certain(letters["authorization"] == number)]
        if len(letter):
            w.test(BASES, number, Outcome.CONFORMS, "Its letter was read", evidence(letter))
            continue
        users = transactions[certain(transactions["authorization"] == number)]
        told = f"Its letter is not in evidence; {counted(len(users), 'transaction')} claim it"
        w.test(BASES, number, Outcome.INCONCLUSIVE, told, evidence(users, 5) or (terms_ref("[[authorizations]]"),))
        w.request(
            "authorization_letter",
            f"The letter of {number}, complete and in the version in force on the dates of the transactions",
            [number],
            BASES,
            "which transactions it covers and on which conditions",
        )
    return count
