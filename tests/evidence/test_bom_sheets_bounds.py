"""What bounds a hardware sheet, and what is said where a bound cuts it off; odd sheets that are read all the same."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from assessor.evidence import readers
from assessor.evidence.readers import body, office, read_item
from assessor.evidence.readers.bills import bom_columns
from assessor.evidence.readers.sheets import grid, separated, sheets
from tests.evidence.hardware_sheets import HEAD, line, ods, problems, read, row, table, text, told, xls, xlsx
from tests.evidence.samples import RULE, put, workbook, zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def rows(inner: str, before: str = "") -> str:
    return f"{before}<sheetData>{line(1, *HEAD)}{inner}</sheetData></worksheet>"


def strings(*texts: str) -> str:
    return f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{each}</t></si>" for each in texts)}</sst>'


def package(path: Path, **changed: Any) -> Path:
    """A workbook again, with parts added or changed."""
    with zipfile.ZipFile(path) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    return put(path.parent, path.name, zipped(members | changed))


# bounds


def test_components_beyond_the_bound_are_cut_off_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bom_columns, "MOST", 5)
    reading, found = text(tmp_path, "P/N,Name,Qty,MPN", *(f"P-{at},n,1,m" for at in range(9)))
    assert len(found) == 5 and [place for place, _ in problems(reading)] == ["line 7"]
    assert "deliver it in parts" in reading.problems[0].message
    reading, found = text(tmp_path, "P/N,Name,Qty,Mfr,MPN", "1,n,1,M,a;b;c", "2,n,1,M,a;b;c", "3,n,1,M,d")
    assert list(found["part_number"]) == ["a", "b", "c", "a", "b"]
    assert [place for place, _ in problems(reading)] == ["line 3, source 3"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods", "xls"])
def test_cells_beyond_the_bound_are_cut_off_at_their_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(grid, "MAX_CELLS", 20)
    parts: list[list[Any]] = [["P", "n", 1]] * 9
    if form == "csv":
        path = put(tmp_path, "b.csv", "\n".join(",".join(map(str, each)) for each in [HEAD, *parts]))
    elif form == "ods":
        path = ods(tmp_path / "b.ods", table("S", *(row(*each) for each in [HEAD, *parts])))
    elif form == "xls":
        path = xls(tmp_path / "b.xls", {"S": [HEAD, *parts]})
    else:
        path = workbook(tmp_path / "b.xlsx", {"S": [HEAD, *parts]})
    reading, found = read(path)
    assert len(found) == 4 and reading.status == "partly_read"
    assert [place for place, _ in problems(reading)] == ["line 6" if form == "csv" else "S!row 6"]


def test_a_text_that_many_cells_refer_to_is_not_copied_into_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = "".join(f'<row r="{at}"><c r="B{at}" %s><v>0</v></c></row>' for at in range(2, 400))
    for written in ('t="s"', "t = 's'", 's="1" t="s"'):
        path = xlsx(tmp_path / "b.xlsx", rows(cells.replace("%s", written)))
        path = package(path, **{"xl/sharedStrings.xml": strings("x" * 5_000)})
        monkeypatch.setattr(office, "MAX_LONG", 1_000_000)
        assert "texts of the cells" in readers.examine(path)[1], written
        monkeypatch.setattr(office, "MAX_LONG", 3_000_000)
        assert readers.examine(path)[0] == "bom.sheet", written


def test_numbers_are_not_taken_for_references_to_long_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_LONG", 50_000)
    cells = "".join(f'<row r="{at}"><c r="C{at}"><v>0</v></c></row>' for at in range(2, 400))
    path = package(xlsx(tmp_path / "b.xlsx", rows(cells)), **{"xl/sharedStrings.xml": strings("x" * 5_000)})
    assert readers.examine(path)[0] == "bom.sheet"


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="2"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="2"><c s="1" r="XFD1048576"><v>1</v></c></row>',
        '<row r="2">' + "<c><v>1</v></c>" * 16_000 + "</row>" + "<row><c><v>1</v></c></row>" * 1_000,
        # the place of another cell in a text, which hides that the cells do not say where they are
        '<row r="2">'
        + '<c t="inlineStr"><is><t>:c r="A1"</t></is></c>' * 16_000
        + "</row>"
        + "<row><c/></row>" * 1_000,
        '<x:row r="2"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_the_rectangle_of_a_sheet_is_known_before_it_is_laid_out(tmp_path: Path, cells: str) -> None:
    assert "cells" in readers.examine(xlsx(tmp_path / "b.xlsx", rows(cells)))[1]


@pytest.mark.parametrize("size", [10, 262_140, 262_144, 262_150])
def test_a_far_cell_is_seen_wherever_it_stands_in_the_bytes(tmp_path: Path, size: int) -> None:
    for shift in range(0, 48, 5):
        cells = f'<row r="2"><c r="A2"><v>{"1" * (size + shift - 200)}</v></c><c r="XFD1048576"><v>1</v></c></row>'
        assert "cells" in readers.examine(xlsx(tmp_path / "b.xlsx", rows(cells)))[1]


def test_more_filled_cells_than_can_be_held_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "b.xlsx", {"S": [HEAD, *[["1", "a", 1]] * 30]})
    monkeypatch.setattr(office, "MAX_FILLED", 96)
    assert "not empty" in readers.examine(path)[1]
    monkeypatch.setattr(office, "MAX_FILLED", 120)  # some other tags are counted too
    assert readers.examine(path)[0] == "bom.sheet"


def test_a_sheet_is_read_once_whatever_names_it_has(tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", {"A": [HEAD, ["1", "a", 1]], "B": [HEAD, ["2", "b", 1]]})
    with zipfile.ZipFile(path) as whole:
        related = whole.read("xl/_rels/workbook.xml.rels").replace(b"sheet2.xml", b"sheet1.xml")
    reading, found = read(package(path, **{"xl/_rels/workbook.xml.rels": related}))
    assert list(found["name"]) == ["a"] and [place for place, _ in problems(reading)] == ["B"]


def test_a_workbook_of_too_many_sheets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_SHEETS", 2)
    path = workbook(tmp_path / "b.xlsx", {name: [HEAD, ["1", "a", 1]] for name in "ABC"})
    assert "sheets" in readers.examine(path)[1]


def test_a_workbook_that_changes_after_it_was_recognised_is_read_anew(tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", {"A": [HEAD, ["1", "a", 1]]})
    assert readers.recognise(path) == "bom.sheet"
    workbook(path, {"A": [HEAD, ["1", "changed", 1], ["2", "b", 1]]})
    reading = read_item("bom.sheet", path, "E", RULE)
    assert sum(map(len, reading.tables["components"])) == 2


def test_headings_that_change_without_end_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_HEADINGS", 2)
    lines = ["P/N,Name,Qty", "1,a,1"] + ["Name,P/N,Qty", "b,2,1", "P/N,Name,Qty", "3,c,1"] * 2
    reading, found = text(tmp_path, *lines)
    assert list(found["name"]) == ["a", "b", "c"] and [place for place, _ in problems(reading)] == ["line 7"]


def test_a_heading_without_end_of_numbers_is_numbered_once_each(tmp_path: Path) -> None:
    head = "P/N,Name,Qty" + ",Manufacturer,MPN" * 3_000
    _, found = text(tmp_path, head, "1,a,1" + ",M,m" * 3_000)
    assert len(found) == 3_000 and found["component"].is_unique


# marks, told from the bytes and from a tree alike


@pytest.mark.parametrize("prefix", ["", "<!-- a remark -->"])
def test_hidden_rows_and_cells_without_value_are_told_however_the_sheet_is_written(tmp_path: Path, prefix: str) -> None:
    inner = (
        line(2, "1", "a", "1", more='hidden="1"')
        + line(3, "2", "b", "1", more='ht="0" customHeight="1"')
        + line(4, "3", "c", "1", more='ht="0.5"')
        + '<row r="5"><c r="A5"><v>4</v></c><c r="B5"><f>A1&amp;A2</f></c><c r="C5" t="e"><v>#REF!</v></c>'
        + '<c r="D5" t="str"><f>A1</f><v></v></c><c r="E5"><f>A2</f><v>7</v></c></row>'
    )
    reading, found = read(
        xlsx(tmp_path / "b.xlsx", rows(prefix + inner, '<cols><col min="2" max="3" width="0"/></cols>'))
    )
    assert list(found["hidden"]) == [True, True, False, False]
    assert any("hidden columns B-C" in note for note in reading.notes)
    excerpts = {problem.place: (problem.message, problem.excerpt) for problem in reading.problems}
    assert excerpts["S!B5"][1] == "=A1&A2" and "#REF!" in excerpts["S!C5"][0] and len(excerpts) == 2


def test_cells_without_value_beyond_a_thousand_leave_known_what_is_hidden(tmp_path: Path) -> None:
    inner = "".join(
        f'<row r="{at}" hidden="1"><c r="A{at}"><v>1</v></c><c r="C{at}"><v>1</v></c><c r="E{at}"><f>A1</f></c></row>'
        for at in range(2, 1_202)
    )
    reading, found = read(xlsx(tmp_path / "b.xlsx", rows(inner)))
    assert len(found) == 1_200 and found["hidden"].all()
    assert len(reading.problems) == 1_001 and "more than 1,000" in reading.problems[-1].message


def test_columns_told_without_end_are_given_up(tmp_path: Path) -> None:
    columns = '<cols><col min="1" max="16384" hidden="1"/></cols>'
    _, found = read(xlsx(tmp_path / "b.xlsx", rows(line(2, "1", "a", "1"), columns)))
    assert list(found["hidden"]) == [True]
    columns = "<cols>" + '<col min="1" max="16383" hidden="1"/>' * 40_000 + "</cols>"
    reading, found = read(xlsx(tmp_path / "b.xlsx", rows(line(2, "1", "a", "1"), columns)))
    assert told(found, "hidden") == [None] and "columns" in reading.problems[0].message


# separated text


def test_lines_with_another_separator_are_read_and_told(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "P/N,Name,Qty,MPN", "1,a,1,m", "2;b;1;n", "3,c,1,o", "one; two")
    assert list(found["name"]) == ["a", "b", "c"] and [place for place, _ in problems(reading)] == ["line 3"]


def test_lines_in_two_encodings_are_each_read_in_their_own(tmp_path: Path) -> None:
    lines = [b"P/N,Name,Qty,MPN", "1,Stück,1,m".encode(), "2,Größe,1,n".encode("cp1252"), b"3,plain,1,o"]
    reading, found = read(put(tmp_path, "b.csv", b"\n".join(lines)))
    assert list(found["name"]) == ["Stück", "Größe", "plain"] and reading.notes[0].startswith("1 of the lines")


def test_a_long_quoted_list_of_designators_is_one_cell(tmp_path: Path) -> None:
    places = ",".join(f"R{at}" for at in range(17_000))
    reading, found = text(tmp_path, "P/N,Name,Qty,Ref Des", f'1,a,17000,"{places}"', "2,b,1,R1")
    assert list(found["name"]) == ["a", "b"] and "quotation" not in str(problems(reading))
    reading, found = text(tmp_path, "P/N,Name,Qty,MPN", "1,a,1,m" + ",x" * 20_000)
    assert len(found) == 1 and any("cells of a row are read" in message for _, message in problems(reading))


def test_other_signs_than_ends_of_lines_end_none(tmp_path: Path) -> None:
    _, found = text(tmp_path, "P/N,Name,Qty,MPN", "1,a\u2028b\x85c,1,m", "2,b,1,n\r3,c,1,o\r")
    assert list(found["locator"]) == ["line 2", "line 3", "line 4"]


def test_words_that_say_nothing_and_errors_are_known_in_every_case(tmp_path: Path) -> None:
    reading, found = text(tmp_path, "P/N,Name,Qty,MPN,Supplier", "1,a,N/A,Null,-", "2,b,1,m,ERR:502", "3,c,1, n ,#Ref!")
    assert told(found, "quantity")[0] is None and told(found, "supplier") == [None, None, None]
    assert found.loc[2, "part_number"] == "n" and [p for p, _ in problems(reading)] == [
        "line 3, column 5",
        "line 4, column 5",
    ]


# rows that belong to the part above


def test_designators_on_the_rows_below_a_part_are_its_own(tmp_path: Path) -> None:
    lines = [
        "Item\tQuantity\tReference\tPart",
        "1\t4\tC1,C2,\t100n",
        "\t\tC3,",
        "\t\tC4",
        "2\t1\tU1\tEC25",
        "\t\tsee drawing",
    ]
    reading, found = text(tmp_path, *lines)
    assert list(found["designators"]) == ["C1; C2; C3; C4", "U1"] and not reading.problems
    assert any("see drawing" in note for note in reading.notes)


def test_alternates_are_told_by_a_word_in_the_number_or_before_the_name(tmp_path: Path) -> None:
    _, found = text(
        tmp_path, "P/N,Name,Qty,Mfr,MPN", "1,Cap,2,M,m", ",Alt: Cap X,,N,n", "ALT,Cap Y,,O,o", "ALT-1,Alternator,1,P,p"
    )
    assert told(found, "alternate_of") == [None, "E-0001#line 2", "E-0001#line 2", None]


def test_exports_of_two_more_systems_keep_number_name_and_unit(tmp_path: Path) -> None:
    _, found = text(tmp_path, "Stufe;Materialnummer;Benennung;Menge;ME", "1;4711;Kabel;0,350;M")
    assert found.loc[0, ["part_number", "name", "quantity", "unit"]].tolist() == ["4711", "Kabel", "0,350", "M"]
    _, found = text(tmp_path, "BOM Line,Level,Item Id,Qty,UoM", "Modem,1,100-3,1,each")
    assert found.loc[0, ["part_number", "name"]].tolist() == ["100-3", "Modem"]


@pytest.mark.parametrize("wide", [0, 21_000])
def test_parts_and_their_sources_keep_their_order_over_blocks(tmp_path: Path, wide: int) -> None:
    lines = [f"P-{at},n,1,M,{';'.join(['a', 'b'][: 1 + at % 2])}" for at in range(max(wide, 40))]
    _, found = text(tmp_path, "P/N,Name,Qty,Mfr,MPN", *lines)
    places = [
        place for at in range(len(lines)) for place in (f"line {at + 2}", f"line {at + 2}, source 2")[: 1 + at % 2]
    ]
    assert list(found["locator"]) == places and found["component"].is_unique


def test_rows_beyond_those_of_a_spreadsheet_are_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "MAX_ROWS", 3)
    reading, found = text(tmp_path, "P/N,Name,Qty", "1,a,1", "2,b,1", "3,c,1")
    assert len(found) == 2 and problems(reading)[0][0] == "line 4" and "3 rows" in problems(reading)[0][1]


def test_lines_beyond_what_any_sheet_has_are_told_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separated, "MAX_LINES", 5)
    text = "P/N,Name,Qty,Manufacturer,MPN\n" + "".join(f"P-{n},n,1,M,m\n" for n in range(6))
    read_grid = separated.read(text.encode())
    assert [row[0] for row in read_grid.rows] == ["P/N", "P-0", "P-1", "P-2", "P-3"]
    assert [(each.place, each.message[:34]) for each in read_grid.problems] == [
        ("line 6", "the file has more than 5 lines; wh")
    ]
    monkeypatch.setattr(separated, "MAX_LINES", 7)
    assert separated.read(text.encode()).problems == []


def test_where_quotation_marks_do_not_match_only_so_many_lines_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separated, "MAX_ALONE", 3)
    text = "P/N,Name,Qty,Manufacturer,MPN\n" + 'P-1,"n"x,1,M,m\n' * 4
    read_grid = separated.read(text.encode())
    assert len(read_grid.rows) == 3 and read_grid.problems[-1].place == "line 4"
    monkeypatch.setattr(separated, "MAX_ALONE", 5)
    assert len(separated.read(text.encode()).rows) == 5
