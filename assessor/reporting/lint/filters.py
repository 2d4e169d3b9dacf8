"""What filters and tests take and give. Which of them exist is the sandbox's to say; here is what they do to kinds."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from assessor.reporting.lint.kinds import ANYTHING, FLAG, NUMBER, PICTURE, TEXT, Kind, joined, list_of

Tell = Callable[[str], None]

_TEXTUAL = ("capitalize", "lower", "replace", "string", "title", "trim", "upper")
_NEEDS_COUNT = ("count", "length", "last")
_NUMBER_TESTS = ("odd", "even", "divisibleby")
_PAIR = list_of(ANYTHING)


def takes(function: Callable[..., Any], given: int, named: list[str]) -> bool:
    """Whether a filter or test can be given so many values, and others by these names, besides the one it is used on."""
    before = 2 if hasattr(function, "jinja_pass_arg") else 1  # Jinja gives some of them its environment first
    try:
        inspect.signature(function, follow_wrapped=False).bind(*[None] * (before + given), **dict.fromkeys(named))
    except TypeError:
        return False
    except ValueError:  # functions written in C do not always tell
        return True
    return True


def filtered(name: str, value: Kind, args: list[Kind], field: Kind | None, by_field: bool, tell: Tell) -> Kind:
    """What a filter makes of a value; what does not fit is told.

    `args` are the kinds of its positional arguments; with `by_field` it was given a field of the entries to look at, whose
    kind is `field`.
    """
    if value.name == "anything":
        return _result(name, value, args, field)
    if name in _TEXTUAL or name == "truncate":
        if value.name not in ("text", "number", "flag") or (name == "truncate" and value.name != "text"):
            tell(f"`{name}` is for a text, not for {value.words}")
    elif name in ("abs", "round"):
        if value.name not in ("number", "flag"):
            tell(f"`{name}` is for a number, not for {value.words}; make one with `int` or `float` before it")
    elif name in ("int", "float"):
        if value.name not in ("text", "number", "flag"):
            tell(f"`{name}` is for a text or a number, not for {value.words}")
    elif name in ("dictsort", "items"):
        if value.name != "record":
            tell(f"`{name}` is for a record, not for {value.words}")
    elif name not in ("default", "d", "picture"):
        _listed(name, value, field, by_field, tell)
    return _result(name, value, args, field)


def _listed(name: str, value: Kind, field: Kind | None, by_field: bool, tell: Tell) -> None:
    if value.name not in ("list", "text", "record") or (value.name == "record" and name not in _NEEDS_COUNT):
        tell(f"`{name}` is for a list, not for {value.words}")
        return
    if value.lazy and name in _NEEDS_COUNT:
        tell(f"`{name}` needs a list, and a filter before it gave only its entries; put `list` between them")
    entry = field if by_field and field is not None else value.entry
    if name in ("join", "max", "min", "sort", "unique") and entry.name not in ("text", "number", "flag", "anything"):
        tell(f"`{name}` is for a list of texts; name the field of the record, as in `{name}(attribute='name')`")
    if name == "sum" and entry.name not in ("number", "flag", "anything"):
        tell("`sum` is for numbers, and the variables of a report are texts")
    if name in ("selectattr", "rejectattr", "groupby") and not by_field:
        tell(f"`{name}` needs the name of a field")


def _result(name: str, value: Kind, args: list[Kind], field: Kind | None) -> Kind:
    entry = value.entry
    if name in _TEXTUAL or name in ("truncate", "join"):
        return TEXT
    if name in ("abs", "round", "int", "float", "count", "length", "sum"):
        return NUMBER
    if name in ("first", "last", "max", "min"):
        return entry
    if name in ("list", "sort"):
        return list_of(entry)
    if name == "reverse":
        return TEXT if value.name == "text" else list_of(entry, lazy=True)
    if name in ("select", "reject", "selectattr", "rejectattr", "unique"):
        return list_of(entry, lazy=True)
    if name == "map":
        return list_of(field or ANYTHING, lazy=True)
    if name == "groupby":
        return list_of(Kind("list", ANYTHING))
    if name == "dictsort":
        return list_of(_PAIR)
    if name == "items":
        return list_of(_PAIR, lazy=True)
    if name == "picture":
        return PICTURE
    if name in ("default", "d"):
        return joined(value, args[0]) if args else value
    return ANYTHING


def tested(name: str, value: Kind, tell: Tell) -> Kind:
    """What a test gives: yes or no. What it cannot be asked of is told."""
    if name in _NUMBER_TESTS and value.name not in ("number", "flag", "anything"):
        tell(f"`{name}` is for numbers, not for {value.words}")
    return FLAG
