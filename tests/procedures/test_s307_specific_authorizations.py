"""Cases of tests/cases/s307_specific_authorizations.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s307_specific_authorizations.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
