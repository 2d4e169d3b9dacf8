"""§791.310: advisory opinions. Does one exist, what was disclosed for it, and do these disclosures still hold?

An opinion can be relied on only as far as what was disclosed was, and stays, accurate and complete (f). What a request should
tell is encouraged and not prescribed (c): a point that it leaves out is no breach, it is a limit of the opinion. Whether the
disclosures still hold is asked, with what has changed since.
"""

from __future__ import annotations

from assessor.procedures import exposure
from assessor.procedures.authorization_scope import denies, represented
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.working import (
    Workings,
    counted,
    finding,
    finish,
    items_ref,
    named,
    plain,
    ref,
    refs,
    rows,
    split,
)
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.310"
TITLE = "Advisory opinions"
RELIANCE = "791.310(f)"
READ = ("opinions", "representations", "changes")

CONTENTS: dict[str, tuple[str, dict[str, str]]] = {
    "791.310(c)(1)": (
        "",
        {
            "submitter": "the submitter's name",
            "submitter_title": "title",
            "phone": "telephone",
            "email": "e-mail address",
        },
    ),
    "791.310(c)(2)": ("", {"address": "the submitter's complete address"}),
    "791.310(c)(3)": ("", {"parties": "the parties to the prospective transaction"}),
    "791.310(c)(4)": ("", {"articles": "hardware or software in technical detail"}),
    "791.310(c)(5)": ("connected_vehicle_manufacturer", {"make": "make", "model": "model", "trim": "trim level"}),
    "791.310(c)(6)": ("vcs_hardware_importer", {"system": "the system"}),
}
"""What a request is encouraged to tell: paragraph -> the role that it is written for (empty: any), and columns of `opinions`."""


def run(facts: Facts) -> ProcedureResult:
    """Test each request and opinion in evidence; where there is none, the client's word that there is none is looked for."""
    w, opinions = Workings(), rows(facts.tables["opinions"].sort_values("opinion"))
    for opinion in opinions:
        _contents(w, facts, opinion)
        _reliance(w, facts, opinion)
    if not opinions:
        _represented(w, facts)
    return finish(
        w,
        "s310_opinions",
        CLAUSE,
        TITLE,
        population=counted(len(opinions), "request or opinion", "requests and opinions"),
        work_done=(
            "Read the client's written representation on advisory opinions.",
            "Compared each request with the points that §791.310(c) encourages it to tell.",
            "Held what was disclosed against changes logged, and determinations made, since the opinion.",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=("Opinions that BIS has published for others (§791.310(g)) were not searched.",),
    )


def _contents(w: Workings, facts: Facts, opinion: Row) -> None:
    name, place = _name(opinion), (ref(opinion),)
    roles = facts.terms.client.get("roles", [])
    for clause, (role, columns) in CONTENTS.items():
        if role and role not in roles:
            continue
        absent = [words for column, words in columns.items() if not opinion[column]]
        if absent:
            told = f"The request as read does not tell {', '.join(absent)}; an opinion rests on what it was told."
            w.test(clause, name, Outcome.INCONCLUSIVE, told, place)
            w.request(
                "opinion_request",
                f"The complete request for {name}, as submitted to BIS",
                [name],
                "791.310(c)",
                "on which facts the opinion rests",
            )
        else:
            w.test(clause, name, Outcome.CONFORMS, f"The request tells {', '.join(columns.values())}.", place)


def _reliance(w: Workings, facts: Facts, opinion: Row) -> None:
    """(f): relied on only while the disclosures hold; an opinion that was not issued cannot be relied on."""
    name, place = _name(opinion), (ref(opinion),)
    if opinion["issued"] is None:
        told = "It was requested and, as far as the evidence shows, not issued; BIS may take longer or decline (§791.310(e), (h))."
        w.test(RELIANCE, name, Outcome.NOT_APPLICABLE, told, place)
        return
    # a change that nobody dated may have come since
    since = [
        change
        for change in rows(facts.tables["changes"])
        if (change["effective"] or change["discovered"] or opinion["issued"]) >= opinion["issued"]
    ]
    parties = {plain(party) for party in split(opinion["parties"])}
    ties = {
        supplier.name: f"{supplier.determination}: {supplier.reason}"
        for supplier in facts.of(exposure.suppliers).values()
        if parties & {plain(written) for written in (supplier.name, *supplier.written)}
    }
    shown = {
        "opinion": name,
        "issued": opinion["issued"],
        "answer": opinion["answer"],
        "parties as disclosed": split(opinion["parties"]),
        "articles as disclosed": opinion["articles"],
        "other disclosures": opinion["disclosed"],
        "ties of these parties to the PRC or Russia, as determined": ties,
        "changes logged since": [f"{c['change']}, {c['kind']}, {c['subject']}: {c['description']}" for c in since],
    }
    question = w.asked(facts.ask("opinion_disclosures", name, shown))
    holds = answered(question, "yes")
    w.test(
        RELIANCE,
        name,
        {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[holds],
        {
            True: f"The assessor finds that what was disclosed for the opinion of {opinion['issued']} is still accurate and complete.",
            False: f"The assessor does not find that what was disclosed for the opinion of {opinion['issued']} is still accurate and complete.",
            None: f"Whether what was disclosed for the opinion of {opinion['issued']} is still accurate and complete is asked.",
        }[holds],
        (*place, *refs(since)),
    )
    if holds is False:
        w.findings.append(_outdated(opinion, name, question.rationale, (*place, *refs(since))))


def _outdated(opinion: Row, name: str, rationale: str, places: tuple[EvidenceRef, ...]) -> Finding:
    return finding(
        "opinion_outdated",
        name,
        [RELIANCE],
        f"{name} can no longer be relied on as it stands",
        criteria="An advisory opinion can be relied on as far as what was disclosed for it was, and continues to be, accurate and complete.",
        condition=f"The opinion of {opinion['issued']} rests on disclosures that the assessor does not find accurate and complete. {rationale}".strip(),
        effect="Transactions that rest on the opinion stand on their own facts, without its protection.",
        severity="high",
        evidence=places,
        recommendations=[
            Recommendation(
                "Stop relying on the opinion for the facts that changed, and ask BIS anew with the facts as they are.",
                "condition",
                f"transactions for which {name} is relied on",
            ),
            Recommendation(
                "Check what was disclosed for each opinion whenever a supplier, its owners or an article changes.",
                "cause",
                "later changes",
            ),
        ],
    )


def _represented(w: Workings, facts: Facts) -> None:
    client, told = facts.terms.client_name, represented(facts, "advisory opinions")
    if denies(told):
        words = f"The client represents in writing that there is no advisory opinion: “{named(told['statement'])}”"
        w.test(RELIANCE, client, Outcome.CONFORMS, words, evidence(told))
        return
    if told.empty:
        words = "The client has made no representation whether it asked for, or received, an advisory opinion."
    else:
        words = f"The client's representation does not deny an advisory opinion: “{named(told['statement'])}”"
    w.test(RELIANCE, client, Outcome.INCONCLUSIVE, words, evidence(told) or items_ref(facts.tables["representations"]))
    w.request(
        "advisory_opinion",
        "A written representation whether the client asked for, or received, an advisory opinion, with each request and opinion",
        [client],
        RELIANCE,
        "whether an opinion is relied on and still rests on accurate disclosures",
    )


def _name(opinion: Row) -> str:
    return str(opinion["opinion"] or f"advisory opinion in {ref(opinion)}")
