"""Cases of tests/cases/authorizations_general.yaml, authorizations_specific.yaml and authorization_conditions.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(
    ("procedure", "defaults", "case"),
    cases("authorizations_general.yaml", "authorizations_specific.yaml", "authorization_conditions.yaml"),
)
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
