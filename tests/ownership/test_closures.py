"""The closures against brute force: on exact shares they agree, on intervals must and may enclose every completion."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.ownership.tables import company, judge, person, stake

NAMES = ("a", "b", "c", "d", "e", "f")
PRC = {"a", "b"}
GRID = st.integers(0, 20).map(lambda n: Fraction(n, 20))
Shares = dict[tuple[str, str], Fraction]


def truth(shares: Shares, seeds: set[str]) -> set[str]:
    """Round after round over all subjects until nothing is added."""
    found = set(seeds)
    while True:
        more = {
            s
            for s in NAMES
            if s not in found
            and sum((x for (h, t), x in shares.items() if t == s and h in found), Fraction(0)) > Fraction(1, 2)
        }
        if not more:
            return found
        found |= more


@st.composite
def graphs(draw: st.DrawFn) -> Shares:
    """Shares of at most one in each subject; nobody holds itself."""
    shares: Shares = {}
    for subject in NAMES:
        left = Fraction(1)
        for holder in draw(st.lists(st.sampled_from([n for n in NAMES if n != subject]), unique=True, max_size=4)):
            share = min(left, draw(GRID))
            if share:
                shares[holder, subject] = share
                left -= share
    return shares


def entities(us_owner: bool = False) -> list[dict[str, object]]:
    return [company(name, "CN" if name in PRC else "US") for name in NAMES] + ([person("us-owner")] if us_owner else [])


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_exact_shares_establish_what_brute_force_finds(shares: Shares) -> None:
    ownership = judge(entities(), [stake(h, s, x) for (h, s), x in shares.items()])
    assert {n for n in NAMES if ownership.verdict(n).prc_russia == "established"} == truth(shares, PRC)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_each_holder_alone_establishes_what_brute_force_finds_for_it(shares: Shares) -> None:
    ownership = judge(entities(), [stake(h, s, x) for (h, s), x in shares.items()], aggregate=False)
    alone = truth(shares, {"a"}) | truth(shares, {"b"})
    assert {n for n in NAMES if ownership.verdict(n).prc_russia == "established"} == alone | PRC
    for name in truth(shares, PRC):
        assert ownership.verdict(name).prc_russia != "excluded"


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_with_every_share_disclosed_the_answer_is_never_lost_between_the_closures(shares: Shares) -> None:
    """The rest of each subject belongs to a U.S. person: nothing is undisclosed, so what is excluded is not controlled."""
    rows = [stake(h, s, x) for (h, s), x in shares.items()]
    for subject in NAMES:
        rest = 1 - sum((x for (_, s), x in shares.items() if s == subject), Fraction(0))
        if rest:
            rows.append(stake("us-owner", subject, rest))
    ownership = judge(entities(us_owner=True), rows, dominant_minority=Fraction(1))
    controlled = truth(shares, PRC)
    for name in NAMES:
        verdict = ownership.verdict(name)
        assert (verdict.prc_russia == "established") == (name in controlled)
        assert verdict.prc_russia != "possible" or verdict.settled_by
        low, high = verdict.controlled_share
        held = sum((x for (h, s), x in shares.items() if s == name and h in controlled), Fraction(0))
        assert low <= held <= high


@st.composite
def bands(draw: st.DrawFn) -> tuple[dict[tuple[str, str], tuple[Fraction, Fraction, bool, bool]], Shares]:
    """Intervals, and one completion: exact shares inside them; what is left over may belong to a hidden PRC holder."""
    told, whole = {}, {}
    step = Fraction(1, 1000)
    for subject in NAMES:
        holders = draw(st.lists(st.sampled_from([n for n in NAMES if n != subject]), unique=True, max_size=3))
        left = Fraction(1)
        for holder in holders:
            low, high = sorted((draw(GRID), draw(GRID)))
            low_open, high_open = (
                (draw(st.booleans()), draw(st.booleans())) if high - low > 2 * step else (False, False)
            )
            told[holder, subject] = (low, high, low_open, high_open)
            whole[holder, subject] = low + (step if low_open else 0)
            left -= whole[holder, subject]
        assume(left >= 0)
        for holder in holders:
            _, high, _, high_open = told[holder, subject]
            more = min(
                left,
                (high - (step if high_open else 0) - whole[holder, subject])
                * draw(st.sampled_from((Fraction(0), Fraction(1, 2), Fraction(1)))),
            )
            whole[holder, subject] += more
            left -= more
        if left and draw(st.booleans()):
            whole["hidden", subject] = left
    return told, whole


@settings(max_examples=100, deadline=None)
@given(bands())
def test_must_is_inside_and_may_around_every_completion(
    drawn: tuple[dict[tuple[str, str], tuple[Fraction, Fraction, bool, bool]], Shares],
) -> None:
    told, whole = drawn
    rows = [
        stake(h, s, f"{'(' if lo else ''}{float(low)}", f"{float(high)}{')' if ho else ''}")
        for (h, s), (low, high, lo, ho) in told.items()
    ]
    ownership = judge(entities(), rows)
    controlled = truth(whole, PRC | {"hidden"})
    for name in NAMES:
        answer = ownership.verdict(name).prc_russia
        assert answer != "established" or name in controlled
        assert name not in controlled or answer != "excluded"


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_look_through_shares_solve_their_equations(shares: Shares) -> None:
    ownership = judge(entities(), [stake(h, s, x) for (h, s), x in shares.items()])
    least = {n: ownership.verdict(n).look_through_share for n in NAMES}
    for name in set(NAMES) - PRC:
        assert 0 <= least[name][0] <= least[name][1] <= 1
        assert least[name][0] == sum((x * least[h][0] for (h, s), x in shares.items() if s == name), Fraction(0))
