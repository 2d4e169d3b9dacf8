"""§791.301 for the client: is it a U.S. person in the roles that the terms give it, and does the ledger show these roles?

A manufacturer makes, imports or adds automated driving to completed connected vehicles for sale; an importer of VCS hardware
imports it for vehicles or within them. The terms say who the client is; the ledger shows what it did.
"""

from __future__ import annotations

from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted, terms_ref
from assessor.results import Outcome

DECLARANT = "791.301 declarant"
ROLES = {
    "connected_vehicle_manufacturer": ("791.301 connected vehicle manufacturer", ("vehicle_import", "vehicle_sale")),
    "vcs_hardware_importer": ("791.301 VCS hardware importer", ("hardware_import", "vehicle_import")),
}
"""Role -> its clause, and the kinds of transaction that show it."""


def roles(w: Workings, facts: Facts) -> None:
    """Note a test on the client's status as a U.S. person, and one for each role."""
    client, name = facts.terms.client, facts.terms.client_name
    status = client.get("us_person")
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
    transactions = facts.tables["transactions"]
    for role, (clause, kinds) in ROLES.items():
        acts = transactions[certain(transactions["kind"] == kinds[0]) | certain(transactions["kind"] == kinds[1])]
        words = role.replace("_", " ").replace("vcs", "VCS")
        stated = role in client.get("roles", [])
        if not stated and not len(acts):
            continue
        seen = (
            f"{counted(len(acts), 'transaction')} of the ledger belong to it"
            if len(acts)
            else "no transaction shows it"
        )
        outcome = Outcome.CONFORMS if stated else Outcome.INCONCLUSIVE
        told = f"The terms {'name' if stated else 'do not name'} the client as {words}; {seen}"
        w.test(clause, f"{name}: {words}", outcome, told, (*evidence(acts, 3), terms_ref("[client] roles")))
