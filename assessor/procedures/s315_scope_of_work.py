"""§791.315(a), (c)(1)-(2): does the assessment reach every supply chain and every basis of transactions that the client has, and
is a third-party assessor mandated?

Facts needed: the items of the engagement and those built into vehicles, the components read for each, the bases named in
the terms, and the authorizations that transactions claim. What the client uses and did not deliver stays unexamined; it
is asked for. A third-party assessor is mandated by a specific authorization to one of whose conditions the terms assign the test
`assessment_made`, or `audit_made` by a third party, and voluntary otherwise.
"""

from __future__ import annotations

import re

import pandas as pd

from assessor.procedures import authorization_report, authorization_versions
from assessor.procedures.authorization_versions import about, key
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, finish, named, ref, split, terms_ref
from assessor.results import EvidenceRef, Outcome, ProcedureResult

CLAUSE = "791.315(c)"
TITLE = "Reach of the assessment: supply chains and bases of transactions"
MANDATE, CHAINS, BASES = "791.315(a)", "791.315(c)(1)", "791.315(c)(2)"
_SPEAKS = re.compile(
    r"third[- ]party (?:assess|verif|audit)|\bassessor\b|\bindependent (?:assess|audit)|\baudit", re.IGNORECASE
)
"""Words by which a condition that nobody has assigned a test to may mandate an assessor."""


def run(facts: Facts) -> ProcedureResult:
    """One test for each item's bill of materials and for each declaration basis and authorization in use, and one on mandates."""
    w = Workings()
    w.add(mandate(facts))
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
            "Read which condition of a specific authorization mandates a third-party assessor, by the tests that the terms assign.",
        ),
        examined=examined(
            *(facts.tables[name] for name in ("components", "vehicles", "declarations", "authorizations"))
        ),
    )


def mandate(facts: Facts) -> Workings:
    """§791.315(a): whether the terms of a specific authorization mandate a third-party assessor. A condition without an assigned
    test whose words speak of one leaves that open."""
    w = Workings()
    told: list[str] = []
    places: list[EvidenceRef] = []
    doubtful: list[tuple[str, EvidenceRef]] = []
    letters = authorization_versions.letters(facts, "specific")
    for a in letters:
        own = authorization_versions.label(facts, a)
        for row, entry, place in authorization_report.assigned(facts, a):
            subject, test = f"{own} condition {row['condition']}", entry.get("test", "ask")
            if test == "assessment_made" or (test == "audit_made" and entry.get("third_party") is True):
                told.append(subject)
                places += [ref(row), terms_ref(place)]
            elif (test == "ask" or (test == "audit_made" and "third_party" not in entry)) and _SPEAKS.search(
                row["text"] or ""
            ):
                doubtful.append((subject, ref(row)))
    if told:
        reason = f"A third-party assessor is mandated by {named(told)}, and this assessment is made by one"
        w.test(MANDATE, "third-party assessor", Outcome.CONFORMS, reason, tuple(places))
    for subject, at in doubtful:
        reason = "Its words speak of an assessment or audit, and the terms do not say whether it mandates a third party"
        w.test(MANDATE, subject, Outcome.INCONCLUSIVE, reason, (at,))
    if not told and not doubtful:
        reason = (
            "No condition of a specific authorization is read as mandating a third-party assessor; its use is voluntary"
        )
        w.test(MANDATE, "third-party assessor", Outcome.NOT_APPLICABLE, reason, tuple(ref(a) for a in letters))
    return w


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
    claimed = [str(number) for number in transactions["authorization"].dropna()]
    planned = [str(entry["number"]) for entry in facts.terms.authorizations]
    numbers: dict[str, str] = {}
    for number in (*sorted(claimed), *sorted(planned)):
        numbers.setdefault(key(number), number)
    for number in sorted(numbers.values()):
        count += 1
        letter = about(letters, number)
        if len(letter):
            w.test(BASES, number, Outcome.CONFORMS, "Its letter was read", evidence(letter))
            continue
        users = about(transactions, number)
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
