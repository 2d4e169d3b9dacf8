"""A diagram as shapes on a sheet: rectangles, lines, heads of arrows and lines of text, in points from the upper left corner.

What is drawn here looks the same in SVG and PNG. Line style, borders and words carry the meaning; colour only helps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from assessor.ownership.figure import diagram as d
from assessor.ownership.figure.diagram import Arrow, Box, Diagram
from assessor.ownership.figure.layout import Layout, Run, laid_out, spread
from assessor.ownership.figure.lettering import lines, ranges, shown, width
from assessor.ownership.figure.words import MEANINGS, sentence, told_box

NAME, SMALL = 8.0, 7.0
WIDE, NARROW, INSET, STRIP = 124.0, 84.0, 7.0, 9.0
GAP, MARGIN, HEAD = 16.0, 8.0, 6.5
LABEL = 104.0
"""Sizes of letters, boxes, and the words of arrows, in points."""
LEAST = 300.0
"""Width of the smallest sheet."""


@dataclass(frozen=True)
class Look:
    """How a line looks: width, dashes (empty: none) and colour."""

    width: float
    dashes: tuple[float, ...]
    colour: str


LOOKS = {
    d.OWN: Look(1.5, (), "#7a1414"),
    d.ESTABLISHED: Look(1.9, (), "#7a1414"),
    d.POSSIBLE: Look(1.2, (5.0, 3.0), "#123f73"),
    d.UNDISCLOSED: Look(1.2, (1.2, 2.6), "#333333"),
    d.EXCLUDED: Look(0.6, (), "#333333"),
}
FILLS = {d.OWN: "#fbecec", d.ESTABLISHED: "#fbecec", d.POSSIBLE: "#eef3fa"}


@dataclass(frozen=True)
class Rectangle:
    """A rectangle with rounded corners."""

    x: float
    y: float
    wide: float
    high: float
    radius: float
    look: Look
    fill: str = "none"


@dataclass(frozen=True)
class Line:
    """A line: its first point, then either one point (straight) or three (a curve with two controls) at a time."""

    points: tuple[tuple[tuple[float, float], ...], ...]
    look: Look


@dataclass(frozen=True)
class Head:
    """The head of an arrow."""

    points: tuple[tuple[float, float], ...]
    colour: str


@dataclass(frozen=True)
class Text:
    """A line of text on its base line; `x` is its middle if `middle`, else its left end."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    middle: bool = True
    colour: str = "#000000"


Shape = Rectangle | Line | Head | Text


@dataclass(frozen=True)
class Group:
    """Shapes that belong together, and the words that tell them in full."""

    told: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Sheet:
    """The whole picture, in points."""

    wide: float
    high: float
    groups: tuple[Group, ...]


Naming = Callable[[Box, int], str]


def drawn(diagram: Diagram, naming: Naming) -> Sheet:
    """The sheet of a diagram; `naming` gives the name to draw for a box and its number."""
    texts = {box.id: _texts(diagram, box, naming(box, number)) for number, box in enumerate(diagram.boxes, 1)}
    sizes = {box.id: (_wide(box), sum(size + 2 for _, size, _ in texts[box.id]) + 9.0) for box in diagram.boxes}
    pairs: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in diagram.arrows:
        pairs.setdefault((arrow.holder, arrow.held), []).append(arrow)
    words = {pair: _label(listed) for pair, listed in pairs.items()}
    spaces = {
        pair: (max(width(line, SMALL) for line in told) * 0.92, len(told) * (SMALL + 1.6))
        for pair, told in words.items()
    }
    layout = laid_out(diagram, sizes, spaces, GAP)
    tops, heights, high = _levels(layout)
    keys = _legend(diagram)
    right = max(spot.x + spot.right for rank in layout.ranks for spot in rank)
    wide = max(LEAST, right + 2 * MARGIN)
    shift = (wide - right) / 2
    ports, boxes = _ports(layout), {box.id: box for box in diagram.boxes}
    groups = [
        _arrow(run, words[run.arrows[0].holder, run.arrows[0].held], layout, tops, heights, ports, boxes)
        for run in layout.runs
    ]
    for box in diagram.boxes:
        spot = layout.boxes[box.id]
        top = tops[spot.rank] + (heights[spot.rank] - spot.high) / 2
        groups.append(_box(diagram, box, texts[box.id], spot.x - spot.left, top, spot.high))
    moved = [_moved(group, shift, MARGIN) for group in groups]
    foot, high = _foot(diagram, keys, wide, high + 2 * MARGIN)
    return Sheet(round(wide, 2), round(high, 2), (*moved, *foot))


def _texts(diagram: Diagram, box: Box, name: str) -> list[tuple[str, float, bool]]:
    """The lines in a box: text, size, whether bold."""
    room = _wide(box) - 2 * INSET - (STRIP if box.state == d.OWN else 0)
    subject = box.id == diagram.subject
    told: list[tuple[str, float, bool]] = []
    if box.state == d.UNDISCLOSED:
        told.append(("?", 12.0, True))
        listed = [arrow.words for arrow in diagram.arrows if arrow.holder == box.id and arrow.what == d.HIDDEN]
        name = shown(listed[0] if len(listed) == 1 else name)
    told += [(line, NAME, subject or box.state == d.OWN) for line in lines(name, NAME, room, 6)]
    told += [(line, SMALL, box.state == d.OWN) for line in lines(shown(box.where), SMALL, room, 4) if box.where]
    holdings = [a for a in diagram.arrows if a.holder == a.held == box.id]
    notes = [
        *box.notes,
        *(f"holds {a.words} in itself" + (f" (step {ranges(a.numbers)})" if a.numbers else "") for a in holdings),
        *([f"{diagram.persons}: {diagram.answer}"] if subject else []),
    ]
    told += [(line, SMALL, False) for note in notes for line in lines(shown(note), SMALL, room, 4)]
    return told


def _wide(box: Box) -> float:
    return NARROW if box.state == d.UNDISCLOSED else WIDE


def _label(arrows: list[Arrow]) -> list[str]:
    return [line for arrow in arrows for line in lines(arrow.label, SMALL, LABEL, 6)]


def _levels(layout: Layout) -> tuple[list[float], list[float], float]:
    """Top and height of each rank, and the height of all; ranks whose lines go far to the side stand further apart."""
    heights = [max(spot.high for spot in rank) for rank in layout.ranks]
    tops = [0.0] * len(heights)
    y = 0.0
    for rank in range(len(heights) - 1, -1, -1):
        tops[rank] = y
        y += heights[rank]
        if rank:
            far = max((abs(spot.x - below.x) for spot in layout.ranks[rank] for below in spot.down), default=0.0)
            y += min(34.0, max(12.0 if rank % 2 == 0 else HEAD + 8.0, 8.0 + far * 0.12))
    return tops, heights, y


def _ports(layout: Layout) -> dict[tuple[int, str], float]:
    """Where the lines of each run leave their upper box (end 0) and meet their lower box (end 1)."""
    sides: dict[tuple[int, str], list[tuple[float, int]]] = {}
    for number, run in enumerate(layout.runs):
        sides.setdefault((0, run.spots[0].key), []).append((run.spots[1].x, number))
        sides.setdefault((1, run.spots[-1].key), []).append((run.spots[-2].x, number))
    found: dict[tuple[int, str], float] = {}
    for (end, key), listed in sides.items():
        listed.sort()
        spot = layout.boxes[key]
        low, high = spot.x - spot.left + 14, spot.x + spot.right - 14
        apart = min(16.0, (high - low) / max(1, len(listed) - 1))
        xs = spread([min(high, max(low, x)) for x, _ in listed], [apart] * (len(listed) - 1))
        over = max(0.0, xs[-1] - high)
        xs = [max(low + apart * at, x - over) for at, x in enumerate(xs)]
        for (_, number), x in zip(listed, xs, strict=True):
            found[end, str(number)] = x
    return {(end, number): x for (end, number), x in found.items()}


def _arrow(
    run: Run,
    words: list[str],
    layout: Layout,
    tops: list[float],
    heights: list[float],
    ports: dict[tuple[int, str], float],
    boxes: Mapping[str, Box],
) -> Group:
    number = str(next(at for at, other in enumerate(layout.runs) if other is run))
    upper, lower = run.spots[0], run.spots[-1]
    first = tops[upper.rank] + (heights[upper.rank] + upper.high) / 2
    last = tops[lower.rank] + (heights[lower.rank] - lower.high) / 2
    strongest = min((arrow.state for arrow in run.arrows), key=list(LOOKS).index)
    look = LOOKS[strongest]
    down, up = (0.0, HEAD) if run.upwards else (HEAD, 0.0)
    x = ports[0, number]
    points: list[tuple[tuple[float, float], ...]] = [((x, first + up),)]
    at = (x, first + up)
    for spot in run.spots[1:-1]:
        top, bottom = tops[spot.rank], tops[spot.rank] + heights[spot.rank]
        points += [_curve(at, (spot.x, top)), ((spot.x, bottom),)]
        at = (spot.x, bottom)
    x = ports[1, number]
    points.append(_curve(at, (x, last - down)))
    tip = (ports[0, number], first) if run.upwards else (x, last)
    back = HEAD if run.upwards else -HEAD
    head = Head((tip, (tip[0] - 3.2, tip[1] + back), (tip[0] + 3.2, tip[1] + back)), look.colour)
    told = "; ".join(sentence(boxes, arrow) for arrow in run.arrows)
    texts = [
        Text(run.words.x + 6, tops[run.words.rank] + SMALL + at * (SMALL + 1.6), line, SMALL, middle=False)
        for at, line in enumerate(words)
    ]
    return Group(told, (Line(tuple(points), look), head, *texts))


def _curve(start: tuple[float, float], end: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    if abs(start[0] - end[0]) < 0.5:
        return (end,)
    middle = (start[1] + end[1]) / 2
    return ((start[0], middle), (end[0], middle), end)


def _box(diagram: Diagram, box: Box, texts: list[tuple[str, float, bool]], x: float, y: float, high: float) -> Group:
    look, wide = LOOKS[box.state], _wide(box)
    radius = 10.0 if box.natural else 2.0
    shapes: list[Shape] = []
    if box.count > 1:  # a second sheet behind it
        shapes.append(Rectangle(x + 3, y + 3, wide, high, radius, replace(look, width=0.6), "#ffffff"))
    shapes.append(Rectangle(x, y, wide, high, radius, look, FILLS.get(box.state, "#ffffff")))
    middle = x + wide / 2
    if box.state == d.OWN:
        shapes += _marks(x, y, wide, high, radius, look)
        middle += STRIP / 2
    base = y + 4.5
    for text, size, bold in texts:
        base += size + 2
        shapes.append(Text(middle, base - 3, text, size, bold))
    return Group(told_box(diagram, box), tuple(shapes))


def _marks(x: float, y: float, wide: float, high: float, radius: float, look: Look) -> list[Shape]:
    """The second border and the hatched strip of one of the persons."""
    thin = replace(look, width=0.7)
    inner = max(0.0, radius - 2.6)
    left, right, top, bottom = x + 2.6, x + 2.6 + STRIP, y + 2.6, y + high - 2.6
    if radius > STRIP:  # the strip of a round box stands where its sides are straight
        top, bottom = y + radius, y + high - radius
    shapes: list[Shape] = [
        Rectangle(left, y + 2.6, wide - 5.2, high - 5.2, inner, thin),
        Line((((right, y + 2.6),), ((right, y + high - 2.6),)), thin),
    ]
    at = top + 3.0
    while at < bottom + STRIP - 0.5:
        low, over = min(at, bottom), max(0.0, at - bottom)
        rise = min(STRIP - over, low - top)
        shapes.append(Line((((left + over, low),), ((left + over + rise, low - rise),)), thin))
        at += 3.0
    return shapes


def _legend(diagram: Diagram) -> list[tuple[str, str]]:
    states = {arrow.state for arrow in diagram.arrows} | {box.state for box in diagram.boxes}
    found = [(state, meaning) for state, meaning in MEANINGS if state in states]
    if d.OWN in states:
        found.insert(0, (d.OWN, shown(diagram.persons)))
    return found


def _foot(diagram: Diagram, keys: list[tuple[str, str]], wide: float, top: float) -> tuple[list[Group], float]:
    """The legend and the note below the picture, and where the sheet ends."""
    groups: list[Group] = []
    x, y = MARGIN, top + 6.0
    for state, meaning in keys:
        told = lines(meaning, SMALL, wide - 2 * MARGIN - 26, 3)
        needs = 28 + max(width(line, SMALL) for line in told) * 0.9 + 10
        if x > MARGIN and x + needs > wide - MARGIN:
            x, y = MARGIN, y + 15.0
        look = LOOKS[state]
        if state == d.OWN:
            sample: list[Shape] = [
                Rectangle(x, y - 2, 22, 13, 2, look, FILLS[state]),
                *_marks(x, y - 2, 22, 13, 2, look),
            ]
        else:
            sample = [
                Line((((x, y + 4.5),), ((x + 20 - HEAD, y + 4.5),)), look),
                Head(((x + 20, y + 4.5), (x + 20 - HEAD, y + 1.7), (x + 20 - HEAD, y + 7.3)), look.colour),
            ]
        texts = [Text(x + 26, y + 7 + at * 8.6, line, SMALL, middle=False) for at, line in enumerate(told)]
        groups.append(Group("", (*sample, *texts)))
        x, y = x + needs, y + (len(told) - 1) * 8.6
    y += 14.0 if keys else 0.0
    for line in lines(diagram.note, SMALL, wide - 2 * MARGIN, 6) if diagram.note else ():
        groups.append(Group("", (Text(MARGIN, y + 7, line, SMALL, middle=False),)))
        y += 9.0
    return groups, y + 4.0


def _moved(group: Group, x: float, y: float) -> Group:
    return replace(group, shapes=tuple(_shifted(shape, x, y) for shape in group.shapes))


def _shifted(shape: Shape, x: float, y: float) -> Shape:
    if isinstance(shape, Line):
        return replace(shape, points=tuple(tuple((a + x, b + y) for a, b in part) for part in shape.points))
    if isinstance(shape, Head):
        return replace(shape, points=tuple((a + x, b + y) for a, b in shape.points))
    return replace(shape, x=shape.x + x, y=shape.y + y)
