"""The golden copy of the Global LEI System as CSV, in blocks: Arrow takes the columns that count out of regular ones, and a
block in which a row is irregular is read line by line, so that every row has its line."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from assessor.evidence.readers import charsets
from assessor.evidence.readers.base import Unreadable
from assessor.evidence.readers.ownership.gleif_rows import EXCEPTION, FIELDS, LEI, LISTED, RELATION, Register

_BLOCK = 8 << 20
_LONGEST_HEADING = 1 << 20
_MOST_LINES = 50
"""Lines that one row may take."""
_HEADING = re.compile(
    r'^\ufeff?"?(?:lei"?[,;\t]"?(?:entity\.|exception\.|lei\.)|relationship\.startnode\.nodeid\b)', re.IGNORECASE
)
_SIGNS = {LEI: "entity.legalname", RELATION: "relationship.startnode.nodeid", EXCEPTION: "exception.category"}
_OTHER = (
    r"entity\.(?:otherentitynames\.otherentityname|transliteratedotherentitynames\.transliteratedotherentityname)\.\d+"
)
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    LEI: {
        "lei": "lei",
        "name": r"entity\.legalname",
        "names": _OTHER,
        "legal": r"entity\.legaladdress\.country",
        "headquarters": r"entity\.headquartersaddress\.country",
        "jurisdiction": r"entity\.legaljurisdiction",
        "authority": r"entity\.registrationauthority\.registrationauthorityid",
        "registration": r"entity\.registrationauthority\.registrationauthorityentityid",
        "category": r"entity\.entitycategory",
        "form": r"entity\.legalform\.entitylegalformcode",
        "status": r"entity\.entitystatus",
        "registered": r"registration\.registrationstatus",
        "successor": r"entity\.successorentity\.1\.successorlei",
    },
    RELATION: {
        "start": r"relationship\.startnode\.nodeid",
        "end": r"relationship\.endnode\.nodeid",
        "type": r"relationship\.relationshiptype",
        "status": r"relationship\.relationshipstatus",
        "registered": r"registration\.registrationstatus",
        "updated": r"registration\.lastupdatedate",
        "renewal": r"registration\.nextrenewaldate",
        "deleted": r"(?:.*\.)?deletedat",
    },
    EXCEPTION: {
        "lei": "lei",
        "category": r"exception\.category",
        "reasons": r"exception\.reason(?:\.\d+)?",
        "references": r"exception\.reference(?:\.\d+)?",
        "deleted": r"(?:.*\.)?deletedat",
    },
}
_PERIOD = re.compile(r"relationship\.period\.(\d+)\.(startdate|enddate|periodtype)")


def recognised(start: str) -> bool:
    """Whether the first characters of a file are the heading of a golden copy."""
    return bool(_HEADING.match(start))


def read(path: Path, register: Register) -> None:
    """Every row of the file. Raises Unreadable when its heading is not that of a golden copy."""
    charset = charsets.examine(path)
    register.reading.problems += charset.problems
    heading: _Heading | None = None
    rest, line = b"", 1
    for piece in (*_joined(charset.chunks()), b""):
        rest += piece
        if heading is None:
            end = rest.find(b"\n") + 1
            if not end and piece and len(rest) < _LONGEST_HEADING:
                continue
            heading = _Heading(rest[:end] if end else rest, register)
            rest, line = rest[end:] if end else b"", 2
        block, rest = _cut(rest) if piece else (rest, b"")
        if block:
            _block(block, line, heading, register)
            line += block.count(b"\n")


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Larger pieces."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


class _Heading:
    """The columns that count, by their positions."""

    def __init__(self, line: bytes, register: Register) -> None:
        text = line.decode("utf-8", "replace").strip("\r\n\ufeff")
        self.delimiter = max(",;\t", key=text.count)
        names: list[str] = []
        with contextlib.suppress(csv.Error):
            names = [name.strip().casefold() for name in next(csv.reader([text], delimiter=self.delimiter), [])]
        self.sort = next((sort for sort, sign in _SIGNS.items() if sign in names), "")
        if not self.sort:
            raise Unreadable("the heading is not that of a golden copy of the Global LEI System")
        self.width = len(names)
        self.columns = {
            field: [at for at, name in enumerate(names) if re.fullmatch(pattern, name)]
            for field, pattern in _COLUMNS[self.sort].items()
        }
        for field, positions in self.columns.items():
            if field not in ("names", "reasons", "references") and len(positions) > 1:
                register.tell(
                    "line 1", f"the column {names[positions[0]]!r} stands {len(positions)} times; the first is used"
                )
                del positions[1:]
        self.periods: dict[str, dict[str, int]] = {}
        for at, name in enumerate(names):
            if found := _PERIOD.fullmatch(name):
                self.periods.setdefault(found[1], {}).setdefault(found[2], at)
        used = {at for positions in self.columns.values() for at in positions}
        self.used = sorted(used | {at for period in self.periods.values() for at in period.values()})


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """The whole rows of a piece, and what is left: a line break inside quotation marks ends no row."""
    end, tries = len(data), 0
    while tries < _MOST_LINES and (end := data.rfind(b"\n", 0, end)) >= 0:
        if data.count(b'"', 0, end) % 2 == 0:
            return data[: end + 1], data[end + 1 :]
        tries += 1
    end = data.rfind(b"\n")  # a quotation mark without its fellow
    return (data[: end + 1], data[end + 1 :]) if len(data) > 4 * _BLOCK else (b"", data)


def _block(block: bytes, line: int, heading: _Heading, register: Register) -> None:
    """The records of whole rows, the first of which stands on `line`."""
    names = [str(at) for at in range(heading.width)]
    used = [names[at] for at in heading.used]
    count = block.count(b"\n") + (not block.endswith(b"\n"))
    try:
        found = pyarrow.csv.read_csv(
            pa.BufferReader(block),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=len(block) + 1),
            parse_options=pyarrow.csv.ParseOptions(delimiter=heading.delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=used, column_types=dict.fromkeys(used, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        found = None
    if found is not None and len(found) == count:
        cells = {at: found[str(at)].to_pylist() for at in heading.used}
        places = [f"line {number}" for number in range(line, line + count)]
    else:
        rows = list(_rows(block, line, heading, register))
        cells = {at: [row[at] for _, row in rows] for at in heading.used}
        places = [f"line {number}" for number, _ in rows]
    if not places:
        return
    columns = {field: _joint([cells[at] for at in at_]) for field, at_ in heading.columns.items() if at_}
    if heading.periods:
        columns |= _periods(heading, cells, len(places))
    register.add(heading.sort, {name: columns[name] for name in FIELDS[heading.sort] if name in columns}, places)


def _rows(block: bytes, line: int, heading: _Heading, register: Register) -> Iterator[tuple[int, list[str]]]:
    """The rows of a block with their lines. One that has not as many cells as the heading is told and not read."""
    held, first = "", line
    for number, text in enumerate(block.decode("utf-8", "replace").split("\n"), line):
        held, first = (f"{held}\n{text}", first) if held else (text, number)
        if held.count('"') % 2 and number - first < _MOST_LINES:
            continue
        row, text, held = [], held.rstrip("\r"), ""
        if not text.strip():
            continue
        with contextlib.suppress(csv.Error):
            row = next(csv.reader(io.StringIO(text, newline=""), delimiter=heading.delimiter), [])
        if len(row) == heading.width:
            yield first, row
        else:
            message = f"the row has {len(row)} cells under {heading.width} headings; it is not read"
            register.tell(f"line {first}", message, text[:400])
    if held:
        register.tell(f"line {first}", "the row ends inside quotation marks; it is not read", held[:400])


def _joint(columns: list[list[str]]) -> list[str | None]:
    """One text from the columns of a field that has several."""
    if len(columns) == 1:
        return list(columns[0])
    return [LISTED.join(filter(None, texts)) for texts in zip(*columns, strict=True)]


def _periods(heading: _Heading, cells: Mapping[int, list[str]], count: int) -> dict[str, list[str | None]]:
    """First and last day of the period of the relationship itself; periods of accounts and filings are others."""
    began: list[str | None] = [None] * count
    ended: list[str | None] = [None] * count
    for period in heading.periods.values():
        kinds = cells[period["periodtype"]] if "periodtype" in period else ["RELATIONSHIP_PERIOD"] * count
        for days, name in ((began, "startdate"), (ended, "enddate")):
            if name in period:
                for at, (kind, day) in enumerate(zip(kinds, cells[period[name]], strict=True)):
                    if day and kind == "RELATIONSHIP_PERIOD":
                        days[at] = day
    return {"began": began, "ended": ended}
