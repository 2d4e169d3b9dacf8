"""A comparison kept beside the results of the current engagement (results/comparison.json), for its report and the assessor's answers.

It holds the digests of what was compared on both sides, so that it is seen when the engagement has changed since. Nothing in it depends
on when or where it was made, and answers are not part of it: they stand in the ledger, and are settled when it is shown. No procedure
reads it; those that look at the client's change log and at confirmations (§791.305(e), (g)(3), (h)) conclude without it.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import msgspec

from assessor import files, judgements
from assessor.comparison import asking, told
from assessor.comparison.changes import CLASSES, KINDS, Change
from assessor.comparison.comparing import Comparison
from assessor.comparison.sides import ENGAGEMENT, Side, inputs, problem
from assessor.engagement import TERMS, Engagement
from assessor.errors import EngagementError, LedgerError
from assessor.results import Question

NAME = "comparison.json"
_NOTE = "Proposals for the assessor: what differs from an earlier engagement. No procedure reads this file."


class _Period(msgspec.Struct):
    to: str
    begin: str = msgspec.field(name="from")


class _Side(msgspec.Struct):
    name: str
    period: _Period
    inputs: dict[str, str]


class _Counts(msgspec.Struct):
    kinds: dict[Literal[tuple(KINDS)], dict[Literal["added", "gone", "changed", "unchanged"], int]]  # type: ignore[valid-type]
    classifications: dict[Literal[tuple(CLASSES)], int]  # type: ignore[valid-type]


class _Question(msgspec.Struct):
    id: str
    subject: str
    clause: str
    asked: str
    guidance: str
    answers: list[str]
    shows: list[str]
    facts: dict[str, Any]


class _Kept(msgspec.Struct):
    """The form of the file, as far as anything is read from it."""

    prior: _Side
    current: _Side
    changes: list[Change]
    counts: _Counts
    problems: list[dict[str, str]]
    questions: list[_Question]
    renamed: list[str]
    claimed: list[str]


def record(found: Comparison) -> Path:
    """Keep a comparison of two engagements in the current one; the path. Raises EngagementError for other sides, and LedgerError when the
    ledger is damaged."""
    if not found.prior.kind == found.current.kind == ENGAGEMENT:
        raise EngagementError("Only a comparison of two engagements is kept; name an engagement on both sides.")
    engagement = Engagement(found.current.root)
    if not engagement.run_file.is_file() or found.current.root.name == "data":
        raise EngagementError(
            f"{engagement.root} is sealed or has not been run; a comparison is kept in an engagement that is open and was run."
        )
    if found.current.ledger.problems:
        raise LedgerError(f"{found.current.ledger.problems[0]} Restore the file from a copy first.")
    content = told.document(found)
    for change in content["changes"]:
        del change["judgement"]
    for question in content["questions"]:
        del question["judgement"], question["state"]
    content["problems"] = [
        {**each, "place": side.name} if each["code"] in _OF_PATHS else each
        for side, listed in (
            (found.prior, found.prior.problems),
            (found.current, found.problems[len(found.prior.problems) :]),
        )
        for each in listed
    ]
    content |= {
        "note": _NOTE,
        "renamed": sorted(question.subject for question in found.questions if asking.same(question)),
        "claimed": _claimed(found.prior),
    }
    content["problems"] += _other_prior(found)
    path = engagement.results / NAME
    body = msgspec.json.format(msgspec.json.encode(content, order="sorted"), indent=1).decode("utf-8", "replace")
    files.write_text(path, f"{body}\n")
    return path


_OF_PATHS = ("not_run", "stale", "other_version", "no_results")
"""Problems whose place is a path of this machine."""


def _claimed(side: Side) -> list[str]:
    """Items of the prior side for which confidential treatment was claimed, by its register and its terms (§791.314)."""
    claimed = side.terms.report.get("confidential_evidence") if side.terms else None
    entries = [str(entry) for entry in claimed or ()]
    found = {
        row.id
        for row in side.items.values()
        if row.confidential or any(entry == row.id or fnmatchcase(row.path, entry) for entry in entries)
    }
    while more := {row.id for row in side.items.values() if row.derived_from in found} - found:
        found |= more
    return sorted(found)


def _other_prior(found: Comparison) -> list[dict[str, str]]:
    """That the prior side is not as it was when this engagement was rolled forward from it."""
    try:
        rolled = json.loads(Engagement(found.current.root).prior_file.read_bytes())["prior"]
        digests = dict(rolled["digests"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    if rolled.get("id") != found.prior.name:
        message = (
            f"This engagement was rolled forward from {rolled.get('id')}, and is compared with {found.prior.name}."
        )
        return [problem("other_prior", "prior.json", message)]
    apart = [name for name in (TERMS, "register.jsonl") if digests.get(name) != found.prior.inputs.get(name)]
    if not apart:
        return []
    message = f"{found.prior.name} is not as it was when this engagement was rolled forward from it ({', '.join(apart)} differ)."
    return [problem("other_prior", "prior.json", message)]


def read(engagement: Engagement) -> dict[str, Any] | None:
    """The comparison that is kept, each change with its `judgement` and each question with its state, by the ledger; None without one.

    Raises EngagementError when the file is damaged.
    """
    path = engagement.results / NAME
    if not path.exists():
        return None
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        msgspec.convert(content, _Kept)
        asked = questions(engagement, content)
        judged = {question.subject: told.judgement(question) for question in asked if question.state != "open"}
        for change in content["changes"]:
            change["judgement"] = judged.get(change["asked"]) if change["asked"] else None
        content["questions"] = [told.asked(question) for question in asked]
        content["outdated"] = _outdated(engagement, content, asked)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, msgspec.ValidationError):
        raise EngagementError(
            f"{path} cannot be read as `assessor compare --record` wrote it; make it again with that, or remove it."
        ) from None
    return content


def questions(engagement: Engagement, content: dict[str, Any] | None = None) -> list[Question]:
    """The questions of the comparison that is kept, settled by the ledger; none without one."""
    if content is None:
        path = engagement.results / NAME
        if not path.exists():
            return []
        try:
            content = json.loads(path.read_bytes())
            msgspec.convert(content, _Kept)
        except (ValueError, RecursionError, msgspec.ValidationError):
            return []  # `read` tells what is wrong
    ledger = judgements.read(engagement.ledger)
    found = []
    for each in content["questions"]:
        names = ("id", "subject", "clause", "asked", "guidance", "facts")
        question = Question(
            **{name: each[name] for name in names}, answers=tuple(each["answers"]), shows=tuple(each["shows"])
        )
        found.append(ledger.settle(question))
    return found


def digest(engagement: Engagement) -> str:
    """SHA-256 of the comparison that is kept; empty without one."""
    path = engagement.results / NAME
    return files.sha256(path) if path.exists() else ""


def _outdated(engagement: Engagement, content: dict[str, Any], asked: list[Question]) -> str:
    """Why the comparison that is kept is not what it would be now; empty where it stands."""
    now = inputs(engagement)
    then = content.get("current", {}).get("inputs", {})
    if apart := sorted(name for name in {*now, *then} if now.get(name) != then.get(name)):
        return f"{len(apart)} of the files that it looked at are others now ({apart[0]})"
    if content.get("renamed") != sorted(each.subject for each in asked if asking.same(each)):
        return "whether suppliers bear other names was answered since"
    return ""
