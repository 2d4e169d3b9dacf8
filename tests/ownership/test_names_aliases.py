"""The table of sourced aliases: full legal names match, short names propose, and nothing in it is doubtful."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from assessor.ownership import Match, Party, directory, find, normalise
from assessor.ownership.aliases import Alias, alias, entries, gather, shipped, with_own
from assessor.ownership.identifiers import ogrn_valid, uscc_valid
from assessor.ownership.spelling import legal_form

SOURCES = {
    "SSE": r"6\d{5}",
    "SZSE": r"[03]\d{5}",
    "HKEX": r"\d{1,4}",
    "TWSE": r"\d{4}",
    "KRX": r"\d{6}",
    "TSE": r"\d{4}",
    "MOEX": r"[A-Z]{4}",
}
OWN = [
    {
        "legal": ["云桥科技（深圳）有限公司", "Blue Arch Technology Co., Ltd."],
        "short": ["云桥", "Blue Arch"],
        "country": "CN",
        "source": "SZSE 399999, invented",
    }
]
TABLE = with_own(OWN)
LEGAL, ENGLISH = OWN[0]["legal"]


def found(name: str, *parties: Party, **more: object) -> Match:
    return find(directory(parties, TABLE), name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.source)
def test_every_entry_has_a_source_a_country_and_names_that_normalise(entry: Alias) -> None:
    where, _, code = entry.source.partition(" ")
    checks = {"USCC": uscc_valid, "OGRN": ogrn_valid}
    assert checks[where](code) if where in checks else re.fullmatch(SOURCES[where], code)
    assert re.fullmatch("[A-Z]{2}", entry.country)
    assert all(normalise(name) for name in (*entry.legal, *entry.short))
    assert all(legal_form(name) or normalise(name).startswith("ao ") for name in entry.legal), (
        "a legal name has its form"
    )
    assert any(not name.isascii() for name in (*entry.legal, *entry.short)), "a name in letters alone needs no alias"


def test_no_name_is_listed_for_two_companies_and_none_is_both_full_and_short() -> None:
    table = shipped()
    assert len(entries()) >= 40
    assert all(len(listed) == 1 for listed in (*table.legal.values(), *table.short.values()))
    assert not set(table.legal) & set(table.short)
    assert len({entry.source for entry in entries()}) == len(entries())


def test_a_published_full_name_in_another_language_is_the_same_company() -> None:
    match = found(
        "上海移远通信技术股份有限公司", Party("q", "Quectel Wireless Solutions Co., Ltd.", countries=frozenset({"CN"}))
    )
    assert (match.key, match.basis) == ("q", "alias")
    assert "SSE 603236" in match.reason


@pytest.mark.parametrize("turned", [False, True])
def test_full_legal_names_stand_for_each_other(turned: bool) -> None:
    one, other = (ENGLISH, LEGAL) if turned else (LEGAL, ENGLISH)
    match = found(one, Party("1", other, countries=frozenset({"CN"})), countries=frozenset({"CN"}))
    assert (match.key, match.basis) == ("1", "alias")
    assert match.reason == f"{one} and {other} are names of one company (SZSE 399999, invented)"


@pytest.mark.parametrize("short", ["云桥", "Blue Arch"])
@pytest.mark.parametrize("name", [LEGAL, ENGLISH, "Blue Arch Device Co., Ltd."])
def test_a_short_name_only_proposes_and_says_so(short: str, name: str) -> None:
    match = found(short, Party("1", name))
    assert (match.key, match.basis) == (None, "proposed")
    (candidate,) = match.candidates
    told = f"names of {LEGAL} or its group (SZSE 399999, invented)"
    assert told in candidate.reasons or name.startswith(short)


def test_a_company_of_the_group_in_another_script_is_proposed_by_the_short_name_in_it() -> None:
    match = found("云桥终端有限公司", Party("1", "Blue Arch Device Co., Ltd."))
    assert match.basis == "proposed"
    assert "written in another script, read as blue arch device" in match.candidates[0].reasons


@pytest.mark.parametrize(
    ("party", "more", "reason"),
    [
        (Party("1", ENGLISH, countries=frozenset({"US"})), {}, "names of"),
        (Party("1", ENGLISH), {"countries": frozenset({"US"})}, "names of"),
        (
            Party("1", ENGLISH, lei="506700GE1G29325QX363"),
            {"lei": "529900T8BM49AURSDO55"},
            "identifiers differ",
        ),
    ],
)
def test_a_country_or_number_that_speaks_against_it_makes_an_alias_a_question(
    party: Party, more: dict[str, object], reason: str
) -> None:
    match = found(LEGAL, party, **more)
    assert match.basis == "proposed"
    assert any(told.startswith(reason) for told in match.candidates[0].reasons)


def test_two_parties_under_names_of_one_company_are_a_question() -> None:
    assert found(LEGAL, Party("1", ENGLISH), Party("2", "BLUE ARCH TECHNOLOGY COMPANY LIMITED")).basis == "proposed"


def test_a_name_that_two_entries_list_is_a_name_of_neither() -> None:
    twice = gather([alias(OWN[0]), Alias((LEGAL, "Red Arch Co., Ltd."), source="a register, invented")])
    match = find(directory([Party("1", ENGLISH)], twice), LEGAL)
    assert match.key is None


def test_the_firms_own_entries_stand_beside_the_shipped_ones() -> None:
    assert set(shipped().legal) < set(TABLE.legal)
    assert with_own([]) is shipped()
    assert len(list(chain(entries(), OWN))) == len(entries()) + 1
