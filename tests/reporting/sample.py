"""A small invented engagement with every chapter filled and every awkward text that evidence can hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from assessor import rule
from assessor.engagement import Terms
from assessor.evidence import tables
from assessor.judgements import Ledger
from assessor.results import (
    EvidenceRef,
    EvidenceRequest,
    Finding,
    Outcome,
    ProcedureResult,
    Question,
    Recommendation,
    Test,
)

MARKUP = "R&D <b> {{ 7*7 }} ]]> {% raw %} {_{ x }_} <!-- & &amp; &#10;"
CONTROL = "nul\x00 bel\x07 vt\x0b ff\x0c esc\x1b lone\ud800 last\ufffe"
CHINESE = "云桥科技有限公司"
RUSSIAN = "ООО «Волгомир Навигация»"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
LINES = "first line\nsecond line\twith a tab  and two spaces "
QUOTES = "“quoted” ‘single’ \"double\" 'plain' \u202eright to left\u202c \U0001f697"
AWKWARD = (MARKUP, CONTROL, CHINESE, RUSSIAN, LONG, LINES, QUOTES)


def terms(**changes: Any) -> Terms:
    """Terms of an invented firm and client."""
    told: dict[str, Any] = {
        "id": "SAMPLE-2026",
        "client_name": "Aldermoor & Sons Vehicles, Inc.",
        "dated": date(2026, 11, 16),
        "period_from": date(2026, 1, 1),
        "period_to": date(2026, 9, 30),
        "rule_version": "2025-04-24",
        "engagement": {
            "version": "1.0",
            "addressee": "The board of Aldermoor & Sons Vehicles, Inc.",
            "basis": ["declarations", "specific authorizations"],
            "purpose": "to support the Declarations of Conformity of model year 2027",
            "exclusions": ["Vehicles above 10,000 lb were not tested"],
            "limitations": ["Source code was not read"],
        },
        "client": {
            "name": "Aldermoor & Sons Vehicles, Inc.",
            "address": "4 Kiln Road, Saginaw, Michigan",
            "us_person": True,
            "roles": ["connected_vehicle_manufacturer", "vcs_hardware_importer"],
            "contact": "Ines Okafor",
        },
        "firm": {
            "name": "Pellworm Review LLP",
            "address": "9 Quay Street, Norfolk, Virginia",
            "incorporated": "US",
            "headquarters": "US",
            "principal_place": "US",
            "method": ["Every component was read, none was sampled"],
            "acknowledges_government_use": True,
            "owners": [
                {"name": "Ruth Amsel", "kind": "person", "us_status": "citizen", "citizenship": "US", "share": "0.6"},
                {"name": "Theo Brandt", "kind": "person", "citizenship": "US", "share": "0.4"},
            ],
            "certifications": ["ISO/IEC 17020 inspection body"],
        },
        "team": [
            {
                "name": "Ruth Amsel",
                "role": "lead assessor",
                "qualifications": ["CISA", "12 years of supply-chain audit"],
                "citizenship": "US",
            }
        ],
        "independence": {
            "fee_basis": "fixed fee",
            "fee": "USD 184,000",
            "contingent": False,
            "other_services": [],
            "financial_interests": [],
            "statement": "The firm holds no interest in the client",
        },
        "items": [
            {"name": "T-1 software", "system": "VCS", "medium": "software"},
            {"name": "T-1 unit", "system": "VCS", "medium": "hardware"},
        ],
        "criteria": {"dominant_minority": "0.25"},
        "authorizations": [
            {"number": "SA-1", "letter": "Specific Authorization SA-1", "letter_version": date(2026, 6, 15)}
        ],
        "responses": [
            {
                "finding": "s303_software/prohibited_software/Lumen Bridge LLC",
                "by": "Ines Okafor",
                "date": date(2026, 11, 2),
                "agrees": False,
                "text": f"We see no control by {CHINESE}",
            }
        ],
        "report": {"title": "Assessment of connected-vehicle supply chains"},
    }
    return Terms(**(told | changes))


def register() -> pd.DataFrame:
    """Evidence items, one unreadable."""
    kinds = [
        "vehicles",
        "bom.cyclonedx",
        "suppliers",
        "ownership.bods",
        "declaration",
        "authorization",
        "ledger",
        "policy",
        "interview",
        "site_visit",
        "unknown",
    ]
    return pd.DataFrame(
        [
            {
                "id": f"E-{number:04d}",
                "delivery": "001",
                "path": f"{number:02d} Files/{kind} {'x' * (number * 5)}.dat",
                "size": number * 1000,
                "sha256": f"{number:064x}",
                "kind": kind,
                "supplied_by": "Ines Okafor",
                "custodian": "Ruth Amsel",
                "received": date(2026, 10, 5),
                "effective_from": None,
                "effective_to": None,
                "confidential": None,
                "status": "unreadable" if kind == "unknown" else "read",
                "reason": "the file is cut off\x00" if kind == "unknown" else None,
            }
            for number, kind in enumerate(kinds, 1)
        ]
    )


def facts() -> dict[str, pd.DataFrame]:
    """The tables of facts that the report reads directly; the others are empty."""
    at = {"locator": "line 2"}
    told: dict[str, list[dict[str, Any]]] = {
        "vehicles": [
            {
                "line": "Heron MY2027",
                "make": "Aldermoor",
                "model": "Heron",
                "model_year": 2027,
                "gvwr": "6,150",
                "gvwr_unit": "lb",
                "source": "E-0001",
                **at,
            },
            {
                "line": "Ox MY2027",
                "make": "Aldermoor",
                "model": "Ox",
                "model_year": 2027,
                "source": "E-0001",
                "locator": "line 3",
            },
        ],
        "declarations": [
            {
                "declaration": "DoC-1",
                "kind": "software",
                "submitted": date(2026, 4, 20),
                "source": "E-0005",
                "locator": "page 1",
            },
            {"declaration": "DoC-2", "kind": "hardware", "source": "E-0005", "locator": "page 2"},
        ],
        "authorizations": [
            {
                "authorization": "SA-1",
                "kind": "specific",
                "holder": "Aldermoor",
                "issued": date(2026, 6, 15),
                "source": "E-0006",
                "locator": "page 1",
            }
        ],
        "policies": [
            {
                "document": "Supply chain policy",
                "version": "3",
                "effective": date(2026, 1, 1),
                "text": "…",
                "source": "E-0008",
                "locator": "paragraph 1",
            }
        ],
        "interviews": [
            {
                "person": "Mila Horvat",
                "role": "buyer",
                "organisation": "Aldermoor",
                "date": date(2026, 10, 7),
                "interviewer": "Ruth Amsel",
                "topics": "suppliers",
                "statement": statement,
                "source": "E-0009",
                "locator": f"paragraph {n}",
            }
            for n, statement in enumerate((MARKUP, CHINESE, LINES), 1)
        ],
        "site_visits": [
            {
                "site": "Saginaw plant",
                "address": "4 Kiln Road",
                "date": date(2026, 10, 8),
                "visitor": "Ruth Amsel",
                "category": category,
                "text": text,
                "source": "E-0010",
                "locator": f"paragraph {n}",
            }
            for n, (category, text) in enumerate(
                [
                    ("facility", "final assembly"),
                    ("equipment", LINES),
                    ("system", "build server"),
                    ("observation", MARKUP),
                ],
                1,
            )
        ],
        "entities": [
            {"entity": "lumen", "name": "Lumen Bridge LLC", "incorporated": "US", "source": "E-0004", "locator": "/1"},
            {
                "entity": "yun",
                "name": CHINESE,
                "names": "Shenzhen Yunqiao Technology Co., Ltd.",
                "incorporated": "CN",
                "source": "E-0004",
                "locator": "/2",
            },
            {
                "entity": "lantern",
                "name": "Grey Lantern Holdings Limited",
                "incorporated": "HK",
                "source": "E-0004",
                "locator": "/3",
            },
            {
                "entity": "fund",
                "name": "Merlion Harbour Fund Pte. Ltd.",
                "incorporated": "SG",
                "source": "E-0004",
                "locator": "/4",
            },
        ],
        "transactions": [
            {
                "transaction": f"T-{n}",
                "kind": "vehicle_import" if n % 2 else "vehicle_sale",
                "date": date(2026, 1 + n % 9, 5),
                "line": "Heron MY2027",
                "model_year": 2027,
                "units": 1,
                "source": "E-0007",
                "locator": f"line {n + 1}",
            }
            for n in range(1, 60)
        ],
    }
    return {name: tables.table(name, told.get(name, [])) for name in tables.SCHEMAS}


def ledger() -> Ledger:
    """An empty ledger: the sample's questions carry their answers."""
    return Ledger()


def _ref(number: int, locator: str = "") -> EvidenceRef:
    return EvidenceRef(f"E-{number:04d}", locator)


def results() -> list[ProcedureResult]:
    """Results of an invented run, with every table that the report prints."""

    def finding(
        id: str, procedure: str, code: str, subject: str, severity: str, clause: str, condition: str, **more: Any
    ) -> Finding:
        return Finding(
            code=code,
            subject=subject,
            clauses=(clause,),
            title=f"{subject}: {code.replace('_', ' ')}",
            criteria=f"§{clause} applies",
            condition=condition,
            cause=more.pop("cause", "No control was in place"),
            effect="The certification cannot stand",
            recommendations=more.pop(
                "recommendations",
                (
                    Recommendation("Stop the imports", "condition", "T-1 to T-9 (9 imports)"),
                    Recommendation("Screen before ordering", "cause"),
                ),
            ),
            severity=severity,
            evidence=(_ref(2, "/components/12"), _ref(7, "line 3")),
            id=id,
            procedure=procedure,
            **more,
        )

    question = Question(
        "special_share",
        "Rill GmbH",
        "791.301",
        "Does the special share give power over important matters?",
        "Look at the articles",
        ("yes", "no"),
        {"share": "1"},
        state="answered",
        answer="yes",
        rationale=f"Budgets need its consent; {QUOTES}",
        answered_by="Ruth Amsel",
        role="lead assessor",
        answered_at="2026-11-10T09:00:00Z",
    )
    opened = Question(
        "legacy_line_day",
        MARKUP,
        "791.301",
        f"Was the work on that day maintenance? {LINES}",
        "",
        ("yes", "no"),
        shows=("dated events of the software history", QUOTES),
    )
    return [
        ProcedureResult(
            "s301_scope",
            "791.301",
            "Scope of vehicles and components",
            Outcome.INCONCLUSIVE,
            "two components have no supplier",
            "12 components of 2 items",
            ("each component was read", CONTROL),
            ("E-0001", "E-0002"),
            tests=(
                Test("791.301", "T-1 software", Outcome.INCONCLUSIVE, "two components have no supplier", (_ref(2),)),
            ),
            questions=(opened,),
            limitations=("Firmware was not disassembled",),
            requests=(
                EvidenceRequest(
                    "supplier_unknown",
                    f"The supplier of {MARKUP}",
                    ("vireo", LONG),
                    "791.301",
                    "whether it is in scope",
                    id="R-01",
                ),
            ),
            tables={
                "items": [
                    {
                        "item": "T-1 software",
                        "medium": "software",
                        "components": 1012,
                        "in_scope": 7,
                        "out_of_scope": 1003,
                        "undetermined": 2,
                    }
                ],
                "vehicles": [
                    {
                        "line": "Heron MY2027",
                        "connected": True,
                        "clause": "791.301",
                        "reason": "all tests hold",
                        "evidence": "E-0001 line 2",
                    },
                    {
                        "line": "Ox MY2027",
                        "connected": None,
                        "clause": "791.301",
                        "reason": "GVWR is not stated",
                        "evidence": "E-0001 line 3",
                    },
                ],
                "scope_reasons": [
                    {
                        "item": "T-1 software",
                        "scope": "out_of_scope",
                        "clause": "791.301",
                        "reason": "open source",
                        "components": 1003,
                    }
                ],
                "relevant": [
                    {
                        "item": "T-1 software",
                        "name": text,
                        "version": "1.0",
                        "supplier": supplier,
                        "scope": "in_scope",
                        "clause": "791.301",
                        "reason": "",
                        "evidence": "E-0002 /components/12",
                    }
                    for text, supplier in zip(
                        AWKWARD,
                        ["Lumen Bridge LLC", None, CHINESE, RUSSIAN, LONG, "Lumen Bridge LLC", "Lumen Bridge LLC"],
                        strict=True,
                    )
                ],
            },
        ),
        ProcedureResult(
            "s308_exemptions",
            "791.308",
            "Exemptions",
            Outcome.CONFORMS,
            "exemptions follow from model years",
            "59 transactions",
            ("model years were compared",),
            ("E-0007",),
            tables={
                "exemptions": [
                    {
                        "line": "Plover MY2026",
                        "kind": "vehicle_sale",
                        "clause": "791.308(b)",
                        "transactions": 400,
                        "units": 400,
                        "reason": "model year before 2027",
                    }
                ]
            },
        ),
        ProcedureResult(
            "s315_suppliers",
            "791.315(d)(1)",
            "Suppliers and foreign interests",
            Outcome.EXCEPTION,
            "an attestation is contradicted",
            "3 suppliers",
            ("owners were traced",),
            ("E-0003", "E-0004"),
            tables={
                "suppliers": [
                    {
                        "supplier": "V-1",
                        "name": "Lumen Bridge LLC",
                        "country": "United States",
                        "components": 3,
                        "items": "T-1 software",
                        "relevant": "yes",
                        "foreign_interest": f"100 % held by {CHINESE}",
                        "prc_russia": "established",
                        "limb": "4",
                        "rests_on": "evidence",
                        "evidence": "E-0003 row 5; E-0004 /2",
                    },
                    {
                        "supplier": "V-2",
                        "name": RUSSIAN,
                        "country": None,
                        "components": 1,
                        "items": "T-1 software",
                        "relevant": "yes",
                        "foreign_interest": "unknown",
                        "prc_russia": "possible",
                        "limb": "",
                        "rests_on": "open question",
                        "evidence": "E-0003 row 6",
                    },
                    {
                        "supplier": "V-3",
                        "name": "Oak & Iron Corp.",
                        "country": "US",
                        "components": 1,
                        "items": "T-1 unit",
                        "relevant": "yes",
                        "foreign_interest": "none",
                        "prc_russia": "excluded",
                        "limb": "",
                        "rests_on": "evidence",
                        "evidence": "E-0003 row 7",
                    },
                ],
                "interests": [
                    {
                        "supplier": "Lumen Bridge LLC",
                        "holder": CHINESE,
                        "holder_country": "China",
                        "nature": "shareholding",
                        "share": "60 %",
                        "via": "Grey Lantern Holdings Limited",
                        "since": date(2026, 5, 2),
                        "evidence": "E-0004 /7",
                    }
                ],
                "chains": [
                    {
                        "supplier": "Lumen Bridge LLC",
                        "step": 1,
                        "from": CHINESE,
                        "to": "Grey Lantern Holdings Limited",
                        "kind": "shareholding",
                        "share": "60 %",
                        "evidence": "E-0004 /7",
                    },
                    {
                        "supplier": "Lumen Bridge LLC",
                        "step": 2,
                        "from": "Grey Lantern Holdings Limited",
                        "to": "Lumen Bridge LLC",
                        "kind": "shareholding",
                        "share": "100 %",
                        "evidence": "E-0004 /8",
                    },
                ],
            },
            findings=(
                finding(
                    "F-01",
                    "s315_suppliers",
                    "attestation_contradicted",
                    "Lumen Bridge LLC",
                    "high",
                    "791.315(d)(1)",
                    f"It denies the owner {CHINESE}",
                ),
            ),
            questions=(question,),
        ),
        ProcedureResult(
            "s302_hardware",
            "791.302",
            "Hardware imports",
            Outcome.NOT_APPLICABLE,
            "no hardware was imported",
            "no imports",
            ("the ledger was read",),
            ("E-0007",),
        ),
        ProcedureResult(
            "s303_software",
            "791.303",
            "Software with a nexus",
            Outcome.EXCEPTION,
            "covered software of a caught supplier was imported",
            "59 transactions",
            ("suppliers were joined to sales",),
            ("E-0002", "E-0007"),
            tests=(
                Test(
                    "791.303(a)",
                    "Lumen Bridge LLC",
                    Outcome.EXCEPTION,
                    "software was imported",
                    (_ref(2, "/components/12"),),
                ),
            ),
            findings=(
                finding(
                    "F-02",
                    "s303_software",
                    "prohibited_software",
                    "Lumen Bridge LLC",
                    "high",
                    "791.303(a)",
                    MARKUP,
                    transactions=tuple(f"T-{n}" for n in range(1, 31)),
                ),
                finding(
                    "F-03",
                    "s303_software",
                    "prohibited_software",
                    RUSSIAN,
                    "medium",
                    "791.303(b)",
                    LINES,
                    cause="",
                    absent={"cause": "the client has not explained it"},
                    recommendations=(),
                ),
            ),
            tables={
                "software": [
                    {
                        "supplier": "Lumen Bridge LLC",
                        "determination": "established",
                        "item": "T-1 software",
                        "components": 3,
                        "imports": 20,
                        "sales": 19,
                        "authorised": 0,
                        "exempt": 20,
                        "outcome": "exception",
                        "evidence": "E-0002 /components/12; E-0007 line 3",
                    }
                ]
            },
        ),
        ProcedureResult(
            "s305_declarations",
            "791.305",
            "Declarations of Conformity",
            Outcome.INCONCLUSIVE,
            "a date is missing",
            "2 declarations",
            ("fields were compared",),
            ("E-0005",),
            tests=(
                Test("791.305(g)(1)", "DoC-1", Outcome.CONFORMS, "61 days", (_ref(5, "page 1"),)),
                Test("791.305(g)(2)", "DoC-2", Outcome.INCONCLUSIVE, "the date is missing", (_ref(5, "page 2"),)),
            ),
        ),
        ProcedureResult(
            "s307_specific_authorizations",
            "791.307",
            "Specific authorizations",
            Outcome.EXCEPTION,
            "a condition was not met",
            "1 authorization",
            ("conditions were tested",),
            ("E-0006",),
            tests=(
                Test(
                    "791.307(i)(1)", "SA-1 condition 1", Outcome.EXCEPTION, "no report was filed", (_ref(6, "page 1"),)
                ),
            ),
            findings=(
                finding(
                    "F-04",
                    "s307_specific_authorizations",
                    "condition_not_met",
                    "SA-1 condition 1",
                    "low",
                    "791.307(i)(1)",
                    "No report was filed for the quarter",
                ),
            ),
            tables={
                "conditions": [
                    {
                        "authorization": "SA-1",
                        "condition": "1",
                        "text": f"Report each quarter. {LINES}",
                        "test": "report_filed",
                        "outcome": "exception",
                        "reason": "no report was filed",
                        "evidence": "E-0006 page 1",
                    }
                ],
                "versions": [
                    {
                        "authorization": "SA-1",
                        "kind": "specific",
                        "version": "2026-06-15",
                        "in_force": "from 2026-06-15; no later version is known",
                        "transactions": 12,
                        "open": 3,
                        "letter": "not compared with the published file",
                        "published": "not made public",
                        "evidence": "E-0006 page 1",
                        "outcome": "conforms",
                    },
                    {
                        "authorization": "SA-2",
                        "kind": "specific",
                        "version": "date not stated",
                        "in_force": "open",
                        "transactions": 1,
                        "open": 0,
                        "letter": "not compared with the published file",
                        "published": "not made public",
                        "evidence": "E-0006 page 2",
                        "outcome": "inconclusive",
                    },
                ],
            },
        ),
        ProcedureResult(
            "s315_authorizations",
            "791.315(d)(4)",
            "Implementation of authorizations",
            Outcome.INCONCLUSIVE,
            "whether it is effective is asked",
            "1 authorization",
            ("passages were searched",),
            ("E-0006", "E-0008"),
            tests=(
                Test(
                    "791.315(d)(4)",
                    "SA-1",
                    Outcome.INCONCLUSIVE,
                    f"whether it is effective is asked; {QUOTES}",
                    (_ref(8, "paragraph 1"),),
                ),
            ),
            tables={
                "implementation": [
                    {
                        "authorization": "SA-1",
                        "duty": "condition 1",
                        "clause": "§791.307(n)",
                        "design": "1 passage, 0 statements",
                        "outcome": "exception",
                        "operation": f"no report was filed {CHINESE}",
                        "gaps": "did not operate",
                        "findings": "s307_specific_authorizations/condition_not_met/SA-1 condition 1",
                        "evidence": "E-0006 page 1; E-0008 paragraph 1",
                    },
                    {
                        "authorization": "SA-1",
                        "duty": "responsibility",
                        "clause": "–",
                        "design": "nothing found",
                        "outcome": "–",
                        "operation": "No data show how it operated.",
                        "gaps": "no control evidence of any kind",
                        "findings": "",
                        "evidence": "E-0006 page 1",
                    },
                ]
            },
        ),
        ProcedureResult(
            "s315_policies",
            "791.315(d)(3)",
            "Effectiveness of policies",
            Outcome.EXCEPTION,
            "one control did not operate",
            "2 controls",
            ("the policy was read",),
            ("E-0008",),
            tables={
                "elements": [
                    {
                        "element": "screening",
                        "clause": "791.305(a)(2)(vi)",
                        "document": "Supply chain policy",
                        "place": "E-0008 paragraph 4",
                        "found": True,
                        "confirmed": None,
                    }
                ],
                "controls": [
                    {
                        "control": "screening before onboarding",
                        "population": 12,
                        "tested": 12,
                        "exceptions": 3,
                        "outcome": "exception",
                        "evidence": "E-0003 row 5",
                    }
                ],
            },
        ),
        ProcedureResult(
            "s312_records",
            "791.312",
            "Records",
            Outcome.CONFORMS,
            "records are held",
            "59 transactions",
            ("the index was read",),
            ("E-0007",),
            tables={"records": [{"record_type": "contract", "expected": 59, "held": 59, "missing": 0}]},
        ),
        ProcedureResult(
            "s315_assessor",
            "791.315(b)",
            "The assessor",
            Outcome.CONFORMS,
            "no owner is of the PRC or Russia",
            "the firm",
            ("owners were read",),
            ("TERMS",),
            tests=(
                Test(
                    "791.315(b)(1)",
                    "Pellworm Review LLP",
                    Outcome.CONFORMS,
                    "all owners are U.S. citizens",
                    (EvidenceRef("TERMS", "firm"),),
                ),
            ),
        ),
    ]


def everything() -> dict[str, Any]:
    """The arguments of `context` and `write_report`."""
    return {
        "terms": terms(),
        "rule": rule.load(),
        "results": results(),
        "register": register(),
        "tables": facts(),
        "ledger": ledger(),
    }
