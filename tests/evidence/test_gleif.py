from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assessor.evidence import tables
from assessor.evidence.readers import Reading, read_item
from assessor.ownership import Ownership, assess
from tests.evidence.register_samples import Frames, messages, survived, taken
from tests.evidence.samples import RULE, as_json, put
from tests.evidence.test_boms import mutated

A, B, C = "529900AAAAAAAAAAAA18", "529900BBBBBBBBBBBB49", "529900CCCCCCCCCCCC80"
ALPHA = {
    "lei": A,
    "name": "Alpha Systems LLC",
    "names": ["Alpha Old LLC"],
    "ascii": ["Alpha ASCII"],
    "legal": "US",
    "headquarters": "DE",
    "jurisdiction": "US-DE",
    "authority": "RA000602",
    "registration": "7700001",
    "category": "GENERAL",
    "form": "HZEH",
    "status": "ACTIVE",
    "registered": "ISSUED",
}
FORMATS = ("csv", "json", "api", "xml")


def level1(format: str, *records: dict[str, Any]) -> str:
    every = [{**ALPHA, **record} for record in records]
    if format == "csv":
        heading = [
            "LEI",
            "Entity.LegalName",
            "Entity.LegalName.xmllang",
            "Entity.OtherEntityNames.OtherEntityName.1",
            "Entity.OtherEntityNames.OtherEntityName.1.type",
            "Entity.OtherEntityNames.OtherEntityName.2",
            "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.1",
            "Entity.LegalAddress.Country",
            "Entity.HeadquartersAddress.Country",
            "Entity.RegistrationAuthority.RegistrationAuthorityID",
            "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
            "Entity.LegalJurisdiction",
            "Entity.EntityCategory",
            "Entity.LegalForm.EntityLegalFormCode",
            "Entity.EntityStatus",
            "Registration.RegistrationStatus",
        ]
        keys = ("legal", "headquarters", "authority", "registration", "jurisdiction", "category", "form", "status")
        return written(
            heading,
            *(
                [
                    e["lei"],
                    e["name"],
                    "en",
                    *(*e["names"], "")[:1],
                    "X",
                    *(*e["names"], "", "")[1:2],
                    *(*e["ascii"], "")[:1],
                ]
                + [e[key] for key in (*keys, "registered")]
                for e in every
            ),
        )
    if format == "json":
        return as_json({"records": [_cdf(e) for e in every]})
    if format == "api":
        return as_json({"meta": {}, "data": [_api(e) for e in every]})
    return (
        '<?xml version="1.0" encoding="UTF-8"?><lei:LEIData xmlns:lei="http://www.gleif.org/data/schema/leidata/2016">'
        f"<lei:LEIHeader/><lei:LEIRecords>{''.join(map(_xml, every))}</lei:LEIRecords></lei:LEIData>"
    )


def written(*rows: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _cdf(e: dict[str, Any]) -> dict[str, Any]:
    def wrapped(name: str) -> dict[str, Any]:
        return {"$": e[name]}

    return {
        "LEI": wrapped("lei"),
        "Entity": {
            "LegalName": {"@xml:lang": "en", **wrapped("name")},
            "OtherEntityNames": {"OtherEntityName": [{"@type": "X", "$": name} for name in e["names"]]},
            "TransliteratedOtherEntityNames": {
                "TransliteratedOtherEntityName": {"$": e["ascii"][0]} if e["ascii"] else []
            },
            "LegalAddress": {"Country": wrapped("legal")},
            "HeadquartersAddress": {"Country": wrapped("headquarters")},
            "RegistrationAuthority": {
                "RegistrationAuthorityID": wrapped("authority"),
                "RegistrationAuthorityEntityID": wrapped("registration"),
            },
            "LegalJurisdiction": wrapped("jurisdiction"),
            "EntityCategory": wrapped("category"),
            "LegalForm": {"EntityLegalFormCode": wrapped("form")},
            "EntityStatus": wrapped("status"),
        },
        "Registration": {"RegistrationStatus": wrapped("registered")},
    }


def _api(e: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "lei-records",
        "id": e["lei"],
        "attributes": {
            "lei": e["lei"],
            "entity": {
                "legalName": {"name": e["name"], "language": "en"},
                "otherNames": [{"name": name} for name in e["names"]],
                "transliteratedOtherNames": [{"name": name} for name in e["ascii"]],
                "legalAddress": {"country": e["legal"]},
                "headquartersAddress": {"country": e["headquarters"]},
                "registeredAt": {"id": e["authority"]},
                "registeredAs": e["registration"],
                "jurisdiction": e["jurisdiction"],
                "category": e["category"],
                "legalForm": {"id": e["form"]},
                "status": e["status"],
            },
            "registration": {"status": e["registered"]},
        },
    }


def _xml(e: dict[str, Any]) -> str:
    def tag(name: str, text: str) -> str:
        return f"<lei:{name}>{text}</lei:{name}>"

    entity = (
        tag("LegalName", e["name"])
        + tag("OtherEntityNames", "".join(tag("OtherEntityName", name) for name in e["names"]))
        + tag("TransliteratedOtherEntityNames", "".join(tag("TransliteratedOtherEntityName", n) for n in e["ascii"]))
        + tag("LegalAddress", tag("City", "X") + tag("Country", e["legal"]))
        + tag("HeadquartersAddress", tag("Country", e["headquarters"]))
        + tag(
            "RegistrationAuthority",
            tag("RegistrationAuthorityID", e["authority"]) + tag("RegistrationAuthorityEntityID", e["registration"]),
        )
        + tag("LegalJurisdiction", e["jurisdiction"])
        + tag("EntityCategory", e["category"])
        + tag("LegalForm", tag("EntityLegalFormCode", e["form"]))
        + tag("EntityStatus", e["status"])
    )
    registration = tag("Registration", tag("RegistrationStatus", e["registered"]))
    return tag("LEIRecord", tag("LEI", e["lei"]) + tag("Entity", entity) + registration)


LINK = {
    "start": A,
    "end": B,
    "type": "IS_DIRECTLY_CONSOLIDATED_BY",
    "status": "ACTIVE",
    "began": "2015-01-01T00:00:00.000Z",
    "ended": "",
    "updated": "2025-02-03T04:05:06Z",
    "renewal": "2025-12-31T00:00:00Z",
    "registered": "PUBLISHED",
}


def level2(format: str, *records: dict[str, Any]) -> str:
    every = [{**LINK, **record} for record in records]
    if format == "csv":
        heading = (
            "Relationship.StartNode.NodeID,Relationship.StartNode.NodeIDType,Relationship.EndNode.NodeID,"
            "Relationship.EndNode.NodeIDType,Relationship.RelationshipType,Relationship.RelationshipStatus,"
            "Relationship.Period.1.startDate,Relationship.Period.1.endDate,Relationship.Period.1.periodType,"
            "Relationship.Period.2.startDate,Relationship.Period.2.endDate,Relationship.Period.2.periodType,"
            "Registration.LastUpdateDate,Registration.RegistrationStatus,Registration.NextRenewalDate"
        )
        accounts = ["2023-12-31T00:00:00Z", "2024-12-30T00:00:00Z", "ACCOUNTING_PERIOD"]
        return written(
            heading.split(","),
            *(
                [
                    *(e["start"], "LEI", e["end"], "LEI", e["type"], e["status"]),
                    *(*accounts, e["began"], e["ended"], "RELATIONSHIP_PERIOD"),
                    *(e["updated"], e["registered"], e["renewal"]),
                ]
                for e in every
            ),
        )
    if format == "json":
        return as_json({"relations": [{"RelationshipRecord": _relation(e)} for e in every]})
    if format == "api":
        found = [
            {
                "type": "relationship-records",
                "attributes": {
                    "relationship": {
                        "startNode": {"id": e["start"], "type": "LEI"},
                        "endNode": {"id": e["end"], "type": "LEI"},
                        "type": e["type"],
                        "status": e["status"],
                        "periods": [
                            {"startDate": "2023-12-31T00:00:00Z", "type": "ACCOUNTING_PERIOD"},
                            {"startDate": e["began"], "endDate": e["ended"], "type": "RELATIONSHIP_PERIOD"},
                        ],
                    },
                    "registration": {
                        "status": e["registered"],
                        "lastUpdateDate": e["updated"],
                        "nextRenewalDate": e["renewal"],
                    },
                },
            }
            for e in every
        ]
        return as_json({"data": found[0] if len(found) == 1 else found})
    body = "".join(
        "<rr:RelationshipRecord><rr:Relationship>"
        f"<rr:StartNode><rr:NodeID>{e['start']}</rr:NodeID></rr:StartNode>"
        f"<rr:EndNode><rr:NodeID>{e['end']}</rr:NodeID></rr:EndNode>"
        f"<rr:RelationshipType>{e['type']}</rr:RelationshipType><rr:RelationshipPeriods>"
        "<rr:RelationshipPeriod><rr:StartDate>2023-12-31T00:00:00Z</rr:StartDate><rr:PeriodType>ACCOUNTING_PERIOD</rr:PeriodType></rr:RelationshipPeriod>"
        f"<rr:RelationshipPeriod><rr:StartDate>{e['began']}</rr:StartDate><rr:EndDate>{e['ended']}</rr:EndDate>"
        "<rr:PeriodType>RELATIONSHIP_PERIOD</rr:PeriodType></rr:RelationshipPeriod></rr:RelationshipPeriods>"
        f"<rr:RelationshipStatus>{e['status']}</rr:RelationshipStatus></rr:Relationship><rr:Registration>"
        f"<rr:LastUpdateDate>{e['updated']}</rr:LastUpdateDate><rr:RegistrationStatus>{e['registered']}</rr:RegistrationStatus>"
        f"<rr:NextRenewalDate>{e['renewal']}</rr:NextRenewalDate></rr:Registration></rr:RelationshipRecord>"
        for e in every
    )
    return (
        '<rr:RelationshipData xmlns:rr="http://www.gleif.org/data/schema/rr/2016"><rr:RelationshipRecords>'
        f"{body}</rr:RelationshipRecords></rr:RelationshipData>"
    )


def _relation(e: dict[str, Any]) -> dict[str, Any]:
    accounts = {"StartDate": {"$": "2023-12-31T00:00:00Z"}, "PeriodType": {"$": "ACCOUNTING_PERIOD"}}
    own = {
        "StartDate": {"$": e["began"]},
        "EndDate": {"$": e["ended"]},
        "PeriodType": {"$": "RELATIONSHIP_PERIOD"},
    }
    return {
        "Relationship": {
            "StartNode": {"NodeID": {"$": e["start"]}, "NodeIDType": {"$": "LEI"}},
            "EndNode": {"NodeID": {"$": e["end"]}, "NodeIDType": {"$": "LEI"}},
            "RelationshipType": {"$": e["type"]},
            "RelationshipPeriods": {"RelationshipPeriod": [accounts, own]},
            "RelationshipStatus": {"$": e["status"]},
        },
        "Registration": {
            "LastUpdateDate": {"$": e["updated"]},
            "RegistrationStatus": {"$": e["registered"]},
            "NextRenewalDate": {"$": e["renewal"]},
        },
    }


def exceptions(format: str, *records: tuple[str, str, list[str]]) -> str:
    names = {"direct": "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT", "ultimate": "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT"}
    every = [(lei, names.get(category, category), reasons) for lei, category, reasons in records]
    if format == "csv":
        heading = ["LEI", "Exception.Category", "Exception.Reason.1", "Exception.Reason.2", "Exception.Reference.1"]
        return written(heading, *([lei, category, *(*reasons, "", "")[:2], ""] for lei, category, reasons in every))
    if format == "json":
        return as_json(
            {
                "exceptions": [
                    {
                        "LEI": {"$": lei},
                        "ExceptionCategory": {"$": category},
                        "ExceptionReason": [{"$": reason} for reason in reasons],
                    }
                    for lei, category, reasons in every
                ]
            }
        )
    if format == "api":
        found = [
            {
                "type": "reporting-exceptions",
                "attributes": {"lei": lei, "category": category, "reason": (reasons or [None])[0], "validTo": None},
            }
            for lei, category, reasons in every
        ]
        return as_json({"data": found[0] if len(found) == 1 else found})
    body = "".join(
        f"<repex:Exception><repex:LEI>{lei}</repex:LEI><repex:ExceptionCategory>{category}</repex:ExceptionCategory>"
        + "".join(f"<repex:ExceptionReason>{reason}</repex:ExceptionReason>" for reason in reasons)
        + "</repex:Exception>"
        for lei, category, reasons in every
    )
    return (
        '<repex:ReportingExceptionData xmlns:repex="http://www.gleif.org/data/schema/repex/2016"><repex:ReportingExceptions>'
        f"{body}</repex:ReportingExceptions></repex:ReportingExceptionData>"
    )


def gleif(folder: Path, content: bytes | str) -> Frames:
    return taken("ownership.gleif", put(folder, "x", content))


@pytest.mark.parametrize("format", FORMATS)
def test_an_entity_is_the_same_in_every_format(tmp_path: Path, format: str) -> None:
    reading, entities, _ = gleif(tmp_path, level1(format, {}))
    assert reading.problems == []
    assert entities.loc[0, ["entity", "name", "names", "kind", "incorporated", "headquarters", "lei"]].tolist() == [
        A,
        "Alpha Systems LLC",
        "Alpha Old LLC; Alpha ASCII",
        "organisation",
        "US",
        "DE",
        A,
    ]
    assert entities.loc[0, ["registration", "details"]].tolist() == [
        "7700001",
        "general; legal form HZEH; registered with RA000602; legal address in US; entity active; LEI issued",
    ]


@pytest.mark.parametrize(
    ("format", "place"),
    [("csv", "line 3"), ("json", "/records/1"), ("api", "/data/1"), ("xml", "/LEIData/LEIRecords/LEIRecord[2]")],
)
def test_every_row_has_its_place(tmp_path: Path, format: str, place: str) -> None:
    _, entities, _ = gleif(tmp_path, level1(format, {}, {"lei": B}))
    assert entities.loc[1, "locator"] == place


@pytest.mark.parametrize("format", FORMATS)
def test_a_consolidation_is_no_shareholding_in_any_format(tmp_path: Path, format: str) -> None:
    reading, entities, rows = gleif(tmp_path, level2(format, {}))
    assert reading.problems == []
    assert rows.loc[0, ["holder", "subject", "kind", "direct"]].tolist() == [B, A, "other", True]
    assert rows[["min", "max"]].isna().all(axis=None) and rows["end"].isna().all()
    assert rows.loc[0, "start"] == datetime.date(2015, 1, 1)
    assert "accounting consolidation" in rows.loc[0, "details"] and "nothing is said of votes" in rows.loc[0, "details"]
    assert entities[["entity", "lei", "kind"]].values.tolist() == [[A, A, "unknown"], [B, B, "unknown"]]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("category", "direct"), [("direct", True), ("ultimate", False)], ids=["direct parent", "ultimate parent"]
)
def test_an_exception_is_an_interest_whose_holder_is_not_known(
    tmp_path: Path, format: str, category: str, direct: bool
) -> None:
    reading, _, rows = gleif(tmp_path, exceptions(format, (A, category, ["NATURAL_PERSONS"])))
    assert reading.problems == []
    assert rows["holder"].isna().all()
    assert rows.loc[0, ["subject", "kind", "direct"]].tolist() == [A, "other", direct]
    assert "NATURAL_PERSONS (natural persons who are not named control it" in rows.loc[0, "details"]


@pytest.mark.parametrize(
    ("type", "row", "words"),
    [
        ("IS_ULTIMATELY_CONSOLIDATED_BY", [B, A, False], "ultimate accounting consolidation"),
        ("IS_INTERNATIONAL_BRANCH_OF", [B, A, True], "branch"),
        ("IS_FUND-MANAGED_BY", [B, A, True], "manages this fund"),
        ("IS_SUBFUND_OF", [B, A, True], "umbrella fund"),
        ("IS_FEEDER_TO", [A, B, True], "invests in this master fund"),
    ],
)
def test_a_relationship_has_its_direction_and_its_words(tmp_path: Path, type: str, row: list[Any], words: str) -> None:
    reading, _, rows = gleif(tmp_path, level2("csv", {"type": type}))
    assert rows.loc[0, ["holder", "subject", "direct"]].tolist() == row and rows.loc[0, "kind"] == "other"
    assert words in rows.loc[0, "details"] and reading.problems == []


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("NO_LEI", "other", "has no LEI and is not named"),
        ("NATURAL_PERSONS", "other", "natural persons who are not named control it"),
        ("NON_CONSOLIDATING", "other", "do not consolidate it in their accounts"),
        ("NO_KNOWN_PERSON", "shareholding", "nobody is known to control it"),
        ("NON_PUBLIC", "other", "is not public"),
        ("BINDING_LEGAL_COMMITMENTS", "other", "binding legal commitment"),
        ("LEGAL_OBSTACLES", "other", "law of a jurisdiction"),
        ("CONSENT_NOT_OBTAINED", "other", "did not consent"),
        ("DETRIMENT_NOT_EXCLUDED", "other", "could not be excluded"),
        ("DISCLOSURE_DETRIMENTAL", "other", "detrimental"),
    ],
)
def test_every_reason_of_an_exception_says_what_it_means(tmp_path: Path, reason: str, kind: str, words: str) -> None:
    reading, _, rows = gleif(tmp_path, exceptions("csv", (A, "direct", [reason])))
    assert rows.loc[0, "kind"] == kind and words in rows.loc[0, "details"] and reason in rows.loc[0, "details"]
    assert reading.problems == [] and rows[["min", "max", "start", "end"]].isna().all(axis=None)


def test_several_reasons_are_all_kept_and_an_unknown_one_is_told(tmp_path: Path) -> None:
    reading, _, rows = gleif(
        tmp_path,
        exceptions(
            "csv", (A, "direct", ["NO_KNOWN_PERSON", "NO_LEI"]), (B, "sideways", ["WHATEVER"]), (C, "direct", [])
        ),
    )
    assert rows["kind"].tolist() == ["other", "other", "other"]
    assert "NO_KNOWN_PERSON" in rows.loc[0, "details"] and "NO_LEI" in rows.loc[0, "details"]
    assert messages(reading) == [
        ("line 3", "the category 'sideways' of the exception is not known"),
        ("line 3", "the reason 'WHATEVER' is not known"),
        ("line 4", "the exception gives no reason"),
    ]
    assert rows["direct"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("format", FORMATS)
def test_an_inactive_relationship_ends_on_its_day_or_on_that_of_the_last_update(tmp_path: Path, format: str) -> None:
    _, _, rows = gleif(
        tmp_path,
        level2(
            format,
            {"status": "INACTIVE", "ended": "2020-05-06T00:00:00Z"},
            {"status": "INACTIVE"},
            {"registered": "RETIRED"},
            {"ended": "2030-01-01T00:00:00Z"},
        ),
    )
    assert rows["end"].tolist() == [
        datetime.date(2020, 5, 6),
        datetime.date(2025, 2, 3),
        datetime.date(2025, 2, 3),
        datetime.date(2030, 1, 1),
    ]
    assert "its day is not stated, at the latest 2025-02-03" in rows.loc[1, "details"]


def test_a_relationship_that_ended_on_no_stated_day_is_left_out_and_told(tmp_path: Path) -> None:
    reading, _, rows = gleif(tmp_path, level2("csv", {"status": "INACTIVE", "updated": ""}, {"ended": "soon"}))
    assert len(rows) == 0 and [place for place, _ in messages(reading)] == ["line 3", "line 2", "line 3"]


def test_a_lapsed_registration_does_not_end_a_relationship(tmp_path: Path) -> None:
    _, _, rows = gleif(tmp_path, level2("csv", {"registered": "LAPSED"}, {"status": "NULL"}))
    assert rows["end"].isna().all()
    assert "not renewed since 2025-12-31, so that it may be out of date" in rows.loc[0, "details"]
    assert "whether it is active is not stated" in rows.loc[1, "details"]


def test_records_that_their_issuer_withdrew_are_left_out_and_counted(tmp_path: Path) -> None:
    reading, _, rows = gleif(tmp_path, level2("csv", {"registered": "ANNULLED"}, {"registered": "DUPLICATE"}, {}))
    assert rows["locator"].tolist() == ["line 4"] and reading.status == "read"
    assert any("ANNULLED" in note for note in reading.notes) and any("DUPLICATE" in note for note in reading.notes)


def test_a_record_that_a_delta_deletes_ends_on_that_day(tmp_path: Path) -> None:
    record = _relation(LINK) | {"Extension": {"gleif:Deletion": {"gleif:DeletedAt": {"$": "2026-02-01T00:00:00Z"}}}}
    kept = _relation(LINK) | {"Extension": {"gleif:Deletion": None}}
    _, _, rows = gleif(tmp_path, as_json({"relations": [{"RelationshipRecord": record}, {"RelationshipRecord": kept}]}))
    assert rows.loc[0, "end"] == datetime.date(2026, 2, 1) and rows["end"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("FUND", "organisation"),
        ("INTERNATIONAL_ORGANIZATION", "organisation"),
        ("RESIDENT_GOVERNMENT_ENTITY", "state"),
        ("SOLE_PROPRIETOR", "person"),
    ],
)
def test_the_category_says_what_an_entity_is(tmp_path: Path, category: str, kind: str) -> None:
    _, entities, _ = gleif(tmp_path, level1("csv", {"category": category}))
    assert entities.loc[0, "kind"] == kind


def test_where_the_entity_of_a_branch_is_organised_is_not_where_the_branch_is(tmp_path: Path) -> None:
    _, entities, _ = gleif(tmp_path, level1("csv", {"category": "BRANCH"}))
    assert entities["incorporated"].isna().all() and entities.loc[0, "headquarters"] == "DE"


def test_without_a_jurisdiction_the_legal_address_does_not_stand_for_it(tmp_path: Path) -> None:
    _, entities, _ = gleif(tmp_path, level1("csv", {"jurisdiction": ""}))
    assert entities["incorporated"].isna().all() and "legal address in US" in entities.loc[0, "details"]


def test_a_missing_lei_and_one_with_wrong_check_digits_are_kept(tmp_path: Path) -> None:
    reading, entities, _ = gleif(tmp_path, level1("csv", {"lei": ""}, {"lei": "529900AAAAAAAAAAAA99"}))
    assert entities["entity"].tolist() == ["line 2", "529900AAAAAAAAAAAA99"]
    assert entities["lei"].fillna("").tolist() == ["", "529900AAAAAAAAAAAA99"]
    assert messages(reading) == [("line 2", "the record has no LEI")]


def assessed(*readings: Frames, judged: dict[tuple[str, str], str] | None = None) -> Ownership:
    entities = pd.concat([each[1] for each in readings], ignore_index=True)
    interests = pd.concat([each[2] for each in readings], ignore_index=True)
    return assess(
        entities,
        interests,
        adversaries=frozenset({"CN"}),
        as_of=datetime.date(2026, 1, 1),
        dominant_minority=Fraction(1, 4),
        judged=judged,
    )


def disclosed(subject: str, *holders: str) -> Frames:
    """A register that discloses all votes, held by citizens of the United States."""
    share = str(1 / len(holders))
    entities = tables.table(
        "entities",
        [
            {"entity": name, "name": name, "kind": "person", "us_status": "citizen", "source": "R", "locator": "1"}
            for name in holders
        ],
    )
    interests = tables.table(
        "interests",
        [
            {
                "holder": name,
                "subject": subject,
                "kind": "voting_rights",
                "min": share,
                "max": share,
                "source": "R",
                "locator": "2",
            }
            for name in holders
        ],
    )
    return framed_tables(entities, interests)


def framed_tables(entities: pd.DataFrame, interests: pd.DataFrame) -> Frames:
    return Reading(), entities, interests


BETA = {"lei": B, "name": "Beta Group", "jurisdiction": "CN", "headquarters": "CN", "names": [], "ascii": []}


@pytest.mark.parametrize("type", ["IS_DIRECTLY_CONSOLIDATED_BY", "IS_INTERNATIONAL_BRANCH_OF", "IS_FUND-MANAGED_BY"])
def test_a_parent_in_the_prc_leaves_control_possible_and_asks_although_all_votes_are_disclosed_elsewhere(
    tmp_path: Path, type: str
) -> None:
    parts = (
        gleif(tmp_path, level1("csv", {"headquarters": "US"}, BETA)),
        gleif(tmp_path, level2("csv", {"type": type})),
        disclosed(A, "Ann", "Bea"),
    )
    found = assessed(*parts)
    assert found.verdict(A).limbs["4"].value == "possible"
    assert [question[:2] for question in found.verdict(A).questions] == [("other_means", "Alpha Systems LLC")]
    yes = assessed(*parts, judged={("other_means", "Alpha Systems LLC"): "yes"})
    assert yes.verdict(A).limbs["4"].value == "established" and yes.verdict(A).rests_on_judgement


def test_an_ultimate_parent_alone_leaves_control_possible_too(tmp_path: Path) -> None:
    found = assessed(
        gleif(tmp_path, level1("csv", {"headquarters": "US"}, BETA)),
        gleif(tmp_path, level2("csv", {"type": "IS_ULTIMATELY_CONSOLIDATED_BY"})),
        disclosed(A, "Ann", "Bea"),
    )
    assert found.verdict(A).limbs["4"].value == "possible"


def test_an_ultimate_parent_that_the_direct_ones_lead_to_adds_nothing(tmp_path: Path) -> None:
    found = assessed(
        gleif(tmp_path, level1("csv", {}, BETA, {"lei": C, "name": "Gamma", "jurisdiction": "US"})),
        gleif(
            tmp_path,
            level2(
                "csv",
                {"end": C},
                {"start": C, "end": B},
                {"start": A, "end": B, "type": "IS_ULTIMATELY_CONSOLIDATED_BY"},
            ),
        ),
    )
    assert found.problems == []


@pytest.mark.parametrize("reason", ["NO_LEI", "NATURAL_PERSONS", "NON_CONSOLIDATING", "NON_PUBLIC"])
def test_an_exception_leaves_control_possible_although_all_votes_are_disclosed_elsewhere(
    tmp_path: Path, reason: str
) -> None:
    found = assessed(
        gleif(tmp_path, level1("csv", {"headquarters": "US"})),
        gleif(tmp_path, exceptions("csv", (A, "direct", [reason]), (A, "ultimate", [reason]))),
        disclosed(A, "Ann", "Bea"),
    )
    assert found.verdict(A).limbs["4"].value == "possible" and found.problems == []


def test_that_nobody_is_known_to_control_leaves_the_holders_unknown_and_control_to_the_votes(tmp_path: Path) -> None:
    exception = gleif(
        tmp_path, exceptions("csv", (A, "direct", ["NO_KNOWN_PERSON"]), (A, "ultimate", ["NO_KNOWN_PERSON"]))
    )
    record = gleif(tmp_path, level1("csv", {"headquarters": "US"}))
    assert assessed(record, exception).verdict(A).limbs["4"].value == "possible"
    found = assessed(record, exception, disclosed(A, "Ann", "Bea"))
    assert found.verdict(A).limbs["4"].value == "excluded" and found.verdict(A).foreign is None
    assert found.problems == []


def test_a_relationship_to_an_lei_that_no_record_describes_leaves_its_entity_unknown(tmp_path: Path) -> None:
    reading, entities, rows = gleif(tmp_path, level2("csv", {}))
    assert any("2 LEIs are named" in note for note in reading.notes)
    found = assessed((reading, entities, rows), gleif(tmp_path, level1("csv", {"headquarters": "US"})))
    assert found.verdict(B).limbs["3"].value == "possible" and found.verdict(A).limbs["4"].value == "possible"


def test_an_entity_of_another_source_with_the_same_lei_gets_the_parent(tmp_path: Path) -> None:
    lei = "5493001KJTIIGC8Y1R12"  # a valid one
    other = tables.table(
        "entities",
        [{"entity": "S-1", "name": "Alpha", "incorporated": "US", "lei": lei, "source": "L", "locator": "1"}],
    )
    found = assessed(
        framed_tables(other, tables.table("interests", [])),
        gleif(tmp_path, level2("csv", {"start": lei})),
        gleif(tmp_path, level1("csv", BETA)),
    )
    assert [question[0] for question in found.verdict("S-1").questions] == ["other_means"]


def test_rows_of_the_wrong_length_are_told_and_the_others_keep_their_lines(tmp_path: Path) -> None:
    text = level1("csv", {"name": "Two\nlines"}, {"lei": B}, {"lei": C})
    lines = text.split("\n")
    lines.insert(3, '"short","row"')
    lines.insert(4, "")
    reading, entities, _ = gleif(tmp_path, "\n".join(lines))
    assert entities["locator"].tolist() == ["line 2", "line 6", "line 7"]
    assert entities.loc[0, "name"] == "Two\nlines"
    assert messages(reading) == [("line 4", "the row has 2 cells under 16 headings; it is not read")]


def test_line_breaks_in_cells_do_not_move_the_lines_of_regular_rows(tmp_path: Path) -> None:
    _, entities, _ = gleif(tmp_path, level1("csv", {"name": "Two\nlines"}, {"lei": B}))
    assert entities["locator"].tolist() == ["line 2", "line 4"]


def test_a_heading_that_stands_twice_is_told_and_the_first_counts(tmp_path: Path) -> None:
    text = level1("csv", {}).replace('"Entity.LegalName.xmllang"', '"Entity.LegalName"', 1)
    reading, entities, _ = gleif(tmp_path, text)
    assert entities.loc[0, "name"] == "Alpha Systems LLC"
    assert messages(reading) == [("line 1", "the column 'entity.legalname' stands 2 times; the first is used")]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_separators_are_read_too(tmp_path: Path, delimiter: str) -> None:
    text = level2("csv", {}).replace('","', f'"{delimiter}"')
    _, _, rows = gleif(tmp_path, text)
    assert rows.loc[0, ["holder", "subject"]].tolist() == [B, A]


@pytest.mark.parametrize("format", FORMATS)
def test_packed_and_differently_encoded_files_read_the_same(tmp_path: Path, format: str) -> None:
    text = level1(format, {"name": "Ärzte Ångström"}).replace(' encoding="UTF-8"', "")
    _, plain, _ = gleif(tmp_path, text)
    assert plain.loc[0, "name"] == "Ärzte Ångström"
    for content in (gzip.compress(text.encode()), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        _, entities, _ = gleif(tmp_path, content)
        assert entities.equals(plain)


def test_nul_and_other_control_characters_are_replaced_and_told(tmp_path: Path) -> None:
    reading, entities, _ = gleif(tmp_path, level1("csv", {"name": "Al\x00pha\x08 LLC"}))
    assert entities.loc[0, "name"] == "Al\ufffdpha\ufffd LLC" and "control characters" in messages(reading)[0][1]


@pytest.mark.parametrize("format", ["csv", "json", "xml"])
def test_a_file_that_was_cut_off_keeps_what_stands_before_and_says_so(tmp_path: Path, format: str) -> None:
    whole = level1(format, {}, {"lei": B}, {"lei": C})
    reading, entities, _ = gleif(tmp_path, whole[: whole.rindex("Alpha") + 3])
    assert entities["lei"].tolist()[:2] == [A, B] and C not in entities["lei"].tolist()
    assert reading.status == "partly_read" and reading.problems


def test_a_doubled_key_in_json_is_told(tmp_path: Path) -> None:
    text = level1("json", {}).replace('"LEI":', f'"LEI": {{"$": "{B}"}}, "LEI":', 1)
    reading, entities, _ = gleif(tmp_path, text)
    assert entities["lei"].tolist() == [A] and "stands 2 times" in messages(reading)[0][1]


def test_no_entity_or_address_in_xml_is_followed(tmp_path: Path) -> None:
    text = level1("xml", {"name": "A&x;B"}).replace(
        "?>", '?><!DOCTYPE LEIData [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 1
    )
    reading, entities, _ = gleif(tmp_path, text)
    assert "root:" not in str(entities.loc[0, "name"])
    assert any("document type" in message for _, message in messages(reading))


def test_an_answer_of_the_api_with_one_record_is_read(tmp_path: Path) -> None:
    _, entities, _ = gleif(tmp_path, as_json({"data": _api(ALPHA)}))
    assert entities[["entity", "locator"]].values.tolist() == [[A, "/data"]]


def test_records_of_none_of_the_sorts_are_told(tmp_path: Path) -> None:
    reading, _, _ = gleif(tmp_path, as_json({"records": [_cdf(ALPHA), {"x": 1}, 7]}))
    assert [place for place, _ in messages(reading)] == ["/records/1", "/records/2"]


def test_dates_that_do_not_add_up_are_kept_and_reported(tmp_path: Path) -> None:
    reading, _, rows = gleif(
        tmp_path, level2("csv", {"began": "2020-01-01", "ended": "2019-01-01"}, {"began": "2020-02-30T00:00:00Z"})
    )
    assert len(rows) == 2 and rows["start"].isna().tolist() == [False, True]
    assert [place for place, _ in messages(reading)] == ["line 3", "line 2"]


def test_many_rows_are_read_in_blocks_with_their_lines(tmp_path: Path) -> None:
    records = [{"lei": f"5299{number:014d}00"} for number in range(30_000)]
    _, entities, _ = gleif(tmp_path, level1("csv", *records))
    assert len(entities) == 30_000
    assert entities["locator"].iloc[[0, 29_999]].tolist() == ["line 2", "line 30001"]


CONTENT = [
    make(format, *records)
    for format in FORMATS
    for make, records in (
        (level1, ({}, BETA)),
        (level2, ({}, {"status": "INACTIVE"})),
        (exceptions, ((A, "direct", ["NO_LEI"]), (B, "ultimate", ["NON_PUBLIC"]))),
    )
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CONTENT), st.binary(max_size=40), st.floats(0, 1), st.integers(0, 60))
@example('{"exceptions": [{"LEI": {"$": "529900AAAAAAAAAAAA18"}, "ExceptionReason": [{"$": "NO_LEI"}]}]}', b"", 0.0, 16)
def test_no_bytes_raise_or_hang(tmp_path: Path, whole: str, junk: bytes, where: float, dropped: int) -> None:
    data = whole.encode()
    at = int(where * len(data))
    survived("ownership.gleif", put(tmp_path, "x", data[:at] + junk + data[at + dropped :]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_a_document_raises_or_breaks_the_tables(tmp_path: Path, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([text for text in CONTENT if text.startswith("{")]))
    survived(
        "ownership.gleif",
        put(tmp_path, "x", as_json(mutated(json.loads(whole), data.draw)).encode("utf-8", "surrogatepass")),
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_bytes_that_are_nothing_are_no_register(tmp_path: Path, data: bytes) -> None:
    path = put(tmp_path, "x", data)
    for kind in ("ownership.gleif", "ownership.psc", "ownership.ftm"):
        reading = read_item(kind, path, "E-0001", RULE)
        assert not reading.reason.startswith("reading it as"), reading.reason
