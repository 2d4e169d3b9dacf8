"""Numbers that identify: check digits by their published rules, and registers inside which a number without them is unique."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.ownership.identifiers import (
    Identifier,
    cn_register_valid,
    contradict,
    identifiers,
    inn_valid,
    jp_valid,
    kr_business_valid,
    lei_valid,
    ogrn_valid,
    organisation_code_valid,
    tw_valid,
    uscc_valid,
)

DIGITS = "0123456789"
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# numbers that standards give as examples, or that authorities and publishers of the schemes bear themselves
PUBLISHED = [
    pytest.param(lei_valid, "506700GE1G29325QX363", id="LEI of the foundation that oversees the LEI"),
    pytest.param(uscc_valid, "91350100M000100Y43", id="USCC, example of GB 32100-2015"),
    pytest.param(organisation_code_valid, "D2143569X", id="organisation code, example of GB 11714-1997"),
    pytest.param(cn_register_valid, "110108000000016", id="business licence, example of GS 15-2006"),
    pytest.param(ogrn_valid, "1047707030513", id="OGRN of the Federal Tax Service"),
    pytest.param(ogrn_valid, "304500116000157", id="OGRNIP, the usual example"),
    pytest.param(inn_valid, "7707329152", id="INN of the Federal Tax Service"),
    pytest.param(inn_valid, "500100732259", id="INN of a person, the usual example"),
    pytest.param(jp_valid, "7000012050002", id="corporate number of the National Tax Agency"),
    pytest.param(kr_business_valid, "1248100998", id="Korean business registration number"),
    pytest.param(tw_valid, "04595257", id="unified business number, example of the Ministry of Finance"),
    pytest.param(tw_valid, "10458575", id="the same with a 7 in the seventh place"),
]


@pytest.mark.parametrize(("valid", "number"), PUBLISHED)
def test_a_published_number_is_valid_and_no_longer_or_shorter_one_is(valid: Callable[[str], bool], number: str) -> None:
    assert valid(number)
    assert not valid(number + "0") and not valid(number[:-1]) and not valid("") and not valid("²" * len(number))


def _complete(valid: Callable[[str], bool], body: str, alphabet: str = DIGITS, at_front: bool = False) -> list[str]:
    """Every number that some check character completes."""
    return [n for c in alphabet if valid(n := c + body if at_front else body + c)]


def _text(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


@given(body=_text(USCC, 17), place=st.integers(0, 17), other=st.sampled_from(USCC))
def test_a_uscc_catches_every_single_wrong_character(body: str, place: int, other: str) -> None:
    (number,) = _complete(uscc_valid, body, USCC)
    assert uscc_valid(number[:place] + other + number[place + 1 :]) == (other == number[place])


@given(body=_text(USCC, 17), place=st.integers(0, 16))
def test_a_uscc_catches_every_exchange_of_neighbours(body: str, place: int) -> None:
    (number,) = _complete(uscc_valid, body, USCC)
    turned = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert uscc_valid(turned) == (turned == number)


@given(body=_text(DIGITS, 8), place=st.integers(0, 7), other=st.sampled_from(DIGITS))
def test_an_organisation_code_catches_every_single_wrong_digit(body: str, place: int, other: str) -> None:
    (number,) = _complete(organisation_code_valid, body, DIGITS + "X")
    assert organisation_code_valid(number[:place] + other + number[place + 1 :]) == (other == number[place])


@given(body=_text(DIGITS, 14), place=st.integers(0, 14), other=st.sampled_from(DIGITS))
def test_a_business_licence_catches_every_single_wrong_digit(body: str, place: int, other: str) -> None:
    (number,) = _complete(cn_register_valid, body)
    assert cn_register_valid(number[:place] + other + number[place + 1 :]) == (other == number[place])


@given(
    body=_text(DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 18),
    place=st.integers(0, 19),
    other=st.sampled_from(DIGITS + "AQZ"),
)
def test_an_lei_catches_every_wrong_digit_for_a_digit_and_letter_for_a_letter(
    body: str, place: int, other: str
) -> None:
    (number,) = (n for check in range(2, 99) if lei_valid(n := f"{body}{check:02d}"))
    if number[place].isdigit() == other.isdigit():  # a letter counts as two digits, so a change of kind is not promised
        assert lei_valid(number[:place] + other + number[place + 1 :]) == (other == number[place])


@given(body=_text(DIGITS, 12), place=st.integers(1, 12), other=st.sampled_from(DIGITS))
def test_a_corporate_number_mistakes_only_0_and_9(body: str, place: int, other: str) -> None:
    (number,) = _complete(jp_valid, body, at_front=True)
    unnoticed = int(other) % 9 == int(number[place]) % 9
    assert jp_valid(number[:place] + other + number[place + 1 :]) == unnoticed


@pytest.mark.parametrize(("valid", "size"), [(ogrn_valid, 12), (ogrn_valid, 14), (inn_valid, 9)])
@given(data=st.data())
def test_of_numbers_by_a_remainder_of_11_or_13_exactly_one_check_digit_fits(
    valid: Callable[[str], bool], size: int, data: st.DataObject
) -> None:
    assert len(_complete(valid, data.draw(_text(DIGITS, size)))) == 1


@given(body=_text(DIGITS, 7))
def test_of_unified_business_numbers_two_check_digits_fit_since_2023_or_more_where_a_7_counts_twice(body: str) -> None:
    fitting = len(_complete(tw_valid, body))
    assert fitting == (4 if body[6] == "7" else 2)


@pytest.mark.parametrize(
    ("written", "country", "read"),
    [
        # China: the code of the organisation stands in the USCC, so an older row with it alone is found
        ("91350100M000100Y43", "CN", ["uscc 91350100M000100Y43", "cn_organisation M000100Y4"]),
        ("9135 0100 M000 100Y 43", None, ["uscc 91350100M000100Y43", "cn_organisation M000100Y4"]),
        ("统一社会信用代码：91350100M000100Y43", None, ["uscc 91350100M000100Y43", "cn_organisation M000100Y4"]),
        ("M000100Y-4", "CN", ["cn_organisation M000100Y4"]),
        ("组织机构代码 D2143569-X", None, ["cn_organisation D2143569X"]),
        ("110108000000016", "CN", ["cn_register 110108000000016"]),
        ("110108000000016", None, []),
        # Russia: a KPP is the reason of a tax registration and identifies nobody
        ("ОГРН 1047707030513, ИНН 7707329152, КПП 770701001", None, ["ogrn 1047707030513", "inn 7707329152"]),
        ("OGRN 1047707030513; INN 7707329152; KPP 770701001", "RU", ["ogrn 1047707030513", "inn 7707329152"]),
        ("ОГРНИП 304500116000157", "RU", ["ogrn 304500116000157"]),
        ("7707329152", "RU", ["inn 7707329152"]),
        ("7707329152", None, []),
        ("770701001", "RU", []),
        # the register decides what a number without check digits means
        ("1234567", "GB", ["registration 01234567 GB"]),
        ("01234567", "GB", ["registration 01234567 GB"]),
        ("Company No. 1234567", "GB", ["registration 01234567 GB"]),
        ("GB-COH 1234567", "GB", ["registration 01234567 GB"]),
        ("sc 12345", "GB", ["registration SC012345 GB"]),
        ("NI012345", "GB", ["registration NI012345 GB"]),
        ("OC301234", "GB", ["registration OC301234 GB"]),
        ("Delaware 5012345", "US", ["registration 5012345 US-DE"]),
        ("DE-5012345", "US", ["registration 5012345 US-DE"]),
        ("US-DE 5012345", "US", ["registration 5012345 US-DE"]),
        ("File No. 5012345 (Delaware)", "US", ["registration 5012345 US-DE"]),
        ("5012345, DE", "US", ["registration 5012345 US-DE"]),
        ("West Virginia 5012345", "US", ["registration 5012345 US-WV"]),
        ("5012345", "US", ["number 5012345 US"]),
        ("Ontario 1234567", "CA", ["registration 1234567 CA-ON"]),
        ("HRB 12345, Amtsgericht München", "DE", ["registration HRB12345 DE-MÜNCHEN"]),
        ("München HRB 12345", "DE", ["registration HRB12345 DE-MÜNCHEN"]),
        ("HRB 12345", "DE", ["number HRB12345 DE"]),
        ("7000-01-205000-2", "JP", ["jp_corporate 7000012050002", "registration 000012050002 JP"]),
        ("0000-12-050002", "JP", ["registration 000012050002 JP"]),
        ("124-81-00998", "KR", ["kr_business 1248100998"]),
        ("130111-0006246", "KR", ["kr_corporation 1301110006246"]),
        ("04595257", "TW", ["tw_unified 04595257"]),
        ("12345678-000-01-24-1", "HK", ["hk_business 12345678"]),
        ("12345678", "HK", ["hk_business 12345678"]),
        ("54321", "HK", ["hk_company 0054321"]),
        ("D-U-N-S: 12-345-6789", "DE", ["duns 123456789"]),
        ("VAT DE123456789", "DE", ["vat DE123456789 DE"]),
        ("EUID DEK1101R.HRB12345", "DE", ["euid DEK1101RHRB12345"]),
        ("LEI 506700GE1G29325QX363", "CH", ["lei 506700GE1G29325QX363"]),
        ("506700GE1G29325QX363", None, ["lei 506700GE1G29325QX363"]),
        ("CHE-123.456.789", "CH", ["registration CHE123456789 CH"]),
        ("12345", None, []),
        ("not registered", "GB", []),
        ("", "GB", []),
    ],
)
def test_what_a_written_number_identifies(written: str, country: str | None, read: list[str]) -> None:
    found, doubts = identifiers(None, written, country)
    assert [" ".join(filter(None, (i.kind, i.value, i.country))) for i in found] == read
    assert doubts == ()


@pytest.mark.parametrize(
    ("lei", "registration", "country", "doubt"),
    [
        ("506700GE1G29325QX364", None, None, "LEI 506700GE1G29325QX364"),
        (None, "91350100M000100Y4Z", "CN", "registration number 91350100M000100Y4Z"),
        (None, "USCC 91350100M000100Y4Z", None, "registration number USCC 91350100M000100Y4Z"),
        (None, "110108000000017", "CN", "registration number 110108000000017"),
        (None, "1047707030514", "RU", "registration number 1047707030514"),
        (None, "ИНН 7707329153; ОГРН 1047707030513", "RU", "registration number ИНН 7707329153"),
        (None, "04595256", "TW", "registration number 04595256"),
        (None, "1000012050002", "JP", "registration number 1000012050002"),
        (None, "1248100999", "KR", "registration number 1248100999"),
    ],
)
def test_wrong_check_digits_are_told_and_identify_nobody(
    lei: str | None, registration: str | None, country: str | None, doubt: str
) -> None:
    found, doubts = identifiers(lei, registration, country)
    assert doubts == (doubt,)
    assert {i.kind for i in found} <= {"ogrn"}


def test_numbers_of_one_register_contradict_each_other_and_others_do_not() -> None:
    def of(text: str, country: str) -> tuple[Identifier, ...]:
        return identifiers(None, text, country)[0]

    assert contradict(of("01234567", "GB"), of("01234568", "GB"))
    assert not contradict(of("01234567", "GB"), of("1234567", "GB"))
    assert not contradict(of("DE 5012345", "US"), of("NY 777", "US")), "a company may be registered in several states"
    assert contradict(of("DE 5012345", "US"), of("Delaware 777", "US"))
    assert not contradict(of("91350100M000100Y43", "CN"), of("110108000000016", "CN")), (
        "an older number of another scheme"
    )
    assert contradict(of("91350100M000100Y43", "CN"), of("D2143569-X", "CN")), "the code that the USCC contains differs"
    assert not contradict(of("DUNS 123456789", "US"), of("DUNS 987654321", "US")), "one for each site"
    assert not contradict(of("NY 1; NY 2", "US"), of("NY 2", "US")), "one of them agrees"


@pytest.mark.parametrize(
    ("written", "country", "identifies", "proves"),
    [
        ("VAT DE123456789", "DE", False, False),
        ("5012345", "US", False, False),
        ("DE 5012345", "US", True, False),
        ("91350100M000100Y43", "CN", True, True),
    ],
)
def test_what_carries_its_own_proof_and_what_is_shared(
    written: str, country: str, identifies: bool, proves: bool
) -> None:
    found = identifiers(None, written, country)[0][0]
    assert (found.identifies, found.proves) == (identifies, proves)


@given(st.text(max_size=60), st.sampled_from([None, "CN", "RU", "GB", "US", "DE", "CA", "HK", "KR", "JP", "TW", "FR"]))
def test_any_text_is_read_without_an_error_and_twice_alike(text: str, country: str | None) -> None:
    once = identifiers(text, text, country)
    assert once == identifiers(text, text, country)
    assert all(i.value for i in once[0])
