"""Where a workpaper's links lead: to evidence of the same engagement, to its other workpapers, to its report and results.

Every address is relative and as seen from workpapers/. One that an item of evidence could have chosen itself is none: the
address of an item is made from its place in the register, and only where the file really lies under evidence/.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd

from assessor.assessment import Assessment

OPENED = frozenset(
    {".csv", ".docx", ".jpeg", ".jpg", ".json", ".jsonl", ".ods", ".pdf", ".png", ".tsv", ".txt", ".xlsx", ".zip"}
)
"""Kinds of evidence that a click may open: nothing that a browser would run."""

ITEM = re.compile(r"E-\d{4,}")
"""An item's id in a reference."""

Evidence = Callable[[str, str], str | None]
"""The address under which an item of evidence and a place in it open, or None."""

_EVIDENCE = re.compile(r"\.\./evidence/[A-Za-z0-9._~%/-]+(#page=\d{1,6})?")
_OWN = re.compile(r"(\d\d_[a-z_]+|index)\.html|\.\./(report|results)/([A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_PAGE = re.compile(r"page (\d{1,6})\b")


def evidence_links(assessment: Assessment, register: pd.DataFrame | None = None) -> Evidence:
    """Addresses of evidence files as seen from workpapers/, a PDF's with the page. Only files that lie in the engagement's own evidence
    folder and are of a kind that a browser does not run have one. `register`: another than that of the facts, such as the present one."""
    register = assessment.facts.register if register is None else register
    root = assessment.engagement.root
    inside = assessment.engagement.evidence.resolve()
    paths = {
        item: f"evidence/{delivery}/data/{path}"
        for item, delivery, path in zip(register["id"], register["delivery"], register["path"], strict=True)
        if Path(str(path)).suffix.lower() in OPENED
    }

    def address(source: str, locator: str) -> str | None:
        path = paths.get(source)
        if not path or not (root / path).is_file() or not (root / path).resolve().is_relative_to(inside):
            return None
        told = f"../{quote(path)}"
        page = _PAGE.match(locator) if path.lower().endswith(".pdf") else None
        told += f"#page={int(page[1])}" if page else ""
        return told if near(told) else None

    return address


def near(address: str) -> bool:
    """Whether an address is that of a file under evidence/, as seen from workpapers/."""
    path = unquote(address)
    return bool(_EVIDENCE.fullmatch(address)) and ".." not in path.split("/")[1:] and "\\" not in path


def leads_home(address: str) -> bool:
    """Whether an address is that of evidence, of a workpaper's page, or of something in report/ or results/."""
    return near(address) or bool(_OWN.fullmatch(address))
