"""One bill of materials: read, hashed, held against its schema on request, and its four fields counted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from assessor import rule as rules
from assessor.bom.listing import cannot, special
from assessor.bom.summary import Coverage, Noted, Summary, clean, plain
from assessor.evidence import readers, schemas, tables
from assessor.evidence.four_fields import FOUR_FIELDS, stated
from assessor.evidence.readers.base import Problem, printable

BILLS = "bom."
_PIECE = 1 << 20


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
        return clean(self.status, self.validity)


def read_file(path: Path, validator: schemas.Validator | None = None) -> Bill:
    """The bill of materials in a file. Raises nothing for the file: one that is none, or that went away, is `unreadable` with
    the reason, since it must not stop the others."""
    digest = ""
    try:
        if reason := special(path.stat().st_mode):
            return unreadable(path, reason)
        digest = _digest(path)
        kind, reason = readers.examine(path)
        if not kind.startswith(BILLS):
            why = reason or f"it is no bill of materials but {kind.replace('.', ' ').replace('_', ' ')}"
            return unreadable(path, why, digest)
        reading = readers.read_item(kind, path, digest, rules.load())
        asked = validator is not None and reading.status != "unreadable"
        verdict = validator.check(path, reading) if validator and asked else schemas.Verdict("")
        components = tables.arrow("components", reading.tables.get("components", []))
    except OSError as error:
        return unreadable(path, cannot(error), digest)
    except Exception as error:  # a reader that breaks costs its file and no other
        return unreadable(path, f"reading it failed: {type(error).__name__}: {printable(str(error)[:200])}", digest)
    return Bill(
        path,
        digest,
        reading.format,
        reading.spec_version,
        reading.serialization,
        reading.status,
        reading.reason,
        (*reading.problems, *verdict.problems),
        tuple(dict.fromkeys([*reading.notes, *verdict.notes])),
        components,
        verdict.validity,
    )


def unreadable(path: Path, reason: str, digest: str = "") -> Bill:
    """A file of which nothing was read."""
    return Bill(path, digest, "", "", "", "unreadable", reason, (), (), tables.arrow("components", []))


def coverage(bill: Bill) -> Coverage:
    """The four fields of §791.305(a)(2)(iv) over all components but the root, with the count of each licence class."""
    parts = without_roots(bill.components, [*FOUR_FIELDS, "document_author", "license_class"])
    found = stated(parts)
    every = None
    for own in found.values():
        every = own if every is None else pc.and_(every, own)
    classes = {each["values"]: each["counts"] for each in parts["license_class"].value_counts().to_pylist()}
    return Coverage(
        len(parts),
        {name: _true(own) for name, own in found.items()},
        _true(every),
        len(parts) - parts["document_author"].null_count,
        {kind: classes[kind] for kind in sorted(filter(None, classes))},
        _true(pc.and_not(maybe_closed(parts), every)),
    )


def without_roots(components: pa.Table, columns: list[str]) -> pa.Table:
    """These columns of the components of a bill but those that it is a bill of; one whose level is not known is a part.

    Only what is needed, since it is copied.
    """
    return components.select(columns).filter(pc.fill_null(pc.not_equal(components["level"], 0), True))


def maybe_closed(parts: pa.Table) -> pa.ChunkedArray:
    """For each component whether it is not shown to be open source, and so may be a proprietary addition."""
    return pc.fill_null(pc.not_equal(parts["license_class"], "open_source"), True)


def summary(bill: Bill) -> Summary:
    """All that is known of the file but its components."""
    return Summary(
        plain(bill.path),
        bill.sha256,
        plain(bill.format),
        plain(bill.spec_version),
        plain(bill.serialization),
        bill.status,
        plain(bill.reason),
        bill.validity,
        len(bill.components),
        coverage(bill),
        tuple(Noted(plain(each.place), plain(each.message), plain(each.excerpt)) for each in bill.problems),
        tuple(map(plain, bill.notes)),
        len(bill.problems),
        len(bill.notes),
    )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _true(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)
