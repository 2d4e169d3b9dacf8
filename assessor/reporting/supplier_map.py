"""The map of suppliers: how many of relevant components stand in which country, and how many sales away from the client."""

from __future__ import annotations

from collections import Counter, defaultdict

from assessor.canvas import canvas, png_of, settings
from assessor.procedures.supplier_tiers import CLIENT
from assessor.reporting.drawing import Figure, items_of, label
from assessor.reporting.view import Row, View
from assessor.reporting.words import NOT_STATED, count, missing, plain

SHOWN = 24
"""Countries that are drawn; those beyond with the fewest suppliers are told together."""
_LINKED = ("established", "possible")
_SHADES = ("#ffffff", "#e3e3e3", "#c4c4c4", "#9a9a9a")
_SIZES = (0, 1, 5, 20)
"""From how many suppliers a cell takes which shade."""


def supplier_map(view: View) -> Figure | None:
    """Countries in rows, tiers in columns; in each cell the suppliers, and below how many are linked to the PRC or Russia."""
    listed = [row for row in view.rows_of("suppliers", "s315_suppliers") if plain(row.get("relevant")) != "no"]
    if not listed:
        return None
    cells: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    by_country = Counter(plain(row["country"]) for row in listed)
    adversaries = {view.rule.country_name(code) for code in view.rule.countries("prc_russia", view.terms.dated)}
    ranked = sorted(by_country, key=lambda c: (c not in adversaries, c == NOT_STATED, -by_country[c], c))
    shown, rest = ranked[:SHOWN], ranked[SHOWN:]
    others = f"{count(len(rest), 'other country', 'other countries')}"
    for row in listed:
        country = plain(row["country"])
        cells[country if country in shown else others, _tier(row)].append(row)
    countries = [*shown, *([others] if rest else [])]
    tiers = sorted({tier for _, tier in cells}, key=lambda tier: (not tier[-1:].isdecimal(), len(tier), tier))
    tiers.sort(key=lambda tier: tier != _CLIENT)
    told = "; ".join(
        f"{country}: "
        + ", ".join(f"{tier} {_told(cells[country, tier])}" for tier in tiers if (country, tier) in cells)
        for country in countries
    )
    return Figure(
        "supplier-map",
        "Suppliers of relevant components by country and by tier, the least number of sales between the client and the supplier that "
        "bills of materials and ledger show. In brackets: with an established or possible link to the PRC or Russia.",
        f"Table-like map of suppliers by country and tier. {told}.",
        _drawn(countries, tiers, cells),
        160.0,
        "suppliers",
        rests_on=items_of(listed),
    )


_CLIENT = "client itself"


def _tier(row: Row) -> str:
    tier = row.get("tier")
    return "tier not stated" if missing(tier) else _CLIENT if tier == CLIENT else f"tier {int(tier or 0)}"


def _linked(listed: list[Row]) -> int:
    return sum(str(row["prc_russia"]) in _LINKED for row in listed)


def _told(listed: list[Row]) -> str:
    linked = _linked(listed)
    return count(len(listed), "supplier") + (f" ({linked:,} linked)" if linked else "")


def _drawn(countries: list[str], tiers: list[str], cells: defaultdict[tuple[str, str], list[Row]]) -> bytes:
    from matplotlib.patches import Rectangle

    with settings():
        height = 0.45 + 0.27 * len(countries)
        drawing = canvas(6.3, height)
        axes = drawing.add_axes((0.24, 0.02, 0.74, (height - 0.4) / height))
        for y, country in enumerate(countries):
            for x, tier in enumerate(tiers):
                listed = cells.get((country, tier), [])
                shade = next(s for s, size in reversed(list(zip(_SHADES, _SIZES, strict=True))) if len(listed) >= size)
                linked = _linked(listed)
                axes.add_patch(
                    Rectangle(
                        (x, y),
                        1,
                        1,
                        facecolor=shade,
                        edgecolor="black",
                        linewidth=1.6 if linked else 0.4,
                        zorder=1 + bool(linked),
                    )
                )
                if listed:
                    words = f"{len(listed):,}" + (f"  ({linked:,})" if linked else "")
                    axes.text(
                        x + 0.5,
                        y + 0.5,
                        words,
                        ha="center",
                        va="center",
                        weight="bold" if linked else "normal",
                        zorder=3,
                    )
        axes.set_xlim(0, 1.004 * len(tiers))
        axes.set_ylim(1.004 * len(countries), 0)
        axes.set_yticks([y + 0.5 for y in range(len(countries))], [label(c, n) for n, c in enumerate(countries, 1)])
        axes.set_xticks([x + 0.5 for x in range(len(tiers))], tiers)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        return png_of(drawing)
