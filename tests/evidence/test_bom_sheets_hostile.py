"""Hardware sheets in every encoding, damaged, hostile and at random."""

from __future__ import annotations

import csv
import io
import random
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assessor.evidence import readers, tables
from assessor.evidence.readers import read_item
from assessor.evidence.readers.text import decode
from tests.evidence.hardware_sheets import FRAMEWORK, HEAD, line, ods, problems, read, row, table, text, xls, xlsx
from tests.evidence.samples import RULE, put

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


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
    binary = xlsx(tmp_path / "d.xlsx", "", **{"xl__workbook.bin": ""})
    assert ".xlsb" in readers.examine(binary)[1]


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


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("=A1+B1,1,m,", "formula"),
        ("#REF!,1,m,", "error"),
        ("a,1,m,Nowhere", "problems of cells"),
        ("a,1,m,,,,b", "problems of rows"),
    ],
)
def test_problems_of_one_kind_are_listed_up_to_a_thousand_and_counted(tmp_path: Path, cells: str, kind: str) -> None:
    reading, found = text(
        tmp_path, "P/N,Name,Qty,MPN,Country of Origin", *(f"{number},{cells}" for number in range(1500))
    )
    assert len(found) == 1500 and len(reading.problems) == 1001
    [rest] = [problem.message for problem in reading.problems if problem.message.startswith("500 more")]
    assert kind in rest


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
