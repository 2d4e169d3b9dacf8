"""Taking packages in: what each delivery leaves is looked at, whatever the test is about."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assessor.errors import EvidenceError
from assessor.evidence import package, register
from assessor.evidence.register import RegisterRow

DAY = date(2026, 10, 12)


def take(root: Path, path: Path, **more: Any) -> package.Delivery:
    """An intake after which nothing is new but what belongs to the engagement, and nothing temporary is left there."""
    before = {each for each in path.parent.rglob("*") if root not in (each, *each.parents)}
    try:
        return package.take_in(root, path, received=DAY, supplied_by="Client", custodian="Records", **more)
    finally:
        assert before == {each for each in path.parent.rglob("*") if root not in (each, *each.parents)}
        assert not list((root / "evidence").glob(".*"))


def refused(root: Path, path: Path, words: str, **more: Any) -> None:
    """An intake that is refused in one sentence with these words, and leaves nothing."""
    with pytest.raises(EvidenceError, match=words) as error:
        take(root, path, **more)
    assert str(error.value).count(". ") == 0 and str(error.value).endswith(".")
    assert not list((root / "evidence").glob("*")) and not (root / "register.jsonl").exists()


def by_path(root: Path) -> dict[str, RegisterRow]:
    """The register by path."""
    return {row.path: row for row in register.rows(register.read(root / "register.jsonl"))}


def reason(root: Path, path: str) -> str:
    return by_path(root)[path].reason or ""


def stored(root: Path, path: str) -> bytes:
    return register.file_of(root, by_path(root)[path]).read_bytes()
