"""Two sets of results of the same procedures compared: conclusions, findings, tests, verdicts, questions, requests, deadlines.

Results are known again by what they say of themselves: a procedure by its name, a test by clause and subject, a finding by its key, a
row of a table by the columns that name its subject. Numbers (F-01, R-03, E-0004) name nothing, since two engagements give them anew:
evidence stands on both sides of a change and is never a change itself. The order of rows, tests and results says nothing either. Of a firm's
own procedures tests, findings, questions and requests are compared, and no tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from assessor.results import EvidenceRequest, Finding, ProcedureResult, Question, Test

ADDED, GONE, CHANGED = "added", "gone", "changed"
OUTCOME, WORDS, MEMBERS = "outcome", "words", "members"
"""What of a side may differ, besides its details."""


@dataclass(frozen=True)
class Side:
    """One thing as it stands on one side. `outcome` is its conclusion, verdict, state, severity or day; `words` the reason; `evidence` places
    as they are printed ("E-0004 row 12"); `details` what else was said, by name; `members` ids of the transactions that it is about."""

    outcome: str
    words: str = ""
    evidence: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One thing that differs. `kind` is of KINDS, `what` tells things of one subject apart (a finding's code, a question's id, what falls
    due); `before` or `after` is None where it is not there. `fields` are the names of what differs, empty where one side is missing."""

    kind: str
    change: str  # added, gone, changed
    procedure: str
    clause: str
    subject: str
    what: str
    before: Side | None
    after: Side | None
    fields: tuple[str, ...] = ()

    @property
    def weighs(self) -> bool:
        """Whether more than the wording of a reason differs."""
        return self.change != CHANGED or self.fields != (WORDS,)

    @property
    def details(self) -> tuple[tuple[str, str, str], ...]:
        """The details that differ: name, before, after. Of members it tells how many there are, and how many only on one side."""
        if self.before is None or self.after is None:
            return ()
        told = []
        for name in self.fields:
            if name == MEMBERS:
                old, new = set(self.before.members), set(self.after.members)
                told.append(("transactions", _counted(old, new, "no more"), _counted(new, old, "new")))
            elif name not in (OUTCOME, WORDS):
                was, now = (side.details.get(name, "") for side in (self.before, self.after))
                told.append((name.replace("_", " "), was, now))
        return tuple(told)


def _counted(own: set[str], other: set[str], words: str) -> str:
    alone = len(own - other)
    return f"{len(own)} ({alone} of them {words})" if alone else str(len(own))


class _Rows(NamedTuple):
    """A table of results whose rows are verdicts: which columns name the subject, which tell two rows of it apart, which is the verdict,
    and which others are looked at."""

    kind: str
    table: str
    subject: tuple[str, ...]
    what: tuple[str, ...]
    outcome: str
    details: tuple[str, ...] = ()


_OWN_WORDS = ("reason", "note", "foreign_interest", "operation")
"""Columns that hold a row's reason, the first that there is."""
_TABLES: dict[str, tuple[_Rows, ...]] = {
    "s301_scope": (
        _Rows("component", "relevant", ("name",), ("item",), "scope", ("supplier", "version")),
        _Rows("item", "items", ("item",), (), "medium", ("components", "in_scope", "undetermined", "out_of_scope")),
        _Rows("line", "vehicles", ("line",), (), "connected", ("completed", "automated")),
    ),
    "s302_hardware": (
        _Rows("exposure", "hardware", ("supplier",), ("item",), "outcome", ("determination", "imports", "exempt")),
    ),
    "s303_software": (
        _Rows("exposure", "software", ("supplier",), ("item",), "outcome", ("determination", "imports", "sales")),
    ),
    "s305_declarations": (
        _Rows("declaration", "declarations", ("declaration",), (), "conclusion"),
        _Rows("deadline", "deadlines", ("subject",), ("what", "clause"), "date", ("state",)),
        _Rows("equity", "passive_equity", ("supplier",), ("name", "condition"), "state"),
    ),
    "s306_general_authorizations": (
        _Rows("authorization", "authorizations", ("authorization",), (), "conclusion"),
        _Rows("version", "versions", ("authorization",), ("version",), "outcome", ("in_force", "transactions", "open")),
    ),
    "s307_specific_authorizations": (
        _Rows("authorization", "authorizations", ("authorization",), (), "conclusion"),
        _Rows("version", "versions", ("authorization",), ("version",), "outcome", ("in_force", "transactions", "open")),
    ),
    "s308_exemptions": (
        _Rows("exemption", "exemptions", ("line",), ("kind", "clause"), "reason", ("transactions", "units")),
    ),
    "s315_policies": (
        _Rows("control", "controls", ("control",), (), "outcome", ("population", "exceptions")),
        _Rows("policy", "elements", ("element",), ("clause",), "confirmed", ("document",)),
    ),
    "s315_suppliers": (
        _Rows("supplier", "suppliers", ("name",), (), "prc_russia", ("limb", "country", "relevant", "readings")),
    ),
}
_TRANSACTIONS = "outcomes"
"""The table of a prohibition in which every transaction has its outcome."""

KINDS: dict[str, str] = {
    "conclusion": "conclusions of procedures",
    "finding": "findings",
    "supplier": "verdicts on suppliers",
    "component": "components in scope or undetermined",
    "item": "items by the scope of their components",
    "line": "vehicle lines",
    "exposure": "suppliers under a prohibition",
    "transactions": "outcomes of transactions",
    "exemption": "exemptions",
    "authorization": "authorizations",
    "version": "versions of authorizations",
    "declaration": "declarations",
    "equity": "equity as the only foreign interest",
    "policy": "elements of policies",
    "control": "controls",
    "test": "tests",
    "question": "questions to the assessor",
    "request": "evidence requests",
    "deadline": "deadlines",
}
"""Every kind of a change, in the order in which they are told."""
_RANK = {kind: place for place, kind in enumerate(KINDS)}


class _Name(NamedTuple):
    kind: str
    procedure: str
    subject: str
    what: str
    clause: str


def difference(before: Iterable[ProcedureResult], after: Iterable[ProcedureResult]) -> tuple[Change, ...]:
    """What differs between two sets of results, in the order of KINDS and then by procedure, subject and what.

    Where several things bear one name (two tests of a clause for one subject), those that are alike on both sides are taken for each
    other first, then the others in the order of their words. Transactions with one outcome before and one after are one change.
    """
    old, new = list(before), list(after)
    sides = (_things(old), _things(new))
    found: list[Change] = []
    for name in {*sides[0], *sides[1]}:
        for one, other in _pairs(sides[0].get(name, []), sides[1].get(name, [])):
            found += _change(name, one, other)
    found += _of_transactions(old, new)
    return tuple(sorted(found, key=_order))


def _order(change: Change) -> tuple[Any, ...]:
    told = [
        (side.outcome, side.words, sorted(side.details.items()), side.members) if side else ("", "", [], ())
        for side in (change.before, change.after)
    ]
    return (_RANK[change.kind], change.procedure, change.subject, change.what, change.clause, *told)


def _change(name: _Name, one: Side | None, other: Side | None) -> list[Change]:
    fields = _differing(one, other)
    if one is not None and other is not None and not fields:
        return []
    change = CHANGED if one and other else GONE if one else ADDED
    return [Change(name.kind, change, name.procedure, name.clause, name.subject, name.what, one, other, fields)]


def _differing(one: Side | None, other: Side | None) -> tuple[str, ...]:
    if one is None or other is None:
        return ()
    own = [name for name in (OUTCOME, WORDS, MEMBERS) if getattr(one, name) != getattr(other, name)]
    names = [*one.details, *(name for name in other.details if name not in one.details)]
    return (*own, *(name for name in names if one.details.get(name) != other.details.get(name)))


def _pairs(old: list[Side], new: list[Side]) -> list[tuple[Side | None, Side | None]]:
    """The sides of one name matched: those that say the same first."""
    left, right = sorted(old, key=_said), sorted(new, key=_said)
    pairs: list[tuple[Side | None, Side | None]] = []
    for alike in (_said, lambda side: side.outcome):
        waiting: dict[Any, list[Side]] = {}
        for side in reversed(right):
            waiting.setdefault(alike(side), []).append(side)
        rest = []
        for side in left:
            if queue := waiting.get(alike(side)):
                pairs.append((side, queue.pop()))
            else:
                rest.append(side)
        left, right = rest, sorted((side for queue in waiting.values() for side in queue), key=_said)
    both = min(len(left), len(right))
    pairs += zip(left[:both], right[:both], strict=True)
    return pairs + [(side, None) for side in left[both:]] + [(None, side) for side in right[both:]]


def _said(side: Side) -> tuple[Any, ...]:
    return side.outcome, side.words, tuple(sorted(side.details.items())), side.members


def _things(results: list[ProcedureResult]) -> dict[_Name, list[Side]]:
    """Everything that results say, by its name."""
    found: dict[_Name, list[Side]] = {}
    for result in results:
        name = _Name("conclusion", result.procedure, result.title, "", result.clause)
        found[name] = [Side(str(result.conclusion), result.reason, _worst_places(result))]
        listed = [_test(result, test) for test in result.tests]
        listed += [_finding(finding) for finding in result.findings]
        listed += [_request(request) for request in result.requests]
        listed += [
            _row(result, told, row)
            for told in _TABLES.get(result.procedure, ())
            for row in result.tables.get(told.table, [])
        ]
        for each, side in listed:
            found.setdefault(each, []).append(side)
        for question in result.questions:  # several procedures may put one
            found[_Name("question", "", question.subject, question.id, question.clause)] = [_question(question)]
    return found


def _worst_places(result: ProcedureResult) -> tuple[str, ...]:
    """The places of the tests that the conclusion follows from."""
    told = [test for test in result.tests if test.outcome is result.conclusion]
    return tuple(dict.fromkeys(str(place) for test in told for place in test.evidence))


def _test(result: ProcedureResult, test: Test) -> tuple[_Name, Side]:
    side = Side(str(test.outcome), test.reason, tuple(str(place) for place in test.evidence))
    return _Name("test", result.procedure, test.subject, "", test.clause), side


def _finding(finding: Finding) -> tuple[_Name, Side]:
    details = {
        "title": finding.title,
        "clauses": "; ".join(finding.clauses),
        "effect": finding.effect,
        "cause": finding.cause,
    }
    places = tuple(str(place) for place in finding.evidence)
    side = Side(finding.severity, finding.condition, places, details, finding.transactions)
    return _Name("finding", finding.procedure, finding.subject, finding.code, finding.clauses[0]), side


def _request(request: EvidenceRequest) -> tuple[_Name, Side]:
    name = _Name("request", request.procedure, "; ".join(request.subjects), request.code, request.clause)
    return name, Side("", request.what, (), {"settles": request.settles})


def _question(question: Question) -> Side:
    return Side(question.state, question.asked, (), {"answer": question.answer, "because": question.rationale})


def _row(result: ProcedureResult, told: _Rows, row: Mapping[str, Any]) -> tuple[_Name, Side]:
    clause = _text(row["clause"]).removeprefix("§") if "clause" in row else result.clause
    what = "; ".join(_text(row.get(name)) for name in told.what if name != "clause")
    name = _Name(told.kind, result.procedure, "; ".join(_text(row.get(name)) for name in told.subject), what, clause)
    words = next((_text(row[column]) for column in _OWN_WORDS if column in row and column != told.outcome), "")
    details = {name: _text(row.get(name)) for name in told.details}
    return name, Side(_text(row.get(told.outcome)), words, places(row.get("evidence", row.get("place"))), details)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def places(value: Any) -> tuple[str, ...]:
    """The places in a cell, which stand behind each other with "; ". A piece that begins with no item goes on what precedes it."""
    pieces: list[str] = []
    for piece in _text(value).split("; "):
        if pieces and not re.match(r"(?:E-\d+|TERMS|SUPPOSED)(?: |$)", piece):
            pieces[-1] += f"; {piece}"
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def _of_transactions(old: list[ProcedureResult], new: list[ProcedureResult]) -> list[Change]:
    """Transactions whose outcome under a prohibition differs, those with the same outcomes as one change."""
    found: list[Change] = []
    before, after = ({r.procedure: r for r in results if _TRANSACTIONS in r.tables} for results in (old, new))
    for procedure in sorted({*before, *after}):
        one, other = before.get(procedure), after.get(procedure)
        left, right = _outcomes(one), _outcomes(other)
        groups: dict[tuple[Any, Any], list[str]] = {}
        for transaction in {*left, *right}:
            pair = left.get(transaction), right.get(transaction)
            if pair[0] != pair[1]:
                groups.setdefault(pair, []).append(transaction)
        for (was, now), ids in groups.items():
            members = tuple(sorted(ids))
            subject = f"{len(members)} transaction{'s' if len(members) > 1 else ''}"
            clause = (one or other).clause  # type: ignore[union-attr]
            name = _Name("transactions", procedure, subject, "", clause)
            found += _change(name, _of_members(one, was, members), _of_members(other, now, members))
    return found


def _outcomes(result: ProcedureResult | None) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each transaction."""
    rows = result.tables[_TRANSACTIONS] if result else []
    return {str(id): (_text(row["outcome"]), _text(row["reason"])) for row in rows for id in row["transactions"]}


def _of_members(result: ProcedureResult | None, told: tuple[str, str] | None, members: tuple[str, ...]) -> Side | None:
    """One side of a group of transactions; its evidence is that of the findings that name one of them."""
    if result is None or told is None:
        return None
    about = [finding for finding in result.findings if not set(members).isdisjoint(finding.transactions)]
    places = dict.fromkeys(str(place) for finding in about for place in finding.evidence)
    return Side(told[0], told[1], tuple(places), {}, members)
