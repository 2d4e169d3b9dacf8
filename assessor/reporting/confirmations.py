"""Annual confirmations (§791.305(h)): for each declaration its last day, what changed since, and what the assessment supports.

Whether the prior information remains accurate is certified by the declarant. What is shown here is what the evidence says of it.
"""

from __future__ import annotations

from assessor.procedures.deadline_declarations import CONFIRM
from assessor.reporting.view import Row, View, cited, place
from assessor.reporting.words import (
    NOT_STATED,
    NOTHING,
    count,
    day,
    listing,
    missing,
    natural,
    outcome,
    plain,
    refs,
    sentence,
)
from assessor.results import Outcome, Test

_MATERIAL = "material_change"
"""The question whether a logged change is material (§791.305(e))."""
_CONFIRMATION = "791.305(h)"


def confirmations(view: View) -> list[Row]:
    """One record a declaration in evidence, by its number."""
    changes = view.records("changes")
    return [
        _declaration(view, row, [change for change in changes if change.get("declaration") == row["declaration"]])
        for row in sorted(view.records("declarations"), key=lambda row: natural(plain(row["declaration"])))
        if not missing(row["declaration"])
    ]


def unassigned(view: View) -> list[Row]:
    """Logged changes that name no declaration: whether they touch one is not known, so they are shown and not left out."""
    listed = [change for change in view.records("changes") if missing(change.get("declaration"))]
    return [_change(view, change) for change in listed]


def _declaration(view: View, row: Row, changes: list[Row]) -> Row:
    name = plain(row["declaration"])
    tests = [t for t in view.tests if t.subject == name or t.subject.startswith((f"{name}:", f"{name} "))]
    own = [t for t in tests if t.clause.startswith("791.305")]
    against = [t for t in own if t.outcome in (Outcome.EXCEPTION, Outcome.INCONCLUSIVE)]
    told = [_change(view, change) for change in changes]
    findings = [
        f.id or f.code for f in view.findings if f.subject == name or f.subject.startswith((f"{name} ", f"{name}:"))
    ]
    findings += [
        f.id or f.code for f in view.findings if f.subject in {plain(change.get("change")) for change in changes}
    ]
    vehicles = " ".join(plain(row[key]) for key in ("make", "model", "trim") if not missing(row.get(key)))
    return {
        "name": name,
        "kind": plain(row.get("kind")),
        "submitted": day(row.get("submitted")),
        "previous": "" if missing(row.get("previous_submission")) else day(row["previous_submission"]),
        "year": NOT_STATED if missing(row.get("model_year")) else str(row["model_year"]),
        "items": plain(row.get("items")),
        "vehicles": vehicles or NOT_STATED,
        "series": plain(row.get("vin_series")),
        "keeper": plain(row.get("documents_kept_by")),
        "evidence": place(row),
        "due": _due(view, name),
        "changes": told,
        "changed": _changed(told),
        "support": _support(own),
        "against": [_test(t) for t in against],
        "confirmed": [_test(t) for t in tests if t.clause.startswith(_CONFIRMATION)],
        "findings": listing(dict.fromkeys(findings)) or NOTHING,
    }


def _due(view: View, name: str) -> list[Row]:
    """The last day in each reading of the text, as the calendar computed it."""
    return [
        {
            "what": plain(row.get("what")).removeprefix(f"{name}: "),
            "date": day(row["date"]) if row.get("date") else "no date",
            "state": plain(row.get("state")),
            "clause": cited([plain(row.get("clause"))]),
            "note": sentence(row.get("note")),
            "evidence": refs(row.get("evidence") or ""),
        }
        for row in view.rows_of("deadlines", "s305_declarations")
        if row.get("subject") == name and plain(row.get("what")).startswith(f"{name}: {CONFIRM}")
    ]


def _change(view: View, change: Row) -> Row:
    asked = next((q for q in view.questions if q.id == _MATERIAL and q.subject == plain(change.get("change"))), None)
    material = (
        "not asked"
        if asked is None
        else f"material: {plain(asked.answer)}, by {plain(asked.answered_by)}"
        if asked.state == "answered"
        else "open: not answered"
        if asked.state == "open"
        else "open: the facts have changed since it was answered"
    )
    return {
        "change": plain(change.get("change")),
        "kind": plain(change.get("kind")).replace("_", " "),
        "subject": plain(change.get("subject")),
        "effective": day(change.get("effective")),
        "discovered": day(change.get("discovered")),
        "revised": "none in evidence" if missing(change.get("revised")) else day(change["revised"]),
        "description": sentence(change.get("description")) or NOT_STATED,
        "material": material,
        "evidence": place(change),
    }


def _changed(changes: list[Row]) -> str:
    """What the log shows, in one sentence; an empty log is no proof that nothing changed."""
    if not changes:
        return "No logged change names this declaration; that nothing changed is not shown by it."
    found = sum(change["material"].startswith("material: yes") for change in changes)
    none = sum(change["material"].startswith("material: no") for change in changes)
    return (
        f"The log shows {count(len(changes), 'change')} that name{'s' if len(changes) == 1 else ''} this declaration: by the assessor's "
        f"record {found:,} material, {none:,} not material, {len(changes) - found - none:,} open."
    )


def _support(tests: list[Test]) -> str:
    """How far the assessment bears the declaration out, counted."""
    if not tests:
        return "The assessment made no test of this declaration."
    told = {kind: sum(test.outcome is kind for test in tests) for kind in Outcome}
    return (
        f"Of {count(len(tests), 'test')} of this declaration under §791.305 {told[Outcome.CONFORMS]:,} conform, "
        f"{told[Outcome.EXCEPTION]:,} are exceptions and {told[Outcome.INCONCLUSIVE]:,} are inconclusive."
    )


def _test(test: Test) -> Row:
    return {
        "clause": cited([test.clause]),
        "outcome": outcome(test.outcome),
        "reason": sentence(test.reason),
        "evidence": refs(test.evidence, 2),
    }
