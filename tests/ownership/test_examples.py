"""The worked examples that are published beside the project, each answered, none skipped."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from assessor.ownership import Majority, Ownership
from assessor.ownership.power import Indices, degree_of_control, power_indices
from tests.ownership.tables import company, judge, person, stake

SOURCE = Path(__file__).parents[3] / "shared" / "ownership" / "examples.json"
EXAMPLES = json.loads(SOURCE.read_text(encoding="utf-8"))["examples"] if SOURCE.exists() else []
BY_ID = {example["id"]: example for example in EXAMPLES}
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the worked examples are not beside this checkout")

HALF_SUFFICES = Majority(Fraction(1, 2), reached=True)  # of another regime, whose examples stand beside this rule's


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(example, id=example["id"]) for example in EXAMPLES if example["kind"] in kinds]


def owned(example: dict[str, Any], persons: set[str], **more: Any) -> Ownership:
    """The example's graph with some of its entities organised in the PRC."""
    rows = [
        stake(e["owner"], e["owned"], Fraction(str(e["share_percent"])) / 100, kind=kind)
        for e in example["edges"]
        for kind in ("shareholding", "voting_rights")
    ]
    return judge([company(name, "CN" if name in persons else "US") for name in example["entities"]], rows, **more)


def established(ownership: Ownership, names: list[str]) -> set[str]:
    return {name for name in names if ownership.verdict(name).prc_russia == "established"}


@pytest.mark.parametrize("example", of_kind("control_majority", "control_and_integrated"))
def test_each_holder_in_turn_is_organised_in_the_prc(example: dict[str, Any]) -> None:
    names, expected = example["entities"], example["expected"]
    assert expected["controls"]
    for holder, controlled in expected["controls"].items():
        assert established(owned(example, {holder}), names) - {holder} == set(controlled)
    for key, figures in expected.items():
        if key.startswith("integrated_from_"):
            ownership = owned(example, {key.removeprefix("integrated_from_")})
            for name, figure in figures.items():
                assert ownership.verdict(name).look_through_share[0] == Fraction(str(figure))
        elif key.startswith("votes_commanded_in_"):
            name = key.removeprefix("votes_commanded_in_").removesuffix("_percent")
            top = next(iter(expected["controls"]))
            assert owned(example, {top}).verdict(name).controlled_share[0] == Fraction(figures, 100)
        else:
            assert key == "controls", f"nothing here answers {key}"


@pytest.mark.parametrize("example", of_kind("bods_cycle"))
def test_a_closed_ring_ends_with_a_named_problem_and_no_share_above_the_whole(example: dict[str, Any]) -> None:
    assert (example["expected"]["own_ubo"], example["expected"]["natural_person_owner"]) == (False, None)
    ownership = owned(example, set())
    assert [p for p in ownership.problems if "closed ring" in p]
    for verdict in ownership.verdicts.values():
        assert verdict.prc_russia == "possible"
        assert 0 <= verdict.look_through_share[0] <= verdict.look_through_share[1] <= 1
        assert verdict.controlled_share[1] <= 1


@pytest.mark.parametrize("example", of_kind("attribution_ge50_aggregate"))
def test_where_half_suffices_another_regime_attributes_what_is_no_majority_here(example: dict[str, Any]) -> None:
    """OFAC's 50 % rule counts blocked persons together and exactly half as well; this rule's majority is more than half."""
    names = example["entities"]
    holders = {e["owner"] for e in example["edges"]} - {e["owned"] for e in example["edges"]}
    expected = example["expected"]
    blocked = expected.get("blocked") or expected["blocked_if_X_and_Y_both_listed"]
    assert established(owned(example, holders, deciding=HALF_SUFFICES), names) - holders == set(blocked)
    assert established(owned(example, holders), names) - holders == set(expected.get("majority_gt50_controls", ()))
    if "blocked_by_X_alone" in expected:
        alone = established(owned(example, {"X"}, deciding=HALF_SUFFICES), names)
        assert alone - {"X"} == set(expected["blocked_by_X_alone"])
    for name, figure in expected.get("product_integrated", {}).items():
        assert owned(example, holders).verdict(name).look_through_share[0] == Fraction(str(figure))


def test_where_half_suffices_nothing_less_does_and_its_other_half_leaves_it_possible() -> None:
    entities, rows = [company("cn", "CN"), company("x"), person("us")], [stake("us", "x", "0.5")]
    for share, expected in (("0.5", "established"), ("0.499999", "possible")):
        verdict = judge(entities, [*rows, stake("cn", "x", share)], deciding=HALF_SUFFICES).verdict("x")
        assert verdict.prc_russia == expected
    verdict = judge(entities, rows, deciding=HALF_SUFFICES, dominant_minority=Fraction(1)).verdict("x")
    assert verdict.prc_russia == "possible", "the undisclosed half suffices too"


@pytest.mark.parametrize("example", of_kind("power_index"))
def test_published_indices_of_power(example: dict[str, Any]) -> None:
    expected = {name: tuple(map(Fraction, listed)) for name, listed in example["expected"].items()}
    assert power_indices(example["params"]["weights"], example["params"]["quota"]) == Indices(
        expected["banzhaf_normalised"], expected["banzhaf_absolute"], expected["shapley_shubik"]
    )


@pytest.mark.parametrize("example", of_kind("dominant_minority_probability"))
def test_the_degree_of_control_is_the_published_formula(example: dict[str, Any]) -> None:
    for case, value in example["expected"]["alpha"].items():
        share, count = (part.split("=")[1] for part in case.split(","))
        others = [(1 - Fraction(share)) / int(count)] * int(count)
        assert degree_of_control(Fraction(share), others) == f"{value:.4f}"


@pytest.mark.parametrize("example", of_kind("interval_band"))
def test_bands_are_read_with_their_open_ends(example: dict[str, Any]) -> None:
    expected = example["expected"]
    for band, proves in (
        (("(0.5", "0.75"), expected["50-75 proves majority"]),
        (("(0.25", "0.5"), expected["25-50 can prove majority"]),
    ):
        verdict = judge([company("uk", "GB"), company("cn", "CN")], [stake("cn", "uk", *band)]).verdict("uk")
        assert (verdict.prc_russia == "established") is proves


@pytest.mark.parametrize("example", of_kind("interval_tightening"))
def test_an_upper_end_is_tightened_by_what_the_others_hold(example: dict[str, Any]) -> None:
    expected = example["expected"]
    rows = [
        stake(holder, "T", Fraction(low) / 100, Fraction(high) / 100)
        for holder, (low, high) in expected["input"].items()
    ]
    ownership = judge([company(name) for name in ("T", *expected["input"])], rows)
    held = {s.holder: s.share for s in ownership.graph.votes.of["T"]}
    assert held["o3"].max == Fraction(expected["tightened_upper_o3"], 100)


# the person definition: entities, interests, subject, limb, determination of the limb, of the whole

GERMANS = [person("ada", "DE"), company("x", "DE")]
FULL = [stake("ada", "x", 1)]
TRUTHS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], str, str, str, str]] = {
    "p-cn-in-de": (
        [person("p", citizenship="CN", residence="DE", us_status="none")],
        [],
        "p",
        "2",
        "established",
        "established",
    ),
    "p-cn-lpr": (
        [person("p", citizenship="CN", residence="US", us_status="permanent_resident")],
        [],
        "p",
        "2",
        "excluded",
        "excluded",
    ),
    "p-cn-us-dual": ([person("p", citizenship="CN; US", residence="CN")], [], "p", "2", "excluded", "excluded"),
    "p-de-in-cn": ([person("p", citizenship="DE", residence="CN")], [], "p", "2", "established", "established"),
    "p-us-in-cn": ([person("p", citizenship="US", residence="CN")], [], "p", "2", "excluded", "excluded"),
    "p-unknown": ([person("p", citizenship=None, residence=None)], [], "p", "2", "possible", "possible"),
    "o-cayman-hq-shenzhen": ([company("x", "KY", headquarters="CN")], [], "x", "3", "established", "established"),
    "o-de-ppb-moscow": ([company("x", "US", principal_place="RU")], [], "x", "3", "established", "established"),
    "o-gmbh-cn100": (
        [company("x", "DE"), company("cn", "CN")],
        [stake("cn", "x", 1)],
        "x",
        "4",
        "established",
        "established",
    ),
    "o-ie-51-cn-person": (
        [company("x", "IE"), person("wei", "CN", residence="DE")],
        [stake("wei", "x", "0.51", kind="voting_rights")],
        "x",
        "4",
        "established",
        "established",
    ),
    "o-employees-only": ([*GERMANS, person("li", "CN", residence="DE")], FULL, "x", "4", "excluded", "excluded"),
    "o-us-uk-10": (
        [company("x"), company("fund", "GB"), person("owner", "GB"), person("founder")],
        [stake("fund", "x", "0.1"), stake("founder", "x", "0.9"), stake("owner", "fund", 1)],
        "x",
        "4",
        "excluded",
        "excluded",
    ),
}


@pytest.mark.parametrize("example", of_kind("regulation_truth_table"))
def test_the_truth_table_of_the_person_definition(example: dict[str, Any]) -> None:
    entities, rows, subject, limb, of_limb, whole = TRUTHS[example["id"]]
    verdict = judge(entities, rows).verdict(subject)
    assert (verdict.limbs[limb], verdict.prc_russia) == (of_limb, whole)
    answer = example["expected"]["answer"]
    assert (of_limb == "established") is answer.startswith("covered")
    assert (of_limb == "possible") is (answer == "indeterminate")


def test_a_company_that_a_prc_company_owns_is_caught_by_limb_4_alone_and_the_chain_tells_how() -> None:
    entities, rows, *_ = TRUTHS["o-gmbh-cn100"]
    verdict = judge(entities, rows).verdict("x")
    assert verdict.limbs["3"] == "excluded"
    assert [(step.from_, step.to) for step in verdict.chain] == [("cn", "x")]


def test_a_foreign_interest_of_10_percent_in_a_us_company_is_reported_with_its_path() -> None:
    entities, rows, *_ = TRUTHS["o-us-uk-10"]
    verdict = judge(entities, rows).verdict("x")
    assert verdict.foreign is True
    assert [(i.holder, i.via) for i in verdict.foreign_interests] == [("fund", ()), ("owner", ("fund Holdings",))]


def test_no_example_is_skipped() -> None:
    """Every kind has a test above that is made of all examples of it; the truth table has a row for each of its own."""
    assert {example["kind"] for example in EXAMPLES} == {
        "attribution_ge50_aggregate",
        "bods_cycle",
        "control_and_integrated",
        "control_majority",
        "dominant_minority_probability",
        "interval_band",
        "interval_tightening",
        "power_index",
        "regulation_truth_table",
    }
    assert {e["id"] for e in EXAMPLES if e["kind"] == "regulation_truth_table"} == set(TRUTHS)
