"""What happens to a Declaration of Conformity after it was submitted: material changes (§791.305(e), (g)(3)), and the last days
for a revision and for a confirmation."""

from __future__ import annotations

from datetime import date, timedelta

from assessor.procedures.declaration_contents import Row
from assessor.procedures.facts import Facts, answered
from assessor.procedures.working import Workings, finding, ref, rows, years_after
from assessor.results import Outcome, Question, Recommendation


def changes(facts: Facts) -> Workings:
    """§791.305(e), (g)(3): a material change leads to a revised declaration within its days from discovery.

    Whether a change is material is asked. A change that the client's log calls a software update is none by itself (§791.305(e)(2));
    the question is put all the same, and unless it is answered "yes" no revision is due.
    """
    w, clause = Workings(), "791.305(g)(3)"
    days, years = (int(facts.rule.constant(c)) for c in ("revised_declaration_days", "change_duty_years"))
    declarations = {d["declaration"]: d for d in rows(facts.tables["declarations"])}
    for change in rows(facts.tables["changes"].sort_values("change")):
        if not change["declaration"]:
            continue
        name, place = change["change"], (ref(change),)
        question = w.asked(material_change(facts, change))
        material, update = answered(question, "yes"), change["kind"] == "software_update"
        original = original_submission(declarations.get(change["declaration"]))
        if material is False:
            w.test("791.305(e)", name, Outcome.NOT_APPLICABLE, f"The assessor finds change {name} not material.", place)
        elif material is None and update:
            w.test(
                "791.305(e)(2)",
                name,
                Outcome.NOT_APPLICABLE,
                f"The log calls change {name} a software update, which alone is not material; nobody has confirmed that it is nothing more.",
                place,
            )
        elif material is None:
            w.test("791.305(e)(1)", name, Outcome.INCONCLUSIVE, f"Whether change {name} is material is asked.", place)
        elif change["discovered"] is None:
            w.test(
                clause,
                name,
                Outcome.INCONCLUSIVE,
                f"Change {name} is material; when it was discovered is not recorded.",
                place,
            )
            w.request(
                "discovery_date",
                f"When the client discovered change {name}",
                [name],
                clause,
                f"from when the {days} days run",
            )
        elif original and change["discovered"] > duty_ends(facts, original):
            w.test(
                clause,
                name,
                Outcome.NOT_APPLICABLE,
                f"Discovered more than {years} years after the original declaration of {original}.",
                place,
            )
        else:
            _revision(w, facts, change, revision_due(facts, change["discovered"]), days)
    return w


def kept(facts: Facts, done: date | None, last: date) -> Outcome:
    """Whether what was due by a day was done: in time, too late, not yet due, or due after the period that evidence covers."""
    if done and done <= last:
        return Outcome.CONFORMS
    if not done and last >= facts.terms.dated:
        return Outcome.NOT_TESTED
    return Outcome.INCONCLUSIVE if not done and last > facts.terms.period_to else Outcome.EXCEPTION


def _revision(w: Workings, facts: Facts, change: Row, last: date, days: int) -> None:
    clause, name, revised, place = "791.305(g)(3)", change["change"], change["revised"], (ref(change),)
    told = f"was submitted on {revised}" if revised else "is not in evidence"
    outcome = kept(facts, revised, last)
    reasons = {
        Outcome.CONFORMS: f"Discovered on {change['discovered']}, revised declaration on {revised}, due by {last}.",
        Outcome.NOT_TESTED: f"A revised declaration is due by {last}, which has not passed.",
        Outcome.INCONCLUSIVE: f"A revised declaration was due by {last}, after the period that the log covers.",
        Outcome.EXCEPTION: f"Discovered on {change['discovered']}; the revised declaration due by {last} {told}.",
    }
    w.test(clause, name, outcome, reasons[outcome], place)
    if outcome is Outcome.INCONCLUSIVE:
        w.request(
            "revised_declaration",
            f"The revised declaration for change {name}",
            [name],
            clause,
            "whether it was submitted in time",
        )
    if outcome is not Outcome.EXCEPTION:
        return
    w.findings.append(
        finding(
            "material_change_not_reported",
            name,
            [clause, "791.305(e)(1)"],
            f"Material change {name} was not reported in time",
            criteria=f"A material change is reported by a revised declaration within {days} days of its discovery.",
            condition=f"Change {name} ({change['kind']}, {change['subject']}) took effect on {change['effective'] or 'a date not recorded'} and was "
            f"discovered on {change['discovered']}: {change['description'] or 'no description'}. A revised declaration was due by {last} and {told}.",
            effect=f"Declaration {change['declaration']} has not been accurate since; BIS may be misled as to the true source.",
            recommendations=[
                Recommendation(
                    "Submit the revised declaration now and state since when the change is known.",
                    "condition",
                    f"transactions under {change['declaration']} since {change['effective'] or change['discovered']}",
                ),
                Recommendation(
                    "Pass every entry of the change log to the person who signs declarations, with the last day for a revision.",
                    "cause",
                    "later changes",
                ),
            ],
            severity="high",
            evidence=place,
        )
    )


def material_change(facts: Facts, change: Row) -> Question:
    """The question whether a logged change is material (§791.305(e)), with what is shown for it."""
    shown = ("kind", "subject", "effective", "discovered", "declaration", "description")
    return facts.ask("material_change", change["change"], {key: change[key] for key in shown})


def revision_due(facts: Facts, discovered: date) -> date:
    """§791.305(g)(3): the last day for a revised declaration after a change was discovered."""
    return discovered + timedelta(days=int(facts.rule.constant("revised_declaration_days")))


def duty_ends(facts: Facts, original: date) -> date:
    """§791.305(g)(3): the day on which the duty to report changes ends, counted from the original declaration."""
    return years_after(original, int(facts.rule.constant("change_duty_years")))


def confirmation_due(facts: Facts, previous: date) -> date:
    """§791.305(h): the last day to confirm a submission for a later year."""
    return years_after(previous, int(facts.rule.constant("confirmation_years")))


def original_submission(declaration: Row | None) -> date | None:
    """The earliest submission that a declaration tells of: its own, or the one that it updates."""
    if declaration is None:
        return None
    return min((d for d in (declaration["submitted"], declaration["previous_submission"]) if d), default=None)
