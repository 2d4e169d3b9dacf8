"""The commands on Word templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, print_json
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.reporting.lint import Problem


@main.group()
def template() -> None:
    """Word templates of reports."""


@template.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@click.option("--sarif", "as_sarif", is_flag=True, help="A SARIF 2.1.0 log on standard output.")
def lint(files: tuple[Path, ...], as_json: bool, as_sarif: bool) -> int:
    """All errors of a template at once, each with its place; nothing is rendered."""
    from assessor import __version__
    from assessor.reporting.lint import lint as problems_of

    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif cannot be given together.")
    found = {path: problems_of(path) for path in files}
    wrong = any(problem.severity == "error" for problems in found.values() for problem in problems)
    if as_sarif:
        from assessor.reporting.lint.sarif import log

        print_json(log(found, __version__))
    elif as_json:
        print_json(_answer(found, not wrong))
    else:
        _show(found)
    return ATTENTION if wrong else DONE


def _answer(found: dict[Path, list[Problem]], ok: bool) -> dict[str, Any]:
    return {
        "ok": ok,
        "files": [{"file": visible(str(path)), **_counts(problems)} for path, problems in found.items()],
        "problems": [
            {
                "file": visible(str(path)),
                "code": problem.code,
                "severity": problem.severity,
                "place": problem.place,
                "message": problem.message,
                "part": problem.part,
                "heading": problem.heading,
                "paragraph": problem.paragraph,
                "tag": problem.tag,
            }
            for path, problems in found.items()
            for problem in problems
        ],
    }


def _counts(problems: list[Problem]) -> dict[str, int]:
    errors = sum(problem.severity == "error" for problem in problems)
    return {"errors": errors, "warnings": len(problems) - errors}


def _show(found: dict[Path, list[Problem]]) -> None:
    for path, problems in found.items():
        name = visible(str(path))
        for problem in problems:
            click.echo(f"{name}: {problem.severity}: {problem.message} [{problem.code}; {problem.place or 'the file'}]")
        counts = _counts(problems)
        said = "no errors" if not counts["errors"] else f"{counts['errors']} error{'s' * (counts['errors'] > 1)}"
        click.echo(f"{name}: {said}, {counts['warnings']} warning{'s' * (counts['warnings'] != 1)}.")
