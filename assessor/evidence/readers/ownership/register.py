"""Extracts of share registers and cap tables as sheets to `entities` and `interests`.

A row names a holder, the company in which it holds (or the sheet is of one company, see `issuer`) and a share, a number of shares
or votes, or an amount of capital; shares of the whole are computed from numbers, exactly, and held against the percentages that
are stated. Rows that are no holders (totals, pools, treasury shares) are told and are nobody's.

A party's id is its name as written, within this source. A register seldom says what kind of party a holder is: it is an
organisation when shares in it are held or its name ends in a legal form, a state when its name is a country's, and of
unknown kind otherwise. The country that a register gives is a person's residence and anybody else's country of organisation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from assessor.evidence.readers.base import Countries, Reading, Row, listed, words
from assessor.evidence.readers.body import Record
from assessor.evidence.readers.ownership import counting, holders, issuer, shares
from assessor.evidence.readers.ownership.cells import Cells
from assessor.evidence.readers.ownership.counting import Counted, Lot
from assessor.evidence.readers.ownership.numbers import shown
from assessor.evidence.readers.ownership.shares import Share
from assessor.evidence.readers.sheets.columns import Header, value
from assessor.evidence.readers.sheets.grid import Grid
from assessor.text import exact_text

_EQUITY, _VOTES = "shareholding", "voting_rights"
_LISTED = 20


@dataclass
class Line:
    """A row: its role (see `holders.role`), its parties, and what of them; `lots` are its shares by class."""

    record: Record
    role: str
    holder: str | None
    subject: str | None
    kind: str | None
    share: Share
    voting: Share
    lots: list[Lot] = field(default_factory=list)
    number: Fraction | None = None
    details: list[str | None] = field(default_factory=list)
    start: object = None
    end: object = None

    @property
    def place(self) -> str:
        """The locator of the row."""
        return self.record.place

    @property
    def key(self) -> str:
        """Whose shares are counted together: those of a name, or of the row where nobody is named."""
        return self.holder or f"\0{self.record.index}"


def convert(records: list[Record], grid: Grid, header: Header, reading: Reading, source: str, rule: Countries) -> None:
    """Interests in the order of the rows; entities once each, in the order in which they are first named."""
    cells = Cells(records, grid, header, reading)
    lines = _lines(cells, grid, header, reading)
    held = {line.subject for line in lines}
    entities: dict[str, Row] = {}
    groups: dict[str | None, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.subject, []).append(line)
    found = {subject: _counted(group, reading) for subject, group in groups.items()}
    done: set[tuple[str | None, str]] = set()
    for line in lines:
        if line.role not in (holders.HOLDER, holders.UNNAMED):
            continue
        for name, role in ((line.holder, "holder"), (line.subject, "subject")):
            if name is not None:
                _entity(entities, name, role, name in held, line.record, header, reading, source, rule)
        for row in _rows(line, found[line.subject], groups[line.subject], done, reading):
            reading.add("interests", {"source": source, "locator": line.place, "direct": True, **row})
    reading.tables.setdefault("entities", []).extend(entities.values())
    _tell_others(lines, reading)


def _lines(cells: Cells, grid: Grid, header: Header, reading: Reading) -> list[Line]:
    company = None
    if "subject" not in header.columns:
        company = issuer.company(grid, header)
        if company:
            reading.notes.append(
                f"the holders are read as those of {company!r}, as what stands above them or the sheet's name says"
            )
        else:
            reading.problem(grid.place(header.row), "nothing says of which company these are the holders")
    lines = []
    for number, record in enumerate(cells.records):
        name, mark = holders.marked(record.cells.get("holder"))
        subject = record.cells.get("subject") if company is None else company
        if subject is None and "subject" in header.columns and cells.roles[number] == holders.HOLDER:
            reading.problem(record.place, "the row does not say in whom the interest is held")
        role = cells.roles[number]
        kind_text = record.cells.get("kind")
        kind = value(header.kind, "kind", kind_text) if kind_text else None
        if kind_text and kind is None and role in (holders.HOLDER, holders.UNNAMED):
            message = (
                f"{header.headings['kind']}: {kind_text[:60]!r} is no kind of interest that is known; read as other"
            )
            reading.problem(record.place, message)
        line = Line(
            record,
            role,
            name if role == holders.HOLDER else None,
            subject,
            kind or ("other" if kind_text else None),
            cells.share("share", number),
            cells.share("voting_share", number),
            number=cells.number(number),
            start=cells.dates("start")[number],
            end=cells.dates("end")[number],
        )
        if role in (holders.HOLDER, holders.UNNAMED) and line.kind in (None, _EQUITY):
            line.lots = cells.lots(number, line.key)
        line.details = [
            record.cells.get("details"),
            kind_text if kind in (None, "other") else None,
            None if line.lots else record.cells.get("share_class"),
            line.share.wrong and words(record.cells.get(cells.column("share") or "share")),
            f"holder: {name or 'not named'}" if role == holders.UNNAMED else None,
            cells.footnotes.get(mark),
            f"fully diluted: {diluted}" if (diluted := record.cells.get("diluted_share")) else None,
            record.cells.get("register"),
        ]
        lines.append(line)
    return lines


def _counted(group: list[Line], reading: Reading) -> Counted:
    """What the numbers of a company's rows mean together; those that ended are not counted."""
    lots = [lot for line in group if line.end is None for lot in line.lots]
    if not any(lot.number is not None or lot.votes is not None for lot in lots):
        return Counted()
    _unlabelled_total(group)
    lots = [lot for line in group if line.end is None for lot in line.lots]
    others = [(line.role, line.number) for line in group if line.role in (holders.TREASURY, holders.UNISSUED)]
    totals = [line.number for line in group if line.role == holders.TOTAL and line.number is not None]
    found = counting.count(lots, others, totals)
    place = group[0].place
    for message in found.wrong:
        reading.problem(place, message)
    reading.notes += found.notes
    return found


def _unlabelled_total(group: list[Line]) -> None:
    """A last row without a name that holds what all others hold together is their total."""
    last, before = group[-1], group[:-1]
    named = all(line.role != holders.UNNAMED or line.record.cells.get("holder") for line in before)
    whole = sum((line.number or Fraction(0) for line in before if line.role == holders.HOLDER), Fraction(0))
    if (
        last.role == holders.UNNAMED
        and not last.record.cells.get("holder")
        and named
        and last.number == whole
        and whole
    ):
        last.role, last.lots = holders.TOTAL, []


def _rows(
    line: Line, found: Counted, group: list[Line], done: set[tuple[str | None, str]], reading: Reading
) -> list[dict[str, Any]]:
    """The interests of a line; what is counted of a holder's several lines stands with the first of them."""
    base = {"holder": line.holder, "subject": line.subject, "start": line.start, "end": line.end}
    own = [each for each in group if each.key == line.key and each.end is None and each.lots]
    rows: list[dict[str, Any]] = []
    issued = any(lot.issued for lot in line.lots)
    if line.end is None and line.key in found.equity and issued:
        if (line.subject, line.key) not in done:
            done.add((line.subject, line.key))
            rows = _counted_rows(line, own, found, reading)
    elif line.lots and not issued:
        rows = [{"kind": "other", "details": listed((_held([line]), "no issued shares", *line.details))}]
    else:
        share = line.share
        kind = line.kind or (_EQUITY if share.min or share.max or not line.voting.min else _VOTES)
        if kind == _VOTES and not (share.min or share.max):
            share = line.voting
        told = listed((_held([line]), *line.details))
        rows = [{"kind": kind, **_ends(share), "details": told}]
        if kind == _EQUITY and (line.voting.min or line.voting.max):
            rows.append({"kind": _VOTES, **_ends(line.voting), "details": told})
        elif kind == _EQUITY and line.key in found.votes:
            rows.append({"kind": _VOTES, **_ends(found.votes[line.key]), "details": told})
    several = len(rows) > 1
    return [
        {**base, "interest": f"{line.place} ({row['kind'].replace('_', ' ')})" if several else line.place, **row}
        for row in rows
    ]


def _counted_rows(line: Line, own: list[Line], found: Counted, reading: Reading) -> list[dict[str, Any]]:
    """The share of the capital that a holder's lines come to, and that of the votes where it is told apart from it."""
    told = [_held(own), *dict.fromkeys(each for one in own for each in one.details)]
    equity = _agreed(found.equity[line.key], [each.share for each in own], line, "share", reading)
    rows: list[dict[str, Any]] = [{"kind": _EQUITY, **_ends(equity), "details": listed(told)}]
    stated = [each.voting for each in own if each.voting.min or each.voting.max]
    votes = found.votes.get(line.key)
    if votes is not None and (votes.min is not None or not stated):
        votes = _agreed(votes, stated, line, "share of the votes", reading)
        silent = counting.NOBODY_SAID if votes.min is None else None
        rows.append({"kind": _VOTES, **_ends(votes), "details": listed((silent, *told))})
    elif stated:
        rows += [{"kind": _VOTES, **_ends(each), "details": listed(told)} for each in stated]
    return rows


def _agreed(counted: Share, stated: list[Share], line: Line, what: str, reading: Reading) -> Share:
    """What is counted, unless the percentages stated for it differ by more than their rounding: then anything between the two."""
    exact = [share for share in stated if share.min is not None and share.min == share.max]
    if not exact or len(exact) != len(stated) or counted.min is None or counted.max is None:
        return counted
    total = sum((Fraction(share.min or 0) for share in exact), Fraction(0))
    rounding = sum((share.rounding for share in exact), Fraction(0))
    low, high = Fraction(counted.min), Fraction(counted.max)
    if low - rounding <= total <= high + rounding:
        return counted
    reading.problem(
        line.place,
        f"the {what} stated, {shares.percent(total)}, is not the one that the numbers give, {shares.percent(low)}"
        f"{'' if low == high else f' to {shares.percent(high)}'}; it lies between the two",
    )
    most = min(Fraction(1), max(high, total))
    return Share(exact_text(min(low, total)), exact_text(most), False, False)


def _held(lines: list[Line]) -> str | None:
    """The numbers of shares in words: `400 shares of class A and 20 options`."""
    told = []
    for line in lines:
        for lot in line.lots:
            if lot.number is not None:
                told.append(f"{shown(lot.number)}{f' {lot.share_class}' if lot.share_class else ''}")
            elif lot.votes is not None:
                told.append(f"{shown(lot.votes)} votes")
    rest = f" and {len(told) - _LISTED} more lots" if len(told) > _LISTED else ""
    return f"holds {', '.join(told[:_LISTED])}{rest}" if told else None


def _ends(share: Share) -> dict[str, Any]:
    return {"min": share.min, "max": share.max, "min_open": share.min_open, "max_open": share.max_open}


def _tell_others(lines: list[Line], reading: Reading) -> None:
    """Rows that are no holders are nobody's, which is worth knowing."""
    others = [line for line in lines if line.role not in (holders.HOLDER, holders.UNNAMED)]
    if others:
        shown_ones = ", ".join(
            f"{line.place} ({(line.record.cells.get('holder') or 'a total without a name')[:60]!r})"
            for line in others[:_LISTED]
        )
        rest = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
        reading.notes.append(f"rows that are no holders: {shown_ones}{rest}")


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
        "state" if rule.country(name) else "organisation" if held or issuer.FORMS.search(name.strip()) else "unknown"
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
        rule.nationality(record.cells.get("holder_nationality") or "")
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
