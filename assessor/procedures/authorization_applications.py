"""§791.307(c), (d), (i)(3): the application behind a specific authorization. What it contains, when it was made, and what it says
of ownership beside the evidence of the same time.

Whether a point is described well enough, and whether a statement is materially false, is asked and never decided here. What an
application as read does not show may have been furnished later (§791.307(f)), so that it is asked for and no exception by itself.
"""

from __future__ import annotations

from collections import deque
from datetime import date
from typing import Any

import pandas as pd

from assessor.procedures import authorization_scope, authorization_versions, supplier_ownership
from assessor.procedures.authorization_versions import Row, about, key
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import Workings, counted, finding, named, plain, ref, rows, split, terms_ref
from assessor.results import EvidenceRef, Finding, Outcome, Recommendation

CONTENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "791.307(c)(1)": (("parties", "owners"), "the parties with their identifiers, and who ultimately owns them"),
    "791.307(c)(2)": (("articles", "assembly"), "the articles concerned, and who assembles and packages them"),
    "791.307(c)(3)": (("vehicles",), "make, model and trim of the vehicles, if known"),
    "791.307(c)(4)": (("function",), "the intended function"),
    "791.307(c)(5)": (("documents",), "documents in support, such as a threat analysis if available"),
    "791.307(c)(6)": (("access",), "how far access and influence of the PRC or Russia can be limited"),
    "791.307(c)(7)": (("standards",), "the security standards in use"),
    "791.307(c)(8)": (("measures",), "further technical or operational measures, if applicable"),
}
"""What an application contains, by paragraph: columns of `applications`, and the contents in words."""
_CITED = 20


def report(facts: Facts) -> tuple[Workings, list[Row]]:
    """The tests of every application in evidence and a request for those that are not; rows of the report's table."""
    w, table = Workings(), []
    listed = rows(facts.tables["applications"])
    for application in listed:
        part = Workings()
        subject = name(facts, application)
        _contents(part, application, subject)
        _quality(part, facts, application, subject)
        _timing(part, facts, application, subject)
        _statement(part, facts, application, subject)
        w.add(part)
        table += [
            {
                "application": subject,
                "clause": test.clause,
                "outcome": str(test.outcome),
                "reason": test.reason,
                "evidence": "; ".join(str(place) for place in test.evidence[:5]),
            }
            for test in part.tests
        ]
    _missing(w, facts, {key(a["authorization"]) for a in listed if a["authorization"]})
    return w, table


def name(facts: Facts, application: Row) -> str:
    """What an application is called in results: by the authorization granted on it, by its reference, or by its item."""
    number, reference = application["authorization"], application["application"]
    if number:
        several = len(about(facts.tables["applications"], number)) > 1
        return f"{number} application" + (f" {reference or application['source']}" if several else "")
    return f"application {reference or application['source']}"


def contradicted(facts: Facts, number: Any) -> bool:
    """Whether the assessor finds a statement in or with an application for the authorization materially false."""
    return any(
        answered(question, "yes") is True
        for application in rows(about(facts.tables["applications"], number))
        if (question := _asked(facts, application, name(facts, application)))
    )


def _contents(w: Workings, application: Row, subject: str) -> None:
    """§791.307(c)(1)-(8): presence of each point."""
    place, missing = (ref(application),), []
    for clause, (columns, words) in CONTENTS.items():
        if all(application[column] for column in columns):
            w.test(clause, subject, Outcome.CONFORMS, f"It gives {words}.", place)
        else:
            missing.append(f"{clause.removeprefix('791.307(c)')} {words}")
            w.test(
                clause,
                subject,
                Outcome.INCONCLUSIVE,
                f"The application as read does not give all of this: {words}.",
                place,
            )
    if missing:
        w.request(
            "application_contents",
            f"The part of the {subject}, or what was furnished to BIS after it, that gives {'; '.join(missing)}",
            [subject],
            "791.307(c)",
            "whether the application was complete",
        )


def _quality(w: Workings, facts: Facts, application: Row, subject: str) -> None:
    """§791.307(c): whether the points describe the transactions is asked, the texts of (6) and (8) among them."""
    shown = {words: [application[c] for c in columns] for columns, words in CONTENTS.values()}
    question = w.asked(facts.ask("application_quality", subject, {"submitted": application["submitted"], **shown}))
    answer = answered(question, "yes")
    w.test(
        "791.307(c)",
        subject,
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
        {
            True: "The assessor finds the transactions described in each point.",
            False: f"The assessor finds them not described in each point. {question.rationale}".strip(),
            None: "Whether it describes the transactions in each point is asked.",
        }[answer],
        (ref(application),),
    )
    if answer is False:
        w.findings.append(
            finding(
                "application_incomplete",
                subject,
                ["791.307(c)"],
                f"The {subject} does not describe the transactions in each point",
                criteria="An application describes the nature of the otherwise prohibited transactions at least in the eight points of the paragraph.",
                condition=question.rationale or "As the assessor found.",
                effect="The authorization may rest on less than the rule asks for, and reach less than the client takes it to.",
                severity="medium",
                evidence=(ref(application),),
                recommendations=[
                    Recommendation(
                        "Furnish the missing description to BIS.", "condition", "transactions under the authorization"
                    )
                ],
            )
        )


def _timing(w: Workings, facts: Facts, application: Row, subject: str) -> None:
    """§791.307(d): the application comes before the first transaction; awaiting the decision is tested under (l)(1)."""
    clause, place, submitted = "791.307(d)", (ref(application),), application["submitted"]
    letters = [
        a
        for a in authorization_versions.letters(facts, "specific")
        if application["authorization"] and key(a["authorization"]) == key(application["authorization"])
    ]
    t = _transactions(facts, application)
    first = t["date"].dropna().min() if t["date"].notna().any() else None
    early = t[(t["date"] < submitted).fillna(False)] if submitted else t.head(0)
    if not letters:
        reason = "No decision on it is in evidence."
        w.test(clause, subject, Outcome.INCONCLUSIVE, reason, place)
        w.request("decision", f"The decision of BIS on the {subject}", [subject], clause, "whether it was awaited")
    elif submitted is None or (len(t) and first is None):
        w.test(
            clause,
            subject,
            Outcome.INCONCLUSIVE,
            "The day of the application, or of the transactions, is missing.",
            place,
        )
        w.request(
            "application_date",
            f"The day on which the {subject} was submitted",
            [subject],
            clause,
            "whether it came first",
        )
    elif len(early):
        told = f"Before the application of {submitted} the ledger has {counted(len(early), 'transaction')}, the first on {first}"
        w.test(clause, subject, Outcome.EXCEPTION, f"{told}.", (*place, *evidence(early, _CITED)))
        w.findings.append(_before_application(subject, clause, told, place, early))
    elif first == submitted:
        reason = (
            f"The first transaction is dated on the day of the application, {submitted}; which came first is not shown."
        )
        w.test(clause, subject, Outcome.INCONCLUSIVE, reason, (*place, *evidence(t[t["date"] == first], _CITED)))
    else:
        told = f"the first transaction is dated {first}" if first else "no transaction falls under the authorization"
        w.test(
            clause,
            subject,
            Outcome.CONFORMS,
            f"The application is dated {submitted}; {told}.",
            (*place, *evidence(t, 1)),
        )


def _before_application(
    subject: str, clause: str, told: str, place: tuple[EvidenceRef, ...], early: pd.DataFrame
) -> Finding:
    return finding(
        "before_application",
        subject,
        [clause],
        f"Transactions before the {subject}",
        criteria="Whoever seeks to engage in an otherwise prohibited transaction applies before it and awaits the decision.",
        condition=f"{told}: {named(early['transaction'].dropna(), 10)}.",
        effect="For these transactions no authorization had been asked for.",
        severity="high",
        evidence=(*place, *evidence(early, _CITED)),
        recommendations=[
            Recommendation(
                "Tell BIS of these transactions, and ask counsel whether to disclose them voluntarily.",
                "condition",
                counted(len(early), "transaction"),
            )
        ],
        transactions=early["transaction"].dropna(),
    )


def _transactions(facts: Facts, application: Row) -> pd.DataFrame:
    """Transactions of the authorization that was granted on an application, as rows of `transactions`."""
    t = facts.of(authorization_scope.movements)
    if not application["authorization"]:
        return t.head(0)
    frame = about(authorization_scope.covered(facts, "specific"), application["authorization"])
    frame = frame[~frame["failing"].isin(["line", "kind"])]
    return t[t["transaction"].isin(frame["transaction"].dropna().tolist())]


def _statement(w: Workings, facts: Facts, application: Row, subject: str) -> None:
    """§791.307(i)(3): what is stated on ownership, beside the ownership evidence of the day of the application."""
    clause, place = "791.307(i)(3)", (ref(application),)
    question = _asked(facts, application, subject)
    if question is None:
        reason = "The ownership evidence holds no party that the application names, so that nothing can be compared."
        w.test(clause, subject, Outcome.INCONCLUSIVE, reason, place)
        w.request(
            "party_ownership",
            f"Ownership and control of the parties named in the {subject}, at its date",
            [subject],
            clause,
            "whether what it states of them is right",
        )
        return
    w.asked(question)
    answer, held = answered(question, "no"), _held(facts, application)[1]
    places = (*place, *held)
    w.test(
        clause,
        subject,
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
        {
            True: "The assessor finds no materially false or misleading statement in view of the ownership evidence.",
            False: f"The assessor finds a materially false or misleading statement. {question.rationale}".strip(),
            None: "Whether a statement on the parties is materially false or misleading in view of the ownership evidence is asked.",
        }[answer],
        places,
    )
    if answer is False:
        w.findings.append(
            finding(
                "application_contradicted",
                subject,
                [clause, "791.307(c)(1)"],
                f"The evidence contradicts a statement of the {subject}",
                criteria="No representation in or with an application is materially false or misleading.",
                condition=question.rationale or "As the assessor found.",
                effect="A materially false representation voids the authorization as of its date of issue, so that whether it covered any "
                "transaction is open until BIS has been told and has answered.",
                severity="high",
                evidence=places,
                recommendations=[
                    Recommendation(
                        "Correct the statement before BIS and hold further transactions until it has answered.",
                        "condition",
                        "all transactions under the authorization",
                    )
                ],
            )
        )


def _asked(facts: Facts, application: Row, subject: str) -> Any:
    """The question on the statements of an application; None where the ownership evidence knows none of its parties."""
    held, _ = _held(facts, application)
    if not held:
        return None
    stated = plain(f"{application['owners'] or ''} {application['parties'] or ''}")
    return facts.ask(
        "application_statement",
        subject,
        {
            "submitted": application["submitted"],
            "stated parties": split(application["parties"]),
            "stated ownership": application["owners"],
            "ownership by the evidence": [told for _, told in held],
            "parties without ownership evidence": [p for p in split(application["parties"]) if not _entity(facts, p)],
            "holders that the application does not name": sorted(
                {holder for holder, _ in held if plain(holder) not in stated}
            ),
        },
    )


def _held(facts: Facts, application: Row) -> tuple[list[tuple[str, str]], tuple[EvidenceRef, ...]]:
    """Interests in the application's parties and in whoever holds them, on its day: holder and sentence, and their places."""
    day, graph = application["submitted"], facts.of(supplier_ownership.ownership).graph
    interests: dict[str, list[Row]] = {}
    for row in rows(facts.tables["interests"]):
        began = row["start"] is None or day is None or row["start"] <= day
        if row["subject"] and began and (row["end"] is None or day is None or row["end"] >= day):
            interests.setdefault(graph.alias.get(row["subject"], row["subject"]), []).append(row)
    starts = [_entity(facts, party) for party in split(application["parties"])]
    queue = deque(dict.fromkeys(graph.alias.get(e, e) for e in starts if e))
    seen, told, places = set(queue), [], []
    while queue:
        entity = queue.popleft()
        for row in interests.get(entity, ()):
            holder = graph.alias.get(row["holder"], row["holder"]) if row["holder"] else None
            who = graph.name(holder) if holder else "a holder that the source does not name"
            since = f", since {row['start']}" if isinstance(row["start"], date) else ""
            told.append(
                (who, f"{who}: {str(row['kind']).replace('_', ' ')} of {_share(row)} in {graph.name(entity)}{since}")
            )
            places.append(ref(row))
            if holder and holder not in seen:
                seen.add(holder)
                queue.append(holder)
    return list(dict.fromkeys(told)), tuple(dict.fromkeys(places))[:_CITED]


def _entity(facts: Facts, party: str) -> str | None:
    """The entity of the ownership evidence that a party is; identifiers follow its name in brackets."""
    return supplier_ownership.resolve(facts, party.split(" (")[0].strip()).entity


def _share(row: Row) -> str:
    low, high = row["min"], row["max"]
    if low is None and high is None:
        return "unstated size"
    return str(low) if low == high else f"{low or '0'} to {high or '1'}"


def _missing(w: Workings, facts: Facts, have: set[str]) -> None:
    """One request for the applications of authorizations in use that are not in evidence."""
    lacking: dict[str, tuple[str, tuple[EvidenceRef, ...]]] = {}
    for a in authorization_versions.letters(facts, "specific"):
        lacking.setdefault(key(a["authorization"]), (str(a["authorization"]), (ref(a),)))
    for row in rows(authorization_scope.unseen(facts, "specific")):
        lacking.setdefault(key(row["authorization"]), (str(row["authorization"]), (ref(row),)))
    general = {key(a["authorization"]) for a in authorization_versions.letters(facts, "general")}
    for place, entry in enumerate(facts.terms.authorizations):
        number = str(entry["number"])
        if authorization_versions.general_number(number) is None and key(number) not in general:
            lacking.setdefault(key(number), (number, (terms_ref(f"authorizations[{place}]"),)))
    subjects = []
    for number, (written, at) in sorted(lacking.items()):
        if number not in have:
            subjects.append(written)
            w.test(
                "791.307(c)", f"{written} application", Outcome.INCONCLUSIVE, "The application is not in evidence.", at
            )
    if subjects:
        w.request(
            "application",
            f"The application for {named(subjects, 20)} with its annexes, and what was furnished to BIS after it",
            subjects,
            "791.307(c)",
            "what the authorization was granted on, and whether its statements agree with the evidence",
        )
