"""§791.306(a), (g): may the client rely on a general authorization? The bars of the rule, and what the letter asks of whoever
relies on it, which the assessor is asked where the rule's data know the authorization."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from assessor.procedures import authorization_scope, authorization_versions, supplier_ownership
from assessor.procedures.authorization_versions import Row, label
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, finding, items_ref, named, one_stop, ref, terms_ref
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation


@dataclass(frozen=True)
class _Bar:
    """Something that stands against reliance."""

    clause: str
    criteria: str
    condition: str
    evidence: tuple[EvidenceRef, ...]


def may_rely(facts: Facts, a: Row) -> bool | None:
    """No bar applies and the letter's points are met: True; one is not: False; open: None."""
    outcomes = [t.outcome for t in (*bars(facts, "").tests, *points(facts, a).tests)]
    return False if Outcome.EXCEPTION in outcomes else None if Outcome.INCONCLUSIVE in outcomes else True


def bars(facts: Facts, number: str) -> Workings:
    """§791.306(g): (1) BIS has not notified the client that it is ineligible; (2) the client is not tied to the PRC or Russia."""
    w, barred = Workings(), list[_Bar]()
    told = authorization_scope.represented(facts, "general authorization ineligibility")
    denied = authorization_scope.denies(told)
    notices = facts.tables["notices"]
    notices = notices[certain(notices["kind"] == "ineligibility")]
    if len(notices):
        days = named(sorted({str(day) for day in notices["dated"].dropna()})) or "an unstated day"
        reason = f"BIS has notified the client that it is not eligible, by notice of {days}."
        w.test("791.306(g)(1)", number, Outcome.EXCEPTION, reason, evidence(notices))
        criteria = "Whom BIS has notified as not eligible may not avail itself of a general authorization."
        barred.append(_Bar("791.306(g)(1)", criteria, reason, evidence(notices)))
    else:
        _represented(w, facts, number, denied, told)
    entity = facts.terms.client.get("entity")
    verdict = facts.of(supplier_ownership.ownership).verdicts.get(str(entity)) if entity else None
    outcome = {
        None: Outcome.INCONCLUSIVE,
        "possible": Outcome.INCONCLUSIVE,
        "excluded": Outcome.CONFORMS,
        "established": Outcome.EXCEPTION,
    }[str(verdict.prc_russia) if verdict else None]
    places = (terms_ref("[client] entity"), *items_ref(facts.tables["interests"]))
    w.test(
        "791.306(g)(2)",
        number,
        outcome,
        f"The client's own tie to the PRC or Russia is {verdict.prc_russia}: {verdict.reason}"
        if verdict
        else "The client's own ownership is not in evidence.",
        places,
    )
    if outcome is Outcome.INCONCLUSIVE:
        w.request(
            "client_ownership",
            "The client's own owners and controllers, complete",
            [facts.terms.client_name],
            "791.306(g)(2)",
            "whether the client may rely on general authorizations",
        )
    if outcome is Outcome.EXCEPTION and verdict:
        criteria = "A person tied to the PRC or Russia may not avail itself of a general authorization."
        barred.append(_Bar("791.306(g)(2)", criteria, f"The client's tie is established: {verdict.reason}", places))
    if barred:
        w.findings.append(_not_eligible(number, barred))
    return w


def _represented(w: Workings, facts: Facts, number: str, denied: bool | None, told: pd.DataFrame) -> None:
    """The client's word on notices of ineligibility, where none is in evidence."""
    w.test(
        "791.306(g)(1)",
        number,
        Outcome.CONFORMS if denied else Outcome.INCONCLUSIVE,
        {
            True: "The client represents in writing that BIS has not notified it of ineligibility.",
            False: "The client's representation does not deny a notice of ineligibility.",
            None: "The client has made no representation on notices of ineligibility.",
        }[denied],
        evidence(told) or items_ref(facts.tables["representations"]),
    )
    if not denied:
        w.request(
            "ineligibility_notice",
            "A written representation whether BIS has notified the client, directly or in an advisory opinion, that it is "
            "not eligible for a general authorization, with any such notice",
            [facts.terms.client_name],
            "791.306(g)(1)",
            "whether the client may rely on general authorizations",
        )


def points(facts: Facts, a: Row) -> Workings:
    """§791.306(a): what the letter asks of whoever relies on it, one question for the letter with every point shown.

    Asked where the rule's data hold a general authorization of exactly this number, and not where a bar applies already. The
    conditions of other letters are tested or asked one by one.
    """
    w, known, name = Workings(), authorization_versions.known(facts, a["authorization"]), label(facts, a)
    if known is None or any(t.outcome is Outcome.EXCEPTION for t in bars(facts, "").tests):
        return w
    t = authorization_scope.claiming(facts, a)
    question = w.asked(
        facts.ask(
            "authorization_eligible",
            name,
            {
                "points": [f"{point.asks} ({point.source}; {point.grade})" for point in known.eligibility],
                "date of the letter": a["issued"],
                "scope": a["scope"],
                "lines and transactions": [a["lines"], a["transactions"]],
                "conditions": [c["text"] for c in authorization_versions.conditions(facts, a)],
                "client": [facts.terms.client_name, *facts.terms.client.get("roles", [])],
                "transactions": {
                    str(kind): int(n) for kind, n in t["kind"].fillna("not stated").value_counts().items()
                },
            },
        )
    )
    answer = answered(question, "yes")
    w.test(
        "791.306(a)",
        f"{name}: eligibility",
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
        {
            True: "The assessor finds that the client meets what the letter asks of whoever relies on it.",
            False: f"The assessor finds that the client does not meet it. {question.rationale}".strip(),
            None: "Whether the client meets what the letter asks of whoever relies on it is asked.",
        }[answer],
        (ref(a),),
    )
    if answer is False:
        w.findings.append(
            _not_eligible(
                name,
                [
                    _Bar(
                        "791.306(a)",
                        "Reliance on a general authorization requires whoever relies on it to meet its stated requirements.",
                        question.rationale or "As the assessor found.",
                        (ref(a),),
                    )
                ],
            )
        )
    return w


def _not_eligible(number: str, barred: list[_Bar]) -> Finding:
    """One finding for all that stands against reliance."""
    return finding(
        "not_eligible",
        number,
        [bar.clause for bar in barred],
        f"The client may not rely on {number}",
        criteria=" ".join(bar.criteria for bar in barred),
        condition=" ".join(one_stop(f"{bar.condition}.") for bar in barred),
        severity="high",
        evidence=[place for bar in barred for place in bar.evidence],
        effect="Transactions under the authorization are not covered by it.",
        recommendations=[
            Recommendation(
                "Cease the transactions and apply for a specific authorization.",
                "condition",
                f"all transactions under {number}",
            )
        ],
    )
