"""The register of evidence: one row a file of a delivery, as JSON Lines, one object with sorted keys a line.

A file of the delivery `001-parts` with the path `a/b.csv` is at `evidence/001-parts/data/a/b.csv` of the engagement. What an
archive or a mail holds has rows of its own: the member `x.csv` of `a/box.zip` is at `a/box.zip.members/x.csv`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from assessor import files
from assessor.errors import EvidenceError

if TYPE_CHECKING:  # intake needs rows alone, and does without what tables take of time and memory
    import pandas as pd

AT_INTAKE = "at intake: "
"""Begins the part of a reason that intake wrote; reading the evidence keeps it."""
INTAKE_KINDS = ("archive", "digests", "mail", "mail.headers", "mail.text")
"""Kinds that intake gives, with a status, to what holds other items, to lists of digests and to what came of a mail; no reader of
ours takes them."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One file. `path` is its place under `data/` of the delivery; NA (None) is what is not known (yet).

    `received` is the day of delivery, `effective_from` and `effective_to` the period that the file is evidence for.
    `status` is "read", "partly_read", "unreadable", "missing" or "duplicate", None until the file has been read; every status but `read` has a `reason`. `derived_from` is
    the id of the archive or mail that the file is a member of, `version_of` the id of the latest item that was delivered
    before under the same path with other bytes. Registers of older versions have neither of these, nor `sha512`.
    """

    id: str
    delivery: str
    path: str
    size: int | None = None
    sha256: str | None = None
    kind: str | None = None
    supplied_by: str | None = None
    custodian: str | None = None
    received: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    confidential: bool | None = None
    status: str | None = None
    reason: str | None = None
    sha512: str | None = None
    derived_from: str | None = None
    version_of: str | None = None


_TYPES = {
    "size": "int64",
    "received": "date32",
    "effective_from": "date32",
    "effective_to": "date32",
    "confidential": "bool",
}
COLUMNS = tuple(field.name for field in fields(RegisterRow))
_LINE = msgspec.json.Encoder(order="sorted")


def frame(rows: Iterable[RegisterRow]) -> pd.DataFrame:
    """Rows as an Arrow-backed DataFrame with the columns of RegisterRow."""
    import pyarrow as pa

    from assessor.evidence import tables

    listed = list(rows)
    typed = {name: pa.type_for_alias(_TYPES.get(name, "string")) for name in COLUMNS}
    return tables.frame(
        pa.table({name: pa.array([getattr(row, name) for row in listed], typed[name]) for name in COLUMNS})
    )


def rows(register: pd.DataFrame) -> list[RegisterRow]:
    """The rows of a register, NA as None."""
    import pyarrow as pa

    arrow = pa.Table.from_pandas(register[list(COLUMNS)], preserve_index=False)
    return [RegisterRow(**each) for each in arrow.to_pylist()]


def row(register: pd.DataFrame, item: str) -> RegisterRow:
    """The row of an item, NA as None. Raises EvidenceError when the register has no such item."""
    ids = register["id"].tolist()
    if item not in ids:
        raise EvidenceError(f"The register has no item {item[:60]!r}; `assessor evidence` lists those that it has.")
    return rows(register.iloc[[ids.index(item)]])[0]


def read(path: Path) -> pd.DataFrame:
    """The register, in its order; an absent file is an empty register. Raises EvidenceError naming a damaged line."""
    return frame(read_rows(path))


def read_rows(path: Path) -> list[RegisterRow]:
    """As `read`, its rows."""
    if not path.exists():
        return []
    with path.open(
        "rb"
    ) as file:  # in bytes, where nothing but a line feed ends a line: a name may hold what else does in text
        return [_row(line, f"{path}, line {number}") for number, line in enumerate(file, 1) if line.strip()]


def write(path: Path, register: pd.DataFrame) -> None:
    """Replace the register, whole or not at all."""
    files.write_text(path, text(rows(register)))


def append(path: Path, more: Iterable[RegisterRow]) -> None:
    """Add rows at the end, whole or not at all. The lines that are there stay as they are."""
    append_lines(path, lines(more))


def append_lines(path: Path, more: Iterable[bytes]) -> None:
    """As `append`, of rows that are lines already."""
    with files.replacing(path) as temporary, temporary.open("wb") as target:
        if path.exists():
            with path.open("rb") as source:
                shutil.copyfileobj(source, target)
        target.writelines(more)


def text(listed: Iterable[RegisterRow]) -> str:
    """Rows as JSON Lines."""
    return b"".join(lines(listed)).decode("utf-8")


def lines(listed: Iterable[RegisterRow]) -> Iterator[bytes]:
    """Rows as the lines of JSON Lines, one at a time, since a delivery may have very many."""
    for row in listed:
        yield _LINE.encode(row) + b"\n"


def file_of(root: Path, row: RegisterRow) -> Path:
    """Where the file of a row is in the engagement."""
    return root / "evidence" / row.delivery / "data" / row.path


def _row(line: bytes, place: str) -> RegisterRow:
    try:
        told: dict[str, Any] = json.loads(line)
        for name in ("received", "effective_from", "effective_to"):
            told[name] = date.fromisoformat(told[name]) if told.get(name) else None
        row: dict[str, Any] = {name: told.get(name) for name in COLUMNS}
        return RegisterRow(**row)
    except (ValueError, TypeError, AttributeError) as error:
        raise EvidenceError(
            f"The register is damaged in {place}: {error}. Restore it from the bags' metadata/evidence.jsonl."
        ) from None
