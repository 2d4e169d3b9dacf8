"""Bills of materials outside an engagement: files and folders read, the four fields counted and the gaps listed.

    from assessor import bom
    for bill in bom.each([Path("DELIVERY")]):
        print(bill.path, bom.coverage(bill).all_four)

`read` and `each` give the components as tables. `answer` is what the command takes: of each file only what is to be shown
crosses from the process that read it, so that thousands of files need no more memory than one. The names below load what
they need on first use, so that the process which only waits for others starts at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assessor.bom.answers import Answer, answer
    from assessor.bom.bill import Bill, coverage, read_file
    from assessor.bom.reading import each, frame, missing, read
    from assessor.bom.summary import Coverage, Summary

_HOMES = {
    "assessor.bom.answers": ("Answer", "answer"),
    "assessor.bom.bill": ("Bill", "coverage", "read_file"),
    "assessor.bom.reading": ("each", "frame", "missing", "read"),
    "assessor.bom.summary": ("Coverage", "Summary"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer",
    "Bill",
    "Coverage",
    "Summary",
    "answer",
    "coverage",
    "each",
    "frame",
    "missing",
    "read",
    "read_file",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'assessor.bom' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
