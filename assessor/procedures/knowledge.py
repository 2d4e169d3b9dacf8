"""What the client knew, for §§791.302 and 791.303, which prohibit what is done knowingly.

Knowledge is asked and never decided. Where the evidence holds what a person could call a warning, and knowledge itself is not
answered with yes, it is asked besides whether facts were consciously disregarded or wilfully avoided, since awareness of a high
probability may be inferred from either (§791.301). What nobody wrote down, such as a request left unanswered, stands in no
table; interviews that name the supplier are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from assessor.procedures import supplier_ownership
from assessor.procedures.exposure import Supplier
from assessor.procedures.facts import Facts, answered
from assessor.procedures.working import Workings, plain, ref, rows, said, split
from assessor.results import Question

_HIT = r"(?:hits?|match(?:es)?|positive|listed|flag(?:ged)?|alerts?|escalated)"
_FOUND = re.compile(rf"\b{_HIT}\b", re.IGNORECASE)
_NOT_FOUND = re.compile(rf"\b(?:no|not|non|nothing|none|zero|0|without)\b[\s\w-]*?\b{_HIT}\b", re.IGNORECASE)

_AVOIDED = {
    "yes": "It records that known facts were consciously disregarded or facts wilfully avoided, from which awareness of a high "
    "probability may be inferred (§791.301).",
    "no": "It records that no known facts were consciously disregarded and none wilfully avoided.",
}


def ask(
    facts: Facts,
    noted: Workings,
    supplier: Supplier,
    what: str,
    acts: pd.DataFrame,
    details: Mapping[str, Any],
    finding: str,
) -> str:
    """Ask about knowledge of the transactions `acts` of or with a supplier's articles; sentences on what was recorded.

    `what`: the acts in words, e.g. "hardware imports", with the supplier's name the subject of both questions. `details`: what
    is shown of the transactions. `finding`: key of the finding, to which management may have responded.
    """
    subject = f"{supplier.name}, {what}"
    knowingly = noted.asked(facts.ask("knowingly", subject, {**awareness(facts, supplier), **details}))
    told = (
        f"The assessor's record on knowledge: {knowingly.answer}."
        if knowingly.state == "answered"
        else "Whether the client acted knowingly is not decided here."
    )
    if answered(knowingly, "yes"):
        return told
    dates = acts["date"].dropna()
    known = warnings(facts, supplier, dates.max() if len(dates) else None)
    if not known:
        return told
    avoided = noted.asked(_avoidance(facts, supplier, subject, known, details, finding))
    open_words = "Whether known facts were disregarded or facts avoided is not decided."
    return f"{told} {_AVOIDED.get(avoided.answer, open_words) if avoided.state == 'answered' else open_words}"


def awareness(facts: Facts, supplier: Supplier) -> dict[str, Any]:
    """What the client held about a supplier, or about itself, and since when: facts for the question whether it acted knowingly."""
    return {
        "supplier": supplier.name,
        "determination": f"{supplier.determination}: {supplier.reason}",
        "in the supplier list": [
            f"{row['supplier'] or 'no number'}, country {row['country'] or 'not stated'}, since {row['onboarded'] or 'an unstated day'}"
            for row in _about(facts, supplier, "suppliers", "name")
        ],
        "attestations": [
            f"signed {row['signed'] or 'on an unstated day'}, denies a tie: {_said(row['denies_nexus'])}"
            for row in _about(facts, supplier, "attestations", "supplier")
        ],
        "screening": [
            f"{row['date'] or 'undated'}: {row['result'] or 'no result'}"
            for row in _about(facts, supplier, "screening", "subject")
        ],
        "changes": [
            f"{row['change']}, effective {row['effective'] or 'unstated'}, discovered {row['discovered'] or 'unstated'}"
            for row in _about(facts, supplier, "changes", "subject")
        ],
        "notices of BIS": [
            f"{row['notice'] or 'no number'}, {row['kind']}, dated {row['dated'] or 'on an unstated day'}: {row['activity'] or 'no activity stated'}"
            for row in _notices(facts, supplier)
        ],
    }


def warnings(facts: Facts, supplier: Supplier, last: date | None) -> list[dict[str, str]]:
    """Facts in the client's own records up to the `last` transaction that a person could call warnings of a tie to the PRC or
    Russia, each with its day, words and place, by day; an undated one comes first.

    An address there in the supplier list; a notice of BIS that names it; an attestation that does not deny a tie, refuses documents, or denies a tie which the
    ownership evidence shows; a hit of the screening; a change of owner or supplier that was discovered.
    """
    found = [
        {"date": str(day or "not stated"), "what": words, "evidence": place}
        for day, words, place in _warnings(facts, supplier)
        if day is None or last is None or day <= last
    ]
    return sorted(found, key=lambda told: (told["date"] != "not stated", told["date"], told["what"], told["evidence"]))


def _notices(facts: Facts, supplier: Supplier) -> list[Mapping[str, Any]]:
    """The notices of BIS that name a supplier."""
    names = {plain(name) for name in (supplier.name, *supplier.written)}
    return [row for row in rows(facts.tables["notices"]) if names & {plain(part) for part in split(row["suppliers"])}]


def _warnings(facts: Facts, supplier: Supplier) -> Iterator[tuple[date | None, str, str]]:
    countries = facts.rule.countries("prc_russia", facts.terms.period_to)
    for row in _about(facts, supplier, "suppliers", "name"):
        if row["country"] in countries:
            country = facts.rule.country_name(row["country"])
            yield row["onboarded"], f"supplier list: address in {country}, first order on the day given", str(ref(row))
    for row in _notices(facts, supplier):
        yield row["dated"], "notice of BIS that names it", str(ref(row))
    since = _since(facts, supplier)
    for row in _about(facts, supplier, "attestations", "supplier"):
        ended = since and row["valid_until"] and row["valid_until"] < since
        if row["denies_nexus"] is False:
            yield row["signed"], "attestation: does not deny a tie to the PRC or Russia", str(ref(row))
        elif row["denies_nexus"] and not ended:
            yield row["signed"], "attestation: denies a tie that the ownership evidence shows", str(ref(row))
        if row["will_furnish"] is False:
            yield row["signed"], "attestation: refuses to furnish documents to BIS", str(ref(row))
    for row in _about(facts, supplier, "screening", "subject"):
        if row["result"] and _FOUND.search(row["result"]) and not _NOT_FOUND.search(row["result"]):
            yield row["date"], f"screening: {row['result']}", str(ref(row))
    for row in _about(facts, supplier, "changes", "subject"):
        if row["kind"] in ("ownership", "supplier"):
            about = row["description"] or row["kind"]
            yield (
                row["discovered"],
                f"change log {row['change'] or 'without number'}, discovered: {about}",
                str(ref(row)),
            )


def _avoidance(
    facts: Facts,
    supplier: Supplier,
    subject: str,
    known: list[dict[str, str]],
    details: Mapping[str, Any],
    finding: str,
) -> Question:
    """The question on conscious disregard and wilful avoidance, with the warnings and what the client did about them."""
    return facts.ask(
        "wilful_avoidance",
        subject,
        {
            "warnings": known,
            "transactions": dict(details),
            "enquiries": [
                *(
                    f"screened {row['date'] or 'on an unstated day'}: {row['result'] or 'no result'}"
                    for row in _about(facts, supplier, "screening", "subject")
                ),
                *(
                    f"attestation of {row['signed'] or 'an unstated day'}"
                    for row in _about(facts, supplier, "attestations", "supplier")
                ),
                *(
                    f"declaration revised on {row['revised']} after {row['change'] or 'a change'}"
                    for row in _about(facts, supplier, "changes", "subject")
                    if row["revised"]
                ),
            ],
            "interviews": list(dict.fromkeys(told for name in _names(supplier) for told in said(facts, name))),
            "explanations": [
                f"{told.get('by', 'management')}, {told.get('date', 'undated')}: {told.get('text', '')}"
                for told in facts.terms.responses
                if told.get("finding") == finding
            ],
        },
    )


def _since(facts: Facts, supplier: Supplier) -> date | None:
    """The day on which the tie began, as far as its chain says."""
    verdict = facts.of(supplier_ownership.ownership).verdicts.get(supplier.entity) if supplier.entity else None
    return max((step.start for step in verdict.chain if step.start), default=None) if verdict else None


def _names(supplier: Supplier) -> list[str]:
    return sorted({supplier.name, *supplier.written})


def _about(facts: Facts, supplier: Supplier, table: str, column: str) -> list[Mapping[str, Any]]:
    names = {plain(name) for name in _names(supplier)}
    return [row for row in rows(facts.tables[table]) if plain(row[column]) in names]


def _said(flag: bool | None) -> str:
    return {True: "yes", False: "no", None: "not stated"}[flag]
