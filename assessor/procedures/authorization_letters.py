"""The letters of an authorization themselves: which version was in force for which transactions, whether the letter in evidence
is the published one, and where that was published (§791.306(b); amendments of a specific one, §791.307(o))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from assessor.procedures import authorization_scope, authorization_versions
from assessor.procedures.authorization_versions import Row, key, label
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.working import Workings, cited, counted, named, ref, terms_ref
from assessor.results import EvidenceRef, Outcome
from assessor.rule import AuthorizationVersion

CLAUSES = {"general": "791.306(b)", "specific": "791.307(o)"}
"""The paragraph under which the version of a letter of a kind is tested."""
_CITED = 50
_FIELDS = ("holder", "expires", "parties", "suppliers", "lines", "transactions", "scope")


def report(facts: Facts, a: Row) -> tuple[Workings, dict[str, Any]]:
    """The tests of one letter, and its row of the report's table of versions."""
    w, clause, name = Workings(), CLAUSES[a["kind"]], label(facts, a)
    t = authorization_scope.claiming(facts, a)
    doubts = authorization_versions.doubts(facts, a, t)
    held = t[doubts.isna() & _reached(t, a)]
    general = a["kind"] == "general"
    if general or doubts.notna().any() or len(authorization_versions.siblings(facts, a)) > 1:
        _in_force(w, facts, a, held, t[doubts.notna()], doubts.dropna())
    _entered(w, facts, a)
    _copies(w, facts, a)
    compared = _digest(w, facts, a)
    published = _published(w, facts, a) if general else "not made public"
    return w, {
        "authorization": name,
        "kind": a["kind"],
        "version": a["issued"].isoformat() if a["issued"] else "date not stated",
        "in_force": _days(facts, a),
        "transactions": len(held),
        "open": int(doubts.notna().sum()),
        "letter": compared,
        "published": published,
        "evidence": cited((ref(a), *(ref(c) for c in authorization_versions.copies(facts, a)))),
        "outcome": str(next((x.outcome for x in w.tests if x.clause == clause), Outcome.NOT_TESTED)),
    }


def _reached(t: pd.DataFrame, a: Row) -> pd.Series[Any]:
    """Which transactions are not dated before the letter; an undated one is not known to be."""
    if not a["issued"]:
        return pd.Series(True, t.index)
    reached: pd.Series[Any] = (t["date"] >= a["issued"]).fillna(False).astype(bool)
    return reached


def _days(facts: Facts, a: Row) -> str:
    span = authorization_versions.span(facts, a)
    if span.open or not a["issued"]:
        return "open"
    return f"from {a['issued']}" + (f" to {span.last}" if span.last else "; no later version is known")


def _in_force(
    w: Workings, facts: Facts, a: Row, held: pd.DataFrame, open_: pd.DataFrame, doubts: pd.Series[Any]
) -> None:
    """Each transaction that claims the authorization has a version in force on its date, and that version is in evidence."""
    clause, name, place = CLAUSES[a["kind"]], label(facts, a), (ref(a),)
    for reason in doubts.unique():
        own = open_[(doubts == reason).to_numpy(bool)]
        days = sorted(d for d in own["date"].dropna())
        when = f", of {days[0]} to {days[-1]}," if days else ""
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            f"For {counted(len(own), 'transaction')}{when} the version in force is open: {reason}.",
            (*place, *evidence(own, _CITED)),
        )
        w.request(
            "authorization_version",
            f"The letter of {a['authorization']} in the version in force"
            + (f" from {days[0]} to {days[-1]}" if days else ""),
            [name],
            clause,
            "which conditions apply to these transactions",
        )
    if len(held):
        span = authorization_versions.span(facts, a)
        known = authorization_versions.known(facts, a["authorization"])
        beyond = (
            f"the version after it begins on or after {span.last}"
            if span.last and not span.later
            else "later days are open"
            if span.last
            else "no later version is known"
            if known
            else "the letters in evidence show no later version, and the rule's data hold no authorization of this number"
        )
        w.test(
            clause,
            name,
            Outcome.CONFORMS if a["issued"] else Outcome.INCONCLUSIVE,
            f"{counted(len(held), 'transaction')} dated while the letter of {a['issued']} was in force; {beyond}."
            if a["issued"]
            else "The letter as read does not show its date, so that the days on which it was in force are open.",
            (*place, *evidence(held, 5)),
        )
    elif not len(open_):
        w.test(clause, name, Outcome.NOT_APPLICABLE, "No transaction that claims it falls under this letter.", place)


def _entered(w: Workings, facts: Facts, a: Row) -> None:
    """The terms and the letters speak of the same versions."""
    clause, name = CLAUSES[a["kind"]], label(facts, a)
    entries = [n for n, e in enumerate(facts.terms.authorizations) if key(e["number"]) == key(a["authorization"])]
    if entries and authorization_versions.settings(facts, a)[1] is None:
        w.test(
            clause,
            f"{name}: terms",
            Outcome.INCONCLUSIVE,
            f"No entry of the terms for {a['authorization']} has the date of this letter, {a['issued'] or 'which is not shown'}; "
            "what they say of its conditions was not used.",
            (ref(a), *(terms_ref(f"authorizations[{n}].letter_version") for n in entries)),
        )
    missing = authorization_versions.entered(facts, a)
    if missing and a["source"] == authorization_versions.siblings(facts, a)[0]["source"]:
        w.request(
            "entered_version",
            f"The letter of {a['authorization']} of {named(missing)}, which the terms name",
            [str(a["authorization"])],
            clause,
            "which conditions apply from then on",
        )


def _copies(w: Workings, facts: Facts, a: Row) -> None:
    """Two letters of one number and date say the same."""
    for copy in authorization_versions.copies(facts, a):
        differing = [field for field in _FIELDS if copy[field] != a[field]]
        if differing:
            w.test(
                CLAUSES[a["kind"]],
                f"{label(facts, a)}: copies",
                Outcome.INCONCLUSIVE,
                f"Two copies of the letter differ in {named(differing)}; the first was used.",
                (ref(a), ref(copy)),
            )
            w.request(
                "letter_copy",
                f"A copy of the letter of {label(facts, a)} as published or received",
                [label(facts, a)],
                CLAUSES[a["kind"]],
                "which of two copies is right",
            )


def _digest(w: Workings, facts: Facts, a: Row) -> str:
    """The letter's file is the published one, where the terms or the rule's data give that file's digest. In words."""
    clause, name = CLAUSES[a["kind"]], label(facts, a)
    told, place = authorization_versions.settings(facts, a)
    version = _known(facts, a)
    given: list[tuple[str, str, tuple[EvidenceRef, ...]]] = []
    if told.get("letter_sha256"):
        given.append((told["letter_sha256"], "the terms", (terms_ref(f"authorizations[{place}].letter_sha256"),)))
    if version and version.letter_sha256:
        given.append((version.letter_sha256, "the rule's data", ()))
    items = [a, *authorization_versions.copies(facts, a)]
    have = {digest for digest in (_sha256(facts, item) for item in items) if digest}
    shown = named(sorted(have), 3) or "not in the register"
    if not given:
        if a["kind"] == "general":
            reason = f"No digest of the published letter is given; the letter in evidence has SHA-256 {shown}."
            w.test(clause, f"{name}: letter", Outcome.NOT_TESTED, reason, (ref(a),))
        return "not compared with the published file"
    different = [(digest, by) for digest, by, _ in given if digest not in have]
    places = (*(ref(item) for item in items), *(p for *_, cited_for in given for p in cited_for))
    if not different:
        w.test(clause, f"{name}: letter", Outcome.CONFORMS, f"The letter's file has the digest given, {shown}.", places)
        return "the file is the published one"
    w.test(
        clause,
        f"{name}: letter",
        Outcome.INCONCLUSIVE,
        f"The letter in evidence has SHA-256 {shown}; "
        + " and ".join(f"{by} give {digest}" for digest, by in different)
        + ". It may be another rendering of the same letter, or another version.",
        places,
    )
    w.request(
        "letter_copy",
        f"The file of the letter of {name} as published",
        [name],
        clause,
        "whether its conditions are those of the letter in evidence",
    )
    return "the file is not the one of the digest given"


def _published(w: Workings, facts: Facts, a: Row) -> str:
    """§791.306(b): this version was published on the site of BIS and in the Federal Register. In words."""
    clause, name = CLAUSES["general"], label(facts, a)
    told, place = authorization_versions.settings(facts, a)
    published: dict[str, str] = told.get("published", {})
    words = "; ".join(
        f"{where.replace('_', ' ')}: {published[where]}" for where in ("site", "federal_register") if where in published
    )
    if len(published) == 2:
        at = (terms_ref(f"authorizations[{place}].published"), ref(a))
        w.test(clause, f"{name}: publication", Outcome.CONFORMS, f"By the terms it was published: {words}.", at)
        return words
    version = _known(facts, a)
    question = w.asked(
        facts.ask(
            "published_authorization",
            name,
            {
                "date of the letter": a["issued"],
                "SHA-256 of the letter": _sha256(facts, a),
                "published by the terms": published,
                "published as reported": [
                    f"{p.where.replace('_', ' ')}: {p.place} ({p.source}; {p.grade})"
                    for p in (version.published if version else ())
                ],
            },
        )
    )
    answer = answered(question, "yes")
    w.test(
        clause,
        f"{name}: publication",
        Outcome.CONFORMS if answer else Outcome.INCONCLUSIVE,
        {
            True: "The assessor finds this version published on the site of BIS and in the Federal Register.",
            False: f"The assessor does not find this version published at both places. {question.rationale}".strip(),
            None: (f"The terms give one place ({words}); " if words else "")
            + "whether this version was published on the site of BIS and in the Federal Register is asked.",
        }[answer],
        (ref(a),),
    )
    if answer is False:
        w.request(
            "publication",
            f"From where the client took the letter of {name}, and where BIS published it",
            [name],
            clause,
            "whether it is a general authorization that BIS issued",
        )
    return {True: "found published by the assessor", False: "not found published"}.get(answer, words or "asked")  # type: ignore[arg-type]


def _known(facts: Facts, a: Row) -> AuthorizationVersion | None:
    """The version of the rule's data that a letter is dated like."""
    told, day = authorization_versions.known(facts, a["authorization"]), a["issued"]
    if told is None or not isinstance(day, date):
        return None
    return next((v for v in told.versions if v.earliest <= day <= v.latest), None)


def _sha256(facts: Facts, a: Row) -> str | None:
    register = facts.register
    found = register.loc[(register["id"] == a["source"]).fillna(False), "sha256"]
    return None if found.empty or pd.isna(found.iloc[0]) else str(found.iloc[0])
