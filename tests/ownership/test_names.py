"""Identifiers prove themselves, exact names and listed aliases match, everything else is only proposed."""

from __future__ import annotations

import pytest

from assessor.ownership import Match, Party, directory, find, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour Lantern Co., Ltd.", "HARBOUR  LANTERN CO.,LTD"),
        ("Arbor Ring B.V.", "Arbor Ring BV"),
        ("云桥科技（深圳）有限公司", "云桥科技(深圳)有限公司"),
        ("Ｂｒｉｇｈｔ Connect LLC", "Bright Connect, L.L.C."),
        ("Nordlicht-Fusion OÜ", "nordlicht fusion oü"),
    ],
)
def test_spelling_is_levelled(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brightwater Connect LLC", "Brightwater Connect Ltd"),
        ("Brightwater Connect LLC", "Brightwater Connect"),
        ("Nordlicht OÜ", "Nordlicht OU"),
    ],
)
def test_legal_forms_and_letters_are_kept(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


BOOK = directory(
    [
        Party("1", "Brightwater Connect LLC", ("Brightwater Conect LLC", "亮水互联"), frozenset({"US"})),
        Party("2", "Brightwater Connect Ltd", (), frozenset({"GB"})),
        Party(
            "3",
            "Taipei Halcyon Semiconductor Co., Ltd.",
            (),
            frozenset({"TW"}),
            registration="28912345",
            registered_in="TW",
        ),
        Party("4", "Shenzhen Yunqiao Technology Co., Ltd.", ("云桥科技",), frozenset({"CN"})),
        Party("5", "Twin GmbH", (), frozenset({"DE"})),
        Party("6", "Twin GmbH", (), frozenset({"AT"})),
    ]
)


def _found(name: str, **more: object) -> Match:
    return find(BOOK, name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "key", "basis"),
    [
        ("BRIGHTWATER CONNECT LLC", "1", "exact name"),
        ("Brightwater Conect LLC", "1", "alias"),
        ("亮水互联", "1", "alias"),
        ("Brightwater Connect Ltd", "2", "exact name"),
        ("Brightwater Connect", None, "proposed"),
        ("Brightwater Connect Inc.", None, "proposed"),
        ("Halcyon Taipei Semi", None, "proposed"),
        ("Brihgtwater Connect LLC", None, "proposed"),
        ("Shenzhen Lanqiao Optics Co., Ltd.", None, "unmatched"),
        ("Vireo Labs", None, "unmatched"),
        ("", None, "unmatched"),
    ],
)
def test_what_a_name_is_found_to_mean(name: str, key: str | None, basis: str) -> None:
    match = _found(name)
    assert (match.key, match.basis) == (key, basis)
    assert bool(match.candidates) == (basis == "proposed")


def test_a_proposal_says_what_differs() -> None:
    candidates = {c.key: c for c in _found("Brightwater Connect Inc.", countries=frozenset({"US"})).candidates}
    assert set(candidates) == {"1", "2"}
    assert candidates["1"].reasons == ("legal form differs: inc / llc",)
    assert candidates["2"].reasons == ("legal form differs: inc / ltd", "country differs: US / GB")


def test_the_same_name_in_another_country_is_only_proposed() -> None:
    match = _found("Brightwater Connect LLC", countries=frozenset({"CN"}))
    assert match.basis == "proposed"
    assert any("country differs: CN / US" in reason for c in match.candidates for reason in c.reasons)


def test_a_name_that_two_parties_bear_needs_the_country() -> None:
    assert _found("Twin GmbH").basis == "proposed"
    assert _found("Twin GmbH", countries=frozenset({"AT"})).key == "6"


def test_an_identifier_outweighs_the_name() -> None:
    match = _found("Somebody Else Ltd", registration="28 912 345", registered_in="TW")
    assert (match.key, match.basis) == ("3", "identifier")


def test_a_number_that_differs_keeps_equal_names_apart() -> None:
    match = _found("Taipei Halcyon Semiconductor Co., Ltd.", registration="28912350", registered_in="TW")
    assert match.basis == "proposed"
    assert any("identifiers differ" in c.reasons for c in match.candidates)
