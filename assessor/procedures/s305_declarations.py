"""§791.305: Declarations of Conformity. Do they say what they must, in time, and does the evidence bear them out?

In the rule's order: contents and certifications (a), signer (b), material changes (e), eligibility (f), lead times (g),
confirmations (h), and the exemption for passive equity (l). A declaration is examined also where single transactions are exempt or authorised.
"""

from __future__ import annotations

from typing import Any

from assessor.procedures import (
    deadlines,
    declaration_changes,
    declaration_confirmation,
    declaration_contents,
    declaration_due,
    declaration_eligibility,
    declaration_evidence,
    declaration_judgements,
    declaration_timing,
)
from assessor.procedures.declaration_contents import Row
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.working import Workings, counted, finish, rows, split, summary
from assessor.results import Outcome, ProcedureResult, worst

CLAUSE = "791.305"
TITLE = "Declarations of Conformity"
READ = ("declarations", "changes", "attestations", "transactions", "vehicles", "components", "representations")


def run(facts: Facts) -> ProcedureResult:
    """Test each declaration, each change that touches one, and all transactions that need one."""
    w, declarations = Workings(), facts.tables["declarations"].sort_values("declaration")
    listed = [d for d in rows(declarations) if d["declaration"] and d["kind"]]
    for row in rows(declarations[declarations["declaration"].isna() | declarations["kind"].isna()]):
        w.request(
            "declaration_identity",
            f"Reference and kind of the declaration in {row['source']}",
            [str(row["source"])],
            "791.305(a)",
            "which contents it must have",
        )
        w.test(
            "791.305(a)",
            f"declaration in {row['source']}",
            Outcome.INCONCLUSIVE,
            "It does not show its reference or whether it is for hardware or software.",
            evidence(declarations[(declarations["source"] == row["source"]).fillna(False)]),
        )
    for declaration in listed:
        for part in (
            declaration_contents.contents,
            declaration_judgements.judgements,
            declaration_evidence.certification,
            declaration_timing.lead_time,
            declaration_confirmation.confirmation,
        ):
            w.add(part(facts, declaration))
    items = software_items(facts, listed)
    for item in items:
        w.add(declaration_evidence.four_fields(facts, item))
    w.add(declaration_changes.changes(facts))
    w.add(declaration_timing.undeclared(facts))
    w.add(declaration_eligibility.cessation(facts))
    w.add(declaration_eligibility.passive_equity(facts))
    if not listed:
        _none(w, facts)
    read = [facts.tables[name] for name in READ]
    return finish(
        w,
        "s305_declarations",
        CLAUSE,
        TITLE,
        population=f"{counted(len(listed), 'declaration')}, {counted(len(facts.tables['changes']), 'logged change')}, "
        f"{counted(len(facts.tables['transactions']), 'transaction')}",
        work_done=(
            "Compared the contents of each declaration with the list of §791.305(a) for its kind.",
            "Held the certification of no tie against the suppliers of all components in scope of the declared items, without regard to "
            "exemptions, authorizations or knowledge.",
            "Counted author, timestamp, name and supplier over every proprietary addition of each declared software item.",
            "Counted calendar days from submission to the first transaction that needs the declaration; transactions under a general "
            "authorization are examined under §791.306.",
            "Held the VIN, line, item and year of all transactions that need a declaration against those declared.",
            "Followed each logged change that touches a declaration to its revised declaration, and each determination that articles "
            "are no longer eligible to its end.",
            "Looked, where no declaration describes an article, for foreign interests other than equity in U.S. persons (§791.305(l)).",
        ),
        examined=examined(*read),
        limitations=(
            "The rule does not say how days are counted; calendar days are used, without roll-over for weekends or holidays.",
            "BIS's own record of submissions was not available; dates are those on the client's copies.",
        ),
        tables={
            "declarations": _table(w, listed),
            "four_fields": [row for item in items for row in declaration_evidence.coverage(facts, item)],
            "deadlines": deadlines.table(facts),
            "passive_equity": declaration_eligibility.trees(facts),
        },
    )


def software_items(facts: Facts, declarations: list[Row]) -> list[str]:
    """The software items that declarations name and of which components are in evidence, sorted."""
    items = [i for d in declarations if d["kind"] == "software" for i in split(d["items"])]
    parts = facts.tables["components"]
    held = parts.loc[(parts["medium"] == "software").fillna(False), "item"].dropna().unique()
    return sorted(str(item) for item in held if declaration_contents.declares(item, items))


def _table(w: Workings, declarations: list[Row]) -> list[dict[str, Any]]:
    found = []
    for d in declarations:
        items = set(split(d["items"]))
        tests = [
            t for t in w.tests if t.subject == d["declaration"] or (d["kind"] == "software" and t.subject in items)
        ]
        found.append(
            {
                "declaration": d["declaration"],
                "kind": d["kind"],
                "submitted": d["submitted"].isoformat() if d["submitted"] else "date not stated",
                "conclusion": str(worst(t.outcome for t in tests)),
                "reason": summary(tests, by="clause"),
            }
        )
    return found


def _none(w: Workings, facts: Facts) -> None:
    due = facts.of(declaration_due.due)
    needed = (due["software_due"] | due["hardware_due"]).fillna(True)
    if needed.any():
        w.request(
            "declarations",
            "All Declarations of Conformity as submitted",
            ["declarations"],
            "791.305(a)",
            "whether they were submitted, in time and with all contents",
        )
    w.test(
        "791.305(a)",
        "declarations",
        Outcome.INCONCLUSIVE if needed.any() else Outcome.NOT_APPLICABLE,
        f"No declaration is in evidence; {counted(int(needed.sum()), 'transaction')} need or may need one.",
        evidence(due[needed], 5),
    )
