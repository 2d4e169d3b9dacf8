"""§791.307(i)(1)(i), (iii): the parties of a specific authorization. Transactions are between them, and each is told of scope and
conditions."""

from __future__ import annotations

import pandas as pd

from assessor.procedures import authorization_scope, authorization_versions, supplier_ownership
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import Workings, counted, finding, items_ref, named, plain, ref, split
from assessor.results import Outcome, Recommendation

_CITED = 20


def strangers(facts: Facts, a: Row, t: pd.DataFrame) -> pd.DataFrame:
    """Those of the transactions whose supplier as named is neither a party of the letter nor a supplier whose articles it
    covers, under any name that identifies it; none where the letter names no parties."""
    if not split(a["parties"]) or t["supplier"].isna().all():
        return t.head(0)
    allowed = {plain(name) for name in (*split(a["parties"]), *split(a["suppliers"]))}
    allowed |= {
        plain(supplier_ownership.resolve(facts, name).name) for name in (*split(a["parties"]), *split(a["suppliers"]))
    }
    same = {
        name: bool({plain(name), plain(supplier_ownership.resolve(facts, name).name)} & allowed)
        for name in t["supplier"].dropna().unique()
    }
    return t[pd.Series([isinstance(name, str) and not same[name] for name in t["supplier"]], t.index, dtype=bool)]


def between(facts: Facts, a: Row, frame: pd.DataFrame) -> Workings:
    """§791.307(i)(1)(i): the transactions under the letter are between parties that it identifies, as far as the ledger names them.

    Whether the letter provides for somebody else is open, so that a supplier that is no party is asked about."""
    w, name, clause, place = Workings(), authorization_versions.label(facts, a), "791.307(i)(1)(i)", (ref(a),)
    t = facts.of(authorization_scope.movements)
    own = frame[(frame["letter"] == name).fillna(False) & frame["failing"].isna()]
    t = t[t["transaction"].isin(own["transaction"].dropna().tolist())]
    known = t[t["supplier"].notna()]
    others = strangers(facts, a, t)
    if len(others):
        who = named(sorted(others["supplier"].dropna().unique()))
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            f"The ledger names {who} in {counted(len(others), 'transaction')}; the letter as read names {named(split(a['parties']))}.",
            (*place, *evidence(others, _CITED)),
        )
        w.request(
            "counterparties",
            f"Who bought from whom in the transactions with {who}, and whether the letter of {name} provides for it",
            [name],
            clause,
            "whether they are between the parties that the letter identifies",
        )
    elif split(a["parties"]) and len(known):
        w.test(
            clause,
            name,
            Outcome.CONFORMS,
            f"The suppliers named in {counted(len(known), 'transaction')} are parties of the letter or suppliers that it covers.",
            (*place, *evidence(known, 5)),
        )
    elif len(t):
        w.test(
            clause,
            name,
            Outcome.NOT_TESTED,
            f"The ledger names no other party for {counted(len(t), 'transaction')} under it; parties were examined through lines and suppliers.",
            (*place, *evidence(t, 5)),
        )
    return w


def informed(facts: Facts, a: Row) -> Workings:
    """§791.307(i)(1)(iii): the other parties named are told of scope and conditions."""
    w, number, clause, place = Workings(), authorization_versions.label(facts, a), "791.307(i)(1)(iii)", (ref(a),)
    holder = {plain(a["holder"]), plain(facts.terms.client_name)}
    others = [p for p in split(a["parties"]) if plain(p) not in holder]
    log = authorization_versions.about(facts.tables["authorization_events"], a["authorization"])
    told = log[(log["event"] == "party_informed").fillna(False)]
    informed = {plain(s) for s in told["subject"].dropna()}
    missing = [p for p in others if plain(p) not in informed]
    if not split(a["parties"]):
        w.test(clause, number, Outcome.INCONCLUSIVE, "The letter as read names no parties.", place)
        w.request("parties", f"The parties that {number} names", [number], clause, "who had to be informed")
    elif missing and log.empty:
        w.test(
            clause,
            number,
            Outcome.INCONCLUSIVE,
            f"No log is in evidence that would show whether {named(missing)} were informed.",
            place,
        )
        w.request(
            "party_letters",
            f"The letters that informed {named(missing)} of scope and conditions",
            [number],
            clause,
            "whether they were informed",
        )
    elif missing:
        w.test(
            clause,
            number,
            Outcome.EXCEPTION,
            f"Of {counted(len(others), 'party', 'parties')} besides the holder {named(missing)} is not shown to have been informed.",
            (*place, *evidence(told), *items_ref(log)),
        )
        w.findings.append(
            finding(
                "party_not_informed",
                number,
                [clause],
                f"Not all parties of {number} were informed",
                criteria="The applicant informs the other parties identified in the authorization of its scope and conditions.",
                condition=f"The letter names {named(others)} besides the holder. The log shows notice to "
                f"{named(p for p in others if p not in missing) or 'none of them'}, and none to {named(missing)}.",
                effect="A party may act outside scope or conditions without knowing them.",
                severity="medium",
                evidence=(*place, *evidence(told), *items_ref(log)),
                recommendations=[
                    Recommendation(
                        f"Inform {named(missing)} in writing now, and keep the letter.",
                        "condition",
                        f"all transactions under {number}",
                    )
                ],
            )
        )
    elif others:
        w.test(clause, number, Outcome.CONFORMS, f"{named(others)} were informed.", (*place, *evidence(told)))
    else:
        w.test(clause, number, Outcome.NOT_APPLICABLE, "The letter names no party besides the holder.", place)
    return w
