"""Ownership statements in all versions and forms, and that the fast way and the slow way say the same."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import tables
from assessor.evidence.readers import Reading, read_item, recognise
from assessor.evidence.readers.ownership import bods_rows
from tests.evidence.samples import RULE, put

Statement = dict[str, Any]


def entity(record: str, **details: Any) -> Statement:
    told = {"isComponent": False, "entityType": {"type": "registeredEntity"}, "name": record.upper(), **details}
    return new(record, "entity", told)


def person(record: str, **details: Any) -> Statement:
    return new(record, "person", {"personType": "knownPerson", "names": [{"fullName": record.upper()}], **details})


def related(record: str, holder: object, subject: object, *interests: Any, **more: Any) -> Statement:
    details = {"subject": subject, "interestedParty": holder, "interests": list(interests)}
    return {**new(record, "relationship", details), **more}


def new(record: str, kind: str, details: dict[str, Any]) -> Statement:
    return {
        "statementId": f"statement-{record}",
        "statementDate": "2026-01-01",
        "recordId": record,
        "recordType": kind,
        "recordStatus": "new",
        "recordDetails": details,
    }


def share(**ends: Any) -> dict[str, Any]:
    return {"type": "shareholding", "directOrIndirect": "direct", "share": ends}


def lines(*statements: object) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in statements)


def read(path: Path) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    assert recognise(path) == "ownership.bods"
    return read_again(path)


def read_again(path: Path) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    reading = read_item("ownership.bods", path, "E-0001", RULE)
    entities, interests = (tables.table(name, reading.tables.get(name, [])) for name in ("entities", "interests"))
    return reading, entities, interests


def told(tmp_path: Path, *statements: object) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    return read(put(tmp_path, "x", lines(*statements)))


def slowly(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    with monkeypatch.context() as patch:
        patch.setattr(bods_rows, "_LARGE", 0)
        return read_again(path)


# what a file may be


def a_small_register() -> list[Statement]:
    return [entity("firm"), person("ann"), related("1", "ann", "firm", share(exact=60))]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (json.dumps(a_small_register()), ["/0", "/1", "/2"]),
        (json.dumps(a_small_register(), indent=2), ["/0", "/1", "/2"]),
        (lines(*a_small_register()), ["line 1", "line 2", "line 3"]),
        ("\n\n".join(map(json.dumps, a_small_register())), ["line 1", "line 3", "line 5"]),
        ("\ufeff" + lines(*a_small_register()).replace("\n", "\r\n"), ["line 1", "line 2", "line 3"]),
        ("".join(map(json.dumps, a_small_register())), ["document 1", "document 2", "document 3"]),
        (
            "\n".join(json.dumps(each, indent=1) for each in a_small_register()),
            ["document 1", "document 2", "document 3"],
        ),
        (json.dumps({"statements": a_small_register()}), ["/statements/0", "/statements/1", "/statements/2"]),
        (
            json.dumps({"about": {"x": []}, "tags": ["y"], "data": a_small_register()}, indent=2),
            ["/data/0", "/data/1", "/data/2"],
        ),
        (
            json.dumps(a_small_register()[:2]) + "\n" + json.dumps(a_small_register()[2:]),
            ["/0", "/1", "/(2)/0"],
        ),
    ],
    ids=["list", "indented", "lines", "gaps", "mark", "joined", "documents", "object", "indented object", "lists"],
)
def test_statements_stand_in_a_list_in_lines_one_after_another_or_in_an_object(
    tmp_path: Path, text: str, places: list[str]
) -> None:
    for content in (text.encode(), gzip.compress(text.encode())):
        _, entities, interests = read(put(tmp_path, "x", content))
        assert [*entities["locator"], *interests["locator"]] == places
        assert interests.loc[0, ["holder", "subject", "min", "source"]].tolist() == ["ann", "firm", "0.6", "E-0001"]


def test_lines_in_utf_16_are_read(tmp_path: Path) -> None:
    reading, entities, _ = read(put(tmp_path, "x", lines(entity("b", name="Ведро")).encode("utf-16")))
    assert entities.loc[0, "name"] == "Ведро" and "read as UTF-16-LE" in reading.notes


def test_a_damaged_line_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    text = "{broken\n" + lines(entity("a"), entity("b")) + '{"recordId": "c", "recordTy'
    reading, entities, _ = read(put(tmp_path, "x", text))
    assert list(entities["entity"]) == ["a", "b"] and [p.place for p in reading.problems] == ["line 1", "line 4"]
    assert reading.status == "partly_read"


@pytest.mark.parametrize("text", ["{}", "[]", "[1]", '{"statements": []}', '[{"statementID": "x"}]', "{", '[{"a":', ""])
def test_what_holds_no_statements_is_unreadable_and_says_so(tmp_path: Path, text: str) -> None:
    reading = read_item("ownership.bods", put(tmp_path, "x", text), "E-1", RULE)
    assert reading.status == "unreadable" and not reading.reason.startswith("reading it as")


def test_forty_thousand_statements_are_read_alike_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Statement] = []
    for number in range(10_000):
        firm = {"addresses": [{"type": "business", "country": {"code": ["GB", "DE", "FR"][number % 3]}}]}
        found += [
            entity(f"e{number}", identifiers=[{"scheme": "XI-LEI", "id": f"L{number}"}, {"id": "7"}], **firm),
            person(f"p{number}", nationalities=[{"code": "US"}, {"name": "Germany"}][: number % 3]),
            related(f"r{number}", f"p{number}", f"e{number}", *[share(exact=n) for n in range(number % 4)]),
            related(f"s{number}", {"reason": "unknown"} if number % 9 else f"p{number}", f"e{number}", share()),
        ]
    path = put(tmp_path, "x", lines(*found))
    fast, slow = read(path), slowly(path, monkeypatch)
    assert fast[0].problems == slow[0].problems == [] and fast[0].notes == slow[0].notes
    pd.testing.assert_frame_equal(fast[1], slow[1])
    pd.testing.assert_frame_equal(fast[2], slow[2])
    assert list(fast[1]["entity"][:4]) == ["e0", "p0", "e1", "p1"] and len(fast[2]) == 10_000 + 17_500


# which statements count


def versions(tmp_path: Path, *told_of: tuple[str, str, float | None]) -> tuple[Reading, pd.DataFrame]:
    """Statements of one relationship: date, status and share, None for no interests at all."""
    found = [
        related(
            "1", "a", "b", *([share(exact=exact)] if exact is not None else []), statementDate=made, recordStatus=how
        )
        for made, how, exact in told_of
    ]
    reading, _, rows = told(tmp_path, entity("a"), entity("b"), *found)
    return reading, rows


def test_the_date_of_a_statement_and_not_its_place_decides_which_is_the_latest(tmp_path: Path) -> None:
    reading, rows = versions(
        tmp_path, ("2026-03-01", "updated", 60), ("2025-03-01", "new", 40), ("2026-02-28", "updated", 50)
    )
    assert list(rows["min"]) == ["0.6"] and reading.problems == []
    assert reading.notes[0] == "2 statements are superseded by later ones of the same record"


def test_dates_in_another_form_or_with_the_time_of_day_are_ordered_too(tmp_path: Path) -> None:
    _, rows = versions(tmp_path, ("02.03.2026", "updated", 60), ("2026-03-01T23:00:00Z", "new", 40))
    assert list(rows["min"]) == ["0.6"]


def test_of_statements_of_one_day_the_one_published_last_counts_and_else_the_last_one(tmp_path: Path) -> None:
    first = related("1", "a", "b", share(exact=10), publicationDetails={"publicationDate": "2026-05-01"})
    second = related("1", "a", "b", share(exact=20), publicationDetails={"publicationDate": "2026-04-01"})
    third = related("2", "a", "b", share(exact=30))
    fourth = related("2", "a", "b", share(exact=40))
    _, _, rows = told(tmp_path, entity("a"), entity("b"), first, second, third, fourth)
    assert list(rows["min"]) == ["0.1", "0.4"]


def test_a_closed_relationship_ends_on_the_day_of_closing_wherever_it_stands(tmp_path: Path) -> None:
    for order in (1, -1):
        both = [("2020-01-01", "new", 60.0), ("2023-05-06", "closed", 60.0)][::order]
        _, rows = versions(tmp_path, *both)
        assert list(rows["end"]) == [datetime.date(2023, 5, 6)]


def test_a_closing_statement_without_interests_ends_those_stated_before(tmp_path: Path) -> None:
    reading, rows = versions(tmp_path, ("2020-01-01", "new", 60), ("2023-05-06", "closed", None))
    assert rows[["min", "end"]].values.tolist() == [["0.6", datetime.date(2023, 5, 6)]]
    assert "1 relationships are closed; their interests end on that day" in reading.notes


def test_of_one_day_the_closing_statement_is_the_later_one(tmp_path: Path) -> None:
    _, rows = versions(tmp_path, ("2023-05-06", "closed", 60), ("2023-05-06", "new", 60))
    assert list(rows["end"]) == [datetime.date(2023, 5, 6)]


def test_a_relationship_opened_again_after_its_closing_has_no_end(tmp_path: Path) -> None:
    _, rows = versions(tmp_path, ("2023-05-06", "closed", 60), ("2024-01-01", "updated", 55))
    assert list(rows["min"]) == ["0.55"] and rows["end"].isna().all()


def test_a_closed_relationship_without_a_day_is_left_out_and_told(tmp_path: Path) -> None:
    reading, rows = versions(tmp_path, ("", "closed", 60))
    assert not len(rows) and "no day is given" in reading.problems[0].message
    stated = related(
        "1", "a", "b", {**share(exact=5), "endDate": "2022-02-02"}, statementDate=None, recordStatus="closed"
    )
    _, _, rows = told(tmp_path, entity("a"), entity("b"), stated)
    assert list(rows["end"]) == [datetime.date(2022, 2, 2)]


def test_an_entity_and_a_relationship_may_bear_the_same_record_id(tmp_path: Path) -> None:
    _, entities, rows = told(tmp_path, entity("1"), entity("b"), related("1", "b", "1", share(exact=5)))
    assert list(entities["entity"]) == ["1", "b"] and list(rows["interest"]) == ["1"]


def old(id: str, type: str, **more: Any) -> Statement:
    return {"statementID": id, "statementType": type, "statementDate": "2020-01-01", "isComponent": False, **more}


def old_relation(id: str, holder: Any, subject: str, *interests: Any, **more: Any) -> Statement:
    return old(
        id,
        "ownershipOrControlStatement",
        subject={"describedByEntityStatement": subject},
        interestedParty=holder,
        interests=list(interests),
        **more,
    )


def test_references_to_a_replaced_statement_of_0_2_are_to_the_one_that_stands_for_it(tmp_path: Path) -> None:
    reading, entities, rows = told(
        tmp_path,
        old("e1", "entityStatement", entityType="registeredEntity", name="Firm"),
        old("e2", "entityStatement", entityType="registeredEntity", name="Firm Ltd", replacesStatements=["e1"]),
        old("e3", "entityStatement", entityType="registeredEntity", name="Firm PLC", replacesStatements=["e2"]),
        old("p1", "personStatement", personType="knownPerson", names=[{"fullName": "Ann"}]),
        old_relation("o1", {"describedByPersonStatement": "p1"}, "e1", {"type": "voting-rights"}),
    )
    assert list(entities["name"]) == ["Firm PLC", "Ann"] and reading.problems == []
    assert rows.loc[0, ["holder", "subject"]].tolist() == ["p1", "e3"]


def test_statements_that_replace_each_other_all_stay_and_are_told(tmp_path: Path) -> None:
    reading, entities, _ = told(
        tmp_path,
        old("e1", "entityStatement", entityType="registeredEntity", name="One", replacesStatements=["e2"]),
        old("e2", "entityStatement", entityType="registeredEntity", name="Two", replacesStatements=["e1"]),
        old("e3", "entityStatement", entityType="registeredEntity", name="Three", replacesStatements=["e3"]),
    )
    assert list(entities["name"]) == ["One", "Two", "Three"]
    assert "replace each other" in reading.problems[0].message


# shares


@pytest.mark.parametrize(
    ("type", "ends", "details", "expected"),
    [
        (
            "shareholding",
            {"minimum": 50, "maximum": 75},
            "ownership-of-shares-50-to-75-percent",
            ("0.5", "0.75", True, False),
        ),
        (
            "shareholding",
            {"minimum": 25, "maximum": 50},
            "ownership-of-shares-25-to-50-percent",
            ("0.25", "0.5", True, False),
        ),
        (
            "shareholding",
            {"minimum": 75, "maximum": 100},
            "ownership-of-shares-75-to-100-percent",
            ("0.75", "1", False, False),
        ),
        (
            "votingRights",
            {"minimum": 50, "maximum": 75},
            "voting-rights-50-to-75-percent",
            ("0.5", "0.75", True, False),
        ),
        (
            "votingRights",
            {"minimum": 50, "exclusiveMaximum": 75},
            "voting-rights-50-to-75-percent-as-trust",
            ("0.5", "0.75", True, True),
        ),
        ("shareholding", {}, "ownership-of-shares-more-than-25-percent", ("0.25", "1", True, False)),
        ("shareholding", {"minimum": 50}, "ownership-of-shares-50-to-75-percent", ("0.5", "0.75", True, False)),
        ("shareholding", {"exact": 60}, "ownership-of-shares-50-to-75-percent", ("0.6", "0.6", False, False)),
        (
            "shareholding",
            {"minimum": 50, "maximum": 75},
            "voting-rights-50-to-75-percent",
            ("0.5", "0.75", False, False),
        ),
        ("shareholding", {"minimum": 50, "maximum": 75}, None, ("0.5", "0.75", False, False)),
        ("shareholding", {"exclusiveMinimum": 50, "minimum": 50}, None, ("0.5", None, True, None)),
        ("shareholding", {"exact": 30, "minimum": 25, "maximum": 50}, None, ("0.3", "0.3", False, False)),
        ("shareholding", {"exact": "37,5 %"}, None, ("0.375", "0.375", False, False)),
        ("shareholding", {"minimum": "25"}, None, ("0.25", None, False, None)),
        ("shareholding", 40, None, ("0.4", "0.4", False, False)),
        ("shareholding", "more than 25% but not more than 50%", None, ("0.25", "0.5", True, False)),
        ("shareholding", {"minimum": 0}, None, ("0", None, False, None)),
        ("shareholding", None, None, (None, None, None, None)),
    ],
)
def test_the_ends_of_a_share_are_those_stated_and_those_of_the_register_s_band(
    tmp_path: Path, type: str, ends: Any, details: str | None, expected: tuple[object, ...]
) -> None:
    interest = {"type": type, "share": ends, "details": details}
    reading, _, rows = told(tmp_path, entity("a"), entity("b"), related("1", "a", "b", interest))
    row = rows.loc[0, ["min", "max", "min_open", "max_open"]]
    assert tuple(None if pd.isna(value) else value for value in row) == expected and reading.problems == []


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({"exact": 140}, (None, None)),
        ({"exact": -5}, (None, None)),
        ({"exact": "ca. 30 %"}, (None, None)),
        ({"minimum": 60, "maximum": 40}, (None, None)),
        ({"minimum": 50, "exclusiveMaximum": 50}, (None, None)),
        ({"exact": 30, "minimum": 40}, (None, None)),
        ({"minimum": 30, "maximum": 120}, ("0.3", None)),
        ({"exact": True}, (None, None)),
        ([50], (None, None)),
    ],
)
def test_a_share_that_is_none_is_told_left_open_and_kept_in_the_details(
    tmp_path: Path, ends: Any, expected: tuple[object, ...]
) -> None:
    interest = {"type": "shareholding", "share": ends, "details": "as filed"}
    reading, _, rows = told(tmp_path, entity("a"), entity("b"), related("1", "a", "b", interest))
    assert tuple(None if pd.isna(value) else value for value in rows.loc[0, ["min", "max"]]) == expected
    assert [problem.place for problem in reading.problems] == ["line 3"]
    assert rows.loc[0, "details"].startswith("as filed; share as stated: ")


def test_a_share_that_contradicts_the_band_named_beside_it_lies_anywhere_between(tmp_path: Path) -> None:
    interest = {
        "type": "shareholding",
        "share": {"minimum": 75, "maximum": 100},
        "details": "ownership-of-shares-more-than-25-percent",
    }
    reading, _, rows = told(tmp_path, entity("a"), entity("b"), related("1", "a", "b", interest))
    assert rows.loc[0, ["min", "max", "min_open"]].tolist() == ["0.25", "1", True]
    assert "contradict each other" in reading.problems[0].message


def test_numbers_of_any_length_stay_exact(tmp_path: Path) -> None:
    text = lines(entity("a"), entity("b"), related("1", "a", "b", *(share(exact=n) for n in (71, 72, 73))))
    for short, long in (("71", "50.00000000000000000001"), ("72", "33.333333333333"), ("73", "1e-30")):
        text = text.replace(short, long)
    _, _, rows = read(put(tmp_path, "x", text))
    assert list(rows["min"]) == ["0.5000000000000000000001", "0.33333333333333", "0." + "0" * 31 + "1"]


# chains


def test_an_interest_that_does_not_say_whether_it_is_direct_is_a_chain_where_its_components_are_named(
    tmp_path: Path,
) -> None:
    def details(level: str | None, **more: Any) -> Statement:
        made = related(f"{level}{more}", "a", "b", {"type": "shareholding", "directOrIndirect": level})
        made["recordDetails"] |= more
        return made

    parts = {"componentRecords": ["1", "2"]}
    reading, _, rows = told(
        tmp_path,
        entity("a"),
        entity("b"),
        *(details(level) for level in ("direct", "indirect", "unknown", None)),
        *(details(level, **parts) for level in ("direct", "indirect", "unknown", None)),
        details("direct", isComponent=True),
        details(None, componentRecordIDs=["1"]),
        details(None, componentStatementIDs=[]),
    )
    assert [None if pd.isna(each) else each for each in rows["direct"]] == [
        *(True, False, None, None),
        *(True, False, False, False),
        *(True, False, None),
    ]
    assert "of 3 interests it is not said whether they are held directly; they count as direct ones" in reading.notes


# parties


def test_a_party_that_is_described_and_not_known_is_an_entity_of_unknown_kind_and_says_why(tmp_path: Path) -> None:
    reading, entities, rows = told(
        tmp_path,
        entity("firm"),
        entity("x", name=None, entityType={"type": "unknownEntity"}, unspecifiedEntityDetails={"reason": "unknown"}),
        person("y", names=[], personType="anonymousPerson", unspecifiedPersonDetails={"description": "a minor"}),
        related("1", "x", "firm", share(exact=60)),
        related("2", "y", "firm", {"type": "votingRights", "details": "as told"}),
    )
    assert entities["kind"].tolist() == ["organisation", "unknown", "person"] and entities["name"].isna().tolist()[
        1:
    ] == [
        True,
        True,
    ]
    assert rows["holder"].tolist() == ["x", "y"] and reading.problems == []
    assert rows["details"].tolist() == [
        "holder: unknownEntity; unknown",
        "as told; holder: anonymousPerson; a minor",
    ]


def test_a_holder_stated_to_be_unknown_is_no_missing_statement(tmp_path: Path) -> None:
    reading, _, rows = told(
        tmp_path,
        entity("b"),
        related("1", {"reason": "interestedPartyHasNotProvidedInformation", "description": "no reply"}, "b", share()),
        related("2", "ghost", "b", share(), share()),
        related("3", None, "b"),
        related("4", "ghost", "b", share(), recordStatus="closed"),
        related("4", "b", "b", share(), statementDate="2026-02-02"),
    )
    assert [None if pd.isna(each) else each for each in rows["holder"]] == [None, "ghost", "ghost", None, "b"]
    assert rows.loc[0, "details"] == "holder: interestedPartyHasNotProvidedInformation; no reply"
    assert rows.loc[3, "details"] == "no interest is stated; holder: no party is named"
    assert [(p.place, p.message) for p in reading.problems] == [
        ("line 3", "interestedParty 'ghost' is described by no statement of the file")
    ]


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ({"type": "state"}, "state"),
        ({"type": "stateBody", "subtype": "governmentDepartment"}, "state"),
        ({"type": "legalEntity", "subtype": "stateAgency"}, "state"),
        ({"type": "arrangement", "subtype": "nomination"}, "arrangement"),
        ({"type": "legalEntity"}, "organisation"),
        ("registeredEntity", "organisation"),
        ({"type": "somethingElse"}, "unknown"),
        (None, "unknown"),
    ],
)
def test_the_kind_of_an_entity_follows_from_its_type_and_subtype(tmp_path: Path, type: Any, kind: str) -> None:
    _, entities, _ = told(tmp_path, entity("a", entityType=type))
    assert list(entities["kind"]) == [kind]


def test_names_of_several_types_and_former_names_come_last(tmp_path: Path) -> None:
    names = [
        {"type": "former", "fullName": "Ann Oldname"},
        {"type": "legal", "givenName": "Ann", "patronymicName": "Ivanovna", "familyName": "Newname"},
        {"type": "transliteration", "fullName": "Анна"},
    ]
    _, entities, _ = told(tmp_path, person("p", names=names), person("q", names=[{"type": "birth", "fullName": "Bo"}]))
    assert entities[["name", "names"]].fillna("").values.tolist() == [
        ["Ann Ivanovna Newname", "Ann Oldname; Анна"],
        ["Bo", ""],
    ]


def test_every_address_that_says_a_place_counts_and_the_others_are_told_of_the_whole_file(tmp_path: Path) -> None:
    def at(type: str, code: str) -> dict[str, Any]:
        return {"type": type, "address": "1 Road", "country": {"code": code}}

    reading, entities, _ = told(
        tmp_path,
        entity(
            "a",
            jurisdiction={"code": "GB"},
            addresses=[at("business", "DE"), at("business", "CN"), at("registered", "GB")],
        ),
        entity("b", jurisdiction={"code": "GB"}, addresses=[at("registered", "CN"), at("alternative", "RU")]),
        person("p", addresses=[at("placeOfBirth", "RU"), at("service", "CN"), at("residence", "DE"), at("home", "FR")]),
        person("q", taxResidencies=[{"code": "RU"}], placeOfResidence={"country": {"code": "EE"}}),
        entity("c", publicListing={"hasPublicListing": True}),
    )
    assert entities["principal_place"].fillna("").tolist() == ["DE; CN", "", "", "", ""]
    assert entities["residence"].fillna("").tolist() == ["", "", "DE; FR", "EE", ""]
    assert reading.problems == [] and reading.notes == [
        "tax residencies are stated for 1 persons; they are not taken as residences",
        "1 entities are publicly listed",
        "addresses in countries that no column of the tables gives: 1 alternative in RU, 1 registered in CN, 1 service in CN",
    ]


def test_a_code_and_a_name_of_different_countries_are_both_kept_and_told(tmp_path: Path) -> None:
    reading, entities, _ = told(
        tmp_path,
        entity("a", jurisdiction={"code": "GB", "name": "China"}),
        entity("b", jurisdiction={"code": "US-GA", "name": "Germany"}),
        entity("c", jurisdiction={"code": "ZZ", "name": "Nowhere"}),
    )
    assert entities["incorporated"].fillna("").tolist() == ["GB; CN", "US", ""]
    assert [problem.place for problem in reading.problems] == ["line 1", "line 3"]


def test_u_s_status_is_stated_by_citizenship_and_by_nothing_else(tmp_path: Path) -> None:
    resident = [{"type": "residence", "country": {"code": "US"}}]
    _, entities, _ = told(
        tmp_path, person("a", nationalities=[{"code": "DE"}, {"code": "US"}]), person("b", addresses=resident)
    )
    assert entities["us_status"].fillna("").tolist() == ["citizen", ""]


def test_political_exposure_and_what_else_the_tables_do_not_hold_is_no_error(tmp_path: Path) -> None:
    exposed = person(
        "p", politicalExposure={"status": "isPep", "details": [{"reason": "minister"}]}, birthDate="1970-02"
    )
    firm = entity("e", formedByStatute={"name": "Act"}, foundingDate="2020-01-01", uri="https://x.example")
    reading, entities, _ = told(tmp_path, exposed, firm)
    assert reading.status == "read" and len(entities) == 2 and reading.notes == []


def test_a_key_that_stands_twice_is_told_wherever_it_stands(tmp_path: Path) -> None:
    text = lines(entity("a"), entity("b"), related("1", "a", "b", share(exact=5)))
    for key, more in (
        ("recordId", '"x"'),
        ("interestedParty", '"b"'),
        ("exact", "90"),
        ("statementDate", '"2020-01-01"'),
    ):
        doubled = text[: text.rindex(f'"{key}"')] + f'"{key}": {more}, ' + text[text.rindex(f'"{key}"') :]
        reading, _, rows = read(put(tmp_path, "x", doubled))
        assert rows.loc[0, ["holder", "min"]].tolist() == ["a", "0.05"]
        assert [p.place.partition("/")[0] for p in reading.problems] == ["line 3"], key


# whatever the bytes


COUNTRY = st.sampled_from(
    [None, "China", {"code": "GB"}, {"code": "US-DE", "name": "Delaware"}, {"code": "GB", "name": "China"}, {}]
)
TEXT = st.sampled_from([None, "", " Firm ", "n/a", "Фирма", 3, "\x01", "\ud800", "Golden share", "direct", "indirect"])
NUMBER = st.sampled_from([None, 0, 50, 12.5, "75%", "ca. 30 %", 140, True, 0.1, 33.333333333333336])
PARTY = st.sampled_from(["a", "b", "ghost", None, {"reason": "unknown"}, {"describedByEntityStatement": "a"}])


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


ADDRESS = some(type=st.sampled_from(["business", "residence", "service", "placeOfBirth", None]), country=COUNTRY)
ENDS = some(
    exact=NUMBER,
    minimum=NUMBER,
    maximum=NUMBER,
    exclusiveMinimum=st.sampled_from([True, False, 25]),
    exclusiveMaximum=st.sampled_from([True, 75]),
)
INTEREST = some(
    type=st.sampled_from(["shareholding", "voting-rights", "settlor", None]),
    share=ENDS | NUMBER,
    details=TEXT | st.just("ownership-of-shares-50-to-75-percent"),
    directOrIndirect=TEXT,
    interestLevel=TEXT,
    startDate=st.sampled_from(["2020-01-01", "x", None, "01.02.2020"]),
    endDate=st.sampled_from(["2021-01-01", ""]),
)
DETAILS = some(
    entityType=st.sampled_from([{"type": "registeredEntity"}, "state", {"type": "unknownEntity"}, None]),
    personType=st.sampled_from(["knownPerson", "unknownPerson"]),
    name=TEXT,
    names=st.lists(some(fullName=TEXT, type=TEXT), max_size=2),
    alternateNames=st.lists(TEXT, max_size=2),
    jurisdiction=COUNTRY,
    nationalities=st.lists(COUNTRY, max_size=2),
    addresses=st.lists(ADDRESS, max_size=2) | st.none(),
    identifiers=st.lists(some(scheme=TEXT | st.just("XI-LEI"), id=TEXT), max_size=2),
    subject=PARTY,
    interestedParty=PARTY,
    interests=st.lists(INTEREST | st.none(), max_size=3),
    componentRecords=st.lists(TEXT, max_size=1),
)
STATEMENT = st.builds(
    lambda details, flat, head: {**head, **details} if flat else {**head, "recordDetails": details},
    DETAILS,
    st.booleans(),
    some(
        recordId=st.sampled_from(["a", "b", "c", " "]),
        statementID=st.sampled_from(["a", "b", "d"]),
        recordType=st.sampled_from(["entity", "person", "relationship", "x"]),
        statementType=st.sampled_from(["entityStatement", "personStatement", "ownershipOrControlStatement"]),
        recordStatus=st.sampled_from(["new", "closed", None]),
        statementDate=st.sampled_from(["2024-01-01", "2025-01-01T00:00:00Z", "1.1.2026", "x", None]),
        replacesStatements=st.lists(st.sampled_from(["a", "b"]), max_size=1),
    ),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(STATEMENT, max_size=6))
def test_statements_read_together_say_the_same_as_those_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: list[Statement]
) -> None:
    text = lines(entity("z"), *found).encode("utf-8", "surrogatepass")
    path = put(tmp_path, "x", text)
    monkeypatch.setattr(bods_rows, "_GROUP", 1)
    fast, slow = read(path), slowly(path, monkeypatch)
    pd.testing.assert_frame_equal(fast[1], slow[1])
    pd.testing.assert_frame_equal(fast[2], slow[2])
    assert fast[0].problems == slow[0].problems and fast[0].notes == slow[0].notes


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_the_bytes_raises_or_breaks_the_tables(tmp_path: Path, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["lines", "list", "object", "joined"]))
    whole = a_small_register()
    text = {
        "lines": lines(*whole),
        "list": json.dumps(whole, indent=1),
        "object": json.dumps({"statements": whole}),
        "joined": "".join(map(json.dumps, whole)),
    }[form].encode()
    at = data.draw(st.integers(0, len(text)))
    more = data.draw(st.binary(max_size=4) | st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"null", b",", b"\n"]))
    cut = data.draw(st.integers(0, 6))
    reading, _, _ = read_again(put(tmp_path, "x", text[:at] + more + text[at + cut :]))
    assert not reading.reason.startswith("reading it as"), reading.reason
