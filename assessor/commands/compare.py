"""The command that says what changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, progress, show_problems

if TYPE_CHECKING:
    from assessor.comparison import Comparison


@main.command()
@click.argument("prior", metavar="PRIOR", type=click.Path(path_type=Path))
@click.argument("current", metavar="CURRENT", type=click.Path(path_type=Path))
@click.option("--csv", "as_csv", is_flag=True, help="The changes as CSV.")
@click.option("--xlsx", metavar="FILE", type=click.Path(path_type=Path), help="Write the changes to a workbook too.")
@click.option(
    "--record",
    is_flag=True,
    help="Of two engagements: keep the comparison in CURRENT, for its report, its memo on confirmations and the assessor's answers.",
)
@json_option
def compare(prior: Path, current: Path, as_csv: bool, xlsx: Path | None, record: bool, as_json: bool) -> int:
    """What changed: two engagements (open or sealed), two deliveries, or two bills of materials.

    Components, suppliers, owners, verdicts, controls, policies, authorizations, declarations, conclusions and findings, each with its
    evidence on both sides, and whether it is a candidate for a material change (§791.305(e)(1)), a software update alone
    (§791.305(e)(2)) or neither: proposals, which the assessor judges.
    """
    from assessor import comparison
    from assessor.comparison import told

    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be given together.")
    found = comparison.compare(prior, current)
    if record:
        from assessor.comparison import recorded

        progress(f"Kept as {recorded.record(found)}")
    if xlsx is not None:
        from assessor.reporting import differences

        differences.write(told.document(found), xlsx)
    out = sys.stdout.buffer
    if as_json:
        told.write_json(found, out)
    elif as_csv:
        told.write_csv(found, out)
    else:
        _show(found)
    return ATTENTION if found.changes or found.problems else DONE


def _show(found: Comparison) -> None:
    from assessor.comparison import told
    from assessor.comparison.changes import CLASSES, KINDS

    for line in told.lines(found):
        click.echo(line)
    show_problems("Attention", list(found.problems))
    counts = found.counts
    click.echo()
    for kind, own in counts["kinds"].items():
        gone = f"{own['gone']:,} {told.REMOVED if found.of_bills else 'gone'}"
        words = f"{own['added']:,} added, {gone}, {own['changed']:,} changed, {own['unchanged']:,} as before."
        click.echo(words if found.of_bills else f"{KINDS[kind]}: {words}")
    if found.changes:
        shown = [f"{counts['classifications'][name]:,} {words}" for name, words in CLASSES.items()]
        click.echo(f"Proposed (§791.305(e)), for the assessor to judge: {'; '.join(shown)}.")
    if waiting := sum(question.state != "answered" for question in found.questions):
        click.echo(f"{waiting:,} questions to the assessor are open; keep the comparison with --record to answer them.")
