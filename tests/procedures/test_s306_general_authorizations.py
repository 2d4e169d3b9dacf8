"""Cases of tests/cases/s306_general_authorizations.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s306_general_authorizations.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
