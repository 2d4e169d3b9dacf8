"""§§791.310, 791.311: advisory opinions and "is-informed" notices. Has BIS told the client anything that binds it?

Nothing but the client can show that it received no notice, so its written representation is the evidence; notices published in
the Federal Register are outside the evidence package and are named as a limit.
"""

from __future__ import annotations

from assessor.procedures import authorization_scope
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.working import Workings, counted, finish, items_ref, named
from assessor.results import Outcome, ProcedureResult

CLAUSE = "791.311"
TITLE = "Is-informed notices and advisory opinions"
TOPICS = {
    "is-informed notices": ("791.311", "is_informed_notice", "an is-informed notice"),
    "advisory opinions": ("791.310(f)", "advisory_opinion", "an advisory opinion"),
}
"""Topics of the representation letter, with the clause, the code of the request and the matter in words."""


def run(facts: Facts) -> ProcedureResult:
    """Read the client's representation on each topic: a denial passes, silence is asked for, a disclosure is followed up."""
    w, client = Workings(), facts.terms.client_name
    for topic, (clause, code, matter) in TOPICS.items():
        told = authorization_scope.represented(facts, topic)
        denied = authorization_scope.denies(told)
        if denied:
            w.test(
                clause,
                client,
                Outcome.CONFORMS,
                f"The client represents in writing that it has not received {matter}: “{named(told['statement'])}”",
                evidence(told),
            )
            continue
        if denied is None:
            w.test(
                clause,
                client,
                Outcome.INCONCLUSIVE,
                f"The client has made no representation whether it received {matter}.",
                items_ref(facts.tables["representations"]),
            )
            w.request(
                code,
                f"A written representation whether the client has received {matter}",
                [client],
                clause,
                "whether a specific authorization is required, or an opinion relied on",
            )
            continue
        if topic == "is-informed notices":
            question = w.asked(facts.ask("is_informed_notice", client, {"statements": list(told["statement"])}))
            if answered(question, "no"):
                w.test(
                    clause,
                    client,
                    Outcome.CONFORMS,
                    f"The assessor finds that the client has not received {matter}.",
                    evidence(told),
                )
                continue
        w.test(
            clause,
            client,
            Outcome.INCONCLUSIVE,
            f"The client's representation does not deny {matter}: “{named(told['statement'])}”",
            evidence(told),
        )
        w.request(
            code,
            f"The text of {matter}, with what was submitted to BIS for it",
            [client],
            clause,
            "which activity requires a specific authorization, or whether the opinion still rests on accurate disclosures",
        )
    told = facts.tables["representations"]
    return finish(
        w,
        "s311_notices",
        CLAUSE,
        TITLE,
        population=f"{counted(len(told), 'representation')} of the client",
        work_done=("Read the client's written representation on is-informed notices and advisory opinions.",),
        examined=examined(told),
        limitations=(
            "Whether BIS has published a notice for a larger group in the Federal Register was not searched.",
        ),
    )
