"""When declared articles lose their eligibility (§791.305(f)), and when none is declared because equity in a U.S. person is the
only foreign interest (§791.305(l))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from assessor.procedures import exposure, supplier_ownership, supplier_words
from assessor.procedures.declaration_changes import kept
from assessor.procedures.declaration_contents import Row, declared_lines
from assessor.procedures.facts import Facts, answered, evidence
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, cited, finding, items_ref, named, plain, ref, rows, split
from assessor.results import EvidenceRef, Outcome, Question, Recommendation

LOST, EXEMPT = "791.305(f)", "791.305(l)"
_DUTIES = {"ceased": "ceased the prohibited conduct", "applied": "applied for a specific authorization"}
"""Both are due within the same days of the determination: columns of `changes`, and what the client did, in words."""


def lost(facts: Facts) -> list[Row]:
    """The logged determinations that declared articles are no longer eligible, by number of the change."""
    table = facts.tables["changes"]
    return rows(table[table["ineligible"].notna()].sort_values("change"))


def last_day(facts: Facts, determined: date) -> date:
    """§791.305(f): the last day to cease and to apply after a determination."""
    return determined + timedelta(days=int(facts.rule.constant("eligibility_lost_days")))


def cessation(facts: Facts) -> Workings:
    """§791.305(f): within its days of the determination the client ceases and applies for a specific authorization.

    The paragraph sends to §791.307(m), which holds only grounds for a short duration; how to apply stands in §791.307(c), (d).
    """
    w, days = Workings(), int(facts.rule.constant("eligibility_lost_days"))
    for change in lost(facts):
        name, place, last = change["change"] or str(ref(change)), (ref(change),), last_day(facts, change["ineligible"])
        failed = []
        for column, did in _DUTIES.items():
            done = change[column]
            outcome = kept(facts, done, last)
            when = f"it {did} on {done}" if done else f"no record shows that it {did}"
            told = f"Determined on {change['ineligible']} that articles are no longer eligible; {when}; the last day is {last}."
            w.test(LOST, f"{name}: {column}", outcome, told, place)
            if outcome is Outcome.EXCEPTION:
                failed.append(when)
            elif outcome is Outcome.INCONCLUSIVE:
                w.request(
                    "eligibility_lost",
                    f"Records that show when the client {did} after {change['ineligible']}",
                    [name],
                    LOST,
                    f"whether it acted within {days} days",
                )
        if failed:
            w.findings.append(_not_ceased(change, name, days, last, failed))
    if not w.tests:
        w.test(
            LOST,
            facts.terms.client_name,
            Outcome.NOT_APPLICABLE,
            "No determination that declared articles are no longer eligible is in evidence.",
            items_ref(facts.tables["changes"]) or items_ref(facts.tables["declarations"]),
        )
    return w


def _not_ceased(change: Mapping[str, Any], name: str, days: int, last: date, failed: list[str]) -> Any:
    declaration = change["declaration"] or "not named"
    return finding(
        "eligibility_lost",
        name,
        [LOST, "791.307(c)", "791.307(d)"],
        f"{name}: articles no longer eligible were not dealt with in time",
        criteria=f"Within {days} days of determining that declared articles are no longer eligible the client ceases prohibited conduct "
        "and applies for a specific authorization.",
        condition=f"The client determined on {change['ineligible']} that articles under declaration {declaration} are no longer eligible. "
        f"By {last}: {'; '.join(failed)}.",
        effect="Transactions with these articles went on without declaration or authorization, or may have.",
        severity="high",
        evidence=(ref(change),),
        recommendations=[
            Recommendation(
                "Cease now, apply for a specific authorization, and list the transactions made since the determination.",
                "condition",
                f"transactions under declaration {declaration} since {change['ineligible']}",
            ),
            Recommendation(
                "Start the days of §791.305(f) in the compliance calendar with each such determination.",
                "cause",
                "later determinations",
            ),
        ],
    )


def exempt(facts: Facts) -> dict[str, bool | None]:
    """Vehicle line or hardware item -> whether §791.305(l) leaves its transactions without a declaration; None while asked.

    It is False where a
    supplier of an article in scope is no U.S. person or where a foreign interest in one is other than equity: the paragraph has
    no effect there. Otherwise a person answers, since equity may allow control.
    """
    return {
        name: False if reasons else answered(facts.of(questions)[name], "yes")
        for name, reasons in facts.of(_candidates).items()
    }


def questions(facts: Facts) -> dict[str, Question]:
    """`passive_equity` for each line or item for which the evidence does not rule the exemption out."""
    found = {}
    for name, reasons in facts.of(_candidates).items():
        if not reasons:
            told = {
                supplier.name: supplier_words.foreign(
                    facts,
                    supplier_ownership.ownership(facts).verdict(supplier.entity) if supplier.entity else None,
                    supplier.reason,
                    (),
                )
                for supplier in _behind(facts, name)
            }
            shown = {"suppliers and foreign interests in them": told, "what the evidence says": _trees(facts, name)}
            found[name] = facts.ask("passive_equity", name, shown)
    return found


def _candidates(facts: Facts) -> dict[str, list[str]]:
    """Each line or item to look at, with what rules the exemption out. What nobody claims is looked at only where no declaration
    describes it, and asked about only where its suppliers are known: an exemption needs something that speaks for it."""
    declarations = [d for d in rows(facts.tables["declarations"]) if d["kind"]]
    claimed = len(facts.of(claims)) > 0
    lines = {line for d in declarations if d["kind"] == "software" for line in declared_lines(facts, d)}
    items = {plain(item) for d in declarations if d["kind"] == "hardware" for item in split(d["items"])}
    articles = facts.of(exposure.articles)
    loose = articles.loc[certain(articles["medium"] == "hardware"), "item"].dropna().unique()
    names = [line for line in exposure.line_items(facts) if claimed or line not in lines]
    names += [str(item) for item in loose if claimed or plain(item) not in items]
    found = {}
    for name in sorted(names):
        behind = _behind(facts, name)
        if behind:
            found[name] = [why for supplier in behind if (why := _ruled_out(facts, supplier, claimed))]
    return found


def _behind(facts: Facts, name: str) -> list[exposure.Supplier]:
    """The suppliers of articles that are, or may be, in scope in a line or an item."""
    articles, by_name = facts.of(exposure.articles), facts.of(exposure.suppliers)
    items = exposure.line_items(facts).get(name) or (name,)
    names = sorted(articles.loc[articles["item"].isin(list(items)), "canonical"].dropna().unique())
    return [by_name[supplier] for supplier in names if supplier in by_name]


def _trees(facts: Facts, name: str) -> dict[str, dict[str, str]]:
    """By supplier the conditions of the paragraph: whether each holds, and why."""
    found = supplier_ownership.ownership(facts)
    return {
        supplier.name: {node.asked: f"{node.state}: {node.why}" for node in found.passive(supplier.entity).nodes}
        for supplier in _behind(facts, name)
        if supplier.entity
    }


def trees(facts: Facts) -> list[dict[str, Any]]:
    """The conditions of §791.305(l) for each supplier of a line or item that is looked at, one row each."""
    found = supplier_ownership.ownership(facts)
    return [
        {
            "name": name,
            "supplier": supplier.name,
            "condition": node.asked,
            "state": node.state,
            "reason": node.why,
            "evidence": cited(node.evidence),
        }
        for name in facts.of(_candidates)
        for supplier in _behind(facts, name)
        if supplier.entity
        for node in found.passive(supplier.entity).nodes
    ]


def _ruled_out(facts: Facts, supplier: exposure.Supplier, claimed: bool) -> str:
    """Why a supplier alone rules the exemption out; empty where it does not, or where a claim stands and nothing is known."""
    if supplier.entity is None:
        return "" if claimed else f"nobody claims it, and who owns {supplier.name} is not known"
    return named(list(supplier_ownership.ownership(facts).passive(supplier.entity).ruled_out))


def claims(facts: Facts) -> pd.DataFrame:
    """The client's representations that claim the exemption."""
    told = facts.tables["representations"]
    words = told["topic"].fillna("") + " " + told["statement"].fillna("")
    pattern = r"791\.305\(l\)|passive equity|only foreign interest"
    return told[certain(words.str.contains(pattern, case=False, regex=True))]


def passive_equity(facts: Facts) -> Workings:
    """§791.305(l): one test for each line or item that the exemption might reach; it changes nothing about ties to the PRC or
    Russia."""
    w, told = Workings(), facts.of(claims)
    places: tuple[EvidenceRef, ...] = evidence(told) or items_ref(facts.tables["entities"], facts.tables["components"])
    w.questions += facts.of(questions).values()
    for name, reasons in facts.of(_candidates).items():
        holds = facts.of(exempt)[name]
        outcome = {True: Outcome.CONFORMS, False: Outcome.NOT_APPLICABLE, None: Outcome.INCONCLUSIVE}[holds]
        if reasons:
            why = f"The exemption does not reach {name}: {named(reasons, 3)}."
        else:
            why = {
                True: f"The assessor finds that equity in U.S. persons is the only foreign interest in {name}; no declaration is required.",
                False: f"The assessor does not find that equity in U.S. persons is the only foreign interest in {name}.",
                None: f"Whether equity in U.S. persons is the only foreign interest in {name} is asked.",
            }[holds]
        w.test(EXEMPT, name, outcome, why, places)
    if not w.tests:
        w.test(
            EXEMPT,
            "passive equity",
            Outcome.NOT_APPLICABLE,
            "The client's representations do not claim this exemption, and declarations describe every item in evidence.",
            items_ref(facts.tables["representations"]) or items_ref(facts.tables["declarations"]),
        )
    return w
