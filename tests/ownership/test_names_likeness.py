"""Which names are proposed for each other: quality on labelled pairs, scripts, false friends, and the sieve over many names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessor.ownership import Party, directory, find
from assessor.ownership.likeness import PROPOSAL_SCORE, Sieve, likeness, read
from assessor.ownership.names import PROPOSALS, propose
from assessor.ownership.spelling import legal_form, normalise, words

PAIRS = yaml.safe_load((Path(__file__).parent / "pairs.yaml").read_text("utf-8"))


def alike(one: str, other: str) -> bool:
    """Whether the one is matched to or proposed for the other."""
    match = find(directory([Party("1", other)]), one)
    return match.key is not None or bool(match.candidates)


def test_proposals_on_labelled_pairs_are_good_enough() -> None:
    told = {(one, other): label for label in ("same", "other") for one, other in PAIRS[label]}
    assert len(told) >= 60
    said = {pair: alike(*pair) for pair in told}
    missed = [pair for pair, label in told.items() if label == "same" and not said[pair]]
    wrong = [pair for pair, label in told.items() if label == "other" and said[pair]]
    right = sum(label == "same" and said[pair] for pair, label in told.items())
    f1 = 2 * right / (2 * right + len(missed) + len(wrong))
    print(f"F1 {f1:.3f} on {len(told)} pairs; missed {missed}; wrong {wrong}")
    assert f1 >= 0.95


@pytest.mark.parametrize(("one", "other"), [pair for label in ("same", "other") for pair in PAIRS[label]])
def test_a_likeness_is_the_same_both_ways(one: str, other: str) -> None:
    a, b = (read(normalise(name)) for name in (one, other))
    assert likeness(a, b) == likeness(b, a)


def test_no_pair_of_different_spelling_is_ever_matched_by_itself() -> None:
    for one, other in (*PAIRS["same"], *PAIRS["other"]):
        match = find(directory([Party("1", other)]), one)
        assert match.key is None or normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("sought", "party", "reasons"),
    [
        ("Brightwater Connect Inc.", "Brightwater Connect LLC", ("legal form differs: inc / llc",)),
        (
            "深圳市云桥科技有限公司",
            "Shenzhen Yunqiao Technology Co., Ltd.",
            (
                "legal form in two languages: 有限公司 / co ltd",
                "written in another script, read as shenzhen yunqiao technology",
            ),
        ),
        (
            "Severny Signal LLC",
            "ООО «Северный Сигнал»",
            ("legal form in two languages: llc / ооо", "written in another script, read as severnyy signal"),
        ),
        (
            "Quillmark",
            "Quillmark Wireless Solutions Inc.",
            ("legal form differs: none / inc", "in one name only: wireless, solution"),
        ),
        ("Nordwindt GmbH", "Nordwind GmbH", ("similar name",)),
    ],
)
def test_the_reasons_of_a_proposal(sought: str, party: str, reasons: tuple[str, ...]) -> None:
    (candidate,) = find(directory([Party("1", party)]), sought).candidates
    assert candidate.reasons == reasons


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Wren Company Limited", "co ltd"),
        ("Wren Public Limited Company", "plc"),
        ("Wren GmbH & Co. KG", "gmbh and co kg"),
        ("Wren S.A. de C.V.", "sa de cv"),
        ("Wren Sp. z o.o.", "sp zoo"),
        ("云桥科技有限责任公司", "有限公司"),
        ("云桥科技股份有限公司", "股份有限公司"),
        ("株式会社コモレビ", "株式会社"),
        ("コモレビ株式会社", "株式会社"),
        ("(주)나루", "주식회사"),
        ("㈜나루", "주식회사"),
        ("나루 주식회사", "주식회사"),
        ("ООО «Сигнал»", "ооо"),
        ("Общество с ограниченной ответственностью «Сигнал»", "ооо"),
        ("Сигнал, ПАО", "пао"),
        ("Κύμα Α.Ε.", "αε"),
        ("Công ty TNHH Sao", "công ty tnhh"),
        ("Wren", ""),
        ("Incorporating Wren", ""),
        ("Texaco", ""),
        ("", ""),
    ],
)
def test_a_legal_form_is_known_in_its_language(name: str, form: str) -> None:
    assert legal_form(name) == form


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        ("深圳市云桥科技有限公司", "shenzhen yunqiao technology"),
        ("重庆长城汽车", "chongqing zhangcheng automotive"),
        ("サクラテクノロジー株式会社", "sakura technology"),
        ("주식회사 한별전자", "hanbyeol electronics"),
        ("ООО «Щука»", "shchuka"),
        ("Wren Tech Intl Mfg. Co.", "wren technology international manufacturing"),
    ],
)
def test_how_a_name_reads_in_english_letters(name: str, read_as: str) -> None:
    assert " ".join(words(normalise(name))) == read_as


def test_the_best_proposals_are_shown_and_the_others_counted() -> None:
    index = directory([Party(str(n), f"Quillmark Wireless {'ABCDEFGH'[n]}{'ABCDEFGH'[n]} GmbH") for n in range(8)])
    match = find(index, "Quillmark Wireless")
    assert len(match.candidates) == PROPOSALS
    assert match.reason.endswith("; 3 more are similar")


@given(st.lists(st.text(max_size=30), max_size=12), st.text(max_size=30))
def test_any_names_are_compared_without_an_error_and_twice_alike(names: list[str], sought: str) -> None:
    index = directory([Party(str(n), name) for n, name in enumerate(names)])
    once = find(index, sought)
    assert once == find(directory([Party(str(n), name) for n, name in enumerate(names)]), sought)
    assert all(0 <= candidate.score <= 100 for candidate in once.candidates)


def test_the_sieve_keeps_what_a_pass_over_all_names_would_propose() -> None:
    names = [name for label in ("same", "other") for pair in PAIRS[label] for name in pair]
    syllables = ["bal", "cor", "den", "fir", "gul", "han", "jor", "kel", "lum", "nor"]
    trades = ["Technology", "Electronics", "Software", "Systems"]
    many = [f"{a}{b}{c} {trades[len(a + b) % 4]} Ltd".title() for a in syllables for b in syllables for c in syllables]
    index = directory([Party(str(n), name) for n, name in enumerate(dict.fromkeys((*names, *many)))])
    _, listed, sieve = index.sieve()
    for name in dict.fromkeys(names):
        mine = read(normalise(name), index.table.words)
        near = set(sieve.near(mine))
        every = {place for place, other in enumerate(listed) if likeness(mine, other) >= PROPOSAL_SCORE}
        assert every <= near, name


def test_an_empty_sieve_and_a_name_without_letters_give_nothing() -> None:
    assert Sieve([]).near(read("wren")) == []
    assert propose(directory([Party("1", "Wren Ltd")]), "!!!") == ()
    assert propose(directory([]), "Wren") == ()
