"""Charts: what is in scope, how far software is documented, findings by severity, and what became of the transactions."""

from __future__ import annotations

from collections import Counter

from assessor.canvas import canvas, png_of, settings
from assessor.evidence.four_fields import FOUR_FIELDS
from assessor.reporting.drawing import LOOKS, Bar, Figure, items_of, label, legend, stacked
from assessor.reporting.view import View, cited
from assessor.reporting.words import count, missing, plain
from assessor.results import SEVERITIES

_LICENSES = {"proprietary": "proprietary", "unknown": "of unknown licence"}
_SCOPED, _DOCUMENTED = 15, 4
"""Items that a page holds bars for."""
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
    listed, left = sorted(listed, key=lambda row: -int(row["components"]))[:_SCOPED], len(listed) - _SCOPED
    parts = {"in scope": "in_scope", "undetermined": "undetermined", "out of scope": "out_of_scope"}
    told = "; ".join(
        f"{plain(r['item'])}: {', '.join(f'{plain(r[key])} {words}' for words, key in parts.items())}" for r in listed
    )
    return Figure(
        "scope",
        "Scope determinations by item, in per cent of its components."
        + (f" {count(left, 'smaller item stands', 'smaller items stand')} in the table." if left > 0 else ""),
        f"Stacked bars of scope determinations. {told}.",
        stacked(
            [
                Bar(
                    f"{label(plain(row['item']), n)}\n{int(row['components']):,} components",
                    tuple(int(row[key]) for key in parts.values()),
                )
                for n, row in enumerate(listed, 1)
            ],
            list(parts),
            "per cent of components",
            per_cent=True,
        ),
        160.0,
        "determinations",
        rests_on=frozenset(i for r in view.results if r.procedure == "s301_scope" for i in r.examined),
    )


def four_fields(view: View) -> Figure | None:
    """How many components of each software item state each of the four fields of §791.305(a)(2)(iv)."""
    listed = view.rows_of("four_fields", "s305_declarations")
    if not listed:
        return None
    listed, left = (
        sorted(listed, key=lambda row: int(row["complete"]) - int(row["components"]))[:_DOCUMENTED],
        len(listed) - _DOCUMENTED,
    )
    parts = {**FOUR_FIELDS, "complete": "all four"}
    told = "; ".join(
        f"{plain(r['item'])}, {count(int(r['components']), 'component')} {_LICENSES[r['license']]}: "
        + ", ".join(f"{words} stated by {int(r[key]):,}" for key, words in parts.items())
        for r in listed
    )
    return Figure(
        "four-fields",
        "Components without an open-source licence that state author name, timestamp, component name and supplier name "
        "(§791.305(a)(2)(iv)), by declared software item."
        + (
            f" {count(left, 'better documented item is', 'better documented items are')} not drawn." if left > 0 else ""
        ),
        f"Bars of components that state each of the four fields, and that do not. {told}.",
        stacked(
            [
                bar
                for number, row in enumerate(listed, 1)
                for bar in (
                    Bar(f"{label(plain(row['item']), number)}, {_LICENSES[row['license']]}"),
                    *(Bar(words, (int(row[k]), int(row["components"]) - int(row[k]))) for k, words in parts.items()),
                )
            ],
            ("stated", "not stated"),
            "per cent of components",
            per_cent=True,
        ),
        160.0,
        "determinations",
        rests_on=items_of(listed),
    )


def findings(view: View) -> Figure | None:
    """Findings by the procedure that made them, and their severity."""
    sections = [result for result in view.results if result.findings]
    if not sections:
        return None
    counts = [[sum(f.severity == severity for f in r.findings) for severity in SEVERITIES] for r in sections]
    told = "; ".join(
        f"{cited([r.clause])}: {', '.join(f'{n} {severity}' for n, severity in zip(each, SEVERITIES, strict=True))}"
        for r, each in zip(sections, counts, strict=True)
    )
    return Figure(
        "findings",
        "Findings by the paragraph whose test made them, and by severity.",
        f"Stacked bars of findings by severity. {told}.",
        stacked(
            [Bar(cited([r.clause]), tuple(each)) for r, each in zip(sections, counts, strict=True)],
            SEVERITIES,
            "findings",
        ),
        160.0,
        "findings",
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
        png,
        160.0,
        "determinations",
        rests_on=frozenset(map(str, table["source"].dropna())),
    )
