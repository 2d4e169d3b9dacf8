"""Identifiers prove themselves, exact names and listed aliases match, everything else is only proposed."""

from __future__ import annotations

import pytest

from assessor.ownership import Match, Party, directory, find, normalise
from assessor.ownership.identifiers import identifiers, inn_valid, lei_valid, ogrn_valid, uscc_valid

# made-up bodies with computed check digits
LEI = "999900EXAMPLE000AB00"


def test_an_lei_is_known_by_its_check_digits() -> None:
    body = LEI[:18]
    good = next(f"{body}{n:02d}" for n in range(2, 99) if lei_valid(f"{body}{n:02d}"))
    assert int("".join(str(int(c, 36)) for c in good)) % 97 == 1
    assert not lei_valid(good[:-1] + str((int(good[-1]) + 1) % 10))
    assert not lei_valid(good[1] + good[0] + good[2:]) or good[0] == good[1]
    assert not lei_valid(good + "0")


@pytest.mark.parametrize(
    ("valid", "body", "digits"),
    [
        pytest.param(uscc_valid, "91440300MA5EXAMP0", "0123456789ABCDEFGHJKLMNPQRTUWXY", id="USCC"),
        pytest.param(ogrn_valid, "102770000000", "0123456789", id="OGRN"),
        pytest.param(inn_valid, "770000000", "0123456789", id="INN"),
    ],
)
def test_exactly_one_check_digit_fits(valid: object, body: str, digits: str) -> None:
    assert callable(valid)
    assert sum(bool(valid(body + digit)) for digit in digits) == 1


def test_a_registration_number_counts_only_inside_its_country() -> None:
    assert identifiers(None, "HRB 12345", None) == ((), ())
    proven, _ = identifiers(None, "HRB 12345", "DE")
    assert [(i.kind, i.value, i.country) for i in proven] == [("registration", "HRB12345", "DE")]


def test_wrong_check_digits_are_a_doubt_and_identify_nobody() -> None:
    proven, doubts = identifiers("999900EXAMPLE000AB00", None, None)
    assert (proven, len(doubts)) == ((), 1)


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
    match = _found("Taipei Halcyon Semiconductor Co., Ltd.", registration="11111111", registered_in="TW")
    assert match.basis == "proposed"
    assert any("identifiers differ" in c.reasons for c in match.candidates)
