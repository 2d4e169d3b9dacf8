"""A sheet as PNG, drawn by matplotlib, which is loaded when a picture is asked for."""

from __future__ import annotations

from typing import Any

from assessor.canvas import canvas, drawable, png_of, settings
from assessor.ownership.figure.diagram import Box
from assessor.ownership.figure.lettering import shown
from assessor.ownership.figure.sheet import Head, Line, Look, Rectangle, Shape, Sheet

POINTS = 72.0


def named(box: Box, number: int) -> str:
    """The name if the font can draw it, else another of its names or its id, else a number."""
    listed = (shown(text) for text in (box.name, *box.others))
    return next((text for text in listed if drawable(text)), f"entity {number}")


def png(sheet: Sheet) -> bytes:
    """The picture at 150 dots to the inch; the same sheet gives the same bytes."""
    with settings():
        drawing = canvas(sheet.wide / POINTS, sheet.high / POINTS)
        axes = drawing.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, sheet.wide)
        axes.set_ylim(sheet.high, 0)
        axes.axis("off")
        for order, shape in enumerate(shape for group in sheet.groups for shape in group.shapes):
            _draw(axes, shape, order)
        return png_of(drawing)


def _draw(axes: Any, shape: Shape, order: int) -> None:
    from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
    from matplotlib.path import Path

    if isinstance(shape, Rectangle):
        style = f"round,pad=0,rounding_size={shape.radius}"
        place = (shape.x, shape.y)
        axes.add_patch(
            FancyBboxPatch(
                place, shape.wide, shape.high, boxstyle=style, facecolor=shape.fill, **_look(shape.look), zorder=order
            )
        )
    elif isinstance(shape, Line):
        points = [point for part in shape.points for point in part]
        codes = [Path.MOVETO]
        for part in shape.points[1:]:
            codes += [Path.LINETO] if len(part) == 1 else [Path.CURVE4] * 3
        axes.add_patch(PathPatch(Path(points, codes), facecolor="none", **_look(shape.look), zorder=order))
    elif isinstance(shape, Head):
        axes.add_patch(Polygon(shape.points, closed=True, facecolor=shape.colour, edgecolor="none", zorder=order))
    else:
        axes.text(
            shape.x,
            shape.y,
            shape.text if drawable(shape.text) else "see text",
            fontsize=shape.size,
            fontweight="bold" if shape.bold else "normal",
            ha="center" if shape.middle else "left",
            va="baseline",
            color=shape.colour,
            zorder=order,
        )


def _look(look: Look) -> dict[str, Any]:
    dashes = tuple(dash / look.width for dash in look.dashes)  # matplotlib multiplies them by the width
    return {
        "edgecolor": look.colour,
        "linewidth": look.width,
        "linestyle": (0, dashes) if dashes else "solid",
        "capstyle": "butt",
        "joinstyle": "miter",
    }
