"""Tests of conditions that demand something be made or held: assessments and audits, bills of materials (§791.307(i)(2), (j)),
and records (§§791.306(a), 791.307(n)). See the page of conditions, `authorization_conditions`."""

from __future__ import annotations

from assessor.procedures.authorization_setting import Answer, Setting, ids, letter, nothing
from assessor.procedures.calendar_spans import as_date
from assessor.procedures.facts import evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import counted, items_ref, named, plain, ref, rows, split, terms_ref
from assessor.results import Outcome

_CITED = 50


def records_kept(s: Setting) -> Answer:
    """The record index has an entry for each transaction under the authorization, and none is marked as not held."""
    index = s.facts.tables["records"]
    own_ids = ids(s.transactions)
    if not own_ids:
        return nothing(s)
    own = index[index["transaction"].isin(own_ids)]
    absent = own[(~own["held"]).fillna(False)]
    unknown = sorted((set(own_ids) - set(own["transaction"])) | set(own.loc[own["held"].isna(), "transaction"]))
    if len(absent):
        return Answer(Outcome.EXCEPTION, f"{counted(len(absent), 'record')} not held.", evidence(absent, _CITED))
    if unknown:
        return Answer(
            Outcome.INCONCLUSIVE,
            f"The record index does not say whether records of {named(unknown)} are held.",
            evidence(own, _CITED) or evidence(s.transactions, _CITED),
        )
    return Answer(
        Outcome.CONFORMS,
        f"{counted(len(own), 'record')} of {counted(len(own_ids), 'transaction')} held.",
        evidence(own, _CITED),
    )


def assessment_made(s: Setting) -> Answer:
    """A third-party assessment is logged, on or before the day `by` where the letter sets one."""
    return _made(s, "assessment_made", "assessment")


def audit_made(s: Setting) -> Answer:
    """An audit or verification is logged, on or before the day `by` where the letter sets one."""
    return _made(s, "audit_made", "audit")


def _made(s: Setting, event: str, what: str) -> Answer:
    by = as_date(s.parameters["by"]) if "by" in s.parameters else None
    log = s.logged(event)
    dates = sorted(e["date"] for e in rows(log) if e["date"])
    due = f"; it was due by {by}" if by else ""
    if dates and (by is None or dates[0] <= by):
        return Answer(
            Outcome.CONFORMS,
            f"An {what} is logged on {dates[0]}{due}.",
            evidence(log[certain(log["date"] == dates[0])]),
        )
    if len(log) > len(dates):
        return Answer(
            Outcome.INCONCLUSIVE,
            f"The log does not date an {what} that it enters.",
            evidence(log[log["date"].isna()]),
        )
    if dates:
        return Answer(Outcome.EXCEPTION, f"The first {what} is logged on {dates[0]}{due}.", evidence(log))
    if by and by >= s.facts.terms.dated:
        return Answer(Outcome.NOT_TESTED, f"No {what} is logged; it is due by {by}.", (letter(s),))
    if by and len(s.events):
        return Answer(Outcome.EXCEPTION, f"No {what} is logged{due}.", (letter(s), *items_ref(s.events)))
    return Answer(
        Outcome.INCONCLUSIVE,
        f"No log entry on an {what} is in evidence, which proves neither.",
        items_ref(s.events) or (terms_ref("[[authorizations]]"),),
    )


def bill_of_materials_held(s: Setting) -> Answer:
    """A bill of materials of each item is in evidence: of those that the condition names, otherwise of those built into the
    lines of the letter. What is not in evidence may be held all the same."""
    vehicles, parts = s.facts.tables["vehicles"], s.facts.tables["components"]
    lines = {plain(line) for line in split(s.authorization["lines"])}
    fitted = [v for v in rows(vehicles) if not lines or plain(v["line"]) in lines]
    wanted = list(s.parameters.get("items") or dict.fromkeys(item for v in fitted for item in split(v["items"])))
    if not wanted:
        return Answer(
            Outcome.INCONCLUSIVE,
            "Neither the terms nor the vehicle sheet says which items its lines carry.",
            (letter(s),),
        )
    have = {plain(item) for item in parts["item"].dropna()}
    missing = [item for item in wanted if plain(item) not in have]
    if missing:
        return Answer(
            Outcome.INCONCLUSIVE,
            f"No bill of materials of {named(missing)} is in evidence.",
            tuple(ref(v) for v in fitted) or (terms_ref("[[authorizations]]"),),
        )
    named_items = {plain(item) for item in wanted}
    read = parts[[plain(item) in named_items for item in parts["item"]]]
    return Answer(Outcome.CONFORMS, f"A bill of materials of {named(wanted)} is held.", items_ref(read))
