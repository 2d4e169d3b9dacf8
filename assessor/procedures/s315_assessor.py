"""§791.315(b), (c), (e): the assessor. Who owns it, is it independent and competent, and what does it acknowledge?

The bar of (b)(1) is hard and tested on the firm's own owners by the same engine as any supplier. Independence and competence are
weighed by people: the facts are disclosed and the questions asked.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures.facts import Facts, answered
from assessor.procedures.firm_ownership import FIRM, ownership
from assessor.procedures.working import Workings, counted, finding, finish, named, terms_ref
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Question, Recommendation

CLAUSE = "791.315(b)"
TITLE = "The assessor"
DISCLOSED = {
    "fee_basis": "basis of the fee",
    "contingent": "whether any part of the fee depends on the outcome",
    "other_services": "other services for the client",
    "financial_interests": "financial interests in the client",
}
"""What §791.315(b)(2) makes weighty: keys of [independence] and their names in words."""


def run(facts: Facts) -> ProcedureResult:
    """Test the firm's own statements in the terms of the engagement."""
    w = Workings()
    for part in (own_ties, team, independence, competence, security_requirements, method, own_records):
        w.add(part(facts))
    firm = str(facts.terms.firm.get("name", "the firm"))
    return finish(
        w,
        "s315_assessor",
        CLAUSE,
        TITLE,
        population=f"{firm}, {counted(len(facts.terms.firm.get('owners', [])), 'owner')}, {counted(len(facts.terms.team), 'team member')}",
        work_done=(
            "Determined from the firm's stated seat and owners whether it is tied to the PRC or Russia, as for any supplier.",
            "Compared the disclosures on fees, other services and financial interests with §791.315(b)(2).",
            "Read the firm's statements on method, use by the U.S. government and its records.",
        ),
        examined=("TERMS",),
        limitations=(
            "The firm's own statements are taken from the terms of the engagement; no third party has confirmed them.",
            "Qualification and competence are for the client to determine (§791.315(b)); the assessor's own answer is shown.",
        ),
        tables={
            "team": [
                {
                    "name": m["name"],
                    "role": m["role"],
                    "qualifications": "; ".join(map(str, m.get("qualifications", []))),
                }
                for m in facts.terms.team
            ],
            "independence": [
                {"topic": words, "statement": _words(facts.terms.independence.get(key))}
                for key, words in {
                    **DISCLOSED,
                    "fee": "amount of the fee",
                    "statement": "statement of independence",
                }.items()
            ],
        },
    )


def own_ties(facts: Facts) -> Workings:
    """§791.315(b)(1): the firm is not a person tied to the PRC or Russia (all four limbs of the definition)."""
    w, name, clause = Workings(), str(facts.terms.firm.get("name", FIRM)), "791.315(b)(1)"
    found, questions = ownership(facts)
    verdict = found.verdict(FIRM)
    w.questions += questions
    places = (terms_ref("[firm]"),)
    outcome = {
        "established": Outcome.EXCEPTION,
        "possible": Outcome.INCONCLUSIVE,
        "excluded": Outcome.CONFORMS,
    }[str(verdict.prc_russia)]
    w.test(
        clause,
        name,
        outcome,
        f"A tie of the firm to the PRC or Russia is {verdict.prc_russia}: {verdict.reason}",
        places,
    )
    if outcome is Outcome.EXCEPTION:
        w.findings.append(_barred(name, verdict.reason, places))
    elif outcome is Outcome.INCONCLUSIVE:
        what = "The firm's owners and controllers with their countries, complete to the last share"
        w.request("firm_ownership", what, [name], clause, "whether the firm may be the assessor")
    return w


def _barred(name: str, reason: str, places: tuple[EvidenceRef, ...]) -> Finding:
    return finding(
        "assessor_barred",
        name,
        ["791.315(b)(1)"],
        "The firm may not be the assessor",
        criteria="The assessor is not a person owned by, controlled by, or subject to the jurisdiction or direction of the PRC or Russia.",
        condition=reason,
        effect="The assessment cannot be relied on for a declaration (§791.305(d)).",
        severity="high",
        evidence=places,
        recommendations=[
            Recommendation(
                "Have another assessor make the assessment.", "condition", "all transactions that rely on it"
            )
        ],
    )


def team(facts: Facts) -> Workings:
    """§791.315(b)(1) for members of the team, where the facts call for it: a member whose stated citizenship or residence is of
    the PRC or Russia or fits no country, and who is no U.S. citizen (person limb (2), §791.301). The sentence on employees'
    citizenship is written for hardware and software and not for assessors, so it is asked."""
    w, tied = Workings(), facts.rule.countries("prc_russia")
    for member in facts.terms.team:
        name, told = str(member["name"]), member.get("citizenship")
        stated = [part for part in (told if isinstance(told, list) else [told]) if part]
        countries = [facts.rule.country(part) or part for part in stated]
        home = facts.rule.country(member.get("residence")) or member.get("residence")
        doubtful = [c for c in (*countries, home) if c and (c in tied or facts.rule.country(c) is None)]
        if not doubtful or "US" in countries:
            continue
        shown = {"role": member["role"], "citizenship": countries, **({"residence": home} if home else {})}
        question = w.asked(facts.ask("team_member", name, shown))
        answer = answered(question, "no")
        places = (terms_ref(f"[[team]] {name}"),)
        w.test(
            "791.315(b)(1)",
            name,
            {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
            {
                True: "The assessor finds that this member is not a person tied to the PRC or Russia.",
                False: "The assessor finds that this member is a person tied to the PRC or Russia.",
                None: "Whether this member is a person tied to the PRC or Russia is asked.",
            }[answer],
            places,
        )
        if answer is False:
            w.findings.append(
                finding(
                    "team_member_tied",
                    name,
                    ["791.315(b)(1)"],
                    "A member of the team is tied to the PRC or Russia",
                    criteria="The assessor is not such a person.",
                    condition=question.rationale or "As the assessor found.",
                    severity="high",
                    evidence=places,
                    effect="Reliance on the assessment may be unreasonable.",
                    recommendations=[
                        Recommendation(
                            "Replace the member and repeat the member's work.",
                            "condition",
                            "all transactions that rely on the assessment",
                        )
                    ],
                )
            )
    return w


def independence(facts: Facts) -> Workings:
    """§791.315(b)(2): what has to be disclosed is disclosed; independence itself is asked."""
    w, firm, told = Workings(), str(facts.terms.firm.get("name", FIRM)), facts.terms.independence
    places = (terms_ref("[independence]"),)
    silent = [words for key, words in DISCLOSED.items() if told.get(key) is None]
    w.test(
        "791.315(b)(2)",
        f"{firm}: disclosures",
        Outcome.INCONCLUSIVE if silent else Outcome.CONFORMS,
        f"Not disclosed: {', '.join(silent)}."
        if silent
        else "Fees, other services and financial interests are disclosed.",
        places,
    )
    if silent:
        w.request(
            "independence",
            f"A statement on {', '.join(silent)}",
            [firm],
            "791.315(b)(2)",
            "how independent the assessor is",
        )
    question = w.asked(
        facts.ask("independence", firm, {key: told.get(key) for key in (*DISCLOSED, "fee", "statement")})
    )
    _weighed(w, question, "791.315(b)(2)", firm, places, "independent of the client", "not_independent")
    return w


def competence(facts: Facts) -> Workings:
    """§791.315(b): qualified and competent, asked with certificates and the team's qualifications in view."""
    w, firm = Workings(), str(facts.terms.firm.get("name", FIRM))
    question = w.asked(
        facts.ask(
            "competence",
            firm,
            {
                "certifications": facts.terms.firm.get("certifications", []),
                "team": [
                    {key: member.get(key) for key in ("name", "role", "qualifications")} for member in facts.terms.team
                ],
            },
        )
    )
    _weighed(
        w,
        question,
        "791.315(b)",
        firm,
        (terms_ref("[firm] certifications"), terms_ref("[[team]]")),
        "qualified and competent",
        "not_competent",
    )
    return w


def security_requirements(facts: Facts) -> Workings:
    """§791.315(b): the assessor attests to security requirements that the subpart does not define, so the criteria taken for them
    are named."""
    w, firm = Workings(), facts.terms.firm
    name, criteria = str(firm.get("name", FIRM)), firm.get("security_requirements")
    if criteria:
        listed = [criteria] if isinstance(criteria, str) else criteria
        told = f"The firm names the criteria that it takes for the security requirements: {named(listed)}"
        w.test("791.315(b)", f"{name}: criteria", Outcome.CONFORMS, told, (terms_ref("[firm] security_requirements"),))
        return w
    told = "The terms do not name the criteria taken for the security requirements, which the subpart does not define."
    w.test("791.315(b)", f"{name}: criteria", Outcome.INCONCLUSIVE, told, (terms_ref("[firm]"),))
    w.request(
        "security_requirements",
        "The criteria that the firm takes for the security requirements of §791.315(b)",
        [name],
        "791.315(b)",
        "to which requirements the assessment attests",
    )
    return w


def _weighed(w: Workings, question: Question, clause: str, firm: str, places: Any, words: str, code: str) -> None:
    answer = answered(question, "yes")
    w.test(
        clause,
        firm,
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
        {
            True: f"The person answering finds the firm {words}.",
            False: f"The person answering does not find the firm {words}.",
            None: f"Whether the firm is {words} is asked.",
        }[answer],
        places,
    )
    if answer is False:
        w.findings.append(
            finding(
                code,
                firm,
                [clause],
                f"The firm was not found {words}",
                criteria="Reliance on an assessment depends on the assessor's independence and competence.",
                condition=question.rationale or "As the person answering found.",
                effect="BIS may find reliance on the assessment unreasonable.",
                severity="high",
                evidence=places,
                recommendations=[
                    Recommendation(
                        "Have another assessor make or repeat the assessment.",
                        "condition",
                        "all transactions that rely on it",
                    )
                ],
            )
        )


def method(facts: Facts) -> Workings:
    """§791.315(c)(3), (c)(4): a method is stated, and use by the U.S. government is acknowledged."""
    w, firm = Workings(), facts.terms.firm
    name, stated = str(firm.get("name", FIRM)), firm.get("method")
    w.test(
        "791.315(c)(3)",
        name,
        Outcome.CONFORMS if stated else Outcome.INCONCLUSIVE,
        "The firm states the method that it follows." if stated else "The terms state no method.",
        (terms_ref("[firm] method"),),
    )
    if not stated:
        w.request(
            "method", "The method that the firm follows", [name], "791.315(c)(3)", "whether the method is reliable"
        )
    acknowledged, place = firm.get("acknowledges_government_use"), (terms_ref("[firm] acknowledges_government_use"),)
    outcome, reason = (
        Outcome.INCONCLUSIVE,
        "The terms do not say whether the firm acknowledges use by the U.S. government.",
    )
    if acknowledged is True:
        outcome, reason = (
            Outcome.CONFORMS,
            "The firm acknowledges that the U.S. government may use the assessment to verify compliance.",
        )
    elif acknowledged is False:
        outcome, reason = (
            Outcome.EXCEPTION,
            "The firm does not acknowledge that the U.S. government may use the assessment.",
        )
    w.test("791.315(c)(4)", name, outcome, reason, place)
    if acknowledged is False:
        w.findings.append(
            finding(
                "use_not_acknowledged",
                name,
                ["791.315(c)(4)"],
                "Use by the U.S. government is not acknowledged",
                criteria="The assessment acknowledges that the U.S. government may use it to verify compliance.",
                condition="The firm's terms deny it.",
                effect="The assessment does not conform to §791.315 and cannot be relied on.",
                severity="high",
                evidence=place,
                recommendations=[
                    Recommendation("Acknowledge the use.", "condition", "all transactions that rely on the assessment")
                ],
            )
        )
    elif acknowledged is None:
        w.request(
            "acknowledgement",
            "The acknowledgement of §791.315(c)(4)",
            [name],
            "791.315(c)(4)",
            "whether the assessment conforms to §791.315",
        )
    return w


def own_records(facts: Facts) -> Workings:
    """§§791.312(b), 791.315(e): the assessor keeps all records of the assessment; every item examined has its digest in the register."""
    w, firm, register = Workings(), str(facts.terms.firm.get("name", FIRM)), facts.register
    there = register[register["status"].fillna("") != "missing"] if "status" in register else register
    digests = there["sha256"].notna() if "sha256" in there else pd.Series(False, there.index)
    if len(there) and digests.all():
        w.test(
            "791.315(e)",
            firm,
            Outcome.CONFORMS,
            f"All {counted(len(there), 'evidence item')} are kept with their digests. The rule states no period for the assessor's own records "
            "(§791.312(b)).",
            tuple(EvidenceRef(str(i)) for i in there["id"][:5]),
        )
    else:
        w.test(
            "791.315(e)",
            firm,
            Outcome.INCONCLUSIVE,
            f"{counted(int((~digests).sum()), 'evidence item')} of {len(there)} have no digest in the register.",
            (terms_ref("[firm]"),),
        )
    return w


def _words(value: Any) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return named(value, 20) if value else "none"
    return str(value)
