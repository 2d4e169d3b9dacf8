from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.evidence import tables
from assessor.evidence.readers import Reading, read_item, recognise
from tests.evidence.samples import RULE, as_json, put
from tests.evidence.test_boms import mutated

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bods"


def read(kind: str, path: Path) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    reading = read_item(kind, path, "E-0001", RULE)
    entities, interests = (tables.table(name, reading.tables.get(name, [])) for name in ("entities", "interests"))
    return reading, entities, interests


def bods(*statements: dict[str, Any], tmp_path: Path) -> tuple[Reading, pd.DataFrame, pd.DataFrame]:
    path = put(tmp_path, "x", as_json(statements))
    assert recognise(path) == "ownership.bods"
    return read("ownership.bods", path)


def entity(record: str, **details: Any) -> dict[str, Any]:
    told = {"entityType": {"type": "registeredEntity"}, "name": record.upper(), **details}
    return {
        "statementId": f"s-{record}",
        "recordId": record,
        "recordType": "entity",
        "recordStatus": "new",
        "statementDate": "2026-01-01",
        "recordDetails": told,
    }


def related(record: str, holder: object, subject: object, *interests: dict[str, Any], **more: Any) -> dict[str, Any]:
    details = {"subject": subject, "interestedParty": holder, "interests": list(interests)}
    return {
        "statementId": f"s-{record}-{more}",
        "recordId": record,
        "recordType": "relationship",
        "recordStatus": "new",
        "statementDate": "2026-01-01",
        "recordDetails": details,
        **more,
    }


def shares(**share: Any) -> dict[str, Any]:
    return {"type": "shareholding", "directOrIndirect": "direct", "share": share}


def test_open_and_closed_ends_of_both_shapes_of_the_standard(tmp_path: Path) -> None:
    _, _, rows = bods(
        entity("a"),
        entity("b"),
        related("1", "a", "b", shares(exclusiveMinimum=50, maximum=75)),
        related("2", "a", "b", shares(minimum=50, exclusiveMinimum=True, maximum=75, exclusiveMaximum=False)),
        related("3", "a", "b", shares(exact=12.5)),
        tmp_path=tmp_path,
    )
    assert rows[["min", "max", "min_open", "max_open"]].values.tolist() == [
        ["0.5", "0.75", True, False],
        ["0.5", "0.75", True, False],
        ["0.125", "0.125", False, False],
    ]


def test_a_share_that_is_none_is_a_problem_and_open(tmp_path: Path) -> None:
    reading, _, rows = bods(
        entity("a"),
        entity("b"),
        related("1", "a", "b", shares(exact=140)),
        related("2", "a", "b", shares(minimum=60, maximum=40)),
        tmp_path=tmp_path,
    )
    assert rows[["min", "max"]].isna().all(axis=None) and [p.place for p in reading.problems] == ["/2", "/3"]


def test_the_latest_statement_of_a_record_counts_and_a_closed_one_has_its_day(tmp_path: Path) -> None:
    reading, _, rows = bods(
        entity("a"),
        entity("b"),
        related("1", "a", "b", shares(exact=60), statementDate="2026-03-01"),
        related("1", "a", "b", shares(exact=40), statementDate="2025-03-01"),
        related("2", "a", "b", shares(exact=10)),
        related("2", "a", "b", shares(exact=10), statementDate="2026-05-04", recordStatus="closed"),
        tmp_path=tmp_path,
    )
    assert list(rows["min"]) == ["0.6", "0.1"]
    assert rows["end"].isna().tolist() == [True, False] and rows.loc[1, "end"] == datetime.date(2026, 5, 4)
    assert any("superseded" in note for note in reading.notes) and any("closed" in note for note in reading.notes)


def test_unknown_parties_are_stated_unknown_and_dangling_ones_a_problem(tmp_path: Path) -> None:
    reading, _, rows = bods(
        entity("b"),
        related(
            "1",
            {"reason": "interestedPartyHasNotProvidedInformation", "description": "no answer"},
            "b",
            shares(minimum=58),
        ),
        related("2", "ghost", "b", shares(exact=5)),
        related("3", {"reason": "subjectExemptFromDisclosure"}, "b"),
        tmp_path=tmp_path,
    )
    assert rows["holder"].isna().tolist() == [True, False, True] and "no answer" in rows.loc[0, "details"]
    assert [p.message for p in reading.problems] == ["interestedParty 'ghost' is described by no statement of the file"]
    assert rows.loc[2, "kind"] == "other" and len(rows) == 3


def test_kinds_and_directness_of_interests(tmp_path: Path) -> None:
    _, _, rows = bods(
        entity("a"),
        entity("b"),
        related(
            "1",
            "a",
            "b",
            {"type": "controlViaCompanyRulesOrArticles", "directOrIndirect": "indirect"},
            {"type": "otherInfluenceOrControl", "details": "Golden share"},
            {"type": "otherInfluenceOrControl", "details": "Proxy over votes"},
            {"type": "rightsGrantedByContract"},
            {"type": "votingRights"},
            {"type": "appointmentOfBoard"},
            {"type": "unknownInterest"},
            {**shares(exact=5), "details": "beside a golden share of another"},
        ),
        tmp_path=tmp_path,
    )
    assert list(rows["kind"]) == [
        "special_share",
        "special_share",
        "proxy",
        "contractual_control",
        "voting_rights",
        "board_appointment",
        "other",
        "shareholding",
    ]
    assert rows["direct"].isna().tolist() == [False, *[True] * 6, False] and not rows.loc[0, "direct"]
    assert rows["interest"].is_unique


def test_persons_have_citizenship_residence_and_status(tmp_path: Path) -> None:
    person = {
        "statementId": "p",
        "recordId": "p",
        "recordType": "person",
        "statementDate": "2026-01-01",
        "recordDetails": {
            "personType": "knownPerson",
            "names": [{"fullName": "Li Na"}, {"fullName": "李娜"}],
            "nationalities": [{"code": "US"}, {"name": "China"}],
            "addresses": [
                {"type": "service", "country": {"code": "GB"}},
                {"type": "residence", "country": {"code": "DE", "name": "Germany"}},
            ],
        },
    }
    company = entity(
        "c",
        jurisdiction={"code": "US-DE", "name": "Delaware"},
        addresses=[{"type": "business", "country": "China"}],
        identifiers=[{"scheme": "XI-LEI", "id": "L1"}, {"scheme": "US-DE", "id": "77"}],
        alternateNames=["See Inc", "C"],
    )
    reading, rows, _ = bods(person, company, tmp_path=tmp_path)
    assert reading.problems == []
    assert rows.loc[0, ["name", "names", "citizenship", "us_status", "residence"]].tolist() == [
        "Li Na",
        "李娜",
        "US; CN",
        "citizen",
        "DE",
    ]
    assert rows.loc[1, ["incorporated", "principal_place", "lei", "registration", "names"]].tolist() == [
        "US",
        "CN",
        "L1",
        "77",
        "See Inc",
    ]


def test_statements_of_0_2_and_0_3_are_read_too(tmp_path: Path) -> None:
    _, entities, rows = bods(
        {
            "statementID": "e1",
            "statementType": "entityStatement",
            "entityType": "registeredEntity",
            "name": "Firm",
            "statementDate": "2020-01-01",
            "incorporatedInJurisdiction": {"code": "GB"},
        },
        {
            "statementID": "p1",
            "statementType": "personStatement",
            "names": [{"fullName": "Ann"}],
            "statementDate": "2020-01-01",
        },
        {
            "statementID": "o1",
            "statementType": "ownershipOrControlStatement",
            "statementDate": "2020-01-01",
            "subject": {"describedByEntityStatement": "e1"},
            "interestedParty": {"describedByPersonStatement": "p1"},
            "interests": [
                {
                    "type": "voting-rights",
                    "interestLevel": "direct",
                    "share": {"minimum": 25, "exclusiveMinimum": True, "maximum": 50},
                }
            ],
        },
        {
            "statementID": "o2",
            "statementType": "ownershipOrControlStatement",
            "statementDate": "2021-01-01",
            "replacesStatements": ["o1"],
            "subject": {"describedByEntityStatement": "e1"},
            "interestedParty": {"unspecified": {"reason": "unknown", "description": "left"}},
        },
        tmp_path=tmp_path,
    )
    assert list(entities["kind"]) == ["organisation", "person"] and entities.loc[0, "incorporated"] == "GB"
    assert list(rows["locator"]) == ["/3"] and rows["holder"].isna().all() and "left" in rows.loc[0, "details"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real samples are not at hand")
def test_real_statements_are_read_without_problems() -> None:
    for path in sorted(CORPUS.glob("*.json")):
        reading, entities, interests = read(recognise(path), path)
        assert reading.status == "read", (path.name, reading.problems)
        assert len(entities) and len(interests) and interests["subject"].notna().all()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_statements_raises_or_breaks_the_tables(tmp_path: Path, data: st.DataObject) -> None:
    document = [
        entity("a", jurisdiction={"code": "US"}, identifiers=[{"id": "1"}]),
        entity("b"),
        related("1", "a", "b", shares(exact=5, minimum=4), shares(minimum=1)),
    ]
    path = put(tmp_path, "x", as_json(mutated(document, data.draw)))
    reading, _, _ = read("ownership.bods", path)
    assert not reading.reason.startswith("reading it as"), reading.reason


REGISTER = """Holder,Holder country,Subject,Subject country,Interest,Share,From,To,Register
Harbour Holdings Limited,P.R.C.,Brightwater LLC,US,shares,100%,2026-05-02,,Register A
Ann Ekman,EE,Nordlicht OÜ,EE,votes,>50% to 75%,14.11.2024,,Register B
undisclosed,,Nordlicht OÜ,EE,shares,ca. 30 %,,,Register B
China,CN,Brightwater LLC,US,golden share,,,,Register A
Brightwater LLC,DE,Third GmbH,DE,hypnosis,25% or more,,2025-02-30,Register C
"""


def test_a_register_extract_gives_interests_and_each_party_once(tmp_path: Path) -> None:
    path = put(tmp_path, "r.csv", REGISTER)
    assert recognise(path) == "ownership.register"
    reading, entities, rows = read("ownership.register", path)
    assert entities[["name", "kind", "incorporated"]].fillna("").values.tolist() == [
        ["Harbour Holdings Limited", "organisation", "CN"],
        ["Brightwater LLC", "organisation", "US"],
        ["Ann Ekman", "unknown", "EE"],
        ["Nordlicht OÜ", "organisation", "EE"],
        ["China", "state", "CN"],
        ["Third GmbH", "organisation", "DE"],
    ]
    assert rows["holder"].isna().tolist() == [False, False, True, False, False]
    assert list(rows["kind"]) == ["shareholding", "voting_rights", "shareholding", "special_share", "other"]
    assert rows["min"].fillna("").tolist() == ["1", "0.5", "", "", "0.25"] and rows.loc[1, "start"] == datetime.date(
        2024, 11, 14
    )
    assert "ca. 30 %" in rows.loc[2, "details"] and "hypnosis" in rows.loc[4, "details"]
    assert sorted((p.place, p.message.split(":")[0]) for p in reading.problems) == [
        ("line 4", "Share"),
        ("line 6", "Brightwater LLC is of US in line 2 and of DE here; the first is kept"),
        ("line 6", "Interest"),
        ("line 6", "To"),
    ]


def test_a_register_that_says_who_is_a_person_gives_residence_and_citizenship(tmp_path: Path) -> None:
    text = "Holder,Holder type,Holder country,Nationality,Subject,Share (%)\nAnn,individual,DE,US,Firm Ltd,40\n"
    reading, entities, rows = read("ownership.register", put(tmp_path, "r.csv", text))
    assert entities.loc[0, ["kind", "residence", "citizenship", "us_status"]].tolist() == [
        "person",
        "DE",
        "US",
        "citizen",
    ]
    assert rows.loc[0, "min"] == "0.4" and reading.problems == []
