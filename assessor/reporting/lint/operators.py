"""What comparisons and arithmetic take and give."""

from __future__ import annotations

from jinja2 import nodes

from assessor.reporting.lint.filters import Tell
from assessor.reporting.lint.kinds import ANYTHING, NUMBER, TEXT, Kind, joined

_ORDERING = ("lt", "lteq", "gt", "gteq")


def compared(operator: str, left: Kind, right: Kind, tell: Tell) -> None:
    """Tell two values that cannot be compared."""
    if operator in _ORDERING and "anything" not in (left.name, right.name):
        numbers = {left.name, right.name} <= {"number", "flag"}
        if not numbers and not left.name == right.name == "text":
            tell(f"{left.words} cannot be compared with {right.words}; make a number with `int` first")
    elif operator in ("in", "notin") and (
        right.name not in ("text", "list", "record", "anything")
        or (right.name == "text" and left.name not in ("text", "anything"))
    ):
        tell(f"{left.words} cannot be looked for in {right.words}")


def operated(node: nodes.BinExpr, left: Kind, right: Kind, tell: Tell) -> Kind:
    """What arithmetic gives; values that it cannot be used on are told."""
    if "anything" in (left.name, right.name):
        return ANYTHING
    if {left.name, right.name} <= {"number", "flag"}:
        return NUMBER
    if isinstance(node, nodes.Add) and left.name == right.name and left.name in ("text", "list") and not left.lazy:
        return TEXT if left.name == "text" else joined(left, right)
    if isinstance(node, nodes.Mul) and {left.name, right.name} in ({"text", "number"}, {"list", "number"}):
        return left if right.name == "number" else right
    tell(
        f"`{node.operator}` cannot be used on {left.words} and {right.words}; join texts with `~`, make numbers with `int`"
    )
    return ANYTHING
