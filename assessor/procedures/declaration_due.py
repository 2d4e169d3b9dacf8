"""Which transactions need a Declaration of Conformity, whenever it is due (§791.305(a))."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.procedures import (
    declaration_eligibility,
    exposure,
    s301_scope,
    s306_general_authorizations,
    s308_exemptions,
)
from assessor.procedures.facts import Facts
from assessor.procedures.limbs import looked_up
from assessor.procedures.working import rows, split

FLAG = pd.ArrowDtype(pa.bool_())


def due(facts: Facts) -> pd.DataFrame:
    """Which transactions need a declaration: rows aligned with `transactions`, its columns and, each True, False or NA,

    `software_due`: import or sale of a completed connected vehicle that carries covered software and is not exempt;
    `hardware_due`: import of VCS hardware, alone or in a vehicle, that is not exempt.

    Both are False where §791.305(l) leaves a line or an item without a declaration, and open while that is asked.
    Transactions for which a general authorization is claimed are left to §791.306 and are False in both.
    """
    t = facts.tables["transactions"].reset_index(drop=True)
    moves, exempt = (
        facts.of(f).reset_index(drop=True) for f in (s301_scope.transactions, s308_exemptions.transactions)
    )
    moved = facts.of(exposure.moved).reset_index(drop=True)
    general = set(facts.of(s306_general_authorizations.covered)["transaction"].dropna())
    unclaimed = ~t["transaction"].isin(general).astype(
        FLAG
    )  # membership in our own list: an id that is NA claims nothing
    connected = looked_up(t["line"], exposure.connected(facts))
    vehicle, hardware = t["kind"].str.startswith("vehicle"), t["kind"] == "hardware_import"
    carries = {m: _carried(facts, t["line"], m) for m in ("software", "hardware")}
    in_item = t["item"].map(
        {plain_item: bool(held) for plain_item, held in _relevant(facts, "hardware").items() if held is not None}
    )
    in_item = in_item.astype(FLAG)
    passive = facts.of(declaration_eligibility.exempt)
    free = {key: looked_up(t[key], passive).where(t[key].isin(list(passive)), False) for key in ("line", "item")}
    return t.assign(
        software_due=vehicle & moved & carries["software"] & ~exempt["software_exempt"] & unclaimed & ~free["line"],
        hardware_due=moves["is_import"]
        & ((hardware & in_item & ~free["item"]) | (vehicle & connected & carries["hardware"] & ~free["line"]))
        & ~exempt["hardware_exempt"]
        & unclaimed,
    )


def _relevant(facts: Facts, medium: str) -> dict[str, bool | None]:
    """Item to whether a component of it is in scope: False when all are out, None when that is open."""
    scoped = facts.of(s301_scope.components)
    scoped = scoped[(scoped["medium"] == medium).fillna(False)]
    found: dict[str, bool | None] = {}
    for item, scopes in scoped.groupby("item")["scope"]:
        present = set(scopes.dropna())
        found[str(item)] = True if "in_scope" in present else None if "undetermined" in present else False
    return found


def _carried(facts: Facts, lines: pd.Series[Any], medium: str) -> pd.Series[Any]:
    relevant = _relevant(facts, medium)
    known: dict[str, bool] = {}
    for vehicle in rows(facts.tables["vehicles"]):
        held = [relevant.get(item) for item in split(vehicle["items"])]
        if True in held or (held and None not in held):
            known[vehicle["line"]] = True in held
    return lines.map(known).astype(FLAG)
