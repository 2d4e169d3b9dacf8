"""assessor: the toolkit for third-party assessors under 15 CFR part 791 subpart D.

    import assessor
    assessment = assessor.open_assessment("ENGAGEMENT")
    result = assessment.perform("s301_scope")

The names below load what they need on first use, so that the command line starts quickly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assessor.assessment import Assessment, open_assessment, questions
    from assessor.engagement import Engagement, Terms
    from assessor.errors import AssessorError
    from assessor.procedures.facts import Facts, answered
    from assessor.results import (
        Determination,
        EvidenceRef,
        EvidenceRequest,
        Finding,
        Outcome,
        ProcedureResult,
        Question,
        Recommendation,
        Scope,
        Test,
    )
    from assessor.supposing import WhatIf, what_if

__version__ = "0.1.0"

_HOMES = {
    "assessor.assessment": ("Assessment", "open_assessment", "questions"),
    "assessor.engagement": ("Engagement", "Terms"),
    "assessor.errors": ("AssessorError",),
    "assessor.procedures.facts": ("Facts", "answered"),
    "assessor.results": (
        "Determination",
        "EvidenceRef",
        "EvidenceRequest",
        "Finding",
        "Outcome",
        "ProcedureResult",
        "Question",
        "Recommendation",
        "Scope",
        "Test",
    ),
    "assessor.supposing": ("WhatIf", "what_if"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Assessment",
    "AssessorError",
    "Determination",
    "Engagement",
    "EvidenceRef",
    "EvidenceRequest",
    "Facts",
    "Finding",
    "Outcome",
    "ProcedureResult",
    "Question",
    "Recommendation",
    "Scope",
    "Terms",
    "Test",
    "WhatIf",
    "answered",
    "open_assessment",
    "questions",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'assessor' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
