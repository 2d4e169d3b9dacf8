"""The command on the rule itself: a clause, the whole matrix, or the difference to a newer text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, print_json


@main.command()
@click.argument("clause", required=False, default="")
@click.option("--coverage", "whole", is_flag=True, help="Every paragraph with its procedures, questions and cases.")
@click.option("--engagement", "folder", metavar="DIR", type=click.Path(path_type=Path), help="What it led to there.")
@click.option(
    "--diff", "newer", metavar="FILE", type=click.Path(path_type=Path), help="A newer text (eCFR XML or plain)."
)
@json_option
def rule(clause: str, whole: bool, folder: Path | None, newer: Path | None, as_json: bool) -> int:
    """A clause of the rule, its procedures, questions and cases; or the whole matrix."""
    from assessor import rule as rules
    from assessor.assessment import open_assessment
    from assessor.coverage import clause_lines, coverage, shown_clause

    assessment = open_assessment(folder) if folder else None
    loaded = assessment.rule if assessment else rules.load()
    if newer:
        return _rule_difference(loaded, newer, as_json)
    if whole or not clause:
        listed = coverage(loaded)
        open_ = [entry.clause for entry in listed if not entry.accounted]
        if as_json:
            print_json({"version": loaded.version, "clauses": listed, "unaccounted": open_})
            return DONE
        for entry in listed:
            mark = " " if entry.accounted else "!"
            counts = f"{len(entry.procedures)} procedures, {len(entry.questions)} questions, {len(entry.cases)} cases"
            click.echo(f"{mark} §{entry.clause:<52} {entry.assessment:<11} {counts}")
        background = sum(entry.assessment == "background" for entry in listed)
        click.echo(
            f"{len(listed)} clauses of the text as of {loaded.version}: {background} not for an assessor, "
            f"{len(listed) - background - len(open_)} covered, {len(open_)} not covered yet (marked !)."
        )
        return DONE
    shown = shown_clause(loaded, clause.removeprefix("§"), assessment.results() if assessment else None)
    if as_json:
        print_json(shown)
    else:
        click.echo("\n".join(clause_lines(loaded, shown)))
    return DONE


def _rule_difference(loaded: Any, newer: Path, as_json: bool) -> int:
    """What a newer text changes, and which procedures, questions and cases that touches."""
    from assessor.coverage import coverage, touched
    from assessor.rule.difference import difference

    found, matrix = difference(loaded, newer.read_bytes()), coverage(loaded)
    lines = [
        {"paragraph": paragraph, "how": how, **touched(loaded, matrix, paragraph)}
        for how, paragraphs in (("changed", found.changed), ("appeared", found.appeared), ("gone", found.gone))
        for paragraph in paragraphs
    ]
    if as_json:
        print_json({"version": loaded.version, "unchanged": found.unchanged_count, "paragraphs": lines})
        return ATTENTION if lines else DONE
    for line in lines:
        reach = [
            *(f"constant {name}" for name in line["constants"]),
            *line["procedures"],
            *(f"question {name}" for name in line["questions"]),
            f"{len(line['cases'])} cases",
        ]
        click.echo(f"{line['how']:<9} §{line['paragraph']:<50} touches {', '.join(reach)}")
    click.echo(f"{found.unchanged_count} paragraphs are as in the text of {loaded.version}; {len(lines)} are not.")
    return ATTENTION if lines else DONE
