"""What is asked of each Declaration of Conformity: its signer (§791.305(b)(1)), the diligence behind it and the measures that it
certifies (§791.305(a)(1)(v), (vii), (2)(iv), (vi))."""

from __future__ import annotations

from typing import Any

from assessor.procedures.declaration_contents import CLAUSES, Row, declares
from assessor.procedures.facts import Facts, answered
from assessor.procedures.working import Workings, counted, finding, items_ref, ref, refs, rows, split
from assessor.results import Outcome, Recommendation


def judgements(facts: Facts, declaration: Row) -> Workings:
    """What is asked of each declaration: its signer (§791.305(b)(1)), its diligence and the measures that it certifies."""
    w, name, kind, place = Workings(), declaration["declaration"], declaration["kind"], (ref(declaration),)
    if declaration["signer"]:
        question = w.asked(
            facts.ask(
                "authorised_signer",
                name,
                {
                    "declaration": name,
                    "declarant": declaration["declarant"],
                    "signer": declaration["signer"],
                    "title": declaration["signer_title"],
                },
            )
        )
        signed = f"Signed by {declaration['signer']}" + (
            f", {declaration['signer_title']}" if declaration["signer_title"] else ""
        )
        if (
            _settled(
                w,
                "791.305(b)(1)",
                name,
                answered(question, "yes"),
                place,
                {
                    True: f"{signed}, whom the assessor finds to be a duly authorised designee.",
                    False: f"{signed}, whom the assessor does not find to be a duly authorised designee.",
                    None: f"{signed}; whether that is a duly authorised designee is asked.",
                },
            )
            is Outcome.EXCEPTION
        ):
            w.findings.append(
                finding(
                    "signer_not_authorised",
                    name,
                    ["791.305(b)(1)"],
                    f"{name} was not signed by an authorised designee",
                    criteria="A duly authorised designee of the declarant signs the certifications.",
                    condition=f"{signed}. {question.rationale}",
                    effect="The certifications may not bind the declarant.",
                    recommendations=[
                        Recommendation(
                            "Have an authorised designee sign a revised declaration.",
                            "condition",
                            f"transactions under {name}",
                        )
                    ],
                    severity="high",
                    evidence=place,
                )
            )
    if declaration["certifies_diligence"]:
        _ask_diligence(w, facts, declaration)
    if declaration["certifies_measures"]:
        clause, attestations = CLAUSES[kind]["measures"], facts.tables["attestations"]
        held = rows(attestations)
        question = w.asked(
            facts.ask(
                "all_possible_measures",
                name,
                {
                    "declaration": name,
                    "suppliers that undertake to furnish documents": sorted(
                        {a["supplier"] for a in held if a["will_furnish"]}
                    ),
                    "suppliers whose attestation does not": sorted(
                        {a["supplier"] for a in held if not a["will_furnish"]}
                    ),
                },
            )
        )
        told = f"{counted(sum(bool(a['will_furnish']) for a in held), 'attestation')} of {len(held)} undertake to furnish documents to BIS"
        if (
            _settled(
                w,
                clause,
                name,
                answered(question, "yes"),
                (*place, *refs(held)),
                {
                    True: f"{told}; the assessor finds that all possible measures were taken.",
                    False: f"{told}; the assessor does not find that all possible measures were taken.",
                    None: f"{told}; whether all possible measures were taken is asked.",
                },
            )
            is Outcome.EXCEPTION
        ):
            w.findings.append(
                finding(
                    "measures_not_taken",
                    name,
                    [clause],
                    f"{name} certifies measures that were not taken",
                    criteria="The declarant has taken all possible measures for suppliers' documents to be furnished to BIS on request.",
                    condition=f"{told}. {question.rationale}",
                    effect="The certification is not borne out by the evidence.",
                    recommendations=[
                        Recommendation(
                            "Oblige the suppliers of declared articles by contract to furnish documents.",
                            "condition",
                            f"transactions under {name}",
                        )
                    ],
                    severity="medium",
                    evidence=(*place, *refs(held)),
                )
            )
    return w


def _ask_diligence(w: Workings, facts: Facts, declaration: Row) -> None:
    name, clause = declaration["declaration"], CLAUSES[declaration["kind"]]["diligence"]
    parts = facts.tables["components"]
    held = parts[(parts["medium"] == declaration["kind"]).fillna(False)]
    described = {
        item: int(n)
        for item, n in held["item"].dropna().value_counts().items()
        if declares(item, split(declaration["items"]))
    }
    question = w.asked(
        facts.ask(
            "diligence_adequate",
            name,
            {
                "declaration": name,
                "documentation maintained by": declaration["documents_kept_by"],
                "components described, by item": dict(sorted(described.items())),
                "suppliers screened": len(facts.tables["screening"]),
                "attestations held": len(facts.tables["attestations"]),
            },
        )
    )
    places = (ref(declaration), *items_ref(held))
    if (
        _settled(
            w,
            clause,
            name,
            answered(question, "yes"),
            places,
            {
                True: "The assessor finds the diligence behind the certification adequate.",
                False: "The assessor does not find the diligence behind the certification adequate.",
                None: "Whether the diligence behind the certification was adequate is asked.",
            },
        )
        is Outcome.EXCEPTION
    ):
        w.findings.append(
            finding(
                "diligence_inadequate",
                name,
                [clause],
                f"The diligence behind {name} was not adequate",
                criteria="The declarant has conducted due diligence to inform its certification and keeps its documents.",
                condition=question.rationale,
                effect="The certification rests on less than it says.",
                recommendations=[
                    Recommendation(
                        "Complete the diligence and submit a revised declaration.",
                        "condition",
                        f"transactions under {name}",
                    )
                ],
                severity="high",
                evidence=places,
            )
        )


def _settled(
    w: Workings, clause: str, subject: str, answer: bool | None, evidence: Any, reasons: dict[bool | None, str]
) -> Outcome:
    outcome = {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer]
    return w.test(clause, subject, outcome, reasons[answer], evidence)
