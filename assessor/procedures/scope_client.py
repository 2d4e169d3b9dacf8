"""§791.301 for the client: is it a U.S. person in the roles that the terms give it, and which acts in evidence show these roles?

A manufacturer makes, imports or adds automated driving to completed connected vehicles for sale; an importer of VCS hardware
imports it for vehicles or within them. The terms say who the client is; ledger and vehicle sheet show what it did.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from assessor.ownership.persons import UNITED_STATES
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import TEXT, certain, looked_up
from assessor.procedures.working import Workings, counted, plain, plained, terms_ref
from assessor.results import Outcome

DECLARANT = "791.301 declarant"
MAKER = "connected_vehicle_manufacturer"
MANUFACTURER = "791.301 connected vehicle manufacturer"
IMPORTER = "791.301 VCS hardware importer"


@dataclass(frozen=True)
class Act:
    """A limb of a role: its clause, what the client does in it, and the rows that show it, True or NA a row of a table."""

    clause: str
    does: str
    table: pd.DataFrame
    shown: pd.Series


def acts(facts: Facts) -> dict[str, list[Act]]:
    """The limbs of each role, in the order of the definitions, with the rows of ledger or vehicle sheet that show them."""
    t, v = facts.tables["transactions"], facts.tables["vehicles"]
    sold = set(t.loc[certain(t["kind"] == "vehicle_sale"), "line"].dropna())
    for_sale = looked_up(v["line"], {line: line in sold for line in v["line"].dropna().unique()})
    at_home = looked_up(
        v["assembled_in"], {code: code in UNITED_STATES for code in v["assembled_in"].dropna().unique()}
    )
    client = plain(facts.terms.client_name)
    by_client = (plained(v["ads_integrated_by"].astype(TEXT)) == client) & v["ads"]
    return {
        MAKER: [
            Act(
                f"{MANUFACTURER} (1)",
                "makes or assembles vehicles in the United States for sale there",
                v,
                at_home & for_sale,
            ),
            Act(f"{MANUFACTURER} (2)", "imports vehicles", t, t["kind"] == "vehicle_import"),
            Act(
                f"{MANUFACTURER} (3)",
                "integrates automated-driving software in vehicles for sale",
                v,
                by_client & for_sale,
            ),
        ],
        "vcs_hardware_importer": [
            Act(f"{IMPORTER} (1)", "imports hardware for vehicles", t, t["kind"] == "hardware_import"),
            Act(f"{IMPORTER} (2)", "imports vehicles with hardware built in", t, t["kind"] == "vehicle_import"),
        ],
    }


def roles(w: Workings, facts: Facts) -> None:
    """Note a test on the client's status as a U.S. person, one for each role, and one for each limb that evidence shows."""
    client, name = facts.terms.client, facts.terms.client_name
    _us_person(w, client.get("us_person"), name)
    clauses = {MAKER: MANUFACTURER, "vcs_hardware_importer": IMPORTER}
    for role, limbs in facts.of(acts).items():
        words = role.replace("_", " ").replace("vcs", "VCS")
        stated = role in client.get("roles", [])
        seen = [act for act in limbs if certain(act.shown).any()]
        sales = certain(facts.tables["transactions"]["kind"] == "vehicle_sale").sum() if role == MAKER else 0
        if not stated and not seen and not sales:
            continue
        outcome = Outcome.CONFORMS if stated else Outcome.INCONCLUSIVE
        told = f"The terms {'name' if stated else 'do not name'} the client as {words}; "
        told += (
            f"the evidence shows that it {' and '.join(act.does for act in seen)}"
            if seen
            else "no transaction shows it"
        )
        w.test(clauses[role], f"{name}: {words}", outcome, told, (terms_ref("[client] roles"),))
        for act in seen:
            rows = act.table[certain(act.shown)]
            what = "transaction" if act.table is facts.tables["transactions"] else "vehicle line"
            told = f"{name} {act.does}: {counted(len(rows), what)}"
            w.test(act.clause, f"{name}: {words}", outcome, told, evidence(rows, 3))


def _us_person(w: Workings, status: bool | None, name: str) -> None:
    if status is True:
        told, outcome = "The terms name the client as a U.S. person", Outcome.CONFORMS
    elif status is False:
        told, outcome = (
            "The terms say that the client is no U.S. person; who acts for it as one is open",
            Outcome.INCONCLUSIVE,
        )
    else:
        told, outcome = "Nobody has said whether the client is a U.S. person", Outcome.INCONCLUSIVE
    w.test(DECLARANT, name, outcome, told, (terms_ref("[client] us_person"),))
    if status is None:
        w.request("us_person", f"Whether {name} is a U.S. person", [name], DECLARANT, "whether it can be a declarant")
