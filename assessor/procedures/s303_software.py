"""§791.303: imports and sales of completed connected vehicles with covered software from persons tied to the PRC or Russia.

Facts needed: the scope of components (§791.301), suppliers' ties, vehicle lines and their items, imports and sales,
exemptions (§791.308(b)) and authorizations. Limbs: an import (a) or sale (b); a connected vehicle; covered software of such a
person in it; not exempt; not authorised. Whether it was done knowingly is asked and never decided here.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures import exposure, knowledge, prohibition_samples, s301_scope, s308_exemptions
from assessor.procedures.exposure import SPAN, Supplier
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.limbs import certain, impossible, looked_up
from assessor.procedures.transaction_outcomes import TransactionOutcomes
from assessor.procedures.working import Workings, cited, counted, finding, finish, named
from assessor.results import Determination, Finding, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.303"
TITLE = "Prohibited covered software transactions"
NAMED_LIMIT = 6


def run(facts: Facts) -> ProcedureResult:
    """Test each supplier of covered software that is, or may be, tied to the PRC or Russia against the vehicles moved."""
    noted, table = Workings(), []
    t = facts.tables["transactions"]
    outcomes = TransactionOutcomes(
        t, "no import or sale of a completed connected vehicle by one whom the section binds"
    )
    vehicles = certain(t["kind"] == "vehicle_import") | certain(t["kind"] == "vehicle_sale")
    articles = facts.of(exposure.articles)
    software = articles[certain(articles["medium"] == "software")]
    if not exposure.lacks_role(facts, noted, "connected_vehicle_manufacturer", CLAUSE, vehicles):
        moved = facts.of(exposure.moved).where(vehicles, False)
        exempt = facts.of(s308_exemptions.transactions)["software_exempt"]
        _gaps(facts, noted, moved)
        _each(facts, outcomes, software, moved, exempt)
        cleared = []
        by_name = exposure.suppliers(facts)
        for name, own in software.groupby("canonical", sort=True):
            supplier = by_name[str(name)]
            if supplier.determination is Determination.EXCLUDED:
                cleared.append((supplier, own))
                continue
            table += _supplier(facts, noted, outcomes, supplier, own, moved, exempt)
        _unnamed(noted, software[software["canonical"].isna()])
        _cleared(noted, cleared)
        _exempt(facts, noted, moved, exempt)
        if not len(software):
            noted.test(
                CLAUSE,
                "covered software",
                Outcome.NOT_APPLICABLE if len(facts.tables["components"]) else Outcome.NOT_TESTED,
                "No software component in evidence is, or may be, covered software.",
            )
    exposure.citizenship(facts, noted, "791.303(c)", "covered software")
    return finish(
        noted,
        "s303_software",
        CLAUSE,
        TITLE,
        population=f"{counted(int(vehicles.sum()), 'vehicle import or sale', 'vehicle imports and sales')}, "
        f"{counted(software['component'].nunique(), 'software component')} in scope or undetermined",
        work_done=(
            "Suppliers of software in scope were held against their determination of ties to the PRC or Russia, through the "
            "vehicle lines that carry their items, against each import and sale.",
            "Exempt and authorised transactions were set apart, supplier by supplier.",
        ),
        examined=examined(
            facts.tables["components"], facts.tables["vehicles"], t, facts.tables["entities"], facts.tables["interests"]
        ),
        limitations=("Whether the client acted knowingly is not decided by this procedure.",),
        tables={
            "software": table,
            "outcomes": outcomes.rows(),
            "samples": prohibition_samples.whole(
                facts, "software", CLAUSE, outcomes, ("vehicle_import", "vehicle_sale")
            ),
        },
    )


def _each(
    facts: Facts, outcomes: TransactionOutcomes, software: pd.DataFrame, moved: pd.Series, exempt: pd.Series
) -> None:
    """What holds of every transaction before suppliers are looked at one by one."""
    concerned = ~impossible(moved) & ~certain(exempt)
    outcomes.note(~impossible(moved) & certain(exempt), Outcome.NOT_APPLICABLE, "exempt by §791.308(b)")
    if len(facts.tables["components"]):
        outcomes.note(concerned, Outcome.CONFORMS, "no covered software of a tied supplier that is not authorised")
    else:
        outcomes.note(concerned, Outcome.NOT_TESTED, "no component is in evidence")
    gaps = exposure.unknown_content(facts, "software")
    for why in sorted(set(gaps.dropna())):
        outcomes.note(concerned & certain(gaps == why), Outcome.INCONCLUSIVE, why)
    unnamed = software[software["canonical"].isna()]
    for item in sorted(set(unnamed["item"].fillna(""))):
        carries = ~impossible(exposure.carried(facts, facts.tables["transactions"]["line"], [item], [])) | (item == "")
        words = f"components of {item or 'no item'} name no supplier"
        outcomes.note(concerned & carries, Outcome.INCONCLUSIVE, words)


def _supplier(
    facts: Facts,
    noted: Workings,
    outcomes: TransactionOutcomes,
    supplier: Supplier,
    own: pd.DataFrame,
    moved: pd.Series,
    exempt: pd.Series,
) -> list[dict[str, Any]]:
    """One supplier that is, or may be, tied: its tests, its finding if there is one, and its rows for the report."""
    t, moves = facts.tables["transactions"], facts.of(s301_scope.transactions)
    inside = own[certain(own["scope"] == "in_scope")]
    doubtful = own[certain(own["scope"] == "undetermined")]
    carries = exposure.carried(facts, t["line"], inside["item"].dropna().unique(), doubtful["item"].dropna().unique())
    covered = exposure.authorised(facts, supplier)
    concerned = moved & carries
    hit = concerned & ~exempt & ~covered
    established = supplier.determination is Determination.ESTABLISHED
    prohibited, perhaps = t[certain(hit)], t[hit.isna()]
    outcomes.judge(
        hit,
        established=established,
        reason=f"covered software of {supplier.name}",
        doubt=f"whether software of {supplier.name} makes it a prohibited transaction is open",
    )
    places = (*evidence(inside if len(inside) else doubtful, SPAN), *exposure.ownership_evidence(facts, supplier))
    if established and len(prohibited):
        noted.findings.append(made := _finding(facts, noted, supplier, inside, hit))
        for clause, column in (("791.303(a)", "is_import"), ("791.303(b)", "is_sale")):
            act = t[certain(hit & moves[column])]
            if len(act):
                word = "import" if column == "is_import" else "sale"
                noted.test(
                    clause,
                    supplier.name,
                    Outcome.EXCEPTION,
                    f"{counted(len(act), word)} of vehicles with its covered software.",
                    made.evidence,
                )
    if (established and len(perhaps)) or (not established and len(prohibited) + len(perhaps)):
        count = len(perhaps) if established else len(prohibited) + len(perhaps)
        noted.test(
            CLAUSE,
            supplier.name,
            Outcome.INCONCLUSIVE,
            (
                f"For {counted(count, 'import or sale', 'imports and sales')} it is open whether they are prohibited: "
                f"{_open(supplier, inside, doubtful, established)}."
            ),
            places,
        )
    elif not (established and len(prohibited)):
        noted.test(
            CLAUSE,
            supplier.name,
            Outcome.CONFORMS,
            (
                f"No import or sale is prohibited: {counted(int(certain(concerned & exempt).sum()), 'is', 'are')} exempt, "
                f"{counted(int(certain(concerned & covered).sum()), 'is', 'are')} authorised."
            ),
            places,
        )
    outcome = (
        Outcome.EXCEPTION
        if established and len(prohibited)
        else (Outcome.INCONCLUSIVE if len(prohibited) + len(perhaps) else Outcome.CONFORMS)
    )
    rows = []
    for item, parts in own.groupby(own["item"].fillna("no item"), sort=True):
        by_item = moved & exposure.carried(facts, t["line"], [str(item)], [])
        rows.append(
            {
                "supplier": supplier.name,
                "determination": str(supplier.determination),
                "item": str(item),
                "components": len(parts),
                "imports": int(certain(by_item & moves["is_import"]).sum()),
                "sales": int(certain(by_item & moves["is_sale"]).sum()),
                "authorised": int(certain(by_item & ~exempt & covered).sum()),
                "exempt": int(certain(by_item & exempt).sum()),
                "outcome": str(outcome),
                "evidence": cited(evidence(parts, 3)),
            }
        )
    return rows


def _open(supplier: Supplier, inside: pd.DataFrame, doubtful: pd.DataFrame, established: bool) -> str:
    reasons = []
    if not established:
        reasons.append(f"a tie of {supplier.name} to the PRC or Russia is possible ({supplier.reason.rstrip('.')})")
    if len(doubtful):
        missing = sorted(set(doubtful["missing"].dropna()))
        reasons.append(
            f"the scope of {named(sorted(set(doubtful['name'].dropna())))} is undetermined ({named(missing, 3)})"
        )
    return "; ".join(reasons) or "a fact about the transactions is not known"


def _finding(facts: Facts, noted: Workings, supplier: Supplier, inside: pd.DataFrame, hit: pd.Series) -> Finding:
    """The exception for one supplier; asks whether it was done knowingly."""
    t, moves = facts.tables["transactions"], facts.of(s301_scope.transactions)
    acts = t[certain(hit)]
    imports, sales = int(certain(hit & moves["is_import"]).sum()), int(certain(hit & moves["is_sale"]).sum())
    dates = acts["date"].dropna()
    span = f" between {dates.min()} and {dates.max()}" if len(dates) else ""
    listed = " and ".join(counted(number, word) for number, word in ((imports, "import"), (sales, "sale")) if number)
    names = sorted(set(inside["name"].dropna()))
    known = knowledge.ask(
        facts,
        noted,
        supplier,
        "vehicle imports and sales",
        acts,
        {
            "imports": imports,
            "sales": sales,
            "first": str(dates.min()) if len(dates) else None,
            "last": str(dates.max()) if len(dates) else None,
            "components": names,
        },
        f"s303_software/prohibited_software/{supplier.name}",
    )
    clauses = [clause for clause, number in (("791.303(a)", imports), ("791.303(b)", sales)) if number]
    lines = named(sorted(set(acts["line"].dropna())))
    scope = f"{listed} of {lines}{span}"
    return finding(
        "prohibited_software",
        supplier.name,
        [*clauses, "791.301 covered software"],
        f"Vehicles with covered software of {supplier.name} were {_done(imports, sales)}",
        criteria=(
            "A connected vehicle manufacturer may not knowingly import, nor knowingly sell in the United States, completed connected "
            "vehicles with covered software that a person tied to the PRC or Russia designs, develops, manufactures or supplies, "
            "unless exempt or authorised (§791.303(a), (b))."
        ),
        condition=(
            f"{listed[0].upper()}{listed[1:]} of {lines}{span} concern vehicles with {counted(len(inside), 'component')} of covered software "
            f"of {supplier.name} ({named(names, NAMED_LIMIT)}). On {supplier.name}: {supplier.tie} No exemption and no authorization covers "
            f"these transactions. {known}"
        ),
        effect=(
            "The transactions are prohibited if done knowingly; a certification that the software has no such source cannot stand for "
            "these vehicles, whatever was known."
        ),
        recommendations=(
            Recommendation(
                f"Cease importing and selling the vehicles concerned until the software of {supplier.name} is replaced or a specific "
                "authorization is granted, and take counsel on what to report.",
                "condition",
                scope,
            ),
            Recommendation(
                "Examine ownership and control of every supplier of covered software before first use and after each change in it.",
                "cause",
                "all later imports and sales of vehicles with covered software",
            ),
        ),
        severity="high",
        transactions=acts["transaction"].dropna(),
        evidence=(*evidence(inside, SPAN), *exposure.ownership_evidence(facts, supplier), *evidence(acts, SPAN)),
    )


def _done(imports: int, sales: int) -> str:
    return " and ".join(word for word, number in (("imported", imports), ("sold", sales)) if number)


def _gaps(facts: Facts, noted: Workings, moved: pd.Series) -> None:
    """Transactions of which the line, or the items in it, are not known."""
    t = facts.tables["transactions"]
    items = exposure.line_items(facts)
    silent = sorted(line for line, held in items.items() if held is None)
    known = looked_up(t["line"], {line: True for line, held in items.items() if held is not None})
    unknown = t[known.isna().to_numpy() & ~certain(~moved).to_numpy()]
    if len(unknown):
        noted.test(
            CLAUSE,
            "vehicles whose items are unknown",
            Outcome.INCONCLUSIVE,
            (
                f"For {counted(len(unknown), 'import or sale', 'imports and sales')} the vehicle line or its items are not known."
            ),
            evidence(unknown, 5),
        )
        noted.request(
            "vehicle_items",
            "The vehicle line of every import and sale and the items built into every line.",
            silent or ["transactions without a known vehicle line"],
            CLAUSE,
            "which software the vehicles incorporate",
        )


def _unnamed(noted: Workings, unnamed: pd.DataFrame) -> None:
    for item, parts in unnamed.groupby(unnamed["item"].fillna("no item"), sort=True):
        noted.test(
            CLAUSE,
            f"{item}: components without a supplier",
            Outcome.INCONCLUSIVE,
            (
                f"{counted(len(parts), 'component')} of it name no supplier ({named(sorted(set(parts['name'].dropna())))}), so that a tie to the "
                "PRC or Russia cannot be ruled out."
            ),
            evidence(parts, SPAN),
        )


def _cleared(noted: Workings, cleared: list[tuple[Supplier, pd.DataFrame]]) -> None:
    if cleared:
        parts = pd.concat([own for _, own in cleared])
        noted.test(
            CLAUSE,
            "other suppliers of covered software",
            Outcome.CONFORMS,
            (
                f"For {counted(len(cleared), 'supplier')} of {counted(len(parts), 'component')} in scope or undetermined, a tie to the PRC or Russia "
                "is excluded by the evidence."
            ),
            evidence(parts, SPAN),
        )


def _exempt(facts: Facts, noted: Workings, moved: pd.Series, exempt: pd.Series) -> None:
    t = facts.tables["transactions"]
    for line, group in t[certain(moved & exempt)].groupby("line", sort=True):
        noted.test(
            "791.308(b)",
            str(line),
            Outcome.NOT_APPLICABLE,
            (f"{counted(len(group), 'import or sale', 'imports and sales')} exempt by model year."),
            evidence(group, 3),
        )
