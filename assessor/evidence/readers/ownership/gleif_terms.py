"""The terms of the Global LEI System: relationships, reasons of reporting exceptions, categories and statuses.

A relationship is one of accounts: the end node consolidates the start node, manages it or is its head office. It says nothing
of votes, so that it never becomes a shareholding. A reporting exception says why no parent is named, and never that there is
none. https://www.gleif.org/en/about-lei/common-data-file-format (RR-CDF 2.1, Reporting Exceptions Format 2.1)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """A relationship as an interest. `direct` is False for a declared chain; `reversed`: the start node is the holder."""

    details: str
    direct: bool = True
    reversed: bool = False


RELATIONS = {
    "IS_DIRECTLY_CONSOLIDATED_BY": Relation(
        "direct accounting consolidation: the holder includes it in its consolidated accounts; nothing is said of votes"
    ),
    "IS_ULTIMATELY_CONSOLIDATED_BY": Relation(
        "ultimate accounting consolidation: the holder is the highest that includes it in consolidated accounts; nothing is said of votes",
        direct=False,
    ),
    "IS_INTERNATIONAL_BRANCH_OF": Relation(
        "international branch: it is a part of the holder and no legal entity of its own"
    ),
    "IS_FUND-MANAGED_BY": Relation("fund management: the holder manages this fund; nothing is said of votes"),
    "IS_SUBFUND_OF": Relation("sub-fund: it is a part of the holder, an umbrella fund; nothing is said of votes"),
    "IS_FEEDER_TO": Relation(
        "feeder fund: the holder invests in this master fund; nothing is said of votes", reversed=True
    ),
}


@dataclass(frozen=True)
class Reason:
    """Why no parent is named. `kind`: "other" where the reason tells of somebody who stands above it, "shareholding" where it
    tells only that who holds it is not named."""

    kind: str
    details: str


_WITHHELD = "a parent stands above it and is not named: "
REASONS = {
    "NO_LEI": Reason("other", "a parent that consolidates it has no LEI and is not named"),
    "NATURAL_PERSONS": Reason(
        "other", "natural persons who are not named control it, with no legal entity between that consolidates it"
    ),
    "NON_CONSOLIDATING": Reason(
        "other", "legal entities that are not named control it and do not consolidate it in their accounts"
    ),
    "NO_KNOWN_PERSON": Reason(
        "shareholding",
        "nobody is known to control it, for example because its shares are widely held; no holder is named",
    ),
    "NON_PUBLIC": Reason("other", "who stands above it is not public, by law, contract, detriment or missing consent"),
    "BINDING_LEGAL_COMMITMENTS": Reason("other", f"{_WITHHELD}a binding legal commitment forbids it"),
    "LEGAL_OBSTACLES": Reason("other", f"{_WITHHELD}the law of a jurisdiction forbids it"),
    "CONSENT_NOT_OBTAINED": Reason("other", f"{_WITHHELD}it did not consent"),
    "DETRIMENT_NOT_EXCLUDED": Reason("other", f"{_WITHHELD}detriment could not be excluded"),
    "DISCLOSURE_DETRIMENTAL": Reason("other", f"{_WITHHELD}it would be detrimental"),
}
CATEGORIES = {
    "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT": (True, "direct parent"),
    "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT": (False, "ultimate parent"),
}
KINDS = {
    "GENERAL": "organisation",
    "FUND": "organisation",
    "BRANCH": "organisation",
    "INTERNATIONAL_ORGANIZATION": "organisation",
    "RESIDENT_GOVERNMENT_ENTITY": "state",
    "SOLE_PROPRIETOR": "person",
}
BRANCH = "BRANCH"
"""The category of branches: what the record gives as jurisdiction is where the branch is, not where the entity is organised."""
ENDED = frozenset({"RETIRED"})
"""Statuses of the registration of a relationship that has ended."""
WITHDRAWN = frozenset({"ANNULLED", "DUPLICATE", "CANCELLED", "TRANSFERRED"})
"""Statuses of a record of a relationship that its issuer has withdrawn or another record replaces."""
