"""Boxes and arrows in words: what the picture shows, for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.ownership.figure import diagram as d
from assessor.ownership.figure.diagram import Arrow, Box, Diagram
from assessor.ownership.figure.lettering import apart, ranges, shown

MEANINGS = (
    (d.ESTABLISHED, "establishes control"),
    (d.POSSIBLE, "makes control possible"),
    (d.UNDISCLOSED, "holder not known"),
    (d.EXCLUDED, "does not decide"),
)


def described(diagram: Diagram, box: Box) -> str:
    """What is known of a box beside its name."""
    means = {
        d.OWN: f"by its own facts one of the {diagram.persons}",
        d.ESTABLISHED: f"control by {diagram.persons} established",
        d.POSSIBLE: f"control by {diagram.persons} possible",
    }
    parts = [shown(box.where), *map(shown, box.notes), means.get(box.state, "") if box.count == 1 else ""]
    return "; ".join(part for part in parts if part)


def told_box(diagram: Diagram, box: Box) -> str:
    """A box in words."""
    told = described(diagram, box)
    return f"{apart(box.name)} ({told})" if told else apart(box.name)


def sentence(boxes: Mapping[str, Box], arrow: Arrow) -> str:
    """An arrow in words: `Step 2: A holds in B: 60 % of shares; makes control possible; source E-0018 /253`."""
    steps = f"Step{'s' if len(arrow.numbers) > 1 else ''} {ranges(arrow.numbers)}: " if arrow.numbers else ""
    holder, held = (apart(boxes[end].name) for end in (arrow.holder, arrow.held))
    told = f"{holder} {'hold' if boxes[arrow.holder].count > 1 else 'holds'} in {held}: {shown(arrow.words)}"
    if arrow.what == d.HIDDEN:
        told = f"who holds {shown(arrow.share) or 'a part'} of {held} is not disclosed"
    meaning = "" if arrow.state == d.UNDISCLOSED else f"; {dict(MEANINGS)[arrow.state]}"
    source = f"; source {shown(arrow.place)}" if arrow.place else ""
    return f"{steps}{told}{meaning}{source}"
