"""§791.301 for transactions: what is an import and what is a sale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.limbs import Limb, all_of, certain, chosen, looked_up, missing
from assessor.results import Question

IMPORT = "791.301 import"
SALE = "791.301 sale"
_ZONE_FACTS = (
    "whether it was admitted to a foreign-trade zone",
    "for which purpose it was admitted to a foreign-trade zone",
    "whether its admission to a foreign-trade zone for such a purpose is import",
)


def transactions(facts: Facts) -> pd.DataFrame:
    """One row for each transaction: transaction, is_import, is_sale (True, False or NA), clause, reason, missing.

    §791.301: admission to a foreign-trade zone for storage pending assembly there or shipment abroad is not import, and
    whether admission for another purpose is one is asked; only the distribution of new completed vehicles for a price is
    sale, lease and transfer to a dealer or distributor included, which the ledger's kind `vehicle_sale` stands for.
    """
    t = facts.tables["transactions"]
    kind = t["kind"]
    arriving = (kind == "vehicle_import") | (kind == "hardware_import")
    question = facts.of(zone_question)
    entered = answered(question, "yes") if question else None
    of_other = None if entered is None else not entered
    left_out = looked_up(t["zone_purpose"], {"assembly": True, "export": True, "other": of_other})
    imported = all_of(
        [
            Limb(IMPORT, arriving, missing="kind of transaction"),
            Limb(
                IMPORT,
                ~(t["foreign_trade_zone"] & left_out),
                no="admitted to a foreign-trade zone and not entered",
                missing=chosen(
                    _ZONE_FACTS,
                    np.select([missing(t["foreign_trade_zone"]), missing(t["zone_purpose"])], [0, 1], 2),
                    t.index,
                ),
            ),
        ],
        IMPORT,
        "entered the customs territory",
    )
    sold = all_of(
        [
            Limb(SALE, kind == "vehicle_sale", missing="kind of transaction"),
            Limb(SALE, t["new_vehicle"], no="not a new completed vehicle", missing="whether the vehicle was new"),
        ],
        SALE,
        "a new completed vehicle was distributed for a price",
    )
    is_sale_row = (kind == "vehicle_sale").astype("boolean").fillna(False).astype(bool)
    neither = (~arriving & (kind != "vehicle_sale")).astype("boolean").fillna(False).astype(bool)
    words = imported["reason"].where(~is_sale_row, sold["reason"])
    return pd.DataFrame(
        {
            "transaction": t["transaction"],
            "is_import": imported["holds"],
            "is_sale": sold["holds"],
            "clause": imported["clause"].where(~is_sale_row, sold["clause"]),
            "reason": words.mask(neither, "neither import nor sale"),
            "missing": imported["missing"].where(~is_sale_row, sold["missing"]),
        }
    )


def zone_question(facts: Facts) -> Question | None:
    """Whether admission to a foreign-trade zone for a purpose that the definition does not name is import; None where
    there was none."""
    t = facts.tables["transactions"]
    admitted = t[certain(t["foreign_trade_zone"] & (t["zone_purpose"] == "other"))]
    if admitted.empty:
        return None
    shown = {"admissions": len(admitted), "examples": [str(place) for place in evidence(admitted, 10)]}
    return facts.ask("zone_admission", "admissions to a foreign-trade zone for another purpose", shown)
