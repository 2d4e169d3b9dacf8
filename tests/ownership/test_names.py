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


LEI, OTHER_LEI = "506700GE1G29325QX363", "529900T8BM49AURSDO55"


def _among(*parties: Party, name: str = "Wren Ltd", **more: object) -> Match:
    return find(directory(parties), name, **more)  # type: ignore[arg-type]


def test_an_identifier_under_another_name_says_so() -> None:
    match = _among(Party("1", "Warbler AG", lei=LEI), lei=LEI)
    assert (match.basis, match.reason) == ("identifier", f"same LEI {LEI}, under the name Warbler AG")


def test_a_number_without_check_digits_needs_a_name_that_is_like() -> None:
    party = Party("1", "Warbler Ltd", registration="01234567", registered_in="GB")
    match = _among(party, registration="1234567", registered_in="GB")
    assert match.basis == "proposed"
    assert match.candidates[0].reasons[0] == "same registration number 01234567 (GB)"
    assert _among(party, name="Warblr Ltd", registration="1234567", registered_in="GB").basis == "identifier"


def test_a_file_number_is_of_its_state_only() -> None:
    party = Party("1", "Warbler Inc.", registration="Delaware 5012345", registered_in="US")
    for number, basis in (("DE-5012345", "identifier"), ("NY-5012345", "proposed"), ("5012345", "proposed")):
        assert _among(party, name="Warblr Inc.", registration=number, registered_in="US").basis == basis


@pytest.mark.parametrize(
    "party",
    [
        pytest.param(
            Party("1", "Wren Ltd", lei=LEI, registration="1234568", registered_in="GB"),
            id="another number beside the same LEI",
        ),
        pytest.param(
            Party("1", "Wren Ltd", lei=OTHER_LEI, registration="1234567", registered_in="GB"),
            id="another LEI beside the same number",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_a_question(party: Party) -> None:
    match = _among(party, lei=LEI, registration="1234567", registered_in="GB")
    assert match.basis == "proposed"
    assert "identifiers differ" in match.candidates[0].reasons


def test_numbers_that_lead_to_two_parties_are_a_question() -> None:
    match = _among(
        Party("1", "Warbler AG", lei=LEI),
        Party("2", "Robin Ltd", registration="1234567", registered_in="GB"),
        lei=LEI,
        registration="1234567",
        registered_in="GB",
    )
    assert (match.basis, {c.key for c in match.candidates}) == ("proposed", {"1", "2"})


def test_a_vat_number_is_shared_by_a_group_and_only_proposes() -> None:
    match = _among(Party("1", "Warbler AG", registration="VAT DE123456789"), registration="VAT DE123456789")
    assert match.basis == "proposed"
    assert match.candidates[0].reasons[0] == "same VAT number DE123456789 (DE)"


@pytest.mark.parametrize(
    ("countries", "basis"),
    [(frozenset({"CN"}), "exact name"), (frozenset({"US"}), "proposed"), (frozenset(), "proposed")],
)
def test_a_natural_person_is_known_by_name_and_country_together(countries: frozenset[str], basis: str) -> None:
    person = Party("1", "Wei Lin", countries=frozenset({"CN"}), person=True)
    assert _among(person, name="Wei Lin", countries=countries).basis == basis
    again = Party("2", "Wei Lin", countries=frozenset({"CN"}), person=True)
    assert _among(person, again, name="Wei Lin", countries=countries).basis == "proposed"


def test_an_identifier_with_wrong_check_digits_is_told_and_finds_nobody() -> None:
    index = directory([Party("1", "Warbler AG", lei=LEI[:-1] + "4")])
    assert index.doubts == [f"Warbler AG: LEI {LEI[:-1]}4"]
    assert find(index, "Wren Ltd", lei=LEI[:-1] + "4").basis == "unmatched"
