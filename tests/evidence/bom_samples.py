"""Small bills of materials in their textual serializations, and what the tests of their readers share."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pandas as pd

from assessor.evidence import tables
from assessor.evidence.readers import Reading, examine, read_item
from tests.evidence.samples import RULE, put

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bom"
XMLNS = 'xmlns="http://cyclonedx.org/schema/bom/1.6"'


def read(folder: Path, content: bytes | str, kind: str = "bom.spdx") -> tuple[Reading, pd.DataFrame]:
    """The reading and the components of a file that is recognised as what it is, whatever its name."""
    path = put(folder, "delivery.bin", content)
    assert examine(path) == (kind, "")
    return reading(kind, path)


def reading(kind: str, path: Path) -> tuple[Reading, pd.DataFrame]:
    found = read_item(kind, path, "E-0001", RULE)
    assert not found.reason.startswith("reading it as"), found.reason
    return found, tables.table("components", found.tables.get("components", []))


def said(found: Reading) -> str:
    """All problems as one text."""
    return "\n".join(f"{problem.place}: {problem.message}" for problem in found.problems)


def real(*formats: str) -> list[tuple[Path, str, int]]:
    """The real samples of some formats (of the index), with their version and their number of components."""
    with (CORPUS / "index.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["format"] in formats]
    return [(CORPUS / row["file"], row["spec version"], int(row["components count"])) for row in rows]


def damaged(content: bytes, seed: int) -> bytes:
    """The bytes with some flipped, a part cut out or a part put in elsewhere; the same for the same seed."""
    dice = random.Random(seed)
    data = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        a, b = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        match dice.randrange(4):
            case 0 if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
            case 1:
                del data[a : min(b, a + 60)]
            case 2:
                data[a:a] = data[b : b + 80]
            case _:
                del data[max(b, 20) :]
    return bytes(data)


def bom(*components: str, before: str = "", version: str = "1.6", prolog: str = "") -> str:
    xmlns = XMLNS.replace("1.6", version)
    return f"{prolog}<bom {xmlns}>{before}<components>{''.join(components)}</components></bom>"


def part(name: str, inside: str = "", kind: str = "library") -> str:
    return f'<component type="{kind}"><name>{name}</name>{inside}</component>'
