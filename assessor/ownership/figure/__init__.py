"""The picture of a chain of ownership: layered, readable in black and white, as SVG, PNG and words. No system program is used.

`chain_figure` draws a verdict; `figure_of` any `Diagram`. SVG needs nothing but this package; matplotlib is loaded when a PNG
is asked for.
"""

from __future__ import annotations

from assessor.ownership.figure.around import Around, around
from assessor.ownership.figure.diagram import Arrow, Box, Diagram, arrows_of, of_verdict
from assessor.ownership.figure.figure import Figure, chain_figure, figure_of

__all__ = [
    "Around",
    "Arrow",
    "Box",
    "Diagram",
    "Figure",
    "around",
    "arrows_of",
    "chain_figure",
    "figure_of",
    "of_verdict",
]
