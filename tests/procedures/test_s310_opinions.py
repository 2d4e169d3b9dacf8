"""Cases of tests/cases/s310_opinions.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s310_opinions.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
