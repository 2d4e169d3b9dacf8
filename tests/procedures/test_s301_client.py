"""Cases of tests/cases/s301_client.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s301_client.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
