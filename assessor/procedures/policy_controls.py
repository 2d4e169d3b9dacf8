"""§791.315(d)(3): controls that leave traces in data, tested in operation on their whole population and not on a sample.

Facts needed: suppliers with the dates of their first orders, the screening extract, the suppliers' attestations, and what interviews
and site visits say of the two controls.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.ownership.names import Party, directory, find
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import (
    Workings,
    cited,
    counted,
    finding,
    items_ref,
    named,
    plain,
    refs,
    rows,
    split,
    unread,
)
from assessor.results import EvidenceRef, Outcome, Recommendation

CLAUSE = "791.315(d)(3)"
SCREENING, ATTESTED = "supplier screening before onboarding", "supplier attestations in force"


def screening_before_onboarding(facts: Facts) -> tuple[Workings, dict[str, Any]]:
    """Every supplier taken on in the period was screened on or before its first order.

    Screenings are matched by exact name or listed alias. A similar name in the extract leaves a supplier open, and so does an
    extract that was read only in part; none at all, in an extract that was read, is a screening that did not happen as far as the
    client's own record goes.
    """
    terms, suppliers, extract = facts.terms, facts.tables["suppliers"], facts.tables["screening"]
    taken_on = suppliers[
        ((suppliers["onboarded"] >= terms.period_from) & (suppliers["onboarded"] <= terms.period_to)).fillna(False)
    ]
    undated = suppliers[suppliers["onboarded"].isna()]
    index = directory(
        Party(str(n), s["name"], tuple(split(s["aliases"]))) for n, s in enumerate(rows(suppliers)) if s["name"]
    )
    at = rows(suppliers)
    by_supplier: dict[str, list[dict[str, Any]]] = {}
    near: dict[str, list[dict[str, Any]]] = {}
    for entry in rows(extract[extract["subject"].notna()]):
        match = find(index, entry["subject"])
        keys = [match.key] if match.key else []
        for key in keys:
            by_supplier.setdefault(plain(at[int(key)]["name"]), []).append(entry)
        for candidate in () if match.key else match.candidates:
            near.setdefault(plain(at[int(candidate.key)]["name"]), []).append(entry)
    partly = any(unread(facts, entry) for entry in rows(extract.drop_duplicates("source")))
    failed, open_, kept = [], [], []
    for supplier in rows(taken_on):
        own, alike = by_supplier.get(plain(supplier["name"]), []), near.get(plain(supplier["name"]), [])
        dates = [e["date"] for e in own if e["date"]]
        if any(d <= supplier["onboarded"] for d in dates):
            kept.append((supplier, own))
        elif alike or partly or any(e["date"] is None for e in own):
            open_.append((supplier, own + alike))
        else:
            told = f"first screened on {min(dates)}" if dates else "never screened"
            failed.append((supplier, own, f"{supplier['name']} (first order {supplier['onboarded']}, {told})"))
    places = refs([r for supplier, own, _ in failed for r in (supplier, *own)]) or refs(
        [r for s, own in kept[:5] for r in (s, *own)]
    )
    if extract.empty and len(taken_on):
        failed, open_ = [], [(s, []) for s in rows(taken_on)]
    w, row = _control(
        facts,
        SCREENING,
        len(taken_on),
        failed=[words for *_, words in failed],
        open_=[s["name"] for s, _ in open_],
        places=places,
        passing="screened on or before the first order",
        about=r"screen|onboard",
        terms_of="the client's procedure is to screen a supplier before its first order",
        mend="Screen the suppliers named now and review what was ordered from them before.",
        cause_mend="Block the first order in purchasing until a screening is on file.",
        concerned="transactions with articles of the suppliers named",
        request="The screening records of",
        population=taken_on,
    )
    if len(undated):
        w.request(
            "onboarding_dates",
            f"The date of the first order of {counted(len(undated), 'supplier')}",
            sorted(str(n) for n in undated["name"].dropna())[:50],
            CLAUSE,
            "whether they were onboarded in the period and screened before",
        )
        w.test(
            CLAUSE,
            f"{SCREENING}: suppliers without a date",
            Outcome.INCONCLUSIVE,
            f"{counted(len(undated), 'supplier')} without a date of the first order.",
            evidence(undated, 20),
        )
    return w, row


def attestations_in_force(facts: Facts) -> tuple[Workings, dict[str, Any]]:
    """Every supplier that has attested has an attestation in force on the last day of the period; a later one replaces one that
    expired. Validity to that day itself is enough."""
    end, failed, open_, kept, places = facts.terms.period_to, [], [], [], []
    held: dict[str, list[dict[str, Any]]] = {}
    for a in rows(facts.tables["attestations"]):
        held.setdefault(a["supplier"] or f"supplier not named ({a['source']})", []).append(a)
    for supplier, own in sorted(held.items()):
        if any(a["valid_until"] and a["valid_until"] >= end and (not a["signed"] or a["signed"] <= end) for a in own):
            kept += own
        elif any(a["valid_until"] is None for a in own):
            open_.append(supplier)
        else:
            last = max((a["valid_until"] for a in own if not a["signed"] or a["signed"] <= end), default=None)
            failed.append(f"{supplier} ({f'expired on {last}' if last else 'signed only after the period'})")
            places += own
    return _control(
        facts,
        ATTESTED,
        len(held),
        failed=failed,
        open_=open_,
        places=refs(places) or refs(kept),
        passing="in force at the end of the period",
        about=r"attest",
        terms_of="supplier attestations are kept in force",
        mend="Obtain current attestations from the suppliers named.",
        cause_mend="Renew attestations by a calendar that runs ahead of their expiry.",
        concerned="transactions with articles of the suppliers named",
        request="Current attestations of",
        population=facts.tables["attestations"],
    )


def _control(
    facts: Facts,
    name: str,
    tested: int,
    *,
    failed: list[str],
    open_: list[str],
    places: tuple[EvidenceRef, ...],
    passing: str,
    about: str,
    terms_of: str,
    mend: str,
    cause_mend: str,
    concerned: str,
    request: str,
    population: pd.DataFrame,
) -> tuple[Workings, dict[str, Any]]:
    """A control tested on its whole population: exceptions outweigh open points, open points a pass."""
    w, heard = Workings(), corroboration(facts, about)
    if failed:
        outcome, reason = Outcome.EXCEPTION, f"{len(failed)} of {tested} not {passing}: {'; '.join(failed)}."
        w.findings.append(
            finding(
                "control_not_operating",
                name,
                [CLAUSE],
                f"Control did not operate: {name}",
                criteria=f"A control is effective when it operates each time: {terms_of}.",
                condition=reason,
                effect="Ties to the PRC or Russia may enter the supply chain, or remain in it, unseen.",
                severity="medium",
                evidence=(*places, *heard),
                recommendations=[
                    Recommendation(mend, "condition", concerned),
                    Recommendation(cause_mend, "cause", "later transactions"),
                ],
            )
        )
    elif open_:
        outcome, reason = Outcome.INCONCLUSIVE, f"It cannot be told whether {named(open_)} of {tested} were {passing}."
    elif tested:
        outcome, reason = Outcome.CONFORMS, f"All {tested} were {passing}."
    else:
        outcome, reason = (
            Outcome.NOT_APPLICABLE,
            "Nothing in evidence on which the control could have operated in the period.",
        )
    if open_:
        w.request("control_evidence", f"{request} {named(open_, 20)}", [name], CLAUSE, "whether the control operated")
    used = (*places, *heard) or items_ref(population)
    w.test(CLAUSE, name, outcome, reason, used)
    return w, {
        "control": name,
        "population": tested,
        "tested": tested - len(open_),
        "exceptions": len(failed),
        "outcome": str(outcome),
        "evidence": cited(used[:8]),
    }


def corroboration(facts: Facts, about: str) -> tuple[EvidenceRef, ...]:
    """Where interviews and site visits speak of a matter (a regular expression)."""
    found: list[EvidenceRef] = []
    for name, column in (("interviews", "statement"), ("site_visits", "text")):
        table = facts.tables[name]
        found += evidence(table[table[column].fillna("").str.contains(about, case=False, regex=True).astype(bool)], 5)
    return tuple(found)
