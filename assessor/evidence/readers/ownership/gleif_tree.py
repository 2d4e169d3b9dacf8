"""Records of the Global LEI System as JSON (of the golden copy, and answers of the API) and as XML, one record at a time.

An element of XML and an object of the golden copy's JSON become the same plain tree; what is asked of it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from assessor.evidence.readers import opened, xml_source
from assessor.evidence.readers.base import UNREAD, Problem, Reading, items, mapping
from assessor.evidence.readers.bills import json_elements
from assessor.evidence.readers.bills.json_stream import Part, Stream
from assessor.evidence.readers.ownership.gleif_rows import EXCEPTION, FIELDS, LEI, LISTED, RELATION, Register
from assessor.evidence.readers.rows import BLOCK
from assessor.evidence.readers.xml_parse import Parse, documents, local, refused, text
from assessor.evidence.readers.xml_source import Source

XML_ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(?:LEIData|RelationshipData|RRData|ReportingExceptionData|ReportingExceptions)\b",
    re.IGNORECASE,
)
"""How a document begins."""
ELEMENTS = {"LEIRecord": LEI, "RelationshipRecord": RELATION, "Exception": EXCEPTION}
"""The records and their sorts."""
_API = {"lei-records": LEI, "relationship-records": RELATION, "reporting-exceptions": EXCEPTION}
_JSON = re.compile(
    rb'"(?:LEI|NodeID|ExceptionCategory)"\s*:\s*\{\s*"\$"|"type"\s*:\s*"(?:lei-records|relationship-records|reporting-exceptions)"'
)
_DEEPEST = 30
_PERIOD = "RELATIONSHIP_PERIOD"

Fields = dict[str, str | None]


def recognised_json(head: bytes) -> bool:
    """Whether the first bytes of a JSON file show records of the golden copy or of the API."""
    return bool(_JSON.search(head))


def recognised_xml(head: bytes) -> bool:
    """Whether the root element in the first bytes of a file is one of the common data formats."""
    at = xml_source.prolog(head)[0]
    return at >= 0 and bool(XML_ROOT.match(head, at))


class _Records:
    """Records of each sort, handed to the register in blocks."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._held: dict[str, tuple[list[Fields], list[str]]] = {sort: ([], []) for sort in FIELDS}

    def add(self, sort: str, fields: Fields, place: str) -> None:
        records, places = self._held[sort]
        records.append(fields)
        places.append(place)
        if len(places) == BLOCK:
            self.flush(sort)

    def flush(self, sort: str) -> None:
        records, places = self._held[sort]
        if places:
            self._register.add(sort, {name: [each.get(name) for each in records] for name in FIELDS[sort]}, places)
        self._held[sort] = ([], [])

    def close(self) -> None:
        for sort in FIELDS:
            self.flush(sort)


def read_json(path: Path, register: Register) -> None:
    """Every record of the arrays of a JSON document, or the one that an answer of the API holds. Raises Unreadable."""
    records, single, problems = _Records(register), dict[str, Any](), list[Problem]()
    told = register.tell
    with opened.json_bytes(path, register.reading) as file:
        for document in Stream(file, problems).documents():
            for part in document:
                if part.value is None:
                    _elements(part, records, register)
                elif part.place.startswith("/data/") and part.key in ("type", "attributes"):
                    try:
                        single[part.key] = msgspec.json.decode(part.value)
                    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                        told(part.place, "this value is not valid JSON; it is not read")
    if single:
        _record(single, "/data", records, register)
    records.close()
    for problem in problems:
        told(problem.place, problem.message, problem.excerpt)


def _elements(part: Part, records: _Records, register: Register) -> None:
    """The records of a run of elements of one array."""
    if part.place.count("/") > 1 or not part.elements:
        return
    probe = Reading()
    for number, value in enumerate(json_elements.values(part, probe), part.first):
        _record(value, f"{part.place}/{number}", records, register)
    for problem in probe.problems:
        register.tell(
            problem.place,
            problem.message.replace("; it is listed without any data", "; it is not read"),
            problem.excerpt,
        )


def _record(value: Any, place: str, records: _Records, register: Register) -> None:
    if isinstance(value, dict) and isinstance(value.get("attributes"), dict):
        sort = _API.get(str(value.get("type")))
        if sort is not None:
            records.add(sort, _ASKED_OF_API[sort](value["attributes"]), place)
        return
    if not isinstance(value, dict):
        if value is not UNREAD:
            register.tell(place, "the record is no JSON object; it is not read")
        return
    tree = mapping(_plain(value, 0))  # what stands where a record ought to may be a text in a mapping
    tree = (
        mapping(tree.get("RelationshipRecord"))
        or mapping(tree.get("LEIRecord"))
        or mapping(tree.get("Exception"))
        or tree
    )
    if "Relationship" in tree:
        records.add(RELATION, _relation(tree), place)
    elif "ExceptionCategory" in tree or "ExceptionReason" in tree:
        records.add(EXCEPTION, _exception(tree), place)
    elif "LEI" in tree or "Entity" in tree:
        records.add(LEI, _entity(tree), place)
    else:
        register.tell(place, "the record is none of an LEI, a relationship or an exception; it is not read")


def read_xml(path: Path, register: Register) -> None:
    """Every record of a document in one of the common data formats, as a stream. Raises Unreadable."""
    source = Source(path)
    register.reading.problems += source.problems
    records = _Records(register)
    told = Reading()
    for parse in documents(source, tuple(ELEMENTS), lambda head: bool(XML_ROOT.match(head)), register.tell):
        _document(parse, records, register)
        parse.tell(told)
        if parse.number == 1 and parse.root is None and not register.count:
            records.close()
            if not register.count:
                raise refused(parse)
    records.close()
    register.reading.problems += told.problems


def _document(parse: Parse, records: _Records, register: Register) -> None:
    counts: dict[str, int] = {}
    above: dict[str, str] = {}
    for element in parse:
        name = local(element)
        if parse.root is not None and not parse.ended:  # the parser ended it where the file does
            register.tell(f"line {parse.line(element)}", f"a <{name}> here has no end; it is not read")
            continue
        if name not in above:
            above[name] = "/".join(local(each) for each in reversed(list(element.iterancestors())))
        counts[name] = counts.get(name, 0) + 1
        place = f"{parse.prefix}/{above[name]}/{name}[{counts[name]}]"
        tree = _tree(element, 0)
        records.add(ELEMENTS[name], _ASKED[ELEMENTS[name]](tree if isinstance(tree, dict) else {}), place)
        parse.forget(element)


def _tree(element: Any, depth: int) -> Any:
    """An element as a plain tree: texts, mappings, and lists where a name stands several times."""
    if not len(element) or depth > _DEEPEST:
        return text(element)
    found: dict[str, Any] = {}
    for child in element:
        _enter(found, local(child), _tree(child, depth + 1))
    return found


def _plain(value: Any, depth: int) -> Any:
    """An object of the golden copy's JSON as the same tree: `{"$": text}` is the text, attributes and prefixes are left out."""
    if isinstance(value, list):
        return [_plain(each, depth + 1) for each in value] if depth < _DEEPEST else None
    if not isinstance(value, dict):
        return value
    if "$" in value:
        return value["$"]
    found: dict[str, Any] = {}
    for key, each in value.items() if depth < _DEEPEST else ():
        if not key.startswith("@"):
            _enter(found, key.rpartition(":")[2], _plain(each, depth + 1))
    return found


def _enter(found: dict[str, Any], name: str, value: Any) -> None:
    if name not in found:
        found[name] = value
    else:
        if not isinstance(found[name], list):
            found[name] = [found[name]]
        found[name] += value if isinstance(value, list) else [value]


def _text(tree: Any, *path: str) -> str | None:
    """The text at a path; the first of several."""
    for name in path:
        tree = _first(tree)
        tree = tree.get(name) if isinstance(tree, dict) else None
    tree = _first(tree)
    return tree if isinstance(tree, str) else None


def _first(tree: Any) -> Any:
    return tree[0] if isinstance(tree, list) and tree else tree


def _texts(tree: Any, *path: str) -> str | None:
    """All texts at a path, as a field that has several."""
    for name in path:
        tree = _first(tree)
        tree = tree.get(name) if isinstance(tree, dict) else None
    return LISTED.join(each for each in (tree if isinstance(tree, list) else [tree]) if isinstance(each, str)) or None


def _entity(tree: Mapping[str, Any]) -> Fields:
    entity = mapping(_first(tree.get("Entity")))
    names = (
        _texts(entity, "OtherEntityNames", "OtherEntityName"),
        _texts(entity, "TransliteratedOtherEntityNames", "TransliteratedOtherEntityName"),
    )
    return {
        "lei": _text(tree, "LEI"),
        "name": _text(entity, "LegalName"),
        "names": LISTED.join(filter(None, names)) or None,
        "legal": _text(entity, "LegalAddress", "Country"),
        "headquarters": _text(entity, "HeadquartersAddress", "Country"),
        "jurisdiction": _text(entity, "LegalJurisdiction"),
        "authority": _text(entity, "RegistrationAuthority", "RegistrationAuthorityID"),
        "registration": _text(entity, "RegistrationAuthority", "RegistrationAuthorityEntityID")
        or _text(entity, "BusinessRegisterEntityID"),
        "category": _text(entity, "EntityCategory"),
        "form": _text(entity, "LegalForm", "EntityLegalFormCode"),
        "status": _text(entity, "EntityStatus"),
        "registered": _text(tree, "Registration", "RegistrationStatus"),
        "successor": _text(entity, "SuccessorEntity", "SuccessorLEI"),
    }


def _relation(tree: Mapping[str, Any]) -> Fields:
    relation = mapping(_first(tree.get("Relationship")))
    period = _period(mapping(_first(relation.get("RelationshipPeriods"))).get("RelationshipPeriod"), "PeriodType")
    return {
        "start": _text(relation, "StartNode", "NodeID"),
        "end": _text(relation, "EndNode", "NodeID"),
        "type": _text(relation, "RelationshipType"),
        "status": _text(relation, "RelationshipStatus"),
        "registered": _text(tree, "Registration", "RegistrationStatus"),
        "began": _text(period, "StartDate"),
        "ended": _text(period, "EndDate"),
        "updated": _text(tree, "Registration", "LastUpdateDate"),
        "renewal": _text(tree, "Registration", "NextRenewalDate"),
        "deleted": _text(tree, "Extension", "Deletion", "DeletedAt"),
    }


def _exception(tree: Mapping[str, Any]) -> Fields:
    return {
        "lei": _text(tree, "LEI"),
        "category": _text(tree, "ExceptionCategory"),
        "reasons": _texts(tree, "ExceptionReason"),
        "references": _texts(tree, "ExceptionReference"),
        "deleted": _text(tree, "Extension", "Deletion", "DeletedAt"),
    }


def _period(periods: Any, kind: str) -> Any:
    """The period of the relationship itself; periods of accounts and filings are others."""
    listed = periods if isinstance(periods, list) else [periods]
    return next((each for each in listed if _text(each, kind) == _PERIOD), {})


def _entity_of_api(told: Mapping[str, Any]) -> Fields:
    entity, registration = mapping(told.get("entity")), mapping(told.get("registration"))
    names = [
        _text(each, "name") for kind in ("otherNames", "transliteratedOtherNames") for each in items(entity.get(kind))
    ]
    return {
        "lei": _text(told, "lei"),
        "name": _text(entity, "legalName", "name"),
        "names": LISTED.join(filter(None, names)) or None,
        "legal": _text(entity, "legalAddress", "country"),
        "headquarters": _text(entity, "headquartersAddress", "country"),
        "jurisdiction": _text(entity, "jurisdiction"),
        "authority": _text(entity, "registeredAt", "id"),
        "registration": _text(entity, "registeredAs"),
        "category": _text(entity, "category"),
        "form": _text(entity, "legalForm", "id"),
        "status": _text(entity, "status"),
        "registered": _text(registration, "status"),
        "successor": _text(entity, "successorEntity", "lei"),
    }


def _relation_of_api(told: Mapping[str, Any]) -> Fields:
    relation, registration = mapping(told.get("relationship")), mapping(told.get("registration"))
    period = _period(relation.get("periods"), "type")
    return {
        "start": _text(relation, "startNode", "id"),
        "end": _text(relation, "endNode", "id"),
        "type": _text(relation, "type"),
        "status": _text(relation, "status"),
        "registered": _text(registration, "status"),
        "began": _text(period, "startDate"),
        "ended": _text(period, "endDate"),
        "updated": _text(registration, "lastUpdateDate"),
        "renewal": _text(registration, "nextRenewalDate"),
    }


def _exception_of_api(told: Mapping[str, Any]) -> Fields:
    return {
        "lei": _text(told, "lei"),
        "category": _text(told, "category"),
        "reasons": _texts(told, "reason"),
        "references": _texts(told, "reference"),
        "deleted": _text(told, "validTo"),
    }


_ASKED = {LEI: _entity, RELATION: _relation, EXCEPTION: _exception}
_ASKED_OF_API = {LEI: _entity_of_api, RELATION: _relation_of_api, EXCEPTION: _exception_of_api}
