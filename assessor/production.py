"""A production set: what a demand of BIS asks for, selected from an engagement and made ready to hand over (§791.313).

    production/
      README.txt         by which demand, how it was selected, what was expected and is not there
      index.csv          one row a document: control number, file, item, digests, whether confidential treatment is claimed, why it is here
      transactions.csv   the transactions that the demand reaches, each with its place in the evidence
      records.csv        the entries of the index of records for them (§791.312(a))
      load.dat           the index as a Concordance load file, for the review systems that lawyers use
      documents/         the documents as the client delivered them, byte for byte
      manifest-sha256.txt

Which transactions are reached, `demand` tells. Names of documents for which confidential treatment is claimed begin as §791.314(b) asks. The marks at the top of their pages are for who
submits them: a document of the client is never altered.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from assessor import files
from assessor.assessment import Assessment
from assessor.demand import Demand, parties, select
from assessor.errors import EngagementError
from assessor.evidence import register as registers
from assessor.reporting import claims

_SIGN, _QUOTE, _BREAK = "\x14", "\xfe", "\xae"
"""Concordance's signs between fields, around them, and for a line break inside one."""
_UNSAFE = re.compile(r"[^\w.,()+ -]+")
_LONGEST = 120
"""Characters of a document's own name that are kept."""
_ALWAYS = ("declaration", "authorization", "application", "authorization_log", "notice", "opinion", "representation")
"""Kinds of evidence that speak of transactions as a whole, and so of those demanded."""


@dataclass(frozen=True)
class Document:
    """A document of the set: its number, the file under documents/, what it is a copy of, and why it is here."""

    control: str
    file: str
    item: str
    path: str
    kind: str
    sha256: str
    confidential: bool
    why: str
    source: Path


@dataclass(frozen=True)
class Production:
    """What was made: the folder, the transactions reached, the documents, and what was expected and is not there (sentences)."""

    folder: Path
    transactions: int
    documents: tuple[Document, ...]
    lacking: tuple[str, ...]


def produce(assessment: Assessment, demand: Demand, folder: Path) -> Production:
    """Make the set in a new folder, whole or not at all. Raises EngagementError when the folder exists, or nothing is selected."""
    if folder.exists():
        raise EngagementError(f"{folder} exists already; name a folder that does not, since a set is made whole.")
    reached = select(assessment, demand)
    if not len(reached):
        raise EngagementError(
            "The demand reaches no transaction of this engagement; check its days, parties and lines."
        )
    documents = _documents(assessment, demand, reached)
    lacking = _lacking(assessment, demand, reached, documents)
    temporary = folder.with_name(f".{folder.name}-part")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        (temporary / "documents").mkdir(parents=True)
        for document in documents:
            copy = temporary / "documents" / document.file
            if document.source.is_file():
                shutil.copyfile(document.source, copy)
            if not copy.exists() or files.sha256(copy) != document.sha256:
                raise EngagementError(
                    f"{document.path} is not as it was received; restore it before anything is produced."
                )
        _write(temporary / "index.csv", _csv(_INDEX, map(_index, documents)))
        _write(temporary / "load.dat", _concordance(documents))
        records = assessment.facts.tables["records"]
        own = records[records["transaction"].isin(set(reached["transaction"].dropna()))]
        _write(temporary / "records.csv", _frame(own))
        _write(temporary / "transactions.csv", _frame(reached))
        _write(temporary / "README.txt", _told(assessment, demand, reached, documents, lacking))
        made = sorted(path for path in temporary.rglob("*") if path.is_file())
        lines = [f"{files.sha256(path)}  {path.relative_to(temporary).as_posix()}\n" for path in made]
        _write(temporary / "manifest-sha256.txt", "".join(lines))
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Production(folder, len(reached), tuple(documents), tuple(lacking))


def _documents(assessment: Assessment, demand: Demand, reached: pd.DataFrame) -> list[Document]:
    """The items that hold the transactions or speak of them, of their parties or their authorizations, and the report on demand."""
    tables, register = assessment.facts.tables, assessment.facts.register
    ids = set(reached["transaction"].dropna())
    why: dict[str, list[str]] = {}

    def add(items: Iterable[Any], words: str) -> None:
        for item in items:
            if pd.notna(item) and words not in why.setdefault(str(item), []):
                why[str(item)].append(words)

    if demand.whole_files:
        records = tables["records"]
        add(reached["source"].unique(), "holds the transactions")
        add(records.loc[records["transaction"].isin(ids), "source"].unique(), "indexes their records (§791.312(a))")
        add(tables["record_inspections"]["source"].dropna().unique(), "tells of the inspection of records")
    suppliers = set(reached["supplier"].dropna())
    attestations = tables["attestations"]
    add(attestations.loc[attestations["supplier"].isin(suppliers), "source"].unique(), "attestation of a party")
    for item, kind in zip(register["id"], register["kind"], strict=True):
        if kind in _ALWAYS:
            add([item], f"{str(kind).replace('_', ' ')} under which transactions moved or which speaks of them")
    claimed = claims.claimed(assessment.terms, register)
    prefix = str(assessment.rule.constant("cbi_file_prefix", demand.dated))
    rows = {row.id: row for row in registers.rows(register)}
    found: list[Document] = []

    def enter(source: Path, item: str, path: str, kind: str, sha256: str, hidden: bool, words: str) -> None:
        control = f"{_letters(assessment.terms.id)}-{len(found) + 1:06d}"
        file = _name(prefix if hidden else "", control, path)
        found.append(Document(control, file, item, path, kind, sha256, hidden, words, source))

    for item in sorted(why):
        row = rows.get(item)
        if row is not None and row.sha256:
            source = registers.file_of(assessment.engagement.root, row)
            enter(source, item, row.path, row.kind or "", row.sha256, item in claimed, "; ".join(why[item]))
    if demand.report:
        for path in sorted(assessment.engagement.report.glob("*assessment.docx")):
            words = "the written assessment (§791.315(d))"
            enter(path, "", f"report/{path.name}", "report", files.sha256(path), path.name.startswith(prefix), words)
    return found


def _name(prefix: str, control: str, path: str) -> str:
    """The file's name in the set: as §791.314(b) asks, its number, and its own name as far as every system takes it."""
    own = Path(path)
    stem = _UNSAFE.sub("_", own.stem).strip(" ._")[:_LONGEST] or "document"
    suffix = _UNSAFE.sub("_", own.suffix)[:12]
    return f"{f'{prefix} ' if prefix else ''}{control} {stem}{suffix}"


def _letters(engagement: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", engagement.upper())[:12] or "DOC"


def _lacking(assessment: Assessment, demand: Demand, reached: pd.DataFrame, documents: Sequence[Document]) -> list[str]:
    """What one would expect in such a set and what is not there."""
    told = []
    if count := int((~reached["certain"]).sum()):
        told.append(
            f"{count:,} of the transactions are included because the evidence does not state what the demand asks by; see the column `open`."
        )
    records = assessment.facts.tables["records"]
    own = records[records["transaction"].isin(set(reached["transaction"].dropna()))]
    if count := int((own["held"] == False).fillna(False).sum()):  # noqa: E712 (three values)
        told.append(f"{count:,} records of these transactions are marked as not held in the index of records.")
    without = set(reached["transaction"].dropna()) - set(own["transaction"].dropna())
    if without:
        told.append(f"The index of records has no entry for {len(without):,} of the transactions.")
    for name in demand.parties:
        if not parties(assessment, [name]):
            told.append(f"No transaction names the party {name!r}, or the evidence writes it otherwise.")
    if not demand.whole_files:
        told.append("The ledger and the index of records are here as extracts, since they hold other transactions too.")
    told.append(
        "The records themselves are kept by the client at the places that the index names, unless they are among the documents."
    )
    if any(document.confidential for document in documents):
        told.append(
            "Pages of documents for which confidential treatment is claimed are to be marked by who submits them; none is altered here."
        )
    return told


def _frame(table: pd.DataFrame) -> str:
    """A table as CSV; what is not known is an empty cell."""
    known = table.astype("object").where(table.notna(), "")
    return _csv([*map(str, table.columns)], known.to_numpy().tolist())


_INDEX = ("control", "file", "item", "path", "kind", "sha256", "confidential", "why")


def _index(document: Document) -> list[str]:
    values = [getattr(document, name) for name in _INDEX]
    return ["yes" if value is True else "no" if value is False else str(value) for value in values]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV in which no cell begins as a formula does."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_inert(value) for value in row] for row in rows)
    return text.getvalue()


def _inert(value: Any) -> str:
    words = str(value)
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


def _concordance(documents: Iterable[Document]) -> str:
    """The index as a load file: a heading, and a line a document. The signs of the format cannot stand inside a field."""
    heads = ("BEGDOC", "ENDDOC", "FILENAME", "NATIVEPATH", "ITEM", "DOCTYPE", "SHA256", "CONFIDENTIAL", "REASON")
    lines = [heads]
    for d in documents:
        lines.append(
            (
                d.control,
                d.control,
                d.path,
                f"documents/{d.file}",
                d.item,
                d.kind,
                d.sha256,
                "Y" if d.confidential else "N",
                d.why,
            )
        )
    told = [_SIGN.join(f"{_QUOTE}{_field(value)}{_QUOTE}" for value in line) for line in lines]
    return "\ufeff" + "".join(f"{line}\r\n" for line in told)


def _field(value: str) -> str:
    return (
        value.replace("\r\n", _BREAK)
        .replace("\r", _BREAK)
        .replace("\n", _BREAK)
        .translate({ord(_SIGN): " ", ord(_QUOTE): "?"})
    )


def _told(
    assessment: Assessment,
    demand: Demand,
    reached: pd.DataFrame,
    documents: Sequence[Document],
    lacking: Sequence[str],
) -> str:
    limits: Mapping[str, str] = {
        "days": f"{demand.begin or 'the beginning'} to {demand.end or 'the end'}" if demand.begin or demand.end else "",
        "transactions": ", ".join(demand.transactions),
        "parties": ", ".join(demand.parties),
        "vehicle lines": ", ".join(demand.lines),
        "kinds of transaction": ", ".join(demand.kinds),
    }
    lines = [
        f"Production of {assessment.terms.client_name} under 15 CFR 791.313",
        "",
        f"Demand: {demand.reference}, {demand.dated}" + (f", due {demand.due}" if demand.due else ""),
        f"Made from the assessment file {assessment.terms.id}.",
        "",
        "Limited to:",
        *(f"  {name}: {words}" for name, words in limits.items() if words),
        *(["  nothing; all transactions of the file"] if not any(limits.values()) else []),
        "",
        f"It reaches {len(reached):,} transactions (transactions.csv) and holds {len(documents):,} documents (index.csv, load.dat).",
        "",
        *(f"- {text}" for text in lacking),
        "",
        "Check it with: sha256sum -c manifest-sha256.txt",
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "backslashreplace"))
