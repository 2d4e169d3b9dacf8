"""Policies, authorizations and declarations of two sides, each known again by its title or number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from assessor.comparison.changes import Place, place
from assessor.comparison.parts import plain
from assessor.comparison.records import Record, rows
from assessor.comparison.sides import Side
from assessor.evidence.tables import SCHEMAS

_PLACES = 3
"""Places that are shown of a document of many paragraphs."""
_LETTER = ("kind", "holder", "issued", "expires", "parties", "suppliers", "lines", "transactions", "scope")
_DECLARED = tuple(name for name in SCHEMAS["declarations"] if name not in ("declaration", "source", "locator"))
CERTIFIED = ("certifies no nexus", "certifies diligence", "certifies measures")
FORMAL = ("submitted", "is update", "previous submission", "confirms", "signer", "signer title")
"""What a declaration says of itself and not of its articles."""


def policies(side: Side) -> list[Record]:
    """Documents of the compliance programme: version, day, number of paragraphs and the digest of their words."""
    documents: dict[tuple[str, str], list[dict[str, str | None]]] = {}
    for row in rows(side.table("policies"), ("document", "version", "effective", "text")):
        documents.setdefault((row["document"] or "document without a title", row["source"] or ""), []).append(row)
    found = []
    for (title, _), listed in documents.items():
        words = "\n".join(row["text"] or "" for row in listed)
        fields = {
            "version": _only(row["version"] for row in listed),
            "effective": _only(row["effective"] for row in listed),
            "paragraphs": str(len(listed)),
            "SHA-256 of the words": hashlib.sha256(words.encode("utf-8", "replace")).hexdigest(),
        }
        paragraphs = {" ".join((row["text"] or "").split()) for row in listed}
        found.append(Record(title, (plain(title),), fields, _first(side, listed), {"paragraphs": paragraphs}))
    return found


def authorizations(side: Side) -> list[Record]:
    """Letters by number, one of each version, with their conditions."""
    conditions: dict[str, list[dict[str, str | None]]] = {}
    for row in rows(side.table("authorization_conditions"), ("authorization", "condition", "text")):
        conditions.setdefault(plain(row["authorization"] or ""), []).append(row)
    found = []
    for row in rows(side.table("authorizations"), ("authorization", *_LETTER)):
        number = row["authorization"] or "authorization without a number"
        own = conditions.get(plain(number), [])
        # a condition may stand in several versions of a letter; those of the letter's own document count
        own = [each for each in own if each["source"] == row["source"]] or own
        told = {f"condition {each['condition'] or '?'}": each["text"] for each in own}
        fields = {name: row[name] for name in _LETTER} | dict(sorted(told.items()))
        keys = ((plain(number), row["issued"]), (plain(number),))
        found.append(Record(number, keys, fields, (place(row["source"], row["locator"], side.items),), row))
    return found


def declarations(side: Side) -> list[Record]:
    """Declarations of Conformity by number."""
    found = []
    for row in rows(side.table("declarations"), ("declaration", *_DECLARED)):
        number = row["declaration"] or "declaration without a number"
        fields = {name.replace("_", " "): row[name] for name in _DECLARED}
        keys = ((plain(number), row["submitted"]), (plain(number),))
        found.append(Record(number, keys, fields, (place(row["source"], row["locator"], side.items),), row))
    return found


def _only(values: Iterable[str | None]) -> str | None:
    """The values, once each."""
    return "; ".join(sorted({value for value in values if value})) or None


def _first(side: Side, listed: list[dict[str, str | None]]) -> tuple[Place, ...]:
    return tuple(place(row["source"], row["locator"], side.items) for row in listed[:_PLACES])
