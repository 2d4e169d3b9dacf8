"""Which of Jinja's filters a template has, and bounds on what they may make of a template's values: texts of a size, numbers of a size, work that is counted.

A short template can ask for a great deal: a list joined with a long text between its entries, a number rounded to a thousand million
places, a list of lists as one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter

FILTERS = (
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "string",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
)
MAX_TEXT = 1_000_000
"""Characters of one text, and entries of one list, that a template may build."""
MAX_PLACES = 20
"""Decimal places to which a number may be rounded."""
_TEXT_STEP, _LIST_STEP = 1_000, 50
"""Characters of a text, and entries of a list, that count as a step of work."""
_OF_TEXTS = frozenset({"capitalize", "lower", "replace", "string", "title", "trim", "truncate", "upper"})
_MANY = (Mapping, list, tuple)


def work(values: Iterable[Any]) -> int:
    """Steps that looking through these values counts for."""
    return sum(
        len(value) // (_TEXT_STEP if isinstance(value, str) else _LIST_STEP)
        for value in values
        if isinstance(value, str | list | tuple | dict)
    )


def single(value: Any) -> Any:
    """A value that is no list and no record, as which alone it may become a text; SecurityError otherwise."""
    if isinstance(value, _MANY) or (isinstance(value, Iterable) and not isinstance(value, str | Undefined)):
        raise SecurityError("it makes one text of a list or a record; name an entry, or use `join`")
    return value


def bounded(name: str, function: Callable[..., Any], arguments: list[Any], named: dict[str, Any]) -> list[Any]:
    """The arguments of a filter, once it is sure that it stays within bounds with them; SecurityError otherwise."""
    at = 1 if hasattr(function, "jinja_pass_arg") else 0
    if name in _OF_TEXTS:
        single(arguments[at])
    elif name == "round" and not -MAX_PLACES <= _given(arguments, named, at + 1, "precision", 0) <= MAX_PLACES:
        raise SecurityError(f"it rounds to more than {MAX_PLACES} decimal places")
    elif name == "sum" and not isinstance(_given(arguments, named, at + 2, "start", 0), int | float):
        raise SecurityError("`sum` is for numbers")
    elif name == "join":
        return _joined(arguments, named)
    return arguments


def _given(arguments: list[Any], named: Mapping[str, Any], at: int, name: str, otherwise: Any) -> Any:
    return arguments[at] if len(arguments) > at else named.get(name, otherwise)


def _joined(arguments: list[Any], named: dict[str, Any]) -> list[Any]:
    context, values = arguments[:2]
    between = str(single(_given(arguments, named, 2, "d", "")))
    attribute = _given(arguments, named, 3, "attribute", None)
    listed = list(values)
    if attribute is not None:
        listed = list(map(make_attrgetter(context.environment, attribute), listed))
    size = 0
    for entry in listed:
        size += len(between) + len(str(single(entry)))
        if size > MAX_TEXT:
            raise SecurityError("it builds a text that is too long")
    named.clear()
    return [context, listed, between]
