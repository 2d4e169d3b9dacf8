"""§791.307: specific authorizations. Is each transaction within the letter, and were its conditions and duties kept?

A specific authorization is a fact to be recorded and never inferred. It covers only the transactions that it describes, between
its parties, while its conditions are met (i)(1); it mends nothing that came before it (l)(1).
"""

from __future__ import annotations

import re
from datetime import timedelta

import pandas as pd

from assessor.procedures import (
    authorization_applications,
    authorization_letters,
    authorization_parties,
    authorization_records,
    authorization_report,
    authorization_scope,
    authorization_versions,
)
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.working import (
    Workings,
    counted,
    finding,
    finish,
    items_ref,
    named,
    plain,
    ref,
    split,
    summary,
    years_after,
)
from assessor.results import Outcome, ProcedureResult, Recommendation, worst

CLAUSE = "791.307"
TITLE = "Specific authorizations"
READ = ("applications", "authorizations", "authorization_conditions", "authorization_events", "transactions")
_CITED = 50


def covered(facts: Facts) -> pd.DataFrame:
    """Transactions that claim or fall under a specific authorization: columns of `authorization_scope.covered`.

    `covered` speaks of lines, kinds and time of the letter in force on the day, and of conditions that single transactions break
    or leave open. It is NA where no letter is in evidence, where the ledger names a person that is no party and whom the letter
    is not found to provide for, and where the assessor finds a statement of the application materially false
    (§791.307(i)(3)); False where the letter is found not to provide for such a person. Whether a report that was not filed ends the
    authorization as a whole is for BIS to say; it is a finding here and changes no coverage.
    """
    frame = authorization_scope.covered(facts, "specific")
    for a in authorization_versions.letters(facts, "specific"):
        own = authorization_parties.under(facts, a, frame)
        of_this = (frame["letter"] == authorization_versions.label(facts, a)).fillna(False)
        for found in authorization_report.examine(facts, a, own):
            if (answer := found.answer) is None:
                continue
            of_open = of_this & frame["covered"].fillna(True)
            broken, undecided = (
                of_open & frame["transaction"].isin(list(ids)) for ids in (answer.breaking, answer.open)
            )
            frame.loc[broken | undecided, "reason"] = f"condition {found.row['condition']}: {answer.reason}"
            frame.loc[undecided, "covered"] = pd.NA
            frame.loc[broken, "covered"] = False
        doubtful = {}
        if (others := authorization_parties.strangers(facts, a, own)) and others.provided is not True:
            met = of_this & frame["transaction"].isin(others.transactions["transaction"].dropna().tolist())
            if others.provided is False:
                hit = met & frame["covered"].fillna(True)
                frame.loc[hit, "covered"], frame.loc[hit, "reason"] = (
                    False,
                    "with a person whom the letter does not identify",
                )
            else:
                doubtful["open: a person whom the ledger names is no party of the letter"] = met
        if authorization_applications.contradicted(facts, a["authorization"]):
            doubtful["open: whether a statement of the application voids the authorization"] = of_this
        for reason, which in doubtful.items():
            hit = of_this & which & frame["covered"].fillna(True)
            frame.loc[hit, "covered"], frame.loc[hit, "reason"] = pd.NA, reason
    return frame


def run(facts: Facts) -> ProcedureResult:
    """Test each specific authorization: application, transactions, parties, conditions, duration, reference and records."""
    w, letters, frame = Workings(), authorization_versions.letters(facts, "specific"), facts.of(covered)
    table, conditions, versions = [], [], []
    for a in letters:
        part = Workings()
        about, version = authorization_letters.report(facts, a)
        part.add(about)
        part.add(_before_issue(facts, a, frame))
        part.add(authorization_scope.outside(facts, a, frame, "791.307(i)(1)(ii)", ("after", "line", "kind")))
        part.add(authorization_parties.between(facts, a, frame))
        part.add(authorization_parties.informed(facts, a))
        met, listed = authorization_report.report(
            facts,
            a,
            authorization_parties.under(facts, a, frame),
            code="condition_not_met",
            clause="791.307(i)(1)(iii)",
        )
        part.add(met)
        part.add(_duration(facts, a))
        part.add(_refers(facts, a))
        part.add(_general_first(facts, a))
        part.add(authorization_records.kept(facts, a, frame, "791.307(n)"))
        conditions += listed
        versions.append(version)
        table.append(
            {
                "authorization": authorization_versions.label(facts, a),
                "kind": "specific",
                "issued": a["issued"].isoformat() if a["issued"] else "date not stated",
                "conclusion": str(worst(t.outcome for t in part.tests)),
                "reason": summary(part.tests, by="clause"),
            }
        )
        w.add(part)
    w.add(authorization_scope.unknown(facts, "specific", "791.307(i)(1)"))
    applied, applications = authorization_applications.report(facts)
    w.add(applied)
    if not w.tests:
        w.test(
            CLAUSE,
            "specific authorizations",
            Outcome.NOT_APPLICABLE,
            "No specific authorization is in evidence, claimed or applied for.",
            items_ref(facts.tables["transactions"]),
        )
    return finish(
        w,
        "s307_specific_authorizations",
        CLAUSE,
        TITLE,
        population=f"{counted(len(letters), 'letter')} of specific authorizations, {counted(len(facts.tables['applications']), 'application')}, "
        f"{counted(len(conditions), 'condition')}, {counted(len(frame), 'transaction')} that claim or fall under one",
        work_done=(
            "Looked in each application for the eight points of §791.307(c), asked whether they describe the transactions, and held "
            "what it states of ownership beside the ownership evidence of its date.",
            "Held date, line and kind of each transaction against the letter that it claims or falls under.",
            "Looked for the notice to each party that the letter names besides its holder, and for persons in the ledger that are no party.",
            "Tested each condition by the test that the assessor assigned to it, or asked it.",
            "Compared the duration with §791.307(l)(4) and looked for the reference that §791.307(l)(2) asks for.",
            "Asked first whether a general authorization applies (§791.306(c)).",
            "Looked up in the record index the records of the transactions under it (§791.307(n)).",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            "Transactions that do not name both parties in the ledger are examined under §791.307(i)(1)(i) through lines and "
            "suppliers only.",
        )
        if any(
            len(authorization_parties.unnamed(facts, a, authorization_parties.under(facts, a, frame))) for a in letters
        )
        else (),
        tables={
            "authorizations": table,
            "conditions": conditions,
            "versions": versions,
            "applications": applications,
        },
    )


def _before_issue(facts: Facts, a: Row, frame: pd.DataFrame) -> Workings:
    """§791.307(l)(1): no authorization validates what was done before it was issued."""
    w, number, clause, place = Workings(), authorization_versions.label(facts, a), "791.307(l)(1)", (ref(a),)
    own = frame[(frame["letter"] == number).fillna(False)]
    t = facts.of(authorization_scope.movements)
    early = t[t["transaction"].isin(own.loc[(own["failing"] == "before").fillna(False), "transaction"].tolist())]
    if a["issued"] is None:
        w.test(clause, number, Outcome.INCONCLUSIVE, "The letter as read does not show its date of issue.", place)
        w.request(
            "issue_date",
            f"The letter of {number} with its date of issue",
            [number],
            clause,
            "from when it covers transactions",
        )
    elif len(early):
        told = f"{counted(len(early), 'transaction')} of its lines and kinds, of {early['date'].min()} to {early['date'].max()}, precede its issue on {a['issued']}"
        w.test(clause, number, Outcome.EXCEPTION, f"{told}.", (*place, *evidence(early, _CITED)))
        w.findings.append(
            finding(
                "earlier_transactions",
                number,
                [clause, "791.307(d)"],
                f"Transactions before {number} was issued",
                criteria="An applicant awaits the decision before transacting; an authorization validates no prohibited transaction effectuated before its "
                "issue unless it says so.",
                condition=f"{told}. The letter as read provides for no earlier transaction.",
                effect=f"For these transactions the articles of {named(split(a['suppliers'])) or 'the suppliers covered'} were not authorised.",
                recommendations=[
                    Recommendation(
                        "Tell BIS of these transactions, and ask counsel whether to disclose them voluntarily.",
                        "condition",
                        f"{counted(len(early), 'transaction')}: {named(early['transaction'].dropna(), 14)}",
                    ),
                    Recommendation(
                        "Hold entries and sales of a line until the letter that it depends on has been received.",
                        "cause",
                        "first transactions under later authorizations",
                    ),
                ],
                severity="high",
                evidence=(*place, *evidence(early, _CITED)),
                transactions=early["transaction"].dropna(),
            )
        )
    else:
        w.test(
            clause,
            number,
            Outcome.CONFORMS,
            f"None of {counted(len(own), 'transaction')} under it precedes its issue on {a['issued']}.",
            (*place, *items_ref(facts.tables["transactions"])),
        )
    return w


def _duration(facts: Facts, a: Row) -> Workings:
    """§791.307(l)(4): at least one model or calendar year, except under (m). The last day of the year may be the last day."""
    w, number, clause, place = Workings(), authorization_versions.label(facts, a), "791.307(l)(4)", (ref(a),)
    years = int(facts.rule.constant("authorization_years"))
    if not a["issued"] or not a["expires"]:
        w.test(
            clause, number, Outcome.INCONCLUSIVE, "The letter as read does not show both its issue and its end.", place
        )
        w.request(
            "authorization_end", f"The duration of {number}", [number], clause, "until when it covers transactions"
        )
    elif a["expires"] + timedelta(days=1) >= years_after(a["issued"], years):
        w.test(
            clause,
            number,
            Outcome.CONFORMS,
            f"In force from {a['issued']} to {a['expires']}, at least {counted(years, 'year')}.",
            place,
        )
    else:
        question = w.asked(
            facts.ask(
                "short_duration",
                number,
                {"issued": a["issued"], "expires": a["expires"], "lines": a["lines"], "scope": a["scope"]},
            )
        )
        allowed = answered(question, "yes")
        told = {
            True: "the assessor finds that it covers a model year or rests on §791.307(m).",
            False: "the assessor finds that it covers no model year and rests on no circumstance of §791.307(m), which only BIS can explain.",
            None: "whether it covers a model year or rests on §791.307(m) is asked.",
        }[allowed]
        w.test(
            clause,
            number,
            Outcome.CONFORMS if allowed else Outcome.INCONCLUSIVE,
            f"In force from {a['issued']} to {a['expires']}, less than a calendar year; {told}",
            place,
        )
    return w


def _refers(facts: Facts, a: Row) -> Workings:
    """§791.307(l)(2): the letter refers to this subpart and to the provision from which it frees."""
    w, number, clause = Workings(), authorization_versions.label(facts, a), "791.307(l)(2)"
    read = [a, *authorization_versions.conditions(facts, a)]
    text = " ".join(str(r.get("scope") or r.get("text") or "") for r in read)
    places = tuple(dict.fromkeys(ref(r) for r in read))
    if re.search(r"subpart D|791\.3\d\d", text, re.IGNORECASE) and re.search(r"791\.30[234]", text):
        w.test(
            clause,
            number,
            Outcome.CONFORMS,
            "The letter refers to this subpart and to the provision from which it frees.",
            places,
        )
        return w
    question = w.asked(facts.ask("refers_to_subpart", number, {"text read": text}))
    answer = answered(question, "yes")
    w.test(
        clause,
        number,
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
        {
            True: "The assessor finds that the letter refers to this subpart and to the provision.",
            False: "The assessor finds no reference to this subpart and the provision in the letter.",
            None: "The passages read name no provision of this subpart; whether the letter does is asked.",
        }[answer],
        places,
    )
    if answer is False:
        w.findings.append(
            finding(
                "no_reference",
                number,
                [clause],
                f"{number} does not refer to the prohibition",
                criteria="An authorization permits only what it frees from by a specific reference to this subpart and its provision.",
                condition=f"{question.rationale}",
                effect="The letter may permit none of the transactions that claim it.",
                severity="high",
                evidence=places,
                recommendations=[
                    Recommendation(
                        "Ask BIS for a letter that names the provision.",
                        "condition",
                        f"all transactions under {number}",
                    )
                ],
            )
        )
    return w


def _general_first(facts: Facts, a: Row) -> Workings:
    """§791.306(c): there is no specific authorization where a general one applies, so that is looked at first."""
    w, number, clause = Workings(), authorization_versions.label(facts, a), "791.306(c)"
    general, own = authorization_versions.letters(facts, "general"), authorization_scope.claiming(facts, a)
    lines = {plain(line) for line in split(a["lines"])}
    overlapping = [
        g for g in general if not split(g["lines"]) or not lines or lines & {plain(line) for line in split(g["lines"])}
    ]
    places = (ref(a), *(ref(g) for g in general))
    if not overlapping:
        w.test(
            clause,
            number,
            Outcome.CONFORMS,
            f"None of {counted(len(general), 'general authorization')} in evidence names one of its lines.",
            places,
        )
        return w
    numbers = [g["authorization"] for g in overlapping]
    question = w.asked(
        facts.ask(
            "general_authorization_first",
            number,
            {
                "general authorizations": numbers,
                "their scope": [g["scope"] for g in overlapping],
                "scope": a["scope"],
                "transactions": len(own),
            },
        )
    )
    answer = answered(question, "no")
    w.test(
        clause,
        number,
        Outcome.CONFORMS if answer else Outcome.INCONCLUSIVE,
        {
            True: f"The assessor finds that {named(numbers)} does not apply to the transactions of {number}.",
            False: f"The assessor finds that {named(numbers)} applies to transactions of {number}; which of both governs is for BIS.",
            None: f"{named(numbers)} may apply to the same lines; whether it does is asked first.",
        }[answer],
        places,
    )
    return w
