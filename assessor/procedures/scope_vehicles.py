"""§791.301 for vehicles and transactions: what is a connected vehicle, an import and a sale."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pandas as pd

from assessor.procedures.facts import Facts
from assessor.procedures.limbs import Limb, all_of, flags, texts
from assessor.procedures.working import rows

CONNECTED = "791.301 connected vehicle"
IMPORT = "791.301 import"
SALE = "791.301 sale"


def vehicles(facts: Facts) -> pd.DataFrame:
    """One row for each row of `vehicles`: line, connected (True, False or NA), clause, reason, missing, source, locator.

    §791.301: not only on rails, primarily for public roads, at most 4,536 kg or 10,000 lb gross vehicle weight rating, and
    wireless. The weight is compared in the unit in which it was supplied: 4,536 kg are slightly more than 10,000 lb, so
    that a conversion would flip the answer at the limit.
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
    return pd.DataFrame(
        {
            "line": v["line"],
            "connected": told["holds"],
            "clause": told["clause"],
            "reason": told["reason"],
            "missing": told["missing"],
            "source": v["source"],
            "locator": v["locator"],
        }
    )


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


def transactions(facts: Facts) -> pd.DataFrame:
    """One row for each transaction: transaction, is_import, is_sale (True, False or NA), clause, reason, missing.

    §791.301: admission to a foreign-trade zone for storage pending assembly there or shipment abroad is not import; only
    the distribution of new completed vehicles is sale, lease and transfer to a dealer included.
    """
    t = facts.tables["transactions"]
    kind = t["kind"]
    arriving = (kind == "vehicle_import") | (kind == "hardware_import")
    imported = all_of(
        [
            Limb(IMPORT, arriving, missing="kind of transaction"),
            Limb(
                IMPORT,
                ~t["foreign_trade_zone"],
                no="admitted to a foreign-trade zone and not entered",
                missing="whether it was admitted to a foreign-trade zone",
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
