"""Kinds of values in a template: texts, numbers, records, lists. From the description of the variables, and of expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from assessor.reporting.context import MEANING


@dataclass(frozen=True)
class Kind:
    """What a value is.

    `item` is what a list consists of, `fields` what a record holds. A `lazy` list, as filters make it, can only be looped
    over or joined. `figure` is a text that names a figure, `optional` one that may be empty although it is needed.
    `container` is, for a macro, the element around its definition. `either` are the kinds of which it is one.
    """

    name: str
    item: Kind | None = None
    fields: Mapping[str, Kind] = field(default_factory=dict)
    lazy: bool = False
    figure: bool = False
    optional: bool = False
    container: str = ""
    either: tuple[Kind, ...] = ()

    @property
    def ways(self) -> tuple[Kind, ...]:
        """The kinds that it may be of; itself where that is plain."""
        return self.either or (self,)

    @property
    def entry(self) -> Kind:
        """What a loop over it goes through: entries of a list, characters of a text, names of the fields of a record."""
        return self.item or (TEXT if self.name in ("text", "record") else ANYTHING)

    @property
    def words(self) -> str:
        """With its article: `a list`."""
        return self.name if self.name in ("nothing", "anything") else f"a {self.name}"


MAX_WAYS = 6
"""Kinds of which one value may be, at most."""

TEXT, NUMBER, FLAG, NOTHING, ANYTHING = (Kind(name) for name in ("text", "number", "flag", "nothing", "anything"))
PICTURE = Kind("picture")
PRINTABLE = ("text", "number", "flag", "anything")
LOOP = Kind(
    "loop",
    fields=dict.fromkeys(("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"), NUMBER)
    | {"first": FLAG, "last": FLAG, "previtem": ANYTHING, "nextitem": ANYTHING, "cycle": ANYTHING, "changed": ANYTHING},
)


def list_of(item: Kind, lazy: bool = False) -> Kind:
    return Kind("list", item, lazy=lazy)


def described(told: Any) -> Kind:
    """The kind of a variable by its description (see `context.schema`)."""
    if isinstance(told, str):
        figure = "`picture`" in told
        return replace(TEXT, figure=figure, optional=figure and "empty" in told)
    if isinstance(told, list):
        return list_of(described(told[0]))
    return Kind("record", fields={key: described(value) for key, value in told.items() if key != MEANING})


def joined(one: Kind, other: Kind) -> Kind:
    """What a value is that is one or the other."""
    if one == other:
        return one
    if one.name == other.name == "text":
        return replace(TEXT, figure=one.figure and other.figure, optional=one.optional or other.optional)
    if one.name == other.name == "list":
        return Kind("list", joined(one.item or ANYTHING, other.item or ANYTHING), lazy=one.lazy or other.lazy)
    ways = list(one.ways)
    ways += [way for way in other.ways if way not in ways]
    return Kind("anything", either=tuple(ways[:MAX_WAYS]))
