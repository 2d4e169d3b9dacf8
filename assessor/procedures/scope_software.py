"""§791.301 for software: which components are covered software, and which exclusion takes one out.

All parts of the definition are needed: an item that directly enables connectivity or automated driving, execution by its
primary processing unit, and a foreign interest. Three exclusions follow: firmware, open source and earlier subcomponents.
An exclusion applies only where something in evidence speaks for it; an assessor is asked only where the answer decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts, answered
from assessor.procedures.legacy import exclusion
from assessor.procedures.limbs import (
    Limb,
    Mask,
    Sheet,
    all_of,
    certain,
    chosen,
    either,
    impossible,
    looked_up,
    missing,
    numbered,
    sure,
)
from assessor.results import Question

COVERED = "791.301 covered software"
FOREIGN = "791.301 foreign interest"
FIRMWARE = "791.301 covered software, firmware"
OPEN_SOURCE = "791.301 covered software, open source"
EARLIER = "791.301 covered software, earlier subcomponents"

COLUMNS = ("item", "name", "supplier", "manufacturer", "license_class", "firmware", "modified")
"""Columns of components that the limbs look at. What questions show besides is read where a question is put."""

Note = Callable[[Question], Question]


def determine(facts: Facts, parts: pd.DataFrame, enables: pd.Series, note: Note) -> pd.DataFrame:
    """Whether each software component is covered software: n rows of holds, clause, reason and missing, words coded.

    `parts` has `COLUMNS`, texts best coded, under the index of the table of components. `enables` says for each component
    whether its item directly enables connectivity or automated driving. `note` receives every question.
    """
    index = parts.index
    primary = _primary(facts, parts, enables, note)
    foreign, unknown = _foreign(facts, parts)
    candidate = ~(impossible(enables) | impossible(primary) | impossible(foreign))
    open_source, kept_back = _open_source(facts, parts, candidate, note)
    legacy, legacy_words = exclusion(facts, parts, candidate & ~certain(open_source), note)
    firmware = _firmware(facts, parts, candidate & ~certain(open_source) & ~certain(legacy), note)

    because = Sheet(len(parts))
    because.put(slice(None), "has a foreign interest, is run by the primary processing unit, and no exclusion applies")
    because.put(kept_back, "open source modified for proprietary purposes and not shared, by the assessor's decision")
    legacy_lost = sure(~legacy) & ~missing(legacy_words)
    because.put(legacy_lost, legacy_words[legacy_lost])
    return all_of(
        [
            Limb(
                COVERED,
                enables,
                no="its item does not directly enable connectivity or automated driving",
                missing="whether its item directly enables connectivity or automated driving",
            ),
            Limb(
                COVERED,
                primary,
                no="it is not run by the primary processing unit of its item",
                missing="whether it is run by the primary processing unit of its item",
            ),
            Limb(
                FOREIGN,
                foreign,
                no="no foreign interest in it: no person outside the U.S. has an interest in its supplier",
                missing=unknown,
            ),
            Limb(
                FIRMWARE,
                ~firmware,
                no="firmware, by the assessor's decision on its primary purpose",
                missing="the primary purpose of what is called firmware",
            ),
            Limb(
                OPEN_SOURCE,
                ~open_source,
                no="open source by its licence, and not modified and kept back",
                missing=_open_source_missing(parts),
            ),
            Limb(EARLIER, ~legacy, no=legacy_words, missing=legacy_words),
        ],
        COVERED,
        because.column(index, written=False),
        written=False,
    )


def _primary(facts: Facts, parts: pd.DataFrame, enables: pd.Series, note: Note) -> pd.Series:
    """The assessor's answer for each item whether its primary processing unit runs its software."""
    answers: dict[Any, bool | None] = {}
    numbers, items = numbered(parts["item"][~impossible(enables)])
    for item in sorted(items[number] for number in set(numbers.tolist()) - {-1}):
        question = note(facts.ask("primary_processing_unit", item, {"item": item}))
        answers[item] = answered(question, "yes")
    return looked_up(parts["item"], answers)


def _foreign(facts: Facts, parts: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whether a person outside the U.S. has an interest in the component, and what is missing where that is not known.

    It has one when its supplier has, or its manufacturer; it has none only when everyone named has none.
    """
    owners = facts.of(supplier_ownership.named)
    by_name = {
        name: None if pd.isna(foreign) else bool(foreign)
        for name, foreign in zip(owners["named"], owners["foreign_interest"], strict=True)
    }
    supplier, manufacturer = parts["supplier"], parts["manufacturer"]
    of_supplier, of_maker = looked_up(supplier, by_name), looked_up(manufacturer, by_name)
    foreign = either(missing(supplier), of_maker, either(missing(manufacturer), of_supplier, of_supplier | of_maker))
    unknown = Sheet(len(parts))
    unknown.put(slice(None), "its supplier is not named")
    for column in (manufacturer, supplier):
        named = ~missing(column)
        numbers, names = numbered(column[named])
        owners_of = [f"who owns and controls {name}" for name in names]
        unknown.put(named, chosen(owners_of, numbers, parts.index[named]))
    return foreign, unknown.column(parts.index, written=False)


def _open_source(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> tuple[pd.Series, Mask]:
    """Whether the open-source exclusion applies, and where it was lost by the assessor's decision.

    The licence proposes. What the document says was modified is asked about: the exclusion ends where it was modified for
    proprietary purposes and not shared.
    """
    licensed = looked_up(parts["license_class"], {"open_source": True, "proprietary": False})
    doubtful = certain(licensed) & certain(parts["modified"])
    questions = _by_name(facts, parts, doubtful & candidate, "modified_not_shared", note)
    kept_back = looked_up(parts["name"], {name: answered(question, "yes") for name, question in questions.items()})
    return either(doubtful, ~kept_back, licensed), doubtful.to_numpy() & sure(kept_back)


def _open_source_missing(parts: pd.DataFrame) -> pd.Series:
    unlicensed = missing(parts["license_class"]) | sure(looked_up(parts["license_class"], {"unknown": True}))
    words = ["its licence", "whether it was modified for proprietary purposes and not shared"]
    return chosen(words, np.where(unlicensed, 0, 1), parts.index)


def _firmware(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> pd.Series:
    """Whether the firmware exclusion applies: a document's word for it is a hint, and the assessor's answer decides."""
    hinted = certain(parts["firmware"])
    questions = _by_name(facts, parts, hinted & candidate, "firmware_primary_purpose", note)
    decided = looked_up(parts["name"], {name: answered(question, "yes") for name, question in questions.items()})
    return either(~hinted, False, decided)


def _by_name(facts: Facts, parts: pd.DataFrame, rows: pd.Series, id: str, note: Note) -> Mapping[Any, Question]:
    """One question for each component name among the rows, showing what the documents say of it."""
    shown = {"items": "item", "versions": "version", "suppliers": "supplier", "types": "type", "licences": "license"}
    table = facts.tables["components"].loc[parts.index[rows & parts["name"].notna()], ["name", *shown.values()]]
    told: dict[str, list[set[str]]] = {}
    for name, *values in zip(*(table[column].tolist() for column in table), strict=True):
        for value, there in zip(values, told.setdefault(name, [set() for _ in shown]), strict=True):
            if not pd.isna(value):
                there.add(str(value))
    return {
        name: note(
            facts.ask(
                id,
                name,
                {"component": name} | {key: sorted(there)[:20] for key, there in zip(shown, told[name], strict=True)},
            )
        )
        for name in sorted(told)
    }
