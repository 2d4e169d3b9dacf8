"""§791.304: the manufacturer that is itself tied to the PRC or Russia.

It may not knowingly sell connected vehicles with any VCS hardware or covered software, whoever made these, nor offer
commercial services with vehicles that incorporate an automated driving system; knowledge is a word of the sentence on sales
alone. Facts needed: the client's own ownership; only where a tie is established, or possible, its sales and services matter.
§791.308(c) exempts earlier model years.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures import exposure, knowledge, s301_scope, s308_exemptions, supplier_ownership
from assessor.procedures.exposure import SPAN
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.limbs import certain, looked_up
from assessor.procedures.working import Workings, counted, finding, finish, items_ref, named, terms_ref
from assessor.results import Determination, EvidenceRef, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.304"
TITLE = "Related prohibited transactions"
OPEN_REQUEST = "The client's own owners and controllers, complete up to the ultimate holders."


def run(facts: Facts) -> ProcedureResult:
    """Test the client's own ownership, and where it is tied its sales of connected vehicles and its services."""
    noted, t = Workings(), facts.tables["transactions"]
    entity = facts.terms.client.get("entity")
    verdict = facts.of(supplier_ownership.ownership).verdicts.get(str(entity)) if entity else None
    client = facts.terms.client_name
    places = _places(facts, str(entity) if entity else "")
    if verdict is None:
        noted.test(
            CLAUSE,
            client,
            Outcome.INCONCLUSIVE,
            "The client's own ownership is not in evidence.",
            (terms_ref("[client] entity"),),
        )
        noted.request(
            "client_ownership", OPEN_REQUEST, [client], CLAUSE, "whether the client is itself tied to the PRC or Russia"
        )
    elif verdict.prc_russia is Determination.EXCLUDED:
        noted.test(
            CLAUSE,
            client,
            Outcome.CONFORMS,
            (
                f"The client is not tied to the PRC or Russia, so that this section does not bind it: {verdict.reason.rstrip('.')}."
            ),
            places,
        )
    else:
        for id, subject, _ in verdict.questions:
            if question := facts.of(supplier_ownership.assessed).questions.get((id, subject)):
                noted.asked(question)
        _bound(facts, noted, verdict.prc_russia, str(verdict.reason).rstrip("."), places)
    return finish(
        noted,
        "s304_manufacturer",
        CLAUSE,
        TITLE,
        population=f"the client's own ownership, {counted(int(certain(t['kind'] == 'vehicle_sale').sum()), 'vehicle sale')}, "
        f"{counted(int(certain(t['kind'] == 'service').sum()), 'service')}",
        work_done=(
            "The client's own ownership and control were examined by all four limbs of the definition.",
            "Sales of connected vehicles and services with automated vehicles were examined where a tie is not excluded.",
        ),
        examined=examined(facts.tables["entities"], facts.tables["interests"], t, facts.tables["vehicles"]),
        limitations=()
        if verdict is None or verdict.prc_russia is Determination.EXCLUDED
        else ("Whether the client acted knowingly is not decided by this procedure.",),
    )


def related(facts: Facts) -> pd.DataFrame:
    """Which transactions §791.304 would prohibit to a tied manufacturer: transaction, sale, service (True, False or NA).

    `sale`: a sale of a completed connected vehicle with any VCS hardware or covered software, of no earlier model year.
    `service`: a commercial service with such a vehicle that incorporates an automated driving system, of no earlier model year. An
    authorization that is claimed leaves both open, since it must name this section to reach it (§791.307(l)(2)).
    """
    t = facts.tables["transactions"]
    scope = facts.of(s301_scope.components)
    inside = scope.loc[certain(scope["scope"] == "in_scope"), "item"].dropna().unique()
    doubtful = scope.loc[certain(scope["scope"] == "undetermined"), "item"].dropna().unique()
    holds = exposure.carried(facts, t["line"], inside, doubtful) & facts.of(exposure.moved)
    free = ~facts.of(s308_exemptions.transactions)["manufacturer_exempt"] & ~exposure.authorised(facts, None)
    automated, completed = (
        looked_up(t["line"], s301_scope.by_line(facts.of(table), answer))
        for table, answer in ((s301_scope.automated, "automated"), (s301_scope.completed, "completed"))
    )
    return pd.DataFrame(
        {
            "transaction": t["transaction"],
            "sale": facts.of(s301_scope.transactions)["is_sale"] & holds & free,
            "service": (t["kind"] == "service") & automated & completed & free,
        }
    )


def _bound(facts: Facts, noted: Workings, tie: Determination, reason: str, places: tuple[EvidenceRef, ...]) -> None:
    """A client that is, or may be, tied: its sales and its services."""
    t, found, client = facts.tables["transactions"], facts.of(related), facts.terms.client_name
    established = tie is Determination.ESTABLISHED
    if not established:
        noted.request(
            "client_ownership", OPEN_REQUEST, [client], CLAUSE, "whether the client is itself tied to the PRC or Russia"
        )
        noted.test(
            CLAUSE,
            client,
            Outcome.INCONCLUSIVE,
            f"A tie of the client to the PRC or Russia is possible: {reason}.",
            places,
        )
    for column, code, what, act in (
        (
            "sale",
            "related_sales",
            "sales of connected vehicles with VCS hardware or covered software",
            "knowingly sell such vehicles",
        ),
        (
            "service",
            "automated_services",
            "services with vehicles that incorporate an automated driving system",
            "offer such services",
        ),
    ):
        hit, unknown = t[certain(found[column])], t[found[column].isna()]
        if established and len(hit):
            cites = (*places, *evidence(hit, SPAN))
            noted.test(
                CLAUSE,
                f"{client}: {what}",
                Outcome.EXCEPTION,
                f"{counted(len(hit), 'transaction')} by a client that is itself tied.",
                cites,
            )
            known = f" {_knowledge(facts, noted, hit, tie, reason)}" if column == "sale" else ""
            noted.findings.append(
                finding(
                    code,
                    client,
                    [CLAUSE, "791.308(c)"],
                    f"{what[0].upper()}{what[1:]} by a manufacturer tied to the PRC or Russia",
                    criteria=f"A manufacturer tied to the PRC or Russia may not {act}, whoever made the hardware or software (§791.304).",
                    condition=(
                        f"The client's tie is established: {reason}. {counted(len(hit), 'transaction')} of "
                        f"{named(sorted(set(hit['line'].dropna())))}.{known}"
                    ),
                    effect=f"The transactions are prohibited{' if done knowingly' if known else ''}; only a specific authorization "
                    "could permit them.",
                    recommendations=(
                        Recommendation(
                            "Cease, and apply for a specific authorization (§791.307).",
                            "condition",
                            counted(len(hit), "transaction"),
                        ),
                    ),
                    severity="high",
                    evidence=cites,
                    transactions=hit["transaction"].dropna(),
                )
            )
        count = len(unknown) if established else len(hit) + len(unknown)
        if count:
            noted.test(
                CLAUSE,
                f"{client}: {what}",
                Outcome.INCONCLUSIVE,
                f"For {counted(count, 'transaction')} it is open whether they are prohibited.",
                (*places, *evidence(hit if len(hit) else unknown, 5)),
            )
        elif not len(hit):
            noted.test(
                CLAUSE, f"{client}: {what}", Outcome.NOT_APPLICABLE, "There is none that is not exempt.", items_ref(t)
            )


def _knowledge(facts: Facts, noted: Workings, sales: pd.DataFrame, tie: Determination, reason: str) -> str:
    """Ask whether the client sold knowingly, showing what it held about its own tie and when, and what the finding says of it."""
    dates, client = sales["date"].dropna(), facts.terms.client_name
    itself = exposure.Supplier(client, (), tie, "", False, reason, str(facts.terms.client.get("entity")))
    question = noted.asked(
        facts.ask(
            "knowingly",
            f"{client}, vehicle sales",
            {
                **knowledge.awareness(facts, itself),
                "sales": len(sales),
                "lines": sorted(set(sales["line"].dropna())),
                "first": str(dates.min()) if len(dates) else None,
                "last": str(dates.max()) if len(dates) else None,
            },
        )
    )
    if question.state == "answered":
        return f"The assessor's record on knowledge: {question.answer}."
    return "Whether it acted knowingly is not decided here."


def _places(facts: Facts, entity: str) -> tuple[EvidenceRef, ...]:
    entities, interests = facts.tables["entities"], facts.tables["interests"]
    return (
        terms_ref("[client] entity"),
        *evidence(entities[certain(entities["entity"] == entity)], SPAN),
        *evidence(interests[certain(interests["subject"] == entity)], SPAN),
    )
