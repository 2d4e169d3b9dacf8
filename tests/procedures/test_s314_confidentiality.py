"""Cases of tests/cases/s314_confidentiality.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"), cases("s314_confidentiality.yaml"))
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
