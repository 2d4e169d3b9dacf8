"""Annual confirmations of a Declaration of Conformity (§791.305(h)): nothing material changed, in time, and in place of a new one.

A confirmation comes at most a year after the previous submission. Whether the lead time of paragraph (g) before the first
transaction of the new year binds it as well is not settled by the text: both days are computed, and where only one of them was
kept the reading is asked.
"""

from __future__ import annotations

from datetime import date, timedelta

from assessor.procedures import declaration_timing
from assessor.procedures.declaration_changes import confirmation_due, material_change
from assessor.procedures.declaration_contents import Row
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import Workings, counted, finding, named, ref, refs, rows
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation

CLAUSES = {"software": "791.305(h)(1)", "hardware": "791.305(h)(2)"}


def confirmation(facts: Facts, declaration: Row) -> Workings:
    """Test an update that is, or may be, a confirmation; whether it is one is requested only where that decides."""
    w = Workings()
    previous, submitted = declaration["previous_submission"], declaration["submitted"]
    if not (declaration["is_update"] and previous and submitted) or declaration["confirms"] is False:
        return w
    _by_year(w, facts, declaration, confirmation_due(facts, previous))
    _by_lead(w, facts, declaration)
    _unchanged(w, facts, declaration)
    return w


def _by_year(w: Workings, facts: Facts, d: Row, last: date) -> None:
    """At most a year after the previous submission."""
    clause, name, place = CLAUSES[d["kind"]], d["declaration"], (ref(d),)
    told = f"Updates the submission of {d['previous_submission']} on {d['submitted']}"
    if d["submitted"] <= last:
        w.test(clause, name, Outcome.CONFORMS, f"{told}, by {last}.", place)
    elif d["confirms"]:
        told = f"{told}, after {last}: too late to confirm it for a new year in lieu of a new declaration"
        w.test(clause, name, Outcome.EXCEPTION, f"{told}.", place)
        w.findings.append(_not_in_place(d, "late_confirmation", "came too late", told, place))
    else:
        told = f"{told}, after {last}: too late to confirm a new model year in lieu of a new declaration, though open as a revision."
        w.test(clause, name, Outcome.INCONCLUSIVE, told, place)
        w.request(
            "kind_of_update",
            "Whether the update confirms the earlier declaration for a new model year or revises it",
            [name],
            clause,
            "whether a new declaration was due instead",
        )


def _by_lead(w: Workings, facts: Facts, d: Row) -> None:
    """The lead time before the first transaction of its year, if the text is read so that it binds a confirmation (T-7)."""
    clause, name = declaration_timing.LEAD[d["kind"]], d["declaration"]
    t = declaration_timing.concerned(facts, d)
    dated = t.loc[t["due"].fillna(False), "date"].dropna()
    if dated.empty:
        return
    first, lead = dated.min(), int(facts.rule.constant("declaration_lead_days"))
    places = (ref(d), *evidence(t[(t["date"] == first).fillna(False)], 5))
    last = first - timedelta(days=lead)
    if d["submitted"] <= last:
        told = f"Submitted by {last} as well, {lead} calendar days before the first transaction of its year on {first}: in time in both readings."
        w.test(clause, name, Outcome.CONFORMS, told, places)
        return
    shown = {
        "declaration": name,
        "submitted": d["submitted"],
        "last day by the lead time": last,
        "last day by the year": confirmation_due(facts, d["previous_submission"]),
        "first transaction of its year": first,
    }
    question = w.asked(facts.ask("confirmation_lead", name, shown))
    binds = answered(question, "yes")
    outcome = {True: Outcome.EXCEPTION, False: Outcome.NOT_APPLICABLE, None: Outcome.INCONCLUSIVE}[binds]
    told = f"Submitted on {d['submitted']}, less than {lead} days before the first transaction of its year on {first}"
    reading = {
        True: "by the assessor's reading the lead time binds a confirmation",
        False: "by the assessor's reading the lead time does not bind a confirmation",
        None: "whether the lead time binds a confirmation is asked",
    }[binds]
    w.test(clause, name, outcome, f"{told}; {reading}.", places)
    if binds:
        w.findings.append(_not_in_place(d, "late_confirmation", "came too late", f"{told}; {reading}", places))


def _unchanged(w: Workings, facts: Facts, d: Row) -> None:
    """There is nothing to confirm where the covered software or the hardware materially changed."""
    clause, name = CLAUSES[d["kind"]], d["declaration"]
    earlier = {
        o["declaration"]
        for o in rows(facts.tables["declarations"])
        if o["kind"] == d["kind"] and o["submitted"] and o["submitted"] <= d["previous_submission"]
    }
    touching = [
        change
        for change in rows(facts.tables["changes"])
        if change["declaration"] in earlier | {name}
        and (change["discovered"] or change["effective"] or d["submitted"]) <= d["submitted"]
    ]
    answers = {change["change"]: answered(material_change(facts, change), "yes") for change in touching}
    material = [change for change in touching if answers[change["change"]]]
    places = (ref(d), *refs(material or touching))
    about = f"{name}: material changes"
    if material and d["confirms"]:
        told = f"It confirms that nothing material changed, and {named(c['change'] for c in material)} did by the assessor's finding"
        w.test(clause, about, Outcome.EXCEPTION, f"{told}.", places)
        w.findings.append(_not_in_place(d, "confirmed_despite_change", "confirms what had changed", told, places))
    elif material:
        told = f"Of the changes before it {named(c['change'] for c in material)} is material, so that it can be a revision and no confirmation."
        w.test(clause, about, Outcome.NOT_APPLICABLE, told, places)
    elif None in answers.values():
        told = f"Whether {named(c for c, answer in answers.items() if answer is None)} is material is asked."
        w.test(clause, about, Outcome.INCONCLUSIVE, told, places)
    else:
        told = f"None of {counted(len(touching), 'logged change')} that touch it is material."
        w.test(clause, about, Outcome.CONFORMS, told, places)


def _not_in_place(d: Row, code: str, what: str, told: str, places: tuple[EvidenceRef, ...]) -> Finding:
    name, year = d["declaration"], d["model_year"] or "its year"
    return finding(
        code,
        name,
        [CLAUSES[d["kind"]], declaration_timing.LEAD[d["kind"]]],
        f"{name} {what}",
        criteria="Where nothing material changed, a declaration may be confirmed for a new year within a year of the previous submission; "
        "otherwise a new declaration is due.",
        condition=f"{told}.",
        effect=f"For {year} there is no declaration that stands in place of a new one.",
        severity="medium",
        evidence=places,
        recommendations=[
            Recommendation(
                "Submit a declaration for the year and tell BIS of the transactions made without one.",
                "condition",
                f"transactions of {year} under {name}",
            ),
            Recommendation(
                "Decide on a confirmation from the log of changes, ahead of the anniversary and of the first transaction of the year.",
                "cause",
                "later years",
            ),
        ],
    )
