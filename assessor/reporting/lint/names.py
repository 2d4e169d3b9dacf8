"""What the expressions of a part ask for: variables that exist, used as what they are.

Values are followed by their kinds through loops, `set` and macros; nothing is computed and no data are at hand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from rapidfuzz import fuzz, process

from assessor.reporting import sandbox
from assessor.reporting.lint import filters, operators
from assessor.reporting.lint.kinds import ANYTHING, FLAG, NOTHING, NUMBER, PRINTABLE, TEXT, Kind, joined, list_of
from assessor.reporting.lint.scope import Scope, truths
from assessor.reporting.lint.source import Part
from assessor.reporting.lint.tags import Tag

_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)


class Expressions:
    """Looks at the expressions of one part, tag by tag."""

    def __init__(self, part: Part, environment: sandbox.TemplateEnvironment) -> None:
        self.part = part
        self.environment = environment
        self.tag = Tag("", None, "")
        self.calls: dict[str, list[Kind]] = {}
        """What each macro was called with, value by value."""
        self.forgiven: nodes.Node | None = None  # an expression that may be missing, since a default stands beside it
        self.lenient = False

    def kind(self, node: nodes.Node | None, scope: Scope, tag: Tag | None = None) -> Kind:
        """What an expression gives; what is wrong with it is told at the tag."""
        if tag is not None:
            self.tag = tag
        outer, self.lenient = self.lenient, node is not None and node is self.forgiven
        kind = self._kind(node, scope)
        self.lenient = outer
        return kind

    def _kind(self, node: nodes.Node | None, scope: Scope) -> Kind:
        match node:
            case nodes.Name():
                return self._name(node, scope)
            case nodes.Const():
                return self._constant(node)
            case nodes.TemplateData():
                return TEXT
            case nodes.Getattr():
                return self._field(node, self.kind(node.node, scope), node.attr, scope)
            case nodes.Getitem():
                return self._entry(node, scope)
            case nodes.Filter():
                return self._filter(node, scope)
            case nodes.Test():
                return self._test(node, scope)
            case nodes.Call():
                return self._call(node, scope)
            case nodes.CondExpr():
                return self._choice(node, scope)
            case nodes.And() | nodes.Or():
                left = self.kind(node.left, scope)
                right_scope = scope.inner()
                right_scope.filled |= truths(node.left, isinstance(node, nodes.And))
                return joined(left, self.kind(node.right, right_scope))
            case nodes.Not():
                self.kind(node.node, scope)
                return FLAG
            case nodes.Compare():
                return self._comparison(node, scope)
            case nodes.Concat():
                for one in node.nodes:
                    self.printable(self.kind(one, scope))
                return TEXT
            case nodes.BinExpr():
                return self._arithmetic(node, scope)
            case nodes.UnaryExpr():
                if (of := self.kind(node.node, scope)).name not in ("number", "flag", "anything"):
                    self.tell("wrong-kind", f"a sign is for numbers, not for {of.words}")
                return NUMBER
            case nodes.List() | nodes.Tuple():
                kinds = [self.kind(one, scope) for one in node.items]
                return list_of(reduce(joined, kinds) if kinds else ANYTHING)
            case nodes.Dict():
                fields = {}
                for pair in node.items:
                    value = self.kind(pair.value, scope)
                    if isinstance(pair.key, nodes.Const):
                        fields[str(pair.key.value)] = value
                return Kind("record", fields=fields)
        return ANYTHING

    def tell(self, code: str, what: str, severity: str = "") -> None:
        """Note a problem of the tag at hand."""
        message = f"`{self.tag.text[:120]}`: {what}" + "." * (not what.endswith("?"))
        self.part.tell(code, self.tag.paragraph, message, self.tag.text[:200], severity)

    def printable(self, kind: Kind) -> None:
        """Tell what is no text where a text belongs."""
        for way in kind.ways:
            if way.name not in PRINTABLE:
                advice = {"record": "; name one of its fields", "list": "; loop over it or `join` it"}.get(way.name, "")
                self.tell("wrong-kind", f"{way.words} stands where a text belongs{advice}")

    # inside

    def _unknown(self, name: str, known: Iterable[str], of: str = "", longer: Sequence[str] = ()) -> Kind:
        """Tell a name that does not exist; `longer` are names of fields that end with it."""
        found = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=55)
        near = [*longer, *(found[:1] if found else ())]
        hint = f"did you mean `{near[0]}`?" if near else "templates/README.md lists the variables"
        severity = "warning" if self.lenient else ""
        self.tell("unknown-variable", f"`{name}`{of} does not exist; {hint}", severity)
        return ANYTHING

    def _name(self, node: nodes.Name, scope: Scope) -> Kind:
        kind = scope.names.get(node.name)
        if kind is None:
            longer = [
                f"{record}.{node.name}"
                for record, of in scope.names.items()
                if of.name == "record" and node.name in of.fields
            ]
            return self._unknown(node.name, scope.names, longer=longer)
        if node.name in scope.unsure and not self.lenient:
            self.tell("may-be-missing", f"`{node.name}` is set only under a condition; set it before that too", "error")
        return kind

    @staticmethod
    def _constant(node: nodes.Const) -> Kind:
        value = node.value
        if isinstance(value, bool):
            return FLAG
        return NOTHING if value is None else NUMBER if isinstance(value, int | float) else TEXT

    def _field(self, node: nodes.Node, of: Kind, name: str, scope: Scope) -> Kind:
        if of.either:
            return reduce(joined, [self._field(node, way, name, scope) for way in of.either])
        if of.name == "anything" or name.startswith("_"):  # what begins so is refused with the tag
            return ANYTHING
        if of.name in ("record", "loop"):
            if name not in of.fields:
                return self._unknown(name, of.fields, f" of {_path(node, of)}")
            kind = of.fields[name]
            return replace(kind, optional=False) if kind.optional and repr(node) in scope.filled else kind
        if of.name == "list":
            message = f"`{name}` is asked of a list; loop over it, or take one entry as in `[0]`"
        else:
            message = f"{sandbox.reaching(name)} ({of.words} has no fields)"
        self.tell("unsafe" if of.name != "list" else "wrong-kind", message)
        return ANYTHING

    def _entry(self, node: nodes.Getitem, scope: Scope) -> Kind:
        of = self.kind(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            for bound in (node.arg.start, node.arg.stop, node.arg.step):
                if bound is not None and self.kind(bound, scope).name not in ("number", "anything"):
                    self.tell("wrong-kind", "a part of a list is taken by numbers")
            if of.name not in ("list", "text", "anything") or of.lazy:
                self.tell("wrong-kind", f"no part can be taken of {of.words}")
            return replace(of, figure=False)
        by = self.kind(node.arg, scope)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._field(nodes.Getattr(node.node, node.arg.value, "load"), of, node.arg.value, scope)
        if of.name == "record":
            if by.name != "text" and by.name != "anything":
                self.tell("wrong-kind", "a record has fields with names, not with numbers")
            return ANYTHING
        if of.name not in ("list", "text", "anything") or of.lazy or by.name not in ("number", "anything"):
            self.tell("wrong-kind", f"{by.words} is no key of {of.words}")
            return ANYTHING
        sure = isinstance(node.arg, nodes.Const) and node.arg.value in (0, -1) and repr(node.node) in scope.filled
        if of.name in ("list", "text") and not sure:
            self._may_be_missing(f"this entry of {of.words}")
        return (of.item or ANYTHING) if of.name == "list" else TEXT if of.name == "text" else ANYTHING

    def _may_be_missing(self, what: str) -> None:
        if not self.lenient:
            self.tell("may-be-missing", f"{what} is missing where that is too short; put it under `if` of it")

    def _arguments(
        self, node: nodes.Filter | nodes.Test | nodes.Call, scope: Scope
    ) -> tuple[list[Kind], dict[str, nodes.Node]]:
        for dynamic in (node.dyn_args, node.dyn_kwargs):
            if dynamic is not None:
                self.kind(dynamic, scope)
        for keyword in node.kwargs:
            self.kind(keyword.value, scope)
        return [self.kind(arg, scope) for arg in node.args], {
            str(keyword.key): keyword.value for keyword in node.kwargs
        }

    def _number(
        self, node: nodes.Filter | nodes.Test, function: Any, args: list[Kind], named: Mapping[str, Any]
    ) -> None:
        if node.dyn_args is None and node.dyn_kwargs is None and not filters.takes(function, len(args), list(named)):
            self.tell("wrong-kind", f"`{node.name}` is given too few or too many values, or one by a wrong name")

    def _filter(self, node: nodes.Filter, scope: Scope) -> Kind:
        if node.name not in self.environment.filters or node.name.endswith("_by_the_sandbox"):
            self._no_such(
                "filter", node.name, [n for n in self.environment.filters if not n.endswith("_by_the_sandbox")]
            )
            self.kind(node.node, scope)
            return ANYTHING
        self.forgiven = node.node if node.name in ("default", "d") else None
        value = TEXT if node.node is None else self.kind(node.node, scope)  # without one: of a block
        args, named = self._arguments(node, scope)
        self._number(node, self.environment.filters[node.name], args, named)
        if node.name == "picture":
            self._picture(value)
        if value.name == "picture":
            self.tell("wrong-kind", "`picture` comes last; nothing can be done with a picture but print it")
        by_field, found = self._by_field(node, value, named)
        if (
            node.name in ("first", "last", "max", "min")
            and value.name in ("list", "text")
            and repr(node.node) not in scope.filled
        ):
            self._may_be_missing(f"what `{node.name}` takes")
        if node.name == "map" and node.args and isinstance(node.args[0], nodes.Const):
            inner = str(node.args[0].value)
            if inner not in self.environment.filters:
                self._no_such("filter", inner, self.environment.filters)
            else:
                found = filters.filtered(inner, value.entry, args[1:], None, False, self._wrong)
        ways = [filters.filtered(node.name, way, args, found, by_field, self._wrong) for way in value.ways]
        return reduce(joined, ways)

    def _by_field(self, node: nodes.Filter, value: Kind, named: Mapping[str, nodes.Node]) -> tuple[bool, Kind | None]:
        """Whether a filter was given a field of the entries, and what that is."""
        by = named.get("attribute")
        places = {"selectattr": 0, "rejectattr": 0, "groupby": 0, "join": 1, "sum": 0}
        if by is None and len(node.args) > (at := places.get(node.name, 99)):
            by = node.args[at]
        tests = node.args[{"select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}.get(node.name, 99) :][:1]
        for test in tests:
            if isinstance(test, nodes.Const) and test.value not in self.environment.tests:
                self._no_such("test", str(test.value), self.environment.tests)
        if by is None:
            return False, None
        entry = value.entry
        if not isinstance(by, nodes.Const):
            return True, ANYTHING
        for name in str(by.value).split("."):
            if name.startswith("_"):
                self.tell("unsafe", sandbox.reaching(name))
                return True, ANYTHING
            if not name.isdigit():
                entry = self._field(by, entry, name, Scope({}))
        return True, entry

    def _wrong(self, what: str) -> None:
        self.tell("wrong-kind", what)

    def _no_such(self, what: str, name: str, known: Iterable[str]) -> None:
        near = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=55)
        hint = f"; did you mean `{near[0]}`?" if near else "; take it out"
        self.tell("unknown-filter", f"there is no {what} `{name}`{hint}")

    def _picture(self, value: Kind) -> None:
        if value.name == "anything" or (value.figure and not value.optional):
            return
        if value.figure:
            message = "this name is empty where there is no figure; put the picture under `if` of that name"
            self.tell("may-be-missing", message, "error")
        else:
            message = "`picture` is for the name of a figure, such as `f.name` in `for f in figures`"
            self.tell("wrong-kind", message)

    def _test(self, node: nodes.Test, scope: Scope) -> Kind:
        self.forgiven = node.node if node.name in ("defined", "undefined") else None
        value = self.kind(node.node, scope)
        args, named = self._arguments(node, scope)
        if node.name not in self.environment.tests:
            self._no_such("test", node.name, self.environment.tests)
        else:
            self._number(node, self.environment.tests[node.name], args, named)
        return filters.tested(node.name, value, self._wrong)

    def _call(self, node: nodes.Call, scope: Scope) -> Kind:
        args, named = self._arguments(node, scope)
        if not isinstance(node.node, nodes.Name):
            if isinstance(node.node, nodes.Getattr) and node.node.attr in ("cycle", "changed"):
                self.kind(node.node, scope)
                return args[0] if node.node.attr == "cycle" and args else FLAG
            return ANYTHING  # refused with the tag
        called = self._name(node.node, scope)
        if node.node.name == "range" and called.name == "range":
            return self._range(node, args)
        if called.name == "macro":
            self._values(
                node.node.name, called, node, args, {name: self.kind(one, scope) for name, one in named.items()}
            )
            return replace(TEXT, container=called.container)
        if called.name != "anything":
            self.tell(
                "unsafe", f"`{node.node.name}` is {called.words} and cannot be called; only macros and `range` can"
            )
        return ANYTHING

    def _values(self, name: str, macro: Kind, call: nodes.Call, args: list[Kind], named: dict[str, Kind]) -> None:
        """Note what a macro is called with; tell values that it does not take and such that it lacks."""
        if "*" in macro.fields or call.dyn_args is not None or call.dyn_kwargs is not None:
            return
        given = dict(zip(macro.fields, args, strict=False)) | named
        if len(args) > len(macro.fields) or set(named) - set(macro.fields):
            self.tell("wrong-kind", f"the macro `{name}` takes {len(macro.fields)} values and is given others")
        values = [given.get(one, default) for one, default in macro.fields.items()]
        for one, kind in zip(macro.fields, values, strict=True):
            if kind.name == "missing":
                self.tell("may-be-missing", f"the macro `{name}` lacks its value `{one}`", "error")
        values = [ANYTHING if kind.name == "missing" else kind for kind in values]
        before = self.calls.get(name, values)
        self.calls[name] = (
            [joined(one, other) for one, other in zip(before, values, strict=True)]
            if len(before) == len(values)
            else values
        )

    def _range(self, node: nodes.Call, args: list[Kind]) -> Kind:
        if any(kind.name not in ("number", "anything") for kind in args) or not 1 <= len(args) <= 3 or node.kwargs:
            self.tell("wrong-kind", "`range` takes one to three numbers")
        elif all(isinstance(arg, nodes.Const) and isinstance(arg.value, int) for arg in node.args):
            values = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
            try:
                self.environment.bounded_range(*values)
            except (SecurityError, ValueError, OverflowError) as error:
                self.tell("unsafe", str(error))
        return list_of(NUMBER)

    def _choice(self, node: nodes.CondExpr, scope: Scope) -> Kind:
        self.kind(node.test, scope)
        inside, outside = scope.inner(), scope.inner()
        inside.filled |= truths(node.test)
        outside.filled |= truths(node.test, False)
        kind = self.kind(node.expr1, inside)
        if node.expr2 is None:
            if not self.lenient:
                self.tell(
                    "may-be-missing",
                    "a choice without `else` gives nothing where it does not hold; add `else ''`",
                    "error",
                )
            return kind
        return joined(kind, self.kind(node.expr2, outside))

    def _comparison(self, node: nodes.Compare, scope: Scope) -> Kind:
        left = self.kind(node.expr, scope)
        for operand in node.ops:
            right = self.kind(operand.expr, scope)
            for one, other in itertools.product(left.ways, right.ways):
                operators.compared(operand.op, one, other, self._wrong)
            left = right
        return FLAG

    def _arithmetic(self, node: nodes.BinExpr, scope: Scope) -> Kind:
        left, right = self.kind(node.left, scope), self.kind(node.right, scope)
        if not isinstance(node, _ARITHMETIC):
            return ANYTHING
        if isinstance(node.left, nodes.Const) and isinstance(node.right, nodes.Const):
            return self._computed(node.operator, node.left.value, node.right.value)
        if (
            isinstance(node, nodes.Div | nodes.FloorDiv | nodes.Mod)
            and isinstance(node.right, nodes.Const)
            and node.right.value == 0
        ):
            self.tell("wrong-kind", "nothing can be divided by zero")
        ways = [
            operators.operated(node, one, other, self._wrong) for one, other in itertools.product(left.ways, right.ways)
        ]
        return reduce(joined, ways)

    def _computed(self, operator: str, left: object, right: object) -> Kind:
        """What two constants give; the sandbox bounds how large that may be."""
        try:
            return self._constant(nodes.Const(self.environment.call_binop(None, operator, left, right)))  # type: ignore[arg-type]
        except SecurityError as error:
            self.tell("unsafe", str(error))
        except Exception as error:  # whatever Python has against it would be raised in the rendering too
            self.tell("wrong-kind", str(error))
        return ANYTHING


def _path(node: nodes.Node, of: Kind) -> str:
    """What a field is asked of, as written where that is plain."""
    words: list[str] = []
    here = node.node if isinstance(node, nodes.Getattr) else None
    while isinstance(here, nodes.Getattr):
        words.append(here.attr)
        here = here.node
    return f"`{'.'.join([here.name, *reversed(words)])}`" if isinstance(here, nodes.Name) else of.words
