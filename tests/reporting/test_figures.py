"""The charts of a report: what they draw is told in their text alternatives, and they are left out where there is nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from assessor.reporting.drawing import Bar, Figure, stacked
from assessor.reporting.figures import figures
from assessor.reporting.supplier_map import SHOWN
from assessor.reporting.timeline import SHOWN as DEADLINES
from assessor.reporting.view import View
from assessor.results import Finding, Outcome, ProcedureResult
from assessor.rule import load
from tests.cases.runner import facts

CHARTS = {"supplier-map", "scope", "four-fields", "transactions", "findings", "timeline"}


def supplier(name: str, **told: Any) -> dict[str, Any]:
    usual = {"supplier": "", "name": name, "country": "Germany", "tier": 1, "components": 1, "items": "Radio"}
    usual |= {
        "relevant": "yes",
        "foreign_interest": "None.",
        "prc_russia": "excluded",
        "limb": "",
        "rests_on": "evidence",
    }
    return usual | {"evidence": "E-0001 row 2", **told}


def deadline(what: str, day: str, **told: Any) -> dict[str, Any]:
    usual = {"what": what, "date": day, "state": "running", "subject": "S", "clause": "791.305(h)", "note": ""}
    return usual | {"evidence": "E-0009 page 1", **told}


def result(procedure: str, findings: tuple[Finding, ...] = (), **tables: list[dict[str, Any]]) -> ProcedureResult:
    return ProcedureResult(
        *(procedure, "791.315(d)(1)", "A procedure", Outcome.CONFORMS, "It conforms.", "Everything", (), ("E-0007",)),
        findings=findings,
        tables=tables,
    )


def drawn(*results: ProcedureResult) -> dict[str, Figure]:
    made = facts({})
    view = View(made.terms, load(), list(results), made.register, made.tables, made.ledger)
    return {figure.name: figure for figure in figures(view)}


def suppliers(*rows: dict[str, Any]) -> Figure:
    return drawn(result("s315_suppliers", suppliers=list(rows)))["supplier-map"]


def finding(severity: str) -> Finding:
    return Finding("code", "S", ("791.303(a)",), "T", "c", "d", "", "e", (), severity, ())


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn() == {}


def test_the_map_counts_suppliers_by_country_and_tier_and_those_that_are_linked() -> None:
    figure = suppliers(
        supplier("a"),
        supplier("b", prc_russia="possible"),
        supplier("c", tier=2),
        supplier("d", country="China", prc_russia="established"),
    )
    assert figure.alternative.endswith(
        "China: tier 1 1 supplier (1 linked); Germany: tier 1 2 suppliers (1 linked), tier 2 1 supplier."
    )
    assert figure.chapter == "suppliers"
    assert figure.rests_on == {"E-0001"}


def test_the_map_tells_the_client_itself_and_tiers_that_are_not_known() -> None:
    figure = suppliers(supplier("a", tier=0), supplier("b", tier=None), supplier("c", tier=10), supplier("d", tier=2))
    told = "client itself 1 supplier, tier 2 1 supplier, tier 10 1 supplier, tier not stated 1 supplier."
    assert figure.alternative.endswith(f"Germany: {told}")


def test_the_map_leaves_out_suppliers_of_nothing_relevant() -> None:
    figure = suppliers(supplier("a"), supplier("b", country="France", relevant="no"))
    assert "France" not in figure.alternative


@pytest.mark.parametrize(
    ("countries", "others"), [(SHOWN, ""), (SHOWN + 1, "1 other country"), (SHOWN + 2, "2 other countries")]
)
def test_countries_beyond_what_a_page_holds_are_told_together(countries: int, others: str) -> None:
    figure = suppliers(*(supplier(str(n), country=f"Country {n:02d}") for n in range(countries)))
    assert ("other countr" in figure.alternative) is bool(others)
    assert others in figure.alternative
    assert Image.open(io.BytesIO(figure.png)).size[1] < 1200  # pixels; a page holds it


def test_the_four_fields_are_told_by_item_and_licence() -> None:
    row = {
        "item": "Radio",
        "license": "proprietary",
        "components": 3,
        "author": 1,
        "timestamp": 2,
        "name": 3,
        "supplier": 0,
        "complete": 0,
    }
    figure = drawn(result("s305_declarations", four_fields=[row | {"evidence": "E-0003"}]))["four-fields"]
    assert figure.alternative.endswith(
        "Radio, 3 components proprietary: author name stated by 1, timestamp stated by 2, component name stated by 3, "
        "supplier name stated by 0, all four stated by 0."
    )
    assert figure.rests_on == {"E-0003"}


def test_findings_are_counted_by_severity_and_rest_on_no_claim() -> None:
    made = tuple(finding(severity) for severity in ("low", "high", "high"))
    figure = drawn(result("s303_software", made))["findings"]
    assert figure.alternative == "Stacked bars of findings by severity. §791.315(d)(1): 2 high, 0 medium, 1 low."
    assert figure.rests_on == frozenset()


def test_the_timeline_tells_dated_deadlines_by_date_and_leaves_out_the_others() -> None:
    listed = [deadline("Second", "2027-01-01"), deadline("First", "2026-11-16", state="due"), deadline("Never", "")]
    figure = drawn(result("s305_declarations", deadlines=listed))["timeline"]
    assert figure.alternative == "Timeline of deadlines. 16 November 2026, due: First; 1 January 2027, running: Second."
    assert "16 November 2026" in figure.caption


def test_deadlines_beyond_what_a_page_holds_are_counted_and_the_nearest_are_drawn() -> None:
    listed = [deadline(f"D{year}", f"{year}-01-01") for year in range(2027, 2027 + DEADLINES + 1)]
    figure = drawn(result("s305_declarations", deadlines=listed))["timeline"]
    assert "D2027;" in figure.alternative
    assert f"D{2027 + DEADLINES}" not in figure.alternative
    assert "1 further deadline stands in the table" in figure.caption


def test_texts_of_the_client_are_neither_mathematics_nor_markup() -> None:
    hostile = "$\\frac{1}{0}$ ‮ \x00 港湾"
    listed = [deadline(hostile, "2027-01-01")]
    row = {
        "item": hostile,
        "license": "unknown",
        "components": 1,
        "author": 1,
        "timestamp": 1,
        "name": 1,
        "supplier": 1,
        "complete": 1,
    }
    made = drawn(
        result("s305_declarations", deadlines=listed, four_fields=[row]),
        result("s315_suppliers", suppliers=[supplier("a", country=hostile)]),
    )
    assert {"timeline", "four-fields", "supplier-map"} <= made.keys()
    assert all(Image.open(io.BytesIO(figure.png)).format == "PNG" for figure in made.values())


def test_a_chart_is_the_same_for_the_same_facts() -> None:
    bars = [Bar("Heading"), Bar("one", (1, 2)), Bar("two", (0, 5))]
    assert stacked(bars, ("a", "b"), "things") == stacked(bars, ("a", "b"), "things")
    assert stacked(bars, ("a", "b"), "things") != stacked([bars[0], bars[2], bars[1]], ("a", "b"), "things")
