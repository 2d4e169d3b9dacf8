"""Beneficial Ownership Data Standard 0.4 (and the statements of 0.2 and 0.3) to `entities` and `interests`.

The latest statement of each record counts. A closed relationship is kept with the day on which it ended, so that an answer
as of an earlier day still has it. Interests that are stated as indirect are kept as claims (`direct` False). A party that is
stated to be unknown or undisclosed is a holder NA with the reason given. https://standard.openownership.org/en/0.4.0/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from assessor.evidence.readers import dates, json_text
from assessor.evidence.readers.base import Countries, Reading, Row, Unreadable, items, listed, mapping, words
from assessor.evidence.readers.ownership.shares import fraction

_ENTITY_KINDS = {
    "registeredentity": "organisation",
    "legalentity": "organisation",
    "arrangement": "arrangement",
    "state": "state",
    "statebody": "state",
}
_INTEREST_KINDS = {
    "shareholding": "shareholding",
    "votingrights": "voting_rights",
    "appointmentofboard": "board_appointment",
    "rightsgrantedbycontract": "contractual_control",
    "conditionalrightsgrantedbycontract": "contractual_control",
    "controlviacompanyrulesorarticles": "special_share",
    "controlbylegalframework": "direction",
    "nominee": "nominee",
    "nominator": "nominee",
}
_SPECIAL = re.compile(r"golden share|special share|priority share", re.IGNORECASE)
_LEI = re.compile(r"\bLEI\b|legal entity identifier", re.IGNORECASE)
_PROXY = re.compile(r"\bproxy\b|power of attorney", re.IGNORECASE)
_TYPES = {"entitystatement": "entity", "personstatement": "person", "ownershiporcontrolstatement": "relationship"}


@dataclass(frozen=True)
class _Statement:
    """A statement in one shape for all versions: record, type, details, when it was made and whether it closes the record."""

    record: str
    type: str
    details: Mapping[str, Any]
    made: str
    closed: bool
    place: str


def recognised(document: object) -> bool:
    """Whether a JSON document is a list of BODS statements."""
    first = mapping(document[0]) if isinstance(document, list) and document else {}
    return bool({"statementId", "statementID"} & set(first)) and bool({"recordType", "statementType"} & set(first))


def read(path: Path, source: str, rule: Countries) -> Reading:
    """Entities and interests, in the order of their records in the file. Raises Unreadable when it is no BODS."""
    document, problems = json_text.load(path.read_bytes())
    if not recognised(document):
        raise Unreadable("not a list of BODS statements")
    reading = Reading(problems=problems, tables={"entities": [], "interests": []})
    latest = _latest(document, reading)
    known = {statement.record for statement in latest if statement.type != "relationship"}
    for statement in latest:
        base = {"source": source, "locator": statement.place}
        if statement.type == "entity":
            reading.add("entities", {**base, **_entity(statement, reading, rule)})
        elif statement.type == "person":
            reading.add("entities", {**base, **_person(statement, reading, rule)})
        else:
            for row in _interests(statement, known, reading):
                reading.add("interests", {**base, **row})
    return reading


def _latest(document: list[Any], reading: Reading) -> list[_Statement]:
    """The latest statement of every record, in the order in which the records first appear."""
    replaced = {str(old) for one in document for old in items(mapping(one).get("replacesStatements"))}
    found: dict[str, _Statement] = {}
    for number, one in enumerate(document):
        place = f"/{number}"
        if not isinstance(one, dict):
            reading.problem(place, "this statement is no JSON object")
            continue
        statement = _statement(one, place)
        if statement is None:
            reading.problem(
                place, f"a statement of type {words(one.get('recordType') or one.get('statementType'))!r} is not known"
            )
        elif not statement.record:
            reading.problem(place, "the statement names no record")
        elif statement.record not in replaced:
            before = found.get(statement.record)
            if before is None or statement.made >= before.made:
                found[statement.record] = statement
    older = sum(isinstance(one, dict) for one in document) - len(found)
    if older > 0:
        reading.notes.append(f"{older} statements are superseded by later ones of the same record, or unknown")
    return list(found.values())


def _statement(one: Mapping[str, Any], place: str) -> _Statement | None:
    made = words(one.get("statementDate")) or words(mapping(one.get("publicationDetails")).get("publicationDate")) or ""
    if "recordType" in one or "recordDetails" in one:
        kind = str(one.get("recordType"))
        if kind not in ("entity", "person", "relationship"):
            return None
        closed = one.get("recordStatus") == "closed"
        return _Statement(
            words(one.get("recordId")) or "", kind, mapping(one.get("recordDetails")), made, closed, place
        )
    old = _TYPES.get(str(one.get("statementType")).casefold())
    return None if old is None else _Statement(words(one.get("statementID")) or "", old, one, made, False, place)


def _entity(statement: _Statement, reading: Reading, rule: Countries) -> Row:
    details = statement.details
    kind = details.get("entityType")
    text = words(mapping(kind).get("type")) or words(kind) or ""
    others = [
        words(each) or words(mapping(each).get("name"))
        for each in items(details.get("alternateNames")) + items(details.get("names"))
    ]
    place = details.get("jurisdiction") or details.get("incorporatedInJurisdiction")
    return {
        "entity": statement.record,
        "name": words(details.get("name")),
        "names": listed(dict.fromkeys(name for name in others if name != words(details.get("name")))),
        "kind": _ENTITY_KINDS.get(text.casefold(), "unknown"),
        "incorporated": _country(place, statement.place, reading, rule),
        "principal_place": _address(details, "business", statement.place, reading, rule),
        "lei": _identifier(details, lei=True),
        "registration": _identifier(details, lei=False),
    }


def _person(statement: _Statement, reading: Reading, rule: Countries) -> Row:
    details = statement.details
    names = [words(mapping(each).get("fullName")) for each in items(details.get("names"))] + [
        words(details.get("name"))
    ]
    names = [name for name in names if name]
    citizenship = [_country(each, statement.place, reading, rule) for each in items(details.get("nationalities"))]
    return {
        "entity": statement.record,
        "name": names[0] if names else None,
        "names": listed(names[1:]),
        "kind": "person",
        "residence": _address(details, "residence", statement.place, reading, rule),
        "citizenship": listed(citizenship),
        "us_status": "citizen" if "US" in citizenship else None,
        "registration": _identifier(details, lei=False),
    }


def _interests(statement: _Statement, known: set[str], reading: Reading) -> list[Row]:
    """One row for each interest of a relationship; a relationship that states none is one row of kind `other`."""
    details = statement.details
    subject, no_subject = _party(details.get("subject"), "entity statement")
    holder, no_holder = _party(details.get("interestedParty"), "party")
    if subject is None:
        reading.problem(
            statement.place,
            f"the relationship does not say in whom the interest is held{no_subject and ': ' + no_subject}",
        )
    for name, role in ((subject, "subject"), (holder, "interestedParty")):
        if name is not None and name not in known:
            reading.problem(statement.place, f"{role} {name!r} is described by no statement of the file")
    stated = items(details.get("interests"))
    rows = []
    for number, interest in enumerate(map(mapping, stated or [{}])):
        place = statement.place
        kind_text = words(interest.get("type")) or ""
        told = words(interest.get("details")) or ""
        start, end = (_date(interest.get(name), place, reading) for name in ("startDate", "endDate"))
        if statement.closed:
            end = end or _date(statement.made or None, place, reading)
            reading.notes.append(
                f"relationship {statement.record!r} is closed{f' since {end}' if end else ' on a day not stated'}"
            )
            if end is None:
                reading.problem(place, "the relationship is closed and no day is given, so it is left out")
                continue
        share = _share(mapping(interest.get("share")), place, reading)
        level = str(interest.get("directOrIndirect") or interest.get("interestLevel") or "").casefold()
        kind = _kind(kind_text, told, bool(share))
        rows.append(
            {
                "interest": statement.record if len(stated) < 2 else f"{statement.record}/{number}",
                "holder": holder,
                "subject": subject,
                "kind": kind,
                **share,
                "direct": True if level == "direct" else False if level == "indirect" else None,
                "details": listed(
                    (
                        kind_text if kind == "other" else None,
                        told,
                        None if stated else "no interest is stated",
                        f"holder: {no_holder}" if holder is None else None,
                    )
                ),
                "start": start,
                "end": end,
            }
        )
    return rows


def _kind(text: str, told: str, has_share: bool) -> str:
    plain = text.replace("-", "").casefold()
    if _SPECIAL.search(told) and not (has_share and plain in ("shareholding", "votingrights")):
        return "special_share"
    kind = _INTEREST_KINDS.get(plain, "other")
    return "proxy" if kind == "other" and _PROXY.search(told) else kind


def _party(value: object, what: str) -> tuple[str | None, str]:
    """The record id of a party, or None and why it is not named (0.4: an object with a reason; before: `unspecified`)."""
    if isinstance(value, str):
        return words(value), ""
    told = mapping(value)
    for name in ("describedByEntityStatement", "describedByPersonStatement"):
        if name in told:
            return words(told[name]), ""
    told = mapping(told.get("unspecified")) or told
    return None, listed((words(told.get("reason")), words(told.get("description")))) or f"no {what} is named"


def _share(share: Mapping[str, Any], place: str, reading: Reading) -> Row:
    """Ends of a share; `exclusiveMinimum` is a number in 0.4 and a truth value before."""
    row: Row = {}
    for name, ends in (
        ("min", ("exact", "minimum", "exclusiveMinimum")),
        ("max", ("exact", "maximum", "exclusiveMaximum")),
    ):
        written = [(end, share[end]) for end in ends if share.get(end) is not None and not isinstance(share[end], bool)]
        if not written:
            continue
        end, number = written[0]
        text = fraction(number)
        if text is None:
            if (end, name) != ("exact", "max"):  # told once
                reading.problem(place, f"share {end} {str(number)[:40]!r} is no percentage from 0 to 100")
            continue
        row[name] = text
        row[f"{name}_open"] = end == ends[2] or (end != "exact" and share.get(ends[2]) is True)
    if "min" in row and "max" in row and Decimal(row["min"]) > Decimal(row["max"]):
        reading.problem(place, f"the share's minimum {share} is above its maximum")
        return {}
    return row


def _date(value: object, place: str, reading: Reading) -> date | None:
    found, wrong = dates.parse(words(value))
    if wrong:
        reading.problem(place, wrong)
    return found


def _country(value: object, place: str, reading: Reading, rule: Countries) -> str | None:
    """Alpha-2 code of a jurisdiction or country; of a subdivision ("US-DE") the country."""
    told = mapping(value)
    code, name = words(told.get("code")), words(told.get("name")) or words(value)
    for text in (code, (code or "").partition("-")[0], name):
        if text and (found := rule.country(text)):
            return found
    if code or name:
        reading.problem(place, f"{name or code!r} is not a known name of a country")
    return None


def _address(details: Mapping[str, Any], kind: str, place: str, reading: Reading, rule: Countries) -> str | None:
    """The country of the first address of a kind that names one."""
    for address in map(mapping, items(details.get("addresses"))):
        if address.get("type") == kind and (found := _country(address.get("country"), place, reading, rule)):
            return found
    return None


def _identifier(details: Mapping[str, Any], *, lei: bool) -> str | None:
    """The LEI (scheme XI-LEI), or the other identifiers."""
    return listed(
        words(one.get("id"))
        for one in map(mapping, items(details.get("identifiers")))
        if bool(_LEI.search(f"{one.get('scheme')} {one.get('schemeName')}")) == lei
    )
