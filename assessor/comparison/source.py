"""What a change may mean for an earlier Declaration of Conformity: proposals for the assessor, who judges.

A declaration is to be revised when information in it is found omitted, inaccurate or wrong such that it could reasonably mislead as to
the true source of the hardware or software (§791.305(e)(1), (g)(3)). A change is a candidate where the evidence of the two sides names
different sources: who designs, develops, manufactures or supplies, where, and whether these are tied to the PRC or Russia. It is a
software update alone (§791.305(e)(2)) where a version of software changed and the same supplier and the same maker are named on both
sides. What one side does not say is never "the same": it is undetermined.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from assessor.comparison.changes import CANDIDATE, NEITHER, UNDETERMINED, UPDATE, Field
from assessor.comparison.conclusions import ADDED, CHANGED, GONE
from assessor.comparison.programme import CERTIFIED, FORMAL
from assessor.results import Determination, Outcome, Scope

MATERIAL, SOFTWARE, DILIGENCE = "791.305(e)(1)", "791.305(e)(2)", "791.315(d)(1)"
ROLES = {"supplier": "supplier", "manufacturer": "manufacturer", "author": "author", "country": "country of origin"}
"""Columns of a component that say where it comes from, in words."""
ALSO = {"address_country": "country of the maker's address", "fcc_id": "FCC ID"}
"""Columns that speak of another source where both sides state one; that a document has none says nothing."""
_ORIGIN = ("purl", "cpe")
"""Columns that may name another origin of what bears the same firms' names."""
_MAKERS = ("manufacturer", "author")
_VERSION = ("version", "hashes")
"""Columns of a component that change with its version."""


class Proposal(NamedTuple):
    """A classification of CLASSES, the paragraph that it is made under, and why."""

    classification: str
    clause: str
    reason: str


@dataclass(frozen=True)
class Part:
    """What is looked at of a component on one side, each value as it is spelled to be compared; an absent one is empty."""

    told: Mapping[str, str]
    item: str
    software: bool
    open_source: bool
    scope: str  # of Scope, empty where it was not determined


def component(
    before: Part | None, after: Part | None, changed: Collection[str], firms: tuple[Collection[tuple[str, str]], ...]
) -> Proposal:
    """A component that was added, is gone, or differs in the columns `changed`; `firms` are item and firm that each side names."""
    parts = [part for part in (before, after) if part is not None]
    if all(part.scope == Scope.OUT for part in parts):
        where = "on both sides" if len(parts) == 2 else "on the side where it stands"
        return Proposal(NEITHER, MATERIAL, f"It was found out of scope {where}, so that no declaration is about it.")
    if before is None or after is None:
        return _alone(parts[0], ADDED if before is None else GONE, firms)
    found = _source(before, after)
    if found is not None:
        return found
    if any(name in changed for name in _ORIGIN):
        return Proposal(
            UNDETERMINED,
            MATERIAL,
            "The same supplier and the same maker are named on both sides, and its package URL or CPE name names another origin.",
        )
    if "item" in changed:
        return Proposal(
            UNDETERMINED,
            MATERIAL,
            "The same source, in another item; whether a declaration tells of that item so is not shown.",
        )
    if before.scope != after.scope:
        told = f"{_words(before.scope)} before and {_words(after.scope)} now"
        return Proposal(UNDETERMINED, MATERIAL, f"The same source is named on both sides, and it was found {told}.")
    if after.software and any(name in changed for name in _VERSION):
        return Proposal(
            UPDATE,
            SOFTWARE,
            "Another version of software; the same supplier and the same maker are named on both sides.",
        )
    told = ", ".join(sorted(changed))
    return Proposal(
        NEITHER,
        MATERIAL,
        f"The same supplier and the same maker are named on both sides; {told} says nothing of the source.",
    )


def _words(scope: str) -> str:
    return scope.replace("_", " ") or "not determined"


def _source(before: Part, after: Part) -> Proposal | None:
    """What both sides say of where a component comes from; None where that is the same."""
    apart, lacking = [], []
    for name, words in ROLES.items():
        old, new = before.told[name], after.told[name]
        if old and new and old != new:
            apart.append(words)
        elif bool(old) != bool(new):
            lacking.append(f"{words} only {'now' if new else 'before'}")
    apart += [
        words
        for name, words in ALSO.items()
        if before.told[name] and after.told[name] and before.told[name] != after.told[name]
    ]
    if apart:
        return Proposal(
            CANDIDATE,
            MATERIAL,
            f"Another {' and '.join(apart)}: an earlier declaration may mislead as to the true source.",
        )
    if lacking:
        return Proposal(
            UNDETERMINED, MATERIAL, f"Stated on one side alone: {'; '.join(lacking)}.{_open(before, after)}"
        )
    if not before.told["supplier"]:
        return Proposal(UNDETERMINED, MATERIAL, f"Neither side names the supplier.{_open(before, after)}")
    if not any(before.told[name] for name in _MAKERS):
        return Proposal(
            UNDETERMINED,
            MATERIAL,
            f"The same supplier; neither side says who designs, develops or manufactures it.{_open(before, after)}",
        )
    return None


def _open(*parts: Part) -> str:
    if parts[0].software and all(part.open_source for part in parts):
        return (
            " By its licence it is open source, which is in scope only where it was modified and not shared (§791.301)."
        )
    return ""


def _alone(part: Part, what: str, firms: tuple[Collection[tuple[str, str]], ...]) -> Proposal:
    """A component on one side: is its source named for the same item on the other?"""
    there = firms[0] if what == ADDED else firms[1]
    side = "before" if what == ADDED else "now"
    named = [part.told[name] for name in ("supplier", *_MAKERS) if part.told[name]]
    if not part.told["supplier"] or not any(part.told[name] for name in _MAKERS):
        return Proposal(UNDETERMINED, MATERIAL, f"Its supplier and its maker are not both named.{_open(part)}")
    if all((part.item, name) in there for name in named):
        return Proposal(
            NEITHER,
            MATERIAL,
            f"Those who supply and make it are named {side} too for other components of the same item.",
        )
    words = "not named before" if what == ADDED else "named no more"
    return Proposal(
        CANDIDATE,
        MATERIAL,
        f"Who supplies or makes it is {words} for this item: an earlier declaration may mislead as to the true source.",
    )


_IDENTITY = {
    "country": "country",
    "lei": "LEI",
    "registration": "registration number",
    "role": "role",
    "work places": "places of work",
}
"""Fields of a supplier that say who and where it is and what it does."""
_MUST = ("country", "role", "work places")


def supplier(what: str, fields: Collection[Field], relevant: bool | None, by: str) -> Proposal:
    """A supplier of the client's list; `relevant`: whether it supplies a relevant component on either side, None where nobody determined it."""
    if relevant is False:
        return Proposal(NEITHER, MATERIAL, "It supplies no relevant component on either side.")
    if what != CHANGED:
        words = "A supplier that was not listed before" if what == ADDED else "A supplier that is listed no more"
        if relevant is None:
            return Proposal(
                UNDETERMINED, MATERIAL, f"{words}; whether it supplies a relevant component is not determined."
            )
        return Proposal(
            CANDIDATE,
            MATERIAL,
            f"{words} supplies a relevant component: an earlier declaration may mislead as to the true source.",
        )
    apart = [_IDENTITY[f.name] for f in fields if f.name in _IDENTITY and f.before and f.after]
    if apart:
        return Proposal(
            CANDIDATE, MATERIAL, f"Another {' and '.join(apart)} is stated of a supplier known again by {by}."
        )
    if lacking := [_IDENTITY[f.name] for f in fields if f.name in _MUST]:
        return Proposal(UNDETERMINED, MATERIAL, f"Stated on one side alone: {' and '.join(lacking)}.")
    if any(f.name == "name" for f in fields):
        return Proposal(NEITHER, MATERIAL, f"Another name of the same supplier, known again by {by}.")
    return Proposal(
        NEITHER, MATERIAL, f"The same supplier, known again by {by}; what differs does not say who or where it is."
    )


def verdict(what: str, fields: Collection[Field]) -> Proposal:
    """What was determined of a supplier: its ties to the PRC or Russia, and foreign interests."""
    told = {field.name: field for field in fields}
    tie = told.get("PRC or Russia")
    if what != CHANGED:
        held = (tie.after or tie.before) if tie else None
        if held == Determination.EXCLUDED:
            return Proposal(
                NEITHER,
                MATERIAL,
                "A tie to the PRC or Russia is excluded on the side where it stands; the supplier itself is told as such.",
            )
        return Proposal(
            CANDIDATE,
            MATERIAL,
            f"A tie to the PRC or Russia is {held or 'not excluded'} of a supplier that stands on one side alone.",
        )
    if tie:
        weight = (
            CANDIDATE
            if Determination.ESTABLISHED in (tie.before, tie.after) or tie.after == Determination.POSSIBLE
            else UNDETERMINED
        )
        return Proposal(
            weight, MATERIAL, f"Whether it is tied to the PRC or Russia (§791.301) was {tie.before} and is {tie.after}."
        )
    if "relevant" in told:
        return Proposal(
            UNDETERMINED,
            MATERIAL,
            "It supplies relevant components, in scope or not yet determined, on one side alone.",
        )
    if "country" in told or "limb" in told:
        return Proposal(
            CANDIDATE, MATERIAL, "Where it is, or by what it is tied to the PRC or Russia, is found otherwise."
        )
    return Proposal(
        NEITHER,
        DILIGENCE,
        "The verdict on ties to the PRC or Russia is the same; the nature of foreign interests is told in other words.",
    )


def owner(reached: Collection[str], verdicts: Mapping[str, tuple[str, str | None, str | None]]) -> Proposal:
    """An entity or interest, by those that it reaches; `verdicts`: by identity a supplier's name and its verdict before and now."""
    from assessor.procedures.working import named as listing
    from assessor.procedures.working import one_stop

    if not verdicts:
        return Proposal(
            UNDETERMINED, MATERIAL, "What it means for a supplier is not determined: no verdicts stand beside it."
        )
    found = {verdicts[key][0]: verdicts[key][1:] for key in reached if key in verdicts}
    if not found:
        return Proposal(NEITHER, MATERIAL, "It leads to no supplier that a verdict is about.")
    if apart := [name for name, (old, new) in found.items() if old != new]:
        return Proposal(
            CANDIDATE,
            MATERIAL,
            one_stop(
                f"It leads to suppliers whose verdict on ties to the PRC or Russia differs: {listing(sorted(apart))}."
            ),
        )
    if left := [name for name, (_, new) in found.items() if new != Determination.EXCLUDED]:
        told = f"It leads to suppliers whose tie to the PRC or Russia is not excluded, before and now: {listing(sorted(left))}."
        return Proposal(UNDETERMINED, MATERIAL, one_stop(told))
    return Proposal(
        NEITHER, MATERIAL, "Every supplier that it leads to has a tie to the PRC or Russia excluded before and now."
    )


def declaration(what: str, fields: Collection[Field]) -> Proposal:
    """A Declaration of Conformity in evidence."""
    if what == ADDED:
        return Proposal(NEITHER, "791.305(g)", "A further submission, which changes nothing that an earlier one says.")
    if what == GONE:
        return Proposal(
            UNDETERMINED, "791.305(g)(3)", "It is not in the current evidence, and what became of it is not shown."
        )
    told = [field.name for field in fields if field.name not in FORMAL]
    if not told:
        return Proposal(NEITHER, "791.305(g)(3)", "What it says of its articles is the same.")
    if any(name in CERTIFIED for name in told):
        return Proposal(CANDIDATE, MATERIAL, "Under one number it certifies otherwise on the two sides.")
    return Proposal(CANDIDATE, MATERIAL, f"Under one number it says otherwise on the two sides of: {', '.join(told)}.")


def authorization(what: str) -> Proposal:
    """A letter of BIS: it is no information that a declaration conveys."""
    told = {
        ADDED: "Another authorization",
        GONE: "An authorization that is not in the current evidence",
        CHANGED: "Another state of an authorization",
    }
    return Proposal(
        NEITHER,
        "791.306(e)",
        f"{told[what]}: whether transactions still fall under it is tested apart (§§791.306, 791.307).",
    )


def programme(kind: str) -> Proposal:
    """A policy or a control."""
    words = {"policy": "A policy", "control": "A control"}[kind]
    return Proposal(
        NEITHER,
        "791.315(d)(3)",
        f"{words} says nothing of where hardware or software comes from; its effect is tested apart.",
    )


_PROHIBITIONS = ("s302_hardware", "s303_software", "s304_manufacturer")
_CERTIFIED = ("791.305(a)(1)(iv)", "791.305(a)(2)(iii)")
"""The certifications that no tie to the PRC or Russia stands behind the articles."""
_OPEN = (Outcome.INCONCLUSIVE, Outcome.NOT_TESTED, "")


def result(procedure: str, clause: str, sides: tuple[str, str]) -> Proposal:
    """A conclusion or a finding; `sides` are what the procedure concluded on each, "" where it was not run."""
    if procedure not in _PROHIBITIONS and clause not in _CERTIFIED:
        return Proposal(NEITHER, clause, "It is about other things than where hardware or software comes from.")
    about = f"The prohibition of §{clause}" if procedure in _PROHIBITIONS else f"The certification of §{clause}"
    if any(side in _OPEN for side in sides):
        return Proposal(UNDETERMINED, MATERIAL, f"{about} is not concluded on alike: on one side it is still open.")
    if Outcome.EXCEPTION in sides:
        return Proposal(
            CANDIDATE,
            MATERIAL,
            f"{about} is found broken otherwise on the two sides: what an earlier declaration certifies may not hold.",
        )
    return Proposal(NEITHER, MATERIAL, f"{about} is not found broken on either side.")
