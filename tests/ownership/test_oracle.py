"""Control by exact stakes is the least model of a logic program of two rules, run by a solver that knows nothing of the engine.

Shares are whole millionths in the program and fractions in the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

import clingo
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ownership.tables import company, judge, stake

WHOLE = 1_000_000
Held = dict[tuple[str, str], int]  # (holder, subject) -> millionths

RULES = f"""
group(G, E) :- seed(G, E).
group(G, S) :- label(G), subject(S), #sum {{ X, H : held(H, S, X), group(G, H) }} > {WHOLE // 2}.
label(G) :- seed(G, _).
subject(S) :- held(_, S, _).
#show group/2.
"""


def solve(held: Held, seeds: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Label and member of every group: what seeds of one label control together, themselves included."""
    facts = [f'held("{holder}", "{subject}", {share}).' for (holder, subject), share in held.items() if share]
    facts += [f'seed("{label}", "{entity}").' for label, entity in seeds]
    control = clingo.Control(["--warn=none"])
    control.add("base", [], RULES + "\n".join(facts))
    control.ground([("base", [])])
    models: list[set[tuple[str, str]]] = []
    control.solve(
        on_model=lambda model: models.append(
            {(s.arguments[0].string, s.arguments[1].string) for s in model.symbols(shown=True)}
        )
    )
    (model,) = models
    return model


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> tuple[list[str], Held]:
    """Stakes of at most the whole in each subject; rings, mutual holdings and shares at one half and a millionth beside it."""
    names = [f"e{n}" for n in range(draw(st.integers(2, most)))]
    share = st.one_of(st.integers(1, WHOLE), st.sampled_from((WHOLE // 2, WHOLE // 2 + 1, WHOLE // 2 - 1, WHOLE // 4)))
    held: Held = {}
    for subject in names:
        left = WHOLE
        for holder in draw(st.lists(st.sampled_from(names), unique=True, max_size=4)):
            part = min(left, draw(share))
            if holder != subject and part:
                held[holder, subject] = part
                left -= part
    for size in draw(st.lists(st.integers(2, len(names)), max_size=2)):  # rings all around
        ring = draw(st.permutations(names))[:size]
        for holder, subject in pairwise([*ring, ring[0]]):
            free = WHOLE - sum(x for (h, s), x in held.items() if s == subject and h != holder)
            if part := min(free, draw(share)):
                held[holder, subject] = part
    return names, held


def established(names: list[str], held: Held, seeds: Iterable[str], *, aggregate: bool) -> set[str]:
    ownership = judge(
        [company(name, "CN" if name in set(seeds) else "US") for name in names],
        [stake(holder, subject, Fraction(share, WHOLE)) for (holder, subject), share in held.items()],
        aggregate=aggregate,
    )
    return {name for name in names if ownership.verdict(name).prc_russia == "established"}


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_what_each_entity_controls_is_the_least_model(drawn: tuple[list[str], Held]) -> None:
    names, held = drawn
    model = solve(held, ((name, name) for name in names))
    for name in names[:3]:
        assert established(names, held, [name], aggregate=True) == {e for label, e in model if label == name}


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(1, 4))
def test_what_persons_control_together_and_each_alone_is_the_least_model(
    drawn: tuple[list[str], Held], count: int
) -> None:
    names, held = drawn
    seeds = names[:count]
    together = {e for _, e in solve(held, (("all", name) for name in seeds))}
    alone = {e for _, e in solve(held, ((name, name) for name in seeds))}
    assert established(names, held, seeds, aggregate=True) == together
    assert established(names, held, seeds, aggregate=False) == alone


def test_the_program_knows_the_published_example() -> None:
    held = {("c1", "c2"): 600_000, ("c1", "c3"): 200_000, ("c2", "c3"): 350_000, ("c3", "c4"): 510_000}
    assert solve(held, [("c1", "c1"), ("c3", "c3")]) == {
        *(("c1", name) for name in ("c1", "c2", "c3", "c4")),
        ("c3", "c3"),
        ("c3", "c4"),
    }
