"""§791.301, covered software: the exclusion of subcomponents made before the line and not altered after it by an entity
tied to a foreign adversary.

The two phrases leave work on the very day of the line to neither: that is asked. Who maintained is looked up among all
foreign adversaries, not only the PRC and Russia.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts, answered
from assessor.procedures.limbs import FLAG, certain, chosen, looked_up, sure
from assessor.procedures.working import rows
from assessor.results import Question

Note = Callable[[Question], Question]
Answer = tuple[bool | None, str]
Places = np.ndarray[Any, np.dtype[np.intp]]


def exclusion(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> tuple[pd.Series, pd.Series]:
    """Whether the exclusion applies to each component (False where no history claims it) and words for it.

    The words say why it applies, why it was lost, or what is missing; NA where nothing claims it. They are coded.
    """
    history: dict[str, list[dict[str, Any]]] = {}
    for row in rows(facts.tables["software_history"]):
        if row["name"]:
            history.setdefault(row["name"], []).append(row)
    concerned = sure(looked_up(parts["name"], dict.fromkeys(history, True))) & candidate.to_numpy()
    holds: list[bool | None] = [False]
    words = [""]
    told = np.zeros(len(parts), dtype=np.int64)  # number of the answer; 0: nothing claims it
    for (name, item, version), places in _alike(facts, parts, np.flatnonzero(concerned)):
        fitting = [(row, fits) for row in history[name] if (fits := _fits(row, item, version)) is not False]
        if not fitting:
            continue
        answers = [_entry(facts, row, note) if fits else (None, "its version") for row, fits in fitting]
        decided, why = _together(answers)
        told[places] = len(holds)
        holds.append(decided)
        words.append(why)
    answer = pd.Series(pd.array(pa.array(holds, pa.bool_()).take(pa.array(told)), dtype=FLAG), index=parts.index)
    return answer, chosen(words, np.where(told == 0, -1, told), parts.index)


def _alike(facts: Facts, parts: pd.DataFrame, places: Places) -> list[tuple[tuple[str, Any, Any], list[int]]]:
    """The places in the table of parts, by name, item and version; sorted by item, name and version, unknown last."""
    whole = facts.tables["components"].loc[parts.index[places], ["name", "item", "version"]]
    found: dict[tuple[str, Any, Any], list[int]] = {}
    for row, place in zip(rows(whole), places.tolist(), strict=True):
        found.setdefault((row["name"], row["item"], row["version"]), []).append(place)
    return sorted(found.items(), key=lambda same: [(same[0][at] is None, same[0][at] or "") for at in (1, 0, 2)])


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
