from __future__ import annotations

import datetime
import gzip
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.ownership import assess
from tests.evidence.register_samples import firm, lines, messages, person, psc, survived, taken
from tests.evidence.samples import put
from tests.evidence.test_boms import mutated

COMPANY = "GB-COH-07000001"


@pytest.mark.parametrize(
    ("nature", "row"),
    [
        ("ownership-of-shares-25-to-50-percent", ("shareholding", "0.25", "0.5")),
        ("ownership-of-shares-50-to-75-percent", ("shareholding", "0.5", "0.75")),
        ("voting-rights-75-to-100-percent", ("voting_rights", "0.75", "1")),
        ("voting-rights-25-to-50-percent-limited-liability-partnership", ("voting_rights", "0.25", "0.5")),
        ("ownership-of-shares-more-than-25-percent-registered-overseas-entity", ("shareholding", "0.25", "1")),
        ("right-to-share-surplus-assets-50-to-75-percent-limited-liability-partnership", ("other", "0.5", "0.75")),
        ("part-right-to-share-surplus-assets-75-to-100-percent", ("other", "0.75", "1")),
    ],
)
def test_a_band_is_open_below_and_closed_above(tmp_path: Path, nature: str, row: tuple[str, str, str]) -> None:
    reading, _, rows = psc(tmp_path, person("07000001", nature))
    assert rows.loc[0, ["kind", "min", "max"]].tolist() == list(row)
    assert rows.loc[0, ["min_open", "max_open"]].tolist() == [True, False]
    assert rows["direct"].isna().all() and reading.problems == []


@pytest.mark.parametrize(
    ("nature", "kind", "words"),
    [
        ("right-to-appoint-and-remove-directors", "board_appointment", "a majority of the board"),
        ("right-to-appoint-and-remove-members-limited-liability-partnership", "board_appointment", "members"),
        ("right-to-appoint-and-remove-person", "board_appointment", "persons"),
        ("right-to-appoint-and-remove-directors-registered-overseas-entity", "board_appointment", "board"),
        ("significant-influence-or-control", "other", "significant influence or control"),
        ("significant-influence-or-control-registered-overseas-entity", "other", "significant influence"),
        (
            "registered-owner-as-nominee-person-england-wales-registered-overseas-entity",
            "nominee",
            "land (England Wales) as a nominee for this person",
        ),
    ],
)
def test_a_nature_of_control_without_a_band_has_its_kind_and_words(
    tmp_path: Path, nature: str, kind: str, words: str
) -> None:
    reading, _, rows = psc(tmp_path, person("07000001", nature))
    assert rows.loc[0, "kind"] == kind and words in rows.loc[0, "details"]
    assert rows[["min", "max"]].isna().all(axis=None) and reading.problems == []


@pytest.mark.parametrize(
    ("suffix", "what", "role"),
    [
        ("-as-trust", "trust", "significant influence or control over its activities"),
        ("-as-firm", "firm", "significant influence or control over its activities"),
        ("-as-firm-limited-liability-partnership", "firm", "significant influence or control over its activities"),
        ("-as-trust-registered-overseas-entity", "trust", "a trustee of it"),
        ("-as-firm-registered-overseas-entity", "firm", "a member of it"),
        ("-as-control-over-trust-registered-overseas-entity", "trust", "significant influence or control"),
    ],
)
def test_where_a_trust_or_a_firm_stands_between_it_holds_the_votes_and_the_person_has_a_role_in_it(
    tmp_path: Path, suffix: str, what: str, role: str
) -> None:
    _, entities, rows = psc(tmp_path, person("07000001", f"voting-rights-50-to-75-percent{suffix}"))
    assert rows[["holder", "subject", "kind"]].values.tolist() == [
        ["id1", f"id1/{what}", "other"],
        [f"id1/{what}", COMPANY, "voting_rights"],
    ]
    assert role in rows.loc[0, "details"] and rows.loc[1, "min"] == "0.5"
    between = entities[entities["entity"] == f"id1/{what}"]
    assert between["kind"].tolist() == ["arrangement"] and between["name"].tolist() == [f"a {what} of Ms Ann Ekman"]


def test_who_only_influences_a_trust_with_a_majority_may_control_and_is_not_said_to(tmp_path: Path) -> None:
    record = person(
        "07000001",
        "voting-rights-75-to-100-percent-as-trust",
        nationality="Chinese",
        country_of_residence="China",
    )
    _, entities, rows = psc(tmp_path, record)
    found = assess(
        entities,
        rows,
        adversaries=frozenset({"CN"}),
        as_of=datetime.date(2026, 1, 1),
        dominant_minority=Fraction(1, 4),
    )
    assert found.verdict(COMPANY).limbs["4"].value == "possible"
    assert ("other_means", "a trust of Ms Ann Ekman") in [question[:2] for question in found.questions()]


def test_a_majority_of_a_person_of_the_prc_is_established_because_the_band_is_open(tmp_path: Path) -> None:
    record = person("07000001", "voting-rights-50-to-75-percent", nationality="Chinese", country_of_residence="China")
    _, entities, rows = psc(tmp_path, record)
    found = assess(
        entities,
        rows,
        adversaries=frozenset({"CN"}),
        as_of=datetime.date(2026, 1, 1),
        dominant_minority=Fraction(1, 4),
    )
    assert found.verdict(COMPANY).limbs["4"].value == "established"


def test_a_person_has_citizenship_by_adjective_residence_and_the_day_of_notification(tmp_path: Path) -> None:
    _, entities, rows = psc(tmp_path, person("07000001", "significant-influence-or-control", nationality="Hong Konger"))
    assert entities.loc[0, ["name", "kind", "citizenship", "residence"]].tolist() == [
        "Ms Ann Ekman",
        "person",
        "HK",
        "GB",
    ]
    assert entities["us_status"].isna().all() and rows.loc[0, "start"] == datetime.date(2020, 1, 2)


@pytest.mark.parametrize("text", ["British,Chinese", "British / Chinese", "British and Chinese", "British; Chinese"])
def test_several_nationalities_in_one_text_are_all_kept(tmp_path: Path, text: str) -> None:
    _, entities, _ = psc(tmp_path, person(nationality=text))
    assert entities.loc[0, "citizenship"] == "GB; CN"


def test_a_nationality_that_is_not_known_leaves_the_others_open_too(tmp_path: Path) -> None:
    reading, entities, _ = psc(tmp_path, person(nationality="British, Ruritanian"), person(nationality="American"))
    assert entities["citizenship"].isna().tolist()[0] and entities.loc[1, "us_status"] == "citizen"
    assert messages(reading) == [
        ("line 1", "the nationality 'Ruritanian' is not known; citizenship is left open"),
    ]


def test_the_company_is_an_entity_by_its_number_organised_in_the_kingdom_unless_it_is_an_overseas_one(
    tmp_path: Path,
) -> None:
    _, entities, _ = psc(tmp_path, person("07000001"), person("07000001"), person("SC000002"), person("OE000003"))
    companies = entities[entities["entity"].str.startswith("GB-COH-")]
    assert companies[["registration", "incorporated"]].fillna("").values.tolist() == [
        ["07000001", "GB"],
        ["SC000002", "GB"],
        ["OE000003", ""],
    ]
    assert companies["locator"].tolist() == ["line 1", "line 3", "line 4"] and companies["name"].isna().all()


def test_a_corporate_person_of_the_same_register_is_that_company_so_that_chains_join(tmp_path: Path) -> None:
    identification = {
        "country_registered": "England",
        "registration_number": "07000002",
        "legal_form": "Limited Company",
        "legal_authority": "Companies Act 2006",
    }
    _, entities, rows = psc(
        tmp_path,
        firm("07000001", "voting-rights-75-to-100-percent", identification=identification),
        person("07000002", "voting-rights-75-to-100-percent"),
    )
    assert rows[["holder", "subject"]].values.tolist() == [
        ["GB-COH-07000002", COMPANY],
        ["id1", "GB-COH-07000002"],
    ]
    assert entities.loc[0, ["name", "kind", "incorporated", "registration", "details"]].tolist() == [
        "Harbour Holdings Limited",
        "organisation",
        "GB",
        "07000002",
        "Limited Company; Companies Act 2006",
    ]


@pytest.mark.parametrize("number", ["7000002", "07000002 x", "HRB 123456"])
def test_a_number_that_is_not_written_as_the_register_writes_it_joins_nothing(tmp_path: Path, number: str) -> None:
    identification = {"country_registered": "England", "registration_number": number}
    _, entities, rows = psc(tmp_path, firm(identification=identification))
    assert rows.loc[0, "holder"] == "firm" and entities.loc[0, "registration"] == number


def test_the_number_of_a_foreign_register_joins_nothing(tmp_path: Path) -> None:
    identification = {"country_registered": "Germany", "registration_number": "07000002"}
    _, entities, rows = psc(tmp_path, firm(identification=identification))
    assert rows.loc[0, "holder"] == "firm" and entities.loc[0, "incorporated"] == "DE"


def test_a_holder_with_the_number_of_its_own_company_is_not_taken_for_it(tmp_path: Path) -> None:
    identification = {"country_registered": "England", "registration_number": "07000001"}
    reading, _, rows = psc(
        tmp_path, firm("07000001", "significant-influence-or-control", identification=identification)
    )
    assert rows.loc[0, "holder"] == "firm"
    assert messages(reading) == [
        ("line 1", "the registration number 07000001 of the holder is that of the company itself")
    ]


def test_an_unknown_country_is_told_once_and_left_open(tmp_path: Path) -> None:
    identification = {"country_registered": "Delaware"}
    reading, entities, _ = psc(tmp_path, firm(identification=identification), firm(identification=identification))
    assert entities["incorporated"].isna().tolist()[:2] == [True, True]
    assert messages(reading) == [("line 1", "the country 'Delaware' is not a known name of a country")]


def test_an_interest_that_has_ceased_ends_on_that_day(tmp_path: Path) -> None:
    _, _, rows = psc(tmp_path, person("07000001", "significant-influence-or-control", ceased_on="2024-05-06"))
    assert rows.loc[0, "end"] == datetime.date(2024, 5, 6)


def test_dates_that_do_not_add_up_are_kept_and_reported(tmp_path: Path) -> None:
    reading, _, rows = psc(
        tmp_path,
        person("07000001", "significant-influence-or-control", ceased_on="2019-12-31"),
        person("07000001", "significant-influence-or-control", notified_on="2020-02-30"),
        person("07000001", "significant-influence-or-control", ceased_on="soon"),
        person("07000001", "significant-influence-or-control", notified_on="1083-01-01", ceased_on="9999-12-31"),
    )
    assert rows["locator"].tolist() == ["line 1", "line 2", "line 4"]
    assert rows["start"].isna().tolist() == [False, True, False] and rows.loc[2, "end"].year == 9999
    assert sorted(messages(reading)) == [
        ("line 1", "it ceased on 2019-12-31, before it was notified on 2020-01-02"),
        ("line 2", "the date: '2020-02-30' is no date of the calendar"),
        ("line 3", "the date: 'soon' is not read as a date"),
        ("line 3", "the person has ceased and no day can be read, so the interest is left out"),
    ]


def test_a_protected_person_is_a_holder_who_is_not_known(tmp_path: Path) -> None:
    _, entities, rows = psc(
        tmp_path,
        {
            "company_number": "07000001",
            "data": {"kind": "super-secure-person-with-significant-control", "ceased": False},
        },
    )
    assert rows["holder"].isna().all() and rows.loc[0, "kind"] == "other"
    assert "does not say who it is" in rows.loc[0, "details"] and entities["entity"].tolist() == [COMPANY]


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        ("no-individual-or-entity-with-signficant-control", "shareholding", "who holds less is not stated"),
        ("no-individual-or-entity-with-signficant-control-partnership", "shareholding", "who holds less"),
        ("psc-exists-but-not-identified", "other", "is not identified"),
        ("psc-details-not-confirmed", "other", "particulars are not confirmed"),
        ("steps-to-find-psc-not-yet-completed", "shareholding", "not yet found out"),
        ("psc-contacted-but-no-response", "other", "has not answered"),
        ("restrictions-notice-issued-to-psc", "other", "restricted"),
        ("at-least-one-beneficial-owner-unidentified", "other", "not identified"),
    ],
)
def test_a_statement_instead_of_a_person_leaves_the_holder_open_and_says_why(
    tmp_path: Path, statement: str, kind: str, words: str
) -> None:
    record = {
        "company_number": "07000001",
        "data": {
            "kind": "persons-with-significant-control-statement",
            "statement": statement,
            "notified_on": "2021-01-01",
            "ceased_on": "2022-01-01",
        },
    }
    reading, _, rows = psc(tmp_path, record)
    assert rows["holder"].isna().all() and rows.loc[0, ["subject", "kind"]].tolist() == [COMPANY, kind]
    assert words in rows.loc[0, "details"] and rows.loc[0, "end"] == datetime.date(2022, 1, 1)
    assert reading.problems == []


def test_that_nobody_has_more_than_a_quarter_bounds_each_holder_and_excludes_nobody(tmp_path: Path) -> None:
    record = {
        "company_number": "07000001",
        "data": {
            "kind": "persons-with-significant-control-statement",
            "statement": "no-individual-or-entity-with-signficant-control",
        },
    }
    _, entities, rows = psc(tmp_path, record)
    assert rows.loc[0, "max"] == "0.25" and not rows.loc[0, "max_open"] and rows["min"].isna().all()
    found = assess(
        entities,
        rows,
        adversaries=frozenset({"CN"}),
        as_of=datetime.date(2026, 1, 1),
        dominant_minority=Fraction(1, 4),
    ).verdict(COMPANY)
    assert found.limbs["4"].value == "possible" and found.foreign is True


def test_a_statement_of_which_nothing_follows_is_counted_and_an_unknown_one_leaves_a_holder_open(
    tmp_path: Path,
) -> None:
    kind = "persons-with-significant-control-statement"
    reading, _, rows = psc(
        tmp_path,
        {"company_number": "OE000001", "data": {"kind": kind, "statement": "all-beneficial-owners-identified"}},
        {"company_number": "OE000001", "data": {"kind": kind, "statement": "something-new"}},
    )
    assert rows["locator"].tolist() == ["line 2"] and rows["holder"].isna().all()
    assert any("1 statements" in note for note in reading.notes)
    assert "something-new" in messages(reading)[0][1]


def test_an_exemption_says_that_the_holders_are_not_stated_here(tmp_path: Path) -> None:
    exemption = {
        "exemption_type": "psc-exempt-as-shares-admitted-on-market",
        "items": [{"exempt_from": "2018-01-01", "exempt_to": "2020-01-01"}, {"exempt_from": "2022-01-01"}],
    }
    record = {"company_number": "07000001", "data": {"kind": "exemptions", "exemptions": {"x": exemption}}}
    _, _, rows = psc(tmp_path, record)
    assert rows["kind"].tolist() == ["shareholding", "shareholding"] and rows["holder"].isna().all()
    assert "admitted-on-market" in rows.loc[0, "details"] and rows["end"].isna().tolist() == [False, True]


def test_the_totals_of_a_snapshot_are_a_note(tmp_path: Path) -> None:
    reading, _, _ = psc(
        tmp_path,
        person(),
        {
            "data": {
                "kind": "totals#persons-of-significant-control-snapshot",
                "persons_of_significant_control_count": 9,
                "statements_count": 4,
                "generated_at": "2026-01-01T06:00:00Z",
            }
        },
    )
    assert "with 9 persons and 4 statements; 1 and 0 stand before that line here" in reading.notes[0]


def test_a_bad_line_is_a_problem_with_its_number_and_the_others_survive(tmp_path: Path) -> None:
    whole = json.dumps(person("07000001", "significant-influence-or-control"))
    text = "\n".join([whole, whole[:200], "", "[1]", '"x"', whole, whole[:-1]])
    reading, _, rows = taken("ownership.psc", put(tmp_path, "x", text))
    assert rows["locator"].tolist() == ["line 1", "line 6"] and reading.status == "partly_read"
    assert [place for place, _ in messages(reading)] == ["line 2", "line 4", "line 5", "line 7"]
    assert all("not read" in message for _, message in messages(reading))


def test_of_a_doubled_key_the_last_value_counts_and_both_are_told(tmp_path: Path) -> None:
    whole = json.dumps(person("07000001", "significant-influence-or-control"))
    doubled = whole.replace('"name":', '"name": "Somebody Else", "name":', 1)
    reading, entities, _ = taken("ownership.psc", put(tmp_path, "x", f"{whole}\n{doubled}\n"))
    assert entities["name"].tolist()[:2] == ["Ms Ann Ekman", "Ms Ann Ekman"]
    assert [(place, "Somebody Else" in message) for place, message in messages(reading)] == [("line 2", True)]


def test_members_of_the_wrong_type_are_told_and_the_rest_of_the_record_is_read(tmp_path: Path) -> None:
    record = person("07000001", "significant-influence-or-control", name=["x"], ceased="perhaps", links=7)
    record["company_number"] = 7000001
    reading, entities, rows = psc(tmp_path, record, person())
    assert rows.loc[0, "subject"] == "GB-COH-7000001" and entities["name"].isna().tolist()[0]
    assert {message.partition(":")[0] for _, message in messages(reading)} == {
        "/data/name",
        "/data/ceased",
        "/data/links",
    }


def test_a_record_without_a_company_or_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    reading, _, rows = psc(
        tmp_path,
        {"data": person("07000001", "significant-influence-or-control")["data"]},
        {"company_number": "07000001", "data": {"kind": "ghost"}},
        {"company_number": "07000001"},
    )
    assert rows["subject"].isna().tolist() == [True]
    assert [place for place, _ in messages(reading)] == ["line 2", "line 3", "line 1"]


def test_an_unknown_nature_of_control_is_read_as_other_and_told(tmp_path: Path) -> None:
    reading, _, rows = psc(tmp_path, person("07000001", "ownership-of-shares-10-to-25-percent-as-ghost"))
    assert rows.loc[0, ["kind", "details"]].tolist() == ["other", "ownership-of-shares-10-to-25-percent-as-ghost"]
    assert "is not known" in messages(reading)[0][1]


def test_a_packed_or_differently_encoded_snapshot_reads_the_same(tmp_path: Path) -> None:
    text = lines([person("07000001", "voting-rights-50-to-75-percent", name="Jürgen Ångström")])
    _, plain, _ = taken("ownership.psc", put(tmp_path, "a", text))
    for name, content in (
        ("b", gzip.compress(text.encode())),
        ("c", b"\xef\xbb\xbf" + text.encode()),
        ("d", text.encode("utf-16")),
        ("e", text.replace("\n", "\r\n").encode()),
    ):
        _, entities, _ = taken("ownership.psc", put(tmp_path, name, content))
        assert entities.equals(plain), name


def test_many_lines_are_read_in_blocks_with_their_numbers(tmp_path: Path) -> None:
    records = [person(f"{number:08d}", "voting-rights-50-to-75-percent") for number in range(12_000)]
    text = lines(records) + "rubbish\n" + lines([person("07000001")])
    reading, _, rows = taken("ownership.psc", put(tmp_path, "x", text))
    assert len(rows) == 12_001 and rows["locator"].iloc[[0, 11_999, 12_000]].tolist() == [
        "line 1",
        "line 12000",
        "line 12002",
    ]
    assert [place for place, _ in messages(reading)] == ["line 12001"]


SAMPLE = [
    person("07000001", "voting-rights-50-to-75-percent", "ownership-of-shares-25-to-50-percent-as-trust"),
    firm(identification={"country_registered": "England", "registration_number": "07000009"}),
    {
        "company_number": "07000001",
        "data": {"kind": "persons-with-significant-control-statement", "statement": "psc-exists-but-not-identified"},
    },
    {"company_number": "07000001", "data": {"kind": "exemptions", "exemptions": {"x": {"items": [{}]}}}},
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_a_record_raises_or_breaks_the_tables(tmp_path: Path, data: st.DataObject) -> None:
    records = mutated(SAMPLE, data.draw)
    survived("ownership.psc", put(tmp_path, "x", lines(records).encode("utf-8", "surrogatepass")))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.integers(0, 2000), st.integers(0, 60))
def test_no_bytes_raise_or_hang(tmp_path: Path, junk: bytes, at: int, dropped: int) -> None:
    whole = lines(SAMPLE).encode()
    survived("ownership.psc", put(tmp_path, "x", whole[:at] + junk + whole[at + dropped :]))
