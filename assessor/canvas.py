"""An empty sheet for matplotlib, with looks of our own; what its font can draw; PNG that is the same for the same facts.

matplotlib is loaded only when something is drawn. The PNG holds no date and no software name.
"""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from typing import Any

from assessor.text import visible

DPI = 150


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())


def drawable(text: str) -> bool:
    """Whether the font has every letter of a text and sets it right. Scripts written from the right, or whose letters join or
    are reordered, need a shaper that not every matplotlib has."""
    return bool(text.strip()) and all(
        ord(letter) in _glyphs()
        and unicodedata.bidirectional(letter) not in ("R", "AL", "AN")
        and unicodedata.category(letter) != "Mc"
        for letter in visible(text).replace("\n", " ")
    )


def png_of(figure: Any) -> bytes:
    """The PNG of a drawing."""
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
