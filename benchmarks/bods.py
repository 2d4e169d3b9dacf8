"""How long ownership statements (BODS 0.4 as JSON Lines) take from file to tables, against orjson parsing the same lines.

    python benchmarks/bods.py [STATEMENTS]

Needs orjson beside the toolkit. Writes a register of statements, the same in every run: two of five describe companies, one of
five persons, two of five relationships, each with the annotations, source and publication details that registers give, about
1.3 KB. Prints the best of several repetitions in one run. `file to tables` ends with the Arrow tables `entities` and `interests`;
its ratio to orjson is at most 2 in elapsed seconds where a second core is free, since details are parsed while more are
read; CPU seconds, of which it takes more, stand beside it. The way that irregular statements take, one by one, is printed too, and the memory of the process
beside the size of its tables.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from assessor.evidence import tables
from assessor.evidence.readers.ownership import bods, bods_rows
from assessor.rule import reader

STATEMENTS, REPETITIONS, LIMIT = 200_000, 5, 2
BANDS = ((25, 50), (50, 75), (75, 100))
UNITED_KINGDOM = {"code": "GB", "name": "United Kingdom of Great Britain and Northern Ireland (the)"}


def statement(number: int, kind: str, record: str, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "statementId": f"{number:08x}-5f1b-4cc0-b126-{number:012x}",
        "declarationSubject": record,
        "statementDate": f"20{10 + number % 15}-03-{1 + number % 28:02}",
        "annotations": [
            {
                "statementPointerTarget": "/",
                "motivation": "transformation",
                "description": "Converted from the register's own form by an invented pipeline",
                "creationDate": "2025-04-02",
                "createdBy": {"name": "Register pipeline", "uri": "https://pipeline.example"},
            }
        ],
        "publicationDetails": {
            "publicationDate": "2025-04-02",
            "bodsVersion": "0.4",
            "license": "https://register.example/licence",
            "publisher": {"name": "Invented Register", "url": "https://register.example"},
        },
        "source": {
            "type": ["officialRegister"],
            "description": "Invented Register",
            "url": f"https://register.example/company/{number:08}",
            "retrievedAt": "2025-04-01",
            "assertedBy": [{"name": "Invented Register"}],
        },
        "recordId": record,
        "recordStatus": "new",
        "recordType": kind,
        "recordDetails": {"isComponent": False, **details},
    }


def company(number: int) -> dict[str, Any]:
    return {
        "entityType": {"type": "registeredEntity"},
        "name": f"COMPANY {number} LIMITED",
        "jurisdiction": UNITED_KINGDOM,
        "identifiers": [
            {"scheme": "GB-COH", "schemeName": "Invented Companies Register", "id": f"{number:08}"},
            {"schemeName": "Invented register of registers", "id": str(7 * number), "uri": "https://register.example"},
        ],
        "foundingDate": "2012-05-16",
        "addresses": [address("registered", number)],
    }


def person(number: int) -> dict[str, Any]:
    return {
        "personType": "knownPerson",
        "names": [{"type": "legal", "fullName": f"Ann {number} Example", "familyName": "Example", "givenName": "Ann"}],
        "nationalities": [UNITED_KINGDOM] if number % 7 else [{"code": "FR", "name": "France"}],
        "birthDate": "1970-02",
        "addresses": [address("service", number)],
    }


def address(type: str, number: int) -> dict[str, Any]:
    street = f"{number % 300} High Street, Invented Town, County"
    return {"type": type, "address": street, "postCode": "N3 1LF", "country": UNITED_KINGDOM}


def relationship(number: int, holder: str, subject: str) -> dict[str, Any]:
    low, high = BANDS[number % 3]
    dated = {"beneficialOwnershipOrControl": True, "startDate": f"2016-04-{1 + number % 28:02}"}
    band = f"{low}-to-{high}-percent"
    kinds = (("shareholding", "ownership-of-shares"), ("votingRights", "voting-rights"))[: 1 + bool(number % 3)]
    interests = [
        {
            "type": type,
            "directOrIndirect": "direct",
            "details": f"{told}-{band}",
            "share": {"minimum": low, "maximum": high},
        }
        for type, told in kinds
    ]
    if number % 10 == 0:
        interests = [{"type": "shareholding", "directOrIndirect": "direct", "share": {"exact": number % 10_000 / 100}}]
    party = {"reason": "subjectUnableToConfirmOrIdentifyBeneficialOwner"} if number % 20 == 19 else holder
    return {"subject": subject, "interestedParty": party, "interests": [{**each, **dated} for each in interests]}


def register(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        group, kind = number - number % 20, number % 20
        if kind < 8:
            yield statement(number, "entity", f"x-e-{number}", company(number))
        elif kind < 12:
            yield statement(number, "person", f"x-p-{number}", person(number))
        else:
            holder, subject = f"x-p-{group + 8 + number % 4}", f"x-e-{group + number % 8}"
            yield statement(number, "relationship", f"x-r-{number}", relationship(number, holder, subject))


def best(work: Callable[[], Any]) -> tuple[float, float]:
    """The least elapsed seconds and the least CPU seconds of several runs."""
    elapsed, busy = [], []
    for _ in range(REPETITIONS):
        since, begin = time.perf_counter(), time.process_time()
        work()
        elapsed.append(time.perf_counter() - since)
        busy.append(time.process_time() - begin)
    return min(elapsed), min(busy)


def parsed(path: Path) -> None:
    with path.open("rb") as lines:
        for line in lines:
            orjson.loads(line)


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STATEMENTS
    rule = reader.load()

    def to_tables() -> int:
        found = bods.read(path, "E-1", rule).tables
        return sum(tables.arrow(name, found[name]).nbytes for name in ("entities", "interests"))

    def one_by_one() -> None:
        large, bods_rows._LARGE = bods_rows._LARGE, 0
        to_tables()
        bods_rows._LARGE = large

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for each in register(count):
                file.write(json.dumps(each, separators=(",", ":")) + "\n")
        size = path.stat().st_size
        (bare, bare_busy), (whole, busy) = best(lambda: parsed(path)), best(to_tables)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        held = to_tables()
        global REPETITIONS
        REPETITIONS = 1
        slow, slow_busy = best(one_by_one)
    print(f"{count:,} statements of {size / count:,.0f} bytes: orjson {bare:.2f} s, file to tables {whole:.2f} s")
    print(f"  ratio {whole / bare:.2f} elapsed (at most {LIMIT}), {busy / bare_busy:.2f} in CPU seconds ({busy:.2f} s)")
    print(f"  one by one {slow:.1f} s, ratio {slow_busy / bare_busy:.0f} in CPU seconds")
    print(f"  tables of {held / 1e6:,.0f} MB, process at most {memory / 1e3:,.0f} MB")


if __name__ == "__main__":
    main()
