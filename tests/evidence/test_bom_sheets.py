from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from assessor.evidence.readers.bills import bom_cells
from tests.evidence.hardware_sheets import FRAMEWORK, HEAD, line, ods, problems, read, row, table, text, told, xls, xlsx
from tests.evidence.samples import workbook

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bom"


# sheets by the CISA HBOM framework


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


STAGGERED = """L1,L2,L3,Description,Qty,Manufacturer
A-100,,,Telematics unit,1,Nordwind
,B-200,,Modem board,1,Nordwind
,,C-300,Modem,1,Quarz
,B-201,,Housing,1,Blech
"""


def test_a_column_for_each_level_tells_level_and_number(tmp_path: Path) -> None:
    found, rows = text(tmp_path, STAGGERED)
    assert list(rows["level"]) == [1, 2, 3, 2] and found.problems == []
    assert told(rows, "parent") == [None, *(f"E-0001#line {n}" for n in (2, 3, 2))]
    assert list(rows["part_number"]) == ["A-100", "B-200", "C-300", "B-201"]
    assert "'L1', 'L2', 'L3' its number stands in" in "".join(found.notes)


def test_marks_in_columns_of_levels_are_levels_and_no_numbers(tmp_path: Path) -> None:
    marked = STAGGERED.replace("L1,L2,L3,", "Level 1,Level 2,Level 3,P/N,")
    for number, at in (("A-100", 0), ("B-200", 1), ("C-300", 2), ("B-201", 1)):
        marked = marked.replace("," * at + number + "," * (3 - at), "," * at + "x" + "," * (3 - at) + number + ",")
    _, rows = text(tmp_path, marked)
    assert list(rows["level"]) == [1, 2, 3, 2] and list(rows["name"])[2] == "Modem"


def test_columns_of_levels_that_are_filled_together_are_no_structure(tmp_path: Path) -> None:
    lines = ["P/N,L1,L2,Description,Qty,Manufacturer", "A-100,4,2,Unit,1,Nordwind", "B-200,1,,Board,1,Nordwind"]
    found, rows = text(tmp_path, *lines)
    assert list(rows["level"]) == [1, 1] and "columns without a place in the tables: L1, L2" in found.notes


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


def test_who_supplies_another_makers_part_is_unknown_unless_it_is_said(tmp_path: Path) -> None:
    heading = "Name,Qty,Vendor,Manufacturer 1,MPN 1,Manufacturer 2,MPN 2,Supplier 2,Supplier 3"
    _, found = text(tmp_path, heading, "Cap,1,Arrow,Murata,GRM,TDK,C16,,Avnet")
    assert told(found, "supplier") == ["Arrow", None, "Avnet"] and told(found, "manufacturer") == [
        "Murata",
        "TDK",
        "Murata",
    ]


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


def test_a_continuation_row_is_an_alternate_only_where_parts_have_names_of_their_own(tmp_path: Path) -> None:
    _, found = text(
        tmp_path, "P/N,Name,Qty,Mfr,MPN,Remarks", "1,Cap,2,Murata,GRM,", ",,,TDK,C16,approved", "2,Res,1,V,R,"
    )
    assert told(found, "alternate_of") == [None, "E-0001#line 2", None] and list(found["name"]) == ["Cap", "Cap", "Res"]
    assert "Remarks: approved" in found.loc[1, "description"]
    _, found = text(tmp_path, "Mfr,MPN,Qty", "Murata,GRM,2", "TDK,C16,")
    assert told(found, "alternate_of") == [None, None], "a part without quantity is a part"


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
        ["Part Number,Quantity,Ref Des", "P-1,1,C1"],
        ["Name,Manufacturer,Part Number,Supplier,Designator,Qty", "Modem,Q,EC25,Arrow,C1,1"],
    ):
        _, found = text(tmp_path, *lines)
        assert len(found) == 1 and told(found, "designators") == ["C1"] and told(found, "quantity") == ["1"]


# what is hidden, formulas, links


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
