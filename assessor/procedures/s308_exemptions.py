"""§791.308: which transactions are exempt from the prohibitions, and by which limb.

Three cut-offs: covered software and related transactions by the model year of the vehicle, VCS hardware by the model year
that it is tied to, and hardware of no model year by the date of import. The limbs for hardware are joined by "or", and
the one for repair and warranty has no end date. A model year is not a date.
"""

from __future__ import annotations

from typing import Any, cast

import pandas as pd

from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.limbs import Limb, all_of, any_of, certain, texts, worded
from assessor.procedures.working import Workings, cited, counted, finish, rows
from assessor.results import Outcome, ProcedureResult, Question

CLAUSE = "791.308"
TITLE = "Exemptions"
SPELLED = {
    "vehicle_import": "vehicle import",
    "vehicle_sale": "vehicle sale",
    "hardware_import": "hardware import",
    "service": "service",
    "other": "other transaction",
}


def transactions(facts: Facts) -> pd.DataFrame:
    """Which transactions §791.308 exempts; one row each, aligned with the table.

    `hardware_exempt` (§791.308(a): imports of hardware, loose or in a vehicle), `software_exempt` (§791.308(b): imports and
    sales of vehicles) and `manufacturer_exempt` (§791.308(c): sales and services of a tied manufacturer) are True, False or NA; False too where the paragraph has
    nothing to exempt. The `…_clause` is the limb that decided, `missing` the facts that are not known, in words.
    """
    rule, t = facts.rule, facts.tables["transactions"]
    year = facts.of(model_years)
    imported = t["kind"] == "hardware_import"
    in_vehicle = t["kind"] == "vehicle_import"
    vehicle = in_vehicle | (t["kind"] == "vehicle_sale")
    hardware_year = year["year"] < rule.constant("hardware_model_year")
    early = t["date"] < rule.constant("hardware_import_date")

    hardware = any_of(
        [
            _limb(
                "791.308(a)(1)",
                [
                    (imported, "kind of transaction"),
                    (~t["tied_to_model_year"], "whether it is tied to a vehicle model year"),
                    (early, "date of import"),
                ],
            ),
            _limb(
                "791.308(a)(2)",
                [
                    (imported, "kind of transaction"),
                    (t["tied_to_model_year"], "whether it is tied to a vehicle model year"),
                    (hardware_year, year["missing"]),
                ],
            ),
            _limb("791.308(a)(2)", [(in_vehicle, "kind of transaction"), (hardware_year, year["missing"])]),
            _limb(
                "791.308(a)(2)",
                [
                    (imported, "kind of transaction"),
                    (t["for_repair"], "whether it is for repair or warranty"),
                    (hardware_year, year["missing"]),
                ],
            ),
            # Tied or not, it is exempt: by (a)(2) if it is, by (a)(1) if it is not. Nobody needs to say which.
            _limb("791.308(a)", [(imported, ""), (early, ""), (hardware_year, "")]),
        ],
        "791.308(a)",
        "no limb of the exemption applies",
    )
    software = _limb(
        "791.308(b)",
        [(vehicle, "kind of transaction"), (year["year"] < rule.constant("software_model_year"), year["missing"])],
    )
    related = _limb(
        "791.308(c)",
        [
            ((t["kind"] == "vehicle_sale") | (t["kind"] == "service"), "kind of transaction"),
            (year["year"] < rule.constant("manufacturer_model_year"), year["missing"]),
        ],
    )

    none = texts([None] * len(t), t.index)
    software_missing = software.missing if isinstance(software.missing, pd.Series) else none
    return pd.DataFrame(
        {
            "transaction": t["transaction"],
            "hardware_exempt": hardware["holds"],
            "software_exempt": software.holds,
            "manufacturer_exempt": related.holds,
            "hardware_clause": hardware["clause"].where(~_sure_no(imported | in_vehicle), None),
            "software_clause": texts(["791.308(b)"] * len(t), t.index).where(~_sure_no(vehicle), None),
            "missing": hardware["missing"].fillna(software_missing.mask(software_missing == "", None)),
        }
    )


def model_years(facts: Facts) -> pd.DataFrame:
    """The model year of every transaction: `year` (number or NA) and `missing` (why not, in words).

    A vehicle's year is the ledger's; where the ledger is silent, that of its line; where the two disagree, it is unknown.
    That of hardware is the one that it is associated with, and for repair that of the vehicle. A line that was produced for
    longer than the definition allows has a model year only when the assessor says so.
    """
    t = facts.tables["transactions"]
    lines = facts.of(_lines)
    of_line = pd.Series(
        pd.array([lines.get(line, (None, ""))[0] for line in t["line"]], dtype="int64[pyarrow]"), index=t.index
    )
    takes_line = certain((t["kind"] != "hardware_import") | t["for_repair"])
    year = t["model_year"].where(t["model_year"].notna() | ~takes_line, of_line)
    at_odds = certain(t["model_year"] != of_line)
    lacking = worded(t["line"], {line: why for line, (_, why) in lines.items() if why})
    missing = texts(["model year"] * len(t), t.index).mask(lacking.notna(), lacking)
    missing = missing.mask(at_odds, "model year (ledger and vehicle line give different years)")
    return pd.DataFrame({"year": year.mask(at_odds | lacking.notna(), None), "missing": missing})


def run_questions(facts: Facts) -> list[Question]:
    """The question `model_year_run` for every line that was produced for longer than 24 months (§791.301)."""
    months = facts.rule.constant("model_year_months")
    found = []
    for row in rows(facts.tables["vehicles"]):
        start, end = row["production_start"], row["production_end"]
        if row["line"] and start and end and pd.Timestamp(end) > pd.Timestamp(start) + pd.DateOffset(months=months):
            found.append(
                facts.ask(
                    "model_year_run",
                    row["line"],
                    {
                        "line": row["line"],
                        "model_year": row["model_year"],
                        "production_start": start.isoformat(),
                        "production_end": end.isoformat(),
                    },
                )
            )
    return found


def run(facts: Facts) -> ProcedureResult:
    """Examine every transaction against §791.308; one test for each line and kind of transaction."""
    t, exempt, noted = facts.tables["transactions"], facts.of(transactions), Workings()
    noted.questions += facts.of(run_questions)
    together = t.assign(
        hardware=exempt["hardware_exempt"],
        software=exempt["software_exempt"],
        hardware_clause=exempt["hardware_clause"],
        software_clause=exempt["software_clause"],
        missing=exempt["missing"],
    )
    listed = []
    for holds, clause in (("hardware", "hardware_clause"), ("software", "software_clause")):
        concerned = together[together[clause].notna()]
        keys = [concerned["line"].fillna("no vehicle line"), concerned["kind"], concerned[clause], concerned[holds]]
        for key, group in concerned.groupby(keys, dropna=False, sort=True):
            line, kind, limb, answer = cast("tuple[Any, ...]", key)
            listed.append((str(line), str(kind), str(limb), None if pd.isna(answer) else bool(answer), holds, group))
    table = []
    for line, kind, limb, answer, what, group in sorted(listed, key=lambda g: (g[0], g[1], g[4], g[2], str(g[3]))):
        places = evidence(group, limit=3)
        words = _reason(answer, what, group)
        if answer is not False:
            table.append(
                {
                    "line": line,
                    "kind": f"{SPELLED[kind]} ({what})",
                    "clause": limb,
                    "transactions": len(group),
                    "units": int(group["units"].fillna(0).sum()),
                    "reason": words,
                    "evidence": cited(places),
                }
            )
        subject = f"{line}: {SPELLED[kind]}s, {what}"
        outcome = {True: Outcome.CONFORMS, False: Outcome.NOT_APPLICABLE, None: Outcome.INCONCLUSIVE}[answer]
        noted.test(limb, subject, outcome, f"{counted(len(group), 'transaction')}: {words}.", places)
        if answer is None:
            facts_lacking = "; ".join(sorted(set(group["missing"].dropna())))
            noted.request(
                "exemption_facts",
                f"For {counted(len(group), SPELLED[kind])}: {facts_lacking or 'model year'}.",
                [line],
                limb,
                "whether the transactions are exempt",
            )
    return finish(
        noted,
        "s308_exemptions",
        CLAUSE,
        TITLE,
        population=f"{counted(len(t), 'transaction')} of the ledger",
        work_done=(
            "Each transaction was tested against every limb of §791.308: hardware of no model year by its date of import, "
            "hardware of a model year, hardware imported in a vehicle and hardware for repair or warranty by model year, "
            "and vehicles by model year.",
        ),
        examined=examined(t, facts.tables["vehicles"]),
        limitations=_limitations(facts),
        tables={"exemptions": table},
    )


def _limb(clause: str, parts: list[tuple[pd.Series, str | pd.Series]]) -> Limb:
    """One limb whose parts are joined by "and", lacking what its open parts lack."""
    joined = all_of([Limb(clause, holds, missing=missing) for holds, missing in parts], clause, "")
    return Limb(clause, joined["holds"], missing=joined["missing"].fillna(""))


def _sure_no(column: pd.Series) -> pd.Series:
    return certain(~column)


def _lines(facts: Facts) -> dict[str, tuple[int | None, str]]:
    """Line -> its model year, and in words what is missing for it to have one; lines named twice at odds have no year.

    A production of which nobody states the end has a model year while no more than the definition's time has passed since its
    start; later its end is missing, since it may have lasted longer.
    """
    months, until = facts.rule.constant("model_year_months"), pd.Timestamp(facts.terms.period_to)
    runs = {question.subject: answered(question, "yes") for question in facts.of(run_questions)}
    found: dict[str, tuple[int | None, str]] = {}
    for row in rows(facts.tables["vehicles"]):
        line, year, start = row["line"], row["model_year"], row["production_start"]
        if not line:
            continue
        why = "" if runs.get(line, True) else "whether a longer production period counts as one model year"
        if start and not row["production_end"] and until > pd.Timestamp(start) + pd.DateOffset(months=months):
            why = why or f"end of production, which began more than {months} months before the end of the period"
        before = found.get(line, (year, ""))
        found[line] = (year if before[0] == year else None, before[1] or why)
    return found


def _reason(answer: bool | None, what: str, group: pd.DataFrame) -> str:
    years = sorted({int(year) for year in group["model_year"].dropna()})
    year = f"model year {' and '.join(map(str, years))}" if years else "no model year stated"
    if answer is None:
        return f"open, for lack of: {'; '.join(sorted(set(group['missing'].dropna()))) or 'model year'}"
    dates = group["date"].dropna()
    span = f", dated {dates.min()} to {dates.max()}" if len(dates) and what == "hardware" else ""
    return f"{year}{span}: {'exempt' if answer else 'no limb of the exemption applies'}"


def _limitations(facts: Facts) -> tuple[str, ...]:
    v = facts.tables["vehicles"]
    asked = [line for line, (_, why) in facts.of(_lines).items() if why]
    unknown = v[(v["production_start"].isna() | v["production_end"].isna()) & ~v["line"].isin(asked)]
    if unknown.empty:
        return ()
    return (
        f"For {counted(len(unknown), 'vehicle line')} the production period is not in evidence; the model year was taken as "
        "designated, although §791.301 lets it stand only for production of at most 24 months.",
    )
