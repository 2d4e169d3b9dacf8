"""Writes sheets for `hostile_sheets.py`: .xlsx, .ods and .xls of given parts, honest or not; the same bytes in every run."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from itertools import chain

from assessor.evidence.readers.sheets.grid import letters

ROWS = 200_000
HEAD = (
    "Level",
    "P/N",
    "Rev",
    "Description",
    "Qty",
    "UoM",
    "Ref Des",
    "Manufacturer",
    "MPN",
    "Supplier",
    "COO",
    "Remarks",
)
SHORT = ("P/N", "Name", "Qty", "Manufacturer", "MPN")
MAKERS = ("Fellmark", "Nordlicht", "Ohmwerk", "Kanto Parts", "Sierra Semi")
COUNTRIES = ("Japan", "Germany", "China", "Mexico", "Taiwan")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def part(number: int) -> tuple[str | int, ...]:
    """A part as PLM systems export it: twelve columns, three levels."""
    level = 1 + (number % 7 > 0) + (number % 7 > 3)
    maker, country, supplier = MAKERS[number % 5], COUNTRIES[number % 5], f"Supplier {number % 40}"
    places, remark = f"C{2 * number}, C{2 * number + 1}", f"line {number % 13} of the old list"
    name = f"Capacitor {number % 991} nF"
    return (
        level,
        f"P-{number:07}",
        "AB"[number % 2],
        name,
        2,
        "EA",
        places,
        maker,
        f"GRM{number:08}",
        supplier,
        country,
        remark,
    )


def parts(count: int = ROWS) -> Iterable[tuple[str | int, ...]]:
    """The heading and so many parts."""
    return chain([HEAD], map(part, range(count)))


def separated(rows: Iterable[tuple[str | int, ...]], sign: str = ",") -> str:
    """Rows as text; a cell with the sign in it stands in quotation marks."""
    return "".join(sign.join(f'"{cell}"' if sign in str(cell) else str(cell) for cell in row) + "\n" for row in rows)


def short(count: int, line: str = "P-%,part %,1,M,m%") -> bytes:
    """A heading of five columns and the line so many times, with its number for each `%`."""
    return "\n".join([",".join(SHORT), *(line.replace("%", str(number)) for number in range(count))]).encode()


def packed(members: dict[str, str | bytes]) -> bytes:
    """The members as a zip archive, all of the same date."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


# .xlsx


def line(number: int, cells: Iterable[str | int], more: str = "") -> str:
    """A row with its texts in it."""
    written = "".join(
        f'<c r="{letters(at)}{number}"><v>{cell}</v></c>'
        if isinstance(cell, int)
        else f'<c r="{letters(at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for at, cell in enumerate(cells)
    )
    return f'<row r="{number}"{more}>{written}</row>'


def xlsx(*sheets: str, before: str = "", after: str = "", raw: bool = False, **more: str | bytes) -> bytes:
    """A workbook of sheets of these rows, with what stands before and after the rows of each; `raw`: whole parts.

    Further parts by name, "/" written as "__", without ".xml"; a name of one of ours replaces it.
    """
    numbers = range(1, len(sheets) + 1)
    related = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers
    )
    related += f'<Relationship Id="s" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    related += f'<Relationship Id="t" Type="{OFFICE}/styles" Target="styles.xml"/>'
    listed = "".join(f'<sheet name="S{at}" sheetId="{at}" r:id="r{at}"/>' for at in numbers)
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="w" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
    }
    for at, rows in zip(numbers, sheets, strict=True):
        whole = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
        members[f"xl/worksheets/sheet{at}.xml"] = rows if raw else whole
    for name, content in more.items():
        members[name.replace("__", "/") + ("" if name.endswith(".rels") else ".xml")] = content
    return packed(members)


def rows(count: int, more: str = "") -> str:
    """The short heading and so many parts as rows of an .xlsx."""
    return line(1, SHORT) + "".join(line(at, (f"P-{at}", "part", 1, "M", f"m{at}"), more) for at in range(2, count + 2))


def shared(table: Iterable[tuple[str | int, ...]]) -> tuple[str, str]:
    """Rows and the part of the shared strings, as office programs write them."""
    known: dict[str, int] = {}
    written = []
    names = [letters(at) for at in range(len(HEAD))]
    for number, row in enumerate(table, 1):
        cells = "".join(
            f'<c r="{names[at]}{number}"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{names[at]}{number}" t="s"><v>{known.setdefault(cell, len(known))}</v></c>'
            for at, cell in enumerate(row)
        )
        written.append(f'<row r="{number}" spans="1:12">{cells}</row>')
    texts = "".join(f"<si><t>{text}</t></si>" for text in known)
    return "".join(written), f'<sst xmlns="{MAIN}" count="9" uniqueCount="{len(known)}">{texts}</sst>'


def honest_xlsx(count: int = ROWS, more: str = "") -> bytes:
    """A large honest workbook; `more` stands before its rows."""
    body, texts = shared(parts(count))
    dimension = f'<dimension ref="A1:L{count + 1}"/>'
    return xlsx(body, before=dimension + more, xl__sharedStrings=texts)


def string_bomb() -> bytes:
    """One text of 30,000 characters in a million cells."""
    body = line(1, SHORT) + "".join(
        f'<row r="{at}"><c r="A{at}"><v>{at}</v></c>'
        + "".join(f'<c r="{column}{at}" t="s"><v>0</v></c>' for column in "BCDE")
        + "</row>"
        for at in range(2, 250_002)
    )
    return xlsx(body, xl__sharedStrings=f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>')


def formulas(count: int, formula: str, value: str = "") -> bytes:
    """A formula in each quantity, with or without a stored value."""
    body = line(1, SHORT) + "".join(
        f'<row r="{at}"><c r="A{at}"><v>{at}</v></c><c r="B{at}" t="inlineStr"><is><t>x</t></is></c>'
        f'<c r="C{at}"><f>{formula}</f>{value}</c></row>'
        for at in range(2, count + 2)
    )
    return xlsx(body)


def linked() -> bytes:
    """Formulas that would fetch, and links to a file and to a page."""
    link = f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" TargetMode="External" Type="{OFFICE}/externalLinkPath" Target="file:///etc/passwd"/></Relationships>'
    calls = (
        "HYPERLINK(&quot;http://127.0.0.1:9/&quot;)",
        "WEBSERVICE(&quot;http://127.0.0.1:9/&quot;)",
        "cmd|'/c calc'!A0",
        "[1]S!A1",
    )
    body = line(1, SHORT) + "".join(
        f'<row r="{at}"><c r="A{at}"><v>{at}</v></c><c r="B{at}" t="str"><f>{calls[at % 4]}</f><v>shown</v></c>'
        f'<c r="C{at}"><f>{calls[at % 4]}</f></c></row>'
        for at in range(2, 100_002)
    )
    return xlsx(
        body,
        xl__externalLinks__externalLink1="<a/>",
        **{"xl__externalLinks___rels__externalLink1.xml.rels": link},
    )


def nested(depth: int) -> bytes:
    """A zip in a zip in a zip, the innermost of zeros."""
    inner = b"0" * 50_000_000
    for _ in range(depth):
        inner = packed({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": inner})
    return inner


def many_parts() -> bytes:
    """A workbook with parts without number."""
    return xlsx(rows(10), **{f"xl__media__{at}": "<a/>" for at in range(60_000)})


def wide_xlsx() -> bytes:
    """Rows of as many columns as a sheet has."""
    names = [letters(at) for at in range(16_384)]
    body = line(1, [*SHORT, *(f"h{at}" for at in range(16_384 - 5))])
    for number in range(2, 602):
        body += f'<row r="{number}">' + "".join(f'<c r="{name}{number}"><v>7</v></c>' for name in names) + "</row>"
    return xlsx(body)


# .ods


def cell(value: str | int, more: str = "") -> str:
    """A cell with its text."""
    kind = (
        f'office:value-type="float" office:value="{value}"' if isinstance(value, int) else 'office:value-type="string"'
    )
    return f"<table:table-cell {kind} {more}><text:p>{value}</text:p></table:table-cell>"


def ods_row(values: Iterable[str | int], more: str = "") -> str:
    """A row of an .ods."""
    return f"<table:table-row {more}>{''.join(map(cell, values))}</table:table-row>"


def ods(*tables: str, styles: str = "") -> bytes:
    """A workbook of tables of these rows."""
    spaces = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text", "style"))
    body = "".join(f'<table:table table:name="T{at}">{rows}</table:table>' for at, rows in enumerate(tables))
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def repeated(where: str) -> bytes:
    """A row or a cell that says that it stands there a thousand million times."""
    more = {"rows": 'table:number-rows-repeated="1000000000"', "columns": 'table:number-columns-repeated="1000000000"'}
    if where == "rows":
        return ods(ods_row(SHORT) + ods_row(("P", "n", 1, "M", "m"), more["rows"]) + ods_row(("Q", "n", 1, "M", "m")))
    if where == "columns":
        last = f"<table:table-row>{cell('P')}{cell('n')}{cell('1', more['columns'])}</table:table-row>"
        return ods(ods_row(SHORT) + ods_row(("Q", "n", 1, "M", "m")) + last)
    blanks = "<table:table-row " + more["rows"] + "><table:table-cell " + more["columns"] + "/></table:table-row>"
    return ods(ods_row(SHORT) + ods_row(("P", "n", 1, "M", "m")) + blanks)


# .xls


def xls(table: Iterable[tuple[str | int, ...]], far: tuple[int, int] | None = None) -> bytes:
    """A BIFF8 workbook in a compound file, its texts in the cells."""
    body = [bof(0x10)]
    for at, row in enumerate(table):
        for column, value in enumerate(row):
            if isinstance(value, str):
                plain = value.encode("latin-1")
                body.append(_record(0x0204, struct.pack("<HHHHB", at, column, 0, len(plain), 0) + plain))
            else:
                body.append(_record(0x0203, struct.pack("<HHHd", at, column, 0, value)))
    if far:
        body.append(_record(0x0203, struct.pack("<HHHd", *far, 0, 1.0)))
    begin = bof(5)
    bound = struct.pack("<IBBBB", len(begin) + 4 + 9 + 4, 0, 0, 1, 0) + b"S"
    stream = begin + _record(0x85, bound) + _record(0x0A, b"") + b"".join(body) + _record(0x0A, b"")
    return compound(stream)


def compound(stream: bytes) -> bytes:
    """A compound file with the one stream Workbook."""
    free, end, own, further = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
    stream = stream.ljust(4096, b"\0")
    count, tables, more = -(-len(stream) // 512), 1, 0
    while tables * 128 < tables + more + 1 + count:
        tables += 1
        more = max(0, -(-(tables - 109) // 127))
    first = tables + more + 1
    chained = [own] * tables + [further] * more + [end] + list(range(first + 1, first + count)) + [end]
    chained += [free] * (tables * 128 - len(chained))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    numbers = (0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables + more, 0, 4096, end, 0, tables if more else end, more)
    header += struct.pack("<HHHHH6xIIIIIIIII", *numbers)
    header = (header + struct.pack(f"<{min(tables, 109)}I", *range(min(tables, 109)))).ljust(512, b"\xff")
    rest = b""
    for at in range(more):
        listed = [*range(109 + 127 * at, min(tables, 236 + 127 * at))]
        following = tables + at + 1 if at + 1 < more else end
        rest += struct.pack("<128I", *listed, *[free] * (127 - len(listed)), following)
    entries = _entry("Root Entry", 5, 1, end, 0) + _entry("Workbook", 2, free, first, len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(chained)}I", *chained) + rest + entries + stream.ljust(count * 512, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    plain = (name + "\0").encode("utf-16-le")
    free = 0xFFFFFFFF
    return struct.pack("<64sHBBIII16xIQQIQ", plain, len(plain), kind, 1, free, free, child, 0, 0, 0, start, size)


def bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 6))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def gzipped(begin: bytes, piece: bytes, count: int) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    made = [engine.compress(begin)]
    for _ in range(count // 1_000_000):
        made.append(engine.compress(piece * 1_000_000))
    return b"".join([*made, engine.flush()])
