"""What differs between two states: of facts, of conclusions, and of what they rest on.

`compare` takes two engagements, two deliveries or two bills of materials. Nothing here writes into an engagement but `recorded`.
Everything is imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assessor.comparison.comparing import Comparison, between, compare

_HOME = {
    "Comparison": "assessor.comparison.comparing",
    "between": "assessor.comparison.comparing",
    "compare": "assessor.comparison.comparing",
}

__all__ = ["Comparison", "between", "compare"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'assessor.comparison' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
