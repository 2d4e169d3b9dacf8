"""The Global LEI System to `entities` and `interests`: who is who (level 1), who consolidates whom (level 2 relationships), and
why no parent is named (level 2 reporting exceptions), as golden copy in CSV, JSON or XML and as answers of the API.

What the records mean is in `gleif_terms.py` and `gleif_rows.py`. An entity's id is its LEI, as written: whether its check
digits are right is told where identifiers are compared. The files of the two levels name each other's LEIs; a relationship
to an LEI that no file describes leaves its entity unknown.
"""

from __future__ import annotations

from pathlib import Path

from assessor.evidence.readers import text
from assessor.evidence.readers.base import Countries, Reading, Unreadable
from assessor.evidence.readers.ownership import gleif_csv, gleif_tree
from assessor.evidence.readers.ownership.gleif_rows import Register
from assessor.evidence.readers.rows import frugal

_HEAD = 1 << 16


@frugal()
def read(path: Path, source: str, rule: Countries) -> Reading:
    """Entities and interests; locators are `line N` in CSV, a pointer in JSON, a path in XML. Raises Unreadable when no record
    of the Global LEI System stands in the file."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    start = head.decode(text.encoding(head) or "utf-8-sig", "replace").lstrip("\ufeff \t\r\n")
    register = Register(source, rule)
    if start.startswith(("{", "[")):
        gleif_tree.read_json(path, register)
    elif start.startswith("<"):
        gleif_tree.read_xml(path, register)
    else:
        gleif_csv.read(path, register)
    reading = register.close()
    if not register.count and not reading.problems:
        raise Unreadable("no record of the Global LEI System stands in it")
    return reading
