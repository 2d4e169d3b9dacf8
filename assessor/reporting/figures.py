"""The figures of a report: who stands behind a supplier, where suppliers stand, and charts of what was found and is due."""

from __future__ import annotations

from assessor.reporting import charts, supply
from assessor.reporting.chains import Names, ownership
from assessor.reporting.drawing import Figure
from assessor.reporting.supplier_map import supplier_map
from assessor.reporting.timeline import timeline
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
    drawn = (supplier_map, charts.scope, charts.four_fields, charts.transactions, charts.findings, timeline)
    return found + [figure for draw in drawn if (figure := draw(view)) is not None]
