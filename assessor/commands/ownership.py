"""The command that tells who owns and controls whom, without an engagement."""

from __future__ import annotations

import sys
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, progress

if TYPE_CHECKING:
    from assessor.owners import Owners


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--subject", "subjects", metavar="ID", multiple=True, help="The entity to explain: id, LEI, number or name."
)
@click.option("--all", "every", is_flag=True, help="All entities (the default).")
@click.option("--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="The day of the answer (default: today).")
@click.option(
    "--dominant-minority",
    "criterion",
    metavar="SHARE",
    default="0.20",
    show_default=True,
    help="The share of the votes from which a minority is asked about.",
)
@click.option("--alone", is_flag=True, help="Count each person of the PRC or Russia alone, not all together.")
@click.option(
    "--figure", type=click.Path(path_type=Path, dir_okay=False), help="Draw the chain of one subject: .svg or .png."
)
@json_option
def ownership(
    files: tuple[Path, ...],
    subjects: tuple[str, ...],
    every: bool,
    as_of: datetime | None,
    criterion: str,
    alone: bool,
    figure: Path | None,
    as_json: bool,
) -> int:
    """Who owns and controls whom, by registers, statements and cap tables: foreign interests, and the four limbs for PRC and Russia."""
    if subjects and every:
        raise click.UsageError("--subject and --all cannot be given together.")
    if figure and (len(subjects) != 1 or figure.suffix.lower() not in (".svg", ".png")):
        raise click.UsageError("--figure takes a file .svg or .png and needs one --subject.")
    from assessor import owners
    from assessor.commands import ownership_view
    from assessor.rule import load

    found = owners.read(
        files,
        load(),
        as_of=as_of.date() if as_of else date.today(),  # noqa: DTZ011 (the day where the user is)
        dominant_minority=_share(criterion),
        aggregate=not alone,
        progress=lambda done, total: progress(f"{done} of {total} files read") if total > 1 else None,
    )
    asked = [owners.subject(found, each) for each in subjects]
    if figure:
        _draw(found, asked[0], figure)
    if as_json:
        owners.write_json(found, asked or None, sys.stdout)
    elif asked:
        ownership_view.explained(found, asked)
    else:
        ownership_view.listed(found)
    return ATTENTION if owners.attention(found, asked or None) else DONE


def _share(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise click.UsageError(f"--dominant-minority {text!r} is no share; write 0.2 for 20 %.")
    return share


def _draw(found: Owners, subject: str, path: Path) -> None:
    from assessor.files import write_bytes
    from assessor.ownership.figure import chain_figure
    from assessor.rule import load

    verdict, whole = found.graph.explained(subject)
    drawn = chain_figure(verdict, whole, load().country_name)
    write_bytes(path, drawn.svg.encode() if path.suffix.lower() == ".svg" else drawn.png)
