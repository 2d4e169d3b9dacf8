"""How the report says things: dates, counts, unknown values, outcomes and evidence references, always the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from assessor.results import EvidenceRef, Outcome

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
NOT_STATED = "not stated"
NOTHING = "–"

OUTCOMES = {
    Outcome.CONFORMS: "Conforms",
    Outcome.EXCEPTION: "Exception",
    Outcome.INCONCLUSIVE: "Inconclusive",
    Outcome.NOT_TESTED: "Not tested",
    Outcome.NOT_APPLICABLE: "Not applicable",
}

KINDS = {
    "bom.cyclonedx": "Software bill of materials (CycloneDX)",
    "bom.spdx": "Software bill of materials (SPDX)",
    "bom.sheet": "Hardware bill of materials",
    "suppliers": "Supplier register",
    "ownership.bods": "Ownership statements (BODS)",
    "ownership.register": "Register extract",
    "declaration": "Declaration of Conformity",
    "application": "Application for an authorization",
    "authorization": "Authorization letter",
    "authorization_log": "Authorization log",
    "ledger": "Import and sales ledger",
    "records": "Index of records",
    "record_inspections": "Inspection of records",
    "item_inspections": "Inspection of items drawn",
    "customs_entries": "List of customs entries",
    "control_totals": "Control totals",
    "vehicles": "Vehicle lines",
    "software_history": "Software history",
    "changes": "Change log",
    "screening": "Screening extract",
    "attestation": "Supplier attestation",
    "policy": "Policy",
    "contract": "Contract",
    "picture": "Picture",
    "scan": "Scan without text",
    "interview": "Interview record",
    "site_visit": "Site visit record",
    "filings": "Index of filings",
    "representation": "Representation letter",
    "notice": "Notice of BIS",
    "opinion": "Advisory opinion",
    "archive": "Archive, whose members are items of their own",
    "digests": "List of digests of the delivery",
    "mail": "Mail, whose parts are items of their own",
    "mail.headers": "Headers of a mail",
    "mail.text": "Text of a mail",
    "unknown": "Not recognised",
}
"""Kinds of evidence in words."""

_CODED = {
    "in_scope": "in scope",
    "out_of_scope": "out of scope",
    "prc_russia": "PRC or Russia",
    "special_share": "special share",
    "contractual_control": "control by contract",
    "voting_rights": "voting rights",
    "board_appointment": "appointment of directors",
    "connected_vehicle_manufacturer": "connected vehicle manufacturer",
    "vcs_hardware_importer": "VCS hardware importer",
    "not_applicable": "not applicable",
    "not_tested": "not tested",
    "partly_read": "partly read",
    "permanent_resident": "permanent resident",
    "import_record": "import record",
    "commercial_invoice": "commercial invoice",
    "bill_of_sale": "bill of sale",
    "policy_document": "policy document",
    "third_party_report": "third-party report",
    "vehicle_import": "vehicle import",
    "vehicle_sale": "vehicle sale",
    "hardware_import": "hardware import",
}


def missing(value: Any) -> bool:
    """Whether a value is unknown: None, NA, NaN or NaT."""
    return value is None or (not isinstance(value, str | list | tuple | dict) and bool(pd.isna(value)))


def either(value: Any, yes: str, no: str, unknown: str) -> str:
    """One of three texts, for True, False and anything else."""
    return yes if value is True else no if value is False else unknown


def percent(share: Any) -> str:
    """A fraction of 1, as text, in per cent; what is no fraction stays as it is."""
    try:
        return f"{float(Fraction(str(share)) * 100):g} %"
    except (ValueError, ZeroDivisionError):
        return plain(share)


def day(value: Any) -> str:
    """A date as `16 November 2026`, whatever the locale; `not stated` when unknown."""
    if missing(value):
        return NOT_STATED
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return str(value)
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if isinstance(value, date) else str(value)


def count(number: int, noun: str, nouns: str = "") -> str:
    """`1 finding`, `2 findings`, `2,014 transactions`, `no findings`."""
    many = nouns or f"{noun}s"
    return f"no {many}" if number == 0 else f"{number:,} {noun if number == 1 else many}"


def plain(value: Any) -> str:
    """Any value as text: unknown is `not stated`, nothing a dash, True and False yes and no, dates and numbers readable,
    the toolkit's own codes (`in_scope`) in words; the client's texts stay as they are."""
    if missing(value):
        return NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | datetime):
        return day(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, list | tuple):
        return "; ".join(plain(entry) for entry in value) or NOTHING
    text = str(value)
    return str(_CODED.get(text, text)) if text.strip() else NOTHING


def outcome(value: Any) -> str:
    """An outcome in words; anything else as `plain` says it."""
    try:
        return OUTCOMES[Outcome(str(value))]
    except ValueError:
        return plain(value)


def sentence(text: Any) -> str:
    """Text with a full stop at its end, otherwise as it was written. Empty stays empty."""
    words = "" if missing(text) else str(text).strip()
    return words if not words or words[-1] in ".!?…" else f"{words}."


def listing(names: Iterable[str], limit: int = 1000) -> str:
    """`A, B and C`; beyond `limit`, `A, B and 7 more`."""
    listed = list(names)
    if len(listed) > limit:
        listed = [*listed[:limit], f"{len(listed) - limit:,} more"]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + f" and {listed[-1]}" if listed else ""


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in texts as numbers (`line 9` before `line 10`)."""
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in re.split(r"(\d+)", text) if piece]


def parse_refs(text: Any) -> list[EvidenceRef]:
    """The references in a row's `evidence` text, `E-0004 row 12; E-0007 /components/3`."""
    found = []
    for piece in ("" if missing(text) else str(text)).split("; "):
        if words := piece.strip():
            item, _, locator = words.partition(" ")
            found.append(EvidenceRef(item, locator))
    return found


class Reference(str):
    """An evidence reference as it is printed, and every item that it stands for, shown or only counted."""

    items: frozenset[str]

    def __new__(cls, text: str, items: Iterable[str]) -> Reference:
        made = super().__new__(cls, text)
        made.items = frozenset(items)
        return made


class Item(str):
    """The id of an item of evidence where the evidence index lists it: references lead there."""

    __slots__ = ()


class Common(str):
    """Words that stand everywhere (a label of a form, a country, a role, a kind of product): claimed with their record, and no sign of it elsewhere."""

    __slots__ = ()


def refs(evidence: Sequence[EvidenceRef] | str | None, limit: int = 4) -> Reference:
    """Evidence references as they stand in a sentence, `[E-0004 row 12; E-0007 line 3, line 4 and 9 more]`; "" without any.

    Places in the same item are told together, at most `limit` of them; items beyond `2 * limit` are counted. All places
    stand in the XLSX annex.
    """
    listed = parse_refs(evidence) if isinstance(evidence, str) or evidence is None else list(evidence)
    places: dict[str, list[str]] = {}
    for ref in listed:
        known = places.setdefault(ref.item, [])
        if ref.locator and ref.locator not in known:
            known.append(ref.locator)
    told = []
    for item in sorted(places, key=natural):
        named = sorted(places[item], key=natural)
        told.append(
            item
            if not named
            else f"{item} {', '.join(named)}"
            if len(named) <= limit
            else f"{item} {', '.join(named[:limit])} and {len(named) - limit:,} more"
        )
    rest = len(told) - 2 * limit
    shown = told[: 2 * limit] + ([f"and {rest:,} more item{'s' if rest > 1 else ''}"] if rest > 0 else [])
    return Reference(f"[{'; '.join(shown)}]" if shown else "", places)


def rows(listed: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, str]]:
    """Rows with exactly these keys, every value as text; `evidence` as a reference, `conclusion` and `outcome` in words."""
    how: dict[str, Callable[[Any], str]] = {"evidence": refs, "conclusion": outcome, "outcome": outcome}
    return [{key: how.get(key, plain)(row.get(key)) for key in keys} for row in listed]
