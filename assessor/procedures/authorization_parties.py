"""§791.307(i)(1)(i), (iii): the parties of a specific authorization. Transactions are between them, and each is told of scope and
conditions."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from assessor.procedures import authorization_scope, authorization_versions, supplier_ownership
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import Workings, counted, finding, items_ref, named, plain, ref, rows, split
from assessor.results import Outcome, Question, Recommendation

_CITED = 20
_NAMES = ("supplier", "seller", "buyer", "consignee")
_OPPOSITE = {
    "vehicle_import": ("supplier", "seller"),
    "hardware_import": ("supplier", "seller"),
    "vehicle_sale": ("buyer", "consignee"),
}
"""Columns of the ledger that name the other party of the client, by kind of transaction."""


@dataclass(frozen=True)
class Strangers:
    """Transactions with persons whom the letter does not name, the persons, and the question whether it provides for them."""

    transactions: pd.DataFrame
    persons: tuple[str, ...]
    question: Question

    @property
    def provided(self) -> bool | None:
        """Whether the letter provides for them; None while that is open, or where it provides for some of them only."""
        if answered(self.question, "yes"):
            return True
        return False if answered(self.question, "no") else None


def strangers(facts: Facts, a: Row, t: pd.DataFrame) -> Strangers | None:
    """Those of the transactions in which the ledger names, besides the client, somebody who is neither a party of the letter nor
    a supplier whose articles it covers, under any name that identifies them; None without such, or where the letter names no
    parties."""
    if not split(a["parties"]):
        return None
    identified = (*split(a["parties"]), *split(a["suppliers"]))
    allowed = {*_client(facts, a), *(plain(name) for name in identified)}
    allowed |= {plain(supplier_ownership.resolve(facts, name).name) for name in identified}
    unknown = {
        name
        for column in _NAMES
        for name in t[column].dropna().unique()
        if plain(name) not in allowed and plain(supplier_ownership.resolve(facts, name).name) not in allowed
    }
    if not unknown:
        return None
    met = t[t[list(_NAMES)].isin(sorted(unknown)).any(axis=1).astype(bool)]
    question = facts.ask(
        "parties_provided_for",
        authorization_versions.label(facts, a),
        {
            "persons": sorted(unknown),
            "transactions": len(met),
            "parties": split(a["parties"]),
            "suppliers covered": split(a["suppliers"]),
            "scope": a["scope"],
            "conditions": [row["text"] for row in authorization_versions.conditions(facts, a)],
        },
    )
    return Strangers(met, tuple(sorted(unknown)), question)


def unnamed(facts: Facts, a: Row, t: pd.DataFrame) -> pd.DataFrame:
    """Those of the transactions of which the ledger names no other party than the client: who sold or supplied what was imported,
    who bought or received what was sold."""
    client = _client(facts, a)
    lacking = [
        not any(row[column] and plain(row[column]) not in client for column in _OPPOSITE.get(row["kind"], _NAMES))
        for row in rows(t)
    ]
    return t[pd.Series(lacking, t.index, dtype=bool)]


def _client(facts: Facts, a: Row) -> set[str]:
    return {plain(name) for name in (a["holder"], facts.terms.client_name) if name}


def under(facts: Facts, a: Row, frame: pd.DataFrame) -> pd.DataFrame:
    """Transactions within the letter's time, lines and kinds, as rows of `transactions`."""
    name = authorization_versions.label(facts, a)
    ids = frame.loc[(frame["letter"] == name).fillna(False) & frame["failing"].isna(), "transaction"]
    t = facts.of(authorization_scope.movements)
    return t[t["transaction"].isin(ids.dropna().tolist())]


def between(facts: Facts, a: Row, frame: pd.DataFrame) -> Workings:
    """§791.307(i)(1)(i): the transactions under the letter are between parties that it identifies, as far as the ledger names them.

    A letter may specify otherwise, so that whether it provides for somebody whom it does not name is asked."""
    w, name, clause, place = Workings(), authorization_versions.label(facts, a), "791.307(i)(1)(i)", (ref(a),)
    t = under(facts, a, frame)
    if t.empty:
        return w
    if not split(a["parties"]):
        told = f"The letter as read names no parties, so that {counted(len(t), 'transaction')} under it cannot be held against them."
        w.test(clause, name, Outcome.INCONCLUSIVE, told, (*place, *evidence(t, 5)))
        return w
    lacking, others = unnamed(facts, a, t), strangers(facts, a, t)
    strange = others.transactions if others else t.head(0)
    if others:
        _provided(w, facts, a, others)
    known = t[~t.index.isin(lacking.index) & ~t.index.isin(strange.index)]
    if len(known):
        w.test(
            clause,
            name,
            Outcome.CONFORMS,
            f"The other parties named in {counted(len(known), 'transaction')} are parties of the letter or suppliers that it covers.",
            (*place, *evidence(known, 5)),
        )
    lacking = lacking[~lacking.index.isin(strange.index)]
    if len(lacking):
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            f"The ledger names no other party for {counted(len(lacking), 'transaction')} under it, which were examined through lines and suppliers.",
            (*place, *evidence(lacking, 5)),
        )
        w.request(
            "other_party",
            f"Who sold or shipped each import and who bought each sale under {name}, as columns of the ledger or by contract",
            [name],
            clause,
            "whether the transactions are between the parties that the letter identifies",
        )
    return w


def _provided(w: Workings, facts: Facts, a: Row, others: Strangers) -> None:
    """The test, and the finding if there is one, of transactions with persons whom the letter does not name."""
    name, clause = authorization_versions.label(facts, a), "791.307(i)(1)(i)"
    w.asked(others.question)
    who, count = named(others.persons), counted(len(others.transactions), "transaction")
    told = f"The ledger names {who} in {count}; the letter as read names {named(split(a['parties']))}."
    places = (ref(a), *evidence(others.transactions, _CITED))
    provided = others.provided
    w.test(
        clause,
        name,
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[provided],
        told
        + {
            True: " The assessor finds that it provides for them.",
            False: " The assessor finds that it does not provide for them.",
            None: " Whether it provides for them is asked.",
        }[provided],
        places,
    )
    if provided is None:
        w.request(
            "counterparties",
            f"Who bought from whom in the transactions with {who}, and whether the letter of {name} provides for it",
            [name],
            clause,
            "whether they are between the parties that the letter identifies",
        )
    elif not provided:
        w.findings.append(
            finding(
                "other_parties",
                name,
                [clause],
                f"Transactions with persons whom {name} does not identify",
                criteria="Unless it specifies otherwise, a specific authorization applies only to transactions between the parties that it identifies.",
                condition=told,
                effect="These transactions are not authorised by it.",
                severity="high",
                evidence=places,
                recommendations=[
                    Recommendation("Cease such transactions, establish their extent and tell BIS.", "condition", count),
                    Recommendation(
                        "Hold the parties of each transaction against the letter before it is made.",
                        "cause",
                        f"later transactions under {name}",
                    ),
                ],
                transactions=others.transactions["transaction"].dropna(),
            )
        )


def informed(facts: Facts, a: Row) -> Workings:
    """§791.307(i)(1)(iii): the other parties named are told of scope and conditions."""
    w, number, clause, place = Workings(), authorization_versions.label(facts, a), "791.307(i)(1)(iii)", (ref(a),)
    holder = {plain(a["holder"]), plain(facts.terms.client_name)}
    others = [p for p in split(a["parties"]) if plain(p) not in holder]
    log = authorization_versions.about(facts.tables["authorization_events"], a["authorization"])
    told = log[(log["event"] == "party_informed").fillna(False)]
    informed = {plain(s) for s in told["subject"].dropna()}
    missing = [p for p in others if plain(p) not in informed]
    # an entry that does not say what happened, or to whom, may be the notice
    unsaid = log[(log["event"].isna() | ((log["event"] == "party_informed") & log["subject"].isna())).astype(bool)]
    anybody = log.empty or bool(unsaid["subject"].isna().any())
    open_ = [p for p in missing if anybody or plain(p) in {plain(s) for s in unsaid["subject"].dropna()}]
    missing = [p for p in missing if p not in open_]
    if not split(a["parties"]):
        w.test(clause, number, Outcome.INCONCLUSIVE, "The letter as read names no parties.", place)
        w.request("parties", f"The parties that {number} names", [number], clause, "who had to be informed")
    if open_:
        why = (
            "No log is in evidence that would show"
            if log.empty
            else "An entry of the log that is not complete leaves open"
        )
        w.test(
            clause,
            number,
            Outcome.INCONCLUSIVE,
            f"{why} whether {named(open_)} were informed.",
            (*place, *evidence(unsaid)),
        )
        w.request(
            "party_letters",
            f"The letters that informed {named(open_)} of scope and conditions",
            [number],
            clause,
            "whether they were informed",
        )
    if missing:
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
                f"{named(p for p in others if p not in (*missing, *open_)) or 'none of them'}, and none to {named(missing)}.",
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
    if others and not missing and not open_:
        w.test(clause, number, Outcome.CONFORMS, f"{named(others)} were informed.", (*place, *evidence(told)))
    elif split(a["parties"]) and not others:
        w.test(clause, number, Outcome.NOT_APPLICABLE, "The letter names no party besides the holder.", place)
    return w
