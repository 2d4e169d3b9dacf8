"""The commands that read bills of materials without an engagement."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from assessor.commands.base import ATTENTION, DONE, json_option, main
from assessor.commands.meter import meter
from assessor.errors import EvidenceError

if TYPE_CHECKING:
    from assessor.bom import Answer


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--csv", "as_csv", is_flag=True, help="The components (with --gaps: the gaps) as CSV.")
@click.option("--gaps", "only_gaps", is_flag=True, help="What to ask the supplier for: components that lack a field.")
@click.option(
    "--validate", is_flag=True, help="Hold each file against its official schema too (needs the extra validate)."
)
@click.option("--workers", type=click.IntRange(1), help="Processes to use (default: one a core).")
@json_option
def bom(
    files: tuple[Path, ...], as_csv: bool, only_gaps: bool, validate: bool, workers: int | None, as_json: bool
) -> int:
    """Read bills of materials, in files and folders: components, the four fields of §791.305(a)(2)(iv), gaps and problems."""
    from assessor import bom as bills

    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be given together.")
    if validate and (as_csv or only_gaps):
        raise click.UsageError("--validate tells problems, which --csv and --gaps do not show; leave one of them out.")
    form = "json" if as_json else "csv" if as_csv else ""
    shape = "_".join(filter(None, ("gaps" if only_gaps else "", form))) or "counts"
    with _ended_by_signals(), ExitStack() as stack:
        with meter() as told:
            reading = bills.answer(files, shape, workers=workers, progress=told, validate=validate)
            answer = stack.enter_context(reading)
        _show(answer, shape, files)
        clean = all(each.clean for each in answer.summaries)
        return DONE if clean and not (only_gaps and answer.any_rows) else ATTENTION


def _show(answer: Answer, shape: str, files: tuple[Path, ...]) -> None:
    from assessor.commands import bom_view

    out = sys.stdout.buffer
    if shape == "counts":
        bom_view.summaries(answer, files)
    elif shape == "json":
        answer.write_json(out)
    elif shape == "gaps_json":
        answer.write_gaps_json(out)
    else:
        if shape.endswith("csv"):
            out.write(answer.heading)
        answer.write_rows(out)
        if shape == "gaps":
            bom_view.end_of_gaps(answer)
        bom_view.not_read(answer)
    out.flush()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A request to end is met like Ctrl-C, so that processes and temporary files go too."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        names = []
    before = {each: signal.getsignal(each) for each in (getattr(signal, name) for name in names)}

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        for each, handler in before.items():
            if handler == signal.SIG_DFL:  # one that is ignored (nohup) stays so
                signal.signal(each, end)
        yield
    except KeyboardInterrupt:
        raise EvidenceError("Stopped. Nothing of the answer is kept; run the command again for it.") from None
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
