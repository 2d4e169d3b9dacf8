"""Questions of ownership through the ledger: open and stale answers leave a tie possible, yes and no have their effect."""

from __future__ import annotations

from typing import Any

import pytest

from assessor.procedures import supplier_ownership
from tests.cases.runner import facts
from tests.ownership.tables import company, person, stake

PRC, FOUNDER = company("cn", "CN"), person("us")
STATE = company("s", "CN", kind="state", name="Ministry of Works")
AGENT = person("agent", "SG")
X = company("x", "US", principal_place="US")
P = person("p", "DE", us_status="none")

EVIDENCE: dict[str, tuple[str, dict[str, Any]]] = {
    "acting_in_concert": (
        "x Holdings",
        {
            "entities": [PRC, company("ru", "RU"), X, FOUNDER],
            "interests": [stake("cn", "x", "0.3"), stake("ru", "x", "0.21"), stake("us", "x", "0.49")],
            "terms": {"criteria": {"dominant_minority": "0.35", "aggregate": False}},
        },
    ),
    "important_matters": (
        "x Holdings",
        {
            "entities": [PRC, X, FOUNDER],
            "interests": [stake("us", "x", "0.95"), stake("cn", "x", "0.05", details="veto over reserved matters")],
        },
    ),
    "supervised_or_directed": (
        "agent Person",
        {
            "entities": [STATE, AGENT, X, FOUNDER],
            "interests": [stake("agent", "x", 1, details="on behalf of Ministry of Works")],
        },
    ),
    "principal_place": (
        "x Holdings",
        {
            "entities": [X, X | {"source": "E-0002", "principal_place": "RU"}, FOUNDER],
            "interests": [stake("us", "x", 1)],
        },
    ),
    "residence": (
        "p Person",
        {"entities": [P, P | {"source": "E-0002", "residence": "CN"}, X], "interests": [stake("p", "x", 1)]},
    ),
}


@pytest.mark.parametrize("question", EVIDENCE)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [("", "possible"), ("stale yes", "possible"), ("stale no", "possible"), ("yes", "established"), ("no", "excluded")],
)
def test_only_an_answer_in_force_changes_what_is_determined(question: str, answer: str, expected: str) -> None:
    subject, given = EVIDENCE[question]
    made = facts(
        given
        | {
            "components": {"medium": "software", "name": "part", "supplier": "x Holdings"},
            "answers": {f"{question}/{subject}": answer} if answer else {},
        }
    )
    (row,) = made.of(supplier_ownership.named).to_dict("records")
    assert row["prc_russia"] == expected
    put = made.of(supplier_ownership.assessed).questions[question, subject]
    assert (put.state, bool(put.facts)) == (
        {"": "open", "yes": "answered", "no": "answered"}.get(answer, "stale"),
        True,
    )
