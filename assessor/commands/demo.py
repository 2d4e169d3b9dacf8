"""The command that makes the demonstration."""

from __future__ import annotations

from pathlib import Path

import click

from assessor.commands.base import DONE, json_option, main, print_json, progress
from assessor.commands.engagement import show_conclusions


@main.command()
@click.argument("folder", metavar="[DIR]", default="demo", type=click.Path(path_type=Path))
@json_option
def demo(folder: Path, as_json: bool) -> int:
    """Make and run a realistic engagement (default folder: demo)."""
    from assessor import check
    from assessor.assessment import open_assessment
    from assessor.demo import demo as make

    engagement = make(folder, progress)
    results = open_assessment(folder).results()
    told = check.status(engagement)
    reports = sorted(engagement.report.glob("*.docx"))
    if as_json:
        print_json({**told, "path": folder, "report": [str(path) for path in reports]})
    else:
        show_conclusions(
            {
                "procedures": [{"clause": r.clause, "title": r.title, "conclusion": r.conclusion} for r in results],
                "findings": [f for r in results for f in r.findings],
                "requests": [one for one in open_assessment(folder).requests() if one.outstanding],
                "questions": [
                    {"state": p["code"]} for p in told["problems"] if p["code"] in ("question_open", "judgement_stale")
                ],
            }
        )
        for path in reports:
            click.echo(f"Report: {path.resolve()}")
    return DONE
