"""§791.306: general authorizations. May the client rely on one, are its conditions met, were both clocks kept?

A letter in evidence is one version of an authorization, and each transaction falls under the version in force on its date. Two
clocks of 30 days run one after the other (§791.306(e)): from the discovery of a changed circumstance to the assessment whether
the client still qualifies; then, if articles were used outside the conditions, from that determination to ceasing, inquiry and
report.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures import (
    authorization_clocks,
    authorization_eligibility,
    authorization_letters,
    authorization_records,
    authorization_report,
    authorization_scope,
    authorization_versions,
)
from assessor.procedures.facts import Facts, examined
from assessor.procedures.working import Workings, counted, finish, items_ref, summary
from assessor.results import Outcome, ProcedureResult, worst

CLAUSE = "791.306"
TITLE = "General authorizations"
READ = ("authorizations", "authorization_conditions", "authorization_events", "transactions", "representations")


def covered(facts: Facts) -> pd.DataFrame:
    """Transactions that claim a general authorization: columns of `authorization_scope.covered`.

    `covered` is True when the transaction is of the lines, kinds and time of the letter in force on its date, the client is
    eligible, no condition that speaks of single transactions is broken by it, and none that is asked is answered with no; False
    when one of these fails; NA when one is open or not answered, or the letter is not in evidence.
    """
    frame = authorization_scope.covered(facts, "general", lambda a: authorization_eligibility.may_rely(facts, a))
    for a in authorization_versions.letters(facts, "general"):
        own = authorization_scope.settled(facts, a)
        for found in authorization_report.examine(facts, a, own):
            of_this = (frame["letter"] == authorization_versions.label(facts, a)).fillna(False)
            if (answer := found.answer) is None:
                # reliance takes the conditions to be met, and here only a person can say so
                answer = authorization_report.asked(facts, a, found.row, own)
                unmet = of_this & (answer.outcome is Outcome.EXCEPTION)
                unsaid = of_this & (answer.outcome is Outcome.INCONCLUSIVE) & frame["covered"].fillna(True)
                frame.loc[unmet | unsaid, "reason"] = f"condition {found.row['condition']}: {answer.reason}"
                frame.loc[unsaid, "covered"] = pd.NA
                frame.loc[unmet, "covered"] = False
                continue
            broken = of_this & frame["transaction"].isin(list(answer.breaking))
            undecided = of_this & frame["transaction"].isin(list(answer.open)) & frame["covered"].fillna(True)
            frame.loc[undecided, "covered"] = pd.NA
            frame.loc[undecided | broken, "reason"] = f"condition {found.row['condition']}: {answer.reason}"
            frame.loc[broken, "covered"] = False
    return frame


def run(facts: Facts) -> ProcedureResult:
    """Test eligibility, version and conditions of each general authorization in use, and the clocks of paragraph (e)."""
    w, letters, frame = Workings(), authorization_versions.letters(facts, "general"), facts.of(covered)
    table, conditions, versions = [], [], []
    for a in letters:
        part, name = Workings(), authorization_versions.label(facts, a)
        first = authorization_versions.siblings(facts, a)[0] == a
        if first:
            part.add(authorization_eligibility.bars(facts, a["authorization"]))
        part.add(authorization_eligibility.points(facts, a))
        about, version = authorization_letters.report(facts, a)
        part.add(about)
        met, listed = authorization_report.report(
            facts,
            a,
            authorization_scope.settled(facts, a),
            code="outside_conditions",
            clause="791.306(a)",
        )
        part.add(met)
        part.add(authorization_scope.outside(facts, a, frame, "791.306(a)"))
        part.add(authorization_records.kept(facts, a, frame, "791.306(a)"))
        if first:
            part.add(authorization_clocks.clocks(facts, a["authorization"]))
        conditions += listed
        versions.append(version)
        table.append(
            {
                "authorization": name,
                "kind": "general",
                "issued": a["issued"].isoformat() if a["issued"] else "date not stated",
                "conclusion": str(worst(t.outcome for t in part.tests)),
                "reason": summary(part.tests, by="clause"),
            }
        )
        w.add(part)
    w.add(authorization_scope.unknown(facts, "general", "791.306(a)"))
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
        population=f"{counted(len(letters), 'letter')} of general authorizations, {counted(len(conditions), 'condition')}, "
        f"{counted(len(frame), 'transaction')} that claim one",
        work_done=(
            "Held the client's representation and its own ownership against the bars of §791.306(g).",
            "Asked what the letter requires of whoever relies on it, where the authorization is one that BIS is known to have issued.",
            "Held the date of each transaction against the dates of the letters in evidence and of versions known besides.",
            "Compared the letter's file with the digest of the published one, where one is given, and asked where it was published.",
            "Tested each condition by the test that the assessor assigned to it, or asked it.",
            "Held date, line and kind of each transaction that claims a general authorization against the letter.",
            "Looked up in the record index the records of the transactions under it.",
            "Counted the days from discovery to assessment and from determination to report (§791.306(e)).",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            "Letters are examined as supplied by the client; whether BIS has amended one since is shown by them and by the "
            "rule's data only as far as these reach.",
        )
        if letters
        else (),
        tables={"authorizations": table, "conditions": conditions, "versions": versions},
    )
