"""§791.301 for hardware: which parts of an item are VCS hardware, by class of part, frequency and the item's function.

The words of a part's class propose; where the rule leaves it to a person, one question is put for each item and class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from assessor.procedures.facts import Facts
from assessor.procedures.limbs import Limb, all_of, certain, flags, texts
from assessor.results import Question

VCS = "791.301 vehicle connectivity system"
HARDWARE = "791.301 VCS hardware"
_BAND = re.compile(
    r"(?:[a-z][\w-]*\s+)?(?P<first>\d+(?:\.\d+)?)\s*(?:(?P<first_unit>[kmg])hz)?\s*"
    r"(?:-\s*(?P<last>\d+(?:\.\d+)?)\s*(?:(?P<last_unit>[kmg])hz)?)?"
)
_SCALE = {"k": Decimal("0.001"), "m": Decimal(1), "g": Decimal(1000)}
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
    """Whether each hardware part is VCS hardware: n rows of holds, clause, reason and missing.

    `enables` says for each part whether its item directly enables a connectivity system. `note` receives every question.
    """
    groups = [*facts.rule.data("hardware_parts"), UNCLASSIFIED]
    group = triage(groups, parts)
    over, unreadable = _frequency(facts, parts["frequency_mhz"])
    named_in = np.array([g["proposal"] == "in" for g in groups])[group]
    left_out = np.array([g["proposal"] == "out" for g in groups])[group]
    low = certain(~over).to_numpy() & ~unreadable
    possible = ~certain(~enables).to_numpy() & ~low & ~left_out
    # A frequency that cannot be read leaves open what the class alone would have settled.
    to_ask = possible & (~named_in | unreadable)

    answer = np.full(len(parts), None, dtype=object)
    answer[named_in & ~to_ask] = True
    answer[left_out] = False
    reasons = np.array([f"{g['group']}: {g['reason']}" for g in groups], dtype=object)[group]
    clauses = np.array([g["clause"] for g in groups], dtype=object)[group]
    missing = np.array([f"the assessor's answer on {g['group']}" for g in groups], dtype=object)[group]
    asked = parts.assign(_group=group)[to_ask]
    for (item, number), same in asked.groupby([asked["item"].fillna("unnamed item"), "_group"], sort=True):
        entry = groups[int(number)]
        question = note(_question(facts, str(item), entry, same))
        rows = parts.index.get_indexer(same.index)
        if question.state == "answered" and question.answer in ("yes", "no"):
            inside = (question.answer == "yes") != bool(_inverted(entry))
            answer[rows] = inside
            reasons[rows] = f"{entry['group']}: {'VCS hardware' if inside else 'left out'} by the assessor's decision"
    index = parts.index
    low_words = "its radio frequencies are not over " + f"{facts.rule.constant('frequency_mhz')} MHz"
    return all_of(
        [
            Limb(
                HARDWARE,
                enables,
                no="its item does not directly enable a connectivity system",
                missing="whether its item directly enables a connectivity system",
            ),
            Limb(VCS, flags(~low, index), no=low_words),
            Limb(texts(clauses, index), flags(answer, index), no=texts(reasons, index), missing=texts(missing, index)),
        ],
        HARDWARE,
        texts(reasons, index),
    )


def triage(groups: list[Mapping[str, Any]], parts: pd.DataFrame) -> np.ndarray[Any, Any]:
    """The number of each part's group: by the words of its class; where these say nothing, of its name, then of its
    description. The last group is for parts that no words fit."""
    found = np.full(len(parts), len(groups) - 1)
    for column in ("type", "name", "description"):
        open_rows = found == len(groups) - 1
        if not open_rows.any():
            break
        codes, distinct = pd.factorize(parts[column].to_numpy(dtype=object)[open_rows], use_na_sentinel=True)
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


def _frequency(facts: Facts, column: pd.Series) -> tuple[pd.Series, np.ndarray[Any, Any]]:
    """For each part whether any of its frequencies is over the limit (NA: none stated or unreadable), and whether what is
    stated cannot be read."""
    limit = facts.rule.constant("frequency_mhz")
    codes, distinct = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=True)
    over: list[bool | None] = []
    unreadable: list[bool] = []
    for text in distinct:
        stated = str(text).strip() not in ("", "-", "–", "n/a", "N/A", "none")
        bands = megahertz(str(text)) if stated else None
        over.append(None if bands is None else any(band > limit for band in bands))
        unreadable.append(stated and bands is None)
    answers = np.array([*over, None], dtype=object)[codes]
    return flags(answers, column.index), np.array([*unreadable, False])[codes]


def _question(facts: Facts, item: str, entry: Mapping[str, Any], parts: pd.DataFrame) -> Question:
    named = sorted({str(name) for name in parts["name"].dropna()})
    return facts.ask(
        entry.get("question", "vcs_hardware_part"),
        f"{item}: {entry['group']}",
        {
            "item": item,
            "class": entry["group"],
            "proposal": entry["proposal"],
            "reason": entry["reason"],
            "parts": len(parts),
            "names": named[:20],
            "frequencies": sorted({str(f) for f in parts["frequency_mhz"].dropna()})[:20],
        },
    )


def _inverted(entry: Mapping[str, Any]) -> bool:
    """Whether "yes" to the group's question leaves the parts out ("exclusively")."""
    return bool(entry.get("left_out", False))


def _pattern(words: list[str]) -> str:
    """Whole words, a plural s allowed; a word written `=pcb` fits only as the whole text."""
    inside = "|".join(re.escape(word.lower()) for word in words if not word.startswith("="))
    whole = "|".join(re.escape(word[1:].lower()) for word in words if word.startswith("="))
    return rf"(?:^|[^a-z0-9])(?:{inside})s?(?:$|[^a-z0-9])" + (rf"|^\s*(?:{whole})\s*$" if whole else "")
