"""Charts: what was found to be in scope, and what became of the transactions."""

from __future__ import annotations

from collections import Counter

from assessor.canvas import canvas, png_of, settings
from assessor.reporting.drawing import LOOKS, Figure, label, legend
from assessor.reporting.view import View
from assessor.reporting.words import missing, plain

CONCERNED, OTHER = "concerned by a finding", "other"


def scope(view: View) -> Figure | None:
    """Scope determinations by item as stacked bars, in shares, with counts beside."""
    listed = [
        row
        for row in view.rows_of("items", "s301_scope")
        if not missing(row.get("components")) and int(row["components"])
    ]
    if not listed:
        return None
    parts = (("in scope", "in_scope"), ("undetermined", "undetermined"), ("out of scope", "out_of_scope"))
    with settings():
        height = 0.95 + 0.5 * len(listed)
        drawing = canvas(6.3, height)
        axes = drawing.add_axes((0.27, 0.8 / height, 0.70, (height - 0.9) / height))
        for number, row in enumerate(reversed(listed)):
            left = 0.0
            for (_, key), (face, hatch, edge) in zip(parts, LOOKS, strict=False):
                share = 100 * int(row[key]) / int(row["components"])
                axes.barh(number, share, left=left, height=0.55, color=face, hatch=hatch, edgecolor=edge, linewidth=0.6)
                left += share
        labels = [
            label(plain(row["item"]), n) + f"\n{int(row['components']):,} components"
            for n, row in enumerate(reversed(listed), 1)
        ]
        axes.set_yticks(range(len(listed)), labels)
        axes.set_xlim(0, 100)
        axes.set_xlabel("per cent of components")
        legend(drawing, [(name, look) for (name, _), look in zip(parts, LOOKS, strict=False)])
        png = png_of(drawing)
    told = "; ".join(
        f"{plain(r['item'])}: {plain(r['in_scope'])} in scope, {plain(r['undetermined'])} undetermined, {plain(r['out_of_scope'])} out of scope"
        for r in listed
    )
    return Figure(
        "scope",
        "Scope determinations by item, in per cent of its components.",
        f"Stacked bars of scope determinations. {told}.",
        "",
        png,
        160.0,
    )


def transactions(view: View) -> Figure | None:
    """Transactions of the last 24 months by kind (the three most frequent, and the others), apart from those that a finding
    concerns."""
    table = view.tables.get("transactions")
    if table is None or table["date"].isna().all():
        return None
    dated = table.dropna(subset=["date"])
    concerned = {transaction for finding in view.findings for transaction in finding.transactions}
    every = Counter(plain(kind) for kind in dated["kind"])
    frequent = sorted(every, key=lambda kind: (-every[kind], kind))[:3]
    found: Counter[tuple[str, str]] = Counter()
    for moment, kind, transaction in zip(dated["date"], dated["kind"], dated["transaction"], strict=True):
        what = CONCERNED if str(transaction) in concerned else plain(kind) if plain(kind) in frequent else OTHER
        found[f"{moment.year}-{moment.month:02d}", what] += 1
    months = sorted({month for month, _ in found})[-24:]
    order = [name for name in (*frequent, OTHER, CONCERNED) if any(found[month, name] for month in months)]
    looks = dict(zip([name for name in order if name != CONCERNED], LOOKS[1:], strict=False)) | {CONCERNED: LOOKS[0]}
    with settings():
        drawing = canvas(6.3, 2.6)
        axes = drawing.add_axes((0.09, 0.26, 0.89, 0.70))
        base = [0] * len(months)
        for name in order:
            heights = [found[month, name] for month in months]
            face, hatch, edge = looks[name]
            axes.bar(
                range(len(months)),
                heights,
                bottom=base,
                width=0.7,
                color=face,
                hatch=hatch,
                edgecolor=edge,
                linewidth=0.6,
            )
            base = [low + high for low, high in zip(base, heights, strict=True)]
        axes.set_xticks(range(len(months)), months, rotation=45 if len(months) > 12 else 0)
        axes.set_ylabel("transactions")
        legend(drawing, [(name, looks[name]) for name in order])
        png = png_of(drawing)
    told = "; ".join(f"{m}: {', '.join(f'{found[m, name]:,} {name}' for name in order)}" for m in months)
    return Figure(
        "transactions",
        "Transactions in the client's ledger by month and kind; the dark part is concerned by a finding.",
        f"Stacked bars of transactions by month. {told}.",
        "",
        png,
        160.0,
    )
