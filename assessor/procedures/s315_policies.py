"""§791.315(d)(3): how effective are the client's corporate policies? First their design, then whether controls operated.

Design: the elements that a policy for this rule needs (rule data `policy_elements`) are searched for by words; the machine shows
passages and their places, and a person says whether they provide for the element. Operation: controls that leave traces in data
are tested on their whole population, not on a sample. Effectiveness as a whole is asked.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from assessor.ownership.names import Party, directory, find
from assessor.procedures import policy_fieldwork
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.working import (
    Workings,
    cited,
    counted,
    finding,
    finish,
    items_ref,
    named,
    plain,
    refs,
    rows,
    split,
)
from assessor.results import EvidenceRef, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.315(d)(3)"
TITLE = "Effectiveness of corporate policies"
READ = ("policies", "suppliers", "screening", "attestations", "interviews", "site_visits")
SCREENING, ATTESTED = "supplier screening before onboarding", "supplier attestations in force"
_SHOWN = 5  # passages shown to the assessor for one element


def run(facts: Facts) -> ProcedureResult:
    """Test design and operation, and ask for the effectiveness of the whole."""
    w = Workings()
    designed, elements = design(facts)
    w.add(designed)
    controls = []
    for control in (screening_before_onboarding, attestations_in_force):
        part, row = control(facts)
        w.add(part)
        controls.append(row)
    patterns = {name: words(element["any"]) for name, element in facts.rule.data("policy_elements").items()}
    noted, fieldwork = policy_fieldwork.fieldwork(facts, patterns)
    w.add(noted)
    w.add(_whole(facts, elements, controls, fieldwork))
    tables = facts.tables
    return finish(
        w,
        "s315_policies",
        CLAUSE,
        TITLE,
        population=f"{counted(tables['policies']['document'].nunique(), 'policy document')} with {counted(len(tables['policies']), 'paragraph')}, "
        f"{counted(len(elements), 'policy element')}, {counted(len(controls), 'control')}",
        work_done=(
            "Searched every paragraph of the policies for each element that a policy for this rule needs, and put the passages to the assessor.",
            "Compared the onboarding date of every supplier taken on in the period with its screenings, by name and alias.",
            "Read for every supplier attestation whether it was in force at the end of the period.",
            "Looked in interviews and site visits for statements that bear on the controls tested, and asked of each what it shows.",
        ),
        examined=examined(*(tables[name] for name in READ)),
        limitations=(
            "Controls that leave no trace in the data supplied were read in the policies and not tested in operation.",
        ),
        tables={"elements": elements, "controls": controls, "fieldwork": fieldwork},
    )


def passages(facts: Facts, element: dict[str, Any]) -> pd.DataFrame:
    """Paragraphs of `policies` that hold one of the element's words (`any`) and, where it has them, one of `with`."""
    text = facts.tables["policies"]["text"].fillna("").str.casefold()
    found = text.str.contains(words(element["any"]), regex=True)
    if element.get("with"):
        found &= text.str.contains(words(element["with"]), regex=True)
    return facts.tables["policies"][found.astype(bool)]


def words(listed: list[str]) -> str:
    """A regular expression for texts in which one of the words or word groups stands; small letters."""
    return r"(?:^|\W)(?:" + "|".join(re.escape(word.casefold()) for word in listed) + r")(?:\W|$)"


def design(facts: Facts) -> tuple[Workings, list[dict[str, Any]]]:
    """Each policy element: found, confirmed, or neither; and the rows of the report's table.

    What was searched for and not found may stand in other words, so the answer "no" makes a finding and silence does not.
    """
    w = Workings()
    table: list[dict[str, Any]] = []
    policies = facts.tables["policies"]
    if policies.empty:
        w.test(CLAUSE, "policies", Outcome.INCONCLUSIVE, "No policy document could be read.", ())
        w.request(
            "policies",
            "The corporate policies on compliance with this rule",
            ["policies"],
            CLAUSE,
            "how effective they are",
        )
        return w, table
    for name, element in facts.rule.data("policy_elements").items():
        found = passages(facts, element)
        shown = rows(found.head(_SHOWN))
        question = w.asked(
            facts.ask(
                "policy_element",
                name,
                {
                    "why": element["why"],
                    "passages found": len(found),
                    "passages": [{"document": p["document"], "place": p["locator"], "text": p["text"]} for p in shown],
                },
            )
        )
        answer, places = answered(question, "yes"), refs(shown) or items_ref(policies)
        seen = f"{counted(len(found), 'passage')} found" if len(found) else "No passage was found by its words"
        w.test(
            element["clause"].split(" ")[0],
            name,
            {True: Outcome.CONFORMS, False: Outcome.EXCEPTION, None: Outcome.INCONCLUSIVE}[answer],
            {
                True: f"{seen}; the assessor finds that the policies provide for it.",
                False: f"{seen}; the assessor finds that the policies do not provide for it.",
                None: f"{seen}; whether the policies provide for it is asked.",
            }[answer],
            places,
        )
        if answer is False:
            w.findings.append(_not_provided(name, element, seen, question.rationale, places))
        table.append(
            {
                "element": name,
                "clause": element["clause"],
                "document": "; ".join(sorted({p["document"] or p["source"] for p in shown})) or "none",
                "place": cited(refs(shown)),
                "found": f"{len(found)}",
                "confirmed": {True: "yes", False: "no", None: "open"}[answer],
            }
        )
    return w, table


def _not_provided(
    name: str, element: dict[str, Any], seen: str, rationale: str, places: tuple[EvidenceRef, ...]
) -> Any:
    return finding(
        "element_missing",
        name,
        [CLAUSE, element["clause"].split(" ")[0]],
        f"The policies do not provide for {name}",
        criteria=element["why"],
        condition=f"{seen} in the policies supplied. {rationale}".strip(),
        effect="Staff have no instruction for this duty, and whether it is met depends on chance.",
        severity="medium",
        evidence=places,
        recommendations=[
            Recommendation(
                f"Add a provision on {name}: who acts, on what occasion, by when, and what is recorded.",
                "cause",
                f"all transactions to which §{element['clause'].split(' ')[0]} applies",
            )
        ],
    )


def screening_before_onboarding(facts: Facts) -> tuple[Workings, dict[str, Any]]:
    """Every supplier taken on in the period was screened on or before its first order.

    Screenings are matched by exact name or listed alias. A similar name in the extract leaves a supplier open; none at all, in
    an extract that is there, is a screening that did not happen as far as the client's own record goes.
    """
    terms, suppliers, extract = facts.terms, facts.tables["suppliers"], facts.tables["screening"]
    taken_on = suppliers[
        ((suppliers["onboarded"] >= terms.period_from) & (suppliers["onboarded"] <= terms.period_to)).fillna(False)
    ]
    undated = suppliers[suppliers["onboarded"].isna()]
    index = directory(
        Party(str(n), s["name"], tuple(split(s["aliases"]))) for n, s in enumerate(rows(suppliers)) if s["name"]
    )
    at = rows(suppliers)
    by_supplier: dict[str, list[dict[str, Any]]] = {}
    near: dict[str, list[dict[str, Any]]] = {}
    for entry in rows(extract[extract["subject"].notna()]):
        match = find(index, entry["subject"])
        keys = [match.key] if match.key else []
        for key in keys:
            by_supplier.setdefault(plain(at[int(key)]["name"]), []).append(entry)
        for candidate in () if match.key else match.candidates:
            near.setdefault(plain(at[int(candidate.key)]["name"]), []).append(entry)
    failed, open_, kept = [], [], []
    for supplier in rows(taken_on):
        own, alike = by_supplier.get(plain(supplier["name"]), []), near.get(plain(supplier["name"]), [])
        dates = [e["date"] for e in own if e["date"]]
        if any(d <= supplier["onboarded"] for d in dates):
            kept.append((supplier, own))
        elif alike or any(e["date"] is None for e in own):
            open_.append((supplier, own + alike))
        else:
            told = f"first screened on {min(dates)}" if dates else "never screened"
            failed.append((supplier, own, f"{supplier['name']} (first order {supplier['onboarded']}, {told})"))
    places = refs([r for supplier, own, _ in failed for r in (supplier, *own)]) or refs(
        [r for s, own in kept[:5] for r in (s, *own)]
    )
    if extract.empty and len(taken_on):
        failed, open_ = [], [(s, []) for s in rows(taken_on)]
    w, row = _control(
        facts,
        SCREENING,
        len(taken_on),
        failed=[words for *_, words in failed],
        open_=[s["name"] for s, _ in open_],
        places=places,
        passing="screened on or before the first order",
        about=r"screen|onboard",
        terms_of="the client's procedure is to screen a supplier before its first order",
        mend="Screen the suppliers named now and review what was ordered from them before.",
        cause_mend="Block the first order in purchasing until a screening is on file.",
        concerned="transactions with articles of the suppliers named",
        request="The screening records of",
        population=taken_on,
    )
    if len(undated):
        w.request(
            "onboarding_dates",
            f"The date of the first order of {counted(len(undated), 'supplier')}",
            sorted(str(n) for n in undated["name"].dropna())[:50],
            CLAUSE,
            "whether they were onboarded in the period and screened before",
        )
        w.test(
            CLAUSE,
            f"{SCREENING}: suppliers without a date",
            Outcome.INCONCLUSIVE,
            f"{counted(len(undated), 'supplier')} without a date of the first order.",
            evidence(undated, 20),
        )
    return w, row


def attestations_in_force(facts: Facts) -> tuple[Workings, dict[str, Any]]:
    """Every supplier that has attested has an attestation in force on the last day of the period; a later one replaces one that
    expired. Validity to that day itself is enough."""
    end, failed, open_, kept, places = facts.terms.period_to, [], [], [], []
    held: dict[str, list[dict[str, Any]]] = {}
    for a in rows(facts.tables["attestations"]):
        held.setdefault(a["supplier"] or f"supplier not named ({a['source']})", []).append(a)
    for supplier, own in sorted(held.items()):
        if any(a["valid_until"] and a["valid_until"] >= end and (not a["signed"] or a["signed"] <= end) for a in own):
            kept += own
        elif any(a["valid_until"] is None for a in own):
            open_.append(supplier)
        else:
            last = max((a["valid_until"] for a in own if not a["signed"] or a["signed"] <= end), default=None)
            failed.append(f"{supplier} ({f'expired on {last}' if last else 'signed only after the period'})")
            places += own
    return _control(
        facts,
        ATTESTED,
        len(held),
        failed=failed,
        open_=open_,
        places=refs(places) or refs(kept),
        passing="in force at the end of the period",
        about=r"attest",
        terms_of="supplier attestations are kept in force",
        mend="Obtain current attestations from the suppliers named.",
        cause_mend="Renew attestations by a calendar that runs ahead of their expiry.",
        concerned="transactions with articles of the suppliers named",
        request="Current attestations of",
        population=facts.tables["attestations"],
    )


def _control(
    facts: Facts,
    name: str,
    tested: int,
    *,
    failed: list[str],
    open_: list[str],
    places: tuple[EvidenceRef, ...],
    passing: str,
    about: str,
    terms_of: str,
    mend: str,
    cause_mend: str,
    concerned: str,
    request: str,
    population: pd.DataFrame,
) -> tuple[Workings, dict[str, Any]]:
    """A control tested on its whole population: exceptions outweigh open points, open points a pass."""
    w, heard = Workings(), corroboration(facts, about)
    if failed:
        outcome, reason = Outcome.EXCEPTION, f"{len(failed)} of {tested} not {passing}: {'; '.join(failed)}."
        w.findings.append(
            finding(
                "control_not_operating",
                name,
                [CLAUSE],
                f"Control did not operate: {name}",
                criteria=f"A control is effective when it operates each time: {terms_of}.",
                condition=reason,
                effect="Ties to the PRC or Russia may enter the supply chain, or remain in it, unseen.",
                severity="medium",
                evidence=(*places, *heard),
                recommendations=[
                    Recommendation(mend, "condition", concerned),
                    Recommendation(cause_mend, "cause", "later transactions"),
                ],
            )
        )
    elif open_:
        outcome, reason = Outcome.INCONCLUSIVE, f"It cannot be told whether {named(open_)} of {tested} were {passing}."
    elif tested:
        outcome, reason = Outcome.CONFORMS, f"All {tested} were {passing}."
    else:
        outcome, reason = (
            Outcome.NOT_APPLICABLE,
            "Nothing in evidence on which the control could have operated in the period.",
        )
    if open_:
        w.request("control_evidence", f"{request} {named(open_, 20)}", [name], CLAUSE, "whether the control operated")
    used = (*places, *heard) or items_ref(population)
    w.test(CLAUSE, name, outcome, reason, used)
    return w, {
        "control": name,
        "population": tested,
        "tested": tested - len(open_),
        "exceptions": len(failed),
        "outcome": str(outcome),
        "evidence": cited(used[:8]),
    }


def corroboration(facts: Facts, about: str) -> tuple[EvidenceRef, ...]:
    """Where interviews and site visits speak of a matter (a regular expression)."""
    found: list[EvidenceRef] = []
    for name, column in (("interviews", "statement"), ("site_visits", "text")):
        table = facts.tables[name]
        found += evidence(table[table[column].fillna("").str.contains(about, case=False, regex=True).astype(bool)], 5)
    return tuple(found)


def _whole(
    facts: Facts, elements: list[dict[str, Any]], controls: list[dict[str, Any]], fieldwork: list[dict[str, Any]]
) -> Workings:
    """Effectiveness of the programme: asked with the results of design, operation and fieldwork in view."""
    w, client = Workings(), facts.terms.client_name
    question = w.asked(
        facts.ask(
            "policy_effectiveness",
            client,
            {
                "elements": {row["element"]: row["confirmed"] for row in elements},
                "controls": {
                    row["control"]: {key: row[key] for key in ("population", "exceptions", "outcome")}
                    for row in controls
                },
                "interviews and site visits": {row["fieldwork"]: row["outcome"] for row in fieldwork},
            },
        )
    )
    settled = question.answer if question.state == "answered" else ""
    w.test(
        CLAUSE,
        client,
        {"yes": Outcome.CONFORMS, "partly": Outcome.EXCEPTION, "no": Outcome.EXCEPTION}.get(
            settled, Outcome.INCONCLUSIVE
        ),
        {
            "yes": "The assessor finds the compliance programme effective.",
            "partly": f"The assessor finds the compliance programme effective in part. {question.rationale}",
            "no": f"The assessor does not find the compliance programme effective. {question.rationale}",
        }.get(settled, "Whether the compliance programme as a whole is effective is asked."),
        items_ref(facts.tables["policies"]),
    )
    if settled == "no":
        w.findings.append(
            finding(
                "programme_not_effective",
                client,
                [CLAUSE],
                "The compliance programme is not effective",
                criteria="Corporate policies keep the client in compliance with this rule.",
                condition=question.rationale or "As the assessor found.",
                effect="Compliance depends on single persons and on chance.",
                severity="high",
                evidence=items_ref(facts.tables["policies"]),
                recommendations=[
                    Recommendation(
                        "Renew the programme from the elements and controls that failed.", "cause", "all transactions"
                    )
                ],
            )
        )
    return w
