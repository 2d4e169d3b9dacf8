"""Whether the evidence bears out what a Declaration of Conformity certifies: no tie to the PRC or Russia
(§791.305(a)(1)(iv), (a)(2)(iii)), and documentation of every proprietary addition (§791.305(a)(2)(iv))."""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.evidence.four_fields import FOUR_FIELDS, gaps
from assessor.procedures import exposure, s301_scope, s307_specific_authorizations
from assessor.procedures.declaration_contents import CLAUSES, Row, declares
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.limbs import worded
from assessor.procedures.working import (
    Workings,
    cited,
    counted,
    finding,
    items_ref,
    named,
    plain,
    ref,
    rows,
    split,
    unread,
)
from assessor.results import Outcome, Recommendation


def exposures(facts: Facts) -> pd.DataFrame:
    """`exposure.articles` with `prc_russia`, the determination about the supplier or manufacturer (NA: nobody is named)."""
    articles = facts.of(exposure.articles)
    about = {name: str(supplier.determination) for name, supplier in exposure.suppliers(facts).items()}
    return articles.assign(prc_russia=worded(articles["canonical"], about))


def certification(facts: Facts, declaration: Row) -> Workings:
    """§791.305(a)(1)(iv), (a)(2)(iii): the certification is of a fact, whatever the declarant knew and whether or not single
    transactions are exempt or authorised. A component in scope from an established supplier contradicts it."""
    w, name, kind = Workings(), declaration["declaration"], declaration["kind"]
    clause, place, items = CLAUSES[kind]["no_nexus"], (ref(declaration),), split(declaration["items"])
    if declaration["certifies_no_nexus"] is None and unread(facts, declaration):
        return w  # that the part read holds no certification is told with the contents
    if not declaration["certifies_no_nexus"]:
        w.test(
            clause,
            name,
            Outcome.NOT_APPLICABLE,
            "The declaration holds no certification that could be contradicted.",
            place,
        )
        return w
    everything = facts.of(s301_scope.components)
    described = {
        item
        for item in everything.loc[(everything["medium"] == kind).fillna(False), "item"].dropna()
        if declares(item, items)
    }
    undescribed = [item for item in items if plain(item) not in {plain(d) for d in described}]
    exposed = facts.of(exposures)
    exposed = exposed[(exposed["medium"] == kind).fillna(False) & exposed["item"].isin(sorted(described))]
    in_scope = (exposed["scope"] == "in_scope").fillna(False)
    hit = exposed[in_scope & (exposed["prc_russia"] == "established").fillna(False)]
    cleared = (exposed["prc_russia"] == "excluded").fillna(False)
    unsure = exposed[~cleared & ~exposed.index.isin(hit.index)]
    if len(hit):
        suppliers = _by_supplier(hit)
        authorised = _authorised(facts, suppliers)
        condition = (
            f"{name} certifies without qualification. In its items the following are in scope and come from suppliers with an established tie: "
            + "; ".join(f"{supplier} ({', '.join(parts)})" for supplier, parts in suppliers.items())
            + "."
        )
        if authorised:
            condition += (
                f" {named(authorised)} is named in a specific authorization, which permits transactions and does not make an "
                "unqualified certification true."
            )
        if declaration["submitted"]:
            condition += f" The certification was made on {declaration['submitted']}."
        w.test(
            clause,
            name,
            Outcome.EXCEPTION,
            f"Contradicted by {counted(len(hit), 'component')} of {named(suppliers)}.",
            (*place, *evidence(hit)),
        )
        w.findings.append(
            finding(
                "certification_contradicted",
                name,
                [clause],
                f"{name} certifies what the evidence contradicts",
                criteria="The declaration certifies, without any qualifier of knowledge, that the articles described were not designed, "
                "developed, manufactured or supplied by persons tied to the PRC or Russia.",
                condition=condition,
                effect="The certification made to the U.S. Government is not accurate; it is made under 18 U.S.C. 1001.",
                recommendations=[
                    Recommendation(
                        "Correct the declaration by a revised one, and cease what is no longer eligible (§791.305(f), (g)(3)).",
                        "condition",
                        f"all transactions made under {name}",
                    ),
                    Recommendation(
                        "Release no certification before the owners of every supplier of a relevant component are known.",
                        "cause",
                        "future declarations",
                    ),
                ],
                severity="high",
                evidence=(*place, *evidence(hit)),
            )
        )
    elif len(unsure) or undescribed:
        why = []
        if len(unsure):
            why.append(
                f"{counted(len(unsure), 'component')} whose scope or supplier is not settled ({named(_by_supplier(unsure))})"
            )
        if undescribed:
            why.append(f"no bill of materials for {named(undescribed)}")
            w.request(
                "components",
                "A bill of materials, or other documents that identify components and suppliers",
                undescribed,
                clause,
                "whether the certification holds for these items",
            )
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            f"The certification can be neither borne out nor contradicted: {'; '.join(why)}.",
            (*place, *evidence(unsure)),
        )
    elif described:
        w.test(
            clause,
            name,
            Outcome.CONFORMS,
            f"None of the {counted(len(exposed), 'component')} in scope of {named(sorted(described))} comes from a supplier with a tie.",
            (*place, *items_ref(everything[everything["item"].isin(sorted(described))])),
        )
    else:
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            "The declaration names no items, so that no components can be held against it.",
            place,
        )
        w.request(
            "declared_items", "Which items the declaration describes", [name], clause, "what the certification covers"
        )
    return w


def _by_supplier(components: pd.DataFrame) -> dict[str, list[str]]:
    """Supplier to the names of its components, sorted."""
    names = components["canonical"].fillna(components["supplier"]).fillna("supplier not named")
    return {
        str(supplier): sorted({str(c) for c in group["name"].dropna()})
        for supplier, group in components.groupby(names, sort=True)
    }


def _authorised(facts: Facts, suppliers: dict[str, list[str]]) -> list[str]:
    covered = facts.of(s307_specific_authorizations.covered)
    told = {plain(s) for listed in covered["suppliers"].dropna().unique() for s in split(listed)}
    return [s for s in suppliers if plain(s) in told]


def _additions(facts: Facts, item: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The components of a software item but for its root; those that are proprietary; those whose licence does not tell."""
    parts = facts.tables["components"]
    parts = parts[
        (parts["medium"] == "software").fillna(False)
        & (parts["item"] == item).fillna(False)
        & (parts["level"] != 0).fillna(True)
    ]
    proprietary = parts[(parts["license_class"] == "proprietary").fillna(False)]
    return parts, proprietary, parts[(parts["license_class"] == "unknown").fillna(True)]


def coverage(facts: Facts, item: str) -> list[dict[str, Any]]:
    """How many components of a software item state each of the four fields: a row for those that are proprietary and one for
    those of unknown licence, where there are any."""
    _, *classes = _additions(facts, item)
    found = []
    for name, parts in zip(("proprietary", "unknown"), classes, strict=True):
        if len(parts):
            stated = ~gaps(parts)
            found.append(
                {"item": item, "license": name, "components": len(parts)}
                | {column: int(stated[column].sum()) for column in FOUR_FIELDS}
                | {"complete": int(stated.all(axis=1).sum()), "evidence": cited(items_ref(parts))}
            )
    return found


def four_fields(facts: Facts, item: str) -> Workings:
    """§791.305(a)(2)(iv) for one software item: which proprietary additions lack author, timestamp, name or supplier.

    Every proprietary component counts, whatever its own scope, except the root that stands for the item itself. A tool is
    never an author, and the author of the document is not taken for that of a component: the rule does not say which of the
    two it means, so both are counted.
    """
    w, clause = Workings(), CLAUSES["software"]["diligence"]
    parts, proprietary, unknown = _additions(facts, item)
    lacking, open_ = gaps(proprietary), gaps(unknown)
    total, complete = len(proprietary), len(proprietary) - int(lacking.any(axis=1).sum())
    counts = ", ".join(f"{words} {total - int(lacking[column].sum())}" for column, words in FOUR_FIELDS.items())
    told = f"Of {counted(total, 'proprietary addition')} {complete} have all four fields ({counts})"
    if lacking.any(axis=None):
        hit = proprietary[lacking.any(axis=1)]
        listed = [
            f"{name or 'unnamed component'} (no {', '.join(words for column, words in FOUR_FIELDS.items() if lacks[column])})"
            for name, (_, lacks) in zip(
                (r["name"] for r in rows(hit)), lacking[lacking.any(axis=1)].iterrows(), strict=True
            )
        ]
        by_document = int((lacking["author"] & proprietary["document_author"].notna()).sum())
        condition = f"{told}. Lacking: {'; '.join(listed)}."
        if by_document:
            condition += (
                f" For {by_document} of them the document names its own author; the rule does not say whether the author of the "
                "component or of the document is meant."
            )
        w.test(
            clause,
            item,
            Outcome.EXCEPTION,
            f"{told}; {counted(len(hit), 'component')} lack at least one.",
            evidence(hit),
        )
        w.findings.append(
            finding(
                "four_fields_missing",
                item,
                [clause],
                f"Documentation of {item} does not identify all proprietary additions",
                criteria="The documentation identifies at least author name, timestamp, component name and supplier name of all proprietary "
                "additions to the covered software.",
                condition=condition,
                effect="The documentation does not support the certification of due diligence, and the origin of these components is open.",
                recommendations=[
                    Recommendation(
                        "Obtain the missing fields from the developers of the components listed and complete the documentation.",
                        "condition",
                        f"imports and sales of vehicles that carry {item}",
                    ),
                    Recommendation(
                        "Accept no delivery of software whose bill of materials lacks one of the four fields.",
                        "cause",
                        "future releases",
                    ),
                ],
                severity="medium",
                evidence=evidence(hit),
            )
        )
    elif open_.any(axis=None):
        w.test(
            clause,
            item,
            Outcome.INCONCLUSIVE,
            f"{told}; {counted(int(open_.any(axis=1).sum()), 'component')} of unknown licence lack a field.",
            evidence(unknown[open_.any(axis=1)], 50),
        )
    elif total:
        w.test(clause, item, Outcome.CONFORMS, f"{told}.", items_ref(proprietary))
    else:
        w.test(
            clause,
            item,
            Outcome.NOT_APPLICABLE if len(parts) else Outcome.INCONCLUSIVE,
            "No proprietary addition is among its components."
            if len(parts)
            else "No components of this item are in evidence.",
            items_ref(parts),
        )
    if open_.any(axis=None):
        w.request(
            "license_class",
            "Whether these components are proprietary additions, and their author, timestamp and supplier",
            [f"{item}: {named(sorted({str(n) for n in unknown.loc[open_.any(axis=1), 'name'].dropna()}), 20)}"],
            clause,
            "whether the four fields are due for them",
        )
    return w
