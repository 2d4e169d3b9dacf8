from __future__ import annotations

import csv
import io
import random
import string
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assessor.evidence import readers, tables
from assessor.evidence.readers import Reading, bom_cells, read_item, recognise
from assessor.evidence.readers.text import decode
from tests.evidence.hardware_sheets import line, ods, row, table, xls, xlsx
from tests.evidence.samples import RULE, put, workbook

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bom"
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


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


# sheets by the CISA HBOM framework

FRAMEWORK = (
    "HBOM_AUTHOR,HBOM_CREATION_DATE,FGA_NUM,FGA_MAIN_MANUFACTURER,COMP_MANUFACTURER,COMP_MANUFACTURER_PN,COMP_SUPPLIER,"
    "COMP_SUPPLIER_PN,COMP_TYPE,COMP_PART_TYPE,COMP_VERSION,COMP_HASH,COMP_DATECODE,ASSY_AND_TEST_SUPPLIER,"
    "ASSY_AND_TEST_LOC_CODE,TECHNOLOGY_NODE,SUPPLIER_SOURCED_PCTG,COMP_ENTITY_LOC_CITY"
)


def test_a_framework_sheet_keeps_maker_supplier_and_author_apart(tmp_path: Path) -> None:
    reading, found = text(
        tmp_path,
        FRAMEWORK,
        f"Otto Brandt,2026-05-04,TCU-9,Fellmark,Qinglan,QL-1,Arrow,AR-77,IC,Modem,B1,{'ab' * 32},2340,ASE,TW,28 nm,60,Hsinchu",
        ",,TCU-9,Fellmark,Murata,GRM1,,,Passive,,,,,,,,,",
    )
    names = ["manufacturer", "supplier", "document_author", "timestamp", "item", "part_number", "version", "type"]
    assert found.loc[0, names].tolist() == [
        "Qinglan",
        "Arrow",
        "Otto Brandt",
        "2026-05-04",
        "TCU-9",
        "QL-1",
        "B1",
        "IC",
    ]
    assert told(found, "supplier") == ["Arrow", None] and told(found, "document_author") == ["Otto Brandt"] * 2
    assert told(found, "alternate_of") == [None, None] and told(found, "author") == [None, None]
    assert found.loc[0, "hashes"] == '{"SHA-256": "' + "ab" * 32 + '"}'
    assert (reading.format, reading.spec_version, reading.serialization, reading.status) == ("hbom", "", "csv", "read")
    assert any("FGA_MAIN_MANUFACTURER Fellmark" in note for note in reading.notes)


def test_what_has_no_column_in_a_framework_sheet_stands_in_the_description(tmp_path: Path) -> None:
    _, found = text(
        tmp_path, FRAMEWORK, "A,2026-05-04,T,F,M,P-1,S,S-PN,IC,Modem,B1,not a hash,2340,ASE,TW,28 nm,60,Hsinchu"
    )
    for written in (
        "COMP_SUPPLIER_PN: S-PN",
        "COMP_PART_TYPE: Modem",
        "COMP_HASH: not a hash",
        "COMP_DATECODE: 2340",
        "ASSY_AND_TEST_SUPPLIER: ASE",
        "ASSY_AND_TEST_LOC_CODE: TW",
        "TECHNOLOGY_NODE: 28 nm",
        "SUPPLIER_SOURCED_PCTG: 60",
        "COMP_ENTITY_LOC_CITY: Hsinchu",
    ):
        assert written in found.loc[0, "description"]
    assert told(found, "country") == [None]


def test_the_row_of_the_finished_goods_assembly_is_the_root_of_its_parts(tmp_path: Path) -> None:
    _, found = text(tmp_path, FRAMEWORK, "A,2026,TCU-9,Fellmark" + "," * 14, ",,TCU-9,Fellmark,M,P-1" + "," * 12)
    assert list(found["level"]) == [0, 1] and told(found, "parent") == [None, "E-0001#line 2"]
    assert (
        found.loc[0, ["name", "manufacturer"]].tolist() == ["TCU-9", "Fellmark"] and found.loc[1, "manufacturer"] == "M"
    )


# structure


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (["0", "1", "2", "1"], [0, 1, 2, 1]),
        (["0", ".1", "..2", ".1"], [0, 1, 2, 1]),
        (["1", "1.1", "1.1.1", "2"], [1, 2, 3, 1]),
        (["L0", "Level 1", "level 2", "l1"], [0, 1, 2, 1]),
    ],
)
def test_levels_are_numbers_dots_or_paths(tmp_path: Path, levels: list[str], expected: list[int]) -> None:
    _, found = text(tmp_path, "Level,P/N,Name,Qty", *(f"{level},P-{level},n,1" for level in levels))
    assert list(found["level"]) == expected
    assert told(found, "parent")[1:3] == ["E-0001#line 2", "E-0001#line 3"]


def test_indented_names_are_levels(tmp_path: Path) -> None:
    lines = ["Name,Part Number,Qty", "Unit,U,1", "  Board,B,1", "    Chip,C,1", "  Case,K,1"]
    _, found = text(tmp_path, *lines)
    assert list(found["level"]) == [0, 1, 2, 1] and list(found["name"]) == ["Unit", "Board", "Chip", "Case"]
    assert told(found, "parent") == [None, "E-0001#line 2", "E-0001#line 3", "E-0001#line 2"]
    sheet = workbook(tmp_path / "b.xlsx", {"S": [one.split(",") for one in lines]})
    assert list(read(sheet)[1]["level"]) == [0, 1, 2, 1]


def test_position_numbers_that_are_paths_are_levels(tmp_path: Path) -> None:
    _, found = text(tmp_path, "Item No,Part Number,Name,Qty", "1,B,x,1", "1.1,C,x,1", "1.1.1,D,x,1", "2,E,x,1")
    assert list(found["level"]) == [1, 2, 3, 1] and list(found["reference"]) == ["1", "1.1", "1.1.1", "2"]


def test_several_sheets_are_several_items(tmp_path: Path) -> None:
    head = ["P/N", "Name", "Mfr", "MPN", "Qty"]
    sheets = {
        "Antenna": [head, ["A", "a", "M", "1", 1]],
        "Notes": [["free text"]],
        "TCU": [["Assembly: TCU-9"], head, ["B", "b", "M", "2", 1]],
    }
    reading, found = read(workbook(tmp_path / "b.xlsx", sheets))
    assert list(found["item"]) == ["Antenna", "TCU-9"] and any("'Notes'" in note for note in reading.notes)


def test_each_root_begins_an_item_of_its_own(tmp_path: Path) -> None:
    _, found = text(tmp_path, "Level,P/N,Name,Qty", "0,A,Unit A,1", "1,B,b,1", "0,C,Unit C,1", "1,D,d,1")
    assert list(found["item"]) == ["Unit A", "Unit A", "Unit C", "Unit C"]


def test_a_further_heading_with_other_columns_holds_for_the_rows_below_it(tmp_path: Path) -> None:
    _, found = text(
        tmp_path, "P/N,Name,MPN,Qty", "1,a,m1,2", "MPN,P/N,Name,Qty", "m2,2,b,3", "MPN,P/N,Name,Qty", "m3,3,c,4"
    )
    assert list(found["part_number"]) == ["m1", "m2", "m3"] and list(found["quantity"]) == ["2", "3", "4"]


# alternate sources


def test_numbered_columns_give_each_source_a_row(tmp_path: Path) -> None:
    _, found = text(
        tmp_path,
        "P/N,Name,Qty,COO,Manufacturer 1,MPN 1,Manufacturer 2,Manufacturer Part Number 2,Alternate MFR 2,Alternate MPN 2",
        "1,Cap,2,FR,Murata,GRM,TDK,C16,Yageo,CC06",
        "2,Res,1,,Vishay,V1,,,,",
        "3,IC,1,,,,TI,T1,,",
    )
    assert told(found, "manufacturer") == ["Murata", "TDK", "Yageo", "Vishay", "TI"]
    assert told(found, "part_number") == ["GRM", "C16", "CC06", "V1", "T1"]
    assert told(found, "alternate_of") == [None, "E-0001#line 2", "E-0001#line 2", None, None]
    assert len(set(found["component"])) == 5 and set(found["name"][:3]) == {"Cap"}
    assert told(found, "country")[:3] == ["FR", None, None], "the origin of one maker's part says nothing of another's"
    assert told(found, "quantity")[:3] == ["2", None, None]


def test_the_same_heading_twice_is_a_second_source(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "Name,Qty,Manufacturer,MPN,Manufacturer,MPN", "Cap,1,Murata,GRM,TDK,C16")
    assert told(found, "manufacturer") == ["Murata", "TDK"] and reading.status == "read"


@pytest.mark.parametrize(
    ("makers", "numbers", "expected"),
    [
        ("Murata\nTDK", "GRM\nC16", [("Murata", "GRM"), ("TDK", "C16")]),
        ("Murata; TDK", "GRM; C16", [("Murata", "GRM"), ("TDK", "C16")]),
        ("Murata, TDK", "GRM, C16", [("Murata", "GRM"), ("TDK", "C16")]),
        ("TI", "T1; T2", [("TI", "T1"), ("TI", "T2")]),
        ("Acme, Inc.", "A1", [("Acme, Inc.", "A1")]),
        ("Acme, Inc.", "A1, A2", [("Acme, Inc.", "A1, A2")]),
        ("AVX / Kyocera", "A1", [("AVX / Kyocera", "A1")]),
    ],
)
def test_several_makers_in_one_cell(tmp_path: Path, makers: str, numbers: str, expected: list[tuple[str, str]]) -> None:
    _, found = read(workbook(tmp_path / "b.xlsx", {"S": [["Name", "Qty", "Mfr", "MPN"], ["x", 1, makers, numbers]]}))
    assert list(zip(found["manufacturer"], found["part_number"], strict=True)) == expected
    assert told(found, "alternate_of") == [None, *["E-0001#S!row 2"] * (len(expected) - 1)]


def test_makers_and_part_numbers_that_do_not_pair_up_are_kept_and_told(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "Name,Qty,Mfr,MPN", 'x,1,"A; B; C","1; 2"')
    assert found.loc[0, ["manufacturer", "part_number"]].tolist() == ["A; B; C", "1; 2"]
    assert [problem.place for problem in reading.problems] == ["line 2, column 4"] and "A; B; C" in reading.problems[
        0
    ].excerpt


def test_a_part_merged_over_the_rows_of_its_makers_is_one_part(tmp_path: Path) -> None:
    rows = [["P/N", "Name", "Qty", "Mfr", "MPN"], [None, None, None, "Murata", "GRM"], [None, None, None, "TDK", "C16"]]
    merged = [("S", "A2:A3", "P-1"), ("S", "B2:B3", "Cap"), ("S", "C2:C3", 4)]
    _, found = read(workbook(tmp_path / "b.xlsx", {"S": rows}, merged))
    assert told(found, "manufacturer") == ["Murata", "TDK"] and told(found, "alternate_of") == [None, "E-0001#S!row 2"]


# cells


@pytest.mark.parametrize(
    ("written", "quantity", "unit"),
    [
        ("4 EA", "4", "EA"),
        ("4", "4", None),
        ("0,5 m", "0,5", "m"),
        ("1,200pcs.", "1,200", "pcs."),
        ("2.5 cm²", "2.5", "cm²"),
        ("AR", "AR", None),
        ("10k", "10k", None),
        ("1/2 m", "1/2 m", None),
        ("2 (4 for variant B)", "2 (4 for variant B)", None),
    ],
)
def test_quantity_and_unit(tmp_path: Path, written: str, quantity: str, unit: str | None) -> None:
    _, found = text(tmp_path, "P/N;Name;Qty;MPN", f"1;a;{written};m")
    assert told(found, "quantity") == [quantity] and told(found, "unit") == [unit]


def test_a_unit_in_a_column_of_its_own_stays_beside_a_quantity_that_says_another(tmp_path: Path) -> None:
    _, found = text(tmp_path, "P/N,Name,Qty,UoM", "1,a,4 EA,ea", "2,b,3 m,EA", "3,c,2,PCS")
    assert told(found, "quantity") == ["4", "3 m", "2"] and told(found, "unit") == ["ea", "EA", "PCS"]


@pytest.mark.parametrize(
    ("written", "expected", "count"),
    [
        ("R1-R4, R7", "R1-R4; R7", 5),
        ("R1 R2", "R1; R2", 2),
        ("C1;C2\nC3", "C1; C2; C3", 3),
        ("R1 - R3", "R1 - R3", 3),
        ("R1-3", "R1-3", 3),
        ("R9-R1", "R9-R1", None),
        ("R1-C4", "R1-C4", None),
        ("see drawing", "see drawing", None),
        ("R1-R999999", "R1-R999999", 999_999),
    ],
)
def test_designators(written: str, expected: str, count: int | None) -> None:
    assert bom_cells.designators(written) == (expected, count)


def test_a_quantity_that_contradicts_the_designators_is_a_problem_at_its_cell(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "Designator,MPN,Qty", '"R1-R4, R7",a,5 EA', "C1,b,2", "W1,c,2 m", "tape,d,3")
    assert problems(reading) == [("line 3, column 3", "Qty: quantity 2, but 1 designators")]
    assert list(found["designators"]) == ["R1-R4; R7", "C1", "W1", "tape"]


def test_an_fcc_id_without_the_shape_and_an_unknown_country_are_problems_and_frequencies_stay(tmp_path: Path) -> None:
    rows = [
        ["P/N", "Name", "Qty", "FCC ID", "RF band (MHz)", "COO"],
        ["1", "a", 1, "2ABCD-X1", "2400-2483.5", "P.R.C."],
        ["2", "b", 1, "2A-1", "433,92", "Korea"],
    ]
    reading, found = read(workbook(tmp_path / "b.xlsx", {"BOM": rows}))
    assert [place for place, _ in problems(reading)] == ["BOM!D3", "BOM!F3"]
    assert list(found["fcc_id"]) == ["2ABCD-X1", "2A-1"] and list(found["frequency_mhz"]) == ["2400-2483.5", "433,92"]
    assert told(found, "country") == ["CN", None]


def test_totals_and_remarks_are_told_and_no_parts(tmp_path: Path) -> None:
    reading, found = text(
        tmp_path,
        "P/N,Name,Qty,MPN",
        "RESISTORS,,,",
        "1,a,1,m",
        "P-77,,,",
        ",Total parts:,2,",
        "合计,,2,",
        "3,Total station,1,TS-1",
        "Approved by the board.,,,",
    )
    assert list(found["name"]) == ["a", "P-77", "Total station"]
    notes = " ".join(reading.notes)
    assert all(f"line {number}" in notes for number in (2, 5, 6, 8)) and "RESISTORS" in notes
    assert [place for place, _ in problems(reading)] == ["line 4, column 1"]


def test_exports_of_layout_programs_are_hardware_sheets(tmp_path: Path) -> None:
    for lines in (
        ["Comment,Description,Designator,Footprint,LibRef,Quantity", "100nF,Cap,C1,0402,X,1"],
        ["Reference;Value;Footprint;Datasheet;Qty", "C1;100nF;0402;~;1"],
        ["Bill of materials", "", "Item\tQuantity\tReference\tPart", "1\t1\tC1\t100n"],
        ["序号,料号,名称,数量,单位,位号,制造商,制造商料号", "1,P-1,电容,1,个,C1,风华,F1"],
    ):
        _, found = text(tmp_path, *lines)
        assert len(found) == 1 and told(found, "designators") == ["C1"] and told(found, "quantity") == ["1"]


# what is hidden, formulas, links

HEAD = ["P/N", "Name", "Qty", "Mfr", "MPN", "Mfr 2", "MPN 2"]


def test_hidden_rows_columns_and_sheets_are_told_and_read(tmp_path: Path) -> None:
    sheet = (
        '<cols><col min="6" max="7" hidden="1"/></cols><sheetData>'
        + line(1, *HEAD)
        + line(2, "1", "a", "1", "M", "m", "X", "x")
        + line(3, "2", "b", "1", "M", "n", more='hidden="1"')
        + line(4, "3", "c", "1", "M", "o", more='ht="0" customHeight="1"')
        + "</sheetData></worksheet>"
    )
    reading, found = read(xlsx(tmp_path / "b.xlsx", sheet))
    assert list(found["hidden"]) == [False, True, True, True] and told(found, "manufacturer") == ["M", "X", "M", "M"]
    notes = " | ".join(reading.notes)
    assert "hidden columns F-G" in notes and "hidden rows 3-4" in notes and reading.status == "read"


def test_a_hidden_sheet_is_told_and_read(tmp_path: Path) -> None:
    path = xls(tmp_path / "b.xls", {"BOM": [HEAD, ["1", "a", 1]], "Old": [HEAD, ["2", "b", 2.5]]}, hidden=("Old",))
    reading, found = read(path)
    assert told(found, "hidden") == [None, True] and list(found["quantity"]) == ["1", "2.5"]
    notes = " | ".join(reading.notes)
    assert "'Old' is hidden" in notes and "cannot be told" in notes and reading.serialization == "xls"


def test_what_is_hidden_in_an_opendocument_sheet(tmp_path: Path) -> None:
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    tall = '<table:table-cell table:number-rows-spanned="2"><text:p>One <text:span>Maker</text:span></text:p></table:table-cell>'
    content = table(
        "B",
        columns,
        row(*HEAD[:5]),
        row("1", "a", 1.5, tall, "m"),
        row("2", "b", 2, None, "n", more='table:visibility="collapse"'),
        '<table:table-row-group table:display="false">' + row("3", "c", 3, "M", "o") + "</table:table-row-group>",
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
    )
    style = '<style:style style:name="gone"><style:table-properties table:display="false"/></style:style>'
    hidden = table("H", row(*HEAD), row("4", "d", 4), more='table:style-name="gone"')
    reading, found = read(ods(tmp_path / "b.ods", content + hidden, style))
    assert list(found["hidden"]) == [False, True, True, True] and list(found["quantity"]) == ["1.5", "2", "3", "4"]
    assert told(found, "manufacturer") == ["One Maker", "One Maker", "M", None] and list(found["item"]) == ["B"] * 3 + [
        "H"
    ]
    notes = " | ".join(reading.notes)
    assert "hidden rows 3-4" in notes and "hidden columns C" in notes and "'H' is hidden" in notes
    assert reading.serialization == "ods"


def test_a_formula_without_value_and_an_error_are_problems_and_links_are_noted(tmp_path: Path) -> None:
    sheet = (
        "<sheetData>"
        + line(1, *HEAD)
        + '<row r="2"><c r="A2"><f>[1]S!A1</f><v>7</v></c><c r="B2" t="str"><f>cmd|&apos;/C calc&apos;!A0</f></c><c r="C2"><v>1</v></c>'
        '<c r="D2" t="e"><v>#REF!</v></c><c r="E2" t="str"><f>A1&amp;""</f><v></v></c></row></sheetData></worksheet>'
    )
    rels = '<Relationships><Relationship Id="r" Target="file:///srv/other.xlsx" TargetMode="External"/></Relationships>'
    more = {"xl__externalLinks__externalLink1.xml": "<a/>", "xl__externalLinks___rels__externalLink1.xml.rels": rels}
    reading, found = read(xlsx(tmp_path / "b.xlsx", sheet, **more))
    assert found.loc[0, "part_number"] == "7" and told(found, "manufacturer") == [None]
    assert {place for place, _ in problems(reading)} == {"S!B2", "S!D2"} and "cmd" in reading.problems[0].excerpt
    assert any("file:///srv/other.xlsx" in note for note in reading.notes)


def test_a_formula_in_text_is_kept_as_written_and_told(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "P/N,Name,Qty,MPN", "=\"0402\",=cmd|' /C calc'!A0,1,m")
    assert found.loc[0, "name"] == "=cmd|' /C calc'!A0" and "0402" in found.loc[0, "description"]
    assert [place for place, _ in problems(reading)] == ["line 2, column 2"] and reading.problems[0].excerpt.startswith(
        "=cmd"
    )


# encodings

CHINESE = "序号,料号,名称,数量,制造商,制造商料号\n1,P-1,电容,2,风华高科,F1\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "gb18030"],
)
def test_a_sheet_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    content = "P/N,Name,Qty,Manufacturer,MPN\n" + "P-1,resistor,2,Maker,F1\n" * 20
    reading, found = read(put(tmp_path, "a.csv", content.encode(encoding)))
    assert len(found) == 20 and set(found["manufacturer"]) == {"Maker"} and reading.status == "read"
    if encoding not in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):  # without a mark, only Latin text is told
        _, found = read(put(tmp_path, "b.csv", CHINESE.encode(encoding)))
        assert list(found["manufacturer"]) == ["风华高科"]


@pytest.mark.parametrize(
    "written",
    [
        "Müller GmbH",
        "Größe;Öl 5µF ±10 %",
        "élémentaire répété été",
        "AÇÃO AÇÕES",
        "– “quoted” €",
        "Hääyöaie",
        "Łódź".replace("Ł", "L"),
    ],
)
def test_accented_text_in_windows_1252_is_not_taken_for_chinese(written: str) -> None:
    plain = written.encode("cp1252", "ignore")
    assert decode(plain).text == plain.decode("cp1252")


@given(st.lists(st.text(alphabet=[chr(code) for code in range(0x4E00, 0x9FA6)], min_size=4, max_size=12), min_size=3))
def test_chinese_words_in_gb18030_are_recognised(words: list[str]) -> None:
    plain = ",".join(words)
    decoded = decode(plain.encode("gb18030"))
    assume(decoded.encoding != "utf-8")  # the bytes of a few words are by chance UTF-8 too
    assert decoded.text == plain or sum(word.encode("gb18030")[0] >= 0xE0 for word in plain) * 3 > len(plain)


def test_nul_and_control_characters_are_replaced_and_told(tmp_path: Path) -> None:
    reading, found = read(put(tmp_path, "b.csv", b"P/N,Name,Qty,MPN\n1,re\x00sis\x07tor,1,m\n"))
    assert found.loc[0, "name"] == "re\ufffdsis\ufffdtor" and [p for p, _ in problems(reading)] == ["line 2, column 2"]


# hostile files


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (
            b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>P/N</td></tr></table></html>',
            "HTML table",
        ),
        (b"<meta charset=utf-8><table><tr><td>P/N</td></tr></table>", "HTML table"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "SpreadsheetML"),
        (bytes(range(256)) * 20, "recognises these bytes"),
    ],
)
def test_what_is_no_sheet_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    kind, why = readers.examine(put(tmp_path, "b.xls", content))
    assert kind == "unknown" and reason in why


def test_a_binary_workbook_and_a_torn_one_are_refused(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "b.xlsx", "<sheetData>" + line(1, *HEAD) + "</sheetData></worksheet>")
    torn = put(tmp_path, "t.xlsx", whole.read_bytes()[:-40])
    assert "damaged" in readers.examine(torn)[1]
    broken = xlsx(tmp_path / "c.xlsx", "<sheetData>" + line(1, *HEAD) + '<row r="2"><c r="A2" t="in')
    assert "cannot be read" in readers.examine(broken)[1]
    binary = xlsx(tmp_path / "d.xlsx", "", xl__workbook__bin="")
    assert readers.examine(binary)[0] == "unknown"


def test_cells_far_apart_are_refused_wherever_their_sheet_lies(tmp_path: Path) -> None:
    for cell in (
        '<c r="XFD1048576"><v>1</v></c>',
        '<c r="xfd1048576"><v>1</v></c>',
        "<c r = 'XFD1048576'><v>1</v></c>",
    ):
        sheet = "<sheetData>" + line(1, *HEAD) + f'<row r="1048576">{cell}</row></sheetData></worksheet>'
        assert "cells" in readers.examine(xlsx(tmp_path / "b.xlsx", sheet, part="xl/other/part.dat"))[1]


@pytest.mark.parametrize("rows", [1, 300])
def test_cells_far_apart_in_an_xls_are_refused(tmp_path: Path, rows: int) -> None:
    sheet: list[list[Any]] = [HEAD] + [["1", "a", 1]] * rows
    assert len(read(xls(tmp_path / "a.xls", {"B": sheet}))[1]) == rows
    assert "cells" in readers.examine(xls(tmp_path / "b.xls", {"B": sheet}, far=(65_535, 255)))[1]


def test_a_million_empty_rows_are_passed_over(tmp_path: Path) -> None:
    sheet = "<sheetData>" + line(1, *HEAD) + line(2, "1", "a", "1") + '<row r="1048576"><c r="A1048576" s="1"/></row>'
    _, found = read(xlsx(tmp_path / "b.xlsx", sheet + "</sheetData></worksheet>"))
    assert list(found["locator"]) == ["S!row 2"]
    _, found = read(put(tmp_path, "b.csv", b"P/N,Name,Qty,MPN\n" + b"\n" * 1_000_000 + b"1,a,1,m\n"))
    assert list(found["locator"]) == ["line 1000002"]


def test_repetitions_without_end_are_refused(tmp_path: Path) -> None:
    rows = row(*HEAD), row("1", "a", 1, more='table:number-rows-repeated="900000000"')
    kind, why = readers.examine(ods(tmp_path / "b.ods", table("B", *rows)))
    assert (kind, "without end" in why or kind == "bom.sheet") in (("unknown", True), ("bom.sheet", True))
    reading = read_item("bom.sheet", tmp_path / "b.ods", "E", RULE)
    assert reading.status == "unreadable" and "without end" in reading.reason


def test_a_workbook_that_unpacks_to_far_more_than_its_size_is_not_opened(tmp_path: Path) -> None:
    bomb = xlsx(tmp_path / "b.xlsx", "<sheetData>" + line(1, *HEAD) + " " * 70_000_000 + "</sheetData></worksheet>")
    assert "unpacked" in readers.examine(bomb)[1]


def test_a_huge_cell_is_cut_and_told_and_the_rest_is_read(tmp_path: Path) -> None:
    reading, found = read(put(tmp_path, "b.csv", b"P/N,Name,Qty,MPN\n1," + b"x" * 3_000_000 + b",1,m\n2,b,1,n\n"))
    assert len(found) == 2 and len(found.loc[0, "name"]) == 100_000
    assert [place for place, _ in problems(reading)] == ["line 2, column 2"] and "3000000 characters" in problems(
        reading
    )[0][1]


def test_an_open_quotation_mark_swallows_no_part(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "P/N,Name,Qty,MPN", '1,"a,1,m', *(f"{number},b,1,n" for number in range(2, 40_000)))
    assert len(found) == 39_999 and "quotation" in reading.problems[0].message


# properties

WORDS = st.text(alphabet=string.ascii_letters + string.digits + " -_/.", min_size=1, max_size=20).filter(
    lambda w: w.strip()
)
PART = st.tuples(st.integers(1, 999), WORDS, st.integers(1, 99))


@FUZZ
@given(parts=st.lists(PART, min_size=1, max_size=30), separator=st.sampled_from(",;\t|"), lead=st.integers(0, 28))
def test_every_part_is_a_row_at_its_line(tmp_path: Path, parts: list[Any], separator: str, lead: int) -> None:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=separator)
    writer.writerows([["title"]] * lead + [["P/N", "MPN", "Name", "Qty"]])
    writer.writerows([f"P-{number}", "m", name, count] for number, name, count in parts)
    reading, found = read(put(tmp_path, "b.csv", made.getvalue()))
    assert list(found["locator"]) == [f"line {lead + 2 + at}" for at in range(len(parts))]
    assert list(found["quantity"]) == [str(count) for _, _, count in parts]
    assert reading.format == "hbom" and all(reading.tables["components"])


SEEDS = [
    FRAMEWORK + "\nA,2026,T,F,M,P,S,Q,IC,X,1," + "ab" * 16 + ",1,2,3,4,5,6\n",
    'Level;P/N;Name;Qty;Mfr 1;MPN 1;Mfr 2;MPN 2;Ref Des\n0;A;x;"4 EA";M;1;N;2;"R1-R4"\n..1;B;y;"0,5 m";"M\nN";"1\n2";\n;ALT;;;O;3;;;\n',
    CHINESE,
]


@FUZZ
@given(st.data())
def test_mutated_text_never_raises(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(
        data.draw(st.sampled_from(SEEDS)).encode(data.draw(st.sampled_from(["utf-8", "utf-16", "gb18030"])))
    )
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from(
                [b"", b'"', b"\n", b"\x00", b";", b",", b"\xff", b"\xe4", b"=", b"-", b"9" * 30, "电".encode()]
            )
        )
        content = content or bytearray(b"x")
    path = put(tmp_path, "b.csv", bytes(content))
    readers.examine(path)
    reading = read_item("bom.sheet", path, "E", RULE)
    assert not reading.reason.startswith("reading it as"), reading.reason
    found = tables.table("components", reading.tables.get("components", []))
    assert found["component"].is_unique


def _mutated(content: bytes, seed: int) -> bytes:
    rng = random.Random(seed)
    changed = bytearray(content)
    for _ in range(rng.randint(1, 12)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randint(len(changed) // 2, len(changed))] if rng.random() < 0.3 else changed)


@FUZZ
@given(seed=st.integers(0, 10**6), form=st.sampled_from(["xlsx", "xls", "ods"]))
def test_mutated_workbooks_never_raise(tmp_path: Path, seed: int, form: str) -> None:
    path = tmp_path / f"b.{form}"
    if form == "xlsx":
        xlsx(
            path,
            "<sheetData>" + line(1, *HEAD) + line(2, "1", "a", "1", more='hidden="1"') + "</sheetData></worksheet>",
        )
    elif form == "xls":
        xls(path, {"B": [HEAD, ["1", "a", 1]]})
    else:
        ods(path, table("B", row(*HEAD), row("1", "a", 1)))
    path.write_bytes(_mutated(path.read_bytes(), seed))
    readers.examine(path)
    reading = read_item("bom.sheet", path, "E", RULE)
    assert not reading.reason.startswith("reading it as"), reading.reason


@FUZZ
@given(seed=st.integers(0, 10**6))
def test_mutated_sheet_xml_never_raises(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    inner = line(1, *HEAD) + line(2, "1", "a", "1", more='hidden="1"') + '<row r="3"><c r="A3"><f>1</f></c></row>'
    pieces = [
        "<row>",
        "</row>",
        '<c r="A1"',
        "hidden='x'",
        'r="-1"',
        'r="99999999999"',
        "<f/>",
        "&x;",
        "<",
        "\x01",
        '<col min="a" max="9"/>',
    ]
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(inner))
        inner = inner[:at] + rng.choice(pieces) + inner[at + rng.randint(0, 4) :]
    path = xlsx(tmp_path / "b.xlsx", "<sheetData>" + inner + "</sheetData></worksheet>")
    readers.examine(path)
    reading = read_item("bom.sheet", path, "E", RULE)
    assert not reading.reason.startswith("reading it as"), reading.reason


# real files


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_the_real_sheets_are_read_whole(tmp_path: Path) -> None:
    index = list(csv.DictReader(io.StringIO((CORPUS / "index.csv").read_text("utf-8"))))
    sheets = [entry for entry in index if entry["format"].startswith("sheet")]
    assert len(sheets) >= 3
    for entry in sheets:
        reading, found = read(CORPUS / entry["file"])
        expected = int(entry["components count"])
        assert abs(len(found) - expected) <= expected / 10 and reading.status == "read", entry["file"]
        assert found["name"].notna().all() and set(found["medium"]) == {"hardware"}
