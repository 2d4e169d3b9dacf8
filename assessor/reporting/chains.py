"""The figure of the persons behind a supplier, from the chain that its result tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from assessor.ownership.describing import KINDS
from assessor.ownership.figure import Arrow, Box, Diagram, figure_of
from assessor.procedures.supplier_ownership import PERSONS
from assessor.reporting.drawing import Figure, items_of
from assessor.reporting.view import Row, View
from assessor.reporting.words import NOTHING, missing

WIDEST, HIGHEST = 165.0, 215.0
"""The largest picture that a page holds, in millimetres."""
_EXACT = re.compile(r"(\d+(?:\.\d+)?) %")
_NOT_DISCLOSED = KINDS["undisclosed"]
_UNNAMED = {"holders not disclosed": "?", "a holder not named": "?!"}
_PLACES = ("incorporated", "headquarters", "principal_place", "residence", "citizenship")


class Names:
    """What the table of entities says of a name or an id: other names, countries, kind."""

    def __init__(self, view: View) -> None:
        self.caught = view.rule.countries("prc_russia")
        self.rule = view.rule
        self.others: dict[str, tuple[str, ...]] = {}
        self.countries: dict[str, tuple[str, ...]] = {}
        self.kind: dict[str, str] = {}
        for row in view.records("entities"):
            listed = [] if missing(row["names"]) else str(row["names"]).split("; ")
            others = [str(row[key]) for key in ("name", "entity") if not missing(row[key])]
            codes = [c for place in _PLACES if not missing(row.get(place)) for c in str(row[place]).split("; ")]
            for key in others:
                self.others[key] = (*self.others.get(key, ()), *others[:1], *listed, *others[1:])
                self.countries[key] = tuple(dict.fromkeys((*self.countries.get(key, ()), *codes)))
                self.kind.setdefault(key, str(row["kind"]))

    def is_caught(self, name: str) -> bool:
        """Whether a country of an entity is one of the PRC or Russia."""
        return any(code in self.caught for code in self.countries.get(name, ()))

    def box(self, name: str, state: str) -> Box:
        """The box of an entity."""
        codes = self.countries.get(name, ())
        told = dict.fromkeys([*codes[:1], *(code for code in codes if code in self.caught)])
        natural = self.kind.get(name) == "person"
        where = ", ".join(map(self.rule.country_name, told)) or "country not stated"
        others = tuple(other for other in self.others.get(name, ()) if other != name)
        return Box(name, name, f"natural person, {where}" if natural else where, state, others, natural=natural)


def ownership(name: str, supplier: Row, steps: Sequence[Mapping[str, str]], names: Names) -> Figure:
    """The figure of the chain (rows of `supply.chain`) of a supplier (a row of `supply.suppliers`)."""
    drawn = figure_of(diagram(supplier, steps, names))
    wide, high = (points * 25.4 / 72 for points in drawn.size)
    return Figure(
        name,
        f"Persons behind {supplier['name']} (determination: {supplier['prc_russia']}). Holders stand above what they hold; the "
        "numbers are those of the steps.",
        drawn.alt,
        drawn.png,
        wide * min(1.0, WIDEST / wide, HIGHEST / high),
        supplier=supplier["name"],
        rests_on=supplier["evidence"].items | items_of(steps),
        svg=drawn.svg,
    )


def diagram(supplier: Mapping[str, str], steps: Sequence[Mapping[str, str]], names: Names) -> Diagram:
    """The diagram of a chain told by names. Who is not disclosed has a box for each entity concerned."""
    answer = supplier["prc_russia"]
    arrows = tuple(_arrow(number, step, answer) for number, step in enumerate(steps, 1))
    ends = dict.fromkeys(end for arrow in arrows for end in (arrow.held, arrow.holder))
    subject = supplier["name"] if supplier["name"] in ends else arrows[-1].held
    hidden = {arrow.holder: steps[arrow.numbers[0] - 1]["from"] for arrow in arrows if arrow.state == "undisclosed"}
    control = {subject: answer}
    for arrow in arrows:
        if arrow.state == "established":
            control[arrow.held] = "established"
        elif arrow.state != "excluded":
            control.setdefault(arrow.held, "possible")
    boxes = tuple(
        Box(end, hidden[end], state="undisclosed")
        if end in hidden
        else names.box(end, "own" if names.is_caught(end) else control.get(end, "excluded"))
        for end in dict.fromkeys([subject, *ends])
    )
    return Diagram(subject, answer, PERSONS, boxes, arrows)


def _arrow(number: int, step: Mapping[str, str], answer: str) -> Arrow:
    hidden = _UNNAMED.get(step["from"])
    share = "" if step["share"] in (NOTHING, "not stated") else step["share"]
    exact = _EXACT.fullmatch(share)
    part = Fraction(exact[1]) / 100 if exact else None
    state = "undisclosed" if hidden else step["control"] or answer
    holder = f"{hidden}{step['to']}" if hidden else step["from"]
    return Arrow(holder, step["to"], (number,), step["kind"], share, state, part, part, step["evidence"])
