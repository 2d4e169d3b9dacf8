"""The XLSX annexes: complete, texts as texts, the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from assessor.reporting import annexes, findings, work, workbook
from assessor.reporting.view import View
from assessor.results import Outcome, ProcedureResult
from assessor.text import visible
from tests.reporting import sample

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://example.invalid/", "0012", "1e9", "internal:Sheet!A1")


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
    assert [row[1] for row in _sheets(tmp_path / "a.xlsx")["Relevant components"][1:]] == list(FORMULAS)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/"):
                assert not re.search(rb"<f>|<f |<hyperlink", package.read(name)), name


def test_awkward_texts_come_out_as_the_report_shows_them(report: Path) -> None:
    shown = [row[1] for row in _sheets(report / "annexes.xlsx")["Relevant components"][1:]]
    assert shown == [visible(text) for text in sample.AWKWARD]


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


def test_a_text_longer_than_a_cell_goes_on_below(tmp_path: Path) -> None:
    results = sample.results()
    long = "a" * 40_000 + "END"
    results[0].tables["relevant"][:] = [{"item": "T", "name": long}, {"item": "T", "name": "next"}]
    annexes.write(_view(results=results), tmp_path / "a.xlsx")
    cells = [row[1] for row in _sheets(tmp_path / "a.xlsx")["Relevant components"][1:]]
    assert cells == [long[:32767], long[32767:], "next"]


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 20)
    annexes.write(_view(), tmp_path / "a.xlsx")
    sheets = _sheets(tmp_path / "a.xlsx")
    assert [len(sheets[f"Transactions affected {n}"]) for n in (1, 2)] == [21, 11]


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
