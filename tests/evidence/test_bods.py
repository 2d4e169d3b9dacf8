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
