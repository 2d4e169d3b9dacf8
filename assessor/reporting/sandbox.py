"""The Jinja environment that Word templates run in.

A template is a program that somebody else wrote, so it gets plain data and little else: keys of dicts, items of lists, a
short list of filters, loops and calls whose total is bounded, texts and numbers whose size is bounded. It reaches no
attribute or method of any Python object. What it asks for and is not there is collected with its place, so that one
rendering names every gap.
"""

from __future__ import annotations

import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from html import unescape
from typing import Any, NoReturn

from jinja2 import Undefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup, escape

from assessor.reporting import bounds
from assessor.reporting.bounds import MAX_TEXT
from assessor.reporting.claims import Claim, Confidential
from assessor.reporting.links import signed
from assessor.reporting.pages import BEGIN, END
from assessor.reporting.words import Item, Reference
from assessor.text import visible

MAX_STEPS = 1_000_000
"""Loop passes and calls in one rendering, all together."""
CALL_STEPS = 20
"""What a call counts for."""
MAX_OUTPUT = 200_000_000
"""Characters of one rendered part."""
MAX_RANGE = 10_000
_SOME = 1_000
"""Pieces of output that are counted together."""


@dataclass
class Rendering:
    """What one rendering did: the texts that it printed, part by part and in order, and the gaps that it met."""

    part: str = ""
    source: str = ""
    printed: dict[str, list[str]] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    steps: int = 0
    claim: Claim | None = None
    unended: set[str] = field(default_factory=set)
    """Parts in which a cell may not end with a paragraph."""
    rowless: bool = False
    """Whether a table was left without a row."""

    broken: bool = False
    """Whether a text that was printed holds a line feed, a tab or spaces that Word would drop."""

    linked: bool = False
    """Whether a reference to evidence was printed."""

    def confidential(self, value: Any, text: str) -> bool:
        """Whether what is printed is confidential: marked as such, or made by the template out of what is."""
        if self.claim is None:
            return False
        return isinstance(value, Confidential) or (text not in self._known and bool(self.claim.secrets.inside(text)))

    @cached_property
    def _known(self) -> frozenset[str]:
        return self.claim.known if self.claim else frozenset()

    def gap(self, what: str) -> None:
        """Note something that the template asked for in vain, with its place."""
        if (entry := f"{what} ({self.place()})") not in self.gaps:
            self.gaps.append(entry)

    def step(self, number: int = 1) -> None:
        """Count work; SecurityError when it is too much."""
        self.steps += number
        if self.steps > MAX_STEPS:
            raise SecurityError("it loops or calls too often")

    def place(self, line: int | None = None) -> str:
        """Where the template stands now: its part, the nearest heading and the paragraph's text."""
        lines = self.source.split("\n")
        at = min(line or _current_line(), len(lines))
        heading = next(
            (words for text in reversed(lines[:at]) if 'w:val="Heading' in text and (words := _words(text))), ""
        )
        return placed(self.part, heading, _words(lines[at - 1])[:120] if at else "")


def placed(part: str, heading: str, paragraph: str) -> str:
    """A place in words: `word/document.xml, under “Findings”, in “{{ f.id }}”`; each may be empty."""
    where = [part, f"under “{heading}”" if heading else "", f"in “{paragraph}”" if paragraph else ""]
    return ", ".join(each for each in where if each)


def _words(xml: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", xml)).strip()


def _current_line() -> int:
    """Line of the template's source that is being rendered; in docxtpl's source every paragraph is a line."""
    frame = sys._getframe()
    while frame is not None:
        if (template := frame.f_globals.get("__jinja_template__")) is not None:
            return int(template.get_corresponding_lineno(frame.f_lineno))
        frame = frame.f_back  # type: ignore[assignment]
    return 1


_OPERATIONS = [
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "floordiv",
    "rfloordiv",
    "mod",
    "rmod",
    "pow",
    "rpow",
    "pos",
    "neg",
    "call",
    "getitem",
    "lt",
    "le",
    "gt",
    "ge",
]


def _gap_class(rendering: Rendering) -> type[Undefined]:
    """An `Undefined` that notes its use and goes on as nothing, so that one rendering finds all gaps."""

    def noting(result: Any) -> Callable[..., Any]:
        def used(self: Undefined, *_: Any) -> Any:
            of = " of a record" if isinstance(self._undefined_obj, Mapping) else ""
            rendering.gap(f"`{self._undefined_name}`{of}")
            return self if result is None else iter(()) if result == () else result

        return used

    def attribute(self: Undefined, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return noting(None)(self)

    methods: dict[str, Any] = {f"__{name}__": noting(None) for name in _OPERATIONS}
    methods |= {"__str__": noting(""), "__len__": noting(0), "__bool__": noting(False), "__iter__": noting(())}
    methods |= {"__int__": noting(0), "__float__": noting(0.0), "__eq__": noting(False), "__ne__": noting(True)}
    methods |= {"__hash__": lambda self: id(type(self)), "__getattr__": attribute, "__slots__": ()}
    return type("Gap", (Undefined,), methods)


_PLAIN = re.compile("[^&<>'\"]*").fullmatch


class _Code(CodeGenerator):
    """Jinja's code, in which what is printed is not escaped again: `finalize` has done it, once for each of the many texts."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if finalize.src is None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"({finalize.src}")


def refusals(tree: nodes.Node) -> Iterator[tuple[int, str]]:
    """What a template asks for that no template may, as far as its text shows it: the line, and the reason."""
    for node in tree.find_all(nodes.Node):
        match node:
            case nodes.For(recursive=True):
                yield node.lineno, "a recursive loop is not allowed in a template"
            case nodes.ScopedEvalContextModifier():
                yield node.lineno, "`autoescape` cannot be changed in a template"
            case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
                yield node.lineno, "a template cannot take in another one"
            case nodes.Getattr(attr=str(name)) | nodes.Getitem(arg=nodes.Const(value=str(name))) if name.startswith(
                "_"
            ):
                yield node.lineno, reaching(name)
            case nodes.Call(node=nodes.Name() | nodes.Getattr(node=nodes.Name(name="loop"))):
                pass
            case nodes.Call():
                yield node.lineno, "only macros, `range` and what the loop offers may be called"


def reaching(attribute: str) -> str:
    """The reason of a refusal of an attribute or a key."""
    return f"it reaches for `{attribute}`, which is not data of the report"


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for one rendering of one template; `rendering` tells afterwards what it printed and what it lacked.

    `filters` are the filters of ours that it may use besides the plain ones.
    """

    code_generator_class = _Code
    intercepted_binops = frozenset({"+", "-", "*", "**", "%", "/", "//"})

    def __init__(self, rendering: Rendering, filters: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(autoescape=True, undefined=_gap_class(rendering), finalize=_finalize(rendering))
        self.rendering = rendering
        self.filters = (
            {name: _confiding(self._bounded(name, self.filters[name])) for name in bounds.FILTERS}
            | dict(filters)
            | {
                "bounded_by_the_sandbox": self._bounded_loop,
                "sized_by_the_sandbox": self._sized,
                "single_by_the_sandbox": bounds.single,
                "replace": _confiding(self._bounded("replace", self._replace)),
            }
        )
        self.globals = {"range": self.bounded_range}
        self.concat = self._joined  # type: ignore[method-assign]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse, and put a bound on every loop and every joining of texts."""
        tree = super()._parse(source, name, filename)
        for line, what in refusals(tree):
            raise TemplateSyntaxError(what, line)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "bounded_by_the_sandbox", [], [], None, None, lineno=loop.lineno)
        for joined in list(tree.find_all(nodes.Concat)):
            singles: list[nodes.Expr] = [
                nodes.Filter(each, "single_by_the_sandbox", [], [], None, None, lineno=joined.lineno)
                for each in joined.nodes
            ]
            joined.nodes = [
                nodes.Filter(
                    nodes.Concat(singles, lineno=joined.lineno),
                    "sized_by_the_sandbox",
                    [],
                    [],
                    None,
                    None,
                    lineno=joined.lineno,
                )
            ]
        tree.set_environment(self)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of a record, or a fact about the loop (`loop.index`): no attribute of anything else."""
        if type(obj) is dict and attribute in obj:  # most are
            return obj[attribute]
        if isinstance(obj, Undefined):
            return obj.__getattr__(attribute) if not attribute.startswith("_") else self._refuse(attribute)
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if attribute.startswith("_") or not isinstance(obj, LoopContext | Namespace):
            self._refuse(attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An entry of a record or of a list, or a part of a text."""
        if isinstance(obj, Undefined):
            return obj[argument]
        if isinstance(obj, Mapping | list | tuple | str):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                if isinstance(argument, str) and not isinstance(obj, Mapping):
                    self._refuse(argument)
                return self.undefined(obj=obj, name=argument)
        return self._refuse(str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Only macros, `range` and what the loop offers may be called."""
        self.rendering.step(CALL_STEPS)
        owner = getattr(obj, "__self__", None)
        return isinstance(obj, Macro | Undefined) or obj == self.bounded_range or isinstance(owner, LoopContext)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers, and joining of texts, within bounds."""
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            return super().call_binop(context, operator, left, right)
        numbers = all(isinstance(value, int | float) for value in (left, right))
        if numbers and operator == "**" and not (abs(left) <= 10**6 and abs(right) <= 20):
            raise SecurityError("it raises a number to a power that is too large")
        if not numbers and operator == "*":
            size = max(len(value) for value in (left, right) if hasattr(value, "__len__"))
            if size * max((value for value in (left, right) if isinstance(value, int)), default=1) > MAX_TEXT:
                raise SecurityError("it repeats a text too often")
        elif not numbers and operator != "+":
            raise SecurityError(f"`{operator}` is for numbers")
        made = self._sized(super().call_binop(context, operator, left, right))
        secret = isinstance(made, str) and any(isinstance(value, Confidential) for value in (left, right))
        return Confidential(made) if secret and not isinstance(made, Markup) else made

    def _refuse(self, attribute: str) -> NoReturn:
        raise SecurityError(reaching(attribute))

    def bounded_range(self, *bounds: int) -> range:
        """`range`, of so many numbers at most; SecurityError for more."""
        made = range(*bounds)
        if len(made) > MAX_RANGE:
            raise SecurityError(f"it makes a range of more than {MAX_RANGE:,} numbers")
        return made

    def _bounded_loop(self, values: Iterable[Any]) -> list[Any]:
        listed = list(itertools.islice(iter(values), MAX_STEPS + 1))
        self.rendering.step(len(listed) + 1)
        return listed

    def _sized(self, value: Any) -> Any:
        if isinstance(value, str | list | tuple) and len(value) > MAX_TEXT:
            raise SecurityError("it builds a text that is too long")
        self.rendering.step(bounds.work([value]))
        if isinstance(value, int) and value.bit_length() > 256:
            raise SecurityError("it computes a number that is too large")
        return value

    def _bounded(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that counts its work and stays within bounds."""

        @wraps(work)
        def filtered(*arguments: Any, **named: Any) -> Any:
            self.rendering.step(bounds.work((*arguments, *named.values())))
            return work(*bounds.bounded(name, work, list(arguments), named), **named)

        filtered.__signature__ = inspect.signature(work, follow_wrapped=False)  # type: ignore[attr-defined]
        return filtered

    def _replace(self, value: Any, old: str, new: str) -> str:
        text = str(value)
        if len(text) + text.count(old) * len(new) > MAX_TEXT:
            raise SecurityError("it builds a text that is too long")
        return text.replace(old, new)

    @staticmethod
    def _joined(pieces: Iterable[str]) -> str:
        kept: list[str] = []
        size, rest = 0, iter(pieces)
        while some := list(itertools.islice(rest, _SOME)):
            size += sum(map(len, some))
            if size > MAX_OUTPUT:
                raise SecurityError("it prints more than a report can hold")
            kept += some
        return "".join(kept)


def _confiding(work: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose text is confidential where it is made of one that is."""

    @wraps(work)
    def filtered(*arguments: Any, **named: Any) -> Any:
        found = work(*arguments, **named)
        if not isinstance(found, str) or isinstance(found, Markup | Confidential):
            return found
        listed = [one for each in arguments for one in (each if isinstance(each, list | tuple) else (each,))]
        return Confidential(found) if any(isinstance(each, Confidential) for each in listed) else found

    filtered.__signature__ = inspect.signature(work, follow_wrapped=False)  # type: ignore[attr-defined]  # a lint asks for it
    return filtered


def _finalize(rendering: Rendering) -> Callable[[Context, Any], str]:
    """What happens to every value on its way into the document: made visible, noted, escaped."""

    told: dict[str, str] = {}
    """What was made of a text that stands as it is; in a table most stand many times."""

    @pass_context  # so that Jinja calls it when it prints, and not when it compiles
    def finalize(_: Context, value: Any) -> str:
        if type(value) is str:
            if (made := told.get(value)) is not None:
                rendering.printed.setdefault(rendering.part, []).append(value)
                return made
        elif isinstance(value, Markup):  # a macro's result or one of our own filters: printed and noted inside
            return value
        elif isinstance(value, Undefined):
            str(value)  # notes the gap
            return ""
        elif value is None or isinstance(value, Mapping | list | tuple | Iterator | Macro):
            what = "record" if isinstance(value, Mapping) else type(value).__name__
            rendering.gap(f"a {what} where a text belongs")
            return ""
        text = str(value)
        if not text.isprintable():
            text, rendering.broken = visible(text), True
        elif text[:1] == " " or text[-1:] == " " or "  " in text:
            rendering.broken = True
        rendering.printed.setdefault(rendering.part, []).append(text)
        as_is = text is value
        if rendering.claim is not None and rendering.confidential(value, text):
            text = f"{BEGIN}{text}{END}"
        if type(value) is Reference or type(value) is Item:
            text, rendering.linked = signed(value, text), True
        made = text if _PLAIN(text) else str(escape(text))
        if as_is:
            told[value] = made
        return made

    return finalize
