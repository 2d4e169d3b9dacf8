"""The words for results: what a procedure concludes, on which evidence, and what it still needs.

Everything here is plain data: frozen dataclasses that turn into JSON with sorted keys (`to_json`) and back
(`from_json`), so that the same facts give the same bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec


class Outcome(StrEnum):
    """Conclusion of a test or a procedure. `conforms` needs evidence; every other one needs a reason."""

    CONFORMS = "conforms"
    EXCEPTION = "exception"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTED = "not_tested"
    NOT_APPLICABLE = "not_applicable"


class Determination(StrEnum):
    """What the evidence says of a fact about a person or a component."""

    ESTABLISHED = "established"
    POSSIBLE = "possible"
    EXCLUDED = "excluded"


class Scope(StrEnum):
    """Whether a component is within the rule."""

    IN = "in_scope"
    OUT = "out_of_scope"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, order=True)
class EvidenceRef:
    """A place in an evidence item: the register's id (`E-0004`, or `TERMS` for engagement.toml) and a locator inside it
    (JSON pointer, sheet and cell, page and line, or empty for the whole item)."""

    item: str
    locator: str = ""

    def __str__(self) -> str:
        return f"{self.item} {self.locator}".strip()


@dataclass(frozen=True)
class Test:
    """One atomic test: a clause applied to a subject."""

    clause: str
    subject: str
    outcome: Outcome
    reason: str
    evidence: tuple[EvidenceRef, ...] = ()
    automatic: str = ""  # the procedure's outcome, where the assessor set another one
    judged: str = ""  # who set it, when and why

    __test__ = False  # not a pytest class


SEVERITIES = ("high", "medium", "low")
"""Of findings, gravest first."""
ADDRESSES = ("condition", "cause")
"""What a recommendation mends."""


@dataclass(frozen=True)
class Recommendation:
    """What to do about a finding, and whether that mends the condition or its cause."""

    text: str
    addresses: str  # of ADDRESSES
    transactions: str = ""  # to which transactions it applies, in words and counts (§791.315(d)(5))


@dataclass(frozen=True)
class Finding:
    """An exception, by its elements. An element that is absent is empty and has its reason in `absent`."""

    code: str
    subject: str
    clauses: tuple[str, ...]
    title: str
    criteria: str
    condition: str
    cause: str
    effect: str
    recommendations: tuple[Recommendation, ...]
    severity: str  # of SEVERITIES
    evidence: tuple[EvidenceRef, ...]
    transactions: tuple[str, ...] = ()  # ids of the transactions concerned
    absent: dict[str, str] = field(default_factory=dict)
    id: str = ""  # F-001…, given when all results are collected
    procedure: str = ""

    @property
    def key(self) -> str:
        """Stable name: procedure, code and subject."""
        return f"{self.procedure}/{self.code}/{self.subject}"


@dataclass(frozen=True)
class EvidenceRequest:
    """What is missing, for whom, why the rule needs it and what it would settle."""

    code: str
    what: str
    subjects: tuple[str, ...]
    clause: str
    settles: str
    id: str = ""
    procedure: str = ""

    @property
    def key(self) -> str:
        """Stable name: procedure, code and subjects."""
        return f"{self.procedure}/{self.code}/{'; '.join(self.subjects)}"


@dataclass(frozen=True)
class Question:
    """A point that the rule leaves to a person. `facts` is what the assessor is shown; its digest binds the answer.

    `shows` names the material to have before one's eyes, most of it outside of the tables. It is wording, like `asked` and
    `guidance`, and no part of the digest.
    """

    id: str  # e.g. "dominant_minority"
    subject: str
    clause: str
    asked: str
    guidance: str
    answers: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    state: str = "open"  # open, answered, stale
    answer: str = ""
    rationale: str = ""
    answered_by: str = ""
    role: str = ""
    answered_at: str = ""
    procedure: str = ""
    shows: tuple[str, ...] = ()

    @property
    def facts_digest(self) -> str:
        """SHA-256 of the facts shown, in canonical JSON."""
        return hashlib.sha256(canonical(self.facts)).hexdigest()

    @property
    def key(self) -> str:
        """Stable name: id and subject."""
        return f"{self.id}/{self.subject}"


@dataclass(frozen=True)
class ProcedureResult:
    """What one procedure did and concluded.

    `population` says in words and counts what was examined; `work_done` are sentences; `examined` are the evidence items
    really read; `tables` are lists of rows for the report and the workpaper; `text_defects` are the known defects of the rule's
    text at the clauses that it cites, each with what was done about it.
    """

    procedure: str
    clause: str
    title: str
    conclusion: Outcome
    reason: str
    population: str
    work_done: tuple[str, ...]
    examined: tuple[str, ...]
    tests: tuple[Test, ...] = ()
    findings: tuple[Finding, ...] = ()
    requests: tuple[EvidenceRequest, ...] = ()
    questions: tuple[Question, ...] = ()
    limitations: tuple[str, ...] = ()
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    text_defects: tuple[str, ...] = ()

    @property
    def clauses(self) -> frozenset[str]:
        """Every clause that the result cites: its own, and those of its tests, findings, requests, questions and tables."""
        found = {self.clause, *(test.clause for test in self.tests), *(q.clause for q in self.questions)}
        found |= {request.clause for request in self.requests}
        found |= {str(row["clause"]) for rows in self.tables.values() for row in rows if "clause" in row}
        return frozenset(found | {clause for finding in self.findings for clause in finding.clauses})


WORST_FIRST = (
    Outcome.EXCEPTION,
    Outcome.INCONCLUSIVE,
    Outcome.NOT_TESTED,
    Outcome.CONFORMS,
    Outcome.NOT_APPLICABLE,
)
"""Outcomes by how much they weigh when several come together."""


def worst(outcomes: typing.Iterable[Outcome]) -> Outcome:
    """The conclusion that several outcomes have together: an exception outweighs an open point, an open point a pass.

    Nothing tested at all is `not_tested`; all not applicable is `not_applicable`.
    """
    found = set(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in found), Outcome.NOT_TESTED)


def canonical(value: Any) -> bytes:
    """Canonical JSON bytes of plain data (sorted keys, no spaces, UTF-8), for digests."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def to_json(value: Any) -> str:
    """Readable JSON text of a dataclass or of plain data: sorted keys, two spaces, a final newline."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, indent=2) + "\n"


def from_json(text: str) -> ProcedureResult:
    """The `ProcedureResult` that `to_json` wrote."""
    return typing.cast(ProcedureResult, _rebuild(ProcedureResult, json.loads(text)))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.structs.asdict(value))
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, str | int | bool | float):
        return value
    return str(value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields; working them out anew for each row would take most of the time of reading results."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _rebuild(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{k: _rebuild(hints[k], v) for k, v in value.items() if k in hints})
    origin = typing.get_origin(kind)
    if origin is tuple:
        return tuple(_rebuild(typing.get_args(kind)[0], v) for v in value)
    if origin is types.UnionType:
        return value
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return value
