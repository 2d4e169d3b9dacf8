"""The chain of an established verdict is sufficient, the shortest there is, and each of its steps says where it stands."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.ownership import shortest
from tests.ownership.tables import company, judge, person, stake

NAMES = ("a", "b", "c", "d", "e", "f")
PRC = ("a", "b")
Edge = tuple[
    str, str, Fraction, bool
]  # holder, subject, lower end, whether that end is open; share 2: a power judged to be one


def controlled(edges: tuple[Edge, ...], seeds: tuple[str, ...]) -> set[str]:
    """What the seeds control by these edges alone, round after round."""
    found = set(seeds)
    while True:
        more = set()
        for subject in NAMES:
            held = [(share, is_open) for h, s, share, is_open in edges if s == subject and h in found]
            total = sum((share for share, _ in held), Fraction(0))
            if total > Fraction(1, 2) or (total == Fraction(1, 2) and any(is_open for _, is_open in held)):
                more.add(subject)
        if more <= found:
            return found
        found |= more


def fewest(edges: tuple[Edge, ...], target: str, groups: list[tuple[str, ...]]) -> int | None:
    """By trying all sets of edges, small ones first: how many suffice for one of the groups."""
    for size in range(1, len(edges) + 1):
        for chosen in combinations(edges, size):
            if any(target in controlled(chosen, seeds) for seeds in groups):
                return size
    return None


@st.composite
def graphs(draw: st.DrawFn, powers: bool = False) -> tuple[Edge, ...]:
    """At most eleven edges; shares of at most one in each subject."""
    found: list[Edge] = []
    for subject in NAMES:
        left = Fraction(1)
        others = [name for name in NAMES if name != subject]
        for holder in draw(st.lists(st.sampled_from(others), unique=True, max_size=4)):
            share = min(left, Fraction(draw(st.integers(2, 14)), 20))
            is_open = draw(st.booleans()) and share < left
            if share and len(found) < 11:
                found.append((holder, subject, share, is_open))
                left -= share
        if not left:  # an open end would make the stakes exceed the whole
            found = [(h, s, share, is_open and s != subject) for h, s, share, is_open in found]
        if powers and len(found) < 11 and draw(st.integers(0, 3)) == 0:
            found.append((draw(st.sampled_from(others)), subject, Fraction(2), False))
    return tuple(found)


def rows(edges: tuple[Edge, ...]) -> list[dict[str, Any]]:
    return [
        stake(h, s, kind="special_share")
        if share > 1
        else stake(h, s, f"{'(' if is_open else ''}{float(share)}", "1" if is_open else None)
        for h, s, share, is_open in edges
    ]


ENTITIES = [company(name, "CN" if name in PRC else "US") for name in NAMES]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_chain_is_shorter_where_persons_count_together(edges: tuple[Edge, ...]) -> None:
    ownership = judge(ENTITIES, rows(edges))
    for name in controlled(edges, PRC) - set(PRC):
        chain = ownership.verdict(name).chain
        taken = tuple(e for e in edges if (e[0], e[1]) in {(step.from_, step.to) for step in chain})
        assert name in controlled(taken, PRC)
        assert len(chain) == fewest(edges, name, [PRC])


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_chain_is_shorter_where_each_holder_counts_alone_and_it_is_of_one_holder(edges: tuple[Edge, ...]) -> None:
    ownership = judge(ENTITIES, rows(edges), aggregate=False)
    for name in (controlled(edges, PRC[:1]) | controlled(edges, PRC[1:])) - set(PRC):
        chain = ownership.verdict(name).chain
        taken = tuple(e for e in edges if (e[0], e[1]) in {(step.from_, step.to) for step in chain})
        assert any(name in controlled(taken, (head,)) for head in PRC)
        assert len(chain) == fewest(edges, name, [PRC[:1], PRC[1:]])


@settings(max_examples=100, deadline=None)
@given(graphs(powers=True))
def test_powers_judged_to_be_control_shorten_a_chain_only_where_the_answer_needs_a_judgement(
    edges: tuple[Edge, ...],
) -> None:
    judged = {("special_share", f"{s} Holdings"): "yes" for _, s, share, _ in edges if share > 1}
    ownership = judge(ENTITIES, rows(edges), judged=judged)
    plain = tuple(edge for edge in edges if edge[2] <= 1)
    for name in controlled(edges, PRC) - set(PRC):
        verdict = ownership.verdict(name)
        needed = name not in controlled(plain, PRC)
        assert verdict.rests_on_judgement == needed
        assert len(verdict.chain) == fewest(edges if needed else plain, name, [PRC])
        assert needed == any(step.judgement for step in verdict.chain)


def test_each_step_names_its_source_its_place_and_the_judgement_on_which_it_rests() -> None:
    rows = [
        stake("cn", "x", kind="special_share", source="E-0007", locator="page 3"),
        stake("x", "y", "0.3", source="E-0008", locator="row 4"),
        *(stake(f"us{n}", "y", "0.07", source="E-0008", locator=f"row {n + 5}") for n in range(10)),
        stake("us0", "x", 1),
    ]
    judged = {("special_share", "x Holdings"): "yes", ("dominant_minority", "y Holdings"): "yes"}
    entities = [company("cn", "CN"), company("x"), company("y"), *(person(f"us{n}") for n in range(10))]
    chain = judge(entities, rows, judged=judged).verdict("y").chain
    assert [(s.from_, s.to, s.source, s.locator, s.judgement) for s in chain] == [
        ("cn", "x", "E-0007", "page 3", (("special_share", "x Holdings"),)),
        ("x", "y", "E-0008", "row 4", (("dominant_minority", "y Holdings"),)),
    ]
    assert chain[0].as_row()["judgement"] == [{"question": "special_share", "subject": "x Holdings"}]


def test_a_holder_that_is_a_person_by_judgement_only_says_so_at_its_step() -> None:
    sources = [
        company("h", "KY", principal_place="CN", source="E-0001"),
        company("h", "KY", principal_place="SG", source="E-0002"),
    ]
    judged = {("principal_place", "h Holdings"): "yes"}
    chain = judge([*sources, company("x")], [stake("h", "x", "0.8")], judged=judged).verdict("x").chain
    assert [(s.from_, s.judgement) for s in chain] == [("h", (("principal_place", "h Holdings"),))]


def test_a_step_cites_the_source_that_states_its_share() -> None:
    rows = [
        stake("cn", "x", source="E-0001", locator="line 1"),
        stake("cn", "x", "0.6", source="E-0002", locator="line 2"),
    ]
    chain = judge([company("cn", "CN"), company("x")], rows).verdict("x").chain
    assert [(s.source, s.locator) for s in chain] == [("E-0002", "line 2")]


def test_holders_that_are_shared_by_several_branches_are_told_once() -> None:
    """Two ways to x: through a and b, which one company controls both, or through c and d, each with a chain of its own."""
    rows = [
        stake("cn", "top", 1),
        stake("top", "a", 1),
        stake("top", "b", 1),
        stake("cn2", "c0", 1),
        stake("c0", "c", 1),
    ]
    rows += [stake("cn3", "d0", 1), stake("d0", "d", 1), *(stake(h, "x", "0.25") for h in "abcd")]
    rows += [stake("c", "x2", "0.3"), stake("d", "x2", "0.3")]
    entities = [company(name, "CN") for name in ("cn", "cn2", "cn3")]
    entities += [company(name) for name in ("top", "a", "b", "c0", "d0", "c", "d", "x", "x2")]
    ownership = judge(entities, rows)
    assert len(ownership.verdict("x2").chain) == 6
    assert len(ownership.verdict("x").chain) == 8  # three of the four are needed: a and b share the step to `top`


def test_where_the_search_ends_at_its_bound_the_chain_is_sufficient_still(monkeypatch: Any) -> None:
    monkeypatch.setattr(shortest, "SEARCHED", 1)
    rows = [stake("cn", "a", 1), stake("cn", "b", 1), stake("a", "x", "0.3"), stake("b", "x", "0.3")]
    chain = judge([company("cn", "CN"), *(company(n) for n in "abx")], rows).verdict("x").chain
    assert {(s.from_, s.to) for s in chain} == {("cn", "a"), ("cn", "b"), ("a", "x"), ("b", "x")}
