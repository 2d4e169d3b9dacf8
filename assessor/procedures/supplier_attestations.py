"""What suppliers attest about ties to the PRC or Russia, against what the ownership evidence shows (§791.315(d)(1)).

Used by `s315_suppliers`. Whether attestations are in force is a matter of policies (`s315_policies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from assessor.ownership import Verdict
from assessor.procedures import exposure, s301_scope, s308_exemptions, supplier_ownership, supplier_words
from assessor.procedures.facts import Facts
from assessor.procedures.limbs import certain
from assessor.procedures.supplier_words import sentence
from assessor.procedures.working import Workings, counted, finding, ref, rows
from assessor.procedures.working import named as listing
from assessor.results import Determination, Outcome, Recommendation

CLAUSE = "791.315(d)(1)"
_VEHICLES = ("vehicle_import", "vehicle_sale")


def compare(facts: Facts, w: Workings, items: Mapping[str, list[str]]) -> None:
    """What suppliers attest against what was determined. An attestation is the supplier's word; it decides nothing.

    `items`: for each canonical supplier name the items with relevant components of it.
    """
    for row in rows(facts.tables["attestations"]):
        if not row["supplier"]:
            w.test(
                CLAUSE,
                "attestation without a supplier",
                Outcome.INCONCLUSIVE,
                "The attestation does not say which supplier it is of.",
                (ref(row),),
            )
            continue
        resolved = supplier_ownership.resolve(facts, row["supplier"])
        verdict, subject = supplier_ownership.verdict(facts, resolved), f"attestation of {resolved.name}"
        places = (ref(row), *supplier_words.places(facts, verdict))
        since = max((step.start for step in verdict.chain if step.start), default=None) if verdict else None
        if row["denies_nexus"] is None:
            w.test(
                CLAUSE,
                subject,
                Outcome.INCONCLUSIVE,
                "It does not say whether persons of the PRC or Russia own, control or direct the supplier.",
                places,
            )
        elif verdict is None or verdict.prc_russia is Determination.POSSIBLE:
            w.test(
                CLAUSE,
                subject,
                Outcome.INCONCLUSIVE,
                "Whether it is right is open: control by the PRC or Russia is possible.",
                places,
            )
        elif not row["denies_nexus"] or verdict.prc_russia is Determination.EXCLUDED or _over(row, since):
            w.test(
                CLAUSE,
                subject,
                Outcome.CONFORMS,
                "What it states on ties to the PRC or Russia agrees with the ownership evidence for its term.",
                places,
            )
        else:
            w.test(
                CLAUSE,
                subject,
                Outcome.EXCEPTION,
                sentence(f"It denies a tie to the PRC or Russia, which is {verdict.prc_russia}: {verdict.reason}"),
                places,
            )
            _contradicted(facts, w, items.get(resolved.name, []), resolved.name, verdict, row, since)


def _over(row: Mapping[str, Any], since: date | None) -> bool:
    """The attestation had ended before the tie began."""
    return bool(since and row["valid_until"] and row["valid_until"] < since)


def _contradicted(
    facts: Facts, w: Workings, items: list[str], name: str, verdict: Verdict, row: Mapping[str, Any], since: date | None
) -> None:
    acts = _acts(facts, items, since)
    signed = f"signed on {row['signed']}" if row["signed"] else "without a date of signature"
    began = f", since {since}" if since else ""
    when: tuple[str, ...] = ()
    if since and row["signed"]:
        when = (
            "It was signed after the tie began."
            if row["signed"] >= since
            else "It was signed before the tie began and was not withdrawn.",
        )
    scope = (
        f"{counted(len(acts), 'import or sale', 'imports and sales')} of or for connected vehicles that carry {listing(items)}"
        f"{f', from {since}' if since else ''}, exempt ones left out"
        if items
        else "no import or sale: none of its components is relevant"
    )
    w.findings.append(
        finding(
            "attestation_contradicted",
            name,
            (CLAUSE, "791.305(a)(2)(iv)", "791.301"),
            f"Attestation of {name} is contradicted by ownership evidence",
            criteria="The assessment identifies the suppliers of each relevant component and the nature of any foreign interest (§791.315(d)(1)); due diligence on "
            "which a declaration rests examines suppliers' statements (§791.305(a)(2)(iv)).",
            condition=" ".join(
                (
                    sentence(
                        f"The attestation {signed} denies that persons of the PRC or Russia own, control or direct {name}"
                    ),
                    sentence(f"The ownership evidence shows the contrary{began}: {verdict.reason}"),
                    *when,
                    sentence(
                        f"Of foreign interests it says: {row['foreign_interests']}"
                        if row["foreign_interests"]
                        else "It says nothing of foreign interests"
                    ),
                )
            ),
            effect="Whoever relies on the attestation certifies what is not so. It is no evidence of diligence for the components of this supplier.",
            recommendations=(
                Recommendation(
                    "Withdraw reliance on the attestation, obtain a corrected one with the chain of owners, and examine every declaration that rests on it.",
                    "condition",
                    scope,
                ),
                Recommendation(
                    "Check attestations against ownership records when they are received and after every change of owner, and have suppliers undertake to "
                    "report such a change at once.",
                    "cause",
                    "all later imports and sales with components of suppliers that give attestations",
                ),
            ),
            severity="high",
            transactions=acts["transaction"].dropna(),
            evidence=(ref(row), *supplier_words.places(facts, verdict)),
        )
    )


def _acts(facts: Facts, items: list[str], since: date | None) -> pd.DataFrame:
    """Imports and sales of connected vehicles that carry one of the items and are not exempt, from the day on which the tie began."""
    t, moves, exempt = (
        facts.tables["transactions"],
        facts.of(s301_scope.transactions),
        facts.of(s308_exemptions.transactions),
    )
    connected = exposure.connected(facts)
    lines = [
        line
        for line, carried in exposure.line_items(facts).items()
        if set(items) & set(carried or ()) and connected.get(line) is not False
    ]
    inside = certain(moves["is_import"] | moves["is_sale"]) & t["line"].isin(lines).astype(bool)
    c = facts.tables["components"]
    bound = pd.Series(False, index=t.index)
    for medium, kinds in (("software", _VEHICLES), ("hardware", (*_VEHICLES, "hardware_import"))):
        if certain((c["medium"] == medium) & c["item"].isin(items)).any():
            bound |= t["kind"].isin(kinds).astype(bool) & ~certain(
                exempt[f"{medium}_exempt"]
            )  # an open exemption is none
    inside &= bound
    if since is not None:
        inside &= certain(t["date"] >= since)
    return t[inside]
