"""One figure in three forms: SVG, PNG and words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape

from assessor.ownership.figure import png, svg
from assessor.ownership.figure.diagram import UNDISCLOSED, Box, Diagram, of_verdict
from assessor.ownership.figure.folding import folded
from assessor.ownership.figure.lettering import apart, shown
from assessor.ownership.figure.sheet import Sheet, drawn
from assessor.ownership.figure.words import sentence, told_box
from assessor.ownership.verdict import Ownership, Verdict


@dataclass(frozen=True)
class Figure:
    """The picture of a diagram. The same diagram gives the same bytes.

    `svg`: a whole SVG document, text as text, with title and description. `png`: the same picture at 150 dots to the inch; a
    name that its font lacks is replaced by another of the names, the id, or a number that `alt` tells. `alt`: everything that
    the picture shows, and every step that it leaves out, in sentences. `title`: one line. `size`: width and height of the
    picture in points. The public way to one is `chain_figure`.
    """

    diagram: Diagram

    @cached_property
    def title(self) -> str:
        """What the picture shows, in one line."""
        name = apart(self.diagram.box(self.diagram.subject).name)
        return f"Ownership of {name}; {shown(self.diagram.persons)}: {self.diagram.answer}"

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        return svg.svg(self._sheet, self.title, self.alt)

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG."""
        return png.png(drawn(self._folded, png.named))

    @cached_property
    def alt(self) -> str:
        """The text alternative: the answer, each person that is one of the persons asked about, and each step with its source."""
        diagram = self.diagram
        parts = [f"{self.title}. Holders stand above what they hold."]
        boxes = {box.id: box for box in diagram.boxes}
        parts += [f"{sentence(boxes, arrow)}." for arrow in diagram.arrows]
        described = [f"{told_box(diagram, box)}" for box in diagram.boxes if box.state != UNDISCLOSED]
        parts.append(f"Boxes: {'; '.join(described)}.")
        numbered = [
            f"{apart(box.name)} is drawn as “{told}”"
            for number, box in enumerate(self._folded.boxes, 1)
            if (told := png.named(box, number)) != shown(box.name)
        ]
        if numbered:
            parts.append(f"In the PNG picture, whose font lacks some letters, {'; '.join(numbered)}.")
        return " ".join(parts)

    def _repr_html_(self) -> str:
        """The picture in a notebook: an image runs nothing, and is shown in notebooks that are not trusted too."""
        picture = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return f'<img alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{picture}">'

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        return self._sheet.wide, self._sheet.high

    @cached_property
    def _folded(self) -> Diagram:
        return folded(self.diagram)

    @cached_property
    def _sheet(self) -> Sheet:
        return drawn(self._folded, _named)


def chain_figure(verdict: Verdict, ownership: Ownership, country_name: Callable[[str], str] = str) -> Figure:
    """The figure of a verdict of `ownership`; `country_name` spells a country's code (`rule.country_name`).

    Holders stand above what they hold, the verdict's entity at the bottom. An excluded verdict, and that on one of the persons
    by its own facts, has no chain: then the nearest holders that are stated are shown.
    """
    return figure_of(of_verdict(verdict, ownership, country_name))


def figure_of(diagram: Diagram) -> Figure:
    """The figure of a diagram."""
    return Figure(diagram)


def _named(box: Box, _: int) -> str:
    return shown(box.name)
