"""A sheet as SVG: text stays text, what a client wrote never becomes markup, nothing is fetched and nothing runs."""

from __future__ import annotations

from html import escape

from assessor.ownership.figure.sheet import Head, Line, Look, Rectangle, Shape, Sheet
from assessor.text import visible

FONTS = "DejaVu Sans, Verdana, Noto Sans, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, Arial, sans-serif"


def svg(sheet: Sheet, title: str, description: str) -> str:
    """The picture with a title and a description for readers who do not see it. Sizes are points."""
    wide, high = _number(sheet.wide), _number(sheet.high)
    groups = "\n".join(
        "<g>"
        + (f"<title>{_text(group.told)}</title>" if group.told else "")
        + "".join(map(_shape, group.shapes))
        + "</g>"
        for group in sheet.groups
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{wide}pt" height="{high}pt" '
        f'viewBox="0 0 {wide} {high}" font-family="{FONTS}">\n<title>{_text(title)}</title>\n<desc>{_text(description)}</desc>\n'
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>\n{groups}\n</svg>\n'
    )


def _shape(shape: Shape) -> str:
    if isinstance(shape, Rectangle):
        return (
            f'<rect x="{_number(shape.x)}" y="{_number(shape.y)}" width="{_number(shape.wide)}" height="{_number(shape.high)}" '
            f'rx="{_number(shape.radius)}" fill="{shape.fill}"{_look(shape.look)}/>'
        )
    if isinstance(shape, Line):
        path = "M" + _point(shape.points[0][0])
        for part in shape.points[1:]:
            path += ("L" if len(part) == 1 else "C") + " ".join(map(_point, part))
        return f'<path d="{path}" fill="none"{_look(shape.look)}/>'
    if isinstance(shape, Head):
        return f'<path d="M{"L".join(map(_point, shape.points))}Z" fill="{shape.colour}"/>'
    anchor = ' text-anchor="middle"' if shape.middle else ""
    bold = ' font-weight="bold"' if shape.bold else ""
    return (
        f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}"{anchor}{bold} '
        f'fill="{shape.colour}">{_text(shape.text)}</text>'
    )


def _look(look: Look) -> str:
    dashes = f' stroke-dasharray="{" ".join(map(_number, look.dashes))}"' if look.dashes else ""
    return f' stroke="{look.colour}" stroke-width="{_number(look.width)}"{dashes}'


def _text(text: str) -> str:
    return escape(visible(text))


def _point(point: tuple[float, float]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
