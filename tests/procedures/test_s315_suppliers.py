"""Suppliers of relevant components, foreign interests and attestations, on real ownership evidence in small tables."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pandas as pd
import pytest

from assessor.procedures import s315_suppliers, supplier_ownership
from assessor.procedures.facts import Facts
from assessor.results import Outcome, ProcedureResult
from tests.cases.runner import cases, check, facts

LISTED = [
    {"supplier": "V-1", "name": "Harbour Systems LLC", "aliases": "Harbor Systms LLC; 港湾系统", "country": "US"},
    {"supplier": "V-2", "name": "Qilin Modules Co., Ltd.", "country": "CN"},
    {"supplier": "V-3", "name": "Nordwind GmbH", "country": "DE"},
    {"supplier": "V-4", "name": "Unheard Labs Inc.", "country": "US"},
]
ENTITIES = [
    {"entity": "harbour", "name": "Harbour Systems LLC", "kind": "organisation", "incorporated": "US"},
    {"entity": "lantern", "name": "Lantern Holdings Limited", "kind": "organisation", "incorporated": "HK"},
    {"entity": "qilin", "name": "Qilin Modules Co., Ltd.", "kind": "organisation", "incorporated": "CN"},
    {"entity": "nordwind", "name": "Nordwind GmbH", "kind": "organisation", "incorporated": "DE"},
    {"entity": "ada", "name": "Ada Sommer", "kind": "person", "citizenship": "DE", "residence": "DE"},
    {"entity": "us", "name": "Lee Grange", "kind": "person", "citizenship": "US", "residence": "US"},
    {"entity": "fund", "name": "Qilin State Fund", "kind": "state", "incorporated": "CN"},
]
SOLD = [
    {
        "holder": "lantern",
        "subject": "harbour",
        "kind": "shareholding",
        "min": "1",
        "max": "1",
        "direct": True,
        "start": "2026-05-02",
    }
]
OWNED = [
    *SOLD,
    {"holder": "ada", "subject": "nordwind", "kind": "shareholding", "min": "1", "max": "1", "direct": True},
]
GOLDEN = {
    "holder": "fund",
    "subject": "nordwind",
    "kind": "special_share",
    "direct": True,
    "details": "approves every budget",
}
ENABLED = {"directly_enables/Stack": "yes", "primary_processing_unit/Stack": "yes"}


@pytest.mark.parametrize(
    ("procedure", "defaults", "case"), cases("s315_suppliers.yaml", "supplier_tiers.yaml", "s315_control.yaml")
)
def test_case(procedure: str, defaults: Any, case: Any) -> None:
    check(procedure, defaults, case)


def _dated(value: Any) -> Any:
    """Texts such as 2026-05-02 as dates, at any depth."""
    if isinstance(value, dict):
        return {key: _dated(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_dated(each) for each in value]
    return date.fromisoformat(value) if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value


def given(**more: Any) -> Facts:
    """One vehicle line with one item; what is not said is as above."""
    told = {
        "vehicles": {
            "line": "Wren",
            "model_year": 2027,
            "items": "Stack",
            "rail_only": False,
            "public_roads": True,
            "wireless": True,
            "gvwr": "5000",
            "gvwr_unit": "lb",
        },
        "suppliers": LISTED,
        "entities": ENTITIES,
        "interests": OWNED,
        "terms": {"criteria": {"dominant_minority": "0.25", "aggregate": True}},
    } | more
    answers = ENABLED | told.pop("answers", {})
    told = {name: _dated(value) for name, value in told.items()}
    return facts(
        told | {"answers": answers},
        {"components": {"item": "Stack", "medium": "software", "level": 1, "license_class": "proprietary"}},
    )


def supplied_by(*names: str) -> list[dict[str, Any]]:
    """Components of one item, each of one supplier."""
    return [{"name": f"part-{n}", "supplier": name} for n, name in enumerate(names)]


def row(found: Facts, name: str) -> dict[str, Any]:
    table = found.of(supplier_ownership.named)
    return dict(table[table["named"] == name].iloc[0])


def outcome(result: ProcedureResult, subject: str) -> Outcome:
    return next(t.outcome for t in result.tests if t.subject == subject)


@pytest.mark.parametrize(
    ("written", "basis", "supplier", "determination", "limb"),
    [
        ("Harbour Systems LLC", "exact name", "V-1", "established", "4"),
        ("HARBOUR SYSTEMS, LLC", "exact name", "V-1", "established", "4"),
        ("Harbor Systms LLC", "alias", "V-1", "established", "4"),
        ("港湾系统", "alias", "V-1", "established", "4"),
        ("Qilin Modules Co., Ltd.", "exact name", "V-2", "established", "3"),
        ("Nordwind GmbH", "exact name", "V-3", "excluded", ""),
    ],
)
def test_a_written_name_is_found_in_the_list_and_in_the_ownership_evidence(
    written: str, basis: str, supplier: str, determination: str, limb: str
) -> None:
    found = row(given(components=supplied_by(written)), written)
    assert (found["basis"], found["supplier"], found["prc_russia"], found["limb"]) == (
        basis,
        supplier,
        determination,
        limb,
    )


def test_manufacturers_maintainers_and_suppliers_of_imports_are_looked_up_too() -> None:
    found = given(
        components={"name": "part", "manufacturer": "Nordwind GmbH"},
        software_history={"name": "part", "maintained_by": "Harbour Systems LLC"},
        transactions={"transaction": "T-1", "kind": "hardware_import", "supplier": "Qilin Modules Co., Ltd."},
    )
    assert list(found.of(supplier_ownership.named)["named"]) == [
        "Harbour Systems LLC",
        "Nordwind GmbH",
        "Qilin Modules Co., Ltd.",
    ]


def test_a_name_in_the_ownership_evidence_only_is_found_there() -> None:
    found = row(given(components=supplied_by("Lantern Holdings Limited")), "Lantern Holdings Limited")
    assert (found["entity"], found["prc_russia"], found["supplier"] is pd.NA) == ("lantern", "established", True)


def test_a_similar_name_is_asked_about_and_never_merged() -> None:
    written = "Harbour Systems Ltd"
    found = given(components=supplied_by(written))
    told = row(found, written)
    assert (told["basis"], told["prc_russia"], told["entity"] is pd.NA, told["foreign_interest"] is pd.NA) == (
        "proposed",
        "possible",
        True,
        True,
    )
    result = s315_suppliers.run(found)
    (question,) = [q for q in result.questions if q.id == "supplier_match"]
    assert question.facts["candidates"][0]["reasons"] == ["legal form differs: ltd / llc"]
    assert {"yes", "no", "none", "Harbour Systems LLC"} == set(question.answers)
    assert [r.subjects for r in result.requests if r.code == "ownership_evidence"] == [(written,)]


@pytest.mark.parametrize(
    ("answer", "basis", "determination"),
    [
        ("Harbour Systems LLC", "judgement", "established"),
        ("yes", "judgement", "established"),
        ("none", "unmatched", "possible"),
        ("stale yes", "proposed", "possible"),
    ],
)
def test_the_answer_on_a_similar_name_decides_and_a_stale_one_does_not(
    answer: str, basis: str, determination: str
) -> None:
    written = "Harbour Systems Ltd"
    told = row(given(components=supplied_by(written), answers={f"supplier_match/{written}": answer}), written)
    assert (told["basis"], told["prc_russia"]) == (basis, determination)


@pytest.mark.parametrize("name", ["Unheard Labs Inc.", "Nobody Knows Co."])
def test_a_supplier_without_ownership_evidence_is_an_unknown_owner_and_is_requested_once(name: str) -> None:
    result = s315_suppliers.run(given(components=supplied_by(name, name)))
    assert outcome(result, name) is Outcome.INCONCLUSIVE
    assert [(r.code, r.subjects) for r in result.requests] == [("ownership_evidence", (name,))]
    assert result.conclusion is Outcome.INCONCLUSIVE


def test_known_owners_conform_and_the_nature_of_every_interest_is_told() -> None:
    result = s315_suppliers.run(given(components=supplied_by("Nordwind GmbH")))
    assert (outcome(result, "Nordwind GmbH"), result.conclusion) == (Outcome.CONFORMS, Outcome.CONFORMS)
    assert [(r["holder"], r["nature"]) for r in result.tables["interests"]] == [
        ("Nordwind GmbH", "the supplier is itself a foreign person"),
        ("Ada Sommer", "direct, 100 % of the shares; since when is not stated"),
    ]
    assert all(test.evidence for test in result.tests)


def test_an_indirect_interest_names_its_path_its_share_and_its_day() -> None:
    rows = [
        *OWNED,
        {
            "holder": "qilin",
            "subject": "lantern",
            "kind": "voting_rights",
            "min": "0.6",
            "max": "0.6",
            "direct": True,
            "start": "2023-08-30",
        },
    ]
    result = s315_suppliers.run(given(components=supplied_by("Harbour Systems LLC"), interests=rows))
    (told,) = [r for r in result.tables["interests"] if r["holder"] == "Qilin Modules Co., Ltd."]
    assert told["nature"] == "indirect, 60 % of the votes through Lantern Holdings Limited; known since 2026-05-02"
    assert (told["via"], told["share"], told["since"], told["holder_country"]) == (
        "Lantern Holdings Limited",
        "60 %",
        "2026-05-02",
        "China",
    )
    assert [(r["from"], r["to"], r["control"]) for r in result.tables["chains"]] == [
        ("Lantern Holdings Limited", "Harbour Systems LLC", "established")
    ]


def test_a_special_share_is_asked_about_and_its_answer_is_named_as_what_the_result_rests_on() -> None:
    still = s315_suppliers.run(given(components=supplied_by("Nordwind GmbH"), interests=[*OWNED, GOLDEN]))
    assert ([q.key for q in still.questions], outcome(still, "Nordwind GmbH"), still.requests) == (
        ["special_share/Nordwind GmbH"],
        Outcome.INCONCLUSIVE,
        (),
    )
    judged = given(
        components=supplied_by("Nordwind GmbH"),
        interests=[*OWNED, GOLDEN],
        answers={"special_share/Nordwind GmbH": "yes"},
    )
    assert (row(judged, "Nordwind GmbH")["prc_russia"], bool(row(judged, "Nordwind GmbH")["rests_on_judgement"])) == (
        "established",
        True,
    )
    (told,) = s315_suppliers.run(judged).tables["suppliers"]
    assert told["rests_on"] == "the assessor's judgement on special share"


def test_a_stale_answer_counts_for_nothing() -> None:
    told = given(
        components=supplied_by("Nordwind GmbH"),
        interests=[*OWNED, GOLDEN],
        answers={"special_share/Nordwind GmbH": "stale yes"},
    )
    assert row(told, "Nordwind GmbH")["prc_russia"] == "possible"


def test_completeness_counts_relevant_components_only() -> None:
    parts = [
        *supplied_by("Nordwind GmbH", "Nobody Knows Co."),
        {"name": "bare"},
        {"name": "free", "license_class": "open_source", "supplier": "Somebody"},
    ]
    result = s315_suppliers.run(given(components=parts))
    (test,) = [t for t in result.tests if t.subject == "relevant components"]
    assert test.reason == "Supplier identified for 1 of 3 relevant components; not for bare, part-1."
    assert {r["name"]: r["relevant"] for r in result.tables["suppliers"]} == {
        "Nobody Knows Co.": "yes",
        "Nordwind GmbH": "yes",
        "Somebody": "no",
    }
    assert [r.subjects for r in result.requests] == [("Nobody Knows Co.",)], "what is out of scope is not asked for"


DENIAL = {"supplier": "Harbour Systems LLC", "signed": "2026-06-12", "valid_until": "2026-12-31", "denies_nexus": True}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param({}, "exception", id="a denial against an established tie is contradicted"),
        pytest.param(
            {"signed": "2026-03-01"}, "exception", id="so is one signed before the tie began and still in force"
        ),
        pytest.param(
            {"signed": "2025-03-01", "valid_until": "2026-05-01"},
            "conforms",
            id="one that had ended the day before is not",
        ),
        pytest.param({"valid_until": "2026-05-02"}, "exception", id="one that ended on the very day is"),
        pytest.param({"denies_nexus": False}, "conforms", id="one that admits the tie is not"),
        pytest.param({"denies_nexus": None}, "inconclusive", id="one that does not say is open"),
        pytest.param({"supplier": "Nordwind GmbH"}, "conforms", id="a denial where control is excluded agrees"),
        pytest.param({"supplier": "Unheard Labs Inc."}, "inconclusive", id="a denial of an unknown owner is open"),
        pytest.param({"supplier": None}, "inconclusive", id="one without a supplier is open"),
    ],
)
def test_attestations_against_the_ownership_evidence(told: dict[str, Any], expected: str) -> None:
    result = s315_suppliers.run(given(components=supplied_by("Harbour Systems LLC"), attestations=DENIAL | told))
    (test,) = [t for t in result.tests if "attestation" in t.subject]
    assert test.outcome == expected
    assert [f"{f.code}/{f.subject}" for f in result.findings] == (
        ["attestation_contradicted/Harbour Systems LLC"] if expected == "exception" else []
    )


def test_recommendations_name_the_transactions_from_the_day_of_the_tie() -> None:
    moves = [
        {
            "transaction": f"T-{n}",
            "kind": "vehicle_import",
            "line": "Wren",
            "model_year": 2027,
            "foreign_trade_zone": False,
            "date": day,
        }
        for n, day in enumerate(("2026-05-01", "2026-05-02", "2026-08-01"))
    ]
    result = s315_suppliers.run(
        given(components=supplied_by("Harbour Systems LLC"), attestations=DENIAL, transactions=moves)
    )
    condition, cause = result.findings[0].recommendations
    assert (condition.addresses, cause.addresses) == ("condition", "cause")
    assert condition.transactions.startswith(
        "2 imports and sales of or for connected vehicles that carry Stack, from 2026-05-02"
    )


def test_nothing_in_evidence_is_no_pass() -> None:
    result = s315_suppliers.run(given(components=[], suppliers=[], entities=[], interests=[]))
    assert result.conclusion is Outcome.NOT_APPLICABLE


def test_what_would_settle_a_possible_verdict_is_a_row_and_is_requested_with_its_document() -> None:
    rows = [{**OWNED[0], "min": "0.12", "max": "0.12"}, *OWNED[1:]]
    result = s315_suppliers.run(given(components=supplied_by("Harbour Systems LLC"), interests=rows))
    facts = [row for row in result.tables["unsettled"] if row["supplier"] == "Harbour Systems LLC"]
    assert facts and {row["sure"] for row in facts} == {"fewest"}
    (request,) = result.requests
    assert all(f"{row['fact']} ({row['document']})" in request.what for row in facts if not row["question"])


def test_both_readings_are_told_where_they_differ_and_nowhere_else() -> None:
    lone = s315_suppliers.run(given(components=supplied_by("Nordwind GmbH")))
    assert [row["readings"] for row in lone.tables["suppliers"]] == [""]
