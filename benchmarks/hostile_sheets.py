"""Sheets for `bom_hostile.py`: large honest ones in each format, and files that are hostile or bad, each by its name."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from sheet_writers import (
    MAIN,
    OFFICE,
    SHORT,
    bof,
    cell,
    compound,
    formulas,
    gzipped,
    honest_xlsx,
    line,
    linked,
    many_parts,
    nested,
    ods,
    ods_row,
    packed,
    parts,
    repeated,
    rows,
    separated,
    short,
    string_bomb,
    wide_xlsx,
    xls,
    xlsx,
)

WIDEST, TALL = 'table:number-columns-repeated="16384"', 'table:number-rows-spanned="1000000"'
BLANK = '<table:table-cell table:number-columns-repeated="3"/>'
SHEETS: dict[str, Callable[[], bytes]] = {
    # honest
    "csv-honest": lambda: separated(parts()).encode(),
    "csv-honest-million": lambda: separated(parts(1_000_000)).encode()[: 60 << 20].rpartition(b"\n")[0],
    "xlsx-honest": honest_xlsx,
    "xlsx-honest-hidden": lambda: honest_xlsx(more='<cols><col min="12" max="12" hidden="1"/></cols>'),
    "xls-honest": lambda: xls(parts(60_000)),
    "ods-honest": lambda: ods("".join(map(ods_row, parts()))),
    # separated text
    "csv-empty-rows": lambda: short(5) + b"\n" * 1_000_000 + b"\nP-9,last,1,M,m\n",
    "csv-empty-cells": lambda: short(5) + b"\n,,,,," * 3_000_000 + b"\nP-9,last,1,M,m\n",
    "csv-wide": lambda: short(0) + (b"\n" + b",".join([b"7"] * 16_384)) * 600,
    "csv-wider": lambda: short(1) + b"\n" + b"a," * 5_000_000 + short(1),
    "csv-wide-heading": lambda: (
        ",".join([*SHORT, *(f"h{at}" for at in range(16_000))]) + "\n" + "P,n,1,M,m\n" * 200_000
    ).encode(),
    "csv-huge-cells": lambda: short(1) + b"".join(b"\nP-%d,%s,1,M,m" % (n, b"x" * 99_000) for n in range(300)),
    "csv-cell-60MB": lambda: short(1) + b"\nP," + b"x" * 60_000_000 + b",1,M,m\nP-2,n,1,M,m",
    "csv-quoted-60MB": lambda: short(1) + b'\nP,"' + b"x\n" * 30_000_000 + b'",1,M,m\nP-2,n,1,M,m',
    "csv-bad-quotes": lambda: short(500_000, '%,"a"x%,1,M,m'),
    "csv-open-quote-last": lambda: short(300_000) + b'\nP,"a,1,M,m',
    "csv-million-quotes": lambda: short(1) + b'\nP-2,"' + b'"' * 1_000_000 + b",1,M,m\nP-3,n,1,M,m",
    "csv-quotes-only": lambda: short(1) + b'\n"' * 3_000_000,
    "csv-one-line": lambda: short(1).replace(b"\n", b",") + b"P,n,1,M,m," * 3_000_000,
    "csv-nuls": lambda: short(1) + b"\nP\0-1,\0n\0,1,M,m" * 300_000,
    "csv-nuls-only": lambda: short(1) + b"\n" + b"\0" * 30_000_000 + b"\nP-2,n,1,M,m",
    "csv-utf-16": lambda: separated(parts(100_000)).encode("utf-16"),
    "csv-utf-32": lambda: separated(parts(80_000)).encode("utf-32"),
    "csv-gb18030": lambda: separated(tuple("电容" if c == "EA" else c for c in row) for row in parts(200_000)).encode(
        "gb18030"
    ),
    "csv-windows-1252": lambda: separated(
        tuple("Stück" if c == "EA" else c for c in row) for row in parts(200_000)
    ).encode("cp1252"),
    "csv-mixed-encodings": lambda: b"\n".join(
        [short(0), *(f"P-{n},Stück,1,Müller,m".encode(("utf-8", "cp1252")[n % 2]) for n in range(200_000))]
    ),
    "csv-one-wide-letter": lambda: short(400_000) + "\nP,𠀀,1,M,m".encode(),
    "csv-other-sign": lambda: short(150_000) + b"\n" + short(150_000).replace(b",", b";"),
    "csv-levels-deep": lambda: (
        "Level,P/N,Name,Qty\n" + "".join(f"{n},P-{n},n,1\n" for n in range(1, 100_001))
    ).encode(),
    "csv-levels-dotted": lambda: (
        "Level,P/N,Name,Qty\n" + "".join(f"{'.' * (n % 500)}{n % 500},P-{n},n,1\n" for n in range(1, 50_001))
    ).encode(),
    "csv-level-path": lambda: ("Level,P/N,Name,Qty\n" + ("1" + ".1" * 40_000 + ",P,n,1\n") * 300).encode(),
    "csv-designators": lambda: (
        "P/N,Name,Qty,Ref Des\n" + "P,n,1,R1-R999999999\n" * 100_000 + 'P,n,1,"' + "R1-R999999, " * 90_000 + '"\n'
    ).encode(),
    "csv-designators-megabyte": lambda: (
        "P/N,Name,Qty,Ref Des\n" + ('P,n,1,"' + ",".join(f"R{n}" for n in range(150_000)) + '"\n') * 30
    ).encode(),
    "csv-designators-spaced": lambda: ("P/N,Name,Qty,Ref Des\n" + ('P,n,1,"' + "R1 " * 33_000 + 'x"\n') * 300).encode(),
    "csv-quantities": lambda: short(200_000, "P-%,n,1e99999%,M,m%"),
    "csv-quantity-digits": lambda: short(300, "P-%,n," + "9" * 90_000 + ",M,m%"),
    "csv-quantity-groups": lambda: short(300, 'P-%,n,"' + "1 " * 40_000 + 'x y",M,m%'),
    "csv-continuations": lambda: short(1) + b"\n,,,Other,m" * 400_000,
    "csv-sources-in-a-cell": lambda: short(
        30, 'P-%,n,1,"' + ";".join(["M"] * 45_000) + '","' + ";".join(["m"] * 45_000) + '"'
    ),
    "csv-sources-in-columns": lambda: (
        ",".join(["P/N", "Name", "Qty", *["Manufacturer,MPN"] * 4_000])
        + "\n"
        + (",".join(["P,n,1", *["M,m"] * 4_000]) + "\n") * 300
    ).encode(),
    "csv-headings-again": lambda: (
        short(1) + (b"\nMPN,P/N,Name,Qty,Manufacturer\nm,P,n,1,M\nP/N,Name,Qty,Manufacturer,MPN\nP,n,1,M,m" * 100_000)
    ),
    "csv-formulas": lambda: short(300_000, "=HYPERLINK(%),@SUM(A%),=1+%,+cmd|x,-1"),
    "csv-errors": lambda: short(400_000, "#REF!,#NAME?,1,M,#N/A"),
    "csv-totals": lambda: short(400_000, ",Total parts %,1,,"),
    "csv-remarks": lambda: short(400_000, "remark %,,,,"),
    "csv-nowhere": lambda: (
        b"P/N,Name,Qty,MPN,Country of Origin\n" + b"".join(b"P-%d,a,1,m,Nowhere %d\n" % (n, n) for n in range(300_000))
    ),
    "csv-carriage-returns": lambda: short(300_000).replace(b"\n", b"\r"),
    "csv-mixed-line-ends": lambda: short(150_000) + b"\r" + short(150_000).replace(b"\n", b"\r\n"),
    "csv-titles": lambda: b"Assembly: X   " * 400_000 + b"\n" + short(5),
    "csv-blanks": lambda: short(2) + b"\n" + b" " * 60_000_000,
    "csv-indented": lambda: short(300_000, " " * 9 + "P-%, part %,1,M,m%").replace(b" part", b"  part"),
    "csv-gzip-bomb": lambda: gzipped(short(1), b"\n,,,,", 60_000_000),
    # .xlsx
    "xlsx-empty-rows": lambda: xlsx(
        rows(2) + "".join(f'<row r="{at}"/>' for at in range(4, 1_000_000)) + line(1_000_000, ("Q", "n", 1, "M", "m"))
    ),
    "xlsx-empty-cells": lambda: xlsx(
        rows(2)
        + "".join(f'<row r="{at}"><c r="A{at}" s="1"/><c r="E{at}"/></row>' for at in range(4, 1_000_000))
        + line(1_000_000, ("Q", "n", 1, "M", "m"))
    ),
    "xlsx-unnumbered": lambda: xlsx(rows(2) + "<row/>" * 3_000_000),
    "xlsx-wide": wide_xlsx,
    "xlsx-huge-cells": lambda: xlsx(
        line(1, SHORT) + "".join(line(n, ("P", "x" * 99_000, 1, "M", "m")) for n in range(2, 302))
    ),
    "xlsx-cell-100MB": lambda: xlsx(rows(2) + line(4, ("P", "x1y2" * 25_000_000, 1, "M", "m"))),
    "xlsx-dimension-lies": lambda: xlsx(rows(50_000), before='<dimension ref="A1:XFD1048576"/>'),
    "xlsx-dimension-small": lambda: xlsx(rows(50_000), before='<dimension ref="A1"/>'),
    "xlsx-far-cell": lambda: xlsx(rows(5) + line(1_048_576, ["x"]).replace('"A1', '"XFD1')),
    "xlsx-rows-backwards": lambda: xlsx(
        "".join(line(n, ("P", "n", 1, "M", "m")) for n in range(100_000, 1, -1)) + line(1, SHORT)
    ),
    "xlsx-string-bomb": string_bomb,
    "xlsx-strings": lambda: xlsx(
        rows(5), xl__sharedStrings=f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 6_000_000 + "</sst>"
    ),
    "xlsx-string-runs": lambda: xlsx(
        rows(5), xl__sharedStrings=f'<sst xmlns="{MAIN}"><si>' + "<r><t>a</t></r>" * 6_000_000 + "</si></sst>"
    ),
    "xlsx-zip-bomb": lambda: xlsx(rows(5) + " " * 1_000_000_000),
    "xlsx-zip-nested": lambda: nested(3),
    "xlsx-zip-parts": many_parts,
    "xlsx-sheets": lambda: xlsx(*[rows(50)] * 1_000),
    "xlsx-sheets-10000": lambda: xlsx(*[rows(1)] * 4_500),
    "xlsx-merged": lambda: xlsx(
        rows(100_000),
        after="<mergeCells>"
        + "".join(f'<mergeCell ref="D{n}:D{n + 1}"/>' for n in range(2, 200_002, 2))
        + "</mergeCells>",
    ),
    "xlsx-merged-over-each-other": lambda: xlsx(
        rows(100_000), after="<mergeCells>" + '<mergeCell ref="D2:D100001"/>' * 100_000 + "</mergeCells>"
    ),
    "xlsx-hidden-rows": lambda: xlsx(rows(150_000, ' hidden="1"')),
    "xlsx-hidden-every-other": lambda: xlsx(
        line(1, SHORT)
        + "".join(line(n, (f"P-{n}", "n", 1, "M", "m"), ' hidden="1"' if n % 2 else "") for n in range(2, 150_002))
    ),
    "xlsx-formulas": lambda: formulas(300_000, "A1+1"),
    "xlsx-formulas-with-values": lambda: formulas(300_000, "A1+1", "<v>2</v>"),
    "xlsx-links": linked,
    "xlsx-entities": lambda: xlsx(
        '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><worksheet>&y;</worksheet>',
        raw=True,
    ),
    "xlsx-entities-in-strings": lambda: xlsx(
        rows(5),
        xl__sharedStrings='<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>',
    ),
    "xlsx-styles": lambda: xlsx(
        rows(5),
        xl__styles=f'<styleSheet xmlns="{MAIN}"><numFmts>'
        + "".join(f'<numFmt numFmtId="{n}" formatCode="0.0{n}"/>' for n in range(1_000_000))
        + "</numFmts><cellXfs>"
        + "".join(f'<xf numFmtId="{n}"/>' for n in range(1_000_000))
        + "</cellXfs></styleSheet>",
    ),
    "xlsx-columns": lambda: xlsx(
        rows(5), before="<cols>" + '<col min="1" max="16384" hidden="1"/>' * 400_000 + "</cols>"
    ),
    "xlsx-deep": lambda: xlsx(rows(5) + "<row>" * 500_000),
    "xlsx-names": lambda: xlsx(
        rows(5),
        xl__workbook=f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S1" sheetId="1" r:id="r1"/></sheets><definedNames>'
        + "".join(f'<definedName name="n{n}">S1!A{n}</definedName>' for n in range(500_000))
        + "</definedNames></workbook>",
    ),
    "xlsx-same-part": lambda: xlsx(
        rows(20_000),
        xl__workbook=f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(2_000))
        + "</sheets></workbook>",
    ),
    "xlsx-utf-16": lambda: xlsx(
        f'<worksheet xmlns="{MAIN}"><sheetData>{rows(50_000)}</sheetData></worksheet>'.encode("utf-16"), raw=True
    ),  # type: ignore[arg-type]
    # .ods
    "ods-rows-repeated": lambda: repeated("rows"),
    "ods-columns-repeated": lambda: repeated("columns"),
    "ods-blanks-repeated": lambda: repeated("both"),
    "ods-rows-repeated-honestly": lambda: ods(
        ods_row(SHORT) + ods_row(("P", "n", 1, "M", "m"), 'table:number-rows-repeated="700000"')
    ),
    "ods-empty-rows": lambda: ods(
        ods_row(SHORT) + f"<table:table-row>{BLANK}</table:table-row>" * 1_000_000 + ods_row(("P", "n", 1, "M", "m"))
    ),
    "ods-wide": lambda: ods(ods_row(SHORT) + f"<table:table-row>{cell(7, WIDEST)}</table:table-row>" * 240),
    "ods-huge-cells": lambda: ods(ods_row(SHORT) + ods_row(("P", "x" * 99_000, 1, "M", "m")) * 300),
    "ods-paragraphs": lambda: ods(
        ods_row(SHORT)
        + f"<table:table-row>{cell('P')}<table:table-cell>{'<text:p>a</text:p>' * 90_000}</table:table-cell></table:table-row>"
        * 20
    ),
    "ods-spans": lambda: ods(
        ods_row(SHORT)
        + f"<table:table-row>{cell('P')}<table:table-cell><text:p>{'<text:span>a</text:span>' * 60_000}</text:p></table:table-cell></table:table-row>"
        * 20
    ),
    "ods-sheets": lambda: ods(*[ods_row(SHORT) + ods_row(("P", "n", 1, "M", "m")) * 20] * 1_000),
    "ods-merged": lambda: ods(
        ods_row(SHORT)
        + f"<table:table-row>{cell('P')}{cell('n')}{cell(1)}{cell('M', TALL)}</table:table-row>" * 100_000
    ),
    "ods-hidden": lambda: ods(
        ods_row(SHORT) + ods_row(("P", "n", 1, "M", "m"), 'table:visibility="collapse"') * 150_000
    ),
    "ods-formulas": lambda: ods(
        ods_row(SHORT)
        + f'<table:table-row>{cell("P")}{cell("n")}<table:table-cell table:formula="of:=WEBSERVICE(1)"/></table:table-row>'
        * 200_000
    ),
    "ods-styles": lambda: ods(
        ods_row(SHORT) + ods_row(("P", "n", 1, "M", "m")),
        styles="".join(
            f'<style:style style:name="s{n}"><style:table-properties table:display="false"/></style:style>'
            for n in range(500_000)
        ),
    ),
    "ods-deep": lambda: ods(ods_row(SHORT) + "<table:table-row-group>" * 300_000),
    "ods-tables-in-cells": lambda: ods(ods_row(SHORT) + "<table:table-row><table:table-cell><table:table>" * 80),
    "ods-entities": lambda: packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        }
    ),
    # .xls
    "xls-far-cell": lambda: xls(parts(10), (65_535, 255)),
    "xls-wide": lambda: xls([SHORT, *[tuple(range(256))] * 15_000]),
    "xls-records": lambda: compound(bof(5) + b"\x99\x00\x00\x00" * 1_500_000),
    "xls-chain-ring": lambda: compound(b"\0" * 5_000_000).replace(struct.pack("<I", 200), struct.pack("<I", 100)),
    "xls-noise": lambda: compound(zlib.compress(bytes(range(256)) * 200_000) * 30),
}
