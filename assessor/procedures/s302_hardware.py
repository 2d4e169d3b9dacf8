"""§791.302: imports of VCS hardware from persons tied to the PRC or Russia.

Only an import is prohibited; hardware made and supplied within the United States is no breach of this section. Facts needed:
the scope of parts (§791.301), suppliers' ties, imports with part number, item and supplier, exemptions (§791.308(a)) and
authorizations. Whether it was done knowingly is asked and never decided here.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures import exposure, hardware_imports, knowledge, prohibition_samples, s301_scope, s308_exemptions
from assessor.procedures.exposure import SPAN, Supplier
from assessor.procedures.facts import Facts, evidence, examined
from assessor.procedures.limbs import certain, impossible
from assessor.procedures.transaction_outcomes import TransactionOutcomes
from assessor.procedures.working import Workings, cited, counted, finding, finish, named
from assessor.results import Determination, Finding, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.302"
TITLE = "Prohibited VCS hardware transactions"


def run(facts: Facts) -> ProcedureResult:
    """Test each supplier of VCS hardware that is, or may be, tied to the PRC or Russia against the imports."""
    noted, table = Workings(), []
    t = facts.tables["transactions"]
    outcomes = TransactionOutcomes(t, "no import of hardware for a connected vehicle by one whom the section binds")
    imports = certain(t["kind"] == "hardware_import") | certain(t["kind"] == "vehicle_import")
    if not exposure.lacks_role(facts, noted, "vcs_hardware_importer", CLAUSE, imports):
        content = facts.of(hardware_imports.content)
        entered = facts.of(s301_scope.transactions)["is_import"] & facts.of(hardware_imports.for_connected)
        entered = entered.where(imports, False)
        exempt = facts.of(s308_exemptions.transactions)["hardware_exempt"]
        by_name = exposure.suppliers(facts)
        _each(facts, outcomes, content[~content["canonical"].isin(list(by_name))], entered, exempt)
        for name, own in content.groupby("canonical", sort=True):
            supplier = by_name.get(str(name))
            if supplier is None or supplier.determination is Determination.EXCLUDED:
                continue
            table += _supplier(facts, noted, outcomes, supplier, own, entered, exempt)
        _cleared(facts, noted, [s for s in by_name.values() if s.determination is Determination.EXCLUDED], content)
        _unnamed(facts, noted, content[content["canonical"].isna()], entered & ~exempt)
        _exempt(facts, noted, entered, exempt)
        if content.empty:
            noted.test(
                CLAUSE,
                "VCS hardware",
                Outcome.NOT_APPLICABLE if imports.any() or len(facts.tables["components"]) else Outcome.NOT_TESTED,
                "No import in evidence holds what is, or may be, VCS hardware.",
            )
    exposure.citizenship(facts, noted, "791.302(b)", "VCS hardware")
    return finish(
        noted,
        "s302_hardware",
        CLAUSE,
        TITLE,
        population=f"{counted(int(certain(t['kind'] == 'hardware_import').sum()), 'hardware import')}, "
        f"{counted(int(certain(t['kind'] == 'vehicle_import').sum()), 'vehicle import')} with hardware built in",
        work_done=(
            "Each import was traced to its parts by part number, item and supplier; an import of a whole item carries every "
            "part of it that is in scope.",
            "Suppliers of these parts were held against their determination of ties to the PRC or Russia; exempt and authorised "
            "imports were set apart.",
        ),
        examined=examined(
            facts.tables["components"], t, facts.tables["vehicles"], facts.tables["entities"], facts.tables["interests"]
        ),
        limitations=("Whether the client acted knowingly is not decided by this procedure.",),
        tables={
            "hardware": table,
            "outcomes": outcomes.rows(),
            "samples": prohibition_samples.whole(
                facts, "hardware", CLAUSE, outcomes, ("hardware_import", "vehicle_import")
            ),
        },
    )


def _each(
    facts: Facts, outcomes: TransactionOutcomes, unknown: pd.DataFrame, entered: pd.Series, exempt: pd.Series
) -> None:
    """What holds of every transaction before suppliers are looked at one by one; `unknown` are parts of no known supplier."""
    concerned = ~impossible(entered) & ~certain(exempt)
    outcomes.note(~impossible(entered) & certain(exempt), Outcome.NOT_APPLICABLE, "exempt by §791.308(a)")
    outcomes.note(concerned, Outcome.CONFORMS, "no VCS hardware of a tied supplier that is not authorised")
    vehicle = certain(facts.tables["transactions"]["kind"] == "vehicle_import")
    gaps = exposure.unknown_content(facts, "hardware").where(vehicle, None)
    for why in sorted(set(gaps.dropna())):
        outcomes.note(concerned & certain(gaps == why), Outcome.INCONCLUSIVE, why)
    unnamed = ~impossible(hardware_imports.carries(facts, unknown))
    outcomes.note(concerned & unnamed, Outcome.INCONCLUSIVE, "it holds parts whose supplier is not named or not known")


def _supplier(
    facts: Facts,
    noted: Workings,
    outcomes: TransactionOutcomes,
    supplier: Supplier,
    own: pd.DataFrame,
    entered: pd.Series,
    exempt: pd.Series,
) -> list[dict[str, Any]]:
    """One supplier that is, or may be, tied: its test, its finding if there is one, and its rows for the report."""
    t = facts.tables["transactions"]
    carries = hardware_imports.carries(facts, own)
    covered = exposure.authorised(facts, supplier)
    concerned = entered & carries
    hit = concerned & ~exempt & ~covered
    prohibited, perhaps = t[certain(hit)], t[hit.isna()]
    parts = hardware_imports.parts(facts, own)
    places = (
        *evidence(parts, SPAN),
        *exposure.ownership_evidence(facts, supplier),
        *evidence(t[certain(concerned) if certain(concerned).any() else ~impossible(carries)], 5),
    )
    established = supplier.determination is Determination.ESTABLISHED
    outcomes.judge(
        hit,
        established=established,
        reason=f"VCS hardware of {supplier.name}",
        doubt=f"whether hardware of {supplier.name} makes it a prohibited import is open",
    )
    outcome = Outcome.CONFORMS
    if established and len(prohibited):
        outcome = Outcome.EXCEPTION
        noted.findings.append(made := _finding(facts, noted, supplier, parts, hit))
        noted.test("791.302(a)", supplier.name, outcome, made.title + ".", made.evidence)
    open_count = len(perhaps) if established else len(prohibited) + len(perhaps)
    if open_count:
        outcome = Outcome.EXCEPTION if outcome is Outcome.EXCEPTION else Outcome.INCONCLUSIVE
        why = (
            "a fact about the part, its model year or its authorization is not known"
            if established
            else (f"a tie of {supplier.name} to the PRC or Russia is possible ({supplier.reason.rstrip('.')})")
        )
        noted.test(
            "791.302(a)",
            supplier.name,
            Outcome.INCONCLUSIVE,
            f"For {counted(open_count, 'import')} it is open whether they are prohibited: {why}.",
            places,
        )
        missing = sorted(set(own.loc[own["sure"].isna(), "missing"].dropna()))
        if missing:
            noted.request(
                "hardware_part",
                f"For imports of parts of {supplier.name}: {named(missing, 3)}.",
                [supplier.name],
                "791.302(a)",
                "whether the parts are VCS hardware",
            )
    elif outcome is Outcome.CONFORMS and not certain(concerned).any():
        noted.test(
            "791.302(a)",
            supplier.name,
            Outcome.NOT_APPLICABLE,
            "None of its hardware entered the customs territory for a connected vehicle.",
            places,
        )
    elif outcome is Outcome.CONFORMS:
        noted.test(
            "791.302(a)",
            supplier.name,
            outcome,
            (
                f"No import of its hardware is prohibited: {int(certain(concerned & exempt).sum()):,} exempt, "
                f"{int(certain(concerned & ~exempt & covered).sum()):,} authorised."
            ),
            places,
        )
    rows = []
    for item, of_item in own.groupby(own["item"].fillna("no item"), sort=True):
        mine = entered & ~impossible(hardware_imports.carries(facts, of_item))
        rows.append(
            {
                "supplier": supplier.name,
                "determination": str(supplier.determination),
                "item": str(item),
                "components": of_item.loc[of_item["component"].notna(), "component"].nunique(),
                "imports": int(certain(mine).sum()),
                "sales": 0,
                "units": exposure.total_units(t[certain(mine)]),
                "authorised": int(certain(mine & ~exempt & covered).sum()),
                "exempt": int(certain(mine & exempt).sum()),
                "outcome": str(outcome),
                "evidence": cited(evidence(hardware_imports.parts(facts, of_item), 3)),
            }
        )
    return rows


def _finding(facts: Facts, noted: Workings, supplier: Supplier, parts: pd.DataFrame, hit: pd.Series) -> Finding:
    """The exception for one supplier; asks whether it was done knowingly."""
    acts = facts.tables["transactions"][certain(hit)]
    dates, units = acts["date"].dropna(), exposure.total_units(acts)
    years = named(sorted({str(year) for year in acts["model_year"].dropna()}))
    names = sorted(set(parts["name"].dropna()))
    span = f" between {dates.min()} and {dates.max()}" if len(dates) else ""
    scope = f"{counted(len(acts), 'import')}, {counted(units, 'unit')}{span}"
    known = knowledge.ask(
        facts,
        noted,
        supplier,
        "hardware imports",
        acts,
        {
            "imports": len(acts),
            "units": units,
            "first": str(dates.min()) if len(dates) else None,
            "last": str(dates.max()) if len(dates) else None,
            "parts": names,
        },
        f"s302_hardware/prohibited_hardware/{supplier.name}",
    )
    tied = (
        f" They are tied to model year {years}, which the exemption does not reach whatever the date of import."
        if years
        else ""
    )
    return finding(
        "prohibited_hardware",
        supplier.name,
        ["791.302(a)", "791.308(a)"],
        f"VCS hardware of {supplier.name} was imported without exemption or authorization",
        criteria=(
            "A VCS hardware importer may not knowingly import VCS hardware that a person tied to the PRC or Russia designs, develops, "
            "manufactures or supplies, unless exempt or authorised (§§791.302(a), 791.308(a))."
        ),
        condition=(
            f"{counted(len(acts), 'import')} of {counted(units, 'unit')}{span} hold VCS hardware of {supplier.name}"
            f"{f' ({named(names)})' if names else ''}.{tied} On {supplier.name}: {supplier.tie} No authorization covers them. {known}"
        ),
        effect=(
            "The imports are prohibited if done knowingly; a certification that the hardware has no such source cannot stand for them, "
            "whatever was known."
        ),
        recommendations=(
            Recommendation(
                f"Cease importing hardware of {supplier.name} for these model years until it is replaced or a specific authorization is "
                "granted, establish where the units are, and take counsel on what to report.",
                "condition",
                scope,
            ),
            Recommendation(
                "Release purchase orders for VCS hardware only with its model year and the supplier's ownership review on file.",
                "cause",
                "all later imports of VCS hardware",
            ),
        ),
        severity="high",
        transactions=acts["transaction"].dropna(),
        evidence=(*evidence(parts, SPAN), *exposure.ownership_evidence(facts, supplier), *evidence(acts, SPAN)),
    )


def _cleared(facts: Facts, noted: Workings, excluded: list[Supplier], content: pd.DataFrame) -> None:
    own = content[content["canonical"].isin([supplier.name for supplier in excluded])]
    if len(own):
        noted.test(
            "791.302(a)",
            "other suppliers of VCS hardware",
            Outcome.CONFORMS,
            (
                f"For {counted(own['canonical'].nunique(), 'supplier')} of imported hardware a tie to the PRC or Russia is excluded by the evidence."
            ),
            evidence(hardware_imports.parts(facts, own), SPAN) or evidence(facts.tables["entities"], 5),
        )


def _unnamed(facts: Facts, noted: Workings, unnamed: pd.DataFrame, exposed: pd.Series) -> None:
    t = facts.tables["transactions"]
    hit = exposed & hardware_imports.carries(facts, unnamed)
    affected = t[~certain(~hit)]
    if len(unnamed) and len(affected):
        noted.test(
            "791.302(a)",
            "hardware without a named supplier",
            Outcome.INCONCLUSIVE,
            (
                f"{counted(len(affected), 'import')} that are not exempt hold parts that name no supplier, so that a tie to the PRC or Russia "
                "cannot be ruled out."
            ),
            evidence(affected, SPAN),
        )
        noted.request(
            "hardware_supplier",
            "The manufacturer and supplier of every imported part.",
            sorted(set(affected["transaction"].dropna()))[:SPAN],
            "791.302(a)",
            "whether the hardware comes from a person tied to the PRC or Russia",
        )


def _exempt(facts: Facts, noted: Workings, entered: pd.Series, exempt: pd.Series) -> None:
    t = facts.tables["transactions"]
    clause = facts.of(s308_exemptions.transactions)["hardware_clause"]
    free = certain(entered & exempt)
    for (limb, kind), group in t[free].groupby([clause[free], "kind"], sort=True):
        noted.test(
            str(limb),
            f"{str(kind).replace('_', ' ')}s",
            Outcome.NOT_APPLICABLE,
            f"{counted(len(group), 'import')} exempt.",
            evidence(group, 3),
        )
