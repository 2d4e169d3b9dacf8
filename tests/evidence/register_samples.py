"""Invented records of public registers, in the shapes of their formats, and what all tests of their readers do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from assessor.evidence import tables
from assessor.evidence.readers import Reading, read_item, recognise
from tests.evidence.samples import RULE, put

Frames = tuple[Reading, pd.DataFrame, pd.DataFrame]


def taken(kind: str, path: Path) -> Frames:
    """The reading of a file of a kind that its content must show, and its entities and interests."""
    assert recognise(path) == kind
    return framed(read_item(kind, path, "E-0001", RULE))


def survived(kind: str, path: Path) -> None:
    """Whatever a file holds, neither telling its kind nor reading it as `kind` breaks, and its rows fit the tables."""
    recognise(path)
    reading, _, _ = framed(read_item(kind, path, "E-0001", RULE))
    assert not reading.reason.startswith("reading it as"), reading.reason


def framed(reading: Reading) -> Frames:
    entities, interests = (tables.table(name, reading.tables.get(name, [])) for name in ("entities", "interests"))
    return reading, entities, interests


def lines(records: Iterable[Any]) -> str:
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in records)


def messages(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in reading.problems]


def psc(folder: Path, *records: Any) -> Frames:
    return taken("ownership.psc", put(folder, "x", lines(records)))


def person(number: str = "07000001", *natures: str, **data: Any) -> dict[str, Any]:
    told = {
        "kind": "individual-person-with-significant-control",
        "name": "Ms Ann Ekman",
        "nationality": "British",
        "country_of_residence": "England",
        "natures_of_control": list(natures),
        "notified_on": "2020-01-02",
        "links": {"self": f"/company/{number}/persons-with-significant-control/individual/id{len(natures)}"},
    }
    told |= data
    return {"company_number": number, "data": {key: value for key, value in told.items() if value is not None}}


def firm(number: str = "07000001", *natures: str, **data: Any) -> dict[str, Any]:
    told = {
        "kind": "corporate-entity-person-with-significant-control",
        "name": "Harbour Holdings Limited",
        "nationality": None,
        "country_of_residence": None,
        "links": {"self": f"/company/{number}/persons-with-significant-control/corporate-entity/firm"},
    }
    return person(number, *natures, **(told | data))


def ftm(folder: Path, *records: Any) -> Frames:
    return taken("ownership.ftm", put(folder, "x", lines(records)))


def thing(id: str, schema: str, **properties: list[Any]) -> dict[str, Any]:
    return {"id": id, "schema": schema, "properties": properties, "datasets": ["a_list"]}
