"""The way through the tags of a part: which names each tag can see, through loops, conditions, `set` and macros."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce

from jinja2 import nodes

from assessor.reporting.lint.kinds import ANYTHING, LOOP, TEXT, Kind, joined
from assessor.reporting.lint.names import Expressions
from assessor.reporting.lint.scope import Scope, truths
from assessor.reporting.lint.source import Part
from assessor.reporting.lint.tags import Tag
from assessor.reporting.lint.tree import Block, Chain, Standing, Tree
from assessor.reporting.sandbox import TemplateEnvironment


@dataclass(frozen=True)
class Printed:
    """A tag that prints, and the kind of what it prints."""

    standing: Standing
    kind: Kind


@dataclass
class _Frame:
    """A block that is being gone through: where it is, what its branches so far have set, and its parent's scope."""

    block: Block
    branch: int
    outer: Scope
    scope: Scope
    left: list[Scope] = field(default_factory=list)


def facts(block: Block, branch: int) -> set[str]:
    """What is surely not empty in a branch of a block, as the text of its expression (see `scope.truths`)."""
    if branch not in block.facts:
        block.facts[branch] = _facts(block, branch)
    return block.facts[branch]


def _facts(block: Block, branch: int) -> set[str]:
    node = block.tag.node
    if isinstance(node, nodes.For) and branch == 0:
        bound = [name.name for name in node.target.find_all(nodes.Name)]
        if isinstance(node.target, nodes.Name):
            bound.append(node.target.name)
        found = {repr(node.iter)} | truths(node.test)
        return {fact for fact in found if not any(f"Name({name!r}" in fact for name in bound)} | truths(node.test)
    if block.word != "if":
        return set()
    found = set()
    for number, tag in enumerate(block.branches[: branch + 1]):
        if isinstance(tag.node, nodes.If):
            found |= truths(tag.node.test, number == branch)
    return found


def known(chain: Chain) -> set[str]:
    """What is surely not empty inside all of these blocks."""
    return {fact for block, branch in chain for fact in facts(block, branch)}


def walk(part: Part, tree: Tree, variables: dict[str, Kind], environment: TemplateEnvironment) -> list[Printed]:
    """Look at every tag of a part in its order; returns what prints."""
    if not any(block.word == "macro" for block in tree.blocks):
        return _Walk(part, tree, variables, environment, {}).printed
    aside = replace(part, problems={})  # the first time only to learn what macros are called with
    calls = _Walk(aside, tree, variables, environment, {}).expressions.calls
    return _Walk(part, tree, variables, environment, calls).printed


class _Walk:
    def __init__(
        self,
        part: Part,
        tree: Tree,
        variables: dict[str, Kind],
        environment: TemplateEnvironment,
        calls: dict[str, list[Kind]],
    ) -> None:
        self.calls = calls
        self.part = part
        self.expressions = Expressions(part, environment)
        self.root = Scope(dict(variables) | {"range": Kind("range")})
        self.frames: list[_Frame] = []
        self.printed: list[Printed] = []
        self.kinds: dict[Block, Kind] = {}
        block_of = {id(block.tag): block for block in tree.blocks}
        for standing in tree.standing:
            self._go_to(standing.chain)
            tag = standing.tag
            if tag.role == "open":
                self._enter(block_of[id(tag)])
            elif tag.role == "middle" and isinstance(tag.node, nodes.If) and self.frames:
                frame = self.frames[-1]
                here = frame.outer.inner()
                here.filled |= facts(frame.block, frame.branch - 1) - self._tests(frame.block, frame.branch - 1)
                self.expressions.kind(tag.node.test, here, tag)
            elif tag.role == "print" and tag.node is not None:
                self._print(standing)
            elif tag.role == "alone" and isinstance(tag.node, nodes.Assign):
                kind = self.expressions.kind(tag.node.node, self.scope, tag)
                self._bind(tag, tag.node.target, kind, self.scope)
        self._go_to(())

    @property
    def scope(self) -> Scope:
        return self.frames[-1].scope if self.frames else self.root

    @staticmethod
    def _tests(block: Block, branch: int) -> set[str]:
        node = block.branches[branch].node
        return truths(node.test) if isinstance(node, nodes.If) else set()

    def _go_to(self, chain: Chain) -> None:
        """Leave and change blocks until the way stands in those of `chain`."""
        for depth, frame in enumerate(self.frames):
            if depth >= len(chain) or frame.block is not chain[depth][0]:
                while len(self.frames) > depth:
                    self._leave(self.frames.pop())
                return
            if frame.branch != chain[depth][1]:
                while len(self.frames) > depth + 1:
                    self._leave(self.frames.pop())
                frame.left.append(frame.scope)
                frame.branch = chain[depth][1]
                frame.scope = frame.outer.inner()
                frame.scope.filled |= facts(frame.block, frame.branch)
                return

    def _enter(self, block: Block) -> None:
        outer, tag = self.scope, block.tag
        scope = outer.inner()
        self.frames.append(_Frame(block, 0, outer, scope))
        ask = self.expressions
        match tag.node:
            case nodes.If():
                ask.kind(tag.node.test, outer, tag)
            case nodes.For():
                entry = self._entries(tag, ask.kind(tag.node.iter, outer, tag))
                self._bind(tag, tag.node.target, entry, scope)
                if tag.node.test is not None:
                    ask.kind(tag.node.test, scope, tag)
                scope.bind("loop", LOOP)
            case nodes.Macro():
                container = block.parent.name if block.parent is not None else ""
                defaults = [ask.kind(default, outer, tag) for default in tag.node.defaults]
                lacking = [Kind("missing")] * (len(tag.node.args) - len(defaults))
                names = [arg.name for arg in tag.node.args]
                outer.bind(
                    tag.node.name,
                    Kind("macro", fields=dict(zip(names, lacking + defaults, strict=True)), container=container),
                )
                called = self.calls.get(tag.node.name, [])
                values = called if len(called) == len(names) else [ANYTHING] * len(names)
                for name, kind in (
                    dict(zip(names, values, strict=True)) | dict.fromkeys(("varargs", "kwargs"), ANYTHING)
                ).items():
                    scope.bind(name, kind)
                scope.bind("caller", Kind("macro", fields={"*": ANYTHING}))
                scope.bind(tag.node.name, Kind("macro that calls itself"))
            case nodes.CallBlock():
                ask.kind(tag.node.call, outer, tag)
                for arg in tag.node.args:
                    scope.bind(arg.name, ANYTHING)
            case nodes.With():
                for target, value in zip(tag.node.targets, tag.node.values, strict=False):
                    self._bind(tag, target, ask.kind(value, outer, tag), scope)
            case nodes.FilterBlock():
                ask.kind(tag.node.filter, outer, tag)
                message = f"`{tag.text[:120]}` changes texts after they were printed, and the report would be refused; use the filter in each tag."
                self.part.tell("misplaced-text", tag.paragraph, message, tag.text[:200])
            case nodes.AssignBlock():
                if tag.node.filter is not None:
                    ask.kind(tag.node.filter, outer, tag)
        if tag.node is None and tag.word == "for":  # broken: what it binds is not known, and nothing is said of it
            for name in tag.text[2:-2].split(" in ")[0].replace(",", " ").split()[1:]:
                scope.bind(name, ANYTHING)
            scope.bind("loop", LOOP)
        scope.filled |= facts(block, 0)

    def _leave(self, frame: _Frame) -> None:
        block, outer = frame.block, frame.outer
        frame.left.append(frame.scope)
        if isinstance(block.tag.node, nodes.AssignBlock):
            self._bind(block.tag, block.tag.node.target, TEXT, outer)
        elif block.word == "set" and block.tag.node is None:
            for name in block.tag.text[2:-2].split()[1:2]:
                outer.bind(name, ANYTHING)
        if block.word != "if":
            return
        ways = [*frame.left, *([] if block.has_else else [outer.inner()])]
        for name in sorted({name for way in ways for name in way.names}):
            kinds = [way.names[name] for way in ways if name in way.names]
            if any(kind is not outer.names.get(name) for kind in kinds):
                outer.bind(name, reduce(joined, kinds))
            if len(kinds) < len(ways) or any(name in way.unsure for way in ways):
                outer.unsure.add(name)

    def _entries(self, tag: Tag, listed: Kind) -> Kind:
        """What a loop over a value goes through."""
        if listed.either:
            return reduce(joined, [self._entries(tag, way) for way in listed.either])
        if listed.name == "list":
            return listed.item or ANYTHING
        if listed.name == "anything":
            return ANYTHING
        if listed.name == "record":
            return TEXT
        message = f"`{tag.text[:120]}`: {listed.words} is looped over, and loops are for lists; use `if` for a text that may be empty."
        self.part.tell("wrong-kind", tag.paragraph, message, tag.text[:200])
        return ANYTHING

    def _bind(self, tag: Tag, target: nodes.Node, kind: Kind, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.bind(target.name, kind)
        elif isinstance(target, nodes.Tuple):
            if kind.name not in ("list", "anything"):
                message = (
                    f"`{tag.text[:120]}`: {kind.words} cannot be taken apart into several names; give it one name."
                )
                self.part.tell("wrong-kind", tag.paragraph, message, tag.text[:200])
            for one in target.items:
                self._bind(tag, one, kind.item or ANYTHING, scope)
        else:
            message = f"`{tag.text[:120]}`: there is no `namespace` in a report template; set a plain name."
            self.part.tell("unsafe", tag.paragraph, message, tag.text[:200])

    def _print(self, standing: Standing) -> None:
        tag = standing.tag
        kind = self.expressions.kind(tag.node, self.scope, tag)
        if kind.name != "picture":
            self.expressions.printable(kind)
        self.printed.append(Printed(standing, kind))
        if any(frame.block.word == "set" for frame in self.frames):
            message = f"`{tag.text[:120]}` is kept by `set` and refused unless it is shown before anything else is printed; print it where it belongs."
            self.part.tell("misplaced-text", tag.paragraph, message, tag.text[:200], "warning")
