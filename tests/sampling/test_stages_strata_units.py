"""Stages, strata, weights and beliefs: against enumeration of everything that can happen in small populations."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate, product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessor import sampling
from assessor.errors import SamplingError
from assessor.sampling import bayes, drawing, stages, strata, units
from assessor.sampling.planning import ceiling
from assessor.sampling.strata import Stratum


def chance(size: int, bad: int, n: int, k: int) -> Fraction:
    if k > bad or n - k > size - bad or k > n:
        return Fraction(0)
    return Fraction(math.comb(bad, k) * math.comb(size - bad, n - k), math.comb(size, n))


# stages


def passing(size: int, bad: int, sizes: tuple[int, ...]) -> Fraction:
    """The probability of passing at some stage, over all ways in which the stages can go."""
    total = Fraction(0)
    for seen in product(range(len(sizes) + 1), repeat=len(sizes)):
        weight, before, found, passed = Fraction(1), 0, 0, False
        for j, (n, more) in enumerate(zip(sizes, seen, strict=True)):
            weight *= chance(size - before, bad - found, n - before, more) if bad >= found else 0
            before, found = n, found + more
            if found <= j:
                # what comes after counts only once: as nothing more
                passed = all(later == 0 for later in seen[j + 1 :])
                break
        total += weight if passed else 0
    return total


@pytest.mark.parametrize(("size", "per_cent"), [(60, 10), (100, 5), (400, 5)])
def test_all_chances_of_passing_together_keep_to_the_confidence(size: int, per_cent: int) -> None:
    made = stages.plan_stages(confidence="95%", tolerable=f"{per_cent}%", population=size, stages=3)
    bad = ceiling(Fraction(per_cent, 100) * size)
    risk = passing(size, bad, made.sizes)
    assert risk <= Fraction(5, 100)
    assert Fraction(made.achieved_confidence) <= 1 - risk < Fraction(made.achieved_confidence) + Fraction(1, 10**6)
    single = [
        sampling.plan(confidence="95%", tolerable=f"{per_cent}%", expected_count=j, population=size).sample_size or 0
        for j in range(3)
    ]
    assert passing(size, bad, tuple(single)) > Fraction(5, 100)  # the sizes of single samples claim too much
    assert all(here >= alone for here, alone in zip(made.sizes, single, strict=False))


@pytest.mark.parametrize(
    ("deviating", "stands"),
    [
        ([], ("go_on", 0, 66)),
        ([False] * 65, ("go_on", 65, 66)),
        ([False] * 66, ("supported", 66, 0)),
        ([True] + [False] * 65, ("go_on", 66, 98)),
        ([True] + [False] * 97, ("supported", 98, 0)),
        ([True] * 2 + [False] * 96, ("go_on", 98, 125)),
        ([True] * 2 + [False] * 123, ("supported", 125, 0)),
        ([False] * 66 + [True] * 9, ("supported", 66, 0)),
        ([True] * 3, ("not_supported", 3, 0)),
        ([True] + [False] * 65 + [True] * 2 + [False] * 57, ("not_supported", 98, 0)),
    ],
    ids=[
        "nothing is examined",
        "one item less than the first stage",
        "no deviation in the first stage ends it",
        "one deviation in the first stage asks for the second",
        "one deviation in the second stage ends it",
        "two deviations in the second stage ask for the third",
        "two deviations in the third stage end it",
        "what was examined after the end does not count",
        "three deviations end it at once",
        "three deviations by the second stage end it",
    ],
)
def test_where_a_sample_in_stages_stands(deviating: list[bool], stands: tuple[str, int, int]) -> None:
    made = stages.plan_stages(confidence="95%", tolerable="5%", population=400)
    assert made.sizes == (66, 98, 125)
    assert stages.standing(made, deviating) == stands


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"stages": 1}, "from 2 to 6"),
        ({"stages": 7}, "from 2 to 6"),
        ({"distribution": "poisson"}, "hypergeometric or the binomial"),
        ({"tolerable": "0"}, "plan for detection"),
        ({"population": 29}, "examined whole"),
        ({"population": 30, "tolerable": "3%"}, "plan a single sample"),
    ],
    ids=str,
)
def test_stages_that_make_no_sense_are_refused(about: dict[str, Any], says: str) -> None:
    with pytest.raises(SamplingError, match=says):
        stages.plan_stages(**{"confidence": "95%", "tolerable": "5%", "population": 400, **about})


# strata

SMALL = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 7)).map(lambda t: (t[0], min(t))), min_size=2, max_size=3)


@settings(max_examples=60, deadline=None)
@example(
    [(2, 1), (5, 2)], 40
)  # three deviating items, where it matters how the chances of an item change with the one before
@given(SMALL, st.integers(1, 99))
def test_the_power_of_detection_is_that_of_the_worst_place(parts: list[tuple[int, int]], per_cent: int) -> None:
    rate = Fraction(per_cent, 100)
    bad = ceiling(rate * sum(size for size, _ in parts))
    unseen = max(
        math.prod((chance(size, k, n, 0) for (size, n), k in zip(parts, where, strict=True)), start=Fraction(1))
        for where in product(*(range(size + 1) for size, _ in parts))
        if sum(where) == bad
    )
    told = strata.worst_detection({str(i): Stratum(*part) for i, part in enumerate(parts)}, rate)
    assert abs(told - (1 - unseen)) < Fraction(1, 10**40)


def _spread(parts: tuple[tuple[int, int], ...], found: int) -> dict[str, Stratum]:
    """Strata in which so many deviations were found in all; where does not matter for the bound."""
    made = {}
    for number, (size, n) in enumerate(parts):
        made[str(number)] = Stratum(size, n, min(n, found))
        found -= min(n, found)
    return made


@pytest.mark.parametrize("confidence", ["0.1", "0.25", "0.8", "0.95"])
@pytest.mark.parametrize("parts", [((10, 5), (8, 4), (6, 3)), ((12, 4), (5, 4), (4, 2)), ((20, 12), (3, 3))], ids=str)
def test_the_combined_bound_covers_wherever_the_deviations_lie(
    parts: tuple[tuple[int, int], ...], confidence: str
) -> None:
    sure, total = Fraction(confidence), sum(size for size, _ in parts)
    bounds = [strata.combined_bound(_spread(parts, found), sure) for found in range(sum(n for _, n in parts) + 1)]
    for where in product(*(range(size + 1) for size, _ in parts)):
        counts = [Fraction(1)]
        for (size, n), bad in zip(parts, where, strict=True):
            each = [chance(size, bad, n, k) for k in range(n + 1)]
            counts = [
                sum((counts[j] * each[k - j] for j in range(len(counts)) if 0 <= k - j < len(each)), Fraction(0))
                for k in range(len(counts) + n)
            ]
        covered = sum(weight for found, weight in enumerate(counts) if weight and bounds[found] * total >= sum(where))
        assert covered >= sure


def test_an_allocation_is_the_smallest_share_with_which_the_combined_statement_holds() -> None:
    sizes = {"A": 200, "B": 120, "C": 50, "D": 30}
    made = strata.allocate(sizes, confidence="95%", tolerable="5%")
    assert made == {"A": 28, "B": 17, "C": 7, "D": 5}
    clean = {name: Stratum(size, made[name]) for name, size in sizes.items()}
    assert strata.evaluate_strata(clean, confidence="95%", tolerable="5%").conclusion == "supported"
    fewer = {name: Stratum(size, math.ceil(size * 54 / 400)) for name, size in sizes.items()}
    assert strata.evaluate_strata(fewer, confidence="95%", tolerable="5%").conclusion == "not_supported"


@given(st.integers(0, 3), st.integers(1, 60))
def test_all_strata_support_exactly_where_the_confidence_achieved_is_the_one_asked_for(
    found: int, per_cent: int
) -> None:
    parts = {"A": Stratum(60, 20, found), "B": Stratum(40, 14)}
    told = strata.evaluate_strata(parts, confidence="95%", tolerable=f"{per_cent}%")
    assert (Fraction(told.achieved_confidence) >= Fraction(95, 100)) is (told.conclusion == "supported")
    assert told.most_likely_rate == Fraction(found * 60, 20) / 100


def test_strata_that_are_examined_whole_leave_no_risk() -> None:
    told = strata.evaluate_strata({"A": Stratum(5, 5, 1), "B": Stratum(9, 9)}, confidence="95%", tolerable="10%")
    assert (told.upper_bound, told.achieved_confidence, told.conclusion) == (Fraction(1, 14), "1", "supported")
    assert "these are all there are" in told.statement


def test_each_stratum_planned_as_a_population_of_its_own() -> None:
    made = strata.allocate({"A": 200, "B": 20}, confidence="95%", tolerable="5%", allocation="each")
    assert made == {"A": sampling.plan(confidence="95%", tolerable="5%", population=200).sample_size, "B": 20}


def test_what_was_not_examined_of_a_stratum_proves_nothing_of_it() -> None:
    told = strata.evaluate_strata({"A": Stratum(50, 40), "B": Stratum(50, 0)}, confidence="95%", tolerable="5%")
    assert told.upper_bound == Fraction(60, 100) and told.unexamined == ("B",) and told.conclusion == "not_supported"
    assert "Nothing was examined of B" in told.statement


# weights


def frame_of(weights: list[int]) -> sampling.Frame:
    return sampling.frame([f"I{number:03}" for number in range(len(weights))], weights=[str(w) for w in weights])


@given(st.lists(st.integers(1, 50), min_size=2, max_size=12), st.data())
def test_by_interval_an_item_is_hit_by_its_share_of_the_weight(weights: list[int], data: st.DataObject) -> None:
    """Over every start that there is, each item that is not certain is hit exactly in proportion to its weight."""
    frame, n = frame_of(weights), data.draw(st.integers(1, len(weights)))
    certain = set(units.draw_units(frame, n, seed="s").certain)
    rest = {id_: int(w) for id_, w in zip(frame.ids, frame.weights, strict=True) if id_ not in certain}
    total, left = sum(rest.values()), n - len(certain)
    if not rest or not left:
        return
    hits: dict[str, int] = dict.fromkeys(rest, 0)
    below = drawing.Counter.below
    try:
        for start in range(total):
            drawing.Counter.below = lambda self, bound, start=start: start  # type: ignore[method-assign,assignment,misc]
            for id_, count in units.draw_units(frame, n, seed="s").hits.items():
                hits[id_] += count
    finally:
        drawing.Counter.below = below  # type: ignore[method-assign]
    assert hits == {id_: weight * left for id_, weight in rest.items()}
    assert all(weight * left < total for weight in rest.values())  # none is as heavy as the interval


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=12),
    st.sampled_from(["interval", "cell", "random"]),
    st.integers(0, 20),
)
def test_every_draw_by_weight_has_as_many_hits_as_asked_for(weights: list[int], method: str, seed: int) -> None:
    frame = frame_of(weights)
    made = units.draw_units(frame, 2, seed=str(seed), method=method)
    assert sum(made.hits.values()) + len(made.certain) in (2, len(made.certain))
    assert set(made.ids) == {*made.hits, *made.certain} and not set(made.hits) & set(made.certain)


def test_the_bound_by_weight_is_known_where_nothing_or_everything_is_wrong() -> None:
    frame = frame_of([10] * 100)
    made = units.draw_units(frame, 20, seed="s")
    whole = sampling.upper_bound("poisson", 20, 0, Fraction(95, 100))
    none = units.evaluate_units(frame, made, {}, confidence="95%")
    assert none.bound == whole * 1000 and none.likely == 0
    two = dict.fromkeys(made.ids[:2], "1")
    wrong = units.evaluate_units(frame, made, two, confidence="95%")
    assert wrong.bound == sampling.upper_bound("poisson", 20, 2, Fraction(95, 100)) * 1000 and wrong.likely == 100


def test_a_part_that_is_wrong_adds_that_part_of_the_step() -> None:
    frame = frame_of([10] * 100)
    made = units.draw_units(frame, 20, seed="s")
    p = [sampling.upper_bound("binomial", 20, j, Fraction(95, 100)) for j in range(3)]
    told = units.evaluate_units(
        frame, made, {made.ids[0]: "25%", made.ids[1]: "0.5"}, confidence="95%", distribution="binomial"
    )
    assert told.bound == (p[0] + (p[1] - p[0]) / 2 + (p[2] - p[1]) / 4) * 1000


def test_items_as_heavy_as_the_interval_are_known_and_not_estimated() -> None:
    frame = frame_of([500, *[1] * 99])
    made = units.draw_units(frame, 11, seed="s")
    assert made.certain == ("I000",) and sum(made.hits.values()) == 10
    told = units.evaluate_units(frame, made, {"I000": "0.1"}, confidence="95%")
    assert told.bound == 50 + 99 * sampling.upper_bound("poisson", 10, 0, Fraction(95, 100))


@pytest.mark.parametrize(
    ("tolerable", "power"),
    [("10/599", Fraction(10, 99)), ("99/599", Fraction(1)), ("100/599", Fraction(1))],
    ids=["ten units among the light items", "all light items", "more than all light items, so the heavy one too"],
)
def test_the_power_by_weight_is_that_of_the_worst_place(tolerable: str, power: Fraction) -> None:
    frame = frame_of([500, *[1] * 99])
    told = units.evaluate_units(
        frame, units.draw_units(frame, 2, seed="s"), {}, confidence="95%", tolerable=tolerable, prohibition=True
    )
    assert (told.hits, told.certain, Fraction(told.detection_power)) == (1, 1, Fraction(int(power * 10**6), 10**6))


@pytest.mark.parametrize("method", ["interval", "cell", "random"])
def test_the_bound_by_weight_covers_in_trials(method: str) -> None:
    """100 items, every eighth wrong by a third or wholly: of 150 draws (the seeds are fixed) the bound holds in at least 90 %."""
    weights = [1 + number * 7 % 31 for number in range(100)]
    frame = frame_of(weights)
    taints = {
        id_: Fraction(1, 3) if number % 16 else Fraction(1) for number, id_ in enumerate(frame.ids) if number % 8 == 0
    }
    wrong = sum(weight * taints.get(id_, 0) for id_, weight in zip(frame.ids, frame.weights, strict=True))
    held = 0
    for seed in range(150):
        made = units.draw_units(frame, 30, seed=str(seed), method=method)
        found = {id_: taint for id_, taint in taints.items() if id_ in made.ids}
        held += units.evaluate_units(frame, made, found, confidence="90%").bound >= wrong
    assert held >= 135


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f, d: units.evaluate_units(f, d, {"I099": "1"}, confidence="95%"), "was not drawn"),
        (lambda f, d: units.evaluate_units(f, d, {d.ids[0]: "2"}, confidence="95%"), "more than all items"),
        (
            lambda f, d: units.evaluate_units(f, d, {}, confidence="95%", distribution="hypergeometric"),
            "poisson or binomial",
        ),
        (lambda f, d: units.draw_units(f, 101, seed="s"), "101 hits cannot be drawn"),
        (lambda f, d: units.draw_units(sampling.frame(["a"]), 1, seed="s"), "needs a weight for each item"),
    ],
    ids=["a taint of another item", "a taint above one", "a law without units", "more hits than items", "no weights"],
)
def test_weights_that_make_no_sense_are_refused(call: Any, says: str) -> None:
    frame = frame_of([10] * 99 + [1])
    with pytest.raises(SamplingError, match=says):
        call(frame, units.draw_units(frame, 5, seed="s"))


# beliefs

EVEN = bayes.prior("1,1")


@given(st.integers(1, 200), st.data())
def test_from_an_even_belief_the_bound_is_the_classical_one_of_one_item_more(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    told = bayes.credible_bound(EVEN, n, k, Fraction(95, 100))
    assert abs(told - sampling.upper_bound("binomial", n + 1, k, Fraction(95, 100))) <= Fraction(2, 10**8)


@settings(deadline=None)
@given(st.integers(2, 40), st.data())
def test_of_a_known_population_the_bound_is_that_of_counting_all_possibilities(size: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, size))
    k = data.draw(st.integers(0, n))
    likely = [
        chance(size, bad, n, k) for bad in range(size + 1)
    ]  # every number of deviating items equally likely before
    below = list(accumulate(weight / sum(likely) for weight in likely))
    expected = next(bad for bad, weight in enumerate(below) if weight >= Fraction(95, 100))
    told = bayes.credible_bound(EVEN, n, k, Fraction(95, 100), size) * size
    assert told == expected or (told == expected + 1 and abs(below[expected] - Fraction(95, 100)) < Fraction(1, 10**8))


def test_a_belief_in_few_deviations_needs_fewer_items() -> None:
    sure, limit, none = Fraction(95, 100), Fraction(5, 100), Fraction(0)
    even = bayes.smallest_size(EVEN, sure, limit, none)
    trusting = bayes.smallest_size(bayes.prior("1,20"), sure, limit, none)
    assert even == 58 and trusting == 39
    assert bayes.belief_below(EVEN, 58, 0, limit) >= 0.95 > bayes.belief_below(EVEN, 57, 0, limit)


@pytest.mark.parametrize("told", ["", "1", "1,1,1", "0,1", "1,-1", "a,b"])
def test_a_prior_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(SamplingError):
        bayes.prior(told)
