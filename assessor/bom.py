"""Bills of materials outside an engagement: files and folders read, the four fields counted, the gaps listed; on request each
held against the official schema of its format.

Each file is read by a process of its own kind of work, so that one that is damaged or hostile costs nobody else anything; the
order of the answer is that of the files, whatever finished first.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor import rule as rules
from assessor.errors import EvidenceError
from assessor.evidence import bom_difference, readers, schemas, tables
from assessor.evidence.four_fields import FOUR_FIELDS, gaps
from assessor.evidence.readers.base import Problem

BILLS = "bom."
_FEW = 4 << 20
"""Bytes below which starting other processes costs more than it saves."""
_PIECE = 1 << 20

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Bill:
    """One file: its path and SHA-256, what it is, how far it was read, and its components (the table `components`, in which
    `source` is the digest, so that source and locator are the identity of a row).

    `validity` is empty when nobody asked, otherwise `valid`, `invalid`, `unchecked` (the check did not come to its end) or
    `no_schema`. It leaves `status` as it is, since that says how much was read; the messages stand among the problems and
    begin with "schema: ".
    """

    path: Path
    sha256: str
    format: str
    spec_version: str
    serialization: str
    status: str
    reason: str
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    components: pa.Table
    validity: str = ""

    @property
    def clean(self) -> bool:
        """Whether it was read in full, and is not known to break its schema nor left unchecked."""
        return self.status == "read" and self.validity not in (schemas.INVALID, schemas.UNCHECKED)


@dataclass(frozen=True)
class Coverage:
    """How many components of a bill have each of the four fields, all of them, and those with an author of the document."""

    components: int
    fields: dict[str, int] = field(default_factory=dict)
    all_four: int = 0
    document_author: int = 0
    classes: dict[str, int] = field(default_factory=dict)


def read(
    paths: Sequence[Path], *, workers: int | None = None, progress: Progress | None = None, validate: bool = False
) -> list[Bill]:
    """The bills of materials in files and, at any depth, in folders; in the order given, a folder's in that of their names.

    A file that is none is a Bill with status `unreadable` and the reason. `validate` holds each against the official schema
    too. Raises EvidenceError for a path that does not exist and for folders without any file, AssessorError for `validate`
    without the extra of that name.
    """
    if validate:
        schemas.require()
    listed = list(_files(paths))
    if not listed:
        raise EvidenceError(
            f"There is no file in {', '.join(map(str, paths))}; give bills of materials or their folder."
        )
    many = len(listed) > 1 and sum(path.stat().st_size for path in listed) > _FEW
    count = min(workers or os.cpu_count() or 1, len(listed)) if many else 1
    told = progress or (lambda text: None)
    if count == 1:
        with schemas.Validator() if validate else nullcontext() as validator:
            return [
                _reported(_read(path, validator), number, len(listed), told) for number, path in enumerate(listed, 1)
            ]
    with ProcessPoolExecutor(count, initializer=_begin, initargs=(validate,)) as pool:
        return [
            _reported(bill, number, len(listed), told)
            for number, bill in enumerate(
                pool.map(_read_here, listed, chunksize=max(1, min(16, len(listed) // (8 * count)))), 1
            )
        ]


def coverage(bill: Bill) -> Coverage:
    """The four fields of §791.305(a)(2)(iv) over all components but the root, with the count of each licence class."""
    parts = _parts(bill)
    lacking = gaps(parts)
    return Coverage(
        len(parts),
        {name: int((~lacking[name]).sum()) for name in FOUR_FIELDS},
        int((~lacking.any(axis=1)).sum()),
        int(parts["document_author"].notna().sum()),
        {str(kind): int(count) for kind, count in parts["license_class"].value_counts().sort_index().items()},
    )


def missing(bills: Iterable[Bill]) -> pd.DataFrame:
    """What to ask the supplier for: one row for each component without an open-source licence that lacks one of the four fields.

    Columns: file, locator, component, version, supplier, license, license_class, lacks (the fields, separated by "; ").
    """
    found = []
    for bill in bills:
        parts = _parts(bill)
        parts = parts[(parts["license_class"] != "open_source").fillna(True)]
        lacking = gaps(parts)
        hit = lacking.any(axis=1)
        lacks = [
            "; ".join(words for name, words in FOUR_FIELDS.items() if row[name])
            for row in lacking[hit].to_dict("records")
        ]
        own = parts.loc[hit, ["locator", "name", "version", "supplier", "license", "license_class"]]
        found.append(own.rename(columns={"name": "component"}).assign(file=str(bill.path), lacks=lacks))
    columns = ["file", "locator", "component", "version", "supplier", "license", "license_class", "lacks"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


@dataclass(frozen=True)
class Comparison:
    """The differences between two bills (see `bom_difference.difference`) and how many components are as before."""

    table: pd.DataFrame
    unchanged: int


def compare(prior: Path, current: Path) -> Comparison:
    """Two bills of materials of one product compared. Raises EvidenceError for a file that cannot be read as one."""
    both = []
    for path in (prior, current):
        if path.is_dir():
            raise EvidenceError(f"{path} is a folder; give the file of one bill of materials.")
        bill = read([path])[0]
        if bill.status == "unreadable":
            raise EvidenceError(
                f"{path} cannot be compared: {bill.reason}. Ask for it in a format that `assessor bom` reads."
            )
        both.append(tables.frame(bill.components))
    return Comparison(bom_difference.difference(*both), bom_difference.unchanged(*both))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain data; what is not known is None."""
    plain = table.astype(object)
    told = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in told]


def document(bills: Sequence[Bill]) -> dict[str, Any]:
    """Files and components as plain data, in the shape that scripts rely on."""
    return {
        "ok": all(bill.clean for bill in bills),
        "files": [
            {
                "path": str(bill.path),
                "sha256": bill.sha256,
                "format": bill.format,
                "spec_version": bill.spec_version,
                "serialization": bill.serialization,
                "components": len(bill.components),
                "status": bill.status,
                "validity": bill.validity or None,
                "reason": bill.reason,
                "problems": [{"place": p.place, "message": p.message, "excerpt": p.excerpt} for p in bill.problems],
                "notes": list(bill.notes),
                "coverage": coverage(bill),
            }
            for bill in bills
        ],
        "components": [component for bill in bills for component in _components(bill)],
    }


def frame(bills: Sequence[Bill]) -> pd.DataFrame:
    """All components of all files: the column `file`, then those of the table `components`."""
    whole = tables.frame(pa.concat_tables(bill.components for bill in bills))
    files = [str(bill.path) for bill in bills for _ in range(len(bill.components))]
    whole.insert(0, "file", pd.Series(files, index=whole.index, dtype=pd.ArrowDtype(pa.string())))
    return whole


def _components(bill: Bill) -> Iterator[dict[str, Any]]:
    for row in bill.components.to_pylist():
        yield {
            **{name: value for name, value in row.items() if name not in ("source", "license")},
            "licenses": [row["license"]] if row["license"] else [],
            "hashes": json.loads(row["hashes"]) if row["hashes"] else {},
            "file": str(bill.path),
        }


def _parts(bill: Bill) -> pd.DataFrame:
    parts = tables.frame(bill.components)
    return parts[(parts["level"] != 0).fillna(True).astype(bool)]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
        elif path.exists():
            yield path
        else:
            raise EvidenceError(
                f"There is no file {path}; give the path of a bill of materials or of a folder with some."
            )


def _reported(bill: Bill, number: int, total: int, progress: Progress) -> Bill:
    if total > 1:
        progress(f"{number:,} of {total:,}: {bill.path.name}")
    return bill


_validator: schemas.Validator | None = None
"""That of this process, when it is one of several; its own process ends when this one does."""


def _begin(validate: bool) -> None:
    global _validator
    _validator = schemas.Validator() if validate else None


def _read_here(path: Path) -> Bill:
    return _read(path, _validator)


def _read(path: Path, validator: schemas.Validator | None) -> Bill:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    kind, reason = readers.examine(path)
    if kind.startswith(BILLS):
        reading = readers.read_item(kind, path, digest.hexdigest(), rules.load())
    else:
        why = reason or f"it is no bill of materials but {kind.replace('.', ' ').replace('_', ' ')}"
        reading = readers.Reading(status="unreadable", reason=why)
    asked = validator is not None and reading.status != "unreadable"
    verdict = validator.check(path, reading) if validator and asked else schemas.Verdict("")
    return Bill(
        path,
        digest.hexdigest(),
        reading.format,
        reading.spec_version,
        reading.serialization,
        reading.status,
        reading.reason,
        (*reading.problems, *verdict.problems),
        tuple(dict.fromkeys([*reading.notes, *verdict.notes])),
        tables.arrow("components", reading.tables.get("components", [])),
        verdict.validity,
    )
