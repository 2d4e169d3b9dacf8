"""§791.306: general authorizations. May the client rely on one, are its conditions met, were both clocks kept?

Two clocks of 30 days run one after the other (§791.306(e)): from the discovery of a changed circumstance to the assessment
whether the client still qualifies; then, if articles were used outside the conditions, from that determination to ceasing,
inquiry and report.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from assessor.procedures import authorization_report, authorization_scope, supplier_ownership
from assessor.procedures.authorization_scope import Row
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.working import (
    Workings,
    counted,
    finding,
    finish,
    items_ref,
    plain,
    ref,
    rows,
    summary,
    terms_ref,
)
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Recommendation, worst

CLAUSE = "791.306"
TITLE = "General authorizations"
READ = ("authorizations", "authorization_conditions", "authorization_events", "transactions", "representations")


def covered(facts: Facts) -> pd.DataFrame:
    """Transactions that claim a general authorization: columns transaction, authorization, suppliers, covered, reason.

    `covered` is True when the transaction is of its lines, kinds and time, the client is eligible, and no condition that speaks
    of single transactions is broken by it; False when one of these fails; NA when one is open.
    """
    frame = authorization_scope.covered(facts, "general", may_rely=_eligible(facts))
    for a in authorization_scope.letters(facts, "general"):
        own = authorization_scope.claiming(facts, a["authorization"])
        for condition, _, answer in authorization_report.examine(facts, a, own):
            if answer is None:
                continue
            of_this = frame["authorization"] == a["authorization"]
            broken = of_this & frame["transaction"].isin(list(answer.breaking))
            undecided = of_this & frame["transaction"].isin(list(answer.open)) & frame["covered"].fillna(True)
            frame.loc[undecided, "covered"] = pd.NA
            frame.loc[undecided | broken, "reason"] = f"condition {condition['condition']}: {answer.reason}"
            frame.loc[broken, "covered"] = False
    return frame


def run(facts: Facts) -> ProcedureResult:
    """Test eligibility, the conditions of each general authorization in use, and the clocks of paragraph (e)."""
    w, letters = Workings(), authorization_scope.letters(facts, "general")
    table, conditions = [], []
    for a in letters:
        part, own = Workings(), authorization_scope.claiming(facts, a["authorization"])
        part.add(_eligibility(facts, a))
        met, listed = authorization_report.report(facts, a, own, code="outside_conditions", clause="791.306(a)")
        part.add(met)
        part.add(authorization_scope.outside(facts, a, own, covered(facts), "791.306(a)"))
        part.add(clocks(facts, a))
        conditions += listed
        table.append(
            {
                "authorization": a["authorization"],
                "kind": "general",
                "issued": a["issued"].isoformat() if a["issued"] else "date not stated",
                "conclusion": str(worst(t.outcome for t in part.tests)),
                "reason": summary(part.tests, by="clause"),
            }
        )
        w.add(part)
    w.add(authorization_scope.unknown(facts))
    if not w.tests:
        w.test(
            CLAUSE,
            "general authorizations",
            Outcome.NOT_APPLICABLE,
            "No general authorization is in evidence and no transaction claims one.",
            items_ref(facts.tables["transactions"]),
        )
    return finish(
        w,
        "s306_general_authorizations",
        CLAUSE,
        TITLE,
        population=f"{counted(len(letters), 'general authorization')}, {counted(len(conditions), 'condition')}, "
        f"{counted(len(covered(facts)), 'transaction')} that claim one",
        work_done=(
            "Held the client's representation and its own ownership against the bars of §791.306(g).",
            "Tested each condition by the test that the assessor assigned to it, or asked it.",
            "Held date, line and kind of each transaction that claims a general authorization against the letter.",
            "Counted the days from discovery to assessment and from determination to report (§791.306(e)).",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            "Letters are examined as supplied by the client; whether BIS has amended one since is not shown by them.",
        )
        if letters
        else (),
        tables={"authorizations": table, "conditions": conditions},
    )


def _eligible(facts: Facts) -> bool | None:
    """Neither bar of §791.306(g) applies: True; one applies: False; open: None."""
    outcomes = [t.outcome for t in _eligibility(facts, {"authorization": ""}).tests]
    return False if Outcome.EXCEPTION in outcomes else None if Outcome.INCONCLUSIVE in outcomes else True


def _eligibility(facts: Facts, authorization: Row) -> Workings:
    """§791.306(g): (1) BIS has not notified the client that it is ineligible; (2) the client is not tied to the PRC or Russia."""
    w, number = Workings(), authorization["authorization"]
    told = authorization_scope.represented(facts, "general authorization ineligibility")
    denied = authorization_scope.denies(told)
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
    entity = facts.terms.client.get("entity")
    verdict = facts.of(supplier_ownership.ownership).verdicts.get(str(entity)) if entity else None
    outcome = {
        None: Outcome.INCONCLUSIVE,
        "possible": Outcome.INCONCLUSIVE,
        "excluded": Outcome.CONFORMS,
        "established": Outcome.EXCEPTION,
    }[str(verdict.prc_russia) if verdict else None]
    places = [terms_ref("[client] entity"), *items_ref(facts.tables["interests"])]
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
    if outcome is Outcome.EXCEPTION:
        w.findings.append(
            finding(
                "not_eligible",
                number,
                ["791.306(g)(2)"],
                f"The client may not rely on {number}",
                criteria="A person tied to the PRC or Russia may not avail itself of a general authorization.",
                condition=f"The client's tie is established: {verdict.reason}" if verdict else "",
                severity="high",
                evidence=places,
                effect="Transactions under the authorization are not covered by it.",
                recommendations=[
                    Recommendation(
                        "Cease the transactions and apply for a specific authorization.",
                        "condition",
                        f"all transactions under {number}",
                    )
                ],
            )
        )
    return w


def clocks(facts: Facts, authorization: Row) -> Workings:
    """§791.306(e): days from `change_discovered` to `assessed`, and from `determined_outside` to `reported_outside`."""
    w, number = Workings(), authorization["authorization"]
    log = facts.tables["authorization_events"]
    log = log[(log["authorization"] == number).fillna(False)]
    for clause, began, ended, constant, code, words in (
        (
            "791.306(e)",
            "change_discovered",
            "assessed",
            "change_assessment_days",
            "not_assessed",
            ("discovered a change in circumstance", "assessed whether it still qualifies"),
        ),
        (
            "791.306(e)(1)",
            "determined_outside",
            "reported_outside",
            "outside_report_days",
            "report_not_made",
            ("determined a use outside the conditions", "reported it to BIS"),
        ),
    ):
        days = int(facts.rule.constant(constant))
        starts, ends = (
            rows(log[(log["event"] == event).fillna(False)].sort_values("date")) for event in (began, ended)
        )
        late = []
        for start in starts:
            end = matching(start, ends, alone=len(starts) == 1)
            about = f"{number}{': ' + start['subject'] if start['subject'] else ''}"
            places = [ref(e) for e in (start, end) if e]
            if start["date"] is None or (end and end["date"] is None):
                w.test(
                    clause,
                    about,
                    Outcome.INCONCLUSIVE,
                    f"The log does not date when the client {words[0]} or {words[1]}.",
                    places,
                )
                w.request(
                    "clock_dates",
                    f"When the client {words[0]} and {words[1]}",
                    [about],
                    clause,
                    f"whether {days} days were kept",
                )
                continue
            last = start["date"] + timedelta(days=days)
            if end and end["date"] <= last:
                w.test(
                    clause,
                    about,
                    Outcome.CONFORMS,
                    f"On {start['date']} the client {words[0]}, and on {end['date']} {words[1]}, "
                    f"{(end['date'] - start['date']).days} days later; {days} are allowed.",
                    places,
                )
            elif not end and last >= facts.terms.dated:
                w.test(
                    clause,
                    about,
                    Outcome.NOT_TESTED,
                    f"The client {words[0]} on {start['date']}; it has until {last}.",
                    places,
                )
            else:
                told = f"On {start['date']} the client {words[0]}; by {last} it had not {words[1]}" + (
                    f", which it did on {end['date']}." if end else ", and the log shows no later date either."
                )
                w.test(clause, about, Outcome.EXCEPTION, told, places)
                late.append((told, places))
        if late:
            w.findings.append(_overdue(number, code, clause, days, late))
    return w


def matching(start: Row, ends: list[Row], *, alone: bool) -> Row | None:
    """The entry that ends what `start` began: of the same subject, or of none where nothing else is open; not earlier."""
    for end in ends:
        same = plain(end["subject"]) == plain(start["subject"]) or (alone and not (end["subject"] and start["subject"]))
        if same and (end["date"] is None or start["date"] is None or end["date"] >= start["date"]):
            return end
    return None


_DUTY = {
    "not_assessed": (
        "a change in circumstance was not assessed in time",
        "Within {days} days of discovering a change in circumstance the client assesses whether it still qualifies.",
        "The client went on relying on the authorization without knowing whether it still qualified.",
        "Assess now whether the client still qualifies, and record it.",
    ),
    "report_not_made": (
        "use outside the conditions was not reported in time",
        "Within {days} days of determining a use outside the conditions the client ceases prohibited conduct, makes an internal inquiry "
        "and reports to BIS the transactions, the number of units and the remedial measures.",
        "BIS was not told in time, and failure to follow the instructions may nullify the authorization (§791.306(d)).",
        "Report to BIS now: transactions, number of units and remedial measures.",
    ),
}
"""Title, criteria, effect and recommendation by code of finding."""


def _overdue(number: str, code: str, clause: str, days: int, late: list[tuple[str, list[EvidenceRef]]]) -> Finding:
    title, criteria, effect, mend = _DUTY[code]
    return finding(
        code,
        number,
        [clause],
        f"{number}: {title}",
        criteria=criteria.format(days=days),
        condition=" ".join(told for told, _ in late),
        effect=effect,
        severity="high",
        evidence=[place for _, places in late for place in places],
        recommendations=[
            Recommendation(mend, "condition", f"transactions under {number}"),
            Recommendation(
                "Enter the last day in a calendar with an owner when the period begins.",
                "cause",
                f"transactions under {number}",
            ),
        ],
    )
