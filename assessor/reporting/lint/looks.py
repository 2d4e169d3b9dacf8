"""Styles that are used and not defined, and what a reader with a screen reader would miss."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.reporting import access, fields
from assessor.reporting.lint.problems import Place, Problem, problem
from assessor.reporting.lint.source import Part
from assessor.reporting.package import MAIN, STYLES, Package, W

_STYLED = ("pStyle", "rStyle", "tblStyle")


def styles(package: Package, filled: dict[str, Part]) -> Iterator[Problem]:
    """Styles that a part uses and styles.xml does not define, each once a part, and those that the contents need."""
    defined = {str(style.get(f"{W}styleId")) for style in package.roots[STYLES].iter(f"{W}style")}
    for name, root in package.roots.items():
        if not name.startswith("word/"):
            continue
        seen: set[str] = set()
        part = filled.get(name)
        numbers = {node: at for at, node in enumerate(root.iter(f"{W}p"))} if part is not None else {}
        for node in root.iter(*(f"{W}{kind}" for kind in _STYLED)):
            style = str(node.get(f"{W}val"))
            if style not in defined and style not in seen:
                seen.add(style)
                holder = next(node.iterancestors(f"{W}p"), None)
                place = part.place(numbers.get(holder)) if part is not None else Place(name)
                message = f"The style `{style}` is used and not defined; apply a style that the template has, or create it in Word."
                yield problem("missing-style", place, message)
    yield from _contents(package)


def _contents(package: Package) -> Iterator[Problem]:
    document, known = package.roots[MAIN], package.roots[STYLES]
    names = {str(name.get(f"{W}val")).lower() for style in known.iter(f"{W}style") for name in style.iter(f"{W}name")}
    used = {heading.level for heading in fields.headings(document, known, package.roots.get("word/numbering.xml"))}
    for _, instruction, _ in fields.complete_fields(document):
        if instruction.split()[:1] == ["TOC"]:
            low, high = fields.wanted_levels(instruction)
            for level in sorted(used & set(range(low, high + 1))):
                if f"toc {level}" not in names:
                    message = f"The contents need the style `toc {level}`, which is not defined; format an entry of that level in Word, which creates it."
                    yield problem("missing-style", Place(MAIN), message)


def barriers(package: Package, filled: dict[str, Part]) -> Iterator[Problem]:
    """What stands against reading the report with a screen reader, or by people who see contrasts less well."""
    for barrier in access.barriers({name: part.root for name, part in filled.items()}, package.roots):
        part = filled.get(barrier.part)
        place = Place(barrier.part) if part is None or barrier.node is None else part.place_of(barrier.node)
        yield problem(barrier.code, place, barrier.message)
