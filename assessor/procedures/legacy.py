"""§791.301, covered software: the exclusion of subcomponents made before the line and not altered after it by an entity
tied to a foreign adversary.

Dates and owners decide where they can: what was made after the line, or was altered after it by an entity that is tied, has
lost the exclusion. Whether there was any maintenance, and whether anybody else had a part in it, is asked where a history is
silent or names one maintainer only; whether an entity tied to an adversary altered it, where that stays open. The two phrases
leave work on the very day of the line to neither: that is asked, unless an entity without any tie did it. Who maintained is
looked up among all foreign adversaries, not only the PRC and Russia.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts, answered
from assessor.procedures.limbs import FLAG, certain, chosen, looked_up, sure
from assessor.procedures.working import named, ref, rows, said
from assessor.results import Question

Note = Callable[[Question], Question]
Answer = tuple[bool | None, str]
Places = np.ndarray[Any, np.dtype[np.intp]]
Row = Mapping[str, Any]

SHOWN = 20
"""How many delivered versions of a component a question shows."""


def exclusion(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> tuple[pd.Series, pd.Series]:
    """Whether the exclusion applies to each component (False where no history claims it) and words for it.

    The words say why it applies, why it was lost, or what is missing; NA where nothing claims it. They are coded.
    """
    history: dict[str, list[Row]] = {}
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
        decided, why = _component(facts, fitting, history[name], note)
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


def _fits(row: Row, item: Any, version: Any) -> bool | None:
    """Whether an entry of the register concerns a component of this item and version; None when the version is not known."""
    if row["item"] and (pd.isna(item) or row["item"] != item):
        return False
    if not row["version"]:
        return True
    return None if pd.isna(version) else bool(row["version"] == version)


def _component(facts: Facts, fitting: Sequence[tuple[Row, bool | None]], history: list[Row], note: Note) -> Answer:
    """Whether the exclusion holds for one component, from the entries that fit it. What dates and owners settle comes first,
    so that nothing is asked that cannot change the result."""
    line = facts.rule.constant("legacy_line")
    entries = [row for row, fits in fitting if fits]
    after = [row for row in entries if row["maintained"] is not None and row["maintained"] > line]
    for row in entries:
        if row["made"] is not None and row["made"] > line:
            return False, f"made on {row['made']}, after the line for earlier subcomponents ({line})"
    for row in after:
        if _tied(facts, row):
            made = f"made on {row['made']}, but " if row["made"] else ""
            return False, (
                f"{made}altered on {row['maintained']}, after {line}, by {row['maintained_by']}, tied to a foreign adversary"
            )
    if any(fits is None for _, fits in fitting):
        return None, "its version"
    if any(row["made"] is None for row in entries):
        return None, "the date on which it was made"
    name = str(entries[0]["name"])

    def ask(id: str) -> bool | None:
        return answered(note(facts.ask(id, name, _shown(facts, name, history))), "yes")

    lost = _altered(facts, entries, after, ask)
    if lost is not None:
        return lost
    if not _on_the_line(facts, entries):
        return True, f"made before {line}, and not altered after it by an entity tied to a foreign adversary"
    # "Before" and "after" both leave this day out, so the text does not say on which side it falls.
    applies = ask("legacy_line_day")
    if applies is None:
        return None, f"whether work on the very day of the line ({line}) counts"
    return applies, (
        f"worked on at the very day of the line ({line}); the exclusion {'applies' if applies else 'is lost'} by the "
        "assessor's decision"
    )


def _altered(facts: Facts, entries: list[Row], after: list[Row], ask: Callable[[str], bool | None]) -> Answer | None:
    """Why the exclusion is lost or open by maintenance after the line; None where it is neither.

    An entry holds the last maintenance alone: a maintainer without any tie says nothing of those before it.
    """
    line = facts.rule.constant("legacy_line")
    silent = [row for row in entries if row["maintained"] is None]
    if not after:
        happened = ask("maintenance_happened") if silent else False
        if happened is None:
            return None, f"whether it was maintained or altered after {line}"
        if not happened:
            return None
    ties = {_tied(facts, row) for row in (*after, *silent)}
    names = named(dict.fromkeys(row["maintained_by"] or "an entity that is not named" for row in (*after, *silent)))
    if ties == {True}:
        # the last maintenance is after the line by the assessor's decision, and these did it
        return False, f"altered after {line}, by the assessor's decision, and {names} is tied to a foreign adversary"
    if ties == {False}:
        alone = ask("maintainer")
        if alone:
            return None
        if alone is None:
            return None, f"whether anybody besides {names} maintained it after {line}"
    tied = ask("legacy_maintenance")
    if tied:
        return False, f"altered after {line} by an entity tied to a foreign adversary (assessor's decision)"
    if tied is None:
        when = f", who maintained it on {after[0]['maintained']}," if len(after) == 1 and ties == {None} else ""
        return None, (
            f"whether {names}{when} is tied to a foreign adversary"
            if when
            else f"whether an entity tied to a foreign adversary altered it after {line}"
        )
    return None


def _on_the_line(facts: Facts, entries: list[Row]) -> bool:
    """Whether it was made on the very day of the line, or maintained on it by an entity that is, or may be, tied."""
    line = facts.rule.constant("legacy_line")
    return any(row["made"] == line or (row["maintained"] == line and _tied(facts, row) is not False) for row in entries)


def _tied(facts: Facts, row: Row) -> bool | None:
    """Whether the maintainer of an entry is tied to a foreign adversary by its ownership; None: not known, or not named."""
    owners = facts.of(supplier_ownership.named)
    same = owners[certain(owners["named"] == row["maintained_by"])] if row["maintained_by"] else owners.iloc[:0]
    return {"established": True, "excluded": False}.get(str(same["adversary"].iloc[0])) if len(same) else None


def _shown(facts: Facts, name: str, history: list[Row]) -> dict[str, Any]:
    """What the evidence says of a component's history, for every question about it: all entries under its name, what was
    delivered, in which countries its maintainers are listed, and what change log and interviews say."""
    listed = facts.of(_listed)
    return {
        "component": name,
        "line": str(facts.rule.constant("legacy_line")),
        "history": [
            {
                "item": row["item"],
                "version": row["version"],
                "made": str(row["made"] or "not stated"),
                "last maintained": str(row["maintained"] or "not stated"),
                "by": row["maintained_by"] or "not named",
                "evidence": str(ref(row)),
            }
            for row in history
        ],
        "maintainers": [
            f"{by} ({'; '.join(listed.get(by, ())) or 'in no list'})"
            for by in sorted({row["maintained_by"] for row in history if row["maintained_by"]})
        ],
        "delivered": facts.of(_delivered).get(name, [])[:SHOWN],
        "change log": [
            f"{row['change'] or 'no number'}: {row['description'] or row['kind'] or 'no words'}"
            for row in rows(facts.tables["changes"])
            if row["subject"] == name
        ],
        "interviews": said(facts, name),
    }


def _listed(facts: Facts) -> dict[str, list[str]]:
    """In which countries supplier list and ownership evidence place a name, as written there."""
    found: dict[str, dict[str, None]] = {}
    for table, column, words in (
        ("suppliers", "country", "address in the supplier list"),
        ("entities", "incorporated", "organised, by the ownership evidence"),
    ):
        for row in rows(facts.tables[table][["name", column]]):
            if row["name"] and row[column]:
                found.setdefault(row["name"], {})[f"{words}: {row[column]}"] = None
    return {name: list(told) for name, told in found.items()}


def _delivered(facts: Facts) -> dict[str, list[str]]:
    """Version, timestamp and digest of each delivered component that the register of earlier software names."""
    c = facts.tables["components"]
    told = c.loc[c["name"].isin(facts.tables["software_history"]["name"].dropna().unique())]
    found: dict[str, set[str]] = {}
    for row in rows(told[["name", "version", "timestamp", "hashes"]]):
        found.setdefault(row["name"], set()).add(
            f"version {row['version'] or 'not stated'}, {row['timestamp'] or 'no timestamp'}, {row['hashes'] or 'no digest'}"
        )
    return {name: sorted(versions) for name, versions in found.items()}
