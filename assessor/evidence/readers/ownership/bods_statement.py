"""What one statement of the Beneficial Ownership Data Standard says, in 0.2, 0.3 and 0.4, understood tolerantly.

All functions take parsed JSON of whatever shape and give what they find; problems are sentences without a place. The columns of
regular statements are made by the same functions (`bods_columns`). https://standard.openownership.org/en/0.4.0/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Countries, Row, items, listed, mapping, printable, words
from assessor.evidence.readers.ownership import bods_share

ENTITY, PERSON, RELATIONSHIP = range(3)
KINDS = {"entity": ENTITY, "person": PERSON, "relationship": RELATIONSHIP}
OLD_KINDS = {"entitystatement": ENTITY, "personstatement": PERSON, "ownershiporcontrolstatement": RELATIONSHIP}
COMPONENTS = ("componentRecords", "componentRecordIDs", "componentStatementIDs")
NO_INTEREST = "no interest is stated"

_ENTITY_KINDS = {
    "registeredentity": "organisation",
    "legalentity": "organisation",
    "arrangement": "arrangement",
    "state": "state",
    "statebody": "state",
}
_STATE = ("governmentdepartment", "stateagency")
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
_PROXY = re.compile(r"\bproxy\b|power of attorney", re.IGNORECASE)
TELLING = f"(?i)golden share|special share|priority share|proxy|power of attorney|{bods_share.BAND}"
"""Details that matter for more than themselves; in the dialect of Arrow, which knows it all too."""
_LEI = re.compile(r"\bLEI\b|legal entity identifier", re.IGNORECASE)
_UNKNOWN = {"unknownentity", "anonymousentity", "unknownperson", "anonymousperson"}
_HOME = ("residence", "home")
_ADDRESSES = {"registered", "business", "residence", "home", "service", "alternative"}
_LATER_NAMES = ("alias", "alternative", "translation", "transliteration", "former", "birth")
"""Types of personal names in the order in which one stands for the person where there is no other."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in one shape for all versions: which record it is of, when it was made and published (texts that sort by
    time), whether it closes the record, and which statements it replaces (0.2 and 0.3)."""

    record: str
    kind: int
    details: Mapping[str, Any]
    made: str = ""
    published: str = ""
    closed: bool = False
    replaces: tuple[str, ...] = ()

    @property
    def bare(self) -> bool:
        """It closes a relationship and does not repeat the interests."""
        return self.closed and self.kind == RELATIONSHIP and not items(self.details.get("interests"))


@dataclass(slots=True)
class Said:
    """The rows of a statement and what else there is to tell: problems; why its party is not known (`unknown`), and asides:
    "tax", "listed", or where an address lies that says no place of the tables."""

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknown: str | None = None
    asides: list[str] = field(default_factory=list)


class Places(NamedTuple):
    """Countries of jurisdictions (or nationalities) and of the addresses that count, each separated by '; '; where the other
    addresses are; and what is wrong."""

    home: str | None
    address: str | None
    elsewhere: tuple[str, ...]
    wrong: tuple[str, ...]


class Meaning(NamedTuple):
    """What an interest means: its kind, the ends of its share, and words for its details."""

    kind: str
    min: str | None
    max: str | None
    min_open: bool | None
    max_open: bool | None
    lead: str | None
    kept: str | None
    wrong: tuple[str, ...]


def statement(one: Mapping[str, Any]) -> Statement | str:
    """The statement, or why it is none."""
    published = moment(mapping(one.get("publicationDetails")).get("publicationDate"))
    made = moment(one.get("statementDate")) or published
    if "recordType" in one or "recordDetails" in one:
        kind, record = KINDS.get(str(one.get("recordType"))), words(one.get("recordId"))
        details = mapping(one.get("recordDetails"))
        closed, replaced = one.get("recordStatus") == "closed", []
    else:
        kind, record = OLD_KINDS.get(str(one.get("statementType")).casefold()), words(one.get("statementID"))
        details, closed, replaced = one, False, items(one.get("replacesStatements"))
    if kind is None:
        return f"a statement of type {words(one.get('recordType') or one.get('statementType'))!r} is not known"
    if not record:
        return "the statement names no record"
    replaces = tuple(old for each in replaced if (old := words(each)))
    return Statement(record, kind, details, made, published, closed, replaces)


@lru_cache(maxsize=1 << 14)
def _moment(text: str) -> str:
    found = None if _DAY.match(text) else dates.parse(text)[0]
    return text if _DAY.match(text) else found.isoformat() if found else ""


def moment(value: object) -> str:
    """A date, perhaps with the time of day, as a text that sorts by time; empty when it is none."""
    return _moment(words(value) or "")


def said(one: Statement, rule: Countries) -> Said:
    """The rows of a statement."""
    if one.kind == RELATIONSHIP:
        return _relationship(one)
    return _entity(one, rule) if one.kind == ENTITY else _person(one, rule)


def _entity(one: Statement, rule: Countries) -> Said:
    details = one.details
    type = mapping(details.get("entityType")).get("type") or details.get("entityType")
    subtype = mapping(details.get("entityType")).get("subtype") or mapping(details.get("entitySubtype")).get(
        "generalCategory"
    )
    where = entity_places(
        next(filter(_names_a_place, map(details.get, ("jurisdiction", "incorporatedInJurisdiction"))), None),
        details.get("addresses"),
        rule,
    )
    name = words(details.get("name"))
    row = {
        "entity": one.record,
        "name": name,
        "names": other_names(name, items(details.get("alternateNames")) + items(details.get("names"))),
        "kind": entity_kind(words(type), words(subtype)),
        "incorporated": where.home,
        "principal_place": where.address,
        "lei": identifiers(details.get("identifiers"), lei=True),
        "registration": identifiers(details.get("identifiers"), lei=False),
    }
    told = Said([row], list(where.wrong), _unspecified(details, words(type), "unspecifiedEntityDetails"))
    told.asides += where.elsewhere
    told.asides += ["listed"] if mapping(details.get("publicListing")).get("hasPublicListing") is True else []
    return told


def _names_a_place(value: object) -> bool:
    return isinstance(value, str) or any(mapping(value).get(part) is not None for part in ("code", "name"))


def entity_kind(type: str | None, subtype: str | None) -> str:
    """The kind of an entity of this type; what is called a government department or state agency is of the state."""
    if any(name in (subtype or "").casefold() for name in _STATE):
        return "state"
    return _ENTITY_KINDS.get((type or "").casefold(), "unknown")


def other_names(name: str | None, others: Iterable[Any]) -> str | None:
    """The other names of an entity, each once, separated by '; '."""
    found = [words(each) or words(mapping(each).get("name")) for each in others]
    return listed(dict.fromkeys(each for each in found if each != name))


def _person(one: Statement, rule: Countries) -> Said:
    details = one.details
    name, names = personal_names(items(details.get("names")), details.get("name"))
    home = (
        [{"type": "residence", **mapping(details.get("placeOfResidence"))}] if details.get("placeOfResidence") else []
    )
    where = personal_places(details.get("nationalities"), [*items(details.get("addresses")), *home], rule)
    row = {
        "entity": one.record,
        "name": name,
        "names": names,
        "kind": "person",
        "residence": where.address,
        "citizenship": where.home,
        "us_status": us_status(where.home),
        "registration": identifiers(details.get("identifiers"), lei=False),
    }
    told = Said([row], list(where.wrong))
    told.unknown = _unspecified(details, words(details.get("personType")), "unspecifiedPersonDetails")
    told.asides += [*where.elsewhere, *(["tax"] if items(details.get("taxResidencies")) else [])]
    return told


def us_status(citizenship: str | None) -> str | None:
    """U.S. citizenship is stated or nothing is known of it."""
    return "citizen" if "US" in (citizenship or "").split("; ") else None


def personal_names(names: Iterable[Any], single: object = None) -> tuple[str | None, str | None]:
    """The name that a person goes by, and the other ones, separated by '; '. A former name or a translation is the name only
    where there is no other."""
    found: list[tuple[int, str]] = []
    for each in [*map(mapping, names), {"fullName": single}]:
        parts = (words(each.get(part)) for part in ("givenName", "patronymicName", "familyName"))
        full = words(each.get("fullName")) or " ".join(filter(None, parts))
        type = str(each.get("type")).casefold()
        if full:
            found.append((_LATER_NAMES.index(type) + 1 if type in _LATER_NAMES else 0, full))
    if not found:
        return None, None
    first = min(found, key=lambda each: each[0])[1]
    return first, listed(dict.fromkeys(name for _, name in found if name != first))


def entity_places(jurisdiction: object, addresses: object, rule: Countries) -> Places:
    """Where an entity is organised and where its business addresses are."""
    return _places([jurisdiction] if jurisdiction else [], addresses, ("business",), rule)


def personal_places(nationalities: object, addresses: object, rule: Countries) -> Places:
    """Of which countries a person is a citizen and where the person lives."""
    return _places(items(nationalities), addresses, _HOME, rule)


def _places(homes: Iterable[Any], addresses: object, counting: tuple[str, ...], rule: Countries) -> Places:
    wrong: list[str] = []
    home = dict.fromkeys(code for each in homes for code in country(each, rule, wrong))
    address: dict[str, None] = {}
    others: dict[tuple[str, str], None] = {}
    for each in map(mapping, items(addresses)):
        type = words(each.get("type")) or "other"
        codes = country(each.get("country"), rule, wrong)
        if type.casefold() in counting:
            address |= dict.fromkeys(codes)
        elif type.casefold() != "placeofbirth":
            others |= dict.fromkeys(
                (type.casefold() if type.casefold() in _ADDRESSES else "other", code) for code in codes
            )
    elsewhere = tuple(f"{type} in {code}" for type, code in others if code not in home and code not in address)
    return Places(listed(home), listed(address), elsewhere, tuple(wrong))


def country(value: object, rule: Countries, wrong: list[str]) -> list[str]:
    """Alpha-2 code of a jurisdiction or country, of a subdivision ("US-DE") that of its country; both where code and name are
    of different countries. What is not known, or does not agree, is appended to `wrong`."""
    told = mapping(value)
    code, name = words(told.get("code")), words(told.get("name")) or words(value)
    by_code = rule.country(code) or (rule.country(code.partition("-")[0]) if code else None)
    by_name = rule.country(name)
    if not by_code and not by_name:
        if code or name:
            wrong.append(f"{name or code!r} is not a known name of a country")
        return []
    if by_code and by_name and by_code != by_name and len(code or "") == 2:
        wrong.append(f"the code {code!r} and the name {name!r} are of different countries; both are kept")
        return [by_code, by_name]
    return [by_code or by_name or ""]


def identifiers(listing: object, *, lei: bool) -> str | None:
    """The LEI (scheme XI-LEI), or all other identifiers, separated by '; '."""
    return listed(
        words(one.get("id"))
        for one in map(mapping, items(listing))
        if is_lei(words(one.get("scheme")), words(one.get("schemeName"))) == lei
    )


def is_lei(scheme: str | None, name: str | None) -> bool:
    """Whether identifiers of this scheme are LEIs."""
    return bool(_LEI.search(f"{scheme} {name}"))


def unknown_type(type: str | None) -> bool:
    """Whether somebody of this type is described and not known."""
    return (type or "").casefold() in _UNKNOWN


def _unspecified(details: Mapping[str, Any], type: str | None, member: str) -> str | None:
    """Why somebody who is described is not known; None where nothing says so."""
    unknown = unknown_type(type)
    told = mapping(details.get(member))
    if not unknown and not told:
        return None
    reasons = (told.get("reason"), told.get("description"), details.get("missingInfoReason"))
    return listed((type if unknown else None, *map(words, reasons))) or "not specified"


def _relationship(one: Statement) -> Said:
    """One row for each interest; a relationship that states none is one row of kind `other`."""
    details, told = one.details, Said()
    subject, no_subject = party(details.get("subject"), "entity statement")
    holder, no_holder = party(details.get("interestedParty"), "party")
    if subject is None:
        told.problems.append(f"the relationship does not say in whom the interest is held: {no_subject}")
    components = any(items(details.get(name)) for name in COMPONENTS)
    stated = items(details.get("interests"))
    for number, interest in enumerate(map(mapping, stated or [{}])):
        text, words_of_it = words(interest.get("type")), words(interest.get("details"))
        meant = meaning(text, words_of_it, interest.get("share"))
        level = words(interest.get("directOrIndirect")) or words(interest.get("interestLevel"))
        told.problems += meant.wrong
        span: dict[str, Any] = {}
        for name, end in (("start", "startDate"), ("end", "endDate")):
            span[name], wrong = dates.parse(words(interest.get(end)))
            told.problems += [wrong] if wrong else []
        told.rows.append(
            {
                "interest": one.record if len(stated) < 2 else f"{one.record}/{number}",
                "holder": holder,
                "subject": subject,
                "kind": meant.kind,
                "min": meant.min,
                "max": meant.max,
                "min_open": meant.min_open,
                "max_open": meant.max_open,
                "direct": directness(level, components),
                "details": listed(
                    (
                        meant.lead,
                        words_of_it,
                        meant.kept,
                        None if stated else NO_INTEREST,
                        f"holder: {no_holder}" if holder is None else None,
                    )
                ),
                **span,
            }
        )
    return told


def party(value: object, what: str) -> tuple[str | None, str]:
    """The record id of a party, or None and why it is not named (0.4: an object with a reason; before: `unspecified`)."""
    if isinstance(value, str):
        return words(value), f"no {what} is named"
    told = mapping(value)
    for name in ("describedByEntityStatement", "describedByPersonStatement"):
        if found := words(told.get(name)):
            return found, ""
    told = mapping(told.get("unspecified")) or told
    return None, unnamed(words(told.get("reason")), words(told.get("description")), what)


def unnamed(reason: str | None, description: str | None, what: str) -> str:
    """Why a party is not named."""
    return listed((reason, description)) or f"no {what} is named"


def directness(level: str | None, components: bool) -> bool | None:
    """Whether an interest is direct. Where it is not said, that of a relationship which names the records of which it is
    composed is a declared chain; of any other nothing is known."""
    plain = (level or "").casefold()
    return True if plain == "direct" else False if plain == "indirect" or components else None


def meaning(type: str | None, details: str | None, share: object) -> Meaning:
    """What an interest of a type is, with its share; details count where they tell of a special share, a proxy or a band."""
    plain, told = (type or "").replace("-", "").casefold(), details or ""
    ends = bods_share.ends(share, bods_share.band(plain, told))
    kind = _INTEREST_KINDS.get(plain, "other")
    if _SPECIAL.search(told) and not (ends.stated and plain in ("shareholding", "votingrights")):
        kind = "special_share"
    elif kind == "other" and _PROXY.search(told):
        kind = "proxy"
    kept = f"share as stated: {_shown(share)}" if ends.wrong else None
    return Meaning(kind, *ends[:4], type if kind == "other" else None, kept, ends.wrong)


def _shown(share: object) -> str:
    return printable(json.dumps(share, ensure_ascii=False, default=_number)[:120])


def _number(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else None
