"""The sheets of transactions: all that were tested, those that a finding concerns, those that it is applicable to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessor.reporting.view import View
from assessor.reporting.words import NOT_STATED, missing, natural, outcome
from assessor.reporting.workbook import Column, Sheet, values
from assessor.results import Finding, Outcome, worst

_PROHIBITIONS = {"791.302": "s302_hardware", "791.303": "s303_software"}
"""Sections under which every transaction has an outcome, and the procedures that test them."""


def tested(view: View) -> Sheet:
    """Every transaction of the ledger with what came of it."""
    found_in: dict[str, list[Finding]] = {}
    for finding in view.findings:
        for transaction in dict.fromkeys(finding.transactions):
            found_in.setdefault(transaction, []).append(finding)
    told: dict[str, dict[str, Mapping[str, Any]]] = {}
    for section, procedure in _PROHIBITIONS.items():
        of_section = told.setdefault(section, {})
        for row in view.rows_of("outcomes", procedure):
            for id in row["transactions"]:
                of_section.setdefault(id, row)  # the worst come first, and an id that comes twice keeps the worst
    listed = []
    for row in view.records("transactions"):
        id = "" if missing(row["transaction"]) else str(row["transaction"])
        without = (outcome(Outcome.NOT_TESTED), "") if id else (NOT_STATED, "the evidence gives the transaction no id")
        own = [told[section].get(id) for section in _PROHIBITIONS]
        named = found_in.get(id, [])
        outcomes = [Outcome(each["outcome"]) for each in own if each] + [Outcome.EXCEPTION for _ in named]
        listed.append(
            [
                *values(row, ("transaction", "kind", "date", "line", "model_year", "item", "part_number", "supplier")),
                *values(row, ("seller", "buyer", "vin", "units", "entry", "country", "authorization")),
                outcome(worst(outcomes)) if id else NOT_STATED,
                ", ".join(finding.id for finding in named),
                *(text for each in own for text in ((outcome(each["outcome"]), each["reason"]) if each else without)),
                _place(row),
            ]
        )
    return Sheet(
        "Transactions tested",
        "Every transaction of the ledger. Its outcome is the worst of those under §791.302 and §791.303; a finding of whatever "
        "clause that names it is an exception",
        [
            Column("transaction", 16),
            Column("kind", 18),
            Column("date", 12, "date"),
            Column("line", 24),
            Column("model year", 11, "year"),
            Column("item", 24),
            Column("part number", 18),
            Column("supplier", 28),
            Column("seller", 24),
            Column("buyer", 24),
            Column("VIN", 22),
            Column("units", 8, "count"),
            Column("entry", 22),
            Column("country", 12),
            Column("authorization", 16),
            Column("outcome", 15),
            Column("findings", 14),
            *(
                column
                for section in _PROHIBITIONS
                for column in (Column(f"§{section}", 15), Column(f"§{section}, why", 44))
            ),
            Column("evidence", 26),
        ],
        listed,
    )


def affected(view: View) -> Sheet:
    """Every transaction that a finding names."""
    known = {str(row["transaction"]): row for row in view.records("transactions")}
    keys = ("kind", "date", "line", "units", "vin", "entry", "authorization")
    return Sheet(
        "Transactions affected",
        "Every transaction that a finding concerns",
        [
            Column("finding", 9),
            Column("transaction", 16),
            Column("kind", 18),
            Column("date", 12, "date"),
            Column("line", 24),
            Column("units", 8, "count"),
            Column("VIN", 22),
            Column("entry", 22),
            Column("authorization", 16),
            Column("evidence", 26),
        ],
        [
            [f.id, transaction, *values(row := known.get(transaction, {}), keys), _place(row)]
            for f in view.findings
            for transaction in sorted(f.transactions, key=natural)
        ],
    )


def applicable(view: View) -> Sheet:
    """Every transaction to which a finding's recommendations are applicable, by name or as the last step found."""
    known = {str(row["transaction"]): row for row in view.records("transactions")}
    shared = {told["finding"]: told for told in view.rows_of("applicable", "s315_recommendations")}
    found = []
    for finding in view.findings:
        told = shared.get(finding.key, {"transactions": finding.transactions, "because": "named in the finding"})
        for transaction in sorted(told["transactions"], key=natural):
            row = known.get(transaction, {})
            found.append([finding.id, transaction, *values(row, ("kind", "date", "line")), told["because"]])
    return Sheet(
        "Applicable transactions",
        "Every transaction to which a finding's recommendations are applicable by the evidence",
        [
            Column("finding", 9),
            Column("transaction", 16),
            Column("kind", 18),
            Column("date", 12, "date"),
            Column("line", 24),
            Column("why", 60),
        ],
        found,
    )


def _place(row: Mapping[str, Any]) -> str:
    """Where a row of facts was read; nothing for a row that there is not."""
    return f"{row['source']} {'' if missing(row.get('locator')) else row['locator']}".strip() if row else ""
