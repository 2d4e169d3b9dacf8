"""§791.315(d)(3): how effective are the client's corporate policies? First their design, then whether controls operated.

Design: the elements that a policy for this rule needs, found by words and confirmed by a person (`policy_design`). Operation:
controls tested on their whole population (`policy_controls`), and what interviews and site visits showed (`policy_fieldwork`).
Effectiveness as a whole is asked.
"""

from __future__ import annotations

from typing import Any

from assessor.procedures import policy_fieldwork, samples
from assessor.procedures.facts import Facts, examined
from assessor.procedures.policy_controls import attestations_in_force, screening_before_onboarding
from assessor.procedures.policy_design import design, words
from assessor.procedures.working import Workings, counted, finding, finish, items_ref
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.315(d)(3)"
TITLE = "Effectiveness of corporate policies"
READ = ("policies", "suppliers", "screening", "attestations", "interviews", "site_visits")


def run(facts: Facts) -> ProcedureResult:
    """Test design and operation, and ask for the effectiveness of the whole."""
    w = Workings()
    designed, elements = design(facts)
    w.add(designed)
    controls = []
    for control in (screening_before_onboarding, attestations_in_force):
        part, row = control(facts)
        w.add(part)
        controls.append(row)
    patterns = {name: words(element["any"]) for name, element in facts.rule.data("policy_elements").items()}
    noted, fieldwork = policy_fieldwork.fieldwork(facts, patterns)
    w.add(noted)
    w.add(_whole(facts, elements, controls, fieldwork, [f.title for f in w.findings]))
    tables = facts.tables
    return finish(
        w,
        "s315_policies",
        CLAUSE,
        TITLE,
        population=f"{counted(tables['policies']['document'].nunique(), 'policy document')} with {counted(len(tables['policies']), 'paragraph')}, "
        f"{counted(len(elements), 'policy element')}, {counted(len(controls), 'control')}",
        work_done=(
            "Searched every paragraph of the policies for each element that a policy for this rule needs, and put the passages to the assessor.",
            "Compared the onboarding date of every supplier taken on in the period with its screenings, by name and alias.",
            "Read for every supplier attestation whether it was in force at the end of the period.",
            "Looked in interviews and site visits for statements that bear on the controls tested, and asked of each what it shows.",
        ),
        examined=examined(*(tables[name] for name in READ)),
        limitations=(
            "Controls that leave no trace in the data supplied were read in the policies and not tested in operation.",
        ),
        tables={
            **{"elements": elements, "controls": controls, "fieldwork": fieldwork},
            "samples": [_sample(facts, row) for row in controls if row["population"]],
        },
    )


def _sample(facts: Facts, control: dict[str, Any]) -> dict[str, Any]:
    """What the test of a control proves: every case of it in the data was looked at."""
    known = (
        Outcome.NOT_TESTED,
        "Whether the client's lists hold every case in which the control should have operated was not tested.",
    )
    undecided = control["population"] - control["tested"]
    return samples.whole(
        facts,
        f"control: {control['control']}",
        CLAUSE,
        f"cases of {control['control']} in the period",
        control["population"],
        control["exceptions"],
        undecided,
        known,
    )


def _whole(
    facts: Facts,
    elements: list[dict[str, Any]],
    controls: list[dict[str, Any]],
    fieldwork: list[dict[str, Any]],
    found: list[str],
) -> Workings:
    """Effectiveness of the programme: asked with the results of design, operation and fieldwork in view.

    `found`: the titles of the findings so far. A programme that is effective in part is a finding of its own where they are none;
    otherwise they set out what it lacks, and the test refers to them.
    """
    w, client = Workings(), facts.terms.client_name
    question = w.asked(
        facts.ask(
            "policy_effectiveness",
            client,
            {
                "elements": {row["element"]: row["confirmed"] for row in elements},
                "controls": {
                    row["control"]: {key: row[key] for key in ("population", "exceptions", "outcome")}
                    for row in controls
                },
                "interviews and site visits": {row["fieldwork"]: row["outcome"] for row in fieldwork},
            },
        )
    )
    settled = question.answer if question.state == "answered" else ""
    places = items_ref(facts.tables["policies"])
    lacking = f" What it lacks is set out in these findings: {'; '.join(found)}." if found else ""
    outcome, told = {
        "yes": (Outcome.CONFORMS, "The assessor finds the compliance programme effective."),
        "partly": (
            Outcome.EXCEPTION,
            f"The assessor finds the compliance programme effective in part. {question.rationale}{lacking}",
        ),
        "no": (
            Outcome.EXCEPTION,
            f"The assessor does not find the compliance programme effective. {question.rationale}",
        ),
    }.get(settled, (Outcome.INCONCLUSIVE, "Whether the compliance programme as a whole is effective is asked."))
    w.test(CLAUSE, client, outcome, told, places)
    if settled == "no" or (settled == "partly" and not found):
        w.findings.append(_not_effective(client, question.rationale, places, in_part=settled == "partly"))
    return w


def _not_effective(client: str, rationale: str, places: tuple[EvidenceRef, ...], *, in_part: bool) -> Finding:
    return finding(
        "programme_not_effective",
        client,
        [CLAUSE],
        f"The compliance programme is {'effective in part' if in_part else 'not effective'}",
        criteria="Corporate policies keep the client in compliance with this rule.",
        condition=rationale or "As the assessor found.",
        effect="Compliance depends on single persons and on chance.",
        severity="medium" if in_part else "high",
        evidence=places,
        recommendations=[
            Recommendation(
                "Mend the parts of the programme that the assessor names, and test them again."
                if in_part
                else "Renew the programme from the elements and controls that failed.",
                "cause",
                "all transactions",
            )
        ],
    )
