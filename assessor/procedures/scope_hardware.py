"""§791.301 for hardware: which parts of an item are VCS hardware, by class of part, frequency and the item's function.

The definition has two phrases. Parts of an item that directly enables a connectivity system are in by the second, and the
words of a part's class propose; where the rule leaves it to a person, one question is put for each item and class. By the
first, parts of another item are in when they directly enable such a system and are directly connected to it: where the terms
say to what an item is connected, whether that is directly is asked, and then its parts, class by class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from assessor.procedures.facts import Facts, answered
from assessor.procedures.limbs import (
    Limb,
    Mask,
    Numbers,
    Sheet,
    all_of,
    chosen,
    either,
    flags,
    looked_up,
    numbered,
    sure,
)
from assessor.procedures.working import said
from assessor.results import Question

VCS = "791.301 vehicle connectivity system"
HARDWARE = "791.301 VCS hardware"
_BAND = re.compile(
    r"(?:[a-z][\w-]*\s+)?(?P<first>\d+(?:\.\d+)?)\s*(?:(?P<first_unit>[kmg])hz)?\s*"
    r"(?:-\s*(?P<last>\d+(?:\.\d+)?)\s*(?:(?P<last_unit>[kmg])hz)?)?"
)
_SCALE = {"k": Decimal("0.001"), "m": Decimal(1), "g": Decimal(1000)}
SHOWN = 20
"""How many names and frequencies of a class a question shows."""
COLUMNS = ("item", "name", "type", "description", "frequency_mhz")
"""Columns of components that the limbs look at."""
NOT_REACHED = (
    "its item does not directly enable a connectivity system",
    "its item does not directly enable a connectivity system and is, by the assessor's decision, not directly connected to one",
)
REACH_OPEN = (
    "whether its item directly enables a connectivity system",
    "whether its item is directly connected to a connectivity system",
)
UNCLASSIFIED: Mapping[str, Any] = {
    "group": "part of a class that the rule does not name",
    "proposal": "ask",
    "clause": HARDWARE,
    "question": "vcs_hardware_part",
    "reason": "the words of its class match no entry of the rule's list",
}


def determine(
    facts: Facts, parts: pd.DataFrame, enables: pd.Series, note: Callable[[Question], Question]
) -> pd.DataFrame:
    """Whether each hardware part is VCS hardware: n rows of holds, clause, reason and missing, words coded.

    `enables` says for each part whether its item directly enables a connectivity system. `note` receives every question.
    """
    groups = [*facts.rule.data("hardware_parts"), UNCLASSIFIED]
    group = triage(groups, parts)
    over, unreadable = _frequency(facts, parts["frequency_mhz"])
    named_in = np.array([g["proposal"] == "in" for g in groups])[group]
    left_out = np.array([g["proposal"] == "out" for g in groups])[group]
    low = sure(~over) & ~unreadable
    index = parts.index
    wired, connected = _connected(facts, parts, groups, group, sure(~enables) & ~low & ~left_out, note)
    reached = either(wired, connected, enables)
    unsettled = wired & connected.isna().to_numpy(dtype=bool)
    possible = ~sure(~reached) & ~unsettled & ~low & ~left_out
    # A frequency that cannot be read leaves open what the class alone would have settled, and so does another item: the
    # rule's list of parts is of those that directly enable a connectivity system.
    to_ask = possible & (~named_in | unreadable | wired)

    answer = np.full(len(parts), None, dtype=object)
    answer[(named_in | unsettled) & ~to_ask] = True
    answer[left_out] = False
    clauses = chosen([*(g["clause"] for g in groups), HARDWARE], np.where(wired & ~left_out, len(groups), group), index)
    missing = chosen([f"the assessor's answer on {g['group']}" for g in groups], group, index)
    reasons = Sheet(len(parts))
    reasons.put(slice(None), chosen([f"{g['group']}: {g['reason']}" for g in groups], group, index))
    names, frequencies = parts["name"].tolist(), parts["frequency_mhz"].tolist()
    for (item, number), places in _alike(parts["item"], group, to_ask):
        entry = _of_another_item(groups[number]) if wired[places[0]] else groups[number]
        shown = [_values(column[place] for place in places) for column in (names, frequencies)]
        question = note(_question(facts, item, entry, len(places), *shown))
        if question.state == "answered" and question.answer in ("yes", "no"):
            inside = (question.answer == "yes") != bool(_inverted(entry))
            answer[places] = inside
            reasons.put(
                np.array(places),
                f"{entry['group']}: {'VCS hardware' if inside else 'left out'} by the assessor's decision",
            )
    why = reasons.column(index, written=False)
    low_words = "its radio frequencies are not over " + f"{facts.rule.constant('frequency_mhz')} MHz"
    return all_of(
        [
            Limb(
                HARDWARE,
                reached,
                no=chosen(NOT_REACHED, wired.astype(np.int32), index),
                missing=chosen(REACH_OPEN, wired.astype(np.int32), index),
            ),
            Limb(VCS, flags(~low, index), no=low_words),
            Limb(clauses, flags(answer, index), no=why, missing=missing),
        ],
        HARDWARE,
        why,
        written=False,
    )


def _connected(
    facts: Facts,
    parts: pd.DataFrame,
    groups: list[Mapping[str, Any]],
    group: Numbers,
    concerned: Mask,
    note: Callable[[Question], Question],
) -> tuple[Mask, pd.Series]:
    """Which parts are of an item that the terms say is connected to a connectivity system, and whether it is so directly.

    Asked once for an item, among whose `concerned` parts (not left out, in an item that does not itself directly enable such
    a system) one may be VCS hardware.
    """
    to = {told["name"]: told["connected_to"] for told in facts.terms.items if told.get("connected_to")}
    if not to:
        return np.zeros(len(parts), dtype=bool), flags(np.full(len(parts), None), parts.index)
    asked = {name: other for name, other in to.items() if (concerned & sure(parts["item"] == name)).any()}
    answers: dict[str, bool | None] = {}
    for item, other in sorted(asked.items()):
        of_item = np.flatnonzero(concerned & sure(parts["item"] == item))
        classes: dict[str, list[Any]] = {}
        for place in of_item.tolist():
            classes.setdefault(str(groups[group[place]]["group"]), []).append(parts["name"].iloc[place])
        shown = {
            "item": item,
            "connected to": other,
            "parts": {name: _values(names)[:SHOWN] for name, names in sorted(classes.items())},
            "interviews": said(facts, item),
        }
        answers[item] = answered(note(facts.ask("directly_connected", item, shown)), "yes")
    return sure(looked_up(parts["item"], dict.fromkeys(answers, True))), looked_up(parts["item"], answers)


def _of_another_item(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The group as it is asked about in an item that is only connected to a connectivity system: its class settles nothing."""
    return {
        "group": entry["group"],
        "proposal": "ask",
        "clause": HARDWARE,
        "question": "vcs_hardware_part",
        "reason": "its item is directly connected to a connectivity system and does not itself directly enable one",
    }


def _alike(items: pd.Series, group: Numbers, to_ask: Mask) -> list[tuple[tuple[str, int], list[int]]]:
    """The places of the parts to ask about, by item and number of their group, in that order."""
    numbers, names = numbered(items[to_ask])
    names = [*names, "unnamed item"]  # at -1
    found: dict[tuple[str, int], list[int]] = {}
    for item, kind, place in zip(
        numbers.tolist(), group[to_ask].tolist(), np.flatnonzero(to_ask).tolist(), strict=True
    ):
        found.setdefault((names[item], kind), []).append(place)
    return sorted(found.items())


def triage(groups: list[Mapping[str, Any]], parts: pd.DataFrame) -> Numbers:
    """The number of each part's group: by the words of its class; where these say nothing, of its name, then of its
    description. The last group is for parts that no words fit."""
    found = np.full(len(parts), len(groups) - 1)
    for column in ("type", "name", "description"):
        open_rows = found == len(groups) - 1
        if not open_rows.any():
            break
        codes, distinct = numbered(parts[column][open_rows])
        words = pd.Series(distinct, dtype="string[pyarrow]").str.lower()
        best = np.full(len(words) + 1, len(groups) - 1)
        for number in reversed(range(len(groups) - 1)):
            hit = words.str.contains(_pattern(groups[number]["words"]), regex=True).fillna(False).to_numpy(dtype=bool)
            best[:-1][hit] = number
        found[open_rows] = best[codes]
    return found


def megahertz(text: str) -> list[Decimal] | None:
    """All frequencies named in a text, in MHz; a number without unit is MHz, and a unit at the end of a range is that of both
    ends. None when a part of it cannot be read: `433,92` and `2,400` mean different things to different people."""
    told = text.casefold().replace("–", "-").replace("—", "-").replace(" to ", "-")
    found: list[Decimal] = []
    for band in re.split(r"[;/|+]|,\s|\band\b", told):
        band = band.strip()
        if not band:
            continue
        match = _BAND.fullmatch(band)
        if match is None:
            return None
        last = match["last_unit"] or match["first_unit"] or "m"
        ends = [(match["first"], match["first_unit"] or last), (match["last"], last)]
        found += [Decimal(number) * _SCALE[unit] for number, unit in ends if number]
    return found or None


def _frequency(facts: Facts, column: pd.Series) -> tuple[pd.Series, Mask]:
    """For each part whether any of its frequencies is over the limit (NA: none stated or unreadable), and whether what is
    stated cannot be read."""
    limit = facts.rule.constant("frequency_mhz")
    codes, distinct = numbered(column)
    over: list[bool | None] = []
    unreadable: list[bool] = []
    for text in distinct:
        stated = text.strip() not in ("", "-", "–", "n/a", "N/A", "none")
        bands = megahertz(text) if stated else None
        over.append(None if bands is None else any(band > limit for band in bands))
        unreadable.append(stated and bands is None)
    answers = np.array([*over, None], dtype=object)[codes]
    return flags(answers, column.index), np.array([*unreadable, False])[codes]


def _question(
    facts: Facts, item: str, entry: Mapping[str, Any], parts: int, names: list[str], frequencies: list[str]
) -> Question:
    return facts.ask(
        entry.get("question", "vcs_hardware_part"),
        f"{item}: {entry['group']}",
        {
            "item": item,
            "class": entry["group"],
            "proposal": entry.get("leans", entry["proposal"]),
            "reason": entry["reason"],
            "parts": parts,
            "names": names[:SHOWN],
            "frequencies": frequencies[:SHOWN],
        },
    )


def _values(column: Iterable[Any]) -> list[str]:
    return sorted({str(value) for value in column if not pd.isna(value)})


def _inverted(entry: Mapping[str, Any]) -> bool:
    """Whether "yes" to the group's question leaves the parts out ("exclusively")."""
    return bool(entry.get("left_out", False))


def _pattern(words: list[str]) -> str:
    """Whole words, a plural s allowed; a word written `=pcb` fits only as the whole text."""
    inside = "|".join(re.escape(word.lower()) for word in words if not word.startswith("="))
    whole = "|".join(re.escape(word[1:].lower()) for word in words if word.startswith("="))
    return rf"(?:^|[^a-z0-9])(?:{inside})s?(?:$|[^a-z0-9])" + (rf"|^\s*(?:{whole})\s*$" if whole else "")
