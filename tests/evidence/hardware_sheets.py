"""Hardware sheets for tests, read, and made in forms that no library at hand writes: .ods, .xls, and .xlsx of given parts."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd

from assessor.evidence import tables
from assessor.evidence.readers import Reading, read_item, recognise
from tests.evidence.samples import RULE, put, zipped

FRAMEWORK = (
    "HBOM_AUTHOR,HBOM_CREATION_DATE,FGA_NUM,FGA_MAIN_MANUFACTURER,COMP_MANUFACTURER,COMP_MANUFACTURER_PN,COMP_SUPPLIER,"
    "COMP_SUPPLIER_PN,COMP_TYPE,COMP_PART_TYPE,COMP_VERSION,COMP_HASH,COMP_DATECODE,ASSY_AND_TEST_SUPPLIER,"
    "ASSY_AND_TEST_LOC_CODE,TECHNOLOGY_NODE,SUPPLIER_SOURCED_PCTG,COMP_ENTITY_LOC_CITY"
)
HEAD = ["P/N", "Name", "Qty", "Mfr", "MPN", "Mfr 2", "MPN 2"]


_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def ods(path: Path, content: str, styles: str = "") -> Path:
    """An .ods of the given tables, written as XML with the usual prefixes."""
    document = (
        f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{content}</office:spreadsheet></office:body></office:document-content>"
    )
    members: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": document,
    }
    return put(path.parent, path.name, zipped(members))


def table(name: str, *rows: str, more: str = "") -> str:
    return f'<table:table table:name="{name}" {more}>{"".join(rows)}</table:table>'


def row(*cells: Any, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    if value.startswith("<"):
        return str(value)
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def xlsx(path: Path, sheet: str, part: str = "xl/worksheets/sheet1.xml", **more: bytes | str) -> Path:
    """An .xlsx with one sheet S of the given XML (inside <worksheet>); further parts by name, "/" written as "__"."""
    package, office = (
        "http://schemas.openxmlformats.org/package/2006",
        "http://schemas.openxmlformats.org/officeDocument/2006",
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/relationships/%s" Target="/%s"/></Relationships>'
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": relation % ("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relation % ("worksheet", part),
        part: f'<worksheet xmlns="{main}">{sheet}',
    }
    return put(path.parent, path.name, zipped(members | {name.replace("__", "/"): text for name, text in more.items()}))


def line(number: int, *values: Any, more: str = "") -> str:
    """A row of an .xlsx sheet."""
    cells = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
        for at, value in enumerate(values)
        if value is not None
    )
    return f'<row r="{number}" {more}>{cells}</row>'


def xls(
    path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = (), far: tuple[int, int] | None = None
) -> Path:
    """An .xls (BIFF8 in a compound file) with the given rows, and `far` one more number in that row and column."""
    bodies = {name: _biff(rows, far) for name, rows in sheets.items()}
    bounds = sum(4 + 8 + len(name) for name in sheets)
    offset = len(_bof(5)) + bounds + 4
    stream = _bof(5)
    for name, body in bodies.items():
        plain = name.encode("latin-1")
        stream += _record(0x85, struct.pack("<IBBBB", offset, name in hidden, 0, len(plain), 0) + plain)
        offset += len(body)
    stream += _record(0x0A, b"") + b"".join(bodies.values())
    return put(path.parent, path.name, _compound(stream.ljust(4096, b"\x00")))


def _biff(rows: list[list[Any]], far: tuple[int, int] | None) -> bytes:
    found = _bof(0x10)
    for at, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if isinstance(value, str):
                text = value.encode("latin-1")
                found += _record(0x0204, struct.pack("<HHHHB", at, column, 0, len(text), 0) + text)
            elif value is not None:
                found += _record(0x0203, struct.pack("<HHHd", at, column, 0, value))
    if far:
        found += _record(0x0203, struct.pack("<HHHd", *far, 0, 1.0))
    return found + _record(0x0A, b"")


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 6))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream, Workbook: header, sector 0 the allocation table, sector 1 the directory."""
    sectors = -(-len(stream) // 512)
    free, end, own = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [own, end, *range(3, sectors + 2), end]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header = header.ljust(512, b"\xff")
    entries = _entry("Root Entry", 5, 1, end, 0) + _entry("Workbook", 2, free, 2, len(stream)) + bytes(256)
    return (
        header
        + struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
        + entries
        + stream.ljust(sectors * 512, b"\x00")
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    plain = (name + "\0").encode("utf-16-le")
    free = 0xFFFFFFFF
    return struct.pack("<64sHBBIII16xIQQIQ", plain, len(plain), kind, 1, free, free, child, 0, 0, 0, start, size)


def read(path: Path) -> tuple[Reading, pd.DataFrame]:
    assert recognise(path) == "bom.sheet"
    reading = read_item("bom.sheet", path, "E-0001", RULE)
    return reading, tables.table("components", reading.tables.get("components", []))


def text(tmp_path: Path, *lines: str) -> tuple[Reading, pd.DataFrame]:
    return read(put(tmp_path, "b.csv", "\n".join(lines)))


def told(found: pd.DataFrame, column: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in found[column]]


def problems(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in reading.problems]
