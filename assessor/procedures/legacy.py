"""§791.301, covered software: the exclusion of subcomponents made before the line and not altered after it by an entity
tied to a foreign adversary.

The two phrases leave work on the very day of the line to neither: that is asked. Who maintained is looked up among all
foreign adversaries, not only the PRC and Russia.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pandas as pd

from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts, answered
from assessor.procedures.limbs import certain, everywhere, flags, texts
from assessor.procedures.working import rows
from assessor.results import Question

Note = Callable[[Question], Question]
Answer = tuple[bool | None, str]


def exclusion(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> tuple[pd.Series, pd.Series]:
    """Whether the exclusion applies to each component (False where no history claims it) and words for it.

    The words say why it applies, why it was lost, or what is missing; NA where nothing claims it.
    """
    history: dict[str, list[dict[str, Any]]] = {}
    for row in rows(facts.tables["software_history"]):
        if row["name"]:
            history.setdefault(row["name"], []).append(row)
    none = everywhere(False, parts.index)
    concerned = parts["name"].isin(list(history)) & candidate
    if not concerned.any():
        return none, texts([None] * len(parts), parts.index)
    holds, words = none.to_numpy(dtype=object).copy(), pd.array([None] * len(parts), dtype=object)
    keys = parts.loc[concerned, ["item", "name", "version"]]
    for key, same in keys.groupby(["item", "name", "version"], dropna=False, sort=True):
        item, name, version = cast("tuple[Any, ...]", key)
        fitting = [(row, fits) for row in history[str(name)] if (fits := _fits(row, item, version)) is not False]
        if not fitting:
            continue
        answers = [_entry(facts, row, note) if fits else (None, "its version") for row, fits in fitting]
        decided, why = _together(answers)
        places = parts.index.get_indexer(same.index)
        holds[places] = decided
        words[places] = why
    return flags(holds, parts.index), texts(words, parts.index)


def _fits(row: Mapping[str, Any], item: Any, version: Any) -> bool | None:
    """Whether an entry of the register concerns a component of this item and version; None when the version is not known."""
    if row["item"] and (pd.isna(item) or row["item"] != item):
        return False
    if not row["version"]:
        return True
    return None if pd.isna(version) else bool(row["version"] == version)


def _together(answers: list[Answer]) -> Answer:
    """Several entries for one component: one that loses the exclusion loses it, one that is open leaves it open."""
    for wanted in (False, None, True):
        for decided, words in answers:
            if decided is wanted:
                return decided, words
    return False, ""


def _entry(facts: Facts, row: Mapping[str, Any], note: Note) -> Answer:
    """One entry of the register: does the exclusion hold, and why."""
    line, made, maintained = facts.rule.constant("legacy_line"), row["made"], row["maintained"]
    if made is None:
        return None, "the date on which it was made"
    if made > line:
        return False, f"made on {made}, after the line for earlier subcomponents ({line})"
    shown = {
        "component": row["name"],
        "item": row["item"],
        "version": row["version"],
        "made": str(made),
        "maintained": str(maintained) if maintained else None,
        "maintained_by": row["maintained_by"],
    }
    if maintained is not None and maintained > line:
        tied = _tied(facts, row, shown, note)
        by = row["maintained_by"] or "an entity that is not named"
        if tied is None:
            return None, f"whether {by}, who maintained it on {maintained}, is tied to a foreign adversary"
        if tied:
            return (
                False,
                f"made on {made}, but altered on {maintained}, after {line}, by {by}, tied to a foreign adversary",
            )
    elif maintained is None:
        altered = answered(note(facts.ask("legacy_maintenance", row["name"], shown)), "yes")
        if altered is None:
            return None, f"whether an entity tied to a foreign adversary altered it after {line}"
        if altered:
            return (
                False,
                f"made on {made}, but altered after {line} by an entity tied to a foreign adversary (assessor's decision)",
            )
    if line in (made, maintained):
        # "Before" and "after" both leave this day out, so the text does not say on which side it falls.
        applies = answered(note(facts.ask("legacy_line_day", row["name"], shown)), "yes")
        if applies is None:
            return None, f"whether work on the very day of the line ({line}) counts"
        return (
            applies,
            f"worked on at the very day of the line ({line}); the exclusion {'applies' if applies else 'is lost'} by the assessor's decision",
        )
    return True, f"made before {line}, and not altered after it by an entity tied to a foreign adversary"


def _tied(facts: Facts, row: Mapping[str, Any], shown: Mapping[str, Any], note: Note) -> bool | None:
    """Whether the last maintainer is tied to a foreign adversary: by its ownership, or else by the assessor's answer."""
    owners = facts.of(supplier_ownership.named)
    same = owners[certain(owners["named"] == row["maintained_by"])] if row["maintained_by"] else owners.iloc[:0]
    found = None
    if len(same):
        found = {"established": True, "excluded": False}.get(str(same["adversary"].iloc[0]))
    return answered(note(facts.ask("legacy_maintenance", row["name"], shown)), "yes") if found is None else found
