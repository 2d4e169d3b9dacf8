"""The way through a template: the file, the parts that are filled, their tags, and the whole."""

from __future__ import annotations

from pathlib import Path

from jinja2 import TemplateSyntaxError

from assessor.reporting import package
from assessor.reporting.context import schema
from assessor.reporting.lint import kinds, looks, source, statements, tree, word
from assessor.reporting.lint.problems import ERROR, MAX_PROBLEMS, Place, Problem, problem
from assessor.reporting.sandbox import Rendering, TemplateEnvironment


def lint(path: Path) -> list[Problem]:
    """Every problem of a template, in the order of its parts; empty for one that can be used without a remark.

    A file that is no template at all is a problem too. Raises ReportError only when the file cannot be read.
    """
    content = package.read_file(path)
    opened = package.examine(content)
    told = [
        problem(fault.code, Place(fault.part, "", fault.text), f"The template {fault.message}.")
        for fault in opened.faults
    ]
    if {package.MAIN, package.STYLES} <= set(opened.roots):
        told += _filled(content, opened)
    told = list(dict.fromkeys(told))
    if len(told) > MAX_PROBLEMS:
        message = f"{len(told) - MAX_PROBLEMS:,} more problems are not listed; mend these first."
        told = [*told[:MAX_PROBLEMS], problem("more", Place(), message)]
    return told


def _filled(content: bytes, opened: package.Package) -> list[Problem]:
    """The problems of the parts that are filled, and of the document as a whole."""
    try:
        filled = {part.name: part for part in source.parts(content, opened)}
    except Exception as error:  # python-docx raises what it likes about a package that does not hang together
        if any(fault.code == "damaged" for fault in opened.faults):
            return []  # that is why
        what = " ".join(str(error).split())[:200] or type(error).__name__
        return [
            problem(
                "damaged",
                Place(),
                f"The template is damaged: its parts do not hang together ({what}); save it anew in Word.",
            )
        ]
    variables = {name: kinds.described(told) for name, told in schema().items()}
    for part in filled.values():
        if part.marked:
            _tags(part, variables)
    told = [one for part in filled.values() for one in part.problems]
    return [*told, *looks.styles(opened, filled), *looks.barriers(opened, filled)]


def _tags(part: source.Part, variables: dict[str, kinds.Kind]) -> None:
    environment = TemplateEnvironment(Rendering(), {"picture": _picture})
    environment.optimized = False  # nothing of the template is computed, not even its constants
    grown = tree.grow(part)
    if grown.too_deep:
        return
    try:
        printed = statements.walk(part, grown, variables, environment)
    except RecursionError:
        part.tell("syntax", None, f"An expression in {part.name} is nested too deeply; take it apart with `set`.")
        return
    word.check(part, grown, printed)
    if not any(one.severity == ERROR for one in part.problems):
        _whole(part, environment)


def _whole(part: source.Part, environment: TemplateEnvironment) -> None:
    """Whether the part as a whole can be understood, where each of its tags can."""
    text = source.plain(part.marked)
    try:
        environment.compile(text)
    except TemplateSyntaxError as error:
        lines = part.marked.split("\n")
        numbers = [int(number) for number in source.MARK.findall("\n".join(lines[: error.lineno]))]
        part.tell(
            "syntax", numbers[-1] if numbers else None, f"The tags of {part.name} do not fit together: {error.message}."
        )
    except Exception as error:  # Python has limits of its own, such as loops inside one another
        part.tell(
            "syntax", None, f"The tags of {part.name} cannot be made into a program ({error}); make them simpler."
        )


def _picture(name: str) -> str:
    """Stands for the filter of that name, which is never called here."""
    return name
