"""When Declarations of Conformity are due (§791.305(g)), and which transactions they leave out.

Days are calendar days: the rule does not say how to count, and its roll-over for weekends and holidays is written only for
replies to BIS notices (§§791.316, 791.317).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.procedures.authorization_scope import member
from assessor.procedures.declaration_contents import CLAUSES, Row, declared_lines
from assessor.procedures.declaration_due import due
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import Workings, counted, finding, named, plain, plained, ref, refs, rows, split
from assessor.results import Outcome, Recommendation

FLAG = pd.ArrowDtype(pa.bool_())
LEAD = {"software": "791.305(g)(1)", "hardware": "791.305(g)(2)"}
_CITED = 50  # places cited for one finding or open point; the transactions themselves are listed in full


def concerned(facts: Facts, declaration: Row) -> pd.DataFrame:
    """Transactions that a declaration is for, with `due` (True, False, NA) for its kind."""
    t = facts.of(due)
    if declaration["kind"] == "software":
        return t[t["line"].isin(declared_lines(facts, declaration))].assign(due=lambda d: d["software_due"])
    items = {plain(i) for i in split(declaration["items"])}
    of_item = member(plained(t["item"]), items)
    carrying = [v["line"] for v in rows(facts.tables["vehicles"]) if items & {plain(i) for i in split(v["items"])}]
    of_item = of_item.where((t["kind"] == "hardware_import").fillna(False), t["line"].isin(carrying).astype(FLAG))
    year = t["model_year"]
    untied = ((t["kind"] == "hardware_import") & ~t["tied_to_model_year"]).fillna(False)
    year = year.where(~untied, t["date"].dt.year.astype(year.dtype))
    of_year = (
        year == declaration["model_year"] if declaration["model_year"] is not None else pd.Series(pd.NA, t.index, FLAG)
    )
    return t.assign(due=t["hardware_due"] & of_item & of_year)


def lead_time(facts: Facts, declaration: Row) -> Workings:
    """§791.305(g)(1), (g)(2): at least so many days between submission and the first transaction of the model year.

    The head of paragraph (g) asks for submission "prior to" that transaction, its numbered paragraphs for the lead time; the
    lead time is tested and the other reading told.
    """
    w, name, kind, place = Workings(), declaration["declaration"], declaration["kind"], (ref(declaration),)
    clause, lead = LEAD[kind], int(facts.rule.constant("declaration_lead_days"))
    if declaration["is_update"]:
        w.test(clause, name, Outcome.NOT_APPLICABLE, "An update; the lead time binds the original declaration.", place)
        return w
    t = concerned(facts, declaration)
    sure = t[t["due"].fillna(False)]
    maybe = t[t["due"].isna()]
    if declaration["submitted"] is None:
        w.request(
            "submission_date",
            "The date of submission, with BIS's acknowledgement of receipt",
            [name],
            clause,
            f"whether it was submitted at least {lead} days before the first transaction",
        )
        first = sure["date"].dropna().min() if sure["date"].notna().any() else None
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            "The declaration does not show when it was submitted"
            + (f"; the first transaction that needs it is of {first}." if first else "."),
            (*place, *evidence(sure, 1)),
        )
        return w
    in_time = declaration["submitted"] + timedelta(days=lead)
    early = sure[(sure["date"] < in_time).fillna(False)]
    undated = sure["date"].isna().any()
    maybe_early = maybe[((maybe["date"] < in_time) | maybe["date"].isna()).fillna(True)]
    if len(early):
        _late(w, declaration, early, clause, lead, in_time)
    elif undated or len(maybe_early):
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE,
            f"{counted(len(maybe_early) + int(sure['date'].isna().sum()), 'transaction')} may need this declaration and may be earlier than "
            f"{in_time}, but a fact or a date is missing.",
            (*place, *evidence(maybe_early, _CITED)),
        )
    elif len(sure):
        first = sure["date"].min()
        w.test(
            clause,
            name,
            Outcome.CONFORMS,
            f"Submitted on {declaration['submitted']}, {(first - declaration['submitted']).days} days before the first transaction of {first}; "
            f"at least {lead} calendar days are due.",
            (*place, *evidence(sure[sure["date"] == first], _CITED)),
        )
    else:
        w.test(
            clause,
            name,
            Outcome.NOT_APPLICABLE,
            f"No transaction needed it yet; the first may follow from {in_time}.",
            place,
        )
    return w


def _late(w: Workings, declaration: Row, early: pd.DataFrame, clause: str, lead: int, in_time: date) -> None:
    name, submitted, place = declaration["declaration"], declaration["submitted"], (ref(declaration),)
    first = early["date"].min()
    days = (first - submitted).days
    before = days > 0
    told = (
        f"submitted on {submitted}; the first transaction followed on {first}, {days} days later"
        if before
        else f"submitted on {submitted}, not before the first transaction of {first}"
    )
    other = (
        (
            "It was submitted before the transaction, which is all that the head of paragraph (g) asks for; the numbered paragraph "
            "asks for the lead time."
        )
        if before
        else "It was late under the head of paragraph (g) as well."
    )
    w.test(
        clause,
        name,
        Outcome.EXCEPTION,
        f"{told[0].upper()}{told[1:]}; {lead} calendar days are due.",
        (*place, *evidence(early, _CITED)),
    )
    w.findings.append(
        finding(
            "late_submission",
            name,
            [clause, *([] if before else [CLAUSES[declaration["kind"]]["head"]])],
            f"{name} was submitted too late",
            criteria=f"A declaration is submitted at least {lead} days before the first import or sale of the model year.",
            condition=f"{name} was {told}. {counted(len(early), 'transaction')} are dated before {in_time}, the first day in time. {other} "
            "Days are counted as calendar days.",
            effect="Transactions were made before BIS had the declaration for the time that the rule gives it.",
            recommendations=[
                Recommendation(
                    "Tell BIS of the late submission and of the transactions made before the lead time had passed.",
                    "condition",
                    f"{counted(len(early), 'transaction')} of {first} to {early['date'].max()}",
                ),
                Recommendation(
                    "Make the date of submission a gate that the first entry or sale of a model year cannot pass.",
                    "cause",
                    "first transactions of later model years",
                ),
            ],
            severity="medium",
            evidence=(*place, *evidence(early, _CITED)),
            transactions=early["transaction"].dropna(),
        )
    )


def undeclared(facts: Facts) -> Workings:
    """§791.305(a): transactions that need a declaration and that no declaration describes.

    A software declaration describes lines by make and model and vehicles by VIN series; a hardware declaration describes items
    of a model or calendar year. Where no declaration of a kind is in evidence, nothing shows that none was submitted: the
    transactions stay open and the declarations are asked for.
    """
    w, declarations = Workings(), rows(facts.tables["declarations"].sort_values("declaration"))
    software, hardware = ([d for d in declarations if d["kind"] == kind] for kind in ("software", "hardware"))
    t = facts.of(due)
    seen: set[str] = set()
    for declaration in software:
        lines = [line for line in declared_lines(facts, declaration) if line not in seen]
        seen |= set(lines)
        series = [s for d in software if set(declared_lines(facts, d)) & set(lines) for s in split(d["vin_series"])]
        group = t[t["line"].isin(lines)]
        vin = group["vin"].str.strip().str.upper()
        outside = pd.Series(True, group.index, FLAG) if series else pd.Series(pd.NA, group.index, FLAG)
        for start in series:
            outside &= ~vin.str.startswith(start.upper())
        _describe(
            w,
            declaration["declaration"],
            group,
            group["software_due"] & outside,
            "791.305(a)(2)(ii)",
            f"have a VIN outside the declared series {named(series)}",
            f"describe a VIN of the series {named(series)}",
            (ref(declaration),),
            vin,
        )
    lineless = t[~t["line"].isin(seen) & (t["software_due"].fillna(True))]
    for line, group in lineless.groupby(lineless["line"].fillna("line not stated"), sort=True):
        _describe(
            w,
            str(line),
            group,
            group["software_due"],
            "791.305(a)(2)",
            "belong to a vehicle line that no declaration describes",
            "need no declaration",
            refs(software),
            supplied=bool(software),
        )
    described = pd.Series(False, t.index, FLAG)
    for declaration in hardware:
        described |= concerned(facts, declaration)["due"]
    left = t["hardware_due"] & ~described
    for item, group in t[left.fillna(True)].groupby(t["item"].fillna(t["line"]).fillna("item not stated"), sort=True):
        _describe(
            w,
            str(item),
            group,
            left[group.index],
            "791.305(a)(1)",
            "are hardware of a year or item that no declaration describes",
            "need no declaration",
            refs(hardware),
            supplied=bool(hardware),
        )
    return w


def _describe(
    w: Workings,
    subject: str,
    group: pd.DataFrame,
    fails: pd.Series[Any],
    clause: str,
    failing: str,
    passing: str,
    places: Any,
    shown: pd.Series[Any] | None = None,
    supplied: bool = True,
) -> None:
    """Note a test of one group of transactions, of which those that `fails` need a declaration and have none; `supplied`
    says whether any declaration of the kind is in evidence."""
    bad, open_ = group[fails.fillna(False)], group[fails.isna()]
    if len(bad) and not supplied:
        need = counted(len(bad), "transaction")
        w.test(
            clause,
            subject,
            Outcome.INCONCLUSIVE,
            f"{need} need a declaration, and no declaration of that kind is in evidence.",
            evidence(bad, _CITED),
        )
        w.request(
            "declaration_copy",
            f"The declaration under which {need} were made, or word that none was submitted",
            [subject],
            clause,
            "whether a declaration describes them",
        )
    elif len(bad):
        vins = "" if shown is None else f" ({named(sorted(shown[bad.index].dropna()))})"
        kinds = ", ".join(
            counted(n, str(kind).replace("_", " ")) for kind, n in sorted(bad["kind"].value_counts().items())
        )
        w.test(
            clause,
            subject,
            Outcome.EXCEPTION,
            f"{counted(len(bad), 'transaction')} {failing}{vins}.",
            (*places, *evidence(bad, _CITED)),
        )
        w.findings.append(
            finding(
                "undeclared_transactions",
                subject,
                [clause],
                "Transactions that no declaration describes",
                criteria="A declaration is submitted before covered vehicles are imported or sold or VCS hardware is imported, and says to which "
                "vehicles or items it applies.",
                condition=f"{counted(len(bad), 'transaction')} ({kinds}) {failing}{vins}.",
                effect="These transactions were made without a declaration that describes them.",
                recommendations=[
                    Recommendation(
                        "Establish why they are not described; submit a revised declaration or stop such transactions.",
                        "condition",
                        f"{counted(len(bad), 'transaction')}: {named(bad['transaction'].dropna(), 10)}",
                    ),
                    Recommendation(
                        "Check vehicle and item against the declarations before entry and before sale.",
                        "cause",
                        "later transactions",
                    ),
                ],
                severity="high",
                evidence=(*places, *evidence(bad, _CITED)),
                transactions=bad["transaction"].dropna(),
            )
        )
    elif len(open_):
        w.test(
            clause,
            subject,
            Outcome.INCONCLUSIVE,
            f"For {counted(len(open_), 'transaction')} it cannot be told whether they {failing}: a fact is missing.",
            (*places, *evidence(open_, _CITED)),
        )
        w.request(
            "declared_transactions",
            f"VIN, model year, line or scope of {counted(len(open_), 'transaction')}",
            [subject],
            clause,
            "whether a declaration describes them",
        )
    elif len(group):
        w.test(
            clause,
            subject,
            Outcome.CONFORMS,
            f"All {counted(len(group), 'transaction')} {passing} or need no declaration.",
            (*places, *evidence(group, 1)),
        )
