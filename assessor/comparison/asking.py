"""What the assessor is asked about changes: those that may be material, together where they say the same, and similar names of suppliers.

A question shows what changed and not where it stands, so that an answer outlives a delivery that was only numbered anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from assessor import rule as rules
from assessor.comparison.changes import CANDIDATE, KINDS, UNDETERMINED, Change
from assessor.comparison.conclusions import ADDED, CHANGED
from assessor.comparison.firms import RENAMED, Proposal
from assessor.comparison.parts import plain
from assessor.comparison.sides import Side
from assessor.comparison.source import ALSO, ROLES
from assessor.results import Question, canonical

MATERIAL = "material_difference"
"""The question whether changes between two engagements are material (§791.305(e))."""
_NAMES = 20
"""Subjects that a question names one by one; all of them are in its digest."""
_OPEN = "not stated"
_FOLLOW = ("conclusion", "finding")
"""Kinds that follow from what is asked about, and are not asked about themselves."""


def confirmed(proposals: Sequence[Proposal], current: Side) -> frozenset[str]:
    """Subjects of the proposals that the assessor took for one supplier, on what is shown now."""
    return frozenset(question.subject for question in _renamed(proposals, current) if same(question))


def same(question: Question) -> bool:
    """Whether it is the question whether two names are one supplier's, and was answered with yes."""
    return (question.id, question.state, question.answer) == (RENAMED, "answered", "yes")


def _renamed(proposals: Sequence[Proposal], current: Side) -> list[Question]:
    """The questions whether similar names are one supplier's, settled."""
    found = []
    for proposal in {proposal.subject: proposal for proposal in proposals}.values():
        shown = {
            side: {name: value for name, value in record.fields.items() if value}
            for side, record in (("before", proposal.before), ("after", proposal.after))
        }
        found.append(_question(current, RENAMED, proposal.subject, shown | {"reasons": list(proposal.reasons)}))
    return found


def asked(
    changes: Iterable[Change], proposals: Sequence[Proposal], current: Side
) -> tuple[list[Change], tuple[Question, ...]]:
    """The changes with the subject of the question that each belongs to, and the questions, sorted, settled by the current ledger."""
    told, groups = [], dict[str, list[Change]]()
    for change in changes:
        if change.classification in (CANDIDATE, UNDETERMINED) and change.kind not in _FOLLOW:
            change = msgspec.structs.replace(change, asked=_subject(change))
            groups.setdefault(change.asked, []).append(change)
        told.append(change)
    found = [_question(current, MATERIAL, subject, _facts(group)) for subject, group in groups.items()]
    return told, tuple(sorted((*found, *_renamed(proposals, current)), key=lambda question: question.key))


def _question(current: Side, id: str, subject: str, facts: dict[str, object]) -> Question:
    """A question, settled by the ledger of the current side."""
    rule = rules.load(current.terms.rule_version) if current.terms else rules.load()
    return current.ledger.put(rule.question(id), subject, facts)


def _facts(group: list[Change]) -> dict[str, object]:
    """What is shown for changes that are asked about together."""
    said = sorted((c.subject, c.what, [(f.name, f.before or "", f.after or "") for f in c.fields]) for c in group)
    return {
        "changes": len(group),
        "proposed": sorted({f"{c.classification}: {c.reason}" for c in group}),
        "subjects": [name for name, _, _ in said[:_NAMES]],
        "first": [f"{name}: {old or _OPEN} → {new or _OPEN}" for name, old, new in said[0][2]],
        "logged": sorted({entry for c in group for entry in c.logged}),
        "digest": hashlib.sha256(canonical(said)).hexdigest(),
    }


def _subject(change: Change) -> str:
    """What changes are asked about together: components by what became of their sources, all others one by one."""
    if change.kind in ("entity", "interest"):
        return f"owners and interests: {change.reason.removesuffix('.')}"
    if change.kind != "component":
        return f"{KINDS[change.kind]}: {change.subject} ({change.what})"
    told = {field.name: field for field in change.fields}
    if change.what != CHANGED:
        names = ", ".join(
            f"{words} {(told[name].after if change.what == ADDED else told[name].before)}"
            for name, words in ROLES.items()
            if name in told
        )
        return f"components {change.what}: {names or 'no source named'}"
    apart = [
        f"{words} {told[n].before or _OPEN} → {told[n].after or _OPEN}"
        for n, words in (ROLES | ALSO).items()
        if n in told
    ]
    if apart:
        return f"components changed: {'; '.join(apart)}"
    return f"components changed: {change.reason.removesuffix('.')}"


def with_log(change: Change, log: Sequence[tuple[str, str]]) -> Change:
    """The change with the entries of the client's log that name it, where it may be material; `log`: id and subject as `plain` has it."""
    if change.classification not in (CANDIDATE, UNDETERMINED):
        return change
    names = {plain(change.subject)}
    names |= {
        plain(v)
        for f in change.fields
        if f.name in ("supplier", "manufacturer", "author", "name")
        for v in (f.before, f.after)
        if v
    }
    names |= {plain(part) for part in change.subject.split("→")} if "→" in change.subject else set()
    found = tuple(entry for entry, subject in log if any(name and f" {name} " in subject for name in names))
    return msgspec.structs.replace(change, logged=found) if found else change
