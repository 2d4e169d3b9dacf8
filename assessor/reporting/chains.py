"""The figure of the persons behind a supplier: boxes in layers, shares on the arrows, PRC and Russia marked."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from assessor.reporting.drawing import Figure, canvas, drawable, png_of, settings
from assessor.reporting.text import visible
from assessor.reporting.view import View
from assessor.reporting.words import NOT_STATED, NOTHING, listing, missing

COLUMN, ROW, WIDE, HIGH = 2.2, 0.98, 1.95, 0.56
"""Distance of columns and layers, width and height of a box, in inches."""


class Names:
    """Names, countries and drawable labels of entities, by id or by name."""

    def __init__(self, view: View) -> None:
        self.caught = view.rule.countries("prc_russia")
        self.rule = view.rule
        self.others: dict[str, list[str]] = {}
        self.country: dict[str, str] = {}
        for row in view.records("entities"):
            keys = [str(row[key]) for key in ("entity", "name") if not missing(row[key])]
            places = [
                str(row[key])
                for key in ("incorporated", "headquarters", "principal_place", "residence", "citizenship")
                if not missing(row.get(key))
            ]
            others = [str(row["name"])] if not missing(row["name"]) else []
            others += [] if missing(row["names"]) else str(row["names"]).split("; ")
            for key in keys:
                self.others.setdefault(key, []).extend([*others, str(row["entity"])])
                codes = [code for place in places for code in place.split("; ")]
                self.country.setdefault(
                    key, next((code for code in codes if code in self.caught), codes[0] if codes else "")
                )

    def drawn(self, name: str, number: int) -> str:
        """The name if the font can draw it, else another of its names or its id, else a number."""
        return next(
            (visible(text) for text in [name, *self.others.get(name, [])] if drawable(text)), f"entity {number}"
        )

    def place(self, name: str) -> str:
        """Country of an entity in words; "" when unknown."""
        code = self.country.get(name, "")
        return self.rule.country_name(code) if code else ""

    def is_caught(self, name: str) -> bool:
        """Whether an entity's country is one of the PRC or Russia."""
        return self.country.get(name, "") in self.caught


def ownership(name: str, supplier: Mapping[str, str], steps: Sequence[Mapping[str, str]], names: Names) -> Figure:
    """The figure of a chain: the supplier at the bottom, its holders above. A ring goes back up on the left, a holding that
    leaps over a layer goes down on the right."""
    from matplotlib.patches import FancyBboxPatch

    entities = list(dict.fromkeys(entity for step in steps for entity in (step["from"], step["to"])))
    bottom = supplier["name"] if supplier["name"] in entities else steps[-1]["to"]
    layer = _layers(steps, bottom)
    levels = [[e for e in entities if layer[e] == level] for level in range(max(layer.values()) + 1)]
    bent = any(layer[step["from"]] - layer[step["to"]] != 1 for step in steps)
    width = max(4.4, max(map(len, levels)) * COLUMN + (2.6 if bent else 0.3))
    place = {
        entity: (width / 2 + (at - (len(level) - 1) / 2) * COLUMN, 0.38 + number * ROW)
        for number, level in enumerate(levels)
        for at, entity in enumerate(level)
    }
    with settings():
        drawing = canvas(width, len(levels) * ROW + 0.1)
        axes = drawing.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(0, len(levels) * ROW + 0.1)
        axes.axis("off")
        for step in steps:
            _arrow(axes, place[step["from"]], place[step["to"]], layer[step["from"]] - layer[step["to"]], _words(step))
        for number, entity in enumerate(entities, 1):
            (x, y), caught, where = place[entity], names.is_caught(entity), names.place(entity)
            axes.add_patch(
                FancyBboxPatch(
                    (x - WIDE / 2, y - HIGH / 2),
                    WIDE,
                    HIGH,
                    boxstyle="round,pad=0,rounding_size=0.05",
                    facecolor="#e4e4e4" if caught else "white",
                    edgecolor="black",
                    linewidth=2.4 if caught else 0.8,
                    hatch="////" if caught else None,
                )
            )
            text = textwrap.fill(textwrap.shorten(names.drawn(entity, number), 56, placeholder="…"), 29)
            axes.text(
                x,
                y,
                text + (f"\n({where})" if where and drawable(where) else ""),
                ha="center",
                va="center",
                fontsize=7,
                fontweight="bold" if caught or entity == bottom else "normal",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0} if caught else None,
            )
        png = png_of(drawing)
    caught_names = [entity for entity in entities if names.is_caught(entity)]
    told = "; ".join(f"{step['from']} to {step['to']}: {_words(step) or 'nature not stated'}" for step in steps)
    marked = listing(caught_names) or "none is shown"
    return Figure(
        name,
        f"Persons behind {supplier['name']} (determination: {supplier['prc_russia']}). Hatched boxes with a heavy border are "
        "entities of the PRC or Russia.",
        f"Ownership chain of {supplier['name']}, holder to held. {told}. Entities of the PRC or Russia: {marked}.",
        supplier["name"],
        png,
        min(150.0, width * 25.4 * 0.78),
    )


def _words(step: Mapping[str, str]) -> str:
    return ", ".join(text for text in (step["kind"], step["share"]) if text not in (NOTHING, NOT_STATED))


def _arrow(axes: Any, above: tuple[float, float], below: tuple[float, float], layers: int, words: str) -> None:
    """An arrow from holder to held, `layers` layers down (negative: up), with its words beside it."""
    (x0, y0), (x1, y1) = above, below
    if layers == 1:
        start, end, bend = (x0, y0 - HIGH / 2), (x1, y1 + HIGH / 2), 0.0
    elif layers > 1:  # leaps over a layer: down on the right
        start, end, bend = (x0 + WIDE / 2, y0), (x1 + WIDE / 2, y1), -0.35
    else:  # a ring or a neighbour: on the left
        start, end, bend = (x0 - WIDE / 2, y0), (x1 - WIDE / 2, y1), -0.45
    look = {
        "arrowstyle": "-|>",
        "color": "black",
        "lw": 0.9,
        "shrinkA": 0,
        "shrinkB": 0,
        "connectionstyle": f"arc3,rad={bend}",
    }
    axes.annotate("", end, start, arrowprops=look)
    side = -0.06 if layers < 1 else 0.06
    axes.text(
        (start[0] + end[0]) / 2 + bend * (end[1] - start[1]) / 2 + side,
        (start[1] + end[1]) / 2,
        textwrap.fill(words if drawable(words) else "see text", 30 if layers == 1 else 16),
        fontsize=7,
        va="center",
        ha="right" if layers < 1 else "left",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.9},
    )


def _layers(steps: Sequence[Mapping[str, str]], bottom: str) -> dict[str, int]:
    """Layer of each entity: its longest way to the supplier at the bottom (0). A ring ends at the number of entities."""
    below: dict[str, set[str]] = {}
    for step in steps:
        below.setdefault(step["from"], set()).add(step["to"])
        below.setdefault(step["to"], set())
    layer = dict.fromkeys(below, 0)
    for _ in range(len(below)):
        for name in sorted(below):
            if name != bottom and below[name]:
                layer[name] = min(len(below) - 1, max(layer[held] for held in below[name]) + 1)
    used = sorted(set(layer.values()))
    return {name: used.index(level) for name, level in layer.items()}
