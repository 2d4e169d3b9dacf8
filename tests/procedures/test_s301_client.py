"""Cases of tests/cases/s301_client.yaml, s301_vehicles.yaml, s301_triage.yaml and s301_contradictions.yaml."""

import pytest

from tests.cases.runner import cases, check


@pytest.mark.parametrize(
    ("procedure", "defaults", "case"),
    [case for part in ("client", "vehicles", "triage", "contradictions") for case in cases(f"s301_{part}.yaml")],
)
def test_case(procedure, defaults, case):
    check(procedure, defaults, case)
