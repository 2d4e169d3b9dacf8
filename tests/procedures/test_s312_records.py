"""Cases of tests/cases/s312_records.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s312_records.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
