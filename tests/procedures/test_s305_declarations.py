"""Cases of tests/cases/s305_*.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(
    ("procedure", "defaults", "case"), cases("s305_declarations.yaml", "s305_contents.yaml", "s305_timing.yaml")
)
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
