"""What all figures of a report share: their data, looks that hold in black and white, labels, stacked bars, a legend."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessor.canvas import canvas, drawable, png_of, settings
from assessor.reporting.render import Picture
from assessor.reporting.words import parse_refs
from assessor.text import visible

LOOKS: tuple[tuple[str, str, str], ...] = (
    ("#404040", "", "black"),
    ("#ffffff", "////", "black"),
    ("#c4c4c4", "", "black"),
    ("#ffffff", "....", "black"),
    ("#ffffff", "xxxx", "black"),
)
"""Face, hatch and edge of what a bar is made of: the first is the darkest."""
_ROOM = 0.02
"""Part of the axis that a digit in a bar takes."""


@dataclass(frozen=True)
class Figure:
    """A figure: its name in templates, caption, text alternative, PNG and width; the chapter that it belongs to ("" beside the
    supplier that it is about), that supplier ("" for none), the items of evidence that it rests on, and SVG where there is one."""

    name: str
    caption: str
    alternative: str
    png: bytes
    width_mm: float
    chapter: str = ""
    supplier: str = ""
    rests_on: frozenset[str] = frozenset()
    svg: str = ""

    @property
    def picture(self) -> Picture:
        """What the renderer places."""
        return Picture(self.png, self.alternative, self.width_mm)

    @property
    def entry(self) -> dict[str, str]:
        """What the context says of it."""
        return {
            "chapter": self.chapter,
            "name": self.name,
            "caption": self.caption,
            "alternative": self.alternative,
            "supplier": self.supplier,
        }


def label(text: str, number: int) -> str:
    """A text beside a bar, shortened; its number where the font cannot draw it."""
    return textwrap.shorten(visible(text), 32, placeholder="…") if drawable(text) else f"item {number}"


def items_of(listed: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The items of evidence that rows of results name."""
    return frozenset(ref.item for row in listed for ref in parse_refs(row.get("evidence")))


@dataclass(frozen=True)
class Bar:
    """A horizontal bar: its label, and the length of each of its parts; without parts the label is a heading over bars."""

    label: str
    parts: tuple[int, ...] = ()


def stacked(bars: Sequence[Bar], parts: Sequence[str], axis: str, *, per_cent: bool = False) -> bytes:
    """PNG of horizontal bars, the first on top, with the number of each part inside where there is room. `parts`: their names;
    `per_cent`: whether every bar is drawn as long as the others."""
    with settings():
        height = 0.95 + sum(0.42 if "\n" in bar.label else 0.27 for bar in bars)
        drawing = canvas(6.3, height)
        axes = drawing.add_axes((0.30, 0.8 / height, 0.67, (height - 0.9) / height))
        longest = 100 if per_cent else max((sum(bar.parts) for bar in bars), default=1)
        for y, bar in enumerate(bars):
            left = 0.0
            for place, ((face, hatch, edge), part) in enumerate(zip(LOOKS, bar.parts, strict=False)):
                long = 100 * part / sum(bar.parts) if per_cent else part
                axes.barh(y, long, left=left, height=0.66, color=face, hatch=hatch, edgecolor=edge, linewidth=0.6)
                if long > _ROOM * longest * len(f"{part:,}"):
                    behind = {"facecolor": face, "edgecolor": "none", "pad": 1.0} if hatch else None
                    axes.text(
                        *(left + long / 2, y, f"{part:,}"),
                        ha="center",
                        va="center_baseline",
                        fontsize=7,
                        color="white" if place == 0 else "black",
                        bbox=behind,
                    )
                left += long
            if not bar.parts:
                axes.text(0.008 * longest, y + 0.1, bar.label, va="center", weight="bold", fontsize=7.5)
        axes.set_yticks(*zip(*((y, bar.label) for y, bar in enumerate(bars) if bar.parts), strict=True))
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_xlim(0, 1.01 * longest)
        axes.set_xlabel(axis)
        axes.xaxis.get_major_locator().set_params(integer=True)
        legend(drawing, list(zip(parts, LOOKS, strict=False)))
        return png_of(drawing)


def legend(drawing: Any, named: Sequence[tuple[str, tuple[str, str, str]]]) -> None:
    """Names and looks, below the axes."""
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=f, hatch=h, edgecolor=e, linewidth=0.6) for _, (f, h, e) in named]
    drawing.legend(
        patches,
        [n for n, _ in named],
        loc="lower center",
        ncols=len(named),
        frameon=False,
        fontsize=7.5,
        columnspacing=1.2,
    )
