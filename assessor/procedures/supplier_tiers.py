"""How far each supplier stands from the client, as the bills of materials and the ledger tell it (§791.315(d)(1)).

The tier is the number of sales between the client and the supplier: 1 sells to the client, 2 to a tier 1. It is read off the
bills: whoever supplies a part sells to whoever makes what it is a part of; a maker who is named beside the supplier sells to the
supplier. A flat bill shows no tiers beyond the first, and a part without a named supplier hides one, so a tier is the least that
the evidence allows.
"""

from __future__ import annotations

from typing import Any

from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts
from assessor.procedures.limbs import certain
from assessor.procedures.working import rows

CLIENT = 0
"""Tier of the client itself."""

_COLUMNS = ["component", "parent", "supplier", "manufacturer"]


def tiers(facts: Facts) -> dict[str, int]:
    """The least tier of each supplier that a bill or the ledger of hardware imports names, by canonical name."""
    found: dict[str, int] = {}
    resolutions = facts.of(supplier_ownership.resolutions)
    client = supplier_ownership.resolve(facts, facts.terms.client_name).name

    def sells(named: Any, above: tuple[str, int]) -> tuple[str, int]:
        """Who a name is and on which tier it stands, when it sells to who stands above; nobody named hides no tier."""
        name = resolutions[named].name if named in resolutions else ""
        if not name:
            return above
        at = above if name == above[0] else (name, CLIENT if name == client else above[1] + 1)
        found[name] = min(found.get(name, at[1]), at[1])
        return at

    parts = {row["component"]: row for row in rows(facts.tables["components"][_COLUMNS])}
    makers: dict[Any, tuple[str, int]] = {None: (client, CLIENT)}  # who makes a part, and on which tier
    for component in parts:
        path = []
        while component not in makers and component in parts:
            path.append(component)
            makers[component] = makers[None]  # a part that contains itself has nothing above it
            component = parts[component]["parent"]
        above = makers.get(component, makers[None])
        for one in reversed(path):
            above = sells(parts[one]["manufacturer"], sells(parts[one]["supplier"], above))
            makers[one] = above
    ledger = facts.tables["transactions"]
    for named in ledger.loc[certain(ledger["kind"] == "hardware_import"), "supplier"].dropna().unique():
        sells(named, makers[None])
    return found
