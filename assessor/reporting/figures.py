"""The figures of a report: who stands behind a supplier, and charts of scope and transactions."""

from __future__ import annotations

from assessor.reporting import charts, supply
from assessor.reporting.chains import Names, ownership
from assessor.reporting.drawing import Figure
from assessor.reporting.view import View
from assessor.reporting.words import NOTHING

MAX_CHAINS = 10
"""Ownership chains that are drawn; all of them are told in words."""


def figures(view: View) -> list[Figure]:
    """All figures: ownership chains (established first), then charts. A figure without data is left out."""
    found: list[Figure] = []
    names = Names(view)
    for supplier in supply.suppliers(view):
        if supplier["prc_russia"] in ("established", "possible") and len(found) < MAX_CHAINS:
            steps = [step for step in supply.chain(view, supplier) if step["from"] not in (step["to"], NOTHING)]
            if steps:
                found.append(ownership(f"ownership-{len(found) + 1}", supplier, steps, names))
    return found + [figure for figure in (charts.scope(view), charts.transactions(view)) if figure is not None]
