"""What a batch takes: with notebooks by our engine, by Papermill's own kernel, and without notebooks; and how it grows.

    python benchmarks/batch.py [ENGAGEMENTS] [WORKERS] [--papermill N] [--grow N [--small]]      default: 50, 2, 6, none

Engagements are made from the demonstration's, each with an id of its own and other rows in its ledgers. Told are seconds by the
clock and of the processors in one run, and the ratios of the latter, which other work on the machine changes less: the batch with
notebooks to the same procedures and reports without (at most 1.5), and what a notebook costs by our engine to what it costs by
Papermill's own (at most 1/5), where the cost is what the batch takes longer than without notebooks, divided by the notebooks.
Papermill's own is measured on fewer engagements, since it takes long. With --grow so many are taken in, run and reported for the
time each and the memory of the parent, against a tenth of them (with 0 ENGAGEMENTS this alone); with --small of engagements that
hold little, since of those of the demonstration five hundred take half an hour.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import io
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from assessor import demo, resources
from assessor.assessment import STAGES
from tests.batch.small import engagement

WHOLE, NOTEBOOK = 1.5, 1 / 5
VARIED = ("import-sales-ledger.csv", "record-index.csv", "screening-extract.csv", "supplier-changes.csv")


def make_small(root: Path, count: int) -> None:
    """`count` engagements with one small list each."""
    for number in range(count):
        engagement(root, f"client-{number:04d}")


def make(root: Path, count: int) -> None:
    """`count` engagements whose deliveries wait in their inboxes."""
    case = resources.folder("fixtures") / demo.CASE
    package = root.parent / "package"
    if not package.exists():
        demo.build_package(case, package)
    terms = (case / "engagement.toml").read_text("utf-8")
    for number in range(count):
        chance = random.Random(number)
        folder = root / f"client-{number:04d}"
        sent = folder / "inbox" / "delivery-1"
        shutil.copytree(package, sent)
        (folder / "engagement.toml").write_text(
            re.sub(r'^id = ".*"$', f'id = "CLIENT-{number:04d}"', terms, count=1, flags=re.MULTILINE), "utf-8"
        )
        for path in sent.rglob("*.csv"):
            if path.name in VARIED:
                heading, *rows = csv.reader(io.StringIO(path.read_text("latin-1")))  # whatever it is in, it stays so
                kept = [row for row in rows if chance.random() > 0.05]
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows([heading, *kept])
                path.write_text(text.getvalue(), "latin-1")


@dataclass(frozen=True)
class Took:
    """What a batch took: seconds by the clock and of the processors, for each engagement, and megabytes of the parent alone."""

    clock: float
    used: float
    memory: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s each by the clock, {self.used:.2f} of the processors; parent {self.memory:.0f} MB"


def used() -> float:
    """Seconds of the processors that all processes took which this one has waited for."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def orphans() -> None:
    """Wait for those that the batch leaves to end by themselves: the parent of its processes, with what these took."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def run(root: Path, engine: str, workers: int) -> Took:
    """A batch by a process of its own."""
    count, before = len(list(root.iterdir())), used()
    command = [sys.executable, "-m", "assessor", "batch", str(root), "--engine", engine, "--workers", str(workers)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--received", "2026-11-04", "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    peak = 0.0

    def watch() -> None:  # what the system tells at the end counts the parent of the processes too
        nonlocal peak
        while process.poll() is None:
            with suppress(OSError):
                told = Path(f"/proc/{process.pid}/status").read_text("utf-8")
                peak = max([peak, *(int(size) / 1024 for size in re.findall(r"VmHWM:\s+(\d+)", told))])
            time.sleep(0.5)

    threading.Thread(target=watch, daemon=True).start()
    told = json.loads(process.stdout.read())
    process.wait()
    clock = time.perf_counter() - started
    assert told["counts"]["failed"] == 0, told["problems"][:3]
    orphans()
    return Took(clock / count, (used() - before) / count, peak)


def engines(folder: Path, count: int, stock: int, workers: int) -> bool:
    """With notebooks by our engine against without, and against Papermill's own; whether a limit is passed."""
    took: dict[str, Took] = {}
    for engine, number in (("none", count), ("assessor", count), ("papermill", stock)):
        make(folder / engine, number)
        took[engine] = run(folder / engine, engine, workers)
        print(f"{number} engagements, engine {engine}: {took[engine]}", flush=True)
        shutil.rmtree(folder / engine)
    for said, of in (("by the clock", attrgetter("clock")), ("of the processors", attrgetter("used"))):
        none, ours, theirs = (of(took[engine]) for engine in ("none", "assessor", "papermill"))
        whole, notebook = ours / none, (ours - none) / (theirs - none)
        print(
            f"{said}: with notebooks {whole:.2f} times without (at most {WHOLE}); a notebook costs {(ours - none) / len(STAGES):.3f} s by "
            f"our engine, {(theirs - none) / len(STAGES):.3f} s by Papermill's own: {notebook:.2f} of it (at most {NOTEBOOK:.2f})",
            flush=True,
        )
    return bool(whole > WHOLE or notebook > NOTEBOOK)


def growth(folder: Path, count: int, workers: int, small: bool) -> bool:
    """So many engagements against a tenth of them; whether they take more time each, or the parent more memory."""
    took = []
    for number in (count // 10, count):
        (make_small if small else make)(folder / str(number), number)
        took.append(run(folder / str(number), "assessor", workers))
        print(f"{number} engagements{' that hold little' * small}: {took[-1]}", flush=True)
        shutil.rmtree(folder / str(number))
    few, many = took
    print(f"ten times as many take {many.used / few.used:.2f} times the processors' time each")
    return bool(many.used > 1.1 * few.used or many.memory > 1.1 * few.memory)


def main(arguments: list[str]) -> int:
    """All measurements; 1 when a limit is passed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("count", type=int, nargs="?", default=50)
    asked.add_argument("workers", type=int, nargs="?", default=2)
    asked.add_argument("--papermill", type=int, default=6)
    asked.add_argument("--grow", type=int, default=0)
    asked.add_argument("--small", action="store_true")
    told = asked.parse_args(arguments)
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what the batch leaves behind is waited for here
    with tempfile.TemporaryDirectory() as name:
        over = [
            told.count and engines(Path(name), told.count, told.papermill, told.workers),
            told.grow and growth(Path(name), told.grow, told.workers, told.small),
        ]
    print("OVER" if any(over) else "within the limits")
    return int(any(over))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
