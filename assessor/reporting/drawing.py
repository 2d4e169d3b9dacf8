"""What all figures of a report share: their data, looks that hold in black and white, labels, a legend."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assessor.canvas import drawable
from assessor.reporting.render import Picture
from assessor.text import visible

LOOKS: tuple[tuple[str, str, str], ...] = (
    ("#404040", "", "black"),
    ("#ffffff", "////", "black"),
    ("#c4c4c4", "", "black"),
    ("#ffffff", "....", "black"),
    ("#ffffff", "xxxx", "black"),
)
"""Face, hatch and edge of what a bar is made of: the first is the darkest."""


@dataclass(frozen=True)
class Figure:
    """A figure: its name in templates, caption, text alternative, the supplier that it is about ("" for none), PNG, width, and
    SVG where there is one."""

    name: str
    caption: str
    alternative: str
    supplier: str
    png: bytes
    width_mm: float
    svg: str = ""

    @property
    def picture(self) -> Picture:
        """What the renderer places."""
        return Picture(self.png, self.alternative, self.width_mm)

    @property
    def entry(self) -> dict[str, str]:
        """What the context says of it."""
        return {"name": self.name, "caption": self.caption, "alternative": self.alternative, "supplier": self.supplier}


def label(text: str, number: int) -> str:
    return textwrap.shorten(visible(text), 32, placeholder="…") if drawable(text) else f"item {number}"


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
