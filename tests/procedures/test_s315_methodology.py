"""Cases of tests/cases/s315_methodology.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s315_methodology.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
