"""What all figures share: their data, an empty sheet, looks that hold in black and white, texts that the font can draw.

matplotlib is loaded only when a figure is drawn. The PNG holds no date and no software name, so that the same facts give
the same bytes.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assessor.reporting.render import Picture
from assessor.reporting.text import visible

DPI = 150
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
    """A figure: its name in templates, caption, text alternative, the supplier that it is about ("" for none), PNG and width."""

    name: str
    caption: str
    alternative: str
    supplier: str
    png: bytes
    width_mm: float

    @property
    def picture(self) -> Picture:
        """What the renderer places."""
        return Picture(self.png, self.alternative, self.width_mm)

    @property
    def entry(self) -> dict[str, str]:
        """What the context says of it."""
        return {"name": self.name, "caption": self.caption, "alternative": self.alternative, "supplier": self.supplier}


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())


def drawable(text: str) -> bool:
    return bool(text.strip()) and all(ord(character) in _glyphs() for character in visible(text).replace("\n", " "))


def label(text: str, number: int) -> str:
    return textwrap.shorten(visible(text), 32, placeholder="…") if drawable(text) else f"item {number}"


def png_of(figure: Any) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=DPI, metadata={"Software": None})
    return target.getvalue()


def canvas(width: float, height: float) -> Any:
    """An empty figure in inches, drawn by Agg and known to no window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(width, height))
    FigureCanvasAgg(drawing)
    return drawing


def settings() -> Any:
    """matplotlib with our settings and nobody else's; a context manager."""
    import matplotlib as mpl

    ours: Any = {
        "font.family": "DejaVu Sans",
        "font.size": 8,
        "hatch.linewidth": 0.4,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.parse_math": False,
    }
    return mpl.rc_context({**mpl.rcParamsDefault, **ours, "backend": "agg"})


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
