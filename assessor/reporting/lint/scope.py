"""What is known at a place of a template: names with their kinds, and what conditions around it say."""

from __future__ import annotations

from dataclasses import dataclass, field

from jinja2 import nodes

from assessor.reporting.lint.kinds import Kind


@dataclass
class Scope:
    """What is known at a place: the names, those that only some ways to it have set, and what is surely not empty."""

    names: dict[str, Kind]
    unsure: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    def inner(self) -> Scope:
        return Scope(dict(self.names), set(self.unsure), set(self.filled))

    def bind(self, name: str, kind: Kind) -> None:
        self.names[name] = kind
        self.unsure.discard(name)
        self.filled = {fact for fact in self.filled if f"Name({name!r}" not in fact}


def truths(test: nodes.Node | None, holds: bool = True) -> set[str]:
    """What is surely not empty where a condition holds (or where it does not), as the text of its expression."""
    match test:
        case nodes.Not():
            return truths(test.node, not holds)
        case nodes.And() if holds:
            return truths(test.left) | truths(test.right)
        case nodes.Or() if not holds:
            return truths(test.left, False) | truths(test.right, False)
        case nodes.Name() | nodes.Getattr() | nodes.Getitem() if holds:
            return {repr(test)}
        case nodes.Filter(name="length" | "count") if holds:
            return truths(test.node)
        case nodes.Compare(ops=[nodes.Operand(op="gt" | "ne", expr=nodes.Const(value=0))]) if holds:
            return truths(test.expr)
    return set()
