"""One change between two sides: what it is, where both sides say so, and what it may mean for §791.305(e)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.evidence.register import RegisterRow

CANDIDATE, UPDATE, NEITHER, UNDETERMINED = "candidate", "software_update", "neither", "undetermined"
CLASSES = {
    CANDIDATE: "candidate for a material change",
    UNDETERMINED: "undetermined: the evidence does not say",
    UPDATE: "software update alone",
    NEITHER: "neither",
}
"""What is proposed of a change, in the order in which changes are told."""
KINDS = {
    "component": "components",
    "supplier": "suppliers",
    "verdict": "verdicts on suppliers",
    "entity": "owners",
    "interest": "interests",
    "control": "controls",
    "policy": "policies",
    "authorization": "authorizations",
    "declaration": "declarations",
    "conclusion": "conclusions of procedures",
    "finding": "findings",
}
"""Every kind of thing that is compared, in the order in which it is told."""
ORDER = {GONE: 0, CHANGED: 1, ADDED: 2}


class Place(msgspec.Struct, frozen=True, gc=False):
    """A place in the evidence of one side: the register's id (of a bill of materials its file), a locator, and the item's digest."""

    item: str
    locator: str
    sha256: str


class Field(msgspec.Struct, frozen=True, gc=False):
    """A value before and after; None: not stated."""

    name: str
    before: str | None
    after: str | None


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """Where both sides say so; a side is empty where the thing is not there."""

    prior: tuple[Place, ...] = ()
    current: tuple[Place, ...] = ()


class Change(msgspec.Struct, frozen=True, gc=False):
    """Something that was added, is gone, or changed.

    `fields` of what changed are those that differ, of what was added or is gone all that are stated. `classification` is of CLASSES: a
    proposal, with the paragraph and the reason. `by` says what it was known again by, `asked` is the subject of the question to the
    assessor that it belongs to, `logged` names entries of the client's change log that tell of it.
    """

    kind: str
    what: str
    subject: str
    fields: tuple[Field, ...]
    classification: str
    clause: str
    reason: str
    evidence: Evidence
    by: str = ""
    asked: str = ""
    logged: tuple[str, ...] = ()


def place(source: Any, locator: Any, items: Mapping[str, RegisterRow]) -> Place:
    """A place with the digest of its item."""
    item = "" if source is None else str(source)
    row = items.get(item)
    return Place(item, "" if locator is None else str(locator), (row.sha256 or "") if row else "")


def cited(text: str, items: Mapping[str, RegisterRow]) -> Place:
    """A place as results print it ("E-0004 row 12")."""
    item, _, locator = text.partition(" ")
    return place(item, locator, items)


def differing(
    before: Mapping[str, str | None], after: Mapping[str, str | None], names: Iterable[str] | None = None
) -> tuple[Field, ...]:
    """The fields whose values are not the same, in their order."""
    wanted = dict.fromkeys([*before, *after]) if names is None else names
    pairs = ((name, before.get(name) or None, after.get(name) or None) for name in wanted)
    return tuple(Field(name, old, new) for name, old, new in pairs if old != new)


def stated(told: Mapping[str, str | None], what: str) -> tuple[Field, ...]:
    """All that is stated of something that stands on one side only."""
    return tuple(
        Field(name, None, value) if what == ADDED else Field(name, value, None) for name, value in told.items() if value
    )


def ordered(changes: Iterable[Change]) -> list[Change]:
    """The changes by kind, then what may be material first, then by what and subject."""
    kinds, classes = ({name: place for place, name in enumerate(known)} for known in (KINDS, CLASSES))
    return sorted(changes, key=lambda c: (kinds[c.kind], classes[c.classification], ORDER[c.what], *place_of(c)))


def place_of(change: Change) -> tuple[Any, ...]:
    """What puts changes of one sort in order."""
    said = [(f.name, f.before or "", f.after or "") for f in change.fields]
    return change.subject, said, [(p.item, p.locator) for p in (*change.evidence.prior, *change.evidence.current)]
