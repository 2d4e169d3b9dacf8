"""What is compared: an engagement (open or sealed), a delivery (a bag of an engagement, or a package on disk) or a bill of materials.

Everything is only read, and what is needed for engagements alone is loaded for them alone. A package on disk is taken into a folder of our own as intake takes it, with all its limits, and read there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import assessor
from assessor import files, judgements
from assessor import rule as rules
from assessor.bom.bill import Bill, read_file
from assessor.engagement import TERMS, Engagement, Terms
from assessor.errors import ArchiveError, EngagementError, EvidenceError
from assessor.evidence import register, tables
from assessor.evidence.register import RegisterRow
from assessor.results import ProcedureResult, from_json

ENGAGEMENT, DELIVERY, BILL = "engagement", "delivery", "bill"
_NEEDED = (TERMS, "register.jsonl", "judgements.jsonl", "run.json")
_NO_PROCEDURES = ("comparison", "oscal-ar", "results", "s315_recommendations")
"""Files in results/ that hold no procedure's own result: what is made of all of them, and the last step over their findings."""
_SEALED = "data/"
_WHENEVER = date(2000, 1, 1)
"""A day of receipt for packages that are only looked at; nothing shows it."""


@dataclass(frozen=True)
class Side:
    """One side. `kind` is of ENGAGEMENT, DELIVERY and BILL; `name` says which for people. `items` are rows of the register by id, of a bill
    its file; `results` and `terms` are an engagement's. `inputs` are digests (SHA-256) of the files that were looked at, by name."""

    kind: str
    name: str
    root: Path
    items: Mapping[str, RegisterRow]
    inputs: Mapping[str, str]
    terms: Terms | None = None
    results: tuple[ProcedureResult, ...] = ()
    bill: Bill | None = None
    read: Mapping[str, pa.Table] = field(default_factory=dict)
    delivery: str = ""
    problems: tuple[dict[str, str], ...] = ()

    def table(self, name: str) -> pa.Table:
        """A table of `tables.SCHEMAS`; of a delivery its rows alone. Raises EngagementError for one that is not there."""
        if name in self.read:
            return self.read[name]
        if self.bill is not None:
            return self.bill.components if name == "components" else tables.arrow(name, [])
        path = self.root / "tables" / f"{name}.parquet"
        try:
            found = pq.read_table(path)
        except FileNotFoundError:
            raise EngagementError(f"{path} is missing; run `assessor run {self.root}` first.") from None
        except (pa.ArrowException, OSError, ValueError):
            raise EngagementError(f"{path} cannot be read; run `assessor run {self.root}` to make it again.") from None
        if lacking := [column for column in tables.SCHEMAS[name] if column not in found.column_names]:
            # a table of an earlier version: what it had no column for is not known
            for column in lacking:
                found = found.append_column(column, pa.nulls(len(found), tables.SCHEMAS[name][column].type))
        if self.delivery:
            own = pa.array([item for item, row in self.items.items() if row.delivery == self.delivery], pa.string())
            found = found.filter(pc.is_in(found["source"], own))
        return found

    @cached_property
    def ledger(self) -> judgements.Ledger:
        """The ledger of an engagement; an empty one otherwise."""
        return judgements.read(Engagement(self.root).ledger) if self.kind == ENGAGEMENT else judgements.Ledger()


def opened(path: Path, work: Path) -> Side:
    """The side at `path`; `work` is a folder of ours for what has to be unpacked.

    Raises EvidenceError or EngagementError, in one sentence, for what is none of the kinds or cannot be read.
    """
    if not path.exists():
        raise EvidenceError(
            f"There is no {path}; give the path of an engagement, of a delivery or of a bill of materials."
        )
    if path.is_dir():
        return _folder(path, work)
    if path.name.endswith(".age"):
        raise EvidenceError(
            f"{path} is encrypted; decrypt it with `age --decrypt`, unpack the .tar and name the folder of the sealed file."
        )
    bill = read_file(path)
    if bill.status != "unreadable":
        return _of_bill(path, bill)
    if _is_archive(path):
        return _archive(path, work)
    raise EvidenceError(
        f"{path} cannot be compared: {bill.reason}. Ask for it in a format that `assessor bom` reads, or name an engagement or a delivery."
    )


def _folder(path: Path, work: Path) -> Side:
    if (path / TERMS).is_file():
        return _engagement(path, path)
    if (path / _SEALED / TERMS).is_file():
        return _engagement(path / _SEALED, path)
    root = path.resolve().parent.parent
    if path.resolve().parent.name == "evidence" and (root / TERMS).is_file():
        return _bag(path.resolve().name, Engagement(root))
    return _package(path, work)


def _engagement(root: Path, told: Path) -> Side:
    """An engagement as its last run left it."""
    engagement = Engagement(root)
    terms = engagement.terms()
    if not engagement.tables.is_dir():
        raise EngagementError(f"{told} has no tables yet; run `assessor run {told}` first.")
    return Side(
        ENGAGEMENT,
        terms.id,
        root,
        {row.id: row for row in register.read_rows(engagement.register)},
        inputs(engagement),
        terms,
        _results(engagement),
        problems=tuple(_stale(engagement, told)),
    )


def inputs(engagement: Engagement) -> dict[str, str]:
    """SHA-256 of the files of an engagement that a comparison looks at, by their places in it."""
    looked = [engagement.terms_file, engagement.register, *sorted(engagement.tables.glob("*.parquet"))]
    looked += _result_files(engagement)
    return {path.relative_to(engagement.root).as_posix(): files.sha256(path) for path in looked if path.is_file()}


def _result_files(engagement: Engagement) -> list[Path]:
    """The results of procedures, a firm's own among them, without loading any procedure."""
    return [path for path in sorted(engagement.results.glob("*.json")) if path.stem not in _NO_PROCEDURES]


def _results(engagement: Engagement) -> tuple[ProcedureResult, ...]:
    try:
        return tuple(from_json(path.read_text("utf-8")) for path in _result_files(engagement))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngagementError(
            f"{engagement.results} holds results that cannot be read; run `assessor run {engagement.root}` to make them again."
        ) from None


def _stale(engagement: Engagement, told: Path) -> list[dict[str, str]]:
    """What says that the tables or results are not those of the evidence, terms and judgements that are there."""
    from assessor import assessment

    again = "run it again with `assessor run` and compare again"
    try:
        run = json.loads(engagement.run_file.read_bytes())
        stages: dict[str, Any] = run["stages"]
        version = str(run.get("assessor", ""))
        changed = [
            name
            for stage in stages.values()
            for name, digest in stage["outputs"].items()
            if name.startswith(("tables/", "results/")) and not _is(engagement.root / name, digest)
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [problem("not_run", told, f"Nothing says what ran there; {again}.")]
    found = []
    if changed:
        message = f"{len(changed)} of its tables and results are missing or are not what its run left ({changed[0]}); {again}."
        found.append(problem("stale", told, message))
    now = {
        True: assessment.evidence_digest(engagement),
        False: assessment.inputs_digest(engagement),
    }
    made: dict[str, bool] = {}
    for name, stage in stages.items():  # a stage stands whether its notebook was run last or its procedures alone
        plain = name.removesuffix(assessment.WITHOUT_NOTEBOOK)
        made[plain] = made.get(plain, False) or stage.get("inputs") == now[plain == assessment.TABLES]
    older = sorted(name for name, stands in made.items() if not stands)
    if older and version not in ("", assessor.__version__):
        message = f"It was run by version {version} of the toolkit and is compared by {assessor.__version__}; what differs may follow from that."
        found.append(problem("other_version", told, message))
    elif older:
        message = f"{len(older)} stages were made from other inputs, or by another state of the toolkit, than there are now ({older[0]}); {again}."
        found.append(problem("stale", told, message))
    if not list(engagement.results.glob("s*.json")):
        found.append(
            problem(
                "no_results", told, f"It has no results, so that conclusions and verdicts are not compared; {again}."
            )
        )
    return found


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and files.sha256(path) == digest


def _bag(name: str, engagement: Engagement) -> Side:
    """A delivery as it lies in an engagement, by the tables of that."""
    if not engagement.tables.is_dir():
        raise EngagementError(f"{engagement.root} has no tables yet; run `assessor run {engagement.root}` first.")
    rows = register.read_rows(engagement.register)
    if not any(row.delivery == name for row in rows):
        raise EngagementError(
            f"The register of {engagement.root} has no delivery {name}; `assessor evidence {engagement.root}` lists what it has."
        )
    terms = engagement.terms()
    side = Side(
        DELIVERY,
        f"delivery {name} of {terms.id}",
        engagement.root,
        {row.id: row for row in rows},
        inputs(engagement),
        terms,
        delivery=name,
        problems=tuple(each for each in _stale(engagement, engagement.root) if each["code"] != "no_results"),
    )
    return side


def _package(path: Path, work: Path) -> Side:
    """A package on disk: taken in beside, and read."""
    from assessor.evidence import build, package

    root = work / f"side-{len(list(work.iterdir()))}"
    root.mkdir()
    package.take_in(root, path, received=_WHENEVER, supplied_by="", custodian="")
    listed = register.read(root / "register.jsonl")
    built = build.build_tables(root, listed, rules.load())
    read = {name: pa.Table.from_pandas(told, preserve_index=False) for name, told in built.tables.items()}
    rows = {row.id: row for row in register.rows(built.register)}
    if not any(len(table) for name, table in read.items() if name != "pages"):
        raise EvidenceError(
            f"{path} is neither an engagement nor a delivery in which anything could be read; name one, or a bill of materials."
        )
    told = [
        problem("unread", path, f"{row.path} could not be read ({row.reason}) and is not compared.")
        for row in rows.values()
        if row.status in ("unreadable", "missing")
    ]
    digests = {row.path: row.sha256 or "" for row in rows.values()}
    return Side(DELIVERY, path.name, root, rows, digests, read=read, problems=tuple(told))


def _of_bill(path: Path, bill: Bill) -> Side:
    item = RegisterRow(path.name, "", path.name, sha256=bill.sha256, status=bill.status, reason=bill.reason)
    told = []
    if bill.status != "read":
        told.append(problem("partly_read", path, f"It was read in part only: {bill.reason or 'see `assessor bom`'}."))
    return Side(
        BILL, path.name, path.parent, {bill.sha256: item}, {path.name: bill.sha256}, bill=bill, problems=tuple(told)
    )


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(512)
    return head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c")) or head[257:262] == b"ustar"


def _archive(path: Path, work: Path) -> Side:
    """A sealed engagement in one file, or a package."""
    root = work / f"side-{len(list(work.iterdir()))}"
    if not _unpacked(path, root):
        return _package(path, work)
    return _engagement(root, path)


def _unpacked(path: Path, root: Path) -> bool:
    """Whether the archive holds a sealed engagement; then what is needed of it stands in `root`."""
    from assessor.archive.contents import contents

    try:
        with contents(path) as (found, _):
            if f"{_SEALED}{TERMS}" not in found:
                return False
            for name, file in found.items():
                inner = name.removeprefix(_SEALED)
                if name != inner and (inner in _NEEDED or inner.startswith(("tables/", "results/"))):
                    target = root / inner
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(file.read())
    except ArchiveError:  # it is none that may be sealed; intake says what it is
        return False
    return True


def problem(code: str, place: Any, message: str) -> dict[str, str]:
    """Something that a reader of the comparison has to know."""
    return {"code": code, "place": str(place), "message": message}
