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
from assessor.procedures.limbs import Limb, all_of, certain, flags, impossible, looked_up, texts, worded
from assessor.results import Question

COVERED = "791.301 covered software"
FOREIGN = "791.301 foreign interest"
FIRMWARE = "791.301 covered software, firmware"
OPEN_SOURCE = "791.301 covered software, open source"
EARLIER = "791.301 covered software, earlier subcomponents"

Note = Callable[[Question], Question]


def determine(facts: Facts, parts: pd.DataFrame, enables: pd.Series, note: Note) -> pd.DataFrame:
    """Whether each software component is covered software: n rows of holds, clause, reason and missing.

    `enables` says for each component whether its item directly enables connectivity or automated driving. `note` receives
    every question.
    """
    index = parts.index
    primary = _primary(facts, parts, enables, note)
    foreign, unknown = _foreign(facts, parts)
    candidate = ~(impossible(enables) | impossible(primary) | impossible(foreign))
    open_source, shared = _open_source(facts, parts, candidate, note)
    legacy, legacy_words = exclusion(facts, parts, candidate & ~certain(open_source), note)
    firmware = _firmware(facts, parts, candidate & ~certain(open_source) & ~certain(legacy), note)

    because = np.full(
        len(parts), "has a foreign interest, is run by the primary processing unit, and no exclusion applies", object
    )
    for lost in (shared, legacy_words.where(impossible(legacy), None)):
        told = lost.notna().to_numpy()
        because[told] = lost.to_numpy(dtype=object)[told]
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
            Limb(EARLIER, ~legacy, no=legacy_words.fillna(""), missing=legacy_words.fillna("")),
        ],
        COVERED,
        texts(because, index),
    )


def _primary(facts: Facts, parts: pd.DataFrame, enables: pd.Series, note: Note) -> pd.Series:
    """The assessor's answer for each item whether its primary processing unit runs its software."""
    answers: dict[Any, bool | None] = {}
    counts = parts.loc[~impossible(enables), "item"].value_counts()
    for item in sorted(counts.index):
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
    of_supplier = looked_up(parts["supplier"], by_name)
    of_maker = looked_up(parts["manufacturer"], by_name)
    nobody = parts["supplier"].isna() & parts["manufacturer"].isna()
    foreign = (
        (of_supplier | of_maker)
        .mask(parts["supplier"].isna() & parts["manufacturer"].notna(), of_maker)
        .mask(parts["manufacturer"].isna() & parts["supplier"].notna(), of_supplier)
    )
    name = parts["supplier"].fillna(parts["manufacturer"])
    told = {key: f"who owns and controls {key}" for key in name.dropna().unique()}
    return foreign, worded(name, told).mask(nobody, "its supplier is not named").fillna("its supplier is not named")


def _open_source(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> tuple[pd.Series, pd.Series]:
    """Whether the open-source exclusion applies, and where it was lost, the words for that.

    The licence proposes. What the document says was modified is asked about: the exclusion ends where it was modified for
    proprietary purposes and not shared.
    """
    licensed = looked_up(parts["license_class"], {"open_source": True, "proprietary": False})
    doubtful = certain(licensed) & certain(parts["modified"])
    questions = _by_name(facts, parts, doubtful & candidate, "modified_not_shared", note)
    kept_back = {name: answered(question, "yes") for name, question in questions.items()}
    stays = looked_up(parts["name"], {name: None if held is None else not held for name, held in kept_back.items()})
    lost = {
        name: "open source modified for proprietary purposes and not shared, by the assessor's decision"
        for name, held in kept_back.items()
        if held
    }
    return licensed.mask(doubtful, stays), worded(parts["name"], lost).where(doubtful, None)


def _open_source_missing(parts: pd.DataFrame) -> pd.Series:
    unlicensed = parts["license_class"].isna() | certain(parts["license_class"] == "unknown")
    return texts(
        np.where(unlicensed, "its licence", "whether it was modified for proprietary purposes and not shared"),
        parts.index,
    )


def _firmware(facts: Facts, parts: pd.DataFrame, candidate: pd.Series, note: Note) -> pd.Series:
    """Whether the firmware exclusion applies: a document's word for it is a hint, and the assessor's answer decides."""
    hinted = certain(parts["firmware"])
    questions = _by_name(facts, parts, hinted & candidate, "firmware_primary_purpose", note)
    decided = looked_up(parts["name"], {name: answered(question, "yes") for name, question in questions.items()})
    return decided.where(hinted, flags([False], pd.RangeIndex(1)).iloc[0])


def _by_name(facts: Facts, parts: pd.DataFrame, rows: pd.Series, id: str, note: Note) -> Mapping[Any, Question]:
    """One question for each component name among the rows, showing what the documents say of it."""
    found: dict[Any, Question] = {}
    for name, same in parts[rows & parts["name"].notna()].groupby("name", sort=True):
        found[name] = note(
            facts.ask(
                id,
                str(name),
                {
                    "component": str(name),
                    "items": _values(same["item"]),
                    "versions": _values(same["version"]),
                    "suppliers": _values(same["supplier"]),
                    "types": _values(same["type"]),
                    "licences": _values(same["license"]),
                },
            )
        )
    return found


def _values(column: pd.Series) -> list[str]:
    return sorted({str(value) for value in column.dropna()})[:20]
