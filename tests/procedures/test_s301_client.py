"""Cases of tests/cases/s301_client.yaml, s301_vehicles.yaml and s301_triage.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(("procedure", "defaults", "case"),
    [*cases("s301_client.yaml"), *cases("s301_vehicles.yaml"), *cases("s301_triage.yaml")],
)
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
