"""The cases of `tests/cases/s302_hardware.yaml`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from assessor.procedures import s302_hardware
from tests.cases.runner import HERE, SOURCES, cases, check, facts


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s302_hardware.yaml"))
def test_case(procedure: str, defaults: dict[str, Any], case: dict[str, Any]) -> None:
    check(procedure, defaults, case)


GIVEN = yaml.safe_load((HERE / "s302_hardware.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("yes", "from which awareness of a high probability may be inferred"),
        ("no", "no known facts were consciously disregarded"),
        ("not decided", "Whether known facts were disregarded or facts avoided is not decided."),
        ("stale yes", "Whether known facts were disregarded or facts avoided is not decided."),
        ("", "Whether known facts were disregarded or facts avoided is not decided."),
    ],
)
def test_what_is_recorded_on_wilful_avoidance_stands_in_the_finding_and_decides_nothing(answer: str, told: str) -> None:
    case = next(c for c in GIVEN["cases"] if "An address in the PRC" in c["name"])["given"]
    recorded = {"wilful_avoidance/Qilin, hardware imports": answer} if answer else {}
    found = s302_hardware.run(facts({**case, "answers": {**case["answers"], **recorded}}, GIVEN["defaults"]))
    (finding,) = found.findings
    assert told in finding.condition
    assert "Whether the client acted knowingly is not decided here." in finding.condition
    assert str(found.conclusion) == "exception"


def test_the_warnings_are_shown_with_their_days_and_places_and_what_was_done_about_them() -> None:
    case = next(c for c in GIVEN["cases"] if "An address in the PRC" in c["name"])["given"]
    more = {
        "changes": {"change": "CH-1", "kind": "ownership", "subject": "QILIN", "discovered": date(2026, 6, 1)}
        | {"description": "sold", "revised": date(2026, 6, 20)},
        "screening": {"subject": "Qilin", "date": date(2026, 2, 1), "result": "Possible match"},
        "interviews": {
            "person": "R. H.",
            "date": date(2026, 10, 6),
            "statement": "We learned of the sale of Qilin in June.",
        },
        "terms": {
            "responses": [
                {"finding": "s302_hardware/prohibited_hardware/Qilin", "by": "P. A.", "text": "It was overlooked."}
            ]
        },
    }
    result = s302_hardware.run(facts({**case, **more}, GIVEN["defaults"]))
    (question,) = (q for q in result.questions if q.id == "wilful_avoidance")
    assert [(w["date"], w["what"], w["evidence"]) for w in question.facts["warnings"]] == [
        (
            "2024-01-10",
            "supplier list: address in China, first order on the day given",
            f"{SOURCES['suppliers']} row 1",
        ),
        ("2026-02-01", "screening: Possible match", f"{SOURCES['screening']} row 1"),
        ("2026-06-01", "change log CH-1, discovered: sold", f"{SOURCES['changes']} row 1"),
    ]
    assert question.facts["enquiries"] == [
        "screened 2026-02-01: Possible match",
        "declaration revised on 2026-06-20 after CH-1",
    ]
    assert question.facts["interviews"] == ["R. H., 2026-10-06: We learned of the sale of Qilin in June."]
    assert question.facts["explanations"] == ["P. A., undated: It was overlooked."]
    assert question.facts["transactions"]["first"] == "2026-08-05"
