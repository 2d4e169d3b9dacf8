"""What a notebook costs in a batch, by our engine and by papermill's own.

    python benchmarks/notebooks.py [ENGAGEMENTS [WORKERS]]      default: 6 2

The demonstration is taken in and run once; its copies are then run again, each in a process of its own, so many at a time, by
papermill's own engine, by ours, and without notebooks, with all else the same. Told are seconds for each of the seven notebooks, by the
clock and of the processors: what running it takes, procedures included; and what a stage takes with heading, page and results. A machine
that has other work to do changes those of the processors less, so that the ratio of these is what is judged: it is to be at most a fifth.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from assessor import demo, resources, workpapers
from assessor import run as running
from assessor.assessment import STAGES
from assessor.engagement import Engagement
from assessor.evidence import package

AT_MOST = 1 / 5
WAYS = ("papermill", "assessor", "without notebooks")


def prepared(folder: Path) -> Path:
    """The demonstration, run so that its tables stand and no workpaper does."""
    root, delivery = folder / "engagement", folder / "delivery"
    root.mkdir()
    case = resources.folder("fixtures") / demo.CASE
    shutil.copyfile(case / "engagement.toml", root / "engagement.toml")
    demo.build_package(case, delivery)
    package.take_in(root, delivery, received=date(2026, 11, 4), supplied_by="Client", custodian="")
    running.run(Engagement(root), notebooks=False)
    told = json.loads((root / "run.json").read_text("utf-8"))
    told["stages"] = {"tables": told["stages"]["tables"]}
    (root / "run.json").write_text(json.dumps(told), "utf-8")
    return root


def processors() -> float:
    """Seconds of the processors that this process took, and those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


class Spent:
    """Seconds by the clock and of the processors, in all blocks that were timed."""

    def __init__(self) -> None:
        self.seconds = [0.0, 0.0]

    @contextmanager
    def timing(self) -> Iterator[None]:
        """A block whose seconds count."""
        began = time.perf_counter(), processors()
        try:
            yield
        finally:
            self.seconds[0] += time.perf_counter() - began[0]
            self.seconds[1] += processors() - began[1]


def engagement(root: Path, way: str, told: Path) -> None:
    """Run one engagement, and note the seconds that its notebooks took and that it took in all."""
    alone, whole, execute = Spent(), Spent(), workpapers.execute

    def timed(*arguments: Any, **options: Any) -> None:
        with alone.timing():
            execute(*arguments, **options)

    workpapers.execute = timed
    with whole.timing():
        done = running.run(Engagement(root), notebooks=way in workpapers.ENGINES, engine=way)
    if done.failed:
        raise RuntimeError(done.failed[0])
    told.write_text(json.dumps([*alone.seconds, *whole.seconds]))


def batch(source: Path, folder: Path, way: str, number: int, workers: int) -> list[float]:
    """For each notebook: seconds by the clock and of the processors, of running it and of the whole stage."""
    folder.mkdir()
    roots = [Path(shutil.copytree(source, folder / str(each))) for each in range(number)]
    waiting, at_work = list(roots), 0
    while waiting or at_work:
        if waiting and at_work < workers:
            root = waiting.pop()
            if not os.fork():
                try:
                    engagement(root, way, root / "told.json")
                finally:
                    os._exit(0)
            at_work += 1
        else:
            os.wait()
            at_work -= 1
    told = [json.loads((root / "told.json").read_text()) for root in roots]
    shutil.rmtree(folder)
    return [sum(each) / number / len(STAGES) for each in zip(*told, strict=True)]


def main(number: int, workers: int) -> int:
    """Run and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        importlib.import_module("assessor.batch.preload")
        source = prepared(folder)
        told = {way: batch(source, folder / way, way, number, workers) for way in WAYS}
    print(f"{number} engagements of {len(STAGES)} notebooks, {workers} at a time; seconds for each notebook:")
    for way, (clock, used, whole_clock, whole_used) in told.items():
        run = f"run {clock:.3f} by the clock, {used:.3f} of the processors; " if clock else ""
        print(f"  {way}: {run}the whole stage {whole_clock:.3f}, {whole_used:.3f}")
    ratios = [ours / theirs for ours, theirs in zip(told["assessor"], told["papermill"], strict=True)]
    print(
        "  assessor / papermill: run {:.2f} by the clock, {:.2f} of the processors (at most {:.2f});".format(
            *ratios[:2], AT_MOST
        ),
        end="",
    )
    print(" the whole stage {:.2f}, {:.2f}".format(*ratios[2:]))
    return int(ratios[1] > AT_MOST)


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:]] + [6, 2][len(sys.argv) - 1 :]
    sys.exit(main(*sizes))
