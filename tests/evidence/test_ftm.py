from __future__ import annotations

import datetime
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.ownership import Party, assess, directory, find
from tests.evidence.register_samples import ftm, lines, messages, survived, taken, thing
from tests.evidence.samples import put
from tests.evidence.test_boms import mutated


def owned(id: str = "o", **properties: list[Any]) -> dict[str, Any]:
    return thing(id, "Ownership", **{"owner": ["a"], "asset": ["b"], **properties})


def test_parties_have_kind_names_places_and_identifiers(tmp_path: Path) -> None:
    reading, entities, _ = ftm(
        tmp_path,
        thing(
            "a",
            "Company",
            name=["Alpha Electronics Co., Ltd."],
            alias=["Alpha", "阿尔法电子有限公司"],
            previousName=["Alpha"],
            jurisdiction=["cn"],
            leiCode=["529900AAAAAAAAAAAA01"],
            registrationNumber=["123"],
            uscCode=["91310000MA1FL5MW5X"],
        ),
        thing("b", "Person", name=["Ann Ekman"], nationality=["us"], citizenship=["ee"], country=["de"]),
        thing("c", "Organization", name=["A Council"]),
        thing("d", "PublicBody", name=["A Ministry"], jurisdiction=["ru"]),
        thing("e", "LegalEntity", name=["Somebody"]),
        thing("f", "Person", firstName=["Li"], lastName=["Na"]),
    )
    assert reading.problems == []
    assert entities["kind"].tolist() == ["organisation", "person", "organisation", "state", "unknown", "person"]
    assert entities.loc[0, ["name", "names", "incorporated", "lei", "registration"]].tolist() == [
        "Alpha Electronics Co., Ltd.",
        "Alpha; 阿尔法电子有限公司",
        "CN",
        "529900AAAAAAAAAAAA01",
        "91310000MA1FL5MW5X",
    ]
    assert "numbers: 123" not in (entities.loc[0, "details"] or "")
    assert entities.loc[1, ["citizenship", "us_status"]].tolist() == ["US; EE", "citizen"]
    assert entities.loc[3, "incorporated"] == "RU" and entities.loc[5, "name"] == "Li Na"


def test_an_association_with_a_country_is_no_place_of_organisation_and_stays_in_the_details(tmp_path: Path) -> None:
    _, entities, _ = ftm(tmp_path, thing("a", "Company", name=["Alpha"], country=["cn"], mainCountry=["cn"]))
    assert entities["incorporated"].isna().all() and entities["headquarters"].isna().all()
    assert entities.loc[0, "details"] == "lists: a_list; country: cn; main country: cn"


def test_several_jurisdictions_leave_it_open_and_an_unknown_nationality_leaves_all_open(tmp_path: Path) -> None:
    reading, entities, _ = ftm(
        tmp_path,
        thing("a", "Company", name=["Alpha"], jurisdiction=["cn", "us"]),
        thing("b", "Company", name=["Beta"], jurisdiction=["suhh"]),
        thing("c", "Person", name=["C"], nationality=["us", "suhh"]),
    )
    assert entities["incorporated"].isna().all() and entities["citizenship"].isna().all()
    assert sorted(messages(reading)) == [
        ("line 1", "several jurisdictions are stated (cn, us); it is left open"),
        ("line 3", "the country 'suhh' is not a known name of a country"),
    ]


def test_a_list_of_names_is_no_record_of_a_screening(tmp_path: Path) -> None:
    reading, entities, _ = ftm(
        tmp_path,
        thing("a", "Company", name=["Alpha"], topics=["sanction", "export.control"], program=["A programme"]),
        thing("s", "Sanction", entity=["a"], authority=["An office"], startDate=["2022-01-01"]),
    )
    assert "screening" not in reading.tables
    assert entities["entity"].tolist() == ["a", "a"]
    assert entities["details"].tolist() == [
        "topics: sanction, export.control; lists: a_list; programme: A programme",
        "sanction: An office; since 2022-01-01",
    ]


def test_suppliers_are_matched_against_the_names_of_a_list(tmp_path: Path) -> None:
    _, entities, _ = ftm(tmp_path, thing("a", "Company", name=["Alpha GmbH"], alias=["Alfa GmbH"], topics=["sanction"]))
    row = entities.loc[0]
    found = find(directory([Party(row["entity"], row["name"], tuple(row["names"].split("; ")))]), "Alfa GmbH")
    assert (found.key, found.basis) == ("a", "alias")


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("75", ("0.75", "0.75", False, False)),
        ("100.00", ("1", "1", False, False)),
        ("12.5%", ("0.125", "0.125", False, False)),
        ("25-50%", ("0.25", "0.5", False, False)),
        ("more than 50%", ("0.5", None, True, None)),
        ("0", ("0", "0", False, False)),
        ("1%", ("0.01", "0.01", False, False)),
        ("1.01", ("0.0101", "0.0101", False, False)),
    ],
)
def test_a_percentage_is_read_from_its_text(tmp_path: Path, text: str, ends: tuple[Any, ...]) -> None:
    reading, _, rows = ftm(tmp_path, owned(percentage=[text]))
    found = [
        None if value is None or value != value else value
        for value in rows.astype(object).loc[0, ["min", "max", "min_open", "max_open"]].where(lambda v: v.notna(), None)
    ]
    assert tuple(found) == ends and reading.problems == []
    assert rows.loc[0, ["holder", "subject", "kind"]].tolist() == ["a", "b", "shareholding"]


@pytest.mark.parametrize("text", ["ca. 30 %", "250%", "-5%", "majority", "0.51", "1", "1.0", "0,5", "nominal"])
def test_what_is_approximate_ambiguous_or_no_share_stays_open_with_its_text_and_is_told(
    tmp_path: Path, text: str
) -> None:
    reading, _, rows = ftm(tmp_path, owned(percentage=[text]))
    assert rows[["min", "max"]].isna().all(axis=None) and rows.loc[0, "details"] == text
    assert [place for place, _ in messages(reading)] == ["line 1"] and text in messages(reading)[0][1]


def test_percentages_that_differ_leave_the_share_open(tmp_path: Path) -> None:
    reading, _, rows = ftm(tmp_path, owned(percentage=["25-50%", "50-75%"]), owned(percentage=["10%", "10%"]))
    assert rows["min"].fillna("").tolist() == ["", "0.1"] and rows.loc[0, "details"] == "25-50%; 50-75%"
    assert "several are stated" in messages(reading)[0][1]


def test_an_ownership_has_its_words_its_count_and_its_period(tmp_path: Path) -> None:
    _, _, rows = ftm(
        tmp_path,
        owned(
            ownershipType=["beneficial"],
            sharesCount=["1000"],
            role=["founder"],
            startDate=["2020-01-02"],
            endDate=["2024-03-04T00:00:00"],
        ),
    )
    assert rows.loc[0, "details"] == "founder; beneficial; 1000 shares" and rows["direct"].isna().all()
    assert rows.loc[0, ["start", "end"]].tolist() == [datetime.date(2020, 1, 2), datetime.date(2024, 3, 4)]


def test_a_start_without_a_day_is_open_and_an_end_without_a_day_is_the_last_day_of_it(tmp_path: Path) -> None:
    reading, _, rows = ftm(
        tmp_path,
        owned(startDate=["2019"], endDate=["2024-02"]),
        owned(endDate=["2023"]),
        owned(endDate=["2023-13"]),
        owned(startDate=["2022-05-01", "2020-05-01"], endDate=["2023-01-01", "2024-01-01"]),
    )
    assert rows["start"].isna().tolist() == [True, True, True, False]
    assert rows["end"].tolist()[:2] == [datetime.date(2024, 2, 29), datetime.date(2023, 12, 31)]
    assert rows.loc[0, "details"] == "since 2019; until 2024-02, day not stated"
    assert rows.loc[3, ["start", "end"]].tolist() == [datetime.date(2020, 5, 1), datetime.date(2024, 1, 1)]
    assert [place for place, _ in messages(reading)] == ["line 3", "line 4"]


def test_an_indirect_ownership_is_a_claim(tmp_path: Path) -> None:
    _, _, rows = ftm(
        tmp_path,
        owned(ownershipType=["indirect"], percentage=["60%"]),
        owned(role=["directly or indirectly"], percentage=["60%"]),
    )
    assert not rows.loc[0, "direct"] and rows["direct"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("schema", "properties", "row"),
    [
        ("Directorship", {"director": ["a"], "organization": ["b"]}, ("a", "b", "board_appointment")),
        ("Membership", {"member": ["a"], "organization": ["b"]}, ("a", "b", "other")),
        ("Representation", {"agent": ["b"], "client": ["a"]}, ("a", "b", "direction")),
        ("Employment", {"employee": ["b"], "employer": ["a"]}, ("a", "b", "direction")),
        ("Control", {"controller": ["a"], "controlled": ["b"], "controlType": ["voting"]}, ("a", "b", "voting_rights")),
        ("Control", {"controller": ["a"], "controlled": ["b"], "controlType": ["state"]}, ("a", "b", "other")),
    ],
)
def test_a_link_has_its_kind_and_its_direction(
    tmp_path: Path, schema: str, properties: dict[str, list[str]], row: tuple[str, str, str]
) -> None:
    reading, _, rows = ftm(tmp_path, thing("l", schema, role=["Chair"], **properties))
    assert tuple(rows.loc[0, ["holder", "subject", "kind"]]) == row and "Chair" in rows.loc[0, "details"]
    assert reading.problems == []


def test_a_link_of_unknown_nature_is_read_both_ways(tmp_path: Path) -> None:
    _, _, rows = ftm(tmp_path, thing("l", "UnknownLink", subject=["a"], object=["b"]))
    assert rows[["holder", "subject", "kind"]].values.tolist() == [["a", "b", "other"], ["b", "a", "other"]]


def test_ties_between_persons_and_successions_are_told_of_both_and_are_no_interests(tmp_path: Path) -> None:
    _, entities, rows = ftm(
        tmp_path,
        thing("l", "Family", person=["a"], relative=["b"], relationship=["brother"]),
        thing("m", "Associate", person=["a"], associate=["c"]),
        thing("n", "Succession", predecessor=["x"], successor=["y"]),
    )
    assert len(rows) == 0
    assert entities[["entity", "details"]].values.tolist() == [
        ["a", "relative: b; brother"],
        ["b", "relative: a; brother"],
        ["a", "associate: c"],
        ["c", "associate: a"],
        ["x", "successor: y"],
        ["y", "predecessor: x"],
    ]


def test_a_parent_that_an_entity_names_is_an_interest_of_other_kind(tmp_path: Path) -> None:
    _, _, rows = ftm(tmp_path, thing("b", "Company", name=["B"], parent=["a"]))
    assert rows.loc[0, ["holder", "subject", "kind"]].tolist() == ["a", "b", "other"]


def test_a_link_without_a_party_or_with_several_is_told(tmp_path: Path) -> None:
    reading, _, rows = ftm(tmp_path, owned(owner=[]), owned(asset=[]), owned(owner=["a", "c"]))
    assert rows["holder"].isna().tolist() == [True, False, False, False]
    assert rows["subject"].isna().tolist() == [False, True, False, False]
    assert [place for place, _ in messages(reading)] == ["line 1", "line 2", "line 3"]
    assert rows["interest"].tolist()[2:] == ["o/1", "o/2"]


def test_what_is_neither_a_party_nor_an_interest_is_counted(tmp_path: Path) -> None:
    reading, entities, _ = ftm(tmp_path, thing("v", "Vessel", name=["A Ship"]), thing("a", "Company", name=["A"]))
    assert entities["entity"].tolist() == ["a"] and any("1 Vessel" in note for note in reading.notes)


def test_a_majority_of_a_person_of_the_prc_is_established_end_to_end(tmp_path: Path) -> None:
    _, entities, rows = ftm(
        tmp_path,
        thing("a", "Company", name=["Alpha"], jurisdiction=["cn"]),
        thing("b", "Company", name=["Beta"], jurisdiction=["us"]),
        owned(percentage=["51"]),
    )
    found = assess(
        entities,
        rows,
        adversaries=frozenset({"CN"}),
        as_of=datetime.date(2026, 1, 1),
        dominant_minority=Fraction(1, 4),
    )
    assert found.verdict("b").limbs["4"].value == "established"


def test_bad_lines_and_members_of_the_wrong_type_are_told_and_the_others_survive(tmp_path: Path) -> None:
    good = json.dumps(thing("a", "Company", name=["Alpha"]))
    odd = json.dumps({"id": 7, "schema": "Company", "properties": {"name": "Beta", "jurisdiction": [["cn"], "us"]}})
    text = "\n".join([good, good[:30], odd, '{"id":"x"}', '{"id":"y","schema":"Company","properties":[1]}', good])
    reading, entities, _ = taken("ownership.ftm", put(tmp_path, "x", text))
    assert entities["entity"].tolist() == ["a", "7", "y", "a"]
    assert entities["name"].fillna("").tolist() == ["Alpha", "Beta", "", "Alpha"]
    assert {place for place, _ in messages(reading)} == {"line 2", "line 3", "line 4", "line 5"}


def test_characters_that_no_report_can_hold_are_replaced(tmp_path: Path) -> None:
    text = '{"id":"a","schema":"Company","properties":{"name":["Al\\u0000pha \\ud800"]}}\n'
    _, entities, _ = taken("ownership.ftm", put(tmp_path, "x", text))
    assert entities.loc[0, "name"] == "Al\ufffdpha \ufffd"


SAMPLE = [
    thing("a", "Company", name=["A"], jurisdiction=["cn"], registrationNumber=["1", "2"], parent=["z"]),
    thing("b", "Person", name=["B", "C"], nationality=["us", "cn"]),
    owned(percentage=["51%"], startDate=["2019"], endDate=["2020-01-01"], role=["x"]),
    thing("l", "Family", person=["a"], relative=["b"]),
    thing("u", "UnknownLink", subject=["a"], object=["b"]),
    thing("s", "Sanction", entity=["a"], startDate=["2020"]),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_a_record_raises_or_breaks_the_tables(tmp_path: Path, data: st.DataObject) -> None:
    survived("ownership.ftm", put(tmp_path, "x", lines(mutated(SAMPLE, data.draw)).encode("utf-8", "surrogatepass")))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.integers(0, 900), st.integers(0, 60))
def test_no_bytes_raise_or_hang(tmp_path: Path, junk: bytes, at: int, dropped: int) -> None:
    whole = lines(SAMPLE).encode()
    survived("ownership.ftm", put(tmp_path, "x", whole[:at] + junk + whole[at + dropped :]))
