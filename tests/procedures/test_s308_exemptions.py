"""The cases of `tests/cases/s308_exemptions.yaml`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s308_exemptions.yaml"))
def test_case(procedure: str, defaults: dict[str, Any], case: dict[str, Any]) -> None:
    check(procedure, defaults, case)
