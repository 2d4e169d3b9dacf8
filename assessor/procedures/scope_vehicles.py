"""§791.301 for vehicles: what is a connected vehicle, whether it is completed, and whether it drives itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from assessor.procedures.facts import Facts, answered
from assessor.procedures.limbs import Limb, all_of, flags, looked_up, texts
from assessor.procedures.working import rows
from assessor.results import Question

CONNECTED = "791.301 connected vehicle"
COMPLETED = "791.301 completed connected vehicle"
AUTOMATED = "791.301 automated driving system"


def vehicles(facts: Facts) -> pd.DataFrame:
    """One row for each row of `vehicles`: line, connected (True, False or NA), clause, reason, missing, source, locator.

    §791.301: driven or drawn by mechanical power, not only on rails, primarily for public roads, at most 4,536 kg or
    10,000 lb gross vehicle weight rating, and wireless. The weight is compared in the unit in which it was supplied:
    4,536 kg are slightly more than 10,000 lb, so that a conversion would flip the answer at the limit.
    """
    v = facts.tables["vehicles"]
    light, weight = [], []
    for row in rows(v):
        holds, words = within_weight(facts, row["gvwr"], row["gvwr_unit"])
        light.append(holds)
        weight.append(words)
    told = all_of(
        [
            Limb(
                CONNECTED,
                looked_up(v["power"], {"driven": True, "drawn": True, "neither": False}),
                no="it is neither driven nor drawn by mechanical power",
                missing="whether mechanical power drives or draws it",
            ),
            Limb(
                CONNECTED,
                ~v["rail_only"],
                no="it is operated only on a rail line",
                missing="whether it runs only on rails",
            ),
            Limb(
                CONNECTED,
                flags(light, v.index),
                no=texts(weight, v.index),
                missing="gross vehicle weight rating in pounds or kilograms",
            ),
            Limb(
                CONNECTED,
                v["public_roads"],
                no="it is not manufactured primarily for public roads",
                missing="whether it is manufactured primarily for public roads",
            ),
            Limb(
                CONNECTED,
                v["wireless"],
                no="it communicates with no other network or device by wireless",
                missing="whether it communicates by wireless",
            ),
        ],
        CONNECTED,
        texts([f"for public roads, wireless, {words}" for words in weight], v.index),
    )
    return _lined(v, "connected", told)


def completed(facts: Facts) -> pd.DataFrame:
    """One row for each row of `vehicles`, told like `vehicles`: is it a completed connected vehicle?

    §791.301: a connected vehicle that needs no further manufacturing operation for its intended function; integrating an
    automated driving system is such an operation.
    """
    v, connected = facts.tables["vehicles"], facts.of(vehicles)
    told = all_of(
        [
            Limb(CONNECTED, connected["connected"], no=connected["reason"], missing=connected["missing"]),
            Limb(
                COMPLETED,
                ~v["further_manufacturing"],
                no="manufacturing operations are still needed, among which integrating an automated driving system counts",
                missing="whether it needs further manufacturing, such as integrating an automated driving system",
            ),
        ],
        COMPLETED,
        "a connected vehicle that needs no further manufacturing",
    )
    return _lined(v, "completed", told)


def automated(facts: Facts) -> pd.DataFrame:
    """One row for each row of `vehicles`, told like `vehicles`: does it incorporate an automated driving system?

    §791.301: hardware and software that together can perform the entire dynamic driving task, and do so on a sustained
    basis, whatever the operational design domain. Both facts decide. Where one is not known, the client's word that none is
    integrated settles it and its word that one is does not: that, and a word that the facts contradict, is asked.
    """
    v = facts.tables["vehicles"]
    asked = facts.of(automation_questions)
    told = [_automation(row, asked.get(row["line"])) for row in rows(v)]
    words = texts([reason for _, reason in told], v.index)
    lacking = "whether it can perform the entire dynamic driving task, and on a sustained basis"
    limb = Limb(AUTOMATED, flags([holds for holds, _ in told], v.index), no=words, missing=lacking)
    return _lined(v, "automated", all_of([limb], AUTOMATED, words))


def automation_questions(facts: Facts) -> dict[str, Question]:
    """`automated_driving_system` for each vehicle line whose sheet claims one without the facts, or against them."""
    shown = ("line", "items", "ads", "driving_task", "sustained", "ads_integrated_by")
    return {
        row["line"]: facts.ask("automated_driving_system", row["line"], {key: row[key] for key in shown})
        for row in rows(facts.tables["vehicles"])
        if row["line"] and _contested(row["ads"], _performs(row))
    }


def _contested(claimed: bool | None, performs: bool | None) -> bool:
    """Whether the client's word stands against the facts, or claims what they leave open."""
    return claimed is not None and claimed is not performs and bool(claimed or performs)


def _performs(row: Mapping[str, Any]) -> bool | None:
    """Whether it performs the entire dynamic driving task on a sustained basis, as far as the facts tell."""
    told = (row["driving_task"], row["sustained"])
    return False if False in told else None if None in told else True


def _automation(row: Mapping[str, Any], question: Question | None) -> tuple[bool | None, str]:
    if question is not None:
        decided = answered(question, "yes")
        return decided, f"it incorporates {'one' if decided else 'none'}, by the assessor's decision"
    performs = _performs(row)
    if performs is None and row["ads"] is False:
        return False, "none is integrated, by the client's vehicle sheet"
    can = "performs" if performs else "cannot perform"
    return performs, f"it {can} the entire dynamic driving task on a sustained basis"


def within_weight(facts: Facts, gvwr: Any, unit: Any) -> tuple[bool | None, str]:
    """Whether a weight rating is at most the limit in its own unit, with words; None when it cannot be read."""
    number = whole_number(gvwr)
    if number is None or unit not in ("lb", "kg"):
        return None, "gross vehicle weight rating unknown"
    limit = facts.rule.constant(f"gvwr_{unit}")
    return number <= limit, (
        f"gross vehicle weight rating {number:,} {unit}, {'not more' if number <= limit else 'more'} than {limit:,} {unit}"
    )


def whole_number(text: Any) -> Decimal | None:
    """A number as written, with or without commas between thousands; None where the writing leaves doubt (`4.536`)."""
    told = str(text).strip() if text is not None and text is not pd.NA else ""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", told):
        return Decimal(told.replace(",", ""))
    if re.fullmatch(r"\d+(\.\d+)?", told) and not re.fullmatch(r"\d{1,3}\.\d{3}", told):
        return Decimal(told)
    return None


def _lined(v: pd.DataFrame, answer: str, told: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "line": v["line"],
            answer: told["holds"],
            "clause": told["clause"],
            "reason": told["reason"],
            "missing": told["missing"],
            "source": v["source"],
            "locator": v["locator"],
        }
    )
