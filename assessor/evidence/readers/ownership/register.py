"""Extracts of share registers as sheets to `entities` and `interests`: one interest a row, its two parties by name.

A party's id is its name as written, within this source. A register seldom says what kind of party a holder is: it is an
organisation when shares in it are held or its name ends in a legal form, a state when its name is a country's, and of
unknown kind otherwise. The country that a register gives is a person's residence and anybody else's country of organisation.
"""

from __future__ import annotations

import re

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Countries, Reading, Row, listed, words
from assessor.evidence.readers.body import Record
from assessor.evidence.readers.ownership import shares
from assessor.evidence.readers.sheets.columns import Header, value
from assessor.evidence.readers.sheets.grid import Grid

_FORMS = re.compile(
    r"(?:^|[\s,(])(?:inc|corp|corporation|co|company|llc|l\.l\.c|llp|lp|ltd|limited|plc|gmbh|ag|kg|se|s\.?a|s\.?a\.?s|sarl|s\.r\.l|spa|s\.p\.a|"
    r"b\.?v|n\.?v|oy|oyj|ab|as|a/s|oü|ou|ooo|ооо|oao|оао|pao|ао|jsc|pjsc|pte|pty|k\.k|bhd|fund|trust|partnership|foundation|stichting|holding|holdings|"
    r"bank|partners|ventures|capital|investment|investments|group)\.?\)?$|有限公司$|公司$|集团$",
    re.IGNORECASE,
)
_UNDISCLOSED = re.compile(r"undisclosed|unknown|not disclosed|unidentified|various|n/?k|diverse", re.IGNORECASE)


def convert(records: list[Record], grid: Grid, header: Header, reading: Reading, source: str, rule: Countries) -> None:
    """Interests in the order of the rows; entities once each, in the order in which they are first named."""
    starts = _dates("start", records, header, reading)
    ends = _dates("end", records, header, reading)
    percent = bool(re.search(r"%|percent|per cent", header.headings.get("share", ""), re.IGNORECASE))
    subjects = {record.cells.get("subject") for record in records}
    entities: dict[str, Row] = {}
    for number, record in enumerate(records):
        cells, place = record.cells, record.place
        holder, subject = cells.get("holder"), cells.get("subject")
        if subject is None:
            reading.problem(place, "the row does not say in whom the interest is held")
        undisclosed = holder is None or bool(_UNDISCLOSED.fullmatch(holder))
        for name, role in ((None if undisclosed else holder, "holder"), (subject, "subject")):
            if name is not None:
                _entity(entities, name, role, name in subjects, record, header, reading, source, rule)
        share = shares.parse(cells.get("share"), percent=percent)
        if share.wrong:
            reading.problem(place, f"{header.headings['share']}: {share.wrong}")
        kind_text = cells.get("kind")
        kind = value(header.kind, "kind", kind_text) if kind_text else None
        if kind_text and kind is None:
            reading.problem(
                place,
                f"{header.headings['kind']}: {kind_text[:60]!r} is no kind of interest that is known; read as other",
            )
        reading.add(
            "interests",
            {
                "source": source,
                "locator": place,
                "interest": place,
                "holder": None if undisclosed else holder,
                "subject": subject,
                "kind": kind or "other",
                "min": share.min,
                "max": share.max,
                "min_open": share.min_open,
                "max_open": share.max_open,
                "direct": True,
                "details": listed(
                    (
                        cells.get("details"),
                        kind_text if kind in (None, "other") else None,
                        share.wrong and words(cells.get("share")),
                        f"holder: {holder or 'not named'}" if undisclosed else None,
                        cells.get("register"),
                    )
                ),
                "start": starts[number],
                "end": ends[number],
            },
        )
    reading.tables.setdefault("entities", []).extend(entities.values())


def _entity(
    entities: dict[str, Row],
    name: str,
    role: str,
    held: bool,
    record: Record,
    header: Header,
    reading: Reading,
    source: str,
    rule: Countries,
) -> None:
    """Enter a party when it is new; a country that contradicts the one given before is a problem."""
    text = record.cells.get(f"{role}_country")
    code = rule.country(text) if text else None
    if text and code is None:
        reading.problem(
            record.place, f"{header.headings[f'{role}_country']}: {text[:60]!r} is not a known name of a country"
        )
    told = value(header.kind, "holder_kind", record.cells.get("holder_kind") or "") if role == "holder" else None
    kind = told or (
        "state" if rule.country(name) else "organisation" if held or _FORMS.search(name.strip()) else "unknown"
    )
    known = entities.setdefault(
        name,
        {
            "entity": name,
            "name": name,
            "kind": kind,
            "source": source,
            "locator": record.place,
        },
    )
    if known["kind"] == "unknown" and kind != "unknown":
        known["kind"] = kind
    nationality = (
        rule.country(record.cells.get("holder_nationality") or "")
        if role == "holder" and known["kind"] == "person"
        else None
    )
    if nationality:
        known |= {"citizenship": nationality, **({"us_status": "citizen"} if nationality == "US" else {})}
    place = "residence" if known["kind"] == "person" else "incorporated"
    if code and known.get(place) not in (None, code):
        reading.problem(
            record.place, f"{name} is of {known[place]} in {known['locator']} and of {code} here; the first is kept"
        )
    elif code:
        known[place] = code


def _dates(name: str, records: list[Record], header: Header, reading: Reading) -> list[object]:
    found, wrong = dates.column([record.cells.get(name) for record in records])
    for position, message in wrong:
        reading.problem(records[position].place, f"{header.headings[name]}: {message}")
    return list(found)
