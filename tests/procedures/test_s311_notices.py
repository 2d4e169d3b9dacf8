"""Cases of tests/cases/s311_notices.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s311_notices.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
