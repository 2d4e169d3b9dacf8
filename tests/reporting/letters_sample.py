"""The invented engagement of `sample`, with what the letters and forms read besides: declarations, changes, filings, attestations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from assessor.evidence import tables
from assessor.results import EvidenceRef, EvidenceRequest, Finding, Outcome, Question, Test
from tests.reporting.sample import CHINESE, CONTROL, LINES, LONG, MARKUP, QUOTES, RUSSIAN, everything

HELD = CONTROL.replace("\ud800", "")
"""Control characters as a table can hold them."""
_AT = {"source": "E-0003", "locator": "row 5"}

FACTS: dict[str, list[dict[str, Any]]] = {
    "suppliers": [
        {
            "supplier": "V-1",
            "name": "Lumen Bridge LLC",
            "aliases": f"Lumen; {CHINESE}",
            "country": "US",
            "products": MARKUP,
            **_AT,
        },
        {"supplier": "V-2", "name": RUSSIAN, "work_places": "RU; DE", "source": "E-0003", "locator": "row 6"},
    ],
    "components": [
        {
            "component": "a",
            "item": "T-1 software",
            "medium": "software",
            "name": "a",
            "author": f"{QUOTES} {HELD}",
            "source": "E-0002",
            "locator": "/components/12",
        },
        {
            "component": "b",
            "item": "T-1 unit",
            "medium": "hardware",
            "name": "b",
            "part_number": LINES,
            "source": "E-0002",
            "locator": "/components/13",
        },
    ],
    "attestations": [
        {
            "supplier": "LUMEN",
            "signed": date(2026, 2, 1),
            "signer": CHINESE,
            "denies_nexus": True,
            "foreign_interests": MARKUP,
            "source": "E-0004",
            "locator": "page 1",
        },
        {"supplier": "Somebody else", "signer": "X", "source": "E-0004", "locator": "page 2"},
    ],
    "changes": [
        {
            "change": "CH-1",
            "kind": "ownership",
            "subject": RUSSIAN,
            "declaration": "DoC-1",
            "discovered": date(2026, 6, 1),
            "description": MARKUP,
            "source": "E-0007",
            "locator": "line 90",
        },
        {
            "change": "CH-2",
            "kind": "software_update",
            "subject": "T-1",
            "declaration": "DoC-1",
            "description": LINES,
            "source": "E-0007",
            "locator": "line 91",
        },
        {"change": "CH-3", "subject": HELD, "source": "E-0007", "locator": "line 92"},
    ],
    "filings": [
        {
            "file": "CBI plan.pdf",
            "filed": date(2026, 3, 2),
            "contains_cbi": True,
            "pages": 3,
            "cbi_pages": "2",
            "marked_pages": "1, 2",
            "justification": True,
            "legal_authority": QUOTES,
            "source": "E-0012",
            "locator": "line 2",
        },
        {"file": "prices.pdf", "contains_cbi": True, "source": "E-0012", "locator": "line 3"},
        {"file": MARKUP, "source": "E-0012", "locator": "line 4"},
        {"file": "public.pdf", "contains_cbi": False, "source": "E-0012", "locator": "line 5"},
    ],
    "opinions": [
        {
            "opinion": "AO-1",
            "requested": date(2026, 1, 5),
            "issued": date(2026, 3, 1),
            "answer": MARKUP,
            "source": "E-0012",
            "locator": "page 1",
        },
        {"opinion": "AO-2", "source": "E-0012", "locator": "page 2"},
    ],
    "representations": [
        {
            "topic": "Advisory opinions",
            "statement": QUOTES,
            "signer": CHINESE,
            "source": "E-0012",
            "locator": "paragraph 3",
        },
    ],
    "notices": [{"notice": "N-1", "activity": LINES, "source": "E-0012", "locator": "page 4"}],
}


def inputs() -> dict[str, Any]:
    """The arguments of `context` and `write_letters`."""
    told = everything()
    told["tables"] |= {name: tables.table(name, rows) for name, rows in FACTS.items()}
    told["register"].loc[[1, 2], "confidential"] = [True, False]
    told["results"] = [_more(result) for result in told["results"]]
    return told


def _more(result: Any) -> Any:
    if result.procedure == "s301_scope":
        part = {
            "item": "T-1 unit",
            "name": "b",
            "supplier": "nobody",
            "scope": "in_scope",
            "evidence": "E-0002 /components/13",
        }
        result.tables["relevant"].append(part)
    if result.procedure == "s315_suppliers":
        result.tables["suppliers"][2]["evidence"] += "; E-0002 /components/13"
        result.tables["unsettled"] = [
            {
                "supplier": RUSSIAN,
                "question": "dominant_minority",
                "fact": f"the votes of {LONG}",
                "document": QUOTES,
                "clause": "791.301 person (4)",
            },
            {
                "supplier": RUSSIAN,
                "question": "",
                "fact": "told by a request",
                "document": "",
                "clause": "791.301 person (4)",
            },
        ]
        asked = EvidenceRequest(
            "owners", f"Who owns {MARKUP}", (RUSSIAN,), "791.315(d)(1)", "the nature of any interest", id="R-02"
        )
        return replace(result, requests=(asked,))
    if result.procedure == "s305_declarations":
        result.tables["deadlines"] = [
            {
                "what": f"DoC-1: last day to confirm it{rest}",
                "subject": "DoC-1",
                "date": day,
                "clause": clause,
                "state": "running",
                "note": QUOTES,
                "evidence": "E-0005 page 1",
            }
            for rest, day, clause in (
                (" for a later year", "2027-04-20", "791.305(h)(1)"),
                (", if the lead binds", "", "791.305(g)(1)"),
            )
        ] + [
            {
                "what": "DoC-1: end of the duty",
                "subject": "DoC-1",
                "date": "2036-04-20",
                "clause": "791.305(g)(3)",
                "state": "running",
                "evidence": "E-0005 page 1",
            }
        ]
        material = Question(
            "material_change",
            "CH-1",
            "791.305(e)",
            "Is it material?",
            "",
            ("yes", "no"),
            state="answered",
            answer="yes",
            answered_by="Ruth Amsel",
        )
        open_ = Question("material_change", "CH-2", "791.305(e)", "Is it material?", "", ("yes", "no"))
        tests = (
            Test(
                "791.305(h)(1)",
                "DoC-1: material changes",
                Outcome.EXCEPTION,
                MARKUP,
                (EvidenceRef("E-0007", "line 90"),),
            ),
        )
        return replace(result, tests=(*result.tests, *tests), questions=(material, open_))
    return result


def finding(procedure: str, subject: str, clause: str) -> Finding:
    """A finding with nothing but what it must have."""
    return Finding(
        "c",
        subject,
        (clause,),
        "t",
        "c",
        "c",
        "",
        "e",
        (),
        "low",
        (EvidenceRef("E-0001"),),
        id="F-99",
        procedure=procedure,
    )


def bare() -> dict[str, Any]:
    """An engagement with nothing in it: bare terms, no result, no evidence."""
    told = everything()
    terms = replace(
        told["terms"],
        responses=[],
        team=[],
        items=[],
        authorizations=[],
        independence={},
        client={"name": "X"},
        firm={"name": "Y"},
        criteria={},
        engagement={},
        report={},
    )
    return told | {
        "terms": terms,
        "results": [],
        "register": told["register"].head(0),
        "tables": {n: t.head(0) for n, t in told["tables"].items()},
    }
