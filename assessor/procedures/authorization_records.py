"""§§791.306(a), 791.307(n): records of the transactions under an authorization, held and kept for the years of §791.312(a).

Read from the record index as §791.312 reads it. What is wrong there is a finding of §791.312(a); here the authorization is shown
to be concerned, and the finding is not made a second time.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures import authorization_versions, s312_records
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import Workings, counted, named, ref
from assessor.results import Outcome

_CITED = 20


def kept(facts: Facts, a: Row, frame: pd.DataFrame, clause: str) -> Workings:
    """One test: the transactions of `frame` (`authorization_scope.covered`) under the letter that need records have theirs."""
    w, name, years = Workings(), authorization_versions.label(facts, a), int(facts.rule.constant("record_years"))
    under = frame[(frame["letter"] == name).fillna(False) & frame["failing"].isna()]
    need = facts.of(s312_records.required)
    own = need[need["transaction"].isin(under["transaction"].dropna().tolist())]
    subject = f"{name}: records"
    if own.empty:
        reason = "No transaction that needs records is shown to fall under it."
        w.test(clause, subject, Outcome.NOT_APPLICABLE, reason, (ref(a),))
        return w
    index = facts.of(s312_records.indexed)
    index = index[index["transaction"].isin(own["transaction"].dropna().tolist())]
    have = index["held"].fillna(True).astype(bool)
    absent = index[~have]
    early = index[have & (index["kept_until"] < index["due"]).fillna(False).astype(bool)]
    if len(absent) or len(early):
        told = [f"{counted(len(absent), 'record')} not held"] if len(absent) else []
        told += [f"{counted(len(early), 'record')} kept for less than {years} years"] if len(early) else []
        ids = list(dict.fromkeys([*absent["transaction"].dropna(), *early["transaction"].dropna()]))
        w.test(
            clause,
            subject,
            Outcome.EXCEPTION,
            f"{' and '.join(told)}, of {named(ids, 8)}; the findings under §791.312(a) set this out.",
            evidence(pd.concat([absent, early]), _CITED),
        )
        return w
    undated = index[index["held"].isna() | index["kept_until"].isna() | index["due"].isna()]
    unlisted = own[~own["transaction"].isin(index["transaction"].dropna().tolist())]
    if len(undated) or len(unlisted):
        ids = list(dict.fromkeys([*unlisted["transaction"].dropna(), *undated["transaction"].dropna()]))
        w.test(
            clause,
            subject,
            Outcome.INCONCLUSIVE,
            f"The record index does not show for {named(ids, 8)} that records are held and kept for {years} years; they are asked for "
            "under §791.312(a).",
            evidence(undated, _CITED) or evidence(unlisted, _CITED),
        )
        return w
    w.test(
        clause,
        subject,
        Outcome.CONFORMS,
        f"Held, and kept until {years} years after or longer: {counted(len(index), 'record')} of {counted(len(own), 'transaction')}.",
        evidence(index, 5),
    )
    return w
