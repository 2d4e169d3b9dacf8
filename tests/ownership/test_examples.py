"""The worked examples that are published beside the project: control, look-through and rings, as their sources state them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.ownership.tables import company, judge, person, stake

SOURCE = Path(__file__).parents[3] / "shared" / "ownership" / "examples.json"
EXAMPLES = json.loads(SOURCE.read_text(encoding="utf-8"))["examples"] if SOURCE.exists() else []
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the worked examples are not beside this checkout")


def _cases() -> list[Any]:
    cases = []
    for example in EXAMPLES:
        expected = example["expected"]
        controls = (
            expected.get("controls") or expected.get("controls_least_fixpoint") or expected.get("controls_plain") or {}
        )
        if example["kind"] in ("control_majority", "control_and_integrated", "integrated_cycle") and all(
            "share_percent" in e for e in example["edges"]
        ):
            cases += [
                pytest.param(example, holder, controlled, id=f"{example['id']}-{holder}")
                for holder, controlled in controls.items()
            ]
    return cases


@pytest.mark.parametrize(("example", "holder", "controlled"), _cases())
def test_each_holder_in_turn_is_organised_in_the_prc(
    example: dict[str, Any], holder: str, controlled: list[str]
) -> None:
    names = [e if isinstance(e, str) else e["id"] for e in example["entities"]]
    ownership = judge(
        [company(name, "CN" if name == holder else "US") for name in names],
        [
            stake(e["owner"], e["owned"], Fraction(str(e["share_percent"])) / 100, kind=kind)
            for e in example["edges"]
            for kind in ("shareholding", "voting_rights")
        ],
    )
    assert {name for name in names if ownership.verdict(name).prc_russia == "established"} - {holder} == set(controlled)
    flag = example["expected"].get("ring_flag")
    for name in set(flag["scc"] if isinstance(flag, dict) else ()) - {holder}:
        assert ownership.verdict(name).prc_russia != "excluded"
    for name, figure in example["expected"].get(f"integrated_from_{holder}", {}).items():
        assert abs(ownership.verdict(name).look_through_share[0] - Fraction(str(figure))) < Fraction(1, 10_000)


PERSONS = {
    "p-cn-in-de": (person("p", citizenship="CN", residence="DE", us_status="none"), "2", "established"),
    "p-cn-lpr": (person("p", citizenship="CN", residence="US", us_status="permanent_resident"), "2", "excluded"),
    "p-cn-us-dual": (person("p", citizenship="CN; US", residence="CN"), "2", "excluded"),
    "p-de-in-cn": (person("p", citizenship="DE", residence="CN"), "2", "established"),
    "p-us-in-cn": (person("p", citizenship="US", residence="CN"), "2", "excluded"),
    "p-unknown": (person("p", citizenship=None, residence=None), "2", "possible"),
    "o-cayman-hq-shenzhen": (company("o", "KY", headquarters="CN"), "3", "established"),
    "o-de-ppb-moscow": (company("o", "US", principal_place="RU"), "3", "established"),
}


@pytest.mark.parametrize("case", sorted(PERSONS))
def test_the_truth_table_of_the_person_definition(case: str) -> None:
    assert case in {example["id"] for example in EXAMPLES}
    row, limb, expected = PERSONS[case]
    verdict = judge([row], []).verdict(row["entity"])
    assert verdict.limbs[limb] == expected
    assert expected == "established" or limb != "2" or verdict.prc_russia == expected


def test_a_german_company_wholly_owned_by_a_prc_company_is_caught_by_limb_4() -> None:
    verdict = judge([company("gmbh", "DE"), company("parent", "CN")], [stake("parent", "gmbh", 1)]).verdict("gmbh")
    assert (verdict.limbs["3"], verdict.limbs["4"]) == ("excluded", "established")
    assert [(step.from_, step.to) for step in verdict.chain] == [("parent", "gmbh")]


def test_51_percent_of_a_prc_citizen_living_in_germany_is_limb_4_through_limb_2() -> None:
    people = [company("ie", "IE"), person("wei", "CN", residence="DE")]
    assert judge(people, [stake("wei", "ie", "0.51", kind="voting_rights")]).verdict("ie").limbs["4"] == "established"


def test_a_foreign_interest_of_10_percent_in_a_us_company_is_reported_and_is_no_control() -> None:
    ownership = judge(
        [company("us"), company("fund", "GB"), person("fund-owner", "GB"), person("founder")],
        [stake("fund", "us", "0.1"), stake("founder", "us", "0.9"), stake("fund-owner", "fund", 1)],
    )
    verdict = ownership.verdict("us")
    assert (verdict.prc_russia, verdict.foreign) == ("excluded", True)
    assert [(i.holder, i.via) for i in verdict.foreign_interests] == [("fund", ()), ("fund-owner", ("fund Holdings",))]


def test_bands_are_read_with_their_open_ends() -> None:
    example = next(e for e in EXAMPLES if e["id"] == "psc-bands")["expected"]
    for band, proves in (
        (("(0.5", "0.75"), example["50-75 proves majority"]),
        (("(0.25", "0.5"), example["25-50 can prove majority"]),
    ):
        verdict = judge([company("uk", "GB"), company("cn", "CN")], [stake("cn", "uk", *band)]).verdict("uk")
        assert (verdict.prc_russia == "established") is proves


def test_an_upper_end_is_tightened_by_what_the_others_hold() -> None:
    expected = next(e for e in EXAMPLES if e["id"] == "interval-upper-tightening")["expected"]
    rows = [
        stake(holder, "T", Fraction(low) / 100, Fraction(high) / 100)
        for holder, (low, high) in expected["input"].items()
    ]
    ownership = judge([company(name) for name in ("T", *expected["input"])], rows)
    held = {s.holder: s.share for s in ownership.graph.votes.of["T"]}
    assert held["o3"].max == Fraction(expected["tightened_upper_o3"], 100)


def test_a_closed_ring_ends_with_a_named_problem_and_no_share_above_the_whole() -> None:
    example = next(e for e in EXAMPLES if e["id"] == "bods-fixture-circular")
    ownership = judge(
        [company(name) for name in example["entities"]],
        [stake(e["owner"], e["owned"], Fraction(e["share_percent"], 100)) for e in example["edges"]],
    )
    assert [p for p in ownership.problems if "closed ring" in p]
    for verdict in ownership.verdicts.values():
        assert verdict.prc_russia == "possible"
        assert 0 <= verdict.look_through_share[0] <= verdict.look_through_share[1] <= 1


def test_fifty_percent_passed_through_fifty_percent_is_no_majority() -> None:
    ownership = judge(
        [company("X", "CN"), company("A"), company("B")], [stake("X", "A", "0.5"), stake("A", "B", "0.5")]
    )
    assert {e for e in ("A", "B") if ownership.verdict(e).limbs["4"] == "established"} == set()
    assert [ownership.verdict(e).look_through_share[0] for e in ("A", "B")] == [Fraction(1, 2), Fraction(1, 4)]
