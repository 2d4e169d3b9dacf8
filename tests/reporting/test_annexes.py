"""The XLSX annexes: complete, texts as texts, the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import docx
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from assessor import judgements
from assessor.reporting import annexes, findings, work, workbook, write_report
from assessor.reporting.view import View
from assessor.results import Outcome, ProcedureResult
from assessor.samples import evaluations, plans
from assessor.samples.fieldwork import ItemResult
from assessor.samples.populations import Population, Selection
from assessor.sampling import frame
from assessor.text import visible
from tests.reporting import sample

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "{=1}",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    " =1+1",
    "\n=1+1",
    "http://example.invalid/",
    "mailto:a@example.invalid",
    "0012",
    "1e9",
    "internal:Sheet!A1",
    "\u202e=1+1",
    "\u05d0=1+1",
    "60 %",
    "2026-11-16",
    "TRUE",
)


def _sheets(path: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def _view(**changes: object) -> View:
    return View(**(sample.everything() | changes))


def test_what_looks_like_a_formula_a_link_or_a_number_stays_text(tmp_path: Path) -> None:
    results = sample.results()
    results[0].tables["relevant"][:] = [
        {
            "item": "T",
            "name": text,
            "version": None,
            "supplier": text,
            "scope": "in_scope",
            "clause": "c",
            "reason": "",
            "evidence": "",
        }
        for text in FORMULAS
    ]
    annexes.write(_view(results=results), tmp_path / "a.xlsx")
    assert [row[1] for row in _sheets(tmp_path / "a.xlsx")["Components in scope"][1:]] == list(FORMULAS)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/"):
                assert not re.search(rb"<f>|<f |<hyperlink", package.read(name)), name


def test_awkward_texts_come_out_as_the_report_shows_them(report: Path) -> None:
    shown = [row[1] for row in _sheets(report / "annexes.xlsx")["Components in scope"][1:]]
    assert shown == [visible(text) for text in sample.AWKWARD]


def test_the_cover_of_the_report_names_every_sheet(report: Path) -> None:
    named = [name for name in _sheets(report / "annexes.xlsx") if name != "Contents"]
    cover = " ".join(
        cell.text for row in docx.Document(report / "assessment.docx").tables[0].rows for cell in row.cells
    )
    assert f"annexes.xlsx: {', '.join(named).lower()}" in cover


def test_the_cover_tells_of_annexes_with_claims_by_their_name_and_that_the_public_has_none(tmp_path: Path) -> None:
    claimed = sample.everything() | {"terms": sample.terms(report={"confidential_evidence": ["E-0004"]})}
    written = write_report(tmp_path, **claimed, variants=("full", "public"))
    assert {"CBI-annexes.xlsx", "CBI-assessment.docx", "public-assessment.docx"} <= {path.name for path in written}
    assert "CBI-annexes.xlsx: components in scope" in _cover(tmp_path / "report" / "CBI-assessment.docx")
    cover = _cover(tmp_path / "report" / "public-assessment.docx")
    assert "no part of this version" in cover
    assert "annexes.xlsx" not in cover


def test_figures_and_calendar_that_show_what_is_claimed_are_named_so_and_no_others(tmp_path: Path) -> None:
    results = [
        replace(r, tables={**r.tables, "deadlines": [DEADLINE]}) if r.procedure == "s305_declarations" else r
        for r in sample.results()
    ]
    plain = sample.everything() | {"results": results}
    names = {path.name for path in write_report(tmp_path, **plain)}
    assert "deadlines.ics" in names
    assert not {name for name in names if name.startswith("CBI")}
    claimed = plain | {"terms": sample.terms(report={"confidential_texts": ["the quiet supplier of Lansing"]})}
    after = {path.name for path in write_report(tmp_path, **claimed)}
    assert {"CBI-deadlines.ics", "CBI-timeline.png"} <= after
    assert {name for name in names if name.endswith(".png")} - after == {"timeline.png"}
    assert not (tmp_path / "report" / "deadlines.ics").exists()


DEADLINE = {
    "what": "Ask what became of the long story about the quiet supplier of Lansing",  # longer than a line of a calendar
    "date": "2027-01-01",
    "state": "running",
    "subject": "S",
    "clause": "791.305(h)",
    "note": "",
    "evidence": "E-0001 row 1",
}


def _cover(path: Path) -> str:
    return " ".join(cell.text for row in docx.Document(str(path)).tables[0].rows for cell in row.cells)


def test_every_sheet_has_a_frozen_filtered_heading_and_is_listed_in_the_contents(report: Path) -> None:
    sheets = _sheets(report / "annexes.xlsx")
    assert [row[0] for row in sheets["Contents"][4:]] == [name for name in sheets if name != "Contents"]
    with zipfile.ZipFile(report / "annexes.xlsx") as package:
        for number in range(2, len(sheets) + 1):
            page = package.read(f"xl/worksheets/sheet{number}.xml")
            assert b'state="frozen"' in page
            assert b"<autoFilter" in page


def test_all_that_the_report_shortens_is_in_the_annexes(report: Path) -> None:
    sheets = _sheets(report / "annexes.xlsx")
    affected = [row for row in sheets["Transactions affected"][1:] if row[0] == "F-02"]
    assert [row[1] for row in affected] == [f"T-{n}" for n in range(1, 31)]
    assert affected[0][-1] == "E-0007 line 2"
    assert [row[1:3] for row in sheets["Evidence of findings"][1:3]] == [
        ["E-0002", "/components/12"],
        ["E-0007", "line 3"],
    ]
    assert len(sheets["Evidence index"]) == 12


def test_the_register_of_questions_names_the_material_to_look_at(report: Path) -> None:
    heading, *rows = _sheets(report / "annexes.xlsx")["Questions"]
    shown = {row[0]: row[heading.index("material to look at")] for row in rows}
    assert shown["legacy_line_day"] == visible(f"dated events of the software history; {sample.QUOTES}")
    assert [row["shows"] for row in work.questions(_view())] == [
        f"dated events of the software history; {sample.QUOTES}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 32_768,
        "=1+1" * 10_000 + "END",
        "\U0001f697" * 20_000 + "END",
        "\x00" * 6_000 + "END",
        "\u05d0\r\n" * 20_000,
    ],
    ids=["one too many", "like a formula", "two units each", "shown longer", "right to left"],
)
def test_a_text_longer_than_a_cell_stands_whole_on_a_sheet_of_its_own(tmp_path: Path, text: str) -> None:
    results = sample.results()
    results[0].tables["relevant"][:] = [
        {"item": "T", "name": text},
        {"item": "U", "name": "a" * 32_767},
        {"item": "V", "version": text},
    ]
    annexes.write(_view(results=results), tmp_path / "a.xlsx")
    sheets = _sheets(tmp_path / "a.xlsx")
    rows = sheets["Components in scope"][1:]
    assert [row[0] for row in rows] == ["T", "U", "V"], "rows stay rows, so that they can be sorted"
    assert str(rows[0][1]).endswith(" … [The whole is text 1 of the sheet Long texts.]")
    assert visible(text).startswith(str(rows[0][1]).rpartition(" … [")[0])
    assert rows[1][1] == "a" * 32_767
    for number, (item, column) in enumerate((("T", "name"), ("V", "version")), 1):
        parts = [row for row in sheets["Long texts"][1:] if row[0] == number]
        assert {tuple(row[1:4]) for row in parts} == {("Components in scope", item, column)}
        assert [row[4] for row in parts] == list(range(1, len(parts) + 1))
        assert "".join(str(row[5]) for row in parts) == visible(text)
    assert all(len(str(cell).encode("utf-16-le")) <= 2 * 32_767 for s in sheets.values() for row in s for cell in row)


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 20)
    annexes.write(_view(), tmp_path / "a.xlsx")
    sheets = _sheets(tmp_path / "a.xlsx")
    assert [len(sheets[f"Transactions affected {n}"]) for n in (1, 2)] == [21, 11]


def test_dates_numbers_and_shares_are_what_they_are_and_everything_else_is_text(tmp_path: Path) -> None:
    columns = [
        workbook.Column(kind, 9, kind) for kind in ("text", "count", "number", "year", "date", "moment", "share")
    ]
    rows = [
        ["1", 1234, 0.5, 2027, date(2026, 5, 2), "2026-11-10T09:00:00Z", "60 %"],
        [None, None, pd.NA, float("nan"), pd.NaT, None, None],
        ["", "", "", "", "", "", ""],
        [7, "1234", "=1", "2027", "2026-05-02", "2026-11-10T09:00:00", "62.5 %"],
        [date(2026, 5, 2), 2**60, Decimal("0.1"), True, "2026-02-30", "soon", "more than 25 % up to 50 %"],
        [True, float("inf"), -3, "–", date(1899, 12, 31), "2026-11-10T09:00:00.5Z", "=60 %"],
        ["x", "y", "z", "v", "2026-11", "2026-11-10T23:00:00-05:00", "1000 %"],
    ]
    workbook.write(tmp_path / "a.xlsx", "t", "a", "f", date(2026, 1, 1), [workbook.Sheet("S", "s", columns, rows)])
    told = _sheets(tmp_path / "a.xlsx")["S"][1:]
    none = "not stated"
    assert told == [
        ["1", 1234.0, 0.5, 2027.0, date(2026, 5, 2), datetime.fromisoformat("2026-11-10T09:00:00"), 0.6],
        [none] * 7,
        [""] * 7,
        ["7", "1234", "=1", "2027", date(2026, 5, 2), "2026-11-10T09:00:00", 0.625],
        ["2 May 2026", f"{2**60:,}", 0.1, "yes", "2026-02-30", "soon", "more than 25 % up to 50 %"],
        ["yes", "inf", -3.0, "–", "31 December 1899", "2026-11-10T09:00:00.5Z", "=60 %"],
        ["x", "y", "z", "v", "2026-11", datetime.fromisoformat("2026-11-11T04:00:00"), "1000 %"],
    ]


def test_every_sheet_prints_across_one_page_with_its_heading_on_each(report: Path) -> None:
    with zipfile.ZipFile(report / "annexes.xlsx") as package:
        pages = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in pages:
            page = package.read(name)
            assert b'orientation="landscape"' in page and b'fitToHeight="0"' in page and b"<oddFooter>" in page
        assert package.read("xl/workbook.xml").count(b"_xlnm.Print_Titles") == len(pages) - 1


def test_the_name_of_a_sheet_is_one_that_excel_takes(tmp_path: Path) -> None:
    for name in ("a/b", "a" * 30, "", "it's"):
        with pytest.raises(ValueError, match="cannot be the name"):
            workbook.write(tmp_path / "a.xlsx", "t", "a", "f", date(2026, 1, 1), [workbook.Sheet(name, "", [], [])])
    assert not (tmp_path / "a.xlsx").exists()


def test_every_transaction_is_listed_with_its_outcome_and_not_only_those_in_a_finding(tmp_path: Path) -> None:
    results = sample.results()
    (software,) = [r for r in results if r.procedure == "s303_software"]
    software.tables["outcomes"] = [
        {"outcome": "exception", "reason": "software of Lumen", "transactions": ["T-1"]},
        {"outcome": "inconclusive", "reason": "=open", "transactions": ["T-31", "T-32"]},
        {"outcome": "conforms", "reason": "none", "transactions": ["T-32", "T-33"]},
    ]
    annexes.write(_view(results=results), tmp_path / "a.xlsx")
    heading, *rows = _sheets(tmp_path / "a.xlsx")["Transactions tested"]
    told = {row[0]: dict(zip(heading, row, strict=True)) for row in rows}
    assert list(told) == [f"T-{n}" for n in range(1, 60)]
    assert told["T-1"]["date"] == date(2026, 2, 5) and told["T-1"]["model year"] == 2027
    assert [told["T-1"][key] for key in ("outcome", "findings", "§791.303, why")] == [
        "Exception",
        "F-02",
        "software of Lumen",
    ]
    assert (told["T-2"]["outcome"], told["T-2"]["§791.303"]) == ("Exception", "Not tested")
    assert (told["T-31"]["outcome"], told["T-31"]["§791.303, why"]) == ("Inconclusive", "=open")
    assert told["T-32"]["outcome"] == "Inconclusive", "an id that comes twice keeps the worst"
    assert told["T-33"]["outcome"] == "Conforms"
    assert told["T-40"]["outcome"] == "Not tested"
    assert told["T-40"]["evidence"] == "E-0007 line 41"


def test_the_evidence_index_has_digests_sizes_days_and_confidentiality(report: Path) -> None:
    heading, *rows = _sheets(report / "annexes.xlsx")["Evidence index"]
    last = dict(zip(heading, rows[-1], strict=True))
    assert (last["size in bytes"], last["received"], last["SHA-256"]) == (11_000, date(2026, 10, 5), f"{11:064x}")
    assert (last["status"], last["reason"]) == ("unreadable", "the file is cut off\\u0000")
    assert (last["confidential"], last["effective from"]) == ("not stated", "not stated")


def test_the_workbook_is_dated_by_the_engagement(tmp_path: Path) -> None:
    annexes.write(_view(terms=sample.terms(dated=date(2027, 3, 1))), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        assert b"2027-03-01T00:00:00Z" in package.read("docProps/core.xml")


def _concluded() -> View:
    """The sample with the last step taken: of two findings without transactions one shares them, the other was asked about."""
    view = _view()
    shared, asked = (f for f in view.findings if not f.transactions and f.recommendations)
    result = ProcedureResult(
        "s315_recommendations",
        "791.315(d)(5)",
        "Recommendations as applicable to each transaction",
        Outcome.CONFORMS,
        "all told",
        "2 findings",
        (),
        (),
        tables={
            "recommendations": [
                {"finding": f.key, "recommendation": r.text, "transactions": n, "applicable": words}
                for f, n, words in (
                    (shared, 2, "In evidence: 2 transactions claiming SA-1."),
                    (asked, 0, "By the assessor's decision applicable in part to the transactions in evidence. =1+1"),
                )
                for r in f.recommendations
            ],
            "applicable": [{"finding": shared.key, "because": "claiming SA-1", "transactions": ["T-10", "T-9"]}],
        },
    )
    return _view(results=[*view.results, result])


def test_every_recommendation_says_to_which_transactions_it_is_applicable(tmp_path: Path) -> None:
    view = _concluded()
    shared, asked = (f for f in view.findings if not f.transactions and f.recommendations)
    (named, *_) = (f for f in view.findings if f.transactions)
    told = {row["finding"]: row["transactions"] for row in findings.recommendations(view)}
    assert told[shared.id].endswith("In evidence: 2 transactions claiming SA-1.")
    assert told[asked.id].endswith("applicable in part to the transactions in evidence. =1+1.")
    assert "In evidence" not in told[named.id]
    element = next(row for row in findings.findings(view) if row["id"] == shared.id)
    assert element["recommendations"][0]["transactions"].endswith("In evidence: 2 transactions claiming SA-1.")
    annexes.write(view, tmp_path / "a.xlsx")
    sheets = _sheets(tmp_path / "a.xlsx")
    assert [row[-2:] for row in sheets["Recommendations"] if row[0] == shared.id] == [
        [2, "In evidence: 2 transactions claiming SA-1."] for _ in shared.recommendations
    ]
    listed = [row for row in sheets["Applicable transactions"][1:] if row[0] == shared.id]
    assert [[row[1], row[-1]] for row in listed] == [["T-9", "claiming SA-1"], ["T-10", "claiming SA-1"]]
    by_name = [row[1] for row in sheets["Applicable transactions"][1:] if row[0] == named.id]
    assert sorted(by_name) == sorted(named.transactions)


def test_before_the_last_step_recommendations_stand_as_their_findings_state_them() -> None:
    told = findings.recommendations(_view())
    assert told and not [row for row in told if "In evidence" in row["transactions"]]


def test_samples_of_the_ledger_stand_in_the_annexes_with_their_items(tmp_path: Path) -> None:
    """A draw that is not evaluated proves nothing yet; where there is no sample, there is no sheet."""
    annexes.write(_view(), tmp_path / "none.xlsx")
    assert not any("sample" in name for name in _sheets(tmp_path / "none.xlsx"))
    population = Population(frame([f"T-{n}" for n in range(40)]), Selection("transactions", ("transaction",)))
    plan = plans.planned(plans.Aim(tolerable="10%"), population)
    draw = plans.drawn(population, seed="dice", plan=plan)
    seen = [ItemResult(id_, "right", "", "=1+1") for id_ in draw["ids"]]
    proved = evaluations.evaluated_draw(plans.Aim(), population, draw, seen)
    path = tmp_path / "judgements.jsonl"
    for step, told in (("plan", plan), ("draw", draw)):
        judgements.append(
            path, [judgements.Draft("sample", step, "ports", "drawn", "Why.", "M. Okonjo", "lead", "", told)]
        )
    annexes.write(_view(ledger=judgements.read(path)), tmp_path / "drawn.xlsx")
    heading, row = _sheets(tmp_path / "drawn.xlsx")["Samples in the ledger"]
    told = dict(zip(heading, row, strict=True))
    assert (
        told["proves"] == "Nothing yet: it is not evaluated." and told["seed"] == "dice" and told["size"] == len(seen)
    )
    judgements.append(
        path, [judgements.Draft("sample", "evaluation", "ports", "supported", "Why.", "C. Merrow", "lead", "", proved)]
    )
    annexes.write(_view(ledger=judgements.read(path)), tmp_path / "proved.xlsx")
    sheets = _sheets(tmp_path / "proved.xlsx")
    heading, row = sheets["Samples in the ledger"]
    told = dict(zip(heading, row, strict=True))
    assert told["proves"] == proved["statement"] and (told["deviations"], told["by"]) == ("0", "C. Merrow")
    assert sheets["Items of these samples"][1] == ["ports", 1, draw["ids"][0], "right", "=1+1"]
    assert len(sheets["Items of these samples"]) == len(seen) + 1
