"""Valid sheets of each format with bytes flipped, cut, inserted and doubled: never an error but Unreadable, always bounded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import tables
from assessor.evidence.readers import tabular
from assessor.evidence.readers.base import Unreadable
from assessor.evidence.readers.bills import bom_columns
from assessor.evidence.readers.sheets import grid, sheets
from tests.evidence.hardware_sheets import HEAD, line, ods, row, table, xls, xlsx
from tests.evidence.samples import RULE, workbook, zipped

FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
PARTS = [
    ["1", "Cap", 4, "Murata; TDK", "G1; C1"],
    ["2", "Res, thick", 1.5, "Vishay", "R1", "Yageo", "R2"],
    ["3", "x", 1],
]
_TEXT = "\n".join(
    [",".join(HEAD), '1,"Cap, ""X""",4,Murata;TDK,G1;C1', ",,,Alt,a1", "=A1+B1,#REF!,1,-,m", "2,Größe,1,M,n"]
)


@cache
def seeds() -> dict[str, bytes]:
    """A valid file of each format."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        marks = '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>' + line(1, *HEAD) + line(2, "1", "a", "1")
        marks += '<row r="3" hidden="1"><c r="A3"><f>A1</f></c><c r="B3" t="e"><v>#REF!</v></c></row></sheetData>'
        marks += '<mergeCells><mergeCell ref="D2:D3"/></mergeCells></worksheet>'
        columns = '<table:table-column table:number-columns-repeated="2" table:visibility="collapse"/>'
        cells = [row(*HEAD), *(row(*part) for part in PARTS), row("4", "d", 1, more='table:number-rows-repeated="3"')]
        return {
            "csv": _TEXT.encode(),
            "tsv": _TEXT.replace(",", "\t").encode("utf-16"),
            "semicolons": _TEXT.replace(",", ";").encode("cp1252"),
            "xlsx": workbook(place / "a.xlsx", {"S": [HEAD, *PARTS], "T": [HEAD, *PARTS]}).read_bytes(),
            "marks": xlsx(place / "b.xlsx", marks).read_bytes(),
            "ods": ods(place / "c.ods", table("S", columns, *cells)).read_bytes(),
            "xls": xls(place / "d.xls", {"S": [HEAD, *PARTS], "T": [HEAD, *PARTS]}).read_bytes(),
        }


@st.composite
def changes(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Up to six changes of bytes at places told as a fraction of the length."""
    made = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["flip", "cut", "insert", "double", "end"]))
        made.append((kind, draw(st.floats(0, 0.999)), draw(st.integers(1, 64)), draw(st.sampled_from(PIECES))))

    def change(content: bytes) -> bytes:
        for kind, where, length, piece in made:
            at = int(where * len(content))
            if kind == "flip":
                content = (
                    content[:at] + bytes([(content[at] if content else 0) ^ (1 << length % 8)]) + content[at + 1 :]
                )
            elif kind == "cut":
                content = content[:at] + content[at + length :]
            elif kind == "insert":
                content = content[:at] + piece + content[at:]
            elif kind == "double":
                content = content[:at] + content[at : at + 16 * length] * 2 + content[at + 16 * length :]
            else:
                content = content[: max(at, 8)]
        return content

    return change


PIECES = [
    b'"', b"'", b"\n", b"\r", b"\0", b";", b"\t", b"=", b"\xff", b"\xe4\xbd", b"9" * 40, b"<", b">", b"&x;", b"</c>", b"<c>",
    b"<row>", b"</row>", b"<v>99999999</v>", b' r="XFD9"', b' r="A-1"', b' hidden="1"', b"<!--", b"<![CDATA[", b"\xff\xff\xff\xff",
    b'table:number-columns-repeated="999999999" ', b'table:number-rows-repeated="999999999" ', b"<f>1</f>", b"\x09\x08\x10\x00",
]  # fmt: skip


def check(content: bytes) -> None:
    """The sheet reader alone, without the net that the dispatcher holds under all readers."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "evidence"
        path.write_bytes(content)
        try:
            tabular.recognise(path)
            reading = tabular.read(path, "E", RULE)
        except Unreadable as error:
            assert str(error)
            return
        finally:
            sheets.forget()
        made = [part for name, parts in reading.tables.items() if name == "components" for part in parts]
        found = tables.table("components", made)
        assert len(found) <= bom_columns.MOST and found["component"].is_unique
        assert all(problem.message for problem in reading.problems) and len(reading.problems) < 10 * grid.LISTED


@pytest.mark.parametrize("form", sorted(seeds()))
def test_the_valid_files_are_read(form: str, tmp_path: Path) -> None:
    path = tmp_path / "evidence"
    path.write_bytes(seeds()[form])
    assert tabular.recognise(path) == "bom.sheet" and tabular.read(path, "E", RULE).tables["components"]


@pytest.mark.parametrize("form", sorted(seeds()))
@FUZZ
@given(change=changes())
def test_changed_bytes_never_raise(form: str, change: Callable[[bytes], bytes]) -> None:
    check(change(seeds()[form]))


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("xlsx", "xl/worksheets/sheet1.xml"),
        ("xlsx", "xl/sharedStrings.xml"),
        ("xlsx", "xl/workbook.xml"),
        ("xlsx", "xl/_rels/workbook.xml.rels"),
        ("xlsx", "xl/styles.xml"),
        ("marks", "xl/worksheets/sheet1.xml"),
        ("ods", "content.xml"),
    ],
)
@FUZZ
@given(change=changes())
def test_changed_parts_of_a_sound_package_never_raise(form: str, part: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(seeds()[form])) as package:
        members: dict[str, bytes | str] = {name: package.read(name) for name in package.namelist()}
    whole = members[part]
    assert isinstance(whole, bytes)
    check(zipped(members | {part: change(whole)}))


@FUZZ
@given(
    st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030"]),
)
def test_any_cells_below_a_heading_never_raise(cells: list[list[str]], sign: str, encoding: str) -> None:
    lines = [sign.join(HEAD), *(sign.join(each) for each in cells)]
    check("\n".join(lines).encode(encoding, "ignore"))
