"""Ownership to look into: the figure of a verdict, its steps with their evidence, and a view that shows more when asked.

Markup, picture, data and script are one output without widget state: it works in JupyterLab, in exported HTML and offline. Where
no script runs (an untrusted notebook, a workpaper's HTML, paper), the figure and the tables stay. What sources wrote is escaped,
in the data too, and the script sets it as text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from assessor.assessment import Assessment
from assessor.ownership import Ownership, Verdict
from assessor.ownership.figure import Around, Arrow, Box, around, figure_of
from assessor.ownership.figure.diagram import HIDDEN
from assessor.ownership.figure.lettering import apart, shown
from assessor.ownership.figure.words import MEANINGS, described, sentence
from assessor.procedures import supplier_ownership
from assessor.results import Determination, ProcedureResult
from assessor.workpapers.display import LEFT, Html
from assessor.workpapers.links import Evidence, evidence_links

SHOWN = 10
"""Suppliers whose ownership a workpaper shows; the results tell that of all."""
OPEN_ROWS = 20
"""Steps that stand open below a figure; more are opened by a click."""
MOST_ROWS = 1000
"""Rows of one table; the results hold every step."""


def ownership(
    verdict: Verdict,
    whole: Ownership,
    country_name: Callable[[str], str] = str,
    evidence: Evidence | None = None,
) -> Html:
    """The view of a verdict of `whole`: its figure, its steps, and up to 300 boxes around it to expand, zoom and look into.

    `country_name` spells a country's code. `evidence` gives the address under which a source and a locator open, or None; see
    `evidence_links`. The script also sends a DOM event `assessor-evidence` with `source` and `locator`, which a page may catch.
    """
    markup, told = _view(around(verdict, whole, country_name), evidence)
    return Html(markup + _script(), told)


def suppliers_ownership(assessment: Assessment, found: ProcedureResult, limit: int = SHOWN) -> Html:
    """The views of the suppliers of relevant components for which a tie to the PRC or Russia is established or possible: first
    those with a chain, then those whose own facts decide."""
    facts = assessment.facts
    whole = facts.of(supplier_ownership.ownership)
    determined = [str(Determination.ESTABLISHED), str(Determination.POSSIBLE)]
    listed = sorted(
        (
            row
            for row in found.tables.get("suppliers", [])
            if row["relevant"] == "yes" and row["prc_russia"] in determined
        ),
        key=lambda row: determined.index(row["prc_russia"]),
    )
    entities: dict[str, str] = {}
    for resolved in facts.of(supplier_ownership.resolutions).values():
        if resolved.entity:
            entities.setdefault(resolved.name, resolved.entity)
    known = [row for row in listed if row["name"] in entities]
    known.sort(key=lambda row: not whole.verdict(entities[row["name"]]).chain)
    links, parts, told = evidence_links(assessment), [], []
    for row in known[:limit]:
        view = around(whole.verdict(entities[row["name"]]), whole, facts.rule.country_name)
        markup, words = _view(view, links)
        parts.append(f"<h3>{escape(shown(str(row['name'])))}</h3>{markup}")
        told.append(words)
    rest = [str(row["name"]) for row in (*known[limit:], *(row for row in listed if row not in known))]
    if rest:
        words = f"Not shown, for want of ownership evidence or of room: {', '.join(map(shown, rest))}."
        parts.append(f"<p>{escape(words)}</p>")
        told.append(words)
    if not listed:
        told.append("No tie of a supplier to the PRC or Russia is established or possible.")
        parts.append(f"<p><em>{told[-1]}</em></p>")
    return Html("".join(parts) + (_script() if known else ""), "\n".join(told))


def _view(view: Around, evidence: Evidence | None) -> tuple[str, str]:
    """The markup without script, and the words."""
    figure = figure_of(view.chain)
    boxes = {box.id: box for box in (*view.boxes, *view.chain.boxes)}
    steps = _table("Steps", view.chain.arrows, boxes, evidence)
    others = [arrow for arrow in view.arrows if not arrow.numbers]
    rest = _table("Further interests around it", others, boxes, evidence, opened=0) if others else ""
    data = json.dumps(_data(view), ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    return (
        f"<div class='assessor-ownership'>{figure._repr_html_()}{steps}{rest}<script type='application/json'>{data}</script></div>",
        figure.alt,
    )


def _data(view: Around) -> dict[str, Any]:
    """What the script draws: boxes and arrows by number."""
    at = {box.id: number for number, box in enumerate(view.boxes)}
    boxes = {box.id: box for box in view.boxes}
    diagram = view.chain
    subject = at[diagram.subject]
    hidden = {arrow.holder: shown(arrow.words) for arrow in view.arrows if arrow.what == HIDDEN}
    return {
        "subject": subject,
        "start": _start(view, at),
        "boxes": [
            {
                "name": shown(box.name),
                "label": hidden.get(box.id, shown(box.name)),
                "where": shown(box.where),
                "state": box.state,
                "others": [shown(other) for other in box.others],
                "notes": [f"{shown(diagram.persons)}: {diagram.answer}"] if box.id == diagram.subject else [],
                "natural": box.natural,
                "told": described(diagram, box),
                "beyond": box.id in view.beyond,
            }
            for box in view.boxes
        ],
        "arrows": [
            {
                "holder": at[arrow.holder],
                "held": at[arrow.held],
                "state": arrow.state,
                "label": arrow.label,
                "told": f"{sentence(boxes, arrow)}.",
                "source": shown(arrow.source),
                "locator": shown(arrow.locator),
            }
            for arrow in view.arrows
        ],
    }


def _start(view: Around, at: Mapping[str, int]) -> list[int]:
    """The boxes shown first: those of the chain, nearest to the subject first."""
    return [number for key, number in at.items() if key in {box.id for box in view.chain.boxes}]


def _table(
    caption: str,
    arrows: Iterable[Arrow],
    boxes: Mapping[str, Box],
    evidence: Evidence | None,
    opened: int = OPEN_ROWS,
) -> str:
    heads = ("step", "holder", "interest", "in", "what it does", "evidence")
    rows = []
    listed = tuple(arrows)
    for arrow in listed[:MOST_ROWS]:
        cells = (
            ", ".join(map(str, arrow.numbers)),
            _named(boxes[arrow.holder]),
            shown(arrow.words),
            _named(boxes[arrow.held]),
            dict(MEANINGS)[arrow.state],
        )
        told = "".join(f"<td {LEFT}>{escape(cell)}</td>" for cell in cells)
        rows.append(f"<tr>{told}<td {LEFT}>{_place(arrow, evidence)}</td></tr>")
    head = "".join(f"<th scope='col' {LEFT}>{name}</th>" for name in heads)
    cut = f", the first {MOST_ROWS:,} shown" if len(listed) > MOST_ROWS else ""
    return (
        f"<details{' open' if len(rows) <= opened else ''}><summary>{caption} ({len(listed):,}{cut})</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></details>"
    )


def _named(box: Box) -> str:
    name = apart(box.name)
    return f"{name} ({shown(box.where)})" if box.where else name


def _place(arrow: Arrow, evidence: Evidence | None) -> str:
    place = escape(shown(arrow.place), quote=True)
    address = evidence(arrow.source, arrow.locator) if evidence and arrow.source else None
    return f'<a href="{escape(address, quote=True)}" title="{place}">{place}</a>' if address else place


@cache
def _script() -> str:
    here = Path(__file__)
    parts = (here.with_name(f"{name}.js").read_text("utf-8") for name in ("ownership_layout", "ownership"))
    return f"<script class='assessor-view'>(() => {{\n'use strict';\n{''.join(parts)}}})();</script>"
