from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from assessor.evidence import readers, tables
from assessor.evidence.readers import Reading, office, read_item, recognise
from assessor.evidence.readers.sheets import columns
from assessor.rule import load
from tests.evidence.samples import RULE, put, workbook, zipped


def read(path: Path, table: str) -> tuple[Reading, pd.DataFrame]:
    reading = read_item(recognise(path), path, "E-0001", RULE)
    return reading, tables.table(table, reading.tables.get(table, []))


LEDGER = (
    "Ref,Type,Date,Line,MY,MY-associated,Repair/warranty,Item,Part no.,Supplier,VIN,Units,New,FTZ,Entry/Invoice,Exporting country,Authorization\r\n"
    "T-1,vehicle_import,06/03/2026,Tern MY2027,2027,,,,,,5FMTN7A,1,,No,E-1,CN,SA-1\r\n"
    'T-2,hardware_import,06/15/2026,,,No,No,Unit,QL-1,Qinglan,,"1,200",,Yes,E-2,P.R.C.,\r\n'
)


def test_a_ledger_is_read_with_types_and_unknown_kept(tmp_path: Path) -> None:
    path = put(tmp_path, "x.txt", b"\xef\xbb\xbf" + LEDGER.encode())
    assert recognise(path) == "ledger"
    reading, rows = read(path, "transactions")
    assert reading.status == "read" and list(rows["locator"]) == ["line 2", "line 3"]
    assert list(rows["date"]) == [datetime.date(2026, 6, 3), datetime.date(2026, 6, 15)] and list(rows["units"]) == [
        1,
        1200,
    ]
    assert rows["tied_to_model_year"].isna().tolist() == [True, False] and list(rows["foreign_trade_zone"]) == [
        False,
        True,
    ]
    assert list(rows["country"]) == ["CN", "CN"] and rows["new_vehicle"].isna().all()


@pytest.mark.parametrize(
    ("headings", "column"),
    [
        (("Seller", "Sold by", "Shipper", "Exporter"), "seller"),
        (("Buyer", "Sold to", "Dealer", "Customer"), "buyer"),
        (("Consignee", "Ship to"), "consignee"),
    ],
)
def test_the_other_party_of_a_transaction_is_read_under_the_headings_in_use(
    tmp_path: Path, headings: tuple[str, ...], column: str
) -> None:
    for heading in headings:
        text = f"Ref,Type,Date,VIN,{heading}\r\nT-1,vehicle_sale,2026-06-20,V1,Heron Ltd\r\nT-2,vehicle_sale,2026-06-20,V2,n/a\r\n"
        reading, rows = read(put(tmp_path, "x", text), "transactions")
        assert reading.status == "read" and rows[column].tolist() == ["Heron Ltd", pd.NA], heading


def test_every_cell_that_cannot_be_converted_is_a_problem_at_its_line_and_na(tmp_path: Path) -> None:
    text = LEDGER + "T-3,teleport,02/30/2026,,two,maybe,,,,,,1.5,,,,Atlantis,\r\n"
    reading, rows = read(put(tmp_path, "x", text), "transactions")
    assert reading.status == "partly_read" and {p.place for p in reading.problems} == {"line 4"}
    assert sorted(p.message.split(":")[0] for p in reading.problems) == [
        "Date",
        "Exporting country",
        "MY",
        "MY-associated",
        "Type",
        "Units",
    ]
    assert (
        rows.loc[2, ["kind", "date", "model_year", "tied_to_model_year", "units", "country"]].isna().all()
        and len(rows) == 3
    )


def test_an_ambiguous_date_column_is_a_problem_and_its_dates_are_na(tmp_path: Path) -> None:
    reading, rows = read(put(tmp_path, "x", LEDGER.replace("06/15", "06/07")), "transactions")
    assert rows["date"].isna().all() and len(reading.problems) == 1


def test_the_heading_row_is_found_below_title_lines_and_values_in_other_sheets(tmp_path: Path) -> None:
    rows = [
        ["Approved suppliers"],
        [None],
        ["as of", datetime.date(2026, 1, 1).isoformat()],
        [
            "Vendor no.",
            "Vendor name",
            "a.k.a. / local name",
            "Ctry",
            "LEI",
            "Reg. no.",
            "First PO",
            "Commodity",
            "Type",
        ],
        ["V-1", "Qinglan", "青岚\nQL", "P.R.C.", None, 12345, "2024-11-14", "Modules", "Maker"],
        ["V-2", "Odd; Ltd", None, "Atlantis", None, None, None, None, None],
    ]
    path = workbook(tmp_path / "s.bin", {"Cover": [["hello"]], "ASL": rows})
    assert recognise(path) == "suppliers"
    reading, found = read(path, "suppliers")
    assert found.loc[0, ["supplier", "aliases", "country", "registration", "onboarded"]].tolist() == [
        "V-1",
        "青岚; QL",
        "CN",
        "12345",
        datetime.date(2024, 11, 14),
    ]
    assert (
        list(found["locator"]) == ["ASL!row 5", "ASL!row 6"]
        and found.loc[1, "name"] == "Odd; Ltd"
        and pd.isna(found.loc[1, "country"])
    )
    assert [p.place for p in reading.problems] == ["ASL!row 6"] and any("Cover" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("written", "codes", "odd"),
    [
        ("Germany; PRC", "DE; CN", []),
        ("Germany, Hong Kong / Japan", "DE; HK; JP", []),
        ("Korea, Republic of; Germany", "KR; DE", []),
        ("Germany\nGermany", "DE", []),
        ("Germany; Atlantis", "DE", ["Atlantis"]),
        ("unknown", None, []),
    ],
)
def test_places_of_work_are_read_as_countries_one_by_one(
    tmp_path: Path, written: str, codes: str | None, odd: list[str]
) -> None:
    heading = ["Vendor No.", "Vendor name", "Country", "Countries of manufacture"]
    path = workbook(tmp_path / "s.bin", {"ASL": [heading, ["V-1", "Nordwind", "DE", written]]})
    reading = read_item(recognise(path), path, "E-0001", load())
    found = tables.table("suppliers", reading.tables["suppliers"])
    assert [None if pd.isna(value) else value for value in found["work_places"]] == [codes]
    assert [p.place for p in reading.problems] == ["ASL!row 2"] * len(odd)
    assert all(name in problem.message for name, problem in zip(odd, reading.problems, strict=True))


def test_a_legal_authority_called_none_is_no_authority(tmp_path: Path) -> None:
    rows = [
        ["File", "CBI claimed", "Legal authority"],
        ["CBI a.pdf", "yes", "None"],
        ["CBI b.pdf", "yes", "5 U.S.C. 552(b)(4)"],
    ]
    _, found = read(workbook(tmp_path / "s.bin", {"Index": rows}), "filings")
    assert found["legal_authority"].isna().tolist() == [True, False]


def test_a_heading_below_row_thirty_is_not_looked_for(tmp_path: Path) -> None:
    assert recognise(put(tmp_path, "x", "note,\n" * 29 + LEDGER)) == "ledger"
    assert recognise(put(tmp_path, "x", "note,\n" * 30 + LEDGER)) == "unknown"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_by_the_headings(tmp_path: Path, separator: str) -> None:
    lines = [
        ["Item", "Component", "Version", "First supplied", "Last maintained", "Maintained by"],
        ["TCU; a, b", "tq", "1", "14.11.2024", "17.03.2026", "Chengdu, Ltd"],
    ]
    text = "\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    _, rows = read(put(tmp_path, "x", text), "software_history")
    assert rows.loc[0, ["item", "made", "maintained", "maintained_by"]].tolist() == [
        "TCU; a, b",
        datetime.date(2024, 11, 14),
        datetime.date(2026, 3, 17),
        "Chengdu, Ltd",
    ]


def test_windows_1252_is_read_and_noted(tmp_path: Path) -> None:
    text = "Screened party,Screened on,Result,Lists\nMüller GmbH,2026-01-02,no match,CSL\n"
    reading, rows = read(put(tmp_path, "x", text.encode("cp1252")), "screening")
    assert rows.loc[0, "subject"] == "Müller GmbH" and reading.status == "read" and "Windows-1252" in reading.notes[0]


def test_an_open_quotation_mark_does_not_swallow_the_rest(tmp_path: Path) -> None:
    reading, rows = read(put(tmp_path, "x", LEDGER.replace("Tern MY2027", '"Tern MY2027')), "transactions")
    assert list(rows["transaction"]) == ["T-1", "T-2"] and "quotation" in reading.problems[0].message


def test_cells_beyond_the_headings_are_told(tmp_path: Path) -> None:
    reading, rows = read(
        put(tmp_path, "x", LEDGER + "T-3,service,06/20/2026,a,,,,,,,,,,,,,,,extra\r\n"), "transactions"
    )
    assert len(rows) == 3 and "shifted" in reading.problems[0].message


def test_a_quoted_line_break_keeps_the_line_numbers_right(tmp_path: Path) -> None:
    text = 'File,Filed,CBI claimed,Pages\n"a\nb.pdf",2026-01-01,Yes,3\nc.pdf,2026-01-02,No,1\n'
    _, rows = read(put(tmp_path, "x", text), "filings")
    assert list(rows["locator"]) == ["line 2", "line 4"]


KINDS = {
    "vehicles": (
        "vehicles",
        'Vehicle line,Make,Model,Model year,GVWR,GVWR unit,ADS fitted\nTern,F,T,2027,"6,150",lbs,Yes\n',
        {"gvwr": "6,150", "gvwr_unit": "lb", "ads": True},
    ),
    "changes": (
        "changes",
        "Change no,Kind,Subject,Effective,Discovered,Declaration,Revised declaration,Description\nCH-1,Ownership,X,2026-05-02,2026-06-01,D,,t\n",
        {"kind": "ownership", "revised": None},
    ),
    "authorization_log": (
        "authorization_events",
        "Authorization,Event,Date,Subject,Quantity,Note\nGA-9,Public road day,2026-01-02,VIN,7,n\n",
        {"event": "public_road_day", "quantity": 7},
    ),
    "records": (
        "records",
        "Ref,Record type,Held,Kept until,Location\nT-1,Commercial invoice,No,2036-12-31,ECM\n",
        {"record_type": "commercial_invoice", "held": False},
    ),
    "record_inspections": (
        "record_inspections",
        "Ref,Record type,Record seen,Agrees with ledger,Date inspected,Inspected by,Remarks\nT-1,Import record,Yes,No,2026-10-15,A. F.,other VIN\n",
        {"record_type": "import_record", "seen": True, "agrees": False, "note": "other VIN"},
    ),
    "filings": (
        "filings",
        'File,Filed,CBI claimed,Pages,CBI pages,Marked pages,Justification,Legal authority\na.pdf,2026-01-02,Yes,3,"2, 3",,,\n',
        {"contains_cbi": True, "cbi_pages": "2, 3", "justification": None},
    ),
    "item_inspections": (
        "item_inspections",
        "Sample,Item,Agrees,Inspected on,Inspected by,Remarks\ncomponent origins,Radio|P-1|Maker A,No,2026-10-15,A. F.,other maker\n",
        {"sample": "component origins", "item": "Radio|P-1|Maker A", "agrees": False, "note": "other maker"},
    ),
    "customs_entries": (
        "customs_entries",
        'Entry Summary Number,Entry Type Code,Entry Date,Port of Entry Code,Importer Number,Units\nB76-0324527-8,01,01/02/2026,3801,38-1,"1,200"\n',
        {"entry": "B76-0324527-8", "type": "01", "port": "3801", "units": 1200},
    ),
    "control_totals": (
        "control_totals",
        "Transaction type,Line,From,To,Total units,Compiled from\nVehicle import,Tern MY2027,2026-01-01,2026-09-30,185,carrier\n",
        {"kind": "vehicle_import", "line": "Tern MY2027", "units": 185, "compiled_by": "carrier"},
    ),
    "screening": (
        "screening",
        "Screened party;Screened on;Result;Lists\nX;2026-01-02;No match;CSL; OFAC\n",
        {"result": "No match"},
    ),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_told_by_its_headings_and_read(tmp_path: Path, kind: str) -> None:
    table, text, expected = KINDS[kind]
    path = put(tmp_path, "x", text)
    assert recognise(path) == kind
    row = read_item(kind, path, "E-1", RULE).tables[table][0]
    assert {name: row[name] for name in expected} == expected


def test_the_alias_tables_name_only_columns_and_values_of_the_tables() -> None:
    helpers = {
        "bom.sheet": {
            "find",
            "number",
            "part_type",
            "reference_list",
            "footprint",
            "distributor",
            "distributor_number",
            "comment",
            "fga_number",
            "fga_name",
            "fga_version",
            "fga_manufacturer",
            "modified_on",
        },
        "ownership.register": {
            "holder_country",
            "holder_nationality",
            "holder_kind",
            "subject_country",
            "share",
            "number",
            "share_class",
            "votes",
            "votes_each",
            "voting_share",
            "capital",
            "diluted",
            "diluted_share",
            "register",
        },
    }
    for kind, told in columns.specifications().items():
        schema = tables.SCHEMAS[told["table"]]
        assert set(told["columns"]) - helpers.get(kind, set()) <= set(schema), kind
        for name, values in told.get("values", {}).items():
            assert name in helpers.get(kind, set()) or set(values) <= set(schema[name].allowed), (kind, name)
        aliases = [alias for listed in told["columns"].values() for alias in listed]
        assert all(isinstance(alias, str) for alias in aliases) and len(aliases) == len(set(aliases)), kind
        assert all(set(needed) <= set(told["columns"]) for needed in told["needs"])
    for kind, told in columns.specifications().items():
        for name, column in tables.SCHEMAS[told["table"]].items():
            if column.allowed and name in told["columns"]:
                assert set(told["values"][name]) == set(column.allowed), (kind, name)


# hostile workbooks


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_UNPACKED", 1_000_000)
    path = put(tmp_path, "b.xlsx", zipped({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": "0" * 2_000_000}))
    kind, reason = readers.examine(path)
    assert kind == "unknown" and "unpacked" in reason


def test_the_sizes_that_a_workbook_states_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_UNPACKED", 1_000_000)
    lying = zipped({"xl/workbook.xml": "0" * 5_000_000}).replace(
        (5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    )
    assert zipfile.ZipFile(io.BytesIO(lying)).infolist()[0].file_size == 10
    assert "unpacked" in readers.examine(put(tmp_path, "b.xlsx", lying))[1]


def test_a_sheet_of_two_cells_far_apart_is_not_spread_out_in_memory(tmp_path: Path) -> None:
    sheet = '<worksheet><sheetData><row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row></sheetData></worksheet>'
    assert (
        "cells"
        in readers.examine(
            put(tmp_path, "b.xlsx", zipped({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": sheet}))
        )[1]
    )


@pytest.mark.parametrize("name", ["xl/workbook.xml", "word/document.xml"])
def test_a_document_type_declaration_is_refused(tmp_path: Path, name: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for content in (bomb, bomb.encode("utf-16")):
        assert "document type" in readers.examine(put(tmp_path, "b", zipped({name: content})))[1]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04torn",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    ],
)
def test_damaged_and_encrypted_workbooks_have_a_reason(tmp_path: Path, content: bytes) -> None:
    kind, reason = readers.examine(put(tmp_path, "b.xlsx", content))
    assert kind == "unknown" and ("damaged" in reason or "encrypted" in reason)
