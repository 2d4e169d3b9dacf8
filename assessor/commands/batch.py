"""`assessor batch`: many engagements."""

from __future__ import annotations

import shutil
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main, print_json
from assessor.commands.meter import duration
from assessor.text import visible

if TYPE_CHECKING:
    from assessor.batch import Place, Told

_SELDOM = 0.2
"""Seconds between two writings of the line on a terminal."""


@main.command()
@click.argument("root", metavar="ROOT", required=False)
@click.option(
    "--until",
    type=click.Choice(["none", "intake", "run", "report"]),
    default="report",
    show_default=True,
    help="The last stage that is done; none: look only.",
)
@click.option("--force", is_flag=True, help="Do also what is up to date, and render reports that somebody edited anew.")
@click.option("--workers", type=click.IntRange(1), help="Engagements at once (default: one for each processor).")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    default="",
    help="Have the workers of a Dask cluster do it, whose scheduler is at tcp://… or tls://….",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=3600,
    show_default=True,
    help="Seconds after which an engagement is ended.",
)
@click.option(
    "--retries",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="How often an engagement is tried again whose process died or was ended.",
)
@click.option(
    "--engine",
    type=click.Choice(["assessor", "papermill", "none"]),
    default="assessor",
    show_default=True,
    help="What runs the notebooks: our engine, Papermill's own kernel, or nothing (the procedures alone).",
)
@click.option(
    "--received", type=click.DateTime(["%Y-%m-%d"]), help="Day on which deliveries in inboxes came (default: today)."
)
@click.option("--template", metavar="T.docx", type=click.Path(path_type=Path), help="A Word template of your own.")
@click.option("--variant", metavar="full,public", default="full", help="Which versions of the assessment.")
@click.option("--pdf", is_flag=True, help="The assessments as PDF/A too; needs LibreOffice.")
@click.option(
    "--overview",
    metavar="[PAGE.html]",
    is_flag=False,
    flag_value="",
    help="One page on all engagements, for the firm's own use: what is open, overdue and due (default: ROOT/overview.html).",
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of the overview (default: today).")
@json_option
def batch(
    root: str | None,
    until: str,
    force: bool,
    workers: int | None,
    cluster: str,
    timeout: float,
    retries: int,
    engine: str,
    received: datetime | None,
    template: Path | None,
    variant: str,
    pdf: bool,
    overview: str | None,
    as_of: datetime | None,
    as_json: bool,
) -> int:
    """Bring many engagements up to date: take in what waits in their inboxes, run, report.

    ROOT is a folder with engagements at any depth, a pattern, a list as .csv (columns engagement, package, received, …), or an
    address such as s3://bucket/engagements. Each has a process of its own; one that fails, hangs or crashes stops no other. What is
    up to date is not done again.
    """
    from assessor import batch as batches
    from assessor.batch.overview import place

    if root is None and overview and not overview.lower().endswith((".html", ".htm")):
        root, overview = overview, ""  # `--overview ROOT`
    if not root:
        raise click.UsageError("Missing argument 'ROOT'.")
    if as_of and overview is None:
        raise click.UsageError("--as-of is the day of an overview; add --overview.")
    day = (as_of or datetime.now()).date()  # noqa: DTZ005 (the calendar day where the assessor sits)
    wanted = batches.Wanted(
        until=until,
        force=force,
        engine=engine,
        received=received.date().isoformat() if received else "",
        template=str(template) if template else "",
        variants=tuple(name.strip() for name in variant.split(",")),
        pdf=pdf,
    )
    if cluster and workers:
        raise click.UsageError(
            "--workers counts processes of this machine; a cluster has the workers that were started."
        )
    with _Shown() as shown:
        told = batches.batch(
            root,
            wanted,
            workers=workers or 0,
            timeout=timeout,
            retries=retries,
            overview=None if overview is None else (place(root, overview), day),
            cluster=cluster,
            progress=shown,
        )
    if as_json:
        print_json(told)
    else:
        _table(told)
    return DONE if told["ok"] else ATTENTION


class _Shown:
    """How far the batch is, on standard error: a line for each engagement that ended, and on a terminal one of those at work."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.steps: dict[str, str] = {}
        self.total = self.count = 0
        self.abreast = 1
        self.worked: list[float] = []
        self.last = time.monotonic()
        self.written = False

    def __enter__(self) -> _Shown:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def begun(self, listed: list[Place]) -> None:
        self.total = len(listed)
        click.echo(f"  {self.total:,} engagement{'' if self.total == 1 else 's'}", err=True)

    def step(self, place: Place, step: str) -> None:
        self.steps[place.name] = step
        self.abreast = max(self.abreast, len(self.steps))
        self.waited()

    def ended(self, told: Told) -> None:
        self.steps.pop(told.name, None)
        self.count += 1
        self._clear()
        width = len(f"{self.total}")
        line = f"  [{self.count:>{width}}/{self.total}] {visible(told.name)}: {told.outcome}"
        if told.outcome == "failed":
            line += f" at {told.place}"
        if told.outcome != "skipped":
            self.worked.append(told.seconds)
            line += f" in {told.seconds:.1f} s"
        click.echo(line + self._left(), err=True)

    def waited(self) -> None:
        now = time.monotonic()
        if not self.terminal or now - self.last < _SELDOM:
            return
        self.last, self.written = now, True
        width = shutil.get_terminal_size().columns - 1
        at = ", ".join(f"{visible(name)}: {step}" for name, step in sorted(self.steps.items()))
        line = f"  {self.count} of {self.total} done{self._left()}; {at}"
        click.echo(f"\r{line[:width]:<{width}}", err=True, nl=False)

    def _left(self) -> str:
        """About how long the rest will take: as long as those that needed work took on average, as often as one did, by as many at
        once as there were."""
        rest = self.total - self.count
        if not self.worked or not rest:
            return ""
        often = len(self.worked) / self.count
        seconds = sum(self.worked) / len(self.worked) * often * rest / self.abreast
        return f", about {duration(seconds)} left"

    def _clear(self) -> None:
        if self.written:
            click.echo(f"\r{' ' * (shutil.get_terminal_size().columns - 1)}\r", err=True, nl=False)
            self.written = False


def _table(told: dict[str, Any]) -> None:
    """One line an engagement, and below it what is to be said of those that failed."""
    rows = told["engagements"]
    wide = max([len("engagement"), *(len(visible(row["name"])) for row in rows)])
    click.echo(f"{'engagement':<{wide}}  {'outcome':<9}  {'intake':<9}  {'run':<9}  {'report':<9}  {'seconds':>7}")
    for row in rows:
        states = "  ".join(f"{row['stages'].get(stage, '-'):<9}" for stage in ("intake", "run", "report"))
        click.echo(f"{visible(row['name']):<{wide}}  {row['outcome']:<9}  {states}  {row['seconds']:>7.1f}")
    for heading, code in (("Failed", "failed"), ("Needs attention", "attention")):
        found = [problem for problem in told["problems"] if problem["code"] == code]
        if found:
            click.echo(f"\n{heading} ({len(found)})")
            for problem in found:
                click.echo(f"  {visible(problem['place'])}\n      {visible(problem['message'])}")
    counts = ", ".join(f"{count} {name}" for name, count in told["counts"].items() if count)
    click.echo(f"\n{len(rows)} engagements in {duration(told['seconds'])}: {counts}.")
    if "overview" in told:
        click.echo(f"Overview: {visible(told['overview'])}")
