"""The demonstration's evidence package: the same bytes each time, of the promised size, and with what is planted where it is said."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import docx
import pypdf
import pytest
import yaml
from python_calamine import CalamineWorkbook

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASE = FIXTURES / "fellmark"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fixture_fellmark_build", CASE / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def package(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fellmark") / "package"
    script.build(target)
    return target


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return yaml.safe_load((CASE / "expected.yaml").read_text("utf-8"))


def table(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding)), delimiter=delimiter))


def ledger(package: Path) -> list[dict[str, str]]:
    return table(package / "08 Transactions" / "import-sales-ledger.csv")


def sheet(path: Path, header: int, name: str) -> list[dict[str, Any]]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [dict(zip(rows[header - 1], row, strict=True)) for row in rows[header:]]


def suppliers(package: Path) -> list[dict[str, Any]]:
    return sheet(package / "04 Suppliers" / "Approved Supplier List 2026.xlsx", 4, "ASL 2026")


def parts(package: Path) -> list[dict[str, Any]]:
    return [r for r in sheet(package / "03 Hardware" / "TCU-7 BOM rev F.xlsx", 9, "BOM") if r["Mfr P/N"]]


def cyclonedx(package: Path) -> list[dict[str, Any]]:
    found, todo = (
        [],
        list(json.loads((package / "02 Software" / "tcu7-telematics.cdx.json").read_text("utf-8"))["components"]),
    )
    while todo:
        found.append(todo.pop())
        todo += found[-1].get("components", [])
    return found


def spdx(package: Path) -> dict[str, Any]:
    return json.loads((package / "02 Software" / "pilotstack-ads.spdx.json").read_text("utf-8"))


def statements(package: Path) -> list[dict[str, Any]]:
    return json.loads((package / "05 Ownership" / "suppliers.bods.json").read_text("utf-8"))


def proprietary(component: dict[str, Any]) -> bool:
    return (
        "proprietary" in json.dumps(component["licenses"]).lower()
        or "commercial" in json.dumps(component["licenses"]).lower()
    )


def lines(path: Path) -> list[str]:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages).splitlines()
    return [p.text for p in docx.Document(str(path)).paragraphs]


def test_building_twice_gives_the_same_files_with_the_same_bytes(
    script: ModuleType, package: Path, tmp_path: Path
) -> None:
    script.build(tmp_path)
    first, second = (
        {p.relative_to(root).as_posix(): p.read_bytes() for root in (root,) for p in root.rglob("*") if p.is_file()}
        for root in (package, tmp_path)
    )
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_loading_the_script_leaves_the_import_path_as_it_was(script: ModuleType) -> None:
    assert str(CASE) not in sys.path


def test_the_package_has_the_promised_size(package: Path) -> None:
    assert len(cyclonedx(package)) >= 820
    assert len(spdx(package)["packages"]) >= 420
    assert len([r for r in parts(package) if r["Find No"] != "ALT"]) >= 260
    assert len(suppliers(package)) >= 66
    assert sum(s["recordType"] != "relationship" for s in statements(package)) >= 150
    assert len(ledger(package)) >= 2000


def test_the_hardware_list_has_three_levels_and_alternates_without_a_level(package: Path) -> None:
    rows = parts(package)
    assert {int(r["Lvl"]) for r in rows if r["Lvl"] != ""} == {0, 1, 2, 3}
    alternates = [r for r in rows if r["Find No"] == "ALT"]
    assert len(alternates) >= 15 and all(r["Lvl"] == "" for r in alternates)


def test_xlsx_files_open_with_titles_above_their_header(package: Path) -> None:
    book = CalamineWorkbook.from_path(package / "03 Hardware" / "TCU-7 BOM rev F.xlsx")
    assert book.sheet_names == ["BOM", "Change notes"]
    above = book.get_sheet_by_name("BOM").to_python(skip_empty_area=False)[:8]
    assert any("Assembly: TCU-7 telematics unit" in row for row in above)


def test_every_lei_has_valid_check_digits(package: Path) -> None:
    listed = [r["LEI"] for r in suppliers(package) if r["LEI"]]
    owned = [
        i["id"]
        for s in statements(package)
        for i in s["recordDetails"].get("identifiers", [])
        if i["scheme"] == "XI-LEI"
    ]
    assert len(listed) >= 25 and sorted(listed) == sorted(owned)
    for lei in listed:
        assert len(lei) == 20 and int("".join(str(int(c, 36)) for c in lei)) % 97 == 1, lei


def test_vins_have_17_characters_a_check_digit_and_their_series(package: Path) -> None:
    series = {"Tern MY2027": ("5FMTN7", "5FMTNX"), "Plover MY2026": ("5FMPL6",), "Auroch 550 MY2027": ("5FMAU7",)}
    values = dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    )
    for row in ledger(package):
        if row["Type"].startswith("vehicle"):
            vin = row["VIN"]
            assert len(vin) == 17 and vin.startswith(series[row["Line"]]), vin
            total = sum(
                (int(c) if c.isdigit() else values[c]) * w
                for c, w in zip(vin, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2), strict=True)
            )
            assert vin[8] == ("X" if total % 11 == 10 else str(total % 11)), vin


def test_each_vehicle_is_imported_once_and_sold_new_once_and_not_before_its_import(package: Path) -> None:
    rows = ledger(package)
    imports = {r["VIN"]: r["Date"] for r in reversed(rows) if r["Type"] == "vehicle_import"}  # the first of each
    sales = [r for r in rows if r["Type"] == "vehicle_sale" and r["New"] == "Yes"]
    twice = Counter(r["VIN"] for r in rows if r["Type"] == "vehicle_import").most_common(2)
    assert [count for _, count in twice] == [2, 1], "one import stands there twice, as planted"
    assert max(Counter(r["VIN"] for r in sales).values()) == 1

    def day(text: str) -> date:
        month, number, year = map(int, text.split("/"))
        return date(year, month, number)

    assert all(day(imports[r["VIN"]]) <= day(r["Date"]) for r in sales if not r["VIN"].startswith("5FMTNX"))
    assert len({r["Ref"] for r in rows}) == len(rows)
    assert all(day(r["Date"]) <= date(2026, 9, 30) for r in rows)


def test_customs_lists_what_the_ledger_has_but_for_what_is_planted(package: Path) -> None:
    rows = ledger(package)
    listed = {r["Entry Summary Number"] for r in table(package / "13 Customs" / "ace-entry-summaries.csv")}
    own = [r["Entry/Invoice"] for r in rows if r["Type"].endswith("import") and r["FTZ"] == "No"]
    assert [count for _, count in Counter(own).most_common(2)] == [2, 1], "one number stands on two imports"
    assert (len(listed - set(own)), len(set(own) - listed)) == (2, 1)
    numbers = sorted(int(r["Ref"].removeprefix("T26-")) for r in rows)
    assert len(set(range(1, numbers[-1] + 1)) - set(numbers)) == 1


def test_planted_transactions_are_there_and_no_others_of_their_kind(package: Path) -> None:
    rows = ledger(package)
    of_2030 = [r for r in rows if r["MY"] == "2030"]
    entered = [r for r in of_2030 if r["FTZ"] == "No"]
    assert [r["Supplier"] for r in entered] == ["Qinglan Telecom Modules Co., Ltd."] * 3
    assert sum(int(r["Units"]) for r in entered) == 36 and {r["Date"][:2] for r in entered} == {"08"}
    assert all(r["FTZ"] == "Yes" for r in of_2030 if r not in entered)
    early = [
        r for r in rows if r["Line"] == "Tern MY2027" and r["Type"].startswith("vehicle") and r["Date"] < "06/15/2026"
    ]
    assert (
        len(early) == 14
        and {r["Type"] for r in early} == {"vehicle_import"}
        and {r["Authorization"] for r in early} == {"SA-0417"}
    )
    assert (min(r["Date"] for r in early), max(r["Date"] for r in early)) == ("06/03/2026", "06/12/2026")
    assert [r["Type"] for r in rows if r["VIN"].startswith("5FMTNX")] == ["vehicle_sale"] * 4
    assert sum(r["New"] == "No" for r in rows) == 1
    assert sum(r["Authorization"] == "GA-9" for r in rows) == 3


def test_exactly_nine_proprietary_components_lack_a_field(package: Path) -> None:
    lacking = sorted(
        c["name"] for c in cyclonedx(package) if proprietary(c) and not (c.get("supplier") and c.get("authors"))
    )
    assert lacking == [
        "cfg-overlay",
        "diag-bridge",
        "fk-trace",
        "kd-hmi-themes",
        "lv-nfc-pairing",
        "mb-compress",
        "ns-filter",
        "seat-profile-sync",
        "usb-mediator",
    ]
    packages = [p for p in spdx(package)["packages"] if p["licenseDeclared"].startswith("LicenseRef-")]
    assert len(packages) >= 60 and all(
        p["supplier"].startswith("Organization:") and p.get("originator") for p in packages
    )
    assert 60 <= sum(map(proprietary, cyclonedx(package))) <= 80


def test_names_in_bills_of_materials_and_ledger_are_in_the_supplier_list_but_for_those_planted(package: Path) -> None:
    known = {name for r in suppliers(package) for name in (r["Vendor name"], *r["a.k.a. / local name"].split("; "))}
    named = {c["supplier"]["name"] for c in cyclonedx(package) if c.get("supplier")}
    named |= {
        p["supplier"].removeprefix("Organization: ")
        for p in spdx(package)["packages"]
        if p["supplier"] != "NOASSERTION"
    }
    named |= {r[column] for r in parts(package) for column in ("Mfr", "Vendor")}
    named |= {r["Supplier"] for r in ledger(package) if r["Supplier"]}
    assert named - known == {"Vireo Labs", "Shenzhen Yunqiao Technology Co., Ltd.", "Halcyon Taipei Semi"}


def test_owners_are_disclosed_in_full_except_where_planted(package: Path) -> None:
    told, held, mentioned = statements(package), Counter[str](), set()
    described = {s["recordId"]: s for s in told if s["recordType"] != "relationship"}
    for statement in told:
        details = statement["recordDetails"]
        if statement["recordType"] == "relationship":
            holder = details["interestedParty"]
            mentioned |= {holder} if isinstance(holder, str) else set()
            for interest in details["interests"]:
                if interest["type"] == "shareholding" and "endDate" not in interest and isinstance(holder, str):
                    held[details["subject"]] += interest["share"].get("exact", 0)
    assert mentioned - set(described) == {"undescribed-7731"}
    open_ = {described[s]["recordDetails"]["name"] for s, share in held.items() if share != 100}
    assert open_ == {"Nordlicht Fusion OÜ", "Lakeshore Codec Inc."}
    unowned = {
        s["recordDetails"]["name"]
        for s in told
        if s["recordType"] == "entity"
        and s["recordId"] not in held
        and s["recordDetails"]["entityType"]["type"] == "registeredEntity"
    }
    assert unowned == {
        "Hangzhou Cadence Information Co., Ltd.",
        "Suzhou Tonglu Capital Co., Ltd.",
        "Ningbo Haiyan Investment Co., Ltd.",
        "Guangzhou Pearl Ventures Co., Ltd.",
    }


def test_holders_of_the_prc_and_russia_stand_only_where_they_are_planted(package: Path) -> None:
    told = statements(package)
    country = {
        s["recordId"]: s["recordDetails"].get("jurisdiction", {}).get("code")
        or s["recordDetails"]["nationalities"][0]["code"]
        for s in told
        if s["recordType"] != "relationship"
    }
    name = {s["recordId"]: s["recordDetails"].get("name", "") for s in told}
    subjects = {
        name[s["recordDetails"]["subject"]]
        for s in told
        if s["recordType"] == "relationship"
        and country.get(str(s["recordDetails"]["interestedParty"])) in ("CN", "HK", "MO", "RU")
    }
    assert subjects == {
        "Brightwater Connect LLC",
        "Harbour Lantern Holdings Limited",
        "Shenzhen Yunqiao Technology Co., Ltd.",
        "Nordlicht Fusion OÜ",
        "Volgomir Navigatsiya OOO",
        "Rheintal Sensorik GmbH",
        "Straits Cadence Pte. Ltd.",
        "Arbor Ring B.V.",
        "Arbor Wheel S.A.",
        "Lakeshore Codec Inc.",
        "Cedar Point Navigation Corp.",
    }
    extract = table(package / "05 Ownership" / "register-extract.csv")
    assert {r["Subject"] for r in extract if r["Holder country"] == "CN"} == {
        "Qinglan Telecom Modules Co., Ltd.",
        "Chengdu Tianqu Software Co., Ltd.",
        "Beijing Lanhe Perception Technology Co., Ltd.",
    }


def test_three_suppliers_were_not_screened_before_their_first_order(package: Path) -> None:
    screened: dict[str, str] = {}
    for row in table(package / "04 Suppliers" / "screening-extract.csv", "cp1252"):
        screened[row["Screened party"]] = min(row["Screened on"], screened.get(row["Screened party"], "9"))
    taken_on = [r for r in suppliers(package) if date(2026, 1, 1) <= r["First PO"] <= date(2026, 9, 30)]
    late = {r["Vendor name"] for r in taken_on if screened.get(r["Vendor name"], "9") > r["First PO"].isoformat()}
    assert len(taken_on) >= 12
    assert late == {"Solbaram Vision Co., Ltd.", "Nipigon Cable Inc.", "Plásticos Tepehuán S.A. de C.V."}


def test_forms_read_back_as_label_and_value(package: Path) -> None:
    declaration = lines(package / "06 Declarations" / "DoC-SW-2026-01.pdf")
    assert declaration[0] == "Declaration of Conformity" and "Date of submission: 20 April 2026" in declaration
    assert not any(line.startswith("Trim:") for line in declaration)
    assert not any(
        line.startswith("Date of submission") for line in lines(package / "06 Declarations" / "DoC-HW-2026-01.pdf")
    )
    letters = sorted((package / "07 Authorizations").glob("* Authorization *.pdf"))
    assert len(letters) == 2
    for letter in letters:
        assert "Specimen" in lines(letter)[1] and sum(line.startswith("Condition ") for line in lines(letter)) == 4
    (application,) = set((package / "07 Authorizations").glob("*.pdf")) - set(letters)
    told = lines(application)
    assert "Specimen" in told[1] and "Authorization granted: SA-0417" in told
    attestations = sorted((package / "04 Suppliers" / "attestations").glob("*.pdf"))
    assert len(attestations) == 8 and all(lines(path)[0] == "Supplier attestation" for path in attestations)
    interviews = [lines(path) for path in sorted((package / "10 Assessor").glob("Interview - *.docx"))]
    assert len(interviews) == 4 and all(sum(line.startswith("Statement:") for line in one) >= 5 for one in interviews)


def test_the_policy_regulates_everything_but_what_follows_a_change(package: Path) -> None:
    text = "\n".join(lines(package / "09 Policies" / "Supply Chain Compliance Policy.docx")).lower()
    standard = "\n".join(lines(package / "09 Policies" / "Records Retention Standard.pdf")).lower()
    for words in (
        "due diligence",
        "foreign interest",
        "sbom",
        "furnish documents",
        "60 days before",
        "authorization log",
        "trained",
        "escalated",
        "retained",
        "confidential business information",
    ):
        assert words in text, words
    for words in ("revised declaration", "material change", "amended declaration", "updated declaration"):
        assert words not in text + standard, words
    assert (
        "seven (7) years" in standard
        and len(pypdf.PdfReader(package / "09 Policies" / "Records Retention Standard.pdf").pages) == 2
    )


def test_six_records_are_not_held_and_the_others_are_kept_ten_years(package: Path) -> None:
    dates = {r["Ref"]: r["Date"] for r in ledger(package)}
    index = table(package / "08 Transactions" / "record-index.csv")
    assert sum(r["Held"] == "No" for r in index) == 6
    for row in index:
        month, day, year = map(int, dates[row["Ref"]].split("/"))
        assert row["Held"] == "No" or date.fromisoformat(row["Kept until"]) >= date(year + 10, month, day)


def test_two_files_cannot_be_read(package: Path) -> None:
    assert (package / "12 Other" / "empty.csv").read_bytes() == b""
    broken = (package / "12 Other" / "scan0042.pdf").read_bytes()
    assert broken.startswith(b"%PDF") and b"%%EOF" not in broken


def test_planted_findings_are_numbered_through_and_each_key_is_there_once(expected: dict[str, Any]) -> None:
    assert [d["number"] for d in expected["planted"]] == list(range(1, 29))
    keys = [d["key"] for d in expected["planted"]]
    assert len(set(keys)) == 28 and all(key.count("/") >= 2 for key in keys)


def test_readme_agrees_with_expected(script: ModuleType) -> None:
    assert (FIXTURES / "README.md").read_text("utf-8") == script.readme(), "run fixtures/fellmark/build.py --readme"


def test_judgements_are_complete_and_leave_open_what_is_meant_to_stay_open(expected: dict[str, Any]) -> None:
    entries = yaml.safe_load((CASE / "judgements.yaml").read_text("utf-8"))
    keys = [(e["question"], e["subject"]) for e in entries]
    assert len(set(keys)) == len(keys)
    assert all(
        set(e) - {"round"} == {"question", "subject", "answer", "because", "by", "role", "at"}
        and len(e["because"]) > 40
        for e in entries
    )
    assert not {tuple(q["key"].split("/", 1)) for q in expected["open_questions"]} & set(keys)


def test_sources_stay_small() -> None:
    long = [
        p.name
        for p in [*CASE.glob("*.py"), *CASE.glob("sources/*")]
        if p.is_file() and len(p.read_text("utf-8").splitlines()) > 400
    ]
    assert long == []
