"""Foreign interests in words fit for a report, and listed by all their paths within bounds."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from assessor.ownership import describe, interests
from tests.ownership.tables import company, judge, person, stake

DE = person("de", "DE", us_status="none")
ENTITIES = [company("x"), company("y"), company("z"), person("us"), DE]


def told(*rows: dict[str, Any], entity: str = "x", holder: str = "de") -> list[str]:
    found = judge(ENTITIES, list(rows)).verdict(entity).foreign_interests
    return [describe(interest) for interest in found if interest.holder == holder]


def test_an_indirect_interest_is_told_with_its_share_its_way_its_day_and_its_source() -> None:
    rows = [
        stake("y", "x", "0.25", kind="voting_rights", start=date(2021, 3, 4), source="E-0012", locator="row 6"),
        stake("de", "y", "0.5", kind="voting_rights", start=date(2019, 1, 1), source="E-0012", locator="row 7"),
    ]
    assert told(*rows) == [
        "indirect, 12.5 % of the votes through y Holdings; known since 2021-03-04; source E-0012 row 7"
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (stake("de", "x", "0.0001"), "direct, 0.01 % of the shares"),
        (stake("de", "x", "(0.5", "0.75"), "direct, more than 50 % up to 75 % of the shares"),
        (stake("de", "x", "0.25", "0.5)"), "direct, 25 % to less than 50 % of the shares"),
        (stake("de", "x", kind="voting_rights"), "direct, a part, not stated, of the votes"),
        (stake("de", "x", kind="board_appointment"), "direct, right to appoint board members"),
        (
            stake("de", "x", kind="contractual_control", details="management agreement"),
            "direct, rights by contract (management agreement)",
        ),
        (stake("de", "x", kind="special_share"), "direct, special share"),
        (stake("de", "x", kind="proxy"), "direct, proxy votes"),
        (stake("de", "x", kind="nominee"), "direct, nominee holding"),
        (stake("de", "x", "0.6", kind="financing"), "direct, financing of 60 %"),
        (stake("de", "x", kind="concert"), "direct, arrangement to act in concert"),
        (stake("de", "x", "0.3", direct=False), "declared as indirect, 30 % of the shares"),
        (stake("de", "x", kind="something new"), "direct, another interest"),
    ],
)
def test_every_kind_has_words(row: dict[str, Any], words: str) -> None:
    assert told(row) == [f"{words}; since when is not stated; source E-0001 /de-x"]


def test_a_holder_whom_nobody_names_is_told_and_nobody_calls_it_foreign() -> None:
    verdict = judge(ENTITIES, [stake("us", "x", "0.9"), stake(None, "x", "0.1")]).verdict("x")
    (interest,) = verdict.foreign_interests
    assert verdict.foreign is None
    assert interest.holder_name == "a holder whom the source does not name"
    assert describe(interest).startswith(
        "direct, 10 % of the shares; who the holder is, and so whether it is a U.S. person, is not known"
    )


def test_a_holder_tied_to_another_country_whose_status_is_not_stated_says_so() -> None:
    verdict = judge(
        [*ENTITIES, person("h", "DE", residence=None)], [stake("h", "x", "0.1"), stake("us", "x", "0.9")]
    ).verdict("x")
    assert "U.S. status of the holder is not stated" in describe(verdict.foreign_interests[0])


TWO = [
    stake("y", "x", "0.6"),
    stake("z", "x", "0.2"),
    stake("de", "y", "0.6"),
    stake("de", "z", "0.1"),
    stake("de", "x", "0.2"),
]


def test_several_paths_of_one_holder_are_told_apart_with_the_votes_that_it_commands_in_all() -> None:
    words = told(*TWO)
    assert [told.split(";")[0] for told in words] == [
        "direct, 20 % of the shares",
        "indirect, 36 % of the shares through y Holdings",
        "indirect, 2 % of the shares through z Holdings",
    ]
    assert all("on all paths together the holder commands 80 % of the votes" in told for told in words)


def test_a_holder_of_several_small_parts_commands_none_of_the_votes() -> None:
    words = told(*TWO[:2], stake("de", "y", "0.1"), stake("de", "z", "0.1"))
    assert all("commands none of the votes" in told for told in words)


def test_a_company_that_is_reached_by_two_ways_passes_both_on_to_its_holder() -> None:
    rows = [
        stake("y", "x", "0.5"),
        stake("z", "x", "0.5"),
        stake("w", "y", 1),
        stake("w", "z", 1),
        stake("de", "w", "0.4"),
    ]
    verdict = judge([*ENTITIES, company("w")], rows).verdict("x")
    ways = [i.via for i in verdict.foreign_interests if i.holder == "de"]
    assert ways == [("w Holdings", "y Holdings"), ("w Holdings", "z Holdings")]


def test_a_ring_is_walked_once() -> None:
    rows = [stake("y", "x", "0.5"), stake("z", "y", "0.5"), stake("y", "z", "0.5"), stake("de", "z", "0.5")]
    assert [i.via for i in judge(ENTITIES, rows).verdict("x").foreign_interests] == [("z Holdings", "y Holdings")]


def layers(depth: int) -> list[dict[str, Any]]:
    """Two companies in each layer, each held half and half by the two above: two to the power of `depth` ways to the top."""
    rows = [stake("l0-0", "x", "0.5"), stake("l0-1", "x", "0.5")]
    for n in range(depth):
        rows += [stake(f"l{n + 1}-{up}", f"l{n}-{low}", "0.5") for up in (0, 1) for low in (0, 1)]
    return [*rows, stake("de", f"l{depth}-0", 1), stake("us", f"l{depth}-1", 1)]


def test_a_million_ways_are_told_in_a_few_and_by_what_they_come_to() -> None:
    companies = [company(f"l{n}-{side}") for n in range(21) for side in (0, 1)]
    ownership = judge([*ENTITIES, *companies], layers(20))
    begun = time.perf_counter()
    found = [i for i in ownership.verdict("x").foreign_interests if i.holder == "de"]
    assert time.perf_counter() - begun < 5
    assert 1 < len(found) <= interests.PATHS
    assert all(i.further and i.look_through == "50 %" for i in found)
    assert "further paths are not listed apart; multiplied out along all of them it holds 50 %" in describe(found[0])


def test_a_long_way_names_its_ends_and_how_many_stand_between() -> None:
    companies = [company(f"t{n}") for n in range(40)]
    rows = [stake("t0", "x", 1), *(stake(f"t{n + 1}", f"t{n}", 1) for n in range(39)), stake("de", "t39", 1)]
    via = judge([*ENTITIES, *companies], rows).verdict("x").foreign_interests[0].via
    assert len(via) == interests.NAMED + 1
    assert (via[0], via[6], via[-1]) == ("t39 Holdings", "28 others", "t0 Holdings")


def test_a_chain_of_many_foreign_tiers_takes_time_in_proportion() -> None:
    count = 3000
    companies = [company(f"t{n}", "DE") for n in range(count)]
    rows = [stake("t0", "x", 1), *(stake(f"t{n + 1}", f"t{n}", 1) for n in range(count - 1))]
    ownership = judge([*ENTITIES, *companies], rows)
    begun = time.perf_counter()
    assert len(ownership.verdict("x").foreign_interests) == count
    assert time.perf_counter() - begun < 5
